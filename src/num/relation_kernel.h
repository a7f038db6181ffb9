/* num/relation_kernel.h - the loops in which the relationship model spends its time, for the vector
 * units this machine has. For num/relation*.c only.
 * Shapes  matrices REL_DIM x REL_WIDE row-major, vectors REL_WIDE; all beyond REL_DIM is zero. Fast where they start
 *         at a line of the cache, right anywhere.
 * Errors  none.
 * Memory  none.
 * Thread  pure. Every variant does the same operations in the same order without fused ones, so results are the same
 *         to the bit on every machine. */
#ifndef NUM_RELATION_KERNEL_H
#define NUM_RELATION_KERNEL_H

#include "num/relation.h"

struct RelKernel {
    const char *name;
    /* ret = P h for h = row_of (a row of RelModel.rows), on_z in z's place. */
    void (*times)(const double row_of[], double on_z, int level, const double p[], double ret[]);
    /* The same, and h x, h P h. */
    void (*sight)(const double row_of[], double on_z, int level, const double x[], const double p[],
                  double ret[], double *ret_mean, double *ret_var);
    /* x += push h, P -= (root h) (root h)' */
    void (*absorb)(const double h[], double push, double root, double x[], double p[]);
    /* P -= a b' + b a' */
    void (*downdate)(const double a[], const double b[], double p[]);
    /* base e^(scale (re + i im)) of 16 places, by so many terms. */
    void (*series)(const double re[], const double im[], double scale, int terms, double base,
                   double ret_keep[], double ret_turn[]);
    /* P = S + E (P - S) E' with E = keep on the diagonal and turn between the two of each pair; the first `pairs`
     * places are pairs, 8 at most. keep is 1, turn and S 0 from REL_B on. */
    void (*turn)(int pairs, const double keep[], const double turn[], const double s[], double p[]);
    /* ret = P x for symmetric P */
    void (*apply)(const double p[], const double x[], double ret[]);
    double (*dot)(const double x[], const double y[]);
    /* h as in times: r = r + (score - k r) h, N = (I - k h')' N (I - k h') + extra h h'; without N when it is NULL. */
    void (*back)(const double row_of[], double on_z, int level, const double k[], double score,
                 double extra, double r[], double n[]);
    /* B = P T', T the rows of levels, today and own levels, in the places of modes, z and b: P with other columns. */
    void (*in_levels)(const double columns[], const double p[], double ret[]);
    /* Of B: the levels' variances; their covariances, REL_LEVELS^2. */
    void (*level_vars)(const double columns[], const double b[], double ret[]);
    void (*level_covs)(const double v[], const double b[], double ret[]);
    /* ret: the diagonal of B' N B, all of it, and half = H B with N = H + H'; then io -= B' N B of levels. */
    void (*taught)(const double n[], const double b[], double half[], double ret[]);
    void (*taught_covs)(const double b[], const double half[], double io[]);
};

extern const RelKernel rel_kernel_any;
#if defined(__x86_64__)
extern const RelKernel rel_kernel_avx2, rel_kernel_avx512;
#endif

/* Decided by the processor each time: AVX-512, AVX2, or what every x86-64 or other machine has. */
const RelKernel *rel_kernel(void);
/* All that this machine can run, for tests: how many, and the i-th. */
int rel_kernel_count(void);
const RelKernel *rel_kernel_at(int i);

#endif
