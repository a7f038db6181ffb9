/* tests/insight/test_reading.c - going on from what was read gives what reading anew gives, to the bit: while entries come
 * at the end and in the middle, are taken back and undone, are dated ahead, name somebody else too, and the clock and
 * what histories are read with change. What stands is not read again. */
#include "base/time.h"
#include "insight/history.h"
#include "script.h"
#include <string.h>

enum { PEOPLE = 4, STEPS = 60 };

typedef struct Life {
    Shelf s;
    Gen g;
    BookRef people[PEOPLE];
    Reading reading[PEOPLE];
    Arena arena; /* the readings' */
    Basis basis;
    Id last, batch;
    EntryKind last_kind; /* 0: none */
    bool has_batch;
} Life;

static int64_t when(Life *l)
{
    int64_t now = l->s.cx->now_ms;
    if (gen_chance(&l->g, 10))
        return now + gen_int(&l->g, 1, 3 * DAY_MS);
    return now - gen_int(&l->g, 0, gen_chance(&l->g, 60) ? 1000 : 90 * DAY_MS);
}

static void traffic(Life *l, BookRef person)
{
    Draft d = draft_new(l->s.cx, ENTRY_CONTACT);
    draft_id(&d, F_PERSON, book_id(l->s.book, person));
    draft_at(&d, when(l));
    draft_int(&d, F_CONTACT_CHANNEL, CHANNEL_CHAT);
    draft_int(&d, F_CONTACT_SENT, gen_int(&l->g, 0, 2));
    draft_int(&d, F_CONTACT_RECEIVED, 1);
    l->batch = shelf_take(&l->s, &d, 1);
    l->has_batch = true;
}

static void happens(Life *l, BookRef person)
{
    ScriptAnswer a[2] = {answer_of(question_that(ASKS_FELT, (int)gen_int(&l->g, 0, 4), 0),
                                   (double)gen_int(&l->g, 0, 10)),
                         answer_of(question_that(ASKS_WANTED, (int)gen_int(&l->g, 0, 4), 0),
                                   (double)gen_int(&l->g, 0, 10))};
    ScriptEvent m = script_moment(when(l));
    m.conflict = gen_chance(&l->g, 20);
    bool checkin = gen_chance(&l->g, 50);
    l->last_kind = checkin ? ENTRY_CHECKIN : ENTRY_MOMENT;
    l->last = checkin ? shelf_checkin(&l->s, person, when(l), a, 2, (int)gen_int(&l->g, -1, 1))
                      : shelf_moment(&l->s, person, &m);
}

static void relationship(Life *l, BookRef person)
{
    Draft d = shelf_rel(&l->s, person);
    switch (gen_int(&l->g, 0, 2)) {
    case 0:
        draft_int(&d, F_REL_SEASON, gen_int(&l->g, 0, SEASON_COUNT - 1));
        draft_int(&d, F_REL_SEASON_SINCE, when(l));
        break;
    case 1:
        draft_int(&d, F_REL_KINDS, gen_int(&l->g, 1, 8191));
        break;
    default:
        draft_real(&d, F_REL_WANTED, (double)gen_int(&l->g, 0, 10));
        break;
    }
    shelf_take(&l->s, &d, 1);
}

static void go_on(Life *l)
{
    BookRef person = l->people[gen_int(&l->g, 0, PEOPLE - 1)];
    int64_t what = gen_int(&l->g, 0, 99);
    if (what < 45) {
        happens(l, person);
    } else if (what < 55) {
        traffic(l, person);
    } else if (what < 62) {
        relationship(l, person);
    } else if (what < 70 && l->last_kind != 0) {
        shelf_gone(&l->s, l->last_kind, l->last);
        l->last_kind = 0;
    } else if (what < 74 && l->has_batch) {
        Draft d = draft_edit(l->s.cx, ENTRY_BATCH, l->batch);
        draft_bool(&d, F_BATCH_UNDONE, gen_chance(&l->g, 70));
        shelf_take(&l->s, &d, 1);
    } else if (what < 78) {
        l->s.cx->now_ms -= gen_int(&l->g, 0, 2 * DAY_MS); /* clocks are set back */
    } else {
        l->s.cx->now_ms += gen_int(&l->g, 0, 20 * DAY_MS);
    }
    history_traffic(l->s.book, l->s.cx->now_ms, &l->basis);
}

