/* num/lanes_slopes.c - derivatives out of the passes of num/lanes.c: of the likelihood with respect to everything in a
 * model, brought back from modes into plain coordinates; and the information that innovations hold about numbers of it.
 *
 * A search asks for both again and again over the same series, at eight points each time: a LaneWork keeps the series
 * packed and all room taken. The information needs first derivatives of innovations only, so differences of passes
 * there are enough: a tenth of what the curvature costs by way of slopes, and never indefinite.
 *
 * Cost: a gradient 3 n^3 beside the passes; the information a pass there for every eight numbers and k^2/2
 * a reading for k of them. */
#include "num/lanes.h"
#include "num/lanes_jobs.h"
#include <math.h>
#include <string.h>

enum { INFORMED_ROWS = 2000, INFORMED_READINGS = 10000 };

/* -- slopes ----------------------------------------------------------------------------------------- */

/* One model's, in modes, summed over its series. */
typedef struct Sums {
    double *drift, *rest, *offset, *error, *load, *push, *r, *start;
} Sums;

/* wish: NULL for all. */
static bool take_slopes(Jobs *s, bool loads, const LaneWish *wish)
{
    ptrdiff_t n = s->b.n, m = s->b.m, u = s->b.u, tri = n * (n + 1) / 2;
    LaneSlopes *to = &s->b.slopes;
    s->wish = wish;
    to->wanted = s->wanted = arena_new(s->cx->arena, int, n *(n + 1));
    return s->wanted && jobs_take(s, n * n, &to->drift) && jobs_take(s, tri, &to->rest) &&
           jobs_take(s, m, &to->offset) && jobs_take(s, m, &to->error) &&
           jobs_take(s, u * n, &to->push) && (!loads || jobs_take(s, m * n, &to->load));
}

static Err take_results(Cx *cx, const LdsModel *m, Sums *sums, LdsGradient *ret)
{
    ptrdiff_t n = m->n, tri = n * (n + 1) / 2;
    double **const at[] = {&sums->drift, &sums->rest, &sums->offset, &sums->error,
                           &sums->load,  &sums->push, &sums->r,      &sums->start};
    const ptrdiff_t len[] = {n * n, tri, m->m, m->m, m->m * n, m->u * n, n, tri};
    for (int i = 0; i < 8; i++) {
        *at[i] = arena_new(cx->arena, double, len[i] + 1);
        if (!*at[i])
            return err_nomem(cx);
    }
    ret->loglik = 0;
    for (int p = 0; p < LDS_PARTS; p++) {
        ret->part[p] = arena_new(cx->arena, double, lds_part_len(m, (LdsPart)p) + 1);
        if (!ret->part[p])
            return err_nomem(cx);
    }
    return OK;
}

static void add_lane(ptrdiff_t len, const V8 from[], int lane, double to[])
{
    for (ptrdiff_t i = 0; i < len; i++)
        to[i] += from[i][lane];
}

static void add_slopes(const Jobs *s, int lane, Sums *to)
{
    ptrdiff_t n = s->b.n, m = s->b.m, u = s->b.u, tri = n * (n + 1) / 2;
    const LaneSlopes *from = &s->b.slopes;
    add_lane(n * n, from->drift, lane, to->drift);
    for (ptrdiff_t i = 0; i < tri; i++)
        to->rest[i] += 0.5 * from->rest[i][lane];
    add_lane(m, from->offset, lane, to->offset);
    add_lane(m, from->error, lane, to->error);
    add_lane(u * n, from->push, lane, to->push);
    if (from->load)
        add_lane(m * n, from->load, lane, to->load);
    add_lane(n, s->b.r, lane, to->r);
    for (int i = 0, at = 0; i < n; i++)
        for (int j = 0; j <= i; j++, at++)
            to->start[at] += 0.5 * (s->b.r[i][lane] * s->b.r[j][lane] - s->b.big_n[at][lane]);
}

static void clear_slopes(Jobs *s)
{
    ptrdiff_t n = s->b.n, m = s->b.m, u = s->b.u;
    LaneSlopes *to = &s->b.slopes;
    memset(to->drift, 0, sizeof(V8) * (size_t)(n * n));
    memset(to->rest, 0, sizeof(V8) * (size_t)(n * (n + 1) / 2));
    memset(to->offset, 0, sizeof(V8) * (size_t)m);
    memset(to->error, 0, sizeof(V8) * (size_t)m);
    memset(to->push, 0, sizeof(V8) * (size_t)(u * n));
    if (to->load)
        memset(to->load, 0, sizeof(V8) * (size_t)(m * n));
}

static void unpack(int n, const double packed[], double ret[])
{
    for (int i = 0, at = 0; i < n; i++)
        for (int j = 0; j <= i; j++, at++)
            ret[i * n + j] = ret[j * n + i] = packed[at];
}

/* vi' a vi, and vi' a v': a derivative in modes as one in plain coordinates. */
static void plain_covariance(const LaneModel *lm, const double a[], double ret[])
{
    double vit[NUM_MAX2];
    mat_transpose(lm->basis.n, lm->basis.vi, vit);
    mat_sandwich(lm->basis.n, vit, a, NULL, ret);
}

