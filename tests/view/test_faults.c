/* Memory runs out at one allocation after another: a view then says so, gives nothing back, and leaks nothing
 * (the sanitizers look on); with memory enough again it is the same view as before. */
#include "view/scene.h"

typedef Err Make(Scene *s, json_t **ret);

static BookRef first(const Scene *s)
{
    return book_people(s->book).p[0];
}

static Err make_today(Scene *s, json_t **ret)
{
    return view_today(s->cx, &s->view, ret);
}

static Err make_people(Scene *s, json_t **ret)
{
    return view_people(s->cx, &s->view, -1, 0, ret);
}

static Err make_person(Scene *s, json_t **ret)
{
    return view_person(s->cx, &s->view, first(s), ret);
}

static Err make_next(Scene *s, json_t **ret)
{
    return view_next(s->cx, &s->view, first(s), ret);
}

static Err make_checkin(Scene *s, json_t **ret)
{
    return view_checkin(s->cx, &s->view, first(s), true, ret);
}

static Err make_log(Scene *s, json_t **ret)
{
    return view_log(s->cx, &s->view, first(s), ret);
}

static Err make_form(Scene *s, json_t **ret)
{
    return view_person_form(s->cx, &s->view, first(s), ret);
}

static Err make_search(Scene *s, json_t **ret)
{
    const BookSearch search = {.text = STR("river"), .person = BOOK_NONE, .limit = 10};
    return view_search(s->cx, &s->view, &search, ret);
}

static Err make_history(Scene *s, json_t **ret)
{
    return view_history(s->cx, &s->view, 0, ret);
}

static void sweep(Scene *s, Make *make)
{
    enum { FAULTS = 40 };
    json_t *whole = NULL;
    int failures = 0, step = 1;
    assert_ok(s->cx, make(s, &whole));
    for (int nth = 0, tries = 0; tries < FAULTS; tries++, nth += step, step += tries % 4 == 3) {
        json_t *j = NULL;
        arena_fail_after(&s->t.arena, nth);
        Err e = make(s, &j);
        arena_fail_after(&s->t.arena, -1);
        if (e != OK) {
            failures++;
            assert_int_equal(e, ERR_NOMEM);
            assert_null(j);
        } else {
            if (!json_equal(whole, j))
                fail_msg("%s differs after %d", json_string_value(json_object_get(whole, "view")),
                         nth);
        }
        json_decref(j);
    }
    assert_true(failures > 0);
    json_decref(whole);
}

static void test_views_survive_memory_running_out(void **state)
{
    static Make *const makes[] = {make_today, make_people, make_person, make_next,   make_checkin,
                                  make_log,   make_form,   make_search, make_history};
    Scene s;
    (void)state;
    scene_start(&s, "en");
    scene_full(&s);
    for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++)
        sweep(&s, makes[i]);
    scene_end(&s);
}

static void test_who_is_not_there(void **state)
{
    Scene s;
    json_t *j = NULL;
    (void)state;
    scene_start(&s, "en");
    scene_person(&s, "Ana", KIND_FRIEND);
    assert_int_equal(view_person(s.cx, &s.view, 4000000, &j), ERR_NOT_FOUND);
    assert_int_equal(view_next(s.cx, &s.view, 4000000, &j), ERR_NOT_FOUND);
    assert_int_equal(view_checkin(s.cx, &s.view, 4000000, false, &j), ERR_NOT_FOUND);
    assert_int_equal(view_person_form(s.cx, &s.view, 4000000, &j), ERR_NOT_FOUND);
    assert_int_equal(view_reflect(s.cx, &s.view, STR("no-such"), &j), ERR_NOT_FOUND);
    assert_null(j);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_survive_memory_running_out),
        cmocka_unit_test(test_who_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
