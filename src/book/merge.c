/* book/merge.c - a merge is edits: of what the second took part in, of what is known of the first, and one that
 * takes the second out. So undo needs nothing of its own, and another device that has kept something about the
 * second meanwhile loses nothing. Linear in what names the second. */
#include "book/merge.h"
#include "log/log.h"

enum { LIST_ITEMS_MAX = 256, EVENT_PEOPLE = 512 };

typedef struct Merge {
    Cx *cx;
    const Book *book;
    BookRef stays, goes;
    Draft *drafts;
    int n, cap;
} Merge;

static Draft *add_draft(Merge *m, uint16_t kind, Id object)
{
    if (m->n == m->cap)
        return NULL; /* counted before; cannot be */
    m->drafts[m->n] = draft_edit(m->cx, (EntryKind)kind, object);
    return &m->drafts[m->n++];
}

/* -- what is known of them ----------------------------------------------------------------------- */

static bool has_text(const Str list[], int n, Str s)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(list[i], s))
            return true;
    }
    return false;
}

static int add_texts(Str list[], int n, const FieldValue *v)
{
    Str rest = v ? v->bytes : (Str){NULL, 0};
    FieldValue item;
    while (n < LIST_ITEMS_MAX && list_next(&rest, &item)) {
        if (!has_text(list, n, item.bytes))
            list[n++] = item.bytes;
    }
    return n;
}

static int add_pairs(TextPair list[], int n, const FieldValue *v)
{
    Str rest = v ? v->bytes : (Str){NULL, 0};
    FieldValue item, label, value;
    while (n < LIST_ITEMS_MAX && list_next(&rest, &item)) {
        Str inner = item.bytes;
        bool twice = !list_next(&inner, &label) || !list_next(&inner, &value);
        for (int i = 0; i < n && !twice; i++)
            twice = str_eq(list[i].value, value.bytes);
        if (!twice)
            list[n++] = (TextPair){label.bytes, value.bytes};
    }
    return n;
}

static bool protects(uint16_t kind, uint16_t tag)
{
    return (kind == ENTRY_PERSON && tag == F_PERSON_MINOR) || (kind == ENTRY_RELATIONSHIP && tag == F_REL_HARM);
}

/* One field of the second, theirs, beside the first's own; own is NULL when nothing was said. */
static void join_field(Draft *d, const FieldSpec *spec, const FieldValue *own, const FieldValue *theirs)
{
    Str texts[LIST_ITEMS_MAX];
    TextPair pairs[LIST_ITEMS_MAX];
    if (spec->type == FIELD_TEXTS) {
        draft_texts(d, spec->tag, texts, add_texts(texts, add_texts(texts, 0, own), theirs));
    } else if (spec->type == FIELD_PAIRS) {
        draft_pairs(d, spec->tag, pairs, add_pairs(pairs, add_pairs(pairs, 0, own), theirs));
    } else if (protects(spec->kind, spec->tag)) {
        draft_bool(d, spec->tag, theirs->num != 0 || (own && own->num != 0));
    } else if (!own && theirs->wire == WIRE_TEXT) {
        draft_text(d, spec->tag, theirs->bytes);
    } else if (!own && spec->type == FIELD_BOOL) {
        draft_bool(d, spec->tag, theirs->num != 0);
    } else if (!own && spec->type == FIELD_TENTHS) {
        draft_real(d, spec->tag, (double)theirs->num / 10);
    } else if (!own && theirs->wire == WIRE_INT) {
        draft_int(d, spec->tag, theirs->num);
    }
}

static Err read_object(Merge *m, uint16_t kind, BookRef person, BookObject *ret)
{
    BookRef ref = book_find(m->book, kind, book_id(m->book, person));
    *ret = (BookObject){.ref = BOOK_NONE};
    return ref == BOOK_NONE ? OK : book_object(m->cx, m->book, ref, ret);
}

