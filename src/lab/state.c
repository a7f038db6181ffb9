/* lab/state.c - filter, smooth, loglik: what is believed at each row. Linear in the rows; one series' work at a
 * time is kept (smoothed: eight series'), and rows are printed as they are made, so memory is that of the longest
 * series. The likelihood of all stands first and is worked out first, so that what the model or the data refuse is
 * known before a row is printed. */
#include "lab/verb.h"
#include "num/dist.h"
#include "num/lds_moments.h"
#include <math.h>

static const ptrdiff_t SCRATCH_BYTES = (ptrdiff_t)1 << 34; /* a cap, taken as the rows need it */
static const double quantiles[] = {.025, .1, .5, .9, .975};
static const char *const quantile_names[] = {"q2.5", "q10", "q50", "q90", "q97.5"};
enum { QUANTILES = sizeof quantiles / sizeof quantiles[0] };

typedef struct Pass {
    const LabModel *m;
    const LabData *d;
    ptrdiff_t series;
    const LdsResult *r;
    bool smooth;
} Pass;

/* -- JSON -------------------------------------------------------------------------------------------- */

static void json_state(Buf *out, const char *name, bool known, const double mean[],
                       const double cov[], int n)
{
    buf_fmt(out, ", \"%s\": ", name);
    if (!known) {
        buf_c(out, "null");
        return;
    }
    buf_c(out, "{\"mean\": ");
    out_numbers(out, mean, n);
    buf_c(out, ", \"cov\": ");
    out_matrix(out, cov, n, n);
    buf_char(out, '}');
}

