/* log/keys.c - how the vault key is wrapped for the owner, and unwrapped again.
 * The vault key is random and never shown; a passphrase stretched by Argon2id, or the bytes of
 * the key file, or the recovery code opens a box with it. Changing the passphrase is therefore
 * one row. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

void log_recovery_wipe(LogRecovery *code)
{
    os_wipe(code, sizeof *code);
}

static Err check_passphrase(Cx *cx, Str passphrase)
{
    if (passphrase.len == 0)
        return err_set(cx, ERR_INVALID, "err.passphrase-empty", NO_ARGS);
    if (passphrase.len > LOG_PASSPHRASE_MAX)
        return err_set(cx, ERR_LIMIT, "err.passphrase-too-long",
                       ARGS(arg_int("max", LOG_PASSPHRASE_MAX)));
    return OK;
}

static Err key_file_read(Cx *cx, Str path, const char *suffix, uint8_t ret_key[SEAL_KEY])
{
    Str name = log_beside(cx, path, suffix);
    Str bytes = {NULL, 0};
    if (str_is_null(name))
        return err_nomem(cx);
    const Arg *args = ARGS(arg_str("file", name));
    if (!os_exists(cx, name))
        return err_set(cx, ERR_NOT_FOUND, "err.log-key-file-absent", args);
    Err e = os_read_file(cx, name, SEAL_KEY, &bytes);
    if (e == ERR_LIMIT || (e == OK && bytes.len != SEAL_KEY))
        return err_set(cx, ERR_DAMAGED, "err.log-key-file-damaged", args);
    if (e != OK)
        return e;
    if (os_others_can_read(cx, name))
        return err_set(cx, ERR_DENIED, "err.log-key-file-open", args);
    memcpy(ret_key, bytes.p, SEAL_KEY);
    return OK;
}

/* A key file that is there already is used and not destroyed: it may belong to a vault that was
 * moved. The fresh one of a rekey is always new. */
static Err key_file_make(Cx *cx, Str path, const char *suffix, uint8_t ret_key[SEAL_KEY])
{
    Str name = log_beside(cx, path, suffix);
    if (str_is_null(name))
        return err_nomem(cx);
    if (os_exists(cx, name) && !str_eq_c(str_c(suffix), LOG_KEY_FRESH))
        return key_file_read(cx, path, suffix, ret_key);
    os_random(ret_key, SEAL_KEY);
    return os_write_file(cx, name, (Str){(const char *)ret_key, SEAL_KEY});
}

Err log_key_file_settle(Cx *cx, Str path)
{
    Str fresh = log_beside(cx, path, LOG_KEY_FRESH), name = log_beside(cx, path, LOG_KEY_NAME);
    if (str_is_null(fresh) || str_is_null(name))
        return err_nomem(cx);
    return os_exists(cx, fresh) ? os_replace(cx, fresh, name) : OK;
}

static SealPlace wrap_place(const LogHeader *header)
{
    return (SealPlace){SEAL_WRAP, header->vault, 0, 0};
}

Err log_key_wrap(Cx *cx, Str path, const LogSecret *secret, const char *key_suffix,
                 const uint8_t key[SEAL_KEY], LogHeader *header)
{
    bool may_swap = false;
    AUTO_CLEAN(seal_key_free_at) uint8_t *outer = seal_key_new(&may_swap);
    if (!outer)
        return err_nomem(cx);
    INVARIANT(secret->kind == LOG_PASSPHRASE || secret->kind == LOG_KEY_FILE);
    LogHeader h = *header;
    h.opens_with = secret->kind;
    h.cost = (SealCost){0, 0};
    memset(h.salt, 0, sizeof h.salt);
    Err e = OK;
    if (secret->kind == LOG_KEY_FILE) {
        e = key_file_make(cx, path, key_suffix, outer);
    } else {
        h.cost = seal_cost(secret->cost);
        os_random(h.salt, sizeof h.salt);
        e = check_passphrase(cx, secret->text);
        if (e == OK && !seal_stretch(secret->text, h.salt, h.cost, outer))
            e = err_nomem(cx);
    }
    if (e != OK)
        return e;
    uint8_t nonce[SEAL_NONCE];
    os_random(nonce, sizeof nonce);
    SealPlace place = wrap_place(&h);
    seal_close(outer, &place, nonce, key, SEAL_KEY, h.wrap);
    *header = h;
    return OK;
}

