/* tests/log/test_damage.c - a vault that accident or malice has touched. Whatever the bytes,
 * opening and reading either give back every entry as it was or say that something is wrong;
 * nothing crashes. Flips and cuts are sampled; FONDER_TORTURE=1 tries every byte. */
#include "base/os.h"
#include "log/inner.h"
#include "logtest.h"
#include <sodium.h>
#include <string.h>

enum { ENTRIES = 12 };

static bool torture(void)
{
    return os_env("FONDER_TORTURE").len > 0;
}

/* A closed vault of ENTRIES entries, whole in one file. */
static Str made(LogBench *b)
{
    Log *log = bench_create(b);
    bench_append(b, log, 1, ENTRIES);
    log_close(log);
    return bench_load(b, b->path);
}

/* Reads the vault as it is now: every entry in full, or an error that means what it should. */
static Err read_damaged(LogBench *b)
{
    int64_t n = -1;
    Err e = bench_count(b, &n);
    if (e == OK)
        assert_int_equal(n, ENTRIES);
    else
        assert_non_null(b->cx->why.key);
    return e;
}

static void clear_beside(LogBench *b)
{
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "vault-wal")));
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "vault-shm")));
}

static void flipped_bits(void **state)
{
    LogBench *b = *state;
    Str whole = made(b);
    int64_t found = 0, tried = 0;
    ptrdiff_t step = torture() ? 1 : 23;
    for (ptrdiff_t at = 0; at < whole.len; at += step) {
        TestCx once;
        test_cx_init(&once);
        b->cx = &once.cx;
        Str bytes = str_dup(once.cx.arena, whole);
        ((char *)(uintptr_t)bytes.p)[at] ^= (char)(1 << (at / step % 8));
        bench_store(b, b->path, bytes);
        found += read_damaged(b) != OK;
        tried++;
        clear_beside(b);
        b->cx = &b->t.cx;
        test_cx_free(&once);
    }
    assert_true(found > tried / 20); /* much of a small file is empty pages */
}

static void cut_short(void **state)
{
    LogBench *b = *state;
    Str whole = made(b);
    for (ptrdiff_t len = 0; len < whole.len; len += 512) {
        bench_store(b, b->path, str_sub(whole, 0, len));
        assert_int_not_equal(read_damaged(b), OK);
        clear_beside(b);
    }
    bench_store(b, b->path, whole);
    assert_ok(b->cx, read_damaged(b));
}

/* A WAL that lost its end is an earlier moment: the entries up to there, whole. */
static void a_cut_wal_is_an_earlier_moment(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    log_close(log);
    log = bench_open(b);
    bench_append(b, log, 1, ENTRIES);
    Str file = bench_load(b, b->path);
    Str wal = bench_load(b, bench_beside(b, "vault-wal"));
    log_close(log);
    int64_t most = 0;
    for (ptrdiff_t len = 0; len <= wal.len; len += 512) {
        int64_t n = -1;
        bench_store(b, b->path, file);
        bench_store(b, bench_beside(b, "vault-wal"), str_sub(wal, 0, len));
        assert_ok(b->cx, bench_count(b, &n));
        assert_true(n >= most);
        most = n;
        clear_beside(b);
    }
    assert_true(most >= ENTRIES - 1);
}

static void altered_rows(void **state)
{
    static const char *const cases[] = {
        "DELETE FROM entry WHERE seq=12",
        "DELETE FROM entry WHERE seq=5",
        "DELETE FROM entry WHERE seq=1",
        "DELETE FROM entry",
        "UPDATE entry SET seq=100 WHERE seq=12",
        "UPDATE entry SET seq=0 WHERE seq=1",
        "UPDATE entry SET seq=-seq",
        "UPDATE entry SET device=device+1",
        "UPDATE entry SET device=-5 WHERE seq=3",
        "INSERT INTO entry SELECT device, 13, sealed FROM entry WHERE seq=12",
        "INSERT INTO entry SELECT 99, seq, sealed FROM entry WHERE seq=1",
        "INSERT INTO entry SELECT device, 0, sealed FROM entry WHERE seq=1",
        "CREATE TEMP TABLE t AS SELECT sealed FROM entry WHERE seq=3;"
        "UPDATE entry SET sealed=(SELECT sealed FROM entry WHERE seq=4) WHERE seq=3;"
        "UPDATE entry SET sealed=(SELECT sealed FROM t) WHERE seq=4",
        "UPDATE entry SET sealed=x'' WHERE seq=2",
        "UPDATE entry SET sealed=zeroblob(104) WHERE seq=2",
        "UPDATE entry SET sealed=substr(sealed, 1, length(sealed)-64) WHERE seq=7",
        "UPDATE entry SET sealed=zeroblob(900000) WHERE seq=2",
        "DELETE FROM head",
        "UPDATE head SET device=device+1",
        "UPDATE head SET sealed=zeroblob(88)",
        "UPDATE head SET sealed=x'00'",
        "INSERT INTO head VALUES(5, zeroblob(88))",
        "INSERT INTO head SELECT 5, sealed FROM head",
        "DELETE FROM header WHERE key='sum'",
        "DELETE FROM header WHERE key='devices'",
        "DELETE FROM header",
        "INSERT INTO header VALUES('more', x'00')",
        "UPDATE header SET value=x'0000' WHERE key='lock'",
        "UPDATE header SET value=zeroblob(8) WHERE key='epoch'",
        "UPDATE header SET value=zeroblob(80) WHERE key='devices'",
        "UPDATE header SET value=zeroblob(16) WHERE key='place'",
        "UPDATE header SET value=zeroblob(800000) WHERE key='devices'",
        "DROP TABLE entry",
        "DROP TABLE head",
        "CREATE TABLE more(x)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END",
        "CREATE INDEX i ON entry(seq)",
    };
    LogBench *b = *state;
    Str whole = made(b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench_store(b, b->path, whole);
        bench_sql(b->path, cases[i]);
        if (read_damaged(b) != ERR_DAMAGED) {
            print_error("not found: %s\n", cases[i]);
            assert_true(false);
        }
        clear_beside(b);
    }
}

