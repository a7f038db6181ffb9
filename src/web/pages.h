/* web/pages.h - what the site answers: doors first, then the row of the table, then its page.
 * Shapes  a Site is one running server.
 * Errors  every failure becomes a page (or JSON) with a status and a sentence that says what to do.
 * Memory  responses live in the request's arena.
 * Thread  the server's. */
#ifndef WEB_PAGES_H
#define WEB_PAGES_H

#include "base/hold.h"
#include "web/door.h"
#include "web/request.h"

typedef struct Site {
    App *app;
    Doors doors;
    Arena spare;  /* empty: what the next request works in */
    Hold hold;    /* while the vault is open: "fonder lock" may ask for it */
    int running;  /* requests under way */
    bool warned;  /* that the key may reach swap */
    bool locking; /* the server is to start anew, with the vault closed */
    bool keyless; /* was left, and no passphrase stands before it */
    bool reopen;  /* no passphrase stands before it, and nobody left: the new one opens it again */
    int64_t idle_ms; /* after so long without a request of anyone who is in, it locks */
    int64_t used_ms; /* the last such request */
} Site;

/* Whether a request comes from one of the sessions; only from those is a body read. */
bool site_knows(Site *site, const Request *request);
void site_answer(Site *site, Request *r, Response *ret);
/* Between requests: locks after a time without any, or when asked by "fonder lock"; takes in what others kept. */
void site_tick(Site *site, int64_t now_ms);
/* A slice of work while nobody asks for anything; true when there is none left. */
bool site_prepare(Site *site);
/* To be called when the vault has been opened. */
void site_opened(Cx *cx, Site *site);
/* The address with its one-time token, on standard output. */
void site_print_address(Cx *cx, Site *site);

#endif
