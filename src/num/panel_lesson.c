/* num/panel_lesson.c - all answers laid side by side, and what every spread foretells of each: PANEL_SPREADS filter steps a
 * reading, and PANEL_SPREADS times the answers of the scale. The slopes by what is foretold are exact and cost as much again. */
#include "num/panel_lesson.h"
#include <math.h>
#include <string.h>

enum { CLUSTERS_KEPT = 50 }; /* so many are kept before series are left out within them */

/* -- the answers ------------------------------------------------------------------------------------- */

static int answer_at(const Scale *s, double value)
{
    return (int)fmin(fmax(floor((value - s->low) / s->step + .5), 0),
                     round((s->high - s->low) / s->step));
}

static void read_series(const Panel *p, const LearnHistory *h, int after, ptrdiff_t to,
                        PanelPast past[], Lesson *l)
{
    int row = 0;
    memset(past, 0, REL_LEVELS * sizeof *past);
    for (ptrdiff_t i = 0, begun = 0; i < h->count; i++) {
        const RelEvent *ev = &h->events[i];
        PanelPast *of = &past[(int)ev->level];
        if (i > begun && ev->t_days > h->events[begun].t_days) {
            row++;
            begun = i;
        }
        int at = answer_at(&p->scale, ev->value);
        l->at[to + i] = at;
        l->again[to + i] = of->sum > 0 ? of->weight[at] / of->sum : 0;
        l->has_past[to + i] = of->sum > 0;
        l->late[to + i] = row >= after;
        panel_past_add(of, p->fade, at);
    }
}

void lesson_read(const Panel *p, int after, Lesson *l)
{
    PanelPast past[REL_LEVELS];
    for (ptrdiff_t k = 0; k < l->count; k++)
        read_series(p, &l->series[k], after, l->first[k], past, l);
}

/* Which series are learned from: every so many of the clusters kept, counted through. */
static Err choose(Cx *cx, const LearnHistory series[], const int cluster[], ptrdiff_t count,
                  Lesson *l)
{
    ptrdiff_t all = 0, clusters = 0, every, apart, at = -1, seen = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        all += series[k].count;
        clusters += k == 0 || cluster[k] != cluster[k - 1];
    }
    every = 1 + (all - 1) / LESSON_ANSWERS;
    apart = clusters / CLUSTERS_KEPT < 1 ? 1 : clusters / CLUSTERS_KEPT;
    apart = every < apart ? every : apart;
    every = (every + apart - 1) / apart;
    l->series = arena_new(cx->arena, LearnHistory, count + 1);
    l->cluster = arena_new(cx->arena, int, count + 1);
    l->first = arena_new(cx->arena, ptrdiff_t, count + 1);
    if (!l->series || !l->cluster || !l->first)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < count; k++) {
        at += k == 0 || cluster[k] != cluster[k - 1];
        if (at % apart != 0 || seen++ % every != 0)
            continue;
        l->series[l->count] = series[k];
        l->cluster[l->count] = cluster[k];
        l->first[l->count++] = l->answers;
        l->answers += series[k].count;
    }
    return OK;
}

Err lesson_make(Cx *cx, const Panel *p, const LearnHistory series[], const int cluster[],
                ptrdiff_t count, int after, Lesson *l)
{
    ptrdiff_t longest = 1;
    Err e = choose(cx, series, cluster, count, l);
    if (e != OK)
        return e;
    for (ptrdiff_t k = 0; k < l->count; k++)
        longest = l->series[k].count > longest ? l->series[k].count : longest;
    ptrdiff_t n = l->answers + 1;
    l->at = arena_new(cx->arena, int, n);
    l->again = arena_new(cx->arena, double, n);
    l->has_past = arena_new(cx->arena, bool, n);
    l->late = arena_new(cx->arena, bool, n);
    l->mean = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->sd = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->mass = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->by_mean = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->by_sd = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->events = arena_new(cx->arena, RelEvent, longest);
    l->pull = arena_new(cx->arena, RelPull, longest);
    l->by_offset = arena_new(cx->arena, double, longest);
    l->by_error = arena_new(cx->arena, double, longest);
    if (!l->at || !l->again || !l->has_past || !l->late || !l->mean || !l->sd || !l->mass ||
        !l->by_mean || !l->by_sd || !l->events || !l->pull || !l->by_offset || !l->by_error)
        return err_nomem(cx);
    lesson_read(p, after, l);
    return rel_slopes_room(cx, longest, &l->room);
}

Err lesson_filter(Cx *cx, const Panel *p, const Lesson *l, double ret_mean[], double ret_sd[])
{
    Cx inner = {.arena = l->scratch, .now_ms = cx->now_ms};
    arena_reset(l->scratch);
    PanelFilters *f = arena_new(l->scratch, PanelFilters, 1);
    Err e = f ? panel_filters(&inner, p, f) : err_nomem(&inner);
    for (ptrdiff_t k = 0; k < l->count && e == OK; k++)
        e = panel_paths(&inner, p, f, &l->series[k], l->answers, ret_mean + l->first[k],
                        ret_sd + l->first[k]);
    cx->why = inner.why; /* its strings are literals */
    return e;
}

