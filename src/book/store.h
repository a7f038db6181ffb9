/* book/store.h - where a book keeps things: counted memory, rows that never move, bodies, an index.
 * Shapes  Rows: fixed-size rows in chunks, named by number. Bodies: length-prefixed byte strings in
 *         chunks of up to 1 MiB, named by position. Index: open addressing over row numbers, no removal.
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

/* As realloc; new_bytes 0 frees. */
void *heap_grow(Heap *heap, void *old, int64_t old_bytes, int64_t new_bytes);

typedef struct Rows {
    char **chunks;
    uint32_t n, n_chunks, cap_chunks;
    uint16_t row_bytes;
    uint16_t shift; /* 1 << shift rows in a chunk */
} Rows;

bool rows_reserve(Heap *heap, Rows *rows, uint32_t more);
uint32_t rows_push(Rows *rows); /* within what was reserved; whoever pushes a row fills it */
void rows_free(Heap *heap, Rows *rows);
static inline void *rows_at(const Rows *rows, uint32_t i)
{
    return rows->chunks[i >> rows->shift] +
           (uint64_t)(i & ((1u << rows->shift) - 1)) * rows->row_bytes;
}
/* How many rows lie together from i on. */
uint32_t rows_run(const Rows *rows, uint32_t i);

/* The first chunks are small, so that a small book is; the rest are what a position has room for. */
enum {
    BODIES_SHIFT = 20,
    BODIES_CHUNK = 1 << BODIES_SHIFT,
    BODIES_SMALL = 272 << 10, /* the largest body and its length */
    BODIES_SMALL_CHUNKS = 32
};
static inline uint32_t bodies_chunk(uint32_t i)
{
    return i < BODIES_SMALL_CHUNKS ? BODIES_SMALL : BODIES_CHUNK;
}
typedef struct Bodies {
    char **chunks;
    uint32_t n_chunks, cap_chunks;
    uint32_t used;       /* of the last chunk */
    struct Later *later; /* brings what is not here yet (later.h); NULL: all is */
} Bodies;
/* Chunk behind chunk, where one begins and which one a byte is in. */
static inline int64_t bodies_start(uint32_t chunk)
{
    uint32_t small = chunk < BODIES_SMALL_CHUNKS ? chunk : BODIES_SMALL_CHUNKS;
    return (int64_t)small * BODIES_SMALL + (int64_t)(chunk - small) * BODIES_CHUNK;
}
static inline uint32_t bodies_chunk_of(int64_t at)
{
    const int64_t small = (int64_t)BODIES_SMALL_CHUNKS * BODIES_SMALL;
    return (uint32_t)(at < small ? at / BODIES_SMALL
                                 : BODIES_SMALL_CHUNKS + (at - small) / BODIES_CHUNK);
}

bool bodies_reserve(Heap *heap, Bodies *bodies, int64_t len);
uint32_t bodies_push(Bodies *bodies, Str body);    /* within what was reserved */
bool bodies_add_chunk(Heap *heap, Bodies *bodies); /* one more, not used yet */
/* A null slice where no whole body can be: a checkpoint that somebody made up may say anything, and what comes later may
 * not come. */
Str bodies_at(const Bodies *bodies, uint32_t pos);
/* The same with its length in front; one more body behind the last one at *chunk, *used: false when no chunk is left. */
Str bodies_whole(const Bodies *bodies, uint32_t pos);
bool bodies_place(uint32_t *chunk, uint32_t *used, int64_t whole_len, uint32_t *ret_pos);
/* The position of a part of the body at pos that has its length in front of it, as bodies have. */
uint32_t bodies_within(const Bodies *bodies, uint32_t pos, Str part);
void bodies_free(Heap *heap, Bodies *bodies);

/* A slot is the row number + 1 in as many bits as cap needs, and above it the bits of the hash that do not
 * say where the slot is; 0 is empty. */
typedef struct Index {
    uint32_t *slots;
    uint32_t cap, n; /* rows 0 .. n - 1 are in it */
    uint64_t seed;   /* so that nobody can choose ids that collide */
} Index;

uint32_t index_hash(const Index *index, uint16_t kind, Id id);
/* Growing asks for the hash of every row again. */
typedef uint32_t IndexHash(const void *ctx, uint32_t row);
bool index_reserve(Heap *heap, Index *index, uint32_t more, IndexHash *hash_of, const void *ctx);
void index_add(Index *index, uint32_t hash, uint32_t row);
/* This hash will be looked for soon. */
void index_expect(const Index *index, uint32_t hash);
/* The next row that may be of this hash; NO_ROW at the end. *slot starts as the hash. */
uint32_t index_next(const Index *index, uint32_t hash, uint32_t *slot);
void index_free(Heap *heap, Index *index);

#endif
