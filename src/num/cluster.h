/* num/cluster.h - the step of num/step.h for drifts that have no good eigenvectors, at a cost that does not depend on
 * the gap: blocks of eigenvalues that the gap cannot tell apart.
 *     ClusterStep c; cluster_make(cx, n, drift, diffusion, &c); cluster_step(&c, dt, phi, q, root)
 * Shapes  row-major n x n; q and root (any root of Q, not triangular) may be NULL.
 * Units   dt in the drift's unit of time, > 0.
 * Errors  ERR_NOMEM; cluster_step is false where no basis serves so long a gap.
 * Memory  cluster_make in cx->arena; cluster_step allocates nothing.
 * Thread  immutable once made.
 * Source  C. Bavely & G. Stewart, SIAM J. Numer. Anal. 16 (1979) for the blocks; the rest is ours. */
#ifndef NUM_CLUSTER_H
#define NUM_CLUSTER_H

#include "num/schur.h"

enum { CLUSTER_TERMS = 64, CLUSTER_LEVELS = 24 };

/* A basis whose blocks are c I + N, N small beside what the gap resolves. */
typedef struct ClusterForm {
    int count, first[NUM_MAX + 1]; /* blocks, and where they begin */
    bool is_real;
    WideCplx center[NUM_MAX];
    WideCplx *z, *y, *yi; /* the basis V = Z Y, Z unitary, Y a triangle with ones, and Y^-1 */
    int powers, terms;
    WideCplx *power[CLUSTER_TERMS]; /* N^k/k!; NULL where N is 0 */
    WideCplx *term[CLUSTER_TERMS];  /* of e^(N s) D e^(N* s), D = V^-1 GG' V^-*, in powers of s */
} ClusterForm;

typedef struct ClusterStep {
    int n;
    WideReal base;                            /* level k serves gaps up to base 4^(k + 1) */
    const ClusterForm *level[CLUSTER_LEVELS]; /* NULL: none */
} ClusterStep;

MUST_CHECK Err cluster_make(Cx *cx, int n, const double drift[], const double diffusion[],
                            ClusterStep *ret);
MUST_CHECK bool cluster_step(const ClusterStep *c, double dt, double ret_phi[], double ret_q[],
                             double ret_root[]);

#endif
