/* insight/gate.h - the one door in front of every offer: how deep, how near, whether at all.
 * The facts are gathered in one place, judged in one function, and every list asks here, so that no surface can
 * be more generous than another.
 * Shapes  plain values.
 * Units   depth 1..7; values 0..10; instants in ms.
 * Errors  none.
 * Memory  none.
 * Thread  pure.
 * Source  docs/ENGINE.md, "The gate". */
#ifndef INSIGHT_GATE_H
#define INSIGHT_GATE_H

#include "insight/history.h"

/* levels: the belief now. minor_me from the book's me. */
void gate_facts(const History *h, const RelLevels *levels, bool minor_me, int64_t now_ms,
                GateFacts *ret);
Gate gate_judge(const GateFacts *facts);
/* May this be offered here, now? */
bool gate_allows(const Gate *gate, const GateFacts *facts, const ContentPractice *practice);
/* The deepest prompt of this deck that may be shown; 0: not this deck. */
int gate_deck_depth(const Gate *gate, const GateFacts *facts, const ContentDeck *deck);
bool gate_asks(const Gate *gate, const GateFacts *facts, const ContentQuestion *question);
/* Nothing is nudged here: resting, grieving, ended, paused, or they have died. */
bool gate_still(const GateFacts *facts);

#endif
