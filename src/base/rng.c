/* base/rng.c */
#include "base/rng.h"
#include <math.h>

Rng rng_make(uint64_t seed)
{
    return (Rng){seed};
}

uint64_t rng_u64(Rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

double rng_uniform(Rng *rng)
{
    return ((double)(rng_u64(rng) >> 11) + .5) * 0x1p-53;
}

double rng_normal(Rng *rng)
{
    for (;;) {
        double x = 2 * rng_uniform(rng) - 1;
        double y = 2 * rng_uniform(rng) - 1;
        double s = x * x + y * y;
        if (s > 0 && s < 1)
            return x * sqrt(-2 * log(s) / s);
    }
}

int rng_below(Rng *rng, int n)
{
    return (int)(rng_uniform(rng) * n);
}
