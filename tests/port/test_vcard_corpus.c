/* tests/port/test_vcard_corpus.c - real exports of phones and address books, file by file: how many
 * people and problems, and the fields where each writer is peculiar. Skipped without the reference data. */
#include "port/vcard.h"
#include "testlib.h"
#include <stdio.h>

#define EZ "data/corpora/vcard/mangstadt+ez-vcard/src_test_resources_ezvcard_io_text_"
#define EZ_ISSUE "data/corpora/vcard/mangstadt+ez-vcard/src_test_resources_ezvcard_issue_"
#define NEXTCLOUD "data/corpora/vcard/nextcloud+contacts/tests_assets_"
#define SABRE "data/corpora/vcard/sabre-io+vobject/tests_VObject_"

static VcardFile load(TestCx *t, const char *name)
{
    VcardFile file = {.people = NULL};
    Str bytes = {NULL, 0};
    Str path = shared_path(&t->cx, name);
    assert_non_null(path.p);
    assert_ok(&t->cx, os_read_file(&t->cx, path, VCARD_FILE_MAX, &bytes));
    assert_ok(&t->cx, vcard_read(&t->cx, bytes, &file));
    return file;
}

static bool absent(TestCx *t)
{
    test_cx_init(t);
    if (!str_is_null(shared_path(&t->cx, NEXTCLOUD "forrest-gump.vcf")))
        return false;
    /* not cmocka's skip(): it writes "not ok", which Meson takes for a failure */
    print_message("# skipped: the exports are not here\n");
    test_cx_free(t);
    return true;
}

static void check_date(const VcardDate *d, int year, int month, int day)
{
    assert_int_equal(d->year, year);
    assert_int_equal(d->month, month);
    assert_int_equal(d->day, day);
}

static void every_file_imports(void **state)
{
    static const struct {
        const char *name;
        int people, problems, emails, phones, addresses, urls, related, photos;
    } files[] = {
        {EZ "John_Doe_ANDROID.vcf",                                  6, 1, 5, 9,  0, 2, 0,  1},
        {EZ "John_Doe_BLACK_BERRY.vcf",                              1, 0, 0, 1,  0, 0, 0,  1},
        {EZ "John_Doe_EVOLUTION.vcf",                                1, 0, 1, 2,  1, 1, 3,  0},
        {EZ "John_Doe_GMAIL.vcf",                                    1, 0, 1, 2,  1, 1, 1,  0},
        {EZ "John_Doe_IPHONE.vcf",                                   1, 0, 1, 7,  2, 1, 0,  1},
        {EZ "John_Doe_LOTUS_NOTES.vcf",                              1, 0, 2, 2,  1, 1, 0,  1},
        {EZ "fullcontact.vcf",                                       1, 0, 5, 9,  4, 4, 0,  3},
        {EZ "gmail-list.vcf",                                        3, 0, 3, 0,  0, 0, 0,  0},
        {EZ "gmail-single2.vcf",                                     1, 0, 5, 11, 5, 6, 16, 0},
        {EZ "rfc6350-example.vcf",                                   1, 0, 1, 2,  1, 1, 0,  0},
        {EZ "thunderbird-MoreFunctionsForAddressBook-extension.vcf", 1, 0, 5, 5,  2, 2, 1,  1},
        {EZ_ISSUE "issue114.vcf",                                    1, 0, 1, 2,  1, 0, 0,  0},
        {NEXTCLOUD "forrest-gump.vcf",                               1, 0, 1, 0,  0, 0, 0,  0},
        {NEXTCLOUD "without-uid.vcf",                                1, 0, 1, 0,  0, 0, 0,  0},
        {SABRE "issue153.vcf",                                       1, 0, 0, 0,  0, 0, 0,  1},
        {SABRE "issue64.vcf",                                        0, 1, 0, 0,  0, 0, 0,  0}, /* a picture and nothing else */
    };
    TestCx t;
    (void)state;
    if (absent(&t))
        return;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        VcardFile f = load(&t, files[i].name);
        int emails = 0, phones = 0, addresses = 0, urls = 0, related = 0, photos = 0;
        for (ptrdiff_t k = 0; k < f.n_people; k++) {
            const VcardPerson *p = &f.people[k];
            emails += p->n_emails;
            phones += p->n_phones;
            addresses += p->n_addresses;
            urls += p->n_urls;
            related += p->n_related;
            photos += p->left_out.photos;
        }
        bool as_known = f.n_people == files[i].people && f.n_problems == files[i].problems &&
                        emails == files[i].emails && phones == files[i].phones &&
                        addresses == files[i].addresses && urls == files[i].urls &&
                        related == files[i].related && photos == files[i].photos;
        if (!as_known)
            print_error(
                "%s: %d people, %d problems, %d mails, %d phones, %d addresses, %d urls, %d "
                "related, %d photos\n",
                files[i].name, (int)f.n_people, (int)f.n_problems, emails, phones, addresses, urls,
                related, photos);
        assert_true(as_known);
    }
    test_cx_free(&t);
}

