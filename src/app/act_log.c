/* app/act_log.c - what happened and how it is: moments and notes read from prose, check-ins, reflections. What
 * prose says is taken over only where the form or an option did not say otherwise. */
#include "app/acts.h"
#include "base/buf.h"
#include "insight/insight.h"
#include "text/prose.h"
#include <stdio.h>

enum { PEOPLE_MAX = 32, TAGS_MAX = 32, ANSWERS_MAX = 32 };

/* -- log: who, when, what ------------------------------------------------------------------------ */

typedef struct Finder {
    Cx *cx;
    App *app;
} Finder;

static bool match_fits(BookMatch how, ProseMatch match)
{
    return match == PROSE_PREFIX ? how >= MATCH_NAME && how <= MATCH_PREFIX
                                 : how >= MATCH_NAME && how <= MATCH_INITIAL;
}

static int find_name(void *ctx, Str name, ProseMatch match, uint64_t *ret_who)
{
    Finder *f = ctx;
    BookFound found = {.n = 0};
    if (book_find_person(f->cx, f->app->book, name, &found) != OK)
        return 0;
    if (found.sure && match_fits(found.p[0].how, match)) {
        *ret_who = found.p[0].person;
        return 1;
    }
    int n = 0;
    for (int i = 0; i < found.n; i++)
        n += match_fits(found.p[i].how, match);
    if (n == 1)
        *ret_who = found.p[0].person;
    return n;
}

typedef struct Who {
    Id ids[PEOPLE_MAX];
    int n;
    Draft added[PEOPLE_MAX]; /* people who were not there yet */
    int n_added;
} Who;

static Err who_add(Cx *cx, Who *who, Id id)
{
    for (int i = 0; i < who->n; i++) {
        if (id_eq(who->ids[i], id))
            return OK;
    }
    if (who->n == PEOPLE_MAX)
        return err_field(cx, ERR_LIMIT, "with", "err.too-many-people",
                         ARGS(arg_int("max", PEOPLE_MAX)));
    who->ids[who->n++] = id;
    return OK;
}

/* "+Tom Berg", where somebody of just that name may be here already: then it means them, and makes no second. */
static Err who_new(Cx *cx, App *app, Who *who, Str name)
{
    BookFound found = {.n = 0};
    Err e = book_find_person(cx, app->book, name, &found);
    if (e != OK)
        return e;
    if (found.n > 0 && found.p[0].how == MATCH_NAME) {
        BookRef ref = found.p[0].person;
        if (!found.sure)
            e = app_choose_person(cx, app, "with", name, &found, &ref);
        return e != OK ? e : who_add(cx, who, book_id(app->book, ref));
    }
    if (who->n_added == PEOPLE_MAX)
        return err_field(cx, ERR_LIMIT, "with", "err.too-many-people",
                         ARGS(arg_int("max", PEOPLE_MAX)));
    Draft *d = &who->added[who->n_added++];
    *d = draft_new(cx, ENTRY_PERSON);
    draft_text(d, F_PERSON_NAME, name);
    return who_add(cx, who, d->object);
}

/* People ticked in a form or given with --with stand first; then those the prose names. */
static Err who_was_there(Cx *cx, App *app, const Input *in, const ProseLog *prose, Who *who)
{
    Err e = OK;
    bool ticked = false;
    for (int i = 0; i < in->count && e == OK; i++) {
        if (!str_eq_c(str_c(in->values[i].param->name), "with"))
            continue;
        ticked = true;
        e = who_add(cx, who, in->values[i].id);
    }
    for (ptrdiff_t i = 0; i < prose->people_count && e == OK; i++)
        e = who_add(cx, who, book_id(app->book, (BookRef)prose->people[i].who));
    for (ptrdiff_t i = 0; i < prose->new_count && e == OK; i++)
        e = who_new(cx, app, who, prose->new_names[i]);
    for (ptrdiff_t i = 0; i < prose->unsure_count && e == OK && !ticked; i++) {
        BookRef ref = BOOK_NONE;
        BookFound found = {.n = 0};
        e = book_find_person(cx, app->book, prose->unsure[i].written, &found);
        if (e == OK)
            e = app_choose_person(cx, app, "with", prose->unsure[i].written, &found, &ref);
        if (e == OK)
            e = who_add(cx, who, book_id(app->book, ref));
    }
    return e;
}

static void draft_tags(Draft *d, const Input *in, const ProseLog *prose)
{
    Str tags[TAGS_MAX];
    int n = 0;
    for (ptrdiff_t i = 0; i < prose->tag_count && n < TAGS_MAX; i++)
        tags[n++] = prose->tags[i];
    for (int i = 0; i < in->count && n < TAGS_MAX; i++) {
        const Value *v = &in->values[i];
        if (str_eq_c(str_c(v->param->name), "tag") && v->text.len > 0)
            tags[n++] = v->text;
    }
    draft_texts(d, F_MOMENT_TAGS, tags, n);
}

