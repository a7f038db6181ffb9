/* tests/insight/test_cache.c - with a cache the answers are the same and the work is not. Random books grow, are
 * taken back, and grow old, while cached and fresh answers are compared. */
#include "base/time.h"
#include "insight/insight.h"
#include "script.h"
#include <string.h>

static void same(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a); /* the very same arithmetic */
}

static void same_estimate(const Estimate *a, const Estimate *b)
{
    assert_int_equal(a->known, b->known);
    assert_int_equal(a->readings, b->readings);
    assert_int_equal(a->level.first, b->level.first);
    assert_int_equal(a->level.last, b->level.last);
    same(a->mean, b->mean);
    same(a->sd, b->sd);
}

static void same_relation(const Relation *a, const Relation *b)
{
    for (int k = 0; k < TYPE_COUNT; k++) {
        same_estimate(&a->types[k], &b->types[k]);
        same_estimate(&a->wanted[k], &b->wanted[k]);
        same_estimate(&a->given[k], &b->given[k]);
        same(a->type_trend[k].change, b->type_trend[k].change);
        same(a->gap[k], b->gap[k]);
    }
    for (int f = 0; f < FACTOR_COUNT; f++)
        same_estimate(&a->factors[f], &b->factors[f]);
    same_estimate(&a->closeness, &b->closeness);
    same(a->trend.change, b->trend.change);
    same(a->limiting_prob, b->limiting_prob);
    assert_int_equal(a->limiting, b->limiting);
    assert_int_equal(a->gate.depth, b->gate.depth);
    assert_int_equal(a->gate.approach, b->gate.approach);
    assert_int_equal(a->gate.romance, b->gate.romance);
    assert_int_equal(a->gate.why, b->gate.why);
}

static void same_today(const Today *a, const Today *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->check_in, b->check_in);
    for (int i = 0; i < a->n; i++) {
        assert_int_equal(a->offers[i].person, b->offers[i].person);
        assert_ptr_equal(a->offers[i].practice, b->offers[i].practice);
        same(a->offers[i].score, b->offers[i].score);
        assert_int_equal(a->offers[i].n_done, b->offers[i].n_done);
    }
}

/* -- the same answers --------------------------------------------------------------------------------- */

enum { MOST_PEOPLE = 12 };

typedef struct Life {
    Shelf s;
    Gen g;
    BookRef people[MOST_PEOPLE];
    int n;
    Id last; /* a check-in or moment, to be taken back */
    EntryKind last_kind;
} Life;

static void someone_else(Life *l)
{
    Script x;
    script_any(&l->g, l->s.cx->now_ms + gen_int(&l->g, 0, 2) * DAY_MS, &x); /* some dated ahead */
    l->people[l->n++] = shelf_script(&l->s, &x);
}

static void say_of(Life *l, BookRef person)
{
    Shelf *s = &l->s;
    int64_t at = s->cx->now_ms - gen_int(&l->g, 0, gen_chance(&l->g, 70) ? 1000 : 90 * DAY_MS);
    ScriptAnswer a[2] = {answer_of(question_that(ASKS_FELT, (int)gen_int(&l->g, 0, 4), 0),
                                   (double)gen_int(&l->g, 0, 10)),
                         answer_of(question_that(ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, 0),
                                   (double)gen_int(&l->g, 2, 10))};
    ScriptEvent m = script_moment(at);
    m.opened = gen_chance(&l->g, 50);
    m.depth = (int)gen_int(&l->g, 1, 7);
    m.conflict = gen_chance(&l->g, 20);
    bool checkin = gen_chance(&l->g, 50);
    l->last_kind = checkin ? ENTRY_CHECKIN : ENTRY_MOMENT;
    if (checkin)
        l->last = shelf_checkin(s, person, at, a, 2, (int)gen_int(&l->g, -1, 1));
    else
        l->last = shelf_moment(s, person, &m);
}

