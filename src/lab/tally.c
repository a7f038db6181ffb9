/* lab/tally.c - sums of scores by cluster. Of a point forecast the CRPS is its absolute error, so it stands beside the
 * others' CRPS. A bootstrap draws whole clusters and forms the ratio of sums anew, some thousand times the number of
 * clusters additions a score. */
#include "lab/tally.h"
#include "base/rng.h"
#include "num/dist.h"
#include <math.h>
#include <stdlib.h>

enum { DRAWS = 2000 };
static const double bands[TALLY_BANDS] = {.5, .8, .95};
const char *const tally_by[BYS] = {"model",      "ou",   "ou_answers", "robust",
                                   "regression", "mean", "last"};
const char *const tally_of[OFS] = {"rmse",      "mae",       "crps",     "log_score",
                                   "central50", "central80", "central95"};

Err tally_make(Cx *cx, int clusters, const Scale *scale, Tally *ret)
{
    Tally t = {.discrete = scale != NULL, .clusters = clusters, .step = scale ? scale->step : 0};
    t.count = arena_new(cx->arena, double, clusters);
    t.sum = arena_new(cx->arena, double, (ptrdiff_t)clusters *BYS *OFS);
    if (!t.count || !t.sum)
        return err_nomem(cx);
    *ret = t;
    return OK;
}

void tally_count(Tally *t, int cluster)
{
    t->n++;
    t->count[cluster]++;
}

static double *sums(const Tally *t, By by, int cluster)
{
    return t->sum + ((ptrdiff_t)cluster * BYS + by) * OFS;
}

static void add_points(double s[OFS], double mean, double median, double given)
{
    s[OF_SQUARE] += (given - mean) * (given - mean);
    s[OF_ABSOLUTE] += fabs(given - median);
}

void tally_point(Tally *t, By by, int cluster, double point, double given)
{
    double *s = sums(t, by, cluster);
    add_points(s, point, point, given);
    s[OF_CRPS] += fabs(given - point);
    for (int k = OF_LOG; k < OFS; k++)
        s[k] = (double)NAN;
}

/* The places within an answer's own mass, shared out as if one of them were drawn. */
static void add_places(Tally *t, double low, double high)
{
    for (int i = 0; i < TALLY_PLACES; i++) {
        double from = (double)i / TALLY_PLACES, to = (i + 1.) / TALLY_PLACES;
        double within = fmin(to, high) - fmax(from, low);
        if (!(high - low > 0))
            t->place[i] += low >= from && (low < to || i == TALLY_PLACES - 1);
        else if (within > 0)
            t->place[i] += within / (high - low);
    }
}

void tally_normal(Tally *t, By by, int cluster, double mean, double var, double given)
{
    double *s = sums(t, by, cluster), place = dist_normal_cdf((given - mean) / sqrt(var));
    add_points(s, mean, mean, given);
    s[OF_CRPS] += score_normal_crps(mean, var, given);
    s[OF_LOG] += t->discrete ? (double)NAN : score_normal_log(mean, var, given);
    for (int b = 0; b < TALLY_BANDS; b++)
        s[OF_50 + b] += fabs(place - .5) <= bands[b] / 2;
    if (by == BY_MODEL)
        add_places(t, place, place);
}

/* The share of from..to that lies in low..high: the chance that a place drawn at random in an answer's own mass lies
 * in the central band. An answer is a step of the distribution, so whole bands hold more than they are asked to. */
static double overlap(double low, double high, double from, double to)
{
    return to > from ? fmax(fmin(high, to) - fmax(low, from), 0) / (to - from) : 0;
}

double tally_median(const Answers *a)
{
    double below = 0;
    for (int i = 0; i < a->count; i++) {
        below += a->mass[i];
        if (below >= .5)
            return a->value[i];
    }
    return a->value[a->count - 1];
}

void tally_answers(Tally *t, By by, int cluster, const Answers *a, double point, double given)
{
    double *s = sums(t, by, cluster), low, high;
    double from = score_pit(a, given, 0), to = score_pit(a, given, 1);
    given = a->value[score_nearest(a, given)];
    add_points(s, point, tally_median(a), given);
    s[OF_CRPS] += score_crps(a, given);
    s[OF_LOG] += score_log(a, given);
    for (int b = 0; b < TALLY_BANDS; b++)
        s[OF_50 + b] += overlap(.5 - bands[b] / 2, .5 + bands[b] / 2, from, to);
    for (int b = 0; b < TALLY_BANDS && by == BY_MODEL; b++) {
        score_band(a, bands[b], &low, &high);
        t->whole[b] += given >= low - 1e-9 && given <= high + 1e-9;
    }
    if (by == BY_MODEL)
        add_places(t, from, to);
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
                                    arg_int("column", d->item_column[i % d->items]),
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
    double finest = 0;
    for (size_t i = 0; e == OK && !found && i < sizeof parts / sizeof parts[0]; i++) {
        s.step = 1 / parts[i];
        if ((s.high - s.low) / s.step <= SCORE_ANSWERS - 2)
            finest = s.step;
        found = fits(d, &s);
    }
    if (!found || !((s.high - s.low) / s.step <= SCORE_ANSWERS - 2))
        s.step = asked->step > 0 ? s.step : finest;
    if (e == OK && !(s.step > 0 && (s.high - s.low) / s.step <= SCORE_ANSWERS - 2))
        e = err_set(cx, ERR_INVALID, "err.lab-scale-step", ARGS(arg_str("file", d->file)));
    if (e == OK)
        *ret = s;
    return e;
}

