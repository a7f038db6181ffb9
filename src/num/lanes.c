/* num/lanes.c - brings models into modes and series into lanes, runs the passes of num/lanes_body.h over them, and
 * brings what comes out back into plain coordinates.
 *
 * A job is a series under a model; eight jobs are a batch. What stays the same from batch to batch (one model, or one
 * series) is packed once, a long series block by block. On the way back the belief is needed at every row; keeping it would push
 * everything else out of the second cache level, so it is kept at the start of each block of rows and each block is
 * gone through once more: half as much arithmetic again, a fraction of the memory traffic.
 *
 * Cost: models 20 n^3 each, a row of a series m + u moves; the rest is in num/lanes_body.h. */
#include "num/lanes.h"
#include "num/lanes_jobs.h"
#include <math.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836, LOG_2 = 0.69314718055994530942;

/* Series of so many rows are packed as a whole, longer ones block by block. */
enum { BLOCK = 24, WHOLE_BLOCK = 1024, WHOLE_ROWS = 4096 };

/* -- batches ---------------------------------------------------------------------------------------- */

bool jobs_take(Jobs *s, ptrdiff_t count, V8 **ret)
{
    *ret = arena_new(s->cx->arena, V8, count + 1);
    return *ret != NULL;
}

static bool take_models(Jobs *s, ptrdiff_t n, ptrdiff_t m, ptrdiff_t u)
{
    ptrdiff_t tri = n * (n + 1) / 2;
    s->used = arena_new(s->cx->arena, int, m *(n + 1));
    s->at = arena_new(s->cx->arena, uint16_t, n * n);
    s->any_near = arena_new(s->cx->arena, bool, tri);
    return s->used && s->at && s->any_near && jobs_take(s, n, &s->rate) &&
           jobs_take(s, tri, &s->rest) && jobs_take(s, m * n, &s->load) &&
           jobs_take(s, m, &s->error) && jobs_take(s, m, &s->centre) &&
           jobs_take(s, u * n, &s->push) && jobs_take(s, tri, &s->apart) &&
           jobs_take(s, tri, &s->near) && jobs_take(s, n, &s->start_mean) &&
           jobs_take(s, tri, &s->start_cov) && jobs_take(s, n, &s->b.mean) &&
           jobs_take(s, tri, &s->b.cov) && jobs_take(s, n, &s->b.r) &&
           jobs_take(s, tri, &s->b.big_n);
}

static bool take_tape(Jobs *s, ptrdiff_t rows)
{
    ptrdiff_t n = s->b.n, m = s->b.m, tri = n * (n + 1) / 2, blocks = rows / s->block + 1;
    LaneTape *t = &s->tape;
    return jobs_take(s, s->block * n, &t->grow) && jobs_take(s, (s->block + 1) * n, &t->mean) &&
           jobs_take(s, (s->block + 1) * tri, &t->cov) &&
           jobs_take(s, s->block * m * n, &t->gain) && jobs_take(s, s->block * m, &t->score) &&
           jobs_take(s, s->block * m, &t->inverse) && jobs_take(s, blocks * n, &s->kept_mean) &&
           jobs_take(s, blocks * tri, &s->kept_cov) && jobs_take(s, n, &s->b.moment_mean) &&
           jobs_take(s, tri, &s->b.moment_cov);
}

Err jobs_prepare(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                 ptrdiff_t series_count, bool back, Jobs *s)
{
    const LdsModel *m = models[0].plain;
    ptrdiff_t rows = 1;
    *s = (Jobs){
        .cx = cx,
        .models = models,
        .series = series,
        .series_count = series_count,
        .count = count * series_count,
        .b = {.n = m->n, .m = m->m, .u = m->u}
    };
    for (ptrdiff_t k = 0; k < series_count; k++)
        rows = series[k].rows > rows ? series[k].rows : rows;
    s->block = BLOCK;
    while (s->block < WHOLE_BLOCK && s->block * s->block < rows)
        s->block *= 2;
    s->room = rows <= WHOLE_ROWS ? rows : s->block;
    s->item = arena_new(cx->arena, uint8_t, s->room * m->m + 1);
    s->first = arena_new(cx->arena, int, s->room + 1);
    if (!s->item || !s->first || !take_models(s, m->n, m->m, m->u) ||
        !jobs_take(s, s->room, &s->dt) || !jobs_take(s, s->room * m->m, &s->y) ||
        !jobs_take(s, s->room * m->u, &s->kick) || (back && !take_tape(s, rows)))
        return err_nomem(cx);
    for (int i = 0; i < m->n; i++)
        for (int j = 0; j < m->n; j++)
            s->at[i * m->n + j] = (uint16_t)(i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i);
    LaneBatch *b = &s->b;
    b->rate = s->rate;
    b->rest = s->rest;
    b->load = s->load;
    b->error = s->error;
    b->centre = s->centre;
    b->push = s->push;
    b->apart = s->apart;
    b->near = s->near;
    b->any_near = s->any_near;
    b->used = s->used;
    b->at = s->at;
    b->dt = s->dt;
    b->y = s->y;
    b->kick = s->kick;
    b->item = s->item;
    b->first = s->first;
    return OK;
}

