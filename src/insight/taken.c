/* insight/taken.c - what someone said they would like to do and has not done yet: the newest word on each pair of
 * person and practice, read backwards through the last TAKEN_DAYS. The gate stands in front of it as of every
 * list: what was taken up before a conflict or an unsafe answer is not shown after it. Cost: the events of those
 * days, and one look at each pair; independent of how long the book is. */
#include "base/time.h"
#include "insight/insight.h"

enum { PAIRS_MOST = 64 };

typedef struct Pair {
    BookRef person;
    const ContentPractice *practice;
} Pair;

typedef struct Heard {
    Pair pairs[PAIRS_MOST];
    int n;
} Heard;

/* The first time that this pair is met, going backwards. */
static bool first_heard(Heard *h, Pair pair)
{
    for (int i = 0; i < h->n; i++) {
        if (h->pairs[i].person == pair.person && h->pairs[i].practice == pair.practice)
            return false;
    }
    if (h->n == PAIRS_MOST)
        return false;
    h->pairs[h->n++] = pair;
    return true;
}

/* One event: what it says of which pair. */
static Err read_event(Cx *cx, const Book *book, BookRef ref, Taken *ret, bool *ret_open)
{
    BookOffer o = {.answer = 0};
    BookDone d = {.helped_tenths = -1};
    bool done = book_kind(book, ref) == ENTRY_DONE;
    Err e = done ? book_done(cx, book, ref, &d) : book_offer(cx, book, ref, &o);
    if (e != OK)
        return e;
    const BookEvent *event = done ? &d.event : &o.event;
    *ret = (Taken){.person = event->people.n > 0 ? event->people.p[0] : BOOK_NONE,
                   .practice = content_practice(done ? d.practice : o.practice),
                   .at_ms = event->at_ms};
    *ret_open = !done && o.answer == OFFER_TAKEN;
    return OK;
}

static void no_later(int64_t *io_until_ms, int64_t at_ms)
{
    *io_until_ms = at_ms < *io_until_ms ? at_ms : *io_until_ms;
}

Err insight_taken(Cx *cx, InsightCache *cache, const Book *book, BookRef person, TakenList *ret)
{
    const int64_t window_ms = TAKEN_DAYS * (int64_t)TIME_DAY_MS;
    BookWhich which = {.from_ms = cx->now_ms - window_ms,
                       .has_from = true,
                       .kinds = BOOK_KIND(ENTRY_OFFER) | BOOK_KIND(ENTRY_DONE)};
    BookIter events =
        person == BOOK_NONE ? book_everything(book, which) : book_timeline(book, person, which);
    Relation *r = arena_new(cx->arena, Relation, 1);
    Heard heard = {.n = 0};
    TakenList found = {.until_ms = INT64_MAX};
    BookRef ref = BOOK_NONE;
    Err e = r ? OK : err_nomem(cx);
    while (e == OK && found.n < TAKEN_MOST && book_next(&events, &ref)) {
        Taken t = {.person = BOOK_NONE};
        bool open = false;
        e = read_event(cx, book, ref, &t, &open);
        if (e == OK)
            no_later(&found.until_ms, t.at_ms + window_ms + 1); /* then it is past the two weeks */
        bool whole = e == OK && t.person != BOOK_NONE && t.practice;
        if (!whole || !first_heard(&heard, (Pair){t.person, t.practice}) || !open)
            continue;
        e = insight_relation_cached(cx, cache, book, t.person, r);
        if (e == OK)
            no_later(&found.until_ms, r->facts.until_ms);
        if (e == OK && insight_allows(r, t.practice))
            found.list[found.n++] = t;
    }
    if (e == OK)
        *ret = found;
    return e;
}
