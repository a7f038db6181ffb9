/* tests/render/test_assets.c - what is carried inside the program is what lies in templates/ and static/,
 * every template compiles, every label it uses has its sentence, and none of it breaks the rules of the
 * site: no inline script or style, nothing from elsewhere. */
#include "render/assets.h"
#include "render/mustache.h"
#include "testlib.h"
#include <stdio.h>

static void files_are_carried_whole(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    assert_true(asset_count > 10);
    for (ptrdiff_t i = 0; i < asset_count; i++) {
        Str name = asset_table[i].name, bytes = {NULL, 0};
        assert_ptr_equal(asset_find(name), &asset_table[i]);
        assert_true(i == 0 || str_cmp(asset_table[i - 1].name, name) < 0);
        const char *file = str_to_c(t.cx.arena, name);
        assert_ok(&t.cx, os_read_file(&t.cx, source_path(&t.cx, file), 1 << 20, &bytes));
        assert_true(str_eq(bytes, asset_table[i].bytes));
        assert_int_equal(str_c(asset_table[i].hash).len, 16);
    }
    assert_null(asset_find(STR("templates/none.mustache")));
    assert_null(asset_find(STR("")));
    Str out = {NULL, 0};
    assert_false(asset_template(NULL, STR("../static/style.css"), &out));
    assert_false(asset_template(NULL, STR(""), &out));
    test_cx_free(&t);
}

/* The English catalogue, searched as text: render may not use the room that reads it. */
static Str label_in_catalogue(void *ctx, Str key)
{
    const Str *catalogue = ctx;
    char line[200];
    int n = snprintf(line, sizeof line, "\nmsgid \"%.*s\"\n", STR_FMT(key));
    if (str_find(*catalogue, (Str){line, n}) >= 0)
        return STR("label");
    print_error("%.*s is not in the catalogue\n", STR_FMT(key));
    return (Str){NULL, 0};
}

static void every_template_compiles(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str catalogue = {NULL, 0};
    assert_ok(&t.cx,
              os_read_file(&t.cx, source_path(&t.cx, "content/en/ui.po"), 4 << 20, &catalogue));
    TemplateSource source = {
        .ctx = &catalogue, .load = asset_template, .label = label_in_catalogue, .strict = true};
    /* the loader takes no context, the labels take the catalogue */
    TemplateSet *set = NULL;
    assert_ok(&t.cx, template_set_make(&t.cx, t.cx.arena, &source, &set));
    Str folder = STR("templates/"), ending = STR(".mustache");
    int count = 0;
    for (ptrdiff_t i = 0; i < asset_count; i++) {
        Str name = asset_table[i].name;
        if (!str_starts(name, folder) || !str_ends(name, ending))
            continue;
        name = str_sub(name, folder.len, name.len - folder.len - ending.len);
        TemplateMode mode = str_starts(name, STR("text/")) ? TEMPLATE_PLAIN : TEMPLATE_HTML;
        const Template *template = NULL;
        Err e = template_get(&t.cx, set, name, mode, &template);
        if (e != OK)
            print_error("%.*s, line %lld: %s (%.*s)\n", STR_FMT(t.cx.why.args[0].str),
                        (long long)t.cx.why.args[1].num, t.cx.why.key,
                        STR_FMT(t.cx.why.args[2].str));
        assert_ok(&t.cx, e);
        count++;
    }
    assert_true(count > 10);
    test_cx_free(&t);
}

static void nothing_is_inline_and_nothing_from_elsewhere(void **state)
{
    (void)state;
    for (ptrdiff_t i = 0; i < asset_count; i++) {
        static const char *const never[] = {" style=",     "<script",  "<style",
                                            "javascript:", "@import",  "url(",
                                            " onclick=",   "https://", "//fonts"};
        for (size_t k = 0; k < sizeof never / sizeof never[0]; k++) {
            if (str_find(asset_table[i].bytes, str_c(never[k])) >= 0) {
                print_error("%.*s holds %s\n", STR_FMT(asset_table[i].name), never[k]);
                fail();
            }
        }
    }
    const Asset *style = asset_find(STR("static/style.css"));
    assert_non_null(style);
    assert_true(style->bytes.len < 30 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_carried_whole),
        cmocka_unit_test(every_template_compiles),
        cmocka_unit_test(nothing_is_inline_and_nothing_from_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
