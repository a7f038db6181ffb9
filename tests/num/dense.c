/* tests/num/dense.c - see dense.h. */
#include "num/dense.h"
#include <math.h>
#include <string.h>

static Long work_a[64 * 64], work_b[64 * 64], work_c[64 * 64], work_sum[64 * 64];

static void long_mul(int n, const Long a[], const Long b[], Long ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            Long s = 0;
            for (int k = 0; k < n; k++)
                s += a[i * n + k] * b[k * n + j];
            ret[i * n + j] = s;
        }
}

/* The series of exp over a step short enough that 30 terms are exact. */
static void short_exp(int n, const Long a[], Long ret[])
{
    memset(work_sum, 0, sizeof(Long) * (size_t)(n * n));
    for (int i = 0; i < n; i++)
        work_sum[i * n + i] = 1;
    memcpy(work_b, work_sum, sizeof(Long) * (size_t)(n * n));
    for (int k = 1; k <= 30; k++) {
        long_mul(n, work_b, a, work_c);
        for (int i = 0; i < n * n; i++) {
            work_b[i] = work_c[i] / k;
            work_sum[i] += work_b[i];
        }
    }
    memcpy(ret, work_sum, sizeof(Long) * (size_t)(n * n));
}

void dense_step(int n, const double drift[], const double diffusion[], double dt, Long phi[],
                Long q[])
{
    int n2 = 2 * n, times = 0;
    Long norm = 0, h = dt;
    static Long e[64 * 64], next[32 * 32], t[32 * 32];
    for (int i = 0; i < n * n; i++)
        norm += fabsl(drift[i]);
    while (norm * h > 0.25L) {
        h /= 2;
        times++;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            work_a[i * n2 + j] = -drift[i * n + j] * h;
            work_a[i * n2 + n + j] = diffusion[i * n + j] * h;
            work_a[(n + i) * n2 + j] = 0;
            work_a[(n + i) * n2 + n + j] = drift[j * n + i] * h;
        }
    short_exp(n2, work_a, e);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            phi[i * n + j] = e[(n + j) * n2 + n + i];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            q[i * n + j] = 0;
            for (int k = 0; k < n; k++)
                q[i * n + j] += phi[i * n + k] * e[k * n2 + n + j];
        }
    for (int s = 0; s < times; s++) {
        long_mul(n, phi, q, t);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                Long sum = q[i * n + j];
                for (int k = 0; k < n; k++)
                    sum += t[i * n + k] * phi[j * n + k];
                next[i * n + j] = sum;
            }
        memcpy(q, next, sizeof(Long) * (size_t)(n * n));
        long_mul(n, phi, phi, t);
        memcpy(phi, t, sizeof(Long) * (size_t)(n * n));
    }
}

Long dense_condition(Dense *g, const Long h[], Long y, Long error)
{
    static Long ph[DENSE_MAX];
    Long var = error, expect = 0;
    for (int i = 0; i < g->size; i++) {
        ph[i] = 0;
        for (int j = 0; j < g->size; j++)
            ph[i] += g->cov[i * g->size + j] * h[j];
    }
    for (int i = 0; i < g->size; i++) {
        var += h[i] * ph[i];
        expect += h[i] * g->mean[i];
    }
    Long resid = y - expect;
    for (int i = 0; i < g->size; i++) {
        g->mean[i] += ph[i] * resid / var;
        for (int j = 0; j < g->size; j++)
            g->cov[i * g->size + j] -= ph[i] * ph[j] / var;
    }
    return -0.5L * (logl(2 * acosl(-1.0L)) + logl(var) + resid * resid / var);
}

/* The state at row, given the one before: mean, own covariance and covariance with all earlier
 * ones. */
static void add_row(const LdsModel *m, const LdsData *d, ptrdiff_t row, int size, Dense *g)
{
    int n = m->n, at = (int)row * n, from = at - n;
    static Long phi[32 * 32], q[32 * 32];
    if (row == 0) {
        for (int i = 0; i < n; i++) {
            g->mean[i] = m->initial_mean ? m->initial_mean[i] : m->mean[i];
            for (int j = 0; j < n; j++)
                g->cov[i * size + j] = m->initial_cov[i * n + j];
        }
    } else {
        dense_step(n, m->drift, m->diffusion, d->t[row] - d->t[row - 1], phi, q);
        for (int i = 0; i < n; i++) {
            g->mean[at + i] = m->mean[i];
            for (int k = 0; k < n; k++)
                g->mean[at + i] += phi[i * n + k] * (g->mean[from + k] - m->mean[k]);
            for (int j = 0; j < at; j++) {
                Long s = 0;
                for (int k = 0; k < n; k++)
                    s += phi[i * n + k] * g->cov[(from + k) * size + j];
                g->cov[(at + i) * size + j] = g->cov[j * size + at + i] = s;
            }
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                Long s = q[i * n + j];
                for (int k = 0; k < n; k++)
                    s += g->cov[(at + i) * size + from + k] * phi[j * n + k];
                g->cov[(at + i) * size + at + j] = s;
            }
    }
    for (int k = 0; d->u && k < m->u; k++)
        for (int i = 0; i < n; i++)
            g->mean[at + i] += d->u[row * m->u + k] * m->impulse[k * n + i];
}

void dense_solve(const LdsModel *m, const LdsData *d, ptrdiff_t last, Dense *ret)
{
    int size = (int)d->rows * m->n;
    static Long h[DENSE_MAX];
    ret->size = size;
    ret->loglik = 0;
    for (ptrdiff_t row = 0; row < d->rows; row++)
        add_row(m, d, row, size, ret);
    for (ptrdiff_t row = 0; row <= last; row++)
        for (int item = 0; item < m->m; item++) {
            double y = d->y[row * m->m + item];
            if (isnan(y))
                continue;
            memset(h, 0, sizeof h);
            for (int i = 0; i < m->n; i++)
                h[row * m->n + i] = m->loading[item * m->n + i];
            ret->loglik += dense_condition(ret, h, y - m->offset[item], m->error[item]);
        }
}
