/* insight/overview.h - what the entries support saying over all relationships, and over time: each sentence with what
 * it rests on, and only where it holds four times in five.
 * Shapes  lists are short and in a fixed order; nobody is ranked.
 * Units   as insight/insight.h; probabilities 0..1.
 * Errors  as insight_relation.
 * Memory  in cx->arena.
 * Thread  as insight/insight.h.
 * Source  docs/ENGINE.md, "Over all relationships". */
#ifndef INSIGHT_OVERVIEW_H
#define INSIGHT_OVERVIEW_H

#include "insight/insight.h"

/* Whether a type is met: by one person only, by several, or by none of those who were asked about. */
typedef enum BalanceWord { BALANCE_UNSURE, BALANCE_NONE, BALANCE_ONE, BALANCE_SEVERAL } BalanceWord;
typedef struct Balance {
    BalanceWord word;
    BookRef only;        /* BALANCE_ONE */
    int asked, readings; /* people with an own answer about it, and how many answers */
} Balance;

/* Somebody by whom one is accepted as one is: its low end is firm. */
typedef struct Accepted {
    BookRef person;
    int readings;
    int64_t last_ms;
} Accepted;

/* Closeness turned: it changed by more than half a point over the half year around then, with probability. */
enum { TURN_AROUND = 3 };
typedef struct Turn {
    BookRef person;
    int64_t at_ms;
    bool closer;
    double probability;
    int readings;                /* of the types, that it rests on */
    BookRef around[TURN_AROUND]; /* moments of those weeks, as coincidence; latest first */
    int n_around;
} Turn;

/* A practice that seems to help: its effect is more than was expected, with probability. */
typedef struct Helps {
    const ContentPractice *practice;
    int n; /* times it was done, where something tells how it went */
    double probability;
} Helps;

enum { OVERVIEW_PEOPLE = 12, OVERVIEW_HELPS = 5 };
typedef struct Overview {
    int people, readings; /* relationships with a type felt, and answers about them */
    Balance balance[TYPE_COUNT];
    Accepted accepted[OVERVIEW_PEOPLE];
    int n_accepted;
    Turn turns[OVERVIEW_PEOPLE];
    int n_turns;
    Helps helps[OVERVIEW_HELPS];
    int n_helps;
} Overview;
/* Relationships that are unsafe, over, or with someone who has died are left out. Turns are looked for in the
 * OVERVIEW_PEOPLE with the latest check-ins, over a year. */
MUST_CHECK Err insight_overview(Cx *cx, InsightCache *cache, const Book *book, Overview *ret);

#endif
