/* tests/render/test_svg.c - the pictures: numbers against the formulas of the design, worked out here on
 * their own; and the templates of templates/svg/ with random data, which must stay well-formed. */
#include "render/assets.h"
#include "render/mustache.h"
#include "render/svg.h"
#include "testlib.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* *vm becomes what was drawn of it; what it was before must be as it was. */
static Err draw(Cx *cx, json_t **vm)
{
    json_t *before = json_deep_copy(*vm), *drawn = NULL;
    Err e = svg_draw(cx, *vm, &drawn);
    assert_true(json_equal(*vm, before));
    json_decref(before);
    if (e == OK) {
        json_decref(*vm);
        *vm = drawn;
    }
    return e;
}

static json_t *parse(const char *text)
{
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(v);
    return v;
}

static double num(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(json_object_get(o, "draw"), key);
    if (!json_is_number(v)) {
        print_error("draw.%s is no number\n", key);
        fail();
    }
    return json_number_value(v);
}

static bool flag(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(json_object_get(o, "draw"), key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(json_object_get(o, "draw"), key));
    return s ? s : "";
}

static uint64_t seed_state = 88172645463325252u;

static double uniform(double lo, double hi)
{
    seed_state ^= seed_state << 13;
    seed_state ^= seed_state >> 7;
    seed_state ^= seed_state << 17;
    return lo + (hi - lo) * (double)(seed_state >> 11) / 9007199254740992.0;
}

/* -- geometry --------------------------------------------------------------------------------- */

static const char *const type_keys[] = {"emotional", "intellectual", "physical", "experiential",
                                        "spiritual"};
static const char *const factor_keys[] = {"trust",      "acceptance", "honesty",      "safety",
                                          "compassion", "affection",  "communication"};

static void flower_follows_its_formulas(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (int round = 0; round < 500; round++) {
        int i = round % 5, k = round % 7;
        double lo = uniform(0, 5), mean = uniform(lo, 8), hi = uniform(mean, 10),
               w = uniform(0, 10);
        json_t *vm = json_pack("{s:s,s:[{s:s,s:f,s:f,s:f,s:f}],s:[{s:s,s:f,s:f,s:f,s:f,s:b}]}",
                               "picture", "figure", "types", "key", type_keys[i], "mean", mean,
                               "lo", lo, "hi", hi, "wanted", w, "factors", "key", factor_keys[k],
                               "mean", mean, "lo", lo, "hi", hi, "wanted", w, "limiting", k == 2);
        assert_non_null(vm);
        assert_ok(&t.cx, draw(&t.cx, &vm));
        const json_t *petal = json_array_get(json_object_get(vm, "types"), 0);
        CHECK_CLOSE(num(petal, "turn"), 72.0 * i, 0, 0);
        CHECK_CLOSE(num(petal, "lo"), 12 * lo, 0, .0501);
        CHECK_CLOSE(num(petal, "mid"), 12 * mean, 0, .0501);
        CHECK_CLOSE(num(petal, "hi"), 12 * hi, 0, .0501);
        CHECK_CLOSE(num(petal, "wish"), 12 * w, 0, .0501);
        CHECK_CLOSE(num(petal, "small"), 4.8 * mean, 0, .0501);
        CHECK_CLOSE(num(petal, "veins"), 12 * mean, 0, .0501);
        CHECK_CLOSE(num(petal, "lo_x"), 10 * lo, 0, .0501);
        CHECK_CLOSE(num(petal, "mid_x"), 10 * mean, 0, .0501);
        CHECK_CLOSE(num(petal, "hi_x"), 10 * hi, 0, .0501);
        CHECK_CLOSE(num(petal, "wish_x"), 10 * w, 0, .0501);
        assert_true(flag(petal, "known") && flag(petal, "wished") && !flag(petal, "unknown"));
        const json_t *root = json_array_get(json_object_get(vm, "factors"), 0);
        CHECK_CLOSE(num(root, "root"), k + 1.0, 0, 0);
        CHECK_CLOSE(num(root, "lo"), lo, 0, .00501);
        CHECK_CLOSE(num(root, "mid"), mean, 0, .00501);
        CHECK_CLOSE(num(root, "hi"), hi, 0, .00501);
        CHECK_CLOSE(num(root, "wish"), w, 0, .00501);
        assert_true(flag(root, "limit") == (k == 2));
        json_decref(vm);
    }
    test_cx_free(&t);
}

