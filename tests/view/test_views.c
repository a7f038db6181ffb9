/* What the pages say, on scenes small enough to know the answer beforehand. */
#include "view/scene.h"

static const char *text_at(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    assert_non_null(text);
    return text;
}

static const json_t *list_at(const json_t *o, const char *key, size_t i)
{
    const json_t *item = json_array_get(json_object_get(o, key), i);
    assert_non_null(item);
    return item;
}

static void test_an_empty_book_offers_beginnings(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    assert_ok(s.cx, view_today(s.cx, &s.view, &j));
    assert_true(json_is_true(json_object_get(j, "empty")));
    assert_int_equal(json_array_size(json_object_get(j, "welcome")), 3);
    assert_string_equal(text_at(j, "heading"), "Friday 1 May");
    assert_string_equal(text_at(j, "date"), "2026-05-01");
    json_decref(j);
    scene_end(&s);
}

static void test_the_first_sentence_says_what_is_supported(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_known(&s, "Ana", KIND_CLOSE_FRIEND);
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    assert_ptr_equal(strstr(text_at(j, "lead"), "It feels "), text_at(j, "lead"));
    assert_non_null(strstr(text_at(j, "lead"), text_at(j, "closeness")));
    assert_non_null(strstr(text_at(j, "lead"), "For emotional closeness it is "));
    assert_true(json_array_size(json_object_get(json_object_get(j, "trend"), "points")) > 10);
    assert_true(json_array_size(json_object_get(json_object_get(j, "trend"), "answers")) > 5);
    json_decref(j);
    scene_end(&s);
}

/* Silence is named as quiet notes, and the lists hold no count of it. */
static void test_silence_is_quiet_notes(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Ana", KIND_FRIEND);
    scene_answer(&s, id, ASKS_FELT, TYPE_EMOTIONAL, 6, 200);
    scene_answer(&s, id, ASKS_FELT, TYPE_INTELLECTUAL, 6, 190);
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    const json_t *trend = json_object_get(j, "trend");
    assert_string_equal(
        text_at(trend, "quiet"),
        "From 23 October 2025 to 1 May 2026 nothing was noted, so the range is wider there. "
        "That is quiet in the notes, not distance.");
    json_decref(j);
    scene_end(&s);
}

static void test_a_story_tells_what_was_written(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Ana", KIND_FRIEND);
    scene_answer(&s, id, ASKS_FELT, TYPE_EMOTIONAL, 6, 3);
    scene_moment(&s, id, "Walked by the river.", 21);
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    const json_t *checkin = list_at(j, "story", 0), *moment = list_at(j, "story", 1);
    assert_string_equal(text_at(checkin, "kind"), "check-in");
    assert_string_equal(text_at(checkin, "details"), "1 answer");
    assert_string_equal(text_at(moment, "what"), "A moment");
    assert_string_equal(text_at(moment, "when"), "3 weeks ago");
    assert_string_equal(text_at(moment, "on"), "10 April 2026");
    assert_string_equal(text_at(moment, "year"), "2026");
    assert_string_equal(text_at(moment, "text"), "Walked by the river.");
    assert_string_equal(
        text_at(moment, "details"),
        "an hour and a half, in person, just the two of you, good; you reached out");
    assert_string_equal(text_at(moment, "feeds"), "experiential");
    assert_string_equal(text_at(moment, "with"), "");
    json_decref(j);
    scene_end(&s);
}

static void test_the_slip_holds_what_is_open(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Ana", KIND_FRIEND);
    scene_say(&s, id, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19900512);
    scene_topic(&s, id, TOPIC_ASK, "her knee", 3);
    Id told = scene_topic(&s, id, TOPIC_NEWS, "the choir", 3);
    Draft d = draft_edit(s.cx, ENTRY_TOPIC, told);
    draft_bool(&d, F_TOPIC_DONE, true);
    scene_keep(&s, &d, 1, "done.edit", STR(""));
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    const json_t *talk = json_object_get(j, "talk");
    assert_string_equal(text_at(list_at(talk, "ask", 0), "text"), "her knee");
    assert_int_equal(json_array_size(json_object_get(talk, "news")), 0);
    assert_string_equal(text_at(talk, "birthday"), "Ana’s birthday is in 11 days.");
    json_decref(j);
    scene_end(&s);
}

static void test_questions_say_why_they_are_asked(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Yusuf", KIND_FRIEND);
    assert_ok(s.cx, view_checkin(s.cx, &s.view, scene_ref(&s, id), false, &j));
    assert_string_equal(text_at(j, "heading"), "3 questions about Yusuf");
    assert_string_equal(text_at(j, "contact"), "");
    assert_int_equal(json_array_size(json_object_get(j, "questions")), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *q = list_at(j, "questions", i);
        assert_null(strstr(text_at(q, "text"), "{name}"));
        assert_ptr_equal(strstr(text_at(q, "why"), "It is about "), text_at(q, "why"));
    }
    json_decref(j);
    scene_end(&s);
}

