/* num/cluster.c - a defective drift has no eigenvectors, and one that nearly is has bad ones. But over a gap s only
 * eigenvalues further apart than about 1/s are different: what is closer is one block c I + N of the basis, with
 * e^((cI + N)s) = e^(cs) sum of (Ns)^k/k!, a short sum because N s is small, or N^k 0, or e^(cs) has died. So a form for
 * every factor of 4 of the gap, most of them the same: the further the gap, the finer the blocks. Those that are
 * kept apart differ by 1/(2s) or more, so that the basis is as bad as e^(As) itself is large, and no worse.
 * It is Z Y, Z unitary: what Y makes large and small stands apart in the triangle (Schur's), and is mixed by Z last.
 *
 * The noise is, between blocks i and j, the sum of M_k times the integral of u^k e^((c_i + c_j*)u) over the gap, M_k the
 * matrices of e^(Nu) V^-1 GG' V^-* e^(N*u), made once: all of it positive in the basis where variances are told
 * apart best, so a root is taken there and only then mixed back. Formed in the states' own basis, 1e12 laid
 * down along one direction in thirty years would round away what stands beside it.
 *
 * Long double, since an eigenvalue that is there twice is found to the square root of the rounding. Cost: 5 n^3 complex
 * operations a step and 2 n^2 a term, three to a dozen of them; 60 n^3 for each form, once. */
#include "num/cluster.h"
#include "num/root.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const WideReal LIFE = 45;     /* e^-45 is below the rounding of 1 */
static const WideReal APART = 2;     /* |difference| s from which two eigenvalues are two, */
static const WideReal ONE_APART = 8; /* and where they are within so much of |A|, since what the */
static const WideReal ONE = 1e-7L;   /* basis then loses is worse than what a longer sum does */
static const WideReal LEFT = 1e-22L; /* of a sum: not wanted any more */
static const WideReal COND_MAX =
    1e15L; /* four digits of the triangle, were they not graded as they are */

/* -- blocks --------------------------------------------------------------------------------------- */

/* How much of the gap something of this rate lives to see. */
static WideReal alive(WideReal rate, WideReal s)
{
    return rate < 0 ? fminl(s, -LIFE / rate) : s;
}

/* label: the first eigenvalue of those that are one with it over s. */
static void group(int n, const WideCplx t[], WideReal norm, WideReal s, int label[])
{
    for (int i = 0; i < n; i++)
        label[i] = i;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            WideCplx a = t[i * (n + 1)], b = t[j * (n + 1)];
            WideReal apart = cabsl(a - b),
                     seen = apart * fminl(alive(creall(a), s), alive(creall(b), s));
            if (label[i] == label[j] || seen > (apart < ONE * norm ? ONE_APART : APART))
                continue;
            int from = label[i] > label[j] ? label[i] : label[j];
            int to = label[i] > label[j] ? label[j] : label[i];
            for (int k = 0; k < n; k++)
                label[k] = label[k] == from ? to : label[k];
        }
}

/* Brings what has one label together, by neighbours changing places, and finds the blocks. */
static void arrange(int n, const int labels[], WideCplx t[], WideCplx z[], ClusterForm *f)
{
    int label[NUM_MAX];
    memcpy(label, labels, sizeof label[0] * (size_t)n);
    for (int end = n - 1; end > 0; end--)
        for (int k = 0; k < end; k++)
            if (label[k] > label[k + 1]) {
                int own = label[k];
                label[k] = label[k + 1];
                label[k + 1] = own;
                schur_swap(n, k, t, z);
            }
    for (int i = 0; i < n; i++) {
        if (i == 0 || label[i] != label[i - 1])
            f->first[f->count++] = i;
        f->center[f->count - 1] += t[i * (n + 1)];
    }
    f->first[f->count] = n;
    for (int b = 0; b < f->count; b++)
        f->center[b] /= f->first[b + 1] - f->first[b];
}

