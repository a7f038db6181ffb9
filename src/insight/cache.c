/* insight/cache.c - one relationship, working out only what is new, and what is the same for everyone.
 *
 * What is said of a relationship depends on its own entries, on what is the same for everyone (likes, choices,
 * outcomes up to yesterday), on the day, and on few instants at which a clause of the gate lapses. So a slot keeps
 * what came out, with the version of the person, a digest of what is the same for everyone, and the first instant
 * at which time alone could change anything; while these stand nothing is computed. When only the day has turned,
 * the history and the filter's last state are taken from the slot: one exact step, however long the history. When
 * entries came, the filter goes on from the last event that still stands (belief_of); and of those who were asked about
 * last, reading goes on from the last entry that was read, as long as nothing has changed before it.
 *
 * Cost: nothing while that stands; one step an entry, a reading of it, and a copy of the events (30 ns each). 4 KiB a
 * person, and 7 for each state of the filter that is remembered; the events of READINGS people. */
#include "base/os.h"
#include "base/time.h"
#include "insight/belief.h"
#include "insight/slot.h"
#include <math.h>
#include <string.h>

static const ptrdiff_t cache_most = (ptrdiff_t)1
                                    << 36; /* it grows with the people, and has no end of its own */

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
    *c = (InsightCache){
        .arena = arena, .book = book, .own = own, .answers = answers, .steps = steps};
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
void cache_check(Slot *s, const Book *book)
{
    uint64_t version = book_person_version(book, s->person);
    if (s->version == version)
        return;
    s->version = version;
    s->has_history = s->has_relation = s->has_showing = false;
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
                  cache_holds(c->ground.midnight_ms, c->ground.tomorrow_ms, cx->now_ms);
    return stands ? &c->ground : NULL;
}

Tip cache_back(const InsightCache *c, BookRef person)
{
    const Slot *s = c && c->cap > 0 ? *place(c->slots, c->cap, person) : NULL;
    return s && s->back ? *s->back : (Tip){.n_events = 0};
}

/* Brings ground and learned up to the book and the day. *ret_same: nothing had changed. */
Err cache_refresh(Cx *cx, InsightCache *c, const Book *book, bool *ret_same)
{
    uint64_t version = book_version(book);
    bool day = c->has_ground && cache_holds(c->ground.midnight_ms, c->ground.tomorrow_ms, cx->now_ms);
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

/* This one's reading, or the one that was longest of no use, to begin anew. */
static Reading *reading_of(InsightCache *c, BookRef person)
{
    Asked *at = &c->asked[0];
    for (int i = 0; i < READINGS; i++) {
        Asked *other = &c->asked[i];
        if (other->reading.stands && other->reading.h.person.ref == person) {
            at = other;
            break;
        }
        at = other->when < at->when ? other : at;
    }
    at->when = ++c->asks;
    return &at->reading;
}

/* Whom something is written about once is written about again: from the second time on it is remembered how far their
 * entries were read. */
static Err read_history(Cx *cx, InsightCache *c, const Book *book, Slot *s, History *ret)
{
    if (!s->tip)
        return history_read(cx, book, &c->ground.basis, s->person, ret);
    if (!c->asked)
        c->asked = arena_new(&c->arena, Asked, READINGS);
    return c->asked ? history_go_on(cx, &c->arena, book, &c->ground.basis,
                                    digest_basis(&c->ground.basis), s->person,
                                    reading_of(c, s->person), ret)
                    : err_nomem(cx);
}

/* With the events when the trends are wanted, else from the slot's own history when that still stands. */
static Err believe(Cx *cx, InsightCache *c, const Book *book, Slot *s, bool trends, Belief *ret)
{
    bool stands = s->has_history && s->tip && !trends &&
                  s->basis_digest == digest_basis(&c->ground.basis) &&
                  cache_holds(s->history_ms, s->history.until_ms, cx->now_ms);
    if (stands) {
        ret->history = s->history;
        return belief_from(cx, &c->ground, &s->tip->state, ret);
    }
    Tip tip = s->tip ? *s->tip : (Tip){.n_events = 0};
    Err e = read_history(cx, c, book, s, &ret->history);
    if (e == OK)
        e = belief_of(cx, &c->ground, &tip, &c->steps, ret);
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

Err cache_relation(Cx *cx, InsightCache *c, const Book *book, Slot *s, bool trends)
{
    cache_check(s, book);
    bool fits = s->has_relation && s->relation_digest == c->ground_digest &&
                cache_holds(s->relation_ms, s->relation_until_ms, cx->now_ms);
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
        e = belief_make(cx, book, ground, person, ret);
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
    Err e = cache_refresh(cx, c, book, &same);
    Slot *s = e == OK ? cache_slot(c, person) : NULL;
    if (e != OK)
        return e;
    if (!s)
        return err_nomem(cx);
    cache_check(s, book);
    e = believe(cx, c, book, s, false, ret);
    return e == OK ? belief_relation(cx, &c->ground, ret, ret_relation) : e;
}

Err insight_relation_seen(Cx *cx, InsightCache *c, const Book *book, BookRef person,
                          const Relation **ret)
{
    bool same = false;
    if (!c) {
        Relation *fresh = arena_new(cx->arena, Relation, 1);
        *ret = fresh;
        return fresh ? fresh_relation(cx, book, person, fresh) : err_nomem(cx);
    }
    Err e = cache_refresh(cx, c, book, &same);
    if (e != OK)
        return e;
    Slot *s = cache_slot(c, person);
    if (!s)
        return err_nomem(cx);
    e = cache_relation(cx, c, book, s, true);
    if (e == OK)
        *ret = &s->relation;
    return e;
}

Err insight_relation_cached(Cx *cx, InsightCache *c, const Book *book, BookRef person,
                            Relation *ret)
{
    const Relation *seen = NULL;
    Err e = insight_relation_seen(cx, c, book, person, &seen);
    if (e == OK)
        *ret = *seen;
    return e;
}