static void nothing_is_drawn_that_is_not_known(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    json_t *vm = parse("{\"list\":[{\"picture\":\"figure\",\"types\":["
                       "{\"key\":\"emotional\"},"
                       "{\"key\":\"physical\",\"lo\":2,\"hi\":8},"
                       "{\"key\":\"spiritual\",\"mean\":5,\"hi\":8},"
                       "{\"key\":\"experiential\",\"mean\":99,\"lo\":-3,\"hi\":100}]}]}");
    assert_ok(&t.cx, draw(&t.cx, &vm));
    const json_t *types = json_object_get(json_array_get(json_object_get(vm, "list"), 0), "types");
    const json_t *none = json_array_get(types, 0), *wide = json_array_get(types, 1),
                 *half = json_array_get(types, 2), *out = json_array_get(types, 3);
    assert_true(flag(none, "unknown") && !flag(none, "known") && !flag(none, "wished"));
    assert_true(flag(none, "open"));
    /* a range without a best guess: the range, no mean, veins on what is nearly certain */
    assert_true(!flag(wide, "unknown") && !flag(wide, "known") && flag(wide, "open"));
    CHECK_CLOSE(num(wide, "veins"), 24, 0, 0);
    assert_null(json_object_get(json_object_get(wide, "draw"), "mid"));
    assert_null(json_object_get(json_object_get(wide, "draw"), "small"));
    assert_true(flag(half, "unknown"));
    assert_null(json_object_get(json_object_get(half, "draw"), "mid"));
    CHECK_CLOSE(num(out, "mid"), 120, 0, 0);
    CHECK_CLOSE(num(out, "lo"), 0, 0, 0);
    json_decref(vm);
    test_cx_free(&t);
}

static void roots_end_where_they_should(void **state)
{
    (void)state;
    Str defs = {NULL, 0};
    assert_true(asset_template(NULL, STR("svg/defs"), &defs));
    for (int k = 0; k < 7; k++) {
        char id[24];
        (void)snprintf(id, sizeof id, "id=\"root%d\"", k + 1);
        Str path = str_from(defs, str_find(defs, str_c(id)));
        path = str_sub(path, 0, str_find(path, STR("/>")));
        double at[6] = {0};
        int n = sscanf(path.p + str_find(path, STR("C")), "C%lf %lf %lf %lf %lf %lf", &at[0],
                       &at[1], &at[2], &at[3], &at[4], &at[5]);
        assert_int_equal(n, 6);
        double angle = (-69 + 23 * k) * 3.14159265358979323846 / 180;
        CHECK_CLOSE(at[4], 132 * sin(angle), 0, .06);
        CHECK_CLOSE(at[5], 132 * cos(angle), 0, .06);
        assert_true(str_find(path, STR("pathLength=\"10\"")) > 0);
    }
}

static void marks_bars_and_seeds(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    json_t *vm = parse(
        "{\"m\":{\"picture\":\"mark\",\"types\":[\"physical\",\"spiritual\"]},"
        "\"p\":{\"picture\":\"profile\",\"types\":[{\"key\":\"emotional\",\"mean\":29,\"lo\":24,"
        "\"hi\":34},{\"key\":\"physical\",\"mean\":50,\"lo\":30,\"hi\":60}]},"
        "\"s\":{\"picture\":\"sure\",\"level\":\"fairly\"},"
        "\"r\":{\"picture\":\"scale\",\"key\":\"safety\",\"lo\":1,\"hi\":2,\"mean\":1.5},"
        "\"o\":{\"picture\":\"seeds\",\"id\":\"own\",\"parts\":[7,2]}}");
    assert_ok(&t.cx, draw(&t.cx, &vm));
    const json_t *petals =
        json_object_get(json_object_get(json_object_get(vm, "m"), "draw"), "petals");
    static const char *const classes[] = {"off", "off", "on t3", "off", "on t5"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(petals, i), "class")),
                            classes[i]);
    const json_t *bars = json_object_get(json_object_get(vm, "p"), "types");
    CHECK_CLOSE(num(json_array_get(bars, 0), "lo_x"), 60, 0, 0);
    CHECK_CLOSE(num(json_array_get(bars, 0), "rest"), 25, 0, 0);
    CHECK_CLOSE(num(json_array_get(bars, 0), "mid_x"), 72.5, 0, 0);
    CHECK_CLOSE(num(json_array_get(bars, 1), "mid_x"), 100, 0, 0); /* cut where the bar ends */
    CHECK_CLOSE(num(json_object_get(vm, "s"), "halo"), 12, 0, 0);
    assert_string_equal(text(json_object_get(vm, "r"), "tone"), "rt");
    assert_string_equal(text(json_object_get(vm, "o"), "id"), "own");
    const json_t *seeds =
        json_object_get(json_object_get(json_object_get(vm, "o"), "draw"), "seeds");
    int full = 0, half = 0, empty = 0;
    for (size_t i = 0; i < json_array_size(seeds); i++) {
        const char *c = json_string_value(json_object_get(json_array_get(seeds, i), "class"));
        full += strcmp(c, "on") == 0;
        half += strcmp(c, "half") == 0;
        empty += strcmp(c, "off") == 0;
    }
    assert_true(full == 7 && half == 2 && empty == 1);
    json_decref(vm);
    test_cx_free(&t);
}

