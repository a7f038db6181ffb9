#include "view/scene.h"
static void dump(void **state)
{
    (void)state;
    Scene s;
    scene_start(&s, "en");
    static Shapes shapes;
    Str page={0};
    assert_ok(s.cx, os_read_file(s.cx, source_path(s.cx, "docs/VIEWMODELS.md"), 1<<20, &page));
    shapes_read(&shapes, page);
    Id ana = scene_known(&s, "Ana", KIND_CLOSE_FRIEND);
    Id ben = scene_person(&s, "Ben", KIND_PARENT);
    scene_say(&s, ana, ENTRY_PERSON, F_PERSON_BIRTHDAY, 19900512);
    scene_say(&s, ben, ENTRY_RELATIONSHIP, F_REL_SEASON, SEASON_STEADY);
    scene_topic(&s, ana, TOPIC_ASK, "her knee", 3);
    char why[900];
    for (int i = 0; i < 8; i++) {
        json_t *j = NULL; const char *name = "today";
        Err e = OK;
        switch (i) {
        case 0: e = view_today(s.cx, &s.view, &j); break;
        case 1: e = view_people(s.cx, &s.view, -1, &j); name="people"; break;
        case 2: e = view_person(s.cx, &s.view, scene_ref(&s, ana), &j); name="person"; break;
        case 3: e = view_person(s.cx, &s.view, scene_ref(&s, ben), &j); name="person";break;
        case 4: e = view_checkin(s.cx, &s.view, scene_ref(&s, ana), false, &j); name="check-in";break;
        case 5: e = view_checkin(s.cx, &s.view, scene_ref(&s, ben), true, &j);name="check-in"; break;
        case 6: e = view_next(s.cx, &s.view, scene_ref(&s, ana), &j); name="next";break;
        case 7: e = view_checkin_choose(s.cx, &s.view, &j); name="check-in-choose";break;
        }
        assert_ok(s.cx, e);
        char *d = json_dumps(j, JSON_INDENT(1));
        fprintf(stderr, "%s\n", d);
        if (!shape_check(&shapes, name, j, why, sizeof why)) { fprintf(stderr, "SHAPE %s\n", why); }
        free(d);
        json_decref(j);
    }
    scene_end(&s);
}
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dump)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
