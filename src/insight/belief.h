/* insight/belief.h - the engine's belief about one relationship, shared by everything that is said about it.
 * Shapes  levels are marginal at now; start is a state before every event and before the trend's span.
 * Units   days since 1970; values 0..10.
 * Errors  as insight_relation.
 * Memory  plain values; the history's arrays in cx->arena.
 * Thread  pure. */
#ifndef INSIGHT_BELIEF_H
#define INSIGHT_BELIEF_H

#include "base/rng.h"
#include "insight/history.h"

typedef struct Belief {
    History history;
    RelModel model;
    RelState start, now;
    RelLevels levels;
    WishBelief wanted, given;
    double now_days;
} Belief;

MUST_CHECK Err belief_make(Cx *cx, const Book *book, BookRef person, Belief *ret);
MUST_CHECK Err belief_relation(Cx *cx, const Book *book, const Belief *belief, Relation *ret);

/* Weights of the types in closeness, and their covariance. */
void belief_weights(uint32_t not_ours, double w[TYPE_COUNT], double v[TYPE_COUNT * TYPE_COUNT]);
/* w'm and w'Pw + m'Vm + tr(PV); cov row-major with the given stride. */
void belief_closeness(const double mean[], const double cov[], int stride, uint32_t not_ours,
                      double *ret_mean, double *ret_var);
/* (I - kappa W)^-1: column j is where a sustained unit push of state j leads. */
MUST_CHECK Err belief_push(Cx *cx, double ret[STATE_COUNT * STATE_COUNT]);

#endif
