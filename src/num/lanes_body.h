/* num/lanes_body.h - the passes themselves, included once for each kind of vector unit by num/lanes_any.c,
 * lanes_avx2.c and lanes_avx512.c, which say what LANE_TARGET, LANE_KERNEL and LANE_NAME are.
 *
 * Lanes are series, not states: every operation is the same in all eight places, so nothing is ever moved across a
 * register, and a reading that some series do not have costs them nothing but an update with gain 0. In modes a
 * step multiplies each entry by a number, P' = P + g (P - S) with g = e^((a + b) dt) - 1 = g_a + g_b + g_a g_b: no
 * digits are lost at a gap of a second, and none at thirty years. A reading takes away (p/s) p', symmetric because
 * only one half is kept; lanes_make has seen that readings' errors are not small beside P, so the plain form is exact
 * to twelve digits. Innovation variances are multiplied up and their powers of two counted apart: one logarithm
 * a series.
 *
 * Readings of a row are taken together, for fetching and storing P costs more than the arithmetic on it: each one's p is
 * freed of what those before it told, and P is gone through once.
 *
 * Cost for eight lanes: a step 2 n^2, a reading k n + n^2/2 (k loads that are not 0); back, a reading 2.5 n^2,
 * moments 2.5 n^3 (or k n^2 + n^3 for variances), slopes n^3 a row. A multiplication and addition each. */

#include <string.h>

#define LANE_FN LANE_TARGET static inline __attribute__((always_inline))

/* As many states as a relationship has levels: loops of known length are written out. So many readings are taken
 * together: their variances, between 1e-60 and 1e60, may be multiplied up. */
enum { LANE_OFTEN = 12, LANE_TOGETHER = 4 };
#if !defined(LANE_UNROLL)
#define LANE_UNROLL /* worth its code only where all of a loop stays in registers */
#endif

static const double LANE_LOG2E = 1.44269504088896340736, LANE_LN2_HI = 6.93147180369123816490e-01,
                    LANE_LN2_LO = 1.90821492927058770002e-10, LANE_MAGIC = 6755399441055744.0;

/* e^x - 1 for -700 <= x <= 0, to the last place or two: x = k ln 2 + r, the series of e^r - 1, put together without
 * cancelling. Adding 1.5 2^52 leaves k in the low bits of a double. */
LANE_FN void lane_expm1(const V8 *at, V8 *ret)
{
    V8 floor = {-700, -700, -700, -700, -700, -700, -700, -700};
    V8 x = *at;
    I8 low = x < floor;
    x = (V8)(((I8)floor & low) | ((I8)x & ~low));
    V8 t = x * LANE_LOG2E + LANE_MAGIC, k = t - LANE_MAGIC;
    V8 r = (x - k * LANE_LN2_HI) - k * LANE_LN2_LO;
    V8 scale = (V8)(((U8)t + 1023) << 52);
    V8 p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r * r + r;
    *ret = scale * p + (scale - 1);
}

/* Where (i, j) stands in a packed matrix. */
LANE_FN int lane_at(int i, int j)
{
    return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/* ret = A x for a symmetric A and an x without zeros. */
LANE_FN void lane_apply(int n, const V8 *a, const V8 *x, V8 *ret)
{
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        V8 sum = {0};
        LANE_UNROLL
        for (int j = 0; j < n; j++)
            sum += x[j] * a[lane_at(i, j)];
        ret[i] = sum;
    }
}

/* ret = P h, h's loads given by their places. Four sums at a time, so that none waits for itself. */
LANE_FN void lane_times(int n, const uint16_t *at, const int *used, const V8 *h, const V8 *p,
                        V8 *ret)
{
    int count = used[0], i = 0;
    if (2 * count > n) {
        lane_apply(n, p, h, ret);
        return;
    }
    LANE_UNROLL
    for (; i + 4 <= n; i += 4) {
        V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (int q = 1; q <= count; q++) {
            const uint16_t *row = at + used[q] * n + i;
            V8 x = h[used[q]];
            s0 += x * p[row[0]];
            s1 += x * p[row[1]];
            s2 += x * p[row[2]];
            s3 += x * p[row[3]];
        }
        ret[i] = s0;
        ret[i + 1] = s1;
        ret[i + 2] = s2;
        ret[i + 3] = s3;
    }
    for (; i < n; i++) {
        V8 sum = {0};
        for (int q = 1; q <= count; q++)
            sum += h[used[q]] * p[at[used[q] * n + i]];
        ret[i] = sum;
    }
}

