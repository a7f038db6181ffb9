/* tests/log/test_model.c - a vault against a plain list. Many seeds of random operations: appends
 * through two handles, entries of other devices, renewed keys, emptied places, backups that take
 * the vault's place, checkpoints. After each, whoever reads gets exactly what the list says. */
#include "base/os.h"
#include "gen.h"
#include "logtest.h"
#include <string.h>

enum { DEVICES = 8, PLACES = 256, HANDLES = 2, STEPS = 40 };

/* What ought to be in the vault: for each device the number of the body at each place, 0 for
 * none. */
typedef struct Model {
    int64_t device[DEVICES];
    int64_t body[DEVICES][PLACES];
    int len[DEVICES];
    int n;
} Model;

typedef struct World {
    LogBench *b;
    Gen gen;
    Model model;
    Log *log[HANDLES];
    LogCursor cursor[HANDLES];
    Model seen[HANDLES]; /* what each reader has put together */
    int64_t next;        /* number of the next body */
    int files;
} World;

static int device_of(Model *m, int64_t device)
{
    int i = 0;
    while (i < m->n && m->device[i] != device)
        i++;
    assert_true(i < DEVICES);
    if (i == m->n) {
        m->device[i] = device;
        m->len[i] = 0;
        m->n++;
    }
    return i;
}

static void model_add(Model *m, int64_t device, int64_t number)
{
    int i = device_of(m, device);
    assert_true(m->len[i] < PLACES);
    m->body[i][m->len[i]++] = number;
}

/* -- readers ----------------------------------------------------------------------------------- */

static Err take(void *ctx, Cx *cx, const LogEntry *entry)
{
    Model *seen = ctx;
    uint64_t number = 0;
    int i = device_of(seen, entry->device);
    memcpy(&number, entry->body.p, 8);
    assert_true(str_eq(entry->body, bench_body(cx, (int64_t)number)));
    assert_true(entry->seq > seen->len[i] && entry->seq <= PLACES);
    while (seen->len[i] < entry->seq - 1) /* emptied places are passed over */
        seen->body[i][seen->len[i]++] = 0;
    seen->body[i][seen->len[i]++] = (int64_t)number;
    return OK;
}

static void check_reader(World *w, int reader)
{
    Cx *cx = w->b->cx;
    Model *seen = &w->seen[reader];
    assert_ok(cx, log_read(cx, w->log[reader], &w->cursor[reader], take, seen));
    assert_false(log_changed(cx, w->log[reader]));
    for (int i = 0; i < w->model.n; i++) {
        int k = device_of(seen, w->model.device[i]);
        while (seen->len[k] < w->model.len[i]) /* at the end, too */
            seen->body[k][seen->len[k]++] = 0;
        assert_int_equal(seen->len[k], w->model.len[i]);
        assert_memory_equal(seen->body[k], w->model.body[i],
                            (size_t)w->model.len[i] * sizeof w->model.body[i][0]);
    }
}

static void start_over(World *w, int reader)
{
    log_cursor_free(&w->cursor[reader]);
    w->seen[reader].n = 0;
}

static void reopen(World *w, int reader)
{
    log_close(w->log[reader]);
    w->log[reader] = bench_open(w->b);
}

/* -- operations -------------------------------------------------------------------------------- */

static void do_append(World *w)
{
    Str bodies[4];
    LogPos pos = {0, 0};
    Log *log = w->log[gen_int(&w->gen, 0, HANDLES - 1)];
    int n = (int)gen_int(&w->gen, 0, 4);
    for (int i = 0; i < n; i++) {
        model_add(&w->model, log_device(log), w->next);
        bodies[i] = bench_body(w->b->cx, w->next++);
    }
    assert_ok(w->b->cx, log_append(w->b->cx, log, bodies, n, &pos));
    assert_int_equal(pos.device, log_device(log));
    int i = device_of(&w->model, pos.device);
    assert_int_equal(pos.seq, w->model.len[i] - n + 1);
}

/* Some of what another device has, overlapping with what is here. */
static void do_accept(World *w)
{
    LogEntry entries[6];
    Model *m = &w->model;
    int64_t device = gen_int(&w->gen, 1, 2);
    int i = device_of(m, device), from = m->len[i], n = (int)gen_int(&w->gen, 1, 6);
    int first = from - (int)gen_int(&w->gen, 0, 3);
    ptrdiff_t kept = -1;
    first = first > 0 ? first : 0;
    for (int k = 0; k < n; k++) {
        int64_t number = first + k < from ? m->body[i][first + k] : w->next++;
        entries[k] = (LogEntry){device, first + k + 1, bench_body(w->b->cx, number)};
        if (first + k >= from)
            model_add(m, device, number);
    }
    assert_ok(w->b->cx, log_accept(w->b->cx, w->log[0], entries, n, &kept));
    assert_int_equal(kept, m->len[i] - from);
}

