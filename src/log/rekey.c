/* log/rekey.c - changing what opens a vault, and sealing all of it anew.
 * A new passphrase rewraps the vault key: one header. When the key itself or the code may be known,
 * or a person is to be forgotten, every entry is sealed again under a fresh key. That happens in
 * place, in one transaction, and not in a second file that is then renamed: under a rename
 * another process would go on appending to a file nobody reads any more, and the old WAL would be
 * played into the new file. So SQLite's own atomic commit is the only switch there is. Afterwards
 * scrub.c leaves nothing of the old. Cost: about 5 us an entry, the size of the vault once more
 * in the WAL meanwhile. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

/* -- what opens the vault ---------------------------------------------------------------------- */

/* The header as it stands in this transaction, written under our key. */
static Err header_for_change(Cx *cx, Log *log, LogHeader *ret)
{
    LogHeader header = {0};
    Err e = log_header_read(cx, log, &header);
    if (e != OK)
        return e;
    if (header.epoch != log->epoch || !log_header_is_ours(cx, &header, log->key))
        return log_why_sealed(cx, log, "err.log-header-damaged", NO_ARGS);
    *ret = header;
    return OK;
}

static void copy_wrap(LogHeader *to, const LogHeader *from)
{
    to->opens_with = from->opens_with;
    to->cost = from->cost;
    memcpy(to->salt, from->salt, sizeof to->salt);
    memcpy(to->wrap, from->wrap, sizeof to->wrap);
}

static Err set_wrap_locked(Cx *cx, Log *log, const LogHeader *wrapped)
{
    LogHeader header = {0};
    Err e = header_for_change(cx, log, &header);
    if (e != OK)
        return e;
    bool key_file_goes = header.opens_with == LOG_KEY_FILE && wrapped->opens_with == LOG_PASSPHRASE;
    copy_wrap(&header, wrapped);
    e = log_header_write(cx, log, &header, log->key);
    return e == OK ? log_scrub_owe(cx, log, key_file_goes) : e;
}

/* Once the header is on disk: the key file that goes with it takes its name, or goes. */
static Err settle_key_file(Cx *cx, Log *log, LogSecretKind before)
{
    if (log->opens_with == LOG_KEY_FILE)
        return log_key_file_settle(cx, log_path(log));
    if (before != LOG_KEY_FILE)
        return OK;
    Str name = log_beside(cx, log_path(log), LOG_KEY_NAME);
    return str_is_null(name) ? err_nomem(cx) : os_remove(cx, name);
}

Err log_set_secret(Cx *cx, Log *log, const LogSecret *secret)
{
    LogHeader wrapped = {.vault = log->vault};
    LogSecretKind before = log->opens_with;
    Err e = log_key_wrap(cx, log_path(log), secret, LOG_KEY_FRESH, log->key, &wrapped);
    if (e == OK)
        e = log_begin_write(cx, log);
    if (e == OK)
        e = log_end(cx, log, set_wrap_locked(cx, log, &wrapped));
    if (e != OK)
        return e;
    log->opens_with = secret->kind;
    log_tries_clear(cx, log_path(log));
    /* it is changed; what could not be cleaned up now is still owed */
    if (settle_key_file(cx, log, before) != OK || log_scrub_header(cx, log) != OK)
        err_clear(cx);
    return OK;
}

/* -- sealing anew ------------------------------------------------------------------------------ */

typedef struct Rewrite {
    const uint8_t *key;             /* the fresh one */
    const uint8_t *recovery_public; /* of the new code; NULL keeps the old one */
    LogHeader wrapped;              /* the header as we first saw it, with the fresh key wrapped */
    LogReplace *replace;
    void *ctx;
    Arena body; /* of one entry at a time */
} Rewrite;

/* The body of the entry behind old, copied out so that the statement is free for writing. */
static Err take_body(Cx *cx, Log *log, Rewrite *rw, LogMark *old, Str *ret)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_ENTRY_GET, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_bind_int64(st, 1, old->device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, old->seq + 1);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    const uint8_t *sealed = rc == SQLITE_ROW ? sqlite3_column_blob(st, 0) : NULL;
    ptrdiff_t len = sealed ? sqlite3_column_bytes(st, 0) : 0, body_len = 0;
    e = log_scratch(cx, log, len);
    if (e != OK)
        return e;
    if (!sealed || !seal_entry_open(log->key, log->vault, old->device, old->seq + 1, sealed, len,
                                    log->scratch, &body_len))
        return err_set(cx, ERR_DAMAGED, "err.log-entry-damaged",
                       ARGS(arg_int("device", old->device), arg_int("entry", old->seq + 1)));
    old->seq++;
    seal_chain(old->hash, old->seq, sealed, len);
    Str body = str_dup(&rw->body, (Str){(const char *)log->scratch, body_len});
    os_wipe(log->scratch, body_len);
    if (body_len > 0 && str_is_null(body))
        return err_nomem(cx);
    *ret = body;
    return OK;
}

static Err rewrite_entry(Cx *cx, Log *log, Rewrite *rw, LogMark *old, LogMark *fresh)
{
    Str body = {NULL, 0};
    Err e = take_body(cx, log, rw, old, &body);
    if (e == OK && rw->replace && body.len > 0) {
        LogEntry entry = {old->device, old->seq, body};
        e = rw->replace(rw->ctx, cx, &entry, &body);
    }
    if (e == OK && body.len > LOG_BODY_MAX)
        e = err_set(cx, ERR_LIMIT, "err.log-body-too-long", ARGS(arg_int("max", LOG_BODY_MAX)));
    if (e == OK)
        e = log_entry_put(cx, log, rw->key, body, STMT_ENTRY_SET, fresh);
    arena_reset(&rw->body);
    return e;
}

