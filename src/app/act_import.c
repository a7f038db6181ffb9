/* app/act_import.c - contacts, or an export of fonder, in: looked at first, kept when the person says so, taken back
 * in one step. Contacts, and what was uploaded, are read once into an arena of their own; that arena, and no file,
 * holds them while they wait. An export that lies here is read line by line, once to look and once to keep, so that one
 * of any size needs no more memory than its book. Cost is linear in the file and in the people who are here. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/os.h"
#include "base/utf8.h"
#include "port/csv_people.h"
#include "port/export.h"
#include "port/jsonl.h"
#include "port/match.h"
#include "port/vcard.h"

typedef struct Preview {
    Arena arena;
    Id id;
    VcardFile file;
    const Match *matches; /* one a person of the file */
    ViewCard *cards;
    int n_cards;
    bool own;          /* an export of fonder: these, instead of file and matches */
    LineSource source;
    bool looked;       /* entries is what was seen of it */
    JsonlFile entries;
    ViewTally tallies[ENTRY_KINDS];
    int n_tallies;
} Preview;

static const ptrdiff_t preview_bytes = (ptrdiff_t)1 << 32; /* an own export of EXPORT_MAX fits */

void preview_free(App *app)
{
    if (app->preview) {
        arena_free(&app->preview->arena);
        os_free(app->preview);
        app->preview = NULL;
    }
}

Err act_import_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_import(cx, &view, &ret->view);
}

/* -- looking ------------------------------------------------------------------------------------- */

static Err normal_forms(Cx *cx, BookPairs pairs, Str (*form)(Arena *, Str), const Str **ret, int *ret_n)
{
    Str *forms = arena_new(cx->arena, Str, pairs.n + 1);
    int n = 0;
    if (!forms)
        return err_nomem(cx);
    for (int i = 0; i < pairs.n; i++) {
        Str one = form(cx->arena, pairs.p[i].value);
        if (str_is_null(one))
            return err_nomem(cx);
        if (one.len > 0)
            forms[n++] = one;
    }
    *ret = forms;
    *ret_n = n;
    return OK;
}

/* What someone who is here is recognised by. */
Err act_person_keys(Cx *cx, const Book *book, BookRef ref, MatchKeys *ret)
{
    BookPerson p = {.minor = false};
    MatchKeys k = {.n_emails = 0};
    Err e = book_person(cx, book, ref, &p);
    if (e == OK)
        e = normal_forms(cx, p.emails, match_email, &k.emails, &k.n_emails);
    if (e == OK)
        e = normal_forms(cx, p.phones, match_phone, &k.phones, &k.n_phones);
    if (e != OK)
        return e;
    k.uid = match_uid(cx->arena, p.uid);
    k.name = match_name(cx->arena, p.name);
    k.birth_year = p.birthday / 10000;
    k.birth_month = p.birthday / 100 % 100;
    k.birth_day = p.birthday % 100;
    k.born = match_born(cx->arena, k.birth_year, k.birth_month, k.birth_day);
    *ret = k;
    return OK;
}

static Err match_all(Cx *cx, const App *app, Preview *p)
{
    BookRefs people = book_people(app->book);
    ptrdiff_t n_cards = p->file.n_people;
    MatchKeys *known = arena_new(cx->arena, MatchKeys, people.n + 1);
    MatchKeys *cards = arena_new(cx->arena, MatchKeys, n_cards + 1);
    Err e = known && cards ? OK : err_nomem(cx);
    for (int i = 0; e == OK && i < people.n; i++)
        e = act_person_keys(cx, app->book, people.p[i], &known[i]);
    for (ptrdiff_t i = 0; e == OK && i < n_cards; i++)
        e = match_keys(cx, &p->file.people[i], &cards[i]);
    return e != OK ? e : match_people(cx, known, people.n, cards, n_cards, &p->matches);
}

static const char *reason_key(unsigned reasons)
{
    if (reasons & SAME_UID)
        return "same.uid";
    if (reasons & SAME_EMAIL)
        return "same.mail";
    if (reasons & SAME_PHONE)
        return "same.phone";
    if (reasons & SAME_NAME)
        return reasons & SAME_BIRTHDAY ? "same.name-birthday" : "same.name";
    return "same.birthday";
}

