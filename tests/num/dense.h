/* tests/num/dense.h - the independent reference: a linear Gaussian model solved as one big joint
 * normal distribution in long double, by other formulas than the engine's (Van Loan's block
 * exponential over a short step, doubled; conditioning by elimination). Slow and simple on purpose.
 */
#ifndef TEST_NUM_DENSE_H
#define TEST_NUM_DENSE_H

#include "base/rng.h"
#include "num/lds.h"

#pragma GCC diagnostic ignored "-Wdouble-promotion" /* to long double is the point here */

typedef long double Long;

enum { DENSE_MAX = 220 };

/* Phi and Q over dt, n <= 32. */
void dense_step(int n, const double drift[], const double diffusion[], double dt, Long phi[],
                Long q[]);

/* All rows' states jointly, before and after conditioning on every reading. */
typedef struct Dense {
    int size; /* rows * n */
    Long mean[DENSE_MAX];
    Long cov[DENSE_MAX * DENSE_MAX];
    Long loglik;
} Dense;

/* Stacks x at each row (impulses included), then conditions on the readings of rows 0..last. */
void dense_solve(const LdsModel *m, const LdsData *d, ptrdiff_t last, Dense *ret);
/* Conditions one Gaussian on y = h.x + e; returns the log density of y. */
Long dense_condition(Dense *g, const Long h[], Long y, Long error);

#endif
