/* book/search.c - what is asked for is held against the texts themselves, every time: each word must begin a word in
 * one of them. Nothing else decides, so nothing can be out of date; what differs is only how many texts are looked at.
 * Text that is ASCII, as most is, is compared as it stands; other text is folded first. Nearly every object is one
 * entry, read where it lies; the few that are more are folded. Who has looked for long without finding enough
 * reads every text once in the order of memory, some 0.1 us each, and then knows where to look. Where signs have been made (book/signs.c) one pass over them, 16 bytes an object, leaves the few objects
 * that are worth a look; those that have none yet are looked at. So the answer is the same with all, some and none. */
#include "book/model.h"
#include "book/signs.h"
#include "book/words.h"

enum { SEARCH_WORDS_MAX = 16 };

typedef struct Scan {
    Cx *cx;
    const Book *book;
    Arena *scratch;
    const uint64_t *worth; /* a bit an object: worth a look; NULL: all are */
    Str words[SEARCH_WORDS_MAX];
    int n_words;
    bool seen[SEARCH_WORDS_MAX];
    bool failed;
    uint32_t looks;
    BookHit hit;
} Scan;

/* Marks the words that text has; true when it is the first to have any. */
static void scan_text(void *ctx, uint16_t tag, Str text)
{
    Scan *scan = ctx;
    bool ascii = words_are_ascii(text), any = false;
    Str folded = ascii ? text : words_fold(scan->scratch, text);
    scan->failed |= str_is_null(folded);
    for (int i = 0; i < scan->n_words; i++) {
        if (!scan->seen[i] &&
            (ascii ? words_have_ascii(text, scan->words[i]) : words_have(folded, scan->words[i])))
            any = scan->seen[i] = true;
    }
    if (any && scan->hit.tag == 0) {
        scan->hit.tag = tag;
        scan->hit.text = text;
    }
}

void texts_each(uint16_t kind, const Field *field, TextVisit *visit, void *ctx)
{
    const FieldSpec *spec = entry_field_spec(kind, field->tag);
    Str items = field->value.bytes;
    FieldValue item, label, value;
    if (!spec)
        return;
    if (spec->type == FIELD_TEXT || spec->type == FIELD_PROSE)
        visit(ctx, field->tag, field->value.bytes);
    else if (spec->type == FIELD_TEXTS)
        while (list_next(&items, &item))
            visit(ctx, field->tag, item.bytes);
    else if (spec->type == FIELD_PAIRS)
        while (list_next(&items, &item)) {
            if (list_next(&item.bytes, &label) && list_next(&item.bytes, &value))
                visit(ctx, field->tag, value.bytes);
        }
}

static void scan_name(Scan *scan, Id id)
{
    const PersonRow *person = person_of(scan->book, book_find(scan->book, ENTRY_PERSON, id));
    for (int i = 0; person && i < scan->n_words; i++)
        scan->seen[i] |= words_have((Str){person->folded, person->folded_len}, scan->words[i]);
}

/* The names of the people in an event complete what its own text has begun: "walk ana". */
static void scan_people(Scan *scan, const BookObject *object)
{
    const FieldValue *one = book_field(object, F_PERSON), *many = book_field(object, F_PEOPLE);
    Str items = many ? many->bytes : (Str){NULL, 0};
    FieldValue item;
    if (one)
        scan_name(scan, one->id);
    while (list_next(&items, &item))
        scan_name(scan, item.id);
}

static bool all_seen(const Scan *scan)
{
    bool all = true;
    for (int i = 0; i < scan->n_words; i++)
        all &= scan->seen[i];
    return all;
}

