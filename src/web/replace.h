/* web/replace.h - the server that starts itself anew in its own place, so that neither keys nor pages stay in memory.
 * Shapes  the listening socket, the sessions, and where the vault is go over; nothing that was read from it does.
 * Errors  as base/handover.h. A server that cannot start anew ends instead.
 * Memory  as base/handover.h.
 * Thread  the server's. */
#ifndef WEB_REPLACE_H
#define WEB_REPLACE_H

#include "web/pages.h"

/* Returns only when it failed. The vault is closed and no connection is left. */
MUST_CHECK Err replace_self(Cx *cx, Site *site, int listening);
/* In the new one: fills site and its vault from what was handed over; ERR_NOT_FOUND for a server that was
 * started in the ordinary way. *ret_reopen: no passphrase stands before the vault and it was open. */
MUST_CHECK Err replace_resume(Cx *cx, Site *site, int *ret_listening, bool *ret_reopen);

#endif
