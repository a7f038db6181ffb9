/* tests/log/test_processes.c - several processes on one vault, and processes that are killed.
 * The one assertion: what was acknowledged is there afterwards, once, and nothing else is but
 * perhaps the one entry whose acknowledgement the kill cut off. */
#include "base/os.h"
#include "logtest.h"
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 2, EACH = 500, CHILD_LOCKED = 20 };

static Log *child_open(LogBench *b)
{
    Log *log = NULL;
    if (log_open(b->cx, b->path, &b->secret, &log) != OK)
        _exit(10);
    return log;
}

/* Appends numbers from, from + 1, …; says each on fd once it is kept. */
static void child_append(LogBench *b, int64_t from, int64_t n, int fd)
{
    Log *log = child_open(b);
    for (int64_t i = from; i < from + n; i++) {
        TestCx once;
        test_cx_init(&once);
        LogPos pos = {0, 0};
        Str body = bench_body(&once.cx, i);
        Err e = ERR_BUSY;
        while (e == ERR_BUSY) /* as whoever is told "try again" does */
            e = log_append(&once.cx, log, &body, 1, &pos);
        if (e != OK)
            _exit(e == ERR_LOCKED ? CHILD_LOCKED : 11);
        if (fd >= 0 && write(fd, &i, sizeof i) != (ssize_t)sizeof i)
            _exit(12);
        test_cx_free(&once);
    }
    log_close(log);
    _exit(0);
}

static pid_t start(LogBench *b, int64_t from, int64_t n, int fd)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child_append(b, from, n, fd);
    return pid;
}

/* Which numbers came back, and how often. */
typedef struct Tally {
    int64_t n, cap;
    uint8_t *times;
} Tally;

static Err tally_one(void *ctx, Cx *cx, const LogEntry *entry)
{
    Tally *tally = ctx;
    uint64_t number = 0;
    memcpy(&number, entry->body.p, 8);
    assert_true((int64_t)number < tally->cap);
    tally->times[number]++;
    tally->n++;
    assert_true(str_eq(entry->body, bench_body(cx, (int64_t)number)));
    return OK;
}

static Tally tally(LogBench *b, int64_t cap)
{
    Tally t = {.cap = cap, .times = arena_new(b->cx->arena, uint8_t, cap)};
    LogCursor cursor = {0};
    assert_non_null(t.times);
    Log *log = bench_open(b);
    assert_ok(b->cx, log_read(b->cx, log, &cursor, tally_one, &t));
    log_cursor_free(&cursor);
    log_close(log);
    return t;
}

static void two_writers_lose_nothing(void **state)
{
    LogBench *b = *state;
    log_close(bench_create(b));
    for (int w = 0; w < WRITERS; w++)
        (void)start(b, (int64_t)w * EACH, EACH, -1);
    /* a reader meanwhile sees only whole states, growing */
    Log *log = bench_open(b);
    LogCursor cursor = {0};
    int64_t all = 0;
    for (int running = WRITERS; running > 0;) {
        Seen seen = {0};
        assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
        assert_int_equal(seen.bad, 0);
        all += seen.n;
        int status = 0;
        while (running > 0 && waitpid(-1, &status, WNOHANG) > 0) {
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            running--;
        }
    }
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(all + seen.n, WRITERS * EACH);
    log_cursor_free(&cursor);
    log_close(log);
    Tally t = tally(b, (int64_t)WRITERS * EACH);
    for (int64_t i = 0; i < t.cap; i++)
        assert_int_equal(t.times[i], 1);
}

/* Lets a child append once and then for a random while, kills it, and returns the last number it
 * acknowledged, */