static void an_older_head_is_found(void **state)
{
    LogBench *b = *state;
    Log *log = bench_create(b);
    bench_append(b, log, 1, ENTRIES - 1);
    Str older = bench_beside(b, "older");
    Buf sql = buf_make(b->cx->arena, 4096);
    Str text = {NULL, 0};
    buf_fmt(&sql, "VACUUM INTO '%.*s'", STR_FMT(older));
    buf_char(&sql, '\0');
    assert_ok(b->cx, buf_done(b->cx, &sql, &text));
    bench_sql(b->path, text.p);
    bench_append(b, log, ENTRIES, 1);
    log_close(log);
    sql = buf_make(b->cx->arena, 4096);
    buf_fmt(&sql, "ATTACH '%.*s' AS o; UPDATE head SET sealed=(SELECT sealed FROM o.head)",
            STR_FMT(older));
    buf_char(&sql, '\0');
    assert_ok(b->cx, buf_done(b->cx, &sql, &text));
    bench_sql(b->path, text.p);
    assert_int_equal(read_damaged(b), ERR_DAMAGED);
}

static void other_files_are_not_vaults(void **state)
{
    LogBench *b = *state;
    Log *log = NULL;
    assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_NOT_FOUND);
    assert_string_equal(b->cx->why.key, "err.log-absent");
    assert_int_equal(log_open(b->cx, b->folder, &b->secret, &log), ERR_INVALID);
    static const char *const texts[] = {"", "SQLite", "BEGIN:VCARD\r\nEND:VCARD\r\n"};
    for (int i = 0; i < 3; i++) {
        bench_store(b, b->path, str_c(texts[i]));
        assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_INVALID);
        assert_string_equal(b->cx->why.key, "err.log-foreign");
        assert_true(str_eq_c(bench_load(b, b->path), texts[i]));
    }
    Str foreign = bench_beside(b, "foreign");
    bench_sql(foreign, "CREATE TABLE contacts(name TEXT); INSERT INTO contacts VALUES('Ana')");
    Str before = bench_load(b, foreign);
    assert_int_equal(log_open(b->cx, foreign, &b->secret, &log), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-foreign");
    assert_true(str_eq(before, bench_load(b, foreign)));
    Str odd[] = {
        STR(""), {"a\0b", 3},
         STR(":memory:"), STR("file:x?mode=memory")
    };
    for (int i = 0; i < 4; i++)
        assert_int_not_equal(log_open(b->cx, odd[i], &b->secret, &log), OK);
}

static void a_newer_format_is_named(void **state)
{
    LogBench *b = *state;
    (void)made(b);
    bench_sql(b->path, "PRAGMA user_version=2");
    Str before = bench_load(b, b->path);
    Log *log = NULL;
    assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_NEWER);
    assert_string_equal(b->cx->why.key, "err.log-newer");
    assert_int_equal(b->cx->why.args[1].num, 2);
    assert_true(str_eq(before, bench_load(b, b->path)));
    bench_sql(b->path, "PRAGMA user_version=0");
    assert_int_equal(log_open(b->cx, b->path, &b->secret, &log), ERR_DAMAGED);
}

/* -- a header that was altered with its plain sum put right ------------------------------------ */

