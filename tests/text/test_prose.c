/* tests/text/test_prose.c - logged sentences, read against a small book of people that this file keeps itself.
 * Now is Friday 1 May 2026, noon, UTC. */
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "gen.h"
#include "testlib.h"
#include "text/prose.h"
#include <string.h>

typedef struct Book {
    Arena *arena;
    const char *const *names;
    int count;
    int asked;
} Book;

static const char *const people[] = {
    "Ana Silva",
    "Tom Harris",
    "Beatrice Moss",
    "Zoë Faber",
    "Seán O'Brien",
    "Anne-Marie Duval",
    "Will Stone",
    "Dana Lev",
    "小明",
    "דנה לוי",
    "Ana Maria Costa Lima",
    "Jörg Müller",
    "Long Tran",
    "May Brook",
    "王小明",
    "Mark Dean",
    "Ève Petit",
    "Theo Vance",
};
enum { PEOPLE = sizeof people / sizeof people[0] };

/* Whole, first name, first name and initial of the last; or a beginning of the name. */
static bool bears(Arena *arena, Str person, Str name, ProseMatch match)
{
    Str p = utf8_fold(arena, person), n = utf8_fold(arena, name);
    if (n.len == 0)
        return false;
    ptrdiff_t space = str_find_char(p, ' ');
    Str first = space < 0 ? p : str_sub(p, 0, space);
    if (str_eq(p, n) || str_eq(first, n))
        return true;
    if (n.len == first.len + 2 && str_starts(p, n))
        return true;
    return match == PROSE_PREFIX && str_starts(p, n);
}

static int find(void *ctx, Str name, ProseMatch match, uint64_t *ret_who)
{
    Book *book = ctx;
    int n = 0;
    book->asked++;
    for (int i = 0; i < book->count; i++) {
        if (!bears(book->arena, str_c(book->names[i]), name, match))
            continue;
        n++;
        *ret_who = (uint64_t)i;
    }
    return n;
}

static void put_list(Buf *buf, const char *label, const Str *items, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        buf_c(buf, label);
        buf_put(buf, items[i]);
        buf_c(buf, " ");
    }
}

/* A reading in one line: =person ?unsure/choices +new #tag @place (types) ~minutes !medium */
static Str summary(Cx *cx, const Book *book, const ProseLog *log)
{
    Buf buf = buf_make(cx->arena, 1 << 20);
    for (ptrdiff_t i = 0; i < log->people_count; i++)
        buf_fmt(&buf, "=%s ", book->names[log->people[i].who]);
    for (ptrdiff_t i = 0; i < log->unsure_count; i++) {
        buf_c(&buf, "?");
        buf_put(&buf, log->unsure[i].written);
        buf_fmt(&buf, "/%d ", log->unsure[i].choices);
    }
    put_list(&buf, "+", log->new_names, log->new_count);
    put_list(&buf, "#", log->tags, log->tag_count);
    put_list(&buf, "@", &log->place, log->place.p ? 1 : 0);
    if (log->types)
        buf_fmt(&buf, "(%u) ", log->types);
    if (log->when.has_duration)
        buf_fmt(&buf, "~%d ", log->when.duration_min);
    static const char *const medium[] = {"", "!call ", "!video ", "!text "};
    buf_c(&buf, medium[log->medium]);
    Str out = {NULL, 0};
    assert_ok(cx, buf_done(cx, &buf, &out));
    return str_trim(out);
}

typedef struct Row {
    const char *prose, *want;
} Row;

