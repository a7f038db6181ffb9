/* log/file.c - the SQLite file under a vault: opened distrustfully, used through few statements.
 * A vault may come from anywhere, so before SQLite interprets it the first hundred bytes are
 * compared with our marks; then the schema must be, letter for letter, the three tables below,
 * and triggers, views and schema functions are off. The marks are read through SQLite's own
 * descriptor: closing a second descriptor on the same file would drop this process's POSIX locks
 * on it, and with them the protection of a second Log in the process.
 * WAL with synchronous=FULL: one fsync for each commit, readers never wait. It is written into
 * the file each half MiB, for on a disk that fills up it is the WAL that takes the last room.
 * Cost of opening: a handful of pages. */
#include "base/buf.h"
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

#define SQL_HEADER                                                                                 \
    "CREATE TABLE header(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID"
#define SQL_HEAD "CREATE TABLE head(device INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"
#define SQL_ENTRY                                                                                  \
    "CREATE TABLE entry(device INTEGER, seq INTEGER, sealed BLOB NOT NULL, "                       \
    "PRIMARY KEY(device, seq)) STRICT, WITHOUT ROWID"

static const struct {
    const char *name, *sql;
} tables[] = {
    {"entry",  SQL_ENTRY },
    {"head",   SQL_HEAD  },
    {"header", SQL_HEADER},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

static const char *const stmt_sql[STMT_COUNT] = {
    [STMT_BEGIN_READ] = "BEGIN",
    [STMT_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_ROLLBACK] = "ROLLBACK",
    [STMT_DATA_VERSION] = "PRAGMA data_version",
    [STMT_HEAD_GET] = "SELECT sealed FROM head WHERE device=?1",
    [STMT_HEAD_PUT] = "INSERT OR REPLACE INTO head(device, sealed) VALUES(?1, ?2)",
    [STMT_HEADS] = "SELECT device, sealed FROM head ORDER BY device",
    [STMT_ENTRY_PUT] = "INSERT INTO entry(device, seq, sealed) VALUES(?1, ?2, ?3)",
    [STMT_ENTRY_SET] = "UPDATE entry SET sealed=?3 WHERE device=?1 AND seq=?2",
    [STMT_ENTRY_GET] = "SELECT sealed FROM entry WHERE device=?1 AND seq=?2",
    [STMT_ENTRY_COUNT] = "SELECT count(*) FROM entry",
    [STMT_ENTRIES] = "SELECT seq, sealed FROM entry WHERE device=?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
    [STMT_LAST_SEQ] = "SELECT max(seq) FROM entry WHERE device=?1",
    [STMT_NEXT_DEVICE] = "SELECT device FROM entry WHERE device>?1 ORDER BY device LIMIT 1",
};

static Str path_of(const Log *log)
{
    return str_c(log->path);
}

Err log_sql_fail(Cx *cx, const Log *log, int rc)
{
    const Arg *args = ARGS(arg_str("file", str_dup(cx->arena, path_of(log))),
                           arg_c("reason", sqlite3_errstr(rc)));
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return err_nomem(cx);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return err_set(cx, ERR_BUSY, "err.log-busy", args);
    case SQLITE_FULL:
        return err_set(cx, ERR_FULL, "err.disk-full", args);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return err_set(cx, ERR_DENIED, "err.log-read-only", args);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
        return err_set(cx, ERR_DAMAGED, "err.log-file-damaged", args);
    default:
        return err_set(cx, ERR_IO, "err.log-disk", args);
    }
}

Err log_damaged(Cx *cx, const Log *log, const char *key)
{
    return err_set(cx, ERR_DAMAGED, key, ARGS(arg_str("file", str_dup(cx->arena, path_of(log)))));
}

Str log_beside(Cx *cx, Str path, const char *suffix)
{
    Buf buf = buf_make(cx->arena, LOG_PATH_MAX + 64);
    Str name = {NULL, 0};
    buf_put(&buf, path);
    buf_c(&buf, suffix);
    return buf_done(cx, &buf, &name) == OK ? name : (Str){NULL, 0};
}

Err log_scratch(Cx *cx, Log *log, ptrdiff_t len)
{
    if (len <= log->scratch_cap)
        return OK;
    ptrdiff_t cap = len < 4096 ? 4096 : 2 * len;
    uint8_t *bytes = os_alloc(cap, 1);
    if (!bytes)
        return err_nomem(cx);
    os_wipe(log->scratch, log->scratch_cap);
    os_free(log->scratch);
    log->scratch = bytes;
    log->scratch_cap = cap;
    return OK;
}

/* -- statements -------------------------------------------------------------------------------- */

