/* book/book.c - taking entries in. An entry is found to be new by walking the chain of its object,
 * which is short, so no index of entries is needed: sixteen bytes an entry and twenty an object, beside
 * the body itself, are all it takes to find everything again. Nothing is linked before everything that
 * needs memory has been reserved; hence an entry is in the book whole or not at all. */
#include "book/book.h"
#include "base/os.h"
#include "book/model.h"

enum { WHILE_WARM = 256, SCRATCH_MAX = 16 << 20, MANY_SHIFT = 10, FEW_SHIFT = 5 };

static Rows rows_of(size_t row_bytes, uint16_t shift)
{
    return (Rows){.row_bytes = (uint16_t)row_bytes, .shift = shift};
}

Book *book_new(int64_t limit_bytes)
{
    Book *book = os_alloc(1, sizeof *book);
    if (!book)
        return NULL;
    book->heap = (Heap){.used_bytes = sizeof *book, .limit_bytes = limit_bytes};
    book->entries = rows_of(sizeof(EntryRow), MANY_SHIFT);
    book->objects = rows_of(sizeof(ObjectRow), MANY_SHIFT);
    book->people = rows_of(sizeof(PersonRow), FEW_SHIFT);
    book->batch_rows = rows_of(sizeof(BatchRow), FEW_SHIFT);
    book->signs = rows_of(BOOK_SIGN_BYTES, MANY_SHIFT);
    book->everything.holds = LINE_ALL;
    book->alone.holds = LINE_ALONE;
    book->batches.holds = LINE_BATCHES;
    book->by_name.holds = LINE_PEOPLE;
    book->first_pending = book->first_dirty = book->last_batch = NO_ROW;
    os_random(&book->index.seed, sizeof book->index.seed);
    arena_init(&book->scratch, SCRATCH_MAX);
    return book;
}

static void line_free(Book *book, Timeline *line)
{
    heap_grow(&book->heap, line->refs, (int64_t)line->cap * sizeof *line->refs, 0);
}

void book_free(Book *book)
{
    if (!book)
        return;
    for (uint32_t i = 0; i < book->people.n; i++) {
        PersonRow *person = person_row(book, i);
        os_wipe(person->folded, person->folded_len);
        heap_grow(&book->heap, person->folded, person->folded_len, 0);
        line_free(book, &person->events);
    }
    line_free(book, &book->everything);
    line_free(book, &book->alone);
    line_free(book, &book->batches);
    line_free(book, &book->by_name);
    bodies_free(&book->heap, &book->bodies);
    rows_free(&book->heap, &book->entries);
    rows_free(&book->heap, &book->objects);
    rows_free(&book->heap, &book->people);
    rows_free(&book->heap, &book->batch_rows);
    for (uint32_t i = 0; i < book->signs.n_chunks; i++) /* they tell what words there were */
        os_wipe(book->signs.chunks[i], (ptrdiff_t)book->signs.row_bytes << book->signs.shift);
    rows_free(&book->heap, &book->signs);
    index_free(&book->heap, &book->index);
    arena_free(&book->scratch);
    log_cursor_free(&book->cursor);
    INVARIANT(book->heap.used_bytes == sizeof *book); /* every byte was counted */
    os_free(book);
}

void book_free_at(Book **book)
{
    book_free(*book);
}

PersonRow *person_of(const Book *book, BookRef ref)
{
    if (ref >= book->objects.n || object_row(book, ref)->kind != ENTRY_PERSON)
        return NULL;
    return person_row(book, object_row(book, ref)->extra);
}

Id object_id(const Book *book, BookRef ref)
{
    const ObjectRow *row = object_row(book, ref);
    if (row->kind == ENTRY_PERSON)
        return person_row(book, row->extra)->id;
    if (row->kind == ENTRY_BATCH)
        return batch_row(book, row->extra)->id;
    if (row->first == NO_ROW)
        return (Id){{0}};
    return entry_view_object(bodies_at(&book->bodies, entry_row(book, row->first)->body));
}

static uint32_t hash_of(const void *ctx, uint32_t row)
{
    const Book *book = ctx;
    return index_hash(&book->index, object_row(book, row)->kind, object_id(book, row));
}

