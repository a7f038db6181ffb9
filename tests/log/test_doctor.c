/* tests/log/test_doctor.c - what the doctor finds and saves when the file itself is broken. The measure is exact: an
 * entry lies on one page, so over all pages, each broken in turn, each entry is lost once; k changed bits cost at most
 * k entries; and the damaged file stays as it was, byte for byte. FONDER_TORTURE=1 tries more. */
#include "base/os.h"
#include "gen.h"
#include "logtest.h"
#include <string.h>

enum { ENTRIES = 300, PAGE = 4096 };

static bool torture(void)
{
    return os_env("FONDER_TORTURE").len > 0;
}

static char *writable(Str s)
{
    return (char *)(uintptr_t)s.p;
}

typedef struct Ward {
    LogBench *b;
    Str whole, lender; /* the sound file's bytes; a backup of it */
} Ward;

/* A closed vault of ENTRIES entries, and a backup that was made of it when it held one. */
static Ward ward(LogBench *b)
{
    Ward w = {.b = b, .lender = bench_beside(b, "lender")};
    Log *log = bench_create(b);
    bench_append(b, log, 1, 1);
    assert_ok(b->cx, log_backup(b->cx, log, w.lender));
    bench_append(b, log, 2, ENTRIES - 1);
    log_close(log);
    w.whole = bench_load(b, b->path);
    return w;
}

static void put(Ward *w, Str bytes)
{
    LogBench *b = w->b;
    bench_store(b, b->path, bytes);
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "vault-wal")));
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "vault-shm")));
}

/* How many entries are saved into a new vault, each as it was written; -1 when none can be had. */
static int64_t saved(Ward *w, Str key_from)
{
    LogBench *b = w->b;
    LogReport report = {0}, again = {0};
    LogRecovery code;
    Log *log = NULL;
    Str to = bench_beside(b, "saved"), before = bench_load(b, b->path);
    Err e = log_salvage(b->cx, b->path, key_from, &b->secret, to, &b->secret, &code, &report, &log);
    Err looked = log_examine(b->cx, b->path, key_from, &b->secret, &again);
    assert_int_equal(looked, e);
    assert_true(str_eq(before, bench_load(b, b->path)));
    assert_ok(b->cx, os_remove(b->cx, bench_beside(b, "vault.tries")));
    if (e != OK) {
        assert_non_null(b->cx->why.key);
        assert_false(os_exists(b->cx, to));
        return -1;
    }
    LogCursor cursor = {0};
    Seen seen = {0};
    assert_ok(b->cx, bench_read(b, log, &cursor, &seen));
    assert_int_equal(seen.bad, 0);
    assert_int_equal(seen.n, report.good);
    assert_int_equal(again.good, report.good);
    assert_int_equal(again.bad, report.bad);
    log_cursor_free(&cursor);
    log_close(log);
    assert_ok(b->cx, os_remove(b->cx, to));
    return report.n > 0 ? seen.n : ENTRIES + seen.n; /* says that all is well */
}

typedef int64_t WithBytes(Ward *w, Str bytes, void *ctx);

/* Runs one try on an arena of its own. */
static int64_t try_with(Ward *w, WithBytes *with, void *ctx)
{
    LogBench *b = w->b;
    TestCx once;
    test_cx_init(&once);
    b->cx = &once.cx;
    int64_t n = with(w, str_dup(once.cx.arena, w->whole), ctx);
    b->cx = &b->t.cx;
    test_cx_free(&once);
    return n;
}

typedef struct Broken {
    ptrdiff_t page;
    int fill;
    bool lent;
} Broken;

static int64_t with_page(Ward *w, Str bytes, void *ctx)
{
    const Broken *broken = ctx;
    memset(writable(bytes) + broken->page * PAGE, broken->fill, PAGE);
    put(w, bytes);
    return saved(w, broken->lent ? w->lender : STR(""));
}

