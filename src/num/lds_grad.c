/* num/lds_grad.c - forwards with a tape, backwards with (r, N); in lanes (num/lanes.h) where the model allows it,
 * which is ten times as fast, else here in plain coordinates.
 *
 * At every point of the filter the future's log-likelihood has derivative r with respect to the state's mean
 * and (r r' - N)/2 with respect to its covariance (num/lds.c), so one backward pass gives the derivative
 * with respect to all inputs of every step and reading: nothing is approximated and the cost does not
 * depend on how many numbers are free. Steps of equal length share Phi and Q, and their derivatives are
 * summed before they are carried to drift and diffusion (num/step_grad.h).
 *
 * Cost a row 10 n^3, a reading 8 n^2, each different gap a few n^2 once, the model 300 n^3 once. */
#include "num/lds_grad.h"
#include "num/lanes.h"
#include "num/step_grad.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;

/* -- parts ---------------------------------------------------------------------------------------- */

ptrdiff_t lds_part_len(const LdsModel *m, LdsPart part)
{
    ptrdiff_t n = m->n;
    switch (part) {
    case LDS_DRIFT:
    case LDS_DIFFUSION:
        return n * n;
    case LDS_INITIAL_COV:
        return m->initial_cov ? n * n : 0;
    case LDS_MEAN:
        return n;
    case LDS_INITIAL_MEAN:
        return m->initial_mean ? n : 0;
    case LDS_LOADING:
        return m->m * n;
    case LDS_OFFSET:
    case LDS_ERROR:
        return m->m;
    case LDS_IMPULSE:
        return m->u * n;
    case LDS_PARTS:
        break;
    }
    return 0;
}

const double *lds_part(const LdsModel *m, LdsPart part)
{
    const double *const parts[LDS_PARTS] = {m->drift,        m->diffusion,   m->mean,
                                            m->initial_mean, m->initial_cov, m->loading,
                                            m->offset,       m->error,       m->impulse};
    return (int)part < LDS_PARTS ? parts[part] : NULL;
}

/* -- the table of steps --------------------------------------------------------------------------- */

