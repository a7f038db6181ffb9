/* num/learn.c - the filter's log-likelihood climbed in eleven directions, by exact slopes (num/relation_slopes.c: the filter
 * backwards, answers at the ends of the scale as the filter takes them).
 * Cost: three to four filter passes a slope, some forty slopes in all. Of the questions' offsets the log posterior is a
 * parabola: Newton's method, from how every innovation moves with each offset; about ten filter passes. */
#include "num/learn.h"
#include "num/climb.h"
#include <math.h>
#include <string.h>

const double learn_sd[LEARN_PARAMS] = {
    [LEARN_LAMBDA] = .5, [LEARN_Q] = .5,    [LEARN_LAMBDA_Z] = .5, [LEARN_SIGMA_Z] = .5,
    [LEARN_ERROR] = .5,  [LEARN_BETA] = .5, [LEARN_BETA_M] = .5,   [LEARN_DELTA] = .7,
    [LEARN_KAPPA] = .5,  [LEARN_SAME] = 1,  [LEARN_TAIL] = .5,
};
const AnswerShares learn_shares_start = {.same = .3, .tail = .1, .wide = 3};

enum { SCRATCH_BYTES = 1 << 24 };

typedef struct Task {
    Cx inner;
    const RelParams *start;
    const RelModel *made; /* with what it starts from */
    const LearnHistory *histories;
    ptrdiff_t count;
    RelRoom *room;
    LearnTape *tape; /* NULL: none */
    int taken;       /* slopes taken or read from the tape */
} Task;

/* So much further on the logit. */
static double moved_share(double share, double by)
{
    return 1 / (1 + exp(-log(share / (1 - share)) - by));
}

void learn_apply(const RelParams *start, const double u[LEARN_PARAMS], RelParams *ret)
{
    *ret = *start;
    ret->lambda *= exp(u[LEARN_LAMBDA]);
    ret->q *= exp(u[LEARN_Q]);
    ret->lambda_z *= exp(u[LEARN_LAMBDA_Z]);
    ret->sigma_z *= exp(u[LEARN_SIGMA_Z]);
    ret->error *= exp(u[LEARN_ERROR]);
    ret->error_known *= exp(u[LEARN_ERROR]);
    ret->beta *= exp(u[LEARN_BETA]);
    ret->beta_m *= exp(u[LEARN_BETA_M]);
    if (start->kappa > 0)
        ret->kappa = moved_share(start->kappa, u[LEARN_KAPPA]);
}

AnswerShares learn_shares(const double u[LEARN_PARAMS])
{
    AnswerShares s = learn_shares_start;
    s.same = moved_share(s.same, u[LEARN_SAME]);
    s.tail = moved_share(s.tail, u[LEARN_TAIL]);
    return s;
}

void learn_apply_kind(const RelKind *kind, const double u[LEARN_PARAMS], RelKind *ret)
{
    *ret = *kind;
    ret->apart_half_life *= exp(-u[LEARN_DELTA]);
}

static void add_slopes(const RelParams *p, const RelSlopes *s, double io[LEARN_PARAMS])
{
    io[LEARN_LAMBDA] += s->lambda;
    io[LEARN_Q] += s->q;
    io[LEARN_LAMBDA_Z] += s->lambda_z;
    io[LEARN_SIGMA_Z] += s->sigma_z;
    io[LEARN_ERROR] += s->error;
    io[LEARN_BETA] += s->beta;
    io[LEARN_BETA_M] += s->beta_m;
    io[LEARN_DELTA] += s->delta;
    io[LEARN_KAPPA] += s->kappa * p->kappa * (1 - p->kappa);
    io[LEARN_SAME] += s->same;
    io[LEARN_TAIL] += s->tail;
}

/* The log-likelihood of all answers at u, and its slope. */
static Err total(Task *t, const double u[], double *ret, double ret_g[LEARN_PARAMS])
{
    RelParams p;
    RelModel rm, own;
    RelKind kind;
    double sum = 0, g[LEARN_PARAMS] = {0};
    learn_apply(t->start, u, &p);
    err_clear(&t->inner);
    Err e = rel_model_again(&t->inner, t->made, &p, &t->histories[0].kind, &rm);
    for (ptrdiff_t i = 0; e == OK && i < t->count; i++) {
        const LearnHistory *h = &t->histories[i];
        const RelMix mix = {learn_shares(u), h->last};
        RelSlopes slopes;
        double loglik = 0;
        learn_apply_kind(&h->kind, u, &kind);
        e = rel_model_kind(&t->inner, &rm, &kind, &own);
        if (e == OK)
            e = rel_slopes(&t->inner, t->room, &own, h->events, h->count, h->last ? &mix : NULL,
                           &loglik, &slopes);
        if (e != OK)
            return e;
        sum += loglik;
        add_slopes(&p, &slopes, g);
    }
    if (e != OK || !isfinite(sum) || !mat_finite(LEARN_PARAMS, g))
        return e == OK ? ERR_NUMERIC : e;
    *ret = sum;
    memcpy(ret_g, g, sizeof g);
    return OK;
}

