/* num/lanes_kernel.h - the passes of num/lanes.h over one batch of eight, for the vector units this machine has. For
 * num/lanes*.c only.
 * Shapes  vectors hold one number a lane. Symmetric matrices are packed: (i, j <= i) at i (i + 1) / 2 + j.
 *         Everything is in modes, as deviations from the mean.
 * Errors  none: what is not finite stays so in its lane.
 * Memory  the caller's.
 * Thread  one batch, one thread. Variants differ by fused operations only: likelihoods by less than 1e-11 of their size,
 *         moments by less than 1e-8. */
#ifndef NUM_LANES_KERNEL_H
#define NUM_LANES_KERNEL_H

#include "num/lanes.h"

enum { LANE_SPIN = 10, LANES = 8, LANES_TRI = NUM_MAX * (NUM_MAX + 1) / 2 };

/* The alignment is said, for without it it would be that of the widest unit a file is compiled for. */
typedef double V8 __attribute__((vector_size(64), aligned(64)));
typedef int64_t I8 __attribute__((vector_size(64), aligned(64)));
typedef uint64_t U8 __attribute__((vector_size(64), aligned(64)));

/* What a block of rows leaves for the way back. Slot 0 is the belief before the block. */
typedef struct LaneTape {
    V8 *grow;       /* rows x n: e^(rate dt) - 1 */
    V8 *mean, *cov; /* rows + 1: after the readings; cov NULL: neither is asked for */
    V8 *gain;       /* readings x n; 0 where a lane has no reading */
    V8 *score;      /* readings: innovation / variance */
    V8 *inverse;    /* readings: 1 / variance */
} LaneTape;

typedef struct LaneBelief {
    V8 *mean, *cov;
} LaneBelief;

/* Derivatives of each lane's log-likelihood. */
typedef struct LaneSlopes {
    V8 *drift;  /* n x n, through Phi alone, where wanted says */
    V8 *rest;   /* packed, twice what they are */
    V8 *offset; /* m */
    V8 *error;  /* m */
    V8 *load;   /* m x n */
    V8 *push;   /* u x n */
    const int
        *wanted; /* n x (n + 1): of each row of drift, how many places are asked for, and which */
} LaneSlopes;

typedef struct LaneBatch {
    int n, m, u;
    const V8 *rate, *rest;           /* n, packed */
    const V8 *load, *error, *centre; /* m x n, m, m */
    const V8 *push;                  /* u x n */
    const V8 *apart;         /* packed: 1 / (rate_i - rate_j) for i > j, 0 where they are near */
    const V8 *near;          /* packed: 1 where they are */
    const bool *any_near;    /* packed: in any lane */
    const int *used;         /* m x (n + 1): how many loads are not 0, and which */
    const uint16_t *at;      /* n x n: places in a packed matrix */
    const V8 *dt, *y, *kick; /* rows, readings (NaN: not in this lane), rows x u */
    const uint8_t *item;     /* readings: of which item */
    const int *first;        /* rows + 1: the readings of each row */
    V8 *mean, *cov;          /* the running belief */
    V8 square, product;      /* of innovations; of variances, between 1 and 2 after each row */
    I8 twos;                 /* and the powers of two taken out of it */
    V8 *r, *big_n;           /* on the way back */
    LaneSlopes slopes;       /* drift NULL: not wanted; load NULL: that one not wanted */
    const double *basis;     /* n x n, for moments in plain coordinates */
    V8 *moment_mean, *moment_cov; /* of one row: n, and n packed (or n on the diagonal) */
    bool moments, whole;          /* whole: all covariances, not only variances */
    void (*row_done)(struct LaneBatch *b, ptrdiff_t row); /* takes the moments of that row away */
    void *context;
} LaneBatch;

struct LaneKernel {
    const char *name;
    /* Rows from .. to - 1; tape may be NULL. */
    void (*forward)(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, LaneTape *tape);
    void (*backward)(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, const LaneTape *tape);
    /* sum += z' z for rows of z of so many vectors: 8 wide x wide vectors, row i of the sum belongs to place i of a
     * row; what stands below the diagonal's vector is left out. */
    void (*outer)(ptrdiff_t rows, int wide, const V8 *z, V8 *sum);
    /* rounds times LANE_SPIN multiplications with additions, all at hand: the least that arithmetic can take. */
    void (*spin)(ptrdiff_t rounds, V8 *io);
};

/* Decided by the processor each time. */
const LaneKernel *lane_kernel(void);
/* All that this machine can run, for tests. */
int lane_kernel_count(void);
const LaneKernel *lane_kernel_at(int i);

extern const LaneKernel lane_kernel_any;
#if defined(__x86_64__)
extern const LaneKernel lane_kernel_avx2, lane_kernel_avx512;
#endif

#endif
