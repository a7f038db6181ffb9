/* lab/judge.c - the clusters are cut into folds. A row's readings are foretold from the rows
 * before it by everybody, so what has been answered becomes past when the row is over. */
#include "lab/judge.h"
#include "base/rng.h"
#include <math.h>
#include <string.h>

int judge_fold(const Judge *j, ptrdiff_t series)
{
    return j->fold[j->d->cluster[series]];
}

/* Clusters in their order, or as they are dealt by a seed, cut into folds as even as can be. */
static Err cut_folds(Cx *cx, Judge *j)
{
    int n = j->d->clusters;
    int *order = arena_new(cx->arena, int, n);
    Rng rng = rng_make(j->o->deal);
    j->folds = n < CLUSTERS_LEAST ? 1 : n < j->o->folds ? n : j->o->folds;
    j->fold = arena_new(cx->arena, int, n);
    j->rivals = arena_new(cx->arena, Rivals, (ptrdiff_t)j->folds * j->d->items);
    if (!order || !j->fold || !j->rivals)
        return err_nomem(cx);
    for (int i = 0; i < n; i++) {
        int other = j->o->deal > 0 ? rng_below(&rng, i + 1) : i;
        order[i] = order[other];
        order[other] = i;
    }
    for (int i = 0; i < n; i++)
        j->fold[order[i]] = (int)((int64_t)i * j->folds / n);
    return OK;
}

static Rivals *rivals_of(const Judge *j, int fold, int item)
{
    return &j->rivals[(ptrdiff_t)fold * j->d->items + item];
}

static Err learn_rivals(Cx *cx, Judge *j)
{
    const LabData *d = j->d;
    bool *leave_out = arena_new(cx->arena, bool, d->count);
    Err e = leave_out ? OK : err_nomem(cx);
    for (int fold = 0; fold < j->folds && e == OK; fold++) {
        for (ptrdiff_t k = 0; k < d->count; k++)
            leave_out[k] = j->folds > 1 && judge_fold(j, k) == fold;
        for (int i = 0; i < d->items && e == OK; i++) {
            Rivals *r = rivals_of(j, fold, i);
            regression_learn(d->series, leave_out, d->count, i, d->items, r->regression);
            e = rival_learn(cx, d->series, leave_out, d->count, i, d->items, false, &r->plain);
            if (e == OK)
                e = rival_learn(cx, d->series, leave_out, d->count, i, d->items, true, &r->robust);
        }
    }
    return e;
}

Err judge_open(Cx *cx, const Options *o, const LabData *d, Buf *out, Judge *ret)
{
    Judge *j = ret;
    *j = (Judge){.o = o, .d = d, .each = o->each ? out : NULL, .stride = 1};
    Err e = o->has_scale ? tally_scale(cx, d, &o->scale, &j->scale) : OK;
    if (e == OK)
        e = cut_folds(cx, j);
    if (e == OK)
        e = tally_make(cx, d->clusters, o->has_scale ? &j->scale : NULL, &j->tally);
    for (ptrdiff_t k = 0; k < d->count; k++)
        j->stride = d->series[k].rows > j->stride ? d->series[k].rows : j->stride;
    j->mean = arena_new(cx->arena, double, 2 * d->items * j->stride);
    j->sd = arena_new(cx->arena, double, 2 * d->items * j->stride);
    if (e == OK && (!j->mean || !j->sd))
        e = err_nomem(cx);
    if (e == OK && o->each)
        buf_c(out, "id,t,item,given,mean,median,log_score,crps,pit_low,pit_high,ou_mean,ou_sd,"
                   "regression,running_mean,last\n");
    return e == OK && (o->baselines || o->plot || o->each) ? learn_rivals(cx, j) : e;
}

void judge_series(Judge *j, ptrdiff_t series)
{
    const LabData *d = j->d;
    int fold = judge_fold(j, series);
    j->at = series;
    j->row = -1;
    j->rows_read = 0;
    memset(j->past, 0, sizeof j->past);
    memset(j->next, 0, sizeof j->next);
    for (int i = 0; i < d->items; i++) {
        ptrdiff_t plain = i * j->stride, robust = (d->items + i) * j->stride;
        const Rivals *r = rivals_of(j, fold, i);
        rival_run(&r->plain, &d->series[series], i, d->items, j->mean + plain, j->sd + plain);
        rival_run(&r->robust, &d->series[series], i, d->items, j->mean + robust, j->sd + robust);
    }
}

