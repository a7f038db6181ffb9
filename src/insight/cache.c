/* insight/cache.c - today over everybody, and one relationship, working out only what is new.
 *
 * What is said of a relationship depends on its own entries, on what is the same for everyone (likes, choices,
 * outcomes up to yesterday), on the day, and on few instants at which a clause of the gate lapses. So a slot keeps
 * what came out, with the version of the person, a digest of what is the same for everyone, and the first instant
 * at which time alone could change anything; while these stand nothing is computed. When only the day has turned,
 * the history and the filter's last state are taken from the slot: one exact step, however long the history. When
 * entries came, the filter goes on from the last event that still stands (belief_make).
 *
 * Cost of today: a look at each person's version, and nothing at all while the book has not changed; 4 KiB a
 * person, and 7 for each state of the filter that is remembered. Without a cache everything is worked out for everybody, by the same functions. */
#include "base/os.h"
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/slot.h"
#include <math.h>
#include <string.h>

enum { HAZE_DAYS = 14 };
static const ptrdiff_t cache_most = (ptrdiff_t)1 << 36; /* it grows with the people, and has no end of its own */

/* -- the cache itself ---------------------------------------------------------------------------- */

InsightCache *insight_cache_new(void)
{
    InsightCache *c = os_alloc(1, (ptrdiff_t)sizeof(InsightCache));
    if (c)
        arena_init(&c->arena, cache_most);
    return c;
}

void insight_cache_free(InsightCache *c)
{
    if (!c)
        return;
    arena_free(&c->arena);
    os_wipe(c, (ptrdiff_t)sizeof *c);
    os_free(c);
}

void insight_cache_free_at(InsightCache **cache)
{
    insight_cache_free(*cache);
    *cache = NULL;
}

int64_t insight_cache_bytes(const InsightCache *cache)
{
    return cache ? (int64_t)sizeof *cache + cache->arena.used_bytes : 0;
}

int64_t insight_cache_steps(const InsightCache *cache)
{
    return cache->steps;
}

void cache_empty(InsightCache *c, const Book *book)
{
    Arena arena = c->arena;
    int64_t steps = c->steps;
    uint64_t answers = c->answers;
    const Own *own = c->own;
    arena_reset(&arena);
    *c = (InsightCache){.arena = arena, .book = book, .own = own, .answers = answers, .steps = steps};
}

void insight_cache_learned(InsightCache *c, const Own *own)
{
    c->own = own; /* slots say what they rest on */
    c->has_ground = c->has_today = false;
}

const Own *insight_cache_own(const InsightCache *c)
{
    return c ? c->own : NULL;
}

static Slot **place(Slot **slots, int cap, BookRef person)
{
    uint32_t i = (person * UINT32_C(2654435761)) & (uint32_t)(cap - 1);
    while (slots[i] && slots[i]->person != person)
        i = (i + 1) & (uint32_t)(cap - 1);
    return &slots[i];
}

static bool grow(InsightCache *c)
{
    int cap = c->cap > 0 ? 2 * c->cap : 64;
    Slot **slots = arena_new(&c->arena, Slot *, cap);
    if (!slots)
        return false;
    for (int i = 0; i < c->cap; i++) {
        if (c->slots[i])
            *place(slots, cap, c->slots[i]->person) = c->slots[i];
    }
    c->slots = slots;
    c->cap = cap;
    return true;
}

Slot *cache_slot(InsightCache *c, BookRef person)
{
    if (2 * (c->n + 1) > c->cap && !grow(c))
        return NULL;
    Slot **at = place(c->slots, c->cap, person);
    if (!*at) {
        *at = arena_new(&c->arena, Slot, 1);
        if (!*at)
            return NULL;
        (*at)->person = person;
        c->n++;
    }
    return *at;
}

void cache_tip(InsightCache *c, const Tip *tip, Tip **io)
{
    if (!*io && tip->n_events > 0)
        *io = arena_new(&c->arena, Tip, 1); /* without memory there is none */
    if (*io)
        **io = *tip;
}

/* What a slot knows of the person is forgotten when anything about them changed. */
static void check_version(Slot *s, const Book *book)
{
    uint64_t version = book_person_version(book, s->person);
    if (s->version == version)
        return;
    s->version = version;
    s->has_history = s->has_relation = s->has_showing = false;
}

