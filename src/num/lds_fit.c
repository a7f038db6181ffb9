/* num/lds_fit.c - a model's free numbers on a scale without bounds, its likelihood climbed by num/climb.h.
 *
 * Each evaluation writes the values into the fit's own copy of the model and takes value and exact gradient from
 * one pass (num/lds_grad.h). A model that makes no sense (no covariance, no finite likelihood) is where the
 * function does not exist.
 *
 * A few series go the wide way where lanes take the model (num/lanes.h): their expected information leads to where the
 * curvature serves, eight points at a time. The rest go one point at a time by BFGS, which learns the curvature
 * as it goes: with many series a gradient fills the lanes by itself.
 *
 * Cost: wide, some ten rounds of one gradient and the passes of two or three informations, and the curvature (a
 * gradient for every eight numbers); else some seventy gradients, and two a number for the curvature. */
#include "num/lds_fit.h"
#include "base/rng.h"
#include "num/climb.h"
#include "num/lanes.h"
#include "num/lds_scale.h"
#include <math.h>
#include <string.h>

enum {
    SCRATCH_BYTES = 1 << 28,
    WIDE_SERIES = 8,
    SOME_SERIES = 64,
    BEGINS = 4,
    TRIES = 2,
    EXPLORE_ROUNDS = 60
};

typedef struct Search {
    Cx *cx;
    Cx inner; /* over scratch: evaluations neither fill the caller's arena nor overwrite its reason */
    LdsScale scale;
    const LdsData *series;
    ptrdiff_t series_count;
    bool first; /* what follows is known of the start, over all series */
    double first_value, first_slope[LDS_PARAMS_MAX];
    LdsData start;             /* the first row alone, for checks of a model by itself */
    LdsModel side[CLIMB_WIDE]; /* copies for several points at once */
    double *side_part[CLIMB_WIDE][LDS_PARTS];
    bool wide;                   /* lanes take the model and so few series */
    LaneWork *work[WIDE_SERIES]; /* one a series, or none */
} Search;

static bool free_loads(const Search *s)
{
    for (int k = 0; k < s->scale.count; k++)
        for (int c = 0; c < s->scale.params[k].cell_count; c++)
            if (s->scale.params[k].cells[c].part == LDS_LOADING)
                return true;
    return false;
}

/* The log posterior and its gradient over u. */
static Err evaluate(Search *s, const double u[], double *ret, double g[])
{
    LdsGradient grad;
    lds_scale_put(&s->scale, u);
    arena_reset(s->inner.arena);
    err_clear(&s->inner);
    Err e =
        lds_gradient(&s->inner, &s->scale.model, s->series, s->series_count, free_loads(s), &grad);
    if (e == OK && !lds_scale_slopes(&s->scale, u, &grad, g))
        e = ERR_NUMERIC;
    if (e == OK)
        *ret = grad.loglik + lds_scale_penalty(&s->scale, u);
    return e;
}

/* The model at u as one of those side by side. */
static void put_aside(Search *s, const double u[], int at)
{
    lds_scale_put(&s->scale, u);
    for (int p = 0; p < LDS_PARTS; p++)
        if (s->scale.part[p])
            memcpy(s->side_part[at][p], s->scale.part[p],
                   sizeof(double) * (size_t)lds_part_len(&s->scale.model, (LdsPart)p));
}

static void add_gradient(const LdsModel *m, const LdsGradient *from, LdsGradient *to)
{
    to->loglik += from->loglik;
    for (int p = 0; p < LDS_PARTS; p++)
        for (ptrdiff_t i = 0; i < lds_part_len(m, (LdsPart)p); i++)
            to->part[p][i] += from->part[p][i];
}

/* The slopes of the models side by side over all series. */
static Err slopes_together(Search *s, int count, LdsGradient ret[])
{
    LdsGradient more[CLIMB_WIDE];
    Err e = lanes_slopes(&s->inner, s->work[0], count, ret);
    for (ptrdiff_t k = 1; e == OK && k < s->series_count; k++) {
        memcpy(lanes_work_models(s->work[k]), lanes_work_models(s->work[0]),
               sizeof(LaneModel) * (size_t)count);
        e = lanes_slopes(&s->inner, s->work[k], count, more);
        for (int i = 0; e == OK && i < count; i++)
            add_gradient(&s->scale.model, &more[i], &ret[i]);
    }
    return e;
}

