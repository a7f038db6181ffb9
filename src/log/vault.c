/* log/vault.c - making and opening a vault, and deciding which device it is.
 * A vault is built under a name of its own and given the asked-for name when it is whole and on
 * disk, so that a kill at any instant leaves a vault or none.
 * A device is a file at a place (inode number and machine id, hashed). A copy is another file, so
 * it takes a new device id when it is first opened for writing, and two copies that are both used
 * never give one (device, seq) to two entries. */
#include "base/buf.h"
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

Id log_vault_id(const Log *log)
{
    return log->vault;
}

Str log_path(const Log *log)
{
    return str_c(log->path);
}

int64_t log_device(const Log *log)
{
    return log->device;
}

bool log_is_read_only(const Log *log)
{
    return log->read_only;
}

bool log_key_may_swap(const Log *log)
{
    return log->may_swap;
}

LogSecretKind log_opens_with(const Log *log)
{
    return log->opens_with;
}

/* -- devices ----------------------------------------------------------------------------------- */

static Err find_place(Cx *cx, const Log *log, uint8_t ret_place[SEAL_SUM])
{
    enum { MACHINE_MAX = 256 };
    Buf buf = buf_make(cx->arena, 1024);
    Str machine = {NULL, 0}, text = {NULL, 0};
    if (os_read_file(cx, STR("/etc/machine-id"), MACHINE_MAX, &machine) != OK)
        err_clear(cx); /* a system without one: the inode alone then */
    buf_bytes(&buf, log->vault.b, sizeof log->vault.b);
    buf_u64(&buf, log->file_number);
    buf_put(&buf, str_trim(machine));
    Err e = buf_done(cx, &buf, &text);
    if (e == OK)
        seal_hash(NULL, 0, text, ret_place, SEAL_SUM);
    return e;
}

static int64_t random_device(const LogHeader *header)
{
    int64_t device = 0;
    bool taken = true;
    while (taken) {
        uint8_t b[8];
        os_random(b, sizeof b);
        device = (int64_t)(seal_get64(b) >> 1);
        taken = device == 0;
        for (ptrdiff_t i = 0; i < header->n_devices; i++)
            taken = taken || header->devices[i] == device;
    }
    return device;
}

/* Inside a write transaction: another process may have become the device meanwhile. */
static Err become_device_locked(Cx *cx, Log *log, const uint8_t place[SEAL_SUM])
{
    LogHeader header = {0};
    Err e = log_header_read(cx, log, &header);
    if (e != OK)
        return e;
    if (!log_header_is_ours(cx, &header, log->key))
        return log_why_sealed(cx, log, "err.log-header-damaged", NO_ARGS);
    if (header.device != 0 && memcmp(header.place, place, SEAL_SUM) == 0) {
        log->device = header.device;
        return OK;
    }
    header.device = random_device(&header);
    memcpy(header.place, place, SEAL_SUM);
    e = log_header_add_device(cx, &header, header.device);
    if (e == OK)
        e = log_header_write(cx, log, &header, log->key);
    if (e == OK)
        e = log_head_put(cx, log, log->key, &(LogMark){.device = header.device});
    if (e == OK)
        log->device = header.device;
    return e;
}

static Err add_last_seq(Cx *cx, Log *log, int64_t device, int64_t *sum)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_LAST_SEQ, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_bind_int64(st, 1, device);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc != SQLITE_ROW)
        return log_sql_fail(cx, log, rc);
    int64_t last = sqlite3_column_int64(st, 0);
    *sum += last > 0 && last < INT64_MAX / LOG_DEVICES_MAX ? last : 0;
    return OK;
}

/* What cannot even be read is not written to. */
static Err check_readable(Cx *cx, Log *log, const LogHeader *header)
{
    int64_t entries = 0;
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && i < header->n_devices; i++)
        e = add_last_seq(cx, log, header->devices[i], &entries);
    return e;
}

