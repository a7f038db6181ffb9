/* insight/next.c - what could be done next. For each practice that passes the gate: by how much would it narrow
 * the gap between wanted and felt, weighted by what closeness means to this person, under one draw of how well
 * such practices work (Thompson, seeded by day, person and practice), less effort, less repetition. Everyone is
 * treated alike: a low level that nobody wants higher scores nothing. Cost: practices times types, per person. */
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include <math.h>
#include <stdlib.h>

/* [J] all of these: docs/ENGINE.md, "The next step", says where each comes from. */
static const double GAIN = .30;         /* points that a loading of 3 adds, once */
static const double GAIN_SD = .35;      /* relative, before anything was done */
static const double OUTCOME_SD = .8;    /* relative, of one outcome */
static const double STYLE_BONUS = .12;  /* for a full match of interest, style or way */
static const double HOUR_COST = .025, MONEY_COST = .02;
static const double AGAIN_COST = .12;   /* done or taken just now; fades with AGAIN_DAYS */
static const double HAZY_BAND = 5, WISH_UNSAID_SD = 1;
enum { AGAIN_DAYS = 30, NOT_NOW_DAYS = 3, PRIOR_TRIES = 6, PRIOR_HELPED = 4 };

/* -- what is known of each practice here --------------------------------------------------------- */

typedef struct Record {
    int done;          /* with outcome, with this person or anyone (counted half) */
    double tries, helped;
    double gain, weight; /* sum of relative outcomes and their number */
    int64_t last_done_ms, last_not_now_ms;
    bool refused;      /* not for us */
} Record;

typedef struct Chooser {
    Cx *cx;
    const Book *book;
    const Relation *r;
    Belief *b;
    GateFacts facts;
    Record *records; /* by practice */
    double push[STATE_COUNT * STATE_COUNT];
    double w[TYPE_COUNT];
    uint8_t likes_interest[INTEREST_COUNT], likes_style[STYLE_COUNT], likes_way[WAY_COUNT];
} Chooser;

static int practice_index(Str id)
{
    const ContentPractice *p = content_practice(id);
    return p ? (int)(p - content_practices) : -1;
}

/* An outcome as a multiple of what was expected: helped 0..10 or how it went -1..1; 1 when only done. */
static double outcome_of(const BookDone *d)
{
    if (d->helped_tenths >= 0)
        return d->helped_tenths / 50.0;
    return d->has_quality ? 1 + d->quality : 1;
}

static Err read_done(Chooser *c, BookRef ref, bool here)
{
    BookDone d = {.helped_tenths = -1};
    Err e = book_done(c->cx, c->book, ref, &d);
    int i = e == OK ? practice_index(d.practice) : -1;
    if (i < 0)
        return e;
    Record *rec = &c->records[i];
    double share = here ? 1 : .5, outcome = outcome_of(&d);
    if (d.helped_tenths >= 0 || d.has_quality) {
        rec->done++;
        rec->tries += share;
        rec->helped += share * (outcome > 1);
        rec->gain += share * outcome;
        rec->weight += share;
    }
    if (here && d.event.at_ms > rec->last_done_ms)
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
    if (o.answer == OFFER_NOT_FOR_US)
        rec->refused = true;
    else if (o.answer == OFFER_NOT_NOW)
        rec->last_not_now_ms = o.event.at_ms;
    else if (o.answer == OFFER_TAKEN)
        rec->last_done_ms = o.event.at_ms;
    return OK;
}

static Err read_records(Chooser *c)
{
    c->records = arena_new(c->cx->arena, Record, content_practices_count);
    if (!c->records)
        return err_nomem(c->cx);
    Err e = OK;
    BookRef ref = BOOK_NONE, person = c->r->person;
    BookIter here = book_timeline(c->book, person,
                                  (BookWhich){.kinds = BOOK_KIND(ENTRY_DONE) | BOOK_KIND(ENTRY_OFFER),
                                              .oldest_first = true});
    while (e == OK && book_next(&here, &ref))
        e = book_kind(c->book, ref) == ENTRY_DONE ? read_done(c, ref, true) : read_offer(c, ref);
    BookIter all = book_everything(c->book, (BookWhich){.kinds = BOOK_KIND(ENTRY_DONE)});
    while (e == OK && book_next(&all, &ref)) {
        BookEvent event = {.at_ms = 0};
        e = book_event(c->cx, c->book, ref, &event);
        bool theirs = e == OK && event.people.n > 0 && event.people.p[0] == person;
        if (e == OK && !theirs)
            e = read_done(c, ref, false);
    }
    return e;
}

