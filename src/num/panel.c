/* num/panel.c - the filters run over a series; what they foretell is mixed by how well each, together with each
 * habit of repeating, has foretold the series so far, and those it belongs with (num/panel_share.c). Costs PANEL_SPREADS filter steps an answer, and as many
 * spreadings of a normal over the scale. */
#include "num/panel.h"
#include <math.h>
#include <string.h>

/* Logs of how much a relationship moves and of its answers' error, beside the middle's; how often an earlier answer is
 * said again. */
static const double spread_log[PANEL_SPREADS] = {-1.5, -.75, 0, .75, 1.5, -.75, 0, .75};
static const double noise_log[PANEL_SPREADS] = {0, 0, 0, 0, 0, -2, -2, -2};
const double panel_habit[PANEL_HABITS] = {0, .12, .28, .48, .7, .9};
static const double spread_prior[PANEL_SPREADS] = {.03, .16, .35, .16, .03, .08, .11, .08};
static const double habit_prior[PANEL_HABITS] = {.3, .25, .2, .12, .08, .05};
static const double FADE_ANSWERS = 5; /* answers after which settling is down to 1/e */

void panel_start(const RelParams *params, const RelKind *kind, const Scale *scale, int items,
                 Panel *ret)
{
    *ret = (Panel){.scale = *scale,
                   .params = *params,
                   .kind = *kind,
                   .items = items,
                   .fade = .5,
                   .tail = .06,
                   .wide = 2,
                   .alike = HUGE_VAL};
    ret->params.half_step = scale->step / 2;
    for (int s = 0; s < PANEL_SPREADS; s++)
        for (int h = 0; h < PANEL_HABITS; h++)
            ret->weight[s * PANEL_HABITS + h] = spread_prior[s] * habit_prior[h];
    for (int i = 0; i < SCORE_ANSWERS; i++)
        ret->liked[i] = 1;
    for (int i = 0; i < PANEL_PLACES; i++)
        ret->place[i] = 1;
}

Err panel_filters(Cx *cx, const Panel *panel, PanelFilters *ret)
{
    RelModel middle;
    Err e = rel_model_make(cx, &panel->params, &panel->kind, &middle);
    for (int s = 0; s < PANEL_SPREADS && e == OK; s++)
        rel_model_scale(&middle, exp(spread_log[s]), exp(noise_log[s]), &ret->model[s]);
    return e;
}

ptrdiff_t panel_row_end(const LearnHistory *h, ptrdiff_t from)
{
    ptrdiff_t to = from + 1;
    while (to < h->count && !(h->events[to].t_days > h->events[from].t_days))
        to++;
    return to;
}

void panel_events(const Panel *panel, const RelModel *rm, const LearnHistory *h, RelEvent ret[])
{
    int given[REL_LEVELS] = {0};
    for (ptrdiff_t i = 0; i < h->count; i++) {
        RelEvent *ev = &ret[i];
        *ev = h->events[i];
        ev->offset =
            panel->offset[ev->level] - panel->settling * panel_unsettled(given[ev->level]++);
        ev->offset = fmin(fmax(ev->offset, -10), 10);
        ev->error = rm->p.error * exp(panel->error_log[ev->level]);
    }
}

double panel_unsettled(int given)
{
    return exp(-given / FADE_ANSWERS);
}

static Err path(Cx *cx, const RelModel *rm, const RelEvent events[], const LearnHistory *h,
                double ret_mean[], double ret_sd[])
{
    RelState s;
    Err e = OK;
    rel_start(rm, h->events[0].t_days, &s);
    for (ptrdiff_t from = 0, to; from < h->count && e == OK; from = to) {
        to = panel_row_end(h, from);
        e = rel_forecast(cx, rm, &s, h->events[from].t_days, &s);
        for (ptrdiff_t i = from; i < to && e == OK; i++) {
            rel_predict(rm, &s, &events[i], &ret_mean[i], &ret_sd[i]);
            ret_sd[i] = sqrt(ret_sd[i]);
        }
        if (e == OK)
            e = rel_filter(cx, rm, events + from, to - from, &s);
    }
    return e;
}