static void json_items(Buf *out, const Pass *p, ptrdiff_t row)
{
    const LdsModel *m = &p->m->lds;
    const LdsResult *r = p->r;
    buf_c(out, ", \"items\": [");
    for (int j = 0; j < m->m; j++) {
        ptrdiff_t at = row * m->m + j;
        buf_fmt(out, "%s{\"value\": ", j > 0 ? ", " : "");
        out_number(out, p->d->series[p->series].y[at]);
        if (r->pred_known[row]) {
            double mean = r->item_mean[at], sd = sqrt(r->item_var[at]);
            buf_c(out, ", \"mean\": ");
            out_number(out, mean);
            buf_c(out, ", \"var\": ");
            out_number(out, r->item_var[at]);
            buf_c(out, ", \"quantiles\": [");
            for (int q = 0; q < QUANTILES; q++) {
                buf_c(out, q > 0 ? ", " : "");
                out_number(out, mean + sd * dist_normal_quantile(quantiles[q]));
            }
            buf_char(out, ']');
        }
        if (r->innovation_var[at] > 0) {
            buf_c(out, ", \"innovation\": ");
            out_number(out, r->innovation[at]);
            buf_c(out, ", \"innovation_var\": ");
            out_number(out, r->innovation_var[at]);
        }
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

static void json_series(Buf *out, const Pass *p)
{
    const LdsResult *r = p->r;
    const LdsData *d = &p->d->series[p->series];
    int n = p->m->lds.n;
    ptrdiff_t nn = (ptrdiff_t)n * n;
    buf_c(out, "{\"id\": ");
    out_text(out, p->d->id[p->series]);
    buf_c(out, ", \"loglik\": ");
    out_number(out, r->loglik);
    buf_c(out, ", \"rows\": [");
    for (ptrdiff_t i = 0; i < d->rows; i++) {
        buf_c(out, i > 0 ? ",\n  {\"t\": " : "\n  {\"t\": ");
        out_number(out, d->t[i]);
        json_state(out, "predicted", r->pred_known[i], r->pred_mean + i * n, r->pred_cov + i * nn,
                   n);
        json_state(out, "filtered", r->filt_known[i], r->filt_mean + i * n, r->filt_cov + i * nn,
                   n);
        if (p->smooth)
            json_state(out, "smoothed", true, r->smooth_mean + i * n, r->smooth_cov + i * nn, n);
        json_items(out, p, i);
        buf_char(out, '}');
        buf_may_drain(out);
    }
    buf_c(out, "]}");
}

/* -- tables ------------------------------------------------------------------------------------------ */

static void name_state(Buf *out, const LabModel *m, const char *what, int i)
{
    if (str_is_null(m->state[0])) {
        buf_fmt(out, ",%s:x%d", what, i + 1);
        return;
    }
    buf_char(out, ',');
    out_word(out, what, m->state[i]);
}

/* Means, then the lower triangle of the covariance row by row. */
static void head_state(Buf *out, const LabModel *m, const char *what)
{
    for (int i = 0; i < m->lds.n; i++)
        name_state(out, m, what, i);
    for (int i = 0; i < m->lds.n; i++)
        for (int j = 0; j <= i; j++)
            buf_fmt(out, ",%s_cov:%d:%d", what, i + 1, j + 1);
}

static void head(Buf *out, const Pass *p)
{
    buf_c(out, p->d->has_id ? "id,t" : "t");
    head_state(out, p->m, "predicted");
    head_state(out, p->m, "filtered");
    if (p->smooth)
        head_state(out, p->m, "smoothed");
    for (int j = 0; j < p->m->lds.m; j++) {
        Str name = p->d->item[j];
        buf_char(out, ',');
        out_word(out, "innovation", name);
        buf_char(out, ',');
        out_word(out, "innovation_var", name);
        for (int q = 0; q < QUANTILES; q++) {
            buf_char(out, ',');
            out_word(out, quantile_names[q], name);
        }
    }
    buf_char(out, '\n');
}

static void row_state(Buf *out, bool known, const double mean[], const double cov[], int n)
{
    for (int i = 0; i < n; i++) {
        buf_char(out, ',');
        out_cell(out, known ? mean[i] : (double)NAN);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            buf_char(out, ',');
            out_cell(out, known ? cov[i * n + j] : (double)NAN);
        }
}

static void row_item(Buf *out, const Pass *p, ptrdiff_t row, int item)
{
    const LdsModel *m = &p->m->lds;
    const LdsResult *r = p->r;
    ptrdiff_t at = row * m->m + item;
    bool seen = r->innovation_var[at] > 0;
    double mean = r->pred_known[row] ? r->item_mean[at] : (double)NAN, sd = sqrt(r->item_var[at]);
    buf_char(out, ',');
    out_cell(out, seen ? r->innovation[at] : (double)NAN);
    buf_char(out, ',');
    out_cell(out, seen ? r->innovation_var[at] : (double)NAN);
    for (int q = 0; q < QUANTILES; q++) {
        buf_char(out, ',');
        out_cell(out, mean + sd * dist_normal_quantile(quantiles[q]));
    }
}

static void table_series(Buf *out, const Pass *p)
{
    const LdsResult *r = p->r;
    const LdsData *d = &p->d->series[p->series];
    int n = p->m->lds.n;
    ptrdiff_t nn = (ptrdiff_t)n * n;
    for (ptrdiff_t i = 0; i < d->rows; i++) {
        if (p->d->has_id) {
            out_word(out, "", p->d->id[p->series]);
            buf_char(out, ',');
        }
        out_cell(out, d->t[i]);
        row_state(out, r->pred_known[i], r->pred_mean + i * n, r->pred_cov + i * nn, n);
        row_state(out, r->filt_known[i], r->filt_mean + i * n, r->filt_cov + i * nn, n);
        if (p->smooth)
            row_state(out, true, r->smooth_mean + i * n, r->smooth_cov + i * nn, n);
        for (int j = 0; j < p->m->lds.m; j++)
            row_item(out, p, i, j);
        buf_char(out, '\n');
        buf_may_drain(out);
    }
}

/* -- verbs ------------------------------------------------------------------------------------------- */

/* Smoothed moments of the next series, worked out side by side. */
static Err look_back(Cx *cx, const LabModel *m, const LabData *d, ptrdiff_t from,
                     LaneMoments ret[LANES_WIDE])
{
    double loglik[LANES_WIDE];
    ptrdiff_t count = d->count - from < LANES_WIDE ? d->count - from : LANES_WIDE, n = m->lds.n,
              bad = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        ptrdiff_t rows = d->series[from + k].rows;
        ret[k] = (LaneMoments){.mean = arena_new(cx->arena, double, rows *n),
                               .cov = arena_new(cx->arena, double, rows *n *n)};
        if (!ret[k].mean || !ret[k].cov)
            return err_nomem(cx);
    }
    Err e = lds_moments(cx, &m->lds, d->series + from, count, ret, loglik, &bad);
    return e == OK ? OK : model_place(cx, m, data_place(cx, d, from + bad, e));
}

static Err loglik_of(Cx *cx, const LabModel *m, const LabData *d, double *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
    if (lds_loglik(&inner, &m->lds, d->series, d->count, ret) == OK)
        return OK;
    Err e = verb_try(cx, m, d);
    return e != OK ? e
                   : model_place(cx, m, err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS));
}