/* The sum of x_i y_i, four at a time, so that it does not wait for itself. */
LANE_FN void lane_dot(int n, const V8 *x, const V8 *y, V8 *ret)
{
    V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    int i = 0;
    LANE_UNROLL
    for (; i + 4 <= n; i += 4) {
        s0 += x[i] * y[i];
        s1 += x[i + 1] * y[i + 1];
        s2 += x[i + 2] * y[i + 2];
        s3 += x[i + 3] * y[i + 3];
    }
    for (; i < n; i++)
        s0 += x[i] * y[i];
    *ret = (s0 + s1) + (s2 + s3);
}

/* How much of each mode the step to this row takes: e^(rate dt) - 1. */
LANE_FN void lane_grow(int n, const LaneBatch *b, ptrdiff_t row, V8 *ret)
{
    for (int i = 0; i < n; i++) {
        V8 x = b->rate[i] * b->dt[row];
        lane_expm1(&x, &ret[i]);
    }
}

/* The belief one step on; to may be from. */
LANE_FN void lane_step(int n, const LaneBatch *b, const V8 *grow, const LaneBelief *from,
                       const LaneBelief *to)
{
    const V8 *rest = b->rest, *p = from->cov;
    V8 *out = to->cov;
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        V8 gi = grow[i], ei = gi + 1;
        to->mean[i] = from->mean[i] + gi * from->mean[i];
        LANE_UNROLL
        for (int j = 0; j <= i; j++, p++, rest++, out++) {
            V8 x = *p;
            *out = x + (gi + ei * grow[j]) * (x - *rest);
        }
    }
}

/* P -= sum of (gain) (p)' over count readings (n numbers each), two rows at a time: each p is fetched once for both. */
LANE_FN void lane_lower(int n, int count, const V8 *gain, const V8 *p, V8 *cov)
{
    int i = 0;
    for (; i + 2 <= n; i += 2) {
        V8 *up = cov + i * (i + 1) / 2, *down = up + i + 1;
        V8 k_up[LANE_TOGETHER], k_down[LANE_TOGETHER];
        LANE_UNROLL
        for (int q = 0; q < count; q++) {
            k_up[q] = gain[q * n + i];
            k_down[q] = gain[q * n + i + 1];
        }
        for (int j = 0; j <= i; j++) {
            V8 a = up[j], c = down[j];
            LANE_UNROLL
            for (int q = 0; q < count; q++) {
                a -= k_up[q] * p[q * n + j];
                c -= k_down[q] * p[q * n + j];
            }
            up[j] = a;
            down[j] = c;
        }
        LANE_UNROLL
        for (int q = 0; q < count; q++)
            down[i + 1] -= k_down[q] * p[q * n + i + 1];
    }
    for (int j = 0; i < n && j <= i; j++)
        for (int q = 0; q < count; q++)
            cov[i * (i + 1) / 2 + j] -= gain[q * n + i] * p[q * n + j];
}

/* What one reading of several of a row tells, p = P h as of before the row's: first what the ones before it, whose p
 * and gains stand before its own, have told of it. */
LANE_FN void lane_tell(int n, int which, LaneBatch *b, ptrdiff_t reading, const LaneBelief *x,
                       V8 *p, V8 *gain, LaneTape *tape, ptrdiff_t at)
{
    int item = b->item[reading];
    const V8 *h = b->load + item * n;
    const int *used = b->used + item * (n + 1);
    V8 *own = p + which * n, *k = gain + which * n, y = b->y[reading];
    V8 one = {1, 1, 1, 1, 1, 1, 1, 1}, var = b->error[item], resid = y - b->centre[item];
    I8 there = y == y;
    for (int r = 0; r < which; r++) {
        V8 share = {0};
        for (int q = 1; q <= used[0]; q++)
            share += h[used[q]] * gain[r * n + used[q]];
        LANE_UNROLL
        for (int i = 0; i < n; i++)
            own[i] -= share * p[r * n + i];
    }
    for (int q = 1; q <= used[0]; q++) {
        var += h[used[q]] * own[used[q]];
        resid -= h[used[q]] * x->mean[used[q]];
    }
    var = (V8)(((I8)var & there) | ((I8)one & ~there));
    V8 inverse = (V8)((I8)(1 / var) & there);
    V8 score = (V8)((I8)resid & there) * inverse;
    b->product *= var;
    b->square += score * score * var;
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        x->mean[i] += own[i] * score;
        k[i] = own[i] * inverse;
    }
    if (tape) {
        tape->score[at] = score;
        tape->inverse[at] = inverse;
    }
}

