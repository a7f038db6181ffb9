/* tests/port/test_lines.c - a file read through a buffer has the same lines as its bytes at once, wherever the buffer
 * happens to end, and one line without end is no reason to hold it. */
#include "base/buf.h"
#include "base/os.h"
#include "gen.h"
#include "port/lines.h"
#include "testlib.h"
#include <string.h>

typedef struct Room {
    TestCx t;
    Cx *cx;
    Str folder, path;
} Room;

static void room_open(Room *r)
{
    test_cx_init(&r->t);
    r->cx = &r->t.cx;
    r->folder = test_folder(r->cx);
    r->path = test_path(r->cx, r->folder, "lines");
}

static void room_close(Room *r)
{
    test_folder_remove(r->cx, r->folder);
    test_cx_free(&r->t);
}

/* Lines of all lengths, with all three ends, more than the buffer holds. */
static Str some_text(Cx *cx, Gen *g, ptrdiff_t least)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\r\r\n"};
    Buf buf = buf_make(cx->arena, 2 * least + (1 << 20));
    Str ret = {NULL, 0};
    while (buf.len < least) {
        int64_t len = gen_int(g, 0, 9) == 0 ? gen_int(g, 0, 300000) : gen_int(g, 0, 80);
        for (int64_t i = 0; i < len; i++)
            buf_char(&buf, (char)('a' + (i + len) % 26));
        buf_c(&buf, ends[gen_int(g, 0, 4)]);
    }
    buf_c(&buf, "the last one has no end");
    assert_ok(cx, buf_done(cx, &buf, &ret));
    return ret;
}

static void a_file_has_the_lines_of_its_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        Room r;
        Lines file = LINES_NONE, bytes = LINES_NONE;
        Gen g = gen_seed(seed);
        room_open(&r);
        Str text = some_text(r.cx, &g, 2 * LINES_MOST + (1 << 19)), a = {"", 0}, b = {"", 0};
        assert_ok(r.cx, os_write_file(r.cx, r.path, text));
        assert_ok(r.cx, lines_open(r.cx, &(LineSource){.path = r.path}, &file));
        assert_ok(r.cx, lines_open(r.cx, &(LineSource){.bytes = text}, &bytes));
        assert_int_equal(file.bytes, text.len);
        while (a.p || b.p) {
            assert_ok(r.cx, lines_next(r.cx, &file, &a));
            assert_ok(r.cx, lines_next(r.cx, &bytes, &b));
            assert_int_equal(a.p == NULL, b.p == NULL);
            assert_true(str_eq(a, b));
        }
        lines_close(&file);
        room_close(&r);
    }
}

static void a_line_too_long_is_cut_and_passed_over(void **state)
{
    (void)state;
    static const ptrdiff_t lens[] = {LINES_MOST - 2, LINES_MOST, LINES_MOST + 1,
                                     3 * LINES_MOST + 7};
    for (int i = 0; i < 4; i++) {
        Room r;
        Lines file = LINES_NONE;
        Str line = {NULL, 0}, text = {NULL, 0};
        room_open(&r);
        Buf buf = buf_make(r.cx->arena, 16 << 20);
        buf_c(&buf, "before\n");
        for (ptrdiff_t k = 0; k < lens[i]; k++)
            buf_char(&buf, 'x');
        buf_c(&buf, "\r\nafter\n");
        assert_ok(r.cx, buf_done(r.cx, &buf, &text));
        assert_ok(r.cx, os_write_file(r.cx, r.path, text));
        assert_ok(r.cx, lines_open(r.cx, &(LineSource){.path = r.path}, &file));
        assert_ok(r.cx, lines_next(r.cx, &file, &line));
        assert_true(str_eq_c(line, "before"));
        assert_ok(r.cx, lines_next(r.cx, &file, &line));
        assert_int_equal(line.len, lens[i] < LINES_MOST ? lens[i] : LINES_MOST);
        assert_ok(r.cx, lines_next(r.cx, &file, &line));
        assert_true(str_eq_c(line, "after"));
        assert_ok(r.cx, lines_next(r.cx, &file, &line));
        assert_null(line.p);
        lines_close(&file);
        room_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_the_lines_of_its_bytes),
        cmocka_unit_test(a_line_too_long_is_cut_and_passed_over),
    };
    return cmocka_run_group_tests_name("port lines", tests, NULL, NULL);
}
