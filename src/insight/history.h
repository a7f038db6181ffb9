/* insight/history.h - one relationship's entries as the engine reads them.
 * Shapes  events sorted by time; wishes are readings of wanted and given, by type.
 * Units   t_days since 1970; values 0..10, reversed questions recoded.
 * Errors  as book/book.h.
 * Memory  arrays in cx->arena.
 * Thread  pure.
 * Source  docs/ENGINE.md, "From entries to events". */
#ifndef INSIGHT_HISTORY_H
#define INSIGHT_HISTORY_H

#include "insight/insight.h"
#include "num/relation.h"

typedef struct Wish {
    double t_days, value;
    int type;
    bool given; /* else wanted */
} Wish;

typedef struct SafetyAnswer {
    int64_t at_ms;
    double value;
} SafetyAnswer;

typedef struct History {
    BookPerson person;
    BookRelationship rel;
    RelKind kind;
    KindId main_kind; /* whose prior counts */
    KindSet kinds;    /* what was said, or KIND_OWN */
    RelEvent *events;
    int n_events;
    Wish *wishes;
    int n_wishes;
    RawPoint *raw;
    int n_raw;
    int checkins, moments, readings;
    int64_t last_checkin_ms, last_moment_ms, first_event_ms; /* 0: none */
    int count[STATE_COUNT], wanted_count[TYPE_COUNT], given_count[TYPE_COUNT];
    int64_t last_ms[STATE_COUNT], wanted_last_ms[TYPE_COUNT], given_last_ms[TYPE_COUNT];
    SafetyAnswer *safety; /* oldest first */
    int n_safety;
    int64_t last_conflict_ms;  /* 0: none */
    int deepest_reciprocated;  /* within 90 days of now; 0: none */
} History;

MUST_CHECK Err history_read(Cx *cx, const Book *book, BookRef person, History *ret);
double history_days(int64_t at_ms);
int64_t history_known_since_ms(const History *h, int64_t now_ms); /* now when nothing tells */
bool history_someone_new(const History *h, int64_t now_ms);

/* A belief about five local levels, each with its own readings: what is wanted, what is given. */
typedef struct WishBelief {
    double mean[TYPE_COUNT], var[TYPE_COUNT];
} WishBelief;
void history_wishes(const History *h, bool given, double at_days, WishBelief *ret);

#endif