/* -- what we both like --------------------------------------------------------------------------- */

static void add_likes(uint8_t likes[], BookTexts ids, int (*number)(Str))
{
    for (int i = 0; i < ids.n; i++) {
        int k = number(ids.p[i]);
        if (k >= 0)
            likes[k]++;
    }
}

static void read_likes(Chooser *c, const BookMe *me)
{
    const BookPerson *them = &c->b->history.person;
    add_likes(c->likes_interest, me->interests, content_interest_id);
    add_likes(c->likes_interest, them->interests, content_interest_id);
    add_likes(c->likes_style, me->styles, content_style_id);
    add_likes(c->likes_style, them->styles, content_style_id);
    add_likes(c->likes_way, me->ways, content_way_id);
    add_likes(c->likes_way, them->ways, content_way_id);
}

/* Loadings 0..3 met by likes (mine, theirs, or both: 2); *ret_best is the best met. */
static double match(const uint8_t loadings[], const uint8_t likes[], int n, int *ret_best)
{
    double sum = 0;
    int most = 0;
    *ret_best = -1;
    for (int i = 0; i < n; i++) {
        int met = loadings[i] * likes[i];
        sum += met / (2.0 * LOADING_MAX);
        if (met > most) {
            most = met;
            *ret_best = i;
        }
    }
    return sum < 1 ? sum : 1;
}

/* -- scoring one practice ------------------------------------------------------------------------ */

/* The same practice, person and day always draw the same. */
static double draw_for(const Chooser *c, const ContentPractice *p)
{
    Id person = book_id(c->book, c->r->person);
    uint64_t day = (uint64_t)(c->cx->now_ms / TIME_DAY_MS);
    Rng rng = rng_make(id_hash(person) ^ str_hash(p->id) ^ day * UINT64_C(0x9e3779b97f4a7c15));
    return rng_normal(&rng);
}

/* What it would add to each type: directly, and by feeding the factors that carry the type. */
static void expected_gain(const Chooser *c, const ContentPractice *p, double ret[TYPE_COUNT])
{
    for (int k = 0; k < TYPE_COUNT; k++) {
        double sum = p->types[k];
        for (int f = 0; f < FACTOR_COUNT; f++)
            sum += .5 * p->factors[f] * c->push[k * STATE_COUNT + TYPE_COUNT + f];
        ret[k] = GAIN * sum / LOADING_MAX;
    }
}

/* E[max(0, gap)] for a normal gap: a wish that is uncertain counts a little, one that is met counts nothing. */
static double positive_part(double mean, double sd)
{
    if (!(sd > 0))
        return fmax(0, mean);
    double z = mean / sd;
    return mean * .5 * erfc(-z / sqrt(2)) + sd * exp(-.5 * z * z) / sqrt(2 * 3.141592653589793);
}

static bool gap_known(const Relation *r, int k)
{
    return r->wanted[k].known && r->types[k].known;
}

/* How much of the gap the gain would close; without a wish said, nobody is pushed anywhere. */
static double closes(const Relation *r, int k, double gain)
{
    double mean = gap_known(r, k) ? r->gap[k] : 0;
    double sd = gap_known(r, k) ? r->gap_sd[k] : WISH_UNSAID_SD;
    return positive_part(mean, sd) - positive_part(mean - gain, sd);
}

static double repetition(const Chooser *c, const Record *rec)
{
    double days = time_days_between(rec->last_done_ms, c->cx->now_ms);
    return rec->last_done_ms == 0 ? 0 : AGAIN_COST * exp(-days / AGAIN_DAYS);
}

static double effort(const ContentPractice *p)
{
    return HOUR_COST * fmin(p->minutes, 240) / 60.0 + MONEY_COST * (int)p->cost;
}

/* Wanting more distance is a wish like any other: over the types where both are known, wanted lies clearly
 * below felt. */
static bool wants_less(const Chooser *c)
{
    double gap = 0, sd = 0;
    int n = 0;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (gap_known(c->r, k)) {
            gap += c->r->gap[k];
            sd += c->r->gap_sd[k];
            n++;
        }
    }
    return n > 0 && gap / n < -.5 && gap < -.5 * sd;
}

static int main_type(const double gain[], const Chooser *c)
{
    int best = -1;
    double most = 0;
    for (int k = 0; k < TYPE_COUNT; k++) {
        double s = c->w[k] * closes(c->r, k, gain[k]);
        if (s > most) {
            most = s;
            best = k;
        }
    }
    return best;
}

