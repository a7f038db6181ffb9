/* insight/relation.c - the belief about one relationship, and its movement. One filter pass over its events, or over
 * those that are new when the caller remembers where it stood; one smoother pass over the last year for what moved.
 * The belief is as of the start of today or the last event, whichever is later: it is the same all day, so that
 * what was worked out once may be kept (insight/cache.c). */
#include "base/rng.h"
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/offers.h"
#include "insight/said.h"
#include "insight/slot.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

enum { TREND_DAYS = 90, LINE_DAYS = 366 };

/* -- what is the same for everyone ---------------------------------------------------------------- */

Err ground_push(Cx *cx, Ground *io)
{
    enum { N = REL_LEVELS };
    double w[N * N], a[N * N], kappa = own_params(io->basis.own).kappa;
    rel_coupling(w);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            a[i * N + j] = (i == j) - kappa * w[i * N + j];
    }
    return mat_inverse(N, a, io->push) ? OK
                                       : err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
}

static void day_make(int64_t now_ms, Ground *io)
{
    Civil c = time_local(now_ms);
    int64_t day = time_days_from_civil(c.year, c.month, c.day);
    Civil next = time_civil((day + 1) * TIME_DAY_MS, 0);
    c.hour = c.minute = c.second = 0;
    io->day = day;
    io->midnight_ms = time_from_local(&c);
    io->tomorrow_ms = time_from_local(&next);
}

Err ground_read(Cx *cx, const Book *book, Tally learned[], bool outcomes_anew, Ground *io)
{
    BookMe me = {.minor = false};
    Err e = book_me(cx, book, &me);
    if (!learned)
        learned = arena_new(cx->arena, Tally, content_practices_count);
    if (e == OK && !learned)
        e = err_nomem(cx);
    day_make(cx->now_ms, io);
    io->learned = learned;
    if (e == OK && outcomes_anew)
        e = offers_learned(cx, book, io, learned);
    if (e == OK)
        e = meaning_read(cx, book, learned, &io->tastes);
    if (e != OK)
        return e;
    likes_read(me.interests, me.styles, me.ways, &io->mine);
    history_traffic(book, cx->now_ms, &io->basis);
    io->quiet = me.quiet;
    io->minor = me.minor;
    return OK;
}

Err ground_make(Cx *cx, const Book *book, const Own *own, Tally learned[], Ground *ret)
{
    RelParams params = own_params(own);
    RelKind any = {.mu = 5, .tau = 2, .apart_phi = .1, .apart_half_life = 180};
    Rng rng = rng_make(7); /* the same belief always says the same */
    ret->basis.own = own;
    Err e = rel_model_make(cx, &params, &any, &ret->model);
    if (e == OK)
        e = ground_push(cx, ret);
    for (int d = 0; d < BELIEF_DRAWS; d++) {
        for (int i = 0; i < STATE_COUNT + 2 * TYPE_COUNT; i++)
            ret->normals[d][i] = rng_normal(&rng);
    }
    return e != OK ? e : ground_read(cx, book, learned, true, ret);
}

/* -- the belief ---------------------------------------------------------------------------------- */

/* Eight bytes at a time, as every event is mixed in whenever one came. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint64_t mix_reals(uint64_t hash, const double x[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t word;
        memcpy(&word, &x[i], sizeof word);
        hash = mix(hash, word);
    }
    return hash;
}

static uint64_t mix_event(uint64_t hash, const RelEvent *e)
{
    const double reals[] = {e->t_days, e->value, e->offset, e->error};
    hash = mix_reals(hash, reals, sizeof reals / sizeof reals[0]);
    return mix(hash, (uint64_t)e->kind << 48 | (uint64_t)e->level << 32 | e->fed);
}

_Static_assert(sizeof(RelKind) % sizeof(double) == 0 && sizeof(RelParams) % sizeof(double) == 0,
               "all numbers");

/* What is not known of the model's own numbers makes every belief a little less sure. */
static void widen(const Ground *ground, RelLevels *io)
{
    double by = own_widen(ground->basis.own);
    for (int i = 0; i < REL_LEVELS * REL_LEVELS; i++)
        io->cov[i] *= by;
    for (int i = 0; i < REL_LEVELS; i++)
        io->own_var[i] *= by;
    io->today_var *= by;
}

