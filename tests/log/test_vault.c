/* tests/log/test_vault.c - making, opening, appending and reading a vault. */
#include "logtest.h"
#include <sys/stat.h>

static void kept_and_read_back(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    Str bodies[3] = {bench_body(b->cx, 1), bench_body(b->cx, 2), bench_body(b->cx, 3)};
    LogPos first = {0, 0};
    assert_ok(b->cx, log_append(b->cx, log, bodies, 3, &first));
    assert_int_equal(first.seq, 1);
    assert_true(first.device == log_device(log) && first.device > 0);
    bench_append(b, log, 4, 97);
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.n, 100);
    assert_int_equal(seen.bad, 0);
    assert_int_equal(seen.last_number, 100);
    assert_int_equal(log_cursor_seq(&cursor, first.device), 100);
    /* from the cursor on there is nothing, then exactly what comes next */
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.n, 0);
    bench_append(b, log, 101, 2);
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.last_number, 102);
    LogStats stats = {0};
    assert_ok(b->cx, log_stats(b->cx, log, &stats));
    assert_int_equal(stats.entries, 102);
    assert_int_equal(stats.devices, 1);
    log_cursor_free(&cursor);
    log_close(log);
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 102);
}

static void opened_again_is_the_same_device(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    int64_t device = log_device(log);
    Id vault = log_vault_id(log);
    log_close(log);
    log = bench_open(b);
    assert_int_equal(log_device(log), device);
    assert_true(id_eq(log_vault_id(log), vault));
    assert_int_equal(log_opens_with(log), LOG_PASSPHRASE);
    log_close(log);
}

static void a_copy_is_another_device(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    int64_t device = log_device(log);
    bench_append(b, log, 1, 2);
    log_close(log);
    Str whole = bench_load(b, b->path);
    b->path = bench_beside(b, "copy");
    bench_store(b, b->path, whole);
    log = bench_open(b);
    assert_int_not_equal(log_device(log), device);
    bench_append(b, log, 3, 1);
    log_close(log);
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 3);
}

static mode_t mode_of(Str path)
{
    struct stat st = {0};
    assert_int_equal(stat(path.p, &st), 0);
    return st.st_mode & 0777;
}

static void files_are_the_owners_alone(void **state)
{
    LogBench *b = *state;
    mode_t before = umask(0);
    b->path = bench_beside(b, "deep/er/vault");
    Log *log = bench_create(b);
    bench_append(b, log, 1, 1);
    (void)umask(before);
    assert_int_equal(mode_of(bench_beside(b, "deep")), 0700);
    assert_int_equal(mode_of(bench_beside(b, "deep/er")), 0700);
    assert_int_equal(mode_of(b->path), 0600);
    assert_int_equal(mode_of(bench_beside(b, "deep/er/vault-wal")), 0600);
    log_close(log);
}