static void test_search_shows_the_line_around_the_match(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Zoë", KIND_FRIEND);
    scene_moment(
        &s, id,
        "A long day that began with rain, in which nothing went as planned, until we walked along "
        "the Rhône "
        "and laughed about it all the way back to the little house of her grandmother by the mill.",
        2);
    const BookSearch search = {.text = STR("rhone"), .person = BOOK_NONE, .limit = 10};
    assert_ok(s.cx, view_search(s.cx, &s.view, &search, &j));
    const json_t *hit = list_at(j, "hits", 0);
    assert_string_equal(text_at(hit, "match"), "Rhône");
    assert_string_equal(text_at(hit, "title"), "Zoë");
    assert_string_equal(text_at(hit, "before"),
                        "… which nothing went as planned, until we walked along the ");
    assert_string_equal(text_at(hit, "after"),
                        " and laughed about it all the way back to the little house …");
    assert_string_equal(text_at(j, "result"), "1 place has it.");
    json_decref(j);
    scene_end(&s);
}

static void test_history_says_what_was_done(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    scene_person(&s, "Ana", KIND_FRIEND);
    Draft me = draft_edit(s.cx, ENTRY_ME, ENTRY_ME_ID);
    draft_bool(&me, F_ME_QUIET, true);
    scene_keep(&s, &me, 1, "of a newer fonder", STR(""));
    assert_ok(s.cx, view_history(s.cx, &s.view, 0, &j));
    assert_string_equal(text_at(list_at(j, "batches", 0), "text"), "Something was kept.");
    assert_string_equal(text_at(list_at(j, "batches", 1), "text"), "A person was added.");
    assert_string_equal(text_at(list_at(j, "batches", 1), "detail"), "Ana");
    assert_string_equal(text_at(list_at(j, "batches", 1), "count"), "2 entries");
    json_decref(j);
    scene_end(&s);
}

/* Marks whom the page shows; returns how many. */
static int mark_shown(const json_t *page, bool seen[], int n)
{
    size_t i = 0, k = 0;
    int shown = 0;
    const json_t *group = NULL, *person = NULL;
    json_array_foreach(json_object_get(page, "groups"), i, group)
    {
        json_array_foreach(json_object_get(group, "people"), k, person)
        {
            int64_t nth = -1;
            Str name = str_c(text_at(json_object_get(person, "person"), "name"));
            assert_true(str_to_i64(str_from(name, 2), 0, n - 1, &nth));
            assert_false(seen[nth]);
            seen[nth] = true;
            shown++;
        }
    }
    return shown;
}

/* However many there are, each is on one page, and each page says where the next one is. */
static void test_people_are_a_thousand_on_a_page(void **state)
{
    enum { PEOPLE = 2300 };
    static const int pages[] = {1000, 1000, 300}, friends[] = {1000, 150};
    Scene s;
    (void)state;
    scene_start(&s, "en");
    Draft *d = arena_new(s.cx->arena, Draft, 2 * PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "P %d", i);
        d[2 * i] = draft_new(s.cx, ENTRY_PERSON);
        draft_text(&d[2 * i], F_PERSON_NAME, str_c(name));
        d[2 * i + 1] = draft_edit(s.cx, ENTRY_RELATIONSHIP, d[2 * i].object);
        draft_int(&d[2 * i + 1], F_REL_KINDS, (int64_t)1 << (i % 2 ? KIND_FRIEND : KIND_COLLEAGUE));
    }
    scene_keep(&s, d, 2 * PEOPLE, "done.import", STR(""));
    for (int kind = 0; kind < 2; kind++) {
        static bool seen[PEOPLE];
        int n = kind == 0 ? 3 : 2;
        memset(seen, 0, sizeof seen);
        for (int i = 0; i < n; i++) {
            char more[48] = "";
            json_t *j = NULL;
            assert_ok(s.cx, view_people(s.cx, &s.view, kind == 0 ? -1 : KIND_FRIEND, 1000 * i, &j));
            assert_int_equal(mark_shown(j, seen, PEOPLE), kind == 0 ? pages[i] : friends[i]);
            if (i + 1 < n)
                (void)snprintf(more, sizeof more, "/people?%sskip=%d",
                               kind == 0 ? "" : "kind=friend&", 1000 * (i + 1));
            assert_string_equal(text_at(j, "more"), more);
            json_decref(j);
        }
    }
    scene_end(&s);
}

static const json_t *place_of(const json_t *map, const char *name)
{
    size_t i = 0, k = 0;
    const json_t *group = NULL, *person = NULL;
    json_array_foreach(json_object_get(map, "groups"), i, group)
    {
        json_array_foreach(json_object_get(group, "people"), k, person)
        {
            if (strcmp(text_at(person, "name"), name) == 0)
                return person;
        }
    }
    return NULL;
}

