/* tests/log/test_keys.c - what opens a vault, changed in every way; and forgetting, which leaves
 * no byte. */
#include "base/os.h"
#include "log/inner.h"
#include "logtest.h"
#include <errno.h>
#include <keyutils.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static Err open_with(LogBench *b, LogSecret secret, Log **ret)
{
    return log_open(b->cx, b->path, &secret, ret);
}

static Err try_secret(LogBench *b, LogSecret secret)
{
    Log *log = NULL;
    Err e = open_with(b, secret, &log);
    log_close(log);
    return e;
}

static LogSecret phrase(const char *text)
{
    return (LogSecret){LOG_PASSPHRASE, str_c(text), LOG_COST_LEAST};
}

static LogSecret code_secret(const LogRecovery *code)
{
    return (LogSecret){.kind = LOG_RECOVERY, .text = str_c(code->text)};
}

static void a_new_passphrase(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b), *other = bench_open(b);
    bench_append(b, log, 1, 3);
    LogSecret old = b->secret;
    b->secret = phrase("battery staple");
    assert_ok(b->cx, log_set_secret(b->cx, log, &b->secret));
    assert_int_equal(try_secret(b, old), ERR_DENIED);
    bench_append(b, other, 4, 1); /* the vault key is the same, so others go on */
    log_close(other);
    log_close(log);
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 4);
}

static void back_in_with_the_recovery_code(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    Log *log = NULL;
    assert_ok(b->cx, open_with(b, code_secret(&b->code), &log));
    b->secret = phrase("remembered this time");
    assert_ok(b->cx, log_set_secret(b->cx, log, &b->secret));
    LogRecovery fresh;
    bool clean = false;
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, &fresh, &clean));
    log_close(log);
    assert_ok(b->cx, try_secret(b, b->secret));
    assert_int_equal(try_secret(b, code_secret(&b->code)), ERR_DENIED);
    assert_string_equal(b->cx->why.key, "err.log-wrong-code");
    assert_ok(b->cx, try_secret(b, code_secret(&fresh)));
}

static void between_passphrase_and_key_file(void **state)
{
    LogBench *b = *state;
    Str key = bench_beside(b, "vault.key"), fresh = bench_beside(b, "vault.key.next");
    Log *log = bench_create(b);
    b->secret = (LogSecret){.kind = LOG_KEY_FILE};
    assert_ok(b->cx, log_set_secret(b->cx, log, &b->secret));
    assert_true(os_exists(b->cx, key) && !os_exists(b->cx, fresh));
    assert_ok(b->cx, try_secret(b, b->secret));
    /* a fresh key file replaces the one that may have been seen */
    Str before = bench_load(b, key);
    bool clean = false;
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, NULL, &clean));
    assert_true(clean);
    assert_false(str_eq(before, bench_load(b, key)));
    assert_ok(b->cx, try_secret(b, b->secret));
    /* killed before the fresh file took its name: it is found, and takes it */
    Str now = bench_load(b, key);
    bench_store(b, fresh, now);
    bench_store(b, key, before);
    assert_ok(b->cx, try_secret(b, b->secret));
    assert_true(str_eq(now, bench_load(b, key)) && !os_exists(b->cx, fresh));
    b->secret = phrase("words again");
    assert_ok(b->cx, log_set_secret(b->cx, log, &b->secret));
    assert_false(os_exists(b->cx, key));
    log_close(log);
    assert_ok(b->cx, try_secret(b, b->secret));
}

static void rekey_shuts_out_old_keys(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b), *other = bench_open(b);
    bench_append(b, log, 1, 20);
    LogEntry foreign = {77, 1, bench_body(b->cx, 21)};
    ptrdiff_t kept = 0;
    assert_ok(b->cx, log_accept(b->cx, log, &foreign, 1, &kept));
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, other, &cursor, &seen));
    LogRecovery fresh;
    bool clean = false;
    LogSecret wrong = phrase("not it");
    assert_int_equal(log_rekey(b->cx, log, &wrong, &fresh, &clean), ERR_DENIED);
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, &fresh, &clean));
    assert_true(clean);
    /* the other process is told, and loses nothing by it */
    LogPos pos = {0, 0};
    Str body = bench_body(b->cx, 22);
    assert_true(log_changed(b->cx, other));
    assert_int_equal(log_append(b->cx, other, &body, 1, &pos), ERR_LOCKED);
    assert_string_equal(b->cx->why.key, "err.log-key-renewed");
    assert_int_equal(bench_read(b, other, &cursor, &seen), ERR_LOCKED);
    log_close(other);
    other = bench_open(b);
    assert_int_equal(bench_read(b, other, &cursor, &seen), ERR_LOCKED); /* cursors start over */
    log_cursor_free(&cursor);
    assert_ok(b->cx, bench_read(b, other, &cursor, &seen));
    assert_int_equal(seen.n, 21);
    log_cursor_free(&cursor);
    bench_append(b, other, 22, 1);
    bench_append(b, log, 23, 1);
    log_close(other);
    log_close(log);
    assert_int_equal(try_secret(b, code_secret(&b->code)), ERR_DENIED);
    assert_ok(b->cx, try_secret(b, code_secret(&fresh)));
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 23);
}