/* first: what the book calls the first choice. */
static void draft_choice(Draft *d, const Input *in, const char *name, uint16_t tag, int first)
{
    const Value *v = input_value(in, name);
    if (v)
        draft_int(d, tag, v->num + first);
}

static void draft_flag(Draft *d, const Input *in, const char *name, uint16_t tag)
{
    if (input_flag(in, name))
        draft_bool(d, tag, true);
}

/* How it was, of five words from bad to very good: -1, -.5, 0, .5, 1. */
static double quality_of(const Value *v)
{
    return (double)(v->num - 2) / 2.0;
}

static void draft_moment(Draft *d, const Input *in, const ProseLog *prose)
{
    static const int medium_of[] = {[PROSE_MEDIUM_UNSAID] = 0,
                                    [PROSE_MEDIUM_CALL] = MEDIUM_CALL,
                                    [PROSE_MEDIUM_VIDEO] = MEDIUM_VIDEO,
                                    [PROSE_MEDIUM_TEXT] = MEDIUM_TEXT};
    const Value *minutes = input_value(in, "minutes");
    const Value *quality = input_value(in, "quality");
    const Value *depth = input_value(in, "depth");
    const Value *types = input_value(in, "types");
    const Value *place = input_value(in, "place");
    if (minutes || prose->when.has_duration)
        draft_int(d, F_MOMENT_MINUTES, minutes ? minutes->num : prose->when.duration_min);
    if (input_value(in, "medium"))
        draft_choice(d, in, "medium", F_MOMENT_MEDIUM, MEDIUM_IN_PERSON);
    else if (medium_of[prose->medium] != 0)
        draft_int(d, F_MOMENT_MEDIUM, medium_of[prose->medium]);
    draft_choice(d, in, "company", F_MOMENT_COMPANY, COMPANY_JUST_US);
    draft_choice(d, in, "who", F_MOMENT_REACHED, REACHED_ME);
    if (quality)
        draft_real(d, F_MOMENT_QUALITY, quality_of(quality));
    if (depth)
        draft_int(d, F_MOMENT_DEPTH, depth->num);
    uint32_t mask = prose->types | (types ? types->set : 0);
    if (mask != 0)
        draft_int(d, F_MOMENT_TYPES, mask);
    draft_flag(d, in, "opened-up", F_MOMENT_OPENED);
    draft_flag(d, in, "conflict", F_MOMENT_CONFLICT);
    draft_flag(d, in, "sexual", F_MOMENT_SEXUAL);
    if (place && place->text.len > 0)
        draft_text(d, F_MOMENT_PLACE, place->text);
    else if (prose->place.len > 0)
        draft_text(d, F_MOMENT_PLACE, prose->place);
    draft_tags(d, in, prose);
}

static Err may_be_sexual(Cx *cx, const App *app, const BookMe *me, Id id, bool *ret)
{
    BookRef ref = book_find(app->book, ENTRY_PERSON, id);
    BookRelationship rel = {.romance = false};
    BookPerson person = {.minor = false};
    *ret = false;
    if (ref == BOOK_NONE) /* just met */
        return OK;
    Err e = book_relationship(cx, app->book, ref, &rel);
    if (e == OK)
        e = book_person(cx, app->book, ref, &person);
    if (e == OK)
        *ret = insight_romance(&rel, &person, me, cx->now_ms);
    return e;
}

/* A sexual moment has its place only where romance has, with each who was there. */
static Err check_sexual(Cx *cx, App *app, const Input *in, const Who *who)
{
    BookMe me = {.minor = false};
    Err e = input_flag(in, "sexual") ? book_me(cx, app->book, &me) : OK;
    for (int i = 0; i < who->n && e == OK && input_flag(in, "sexual"); i++) {
        bool may = false;
        e = may_be_sexual(cx, app, &me, who->ids[i], &may);
        if (e == OK && !may)
            return err_field(cx, ERR_INVALID, "sexual", "err.sexual-where", NO_ARGS);
    }
    return e;
}

static Str unused_time(const ProseLog *prose)
{
    return str_sub(prose->text, prose->when.unused.from, prose->when.unused.len);
}

/* A day that no calendar has is a slip, and not now. */
static Err check_day(Cx *cx, const Input *in, const ProseLog *prose)
{
    if (input_value(in, "at") || prose->when.has_at || !prose->when.no_such_day)
        return OK;
    return err_field(cx, ERR_INVALID, "text", "err.no-such-day",
                     ARGS(arg_str("text", unused_time(prose))));
}

