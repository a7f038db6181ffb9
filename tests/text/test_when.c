/* tests/text/test_when.c - times in prose, against instants written out by hand. Now is Friday 1 May 2026,
 * noon, UTC, unless a row says otherwise. */
#include "base/time.h"
#include "gen.h"
#include "testlib.h"
#include "text/when.h"
#include "text/words.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Row {
    const char *prose;
    const char *at; /* ISO, or "-" for none */
    WhenPrecision precision;
    int duration_min; /* 0 for none */
    const char *used; /* the spans, joined by | */
} Row;

static const Row past[] = {
    {"today",                                              "2026-05-01 12:00", WHEN_DAY,    0,   "today"                    },
    {"Walk with Ana yesterday evening, long",              "2026-04-30 19:00", WHEN_PART,   0,
     "yesterday evening"                                                                                                    },
    {"this morning",                                       "2026-05-01 09:00", WHEN_PART,   0,   "this morning"             },
    {"last friday",                                        "2026-04-24 12:00", WHEN_DAY,    0,   "last friday"              },
    {"Last Monday",                                        "2026-04-27 12:00", WHEN_DAY,    0,   "Last Monday"              },
    {"on friday",                                          "2026-05-01 12:00", WHEN_DAY,    0,   "on friday"                },
    {"on friday evening",                                  "2026-04-24 19:00", WHEN_PART,   0,   "on friday evening"        },
    {"Tea on Thursday at 4pm",                             "2026-04-30 16:00", WHEN_MINUTE, 0,   "on Thursday|at 4pm"       },
    {"3 weeks ago",                                        "2026-04-10 12:00", WHEN_DAY,    0,   "3 weeks ago"              },
    {"a couple of weeks ago",                              "2026-04-17 12:00", WHEN_DAY,    0,   "a couple of weeks ago"    },
    {"two days ago",                                       "2026-04-29 12:00", WHEN_DAY,    0,   "two days ago"             },
    {"two months ago",                                     "2026-03-01 12:00", WHEN_DAY,    0,   "two months ago"           },
    {"an hour ago",                                        "2026-05-01 11:00", WHEN_MINUTE, 0,   "an hour ago"              },
    {"1.5 hours ago",                                      "2026-05-01 10:30", WHEN_MINUTE, 0,   "1.5 hours ago"            },
    {"half an hour ago",                                   "2026-05-01 11:30", WHEN_MINUTE, 0,   "half an hour ago"         },
    {"an hour and a half ago",                             "2026-05-01 10:30", WHEN_MINUTE, 0,   "an hour and a half ago"   },
    {"2026-05-01 09:30",                                   "2026-05-01 09:30", WHEN_MINUTE, 0,   "2026-05-01|09:30"         },
    {"2026-04-03T21:15 we met",                            "2026-04-03 21:15", WHEN_MINUTE, 0,   "2026-04-03T21:15"         },
    {"2026-04-03T21:15:00+02:00 we met",                   "2026-04-03 19:15", WHEN_MINUTE, 0,
     "2026-04-03T21:15:00+02:00"                                                                                            },
    {"2026-04-03.",                                        "2026-04-03 12:00", WHEN_DAY,    0,   "2026-04-03"               },
    {"met on 1 May.",                                      "2026-05-01 12:00", WHEN_DAY,    0,   "on 1 May"                 },
    {"2 May",                                              "2025-05-02 12:00", WHEN_DAY,    0,   "2 May"                    },
    {"May 1st 2025",                                       "2025-05-01 12:00", WHEN_DAY,    0,   "May 1st 2025"             },
    {"May 1st, 2025, in the garden",                       "2025-05-01 12:00", WHEN_DAY,    0,   "May 1st, 2025"            },
    {"on the 3rd of april",                                "2026-04-03 12:00", WHEN_DAY,    0,   "on the 3rd of april"      },
    {"29 February",                                        "2024-02-29 12:00", WHEN_DAY,    0,   "29 February"              },
    {"Friday, 24 April",                                   "2026-04-24 12:00", WHEN_DAY,    0,   "Friday|24 April"          },
    {"at 7pm",                                             "2026-04-30 19:00", WHEN_MINUTE, 0,   "at 7pm"                   },
    {"at 7 p.m. with Ana",                                 "2026-04-30 19:00", WHEN_MINUTE, 0,   "at 7 p.m."                },
    {"19:30",                                              "2026-04-30 19:30", WHEN_MINUTE, 0,   "19:30"                    },
    {"at 11:15",                                           "2026-05-01 11:15", WHEN_MINUTE, 0,   "at 11:15"                 },
    {"yesterday at 7:30 in the evening",                   "2026-04-30 19:30", WHEN_MINUTE, 0,
     "yesterday|at 7:30|in the evening"                                                                                     },
    {"yesterday at 8 in the morning",                      "2026-04-30 08:00", WHEN_MINUTE, 0,
     "yesterday|at 8 in the morning"                                                                                        },
    {"at 12 at night",                                     "2026-05-01 00:00", WHEN_MINUTE, 0,   "at 12 at night"           },
    {"yesterday at 12 at night",                           "2026-05-01 00:00", WHEN_MINUTE, 0,   "yesterday|at 12 at night" },
    {"today at 1 at night",                                "2026-05-01 01:00", WHEN_MINUTE, 0,   "today|at 1 at night"      },
    {"last night at 2:15",                                 "2026-05-01 02:15", WHEN_MINUTE, 0,   "last night|at 2:15"       },
    {"on Wednesday at 9 at night",                         "2026-04-29 21:00", WHEN_MINUTE, 0,
     "on Wednesday|at 9 at night"                                                                                           },
    {"at 7 p.m. on thursday",                              "2026-04-30 19:00", WHEN_MINUTE, 0,   "at 7 p.m.|on thursday"    },
    {"in the evening",                                     "2026-04-30 19:00", WHEN_PART,   0,   "in the evening"           },
    {"last week",                                          "2026-04-24 12:00", WHEN_WEEK,   0,   "last week"                },
    {"last month",                                         "2026-04-01 12:00", WHEN_MONTH,  0,   "last month"               },
    {"last weekend",                                       "2026-04-25 12:00", WHEN_WEEK,   0,   "last weekend"             },
    {"last night",                                         "2026-04-30 22:00", WHEN_PART,   0,   "last night"               },
    {"the day before yesterday",                           "2026-04-29 12:00", WHEN_DAY,    0,   "the day before yesterday" },
    {"yesterday's walk",                                   "2026-04-30 12:00", WHEN_DAY,    0,   "yesterday"                },
    {"for an hour",                                        "-",                WHEN_DAY,    60,  "for an hour"              },
    {"for 45 minutes",                                     "-",                WHEN_DAY,    45,  "for 45 minutes"           },
    {"an hour and a half",                                 "-",                WHEN_DAY,    90,  "an hour and a half"       },
    {"for an hour and a half",                             "-",                WHEN_DAY,    90,  "for an hour and a half"   },
    {"two and a half hours",                               "-",                WHEN_DAY,    150, "two and a half hours"     },
    {"for 2½ hours",                                      "-",                WHEN_DAY,    150, "for 2½ hours"            },
    {"1h30 by the lake",                                   "-",                WHEN_DAY,    90,  "1h30"                     },
    {"for 1 h 20 min",                                     "-",                WHEN_DAY,    80,  "for 1 h 20 min"           },
    {"half an hour",                                       "-",                WHEN_DAY,    30,  "half an hour"             },
    {"a 45-minute call",                                   "-",                WHEN_DAY,    45,  "45-minute"                },
    {"a two-hour walk",                                    "-",                WHEN_DAY,    120, "two-hour"                 },
    {"three quarters of an hour",                          "-",                WHEN_DAY,    45,  "three quarters of an hour"},
    {"yesterday for two hours",                            "2026-04-30 12:00", WHEN_DAY,    120, "yesterday|for two hours"  },
    {"yesterday from 19:30 to 21:00",                      "2026-04-30 19:30", WHEN_MINUTE, 90,
     "yesterday|from 19:30 to 21:00"                                                                                        },
    {"7pm-9pm",                                            "2026-04-30 19:00", WHEN_MINUTE, 120, "7pm-9pm"                  },
    {"20 minutes late, then we talked for an hour",        "-",                WHEN_DAY,    60,  "for an hour"              },
    {"Coffee this morning. She told me about last night.", "2026-05-01 09:00", WHEN_PART,   0,
     "this morning"                                                                                                         },
    {"Called at 11am about tomorrow",                      "2026-05-01 11:00", WHEN_MINUTE, 0,   "at 11am"                  },
};

