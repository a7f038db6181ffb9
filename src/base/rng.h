/* base/rng.h - repeatable pseudo-random numbers, for examples, simulations and tests; never for secrets.
 * Shapes  one 64-bit state, never 0; the same seed gives the same numbers on every machine.
 * Memory  none.
 * Thread  one thread a state.
 * Source  xorshift64star, S. Vigna (2016), seeded by SplitMix64; normals by Box and Muller (1958). */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

typedef struct Rng {
    uint64_t state;
} Rng;

Rng rng_make(uint64_t seed);
uint64_t rng_u64(Rng *rng);
double rng_uniform(Rng *rng);         /* 0 < u < 1 */
double rng_normal(Rng *rng);          /* mean 0, variance 1 */
int rng_below(Rng *rng, int n);       /* 0 .. n-1; n > 0 */

#endif
