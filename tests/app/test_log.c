/* tests/app/test_log.c - a time that the words of a moment name and that cannot be when it was: a day that no calendar
 * has is refused, and nothing kept; one to come is kept as now, and that is said; `at` settles it. And where a moment may
 * not be called sexual. */
#include "base/time.h"
#include "room.h"
#include <jansson.h>
#include <stdio.h>

/* What is said of a day ahead; NULL when nothing is. */
static Err log_it(Room *r, const char *text, const char *at, Str *ret_ahead)
{
    const Pair pairs[] = {
        {STR("text"), str_c(text)        },
        {STR("at"),   str_c(at ? at : "")}
    };
    Reply reply = {.view = NULL};
    Err e = app_run(r->cx, &r->app, action_by_id("log"), pairs, at ? 2 : 1, true, &reply);
    const char *ahead = e == OK ? json_string_value(json_object_get(reply.view, "ahead")) : NULL;
    *ret_ahead = ahead ? str_dup(r->cx->arena, str_c(ahead)) : STR("");
    reply_free(&reply);
    return e;
}

static void a_day_that_cannot_have_been(void **state)
{
    Room r;
    Str ahead = {NULL, 0};
    (void)state;
    room_open(&r, STR(""));
    assert_ok(r.cx, log_it(&r, "Tea with +Ana", NULL, &ahead));
    assert_str(ahead, "");
    uint32_t before = book_entry_count(r.app.book);
    assert_int_equal(log_it(&r, "  Tea with Ana on 30 February ", NULL, &ahead), ERR_INVALID);
    assert_string_equal(r.cx->why.key, "err.no-such-day");
    assert_string_equal(r.cx->why.field, "text");
    assert_str(r.cx->why.args[0].str, "on 30 February");
    assert_int_equal(book_entry_count(r.app.book), before);
    assert_ok(r.cx, log_it(&r, "Tea with Ana on 30 February", "yesterday", &ahead));
    assert_ok(r.cx, log_it(&r, "  Tea with Ana, we meet again tomorrow", NULL, &ahead));
    assert_true(str_find(ahead, STR("tomorrow”")) > 0);
    assert_ok(r.cx, log_it(&r, "Tea with Ana yesterday, we meet again tomorrow", NULL, &ahead));
    assert_str(ahead, "");
    assert_ok(r.cx, log_it(&r, "Tea with Ana, we meet again tomorrow", "yesterday", &ahead));
    assert_str(ahead, "");
    room_close(&r);
}

static Err run(Room *r, const char *row, const Pair pairs[], int n)
{
    Reply reply = {.view = NULL};
    Err e = app_run(r->cx, &r->app, action_by_id(row), pairs, n, true, &reply);
    reply_free(&reply);
    return e;
}

static Err change(Room *r, const char *who, const char *name, const char *value)
{
    const Pair pairs[] = {
        {STR("id"),   str_c(who)  },
        {str_c(name), str_c(value)}
    };
    return run(r, "edit", pairs, 2);
}

static Err sexual(Room *r, const char *text)
{
    const Pair pairs[] = {
        {STR("text"),   str_c(text)},
        {STR("sexual"), STR("1")   }
    };
    return run(r, "log", pairs, 2);
}

/* With each who was there: a partner or someone dated, switched on, nobody under age, whatever was so before. */
static void romance_by_mistake(void **state)
{
    Room r;
    Str ahead = {NULL, 0};
    (void)state;
    room_open(&r, STR(""));
    assert_ok(r.cx, log_it(&r, "Tea with +Pia, +Kim and +Ola", NULL, &ahead));
    assert_int_equal(sexual(&r, "A night with Pia"), ERR_INVALID);
    assert_ok(r.cx, change(&r, "Pia", "kind", "partner"));
    assert_int_equal(sexual(&r, "A night with Pia"), ERR_INVALID);
    assert_ok(r.cx, change(&r, "Pia", "romance", "on"));
    assert_ok(r.cx, sexual(&r, "A night with Pia"));
    uint32_t before = book_entry_count(r.app.book);
    assert_int_equal(sexual(&r, "A night with Pia and Ola"), ERR_INVALID);
    assert_int_equal(sexual(&r, "A night with Pia and +Somebody"), ERR_INVALID);
    assert_int_equal(book_entry_count(r.app.book), before);
    assert_ok(r.cx, change(&r, "Pia", "kind", "friend"));
    assert_int_equal(sexual(&r, "A night with Pia"), ERR_INVALID);
    assert_ok(r.cx, change(&r, "Pia", "kind", "dating"));
    assert_ok(r.cx, sexual(&r, "A night with Pia"));
    assert_ok(r.cx, change(&r, "Pia", "minor", "yes"));
    assert_int_equal(sexual(&r, "A night with Pia"), ERR_INVALID);
    /* under age by a birthday */
    Civil c = time_local(r.cx->now_ms);
    char born[24];
    snprintf(born, sizeof born, "%04d-01-01", c.year - 17);
    assert_ok(r.cx, change(&r, "Kim", "kind", "dating"));
    assert_ok(r.cx, change(&r, "Kim", "birthday", born));
    assert_int_equal(change(&r, "Kim", "romance", "on"), ERR_INVALID);
    assert_string_equal(r.cx->why.key, "err.romance-minor");
    snprintf(born, sizeof born, "%04d-01-01", c.year - 18);
    assert_ok(r.cx, change(&r, "Kim", "birthday", born));
    assert_ok(r.cx, change(&r, "Kim", "romance", "on"));
    room_close(&r);
}

/* What the engine reads of a relationship can be said. */
static void hours_wishes_and_a_death(void **state)
{
    Room r;
    Str ahead = {NULL, 0};
    BookFound found = {.n = 0};
    BookRelationship rel;
    BookPerson person;
    (void)state;
    room_open(&r, STR(""));
    assert_ok(r.cx, log_it(&r, "Tea with +Pia", NULL, &ahead));
    assert_ok(r.cx, book_find_person(r.cx, r.app.book, STR("Pia"), &found));
    assert_int_equal(found.n, 1);
    for (int given = 0; given < 2; given++) {
        assert_ok(r.cx, book_relationship(r.cx, r.app.book, found.p[0].person, &rel));
        assert_ok(r.cx, book_person(r.cx, r.app.book, found.p[0].person, &person));
        assert_int_equal(rel.known_hours, given ? 90 : -1);
        assert_int_equal(rel.wanted_tenths, given ? 75 : -1);
        assert_int_equal(person.died, given ? 20250501 : 0);
        if (given)
            break;
        assert_ok(r.cx, change(&r, "Pia", "hours", "90"));
        assert_ok(r.cx, change(&r, "Pia", "wanted", "7.5"));
        assert_ok(r.cx, change(&r, "Pia", "died", "2025-05-01"));
        assert_int_equal(change(&r, "Pia", "wanted", "11"), ERR_INVALID);
        assert_int_equal(change(&r, "Pia", "died", "2999-05-01"), ERR_INVALID);
    }
    assert_ok(r.cx, change(&r, "Pia", "died", "")); /* a slip */
    assert_ok(r.cx, book_person(r.cx, r.app.book, found.p[0].person, &person));
    assert_int_equal(person.died, 0);
    room_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_that_cannot_have_been),
        cmocka_unit_test(romance_by_mistake),
        cmocka_unit_test(hours_wishes_and_a_death),
    };
    return cmocka_run_group_tests_name("app log", tests, NULL, NULL);
}