/* Several points at once, those that lanes take; the others are not there. */
static void evaluate_all(void *context, int count, const double u[], double ret_value[],
                         double ret_g[], bool ret_there[])
{
    Search *s = context;
    LdsGradient grad[CLIMB_WIDE];
    LaneModel *lm = lanes_work_models(s->work[0]);
    int which[CLIMB_WIDE], taken = 0;
    arena_reset(s->inner.arena);
    for (int k = 0; k < count; k++) {
        put_aside(s, u + k * s->scale.count, taken);
        ret_there[k] = lds_check(&s->inner, &s->side[taken], &s->start) == OK &&
                       lanes_make(&s->side[taken], taken > 0 ? &lm[taken - 1] : NULL, &lm[taken]);
        if (ret_there[k])
            which[taken++] = k;
    }
    err_clear(&s->inner);
    bool fine = taken > 0 && slopes_together(s, taken, grad) == OK;
    for (int i = 0; i < taken; i++) {
        int k = which[i];
        const double *at = u + k * s->scale.count;
        lds_scale_put(&s->scale, at); /* a covariance's slope depends on what stands beside it */
        ret_there[k] = fine && !isnan(grad[i].loglik) &&
                       lds_scale_slopes(&s->scale, at, &grad[i], ret_g + k * s->scale.count);
        ret_value[k] = ret_there[k] ? grad[i].loglik + lds_scale_penalty(&s->scale, at) : 0;
    }
}

/* -- information ------------------------------------------------------------------------------------ */

static double moved_by(double u)
{
    return 1e-6 * fmax(1, fabs(u));
}

typedef struct Around {
    Search *s;
    const double *u;
} Around;

static bool move_one(void *context, int k, const LaneModel *like, LaneModel *ret)
{
    const Around *a = context;
    double u[LDS_PARAMS_MAX];
    int side = (k + 1) % CLIMB_WIDE;
    memcpy(u, a->u, sizeof u[0] * (size_t)a->s->scale.count);
    if (k >= 0)
        u[k] += moved_by(u[k]);
    put_aside(a->s, u, side);
    return lanes_make(&a->s->side[side], like, ret);
}

/* The same for any model and series, by the filter of num/lds.h: rarely asked. z: two rows of count numbers a reading. */
static Err inform_plainly(Search *s, const LdsData *d, const double u[], double io[])
{
    ptrdiff_t n = s->scale.count, cells = d->rows * s->scale.model.m;
    double *z = arena_new(s->inner.arena, double, n);
    LdsResult *r = arena_new(s->inner.arena, LdsResult, n + 1);
    if (!z || !r)
        return err_nomem(&s->inner);
    for (ptrdiff_t k = 0; k <= n; k++) {
        double at[LDS_PARAMS_MAX];
        memcpy(at, u, sizeof at[0] * (size_t)n);
        if (k < n)
            at[k] += moved_by(u[k]);
        lds_scale_put(&s->scale, at);
        Err e = lds_run(&s->inner, &s->scale.model, d, LDS_FILTER, &r[k]);
        if (e != OK)
            return e;
    }
    for (ptrdiff_t i = 0; i < 2 * cells; i++) {
        double var = r[n].innovation_var[i / 2];
        for (ptrdiff_t k = 0; k < n && var > 0; k++)
            z[k] = (i % 2 ? sqrt(.5) * (r[k].innovation_var[i / 2] / var - 1)
                          : (r[k].innovation[i / 2] - r[n].innovation[i / 2]) / sqrt(var)) /
                   moved_by(u[k]);
        for (ptrdiff_t k = 0; k < n && var > 0; k++)
            for (ptrdiff_t j = 0; j < n; j++)
                io[k * n + j] += z[k] * z[j];
    }
    return OK;
}

static bool information(void *context, const double u[], double ret[])
{
    Search *s = context;
    Around a = {s, u};
    double by[LDS_PARAMS_MAX];
    ptrdiff_t n = s->scale.count;
    Err e = OK;
    memset(ret, 0, sizeof ret[0] * (size_t)(n * n));
    for (ptrdiff_t k = 0; k < n; k++)
        by[k] = moved_by(u[k]);
    for (ptrdiff_t k = 0; e == OK && k < s->series_count; k++) {
        arena_reset(s->inner.arena);
        e = s->work[0]
                ? lanes_information(&s->inner, s->work[k], s->scale.count, by, move_one, &a, ret)
                : inform_plainly(s, &s->series[k], u, ret);
    }
    if (e != OK && s->work[0]) { /* where lanes do not go */
        memset(ret, 0, sizeof ret[0] * (size_t)(n * n));
        e = OK;
        for (ptrdiff_t k = 0; e == OK && k < s->series_count; k++) {
            arena_reset(s->inner.arena);
            e = inform_plainly(s, &s->series[k], u, ret);
        }
    }
    for (ptrdiff_t k = 0; k < n; k++)
        if (s->scale.params[k].prior_sd > 0)
            ret[k * n + k] += 1 / (s->scale.params[k].prior_sd * s->scale.params[k].prior_sd);
    return e == OK && mat_finite(n * n, ret);
}