/* What lies ahead may be what they talked about; that it was not taken for when it was is said. */
static Str time_ahead(const Input *in, const ProseLog *prose)
{
    bool told = input_value(in, "at") || prose->when.has_at || !prose->when.future_unused;
    return told ? STR("") : unused_time(prose);
}

typedef enum LogAs { AS_MOMENT, AS_NOTE, AS_ASK, AS_NEWS, AS_PROMISE } LogAs;

static Draft draft_logged(Cx *cx, LogAs as, const Input *in, const ProseLog *prose, const Who *who)
{
    static const EntryKind kinds[] = {ENTRY_MOMENT, ENTRY_NOTE, ENTRY_TOPIC, ENTRY_TOPIC,
                                      ENTRY_TOPIC};
    const Value *at = input_value(in, "at");
    Draft d = draft_new(cx, kinds[as]);
    if (as == AS_MOMENT) {
        draft_ids(&d, F_PEOPLE, who->ids, who->n);
        draft_moment(&d, in, prose);
    } else if (who->n > 0) {
        draft_id(&d, F_PERSON, who->ids[0]);
    }
    if (as >= AS_ASK)
        draft_int(&d, F_TOPIC_SORT, (int64_t)as - AS_ASK + TOPIC_ASK);
    draft_text(&d, F_TEXT, prose->text);
    draft_at(&d, at ? at->num : prose->when.has_at ? prose->when.at_ms : cx->now_ms);
    return d;
}

Err act_log(Cx *cx, App *app, const Input *in, Reply *ret)
{
    Finder ctx = {cx, app};
    const ProseFinder finder = {&ctx, find_name};
    const Value *as_given = input_value(in, "as");
    LogAs as = as_given ? (LogAs)as_given->num : AS_MOMENT;
    ProseLog prose = {.people_count = 0};
    Who *who = arena_new(cx->arena, Who, 1);
    if (!who)
        return err_nomem(cx);
    Err e = prose_read(cx, app->text, input_text(in, "text"), &finder, WHEN_PAST, &prose);
    if (e == OK)
        e = who_was_there(cx, app, in, &prose, who);
    if (e == OK)
        e = check_sexual(cx, app, in, who);
    if (e != OK)
        return e;
    if (who->n == 0)
        return err_field(cx, ERR_INVALID, "with", "err.nobody-named", NO_ARGS);
    e = check_day(cx, in, &prose);
    if (e != OK)
        return e;
    if (as != AS_MOMENT && who->n > 1)
        return err_field(cx, ERR_INVALID, "with", "err.one-person", NO_ARGS);
    Draft *drafts = arena_new(cx->arena, Draft, who->n_added + 1);
    if (!drafts)
        return err_nomem(cx);
    for (int i = 0; i < who->n_added; i++)
        drafts[i] = who->added[i];
    Draft *logged = &drafts[who->n_added];
    *logged = draft_logged(cx, as, in, &prose, who);
    ViewUnderstood read = {.ahead = time_ahead(in, &prose)};
    Id batch = {{0}};
    const char *label = as == AS_MOMENT ? "done.log" : "done.note";
    e = book_commit(cx, app->book, app->log, drafts, who->n_added + 1, str_c(label), STR(""),
                    &batch);
    if (e != OK)
        return e;
    read.event = book_find(app->book, logged->kind, logged->object);
    return act_understood(cx, app, label, batch, who->ids[0], &read, ret);
}

Err act_log_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *with = input_value(in, "with");
    View view = app_view(app);
    return view_log(cx, &view, with ? with->person : BOOK_NONE, &ret->view);
}

/* -- check-in ------------------------------------------------------------------------------------ */

Err act_checkin_choose(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_checkin_choose(cx, &view, &ret->view);
}

Err act_checkin_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_checkin(cx, &view, input_value(in, "id")->person, input_flag(in, "whole"),
                        &ret->view);
}

static bool skipped(const Input *in, Str question)
{
    for (int i = 0; i < in->count; i++) {
        const Value *v = &in->values[i];
        if (str_eq_c(str_c(v->param->name), "skip") && str_eq(v->text, question))
            return true;
    }
    return false;
}

/* "trust-hold-back=7": a question this version asks, and 0 to 10. A slider that was left beside its line
 * sends -1, which says nothing. */
static Err read_answer(Cx *cx, const Input *in, Str given, Answer *ret, bool *ret_said)
{
    Str rest = given;
    double value = 0;
    Str question = str_trim(str_cut(&rest, '='));
    *ret_said = false;
    if (!content_question(question))
        return err_field(cx, ERR_NOT_FOUND, "answer", "err.no-question",
                         ARGS(arg_str("given", question)));
    if (!rest.p || !str_to_double(str_trim(rest), -1, 10, &value) || (value < 0 && value > -1))
        return err_field(cx, ERR_INVALID, "answer", "err.answer", ARGS(arg_str("given", given)));
    *ret = (Answer){question, (int)(value * 10 + .5)};
    *ret_said = value >= 0 && !skipped(in, question);
    return OK;
}

