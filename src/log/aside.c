/* log/aside.c - one small sealed thing beside the vault, for what was worked out from the entries at some cost and
 * would only have to be worked out again. Like the checkpoint it is bound to the vault and its key, is gone when the
 * vault is sealed anew, and whatever is wrong with it, there is none. */
#include "base/buf.h"
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

static const char magic[] = "fonderA1";
enum { OPEN_LEN = 8 + 16 + 8 };

Err log_aside_write(Cx *cx, Log *log, Str bytes)
{
    Str name = log_beside(cx, log_path(log), LOG_ASIDE_NAME);
    uint8_t *file = arena_new(cx->arena, uint8_t, OPEN_LEN + bytes.len + SEAL_OVER);
    uint8_t nonce[SEAL_NONCE], stamp[8];
    if (str_is_null(name) || !file)
        return err_nomem(cx);
    INVARIANT(bytes.len <= LOG_ASIDE_MAX);
    if (log->read_only)
        return err_set(cx, ERR_DENIED, "err.log-read-only", ARGS(arg_str("file", log_path(log))));
    os_random(nonce, sizeof nonce);
    os_random(stamp, sizeof stamp);
    memcpy(file, magic, 8);
    memcpy(file + 8, log->vault.b, 16);
    memcpy(file + 24, stamp, 8);
    SealPlace place = {SEAL_ASIDE, log->vault, (int64_t)seal_get64(stamp), log->epoch};
    seal_close(log->key, &place, nonce, (const uint8_t *)bytes.p, bytes.len, file + OPEN_LEN);
    return log_write_derived(cx, log, name,
                             (Str){(const char *)file, OPEN_LEN + bytes.len + SEAL_OVER});
}

Err log_aside_read(Cx *cx, const Log *log, Str *ret)
{
    Str name = log_beside(cx, log_path(log), LOG_ASIDE_NAME), file = {NULL, 0};
    if (str_is_null(name))
        return err_nomem(cx);
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    bool good = os_read_file(&quiet, name, OPEN_LEN + LOG_ASIDE_MAX + SEAL_OVER, &file) == OK &&
                file.len >= OPEN_LEN + SEAL_OVER && memcmp(file.p, magic, 8) == 0 &&
                memcmp(file.p + 8, log->vault.b, 16) == 0;
    if (!good)
        return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
    const uint8_t *bytes = (const uint8_t *)file.p;
    ptrdiff_t len = file.len - OPEN_LEN - SEAL_OVER;
    SealPlace place = {SEAL_ASIDE, log->vault, (int64_t)seal_get64(bytes + 24), log->epoch};
    uint8_t *text = arena_new(cx->arena, uint8_t, len + 1);
    if (!text)
        return err_nomem(cx);
    if (!seal_open(log->key, &place, bytes + OPEN_LEN, len + SEAL_OVER, text)) {
        Err gone = os_remove(
            &quiet, name); /* no use to anyone; under an older key it may hold what was forgotten */
        (void)gone;
        return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
    }
    *ret = (Str){(const char *)text, len};
    return OK;
}