/* Filters the first n events: those after the tip when the tip stands on the very same events, else all. */
static Err filter(Cx *cx, const History *h, const RelModel *model, int n, Tip *tip,
                  int64_t *io_steps, RelState *ret)
{
    uint64_t hash =
        mix_reals(UINT64_C(0xcbf29ce484222325), &h->kind.mu, sizeof h->kind / sizeof(double));
    hash = mix_reals(hash, &model->p.lambda, sizeof model->p / sizeof(double));
    int from = 0;
    rel_start(model, h->n_events > 0 ? h->events[0].t_days : 0, ret);
    for (int i = 0; i < n && tip; i++) {
        hash = mix_event(hash, &h->events[i]);
        if (i + 1 == tip->n_events && hash == tip->hash) {
            from = i + 1;
            *ret = tip->state;
        }
    }
    const RelEvent *rest = from < n ? &h->events[from] : NULL;
    Err e = rel_filter(cx, model, rest, n - from, ret);
    if (e != OK || !tip)
        return e;
    *tip = (Tip){.state = *ret, .n_events = n, .hash = hash};
    if (io_steps)
        *io_steps += n - from;
    return OK;
}

Err belief_from(Cx *cx, const Ground *ground, const RelState *tip, Belief *io)
{
    const History *h = &io->history;
    RelState now;
    io->tip = *tip;
    io->asof_days = history_days(ground->midnight_ms);
    if (h->n_events > 0)
        io->asof_days = fmax(io->asof_days, tip->t_days);
    Err e = rel_model_kind(cx, &ground->model, &h->kind, &io->model);
    if (e == OK && h->n_events > 0)
        e = rel_forecast(cx, &io->model, tip, io->asof_days, &now);
    else if (e == OK)
        rel_start(&io->model, io->asof_days, &now);
    if (e != OK)
        return e;
    rel_levels(&io->model, &now, &io->levels);
    widen(ground, &io->levels);
    history_wishes(&h->wanted, io->asof_days, &io->wanted);
    history_wishes(&h->given, io->asof_days, &io->given);
    meaning_weights(&ground->tastes.kind[h->main_kind], h->rel.not_ours, &io->weights);
    return OK;
}

Err belief_of(Cx *cx, const Ground *ground, Tip *tip, int64_t *io_steps, Belief *io)
{
    RelState state;
    const History *h = &io->history;
    Err e = rel_model_kind(cx, &ground->model, &h->kind, &io->model);
    if (e == OK)
        e = filter(cx, h, &io->model, h->n_events, tip, io_steps, &state);
    return e != OK ? e : belief_from(cx, ground, &state, io);
}

Err belief_make(Cx *cx, const Book *book, const Ground *ground, BookRef person, Belief *ret)
{
    Err e = history_read(cx, book, &ground->basis, person, &ret->history);
    return e != OK ? e : belief_of(cx, ground, NULL, NULL, ret);
}

static void estimates(const Belief *b, Relation *r)
{
    const History *h = &b->history;
    int felt = 0;
    int64_t last = 0;
    for (int k = 0; k < STATE_COUNT; k++) {
        Estimate e = said_estimate(b->levels.mean[k], b->levels.cov[k * REL_LEVELS + k],
                                   h->count[k], h->last_ms[k]);
        if (k < TYPE_COUNT) {
            r->types[k] = e;
            felt += h->count[k];
            last = h->last_ms[k] > last ? h->last_ms[k] : last;
        } else {
            r->factors[k - TYPE_COUNT] = e;
        }
    }
    for (int k = 0; k < TYPE_COUNT; k++) {
        int wanted = h->wanted_count[k] + (h->rel.wanted_tenths >= 0);
        r->wanted[k] =
            said_estimate(b->wanted.mean[k], b->wanted.var[k], wanted, h->wanted_last_ms[k]);
        r->given[k] = said_estimate(b->given.mean[k], b->given.var[k], h->given_count[k],
                                    h->given_last_ms[k]);
        r->gap[k] = b->wanted.mean[k] - b->levels.mean[k];
        r->gap_sd[k] = sqrt(b->wanted.var[k] + b->levels.cov[k * REL_LEVELS + k]);
    }
    double mean = 0, var = 0;
    meaning_closeness(&b->weights, b->levels.mean, b->levels.cov, &mean, &var);
    r->closeness = said_estimate(mean, var, felt, last);
}

