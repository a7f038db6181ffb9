/* tests/book/test_query.c - asking a book: who may be meant, what happened when, where a word stands,
 * and what it weighs. */
#include "base/buf.h"
#include "base/time.h"
#include "book/book.h"
#include "gen.h"
#include "testlib.h"
#include <string.h>

typedef struct Shelf {
    TestCx t;
    Cx *cx;
    Book *book;
} Shelf;

static void shelf_open(Shelf *s)
{
    test_cx_init(&s->t);
    s->cx = &s->t.cx;
    s->book = book_new(0);
    assert_non_null(s->book);
}

static void shelf_close(Shelf *s)
{
    book_free(s->book);
    test_cx_free(&s->t);
}

static void take(Shelf *s, const Draft drafts[], int n)
{
    Id batch;
    const Str *bodies = NULL;
    assert_ok(s->cx, book_prepare(s->cx, s->book, 1, drafts, n, STR("did.test"), STR(""), &batch,
                                  &bodies));
    for (int i = 0; i <= n; i++)
        assert_ok(s->cx, book_apply(s->cx, s->book, bodies[i]));
    assert_ok(s->cx, book_settle(s->cx, s->book));
}

static BookRef add_person(Shelf *s, const char *name, const char *given, const char *nickname)
{
    Draft d = draft_new(s->cx, ENTRY_PERSON);
    draft_text(&d, F_PERSON_NAME, str_c(name));
    draft_text(&d, F_PERSON_GIVEN, str_c(given));
    draft_texts(&d, F_PERSON_NICKNAMES, (Str[]){str_c(nickname)}, 1);
    take(s, &d, 1);
    BookRef ref = book_find(s->book, ENTRY_PERSON, d.object);
    assert_true(ref != BOOK_NONE);
    return ref;
}

/* Names found for text, best first, ", " between; "?" in front when it is not sure. */
static const char *found(Shelf *s, const char *text)
{
    BookFound f;
    Buf buf = buf_make(s->cx->arena, 4096);
    Str ret = {NULL, 0};
    assert_ok(s->cx, book_find_person(s->cx, s->book, str_c(text), &f));
    buf_c(&buf, f.n > 0 && !f.sure ? "? " : "");
    for (int i = 0; i < f.n; i++)
        buf_fmt(&buf, "%s%.*s", i > 0 ? ", " : "", STR_FMT(book_name(s->book, f.p[i].person)));
    assert_ok(s->cx, buf_done(s->cx, &buf, &ret));
    return str_to_c(s->cx->arena, ret);
}

