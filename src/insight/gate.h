/* insight/gate.h - the one door in front of every offer: how deep, how near, whether at all.
 * The facts are gathered in one place, judged in one function, and every list asks one function, so that
 * no surface can be more generous than another.
 * Shapes  plain values.
 * Units   depth 1..7; values 0..10.
 * Errors  none.
 * Memory  none.
 * Thread  pure.
 * Source  docs/ENGINE.md, "The gate". */
#ifndef INSIGHT_GATE_H
#define INSIGHT_GATE_H

#include "insight/history.h"

typedef struct GateFacts {
    bool someone_new;
    bool evidence;      /* trust, safety and acceptance each have an own reading in 180 days */
    double low;         /* then: the 10 % quantile of the least of the three */
    int deepest;        /* deepest reciprocated depth in 90 days; 0: none logged */
    bool conflict;      /* within 48 hours */
    bool unsafe_answer; /* a safety answer of 3 or less that no later one above 3 has lifted */
    bool harm;
    int season;         /* SeasonId; -1 not said */
    bool paused;
    KindSet kinds;
    bool romance_on, minor; /* minor: either of the two */
    bool compassion_low;
    uint32_t not_ours;  /* types that are not part of this relationship */
} GateFacts;

/* levels: the belief now. minor_me from the book's me. */
void gate_facts(const History *h, const RelLevels *levels, bool minor_me, int64_t now_ms,
                GateFacts *ret);
Gate gate_judge(const GateFacts *facts);
/* May this practice be offered here, now? */
bool gate_allows(const Gate *gate, const GateFacts *facts, const ContentPractice *practice);

#endif
