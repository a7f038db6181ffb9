/* num/relation_kernel.c - each loop is written once, on the compiler's portable vector types, and compiled
 * three times: the compiler splits a vector of eight into what the target has. Rows are 28 wide (25 states
 * and padding), three vectors of eight and one of four, so there is no remainder loop. A row at a time keeps
 * every load in order; the matrix (6 KB) stays in the first cache level.
 *
 * A multiplication is 700 rows' work, every other loop at most 50. */
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <string.h>

typedef double V8 __attribute__((vector_size(64)));
typedef double V4 __attribute__((vector_size(32)));

#define ALWAYS static inline __attribute__((always_inline))

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

/* io += scale x */
ALWAYS void add_scaled(double scale, const Row *x, Row *io)
{
    io->a += x->a * scale;
    io->b += x->b * scale;
    io->c += x->c * scale;
    io->d += x->d * scale;
}

ALWAYS void times_body(const double v[], double on_z, int level, const double p[], double ret[])
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

ALWAYS void absorb_body(const double h[], double push, double root, double x[], double p[])
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

ALWAYS void downdate_body(const double a[], const double b[], double p[])
{
    Row all_a, all_b, row;
    load(a, &all_a);
    load(b, &all_b);
    for (int i = 0; i < REL_DIM; i++) {
        /* Both products are summed first: a_i b_j + b_i a_j is the same for (i, j) and (j, i). */
        Row both = {all_b.a * a[i] + all_a.a * b[i], all_b.b * a[i] + all_a.b * b[i],
                    all_b.c * a[i] + all_a.c * b[i], all_b.d * a[i] + all_a.d * b[i]};
        load(p + i * REL_WIDE, &row);
        add_scaled(-1, &both, &row);
        store(&row, p + i * REL_WIDE);
    }
}

/* io += t (x with the two of each pair exchanged) */
ALWAYS void add_swapped(const V8 *t, const V8 *x, V8 *io)
{
    *io += *t * __builtin_shufflevector(*x, *x, 1, 0, 3, 2, 5, 4, 7, 6);
}

ALWAYS void turn_body(const double keep[], const double turn[], const double s[], double p[])
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

ALWAYS void multiply_body(int rows, const double a[], const double b[], double ret[])
{
    for (int i = 0; i < rows; i++) {
        Row sum = {.a = {0}}, row;
        for (int k = 0; k < REL_DIM; k++) {
            load(b + k * REL_WIDE, &row);
            add_scaled(a[i * REL_WIDE + k], &row, &sum);
        }
        store(&sum, ret + i * REL_WIDE);
    }
}

ALWAYS void apply_body(const double p[], const double x[], double ret[])
{
    Row sum = {.a = {0}}, row;
    for (int i = 0; i < REL_DIM; i++) {
        load(p + i * REL_WIDE, &row);
        add_scaled(x[i], &row, &sum);
    }
    store(&sum, ret);
}

/* -- the same, for each machine ------------------------------------------------------------------------ */

static void times_any(const double v[], double on_z, int level, const double p[], double ret[])
{
    times_body(v, on_z, level, p, ret);
}

static void absorb_any(const double h[], double push, double root, double x[], double p[])
{
    absorb_body(h, push, root, x, p);
}

static void downdate_any(const double a[], const double b[], double p[])
{
    downdate_body(a, b, p);
}

static void multiply_any(int rows, const double a[], const double b[], double ret[])
{
    multiply_body(rows, a, b, ret);
}

static void apply_any(const double p[], const double x[], double ret[])
{
    apply_body(p, x, ret);
}

static void turn_any(const double keep[], const double turn[], const double s[], double p[])
{
    turn_body(keep, turn, s, p);
}

static const RelKernel any = {"any",    times_any,    absorb_any, downdate_any,
                              turn_any, multiply_any, apply_any};

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f")))

AVX2 static void times_avx2(const double v[], double on_z, int level, const double p[],
                            double ret[])
{
    times_body(v, on_z, level, p, ret);
}

AVX2 static void absorb_avx2(const double h[], double push, double root, double x[], double p[])
{
    absorb_body(h, push, root, x, p);
}

AVX2 static void downdate_avx2(const double a[], const double b[], double p[])
{
    downdate_body(a, b, p);
}

AVX2 static void multiply_avx2(int rows, const double a[], const double b[], double ret[])
{
    multiply_body(rows, a, b, ret);
}

AVX2 static void apply_avx2(const double p[], const double x[], double ret[])
{
    apply_body(p, x, ret);
}

AVX2 static void turn_avx2(const double keep[], const double turn[], const double s[], double p[])
{
    turn_body(keep, turn, s, p);
}

AVX512 static void times_avx512(const double v[], double on_z, int level, const double p[],
                                double ret[])
{
    times_body(v, on_z, level, p, ret);
}

AVX512 static void absorb_avx512(const double h[], double push, double root, double x[], double p[])
{
    absorb_body(h, push, root, x, p);
}

AVX512 static void downdate_avx512(const double a[], const double b[], double p[])
{
    downdate_body(a, b, p);
}

AVX512 static void multiply_avx512(int rows, const double a[], const double b[], double ret[])
{
    multiply_body(rows, a, b, ret);
}

AVX512 static void apply_avx512(const double p[], const double x[], double ret[])
{
    apply_body(p, x, ret);
}

AVX512 static void turn_avx512(const double keep[], const double turn[], const double s[],
                               double p[])
{
    turn_body(keep, turn, s, p);
}

static const RelKernel avx2 = {"avx2",    times_avx2,    absorb_avx2, downdate_avx2,
                               turn_avx2, multiply_avx2, apply_avx2};
static const RelKernel avx512 = {"avx512",    times_avx512,    absorb_avx512, downdate_avx512,
                                 turn_avx512, multiply_avx512, apply_avx512};

int rel_kernel_count(void)
{
    return __builtin_cpu_supports("avx512f") ? 3 : __builtin_cpu_supports("avx2") ? 2 : 1;
}

const RelKernel *rel_kernel_at(int i)
{
    const RelKernel *const all[] = {&any, &avx2, &avx512};
    return all[i];
}

#else

int rel_kernel_count(void)
{
    return 1;
}

const RelKernel *rel_kernel_at(int i)
{
    (void)i;
    return &any;
}

#endif

const RelKernel *rel_kernel(void)
{
    return rel_kernel_at(rel_kernel_count() - 1);
}
