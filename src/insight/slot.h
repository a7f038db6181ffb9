/* insight/slot.h - what is remembered of one relationship, and the cache of them: private to cache.c, today.c, keep.c,
 * relation.c and ask.c.
 * Shapes  a slot is plain values, but for the names and texts of its history, which borrow the book, the
 *         practices of its offers, which are rows of the content, and its tips. Whoever adds a pointer tells keep.c; a gap, tidy.c.
 * Units   instants in ms.
 * Errors  cache_slot NULL without memory.
 * Memory  slots in the cache's arena.
 * Thread  as insight.h. */
#ifndef INSIGHT_SLOT_H
#define INSIGHT_SLOT_H

#include "insight/belief.h"
#include "insight/offers.h"

/* What today wants to know of one relationship. */
typedef struct Showing {
    BookRef person;
    Offer best[TODAY_MOST]; /* so many, that two people need not be offered the same */
    int n;
    double haze;  /* how unsure a picture that was once looked at has become; 0: leave it */
    int answered; /* offers answered today */
} Showing;

typedef struct Slot {
    BookRef person;
    uint64_t version;
    bool has_history, has_relation, has_trends, has_showing;
    int done; /* practices done with them: their outcomes are part of what is learned */
    int64_t relation_ms, relation_until_ms, showing_ms,
        showing_until_ms; /* from when to when they hold */
    uint64_t relation_digest, showing_digest;
    History history; /* without its arrays */
    int64_t history_ms;
    uint64_t basis_digest; /* of what it was read with */
    Tip *tip, *back; /* after the last event, and where the trends begin; NULL before any event */
    Relation relation;
    Showing showing;
} Slot;

/* How far the entries of those were read who were asked about last. */
enum { READINGS = 16 };
typedef struct Asked {
    Reading reading;
    uint64_t when; /* by asks; 0: never */
} Asked;

struct InsightCache {
    Arena arena;
    const Book *book;
    const Own *own;
    bool has_ground, has_today;
    uint64_t version; /* of the book, when ground and learned were read */
    int64_t people;
    Ground ground;
    Tally *learned;
    uint64_t learned_digest, ground_digest;
    Slot **slots; /* open addressing, cap a power of two */
    int n, cap;
    Today today;
    int64_t today_ms, today_until_ms;
    uint64_t answers; /* answers of today that were worked out; never counts back */
    int64_t steps;
    Asked *asked; /* READINGS, or NULL so far */
    uint64_t asks;
    int fresh; /* relationships worked out since they were last kept */
};

Slot *cache_slot(InsightCache *c, BookRef person); /* made when there is none */
/* Keeps in *io where the filter stands after some events; without memory all are filtered again. */
void cache_tip(InsightCache *c, const Tip *tip, Tip **io);
/* What is the same for everyone, while it stands; else NULL. Where the filter stood a year ago, as far as it is known. */
const Ground *cache_ground(const Cx *cx, const InsightCache *c, const Book *book);
Tip cache_back(const InsightCache *c, BookRef person);
/* The belief itself, its history without arrays; worked out afresh when c is NULL. */
MUST_CHECK Err cache_belief(Cx *cx, InsightCache *c, const Book *book, BookRef person, Belief *ret,
                            Relation *ret_relation);
void cache_empty(InsightCache *c, const Book *book);
/* What a slot knows of the person is forgotten when anything about them changed. */
void cache_check(Slot *s, const Book *book);
/* Brings ground and learned up to the book and the day. *ret_same: nothing had changed. */
MUST_CHECK Err cache_refresh(Cx *cx, InsightCache *c, const Book *book, bool *ret_same);
/* After cache_refresh: the slot's relation, worked out where it does not stand. */
MUST_CHECK Err cache_relation(Cx *cx, InsightCache *c, const Book *book, Slot *s, bool trends);

static inline bool cache_holds(int64_t from_ms, int64_t until_ms, int64_t now_ms)
{
    return now_ms >= from_ms && now_ms < until_ms;
}
/* Zero in every byte that no member holds; of person and relationship only what a kept slot needs. */
void slot_tidy(Slot *slot);
void tip_tidy(Tip *tip);

#endif
