/* num/relation_body.h - the loops of num/relation_kernel.h, included once for each kind of vector unit by
 * num/relation_any.c, relation_avx2.c and relation_avx512.c, which say what REL_TARGET, REL_KERNEL and REL_NAME are.
 *
 * Written on the compiler's portable vector types, which it splits into what the target has. Rows are 28 wide (25 states
 * and padding), three vectors of eight and one of four, so there is no remainder loop. A row at a time keeps
 * every load in order; the matrix (6 KB) stays in the first cache level.
 *
 * A multiplication is 700 rows' work, every other loop at most 50. */
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <string.h>

typedef double V8 __attribute__((vector_size(64)));
typedef double V4 __attribute__((vector_size(32)));

#define ALWAYS REL_TARGET static inline __attribute__((always_inline))

typedef struct Row {
    V8 a, b, c;
    V4 d;
} Row; /* REL_WIDE doubles */

_Static_assert(REL_WIDE == 28, "a Row is 28 doubles");

ALWAYS void load(const double x[], Row *ret)
{
    memcpy(&ret->a, x, sizeof ret->a);
    memcpy(&ret->b, x + 8, sizeof ret->b);
    memcpy(&ret->c, x + 16, sizeof ret->c);
    memcpy(&ret->d, x + 24, sizeof ret->d);
}

ALWAYS void store(const Row *row, double x[])
{
    memcpy(x, &row->a, sizeof row->a);
    memcpy(x + 8, &row->b, sizeof row->b);
    memcpy(x + 16, &row->c, sizeof row->c);
    memcpy(x + 24, &row->d, sizeof row->d);
}

REL_TARGET static void downdate(const double a[], const double b[], double p[])
{
    Row all_a, all_b, row;
    load(a, &all_a);
    load(b, &all_b);
    for (int i = 0; i < REL_DIM; i++) {
        /* Both products are summed first: a_i b_j + b_i a_j is the same for (i, j) and (j, i). */
        Row both = {all_b.a * a[i] + all_a.a * b[i], all_b.b * a[i] + all_a.b * b[i],
                    all_b.c * a[i] + all_a.c * b[i], all_b.d * a[i] + all_a.d * b[i]};
        load(p + i * REL_WIDE, &row);
        row.a -= both.a;
        row.b -= both.b;
        row.c -= both.c;
        row.d -= both.d;
        store(&row, p + i * REL_WIDE);
    }
}

/* io += scale x */
ALWAYS void add_scaled(double scale, const Row *x, Row *io)
{
    io->a += x->a * scale;
    io->b += x->b * scale;
    io->c += x->c * scale;
    io->d += x->d * scale;
}

REL_TARGET static void times(const double v[], double on_z, int level, const double p[],
                             double ret[])
{
    Row sum, row;
    load(p + (REL_B + level) * REL_WIDE, &sum);
    load(p + REL_Z * REL_WIDE, &row);
    add_scaled(on_z, &row, &sum);
    for (int i = 0; i < REL_LEVELS; i++) {
        load(p + i * REL_WIDE, &row);
        add_scaled(v[i], &row, &sum);
    }
    store(&sum, ret);
}

REL_TARGET static void absorb(const double h[], double push, double root, double x[], double p[])
{
    Row all, row, scaled = {.a = {0}};
    double q[REL_WIDE];
    load(h, &all);
    load(x, &row);
    add_scaled(push, &all, &row);
    store(&row, x);
    add_scaled(root, &all, &scaled);
    store(&scaled, q);
    for (int i = 0; i < REL_DIM; i++) {
        load(p + i * REL_WIDE, &row);
        add_scaled(-q[i], &scaled, &row);
        store(&row, p + i * REL_WIDE);
    }
}

/* io += t (x with the two of each pair exchanged) */
ALWAYS void add_swapped(const V8 *t, const V8 *x, V8 *io)
{
    *io += *t * __builtin_shufflevector(*x, *x, 1, 0, 3, 2, 5, 4, 7, 6);
}

