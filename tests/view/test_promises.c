/* The promises as the pages keep them: nothing is invented, nothing romantic by mistake, nothing deeper than is safe, no
 * guilt. Each is tried on scenes that tempt it, several over many seeds. */
#include "gen.h"
#include "view/scene.h"

/* -- reading a view-model ------------------------------------------------------------------------ */

static const char *text_at(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    assert_non_null(text);
    return text;
}

static json_t *person_view(Scene *s, Id person)
{
    json_t *j = NULL;
    assert_ok(s->cx, view_person(s->cx, &s->view, scene_ref(s, person), &j));
    return j;
}

static json_t *next_view(Scene *s, Id person)
{
    json_t *j = NULL;
    assert_ok(s->cx, view_next(s->cx, &s->view, scene_ref(s, person), &j));
    return j;
}

static json_t *today_view(Scene *s)
{
    json_t *j = NULL;
    assert_ok(s->cx, view_today(s->cx, &s->view, &j));
    return j;
}

/* Walks every object of the view. */
typedef void ObjectSeen(const json_t *o);
static void objects(const json_t *v, int depth, ObjectSeen *seen)
{
    size_t i = 0;
    json_t *item = NULL;
    assert_true(depth < 32);
    if (json_is_object(v))
        seen(v);
    json_array_foreach(v, i, item) objects(item, depth + 1, seen);
    for (void *at = json_object_iter((json_t *)(uintptr_t)v); at;
         at = json_object_iter_next((json_t *)(uintptr_t)v, at))
        objects(json_object_iter_value(at), depth + 1, seen);
}

/* -- nothing is invented ------------------------------------------------------------------------- */

static void knows_nothing(const json_t *o)
{
    static const char *const numbers[] = {"mean", "lo", "hi", "wanted", "chance"};
    if (!json_object_get(o, "known"))
        return;
    assert_false(json_is_true(json_object_get(o, "known")));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_false(json_is_number(json_object_get(o, numbers[i])));
    if (json_object_get(o, "word")) {
        assert_string_equal(text_at(o, "word"), "not enough to say yet");
        assert_string_equal(text_at(o, "range"), "");
    }
}

static void test_no_estimate_without_data(void **state)
{
    (void)state;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        Scene s;
        json_t *people = NULL;
        scene_start(&s, "en");
        Id id = scene_person(&s, "Aroha", (KindId)kind);
        json_t *person = person_view(&s, id);
        assert_ok(s.cx, view_people(s.cx, &s.view, -1, 0, &people));
        objects(person, 0, knows_nothing);
        objects(people, 0, knows_nothing);
        assert_string_equal(text_at(person, "closeness"), "not enough to say yet");
        assert_string_equal(text_at(person, "established"), "");
        assert_null(json_object_get(person, "limiting"));
        assert_int_equal(
            json_array_size(json_object_get(json_object_get(person, "trend"), "points")), 0);
        json_decref(person);
        json_decref(people);
        scene_end(&s);
    }
}

/* A best guess stands only beside a word, and inside its range. */
static void guesses_have_words(const json_t *o)
{
    const json_t *mean = json_object_get(o, "mean"), *word = json_object_get(o, "word");
    const json_t *lo = json_object_get(o, "lo"), *hi = json_object_get(o, "hi");
    if (!word || !json_object_get(o, "readings"))
        return;
    bool said = strcmp(json_string_value(word), "not enough to say yet") != 0;
    assert_int_equal(json_is_number(mean), said);
    assert_int_equal(json_is_number(lo), json_is_true(json_object_get(o, "known")));
    assert_int_equal(json_is_number(hi), json_is_number(lo));
    assert_int_equal(json_is_number(json_object_get(o, "wanted")),
                     text_at(o, "wanted_word")[0] != 0);
    if (!said)
        return;
    assert_true(json_number_value(lo) <= json_number_value(mean));
    assert_true(json_number_value(mean) <= json_number_value(hi));
    assert_true(json_number_value(lo) >= 0 && json_number_value(hi) <= 10);
}

static void test_a_guess_has_a_word_and_a_range(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Scene s;
        Gen g = gen_seed(seed);
        scene_start(&s, "en");
        Id id = scene_person(&s, "Ana", (KindId)gen_int(&g, 0, KIND_COUNT - 1));
        int n = (int)gen_int(&g, 1, 12);
        for (int i = 0; i < n; i++) {
            AsksId asks = gen_chance(&g, 40)   ? ASKS_FELT
                          : gen_chance(&g, 50) ? ASKS_WANTED
                                               : ASKS_FACTOR;
            int state_of = (int)(asks == ASKS_FACTOR ? gen_int(&g, TYPE_COUNT, STATE_COUNT - 1)
                                                     : gen_int(&g, 0, TYPE_COUNT - 1));
            scene_answer(&s, id, asks, state_of, (double)gen_int(&g, 0, 10),
                         (int)gen_int(&g, 0, 400));
        }
        json_t *person = person_view(&s, id);
        objects(person, 0, guesses_have_words);
        json_decref(person);
        scene_end(&s);
    }
}

