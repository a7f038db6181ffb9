/* book/snapshot.c - the book as it lies in memory, to a checkpoint and back. Rows, index, timelines and bodies
 * are numbers and bytes without pointers, so they are written as they are and come back without being
 * worked out again: opening a book costs reading and opening its segments, whatever it holds. It is the
 * form of one build on one machine; the mark in front says which, and another build's is passed over.
 * Bodies are not decoded on the way in. They were when they first came, and the seal says that nobody
 * without the key has touched them since. But every number that leads anywhere is held against what is
 * there before it is followed, in one pass over the rows, so that no such file, whatever it holds, can
 * lead out of the book: chains go to earlier entries only and so end. Where a body lies is looked at whenever it
 * is, which costs less than going through all of them. Bodies come last, in the order of pack.c, so that a command can
 * leave most of them where they are (later.c). */
#include "base/os.h"
#include "book/later.h"
#include "book/pack.h"
#include <string.h>

enum { MARK_LEN = 8, LINES = 4, SLOT_BYTES = 4 };
static const char mark[MARK_LEN + 1] = "book5\0\0\0";

typedef struct Head {
    char mark[MARK_LEN];
    uint8_t build[OS_BUILD_BYTES];
    uint32_t row_bytes[4];
    uint32_t entries, objects, people, batches, body_chunks, body_used, index_cap, index_n;
    uint32_t lines[LINES];
    uint32_t wordless_from, wordless_to;
    uint64_t index_seed, version, hlc;
    int64_t n_unknown, n_present[ENTRY_KINDS];
} Head;

/* What stays of a person row; names are folded again. */
typedef struct Person {
    Id id;
    uint64_t version;
    BookRef object;
    uint32_t events;
    BookRef last[ENTRY_KINDS];
    uint32_t count[ENTRY_KINDS];
} Person;

static void line_list(Book *book, Timeline *ret[LINES])
{
    ret[0] = &book->everything;
    ret[1] = &book->alone;
    ret[2] = &book->batches;
    ret[3] = &book->by_name;
}

static Head head_of(Book *book, const Pack *pack)
{
    Timeline *lines[LINES];
    Head h;
    memset(&h, 0, sizeof h); /* padding too */
    memcpy(h.mark, mark, MARK_LEN);
    os_build_id(h.build);
    h.row_bytes[0] = book->entries.row_bytes;
    h.row_bytes[1] = book->objects.row_bytes;
    h.row_bytes[2] = sizeof(Person);
    h.row_bytes[3] = book->batch_rows.row_bytes;
    h.entries = book->entries.n;
    h.objects = book->objects.n;
    h.people = book->people.n;
    h.batches = book->batch_rows.n;
    h.body_chunks = pack->chunks;
    h.body_used = pack->used;
    h.wordless_from = pack->wordless_from;
    h.wordless_to = pack->wordless_to;
    h.index_cap = book->index.cap;
    h.index_n = book->index.n;
    line_list(book, lines);
    for (int i = 0; i < LINES; i++)
        h.lines[i] = lines[i]->n;
    h.index_seed = book->index.seed;
    h.version = book->version;
    h.hlc = book->hlc;
    h.n_unknown = book->n_unknown;
    memcpy(h.n_present, book->n_present, sizeof h.n_present);
    return h;
}

static int64_t bodies_bytes(const Head *h)
{
    return h->body_used + (h->body_chunks > 0 ? bodies_start(h->body_chunks - 1) : 0);
}

/* Without the people's events. */
static int64_t fixed_bytes(const Head *h)
{
    int64_t refs = 0;
    for (int i = 0; i < LINES; i++)
        refs += h->lines[i];
    return (int64_t)sizeof *h + (int64_t)h->entries * h->row_bytes[0] +
           (int64_t)h->objects * h->row_bytes[1] + (int64_t)h->people * h->row_bytes[2] +
           (int64_t)h->batches * h->row_bytes[3] + (int64_t)h->index_cap * SLOT_BYTES +
           refs * (int64_t)sizeof(BookRef) + bodies_bytes(h);
}

/* -- writing ----------------------------------------------------------------------------------- */