static bool holds(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
    return now_ms >= from_ms && now_ms < until_ms;
}

/* -- what is the same for everyone ---------------------------------------------------------------- */

static uint64_t digest(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Of what histories are read with. */
static uint64_t digest_basis(const Basis *b)
{
    uint64_t own = own_digest(b->own);
    return digest(digest(UINT64_C(0xcbf29ce484222325), &own, sizeof own), b->counted_ms,
                  sizeof b->counted_ms);
}

static uint64_t digest_ground(const Ground *g)
{
    uint64_t hash = digest(digest_basis(&g->basis), &g->mine, sizeof g->mine);
    hash = digest(hash, &g->minor, sizeof g->minor);
    hash = digest(hash, &g->day, sizeof g->day);
    hash = digest(hash, g->tastes.common.mean, sizeof g->tastes.common.mean);
    for (int k = 0; k < KIND_COUNT; k++) {
        hash = digest(hash, g->tastes.kind[k].mean, sizeof g->tastes.kind[k].mean);
        hash = digest(hash, g->tastes.kind[k].cov, sizeof g->tastes.kind[k].cov);
    }
    return hash;
}

static uint64_t digest_learned(const Tally learned[])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < content_practices_count; i++) {
        hash = digest(hash, &learned[i].done, sizeof learned[i].done);
        hash = digest(hash, &learned[i].gain, sizeof learned[i].gain);
    }
    return hash;
}

/* Outcomes may have changed: somebody with whom something was done has, or has gone. */
static bool learned_anew(const InsightCache *c, const Book *book)
{
    BookRefs people = book_people(book);
    if (people.n != c->people || !c->learned)
        return true;
    for (int i = 0; i < people.n; i++) {
        Slot *s = c->cap > 0 ? *place(c->slots, c->cap, people.p[i]) : NULL;
        int done = book_count(book, people.p[i], ENTRY_DONE);
        bool changed = !s || s->version != book_person_version(book, people.p[i]);
        if (changed && (done > 0 || (s && s->done > 0)))
            return true;
    }
    return false;
}

const Ground *cache_ground(const Cx *cx, const InsightCache *c, const Book *book)
{
    bool stands = c && c->has_ground && c->book == book && c->version == book_version(book) &&
                  holds(c->ground.midnight_ms, c->ground.tomorrow_ms, cx->now_ms);
    return stands ? &c->ground : NULL;
}

Tip cache_back(const InsightCache *c, BookRef person)
{
    const Slot *s = c && c->cap > 0 ? *place(c->slots, c->cap, person) : NULL;
    return s && s->back ? *s->back : (Tip){.n_events = 0};
}

/* Brings ground and learned up to the book and the day. *ret_same: nothing had changed. */
static Err refresh(Cx *cx, InsightCache *c, const Book *book, bool *ret_same)
{
    uint64_t version = book_version(book);
    bool day = c->has_ground && holds(c->ground.midnight_ms, c->ground.tomorrow_ms, cx->now_ms);
    *ret_same = c->book == book && day && c->version == version;
    if (*ret_same)
        return OK;
    if (c->book != book)
        cache_empty(c, book);
    bool anew = !day || learned_anew(c, book);
    if (!c->learned)
        c->learned = arena_new(&c->arena, Tally, content_practices_count);
    if (!c->learned)
        return err_nomem(cx);
    Err e = c->has_ground ? ground_read(cx, book, c->learned, anew, &c->ground)
                          : ground_make(cx, book, c->own, c->learned, &c->ground);
    if (anew) {
        c->learned_digest = digest_learned(c->learned);
        c->people = book_people(book).n;
    }
    if (e != OK) {
        cache_empty(c, NULL);
        return e;
    }
    c->has_ground = true;
    c->has_today = false;
    c->version = version;
    c->ground_digest = digest_ground(&c->ground);
    return OK;
}

/* -- one relationship ---------------------------------------------------------------------------- */

static void keep_history(const InsightCache *c, Slot *s, const Book *book, const History *h,
                         int64_t now_ms)
{
    s->history = *h;
    s->history.person = (BookPerson){.ref = h->person.ref,
                                     .died = h->person.died,
                                     .birthday = h->person.birthday,
                                     .minor = h->person.minor};
    s->basis_digest = digest_basis(&c->ground.basis);
    s->history.events = NULL;
    s->history.question = NULL;
    s->history.raw = NULL;
    s->history.n_raw = 0;
    s->history_ms = now_ms;
    s->has_history = true;
    s->done = book_count(book, s->person, ENTRY_DONE);
}

