/* num/step.c - four forms, each where it is exact.
 *
 * 1. |A| dt <= 1/2: the Taylor series of Phi and Q with matrices made once. Every entry keeps its
 * relative accuracy, also the ones of order dt^3 of a process that is driven through its
 * derivative, which a difference of large numbers would lose at a gap of one second.
 * 2. A has a well-conditioned eigenbasis: Phi - I = V expm1(L dt) V^-1, and Q = V (N o E(dt)) V'
 * where E holds dt phi1((l_i + l_j) dt), phi1(z) = (e^z - 1)/z. No stationary covariance is needed,
 * so unit roots (z = 0, phi1 = 1) are no special case, nothing overflows at thirty years, and the
 * cost does not depend on dt. Conjugate pairs stay real: for a pair u1, u2 the number u1 - i u2
 * obeys a scalar equation, and two such products (plain and conjugate) give the four real entries
 * of a block.
 * 3. Otherwise (defective A, or nearly so): blocks of eigenvalues, num/cluster.h, at a cost that does not depend on dt either.
 * 4. Where no such basis keeps the digits (eigenvalues that are further apart than 1/dt, and so much alike that their
 * vectors are the same to nine digits): the series over dt/2^s and s doublings, Q(2h) = Q(h) + Phi(h) Q(h)
 * Phi(h)', sums of positive semidefinite matrices only, in long double. Only here s grows with the logarithm of |A| dt.
 *
 * Cost: form 1 at most 72 n^2, form 2 4 n^3, form 3 12 n^3 of wide complex numbers, form 4 6 n^3 of wide ones a
 * doubling. */
#include "num/step.h"
#include "num/root.h"
#include <complex.h>
#include <math.h>
#include <string.h>

typedef double complex Cplx;

enum { DOUBLINGS_MAX = 1100 }; /* from the smallest to the largest double */

/* C's complex numbers are laid out as pairs; the standard's own macro for this is missing in clang 14. */
static Cplx cplx(double re, double im)
{
    const double pair[2] = {re, im};
    Cplx z;
    memcpy(&z, pair, sizeof z);
    return z;
}

/* (e^z - 1)/z without cancellation near 0. */
static Cplx phi1(Cplx z)
{
    double x = creal(z), y = cimag(z);
    if (cabs(z) < 1e-9)
        return 1 + z / 2;
    double half = sin(y / 2);
    Cplx less_one = cplx(expm1(x) * cos(y) - 2 * half * half, exp(x) * sin(y));
    return less_one / z;
}

static double phi1_real(double x)
{
    return fabs(x) < 1e-9 ? 1 + x / 2 : expm1(x) / x;
}

static void fill_terms(Stepper *s, const double a[], const double gg[])
{
    int n = s->n;
    double at[NUM_MAX2], next[NUM_MAX2];
    mat_transpose(n, a, at);
    mat_copy(n, a, s->phi_terms);
    mat_copy(n, gg, s->q_terms);
    for (int k = 1; k < STEP_TERMS; k++) {
        double *phi = s->phi_terms + k * n * n, *q = s->q_terms + k * n * n;
        mat_mul(n, a, phi - n * n, phi);
        mat_mul(n, a, q - n * n, q);
        mat_mul(n, q - n * n, at, next);
        for (int i = 0; i < n * n; i++) {
            phi[i] /= k + 1;
            q[i] = (q[i] + next[i]) / (k + 1);
        }
        mat_symmetrise(n, q);
    }
}

/* The smallest pivot of a Cholesky factor, as a share of the largest. */
static double smallest_pivot(int n, const double l[])
{
    double least = l[0], most = l[0];
    for (int i = 1; i < n; i++) {
        least = fmin(least, l[i * n + i]);
        most = fmax(most, l[i * n + i]);
    }
    return least / most;
}

