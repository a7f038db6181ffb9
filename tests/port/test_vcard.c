/* tests/port/test_vcard.c - the vCard reader, feature by feature, on samples written for it. */
#include "port/vcard.h"
#include "testlib.h"
#include <stdio.h>
#include <string.h>

/* A file from a literal that may hold NUL. */
#define READ(lit) read_all(&t, STR(lit))
#define CARD(version, lines) "BEGIN:VCARD\r\nVERSION:" version "\r\n" lines "END:VCARD\r\n"

static VcardFile read_all(TestCx *t, Str bytes)
{
    VcardFile file = {.people = NULL};
    assert_ok(&t->cx, vcard_read(&t->cx, bytes, &file));
    return file;
}

static const VcardPerson *only(const VcardFile *file)
{
    assert_int_equal(file->n_people, 1);
    return &file->people[0];
}

static void check_date(const VcardDate *d, int year, int month, int day)
{
    assert_int_equal(d->year, year);
    assert_int_equal(d->month, month);
    assert_int_equal(d->day, day);
}

static void check_problem(const VcardFile *file, ptrdiff_t i, const char *key, int64_t line,
                          bool lost)
{
    assert_true(i < file->n_problems);
    assert_string_equal(file->problems[i].why.key, key);
    assert_int_equal(file->problems[i].line, line);
    assert_int_equal(file->problems[i].lost, lost);
    assert_string_equal(file->problems[i].why.args[0].name, "line");
    assert_int_equal(file->problems[i].why.args[0].num, line);
}

static void every_part_of_a_card_is_read(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f =
        READ(CARD("4.0", "FN:Ana Brown\r\nN:Brown;Ana;Maria;Dr.;Jr.\r\n"
                         "NICKNAME:Annie,An\\,a\r\nBDAY:19850412\r\nANNIVERSARY:20100619\r\n"
                         "EMAIL;TYPE=home;PREF=1:ana@example.org\r\n"
                         "EMAIL;TYPE=work:mailto:ana@work.example\r\n"
                         "TEL;VALUE=uri;TYPE=\"voice,cell\":tel:+1-212-555-0100\r\n"
                         "ADR;TYPE=home;LABEL=\"12 High St^nLeeds\":;Flat 2;12 High St;Leeds;"
                         "Yorkshire;LS1 1AA;UK\r\n"
                         "ORG:Acme\\, Inc.;Research;Lab\r\nTITLE:Engineer\\; EMEA\r\n"
                         "URL:https://example.org/~ana\r\nNOTE:one\\ntwo\r\n"
                         "CATEGORIES:Work,Book club\r\nUID:urn:uuid:1\r\nREV:20230101T000000Z\r\n"
                         "RELATED;TYPE=spouse;VALUE=text:Tom Brown\r\n"
                         "RELATED;TYPE=friend:urn:uuid:2\r\nLANG:en\r\n"));
    const VcardPerson *p = only(&f);
    assert_int_equal(f.n_problems, 0);
    assert_int_equal(p->version, 40);
    assert_int_equal(p->line, 1);
    assert_int_equal(p->name_from, VCARD_FROM_FN);
    assert_str(p->name, "Ana Brown");
    assert_str(p->family, "Brown");
    assert_str(p->given, "Ana");
    assert_str(p->additional, "Maria");
    assert_str(p->prefix, "Dr.");
    assert_str(p->suffix, "Jr.");
    assert_int_equal(p->n_nicknames, 2);
    assert_str(p->nicknames[1], "An,a");
    check_date(&p->birthday, 1985, 4, 12);
    check_date(&p->anniversary, 2010, 6, 19);
    assert_int_equal(p->n_emails, 2);
    assert_int_equal(p->emails[0].pref, 1);
    assert_int_equal(p->emails[0].types, VCARD_HOME);
    assert_str(p->emails[1].value, "ana@work.example");
    assert_int_equal(p->n_phones, 1);
    assert_str(p->phones[0].value, "+1-212-555-0100");
    assert_int_equal(p->phones[0].types, VCARD_VOICE | VCARD_CELL);
    assert_int_equal(p->n_addresses, 1);
    assert_str(p->addresses[0].extended, "Flat 2");
    assert_str(p->addresses[0].street, "12 High St");
    assert_str(p->addresses[0].city, "Leeds");
    assert_str(p->addresses[0].region, "Yorkshire");
    assert_str(p->addresses[0].postcode, "LS1 1AA");
    assert_str(p->addresses[0].country, "UK");
    assert_str(p->addresses[0].printed, "12 High St\nLeeds");
    assert_str(p->org, "Acme, Inc.");
    assert_str(p->unit, "Research, Lab");
    assert_str(p->title, "Engineer; EMEA");
    assert_str(p->urls[0].value, "https://example.org/~ana");
    assert_str(p->note, "one\ntwo");
    assert_int_equal(p->n_categories, 2);
    assert_str(p->categories[1], "Book club");
    assert_str(p->uid, "urn:uuid:1");
    assert_str(p->rev, "20230101T000000Z");
    assert_int_equal(p->n_related, 2);
    assert_str(p->related[0].kind, "spouse");
    assert_str(p->related[0].name, "Tom Brown");
    assert_str(p->related[1].uri, "urn:uuid:2");
    assert_int_equal(p->left_out.other, 1);
    test_cx_free(&t);
}

