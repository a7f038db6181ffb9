/* num/lds.c - sequential scalar Kalman updates in Joseph form, backward pass in (r, N) form.
 *
 * Scalar updates need no matrix inverse, skip missing items for nothing and cost 3 n^2 each. The
 * Joseph form P = (I - Kh) P (I - Kh)' + K R K' keeps P symmetric and positive semidefinite
 * whatever the rounding of K, also with R = 0. The backward pass carries r and N, the first and
 * second derivative of the log-likelihood with respect to the predicted state (Durbin & Koopman
 * 2012, 4.4): nothing is inverted, so singular covariances are no special case. It stores per row
 * Phi, mean and covariance (3 n^2 + n) and per reading a gain (n + 3).
 *
 * Diffuse start: x0 = delta + N(0, c I) with delta flat. For any c this is the diffuse prior, so c
 * is chosen to keep every innovation variance positive. The filter runs at delta = 0 and carries
 * the sensitivity of the mean to delta (n more columns) and the information S, s about it; answers
 * are completed with delta's posterior S^-1 s, S^-1. Exact, no large number anywhere, and the
 * likelihood's constant is that of Durbin & Koopman (7.2): log|F| of the diffuse steps enters as
 * log|S|.
 *
 * Equal gaps share one step. A row costs 6 n^3 for the covariance in plain coordinates. */
#include "num/lds.h"
#include <math.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;

typedef struct Reading { /* what the backward pass needs of one update */
    int item;
    double resid, var; /* at delta = 0 */
    double *gain;      /* n */
    double *sense;     /* n: -d resid / d delta, or NULL */
} Reading;

typedef struct Pass {
    Cx *cx;
    const LdsModel *m;
    const LdsData *d;
    LdsResult *out;
    LdsWant want;
    Stepper step;
    double last_dt;
    double *phi, *q;   /* of last_dt */
    double *phis;      /* rows x n x n when smoothing */
    double *raw_mean;  /* rows x n after the readings, at delta = 0, when smoothing */
    double *raw_cov;   /* rows x n x n */
    double *raw_sense; /* rows x n x n, diffuse and smoothing */
    Reading *reading;  /* all readings when smoothing */
    ptrdiff_t *first;  /* rows + 1 */
    ptrdiff_t readings;
    double *mean, *cov;   /* the running belief */
    double *sense;        /* n x n: d mean / d delta; NULL unless diffuse */
    double *info, *score; /* S and s */
} Pass;

/* -- checks ---------------------------------------------------------------------------------------
 */

static Err bad_matrix(Cx *cx, const char *name)
{
    return err_set(cx, ERR_INVALID, "err.num-matrix", ARGS(arg_c("name", name)));
}

static bool is_covariance(int n, const double a[])
{
    double l[NUM_MAX2];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (fabs(a[i * n + j] - a[j * n + i]) >
                1e-9 * sqrt(fabs(a[i * n + i] * a[j * n + j])) + 1e-300)
                return false;
    return mat_cholesky_semi(n, a, l);
}

static Err check_model(Cx *cx, const LdsModel *m)
{
    ptrdiff_t n = m->n, items = m->m;
    if (m->n < 1 || m->n > NUM_MAX || m->m < 1 || m->m > LDS_ITEMS_MAX || m->u < 0)
        return err_set(cx, ERR_INVALID, "err.num-shape",
                       ARGS(arg_int("states", m->n), arg_int("items", m->m),
                            arg_int("most_states", NUM_MAX), arg_int("most_items", LDS_ITEMS_MAX)));
    if (!mat_finite(n * n, m->drift))
        return bad_matrix(cx, m->discrete ? "transition" : "drift");
    if (!mat_finite(n * n, m->diffusion) || !is_covariance(m->n, m->diffusion))
        return bad_matrix(cx, m->discrete ? "noise" : "diffusion");
    if (!mat_finite(n, m->mean))
        return bad_matrix(cx, "mean");
    if (!mat_finite(items * n, m->loading))
        return bad_matrix(cx, "loading");
    if (!mat_finite(items, m->offset))
        return bad_matrix(cx, "offset");
    if (!mat_finite(items, m->error))
        return bad_matrix(cx, "error");
    for (int j = 0; j < m->m; j++)
        if (m->error[j] < 0)
            return bad_matrix(cx, "error");
    if (m->u > 0 && !mat_finite((ptrdiff_t)m->u * n, m->impulse))
        return bad_matrix(cx, "impulse");
    if (m->initial_mean && !mat_finite(n, m->initial_mean))
        return bad_matrix(cx, "initial mean");
    if (m->start == LDS_GIVEN && (!m->initial_cov || !mat_finite(n * n, m->initial_cov) ||
                                  !is_covariance(m->n, m->initial_cov)))
        return bad_matrix(cx, "initial cov");
    return OK;
}

