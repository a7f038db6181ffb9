/* num/step_grad.h - what changes of Phi(dt) and Q(dt), over many gaps, mean for drift and diffusion.
 *     StepGrad g; step_grad_make(cx, n, false, drift, diffusion, &g);
 *     step_grad_add(&g, dt, phi_bar, q_bar) for every gap; step_grad_finish(&g, drift_bar, diffusion_bar);
 * Shapes  row-major n x n. phi_bar and q_bar are derivatives of some number with respect to Phi(dt) and Q(dt)
 *         (q_bar symmetric); its derivatives with respect to A and GG' are added to the results.
 *         discrete: T and one step's noise instead, dt >= 1 whole steps.
 * Errors  ERR_NOMEM; step_grad_add is false where |A| dt is beyond 2^64 or something is not finite.
 * Memory  in cx->arena, all of it taken by step_grad_make.
 * Thread  one at a time.
 * Source  reverse differentiation of the series and doublings of num/step.c. */
#ifndef NUM_STEP_GRAD_H
#define NUM_STEP_GRAD_H

#include "num/step.h"

typedef struct StepGrad {
    int n;
    bool discrete;
    double norm;
    double *b;     /* A / norm; T */
    double *t, *m; /* terms of Phi and Q in powers of |A| h */
    double *t_bar, *m_bar;
    double *phi, *q; /* doublings */
} StepGrad;

MUST_CHECK Err step_grad_make(Cx *cx, int n, bool discrete, const double drift[],
                              const double diffusion[], StepGrad *ret);
MUST_CHECK bool step_grad_add(StepGrad *g, double dt, const double phi_bar[], const double q_bar[]);
void step_grad_finish(StepGrad *g, double io_drift_bar[], double io_diffusion_bar[]);

/* P with A P + P A' + s = 0 (or T P T' + s = P), by doubling, for any symmetric s. False: not stable. */
MUST_CHECK bool step_lyapunov(int n, bool discrete, const double a[], const double s[],
                              double ret_p[]);

#endif
