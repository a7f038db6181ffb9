/* lab/tally.h - how good predictions were, one after the other, beside the last value and the running mean.
 * Units   of the data; log score in nats.
 * Errors  ERR_INVALID an answer outside the scale, a scale whose step cannot be found (file, line).
 * Memory  none.
 * Thread  pure. */
#ifndef LAB_TALLY_H
#define LAB_TALLY_H

#include "lab/verb.h"

enum { TALLY_BANDS = 3 };

typedef struct Tally {
    int n;
    double square, absolute, crps, log, inside[TALLY_BANDS], central[TALLY_BANDS];
    double last_square, last_absolute, mean_square, mean_absolute;
} Tally;

/* What was answered so far in one series, for the baselines. */
typedef struct Past {
    int n;
    double last, sum;
} Past;

void tally_normal(Tally *t, const Past *past, double mean, double var, double given);
void tally_answers(Tally *t, const Past *past, const Answers *a, double given);
void past_add(Past *past, double given);
/* Where no step is given: the coarsest of 1, 1/2, 1/4, 1/5, 1/10, 1/20 on which nineteen answers in twenty lie;
 * the others count as the nearest answer. */
MUST_CHECK Err tally_scale(Cx *cx, const LabData *d, const Scale *asked, Scale *ret);
void tally_write(Buf *out, const Tally *t, bool discrete, bool json);

#endif
