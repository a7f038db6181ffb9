/* lab/time.c - time: what the arithmetic of the other verbs costs on this machine, reading and writing left out. Each
 * kind of work runs several times in turn with the others and with the floor, and the least of each is told, so that
 * a busy machine disturbs all of them alike.
 *
 * The floor of a row is the multiplications and additions that its answer takes by the method used (num/lanes_body.h), at
 * the rate at which this processor does nothing else, on numbers at hand. --model fonder times the product's own
 * model on readings 0 .. 10 of its twelve levels. */
#include "base/os.h"
#include "lab/verb.h"
#include "num/lds_fit.h"
#include "num/lds_moments.h"
#include <math.h>

enum { SPIN = 4000000, SCRATCH_BYTES = 1 << 30 };

typedef enum Work {
    WORK_LOGLIK,
    WORK_VARIANCES,
    WORK_COVARIANCES,
    WORK_SLOPES,
    WORK_FIT,
    WORKS
} Work;

static const char *const names[WORKS] = {"loglik", "smooth-variances", "smooth-covariances",
                                         "gradient", "fit"};

typedef struct Clock {
    Cx inner; /* over scratch */
    const LabModel *m;
    const LabData *d;
    LaneMoments *whole, *only;
    double *loglik;
    ptrdiff_t rows, readings;
    double least[WORKS], spin; /* ns in all; ns a multiplication and addition */
} Clock;

static Err take_moments(Cx *cx, Clock *c)
{
    ptrdiff_t n = c->m->lds.n, count = c->d->count;
    c->whole = arena_new(cx->arena, LaneMoments, count);
    c->only = arena_new(cx->arena, LaneMoments, count);
    c->loglik = arena_new(cx->arena, double, count);
    if (!c->whole || !c->only || !c->loglik)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < count; k++) {
        const LdsData *s = &c->d->series[k];
        double *mean = arena_new(cx->arena, double, s->rows *n);
        c->whole[k] =
            (LaneMoments){.mean = mean, .cov = arena_new(cx->arena, double, s->rows *n *n)};
        c->only[k] = (LaneMoments){.mean = mean, .var = arena_new(cx->arena, double, s->rows *n)};
        if (!mean || !c->whole[k].cov || !c->only[k].var)
            return err_nomem(cx);
        c->rows += s->rows;
        for (ptrdiff_t i = 0; i < s->rows * c->m->lds.m; i++)
            c->readings += !isnan(s->y[i]);
    }
    return OK;
}

static Err work(Clock *c, Work w)
{
    const LdsModel *m = &c->m->lds;
    const LdsData *series = c->d->series;
    ptrdiff_t bad = 0;
    double loglik;
    LdsGradient slopes;
    LdsFit fit;
    switch (w) {
    case WORK_LOGLIK:
        return lds_loglik(&c->inner, m, series, c->d->count, &loglik);
    case WORK_VARIANCES:
        return lds_moments(&c->inner, m, series, c->d->count, c->only, c->loglik, &bad);
    case WORK_COVARIANCES:
        return lds_moments(&c->inner, m, series, c->d->count, c->whole, c->loglik, &bad);
    case WORK_SLOPES:
        return lds_gradient(&c->inner, m, series, c->d->count, false, &slopes);
    case WORK_FIT:
        return c->m->params > 0 ? lds_fit(&c->inner, m, c->m->param, c->m->params, series,
                                          c->d->count, NULL, &fit)
                                : OK;
    case WORKS:
        break;
    }
    return OK;
}

static Err run_all(Clock *c, const Options *o)
{
    Err e = OK;
    c->spin = HUGE_VAL;
    for (int w = 0; w < WORKS; w++)
        c->least[w] = HUGE_VAL;
    for (int k = 0; k < o->runs; k++) {
        int64_t start = os_cpu_ns();
        lanes_spin(SPIN);
        c->spin = fmin(c->spin, (double)(os_cpu_ns() - start) / SPIN / LANES_WIDE);
        for (int w = 0; e == OK && w < WORKS; w++) {
            arena_reset(c->inner.arena);
            start = os_cpu_ns();
            e = work(c, (Work)w);
            c->least[w] = fmin(c->least[w], (double)(os_cpu_ns() - start));
        }
    }
    return e;
}

/* Multiplications and additions of all rows: a step two for each entry of the covariance, a reading what its
 * loads need and one an entry; the way back likewise; moments two products. */
static double arithmetic(const Clock *c, Work w)
{
    const LdsModel *m = &c->m->lds;
    double n = m->n, tri = n * (n + 1) / 2, loads = 0, readings = (double)c->readings,
           rows = (double)c->rows;
    for (int i = 0; i < m->m * m->n; i++)
        loads += fabs(m->loading[i]) > 0;
    loads /= m->m; /* of a reading */
    double there = rows * 2 * tri + readings * (loads * n + tri + 3 * n);
    double back = rows * 2 * tri + readings * (n * n + loads * n + 3 * n);
    switch (w) {
    case WORK_LOGLIK:
        return there;
    case WORK_VARIANCES:
        return there + back + rows * (2 * n * n * n + 2 * n * n);
    case WORK_COVARIANCES:
        return there + back + rows * (2 * n * n * n + 2 * n * tri);
    case WORK_SLOPES:
        return there + back + rows * n * n * n;
    case WORK_FIT:
    case WORKS:
        break;
    }
    return 0;
}