static bool exists_at(void *context, const double u[], double *ret_value, double ret_g[])
{
    Search *s = context;
    size_t bytes = sizeof u[0] * (size_t)s->scale.count;
    if (s->first && memcmp(u, s->scale.origin, bytes) == 0) {
        *ret_value = s->first_value;
        memcpy(ret_g, s->first_slope, bytes);
        return true;
    }
    return evaluate(context, u, ret_value, ret_g) == OK;
}

/* -- what comes out -------------------------------------------------------------------------------- */

static Err report(Search *s, const Climb *best, LdsFit *ret)
{
    int n = s->scale.count;
    LdsFit out = {.penalty = lds_scale_penalty(&s->scale, best->u),
                  .model = s->scale.model,
                  .rounds = best->rounds};
    const double *h = best->cov;
    out.loglik = best->value - out.penalty;
    out.value = arena_new(s->cx->arena, double, n);
    out.se = arena_new(s->cx->arena, double, n);
    out.cov = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    double *jacobian = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    double *half = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    double *turned = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    if (!out.value || !out.se || !out.cov || !jacobian || !half || !turned)
        return err_nomem(s->cx);
    for (int k = 0; k < n; k++) { /* the change of every value with u[k] */
        double shifted[LDS_PARAMS_MAX] = {0}, up[LDS_PARAMS_MAX] = {0};
        memcpy(shifted, best->u, sizeof shifted[0] * (size_t)n);
        shifted[k] += 1e-6;
        lds_scale_values(&s->scale, shifted, up);
        shifted[k] -= 2e-6;
        lds_scale_values(&s->scale, shifted, out.value);
        for (int i = 0; i < n; i++)
            jacobian[i * n + k] = (up[i] - out.value[i]) / 2e-6;
    }
    lds_scale_values(&s->scale, best->u, out.value);
    mat_mul(n, jacobian, h, half);
    mat_transpose(n, jacobian, turned);
    mat_mul(n, half, turned, out.cov);
    for (int i = 0; i < n; i++)
        out.se[i] = sqrt(fmax(out.cov[i * n + i], 0));
    *ret = out;
    return OK;
}

/* -- where to begin -------------------------------------------------------------------------------- */

typedef struct Begin {
    double u[LDS_PARAMS_MAX], value;
    bool there;
} Begin;

/* A likelihood may have several tops. From the start given and from three around it, the search goes some way over a
 * part of the series, which costs little; the whole is climbed from where it came highest, which is near its top. */
static void explore(Search *s, const double start[], LdsData part[], ptrdiff_t part_count,
                    Begin ret[BEGINS])
{
    const LdsData *all = s->series;
    ptrdiff_t all_count = s->series_count;
    for (ptrdiff_t k = 0; k < part_count; k++)
        part[k] = all[k * all_count / part_count];
    s->series = part;
    s->series_count = part_count;
    s->first = false;
    for (int b = 0; b < BEGINS; b++) {
        double u[LDS_PARAMS_MAX] = {0};
        Rng r = {(uint64_t)b + 1};
        for (int k = 0; k < s->scale.count; k++)
            u[k] = start[k] + (b == 0 ? 0 : 0.7 * rng_normal(&r) * fmax(fabs(start[k]), 0.3));
        ret[b].there = climb_some(s->cx, s->scale.count, exists_at, s, u, EXPLORE_ROUNDS, ret[b].u,
                                  &ret[b].value);
    }
    s->series = all;
    s->series_count = all_count;
}

/* No top so far, though it may have one. */
static bool is_open(const Climb *top)
{
    return top->endless || top->level_count == 0;
}

/* Climbs from the highest beginning that leads to a top. Where one leads to a place that is level (a process so fast that no
 * gap tells how fast), others may lead to a top that is higher; if none does, that place is what is told of. */
