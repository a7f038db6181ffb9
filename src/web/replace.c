/* web/replace.c - SQLite, the HTTP and the JSON library keep copies of what passed through them, in places that only
 * they know. Wiping one's own memory is therefore not enough to lock; a fresh image of the program is, and the kernel
 * does the clearing. It costs a start of the program, some milliseconds, in which new connections wait at the socket.
 * The same program writes and reads the state, so it goes over as the struct it is. */
#include "web/replace.h"
#include "base/buf.h"
#include "base/handover.h"
#include <string.h>

typedef struct State {
    char mark[8];
    int64_t idle_ms;
    int32_t listening;
    bool keyless, reopen;
    Doors doors;
} State;

static const char mark[8] = "fonderS1";

Err replace_self(Cx *cx, Site *site, int listening)
{
    static const char *const argv[] = {"fonder", "serve", NULL};
    State state = {.idle_ms = site->idle_ms,
                   .listening = listening,
                   .keyless = site->keyless,
                   .reopen = site->reopen,
                   .doors = site->doors};
    Buf buf = buf_make(cx->arena, HANDOVER_MAX);
    Str bytes = {NULL, 0};
    memcpy(state.mark, mark, sizeof mark);
    for (int i = 0; i < SESSIONS_MAX; i++) /* they may name somebody */
        state.doors.sessions[i].notice = (Notice){.text = ""};
    buf_bytes(&buf, &state, (ptrdiff_t)sizeof state);
    buf_put(&buf, site->app->vault);
    Err e = buf_done(cx, &buf, &bytes);
    return e == OK ? handover_give(cx, argv, bytes, listening) : e;
}

Err replace_resume(Cx *cx, Site *site, int *ret_listening, bool *ret_reopen)
{
    Str bytes = {NULL, 0};
    State state;
    Err e = handover_take(cx, &bytes);
    if (e != OK)
        return e;
    if (bytes.len <= (ptrdiff_t)sizeof state || memcmp(bytes.p, mark, sizeof mark) != 0)
        return err_set(cx, ERR_NOT_FOUND, "err.handover", ARGS(arg_str("reason", STR(""))));
    memcpy(&state, bytes.p, sizeof state);
    site->idle_ms = state.idle_ms;
    site->keyless = state.keyless;
    site->doors = state.doors;
    site->app->vault = str_from(bytes, (ptrdiff_t)sizeof state);
    *ret_listening = state.listening;
    *ret_reopen = state.reopen;
    return OK;
}