/* -- intervals ----------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts draws. */
static Interval between(double value, double draws[])
{
    if (isnan(value))
        return (Interval){(double)NAN, (double)NAN, (double)NAN};
    qsort(draws, DRAWS, sizeof *draws, ascending);
    return (Interval){value, draws[(int)(.025 * DRAWS)], draws[(int)(.975 * DRAWS) - 1]};
}

static double score_of(int of, double mean)
{
    return of == OF_SQUARE ? sqrt(mean) : mean;
}

/* The clustered t of the mean difference of two forecasters. */
static double clustered_t(const Tally *t, int by, int of, double difference)
{
    double var = 0, rounding = 1e-12 * difference * t->n;
    for (int c = 0; c < t->clusters; c++) {
        double gap = sums(t, BY_MODEL, c)[of] - sums(t, (By)by, c)[of] - difference * t->count[c];
        var += gap * gap;
    }
    return var > rounding * rounding ? difference * t->n / sqrt(var) : (double)NAN;
}

/* ret[BYS x OFS]: sums over clusters, each counted times[c] times; returns how many answers. */
static double add_up(const Tally *t, const double times[], double ret[])
{
    double n = 0;
    for (int i = 0; i < BYS * OFS; i++)
        ret[i] = 0;
    for (int c = 0; c < t->clusters; c++) {
        double k = times ? times[c] : 1;
        n += k * t->count[c];
        for (int i = 0; i < BYS * OFS && k > 0; i++)
            ret[i] += k * t->sum[(ptrdiff_t)c * BYS * OFS + i];
    }
    return n;
}

Err tally_report(Cx *cx, const Tally *t, uint64_t seed, Report *ret)
{
    double sum[BYS * OFS] = {0}, n = add_up(t, NULL, sum);
    double *draw = arena_new(cx->arena, double, (ptrdiff_t)2 * BYS * OFS * DRAWS);
    double *times = arena_new(cx->arena, double, t->clusters);
    if (!draw || !times)
        return err_nomem(cx);
    double *apart = draw + (ptrdiff_t)BYS * OFS * DRAWS, some[BYS * OFS];
    Rng rng = rng_make(seed);
    ret->intervals = t->clusters > 1;
    for (int b = 0; b < DRAWS && ret->intervals; b++) {
        double m = 0;
        while (!(m > 0)) { /* a draw of clusters without a single answer says nothing */
            for (int c = 0; c < t->clusters; c++)
                times[c] = 0;
            for (int c = 0; c < t->clusters; c++)
                times[rng_below(&rng, t->clusters)]++;
            m = add_up(t, times, some);
        }
        for (int i = 0; i < BYS * OFS; i++) {
            // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): add_up filled all of some
            draw[i * DRAWS + b] = score_of(i % OFS, some[i] / m);
            apart[i * DRAWS + b] = (some[i % OFS] - some[i]) / m;
        }
    }
    for (int i = 0; i < BYS * OFS; i++) {
        double d = (sum[i % OFS] - sum[i]) / n;
        Interval score = {score_of(i % OFS, sum[i] / n), (double)NAN, (double)NAN},
                 gap = {d, (double)NAN, (double)NAN};
        ret->score[i / OFS][i % OFS] =
            ret->intervals ? between(score.value, draw + i * DRAWS) : score;
        ret->difference[i / OFS][i % OFS] = ret->intervals ? between(d, apart + i * DRAWS) : gap;
        ret->t[i / OFS][i % OFS] = clustered_t(t, i / OFS, i % OFS, d);
    }
    return OK;
}

/* -- writing --------------------------------------------------------------------------------------------- */

static bool shown(const Tally *t, const Options *o, int by)
{
    return by == BY_MODEL || by == BY_MEAN || by == BY_LAST ||
           (o->baselines && (t->discrete || by != BY_OU_ANSWERS));
}

static void out_pair(Buf *out, bool json, const char *name, double v)
{
    buf_fmt(out, json ? ", \"%s\": " : "%s,", name);
    if (json)
        out_number(out, v);
    else
        out_cell(out, v);
    buf_c(out, json ? "" : "\n");
}

