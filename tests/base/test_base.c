/* tests/base/test_base.c - slices, arenas, buffers, time, Unicode, ids. */
#include "base/buf.h"
#include "base/handover.h"
#include "base/hold.h"
#include "base/id.h"
#include "base/thread.h"
#include "base/time.h"
#include "base/utf8.h"
#include "testlib.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void slices_cut_and_parse(void **state)
{
    (void)state;
    Str rest = STR("a,bb,,c");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "bb");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "c");
    assert_null(rest.p);
    rest = STR("one\r\ntwo\rthree\n");
    assert_str(str_line(&rest), "one");
    assert_str(str_line(&rest), "two");
    assert_str(str_line(&rest), "three");
    assert_str(rest, "");
    int64_t v = 7;
    assert_true(str_to_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_true(v == INT64_MIN);
    assert_false(str_to_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_false(str_to_i64(STR("12x"), 0, 100, &v));
    assert_false(str_to_i64(STR(""), 0, 100, &v));
    assert_false(str_to_i64(STR("-"), -9, 100, &v));
    double d = 0;
    assert_true(str_to_double(STR("-2.5e1"), -100, 100, &d));
    CHECK_CLOSE(d, -25, 0, 0);
    assert_false(str_to_double(STR("nan"), -100, 100, &d));
    assert_false(str_to_double(STR("0x10"), -100, 100, &d));
    assert_false(str_to_double(STR("1e999"), -1e308, 1e308, &d));
    assert_int_equal(str_find(STR("hello"), STR("llo")), 2);
    assert_int_equal(str_find(STR("hello"), STR("lx")), -1);
}

static void arena_keeps_to_its_limit(void **state)
{
    (void)state;
    AUTO_ARENA Arena a;
    arena_init(&a, 100000);
    char *p = arena_alloc(&a, 50000, 1, 1);
    assert_non_null(p);
    assert_int_equal(p[49999], 0);
    memset(p, 'x', 50000);
    assert_null(arena_alloc(&a, 60000, 1, 1));
    assert_null(arena_alloc(&a, PTRDIFF_MAX, 2, 1));
    assert_int_equal((uintptr_t)arena_alloc(&a, 1, 1, 64) % 64, 0);
    arena_reset(&a);
    p = arena_alloc(&a, 90000, 1, 1);
    assert_non_null(p);
    for (int i = 0; i < 90000; i++)
        assert_int_equal(p[i], 0);
    arena_fail_after(&a, 1);
    assert_non_null(arena_alloc(&a, 1, 1, 1));
    assert_null(arena_alloc(&a, 1, 1, 1));
}

static void buffers_say_once_that_they_failed(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Buf b = buf_make(t.cx.arena, 10);
    Str out = {NULL, 0};
    buf_c(&b, "12345");
    buf_fmt(&b, "%05d", 42);
    assert_ok(&t.cx, buf_done(&t.cx, &b, &out));
    assert_str(out, "1234500042");
    buf_char(&b, 'x');
    assert_int_equal(buf_done(&t.cx, &b, &out), ERR_LIMIT);
    assert_string_equal(t.cx.why.key, "err.too-large");
    Buf n = buf_make(t.cx.arena, 1000);
    arena_fail_after(t.cx.arena, 0);
    buf_c(&n, "x");
    assert_int_equal(buf_done(&t.cx, &n, &out), ERR_NOMEM);
    test_cx_free(&t);
}

static void civil_time_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day += 37) {
        time_t s = (time_t)(day * 86400 + 12345);
        struct tm tm = {0};
        assert_non_null(gmtime_r(&s, &tm));
        Civil c = time_civil((int64_t)s * 1000, 0);
        assert_int_equal(c.year, tm.tm_year + 1900);
        assert_int_equal(c.month, tm.tm_mon + 1);
        assert_int_equal(c.day, tm.tm_mday);
        assert_int_equal(c.weekday % 7, tm.tm_wday);
        assert_true(time_instant(&c, 0) == (int64_t)s * 1000);
    }
}

