/* tests/text/test_keys.c - every key that the sources name is in the catalogue, and every key of the catalogue is
 * named somewhere.
 * Method  the string literals of src/, without comments, and the labels {{_:key}} of templates/. A literal
 *         that is a key uses it. One that ends in a dot, or has a dot before a %, uses all keys that begin so. One that
 *         is written like a key of a known family ("err.x") and is not in the catalogue is missing.
 *         Where err_set, err_field or text_format is called with a key and ARGS(…), the {placeholders} of
 *         the sentence are among these arguments. */
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
    int missing, lacking;
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

/* The text between the parenthesis that opens s and the one that closes it. */
static Str in_parentheses(Str s)
{
    int depth = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
        if (depth == 0)
            return str_sub(s, 0, i);
    }
    return s;
}

/* Whether one of the calls arg_…("name", …) has that name. */
static bool gives(Str args, Str name)
{
    for (Str rest = args; rest.len > 0;) {
        ptrdiff_t call = str_find(rest, STR("arg_"));
        if (call < 0)
            return false;
        rest = str_from(rest, call + 4);
        ptrdiff_t quote = str_find_char(rest, '"');
        Str given = str_from(rest, quote + 1);
        if (quote >= 0 && str_starts(given, name) &&
            str_starts(str_from(given, name.len), STR("\"")))
            return true;
    }
    return false;
}

/* Whether the string that ends before is an argument of a function that adds no arguments of its own. */
static bool called_plainly(Str before)
{
    static const char *const names[] = {"err_set", "err_field", "text_format"};
    int depth = 0;
    ptrdiff_t i = before.len - 1;
    for (; i >= 0 && depth >= 0; i--)
        depth += before.p[i] == ')' ? 1 : before.p[i] == '(' ? -1 : 0;
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (str_ends(str_sub(before, 0, i + 1), str_c(names[k])))
            return true;
    return false;
}

static void check_args(const CatalogueEntry *entry, Str behind, const char *path)
{
    behind = str_trim(str_from(behind, str_starts(behind, STR(",")) ? 1 : 0));
    if (!str_starts(behind, STR("ARGS(")))
        return;
    Str args = in_parentheses(str_from(behind, 4));
    for (int f = 0; f < entry->n_forms; f++) {
        for (Str form = entry->forms[f]; str_find_char(form, '{') >= 0;) {
            form = str_from(form, str_find_char(form, '{') + 1);
            Str hole = str_sub(form, 0, str_find_char(form, '}'));
            if (str_starts(form, STR("{")) || gives(args, hole))
                continue;
            print_error("%s: \"%.*s\" says {%.*s}, which is not given\n", path, STR_FMT(entry->key),
                        STR_FMT(hole));
            scan.lacking++;
        }
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
        Str literal = str_sub(code, i + 1, end - i - 1);
        use(literal, path, false);
        const CatalogueEntry *entry = catalogue_find(content_locale(STR("en")), literal);
        if (entry && called_plainly(str_sub(code, 0, i)))
            check_args(entry, str_trim(str_from(code, end + 1)), path);
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
    assert_int_equal(scan.lacking, 0);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_and_catalogue_agree)};
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