/* The one entry that an object is, as nearly all are; false when it is more. */
static bool only_entry(const Book *book, BookRef ref, Entry *ret)
{
    const ObjectRow *object = object_row(book, ref);
    const EntryRow *row = object->first == NO_ROW ? NULL : entry_row(book, object->first);
    if (!row || row->next != NO_ROW || !entry_counts(row))
        return false;
    entry_view(bodies_at(&book->bodies, row->body), ret);
    if (ret->kind != object->kind)
        return false;
    int n = 0;
    for (int i = 0; i < ret->n_fields; i++) { /* what does not fit was not said */
        const FieldSpec *spec = entry_field_spec(ret->kind, ret->fields[i].tag);
        const FieldValue *value = &ret->fields[i].value;
        if (spec && value->wire != WIRE_NONE && entry_value_fits(spec, value))
            ret->fields[n++] = ret->fields[i];
    }
    ret->n_fields = n;
    return true;
}

/* Does the object hold every word? Then scan->hit says where. */
static Err scan_object(Scan *scan, BookRef ref, bool *ret_found)
{
    Entry e;
    BookObject object = {.ref = ref, .kind = object_row(scan->book, ref)->kind};
    Cx inner = {.arena = scan->scratch, .now_ms = scan->cx->now_ms};
    Err err = OK;
    scan->hit = (BookHit){.ref = ref};
    for (int i = 0; i < scan->n_words; i++)
        scan->seen[i] = false;
    if (only_entry(scan->book, ref, &e)) {
        object.n = e.n_fields;
        object.fields = e.fields;
    } else {
        err = book_object(&inner, scan->book, ref, &object);
    }
    for (int i = 0; i < object.n; i++)
        texts_each(object.kind, &object.fields[i], scan_text, scan);
    if (err == OK && scan->hit.tag != 0 && object.kind != ENTRY_PERSON && !all_seen(scan))
        scan_people(scan, &object);
    *ret_found = scan->hit.tag != 0 && all_seen(scan);
    if (scan->scratch->used_bytes > 0)
        arena_reset(scan->scratch);
    return err == OK && !scan->failed ? OK : err_nomem(scan->cx);
}

static bool is_worth(const Scan *scan, BookRef ref)
{
    return !scan->worth || (scan->worth[ref / 64] >> (ref % 64) & 1) != 0;
}

/* -- which objects are worth a look, when nothing is prepared ------------------------------------- */

/* A look at an object costs what reading the texts of so many entries costs: who has looked for as long as it takes to
 * read them all had better do that. */
enum { ENTRIES_A_LOOK = 16 };

static bool is_wordless(const Book *book, uint32_t body)
{
    return body >= book->wordless_from && body < book->wordless_to;
}

/* Its one entry has no words, so that there is nothing to look at. */
static bool says_nothing(const Book *book, BookRef ref)
{
    const ObjectRow *object = object_row(book, ref);
    const EntryRow *row = object->first == NO_ROW ? NULL : entry_row(book, object->first);
    return row && row->next == NO_ROW && is_wordless(book, row->body);
}

/* Are any of the words in this entry's texts? */
static bool entry_has_any(Scan *scan, uint16_t kind, Str rest)
{
    Field field;
    for (int i = 0; i < scan->n_words; i++)
        scan->seen[i] = false;
    scan->hit.tag = 0;
    while (entry_next_words(&rest, &field))
        texts_each(kind, &field, scan_text, scan);
    if (scan->scratch->used_bytes > 0)
        arena_reset(scan->scratch);
    return scan->hit.tag != 0;
}

/* Every text once, in the order in which they lie in memory, which is several times as quick as going to each where
 * the timeline has it. */
static Err read_every_text(Scan *scan)
{
    const Book *book = scan->book;
    uint64_t *bits = arena_new(scan->cx->arena, uint64_t, book->objects.n / 64 + 1);
    if (!bits)
        return err_nomem(scan->cx);
    for (uint32_t i = 0; i < book->entries.n; i++) {
        uint32_t at = entry_row(book, i)->body;
        if (is_wordless(book, at))
            continue;
        Str rest = {NULL, 0}, body = bodies_at(&book->bodies, at);
        uint16_t kind = entry_view_fields(body, &rest);
        if (kind == ENTRY_BATCH) /* what was done is no text of anybody's */
            continue;
        if (!entry_has_any(scan, kind, rest))
            continue;
        BookRef ref = object_find(book, kind, entry_view_object(body));
        if (ref != NO_ROW)
            bits[ref / 64] |= UINT64_C(1) << (ref % 64);
    }
    scan->worth = bits;
    return scan->failed ? err_nomem(scan->cx) : OK;
}

