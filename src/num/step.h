/* num/step.h - the exact step of a linear stochastic differential equation over any gap.
 *     dx = A x dt + G dbeta   gives   x(t+dt) = Phi x(t) + w,  w ~ N(0, Q),
 *     Phi = exp(A dt),  Q = integral over 0..dt of Phi(s) GG' Phi(s)' ds;
 * or of a discrete one, x' = T x + w, w ~ N(0, Q), over a whole number of steps.
 * Shapes  row-major n x n, 1 <= n <= NUM_MAX; GG' symmetric positive semidefinite.
 * Units   dt in the drift's unit of time (days in fonder); any dt >= 0.
 * Errors  ERR_NUMERIC not finite, GG' not positive semidefinite, or no stationary state; ERR_NOMEM.
 * Memory  step_make in cx->arena; step_at writes to the caller's arrays and allocates nothing.
 * Thread  a Stepper is immutable once made.
 * Source  C. Van Loan, IEEE Trans. Autom. Control 23 (1978) for the integral; the forms are ours,
 * see docs/ENGINE.md. */
#ifndef NUM_STEP_H
#define NUM_STEP_H

#include "num/cluster.h"
#include "num/modal.h"

enum { STEP_TERMS = 18 }; /* of the series: .5^18/18! and 1/19! are below rounding */

typedef struct Stepper {
    int n;
    bool discrete;
    bool modal;       /* basis and noise are usable */
    bool every_state; /* noise enters every state, so no entry hides in a late term of the series */
    double norm;      /* |A|_1 */
    Modal basis;      /* of A */
    double *noise;    /* V^-1 GG' V^-T */
    ClusterStep clusters; /* where there is no such basis */
    double *phi_terms; /* STEP_TERMS matrices A^k/k!, k >= 1 */
    double *q_terms;   /* STEP_TERMS matrices: Q(h) = sum of h^(k+1) term k; [0] is GG' itself */
} Stepper;

/* How many terms a step of |A| h <= 1/2 needs: what is left out is below the rounding of the largest. */
int step_terms(double norm_h);
/* drift and diffusion, or transition and noise when discrete. */
MUST_CHECK Err step_make(Cx *cx, int n, bool discrete, const double drift[],
                         const double diffusion[], Stepper *ret);
/* False when the result is not finite (an explosive drift over a long gap), or a discrete gap is
 * not whole. */
MUST_CHECK bool step_at(const Stepper *s, double dt, double ret_phi[], double ret_q[]);
/* The same with any root of Q, Q = root root', which keeps what Q would round away: a variance of 1 beside one of
 * 1e12. */
MUST_CHECK bool step_root_at(const Stepper *s, double dt, double ret_phi[], double ret_root[]);
/* The covariance that the step leaves unchanged. */
MUST_CHECK Err step_stationary(Cx *cx, const Stepper *s, double ret_p[]);

#endif