BookRef object_find(const Book *book, uint16_t kind, Id id)
{
    uint32_t hash = index_hash(&book->index, kind, id), slot = hash;
    BookRef ref = NO_ROW;
    while ((ref = index_next(&book->index, hash, &slot)) != NO_ROW) {
        if (object_row(book, ref)->kind == kind && id_eq(object_id(book, ref), id))
            break;
    }
    return ref;
}

void objects_expect(Book *book, int64_t n)
{
    if (n > 0 && n < INT32_MAX)
        (void)index_reserve(&book->heap, &book->index, (uint32_t)n, hash_of, book);
}

static bool reserve_objects(Book *book, uint32_t n)
{
    return rows_reserve(&book->heap, &book->objects, n) &&
           rows_reserve(&book->heap, &book->people, n) &&
           rows_reserve(&book->heap, &book->batch_rows, n) &&
           index_reserve(&book->heap, &book->index, n, hash_of, book);
}

/* An entry that has not been read yet is about to be looked for: the index of a large book lies in no cache, and
 * fetching takes as long as reading the entry does. */
static void object_expect(const Book *book, Str body)
{
    uint16_t kind = body.len > 1 ? (uint8_t)body.p[1] : 0;
    if (book->index.cap > 0)
        index_expect(&book->index, index_hash(&book->index, kind, entry_view_object(body)));
}

/* Within what was reserved. Other objects than people and batches get their first entry at once. */
static BookRef object_make(Book *book, uint16_t kind, Id id)
{
    BookRef ref = rows_push(&book->objects);
    ObjectRow *object = object_row(book, ref);
    *object = (ObjectRow){.kind = kind, .first = NO_ROW};
    index_add(&book->index, index_hash(&book->index, kind, id), ref);
    if (kind == ENTRY_PERSON) {
        object->extra = rows_push(&book->people);
        PersonRow *person = person_row(book, object->extra);
        *person =
            (PersonRow){.id = id, .object = ref, .next_dirty = NO_ROW, .version = book->version};
        person->events = (Timeline){.holds = LINE_PERSON, .owner = object->extra};
    } else if (kind == ENTRY_BATCH) {
        object->extra = rows_push(&book->batch_rows);
        *batch_row(book, object->extra) = (BatchRow){.id = id, .object = ref, .first = NO_ROW};
    }
    return ref;
}

BookRef object_get(Book *book, uint16_t kind, Id id)
{
    BookRef ref = object_find(book, kind, id);
    if (ref == NO_ROW && reserve_objects(book, 1))
        ref = object_make(book, kind, id);
    return ref;
}

/* The row of an entry in the chain of its object, or NO_ROW. */
static uint32_t chain_find(const Book *book, BookRef ref, Id entry)
{
    uint32_t i = ref == NO_ROW ? NO_ROW : object_row(book, ref)->first;
    while (i != NO_ROW &&
           !id_eq(entry_view_id(bodies_at(&book->bodies, entry_row(book, i)->body)), entry))
        i = entry_row(book, i)->next;
    return i;
}

static uint32_t entry_find(const Book *book, const Entry *e)
{
    return chain_find(book, object_find(book, e->kind, e->object), e->id);
}

/* -- carriers: entries of another book, each inside an entry of ours ------------------------------
 * An import keeps each foreign entry whole, as a field of an entry of its own batch. What is carried is
 * taken in beside its carrier and borrows its bytes. It counts while it has come by itself, or some
 * carrier of it counts: a number of ways that goes up and down, so nothing depends on their order. What
 * is said of batches has come by itself whoever carried it: if an undo could be undone by what it undoes,
 * there would be no answer. For the same reason nothing is carried twice over. */

/* What an entry carries; false when it carries nothing that can be used. */
static bool carried_in(const Book *book, uint32_t carrier, Entry *ret, Str *ret_body)
{
    AUTO_ARENA Arena none;
    arena_init(&none, 0);
    Cx quiet = {.arena = &none};
    Entry e;
    entry_view(bodies_at(&book->bodies, entry_row(book, carrier)->body), &e);
    for (int i = 0; e.kind == ENTRY_CARRIED && i < e.n_fields; i++) {
        const FieldValue *v = &e.fields[i].value;
        if (e.fields[i].tag != F_CARRIED_ENTRY || v->wire != WIRE_BYTES)
            continue;
        *ret_body = v->bytes;
        return entry_decode(&quiet, v->bytes, ret) == OK && ret->kind != ENTRY_CARRIED;
    }
    return false;
}

