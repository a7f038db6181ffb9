/* tests/text/test_text.c - sentences with their arguments, dates, amounts and levels in words, in English and in the
 * pseudo-locale. Now is Friday 1 May 2026, noon, UTC. */
#include "base/time.h"
#include "base/utf8.h"
#include "content/catalogue.h"
#include "testlib.h"
#include "text/words.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const Text *en(void)
{
    return text_locale(STR("en"));
}

static void locales_are_found(void **state)
{
    (void)state;
    assert_str(text_name(text_locale(STR("en"))), "en");
    assert_str(text_name(text_locale(STR("qps"))), "qps");
    assert_str(text_name(text_locale(STR("tlh"))), "en");
    assert_str(text_name(text_locale(STR(""))), "en");
    assert_false(text_is_rtl(en()));
    assert_true(text_has(en(), "level.warm"));
    assert_false(text_has(en(), "level.lukewarm"));
    assert_str(text_get(en(), "level.warm"), "warm");
    assert_true(str_is_null(text_get(en(), "level.lukewarm")));
}

static void arguments_stand_where_the_sentence_names_them(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    assert_ok(&t.cx, text_format(&t.cx, en(), "ago.days", ARGS(arg_int("n", 1)), &s));
    assert_str(s, "1 day ago");
    assert_ok(&t.cx, text_format(&t.cx, en(), "ago.days", ARGS(arg_int("n", 1234)), &s));
    assert_str(s, "1,234 days ago");
    assert_ok(&t.cx, text_format(&t.cx, en(), "level.two",
                                 ARGS(arg_c("last", "{first}"), arg_c("first", "a")), &s));
    assert_str(s, "a to {first}");
    assert_ok(&t.cx, text_format(&t.cx, en(), "level.two", ARGS(arg_c("first", "a")), &s));
    assert_str(s, "a to ⟨last⟩");
    assert_ok(&t.cx, text_format(&t.cx, en(), "no.such-key", NO_ARGS, &s));
    assert_str(s, "⟨no.such-key⟩");
    assert_ok(&t.cx, text_format(&t.cx, en(), "date.at",
                                 ARGS(arg_real("date", .456), arg_real("clock", -7.04)), &s));
    assert_str(s, "0.46, -7");
    /* Hebrew in an English sentence is set apart, so that the comma stays where it is. */
    assert_ok(&t.cx, text_format(&t.cx, en(), "date.at",
                                 ARGS(arg_c("date", "דנה"), arg_c("clock", "Tom")), &s));
    assert_str(s, "\u2068דנה\u2069, Tom");
    char long_name[70000];
    memset(long_name, 'x', sizeof long_name);
    assert_int_equal(text_format(&t.cx, en(), "level.two",
                                 ARGS(arg_str("first", (Str){long_name, sizeof long_name})), &s),
                     ERR_LIMIT);
    test_cx_free(&t);
}

static void numbers_are_grouped_and_rounded(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        const char *want;
    } ints[] = {
        {0,         "0"                         },
        {7,         "7"                         },
        {-1,        "-1"                        },
        {999,       "999"                       },
        {1000,      "1,000"                     },
        {-1234567,  "-1,234,567"                },
        {INT64_MAX, "9,223,372,036,854,775,807" },
        {INT64_MIN, "-9,223,372,036,854,775,808"}
    };
    static const struct {
        double v;
        const char *want;
    } reals[] = {
        {0,                "0"      },
        {-.001,            "0"      },
        {.5,               "0.5"    },
        {.123,             "0.12"   },
        {.999,             "1"      },
        {1.25,             "1.3"    },
        {99.96,            "100"    },
        {7,                "7"      },
        {-12.34,           "-12.3"  },
        {1234.5,           "1,235"  },
        {(double)NAN,      "unknown"},
        {(double)INFINITY, "unknown"},
        {DBL_MAX,          "unknown"}
    };
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        assert_ok(&t.cx, text_int(&t.cx, en(), ints[i].v, &s));
        assert_str(s, ints[i].want);
    }
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        assert_ok(&t.cx, text_real(&t.cx, en(), reals[i].v, &s));
        assert_str(s, reals[i].want);
    }
    test_cx_free(&t);
}

static void failures_are_worded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    assert_int_equal(
        err_field(&t.cx, ERR_INVALID, "at", "err.when", ARGS(arg_c("text", "soonish"))),
        ERR_INVALID);
    assert_ok(&t.cx, text_why(&t.cx, en(), &t.cx.why, &s));
    assert_true(str_find(s, STR("“soonish”")) >= 0);
    Why nothing = {0};
    assert_ok(&t.cx, text_why(&t.cx, en(), &nothing, &s));
    assert_true(s.len > 0 && str_find(s, STR("⟨")) < 0);
    test_cx_free(&t);
}