static void test_what_is_not_ours_has_no_petal(void **state)
{
    Scene s;
    size_t i = 0;
    json_t *type = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_known(&s, "Ana", KIND_FRIEND);
    scene_say(&s, id, ENTRY_RELATIONSHIP, F_REL_NOT_OURS, 1 << TYPE_SPIRITUAL);
    json_t *person = person_view(&s, id);
    json_t *types = json_object_get(json_object_get(person, "figure"), "types");
    assert_int_equal(json_array_size(types), TYPE_COUNT - 1);
    json_array_foreach(types, i, type) assert_string_not_equal(text_at(type, "key"), "spiritual");
    assert_non_null(strstr(text_at(person, "not_ours"), "spiritual"));
    json_decref(person);
    scene_end(&s);
}

/* -- never romantic by mistake ------------------------------------------------------------------- */

static void check_offers(const json_t *view, bool romance, bool approach)
{
    size_t i = 0;
    json_t *offer = NULL;
    json_array_foreach(json_object_get(view, "offers"), i, offer)
    {
        const ContentPractice *p = content_practice(str_c(text_at(offer, "id")));
        assert_true(p || strcmp(text_at(offer, "kind"), "check-in") == 0);
        assert_true(approach || p);
        assert_false(p && p->romantic && !romance);
        assert_false(p && p->approach && !approach);
    }
}

static void check_questions(Scene *s, Id id, bool romance)
{
    for (int whole = 0; whole <= 1; whole++) {
        size_t i = 0;
        json_t *j = NULL, *asked = NULL;
        assert_ok(s->cx, view_checkin(s->cx, &s->view, scene_ref(s, id), whole, &j));
        json_array_foreach(json_object_get(j, "questions"), i, asked)
        {
            const ContentQuestion *q = content_question(str_c(text_at(asked, "id")));
            assert_non_null(q);
            assert_true(romance || !q->romantic);
        }
        json_decref(j);
    }
}

static void test_no_romance_unless_switched_on(void **state)
{
    (void)state;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int minor = 0; minor <= 1; minor++) {
            for (int on = 0; on <= 1; on++) {
                Scene s;
                json_t *log = NULL, *form = NULL;
                scene_start(&s, "en");
                Id id = scene_known(&s, "Sasha", (KindId)kind);
                scene_say(&s, id, ENTRY_RELATIONSHIP, F_REL_ROMANCE, on);
                scene_say(&s, id, ENTRY_PERSON, F_PERSON_MINOR, minor);
                bool possible = (kind == KIND_PARTNER || kind == KIND_DATING) && !minor;
                json_t *next = next_view(&s, id), *today = today_view(&s);
                check_offers(next, possible && on, true);
                check_offers(today, possible && on, true);
                check_questions(&s, id, possible && on);
                assert_ok(s.cx, view_log(s.cx, &s.view, scene_ref(&s, id), &log));
                assert_ok(s.cx, view_person_form(s.cx, &s.view, scene_ref(&s, id), &form));
                assert_int_equal(json_is_true(json_object_get(form, "romance_possible")), possible);
                assert_int_equal(json_is_true(json_object_get(log, "romance")), possible && on);
                json_decref(next);
                json_decref(today);
                json_decref(log);
                json_decref(form);
                scene_end(&s);
            }
        }
    }
}

/* -- never deeper than is safe ------------------------------------------------------------------- */

static void no_wish(void *ctx, const char *key, const char *text)
{
    (void)ctx;
    (void)key;
    assert_null(strstr(text, "you would like it"));
    assert_null(strstr(text, "You would like more"));
    assert_null(strstr(text, "small change"));
}

