/* num/prefer.c - Newton's method on a concave likelihood, and Gauss-Hermite quadrature for information.
 *
 * All four answers are alternatives of one multinomial logit whose predictors are x_a, x_b, (x_a + x_b)/2
 * and 0, so the log-likelihood is concave and Newton's method with step halving always arrives; with a
 * prior of N(0, I) four or five rounds do. A choice costs two exponentials and one rank-2 term of the Hessian:
 * 60 choices of 5 dimensions take about 15 microseconds. Information needs the distribution of (u_a, u_b)
 * only: a two-dimensional rule of 7 x 7 points, exact far beyond the third decimal that ranks pairs. */
#include "num/prefer.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 100, HALVINGS_MAX = 40, HERMITE = 7 };

/* Probabilists' Gauss-Hermite: E f(Z) = sum of weight f(node). */
static const double hermite_node[HERMITE] = {
    -3.7504397177257425, -2.3667594107345416, -1.1544053947399682, 0,
    1.1544053947399682,  2.3667594107345416,  3.7504397177257425};
static const double hermite_weight[HERMITE] = {
    0.00054826885597221729, 0.030757123967586495, 0.24012317860501273,   0.45714285714285714,
    0.24012317860501273,    0.030757123967586495, 0.00054826885597221729};

/* Weights of the answers scaled so that the largest cannot overflow. */
static void answer_odds(const PreferModel *m, double ua, double ub, double p[PREFER_ANSWERS])
{
    double top = fmax(fmax(ua, ub), 0);
    double ra = exp((ua - top) / 2), rb = exp((ub - top) / 2);
    p[PREFER_A] = ra * ra;
    p[PREFER_B] = rb * rb;
    p[PREFER_BOTH] = m->tie * ra * rb;
    p[PREFER_NEITHER] = m->outside > 0 ? m->outside * exp(-top) : 0;
    double sum = p[0] + p[1] + p[2] + p[3];
    for (int k = 0; k < PREFER_ANSWERS; k++)
        p[k] /= sum;
}

void prefer_probabilities(const PreferModel *m, const double theta[], int a, int b,
                          double ret[PREFER_ANSWERS])
{
    answer_odds(m, mat_dot(m->d, m->x + a * m->d, theta), mat_dot(m->d, m->x + b * m->d, theta),
                ret);
}

static double log_prior(const PreferModel *m, const double theta[])
{
    double sum = 0;
    for (int i = 0; i < m->d; i++) {
        double gap = theta[i] - (m->prior ? m->prior[i] : 0);
        sum -= 0.5 * (m->precision ? m->precision[i] : 1) * gap * gap;
    }
    return sum;
}

static double loglik_at(const PreferModel *m, const PreferChoice c[], ptrdiff_t count,
                        const double theta[])
{
    double sum = 0, p[PREFER_ANSWERS];
    for (ptrdiff_t i = 0; i < count; i++) {
        prefer_probabilities(m, theta, c[i].a, c[i].b, p);
        sum += c[i].count * log(p[c[i].answer]);
    }
    return sum;
}

/* Adds one choice to gradient g and information h (lower triangle); returns its log-likelihood. */
static double add_choice(const PreferModel *m, const PreferChoice *c, const double theta[],
                         double g[], double h[])
{
    int d = m->d;
    const double *xa = m->x + c->a * d, *xb = m->x + c->b * d;
    double p[PREFER_ANSWERS], half = c->answer == PREFER_BOTH ? 0.5 : 0;
    answer_odds(m, mat_dot(d, xa, theta), mat_dot(d, xb, theta), p);
    double alpha = p[PREFER_A] + p[PREFER_BOTH] / 2, beta = p[PREFER_B] + p[PREFER_BOTH] / 2;
    double ga = c->count * ((c->answer == PREFER_A ? 1 : half) - alpha);
    double gb = c->count * ((c->answer == PREFER_B ? 1 : half) - beta);
    double quarter = p[PREFER_BOTH] / 4;
    double haa = c->count * (p[PREFER_A] + quarter - alpha * alpha);
    double hbb = c->count * (p[PREFER_B] + quarter - beta * beta);
    double hab = c->count * (quarter - alpha * beta);
    for (int i = 0; i < d; i++) {
        g[i] += ga * xa[i] + gb * xb[i];
        double to_a = haa * xa[i] + hab * xb[i], to_b = hab * xa[i] + hbb * xb[i];
        for (int j = 0; j <= i; j++)
            h[i * d + j] += to_a * xa[j] + to_b * xb[j];
    }
    return c->count * log(p[c->answer]);
}

/* Gradient and information of the posterior at theta; returns the log-likelihood. */
static double slope(const PreferModel *m, const PreferChoice c[], ptrdiff_t count,
                    const double theta[], double g[], double h[])
{
    int d = m->d;
    double loglik = 0;
    mat_zero(d, h);
    for (int i = 0; i < d; i++) {
        double precision = m->precision ? m->precision[i] : 1;
        g[i] = -precision * (theta[i] - (m->prior ? m->prior[i] : 0));
        h[i * d + i] = precision;
    }
    for (ptrdiff_t i = 0; i < count; i++)
        loglik += add_choice(m, &c[i], theta, g, h);
    for (int i = 0; i < d; i++)
        for (int j = 0; j < i; j++)
            h[j * d + i] = h[i * d + j];
    return loglik;
}