Err panel_paths(Cx *cx, const Panel *panel, const PanelFilters *filters, const LearnHistory *series,
                ptrdiff_t stride, double ret_mean[], double ret_sd[])
{
    Err e = OK;
    for (ptrdiff_t i = 0; i < series->count; i++) {
        const RelEvent *ev = &series->events[i];
        if (ev->kind != REL_READING || (int)ev->level < 0 || (int)ev->level >= panel->items)
            return err_set(cx, ERR_INVALID, "err.num-event", ARGS(arg_int("place", i + 1)));
    }
    RelEvent *events = arena_new(cx->arena, RelEvent, series->count + 1);
    if (!events)
        return err_nomem(cx);
    for (int s = 0; s < PANEL_SPREADS && e == OK && series->count > 0; s++) {
        panel_events(panel, &filters->model[s], series, events);
        e = path(cx, &filters->model[s], events, series, ret_mean + s * stride,
                 ret_sd + s * stride);
    }
    return e;
}

void panel_past_add(PanelPast *past, double fade, int answer)
{
    for (int i = 0; i < SCORE_ANSWERS; i++)
        past->weight[i] *= fade;
    past->weight[answer]++;
    past->last = answer;
    past->sum = past->sum * fade + 1;
}

/* -- foretelling ----------------------------------------------------------------------------------------- */

static Err fresh_answers(Cx *cx, PanelTeller *t, ptrdiff_t event)
{
    Err e = OK;
    for (int s = 0; s < PANEL_SPREADS && e == OK; s++) {
        double sd = t->sd[s * t->series->count + event], sum = 0;
        const Predictive p = {.mean = t->mean[s * t->series->count + event],
                              .var = sd * sd,
                              .tail = t->panel->tail,
                              .wide = t->panel->wide};
        Answers *a = &t->fresh[s];
        e = score_answers(cx, &t->panel->scale, &p, a);
        for (int i = 0; e == OK && i < a->count; i++)
            sum += a->mass[i] *= t->panel->liked[i];
        for (int i = 0; e == OK && i < a->count; i++)
            a->mass[i] /= sum;
    }
    return e;
}

double panel_place_mass(const double place[PANEL_PLACES], double low, double high)
{
    double sum = 0;
    for (int i = 0; i < PANEL_PLACES; i++) {
        double from = (double)i / PANEL_PLACES, to = (i + 1.) / PANEL_PLACES;
        sum += place[i] * fmax(fmin(to, high) - fmax(from, low), 0);
    }
    return sum;
}

/* Each answer's mass as the places within it were filled by others. */
static void recalibrate(const double place[PANEL_PLACES], Answers *io)
{
    double low = 0, sum = 0;
    for (int i = 0; i < io->count; i++) {
        double high = i == io->count - 1 ? 1 : fmin(low + io->mass[i], 1);
        io->mass[i] = fmax(panel_place_mass(place, low, high), 1e-6 * io->mass[i]);
        sum += io->mass[i];
        low = high;
    }
    for (int i = 0; i < io->count; i++)
        io->mass[i] /= sum;
}

static double repeats(const PanelPast *past, int habit)
{
    return past->sum > 0 ? panel_habit[habit] : 0;
}

static void mix(const PanelTeller *t, const double weight[PANEL_CLASSES], const PanelPast *past,
                Answers *ret)
{
    double top = t->said[0], sum = 0, again = 0, share[PANEL_SPREADS] = {0};
    for (int k = 1; k < PANEL_CLASSES; k++)
        top = fmax(top, t->said[k]);
    for (int k = 0; k < PANEL_CLASSES; k++) {
        double w = weight[k] * exp(t->said[k] - top), r = repeats(past, k % PANEL_HABITS);
        sum += w;
        again += w * r;
        share[k / PANEL_HABITS] += w * (1 - r);
    }
    *ret = t->fresh[0];
    for (int i = 0; i < ret->count; i++) {
        ret->mass[i] = past->sum > 0 ? again / sum * past->weight[i] / past->sum : 0;
        for (int s = 0; s < PANEL_SPREADS; s++)
            ret->mass[i] += share[s] / sum * t->fresh[s].mass[i];
    }
    recalibrate(t->panel->place, ret);
}

