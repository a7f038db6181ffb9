/* num/score.c - mass per attainable answer: the normal distribution between the half steps between answers; the outermost
 * answers take the tails.
 *
 * Where answers are at most half a standard deviation wide, as on a slider, a mass is the density in the middle of its cell times
 * a power series in the middle's square, whose coefficients depend on the width alone, and the density goes from cell to cell by
 * two multiplications: right to 1e-13 of each mass and, far out, to what rounding of z does to exp(-z^2 / 2) (tested), and no function is called but once in
 * RUN cells. On a coarse scale, and where the series would be long, it is the difference of two distribution functions, taken
 * in the tail they lie in, so that far answers keep their relative size and a log score is never that of a rounded zero.
 *
 * Linear in the number of answers, the band quadratic at worst. */
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

/* -- masses of a standard normal ---------------------------------------------------------------------- */

enum { TERMS = 9, RUN = 16 };
static const double FINE = .5; /* widest cell of the series, in standard deviations */
static const double LONG =
    2; /* middle times width up to which TERMS are enough: 1^(2k) / (2k+1)! */
static const double LOST = 60; /* e^-60 of a mass is nothing */

/* The integral of the density over a cell of width h around m is h density(m) sum_j c_j m^(2j), with
 * c_j = (h/2)^(2j) / (2j)! times the integral over 0..1 of s^(2j) e^(-t s^2 / 2), t = (h/2)^2, downwards by parts. */
static void series_of(double h, double ret[TERMS])
{
    double t = h * h / 4, edge = exp(-t / 2), power = 1;
    double part = 1. / (2 * TERMS - 1) - t / 2 / (2 * TERMS + 1) + t * t / 8 / (2 * TERMS + 3);
    for (int j = TERMS - 1; j >= 0; j--) {
        ret[j] = part;
        part = (t * part + edge) / (2 * j - 1);
    }
    for (int j = 0; j < TERMS; j++) {
        ret[j] *= power;
        power *= t / ((2 * j + 1) * (2 * j + 2));
    }
}

/* The density at so many points h apart. */
static void run_of_densities(double from, double h, int count, double ret[RUN])
{
    double at = dist_normal_density(from), ratio = exp(-h * (from + h / 2)), bend = exp(-h * h);
    for (int i = 0; i < count; i++) {
        ret[i] = at;
        at *= ratio;
        ratio *= bend;
    }
}

/* ret[i] = the mass of a cell around first + i h, as wide as h; beyond reach it is 0. */
static void masses(double first, double h, int count, double reach, double ret[])
{
    double c[TERMS] = {0}, density[RUN];
    if (h <= FINE)
        series_of(h, c);
    for (int from = 0; from < count; from += RUN) {
        int run = count - from < RUN ? count - from : RUN;
        double low = first + from * h, high = first + (from + run - 1) * h;
        double *to = ret + from, furthest = fmax(fabs(low), fabs(high));
        if (h <= FINE && furthest * h <= LONG) {
            run_of_densities(low, h, run, density);
            for (int i = 0; i < run; i++) {
                double m = low + i * h, x = m * m, sum = c[TERMS - 1];
                for (int j = TERMS - 2; j >= 0; j--)
                    sum = sum * x + c[j];
                to[i] = h * density[i] * sum;
            }
            continue;
        }
        Sides before = sides(low - h / 2);
        for (int i = 0; i < run; i++) {
            double edge = low + (i + .5) * h;
            if (edge < -reach || edge - h > reach) {
                to[i] = 0;
                before = (Sides){edge, 0, 1};
                continue;
            }
            Sides next = sides(edge);
            to[i] = between(before, next);
            before = next;
        }
    }
    ret[0] = dist_normal_cdf(first + h / 2);
    ret[count - 1] = dist_normal_cdf(-(first + (count - 1.5) * h));
}

/* -- what is foretold ----------------------------------------------------------------------------------- */

static bool valid(const Scale *s, const Predictive *p)
{
    double steps = (s->high - s->low) / s->step;
    return s->step > 0 && steps >= 0.5 && steps < SCORE_ANSWERS - 1 && isfinite(p->mean) &&
           p->var > 0 && isfinite(p->var) && p->same >= 0 && p->same <= 1 && p->tail >= 0 &&
           p->tail <= 1 && p->wide >= 1;
}

/* How many standard deviations out the narrow part is nothing beside the wide one. */
static double reach_of(const Predictive *p)
{
    double less = 1 - 1 / (p->wide * p->wide);
    return p->tail > 0 && less > 0 ? sqrt(2 * (LOST - log(p->tail / p->wide)) / less) : HUGE_VAL;
}

