/* num/step_grad.c - backwards through the series and doublings of num/step.c, which need no eigenvectors and are
 * exact for every drift. Phi and Q are polynomials in tau = |A| h whose matrices are the same for every gap, so
 * the derivatives of all gaps are first summed into one matrix a power; the way back to A and GG' is then gone
 * once. A gap with tau > 1/2 is first brought to one that is not, doubling by doubling. Whole steps of a discrete model
 * are a power, taken apart the same way.
 *
 * Cost: a gap 4 n^2 a term (2 to 18 of them) and 14 n^3 a doubling; the end 7 n^3 a term, once. */
#include "num/step_grad.h"
#include <math.h>

enum { TERMS = STEP_TERMS, DOUBLINGS = 64 };

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

/* ret = scale (x + x') */
static void both_ways(int n, double scale, const double x[], double ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            ret[i * n + j] = scale * (x[i * n + j] + x[j * n + i]);
}

Err step_grad_make(Cx *cx, int n, bool discrete, const double drift[], const double diffusion[],
                   StepGrad *ret)
{
    ptrdiff_t nn = (ptrdiff_t)n * n, chain = (discrete ? 2 : 1) * DOUBLINGS + 1;
    double norm = discrete ? 1 : mat_norm1(n, drift), x[NUM_MAX2];
    StepGrad g = {.n = n, .discrete = discrete, .norm = norm > 0 ? norm : 1};
    double **const parts[] = {&g.b, &g.t, &g.m, &g.t_bar, &g.m_bar, &g.phi, &g.q};
    const ptrdiff_t count[] = {1, TERMS + 1, TERMS, TERMS + 1, TERMS, chain, chain};
    for (int i = 0; i < 7; i++) {
        *parts[i] = arena_new(cx->arena, double, count[i] * nn);
        if (!*parts[i])
            return err_nomem(cx);
    }
    mat_add(n, g.b, 1 / g.norm, drift);
    mat_identity(n, g.t);
    mat_add(n, g.m, 1 / g.norm, diffusion);
    for (int k = 1; k <= TERMS && !discrete; k++) {
        mat_mul(n, g.b, g.t + (k - 1) * nn, x);
        mat_add(n, g.t + k * nn, 1.0 / k, x);
        if (k == TERMS)
            break;
        mat_mul(n, g.b, g.m + (k - 1) * nn, x);
        both_ways(n, 1.0 / (k + 1), x, g.m + k * nn);
    }
    *ret = g;
    return OK;
}

/* Phi and Q over tau <= 1/2. */
static void base_step(const StepGrad *g, int terms, double tau, double phi[], double q[])
{
    int nn = g->n * g->n;
    mat_copy(g->n, g->t, phi);
    mat_zero(g->n, q);
    double power = tau;
    for (int k = 1; k <= terms; k++, power *= tau) {
        mat_add(g->n, phi, power, g->t + k * nn);
        mat_add(g->n, q, power, g->m + (k - 1) * nn);
    }
}

/* Q2 = Q + F Q F', F2 = F F, backwards. */
static void back_doubling(int n, const double f[], const double q[], double pb[], double qb[])
{
    double next_p[NUM_MAX2], next_q[NUM_MAX2], t[NUM_MAX2], tq[NUM_MAX2], ft[NUM_MAX2];
    mat_mul(n, qb, f, t);
    mat_mul(n, t, q, tq);
    mat_zero(n, next_p);
    mat_add(n, next_p, 2, tq);
    add_nt(n, 1, pb, f, next_p);
    add_tn(n, 1, f, pb, next_p);
    mat_transpose(n, f, ft);
    mat_sandwich(n, ft, qb, qb, next_q);
    mat_copy(n, next_p, pb);
    mat_copy(n, next_q, qb);
}

/* F2 = T F, Q2 = T Q T' + N, backwards; T's and N's own derivatives are added up. */
static void back_one_more(StepGrad *g, const double f[], const double q[], double pb[], double qb[])
{
    int n = g->n, nn = n * n;
    double t[NUM_MAX2], tq[NUM_MAX2], tt[NUM_MAX2];
    mat_mul(n, qb, g->b, t);
    mat_mul(n, t, q, tq);
    mat_add(n, g->t_bar + nn, 2, tq);
    add_nt(n, 1, pb, f, g->t_bar + nn);
    mat_add(n, g->m_bar, 1, qb);
    mat_transpose(n, g->b, tt);
    mat_mul(n, tt, pb, t);
    mat_copy(n, t, pb);
    mat_sandwich(n, tt, qb, NULL, t);
    mat_copy(n, t, qb);
}

