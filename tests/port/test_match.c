/* tests/port/test_match.c - who is who when contacts come in. */
#include "../gen.h"
#include "port/match.h"
#include "testlib.h"
#include <stdio.h>
#include <string.h>

static VcardFile read_cards(TestCx *t, Str text)
{
    VcardFile file = {.people = NULL};
    assert_ok(&t->cx, vcard_read(&t->cx, text, &file));
    return file;
}

static const MatchKeys *keys_of(TestCx *t, const VcardFile *file)
{
    MatchKeys *keys = arena_new(&t->arena, MatchKeys, file->n_people);
    assert_non_null(keys);
    for (ptrdiff_t i = 0; i < file->n_people; i++)
        assert_ok(&t->cx, match_keys(&t->cx, &file->people[i], &keys[i]));
    return keys;
}

static const Match *match(TestCx *t, Str here, Str coming)
{
    VcardFile a = {.people = NULL}, b = read_cards(t, coming);
    if (here.len > 0)
        a = read_cards(t, here);
    const Match *matches = NULL;
    assert_ok(&t->cx, match_people(&t->cx, keys_of(t, &a), a.n_people, keys_of(t, &b), b.n_people,
                                   &matches));
    return matches;
}

static void check(const Match *m, MatchFound found, ptrdiff_t index, unsigned reasons, bool sure,
                  int others)
{
    assert_int_equal(m->found, found);
    assert_int_equal(m->index, index);
    assert_int_equal(m->reasons, reasons);
    assert_int_equal(m->sure, sure);
    assert_int_equal(m->others, others);
}

#define C(lines) "BEGIN:VCARD\nVERSION:3.0\n" lines "END:VCARD\n"