sqlite3_stmt *log_stmt(Cx *cx, Log *log, LogStmt which, Err *ret_err)
{
    sqlite3_stmt **st = &log->stmts[which];
    int rc = SQLITE_OK;
    if (!*st)
        rc = sqlite3_prepare_v3(log->db, stmt_sql[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
    *ret_err = rc == SQLITE_OK ? OK : log_sql_fail(cx, log, rc);
    return *st;
}

void log_stmt_done(sqlite3_stmt **stmt)
{
    if (!*stmt)
        return;
    (void)sqlite3_reset(*stmt); /* repeats the error of the step, which was reported there */
    (void)sqlite3_clear_bindings(*stmt);
}

Err log_run(Cx *cx, Log *log, LogStmt which)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, which, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_step(st);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? OK : log_sql_fail(cx, log, rc);
}

Err log_exec(Cx *cx, Log *log, const char *sql)
{
    int rc = sqlite3_exec(log->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : log_sql_fail(cx, log, rc);
}

/* The way back is made ready first: when memory has run out it cannot be. */
static Err begin(Cx *cx, Log *log, LogStmt which)
{
    Err e = OK;
    (void)log_stmt(cx, log, STMT_ROLLBACK, &e);
    return e == OK ? log_run(cx, log, which) : e;
}

Err log_begin_read(Cx *cx, Log *log)
{
    log->writing = false;
    return begin(cx, log, STMT_BEGIN_READ);
}

/* A file that was moved or replaced under us would take the entry along to where nobody reads it. */
static Err check_unmoved(Cx *cx, const Log *log)
{
    OsFile file = {0};
    Err e = os_stat(cx, path_of(log), &file);
    if (e != OK || file.number != log->file_number)
        return err_set(cx, ERR_IO, "err.log-moved",
                       ARGS(arg_str("file", str_dup(cx->arena, path_of(log)))));
    return OK;
}

Err log_begin_write(Cx *cx, Log *log)
{
    if (log->read_only)
        return log_sql_fail(cx, log, SQLITE_READONLY);
    log->writing = true;
    Err e = begin(cx, log, STMT_BEGIN_WRITE);
    if (e != OK)
        return e;
    e = check_unmoved(cx, log);
    return e == OK ? OK : log_end(cx, log, e);
}

static void roll_back(Cx *cx, Log *log)
{
    if (sqlite3_get_autocommit(log->db))
        return;
    if (log_run(cx, log, STMT_ROLLBACK) != OK)
        INVARIANT(sqlite3_get_autocommit(log->db));
}

/* A commit that the disk refused may stand in the WAL whole, and a crash would bring it to life
 * after we have said that it was not kept. Writing anything over it settles that. Where not even
 * this can be written, nobody can know, and we say so. */
static Err settle(Cx *cx, Log *log)
{
    Err e = begin(cx, log, STMT_BEGIN_WRITE);
    if (e == OK)
        e = log_exec(cx, log, "UPDATE header SET value=value WHERE key='format'");
    if (e == OK)
        e = log_run(cx, log, STMT_COMMIT);
    roll_back(cx, log);
    return e;
}

Err log_end(Cx *cx, Log *log, Err e)
{
    bool commits = e == OK;
    if (commits)
        e = log_run(cx, log, STMT_COMMIT);
    if (e == OK)
        return OK;
    Why why = cx->why;
    roll_back(cx, log);
    if (commits && log->writing && settle(cx, log) != OK)
        return err_set(cx, ERR_IO, "err.log-unsure",
                       ARGS(arg_str("file", str_dup(cx->arena, path_of(log)))));
    cx->why = why;
    return e;
}

Err log_data_version(Cx *cx, Log *log, int64_t *ret)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_DATA_VERSION, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_step(st);
    if (rc != SQLITE_ROW)
        return log_sql_fail(cx, log, rc);
    *ret = sqlite3_column_int64(st, 0);
    return OK;
}

/* -- opening ----------------------------------------------------------------------------------- */

static uint32_t big_endian(const uint8_t b[4])
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* SQLite's own descriptor of the file. */
static Err descriptor(Cx *cx, Log *log, sqlite3_file **ret)
{
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(log->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc != SQLITE_OK || !file || !file->pMethods)
        return log_sql_fail(cx, log, SQLITE_CANTOPEN);
    *ret = file;
    return OK;
}

/* "SQLite format 3", our application id and a format number that we know. */
static Err check_marks(Cx *cx, Log *log)
{
    enum { MARKS = 100, USER_VERSION_AT = 60, APPLICATION_ID_AT = 68 };
    uint8_t b[MARKS] = {0};
    sqlite3_file *file = NULL;
    const Arg *args = ARGS(arg_str("file", str_dup(cx->arena, path_of(log))));
    Err e = descriptor(cx, log, &file);
    if (e != OK)
        return e;
    int rc = file->pMethods->xRead(file, b, MARKS, 0);
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
        return log_sql_fail(cx, log, rc);
    if (memcmp(b, "SQLite format 3", 16) != 0)
        return err_set(cx, ERR_INVALID, "err.log-foreign", args);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return err_set(cx, ERR_DAMAGED, "err.log-file-damaged", args);
    if (big_endian(b + APPLICATION_ID_AT) != LOG_APPLICATION_ID)
        return err_set(cx, ERR_INVALID, "err.log-foreign", args);
    uint32_t format = big_endian(b + USER_VERSION_AT);
    if (format > LOG_FORMAT)
        return err_set(
            cx, ERR_NEWER, "err.log-newer",
            ARGS(arg_str("file", str_dup(cx->arena, path_of(log))), arg_int("format", format)));
    return format == LOG_FORMAT ? OK : err_set(cx, ERR_DAMAGED, "err.log-file-damaged", args);
}

static Err check_schema(Cx *cx, Log *log)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(log->db, "SELECT name, sql FROM sqlite_schema ORDER BY name", -1,
                                &st, NULL);
    int n = 0;
    bool same = true;
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        same = same && n < TABLES &&
               str_eq_c(str_c((const char *)sqlite3_column_text(st, 0)), tables[n].name) &&
               str_eq_c(str_c((const char *)sqlite3_column_text(st, 1)), tables[n].sql);
        n++;
        rc = SQLITE_OK;
    }
    (void)sqlite3_finalize(st);
    if (rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    return same && n == TABLES ? OK : log_damaged(cx, log, "err.log-file-damaged");
}

