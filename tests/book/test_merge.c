/* tests/book/test_merge.c - two people who become one: nothing is lost, what protects holds, and one undo takes all
 * of it back. */
#include "book/merge.h"
#include "desk.h"

enum { ONE, TWO, THIRD, BOTH, HERS };

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

static void people_open(Desk *d)
{
    desk_open(d);
    d->id[ONE] = person(d, "Ana", "a@example.org");
    d->id[TWO] = person(d, "Annie", "b@example.org");
    d->id[THIRD] = person(d, "Tom", "c@example.org");
    Draft edits[3] = {draft_edit(d->cx, ENTRY_PERSON, d->id[ONE]),
                      draft_edit(d->cx, ENTRY_PERSON, d->id[TWO]),
                      draft_edit(d->cx, ENTRY_RELATIONSHIP, d->id[TWO])};
    draft_int(&edits[0], F_PERSON_BIRTHDAY, 19900511);
    draft_int(&edits[1], F_PERSON_BIRTHDAY, 19910511);
    draft_text(&edits[1], F_PERSON_ORG, STR("Mill"));
    draft_bool(&edits[2], F_REL_HARM, true);
    commit(d, edits, 3);
    const Id all[] = {d->id[TWO], d->id[ONE], d->id[THIRD]};
    d->id[BOTH] = moment(d, all, 3);
    d->id[HERS] = moment(d, &d->id[TWO], 1);
    Draft checkin = draft_new(d->cx, ENTRY_CHECKIN);
    draft_id(&checkin, F_PERSON, d->id[TWO]);
    draft_bool(&checkin, F_CHECKIN_CONTACT, true);
    commit(d, &checkin, 1);
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
    people_open(&d);
    assert_ok(d.cx, book_merge(d.cx, d.book, d.log, ref_of(&d, d.id[ONE]), ref_of(&d, d.id[TWO]),
                               &batch));
    BookRef one = ref_of(&d, d.id[ONE]);
    assert_int_equal(ref_of(&d, d.id[TWO]), BOOK_NONE);
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
    assert_ok(d.cx, book_event(d.cx, d.book, book_find(d.book, ENTRY_MOMENT, d.id[BOTH]), &event));
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
    people_open(&d);
    assert_ok(d.cx, book_merge(d.cx, d.book, d.log, ref_of(&d, d.id[ONE]), ref_of(&d, d.id[TWO]),
                               &batch));
    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batch));
    BookRef one = ref_of(&d, d.id[ONE]), two = ref_of(&d, d.id[TWO]);
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
    people_open(&d);
    assert_int_equal(
        book_merge(d.cx, d.book, d.log, ref_of(&d, d.id[ONE]), ref_of(&d, d.id[ONE]), &batch),
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