static const Row rows[] = {
    {"Long walk with Zoë and Tom yesterday evening, talked about her father #walk @harbour "
     "(intellectual, emotional) "
     "for an hour +New Person",                       "=Zoë Faber =Tom Harris +New Person #walk @harbour (3) ~60"},
    {"Tom",                                                "=Tom Harris"                                               },
    {"tom and zoe came",                                   "=Tom Harris =Zoë Faber"                                   },
    {"Coffee with Ana",                                    "?Ana/2"                                                    },
    {"Coffee with Ana S",                                  "=Ana Silva"                                                },
    {"Coffee with Ana S. It was good",                     "=Ana Silva"                                                },
    {"Coffee with Ana Silva",                              "=Ana Silva"                                                },
    {"Coffee with Ana Maria",                              "=Ana Maria Costa Lima"                                     },
    {"Coffee with ana",                                    ""                                                          },
    {"Tom's father",                                       "=Tom Harris"                                               },
    {"Tom’s father, Tom again",                          "=Tom Harris"                                               },
    {"Beatr called",                                       "=Beatrice Moss !call"                                      },
    {"Lunch with Bea",                                     "=Beatrice Moss"                                            },
    {"lunch with bea",                                     ""                                                          },
    {"Seán O'Brien phoned",                               "=Seán O'Brien !call"                                      },
    {"with Seán O’Brien's sister",                      "=Seán O'Brien"                                            },
    {"Anne-Marie wrote",                                   "=Anne-Marie Duval !text"                                   },
    {"Eve and Jorg",                                       "=Ève Petit =Jörg Müller"                                },
    {"JÖRG was there",                                    "=Jörg Müller"                                            },
    {"Long walk, nobody else",                             ""                                                          },
    {"Long, Tom and a dog",                                "=Long Tran =Tom Harris"                                    },
    {"Walk with Long",                                     "=Long Tran"                                                },
    {"The old mill. The Crown was open",                   ""                                                          },
    {"Will and I went",                                    "=Will Stone"                                               },
    {"we will go",                                         ""                                                          },
    {"they may mark it",                                   ""                                                          },
    {"dinner with May on 2 May 2025",                      "=May Brook"                                                },
    {"met Theo at The Plough",                             "=Theo Vance"                                               },
    {"和小明散步",                                    "=小明"                                                   },
    {"昨天见了王小明。",                           "=王小明"                                                },
    {"נפגשתי עם דנה אתמול",                "=דנה לוי"                                            },
    {"Tom/Zoë, Tom+Zoë & (Dana)",                        "=Tom Harris =Zoë Faber =Dana Lev"                         },
    {"write to tom@example.org or Tom@home.example",       ""                                                          },
    {"https://example.org/Tom?Zoë#Dana",                  ""                                                          },
    {"Tom2 and _Tom and room9Tom",                         ""                                                          },
    {"Tom Baker came by",                                  "?Tom Baker/1"                                              },
    {"Tom Friday",                                         "=Tom Harris"                                               },
    {"Tom Harris Baker?",                                  "?Tom Harris Baker/1"                                       },
    {"#walk #Walk #by-the-sea #1 #, ##x we're #1.",        "#walk #by-the-sea"                                         },
    {"@\"Old harbour\" and @inn",                          "@Old harbour"                                              },
    {"at the café @l'étoile, Tom",                       "=Tom Harris @l'étoile"                                    },
    {"@\"never closed and Tom",                            "=Tom Harris"                                               },
    {"@ nowhere, a@b",                                     ""                                                          },
    {"(emo, spir)",                                        "(17)"                                                      },
    {"[phys]",                                             "(4)"                                                       },
    {"(emotional and trust)",                              "(1)"                                                       },
    {"(e)",                                                ""                                                          },
    {"(ex)",                                               "(8)"                                                       },
    {"(we talked, emotional)",                             ""                                                          },
    {"(emotional",                                         ""                                                          },
    {"()",                                                 ""                                                          },
    {"((emotional))",                                      "(1)"                                                       },
    {"+Bea Costa",                                         "+Bea Costa"                                                },
    {"+Bea Costa and Tom",                                 "=Tom Harris +Bea Costa"                                    },
    {"+Bea Friday evening",                                "+Bea"                                                      },
    {"+\"bea of the mill\" came",                          "+bea of the mill"                                          },
    {"+Bea came with Tom, and Bea sang; +Bea",             "=Tom Harris +Bea"                                          },
    {"Bea Costa is here, +Bea Costa and Bea's dog",        "+Bea Costa"                                                },
    {"+Bea M. came",                                       "+Bea M."                                                   },
    {"+Bea's brother +Élodie, +李雷 2+Two +1 + Nobody", "+Bea +Élodie +李雷"                                     },
    {"video call with Tom for 45 minutes",                 "=Tom Harris ~45 !video"                                    },
    {"a place called Harbour",                             "!call"                                                     },
    {"recalled, texture",                                  ""                                                          },
    {"Tom\nZoë\r\nDana",                                  "=Tom Harris =Zoë Faber =Dana Lev"                         },
    {"Mark Dean and mark",                                 "=Mark Dean"                                                },
    {"",                                                   ""                                                          },
};

