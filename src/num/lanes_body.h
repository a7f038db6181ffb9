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
 * Cost for eight lanes: a step 2 n^2, a reading k n + n^2/2 (k loads that are not 0); back, a reading 2.5 n^2,
 * moments 2.5 n^3 (or k n^2 + n^3 for variances), slopes n^3 a row. A multiplication and addition each. */

#define LANE_FN LANE_TARGET static inline __attribute__((always_inline))

/* As many states as a relationship has levels: loops of known length are written out. */
enum { LANE_OFTEN = 12 };
#if defined(__clang__)
#define LANE_UNROLL /* which sees for itself, and warns where it was told in vain */
#else
#define LANE_UNROLL _Pragma("GCC unroll 12")
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

/* ret = P h, h's loads given by their places. Four sums at a time, so that none waits for itself. */
LANE_FN void lane_times(int n, const uint16_t *at, const int *used, const V8 *h, const V8 *p,
                        V8 *ret)
{
    int count = used[0], i = 0;
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

/* ret = N k for a k without zeros. */
LANE_FN void lane_apply(int n, const V8 *big_n, const V8 *k, V8 *ret)
{
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        V8 sum = {0};
        LANE_UNROLL
        for (int j = 0; j < n; j++)
            sum += k[j] * big_n[lane_at(i, j)];
        ret[i] = sum;
    }
}

LANE_FN void lane_step(int n, LaneBatch *b, ptrdiff_t row, V8 *grow)
{
    V8 *p = b->cov;
    const V8 *rest = b->rest;
    for (int i = 0; i < n; i++) {
        V8 x = b->rate[i] * b->dt[row];
        lane_expm1(&x, &grow[i]);
        b->mean[i] += grow[i] * b->mean[i];
    }
    for (int i = 0; i < n; i++) {
        V8 gi = grow[i], ei = gi + 1;
        for (int j = 0; j <= i; j++, p++, rest++)
            *p += (gi + ei * grow[j]) * (*p - *rest);
    }
}

/* P -= (gain) (p)' */
LANE_FN void lane_lower(int n, const V8 *gain, const V8 *p, V8 *cov)
{
    LANE_UNROLL
    for (int i = 0; i < n; i++) {
        V8 k = gain[i];
        LANE_UNROLL
        for (int j = 0; j <= i; j++, cov++)
            *cov -= k * p[j];
    }
}

LANE_FN void lane_read(int n, LaneBatch *b, ptrdiff_t row, int item, LaneTape *tape, int at)
{
    const V8 *h = b->load + item * n;
    const int *used = b->used + item * (n + 1);
    V8 p[NUM_MAX], own[NUM_MAX], y = b->y[row * b->m + item], one = {1, 1, 1, 1, 1, 1, 1, 1};
    V8 *gain = tape ? tape->gain + at * n : own;
    I8 there = y == y;
    lane_times(n, b->at, used, h, b->cov, p);
    V8 var = b->error[item], resid = y - b->centre[item];
    for (int q = 1; q <= used[0]; q++) {
        var += h[used[q]] * p[used[q]];
        resid -= h[used[q]] * b->mean[used[q]];
    }
    var = (V8)(((I8)var & there) | ((I8)one & ~there));
    V8 inverse = (V8)((I8)(1 / var) & there);
    V8 score = (V8)((I8)resid & there) * inverse;
    b->product *= var;
    b->square += score * score * var;
    for (int i = 0; i < n; i++) {
        b->mean[i] += p[i] * score;
        gain[i] = p[i] * inverse;
    }
    lane_lower(n, gain, p, b->cov);
    if (tape) {
        tape->score[at] = score;
        tape->inverse[at] = inverse;
        tape->item[at] = item;
    }
}

