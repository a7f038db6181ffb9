/* insight/next.c - what could be done next. For each practice that passes the gate: by how much would it narrow
 * the gap between wanted and felt, weighted by what closeness means to this person, under one draw of how well
 * such practices work (Thompson, seeded by day, person and practice), less effort, less repetition. Everyone is
 * treated alike: a low level that nobody wants higher scores nothing. Cost: practices times types, per person,
 * and what was offered to and done with this person. */
#include "base/rng.h"
#include "base/time.h"
#include "insight/gate.h"
#include "insight/offers.h"
#include "insight/said.h"
#include "num/dist.h"
#include "num/effect.h"
#include <math.h>
#include <stdlib.h>

/* [J] all of these: docs/ENGINE.md, "The next step", says where each comes from. */
static const double GAIN = .30;      /* points that a loading of 3 adds, once */
static const double VIA_FACTOR = .5; /* of it, by way of a factor that carries the type */
static const double ELSEWHERE = .5;  /* an outcome with someone else counts for so much */
static const double LIKED =
    1; /* a full match of interest, style or way adds so much of the score */
static const double LIMITING = .25; /* feeding the factor that limits, likewise */
static const double WELCOME = .25;  /* touch where it was written down as welcome, likewise */
static const double HOUR_COST = .005, MONEY_COST = .004;
static const double AGAIN_COST = .12; /* done or taken just now; fades with AGAIN_DAYS */
static const double WISH_UNSAID_SD = 1;
static const double STILL = .2; /* worth of what is not about a gap: boundaries, letting be */
enum { AGAIN_DAYS = 30, NOT_NOW_DAYS = 3, PRIOR_TRIES = 6, PRIOR_HELPED = 4 };

/* -- what is known of each practice here --------------------------------------------------------- */

typedef struct Record {
    Tally here;    /* all of it */
    Tally counted; /* the part that what was learned with anyone holds too */
    int64_t last_done_ms, last_not_now_ms;
    int64_t taken_ms; /* taken up, and nothing said of it since; 0: not */
    bool refused;     /* not for us */
} Record;

typedef struct Chooser {
    Cx *cx;
    const Book *book;
    const Ground *ground;
    const Tally *learned;
    const Relation *r;
    const Likes *theirs;
    Record *records; /* by practice */
    Weights weights;
    int64_t asof_ms; /* the start of today, or the last thing that happened */
    bool less, still;
    double open[TYPE_COUNT]; /* E[max(0, gap)] */
} Chooser;

static int practice_index(Str id)
{
    const ContentPractice *p = content_practice(id);
    return p ? (int)(p - content_practices) : -1;
}

/* An outcome as a multiple of what was expected: helped 0..10 or how it went -1..1; false when only done. */
static bool outcome_of(const BookDone *d, double *ret)
{
    *ret = d->helped_tenths >= 0 ? d->helped_tenths / 50.0 : d->has_quality ? 1 + d->quality : 1;
    return d->helped_tenths >= 0 || d->has_quality;
}

/* What needs both is not done by one. */
static bool counts(const BookDone *d, int practice)
{
    return practice >= 0 && !(d->alone && content_practices[practice].needs_both);
}

static void add(Tally *t, double outcome)
{
    t->done++;
    t->helped += outcome > 1;
    t->gain += outcome;
    t->weight += 1;
}

Err offers_learned(Cx *cx, const Book *book, const Ground *ground, Tally ret[])
{
    BookIter all = book_everything(book, (BookWhich){.to_ms = ground->midnight_ms,
                                                     .kinds = BOOK_KIND(ENTRY_DONE),
                                                     .oldest_first = true});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    for (int i = 0; i < content_practices_count; i++)
        ret[i] = (Tally){.done = 0};
    while (e == OK && book_next(&all, &ref)) {
        BookDone d = {.helped_tenths = -1};
        double outcome = 1;
        e = book_done(cx, book, ref, &d);
        int i = e == OK ? practice_index(d.practice) : -1;
        if (d.event.people.n > 0 && counts(&d, i) && outcome_of(&d, &outcome))
            add(&ret[i], outcome);
    }
    return e;
}

