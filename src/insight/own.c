/* insight/own.c - one thing after the other, each given what came before: the eleven numbers of num/learn.h (a search
 * in slopes, which can stop and go on), how far the mean of a kind lies from what is expected of it (a parabola, so
 * three filter passes a kind), each question's offset (num/learn.h), what the
 * uncertainty of the numbers adds to every variance (passes with drawn numbers), and what seemed to help.
 * Cost: some thousand passes over at most OWN_EVENTS events: one to three seconds, beside everything else. */
#include "insight/own.h"
#include "base/rng.h"
#include "insight/own_part.h"
#include <math.h>
#include <string.h>

enum { DRAWS = 16 };
static const double MU_SD = .75; /* [J] how far a person's kinds may lie from everyone's */

/* -- what it changes ------------------------------------------------------------------------------ */

RelParams own_params(const Own *own)
{
    RelParams start = rel_params_default(), out = start;
    if (own && own->own)
        learn_apply(&start, own->u, &out);
    return out;
}

RelKind own_kind(const Own *own, KindId id, const RelKind *kind)
{
    RelKind out = *kind;
    if (own && own->own) {
        learn_apply_kind(kind, own->u, &out);
        out.mu += own->mu[id];
    }
    return out;
}

void own_reading(const Own *own, int question, RelEvent *io)
{
    if (!own || !own->own || question < 0 || question >= OWN_QUESTIONS || own->asked[question] == 0)
        return;
    io->offset = own->offset[question];
    io->error =
        rel_params_default().error_known * exp(own->u[LEARN_ERROR]) + own->offset_var[question];
}

double own_widen(const Own *own)
{
    return own && own->own ? own->widen : 1;
}

double own_again(const Own *own, double sds)
{
    double u[LEARN_PARAMS] = {[LEARN_SAME] = own->u[LEARN_SAME] + sds * own->sd[LEARN_SAME]};
    return learn_shares(u).same;
}

uint64_t own_digest(const Own *own)
{
    return own && own->own ? own->key : 0;
}

/* -- the mean of a kind --------------------------------------------------------------------------- */

typedef struct Learner {
    Cx *cx;
    Cx inner; /* of one pass */
    const OwnSnapshot *s;
    LearnHistory *histories; /* the kinds as learned so far */
    RelModel *models;
    Own *out;
} Learner;

/* ERR_BUSY: told to stop. */
static Err pass(Learner *l, int i, const RelModel *rm, RelState *ret)
{
    const LearnHistory *h = &l->histories[i];
    if (l->s->tape.stop && atomic_load(l->s->tape.stop))
        return ERR_BUSY;
    rel_start(rm, h->count > 0 ? h->events[0].t_days : 0, ret);
    return rel_filter(&l->inner, rm, h->events, h->count, ret);
}

/* Log-likelihood of a kind's relationships when their mean lies `off` higher. */
static Err kind_loglik(Learner *l, KindId kind, double off, double *ret)
{
    RelState state;
    Err e = OK;
    *ret = 0;
    for (int i = 0; i < l->s->n && e == OK; i++) {
        if (l->s->kinds[i] != kind)
            continue;
        RelModel rm = l->models[i];
        rm.kind.mu += off;
        e = pass(l, i, &rm, &state);
        *ret += rel_loglik(&state);
    }
    return e;
}

/* The log posterior is a parabola (up to answers at the ends of the scale): three values give its top. */
static Err learn_kind_mean(Learner *l, KindId kind)
{
    const double step = .5, prior = 1 / (MU_SD * MU_SD);
    double at[3], bend = 0, slope = 0;
    Err e = OK;
    for (int k = 0; k < 3 && e == OK; k++)
        e = kind_loglik(l, kind, (k - 1) * step, &at[k]);
    if (e != OK)
        return e;
    slope = (at[2] - at[0]) / (2 * step);
    bend = fmax(0, (2 * at[1] - at[0] - at[2]) / (step * step)) + prior;
    l->out->mu[kind] = slope / bend;
    l->out->mu_sd[kind] = 1 / sqrt(bend);
    for (int i = 0; i < l->s->n; i++) {
        if (l->s->kinds[i] == kind) {
            l->models[i].kind.mu += l->out->mu[kind];
            l->histories[i].kind.mu += l->out->mu[kind];
        }
    }
    return OK;
}

static Err learn_kind_means(Learner *l)
{
    Err e = OK;
    for (int i = 0; i < l->s->n; i++)
        l->out->mu_people[l->s->kinds[i]]++;
    for (int k = 0; k < KIND_COUNT && e == OK; k++) {
        l->out->mu_sd[k] = MU_SD;
        if (l->out->mu_people[k] > 0)
            e = learn_kind_mean(l, (KindId)k);
    }
    return e;
}

/* -- questions ------------------------------------------------------------------------------------ */

static Err learn_questions(Learner *l)
{
    const OwnSnapshot *s = l->s;
    Own *o = l->out;
    RelParams params = own_params(o);
    Err e = learn_offsets(&l->inner, &params, l->histories, (const int *const *)s->question, s->n,
                          content_questions_count, o->offset, o->offset_var);
    for (int i = 0; i < s->n && e == OK; i++) {
        for (ptrdiff_t k = 0; k < l->histories[i].count; k++) {
            if (s->question[i][k] >= 0)
                o->asked[s->question[i][k]]++;
        }
    }
    return e;
}

/* -- what is not known of the numbers --------------------------------------------------------------- */

typedef struct Spread {
    double mean[REL_LEVELS], square[REL_LEVELS], var[REL_LEVELS];
} Spread;