static Err check_data(Cx *cx, const LdsModel *m, const LdsData *d)
{
    if (d->rows < 1)
        return err_set(cx, ERR_INVALID, "err.num-empty", NO_ARGS);
    for (ptrdiff_t i = 0; i < d->rows; i++) {
        if (!isfinite(d->t[i]) || (i > 0 && d->t[i] < d->t[i - 1]))
            return err_set(cx, ERR_INVALID, "err.num-time", ARGS(arg_int("row", i + 1)));
        for (int j = 0; j < m->m; j++)
            if (isinf(d->y[i * m->m + j]))
                return err_set(cx, ERR_INVALID, "err.num-reading",
                               ARGS(arg_int("row", i + 1), arg_int("item", j + 1)));
        for (int k = 0; d->u && k < m->u; k++)
            if (!isfinite(d->u[i * m->u + k]))
                return err_set(cx, ERR_INVALID, "err.num-impulse",
                               ARGS(arg_int("row", i + 1), arg_int("impulse", k + 1)));
    }
    return OK;
}

Err lds_check(Cx *cx, const LdsModel *model, const LdsData *data)
{
    Err e = check_model(cx, model);
    return e == OK ? check_data(cx, model, data) : e;
}

/* -- memory ---------------------------------------------------------------------------------------
 */

static bool take(Pass *p, ptrdiff_t len, double **ret)
{
    *ret = arena_new(p->cx->arena, double, len);
    return *ret != NULL;
}

static bool take_output(Pass *p)
{
    LdsResult *o = p->out;
    ptrdiff_t rows = p->d->rows, n = p->m->n, items = p->m->m;
    o->pred_known = arena_new(p->cx->arena, bool, rows);
    o->filt_known = arena_new(p->cx->arena, bool, rows);
    return o->pred_known && o->filt_known && take(p, rows * n, &o->pred_mean) &&
           take(p, rows * n * n, &o->pred_cov) && take(p, rows * n, &o->filt_mean) &&
           take(p, rows * n * n, &o->filt_cov) && take(p, rows * items, &o->innovation) &&
           take(p, rows * items, &o->innovation_var);
}

static bool take_tape(Pass *p)
{
    ptrdiff_t rows = p->d->rows, n = p->m->n, count = 0;
    for (ptrdiff_t i = 0; i < rows * p->m->m; i++)
        count += !isnan(p->d->y[i]);
    p->reading = arena_new(p->cx->arena, Reading, count + 1);
    p->first = arena_new(p->cx->arena, ptrdiff_t, rows + 1);
    double *gains = NULL, *senses = NULL;
    if (!p->reading || !p->first || !take(p, (count + 1) * n, &gains) ||
        !take(p, rows * n * n, &p->phis) || !take(p, rows * n, &p->raw_mean) ||
        !take(p, rows * n * n, &p->raw_cov) || !take(p, rows * n, &p->out->smooth_mean) ||
        !take(p, rows * n * n, &p->out->smooth_cov))
        return false;
    if (p->sense && (!take(p, (count + 1) * n, &senses) || !take(p, rows * n * n, &p->raw_sense)))
        return false;
    for (ptrdiff_t i = 0; i < count; i++) {
        p->reading[i].gain = gains + i * n;
        p->reading[i].sense = senses ? senses + i * n : NULL;
    }
    return true;
}

static Err take_memory(Pass *p)
{
    ptrdiff_t n = p->m->n;
    if (!take(p, n * n, &p->phi) || !take(p, n * n, &p->q) || !take(p, n, &p->mean) ||
        !take(p, n * n, &p->cov))
        return err_nomem(p->cx);
    if (p->m->start == LDS_DIFFUSE &&
        (!take(p, n * n, &p->sense) || !take(p, n * n, &p->info) || !take(p, n, &p->score)))
        return err_nomem(p->cx);
    if (p->want >= LDS_FILTER && !take_output(p))
        return err_nomem(p->cx);
    if (p->want >= LDS_SMOOTH && !take_tape(p))
        return err_nomem(p->cx);
    return OK;
}

