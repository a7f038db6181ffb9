/* num/relation_body.h - the loops of num/relation_kernel.h, included once for each kind of vector unit by
 * num/relation_any.c, relation_avx2.c and relation_avx512.c, which say what REL_TARGET, REL_KERNEL and REL_NAME are.
 *
 * Written on the compiler's portable vector types, which it splits into what the target has. Rows are 32 wide (25 states
 * and padding), four vectors of eight, each a line of the cache where the matrix starts at one, so there is no remainder
 * loop and no load across lines. A row at a time keeps every load in order; the matrix (6 KB) stays in the first cache
 * level. What is symmetric comes out so without being
 * mirrored: each entry is a sum of the same products in the same order as its mirror image. Nothing is summed across a
 * register but single numbers.
 *
 * Cost in rows of 32, a multiplication and addition each: sight 14, absorb 25, turn 30, back 25 and 40; a belief in levels 150,
 * what later readings take from its variances 325, from covariances 75 more. */
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <string.h>

typedef double V8 __attribute__((vector_size(64)));
typedef double V4 __attribute__((vector_size(32)));

#define ALWAYS REL_TARGET static inline __attribute__((always_inline))

typedef struct Row {
    V8 a, b, c, d;
} Row; /* REL_WIDE doubles */

_Static_assert(REL_WIDE == 32, "a Row is 32 doubles");

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

/* io -= scale x */
ALWAYS void take_scaled(double scale, const Row *x, Row *io)
{
    io->a -= x->a * scale;
    io->b -= x->b * scale;
    io->c -= x->c * scale;
    io->d -= x->d * scale;
}

/* io -= a on_a + b on_b. Both products are summed first: a_i b_j + b_i a_j is the same for (i, j) and (j, i). */
ALWAYS void take_both(const Row *a, double on_a, const Row *b, double on_b, Row *io)
{
    io->a -= a->a * on_a + b->a * on_b;
    io->b -= a->b * on_a + b->b * on_b;
    io->c -= a->c * on_a + b->c * on_b;
    io->d -= a->d * on_a + b->d * on_b;
}

REL_TARGET static void downdate(const double a[], const double b[], double p[])
{
    Row all_a, all_b, row;
    load(a, &all_a);
    load(b, &all_b);
    for (int i = 0; i < REL_DIM; i++) {
        load(p + i * REL_WIDE, &row);
        take_both(&all_b, a[i], &all_a, b[i], &row);
        store(&row, p + i * REL_WIDE);
    }
}

ALWAYS double rows_dot(const Row *x, const Row *y)
{
    V8 sum = x->a * y->a + x->b * y->b + x->c * y->c + x->d * y->d;
    V4 low = {sum[0], sum[1], sum[2], sum[3]}, high = {sum[4], sum[5], sum[6], sum[7]};
    low += high;
    return (low[0] + low[1]) + (low[2] + low[3]);
}

REL_TARGET static double dot(const double x[], const double y[])
{
    Row a, b;
    load(x, &a);
    load(y, &b);
    return rows_dot(&a, &b);
}

ALWAYS void times_row(const double row_of[], double on_z, int level, const double p[], Row *ret)
{
    Row row, odd; /* two sums, so that neither waits for itself long */
    load(p + (REL_B + level) * REL_WIDE, ret);
    load(p + REL_Z * REL_WIDE, &row);
    odd = (Row){row.a * on_z, row.b * on_z, row.c * on_z, row.d * on_z};
    for (int i = 0; i < REL_LEVELS; i += 2) {
        load(p + i * REL_WIDE, &row);
        add_scaled(row_of[i], &row, ret);
        load(p + (i + 1) * REL_WIDE, &row);
        add_scaled(row_of[i + 1], &row, &odd);
    }
    add_scaled(1, &odd, ret);
}

REL_TARGET static void times(const double row_of[], double on_z, int level, const double p[],
                             double ret[])
{
    Row sum;
    times_row(row_of, on_z, level, p, &sum);
    store(&sum, ret);
}

REL_TARGET static void sight(const double row_of[], double on_z, int level, const double x[],
                             const double p[], double ret[], double *ret_mean, double *ret_var)
{
    Row sum, h, at;
    times_row(row_of, on_z, level, p, &sum);
    load(row_of, &h);
    load(x, &at);
    store(&sum, ret);
    *ret_mean = rows_dot(&h, &at) + on_z * at.b[REL_Z - 8];
    *ret_var = rows_dot(&h, &sum) + on_z * sum.b[REL_Z - 8];
}

