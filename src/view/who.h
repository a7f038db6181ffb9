/* view/who.h - a person and the relationship in words: name, kinds, facts. Private.
 * Shapes  Bond holds what the book says of one person, read once for a view.
 * Errors  sticky in Make.
 * Memory  borrows the book; sentences in cx->arena.
 * Thread  as view/view.h. */
#ifndef VIEW_WHO_H
#define VIEW_WHO_H

#include "insight/insight.h"
#include "view/make.h"

typedef struct Bond {
    BookPerson person;
    BookRelationship rel;
    Str name, call; /* as written; what one calls them in a sentence */
    bool gentle;    /* died, or a season of grief */
} Bond;

/* False, and noted in m, when there is nobody of that ref. */
bool bond_read(Make *m, BookRef person, Bond *ret);
/* "sister and close friend", or the person's own word; "" when not said. */
Str bond_kinds(Make *m, const Bond *b);
void put_who(Make *m, json_t *o, const char *key, const Bond *b);
void add_who(Make *m, json_t *list, const Bond *b);
/* Full years on the owner's calendar day; -1 when the year is not known or the day is still to come. */
int years_since(int32_t ymd, const Civil *on);

#endif