static void android_and_its_quoted_printable(void **state)
{
    TestCx t;
    (void)state;
    if (absent(&t))
        return;
    VcardFile f = load(&t, EZ "John_Doe_ANDROID.vcf");
    assert_str(f.people[0].name, "john.doe@company.com");
    assert_int_equal(f.people[0].name_from, VCARD_FROM_EMAIL);
    assert_str(f.people[2].name, "Ñ Ñ Ñ Ñ Ñ");
    assert_str(f.people[3].name, "Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ");
    assert_str(f.people[4].family, "Ñ Ñ");
    assert_str(f.people[4].given, "Ñ Ñ Ñ");
    assert_int_equal(f.people[4].phones[2].types, VCARD_WORK | VCARD_FAX);
    assert_int_equal(f.people[5].line, 71);
    /* A soft break in the middle of a letter whose second half is missing. */
    assert_string_equal(f.problems[0].why.key, "err.vcard-bytes");
    assert_int_equal(f.problems[0].line, 82);
    test_cx_free(&t);
}

static void apple_and_its_labels(void **state)
{
    TestCx t;
    (void)state;
    if (absent(&t))
        return;
    VcardFile f = load(&t, EZ "John_Doe_IPHONE.vcf"); /* lines end in \r\r\n */
    const VcardPerson *p = &f.people[0];
    assert_str(p->name, "Mr. John Richter James Doe Sr.");
    assert_str(p->phones[6].label, "AssistantPhone");
    assert_str(p->urls[0].label, "HomePage");
    assert_str(p->urls[0].value, "http://www.ibm.com");
    assert_str(p->addresses[1].street, "Street4\nBuilding 6\nFloor 8");
    check_date(&p->birthday, 2012, 6, 6);
    f = load(&t, EZ "John_Doe_LOTUS_NOTES.vcf");
    p = &f.people[0];
    assert_str(p->nicknames[0], "Johny,JayJay");
    assert_str(p->unit, "SUN");
    assert_str(p->addresses[0].printed,
               "John Doe\nNew York, NewYork,\nSouth Crecent Dr ive,\nBuilding 5, floor 3,\nUSA");
    test_cx_free(&t);
}

static void google_evolution_and_thunderbird(void **state)
{
    TestCx t;
    (void)state;
    if (absent(&t))
        return;
    VcardFile f = load(&t, EZ "gmail-single2.vcf");
    const VcardPerson *p = &f.people[0];
    check_date(&p->birthday, 1912, 6, 23);
    check_date(&p->anniversary, 1930, 3, 20);
    assert_str(p->emails[4].label, "CustomEmailCategory");
    assert_str(p->related[1].name, "Name2");
    assert_str(p->related[1].kind, "spouse");
    assert_str(p->related[14].kind, "domestic_partner");
    f = load(&t, EZ "John_Doe_GMAIL.vcf");
    check_date(&f.people[0].anniversary, 1975, 3, 1);
    f = load(&t, EZ "John_Doe_EVOLUTION.vcf");
    p = &f.people[0];
    assert_str(p->related[0].name, "Maria");
    assert_str(p->related[1].kind, "manager");
    check_date(&p->anniversary, 1980, 3, 22);
    assert_str(p->additional, "Richter, James");
    f = load(&t, EZ "thunderbird-MoreFunctionsForAddressBook-extension.vcf");
    p = &f.people[0];
    assert_str(p->related[0].name, "TheSpouse");
    check_date(&p->anniversary, 1990, 4, 30);
    assert_str(p->categories[0], "category1, category2, category3");
    test_cx_free(&t);
}

static void version_4_as_its_standard_shows_it(void **state)
{
    TestCx t;
    (void)state;
    if (absent(&t))
        return;
    VcardFile f = load(&t, EZ "rfc6350-example.vcf");
    const VcardPerson *p = &f.people[0];
    check_date(&p->birthday, 0, 2, 3);
    check_date(&p->anniversary, 2009, 8, 8);
    assert_str(p->suffix, "ing. jr,M.Sc.");
    assert_str(p->phones[0].value, "+1-418-656-9254;ext=102");
    assert_int_equal(p->phones[0].pref, 1);
    assert_int_equal(p->phones[1].types,
                     VCARD_WORK | VCARD_CELL | VCARD_VOICE | VCARD_VIDEO | VCARD_TEXT);
    assert_int_equal(p->left_out.keys, 1);
    f = load(&t, EZ "fullcontact.vcf");
    p = &f.people[0];
    check_date(&p->birthday, 2016, 8, 1);
    assert_str(p->emails[4].label, "customtype");
    assert_str(p->org, "Organization1");
    f = load(&t, EZ_ISSUE "issue114.vcf");
    p = &f.people[0];
    assert_str(p->name, "Dummy, Dummy");
    assert_str(p->addresses[0].printed, "Dummy-Dummy-Strasse 1 61352 Bad Homburg\nGERMANY\"");
    assert_str(p->addresses[0].postcode, "61352");
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_imports),
        cmocka_unit_test(android_and_its_quoted_printable),
        cmocka_unit_test(apple_and_its_labels),
        cmocka_unit_test(google_evolution_and_thunderbird),
        cmocka_unit_test(version_4_as_its_standard_shows_it),
    };
    return cmocka_run_group_tests_name("port vcard_corpus", tests, NULL, NULL);
}
