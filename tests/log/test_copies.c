/* tests/log/test_copies.c - backups, restored vaults, the doctor, and checkpoints. */
#include "base/os.h"
#include "log/inner.h"
#include "logtest.h"
#include <string.h>

enum { ENTRIES = 40 };

static Log *made(LogBench *b)
{
    Log *log = bench_create(b);
    bench_append(b, log, 1, ENTRIES);
    return log;
}

static int64_t count_at(LogBench *b, Str path)
{
    Str before = b->path;
    int64_t n = -1;
    b->path = path;
    assert_ok(b->cx, bench_count(b, &n));
    b->path = before;
    return n;
}

/* -- backup and restore ------------------------------------------------------------------------ */

static void a_backup_of_a_vault_in_use(void **state)
{
    LogBench *b = *state;
    Log *log = made(b);
    Str to = bench_beside(b, "backup"), back = bench_beside(b, "deep/back");
    assert_ok(b->cx, log_backup(b->cx, log, to));
    assert_false(os_others_can_read(b->cx, to));
    assert_false(os_exists(b->cx, bench_beside(b, "backup-wal")));
    assert_int_equal(log_backup(b->cx, log, to), ERR_INVALID);
    bench_append(b, log, ENTRIES + 1, 1); /* after the moment of the backup */
    Str bytes = bench_load(b, to);
    Log *restored = NULL;
    assert_ok(b->cx, log_restore(b->cx, to, back, &b->secret, &restored));
    assert_true(str_eq(bytes, bench_load(b, to))); /* restoring does not touch it */
    assert_true(id_eq(log_vault_id(restored), log_vault_id(log)));
    assert_int_not_equal(log_device(restored), log_device(log));
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, restored, &cursor, &seen));
    assert_int_equal(seen.n, ENTRIES);
    bench_append(b, restored, 1, 2);
    assert_int_equal(log_restore(b->cx, to, back, &b->secret, &restored), ERR_INVALID);
    log_cursor_free(&cursor);
    log_close(restored);
    log_close(log);
    assert_int_equal(count_at(b, back), ENTRIES + 2);
}

static void a_backup_without_the_key(void **state)
{
    LogBench *b = *state;
    Log *log = made(b);
    Str to = bench_beside(b, "backup");
    assert_ok(b->cx, log_backup_locked(b->cx, b->path, to));
    log_close(log);
    assert_int_equal(count_at(b, to), ENTRIES);
}

static void a_damaged_vault_makes_no_backup(void **state)
{
    LogBench *b = *state;
    log_close(made(b));
    bench_sql(b->path, "DELETE FROM entry WHERE seq=9");
    Log *log = bench_open(b);
    Str to = bench_beside(b, "backup");
    assert_int_equal(log_backup(b->cx, log, to), ERR_DAMAGED);
    assert_false(os_exists(b->cx, to));
    log_close(log);
    assert_ok(b->cx, log_backup_locked(b->cx, b->path, to)); /* the structure is sound */
    Log *restored = NULL;
    assert_int_equal(log_restore(b->cx, to, bench_beside(b, "back"), &b->secret, &restored),
                     ERR_DAMAGED);
    assert_false(os_exists(b->cx, bench_beside(b, "back")));
}

static void a_backup_with_its_key_file(void **state)
{
    LogBench *b = *state;
    b->secret = (LogSecret){.kind = LOG_KEY_FILE};
    Log *log = made(b), *restored = NULL;
    Str to = bench_beside(b, "backup"), back = bench_beside(b, "back");
    assert_ok(b->cx, log_backup(b->cx, log, to));
    log_close(log);
    assert_int_equal(log_restore(b->cx, to, back, &b->secret, &restored), ERR_NOT_FOUND);
    bench_store(b, bench_beside(b, "backup.key"), bench_load(b, bench_beside(b, "vault.key")));
    assert_ok(b->cx, log_restore(b->cx, to, back, &b->secret, &restored));
    log_close(restored);
    assert_int_equal(count_at(b, back), ENTRIES);
}

/* -- the doctor -------------------------------------------------------------------------------- */

