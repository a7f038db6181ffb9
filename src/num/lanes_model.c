/* num/lanes_model.c - which models lanes may carry, and their form in modes; which vector unit does it.
 *
 * Only what the short forms of num/lanes_body.h give to twelve digits: everything else is refused here and goes the
 * long way. Cost: an eigenbasis and 20 n^3. */
#include "num/lanes.h"
#include "num/lanes_kernel.h"
#include <math.h>
#include <string.h>

/* -- this machine ----------------------------------------------------------------------------------- */

#if defined(__x86_64__)

int lane_kernel_count(void)
{
    return __builtin_cpu_supports("avx512f")                                 ? 3
           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2
                                                                             : 1;
}

const LaneKernel *lane_kernel_at(int i)
{
    const LaneKernel *const all[] = {&lane_kernel_any, &lane_kernel_avx2, &lane_kernel_avx512};
    return all[i];
}

#else

int lane_kernel_count(void)
{
    return 1;
}

const LaneKernel *lane_kernel_at(int i)
{
    (void)i;
    return &lane_kernel_any;
}

#endif

const LaneKernel *lane_kernel(void)
{
    return lane_kernel_at(lane_kernel_count() - 1);
}

/* -- models ----------------------------------------------------------------------------------------- */

/* Where rounding in the short form of a reading would show: an error this small beside the state's variance. */
static const double ERROR_LEAST = 1e-8;
static const double BASIS_WORST = 200, SIZE_MOST = 1e60;

/* Real, stable, well away from where its eigenvectors meet, and with noise in every state: what a process driven
 * through its derivative needs (entries of order dt^3) only the series of num/step.c gives. */
static bool same_drift(const LdsModel *m, const LaneModel *like)
{
    return like &&
           memcmp(m->drift, like->plain->drift, sizeof(double) * (size_t)m->n * (size_t)m->n) == 0;
}

static bool suits(const LdsModel *m, const LaneModel *like, LaneModel *lm)
{
    double l[NUM_MAX2], least = HUGE_VAL, most = 0;
    if (m->discrete || m->start == LDS_DIFFUSE || m->u > LANES_IMPULSES ||
        !mat_cholesky(m->n, m->diffusion, l))
        return false;
    for (int i = 0; i < m->n; i++) {
        least = fmin(least, l[i * m->n + i]);
        most = fmax(most, l[i * m->n + i]);
    }
    if (least < 1e-5 * most)
        return false;
    if (same_drift(m, like)) {
        lm->basis = like->basis;
        return true;
    }
    if (!modal_make(m->n, m->drift, &lm->basis) || lm->basis.cond > BASIS_WORST)
        return false;
    for (int i = 0; i < m->n; i++)
        if (lm->basis.im[i] < 0 || lm->basis.im[i] > 0 || !(lm->basis.re[i] < 0))
            return false;
    return true;
}

static void set_start(const LdsModel *m, LaneModel *lm)
{
    int n = m->n;
    double from[NUM_MAX] = {0};
    for (int i = 0; m->initial_mean && i < n; i++)
        from[i] = m->initial_mean[i] - m->mean[i];
    mat_vec(n, lm->basis.vi, from, lm->start_mean);
    if (m->start == LDS_GIVEN)
        mat_sandwich(n, lm->basis.vi, m->initial_cov, NULL, lm->start_cov);
    else
        mat_copy(n, lm->rest, lm->start_cov);
}

static bool set_items(const LdsModel *m, LaneModel *lm)
{
    int n = m->n;
    double x[NUM_MAX];
    lm->error_least = HUGE_VAL;
    for (int j = 0; j < m->m; j++) {
        double *h = lm->load + j * n, largest = 0;
        mat_vec_t(n, lm->basis.v, m->loading + j * n, h);
        for (int i = 0; i < n; i++)
            largest = fmax(largest, fabs(h[i]));
        for (int i = 0; i < n; i++)
            if (fabs(h[i]) < 1e-15 * largest) /* what rounding left of a 0 */
                h[i] = 0;
        lm->centre[j] = m->offset[j] + mat_dot(n, m->loading + j * n, m->mean);
        mat_vec(n, lm->rest, h, x);
        double var = mat_dot(n, h, x);
        mat_vec(n, lm->start_cov, h, x);
        var += mat_dot(n, h, x);
        if (!(m->error[j] > ERROR_LEAST * var) || !(var < SIZE_MOST) ||
            !(m->error[j] < SIZE_MOST) || !(m->error[j] > 1 / SIZE_MOST))
            return false;
        if (var > 0)
            lm->error_least = fmin(lm->error_least, m->error[j] / var);
    }
    return true;
}

bool lanes_make(const LdsModel *m, const LaneModel *like, LaneModel *ret)
{
    int n = m->n;
    double noise[NUM_MAX2];
    ret->plain = m;
    ret->kernel = lane_kernel();
    if (!suits(m, like, ret))
        return false;
    mat_sandwich(n, ret->basis.vi, m->diffusion, NULL, noise);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            ret->rest[i * n + j] = -noise[i * n + j] / (ret->basis.re[i] + ret->basis.re[j]);
    set_start(m, ret);
    for (int k = 0; k < m->u; k++)
        mat_vec(n, ret->basis.vi, m->impulse + k * n, ret->push + k * n);
    return mat_finite((ptrdiff_t)n * n, ret->rest) &&
           mat_finite((ptrdiff_t)n * n, ret->start_cov) && mat_finite(n, ret->start_mean) &&
           mat_finite((ptrdiff_t)m->u * n, ret->push) && set_items(m, ret);
}
