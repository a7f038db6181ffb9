/* lab/rival.c - a filter of two numbers (level and process) written out, so that a fit of all series is some
 * thousand passes of a few nanoseconds a reading; the top by num/climb.h with slopes by differences. */
#include "lab/rival.h"
#include "num/climb.h"
#include <math.h>
#include <string.h>

enum { NUMBERS = 5, ROBUST_ROUNDS = 100 };
static const double DEGREES = 4;
static const double LEAST_VAR = 1e-12; /* a series that never moves is predicted all but exactly */

/* Student's t with four degrees of freedom, which has a closed form. */
static double t4_cdf(double z)
{
    double s = z / sqrt(1 + z * z / 4);
    return .5 + .375 * s * (1 - s * s / 12);
}

static double log_density(const Rival *r, double z, double sd)
{
    if (r->robust) /* 3/8 (1 + z^2/4)^(-5/2) */
        return log(.375) - 2.5 * log1p(z * z / 4) - log(sd);
    return -.91893853320467274178 - z * z / 2 - log(sd);
}

double rival_run(const Rival *r, const LdsData *d, int item, int items, double ret_mean[],
                 double ret_sd[])
{
    double level = r->mean, process = 0, ll = r->level * r->level, pp = r->spread * r->spread;
    double lp = 0, loglik = 0;
    for (ptrdiff_t i = 0; i < d->rows; i++) {
        double keep = i > 0 ? exp(-r->rate * (d->t[i] - d->t[i - 1])) : 1;
        process *= keep;
        lp *= keep;
        pp = pp * keep * keep + r->spread * r->spread * (1 - keep * keep);
        double var = fmax(LEAST_VAR, ll + 2 * lp + pp + r->error * r->error), sd = sqrt(var);
        double gap = d->y[i * items + item] - level - process;
        ret_mean[i] = level + process;
        ret_sd[i] = sd;
        if (isnan(gap))
            continue;
        double weight = r->robust ? (DEGREES + 1) / (DEGREES + gap * gap / var) : 1;
        double gain_l = (ll + lp) / var, gain_p = (lp + pp) / var;
        loglik += log_density(r, gap / sd, sd);
        level += gain_l * weight * gap;
        process += gain_p * weight * gap;
        weight = fmin(weight, 1);
        ll -= gain_l * gain_l * var * weight;
        lp -= gain_l * gain_p * var * weight;
        pp -= gain_p * gain_p * var * weight;
    }
    return loglik;
}

typedef struct Fit {
    Rival start;
    const LdsData *series;
    const bool *leave_out;
    ptrdiff_t count;
    int item, items;
    double *mean, *sd; /* of the longest series */
} Fit;

static Rival at(const Rival *s, const double u[])
{
    return (Rival){s->robust,
                   s->mean + u[0] * s->level,
                   s->level * exp(u[1]),
                   s->spread * exp(u[2]),
                   s->error * exp(u[3]),
                   s->rate * exp(u[4])};
}

/* Weak priors (a factor of e^2, one standard deviation) keep what the data do not tell from running off. */
static double posterior(const Fit *f, const double u[])
{
    const Rival r = at(&f->start, u);
    double sum = 0;
    for (int k = 0; k < NUMBERS; k++)
        sum -= u[k] * u[k] / 8;
    for (ptrdiff_t k = 0; k < f->count; k++)
        if (!f->leave_out[k])
            sum += rival_run(&r, &f->series[k], f->item, f->items, f->mean, f->sd);
    return sum;
}

static bool slope(void *context, const double u[], double *ret_value, double ret_g[])
{
    const Fit *f = context;
    double to[NUMBERS];
    memcpy(to, u, sizeof to);
    *ret_value = posterior(f, u);
    for (int k = 0; k < NUMBERS; k++) {
        to[k] = u[k] + 1e-4;
        double up = posterior(f, to);
        to[k] = u[k] - 1e-4;
        ret_g[k] = (up - posterior(f, to)) / 2e-4;
        to[k] = u[k];
    }
    return isfinite(*ret_value);
}

/* Mean, spread and usual gap of the readings, from which the search starts. */
static bool find_start(const Fit *f, Rival *io)
{
    double n = 0, sum = 0, square = 0, time = 0, gaps = 0;
    for (ptrdiff_t k = 0; k < f->count; k++) {
        const LdsData *d = &f->series[k];
        for (ptrdiff_t i = 0; i < d->rows && !f->leave_out[k]; i++) {
            double y = d->y[i * f->items + f->item];
            if (isnan(y))
                continue;
            n++;
            sum += y;
            square += y * y;
            gaps += i > 0;
            time += i > 0 ? d->t[i] - d->t[i - 1] : 0;
        }
    }
    double sd = n > 2 ? sqrt(fmax(square / n - sum / n * sum / n, 0)) : 0;
    if (!(sd > 0) || !(time > 0))
        return false;
    *io = (Rival){io->robust, sum / n, .6 * sd, .5 * sd, .4 * sd, .5 * gaps / time};
    return true;
}

Err rival_learn(Cx *cx, const LdsData series[], const bool leave_out[], ptrdiff_t count, int item,
                int items, bool robust, Rival *ret)
{
    Fit f = {
        {.robust = robust, .mean = 0, .level = 1, .spread = 1, .error = 1, .rate = 1},
        series,
        leave_out,
        count,
        item,
        items,
        NULL,
        NULL
    };
    ptrdiff_t longest = 1;
    for (ptrdiff_t k = 0; k < count; k++)
        longest = series[k].rows > longest ? series[k].rows : longest;
    f.mean = arena_new(cx->arena, double, longest);
    f.sd = arena_new(cx->arena, double, longest);
    Climb *top = arena_new(cx->arena, Climb, 1);
    if (!f.mean || !f.sd || !top)
        return err_nomem(cx);
    const double from[NUMBERS] = {0};
    bool found = find_start(&f, &f.start);
    if (found && robust) /* what an answer weighs has a bend at 1: no curvature is to be had */
        found = climb_some(cx, NUMBERS, slope, &f, from, ROBUST_ROUNDS, top->u, &top->value);
    else if (found)
        found = climb(cx, NUMBERS, slope, NULL, &f, from, 1e-3, top) == OK;
    err_clear(cx);
    *ret = found ? at(&f.start, top->u) : f.start;
    return OK;
}

Err rival_answers(Cx *cx, const Rival *r, const Scale *scale, double mean, double sd, Answers *ret)
{
    const Predictive p = {.mean = mean, .var = sd * sd, .wide = 1};
    Answers a;
    Err e = score_answers(cx, scale, &p, &a); /* also makes the answers */
    if (e != OK)
        return e;
    for (int i = 0; r->robust && i < a.count; i++) {
        double low = (a.value[i] - scale->step / 2 - mean) / sd, high = low + scale->step / sd;
        double middle = low > 0 ? t4_cdf(-low) - t4_cdf(-high) : t4_cdf(high) - t4_cdf(low);
        a.mass[i] = i == 0 ? t4_cdf(high) : i == a.count - 1 ? t4_cdf(-low) : middle;
    }
    *ret = a;
    return OK;
}
