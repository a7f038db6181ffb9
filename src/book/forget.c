/* book/forget.c - one pass over all entries finds what names a person, and one rewriting of the log leaves it out.
 * Names are compared as folded words, so that case and accents hide nothing. Entries and not objects are
 * rewritten: an edit that was overtaken long ago still lies in the file. Both passes are linear in the bytes of
 * the vault; the words of an entry are looked at only if it holds any. */
#include "book/forget.h"
#include "base/buf.h"
#include "book/forget_names.h"
#include <stdlib.h>

/* -- entries ------------------------------------------------------------------------------------- */

typedef struct Look {
    Arena *arena;
    const Names *names;
    bool by_id, by_word, others, bearer, failed;
    bool theirs; /* see forget_redact */
    bool strip_ids, strip_words;
} Look;

/* The value as it may stay; false when it may not. Lists nest at most ENTRY_NEST_MAX deep. */
/* NOLINTNEXTLINE(misc-no-recursion): lists nest at most ENTRY_NEST_MAX deep */
static bool look_value(Look *look, FieldValue *v, int depth);

/* NOLINTNEXTLINE(misc-no-recursion): lists nest at most ENTRY_NEST_MAX deep */
static bool look_list(Look *look, FieldValue *v, int depth)
{
    Buf out = buf_make(look->arena, ENTRY_BODY_MAX);
    Str rest = v->bytes;
    FieldValue item;
    int kept = 0;
    while (list_next(&rest, &item)) {
        if (!look_value(look, &item, depth + 1))
            continue;
        list_add(&out, &item);
        kept++;
    }
    look->failed = look->failed || out.failed;
    v->bytes = (Str){out.p ? out.p : "", out.len};
    return kept > 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): lists nest at most ENTRY_NEST_MAX deep */
static bool look_value(Look *look, FieldValue *v, int depth)
{
    if (v->wire == WIRE_ID) {
        bool theirs = forget_is_theirs(look->names, v->id);
        look->by_id = look->by_id || theirs;
        look->others = look->others || !theirs;
        look->bearer =
            look->bearer || forget_has_id(look->names->bearers, look->names->n_bearers, v->id);
        return !theirs || !look->strip_ids;
    }
    if (v->wire == WIRE_TEXT) {
        Str clean = forget_redact(look->arena, look->names, look->theirs, v->bytes);
        look->failed = look->failed || str_is_null(clean);
        look->by_word = look->by_word || clean.p != v->bytes.p;
        if (look->strip_words)
            v->bytes = clean;
        return true;
    }
    return v->wire != WIRE_LIST || depth >= ENTRY_NEST_MAX || look_list(look, v, depth);
}

/* Goes through all fields; what may not stay is left out of e. */
static void look_entry(Look *look, Entry *e)
{
    int n = 0;
    for (int i = 0; i < e->n_fields; i++) {
        Field f = e->fields[i];
        const FieldSpec *spec = entry_field_spec(e->kind, f.tag);
        /* ids of content are no words of anybody's */
        bool fixed = spec && (spec->type == FIELD_KEY || spec->type == FIELD_ANSWERS);
        bool empty_list = f.value.wire == WIRE_LIST && f.value.bytes.len == 0;
        if (fixed || look_value(look, &f.value, 0) || empty_list)
            e->fields[n++] = f;
    }
    e->n_fields = n;
}

/* The field of an entry in which another is carried; NULL of any other entry. Nothing is carried twice over. */
static Field *carried_field(Entry *e)
{
    for (int i = 0; i < e->n_fields && e->kind == ENTRY_CARRIED; i++) {
        if (e->fields[i].tag == F_CARRIED_ENTRY && e->fields[i].value.wire == WIRE_BYTES)
            return &e->fields[i];
    }
    return NULL;
}

/* The nth entry as a fact: what is carried instead of what carries it. False for one that comes inside another. */
static bool fact_at(Cx *cx, const Book *book, uint32_t i, Entry *ret)
{
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    Str body = book_entry_body(book, i);
    if (body.len == 0)
        return false;
    entry_view(body, ret);
    const Field *inner = carried_field(ret);
    return !inner || entry_decode(&quiet, inner->value.bytes, ret) == OK;
}

