/* tests/book/test_forget.c - after a person is forgotten, nothing in any file names them: not under the new key,
 * not in the old sealed bytes, with a second reader open; and whoever stays is as they were. */
#include "base/buf.h"
#include "base/utf8.h"
#include "book/forget.h"
#include "desk.h"
#include <sqlite3.h>
#include <string.h>

enum { ANA, TOM, TWIN, ALONE, SHARED, SAID, KEPT };

static Err adopt(Desk *d, const Str facts[], int n, Id *ret_batch, int *ret_new)
{
    BookBodies bodies = {facts, n};
    BookSource from = book_source(&bodies);
    return book_adopt(d->cx, d->book, d->log, &from, STR("done.import"), STR(""), ret_batch,
                      ret_new);
}

static void commit(Desk *d, const Draft drafts[], int n, const char *detail)
{
    Id batch;
    assert_ok(d->cx, book_commit(d->cx, d->book, d->log, drafts, n, STR("done.add"), str_c(detail),
                                 &batch));
}

static Id event(Desk *d, EntryKind kind, const Id people[], int n, const char *text)
{
    Draft draft = draft_new(d->cx, kind);
    if (n > 0)
        draft_ids(&draft, F_PEOPLE, people, n);
    draft_text(&draft, F_TEXT, str_c(text));
    commit(d, &draft, 1, "");
    return draft.object;
}

static Id person(Desk *d, const char *name, const char *mail)
{
    Draft draft = draft_new(d->cx, ENTRY_PERSON);
    TextPair pair = {STR("home"), str_c(mail)};
    draft_text(&draft, F_PERSON_NAME, str_c(name));
    draft_pairs(&draft, F_PERSON_EMAILS, &pair, 1);
    commit(d, &draft, 1, name);
    return draft.object;
}

static void people_open(Desk *d)
{
    desk_open(d);
    d->id[ANA] = person(d, "Zaïa Quentin", "zq@example.org");
    d->id[TOM] = person(d, "Tom Quentin", "tom@example.org");
    d->id[TWIN] = person(d, "Zaia", "other@example.org");
    Draft edit[3] = {draft_edit(d->cx, ENTRY_PERSON, d->id[ANA]),
                     draft_edit(d->cx, ENTRY_RELATIONSHIP, d->id[ANA]),
                     draft_edit(d->cx, ENTRY_PERSON, d->id[TWIN])};
    const Str nick = STR("Zazou");
    draft_texts(&edit[0], F_PERSON_NICKNAMES, &nick, 1);
    draft_text(&edit[1], F_REL_WELCOME, STR("A secret only the two know"));
    draft_bool(&edit[2], F_GONE, true); /* a double that was taken out */
    commit(d, edit, 3, "Zaïa Quentin");
    const Id both[] = {d->id[ANA], d->id[TOM]};
    d->id[ALONE] = event(d, ENTRY_MOMENT, both, 1, "A swim, just us");
    d->id[SHARED] =
        event(d, ENTRY_MOMENT, both, 2, "ZAIA's cake for tom; zazou sang, ZQ@example.org");
    d->id[SAID] = event(d, ENTRY_REFLECTION, NULL, 0,
                        "I miss Zai\xcc\x88"
                        "a Quentin. Quentin is Tom's name too.");
    d->id[KEPT] = event(d, ENTRY_REFLECTION, NULL, 0, "Zazoues are a kind of cat");
    (void)event(d, ENTRY_MOMENT, both + 1, 1, "Chess");
}

static ForgetPlan plan_of(Desk *d)
{
    ForgetPlan plan = {.n = 0};
    assert_ok(d->cx, book_forget_plan(d->cx, d->book, book_find(d->book, ENTRY_PERSON, d->id[ANA]),
                                      &plan));
    return plan;
}

static void the_plan_proposes(void **state)
{
    Desk d;
    (void)state;
    people_open(&d);
    ForgetPlan plan = plan_of(&d);
    assert_int_equal(plan.n, 3); /* the double goes with them and is no item */
    assert_int_equal(forget_item(&plan, d.id[ALONE], ENTRY_MOMENT)->how, FORGET_DELETE);
    assert_int_equal(forget_item(&plan, d.id[SHARED], ENTRY_MOMENT)->how, FORGET_REDACT);
    assert_int_equal(forget_item(&plan, d.id[SAID], ENTRY_REFLECTION)->how, FORGET_REDACT);
    assert_null(forget_item(&plan, d.id[KEPT], ENTRY_REFLECTION)); /* another word */
    assert_null(forget_item(&plan, d.id[TOM], ENTRY_PERSON));
    desk_close(&d);
}

typedef struct Search {
    const Id *ids;
    int n;
} Search;

static Err find_nothing(void *ctx, Cx *cx, const LogEntry *entry)
{
    static const char *const words[] = {"zaia",   "zazou ",      "zazou,", "zq@",
                                        "other@", "secret only", "a swim"};
    const Search *s = ctx;
    Str folded = utf8_fold(cx->arena, utf8_clean(cx->arena, entry->body, true));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_find(folded, str_c(words[i])) >= 0)
            print_error("%s in %.*s\n", words[i], STR_FMT(folded));
        assert_int_equal(str_find(folded, str_c(words[i])), -1);
    }
    for (int i = 0; i < s->n; i++)
        assert_int_equal(
            str_find(entry->body, (Str){(const char *)s->ids[i].b, sizeof s->ids[i].b}), -1);
    return OK;
}

