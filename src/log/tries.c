/* log/tries.c - a growing pause after wrong passphrases, remembered beside the vault
 * (PATH.tries).
 * The file says how many guesses in a row were wrong and when the last one was; it holds no
 * secret. Three are free, then the pause doubles from a second to five minutes. It keeps someone
 * at this machine from trying many; whoever takes the file away is held up by Argon2id alone. A
 * clock that goes back starts the pause over, no longer. */
#include "base/buf.h"
#include "base/hold.h"
#include "base/os.h"
#include "log/inner.h"

enum { FREE_TRIES = 3, PAUSE_MAX_S = 300, TRIES_MAX = 1000000, FILE_MAX = 100 };

typedef struct Tries {
    int64_t count, last_ms;
} Tries;

/* A file that is not as we write it counts as none. */
static Tries tries_parse(Str text)
{
    Tries t = {0, 0};
    Str count = str_line(&text), last = str_line(&text);
    if (!str_to_i64(count, 0, TRIES_MAX, &t.count) || !str_to_i64(last, 0, INT64_MAX, &t.last_ms))
        t = (Tries){0, 0};
    return t;
}

static Err tries_text(Cx *cx, Tries t, Str *ret)
{
    Buf buf = buf_make(cx->arena, FILE_MAX);
    buf_fmt(&buf, "%lld\n%lld\n", (long long)t.count, (long long)t.last_ms);
    return buf_done(cx, &buf, ret);
}

static int64_t pause_ms(int64_t count)
{
    int64_t s = count < FREE_TRIES ? 0 : 1;
    for (int64_t i = FREE_TRIES; i < count && s < PAUSE_MAX_S; i++)
        s *= 2;
    return 1000 * (s < PAUSE_MAX_S ? s : PAUSE_MAX_S);
}

/* One guess more, or how long to wait for it. Whoever guesses at the same moment comes after this. */
static Err count_guess(void *ctx, Cx *cx, Str old, Str *ret_new)
{
    int64_t *ret_left_ms = ctx;
    Tries t = tries_parse(old);
    bool back = t.last_ms > cx->now_ms;
    if (back)
        t.last_ms = cx->now_ms;
    int64_t left_ms = t.last_ms + pause_ms(t.count) - cx->now_ms;
    *ret_left_ms = t.count > 0 && left_ms > 0 ? left_ms : 0;
    if (*ret_left_ms == 0)
        t = (Tries){t.count < TRIES_MAX ? t.count + 1 : t.count, cx->now_ms};
    return tries_text(cx, t, ret_new);
}

Err log_tries_begin(Cx *cx, Str path)
{
    Str name = log_beside(cx, path, ".tries");
    int64_t left_ms = 0;
    if (str_is_null(name))
        return err_nomem(cx);
    /* where it cannot be written (a read-only disk) there is no pause */
    if (hold_update(cx, name, FILE_MAX, count_guess, &left_ms) != OK)
        err_clear(cx);
    return left_ms > 0
               ? err_set(cx, ERR_BUSY, "err.log-wait", ARGS(arg_int("n", (left_ms + 999) / 1000)))
               : OK;
}

void log_tries_clear(Cx *cx, Str path)
{
    Str name = log_beside(cx, path, ".tries");
    if (str_is_null(name) || os_remove(cx, name) != OK)
        err_clear(cx);
}
