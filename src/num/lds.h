/* num/lds.h - filter, smoother and log-likelihood of any time-invariant linear Gaussian model.
 *     state   dx = A (x - mean) dt + G dbeta,  or in discrete time  x' = mean + T (x - mean) + w
 *     items   y_j = offset_j + loading_j . x + e_j,  e_j ~ N(0, error_j)
 *     at a row, in this order: the impulses move the state, then the items are read.
 * Shapes  n states, m items, u impulses, rows in time order (equal times are simultaneous);
 * matrices row-major. A missing item is NaN in y; u may be 0. The initial state is the one at the
 * first row's time, before its impulses and reading. Units   time in the drift's unit; likelihood
 * in nats. Errors  ERR_INVALID a shape, a time, a variance (names the matrix and row); ERR_NUMERIC
 * not finite, no stationary state, a reading without variance, an initial state that the data never
 * determine. Memory  results in cx->arena; a model borrows its arrays. Thread  pure; models are
 * read only. Source  Durbin & Koopman, Time Series Analysis by State Space Methods
 * (2012), 4.3-4.5, 6.4; diffuse start after P. de Jong, Ann. Statist. 19 (1991). */
#ifndef NUM_LDS_H
#define NUM_LDS_H

#include "num/step.h"

enum { LDS_ITEMS_MAX = 64 };

typedef enum LdsStart { LDS_GIVEN, LDS_STATIONARY, LDS_DIFFUSE } LdsStart;

typedef struct LdsModel {
    int n, m, u;
    bool discrete;           /* drift and diffusion hold transition and noise of one step */
    const double *drift;     /* n x n */
    const double *diffusion; /* n x n, GG' */
    const double *mean;      /* n */
    LdsStart start;
    const double *initial_mean; /* n; NULL unless given: then mean */
    const double *initial_cov;  /* n x n; NULL unless given */
    const double *loading;      /* m x n */
    const double *offset;       /* m */
    const double *error;        /* m variances, >= 0 */
    const double *impulse;      /* u x n: what one unit of the impulse adds to the state */
} LdsModel;

typedef struct LdsData {
    ptrdiff_t rows;
    const double *t; /* rows, never decreasing */
    const double *y; /* rows x m */
    const double *u; /* rows x u, or NULL */
} LdsData;

typedef enum LdsWant { LDS_LOGLIK, LDS_FILTER, LDS_SMOOTH } LdsWant;

/* Where a diffuse start is not yet determined by the data, known says so and the numbers are 0. */
typedef struct LdsResult {
    double loglik;      /* diffuse: of the data given the flat start, its constant included */
    ptrdiff_t readings; /* items that were not missing */
    double *flat_mean;  /* n: what all data say about delta (num/lds.c); NULL unless diffuse */
    double *flat_root;  /* n x n, a root of its covariance */
    double flat_scale;  /* and the variance that the state has beside it at first */
    bool *pred_known;   /* rows, from LDS_FILTER on, as all that follows */
    bool *filt_known;   /* rows */
    double *pred_mean;  /* rows x n, impulses included */
    double *pred_cov;   /* rows x n x n */
    double *filt_mean;  /* rows x n */
    double *filt_cov;   /* rows x n x n */
    double *item_mean; /* rows x m: what is foretold of each item, read or not, from earlier rows */
    double *item_var;  /* rows x m; both 0 where a flat start leaves it open */
    double *innovation;     /* rows x m, each given the items before it; 0 where missing */
    double *innovation_var; /* rows x m; 0 where missing or not known */
    double *smooth_mean;    /* rows x n, LDS_SMOOTH only, as what follows */
    double *smooth_cov;     /* rows x n x n */
} LdsResult;

/* What lds_run checks before it starts: shapes, times, variances. */
MUST_CHECK Err lds_check(Cx *cx, const LdsModel *model, const LdsData *data);
MUST_CHECK Err lds_run(Cx *cx, const LdsModel *model, const LdsData *data, LdsWant want,
                       LdsResult *ret);
/* One exact step of a state without readings: mean and cov become those dt later. */
MUST_CHECK Err lds_forecast(Cx *cx, const LdsModel *model, double dt, const double mean[],
                            const double cov[], double ret_mean[], double ret_cov[]);

#endif
