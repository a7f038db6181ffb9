/* book/timeline.c - sorted arrays of refs. Nearly everything is written in the order in which it
 * happens, or a few days late, so it is appended or put in near the end at bounded cost; what is from
 * long ago waits unsorted at the end and is merged in by line_tidy, by binary search when it is a
 * little, by a sort digit by digit and a merge when it is a lot. Taking out is a binary search too; after a few dozen at once (an import undone) the line is
 * marked stale instead and swept in one pass, so that n removals cost O(n) and not O(n^2). */
#define _GNU_SOURCE /* qsort_r */
#include "book/model.h"
#include <stdlib.h>
#include <string.h>

enum { LINE_FIRST = 8, FEW = 32, NEAR = 4096, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static Str sort_name(const Book *book, BookRef ref)
{
    const PersonRow *person = person_of(book, ref);
    return person ? (Str){person->folded, person->folded_len} : (Str){NULL, 0};
}

int line_cmp(const Book *book, const Timeline *line, BookRef a, BookRef b)
{
    int c = 0;
    if (line->holds == LINE_PEOPLE) {
        c = str_cmp(sort_name(book, a), sort_name(book, b));
    } else {
        int64_t x = object_at(book, a), y = object_at(book, b);
        c = (x > y) - (x < y);
    }
    if (c != 0 || a == b)
        return c;
    c = id_cmp(object_id(book, a), object_id(book, b));
    return c != 0 ? c : object_row(book, a)->kind - object_row(book, b)->kind;
}

bool line_reserve(Book *book, Timeline *line)
{
    if (line->n < line->cap)
        return true;
    uint32_t cap = line->cap < LINE_FIRST ? LINE_FIRST : line->cap + line->cap / 4;
    int64_t size = sizeof *line->refs;
    BookRef *grown = heap_grow(&book->heap, line->refs, line->cap * size, cap * size);
    if (!grown)
        return false;
    line->refs = grown;
    line->cap = cap;
    return true;
}

/* Where ref stands, or would stand, within lo .. hi. */
static uint32_t seek_ref(const Book *book, const Timeline *line, BookRef ref, uint32_t lo,
                         uint32_t hi)
{
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (line_cmp(book, line, line->refs[mid], ref) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void insert_at(Timeline *line, uint32_t at, uint32_t end, BookRef ref)
{
    memmove(line->refs + at + 1, line->refs + at, (end - at) * sizeof ref);
    line->refs[at] = ref;
}

void line_add(Book *book, Timeline *line, BookRef ref)
{
    INVARIANT(line->n < line->cap);
    uint32_t n = line->n++, near = n > NEAR ? n - NEAR : 0;
    line->refs[n] = ref;
    if (line->stale || line->sorted < n)
        return;
    if (n > 0 && line_cmp(book, line, line->refs[n - 1], ref) > 0) {
        if (near > 0 && line_cmp(book, line, line->refs[near], ref) > 0)
            return; /* from long ago: that waits */
        insert_at(line, seek_ref(book, line, ref, near, n), n, ref);
    }
    line->sorted++;
}

uint32_t line_seek(const Book *book, const Timeline *line, int64_t at_ms)
{
    uint32_t lo = 0, hi = line->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (object_at(book, line->refs[mid]) < at_ms)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Keeps the person's counts and latest events true when one was taken out. */
static void uncount(Book *book, Timeline *line, BookRef ref, uint32_t from)
{
    PersonRow *person = person_row(book, line->owner);
    uint16_t kind = object_row(book, ref)->kind;
    person->count[kind]--;
    if (person->last[kind] != ref || person->count[kind] == 0)
        return;
    for (uint32_t i = from; i-- > 0;) {
        if (object_row(book, line->refs[i])->kind == kind) {
            person->last[kind] = line->refs[i];
            return;
        }
    }
}

void line_remove(Book *book, Timeline *line, BookRef ref)
{
    if (line->stale || line->sorted < line->n || book->removals >= FEW) {
        line->stale = true;
        return;
    }
    book->removals++;
    uint32_t at = seek_ref(book, line, ref, 0, line->n);
    if (at == line->n || line->refs[at] != ref) {
        INVARIANT(book_is_broken(book)); /* ids that could not be read */
        line->stale = true;
        return;
    }
    line->n--;
    line->sorted--;
    memmove(line->refs + at, line->refs + at + 1, (line->n - at) * sizeof ref);
    if (line->holds == LINE_PERSON)
        uncount(book, line, ref, at);
}

static bool belongs(const Book *book, const Timeline *line, BookRef ref)
{
    const ObjectRow *row = object_row(book, ref);
    if (!(row->flags & OBJ_PLACED))
        return false;
    if (line->holds != LINE_PERSON && line->holds != LINE_ALONE)
        return true;
    EventFacts facts;
    fold_event(book, ref, &facts);
    if (line->holds == LINE_ALONE)
        return facts.n == 0;
    Id owner = person_row(book, line->owner)->id;
    for (int i = 0; i < facts.n; i++) {
        if (id_eq(facts.people[i], owner))
            return true;
    }
    return false;
}

typedef struct SortBy {
    const Book *book;
    const Timeline *line;
} SortBy;

static int by_line(const void *a, const void *b, void *arg)
{
    const SortBy *by = arg;
    return line_cmp(by->book, by->line, *(const BookRef *)a, *(const BookRef *)b);
}

static void sort_by_row(const Book *book, const Timeline *line, BookRef refs[], uint32_t n)
{
    qsort_r(refs, n, sizeof *refs, by_line, &(SortBy){book, line});
}

typedef struct Key {
    uint64_t at; /* after the earliest */
    BookRef ref;
} Key;

/* One digit: from[] into to[], those alike in the order they had. */
static void sort_digit(const Key from[], Key to[], uint32_t n, int shift)
{
    uint32_t starts[DIGITS] = {0}, at = 0;
    for (uint32_t i = 0; i < n; i++)
        starts[from[i].at >> shift & (DIGITS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
        uint32_t count = starts[d];
        starts[d] = at;
        at += count;
    }
    for (uint32_t i = 0; i < n; i++)
        to[starts[from[i].at >> shift & (DIGITS - 1)]++] = from[i];
}

/* By instant, digit by digit, so that no row is touched but to read its instant; only those of one instant are
 * compared as the line compares. A life of a million events costs four passes. */
static void sort_keys(const Book *book, const Timeline *line, BookRef refs[], Key keys[],
                      uint32_t n)
{
    int64_t least = INT64_MAX;
    uint64_t most = 0;
    Key *from = keys, *to = keys + n;
    for (uint32_t i = 0; i < n; i++) {
        int64_t at = object_at(book, refs[i]);
        from[i] = (Key){(uint64_t)at, refs[i]};
        least = at < least ? at : least;
    }
    for (uint32_t i = 0; i < n; i++) {
        from[i].at -= (uint64_t)least;
        most = from[i].at > most ? from[i].at : most;
    }
    for (int shift = 0; shift < 64 && most >> shift != 0; shift += DIGIT_BITS) {
        sort_digit(from, to, n, shift);
        Key *swap = from;
        from = to;
        to = swap;
    }
    for (uint32_t i = 0; i < n; i++)
        refs[i] = from[i].ref;
    for (uint32_t i = 0, end = 0; i < n; i = end) {
        for (end = i + 1; end < n && from[end].at == from[i].at;)
            end++;
        if (end - i > 1)
            sort_by_row(book, line, refs + i, end - i);
    }
}

static void sort_line(Book *book, const Timeline *line, BookRef refs[], uint32_t n)
{
    int64_t bytes = 2 * (int64_t)n * (int64_t)sizeof(Key);
    bool timed = line->holds != LINE_PEOPLE && n > FEW;
    Key *keys = timed ? heap_grow(&book->heap, NULL, 0, bytes) : NULL;
    if (!keys) { /* few, by name, or no memory to spare */
        sort_by_row(book, line, refs, n);
        return;
    }
    sort_keys(book, line, refs, keys, n);
    heap_grow(&book->heap, keys, bytes, 0);
}

/* Merges tail[0..n) behind the line's first `sorted`, from the back; room is there. */
static void merge(const Book *book, Timeline *line, const BookRef tail[], uint32_t n)
{
    uint32_t left = line->sorted, to = line->sorted + n;
    line->n = line->sorted = to;
    while (n > 0) {
        if (left > 0 && line_cmp(book, line, line->refs[left - 1], tail[n - 1]) > 0)
            line->refs[--to] = line->refs[--left];
        else
            line->refs[--to] = tail[--n];
    }
}

/* Splits what is surely in order from the rest, drops from the rest what no longer belongs, sorts it
 * and merges it back. */
static bool sweep(Book *book, Timeline *line)
{
    uint32_t rest_max = line->n - line->sorted;
    for (uint32_t i = 0; line->stale && i < line->sorted; i++)
        rest_max += (object_row(book, line->refs[i])->flags & OBJ_MOVED) != 0;
    int64_t bytes = (int64_t)rest_max * sizeof(BookRef) + 1;
    BookRef *rest = heap_grow(&book->heap, NULL, 0, bytes);
    if (!rest)
        return false;
    uint32_t kept = 0, n = 0, unique = 0;
    for (uint32_t i = 0; i < line->n; i++) {
        BookRef ref = line->refs[i];
        bool sure = i < line->sorted;
        if (sure && line->stale)
            sure = !(object_row(book, ref)->flags & OBJ_MOVED);
        if (sure)
            line->refs[kept++] = ref;
        else if (!line->stale || belongs(book, line, ref))
            rest[n++] = ref;
    }
    sort_line(book, line, rest, n);
    for (uint32_t i = 0; i < n; i++) {
        if (unique == 0 || rest[unique - 1] != rest[i])
            rest[unique++] = rest[i];
    }
    line->sorted = kept;
    merge(book, line, rest, unique);
    heap_grow(&book->heap, rest, bytes, 0);
    return true;
}

static void insert_few(Book *book, Timeline *line)
{
    for (; line->sorted < line->n; line->sorted++) {
        BookRef ref = line->refs[line->sorted];
        uint32_t at = seek_ref(book, line, ref, 0, line->sorted);
        insert_at(line, at, line->sorted, ref);
    }
}

static void recount(Book *book, const Timeline *line)
{
    PersonRow *person = person_row(book, line->owner);
    memset(person->count, 0, sizeof person->count);
    for (uint32_t i = 0; i < line->n; i++) {
        uint16_t kind = object_row(book, line->refs[i])->kind;
        person->count[kind]++;
        person->last[kind] = line->refs[i];
    }
}

bool line_tidy(Book *book, Timeline *line)
{
    if (!line->stale && line->n - line->sorted <= FEW) {
        insert_few(book, line);
        return true;
    }
    if (!sweep(book, line))
        return false;
    if (line->stale && line->holds == LINE_PERSON)
        recount(book, line);
    line->stale = false;
    return true;
}