/* -- forgetting -------------------------------------------------------------------------------- */

static Err forget_every_third(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    int64_t *asked = ctx;
    (void)cx;
    ++*asked;
    if (entry->seq % 3 == 0)
        *ret = STR("gone");
    if (entry->seq % 10 == 0)
        *ret = STR("");
    return OK;
}

/* Every sealed row as it stands, to be searched for afterwards. */
typedef struct Pieces {
    Str at[512];
    int n;
} Pieces;

static void collect(LogBench *b, Pieces *ret)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(b->path.p, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT sealed FROM entry", -1, &st, NULL), SQLITE_OK);
    ret->n = 0;
    while (sqlite3_step(st) == SQLITE_ROW && ret->n < 512) {
        Str row = {sqlite3_column_blob(st, 0), sqlite3_column_bytes(st, 0)};
        ret->at[ret->n++] = str_dup(b->cx->arena, row);
    }
    sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int pieces_in(LogBench *b, Str file, const Pieces *pieces)
{
    enum { PIECE = 16 };
    int found = 0;
    if (!os_exists(b->cx, file))
        return 0;
    Str bytes = bench_load(b, file);
    for (int i = 0; i < pieces->n; i++) {
        for (ptrdiff_t at = 0; at + PIECE <= pieces->at[i].len; at += PIECE)
            found += str_find(bytes, str_sub(pieces->at[i], at, PIECE)) >= 0;
    }
    return found;
}

/* With a second Log open all the while, no sixteen bytes of any old row are left in any file. */
static void forgetting_leaves_no_byte(void **state)
{
    enum { N = 300 };
    LogBench *b = *state;
    Log *log = bench_create(b), *other = bench_open(b);
    bench_append(b, log, 1, N);
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, other, &cursor, &seen));
    assert_ok(b->cx, log_checkpoint_write(b->cx, other, LOG_MODEL_BOOK, &cursor, STR("names of people")));
    Pieces pieces;
    collect(b, &pieces);
    assert_int_equal(pieces.n, N);
    assert_true(pieces_in(b, bench_beside(b, "vault-wal"), &pieces) > 0);
    int64_t asked = 0;
    bool clean = false;
    assert_ok(b->cx, log_rewrite(b->cx, log, &b->secret, forget_every_third, &asked, NULL, &clean));
    assert_int_equal(asked, N);
    assert_true(clean);
    assert_int_equal(pieces_in(b, b->path, &pieces), 0);
    assert_int_equal(pieces_in(b, bench_beside(b, "vault-wal"), &pieces), 0);
    assert_false(os_exists(b->cx, bench_beside(b, "vault.checkpoint")));
    /* the other one, which still has it all in memory, does not write it down again */
    assert_int_equal(log_checkpoint_write(b->cx, other, LOG_MODEL_BOOK, &cursor, STR("names of people")), ERR_LOCKED);
    assert_false(os_exists(b->cx, bench_beside(b, "vault.checkpoint")));
    log_cursor_free(&cursor);
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.n, N - N / 10); /* emptied places are passed over */
    assert_int_equal(seen.bad, 90);       /* "gone": every third that is not every tenth */
    assert_int_equal(log_cursor_seq(&cursor, log_device(log)), N);
    log_cursor_free(&cursor);
    log_close(other);
    log_close(log);
}