static Str read_one(Cx *cx, const char *prose, ProseLog *ret)
{
    Book book = {cx->arena, people, PEOPLE, 0};
    ProseFinder finder = {&book, find};
    assert_ok(cx, prose_read(cx, text_locale(STR("en")), str_c(prose), &finder, WHEN_PAST, ret));
    return summary(cx, &book, ret);
}

static void sentences_are_read(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int bad = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ProseLog log;
        Str got = read_one(&t.cx, rows[i].prose, &log);
        if (str_eq_c(got, rows[i].want))
            continue;
        print_error("\"%s\"\n got  \"%.*s\"\n want \"%s\"\n", rows[i].prose, STR_FMT(got),
                    rows[i].want);
        bad++;
    }
    assert_int_equal(bad, 0);
    test_cx_free(&t);
}

static void the_prose_stays_as_it_was_written(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    ProseLog log;
    (void)read_one(&t.cx, "  Tom\x01 and Zoe\xCC\x88 #walk (emotional) yesterday at 7pm  ", &log);
    assert_str(log.text, "Tom and Zoë #walk (emotional) yesterday at 7pm");
    assert_int_equal(log.when.span_count, 2);
    assert_str(str_sub(log.text, log.when.spans[0].from, log.when.spans[0].len), "yesterday");
    assert_str(str_sub(log.text, log.when.spans[1].from, log.when.spans[1].len), "at 7pm");
    assert_str(log.people[1].written, "Zoë");
    test_cx_free(&t);
}

static bool inside(Str text, Str s)
{
    return s.len > 0 && s.p >= text.p && s.p + s.len <= text.p + text.len && utf8_valid(s);
}

static void check_inside(const ProseLog *log)
{
    for (ptrdiff_t i = 0; i < log->people_count; i++)
        assert_true(inside(log->text, log->people[i].written));
    for (ptrdiff_t i = 0; i < log->unsure_count; i++)
        assert_true(inside(log->text, log->unsure[i].written));
    for (ptrdiff_t i = 0; i < log->new_count; i++)
        assert_true(inside(log->text, log->new_names[i]));
    for (ptrdiff_t i = 0; i < log->tag_count; i++)
        assert_true(inside(log->text, log->tags[i]));
    assert_true(!log->place.p || inside(log->text, log->place));
    ptrdiff_t at = 0;
    for (int i = 0; i < log->when.span_count; i++) {
        assert_true(log->when.spans[i].from >= at && log->when.spans[i].len > 0);
        at = log->when.spans[i].from + log->when.spans[i].len;
        assert_true(at <= log->text.len);
    }
}

/* Pieces that matter to the reader, and bytes that matter to nobody. */
static Str random_prose(Cx *cx, Gen *g)
{
    static const char *const pieces[] = {
        "Ana",
        "Tom",
        "M.",
        "'s",
        "’",
        "\"",
        "“",
        "@",
        "#",
        "+",
        "(",
        ")",
        "[",
        "emotional",
        "tr",
        ",",
        "/",
        " ",
        " ",
        " ",
        "\n",
        "yesterday",
        "at",
        "7pm",
        "19",
        ":",
        "30",
        "2026-05-01",
        "T",
        "1",
        "May",
        "for",
        "an hour",
        "and a half",
        "ago",
        "小",
        "明",
        "דנה",
        "e\xCC\x81",
        "\xff",
        "\xC3",
        "\x01",
        "\xE2\x80\x8D",
        "-",
        "_",
        ".",
        "://",
        "½",
        "Long",
        "will",
        "video call",
        "2",
        "weeks",
    };
    enum { PIECES = sizeof pieces / sizeof pieces[0] };
    Buf buf = buf_make(cx->arena, 4096);
    int n = (int)(gen_u64(g) % 40);
    for (int i = 0; i < n; i++)
        buf_c(&buf, pieces[gen_u64(g) % PIECES]);
    Str out = {NULL, 0};
    assert_ok(cx, buf_done(cx, &buf, &out));
    /* Exactly as long as allocated, so that a sanitizer sees a read behind it. */
    return out;
}

