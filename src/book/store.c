/* book/store.c - chunks, because a chunk never moves: a slice of a body stays valid as long as the
 * book, growing never copies what is there, and at most one chunk of each sort is partly empty, so a
 * million rows cost a million rows. The index is one array of four bytes a slot at a load of 7/16 to 7/8: of a
 * row's hash, the low bits are where its slot is looked for, and the high ones stand in the slot where its
 * number leaves room, so that hardly ever a stranger is looked at (Cleary 1984). Growing reads each row once. */
#include "book/store.h"
#include "base/os.h"
#include "book/later.h"
#include <string.h>

enum {
    BODY_CHUNKS_MAX = 1 << (32 - BODIES_SHIFT),
    LEN_BYTES = 3, /* a length in base 128 up to 2 MiB */
    INDEX_FIRST = 64
};

void *heap_grow(Heap *heap, void *old, int64_t old_bytes, int64_t new_bytes)
{
    if (new_bytes == 0) {
        os_free(old);
        heap->used_bytes -= old_bytes;
        return NULL;
    }
    if (heap->limit_bytes > 0 && heap->used_bytes + new_bytes - old_bytes > heap->limit_bytes)
        return NULL;
    void *p = os_realloc(old, new_bytes, 1);
    if (p)
        heap->used_bytes += new_bytes - old_bytes;
    return p;
}

/* One more chunk at the end of a list of chunks. */
static bool chunk_add(Heap *heap, char ***chunks, uint32_t *n, uint32_t *cap, int64_t bytes)
{
    if (*n == *cap) {
        uint32_t more = *cap ? *cap * 2 : 4;
        int64_t row = sizeof **chunks;
        char **grown = heap_grow(heap, *chunks, *cap * row, more * row);
        if (!grown)
            return false;
        *chunks = grown;
        *cap = more;
    }
    char *chunk = heap_grow(heap, NULL, 0, bytes);
    if (chunk)
        (*chunks)[(*n)++] = chunk;
    return chunk != NULL;
}

static int64_t rows_chunk(const Rows *rows)
{
    return (int64_t)rows->row_bytes << rows->shift;
}

bool rows_reserve(Heap *heap, Rows *rows, uint32_t more)
{
    if (more >= NO_ROW - rows->n)
        return false;
    while (rows->n + more > (uint64_t)rows->n_chunks << rows->shift) {
        if (!chunk_add(heap, &rows->chunks, &rows->n_chunks, &rows->cap_chunks, rows_chunk(rows)))
            return false;
    }
    return true;
}

uint32_t rows_run(const Rows *rows, uint32_t i)
{
    uint32_t in_chunk = (1u << rows->shift) - (i & ((1u << rows->shift) - 1));
    return rows->n - i < in_chunk ? rows->n - i : in_chunk;
}

uint32_t rows_push(Rows *rows)
{
    INVARIANT(rows->n < (uint64_t)rows->n_chunks << rows->shift);
    return rows->n++;
}

void rows_free(Heap *heap, Rows *rows)
{
    for (uint32_t i = 0; i < rows->n_chunks; i++)
        heap_grow(heap, rows->chunks[i], rows_chunk(rows), 0);
    heap_grow(heap, rows->chunks, (int64_t)sizeof *rows->chunks * rows->cap_chunks, 0);
    *rows = (Rows){.row_bytes = rows->row_bytes, .shift = rows->shift};
}

bool bodies_add_chunk(Heap *heap, Bodies *bodies)
{
    if (bodies->n_chunks == BODY_CHUNKS_MAX ||
        !chunk_add(heap, &bodies->chunks, &bodies->n_chunks, &bodies->cap_chunks,
                   bodies_chunk(bodies->n_chunks)))
        return false;
    uint32_t before = bodies->n_chunks - 1; /* its end goes into checkpoints too */
    if (before > 0)
        memset(bodies->chunks[before - 1] + bodies->used, 0,
               bodies_chunk(before - 1) - bodies->used);
    bodies->used = 0;
    return true;
}

bool bodies_reserve(Heap *heap, Bodies *bodies, int64_t len)
{
    if (len > BODIES_SMALL - LEN_BYTES)
        return false;
    if (bodies->n_chunks > 0 &&
        bodies->used + LEN_BYTES + len <= bodies_chunk(bodies->n_chunks - 1))
        return true;
    return bodies_add_chunk(heap, bodies);
}

uint32_t bodies_push(Bodies *bodies, Str body)
{
    INVARIANT(bodies->n_chunks > 0 &&
              bodies->used + LEN_BYTES + body.len <= bodies_chunk(bodies->n_chunks - 1));
    uint32_t pos = (bodies->n_chunks - 1) << BODIES_SHIFT | bodies->used;
    char *p = bodies->chunks[bodies->n_chunks - 1] + bodies->used;
    char *start = p;
    ptrdiff_t len = body.len;
    for (; len >= 0x80; len >>= 7)
        *p++ = (char)((len & 0x7f) | 0x80);
    *p++ = (char)len;
    memcpy(p, body.p, (size_t)body.len);
    bodies->used += (uint32_t)(p - start + body.len);
    return pos;
}

static bool is_here(const Bodies *bodies, uint32_t chunk, uint32_t at, uint32_t len)
{
    int64_t from = bodies_start(chunk) + at;
    return later_bring(bodies, from, from + len);
}

