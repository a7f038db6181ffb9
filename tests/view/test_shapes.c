/* Every view of an empty book, a full one, and a full one in the pseudo-locale is exactly what docs/VIEWMODELS.md says,
 * speaks only through the catalogue, and says nothing that it should not. */
#include "view/scene.h"

static void read_shapes(const Scene *s, Shapes *shapes)
{
    Str page = {NULL, 0};
    assert_ok(s->cx, os_read_file(s->cx, source_path(s->cx, "docs/VIEWMODELS.md"), 1 << 20, &page));
    shapes_read(shapes, page);
    assert_true(shapes->n_named > 30);
}

static void check_all(Scene *s)
{
    static Shapes shapes;
    AllViews all;
    char why[SHAPE_PATH_MAX * 2];
    read_shapes(s, &shapes);
    all_views(s, &all);
    for (int i = 0; i < all.n; i++) {
        if (!shape_check(&shapes, all.p[i].name, all.p[i].json, why, sizeof why))
            fail_msg("%s", why);
        assert_string_equal(json_string_value(json_object_get(all.p[i].json, "view")),
                            all.p[i].name);
    }
    all_free(&all);
}

static void test_an_empty_book(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "en");
    check_all(&s);
    scene_end(&s);
}

static void test_a_full_book(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "en");
    scene_full(&s);
    check_all(&s);
    scene_end(&s);
}

static void test_the_pseudo_locale(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "qps");
    scene_full(&s);
    check_all(&s);
    scene_end(&s);
}

/* The checker itself: it must refuse what it is there to refuse. */
static void test_strictness(void **state)
{
    static Shapes shapes;
    static const char page[] =
        "```shape a\nx: str  # text\ny?: int\nz: [@b]\n```\n```shape b\nw: \"p\" | null\n```\n";
    static const struct {
        const char *json;
        bool fits;
    } cases[] = {
        {"{\"x\": \"t\", \"z\": []}",                                        true },
        {"{\"x\": \"t\", \"y\": 3, \"z\": [{\"w\": \"p\"}, {\"w\": null}]}", true },
        {"{\"z\": []}",                                                      false},
        {"{\"x\": 4, \"z\": []}",                                            false},
        {"{\"x\": \"t\", \"z\": {}}",                                        false},
        {"{\"x\": \"t\", \"y\": 1.5, \"z\": []}",                            false},
        {"{\"x\": \"t\", \"z\": [], \"more\": 1}",                           false},
        {"{\"x\": \"t\", \"z\": [{\"w\": \"q\"}]}",                          false},
        {"{\"x\": \"t\", \"z\": [{}]}",                                      false}
    };
    char why[SHAPE_PATH_MAX * 2];
    (void)state;
    shapes_read(&shapes, str_c(page));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *v = json_loads(cases[i].json, 0, NULL);
        assert_non_null(v);
        assert_int_equal(shape_check(&shapes, "a", v, why, sizeof why), cases[i].fits);
        assert_int_equal(why[0] == 0, cases[i].fits);
        json_decref(v);
    }
}

/* -- words --------------------------------------------------------------------------------------- */

static void no_lost_key(void *ctx, const char *key, const char *text)
{
    (void)ctx;
    if (strstr(text, "\u27e8"))
        fail_msg("%s: %s", key, text);
    if (strstr(text, "{"))
        fail_msg("%s has a placeholder left: %s", key, text);
}

static void test_no_sentence_is_missing(void **state)
{
    Scene s;
    AllViews all;
    (void)state;
    scene_start(&s, "en");
    scene_full(&s);
    all_views(&s, &all);
    for (int i = 0; i < all.n; i++)
        scene_strings(all.p[i].json, "", 0, no_lost_key, NULL);
    all_free(&all);
    scene_end(&s);
}

/* Members that hold ids, addresses or what the owner wrote; the same in every language. */
static bool is_not_words(const char *key)
{
    static const char *const keys[] = {
        "view",    "key",    "kind",     "id",    "path",    "value",  "level", "picture",
        "sort",    "date",   "at",       "from",  "to",      "now",    "year",  "day",
        "author",  "letter", "number",   "state", "preview", "batch",  "file",  "recovery",
        "command", "since",  "birthday", "match", "excerpt", "before", "after"};
    size_t length = strlen(key);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0)
            return true;
    }
    return length > 5 && strcmp(key + length - 5, "_path") == 0;
}

/* The owner's own words in these scenes, as they were written. */
static bool is_own(const char *text)
{
    static const char *const own[] = {"Ana",      "Ben",         "Rolf",     "Vera",  "Kim",
                                      "Zo",       "riv",         "her knee", "choir", "letters",
                                      "the flat", "example.org", "tmp",      "home"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strstr(text, own[i]))
            return true;
    }
    return false;
}

static bool has_english(const char *text)
{
    int run = 0;
    for (const char *p = text; *p; p++) {
        run = (*p >= 'a' && *p <= 'z') ? run + 1 : 0;
        if (run >= 3)
            return true;
    }
    return false;
}

static void only_pseudo(void *ctx, const char *key, const char *text)
{
    (void)ctx;
    /* lists of keys have the list's name: types of marks */
    if (is_not_words(key) || strcmp(key, "types") == 0 || is_own(text) || text[0] == '/')
        return;
    if (has_english(text))
        fail_msg("%s is not from the catalogue: %s", key, text);
}

static void test_every_word_is_from_the_catalogue(void **state)
{
    Scene s;
    AllViews all;
    (void)state;
    scene_start(&s, "qps");
    scene_full(&s);
    all_views(&s, &all);
    for (int i = 0; i < all.n; i++)
        scene_strings(all.p[i].json, "", 0, only_pseudo, NULL);
    all_free(&all);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strictness),
        cmocka_unit_test(test_an_empty_book),
        cmocka_unit_test(test_a_full_book),
        cmocka_unit_test(test_the_pseudo_locale),
        cmocka_unit_test(test_no_sentence_is_missing),
        cmocka_unit_test(test_every_word_is_from_the_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
