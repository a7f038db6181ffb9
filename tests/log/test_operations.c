/* tests/log/test_operations.c - the long operations on a vault with trouble at every turn: the nth allocation of
 * SQLite's or of the request's own fails, there are only so many bytes, the nth disk call fails once or from then on,
 * the process is killed there or the current is cut. Afterwards the vault opens and holds what it held, under the old
 * secret or, where that was the point, the new one; and what was to be made is whole, or its name is free. */
#include "base/os.h"
#include "fault.h"
#include "logtest.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELD = 6 };

static bool bench_is_whole(LogBench *b, LogSecret secret)
{
    LogSecret before = b->secret;
    int64_t n = -1;
    b->secret = secret;
    bool whole = bench_count(b, &n) == OK && n == HELD;
    b->secret = before;
    return whole;
}

static const LogSecret other_secret = {
    LOG_PASSPHRASE, {"something else", 14},
     LOG_COST_LEAST
};

/* Something done to a vault of HELD entries, and what must be so after trouble in its midst. e is
 * what it said; ERR_IO when it was killed. `after` is for what it makes; the vault itself is looked
 * at in any case. */
typedef struct Operation {
    Err (*run)(LogBench *b, Log *log);
    void (*after)(LogBench *b, Err e);
    bool without_vault; /* it has no use for an open one */
} Operation;

/* What operations need, made beforehand: their own memory may be what runs out. */
static struct {
    Str made, bodies[2];
} prop;

static Err rekey(LogBench *b, Log *log)
{
    bool clean = false;
    return log_rekey(b->cx, log, &b->secret, NULL, &clean);
}

static Err new_passphrase(LogBench *b, Log *log)
{
    return log_set_secret(b->cx, log, &other_secret);
}

static void opens_with_either(LogBench *b, Err e)
{
    if (!bench_is_whole(b, other_secret))
        assert_int_not_equal(e, OK);
    else
        b->secret = other_secret;
}

static Err backup(LogBench *b, Log *log)
{
    return log_backup(b->cx, log, prop.made);
}

/* A file is there and whole, or not there. */
static void made_or_not(LogBench *b, Err e)
{
    Str made = prop.made, path = b->path;
    assert_true(e != OK || os_exists(b->cx, made));
    if (!os_exists(b->cx, made))
        return;
    LogLook look;
    assert_ok(b->cx, log_look(b->cx, made, &look)); /* which is how every command begins */
    b->path = made;
    assert_true(bench_is_whole(b, b->secret));
    b->path = path;
    assert_ok(b->cx, os_remove(b->cx, made));
}

static Err restore(LogBench *b, Log *log)
{
    Log *made = NULL;
    (void)log;
    Err e = log_restore(b->cx, b->path, prop.made, &b->secret, &made);
    log_close(made);
    return e;
}

static Err salvage(LogBench *b, Log *log)
{
    Log *made = NULL;
    LogReport report = {0};
    (void)log;
    Err e = log_salvage(b->cx, b->path, STR(""), &b->secret, prop.made, &b->secret, &b->code,
                        &report, &made);
    log_close(made);
    return e;
}

/* A new vault is made under its name and then filled: killed between, it is there and holds less. */
static void made_in_part(LogBench *b, Err e)
{
    Str made = prop.made, path = b->path;
    int64_t n = 0;
    if (e == OK) {
        made_or_not(b, e);
    } else if (os_exists(b->cx, made)) {
        LogLook look;
        assert_ok(b->cx, log_look(b->cx, made, &look));
        b->path = made;
        assert_ok(b->cx, bench_count(b, &n));
        assert_true(n == 0 || n == HELD);
        b->path = path;
        assert_ok(b->cx, os_remove(b->cx, made));
    }
}

static Err accept(LogBench *b, Log *log)
{
    ptrdiff_t kept = 0;
    LogEntry both[] = {
        {77, 1, prop.bodies[0]},
        {78, 1, prop.bodies[1]}
    };
    return log_accept(b->cx, log, both, 2, &kept);
}

static void both_or_neither(LogBench *b, Err e)
{
    Log *log = bench_open(b);
    LogStats stats = {0};
    assert_ok(b->cx, log_stats(b->cx, log, &stats));
    log_close(log);
    assert_true(stats.entries == HELD + 2 || (e != OK && stats.entries == HELD));
}

static Err pass_over(void *ctx, Cx *cx, const LogEntry *entry)
{
    (void)ctx, (void)cx, (void)entry;
    return OK;
}

static Err checkpoint(LogBench *b, Log *log)
{
    LogCursor cursor = {0};
    Err e = log_read(b->cx, log, &cursor, pass_over, NULL);
    if (e == OK)
        e = log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, STR("a read model"));
    log_cursor_free(&cursor);
    return e;
}

static void the_right_one_or_none(LogBench *b, Err e)
{
    Log *log = bench_open(b);
    LogCursor cursor = {0};
    Str model = {NULL, 0};
    Err read = log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &cursor, &model);
    assert_true(read == OK || (e != OK && read == ERR_NOT_FOUND));
    assert_true(read != OK || str_eq_c(model, "a read model"));
    log_cursor_free(&cursor);
    log_close(log);
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "v.checkpoint")));
}

static Err perform(LogBench *b, const Operation *o)
{
    Log *log = NULL;
    if (o->without_vault)
        return o->run(b, NULL);
    Err e = log_open(b->cx, b->path, &b->secret, &log);
    if (e == OK)
        e = o->run(b, log);
    log_close(log);
    return e;
}

