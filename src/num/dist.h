/* num/dist.h - the distributions that estimates and scores are made of.
 * Shapes  scalars and short arrays.
 * Units   sd and var in the value's unit and its square; probabilities 0..1; logs natural.
 * Errors  none: arguments outside their domain are our own bugs, except where a function returns
 * bool. Memory  none. Thread  pure. Source  named at each function. */
#ifndef NUM_DIST_H
#define NUM_DIST_H

#include <stdbool.h>

double dist_normal_density(double z);
double dist_normal_cdf(double z); /* erfc: full relative accuracy in both tails */
double dist_normal_log_cdf(double z);
/* The first four derivatives of the logarithm of dist_normal_cdf. */
void dist_normal_log_cdf_slopes(double z, double ret[4]);
/* Inverse of dist_normal_cdf for 0 < p < 1, to 1e-14 relative: Wichura's idea, polished by Halley
 * steps. */
double dist_normal_quantile(double p);

/* A normal restricted to low..high (either may be infinite): mean, variance, log of its
 * probability. */
void dist_truncated(double mean, double sd, double low, double high, double *ret_mean,
                    double *ret_var, double *ret_log_mass);

/* P(X <= x, Y <= y) of two standard normals with correlation r; within 1e-10 (tested).
 * Source  R. Plackett, Biometrika 41 (1954): an integral over the angle of correlation. */
double dist_normal_cdf2(double x, double y, double r);
/* P(all three <= b) of standard normals with correlations r12, r13, r23; within 1e-8 (tested).
 * Source  A. Genz, Statistics and Computing 14 (2004), for the choice of path. */
double dist_normal_cdf3(const double b[3], double r12, double r13, double r23);
/* P(min of three jointly normal values <= x); cov is 3 x 3 with positive variances. */
double dist_min3_cdf(const double mean[3], const double cov[9], double x);
/* The x with dist_min3_cdf(x) = p, 0 < p < 1, within 1e-8 standard deviations of the cdf's own. */
double dist_min3_quantile(const double mean[3], const double cov[9], double p);

#endif