static void a_whole_vault_has_no_findings(void **state)
{
    LogBench *b = *state;
    log_close(made(b));
    Str before = bench_load(b, b->path);
    LogReport report = {0};
    assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
    assert_int_equal(report.n, 0);
    assert_int_equal(report.good, ENTRIES);
    assert_true(str_eq(before, bench_load(b, b->path)));
}

static void each_trouble_is_named(void **state)
{
    static const struct {
        const char *sql;
        LogTrouble kind;
        int64_t seq, last, good, bad;
    } cases[] = {
  /* clang-format off: one case a paragraph */
        {"DELETE FROM entry WHERE seq BETWEEN 5 AND 7",                                LOG_TROUBLE_LOST,    5,  7,  ENTRIES - 3, 3},
        {"DELETE FROM entry WHERE seq>38",                                             LOG_TROUBLE_LOST,    39, 40, ENTRIES - 2, 2},
        {"UPDATE entry SET sealed=zeroblob(104) WHERE seq=9",                          LOG_TROUBLE_ALTERED, 9,  9,
         ENTRIES - 1,                                                                                                            1},
        {"UPDATE entry SET sealed=(SELECT sealed FROM entry WHERE seq=2) WHERE seq=3",
         LOG_TROUBLE_ALTERED,                                                                               3,  3,  ENTRIES - 1, 1},
        {"INSERT INTO entry SELECT device, 41, sealed FROM entry WHERE seq=1",         LOG_TROUBLE_STRAY,
         41,                                                                                                    41, ENTRIES,     1},
        {"DELETE FROM head",                                                           LOG_TROUBLE_HEAD,    0,  0,  ENTRIES,     0},
        {"UPDATE header SET value=zeroblob(16) WHERE key='place'",                     LOG_TROUBLE_HEADER,  0,  0,
         ENTRIES,                                                                                                                0},
 /* clang-format on */
    };
    LogBench *b = *state;
    log_close(made(b));
    Str whole = bench_load(b, b->path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench_store(b, b->path, whole);
        bench_sql(b->path, cases[i].sql);
        LogReport report = {0};
        assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
        assert_int_equal(report.n, 1);
        assert_int_equal(report.findings[0].kind, cases[i].kind);
        assert_int_equal(report.findings[0].seq, cases[i].seq);
        assert_int_equal(report.findings[0].last, cases[i].last);
        assert_int_equal(report.good, cases[i].good);
        assert_int_equal(report.bad, cases[i].bad);
    }
}

/* What is good comes along at its own place; the patient stays as it is. */
static void what_is_good_is_saved(void **state)
{
    LogBench *b = *state;
    Log *log = made(b);
    int64_t device = log_device(log);
    LogEntry foreign[2] = {
        {77, 1, bench_body(b->cx, 101)},
        {77, 2, bench_body(b->cx, 102)}
    };
    ptrdiff_t kept = 0;
    assert_ok(b->cx, log_accept(b->cx, log, foreign, 2, &kept));
    log_close(log);
    bench_sql(b->path, "DELETE FROM entry WHERE seq=2; DELETE FROM head WHERE device=77;"
                       "UPDATE entry SET sealed=zeroblob(168) WHERE seq=11");
    Str before = bench_load(b, b->path);
    Str to = bench_beside(b, "saved");
    LogSecret secret = {LOG_PASSPHRASE, STR("another"), LOG_COST_LEAST};
    LogReport report = {0};
    LogRecovery code;
    Log *saved = NULL;
    assert_ok(b->cx, log_salvage(b->cx, b->path, STR(""), &b->secret, to, &secret, &code, &report,
                                 &saved));
    assert_int_equal(report.good, ENTRIES + 2 - 3);
    assert_int_equal(report.bad, 2 + 0);
    assert_true(str_eq(before, bench_load(b, b->path)));
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, saved, &cursor, &seen));
    assert_int_equal(seen.n, report.good);
    assert_int_equal(seen.bad, 0);
    assert_int_equal(log_cursor_seq(&cursor, device), ENTRIES);
    log_cursor_free(&cursor);
    bench_append(b, saved, 1, 1);
    log_close(saved);
    b->secret = secret;
    assert_int_equal(count_at(b, to), report.good + 1);
    LogReport after = {0};
    assert_ok(b->cx, log_examine(b->cx, to, STR(""), &secret, &after));
    assert_int_equal(after.n, 0);
}