static void trend_follows_its_formulas(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    json_t *vm = parse(
        "{\"picture\":\"trend\",\"from\":100,\"to\":200,\"now\":150,"
        "\"points\":[{\"at\":100,\"mean\":5,\"lo\":4,\"hi\":6},{\"at\":125,\"mean\":7.5,\"lo\":7,"
        "\"hi\":8},{\"at\":150,\"lo\":2,\"hi\":9},{\"at\":999,\"mean\":1,\"lo\":1,\"hi\":1}],"
        "\"answers\":[{\"at\":110,\"value\":3},{\"at\":90,\"value\":3}],"
        "\"wanted\":[{\"at\":20,\"value\":6},{\"at\":170,\"value\":8}],"
        "\"notes\":[{\"at\":130,\"letter\":\"a\"}]}");
    assert_ok(&t.cx, draw(&t.cx, &vm));
    assert_string_equal(text(vm, "line"), "M0 500 250 250");
    assert_string_equal(text(vm, "band"), "M0 400 250 200 500 100 500 800 250 300 0 600Z");
    assert_string_equal(text(vm, "edge"), "M0 400 250 200 500 100M0 600 250 300 500 800");
    assert_string_equal(text(vm, "wish"), "M0 400H700V200H1000");
    CHECK_CLOSE(num(vm, "now"), 50, 0, 0);
    const json_t *answers = json_object_get(json_object_get(vm, "draw"), "answers");
    assert_int_equal(json_array_size(answers), 1);
    CHECK_CLOSE(json_number_value(json_object_get(json_array_get(answers, 0), "x")), 10, 0, 0);
    CHECK_CLOSE(json_number_value(json_object_get(json_array_get(answers, 0), "y")), 70, 0, 0);
    json_decref(vm);
    /* instants in words of a calendar: a day is a third of three */
    vm = parse("{\"picture\":\"trend\",\"from\":\"2026-05-01T00:00:00Z\",\"to\":"
               "\"2026-05-04T00:00:00Z\",\"points\":[{\"at\":\"2026-05-02T00:00:00+00:00\","
               "\"mean\":0,\"lo\":0,\"hi\":0}]}");
    assert_ok(&t.cx, draw(&t.cx, &vm));
    assert_string_equal(text(vm, "line"), "M333 1000");
    json_decref(vm);
    test_cx_free(&t);
}

static void rhythm_has_a_lane_a_type(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    json_t *vm = parse("{\"picture\":\"rhythm\",\"from\":0,\"to\":365,\"months\":[{\"at\":0},{"
                       "\"at\":31},{\"at\":400}],"
                       "\"moments\":[{\"at\":73,\"types\":[\"emotional\",\"spiritual\"]},"
                       "{\"at\":146,\"types\":[]},{\"at\":-5,\"types\":[\"physical\"]}]}");
    assert_ok(&t.cx, draw(&t.cx, &vm));
    const json_t *draw = json_object_get(vm, "draw"), *dots = json_object_get(draw, "moments");
    assert_int_equal(json_array_size(json_object_get(draw, "lanes")), 6);
    assert_int_equal(json_array_size(json_object_get(draw, "months")), 2);
    assert_int_equal(json_array_size(dots), 3);
    static const char *const tones[] = {"t1", "t5", "rt"};
    static const double xs[] = {20, 20, 40};
    for (size_t i = 0; i < 3; i++) {
        const json_t *dot = json_array_get(dots, i);
        assert_string_equal(json_string_value(json_object_get(dot, "tone")), tones[i]);
        CHECK_CLOSE(json_number_value(json_object_get(dot, "x")), xs[i], 0, 0);
    }
    json_decref(vm);
    test_cx_free(&t);
}