/* Takes the powers of two out of the product, so that it never runs over. */
LANE_FN void lane_scale(LaneBatch *b)
{
    I8 bits = (I8)b->product;
    b->twos += (bits >> 52) - 1023;
    b->product = (V8)((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
}

/* So many readings of a row, as one: the covariance is gone through once. */
LANE_FN void lane_read(int n, int count, LaneBatch *b, ptrdiff_t reading, const LaneBelief *x,
                       LaneTape *tape, ptrdiff_t at)
{
    V8 p[LANE_TOGETHER * NUM_MAX], own[LANE_TOGETHER * NUM_MAX];
    V8 *gain = tape ? tape->gain + at * n : own;
    for (int q = 0; q < count; q++) {
        int item = b->item[reading + q];
        lane_times(n, b->at, b->used + item * (n + 1), b->load + item * n, x->cov, p + q * n);
    }
    for (int q = 0; q < count; q++)
        lane_tell(n, q, b, reading + q, x, p, gain, tape, at + q);
    if (count == 4)
        lane_lower(n, 4, gain, p, x->cov);
    else if (count == 3)
        lane_lower(n, 3, gain, p, x->cov);
    else if (count == 2)
        lane_lower(n, 2, gain, p, x->cov);
    else
        lane_lower(n, 1, gain, p, x->cov);
    lane_scale(b);
}

/* Those of a row, in parts of about one length. */
LANE_FN void lane_read_row(int n, LaneBatch *b, ptrdiff_t row, const LaneBelief *x, LaneTape *tape,
                           ptrdiff_t origin)
{
    ptrdiff_t at = b->first[row], end = b->first[row + 1];
    while (at < end) {
        int left = (int)(end - at), goes = (left + LANE_TOGETHER - 1) / LANE_TOGETHER,
            count = (left + goes - 1) / goes;
        lane_read(n, count, b, at, x, tape, at - origin);
        at += count;
    }
}

LANE_FN void lane_copy(int n, const LaneBelief *from, const LaneBelief *to)
{
    memcpy(to->mean, from->mean, sizeof(V8) * (size_t)n);
    memcpy(to->cov, from->cov, sizeof(V8) * (size_t)(n * (n + 1) / 2));
}

/* The belief moves on through the tape, where it is kept. */
LANE_FN void lane_forward(int n, LaneBatch *b, ptrdiff_t from, ptrdiff_t to, LaneTape *tape)
{
    V8 own[NUM_MAX];
    bool keep = tape && tape->cov;
    LaneBelief run = {b->mean, b->cov}, now = run;
    if (keep) {
        now = (LaneBelief){tape->mean, tape->cov};
        lane_copy(n, &run, &now);
    }
    for (ptrdiff_t row = from; row < to; row++) {
        V8 *grow = keep ? tape->grow + (row - from) * n : own;
        LaneBelief next = now;
        if (keep)
            next = (LaneBelief){now.mean + n, now.cov + n * (n + 1) / 2};
        // cppcheck-suppress legacyUninitvar ; room that is written to
        lane_grow(n, b, row, grow);
        lane_step(n, b, grow, &now, &next);
        now = next;
        for (int k = 0; k < b->u; k++)
            for (int i = 0; i < n; i++)
                now.mean[i] += b->kick[row * b->u + k] * b->push[k * n + i];
        lane_read_row(n, b, row, &now, tape, b->first[from]);
    }
    if (keep)
        lane_copy(n, &now, &run);
}

/* -- back ------------------------------------------------------------------------------------------- */

/* Through one reading: r = h score + (I - K h)' r; N likewise. */
LANE_FN void lane_unread(int n, LaneBatch *b, const LaneTape *tape, ptrdiff_t reading, ptrdiff_t at)
{
    int item = b->item[reading];
    const V8 *h = b->load + item * n, *gain = tape->gain + at * n;
    const int *used = b->used + item * (n + 1);
    V8 nk[NUM_MAX], x[NUM_MAX], kr, knk;
    lane_apply(n, b->big_n, gain, nk);
    lane_dot(n, gain, b->r, &kr);
    lane_dot(n, gain, nk, &knk);
    V8 u = tape->score[at] - kr, d = tape->inverse[at] + knk;
    LANE_UNROLL
    for (int i = 0; i < n; i++)
        x[i] = nk[i] - 0.5 * d * h[i];
    /* N -= h x' + x h', which has entries only where h has */
    for (int q = 1; q <= used[0]; q++) {
        int k = used[q];
        const uint16_t *row = b->at + k * n;
        b->r[k] += h[k] * u;
        for (int i = 0; i < n; i++)
            b->big_n[row[i]] -= h[k] * x[i];
        // cppcheck-suppress uninitvar ; n of them were written above
        b->big_n[row[k]] -= h[k] * x[k]; /* once more: both ways of the diagonal */
    }
    if (b->slopes.drift) {
        b->slopes.offset[item] += u;
        b->slopes.error[item] += 0.5 * (u * u - d);
    }
}

/* Unpacks a symmetric matrix. */
LANE_FN void lane_unpack(int n, const V8 *packed, V8 *ret)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++, packed++)
            ret[i * n + j] = ret[j * n + i] = *packed;
}

