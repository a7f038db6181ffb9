/* base/arena.h - memory that is given back all at once.
 * Shapes  a chain of blocks that grows by doubling up to limit_bytes.
 * Errors  arena_alloc returns NULL when the limit or the system's memory is reached; nothing else fails.
 * Memory  pointers live until arena_reset or arena_free. Both wipe what was used, since requests carry
 *         plaintext. arena_fail_after makes the nth allocation from now fail, for fault sweeps.
 * Thread  one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *first, *last;
    ptrdiff_t used_bytes;  /* handed out since the last reset, without block heads */
    ptrdiff_t limit_bytes; /* most that may be handed out */
    int64_t fail_after;    /* < 0: never */
} Arena;

enum { ARENA_LIMIT_DEFAULT = 1 << 28 };

void arena_init(Arena *arena, ptrdiff_t limit_bytes);
/* count * size zeroed bytes aligned to align (a power of two, at most 64). */
void *arena_alloc(Arena *arena, ptrdiff_t count, ptrdiff_t size, ptrdiff_t align);
/* Grows the array at old (old_count of size) to new_count, in place when it was the last allocation. */
void *arena_grow(Arena *arena, void *old, ptrdiff_t old_count, ptrdiff_t new_count, ptrdiff_t size,
                 ptrdiff_t align);
void arena_reset(Arena *arena); /* wipes; keeps one block, of at most a MiB if several */
void arena_free(Arena *arena);  /* wipes; gives everything back */
void arena_fail_after(Arena *arena, int64_t allocations);

/* arena_new(arena, Person, 3): a zeroed Person[3], or NULL. */
#define arena_new(arena, Type, count)                                                              \
    ((Type *)arena_alloc((arena), (count), (ptrdiff_t)sizeof(Type), (ptrdiff_t)_Alignof(Type)))

/* AUTO_ARENA Arena scratch; arena_init(&scratch, limit): freed and wiped at the end of the scope. */
#define AUTO_ARENA __attribute__((cleanup(arena_free)))

#endif
