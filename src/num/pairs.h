/* num/pairs.h - Bradley and Terry's model for any number of players, from counted games, without a prior.
 *     logit P(a beats b) = strength_a - strength_b (+ home when a plays at home), strength of the first = 0
 * Shapes  players 2 .. PAIRS_MAX, numbered from 0; one PairsGame for each group of like games.
 * Units   log odds.
 * Errors  ERR_INVALID a player out of range, a negative count; ERR_NUMERIC no finite strengths: someone always
 *         wins or always loses against the rest, or two groups never met.
 * Memory  results in cx->arena.
 * Thread  pure.
 * Source  R. Bradley & M. Terry, Biometrika 39 (1952); A. Agresti, Categorical Data Analysis (2002), 10.6. */
#ifndef NUM_PAIRS_H
#define NUM_PAIRS_H

#include "base/cx.h"
#include <stdbool.h>

enum { PAIRS_MAX = 1000 };

typedef struct PairsGame {
    int a, b;
    double a_wins, b_wins;
    bool a_home;
} PairsGame;

typedef struct PairsFit {
    int players;
    double *strength, *se;   /* players; 0 for the reference */
    double home, home_se;    /* 0 when no game was at home */
    double loglik, deviance; /* of the binomial groups as given */
    int degrees;             /* groups less parameters */
} PairsFit;

MUST_CHECK Err pairs_fit(Cx *cx, int players, const PairsGame games[], ptrdiff_t count,
                         PairsFit *ret);

#endif