static const LaneModel *model_of(const Jobs *s, int lane)
{
    return s->models + (s->job[lane] < 0 ? s->job[0] : s->job[lane]) / s->series_count;
}

static void put_model(Jobs *s, int lane, const LaneModel *lm)
{
    int n = s->b.n, m = s->b.m, u = s->b.u;
    const Modal *modes = &lm->basis;
    for (int i = 0, at = 0; i < n; i++) {
        s->rate[i][lane] = modes->re[i];
        s->start_mean[i][lane] = lm->start_mean[i];
        for (int j = 0; j <= i; j++, at++) {
            double gap = modes->re[i] - modes->re[j];
            bool near = fabs(gap) <= 1e-4 * fabs(modes->re[i] + modes->re[j]);
            s->apart[at][lane] = near ? 0 : 1 / gap;
            s->near[at][lane] = near;
            s->rest[at][lane] = lm->rest[i * n + j];
            s->start_cov[at][lane] = lm->start_cov[i * n + j];
        }
    }
    for (int j = 0; j < m; j++) {
        s->error[j][lane] = lm->plain->error[j];
        s->centre[j][lane] = lm->centre[j];
    }
    for (int i = 0; i < m * n; i++)
        s->load[i][lane] = lm->load[i];
    for (int i = 0; i < u * n; i++)
        s->push[i][lane] = lm->push[i];
}

static uint32_t not_zero(int n, const double row[], double least)
{
    uint32_t bits = 0;
    for (int i = 0; i < n; i++)
        bits |= (uint32_t)(fabs(row[i]) > least) << i;
    return bits;
}

static double largest(int n, const double a[])
{
    double most = 0;
    for (int i = 0; i < n * n; i++)
        most = fmax(most, fabs(a[i]));
    return most;
}

/* The derivative with respect to drift cell (a, b) is the sum of vi_ia d_ij v_bj over the modes i, j. So d_ij is wanted
 * where that counts for any cell wished for (NULL: all). */
static void add_wanted(const Modal *m, const LaneWish *wish, uint32_t io[])
{
    int n = m->n;
    uint32_t all = UINT32_MAX >> (32 - n);
    double least_v = 1e-15 * largest(n, m->v), least_vi = 1e-15 * largest(n, m->vi);
    for (int i = 0; i < n; i++) {
        uint32_t from = not_zero(n, m->vi + i * n, least_vi), to = 0;
        for (int a = 0; a < n; a++)
            if (from >> a & 1U)
                to |= wish ? wish->drift[a] : all;
        for (int b = 0; b < n; b++)
            if (to >> b & 1U)
                io[i] |= not_zero(n, m->v + b * n, least_v);
    }
}

/* For all lanes. */
static void pack_wanted(Jobs *s)
{
    int n = s->b.n;
    uint32_t want[NUM_MAX] = {0};
    for (int lane = 0; lane < LANES; lane++)
        add_wanted(&model_of(s, lane)->basis, s->wish, want);
    for (int i = 0; i < n; i++) {
        int *row = s->wanted + i * (n + 1);
        row[0] = 0;
        for (int j = 0; j < n; j++)
            if (want[i] >> j & 1U)
                row[++row[0]] = j;
    }
}

static void pack_models(Jobs *s)
{
    int n = s->b.n;
    bool same = true;
    for (int lane = 0; lane < LANES; lane++) {
        const LaneModel *lm = model_of(s, lane);
        if (s->last_model[lane] == lm)
            continue;
        same = false;
        s->last_model[lane] = lm;
        put_model(s, lane, lm);
    }
    for (int i = 0; !same && i < n * (n + 1) / 2; i++) {
        s->any_near[i] = false;
        for (int lane = 0; lane < LANES; lane++)
            s->any_near[i] = s->any_near[i] || s->near[i][lane] > 0;
    }
    if (!same && s->wanted)
        pack_wanted(s);
    for (int item = 0; !same && item < s->b.m; item++) {
        int *used = s->used + item * (n + 1);
        used[0] = 0;
        for (int i = 0; i < n; i++) {
            bool any = false;
            for (int lane = 0; lane < LANES; lane++)
                any = any || fabs(s->load[item * n + i][lane]) > 0;
            if (any)
                used[++used[0]] = i;
        }
    }
}