/* A map of random people; every fourth has no estimate. */
static json_t *random_map(int groups, int people)
{
    json_t *vm =
        json_pack("{s:s,s:s,s:s,s:[],s:[s,s,s,s,s]}", "picture", "map", "title", "t", "desc", "d",
                  "groups", "rings", "very close", "close", "warm", "some distance", "far");
    for (int g = 0; g < groups; g++) {
        json_t *list = json_array();
        for (int i = 0; i < people; i++) {
            double mean = uniform(0, 10), half = uniform(.2, 3);
            json_t *p = json_pack("{s:s,s:s,s:s,s:s}", "name", "Somebody", "initials", "So", "href",
                                  "/people/x", "label", "Somebody, friend: warm");
            if (i % 4 != 3)
                (void)json_object_update_new(
                    p, json_pack("{s:f,s:f,s:f,s:f}", "mean", mean, "lo", fmax(0, mean - half),
                                 "hi", fmin(10, mean + half), "wanted", uniform(0, 10)));
            (void)json_array_append_new(list, p);
        }
        (void)json_array_append_new(json_object_get(vm, "groups"),
                                    json_pack("{s:s,s:o}", "name", "Group", "people", list));
    }
    return vm;
}

static void check_person(const json_t *person)
{
    const json_t *draw = json_object_get(person, "draw");
    const json_t *mean = json_object_get(person, "mean");
    assert_true(json_is_true(json_object_get(draw, "placed")) == (mean != NULL));
    if (!mean)
        return;
    double v = json_number_value(mean), x = num(person, "x"), y = num(person, "y");
    double lo = json_number_value(json_object_get(person, "lo"));
    double hi = json_number_value(json_object_get(person, "hi"));
    double w = json_number_value(json_object_get(person, "wanted"));
    CHECK_CLOSE(hypot(x, y), 50 + 25 * (10 - v), 0, .12); /* radius is data */
    CHECK_CLOSE(num(person, "halo"), 24 * fmax(v - lo, hi - v), 0, .06);
    /* outside the gap at the foot */
    assert_true(y < 0 || fabs(x) >= tan(12.9 * 3.14159265 / 180) * y);
    bool arrow = fabs(w - v) >= 1 && (w < lo || w > hi);
    assert_true((text(person, "arrow")[0] == 'M') == arrow);
    double at[4] = {0};
    if (arrow) {
        assert_int_equal(
            sscanf(text(person, "arrow"), "M%lf %lfL%lf %lf", &at[0], &at[1], &at[2], &at[3]), 4);
        CHECK_CLOSE(hypot(at[2], at[3]), 50 + 25 * (10 - w), 0, .12);
        CHECK_CLOSE(at[0] * at[3], at[1] * at[2], 1e-2, 60); /* along the radius */
    }
}

static void map_keeps_radius_and_room(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        TestCx t;
        test_cx_init(&t);
        int groups = 1 + round % 4, people = 1 + round % 7;
        json_t *vm = random_map(groups, people);
        assert_ok(&t.cx, draw(&t.cx, &vm));
        for (int g = 0; g < groups; g++) {
            const json_t *group = json_array_get(json_object_get(vm, "groups"), (size_t)g);
            for (int i = 0; i < people; i++)
                check_person(json_array_get(json_object_get(group, "people"), (size_t)i));
        }
        json_decref(vm);
        test_cx_free(&t);
    }
}

static void nobody_stands_on_anybody_where_there_is_room(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    json_t *vm = random_map(4, 0);
    for (int i = 0; i < 12; i++) { /* everyone at the same distance, in one ring of radius 200 */
        json_t *list =
            json_object_get(json_array_get(json_object_get(vm, "groups"), (size_t)i / 3), "people");
        (void)json_array_append_new(
            list, json_pack("{s:s,s:i,s:i,s:i}", "name", "A", "mean", 4, "lo", 3, "hi", 5));
    }
    assert_ok(&t.cx, draw(&t.cx, &vm));
    for (int i = 0; i < 12; i++) {
        for (int k = 0; k < i; k++) {
            const json_t *groups = json_object_get(vm, "groups");
            const json_t *a = json_array_get(
                json_object_get(json_array_get(groups, (size_t)i / 3), "people"), (size_t)i % 3);
            const json_t *b = json_array_get(
                json_object_get(json_array_get(groups, (size_t)k / 3), "people"), (size_t)k % 3);
            assert_true(hypot(num(a, "x") - num(b, "x"), num(a, "y") - num(b, "y")) >= 59.8);
        }
    }
    json_decref(vm);
    /* more than can be shown are left out, not piled up */
    vm = random_map(4, 60);
    assert_ok(&t.cx, draw(&t.cx, &vm));
    json_decref(vm);
    vm = random_map(5, 1);
    assert_int_equal(draw(&t.cx, &vm), ERR_INVALID);
    json_decref(vm);
    test_cx_free(&t);
}

