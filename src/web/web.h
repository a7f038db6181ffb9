/* web/web.h - the site: HTTP on loopback over the same table of actions as the command line.
 * Shapes  GET rows answer with a page or, asked with Accept: application/json, with the view-model itself;
 *         POST rows answer with 303 (a form) or the view-model (JSON). Static files under /static/.
 * Errors  as the actions': 422 with the form shown again and what was typed still in it, 404, 403, 413.
 * Memory  one arena a request, wiped when the response has been sent.
 * Thread  one, the caller's: it polls until SIGINT or SIGTERM, then lets running requests end. It owns
 *         log and book meanwhile. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "app/app.h"

enum { WEB_PORT_DEFAULT = 7817 };

/* Input of the row "serve": port (0: any free one), demo, no-passphrase. Opens or creates the vault,
 * prints the address with its one-time token, serves until asked to stop. */
MUST_CHECK Err web_serve(Cx *cx, App *app, const Input *in);

#endif