REL_TARGET static void turn(const double keep[], const double turn[], const double s[], double p[])
{
    double w[REL_FAST + 1][REL_WIDE];
    Row k, t, row, rest;
    load(keep, &k);
    load(turn, &t);
    for (int i = 0; i < REL_FAST; i++) {
        load(p + i * REL_WIDE, &row);
        load(s + i * REL_WIDE, &rest);
        add_scaled(-1, &rest, &row);
        store(&row, w[i]);
    }
    memset(w[REL_FAST], 0, sizeof w[REL_FAST]); /* z's partner, which turns into nothing */
    for (int i = 0; i < REL_FAST; i++) {
        Row one, other;
        load(w[i], &one);
        load(w[i ^ 1], &other);
        load(s + i * REL_WIDE, &row);
        Row e = {one.a * keep[i] + other.a * turn[i], one.b * keep[i] + other.b * turn[i],
                 one.c * keep[i] + other.c * turn[i], one.d * keep[i] + other.d * turn[i]};
        row.a += k.a * e.a;
        row.b += k.b * e.b;
        add_swapped(&t.a, &e.a, &row.a);
        add_swapped(&t.b, &e.b, &row.b);
        row.c += e.c; /* b does not turn */
        row.d += e.d;
        store(&row, p + i * REL_WIDE);
    }
    for (int i = 0; i < REL_DIM; i++) /* the rows just made hold the truth for their columns too */
        for (int j = 0; j < (i < REL_FAST ? i : REL_FAST); j++)
            p[i * REL_WIDE + j] = p[j * REL_WIDE + i];
}

/* Two rows at a time, so that a row of b is fetched half as often. */
REL_TARGET static void multiply(int rows, const double a[], const double b[], double ret[])
{
    int i = 0;
    for (; i + 1 < rows; i += 2) {
        Row sum = {.a = {0}}, next = {.a = {0}}, row;
        const double *x = a + i * REL_WIDE, *y = x + REL_WIDE;
        for (int k = 0; k < REL_DIM; k++) {
            load(b + k * REL_WIDE, &row);
            add_scaled(x[k], &row, &sum);
            add_scaled(y[k], &row, &next);
        }
        store(&sum, ret + i * REL_WIDE);
        store(&next, ret + (i + 1) * REL_WIDE);
    }
    for (; i < rows; i++) {
        Row sum = {.a = {0}}, row;
        for (int k = 0; k < REL_DIM; k++) {
            load(b + k * REL_WIDE, &row);
            add_scaled(a[i * REL_WIDE + k], &row, &sum);
        }
        store(&sum, ret + i * REL_WIDE);
    }
}

/* x . y over a whole row; the four places beyond 24 are added to the sum of the others' halves. */
ALWAYS double row_dot(const double x[], const double y[])
{
    Row a, b;
    load(x, &a);
    load(y, &b);
    V8 sum = a.a * b.a + a.b * b.b + a.c * b.c;
    V4 low = {sum[0], sum[1], sum[2], sum[3]}, high = {sum[4], sum[5], sum[6], sum[7]};
    low += high + a.d * b.d;
    return (low[0] + low[1]) + (low[2] + low[3]);
}

REL_TARGET static double dot(const double x[], const double y[])
{
    return row_dot(x, y);
}

REL_TARGET static void dots(const double a[], const double b[], double ret[])
{
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j <= i; j++)
            ret[i * REL_LEVELS + j] = ret[j * REL_LEVELS + i] =
                row_dot(a + i * REL_WIDE, b + j * REL_WIDE);
}

REL_TARGET static void apply(const double p[], const double x[], double ret[])
{
    Row sum = {.a = {0}}, row;
    for (int i = 0; i < REL_DIM; i++) {
        load(p + i * REL_WIDE, &row);
        add_scaled(x[i], &row, &sum);
    }
    store(&sum, ret);
}

const RelKernel REL_KERNEL = {REL_NAME, times, absorb, downdate, turn, multiply, apply, dot, dots};