static void normal_forms(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const char *const names[][2] = {
        {"Zoë  Brown",          "brown zoe"         },
        {"BROWN, Zoe",           "brown zoe"         },
        {"Dr. Ana-Maria López", "ana dr lopez maria"},
        {"李 雷",              "李 雷"           },
        {"...",                  NULL                },
        {"",                     NULL                }
    };
    static const char *const phones[][2] = {
        {"+44 20 7946 0000",        "079460000"},
        {"020 7946 0000",           "079460000"},
        {"(020) 7946-0000 ext. 12", "079460000"},
        {"+1-418-656-9254;ext=102", "186569254"},
        {"0044 20 79460000x3",      "079460000"},
        {"112",                     NULL       },
        {"79460",                   "79460"    },
        {"",                        NULL       }
    };
    static const char *const emails[][2] = {
        {" Ana@Example.ORG ", "ana@example.org"},
        {"ana",               NULL             },
        {"@x",                NULL             },
        {"x@",                NULL             }
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_str(match_name(&t.arena, str_c(names[i][0])), names[i][1]);
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        assert_str(match_phone(&t.arena, str_c(phones[i][0])), phones[i][1]);
    for (size_t i = 0; i < sizeof emails / sizeof *emails; i++)
        assert_str(match_email(&t.arena, str_c(emails[i][0])), emails[i][1]);
    assert_str(match_uid(&t.arena, STR("urn:uuid:0E76-A")), "0e76-a");
    /* Twenty words are sixteen, the last of them long; no word is lost. */
    assert_str(match_name(&t.arena, STR("q p o n m l k j i h g f e d c b a z")),
               "b a z c d e f g h i j k l m n o p q");
    test_cx_free(&t);
}

static void each_reason_is_found(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    Str here = STR(
        C("FN:Ana Brown\nUID:urn:uuid:AA\nEMAIL:ana@x.org\nTEL:+44 20 7946 0000\nBDAY:1985-04-12\n")
            C("FN:Tom Green\nTEL:+44 20 7946 1111\nBDAY:1990-01-01\n"));
    const Match *m =
        match(&t, here,
              STR(C("FN:A. B.\nUID:aa\n") C("FN:Somebody Else\nEMAIL:ANA@X.org\n")
                      C("FN:Home\nTEL:020 7946 0000\n") C("FN:brown ána\nBDAY:--0412\n")
                          C("FN:Ana BROWN\nNOTE:x\n") C("FN:Tom Green\nBDAY:1991-01-01\n")
                              C("FN:Quite New\nEMAIL:new@x.org\n")
                                  C("FN:Tom Green\nTEL:020 7946 1111\nBDAY:1990-01-01\n")));
    check(&m[0], MATCH_KNOWN, 0, SAME_UID, true, 0);
    check(&m[1], MATCH_KNOWN, 0, SAME_EMAIL, false, 0);
    check(&m[2], MATCH_KNOWN, 0, SAME_PHONE, false, 0);
    check(&m[3], MATCH_KNOWN, 0, SAME_NAME | SAME_BIRTHDAY, true, 0);
    check(&m[4], MATCH_KNOWN, 0, SAME_NAME, false, 1); /* the card before has that name, too */
    check(&m[5], MATCH_NEW, 0, 0, false, 0);           /* a namesake born another year */
    check(&m[6], MATCH_NEW, 0, 0, false, 0);
    check(&m[7], MATCH_KNOWN, 1, SAME_NAME | SAME_BIRTHDAY | SAME_PHONE, true, 0);
    test_cx_free(&t);
}

/* Born on the same day, and called by a shorter or a longer form of the name. Twins are two. */
static void a_birthday_and_a_name_that_fits(void **state)
{
    static const struct {
        const char *one, *other;
        bool fits;
    } rows[] = {
        {"Jürgen Müller", "J. Müller",         true },
        {"J. Müller",      "Jürgen Müller",    true },
        {"Anna Schmidt",    "Anna Schmidt-Weber", true },
        {"Ana",             "Ana Maria Brown",    true },
        {"李 小龍",      "李",                true },
        {"Max Müller",     "Moritz Müller",     false},
        {"Anna Schmidt",    "A. S.",              false},
        {"A. Brown",        "B. Brown",           false},
        {"Ann Brown",       "Anna Brown",         false},
        {"Tom Green",       "Zoe Black",          false},
        {"M. M. Brown",     "Mia Brown",          true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int born = 0; born < 3; born++) { /* the same day and year; another year; no year */
            static const char *const days[] = {"1985-04-12", "1986-04-12", "--0412"};
            TestCx t;
            test_cx_init(&t);
            char here[200], coming[200];
            (void)snprintf(here, sizeof here, C("FN:%s\nBDAY:1985-04-12\n"), rows[i].one);
            (void)snprintf(coming, sizeof coming, C("FN:%s\nBDAY:%s\n"), rows[i].other, days[born]);
            const Match *m = match(&t, str_c(here), str_c(coming));
            if (rows[i].fits && born == 0)
                check(m, MATCH_KNOWN, 0, SAME_BIRTHDAY, false, 0);
            else
                check(m, MATCH_NEW, 0, 0, false, 0);
            test_cx_free(&t);
        }
    }
}

static void repeats_within_a_file(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    const Match *m = match(&t, (Str){NULL, 0},
                           STR(C("FN:Ana\nEMAIL:ana@x.org\nEMAIL:ana@x.org\n")
                                   C("FN:Tom\nEMAIL:tom@x.org\n") C("FN:Ana\nEMAIL:ana@x.org\n")
                                       C("FN:Tom and Ana\nEMAIL:ana@x.org\nEMAIL:tom@x.org\n")));
    check(&m[0], MATCH_NEW, 0, 0, false, 0);
    check(&m[1], MATCH_NEW, 0, 0, false, 0);
    check(&m[2], MATCH_REPEATED, 0, SAME_NAME | SAME_EMAIL, true, 0);
    check(&m[3], MATCH_REPEATED, 0, SAME_EMAIL, false, 2);
    /* The stronger evidence wins; at a tie, who is here already. */
    m = match(&t, STR(C("FN:Ana\n")),
              STR(C("FN:X\nTEL:12345\n") C("FN:Ana\nTEL:12345\n") C("FN:Ana\n")));
    check(&m[1], MATCH_REPEATED, 0, SAME_PHONE, false, 1);
    check(&m[2], MATCH_KNOWN, 0, SAME_NAME, false, 1);
    test_cx_free(&t);
}

/* The same answers as comparing everyone with everyone, for files small enough that no key is shared too
 * often. */
static unsigned shared(const MatchKeys *a, const MatchKeys *b)
{
    unsigned reasons = 0;
    reasons |= a->uid.len > 0 && str_eq(a->uid, b->uid) ? SAME_UID : 0u;
    reasons |= a->name.len > 0 && str_eq(a->name, b->name) ? SAME_NAME : 0u;
    for (int i = 0; i < a->n_emails; i++) {
        for (int k = 0; k < b->n_emails; k++)
            reasons |= str_eq(a->emails[i], b->emails[k]) ? SAME_EMAIL : 0u;
    }
    for (int i = 0; i < a->n_phones; i++) {
        for (int k = 0; k < b->n_phones; k++)
            reasons |= str_eq(a->phones[i], b->phones[k]) ? SAME_PHONE : 0u;
    }
    if (a->birth_day > 0 && b->birth_day > 0 && reasons & SAME_NAME) {
        if (a->birth_day == b->birth_day)
            reasons |= SAME_BIRTHDAY;
        else if (reasons == SAME_NAME)
            reasons = 0;
    }
    return reasons;
}

static MatchKeys random_keys(TestCx *t, Gen *g)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    MatchKeys keys = {.name = str_c(words[gen_int(g, 0, 9)])};
    Str *lists = arena_new(&t->arena, Str, 4);
    assert_non_null(lists);
    if (gen_chance(g, 20))
        keys.uid = str_c(words[gen_int(g, 0, 9)]);
    keys.n_emails = (int)gen_int(g, 0, 2);
    keys.n_phones = (int)gen_int(g, 0, 2);
    for (int i = 0; i < 4; i++)
        lists[i] = str_c(words[gen_int(g, 0, 9)]);
    keys.emails = lists;
    keys.phones = lists + 2;
    if (gen_chance(g, 50)) {
        keys.birth_month = 1;
        keys.birth_day = (int)gen_int(g, 1, 3);
    }
    return keys;
}

