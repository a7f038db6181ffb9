/* num/mat.h - the small dense matrices everything else in num is made of.
 * Shapes  row-major doubles, n x n unless said otherwise, 1 <= n <= NUM_MAX. A result may not be
 * one of the inputs, except where a function says "in place". Errors  bool: false when a
 * factorisation meets a pivot that is not positive, finite or large enough. Memory  none; results
 * are the caller's arrays. Thread  pure. Source  Golub & Van Loan, Matrix Computations (2013), 3.4
 * and 4.2. */
#ifndef NUM_MAT_H
#define NUM_MAT_H

#include "base/cx.h"
#include <stdbool.h>

enum { NUM_MAX = 32, NUM_MAX2 = NUM_MAX * NUM_MAX };

void mat_identity(int n, double ret[]);
void mat_zero(int n, double ret[]);
void mat_copy(int n, const double a[], double ret[]);
void mat_mul(int n, const double a[], const double b[], double ret[]);    /* a b */
void mat_mul_nt(int n, const double a[], const double b[], double ret[]); /* a b' */
void mat_transpose(int n, const double a[], double ret[]);
void mat_vec(int n, const double a[], const double x[], double ret[]);   /* a x */
void mat_vec_t(int n, const double a[], const double x[], double ret[]); /* a' x */
void mat_add(int n, double a[], double scale, const double b[]); /* a += scale b, in place */
/* f p f' + q, exactly symmetric; q may be NULL. */
void mat_sandwich(int n, const double f[], const double p[], const double q[], double ret[]);
void mat_symmetrise(int n, double a[]); /* in place */
double mat_norm1(int n, const double a[]);
bool mat_finite(ptrdiff_t len, const double a[]);
double mat_dot(int n, const double x[], const double y[]);

/* Lower Cholesky factor of a symmetric positive definite matrix, upper triangle zero. May be in
 * place. */
bool mat_cholesky(int n, const double a[], double ret[]);
/* Solves l l' x = b. In place in x when ret == b. */
void mat_cholesky_solve(int n, const double l[], const double b[], double ret[]);
/* The inverse of a symmetric positive definite matrix from its factor. */
void mat_cholesky_inverse(int n, const double l[], double ret[]);
double mat_cholesky_logdet(int n, const double l[]); /* of l l' */
/* A lower factor of a positive SEMIdefinite matrix: pivots under 1e-12 of their own variance
 * give zero columns, whatever the units. */
bool mat_cholesky_semi(int n, const double a[], double ret[]);
/* General inverse by elimination with partial pivoting. */
bool mat_inverse(int n, const double a[], double ret[]);

/* One reading y = o + h.x + e folded into a belief in place, Joseph form. gain may be NULL, else n
 * places. False when the innovation variance is not positive and finite. */
MUST_CHECK bool mat_joseph(int n, const double h[], double residual, double error, double mean[],
                           double cov[], double gain[], double *ret_var);

#endif