static Str detail_of(const VcardPerson *p)
{
    if (p->n_emails > 0)
        return p->emails[0].value;
    return p->n_phones > 0 ? p->phones[0].value : p->org;
}

static ViewCard card_of(const App *app, const Preview *p, int i)
{
    static const ViewCardState states[] = {
        [MATCH_NEW] = CARD_NEW, [MATCH_KNOWN] = CARD_SAME, [MATCH_REPEATED] = CARD_TWICE};
    const VcardPerson *person = &p->file.people[i];
    const Match *m = &p->matches[i];
    return (ViewCard){.state = states[m->found],
                      .number = i + 1,
                      .name = person->name,
                      .detail = detail_of(person),
                      .same_as = m->found == MATCH_KNOWN ? book_people(app->book).p[m->index] : BOOK_NONE,
                      .reason_key = m->found == MATCH_NEW ? NULL : reason_key(m->reasons)};
}

/* What of a card has no room in an entry; false when there is no such thing. */
static bool has_left_out(Arena *scratch, const VcardPerson *person, Why *ret)
{
    Cx own = {.arena = scratch};
    int left = 0;
    (void)card_draft(&own, person, &left);
    arena_reset(scratch);
    *ret = (Why){.key = "err.card-left-out",
                 .args = {arg_int("line", person->line), arg_int("n", left),
                          arg_str("name", person->name)}};
    return left > 0 && person->kind != VCARD_GROUP;
}

static void add_problem(Preview *p, const Why *why, bool lost)
{
    p->cards[p->n_cards++] = (ViewCard){
        .state = CARD_DAMAGED, .lost = lost, .same_as = BOOK_NONE, .problem = *why};
}

/* Everyone in the file, then what could not be read or kept, by line. */
static Err list_cards(Cx *cx, const App *app, Preview *p)
{
    AUTO_ARENA Arena scratch;
    const VcardFile *f = &p->file;
    ptrdiff_t next = 0;
    Why why;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    p->cards = arena_new(cx->arena, ViewCard, 2 * f->n_people + f->n_problems + 1);
    if (!p->cards)
        return err_nomem(cx);
    for (int i = 0; i < (int)f->n_people; i++) {
        if (f->people[i].kind != VCARD_GROUP) /* a list of people is nobody */
            p->cards[p->n_cards++] = card_of(app, p, i);
    }
    for (ptrdiff_t i = 0; i < f->n_people; i++) {
        if (!has_left_out(&scratch, &f->people[i], &why))
            continue;
        for (; next < f->n_problems && f->problems[next].line < f->people[i].line; next++)
            add_problem(p, &f->problems[next].why, f->problems[next].lost);
        add_problem(p, &why, false);
    }
    for (; next < f->n_problems; next++)
        add_problem(p, &f->problems[next].why, f->problems[next].lost);
    return OK;
}

static int photos_in(const VcardFile *f)
{
    int n = 0;
    for (ptrdiff_t i = 0; i < f->n_people; i++)
        n += f->people[i].left_out.photos + f->people[i].left_out.logos;
    return n;
}

/* -- an export of fonder ------------------------------------------------------------------------- */

typedef struct Tally {
    const App *app;
    int fresh[ENTRY_KINDS], same[ENTRY_KINDS];
} Tally;

static Err tally_entry(void *ctx, Cx *cx, Str body)
{
    Tally *t = ctx;
    Entry e;
    (void)cx;
    entry_view(body, &e);
    int kind = e.kind < ENTRY_KINDS ? e.kind : 0;
    bool here = book_has_fact(t->app->book, body);
    t->fresh[kind] += !here;
    t->same[kind] += here;
    return OK;
}