/* Runs the operation in a child that dies at the nth disk call; true when it died. */
static bool killed_in(LogBench *b, const Operation *o, int nth)
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fault_arm(FAULT_KILL, nth, false);
        _exit(perform(b, o) == OK ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static bool holds_all(LogBench *b)
{
    int64_t n = -1;
    LogLook look;
    return log_look(b->cx, b->path, &look) == OK && bench_count(b, &n) == OK && n >= HELD;
}

typedef struct Trouble {
    FaultKind kind;
    int nth;
    bool for_good;
    /* instead: the nth allocation in the request's own memory fails, or there are only so many
     * bytes of it */
    bool arena;
    ptrdiff_t bytes;
} Trouble;

/* True when the operation was hit. */
static bool strike(LogBench *b, const Operation *o, const Trouble *t, Err *ret)
{
    *ret = ERR_IO;
    if (t->arena || t->bytes > 0) {
        TestCx small;
        test_cx_init(&small);
        if (t->arena)
            arena_fail_after(&small.arena, t->nth);
        else
            small.arena.limit_bytes = t->bytes;
        b->cx = &small.cx;
        *ret = perform(b, o);
        bool hit = t->arena ? small.arena.fail_after < 0 : *ret != OK;
        test_cx_free(&small);
        return hit;
    }
    if (t->kind == FAULT_KILL) {
        bool hit = killed_in(b, o, t->nth);
        *ret = hit ? ERR_IO : OK;
        return hit;
    }
    fault_arm(t->kind, t->nth, t->for_good || t->kind == FAULT_POWER);
    *ret = perform(b, o);
    bool hit = fault_disarm() > 0;
    if (t->kind == FAULT_POWER)
        fault_power_cut();
    return hit;
}

static bool trouble_in(LogBench *b, const Operation *o, const Trouble *t)
{
    TestCx once;
    LogSecret secret = b->secret;
    test_cx_init(&once);
    b->cx = &once.cx;
    b->path = bench_beside(b, "v");
    prop.made = bench_beside(b, "made");
    for (int i = 0; i < 2; i++)
        prop.bodies[i] = bench_body(b->cx, 901 + i);
    Log *log = bench_create(b);
    bench_append(b, log, 1, HELD);
    log_close(log);
    Err e = OK;
    bool hit = strike(b, o, t, &e);
    b->cx = &once.cx;
    if (o->after)
        o->after(b, e);
    if (!holds_all(b)) {
        print_error("kind %d, arena %d, %td bytes, call %d\n", (int)t->kind, (int)t->arena,
                    t->bytes, t->nth);
        assert_true(false);
    }
    assert_ok(b->cx, os_remove(b->cx, b->path));
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "v.tries")));
    b->secret = secret;
    b->cx = &b->t.cx;
    test_cx_free(&once);
    return hit;
}

/* Every disk call, in turn for that call and for good, each allocation from the request's arena, and
 * each fifth of SQLite's thousands, which come from few places; FONDER_TORTURE=1 tries all of
 * them and both ways at each, FONDER_QUICK=1 fewer. */
static void sweep_operation(LogBench *b, const Operation *o)
{
    bool torture = os_env("FONDER_TORTURE").len > 0, quick = os_env("FONDER_QUICK").len > 0;
    int memory_stride = torture ? 1 : quick ? 25 : 5;
    for (int round = 0; round < (torture ? 2 : 1); round++) {
        for (int kind = FAULT_MEMORY; kind <= FAULT_POWER; kind++) {
            int nth = 1, stride = kind == FAULT_MEMORY ? memory_stride : 1;
            while (
                trouble_in(b, o, &(Trouble){(FaultKind)kind, nth, (nth + round) % 2 == 0, false}))
                nth += stride;
            assert_true(nth > 20);
        }
    }
    int nth = 0;
    while (trouble_in(b, o, &(Trouble){.nth = nth, .arena = true}))
        nth++;
    assert_true(nth > 10);
    ptrdiff_t bytes = 1;
    while (trouble_in(b, o, &(Trouble){.bytes = bytes}))
        bytes += torture ? 16 : quick ? 1024 : 256;
    assert_true(bytes > 1000);
}

static void rekeying(void **state)
{
    sweep_operation(*state, &(Operation){.run = rekey});
}

static void changing_the_passphrase(void **state)
{
    sweep_operation(*state, &(Operation){.run = new_passphrase, .after = opens_with_either});
}

static void backing_up(void **state)
{
    sweep_operation(*state, &(Operation){.run = backup, .after = made_or_not});
}

static void restoring(void **state)
{
    sweep_operation(*state,
                    &(Operation){.run = restore, .after = made_or_not, .without_vault = true});
}

static void saving_what_can_be_saved(void **state)
{
    sweep_operation(*state,
                    &(Operation){.run = salvage, .after = made_in_part, .without_vault = true});
}

static void accepting(void **state)
{
    sweep_operation(*state, &(Operation){.run = accept, .after = both_or_neither});
}

static void leaving_a_checkpoint(void **state)
{
    sweep_operation(*state, &(Operation){.run = checkpoint, .after = the_right_one_or_none});
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    fault_install();
    const struct CMUnitTest tests[] = {
        TEST(rekeying),
        TEST(changing_the_passphrase),
        TEST(backing_up),
        TEST(restoring),
        TEST(saving_what_can_be_saved),
        TEST(accepting),
        TEST(leaving_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
