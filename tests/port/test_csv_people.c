/* tests/port/test_csv_people.c - tables as Google Contacts, Outlook and Thunderbird write them, as people type them, and
 * as fonder writes them; days that can be read in two ways; what is no table of contacts. */
#include "people.h"
#include "port/csv_people.h"
#include "port/export.h"
#include <string.h>

static VcardFile read_table(TestCx *t, const char *text)
{
    VcardFile file = {.people = NULL};
    assert_ok(&t->cx, csv_people_read(&t->cx, str_c(text), &file));
    return file;
}

static void check_date(const VcardDate *d, int year, int month, int day)
{
    assert_int_equal(d->year, year);
    assert_int_equal(d->month, month);
    assert_int_equal(d->day, day);
}

static void check_point(const VcardPoint *p, const char *value, unsigned types, const char *label)
{
    assert_str(p->value, value);
    assert_int_equal(p->types, types);
    assert_str(p->label, label);
}

static void google_writes_it(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = read_table(
        &t, "First Name,Middle Name,Last Name,Name Prefix,Nickname,Organization Name,Organization "
            "Title,Birthday,Notes,"
            "Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - "
            "Label,Phone 1 - Value,"
            "Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 "
            "- Postal Code,"
            "Website 1 - Label,Website 1 - Value,Relation 1 - Label,Relation 1 - Value,Event 1 - "
            "Label,Event 1 - Value\n"
            "Zoë,Anne,Martin,Dr.,Zo,Acme,Baker,1985-04-12,\"Likes \"\"rye\"\"\nand walks\",* "
            "myContacts ::: Friends,* Home,"
            "zoe@x.org ::: z2@x.org,Atelier,zoe@work.example,Mobile,+44 20 7946 0001,Home,\"1 Low "
            "St\nLeeds\",1 Low St,"
            "Leeds,LS1,Blog,https://zoe.example,Spouse,Tom Martin,Anniversary,2011-06-20\n"
            "Tom,,Martin,,,,, --04-12,,,,,,,,,,,,,,,,,,First met,2001-01-01\n");
    assert_int_equal(f.n_people, 2);
    assert_int_equal(f.problems_total, 0);
    const VcardPerson *p = &f.people[0];
    assert_str(p->name, "Zoë Anne Martin");
    assert_str(p->given, "Zoë");
    assert_str(p->family, "Martin");
    assert_int_equal(p->n_nicknames, 1);
    assert_str(p->nicknames[0], "Zo");
    assert_str(p->org, "Acme");
    assert_str(p->title, "Baker");
    assert_str(p->note, "Likes \"rye\"\nand walks");
    check_date(&p->birthday, 1985, 4, 12);
    check_date(&p->anniversary, 2011, 6, 20);
    assert_int_equal(p->n_categories, 2);
    assert_str(p->categories[0], "myContacts");
    assert_str(p->categories[1], "Friends");
    assert_int_equal(p->n_emails, 3);
    check_point(&p->emails[0], "zoe@x.org", VCARD_HOME, "");
    assert_int_equal(p->emails[0].pref, 1);
    check_point(&p->emails[1], "z2@x.org", VCARD_HOME, "");
    check_point(&p->emails[2], "zoe@work.example", 0, "Atelier");
    assert_int_equal(p->n_phones, 1);
    check_point(&p->phones[0], "+44 20 7946 0001", VCARD_CELL, "");
    assert_int_equal(p->n_urls, 1);
    check_point(&p->urls[0], "https://zoe.example", 0, "Blog");
    assert_int_equal(p->n_addresses, 1);
    assert_str(p->addresses[0].street, "1 Low St");
    assert_str(p->addresses[0].city, "Leeds");
    assert_str(p->addresses[0].postcode, "LS1");
    assert_str(p->addresses[0].printed, "1 Low St\nLeeds");
    assert_int_equal(p->addresses[0].types, VCARD_HOME);
    assert_int_equal(p->n_related, 1);
    assert_str(p->related[0].kind, "spouse");
    assert_str(p->related[0].name, "Tom Martin");
    assert_int_equal(p->left_out.other, 1); /* Dr. */
    check_date(&f.people[1].birthday, 0, 4, 12);
    assert_false(vcard_date_is_set(&f.people[1].anniversary));
    assert_int_equal(f.people[1].left_out.other, 1);
    assert_int_equal(f.people[1].line, 5);
    test_cx_free(&t);
}