/* With the events when the trends are wanted, else from the slot's own history when that still stands. */
static Err believe(Cx *cx, InsightCache *c, const Book *book, Slot *s, bool trends, Belief *ret)
{
    bool stands = s->has_history && s->tip && !trends &&
                  s->basis_digest == digest_basis(&c->ground.basis) &&
                  holds(s->history_ms, s->history.until_ms, cx->now_ms);
    if (stands) {
        ret->history = s->history;
        return belief_from(cx, &c->ground, &s->tip->state, ret);
    }
    Tip tip = s->tip ? *s->tip : (Tip){.n_events = 0};
    Err e = belief_make(cx, book, &c->ground, s->person, &tip, &c->steps, ret);
    if (e != OK)
        return e;
    cache_tip(c, &tip, &s->tip);
    keep_history(c, s, book, &ret->history, cx->now_ms);
    return OK;
}

static int64_t relation_until(const Relation *r, const Ground *g)
{
    return r->facts.until_ms < g->tomorrow_ms ? r->facts.until_ms : g->tomorrow_ms;
}

static Err trends_of(Cx *cx, InsightCache *c, const Belief *b, Slot *s)
{
    Tip back = s->back ? *s->back : (Tip){.n_events = 0};
    Err e = belief_trends(cx, &c->ground, b, &back, &s->relation);
    if (e == OK)
        cache_tip(c, &back, &s->back);
    return e;
}

static Err slot_relation(Cx *cx, InsightCache *c, const Book *book, Slot *s, bool trends)
{
    check_version(s, book);
    bool fits = s->has_relation && s->relation_digest == c->ground_digest &&
                holds(s->relation_ms, s->relation_until_ms, cx->now_ms);
    if (fits && (s->has_trends || !trends))
        return OK;
    Belief *b = arena_new(cx->arena, Belief, 1);
    if (!b)
        return err_nomem(cx);
    s->has_relation = s->has_trends = false;
    Err e = believe(cx, c, book, s, trends, b);
    if (e == OK)
        e = belief_relation(cx, &c->ground, b, &s->relation);
    if (e == OK && trends)
        e = trends_of(cx, c, b, s);
    if (e != OK)
        return e;
    c->fresh++;
    s->has_relation = true;
    s->has_trends = trends;
    s->relation_digest = c->ground_digest;
    s->relation_ms = cx->now_ms;
    s->relation_until_ms = relation_until(&s->relation, &c->ground);
    return OK;
}

static Err belief_fresh(Cx *cx, const Book *book, BookRef person, Ground *ground, Belief *ret,
                        Relation *ret_relation)
{
    Err e = ground_make(cx, book, NULL, NULL, ground);
    if (e == OK)
        e = belief_make(cx, book, ground, person, NULL, NULL, ret);
    return e == OK ? belief_relation(cx, ground, ret, ret_relation) : e;
}

static Err fresh_relation(Cx *cx, const Book *book, BookRef person, Relation *ret)
{
    Ground *ground = arena_new(cx->arena, Ground, 1);
    Belief *b = arena_new(cx->arena, Belief, 1);
    if (!b || !ground)
        return err_nomem(cx);
    Err e = belief_fresh(cx, book, person, ground, b, ret);
    return e != OK ? e : belief_trends(cx, ground, b, NULL, ret);
}

Err cache_belief(Cx *cx, InsightCache *c, const Book *book, BookRef person, Belief *ret,
                 Relation *ret_relation)
{
    bool same = false;
    Ground *ground = c ? NULL : arena_new(cx->arena, Ground, 1);
    if (!c)
        return ground ? belief_fresh(cx, book, person, ground, ret, ret_relation) : err_nomem(cx);
    Err e = refresh(cx, c, book, &same);
    Slot *s = e == OK ? cache_slot(c, person) : NULL;
    if (e != OK)
        return e;
    if (!s)
        return err_nomem(cx);
    check_version(s, book);
    e = believe(cx, c, book, s, false, ret);
    return e == OK ? belief_relation(cx, &c->ground, ret, ret_relation) : e;
}

