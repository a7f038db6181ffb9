/* tests/port/test_vcard_write.c - what is written is what the standards say, and reads back the same. */
#include "people.h"
#include "port/vcard_write.h"
#include <string.h>

static Str write_one(TestCx *t, const VcardPerson *p, VcardVersion version)
{
    Str text = {NULL, 0};
    assert_ok(&t->cx, vcard_write(&t->cx, p, 1, version, &text));
    return text;
}

static void both_versions_to_the_letter(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    const VcardPoint emails[] = {
        {STR("ana@example.org"), STR("Choir"), VCARD_HOME, 1}
    };
    const VcardPoint phones[] = {
        {STR("+44 20 7946 0000"), STR(""), VCARD_HOME | VCARD_CELL, 2}
    };
    const VcardAddress addresses[] = {
        {.street = STR("12 High St; back"),
         .city = STR("Leeds"),
         .printed = STR("12 \"High\" St\nLeeds"),
         .types = VCARD_HOME}
    };
    const VcardRelated related[] = {
        {STR("spouse"), STR("Tom"), STR("")},
        {STR("mother"), STR("Eva"), STR("")}
    };
    const Str nicknames[] = {STR("Annie"), STR("A,na")};
    const VcardPerson p = {
        .name = STR("Ana Brown"),
        .family = STR("Brown"),
        .given = STR("Ana"),
        .nicknames = nicknames,
        .n_nicknames = 2,
        .birthday = {.month = 2,  .day = 3 },
        .anniversary = { .year = 2010, .month = 6, .day = 19},
        .emails = emails,
        .n_emails = 1,
        .phones = phones,
        .n_phones = 1,
        .addresses = addresses,
        .n_addresses = 1,
        .related = related,
        .n_related = 2,
        .org = STR("Acme, Inc."),
        .unit = STR("Lab"),
        .note = STR("one\ntwo\\")
    };
    assert_str(
        write_one(&t, &p, VCARD_3_0),
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Brown\r\nN:Brown;Ana;;;\r\nNICKNAME:Annie,A\\,na\r\n"
        "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-03\r\nX-ANNIVERSARY:2010-06-19\r\n"
        "item1.EMAIL;TYPE=home,pref:ana@example.org\r\nitem1.X-ABLabel:Choir\r\n"
        "TEL;TYPE=home,cell;PREF=2:+44 20 7946 0000\r\n"
        "ADR;TYPE=home:;;12 High St\\; back;Leeds;;;\r\nLABEL:12 \"High\" St\\nLeeds\r\n"
        "ORG:Acme\\, Inc.;Lab\r\nitem2.X-ABRELATEDNAMES:Tom\r\nitem2.X-ABLabel:spouse\r\n"
        "item3.X-ABRELATEDNAMES:Eva\r\nitem3.X-ABLabel:mother\r\nNOTE:one\\ntwo\\\\\r\nEND:"
        "VCARD\r\n");
    assert_str(
        write_one(&t, &p, VCARD_4_0),
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana Brown\r\nN:Brown;Ana;;;\r\nNICKNAME:Annie,A\\,na\r\n"
        "BDAY:--0203\r\nANNIVERSARY:20100619\r\n"
        "item1.EMAIL;TYPE=home;PREF=1:ana@example.org\r\nitem1.X-ABLabel:Choir\r\n"
        "TEL;TYPE=home,cell;PREF=2:+44 20 7946 0000\r\n"
        "ADR;TYPE=home;LABEL=\"12 ^'High^' St^nLeeds\":;;12 High St\\; back;Leeds;;;\r\n"
        "ORG:Acme\\, Inc.;Lab\r\nRELATED;TYPE=spouse;VALUE=text:Tom\r\n"
        "item2.X-ABRELATEDNAMES:Eva\r\nitem2.X-ABLabel:mother\r\nNOTE:one\\ntwo\\\\\r\nEND:"
        "VCARD\r\n");
    test_cx_free(&t);
}

static void check_lines(Str text)
{
    while (text.len > 0) {
        ptrdiff_t end = str_find(text, STR("\r\n"));
        assert_true(end >= 0 && end <= 75);
        Str line = str_sub(text, 0, end);
        assert_true(line.len > 0 && utf8_valid(line));
        text = str_from(text, end + 2);
    }
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    static const VcardVersion versions[] = {VCARD_3_0, VCARD_4_0};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        TestCx t;
        test_cx_init(&t);
        Gen g = gen_seed(seed);
        VcardPerson p = people_make(&t, &g, true);
        for (int v = 0; v < 2; v++) {
            Str text = write_one(&t, &p, versions[v]);
            check_lines(text);
            VcardFile back = {.people = NULL};
            assert_ok(&t.cx, vcard_read(&t.cx, text, &back));
            if (back.n_people != 1 || back.n_problems > 0 || !vcard_same(&p, &back.people[0])) {
                print_error("seed %d, version %d:\n%.*s", (int)seed, (int)versions[v],
                            STR_FMT(text));
                fail();
            }
        }
        test_cx_free(&t);
    }
}

static void vcard_same_sees_every_field(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < 200; seed++) {
        Gen one = gen_seed(seed), two = gen_seed(seed), other = gen_seed(seed + 1000);
        VcardPerson a = people_make(&t, &one, true), b = people_make(&t, &two, true);
        VcardPerson c = people_make(&t, &other, true);
        assert_true(vcard_same(&a, &b));
        assert_false(vcard_same(&a, &c));
        Str *const texts[] = {&b.name,   &b.family, &b.given,        &b.additional, &b.prefix,
                              &b.suffix, &b.org,    &b.unit,         &b.title,      &b.note,
                              &b.uid,    &b.rev,    &b.birthday.text};
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            Str kept = *texts[i];
            *texts[i] = STR("something else");
            assert_false(vcard_same(&a, &b));
            *texts[i] = kept;
        }
        b.line = 7;
        b.left_out.photos = 3;
        assert_true(vcard_same(&a, &b));
        b.birthday.day++;
        assert_false(vcard_same(&a, &b));
    }
    test_cx_free(&t);
}

static void many_people_make_one_file(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardPerson people[40];
    Gen g = gen_seed(1);
    for (int i = 0; i < 40; i++)
        people[i] = people_make(&t, &g, true);
    Str text = {NULL, 0};
    VcardFile back = {.people = NULL};
    assert_ok(&t.cx, vcard_write(&t.cx, people, 40, VCARD_4_0, &text));
    assert_ok(&t.cx, vcard_read(&t.cx, text, &back));
    assert_int_equal(back.n_people, 40);
    for (int i = 0; i < 40; i++)
        assert_true(vcard_same(&people[i], &back.people[i]));
    assert_ok(&t.cx, vcard_write(&t.cx, people, 0, VCARD_4_0, &text));
    assert_int_equal(text.len, 0);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_to_the_letter),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(vcard_same_sees_every_field),
        cmocka_unit_test(many_people_make_one_file),
    };
    return cmocka_run_group_tests_name("port vcard_write", tests, NULL, NULL);
}