/* The names of the first release come first: whoever reads them finds them where they were. */
static void write_first(Buf *out, const Tally *t, const Report *r, bool json)
{
    static const char *const whole[] = {"coverage50", "coverage80", "coverage95"};
    for (int k = OF_SQUARE; k <= OF_LOG; k++)
        out_pair(out, json, tally_of[k], r->score[BY_MODEL][k].value);
    for (int b = 0; b < TALLY_BANDS; b++)
        out_pair(out, json, whole[b],
                 t->discrete ? t->whole[b] / t->n : r->score[BY_MODEL][OF_50 + b].value);
    out_pair(out, json, "last_rmse", r->score[BY_LAST][OF_SQUARE].value);
    out_pair(out, json, "last_mae", r->score[BY_LAST][OF_ABSOLUTE].value);
    out_pair(out, json, "mean_rmse", r->score[BY_MEAN][OF_SQUARE].value);
    out_pair(out, json, "mean_mae", r->score[BY_MEAN][OF_ABSOLUTE].value);
    for (int b = OF_50; b < OFS && t->discrete; b++)
        out_pair(out, json, tally_of[b], r->score[BY_MODEL][b].value);
}

static void out_interval(Buf *out, bool json, const char *by, const char *of, const Interval *v)
{
    buf_fmt(out, json ? "\"%s\", \"score\": \"%s\", \"value\": " : "%s,%s,", by, of);
    (json ? out_number : out_cell)(out, v->value);
    buf_c(out, json ? ", \"low\": " : ",");
    (json ? out_number : out_cell)(out, v->low);
    buf_c(out, json ? ", \"high\": " : ",");
    (json ? out_number : out_cell)(out, v->high);
}

static void write_scores(Buf *out, const Tally *t, const Report *r, const Options *o)
{
    const char *between_rows = "";
    buf_c(out, o->json ? ",\n\"scores\": [" : "\nforecaster,score,value,low,high\n");
    for (int i = 0; i < BYS * OFS; i++) {
        const Interval *v = &r->score[i / OFS][i % OFS];
        if (!shown(t, o, i / OFS) || isnan(v->value))
            continue;
        buf_fmt(out, o->json ? "%s\n {\"forecaster\": " : "%s", o->json ? between_rows : "");
        out_interval(out, o->json, tally_by[i / OFS], tally_of[i % OFS], v);
        buf_c(out, o->json ? "}" : "\n");
        between_rows = ",";
    }
    buf_c(out, o->json ? "]" : "");
}

static void write_differences(Buf *out, const Tally *t, const Report *r, const Options *o)
{
    static const char *const of[] = {"square", "absolute", "crps", "log_score"};
    const char *between_rows = "";
    buf_c(out, o->json ? ",\n\"differences\": [" : "\nless,score,difference,low,high,t\n");
    for (int i = OFS; i < BYS * OFS; i++) {
        const Interval *v = &r->difference[i / OFS][i % OFS];
        if (!shown(t, o, i / OFS) || i % OFS > OF_LOG || isnan(v->value))
            continue;
        buf_fmt(out, o->json ? "%s\n {\"less\": " : "%s", o->json ? between_rows : "");
        out_interval(out, o->json, tally_by[i / OFS], of[i % OFS], v);
        buf_c(out, o->json ? ", \"t\": " : ",");
        (o->json ? out_number : out_cell)(out, r->t[i / OFS][i % OFS]);
        buf_c(out, o->json ? "}" : "\n");
        between_rows = ",";
    }
    buf_c(out, o->json ? "]" : "");
}

static void write_places(Buf *out, const Tally *t, bool json)
{
    buf_c(out, json ? ",\n\"places\": [" : "\nplace,share\n");
    for (int i = 0; i < TALLY_PLACES; i++) {
        if (!json)
            buf_fmt(out, "%.10g,", (i + .5) / TALLY_PLACES);
        buf_fmt(out, "%s%.10g%s", json && i > 0 ? ", " : "", t->place[i] / t->n, json ? "" : "\n");
    }
    buf_c(out, json ? "]" : "");
}

Err tally_write(Cx *cx, Buf *out, const Tally *t, const Options *o)
{
    Report *r = arena_new(cx->arena, Report, 1);
    if (!r)
        return err_nomem(cx);
    Err e = tally_report(cx, t, o->seed, r);
    if (e != OK)
        return e;
    if (o->plot) {
        plot_forecast(out, t, r);
        return OK;
    }
    buf_fmt(out,
            o->json ? "{\"n\": %d, \"clusters\": %d, \"discrete\": %s, \"step\": "
                    : "# n %d in %d clusters, answers of a scale: %s",
            t->n, t->clusters, t->discrete ? "true" : "false");
    if (o->json)
        out_number(out, t->step > 0 ? t->step : (double)NAN);
    else if (t->step > 0)
        buf_fmt(out, ", in steps of %.10g", t->step);
    buf_c(out, o->json ? "" : "\nscore,value\n");
    write_first(out, t, r, o->json);
    if (o->baselines) {
        write_scores(out, t, r, o);
        write_differences(out, t, r, o);
        write_places(out, t, o->json);
    }
    buf_c(out, o->json ? "}\n" : "");
    return OK;
}