Err step_make(Cx *cx, int n, bool discrete, const double drift[], const double diffusion[],
              Stepper *ret)
{
    double l[NUM_MAX2], half[NUM_MAX2], sym[NUM_MAX2];
    INVARIANT(n >= 1 && n <= NUM_MAX);
    if (!mat_finite((ptrdiff_t)n * n, drift) || !mat_finite((ptrdiff_t)n * n, diffusion))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    mat_copy(n, diffusion, sym);
    mat_symmetrise(n, sym);
    if (!mat_cholesky_semi(n, sym, l))
        return err_set(cx, ERR_NUMERIC, "err.num-diffusion", NO_ARGS);
    Stepper s = {.n = n, .discrete = discrete, .norm = mat_norm1(n, drift)};
    s.every_state = mat_cholesky(n, sym, half) && smallest_pivot(n, half) > 1e-5;
    ptrdiff_t terms = discrete ? 1 : STEP_TERMS;
    s.phi_terms = arena_new(cx->arena, double, terms *n *n);
    s.q_terms = arena_new(cx->arena, double, terms *n *n);
    s.noise = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    if (!s.phi_terms || !s.q_terms || !s.noise)
        return err_nomem(cx);
    if (discrete) {
        mat_copy(n, drift, s.phi_terms);
        mat_copy(n, sym, s.q_terms);
    } else {
        fill_terms(&s, drift, sym);
        s.modal = modal_make(n, drift, &s.basis);
        if (s.modal) {
            mat_mul(n, s.basis.vi, sym, half);
            mat_mul_nt(n, half, s.basis.vi, s.noise);
            mat_symmetrise(n, s.noise);
        } else {
            Err e = cluster_make(cx, n, drift, sym, &s.clusters);
            if (e != OK)
                return e;
        }
    }
    *ret = s;
    return OK;
}

int step_terms(double norm_h)
{
    double left = 1; /* bounds term k of Q relative to its first: (2 |A| h)^k / (k + 1)! */
    for (int k = 1; k < STEP_TERMS; k++) {
        left *= 2 * norm_h / (k + 1);
        if (left < 1e-19)
            return k;
    }
    return STEP_TERMS;
}

static void by_series(const Stepper *s, double h, double phi[], double q[])
{
    int n = s->n, terms = s->every_state ? step_terms(s->norm * h) : STEP_TERMS, nn = n * n;
    /* Horner's form: the smallest terms first. */
    mat_zero(n, phi);
    mat_zero(n, q);
    for (int k = terms - 1; k >= 0; k--) {
        const double *phi_k = s->phi_terms + k * nn, *q_k = s->q_terms + k * nn;
        for (int i = 0; i < nn; i++) {
            phi[i] = h * (phi[i] + phi_k[i]);
            q[i] = h * (q[i] + q_k[i]);
        }
    }
    for (int i = 0; i < n; i++)
        phi[i * n + i] += 1;
}

/* ret = (exp(L dt) - I) b, rows of b taken block by block. */
static void expm1_rows(const Modal *m, double dt, const double b[], double ret[])
{
    int n = m->n;
    for (int i = 0; i < n; i++) {
        double w = m->im[i];
        double grow = exp(m->re[i] * dt), half = sin(w * dt / 2);
        double diag = expm1(m->re[i] * dt) - 2 * grow * half * half, off = grow * sin(w * dt);
        int other = w > 0 ? i + 1 : w < 0 ? i - 1 : i;
        for (int j = 0; j < n; j++)
            ret[i * n + j] = diag * b[i * n + j] + (other == i ? 0 : off * b[other * n + j]);
    }
}