static void iso_instants_round_trip(void **state)
{
    (void)state;
    int64_t at = 0;
    char out[TIME_ISO_CAP];
    assert_true(time_parse_iso(STR("2026-05-01T19:30:00+02:00"), &at));
    assert_str(time_format_iso(at, 120, out), "2026-05-01T19:30:00+02:00");
    assert_str(time_format_iso(at, -210, out), "2026-05-01T14:00:00-03:30");
    assert_false(time_parse_iso(STR("2026-02-29"), &at));
    assert_false(time_parse_iso(STR("2026-05-01T24:00"), &at));
    assert_false(time_parse_iso(STR("2026-05-01T10:00+15:00"), &at));
    assert_false(time_parse_iso(STR(""), &at));
}

/* The year 10000 cannot be written; an entry of another's may well lie an hour before it. */
static void the_calendar_has_no_day_outside_it(void **state)
{
    static const char *const zones[] = {"UTC", "Pacific/Kiritimati", "America/New_York"};
    static const int64_t ends[] = {INT64_C(-62135596800000), INT64_C(253402300799999)};
    (void)state;
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        setenv("TZ", zones[z], 1);
        tzset();
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            Civil c = time_local(ends[i]);
            assert_true(time_civil_valid(&c));
        }
    }
    setenv("TZ", "UTC", 1);
    tzset();
}

static void local_time_survives_the_clock_change(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    Civil skipped = {.year = 2026, .month = 3, .day = 29, .hour = 2, .minute = 30};
    Civil got = time_local(time_from_local(&skipped));
    assert_int_equal(got.hour, 3);
    assert_int_equal(got.minute, 30);
    Civil twice = {.year = 2026, .month = 10, .day = 25, .hour = 2, .minute = 30};
    assert_int_equal(time_offset_min(time_from_local(&twice)), 120);
    for (int h = 0; h < 24 * 365; h++) {
        int64_t at = INT64_C(1767225600000) + (int64_t)h * TIME_HOUR_MS;
        Civil c = time_local(at);
        int64_t back = time_from_local(&c);
        assert_true(back == at || back == at - TIME_HOUR_MS);
    }
    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    tzset();
}

static void text_is_cleaned_and_folded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Arena *a = t.cx.arena;
    assert_str(utf8_clean(a, STR("a\x1b[31mb\r\nc\td\xe2\x80\xae!"), false), "a[31mb c d!");
    assert_str(utf8_clean(a, STR("a\r\nb\rc"), true), "a\nb\nc");
    assert_str(utf8_clean(a, STR("x\xffy"), false), "x\xef\xbf\xbdy");
    assert_str(utf8_clean(a, STR("Zoe\xcc\x88"), false), "Zo\xc3\xab");
    assert_str(utf8_fold(a, STR("ZO\xc3\x8b Stra\xc3\x9f" "e")), "zoe strasse");
    assert_int_equal(utf8_width(STR("\xe6\x97\xa5\xe6\x9c\xac" "e\xcc\x81")), 5);
    assert_str(utf8_prefix(STR("e\xcc\x81" "ab"), 2), "e\xcc\x81");
    assert_str(utf8_prefix(STR("ab"), 5), "ab");
    assert_str(utf8_prefix(STR("e\xcc\x81\xcc\x81" "a"), 2), "e\xcc\x81"); /* one letter alone is too long */
    assert_false(utf8_valid(STR("\xc0\xaf")));
    assert_false(utf8_valid(STR("\xed\xa0\x80")));
    test_cx_free(&t);
}

static void ids_round_trip(void **state)
{
    (void)state;
    char out[ID_TEXT_CAP];
    for (int i = 0; i < 1000; i++) {
        Id id = id_new(), back;
        assert_int_equal(id_format(id, out).len, ID_TEXT_LEN);
        assert_true(id_parse(str_c(out), &back));
        assert_true(id_eq(id, back));
    }
    Id id;
    assert_false(id_parse(STR("zzzzzzzzzzzzzzzzzzzzzzzzzz"), &id)); /* over 128 bits */
    assert_false(id_parse(STR("00000000000000000000000u00"), &id));
    assert_false(id_parse(STR("short"), &id));
    assert_true(id_parse(STR("0000000000000000000000000O"), &id));
    assert_true(id_is_zero(id));
}

