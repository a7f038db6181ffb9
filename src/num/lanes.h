/* num/lanes.h - eight passes of num/lds.h side by side, one in each place of a wide register: many series of one
 * model, or one series under many models.
 *     LaneModel lm; if (lanes_make(model, &lm)) ok = lanes_loglik(cx, &m, 1, series, count, &loglik, &e);
 * Shapes  as in num/lds.h. Only models whose drift has real, negative eigenvalues and a well-conditioned basis, whose
 *         noise enters every state and whose readings have errors that are not small beside the state's variance;
 *         lanes_make is false for any other, and callers then take num/lds.h, which takes all.
 * Units   as in num/lds.h.
 * Errors  ERR_NOMEM; ERR_NUMERIC when something is not finite, without its place: callers that must name the row
 *         run num/lds.h, which does. Models and series must have passed lds_check.
 * Memory  work and results in cx->arena; nothing is taken inside a loop over rows. The tape of a pass back holds
 *         the square root of the rows.
 * Thread  pure.
 * Source  as num/lds.h; in modes, docs/ENGINE.md section 9. */
#ifndef NUM_LANES_H
#define NUM_LANES_H

#include "num/lds_grad.h"
#include "num/modal.h"

enum { LANES_IMPULSES = 32 };

typedef struct LaneKernel LaneKernel; /* num/lanes_kernel.h */

typedef struct LaneModel {
    const LdsModel *plain;
    const LaneKernel *kernel; /* this machine's */
    Modal basis;
    double rest[NUM_MAX2]; /* covariance at rest, in modes */
    double start_mean[NUM_MAX], start_cov[NUM_MAX2];
    double load[LDS_ITEMS_MAX * NUM_MAX], centre[LDS_ITEMS_MAX];
    double error_least; /* the sharpest item: its error as a share of what the states vary in it */
    double push[LANES_IMPULSES * NUM_MAX];
} LaneModel;

/* like may be NULL: a model of the same shape whose basis is taken over where the drift is the same. */
MUST_CHECK bool lanes_make(const LdsModel *model, const LaneModel *like, LaneModel *ret);

/* The sum over all series, for each model. All models have the same shape. */
MUST_CHECK Err lanes_loglik(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                            ptrdiff_t series_count, double ret[]);
/* The same with derivatives, as lds_gradient; those of the loadings, which cost as much as the rest, only where
 * loads says so (else 0). A model under which something is not finite has loglik NaN; the others have theirs. */
MUST_CHECK Err lanes_gradient(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                              ptrdiff_t series_count, bool loads, LdsGradient ret[]);

/* Room for asking about one series again and again, under up to LANES_WIDE models at a time. The series must stay; the
 * models are those that the caller writes to lanes_work_models. numbers: what lanes_information will be asked about. */
typedef struct LaneWork LaneWork;
/* Which derivatives are asked for beside those that cost nothing; the others mean nothing. */
typedef struct LaneWish {
    bool loads;
    uint32_t drift[NUM_MAX]; /* bit j of number i: the cell (i, j) */
} LaneWish;
MUST_CHECK Err lanes_work(Cx *cx, const LaneModel *like, const LdsData *series,
                          const LaneWish *wish, int numbers, LaneWork **ret);
LaneModel *lanes_work_models(LaneWork *w);
MUST_CHECK Err lanes_slopes(Cx *cx, LaneWork *w, int count, LdsGradient ret[]);
/* The information about count numbers that the innovations hold (Fisher's, given what was seen; positive semidefinite),
 * from the first derivatives of every innovation and its variance, by differences. move makes the
 * model with number k moved by by[k], or with none moved where k is -1. Of a long series only as much is gone through
 * as a search needs, and counted up. Adds to io[count x count]. */
typedef bool LanesMove(void *context, int k, const LaneModel *like, LaneModel *ret);
MUST_CHECK Err lanes_information(Cx *cx, LaneWork *w, int count, const double by[], LanesMove *move,
                                 void *context, double io[]);

/* Smoothed moments of one series: mean rows x n, and cov rows x n x n or var rows x n (the other is NULL; the same
 * choice for all series). ret_loglik: one a series. */
typedef struct LaneMoments {
    double *mean, *var, *cov;
} LaneMoments;
MUST_CHECK Err lanes_smooth(Cx *cx, const LaneModel *model, const LdsData series[],
                            ptrdiff_t series_count, const LaneMoments ret[], double ret_loglik[]);

/* count multiplications and additions in each of LANES_WIDE places, done at once: what nothing can be faster than. */
enum { LANES_WIDE = 8 };
void lanes_spin(int64_t count);

#endif
