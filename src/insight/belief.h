/* insight/belief.h - the engine's belief about one relationship, shared by everything that is said about it, and
 * what is the same for all relationships of a book.
 * Shapes  levels are marginal, as of asof_days; tip is the state after the last event.
 * Units   days since 1970; values 0..10.
 * Errors  as insight_relation.
 * Memory  plain values; the history's arrays in cx->arena.
 * Thread  pure. */
#ifndef INSIGHT_BELIEF_H
#define INSIGHT_BELIEF_H

#include "insight/history.h"
#include "insight/meaning.h"

enum { BELIEF_DRAWS = 200 };

/* What is the same for everyone. */
typedef struct Ground {
    Basis basis;
    RelModel model; /* of any kind: rel_model_kind makes it this one's */
    double push[STATE_COUNT *
                STATE_COUNT]; /* (I - kappa W)^-1: column j is where a sustained push of j leads */
    double normals[BELIEF_DRAWS][STATE_COUNT + 2 * TYPE_COUNT]; /* levels, wishes, weights */
    const Tally *learned; /* outcomes with anyone up to yesterday, by practice */
    Tastes tastes;
    Likes mine;
    bool quiet, minor;
    int64_t midnight_ms, tomorrow_ms; /* the local day */
    int64_t day;                      /* its number */
} Ground;

/* Where the filter stands after the last event, and by what it would be known again. */
typedef struct Tip {
    RelState state;
    int n_events;
    uint64_t hash; /* of the kind and those events; 0: nothing yet */
} Tip;

typedef struct Belief {
    History history;
    RelModel model;
    RelState tip;
    RelLevels levels;
    WishBelief wanted, given;
    Weights weights;
    double asof_days;
} Belief;

/* What changes only with what was learned (own outlives it), then: */
MUST_CHECK Err ground_make(Cx *cx, const Book *book, const Own *own, Tally learned[], Ground *ret);
/* learned: of content_practices_count, the caller's for as long as the ground, NULL: in cx->arena; read again when outcomes may be others. */
MUST_CHECK Err ground_read(Cx *cx, const Book *book, Tally learned[], bool outcomes_anew,
                           Ground *io); /* choices and likes; the day */
MUST_CHECK Err ground_push(Cx *cx, Ground *io);

MUST_CHECK Err belief_make(Cx *cx, const Book *book, const Ground *ground, BookRef person,
                           Belief *ret);
/* The same from a history that has been read. tip NULL, or where an earlier call stood: only events after it are filtered.
 * *io_steps counts them; NULL. */
MUST_CHECK Err belief_of(Cx *cx, const Ground *ground, Tip *tip, int64_t *io_steps, Belief *io);
/* The same from a history that has been read and a state after all of its events. */
MUST_CHECK Err belief_from(Cx *cx, const Ground *ground, const RelState *tip, Belief *io);
/* Without the trends, which need the events. */
MUST_CHECK Err belief_relation(Cx *cx, const Ground *ground, const Belief *belief, Relation *ret);
/* back NULL, or where the filter stood some year ago: only events after it are filtered. */
MUST_CHECK Err belief_trends(Cx *cx, const Ground *ground, const Belief *belief, Tip *back,
                             Relation *io);

#endif