/* -- the flat start -------------------------------------------------------------------------------
 */

/* A variance of the size of the readings' errors: any value is exact, this one keeps digits. */
static double flat_scale(const LdsModel *m)
{
    double sum = 0;
    for (int j = 0; j < m->m; j++)
        sum += m->error[j];
    return sum > 0 ? sum / m->m : 1;
}

/* The posterior of delta, when the readings so far determine it. */
static bool flat_posterior(const Pass *p, double ret_mean[], double ret_cov[], double *ret_logdet)
{
    int n = p->m->n;
    double scaled[NUM_MAX2], size[NUM_MAX] = {0}, inv[NUM_MAX2];
    for (int i = 0; i < n; i++) {
        size[i] = sqrt(p->info[i * n + i]);
        if (!(size[i] > 0))
            return false;
    }
    for (int i = 0; i < n * n; i++)
        scaled[i] = p->info[i] / (size[i / n] * size[i % n]);
    if (!mat_cholesky(n, scaled, scaled))
        return false;
    for (int i = 0; i < n; i++)
        if (scaled[i * n + i] < 1e-7) /* collinear up to rounding: not determined */
            return false;
    *ret_logdet = mat_cholesky_logdet(n, scaled);
    mat_cholesky_inverse(n, scaled, inv);
    for (int i = 0; i < n; i++)
        *ret_logdet += 2 * log(size[i]);
    for (int i = 0; i < n * n; i++)
        ret_cov[i] = inv[i] / (size[i / n] * size[i % n]);
    mat_vec(n, ret_cov, p->score, ret_mean);
    return true;
}

/* mean and cov at delta = 0 completed by delta's posterior; false when that does not exist yet. */
static bool complete(const Pass *p, const double mean[], const double cov[], const double sense[],
                     double ret_mean[], double ret_cov[])
{
    int n = p->m->n;
    double delta[NUM_MAX], dcov[NUM_MAX2], logdet;
    if (!p->sense) {
        memcpy(ret_mean, mean, sizeof(double) * (size_t)n);
        mat_copy(n, cov, ret_cov);
        return true;
    }
    if (!flat_posterior(p, delta, dcov, &logdet))
        return false;
    mat_vec(n, sense, delta, ret_mean);
    for (int i = 0; i < n; i++)
        ret_mean[i] += mean[i];
    mat_sandwich(n, sense, dcov, cov, ret_cov);
    return true;
}

/* -- forward --------------------------------------------------------------------------------------
 */

static Err start(Pass *p)
{
    const LdsModel *m = p->m;
    int n = m->n;
    memcpy(p->mean, m->initial_mean ? m->initial_mean : m->mean, sizeof(double) * (size_t)n);
    if (m->start == LDS_GIVEN) {
        mat_copy(n, m->initial_cov, p->cov);
        mat_symmetrise(n, p->cov);
        return OK;
    }
    if (m->start == LDS_STATIONARY)
        return step_stationary(p->cx, &p->step, p->cov);
    mat_identity(n, p->sense);
    for (int i = 0; i < n; i++)
        p->cov[i * n + i] = flat_scale(m);
    return OK;
}

static Err predict(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    int n = m->n;
    double dt = p->d->t[row] - p->d->t[row - 1], x[NUM_MAX], t[NUM_MAX2];
    if (!(dt >= p->last_dt && dt <= p->last_dt)) {
        if (!step_at(&p->step, dt, p->phi, p->q))
            return err_set(p->cx, ERR_NUMERIC, "err.num-step", ARGS(arg_int("row", row + 1)));
        p->last_dt = dt;
    }
    if (p->phis)
        mat_copy(n, p->phi, p->phis + row * n * n);
    if (dt <= 0)
        return OK;
    for (int i = 0; i < n; i++)
        x[i] = p->mean[i] - m->mean[i];
    mat_vec(n, p->phi, x, p->mean);
    for (int i = 0; i < n; i++)
        p->mean[i] += m->mean[i];
    mat_sandwich(n, p->phi, p->cov, p->q, t);
    mat_copy(n, t, p->cov);
    if (p->sense) {
        mat_mul(n, p->phi, p->sense, t);
        mat_copy(n, t, p->sense);
    }
    return OK;
}