REL_TARGET static void absorb(const double h[], double push, double root, double x[], double p[])
{
    Row all, row;
    _Alignas(64) double q[REL_WIDE];
    load(h, &all);
    load(x, &row);
    add_scaled(push, &all, &row);
    store(&row, x);
    Row scaled = {all.a * root, all.b * root, all.c * root, all.d * root};
    store(&scaled, q);
    for (int i = 0; i < REL_DIM; i++) {
        load(p + i * REL_WIDE, &row);
        take_scaled(q[i], &scaled, &row);
        store(&row, p + i * REL_WIDE);
    }
}

/* -- time --------------------------------------------------------------------------------------------- */

REL_TARGET static void series(const double re[], const double im[], double scale, int terms,
                              double base, double ret_keep[], double ret_turn[])
{
    enum { HALVES = 2 }; /* of 16 places, of which 12 are modes */
    for (int half = 0; half < HALVES; half++) {
        V8 rate, turning, one = {1, 1, 1, 1, 1, 1, 1, 1}, r = one, i = one * 0;
        memcpy(&rate, re + 8 * half, sizeof rate);
        memcpy(&turning, im + 8 * half, sizeof turning);
        for (int k = terms; k >= 1; k--) { /* 1 + x/1 (1 + x/2 (1 + ...)) */
            V8 x = rate * (scale / k), y = turning * (scale / k);
            V8 next = 1 + x * r - y * i;
            i = x * i + y * r;
            r = next;
        }
        r *= base;
        i *= base;
        memcpy(ret_keep + 8 * half, &r, sizeof r);
        memcpy(ret_turn + 8 * half, &i, sizeof i);
    }
}

ALWAYS void swap_pairs(const V8 *x, V8 *ret) /* the two of each pair */
{
    *ret = __builtin_shufflevector(*x, *x, 1, 0, 3, 2, 5, 4, 7, 6);
}

/* Eight places that turn, of one of two rows that are a pair: s + E (p - s) E', one and other being p - s of both. */
ALWAYS void turn_pair(double keep, double turn, const V8 *k, const V8 *t, const V8 *one,
                      const V8 *other, V8 *io_rest)
{
    V8 one_swapped, other_swapped;
    swap_pairs(one, &one_swapped);
    swap_pairs(other, &other_swapped);
    *io_rest += (*k * keep * *one + *t * turn * other_swapped) +
                (*k * turn * *other + *t * keep * one_swapped);
}

/* The same where the row itself does not turn. */
ALWAYS void turn_lone(double keep, const V8 *k, const V8 *t, const V8 *one, V8 *io_rest)
{
    V8 one_swapped;
    swap_pairs(one, &one_swapped);
    *io_rest += *k * keep * *one + *t * keep * one_swapped;
}

ALWAYS void turn_two(const double keep[2], const double turn[2], const Row *k, const Row *t,
                     const double s[], double p[])
{
    Row x, y, new_x, new_y;
    load(p, &x);
    load(p + REL_WIDE, &y);
    load(s, &new_x);
    load(s + REL_WIDE, &new_y);
    V8 xa = x.a - new_x.a, xb = x.b - new_x.b, ya = y.a - new_y.a, yb = y.b - new_y.b;
    turn_pair(keep[0], turn[0], &k->a, &t->a, &xa, &ya, &new_x.a);
    new_x.b += k->b * keep[0] * xb + k->b * turn[0] * yb;
    turn_pair(keep[1], turn[1], &k->a, &t->a, &ya, &xa, &new_y.a);
    new_y.b += k->b * keep[1] * yb + k->b * turn[1] * xb;
    new_x.c = x.c * keep[0] + y.c * turn[0]; /* b is at rest, and does not turn */
    new_x.d = x.d * keep[0] + y.d * turn[0];
    new_y.c = y.c * keep[1] + x.c * turn[1];
    new_y.d = y.d * keep[1] + x.d * turn[1];
    store(&new_x, p);
    store(&new_y, p + REL_WIDE);
}

REL_TARGET static void turn(int pairs, const double keep[], const double turn[], const double s[],
                            double p[])
{
    Row k, t, row, rest;
    load(keep, &k);
    load(turn, &t);
    for (int i = 0; i < pairs; i += 2)
        turn_two(keep + i, turn + i, &k, &t, s + i * REL_WIDE, p + i * REL_WIDE);
    for (int i = pairs; i < REL_FAST; i++) {
        load(p + i * REL_WIDE, &row);
        load(s + i * REL_WIDE, &rest);
        V8 a = row.a - rest.a, b = row.b - rest.b;
        turn_lone(keep[i], &k.a, &t.a, &a, &rest.a);
        rest.b += k.b * keep[i] * b;
        rest.c = row.c * keep[i];
        rest.d = row.d * keep[i];
        store(&rest, p + i * REL_WIDE);
    }
    for (int i = REL_FAST; i < REL_DIM; i++) { /* b's rows: as the columns of b above */
        V8 a, b, swapped;
        memcpy(&a, p + i * REL_WIDE, sizeof a);
        memcpy(&b, p + i * REL_WIDE + 8, sizeof b);
        swap_pairs(&a, &swapped);
        a = a * k.a + swapped * t.a;
        b *= k.b;
        memcpy(p + i * REL_WIDE, &a, sizeof a);
        memcpy(p + i * REL_WIDE + 8, &b, sizeof b);
    }
}

