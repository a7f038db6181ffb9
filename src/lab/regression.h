/* lab/regression.h - the forecaster that knows nothing of time: the next answer from the last three by least squares,
 * learned on other series. Where fewer than three came before, from as many as there are.
 * Shapes  an item of items columns; past answers newest first; those of one row are foretold from earlier rows.
 * Units   of the data.
 * Errors  none: where nothing can be learned, the last answer is foretold.
 * Memory  plain values.
 * Thread  pure. */
#ifndef LAB_REGRESSION_H
#define LAB_REGRESSION_H

#include "num/lds.h"

enum { LAGS = 3 };

/* What was answered so far by one series to one item. */
typedef struct Past {
    int n;
    double sum, recent[LAGS]; /* newest first */
} Past;
void past_add(Past *past, double given);

typedef struct Regression {
    int lags; /* 0: nothing was learned */
    double weight[1 + LAGS], sd;
} Regression;

/* leave_out[k] says which series are not learned from; ret[n - 1] foretells from n answers. */
void regression_learn(const LdsData series[], const bool leave_out[], ptrdiff_t count, int item,
                      int items, Regression ret[LAGS]);
/* past->n above 0. */
void regression_tell(const Regression r[LAGS], const Past *past, double *ret_mean, double *ret_sd);

#endif