static void kick(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    for (int k = 0; p->d->u && k < m->u; k++)
        for (int i = 0; i < m->n; i++)
            p->mean[i] += p->d->u[row * m->u + k] * m->impulse[k * m->n + i];
}

bool lds_update(int n, const double h[], double residual, double error, double mean[], double cov[],
                double gain[], double *ret_var)
{
    double m[NUM_MAX], k[NUM_MAX], left[NUM_MAX];
    mat_vec_t(n, cov, h, m); /* cov is symmetric */
    double var = mat_dot(n, h, m) + error;
    if (!(var > 0) || !isfinite(var) || !isfinite(residual))
        return false;
    for (int i = 0; i < n; i++) {
        k[i] = m[i] / var;
        mean[i] += k[i] * residual;
    }
    /* (I - Kh) P, row by row, then its product with (I - Kh)' and the error's own part. */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            cov[i * n + j] -= k[i] * m[j];
    for (int i = 0; i < n; i++) /* not symmetric here: row by row */
        left[i] = mat_dot(n, cov + i * n, h);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            cov[i * n + j] += (k[i] * error - left[i]) * k[j];
    mat_symmetrise(n, cov);
    if (gain)
        memcpy(gain, k, sizeof k[0] * (size_t)n);
    *ret_var = var;
    return true;
}

/* What a reading says about delta, and what delta's uncertainty adds to the innovation. */
static void learn_flat(Pass *p, const double h[], const double gain[], ptrdiff_t at, double resid,
                       double var)
{
    int n = p->m->n;
    double w[NUM_MAX], delta[NUM_MAX], dcov[NUM_MAX2], cw[NUM_MAX], logdet;
    mat_vec_t(n, p->sense, h, w);
    if (p->want >= LDS_FILTER && flat_posterior(p, delta, dcov, &logdet)) {
        mat_vec(n, dcov, w, cw);
        p->out->innovation[at] = resid - mat_dot(n, w, delta);
        p->out->innovation_var[at] = var + mat_dot(n, w, cw);
    } else if (p->want >= LDS_FILTER) {
        p->out->innovation[at] = p->out->innovation_var[at] = 0;
    }
    for (int i = 0; i < n; i++) {
        p->score[i] += w[i] * resid / var;
        for (int j = 0; j < n; j++) {
            p->info[i * n + j] += w[i] * w[j] / var;
            p->sense[i * n + j] -= gain[i] * w[j];
        }
    }
    if (p->reading)
        memcpy(p->reading[p->readings].sense, w, sizeof w[0] * (size_t)n);
}

static Err read_item(Pass *p, ptrdiff_t row, int item)
{
    const LdsModel *m = p->m;
    int n = m->n;
    ptrdiff_t at = row * m->m + item;
    const double *h = m->loading + item * n;
    double gain[NUM_MAX], var;
    double resid = p->d->y[at] - m->offset[item] - mat_dot(n, h, p->mean);
    if (!lds_update(n, h, resid, m->error[item], p->mean, p->cov, gain, &var))
        return err_set(p->cx, ERR_NUMERIC, "err.num-innovation",
                       ARGS(arg_int("row", row + 1), arg_int("item", item + 1)));
    p->out->loglik -= 0.5 * (LOG_2PI + log(var) + resid * resid / var);
    if (p->want >= LDS_FILTER) {
        p->out->innovation[at] = resid;
        p->out->innovation_var[at] = var;
    }
    if (p->sense)
        learn_flat(p, h, gain, at, resid, var);
    if (p->reading) {
        Reading *r = &p->reading[p->readings];
        r->item = item;
        r->resid = resid;
        r->var = var;
        memcpy(r->gain, gain, sizeof gain[0] * (size_t)n);
    }
    p->readings++;
    return OK;
}

