/* num/lds_fit.h - the most likely values of a model's free numbers, given one or many series.
 * Shapes  params free numbers, each written to one or more cells of the model's parts (a symmetric
 *         covariance lists both); at most LDS_PARAMS_MAX.
 * Units   values as they stand in the model. Bounds are open: with a lower bound alone the search runs over
 *         log(value - lower), with both over the logit; a free covariance (two mirrored cells, no bounds) over
 *         atanh of its correlation, and a whole block of them with its variances over its Cholesky factor. A prior
 *         is normal on that scale, around the start.
 * Errors  ERR_INVALID a start outside its bounds or a cell outside its part (names the parameter);
 *         ERR_NUMERIC no likelihood at the start, or no optimum found in the rounds allowed.
 * Memory  results in cx->arena; each evaluation works in a scratch arena that is reset.
 * Thread  pure.
 * Source  num/climb.h over num/lds_grad.h. */
#ifndef NUM_LDS_FIT_H
#define NUM_LDS_FIT_H

#include "num/climb.h"
#include "num/lds_grad.h"

enum { LDS_PARAMS_MAX = CLIMB_MAX };

typedef struct LdsCell {
    LdsPart part;
    int at; /* row-major place in the part */
} LdsCell;

typedef struct LdsParam {
    const LdsCell *cells;
    int cell_count;
    double start, lower, upper; /* -INFINITY and INFINITY where free */
    double prior_sd;            /* 0: no prior */
} LdsParam;

typedef struct LdsFit {
    double loglik;      /* of the data alone */
    double penalty;     /* log prior, without its constant */
    double *value, *se; /* params; se by the curvature at the optimum, 0 where it has none */
    double *cov;        /* params x params, of the values */
    LdsModel model;     /* with the values in place */
    int rounds;
} LdsFit;

/* Why there is none: the free numbers that the data do not tell apart, or of which they say nothing (one alone); or,
 * endless, the one that the likelihood went on rising with. */
typedef struct LdsLevel {
    bool endless;
    int count, which[CLIMB_LEVEL];
} LdsLevel;

/* ret_level may be NULL; it is written where no optimum is found. */
MUST_CHECK Err lds_fit(Cx *cx, const LdsModel *model, const LdsParam params[], int count,
                       const LdsData series[], ptrdiff_t series_count, LdsLevel *ret_level,
                       LdsFit *ret);

#endif
