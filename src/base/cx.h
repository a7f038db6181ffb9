/* base/cx.h - what travels with one command or request: its memory, its now, its reason for failing.
 * Units   now_ms is milliseconds since 1970-01-01 UTC, read once per request from base/os.h, so that
 *         one request sees one instant and tests choose it.
 * Memory  the arena is the caller's; whoever made it resets it when the answer has been sent.
 * Thread  one thread at a time. */
#ifndef BASE_CX_H
#define BASE_CX_H

#include "base/arena.h"
#include "base/err.h"

typedef struct Cx {
    Arena *arena;
    int64_t now_ms;
    Why why;
} Cx;

/* Records why and returns code: `return err_set(cx, ERR_INVALID, "err.too-long", ARGS(...))`.
 * args may be NO_ARGS; names and strings must outlive the request (arena or literals). */
MUST_CHECK Err err_set(Cx *cx, Err code, const char *key, const Arg *args);
/* The same, about one input field. */
MUST_CHECK Err err_field(Cx *cx, Err code, const char *field, const char *key, const Arg *args);
MUST_CHECK Err err_nomem(Cx *cx);
void err_clear(Cx *cx);

/* AUTO_CLEAN(fn): runs fn(&variable) at the end of its scope. */
#define AUTO_CLEAN(fn) __attribute__((cleanup(fn)))

/* An assertion about our own code. It stays on in release: a broken invariant must not be kept. */
#define INVARIANT(cond) ((cond) ? (void)0 : os_panic(__FILE__, __LINE__, #cond))
_Noreturn void os_panic(const char *file, int line, const char *condition);

#endif