static void outlook_and_thunderbird_write_it(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = read_table(
        &t, "\"Title\",\"First Name\",\"Last Name\",\"Suffix\",\"Company\",\"Job "
            "Title\",\"Business Street\",\"Business City\","
            "\"Home Street\",\"Home Street 2\",\"Home City\",\"Home Country/Region\",\"Home "
            "Phone\",\"Home Phone 2\","
            "\"Mobile Phone\",\"Birthday\",\"Anniversary\",\"E-mail Address\",\"E-mail 2 "
            "Address\",\"Spouse\",\"Web Page\"\r\n"
            "\"Mr.\",\"Omar\",\"Haddad\",\"\",\"Blue Ltd\",\"Cook\",\"5 High Rd\",\"York\",\"9 "
            "Elm\",\"Flat 2\",\"Hull\",\"UK\","
            "\"01904 1\",\"01904 2\",\"07700 "
            "3\",\"4/25/1980\",\"0/0/00\",\"omar@x.org\",\"o2@x.org\",\"Lea\",\"x.org\"\r\n"
            "\"\",\"Ida\",\"Berg\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"3/"
            "4/85\",\"2/1/23\"\r\n");
    const VcardPerson *p = f.people;
    assert_int_equal(f.n_people, 2);
    assert_int_equal(f.problems_total, 0);
    assert_str(p->name, "Omar Haddad");
    assert_str(p->title, "Cook");
    assert_int_equal(p->n_phones, 3);
    check_point(&p->phones[1], "01904 2", VCARD_HOME, "");
    check_point(&p->phones[2], "07700 3", VCARD_CELL, "");
    assert_int_equal(p->n_emails, 2);
    assert_int_equal(p->n_addresses, 2);
    assert_str(p->addresses[0].street, "5 High Rd");
    assert_str(p->addresses[0].city, "York");
    assert_int_equal(p->addresses[0].types, VCARD_WORK);
    assert_str(p->addresses[1].extended, "Flat 2");
    assert_str(p->addresses[1].city, "Hull");
    assert_int_equal(p->addresses[1].types, VCARD_HOME);
    assert_str(p->related[0].kind, "spouse");
    check_date(&p->birthday, 1980, 4, 25);
    assert_false(vcard_date_is_set(&p->anniversary));
    check_date(&f.people[1].birthday, 1985, 3, 4); /* the first row tells which comes first */
    check_date(&f.people[1].anniversary, 2023, 2, 1);

    f = read_table(
        &t, "First Name,Last Name,Display Name,Primary Email,Secondary Email,Work Phone,Birth Year,"
            "Birth Month,Birth Day\n"
            "Lena,Weiß,Lena W.,l@x.org,l2@x.org,030 1,1992,2,29\nJo,,,,,,1990,2,29\n");
    assert_str(f.people[0].name, "Lena W.");
    assert_int_equal(f.people[0].n_emails, 2);
    check_point(&f.people[0].phones[0], "030 1", VCARD_WORK, "");
    check_date(&f.people[0].birthday, 1992, 2, 29);
    assert_false(vcard_date_is_set(&f.people[1].birthday));
    assert_int_equal(f.n_problems, 1);
    assert_string_equal(f.problems[0].why.key, "err.csv-birthday");
    assert_int_equal(f.problems[0].line, 3);
    test_cx_free(&t);
}

/* A day is taken only where the table tells which number is the day. */
static void days_that_can_be_read_in_two_ways(void **state)
{
    static const struct {
        const char *rows;
        int year, month, day; /* of the first row; 0 where it is left out */
        const char *key;
    } cases[] = {
        {"A,3/4/1985\nB,1/30/1990\n",              1985, 3, 4,  NULL               },
        {"A,3/4/1985\nB,30/1/1990\n",              1985, 4, 3,  NULL               },
        {"A,3/4/1985\nB,2/5/1990\n",               0,    0, 0,  "err.csv-day-order"},
        {"A,3/4/1985\nB,30/1/1990\nC,1/30/1990\n", 0,    0, 0,  "err.csv-day-order"},
        {"A,4/4/1985\nB,2/5/1990\n",               1985, 4, 4,  NULL               },
        {"A,3.4.1985\nB,5/6/1990\n",               1985, 4, 3,  NULL               },
        {"A,1985/4/3\nB,x\n",                      1985, 4, 3,  NULL               },
        {"A,1985-04-03\nB,x\n",                    1985, 4, 3,  NULL               },
        {"A,31.2.1985\nB,x\n",                     0,    0, 0,  "err.vcard-date"   },
        {"A,some day\nB,x\n",                      0,    0, 0,  "err.vcard-date"   },
        {"A,3/4\nB,x\n",                           0,    0, 0,  "err.vcard-date"   },
        {"A,13.2.70\nB,x\n",                       1970, 2, 13, NULL               },
        {"A,13.2.21\nB,x\n",                       2021, 2, 13, NULL               },
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    t.cx.now_ms = INT64_C(1700000000000); /* November 2023 */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Buf buf = buf_make(&t.arena, 4096);
        buf_c(&buf, "Name,Birthday\n");
        buf_c(&buf, cases[i].rows);
        buf_char(&buf, '\0');
        VcardFile f = read_table(&t, buf.p);
        check_date(&f.people[0].birthday, cases[i].year, cases[i].month, cases[i].day);
        if (cases[i].key)
            assert_string_equal(f.problems[0].why.key, cases[i].key);
    }
    test_cx_free(&t);
}