static Err read_done(Chooser *c, BookRef ref)
{
    BookDone d = {.helped_tenths = -1};
    double outcome = 1;
    Err e = book_done(c->cx, c->book, ref, &d);
    int i = e == OK ? practice_index(d.practice) : -1;
    if (!counts(&d, i))
        return e;
    Record *rec = &c->records[i];
    rec->taken_ms = 0;
    if (outcome_of(&d, &outcome)) {
        add(&rec->here, outcome);
        if (d.event.at_ms < c->ground->midnight_ms)
            add(&rec->counted, outcome);
    }
    if (d.event.at_ms > rec->last_done_ms)
        rec->last_done_ms = d.event.at_ms;
    return OK;
}

static Err read_offer(Chooser *c, BookRef ref)
{
    BookOffer o = {.answer = 0};
    Err e = book_offer(c->cx, c->book, ref, &o);
    int i = e == OK ? practice_index(o.practice) : -1;
    if (i < 0)
        return e;
    Record *rec = &c->records[i];
    rec->taken_ms = o.answer == OFFER_TAKEN ? o.event.at_ms : 0;
    if (o.answer == OFFER_NOT_FOR_US)
        rec->refused = true;
    else if (o.answer == OFFER_NOT_NOW)
        rec->last_not_now_ms = o.event.at_ms;
    else if (o.answer == OFFER_TAKEN && o.event.at_ms > rec->last_done_ms)
        rec->last_done_ms = o.event.at_ms;
    return OK;
}

static Err read_records(Chooser *c)
{
    c->records = arena_new(c->cx->arena, Record, content_practices_count);
    if (!c->records)
        return err_nomem(c->cx);
    Err e = OK;
    BookRef ref = BOOK_NONE;
    BookIter here = book_timeline(
        c->book, c->r->person,
        (BookWhich){.kinds = BOOK_KIND(ENTRY_DONE) | BOOK_KIND(ENTRY_OFFER), .oldest_first = true});
    while (e == OK && book_next(&here, &ref))
        e = book_kind(c->book, ref) == ENTRY_DONE ? read_done(c, ref) : read_offer(c, ref);
    return e;
}

/* -- what we both like --------------------------------------------------------------------------- */

/* Loadings 0..3 met by likes (mine, theirs, or both: twice); *ret_best is the best met. */
static double match(const uint8_t loadings[], const bool mine[], const bool theirs[], int n,
                    int *ret_best)
{
    double sum = 0;
    int most = 0;
    *ret_best = -1;
    for (int i = 0; i < n; i++) {
        int met = loadings[i] * (mine[i] + theirs[i]);
        sum += met / (2.0 * LOADING_MAX);
        if (met > most) {
            most = met;
            *ret_best = i;
        }
    }
    return fmin(sum, 1);
}

static double likes(const Chooser *c, const ContentPractice *p, Offer *o)
{
    const Likes *me = &c->ground->mine, *them = c->theirs;
    return match(p->interests, me->interest, them->interest, INTEREST_COUNT, &o->interest) +
           match(p->styles, me->style, them->style, STYLE_COUNT, &o->style) +
           match(p->ways, me->way, them->way, WAY_COUNT, &o->way);
}

/* -- scoring one practice ------------------------------------------------------------------------ */

/* What it would add to each type: directly, and by feeding the factors that carry the type. */
void offers_expected(const Ground *ground, const ContentPractice *p, double ret[TYPE_COUNT])
{
    for (int k = 0; k < TYPE_COUNT; k++) {
        double sum = p->types[k];
        for (int f = 0; f < FACTOR_COUNT; f++)
            sum += VIA_FACTOR * p->factors[f] * ground->push[k * STATE_COUNT + TYPE_COUNT + f];
        ret[k] = GAIN * sum / LOADING_MAX;
    }
}

