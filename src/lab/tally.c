/* lab/tally.c - sums of scores. A point forecast's CRPS is its absolute error, so the baselines' MAE stands beside the
 * model's CRPS. */
#include "lab/tally.h"
#include "num/dist.h"
#include <math.h>

static const double bands[TALLY_BANDS] = {.5, .8, .95};

void past_add(Past *past, double given)
{
    past->n++;
    past->last = given;
    past->sum += given;
}

static void add_points(Tally *t, const Past *past, double mean, double median, double given)
{
    double by_last = given - past->last, by_mean = given - past->sum / past->n;
    t->n++;
    t->square += (given - mean) * (given - mean);
    t->absolute += fabs(given - median);
    t->last_square += by_last * by_last;
    t->last_absolute += fabs(by_last);
    t->mean_square += by_mean * by_mean;
    t->mean_absolute += fabs(by_mean);
}

void tally_normal(Tally *t, const Past *past, double mean, double var, double given)
{
    add_points(t, past, mean, mean, given);
    t->crps += score_normal_crps(mean, var, given);
    t->log += score_normal_log(mean, var, given);
    for (int b = 0; b < TALLY_BANDS; b++)
        t->inside[b] += fabs(given - mean) <= sqrt(var) * dist_normal_quantile(.5 + bands[b] / 2);
}

/* The share of from..to that lies in low..high: the chance that a place drawn at random in an answer's own mass lies
 * in the central band. An answer is a step of the distribution, so whole bands hold more than they are asked to. */
static double overlap(double low, double high, double from, double to)
{
    return to > from ? fmax(fmin(high, to) - fmax(low, from), 0) / (to - from) : 0;
}

void tally_answers(Tally *t, const Past *past, const Answers *a, double given)
{
    double below = 0, median = a->value[a->count - 1], low, high;
    for (int i = a->count - 1; i >= 0; i--) {
        below += a->mass[i];
        if (below <= .5 && i > 0)
            median = a->value[i - 1];
    }
    given = a->value[score_nearest(a, given)];
    add_points(t, past, score_mean(a), median, given);
    t->crps += score_crps(a, given);
    t->log += score_log(a, given);
    for (int b = 0; b < TALLY_BANDS; b++) {
        score_band(a, bands[b], &low, &high);
        t->inside[b] += given >= low - 1e-9 && given <= high + 1e-9;
        t->central[b] += overlap(.5 - bands[b] / 2, .5 + bands[b] / 2, score_pit(a, given, 0),
                                 score_pit(a, given, 1));
    }
}

/* Nineteen answers in twenty: a mean of items with one left out may stand between two steps. */
static bool fits(const LabData *d, const Scale *s)
{
    ptrdiff_t on = 0, all = 0;
    for (ptrdiff_t k = 0; k < d->count; k++)
        for (ptrdiff_t i = 0; i < d->series[k].rows * d->items; i++) {
            double place = (d->series[k].y[i] - s->low) / s->step;
            if (isnan(place))
                continue;
            all++;
            on += fabs(place - round(place)) < 1e-6;
        }
    return 20 * on >= 19 * all;
}

static Err check_range(Cx *cx, const LabData *d, const Scale *s)
{
    for (ptrdiff_t k = 0; k < d->count; k++)
        for (ptrdiff_t i = 0; i < d->series[k].rows * d->items; i++) {
            double y = d->series[k].y[i];
            if (y < s->low - 1e-9 || y > s->high + 1e-9)
                return err_set(cx, ERR_INVALID, "err.lab-scale-range",
                               ARGS(arg_str("file", d->file),
                                    arg_int("line", d->line[k][i / d->items]),
                                    arg_str("name", d->item[i % d->items])));
        }
    return OK;
}

Err tally_scale(Cx *cx, const LabData *d, const Scale *asked, Scale *ret)
{
    static const double parts[] = {1, 2, 4, 5, 10, 20};
    Scale s = *asked;
    Err e = check_range(cx, d, &s);
    bool found = s.step > 0;
    for (size_t i = 0; e == OK && !found && i < sizeof parts / sizeof parts[0]; i++) {
        s.step = 1 / parts[i];
        found = fits(d, &s);
    }
    if (e == OK && (!found || (s.high - s.low) / s.step > SCORE_ANSWERS - 2))
        e = err_set(cx, ERR_INVALID, "err.lab-scale-step", ARGS(arg_str("file", d->file)));
    if (e == OK)
        *ret = s;
    return e;
}

void tally_write(Buf *out, const Tally *t, bool discrete, bool json)
{
    const double n = t->n;
    const double v[] = {sqrt(t->square / n),  t->absolute / n,
                        t->crps / n,          t->log / n,
                        t->inside[0] / n,     t->inside[1] / n,
                        t->inside[2] / n,     sqrt(t->last_square / n),
                        t->last_absolute / n, sqrt(t->mean_square / n),
                        t->mean_absolute / n, t->central[0] / n,
                        t->central[1] / n,    t->central[2] / n};
    static const char *const names[] = {
        "rmse",      "mae",      "crps",      "log_score", "coverage50", "coverage80", "coverage95",
        "last_rmse", "last_mae", "mean_rmse", "mean_mae",  "central50",  "central80",  "central95"};
    buf_fmt(out,
            json ? "{\"n\": %d, \"discrete\": %s" : "# n %d, answers of a scale: %s\nscore,value\n",
            t->n, discrete ? "true" : "false");
    for (size_t i = 0; i < sizeof v / sizeof v[0] - (discrete ? 0 : TALLY_BANDS); i++) {
        buf_fmt(out, json ? ", \"%s\": " : "%s,", names[i]);
        if (json)
            out_number(out, v[i]);
        else
            out_cell(out, v[i]);
        buf_c(out, json ? "" : "\n");
    }
    buf_c(out, json ? "}\n" : "");
}
