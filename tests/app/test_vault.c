/* tests/app/test_vault.c - the vault's own commands as a person has them: locked out and back in, unlocked for a
 * while, restored from a backup, and a site that takes nothing from its surroundings. */
#include "base/buf.h"
#include "log/log.h"
#include "room.h"
#include <stdlib.h>
#include <string.h>

/* Nothing outside says what opens a vault. */
static void locked_room(Room *r, Str passphrase)
{
    (void)unsetenv("FONDER_PASSPHRASE_FILE");
    (void)unsetenv("FONDER_NEW_PASSPHRASE_FILE");
    room_open(r, passphrase);
}

static Err run(Room *r, const char *id, const char *name, Str value, const char *name2, Str value2)
{
    Pair pairs[] = {
        {str_c(name),  value },
        {str_c(name2), value2}
    };
    int n = (name != NULL) + (name2 != NULL);
    Reply reply = {.view = NULL};
    Err e = app_run(r->cx, &r->app, action_by_id(id), pairs, n, false, &reply);
    reply_free(&reply);
    return e;
}

#define RUN0(r, id) run((r), (id), NULL, STR(""), NULL, STR(""))
#define RUN1(r, id, a, x) run((r), (id), (a), (x), NULL, STR(""))

static void a_backup_is_a_vault_again(void **state)
{
    Room r;
    (void)state;
    locked_room(&r, STR(""));
    assert_int_equal(RUN1(&r, "add", "name", STR("Ana Moreau")), OK);
    Str copy = test_path(r.cx, r.folder, "copy"), key = {NULL, 0};
    assert_int_equal(RUN1(&r, "backup", "file", copy), OK);
    app_close(&r.app);
    r.app.vault = test_path(r.cx, r.folder, "again");
    assert_int_equal(RUN1(&r, "restore", "file", test_path(r.cx, r.folder, "nothing")),
                     ERR_NOT_FOUND);
    assert_ok(r.cx, os_read_file(r.cx, test_path(r.cx, r.folder, "vault.key"), 64, &key));
    assert_ok(r.cx, os_write_file(r.cx, test_path(r.cx, r.folder, "copy.key"), key));
    assert_int_equal(RUN1(&r, "restore", "file", copy), OK);
    assert_int_equal(RUN1(&r, "show", "id", STR("Ana")), OK);
    assert_int_equal(RUN1(&r, "restore", "file", copy), ERR_INVALID); /* the place is taken */
    room_close(&r);
}

static void a_file_that_is_no_backup_changes_nothing(void **state)
{
    Room r;
    (void)state;
    locked_room(&r, STR(""));
    app_close(&r.app);
    Str letter = test_path(r.cx, r.folder, "letter");
    assert_ok(r.cx, os_write_file(r.cx, letter, STR("Dear diary")));
    r.app.vault = test_path(r.cx, r.folder, "again");
    assert_int_not_equal(RUN1(&r, "restore", "file", letter), OK);
    assert_false(os_exists(r.cx, r.app.vault));
    room_close(&r);
}

/* Where the kernel gives no keyring, unlocking says so and the vault stays locked. */
static void unlocked_for_a_while(void **state)
{
    Room r;
    (void)state;
    locked_room(&r, STR("slow green river"));
    Err e = RUN1(&r, "unlock", "minutes", STR("1"));
    assert_true(e == OK || e == ERR_DENIED);
    app_close(&r.app);
    assert_int_equal(RUN0(&r, "people"), e == OK ? OK : ERR_LOCKED);
    assert_int_equal(RUN0(&r, "lock"), OK);
    app_close(&r.app);
    assert_int_equal(RUN0(&r, "people"), ERR_LOCKED);
    room_close(&r);
}

/* A passphrase in the surroundings of the process is for commands; on the site somebody must type it. */
static void a_site_takes_nothing_from_its_surroundings(void **state)
{
    Room r;
    (void)state;
    locked_room(&r, STR("slow green river"));
    Str file = test_path(r.cx, r.folder, "secret");
    assert_ok(r.cx, os_write_file(r.cx, file, STR("slow green river\n")));
    assert_int_equal(setenv("FONDER_PASSPHRASE_FILE", str_to_c(r.cx->arena, file), 1), 0);
    r.app.host = (Host){.is_site = true};
    assert_int_equal(run(&r, "passphrase", "new", STR("b"), "again", STR("b")), ERR_DENIED);
    assert_string_equal(r.cx->why.field, "old");
    app_close(&r.app);
    assert_int_not_equal(RUN0(&r, "people"), OK);
    r.app.host = (Host){.is_site = false};
    assert_int_equal(RUN0(&r, "people"), OK);
    assert_int_equal(unsetenv("FONDER_PASSPHRASE_FILE"), 0);
    room_close(&r);
}