/* Four columns of one row of a product: ret_j = sum_k a_k b_kj. */
LANE_FN void lane_row(int n, const V8 *a, const V8 *b, V8 *ret)
{
    int j = 0;
    for (; j + 4 <= n; j += 4) {
        V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        const V8 *from = b + j;
        for (int k = 0; k < n; k++, from += n) {
            V8 x = a[k];
            s0 += x * from[0];
            s1 += x * from[1];
            s2 += x * from[2];
            s3 += x * from[3];
        }
        ret[j] = s0;
        ret[j + 1] = s1;
        ret[j + 2] = s2;
        ret[j + 3] = s3;
    }
    for (; j < n; j++) {
        V8 s = {0};
        for (int k = 0; k < n; k++)
            s += a[k] * b[k * n + j];
        ret[j] = s;
    }
}

/* The same for numbers that all lanes share, most of them often 0. */
LANE_FN void lane_mix(int n, const double *a, const V8 *b, V8 *ret)
{
    int j = 0;
    for (; j + 4 <= n; j += 4) {
        V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (int k = 0; k < n; k++) {
            const V8 *from = b + k * n + j;
            if (!(a[k] < 0 || a[k] > 0))
                continue;
            s0 += from[0] * a[k];
            s1 += from[1] * a[k];
            s2 += from[2] * a[k];
            s3 += from[3] * a[k];
        }
        ret[j] = s0;
        ret[j + 1] = s1;
        ret[j + 2] = s2;
        ret[j + 3] = s3;
    }
    for (; j < n; j++) {
        V8 sum = {0};
        for (int k = 0; k < n; k++)
            sum += b[k * n + j] * a[k];
        ret[j] = sum;
    }
}

/* Mean V (m + P r) and covariance V (P - P N P) V' after a row's readings. */
LANE_FN void lane_moments(int n, LaneBatch *b, const V8 *mean, const V8 *cov)
{
    V8 full_n[NUM_MAX2], p[NUM_MAX2], bp[NUM_MAX2], down[NUM_MAX];
    lane_unpack(n, b->big_n, full_n);
    lane_unpack(n, cov, p);
    for (int i = 0; i < n; i++) { /* row i of V P, and the mean */
        V8 *row = bp + i * n, sum = {0};
        lane_mix(n, b->basis + i * n, p, row);
        for (int k = 0; k < n; k++)
            sum += mean[k] * b->basis[i * n + k] + row[k] * b->r[k];
        b->moment_mean[i] = sum;
    }
    V8 *out = b->moment_cov;
    for (int i = 0; i < n; i++) {
        const V8 *row = bp + i * n;
        lane_row(n, row, full_n, down);
        for (int j = b->whole ? 0 : i; j <= i; j++, out++) {
            V8 sum = {0};
            for (int k = 0; k < n; k++)
                sum += row[k] * b->basis[j * n + k] - down[k] * bp[j * n + k];
            *out = sum;
        }
    }
}

/* (e^(a dt) - e^(b dt)) / (a - b) for rates a and b that are near: the middle's, to fourth order. */
LANE_FN void lane_near(const LaneBatch *b, ptrdiff_t row, int i, int j, V8 *ret)
{
    V8 dt = b->dt[row], half = (b->rate[i] - b->rate[j]) * dt, middle;
    V8 x = (b->rate[i] + b->rate[j]) * 0.5 * dt;
    lane_expm1(&x, &middle);
    *ret = dt * (middle + 1) * (1 + half * half * (1.0 / 24));
}