static void do_or_answer(Life *l, BookRef person, bool done)
{
    Draft d = draft_new(l->s.cx, done ? ENTRY_DONE : ENTRY_OFFER);
    const ContentPractice *p = &content_practices[gen_int(&l->g, 0, content_practices_count - 1)];
    draft_id(&d, F_PERSON, book_id(l->s.book, person));
    draft_at(&d, l->s.cx->now_ms - gen_int(&l->g, 0, 3) * DAY_MS);
    draft_text(&d, F_DONE_PRACTICE, p->id); /* an offer's field has the same number */
    if (done)
        draft_real(&d, F_DONE_HELPED, (double)gen_int(&l->g, 0, 10));
    else
        draft_int(&d, F_OFFER_ANSWER, gen_int(&l->g, OFFER_TAKEN, OFFER_NOT_FOR_US));
    shelf_take(&l->s, &d, 1);
}

static void edit(Life *l, BookRef person)
{
    Draft d = shelf_rel(&l->s, person);
    switch (gen_int(&l->g, 0, 4)) {
    case 0:
        draft_int(&d, F_REL_SEASON, gen_int(&l->g, 0, SEASON_COUNT - 1));
        draft_int(&d, F_REL_SEASON_SINCE, l->s.cx->now_ms);
        break;
    case 1:
        draft_int(&d, F_REL_KINDS, gen_int(&l->g, 1, 8191));
        break;
    case 2:
        draft_int(&d, F_REL_PAUSED_UNTIL, l->s.cx->now_ms + gen_int(&l->g, 0, DAY_MS));
        break;
    case 3:
        draft_real(&d, F_REL_WANTED, (double)gen_int(&l->g, 0, 10));
        break;
    default:
        draft_bool(&d, F_REL_HARM, gen_chance(&l->g, 50));
        break;
    }
    shelf_take(&l->s, &d, 1);
}

static void edit_me(Life *l)
{
    Draft d = draft_edit(l->s.cx, ENTRY_ME, ENTRY_ME_ID);
    draft_texts(&d, F_ME_INTERESTS, &content_interests[gen_int(&l->g, 0, INTEREST_COUNT - 1)].id,
                1);
    draft_bool(&d, F_ME_QUIET, gen_chance(&l->g, 10));
    shelf_take(&l->s, &d, 1);
}

static void choose(Life *l)
{
    Draft d = draft_new(l->s.cx, ENTRY_CHOICE);
    draft_at(&d, l->s.cx->now_ms);
    draft_text(&d, F_CHOICE_LEFT, content_choices[gen_int(&l->g, 0, content_choices_count - 1)].id);
    draft_text(&d, F_CHOICE_RIGHT,
               content_choices[gen_int(&l->g, 0, content_choices_count - 1)].id);
    draft_int(&d, F_CHOICE_PICK, gen_int(&l->g, PICK_LEFT, PICK_NEITHER));
    if (gen_chance(&l->g, 40))
        draft_int(&d, F_CHOICE_KINDS, gen_int(&l->g, 1, 8191));
    shelf_take(&l->s, &d, 1);
}

static void go_on(Life *l)
{
    BookRef person = l->people[gen_int(&l->g, 0, l->n - 1)];
    int64_t what = gen_int(&l->g, 0, 99);
    if (what < 30)
        say_of(l, person);
    else if (what < 38)
        do_or_answer(l, person, true);
    else if (what < 46)
        do_or_answer(l, person, false);
    else if (what < 54)
        edit(l, person);
    else if (what < 57)
        edit_me(l);
    else if (what < 62)
        choose(l);
    else if (what < 66 && l->n < MOST_PEOPLE)
        someone_else(l);
    else if (what < 70 && l->last_kind != 0) {
        shelf_gone(&l->s, l->last_kind, l->last);
        l->last_kind = 0;
    } else if (what < 80)
        l->s.cx->now_ms += gen_int(&l->g, 0, gen_chance(&l->g, 20) ? 400 : 20) * DAY_MS;
    else
        l->s.cx->now_ms += gen_int(&l->g, 0, DAY_MS / 6);
}