static void whatever_was_given_can_be_said_back(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    char huge[200000];
    memset(huge, '9', sizeof huge);
    const Str given[] = {{huge, sizeof huge}, STR("\xff\xfe"), STR("a\x1b[31mb"), {"a\0b", 3}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        Str s = {NULL, 0};
        assert_int_equal(
            err_set(&t.cx, ERR_NOT_FOUND, "err.no-person", ARGS(arg_str("given", given[i]))),
            ERR_NOT_FOUND);
        assert_ok(&t.cx, text_why(&t.cx, en(), &t.cx.why, &s));
        assert_true(utf8_valid(s) && s.len > 0 && s.len < 2000);
        for (ptrdiff_t k = 0; k < s.len; k++)
            assert_true((unsigned char)s.p[k] >= ' ');
    }
    test_cx_free(&t);
}

static void dates_are_worded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    Civil may = {.year = 2026, .month = 5, .day = 1, .hour = 9, .minute = 5};
    Civil old = {.year = 1999, .month = 12, .day = 31};
    assert_ok(&t.cx, text_date(&t.cx, en(), &may, &s));
    assert_str(s, "1 May 2026");
    assert_ok(&t.cx, text_day(&t.cx, en(), &may, &s));
    assert_str(s, "Friday 1 May");
    assert_ok(&t.cx, text_day(&t.cx, en(), &old, &s));
    assert_str(s, "Friday 31 December 1999");
    assert_ok(&t.cx, text_clock(&t.cx, en(), &may, &s));
    assert_str(s, "9:05");
    assert_ok(&t.cx, text_date_clock(&t.cx, en(), &may, &s));
    assert_str(s, "1 May 2026, 9:05");
    assert_ok(&t.cx, text_birthday(&t.cx, en(), 2, 29, &s));
    assert_str(s, "29 February");
    assert_ok(&t.cx, text_age(&t.cx, en(), 0, &s));
    assert_str(s, "under a year old");
    assert_ok(&t.cx, text_age(&t.cx, en(), 1, &s));
    assert_str(s, "1 year old");
    assert_ok(&t.cx, text_age(&t.cx, en(), 41, &s));
    assert_str(s, "41 years old");
    assert_str(text_month(en(), 12), "December");
    assert_str(text_weekday(en(), 1), "Monday");
    assert_str(text_weekday(en(), 7), "Sunday");
    test_cx_free(&t);
}

static void distances_in_time_are_worded(void **state)
{
    (void)state;
    static const struct {
        int days;
        const char *ago, *ahead;
    } rows[] = {
        {0,    "today",         "today"       },
        {1,    "yesterday",     "tomorrow"    },
        {2,    "2 days ago",    "in 2 days"   },
        {13,   "13 days ago",   "in 13 days"  },
        {14,   "2 weeks ago",   "in 2 weeks"  },
        {21,   "3 weeks ago",   "in 3 weeks"  },
        {60,   "8 weeks ago",   "in 8 weeks"  },
        {61,   "2 months ago",  "in 2 months" },
        {365,  "12 months ago", "in 12 months"},
        {730,  "2 years ago",   "in 2 years"  },
        {3652, "10 years ago",  "in 10 years" },
        {3660, "10 years ago",  "in 10 years" }
    };
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t off = rows[i].days * (int64_t)TIME_DAY_MS;
        assert_ok(&t.cx, text_ago(&t.cx, en(), t.cx.now_ms - off, &s));
        assert_str(s, rows[i].ago);
        assert_ok(&t.cx, text_ago(&t.cx, en(), t.cx.now_ms + off, &s));
        assert_str(s, rows[i].ahead);
    }
    /* Calendar days: a quarter of an hour can lie between yesterday and today. */
    assert_true(time_parse_iso(STR("2026-05-01T00:10:00Z"), &t.cx.now_ms));
    assert_ok(&t.cx, text_ago(&t.cx, en(), t.cx.now_ms - 15 * TIME_MINUTE_MS, &s));
    assert_str(s, "yesterday");
    test_cx_free(&t);
}

static void durations_are_worded(void **state)
{
    (void)state;
    static const struct {
        int64_t minutes;
        const char *want;
    } rows[] = {
        {0,     "no time"               },
        {1,     "a minute"              },
        {20,    "20 minutes"            },
        {60,    "an hour"               },
        {90,    "an hour and a half"    },
        {120,   "2 hours"               },
        {140,   "2 hours and 20 minutes"},
        {61,    "an hour and a minute"  },
        {150,   "2 and a half hours"    },
        {1440,  "24 hours"              },
        {2880,  "2 days"                },
        {40320, "4 weeks"               }
    };
    TestCx t;
    test_cx_init(&t);
    Str s = {NULL, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(&t.cx, text_duration(&t.cx, en(), rows[i].minutes, &s));
        assert_str(s, rows[i].want);
    }
    assert_ok(&t.cx, text_days(&t.cx, en(), 0, &s));
    assert_str(s, "0 days");
    assert_ok(&t.cx, text_days(&t.cx, en(), 800, &s));
    assert_str(s, "2 years");
    test_cx_free(&t);
}