static void typed_by_hand(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f =
        read_table(&t, "Name;EMAIL;Phone;Favourite\nM\xfcller, Jan;jan@x.org;1;tea\n;;;\n;;;tea\n"
                       ";x@y.org\nA;;;;b\n");
    assert_int_equal(f.n_people, 3);
    assert_int_equal(f.cards, 4);
    assert_str(f.people[0].name, "Müller, Jan");
    assert_int_equal(f.people[0].left_out.other, 1);
    assert_str(f.people[1].name, "x@y.org");
    assert_int_equal(f.n_problems, 2);
    assert_string_equal(f.problems[0].why.key, "err.csv-nameless");
    assert_true(f.problems[0].lost);
    assert_int_equal(f.problems[0].line, 4);
    assert_string_equal(f.problems[1].why.key, "err.csv-beyond");
    assert_false(f.problems[1].lost);
    test_cx_free(&t);
}

static void no_table_of_contacts(void **state)
{
    static const struct {
        const char *text, *key;
        Err err;
    } cases[] = {
        {"",                      "err.csv-columns", ERR_INVALID},
        {"Dear diary",            "err.csv-columns", ERR_INVALID},
        {"\"never closed",        "err.csv-columns", ERR_INVALID},
        {"Birthday,Notes\n1,2\n", "err.csv-columns", ERR_INVALID},
        {"Name\n\"x\n",           "err.csv-open",    ERR_DAMAGED},
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        VcardFile f = {.n_people = 77};
        assert_int_equal(csv_people_read(&t.cx, str_c(cases[i].text), &f), cases[i].err);
        assert_string_equal(t.cx.why.key, cases[i].key);
        assert_int_equal(f.n_people, 77);
    }
    test_cx_free(&t);
}

/* What fonder writes as a table, it reads: words that look like formulas, labels, lists. */
static void own_tables_come_back(void **state)
{
    static const TextPair mails[] = {
        {{"home", 4}, {"=a@x.org", 8}},
        {{"", 0},     {"b@x.org", 7} }
    };
    static const TextPair places[] = {
        {{"Hut", 3}, {"1 Low St, Leeds", 15}}
    };
    static const char *const names[] = {"=1+1", "'=q", "'tis", "+44", "Ana, the \"A\"", "Zoë"};
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Book *book = book_new(0);
        Str bytes = {NULL, 0};
        const Str *bodies = NULL;
        Id batch;
        Draft d = draft_new(&t.cx, ENTRY_PERSON);
        draft_text(&d, F_PERSON_NAME, str_c(names[i]));
        draft_text(&d, F_PERSON_TITLE, STR("-Cook"));
        draft_int(&d, F_PERSON_BIRTHDAY, 412);
        draft_pairs(&d, F_PERSON_EMAILS, mails, 2);
        draft_pairs(&d, F_PERSON_ADDRESSES, places, 1);
        assert_ok(&t.cx,
                  book_prepare(&t.cx, book, 7, &d, 1, STR("done.add"), STR(""), &batch, &bodies));
        for (int k = 0; k < 2; k++)
            assert_ok(&t.cx, book_apply(&t.cx, book, bodies[k]));
        assert_ok(&t.cx, book_settle(&t.cx, book));
        assert_ok(&t.cx, export_csv(&t.cx, book, &bytes));
        VcardFile f = {.n_people = 0};
        assert_ok(&t.cx, csv_people_read(&t.cx, bytes, &f));
        assert_int_equal(f.n_people, 1);
        assert_int_equal(f.problems_total, 0);
        const VcardPerson *p = f.people;
        assert_str(p->name, names[i]);
        assert_str(p->title, "-Cook");
        check_date(&p->birthday, 0, 4, 12);
        assert_int_equal(p->n_emails, 2);
        check_point(&p->emails[0], "=a@x.org", VCARD_HOME, "");
        check_point(&p->emails[1], "b@x.org", 0, "");
        assert_str(p->addresses[0].printed, "1 Low St, Leeds");
        assert_str(p->addresses[0].label, "Hut");
        book_free(book);
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(google_writes_it),
        cmocka_unit_test(outlook_and_thunderbird_write_it),
        cmocka_unit_test(days_that_can_be_read_in_two_ways),
        cmocka_unit_test(typed_by_hand),
        cmocka_unit_test(no_table_of_contacts),
        cmocka_unit_test(own_tables_come_back),
    };
    return cmocka_run_group_tests_name("port csv_people", tests, NULL, NULL);
}