static Err configure(Cx *cx, Log *log)
{
    (void)sqlite3_extended_result_codes(log->db, 1);
    (void)sqlite3_busy_timeout(log->db, LOG_BUSY_MS);
    (void)sqlite3_limit(log->db, SQLITE_LIMIT_LENGTH, LOG_BODY_MAX + 65536);
    (void)sqlite3_db_config(log->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(log->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(log->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(log->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return log_exec(cx, log,
                    "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;"
                    "PRAGMA wal_autocheckpoint=128; PRAGMA mmap_size=0");
}

/* A name that SQLite takes for a file whatever it looks like. */
static char *file_name(Str path)
{
    bool rooted = path.len > 0 && path.p[0] == '/';
    char *name = os_alloc(path.len + 3, 1);
    if (!name)
        return NULL;
    name[0] = '.';
    name[1] = '/';
    memcpy(name + (rooted ? 0 : 2), path.p, (size_t)path.len);
    return name;
}

/* The name of a file that nobody can change, in SQLite's own spelling. */
static Err fixed_name(Cx *cx, const char *name, Str *ret)
{
    Buf buf = buf_make(cx->arena, 3 * LOG_PATH_MAX + 64);
    buf_c(&buf, "file:");
    for (const char *c = name; *c; c++)
        buf_fmt(&buf, "%%%02x", (unsigned)(uint8_t)*c);
    buf_c(&buf, "?immutable=1");
    buf_char(&buf, '\0');
    return buf_done(cx, &buf, ret);
}

static Err connect_file(Cx *cx, Str path, LogFileUse use, Log **ret)
{
    if (path.len == 0 || path.len > LOG_PATH_MAX || str_find_char(path, '\0') >= 0)
        return err_set(cx, ERR_INVALID, "err.log-path", ARGS(arg_int("max", LOG_PATH_MAX)));
    Log *log = os_alloc(1, sizeof *log);
    if (log)
        log->path = file_name(path);
    if (!log || !log->path) {
        os_free(log);
        return err_nomem(cx);
    }
    Str name = str_c(log->path);
    int mode = use == LOG_FILE_USE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    Err e = use == LOG_FILE_FIXED ? fixed_name(cx, log->path, &name) : OK;
    if (use == LOG_FILE_FIXED)
        mode |= SQLITE_OPEN_URI;
    int rc = SQLITE_OK;
    if (e == OK)
        rc = sqlite3_open_v2(name.p, &log->db, mode | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        e = log_sql_fail(cx, log, rc);
    if (e != OK) {
        log_close(log);
        return e;
    }
    *ret = log;
    return OK;
}

Err log_file_connect(Cx *cx, Str path, Log **ret, sqlite3_file **ret_file)
{
    Log *log = NULL;
    Err e = connect_file(cx, path, LOG_FILE_LOOK, &log);
    if (e == OK)
        e = descriptor(cx, log, ret_file);
    if (e != OK) {
        log_close(log);
        return e;
    }
    *ret = log;
    return OK;
}

/* A backup is a single file without WAL; in use it gets one. */
static Err enter_wal(Cx *cx, Log *log)
{
    log->read_only = sqlite3_db_readonly(log->db, "main") == 1;
    return log->read_only ? OK : log_exec(cx, log, "PRAGMA journal_mode=WAL");
}

static Err open_checked(Cx *cx, Str path, LogFileUse use, uint64_t number, Log **ret)
{
    Log *log = NULL;
    Err e = connect_file(cx, path, use, &log);
    if (e != OK || !log)
        return e;
    log->file_number = number;
    e = check_marks(cx, log);
    if (e == OK)
        e = configure(cx, log);
    if (e == OK)
        e = check_schema(cx, log);
    if (e == OK)
        e = enter_wal(cx, log);
    if (e != OK) {
        log_close(log);
        return e;
    }
    *ret = log;
    return OK;
}

/* On a disk that is read-only SQLite cannot make the files it shares with other processes; there
 * are none then, and without a WAL the file is all there is. */
static bool is_fixed(Cx *cx, Str path)
{
    Str wal = log_beside(cx, path, "-wal");
    return !str_is_null(wal) && !os_exists(cx, wal) && !os_can_write(cx, os_dirname(path));
}

/* What SQLite would open beside the vault must be files: a pipe would be waited for. */
static Err check_siblings(Cx *cx, Str path)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    for (int i = 0; i < 3; i++) {
        OsFile file = {0};
        Str name = log_beside(cx, path, suffixes[i]);
        if (str_is_null(name))
            return err_nomem(cx);
        Err e = os_stat(cx, name, &file);
        if (e == OK && !file.is_file)
            return err_set(cx, ERR_INVALID, "err.log-foreign", ARGS(arg_str("file", name)));
        err_clear(cx);
    }
    return OK;
}

/* Killed while it entered WAL, a file has a journal that must be played back before it is one again, and whoever may
 * only read cannot do that. True when it may be tried once more. */
static bool play_back(Cx *cx, Str path, uint64_t number)
{
    Log *log = NULL;
    Str journal = log_beside(cx, path, "-journal");
    Why why = cx->why;
    if (str_is_null(journal) || !os_exists(cx, journal))
        return false;
    Err e = open_checked(cx, path, LOG_FILE_USE, number, &log);
    log_close(log);
    cx->why = why;
    return e == OK;
}

Err log_file_open(Cx *cx, Str path, LogFileUse use, Log **ret)
{
    OsFile file = {0};
    Err e = os_stat(cx, path, &file);
    if (e == ERR_NOT_FOUND)
        return err_set(cx, ERR_NOT_FOUND, "err.log-absent", ARGS(arg_str("file", path)));
    if (e != OK)
        return e;
    if (!file.is_file) /* a pipe would be waited for */
        return err_set(cx, ERR_INVALID, "err.log-foreign", ARGS(arg_str("file", path)));
    e = check_siblings(cx, path);
    if (e != OK)
        return e;
    e = open_checked(cx, path, use, file.number, ret);
    if (e == ERR_DENIED && use == LOG_FILE_LOOK && play_back(cx, path, file.number))
        e = open_checked(cx, path, use, file.number, ret);
    if ((e == ERR_IO || e == ERR_DENIED) && is_fixed(cx, path))
        e = open_checked(cx, path, LOG_FILE_FIXED, file.number, ret);
    return e;
}

Err log_file_make(Cx *cx, Str path, Log **ret)
{
    Log *log = NULL;
    Err e = os_write_file(cx, path, STR("")); /* ours alone (0600) before anything is in it */
    if (e == OK)
        e = connect_file(cx, path, LOG_FILE_USE, &log);
    if (e != OK || !log)
        return e;
    Buf sql = buf_make(cx->arena, 4096);
    buf_fmt(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;", LOG_APPLICATION_ID,
            LOG_FORMAT);
    for (int i = TABLES - 1; i >= 0; i--)
        buf_fmt(&sql, "%s;", tables[i].sql);
    buf_char(&sql, '\0');
    Str text = {NULL, 0};
    OsFile file = {0};
    e = configure(cx, log);
    if (e == OK)
        e = os_stat(cx, path, &file);
    if (e == OK)
        e = buf_done(cx, &sql, &text);
    if (e == OK)
        e = log_exec(cx, log, text.p);
    if (e == OK)
        e = enter_wal(cx, log);
    if (e != OK) {
        log_close(log);
        return e;
    }
    log->file_number = file.number;
    *ret = log;
    return OK;
}

void log_close(Log *log)
{
    if (!log)
        return;
    for (int i = 0; i < STMT_COUNT; i++)
        (void)sqlite3_finalize(log->stmts[i]);
    (void)sqlite3_close(log->db);
    seal_key_free(log->key);
    os_wipe(log->scratch, log->scratch_cap);
    os_free(log->scratch);
    os_free(log->path);
    os_free(log);
}

void log_close_at(Log **log)
{
    log_close(*log);
}
