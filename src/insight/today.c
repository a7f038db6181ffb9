/* insight/today.c - at most three offers over everybody, and one relationship to look at again. Each relationship's own
 * offers are in its slot with what they rest on, and so is the choice among them, with the first instant at which time alone
 * could change it: while nothing has moved, today costs a comparison, and after an entry a look at each person's version beside
 * what that entry changed. Without a cache everything is worked out for everybody, by the same functions. */
#include "base/time.h"
#include "insight/belief.h"
#include "insight/gate.h"
#include "insight/slot.h"

enum { HAZE_DAYS = 14 };

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
    cache_check(s, book);
    if (s->has_showing && s->showing_digest == both &&
        cache_holds(s->showing_ms, s->showing_until_ms, cx->now_ms))
        return OK;
    s->has_showing = false;
    Err e = cache_relation(cx, c, book, s, false);
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
    Err e = belief_make(cx, book, ground, person, b);
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
static Err today_kept(Cx *cx, InsightCache *c, const Book *book, const Showing *shown[])
{
    bool same = false;
    int n = 0;
    Err e = cache_refresh(cx, c, book, &same);
    if (e != OK)
        return e;
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
    return OK;
}

uint64_t insight_today_standing(const Cx *cx, const InsightCache *c, const Book *book)
{
    bool stands = c && cache_ground(cx, c, book) && c->has_today &&
                  cache_holds(c->today_ms, c->today_until_ms, cx->now_ms);
    return stands ? c->answers : 0;
}

Err insight_today_cached(Cx *cx, InsightCache *c, const Book *book, Today *ret)
{
    int n = 0;
    if (insight_today_standing(cx, c, book) != 0) {
        *ret = c->today;
        return OK;
    }
    const Showing **shown = arena_new(cx->arena, const Showing *, book_people(book).n + 1);
    if (!shown)
        return err_nomem(cx);
    Err e = c ? today_kept(cx, c, book, shown) : today_fresh(cx, book, shown, &n);
    if (e == OK)
        *ret = c ? c->today : choose(shown, n);
    return e;
}

Err insight_today(Cx *cx, const Book *book, Today *ret)
{
    return insight_today_cached(cx, NULL, book, ret);
}
