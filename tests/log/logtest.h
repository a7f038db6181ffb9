/* tests/log/logtest.h - what the tests of the vault share: a folder, a quick vault, entries by
 * heart.
 * Key derivation is at its least here (LOG_COST_LEAST); production's cost is tried once. */
#ifndef TEST_LOG_LOGTEST_H
#define TEST_LOG_LOGTEST_H

#include "base/buf.h"
#include "log/log.h"
#include "testlib.h"

typedef struct LogBench {
    TestCx t;
    Cx *cx; /* &t.cx */
    Str folder, path;
    LogSecret secret;
    LogRecovery code;
} LogBench;

/* For cmocka: *state becomes a LogBench over a fresh folder; nothing is made in it yet. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* A path in the folder, with a NUL behind it for the system's calls. */
Str bench_beside(LogBench *b, const char *name);
Log *bench_create(LogBench *b);
Log *bench_open(LogBench *b);
/* Entry number i of a made-up history: its number, then as many bytes as its number asks for. */
Str bench_body(Cx *cx, int64_t i);
void bench_append(LogBench *b, Log *log, int64_t from, int64_t n);

/* Reads everything; checks bodies against bench_body when known is not NULL. */
typedef struct Seen {
    int64_t n, bad, bytes;
    int64_t last_number; /* of the last body */
} Seen;
Err bench_read(LogBench *b, Log *log, LogCursor *cursor, Seen *ret);
/* Opens, reads all, closes: OK and the count, or why not. */
Err bench_count(LogBench *b, int64_t *ret);
/* Runs raw SQL on the file at path, as an attacker or an accident would. */
void bench_sql(Str path, const char *sql);
Str bench_load(LogBench *b, Str path);
void bench_store(LogBench *b, Str path, Str bytes);

#endif
