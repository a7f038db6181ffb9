/* log/keys.c - how the vault key is wrapped for the owner, and unwrapped again.
 * The vault key is random and never shown; a passphrase stretched by Argon2id, or the bytes of the
 * key file, or the recovery code opens a box with it. Changing the passphrase is therefore one row.
 */
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

static Err key_file_read(Cx *cx, Str path, uint8_t ret_key[SEAL_KEY])
{
    Str name = log_beside(cx, path, ".key");
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

/* A key file that is already there is used: it may belong to a vault that was moved away. */
static Err key_file_make(Cx *cx, Str path, uint8_t ret_key[SEAL_KEY])
{
    Str name = log_beside(cx, path, ".key");
    if (str_is_null(name))
        return err_nomem(cx);
    if (os_exists(cx, name))
        return key_file_read(cx, path, ret_key);
    os_random(ret_key, SEAL_KEY);
    return os_write_file(cx, name, (Str){(const char *)ret_key, SEAL_KEY});
}

static SealPlace wrap_place(const LogHeader *header)
{
    return (SealPlace){SEAL_WRAP, header->vault, 0, 0};
}

/* The key that the wrapped key is sealed with. */
static Err wrapping_key(Cx *cx, Str path, const LogSecret *secret, const LogHeader *header,
                        uint8_t ret_key[SEAL_KEY])
{
    if (secret->kind == LOG_KEY_FILE)
        return key_file_read(cx, path, ret_key);
    Err e = check_passphrase(cx, secret->text);
    if (e != OK)
        return e;
    return seal_stretch(secret->text, header->salt, header->cost, ret_key) ? OK : err_nomem(cx);
}

Err log_key_wrap(Cx *cx, Str path, const LogSecret *secret, const uint8_t key[SEAL_KEY],
                 LogHeader *header)
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
        e = key_file_make(cx, path, outer);
    } else {
        h.cost = seal_cost(secret->cost);
        os_random(h.salt, sizeof h.salt);
        e = wrapping_key(cx, path, secret, &h, outer);
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

static Err unwrap_recovery(Cx *cx, const LogSecret *secret, const LogHeader *header,
                           uint8_t ret_key[SEAL_KEY])
{
    uint8_t code[SEAL_CODE];
    int word = 0;
    if (!seal_recovery_parse(secret->text, code, &word))
        return err_set(cx, ERR_INVALID, word > 0 ? "err.log-code-word" : "err.log-code",
                       ARGS(arg_int("word", word)));
    bool opened = seal_recovery_unbox(code, header->recovery_box, ret_key);
    os_wipe(code, sizeof code);
    return opened ? OK : err_set(cx, ERR_DENIED, "err.log-wrong-code", NO_ARGS);
}

Err log_key_unwrap(Cx *cx, Str path, const LogSecret *secret, const LogHeader *header,
                   uint8_t ret_key[SEAL_KEY])
{
    if (secret->kind == LOG_RECOVERY)
        return unwrap_recovery(cx, secret, header, ret_key);
    if (secret->kind != header->opens_with)
        return err_set(cx, ERR_DENIED,
                       header->opens_with == LOG_PASSPHRASE ? "err.log-needs-passphrase"
                                                            : "err.log-needs-key-file",
                       NO_ARGS);
    bool may_swap = false;
    AUTO_CLEAN(seal_key_free_at) uint8_t *outer = seal_key_new(&may_swap);
    if (!outer)
        return err_nomem(cx);
    Err e = wrapping_key(cx, path, secret, header, outer);
    if (e != OK)
        return e;
    SealPlace place = wrap_place(header);
    if (seal_open(outer, &place, header->wrap, sizeof header->wrap, ret_key))
        return OK;
    return err_set(cx, ERR_DENIED,
                   secret->kind == LOG_PASSPHRASE ? "err.log-wrong-passphrase"
                                                  : "err.log-wrong-key-file",
                   NO_ARGS);
}
