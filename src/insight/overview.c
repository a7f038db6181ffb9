/* insight/overview.c - over all relationships, from the same beliefs as each page. A type is met by somebody when it is
 * felt as close: 6 or more. That it is met by one alone, by several, by nobody is a statement about everybody who was asked
 * about, so it is said where it holds with probability .8 for all of them together. A turn is looked for where the smoothed line
 * changes most within half a year, and then said from the joint belief about the two ends, or not at all.
 * Cost: a relation a person, from the cache; two smoother passes for each whose turn is looked for. */
#include "insight/overview.h"
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/offers.h"
#include "num/dist.h"
#include <math.h>
#include <stdlib.h>

enum {
    YEAR_DAYS = 365,
    STEPS = 24,
    HALF_DAYS = 90,
    AROUND_DAYS = 14,
    TURN_READINGS = 6,
    DONE_LEAST = 3
};
static const double MET_AT = 6, SURE = .8, TURNED = .5, NOTABLE = .9;

typedef struct Whole {
    Cx *cx;
    InsightCache *cache;
    const Book *book;
    const Ground *ground;
    Overview *out;
    Relation *relations; /* those that count */
    int n;
} Whole;

static bool counts(const Relation *r)
{
    bool over = r->facts.died || r->facts.season == SEASON_ENDED;
    return (r->gate.why & GATE_UNSAFE) == 0 && !over;
}

static Err read_relations(Whole *w)
{
    BookRefs people = book_people(w->book);
    w->relations = arena_new(w->cx->arena, Relation, people.n + 1);
    if (!w->relations)
        return err_nomem(w->cx);
    Err e = OK;
    for (int i = 0; i < people.n && e == OK; i++) {
        if (book_count(w->book, people.p[i], ENTRY_CHECKIN) == 0)
            continue;
        Relation *r = &w->relations[w->n];
        e = insight_relation_cached(w->cx, w->cache, w->book, people.p[i], r);
        if (e == OK && counts(r))
            w->n++;
    }
    return e;
}

/* -- balance ---------------------------------------------------------------------------------------- */

/* From the probabilities that it is met by each: by nobody, by one alone, by two or more; said where that holds as a whole,
 * over everybody together. */
static Balance balance_of(const Whole *w, int type)
{
    Balance b = {.word = BALANCE_UNSURE, .only = BOOK_NONE};
    double none = 1, one = 0, most = 0;
    for (int i = 0; i < w->n; i++) {
        const Relation *r = &w->relations[i];
        const Estimate *e = &r->types[type];
        if (!e->known || content_has(r->facts.not_ours, type))
            continue;
        double p = dist_normal_cdf((e->mean - MET_AT) / e->sd);
        b.asked++;
        b.readings += e->readings;
        one = one * (1 - p) + none * p;
        none *= 1 - p;
        if (p > most) {
            most = p;
            b.only = r->person;
        }
    }
    if (b.asked < 2)
        b.word = BALANCE_UNSURE;
    else if (none >= SURE)
        b.word = BALANCE_NONE;
    else if (1 - none - one >= SURE)
        b.word = BALANCE_SEVERAL;
    else if (most < 1 ? none / (1 - most) * most >= SURE : one >= SURE)
        b.word = BALANCE_ONE;
    if (b.word != BALANCE_ONE)
        b.only = BOOK_NONE;
    return b;
}

static void read_balance(Whole *w)
{
    for (int i = 0; i < w->n; i++) {
        int felt = 0;
        for (int k = 0; k < TYPE_COUNT; k++)
            felt += w->relations[i].types[k].readings;
        w->out->people += felt > 0;
        w->out->readings += felt;
    }
    for (int k = 0; k < TYPE_COUNT; k++)
        w->out->balance[k] = balance_of(w, k);
}

static void read_accepted(Whole *w)
{
    for (int i = 0; i < w->n && w->out->n_accepted < OVERVIEW_PEOPLE; i++) {
        const Estimate *e = &w->relations[i].factors[FACTOR_ACCEPTANCE];
        if (w->relations[i].established)
            w->out->accepted[w->out->n_accepted++] =
                (Accepted){w->relations[i].person, e->readings, e->last_ms};
    }
}

