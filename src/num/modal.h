/* num/modal.h - a real matrix as V Lambda V^-1 with Lambda made of real 1x1 and 2x2 blocks.
 * Shapes  row-major n x n, 1 <= n <= NUM_MAX. Block k is the real eigenvalue re[k] where im[k] is
 * 0; a conjugate pair re +- i im takes two places, im[k] > 0 and im[k+1] = -im[k], and its block is
 *         [re im; -im re]. Columns of V are scaled to length 1 (a pair: its two columns together).
 * Units   eigenvalues per unit of time.
 * Errors  false where no well-conditioned basis exists (defective or nearly so, cond(V) > 1000):
 * callers then take num/cluster.h, which needs no eigenvectors. Memory  none. Thread
 * pure. Source  shifted QR: Golub & Van Loan, Matrix Computations (2013), 7.5; Wilkinson (1965). */
#ifndef NUM_MODAL_H
#define NUM_MODAL_H

#include "num/mat.h"

typedef struct Modal {
    int n;
    double re[NUM_MAX], im[NUM_MAX];
    double v[NUM_MAX2], vi[NUM_MAX2]; /* V and its inverse */
    double cond;                      /* |V|_1 |V^-1|_1 */
} Modal;

MUST_CHECK bool modal_make(int n, const double a[], Modal *ret);

#endif