static void forgetting_waits_for_a_reader(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    bench_append(b, log, 1, 30);
    sqlite3 *reader = NULL;
    assert_int_equal(sqlite3_open(b->path.p, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM entry", NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_busy_timeout(log->db, 10);
    Pieces pieces;
    collect(b, &pieces);
    bool clean = true;
    int64_t asked = 0;
    assert_ok(b->cx, log_rewrite(b->cx, log, &b->secret, forget_every_third, &asked, NULL, &clean));
    assert_false(clean);
    assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_ok(b->cx, log_scrub(b->cx, log));
    assert_int_equal(pieces_in(b, b->path, &pieces), 0);
    assert_int_equal(pieces_in(b, bench_beside(b, "vault-wal"), &pieces), 0);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    log_close(log);
}

static Err refuse(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    (void)ctx, (void)ret;
    return entry->seq == 7 ? err_set(cx, ERR_LIMIT, "err.test", NO_ARGS) : OK;
}

static void a_rewrite_that_stops_changes_nothing(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    bench_append(b, log, 1, 10);
    bool clean = false;
    assert_int_equal(log_rewrite(b->cx, log, &b->secret, refuse, NULL, NULL, &clean), ERR_LIMIT);
    bench_append(b, log, 11, 1);
    log_close(log);
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 11);
    bench_sql(b->path, "DELETE FROM entry WHERE seq=4");
    log = bench_open(b);
    assert_int_equal(log_rekey(b->cx, log, &b->secret, NULL, &clean), ERR_DAMAGED);
    log_close(log);
}

/* -- guesses ----------------------------------------------------------------------------------- */

static void wrong_passphrases_wait(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    LogSecret wrong = phrase("guess");
    for (int i = 0; i < 3; i++)
        assert_int_equal(try_secret(b, wrong), ERR_DENIED);
    assert_int_equal(try_secret(b, b->secret), ERR_BUSY); /* even the right one waits */
    assert_string_equal(b->cx->why.key, "err.log-wait");
    assert_int_equal(b->cx->why.args[0].num, 1);
    assert_ok(b->cx, try_secret(b, code_secret(&b->code))); /* the code needs no pause */
    b->cx->now_ms += 1000;
    assert_int_equal(try_secret(b, wrong), ERR_DENIED);
    b->cx->now_ms += 1999;
    assert_int_equal(try_secret(b, wrong), ERR_BUSY);
    b->cx->now_ms += 1;
    for (int i = 0; i < 12; i++) {
        assert_int_equal(try_secret(b, wrong), ERR_DENIED);
        b->cx->now_ms += 300000;
    }
    assert_int_equal(try_secret(b, wrong), ERR_DENIED);
    assert_int_equal(try_secret(b, wrong), ERR_BUSY);
    assert_int_equal(b->cx->why.args[0].num, 300);
    b->cx->now_ms -= 86400000; /* a clock put back starts the pause over, no longer */
    assert_int_equal(try_secret(b, b->secret), ERR_BUSY);
    assert_int_equal(b->cx->why.args[0].num, 300);
    b->cx->now_ms += 300000;
    assert_ok(b->cx, try_secret(b, b->secret));
    assert_false(os_exists(b->cx, bench_beside(b, "vault.tries")));
    bench_store(b, bench_beside(b, "vault.tries"), STR("9999999999999999999999\nx"));
    assert_ok(b->cx, try_secret(b, b->secret));
}

/* Several at once get no more guesses than one after another. */
static void guessing_at_once_is_no_quicker(void **state)
{
    enum { CHILDREN = 12 };
    LogBench *b = *state;
    log_close(bench_create(b));
    pid_t pids[CHILDREN];
    int denied = 0, busy = 0;
    for (int i = 0; i < CHILDREN; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            LogSecret wrong = phrase("guess");
            _exit((int)try_secret(b, wrong));
        }
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = 0;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        denied += WEXITSTATUS(status) == ERR_DENIED;
        busy += WEXITSTATUS(status) == ERR_BUSY;
    }
    assert_int_equal(denied, 3);
    assert_int_equal(busy, CHILDREN - 3);
    assert_int_equal(try_secret(b, b->secret), ERR_BUSY);
}

/* -- the keyring ------------------------------------------------------------------------------- */

static bool keyring_works(void)
{
    key_serial_t key = add_key("user", "fonder-test", "x", 1, KEY_SPEC_USER_KEYRING);
    return key >= 0 && keyctl_unlink(key, KEY_SPEC_USER_KEYRING) == 0;
}

static void unlocked_for_a_while(void **state)
{
    LogBench *b = *state;
    if (!keyring_works())
        skip();
    LogSecret ring = {.kind = LOG_KEYRING};
    Log *log = bench_create(b);
    assert_int_equal(try_secret(b, ring), ERR_LOCKED);
    assert_string_equal(b->cx->why.key, "err.log-locked");
    assert_int_equal(log_unlock(b->cx, log, 0), ERR_INVALID);
    assert_ok(b->cx, log_unlock(b->cx, log, 3600));
    assert_ok(b->cx, try_secret(b, ring));
    assert_ok(b->cx, log_lock(b->cx, b->path));
    assert_int_equal(try_secret(b, ring), ERR_LOCKED);
    assert_ok(b->cx, log_lock(b->cx, b->path));
    /* a key from before a rekey opens nothing and is dropped */
    Log *other = bench_open(b);
    bool clean = false;
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, NULL, &clean));
    assert_ok(b->cx, log_unlock(b->cx, other, 3600));
    assert_int_equal(try_secret(b, ring), ERR_LOCKED);
    assert_ok(b->cx, log_unlock(b->cx, log, 3600));
    log_close(other);
    /* from another session too */
    pid_t pid = fork();
    if (pid == 0) {
        (void)keyctl_join_session_keyring(NULL);
        _exit(try_secret(b, ring) == OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_ok(b->cx, log_unlock(b->cx, log, 1));
    usleep(1200000); /* the kernel's own clock: nothing of ours can stand in for it */
    assert_int_equal(try_secret(b, ring), ERR_LOCKED);
    log_close(log);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_passphrase),
        TEST(back_in_with_the_recovery_code),
        TEST(between_passphrase_and_key_file),
        TEST(rekey_shuts_out_old_keys),
        TEST(forgetting_leaves_no_byte),
        TEST(forgetting_waits_for_a_reader),
        TEST(a_rewrite_that_stops_changes_nothing),
        TEST(wrong_passphrases_wait),
        TEST(guessing_at_once_is_no_quicker),
        TEST(unlocked_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