typedef struct Gaps {
    ptrdiff_t count;
    double *dt;              /* sorted, different */
    double *phi, *q;         /* count matrices each */
    double *phi_bar, *q_bar; /* the same, summed by the backward pass */
} Gaps;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ptrdiff_t find_gap(const Gaps *g, double dt)
{
    ptrdiff_t low = 0, high = g->count;
    while (low < high) {
        ptrdiff_t mid = low + (high - low) / 2;
        if (g->dt[mid] < dt)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Every different gap, sorted. */
static Err gather_gaps(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count, Gaps *g)
{
    ptrdiff_t rows = 1, all = 0;
    for (ptrdiff_t s = 0; s < count; s++)
        rows += series[s].rows;
    g->dt = arena_new(cx->arena, double, rows);
    if (!g->dt)
        return err_nomem(cx);
    for (ptrdiff_t s = 0; s < count; s++)
        for (ptrdiff_t i = 1; i < series[s].rows; i++) {
            double dt = series[s].t[i] - series[s].t[i - 1];
            if (m->discrete && (rint(dt) < dt || rint(dt) > dt))
                return err_set(cx, ERR_NUMERIC, "err.num-step", ARGS(arg_int("row", i + 1)));
            if (dt > 0)
                g->dt[all++] = dt;
        }
    qsort(g->dt, (size_t)all, sizeof g->dt[0], by_value);
    for (ptrdiff_t i = 0; i < all; i++)
        if (g->count == 0 || g->dt[i] > g->dt[g->count - 1])
            g->dt[g->count++] = g->dt[i];
    return OK;
}

static Err make_gaps(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count, bool bars,
                     Gaps *ret)
{
    ptrdiff_t nn = (ptrdiff_t)m->n * m->n;
    Gaps g = {.count = 0};
    Stepper st;
    Err e = gather_gaps(cx, m, series, count, &g);
    if (e == OK)
        e = step_make(cx, m->n, m->discrete, m->drift, m->diffusion, &st);
    if (e != OK)
        return e;
    double **const want[4] = {&g.phi, &g.q, &g.phi_bar, &g.q_bar};
    for (int i = 0; i < (bars ? 4 : 2); i++) {
        *want[i] = arena_new(cx->arena, double, (g.count + 1) * nn);
        if (!*want[i])
            return err_nomem(cx);
    }
    for (ptrdiff_t i = 0; i < g.count; i++)
        if (!step_at(&st, g.dt[i], g.phi + i * nn, g.q + i * nn))
            return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    *ret = g;
    return OK;
}

/* -- forward -------------------------------------------------------------------------------------- */

typedef enum RecKind { REC_STEP, REC_KICK, REC_READ } RecKind;

typedef struct Rec {
    RecKind kind;
    ptrdiff_t at; /* STEP: which gap; KICK: row; READ: item */
    double resid, var;
    double *gain;       /* READ */
    double *mean, *cov; /* before a step or a reading */
} Rec;

typedef struct Grad {
    Cx *cx;
    const LdsModel *m;
    Gaps gaps;
    Rec *rec;
    ptrdiff_t recs, cap;
    double *pool; /* n^2 + 2 n for each record */
    double start_mean[NUM_MAX], start_cov[NUM_MAX2];
    double mean[NUM_MAX], cov[NUM_MAX2];
    LdsGradient *out;
} Grad;

static Rec *note(Grad *g, RecKind kind, ptrdiff_t at)
{
    ptrdiff_t n = g->m->n;
    if (!g->rec)
        return NULL;
    INVARIANT(g->recs < g->cap);
    Rec *r = &g->rec[g->recs];
    double *chunk = g->pool + g->recs * (n * n + 2 * n);
    *r = (Rec){.kind = kind, .at = at, .gain = chunk, .mean = chunk + n, .cov = chunk + 2 * n};
    memcpy(r->mean, g->mean, sizeof(double) * (size_t)n);
    mat_copy(g->m->n, g->cov, r->cov);
    g->recs++;
    return r;
}

static void step_forward(Grad *g, double dt)
{
    int n = g->m->n;
    ptrdiff_t at = find_gap(&g->gaps, dt);
    const double *phi = g->gaps.phi + at * n * n, *q = g->gaps.q + at * n * n;
    double x[NUM_MAX], t[NUM_MAX2];
    (void)note(g, REC_STEP, at);
    for (int i = 0; i < n; i++)
        x[i] = g->mean[i] - g->m->mean[i];
    mat_vec(n, phi, x, g->mean);
    for (int i = 0; i < n; i++)
        g->mean[i] += g->m->mean[i];
    mat_sandwich(n, phi, g->cov, q, t);
    mat_copy(n, t, g->cov);
}

static Err read_forward(Grad *g, const LdsData *d, ptrdiff_t row, int item, double *io_loglik)
{
    int n = g->m->n;
    const double *h = g->m->loading + item * n;
    double resid = d->y[row * g->m->m + item] - g->m->offset[item] - mat_dot(n, h, g->mean);
    Rec *r = note(g, REC_READ, item);
    double var;
    if (!mat_joseph(n, h, resid, g->m->error[item], g->mean, g->cov, r ? r->gain : NULL, &var))
        return err_set(g->cx, ERR_NUMERIC, "err.num-innovation",
                       ARGS(arg_int("row", row + 1), arg_int("item", item + 1)));
    *io_loglik -= 0.5 * (LOG_2PI + log(var) + resid * resid / var);
    if (r) {
        r->resid = resid;
        r->var = var;
    }
    return OK;
}

static Err row_forward(Grad *g, const LdsData *d, ptrdiff_t row, double *io_loglik)
{
    const LdsModel *m = g->m;
    double dt = row > 0 ? d->t[row] - d->t[row - 1] : 0;
    if (dt > 0)
        step_forward(g, dt);
    if (d->u && m->u > 0) {
        (void)note(g, REC_KICK, row);
        for (int k = 0; k < m->u; k++)
            for (int i = 0; i < m->n; i++)
                g->mean[i] += d->u[row * m->u + k] * m->impulse[k * m->n + i];
    }
    for (int item = 0; item < m->m; item++) {
        Err e = isnan(d->y[row * m->m + item]) ? OK : read_forward(g, d, row, item, io_loglik);
        if (e != OK)
            return e;
    }
    return OK;
}

static Err forward(Grad *g, const LdsData *d, double *io_loglik)
{
    memcpy(g->mean, g->start_mean, sizeof g->mean);
    memcpy(g->cov, g->start_cov, sizeof g->cov);
    g->recs = 0;
    Err e = OK;
    for (ptrdiff_t row = 0; e == OK && row < d->rows; row++)
        e = row_forward(g, d, row, io_loglik);
    return e;
}

/* -- backward ------------------------------------------------------------------------------------- */

typedef struct Back {
    double r[NUM_MAX], big_n[NUM_MAX2];
} Back;

/* (r r' - N) / 2, the derivative with respect to the covariance. */
static void cov_bar(int n, const Back *b, double ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            ret[i * n + j] = 0.5 * (b->r[i] * b->r[j] - b->big_n[i * n + j]);
}

static void back_read(Grad *g, const Rec *rec, Back *b)
{
    int n = g->m->n;
    const double *h = g->m->loading + rec->at * n, *k = rec->gain;
    double nk[NUM_MAX], x[NUM_MAX], px[NUM_MAX], state[NUM_MAX];
    mat_vec(n, b->big_n, k, nk);
    double u = rec->resid / rec->var - mat_dot(n, k, b->r);
    double d = 1 / rec->var + mat_dot(n, k, nk);
    g->out->part[LDS_OFFSET][rec->at] += u;
    g->out->part[LDS_ERROR][rec->at] += 0.5 * (u * u - d);
    for (int i = 0; i < n; i++) {
        b->r[i] += h[i] * u;
        x[i] = d * h[i] - nk[i]; /* how state and error move together */
    }
    mat_vec(n, rec->cov, x, px);
    mat_vec(n, rec->cov, b->r, state);
    for (int i = 0; i < n; i++) {
        g->out->part[LDS_LOADING][rec->at * n + i] += u * (rec->mean[i] + state[i]) - px[i];
        x[i] = nk[i] - 0.5 * d * h[i];
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            b->big_n[i * n + j] -= h[i] * x[j] + x[i] * h[j];
}

static void back_step(Grad *g, const Rec *rec, Back *b)
{
    int n = g->m->n, nn = n * n;
    const double *phi = g->gaps.phi + rec->at * nn;
    double *phi_bar = g->gaps.phi_bar + rec->at * nn, *q_bar = g->gaps.q_bar + rec->at * nn;
    double m[NUM_MAX2], t[NUM_MAX2], tp[NUM_MAX2], x[NUM_MAX], phi_t[NUM_MAX2];
    cov_bar(n, b, m);
    mat_add(n, q_bar, 1, m);
    mat_mul(n, m, phi, t);
    mat_mul(n, t, rec->cov, tp);
    mat_vec_t(n, phi, b->r, x);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            phi_bar[i * n + j] += 2 * tp[i * n + j] + b->r[i] * (rec->mean[j] - g->m->mean[j]);
        g->out->part[LDS_MEAN][i] += b->r[i] - x[i];
    }
    memcpy(b->r, x, sizeof x);
    mat_transpose(n, phi, phi_t);
    mat_sandwich(n, phi_t, b->big_n, NULL, t);
    mat_copy(n, t, b->big_n);
}

static void backward(Grad *g, const LdsData *d, double start_cov_bar[])
{
    int n = g->m->n;
    Back b = {.r = {0}};
    for (ptrdiff_t i = g->recs - 1; i >= 0; i--) {
        const Rec *rec = &g->rec[i];
        if (rec->kind == REC_READ)
            back_read(g, rec, &b);
        else if (rec->kind == REC_STEP)
            back_step(g, rec, &b);
        else
            for (int k = 0; k < g->m->u; k++)
                for (int j = 0; j < n; j++)
                    g->out->part[LDS_IMPULSE][k * n + j] += d->u[rec->at * g->m->u + k] * b.r[j];
    }
    double *mean_bar = g->out->part[g->m->initial_mean ? LDS_INITIAL_MEAN : LDS_MEAN];
    double m[NUM_MAX2];
    cov_bar(n, &b, m);
    mat_add(n, start_cov_bar, 1, m);
    for (int i = 0; i < n; i++)
        mean_bar[i] += b.r[i];
}

/* -- from steps and start to drift and diffusion --------------------------------------------------------- */

static Err carry_steps(Grad *g)
{
    int n = g->m->n, nn = n * n;
    double *a = g->out->part[LDS_DRIFT], *s = g->out->part[LDS_DIFFUSION];
    StepGrad back;
    Err e = step_grad_make(g->cx, n, g->m->discrete, g->m->drift, g->m->diffusion, &back);
    if (e != OK)
        return e;
    for (ptrdiff_t i = 0; i < g->gaps.count; i++)
        if (!step_grad_add(&back, g->gaps.dt[i], g->gaps.phi_bar + i * nn, g->gaps.q_bar + i * nn))
            return err_set(g->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    step_grad_finish(&back, a, s);
    return OK;
}

/* A stationary start P = P(A, GG'): Z solves the adjoint Lyapunov equation. */
static bool carry_start(Grad *g, const double start_cov_bar[])
{
    int n = g->m->n;
    double at[NUM_MAX2], z[NUM_MAX2], zp[NUM_MAX2], zt[NUM_MAX2];
    if (g->m->start == LDS_GIVEN) {
        mat_add(n, g->out->part[LDS_INITIAL_COV], 1, start_cov_bar);
        return true;
    }
    mat_transpose(n, g->m->drift, at);
    if (!step_lyapunov(n, g->m->discrete, at, start_cov_bar, z))
        return false;
    mat_add(n, g->out->part[LDS_DIFFUSION], 1, z);
    if (g->m->discrete) {
        mat_mul(n, z, g->m->drift, zt);
        mat_mul(n, zt, g->start_cov, zp);
    } else {
        mat_mul(n, z, g->start_cov, zp);
    }
    mat_add(n, g->out->part[LDS_DRIFT], 2, zp);
    return true;
}

/* -- the whole ------------------------------------------------------------------------------------ */

static Err prepare(Grad *g, const LdsData series[], ptrdiff_t count, bool bars)
{
    const LdsModel *m = g->m;
    for (ptrdiff_t s = 0; s < count; s++) {
        Err e = lds_check(g->cx, m, &series[s]);
        if (e != OK)
            return e;
    }
    Err e = make_gaps(g->cx, m, series, count, bars, &g->gaps);
    if (e != OK)
        return e;
    memcpy(g->start_mean, m->initial_mean ? m->initial_mean : m->mean,
           sizeof(double) * (size_t)m->n);
    if (m->start == LDS_GIVEN)
        mat_copy(m->n, m->initial_cov, g->start_cov);
    else if (!step_lyapunov(m->n, m->discrete, m->drift, m->diffusion, g->start_cov))
        return err_set(g->cx, ERR_NUMERIC, "err.num-not-stationary", NO_ARGS);
    mat_symmetrise(m->n, g->start_cov);
    return OK;
}

static Err take_tape(Grad *g, const LdsData series[], ptrdiff_t count)
{
    ptrdiff_t n = g->m->n;
    for (ptrdiff_t s = 0; s < count; s++) {
        const LdsData *d = &series[s];
        ptrdiff_t need = 2 * d->rows;
        for (ptrdiff_t i = 0; i < d->rows * g->m->m; i++)
            need += !isnan(d->y[i]);
        g->cap = need > g->cap ? need : g->cap;
    }
    g->rec = arena_new(g->cx->arena, Rec, g->cap);
    g->pool = arena_new(g->cx->arena, double, g->cap *(n * n + 2 * n));
    return g->rec && g->pool ? OK : err_nomem(g->cx);
}

static Err take_parts(Cx *cx, const LdsModel *m, LdsGradient *ret)
{
    for (int p = 0; p < LDS_PARTS; p++) {
        ret->part[p] = arena_new(cx->arena, double, lds_part_len(m, (LdsPart)p) + 1);
        if (!ret->part[p])
            return err_nomem(cx);
    }
    return OK;
}

static Err by_tape(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count,
                   LdsGradient *ret)
{
    LdsGradient out = {.loglik = 0};
    Grad *g = arena_new(cx->arena, Grad, 1);
    double start_cov_bar[NUM_MAX2] = {0};
    if (!g)
        return err_nomem(cx);
    *g = (Grad){.cx = cx, .m = m, .out = &out};
    Err e = prepare(g, series, count, true);
    if (e == OK)
        e = take_tape(g, series, count);
    if (e == OK)
        e = take_parts(cx, m, &out);
    for (ptrdiff_t s = 0; e == OK && s < count; s++) {
        e = forward(g, &series[s], &out.loglik);
        if (e == OK)
            backward(g, &series[s], start_cov_bar);
    }
    if (e != OK)
        return e;
    e = carry_steps(g);
    if (e != OK)
        return e;
    if (!isfinite(out.loglik) || !carry_start(g, start_cov_bar))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    *ret = out;
    return OK;
}

/* -- a flat start ------------------------------------------------------------------------------------ */

/* All of them in lanes, where those take the model; else one after the other. */
static Err slopes_at(Cx *cx, const LdsModel given[], int count, const LdsData *d, LdsGradient ret[])
{
    LaneModel *lm = arena_new(cx->arena, LaneModel, count);
    bool fine = lm != NULL;
    for (int k = 0; fine && k < count; k++)
        fine = lanes_make(&given[k], k > 0 ? &lm[k - 1] : NULL, &lm[k]);
    fine = fine && lanes_gradient(cx, lm, count, d, 1, true, ret) == OK;
    for (int k = 0; fine && k < count; k++)
        fine = !isnan(ret[k].loglik);
    Err e = OK;
    for (int k = 0; e == OK && !fine && k < count; k++)
        e = by_tape(cx, &given[k], d, 1, &ret[k]);
    return e;
}

/* One series. With delta integrated out the slope is the mean, over what the data say about delta, of the slope at
 * delta (Fisher's identity). That is a polynomial of second degree in delta, and its mean over a normal is its mean over
 * two points on each axis, sqrt(n) deviations away: exact, at the price of 2 n slopes. */
static Err flat_series(Cx *cx, const LdsModel *m, const LdsData *d, LdsGradient *io)
{
    int n = m->n, count = 2 * n;
    LdsResult run;
    Err e = lds_run(cx, m, d, LDS_LOGLIK, &run);
    double cov[NUM_MAX2];
    const double *base = m->initial_mean ? m->initial_mean : m->mean;
    if (e != OK)
        return e;
    double *from = arena_new(cx->arena, double, (ptrdiff_t)count *n);
    LdsModel *given = arena_new(cx->arena, LdsModel, count);
    LdsGradient *g = arena_new(cx->arena, LdsGradient, count);
    if (!from || !given || !g)
        return err_nomem(cx);
    mat_identity(n, cov);
    for (int i = 0; i < n * n; i++)
        cov[i] *= run.flat_scale;
    for (int k = 0; k < count; k++) {
        given[k] = *m;
        given[k].start = LDS_GIVEN;
        given[k].initial_mean = from + k * n;
        given[k].initial_cov = cov;
        for (int i = 0; i < n; i++)
            from[k * n + i] = base[i] + run.flat_mean[i] +
                              (k % 2 ? -1 : 1) * sqrt(n) * run.flat_root[i * n + k / 2];
    }
    e = slopes_at(cx, given, count, d, g);
    for (int k = 0; e == OK && k < count; k++) {
        for (int p = 0; p < LDS_PARTS; p++)
            for (ptrdiff_t i = 0; i < lds_part_len(m, (LdsPart)p); i++)
                io->part[p][i] += g[k].part[p][i] / count;
        for (int i = 0; !m->initial_mean && i < n; i++) /* the start moves with it */
            io->part[LDS_MEAN][i] += g[k].part[LDS_INITIAL_MEAN][i] / count;
    }
    io->loglik += run.loglik;
    return e;
}

static Err flat_gradient(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count,
                         LdsGradient *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    LdsGradient out = {.loglik = 0};
    Err e = take_parts(cx, m, &out);
    for (ptrdiff_t s = 0; e == OK && s < count; s++) {
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        e = flat_series(&inner, m, &series[s], &out);
        cx->why = inner.why; /* its strings are literals */
        arena_reset(&scratch);
    }
    if (e == OK)
        *ret = out;
    return e;
}

/* -- by whichever way --------------------------------------------------------------------------------- */

static Err check_all(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count)
{
    Err e = OK;
    for (ptrdiff_t s = 0; e == OK && s < count; s++)
        e = lds_check(cx, m, &series[s]);
    return e;
}

/* Its lane form, or NULL where it has none. */
static LaneModel *in_lanes(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count)
{
    LaneModel *lm = arena_new(cx->arena, LaneModel, 1);
    bool fine = lm && check_all(cx, m, series, count) == OK && lanes_make(m, NULL, lm);
    err_clear(cx);
    return fine ? lm : NULL;
}

Err lds_gradient(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count, bool loads,
                 LdsGradient *ret)
{
    LaneModel *lm = in_lanes(cx, m, series, count);
    if (lm && lanes_gradient(cx, lm, 1, series, count, loads, ret) == OK && !isnan(ret->loglik))
        return OK;
    return m->start == LDS_DIFFUSE /* the long way says what is wrong, if anything is */
               ? flat_gradient(cx, m, series, count, ret)
               : by_tape(cx, m, series, count, ret);
}

static Err loglik_by_steps(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count,
                           double *io_loglik)
{
    Grad *g = arena_new(cx->arena, Grad, 1);
    if (!g)
        return err_nomem(cx);
    *g = (Grad){.cx = cx, .m = m};
    Err e = prepare(g, series, count, false);
    for (ptrdiff_t s = 0; e == OK && s < count; s++)
        e = forward(g, &series[s], io_loglik);
    return e;
}

Err lds_loglik(Cx *cx, const LdsModel *m, const LdsData series[], ptrdiff_t count, double *ret)
{
    double loglik = 0;
    Err e = OK;
    if (m->start == LDS_DIFFUSE) {
        for (ptrdiff_t s = 0; e == OK && s < count; s++) {
            LdsResult r;
            e = lds_run(cx, m, &series[s], LDS_LOGLIK, &r);
            if (e == OK)
                loglik += r.loglik;
        }
    } else {
        LaneModel *lm = in_lanes(cx, m, series, count);
        if (lm && lanes_loglik(cx, lm, 1, series, count, ret) == OK)
            return OK;
        e = loglik_by_steps(cx, m, series, count, &loglik);
    }
    if (e == OK && !isfinite(loglik))
        e = err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    if (e == OK)
        *ret = loglik;
    return e;
}