/* One item of a row in all lanes; NULL where a lane has no such row. False: nobody has it. */
static bool put_item(const double *const y[LANES], int item, V8 *ret)
{
    bool seen = false;
    for (int lane = 0; lane < LANES; lane++) {
        double v = y[lane] ? y[lane][item] : (double)NAN;
        (*ret)[lane] = v;
        seen = seen || !isnan(v);
    }
    return seen;
}

static void put_rows(Jobs *s, ptrdiff_t from, ptrdiff_t to)
{
    int m = s->b.m, u = s->b.u, count = 0;
    for (ptrdiff_t row = from; row < to; row++) {
        const double *y[LANES];
        ptrdiff_t at = row - from;
        for (int lane = 0; lane < LANES; lane++) {
            const LdsData *d = s->last_series[lane];
            bool there = d && row < d->rows;
            y[lane] = there ? d->y + row * m : NULL;
            s->dt[at][lane] = there && row > 0 ? d->t[row] - d->t[row - 1] : 0;
            for (int k = 0; k < u; k++)
                s->kick[at * u + k][lane] = there && d->u ? d->u[row * u + k] : 0;
        }
        s->first[at] = count;
        for (int j = 0; j < m; j++)
            if (put_item(y, j, &s->y[count]))
                s->item[count++] = (uint8_t)j;
    }
    s->first[to - from] = count;
    s->origin = from;
    s->held = to - from;
}

/* Where the first of these rows lies at hand; brings them there if need be. */
static ptrdiff_t bring(Jobs *s, ptrdiff_t from, ptrdiff_t to)
{
    if (from < s->origin || to > s->origin + s->held)
        put_rows(s, from, from + s->room < s->rows ? from + s->room : s->rows);
    return from - s->origin;
}

static void pack_series(Jobs *s)
{
    bool same = true;
    s->rows = 0;
    for (int lane = 0; lane < LANES; lane++) {
        const LdsData *d = s->job[lane] < 0 ? NULL : s->series + s->job[lane] % s->series_count;
        s->rows = d && d->rows > s->rows ? d->rows : s->rows;
        if (d && d == s->last_series[lane])
            continue;
        same = false;
        s->last_series[lane] = d;
        s->readings[lane] = 0;
        for (ptrdiff_t i = 0; d && i < d->rows * s->b.m; i++)
            s->readings[lane] += !isnan(d->y[i]);
    }
    if (!same)
        s->origin = s->held = 0;
}

ptrdiff_t jobs_forward(Jobs *s, ptrdiff_t from, ptrdiff_t to, LaneTape *tape)
{
    ptrdiff_t at = bring(s, from, to), end = at + to - from;
    s->models->kernel->forward(&s->b, at, end, tape);
    return s->first[end] - s->first[at];
}

void jobs_models(Jobs *s, const LaneModel models[], int count)
{
    s->models = models;
    s->count = count * s->series_count;
    memset(s->last_model, 0, sizeof s->last_model);
}

bool jobs_next(Jobs *s, ptrdiff_t *io_job)
{
    if (*io_job >= s->count)
        return false;
    for (int lane = 0; lane < LANES; lane++)
        s->job[lane] = *io_job + lane < s->count ? *io_job + lane : -1;
    *io_job += LANES;
    pack_models(s);
    pack_series(s);
    int n = s->b.n;
    V8 one = {1, 1, 1, 1, 1, 1, 1, 1}, nothing = {0};
    memcpy(s->b.mean, s->start_mean, sizeof(V8) * (size_t)n);
    memcpy(s->b.cov, s->start_cov, sizeof(V8) * (size_t)(n * (n + 1) / 2));
    s->b.square = nothing;
    s->b.product = one;
    s->b.twos = (I8){0};
    return true;
}

double jobs_loglik(const Jobs *s, int lane)
{
    double logs = log(s->b.product[lane]) + (double)s->b.twos[lane] * LOG_2;
    return -0.5 * (s->b.square[lane] + logs + s->readings[lane] * LOG_2PI);
}

static void back(Jobs *s, ptrdiff_t from, ptrdiff_t to)
{
    ptrdiff_t at = bring(s, from, to);
    s->models->kernel->backward(&s->b, at, at + to - from, &s->tape);
}