/* How Phi's entry (i, j) moves with the drift's: (e^(a dt) - e^(b dt)) / (a - b), the same for (j, i). */
LANE_FN void lane_pull(const LaneBatch *b, ptrdiff_t row, const V8 *grow, int i, int j, int at,
                       V8 *ret)
{
    if (i == j) {
        *ret = b->dt[row] * (1 + grow[i]);
        return;
    }
    *ret = (i > j ? grow[i] - grow[j] : grow[j] - grow[i]) * b->apart[at];
    if (b->any_near[at]) {
        V8 middle;
        lane_near(b, row, i, j, &middle);
        *ret += b->near[at] * middle;
    }
}

/* So many places of one row of a product with a symmetric matrix: ret_q = sum_k a_k b_jk for the q-th place j. */
LANE_FN void lane_places(int n, const V8 *a, const V8 *b, int count, const int *place, V8 *ret)
{
    for (int q = 0; q < count; q++)
        lane_dot(n, a, b + place[q] * n, ret + q);
}

/* What the step to this row means for the drift; x, p: the belief before it. M = (r r' - N) / 2. The derivative with
 * respect to Phi is 2 M E (P - S) + r x'. */
LANE_FN void lane_drift_slopes(int n, LaneBatch *b, ptrdiff_t row, const V8 *grow, const V8 *x,
                               const V8 *p)
{
    V8 w[NUM_MAX2], left[NUM_MAX], sum[NUM_MAX], pull;
    const V8 *rest = b->rest;
    LANE_UNROLL
    for (int i = 0; i < n; i++)
        LANE_UNROLL
    for (int j = 0; j <= i; j++, p++, rest++)
        w[i * n + j] = w[j * n + i] = *p - *rest;
    for (int i = 0; i < n; i++) {
        const int *wanted = b->slopes.wanted + i * (n + 1);
        const uint16_t *at = b->at + i * n;
        if (wanted[0] == 0)
            continue;
        for (int k = 0; k < n; k++) {
            V8 m = b->r[i] * b->r[k] - b->big_n[at[k]];
            left[k] = m + grow[k] * m;
        }
        lane_places(n, left, w, wanted[0], wanted + 1, sum);
        for (int q = 0; q < wanted[0]; q++) {
            int j = wanted[q + 1];
            lane_pull(b, row, grow, i, j, lane_at(i, j), &pull);
            b->slopes.drift[i * n + j] += (sum[q] + b->r[i] * x[j]) * pull;
        }
    }
}

/* Back over the step to a row; what it means for the covariance at rest on the way. */
LANE_FN void lane_unstep(int n, LaneBatch *b, const V8 *grow)
{
    V8 *big_n = b->big_n, *rest = b->slopes.rest;
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        V8 gi = grow[i], ei = 1 + gi, ri = b->r[i];
        LANE_UNROLL
        for (int j = 0; j <= i; j++, big_n++) {
            V8 g = gi + ei * grow[j], x = *big_n;
            if (rest)
                *rest++ -= g * (ri * b->r[j] - x);
            *big_n = x + g * x;
        }
    }
    LANE_UNROLL
    for (int i = 0; i < n; i++)
        b->r[i] += grow[i] * b->r[i];
}

/* Loadings by Fisher's identity: the mean over what is believed of (y - h x) x' / error. */
LANE_FN void lane_load_slopes(int n, LaneBatch *b, ptrdiff_t row, const LaneTape *tape, int at)
{
    int tri = n * (n + 1) / 2;
    V8 p[NUM_MAX2], full_n[NUM_MAX2], x[NUM_MAX], left[NUM_MAX], down[NUM_MAX2];
    const V8 *mean = tape->mean + (at + 1) * n;
    lane_unpack(n, tape->cov + (at + 1) * tri, p);
    lane_unpack(n, b->big_n, full_n);
    for (int i = 0; i < n; i++) {
        x[i] = mean[i];
        for (int k = 0; k < n; k++)
            x[i] += p[i * n + k] * b->r[k];
        lane_row(n, p + i * n, full_n, left);
        lane_row(n, left, p, down + i * n); /* P N P */
    }
    for (ptrdiff_t q = b->first[row]; q < b->first[row + 1]; q++) {
        int item = b->item[q];
        const V8 *h = b->load + item * n;
        V8 y = b->y[q], resid = y - b->centre[item];
        I8 there = y == y;
        for (int i = 0; i < n; i++)
            resid -= h[i] * x[i];
        for (int i = 0; i < n; i++) {
            V8 slope = resid * x[i];
            for (int k = 0; k < n; k++)
                slope -= (p[i * n + k] - down[i * n + k]) * h[k];
            slope /= b->error[item];
            b->slopes.load[item * n + i] += (V8)((I8)slope & there);
        }
    }
}

