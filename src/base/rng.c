/* base/rng.c */
#include "base/rng.h"
#include <math.h>

Rng rng_make(uint64_t seed)
{
    /* A round of SplitMix64, so that neighbouring seeds start far apart; the state is never 0. */
    uint64_t z = seed + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (Rng){(z ^ z >> 31) | 1};
}

uint64_t rng_u64(Rng *rng)
{
    rng->state ^= rng->state >> 12;
    rng->state ^= rng->state << 25;
    rng->state ^= rng->state >> 27;
    return rng->state * UINT64_C(0x2545F4914F6CDD1D);
}

double rng_uniform(Rng *rng)
{
    return ((double)(rng_u64(rng) >> 11) + .5) * 0x1p-53;
}

double rng_normal(Rng *rng)
{
    double u = rng_uniform(rng), v = rng_uniform(rng);
    return sqrt(-2 * log(u)) * cos(6.283185307179586477 * v);
}

int rng_below(Rng *rng, int n)
{
    return (int)(rng_uniform(rng) * n);
}
