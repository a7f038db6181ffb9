/* view/steps.h - what one could do first, and the choices of forms. Private.
 * Shapes  docs/VIEWMODELS.md: step, choice, link.
 * Errors  sticky in Make.
 * Memory  as view/make.h.
 * Thread  as view/view.h. */
#ifndef VIEW_STEPS_H
#define VIEW_STEPS_H

#include "view/make.h"

/* The beginnings: bring people in, add one, write something down. [] unless wanted. */
void put_steps(Make *m, json_t *o, const char *key, bool wanted);
void add_link(Make *m, json_t *list, const char *name_key, Str path);
void put_link(Make *m, json_t *o, const char *key, Str name, Str path);
void add_choice(Make *m, json_t *list, Str value, Str name, Str about, bool selected);
/* One of the values, worded by prefix + value; selected: its index, -1 none. With first_key the empty value, "not
 * said", stands in front. */
void put_choices(Make *m, json_t *o, const char *key, const char *prefix,
                 const char *const values[], int n, int selected, const char *first_key);
/* The members of a closed set of content; which are ticked says the set. */
void put_tags(Make *m, json_t *o, const char *key, const ContentTag tags[], int n, IdSet selected);

#endif