/* T^k and its noise are built from k's highest bit down: doubled, and one more step where the bit is set. */
static bool add_power(StepGrad *g, double times, const double phi_bar[], const double q_bar[])
{
    int n = g->n, nn = n * n, count = 0, bit = 0;
    bool doubled[2 * DOUBLINGS];
    double pb[NUM_MAX2], qb[NUM_MAX2];
    if (!(times >= 1 && times < 0x1p53))
        return false;
    int64_t k = (int64_t)times;
    while (k >> (bit + 1))
        bit++;
    mat_copy(n, g->b, g->phi);
    mat_copy(n, g->m, g->q);
    for (bit--; bit >= 0; bit--)
        for (int more = 0; more <= (k >> bit & 1); more++, count++) {
            const double *f = g->phi + count * nn, *q = g->q + count * nn;
            double *next = g->phi + (count + 1) * nn, *next_q = g->q + (count + 1) * nn;
            doubled[count] = more == 0;
            mat_mul(n, more ? g->b : f, f, next);
            mat_sandwich(n, more ? g->b : f, q, more ? g->m : q, next_q);
        }
    mat_copy(n, phi_bar, pb);
    mat_copy(n, q_bar, qb);
    while (count-- > 0) {
        if (doubled[count])
            back_doubling(n, g->phi + count * nn, g->q + count * nn, pb, qb);
        else
            back_one_more(g, g->phi + count * nn, g->q + count * nn, pb, qb);
    }
    mat_add(n, g->t_bar + nn, 1, pb);
    mat_add(n, g->m_bar, 1, qb);
    return mat_finite(nn, pb) && mat_finite(nn, qb);
}

bool step_grad_add(StepGrad *g, double dt, const double phi_bar[], const double q_bar[])
{
    int n = g->n, nn = n * n, times = 0;
    double tau = g->norm * dt, pb[NUM_MAX2], qb[NUM_MAX2];
    if (g->discrete)
        return add_power(g, dt, phi_bar, q_bar);
    while (tau > 0.5) {
        tau /= 2;
        if (++times > DOUBLINGS)
            return false;
    }
    int terms = step_terms(tau);
    mat_copy(n, phi_bar, pb);
    mat_copy(n, q_bar, qb);
    if (times > 0)
        base_step(g, terms, tau, g->phi, g->q);
    for (int s = 0; s < times; s++) {
        double *f = g->phi + s * nn, *q = g->q + s * nn;
        mat_mul(n, f, f, f + nn);
        mat_sandwich(n, f, q, q, q + nn);
    }
    for (int s = times - 1; s >= 0; s--)
        back_doubling(n, g->phi + s * nn, g->q + s * nn, pb, qb);
    double power = tau;
    for (int k = 1; k <= terms; k++, power *= tau) {
        mat_add(n, g->t_bar + k * nn, power, pb);
        mat_add(n, g->m_bar + (k - 1) * nn, power, qb);
    }
    return mat_finite(nn, pb) && mat_finite(nn, qb);
}

void step_grad_finish(StepGrad *g, double io_drift_bar[], double io_diffusion_bar[])
{
    int n = g->n, nn = n * n;
    double b_bar[NUM_MAX2] = {0}, x[NUM_MAX2], y[NUM_MAX2];
    if (g->discrete) {
        mat_add(n, io_drift_bar, 1, g->t_bar + nn);
        mat_add(n, io_diffusion_bar, 1, g->m_bar);
        return;
    }
    for (int k = TERMS; k >= 1; k--) { /* t_k = b t_(k-1) / k */
        add_nt(n, 1.0 / k, g->t_bar + k * nn, g->t + (k - 1) * nn, b_bar);
        add_tn(n, 1.0 / k, g->b, g->t_bar + k * nn, g->t_bar + (k - 1) * nn);
    }
    for (int k = TERMS - 1; k >= 1; k--) { /* m_k = (b m_(k-1) + its transpose) / (k + 1) */
        mat_mul(n, g->m_bar + k * nn, g->m + (k - 1) * nn, x);
        mat_add(n, b_bar, 2.0 / (k + 1), x);
        mat_mul(n, g->m_bar + k * nn, g->b, x);
        both_ways(n, 1.0 / (k + 1), x, y);
        mat_add(n, g->m_bar + (k - 1) * nn, 1, y);
    }
    mat_add(n, io_drift_bar, 1 / g->norm, b_bar);
    mat_add(n, io_diffusion_bar, 1 / g->norm, g->m_bar);
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