static void each_entry_is_on_one_page(void **state)
{
    Ward w = ward(*state);
    ptrdiff_t pages = w.whole.len / PAGE;
    assert_true(pages > 20);
    for (int fill = 0; fill < 256; fill += 0xa5) {
        int64_t lost = 0, headless = 0;
        for (ptrdiff_t page = 0; page < pages; page++) {
            int64_t lent = try_with(&w, with_page, &(Broken){page, fill, true});
            int64_t own = try_with(&w, with_page, &(Broken){page, fill, false});
            assert_in_range(lent, 0, ENTRIES);
            assert_true(own == lent || own == -1);
            lost += ENTRIES - lent;
            headless += own == -1;
        }
        assert_int_equal(lost, ENTRIES);
        assert_int_equal(headless,
                         1); /* the page of the header: without a lender the key is lost */
    }
}

static int64_t with_flips(Ward *w, Str bytes, void *ctx)
{
    Gen *gen = ctx;
    int64_t n = 1 + gen_int(gen, 0, 39);
    for (int64_t i = 0; i < n; i++)
        writable(bytes)[gen_int(gen, 0, bytes.len - 1)] ^= (char)(1 << gen_int(gen, 0, 7));
    put(w, bytes);
    return saved(w, w->lender) + n;
}

static void a_changed_bit_costs_an_entry_at_most(void **state)
{
    Ward w = ward(*state);
    int rounds = torture() ? 3000 : 150;
    for (int round = 0; round < rounds; round++) {
        Gen gen = gen_seed((uint64_t)round);
        assert_true(try_with(&w, with_flips, &gen) >= ENTRIES);
    }
}

static int64_t with_bit(Ward *w, Str bytes, void *ctx)
{
    const ptrdiff_t *at = ctx;
    writable(bytes)[*at] ^= 8;
    put(w, bytes);
    return saved(w, STR(""));
}

/* The format's number on the first page: then the file says that it is from a newer version. The first cell of the
 * header's page: then a row has no name. */
static void a_bit_where_much_hangs_on_it(void **state)
{
    Ward w = ward(*state);
    ptrdiff_t format = 63, cell = PAGE + 9;
    Log *log = NULL;
    assert_int_equal(try_with(&w, with_bit, &format), ENTRIES);
    assert_int_equal(log_open(w.b->cx, w.b->path, &w.b->secret, &log), ERR_NEWER);
    int64_t n = try_with(&w, with_bit, &cell);
    assert_true(n == ENTRIES || n == -1);
    put(&w, w.whole);
}

static int64_t with_sql(Ward *w, Str bytes, void *ctx)
{
    put(w, bytes);
    bench_sql(w->b->path, ctx);
    return saved(w, STR(""));
}

/* Rows that name a device which cannot be are strays: what is saved can be read. */
static void no_device_has_such_a_number(void **state)
{
    Ward w = ward(*state);
    char head[] = "INSERT INTO head SELECT -device, sealed FROM head",
         entry[] = "INSERT INTO entry SELECT 0, seq, sealed FROM entry WHERE seq<5",
         far[] = "INSERT INTO entry SELECT device, 9000000, sealed FROM entry WHERE seq=5";
    assert_int_equal(try_with(&w, with_sql, entry), ENTRIES);
    assert_int_equal(try_with(&w, with_sql, far), ENTRIES);
    assert_true(try_with(&w, with_sql, head) >= ENTRIES); /* a head of nobody does no harm */
}