/* -- turns ------------------------------------------------------------------------------------------ */

/* The middle of the half year within which the line changes most; the line in io at even times. */
static int steepest(const Weights *weights, const RelLevels levels[], const double times[], int n)
{
    int best = -1;
    double most = 0;
    for (int i = 0; i < n; i++) {
        int from = i, to = i;
        while (from > 0 && times[i] - times[from] < HALF_DAYS)
            from--;
        while (to + 1 < n && times[to] - times[i] < HALF_DAYS)
            to++;
        double a = 0, b = 0, var = 0;
        meaning_closeness(weights, levels[from].mean, levels[from].cov, &a, &var);
        meaning_closeness(weights, levels[to].mean, levels[to].cov, &b, &var);
        if (fabs(b - a) > most) {
            most = fabs(b - a);
            best = i;
        }
    }
    return best;
}

static Err put_around(Whole *w, Turn *t)
{
    const int64_t weeks = AROUND_DAYS * (int64_t)TIME_DAY_MS;
    BookIter all = book_timeline(w->book, t->person,
                                 (BookWhich){.from_ms = t->at_ms - weeks,
                                             .has_from = true,
                                             .to_ms = t->at_ms + weeks,
                                             .kinds = BOOK_KIND(ENTRY_MOMENT)});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    while (e == OK && t->n_around < TURN_AROUND && book_next(&all, &ref)) {
        BookMoment m = {.minutes = -1};
        e = book_moment(w->cx, w->book, ref, &m);
        bool notable = m.opened_up || m.conflict || (m.has_quality && fabs(m.quality) >= NOTABLE);
        if (e == OK && notable)
            t->around[t->n_around++] = ref;
    }
    return e;
}

/* How sure it is that closeness changed by more than TURNED, one way or the other, by the end of that half year. */
static Err judge_turn(Whole *w, const Belief *b, double at_days, Turn *t)
{
    const History *h = &b->history;
    double from = at_days - HALF_DAYS, to = fmin(at_days + HALF_DAYS, b->asof_days);
    double mean = 0, var = 0;
    RelState start;
    RelChange c;
    int n = 0;
    while (n < h->n_events && h->events[n].t_days <= to)
        n++;
    rel_start(&b->model, fmin(from, h->events[0].t_days), &start);
    Err e = rel_change(w->cx, &b->model, &start, h->events, n, from, to, &c);
    if (e != OK)
        return e;
    meaning_closeness(&b->weights, c.mean, c.cov, &mean, &var);
    double sd = sqrt(fmax(0, var) * own_widen(w->ground->basis.own));
    t->closer = mean > 0;
    t->probability = sd > 0 ? dist_normal_cdf((fabs(mean) - TURNED) / sd) : 0;
    return OK;
}

static Err look_for_turn(Whole *w, BookRef person)
{
    Belief *b = arena_new(w->cx->arena, Belief, 1);
    RelLevels *levels = arena_new(w->cx->arena, RelLevels, STEPS);
    double times[STEPS];
    RelState start;
    Turn t = {.person = person};
    if (!b || !levels)
        return err_nomem(w->cx);
    Err e = belief_make(w->cx, w->book, w->ground, person, b);
    const History *h = &b->history;
    for (int k = 0; k < TYPE_COUNT && e == OK; k++)
        t.readings += h->count[k];
    if (e != OK || t.readings < TURN_READINGS)
        return e;
    double first = fmax(history_days(h->first_event_ms), b->asof_days - YEAR_DAYS);
    if (b->asof_days - first < 2 * HALF_DAYS)
        return OK;
    for (int i = 0; i < STEPS; i++)
        times[i] = first + (b->asof_days - first) * i / (STEPS - 1);
    rel_start(&b->model, fmin(first, h->events[0].t_days), &start);
    e = rel_smooth(w->cx, &b->model, &start, h->events, h->n_events, times, STEPS, REL_MEANS,
                   levels);
    int at = e == OK ? steepest(&b->weights, levels, times, STEPS) : -1;
    if (at < 0)
        return e;
    t.at_ms = (int64_t)(times[at] * TIME_DAY_MS);
    e = judge_turn(w, b, times[at], &t);
    if (e == OK && t.probability >= SURE) {
        e = put_around(w, &t);
        w->out->turns[w->out->n_turns++] = t;
    }
    return e;
}

