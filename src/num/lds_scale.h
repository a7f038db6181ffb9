/* num/lds_scale.h - a model's free numbers on the scale on which num/lds_fit.c searches them. For num/lds_fit.c only.
 * Shapes  u[count]: each number on its own scale, without bounds (num/lds_fit.h says which).
 * Units   as in num/lds_fit.h.
 * Errors  ERR_INVALID a start outside its bounds, or a cell outside its part (names the parameter).
 * Memory  in cx->arena, all of it taken by lds_scale_make; the caller's model stays as it is.
 * Thread  one at a time. */
#ifndef NUM_LDS_SCALE_H
#define NUM_LDS_SCALE_H

#include "num/lds_fit.h"

/* A block of free cells: its states, and whose each cell is (lower triangle, row by row). */
typedef struct LdsBlock {
    LdsPart part;
    int size, state[NUM_MAX], param[NUM_MAX * (NUM_MAX + 1) / 2];
    double scale[NUM_MAX]; /* standard deviations at the start */
} LdsBlock;

typedef struct LdsScale {
    Cx *cx;
    const LdsParam *params;
    int count;
    LdsModel model;                /* with the values put last */
    double *part[LDS_PARTS];       /* its own copies */
    double origin[LDS_PARAMS_MAX]; /* the start */
    LdsBlock *block;
    int blocks;
    bool in_block[LDS_PARAMS_MAX];
} LdsScale;

/* ret_u: the start. */
MUST_CHECK Err lds_scale_make(Cx *cx, const LdsModel *m, const LdsParam params[], int count,
                              LdsScale *ret, double ret_u[]);
/* The values at u, into the model. */
void lds_scale_put(LdsScale *s, const double u[]);
/* The same, and what they are. */
void lds_scale_values(LdsScale *s, const double u[], double ret[]);
/* The log posterior's slope over u from the likelihood's over the model's numbers, which have been put. False: not
 * finite. What grad says of covariances' variances changes. */
MUST_CHECK bool lds_scale_slopes(const LdsScale *s, const double u[], const LdsGradient *grad,
                                 double ret_g[]);
/* The log prior, without its constant. */
double lds_scale_penalty(const LdsScale *s, const double u[]);
/* A copy of every part of a model, to be changed. */
MUST_CHECK Err lds_scale_copy(Cx *cx, const LdsModel *m, LdsModel *ret, double *part[LDS_PARTS]);

#endif
