/* tests/app/test_standing.c - the page that is asked for again and again is the page that would be made: after another
 * process wrote, after undo and redo, after somebody was forgotten, after a lock. */
#include "room.h"

static Str page_of(Room *r, App *app, Face face)
{
    Reply reply = {.view = NULL};
    Str page = {NULL, 0};
    assert_ok(r->cx, app_run(r->cx, app, action_by_id("today"), NULL, 0, false, &reply));
    assert_ok(r->cx, app_render(r->cx, app, "today", reply.view, NULL, face, 72, &page));
    reply_free(&reply);
    return page;
}

/* As it is asked for, which must be as it is made anew. */
static Str today(Room *r)
{
    Str page = page_of(r, &r->app, FACE_HTML), json = page_of(r, &r->app, FACE_JSON);
    standing_drop(&r->app);
    assert_str(page, page_of(r, &r->app, FACE_HTML).p);
    assert_str(json, page_of(r, &r->app, FACE_JSON).p);
    assert_true(str_find(json, STR("\"draw\"")) <
                0); /* pictures are the page's, not the view-model's */
    return page;
}

static void act(Room *r, App *app, const char *id, const char *name, Str value, const char *other,
                Str text)
{
    const Pair pairs[] = {
        {str_c(name),  value},
        {str_c(other), text }
    };
    Reply reply = {.view = NULL};
    assert_ok(r->cx, app_run(r->cx, app, action_by_id(id), pairs, (name != NULL) + (other != NULL),
                             false, &reply));
    reply_free(&reply);
}

static bool says(Str page, const char *text)
{
    return str_find(page, str_c(text)) >= 0;
}

static void it_is_asked_for_again(void **state)
{
    Room r;
    (void)state;
    room_open(&r, STR(""));
    Str empty = today(&r);
    act(&r, &r.app, "add", "name", STR("Ana Moreau"), "birthday", STR("1980-05-04"));
    Str one = today(&r);
    assert_true(says(one, "Ana Moreau") && !says(empty, "Ana Moreau"));
    assert_str(today(&r), one.p);
    act(&r, &r.app, "undo", NULL, STR(""), NULL, STR(""));
    assert_str(today(&r), empty.p);
    act(&r, &r.app, "undo", "redo", STR("yes"), NULL, STR(""));
    assert_str(today(&r), one.p);
    act(&r, &r.app, "log", "text", STR("A long walk with Ana yesterday (experiential)"), NULL,
        STR(""));
    assert_true(says(today(&r), "Ana Moreau"));
    app_close(&r.app); /* locked, and open again */
    assert_true(says(today(&r), "Ana Moreau"));
    act(&r, &r.app, "forget", "id", STR("Ana"), "confirm", STR("Ana Moreau"));
    assert_false(says(today(&r), "Moreau"));
    room_close(&r);
}

/* Two that have the vault open, each with a page that stands. */
static void another_process_writes(void **state)
{
    static const char *const names[] = {"Bela", "Chike", "Dorit", "Emre"};
    Room r;
    App other;
    (void)state;
    room_open(&r, STR(""));
    app_init(&other, text_locale(STR("en")), r.app.vault, NULL);
    assert_ok(r.cx, app_open(r.cx, &other, STR("")));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        App *writer = i % 2 == 0 ? &other : &r.app, *reader = i % 2 == 0 ? &r.app : &other;
        assert_false(says(page_of(&r, reader, FACE_HTML), names[i]));
        act(&r, writer, "add", "name", str_c(names[i]), "birthday", STR("1980-05-04"));
        assert_true(says(page_of(&r, reader, FACE_HTML), names[i]));
        (void)today(&r);
        act(&r, writer, "undo", NULL, STR(""), NULL, STR(""));
        assert_false(says(page_of(&r, reader, FACE_HTML), names[i]));
        (void)today(&r);
    }
    app_close(&other);
    app_render_free(&other);
    room_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_for_again),
        cmocka_unit_test(another_process_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