static bool told_to_stop(const LearnTape *tape)
{
    return tape && tape->stop && atomic_load(tape->stop);
}

/* The log posterior and its slope; false far outside anything the prior allows. */
static bool take_slope(Task *t, const double u[], double *ret_value, double ret_g[])
{
    double value;
    for (int k = 0; k < LEARN_PARAMS; k++)
        if (fabs(u[k]) > 10 * learn_sd[k])
            return false;
    if (total(t, u, &value, ret_g) != OK)
        return false;
    for (int k = 0; k < LEARN_PARAMS; k++) {
        double precision = 1 / (learn_sd[k] * learn_sd[k]);
        value -= 0.5 * u[k] * u[k] * precision;
        ret_g[k] -= u[k] * precision;
    }
    *ret_value = value;
    return true;
}

/* From the tape while it lasts, then taken and put on it. */
static bool posterior_slope(void *context, const double u[], double *ret_value, double ret_g[])
{
    Task *t = context;
    LearnTape *tape = t->tape;
    int nth = t->taken;
    if (!tape)
        return take_slope(t, u, ret_value, ret_g);
    if (nth < tape->count) {
        t->taken++;
        *ret_value = tape->slope[nth][0];
        memcpy(ret_g, &tape->slope[nth][1], LEARN_PARAMS * sizeof ret_g[0]);
        return !isnan(*ret_value);
    }
    tape->stopped = tape->stopped || tape->left <= 0 || told_to_stop(tape);
    if (tape->stopped)
        return false;
    bool there = take_slope(t, u, ret_value, ret_g);
    for (int k = 0; k < LEARN_PARAMS && !there; k++)
        ret_g[k] = 0;
    tape->left--;
    t->taken++;
    if (nth == tape->count && nth < LEARN_SLOPES) {
        tape->slope[nth][0] = there ? *ret_value : (double)NAN;
        memcpy(&tape->slope[nth][1], ret_g, LEARN_PARAMS * sizeof ret_g[0]);
        tape->count++;
    }
    return there;
}

static int count_readings(const LearnHistory histories[], ptrdiff_t count)
{
    int readings = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t k = 0; k < histories[i].count; k++)
            readings += histories[i].events[k].kind == REL_READING;
    return readings;
}

static ptrdiff_t longest(const LearnHistory histories[], ptrdiff_t count)
{
    ptrdiff_t most = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        most = histories[i].count > most ? histories[i].count : most;
    return most;
}

Err learn_params(Cx *cx, const RelParams *start, const LearnHistory histories[], ptrdiff_t count,
                 Learned *ret)
{
    return learn_params_on(cx, start, histories, count, NULL, ret);
}

