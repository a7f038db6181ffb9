/* insight/relation.c - the belief about one relationship now, and its movement. One filter pass over its events,
 * one smoother pass for the change over 90 days; linear in the events. */
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/said.h"
#include "base/time.h"
#include "num/dist.h"
#include "num/mat.h"
#include <math.h>

enum { TREND_DAYS = 90 };

/* -- what closeness is made of ------------------------------------------------------------------- */

/* Even weights over the types that are part of this relationship, with the uncertainty of a softmax over
 * unit normals: what someone means by closeness before they have said. */
void belief_weights(uint32_t not_ours, double w[TYPE_COUNT], double v[TYPE_COUNT * TYPE_COUNT])
{
    int n = 0;
    for (int k = 0; k < TYPE_COUNT; k++)
        n += !content_has(not_ours, k);
    for (int k = 0; k < TYPE_COUNT; k++)
        w[k] = n > 0 && content_has(not_ours, k) ? 0 : 1.0 / (n > 0 ? n : TYPE_COUNT);
    for (int i = 0; i < TYPE_COUNT; i++) {
        for (int j = 0; j < TYPE_COUNT; j++) {
            double sum = 0; /* J J', J = diag(w) - w w' */
            for (int k = 0; k < TYPE_COUNT; k++)
                sum += (w[i] * (i == k) - w[i] * w[k]) * (w[j] * (j == k) - w[j] * w[k]);
            v[i * TYPE_COUNT + j] = sum;
        }
    }
}

void belief_closeness(const double mean[], const double cov[], int stride, uint32_t not_ours,
                      double *ret_mean, double *ret_var)
{
    double w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT], m = 0, var = 0;
    belief_weights(not_ours, w, v);
    for (int i = 0; i < TYPE_COUNT; i++) {
        m += w[i] * mean[i];
        for (int j = 0; j < TYPE_COUNT; j++) {
            double p = cov[i * stride + j], vw = v[i * TYPE_COUNT + j];
            var += w[i] * p * w[j] + mean[i] * vw * mean[j] + p * vw;
        }
    }
    *ret_mean = m;
    *ret_var = var;
}

/* -- the belief ---------------------------------------------------------------------------------- */

Err belief_make(Cx *cx, const Book *book, BookRef person, Belief *ret)
{
    Belief *b = ret;
    RelParams params = rel_params_default();
    Err e = history_read(cx, book, person, &b->history);
    if (e == OK)
        e = rel_model_make(cx, &params, &b->history.kind, &b->model);
    if (e != OK)
        return e;
    const History *h = &b->history;
    b->now_days = history_days(cx->now_ms);
    double start = h->n_events > 0 ? h->events[0].t_days : b->now_days;
    start = start < b->now_days - TREND_DAYS ? start : b->now_days - TREND_DAYS;
    rel_start(&b->model, start, &b->start);
    b->now = b->start;
    e = rel_filter(cx, &b->model, h->events, h->n_events, &b->now);
    if (e == OK)
        e = rel_forecast(cx, &b->model, &b->now, b->now_days, &b->now);
    if (e != OK)
        return e;
    rel_levels(&b->model, &b->now, &b->levels);
    history_wishes(h, false, b->now_days, &b->wanted);
    history_wishes(h, true, b->now_days, &b->given);
    return OK;
}

static void estimates(const Belief *b, Relation *r)
{
    const History *h = &b->history;
    int felt = 0;
    int64_t last = 0;
    for (int k = 0; k < STATE_COUNT; k++) {
        Estimate e = said_estimate(b->levels.mean[k], b->levels.cov[k * REL_LEVELS + k], h->count[k],
                                   h->last_ms[k]);
        if (k < TYPE_COUNT) {
            r->types[k] = e;
            felt += h->count[k];
            last = h->last_ms[k] > last ? h->last_ms[k] : last;
        } else {
            r->factors[k - TYPE_COUNT] = e;
        }
    }
    for (int k = 0; k < TYPE_COUNT; k++) {
        r->wanted[k] = said_estimate(b->wanted.mean[k], b->wanted.var[k], h->wanted_count[k],
                                     h->wanted_last_ms[k]);
        r->given[k] =
            said_estimate(b->given.mean[k], b->given.var[k], h->given_count[k], h->given_last_ms[k]);
        r->gap[k] = b->wanted.mean[k] - b->levels.mean[k];
        r->gap_sd[k] = sqrt(b->wanted.var[k] + b->levels.cov[k * REL_LEVELS + k]);
    }
    double mean = 0, var = 0;
    belief_closeness(b->levels.mean, b->levels.cov, REL_LEVELS, h->rel.not_ours, &mean, &var);
    r->closeness = said_estimate(mean, var, felt, last);
}

