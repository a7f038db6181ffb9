/* num/schur.h - a real matrix as Z T Z* with T upper triangular and Z unitary, in the widest numbers there are.
 * Shapes  row-major n x n, 1 <= n <= NUM_MAX; the eigenvalues stand on T's diagonal.
 * Units   eigenvalues per unit of time.
 * Errors  false when the iteration does not converge, or something is not finite.
 * Memory  none.
 * Thread  pure.
 * Source  shifted QR: Golub & Van Loan, Matrix Computations (2013), 7.4, 7.5; reordering 7.6.2. */
#ifndef NUM_SCHUR_H
#define NUM_SCHUR_H

#include "num/mat.h"
#include <complex.h>

typedef long double WideReal;
typedef long double complex WideCplx;

MUST_CHECK bool schur_make(int n, const double a[], WideCplx ret_t[], WideCplx ret_z[]);
/* Lets the eigenvalues at k and k + 1 change places. */
void schur_swap(int n, int k, WideCplx t[], WideCplx z[]);

#endif
