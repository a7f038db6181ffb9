/* log/keyring.c - the vault key in the kernel's keyring of this user, for a limited time.
 * The kernel forgets it at the end of that time whatever becomes of us, never writes it to disk,
 * and gives it to no other user. The user keyring rather than the session's: another terminal, or
 * a timer that makes a backup, is another session. */
#include "base/buf.h"
#include "log/inner.h"
#include <errno.h>
#include <keyutils.h>
#include <string.h>

enum { NAME_CAP = 40, SECONDS_MAX = 30 * 86400 };

static void key_name(Id vault, char ret[NAME_CAP])
{
    memcpy(ret, "fonder:", 8);
    (void)id_format(vault, ret + 7);
}

static key_serial_t find_key(Id vault)
{
    char name[NAME_CAP];
    key_name(vault, name);
    return (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user", name, 0);
}

Err log_keyring_get(Cx *cx, Id vault, uint8_t ret_key[SEAL_KEY])
{
    key_serial_t key = find_key(vault);
    if (key < 0 || keyctl_read(key, (char *)ret_key, SEAL_KEY) != SEAL_KEY)
        return err_set(cx, ERR_LOCKED, "err.log-locked", NO_ARGS);
    return OK;
}

void log_keyring_drop(Id vault)
{
    key_serial_t key = find_key(vault);
    if (key < 0)
        return;
    (void)keyctl_revoke(key);
    (void)keyctl_unlink(key, KEY_SPEC_USER_KEYRING);
}

Err log_unlock(Cx *cx, const Log *log, int64_t seconds)
{
    char name[NAME_CAP];
    if (seconds < 1 || seconds > SECONDS_MAX)
        return err_set(cx, ERR_INVALID, "err.log-unlock-time", ARGS(arg_int("max", SECONDS_MAX)));
    log_keyring_drop(log->vault);
    key_name(log->vault, name);
    key_serial_t key = add_key("user", name, log->key, SEAL_KEY, KEY_SPEC_USER_KEYRING);
    bool kept = key >= 0 && keyctl_set_timeout(key, (unsigned)seconds) == 0 &&
                keyctl_setperm(key, KEY_POS_ALL | KEY_USR_ALL) == 0;
    if (kept)
        return OK;
    int reason = errno;
    log_keyring_drop(log->vault);
    return err_set(cx, ERR_DENIED, "err.log-no-keyring",
                   ARGS(arg_str("reason", str_dup(cx->arena, str_c(strerror(reason))))));
}

Err log_lock(Cx *cx, Str path)
{
    LogLook look = {0};
    Err e = log_look(cx, path, &look);
    if (e == OK)
        log_keyring_drop(look.vault);
    return e;
}