/* Each with the place that its body will have. */
static void put_entries(LogCheckpoint *out, const Book *book, const Pack *pack)
{
    enum { SOME = 256 };
    EntryRow rows[SOME];
    for (uint32_t i = 0, n = 0; i < book->entries.n; i += n) {
        for (n = 0; n < SOME && i + n < book->entries.n; n++) {
            rows[n] = *entry_row(book, i + n);
            rows[n].body = pack->pos[i + n];
        }
        log_checkpoint_put(out, rows, (int64_t)n * (int64_t)sizeof *rows);
    }
}

static void put_zeros(LogCheckpoint *out, int64_t n)
{
    static const char zeros[4096];
    for (; n > 0; n -= (int64_t)sizeof zeros)
        log_checkpoint_put(out, zeros, n < (int64_t)sizeof zeros ? n : (int64_t)sizeof zeros);
}

static void put_bodies(LogCheckpoint *out, const Book *book, const Pack *pack)
{
    int64_t at = 0;
    for (uint32_t k = 0; k < pack->n; k++) {
        uint32_t i = pack->order[k], pos = pack->pos[i];
        Str whole = bodies_whole(&book->bodies, entry_row(book, i)->body);
        if (str_is_null(whole))
            continue;
        int64_t to = bodies_start(pos >> BODIES_SHIFT) + (pos & (BODIES_CHUNK - 1));
        put_zeros(out, to - at); /* where a chunk ends */
        log_checkpoint_put(out, whole.p, whole.len);
        at = to + whole.len;
    }
}

static void put_rows(LogCheckpoint *out, const Rows *rows)
{
    for (uint32_t i = 0, n = 0; i < rows->n; i += n) {
        n = rows_run(rows, i);
        log_checkpoint_put(out, rows_at(rows, i), (int64_t)n * rows->row_bytes);
    }
}

static void put_line(LogCheckpoint *out, const Timeline *line)
{
    log_checkpoint_put(out, line->refs, (int64_t)line->n * (int64_t)sizeof *line->refs);
}

static void put_people(LogCheckpoint *out, const Book *book)
{
    for (uint32_t i = 0; i < book->people.n; i++) {
        const PersonRow *row = person_row(book, i);
        Person p;
        memset(&p, 0, sizeof p);
        p.id = row->id;
        p.version = row->version;
        p.object = row->object;
        p.events = row->events.n;
        memcpy(p.last, row->last, sizeof p.last);
        memcpy(p.count, row->count, sizeof p.count);
        log_checkpoint_put(out, &p, (int64_t)sizeof p);
    }
    for (uint32_t i = 0; i < book->people.n; i++)
        put_line(out, &person_row(book, i)->events);
}

int64_t snapshot_bytes(Book *book, const Pack *pack)
{
    Head h = head_of(book, pack);
    int64_t bytes = fixed_bytes(&h);
    for (uint32_t i = 0; i < book->people.n; i++)
        bytes += person_row(book, i)->events.n * (int64_t)sizeof(BookRef);
    return bytes;
}

void snapshot_put(Book *book, const Pack *pack, LogCheckpoint *out)
{
    Head h = head_of(book, pack);
    Timeline *lines[LINES];
    log_checkpoint_put(out, &h, (int64_t)sizeof h);
    put_entries(out, book, pack);
    put_rows(out, &book->objects);
    put_rows(out, &book->batch_rows);
    log_checkpoint_put(out, book->index.slots, (int64_t)h.index_cap * SLOT_BYTES);
    line_list(book, lines);
    for (int i = 0; i < LINES; i++)
        put_line(out, lines[i]);
    put_people(out, book);
    put_bodies(out, book, pack);
}

/* -- taking ------------------------------------------------------------------------------------ */

static bool take_rows(LogCheckpoint *in, Heap *heap, Rows *rows, uint32_t n)
{
    if (!rows_reserve(heap, rows, n))
        return false;
    rows->n = n;
    for (uint32_t i = 0, some = 0; i < n; i += some) {
        some = rows_run(rows, i);
        if (!log_checkpoint_take(in, rows_at(rows, i), (int64_t)some * rows->row_bytes))
            return false;
    }
    return true;
}