static int fed_limiting(const Chooser *c, const ContentPractice *p)
{
    int f = c->r->limiting;
    return f >= 0 && p->factors[f] > 0 ? f : -1;
}

static bool reachable(const Chooser *c, const ContentPractice *p)
{
    IdSet from_afar = (IdSet)1 << PLACE_REMOTE | (IdSet)1 << PLACE_ALONE;
    bool far = c->b->history.rel.far || c->b->history.rel.season == SEASON_FAR_AWAY;
    return !far || (p->where & from_afar) != 0;
}

static Offer score(const Chooser *c, const ContentPractice *p, const Record *rec, bool less)
{
    double gain[TYPE_COUNT], sum = 0;
    Offer o = {.kind = OFFER_PRACTICE, .person = c->r->person, .practice = p, .wants_less = less};
    expected_gain(c, p, gain);
    /* relative effect: N(1, GAIN_SD^2) met by outcomes, conjugate; one draw of it */
    double precision = 1 / (GAIN_SD * GAIN_SD) + rec->weight / (OUTCOME_SD * OUTCOME_SD);
    double mean = (1 / (GAIN_SD * GAIN_SD) + rec->gain / (OUTCOME_SD * OUTCOME_SD)) / precision;
    double effect = fmax(0, mean + draw_for(c, p) / sqrt(precision));
    o.type = main_type(gain, c);
    for (int k = 0; k < TYPE_COUNT; k++)
        sum += c->w[k] * closes(c->r, k, gain[k] * effect);
    if (less)
        sum = .2 * effect;
    double likes = match(p->interests, c->likes_interest, INTEREST_COUNT, &o.interest) +
                   match(p->styles, c->likes_style, STYLE_COUNT, &o.style) +
                   match(p->ways, c->likes_way, WAY_COUNT, &o.way);
    o.factor = fed_limiting(c, p);
    o.score = sum * (1 + likes + (o.factor >= 0 ? .25 : 0)) + STYLE_BONUS * likes * sum - effort(p) * .2 -
              repetition(c, rec);
    o.helps = (PRIOR_HELPED + rec->helped) / (PRIOR_TRIES + rec->tries);
    o.n_done = rec->done;
    o.not_tried = rec->last_done_ms == 0;
    if (o.type >= 0) {
        o.gap_known = gap_known(c->r, o.type);
        o.gap = c->r->gap[o.type];
        o.gap_sd = c->r->gap_sd[o.type];
    }
    return o;
}

/* What each state of things calls for: with distance wanted, boundaries and what is done alone; with safety
 * low the gate leaves only boundaries and support; otherwise those wait for whoever looks for them. */
static bool fits_state(const Chooser *c, const ContentPractice *p, bool less)
{
    bool unsafe = (c->r->gate.why & GATE_UNSAFE) != 0;
    bool guarding = p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT;
    if (unsafe)
        return guarding;
    if (less)
        return p->class == CLASS_BOUNDARY || p->class == CLASS_SOLO;
    if (p->class == CLASS_REPAIR)
        return c->b->history.rel.season == SEASON_REPAIRING || c->facts.conflict;
    return !guarding;
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

static bool too_hazy(const Relation *r, int type)
{
    return type >= 0 && 2 * 1.2815515655446004 * r->types[type].sd > HAZY_BAND;
}

static Err start(Cx *cx, const Book *book, const Relation *relation, Chooser *c)
{
    double v[TYPE_COUNT * TYPE_COUNT];
    BookMe me = {.minor = false};
    *c = (Chooser){.cx = cx, .book = book, .r = relation};
    c->b = arena_new(cx->arena, Belief, 1);
    if (!c->b)
        return err_nomem(cx);
    Err e = belief_make(cx, book, relation->person, c->b);
    if (e == OK)
        e = book_me(cx, book, &me);
    if (e == OK)
        e = belief_push(cx, c->push);
    if (e == OK)
        e = read_records(c);
    if (e != OK)
        return e;
    gate_facts(&c->b->history, &c->b->levels, me.minor, cx->now_ms, &c->facts);
    belief_weights(c->facts.not_ours, c->w, v);
    read_likes(c, &me);
    return OK;
}

/* Adds the offers that may be made; *hazy when one had to give way to a check-in. */
static int collect(const Chooser *c, Offer found[], bool *ret_hazy)
{
    int n = 0;
    bool less = wants_less(c);
    *ret_hazy = false;
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        const Record *rec = &c->records[i];
        bool lately = rec->last_not_now_ms != 0 &&
                      time_days_between(rec->last_not_now_ms, c->cx->now_ms) < NOT_NOW_DAYS;
        if (rec->refused || lately || !reachable(c, p) || !fits_state(c, p, less))
            continue;
        if (!gate_allows(&c->r->gate, &c->facts, p))
            continue;
        Offer o = score(c, p, rec, less);
        if (p->approach && !less && too_hazy(c->r, o.type)) {
            *ret_hazy = true;
            continue;
        }
        found[n++] = o;
    }
    return n;
}