/* T Y = Y B, B the blocks of T alone, Y one block after the other upwards. */
static void decouple(int n, const ClusterForm *f, const WideCplx t[], WideCplx y[])
{
    for (int i = 0; i < n * n; i++)
        y[i] = i % (n + 1) == 0;
    for (int b = 0; b < f->count; b++)
        for (int c = f->first[b]; c < f->first[b + 1]; c++)
            for (int r = f->first[b] - 1; r >= 0; r--) {
                WideCplx sum = t[r * n + c];
                for (int k = r + 1; k < f->first[b]; k++)
                    sum += t[r * n + k] * y[k * n + c];
                for (int l = f->first[b]; l < c; l++)
                    sum -= y[r * n + l] * t[l * n + c];
                y[r * n + c] = sum / (t[c * n + c] - t[r * n + r]);
            }
}

/* Y^-1, and whether the two keep enough digits. */
static bool invert(int n, ClusterForm *f)
{
    for (int i = n - 1; i >= 0; i--) {
        WideReal row = 0;
        for (int j = 0; j < n; j++) {
            WideCplx sum = i == j;
            for (int k = i + 1; k <= j; k++)
                sum -= f->y[i * n + k] * f->yi[k * n + j];
            f->yi[i * n + j] = sum;
        }
        for (int j = i; j < n; j++)
            for (int k = i; k <= j; k++)
                row += cabsl(f->yi[i * n + k]) * cabsl(f->y[k * n + j]);
        if (!(row <= COND_MAX))
            return false;
    }
    return true;
}

/* ret = a b, or a b*. upper: a is an upper triangle. */
static void multiply(int n, bool upper, const WideCplx a[], bool turned, const WideCplx b[],
                     WideCplx ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            WideCplx sum = 0;
            for (int k = upper ? i : 0; k < n; k++)
                sum += a[i * n + k] * (turned ? conjl(b[j * n + k]) : b[k * n + j]);
            ret[i * n + j] = sum;
        }
}

/* The noise in the blocks' basis: V^-1 GG' V^-*. */
static void turn_noise(int n, const ClusterForm *f, const double gg[], WideCplx ret[])
{
    WideCplx back[NUM_MAX2], half[NUM_MAX2], g[NUM_MAX2];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            back[i * n + j] = conjl(f->z[j * n + i]);
            g[i * n + j] = gg[i * n + j];
        }
    multiply(n, false, back, false, g, half);
    multiply(n, false, half, true, back, g);
    multiply(n, true, f->yi, false, g, half);
    multiply(n, false, half, true, f->yi, ret);
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            ret[j * n + i] =
                conjl(ret[i * n + j] = i == j ? creall(ret[i * n + j]) : ret[i * n + j]);
}

/* -- sums ----------------------------------------------------------------------------------------- */

/* The largest cell of the block of rows a and columns b. */
static WideReal size_of(int n, const ClusterForm *f, int a, int b, const WideCplx m[])
{
    WideReal most = 0;
    for (int i = f->first[a]; i < f->first[a + 1]; i++)
        for (int j = f->first[b]; j < f->first[b + 1]; j++)
            most = fmaxl(most, cabsl(m[i * n + j]));
    return most;
}

/* Whether term k of a sum over s is nothing beside the largest before it, in every block. */
static bool is_over(int n, const ClusterForm *f, bool noise, int k, WideReal s, const WideCplx m[],
                    WideReal most[])
{
    bool over = true;
    for (int a = 0; a < f->count; a++)
        for (int b = noise ? 0 : a; b <= a; b++) {
            WideReal rate = creall(f->center[a]) + (noise ? creall(f->center[b]) : 0);
            WideReal size = size_of(n, f, a, b, m) * powl(alive(rate, s), k),
                     *top = most + a * n + b;
            *top = fmaxl(*top, size);
            over = over && size <= LEFT * *top;
        }
    return over;
}