static Err look_at_entries(Cx *cx, const App *app, Preview *p)
{
    Tally t = {.app = app};
    Err e = import_jsonl_each(cx, &p->source, tally_entry, &t, &p->entries);
    if (e != OK)
        return e;
    p->looked = true;
    p->cards = arena_new(cx->arena, ViewCard, p->entries.n_problems + 1);
    if (!p->cards)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < p->entries.n_problems; i++)
        add_problem(p, &p->entries.problems[i].why, true);
    for (int k = 0; k < ENTRY_KINDS; k++) {
        int kind = (k + 1) % ENTRY_KINDS; /* what only a newer version knows comes last */
        if (t.fresh[kind] + t.same[kind] > 0)
            p->tallies[p->n_tallies++] =
                (ViewTally){.kind = (uint16_t)kind, .fresh = t.fresh[kind], .same = t.same[kind]};
    }
    return OK;
}

/* The same again as was looked at: what has changed since is not what was agreed to. */
static Err each_entry(const void *ctx, Cx *cx, BookVisit *visit, void *visit_ctx)
{
    const Preview *p = ctx;
    JsonlFile now = {.n = 0};
    Err e = import_jsonl_each(cx, &p->source, visit, visit_ctx, &now);
    bool same = now.n == p->entries.n && now.problems_total == p->entries.problems_total;
    if (e == OK && now.n == 0 && now.n_problems > 0) { /* not one entry, and why */
        cx->why = now.problems[0].why;
        cx->why.field = "file";
        return ERR_INVALID;
    }
    return e == OK && p->looked && !same
               ? err_field(cx, ERR_INVALID, "file", "err.import-changed", NO_ARGS)
               : e;
}

static Err keep_entries(Cx *cx, App *app, Reply *ret)
{
    const BookSource facts = {.each = each_entry, .ctx = app->preview};
    Id batch = {{0}};
    int fresh = 0;
    Err e = book_adopt(cx, app->book, app->log, &facts, STR("done.import"), STR(""), &batch, &fresh);
    if (e == OK)
        e = act_kept(cx, app, "done.import", batch, (Id){{0}}, ret);
    ret->see_other = STR("/people");
    if (e == OK)
        preview_free(app);
    return e;
}

/* -- any file ------------------------------------------------------------------------------------ */

static Err look_at_cards(Cx *cx, const App *app, Preview *p)
{
    Err e = vcard_read(cx, p->source.bytes, &p->file); /* the people borrow them */
    if (e == ERR_INVALID)                              /* no card begins in them */
        e = csv_people_read(cx, p->source.bytes, &p->file);
    if (e == OK)
        e = match_all(cx, app, p);
    return e == OK ? list_cards(cx, app, p) : e;
}

/* Does the file begin as an export does? What is no plain file cannot be read twice, and is not asked. */
static bool begins_as_export(Cx *cx, Str path)
{
    enum { LOOK_AT = 4096 };
    AUTO_CLEAN(stream_close) Stream in = STREAM_NONE;
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    char begin[LOOK_AT];
    ptrdiff_t len = stream_open(&quiet, path, &in) == OK ? stream_read(&in, begin, LOOK_AT) : 0;
    return len > 0 && jsonl_looks((Str){begin, len});
}

/* Where the bytes are, in memory of the preview: a form's go with it. */
static Err take_source(Cx *cx, const Value *v, Preview *p)
{
    LineSource *s = &p->source;
    if (!str_is_null(v->text)) {
        s->bytes = str_dup(cx->arena, v->text);
        p->own = jsonl_looks(s->bytes);
        return str_is_null(s->bytes) ? err_nomem(cx) : OK;
    }
    p->own = begins_as_export(cx, v->file_name);
    if (!p->own)
        return os_read_file(cx, v->file_name, EXPORT_MAX, &s->bytes);
    s->path = str_dup(cx->arena, v->file_name);
    return str_is_null(s->path) ? err_nomem(cx) : OK;
}

