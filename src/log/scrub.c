/* log/scrub.c - of what was replaced, no byte stays; not even when the process is killed on the way.
 * What a transaction replaced stands in the file until the WAL is written into it, and in the WAL until that is
 * emptied. So, from before the commit until all of it is gone, a mark stands beside the vault: the file PATH.scrub.
 * Whoever opens the vault for writing and finds it finishes the work before anything is read. A file and not a row:
 * taking a row away would be one more transaction with an old page to be rid of.
 * A mark is made and taken away inside write transactions, and taken away only by whoever saw that very file before
 * cleaning: two processes can do this at once and neither takes away the other's mark. Cost of a whole scrub: the
 * vault written twice; of looking whether one is owed, one call. */
#include "base/os.h"
#include "log/inner.h"

/* What the mark holds when PATH.key goes too, because a passphrase opens the vault from now on. */
#define MARK_KEY_FILE "key"

Err log_scrub_owe(Cx *cx, const Log *log, bool key_file)
{
    Str mark = log_beside(cx, log_path(log), LOG_SCRUB_NAME);
    if (str_is_null(mark))
        return err_nomem(cx);
    return os_write_file(cx, mark, key_file ? STR(MARK_KEY_FILE) : STR(""));
}

static Err drop_models(Cx *cx, const Log *log)
{
    Err e = OK;
    for (int which = 0; which < LOG_MODELS; which++) {
        Err dropped = log_checkpoint_drop(cx, log, (LogModel)which);
        e = e == OK ? dropped : e;
    }
    return e;
}

/* Copies that a kill left behind half made: nobody's, and as old as they happen to be. */
static Err drop_half_made(Cx *cx, Str path)
{
    const Str *names = NULL;
    int n = 0;
    Str folder = os_dirname(path), stem = log_beside(cx, os_basename(path), LOG_HALF_MADE);
    if (str_is_null(stem))
        return err_nomem(cx);
    Err e = os_list(cx, folder, &names, &n);
    for (int i = 0; i < n && e == OK; i++) {
        Str file = {NULL, 0};
        if (!str_starts(names[i], stem))
            continue;
        e = os_in_folder(cx, folder, names[i], &file);
        if (e == OK)
            e = os_remove(cx, file);
    }
    return e;
}

static Err empty_wal(Cx *cx, Log *log)
{
    int rc = sqlite3_wal_checkpoint_v2(log->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_OK ? OK : log_sql_fail(cx, log, rc);
}

static Err remove_if_same(Cx *cx, Str mark, uint64_t number)
{
    OsFile file = {0};
    Err e = os_stat(cx, mark, &file);
    if (e == ERR_NOT_FOUND || (e == OK && file.number != number)) {
        err_clear(cx);
        return OK; /* done by another process, or owed anew */
    }
    return e == OK ? os_remove(cx, mark) : e;
}

static Err settle(Cx *cx, Log *log, Str mark, uint64_t number)
{
    Err e = log_begin_write(cx, log);
    return e == OK ? log_end(cx, log, remove_if_same(cx, mark, number)) : e;
}

/* Whatever fails, the rest is cleaned all the same. */
static Err clean(Cx *cx, Log *log, bool rebuild)
{
    Err e = OK;
    if (rebuild) {
        Err models = drop_models(cx, log), half_made = drop_half_made(cx, log_path(log));
        e = log_exec(cx, log, "VACUUM");
        e = e != OK ? e : models != OK ? models : half_made;
    }
    Err emptied = empty_wal(cx, log);
    return e != OK ? e : emptied;
}

static Err scrub(Cx *cx, Log *log, bool rebuild)
{
    OsFile file = {0};
    Str mark = log_beside(cx, log_path(log), LOG_SCRUB_NAME);
    if (log->read_only)
        return log_sql_fail(cx, log, SQLITE_READONLY);
    if (str_is_null(mark))
        return err_nomem(cx);
    bool owed = os_stat(cx, mark, &file) == OK;
    err_clear(cx);
    Err e = clean(cx, log, rebuild);
    return e == OK && owed ? settle(cx, log, mark, file.number) : e;
}

Err log_scrub(Cx *cx, Log *log)
{
    return scrub(cx, log, true);
}

Err log_scrub_header(Cx *cx, Log *log)
{
    return scrub(cx, log, false);
}

/* The key file that opened the vault before it got a passphrase. */
static Err drop_key_file(Cx *cx, const Log *log, Str mark)
{
    Str text = {NULL, 0}, name = log_beside(cx, log_path(log), LOG_KEY_NAME);
    if (log->opens_with != LOG_PASSPHRASE)
        return OK;
    Err e = str_is_null(name) ? err_nomem(cx) : os_read_file(cx, mark, 16, &text);
    return e == OK && str_eq_c(text, MARK_KEY_FILE) ? os_remove(cx, name) : e;
}

void log_scrub_if_owed(Cx *cx, Log *log)
{
    Why why = cx->why;
    Str mark = log_beside(cx, log_path(log), LOG_SCRUB_NAME);
    if (log->read_only || str_is_null(mark) || !os_exists(cx, mark))
        return;
    Err e = drop_key_file(cx, log, mark);
    if (e == OK)
        e = log_scrub(cx, log);
    if (e != OK) /* still owed: the next opening tries again */
        cx->why = why;
}
