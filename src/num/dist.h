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
/* Inverse of dist_normal_cdf for 0 < p < 1, to 1e-14 relative: Wichura's idea, polished by Halley
 * steps. */
double dist_normal_quantile(double p);

/* A normal restricted to low..high (either may be infinite): mean, variance, log of its
 * probability. */
void dist_truncated(double mean, double sd, double low, double high, double *ret_mean,
                    double *ret_var, double *ret_log_mass);

#endif
