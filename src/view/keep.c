/* view/keep.c - what was kept, when, and how to take it back; bringing in and taking out. What was done is a catalogue
 * key in the batch, so that history speaks the reader's language, also about what was kept in another. */
#include "base/buf.h"
#include "base/utf8.h"
#include "view/event.h"
#include "view/steps.h"
#include "view/who.h"
#include <string.h>

enum { HISTORY_MOST = 100 };

/* -- after something was kept -------------------------------------------------------------------- */

static Str say_done(Make *m, Str label)
{
    const char *key = str_to_c(m->cx->arena, label);
    if (!key)
        make_ok(m, err_nomem(m->cx));
    return key && text_has(m->text, key) ? text_get(m->text, key)
                                         : say(m, "done.something", NO_ARGS);
}

static void put_links(Make *m, json_t *o, const Bond *b)
{
    json_t *links = put_list(m, o, "links");
    if (b) {
        json_t *link = add_object(m, links);
        put_say(m, link, "name", "view.kept.person", ARGS(arg_str("name", b->call)));
        put_str(m, link, "path", path_of(m, b->person.id, ""));
    }
    add_link(m, links, "view.kept.today", STR("/"));
    add_link(m, links, "view.kept.history", STR("/history"));
}

Err view_kept(Cx *cx, const View *v, const char *label, Id batch, BookRef person,
              const ViewUnderstood *read, json_t **ret)
{
    Make m;
    Bond b;
    json_t *o = make_view(&m, cx, v, "kept");
    bool undone = strcmp(label, "done.undo") == 0;
    bool known = person != BOOK_NONE && bond_read(&m, person, &b);
    put_str(&m, o, "text", say_done(&m, str_c(label)));
    put_id(&m, o, "batch", batch);
    put_bool(&m, o, "undone", undone);
    put_say(&m, o, "undo_text", undone ? "view.kept.redo" : "view.kept.undo", NO_ARGS);
    if (known)
        put_who(&m, o, "person", &b);
    json_t *understood = put_list(&m, o, "understood");
    if (read)
        add_event(&m, understood, read->event, BOOK_NONE);
    if (read && read->ahead.len > 0)
        put_say(&m, o, "ahead", "view.kept.ahead", ARGS(arg_str("text", read->ahead)));
    put_links(&m, o, known ? &b : NULL);
    return make_end(&m, o, ret);
}

/* -- history ------------------------------------------------------------------------------------- */

/* 1 May 2026, 19:30 */
static void put_at(Make *m, json_t *o, const char *key, int64_t at_ms)
{
    Civil at = time_local(at_ms);
    Str words = {NULL, 0};
    if (make_ok(m, text_date_clock(m->cx, m->text, &at, &words)))
        put_str(m, o, key, words);
}

/* Devices have no names, since a name would tell where something was written; four signs tell them apart. */
static Str device_of(Make *m, const View *v, uint64_t device)
{
    enum { CODE_LEN = 4 };
    Buf code = buf_make(m->cx->arena, CODE_LEN);
    Str ret = {NULL, 0};
    if (device == v->device)
        return say(m, "view.history.here", NO_ARGS);
    buf_fmt(&code, "%04x", (unsigned)(device & 0xffff));
    make_ok(m, buf_done(m->cx, &code, &ret));
    return say(m, "view.history.device", ARGS(arg_str("device", ret)));
}