/* Who has no supported word has no place, who has died is not on it, and nothing points closer where it is not safe. */
static void test_the_map_places_whom_a_word_supports(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    scene_person(&s, "Kenji", KIND_MENTOR);
    assert_ok(s.cx, view_people(s.cx, &s.view, -1, 0, &j));
    assert_null(json_object_get(j, "map")); /* nobody has a place */
    json_decref(j);
    Id ana = scene_known(&s, "Ana", KIND_CLOSE_FRIEND);
    Id tom = scene_known(&s, "Tom", KIND_SIBLING);
    scene_say(&s, tom, ENTRY_PERSON, F_PERSON_DIED, 20250101);
    Id rolf = scene_unsafe(&s);
    scene_say(&s, ana, ENTRY_RELATIONSHIP, F_REL_WANTED, 95);
    scene_say(&s, rolf, ENTRY_RELATIONSHIP, F_REL_WANTED, 95);
    assert_ok(s.cx, view_people(s.cx, &s.view, -1, 0, &j));
    const json_t *map = json_object_get(j, "map");
    assert_non_null(place_of(map, "Ana"));
    CHECK_CLOSE(json_number_value(json_object_get(place_of(map, "Ana"), "wanted")), 9.5, 0, 1e-9);
    assert_non_null(place_of(map, "Rolf"));
    assert_null(json_object_get(place_of(map, "Rolf"), "wanted"));
    assert_null(place_of(map, "Tom"));
    assert_null(place_of(map, "Kenji"));
    assert_non_null(strstr(text_at(map, "unplaced"), "Kenji"));
    assert_null(strstr(text_at(map, "unplaced"), "Tom"));
    json_decref(j);
    scene_end(&s);
}

/* A dot a moment of the last year, in the lanes of its types. */
static void test_the_year_has_a_dot_a_moment(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Ana", KIND_FRIEND);
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    assert_null(json_object_get(j, "rhythm"));
    json_decref(j);
    scene_moment(&s, id, "Walked.", 3);
    scene_moment(&s, id, "Cooked.", 200);
    scene_moment(&s, id, "Long ago.", 500);
    assert_ok(s.cx, view_person(s.cx, &s.view, scene_ref(&s, id), &j));
    const json_t *rhythm = json_object_get(j, "rhythm");
    assert_int_equal(json_array_size(json_object_get(rhythm, "moments")), 2);
    assert_non_null(strstr(text_at(rhythm, "desc"), "2 moments"));
    json_decref(j);
    scene_end(&s);
}

static void test_a_form_gives_back_what_is_known(void **state)
{
    Scene s;
    json_t *j = NULL;
    size_t i = 0;
    json_t *kind = NULL;
    (void)state;
    scene_start(&s, "en");
    Id id = scene_person(&s, "Ana", KIND_COLLEAGUE);
    scene_say(&s, id, ENTRY_PERSON, F_PERSON_BIRTHDAY, 229);
    scene_say(&s, id, ENTRY_RELATIONSHIP, F_REL_SINCE, 20190401);
    assert_ok(s.cx, view_person_form(s.cx, &s.view, scene_ref(&s, id), &j));
    assert_string_equal(text_at(j, "birthday"), "29 February");
    assert_string_equal(text_at(j, "since"), "1 April 2019");
    json_array_foreach(json_object_get(j, "kind"), i, kind)
        assert_int_equal(json_is_true(json_object_get(kind, "selected")),
                         strcmp(text_at(kind, "value"), "colleague") == 0);
    json_decref(j);
    scene_end(&s);
}

static void test_an_import_counts_and_words(void **state)
{
    Scene s;
    AllViews all = {.n = 0};
    (void)state;
    scene_start(&s, "en");
    scene_person(&s, "Ana", KIND_FRIEND);
    all_import(&s, &all);
    const json_t *j = all.p[0].json;
    assert_string_equal(
        text_at(j, "lead"),
        "In the file: 1 person who is new, 1 you have already, 1 that stands in the file twice and "
        "1 that cannot be read. Nothing has been kept yet.");
    assert_int_equal(json_integer_value(json_object_get(list_at(j, "problems", 0), "line")), 9);
    assert_true(json_is_true(json_object_get(list_at(j, "cards", 0), "take")));
    assert_true(json_is_false(json_object_get(list_at(j, "cards", 1), "take")));
    assert_string_equal(text_at(json_object_get(list_at(j, "cards", 1), "same_as"), "name"), "Ana");
    all_free(&all);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_book_offers_beginnings),
        cmocka_unit_test(test_the_first_sentence_says_what_is_supported),
        cmocka_unit_test(test_silence_is_quiet_notes),
        cmocka_unit_test(test_a_story_tells_what_was_written),
        cmocka_unit_test(test_the_slip_holds_what_is_open),
        cmocka_unit_test(test_questions_say_why_they_are_asked),
        cmocka_unit_test(test_search_shows_the_line_around_the_match),
        cmocka_unit_test(test_history_says_what_was_done),
        cmocka_unit_test(test_people_are_a_thousand_on_a_page),
        cmocka_unit_test(test_the_map_places_whom_a_word_supports),
        cmocka_unit_test(test_the_year_has_a_dot_a_moment),
        cmocka_unit_test(test_a_form_gives_back_what_is_known),
        cmocka_unit_test(test_an_import_counts_and_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