/* One way more, or less, by which an entry is here. */
static void hold(Book *book, uint32_t i, const Entry *e, uint32_t held)
{
    EntryRow *row = entry_row(book, i);
    uint32_t was = held_by(row), undone = row->held & HELD_UNDONE;
    if ((was == 0) == (held == 0)) {
        row->held = held | undone;
        return;
    }
    BookRef ref = object_find(book, e->kind, e->object);
    book->version++; /* whom it leaves is touched at the new one */
    settle_leave(book, ref);
    row->held = held | undone;
    settle_later(book, ref);
}

/* A carrier begins or ceases to count. */
static void carry(Book *book, uint32_t carrier, bool counts)
{
    Entry e;
    Str body;
    EntryRow *row = entry_row(book, carrier);
    if (((row->held & CARRIES) != 0) == counts || !carried_in(book, carrier, &e, &body))
        return;
    uint32_t i = entry_find(book, &e);
    if (i == NO_ROW)
        return;
    row->held ^= CARRIES;
    uint32_t held = held_by(entry_row(book, i));
    hold(book, i, &e, counts ? held + 1 : held - 1);
}

static bool is_undone(const Book *book, BookRef batch)
{
    Pick picks[2] = {{F_GONE}, {F_BATCH_UNDONE}};
    Life life;
    fold_pick(book, batch, picks, 2, &life);
    return picks[1].said && picks[1].value.num != 0;
}

/* After a batch has heard news: all that its entries speak of is folded anew. */
static void flip_batch(Book *book, BookRef batch)
{
    ObjectRow *object = object_row(book, batch);
    bool undone = is_undone(book, batch);
    if (undone == ((object->flags & OBJ_UNDONE) != 0))
        return;
    uint32_t first = batch_row(book, object->extra)->first;
    for (uint32_t i = first; i != NO_ROW; i = entry_row(book, i)->batch_next) {
        Entry e;
        entry_view(bodies_at(&book->bodies, entry_row(book, i)->body), &e);
        BookRef ref = object_find(book, e.kind, e.object);
        if (ref == NO_ROW) /* its body has not come (later.h) */
            continue;
        settle_leave(book, ref);
        settle_later(book, ref);
        carry(book, i, !undone);
    }
    for (uint32_t i = first; i != NO_ROW; i = entry_row(book, i)->batch_next)
        entry_row(book, i)->held ^= HELD_UNDONE; /* all have left as they were */
    object->flags = (uint16_t)(object->flags ^ OBJ_UNDONE);
}

/* Within what was reserved. The entries of a batch come together, so the last one is remembered. */
static BookRef batch_get(Book *book, Id id)
{
    bool same = book->last_batch != NO_ROW && id_eq(object_id(book, book->last_batch), id);
    if (!same)
        book->last_batch = object_get(book, ENTRY_BATCH, id);
    return book->last_batch;
}

/* Within what was reserved. */
static uint32_t link_entry(Book *book, const Entry *e, uint32_t body, uint32_t held)
{
    BookRef ref = object_find(book, e->kind, e->object), batch = NO_ROW;
    if (ref == NO_ROW)
        ref = object_make(book, e->kind, e->object);
    if (!id_is_zero(e->batch) && e->kind != ENTRY_BATCH) /* what is said of batches always counts */
        batch = batch_get(book, e->batch);
    book->version++; /* whom it leaves is touched at the new one */
    settle_leave(book, ref);
    uint32_t i = rows_push(&book->entries);
    EntryRow *row = entry_row(book, i);
    ObjectRow *object = object_row(book, ref);
    *row = (EntryRow){.body = body, .next = object->first, .batch_next = NO_ROW, .held = held};
    object->first = i;
    if (batch != NO_ROW) {
        const ObjectRow *of = object_row(book, batch);
        row->batch_next = batch_row(book, of->extra)->first;
        batch_row(book, of->extra)->first = i;
        row->held |= of->flags & OBJ_UNDONE ? HELD_UNDONE : 0;
    }
    if (e->stamp.hlc > book->hlc)
        book->hlc = e->stamp.hlc;
    book->n_unknown += e->kind >= ENTRY_KINDS;
    settle_later(book, ref);
    if (e->kind == ENTRY_BATCH)
        flip_batch(book, ref);
    return i;
}