/* What one process kept, another goes on with. */
static void same_questions(Life *l, InsightCache *cache, BookRef person)
{
    AskNext a[ASK_MOST], b[ASK_MOST];
    int n = 0, m = 0;
    assert_ok(l->s.cx, insight_ask(l->s.cx, cache, l->s.book, person, false, a, &n));
    assert_ok(l->s.cx, insight_ask(l->s.cx, NULL, l->s.book, person, false, b, &m));
    assert_int_equal(n, m);
    for (int i = 0; i < n; i++) {
        assert_ptr_equal(a[i].question, b[i].question);
        assert_int_equal(a[i].why, b[i].why);
        same(a[i].narrows, b[i].narrows);
    }
}

/* The line of the last days, whether or not the filter begins where it stood a year ago. */
static void same_line(Life *l, InsightCache *cache, BookRef person, int days)
{
    enum { POINTS = 7 };
    TrendPoint a[POINTS], b[POINTS];
    const RawPoint *raw = NULL;
    int n = 0, m = 0;
    int64_t now = l->s.cx->now_ms, from = now - days * (int64_t)TIME_DAY_MS;
    assert_ok(l->s.cx,
              insight_trend(l->s.cx, cache, l->s.book, person, -1, from, now, a, POINTS, &raw, &n));
    assert_ok(l->s.cx,
              insight_trend(l->s.cx, NULL, l->s.book, person, -1, from, now, b, POINTS, &raw, &m));
    assert_int_equal(n, m);
    for (int i = 0; i < POINTS; i++) {
        same(a[i].mean, b[i].mean);
        same(a[i].hi, b[i].hi);
    }
}

static InsightCache *next_process(Life *l, InsightCache *cache)
{
    Str bytes = {NULL, 0};
    InsightCache *next = insight_cache_new();
    if (insight_cache_keep_due(cache)) {
        assert_ok(l->s.cx, insight_cache_keep(l->s.cx, cache, l->s.book, &bytes));
        insight_cache_recall(l->s.cx, next, l->s.book, bytes);
    }
    insight_cache_free(cache);
    return next;
}

static void a_cache_changes_no_answer(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Life l = {.g = gen_far(seed)};
        InsightCache *cache = insight_cache_new();
        shelf_open(&l.s);
        for (int i = 0; i < 4; i++)
            someone_else(&l);
        for (int step = 0; step < 60; step++) {
            Today cached, fresh;
            Relation a, b;
            BookRef person = l.people[gen_int(&l.g, 0, l.n - 1)];
            if (gen_chance(&l.g, 30))
                cache = next_process(&l, cache);
            assert_ok(l.s.cx, insight_today_cached(l.s.cx, cache, l.s.book, &cached));
            assert_ok(l.s.cx, insight_today(l.s.cx, l.s.book, &fresh));
            same_today(&cached, &fresh);
            if (gen_chance(&l.g, 30))
                same_questions(&l, cache, person);
            assert_ok(l.s.cx, insight_relation_cached(l.s.cx, cache, l.s.book, person, &a));
            assert_ok(l.s.cx, insight_relation(l.s.cx, l.s.book, person, &b));
            same_relation(&a, &b);
            if (gen_chance(&l.g, 30))
                same_line(&l, cache, person, (int)gen_int(&l.g, 1, 3000));
            go_on(&l);
        }
        shelf_close(&l.s);
        insight_cache_free(cache);
    }
}

/* -- less work ----------------------------------------------------------------------------------------- */

static void nothing_new_costs_no_step_and_one_entry_one(void **state)
{
    (void)state;
    Shelf s;
    Today t;
    Gen g = gen_far(5);
    InsightCache *cache = insight_cache_new();
    shelf_open(&s);
    BookRef first = BOOK_NONE;
    int64_t events = 0;
    for (int i = 0; i < 50; i++) {
        Script x = script_of(KIND_FRIEND);
        for (int j = 0; j < 20; j++) {
            int64_t at = s.cx->now_ms - (100 - j) * DAY_MS - gen_int(&g, 0, 1000);
            x.events[x.n_events++] = script_moment(at);
        }
        script_read(&x, s.cx->now_ms - 10 * DAY_MS, TYPE_EMOTIONAL, 6);
        BookRef person = shelf_script(&s, &x);
        first = first == BOOK_NONE ? person : first;
        events += 21;
    }
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), events);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    s.cx->now_ms += DAY_MS / 4;
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), events); /* nothing has changed */
    s.cx->now_ms += 3 * DAY_MS;
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), events); /* only the day */
    ScriptEvent m = script_moment(s.cx->now_ms - 1000);
    shelf_moment(&s, first, &m);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), events + 1);
    /* one put in between is filtered from the start again: the answer is the same either way */
    m.at_ms = s.cx->now_ms - 60 * DAY_MS;
    shelf_moment(&s, first, &m);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), events + 1 + 23);
    shelf_close(&s);
    insight_cache_free(cache);
}