static int hash_row(void *ctx, int n, char **values, char **names)
{
    (void)names;
    crypto_generichash_state *sum = ctx;
    uint8_t raw[4096];
    size_t len = 0;
    assert_int_equal(n, 2);
    assert_int_equal(
        sodium_hex2bin(raw, sizeof raw, values[1], strlen(values[1]), NULL, &len, NULL), 0);
    uint8_t size[4] = {(uint8_t)strlen(values[0]), 0, 0, 0};
    crypto_generichash_update(sum, size, 4);
    crypto_generichash_update(sum, (const uint8_t *)values[0], strlen(values[0]));
    size[0] = (uint8_t)len;
    size[1] = (uint8_t)(len >> 8);
    crypto_generichash_update(sum, size, 4);
    crypto_generichash_update(sum, raw, len);
    return 0;
}

/* Sets one header row and recomputes `sum` over the rows in the order the format gives them. */
static void forge(LogBench *b, const char *key, const uint8_t *value, size_t len)
{
    static const char *const order[] = {"device", "devices",  "epoch", "format", "lock",
                                        "place",  "recovery", "vault", "wrap",   "mac"};
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    const char *put = "UPDATE header SET value=?2 WHERE key=?1";
    assert_int_equal(sqlite3_open(b->path.p, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, put, -1, &st, NULL), SQLITE_OK);
    sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, value, (int)len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    sqlite3_reset(st);
    crypto_generichash_state state;
    uint8_t sum[16];
    crypto_generichash_init(&state, NULL, 0, sizeof sum);
    for (int i = 0; i < 10; i++) {
        char sql[128];
        sqlite3_snprintf(sizeof sql, sql, "SELECT key, hex(value) FROM header WHERE key=%Q",
                         order[i]);
        assert_int_equal(sqlite3_exec(db, sql, hash_row, &state, NULL), SQLITE_OK);
    }
    crypto_generichash_final(&state, sum, sizeof sum);
    sqlite3_bind_text(st, 1, "sum", -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, sum, sizeof sum, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(st), SQLITE_DONE);
    sqlite3_finalize(st);
    sqlite3_close(db);
}

static Err open_only(LogBench *b)
{
    Log *log = NULL;
    Err e = log_open(b->cx, b->path, &b->secret, &log);
    log_close(log);
    return e;
}

/* What one guess may cost is bounded before it is paid. */
static void hostile_costs_are_refused(void **state)
{
    static const struct {
        uint32_t passes;
        uint64_t mem;
    } costs[] = {
        {0,          8192      },
        {1,          0         },
        {1,          8191      },
        {1,          1ull << 30},
        {1,          1ull << 63},
        {UINT32_MAX, 8192      },
        {1024,       1ull << 28},
        {7,          1ull << 28},
    };
    LogBench *b = *state;
    Str whole = made(b);
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        uint8_t lock[29] = {LOG_PASSPHRASE};
        for (int k = 0; k < 4; k++)
            lock[1 + k] = (uint8_t)(costs[i].passes >> (8 * k));
        for (int k = 0; k < 8; k++)
            lock[5 + k] = (uint8_t)(costs[i].mem >> (8 * k));
        bench_store(b, b->path, whole);
        forge(b, "lock", lock, sizeof lock);
        assert_int_equal(open_only(b), ERR_DAMAGED);
        assert_string_equal(b->cx->why.key, "err.log-header-damaged");
        clear_beside(b);
    }
}

/* Someone without the key may put the sum right, but not the mac. */
static void a_forged_header_is_refused(void **state)
{
    static const struct {
        const char *key;
        size_t len;
        Err want;
    } cases[] = {
        {"recovery", 112, ERR_DAMAGED},
        {"devices",  8,   ERR_DAMAGED},
        {"device",   8,   ERR_DAMAGED},
        {"place",    16,  ERR_DAMAGED},
        {"epoch",    8,   ERR_DAMAGED},
        {"format",   8,   ERR_DAMAGED},
        {"vault",    16,  ERR_DENIED },
        {"wrap",     72,  ERR_DENIED },
        {"mac",      32,  ERR_DAMAGED},
    };
    LogBench *b = *state;
    Str whole = made(b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t value[112] = {3};
        bench_store(b, b->path, whole);
        forge(b, cases[i].key, value, cases[i].len);
        if (open_only(b) != cases[i].want) {
            print_error("row %s\n", cases[i].key);
            assert_true(false);
        }
        clear_beside(b);
    }
    /* the forging itself is right: an unchanged value still opens */
    bench_store(b, b->path, whole);
    uint8_t format[8] = {1};
    forge(b, "format", format, 8);
    assert_ok(b->cx, open_only(b));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flipped_bits),
        TEST(cut_short),
        TEST(a_cut_wal_is_an_earlier_moment),
        TEST(altered_rows),
        TEST(an_older_head_is_found),
        TEST(other_files_are_not_vaults),
        TEST(a_newer_format_is_named),
        TEST(hostile_costs_are_refused),
        TEST(a_forged_header_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
