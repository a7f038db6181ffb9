/* log/copy.c - backup and restore.
 * VACUUM INTO takes the copy: one moment's state of a vault in use, every page rebuilt, one file
 * without a WAL, synced. What it holds is sealed bytes as they are. A copy gets its name only
 * when it has been read back: with the key every entry is opened; without it the rows are held against
 * those of the vault, one hash over each. Cost: the vault read and written once, and read again. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

static Err vacuum_into(Cx *cx, Log *log, Str to)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(log->db, "VACUUM INTO ?1", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text64(st, 1, to.p, (sqlite3_uint64)to.len, SQLITE_STATIC, SQLITE_UTF8);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    (void)sqlite3_finalize(st);
    return rc == SQLITE_DONE ? OK : log_sql_fail(cx, log, rc);
}

static Err ignore_entry(void *ctx, Cx *cx, const LogEntry *entry)
{
    (void)ctx, (void)cx, (void)entry;
    return OK;
}

static Err read_all(Cx *cx, Log *log)
{
    LogCursor cursor = {0};
    Err e = log_read(cx, log, &cursor, ignore_entry, NULL);
    log_cursor_free(&cursor);
    return e;
}

/* Every page and row as SQLite's own check sees it, and the sum over the header. */
static Err check_structure(Cx *cx, Str path)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    LogHeader header = {0};
    sqlite3_stmt *st = NULL;
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &log);
    if (e == OK)
        e = log_header_read(cx, log, &header);
    if (e != OK)
        return e;
    int rc = sqlite3_prepare_v2(log->db, "PRAGMA integrity_check(1)", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    bool sound =
        rc == SQLITE_ROW && str_eq_c(str_c((const char *)sqlite3_column_text(st, 0)), "ok");
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_ROW)
        return log_sql_fail(cx, log, rc);
    return sound ? OK : log_damaged(cx, log, "err.log-file-damaged");
}

static Err check_entries(Cx *cx, Str path, const uint8_t key[SEAL_KEY])
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    Err e = log_open_with_key(cx, path, LOG_FILE_LOOK, key, &log);
    return e == OK ? read_all(cx, log) : e;
}

/* How far each device reaches in a copy, ascending. */
static Err ends_of(Cx *cx, Log *copy, LogMark **ret, ptrdiff_t *ret_n)
{
    sqlite3_stmt *st = NULL;
    ptrdiff_t n = 0;
    LogMark *ends = arena_new(cx->arena, LogMark, LOG_DEVICES_MAX);
    if (!ends)
        return err_nomem(cx);
    int rc = sqlite3_prepare_v2(
        copy->db, "SELECT device, max(seq) FROM entry GROUP BY device ORDER BY device", -1, &st,
        NULL);
    while (rc == SQLITE_OK && n < LOG_DEVICES_MAX && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        ends[n++] =
            (LogMark){.device = sqlite3_column_int64(st, 0), .seq = sqlite3_column_int64(st, 1)};
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_DONE)
        return log_sql_fail(cx, copy, rc);
    *ret = ends;
    *ret_n = n;
    return OK;
}

/* hash becomes the hash of itself, the place and all the bytes of a row. */
static void add_row(uint8_t hash[SEAL_HASH], int64_t device, int64_t seq, Str sealed)
{
    uint8_t place[16], with_place[SEAL_HASH];
    seal_put64(place, (uint64_t)device);
    seal_put64(place + 8, (uint64_t)seq);
    seal_hash(hash, SEAL_HASH, (Str){(const char *)place, sizeof place}, with_place, SEAL_HASH);
    seal_hash(with_place, SEAL_HASH, sealed, hash, SEAL_HASH);
}

/* One hash over all rows up to the ends; what was kept since the copy was taken is passed over. */
static Err rows_hash(Cx *cx, Log *log, const LogMark ends[], ptrdiff_t n, uint8_t ret[SEAL_HASH])
{
    sqlite3_stmt *st = NULL;
    uint8_t hash[SEAL_HASH] = {0};
    ptrdiff_t at = 0;
    int rc = sqlite3_prepare_v2(
        log->db, "SELECT device, seq, sealed FROM entry ORDER BY device, seq", -1, &st, NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t device = sqlite3_column_int64(st, 0), seq = sqlite3_column_int64(st, 1);
        const char *sealed = sqlite3_column_blob(st, 2);
        Str row = {sealed ? sealed : "", sealed ? sqlite3_column_bytes(st, 2) : 0};
        while (at < n && ends[at].device < device)
            at++;
        if (at < n && ends[at].device == device && seq <= ends[at].seq)
            add_row(hash, device, seq, row);
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    memcpy(ret, hash, SEAL_HASH);
    return OK;
}

/* The copy holds the very rows of the vault. */
static Err check_rows(Cx *cx, Log *log, Str path)
{
    AUTO_CLEAN(log_close_at) Log *copy = NULL;
    LogMark *ends = NULL;
    ptrdiff_t n = 0;
    uint8_t want[SEAL_HASH] = {0}, got[SEAL_HASH] = {0};
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &copy);
    if (e == OK)
        e = ends_of(cx, copy, &ends, &n);
    if (e == OK)
        e = rows_hash(cx, log, ends, n, want);
    if (e == OK)
        e = rows_hash(cx, copy, ends, n, got);
    if (e == OK && memcmp(want, got, SEAL_HASH) != 0)
        e = log_damaged(cx, copy, "err.log-file-damaged");
    return e;
}