/* The next term of N^k/k! (N times the last), or of the noise (N times the last and its conjugate transpose). */
static void next_term(int n, const ClusterForm *f, const WideCplx nil[], bool noise, int k,
                      const WideCplx last[], WideCplx ret[])
{
    for (int b = 0; b < f->count; b++)
        for (int i = f->first[b]; i < f->first[b + 1]; i++)
            for (int j = 0; j < n; j++) {
                WideCplx sum = 0;
                for (int l = i; l < f->first[b + 1]; l++)
                    sum += nil[i * n + l] * last[l * n + j];
                ret[i * n + j] = sum / k;
            }
    for (int i = 0; noise && i < n; i++)
        for (int j = 0; j <= i; j++) {
            ret[i * n + j] += conjl(ret[j * n + i]);
            ret[j * n + i] = conjl(ret[i * n + j]);
        }
}

/* All terms that a gap up to s wants; *ret_count 0 where there are too many. */
static Err add_terms(Cx *cx, int n, const ClusterForm *f, const WideCplx nil[], bool noise,
                     WideReal s, const WideCplx first[], WideCplx *ret[], int *ret_count)
{
    WideReal most[NUM_MAX2] = {0};
    const WideCplx *last = first;
    *ret_count = 0;
    for (int k = 0, over = 0; k < CLUSTER_TERMS; k++) {
        ret[k] = arena_new(cx->arena, WideCplx, (ptrdiff_t)n * n);
        if (!ret[k])
            return err_nomem(cx);
        if (k == 0)
            memcpy(ret[k], first, sizeof *first * (size_t)n * (size_t)n);
        else
            next_term(n, f, nil, noise, k, last, ret[k]);
        last = ret[k];
        over = is_over(n, f, noise, k, s, last, most) ? over + 1 : 0;
        if (over == 2) { /* one alone may be 0 by chance */
            *ret_count = k > 1 ? k - 1 : 1;
            break;
        }
    }
    return OK;
}

/* *ret is NULL where no such form is any good. */
static Err form_make(Cx *cx, int n, const WideCplx schur_t[], const WideCplx schur_z[],
                     const double gg[], const int labels[], WideReal s, const ClusterForm **ret)
{
    WideCplx t[NUM_MAX2], noise[NUM_MAX2], one[NUM_MAX2];
    ptrdiff_t nn = (ptrdiff_t)n * n;
    ClusterForm *f = arena_new(cx->arena, ClusterForm, 1);
    *ret = NULL;
    if (!f || !(f->z = arena_new(cx->arena, WideCplx, nn)) ||
        !(f->y = arena_new(cx->arena, WideCplx, nn)) ||
        !(f->yi = arena_new(cx->arena, WideCplx, nn)))
        return err_nomem(cx);
    memcpy(t, schur_t, sizeof t[0] * (size_t)nn);
    memcpy(f->z, schur_z, sizeof t[0] * (size_t)nn);
    arrange(n, labels, t, f->z, f);
    decouple(n, f, t, f->y);
    if (!invert(n, f))
        return OK;
    turn_noise(n, f, gg, noise);
    f->is_real = true;
    for (int i = 0; i < n * n; i++) {
        one[i] = i % (n + 1) == 0;
        f->is_real = f->is_real && !(fabsl(cimagl(f->z[i])) > 0) && !(fabsl(cimagl(f->y[i])) > 0);
    }
    for (int b = 0; b < f->count; b++)
        for (int i = f->first[b]; i < f->first[b + 1]; i++)
            t[i * (n + 1)] -= f->center[b];
    Err e = add_terms(cx, n, f, t, false, s, one, f->power, &f->powers);
    if (e == OK)
        e = add_terms(cx, n, f, t, true, s, noise, f->term, &f->terms);
    if (e == OK && f->powers > 0 && f->terms > 0)
        *ret = f;
    return e;
}