Err score_answers(Cx *cx, const Scale *scale, const Predictive *p, Answers *ret)
{
    if (!valid(scale, p))
        return err_set(cx, ERR_INVALID, "err.num-params", NO_ARGS);
    double sd = sqrt(p->var), fresh = p->has_last ? 1 - p->same : 1, wide[SCORE_ANSWERS];
    double first = (scale->low - p->mean) / sd, h = scale->step / sd;
    ret->count = (int)lround((scale->high - scale->low) / scale->step) + 1;
    masses(first, h, ret->count, reach_of(p), ret->mass);
    if (p->tail > 0)
        masses(first / p->wide, h / p->wide, ret->count, HUGE_VAL, wide);
    for (int i = 0; i < ret->count; i++) {
        ret->value[i] = scale->low + i * scale->step;
        ret->mass[i] *= fresh * (1 - p->tail);
        if (p->tail > 0)
            ret->mass[i] += fresh * p->tail * wide[i];
    }
    if (p->has_last)
        ret->mass[score_nearest(ret, p->last)] += p->same;
    return OK;
}

/* io += weight times the density at so many points h apart. */
static void add_densities(double first, double h, int count, double weight, double io[])
{
    double density[RUN];
    for (int from = 0; from < count; from += RUN) {
        int run = count - from < RUN ? count - from : RUN;
        run_of_densities(first + from * h, h, run, density);
        for (int i = 0; i < run; i++)
            io[from + i] += weight * density[i];
    }
}

void score_slopes(const Scale *scale, const Predictive *p, int count, double ret_by_mean[],
                  double ret_by_sd[])
{
    double sd = sqrt(p->var), mean_before = 0, sd_before = 0, density[SCORE_ANSWERS] = {0};
    double first = (scale->low + scale->step / 2 - p->mean) / sd, h = scale->step / sd;
    add_densities(first, h, count - 1, (1 - p->tail) / sd, density); /* at the edges */
    if (p->tail > 0)
        add_densities(first / p->wide, h / p->wide, count - 1, p->tail / p->wide / sd, density);
    for (int i = 0; i < count; i++) {
        double mean = i < count - 1 ? -density[i] : 0, spread = (first + i * h) * mean;
        ret_by_mean[i] = mean - mean_before;
        ret_by_sd[i] = spread - sd_before;
        mean_before = mean;
        sd_before = spread;
    }
}

/* -- one answer of a person with such shares ------------------------------------------------------------- */

/* What the error of a plain answer is of the error as a whole. */
static double of_plain(const AnswerShares *s)
{
    return 1 / (1 + s->tail * (s->wide * s->wide - 1));
}

Predictive score_shared(const Foretold *f, const AnswerShares *shares, double last)
{
    double plain = of_plain(shares), var = f->var - f->error * (1 - plain);
    double far = f->var - f->error * (1 - shares->wide * shares->wide * plain);
    return (Predictive){.mean = f->mean,
                        .var = var,
                        .has_last = !isnan(last),
                        .last = last,
                        .same = shares->same,
                        .tail = shares->tail,
                        .wide = sqrt(far / var)};
}

typedef struct Cell {
    double mass, by_mean, by_var;
} Cell;

/* z times the density, 0 at either end. */
static double moment_at(double z)
{
    return isfinite(z) ? z * dist_normal_density(z) : 0;
}

static Cell cell_between(double low, double high, double mean, double var)
{
    double sd = sqrt(var), a = (low - mean) / sd, b = (high - mean) / sd;
    return (Cell){.mass = between(sides(a), sides(b)),
                  .by_mean = (dist_normal_density(a) - dist_normal_density(b)) / sd,
                  .by_var = (moment_at(a) - moment_at(b)) / (2 * var)};
}

void score_shared_mass(const Scale *scale, const Foretold *f, const AnswerShares *shares,
                       double last, double given, ScoreMass *ret)
{
    double half = scale->step / 2, t = shares->tail, wide = shares->wide * shares->wide;
    double low = given - half > scale->low ? given - half : -HUGE_VAL;
    double high = given + half < scale->high ? given + half : HUGE_VAL;
    double of = of_plain(shares), same = isnan(last) ? 0 : shares->same;
    bool again = !isnan(last) && fabs(given - last) < half;
    Cell plain = cell_between(low, high, f->mean, f->var - f->error * (1 - of));
    Cell far = cell_between(low, high, f->mean, f->var - f->error * (1 - wide * of));
    double fresh = (1 - t) * plain.mass + t * far.mass, mass = same * again + (1 - same) * fresh;
    if (!(mass > 0)) {
        *ret = (ScoreMass){.log = -HUGE_VAL};
        return;
    }
    double scaled = (1 - same) / mass, plain_var = (1 - t) * plain.by_var, far_var = t * far.by_var;
    double by_of = f->error * (plain_var + wide * far_var);
    double by_tail = far.mass - plain.mass - by_of * of * of * (wide - 1);
    *ret = (ScoreMass){.log = log(mass),
                       .by_mean = scaled * ((1 - t) * plain.by_mean + t * far.by_mean),
                       .by_var = scaled * (plain_var + far_var),
                       .by_error = -scaled * (plain_var * (1 - of) + far_var * (1 - wide * of)),
                       .by_same = scaled * same * (again - fresh),
                       .by_tail = scaled * t * (1 - t) * by_tail};
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