/* Broken pages: the doctor always answers, and saves what an ordinary read would have stopped
 * before. */
static void broken_pages_are_survived(void **state)
{
    LogBench *b = *state;
    log_close(made(b));
    Str whole = bench_load(b, b->path);
    int64_t saved_some = 0;
    for (ptrdiff_t page = 1; page * 4096 < whole.len; page++) {
        TestCx once;
        test_cx_init(&once);
        b->cx = &once.cx;
        Str bytes = str_dup(once.cx.arena, whole);
        memset((char *)(uintptr_t)bytes.p + page * 4096, 0xa5, 4096);
        bench_store(b, b->path, bytes);
        LogReport report = {0};
        Err e = log_examine(b->cx, b->path, STR(""), &b->secret, &report);
        assert_true(e != OK || report.n > 0);
        saved_some += e == OK && report.good > 0 && report.good < ENTRIES;
        b->cx = &b->t.cx;
        test_cx_free(&once);
    }
    assert_true(saved_some > 0);
}

/* -- checkpoints ------------------------------------------------------------------------------- */

static Str model_of(LogBench *b, ptrdiff_t len)
{
    char *p = arena_new(b->cx->arena, char, len + 1);
    assert_non_null(p);
    for (ptrdiff_t i = 0; i < len; i++)
        p[i] = (char)(i * 7 % 251);
    return (Str){p, len};
}

static void a_checkpoint_comes_back(void **state)
{
    static const ptrdiff_t lens[] = {0, 1, 65000, 65536, 131072, 300000};
    LogBench *b = *state;
    Log *log = made(b);
    LogCursor cursor = {0}, back = {0};
    Seen seen = {0};
    Str model = {NULL, 0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model), ERR_NOT_FOUND);
    for (int i = 0; i < 6; i++) {
        Str want = model_of(b, lens[i]);
        assert_ok(b->cx, log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, want));
        assert_ok(b->cx, log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model));
        assert_true(str_eq(model, want));
        assert_int_equal(back.n, cursor.n);
        log_cursor_free(&back);
    }
    /* older than the vault: the rest is read from where it stands */
    bench_append(b, log, ENTRIES + 1, 3);
    assert_ok(b->cx, log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model));
    assert_ok(b->cx, bench_read(b, log, &back, &seen));
    assert_int_equal(seen.n, 3);
    log_cursor_free(&back);
    log_cursor_free(&cursor);
    log_close(log);
}

static Err count_it(void *ctx, Cx *cx, const LogEntry *entry)
{
    (void)cx;
    int64_t *last = ctx;
    assert_int_equal(entry->seq, *last + 1);
    *last = entry->seq;
    return OK;
}

/* Up to where another cursor stands and no further, and on from there; a cursor that never stood on this log, or
 * stands behind, leads nowhere. */
static void a_log_is_read_as_far_as_asked(void **state)
{
    LogBench *b = *state;
    Log *log = made(b);
    LogCursor early = {0}, late = {0}, mine = {0}, strange = {0};
    Seen seen = {0};
    int64_t last = 0, all = 0;
    assert_ok(b->cx, bench_read(b, log, &early, &seen));
    bench_append(b, log, ENTRIES + 1, 5);
    assert_ok(b->cx, bench_read(b, log, &late, &seen));
    assert_ok(b->cx, log_read_to(b->cx, log, &mine, &early, count_it, &last));
    assert_int_equal(last, log_cursor_seq(&early, log_device(log)));
    assert_memory_equal(mine.marks[0].hash, early.marks[0].hash, 32);
    assert_ok(b->cx, log_read_to(b->cx, log, &mine, &early, count_it, &last)); /* there already */
    assert_ok(b->cx, log_read_to(b->cx, log, &mine, &late, count_it, &last));
    assert_int_equal(last, log_cursor_seq(&late, log_device(log)));
    assert_int_equal(log_read_to(b->cx, log, &mine, &early, count_it, &last), ERR_NOT_FOUND);
    assert_ok(b->cx, log_read(b->cx, log, &mine, count_it, &last));
    assert_ok(b->cx, log_cursor_copy(b->cx, &early, &strange));
    strange.marks[0].hash[3] ^= 1;
    LogCursor from = {0};
    assert_int_equal(log_read_to(b->cx, log, &from, &strange, count_it, &all), ERR_NOT_FOUND);
    strange.marks[0].hash[3] ^= 1;
    strange.marks[0].seq += 100;
    all = 0;
    log_cursor_free(&from);
    assert_int_equal(log_read_to(b->cx, log, &from, &strange, count_it, &all), ERR_NOT_FOUND);
    strange.marks[0].device++;
    assert_int_equal(log_read_to(b->cx, log, &mine, &strange, count_it, &all), ERR_NOT_FOUND);
    log_cursor_free(&from);
    log_cursor_free(&strange);
    log_cursor_free(&mine);
    log_cursor_free(&early);
    log_cursor_free(&late);
    log_close(log);
}