static WideReal reach(const ClusterStep *c, int level)
{
    return ldexpl(c->base, 2 * (level + 1));
}

Err cluster_make(Cx *cx, int n, const double drift[], const double diffusion[], ClusterStep *ret)
{
    WideReal norm = (WideReal)mat_norm1(n, drift);
    WideCplx t[NUM_MAX2], z[NUM_MAX2];
    ClusterStep c = {.n = n, .base = norm > 0 ? 0.5L / norm : 0};
    bool found = norm > 0 && schur_make(n, drift, t, z);
    for (int k = 0; found && k < CLUSTER_LEVELS;) {
        int label[NUM_MAX], next[NUM_MAX], end = k + 1;
        const ClusterForm *f;
        group(n, t, norm, reach(&c, k), label);
        for (; end < CLUSTER_LEVELS;
             end++) { /* the same blocks serve as far as they are the same */
            group(n, t, norm, reach(&c, end), next);
            if (memcmp(label, next, sizeof label[0] * (size_t)n) != 0)
                break;
        }
        Err e = form_make(cx, n, t, z, diffusion, label, reach(&c, end - 1), &f);
        if (e != OK)
            return e;
        while (k < end)
            c.level[k++] = f;
    }
    *ret = c;
    return OK;
}

/* -- a step --------------------------------------------------------------------------------------- */

/* ret[k] = the integral of u^k e^(rate u) over 0..s: s^(k+1) psi_k(rate s), psi_k = (e^z - k psi_(k-1))/z, upwards
 * where z is large, downwards from e^z times a series (Kummer's) where it is not. */
static void integrals(WideCplx rate, WideReal s, int count, WideCplx ret[])
{
    WideCplx z = rate * s, grown = cexpl(z), psi = 0;
    WideReal size = cabsl(z), power = s;
    if (size > 2 && size > count / 2.7L) {
        for (int k = 0; k < count; k++)
            ret[k] = psi = (grown - (k > 0 ? k * psi : 1)) / z;
    } else {
        WideCplx part = 1 / (WideReal)count;
        for (int k = 1; cabsl(part) > LDBL_EPSILON / 8 * cabsl(psi); k++) {
            psi += part;
            part *= -z / (count + k);
        }
        ret[count - 1] = psi *= grown;
        for (int k = count - 1; k > 0; k--)
            ret[k - 1] = psi = (grown - z * psi) / k;
    }
    for (int k = 0; k < count; k++, power *= s)
        ret[k] *= power;
}

/* ret = e^(Bs) Y^-1, block by block. */
static void grown_rows(int n, const ClusterForm *f, WideReal s, WideCplx ret[])
{
    for (int b = 0; b < f->count; b++) {
        int from = f->first[b], to = f->first[b + 1];
        WideCplx whole = cexpl(f->center[b] * s);
        for (int i = from; i < to; i++) {
            WideCplx e[NUM_MAX] = {0};
            for (int j = i; j < to; j++) {
                WideCplx sum = 0;
                for (int k = f->powers - 1; k >= 0; k--)
                    sum = sum * s + f->power[k][i * n + j];
                e[j] = sum * whole;
            }
            for (int c = 0; c < n; c++) {
                WideCplx sum = 0;
                for (int j = i; j < to; j++)
                    sum += e[j] * f->yi[j * n + c];
                ret[i * n + c] = sum;
            }
        }
    }
}

/* The noise in the blocks' basis: its lower triangle. */
static void noise_of(int n, const ClusterForm *f, WideReal s, WideCplx ret[])
{
    for (int a = 0; a < f->count; a++)
        for (int b = 0; b <= a; b++) {
            WideCplx weight[CLUSTER_TERMS];
            integrals(f->center[a] + conjl(f->center[b]), s, f->terms, weight);
            for (int i = f->first[a]; i < f->first[a + 1]; i++)
                for (int j = f->first[b]; j < f->first[b + 1]; j++) {
                    WideCplx sum = 0;
                    for (int k = f->terms - 1; k >= 0; k--)
                        sum += weight[k] * f->term[k][i * n + j];
                    ret[i * n + j] = sum;
                }
        }
}