/* look: at an export too, which otherwise is only read when it is kept. */
static Err preview_make(Cx *cx, App *app, const Value *v, bool look)
{
    preview_free(app);
    Preview *p = os_alloc(1, sizeof *p);
    if (!p)
        return err_nomem(cx);
    app->preview = p;
    arena_init(&p->arena, preview_bytes);
    p->id = id_new();
    Cx own = {.arena = &p->arena, .now_ms = cx->now_ms};
    Err e = take_source(&own, v, p);
    if (e == OK && !p->own)
        e = look_at_cards(&own, app, p);
    else if (e == OK && look)
        e = look_at_entries(&own, app, p);
    if (e != OK) {
        cx->why = (Why){.key = own.why.key, .field = "file"};
        for (int i = 0; i < WHY_ARGS_MAX; i++) {
            cx->why.args[i] = own.why.args[i];
            if (own.why.args[i].kind == ARG_STR)
                cx->why.args[i].str = str_dup(cx->arena, own.why.args[i].str);
        }
        preview_free(app);
    }
    return e;
}

/* -- keeping ------------------------------------------------------------------------------------- */

/* For each card, by its number from 1 to n, whether the field names it. */
static const bool *numbers_given(Cx *cx, const Input *in, const char *name, ptrdiff_t n)
{
    bool *given = arena_new(cx->arena, bool, n + 1);
    for (int i = 0; given && i < in->count; i++) {
        const Value *v = &in->values[i];
        if (v->num >= 1 && v->num <= n && str_eq_c(str_c(v->param->name), name))
            given[v->num] = true;
    }
    return given;
}

/* A card that is someone who is here, or stands in the file twice, is not taken unless asked for by number. */
static bool takes(const Preview *p, ptrdiff_t i, const bool *left_out, const bool *taken,
                  bool all_new)
{
    if (left_out[i + 1] || p->file.people[i].kind == VCARD_GROUP)
        return false;
    return taken[i + 1] || (all_new && p->matches[i].found == MATCH_NEW);
}

static Err keep_cards(Cx *cx, App *app, const Input *in, bool all_new, Reply *ret)
{
    Preview *p = app->preview;
    if (p->own)
        return keep_entries(cx, app, ret);
    ptrdiff_t n_people = p->file.n_people;
    Draft *drafts = arena_new(cx->arena, Draft, n_people + 1);
    const bool *left_out = numbers_given(cx, in, "leave-out", n_people);
    const bool *taken = numbers_given(cx, in, "take", n_people);
    Id batch = {{0}};
    int n = 0, left = 0;
    if (!drafts || !left_out || !taken)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < n_people; i++) {
        if (takes(p, i, left_out, taken, all_new))
            drafts[n++] = card_draft(cx, &p->file.people[i], &left);
    }
    if (n == 0)
        return err_set(cx, ERR_INVALID, "err.nothing-to-import", NO_ARGS);
    Err e = book_commit(cx, app->book, app->log, drafts, n, STR("done.import"), STR(""), &batch);
    if (e == OK)
        e = act_kept(cx, app, "done.import", batch, (Id){{0}}, ret);
    ret->see_other = STR("/people");
    if (e == OK)
        preview_free(app);
    return e;
}

Err act_import(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    bool at_once = input_flag(in, "yes");
    Err e = preview_make(cx, app, input_value(in, "file"), !at_once);
    if (e != OK)
        return e;
    if (at_once)
        return keep_cards(cx, app, in, true, ret);
    const Preview *p = app->preview;
    const ViewImport model = {
        .preview = p->id, .cards = p->cards, .n = p->n_cards, .photos = photos_in(&p->file),
        .tallies = p->tallies, .n_tallies = p->n_tallies};
    e = view_import_preview(cx, &view, &model, &ret->view);
    if (e != OK || input_flag(in, "preview"))
        return e;
    char *id = arena_alloc(cx->arena, ID_TEXT_CAP, 1, 1);
    if (!id)
        return err_nomem(cx);
    ret->then = "import.keep";
    ret->then_key = "ask.keep-import";
    ret->then_pairs[0] = (Pair){STR("preview"), id_format(p->id, id)};
    return OK;
}

Err act_import_keep(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *id = input_value(in, "preview");
    if (!app->preview || !id_eq(app->preview->id, id->id))
        return err_field(cx, ERR_NOT_FOUND, "file", "err.preview-gone", NO_ARGS);
    /* The page sends the numbers that are ticked; the terminal's yes means everyone who is new. */
    return keep_cards(cx, app, in, !input_value(in, "take") && !input_flag(in, "chosen"), ret);
}