Str bodies_at(const Bodies *bodies, uint32_t pos)
{
    uint32_t chunk = pos >> BODIES_SHIFT, at = pos & (BODIES_CHUNK - 1), len = 0;
    if (chunk >= bodies->n_chunks)
        return (Str){NULL, 0};
    uint32_t end = chunk + 1 == bodies->n_chunks ? bodies->used : bodies_chunk(chunk);
    const char *p = bodies->chunks[chunk];
    if (bodies->later && !is_here(bodies, chunk, at, LEN_BYTES))
        return (Str){NULL, 0};
    for (int i = 0; i < LEN_BYTES && at < end; i++) {
        uint8_t b = (uint8_t)p[at++];
        len |= (uint32_t)(b & 0x7f) << (7 * i);
        if (b < 0x80) {
            bool whole = len <= end - at && (!bodies->later || is_here(bodies, chunk, at, len));
            return whole ? (Str){p + at, len} : (Str){NULL, 0};
        }
    }
    return (Str){NULL, 0};
}

static ptrdiff_t length_bytes(ptrdiff_t len)
{
    return len < 1 << 7 ? 1 : len < 1 << 14 ? 2 : LEN_BYTES;
}

Str bodies_whole(const Bodies *bodies, uint32_t pos)
{
    Str body = bodies_at(bodies, pos);
    if (str_is_null(body))
        return body;
    const char *start = bodies->chunks[pos >> BODIES_SHIFT] + (pos & (BODIES_CHUNK - 1));
    return (Str){start, body.p + body.len - start};
}

bool bodies_place(uint32_t *chunk, uint32_t *used, int64_t whole_len, uint32_t *ret_pos)
{
    if (*used + whole_len > bodies_chunk(*chunk)) {
        (*chunk)++;
        *used = 0;
    }
    *ret_pos = *chunk << BODIES_SHIFT | *used;
    *used += (uint32_t)whole_len;
    return *chunk < BODY_CHUNKS_MAX;
}

uint32_t bodies_within(const Bodies *bodies, uint32_t pos, Str part)
{
    const char *start = bodies->chunks[pos >> BODIES_SHIFT] + (pos & (BODIES_CHUNK - 1));
    uint32_t at = pos + (uint32_t)(part.p - length_bytes(part.len) - start);
    INVARIANT(bodies_at(bodies, at).p == part.p && bodies_at(bodies, at).len == part.len);
    return at;
}

void bodies_free(Heap *heap, Bodies *bodies)
{
    int64_t never_here = 0; /* before that, what was wiped already and what never came */
    if (bodies->later) {
        never_here = bodies->later->bytes;
        later_wipe(heap, bodies);
    }
    for (uint32_t i = 0; i < bodies->n_chunks; i++) {
        uint32_t used = i + 1 == bodies->n_chunks ? bodies->used : bodies_chunk(i);
        int64_t from = never_here - bodies_start(i);
        from = from > 0 ? from : 0;
        if (from < used)
            os_wipe(bodies->chunks[i] + from, (ptrdiff_t)(used - from));
        heap_grow(heap, bodies->chunks[i], bodies_chunk(i), 0);
    }
    heap_grow(heap, bodies->chunks, (int64_t)sizeof *bodies->chunks * bodies->cap_chunks, 0);
    *bodies = (Bodies){.used = 0};
}

/* Two rounds of multiply and fold over both halves of the id, keyed. */
uint32_t index_hash(const Index *index, uint16_t kind, Id id)
{
    uint64_t half[2];
    memcpy(half, id.b, sizeof half);
    uint64_t a = (half[0] ^ index->seed) * UINT64_C(0xbf58476d1ce4e5b9);
    a ^= a >> 32;
    a = (a ^ half[1] ^ kind) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(a >> 32 ^ a >> 3);
}

void index_add(Index *index, uint32_t hash, uint32_t row)
{
    uint32_t at = hash & (index->cap - 1);
    while (index->slots[at])
        at = (at + 1) & (index->cap - 1);
    index->slots[at] = (hash & ~(index->cap - 1)) | (row + 1);
    index->n++;
}

bool index_reserve(Heap *heap, Index *index, uint32_t more, IndexHash *hash_of, const void *ctx)
{
    uint64_t want = ((uint64_t)index->n + more) * 8 / 7 + 1;
    if (want <= index->cap)
        return true;
    uint64_t cap = index->cap ? index->cap : INDEX_FIRST;
    while (cap < want)
        cap *= 2;
    if (cap > UINT32_MAX / 2)
        return false;
    Index grown = {.cap = (uint32_t)cap, .seed = index->seed};
    grown.slots = heap_grow(heap, NULL, 0, (int64_t)(cap * sizeof *grown.slots));
    if (!grown.slots)
        return false;
    memset(grown.slots, 0, cap * sizeof *grown.slots);
    for (uint32_t row = 0; row < index->n; row++)
        index_add(&grown, hash_of(ctx, row), row);
    index_free(heap, index);
    *index = grown;
    return true;
}

void index_expect(const Index *index, uint32_t hash)
{
    __builtin_prefetch(&index->slots[hash & (index->cap - 1)], 1);
}

uint32_t index_next(const Index *index, uint32_t hash, uint32_t *slot)
{
    if (index->cap == 0)
        return NO_ROW;
    uint32_t mask = index->cap - 1;
    for (;;) {
        uint32_t s = index->slots[(*slot)++ & mask];
        if (s == 0)
            return NO_ROW;
        if (((s ^ hash) & ~mask) == 0)
            return (s & mask) - 1;
    }
}

void index_free(Heap *heap, Index *index)
{
    heap_grow(heap, index->slots, (int64_t)sizeof *index->slots * index->cap, 0);
    *index = (Index){.seed = index->seed};
}