static void people_are_found_as_people_are_called(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    add_person(&s, "Ana Maria Silva", "", "Nan");
    BookRef moura = add_person(&s, "Ana Moura", "Ana", "");
    add_person(&s, "Anatole Koch", "", "");
    add_person(&s, "Zo\xc3\xab \xc3\x81vila", "", "");
    add_person(&s, "Jo\xc3\xa3o-Pedro d'Arc", "", "");
    add_person(&s, "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e", "", ""); /* Yamada Taro */
    add_person(&s, "Mr. Bo Lee (work)", "Bo", "");
    add_person(&s, "Nan", "", "");

    static const struct {
        const char *text, *want;
    } cases[] = {
        {"ana moura",                "Ana Moura"                                       },
        {"ANA  Moura ",              "Ana Moura"                                       },
        {"Ana",                      "? Ana Maria Silva, Ana Moura, Anatole Koch"      },
        {"Ana M",                    "? Ana Maria Silva, Ana Moura"                    },
        {"Ana Mo",                   "Ana Moura"                                       },
        {"Ana S.",                   "Ana Maria Silva"                                 },
        {"Ana Maria S",              "Ana Maria Silva"                                 },
        {"Anat",                     "Anatole Koch"                                    },
        {"An",                       "? Ana Maria Silva, Ana Moura, Anatole Koch"      },
        {"zoe",                      "Zo\xc3\xab \xc3\x81vila"                         },
        {"ZO\xc3\x8b A",             "Zo\xc3\xab \xc3\x81vila"                         },
        {"avila",                    "Zo\xc3\xab \xc3\x81vila"                         },
        {"joao",                     "Jo\xc3\xa3o-Pedro d'Arc"                         },
        {"pedro",                    "Jo\xc3\xa3o-Pedro d'Arc"                         },
        {"\xe5\xb1\xb1\xe7\x94\xb0", "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e"},
        {"\xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e"},
        {"bo",                       "Mr. Bo Lee (work)"                               },
        {"nan",                      "Nan, Ana Maria Silva"                            }, /* the name before the nickname */
        {"silv",                     "Ana Maria Silva"                                 },
        {"ilva",                     ""                                                },
        {"nobody",                   ""                                                },
        {"",                         ""                                                },
        {" . ",                      ""                                                },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(found(&s, cases[i].text), cases[i].want);
    char id[ID_TEXT_CAP];
    id_format(book_id(s.book, moura), id);
    assert_string_equal(found(&s, id), "Ana Moura");
    id[8] = '\0';
    assert_string_equal(found(&s, id), "Ana Moura");
    shelf_close(&s);
}

static void people_stand_by_name(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    add_person(&s, "bea", "", "");
    BookRef z = add_person(&s, "Zed", "", "");
    add_person(&s, "\xc3\x89lan", "", "");
    add_person(&s, "Al", "", "");
    BookRefs all = book_people(s.book);
    static const char *const want[] = {"Al", "bea", "\xc3\x89lan", "Zed"};
    assert_int_equal(all.n, 4);
    for (int i = 0; i < 4; i++)
        assert_str(book_name(s.book, all.p[i]), want[i]);
    uint64_t version = book_person_version(s.book, z);
    Draft d = draft_edit(s.cx, ENTRY_PERSON, book_id(s.book, z));
    draft_text(&d, F_PERSON_NAME, STR("Aaron"));
    take(&s, &d, 1);
    assert_str(book_name(s.book, book_people(s.book).p[0]), "Aaron");
    assert_true(book_person_version(s.book, z) > version);
    draft_bool(&d, F_GONE, true);
    take(&s, &d, 1);
    assert_int_equal(book_people(s.book).n, 3);
    assert_str(book_name(s.book, z), "");
    shelf_close(&s);
}

static Id add_event(Shelf *s, EntryKind kind, Id person, int64_t at_ms, const char *text)
{
    Draft d = draft_new(s->cx, kind);
    if (!id_is_zero(person))
        draft_id(&d, F_PERSON, person);
    draft_at(&d, at_ms);
    draft_text(&d, F_TEXT, str_c(text));
    take(s, &d, 1);
    return d.object;
}

static int count(BookIter iter)
{
    BookRef ref = BOOK_NONE;
    int n = 0;
    while (book_next(&iter, &ref))
        n++;
    return n;
}

static void timelines_answer_for_a_span(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    BookRef ana = add_person(&s, "Ana", "", "");
    Id id = book_id(s.book, ana);
    Gen g = gen_seed(3);
    int64_t day[100], t0 = -20 * (int64_t)TIME_DAY_MS; /* before 1970 too */
    for (int i = 0; i < 100; i++) {                    /* told in no order */
        day[i] = gen_int(&g, 0, 60);
        EntryKind kind = i % 2 ? ENTRY_MOMENT : ENTRY_NOTE;
        add_event(&s, kind, id, t0 + day[i] * TIME_DAY_MS, "x");
    }
    for (int from = -1; from < 62; from += 7) {
        for (int to = from; to < 63; to += 5) {
            int want = 0;
            for (int i = 1; i < 100; i += 2)
                want += day[i] >= from && day[i] < to;
            BookWhich which = {.from_ms = t0 + from * (int64_t)TIME_DAY_MS,
                               .to_ms = t0 + to * (int64_t)TIME_DAY_MS,
                               .has_from = true,
                               .kinds = BOOK_KIND(ENTRY_MOMENT)};
            if (which.to_ms == 0)
                continue; /* no end */
            assert_int_equal(count(book_timeline(s.book, ana, which)), want);
            which.oldest_first = true;
            assert_int_equal(count(book_timeline(s.book, ana, which)), want);
            assert_int_equal(count(book_everything(s.book, which)), want);
            assert_int_equal(count(book_alone(s.book, which)), 0);
        }
    }
    assert_int_equal(book_count(s.book, ana, ENTRY_NOTE), 50);
    assert_int_equal(book_count(s.book, ana, ENTRY_CHECKIN), 0);
    assert_int_equal(book_last(s.book, ana, ENTRY_CHECKIN), BOOK_NONE);
    BookRef newest = BOOK_NONE;
    BookIter iter = book_timeline(s.book, ana, (BookWhich){.kinds = BOOK_KIND(ENTRY_NOTE)});
    assert_true(book_next(&iter, &newest));
    assert_int_equal(book_last(s.book, ana, ENTRY_NOTE), newest);
    assert_int_equal(count(book_timeline(s.book, newest, (BookWhich){.kinds = 0})), 0);
    shelf_close(&s);
}

static void events_move_and_go(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    BookRef ana = add_person(&s, "Ana", "", ""), bo = add_person(&s, "Bo", "", "");
    Id note = add_event(&s, ENTRY_NOTE, book_id(s.book, ana), 1000, "x");
    Id first = add_event(&s, ENTRY_NOTE, book_id(s.book, ana), 500, "y");
    Draft d = draft_edit(s.cx, ENTRY_NOTE, note);
    draft_id(&d, F_PERSON, book_id(s.book, bo));
    take(&s, &d, 1);
    assert_int_equal(book_count(s.book, ana, ENTRY_NOTE), 1);
    assert_int_equal(book_count(s.book, bo, ENTRY_NOTE), 1);
    assert_true(id_eq(book_id(s.book, book_last(s.book, ana, ENTRY_NOTE)), first));
    d = draft_edit(s.cx, ENTRY_NOTE, note);
    draft_none(&d, F_PERSON);
    take(&s, &d, 1);
    assert_int_equal(book_count(s.book, bo, ENTRY_NOTE), 0);
    assert_int_equal(count(book_alone(s.book, (BookWhich){.kinds = 0})), 1);
    d = draft_edit(s.cx, ENTRY_NOTE, note);
    draft_bool(&d, F_GONE, true);
    take(&s, &d, 1);
    assert_int_equal(count(book_alone(s.book, (BookWhich){.kinds = 0})), 0);
    assert_int_equal(book_find(s.book, ENTRY_NOTE, note), BOOK_NONE);
    /* what names only someone who is gone is not shown among everything */
    assert_int_equal(count(book_everything(s.book, (BookWhich){.kinds = 0})), 1);
    d = draft_edit(s.cx, ENTRY_PERSON, book_id(s.book, ana));
    draft_bool(&d, F_GONE, true);
    take(&s, &d, 1);
    assert_int_equal(count(book_everything(s.book, (BookWhich){.kinds = 0})), 0);
    d = draft_edit(s.cx, ENTRY_PERSON, book_id(s.book, ana));
    draft_none(&d, F_GONE);
    take(&s, &d, 1);
    assert_int_equal(count(book_everything(s.book, (BookWhich){.kinds = 0})), 1);
    shelf_close(&s);
}

static int hits(Shelf *s, BookSearch search, const BookHit **ret)
{
    int n = -1;
    if (search.limit == 0)
        search.limit = 50;
    assert_ok(s->cx, book_search(s->cx, s->book, &search, ret, &n));
    return n;
}

static void words_are_found(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    const BookHit *h = NULL;
    BookRef ana = add_person(&s, "Ana Walker", "", ""), bo = add_person(&s, "Bo", "", "");
    Id a = book_id(s.book, ana), b = book_id(s.book, bo);
    add_event(&s, ENTRY_NOTE, a, 1000, "A long Walk by the caf\xc3\xa9");
    add_event(&s, ENTRY_NOTE, b, 2000, "We walked and talked. Caf\xc3\xa9");
    add_event(&s, ENTRY_TOPIC, a, 3000, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e lesson");
    add_event(&s, ENTRY_REFLECTION, (Id){{0}}, 4000, "boardwalk thoughts");

    assert_int_equal(hits(&s, (BookSearch){.text = STR("walk"), .person = BOOK_NONE}, &h), 3);
    assert_int_equal(h[0].ref, ana); /* people first, then what is newer */
    assert_int_equal(book_at(s.book, h[1].ref), 2000);
    assert_int_equal(book_at(s.book, h[2].ref), 1000);
    assert_str(h[1].text, "We walked and talked. Caf\xc3\xa9");
    assert_int_equal(h[1].tag, F_TEXT);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("CAFE long"), .person = BOOK_NONE}, &h), 1);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("walk"), .person = bo}, &h), 1);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("lesson ana"), .person = BOOK_NONE}, &h), 1);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("lesson bo"), .person = BOOK_NONE}, &h), 0);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("\xe6\x9c\xac"), .person = BOOK_NONE}, &h),
                     1);
    assert_int_equal(hits(&s, (BookSearch){.text = STR("oardwalk"), .person = BOOK_NONE}, &h), 0);
    assert_int_equal(hits(&s, (BookSearch){.text = STR(" ,. "), .person = BOOK_NONE}, &h), 0);
    BookSearch narrow = {
        .text = STR("walk"), .person = BOOK_NONE, .kinds = BOOK_KIND(ENTRY_NOTE), .to_ms = 2000};
    assert_int_equal(hits(&s, narrow, &h), 1);
    BookSearch page = {.text = STR("walk"), .person = BOOK_NONE, .skip = 1, .limit = 1};
    assert_int_equal(hits(&s, page, &h), 1);
    assert_int_equal(book_at(s.book, h[0].ref), 2000);
    shelf_close(&s);
}

