/* base/arena.c - a chain of blocks, newest last. An allocation is a bump of one pointer; a block is
 * twice its predecessor, so n bytes cost O(log n) calls of malloc. Large blocks come zeroed from
 * calloc, so only what was handed out is wiped on reset: cost grows with use, never with capacity. What is reset and
 * used again and again comes to one block that holds all of it, and calls malloc no more. */
#include "base/arena.h"
#include "base/os.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct ArenaBlock {
    ArenaBlock *next;
    ptrdiff_t used, cap;
    char *data;
};

enum { BLOCK_FIRST = 16 << 10, BLOCK_MOST = 64 << 20, BLOCK_KEPT = 1 << 20, LARGE_PAGE = 2 << 20 };

void arena_init(Arena *arena, ptrdiff_t limit_bytes)
{
    *arena = (Arena){.limit_bytes = limit_bytes, .fail_after = -1};
}

static void *take(Arena *arena, ArenaBlock *b, ptrdiff_t bytes, ptrdiff_t align)
{
    ptrdiff_t pad = (ptrdiff_t)(-(uintptr_t)(b->data + b->used) & (uintptr_t)(align - 1));
    if (b->cap - b->used < pad || b->cap - b->used - pad < bytes)
        return NULL;
    char *p = b->data + b->used + pad;
    b->used += pad + bytes;
    arena->used_bytes += pad + bytes;
    return p;
}

/* Touching a large block page by page is a quarter of the time of filling it; the system may use its
 * large pages instead. It is a hint: whether it is taken changes nothing but time. */
static void ask_for_large_pages(ArenaBlock *b, ptrdiff_t cap)
{
    uintptr_t page = LARGE_PAGE, from = ((uintptr_t)b + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)b + (uintptr_t)cap) & ~(page - 1);
    if (cap >= 2 * LARGE_PAGE && from < to)
        (void)madvise((char *)b + (from - (uintptr_t)b), to - from, MADV_HUGEPAGE);
}

static ArenaBlock *block_new(ptrdiff_t cap)
{
    ArenaBlock *b = calloc(1, sizeof *b + (size_t)cap);
    if (b) {
        ask_for_large_pages(b, cap);
        b->cap = cap;
        b->data = (char *)(b + 1);
    }
    return b;
}

void *arena_alloc(Arena *arena, ptrdiff_t count, ptrdiff_t size, ptrdiff_t align)
{
    ptrdiff_t bytes = 0;
    if (count < 0 || size < 0 || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    if (arena->fail_after >= 0 && arena->fail_after-- == 0)
        return NULL;
    if (bytes > arena->limit_bytes - arena->used_bytes)
        return NULL;
    void *p = arena->last ? take(arena, arena->last, bytes, align) : NULL;
    if (p)
        return p;
    ptrdiff_t cap = arena->last ? arena->last->cap : BLOCK_FIRST / 2;
    cap = cap < BLOCK_MOST / 2 ? cap * 2 : BLOCK_MOST;
    if (cap < bytes + align)
        cap = bytes + align;
    ArenaBlock *b = block_new(cap);
    if (!b)
        return NULL;
    if (arena->last)
        arena->last->next = b;
    else
        arena->first = b;
    arena->last = b;
    return take(arena, b, bytes, align);
}

void *arena_grow(Arena *arena, void *old, ptrdiff_t old_count, ptrdiff_t new_count, ptrdiff_t size,
                 ptrdiff_t align)
{
    ArenaBlock *b = arena->last;
    ptrdiff_t old_bytes = old_count * size;
    ptrdiff_t more = 0;
    if (new_count <= old_count || __builtin_mul_overflow(new_count - old_count, size, &more))
        return new_count <= old_count ? old : NULL;
    bool at_end = b && old && (char *)old + old_bytes == b->data + b->used;
    if (at_end && b->cap - b->used >= more && arena->limit_bytes - arena->used_bytes >= more &&
        arena->fail_after < 0) {
        b->used += more;
        arena->used_bytes += more;
        return old;
    }
    void *p = arena_alloc(arena, new_count, size, align);
    if (p && old_bytes > 0)
        memcpy(p, old, (size_t)old_bytes);
    return p;
}

static void drop(ArenaBlock *b)
{
    os_wipe(b->data, b->used);
    free(b);
}

/* The newest block that is not too large to be held for what may come: each is larger than those before it. */
static ArenaBlock *to_keep(ArenaBlock *first)
{
    ArenaBlock *kept = first;
    for (ArenaBlock *b = first; b && b->cap <= BLOCK_KEPT; b = b->next)
        kept = b;
    return kept;
}

void arena_reset(Arena *arena)
{
    ArenaBlock *kept = to_keep(arena->first);
    for (ArenaBlock *b = arena->first, *next = NULL; b; b = next) {
        next = b->next;
        if (b != kept)
            drop(b);
    }
    if (kept) {
        os_wipe(kept->data, kept->used);
        kept->used = 0;
        kept->next = NULL;
    }
    arena->first = arena->last = kept;
    arena->used_bytes = 0;
}

void arena_free(Arena *arena)
{
    arena_reset(arena);
    if (arena->first)
        drop(arena->first);
    arena->first = arena->last = NULL;
}

void arena_fail_after(Arena *arena, int64_t allocations)
{
    arena->fail_after = allocations;
}
