/* num/learn.c - the filter's log-likelihood climbed in eight directions. Its slope is taken by central
 * differences (h = 1e-4, error about 1e-8 of it): answers at the ends of the scale enter the filter as
 * pseudo-readings that themselves depend on the parameters, so the score of num/lds_grad.c would not be the
 * derivative of what is maximised. Cost: 17 filter passes a slope, a few hundred passes in all; a thousand
 * answers take about a quarter of a second, in the background. */
#include "num/learn.h"
#include "num/climb.h"
#include <math.h>
#include <string.h>

enum { SCRATCH_BYTES = 1 << 24, EM_ROUNDS = 200 };

typedef struct Task {
    Cx inner;
    const RelParams *start;
    const LearnHistory *histories;
    ptrdiff_t count;
} Task;

void learn_apply(const RelParams *start, const double u[LEARN_PARAMS], RelParams *ret)
{
    double logit = log(start->kappa / (1 - start->kappa)) + u[LEARN_KAPPA];
    *ret = *start;
    ret->lambda *= exp(u[LEARN_LAMBDA]);
    ret->q *= exp(u[LEARN_Q]);
    ret->lambda_z *= exp(u[LEARN_LAMBDA_Z]);
    ret->sigma_z *= exp(u[LEARN_SIGMA_Z]);
    ret->error *= exp(u[LEARN_ERROR]);
    ret->error_known *= exp(u[LEARN_ERROR]);
    ret->beta *= exp(u[LEARN_BETA]);
    if (start->kappa > 0)
        ret->kappa = 1 / (1 + exp(-logit));
}

void learn_apply_kind(const RelKind *kind, const double u[LEARN_PARAMS], RelKind *ret)
{
    *ret = *kind;
    ret->apart_half_life *= exp(-u[LEARN_DELTA]);
}

static Err total(Task *t, const double u[], double *ret)
{
    RelParams p;
    RelModel rm, own;
    RelKind kind;
    double sum = 0;
    learn_apply(t->start, u, &p);
    arena_reset(t->inner.arena);
    err_clear(&t->inner);
    if (t->count == 0)
        return ERR_INVALID;
    Err e = rel_model_make(&t->inner, &p, &t->histories[0].kind, &rm);
    for (ptrdiff_t i = 0; e == OK && i < t->count; i++) {
        const LearnHistory *h = &t->histories[i];
        RelState s;
        learn_apply_kind(&h->kind, u, &kind);
        e = rel_model_kind(&t->inner, &rm, &kind, &own);
        if (e != OK || h->count == 0)
            continue;
        rel_start(&own, h->events[0].t_days, &s);
        e = rel_filter(&t->inner, &own, h->events, h->count, &s);
        sum += s.loglik;
    }
    *ret = sum;
    return e == OK && !isfinite(sum) ? ERR_NUMERIC : e;
}

static bool posterior(Task *t, const double u[], double *ret)
{
    double loglik;
    for (int k = 0; k < LEARN_PARAMS; k++)
        if (fabs(u[k]) > 10 * LEARN_SD) /* far outside anything the prior allows */
            return false;
    if (total(t, u, &loglik) != OK)
        return false;
    for (int k = 0; k < LEARN_PARAMS; k++)
        loglik -= 0.5 * u[k] * u[k] / (LEARN_SD * LEARN_SD);
    *ret = loglik;
    return true;
}

static bool posterior_slope(void *context, const double u[], double *ret_value, double ret_g[])
{
    Task *t = context;
    const double h = 1e-4;
    double at[LEARN_PARAMS];
    memcpy(at, u, sizeof at);
    if (!posterior(t, u, ret_value))
        return false;
    for (int k = 0; k < LEARN_PARAMS; k++) {
        double up, down;
        at[k] = u[k] + h;
        if (!posterior(t, at, &up))
            return false;
        at[k] = u[k] - h;
        if (!posterior(t, at, &down))
            return false;
        at[k] = u[k];
        ret_g[k] = (up - down) / (2 * h);
    }
    return true;
}

static int count_readings(const LearnHistory histories[], ptrdiff_t count)
{
    int readings = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t k = 0; k < histories[i].count; k++)
            readings += histories[i].events[k].kind == REL_READING;
    return readings;
}

