/* num/dyad.h - two people: how alike their views are, how each moves the other, how well one knows the other.
 * Shapes  paired arrays of length n; ratings n targets x k raters row-major.
 * Units   the ratings' own.
 * Errors  ERR_INVALID too few pairs, not finite; ERR_NUMERIC no variation where one is needed.
 * Memory  none.
 * Thread  pure.
 * Source  Shrout & Fleiss, Psychol. Bull. 86 (1979); Kenny, Kashy & Cook, Dyadic Data Analysis (2006),
 *         chapter 7; West & Kenny, Psychol. Review 118 (2011) for truth and bias. */
#ifndef NUM_DYAD_H
#define NUM_DYAD_H

#include "base/cx.h"

/* The six intraclass correlations: one rater or the mean of k; raters nested, random, fixed. */
typedef struct DyadIcc {
    double one, random, fixed;       /* ICC(1,1), ICC(2,1), ICC(3,1) */
    double one_k, random_k, fixed_k; /* of the mean of the k raters */
} DyadIcc;
MUST_CHECK Err dyad_icc(Cx *cx, const double ratings[], int targets, int raters, DyadIcc *ret);

/* y of each member by the own x (actor) and the other's x (partner), members interchangeable, residuals
 * equally spread with correlation rho: generalised least squares with REML variances. */
typedef struct DyadPair {
    double x[2], y[2];
} DyadPair;
typedef struct DyadApim {
    double intercept, actor, partner;
    double intercept_se, actor_se, partner_se, cov_actor_partner;
    double rho, sigma2; /* of the residuals */
    double loglik;      /* restricted */
    int pairs;
} DyadApim;
MUST_CHECK Err dyad_apim(Cx *cx, const DyadPair pairs[], int count, DyadApim *ret);

/* The same with distinguishable members: each equation by least squares on both x, which is GLS, since both
 * have the same regressors. [0] is the first member's. */
typedef struct DyadApim2 {
    double intercept[2], actor[2], partner[2]; /* partner[0]: the second's x on the first's y */
    double intercept_se[2], actor_se[2], partner_se[2];
    double sigma2[2], rho;
} DyadApim2;
MUST_CHECK Err dyad_apim2(Cx *cx, const DyadPair pairs[], int count, DyadApim2 *ret);

/* Two people's answers to the same n questions. */
typedef struct DyadLikeness {
    double difference, difference_se;          /* mean of a - b */
    double icc, icc_low, icc_high;             /* ICC(1), 95 % by Fisher's z */
    double profile, profile_low, profile_high; /* correlation once each one's mean is taken out */
} DyadLikeness;
MUST_CHECK Err dyad_likeness(Cx *cx, const double a[], const double b[], int n, DyadLikeness *ret);

/* belief = truth's mean + bias + knows (truth - its mean) + projects (own - truth's mean). */
typedef struct DyadBelief {
    double bias, knows, projects;
    double bias_se, knows_se, projects_se;
    double sigma2;
} DyadBelief;
MUST_CHECK Err dyad_belief(Cx *cx, const double truth[], const double own[], const double belief[],
                           int n, DyadBelief *ret);

#endif