typedef struct Hits {
    BookHit *p;
    int n, skip, limit;
} Hits;

/* Scans refs until there are enough hits. */
static Err scan_into(Scan *scan, BookRef ref, Hits *hits)
{
    bool found = false;
    Err e = OK;
    if (says_nothing(scan->book, ref))
        return OK;
    if (!scan->worth && ++scan->looks > scan->book->entries.n / ENTRIES_A_LOOK)
        e = read_every_text(scan);
    if (e == OK && is_worth(scan, ref))
        e = scan_object(scan, ref, &found);
    if (e != OK || !found)
        return e;
    if (hits->skip > 0)
        hits->skip--;
    else
        hits->p[hits->n++] = scan->hit;
    return OK;
}

static bool wants(const BookSearch *search, EntryKind kind)
{
    return search->kinds == 0 || (search->kinds & BOOK_KIND(kind)) != 0;
}

/* A person, and what is said of the relationship under the same name. */
static Err scan_person(Scan *scan, const BookSearch *search, BookRef person, Hits *hits)
{
    BookRef bond = book_find(scan->book, ENTRY_RELATIONSHIP, book_id(scan->book, person));
    Err e = OK;
    if (hits->n < hits->limit && wants(search, ENTRY_PERSON))
        e = scan_into(scan, person, hits);
    if (e == OK && hits->n < hits->limit && bond != BOOK_NONE && wants(search, ENTRY_RELATIONSHIP))
        e = scan_into(scan, bond, hits);
    return e;
}

/* book_next, passing over what is not worth a look without looking at its row. */
static bool next_worth(const Scan *scan, BookIter *iter, BookRef *ret)
{
    while (scan->worth && iter->at != iter->end && !is_worth(scan, iter->refs[iter->at]))
        iter->at += iter->step;
    return book_next(iter, ret);
}

static Err scan_all(Scan *scan, const BookSearch *search, Hits *hits)
{
    const Book *book = scan->book;
    bool timed = search->from_ms != 0 || search->to_ms != 0, one = search->person != BOOK_NONE;
    BookRefs everyone = one ? (BookRefs){&search->person, 1} : book_people(book);
    Err e = OK;
    for (int i = 0; i < everyone.n && e == OK && !timed; i++) {
        if (book_present(book, everyone.p[i]))
            e = scan_person(scan, search, everyone.p[i], hits);
    }
    BookWhich which = {.from_ms = search->from_ms, .to_ms = search->to_ms, .kinds = search->kinds};
    BookIter iter = one ? book_timeline(book, search->person, which) : book_everything(book, which);
    BookRef ref = BOOK_NONE;
    while (e == OK && hits->n < hits->limit && next_worth(scan, &iter, &ref))
        e = scan_into(scan, ref, hits);
    return e;
}

Err book_search(Cx *cx, const Book *book, const BookSearch *search, const BookHit **ret, int *ret_n)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, 16 << 20);
    Scan scan = {.cx = cx, .book = book, .scratch = &scratch};
    Hits hits = {.skip = search->skip,
                 .limit = search->limit < BOOK_HITS_MAX ? search->limit : BOOK_HITS_MAX};
    hits.limit = hits.limit > 0 ? hits.limit : 0;
    hits.p = arena_new(cx->arena, BookHit, hits.limit);
    Str folded = words_fold(cx->arena, search->text);
    if (!hits.p || str_is_null(folded))
        return err_nomem(cx);
    while (scan.n_words < SEARCH_WORDS_MAX && words_next(&folded, &scan.words[scan.n_words]))
        scan.n_words++;
    Err e = signs_worth(cx, book, scan.words, scan.n_words, &scan.worth);
    if (e == OK && scan.n_words > 0)
        e = scan_all(&scan, search, &hits);
    if (e != OK)
        return e;
    *ret = hits.p;
    *ret_n = hits.n;
    return OK;
}
