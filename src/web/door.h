/* web/door.h - who may come in: the one-time token, the session cookie, CSRF tokens, Host and Origin.
 * Other users of this machine reach loopback too, so without a session nothing answers.
 * Shapes  at most SESSIONS_MAX sessions; the one unused longest gives way.
 * Units   instants in ms.
 * Errors  a closed door is a Door value, not an Err.
 * Memory  the secrets live in the Doors and are wiped by doors_close.
 * Thread  the server's. */
#ifndef WEB_DOOR_H
#define WEB_DOOR_H

#include "base/id.h"
#include "base/str.h"

enum { SESSIONS_MAX = 16, DOOR_HOST_CAP = 64, NOTICE_CAP = 256 };

/* What was kept by the last POST, until the next page has said it. */
typedef struct Notice {
    char text[NOTICE_CAP], batch[ID_TEXT_CAP];
    bool undone;
} Notice;

typedef struct Session {
    Id id, csrf;
    int64_t used_ms; /* 0: free */
    Notice notice;
} Session;

typedef struct Doors {
    Id token; /* zero once used */
    Session sessions[SESSIONS_MAX];
    int port;
} Doors;

void doors_open(Doors *doors, int port);
void doors_close(Doors *doors);
/* A fresh one-time token; the one before stops working. */
void doors_new_token(Doors *doors);
/* The token of an address: true once, and *ret is the new session. */
bool door_enter(Doors *doors, Str token, int64_t now_ms, Session **ret);
/* The session of a Cookie header, or NULL. */
Session *door_session(Doors *doors, Str cookie_header, int64_t now_ms);
void door_leave(Session *session);
/* The Host header is one of this server's own names on loopback. */
bool door_host(const Doors *doors, Str host);
/* May this POST change something? Origin must be ours; "null", which browsers send under no-referrer,
 * only with Sec-Fetch-Site: same-origin; both absent is a program, not a browser. */
bool door_origin(const Doors *doors, Str host, Str origin, Str fetch_site);
bool door_csrf(const Session *session, Str given);

enum { COOKIE_CAP = 128 };
/* "fonder=…; HttpOnly; SameSite=Strict; Path=/" */
Str door_cookie(const Session *session, char out[COOKIE_CAP]);

#endif