static void plain_drift(const LaneModel *lm, const double a[], double ret[])
{
    int n = lm->basis.n;
    double vit[NUM_MAX2], half[NUM_MAX2];
    mat_transpose(n, lm->basis.vi, vit);
    mat_mul(n, vit, a, half);
    mat_mul_nt(n, half, lm->basis.v, ret);
}

/* The covariance at rest solves A S + S A' + GG' = 0; the adjoint equation has the same eigenvalues. */
static void to_dynamics(const LaneModel *lm, const Sums *sums, LdsGradient *ret)
{
    int n = lm->basis.n;
    double rest[NUM_MAX2], start[NUM_MAX2], z[NUM_MAX2], zs[NUM_MAX2];
    unpack(n, sums->rest, rest);
    unpack(n, sums->start, start);
    if (lm->plain->start == LDS_GIVEN)
        plain_covariance(lm, start, ret->part[LDS_INITIAL_COV]);
    else
        mat_add(n, rest, 1, start);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            z[i * n + j] = -rest[i * n + j] / (lm->basis.re[i] + lm->basis.re[j]);
    plain_covariance(lm, z, ret->part[LDS_DIFFUSION]);
    mat_mul(n, z, lm->rest, zs);
    mat_add(n, sums->drift, 2, zs);
    plain_drift(lm, sums->drift, ret->part[LDS_DRIFT]);
}

static void to_plain(const LaneModel *lm, const Sums *sums, LdsGradient *ret)
{
    const LdsModel *m = lm->plain;
    int n = m->n;
    double x[NUM_MAX], *mean = ret->part[LDS_MEAN];
    to_dynamics(lm, sums, ret);
    mat_vec_t(n, lm->basis.vi, sums->r, x);
    for (int i = 0; m->initial_mean && i < n; i++) {
        ret->part[LDS_INITIAL_MEAN][i] = x[i];
        mean[i] = -x[i];
    }
    for (int j = 0; j < m->m; j++) {
        ret->part[LDS_OFFSET][j] = sums->offset[j];
        ret->part[LDS_ERROR][j] = sums->error[j];
        mat_vec(n, lm->basis.v, sums->load + j * n, x);
        for (int i = 0; i < n; i++) {
            mean[i] += m->loading[j * n + i] * sums->offset[j];
            ret->part[LDS_LOADING][j * n + i] = x[i] + sums->offset[j] * m->mean[i];
        }
    }
    for (int k = 0; k < m->u; k++)
        mat_vec_t(n, lm->basis.vi, sums->push + k * n, ret->part[LDS_IMPULSE] + k * n);
}

static bool finite_gradient(const LdsModel *m, const LdsGradient *g)
{
    bool fine = isfinite(g->loglik);
    for (int p = 0; fine && p < LDS_PARTS; p++)
        fine = mat_finite(lds_part_len(m, (LdsPart)p), g->part[p]);
    return fine;
}

/* Jobs that were prepared with room for slopes. */
static Err run_slopes(Cx *cx, Jobs *s, const LaneModel models[], int count, LdsGradient ret[])
{
    Sums *sums = arena_new(cx->arena, Sums, count);
    if (!sums)
        return err_nomem(cx);
    for (int k = 0; k < count; k++) {
        Err e = take_results(cx, models[k].plain, &sums[k], &ret[k]);
        if (e != OK)
            return e;
    }
    for (ptrdiff_t job = 0; jobs_next(s, &job);) {
        clear_slopes(s);
        jobs_there_and_back(s);
        for (int lane = 0; lane < LANES; lane++) {
            if (s->job[lane] < 0)
                continue;
            ptrdiff_t k = s->job[lane] / s->series_count;
            ret[k].loglik += jobs_loglik(s, lane);
            add_slopes(s, lane, &sums[k]);
        }
    }
    for (int k = 0; k < count; k++) {
        to_plain(&models[k], &sums[k], &ret[k]);
        if (!finite_gradient(models[k].plain, &ret[k]))
            ret[k].loglik = (double)NAN;
    }
    return OK;
}

Err lanes_gradient(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                   ptrdiff_t series_count, bool loads, LdsGradient ret[])
{
    Jobs s;
    Err e = jobs_prepare(cx, models, count, series, series_count, true, &s);
    if (e != OK)
        return e;
    return take_slopes(&s, loads, NULL) ? run_slopes(cx, &s, models, count, ret) : err_nomem(cx);
}

/* -- again and again ----------------------------------------------------------------------------------- */

struct LaneWork {
    Jobs s;
    LaneWish wish;
    LaneModel *models; /* LANES of them */
    /* of lanes_information: */
    int wide;                /* vectors a row of z: places for the point itself and every number */
    V8 *z;                   /* two rows a reading: of its innovation, and of its variance */
    double *resid, *inverse; /* of the point itself */
    ptrdiff_t part;          /* how many rows are gone through */
    double times;            /* that all readings are of those */
};

