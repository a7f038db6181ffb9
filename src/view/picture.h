/* view/picture.h - what the entries support saying, as the members a picture is drawn from. Private.
 * Where no word is supported there is no best guess either: mean is left out, the range stays.
 * Shapes  docs/VIEWMODELS.md: estimate, figure, trend, rhythm.
 * Units   values 0..10 to one decimal.
 * Errors  sticky in Make.
 * Memory  as view/make.h.
 * Thread  as view/view.h. */
#ifndef VIEW_PICTURE_H
#define VIEW_PICTURE_H

#include "view/who.h"

/* The relation of this person, for the time of one view; NULL after a failure. */
const Relation *relation_read(Make *m, BookRef person);
Str say_level(Make *m, const Estimate *e); /* "not enough to say yet" when nothing is known */
/* whole: with the roots; else the types alone, for lists. */
void put_figure(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r, bool whole);
void put_trend(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r);
/* A year of moments; not there when there were none. */
void put_rhythm(Make *m, json_t *o, const char *key, const Bond *b);

#endif
