/* num/lds_grad.h - the exact derivative of a linear Gaussian model's log-likelihood with respect to every
 * number in it, over one or many independent series.
 * Shapes  as in num/lds.h; each derivative has the shape of its part. Covariances are taken as n x n free
 *         numbers: the derivative with respect to a symmetric pair is the sum of its two cells.
 * Units   nats per unit of the part.
 * Errors  as lds_run.
 * Memory  all of it in cx->arena: callers that iterate give each call an arena of its own.
 * Thread  pure.
 * Source  Koopman & Shephard, Biometrika 79 (1992): the score from smoothing quantities. */
#ifndef NUM_LDS_GRAD_H
#define NUM_LDS_GRAD_H

#include "num/lds.h"

typedef enum LdsPart {
    LDS_DRIFT,     /* or transition */
    LDS_DIFFUSION, /* or noise */
    LDS_MEAN,
    LDS_INITIAL_MEAN,
    LDS_INITIAL_COV,
    LDS_LOADING,
    LDS_OFFSET,
    LDS_ERROR,
    LDS_IMPULSE,
    LDS_PARTS
} LdsPart;

/* How many numbers a part of this model has, and where they are. */
ptrdiff_t lds_part_len(const LdsModel *m, LdsPart part);
const double *lds_part(const LdsModel *m, LdsPart part);

typedef struct LdsGradient {
    double loglik;
    double *part[LDS_PARTS];
} LdsGradient;

/* The slopes of loadings, which cost as much as the rest, are only worked out where loads says so (else 0). */
MUST_CHECK Err lds_gradient(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count,
                            bool loads, LdsGradient *ret);
/* The log-likelihood alone. */
MUST_CHECK Err lds_loglik(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count,
                          double *ret);

#endif
