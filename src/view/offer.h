/* view/offer.h - an offer in words: what, why this and why now, what it takes, how sure. Private.
 * Shapes  docs/VIEWMODELS.md: offer, care. Depth is never a member.
 * Errors  sticky in Make.
 * Memory  as view/make.h.
 * Thread  as view/view.h. */
#ifndef VIEW_OFFER_H
#define VIEW_OFFER_H

#include "view/who.h"

/* Nothing that reaches out to someone who has died; returns how many are left. */
int offers_fit(Make *m, Offer offers[], int n);
void add_offer(Make *m, json_t *list, const Bond *b, const Offer *offer, const Relation *r);
/* What was taken up and waits to be done: with that person, or with anyone (BOOK_NONE). */
void put_taken(Make *m, json_t *o, BookRef person);
/* Why nothing is offered here: sentences. */
void put_nothing(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r);
/* What stands in front where it does not feel safe. */
void put_care(Make *m, json_t *o, const char *key);
/* The study a statement rests on; nothing when there is none. */
void put_finding(Make *m, json_t *o, const ContentFinding *finding);
bool relation_is_safe(const Relation *r);

#endif