static int64_t append_and_kill(LogBench *b, int64_t from)
{
    int fds[2];
    int64_t acked = 0, number = 0;
    uint16_t wait_us = 0;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = start(b, from, 1000000, fds[1]);
    assert_int_equal(close(fds[1]), 0);
    assert_int_equal(read(fds[0], &acked, sizeof acked), (ssize_t)sizeof acked);
    os_random(&wait_us, sizeof wait_us);
    usleep(wait_us % 20000);
    assert_int_equal(kill(pid, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(fds[0], &number, sizeof number) == (ssize_t)sizeof number)
        acked = number;
    assert_int_equal(close(fds[0]), 0);
    return acked;
}

static void kill_in_a_loop(LogBench *b, const char *name)
{
    enum { ROUNDS = 50 };
    b->path = bench_beside(b, name);
    log_close(bench_create(b));
    int64_t next = 0;
    for (int i = 0; i < ROUNDS; i++) {
        TestCx once;
        test_cx_init(&once);
        b->cx = &once.cx;
        int64_t acked = append_and_kill(b, next);
        Tally t = tally(b, acked + 2);
        for (int64_t k = 0; k <= acked; k++)
            assert_int_equal(t.times[k], 1);
        assert_true(t.times[acked + 1] <= 1); /* kept, and killed before it could say so */
        next = acked + 1 + t.times[acked + 1];
        b->cx = &b->t.cx;
        test_cx_free(&once);
    }
    assert_true(next >= ROUNDS);
}

static void killed_at_any_instant(void **state)
{
    int vaults = os_env("FONDER_TORTURE").len > 0 ? 20 : 1;
    for (int i = 0; i < vaults; i++) {
        char name[] = {'k', (char)('a' + i), '\0'};
        kill_in_a_loop(*state, name);
    }
}

/* While one process renews the key another goes on appending: it is told, and what was acknowledged
 * before is kept. */
static void rekeyed_under_a_writer(void **state)
{
    LogBench *b = *state;
    int fds[2], status = 0;
    bool clean = false;
    Log *log = bench_create(b);
    assert_int_equal(pipe(fds), 0);
    pid_t pid = start(b, 0, 1000000, fds[1]);
    assert_int_equal(close(fds[1]), 0);
    int64_t acked = -1;
    for (int i = 0; i < 20; i++)
        assert_int_equal(read(fds[0], &acked, sizeof acked), (ssize_t)sizeof acked);
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, NULL, &clean));
    for (int64_t number = 0; read(fds[0], &number, sizeof number) == (ssize_t)sizeof number;)
        acked = number;
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_LOCKED);
    log_close(log);
    Tally t = tally(b, acked + 1);
    assert_int_equal(t.n, acked + 1);
    for (int64_t i = 0; i <= acked; i++)
        assert_int_equal(t.times[i], 1);
}

/* Root may write anywhere, by two of its capabilities; without them it is an owner like any other.
 * Becoming another user instead would ask that every folder above the test's lets that user in. */
static bool no_more_than_an_owner(void)
{
    enum { ABOVE_MODES = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH };
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &head, data) != 0)
        return false;
    data[0].effective &= ~ABOVE_MODES;
    data[0].permitted &= ~ABOVE_MODES;
    data[0].inheritable &= ~ABOVE_MODES;
    return syscall(SYS_capset, &head, data) == 0;
}

/* A vault on a disk that may only be read: it opens and reads, and says why it keeps nothing. */
static int read_only_child(LogBench *b)
{
    Log *log = NULL;
    LogCursor cursor = {0};
    Seen seen = {0};
    LogPos pos = {0, 0};
    Str body = STR("no room");
    if (!no_more_than_an_owner())
        return 2;
    if (log_open(b->cx, b->path, &b->secret, &log) != OK || !log_is_read_only(log))
        return 3;
    if (bench_read(b, log, &cursor, &seen) != OK || seen.n != 5 || seen.bad != 0)
        return 4;
    return log_append(b->cx, log, &body, 1, &pos) == ERR_DENIED ? 0 : 5;
}

static void a_folder_that_may_only_be_read(void **state)
{
    LogBench *b = *state;
    int status = 0;
    const char *folder = str_to_c(b->cx->arena, b->folder);
    assert_non_null(folder);
    Log *log = bench_create(b);
    bench_append(b, log, 1, 5);
    log_close(log);
    assert_int_equal(chmod(b->path.p, 0400), 0);
    assert_int_equal(chmod(folder, 0500), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(read_only_child(b));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_writers_lose_nothing),
        TEST(killed_at_any_instant),
        TEST(rekeyed_under_a_writer),
        TEST(a_folder_that_may_only_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
