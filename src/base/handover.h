/* base/handover.h - a process that starts its own program anew in its place, and what it hands over.
 * Whatever libraries kept in their heaps is gone with the old image, which no wiping could promise. The process
 * keeps its number, its terminal and its environment; the new one is told of the state by the number of a
 * descriptor alone, so that nothing of it stands in its arguments or surroundings.
 * Shapes  state is any bytes up to HANDOVER_MAX; at most one descriptor (a listening socket) stays open besides
 *         the first three.
 * Errors  ERR_IO when the system refuses; then nothing has happened.
 * Memory  the state received is in cx->arena. It lies in an anonymous file that is closed once read.
 * Thread  the only thread of the process. */
#ifndef BASE_HANDOVER_H
#define BASE_HANDOVER_H

#include "base/cx.h"

enum { HANDOVER_MAX = 1 << 16 };

/* Runs this program anew with argv (NULL-terminated); returns only if it cannot. */
MUST_CHECK Err handover_give(Cx *cx, const char *const argv[], Str state, int keep_fd);
/* What was handed over to this process, once; ERR_NOT_FOUND when it was started in the ordinary way. */
MUST_CHECK Err handover_take(Cx *cx, Str *ret_state);

#endif