static void lines_fold_and_end_in_every_way(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const char *const ends[] = {"\n", "\r\n", "\r", "\r\r\n"};
    for (size_t i = 0; i < 4; i++) {
        char text[256];
        const char *e = ends[i];
        int n = snprintf(
            text, sizeof text,
            "BEGIN:VCARD%sVERSION:3.0%sFN:Ana Ma%s ria Br%s\town%sTEL;TYPE=HO%s ME:12%sEND:VCARD",
            e, e, e, e, e, e, e);
        VcardFile f = read_all(&t, (Str){text, n});
        assert_str(only(&f)->name, "Ana Maria Brown");
        assert_int_equal(only(&f)->phones[0].types, VCARD_HOME);
        assert_int_equal(f.n_problems, 0);
    }
    /* 2.1 folds where a space stood and keeps it; addresses of machines hold none. */
    VcardFile f = READ(
        CARD("2.1", "N:Brown;Ana\r\nNOTE:one\r\n two\r\nEMAIL;INTERNET:ana@\r\n example.org\r\n"));
    assert_str(only(&f)->note, "one two");
    assert_str(only(&f)->emails[0].value, "ana@example.org");
    /* A letter cut in two by a fold is whole again. */
    f = READ(CARD("3.0", "FN:Zo\xC3\r\n \xAB\r\n"));
    assert_str(only(&f)->name, "Zo\xC3\xAB");
    test_cx_free(&t);
}