static void lists_and_chances_are_worded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Str names[] = {STR("Ana"), STR("Tom"), STR("Bea")};
    static const char *const want[] = {"", "Ana", "Ana and Tom", "Ana, Tom and Bea"};
    Str s = {NULL, 0};
    for (int n = 0; n <= 3; n++) {
        assert_ok(&t.cx, text_list(&t.cx, en(), names, n, &s));
        assert_str(s, want[n]);
    }
    static const struct {
        double p;
        const char *want;
    } rows[] = {
        {0,    "less than 1 in 10"},
        {.049, "less than 1 in 10"},
        {.05,  "about 1 in 10"    },
        {.7,   "about 7 in 10"    },
        {.949, "about 9 in 10"    },
        {.96,  "more than 9 in 10"},
        {1,    "more than 9 in 10"}
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(&t.cx, text_chance(&t.cx, en(), rows[i].p, &s));
        assert_str(s, rows[i].want);
    }
    test_cx_free(&t);
}

static void levels_are_worded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static const char *const words[LEVEL_WORDS] = {"far", "some distance", "warm", "close",
                                                   "very close"};
    static const double cuts[] = {0, 1.999, 2, 3.999, 4, 5.999, 6, 7.999, 8, 10};
    for (int i = 0; i < 10; i++)
        assert_str(text_level_word(en(), (LevelWord)word_of_level(cuts[i])), words[i / 2]);
    Str s = {NULL, 0};
    assert_ok(&t.cx, text_level(&t.cx, en(), (WordRange){LEVEL_WARM, LEVEL_CLOSE}, &s));
    assert_str(s, "warm to close");
    assert_ok(&t.cx, text_level(&t.cx, en(), (WordRange){WORD_NONE, WORD_NONE}, &s));
    assert_str(s, "not enough to say yet");
    assert_ok(&t.cx, text_root(&t.cx, en(), (WordRange){ROOT_DEEP, ROOT_DEEP}, &s));
    assert_str(s, "deep");
    assert_str(text_root_word(en(), ROOT_SLIGHT), "slight");
    assert_ok(&t.cx, text_trend(&t.cx, en(), (WordRange){TREND_QUIETER, TREND_QUIETER}, &s));
    assert_str(s, "quieter lately");
    assert_ok(&t.cx, text_trend(&t.cx, en(), (WordRange){TREND_STEADY, TREND_GROWING}, &s));
    assert_str(s, "steady or growing");
    assert_ok(&t.cx, text_trend(&t.cx, en(), (WordRange){WORD_NONE, WORD_NONE}, &s));
    assert_str(s, "unclear");
    test_cx_free(&t);
}

/* No English may be left once the catalogue is the pseudo-locale's: only arguments are plain letters. */
static void nothing_is_worded_outside_the_catalogue(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Text *qps = text_locale(STR("qps"));
    const Str items[] = {STR("1"), STR("2"), STR("3")};
    Civil day = time_local(t.cx.now_ms);
    Str said[16];
    int n = 0;
    assert_ok(&t.cx, text_date_clock(&t.cx, qps, &day, &said[n++]));
    assert_ok(&t.cx, text_day(&t.cx, qps, &day, &said[n++]));
    assert_ok(&t.cx, text_ago(&t.cx, qps, 0, &said[n++]));
    assert_ok(&t.cx, text_ago(&t.cx, qps, t.cx.now_ms, &said[n++]));
    assert_ok(&t.cx, text_duration(&t.cx, qps, 140, &said[n++]));
    assert_ok(&t.cx, text_days(&t.cx, qps, 99, &said[n++]));
    assert_ok(&t.cx, text_age(&t.cx, qps, 9, &said[n++]));
    assert_ok(&t.cx, text_list(&t.cx, qps, items, 3, &said[n++]));
    assert_ok(&t.cx, text_chance(&t.cx, qps, .5, &said[n++]));
    assert_ok(&t.cx, text_level(&t.cx, qps, (WordRange){0, 1}, &said[n++]));
    assert_ok(&t.cx, text_trend(&t.cx, qps, (WordRange){0, 1}, &said[n++]));
    assert_ok(&t.cx, text_why(&t.cx, qps, &(Why){.key = "err.when-future"}, &said[n++]));
    for (int i = 0; i < n; i++) {
        Str rest = said[i];
        bool shown = false; /* a name in angle brackets is an argument left out */
        for (int32_t cp = utf8_next(&rest); cp >= 0; cp = utf8_next(&rest)) {
            shown = cp == 0x27E8 || (shown && cp != 0x27E9);
            assert_false(!shown && ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z')));
        }
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locales_are_found),
        cmocka_unit_test(arguments_stand_where_the_sentence_names_them),
        cmocka_unit_test(numbers_are_grouped_and_rounded),
        cmocka_unit_test(failures_are_worded),
        cmocka_unit_test(dates_are_worded),
        cmocka_unit_test(distances_in_time_are_worded),
        cmocka_unit_test(durations_are_worded),
        cmocka_unit_test(lists_and_chances_are_worded),
        cmocka_unit_test(levels_are_worded),
        cmocka_unit_test(nothing_is_worded_outside_the_catalogue),
        cmocka_unit_test(whatever_was_given_can_be_said_back),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