/* As much of a series as tells enough, and how many times that it is; returns its readings. */
static ptrdiff_t choose_part(const LdsData *d, int m, LaneWork *w)
{
    ptrdiff_t all = 0, used = 0;
    w->part = d->rows;
    for (ptrdiff_t row = 0; row < d->rows; row++) {
        if (w->part == d->rows && (row == INFORMED_ROWS || used > INFORMED_READINGS))
            w->part = row;
        for (int j = 0; j < m; j++)
            all += !isnan(d->y[row * m + j]);
        used = row < w->part ? all : used;
    }
    w->times = used > 0 ? (double)all / (double)used : 0;
    return used;
}

Err lanes_work(Cx *cx, const LaneModel *like, const LdsData *series, const LaneWish *wish,
               int numbers, LaneWork **ret)
{
    LaneWork *w = arena_new(cx->arena, LaneWork, 1);
    if (!w)
        return err_nomem(cx);
    Err e = jobs_prepare(cx, like, LANES, series, 1, true, &w->s);
    if (e != OK)
        return e;
    ptrdiff_t readings = choose_part(series, like->plain->m, w);
    w->wide = numbers / LANES + 1;
    w->models = arena_new(cx->arena, LaneModel, LANES);
    w->z = arena_new(cx->arena, V8, 2 * readings * w->wide + 1);
    w->resid = arena_new(cx->arena, double, readings + 1);
    w->inverse = arena_new(cx->arena, double, readings + 1);
    if (!w->models || !w->z || !w->resid || !w->inverse ||
        !take_slopes(&w->s, wish->loads, &w->wish))
        return err_nomem(cx);
    w->wish = *wish;
    *ret = w;
    return OK;
}

LaneModel *lanes_work_models(LaneWork *w)
{
    return w->models;
}

Err lanes_slopes(Cx *cx, LaneWork *w, int count, LdsGradient ret[])
{
    jobs_models(&w->s, w->models, count);
    return run_slopes(cx, &w->s, w->models, count, ret);
}

/* One batch's part of the rows of z: by how many of its standard deviations each innovation moves, and what moves its
 * variance. */
static void note_readings(LaneWork *w, int batch, const V8 *per, ptrdiff_t from, ptrdiff_t count)
{
    for (ptrdiff_t q = 0; q < count; q++) {
        V8 inverse = w->s.tape.inverse[q], resid = w->s.tape.score[q] / inverse;
        ptrdiff_t at = from + q;
        if (batch == 0) {
            w->resid[at] = resid[0];
            w->inverse[at] = inverse[0];
        }
        w->z[2 * at * w->wide + batch] = (resid - w->resid[at]) * sqrt(w->inverse[at]) * *per;
        w->z[(2 * at + 1) * w->wide + batch] =
            (w->inverse[at] / inverse - 1) * 0.70710678118654752440 * *per;
    }
}

/* The part under the models in the lanes; how many readings there were. */
static ptrdiff_t inform_batch(LaneWork *w, int batch, const V8 *per)
{
    ptrdiff_t readings = 0, block = w->s.block;
    LaneTape tape = w->s.tape; /* of which the innovations are wanted alone */
    tape.cov = NULL;
    for (ptrdiff_t from = 0; from < w->part; from += block) {
        ptrdiff_t to = from + block < w->part ? from + block : w->part;
        ptrdiff_t count = jobs_forward(&w->s, from, to, &tape);
        note_readings(w, batch, per, readings, count);
        readings += count;
    }
    return readings;
}

Err lanes_information(Cx *cx, LaneWork *w, int count, const double by[], LanesMove *move,
                      void *context, double io[])
{
    LaneModel *lm = w->models;
    int wide = w->wide;
    ptrdiff_t readings = 0;
    V8 *sum = arena_new(cx->arena, V8, (ptrdiff_t)wide * wide * LANES);
    if (!sum)
        return err_nomem(cx);
    for (int batch = 0; batch < wide; batch++) {
        V8 per = {0};
        ptrdiff_t job = 0;
        for (int lane = 0; lane < LANES; lane++) {
            int k = batch * LANES + lane - 1;
            if (k >= count)
                lm[lane] = lm[lane - 1]; /* nobody's place */
            else if (!move(context, k, lane > 0 ? &lm[lane - 1] : NULL, &lm[lane]))
                return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
            per[lane] = k >= 0 && k < count ? 1 / by[k] : 0;
        }
        jobs_models(&w->s, lm, LANES);
        (void)jobs_next(&w->s, &job);
        readings = inform_batch(w, batch, &per);
    }
    lm->kernel->outer(2 * readings, wide, w->z, sum);
    for (int i = 0; i < count; i++)
        for (int j = i; j < count; j++) {
            double x = w->times * sum[(i + 1) * wide + (j + 1) / LANES][(j + 1) % LANES];
            io[i * count + j] += x;
            if (j > i)
                io[j * count + i] += x;
        }
    return mat_finite((ptrdiff_t)count * count, io)
               ? OK
               : err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
}