/* Within what was reserved. */
static void link_carried(Book *book, uint32_t carrier)
{
    Entry e;
    Str body;
    if (!carried_in(book, carrier, &e, &body))
        return;
    if (entry_find(book, &e) == NO_ROW)
        link_entry(book, &e, bodies_within(&book->bodies, entry_row(book, carrier)->body, body),
                   e.kind == ENTRY_BATCH ? HELD_DIRECT : 0);
    carry(book, carrier, entry_counts(entry_row(book, carrier)));
}

Err book_apply(Cx *cx, Book *book, Str body)
{
    enum { OBJECTS = 4 }; /* it, what it carries, and the batches of both */
    Entry e;
    object_expect(book, body);
    Err err = entry_decode(cx, body, &e);
    if (err != OK)
        return err;
    uint32_t i = entry_find(book, &e);
    if (i != NO_ROW) {
        hold(book, i, &e, held_by(entry_row(book, i)) | HELD_DIRECT);
        return OK;
    }
    if (!bodies_reserve(&book->heap, &book->bodies, body.len) ||
        !rows_reserve(&book->heap, &book->entries, 2) || !reserve_objects(book, OBJECTS))
        return err_nomem(cx);
    i = link_entry(book, &e, bodies_push(&book->bodies, body), HELD_DIRECT);
    if (e.kind == ENTRY_CARRIED)
        link_carried(book, i);
    if (book->n_pending >= WHILE_WARM) /* their rows are still in the cache */
        (void)settle_pending(book);    /* without memory they stay pending: book_settle says so */
    return OK;
}

uint64_t book_version(const Book *book)
{
    return book->version;
}

uint64_t book_epoch(const Book *book)
{
    return book->epoch;
}

uint64_t book_person_version(const Book *book, BookRef person)
{
    const PersonRow *row = person_of(book, person);
    return row ? row->version : 0;
}

bool book_only_added(const Book *book, BookRef person, uint64_t version)
{
    const PersonRow *row = person_of(book, person);
    return row && row->disturbed <= version;
}

int64_t book_bytes(const Book *book)
{
    return book->heap.used_bytes;
}

/* -- objects of any kind ----------------------------------------------------------------------- */

BookRef book_find(const Book *book, uint16_t kind, Id id)
{
    BookRef ref = object_find(book, kind, id);
    return book_present(book, ref) ? ref : BOOK_NONE;
}

uint16_t book_kind(const Book *book, BookRef ref)
{
    return ref < book->objects.n ? object_row(book, ref)->kind : 0;
}

Id book_id(const Book *book, BookRef ref)
{
    return ref < book->objects.n ? object_id(book, ref) : (Id){{0}};
}

bool book_present(const Book *book, BookRef ref)
{
    return ref < book->objects.n && (object_row(book, ref)->flags & OBJ_PRESENT);
}

uint32_t book_object_count(const Book *book)
{
    return book->objects.n;
}

uint32_t book_entry_count(const Book *book)
{
    return book->entries.n;
}

Str book_entry_body(const Book *book, uint32_t i)
{
    bool came = i < book->entries.n && entry_row(book, i)->held & HELD_DIRECT;
    return came ? bodies_at(&book->bodies, entry_row(book, i)->body) : (Str){NULL, 0};
}

Str book_fact(const Book *book, uint32_t i)
{
    Entry e;
    if (i >= book->entries.n || held_by(entry_row(book, i)) == 0)
        return (Str){NULL, 0};
    Str body = bodies_at(&book->bodies, entry_row(book, i)->body);
    entry_view(body, &e);
    return e.kind == ENTRY_CARRIED ? (Str){NULL, 0} : body;
}

bool book_has_fact(const Book *book, Str body)
{
    Entry e;
    entry_view(body, &e);
    uint32_t i = entry_find(book, &e);
    return i != NO_ROW && held_by(entry_row(book, i)) != 0;
}

BookCounts book_counts(const Book *book)
{
    BookCounts counts = {.entries = book->entries.n, .unknown = book->n_unknown};
    for (int k = 0; k < ENTRY_KINDS; k++)
        counts.present[k] = book->n_present[k];
    return counts;
}
