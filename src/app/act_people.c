/* app/act_people.c - who someone is to me: adding a person, saying more, taking something back. A person and
 * the relationship with them are two objects under one id, kept as one action. */
#include "app/acts.h"
#include "insight/insight.h"
#include "view/view.h"

enum { ITEMS_MAX = 200 }; /* of a list, as the schema has it */

/* A form's line holds no newline; what it sends back of a text with some is that text all the same. */
static bool same_words(Str a, Str b)
{
    ptrdiff_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a.len && (a.p[i] == ' ' || a.p[i] == '\n'))
            i++;
        while (k < b.len && (b.p[k] == ' ' || b.p[k] == '\n'))
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (a.p[i] != b.p[k])
            return false;
    }
}

/* A form shows the first of them; the others stay. */
static void draft_nickname(Draft *d, BookTexts now, Str given)
{
    Str names[ITEMS_MAX] = {given};
    int n = given.len > 0;
    if (now.n > 0 && str_eq(now.p[0], given))
        return;
    for (int i = 1; i < now.n && n < ITEMS_MAX; i++)
        names[n++] = now.p[i];
    draft_texts(d, F_PERSON_NICKNAMES, names, n);
}

static void draft_where(Draft *d, BookPairs now, Str given)
{
    TextPair places[ITEMS_MAX] = {
        {STR(""), given}
    };
    int n = given.len > 0;
    if (now.n > 0 && same_words(now.p[0].value, given))
        return;
    for (int i = 1; i < now.n && n < ITEMS_MAX; i++)
        places[n++] = now.p[i];
    draft_pairs(d, F_PERSON_ADDRESSES, places, n);
}

/* All that were given of a list, each with the label it has had. */
static void draft_points(Draft *d, const Input *in, const char *name, uint16_t tag, BookPairs now)
{
    TextPair points[ITEMS_MAX];
    int n = 0;
    for (int i = 0; i < in->count && n < ITEMS_MAX; i++) {
        const Value *v = &in->values[i];
        Str label = STR("");
        if (!str_eq_c(str_c(v->param->name), name) || v->text.len == 0)
            continue;
        for (int k = 0; k < now.n && label.len == 0; k++)
            label = str_eq(now.p[k].value, v->text) ? now.p[k].label : label;
        points[n++] = (TextPair){label, v->text};
    }
    if (input_value(in, name))
        draft_pairs(d, tag, points, n);
}

/* An emptied field takes back what was there, and says nothing where nothing was. */
static void draft_day(Draft *d, uint16_t tag, int64_t given, int32_t now)
{
    if (given != 0)
        draft_int(d, tag, given);
    else if (now != 0)
        draft_none(d, tag);
}

/* What is so already is not said again. */
static void draft_yes(Draft *d, uint16_t tag, bool given, bool now)
{
    if (given != now)
        draft_bool(d, tag, given);
}

/* What was given of the person: only what was given is said, and what a form sends back untouched changes
 * nothing. now: who they are so far. */
static void draft_person(Draft *d, const Input *in, const BookPerson *now)
{
    for (int i = 0; i < in->count; i++) {
        const Value *v = &in->values[i];
        Str name = str_c(v->param->name);
        if (str_eq_c(name, "name"))
            draft_text(d, F_PERSON_NAME, v->text);
        else if (str_eq_c(name, "nickname"))
            draft_nickname(d, now->nicknames, v->text);
        else if (str_eq_c(name, "birthday"))
            draft_day(d, F_PERSON_BIRTHDAY, v->num, now->birthday);
        else if (str_eq_c(name, "died"))
            draft_day(d, F_PERSON_DIED, v->num, now->died);
        else if (str_eq_c(name, "about"))
            draft_text(d, F_TEXT, v->text);
        else if (str_eq_c(name, "minor"))
            draft_yes(d, F_PERSON_MINOR, v->num == 1, now->minor);
        else if (str_eq_c(name, "where"))
            draft_where(d, now->addresses, v->text);
    }
    draft_points(d, in, "mail", F_PERSON_EMAILS, now->emails);
    draft_points(d, in, "phone", F_PERSON_PHONES, now->phones);
}

/* From now for so many days; off takes it back. */
static void draft_pause(Draft *d, int64_t given, const BookRelationship *now, int64_t now_ms)
{
    static const int64_t days[] = {0, 7, 30, 90}; /* of PAUSE_NAMES */
    if (days[given] > 0)
        draft_int(d, F_REL_PAUSED_UNTIL, now_ms + days[given] * (int64_t)TIME_DAY_MS);
    else if (now->paused_until_ms != 0)
        draft_none(d, F_REL_PAUSED_UNTIL);
}