static Err climb_from(Search *s, Begin begin[BEGINS], Climb *top)
{
    Err e = err_set(s->cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    Climb *level = arena_new(s->cx->arena, Climb, 1);
    bool is_level = false;
    if (!level)
        return err_nomem(s->cx);
    for (int tries = 0; e == ERR_NUMERIC && tries < TRIES; tries++) {
        int best = -1;
        for (int b = 0; b < BEGINS; b++)
            if (begin[b].there && (best < 0 || begin[b].value > begin[best].value))
                best = b;
        if (best < 0)
            break;
        begin[best].there = false;
        e = climb(s->cx, s->scale.count, exists_at, information, s, begin[best].u, 1e-5, top);
        if (e == ERR_NUMERIC && !is_open(top) && (!is_level || top->value > level->value)) {
            is_level = true;
            *level = *top;
        }
    }
    if (is_level && (e != OK || top->value < level->value)) {
        *top = *level;
        return err_set(s->cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    }
    return e;
}

/* The derivatives that the free numbers need of lanes. */
static LaneWish wished(const Search *s)
{
    LaneWish wish = {.loads = free_loads(s)};
    int n = s->scale.model.n;
    for (int k = 0; k < s->scale.count; k++)
        for (int c = 0; c < s->scale.params[k].cell_count; c++) {
            const LdsCell *cell = &s->scale.params[k].cells[c];
            if (cell->part == LDS_DRIFT)
                wish.drift[cell->at / n] |= 1U << cell->at % n;
        }
    return wish;
}

/* Whether lanes take the model, with room for asking them again and again. */
static Err take_work(Search *s)
{
    LaneModel *lm = arena_new(s->cx->arena, LaneModel, 1);
    Err e = lm ? OK : err_nomem(s->cx);
    LaneWish wish = wished(s);
    s->wide = lm && s->series_count <= WIDE_SERIES;
    for (ptrdiff_t k = 0; s->wide && k < s->series_count; k++)
        s->wide = lds_check(&s->inner, &s->scale.model, &s->series[k]) == OK;
    s->wide = s->wide && lanes_make(&s->scale.model, NULL, lm);
    for (ptrdiff_t k = 0; s->wide && e == OK && k < s->series_count; k++)
        e = lanes_work(s->cx, lm, &s->series[k], &wish, s->scale.count, &s->work[k]);
    return e;
}

/* Value and slope where the search starts. */
static Err start(Search *s, const double u[])
{
    bool there = false;
    lds_scale_put(&s->scale, u);
    Err e = take_work(s);
    if (e == OK && s->wide)
        evaluate_all(s, 1, u, &s->first_value, s->first_slope, &there);
    if (e == OK && !there) { /* which says what is wrong with it, if anything is */
        e = evaluate(s, u, &s->first_value, s->first_slope);
        if (e != OK)
            s->cx->why = s->inner.why; /* its strings are literals */
    }
    s->first = e == OK;
    return e;
}

static Err search(Search *s, const double u[], Climb *top)
{
    Begin *begin = arena_new(s->cx->arena, Begin, BEGINS);
    ptrdiff_t some = s->series_count / 16 > SOME_SERIES ? s->series_count / 16 : SOME_SERIES;
    some = some < s->series_count ? some : s->series_count;
    LdsData *part = arena_new(s->cx->arena, LdsData, some);
    if (!begin || !part)
        return err_nomem(s->cx);
    Err e = ERR_NUMERIC;
    if (s->series_count <= WIDE_SERIES)
        e = s->wide
                ? climb_wide(s->cx, s->scale.count, exists_at, evaluate_all, information, s, u, top)
                : climb(s->cx, s->scale.count, exists_at, information, s, u, 1e-5, top);
    if (e == ERR_NUMERIC && is_open(top)) {
        explore(s, u, part, some, begin);
        e = climb_from(s, begin, top);
    }
    return e;
}

Err lds_fit(Cx *cx, const LdsModel *model, const LdsParam params[], int count,
            const LdsData series[], ptrdiff_t series_count, LdsLevel *ret_level, LdsFit *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Search s = {
        .cx = cx,
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
        .series = series,
        .series_count = series_count,
        .start = series[0]
    };
    s.start.rows = s.start.rows > 0;
    double u[LDS_PARAMS_MAX] = {0};
    Err e = lds_scale_make(cx, model, params, count, &s.scale, u);
    for (int k = 0; e == OK && k < CLIMB_WIDE; k++)
        e = lds_scale_copy(cx, model, &s.side[k], s.side_part[k]);
    if (e == OK)
        e = start(&s, u);
    if (e != OK)
        return e;
    Climb *top = arena_new(cx->arena, Climb, 1);
    if (!top)
        return err_nomem(cx);
    e = search(&s, u, top);
    if (e == ERR_NUMERIC && ret_level) {
        ret_level->endless = top->endless;
        ret_level->count = top->level_count;
        memcpy(ret_level->which, top->level, sizeof top->level);
    }
    return e == OK ? report(&s, top, ret) : e;
}