static void check_unsafe(Scene *s, Id id)
{
    json_t *person = person_view(s, id), *next = next_view(s, id), *today = today_view(s);
    json_t *talk = json_object_get(person, "talk");
    assert_true(json_is_false(json_object_get(person, "safe")));
    assert_true(json_is_false(json_object_get(next, "safe")));
    assert_string_equal(text_at(json_object_get(person, "care"), "path"), "/safety");
    assert_non_null(json_object_get(next, "care"));
    assert_null(json_object_get(person, "limiting"));
    assert_string_equal(text_at(person, "established"), "");
    assert_true(json_is_false(json_object_get(talk, "any")));
    assert_int_equal(json_array_size(json_object_get(talk, "ask")), 0);
    check_offers(next, false, false);
    check_offers(today, false, false);
    assert_int_equal(json_array_size(json_object_get(today, "dates")), 0);
    scene_strings(person, "", 0, no_wish, NULL);
    scene_strings(next, "", 0, no_wish, NULL);
    scene_strings(today, "", 0, no_wish, NULL);
    json_decref(person);
    json_decref(next);
    json_decref(today);
}

static void test_where_it_is_not_safe_nothing_approaches(void **state)
{
    (void)state;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        Scene s;
        scene_start(&s, "en");
        Id id = scene_known(&s, "Rolf", (KindId)kind);
        scene_topic(&s, id, TOPIC_ASK, "the flat", 4);
        scene_say(&s, id, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19800503);
        scene_answer(&s, id, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, 2, 1);
        check_unsafe(&s, id);
        scene_end(&s);
    }
}

static void test_a_harm_flag_does_the_same(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_known(&s, "Rolf", KIND_PARTNER);
    scene_say(&s, id, ENTRY_RELATIONSHIP, F_REL_ROMANCE, 1);
    scene_say(&s, id, ENTRY_RELATIONSHIP, F_REL_HARM, 1);
    check_unsafe(&s, id);
    scene_end(&s);
}

static void has_no_depth(const json_t *o)
{
    const json_t *depth = json_object_get(o, "depth");
    assert_true(!depth || json_is_array(depth)); /* the choices of the log form */
}

static void test_depth_is_never_shown(void **state)
{
    Scene s;
    AllViews all;
    (void)state;
    scene_start(&s, "en");
    scene_full(&s);
    all_views(&s, &all);
    for (int i = 0; i < all.n; i++)
        objects(all.p[i].json, 0, has_no_depth);
    all_free(&all);
    scene_end(&s);
}

/* -- gentle -------------------------------------------------------------------------------------- */

static void test_the_dead_have_no_birthdays(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "en");
    Id vera = scene_known(&s, "Vera", KIND_OTHER_FAMILY);
    scene_say(&s, vera, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19500510);
    scene_say(&s, vera, ENTRY_PERSON, F_PERSON_DIED, 20240520);
    json_t *today = today_view(&s), *next = next_view(&s, vera), *person = person_view(&s, vera);
    json_t *dates = json_object_get(today, "dates");
    assert_int_equal(json_array_size(dates), 1);
    assert_string_equal(text_at(json_array_get(dates, 0), "sort"), "death");
    assert_string_equal(text_at(json_array_get(dates, 0), "text"), "2 years since Vera died");
    assert_true(json_is_true(json_object_get(person, "gentle")));
    assert_non_null(strstr(text_at(person, "lead"), "died on 20 May 2024"));
    assert_null(json_object_get(today, "check_in"));
    check_offers(next, false, false);
    check_offers(today, false, false);
    json_t *checkin = NULL;
    assert_ok(s.cx, view_checkin(s.cx, &s.view, scene_ref(&s, vera), false, &checkin));
    assert_int_equal(json_array_size(json_object_get(checkin, "questions")), 0);
    json_decref(checkin);
    json_decref(today);
    json_decref(next);
    json_decref(person);
    scene_end(&s);
}

static void test_nothing_on_the_day_of_a_death(void **state)
{
    Scene s;
    (void)state;
    scene_start(&s, "en");
    scene_known(&s, "Ana", KIND_CLOSE_FRIEND);
    json_t *before = today_view(&s);
    assert_true(json_array_size(json_object_get(before, "offers")) > 0);
    Id appa = scene_person(&s, "Appa", KIND_PARENT);
    scene_say(&s, appa, ENTRY_PERSON, F_PERSON_DIED, 20250501);
    json_t *after = today_view(&s);
    assert_int_equal(json_array_size(json_object_get(after, "offers")), 0);
    assert_string_equal(text_at(after, "nothing"), "Nothing is suggested on this day.");
    json_decref(before);
    json_decref(after);
    scene_end(&s);
}