static bool take_line(LogCheckpoint *in, Book *book, Timeline *line, uint32_t n)
{
    int64_t bytes = (int64_t)n * (int64_t)sizeof *line->refs;
    if (n == 0)
        return true;
    line->refs = heap_grow(&book->heap, NULL, 0, bytes);
    if (!line->refs)
        return false;
    line->n = line->cap = line->sorted = n;
    return log_checkpoint_take(in, line->refs, bytes);
}

static bool take_index(LogCheckpoint *in, Book *book, const Head *h)
{
    int64_t bytes = (int64_t)h->index_cap * SLOT_BYTES;
    bool power = (h->index_cap & (h->index_cap - 1)) == 0;
    if (!power || (h->index_cap > 0 && h->index_n >= h->index_cap))
        return false;
    book->index = (Index){.seed = h->index_seed};
    if (bytes == 0)
        return true;
    book->index.slots = heap_grow(&book->heap, NULL, 0, bytes);
    if (!book->index.slots)
        return false;
    book->index.cap = h->index_cap;
    book->index.n = h->index_n;
    return log_checkpoint_take(in, book->index.slots, bytes);
}

/* Their place, and unless they come later they themselves. */
static bool take_bodies(LogCheckpoint **in, Book *book, const Head *h)
{
    for (uint32_t i = 0; i < h->body_chunks; i++) {
        bool last = i + 1 == h->body_chunks;
        uint32_t used = last ? h->body_used : bodies_chunk(i);
        if (used > bodies_chunk(i) || !bodies_add_chunk(&book->heap, &book->bodies) ||
            (!book->takes_later && !log_checkpoint_take(*in, book->bodies.chunks[i], used)))
            return false;
        book->bodies.used = used;
    }
    return log_checkpoint_left(*in) == (book->takes_later ? bodies_bytes(h) : 0) &&
           (!book->takes_later || later_begin(&book->heap, &book->bodies, in, bodies_bytes(h)));
}

static bool take_people(LogCheckpoint *in, Book *book, const Head *h)
{
    if (!rows_reserve(&book->heap, &book->people, h->people))
        return false;
    for (uint32_t i = 0; i < h->people; i++) {
        Person p;
        if (!log_checkpoint_take(in, &p, (int64_t)sizeof p))
            return false;
        PersonRow *row = person_row(book, rows_push(&book->people));
        *row =
            (PersonRow){.id = p.id, .object = p.object, .next_dirty = NO_ROW, .version = p.version};
        row->events = (Timeline){.holds = LINE_PERSON, .owner = i, .n = p.events};
        memcpy(row->last, p.last, sizeof row->last);
        memcpy(row->count, p.count, sizeof row->count);
    }
    for (uint32_t i = 0; i < h->people; i++) {
        Timeline *line = &person_row(book, i)->events;
        uint32_t n = line->n;
        line->n = 0;
        if ((int64_t)n * (int64_t)sizeof *line->refs > log_checkpoint_left(in) ||
            !take_line(in, book, line, n))
            return false;
    }
    return true;
}

/* -- holding it against itself ------------------------------------------------------------------- */

static bool entries_lead(const Book *book)
{
    for (uint32_t i = 0; i < book->entries.n; i++) {
        const EntryRow *row = entry_row(book, i);
        if ((row->next != NO_ROW && row->next >= i) ||
            (row->batch_next != NO_ROW && row->batch_next >= i))
            return false;
    }
    return true;
}

/* Rows of people and batches, and their objects, lead to each other. */
static bool extra_leads(const Book *book, BookRef ref, const ObjectRow *row)
{
    if (row->kind == ENTRY_PERSON)
        return row->extra < book->people.n && person_row(book, row->extra)->object == ref;
    if (row->kind == ENTRY_BATCH)
        return row->extra < book->batch_rows.n && batch_row(book, row->extra)->object == ref;
    return true;
}

static bool batches_lead(const Book *book)
{
    for (uint32_t i = 0; i < book->batch_rows.n; i++) {
        const BatchRow *row = batch_row(book, i);
        if (row->first != NO_ROW && row->first >= book->entries.n)
            return false;
    }
    return true;
}