Err insight_relation_cached(Cx *cx, InsightCache *c, const Book *book, BookRef person,
                            Relation *ret)
{
    bool same = false;
    if (!c)
        return fresh_relation(cx, book, person, ret);
    Err e = refresh(cx, c, book, &same);
    if (e != OK)
        return e;
    Slot *s = cache_slot(c, person);
    if (!s)
        return err_nomem(cx);
    e = slot_relation(cx, c, book, s, true);
    if (e == OK)
        *ret = s->relation;
    return e;
}

/* -- today --------------------------------------------------------------------------------------- */

static Err answered_today(Cx *cx, const Book *book, const Ground *g, BookRef person, int *ret)
{
    BookIter offers = book_timeline(book, person,
                                    (BookWhich){.from_ms = g->midnight_ms,
                                                .has_from = true,
                                                .to_ms = g->tomorrow_ms,
                                                .kinds = BOOK_KIND(ENTRY_OFFER)});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    *ret = 0;
    while (e == OK && book_next(&offers, &ref)) {
        BookOffer o = {.answer = 0};
        e = book_offer(cx, book, ref, &o);
        *ret += e == OK && o.answer != 0;
    }
    return e;
}

/* Whose picture has been looked at and has grown hazy since; nobody is asked where nothing is nudged. */
static double haze(const Ground *g, const Relation *r)
{
    bool leave = gate_still(&r->facts) || !r->gate.approach;
    if (r->checkins == 0 || leave)
        return 0;
    return time_days_between(r->last_checkin_ms, g->midnight_ms) > HAZE_DAYS ? r->closeness.sd : 0;
}

/* The best offers for this person, unless today's has been answered. One that promises nothing is none. */
static Err showing(Cx *cx, const Book *book, const Ground *g, const Tally learned[],
                   const Relation *r, const Likes *theirs, Showing *ret)
{
    Offer first[TODAY_MOST];
    int n = 0;
    Showing s = {.person = r->person, .haze = haze(g, r)};
    Err e = answered_today(cx, book, g, r->person, &s.answered);
    if (e == OK && s.answered == 0)
        e = offers_make(cx, book, g, learned, r, theirs, first, TODAY_MOST, &n);
    /* where the picture is too hazy for the best of them, the others wait too */
    // cppcheck-suppress uninitvar ; n is 0 until offers_make has filled as many
    for (int i = 0; i < n && first[0].kind == OFFER_PRACTICE; i++) {
        if (first[i].score > 0)
            s.best[s.n++] = first[i];
    }
    if (e == OK)
        *ret = s;
    return e;
}

static Err slot_showing(Cx *cx, InsightCache *c, const Book *book, Slot *s)
{
    uint64_t both = c->ground_digest ^ (c->learned_digest * 3);
    check_version(s, book);
    if (s->has_showing && s->showing_digest == both &&
        holds(s->showing_ms, s->showing_until_ms, cx->now_ms))
        return OK;
    s->has_showing = false;
    Err e = slot_relation(cx, c, book, s, false);
    if (e == OK)
        e = showing(cx, book, &c->ground, c->learned, &s->relation, &s->history.likes, &s->showing);
    if (e != OK)
        return e;
    s->has_showing = true;
    s->showing_digest = both;
    s->showing_ms = cx->now_ms;
    s->showing_until_ms = s->relation_until_ms;
    return OK;
}

static bool taken(const Today *t, const Offer *o)
{
    for (int i = 0; i < t->n; i++) {
        if (t->offers[i].practice == o->practice || t->offers[i].person == o->person)
            return true;
    }
    return false;
}

/* The best of everybody's, one a person, no practice twice; at most three a day, those answered among them. */
static Today choose(const Showing *const shown[], int n)
{
    Today t = {.check_in = BOOK_NONE};
    double haziest = 0;
    int most = TODAY_MOST;
    for (int i = 0; i < n; i++) {
        most -= shown[i]->answered;
        if (shown[i]->haze > haziest) {
            haziest = shown[i]->haze;
            t.check_in = shown[i]->person;
        }
    }
    while (t.n < most) {
        const Offer *best = NULL;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < shown[i]->n; j++) {
                const Offer *o = &shown[i]->best[j];
                if ((!best || o->score > best->score) && !taken(&t, o))
                    best = o;
            }
        }
        if (!best)
            break;
        t.offers[t.n++] = *best;
    }
    return t;
}