static Trend trend_of(double change, double var, bool known)
{
    double sd = sqrt(var > 0 ? var : 0);
    return (Trend){.known = known,
                   .change = change,
                   .sd = sd,
                   .word = known ? said_trend(change, sd) : (Said){SAID_NONE, SAID_NONE}};
}

/* A trend needs answers on both sides of something: two readings at least, on different days. */
static bool moved(const History *h, int state)
{
    int64_t first = 0;
    for (int i = 0; i < h->n_raw; i++) {
        bool counts = state < 0 ? h->raw[i].state < TYPE_COUNT : h->raw[i].state == state;
        if (counts && first != 0 && h->raw[i].at_ms - first >= TIME_DAY_MS)
            return true;
        if (counts && first == 0)
            first = h->raw[i].at_ms;
    }
    return false;
}

static Err trends(Cx *cx, const Belief *b, Relation *r)
{
    const History *h = &b->history;
    RelChange c;
    Err e = rel_change(cx, &b->model, &b->start, h->events, h->n_events, b->now_days - TREND_DAYS,
                       b->now_days, &c);
    if (e != OK)
        return e;
    double w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT], mean = 0, var = 0;
    belief_weights(h->rel.not_ours, w, v);
    for (int i = 0; i < TYPE_COUNT; i++) {
        r->type_trend[i] = trend_of(c.mean[i], c.cov[i * REL_LEVELS + i], moved(h, i));
        mean += w[i] * c.mean[i];
        for (int j = 0; j < TYPE_COUNT; j++)
            var += w[i] * c.cov[i * REL_LEVELS + j] * w[j];
    }
    r->trend = trend_of(mean, var, moved(h, -1));
    return OK;
}

/* -- the limiting root --------------------------------------------------------------------------- */

/* push[f] = what a sustained push of factor f would move the wanted types by: (I - kappa W)^-1, weighted by
 * what is wanted of each type and by the room the factor has left. */
Err belief_push(Cx *cx, double ret[STATE_COUNT * STATE_COUNT])
{
    enum { N = REL_LEVELS };
    double w[N * N], a[N * N];
    double kappa = rel_params_default().kappa;
    rel_coupling(w);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            a[i * N + j] = (i == j) - kappa * w[i * N + j];
    }
    return mat_inverse(N, a, ret) ? OK : err_set(cx, ERR_NUMERIC, "err.not-finite", NO_ARGS);
}

static int most_limiting(const double m[], const double gap[], const double push[], const double w[])
{
    int best = -1;
    double most = 0;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        double room = (10 - m[TYPE_COUNT + f]) / 10, moves = 0;
        for (int k = 0; k < TYPE_COUNT; k++)
            moves += w[k] * fmax(0, gap[k]) * push[k * STATE_COUNT + TYPE_COUNT + f];
        if (room > 0 && moves * room > most) {
            most = moves * room;
            best = f;
        }
    }
    return best;
}

/* Probability of being the largest, by draws from the belief with a fixed seed: the same belief always says
 * the same. Factors are drawn jointly; only those with an own reading may be named. */
static Err limiting(Cx *cx, const Belief *b, Relation *r)
{
    enum { DRAWS = 400, N = STATE_COUNT };
    double push[N * N], chol[N * N], w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT];
    Rng rng = rng_make(7);
    r->limiting = -1;
    bool wants = false;
    for (int k = 0; k < TYPE_COUNT; k++)
        wants = wants || (r->wanted[k].known && r->types[k].known);
    if (!wants)
        return OK;
    belief_weights(b->history.rel.not_ours, w, v);
    Err e = belief_push(cx, push);
    if (e == OK && !mat_cholesky_semi(N, b->levels.cov, chol))
        e = err_set(cx, ERR_NUMERIC, "err.not-finite", NO_ARGS);
    if (e != OK)
        return e;
    int hits[FACTOR_COUNT] = {0};
    for (int d = 0; d < DRAWS; d++) {
        double z[N], m[N], gap[TYPE_COUNT];
        for (int i = 0; i < N; i++)
            z[i] = rng_normal(&rng);
        for (int i = 0; i < N; i++) {
            m[i] = b->levels.mean[i];
            for (int j = 0; j <= i; j++)
                m[i] += chol[i * N + j] * z[j];
        }
        for (int k = 0; k < TYPE_COUNT; k++) {
            bool both = r->wanted[k].known && r->types[k].known;
            gap[k] = both ? b->wanted.mean[k] + sqrt(b->wanted.var[k]) * rng_normal(&rng) - m[k] : 0;
        }
        int f = most_limiting(m, gap, push, w);
        if (f >= 0)
            hits[f]++;
    }
    for (int f = 0; f < FACTOR_COUNT; f++) {
        r->factor_prob[f] = (double)hits[f] / DRAWS;
        if (r->factors[f].known && r->factor_prob[f] > r->limiting_prob) {
            r->limiting = f;
            r->limiting_prob = r->factor_prob[f];
        }
    }
    return OK;
}