/* The same practice, person and day always draw the same. */
static void draw_for(const Chooser *c, const ContentPractice *p, double ret_z[TYPE_COUNT + 1])
{
    uint64_t day = (uint64_t)c->ground->day * UINT64_C(0x9e3779b97f4a7c15);
    Rng rng = rng_make(str_hash(book_name(c->book, c->r->person)) ^ str_hash(p->id) ^ day);
    for (int k = 0; k <= TYPE_COUNT; k++)
        ret_z[k] = rng_normal(&rng);
}

/* What speaks for which effect: outcomes, those with others for less, and how the levels moved around it. False
 * when nothing does. */
static bool evidence_of(const Chooser *c, const ContentPractice *p, const Record *rec,
                        const double expected[TYPE_COUNT], Offer *o, EffectEvidence *ret)
{
    ptrdiff_t at = p - content_practices;
    const Tally *all = &c->learned[at];
    const Own *own = c->ground->basis.own;
    int elsewhere = all->done - rec->counted.done;
    double weight = rec->here.weight + ELSEWHERE * (all->weight - rec->counted.weight);
    double gain = rec->here.gain + ELSEWHERE * (all->gain - rec->counted.gain);
    double helped = rec->here.helped + ELSEWHERE * (all->helped - rec->counted.helped);
    double tries = rec->here.done + ELSEWHERE * elsewhere;
    bool moved = own && own->own && own->effects[at].n > 0;
    o->helps = (PRIOR_HELPED + helped) / (PRIOR_TRIES + tries);
    o->n_done = rec->here.done + elsewhere;
    *ret = (EffectEvidence){.shift = {0}};
    effect_outcomes(expected, weight, gain, ret);
    if (moved)
        effect_add(ret, 1, &own->effects[at].evidence);
    return weight > 0 || moved;
}

/* One draw of how well it works: what it adds to each type, and *ret_whole as a multiple of what its content
 * promises. */
static void effect_of(const Chooser *c, const ContentPractice *p, const Record *rec, Offer *o,
                      double ret_gain[TYPE_COUNT], double *ret_whole)
{
    EffectEvidence evidence;
    double expected[TYPE_COUNT], z[TYPE_COUNT + 1], mean = 1, sd = EFFECT_SD;
    draw_for(c, p, z);
    offers_expected(c->ground, p, expected);
    if (evidence_of(c, p, rec, expected, o, &evidence)) {
        EffectBelief effect;
        effect_posterior(expected, &evidence, &effect);
        effect_draw(&effect, z, ret_gain);
        effect_relative(expected, &effect, &mean, &sd);
    } else {
        effect_draw_prior(expected, z, ret_gain);
    }
    *ret_whole = fmax(0, mean + EFFECT_EXPLORE * sd * z[0]);
}

/* E[max(0, gap)] for a normal gap: a wish that is uncertain counts a little, one that is met counts nothing. */
static double positive_part(double mean, double sd)
{
    if (!(sd > 0))
        return fmax(0, mean);
    double z = mean / sd;
    return mean * dist_normal_cdf(z) + sd * dist_normal_density(z);
}

static bool gap_known(const Relation *r, int k)
{
    return r->wanted[k].known && r->types[k].known;
}

/* What would be left of the gap; without a wish said, nobody is pushed anywhere. */
static double left_open(const Relation *r, int k, double gain)
{
    double mean = gap_known(r, k) ? r->gap[k] : 0;
    double sd = gap_known(r, k) ? r->gap_sd[k] : WISH_UNSAID_SD;
    return positive_part(mean - gain, sd);
}

static double repetition(const Chooser *c, const Record *rec)
{
    double days = fmax(0, time_days_between(rec->last_done_ms, c->asof_ms));
    return rec->last_done_ms == 0 ? 0 : AGAIN_COST * exp(-days / AGAIN_DAYS);
}

static double effort(const ContentPractice *p)
{
    return HOUR_COST * fmin(p->minutes, 240) / 60.0 + MONEY_COST * (int)p->cost;
}

/* Wanting more distance is a wish like any other: over the types where both are known, wanted lies clearly
 * below felt. */