/* What looks like a time and is none, or lies ahead. */
static const char *const none[] = {
    "we may 3 of us go",
    "march 3 miles with Ana",
    "She may come",
    "a second walk",
    "seconds later",
    "We sat by the lake",
    "In May we go",
    "the sun was out",
    "room 7",
    "at 7",
    "mail ana@today.example",
    "yesterdays",
    "todayish",
    "19:75",
    "25:00",
    "1,000 dogs",
    "version 2.3.4",
    "ratio 3:2",
    "31 February",
    "2026-02-30",
    "v2026-04-03x",
    "12026-04-03",
    "tomorrow",
    "next friday",
    "2026-05-02",
    "2027-01-01 10:00",
    "this evening",
    "today at 19:30",
    "the first time in 3 weeks",
    "tomorrow at 7am",
    "pre-today/after",
    "B612:30",
    "10:30:75",
    "#today",
    "99999999999999999999 days ago",
    "0-0-0",
    "",
    "a minute",
    "every friday we meet",
    "for 1:30 or so",
    "we talked until 2am",
    "by 7pm she was gone",
    "60 miles an hour",
    "once a week",
    "next week",
    "at 18h",
    "900000 years ago",
    "monthly",
    "Maya 3",
};

static void join_spans(Cx *cx, Str prose, const When *w, Str *ret)
{
    static char out[512];
    ptrdiff_t len = 0;
    (void)cx;
    for (int i = 0; i < w->span_count; i++) {
        Str span = str_sub(prose, w->spans[i].from, w->spans[i].len);
        if (i > 0)
            out[len++] = '|';
        memcpy(out + len, span.p, (size_t)span.len);
        len += span.len;
    }
    *ret = (Str){out, len};
}