Err learn_params_on(Cx *cx, const RelParams *start, const LearnHistory histories[], ptrdiff_t count,
                    LearnTape *tape, Learned *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    RelModel made;
    Task t = {
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
        .start = start,
        .histories = histories,
        .count = count,
        .tape = tape
    };
    Learned out = {.readings = count_readings(histories, count)};
    double from[LEARN_PARAMS] = {0}, slope[LEARN_PARAMS];
    for (int k = 0; k < LEARN_PARAMS; k++)
        out.cov[k * LEARN_PARAMS + k] = learn_sd[k] * learn_sd[k];
    if (count > 0) {
        Err e = rel_model_make(cx, start, &histories[0].kind, &made);
        if (e != OK)
            return e;
        t.made = &made;
        e = rel_slopes_room(&t.inner, longest(histories, count), &t.room);
        if (e != OK)
            return err_nomem(cx);
        e = total(&t, from, &out.loglik, slope);
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
    if (tape)
        tape->stopped = false;
    Err e = climb(cx, LEARN_PARAMS, posterior_slope, NULL, &t, from, 1e-4, top);
    if (tape && tape->stopped) {
        err_clear(cx);
        *ret = out;
        return OK;
    }
    if (e == OK)
        e = total(&t, top->u, &out.loglik, slope);
    if (e != OK)
        return e;
    out.own = true;
    memcpy(out.u, top->u, sizeof out.u);
    memcpy(out.cov, top->cov, sizeof out.cov);
    *ret = out;
    return OK;
}

/* -- offsets -------------------------------------------------------------------------------------- */

typedef struct Offsets {
    Cx *cx;
    RelRoom *room;
    const RelModel *models; /* one a history */
    const LearnHistory *histories;
    const int *const *question;
    ptrdiff_t count;
    int questions;
    RelEvent *events; /* of the history at hand, with the offsets asked for */
    double *by_event;
    double *precision; /* questions x questions */
    bool bent;         /* some answer lies at an end of the scale: no parabola there */
} Offsets;

static int asked(const Offsets *t, ptrdiff_t i, ptrdiff_t k)
{
    int q = t->question[i][k];
    return q < t->questions ? q : -1;
}

static void take_events(Offsets *t, ptrdiff_t i, const double o[])
{
    const LearnHistory *h = &t->histories[i];
    for (ptrdiff_t k = 0; k < h->count; k++) {
        int q = asked(t, i, k);
        t->events[k] = h->events[k];
        if (q < 0)
            continue;
        t->events[k].offset = o[q];
        t->events[k].error = t->models[i].p.error_known;
        t->bent = t->bent || t->events[k].value <= 0 || t->events[k].value >= 10;
    }
}

static Err offset_slope(Offsets *t, const double o[], double ret[])
{
    double loglik;
    Err e = OK;
    for (int q = 0; q < t->questions; q++)
        ret[q] = -o[q] / (LEARN_OFFSET_SD * LEARN_OFFSET_SD);
    for (ptrdiff_t i = 0; i < t->count && e == OK; i++) {
        take_events(t, i, o);
        e = rel_offset_slopes(t->cx, t->room, &t->models[i], t->events, t->histories[i].count,
                              &loglik, t->by_event);
        for (ptrdiff_t k = 0; e == OK && k < t->histories[i].count; k++) {
            int q = asked(t, i, k);
            if (q >= 0)
                ret[q] += t->by_event[k];
        }
    }
    return e;
}

/* Minus the curvature of the log posterior. */
static Err offset_precision(Offsets *t, const double o[])
{
    int n = t->questions;
    Err e = OK;
    mat_zero(n, t->precision);
    for (int q = 0; q < n; q++)
        t->precision[q * n + q] = 1 / (LEARN_OFFSET_SD * LEARN_OFFSET_SD);
    for (ptrdiff_t i = 0; i < t->count && e == OK; i++) {
        take_events(t, i, o);
        e = rel_offset_information(t->cx, &t->models[i], t->events, t->question[i],
                                   t->histories[i].count, n, t->precision);
    }
    return e;
}

/* Newton's method: of a parabola one step and a look. Answers at the ends of the scale bend it, so the curvature is taken
 * once more at the top. root: of the precision there. */
static Err solve_offsets(Offsets *t, double slope[], double step[], double root[], double o[])
{
    Err e = OK;
    for (int pass = 0; pass < 1 + t->bent && e == OK; pass++) {
        double left = HUGE_VAL;
        e = offset_precision(t, o);
        if (e == OK && !mat_cholesky(t->questions, t->precision, root))
            return err_set(t->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
        for (int round = 0; round < 40 && left > 1e-12 && e == OK; round++) {
            e = offset_slope(t, o, slope);
            if (e != OK)
                break;
            mat_cholesky_solve(t->questions, root, slope, step);
            left = mat_dot(t->questions, slope, step);
            for (int q = 0; q < t->questions; q++)
                o[q] += step[q];
        }
    }
    return e;
}

static Err offset_models(Cx *cx, const RelParams *params, Offsets *t)
{
    RelModel *models = arena_new(cx->arena, RelModel, t->count + 1);
    Err e = models ? OK : err_nomem(cx);
    for (ptrdiff_t i = 0; e == OK && i < t->count; i++)
        e = i == 0 ? rel_model_make(cx, params, &t->histories[0].kind, &models[0])
                   : rel_model_kind(cx, &models[0], &t->histories[i].kind, &models[i]);
    t->models = models;
    return e;
}

Err learn_offsets(Cx *cx, const RelParams *params, const LearnHistory histories[],
                  const int *const question[], ptrdiff_t count, int questions, double ret_mean[],
                  double ret_var[])
{
    Offsets t = {
        .cx = cx,
        .histories = histories,
        .question = question,
        .count = count,
        .questions = questions,
    };
    if (questions < 1 || questions > LEARN_QUESTIONS)
        return err_set(cx, ERR_LIMIT, "err.num-questions", ARGS(arg_int("n", LEARN_QUESTIONS)));
    ptrdiff_t n = questions, most = longest(histories, count) + 1;
    double *root = arena_new(cx->arena, double, n *n), *work = arena_new(cx->arena, double, 3 * n);
    t.precision = arena_new(cx->arena, double, n *n);
    t.events = arena_new(cx->arena, RelEvent, most);
    t.by_event = arena_new(cx->arena, double, most);
    if (!root || !work || !t.precision || !t.events || !t.by_event)
        return err_nomem(cx);
    double *o = work + 2 * n;
    Err e = offset_models(cx, params, &t);
    if (e == OK)
        e = rel_slopes_room(cx, most, &t.room);
    if (e == OK)
        e = solve_offsets(&t, work, work + n, root, o);
    if (e != OK)
        return e;
    mat_cholesky_inverse(questions, root, t.precision);
    for (int q = 0; q < questions; q++) {
        ret_mean[q] = o[q];
        ret_var[q] = t.precision[q * (n + 1)];
    }
    return OK;
}

/* -- draws, shrinkage -------------------------------------------------------------------- */

void learn_draw(const Learned *learned, const double z[LEARN_PARAMS], double ret_u[LEARN_PARAMS])
{
    double l[LEARN_PARAMS * LEARN_PARAMS];
    bool whole = mat_cholesky_semi(LEARN_PARAMS, learned->cov, l);
    INVARIANT(whole); /* it is the inverse of a positive definite matrix, or the prior's */
    mat_vec(LEARN_PARAMS, l, z, ret_u);
    for (int k = 0; k < LEARN_PARAMS; k++)
        ret_u[k] += learned->u[k];
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