/* The next process takes no step either, and one for one entry; what is cut short or another build's is nothing. */
static void the_next_process_goes_on(void **state)
{
    (void)state;
    Shelf s;
    Today t;
    Str kept = {NULL, 0};
    InsightCache *cache = insight_cache_new();
    BookRef first = BOOK_NONE;
    shelf_open(&s);
    for (int i = 0; i < 20; i++) {
        Script x = script_of(KIND_FRIEND);
        script_read(&x, s.cx->now_ms - (10 + i) * DAY_MS, TYPE_EMOTIONAL, 6);
        first = shelf_script(&s, &x);
    }
    assert_false(insight_cache_keep_due(cache));
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_true(insight_cache_keep_due(cache));
    assert_ok(s.cx, insight_cache_keep(s.cx, cache, s.book, &kept));
    assert_false(insight_cache_keep_due(cache));
    insight_cache_free(cache);
    cache = insight_cache_new();
    insight_cache_recall(s.cx, cache, s.book, kept);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), 0);
    ScriptEvent m = script_moment(s.cx->now_ms - 1000);
    shelf_moment(&s, first, &m);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &t));
    assert_int_equal(insight_cache_steps(cache), 1);
    for (ptrdiff_t cut = 0; cut < kept.len; cut += kept.len / 9 + 1) {
        InsightCache *other = insight_cache_new();
        insight_cache_recall(s.cx, other, s.book, str_sub(kept, 0, cut));
        assert_ok(s.cx, insight_today_cached(s.cx, other, s.book, &t));
        assert_int_equal(insight_cache_steps(other), 21);
        insight_cache_free(other);
    }
    char *strange = arena_alloc(s.cx->arena, kept.len, 1, 8);
    memcpy(strange, kept.p, (size_t)kept.len);
    strange[0] ^= 1; /* the build */
    InsightCache *other = insight_cache_new();
    insight_cache_recall(s.cx, other, s.book, (Str){strange, kept.len});
    assert_ok(s.cx, insight_today_cached(s.cx, other, s.book, &t));
    assert_int_equal(insight_cache_steps(other), 21);
    insight_cache_free(other);
    insight_cache_free(cache);
    shelf_close(&s);
}

static void another_book_empties_it(void **state)
{
    (void)state;
    Shelf a, b;
    Today t;
    InsightCache *cache = insight_cache_new();
    shelf_open(&a);
    shelf_open(&b);
    Script x = script_of(KIND_PARTNER);
    for (int k = 0; k < TYPE_COUNT; k++) {
        script_read(&x, a.cx->now_ms - DAY_MS, k, 4);
        script_want(&x, a.cx->now_ms - DAY_MS, k, 9);
    }
    shelf_script(&a, &x);
    assert_ok(a.cx, insight_today_cached(a.cx, cache, a.book, &t));
    assert_int_equal(t.n, 1);
    assert_ok(b.cx, insight_today_cached(b.cx, cache, b.book, &t));
    assert_int_equal(t.n, 0);
    assert_ok(a.cx, insight_today_cached(a.cx, cache, a.book, &t));
    assert_int_equal(t.n, 1);
    insight_cache_free(cache);
    insight_cache_free(NULL);
    shelf_close(&a);
    shelf_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_changes_no_answer),
        cmocka_unit_test(nothing_new_costs_no_step_and_one_entry_one),
        cmocka_unit_test(the_next_process_goes_on),
        cmocka_unit_test(another_book_empties_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