static bool objects_lead(const Book *book)
{
    for (uint32_t i = 0; i < book->objects.n; i++) {
        ObjectRow *row = object_row(book, i);
        row->flags = (uint16_t)(row->flags & ~OBJ_SIGNED); /* signs are made anew */
        bool first = row->first == NO_ROW || row->first < book->entries.n;
        if (!first || (row->flags & OBJ_PENDING) || !extra_leads(book, i, row))
            return false;
    }
    return true;
}

static bool index_leads(const Book *book)
{
    uint32_t n = 0, mask = book->index.cap - 1;
    for (uint32_t i = 0; i < book->index.cap; i++) {
        uint32_t slot = book->index.slots[i];
        bool fine = slot == 0 || ((slot & mask) > 0 && (slot & mask) <= book->objects.n);
        if (!fine)
            return false;
        n += slot != 0;
    }
    return n == book->index.n && n == book->objects.n;
}

static bool line_leads(const Book *book, const Timeline *line, bool people)
{
    for (uint32_t i = 0; i < line->n; i++) {
        if (line->refs[i] >= book->objects.n ||
            (people && object_row(book, line->refs[i])->kind != ENTRY_PERSON))
            return false;
    }
    return true;
}

static bool person_leads(const Book *book, const PersonRow *row)
{
    if (row->object >= book->objects.n || object_row(book, row->object)->kind != ENTRY_PERSON)
        return false;
    for (int k = 0; k < ENTRY_KINDS; k++) {
        if (row->count[k] > 0 && row->last[k] >= book->objects.n)
            return false;
    }
    return line_leads(book, &row->events, false);
}

static bool all_leads(Book *book)
{
    Timeline *lines[LINES];
    line_list(book, lines);
    bool fine = true;
    for (uint32_t i = 0; fine && i < book->people.n; i++)
        fine = person_leads(book, person_row(book, i));
    fine =
        fine && objects_lead(book) && entries_lead(book) && batches_lead(book) && index_leads(book);
    for (int i = 0; fine && i < LINES; i++)
        fine = line_leads(book, lines[i], lines[i]->holds == LINE_PEOPLE);
    return fine;
}

static bool head_fits(const Head *h, const Book *book, int64_t bytes)
{
    uint8_t build[OS_BUILD_BYTES];
    return os_build_id(build) && memcmp(h->build, build, sizeof build) == 0 &&
           memcmp(h->mark, mark, MARK_LEN) == 0 && h->row_bytes[0] == book->entries.row_bytes &&
           h->row_bytes[1] == book->objects.row_bytes && h->row_bytes[2] == sizeof(Person) &&
           h->row_bytes[3] == book->batch_rows.row_bytes && fixed_bytes(h) <= bytes;
}

bool snapshot_take(Book *book, LogCheckpoint **source)
{
    Head h;
    Timeline *lines[LINES];
    LogCheckpoint *in = *source;
    int64_t bytes = log_checkpoint_left(in);
    if (!log_checkpoint_take(in, &h, (int64_t)sizeof h) || !head_fits(&h, book, bytes))
        return false;
    bool fine = take_rows(in, &book->heap, &book->entries, h.entries) &&
                take_rows(in, &book->heap, &book->objects, h.objects) &&
                take_rows(in, &book->heap, &book->batch_rows, h.batches) &&
                take_index(in, book, &h);
    line_list(book, lines);
    for (int i = 0; fine && i < LINES; i++)
        fine = take_line(in, book, lines[i], h.lines[i]);
    fine = fine && take_people(in, book, &h) && take_bodies(source, book, &h) && all_leads(book);
    for (uint32_t i = 0; fine && i < h.people; i++)
        fine = person_fold_names(book, person_row(book, i));
    book->version = h.version;
    book->hlc = h.hlc;
    book->wordless_from = h.wordless_from;
    book->wordless_to = h.wordless_to;
    book->n_unknown = h.n_unknown;
    memcpy(book->n_present, h.n_present, sizeof book->n_present);
    return fine && !book_is_broken(book);
}