/* -- looking back ------------------------------------------------------------------------------------- */

/* Two sums, so that none waits for itself. */
ALWAYS void apply_row(const double p[], const double x[], Row *ret)
{
    Row odd = {.a = {0}}, row;
    *ret = odd;
    for (int i = 0; i + 1 < REL_DIM; i += 2) {
        load(p + i * REL_WIDE, &row);
        add_scaled(x[i], &row, ret);
        load(p + (i + 1) * REL_WIDE, &row);
        add_scaled(x[i + 1], &row, &odd);
    }
    load(p + (REL_DIM - 1) * REL_WIDE, &row);
    add_scaled(x[REL_DIM - 1], &row, ret);
    add_scaled(1, &odd, ret);
}

REL_TARGET static void apply(const double p[], const double x[], double ret[])
{
    Row sum;
    apply_row(p, x, &sum);
    store(&sum, ret);
}

REL_TARGET static void back(const double row_of[], double on_z, int level, const double k[],
                            double score, double extra, double r[], double n[])
{
    Row gain, at, row, h;
    _Alignas(64) double all_h[REL_WIDE], all_x[REL_WIDE];
    load(k, &gain);
    load(r, &at);
    load(row_of, &h);
    h.b[REL_Z - 8] = on_z;
    add_scaled(score - rows_dot(&gain, &at), &h, &at);
    store(&at, r);
    if (!n)
        return;
    Row x;
    apply_row(n, k, &x);
    take_scaled((extra + rows_dot(&gain, &x)) * 0.5, &h, &x);
    store(&h, all_h);
    store(&x, all_x);
    for (int i = 0; i < REL_FAST; i++) {
        load(n + i * REL_WIDE, &row);
        take_both(&x, all_h[i], &h, all_x[i], &row);
        store(&row, n + i * REL_WIDE);
    }
    Row own;
    load(n + (REL_B + level) * REL_WIDE, &own);
    take_both(&x, 1, &h, all_x[REL_B + level], &own);
    /* Of b, h sees its own alone: of the last two vectors one changes, if any. */
    int own_at = REL_B + level < 16 ? 16 : (REL_B + level) / 8 * 8;
    V8 own_h;
    memcpy(&own_h, all_h + own_at, sizeof own_h);
    for (int i = REL_FAST; i < REL_DIM; i++) {
        double *to = n + i * REL_WIDE;
        V8 x_i, y_i, z_i;
        memcpy(&x_i, to, sizeof x_i);
        memcpy(&y_i, to + 8, sizeof y_i);
        memcpy(&z_i, to + own_at, sizeof z_i);
        x_i -= h.a * all_x[i];
        y_i -= h.b * all_x[i];
        z_i -= own_h * all_x[i];
        memcpy(to, &x_i, sizeof x_i);
        memcpy(to + 8, &y_i, sizeof y_i);
        memcpy(to + own_at, &z_i, sizeof z_i);
    }
    store(&own, n + (REL_B + level) * REL_WIDE);
}

/* Twelve places of a row: what a row is of levels. */
typedef struct Levels {
    V8 a;
    V4 b;
} Levels;

_Static_assert(REL_LEVELS == 12, "Levels are 12 doubles");

ALWAYS void load_levels(const double x[], Levels *ret)
{
    memcpy(&ret->a, x, sizeof ret->a);
    memcpy(&ret->b, x + 8, sizeof ret->b);
}

ALWAYS void add_levels(double scale, const Levels *x, Levels *io)
{
    io->a += x->a * scale;
    io->b += x->b * scale;
}

ALWAYS void store_levels(const Levels *x, double ret[])
{
    memcpy(ret, &x->a, sizeof x->a);
    memcpy(ret + 8, &x->b, sizeof x->b);
}

REL_TARGET static void in_levels(const double columns[], const double p[], double ret[])
{
    Levels mode[REL_LEVELS];
    for (int i = 0; i < REL_LEVELS; i++)
        load_levels(columns + i * REL_LEVELS, &mode[i]);
    for (int j = 0; j < REL_DIM; j++) {
        const double *row = p + j * REL_WIDE;
        Levels sum;
        V8 rest[2];
        load_levels(row + REL_B, &sum);
        memcpy(rest, row + REL_Z, sizeof rest); /* today and own levels stay what they are */
        for (int i = 0; i < REL_LEVELS; i++)
            add_levels(row[i], &mode[i], &sum);
        store_levels(&sum, ret + j * REL_WIDE);
        memcpy(ret + j * REL_WIDE + REL_Z, rest, sizeof rest);
    }
}

