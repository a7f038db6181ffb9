/* tests/log/test_fault.c - every allocation and every disk call goes wrong once, and once for good.
 * The one assertion: acknowledged <=> kept, and the vault opens. A sweep arms the nth call, runs a
 * scene, and ends when the scene came through without reaching an nth call. */
#include "base/os.h"
#include "fault.h"
#include "logtest.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A scene says how many entries it was told are kept, and of how many it was told that nobody can
 * know. The Cx is its own. */
typedef struct Told {
    int64_t kept, unsure;
} Told;
typedef Told Scene(LogBench *b);

static Told append_some(LogBench *b, Log *log)
{
    Told told = {0};
    for (int i = 0; i < 2; i++) {
        Str bodies[2] = {bench_body(b->cx, 5 + i), bench_body(b->cx, 250 + i)};
        LogPos pos = {0, 0};
        if (log_append(b->cx, log, bodies, 2, &pos) == OK)
            told.kept += 2;
        else if (strcmp(b->cx->why.key, "err.log-unsure") == 0)
            told.unsure += 2;
    }
    return told;
}

static Told open_append_close(LogBench *b)
{
    Log *log = NULL;
    if (log_open(b->cx, b->path, &b->secret, &log) != OK)
        return (Told){0};
    Told told = append_some(b, log);
    log_close(log);
    return told;
}

static Told open_read_close(LogBench *b)
{
    int64_t n = 0;
    Err e = bench_count(b, &n);
    if (e == OK)
        assert_true(n >= 3);
    assert_int_not_equal(e, ERR_DAMAGED); /* trouble with the disk is not blamed on the file */
    return (Told){0};
}

static int64_t count(LogBench *b)
{
    int64_t n = -1;
    assert_ok(b->cx, bench_count(b, &n));
    return n;
}

/* One round on a Cx of its own; true while a call was made to fail. */
static bool round_once(LogBench *b, Scene *scene, FaultKind kind, int nth, bool for_good,
                       int64_t *kept)
{
    TestCx once;
    test_cx_init(&once);
    Cx *outer = b->cx;
    b->cx = &once.cx;
    fault_arm(kind, nth, for_good);
    Told told = scene(b);
    int hits = fault_disarm();
    int64_t now = count(b), least = *kept + told.kept;
    if (now < least || now > least + told.unsure)
        print_error("kind %d, call %d, for good %d\n", (int)kind, nth, (int)for_good);
    assert_in_range(now, least, least + told.unsure);
    assert_true(told.unsure == 0 || for_good);
    *kept = now;
    b->cx = outer;
    test_cx_free(&once);
    return hits > 0;
}

static void sweep(LogBench *b, Scene *scene)
{
    Log *log = bench_create(b);
    bench_append(b, log, 1, 3);
    log_close(log);
    int64_t kept = 3;
    for (int kind = FAULT_MEMORY; kind <= FAULT_DISK; kind++) {
        for (int for_good = 0; for_good < 2; for_good++) {
            int nth = 1;
            while (round_once(b, scene, (FaultKind)kind, nth, for_good, &kept))
                nth++;
            assert_true(nth > 10);
        }
    }
}

static void appending(void **state)
{
    sweep(*state, open_append_close);
}

static void reading(void **state)
{
    sweep(*state, open_read_close);
}

/* The same with a Log that stays open across the trouble, as the server's does. */
static void appending_goes_on_after_trouble(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    int64_t kept = 0;
    for (int kind = FAULT_MEMORY; kind <= FAULT_DISK; kind++) {
        int hits = 1;
        for (int nth = 1; hits > 0; nth++) {
            TestCx once;
            test_cx_init(&once);
            b->cx = &once.cx;
            fault_arm((FaultKind)kind, nth, false);
            Told during = append_some(b, log);
            hits = fault_disarm();
            Told after = append_some(b, log);
            assert_int_equal(during.unsure + after.unsure, 0);
            assert_int_equal(after.kept, 4);
            kept += during.kept + after.kept;
            assert_int_equal(count(b), kept);
            b->cx = &b->t.cx;
            test_cx_free(&once);
        }
    }
    log_close(log);
}