/* 1,000,000 entries as a busy life would have them: check-ins with three answers, moments and notes of
 * a line or two. DESIGN.md allows 250 bytes an entry for everything, bodies included. */
static void a_million_entries_weigh_what_they_may(void **state)
{
    (void)state;
    enum { PEOPLE = 1000, PER_ACTION = 3, ACTIONS = 1000000 / (PER_ACTION + 1) };
    static const char *const lines[] = {
        "Long walk by the river, talked about her father and the house.", "Called on the way home.",
        "Tea after work; we laughed about the old flat.",
        "A quiet evening. He told me what he is afraid of, and I could listen."};
    Shelf s;
    shelf_open(&s);
    Gen g = gen_seed(1);
    Id *people = arena_new(s.cx->arena, Id, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        Draft d = draft_new(s.cx, ENTRY_PERSON);
        draft_text(&d, F_PERSON_NAME, STR("Someone Orother"));
        people[i] = d.object;
        take(&s, &d, 1);
    }
    AUTO_ARENA Arena arena;
    arena_init(&arena, 1 << 20);
    for (int i = 0; i < ACTIONS; i++) {
        Cx cx = {.arena = &arena, .now_ms = s.cx->now_ms + (int64_t)i * TIME_MINUTE_MS};
        Id batch, who = people[gen_int(&g, 0, PEOPLE - 1)];
        const Str *bodies = NULL;
        Draft d[PER_ACTION] = {draft_new(&cx, ENTRY_CHECKIN), draft_new(&cx, ENTRY_MOMENT),
                               draft_new(&cx, ENTRY_NOTE)};
        draft_id(&d[0], F_PERSON, who);
        draft_answers(&d[0], F_CHECKIN_ANSWERS,
                      (Answer[]){
                          {STR("emotional-felt-2"),   (int)gen_int(&g, 0, 100)},
                          {STR("emotional-wanted-1"), (int)gen_int(&g, 0, 100)},
                          {STR("safety-3"),           (int)gen_int(&g, 0, 100)}
        },
                      3);
        draft_ids(&d[1], F_PEOPLE, (Id[]){who, people[gen_int(&g, 0, PEOPLE - 1)]}, 2);
        draft_at(&d[1], cx.now_ms - gen_int(&g, 0, 20) * TIME_HOUR_MS);
        draft_text(&d[1], F_TEXT, str_c(lines[gen_int(&g, 0, 3)]));
        draft_int(&d[1], F_MOMENT_MEDIUM, MEDIUM_CALL);
        draft_real(&d[1], F_MOMENT_QUALITY, .5);
        draft_id(&d[2], F_PERSON, who);
        draft_text(&d[2], F_TEXT, str_c(lines[gen_int(&g, 0, 3)]));
        assert_ok(&cx, book_prepare(&cx, s.book, 1, d, PER_ACTION, STR("did.check-in"), STR(""),
                                    &batch, &bodies));
        for (int k = 0; k <= PER_ACTION; k++)
            assert_ok(&cx, book_apply(&cx, s.book, bodies[k]));
        arena_reset(&arena);
    }
    assert_ok(s.cx, book_settle(s.cx, s.book));
    int64_t bodies = 0, n = book_entry_count(s.book);
    for (uint32_t i = 0; i < n; i++)
        bodies += book_entry_body(s.book, i).len;
    assert_true(n >= 1000000);
    print_message("# %lld bytes an entry, %lld of them its body\n",
                  (long long)(book_bytes(s.book) / n), (long long)(bodies / n));
    assert_true(book_bytes(s.book) <= 250 * n);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_found_as_people_are_called),
        cmocka_unit_test(people_stand_by_name),
        cmocka_unit_test(timelines_answer_for_a_span),
        cmocka_unit_test(events_move_and_go),
        cmocka_unit_test(words_are_found),
        cmocka_unit_test(a_million_entries_weigh_what_they_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
