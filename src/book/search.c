/* book/search.c - a linear scan. Each object is folded, its texts are folded, and every word asked for
 * must begin a word in one of them. Nothing is kept from one search to the next, so nothing can be out
 * of date and no plaintext index lies about; the cost is proportional to the text there is, some
 * 50 ms for 100,000 entries, less where person, kinds or dates narrow it. */
#include "book/model.h"
#include "book/words.h"

enum { SEARCH_WORDS_MAX = 16 };

typedef struct Scan {
    Cx *cx;
    const Book *book;
    Arena *scratch;
    Str words[SEARCH_WORDS_MAX];
    int n_words;
    bool seen[SEARCH_WORDS_MAX];
    bool failed;
    BookHit hit;
} Scan;

/* Marks the words that text has; true when it is the first to have any. */
static void scan_text(Scan *scan, uint16_t tag, Str text)
{
    Str folded = words_fold(scan->scratch, text);
    scan->failed |= str_is_null(folded);
    bool any = false;
    for (int i = 0; i < scan->n_words; i++) {
        if (!scan->seen[i] && words_have(folded, scan->words[i]))
            any = scan->seen[i] = true;
    }
    if (any && scan->hit.tag == 0) {
        scan->hit.tag = tag;
        scan->hit.text = text;
    }
}

static void scan_field(Scan *scan, uint16_t kind, const Field *field)
{
    const FieldSpec *spec = entry_field_spec(kind, field->tag);
    Str items = field->value.bytes;
    FieldValue item, label, value;
    if (!spec)
        return;
    if (spec->type == FIELD_TEXT || spec->type == FIELD_PROSE)
        scan_text(scan, field->tag, field->value.bytes);
    else if (spec->type == FIELD_TEXTS)
        while (list_next(&items, &item))
            scan_text(scan, field->tag, item.bytes);
    else if (spec->type == FIELD_PAIRS)
        while (list_next(&items, &item)) {
            if (list_next(&item.bytes, &label) && list_next(&item.bytes, &value))
                scan_text(scan, field->tag, value.bytes);
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

/* Does the object hold every word? Then scan->hit says where. */
static Err scan_object(Scan *scan, BookRef ref, bool *ret_found)
{
    BookObject object;
    Cx inner = {.arena = scan->scratch, .now_ms = scan->cx->now_ms};
    scan->hit = (BookHit){.ref = ref};
    for (int i = 0; i < scan->n_words; i++)
        scan->seen[i] = false;
    Err e = book_object(&inner, scan->book, ref, &object);
    for (int i = 0; e == OK && i < object.n; i++)
        scan_field(scan, object.kind, &object.fields[i]);
    if (e == OK && scan->hit.tag != 0 && object.kind != ENTRY_PERSON && !all_seen(scan))
        scan_people(scan, &object);
    *ret_found = scan->hit.tag != 0 && all_seen(scan);
    arena_reset(scan->scratch);
    return e == OK && !scan->failed ? OK : err_nomem(scan->cx);
}

typedef struct Hits {
    BookHit *p;
    int n, skip, limit;
} Hits;

/* Scans refs until there are enough hits. */
static Err scan_into(Scan *scan, BookRef ref, Hits *hits)
{
    bool found = false;
    Err e = scan_object(scan, ref, &found);
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
    while (e == OK && hits->n < hits->limit && book_next(&iter, &ref))
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
    Err e = scan.n_words > 0 ? scan_all(&scan, search, &hits) : OK;
    if (e != OK)
        return e;
    *ret = hits.p;
    *ret_n = hits.n;
    return OK;
}
