/* insight/meaning.h - what closeness is made of for the person whose book it is, read from their choices.
 * Shapes  types in the order of TypeId.
 * Units   theta in log odds; weights sum to 1.
 * Errors  ERR_NUMERIC, ERR_NOMEM.
 * Memory  plain values.
 * Thread  pure.
 * Source  docs/ENGINE.md, "Closeness and meaning". */
#ifndef INSIGHT_MEANING_H
#define INSIGHT_MEANING_H

#include "insight/insight.h"

/* Outcomes of a practice: how many, how many helped, and the sums of their relative effects and weights. */
typedef struct Tally {
    int done, helped;
    double gain, weight;
} Tally;

typedef struct Taste {
    double mean[TYPE_COUNT], cov[TYPE_COUNT * TYPE_COUNT];
    int choices; /* that it rests on */
    int own;     /* of them, made for this kind alone; of the common profile all */
} Taste;

typedef struct Tastes {
    Taste common;
    Taste kind[KIND_COUNT]; /* the common one where nothing was said of that kind alone */
} Tastes;

typedef struct Weights {
    double w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT];
} Weights;

/* From all choices and, for half a pick each, from what helped: outcomes by practice, up to yesterday. */
MUST_CHECK Err meaning_read(Cx *cx, const Book *book, const Tally outcomes[], Tastes *ret);
/* softmax over the types that are part of the relationship, with its covariance; even before any choice. */
void meaning_weights(const Taste *taste, uint32_t not_ours, Weights *ret);
/* As rel_closeness has it: of levels, or of their change. */
void meaning_closeness(const Weights *weights, const double mean[], const double cov[],
                       double *ret_mean, double *ret_var);

#endif