/* -- the plan ------------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
    const ForgetItem *x = a, *y = b;
    int c = id_cmp(x->id, y->id);
    return c != 0 ? c : (int)x->kind - (int)y->kind;
}

ForgetItem *forget_item(const ForgetPlan *plan, Id id, uint16_t kind)
{
    const ForgetItem key = {.id = id, .kind = kind};
    return plan->n == 0 ? NULL
                        : bsearch(&key, plan->items, (size_t)plan->n, sizeof *plan->items, by_id);
}

static bool is_about_them(const Names *names, const Entry *e)
{
    return (e->kind == ENTRY_PERSON || e->kind == ENTRY_RELATIONSHIP) &&
           forget_is_theirs(names, e->object);
}

static ForgetHow proposed(const ForgetItem *item)
{
    if (!item->present)
        return FORGET_DELETE;
    return item->by_id && !item->others ? FORGET_DELETE : FORGET_REDACT;
}

/* Who was merged into them, or is the same and was taken out: not here any more, and of their name. */
static void find_merged(Cx *cx, const Book *book, Names *names)
{
    for (uint32_t i = 0; i < book_entry_count(book) && names->n_ids < NAMES_IDS_MAX; i++) {
        Entry e;
        if (!fact_at(cx, book, i, &e) || e.kind != ENTRY_PERSON ||
            forget_is_theirs(names, e.object) ||
            book_find(book, ENTRY_PERSON, e.object) != BOOK_NONE)
            continue;
        Look look = {.arena = cx->arena, .names = names};
        look_entry(&look, &e);
        if (look.by_word)
            names->ids[names->n_ids++] = e.object;
    }
}

/* Joins items of one object. */
static int join_items(ForgetItem items[], int n)
{
    int kept = 0;
    qsort(items, (size_t)n, sizeof *items, by_id);
    for (int i = 0; i < n; i++) {
        ForgetItem *last = kept > 0 ? &items[kept - 1] : NULL;
        if (last && by_id(last, &items[i]) == 0) {
            last->by_id = last->by_id || items[i].by_id;
            last->others = last->others || items[i].others;
            last->namesake = last->namesake || items[i].namesake;
        } else {
            items[kept++] = items[i];
        }
    }
    return kept;
}

static int by_batch(const void *a, const void *b)
{
    const Id *x = a, *y = b;
    return id_cmp(*x, *y);
}

/* Once each, though its entries come one after another. */
static void add_batch(Names *names, Id batch)
{
    if (!id_is_zero(batch) &&
        (names->n_batches == 0 || !id_eq(names->batches[names->n_batches - 1], batch)))
        names->batches[names->n_batches++] = batch;
}

static bool is_their_batch(const Names *names, const Entry *e)
{
    return e->kind == ENTRY_BATCH && names->n_batches > 0 &&
           bsearch(&e->object, names->batches, (size_t)names->n_batches, sizeof(Id), by_batch);
}