static int check_row(Cx *cx, const Row *row, WhenSense sense)
{
    When w = {0};
    Str prose = str_c(row->prose), used = {NULL, 0};
    assert_ok(cx, when_find(cx, text_locale(STR("en")), prose, sense, &w));
    join_spans(cx, prose, &w, &used);
    int64_t at = 0;
    bool has = strcmp(row->at, "-") != 0;
    if (has)
        assert_true(time_parse_iso(str_c(row->at), &at));
    bool good = w.has_at == has && (!has || (w.at_ms == at && w.precision == row->precision)) &&
                w.has_duration == (row->duration_min > 0) &&
                (!w.has_duration || w.duration_min == row->duration_min) &&
                str_eq_c(used, row->used);
    char iso[TIME_ISO_CAP];
    Str got = time_format_iso(w.at_ms, 0, iso);
    if (!good)
        print_error("\"%s\": at %d %.*s precision %d, %d minutes, used \"%.*s\"\n", row->prose,
                    w.has_at, STR_FMT(got), (int)w.precision, w.has_duration ? w.duration_min : 0,
                    STR_FMT(used));
    return good ? 0 : 1;
}

static void times_in_prose_are_understood(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int bad = 0;
    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++)
        bad += check_row(&t.cx, &past[i], WHEN_PAST);
    assert_int_equal(bad, 0);
    test_cx_free(&t);
}

static void other_words_are_no_times(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int bad = 0;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        Row row = {none[i], "-", WHEN_DAY, 0, ""};
        bad += check_row(&t.cx, &row, WHEN_PAST);
    }
    assert_int_equal(bad, 0);
    test_cx_free(&t);
}

static void plans_lie_ahead(void **state)
{
    (void)state;
    static const Row plan[] = {
        {"tomorrow",                    "2026-05-02 12:00", WHEN_DAY,    0,  "tomorrow"    },
        {"tomorrow at 7pm for an hour", "2026-05-02 19:00", WHEN_MINUTE, 60,
         "tomorrow|at 7pm|for an hour"                                                     },
        {"next friday",                 "2026-05-08 12:00", WHEN_DAY,    0,  "next friday" },
        {"on monday",                   "2026-05-04 12:00", WHEN_DAY,    0,  "on monday"   },
        {"next week",                   "2026-05-08 12:00", WHEN_WEEK,   0,  "next week"   },
        {"in 3 days",                   "2026-05-04 12:00", WHEN_DAY,    0,  "in 3 days"   },
        {"this evening",                "2026-05-01 19:00", WHEN_PART,   0,  "this evening"},
        {"at 7am",                      "2026-05-02 07:00", WHEN_MINUTE, 0,  "at 7am"      },
        {"2 April",                     "2027-04-02 12:00", WHEN_DAY,    0,  "2 April"     },
    };
    TestCx t;
    test_cx_init(&t);
    int bad = 0;
    for (size_t i = 0; i < sizeof plan / sizeof plan[0]; i++)
        bad += check_row(&t.cx, &plan[i], WHEN_PLAN);
    assert_int_equal(bad, 0);
    test_cx_free(&t);
}