/* One block of N o E(dt); i and j are the first places of their blocks. */
static void noise_block(const Stepper *s, double dt, int i, int j, double ret[])
{
    int n = s->n;
    const double *d = s->noise;
    const Modal *m = &s->basis;
    bool pair_i = m->im[i] > 0, pair_j = m->im[j] > 0;
    if (!pair_i && !pair_j) {
        ret[i * n + j] = d[i * n + j] * dt * phi1_real((m->re[i] + m->re[j]) * dt);
        return;
    }
    Cplx li = cplx(m->re[i], m->im[i]), lj = cplx(m->re[j], m->im[j]);
    double ac = d[i * n + j], ad = pair_j ? d[i * n + j + 1] : 0;
    double bc = pair_i ? d[(i + 1) * n + j] : 0;
    double bd = pair_i && pair_j ? d[(i + 1) * n + j + 1] : 0;
    /* (a - ib)(c + id) and (a - ib)(c - id) each obey a scalar equation. */
    Cplx crossed = cplx(ac + bd, ad - bc) * dt * phi1((li + conj(lj)) * dt);
    Cplx plain = cplx(ac - bd, -ad - bc) * dt * phi1((li + lj) * dt);
    ret[i * n + j] = creal(crossed + plain) / 2;
    if (pair_j)
        ret[i * n + j + 1] = cimag(crossed - plain) / 2;
    if (pair_i)
        ret[(i + 1) * n + j] = -cimag(crossed + plain) / 2;
    if (pair_i && pair_j)
        ret[(i + 1) * n + j + 1] = creal(crossed - plain) / 2;
}

/* A root is taken among the modes and then mixed, as in num/cluster.c. */
static bool by_modes(const Stepper *s, double dt, double phi[], double q[], double root[])
{
    int n = s->n;
    double rows[NUM_MAX2], noise[NUM_MAX2], l[NUM_MAX2];
    expm1_rows(&s->basis, dt, s->basis.vi, rows);
    mat_mul(n, s->basis.v, rows, phi);
    for (int i = 0; i < n; i++)
        phi[i * n + i] += 1;
    for (int i = 0; i<n; i += s->basis.im[i]> 0 ? 2 : 1)
        for (int j = 0; j<n; j += s->basis.im[j]> 0 ? 2 : 1)
            noise_block(s, dt, i, j, noise);
    if (q)
        mat_sandwich(n, s->basis.v, noise, NULL, q);
    if (!root)
        return true;
    if (!root_of(n, noise, l))
        return false;
    mat_mul(n, s->basis.v, l, root);
    return true;
}

/* (phi, q) after (phi2, q2): q = phi2 q phi2' + q2, phi = phi2 phi. */
static void compose(int n, const double phi2[], const double q2[], double phi[], double q[])
{
    double t[NUM_MAX2];
    mat_sandwich(n, phi2, q, q2, t);
    mat_copy(n, t, q);
    mat_mul(n, phi2, phi, t);
    mat_copy(n, t, phi);
}

static void double_step(int n, double phi[], double q[])
{
    double phi2[NUM_MAX2], q2[NUM_MAX2];
    mat_copy(n, phi, phi2);
    mat_copy(n, q, q2);
    compose(n, phi2, q2, phi, q);
}

/* -- form 4, in the widest numbers there are ----------------------------------------------------------- */

enum { WIDE_TERMS = 14 }; /* (1/8)^k / (k + 1)! is then under 1e-22 */

/* ret = a b, or a b' */
static void wide_mul(int n, bool turned, const WideReal a[], const WideReal b[], WideReal ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            WideReal sum = 0;
            for (int k = 0; k < n; k++)
                /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n x n cells are filled */
                sum += a[i * n + k] * (turned ? b[j * n + k] : b[k * n + j]);
            ret[i * n + j] = sum;
        }
}

static void wide_series(const Stepper *s, WideReal h, WideReal phi[], WideReal q[])
{
    int n = s->n, nn = n * n;
    WideReal a[NUM_MAX2], step[NUM_MAX2], noise[NUM_MAX2], next[NUM_MAX2];
    for (int i = 0; i < nn; i++) {
        a[i] = (WideReal)s->phi_terms[i];
        step[i] = phi[i] = i % (n + 1) == 0;
        q[i] = noise[i] = h * (WideReal)s->q_terms[i];
    }
    for (int k = 1; k < WIDE_TERMS; k++) {
        wide_mul(n, false, a, step, next);
        for (int i = 0; i < nn; i++)
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): wide_mul has filled it */
            phi[i] += step[i] = next[i] * h / k;
        wide_mul(n, false, a, noise, next);
        for (int i = 0; i < nn; i++)
            q[i] += noise[i] = (next[i] + next[i % n * n + i / n]) * h / (k + 1);
    }
}

