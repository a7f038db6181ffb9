/* num/learn.h - a person's own parameters of the relationship model, from all their relationships.
 * The parameters move on logs (kappa and the shares on their logits) with a normal prior around where they start,
 * standard deviations learn_sd; the most probable ones are taken, with their covariance (Laplace). Under LEARN_READINGS
 * answers the prior is kept. Where answers are whole steps that may be said again, what is made as large as possible is
 * the mass that the filter gives to each, given those before it (num/score.h: AnswerShares), else their density. Meant for the background: it works on an immutable snapshot of histories.
 * Shapes  LEARN_PARAMS parameters in the order of LearnParam.
 * Units   as RelParams.
 *         Questions are numbered 0 .. questions - 1 by the caller, at most LEARN_QUESTIONS.
 * Errors  as rel_filter (names the event); ERR_NUMERIC no top found.
 * Memory  results are plain values; each evaluation works in a scratch arena that is reset.
 * Thread  pure.
 * Source  MAP with Laplace: Tierney & Kadane, JASA 81 (1986). */
#ifndef NUM_LEARN_H
#define NUM_LEARN_H

#include "num/relation.h"
#include "num/score.h"
#include <stdatomic.h>

typedef enum LearnParam {
    LEARN_LAMBDA,
    LEARN_Q,
    LEARN_LAMBDA_Z,
    LEARN_SIGMA_Z,
    LEARN_ERROR,
    LEARN_BETA,
    LEARN_BETA_M,
    LEARN_DELTA, /* one factor on the rate of every kind while apart */
    LEARN_KAPPA,
    LEARN_SAME, /* the share of repeats */
    LEARN_TAIL, /* the share of surprises */
    LEARN_PARAMS
} LearnParam;

enum { LEARN_READINGS = 12, LEARN_QUESTIONS = 512 };
extern const double learn_sd[LEARN_PARAMS]; /* .5; .7 of how soon being apart wears, 1 of repeats */
extern const AnswerShares learn_shares_start; /* where the shares start */

typedef struct LearnHistory {
    RelKind kind;
    const RelEvent *events;
    ptrdiff_t count;
    const double
        *last; /* what event i may say again, NaN for none; NULL: answers are no whole steps */
} LearnHistory;

typedef struct Learned {
    bool own; /* false: too few answers, the prior is kept */
    int readings;
    double u[LEARN_PARAMS]; /* distance from the start, on the scale of the search */
    double cov[LEARN_PARAMS * LEARN_PARAMS];
    double loglik; /* of all answers */
} Learned;

MUST_CHECK Err learn_params(Cx *cx, const RelParams *start, const LearnHistory histories[],
                            ptrdiff_t count, Learned *ret);

/* The same in pieces. The search is repeatable, and its slopes are all that costs: with those found so far on a
 * tape it goes on where it stopped, to the same bits as in one go. When `left` slopes have been taken or *stop is
 * set, `stopped` says so, and *ret is the prior. */
enum { LEARN_SLOPES = 1024 };
typedef struct LearnTape {
    int count; /* slopes on it */
    double slope[LEARN_SLOPES]
                [1 + LEARN_PARAMS]; /* value and slope; a value that is no number: none there */
    int64_t left;                   /* slopes that may still be taken */
    const atomic_bool *stop;        /* NULL: only left counts */
    bool stopped;
} LearnTape;
MUST_CHECK Err learn_params_on(Cx *cx, const RelParams *start, const LearnHistory histories[],
                               ptrdiff_t count, LearnTape *tape, Learned *ret);
/* The parameters and the kind at u: learned->u, or one draw of learn_draw. */
void learn_apply(const RelParams *start, const double u[LEARN_PARAMS], RelParams *ret);
void learn_apply_kind(const RelKind *kind, const double u[LEARN_PARAMS], RelKind *ret);
AnswerShares learn_shares(const double u[LEARN_PARAMS]);
/* One draw of the posterior from LEARN_PARAMS standard normal numbers, to average over what is not known. */
void learn_draw(const Learned *learned, const double z[LEARN_PARAMS], double ret_u[LEARN_PARAMS]);

/* What each question adds to a person's answers, whatever the relationship: o ~ N(0, LEARN_OFFSET_SD^2), all
 * questions at once, given params: the most probable ones and the variance of each. question[i][k] is that of histories[i].events[k], -1 for what is not a reading; answers
 * count with params.error_known. A reading then takes offset = ret_mean and error = error_known + ret_var. */
static const double LEARN_OFFSET_SD = 0.5;
MUST_CHECK Err learn_offsets(Cx *cx, const RelParams *params, const LearnHistory histories[],
                             const int *const question[], ptrdiff_t count, int questions,
                             double ret_mean[], double ret_var[]);

/* A mean known from several estimates that scatter around it: each with its own variance plus spread. */
void learn_shrink(double prior_mean, double prior_var, double spread, const double estimate[],
                  const double var[], int count, double *ret_mean, double *ret_var);

#endif