static void quoted_printable_in_every_charset(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const struct {
        const char *card, *name;
    } cases[] = {
        {CARD("2.1", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB\r\n"),              "Zoë"     },
        {CARD("2.1", "FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB\r\n"),                     "Zoë"     },
        {CARD("2.1", "FN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:=80 Zo=EB\r\n"),      "€ Zoë" },
        {CARD("2.1", "FN;CHARSET=UTF-16BE;ENCODING=QUOTED-PRINTABLE:=00Z=00o=00=EB\r\n"),     "Zoë"     },
        {CARD("2.1", "FN;CHARSET=UTF-16;ENCODING=QUOTED-PRINTABLE:=FF=FEZ=00o=00=EB=00\r\n"),
         "Zoë"                                                                                          },
        {CARD("2.1", "FN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=C8=E2=E0=ED\r\n"),   "Иван" },
        {CARD("2.1", "FN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=94=FC=8D=81\r\n"),      "美香"   },
        {CARD("2.1", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:An=\r\na=\r\n Brown\r\n"),
         "Ana Brown"                                                                                     },
        {CARD("2.1", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=\r\n=AB=\r\n"),        "Zoë"     },
        {CARD("2.1", "FN;encoding=quoted-printable:a=3db=\n"),                                "a=b"      },
        {CARD("2.1", "FN;CHARSET=ISO-8859-1:Zo\xEB\r\n"),                                     "Zoë"     },
        {CARD("3.0", "FN;ENCODING=b:QW5hIEJyb3du\r\n"),                                       "Ana Brown"},
        {CARD("2.1", "FN;ENCODING=BASE64:QW5h\r\nIEJyb3du\r\n\r\n"),                          "Ana Brown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        VcardFile f = read_all(&t, str_c(cases[i].card));
        assert_str(only(&f)->name, cases[i].name);
        assert_int_equal(f.n_problems, 0);
    }
    /* Semicolons that are part of a name, escaped under the encoding. */
    VcardFile f = READ(CARD("2.1", "N;ENCODING=QUOTED-PRINTABLE:Br=5C;own;Ana=3B=4Daria\r\n"));
    assert_str(only(&f)->family, "Br;own");
    assert_str(only(&f)->given, "Ana");
    assert_str(only(&f)->additional, "Maria");
    f = READ(CARD(
        "2.1", "FN:Ana\r\nNOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=\r\n=0D=0A=0D=0Athree\r\n"));
    assert_str(only(&f)->note, "one\ntwo\n\nthree");
    test_cx_free(&t);
}

static void text_without_a_charset(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(CARD("3.0", "FN:Zo\xEB \x93x\x94\r\n"));
    assert_str(only(&f)->name, "Zoë “x”");
    check_problem(&f, 0, "err.vcard-guessed", 3, false);
    f = READ(CARD("2.1", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=EB\r\n"));
    assert_str(only(&f)->name, "Zo\xEF\xBF\xBD");
    check_problem(&f, 0, "err.vcard-bytes", 3, false);
    f = READ(CARD("2.1", "FN;CHARSET=KLINGON;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB\r\n"));
    assert_str(only(&f)->name, "Zoë");
    check_problem(&f, 0, "err.vcard-charset", 3, false);
    assert_str(f.problems[0].why.args[1].str, "KLINGON");
    f = READ(CARD("2.1", "FN;ENCODING=QUOTED-PRINTABLE:100=ZZ\r\n"));
    assert_str(only(&f)->name, "100=ZZ");
    check_problem(&f, 0, "err.vcard-encoding", 3, false);
    f = READ(CARD("3.0", "FN:Ana\r\nNOTE;ENCODING=b:*not base64*\r\n"));
    assert_str(only(&f)->note, "");
    check_problem(&f, 0, "err.vcard-encoding", 4, false);
    /* Composed, controls and direction marks gone, edges trimmed. */
    f = READ(CARD("3.0", "FN: Zoe\xCC\x88 \x1B[31m\xE2\x80\xAEx \r\n"));
    assert_str(only(&f)->name, "Zoë [31mx");
    test_cx_free(&t);
}

static void whole_files_in_utf16_and_with_marks(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const char card[] = CARD("3.0", "FN:Ana\r\n");
    char le[2 * sizeof card], be[2 * sizeof card];
    ptrdiff_t n = (ptrdiff_t)sizeof card - 1;
    for (ptrdiff_t i = 0; i < n; i++) {
        le[2 * i] = be[2 * i + 1] = card[i];
        le[2 * i + 1] = be[2 * i] = '\0';
    }
    VcardFile f = read_all(&t, (Str){le, 2 * n});
    assert_str(only(&f)->name, "Ana");
    f = read_all(&t, (Str){be, 2 * n});
    assert_str(only(&f)->name, "Ana");
    char marked[sizeof le + 2] = "\xFE\xFF";
    memcpy(marked + 2, be, (size_t)(2 * n));
    f = read_all(&t, (Str){marked, 2 * n + 2});
    assert_str(only(&f)->name, "Ana");
    f = READ("\xEF\xBB\xBF" CARD("3.0", "FN:Ana\r\n"));
    assert_str(only(&f)->name, "Ana");
    assert_int_equal(f.n_problems, 0);
    test_cx_free(&t);
}

static void types_in_all_their_forms(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const struct {
        const char *params;
        unsigned types;
        int pref;
        const char *label;
    } cases[] = {
        {";TYPE=home,cell",                                      VCARD_HOME | VCARD_CELL, 0, ""      },
        {";TYPE=HOME;TYPE=CELL",                                 VCARD_HOME | VCARD_CELL, 0, ""      },
        {";HOME;CELL;PREF",                                      VCARD_HOME | VCARD_CELL, 1, ""      },
        {";type=\"home,cell\";pref=7",                           VCARD_HOME | VCARD_CELL, 7, ""      },
        {";type=\"home\",\"cell\",pref",                         VCARD_HOME | VCARD_CELL, 1, ""      },
        {"; type = home ; TYPE=cell",                            VCARD_HOME | VCARD_CELL, 0, ""      },
        {";TYPE=mobile,INTERNET,X-Boat",                         VCARD_CELL,              0, "Boat"  },
        {";TYPE=\"home",                                         0,                       0, "\"home"},
        {";X-A=\"a:b;TYPE=work\";TYPE=fax",                      VCARD_FAX,               0, ""      },
        {";TYPE=WORK,VOICE,MSG,MAIN,PAGER,VIDEO,TEXT,CAR,OTHER",
         VCARD_WORK | VCARD_VOICE | VCARD_MAIN | VCARD_PAGER | VCARD_VIDEO | VCARD_TEXT |
             VCARD_CAR | VCARD_OTHER,
         0,                                                                                  ""      },
        {";PREF=101",                                            0,                       0, ""      },
        {";",                                                    0,                       0, ""      },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        int n = snprintf(text, sizeof text, "BEGIN:VCARD\nFN:A\nTEL%s:12:34\nEND:VCARD\n",
                         cases[i].params);
        VcardFile f = read_all(&t, (Str){text, n});
        const VcardPerson *p = only(&f);
        assert_int_equal(p->n_phones, 1);
        assert_str(p->phones[0].value, "12:34");
        assert_int_equal(p->phones[0].types, cases[i].types);
        assert_int_equal(p->phones[0].pref, cases[i].pref);
        assert_str(p->phones[0].label, cases[i].label);
    }
    test_cx_free(&t);
}

static void groups_carry_labels(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(CARD(
        "3.0", "FN:Ana\r\nitem2.X-ABLabel:_$!<HomePage>!$_\r\nitem1.EMAIL;type=INTERNET:a@b.c\r\n"
               "item1.X-ABLabel:Choir\r\nitem2.URL:https\\://"
               "x.example\r\nITEM3.TEL:1\r\nitem3.X-ABLABEL:Boat\r\n"
               "item4.ADR:;;Street;;;;\r\nitem4.X-ABLabel:Cabin\r\nitem4.X-ABADR:gb\r\n"
               "item5.X-ABRELATEDNAMES:Tom\r\nitem5.X-ABLabel:_$!<Spouse>!$_\r\n"
               "item6.X-ABDATE:2010-06-19\r\nitem6.X-ABLabel:_$!<Anniversary>!$_\r\n"
               "item7.X-ABDATE:2011-06-19\r\nitem7.X-ABLabel:First met\r\nitem8.TEL:2\r\n"));
    const VcardPerson *p = only(&f);
    assert_str(p->emails[0].label, "Choir");
    assert_str(p->urls[0].label, "HomePage");
    assert_str(p->urls[0].value, "https://x.example");
    assert_str(p->phones[0].label, "Boat");
    assert_str(p->phones[1].label, "");
    assert_str(p->addresses[0].label, "Cabin");
    assert_str(p->related[0].kind, "spouse");
    check_date(&p->anniversary, 2010, 6, 19);
    assert_int_equal(p->left_out.other, 2); /* X-ABADR and the day they met */
    test_cx_free(&t);
}

static void relations_under_their_many_names(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(CARD(
        "3.0",
        "FN:Ana\r\nX-SPOUSE:A\r\nX-EVOLUTION-SPOUSE:B\r\nX-MS-CHILD:C\r\nX-MANAGER:D\r\n"
        "X-ASSISTANT:E\r\nX-KADDRESSBOOK-X-SpousesName:F\r\nX-EVOLUTION-ASSISTANT:G\r\n"
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;H;13;;;;;;;;;;;;;\r\n"
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;I;0;Godmother;;;;;;;;;;;;\r\n"
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Annie;1;;;;;;;;;;;;;\r\n"
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;2010-06-19;1;;;;;;;;;;;;;\r\n"));
    static const char *const want[][2] = {
        {"A", "spouse"   },
        {"B", "spouse"   },
        {"C", "child"    },
        {"D", "manager"  },
        {"E", "assistant"},
        {"F", "spouse"   },
        {"G", "assistant"},
        {"H", "sister"   },
        {"I", "godmother"}
    };
    const VcardPerson *p = only(&f);
    assert_int_equal(p->n_related, 9);
    for (int i = 0; i < 9; i++) {
        assert_str(p->related[i].name, want[i][0]);
        assert_str(p->related[i].kind, want[i][1]);
    }
    assert_str(p->nicknames[0], "Annie");
    check_date(&p->anniversary, 2010, 6, 19);
    test_cx_free(&t);
}

static void dates_with_and_without_a_year(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const struct {
        const char *line;
        int year, month, day;
    } good[] = {
        {":1985-04-12",                                   1985, 4, 12},
        {":19850412",                                     1985, 4, 12},
        {":1985-04-12T10:22:00Z",                         1985, 4, 12},
        {":19850412T102200-0500",                         1985, 4, 12},
        {":1985-4-2",                                     1985, 4, 2 },
        {";VALUE=date:1985-04-12",                        1985, 4, 12},
        {";VALUE=text:1985-04-12",                        1985, 4, 12},
        {":--0203",                                       0,    2, 3 },
        {":--02-03",                                      0,    2, 3 },
        {":--0229",                                       0,    2, 29},
        {";X-APPLE-OMIT-YEAR=1604:1604-02-03",            0,    2, 3 },
        {";value=date;X-APPLE-OMIT-YEAR=1604:1604-02-29", 0,    2, 29},
        {":0000-02-03",                                   0,    2, 3 },
        {":1985-04",                                      1985, 4, 0 },
        {":1985",                                         1985, 0, 0 },
        {":--04",                                         0,    4, 0 },
        {":---12",                                        0,    0, 12},
    };
    static const char *const bad[] = {":1985-13-01",     ":1985-02-30", ":19850229", ":12/04/1985",
                                      ":T1022",          ":--0230",     ":198504",   ":1985-04-1x",
                                      ":----",           ":0000",       ":85-04-12", ":yesterday",
                                      ":1985-04-12Tnoon"};
    char text[256];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int n = snprintf(text, sizeof text, "BEGIN:VCARD\nFN:A\nBDAY%s\nEND:VCARD\n", good[i].line);
        VcardFile f = read_all(&t, (Str){text, n});
        assert_int_equal(f.n_problems, 0);
        check_date(&only(&f)->birthday, good[i].year, good[i].month, good[i].day);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int n = snprintf(text, sizeof text, "BEGIN:VCARD\nFN:A\nBDAY%s\nEND:VCARD\n", bad[i]);
        VcardFile f = read_all(&t, (Str){text, n});
        assert_int_equal(f.n_problems, 1);
        check_problem(&f, 0, "err.vcard-date", 3, false);
        assert_str(f.problems[0].why.args[1].str, "BDAY");
        assert_str(f.problems[0].why.args[2].str, bad[i] + 1);
        assert_false(vcard_date_is_set(&only(&f)->birthday));
    }
    VcardFile f =
        READ(CARD("4.0", "FN:A\r\nBDAY;VALUE=text:circa 1800\r\nX-ANNIVERSARY:1990-04-30\r\n"));
    assert_str(only(&f)->birthday.text, "circa 1800");
    check_date(&only(&f)->anniversary, 1990, 4, 30);
    f = READ(CARD("3.0", "FN:A\r\nBDAY:\r\n"));
    assert_int_equal(f.n_problems, 0);
    test_cx_free(&t);
}

static void alternatives_and_preferences(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(CARD(
        "4.0",
        "FN;PREF=2:Second\r\nFN;PREF=1:First\r\nFN:Third\r\nN:;;;;\r\nBDAY;ALTID=1:20160801\r\n"
        "BDAY;ALTID=1;VALUE=text:August\r\nTITLE;ALTID=1;LANGUAGE=en:Boss\r\n"
        "TITLE;ALTID=1;LANGUAGE=fr:Patron\r\nNOTE;ALTID=1;LANGUAGE=en:hello\r\n"
        "NOTE;ALTID=1;LANGUAGE=fr:bonjour\r\nNOTE:more\r\nORG:\r\nORG:One\r\nORG:Two\r\n"));
    const VcardPerson *p = only(&f);
    assert_str(p->name, "First");
    assert_str(p->title, "Boss");
    assert_str(p->note, "hello\nmore");
    assert_str(p->org, "One");
    check_date(&p->birthday, 2016, 8, 1);
    assert_int_equal(f.n_problems, 0);
    test_cx_free(&t);
}

static void a_name_is_found_where_there_is_one(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const struct {
        const char *card, *name;
        VcardNameFrom from;
    } cases[] = {
        {CARD("2.1", "N:Brown;Ana;Maria;Dr.;Jr.\r\n"),   "Dr. Ana Maria Brown Jr.", VCARD_FROM_N       },
        {CARD("2.1", "N:Brown\r\nFN: \r\n"),             "Brown",                   VCARD_FROM_N       },
        {CARD("3.0", "N:;;;;\r\nNICKNAME:Annie\r\n"),    "Annie",                   VCARD_FROM_NICKNAME},
        {CARD("3.0", "ORG:Acme;Lab\r\nEMAIL:a@b.c\r\n"), "Acme",                    VCARD_FROM_ORG     },
        {CARD("3.0", "TEL:12\r\nEMAIL:a@b.c\r\n"),       "a@b.c",                   VCARD_FROM_EMAIL   },
        {CARD("3.0", "TEL:12\r\n"),                      "12",                      VCARD_FROM_PHONE   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        VcardFile f = read_all(&t, str_c(cases[i].card));
        assert_str(only(&f)->name, cases[i].name);
        assert_int_equal(only(&f)->name_from, cases[i].from);
    }
    VcardFile f = READ(CARD("3.0", "NOTE:nobody\r\n"));
    assert_int_equal(f.n_people, 0);
    check_problem(&f, 0, "err.vcard-nameless", 1, true);
    test_cx_free(&t);
}

static void pictures_are_counted_and_left_out(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(
        CARD("2.1", "N:Brown;Ana\r\nPHOTO;ENCODING=BASE64;JPEG:\r\n /9j/4AAQ\r\n SkZJRg==\r\n\r\n"
                    "LOGO;BASE64;GIF:/9j/4AAQ\r\nSkZJRg==\r\n\r\nTEL:1\r\n"
                    "SOUND;WAVE;BASE64:UklGR\r\nKEY;X509;ENCODING=BASE64:MIICajCC\r\n"
                    "AQ==\r\nitem1.PHOTO;VALUE=uri:https://x.example/p.jpg\r\nFN:Ana B.\r\n"));
    const VcardPerson *p = only(&f);
    assert_int_equal(p->left_out.photos, 2);
    assert_int_equal(p->left_out.logos, 1);
    assert_int_equal(p->left_out.sounds, 1);
    assert_int_equal(p->left_out.keys, 1);
    assert_int_equal(p->n_phones, 1);
    assert_str(p->name, "Ana B.");
    assert_int_equal(f.n_problems, 0);
    test_cx_free(&t);
}

static void agents_stay_inside_their_card(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(
        CARD("2.1",
             "N:Brown;Ana\r\nAGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN:Agent;Tom\r\n"
             "AGENT:\r\nBEGIN:VCARD\r\nFN:Inner\r\nEND:VCARD\r\nTEL:9\r\nEND:VCARD\r\nTEL:1\r\n")
            CARD("3.0", "FN:Eva\r\nAGENT:BEGIN:VCARD\\nFN:Tom\\nEND:VCARD\\n\r\nTEL:2\r\n"));
    assert_int_equal(f.n_people, 2);
    assert_int_equal(f.cards, 2);
    assert_int_equal(f.n_problems, 0);
    assert_str(f.people[0].name, "Ana Brown");
    assert_int_equal(f.people[0].n_phones, 1);
    assert_str(f.people[0].phones[0].value, "1");
    assert_int_equal(f.people[0].left_out.agents, 1);
    assert_int_equal(f.people[1].left_out.agents, 1);
    assert_str(f.people[1].phones[0].value, "2");
    test_cx_free(&t);
}

/* What was cut off inside an AGENT must not take the rest of the file along. */
static void an_agent_that_is_cut_off_ends_where_the_next_card_begins(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ("BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Boss\r\nAGENT:\r\n\r\n"
                       "BEGIN:VCARD\r\nFN:Cut\r\nTEL:1\r\n" CARD("3.0", "FN:Ana\r\n")
                           CARD("3.0", "FN:Tom\r\n"));
    assert_int_equal(f.n_people, 2);
    assert_int_equal(f.cards, 3);
    assert_str(f.people[0].name, "Ana");
    check_problem(&f, 0, "err.vcard-unclosed", 9, true);
    test_cx_free(&t);
}

/* Two files put together with cat keep their marks. */
static void a_mark_in_front_of_a_later_card_is_passed_over(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ("\xEF\xBB\xBF" CARD("3.0", "FN:Ana\r\n") "\xEF\xBB\xBF" CARD(
        "3.0", "FN:Tom\r\n") "BEGIN:VCARD\r\nFN:Cut\r\n\xEF\xBB\xBF" CARD("3.0", "FN:Bea\r\n"));
    assert_int_equal(f.n_people, 3);
    assert_str(f.people[1].name, "Tom");
    assert_int_equal(f.n_problems, 1);
    check_problem(&f, 0, "err.vcard-unclosed", 11, true);
    test_cx_free(&t);
}

static void groups_and_companies_say_so(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ(CARD("4.0", "KIND:group\r\nFN:Choir\r\nMEMBER:urn:uuid:1\r\n")
                           CARD("3.0", "FN:Choir\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n")
                               CARD("3.0", "FN:Acme\r\nX-ABShowAs:COMPANY\r\n")
                                   CARD("4.0", "KIND:individual\r\nFN:A\r\n"));
    assert_int_equal(f.people[0].kind, VCARD_GROUP);
    assert_int_equal(f.people[1].kind, VCARD_GROUP);
    assert_int_equal(f.people[2].kind, VCARD_ORGANISATION);
    assert_int_equal(f.people[3].kind, VCARD_INDIVIDUAL);
    test_cx_free(&t);
}

static void damage_is_named_and_good_cards_come_through(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = READ("hello\n"
                       "there\n"
                       "BEGIN:VCARD\nFN:Good One\nthis has no colon\nBDAY:1999-99-99\nEND:VCARD\n"
                       "BEGIN:VCARD\nFN:Cut\nTEL:1\n"
                       "BEGIN:VCARD\nVERSION:9.9\nFN:Good Two\nEND:VCARD\n"
                       "stray\n"
                       "begin : vcard\nFN:Good Three\nend:vcard \n"
                       "BEGIN:VCARD\nFN:Torn");
    assert_int_equal(f.n_people, 3);
    assert_int_equal(f.cards, 5);
    assert_str(f.people[0].name, "Good One");
    assert_int_equal(f.people[0].line, 3);
    assert_str(f.people[1].name, "Good Two");
    assert_str(f.people[2].name, "Good Three");
    assert_int_equal(f.n_problems, 7);
    check_problem(&f, 0, "err.vcard-outside", 1, false);
    check_problem(&f, 1, "err.vcard-colon", 5, false);
    assert_int_equal(f.problems[1].card_line, 3);
    check_problem(&f, 2, "err.vcard-date", 6, false);
    check_problem(&f, 3, "err.vcard-unclosed", 11, true);
    assert_int_equal(f.problems[3].why.args[1].num, 8);
    check_problem(&f, 4, "err.vcard-version", 12, false);
    check_problem(&f, 5, "err.vcard-outside", 15, false);
    check_problem(&f, 6, "err.vcard-unclosed", 20, true);
    test_cx_free(&t);
}

static void what_is_no_vcard_is_refused(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    VcardFile f = {.n_people = 77};
    static const Str none[] = {
        {NULL,                     0 },
        {"",                       0 },
        {"\0\0\0\0",               4 },
        {"name,mail\nAna,a@b.c\n", 20},
        {"\xFF\xFE",               2 }
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(vcard_read(&t.cx, none[i], &f), ERR_INVALID);
        assert_string_equal(t.cx.why.key, "err.vcard-none");
        assert_int_equal(f.n_people, 77);
    }
    assert_int_equal(vcard_read(&t.cx, (Str){"", (ptrdiff_t)VCARD_FILE_MAX + 1}, &f), ERR_LIMIT);
    test_cx_free(&t);
}

/* Builds head, then n times body, then tail. */
static Str repeated(TestCx *t, const char *head, const char *body, ptrdiff_t n, const char *tail)
{
    ptrdiff_t h = (ptrdiff_t)strlen(head), b = (ptrdiff_t)strlen(body), e = (ptrdiff_t)strlen(tail);
    char *p = arena_new(&t->arena, char, h + n * b + e);
    assert_non_null(p);
    memcpy(p, head, (size_t)h);
    for (ptrdiff_t i = 0; i < n; i++)
        memcpy(p + h + i * b, body, (size_t)b);
    memcpy(p + h + n * b, tail, (size_t)e);
    return (Str){p, h + n * b + e};
}

static void bounds_hold(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    const char *next = "\nEND:VCARD\nBEGIN:VCARD\nFN:Next\nEND:VCARD\n";
    const struct {
        const char *head, *body;
        ptrdiff_t most;
        const char *key;
    } cases[] = {
        {"BEGIN:VCARD\nFN:A\nNOTE:", "x",           VCARD_VALUE_MAX - 5,       "err.vcard-long"      },
        {"BEGIN:VCARD\nFN:A\nNOTE:", "\n xxxxxxxx", (VCARD_VALUE_MAX - 5) / 8, "err.vcard-long"      },
        {"BEGIN:VCARD\nFN:A",        "\nTEL:1",     VCARD_PROPERTIES_MAX - 2,  "err.vcard-properties"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        VcardFile f = read_all(&t, repeated(&t, cases[i].head, cases[i].body, cases[i].most, next));
        assert_int_equal(f.n_people, 2);
        assert_int_equal(f.n_problems, 0);
        f = read_all(&t, repeated(&t, cases[i].head, cases[i].body, cases[i].most + 1, next));
        assert_string_equal(f.problems[0].why.key, cases[i].key);
        assert_true(f.problems[0].lost);
        assert_str(only(&f)->name, "Next");
    }
    Str many = repeated(&t, "", "BEGIN:VCARD\nFN:A\nEND:VCARD\n", VCARD_CARDS_MAX, "");
    VcardFile f = read_all(&t, many);
    assert_int_equal(f.n_people, VCARD_CARDS_MAX);
    many = repeated(&t, "", "BEGIN:VCARD\nEND:VCARD\n", VCARD_CARDS_MAX + 1, "");
    assert_int_equal(vcard_read(&t.cx, many, &f), ERR_LIMIT);
    assert_string_equal(t.cx.why.key, "err.vcard-cards");
    f = read_all(&t, repeated(&t, "BEGIN:VCARD\nFN:A\n", "BDAY:x\n", 3000, "END:VCARD\n"));
    assert_int_equal(f.n_problems, VCARD_PROBLEMS_MAX);
    assert_int_equal(f.problems_total, 3000);
    test_cx_free(&t);
}

/* A bound holds for what is kept; Outlook's own pictures and what nobody knows are left out at any length. */
static void what_is_left_out_may_be_as_long_as_it_likes(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    const struct {
        const char *head, *body;
        int photos;
    } cases[] = {
        {"X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=B:", "AAAAAAAA\n ", 1},
        {"X-FOLDED:",                              "xxxxxxxx\n ", 0},
        {"X-PLAIN:",                               "xxxxxxxx",    0},
        {"X-BASE64;ENCODING=BASE64:",              "AAAAAAAA\n",  0},
        {"X-QP;ENCODING=QUOTED-PRINTABLE:",        "xxxxxxx=\n",  0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char head[128];
        (void)snprintf(head, sizeof head, "BEGIN:VCARD\nFN:Ana\n%s", cases[i].head);
        VcardFile f = read_all(
            &t, repeated(&t, head, cases[i].body, VCARD_VALUE_MAX / 4, "\n\nTEL:1\nEND:VCARD\n"));
        const VcardPerson *p = only(&f);
        assert_int_equal(f.n_problems, 0);
        assert_int_equal(p->n_phones, 1);
        assert_int_equal(p->left_out.photos, cases[i].photos);
        assert_int_equal(p->left_out.other, 1 - cases[i].photos);
    }
    test_cx_free(&t);
}

/* Every allocation made to fail in turn: the answer is always "no memory", never a crash or a torn file. */
static void running_out_of_memory_is_said(void **state)
{
    (void)state;
    static const char card[] =
        CARD("2.1", "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Br=F6wn;Ana\r\nTEL;HOME:"
                    "1\r\nNOTE:a\\nb\r\n c\r\n"
                    "NOTE:b\r\nitem1.EMAIL:a@b\r\nitem1.X-ABLabel:Choir\r\nORG:A;B;C\r\nBDAY:"
                    "x\r\nADR:;;S;;;;\r\n"
                    "CATEGORIES:a,b\r\nNICKNAME:a\r\nX-SPOUSE:T\r\nURL:u\r\n");
    for (int64_t nth = 0;; nth++) {
        TestCx t;
        test_cx_init(&t);
        arena_fail_after(&t.arena, nth);
        VcardFile f = {.n_people = 0};
        Err e = vcard_read(&t.cx, STR(card), &f);
        test_cx_free(&t);
        if (e == OK) {
            assert_true(nth > 15);
            assert_int_equal(f.n_people, 1);
            return;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_a_card_is_read),
        cmocka_unit_test(lines_fold_and_end_in_every_way),
        cmocka_unit_test(quoted_printable_in_every_charset),
        cmocka_unit_test(text_without_a_charset),
        cmocka_unit_test(whole_files_in_utf16_and_with_marks),
        cmocka_unit_test(types_in_all_their_forms),
        cmocka_unit_test(groups_carry_labels),
        cmocka_unit_test(relations_under_their_many_names),
        cmocka_unit_test(dates_with_and_without_a_year),
        cmocka_unit_test(alternatives_and_preferences),
        cmocka_unit_test(a_name_is_found_where_there_is_one),
        cmocka_unit_test(pictures_are_counted_and_left_out),
        cmocka_unit_test(agents_stay_inside_their_card),
        cmocka_unit_test(an_agent_that_is_cut_off_ends_where_the_next_card_begins),
        cmocka_unit_test(a_mark_in_front_of_a_later_card_is_passed_over),
        cmocka_unit_test(groups_and_companies_say_so),
        cmocka_unit_test(damage_is_named_and_good_cards_come_through),
        cmocka_unit_test(what_is_no_vcard_is_refused),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(what_is_left_out_may_be_as_long_as_it_likes),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests_name("port vcard", tests, NULL, NULL);
}
