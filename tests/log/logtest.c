/* tests/log/logtest.c */
#include "logtest.h"
#include "base/os.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int bench_setup(void **state)
{
    LogBench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    test_cx_init(&b->t);
    b->cx = &b->t.cx;
    /* memory instead of a disk where there is such a folder: what is lost with the machine's
     * current is simulated in fault.c, and thousands of fsyncs would be waiting and nothing else */
    if (access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 0) != 0)
        return -1;
    b->folder = test_folder(b->cx);
    b->path = bench_beside(b, "vault");
    b->secret = (LogSecret){LOG_PASSPHRASE, STR("correct horse"), LOG_COST_LEAST};
    *state = b;
    return 0;
}

int bench_teardown(void **state)
{
    LogBench *b = *state;
    b->cx = &b->t.cx;
    test_folder_remove(b->cx, b->folder);
    test_cx_free(&b->t);
    free(b);
    return 0;
}

Str bench_beside(LogBench *b, const char *name)
{
    Buf buf = buf_make(b->cx->arena, 4096);
    Str path = {NULL, 0};
    buf_put(&buf, b->folder);
    buf_char(&buf, '/');
    buf_c(&buf, name);
    buf_char(&buf, '\0');
    if (buf_done(b->cx, &buf, &path) != OK)
        abort();
    return str_sub(path, 0, path.len - 1);
}

Log *bench_create(LogBench *b)
{
    Log *log = NULL;
    assert_ok(b->cx, log_create(b->cx, b->path, &b->secret, &b->code, &log));
    return log;
}

Log *bench_open(LogBench *b)
{
    Log *log = NULL;
    assert_ok(b->cx, log_open(b->cx, b->path, &b->secret, &log));
    return log;
}

Str bench_body(Cx *cx, int64_t i)
{
    Buf buf = buf_make(cx->arena, 4096);
    Str body = {NULL, 0};
    buf_u64(&buf, (uint64_t)i);
    for (int64_t k = 0; k < i % 300 * 37 % 300; k++)
        buf_char(&buf, (char)((i + k) & 0xff));
    if (buf_done(cx, &buf, &body) != OK)
        abort();
    return body;
}

void bench_append(LogBench *b, Log *log, int64_t from, int64_t n)
{
    for (int64_t i = from; i < from + n; i++) {
        Str body = bench_body(b->cx, i);
        LogPos pos = {0, 0};
        assert_ok(b->cx, log_append(b->cx, log, &body, 1, &pos));
    }
}

static Err see(void *ctx, Cx *cx, const LogEntry *entry)
{
    Seen *seen = ctx;
    uint64_t number = 0;
    seen->n++;
    seen->bytes += entry->body.len;
    if (entry->body.len < 8) {
        seen->bad++;
        return OK;
    }
    memcpy(&number, entry->body.p, 8);
    seen->last_number = (int64_t)number;
    Str want = bench_body(cx, (int64_t)number);
    seen->bad += str_eq(want, entry->body) ? 0 : 1;
    return OK;
}

Err bench_read(LogBench *b, Log *log, LogCursor *cursor, Seen *ret)
{
    *ret = (Seen){0};
    return log_read(b->cx, log, cursor, see, ret);
}

Err bench_count(LogBench *b, int64_t *ret)
{
    Log *log = NULL;
    LogCursor cursor = {0};
    Seen seen = {0};
    Err e = log_open(b->cx, b->path, &b->secret, &log);
    if (e == OK)
        e = bench_read(b, log, &cursor, &seen);
    log_cursor_free(&cursor);
    log_close(log);
    assert_int_equal(seen.bad, 0);
    if (e == OK)
        *ret = seen.n;
    return e;
}

void bench_sql(Str path, const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path.p, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
        print_error("%s: %s\n", sql, why);
        abort();
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

Str bench_load(LogBench *b, Str path)
{
    Str bytes = {NULL, 0};
    assert_ok(b->cx, os_read_file(b->cx, path, 1 << 26, &bytes));
    return bytes;
}

void bench_store(LogBench *b, Str path, Str bytes)
{
    assert_ok(b->cx, os_write_file(b->cx, path, bytes));
}
