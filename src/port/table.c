/* port/table.c - open addressing at half load, so a look-up meets about one slot. The seed is secret and
 * the hash keyed: nobody can write a file whose keys all meet in one slot. */
#include "port/table.h"
#include "base/os.h"
#include <string.h>

static uint64_t turn(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void rounds(uint64_t v[4], int n)
{
    for (; n > 0; n--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turn(v[1], 13) ^ v[0];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] = turn(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turn(v[1], 17) ^ v[2];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] = turn(v[2], 32);
    }
}

static uint64_t hash_of(const Table *table, Str key)
{
    uint64_t v[4] = {
        table->seed.key[0] ^ 0x736f6d6570736575u, table->seed.key[1] ^ 0x646f72616e646f6du,
        table->seed.key[0] ^ 0x6c7967656e657261u, table->seed.key[1] ^ 0x7465646279746573u};
    ptrdiff_t i = 0;
    uint64_t w = 0;
    for (; key.len - i >= 8; i += 8) {
        memcpy(&w, key.p + i, 8);
        v[3] ^= w;
        rounds(v, 1);
        v[0] ^= w;
    }
    w = (uint64_t)key.len << 56;
    for (int shift = 0; i < key.len; i++, shift += 8)
        w |= (uint64_t)(unsigned char)key.p[i] << shift;
    v[3] ^= w;
    rounds(v, 1);
    v[0] ^= w;
    v[2] ^= 0xff;
    rounds(v, 3);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

TableSeed table_seed(void)
{
    TableSeed seed;
    os_random(&seed, sizeof seed);
    return seed;
}

bool table_make(Arena *arena, TableSeed seed, ptrdiff_t most_keys, Table *ret)
{
    ptrdiff_t n = 8;
    while (n < 2 * most_keys)
        n *= 2;
    TableSlot *slots = arena_new(arena, TableSlot, n);
    if (!slots)
        return false;
    *ret = (Table){.seed = seed, .slots = slots, .mask = (uint64_t)n - 1};
    return true;
}

static TableSlot *slot_of(const Table *table, Str key, uint64_t hash)
{
    for (uint64_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        TableSlot *slot = &table->slots[i];
        if (!slot->key.p || (slot->hash == hash && str_eq(slot->key, key)))
            return slot;
    }
}

const int64_t *table_find(const Table *table, Str key)
{
    if (key.len == 0)
        return NULL;
    const TableSlot *slot = slot_of(table, key, hash_of(table, key));
    return slot->key.p ? &slot->value : NULL;
}

int64_t *table_put(Table *table, Str key, int64_t value)
{
    if (key.len == 0)
        return NULL;
    uint64_t hash = hash_of(table, key);
    TableSlot *slot = slot_of(table, key, hash);
    if (!slot->key.p)
        *slot = (TableSlot){key, hash, value};
    return &slot->value;
}