static void agrees_with_comparing_everyone(void **state)
{
    enum { KNOWN = 4, CARDS = 4 };
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        TestCx t;
        test_cx_init(&t);
        Gen g = gen_seed(seed);
        MatchKeys all[KNOWN + CARDS];
        for (int i = 0; i < KNOWN + CARDS; i++)
            all[i] = random_keys(&t, &g);
        const Match *m = NULL;
        assert_ok(&t.cx, match_people(&t.cx, all, KNOWN, all + KNOWN, CARDS, &m));
        for (int i = 0; i < CARDS; i++) {
            int meant = 0;
            for (int k = 0; k < KNOWN + i; k++)
                meant += shared(&all[KNOWN + i], &all[k]) != 0;
            assert_int_equal(m[i].found == MATCH_NEW, meant == 0);
            assert_int_equal(m[i].others, meant > 0 ? meant - 1 : 0);
            if (meant > 0) {
                ptrdiff_t who = m[i].index + (m[i].found == MATCH_REPEATED ? KNOWN : 0);
                assert_int_equal(m[i].reasons, shared(&all[KNOWN + i], &all[who]));
            }
        }
        test_cx_free(&t);
    }
}

/* Forty thousand cards that all share name, mail and phone: the work stays bounded. */
static void a_key_everyone_shares_is_no_trap(void **state)
{
    enum { MANY = 40000 };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    static const Str one[] = {
        {"a@b.c", 5}
    };
    MatchKeys *keys = arena_new(&t.arena, MatchKeys, MANY);
    assert_non_null(keys);
    for (int i = 0; i < MANY; i++)
        keys[i] = (MatchKeys){
            .name = STR("ana"), .emails = one, .n_emails = 1, .phones = one, .n_phones = 1};
    const Match *m = NULL;
    assert_ok(&t.cx, match_people(&t.cx, NULL, 0, keys, MANY, &m));
    check(&m[MANY - 1], MATCH_REPEATED, 0, SAME_NAME | SAME_EMAIL | SAME_PHONE, true,
          MATCH_OWNERS_MAX - 1);
    test_cx_free(&t);
}

static void running_out_of_memory_is_said(void **state)
{
    (void)state;
    for (int64_t nth = 0;; nth++) {
        TestCx t;
        test_cx_init(&t);
        VcardFile f = read_cards(&t, STR(C("FN:Ana\nUID:1\nEMAIL:ana@x.org\nTEL:12345\n")));
        MatchKeys keys = {.n_emails = 0};
        const Match *m = NULL;
        arena_fail_after(&t.arena, nth);
        Err e = match_keys(&t.cx, &f.people[0], &keys);
        if (e == OK)
            e = match_people(&t.cx, &keys, 1, &keys, 1, &m);
        test_cx_free(&t);
        if (e == OK) {
            assert_true(nth > 10);
            return;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_forms),
        cmocka_unit_test(each_reason_is_found),
        cmocka_unit_test(a_birthday_and_a_name_that_fits),
        cmocka_unit_test(repeats_within_a_file),
        cmocka_unit_test(agrees_with_comparing_everyone),
        cmocka_unit_test(a_key_everyone_shares_is_no_trap),
        cmocka_unit_test(running_out_of_memory_is_said),
    };
    return cmocka_run_group_tests_name("port match", tests, NULL, NULL);
}
