/* insight/offers.h - the offers for one relationship, for insight_next and for today.
 * Shapes  tallies by practice, in the order of content_practices.
 * Units   as insight/insight.h.
 * Errors  as insight_next.
 * Memory  cx->arena.
 * Thread  pure. */
#ifndef INSIGHT_OFFERS_H
#define INSIGHT_OFFERS_H

#include "insight/belief.h"

/* What was learned with anyone up to yesterday; with the person at hand all that was learned counts. */
MUST_CHECK Err offers_learned(Cx *cx, const Book *book, const Ground *ground, Tally ret[]);
/* What a practice is expected to add to each type. */
void offers_expected(const Ground *ground, const ContentPractice *practice, double ret[TYPE_COUNT]);
MUST_CHECK Err offers_make(Cx *cx, const Book *book, const Ground *ground, const Tally learned[],
                           const Relation *relation, const Likes *theirs, Offer ret[], int cap,
                           int *ret_n);

#endif