static void the_old_passphrase_opens_nothing(void **state)
{
    Room r;
    (void)state;
    locked_room(&r, STR("slow green river"));
    Pair pairs[] = {
        {STR("old"),   STR("slow green river")},
        {STR("new"),   STR("a stone")         },
        {STR("again"), STR("a stone")         }
    };
    Reply reply = {.view = NULL};
    assert_ok(r.cx, app_run(r.cx, &r.app, action_by_id("passphrase"), pairs, 3, false, &reply));
    reply_free(&reply);
    app_close(&r.app);
    assert_int_equal(app_open(r.cx, &r.app, STR("slow green river")), ERR_DENIED);
    assert_ok(r.cx, app_open(r.cx, &r.app, STR("a stone")));
    room_close(&r);
}

/* -- a command and its checkpoint ---------------------------------------------------------------- */

enum { NOTES = 80, NOTE_LEN = 3900, ASKED = 4 };

/* Some five segments of words. */
static void say_much(Room *r)
{
    assert_int_equal(RUN1(r, "add", "name", STR("Ana Moreau")), OK);
    for (int i = 0; i < NOTES; i++) {
        char text[NOTE_LEN];
        memset(text, 'a' + i % 26, sizeof text);
        memcpy(text, "Tea with Ana ", 13);
        assert_int_equal(RUN1(r, "log", "text", ((Str){text, sizeof text})), OK);
    }
}

/* What a command answers: a program of its own, that opens, is asked, and closes. */
static char *answer(Room *r, int which)
{
    static const struct {
        const char *id, *name, *value;
    } asked[ASKED] = {
        {"show",   "id",   "Ana" },
        {"search", "text", "zzzz"},
        {"people", NULL,   NULL  },
        {"today",  NULL,   NULL  }
    };
    Pair pair = {str_c(asked[which].name), str_c(asked[which].value)};
    Reply reply = {.view = NULL};
    r->app.host = (Host){.is_brief = true};
    assert_ok(r->cx, app_run(r->cx, &r->app, action_by_id(asked[which].id), &pair,
                             asked[which].name != NULL, false, &reply));
    assert_false(book_is_broken(r->app.book));
    char *text = json_dumps(reply.view, JSON_SORT_KEYS);
    assert_non_null(text);
    reply_free(&reply);
    app_close(&r->app);
    return text;
}

static int64_t entries_in(Room *r)
{
    LogStats stats = {.entries = 0};
    assert_ok(r->cx, app_open(r->cx, &r->app, STR("")));
    assert_ok(r->cx, log_stats(r->cx, r->app.log, &stats));
    app_close(&r->app);
    return stats.entries;
}

/* Flipped anywhere, a bit beside the vault changes no answer, and what is said is kept once. */
static void a_damaged_checkpoint_changes_no_answer(void **state)
{
    Room r;
    char *sound[ASKED];
    Str good = {NULL, 0};
    (void)state;
    locked_room(&r, STR(""));
    r.cx->now_ms = 1767225600000;
    say_much(&r);
    assert_ok(r.cx, book_checkpoint(r.cx, r.app.book, r.app.log));
    Str path = test_path(r.cx, r.folder, "vault.checkpoint");
    assert_ok(r.cx, os_read_file(r.cx, path, 64 << 20, &good));
    app_close(&r.app);
    assert_true(good.len > 4 * LOG_CHECKPOINT_SEGMENT);
    for (int k = 0; k < ASKED; k++)
        sound[k] = answer(&r, k);
    for (ptrdiff_t at = 40; at < good.len; at += LOG_CHECKPOINT_SEGMENT) {
        char *bytes = arena_alloc(r.cx->arena, good.len, 1, 1);
        assert_non_null(bytes);
        for (int k = 0; k <= ASKED; k++) {
            memcpy(bytes, good.p, (size_t)good.len);
            bytes[at] ^= 1;
            assert_ok(r.cx, os_write_file(r.cx, path, (Str){bytes, good.len}));
            if (k < ASKED) {
                char *now = answer(&r, k);
                assert_string_equal(now, sound[k]);
                free(now);
            }
        }
    }
    int64_t before = entries_in(&r);
    r.app.host = (Host){.is_brief = true};
    assert_int_equal(RUN1(&r, "log", "text", STR("A walk with Ana")), OK);
    app_close(&r.app);
    assert_int_equal(entries_in(&r), before + 2);
    for (int k = 0; k < ASKED; k++)
        free(sound[k]);
    room_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_a_vault_again),
        cmocka_unit_test(a_file_that_is_no_backup_changes_nothing),
        cmocka_unit_test(unlocked_for_a_while),
        cmocka_unit_test(a_site_takes_nothing_from_its_surroundings),
        cmocka_unit_test(the_old_passphrase_opens_nothing),
        cmocka_unit_test(a_damaged_checkpoint_changes_no_answer),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
