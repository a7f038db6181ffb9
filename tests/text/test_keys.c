/* tests/text/test_keys.c - every key that the sources name is in the catalogue, and every key of the catalogue is
 * named somewhere.
 * Method  the string literals of src/, without comments, and the labels {{_:key}} of templates/. A literal
 *         that is a key uses it. One that ends in a dot, or has a dot before a %, uses all keys that begin so. One that
 *         is written like a key of a known family ("err.x") and is not in the catalogue is missing. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "base/buf.h"
#include "content/catalogue.h"
#include "testlib.h"
#include <ftw.h>
#include <string.h>

enum { FILE_MAX = 4 << 20, KEYS_MAX = 20000 };

/* nftw carries no pointer of ours. */
static struct Scan {
    Cx *cx;
    const CatalogueEntry *entries;
    int count;
    bool used[KEYS_MAX];
    int missing;
} scan;

static bool key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool in_family(Str literal)
{
    Str family = str_sub(literal, 0, str_find_char(literal, '.') + 1);
    for (int i = 0; i < scan.count; i++)
        if (family.len > 1 && str_starts(scan.entries[i].key, family))
            return true;
    return false;
}

static bool is_file_name(Str literal)
{
    static const char *const endings[] = {".c",   ".h",   ".json", ".html", ".css", ".svg",
                                          ".txt", ".ics", ".vcf",  ".db",   ".po"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (str_ends(literal, str_c(endings[i])))
            return true;
    return false;
}

static void use_all(Str beginning)
{
    for (int i = 0; i < scan.count; i++)
        scan.used[i] = scan.used[i] || str_starts(scan.entries[i].key, beginning);
}

static void use(Str literal, const char *path, bool is_label)
{
    for (int i = 0; i < scan.count; i++) {
        if (str_eq(scan.entries[i].key, literal)) {
            scan.used[i] = true;
            return;
        }
    }
    ptrdiff_t percent = str_find_char(literal, '%');
    Str fixed = percent < 0 ? literal : str_sub(literal, 0, percent);
    bool like_key = fixed.len > 0 && fixed.p[0] != '.';
    for (ptrdiff_t i = 0; i < fixed.len; i++)
        like_key = like_key && key_byte(fixed.p[i]);
    if (like_key && str_ends(fixed, STR("."))) {
        use_all(fixed);
    } else if (is_label ||
               (like_key && percent < 0 && in_family(literal) && !is_file_name(literal))) {
        print_error("%s: \"%.*s\" is not in the catalogue\n", path, STR_FMT(literal));
        scan.missing++;
    }
}

/* The byte behind a comment or character literal that starts at i, or i. */
static ptrdiff_t skip_other(Str code, ptrdiff_t i)
{
    Str rest = str_from(code, i);
    if (str_starts(rest, STR("//"))) {
        ptrdiff_t n = str_find_char(rest, '\n');
        return n < 0 ? code.len : i + n;
    }
    if (str_starts(rest, STR("/*"))) {
        ptrdiff_t n = str_find(rest, STR("*/"));
        return n < 0 ? code.len : i + n + 2;
    }
    if (rest.p[0] == '\'' && rest.len > 3)
        return i + (rest.p[1] == '\\' ? 4 : 3);
    return i;
}

static void read_code(Str code, const char *path)
{
    for (ptrdiff_t i = 0; i < code.len; i++) {
        ptrdiff_t past = skip_other(code, i);
        if (past > i) {
            i = past - 1;
            continue;
        }
        if (code.p[i] != '"')
            continue;
        ptrdiff_t end = i + 1;
        while (end < code.len && code.p[end] != '"')
            end += code.p[end] == '\\' ? 2 : 1;
        use(str_sub(code, i + 1, end - i - 1), path, false);
        i = end;
    }
}

static void read_template(Str page, const char *path)
{
    for (Str rest = page; rest.len > 0;) {
        ptrdiff_t at = str_find(rest, STR("{{_:"));
        if (at < 0)
            return;
        rest = str_from(rest, at + 4);
        use(str_trim(str_sub(rest, 0, str_find(rest, STR("}}")))), path, true);
    }
}

static int read_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)ftw;
    Str name = str_c(path), bytes = {NULL, 0};
    bool code = str_ends(name, STR(".c")) || str_ends(name, STR(".h"));
    bool template = str_find(name, STR("/templates/")) >= 0;
    if (flag != FTW_F || (!code && !template))
        return 0;
    assert_ok(scan.cx, os_read_file(scan.cx, name, FILE_MAX, &bytes));
    if (code)
        read_code(bytes, path);
    else
        read_template(bytes, path);
    return 0;
}

static void keys_and_catalogue_agree(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    scan.cx = &t.cx;
    scan.entries = catalogue_all(content_locale(STR("en")), &scan.count);
    assert_in_range(scan.count, 100, KEYS_MAX);
    static const char *const folders[] = {"src", "templates"};
    for (int i = 0; i < 2; i++) {
        Str folder = source_path(&t.cx, folders[i]);
        if (os_exists(&t.cx, folder))
            assert_int_equal(nftw(str_to_c(&t.arena, folder), read_one, 16, FTW_PHYS), 0);
    }
    int unused = 0;
    for (int i = 0; i < scan.count; i++) {
        if (scan.used[i])
            continue;
        print_error("content/en/ui.po: nothing uses \"%.*s\"\n", STR_FMT(scan.entries[i].key));
        unused++;
    }
    assert_int_equal(scan.missing, 0);
    assert_int_equal(unused, 0);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_and_catalogue_agree)};
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