Err insight_next(Cx *cx, const Book *book, const Relation *relation, Offer ret[], int cap, int *ret_n)
{
    Chooser *c = arena_new(cx->arena, Chooser, 1);
    Offer *found = arena_new(cx->arena, Offer, content_practices_count + 1);
    bool hazy = false;
    if (!c || !found)
        return err_nomem(cx);
    Err e = start(cx, book, relation, c);
    if (e != OK)
        return e;
    int n = collect(c, found, &hazy), kept = 0;
    qsort(found, (size_t)n, sizeof found[0], by_score);
    bool unsafe = (relation->gate.why & GATE_UNSAFE) != 0;
    if (hazy && !unsafe && !c->facts.paused && cap > 0)
        ret[kept++] = (Offer){.kind = OFFER_CHECK_IN,
                              .person = relation->person,
                              .type = -1, .factor = -1, .interest = -1, .style = -1, .way = -1};
    for (int i = 0; i < n && kept < cap; i++)
        ret[kept++] = found[i];
    *ret_n = kept;
    return OK;
}

/* -- today --------------------------------------------------------------------------------------- */

/* Someone whose last offer was answered today has had today's. */
static bool answered_today(Cx *cx, const Book *book, BookRef person)
{
    BookRef last = book_last(book, person, ENTRY_OFFER);
    Civil now = time_local(cx->now_ms);
    if (last == BOOK_NONE)
        return false;
    Civil then = time_local(book_at(book, last));
    return then.year == now.year && then.month == now.month && then.day == now.day;
}

/* Keeps the best of the day: sorted by score, one a person, no practice twice. */
static void keep_best(Today *t, const Offer *o)
{
    for (int i = 0; i < t->n; i++) {
        if (t->offers[i].practice == o->practice)
            return;
    }
    int at = t->n < TODAY_MOST ? t->n++ : TODAY_MOST;
    while (at > 0 && t->offers[at - 1].score < o->score) {
        if (at < TODAY_MOST)
            t->offers[at] = t->offers[at - 1];
        at--;
    }
    if (at < TODAY_MOST)
        t->offers[at] = *o;
}

/* Whose picture has been looked at and has grown hazy the most since. */
static double haze(Cx *cx, const Relation *r)
{
    if (r->checkins == 0 || (r->gate.why & GATE_SEASON) != 0)
        return 0;
    return time_days_between(r->last_checkin_ms, cx->now_ms) > 14 ? r->closeness.sd : 0;
}

Err insight_today(Cx *cx, const Book *book, Today *ret)
{
    BookRefs people = book_people(book);
    BookMe me = {.quiet = false};
    Today t = {.n = 0, .check_in = BOOK_NONE};
    double haziest = 0;
    Err e = book_me(cx, book, &me);
    for (int i = 0; e == OK && i < people.n && !me.quiet; i++) {
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx own = {.arena = &scratch, .now_ms = cx->now_ms};
        Relation *r = arena_new(&scratch, Relation, 1);
        Offer best[1];
        int n = 0;
        /* Nothing is offered where nothing has ever been said. */
        if (!r || book_count(book, people.p[i], ENTRY_CHECKIN) + book_count(book, people.p[i], ENTRY_MOMENT) == 0)
            continue;
        e = insight_relation(&own, book, people.p[i], r);
        if (e == OK && !answered_today(&own, book, people.p[i]))
            e = insight_next(&own, book, r, best, 1, &n);
        if (e == OK && n == 1 && best[0].kind == OFFER_PRACTICE)
            keep_best(&t, &best[0]);
        if (e == OK && haze(cx, r) > haziest) {
            haziest = haze(cx, r);
            t.check_in = people.p[i];
        }
        if (e != OK)
            cx->why = (Why){.key = own.why.key};
    }
    if (e == OK)
        *ret = t;
    return e;
}