Err act_checkin(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *who = input_value(in, "id");
    const Value *contact = input_value(in, "contact");
    const Value *at = input_value(in, "at");
    Answer answers[ANSWERS_MAX];
    int n = 0;
    for (int i = 0; i < in->count; i++) {
        bool said = false;
        if (!str_eq_c(str_c(in->values[i].param->name), "answer"))
            continue;
        if (n == ANSWERS_MAX)
            return err_field(cx, ERR_LIMIT, "answer", "err.too-many-values",
                             ARGS(arg_int("max", n)));
        Err e = read_answer(cx, in, in->values[i].text, &answers[n], &said);
        if (e != OK)
            return e;
        for (int k = 0; said && k < n; k++) {
            if (str_eq(answers[k].question, answers[n].question))
                return err_field(cx, ERR_INVALID, "answer", "err.given-twice",
                                 ARGS(arg_str("field", answers[n].question)));
        }
        n += said;
    }
    Str line = input_text(in, "line");
    if (n == 0 && !contact && line.len == 0)
        return err_field(cx, ERR_INVALID, "answer", "err.nothing-answered", NO_ARGS);
    Draft d = draft_new(cx, ENTRY_CHECKIN);
    draft_id(&d, F_PERSON, who->id);
    draft_answers(&d, F_CHECKIN_ANSWERS, answers, n);
    if (contact)
        draft_bool(&d, F_CHECKIN_CONTACT, contact->num == 1);
    draft_text(&d, F_TEXT, line);
    draft_at(&d, at ? at->num : cx->now_ms);
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, &d, 1, STR("done.check-in"),
                        book_name(app->book, who->person), &batch);
    return e != OK ? e : act_kept(cx, app, "done.check-in", batch, who->id, ret);
}

/* -- reflect ------------------------------------------------------------------------------------- */

Err act_reflect_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_reflect(cx, &view, input_text(in, "prompt"), &ret->view);
}

Err act_reflect(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *at = input_value(in, "at");
    Str prompt = input_text(in, "prompt");
    if (prompt.len > 0 && !content_reflection(prompt))
        return err_field(cx, ERR_NOT_FOUND, "prompt", "err.no-reflection",
                         ARGS(arg_str("given", prompt)));
    Draft d = draft_new(cx, ENTRY_REFLECTION);
    draft_text(&d, F_REFLECTION_ID, prompt);
    draft_text(&d, F_TEXT, input_text(in, "text"));
    draft_at(&d, at ? at->num : cx->now_ms);
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, &d, 1, STR("done.reflect"), STR(""), &batch);
    return e != OK ? e : act_kept(cx, app, "done.reflect", batch, (Id){{0}}, ret);
}

/* -- meaning ------------------------------------------------------------------------------------- */

Err act_meaning(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    const Value *kind = input_value(in, "kind");
    return view_meaning(cx, &view, kind ? (int)kind->num : -1, &ret->view);
}

static Err choice_given(Cx *cx, const Input *in, const char *name, const ContentChoice **ret)
{
    Str id = input_text(in, name);
    *ret = content_choice(id);
    return *ret ? OK
                : err_field(cx, ERR_NOT_FOUND, name, "err.no-choice", ARGS(arg_str("given", id)));
}

Err act_pick(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const ContentChoice *left = NULL, *right = NULL;
    Err e = choice_given(cx, in, "left", &left);
    if (e == OK)
        e = choice_given(cx, in, "right", &right);
    if (e != OK)
        return e;
    if (left == right)
        return err_field(cx, ERR_INVALID, "right", "err.same-choice", NO_ARGS);
    Draft d = draft_new(cx, ENTRY_CHOICE);
    draft_text(&d, F_CHOICE_LEFT, left->id);
    draft_text(&d, F_CHOICE_RIGHT, right->id);
    draft_int(&d, F_CHOICE_PICK, input_value(in, "pick")->num + PICK_LEFT);
    const Value *kind = input_value(in, "kind");
    if (kind)
        draft_int(&d, F_CHOICE_KINDS, INT64_C(1) << kind->num);
    draft_at(&d, cx->now_ms);
    Id batch = {{0}};
    e = book_commit(cx, app->book, app->log, &d, 1, STR("done.pick"), STR(""), &batch);
    if (e == OK)
        e = act_kept(cx, app, "done.pick", batch, (Id){{0}}, ret);
    ret->see_other = STR("/meaning");
    if (e == OK && kind) { /* on with the same kind */
        Buf to = buf_make(cx->arena, 100);
        buf_c(&to, "/meaning?kind=");
        buf_put(&to, content_kinds[kind->num].id);
        e = buf_done(cx, &to, &ret->see_other);
    }
    return e;
}