/* What was changed is the place that a row names, and not what it holds. */
static void a_row_that_names_another_place(void **state)
{
    Ward w = ward(*state);
    static const char swap[] =
        "UPDATE entry SET seq=-7 WHERE seq=20; UPDATE entry SET seq=20 WHERE "
        "seq=21; UPDATE entry SET seq=21 WHERE seq=-7";
    static const char *const changes[] = {
        "UPDATE entry SET device=device-1 WHERE seq=7",
        "UPDATE entry SET device=-9 WHERE seq=300",
        "UPDATE entry SET seq=seq+70000 WHERE seq=9",
        "UPDATE entry SET seq=-5 WHERE seq=1",
        swap,
        "UPDATE entry SET seq=1000-seq WHERE seq>260 AND seq<300"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        assert_int_equal(try_with(&w, with_sql, (void *)(uintptr_t)changes[i]), ENTRIES);
    char all[] = "UPDATE entry SET seq=-seq";
    assert_true(try_with(&w, with_sql, all) < ENTRIES); /* a few, not all */
}

static int64_t with_cut(Ward *w, Str bytes, void *ctx)
{
    const ptrdiff_t *len = ctx;
    put(w, str_sub(bytes, 0, *len));
    return saved(w, w->lender);
}

static void cut_at_every_512(void **state)
{
    Ward w = ward(*state);
    int64_t before = 0, least = ENTRIES;
    for (ptrdiff_t len = 0; len < w.whole.len; len += 512) {
        int64_t n = try_with(&w, with_cut, &len);
        assert_true(n >= before && n < 2 * ENTRIES);
        before = n > before ? n : before;
        least = n < least ? n : least;
    }
    assert_true(least <= 0 && before >= ENTRIES - 40); /* a page holds some twenty */
}

static int64_t with_swap(Ward *w, Str bytes, void *ctx)
{
    const ptrdiff_t *pair = ctx;
    char *a = writable(bytes) + pair[0] * PAGE, *b = writable(bytes) + pair[1] * PAGE;
    for (int i = 0; i < PAGE; i++) {
        char c = a[i];
        a[i] = b[i];
        b[i] = c;
    }
    put(w, bytes);
    return saved(w, STR(""));
}

/* Pages in each other's places lose nothing; nor does a page that stands there twice. */
static void exchanged_pages(void **state)
{
    Ward w = ward(*state);
    ptrdiff_t pages = w.whole.len / PAGE;
    for (ptrdiff_t page = 2; page < pages; page++) {
        ptrdiff_t pair[] = {page, 2 + page * 7 % (pages - 2)};
        int64_t n = try_with(&w, with_swap, pair);
        assert_int_equal(n % ENTRIES, 0);
        assert_true(n > 0);
    }
}

static int64_t with_tail(Ward *w, Str bytes, void *ctx)
{
    Str tail = *(const Str *)ctx;
    Buf buf = buf_make(w->b->cx->arena, 1 << 24);
    Str both = {NULL, 0};
    memset(writable(bytes), 0, PAGE);
    buf_put(&buf, bytes);
    buf_put(&buf, tail);
    assert_ok(w->b->cx, buf_done(w->b->cx, &buf, &both));
    put(w, both);
    return saved(w, STR(""));
}

/* Pages of another vault behind ours: none of its entries comes in. */
static void a_foreign_tail(void **state)
{
    LogBench *b = *state;
    Ward w = ward(b);
    Str path = b->path;
    b->path = bench_beside(b, "foreign");
    Log *log = bench_create(b);
    bench_append(b, log, 1000, 50);
    log_close(log);
    Str foreign = bench_load(b, b->path);
    b->path = path;
    assert_int_equal(try_with(&w, with_tail, &foreign), ENTRIES);
    Str twice = w.whole;
    assert_int_equal(try_with(&w, with_tail, &twice), ENTRIES);
}

static void what_waits_in_the_wal_is_found(void **state)
{
    LogBench *b = *state;
    Ward w = ward(b);
    Log *log = bench_open(b);
    bench_append(b, log, ENTRIES + 1, 20);
    Str file = bench_load(b, b->path), wal = bench_load(b, bench_beside(b, "vault-wal"));
    log_close(log);
    assert_true(wal.len > PAGE);
    memset(writable(file), 0, PAGE);
    put(&w, file);
    bench_store(b, bench_beside(b, "vault-wal"), wal);
    LogReport report = {0};
    assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
    assert_int_equal(report.good, ENTRIES + 20);
    assert_int_equal(report.bad, 0);
    assert_true(report.n > 0);
    assert_true(str_eq(wal, bench_load(b, bench_beside(b, "vault-wal"))));
}

/* Bodies over many pages, each of them needed. */
static void long_entries_are_put_together(void **state)
{
    enum { LONG = 8 };
    LogBench *b = *state;
    Log *log = bench_create(b);
    LogPos pos = {0, 0};
    for (int i = 0; i < LONG; i++) {
        char *bytes = arena_new(b->cx->arena, char, LOG_BODY_MAX);
        assert_non_null(bytes);
        memset(bytes, 'a' + i, LOG_BODY_MAX);
        Str body = {bytes, i == LONG - 1 ? LOG_BODY_MAX : 400 + i * i * 3000};
        assert_ok(b->cx, log_append(b->cx, log, &body, 1, &pos));
    }
    log_close(log);
    Str whole = bench_load(b, b->path);
    memset(writable(whole), 0, PAGE);
    bench_store(b, b->path, whole);
    LogReport report = {0};
    assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
    assert_int_equal(report.good, LONG);
    memset(writable(whole) + whole.len - PAGE, 0, PAGE);
    bench_store(b, b->path, whole);
    assert_ok(b->cx, log_examine(b->cx, b->path, STR(""), &b->secret, &report));
    assert_int_equal(report.good, LONG - 1);
}

static void who_may_lend_a_header(void **state)
{
    LogBench *b = *state;
    Ward w = ward(b);
    Str path = b->path, other = bench_beside(b, "other");
    LogReport report = {0};
    bool clean = false;
    b->path = other;
    log_close(bench_create(b));
    b->path = path;
    assert_int_equal(log_examine(b->cx, b->path, other, &b->secret, &report), ERR_INVALID);
    assert_string_equal(b->cx->why.key, "err.log-other-vault");
    Str lost = str_dup(b->cx->arena, w.whole);
    memset(writable(lost) + PAGE, 0, PAGE);
    put(&w, lost);
    assert_int_equal(log_examine(b->cx, b->path, STR(""), &b->secret, &report), ERR_DAMAGED);
    assert_string_equal(b->cx->why.key, "err.log-header-lost");
    assert_int_equal(log_examine(b->cx, b->path, bench_beside(b, "absent"), &b->secret, &report),
                     ERR_NOT_FOUND);
    /* a backup from before the key was renewed opens none of it */
    put(&w, w.whole);
    Log *log = bench_open(b);
    assert_ok(b->cx, log_rekey(b->cx, log, &b->secret, NULL, &clean));
    log_close(log);
    lost = bench_load(b, b->path);
    memset(writable(lost) + PAGE, 0, PAGE);
    put(&w, lost);
    assert_ok(b->cx, log_examine(b->cx, b->path, w.lender, &b->secret, &report));
    assert_int_equal(report.good, 0);
    assert_true(report.n > 0);
}

static void other_files_have_nothing_to_save(void **state)
{
    static const char *const texts[] = {"", "SQLite", "BEGIN:VCARD\r\nEND:VCARD\r\n"};
    LogBench *b = *state;
    LogReport report = {0};
    LogSecretKind kind = LOG_RECOVERY;
    for (int i = 0; i < 3; i++) {
        bench_store(b, b->path, str_c(texts[i]));
        assert_int_equal(log_examine(b->cx, b->path, STR(""), &b->secret, &report), ERR_INVALID);
        assert_string_equal(b->cx->why.key, "err.log-foreign");
        assert_int_equal(log_examine_kind(b->cx, b->path, STR(""), &kind), ERR_INVALID);
    }
    assert_int_equal(log_examine(b->cx, b->folder, STR(""), &b->secret, &report), ERR_INVALID);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_entry_is_on_one_page),
        TEST(a_changed_bit_costs_an_entry_at_most),
        TEST(a_bit_where_much_hangs_on_it),
        TEST(no_device_has_such_a_number),
        TEST(a_row_that_names_another_place),
        TEST(cut_at_every_512),
        TEST(exchanged_pages),
        TEST(a_foreign_tail),
        TEST(what_waits_in_the_wal_is_found),
        TEST(long_entries_are_put_together),
        TEST(who_may_lend_a_header),
        TEST(other_files_have_nothing_to_save),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