REL_TARGET static void level_vars(const double columns[], const double b[], double ret[])
{
    Levels sum = {.a = {0}}, mode, row;
    for (int i = 0; i < REL_LEVELS; i++) {
        load_levels(columns + i * REL_LEVELS, &mode);
        load_levels(b + i * REL_WIDE, &row);
        sum.a += mode.a * row.a;
        sum.b += mode.b * row.b;
    }
    store_levels(&sum, ret);
    for (int k = 0; k < REL_LEVELS; k++)
        ret[k] += b[(REL_B + k) * REL_WIDE + k];
}

REL_TARGET static void level_covs(const double v[], const double b[], double ret[])
{
    for (int k = 0; k < REL_LEVELS; k++) {
        Levels sum, row;
        load_levels(b + (REL_B + k) * REL_WIDE, &sum);
        for (int i = 0; i < REL_LEVELS; i++) {
            load_levels(b + i * REL_WIDE, &row);
            add_levels(v[k * REL_LEVELS + i], &row, &sum);
        }
        store_levels(&sum, ret + k * REL_LEVELS);
    }
    for (int k = 0; k < REL_LEVELS; k++)
        for (int j = 0; j < k; j++)
            ret[j * REL_LEVELS + k] = ret[k * REL_LEVELS + j];
}

/* Two rows of it at a time, so that a row of b is fetched half as often; one half of N, as the other is the same. */
REL_TARGET static void taught(const double n[], const double b[], double half[], double ret[])
{
    Row vars = {.a = {0}}, row, last;
    for (int i = 0; i + 1 < REL_DIM; i += 2) {
        const double *one = n + i * REL_WIDE, *two = one + REL_WIDE;
        Row x, y, first = {.a = {0}}, second = {.a = {0}};
        load(b + i * REL_WIDE, &x);
        load(b + (i + 1) * REL_WIDE, &y);
        add_scaled(0.5 * one[i], &x, &first);
        add_scaled(one[i + 1], &y, &first);
        add_scaled(0.5 * two[i + 1], &y, &second);
        for (int j = i + 2; j < REL_DIM; j++) {
            load(b + j * REL_WIDE, &row);
            add_scaled(one[j], &row, &first);
            add_scaled(two[j], &row, &second);
        }
        store(&first, half + i * REL_WIDE);
        store(&second, half + (i + 1) * REL_WIDE);
        vars.a += x.a * first.a + y.a * second.a;
        vars.b += x.b * first.b + y.b * second.b;
        vars.c += x.c * first.c + y.c * second.c;
        vars.d += x.d * first.d + y.d * second.d;
    }
    load(b + (REL_DIM - 1) * REL_WIDE, &row);
    double corner = 0.5 * n[(REL_DIM - 1) * (REL_WIDE + 1)];
    last = (Row){row.a * corner, row.b * corner, row.c * corner, row.d * corner};
    store(&last, half + (REL_DIM - 1) * REL_WIDE);
    vars = (Row){vars.a + row.a * last.a, vars.b + row.b * last.b, vars.c + row.c * last.c,
                 vars.d + row.d * last.d};
    add_scaled(1, &vars, &vars);
    store(&vars, ret);
}

REL_TARGET static void taught_covs(const double b[], const double half[], double io[])
{
    enum { AT_ONCE = 4 };
    double both[REL_LEVELS * REL_LEVELS];
    for (int k = 0; k < REL_LEVELS; k += AT_ONCE) {
        Levels sum[AT_ONCE] = {{.a = {0}}}, row;
        for (int i = 0; i < REL_DIM; i++) {
            load_levels(half + i * REL_WIDE, &row);
            for (int q = 0; q < AT_ONCE; q++)
                add_levels(b[i * REL_WIDE + k + q], &row, &sum[q]);
        }
        for (int q = 0; q < AT_ONCE; q++)
            store_levels(&sum[q], both + (k + q) * REL_LEVELS);
    }
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            io[i * REL_LEVELS + j] -= both[i * REL_LEVELS + j] + both[j * REL_LEVELS + i];
}

const RelKernel REL_KERNEL = {.name = REL_NAME,
                              .times = times,
                              .sight = sight,
                              .absorb = absorb,
                              .downdate = downdate,
                              .series = series,
                              .turn = turn,
                              .apply = apply,
                              .dot = dot,
                              .back = back,
                              .in_levels = in_levels,
                              .level_vars = level_vars,
                              .level_covs = level_covs,
                              .taught = taught,
                              .taught_covs = taught_covs};
