/* port/table.h - from text to a number, in constant time whatever a hostile file chose as text.
 * Shapes  a fixed number of keys, stated when it is made; each key once.
 * Errors  table_make returns false when the arena is full.
 * Memory  keys are borrowed; slots in the arena.
 * Thread  one thread at a time; table_seed asks the system for randomness, once for many tables.
 * Source  Aumasson and Bernstein, SipHash (2012), here with 1 and 3 rounds as in common hash tables. */
#ifndef PORT_TABLE_H
#define PORT_TABLE_H

#include "base/cx.h"

typedef struct TableSlot {
    Str key; /* p is NULL in a free slot */
    uint64_t hash;
    int64_t value;
} TableSlot;

typedef struct TableSeed {
    uint64_t key[2];
} TableSeed;

typedef struct Table {
    TableSeed seed;
    TableSlot *slots;
    uint64_t mask;
} Table;

TableSeed table_seed(void);
MUST_CHECK bool table_make(Arena *arena, TableSeed seed, ptrdiff_t most_keys, Table *ret);
/* The value kept for key, or NULL. */
const int64_t *table_find(const Table *table, Str key);
/* The value of key, which becomes value when it is new. Empty keys are not kept: returns NULL. */
int64_t *table_put(Table *table, Str key, int64_t value);

#endif