Err view_history(Cx *cx, const View *v, int skip, json_t **ret)
{
    Make m;
    const BookBatch *batches = NULL;
    int n = 0;
    json_t *o = make_view(&m, cx, v, "history");
    make_ok(&m, book_batches(cx, v->book, skip, HISTORY_MOST + 1, &batches, &n));
    bool more = n > HISTORY_MOST;
    n = more ? HISTORY_MOST : n;
    put_say(&m, o, "heading", "view.history.heading", NO_ARGS);
    put_say(&m, o, "lead", n > 0 ? "view.history.lead" : "view.history.lead-empty", NO_ARGS);
    put_c(&m, o, "path", "/history");
    json_t *list = put_list(&m, o, "batches");
    for (int i = 0; i < n && m.err == OK; i++) {
        json_t *item = add_object(&m, list);
        put_id(&m, item, "id", batches[i].id);
        put_str(&m, item, "text", say_done(&m, batches[i].label));
        put_str(&m, item, "detail", batches[i].detail);
        put_say(&m, item, "count", "view.history.entries", ARGS(arg_int("n", batches[i].count)));
        put_iso(&m, item, "at", batches[i].at_ms);
        put_ago(&m, item, "when", batches[i].at_ms);
        put_at(&m, item, "on", batches[i].at_ms);
        put_str(&m, item, "device", device_of(&m, v, batches[i].device));
        put_bool(&m, item, "undone", batches[i].undone);
    }
    put_str(&m, o, "earlier",
            more ? path_to(&m, "/history?skip=", digits_of(&m, skip + HISTORY_MOST)) : STR(""));
    return make_end(&m, o, ret);
}

/* -- bringing in --------------------------------------------------------------------------------- */

Err view_import(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "import");
    put_say(&m, o, "heading", "view.import.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.import.lead", NO_ARGS);
    put_c(&m, o, "path", "/import");
    json_t *formats = put_list(&m, o, "formats");
    add_str(&m, formats, say(&m, "view.import.vcard", NO_ARGS));
    add_str(&m, formats, say(&m, "view.import.csv", NO_ARGS));
    add_str(&m, formats, say(&m, "view.import.jsonl", NO_ARGS));
    return make_end(&m, o, ret);
}

static const char *const state_names[] = {"new", "same", "twice"};

static void add_card(Make *m, json_t *cards, const ViewCard *card)
{
    Bond b;
    json_t *o = add_object(m, cards);
    put_int(m, o, "number", card->number);
    put_c(m, o, "state", state_names[card->state]);
    put_str(m, o, "state_word", say_of(m, "view.card.", str_c(state_names[card->state]), NO_ARGS));
    put_str(m, o, "name", card->name);
    put_str(m, o, "detail", card->detail);
    put_str(m, o, "reason", card->reason_key ? say(m, card->reason_key, NO_ARGS) : STR(""));
    if (card->state == CARD_SAME && card->same_as != BOOK_NONE && bond_read(m, card->same_as, &b))
        put_who(m, o, "same_as", &b);
    put_bool(m, o, "take", card->state == CARD_NEW);
}

static void add_problem(Make *m, json_t *problems, const Why *why)
{
    Str text = {NULL, 0};
    json_t *o = add_object(m, problems);
    for (const Arg *a = why->args; a->name; a++) {
        if (strcmp(a->name, "line") == 0 && a->kind == ARG_INT)
            put_int(m, o, "line", a->num);
    }
    if (m->err == OK)
        make_ok(m, text_why(m->cx, m->text, why, &text));
    put_str(m, o, "text", text);
}

static Str say_found(Make *m, const int counts[4])
{
    static const char *const keys[] = {"view.import.new", "view.import.same", "view.import.twice",
                                       "view.import.damaged"};
    Str parts[4];
    int n = 0;
    for (int i = 0; i < 4; i++) {
        if (counts[i] > 0)
            parts[n++] = say(m, keys[i], ARGS(arg_int("n", counts[i])));
    }
    if (n == 0)
        return say(m, "view.import.found-none", NO_ARGS);
    return say(m, "view.import.found", ARGS(arg_str("what", say_list(m, parts, n))));
}

static void add_tally(Make *m, json_t *tallies, const ViewTally *tally)
{
    const char *kind = tally->kind > 0 ? entry_kind_name(tally->kind) : "other";
    json_t *o = add_object(m, tallies);
    put_c(m, o, "kind", kind);
    put_str(m, o, "name", say_of(m, "view.tally.", str_c(kind), NO_ARGS));
    put_int(m, o, "new", tally->fresh);
    put_int(m, o, "same", tally->same);
}