static Trend trend_of(double change, double var, bool known)
{
    double sd = sqrt(var > 0 ? var : 0);
    return (Trend){
        .known = known,
        .change = change,
        .sd = sd,
        .word = known ? said_trend(change, sd) : (Said){SAID_NONE, SAID_NONE}
    };
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

/* What looks back looks back at most a year: what came before is one state, remembered in back. *ret_n events lie
 * before it. */
static Err stand_before(Cx *cx, const History *h, const RelModel *model, double from, Tip *back,
                        int *ret_n, RelState *ret)
{
    int n = 0;
    while (n < h->n_events && h->events[n].t_days <= from)
        n++;
    *ret_n = n;
    if (n > 0)
        return filter(cx, h, model, n, back, NULL, ret);
    rel_start(model, h->n_events > 0 ? fmin(from, h->events[0].t_days) : from, ret);
    return OK;
}

static Err change_over(Cx *cx, const Belief *b, Tip *back, RelChange *ret)
{
    const History *h = &b->history;
    RelState start;
    int n = 0;
    Err e = stand_before(cx, h, &b->model, b->asof_days - LINE_DAYS, back, &n, &start);
    const RelEvent *rest = n < h->n_events ? &h->events[n] : NULL;
    return e != OK ? e
                   : rel_change(cx, &b->model, &start, rest, h->n_events - n,
                                b->asof_days - TREND_DAYS, b->asof_days, ret);
}

Err belief_trends(Cx *cx, const Ground *ground, const Belief *b, Tip *back, Relation *io)
{
    const History *h = &b->history;
    RelChange c;
    double mean = 0, var = 0;
    Err e = change_over(cx, b, back, &c);
    if (e != OK)
        return e;
    for (int i = 0; i < REL_LEVELS * REL_LEVELS; i++)
        c.cov[i] *= own_widen(ground->basis.own);
    for (int i = 0; i < TYPE_COUNT; i++)
        io->type_trend[i] = trend_of(c.mean[i], c.cov[i * REL_LEVELS + i], moved(h, i));
    meaning_closeness(&b->weights, c.mean, c.cov, &mean, &var);
    io->trend = trend_of(mean, var, moved(h, -1));
    return OK;
}

/* -- the limiting root --------------------------------------------------------------------------- */

/* The factor whose sustained push would move the wanted types most: (I - kappa W)^-1, weighted by what is wanted
 * of each type and by the room the factor has left. */
static int most_limiting(const double m[], const double gap[], const double push[],
                         const double w[])
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

/* Roots of the covariances of levels and weights. */
typedef struct Roots {
    double levels[STATE_COUNT * STATE_COUNT], weights[TYPE_COUNT * TYPE_COUNT];
} Roots;

static void draw(const Belief *b, const Relation *r, const Roots *roots, const double z[],
                 double ret_m[], double ret_gap[], double ret_w[])
{
    enum { N = STATE_COUNT };
    for (int i = 0; i < N; i++) {
        ret_m[i] = b->levels.mean[i];
        for (int j = 0; j <= i; j++)
            ret_m[i] += roots->levels[i * N + j] * z[j];
    }
    for (int k = 0; k < TYPE_COUNT; k++) {
        double w = b->weights.w[k];
        for (int j = 0; j <= k; j++)
            w += roots->weights[k * TYPE_COUNT + j] * z[N + TYPE_COUNT + j];
        ret_w[k] = fmax(0, w);
    }
    for (int k = 0; k < TYPE_COUNT; k++) {
        bool both = r->wanted[k].known && r->types[k].known;
        double wanted = b->wanted.mean[k] + sqrt(b->wanted.var[k]) * z[N + k];
        ret_gap[k] = both ? wanted - ret_m[k] : 0;
    }
}

/* Probability of being the largest, by draws of all levels, wishes and weights together. Only factors with an own reading may be
 * named. */
static Err limiting(Cx *cx, const Ground *ground, const Belief *b, Relation *r)
{
    Roots roots;
    int hits[FACTOR_COUNT] = {0};
    bool wants = false;
    for (int k = 0; k < TYPE_COUNT; k++)
        wants = wants || (r->wanted[k].known && r->types[k].known);
    if (!wants)
        return OK;
    if (!mat_cholesky_semi(STATE_COUNT, b->levels.cov, roots.levels) ||
        !mat_cholesky_semi(TYPE_COUNT, b->weights.v, roots.weights))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    for (int d = 0; d < BELIEF_DRAWS; d++) {
        double m[STATE_COUNT], gap[TYPE_COUNT], w[TYPE_COUNT];
        draw(b, r, &roots, ground->normals[d], m, gap, w);
        int f = most_limiting(m, gap, ground->push, w);
        if (f >= 0)
            hits[f]++;
    }
    for (int f = 0; f < FACTOR_COUNT; f++) {
        r->factor_prob[f] = (double)hits[f] / BELIEF_DRAWS;
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

Err belief_relation(Cx *cx, const Ground *ground, const Belief *b, Relation *ret)
{
    const History *h = &b->history;
    Relation *r = ret;
    *r = (Relation){.person = h->person.ref,
                    .checkins = h->checkins,
                    .moments = h->moments,
                    .readings = h->readings,
                    .last_checkin_ms = h->last_checkin_ms,
                    .last_moment_ms = h->last_moment_ms,
                    .limiting = -1};
    estimates(b, r);
    Err e = limiting(cx, ground, b, r);
    if (e != OK)
        return e;
    gate_facts(h, &b->levels, ground->minor, cx->now_ms, &r->facts);
    r->gate = gate_judge(&r->facts);
    r->someone_new = r->facts.someone_new;
    r->established = established(r);
    return OK;
}

Err insight_relation(Cx *cx, const Book *book, BookRef person, Relation *ret)
{
    return insight_relation_cached(cx, NULL, book, person, ret);
}

bool insight_allows(const Relation *r, const ContentPractice *practice)
{
    return gate_allows(&r->gate, &r->facts, practice);
}

int insight_prompts(const Relation *r, const ContentDeck *deck)
{
    int depth = gate_deck_depth(&r->gate, &r->facts, deck), n = 0;
    while (n < deck->prompts.count && content_prompts[deck->prompts.first + n].depth <= depth)
        n++;
    return n;
}

bool insight_may_ask(const Relation *r, const ContentQuestion *question)
{
    return gate_asks(&r->gate, &r->facts, question);
}

/* -- the line over time -------------------------------------------------------------------------- */

static TrendPoint point_of(const RelLevels *l, int state, const Weights *weights, int64_t at_ms)
{
    double mean = state >= 0 ? l->mean[state] : 0;
    double var = state >= 0 ? l->cov[state * REL_LEVELS + state] : 0;
    if (state < 0)
        meaning_closeness(weights, l->mean, l->cov, &mean, &var);
    Estimate e = said_estimate(mean, var, 1, 0);
    return (TrendPoint){at_ms, fmin(10, fmax(0, mean)), e.lo, e.hi};
}

static Err fresh_ground(Cx *cx, const Book *book, const Own *own, const Ground **ret)
{
    Ground *ground = arena_new(cx->arena, Ground, 1);
    *ret = ground;
    return ground ? ground_make(cx, book, own, NULL, ground) : err_nomem(cx);
}

/* As belief_from has it, whose tip stands at the last event. */
static double asof_days(const Ground *ground, const History *h)
{
    double today = history_days(ground->midnight_ms);
    return h->n_events > 0 ? fmax(today, h->events[h->n_events - 1].t_days) : today;
}

Err insight_trend(Cx *cx, const InsightCache *cache, const Book *book, BookRef person, int state,
                  int64_t from_ms, int64_t to_ms, TrendPoint ret_line[], int n,
                  const RawPoint **ret_raw, int *ret_n_raw)
{
    History *h = arena_new(cx->arena, History, 1);
    const Ground *ground = cache_ground(cx, cache, book);
    double *times = arena_new(cx->arena, double, n);
    RelLevels *levels = arena_new(cx->arena, RelLevels, n);
    RelModel model;
    RelState start;
    Weights weights;
    Tip back = cache_back(cache, person);
    int before = 0;
    if (!h || !times || !levels || n < 1)
        return err_nomem(cx);
    Err e = ground ? OK : fresh_ground(cx, book, insight_cache_own(cache), &ground);
    if (e == OK)
        e = history_read(cx, book, &ground->basis, person, h);
    if (e == OK)
        e = rel_model_kind(cx, &ground->model, &h->kind, &model);
    if (e != OK)
        return e;
    for (int i = 0; i < n; i++) {
        ret_line[i].at_ms = from_ms + (n > 1 ? (to_ms - from_ms) * i / (n - 1) : 0);
        times[i] = history_days(ret_line[i].at_ms);
    }
    e = stand_before(cx, h, &model, fmin(times[0], asof_days(ground, h) - LINE_DAYS), &back,
                     &before, &start);
    const RelEvent *rest = before < h->n_events ? &h->events[before] : NULL;
    if (e == OK)
        e = rel_smooth(cx, &model, &start, rest, h->n_events - before, times, n,
                       state < 0 ? REL_COVARIANCES : REL_VARIANCES, levels);
    if (e != OK)
        return e;
    meaning_weights(&ground->tastes.kind[h->main_kind], h->rel.not_ours, &weights);
    for (int i = 0; i < n; i++) {
        widen(ground, &levels[i]);
        ret_line[i] = point_of(&levels[i], state, &weights, ret_line[i].at_ms);
    }
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
