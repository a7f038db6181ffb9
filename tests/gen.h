/* tests/gen.h - bytes become values. The same makers feed seeded property tests and fuzzers: a seed
 * is stretched into bytes, a fuzzer brings its own; when they run out every choice is 0. Memory
 * none. */
#ifndef TEST_GEN_H
#define TEST_GEN_H

#include "base/id.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct Gen {
    const uint8_t *bytes; /* NULL: a generator seeded by state */
    ptrdiff_t left;
    uint64_t state;
} Gen;

static inline Gen gen_seed(uint64_t seed)
{
    return (Gen){.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
}

static inline Gen gen_bytes(const uint8_t *bytes, ptrdiff_t len)
{
    return (Gen){.bytes = bytes, .left = len};
}

/* splitmix64 (S. Vigna, public domain algorithm), or the next eight bytes given. */
static inline uint64_t gen_u64(Gen *g)
{
    uint64_t v = 0;
    if (g->bytes) {
        for (int i = 0; i < 8 && g->left > 0; i++, g->left--)
            v |= (uint64_t)*g->bytes++ << (8 * i);
        return v;
    }
    v = g->state += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return v ^ v >> 31;
}

/* min..max, both included. */
static inline int64_t gen_int(Gen *g, int64_t min, int64_t max)
{
    uint64_t span = (uint64_t)max - (uint64_t)min + 1;
    uint64_t v = gen_u64(g);
    return (int64_t)((uint64_t)min + (span ? v % span : v));
}

static inline bool gen_chance(Gen *g, int percent)
{
    return gen_int(g, 0, 99) >= 100 - percent;
}

/* One of a small set of ids, so that generated facts meet each other. */
static inline Id gen_id(Gen *g, int of)
{
    Id id = {{0}};
    uint64_t v = ((uint64_t)gen_int(g, 1, of)) * UINT64_C(0xbf58476d1ce4e5b9);
    for (int i = 0; i < 8; i++)
        id.b[i] = id.b[15 - i] = (uint8_t)(v >> (8 * i));
    return id;
}

#endif