static Err become_device(Cx *cx, Log *log, const LogHeader *header)
{
    uint8_t place[SEAL_SUM];
    Err e = find_place(cx, log, place);
    if (e != OK)
        return e;
    if (header->device != 0 && memcmp(header->place, place, SEAL_SUM) == 0) {
        log->device = header->device;
        return OK;
    }
    if (log->read_only)
        return OK;
    e = check_readable(cx, log, header);
    if (e == OK)
        e = log_begin_write(cx, log);
    if (e == OK)
        e = log_end(cx, log, become_device_locked(cx, log, place));
    return e;
}

/* -- opening
 * --------------------------------------------------------------------------------------- */

/* The header, and the key out of it. Where another process is renewing both, the key file may be of before and the
 * header of after, or the other way round, so it is looked at again. */
static Err read_key(Cx *cx, Log *log, const LogSecret *secret, LogHeader *ret)
{
    int looks = secret && (secret->kind == LOG_KEY_FILE || secret->kind == LOG_AT_HAND) ? 3 : 1;
    Err e = OK;
    do {
        e = log_header_read(cx, log, ret);
        if (e == OK && secret)
            e = log_key_unwrap(cx, log_path(log), secret, ret, log->key);
    } while (e != OK && --looks > 0);
    return e;
}

/* From a file without a key to a Log in use: key is the vault key, or NULL and secret opens it. */
static Err unlock(Cx *cx, Log *log, const LogSecret *secret, const uint8_t *key)
{
    LogHeader header = {0};
    log->key = seal_key_new(&log->may_swap);
    if (!log->key)
        return err_nomem(cx);
    Err e = read_key(cx, log, key ? NULL : secret, &header);
    if (e != OK)
        return e;
    log->vault = header.vault;
    log->epoch = header.epoch;
    log->opens_with = header.opens_with;
    if (key)
        memcpy(log->key, key, SEAL_KEY);
    if (log_header_is_ours(cx, &header, log->key))
        return become_device(cx, log, &header);
    bool keyring = !key && (secret->kind == LOG_KEYRING ||
                            (secret->kind == LOG_AT_HAND && header.opens_with != LOG_KEY_FILE));
    if (!keyring)
        return log_damaged(cx, log, "err.log-header-damaged");
    log_keyring_drop(header.vault); /* a key from before it was renewed */
    return err_set(cx, ERR_LOCKED, "err.log-locked", NO_ARGS);
}

static Err open_either(Cx *cx, Str path, LogFileUse use, const LogSecret *secret,
                       const uint8_t *key, Log **ret)
{
    Log *log = NULL;
    Err e = log_file_open(cx, path, use, &log);
    if (e != OK)
        return e;
    e = unlock(cx, log, secret, key);
    if (e != OK) {
        log_close(log);
        return e;
    }
    if (use == LOG_FILE_USE)
        log_scrub_if_owed(cx, log);
    *ret = log;
    return OK;
}

Err log_open(Cx *cx, Str path, const LogSecret *secret, Log **ret)
{
    return open_either(cx, path, LOG_FILE_USE, secret, NULL, ret);
}

Err log_open_with_key(Cx *cx, Str path, LogFileUse use, const uint8_t key[SEAL_KEY], Log **ret)
{
    return open_either(cx, path, use, NULL, key, ret);
}

Err log_look(Cx *cx, Str path, LogLook *ret)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    LogHeader header = {0};
    OsFile file = {0};
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &log);
    if (e == OK)
        e = log_header_read(cx, log, &header);
    if (e == OK)
        e = os_stat(cx, path, &file);
    int64_t entries = 0;
    for (ptrdiff_t i = 0; e == OK && i < header.n_devices; i++)
        e = add_last_seq(cx, log, header.devices[i], &entries);
    if (e == OK)
        *ret = (LogLook){.vault = header.vault,
                         .opens_with = header.opens_with,
                         .entries = entries,
                         .devices = header.n_devices,
                         .file_bytes = file.bytes};
    return e;
}