static Err read_code(Cx *cx, Str text, uint8_t ret_code[SEAL_CODE])
{
    int word = 0;
    if (seal_recovery_parse(text, ret_code, &word))
        return OK;
    return err_set(cx, ERR_INVALID, word > 0 ? "err.log-code-word" : "err.log-code",
                   ARGS(arg_int("word", word)));
}

Err log_recovery_check(Cx *cx, Str text)
{
    uint8_t code[SEAL_CODE];
    Err e = read_code(cx, text, code);
    os_wipe(code, sizeof code);
    return e;
}

static Err unwrap_recovery(Cx *cx, const LogSecret *secret, const LogHeader *header,
                           uint8_t ret_key[SEAL_KEY])
{
    uint8_t code[SEAL_CODE];
    Err e = read_code(cx, secret->text, code);
    if (e != OK)
        return e;
    bool opened = seal_recovery_unbox(code, header->recovery_box, ret_key);
    os_wipe(code, sizeof code);
    return opened ? OK : err_set(cx, ERR_DENIED, "err.log-wrong-code", NO_ARGS);
}

static bool wrap_opens(const LogHeader *header, const uint8_t outer[SEAL_KEY],
                       uint8_t ret_key[SEAL_KEY])
{
    SealPlace place = wrap_place(header);
    return seal_open(outer, &place, header->wrap, sizeof header->wrap, ret_key);
}

/* Each guess is noted before it is tried, so that ending the process does not undo the note. */
static Err unwrap_passphrase(Cx *cx, Str path, const LogSecret *secret, const LogHeader *header,
                             uint8_t outer[SEAL_KEY], uint8_t ret_key[SEAL_KEY])
{
    Err e = check_passphrase(cx, secret->text);
    if (e == OK)
        e = log_tries_begin(cx, path);
    if (e != OK)
        return e;
    if (!seal_stretch(secret->text, header->salt, header->cost, outer))
        return err_nomem(cx);
    if (!wrap_opens(header, outer, ret_key))
        return err_set(cx, ERR_DENIED, "err.log-wrong-passphrase", NO_ARGS);
    log_tries_clear(cx, path);
    return OK;
}

/* A rekey that was killed may have left the fresh key file beside the old one: whichever opens is
 * it. */
static Err unwrap_key_file(Cx *cx, Str path, const LogHeader *header, uint8_t outer[SEAL_KEY],
                           uint8_t ret_key[SEAL_KEY])
{
    Err e = key_file_read(cx, path, LOG_KEY_NAME, outer);
    if (e == OK && wrap_opens(header, outer, ret_key))
        return OK;
    if (e == OK)
        e = err_set(cx, ERR_DENIED, "err.log-wrong-key-file", NO_ARGS);
    Why why = cx->why;
    if (key_file_read(cx, path, LOG_KEY_FRESH, outer) == OK && wrap_opens(header, outer, ret_key))
        return log_key_file_settle(cx, path);
    cx->why = why;
    return e;
}

Err log_wrong_kind(Cx *cx, const LogHeader *header)
{
    return err_set(cx, ERR_DENIED,
                   header->opens_with == LOG_PASSPHRASE ? "err.log-needs-passphrase"
                                                        : "err.log-needs-key-file",
                   NO_ARGS);
}

Err log_key_unwrap(Cx *cx, Str path, const LogSecret *secret, const LogHeader *header,
                   uint8_t ret_key[SEAL_KEY])
{
    if (secret->kind == LOG_RECOVERY)
        return unwrap_recovery(cx, secret, header, ret_key);
    bool key_file = header->opens_with == LOG_KEY_FILE;
    if (secret->kind == LOG_KEYRING || (secret->kind == LOG_AT_HAND && !key_file))
        return log_keyring_get(cx, header->vault, ret_key);
    if (secret->kind != LOG_AT_HAND && secret->kind != header->opens_with)
        return log_wrong_kind(cx, header);
    bool may_swap = false;
    AUTO_CLEAN(seal_key_free_at) uint8_t *outer = seal_key_new(&may_swap);
    if (!outer)
        return err_nomem(cx);
    return key_file ? unwrap_key_file(cx, path, header, outer, ret_key)
                    : unwrap_passphrase(cx, path, secret, header, outer, ret_key);
}