static Err forward_row(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    ptrdiff_t n = m->n;
    LdsResult *o = p->out;
    if (row > 0) {
        Err e = predict(p, row);
        if (e != OK)
            return e;
    }
    kick(p, row);
    if (p->want >= LDS_FILTER)
        o->pred_known[row] = complete(p, p->mean, p->cov, p->sense, o->pred_mean + row * n,
                                      o->pred_cov + row * n * n);
    if (p->reading)
        p->first[row] = p->readings;
    for (int item = 0; item < m->m; item++) {
        Err e = isnan(p->d->y[row * m->m + item]) ? OK : read_item(p, row, item);
        if (e != OK)
            return e;
    }
    if (p->reading) {
        memcpy(p->raw_mean + row * n, p->mean, sizeof(double) * (size_t)n);
        mat_copy(m->n, p->cov, p->raw_cov + row * n * n);
        if (p->sense)
            mat_copy(m->n, p->sense, p->raw_sense + row * n * n);
    }
    if (p->want >= LDS_FILTER)
        o->filt_known[row] = complete(p, p->mean, p->cov, p->sense, o->filt_mean + row * n,
                                      o->filt_cov + row * n * n);
    return OK;
}

/* -- backward -------------------------------------------------------------------------------------
 */

typedef struct Back {
    double r[NUM_MAX], big_n[NUM_MAX2];
    double rs[NUM_MAX2]; /* d r / d delta, n x n, diffuse only */
} Back;