/* Takes the powers of two out of the product, so that it never runs over. */
LANE_FN void lane_scale(LaneBatch *b)
{
    I8 bits = (I8)b->product;
    b->twos += (bits >> 52) - 1023;
    b->product = (V8)((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
}

LANE_FN void lane_copy(int n, const V8 *from, V8 *to)
{
    for (int i = 0; i < n; i++)
        to[i] = from[i];
}

LANE_FN void lane_forward(int n, LaneBatch *b, ptrdiff_t from, ptrdiff_t to, LaneTape *tape)
{
    enum { RUN = 4 }; /* variances between 1e-60 and 1e60 may be multiplied up */
    int tri = n * (n + 1) / 2, count = 0;
    V8 own[NUM_MAX];
    bool keep = tape && tape->cov;
    if (keep) {
        lane_copy(n, b->mean, tape->mean);
        lane_copy(tri, b->cov, tape->cov);
    }
    for (ptrdiff_t row = from; row < to; row++) {
        ptrdiff_t at = row - from;
        if (row > 0)
            // cppcheck-suppress legacyUninitvar ; room that the step writes to
            lane_step(n, b, row, tape ? tape->grow + at * n : own);
        for (int k = 0; k < b->u; k++)
            for (int i = 0; i < n; i++)
                b->mean[i] += b->kick[row * b->u + k] * b->push[k * n + i];
        if (tape)
            tape->first[at] = count;
        for (int item = 0, run = 0; item < b->m; item++) {
            if (!b->seen[row * b->m + item])
                continue;
            lane_read(n, b, row, item, tape, count++);
            if (++run % RUN == 0)
                lane_scale(b);
        }
        lane_scale(b);
        if (keep) {
            lane_copy(n, b->mean, tape->mean + (at + 1) * n);
            lane_copy(tri, b->cov, tape->cov + (at + 1) * tri);
        }
    }
    if (tape)
        tape->first[to - from] = count;
}

/* -- back ------------------------------------------------------------------------------------------- */

/* Through one reading: r = h score + (I - K h)' r; N likewise. */
LANE_FN void lane_unread(int n, LaneBatch *b, const LaneTape *tape, int at)
{
    int item = tape->item[at];
    const V8 *h = b->load + item * n, *gain = tape->gain + at * n;
    const int *used = b->used + item * (n + 1);
    V8 nk[NUM_MAX], x[NUM_MAX], u = tape->score[at], d = tape->inverse[at];
    lane_apply(n, b->big_n, gain, nk);
    for (int i = 0; i < n; i++) {
        u -= gain[i] * b->r[i];
        d += gain[i] * nk[i];
    }
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

/* So many places of one row of a product: ret_q = sum_k a_k b_kj for the q-th place j. */
LANE_FN void lane_places(int n, const V8 *a, const V8 *b, int count, const int *place, V8 *ret)
{
    int q = 0;
    for (; q + 4 <= count; q += 4) {
        V8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        const V8 *b0 = b + place[q], *b1 = b + place[q + 1];
        const V8 *b2 = b + place[q + 2], *b3 = b + place[q + 3];
        LANE_UNROLL
        for (int k = 0; k < n; k++) {
            V8 x = a[k];
            s0 += x * b0[k * n];
            s1 += x * b1[k * n];
            s2 += x * b2[k * n];
            s3 += x * b3[k * n];
        }
        ret[q] = s0;
        ret[q + 1] = s1;
        ret[q + 2] = s2;
        ret[q + 3] = s3;
    }
    for (; q < count; q++) {
        V8 s = {0};
        for (int k = 0; k < n; k++)
            s += a[k] * b[k * n + place[q]];
        ret[q] = s;
    }
}

/* What the step to this row means for drift and rest; x, p: the belief before it. M = (r r' - N) / 2. The derivative
 * with respect to Phi is 2 M E (P - S) + r x'. */
LANE_FN void lane_slopes(int n, LaneBatch *b, ptrdiff_t row, const V8 *grow, const V8 *x,
                         const V8 *p)
{
    V8 w[NUM_MAX2], left[NUM_MAX], sum[NUM_MAX], pull;
    const V8 *rest = b->rest;
    for (int i = 0, at = 0; i < n; i++)
        for (int j = 0; j <= i; j++, at++) {
            w[i * n + j] = w[j * n + i] = p[at] - rest[at];
            V8 half = 0.5 * (b->r[i] * b->r[j] - b->big_n[at]);
            b->slopes.rest[at] -= (grow[i] + grow[j] + grow[i] * grow[j]) * half;
        }
    for (int i = 0; i < n; i++) {
        const int *wanted = b->slopes.wanted + i * (n + 1);
        if (wanted[0] == 0)
            continue;
        LANE_UNROLL
        for (int k = 0; k < n; k++)
            left[k] = (b->r[i] * b->r[k] - b->big_n[lane_at(i, k)]) * (1 + grow[k]);
        lane_places(n, left, w, wanted[0], wanted + 1, sum);
        for (int q = 0; q < wanted[0]; q++) {
            int j = wanted[q + 1];
            lane_pull(b, row, grow, i, j, lane_at(i, j), &pull);
            b->slopes.drift[i * n + j] += (sum[q] + b->r[i] * x[j]) * pull;
        }
    }
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
    for (int q = tape->first[at]; q < tape->first[at + 1]; q++) {
        int item = tape->item[q];
        const V8 *h = b->load + item * n;
        V8 y = b->y[row * b->m + item], resid = y - b->centre[item];
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
        for (int q = tape->first[at + 1] - 1; q >= tape->first[at]; q--)
            lane_unread(n, b, tape, q);
        for (int k = 0; b->slopes.push && k < b->u; k++)
            for (int i = 0; i < n; i++)
                b->slopes.push[k * n + i] += b->kick[row * b->u + k] * b->r[i];
        if (row == 0)
            break;
        if (b->slopes.drift)
            lane_slopes(n, b, row, grow, tape->mean + at * n, tape->cov + at * tri);
        V8 *big_n = b->big_n;
        for (int i = 0; i < n; i++) {
            V8 gi = 1 + grow[i];
            b->r[i] *= gi;
            for (int j = 0; j <= i; j++, big_n++)
                *big_n *= gi * (1 + grow[j]);
        }
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