static Err judge_rivals(Cx *cx, Judge *j, ptrdiff_t row, int item, double given)
{
    int cluster = j->d->cluster[j->at];
    const Rivals *r = rivals_of(j, judge_fold(j, j->at), item);
    double mean, sd;
    ptrdiff_t plain = item * j->stride + row, robust = (j->d->items + item) * j->stride + row;
    Answers a;
    tally_normal(&j->tally, BY_OU, cluster, j->mean[plain], j->sd[plain] * j->sd[plain], given);
    regression_tell(r->regression, &j->past[item], &mean, &sd);
    if (sd > 0)
        tally_normal(&j->tally, BY_REGRESSION, cluster, mean, sd * sd, given);
    else
        tally_point(&j->tally, BY_REGRESSION, cluster, mean, given);
    if (!j->tally.discrete) {
        tally_point(&j->tally, BY_ROBUST, cluster, j->mean[robust], given);
        return OK;
    }
    Err e = rival_answers(cx, &r->plain, &j->scale, j->mean[plain], j->sd[plain], &a);
    if (e == OK)
        tally_answers(&j->tally, BY_OU_ANSWERS, cluster, &a, score_mean(&a), given);
    if (e == OK)
        e = rival_answers(cx, &r->robust, &j->scale, j->mean[robust], j->sd[robust], &a);
    if (e == OK)
        tally_answers(&j->tally, BY_ROBUST, cluster, &a, score_mean(&a), given);
    return e;
}

static void write_each(Judge *j, ptrdiff_t row, int item, double given, const Answers *a,
                       double mean, double var)
{
    const LabData *d = j->d;
    const Past *past = &j->past[item];
    ptrdiff_t plain = item * j->stride + row;
    double regressed, sd;
    regression_tell(rivals_of(j, judge_fold(j, j->at), item)->regression, past, &regressed, &sd);
    double place = var > 0        ? .5 * erfc((mean - given) / sqrt(2 * var))
                   : given > mean ? 1 /* without any variance all mass is at the mean */
                   : given < mean ? 0
                                  : .5;
    const double v[] = {given,
                        mean,
                        a ? tally_median(a) : mean,
                        a ? score_log(a, given) : score_normal_log(mean, var, given),
                        a ? score_crps(a, given) : score_normal_crps(mean, var, given),
                        a ? score_pit(a, given, 0) : place,
                        a ? score_pit(a, given, 1) : place,
                        j->mean[plain],
                        j->sd[plain],
                        regressed,
                        past->sum / past->n,
                        past->recent[0]};
    out_word(j->each, "", d->id[j->at]);
    buf_char(j->each, ',');
    out_cell(j->each, d->series[j->at].t[row]);
    buf_char(j->each, ',');
    out_word(j->each, "", d->item[item]);
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        buf_char(j->each, ',');
        out_cell(j->each, v[i]);
    }
    buf_char(j->each, '\n');
}

Err judge_reading(Cx *cx, Judge *j, ptrdiff_t row, int item, double given, const Answers *answers,
                  double mean, double var)
{
    int cluster = j->d->cluster[j->at];
    if (row != j->row) {
        j->rows_read += j->row >= 0;
        j->row = row;
        memcpy(j->past, j->next, sizeof j->past);
    }
    past_add(&j->next[item], given);
    const Past *past = &j->past[item];
    if (j->rows_read < j->o->after || past->n == 0 || !(answers || var > 0))
        return OK;
    if (answers)
        given = answers->value[score_nearest(answers, given)];
    if (j->each)
        write_each(j, row, item, given, answers, mean, var);
    tally_count(&j->tally, cluster);
    if (answers)
        tally_answers(&j->tally, BY_MODEL, cluster, answers, mean, given);
    else
        tally_normal(&j->tally, BY_MODEL, cluster, mean, var, given);
    tally_point(&j->tally, BY_MEAN, cluster, past->sum / past->n, given);
    tally_point(&j->tally, BY_LAST, cluster, past->recent[0], given);
    return j->o->baselines || j->o->plot ? judge_rivals(cx, j, row, item, given) : OK;
}

Err judge_close(Cx *cx, Judge *j, Buf *out)
{
    if (j->tally.n == 0)
        return err_set(cx, ERR_INVALID, "err.lab-forecast-few",
                       ARGS(arg_str("file", j->d->file), arg_int("n", j->o->after)));
    return j->each ? OK : tally_write(cx, out, &j->tally, j->o);
}
