/* tests/port/test_csv.c - rows as RFC 4180 has them, as spreadsheets write them, and back. */
#include "../gen.h"
#include "port/csv.h"
#include "testlib.h"
#include <string.h>

static CsvReader open_text(TestCx *t, Str text)
{
    CsvReader r = {.p = NULL};
    assert_ok(&t->cx, csv_open(&t->cx, text, &r));
    return r;
}

/* Fields of the next row joined by '|'. */
static void check_row(TestCx *t, CsvReader *r, int64_t line, const char *want)
{
    CsvRow row = {.n = 0};
    assert_ok(&t->cx, csv_next(&t->cx, r, &row));
    Buf buf = buf_make(&t->arena, 1 << 16);
    for (int i = 0; i < row.n; i++) {
        buf_c(&buf, i > 0 ? "|" : "");
        buf_put(&buf, row.fields[i]);
    }
    Str got = {NULL, 0};
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &got));
    assert_str(got, want);
    assert_int_equal(row.line, line);
}

static void check_end(TestCx *t, CsvReader *r)
{
    CsvRow row = {.n = 7};
    assert_ok(&t->cx, csv_next(&t->cx, r, &row));
    assert_int_equal(row.n, 0);
}

static void rows_of_the_standard(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    CsvReader r = open_text(
        &t, STR("field_name,other\r\naaa,b\r\n\"a\"\"aa\",\"b \r\nbb\",\"c,c\"\r\n\r\n,,\r\n\"\""));
    check_row(&t, &r, 1, "field_name|other");
    check_row(&t, &r, 2, "aaa|b");
    check_row(&t, &r, 3, "a\"aa|b \r\nbb|c,c");
    check_row(&t, &r, 6, "||");
    check_row(&t, &r, 7, "");
    check_end(&t, &r);
    check_end(&t, &r);
    r = open_text(&t, (Str){NULL, 0});
    check_end(&t, &r);
    test_cx_free(&t);
}

static void as_spreadsheets_write_them(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    CsvReader r = open_text(&t, STR("\xEF\xBB\xBFName;\"a,b,c,d\";Mail\rZoë;;z@x.org\r"));
    check_row(&t, &r, 1, "Name|a,b,c,d|Mail");
    check_row(&t, &r, 2, "Zoë||z@x.org");
    r = open_text(&t, STR("\n\nName\tMail\nZo\xEB\tz@x.org"));
    check_row(&t, &r, 3, "Name|Mail");
    check_row(&t, &r, 4, "Zoë|z@x.org");
    check_end(&t, &r);
    r = open_text(&t, (Str){"\xFF\xFE"
                            "a\0,\0b\0\n\0",
                            10});
    check_row(&t, &r, 1, "a|b");
    r = open_text(&t, STR("a \"quoted\" word,b\n"));
    check_row(&t, &r, 1, "a \"quoted\" word|b");
    test_cx_free(&t);
}

static void damage_is_named_by_its_line(void **state)
{
    static const struct {
        const char *text, *key;
        int64_t line;
    } cases[] = {
        {"a,b\nc,\"d\ne\n",   "err.csv-open",   2},
        {"a\n\"b\nc\" d,e\n", "err.csv-behind", 3},
        {"a\n\"b\"c\n",       "err.csv-behind", 2},
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CsvReader r = open_text(&t, str_c(cases[i].text));
        CsvRow row = {.n = 0};
        assert_ok(&t.cx, csv_next(&t.cx, &r, &row));
        CsvReader before = r;
        row.n = 77;
        assert_int_equal(csv_next(&t.cx, &r, &row), ERR_DAMAGED);
        assert_string_equal(t.cx.why.key, cases[i].key);
        assert_int_equal(t.cx.why.args[0].num, cases[i].line);
        assert_int_equal(row.n, 77);
        assert_ptr_equal(r.p, before.p);
    }
    test_cx_free(&t);
}

static void bounds_hold(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    ptrdiff_t len = CSV_FIELD_MAX + 1;
    char *text = arena_new(&t.arena, char, len);
    assert_non_null(text);
    memset(text, 'x', (size_t)len);
    CsvReader r = open_text(&t, (Str){text, len});
    CsvRow row = {.n = 0};
    assert_int_equal(csv_next(&t.cx, &r, &row), ERR_LIMIT);
    r = open_text(&t, (Str){text, len - 1});
    assert_ok(&t.cx, csv_next(&t.cx, &r, &row));
    memset(text, ',', CSV_FIELDS_MAX);
    r = open_text(&t, (Str){text, CSV_FIELDS_MAX});
    assert_int_equal(csv_next(&t.cx, &r, &row), ERR_LIMIT);
    assert_string_equal(t.cx.why.key, "err.csv-fields");
    r = open_text(&t, (Str){text, CSV_FIELDS_MAX - 1});
    assert_ok(&t.cx, csv_next(&t.cx, &r, &row));
    assert_int_equal(row.n, CSV_FIELDS_MAX);
    assert_int_equal(csv_open(&t.cx, (Str){"", (ptrdiff_t)CSV_FILE_MAX + 1}, &r), ERR_LIMIT);
    test_cx_free(&t);
}

static void what_is_written_reads_back_the_same(void **state)
{
    static const char *const pieces[] = {"a",  "Zoë", "\"",   ",", ";", "\t",
                                         "\n", "\r",  "\r\n", " ", "",  "b c"};
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        TestCx t;
        test_cx_init(&t);
        Gen g = gen_seed(seed);
        int rows = (int)gen_int(&g, 1, 5), columns = (int)gen_int(&g, 1, 5);
        Str fields[25] =
            {
                {NULL, 0}
        },
            text = {NULL, 0};
        Buf file = buf_make(&t.arena, 1 << 16);
        for (int i = 0; i < rows * columns; i++) {
            Buf buf = buf_make(&t.arena, 1 << 16);
            for (int64_t n = gen_int(&g, 0, 4); n > 0; n--)
                buf_c(&buf, pieces[gen_int(&g, 0, 11)]);
            assert_ok(&t.cx, buf_done(&t.cx, &buf, &fields[i]));
        }
        /* The first row is what tells the separator: names of columns. */
        for (int i = 0; i < columns; i++)
            fields[i] = STR("column");
        for (int i = 0; i < rows; i++)
            csv_put(&file, fields + (ptrdiff_t)i * columns, columns);
        assert_ok(&t.cx, buf_done(&t.cx, &file, &text));
        CsvReader r = open_text(&t, text);
        for (int i = 0; i < rows; i++) {
            CsvRow row = {.n = 0};
            assert_ok(&t.cx, csv_next(&t.cx, &r, &row));
            assert_int_equal(row.n, columns);
            for (int k = 0; k < columns; k++)
                assert_true(str_eq(row.fields[k], fields[i * columns + k]));
        }
        check_end(&t, &r);
        test_cx_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_standard),
        cmocka_unit_test(as_spreadsheets_write_them),
        cmocka_unit_test(damage_is_named_by_its_line),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(what_is_written_reads_back_the_same),
    };
    return cmocka_run_group_tests_name("port csv", tests, NULL, NULL);
}