/* -- log-likelihood of each series --------------------------------------------------------------------- */

static Predictive foretold(const Panel *p, const Lesson *l, int spread, ptrdiff_t i, double tail)
{
    double sd = l->sd[spread * l->answers + i];
    return (Predictive){
        .mean = l->mean[spread * l->answers + i], .var = sd * sd, .tail = tail, .wide = p->wide};
}

Err lesson_spread(Cx *cx, const Panel *p, const Lesson *l, int spread, ptrdiff_t i, double tail,
                  Answers *ret)
{
    const Predictive q = foretold(p, l, spread, i, tail);
    return score_answers(cx, &p->scale, &q, ret);
}

Err lesson_masses(Cx *cx, const Panel *p, Lesson *l)
{
    Answers a;
    for (int s = 0; s < PANEL_SPREADS; s++)
        for (ptrdiff_t i = 0; i < l->answers; i++) {
            double sum = 0;
            Err e = lesson_spread(cx, p, l, s, i, p->tail, &a);
            if (e != OK)
                return e;
            for (int j = 0; j < a.count; j++)
                sum += a.mass[j] * p->liked[j];
            l->mass[s * l->answers + i] = a.mass[l->at[i]] * p->liked[l->at[i]] / sum;
        }
    return OK;
}

/* Logs of weight times likelihood of each class over one series, and of their sum. */
double lesson_classes(const Panel *p, const Lesson *l, ptrdiff_t k, double ret[PANEL_CLASSES])
{
    ptrdiff_t from = l->first[k], to = from + l->series[k].count;
    double top = -HUGE_VAL, sum = 0;
    for (int c = 0; c < PANEL_CLASSES; c++) {
        const double *mass = l->mass + (c / PANEL_HABITS) * l->answers;
        double product = 1, r = panel_habit[c % PANEL_HABITS];
        ret[c] = log(p->weight[c]);
        for (ptrdiff_t i = from; i < to; i++) {
            double stick = l->has_past[i] ? r : 0;
            product *= fmax(stick * l->again[i] + (1 - stick) * mass[i], 1e-200);
            if (product < 1e-50 || i + 1 == to) {
                ret[c] += log(product);
                product = 1;
            }
        }
        top = fmax(top, ret[c]);
    }
    for (int c = 0; c < PANEL_CLASSES; c++)
        sum += exp(ret[c] - top);
    return top + log(sum);
}

/* Of one answer and one spread; post is of the series' classes. */
static Err answer_slopes(Cx *cx, const Panel *p, Lesson *l, const double post[PANEL_CLASSES], int s,
                         ptrdiff_t i)
{
    Answers a;
    double by_mean[SCORE_ANSWERS], by_sd[SCORE_ANSWERS];
    double sum = 0, sum_mean = 0, sum_sd = 0, share = 0;
    ptrdiff_t to = s * l->answers + i;
    int at = l->at[i];
    const Predictive q = foretold(p, l, s, i, p->tail);
    Err e = score_answers(cx, &p->scale, &q, &a);
    if (e != OK)
        return e;
    score_slopes(&p->scale, &q, a.count, by_mean, by_sd);
    for (int j = 0; j < a.count; j++) {
        sum += a.mass[j] * p->liked[j];
        sum_mean += by_mean[j] * p->liked[j];
        sum_sd += by_sd[j] * p->liked[j];
    }
    for (int h = 0; h < PANEL_HABITS; h++) {
        double r = l->has_past[i] ? panel_habit[h] : 0;
        share += post[s * PANEL_HABITS + h] * (1 - r) /
                 fmax(r * l->again[i] + (1 - r) * l->mass[to], 1e-200);
    }
    l->by_mean[to] = share * (by_mean[at] * p->liked[at] - l->mass[to] * sum_mean) / sum;
    l->by_sd[to] = share * (by_sd[at] * p->liked[at] - l->mass[to] * sum_sd) / sum;
    return OK;
}

/* What the mean and the standard deviation of each spread's forecast of an answer add to the series' log-likelihood. */
Err lesson_slopes(Cx *cx, const Panel *p, Lesson *l)
{
    double post[PANEL_CLASSES];
    Err e = OK;
    for (ptrdiff_t k = 0; k < l->count; k++) {
        ptrdiff_t from = l->first[k], to = from + l->series[k].count;
        double total = lesson_classes(p, l, k, post);
        for (int c = 0; c < PANEL_CLASSES; c++)
            post[c] = exp(post[c] - total);
        for (ptrdiff_t i = from; i < to; i++)
            for (int s = 0; s < PANEL_SPREADS && e == OK; s++)
                e = answer_slopes(cx, p, l, post, s, i);
    }
    return e;
}