/* One draw of the numbers: what every relationship would look like with them. */
static Err draw_pass(Learner *l, const double u[], Spread per[])
{
    RelParams start = rel_params_default(), params;
    RelModel rm, own;
    RelState state;
    RelLevels levels;
    learn_apply(&start, u, &params);
    Err e = rel_model_make(&l->inner, &params, &l->histories[0].kind, &rm);
    for (int i = 0; i < l->s->n && e == OK; i++) {
        RelKind kind = l->histories[i].kind;
        kind.apart_half_life *= exp(l->out->u[LEARN_DELTA] - u[LEARN_DELTA]);
        e = rel_model_kind(&l->inner, &rm, &kind, &own);
        if (e == OK)
            e = pass(l, i, &own, &state);
        if (e != OK)
            break;
        rel_levels(&own, &state, &levels);
        for (int k = 0; k < REL_LEVELS; k++) {
            per[i].mean[k] += levels.mean[k] / DRAWS;
            per[i].square[k] += levels.mean[k] * levels.mean[k] / DRAWS;
            per[i].var[k] += levels.cov[k * (REL_LEVELS + 1)] / DRAWS;
        }
    }
    return e;
}

/* The variance over draws (what each says, and how they differ) beside the one with the numbers at their top. */
static Err learn_widening(Learner *l, const Learned *learned)
{
    Spread *per = arena_new(l->cx->arena, Spread, l->s->n);
    Rng rng = rng_make(11);
    double z[LEARN_PARAMS], u[LEARN_PARAMS], sum = 0, n = 0;
    RelState state;
    RelLevels levels;
    Err e = per ? OK : err_nomem(l->cx);
    for (int d = 0; d < DRAWS && e == OK; d++) {
        for (int k = 0; k < LEARN_PARAMS; k++)
            z[k] = d % 2 == 0 ? rng_normal(&rng) : -z[k]; /* in pairs: their mean is the top */
        learn_draw(learned, z, u);
        e = draw_pass(l, u, per);
    }
    for (int i = 0; i < l->s->n && e == OK; i++) {
        e = pass(l, i, &l->models[i], &state);
        if (e != OK)
            break;
        rel_levels(&l->models[i], &state, &levels);
        for (int k = 0; k < REL_LEVELS; k++, n++) {
            const Spread *p = &per[i];
            double differ = p->square[k] - p->mean[k] * p->mean[k];
            sum += (p->var[k] + differ) / levels.cov[k * (REL_LEVELS + 1)];
        }
    }
    l->out->widen = n > 0 ? fmax(1, sum / n) : 1;
    return e;
}

/* -- all of it -------------------------------------------------------------------------------------- */

static Err make_models(Learner *l, const RelParams *params)
{
    Err e = OK;
    for (int i = 0; i < l->s->n && e == OK; i++) {
        learn_apply_kind(&l->s->histories[i].kind, l->out->u, &l->histories[i].kind);
        e = i == 0 ? rel_model_make(l->cx, params, &l->histories[0].kind, &l->models[0])
                   : rel_model_kind(l->cx, &l->models[0], &l->histories[i].kind, &l->models[i]);
    }
    return e;
}

/* Answers with their offsets from here on. */
static Err with_offsets(Learner *l)
{
    for (int i = 0; i < l->s->n; i++) {
        ptrdiff_t count = l->histories[i].count;
        RelEvent *events = arena_new(l->cx->arena, RelEvent, count + 1);
        if (!events)
            return err_nomem(l->cx);
        for (ptrdiff_t k = 0; k < count; k++) {
            events[k] = l->histories[i].events[k];
            own_reading(l->out, l->s->question[i][k], &events[k]);
        }
        l->histories[i].events = events;
    }
    return OK;
}

static Err learn_rest(Learner *l, const Learned *learned)
{
    RelParams params = own_params(l->out);
    Err e = make_models(l, &params);
    if (e == OK)
        e = learn_kind_means(l);
    if (e == OK)
        e = learn_questions(l);
    if (e == OK)
        e = with_offsets(l);
    if (e == OK)
        e = learn_widening(l, learned);
    return e == OK ? own_learn_effects(l->cx, l->s, l->histories, l->models, l->out) : e;
}

Err own_learn(Cx *cx, OwnSnapshot *s, Own *ret, bool *ret_done)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Own *out = arena_new(cx->arena, Own, 1);
    Learner l = {
        .cx = cx,
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
        .s = s,
        .histories = arena_new(cx->arena, LearnHistory, s->n + 1),
        .models = arena_new(cx->arena, RelModel, s->n + 1),
        .out = out
    };
    RelParams start = rel_params_default();
    Learned learned;
    *ret_done = false;
    if (!out || !l.histories || !l.models)
        return err_nomem(cx);
    Err e = learn_params_on(cx, &start, s->histories, s->n, &s->tape, &learned);
    if (e != OK || s->tape.stopped)
        return e;
    *out = (Own){.own = learned.own,
                 .key = s->key,
                 .checkins = s->checkins,
                 .answers = learned.readings,
                 .people = s->n,
                 .widen = 1};
    memcpy(out->u, learned.u, sizeof out->u);
    for (int k = 0; k < LEARN_PARAMS; k++)
        out->sd[k] = sqrt(fmax(0, learned.cov[k * (LEARN_PARAMS + 1)]));
    for (int i = 0; i < s->n; i++)
        l.histories[i] = s->histories[i];
    if (learned.own)
        e = learn_rest(&l, &learned);
    if (e == OK) {
        *ret = *out;
        *ret_done = true;
    } else if (e == ERR_BUSY) {
        e = OK;
    } else {
        cx->why = (Why){.key = e == ERR_NOMEM ? "err.no-memory" : "err.num-not-finite"};
    }
    return e;
}