/* A checked copy of log as temp; key may be NULL. */
static Err copy_checked(Cx *cx, Log *log, Str temp, const uint8_t *key)
{
    Err e = os_write_file(cx, temp, STR("")); /* ours alone from the first byte */
    if (e == OK)
        e = vacuum_into(cx, log, temp);
    if (e == OK)
        e = check_structure(cx, temp);
    if (e == OK)
        e = key ? check_entries(cx, temp, key) : check_rows(cx, log, temp);
    return e;
}

static Err backup(Cx *cx, Log *log, Str to, const uint8_t *key)
{
    Str temp = log_unique_name(cx, to);
    if (str_is_null(temp))
        return err_nomem(cx);
    Err e = log_check_free(cx, to);
    if (e != OK)
        return e;
    e = copy_checked(cx, log, temp, key);
    if (e == OK)
        e = os_publish(cx, temp, to);
    if (e != OK)
        log_remove_files(cx, temp);
    return e;
}

Err log_backup(Cx *cx, Log *log, Str to)
{
    return backup(cx, log, to, log->key);
}

Err log_backup_locked(Cx *cx, Str path, Str to)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    Err e = log_file_open(cx, path, LOG_FILE_LOOK, &log);
    return e == OK ? backup(cx, log, to, NULL) : e;
}

/* -- restore ----------------------------------------------------------------------------------- */

/* The vault key of the backup; a key file may stand beside it or beside where it goes. */
static Err find_key(Cx *cx, Str from, Str to, const LogSecret *secret, const LogHeader *header,
                    uint8_t ret_key[SEAL_KEY])
{
    Err e = log_key_unwrap(cx, from, secret, header, ret_key);
    if (e == OK || secret->kind != LOG_KEY_FILE)
        return e;
    Why why = cx->why;
    Err beside = log_key_unwrap(cx, to, secret, header, ret_key);
    if (beside != OK)
        cx->why = why;
    return beside == OK ? OK : e;
}

/* The vault at `to` needs the key file that opened the backup. */
static Err bring_key_file(Cx *cx, Str from, Str to)
{
    Str old_name = log_beside(cx, from, LOG_KEY_NAME), name = log_beside(cx, to, LOG_KEY_NAME);
    Str bytes = {NULL, 0};
    if (str_is_null(old_name) || str_is_null(name))
        return err_nomem(cx);
    if (os_exists(cx, name))
        return OK;
    Err e = os_read_file(cx, old_name, SEAL_KEY, &bytes);
    return e == OK ? os_write_file(cx, name, bytes) : e;
}

static Err restore_with_key(Cx *cx, Log *backup, Str from, Str to, LogSecretKind opens_with,
                            const uint8_t key[SEAL_KEY], Log **ret)
{
    Str temp = log_unique_name(cx, to);
    if (str_is_null(temp))
        return err_nomem(cx);
    Err e = copy_checked(cx, backup, temp, key);
    if (e == OK && opens_with == LOG_KEY_FILE)
        e = bring_key_file(cx, from, to);
    if (e == OK)
        e = os_publish(cx, temp, to);
    if (e != OK) {
        log_remove_files(cx, temp);
        return e;
    }
    return log_open_with_key(cx, to, LOG_FILE_USE, key, ret);
}

Err log_restore(Cx *cx, Str from, Str to, const LogSecret *secret, Log **ret)
{
    AUTO_CLEAN(log_close_at) Log *backup = NULL;
    bool may_swap = false;
    AUTO_CLEAN(seal_key_free_at) uint8_t *key = seal_key_new(&may_swap);
    LogHeader header = {0};
    if (!key)
        return err_nomem(cx);
    Err e = log_file_open(cx, from, LOG_FILE_LOOK, &backup);
    if (e == OK)
        e = log_header_read(cx, backup, &header);
    if (e == OK)
        e = log_check_free(cx, to);
    if (e == OK)
        e = find_key(cx, from, to, secret, &header, key);
    if (e == OK)
        e = os_make_dirs(cx, os_dirname(to));
    if (e != OK)
        return e;
    return restore_with_key(cx, backup, from, to, secret->kind, key, ret);
}