/* Nothing is offered where nothing has ever been said. */
static bool anything_said(const Book *book, BookRef person)
{
    return book_count(book, person, ENTRY_CHECKIN) + book_count(book, person, ENTRY_MOMENT) > 0;
}

static Err today_cached(Cx *cx, InsightCache *c, const Book *book, const Showing *shown[],
                        int *ret_n, int64_t *ret_until_ms)
{
    BookRefs people = book_people(book);
    Err e = OK;
    int n = 0;
    *ret_until_ms = c->ground.tomorrow_ms;
    for (int i = 0; e == OK && i < people.n; i++) {
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx own = {.arena = &scratch, .now_ms = cx->now_ms};
        if (!anything_said(book, people.p[i]))
            continue;
        Slot *s = cache_slot(c, people.p[i]);
        if (!s)
            return err_nomem(cx);
        e = slot_showing(&own, c, book, s);
        if (e != OK) {
            cx->why = (Why){.key = own.why.key};
            break;
        }
        shown[n++] = &s->showing;
        if (s->showing_until_ms < *ret_until_ms)
            *ret_until_ms = s->showing_until_ms;
    }
    *ret_n = n;
    return e;
}

static Err fresh_showing(Cx *cx, const Book *book, const Ground *ground, const Tally learned[],
                         BookRef person, Showing *ret)
{
    Relation *r = arena_new(cx->arena, Relation, 1);
    Belief *b = arena_new(cx->arena, Belief, 1);
    if (!r || !b)
        return err_nomem(cx);
    Err e = belief_make(cx, book, ground, person, NULL, NULL, b);
    if (e == OK)
        e = belief_relation(cx, ground, b, r);
    return e != OK ? e : showing(cx, book, ground, learned, r, &b->history.likes, ret);
}

static Err today_fresh(Cx *cx, const Book *book, const Showing *shown[], int *ret_n)
{
    Ground *ground = arena_new(cx->arena, Ground, 1);
    BookRefs people = book_people(book);
    Showing *room = arena_new(cx->arena, Showing, people.n + 1);
    int n = 0;
    if (!ground || !room)
        return err_nomem(cx);
    Err e = ground_make(cx, book, NULL, NULL, ground);
    for (int i = 0; e == OK && i < people.n && !ground->quiet; i++) {
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx own = {.arena = &scratch, .now_ms = cx->now_ms};
        if (!anything_said(book, people.p[i]))
            continue;
        e = fresh_showing(&own, book, ground, ground->learned, people.p[i], &room[n]);
        shown[n] = &room[n];
        n++;
        if (e != OK)
            cx->why = (Why){.key = own.why.key};
    }
    *ret_n = n;
    return e;
}

/* With a cache: nothing at all while neither the book nor the day nor any clause of a gate has moved. */
static Err today_kept(Cx *cx, InsightCache *c, const Book *book, const Showing *shown[], Today *ret)
{
    bool same = false;
    int n = 0;
    Err e = refresh(cx, c, book, &same);
    if (e != OK)
        return e;
    if (!(same && c->has_today && holds(c->today_ms, c->today_until_ms, cx->now_ms))) {
        int64_t until = c->ground.tomorrow_ms;
        c->has_today = false;
        if (!c->ground.quiet)
            e = today_cached(cx, c, book, shown, &n, &until);
        if (e != OK)
            return e;
        c->today = choose(shown, n);
        c->today_ms = cx->now_ms;
        c->today_until_ms = until;
        c->has_today = true;
        c->answers++;
    }
    *ret = c->today;
    return OK;
}

uint64_t insight_today_standing(const Cx *cx, const InsightCache *c, const Book *book)
{
    bool stands = cache_ground(cx, c, book) && c->has_today &&
                  holds(c->today_ms, c->today_until_ms, cx->now_ms);
    return stands ? c->answers : 0;
}

Err insight_today_cached(Cx *cx, InsightCache *c, const Book *book, Today *ret)
{
    const Showing **shown = arena_new(cx->arena, const Showing *, book_people(book).n + 1);
    int n = 0;
    if (!shown)
        return err_nomem(cx);
    if (c)
        return today_kept(cx, c, book, shown, ret);
    Err e = today_fresh(cx, book, shown, &n);
    if (e == OK)
        *ret = choose(shown, n);
    return e;
}

Err insight_today(Cx *cx, const Book *book, Today *ret)
{
    return insight_today_cached(cx, NULL, book, ret);
}
