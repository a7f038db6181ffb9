/* num/step_grad.h - what a change of Phi(dt) and Q(dt) means for drift and diffusion.
 * Shapes  row-major n x n. phi_bar and q_bar are derivatives of some number with respect to Phi and Q
 *         (q_bar symmetric); its derivatives with respect to A and GG' are added to the results.
 * Errors  bool: false where |A| dt is beyond 2^64.
 * Memory  work: step_grad_work(n) doubles of the caller's.
 * Thread  pure.
 * Source  reverse differentiation of the series and doublings of num/step.c. */
#ifndef NUM_STEP_GRAD_H
#define NUM_STEP_GRAD_H

#include "num/step.h"

ptrdiff_t step_grad_work(int n);
MUST_CHECK bool step_grad(int n, const double drift[], const double diffusion[], double dt,
                          const double phi_bar[], const double q_bar[], double work[],
                          double io_drift_bar[], double io_diffusion_bar[]);
/* P with A P + P A' + s = 0 (or T P T' + s = P), by doubling, for any symmetric s. False: not stable. */
MUST_CHECK bool step_lyapunov(int n, bool discrete, const double a[], const double s[],
                              double ret_p[]);

#endif