static void files_are_replaced_whole(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str dir = test_folder(&t.cx);
    Buf b = buf_make(t.cx.arena, 4096);
    Str path = {NULL, 0}, got = {NULL, 0};
    buf_put(&b, dir);
    buf_c(&b, "/deep/er/file");
    assert_ok(&t.cx, buf_done(&t.cx, &b, &path));
    assert_int_equal(os_read_file(&t.cx, path, 100, &got), ERR_NOT_FOUND);
    assert_ok(&t.cx, os_make_dirs(&t.cx, os_dirname(path)));
    assert_ok(&t.cx, os_write_file(&t.cx, path, STR("one")));
    assert_ok(&t.cx, os_write_file(&t.cx, path, STR("twoo")));
    assert_ok(&t.cx, os_read_file(&t.cx, path, 4, &got));
    assert_str(got, "twoo");
    assert_false(os_others_can_read(&t.cx, path));
    assert_int_equal(os_read_file(&t.cx, path, 3, &got), ERR_LIMIT);
    assert_int_equal(os_read_file(&t.cx, dir, 3, &got), ERR_INVALID);
    assert_str(os_basename(path), "file");
    test_folder_remove(&t.cx, dir);
    assert_false(os_exists(&t.cx, path));
    test_cx_free(&t);
}

/* Counts until it is asked to stop, or to a hundred. */
typedef struct Counter {
    bool forever;
    int n;
} Counter;

static void count(void *ctx, const atomic_bool *stop)
{
    Counter *c = ctx;
    while (!atomic_load(stop) && (c->forever || c->n < 100))
        c->n = c->n < 100 ? c->n + 1 : 1;
}

static void work_beside_ends_by_itself_or_when_asked(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        Counter c = {.forever = i % 2 == 1};
        Worker *w = worker_start(count, &c);
        assert_non_null(w);
        while (!c.forever && !worker_done(w))
            continue;
        worker_end(w);
        assert_true(c.forever || c.n == 100);
    }
    worker_end(NULL);
}

static void who_holds_is_asked(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str folder = test_folder(&t.cx), path = {NULL, 0};
    Buf name = buf_make(&t.arena, 4096);
    buf_put(&name, folder);
    buf_c(&name, "/held");
    assert_ok(&t.cx, buf_done(&t.cx, &name, &path));
    assert_ok(&t.cx, hold_end(&t.cx, path, 0)); /* nobody ever held */
    assert_false(os_exists(&t.cx, path));
    Hold one = {.fd = 0}, two = {.fd = 0};
    assert_false(hold_is_asked(&one));
    assert_ok(&t.cx, hold_take(&t.cx, path, &one));
    assert_ok(&t.cx, hold_take(&t.cx, path, &two));
    assert_false(hold_is_asked(&one));
    assert_int_equal(hold_end(&t.cx, path, 0), ERR_BUSY);
    assert_true(hold_is_asked(&one) && hold_is_asked(&two));
    hold_release(&one);
    assert_int_equal(hold_end(&t.cx, path, 30), ERR_BUSY); /* the other still does */
    hold_release(&two);
    assert_ok(&t.cx, hold_end(&t.cx, path, 0));
    assert_ok(&t.cx, hold_take(&t.cx, path, &one)); /* asking is over */
    assert_false(hold_is_asked(&one));
    hold_release(&one);
    hold_release(&one);
    test_folder_remove(&t.cx, folder);
    test_cx_free(&t);
}

static void nothing_is_handed_over_by_a_number_alone(void **state)
{
    static const char *const numbers[] = {"", "0", "2", "-1", "999999", "99999999999999999999", "x", "/etc/passwd"};
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str got = {NULL, 0};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(setenv("FONDER_HANDOVER", numbers[i], 1), 0);
        assert_int_equal(handover_take(&t.cx, &got), ERR_NOT_FOUND);
        assert_null(got.p);
    }
    assert_int_equal(unsetenv("FONDER_HANDOVER"), 0);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_cut_and_parse),
        cmocka_unit_test(arena_keeps_to_its_limit),
        cmocka_unit_test(buffers_say_once_that_they_failed),
        cmocka_unit_test(civil_time_agrees_with_the_c_library),
        cmocka_unit_test(iso_instants_round_trip),
        cmocka_unit_test(local_time_survives_the_clock_change),
        cmocka_unit_test(text_is_cleaned_and_folded),
        cmocka_unit_test(ids_round_trip),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(work_beside_ends_by_itself_or_when_asked),
        cmocka_unit_test(who_holds_is_asked),
        cmocka_unit_test(nothing_is_handed_over_by_a_number_alone),
        cmocka_unit_test(the_calendar_has_no_day_outside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