LANE_FN void lane_backward(int n, LaneBatch *b, ptrdiff_t from, ptrdiff_t to, const LaneTape *tape)
{
    int tri = n * (n + 1) / 2;
    for (ptrdiff_t row = to - 1; row >= from; row--) {
        int at = (int)(row - from);
        const V8 *grow = tape->grow + at * n;
        if (b->moments) {
            lane_moments(n, b, tape->mean + (at + 1) * n, tape->cov + (at + 1) * tri);
            b->row_done(b, row);
        }
        if (b->slopes.load)
            lane_load_slopes(n, b, row, tape, at);
        for (ptrdiff_t q = b->first[row + 1] - 1; q >= b->first[row]; q--)
            lane_unread(n, b, tape, q, q - b->first[from]);
        for (int k = 0; b->slopes.push && k < b->u; k++)
            for (int i = 0; i < n; i++)
                b->slopes.push[k * n + i] += b->kick[row * b->u + k] * b->r[i];
        if (b->slopes.drift)
            lane_drift_slopes(n, b, row, grow, tape->mean + at * n, tape->cov + at * tri);
        lane_unstep(n, b, grow);
    }
}

/* Few enough rows at a time that they stay at hand; four places of a row against one vector, so that no sum waits for
 * itself. */
LANE_FN void lane_outer(ptrdiff_t rows, int wide, const V8 *z, V8 *sum)
{
    enum { NEAR_ROWS = 64 };
    for (ptrdiff_t from = 0; from < rows; from += NEAR_ROWS) {
        ptrdiff_t to = from + NEAR_ROWS < rows ? from + NEAR_ROWS : rows;
        for (int i = 0; i < LANES * wide; i += 4)
            for (int g = i / LANES; g < wide; g++) {
                V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
                for (ptrdiff_t row = from; row < to; row++) {
                    const double *x = (const double *)(z + row * wide) + i;
                    V8 y = z[row * wide + g];
                    s0 += y * x[0];
                    s1 += y * x[1];
                    s2 += y * x[2];
                    s3 += y * x[3];
                }
                sum[i * wide + g] += s0;
                sum[(i + 1) * wide + g] += s1;
                sum[(i + 2) * wide + g] += s2;
                sum[(i + 3) * wide + g] += s3;
            }
    }
}

LANE_FN void lane_spin(ptrdiff_t rounds, V8 *io)
{
    V8 a[LANE_SPIN], x = io[0], y = io[1];
    LANE_UNROLL
    for (int k = 0; k < LANE_SPIN; k++)
        a[k] = io[k];
    for (ptrdiff_t i = 0; i < rounds; i++) {
        LANE_UNROLL
        for (int k = 0; k < LANE_SPIN; k++)
            a[k] = a[k] * x + y;
    }
    LANE_UNROLL
    for (int k = 0; k < LANE_SPIN; k++)
        io[k] = a[k];
}

/* -- what this unit offers ---------------------------------------------------------------------------- */

LANE_TARGET static void forward(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, LaneTape *tape)
{
    if (b->n == LANE_OFTEN && tape)
        lane_forward(LANE_OFTEN, b, from, to, tape);
    else if (b->n == LANE_OFTEN)
        lane_forward(LANE_OFTEN, b, from, to, NULL);
    else
        lane_forward(b->n, b, from, to, tape);
}

LANE_TARGET static void backward(LaneBatch *b, ptrdiff_t from, ptrdiff_t to, const LaneTape *tape)
{
    if (b->n == LANE_OFTEN)
        lane_backward(LANE_OFTEN, b, from, to, tape);
    else
        lane_backward(b->n, b, from, to, tape);
}

LANE_TARGET static void outer(ptrdiff_t rows, int wide, const V8 *z, V8 *sum)
{
    lane_outer(rows, wide, z, sum);
}

LANE_TARGET static void spin(ptrdiff_t rounds, V8 *io)
{
    lane_spin(rounds, io);
}

const LaneKernel LANE_KERNEL = {LANE_NAME, forward, backward, outer, spin};