static void bodies_say_nothing(Desk *d)
{
    const Id ids[] = {d->id[ANA], d->id[TWIN], d->id[ALONE]};
    Search s = {ids, 3};
    LogCursor cursor = {0};
    assert_ok(d->cx, log_read(d->cx, d->log, &cursor, find_nothing, &s));
    log_cursor_free(&cursor);
}

/* The nonces and first bytes of every sealed entry. */
static int sealed_of(Desk *d, Str path, Str ret[], int cap)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int n = 0;
    assert_int_equal(sqlite3_open(str_to_c(d->cx->arena, path), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT sealed FROM entry", -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        assert_true(n < cap && sqlite3_column_bytes(st, 0) >= 40);
        ret[n++] = str_dup(d->cx->arena, (Str){sqlite3_column_blob(st, 0), 40});
    }
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return n;
}

static void file_holds_none(Desk *d, const char *name, const Str sealed[], int n)
{
    Str bytes = {NULL, 0}, path = test_path(d->cx, d->folder, name);
    if (!os_exists(d->cx, path))
        return;
    assert_ok(d->cx, os_read_file(d->cx, path, 64 << 20, &bytes));
    for (int i = 0; i < n; i++)
        assert_int_equal(str_find(bytes, sealed[i]), -1);
}

static void no_byte_remains(void **state)
{
    enum { SEALED_MAX = 64 };
    Desk d;
    Str sealed[SEALED_MAX];
    Log *second = NULL;
    bool scrubbed = false;
    (void)state;
    people_open(&d);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    assert_ok(d.cx, log_backup(d.cx, d.log, test_path(d.cx, d.folder, "copy")));
    int n = sealed_of(&d, test_path(d.cx, d.folder, "copy"), sealed, SEALED_MAX);
    assert_true(n > 10);
    assert_ok(d.cx, log_open(d.cx, d.path, &desk_key, &second));
    ForgetPlan plan = plan_of(&d);
    assert_ok(d.cx, book_forget(d.cx, d.book, d.log, &desk_key, &plan, &scrubbed));
    assert_true(scrubbed);
    bodies_say_nothing(&d);
    file_holds_none(&d, "vault", sealed, n);
    file_holds_none(&d, "vault-wal", sealed, n);
    assert_false(os_exists(d.cx, test_path(d.cx, d.folder, "vault.checkpoint")));
    LogCursor cursor = {0};
    Search none = {.n = 0};
    assert_int_equal(log_read(d.cx, second, &cursor, find_nothing, &none), ERR_LOCKED);
    log_cursor_free(&cursor);
    log_close(second);
    desk_close(&d);
}

static void who_stays_is_as_they_were(void **state)
{
    Desk d;
    bool scrubbed = false;
    BookMoment moment = {.minutes = -1};
    BookEvent said;
    (void)state;
    people_open(&d);
    ForgetPlan plan = plan_of(&d);
    assert_ok(d.cx, book_forget(d.cx, d.book, d.log, &desk_key, &plan, &scrubbed));
    assert_int_equal(book_people(d.book).n, 1);
    BookRef tom = book_find(d.book, ENTRY_PERSON, d.id[TOM]);
    assert_str(book_name(d.book, tom), "Tom Quentin");
    assert_int_equal(book_count(d.book, tom, ENTRY_MOMENT), 2);
    assert_ok(d.cx,
              book_moment(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, d.id[SHARED]), &moment));
    assert_str(moment.event.text, "\xe2\x80\xa6's cake for tom; \xe2\x80\xa6 sang, \xe2\x80\xa6");
    assert_int_equal(moment.event.people.n, 1);
    assert_ok(d.cx,
              book_event(d.cx, d.book, book_find(d.book, ENTRY_REFLECTION, d.id[SAID]), &said));
    assert_str(said.text, "I miss \xe2\x80\xa6. Quentin is Tom's name too.");
    assert_int_equal(book_find(d.book, ENTRY_MOMENT, d.id[ALONE]), BOOK_NONE);
    /* and goes on */
    (void)event(&d, ENTRY_MOMENT, &d.id[TOM], 1, "Chess again");
    assert_int_equal(book_count(d.book, book_find(d.book, ENTRY_PERSON, d.id[TOM]), ENTRY_MOMENT),
                     3);
    desk_close(&d);
}