static void tell(const Clock *c, const Options *o, Buf *out)
{
    if (o->json)
        buf_fmt(out, "{\"series\": %td, \"rows\": %td, \"readings\": %td, \"work\": [", c->d->count,
                c->rows, c->readings);
    else
        buf_fmt(out, "# series %td, rows %td, readings %td\nwork,ns_a_row,floor_ns_a_row,ms\n",
                c->d->count, c->rows, c->readings);
    for (int w = 0; w < WORKS; w++) {
        double floor = arithmetic(c, (Work)w) * c->spin / (double)c->rows;
        if (w == WORK_FIT && c->m->params == 0)
            continue;
        buf_fmt(out,
                o->json ? "%s{\"name\": \"%s\", \"ns\": %.6g, \"floor_ns\": %.6g, \"ms\": %.6g}"
                        : "%s%s,%.6g,%.6g,%.6g\n",
                o->json && w > 0 ? ", " : "", names[w], c->least[w] / (double)c->rows, floor,
                c->least[w] / 1e6);
    }
    if (o->json)
        buf_c(out, "]}\n");
}

/* -- the product's own model -------------------------------------------------------------------------- */

typedef struct Lives {
    RelModel rm;
    ptrdiff_t count, rows, readings;
    ptrdiff_t *events_count;
    RelEvent **events;
    RelLevels *levels; /* of the longest */
} Lives;

static Err make_lives(Cx *cx, const LabData *d, Lives *l)
{
    ptrdiff_t longest = 0;
    l->count = d->count;
    l->events = arena_new(cx->arena, RelEvent *, d->count);
    l->events_count = arena_new(cx->arena, ptrdiff_t, d->count);
    if (!l->events || !l->events_count)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < d->count; k++) {
        const LdsData *s = &d->series[k];
        l->events[k] = arena_new(cx->arena, RelEvent, s->rows * d->items);
        if (!l->events[k])
            return err_nomem(cx);
        for (ptrdiff_t i = 0; i < s->rows * d->items; i++)
            if (!isnan(s->y[i]))
                l->events[k][l->events_count[k]++] =
                    (RelEvent){.t_days = s->t[i / d->items],
                               .kind = REL_READING,
                               .level = (RelLevel)(i % d->items % REL_LEVELS),
                               .value = fmin(fmax(s->y[i], 0), 10)};
        l->rows += s->rows;
        l->readings += l->events_count[k];
        longest = s->rows > longest ? s->rows : longest;
    }
    l->levels = arena_new(cx->arena, RelLevels, longest);
    return l->levels ? OK : err_nomem(cx);
}

/* The works that --model fonder has: there, and there and back to variances or covariances. */
enum { OWN_WORKS = WORK_COVARIANCES + 1 };

static Err live(Cx *cx, const Lives *l, const LabData *d, Work w)
{
    Err e = OK;
    for (ptrdiff_t k = 0; e == OK && k < l->count; k++) {
        RelState s;
        arena_reset(cx->arena);
        rel_start(&l->rm, d->series[k].t[0], &s);
        e = w == WORK_LOGLIK
                ? rel_filter(cx, &l->rm, l->events[k], l->events_count[k], &s)
                : rel_smooth(cx, &l->rm, &s, l->events[k], l->events_count[k], d->series[k].t,
                             d->series[k].rows,
                             w == WORK_VARIANCES ? REL_VARIANCES : REL_COVARIANCES, l->levels);
    }
    return e;
}

static void tell_lives(const Lives *l, const Options *o, const double least[OWN_WORKS], Buf *out)
{
    buf_fmt(out,
            o->json ? "{\"series\": %td, \"rows\": %td, \"readings\": %td, \"work\": ["
                    : "# series %td, rows %td, readings %td\nwork,ns_a_row\n",
            l->count, l->rows, l->readings);
    for (int w = 0; w < OWN_WORKS; w++)
        buf_fmt(out, o->json ? "%s{\"name\": \"%s\", \"ns\": %.6g}" : "%s%s,%.6g\n",
                o->json && w > 0 ? ", " : "", names[w], least[w] / (double)l->rows);
    if (o->json)
        buf_c(out, "]}\n");
}

static Err time_builtin(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    LabData *d = arena_new(cx->arena, LabData, 1);
    Lives *l = arena_new(cx->arena, Lives, 1);
    RelParams params = rel_params_default();
    RelKind kind;
    if (!d || !l)
        return err_nomem(cx);
    Err e = verb_read_table(cx, o, &t);
    if (e == OK)
        e = data_read_items(cx, &t, o->cluster, d);
    if (e == OK)
        e = builtin_kind(cx, o->kind, &kind);
    if (e == OK)
        e = rel_model_make(cx, &params, &kind, &l->rm);
    if (e == OK)
        e = make_lives(cx, d, l);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
    double least[OWN_WORKS] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
    for (int k = 0; e == OK && k < OWN_WORKS * o->runs; k++) {
        int w = k % OWN_WORKS;
        int64_t start = os_cpu_ns();
        e = live(&inner, l, d, (Work)w);
        least[w] = fmin(least[w], (double)(os_cpu_ns() - start));
    }
    if (e != OK) {
        cx->why = inner.why.key ? inner.why : cx->why; /* its strings are literals */
        return e;
    }
    tell_lives(l, o, least, out);
    return OK;
}

Err verb_time(Cx *cx, const Options *o, Buf *out)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!m || !d)
        return err_nomem(cx);
    if (str_eq_c(o->model, "fonder"))
        return time_builtin(cx, o, out);
    Err e = verb_read(cx, o, m, d);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Clock c = {
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
          .m = m, .d = d
    };
    if (e == OK)
        e = take_moments(cx, &c);
    if (e == OK)
        e = run_all(&c, o);
    if (e != OK && c.inner.why.key)
        cx->why = c.inner.why; /* its strings are literals */
    if (e == OK)
        tell(&c, o, out);
    return e;
}
