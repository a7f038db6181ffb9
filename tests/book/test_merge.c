/* tests/book/test_merge.c - two people who become one: nothing is lost, what protects holds, and one undo takes all
 * of it back. */
#include "book/merge.h"
#include "log/log.h"
#include "testlib.h"

typedef struct Desk {
    TestCx t;
    Cx *cx;
    Str folder;
    Log *log;
    Book *book;
    Id one, two, third, both, hers;
} Desk;

static void commit(Desk *d, const Draft drafts[], int n)
{
    Id batch;
    assert_ok(d->cx,
              book_commit(d->cx, d->book, d->log, drafts, n, STR("done.add"), STR(""), &batch));
}

static Id person(Desk *d, const char *name, const char *mail)
{
    Draft draft = draft_new(d->cx, ENTRY_PERSON);
    TextPair pairs[] = {
        {STR("home"), STR("same@example.org")},
        {STR("work"), str_c(mail)            }
    };
    draft_text(&draft, F_PERSON_NAME, str_c(name));
    draft_pairs(&draft, F_PERSON_EMAILS, pairs, 2);
    commit(d, &draft, 1);
    return draft.object;
}

static Id moment(Desk *d, const Id people[], int n)
{
    Draft draft = draft_new(d->cx, ENTRY_MOMENT);
    draft_ids(&draft, F_PEOPLE, people, n);
    draft_text(&draft, F_TEXT, STR("x"));
    commit(d, &draft, 1);
    return draft.object;
}

static void desk_open(Desk *d)
{
    const LogSecret key_file = {.kind = LOG_KEY_FILE};
    LogRecovery code;
    *d = (Desk){.log = NULL};
    test_cx_init(&d->t);
    d->cx = &d->t.cx;
    d->folder = test_folder(d->cx);
    Str path = test_path(d->cx, d->folder, "vault");
    assert_ok(d->cx, log_create(d->cx, path, &key_file, &code, &d->log));
    log_recovery_wipe(&code);
    d->book = book_new(0);
    assert_non_null(d->book);
    d->one = person(d, "Ana", "a@example.org");
    d->two = person(d, "Annie", "b@example.org");
    d->third = person(d, "Tom", "c@example.org");
    Draft edits[3] = {draft_edit(d->cx, ENTRY_PERSON, d->one),
                      draft_edit(d->cx, ENTRY_PERSON, d->two),
                      draft_edit(d->cx, ENTRY_RELATIONSHIP, d->two)};
    draft_int(&edits[0], F_PERSON_BIRTHDAY, 19900511);
    draft_int(&edits[1], F_PERSON_BIRTHDAY, 19910511);
    draft_text(&edits[1], F_PERSON_ORG, STR("Mill"));
    draft_bool(&edits[2], F_REL_HARM, true);
    commit(d, edits, 3);
    const Id all[] = {d->two, d->one, d->third};
    d->both = moment(d, all, 3);
    d->hers = moment(d, &d->two, 1);
    Draft checkin = draft_new(d->cx, ENTRY_CHECKIN);
    draft_id(&checkin, F_PERSON, d->two);
    draft_bool(&checkin, F_CHECKIN_CONTACT, true);
    commit(d, &checkin, 1);
}

static void desk_close(Desk *d)
{
    book_free(d->book);
    log_close(d->log);
    test_folder_remove(d->cx, d->folder);
    test_cx_free(&d->t);
}

static BookRef ref_of(const Desk *d, Id id)
{
    return book_find(d->book, ENTRY_PERSON, id);
}

static void all_is_the_first_ones(void **state)
{
    Desk d;
    Id batch;
    BookPerson p;
    BookRelationship rel;
    BookEvent event;
    (void)state;
    desk_open(&d);
    assert_ok(d.cx, book_merge(d.cx, d.book, d.log, ref_of(&d, d.one), ref_of(&d, d.two), &batch));
    BookRef one = ref_of(&d, d.one);
    assert_int_equal(ref_of(&d, d.two), BOOK_NONE);
    assert_ok(d.cx, book_person(d.cx, d.book, one, &p));
    assert_str(p.name, "Ana");
    assert_str(p.org, "Mill");
    assert_int_equal(p.birthday, 19900511); /* what the first says stands */
    assert_int_equal(p.emails.n, 3);
    assert_int_equal(p.names.n, 1);
    assert_str(p.names.p[0], "Annie");
    assert_ok(d.cx, book_relationship(d.cx, d.book, one, &rel));
    assert_true(rel.harm);
    assert_int_equal(book_count(d.book, one, ENTRY_MOMENT), 2);
    assert_int_equal(book_count(d.book, one, ENTRY_CHECKIN), 1);
    assert_ok(d.cx, book_event(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, d.both), &event));
    assert_int_equal(event.people.n, 2);
    desk_close(&d);
}

static void one_undo_takes_it_back(void **state)
{
    Desk d;
    Id batch;
    BookPerson p;
    BookRelationship rel;
    (void)state;
    desk_open(&d);
    assert_ok(d.cx, book_merge(d.cx, d.book, d.log, ref_of(&d, d.one), ref_of(&d, d.two), &batch));
    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batch));
    BookRef one = ref_of(&d, d.one), two = ref_of(&d, d.two);
    assert_true(two != BOOK_NONE);
    assert_ok(d.cx, book_person(d.cx, d.book, one, &p));
    assert_int_equal(p.emails.n, 2);
    assert_int_equal(p.names.n, 0);
    assert_ok(d.cx, book_relationship(d.cx, d.book, one, &rel));
    assert_false(rel.harm);
    assert_int_equal(book_count(d.book, one, ENTRY_MOMENT), 1);
    assert_int_equal(book_count(d.book, two, ENTRY_MOMENT), 2);
    assert_int_equal(book_count(d.book, two, ENTRY_CHECKIN), 1);
    desk_close(&d);
}

static void nobody_merges_with_themselves(void **state)
{
    Desk d;
    Id batch;
    (void)state;
    desk_open(&d);
    assert_int_equal(book_merge(d.cx, d.book, d.log, ref_of(&d, d.one), ref_of(&d, d.one), &batch),
                     ERR_INVALID);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_the_first_ones),
        cmocka_unit_test(one_undo_takes_it_back),
        cmocka_unit_test(nobody_merges_with_themselves),
    };
    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