static bool choices_valid(const PreferModel *m, const PreferChoice c[], ptrdiff_t count)
{
    if (m->d < 1 || m->d > NUM_MAX || !(m->tie >= 0) || !(m->outside >= 0))
        return false;
    for (ptrdiff_t i = 0; i < count; i++) {
        bool offered = (c[i].answer != PREFER_BOTH || m->tie > 0) &&
                       (c[i].answer != PREFER_NEITHER || m->outside > 0);
        if (c[i].a < 0 || c[i].a >= m->items || c[i].b < 0 || c[i].b >= m->items ||
            c[i].a == c[i].b || (int)c[i].answer >= PREFER_ANSWERS || !offered ||
            !(c[i].count >= 0) || !isfinite(c[i].count))
            return false;
    }
    return true;
}

/* Largest of the Newton step's halves that does not lower the posterior; false when none does. */
static bool climb(const PreferModel *m, const PreferChoice c[], ptrdiff_t count,
                  const double step[], double now, double theta[])
{
    double next[NUM_MAX], scale = 1;
    for (int k = 0; k < HALVINGS_MAX; k++, scale /= 2) {
        for (int i = 0; i < m->d; i++)
            next[i] = theta[i] + scale * step[i];
        double there = loglik_at(m, c, count, next) + log_prior(m, next);
        if (there >= now - 1e-12 * fabs(now)) {
            memcpy(theta, next, sizeof next[0] * (size_t)m->d);
            return true;
        }
    }
    return false;
}

Err prefer_fit(Cx *cx, const PreferModel *m, const PreferChoice choices[], ptrdiff_t count,
               PreferFit *ret)
{
    double theta[NUM_MAX] = {0}, g[NUM_MAX], h[NUM_MAX2], l[NUM_MAX2], step[NUM_MAX];
    int d = m->d;
    if (!choices_valid(m, choices, count))
        return err_set(cx, ERR_INVALID, "err.num-choices", NO_ARGS);
    for (int i = 0; m->prior && i < d; i++)
        theta[i] = m->prior[i];
    for (int round = 1; round <= ROUNDS_MAX; round++) {
        double loglik = slope(m, choices, count, theta, g, h), gain = 0, size = 0;
        if (!mat_cholesky(d, h, l))
            break;
        mat_cholesky_solve(d, l, g, step);
        for (int i = 0; i < d; i++) {
            gain += g[i] * step[i];
            size = fmax(size, fabs(theta[i]));
        }
        if (!(size < 30)) /* e^30: nothing in the data holds it back */
            break;
        if (gain <
            1e-18 * (1 + fabs(loglik))) { /* the next round would change the 9th digit of nothing */
            memcpy(ret->mean, theta, sizeof theta);
            mat_cholesky_inverse(d, l, ret->cov);
            ret->loglik = loglik;
            ret->rounds = round;
            return OK;
        }
        /* A small step of a concave function needs no look before the leap. */
        if (gain < 0.1)
            for (int i = 0; i < d; i++)
                theta[i] += step[i];
        else if (!climb(m, choices, count, step, loglik + log_prior(m, theta), theta))
            break;
    }
    return err_set(cx, ERR_NUMERIC, "err.num-separated", NO_ARGS);
}

static double entropy(const double p[PREFER_ANSWERS])
{
    double sum = 0;
    for (int k = 0; k < PREFER_ANSWERS; k++)
        sum -= p[k] > 0 ? p[k] * log(p[k]) : 0;
    return sum;
}

double prefer_information(const PreferModel *m, const PreferFit *fit, int a, int b)
{
    int d = m->d;
    const double *xa = m->x + a * d, *xb = m->x + b * d;
    double ca[NUM_MAX], cb[NUM_MAX];
    mat_vec(d, fit->cov, xa, ca);
    mat_vec(d, fit->cov, xb, cb);
    double va = mat_dot(d, xa, ca), vb = mat_dot(d, xb, cb), vab = mat_dot(d, xa, cb);
    double sa = sqrt(fmax(va, 0)), along = sa > 0 ? vab / sa : 0;
    double apart = sqrt(fmax(vb - along * along, 0));
    double ua = mat_dot(d, xa, fit->mean), ub = mat_dot(d, xb, fit->mean);
    double mean[PREFER_ANSWERS] = {0}, inner = 0;
    for (int i = 0; i < HERMITE; i++)
        for (int j = 0; j < HERMITE; j++) {
            double w = hermite_weight[i] * hermite_weight[j], p[PREFER_ANSWERS];
            double za = hermite_node[i], zb = hermite_node[j];
            answer_odds(m, ua + sa * za, ub + along * za + apart * zb, p);
            inner += w * entropy(p);
            for (int k = 0; k < PREFER_ANSWERS; k++)
                mean[k] += w * p[k];
        }
    return entropy(mean) - inner;
}

bool prefer_next(const PreferModel *m, const PreferFit *fit,
                 bool (*usable)(const void *context, int a, int b), const void *context, int *ret_a,
                 int *ret_b, double *ret_information)
{
    double best = -1;
    for (int a = 0; a < m->items; a++)
        for (int b = a + 1; b < m->items; b++) {
            if (usable && !usable(context, a, b))
                continue;
            double info = prefer_information(m, fit, a, b);
            if (info > best) {
                best = info;
                *ret_a = a;
                *ret_b = b;
            }
        }
    if (best >= 0)
        *ret_information = best;
    return best >= 0;
}

void prefer_weights(int d, const double theta[], const double cov[], double ret_w[],
                    double ret_cov[])
{
    double top = theta[0], sum = 0, j[NUM_MAX2];
    for (int i = 1; i < d; i++)
        top = fmax(top, theta[i]);
    for (int i = 0; i < d; i++)
        sum += ret_w[i] = exp(theta[i] - top);
    for (int i = 0; i < d; i++)
        ret_w[i] /= sum;
    for (int i = 0; i < d; i++)
        for (int k = 0; k < d; k++)
            j[i * d + k] = ret_w[i] * ((i == k) - ret_w[k]);
    mat_sandwich(d, j, cov, NULL, ret_cov);
}