static void draft_relationship(Draft *d, const Input *in, const BookRelationship *now,
                               int64_t now_ms)
{
    for (int i = 0; i < in->count; i++) {
        const Value *v = &in->values[i];
        Str name = str_c(v->param->name);
        if (str_eq_c(name, "kind") && v->set != now->kinds)
            draft_int(d, F_REL_KINDS, v->set);
        else if (str_eq_c(name, "own-kind"))
            draft_text(d, F_REL_OWN_KIND, v->text);
        else if (str_eq_c(name, "since"))
            draft_day(d, F_REL_SINCE, v->num, now->since);
        else if (str_eq_c(name, "hours") && v->num != now->known_hours)
            draft_int(d, F_REL_KNOWN_HOURS, v->num);
        else if (str_eq_c(name, "wanted") && (int)(v->real * 10 + .5) != now->wanted_tenths)
            draft_real(d, F_REL_WANTED, v->real);
        else if (str_eq_c(name, "season") && v->num != now->season) {
            draft_int(d, F_REL_SEASON, v->num);
            draft_int(d, F_REL_SEASON_SINCE, now_ms);
        } else if (str_eq_c(name, "near"))
            draft_bool(d, F_REL_FAR, v->num == 1);
        else if (str_eq_c(name, "welcome"))
            draft_text(d, F_REL_WELCOME, v->text);
        else if (str_eq_c(name, "touch"))
            draft_text(d, F_REL_WELCOME_BODY, v->text);
        else if (str_eq_c(name, "not-part") && v->set != now->not_ours)
            draft_int(d, F_REL_NOT_OURS, v->set);
        else if (str_eq_c(name, "pause"))
            draft_pause(d, v->num, now, now_ms);
        else if (str_eq_c(name, "romance"))
            draft_yes(d, F_REL_ROMANCE, v->num == 1, now->romance);
        else if (str_eq_c(name, "harm"))
            draft_yes(d, F_REL_HARM, v->num == 1, now->harm);
    }
}

/* Romance is switched on only with a partner or someone dated, and never for a minor. */
static Err check_romance(Cx *cx, const App *app, const Input *in, const BookRelationship *rel,
                         const BookPerson *now)
{
    const Value *romance = input_value(in, "romance");
    const Value *kind = input_value(in, "kind");
    const Value *minor = input_value(in, "minor"), *birthday = input_value(in, "birthday");
    BookPerson person = *now;
    BookMe me = {.minor = false};
    if (!romance || romance->num != 1)
        return OK;
    person.minor = minor ? minor->num == 1 : now->minor;
    person.birthday = birthday ? (int32_t)birthday->num : now->birthday;
    if (!content_romantic(kind ? kind->set : rel->kinds))
        return err_field(cx, ERR_INVALID, "romance", "err.romance-kind", NO_ARGS);
    Err e = book_me(cx, app->book, &me);
    if (e == OK && (me.minor || insight_under_age(&person, cx->now_ms)))
        return err_field(cx, ERR_INVALID, "romance", "err.romance-minor", NO_ARGS);
    return e;
}

static Err keep_person(Cx *cx, App *app, const Input *in, Id person, const BookPerson *now,
                       const BookRelationship *rel, Str name, const char *label, Reply *ret)
{
    bool is_new = id_is_zero(person);
    Draft drafts[2];
    int n = 0;
    drafts[0] = is_new ? draft_new(cx, ENTRY_PERSON) : draft_edit(cx, ENTRY_PERSON, person);
    if (is_new)
        person = drafts[0].object;
    draft_person(&drafts[0], in, now);
    n += is_new || drafts[0].n > 0;
    drafts[n] = draft_edit(cx, ENTRY_RELATIONSHIP, person);
    draft_relationship(&drafts[n], in, rel, cx->now_ms);
    n += drafts[n].n > 0;
    if (n == 0)
        return err_set(cx, ERR_INVALID, "err.nothing-said", NO_ARGS);
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, drafts, n, str_c(label), name, &batch);
    if (e != OK)
        return e;
    return act_kept(cx, app, label, batch, person, ret);
}

Err act_add_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    (void)in;
    View view = app_view(app);
    return view_person_form(cx, &view, BOOK_NONE, &ret->view);
}

Err act_add(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const BookRelationship none = {.season = -1, .known_hours = -1, .wanted_tenths = -1};
    const BookPerson nobody = {.minor = false};
    Err e = check_romance(cx, app, in, &none, &nobody);
    return e != OK ? e
                   : keep_person(cx, app, in, (Id){{0}}, &nobody, &none, input_text(in, "name"),
                                 "done.add", ret);
}

Err act_edit_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_person_form(cx, &view, input_value(in, "id")->person, &ret->view);
}

/* An event of theirs that was kept by mistake is retracted; history can bring it back. */
static Err retract(Cx *cx, App *app, const Value *who, Id event, Reply *ret)
{
    BookIter all = book_timeline(app->book, who->person, (BookWhich){.kinds = 0});
    BookRef ref = BOOK_NONE;
    while (book_next(&all, &ref)) {
        if (!id_eq(book_id(app->book, ref), event))
            continue;
        Draft d = draft_edit(cx, (EntryKind)book_kind(app->book, ref), event);
        draft_bool(&d, F_GONE, true);
        Id batch = {{0}};
        Err e = book_commit(cx, app->book, app->log, &d, 1, STR("done.retract"),
                            book_name(app->book, who->person), &batch);
        return e != OK ? e : act_kept(cx, app, "done.retract", batch, who->id, ret);
    }
    return err_field(cx, ERR_NOT_FOUND, "retract", "err.no-entry", NO_ARGS);
}

Err act_edit(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *who = input_value(in, "id");
    const Value *gone = input_value(in, "retract");
    const Value *name = input_value(in, "name");
    BookRelationship rel = {.kinds = 0};
    BookPerson person = {.minor = false};
    if (gone)
        return retract(cx, app, who, gone->id, ret);
    if (name && name->text.len == 0) /* a form sends the field empty; nobody is without a name */
        return err_field(cx, ERR_INVALID, "name", "err.required", ARGS(arg_c("field", "name")));
    Err e = book_person(cx, app->book, who->person, &person);
    if (e == OK)
        e = book_relationship(cx, app->book, who->person, &rel);
    if (e == OK)
        e = check_romance(cx, app, in, &rel, &person);
    if (e != OK)
        return e;
    return keep_person(cx, app, in, who->id, &person, &rel, person.name, "done.edit", ret);
}