static bool wants_less(const Relation *r)
{
    double gap = 0, sd = 0;
    int n = 0;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (gap_known(r, k) && !content_has(r->facts.not_ours, k)) {
            gap += r->gap[k];
            sd += r->gap_sd[k];
            n++;
        }
    }
    return n > 0 && gap / n < -.5 && gap < -.5 * sd;
}

/* Where less is wanted most. */
static int least_wanted(const Relation *r)
{
    int best = -1;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (gap_known(r, k) && !content_has(r->facts.not_ours, k) &&
            (best < 0 || r->gap[k] < r->gap[best]))
            best = k;
    }
    return best;
}

static bool guards(const ContentPractice *p)
{
    return p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT;
}

/* What guards, and what is done where nothing is asked for or distance is, is not about a gap. */
static bool about_a_gap(const Chooser *c, const ContentPractice *p)
{
    return !c->less && !c->still && !guards(p);
}

/* How much of the gap it would close, and by which type most. */
static double worth(const Chooser *c, const ContentPractice *p, const double gains[TYPE_COUNT],
                    double whole, int *ret_type)
{
    double sum = 0, most = 0;
    *ret_type = c->less ? least_wanted(c->r) : -1;
    if (!about_a_gap(c, p))
        return STILL * whole;
    for (int k = 0; k < TYPE_COUNT; k++) {
        double gain = gains[k];
        double s = gain > 0 ? c->weights.w[k] * (c->open[k] - left_open(c->r, k, gain)) : 0;
        sum += s;
        if (s > most) {
            most = s;
            *ret_type = k;
        }
    }
    return sum;
}

static Offer score(const Chooser *c, const ContentPractice *p, const Record *rec)
{
    Offer o = {
        .kind = OFFER_PRACTICE, .person = c->r->person, .practice = p, .wants_less = c->less};
    double gains[TYPE_COUNT], whole = 1;
    effect_of(c, p, rec, &o, gains, &whole);
    double sum = worth(c, p, gains, whole, &o.type);
    int f = c->r->limiting;
    o.factor = f >= 0 && p->factors[f] > 0 ? f : -1;
    bool touch = p->types[TYPE_PHYSICAL] == LOADING_MAX && c->r->facts.touch_said;
    double more = LIKED * likes(c, p, &o) + (o.factor >= 0 ? LIMITING : 0) + (touch ? WELCOME : 0);
    o.score = sum * (1 + more) - effort(p) - repetition(c, rec);
    o.not_tried = rec->last_done_ms == 0;
    if (o.type >= 0) {
        o.gap_known = gap_known(c->r, o.type);
        o.gap = c->r->gap[o.type];
        o.gap_sd = c->r->gap_sd[o.type];
    }
    return o;
}

/* -- which practices, in what order -------------------------------------------------------------- */

static bool reachable(const Chooser *c, const ContentPractice *p)
{
    IdSet from_afar = (IdSet)1 << PLACE_REMOTE | (IdSet)1 << PLACE_ALONE;
    bool far = c->r->facts.far || c->r->facts.season == SEASON_FAR_AWAY;
    return !far || (p->where & from_afar) != 0;
}

/* What each state of things calls for: with distance wanted, boundaries and what is done alone; repair where
 * something hurt. Where safety is low the gate leaves only what guards; elsewhere that waits for whoever looks
 * for it. */
static bool fits_state(const Chooser *c, const ContentPractice *p)
{
    if ((c->r->gate.why & GATE_UNSAFE) != 0)
        return true;
    if (c->less)
        return p->class == CLASS_BOUNDARY || p->class == CLASS_SOLO;
    if (p->class == CLASS_REPAIR)
        return c->r->facts.season == SEASON_REPAIRING || c->r->facts.conflict;
    return !guards(p);
}

static bool asked_for_later(const Chooser *c, const Record *rec)
{
    return rec->last_not_now_ms != 0 &&
           time_days_between(rec->last_not_now_ms, c->asof_ms) < NOT_NOW_DAYS;
}

static int by_score(const void *a, const void *b)
{
    const Offer *x = a, *y = b;
    if (x->score > y->score)
        return -1;
    if (x->score < y->score)
        return 1;
    return str_cmp(x->practice->id, y->practice->id);
}