static void refuses_a_taken_name(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    Str before = bench_load(b, b->path);
    Log *log = NULL;
    assert_int_equal(log_create(b->cx, b->path, &b->secret, &b->code, &log), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-exists");
    assert_true(str_eq(before, bench_load(b, b->path)));
    b->path = bench_beside(b, "other");
    bench_store(b, bench_beside(b, "other-wal"), STR("left behind"));
    assert_int_equal(log_create(b->cx, b->path, &b->secret, &b->code, &log), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-leftover");
}

static void secrets_open_or_say_why(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    Log *log = NULL;
    LogSecret wrong = {LOG_PASSPHRASE, STR("correct hoarse"), LOG_COST_LEAST};
    assert_int_equal(log_open(b->cx, b->path, &wrong, &log), ERR_DENIED);
    assert_string_equal(b->cx->why.key, "err.log-wrong-passphrase");
    LogSecret file = {.kind = LOG_KEY_FILE};
    assert_int_equal(log_open(b->cx, b->path, &file, &log), ERR_DENIED);
    assert_string_equal(b->cx->why.key, "err.log-needs-passphrase");
    LogSecret code = {LOG_RECOVERY, str_c(b->code.text), LOG_COST_LEAST};
    assert_ok(b->cx, log_open(b->cx, b->path, &code, &log));
    log_close(log);
    char typed[LOG_RECOVERY_CAP];
    for (int i = 0; i < LOG_RECOVERY_CAP; i++) { /* capitals and spaces are fine */
        char c = b->code.text[i];
        typed[i] = (char)(c == '-' ? ' ' : c >= 'a' ? c - 32 : c);
    }
    code.text = str_c(typed);
    assert_ok(b->cx, log_open(b->cx, b->path, &code, &log));
    log_close(log);
    typed[7] = 'E'; /* no word has an e */
    assert_int_equal(log_open(b->cx, b->path, &code, &log), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-code-word");
    assert_int_equal(b->cx->why.args[0].num, 2);
    err_clear(b->cx);
    assert_int_equal(log_recovery_check(b->cx, code.text), ERR_INVALID); /* without the vault, too */
    assert_string_equal(b->cx->why.key, "err.log-code-word");
    assert_int_equal(log_recovery_check(b->cx, STR("garbage")), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-code");
    assert_ok(b->cx, log_recovery_check(b->cx, str_c(b->code.text)));
    LogSecret empty = {LOG_PASSPHRASE, STR(""), LOG_COST_LEAST};
    Str other = bench_beside(b, "other");
    assert_int_equal(log_create(b->cx, other, &empty, &b->code, &log), ERR_INVALID);
}

static void a_key_file_opens_too(void **state)
{
    LogBench *b = *state;
    b->secret = (LogSecret){.kind = LOG_KEY_FILE};
    log_close(bench_create(b));
    Str key = bench_beside(b, "vault.key");
    assert_int_equal(mode_of(key), 0600);
    assert_int_equal(bench_load(b, key).len, 32);
    Log *log = bench_open(b);
    assert_int_equal(log_opens_with(log), LOG_KEY_FILE);
    log_close(log);
    assert_int_equal(chmod(key.p, 0644), 0);
    assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_DENIED);
    assert_string_equal(b->cx->why.key, "err.log-key-file-open");
    assert_ok(b->cx, os_remove(b->cx, key));
    assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_NOT_FOUND);
    assert_string_equal(b->cx->why.key, "err.log-key-file-absent");
}

static void entries_of_another_device_are_accepted_once(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    bench_append(b, log, 1, 2);
    LogEntry sent[4];
    for (int i = 0; i < 4; i++)
        sent[i] = (LogEntry){77, i + 1, bench_body(b->cx, 10 + i)};
    ptrdiff_t kept = 0;
    assert_ok(b->cx, log_accept(b->cx, log, sent, 3, &kept));
    assert_int_equal(kept, 3);
    assert_ok(b->cx, log_accept(b->cx, log, sent, 4, &kept));
    assert_int_equal(kept, 1);
    assert_ok(b->cx, log_accept(b->cx, log, sent + 1, 2, &kept));
    assert_int_equal(kept, 0);
    LogEntry gap = {77, 9, bench_body(b->cx, 20)};
    assert_int_equal(log_accept(b->cx, log, &gap, 1, &kept), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-gap");
    LogEntry own = {log_device(log), 3, bench_body(b->cx, 20)};
    assert_int_equal(log_accept(b->cx, log, &own, 1, &kept), ERR_INVALID);
    log_close(log);
    int64_t n = 0;
    assert_ok(b->cx, bench_count(b, &n));
    assert_int_equal(n, 6);
}

static Err stop_at_three(void *ctx, Cx *cx, const LogEntry *entry)
{
    int64_t *seen = ctx;
    *seen = entry->seq;
    return entry->seq == 3 ? err_set(cx, ERR_LIMIT, "err.test", NO_ARGS) : OK;
}

static void a_visitor_may_stop(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    bench_append(b, log, 1, 5);
    LogCursor cursor = {0};
    int64_t seen = 0;
    assert_int_equal(log_read(b->cx, log, &cursor, stop_at_three, &seen), ERR_LIMIT);
    assert_int_equal(seen, 3);
    assert_int_equal(log_cursor_seq(&cursor, log_device(log)), 0);
    Seen all = {0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &all));
    assert_int_equal(all.n, 5);
    log_cursor_free(&cursor);
    log_close(log);
}

static void bodies_have_bounds(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    LogPos pos = {0, 0};
    char *big = arena_new(b->cx->arena, char, LOG_BODY_MAX + 1);
    assert_non_null(big);
    Str bodies[2] = {
        STR("fine"), {big, LOG_BODY_MAX + 1}
    };
    assert_int_equal(log_append(b->cx, log, bodies, 2, &pos), ERR_LIMIT);
    bodies[1].len = 0;
    assert_int_equal(log_append(b->cx, log, bodies, 2, &pos), ERR_INVALID);
    assert_int_equal(pos.seq, 0);
    bodies[1].len = LOG_BODY_MAX;
    assert_ok(b->cx, log_append(b->cx, log, bodies, 2, &pos));
    LogStats stats = {0};
    assert_ok(b->cx, log_stats(b->cx, log, &stats));
    assert_int_equal(stats.entries, 2);
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.bytes, 4 + LOG_BODY_MAX);
    log_cursor_free(&cursor);
    log_close(log);
}

static void a_second_log_sees_what_the_first_kept(void **state)
{
    LogBench *b = *state;
    Log *one = bench_create(b);
    Log *two = bench_open(b);
    assert_int_equal(log_device(one), log_device(two));
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, two, &cursor, &seen));
    assert_false(log_changed(b->cx, two));
    bench_append(b, one, 1, 3);
    assert_true(log_changed(b->cx, two));
    bench_append(b, two, 4, 1);
    assert_ok(b->cx, bench_read(b, two, &cursor, &seen));
    assert_int_equal(seen.n, 4);
    assert_false(log_changed(b->cx, two));
    log_cursor_free(&cursor);
    log_close(one);
    log_close(two);
}

static void looking_needs_no_key(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    LogLook look = {0};
    bench_append(b, log, 1, 7);
    assert_ok(b->cx, log_look(b->cx, b->path, &look));
    assert_true(id_eq(look.vault, log_vault_id(log)));
    assert_int_equal(look.opens_with, LOG_PASSPHRASE);
    assert_int_equal(look.devices, 1);
    assert_int_equal(look.entries, 7);
    log_close(log);
}

static void production_cost_opens(void **state)
{
    LogBench *b = *state;
    b->secret.cost = LOG_COST_MODERATE;
    log_close(bench_create(b));
    log_close(bench_open(b));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(kept_and_read_back),
        TEST(opened_again_is_the_same_device),
        TEST(a_copy_is_another_device),
        TEST(files_are_the_owners_alone),
        TEST(refuses_a_taken_name),
        TEST(secrets_open_or_say_why),
        TEST(a_key_file_opens_too),
        TEST(entries_of_another_device_are_accepted_once),
        TEST(a_visitor_may_stop),
        TEST(bodies_have_bounds),
        TEST(a_second_log_sees_what_the_first_kept),
        TEST(looking_needs_no_key),
        TEST(production_cost_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
