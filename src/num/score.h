/* num/score.h - what a person will answer next, as probabilities of the answers they can give, and how
 * well such a prediction did.
 * People answer in whole steps and repeat themselves. The prediction is a mixture: with weight same the
 * last answer again, else a normal (with weight tail a wider one) rounded to the scale's answers.
 * Shapes  answers low, low + step, ..., high; at most SCORE_ANSWERS of them.
 * Units   answers in the scale's own units; scores in nats (log) and answers (CRPS).
 * Errors  ERR_INVALID a scale with fewer than two or more than SCORE_ANSWERS answers, a spread that is not
 *         positive, weights outside 0..1.
 * Memory  none.
 * Thread  pure.
 * Source  Gneiting & Raftery, JASA 102 (2007); Czado, Gneiting & Held, Biometrics 65 (2009) for the
 *         discrete forms and the randomised PIT. */
#ifndef NUM_SCORE_H
#define NUM_SCORE_H

#include "base/cx.h"
#include <stdbool.h>

enum { SCORE_ANSWERS = 128 };

typedef struct Scale {
    double low, high, step;
} Scale;

typedef struct Predictive {
    double mean, var; /* of the latent answer */
    bool has_last;
    double last; /* the answer before */
    double same, tail,
        wide; /* weight of the repeat, weight of the wide part, its sd in the other's */
} Predictive;

/* Of a person's answers: the share that says the last one again, and among the others that of surprises, whose error is
 * so many times as large. */
typedef struct AnswerShares {
    double same, tail, wide;
} AnswerShares;

/* Of an answer that is not repeated: its mean and variance, and what of the variance is the answer's own error. */
typedef struct Foretold {
    double mean, var, error;
} Foretold;

typedef struct Answers {
    int count;
    double value[SCORE_ANSWERS], mass[SCORE_ANSWERS]; /* sums to 1 */
} Answers;

MUST_CHECK Err score_answers(Cx *cx, const Scale *scale, const Predictive *p, Answers *ret);
/* Where nothing is repeated: what a unit more of mean, and of standard deviation, adds to each mass. */
void score_slopes(const Scale *scale, const Predictive *p, int count, double ret_by_mean[],
                  double ret_by_sd[]);
/* With these shares. The variance is that of all that is not repeated, surprises included, so plain answers have less of
 * it. last: NaN for none. */
Predictive score_shared(const Foretold *f, const AnswerShares *shares, double last);
/* The log of the mass that this gives to one answer, and its derivatives: by mean, var and error, and by the logit of each
 * share. The outermost answers take the tails; -infinity where the mass is below what a number can hold. */
typedef struct ScoreMass {
    double log, by_mean, by_var, by_error, by_same, by_tail;
} ScoreMass;
void score_shared_mass(const Scale *scale, const Foretold *f, const AnswerShares *shares,
                       double last, double given, ScoreMass *ret);
/* The answer that a value stands for; ties go up. */
int score_nearest(const Answers *a, double value);
double score_mean(const Answers *a);
/* Log of the mass of the answer given: 0 is best. */
double score_log(const Answers *a, double given);
/* Sum over the scale of (F - 1{given <= answer})^2, times the step: 0 is best. */
double score_crps(const Answers *a, double given);
/* A uniform number under calibration: F before the answer plus u times its mass, 0 <= u <= 1. */
double score_pit(const Answers *a, double given, double u);
/* The shortest run of answers with at least this mass. */
void score_band(const Answers *a, double mass, double *ret_low, double *ret_high);

double score_normal_log(double mean, double var, double given);
double score_normal_crps(double mean, double var, double given);

#endif