static Err join_object(Merge *m, uint16_t kind)
{
    BookObject own = {.n = 0}, theirs = {.n = 0};
    Err e = read_object(m, kind, m->stays, &own);
    if (e == OK)
        e = read_object(m, kind, m->goes, &theirs);
    if (e != OK || theirs.n == 0)
        return e;
    Draft d = draft_edit(m->cx, (EntryKind)kind, book_id(m->book, m->stays));
    for (int i = 0; i < theirs.n; i++) {
        const Field *f = &theirs.fields[i];
        const FieldSpec *spec = entry_field_spec(kind, f->tag);
        if (spec && f->tag != F_GONE && f->tag != F_PERSON_NAMES)
            join_field(&d, spec, own.ref == BOOK_NONE ? NULL : book_field(&own, f->tag), &f->value);
    }
    if (kind == ENTRY_PERSON) { /* one goes on finding them by either name */
        Str names[LIST_ITEMS_MAX + 1], other = book_name(m->book, m->goes);
        int n = add_texts(names, 0, book_field(&own, F_PERSON_NAMES));
        n = add_texts(names, n, book_field(&theirs, F_PERSON_NAMES));
        if (!str_eq(other, book_name(m->book, m->stays)) && !has_text(names, n, other))
            names[n++] = other;
        if (n > 0)
            draft_texts(&d, F_PERSON_NAMES, names, n);
    }
    if (d.n > 0 && m->n < m->cap)
        m->drafts[m->n++] = d;
    return OK;
}

/* -- what happened ------------------------------------------------------------------------------- */

static Err move_event(Merge *m, BookRef ref)
{
    BookObject o = {.ref = ref};
    Id people[EVENT_PEOPLE], goes = book_id(m->book, m->goes), stays = book_id(m->book, m->stays);
    int n = 0;
    bool there = false;
    FieldValue item;
    Err e = book_object(m->cx, m->book, ref, &o);
    if (e != OK)
        return e;
    Draft *d = add_draft(m, o.kind, o.id);
    if (!d)
        return err_set(m->cx, ERR_LIMIT, "err.merge-many", NO_ARGS);
    const FieldValue *one = book_field(&o, F_PERSON), *many = book_field(&o, F_PEOPLE);
    if (one && id_eq(one->id, goes))
        draft_id(d, F_PERSON, stays);
    Str rest = many ? many->bytes : (Str){NULL, 0};
    while (n < EVENT_PEOPLE && list_next(&rest, &item)) {
        Id id = id_eq(item.id, goes) ? stays : item.id;
        if (!(id_eq(id, stays) && there))
            people[n++] = id;
        there = there || id_eq(id, stays);
    }
    if (n > 0)
        draft_ids(d, F_PEOPLE, people, n);
    return OK;
}

static Err move_events(Merge *m)
{
    BookIter it = book_timeline(m->book, m->goes, (BookWhich){.kinds = 0});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    while (e == OK && book_next(&it, &ref))
        e = move_event(m, ref);
    return e;
}

static int count_events(const Merge *m)
{
    BookIter it = book_timeline(m->book, m->goes, (BookWhich){.kinds = 0});
    BookRef ref = BOOK_NONE;
    int n = 0;
    while (book_next(&it, &ref))
        n++;
    return n;
}

Err book_merge(Cx *cx, Book *book, Log *log, BookRef stays, BookRef goes, Id *ret_batch)
{
    Merge m = {.cx = cx, .book = book, .stays = stays, .goes = goes};
    if (stays == goes)
        return err_set(cx, ERR_INVALID, "err.merge-same", NO_ARGS);
    m.cap = count_events(&m) + 3; /* both objects, and taking the second out */
    m.drafts = arena_new(cx->arena, Draft, m.cap);
    if (!m.drafts)
        return err_nomem(cx);
    Err e = join_object(&m, ENTRY_PERSON);
    if (e == OK)
        e = join_object(&m, ENTRY_RELATIONSHIP);
    if (e == OK)
        e = move_events(&m);
    if (e != OK)
        return e;
    Draft *last = add_draft(&m, ENTRY_PERSON, book_id(book, goes));
    if (!last)
        return err_set(cx, ERR_LIMIT, "err.merge-many", NO_ARGS);
    draft_bool(last, F_GONE, true);
    return book_commit(cx, book, log, m.drafts, m.n, STR("done.merge"), book_name(book, stays), ret_batch);
}
