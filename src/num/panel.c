/* num/panel.c - the filters run over a series; what they foretell is mixed by how well each, together with each
 * habit of repeating, has foretold the series so far. Costs PANEL_SPREADS filter steps an answer, and as many
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
                   .wide = 2};
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

static ptrdiff_t row_end(const LearnHistory *h, ptrdiff_t from)
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
        to = row_end(h, from);
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

typedef struct Teller {
    const Panel *panel;
    const LearnHistory *series;
    double *mean, *sd; /* spread x event */
    PanelPast past[REL_LEVELS];
    double log_weight[PANEL_CLASSES];
    Answers fresh[PANEL_SPREADS];
} Teller;

static Err fresh_answers(Cx *cx, Teller *t, ptrdiff_t event)
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

static void mix(const Teller *t, const PanelPast *past, Answers *ret)
{
    double top = t->log_weight[0], sum = 0, again = 0, share[PANEL_SPREADS] = {0};
    for (int k = 1; k < PANEL_CLASSES; k++)
        top = fmax(top, t->log_weight[k]);
    for (int k = 0; k < PANEL_CLASSES; k++) {
        double w = exp(t->log_weight[k] - top), r = repeats(past, k % PANEL_HABITS);
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
static Err weigh(Cx *cx, Teller *t, ptrdiff_t event)
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
        t->log_weight[k] +=
            log(fmax(r * again + (1 - r) * t->fresh[k / PANEL_HABITS].mass[at], 1e-300));
    }
    panel_past_add(past, t->panel->fade, at);
    return OK;
}

static Err tell_row(Cx *cx, Teller *t, ptrdiff_t from, ptrdiff_t to, int row, PanelVisit *visit,
                    void *ctx)
{
    Answers a;
    Err e = OK;
    for (ptrdiff_t i = from; i < to && e == OK; i++) {
        e = fresh_answers(cx, t, i);
        if (e != OK)
            break;
        const PanelPast *past = &t->past[t->series->events[i].level];
        mix(t, past, &a);
        double point = score_mean(&a);
        if (past->sum > 0)
            point += t->panel->lean * (a.value[past->last] - point);
        e = visit(cx, ctx, i, row, &a, point);
    }
    for (ptrdiff_t i = from; i < to && e == OK; i++)
        e = weigh(cx, t, i);
    return e;
}

Err panel_foretell(Cx *cx, const Panel *panel, const LearnHistory *series, PanelVisit *visit,
                   void *ctx)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    PanelFilters *filters = arena_new(&scratch, PanelFilters, 1);
    Teller *t = arena_new(&scratch, Teller, 1);
    double *work = arena_new(&scratch, double, 2 * PANEL_SPREADS * series->count + 1);
    if (!filters || !t || !work)
        return err_nomem(cx);
    *t = (Teller){
        .panel = panel, .series = series, .mean = work, .sd = work + PANEL_SPREADS * series->count};
    for (int k = 0; k < PANEL_CLASSES; k++)
        t->log_weight[k] = log(panel->weight[k]);
    Err e = panel_filters(cx, panel, filters);
    if (e == OK)
        e = panel_paths(cx, panel, filters, series, series->count, t->mean, t->sd);
    int row = 0;
    for (ptrdiff_t from = 0, to; from < series->count && e == OK; from = to) {
        to = row_end(series, from);
        e = tell_row(cx, t, from, to, row++, visit, ctx);
    }
    return e;
}
