/* tests/render/test_wrap.c - text laid out for terminals: known pages, and what must hold for any text. */
#include "base/buf.h"
#include "base/utf8.h"
#include "render/wrap.h"
#include "testlib.h"
#include <string.h>

static void gives(const char *text, int columns, const char *want)
{
    TestCx t;
    test_cx_init(&t);
    Str out = {NULL, 0};
    assert_ok(&t.cx, wrap_text(&t.cx, str_c(text), columns, &out));
    assert_str(out, want);
    test_cx_free(&t);
}

static void paragraphs_are_filled(void **state)
{
    (void)state;
    gives("", 40, "");
    gives("\n\n  \n", 40, "");
    gives("one two three four five six", 20, "one two three four\nfive six\n");
    gives("\n\none\n\n\n\ntwo\n\n", 20, "one\n\ntwo\n");
    gives("  indented text goes on below itself", 20, "  indented text goes\n  on below itself\n");
    gives("- a list hangs below its words", 20, "- a list hangs below\n  its words\n");
    gives("12. a number hangs too, of course", 20, "12. a number hangs\n    too, of course\n");
    gives("a extraordinarilylongword b", 20, "a\nextraordinarilylongword\nb\n");
    gives("        sixteen_letters_ and", 20, "    sixteen_letters_\n        and\n");
    /* wide characters count two columns, combining ones none */
    gives("\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80 "
          "\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80",
          20,
          "\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\n"
          "\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80\n");
    gives("e\xcc\x81"
          "e\xcc\x81"
          "e\xcc\x81 seventeen_columns",
          21,
          "e\xcc\x81"
          "e\xcc\x81"
          "e\xcc\x81 seventeen_columns\n");
}

static void tables_are_aligned(void **state)
{
    (void)state;
    gives("Ana\tfriend\twarm\nBartholomew\tcousin\tclose to very close\n", 60,
          "Ana          friend  warm\nBartholomew  cousin  close to very close\n");
    gives("a\tthe last column wraps under itself here\nlonger\tb\n", 30,
          "a       the last column wraps\n        under itself here\nlonger  b\n");
    gives("Bartholomew\tcousin\tclose\n", 22, "Bartholomew\n  cousin\n  close\n");
    gives("a\t\tc\n\tb\t\n", 60, "a     c\n   b\n");
    gives("before\nx\ty\nafter\n", 60, "before\nx  y\nafter\n");
    gives("\xe4\xb8\x80\ty\nabc\tz\n", 60, "\xe4\xb8\x80   y\nabc  z\n");
}

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 20;
}

/* The words of s, each followed by a space. */
static Str words_of(Cx *cx, Str s)
{
    Buf buf = buf_make(cx->arena, 1 << 20);
    Str out = {NULL, 0};
    bool space = true;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        bool blank = s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t';
        if (!blank)
            buf_char(&buf, s.p[i]);
        else if (!space)
            buf_char(&buf, ' ');
        space = blank;
    }
    if (!space)
        buf_char(&buf, ' ');
    assert_ok(cx, buf_done(cx, &buf, &out));
    return out;
}

static void no_line_is_too_wide_and_no_word_is_lost(void **state)
{
    (void)state;
    static const char *const bits[] = {"a",
                                       "bb",
                                       "word",
                                       "\xc3\xa9t\xc3\xa9",
                                       " ",
                                       " ",
                                       "  ",
                                       "\n",
                                       "\n",
                                       "\t",
                                       "- ",
                                       "3. ",
                                       "\xe4\xb8\x80\xe4\xb8\x80",
                                       "averyveryverylongwordindeed",
                                       "e\xcc\x81",
                                       "    "};
    uint64_t seed = 99;
    for (int round = 0; round < 5000; round++) {
        TestCx t;
        test_cx_init(&t);
        Buf text = buf_make(t.cx.arena, 1 << 16);
        int n = (int)(next(&seed) % 60), columns = 20 + (int)(next(&seed) % 60);
        buf_char(&text, 'x');
        for (int i = 0; i < n; i++)
            buf_c(&text, bits[next(&seed) % (sizeof bits / sizeof bits[0])]);
        Str in = {text.p, text.len}, out = {NULL, 0};
        assert_ok(&t.cx, wrap_text(&t.cx, in, columns, &out));
        Str a = words_of(&t.cx, in), b = words_of(&t.cx, out);
        assert_true(str_eq(a, b));
        assert_true(str_ends(out, STR("\n")) && !str_ends(out, STR("\n\n")));
        for (Str line = str_cut(&out, '\n'); out.p; line = str_cut(&out, '\n')) {
            bool too_wide = utf8_width(line) > columns;
            if (too_wide && str_find_char(line, ' ') >= 0) {
                print_error("%d columns:\n[%.*s]\n[%.*s]\n", columns, STR_FMT(in), STR_FMT(line));
                fail();
            }
            assert_false(str_ends(line, STR(" ")));
        }
        test_cx_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_are_filled),
        cmocka_unit_test(tables_are_aligned),
        cmocka_unit_test(no_line_is_too_wide_and_no_word_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
