/* num/step_grad.c - backwards through the third form of num/step.c, which needs no eigenvectors and is
 * exact for every drift: the doublings in reverse, then the two series in Horner's form. The forward values
 * are recomputed into work. A term costs 6 n^3 (small gaps need few), a doubling 14 n^3. Callers sum the derivatives of equal gaps
 * first, so this runs once for each different gap. */
#include "num/step_grad.h"
#include <math.h>

enum { TERMS = STEP_TERMS, DOUBLINGS = 64 };

ptrdiff_t step_grad_work(int n)
{
    return (ptrdiff_t)(2 * (TERMS + 1) + 2 * (DOUBLINGS + 1)) * n * n;
}

/* ret += scale a b' */
static void add_nt(int n, double scale, const double a[], const double b[], double ret[])
{
    double t[NUM_MAX2];
    mat_mul_nt(n, a, b, t);
    mat_add(n, ret, scale, t);
}

/* ret += scale a' b */
static void add_tn(int n, double scale, const double a[], const double b[], double ret[])
{
    double at[NUM_MAX2], t[NUM_MAX2];
    mat_transpose(n, a, at);
    mat_mul(n, at, b, t);
    mat_add(n, ret, scale, t);
}

/* Forward: x[k] with Phi = x[0], and the terms m[k] of Q. */
static void forward_series(int n, int terms, const double a[], const double gg[], double h,
                           double x[], double m[])
{
    int nn = n * n;
    double t[NUM_MAX2];
    mat_identity(n, x + terms * nn);
    for (int k = terms; k >= 1; k--) {
        mat_mul(n, a, x + k * nn, t);
        mat_identity(n, x + (k - 1) * nn);
        mat_add(n, x + (k - 1) * nn, h / k, t);
    }
    for (int i = 0; i < nn; i++)
        m[i] = gg[i] * h;
    for (int k = 1; k < terms; k++) {
        mat_mul(n, a, m + (k - 1) * nn, t);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                m[k * nn + i * n + j] = h / (k + 1) * (t[i * n + j] + t[j * n + i]);
    }
}

static void back_series(int n, int terms, const double a[], double h, const double x[],
                        const double m[], double phi_bar[], const double q_bar[], double a_bar[],
                        double gg_bar[])
{
    int nn = n * n;
    double next[NUM_MAX2], bar[NUM_MAX2];
    for (int k = 1; k <= terms; k++) {
        add_nt(n, h / k, phi_bar, x + k * nn, a_bar);
        mat_zero(n, next);
        add_tn(n, h / k, a, phi_bar, next);
        mat_copy(n, next, phi_bar);
    }
    mat_copy(n, q_bar, bar);
    for (int k = terms - 1; k >= 1; k--) {
        double c = h / (k + 1), t[NUM_MAX2];
        mat_mul(n, bar, m + (k - 1) * nn, t);
        mat_add(n, a_bar, 2 * c, t);
        mat_mul(n, bar, a, t); /* bar a + its transpose */
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                next[i * n + j] = q_bar[i * n + j] + c * (t[i * n + j] + t[j * n + i]);
        mat_copy(n, next, bar);
    }
    mat_add(n, gg_bar, h, bar);
}

bool step_grad(int n, const double drift[], const double diffusion[], double dt,
               const double phi_bar[], const double q_bar[], double work[], double io_drift_bar[],
               double io_diffusion_bar[])
{
    int nn = n * n, times = 0;
    double *x = work, *m = x + (TERMS + 1) * nn, *phi = m + (TERMS + 1) * nn;
    double *q = phi + (DOUBLINGS + 1) * nn, h = dt, norm = mat_norm1(n, drift);
    double pb[NUM_MAX2], qb[NUM_MAX2], t[NUM_MAX2], next_p[NUM_MAX2], next_q[NUM_MAX2];
    for (; norm * h > 0.5; h /= 2)
        if (++times > DOUBLINGS)
            return false;
    int terms = step_terms(norm * h);
    forward_series(n, terms, drift, diffusion, h, x, m);
    mat_copy(n, x, phi);
    mat_zero(n, q);
    for (int k = terms - 1; k >= 0; k--)
        mat_add(n, q, 1, m + k * nn);
    for (int s = 0; s < times; s++) {
        mat_mul(n, phi + s * nn, phi + s * nn, phi + (s + 1) * nn);
        mat_sandwich(n, phi + s * nn, q + s * nn, q + s * nn, q + (s + 1) * nn);
    }
    mat_copy(n, phi_bar, pb);
    mat_copy(n, q_bar, qb);
    for (int s = times - 1; s >= 0; s--) {
        const double *f = phi + s * nn;
        double ft[NUM_MAX2];
        mat_zero(n, next_p);
        mat_mul(n, qb, f, t);
        double tq[NUM_MAX2];
        mat_mul(n, t, q + s * nn, tq);
        mat_add(n, next_p, 2, tq);
        add_nt(n, 1, pb, f, next_p);
        add_tn(n, 1, f, pb, next_p);
        mat_transpose(n, f, ft);
        mat_sandwich(n, ft, qb, qb, next_q);
        mat_copy(n, next_p, pb);
        mat_copy(n, next_q, qb);
    }
    back_series(n, terms, drift, h, x, m, pb, qb, io_drift_bar, io_diffusion_bar);
    return mat_finite(nn, io_drift_bar) && mat_finite(nn, io_diffusion_bar);
}

bool step_lyapunov(int n, bool discrete, const double a[], const double s[], double ret_p[])
{
    double phi[NUM_MAX2], q[NUM_MAX2], t[NUM_MAX2], norm = mat_norm1(n, a);
    if (discrete) {
        mat_copy(n, a, phi);
        mat_copy(n, s, q);
    } else {
        double h = norm > 0 ? 0.5 / norm : 1, x[NUM_MAX2], term[NUM_MAX2];
        mat_identity(n, phi);
        for (int k = TERMS; k >= 1; k--) {
            mat_mul(n, a, phi, t);
            mat_identity(n, phi);
            mat_add(n, phi, h / k, t);
        }
        for (int i = 0; i < n * n; i++)
            q[i] = term[i] = s[i] * h;
        for (int k = 1; k < TERMS; k++) {
            mat_mul(n, a, term, x);
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++)
                    term[i * n + j] = h / (k + 1) * (x[i * n + j] + x[j * n + i]);
            mat_add(n, q, 1, term);
        }
    }
    for (int k = 0; k < 100; k++) {
        if (mat_norm1(n, phi) < 1e-12) {
            mat_copy(n, q, ret_p);
            return mat_finite((ptrdiff_t)n * n, ret_p);
        }
        mat_sandwich(n, phi, q, q, t);
        mat_copy(n, t, q);
        mat_mul(n, phi, phi, t);
        mat_copy(n, t, phi);
        if (!mat_finite((ptrdiff_t)n * n, phi))
            return false;
    }
    return false;
}
