/* base/rng.h - repeatable pseudo-random numbers, for examples, simulations and tests; never for secrets.
 * Shapes  one 64-bit state; the same seed gives the same numbers on every machine.
 * Memory  none.
 * Thread  one thread a state.
 * Source  SplitMix64: Steele, Lea, Flood (2014); normals by the polar method of Marsaglia (1964). */
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