/* Doubling a unit root doubles its rounding, too, and where such roots drive each other its square and cube: twenty
 * doublings would leave a double too few digits at thirty years. */
static bool by_doubling(const Stepper *s, double dt, double phi[], double q[])
{
    int n = s->n, nn = n * n, times = 0;
    WideReal f[NUM_MAX2], v[NUM_MAX2], t[NUM_MAX2], u[NUM_MAX2], h = (WideReal)dt;
    while ((WideReal)s->norm * h > .0625L && times < DOUBLINGS_MAX) {
        h /= 2;
        times++;
    }
    wide_series(s, h, f, v);
    for (; times > 0; times--) {
        wide_mul(n, false, f, v, t);
        wide_mul(n, true, t, f, u);
        for (int i = 0; i < nn; i++)
            /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): wide_series has filled n x n cells */
            v[i] += u[i];
        wide_mul(n, false, f, f, t);
        memcpy(f, t, sizeof t[0] * (size_t)nn);
    }
    for (int i = 0; i < nn; i++) {
        phi[i] = (double)f[i];
        q[i] = (double)v[i];
    }
    mat_symmetrise(n, q);
    return mat_finite(nn, phi);
}

/* Whole steps by binary powers: cost grows with the logarithm of their number. */
static bool by_powers(const Stepper *s, double steps, double phi[], double q[])
{
    int n = s->n;
    double power[NUM_MAX2], noise[NUM_MAX2];
    if (steps > 9e15 || rint(steps) < steps || rint(steps) > steps)
        return false;
    mat_identity(n, phi);
    mat_zero(n, q);
    mat_copy(n, s->phi_terms, power);
    mat_copy(n, s->q_terms, noise);
    for (int64_t left = (int64_t)steps; left > 0; left /= 2) {
        if (left % 2)
            compose(n, power, noise, phi, q);
        if (left > 1)
            double_step(n, power, noise);
    }
    return true;
}

/* q or root may be NULL. */
static bool move(const Stepper *s, double dt, double phi[], double q[], double root[])
{
    double own[NUM_MAX2], *noise = q ? q : own;
    if (!isfinite(dt) || dt < 0)
        return false;
    if (s->discrete) {
        if (!by_powers(s, dt, phi, noise))
            return false;
    } else if (s->norm * dt <= 0.5) {
        by_series(s, dt, phi, noise);
    } else if (s->modal) {
        return by_modes(s, dt, phi, q, root);
    } else if (cluster_step(&s->clusters, dt, phi, q, root)) {
        return true;
    } else if (!by_doubling(s, dt, phi, noise)) {
        return false;
    }
    return !root || root_of(s->n, noise, root);
}

bool step_at(const Stepper *s, double dt, double ret_phi[], double ret_q[])
{
    ptrdiff_t len = (ptrdiff_t)s->n * s->n;
    return move(s, dt, ret_phi, ret_q, NULL) && mat_finite(len, ret_phi) && mat_finite(len, ret_q);
}

bool step_root_at(const Stepper *s, double dt, double ret_phi[], double ret_root[])
{
    ptrdiff_t len = (ptrdiff_t)s->n * s->n;
    return move(s, dt, ret_phi, NULL, ret_root) && mat_finite(len, ret_phi) &&
           mat_finite(len, ret_root);
}

Err step_stationary(Cx *cx, const Stepper *s, double ret_p[])
{
    int n = s->n;
    double phi[NUM_MAX2], q[NUM_MAX2];
    double h = s->discrete ? 1 : s->norm > 0 ? 0.5 / s->norm : 1;
    if (!step_at(s, h, phi, q))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    for (int k = 0; k < 100; k++) {
        double left = mat_norm1(n, phi);
        if (left < 1e-12) { /* phi q phi' is then below rounding */
            mat_copy(n, q, ret_p);
            return OK;
        }
        double_step(n, phi, q);
        if (!mat_finite((ptrdiff_t)n * n, phi) || !mat_finite((ptrdiff_t)n * n, q))
            break;
    }
    return err_set(cx, ERR_NUMERIC, "err.num-not-stationary", NO_ARGS);
}
