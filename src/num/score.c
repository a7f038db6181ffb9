/* num/score.c - mass per attainable answer, by differences of the normal distribution function at the half
 * steps between answers; the outermost answers take the tails. Differences are taken in the tail they lie
 * in, so that far answers keep their relative size and a log score is never that of a rounded zero. Linear in the
 * number of answers, the band quadratic at worst. */
#include "num/score.h"
#include "num/dist.h"
#include <math.h>

/* A normal distribution function on both sides of a point, each accurate where it is small. */
typedef struct Sides {
    double z, below, above;
} Sides;

static Sides sides(double z)
{
    double small = dist_normal_cdf(-fabs(z));
    return z > 0 ? (Sides){z, 1 - small, small} : (Sides){z, small, 1 - small};
}

/* P(a < Z <= b), accurate in both tails. */
static double between(Sides a, Sides b)
{
    return a.z > 0 ? a.above - b.above : b.below - a.below;
}

static bool valid(const Scale *s, const Predictive *p)
{
    double steps = (s->high - s->low) / s->step;
    return s->step > 0 && steps >= 0.5 && steps < SCORE_ANSWERS - 1 && isfinite(p->mean) &&
           p->var > 0 && isfinite(p->var) && p->same >= 0 && p->same <= 1 && p->tail >= 0 &&
           p->tail <= 1 && p->wide >= 1;
}

Err score_answers(Cx *cx, const Scale *scale, const Predictive *p, Answers *ret)
{
    if (!valid(scale, p))
        return err_set(cx, ERR_INVALID, "err.num-params", NO_ARGS);
    Answers a = {.count = (int)lround((scale->high - scale->low) / scale->step) + 1};
    double sd = sqrt(p->var), fresh = p->has_last ? 1 - p->same : 1;
    const Sides least = {-HUGE_VAL, 0, 1}, most = {HUGE_VAL, 1, 0};
    Sides near = least, far = least;
    for (int i = 0; i < a.count; i++) {
        a.value[i] = scale->low + i * scale->step;
        double to = (a.value[i] + scale->step / 2 - p->mean) / sd;
        bool last = i == a.count - 1;
        Sides next = last ? most : sides(to);
        Sides wide = last || !(p->tail > 0) ? most : sides(to / p->wide);
        a.mass[i] = fresh * (1 - p->tail) * between(near, next);
        if (p->tail > 0)
            a.mass[i] += fresh * p->tail * between(far, wide);
        near = next;
        far = wide;
    }
    if (p->has_last)
        a.mass[score_nearest(&a, p->last)] += p->same;
    *ret = a;
    return OK;
}

void score_slopes(const Scale *scale, const Predictive *p, int count, double ret_by_mean[],
                  double ret_by_sd[])
{
    double sd = sqrt(p->var), mean_before = 0, sd_before = 0;
    for (int i = 0; i < count; i++) {
        double z = (scale->low + (i + .5) * scale->step - p->mean) / sd, mean = 0, spread = 0;
        if (i < count - 1) {
            double wide = p->tail > 0 ? p->tail * dist_normal_density(z / p->wide) / p->wide : 0;
            mean = -((1 - p->tail) * dist_normal_density(z) + wide) / sd;
            spread = z * mean;
        }
        ret_by_mean[i] = mean - mean_before;
        ret_by_sd[i] = spread - sd_before;
        mean_before = mean;
        sd_before = spread;
    }
}

int score_nearest(const Answers *a, double value)
{
    double step = a->value[1] - a->value[0];
    double place = floor((value - a->value[0]) / step + 0.5);
    return (int)fmin(fmax(place, 0), a->count - 1);
}

double score_mean(const Answers *a)
{
    double sum = 0;
    for (int i = 0; i < a->count; i++)
        sum += a->mass[i] * a->value[i];
    return sum;
}

double score_log(const Answers *a, double given)
{
    return log(a->mass[score_nearest(a, given)]);
}

double score_crps(const Answers *a, double given)
{
    double step = a->value[1] - a->value[0], below = 0, sum = 0;
    int at = score_nearest(a, given);
    for (int i = 0; i < a->count; i++) {
        below += a->mass[i];
        double gap = below - (i >= at);
        sum += gap * gap;
    }
    return sum * step;
}

double score_pit(const Answers *a, double given, double u)
{
    double below = 0;
    int at = score_nearest(a, given);
    for (int i = 0; i < at; i++)
        below += a->mass[i];
    return below + u * a->mass[at];
}

void score_band(const Answers *a, double mass, double *ret_low, double *ret_high)
{
    int best_from = 0, best_to = a->count - 1;
    double best_mass = 1;
    for (int from = 0; from < a->count; from++) {
        double sum = 0;
        for (int to = from; to < a->count; to++) {
            sum += a->mass[to];
            if (sum < mass)
                continue;
            int length = to - from, best = best_to - best_from;
            if (length < best || (length == best && sum > best_mass)) {
                best_from = from;
                best_to = to;
                best_mass = sum;
            }
            break;
        }
    }
    *ret_low = a->value[best_from];
    *ret_high = a->value[best_to];
}

double score_normal_log(double mean, double var, double given)
{
    double gap = given - mean;
    return -0.5 * (1.8378770664093454836 + log(var) + gap * gap / var);
}

double score_normal_crps(double mean, double var, double given)
{
    double sd = sqrt(var), z = (given - mean) / sd;
    return sd * (z * (2 * dist_normal_cdf(z) - 1) + 2 * dist_normal_density(z) -
                 0.56418958354775628695); /* 1 / sqrt(pi) */
}
