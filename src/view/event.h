/* view/event.h - something that happened, as stories and lists show it. Private.
 * Shapes  docs/VIEWMODELS.md: event.
 * Errors  sticky in Make.
 * Memory  as view/make.h.
 * Thread  as view/view.h. */
#ifndef VIEW_EVENT_H
#define VIEW_EVENT_H

#include "view/who.h"

/* The kinds that stories tell; counted traffic and unanswered offers are none. */
extern const uint32_t STORY_KINDS;
/* reader: the person on whose page it stands, left out of "with"; BOOK_NONE: everyone is named. */
void add_event(Make *m, json_t *list, BookRef event, BookRef reader);
const char *event_kind_name(uint16_t kind); /* "check-in", "moment" */
Str say_event_kind(Make *m, uint16_t kind); /* "A moment" */

#endif