/* Of everything beside the way to a picture there is one. */
static void only_pictures_are_copied(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    json_t *vm =
        parse("{\"a\":{\"x\":[1,2]},\"b\":[{\"y\":{}},{\"m\":{\"picture\":\"mark\",\"types\":[]},"
              "\"z\":{\"picture\":\"sure\",\"level\":\"guess\"},\"w\":[3]}]}");
    json_t *drawn = NULL;
    assert_ok(&t.cx, svg_draw(&t.cx, vm, &drawn));
    json_t *b = json_object_get(vm, "b"), *b2 = json_object_get(drawn, "b");
    json_t *last = json_array_get(b, 1), *last2 = json_array_get(b2, 1);
    assert_ptr_equal(json_object_get(vm, "a"), json_object_get(drawn, "a"));
    assert_ptr_equal(json_array_get(b, 0), json_array_get(b2, 0));
    assert_ptr_equal(json_object_get(last, "w"), json_object_get(last2, "w"));
    assert_non_null(json_object_get(json_object_get(last2, "m"), "draw"));
    assert_non_null(json_object_get(json_object_get(last2, "z"), "draw"));
    assert_null(json_object_get(json_object_get(last, "m"), "draw"));
    json_decref(vm);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(last2, "w"), 0)), 3);
    json_decref(drawn);
    test_cx_free(&t);
}

static void what_cannot_be_drawn_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *vm, *what;
    } cases[] = {
        {"{\"picture\":\"portrait\"}",                               "portrait"},
        {"{\"picture\":\"figure\",\"types\":[{\"key\":\"lunar\"}]}", "lunar"   },
        {"[{\"picture\":\"sure\",\"level\":\"very\"}]",              "very"    },
        {"{\"picture\":\"figure\",\"factors\":[{}]}",                "key"     }
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        TestCx t;
        test_cx_init(&t);
        json_t *vm = parse(cases[i].vm);
        assert_int_equal(draw(&t.cx, &vm), ERR_INVALID);
        assert_string_equal(t.cx.why.key, "err.picture");
        assert_str(t.cx.why.args[0].str, cases[i].what);
        json_decref(vm);
        test_cx_free(&t);
    }
}

/* -- templates -------------------------------------------------------------------------------- */

/* Every element that opens closes, in order; attributes are quoted. */
static void check_well_formed(Str s)
{
    Str open[64];
    int depth = 0;
    while (s.len > 0) {
        ptrdiff_t at = str_find_char(s, '<');
        if (at < 0)
            break;
        s = str_from(s, at + 1);
        ptrdiff_t end = str_find_char(s, '>');
        assert_true(end > 0);
        Str tag = str_sub(s, 0, end);
        s = str_from(s, end + 1);
        int quotes = 0;
        for (ptrdiff_t i = 0; i < tag.len; i++)
            quotes += tag.p[i] == '"';
        assert_true(quotes % 2 == 0);
        Str rest = tag;
        Str name = str_trim(str_cut(&rest, ' '));
        if (name.p[0] == '/') {
            assert_true(depth > 0 && str_eq(str_from(name, 1), open[--depth]));
        } else if (!str_ends(tag, STR("/"))) {
            assert_true(depth < 64);
            open[depth++] = name;
        }
    }
    assert_int_equal(depth, 0);
}

static Str render(Cx *cx, const char *name, const json_t *data)
{
    TemplateSource source = {.load = asset_template, .strict = true};
    TemplateSet *set = NULL;
    const Template *t = NULL;
    Str out = {NULL, 0};
    assert_ok(cx, template_set_make(cx, cx->arena, &source, &set));
    assert_ok(cx, template_get(cx, set, str_c(name), TEMPLATE_HTML, &t));
    Buf buf = buf_make(cx->arena, 1 << 20);
    assert_ok(cx, template_render(cx, set, t, data, &buf));
    assert_ok(cx, buf_done(cx, &buf, &out));
    return out;
}