/* Through one reading: r = h resid/var + (I - Kh)' r, N likewise. */
static void unread(const Pass *p, const Reading *rd, Back *b)
{
    int n = p->m->n;
    const double *h = p->m->loading + rd->item * n, *k = rd->gain;
    double nk[NUM_MAX], x[NUM_MAX];
    double g = rd->resid / rd->var - mat_dot(n, k, b->r);
    mat_vec(n, b->big_n, k, nk);
    double c = 1 / rd->var + mat_dot(n, k, nk);
    for (int i = 0; i < n; i++) {
        b->r[i] += g * h[i];
        x[i] = nk[i] - 0.5 * c * h[i];
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            b->big_n[i * n + j] -= h[i] * x[j] + x[i] * h[j];
    for (int j = 0; rd->sense && j < n; j++) {
        double kr = 0;
        for (int i = 0; i < n; i++)
            kr += k[i] * b->rs[i * n + j];
        double gj = -rd->sense[j] / rd->var - kr;
        for (int i = 0; i < n; i++)
            b->rs[i * n + j] += h[i] * gj;
    }
}

/* P - P N P has lost its digits: what is not known before later rows is 1e10 times what is known after them. What
 * rounding left of a variance of 0 is no loss. */
static bool lost(const Pass *p, ptrdiff_t row, const double cov[], const double v[])
{
    int n = p->m->n;
    for (int i = 0; i < n; i++) {
        double before = cov[i * (n + 1)], largest = 0;
        for (int j = 0; j < n; j++)
            largest = fmax(largest, cov[j * (n + 1)]);
        if (before > 1e-10 * largest && v[i * (n + 1)] < 1e-10 * before && row + 1 < p->d->rows)
            return true;
    }
    return false;
}

/* x = a + P r, V = P - P N P from what is believed after the row's readings, where P is smallest; with a flat start
 * both completed by delta's posterior. */
static Err smooth_row(const Pass *p, ptrdiff_t row, const Back *b)
{
    int n = p->m->n;
    ptrdiff_t nn = (ptrdiff_t)n * n;
    const double *cov = p->raw_cov + row * nn;
    double mean[NUM_MAX], v[NUM_MAX2], pr[NUM_MAX], sense[NUM_MAX2];
    mat_vec(n, cov, b->r, pr);
    for (int i = 0; i < n; i++)
        mean[i] = p->raw_mean[row * n + i] + pr[i];
    mat_sandwich(n, cov, b->big_n, NULL, v);
    for (int i = 0; i < n * n; i++)
        v[i] = cov[i] - v[i];
    if (lost(p, row, cov, v))
        return err_set(p->cx, ERR_NUMERIC, "err.num-smooth", ARGS(arg_int("row", row + 1)));
    for (int i = 0; i < n; i++)
        v[i * (n + 1)] = fmax(v[i * (n + 1)], 0);
    if (p->sense) {
        mat_mul(n, cov, b->rs, sense);
        mat_add(n, sense, 1, p->raw_sense + row * nn);
    }
    bool known =
        complete(p, mean, v, sense, p->out->smooth_mean + row * n, p->out->smooth_cov + row * nn);
    INVARIANT(known); /* finish() has seen that delta is determined */
    return mat_finite(n, p->out->smooth_mean + row * n) &&
                   mat_finite(nn, p->out->smooth_cov + row * nn)
               ? OK
               : err_set(p->cx, ERR_NUMERIC, "err.num-smooth", ARGS(arg_int("row", row + 1)));
}

static Err backward(Pass *p)
{
    int n = p->m->n;
    Back b = {.r = {0}};
    p->first[p->d->rows] = p->readings;
    for (ptrdiff_t row = p->d->rows - 1; row >= 0; row--) {
        Err e = smooth_row(p, row, &b);
        if (e != OK)
            return e;
        for (ptrdiff_t i = p->first[row + 1] - 1; i >= p->first[row]; i--)
            unread(p, &p->reading[i], &b);
        if (row == 0 || p->d->t[row] <= p->d->t[row - 1])
            continue;
        const double *phi = p->phis + row * n * n;
        double phi_t[NUM_MAX2], x[NUM_MAX], t[NUM_MAX2];
        mat_vec_t(n, phi, b.r, x);
        memcpy(b.r, x, sizeof x[0] * (size_t)n);
        mat_transpose(n, phi, phi_t);
        mat_sandwich(n, phi_t, b.big_n, NULL, t);
        mat_copy(n, t, b.big_n);
        mat_mul(n, phi_t, b.rs, t);
        mat_copy(n, t, b.rs);
    }
    return OK;
}

/* -- the run --------------------------------------------------------------------------------------
 */

/* Integrates a flat start out of the likelihood. */
static Err finish(Pass *p)
{
    double delta[NUM_MAX], dcov[NUM_MAX2], logdet;
    if (p->sense) {
        if (!flat_posterior(p, delta, dcov, &logdet))
            return err_set(p->cx, ERR_NUMERIC, "err.num-diffuse", NO_ARGS);
        p->out->loglik += 0.5 * (mat_dot(p->m->n, delta, p->score) - logdet);
        if (!take(p, p->m->n, &p->out->flat_mean) ||
            !take(p, (ptrdiff_t)p->m->n * p->m->n, &p->out->flat_cov))
            return err_nomem(p->cx);
        memcpy(p->out->flat_mean, delta, sizeof(double) * (size_t)p->m->n);
        mat_copy(p->m->n, dcov, p->out->flat_cov);
        p->out->flat_scale = flat_scale(p->m);
    }
    if (!isfinite(p->out->loglik))
        return err_set(p->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    p->out->readings = p->readings;
    return OK;
}

Err lds_run(Cx *cx, const LdsModel *model, const LdsData *data, LdsWant want, LdsResult *ret)
{
    LdsResult out = {.loglik = 0};
    Pass p = {.cx = cx, .m = model, .d = data, .out = &out, .want = want, .last_dt = -1};
    Err e = lds_check(cx, model, data);
    if (e == OK)
        e = step_make(cx, model->n, model->discrete, model->drift, model->diffusion, &p.step);
    if (e == OK)
        e = take_memory(&p);
    if (e == OK)
        e = start(&p);
    for (ptrdiff_t row = 0; e == OK && row < data->rows; row++)
        e = forward_row(&p, row);
    if (e == OK)
        e = finish(&p);
    if (e != OK)
        return e;
    if (want >= LDS_SMOOTH)
        e = backward(&p);
    if (e == OK)
        *ret = out;
    return e;
}

Err lds_forecast(Cx *cx, const LdsModel *model, double dt, const double mean[], const double cov[],
                 double ret_mean[], double ret_cov[])
{
    int n = model->n;
    double phi[NUM_MAX2], q[NUM_MAX2], x[NUM_MAX], moved[NUM_MAX];
    Stepper s;
    Err e = check_model(cx, model);
    if (e == OK)
        e = step_make(cx, n, model->discrete, model->drift, model->diffusion, &s);
    if (e != OK)
        return e;
    if (!step_at(&s, dt, phi, q))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    for (int i = 0; i < n; i++)
        x[i] = mean[i] - model->mean[i];
    mat_vec(n, phi, x, moved);
    for (int i = 0; i < n; i++)
        moved[i] += model->mean[i];
    double moved_cov[NUM_MAX2];
    mat_sandwich(n, phi, cov, q, moved_cov);
    mat_copy(n, moved_cov, ret_cov);
    memcpy(ret_mean, moved, sizeof moved[0] * (size_t)n);
    return OK;
}