static Str say_entries(Make *m, const ViewImport *import, int damaged)
{
    int fresh = 0, same = 0;
    for (int i = 0; i < import->n_tallies; i++) {
        fresh += import->tallies[i].fresh;
        same += import->tallies[i].same;
    }
    Str parts[3];
    int n = 0;
    parts[n++] = say(m, "view.import.entries-new", ARGS(arg_int("n", fresh)));
    if (same > 0)
        parts[n++] = say(m, "view.import.same", ARGS(arg_int("n", same)));
    if (damaged > 0)
        parts[n++] = say(m, "view.import.damaged", ARGS(arg_int("n", damaged)));
    return say(m, "view.import.found", ARGS(arg_str("what", say_list(m, parts, n))));
}

Err view_import_preview(Cx *cx, const View *v, const ViewImport *import, json_t **ret)
{
    Make m;
    int counts[4] = {0};
    json_t *o = make_view(&m, cx, v, "import-preview");
    for (int i = 0; i < import->n; i++)
        counts[import->cards[i].state] +=
            import->cards[i].state != CARD_DAMAGED || import->cards[i].lost;
    put_id(&m, o, "preview", import->preview);
    put_say(&m, o, "heading", "view.import.heading-preview", NO_ARGS);
    put_str(&m, o, "lead",
            import->n_tallies > 0 ? say_entries(&m, import, counts[CARD_DAMAGED])
                                  : say_found(&m, counts));
    put_c(&m, o, "path", "/import/keep");
    put_bool(&m, o, "own", import->n_tallies > 0);
    json_t *tallies = put_list(&m, o, "tallies");
    for (int i = 0; i < import->n_tallies; i++)
        add_tally(&m, tallies, &import->tallies[i]);
    json_t *cards = put_list(&m, o, "cards"), *problems = put_list(&m, o, "problems");
    for (int i = 0; i < import->n; i++) {
        const ViewCard *card = &import->cards[i];
        if (card->state == CARD_DAMAGED)
            add_problem(&m, problems, &card->problem);
        else
            add_card(&m, cards, card);
    }
    put_str(&m, o, "photos",
            import->photos > 0 ? say(&m, "view.import.photos", ARGS(arg_int("n", import->photos)))
                               : STR(""));
    put_int(&m, o, "new", counts[CARD_NEW]);
    put_int(&m, o, "same", counts[CARD_SAME]);
    put_int(&m, o, "twice", counts[CARD_TWICE]);
    put_int(&m, o, "damaged", counts[CARD_DAMAGED]);
    return make_end(&m, o, ret);
}

/* -- taking out ---------------------------------------------------------------------------------- */

Err view_export(Cx *cx, const View *v, json_t **ret)
{
    static const char *const formats[] = {"jsonl", "vcard",    "vcard3",
                                          "csv",   "markdown", "icalendar"};
    Make m;
    json_t *o = make_view(&m, cx, v, "export");
    put_say(&m, o, "heading", "view.export.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.export.lead", NO_ARGS);
    put_c(&m, o, "path", "/export");
    json_t *list = put_list(&m, o, "formats");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        Str id = str_c(formats[i]);
        add_choice(&m, list, id, say_of(&m, "view.export.name.", id, NO_ARGS),
                   say_of(&m, "view.export.about.", id, NO_ARGS), i == 0);
    }
    return make_end(&m, o, ret);
}

Err view_exported(Cx *cx, const View *v, Str file, int64_t bytes, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "exported");
    put_str(&m, o, "file", file);
    put_int(&m, o, "bytes", bytes);
    put_say(&m, o, "text", "view.export.done", ARGS(arg_str("file", file), arg_int("n", bytes)));
    return make_end(&m, o, ret);
}
