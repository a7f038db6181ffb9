/* tests/app/test_learning.c - learning beside a vault in use: a command and a site find the same, what was found is
 * there at the next opening, what was begun goes on, and it goes with those who are forgotten. */
#include "base/buf.h"
#include "insight/insight.h"
#include "insight/own.h"
#include "room.h"
#include <string.h>
#include <time.h>

enum { CHECKINS = 26 };

static void act(Room *d, const char *id, const Pair pairs[], int n)
{
    Reply reply = {.view = NULL};
    assert_ok(d->cx, app_run(d->cx, &d->app, action_by_id(id), pairs, n, false, &reply));
    reply_free(&reply);
}

/* Two digits, so that they are days too. */
static Str text(Room *d, const char *before, int value, const char *after)
{
    Buf buf = buf_make(d->cx->arena, 100);
    Str ret = {NULL, 0};
    buf_fmt(&buf, "%s%02d%s", before, value, after);
    assert_ok(d->cx, buf_done(d->cx, &buf, &ret));
    return ret;
}

static void check_in(Room *d, const char *who, int day)
{
    const Pair pairs[] = {
        {STR("id"),        str_c(who)},
        { STR("answer"), text(d, "emotional-told=", 4 + day * 7 % 5, "")},
        {        STR("answer"), text(d, "emotional-met=", 5 + day * 3 % 4, "")},
        {        STR("at"),     text(d, "2026-03-", 1 + day, " 10:00")},
    };
    act(d, "check-in", pairs, 4);
}

static void lived_in(Room *d)
{
    room_open(d, STR(""));
    act(d, "add", &(Pair){STR("name"), STR("Ana Moreau")}, 1);
    act(d, "add", &(Pair){STR("name"), STR("Tom Reed")}, 1);
    for (int i = 0; i < CHECKINS; i++)
        check_in(d, i % 3 ? "Ana" : "Tom", i);
}

static void reopen(Room *d)
{
    app_close(&d->app);
    assert_ok(d->cx, app_open(d->cx, &d->app, STR("")));
}

static Own own_of(const Room *d)
{
    const Own *own = insight_cache_own(d->app.cache);
    return own ? *own : (Own){.own = false};
}

/* As commands do, one after the other, each in its own process. */
static Own learn_by_commands(Room *d)
{
    for (int i = 0; i < 100 && !own_of(d).own; i++) {
        reopen(d);
        app_learn_some(&d->app, false, d->cx->now_ms);
    }
    return own_of(d);
}

static void a_command_and_a_site_learn_the_same(void **state)
{
    Room d;
    static Own one, other, kept;
    (void)state;
    lived_in(&d);
    assert_false(own_of(&d).own);
    one = learn_by_commands(&d);
    assert_true(one.own);
    assert_int_equal(one.checkins, own_step(CHECKINS));
    reopen(&d);
    kept = own_of(&d);
    assert_memory_equal(&kept, &one, sizeof one);
    /* Without what was kept a site begins anew; closed in the midst of it, it goes on. */
    app_close(&d.app);
    assert_ok(d.cx, os_remove(d.cx, test_path(d.cx, d.folder, "vault.learned")));
    for (int round = 0; !own_of(&d).own; round++) {
        assert_true(round < 500);
        reopen(&d);
        for (int tick = 0; tick < 2000 * (1 + round) && !own_of(&d).own; tick++)
            app_learn_beside(&d.app, d.cx->now_ms);
    }
    other = own_of(&d);
    assert_memory_equal(&other, &one, sizeof one);
    room_close(&d);
}

/* Whatever the worker is at when the vault closes: a whole result is kept, a part goes on, and in the end they are
 * one's own answers' numbers, to the bit. */
static void closing_keeps_how_far_it_came(void **state)
{
    Room d;
    static Own whole, pieces;
    (void)state;
    lived_in(&d);
    whole = learn_by_commands(&d);
    app_close(&d.app);
    assert_ok(d.cx, os_remove(d.cx, test_path(d.cx, d.folder, "vault.learned")));
    assert_ok(d.cx, app_open(d.cx, &d.app, STR("")));
    for (int round = 0; !own_of(&d).own; round++) {
        assert_true(round < 500);
        app_learn_beside(&d.app, d.cx->now_ms);
        nanosleep(&(struct timespec){.tv_nsec = round * 1000000L}, NULL); /* as somebody types */
        reopen(&d);
    }
    pieces = own_of(&d);
    assert_memory_equal(&pieces, &whole, sizeof whole);
    room_close(&d);
}

/* A large book is not learned by a command whose person waits for it. */
static void a_large_book_is_left_to_others(void **state)
{
    Room d;
    (void)state;
    lived_in(&d);
    for (int i = 0; i < 150; i++)
        check_in(&d, "Ana", i % 30);
    for (int i = 0; i < 20; i++) {
        reopen(&d);
        app_learn_some(&d.app, false, d.cx->now_ms);
    }
    assert_false(os_exists(d.cx, test_path(d.cx, d.folder, "vault.learned")));
    for (int i = 0; i < 100 && !own_of(&d).own; i++) {
        reopen(&d);
        app_learn_some(&d.app, true, d.cx->now_ms);
    }
    assert_true(own_of(&d).own);
    room_close(&d);
}

static void pages_use_what_was_learned(void **state)
{
    Room d;
    BookFound found;
    Relation before, after, fresh;
    (void)state;
    lived_in(&d);
    assert_ok(d.cx, book_find_person(d.cx, d.app.book, STR("Ana"), &found));
    assert_ok(d.cx,
              insight_relation_cached(d.cx, d.app.cache, d.app.book, found.p[0].person, &before));
    for (int i = 0; i < 100 && !own_of(&d).own; i++)
        app_learn_some(&d.app, true, d.cx->now_ms);
    assert_ok(d.cx,
              insight_relation_cached(d.cx, d.app.cache, d.app.book, found.p[0].person, &after));
    assert_ok(d.cx, insight_relation(d.cx, d.app.book, found.p[0].person, &fresh));
    assert_true(after.types[0].sd > fresh.types[0].sd || after.types[0].sd < fresh.types[0].sd);
    CHECK_CLOSE(before.types[0].sd, fresh.types[0].sd, 0, 0);
    room_close(&d);
}

static void it_goes_with_those_who_are_forgotten(void **state)
{
    Room d;
    (void)state;
    lived_in(&d);
    assert_true(learn_by_commands(&d).own);
    assert_true(os_exists(d.cx, test_path(d.cx, d.folder, "vault.learned")));
    const Pair pairs[] = {
        {STR("id"),      STR("Ana")       },
        {STR("confirm"), STR("Ana Moreau")}
    };
    act(&d, "forget", pairs, 2);
    assert_false(os_exists(d.cx, test_path(d.cx, d.folder, "vault.learned")));
    app_learn_some(&d.app, true, d.cx->now_ms);
    assert_false(own_of(&d).own); /* nine check-ins are left */
    reopen(&d);
    assert_false(own_of(&d).own);
    room_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_and_a_site_learn_the_same),
        cmocka_unit_test(closing_keeps_how_far_it_came),
        cmocka_unit_test(a_large_book_is_left_to_others),
        cmocka_unit_test(pages_use_what_was_learned),
        cmocka_unit_test(it_goes_with_those_who_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