static void spans_lie_inside_any_prose(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        TestCx t;
        test_cx_init(&t);
        Gen g = gen_seed(seed);
        Str prose = random_prose(&t.cx, &g);
        char *exact = os_alloc(prose.len > 0 ? prose.len : 1, 1);
        assert_non_null(exact);
        memcpy(exact, prose.p, (size_t)prose.len);
        Book book = {&t.arena, people, PEOPLE, 0};
        ProseFinder finder = {&book, find};
        ProseLog log;
        assert_ok(&t.cx, prose_read(&t.cx, text_locale(STR("en")), (Str){exact, prose.len}, &finder,
                                    WHEN_PAST, &log));
        check_inside(&log);
        assert_true(!log.when.has_at || log.when.at_ms <= t.cx.now_ms);
        assert_true(!log.when.has_duration || log.when.duration_min > 0);
        os_free(exact);
        test_cx_free(&t);
    }
}

static int nobody(void *ctx, Str name, ProseMatch match, uint64_t *ret_who)
{
    (void)name, (void)match, (void)ret_who;
    ++*(int *)ctx;
    return 0;
}

static void long_and_hostile_prose_costs_little(void **state)
{
    (void)state;
    static const char *const pieces[] = {"#a1b ", "@\"x ", "(emotional,", "+A B C ", "Ana M. ",
                                         "ana-",  "'s'",   "小明",        "((((",    "an hour ",
                                         "\"\"",  "a@",    "://"};
    TestCx t;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        Buf buf = buf_make(&t.arena, PROSE_MAX_BYTES);
        while (!buf.failed)
            buf_c(&buf, pieces[i]);
        int asked = 0;
        ProseFinder finder = {&asked, nobody};
        ProseLog log;
        assert_ok(&t.cx, prose_read(&t.cx, text_locale(STR("en")), (Str){buf.p, buf.len}, &finder,
                                    WHEN_PAST, &log));
        check_inside(&log);
        assert_true(asked <= 2 * PROSE_NAME_WORDS_MAX * PROSE_MAX_BYTES / 3 + 8);
        arena_reset(&t.arena);
    }
    Buf buf = buf_make(&t.arena, PROSE_MAX_BYTES + 8);
    while (!buf.failed)
        buf_c(&buf, "Ana ");
    ProseFinder finder = {NULL, nobody};
    ProseLog log;
    assert_int_equal(
        prose_read(&t.cx, text_locale(STR("en")), (Str){buf.p, buf.len}, &finder, WHEN_PAST, &log),
        ERR_LIMIT);
    test_cx_free(&t);
}

/* Every allocation made to fail in turn: an error is said, nothing crashes. */
static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    int oks = 0;
    for (int nth = 0; oks == 0 && nth < 5000; nth++) {
        TestCx t;
        test_cx_init(&t);
        Book book = {&t.arena, people, 0, 0};
        ProseFinder finder = {&book, find};
        ProseLog log;
        arena_fail_after(&t.arena, nth);
        Err e =
            prose_read(&t.cx, text_locale(STR("en")),
                       STR("Zoë and Tom #walk @\"the inn\" +Bea yesterday for an hour (emotional)"),
                       &finder, WHEN_PAST, &log);
        assert_true(e == OK || e == ERR_NOMEM);
        oks += e == OK;
        test_cx_free(&t);
    }
    assert_int_equal(oks, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_read),
        cmocka_unit_test(the_prose_stays_as_it_was_written),
        cmocka_unit_test(spans_lie_inside_any_prose),
        cmocka_unit_test(long_and_hostile_prose_costs_little),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests_name("prose", tests, NULL, NULL);
}