void jobs_there_and_back(Jobs *s)
{
    LaneBatch *b = &s->b;
    ptrdiff_t n = b->n, tri = n * (n + 1) / 2, last = (s->rows - 1) / s->block;
    for (ptrdiff_t k = 0; k < last; k++) {
        memcpy(s->kept_mean + k * n, b->mean, sizeof(V8) * (size_t)n);
        memcpy(s->kept_cov + k * tri, b->cov, sizeof(V8) * (size_t)tri);
        (void)jobs_forward(s, k * s->block, (k + 1) * s->block, NULL);
    }
    (void)jobs_forward(s, last * s->block, s->rows, &s->tape);
    V8 square = b->square, product = b->product;
    I8 twos = b->twos;
    memset(b->r, 0, sizeof(V8) * (size_t)n);
    memset(b->big_n, 0, sizeof(V8) * (size_t)tri);
    back(s, last * s->block, s->rows);
    for (ptrdiff_t k = last - 1; k >= 0; k--) {
        memcpy(b->mean, s->kept_mean + k * n, sizeof(V8) * (size_t)n);
        memcpy(b->cov, s->kept_cov + k * tri, sizeof(V8) * (size_t)tri);
        (void)jobs_forward(s, k * s->block, (k + 1) * s->block, &s->tape);
        back(s, k * s->block, (k + 1) * s->block);
    }
    b->square = square;
    b->product = product;
    b->twos = twos;
}

Err lanes_loglik(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                 ptrdiff_t series_count, double ret[])
{
    Jobs s;
    Err e = jobs_prepare(cx, models, count, series, series_count, false, &s);
    if (e != OK)
        return e;
    memset(ret, 0, sizeof ret[0] * (size_t)count);
    for (ptrdiff_t job = 0; jobs_next(&s, &job);) {
        for (ptrdiff_t row = 0; row < s.rows; row += s.block)
            (void)jobs_forward(&s, row, row + s.block < s.rows ? row + s.block : s.rows, NULL);
        for (int lane = 0; lane < LANES; lane++)
            if (s.job[lane] >= 0)
                ret[s.job[lane] / series_count] += jobs_loglik(&s, lane);
    }
    return mat_finite(count, ret) ? OK : err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
}

/* -- moments ---------------------------------------------------------------------------------------- */

static void give_moments(LaneBatch *b, ptrdiff_t at)
{
    const Jobs *s = b->context;
    ptrdiff_t row = s->origin + at;
    int n = b->n;
    for (int lane = 0; lane < LANES; lane++) {
        if (s->job[lane] < 0 || s->series[s->job[lane]].rows <= row)
            continue;
        const LaneMoments *to = &s->moments[s->job[lane]];
        double *mean = to->mean + row * n;
        for (int i = 0; i < n; i++)
            mean[i] = s->models->plain->mean[i] + b->moment_mean[i][lane];
        for (int i = 0; to->var && i < n; i++)
            to->var[row * n + i] = b->moment_cov[i][lane];
        double *cov = to->cov ? to->cov + row * n * n : NULL;
        for (int i = 0, place = 0; cov && i < n; i++)
            for (int j = 0; j <= i; j++, place++)
                cov[i * n + j] = cov[j * n + i] = b->moment_cov[place][lane];
    }
}

Err lanes_smooth(Cx *cx, const LaneModel *model, const LdsData series[], ptrdiff_t series_count,
                 const LaneMoments ret[], double ret_loglik[])
{
    Jobs s;
    Err e = jobs_prepare(cx, model, 1, series, series_count, true, &s);
    if (e != OK)
        return e;
    s.moments = ret;
    s.b.moments = true;
    s.b.whole = ret[0].cov != NULL;
    s.b.basis = model->basis.v;
    s.b.row_done = give_moments;
    s.b.context = &s;
    for (ptrdiff_t job = 0; jobs_next(&s, &job);) {
        jobs_there_and_back(&s);
        for (int lane = 0; lane < LANES; lane++)
            if (s.job[lane] >= 0)
                ret_loglik[s.job[lane]] = jobs_loglik(&s, lane);
    }
    return mat_finite(series_count, ret_loglik)
               ? OK
               : err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
}

void lanes_spin(int64_t count)
{
    V8 io[LANE_SPIN] = {
        {.999, .998, .997, .996, .995, .994, .993, .992},
        {1,    1,    1,    1,    1,    1,    1,    1   }
    };
    lane_kernel()->spin(count / LANE_SPIN, io);
    INVARIANT(io[2][0] <= 1e6); /* a sum that has to be known cannot be left out */
}