/* All entries of a device; its chain must come out as its head says. */
static Err rewrite_device(Cx *cx, Log *log, Rewrite *rw, const LogMark *head)
{
    LogMark old = {.device = head->device}, fresh = {.device = head->device};
    Err e = OK;
    while (e == OK && old.seq < head->seq)
        e = rewrite_entry(cx, log, rw, &old, &fresh);
    if (e != OK)
        return e;
    if (memcmp(old.hash, head->hash, SEAL_HASH) != 0)
        return err_set(cx, ERR_DAMAGED, "err.log-chain-damaged",
                       ARGS(arg_int("device", head->device)));
    return log_head_put(cx, log, rw->key, &fresh);
}

/* A row beyond what the heads count would stay behind under the old key. */
static Err check_count(Cx *cx, Log *log, const LogMark heads[], ptrdiff_t n)
{
    Err e = OK;
    int64_t want = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        want += heads[i].seq;
    LOG_STMT st = log_stmt(cx, log, STMT_ENTRY_COUNT, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_step(st);
    if (rc != SQLITE_ROW)
        return log_sql_fail(cx, log, rc);
    return sqlite3_column_int64(st, 0) == want ? OK : log_damaged(cx, log, "err.log-file-damaged");
}

static Err rewrite_locked(Cx *cx, Log *log, Rewrite *rw)
{
    LogHeader header = {0};
    LogMark *heads = NULL;
    ptrdiff_t n = 0;
    Err e = header_for_change(cx, log, &header);
    if (e == OK && !seal_equal(header.mac, rw->wrapped.mac, SEAL_HASH))
        e = log_sql_fail(cx, log,
                         SQLITE_BUSY); /* its passphrase was changed while we stretched ours */
    if (e == OK)
        e = log_heads_get(cx, log, &heads, &n);
    if (e == OK)
        e = check_count(cx, log, heads, n);
    for (ptrdiff_t i = 0; e == OK && i < n; i++)
        e = rewrite_device(cx, log, rw, &heads[i]);
    if (e != OK)
        return e;
    copy_wrap(&header, &rw->wrapped);
    if (rw->recovery_public)
        memcpy(header.recovery_public, rw->recovery_public, SEAL_PUBLIC);
    seal_recovery_box(header.recovery_public, rw->key, header.recovery_box);
    header.epoch = log->epoch + 1;
    e = log_header_write(cx, log, &header, rw->key);
    return e == OK ? log_scrub_owe(cx, log, false) : e;
}

/* The secret must be the one that opens the vault: a slip of the finger would shut the owner out. */
static Err check_secret(Cx *cx, Log *log, const LogSecret *secret, LogHeader *ret)
{
    bool may_swap = false;
    AUTO_CLEAN(seal_key_free_at) uint8_t *key = seal_key_new(&may_swap);
    LogHeader header = {0};
    if (!key)
        return err_nomem(cx);
    Err e = header_for_change(cx, log, &header);
    if (e == OK && secret->kind != header.opens_with)
        e = log_wrong_kind(cx, &header);
    if (e == OK)
        e = log_key_unwrap(cx, log_path(log), secret, &header, key);
    if (e == OK)
        *ret = header;
    return e;
}

/* Everything up to the commit. */
static Err rewrite_with(Cx *cx, Log *log, const LogSecret *secret, Rewrite *rw)
{
    Err e = check_secret(cx, log, secret, &rw->wrapped);
    if (e == OK)
        e = log_key_wrap(cx, log_path(log), secret, LOG_KEY_FRESH, rw->key, &rw->wrapped);
    if (e == OK)
        e = log_begin_write(cx, log);
    return e == OK ? log_end(cx, log, rewrite_locked(cx, log, rw)) : e;
}

Err log_rewrite(Cx *cx, Log *log, const LogSecret *secret, LogReplace *replace, void *ctx,
                LogRecovery *ret_code, bool *ret_scrubbed)
{
    bool may_swap = false;
    uint8_t *key = seal_key_new(&may_swap);
    if (!key)
        return err_nomem(cx);
    os_random(key, SEAL_KEY);
    LogRecovery code = {{0}};
    uint8_t public_key[SEAL_PUBLIC];
    seal_recovery_new(&code, public_key);
    Rewrite rw = {.key = key,
                  .recovery_public = ret_code ? public_key : NULL,
                  .replace = replace,
                  .ctx = ctx};
    arena_init(&rw.body, ARENA_LIMIT_DEFAULT);
    Err e = rewrite_with(cx, log, secret, &rw);
    arena_free(&rw.body);
    if (e != OK) {
        seal_key_free(key);
        log_recovery_wipe(&code);
        return e;
    }
    seal_key_free(log->key);
    log->key = key;
    log->epoch++;
    log_keyring_drop(log->vault);
    if (ret_code)
        *ret_code = code;
    log_recovery_wipe(&code);
    /* the vault is sealed anew; what may still go wrong is cleaning up after it */
    bool settled = settle_key_file(cx, log, log->opens_with) == OK;
    *ret_scrubbed = log_scrub(cx, log) == OK && settled;
    err_clear(cx);
    return OK;
}

Err log_rekey(Cx *cx, Log *log, const LogSecret *secret, LogRecovery *ret_code, bool *ret_scrubbed)
{
    return log_rewrite(cx, log, secret, NULL, NULL, ret_code, ret_scrubbed);
}
