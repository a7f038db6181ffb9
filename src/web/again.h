/* web/again.h - a form that was refused, shown again as it was sent.
 * Shapes  the view-model of the form (docs/VIEWMODELS.md) and the fields of the request. Members that hold
 *         what is on file take what was sent; choices are ticked as they were; "typed" has the texts
 *         that the view has no member for; "wrong" has the message under the name of its field.
 * Errors  none: what does not fit is left as the view had it.
 * Memory  everything belongs to the view.
 * Thread  the server's. */
#ifndef WEB_AGAIN_H
#define WEB_AGAIN_H

#include "web/request.h"

/* error: {message, field, …}. */
void form_refill(json_t *view, const Action *action, Request *r, json_t *error);

#endif