typedef struct Latest {
    const Relation *r;
} Latest;

static int latest_first(const void *a, const void *b)
{
    const Relation *x = ((const Latest *)a)->r, *y = ((const Latest *)b)->r;
    if (x->last_checkin_ms != y->last_checkin_ms)
        return x->last_checkin_ms > y->last_checkin_ms ? -1 : 1;
    return x->person < y->person ? -1 : 1;
}

static Err read_turns(Whole *w)
{
    Latest *order = arena_new(w->cx->arena, Latest, w->n + 1);
    if (!order)
        return err_nomem(w->cx);
    for (int i = 0; i < w->n; i++)
        order[i].r = &w->relations[i];
    if (w->n > 1)
        qsort(order, (size_t)w->n, sizeof order[0], latest_first);
    Err e = OK;
    for (int i = 0; i < w->n && i < OVERVIEW_PEOPLE && e == OK; i++)
        e = look_for_turn(w, order[i].r->person);
    return e;
}

/* -- what seems to help ------------------------------------------------------------------------------ */

static int surest_first(const void *a, const void *b)
{
    const Helps *x = a, *y = b;
    if (x->probability > y->probability)
        return -1;
    if (x->probability < y->probability)
        return 1;
    return str_cmp(x->practice->id, y->practice->id);
}

/* What is romantic is named only where romance has a place with somebody now. */
static bool nameable(const Whole *w, const ContentPractice *p)
{
    bool may = !p->romantic;
    for (int i = 0; i < w->n && !may; i++)
        may = w->relations[i].gate.romance;
    return may;
}

static Err read_helps(Whole *w)
{
    const Tally *learned = w->ground->learned;
    Helps *found = arena_new(w->cx->arena, Helps, content_practices_count);
    const Own *own = w->ground->basis.own;
    int n = 0;
    if (!found)
        return err_nomem(w->cx);
    for (int i = 0; i < content_practices_count; i++) {
        double expected[TYPE_COUNT], mean, sd;
        EffectEvidence evidence = {.shift = {0}};
        EffectBelief effect;
        int moved = own && own->own ? own->effects[i].n : 0;
        int done = learned[i].done > moved ? learned[i].done : moved;
        if (done < DONE_LEAST || !nameable(w, &content_practices[i]))
            continue;
        offers_expected(w->ground, &content_practices[i], expected);
        effect_outcomes(expected, learned[i].weight, learned[i].gain, &evidence);
        if (moved > 0)
            effect_add(&evidence, 1, &own->effects[i].evidence);
        effect_posterior(expected, &evidence, &effect);
        effect_relative(expected, &effect, &mean, &sd);
        double p = sd > 0 ? dist_normal_cdf((mean - 1) / sd) : 0;
        if (p >= SURE)
            found[n++] = (Helps){&content_practices[i], done, p};
    }
    if (n > 1)
        qsort(found, (size_t)n, sizeof found[0], surest_first);
    for (int i = 0; i < n && i < OVERVIEW_HELPS; i++)
        w->out->helps[w->out->n_helps++] = found[i];
    return OK;
}

Err insight_overview(Cx *cx, InsightCache *cache, const Book *book, Overview *ret)
{
    Overview *out = arena_new(cx->arena, Overview, 1);
    Ground *ground = arena_new(cx->arena, Ground, 1);
    Whole w = {.cx = cx, .cache = cache, .book = book, .ground = ground, .out = out};
    if (!out || !ground)
        return err_nomem(cx);
    Err e = ground_make(cx, book, insight_cache_own(cache), NULL, ground);
    if (e == OK)
        e = read_relations(&w);
    if (e != OK)
        return e;
    read_balance(&w);
    read_accepted(&w);
    e = read_turns(&w);
    if (e == OK)
        e = read_helps(&w);
    if (e == OK)
        *ret = *out;
    return e;
}