static json_t *random_item(const char *key)
{
    json_t *item = json_pack("{s:s,s:s}", "key", key, "name", "<\"Na&me'>");
    double lo = uniform(0, 10), hi = uniform(lo, 10);
    bool range = uniform(0, 1) < .7;
    if (range)
        (void)json_object_update_new(item, json_pack("{s:f,s:f}", "lo", lo, "hi", hi));
    if (range && uniform(0, 1) < .7)
        (void)json_object_set_new(item, "mean", json_real(uniform(lo, hi)));
    if (uniform(0, 1) < .7)
        (void)json_object_set_new(item, "wanted", json_real(uniform(0, 10)));
    return item;
}

static void figures_stay_well_formed(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        TestCx t;
        test_cx_init(&t);
        json_t *vm = json_pack("{s:s,s:s,s:s,s:[],s:[]}", "picture", "figure", "title", "A <title>",
                               "desc", "\"said\"", "types", "factors");
        for (int i = 0; i < 5; i++)
            (void)json_array_append_new(json_object_get(vm, "types"), random_item(type_keys[i]));
        for (int i = 0; i < 7; i++)
            (void)json_array_append_new(json_object_get(vm, "factors"),
                                        random_item(factor_keys[i]));
        assert_ok(&t.cx, draw(&t.cx, &vm));
        static const char *const whole[] = {"svg/flower", "svg/bloom"};
        for (int i = 0; i < 2; i++) {
            Str out = render(&t.cx, whole[i], vm);
            check_well_formed(out);
            assert_true(str_find(out, STR("scale()")) < 0); /* a number that was not there */
            assert_true(str_find(out, STR("\"\"")) < 0);
        }
        const json_t *item = json_array_get(json_object_get(vm, "types"), 0);
        check_well_formed(render(&t.cx, "svg/dots", item));
        check_well_formed(render(&t.cx, "svg/mark", item));
        check_well_formed(
            render(&t.cx, "svg/dots", json_array_get(json_object_get(vm, "factors"), 6)));
        json_decref(vm);
        test_cx_free(&t);
    }
}

static void plots_stay_well_formed(void **state)
{
    (void)state;
    static const struct {
        const char *name, *vm;
    } cases[] = {
        {"svg/trend",  "{\"picture\":\"trend\",\"title\":\"t\",\"desc\":\"d\"}"         },
        {"svg/trend",  "{\"picture\":\"trend\",\"title\":\"t\",\"desc\":\"d\",\"from\":0,\"to\":9,"
                      "\"points\":[{\"at\":1,\"mean\":1,\"lo\":0,\"hi\":2}],\"now\":3,"
                      "\"answers\":[{\"at\":2,\"value\":2}],\"wanted\":[{\"at\":0,\"value\":9}],"
                      "\"notes\":[{\"at\":3,\"letter\":\"<\"}]}"   },
        {"svg/rhythm",
         "{\"picture\":\"rhythm\",\"title\":\"t\",\"desc\":\"d\",\"from\":0,\"to\":9,"
         "\"months\":[{\"at\":1}],\"moments\":[{\"at\":3,\"types\":[\"physical\"]}]}"   },
        {"svg/sure",   "{\"picture\":\"sure\",\"level\":\"guess\"}"                     },
        {"svg/seeds",  "{\"picture\":\"seeds\",\"parts\":[3]}"                          },
        {"svg/bar",
         "{\"draw\":{\"tone\":\"t1\",\"lo_x\":1,\"rest\":2,\"known\":true,\"mid_x\":2}}"},
        {"svg/word",   "{}"                                                             },
        {"svg/defs",   "{}"                                                             },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        TestCx t;
        test_cx_init(&t);
        json_t *vm = parse(cases[i].vm);
        assert_ok(&t.cx, draw(&t.cx, &vm));
        check_well_formed(render(&t.cx, cases[i].name, vm));
        json_decref(vm);
        test_cx_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flower_follows_its_formulas),
        cmocka_unit_test(nothing_is_drawn_that_is_not_known),
        cmocka_unit_test(roots_end_where_they_should),
        cmocka_unit_test(marks_bars_and_seeds),
        cmocka_unit_test(trend_follows_its_formulas),
        cmocka_unit_test(rhythm_has_a_lane_a_type),
        cmocka_unit_test(map_keeps_radius_and_room),
        cmocka_unit_test(nobody_stands_on_anybody_where_there_is_room),
        cmocka_unit_test(only_pictures_are_copied),
        cmocka_unit_test(what_cannot_be_drawn_is_said),
        cmocka_unit_test(figures_stay_well_formed),
        cmocka_unit_test(plots_stay_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
