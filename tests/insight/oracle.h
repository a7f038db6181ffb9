/* tests/insight/oracle.h - the rules of safety, read a second time from the contract alone. Nothing here calls
 * src/insight: it reads scripts, and asks the engine (num) only for the belief about trust, safety and acceptance.
 * Shapes  as script.h.
 * Errors  asserts. */
#ifndef TEST_INSIGHT_ORACLE_H
#define TEST_INSIGHT_ORACLE_H

#include "script.h"

typedef struct Oracle {
    const Script *s;
    int64_t now_ms;
    int depth;      /* deepest that may be offered */
    bool is_unsafe; /* a safety answer of 3 or less stands, or the harm flag */
    bool apart;     /* resting, ended, they have died: nothing that reaches them */
    bool paused;
    bool romance;
    bool minor, is_new;
    bool compassion_low;
} Oracle;

/* my_minor: the person whose book it is is under age. */
Oracle oracle_read(Cx *cx, const Script *s, bool my_minor, int64_t now_ms);
/* What is wrong with offering this here; NULL when nothing is. */
const char *oracle_objects(const Oracle *o, const ContentPractice *p);
const char *oracle_objects_prompt(const Oracle *o, const ContentDeck *d, const ContentPrompt *p);
const char *oracle_objects_question(const Oracle *o, const ContentQuestion *q);

#endif