static Err print_series(Cx *cx, Pass *p, Arena *scratch, Arena *ahead,
                        LaneMoments moments[LANES_WIDE], const Options *o, Buf *out)
{
    ptrdiff_t k = p->series;
    Cx inner = {.arena = scratch, .now_ms = cx->now_ms};
    LdsResult r;
    Err e = verb_pass(&inner, p->m, p->d, k, LDS_FILTER, &r);
    if (e == OK && p->smooth && k % LANES_WIDE == 0) {
        arena_reset(ahead);
        inner.arena = ahead;
        e = look_back(&inner, p->m, p->d, k, moments);
    }
    cx->why = inner.why;
    if (e != OK)
        return e;
    if (p->smooth) {
        r.smooth_mean = moments[k % LANES_WIDE].mean;
        r.smooth_cov = moments[k % LANES_WIDE].cov;
    }
    p->r = &r;
    if (o->json) {
        buf_c(out, k > 0 ? ",\n" : "");
        json_series(out, p);
    } else {
        table_series(out, p);
    }
    p->r = NULL;
    arena_reset(scratch);
    return OK;
}

static Err run_states(Cx *cx, const Options *o, bool smooth, Buf *out)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!m || !d)
        return err_nomem(cx);
    double total = 0;
    Err e = verb_read(cx, o, m, d);
    if (e == OK)
        e = loglik_of(cx, m, d, &total);
    if (e != OK)
        return e;
    AUTO_ARENA Arena scratch;
    AUTO_ARENA Arena ahead;
    arena_init(&scratch, SCRATCH_BYTES);
    arena_init(&ahead, SCRATCH_BYTES);
    LaneMoments moments[LANES_WIDE];
    Pass p = {.m = m, .d = d, .smooth = smooth};
    buf_fmt(out, o->json ? "{\"loglik\": %.17g, \"series\": [\n" : "# loglik %.10g\n", total);
    if (!o->json)
        head(out, &p);
    for (p.series = 0; e == OK && p.series < d->count; p.series++)
        e = print_series(cx, &p, &scratch, &ahead, moments, o, out);
    buf_c(out, o->json ? "]}\n" : "");
    return e;
}

Err verb_filter(Cx *cx, const Options *o, Buf *out)
{
    return run_states(cx, o, false, out);
}

Err verb_smooth(Cx *cx, const Options *o, Buf *out)
{
    return run_states(cx, o, true, out);
}

Err verb_loglik(Cx *cx, const Options *o, Buf *out)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!m || !d)
        return err_nomem(cx);
    Err e = verb_read(cx, o, m, d);
    double total = 0;
    ptrdiff_t readings = 0;
    for (ptrdiff_t k = 0; e == OK && k < d->count; k++)
        for (ptrdiff_t i = 0; i < d->series[k].rows * m->lds.m; i++)
            readings += !isnan(d->series[k].y[i]);
    if (e == OK)
        e = loglik_of(cx, m, d, &total);
    if (e == OK)
        buf_fmt(
            out,
            o->json
                ? "{\"loglik\": %.17g, \"minus2ll\": %.17g, \"series\": %td, \"readings\": %td}\n"
                : "loglik,minus2ll,series,readings\n%.10g,%.10g,%td,%td\n",
            total, 0 - 2 * total, d->count, readings);
    return e;
}
