/* lab/rival.h - what a forecast is measured against: an Ornstein-Uhlenbeck process around each person's own level, read
 * with error, plain (normal errors) or robust (Student's t with four degrees of freedom, by which surprises move the
 * belief less). One item at a time; five numbers, most likely on the series learned from.
 * Units   of the data.
 * Errors  none: where nothing can be learned, ret keeps its start.
 * Memory  cx->arena.
 * Thread  pure.
 * Source  robust update by the score of t: Harvey, Dynamic Models for Volatility and Heavy Tails (2013), 2.4. */
#ifndef LAB_RIVAL_H
#define LAB_RIVAL_H

#include "num/lds.h"
#include "num/score.h"

typedef struct Rival {
    bool robust;
    double mean, level, spread, error,
        rate; /* sd of level, process and error; rate per unit of time */
} Rival;

/* item of items columns; leave_out[k] says which series are not learned from. */
MUST_CHECK Err rival_learn(Cx *cx, const LdsData series[], const bool leave_out[], ptrdiff_t count,
                           int item, int items, bool robust, Rival *ret);
/* Each reading from those of earlier rows: ret_mean and ret_sd per row (sd is t's scale where robust). */
double rival_run(const Rival *r, const LdsData *d, int item, int items, double ret_mean[],
                 double ret_sd[]);
MUST_CHECK Err rival_answers(Cx *cx, const Rival *r, const Scale *scale, double mean, double sd,
                             Answers *ret);

#endif