static void test_dates_come_in_order_and_once(void **state)
{
    static const struct {
        int birthday;
        const char *text, *when;
    } cases[] = {
        {19960501, "A turns 30",       "today"     },
        {502,      "B has a birthday", "tomorrow"  },
        {19760531, "C turns 50",       "in 4 weeks"}
    };
    Scene s;
    (void)state;
    scene_start(&s, "en");
    for (int i = 2; i >= 0; i--) {
        char name[2] = {(char)('A' + i), 0};
        scene_say(&s, scene_person(&s, name, KIND_FRIEND), ENTRY_PERSON, F_PERSON_BIRTHDAY,
                  cases[i].birthday);
    }
    scene_say(&s, scene_person(&s, "D", KIND_FRIEND), ENTRY_PERSON, F_PERSON_BIRTHDAY, 19900601);
    scene_say(&s, scene_person(&s, "E", KIND_FRIEND), ENTRY_PERSON, F_PERSON_BIRTHDAY, 19900430);
    json_t *today = today_view(&s);
    json_t *dates = json_object_get(today, "dates");
    assert_int_equal(json_array_size(dates), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(text_at(json_array_get(dates, i), "text"), cases[i].text);
        assert_string_equal(text_at(json_array_get(dates, i), "when"), cases[i].when);
    }
    json_decref(today);
    scene_end(&s);
}

/* -- no guilt, no ranks -------------------------------------------------------------------------- */

static void no_guilt(void *ctx, const char *key, const char *text)
{
    static const char *const banned[] = {"overdue", "streak",        "missed",         "failed",
                                         "neglect", "should have",   "falling behind", "at risk",
                                         "toxic",   "love language", "score",          "!"};
    (void)ctx;
    for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++) {
        if (strstr(text, banned[i]))
            fail_msg("%s says \"%s\": %s", key, banned[i], text);
    }
}

static void test_no_guilt_anywhere(void **state)
{
    Scene s;
    AllViews all;
    (void)state;
    scene_start(&s, "en");
    scene_full(&s);
    all_views(&s, &all);
    for (int i = 0; i < all.n; i++)
        scene_strings(all.p[i].json, "", 0, no_guilt, NULL);
    all_free(&all);
    scene_end(&s);
}

static void test_people_are_in_order_of_their_names(void **state)
{
    Scene s;
    json_t *people = NULL;
    (void)state;
    scene_start(&s, "en");
    scene_person(&s, "Zoe", KIND_FRIEND);
    Id far = scene_person(&s, "Ana", KIND_FRIEND);
    scene_known(&s, "Mia", KIND_FRIEND);
    scene_answer(&s, far, ASKS_FELT, TYPE_EMOTIONAL, 0, 3);
    assert_ok(s.cx, view_people(s.cx, &s.view, -1, 0, &people));
    json_t *group = json_array_get(json_object_get(people, "groups"), 0);
    json_t *list = json_object_get(group, "people");
    static const char *const names[] = {"Ana", "Mia", "Zoe"};
    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(text_at(json_object_get(json_array_get(list, i), "person"), "name"),
                            names[i]);
    json_decref(people);
    scene_end(&s);
}

static void test_at_most_three_and_nothing_when_quiet(void **state)
{
    Scene s;
    char name[] = "Ana A";
    (void)state;
    scene_start(&s, "en");
    for (int i = 0; i < 6; i++) {
        name[4] = (char)('A' + i);
        scene_known(&s, name, KIND_FRIEND);
    }
    json_t *today = today_view(&s);
    size_t n = json_array_size(json_object_get(today, "offers"));
    assert_true(n >= 1 && n <= 3);
    json_decref(today);
    Draft me = draft_edit(s.cx, ENTRY_ME, ENTRY_ME_ID);
    draft_bool(&me, F_ME_QUIET, true);
    scene_keep(&s, &me, 1, "done.settings", STR(""));
    today = today_view(&s);
    assert_int_equal(json_array_size(json_object_get(today, "offers")), 0);
    assert_null(json_object_get(today, "check_in"));
    assert_non_null(strstr(text_at(today, "nothing"), "quiet"));
    json_decref(today);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_estimate_without_data),
        cmocka_unit_test(test_a_guess_has_a_word_and_a_range),
        cmocka_unit_test(test_what_is_not_ours_has_no_petal),
        cmocka_unit_test(test_no_romance_unless_switched_on),
        cmocka_unit_test(test_where_it_is_not_safe_nothing_approaches),
        cmocka_unit_test(test_a_harm_flag_does_the_same),
        cmocka_unit_test(test_depth_is_never_shown),
        cmocka_unit_test(test_the_dead_have_no_birthdays),
        cmocka_unit_test(test_nothing_on_the_day_of_a_death),
        cmocka_unit_test(test_dates_come_in_order_and_once),
        cmocka_unit_test(test_no_guilt_anywhere),
        cmocka_unit_test(test_people_are_in_order_of_their_names),
        cmocka_unit_test(test_at_most_three_and_nothing_when_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