/* -- making
 * ---------------------------------------------------------------------------------------- */

/* A log that was removed while its WAL stayed would give its last entries to a new vault. */
Err log_check_free(Cx *cx, Str path)
{
    static const char *const suffixes[] = {"", "-wal", "-journal"};
    for (int i = 0; i < 3; i++) {
        Str name = log_beside(cx, path, suffixes[i]);
        if (str_is_null(name))
            return err_nomem(cx);
        if (os_exists(cx, name))
            return err_set(cx, ERR_INVALID, i == 0 ? "err.log-exists" : "err.log-leftover",
                           ARGS(arg_str("file", name)));
    }
    return OK;
}

Str log_unique_name(Cx *cx, Str path)
{
    char text[sizeof LOG_HALF_MADE - 1 + ID_TEXT_CAP] = LOG_HALF_MADE;
    (void)id_format(id_new(), text + sizeof LOG_HALF_MADE - 1);
    return log_beside(cx, path, text);
}

static Err fill_header(Cx *cx, Str path, Id vault, const LogSecret *secret,
                       const uint8_t key[SEAL_KEY], LogRecovery *ret_code, LogHeader *ret)
{
    *ret = (LogHeader){.vault = vault, .epoch = 1};
    seal_recovery_new(ret_code, ret->recovery_public);
    seal_recovery_box(ret->recovery_public, key, ret->recovery_box);
    return log_key_wrap(cx, path, secret, LOG_KEY_NAME, key, ret);
}

static Err make_file(Cx *cx, Str path, const LogHeader *header, const uint8_t key[SEAL_KEY])
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    Err e = log_file_make(cx, path, &log);
    if (e == OK)
        e = log_begin_write(cx, log);
    if (e == OK)
        e = log_end(cx, log, log_header_write(cx, log, header, key));
    return e;
}

void log_remove_files(Cx *cx, Str path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    Why why = cx->why;
    for (int i = 0; i < 3; i++) {
        Str name = log_beside(cx, path, suffixes[i]);
        if (!str_is_null(name) && os_remove(cx, name) != OK)
            err_clear(cx);
    }
    cx->why = why;
}

/* Builds it as temp, then gives it its name and opens it there. */
static Err build(Cx *cx, Str temp, Str path, const LogHeader *header, const uint8_t key[SEAL_KEY],
                 Log **ret)
{
    Err e = make_file(cx, temp, header, key);
    if (e == OK)
        e = os_publish(cx, temp, path);
    if (e != OK) {
        log_remove_files(cx, temp);
        return e;
    }
    e = log_open_with_key(cx, path, LOG_FILE_USE, key, ret);
    if (e != OK) /* nobody has seen its recovery code: it must not stay */
        log_remove_files(cx, path);
    return e;
}

Err log_create(Cx *cx, Str path, const LogSecret *secret, LogRecovery *ret_code, Log **ret)
{
    return log_create_as(cx, path, id_new(), secret, ret_code, ret);
}

Err log_create_as(Cx *cx, Str path, Id vault, const LogSecret *secret, LogRecovery *ret_code,
                  Log **ret)
{
    bool may_swap = false;
    LogHeader header = {0};
    LogRecovery code = {{0}};
    AUTO_CLEAN(seal_key_free_at) uint8_t *key = seal_key_new(&may_swap);
    Str temp = log_unique_name(cx, path);
    if (!key || str_is_null(temp))
        return err_nomem(cx);
    os_random(key, SEAL_KEY);
    Err e = log_check_free(cx, path);
    if (e == OK)
        e = os_make_dirs(cx, os_dirname(path));
    if (e == OK)
        e = fill_header(cx, path, vault, secret, key, &code, &header);
    if (e == OK)
        e = build(cx, temp, path, &header, key, ret);
    if (e == OK)
        *ret_code = code;
    log_recovery_wipe(&code);
    return e;
}
