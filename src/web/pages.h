/* web/pages.h - what the site answers: doors first, then the row of the table, then its page.
 * Shapes  a Site is one running server.
 * Errors  every failure becomes a page (or JSON) with a status and a sentence that says what to do.
 * Memory  responses live in the request's arena.
 * Thread  the server's. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "web/door.h"
#include "web/request.h"

typedef struct Site {
    App *app;
    Doors doors;
    int running;     /* requests under way */
    bool keyless;    /* was left, and no passphrase stands before it */
    int64_t used_ms; /* the last request */
} Site;

void site_answer(Site *site, Request *r, Response *ret);
/* Locks after a time without requests. */
void site_tick(Site *site, int64_t now_ms);
/* The address with its one-time token, on standard output. */
void site_print_address(Cx *cx, Site *site);

#endif