/* It waits to be done (insight/taken.c): no need to offer it. */
static bool taken_up(const Chooser *c, const Record *rec)
{
    return rec->taken_ms > c->asof_ms - TAKEN_DAYS * (int64_t)TIME_DAY_MS;
}

/* The offers that may be made; *ret_hazy when one had to give way to a check-in. */
static int collect(const Chooser *c, Offer found[], bool *ret_hazy)
{
    int n = 0;
    *ret_hazy = false;
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        const Record *rec = &c->records[i];
        if (rec->refused || asked_for_later(c, rec) || taken_up(c, rec) || !reachable(c, p) ||
            !fits_state(c, p) || !gate_allows(&c->r->gate, &c->r->facts, p))
            continue;
        Offer o = score(c, p, rec);
        if (o.type < 0 && about_a_gap(c, p))
            continue; /* today's draw of it serves nothing */
        double sd = o.type >= 0 ? c->r->types[o.type].sd : 0;
        if (said_hazy(sd * sd))
            *ret_hazy = true;
        else
            found[n++] = o;
    }
    return n;
}

static KindId main_kind(KindSet kinds)
{
    int kind = 0;
    while (kind < KIND_OWN && !content_has(kinds, kind))
        kind++;
    return (KindId)kind;
}

Err offers_make(Cx *cx, const Book *book, const Ground *ground, const Tally learned[],
                const Relation *relation, const Likes *theirs, Offer ret[], int cap, int *ret_n)
{
    Chooser c = {.cx = cx,
                 .book = book,
                 .ground = ground,
                 .learned = learned,
                 .r = relation,
                 .theirs = theirs,
                 .still = gate_still(&relation->facts)};
    Offer *found = arena_new(cx->arena, Offer, content_practices_count + 1);
    bool hazy = false, is_unsafe = (relation->gate.why & GATE_UNSAFE) != 0;
    int kept = 0;
    if (!found)
        return err_nomem(cx);
    Err e = read_records(&c);
    if (e != OK)
        return e;
    int64_t last = relation->last_checkin_ms > relation->last_moment_ms ? relation->last_checkin_ms
                                                                        : relation->last_moment_ms;
    c.asof_ms = last > ground->midnight_ms ? last : ground->midnight_ms;
    c.less = !c.still && !is_unsafe && wants_less(relation);
    meaning_weights(&ground->tastes.kind[main_kind(relation->facts.kinds)],
                    relation->facts.not_ours, &c.weights);
    for (int k = 0; k < TYPE_COUNT; k++)
        c.open[k] = left_open(relation, k, 0);
    int n = collect(&c, found, &hazy);
    if (n > 1)
        qsort(found, (size_t)n, sizeof found[0], by_score);
    if (hazy && !is_unsafe && !c.still && cap > 0)
        ret[kept++] = (Offer){.kind = OFFER_CHECK_IN,
                              .person = relation->person,
                              .type = -1,
                              .factor = -1,
                              .interest = -1,
                              .style = -1,
                              .way = -1};
    for (int i = 0; i < n && kept < cap; i++)
        ret[kept++] = found[i];
    *ret_n = kept;
    return OK;
}

Err insight_next(Cx *cx, const InsightCache *cache, const Book *book, const Relation *relation,
                 Offer ret[], int cap, int *ret_n)
{
    Ground *ground = arena_new(cx->arena, Ground, 1);
    Tally *learned = arena_new(cx->arena, Tally, content_practices_count);
    BookPerson them = {.minor = false};
    Likes likes_of;
    if (!ground || !learned)
        return err_nomem(cx);
    ground->basis.own = insight_cache_own(cache);
    Err e = ground_read(cx, book, learned, true, ground);
    if (e == OK)
        e = ground_push(cx, ground);
    if (e == OK)
        e = book_person(cx, book, relation->person, &them);
    if (e != OK)
        return e;
    likes_read(them.interests, them.styles, them.ways, &likes_of);
    return offers_make(cx, book, ground, learned, relation, &likes_of, ret, cap, ret_n);
}
