/* insight/own_part.h - the snapshot that learning works on, for insight/own*.c alone.
 * Shapes  parts[i] is one relationship; its events are sorted, question[k] is -1 where event k is no answer.
 * Memory  everything in the snapshot's own arena. */
#ifndef INSIGHT_OWN_PART_H
#define INSIGHT_OWN_PART_H

#include "insight/own.h"

typedef struct OwnDone {
    int practice, part;
    double t_days;
    double share; /* one over the practices done around it */
} OwnDone;

struct OwnSnapshot {
    Arena arena;
    uint64_t key;
    int checkins, n, n_done;
    LearnHistory *histories;
    int **question;
    KindId *kinds;
    OwnDone *done;
    LearnTape tape;
};

/* What followed each practice that was done, given all that was learned before, into ret->effects. */
MUST_CHECK Err own_learn_effects(Cx *cx, const OwnSnapshot *snapshot,
                                 const LearnHistory histories[], const RelModel models[], Own *ret);

#endif
