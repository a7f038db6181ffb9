/* book/store.h - where a book keeps things: counted memory, rows that never move, bodies, an index.
 * Shapes  Rows: fixed-size rows in chunks, named by number. Bodies: length-prefixed byte strings in
 *         chunks of 1 MiB, named by position. Index: open addressing over row numbers, no removal.
 * Errors  false when memory or the limit is used up; nothing has changed then.
 * Memory  all of it counted in Heap.used_bytes; *_free gives it back, bodies wiped.
 * Thread  one thread at a time. */
#ifndef BOOK_STORE_H
#define BOOK_STORE_H

#include "base/id.h"

#define NO_ROW UINT32_MAX

typedef struct Heap {
    int64_t used_bytes, limit_bytes;
} Heap;

/* As realloc; new bytes are zero. new_bytes 0 frees. */
void *heap_grow(Heap *heap, void *old, int64_t old_bytes, int64_t new_bytes);

typedef struct Rows {
    char **chunks;
    uint32_t n, n_chunks, cap_chunks;
    uint32_t row_bytes;
} Rows;
enum { ROWS_SHIFT = 10, ROWS_IN_CHUNK = 1 << ROWS_SHIFT };

bool rows_reserve(Heap *heap, Rows *rows, uint32_t more);
uint32_t rows_push(Rows *rows); /* within what was reserved; the row is zero */
void rows_free(Heap *heap, Rows *rows);
static inline void *rows_at(const Rows *rows, uint32_t i)
{
    return rows->chunks[i >> ROWS_SHIFT] + (uint64_t)(i & (ROWS_IN_CHUNK - 1)) * rows->row_bytes;
}

enum { BODIES_SHIFT = 20, BODIES_CHUNK = 1 << BODIES_SHIFT };
typedef struct Bodies {
    char **chunks;
    uint32_t n_chunks, cap_chunks;
    uint32_t used; /* of the last chunk */
} Bodies;

bool bodies_reserve(Heap *heap, Bodies *bodies, int64_t len);
uint32_t bodies_push(Bodies *bodies, Str body); /* within what was reserved */
bool bodies_add_chunk(Heap *heap, Bodies *bodies);      /* one more, not used yet */
Str bodies_at(const Bodies *bodies, uint32_t pos);
bool bodies_sound(const Bodies *bodies, uint32_t pos); /* is a whole body there? */
/* The position of a part of the body at pos that has its length in front of it, as bodies have. */
uint32_t bodies_within(const Bodies *bodies, uint32_t pos, Str part);
void bodies_free(Heap *heap, Bodies *bodies);

typedef struct Slot {
    uint32_t row; /* row number + 1; 0 is empty */
    uint32_t hash;
} Slot;

typedef struct Index {
    Slot *slots;
    uint32_t cap, n;
    uint64_t seed; /* so that nobody can choose ids that collide */
} Index;

uint32_t index_hash(const Index *index, uint16_t kind, Id id);
bool index_reserve(Heap *heap, Index *index, uint32_t more);
void index_add(Index *index, uint32_t hash, uint32_t row);
/* The next row of this hash; NO_ROW at the end. *slot starts as the hash. */
uint32_t index_next(const Index *index, uint32_t hash, uint32_t *slot);
void index_free(Heap *heap, Index *index);

#endif
