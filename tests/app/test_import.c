/* tests/app/test_import.c - an export on disk, brought in: looked at, and kept as it was looked at or not at all. */
#include "base/os.h"
#include "room.h"

/* ret_then NULL, or what the reply asks to go on with. */
static Err run(Room *r, const char *id, const Pair pairs[], int n, Str *ret_then)
{
    Reply reply = {.view = NULL};
    Err e = app_run(r->cx, &r->app, action_by_id(id), pairs, n, true, &reply);
    if (e == OK && ret_then)
        *ret_then = str_dup(r->cx->arena, reply.then_pairs[0].value);
    reply_free(&reply);
    return e;
}

/* An export of three people. */
static Str export_of_three(Room *r)
{
    static const char *const names[] = {"Ana Moreau", "Tom Fischer", "Bea Sato"};
    Room other;
    Str path = test_path(r->cx, r->folder, "export.jsonl");
    room_open(&other, STR(""));
    for (int i = 0; i < 3; i++) {
        const Pair name = {STR("name"), str_c(names[i])};
        assert_ok(other.cx, run(&other, "add", &name, 1, NULL));
    }
    const Pair out[] = {
        {STR("format"), STR("jsonl")},
        {STR("out"),    path        }
    };
    assert_ok(other.cx, run(&other, "export", out, 2, NULL));
    room_close(&other);
    return path;
}

static Err look(Room *r, Str path, Str *ret_preview)
{
    const Pair file = {STR("file"), path};
    return run(r, "import", &file, 1, ret_preview);
}

static Err keep(Room *r, Str preview)
{
    const Pair which = {STR("preview"), preview};
    return run(r, "import.keep", &which, 1, NULL);
}

static void what_was_looked_at_is_kept(void **state)
{
    Room r;
    Str preview = {NULL, 0};
    (void)state;
    room_open(&r, STR(""));
    Str path = export_of_three(&r);
    assert_ok(r.cx, look(&r, path, &preview));
    assert_int_equal(book_people(r.app.book).n, 0);
    assert_ok(r.cx, keep(&r, preview));
    assert_int_equal(book_people(r.app.book).n, 3);
    assert_ok(r.cx, run(&r, "undo", NULL, 0, NULL)); /* one step */
    assert_int_equal(book_people(r.app.book).n, 0);
    room_close(&r);
}

static void at_once_is_the_same(void **state)
{
    Room r;
    (void)state;
    room_open(&r, STR(""));
    const Pair pairs[] = {
        {STR("file"), export_of_three(&r)},
        {STR("yes"),  STR("1")           }
    };
    assert_ok(r.cx, run(&r, "import", pairs, 2, NULL));
    assert_int_equal(book_people(r.app.book).n, 3);
    assert_int_equal(run(&r, "import", pairs, 2, NULL), ERR_INVALID); /* nothing is new */
    assert_string_equal(r.cx->why.key, "err.nothing-new");
    room_close(&r);
}

static void what_has_changed_since_is_not_kept(void **state)
{
    Room r;
    Str preview = {NULL, 0}, bytes = {NULL, 0};
    (void)state;
    room_open(&r, STR(""));
    Str path = export_of_three(&r);
    uint32_t before = book_entry_count(r.app.book);
    assert_ok(r.cx, os_read_file(r.cx, path, 1 << 20, &bytes));
    assert_ok(r.cx, look(&r, path, &preview));
    do
        bytes.len--;
    while (bytes.p[bytes.len - 1] != '\n'); /* without its last line */
    assert_ok(r.cx, os_write_file(r.cx, path, bytes));
    assert_int_equal(keep(&r, preview), ERR_INVALID);
    assert_string_equal(r.cx->why.key, "err.import-changed");
    assert_int_equal(book_entry_count(r.app.book), before);
    const Pair name = {STR("name"), STR("Zoe")}; /* and writing goes on */
    assert_ok(r.cx, run(&r, "add", &name, 1, NULL));
    assert_int_equal(book_people(r.app.book).n, 1);
    assert_ok(r.cx, os_remove(r.cx, path));
    assert_ok(r.cx, os_write_file(r.cx, path, STR("{")));
    assert_int_equal(look(&r, path, &preview), ERR_INVALID);
    assert_string_equal(r.cx->why.key, "err.jsonl-none");
    assert_ok(r.cx, os_remove(r.cx, path));
    assert_int_equal(look(&r, path, &preview), ERR_NOT_FOUND);
    room_close(&r);
}

/* "All of it is here already" would be no answer. */
static void of_a_file_without_one_entry_the_reason_is_said(void **state)
{
    Room r;
    (void)state;
    room_open(&r, STR(""));
    Str path = test_path(r.cx, r.folder, "broken.jsonl");
    const Pair pairs[] = {
        {STR("file"), path    },
        {STR("yes"),  STR("1")}
    };
    assert_ok(r.cx, os_write_file(r.cx, path,
                                  STR("{\"fonder\":\"export\",\"version\":1}\n{\"kind\":\n")));
    assert_int_equal(run(&r, "import", pairs, 2, NULL), ERR_INVALID);
    assert_string_equal(r.cx->why.key, "err.jsonl-json");
    assert_string_equal(r.cx->why.field, "file");
    assert_int_equal(r.cx->why.args[0].num, 2); /* the line */
    room_close(&r);
}

static const char card[] =
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana Moreau\r\nORG:Acme\\, Inc.;Research;Lab\r\n"
    "EMAIL;PREF=2:two@example.org\r\nEMAIL:four@example.org\r\nEMAIL;PREF=1:one@example.org\r\n"
    "EMAIL;PREF=2:three@example.org\r\nEMAIL:five@example.org\r\n"
    "TEL:+1 2\r\nTEL;TYPE=pref:+1 1\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Tom\r\nORG:;Sales\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bea\r\nORG:Acme\r\nEND:VCARD\r\n";

static void what_a_card_prefers_comes_first(void **state)
{
    static const char *const mails[] = {"one@example.org", "two@example.org", "three@example.org",
                                        "four@example.org", "five@example.org"};
    static const char *const orgs[] = {"Acme, Inc., Research, Lab", "Sales", "Acme"};
    Room r;
    BookPerson p;
    (void)state;
    room_open(&r, STR(""));
    Str path = test_path(r.cx, r.folder, "cards.vcf");
    assert_ok(r.cx, os_write_file(r.cx, path, str_c(card)));
    const Pair pairs[] = {
        {STR("file"), path    },
        {STR("yes"),  STR("1")}
    };
    assert_ok(r.cx, run(&r, "import", pairs, 2, NULL));
    for (int i = 0; i < book_people(r.app.book).n; i++) {
        assert_ok(r.cx, book_person(r.cx, r.app.book, book_people(r.app.book).p[i], &p));
        int which = str_eq_c(p.name, "Tom") ? 1 : str_eq_c(p.name, "Bea") ? 2 : 0;
        assert_str(p.org, orgs[which]);
        if (which != 0)
            continue;
        assert_int_equal(p.emails.n, 5);
        for (int k = 0; k < 5; k++)
            assert_str(p.emails.p[k].value, mails[k]);
        assert_str(p.phones.p[0].value, "+1 1");
        assert_str(p.phones.p[1].value, "+1 2");
    }
    room_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_looked_at_is_kept),
        cmocka_unit_test(at_once_is_the_same),
        cmocka_unit_test(what_has_changed_since_is_not_kept),
        cmocka_unit_test(of_a_file_without_one_entry_the_reason_is_said),
        cmocka_unit_test(what_a_card_prefers_comes_first),
    };
    return cmocka_run_group_tests_name("app import", tests, NULL, NULL);
}
