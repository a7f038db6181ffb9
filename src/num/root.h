/* num/root.h - covariances kept as a root S, P = S S'.
 *         What rounding takes from S is a share of each state's standard deviation, not of its variance:
 *         a root keeps twice the digits, and S S' is a covariance whatever happened to S.
 * Shapes  row-major; S is n x n, any root will do (not only the triangular one), 1 <= n <= NUM_MAX.
 * Units   those of the states.
 * Errors  bool: false when a number is not finite.
 * Memory  none.
 * Thread  pure.
 * Source  Bierman, Factorization Methods for Discrete Sequential Estimation (1977), II, V; Potter's
 *         update; Golub & Van Loan, Matrix Computations (2013), 5.2. */
#ifndef NUM_ROOT_H
#define NUM_ROOT_H

#include "num/mat.h"

/* A root of a matrix that is positive semidefinite up to rounding: a triangle once its rows are put in order. */
MUST_CHECK bool root_of(int n, const double a[], double ret[]);
/* s s', exactly symmetric. */
void root_square(int n, const double s[], double ret[]);
/* Turns the first n rows of a (rows x columns, columns >= n) into a lower triangle by reflections from the
 * right, which change a a' by nothing but rounding; the further rows go along. A row of which those before it leave nothing
 * but rounding takes no column. Returns the columns taken; pivot (n, or NULL): each row's, or -1. */
int root_triangle(int n, int rows, int columns, double a[], int pivot[]);
/* One reading y = h.x + e folded into s. f = s'h is given, var = f.f + error > 0; gain gets P h / var. */
void root_read(int n, const double f[], double error, double var, double s[], double gain[]);

/* What readings say about the place delta of a flat start: |R delta - z|^2, R upper. */
typedef struct RootFlat {
    int n;
    double r[NUM_MAX2], z[NUM_MAX];
    double most[NUM_MAX]; /* what a row could have told of each, had nothing of it decayed */
} RootFlat;

/* And the belief about delta that this is. */
typedef struct RootDelta {
    double mean[NUM_MAX];
    double spread[NUM_MAX2]; /* R^-1, a root of delta's covariance */
    double logdet;           /* of R'R */
} RootDelta;

/* One more row w.delta = z, its error 1; what no delta explains of it comes back. w is used up. h: what w
 * would be of a state that is still where it began. */
double root_absorb(RootFlat *flat, const double h[], double w[], double z);
/* False while the rows leave a direction open, up to rounding: less than 1e-7 of a state's standard deviation is
 * told apart from the others, or is left of it. */
MUST_CHECK bool root_delta(const RootFlat *flat, RootDelta *ret);

#endif