/* ret ret* = x (of which the lower triangle is read), as root_of. False: not finite. */
static bool factor(int n, const WideCplx x[], WideCplx ret[])
{
    WideReal left[NUM_MAX];
    bool done[NUM_MAX] = {false};
    memset(ret, 0, sizeof ret[0] * (size_t)n * (size_t)n);
    for (int i = 0; i < n; i++) {
        left[i] = creall(x[i * (n + 1)]);
        if (!isfinite(left[i]))
            return false;
    }
    for (int c = 0; c < n; c++) {
        int j = -1;
        WideReal most = 16 * LDBL_EPSILON;
        for (int i = 0; i < n; i++)
            if (!done[i] && left[i] > most * creall(x[i * (n + 1)])) {
                j = i;
                most = left[i] / creall(x[i * (n + 1)]);
            }
        if (j < 0)
            break;
        WideReal own = sqrtl(left[j]);
        done[j] = true;
        ret[j * n + c] = own;
        for (int i = 0; i < n; i++) {
            if (done[i])
                continue;
            WideCplx sum = i > j ? x[i * n + j] : conjl(x[j * n + i]);
            for (int k = 0; k < c; k++)
                sum -= ret[i * n + k] * conjl(ret[j * n + k]);
            sum /= own;
            ret[i * n + c] = sum;
            left[i] -= creall(sum * conjl(sum));
        }
    }
    return true;
}

/* From B with B B* = Q: since Q is real, [Re B, Im B] is a root of it too. */
static void give_noise(int n, bool is_real, const WideCplx b[], double ret_q[], double ret_root[])
{
    double both[2 * NUM_MAX2];
    for (int i = 0; ret_q && i < n; i++)
        for (int j = 0; j <= i; j++) {
            WideReal sum = 0;
            for (int k = 0; k < n; k++)
                sum += creall(b[i * n + k] * conjl(b[j * n + k]));
            ret_q[i * n + j] = ret_q[j * n + i] = (double)sum;
        }
    if (!ret_root)
        return;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            both[2 * i * n + j] = (double)creall(b[i * n + j]);
            both[2 * i * n + n + j] = (double)cimagl(b[i * n + j]);
        }
    if (!is_real)
        (void)root_triangle(n, n, 2 * n, both, NULL);
    for (int i = 0; i < n; i++)
        memcpy(ret_root + i * n, both + 2 * i * n, sizeof both[0] * (size_t)n);
}

bool cluster_step(const ClusterStep *c, double dt, double ret_phi[], double ret_q[],
                  double ret_root[])
{
    WideCplx x[NUM_MAX2], y[NUM_MAX2], z[NUM_MAX2];
    int n = c->n, level = 0;
    WideReal s = (WideReal)dt;
    while (level < CLUSTER_LEVELS && s > reach(c, level))
        level++;
    const ClusterForm *f = level < CLUSTER_LEVELS ? c->level[level] : NULL;
    if (!f)
        return false;
    const bool one = f->count == 1; /* then Y = I */
    grown_rows(n, f, s, x);
    if (!one)
        multiply(n, true, f->y, false, x, y);
    multiply(n, true, one ? x : y, true, f->z, z);
    multiply(n, false, f->z, false, z, y);
    for (int i = 0; i < n * n; i++)
        ret_phi[i] = (double)creall(y[i]);
    if (!ret_q && !ret_root)
        return true;
    noise_of(n, f, s, x);
    if (!factor(n, x, y))
        return false;
    if (!one)
        multiply(n, true, f->y, false, y, x);
    multiply(n, false, f->z, false, one ? y : x, z);
    give_noise(n, f->is_real, z, ret_q, ret_root);
    return true;
}