/* What the answer says about which class the person is of. */
static Err weigh(Cx *cx, PanelTeller *t, ptrdiff_t event)
{
    const RelEvent *ev = &t->series->events[event];
    PanelPast *past = &t->past[ev->level];
    Err e = fresh_answers(cx, t, event);
    if (e != OK)
        return e;
    int at = score_nearest(&t->fresh[0], ev->value);
    double again = past->sum > 0 ? past->weight[at] / past->sum : 0;
    for (int k = 0; k < PANEL_CLASSES; k++) {
        double r = repeats(past, k % PANEL_HABITS);
        t->said[k] += log(fmax(r * again + (1 - r) * t->fresh[k / PANEL_HABITS].mass[at], 1e-300));
    }
    panel_past_add(past, t->panel->fade, at);
    return OK;
}

Err panel_weigh(Cx *cx, PanelTeller *io, ptrdiff_t from, ptrdiff_t to)
{
    Err e = OK;
    for (ptrdiff_t i = from; i < to && e == OK; i++)
        e = weigh(cx, io, i);
    return e;
}

Err panel_teller(Cx *cx, const Panel *panel, const PanelFilters *filters,
                 const LearnHistory *series, PanelTeller *ret)
{
    double *work = arena_new(cx->arena, double, 2 * PANEL_SPREADS * series->count + 1);
    if (!work)
        return err_nomem(cx);
    *ret = (PanelTeller){
        .panel = panel, .series = series, .mean = work, .sd = work + PANEL_SPREADS * series->count};
    return panel_paths(cx, panel, filters, series, series->count, ret->mean, ret->sd);
}

typedef struct Listener {
    Cx *cx;
    PanelVisit *visit;
    void *ctx;
    int series;
} Listener;

static Err tell_row(Cx *cx, PanelTeller *t, const double weight[PANEL_CLASSES], ptrdiff_t from,
                    ptrdiff_t to, int row, const Listener *who)
{
    Answers a;
    Err e = OK;
    for (ptrdiff_t i = from; i < to && e == OK; i++) {
        e = fresh_answers(cx, t, i);
        if (e != OK)
            break;
        const PanelPast *past = &t->past[t->series->events[i].level];
        mix(t, weight, past, &a);
        double point = score_mean(&a);
        if (past->sum > 0)
            point += t->panel->lean * (a.value[past->last] - point);
        e = who->visit(who->cx, who->ctx, who->series, i, row, &a, point);
    }
    return e == OK ? panel_weigh(cx, t, from, to) : e;
}

/* share: row x class, or NULL where the panel's weights are everybody's. */
static Err tell_series(Cx *cx, const Panel *panel, const PanelFilters *filters,
                       const LearnHistory *series, const double *share, const Listener *who)
{
    PanelTeller *t = arena_new(cx->arena, PanelTeller, 1);
    Err e = t ? panel_teller(cx, panel, filters, series, t) : err_nomem(cx);
    int row = 0;
    for (ptrdiff_t from = 0, to; from < series->count && e == OK; from = to) {
        to = panel_row_end(series, from);
        const double *weight = share ? share + (ptrdiff_t)row * PANEL_CLASSES : panel->weight;
        e = tell_row(cx, t, weight, from, to, row++, who);
    }
    return e;
}

Err panel_foretell(Cx *cx, const Panel *panel, const LearnHistory series[], int count,
                   PanelVisit *visit, void *ctx)
{
    AUTO_ARENA Arena kept;
    AUTO_ARENA Arena scratch;
    arena_init(&kept, ARENA_LIMIT_DEFAULT);
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx keep = {.arena = &kept, .now_ms = cx->now_ms},
       inner = {.arena = &scratch, .now_ms = cx->now_ms};
    Listener who = {.cx = cx, .visit = visit, .ctx = ctx};
    PanelMates m = {.count = 0};
    PanelFilters *filters = arena_new(&kept, PanelFilters, 1);
    Err e = filters ? panel_filters(&keep, panel, filters) : err_nomem(cx);
    if (e == OK && isfinite(panel->alike) && count > 1)
        e = panel_mates(&keep, panel, filters, series, count, &m);
    if (e == OK && m.count > 0)
        panel_share(panel, panel->alike, &m);
    if (e != OK)
        cx->why = keep.why; /* its strings are literals */
    for (int k = 0; k < count && e == OK; k++) {
        who.series = k;
        const double *share = m.count > 0 ? m.share + m.first[k] * PANEL_CLASSES : NULL;
        e = tell_series(&inner, panel, filters, &series[k], share, &who);
        if (e != OK && inner.why.key)
            cx->why = inner.why;
        arena_reset(&scratch);
    }
    return e;
}