/* Two of one name: who stays keeps it, and what is about the other alone by that name does not. */
static void a_namesake_keeps_the_name(void **state)
{
    Desk d;
    bool scrubbed = false;
    BookEvent said;
    BookMoment moment = {.minutes = -1};
    (void)state;
    people_open(&d);
    Id second = person(&d, "Zaia Quentin", "second@example.org"),
       third = person(&d, "Zaïa Quentin Marlow", "third@example.org");
    const Id with[] = {d.id[ANA], d.id[TOM]}, both[] = {d.id[ANA], second, d.id[TOM]};
    Id first_was = event(&d, ENTRY_MOMENT, with, 2, "Rain; Zaia Quentin came by");
    Id both_were = event(&d, ENTRY_MOMENT, both, 3, "Zaia Quentin met Zaia Quentin");
    Id of_second = event(&d, ENTRY_MOMENT, &second, 1, "Zaia Quentin rowed");
    Draft told[] = {draft_edit(d.cx, ENTRY_RELATIONSHIP, d.id[ANA])};
    draft_text(&told[0], F_REL_WELCOME, STR("Not much"));
    commit(&d, told, 1, "Zaia Quentin the first");
    ForgetPlan plan = plan_of(&d);
    assert_ok(d.cx, book_forget(d.cx, d.book, d.log, &desk_key, &plan, &scrubbed));
    assert_str(book_name(d.book, book_find(d.book, ENTRY_PERSON, second)), "Zaia Quentin");
    assert_str(book_name(d.book, book_find(d.book, ENTRY_PERSON, third)), "Zaïa Quentin Marlow");
    assert_ok(d.cx, book_moment(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, first_was), &moment));
    assert_str(moment.event.text, "Rain; \xe2\x80\xa6 came by");
    assert_ok(d.cx, book_event(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, both_were), &said));
    assert_str(said.text, "Zaia Quentin met Zaia Quentin");
    assert_ok(d.cx, book_event(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, of_second), &said));
    assert_str(said.text, "Zaia Quentin rowed");
    const BookBatch *batches = NULL;
    int n = 0;
    assert_ok(d.cx, book_batches(d.cx, d.book, 0, 100, &batches, &n));
    assert_str(batches[0].detail, "\xe2\x80\xa6 the first");
    desk_close(&d);
}

/* An import keeps foreign entries whole, each inside one of ours; also when it was taken back. */
static void what_was_brought_in_is_forgotten_too(void **state)
{
    (void)state;
    for (int undone = 0; undone <= 1; undone++) {
        enum { BODIES_MAX = 64 };
        Desk from, d;
        Str bodies[BODIES_MAX];
        int n = 0, fresh = 0;
        Id batch;
        bool scrubbed = false;
        people_open(&from);
        people_open(&d);
        for (uint32_t i = 0; i < book_entry_count(from.book) && n < BODIES_MAX; i++)
            bodies[n++] = str_dup(d.cx->arena, book_entry_body(from.book, i));
        assert_ok(d.cx, adopt(&d, bodies, n, &batch, &fresh));
        assert_true(fresh > 0);
        if (undone)
            assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batch));
        /* one Zaia of two: what both are called by alone says nothing, so both go */
        const Id people[] = {from.id[ANA], d.id[ANA]};
        for (int i = undone; i < 2; i++) {
            ForgetPlan plan = {.n = 0};
            BookRef person = book_find(d.book, ENTRY_PERSON, people[i]);
            assert_ok(d.cx, book_forget_plan(d.cx, d.book, person, &plan));
            assert_ok(d.cx, book_forget(d.cx, d.book, d.log, &desk_key, &plan, &scrubbed));
        }
        bodies_say_nothing(&d);
        desk_close(&d);
        desk_close(&from);
    }
}

static void what_is_kept_keeps_its_words(void **state)
{
    Desk d;
    bool scrubbed = false;
    BookEvent said;
    (void)state;
    people_open(&d);
    ForgetPlan plan = plan_of(&d);
    forget_item(&plan, d.id[ALONE], ENTRY_MOMENT)->how = FORGET_KEEP;
    assert_ok(d.cx, book_forget(d.cx, d.book, d.log, &desk_key, &plan, &scrubbed));
    assert_ok(d.cx, book_event(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, d.id[ALONE]), &said));
    assert_str(said.text, "A swim, just us");
    assert_int_equal(said.people.n, 0);
    desk_close(&d);
}

static void a_wrong_secret_changes_nothing(void **state)
{
    Desk d;
    bool scrubbed = false;
    const LogSecret wrong = {.kind = LOG_PASSPHRASE, .text = STR("guess"), .cost = LOG_COST_LEAST};
    (void)state;
    people_open(&d);
    ForgetPlan plan = plan_of(&d);
    assert_int_not_equal(book_forget(d.cx, d.book, d.log, &wrong, &plan, &scrubbed), OK);
    assert_true(book_find(d.book, ENTRY_PERSON, d.id[ANA]) != BOOK_NONE);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_proposes),
        cmocka_unit_test(no_byte_remains),
        cmocka_unit_test(who_stays_is_as_they_were),
        cmocka_unit_test(a_namesake_keeps_the_name),
        cmocka_unit_test(what_was_brought_in_is_forgotten_too),
        cmocka_unit_test(what_is_kept_keeps_its_words),
        cmocka_unit_test(a_wrong_secret_changes_nothing),
    };
    return cmocka_run_group_tests_name("forget", tests, NULL, NULL);
}