static Err find_items(Cx *cx, const Book *book, Names *names, ForgetPlan *plan)
{
    uint32_t entries = book_entry_count(book);
    Arena scratch;
    ForgetItem *items = arena_new(cx->arena, ForgetItem, entries);
    names->batches = arena_new(cx->arena, Id, entries);
    if (!items || !names->batches)
        return err_nomem(cx);
    int n = 0;
    bool failed = false;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (uint32_t i = 0; i < entries && !failed; i++) {
        Entry e;
        Look look = {.arena = &scratch, .names = names};
        bool fact = fact_at(cx, book, i, &e);
        if (fact && is_about_them(names, &e)) {
            add_batch(names, e.batch);
        } else if (fact && e.kind != ENTRY_BATCH) {
            look_entry(&look, &e);
            if (look.by_id)
                add_batch(names, e.batch);
            if (look.by_id || look.by_word) {
                BookRef ref = book_find(book, e.kind, e.object);
                items[n++] = (ForgetItem){.id = e.object,
                                          .kind = e.kind,
                                          .ref = ref,
                                          .by_id = look.by_id,
                                          .others = look.others,
                                          .namesake = look.bearer,
                                          .present = ref != BOOK_NONE};
            }
        }
        failed = look.failed;
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    qsort(names->batches, (size_t)names->n_batches, sizeof(Id), by_batch);
    plan->items = items;
    plan->n = join_items(items, n);
    for (int i = 0; i < plan->n; i++)
        items[i].how = proposed(&items[i]);
    return failed ? err_nomem(cx) : OK;
}

Err book_forget_plan(Cx *cx, const Book *book, BookRef person, ForgetPlan *ret)
{
    Names *names = arena_new(cx->arena, Names, 1);
    BookPerson p = {.ref = person};
    ForgetPlan plan = {.names = names};
    if (!names)
        return err_nomem(cx);
    Err e = book_person(cx, book, person, &p);
    if (e != OK)
        return e;
    names->ids[names->n_ids++] = p.id;
    e = forget_take_names(cx, book, names, &p);
    if (e == OK) {
        find_merged(cx, book, names);
        e = find_items(cx, book, names, &plan);
    }
    if (e == OK)
        *ret = plan;
    return e;
}

/* -- writing anew -------------------------------------------------------------------------------- */

typedef struct Rewriting {
    const ForgetPlan *plan;
    Arena arena; /* what stands in one entry's place */
} Rewriting;

static Err encode(Rewriting *rw, Cx *cx, const Entry *entry, Str *ret)
{
    Cx own = {.arena = &rw->arena, .now_ms = cx->now_ms};
    Err e = entry_encode(&own, entry, ret);
    cx->why = own.why;
    return e;
}

/* What another process has kept since the plan was made is treated as it would have been proposed. */
static ForgetHow how_of(const Rewriting *rw, const Entry *e, const Look *seen)
{
    const ForgetItem *item = forget_item(rw->plan, e->object, e->kind);
    if (is_about_them(rw->plan->names, e))
        return FORGET_DELETE;
    if (item)
        return item->how;
    if (e->kind == ENTRY_BATCH)
        return FORGET_REDACT;
    return seen->by_id && !seen->others ? FORGET_DELETE : FORGET_REDACT;
}

/* Is it they who are meant by a name that somebody else has too? */
static bool means_them(Rewriting *rw, const Entry *e)
{
    Entry copy = *e;
    Look look = {.arena = &rw->arena, .names = rw->plan->names};
    const ForgetItem *item = forget_item(rw->plan, e->object, e->kind);
    if (item)
        return item->by_id && !item->namesake;
    look_entry(&look, &copy);
    return is_their_batch(rw->plan->names, e) || (look.by_id && !look.bearer);
}

static Err replace_fact(Rewriting *rw, Cx *cx, Entry e, Str *ret)
{
    Entry seen_entry = e;
    bool theirs = means_them(rw, &e);
    Look seen = {.arena = &rw->arena, .names = rw->plan->names, .theirs = theirs};
    look_entry(&seen, &seen_entry);
    ForgetHow how = how_of(rw, &e, &seen);
    bool named = seen.by_id || seen.by_word;
    if (how == FORGET_DELETE) {
        *ret = (Str){NULL, 0};
        return OK;
    }
    if (!named)
        return seen.failed ? err_nomem(cx) : OK;
    Look strip = {.arena = &rw->arena,
                  .names = rw->plan->names,
                  .theirs = theirs,
                  .strip_ids = true,
                  .strip_words = how == FORGET_REDACT};
    look_entry(&strip, &e);
    if (strip.failed)
        return err_nomem(cx);
    return encode(rw, cx, &e, ret);
}

static Err replace_entry(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    Rewriting *rw = ctx;
    Entry outer, inner;
    arena_reset(&rw->arena);
    Err e = entry_decode(cx, entry->body, &outer);
    if (e != OK)
        return e;
    Field *carried = carried_field(&outer);
    if (!carried)
        return replace_fact(rw, cx, outer, ret);
    Str body = carried->value.bytes;
    e = entry_decode(cx, body, &inner);
    if (e == OK)
        e = replace_fact(rw, cx, inner, &body);
    if (e != OK || body.p == carried->value.bytes.p)
        return e;
    carried->value.bytes = body;
    *ret = (Str){NULL, 0};
    return body.len > 0 ? encode(rw, cx, &outer, ret) : OK;
}

Err book_forget(Cx *cx, Book *book, Log *log, const LogSecret *secret, const ForgetPlan *plan,
                bool *ret_scrubbed)
{
    Rewriting rw = {.plan = plan};
    int64_t fresh = 0;
    Err e = book_take_rest(cx, book); /* else the plan may have missed something */
    if (e != OK)
        return e;
    arena_init(&rw.arena, ARENA_LIMIT_DEFAULT);
    e = log_rewrite(cx, log, secret, replace_entry, &rw, NULL, ret_scrubbed);
    arena_free(&rw.arena);
    return e == OK ? book_refresh(cx, book, log, &fresh) : e;
}