static void a_useless_checkpoint_is_none(void **state)
{
    LogBench *b = *state;
    Log *log = made(b);
    LogCursor cursor = {0}, back = {0};
    Seen seen = {0};
    Str model = {NULL, 0};
    Str name = bench_beside(b, "vault.checkpoint");
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_ok(b->cx,
              log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, model_of(b, 200000)));
    Str whole = bench_load(b, name);
    for (ptrdiff_t at = 0; at < whole.len; at += 997) { /* each byte is behind a seal or a mark */
        TestCx once;
        test_cx_init(&once);
        Str bytes = str_dup(once.cx.arena, whole);
        ((char *)(uintptr_t)bytes.p)[at] ^= 4;
        assert_ok(&once.cx, os_write_file(&once.cx, name, bytes));
        assert_int_equal(log_checkpoint_read(&once.cx, log, LOG_MODEL_BOOK, &back, &model),
                         ERR_NOT_FOUND);
        assert_ok(&once.cx, os_write_file(&once.cx, name, str_sub(whole, 0, at)));
        assert_int_equal(log_checkpoint_read(&once.cx, log, LOG_MODEL_BOOK, &back, &model),
                         ERR_NOT_FOUND);
        test_cx_free(&once);
    }
    /* two segments exchanged, and segments of two checkpoints mixed */
    enum { SEGMENT = 65536 + 40 };
    Str bytes = str_dup(b->cx->arena, whole);
    memcpy((char *)(uintptr_t)bytes.p + 32, whole.p + 32 + SEGMENT, SEGMENT);
    memcpy((char *)(uintptr_t)bytes.p + 32 + SEGMENT, whole.p + 32, SEGMENT);
    bench_store(b, name, bytes);
    assert_int_equal(log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model), ERR_NOT_FOUND);
    assert_ok(b->cx,
              log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, model_of(b, 200000)));
    Str second = bench_load(b, name);
    bytes = str_dup(b->cx->arena, second);
    memcpy((char *)(uintptr_t)bytes.p + 32 + SEGMENT, whole.p + 32 + SEGMENT, SEGMENT);
    bench_store(b, name, bytes);
    assert_int_equal(log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model), ERR_NOT_FOUND);
    bench_store(b, name, second);
    assert_ok(b->cx, log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model));
    log_cursor_free(&back);
    /* ahead of the vault: one that was put back to an earlier state */
    cursor.marks[0].seq++;
    assert_ok(b->cx, log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, STR("later")));
    assert_int_equal(log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model), ERR_NOT_FOUND);
    cursor.marks[0].seq--;
    cursor.marks[0].hash[0] ^= 1;
    assert_ok(b->cx, log_checkpoint_write(b->cx, log, LOG_MODEL_BOOK, &cursor, STR("other")));
    assert_int_equal(log_checkpoint_read(b->cx, log, LOG_MODEL_BOOK, &back, &model), ERR_NOT_FOUND);
    log_cursor_free(&cursor);
    log_close(log);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_of_a_vault_in_use),      TEST(a_backup_without_the_key),
        TEST(a_damaged_vault_makes_no_backup), TEST(a_backup_with_its_key_file),
        TEST(a_whole_vault_has_no_findings),   TEST(each_trouble_is_named),
        TEST(what_is_good_is_saved),           TEST(broken_pages_are_survived),
        TEST(a_checkpoint_comes_back),         TEST(a_log_is_read_as_far_as_asked),
        TEST(a_checkpoint_comes_back),         TEST(a_useless_checkpoint_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