static void small_hours_belong_to_the_evening_before(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    assert_true(time_parse_iso(STR("2026-05-02T00:40:00Z"), &t.cx.now_ms));
    Row tonight = {"tonight", "2026-05-01 19:00", WHEN_PART, 0, "tonight"};
    Row begun = {"this evening", "2026-05-01 18:10", WHEN_PART, 0, "this evening"};
    assert_int_equal(check_row(&t.cx, &tonight, WHEN_PAST), 0);
    assert_true(time_parse_iso(STR("2026-05-01T18:10:00Z"), &t.cx.now_ms));
    assert_int_equal(check_row(&t.cx, &begun, WHEN_PAST), 0);
    test_cx_free(&t);
}

static void words_are_read_in_the_owners_zone(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    Row rows[] = {
        {"yesterday at 9:30", "2026-04-30T07:30:00Z", WHEN_MINUTE, 0, "yesterday|at 9:30"},
        {"on 5 march",        "2026-03-05T11:00:00Z", WHEN_DAY,    0, "on 5 march"       },
    };
    int bad = check_row(&t.cx, &rows[0], WHEN_PAST) + check_row(&t.cx, &rows[1], WHEN_PAST);
    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    tzset();
    assert_int_equal(bad, 0);
    test_cx_free(&t);
}