/* Being accepted as one is: said only when even the low end of acceptance is firm. */
static bool established(const Relation *r)
{
    const Estimate *a = &r->factors[FACTOR_ACCEPTANCE];
    return a->known && a->lo >= 6;
}

Err belief_relation(Cx *cx, const Book *book, const Belief *b, Relation *ret)
{
    const History *h = &b->history;
    Relation *r = ret;
    BookMe me = {.minor = false};
    *r = (Relation){.person = h->person.ref,
                    .checkins = h->checkins,
                    .moments = h->moments,
                    .readings = h->readings,
                    .last_checkin_ms = h->last_checkin_ms,
                    .last_moment_ms = h->last_moment_ms,
                    .limiting = -1};
    Err e = book_me(cx, book, &me);
    if (e != OK)
        return e;
    estimates(b, r);
    e = trends(cx, b, r);
    if (e == OK)
        e = limiting(cx, b, r);
    if (e != OK)
        return e;
    GateFacts facts;
    gate_facts(h, &b->levels, me.minor, cx->now_ms, &facts);
    r->gate = gate_judge(&facts);
    r->someone_new = facts.someone_new;
    r->established = established(r);
    return OK;
}

Err insight_relation(Cx *cx, const Book *book, BookRef person, Relation *ret)
{
    Belief *b = arena_new(cx->arena, Belief, 1);
    if (!b)
        return err_nomem(cx);
    Err e = belief_make(cx, book, person, b);
    return e != OK ? e : belief_relation(cx, book, b, ret);
}

/* -- the line over time -------------------------------------------------------------------------- */

static TrendPoint point_of(const RelLevels *l, int state, uint32_t not_ours, int64_t at_ms)
{
    double mean = state >= 0 ? l->mean[state] : 0;
    double var = state >= 0 ? l->cov[state * REL_LEVELS + state] : 0;
    if (state < 0)
        belief_closeness(l->mean, l->cov, REL_LEVELS, not_ours, &mean, &var);
    Estimate e = said_estimate(mean, var, 1, 0);
    return (TrendPoint){at_ms, fmin(10, fmax(0, mean)), e.lo, e.hi};
}

Err insight_trend(Cx *cx, const Book *book, BookRef person, int state, int64_t from_ms,
                  int64_t to_ms, TrendPoint ret_line[], int n, const RawPoint **ret_raw,
                  int *ret_n_raw)
{
    Belief *b = arena_new(cx->arena, Belief, 1);
    double *times = arena_new(cx->arena, double, n);
    RelLevels *levels = arena_new(cx->arena, RelLevels, n);
    if (!b || !times || !levels)
        return err_nomem(cx);
    Err e = belief_make(cx, book, person, b);
    if (e != OK)
        return e;
    const History *h = &b->history;
    for (int i = 0; i < n; i++) {
        ret_line[i].at_ms = from_ms + (n > 1 ? (to_ms - from_ms) * i / (n - 1) : 0);
        times[i] = history_days(ret_line[i].at_ms);
    }
    RelState start;
    rel_start(&b->model, times[0] < b->start.t_days ? times[0] : b->start.t_days, &start);
    e = rel_smooth(cx, &b->model, &start, h->events, h->n_events, times, n, levels);
    if (e != OK)
        return e;
    for (int i = 0; i < n; i++)
        ret_line[i] = point_of(&levels[i], state, h->rel.not_ours, ret_line[i].at_ms);
    RawPoint *raw = arena_new(cx->arena, RawPoint, h->n_raw + 1);
    int kept = 0;
    if (!raw)
        return err_nomem(cx);
    for (int i = 0; i < h->n_raw; i++) {
        bool fits = state >= 0 ? h->raw[i].state == state : h->raw[i].state < TYPE_COUNT;
        if (fits && h->raw[i].at_ms >= from_ms && h->raw[i].at_ms <= to_ms)
            raw[kept++] = h->raw[i];
    }
    *ret_raw = raw;
    *ret_n_raw = kept;
    return OK;
}
