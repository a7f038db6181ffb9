/* num/relation_kernel.h - the loops in which the relationship model spends its time, for the vector
 * units this machine has. For num/relation*.c only.
 * Shapes  matrices REL_WIDE x REL_WIDE row-major, vectors REL_WIDE; all beyond REL_DIM is zero.
 * Errors  none.
 * Memory  none.
 * Thread  pure. Every variant does the same operations in the same order without fused ones, so results are the same
 *         to the bit on every machine. */
#ifndef NUM_RELATION_KERNEL_H
#define NUM_RELATION_KERNEL_H

#include "num/relation.h"

struct RelKernel {
    const char *name;
    /* ret = P h for h = v on the modes, load on z and 1 on b_level. */
    void (*times)(const double v[], double load, int level, const double p[], double ret[]);
    /* x += push h, P -= (root h) (root h)' */
    void (*absorb)(const double h[], double push, double root, double x[], double p[]);
    /* P -= a b' + b a' */
    void (*downdate)(const double a[], const double b[], double p[]);
    /* P = S + E (P - S) E' with E = keep on the diagonal and turn between the two of a pair; keep is 1 and S
     * 0 where nothing turns. Symmetric to the bit. */
    void (*turn)(const double keep[], const double turn[], const double s[], double p[]);
    /* ret = a b, the first rows of it */
    void (*multiply)(int rows, const double a[], const double b[], double ret[]);
    /* ret = P x for symmetric P */
    void (*apply)(const double p[], const double x[], double ret[]);
    double (*dot)(const double x[], const double y[]);
    /* ret_ij = a_i . b_j for REL_LEVELS rows each; the lower half is worked out and mirrored: REL_LEVELS^2. */
    void (*dots)(const double a[], const double b[], double ret[]);
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