/* A vault is there and opens, or its name is free. */
static void making(void **state)
{
    LogBench *b = *state;
    for (int kind = FAULT_MEMORY; kind <= FAULT_DISK; kind++) {
        int hits = 1;
        for (int nth = 1; hits > 0; nth++) {
            TestCx once;
            test_cx_init(&once);
            b->cx = &once.cx;
            Log *log = NULL;
            fault_arm((FaultKind)kind, nth, nth % 2 == 0);
            Err e = log_create(b->cx, b->path, &b->secret, &b->code, &log);
            hits = fault_disarm();
            log_close(log);
            if (e == OK)
                assert_int_equal(count(b), 0);
            else
                assert_false(os_exists(b->cx, b->path));
            if (e == OK)
                assert_ok(b->cx, os_remove(b->cx, b->path));
            b->cx = &b->t.cx;
            test_cx_free(&once);
        }
    }
}

/* The request's own memory runs out at each allocation in turn. */
static void arenas_run_out(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    int64_t kept = 0, acked = 0;
    for (int64_t nth = 0; acked == 0; nth++) {
        TestCx once;
        test_cx_init(&once);
        Log *log = NULL;
        LogPos pos = {0, 0};
        Str body = bench_body(b->cx, 9);
        arena_fail_after(&once.arena, nth);
        Err e = log_open(&once.cx, b->path, &b->secret, &log);
        if (e == OK && log_append(&once.cx, log, &body, 1, &pos) == OK)
            acked++;
        log_close(log);
        test_cx_free(&once);
        assert_int_equal(count(b), kept + acked);
    }
}

/* Killed at the nth disk call, a write torn in half: what was said before is kept. */
static void killed_at_each_call(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    int64_t kept = 0;
    int killed = 1;
    for (int nth = 1; killed; nth++) {
        int fds[2], status = 0;
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            Log *log = NULL;
            fault_arm(FAULT_KILL, nth, false);
            if (log_open(b->cx, b->path, &b->secret, &log) != OK)
                _exit(1);
            for (int i = 0; i < 3; i++) {
                Str body = bench_body(b->cx, 100 + i);
                LogPos pos = {0, 0};
                if (log_append(b->cx, log, &body, 1, &pos) != OK || write(fds[1], "+", 1) != 1)
                    _exit(1);
            }
            log_close(log);
            _exit(0);
        }
        (void)close(fds[1]);
        char acks[8];
        int64_t acked = 0;
        for (ssize_t n = 0; (n = read(fds[0], acks, sizeof acks)) > 0;)
            acked += n;
        (void)close(fds[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        killed = WIFSIGNALED(status);
        assert_true(killed || WEXITSTATUS(status) == 0);
        int64_t now = count(b);
        assert_true(now == kept + acked || (killed && now == kept + acked + 1));
        kept = now;
    }
}

/* Killed while a vault is being made: afterwards it opens, or its name is free. */
static void killed_while_making(void **state)
{
    LogBench *b = *state;
    int killed = 1;
    for (int nth = 1; killed; nth++) {
        int status = 0;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            Log *log = NULL;
            fault_arm(FAULT_KILL, nth, false);
            _exit(log_create(b->cx, b->path, &b->secret, &b->code, &log) == OK ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        killed = WIFSIGNALED(status);
        assert_true(killed || WEXITSTATUS(status) == 0);
        if (os_exists(b->cx, b->path)) {
            assert_int_equal(count(b), 0);
            assert_ok(b->cx, os_remove(b->cx, b->path));
        }
    }
}

/* The current fails at the nth disk call: unsynced writes are gone, acknowledged entries are not. */
static void power_cut_at_each_call(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    int64_t kept = 0;
    int hits = 1;
    for (int nth = 1; hits > 0; nth++) {
        TestCx once;
        test_cx_init(&once);
        b->cx = &once.cx;
        fault_arm(FAULT_POWER, nth, true);
        Told told = open_append_close(b);
        fault_power_cut();
        hits = fault_disarm();
        int64_t now = count(b);
        assert_in_range(now, kept + told.kept, kept + told.kept + told.unsure);
        kept = now;
        b->cx = &b->t.cx;
        test_cx_free(&once);
    }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    fault_install();
    const struct CMUnitTest tests[] = {
        TEST(appending),
        TEST(reading),
        TEST(appending_goes_on_after_trouble),
        TEST(making),
        TEST(arenas_run_out),
        TEST(killed_at_each_call),
        TEST(killed_while_making),
        TEST(power_cut_at_each_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
