/* num/prefer.h - what closeness means to a person, from picks between two ways of being close.
 * A way has loadings x and the utility u = x'theta. Offered a and b a person answers a, b, both or neither
 * with weights e^(u_a), e^(u_b), tie e^((u_a + u_b)/2) (Davidson) and outside (an option of its own); with
 * tie = outside = 0 it is Bradley and Terry's model. theta ~ N(prior, 1/precision), by default N(0, I).
 * Shapes  d parameters (<= NUM_MAX), items ways, x items x d row-major.
 * Units   theta in log odds.
 * Errors  ERR_INVALID an item or answer out of range; ERR_NUMERIC no finite optimum (without a prior: some
 *         way always wins, or nothing ties two groups together).
 * Memory  none; results are the caller's.
 * Thread  pure.
 * Source  Davidson, JASA 65 (1970); Laplace: Tierney & Kadane, JASA 81 (1986); mutual information:
 *         Houlsby et al. (2011), arXiv 1112.5745. */
#ifndef NUM_PREFER_H
#define NUM_PREFER_H

#include "num/mat.h"

typedef enum PreferAnswer {
    PREFER_A,
    PREFER_B,
    PREFER_BOTH,
    PREFER_NEITHER,
    PREFER_ANSWERS
} PreferAnswer;

typedef struct PreferChoice {
    int a, b;
    PreferAnswer answer;
    double count; /* how often; 1 for one pick */
} PreferChoice;

typedef struct PreferModel {
    int d, items;
    const double *x;
    const double *prior;     /* d, or NULL for zeros */
    const double *precision; /* d, or NULL for ones */
    double tie, outside;     /* weights, >= 0; 0: not offered */
} PreferModel;

/* Equal ways are answered a .35, b .35, both .2, neither .1. */
static const double PREFER_TIE = 4.0 / 7, PREFER_OUTSIDE = 2.0 / 7;

typedef struct PreferFit {
    double mean[NUM_MAX], cov[NUM_MAX2]; /* Laplace */
    double loglik;                       /* without the prior */
    int rounds;                          /* of Newton's method */
} PreferFit;

MUST_CHECK Err prefer_fit(Cx *cx, const PreferModel *m, const PreferChoice choices[],
                          ptrdiff_t count, PreferFit *ret);
/* The probabilities of the four answers to (a, b) at theta. */
void prefer_probabilities(const PreferModel *m, const double theta[], int a, int b,
                          double ret[PREFER_ANSWERS]);
/* What the answer to (a, b) would tell about theta, in nats: entropy of the mean less mean entropy. */
double prefer_information(const PreferModel *m, const PreferFit *fit, int a, int b);
/* The most telling pair; usable(context, a, b) may refuse pairs, NULL allows all. False when none is left. */
bool prefer_next(const PreferModel *m, const PreferFit *fit,
                 bool (*usable)(const void *context, int a, int b), const void *context, int *ret_a,
                 int *ret_b, double *ret_information);
/* w = softmax(theta) and its covariance (J cov J'), d x d. */
void prefer_weights(int d, const double theta[], const double cov[], double ret_w[],
                    double ret_cov[]);

#endif