static Err empty_some(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    World *w = ctx;
    (void)cx;
    if (gen_chance(&w->gen, 20)) {
        *ret = STR("");
        w->model.body[device_of(&w->model, entry->device)][entry->seq - 1] = 0;
    }
    return OK;
}

static void do_rewrite(World *w)
{
    Cx *cx = w->b->cx;
    bool clean = false, forget = gen_chance(&w->gen, 50);
    LogRecovery code;
    assert_ok(cx, log_rewrite(cx, w->log[0], &w->b->secret, forget ? empty_some : NULL, w, &code,
                              &clean));
    assert_true(clean);
    assert_int_equal(log_read(cx, w->log[1], &w->cursor[1], take, &w->seen[1]), ERR_LOCKED);
    reopen(w, 1);
    start_over(w, 0);
    start_over(w, 1);
}

static void do_new_passphrase(World *w)
{
    static const char *const phrases[] = {"one", "two two", "three three three"};
    w->b->secret.text = str_c(phrases[gen_int(&w->gen, 0, 2)]);
    assert_ok(w->b->cx, log_set_secret(w->b->cx, w->log[1], &w->b->secret));
}

/* The vault is lost, and its backup takes over as a new device. */
static void do_restore(World *w)
{
    char name[] = {'r', (char)('a' + w->files % 26), '\0'}, backup[] = {'b', name[1], '\0'};
    Cx *cx = w->b->cx;
    Str to = bench_beside(w->b, backup);
    if (w->model.n + 1 >= DEVICES || ++w->files >= 26)
        return;
    assert_ok(cx, log_backup(cx, w->log[0], to));
    log_close(w->log[0]);
    log_close(w->log[1]);
    w->b->path = bench_beside(w->b, name);
    assert_ok(cx, log_restore(cx, to, w->b->path, &w->b->secret, &w->log[0]));
    w->log[1] = bench_open(w->b);
    assert_int_equal(log_device(w->log[0]), log_device(w->log[1]));
    for (int i = 0; i < w->model.n; i++)
        assert_int_not_equal(log_device(w->log[0]), w->model.device[i]);
}

/* A reader goes on from a checkpoint of the other's. */
static void do_checkpoint(World *w)
{
    Cx *cx = w->b->cx;
    LogCursor cursor = {0};
    Str model = {NULL, 0};
    Str bytes = {(const char *)&w->seen[0], (ptrdiff_t)sizeof w->seen[0]};
    check_reader(w, 0);
    assert_ok(cx, log_checkpoint_write(cx, w->log[0], LOG_MODEL_BOOK, &w->cursor[0], bytes));
    if (gen_chance(&w->gen, 50))
        do_append(w);
    assert_ok(cx, log_checkpoint_read(cx, w->log[1], LOG_MODEL_BOOK, &cursor, &model));
    assert_int_equal(model.len, sizeof w->seen[1]);
    log_cursor_free(&w->cursor[1]);
    w->cursor[1] = cursor;
    memcpy(&w->seen[1], model.p, sizeof w->seen[1]);
}

static void step(World *w)
{
    int64_t dice = gen_int(&w->gen, 0, 99);
    if (dice < 45)
        do_append(w);
    else if (dice < 65)
        do_accept(w);
    else if (dice < 75)
        reopen(w, (int)gen_int(&w->gen, 0, 1));
    else if (dice < 82)
        do_rewrite(w);
    else if (dice < 88)
        do_new_passphrase(w);
    else if (dice < 92)
        do_restore(w);
    else
        do_checkpoint(w);
    if (gen_chance(&w->gen, 50))
        check_reader(w, (int)gen_int(&w->gen, 0, 1));
}

static void play(uint64_t seed)
{
    static World w;
    LogBench *b = NULL;
    assert_int_equal(bench_setup((void **)&b), 0);
    w = (World){.b = b, .gen = gen_seed(seed), .next = 1};
    w.log[0] = bench_create(b);
    w.log[1] = bench_open(b);
    for (int i = 0; i < STEPS; i++)
        step(&w);
    for (int i = 0; i < HANDLES; i++) {
        check_reader(&w, i);
        start_over(&w, i);
        check_reader(&w, i);
        log_cursor_free(&w.cursor[i]);
        log_close(w.log[i]);
    }
    LogReport report = {0};
    assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
    assert_int_equal(report.n, 0);
    assert_int_equal(bench_teardown((void **)&b), 0);
}

static void a_vault_is_the_list_it_was_told(void **state)
{
    (void)state;
    uint64_t seeds = os_env("FONDER_TORTURE").len > 0 ? 2000 : 60;
    for (uint64_t seed = 1; seed <= seeds; seed++)
        play(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_vault_is_the_list_it_was_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