Err learn_params(Cx *cx, const RelParams *start, const LearnHistory histories[], ptrdiff_t count,
                 Learned *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Task t = {
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
        .start = start,
        .histories = histories,
        .count = count
    };
    Learned out = {.readings = count_readings(histories, count)};
    double from[LEARN_PARAMS] = {0};
    for (int k = 0; k < LEARN_PARAMS; k++)
        out.cov[k * LEARN_PARAMS + k] = LEARN_SD * LEARN_SD;
    if (count > 0) {
        Err e = total(&t, from, &out.loglik);
        if (e != OK) {
            cx->why = t.inner.why; /* its strings are literals */
            return e;
        }
    }
    if (out.readings < LEARN_READINGS) {
        *ret = out;
        return OK;
    }
    Climb *top = arena_new(cx->arena, Climb, 1);
    if (!top)
        return err_nomem(cx);
    Err e = climb(cx, LEARN_PARAMS, posterior_slope, &t, from, 1e-3, top);
    if (e == OK)
        e = total(&t, top->u, &out.loglik);
    if (e != OK)
        return e;
    out.own = true;
    memcpy(out.u, top->u, sizeof out.u);
    memcpy(out.cov, top->cov, sizeof out.cov);
    *ret = out;
    return OK;
}

void learn_draw(const Learned *learned, const double z[LEARN_PARAMS], double ret_u[LEARN_PARAMS])
{
    double l[LEARN_PARAMS * LEARN_PARAMS];
    bool whole = mat_cholesky_semi(LEARN_PARAMS, learned->cov, l);
    INVARIANT(whole); /* it is the inverse of a positive definite matrix, or the prior's */
    mat_vec(LEARN_PARAMS, l, z, ret_u);
    for (int k = 0; k < LEARN_PARAMS; k++)
        ret_u[k] += learned->u[k];
}

/* Each answer is shared out among repeat, plain and wide by what each of them gives it. */
Err learn_mixture(Cx *cx, const Scale *scale, const Predictive predictions[], const double given[],
                  ptrdiff_t count, Predictive *io)
{
    double same = io->same, tail = io->tail;
    for (int round = 0; round < EM_ROUNDS; round++) {
        double repeats = io->same * LEARN_READINGS, could = LEARN_READINGS;
        double wides = io->tail * LEARN_READINGS, fresh = LEARN_READINGS;
        for (ptrdiff_t i = 0; i < count; i++) {
            Predictive p = predictions[i];
            Answers plain, wide;
            p.same = 0;
            p.tail = 0;
            p.wide = io->wide;
            Err e = score_answers(cx, scale, &p, &plain);
            p.tail = 1;
            if (e == OK)
                e = score_answers(cx, scale, &p, &wide);
            if (e != OK)
                return e;
            int at = score_nearest(&plain, given[i]);
            bool again = p.has_last && score_nearest(&plain, p.last) == at;
            double stick = p.has_last ? same : 0;
            double from_same = again ? stick : 0;
            double from_plain = (1 - stick) * (1 - tail) * plain.mass[at];
            double from_wide = (1 - stick) * tail * wide.mass[at];
            double sum = from_same + from_plain + from_wide;
            if (!(sum > 0))
                continue;
            repeats += from_same / sum;
            could += p.has_last;
            wides += from_wide / sum;
            fresh += (from_plain + from_wide) / sum;
        }
        double next_same = repeats / could, next_tail = wides / fresh;
        bool still = fabs(next_same - same) + fabs(next_tail - tail) < 1e-9;
        same = next_same;
        tail = next_tail;
        if (still)
            break;
    }
    io->same = same;
    io->tail = tail;
    return OK;
}

void learn_shrink(double prior_mean, double prior_var, double spread, const double estimate[],
                  const double var[], int count, double *ret_mean, double *ret_var)
{
    double weight = 1 / prior_var, sum = prior_mean / prior_var;
    for (int i = 0; i < count; i++) {
        double w = 1 / (var[i] + spread);
        weight += w;
        sum += w * estimate[i];
    }
    *ret_mean = sum / weight;
    *ret_var = 1 / weight;
}