static void same_history(const History *a, const History *b)
{
    assert_int_equal(a->n_events, b->n_events);
    for (int i = 0; i < a->n_events; i++) {
        const RelEvent *x = &a->events[i], *y = &b->events[i];
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->level, y->level);
        assert_int_equal(x->fed, y->fed);
        assert_memory_equal(&x->t_days, &y->t_days, sizeof x->t_days);
        assert_memory_equal(&x->value, &y->value, sizeof x->value);
        assert_int_equal(a->question[i], b->question[i]);
    }
    assert_int_equal(a->n_raw, b->n_raw);
    for (int i = 0; i < a->n_raw; i++)
        assert_int_equal(a->raw[i].at_ms, b->raw[i].at_ms);
    assert_memory_equal(&a->wanted, &b->wanted, sizeof a->wanted);
    assert_memory_equal(&a->given, &b->given, sizeof a->given);
    assert_memory_equal(&a->kind, &b->kind, sizeof a->kind);
    assert_memory_equal(a->count, b->count, sizeof a->count);
    assert_memory_equal(a->last_ms, b->last_ms, sizeof a->last_ms);
    assert_memory_equal(a->last_value, b->last_value, sizeof a->last_value);
    assert_memory_equal(a->opened_ms, b->opened_ms, sizeof a->opened_ms);
    assert_int_equal(a->checkins, b->checkins);
    assert_int_equal(a->moments, b->moments);
    assert_int_equal(a->readings, b->readings);
    assert_int_equal(a->last_checkin_ms, b->last_checkin_ms);
    assert_int_equal(a->last_moment_ms, b->last_moment_ms);
    assert_int_equal(a->first_event_ms, b->first_event_ms);
    assert_int_equal(a->last_conflict_ms, b->last_conflict_ms);
    assert_int_equal(a->until_ms, b->until_ms);
    assert_int_equal(a->unsafe_answer, b->unsafe_answer);
    assert_int_equal(a->main_kind, b->main_kind);
    assert_int_equal(a->rel.season, b->rel.season);
}

/* What a history is read with, told apart as far as this test changes it. */
static uint64_t digest(const Basis *b)
{
    return (uint64_t)b->counted_ms[CHANNEL_CHAT];
}

static void going_on_is_reading_anew(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        static Life life;
        Life *l = &life;
        *l = (Life){.g = gen_far(seed)};
        arena_init(&l->arena, 1 << 26);
        shelf_open(&l->s);
        for (int i = 0; i < PEOPLE; i++) {
            Script x;
            script_any(&l->g, l->s.cx->now_ms, &x);
            l->people[i] = shelf_script(&l->s, &x);
        }
        for (int step = 0; step < STEPS; step++) {
            int k = (int)gen_int(&l->g, 0, PEOPLE - 1);
            History again, anew;
            assert_ok(l->s.cx,
                      history_go_on(l->s.cx, &l->arena, l->s.book, &l->basis, digest(&l->basis),
                                    l->people[k], &l->reading[k], &again));
            assert_ok(l->s.cx, history_read(l->s.cx, l->s.book, &l->basis, l->people[k], &anew));
            same_history(&again, &anew);
            go_on(l);
        }
        shelf_close(&l->s);
        arena_free(&l->arena);
    }
}

/* A mark in what was read shows whether it was read again. */
static void what_stands_is_not_read_again(void **state)
{
    (void)state;
    const double mark = -77;
    Shelf s;
    Arena arena;
    Reading at = {.stands = false};
    Script x = script_of(KIND_FRIEND);
    History h;
    arena_init(&arena, 1 << 24);
    shelf_open(&s);
    const int64_t now = s.cx->now_ms;
    for (int i = 0; i < 20; i++)
        x.events[x.n_events++] = script_moment(now - (100 - 4 * i) * DAY_MS);
    BookRef person = shelf_script(&s, &x), other = shelf_script(&s, &x);
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    assert_int_equal(h.n_events, 20);
    at.h.events[0].value = mark;
    ScriptEvent m = script_moment(now - DAY_MS);
    shelf_moment(&s, person, &m); /* behind all */
    shelf_moment(&s, other, &m);
    m.at_ms = now - 60 * DAY_MS;
    shelf_moment(&s, other, &m); /* in the midst of somebody else's */
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    assert_int_equal(h.n_events, 21);
    CHECK_CLOSE(h.events[0].value, mark, 0, 0);
    Draft d = shelf_rel(&s, person);
    draft_bool(&d, F_REL_HARM, true); /* which moves no event */
    shelf_take(&s, &d, 1);
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    CHECK_CLOSE(h.events[0].value, mark, 0, 0);
    assert_true(h.rel.harm);
    shelf_moment(&s, person, &m); /* in the midst */
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    assert_int_equal(h.n_events, 22);
    assert_true(h.events[0].value > mark);
    at.h.events[0].value = mark;
    m.at_ms = now - 1000;
    Id taken_back = shelf_moment(&s, person, &m);
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    CHECK_CLOSE(h.events[0].value, mark, 0, 0);
    shelf_gone(&s, ENTRY_MOMENT, taken_back);
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 1, person, &at, &h));
    assert_int_equal(h.n_events, 22);
    assert_true(h.events[0].value > mark);
    at.h.events[0].value = mark;
    assert_ok(s.cx, history_go_on(s.cx, &arena, s.book, NULL, 2, person, &at, &h));
    assert_true(h.events[0].value > mark); /* read with something else */
    shelf_close(&s);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(going_on_is_reading_anew),
        cmocka_unit_test(what_stands_is_not_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