static void a_field_is_a_time_and_nothing_else(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Text *en = text_locale(STR("en"));
    When w = {0};
    assert_ok(&t.cx, when_parse(&t.cx, en, "at", STR(" yesterday, at 7pm "), WHEN_PAST, &w));
    assert_true(w.has_at);
    assert_int_equal(when_parse(&t.cx, en, "at", STR("yesterday with Ana"), WHEN_PAST, &w),
                     ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.when");
    assert_string_equal(t.cx.why.field, "at");
    assert_int_equal(when_parse(&t.cx, en, "at", STR("tomorrow"), WHEN_PAST, &w), ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.when-future");
    assert_int_equal(when_parse(&t.cx, en, "at", STR(""), WHEN_PAST, &w), ERR_INVALID);
    assert_int_equal(when_parse(&t.cx, en, "at", STR("30 February"), WHEN_PAST, &w), ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.no-such-day");
    test_cx_free(&t);
}

/* What was not used is named; days that are in no calendar are told apart from words. */
static void what_is_no_time_of_the_past_is_named(void **state)
{
    static const struct {
        const char *prose, *unused;
        bool ahead, no_such;
    } rows[] = {
        {"walk on 31 February",               "on 31 February",   false, true },
        {"walk, 2026-02-30",                  "2026-02-30",       false, true },
        {"walk, 29 February 2025",            "29 February 2025", false, true },
        {"walk on 2026-13-01 tomorrow",       "on 2026-13-01",    true,  true },
        {"walk tomorrow",                     "tomorrow",         true,  false},
        {"walk on 3 May 2031 or so",          "on 3 May 2031",    true,  false},
        {"walk, number 0800-12-34",           "",                 false, false},
        {"walk, number 2026-02-301",          "",                 false, false},
        {"walk, 32 songs, 30 of them mayhem", "",                 false, false},
        {"29 February",                       "",                 false, false},
    };
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Text *en = text_locale(STR("en"));
    t.cx.now_ms = time_days_from_civil(2026, 5, 10) * TIME_DAY_MS;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        When w = {0};
        Str prose = str_c(rows[i].prose);
        assert_ok(&t.cx, when_find(&t.cx, en, prose, WHEN_PAST, &w));
        assert_int_equal(w.future_unused, rows[i].ahead);
        assert_int_equal(w.no_such_day, rows[i].no_such);
        assert_str(str_sub(prose, w.unused.from, w.unused.len), rows[i].unused);
    }
    test_cx_free(&t);
}

/* Every day that is shown can be typed as it is shown; what is no day of the calendar is none here either. */
static void a_day_is_read_as_it_is_written(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Text *en = text_locale(STR("en"));
    for (int64_t day = time_days_from_civil(1996, 1, 1); day < time_days_from_civil(2000, 1, 1);
         day++) {
        Civil c = time_civil(day * TIME_DAY_MS, 0);
        Str full = {NULL, 0}, yearless = {NULL, 0};
        int32_t with = -1, without = -1;
        assert_ok(&t.cx, text_date(&t.cx, en, &c, &full));
        assert_ok(&t.cx, text_birthday(&t.cx, en, c.month, c.day, &yearless));
        assert_ok(&t.cx, when_date(&t.cx, en, full, &with));
        assert_ok(&t.cx, when_date(&t.cx, en, yearless, &without));
        assert_int_equal(with, c.year * 10000 + c.month * 100 + c.day);
        assert_int_equal(without, c.month * 100 + c.day);
        arena_reset(&t.arena);
    }
    static const struct {
        const char *text;
        int32_t ymd;
    } rows[] = {
        {"May 12th, 1990",   19900512},
        {"12 june 2090",     20900612},
        {"2016-02-29",       20160229},
        {"31 June",          0       },
        {"29 February 2023", 0       },
        {"yesterday",        0       },
        {"12 June at noon",  0       },
        {"12 June, I think", 0       },
        {"1.2.1990",         0       },
        {"June",             0       },
        {"",                 0       },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t ymd = -1;
        assert_ok(&t.cx, when_date(&t.cx, en, str_c(rows[i].text), &ymd));
        assert_int_equal(ymd, rows[i].ymd);
    }
    test_cx_free(&t);
}

static Str long_prose(Cx *cx, const char *piece, ptrdiff_t len)
{
    char *p = arena_new(cx->arena, char, len);
    assert_non_null(p);
    ptrdiff_t step = (ptrdiff_t)strlen(piece);
    for (ptrdiff_t i = 0; i < len; i++)
        p[i] = piece[i % step];
    return (Str){p, len};
}

static void long_prose_is_read_and_longer_refused(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Text *en = text_locale(STR("en"));
    static const char *const pieces[] = {
        "an hour and a half ", "1 ", "{n} ", "may 1 ", "3 weeks ", "\xff", "19:30:"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        When w = {0};
        assert_ok(&t.cx, when_find(&t.cx, en, long_prose(&t.cx, pieces[i], WHEN_MAX_BYTES),
                                   WHEN_PAST, &w));
        assert_true(!w.has_at || w.at_ms <= t.cx.now_ms);
        assert_int_equal(
            when_find(&t.cx, en, long_prose(&t.cx, "x", WHEN_MAX_BYTES + 1), WHEN_PAST, &w),
            ERR_LIMIT);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* A day that the clocks change is as long as it is. */
static void what_a_wording_leaves_open_has_a_begin_and_an_end(void **state)
{
    static const struct {
        const char *prose, *begin, *end;
    } rows[] = {
        {"2026-05-01",        "2026-05-01 00:00", "2026-05-02 00:00"},
        {"2026-03-29",        "2026-03-29 00:00", "2026-03-30 00:00"},
        {"yesterday evening", "2026-04-30 00:00", "2026-05-01 00:00"},
        {"2026-05-01 09:30",  "2026-05-01 09:30", "2026-05-01 09:31"},
        {"today",             "2026-05-01 00:00", "2026-05-02 00:00"},
        {"last week",         "2026-04-20 00:00", "2026-04-27 00:00"},
        {"last month",        "2026-04-01 00:00", "2026-05-01 00:00"},
        {"last year",         "2025-01-01 00:00", "2026-01-01 00:00"},
        {"31 december",       "2025-12-31 00:00", "2026-01-01 00:00"},
    };
    (void)state;
    TestCx t;
    test_cx_init(&t);
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    assert_true(time_parse_iso(STR("2026-05-01 12:00"), &t.cx.now_ms));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        When when = {0};
        int64_t begin = 0, end = 0, want_begin = 0, want_end = 0;
        assert_ok(&t.cx, when_parse(&t.cx, text_locale(STR("en")), "from", str_c(rows[i].prose),
                                    WHEN_PAST, &when));
        when_bounds(&when, &begin, &end);
        assert_true(time_parse_iso(str_c(rows[i].begin), &want_begin));
        assert_true(time_parse_iso(str_c(rows[i].end), &want_end));
        assert_int_equal(begin, want_begin);
        assert_int_equal(end, want_end);
    }
    setenv("TZ", "UTC", 1);
    tzset();
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_in_prose_are_understood),
        cmocka_unit_test(other_words_are_no_times),
        cmocka_unit_test(plans_lie_ahead),
        cmocka_unit_test(small_hours_belong_to_the_evening_before),
        cmocka_unit_test(words_are_read_in_the_owners_zone),
        cmocka_unit_test(a_field_is_a_time_and_nothing_else),
        cmocka_unit_test(what_is_no_time_of_the_past_is_named),
        cmocka_unit_test(a_day_is_read_as_it_is_written),
        cmocka_unit_test(long_prose_is_read_and_longer_refused),
        cmocka_unit_test(what_a_wording_leaves_open_has_a_begin_and_an_end),
    };
    return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
