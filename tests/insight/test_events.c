/* tests/insight/test_events.c - what an entry tells the engine, number by number: sizes of moments, what they fed, conflict,
 * reversed questions, wishes, the prior of a kind and of hours together, when a silence begins. The numbers are those
 * of the specification, typed in. */
#include "base/time.h"
#include "insight/history.h"
#include "script.h"
#include <math.h>

static History history_of(Shelf *s, const Script *x)
{
    History h;
    assert_ok(s->cx, history_read(s->cx, s->book, NULL, shelf_script(s, x), &h));
    return h;
}

static History history_with(Shelf *s, const ScriptEvent *e)
{
    Script x = script_of(KIND_FRIEND);
    x.events[x.n_events++] = *e;
    return history_of(s, &x);
}

/* The nth event of this kind. */
static const RelEvent *event_of(const History *h, RelEventKind kind, int nth)
{
    for (int i = 0; i < h->n_events; i++) {
        if (h->events[i].kind == kind && nth-- == 0)
            return &h->events[i];
    }
    return NULL;
}

static RelEvent moment_of(const History *h)
{
    const RelEvent *e = event_of(h, REL_MOMENT, 0);
    return e ? *e : (RelEvent){.value = (double)NAN};
}

/* -- moments ------------------------------------------------------------------------------------------ */

static void sizes_of_moments(void **state)
{
    (void)state;
    static const struct {
        int medium, company, hundredths, minutes; /* 0, -1, 1000, -1: not said */
        double size;
    } cases[] = {
        {MEDIUM_IN_PERSON, COMPANY_JUST_US, 100,  45,  1.3862943611198906 }, /* ln 4 */
        {MEDIUM_VIDEO,     COMPANY_JUST_US, 100,  45,  1.1090354888959125 }, /* .8 of it */
        {MEDIUM_CALL,      COMPANY_JUST_US, 100,  45,  .83177661667193437 }, /* .6 */
        {MEDIUM_TEXT,      COMPANY_JUST_US, 100,  45,  .27725887222397812 }, /* .2 */
        {0,                COMPANY_JUST_US, 100,  45,  1.3862943611198906 },
        {MEDIUM_IN_PERSON, COMPANY_A_FEW,   100,  45,  1.1090354888959125 }, /* .8 */
        {MEDIUM_IN_PERSON, COMPANY_MANY,    100,  45,  .69314718055994531 }, /* .5 */
        {MEDIUM_IN_PERSON, -1,              100,  45,  1.3862943611198906 },
        {MEDIUM_IN_PERSON, COMPANY_JUST_US, 1000, 45,  .69314718055994531 }, /* fairly good */
        {MEDIUM_IN_PERSON, COMPANY_JUST_US, -50,  45,  -.69314718055994531},
        {MEDIUM_IN_PERSON, COMPANY_JUST_US, 100,  -1,  1.0986122886681098 }, /* half an hour */
        {MEDIUM_CALL,      COMPANY_MANY,    50,   285, .44935984103309867 }, /* .6 .5 .5 ln 20 */
    };
    Shelf s;
    shelf_open(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ScriptEvent e = script_moment(s.cx->now_ms - DAY_MS);
        e.medium = cases[i].medium;
        e.company = cases[i].company;
        e.has_quality = cases[i].hundredths != 1000;
        e.hundredths = e.has_quality ? cases[i].hundredths : 0;
        e.minutes = cases[i].minutes;
        History h = history_with(&s, &e);
        assert_int_equal(h.n_events, 1);
        CHECK_CLOSE(moment_of(&h).value, cases[i].size, 1e-14, 0);
    }
    shelf_close(&s);
}

static void what_a_moment_fed(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    for (int sexual = 0; sexual < 2; sexual++) {
        ScriptEvent e = script_moment(s.cx->now_ms - DAY_MS);
        e.sexual = sexual;
        History h = history_with(&s, &e);
        assert_int_equal(moment_of(&h).fed, sexual ? 1u << TYPE_PHYSICAL : 0);
        e.types = 1u << TYPE_EMOTIONAL | 1u << TYPE_SPIRITUAL; /* said otherwise */
        h = history_with(&s, &e);
        assert_int_equal(moment_of(&h).fed, e.types);
    }
    shelf_close(&s);
}

static void points_of_conflict(void **state)
{
    (void)state;
    static const struct {
        bool marked;
        int hundredths; /* 1000: not said */
        double points;  /* 0: no conflict in today's colour beside the moment itself */
        bool counts;    /* for the gate */
    } cases[] = {
        {true,  1000, 1, true },
        {true,  50,   1, true },
        {true,  -50,  2, true },
        {true,  -100, 3, true },
        {false, -1,   0, true },
        {false, 0,    0, false},
        {false, 1000, 0, false},
    };
    Shelf s;
    shelf_open(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ScriptEvent e = script_moment(s.cx->now_ms - DAY_MS);
        e.conflict = cases[i].marked;
        e.has_quality = cases[i].hundredths != 1000;
        e.hundredths = e.has_quality ? cases[i].hundredths : 0;
        History h = history_with(&s, &e);
        const RelEvent *conflict = event_of(&h, REL_CONFLICT, 0);
        CHECK_CLOSE(conflict ? conflict->value : 0, cases[i].points, 0, 0);
        assert_int_equal(h.last_conflict_ms != 0, cases[i].counts);
    }
    shelf_close(&s);
}

/* -- answers ------------------------------------------------------------------------------------------ */

/* Every question of the bank: reversed ones the other way round, and each to the state that it asks about. */
static void answers_are_recoded(void **state)
{
    (void)state;
    Shelf s;
    int levels = 0, wishes = 0, reversed = 0;
    shelf_open(&s);
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        ScriptEvent e = {.checkin = true, .at_ms = s.cx->now_ms - DAY_MS, .contact = -1};
        e.answers[e.n_answers++] = (ScriptAnswer){q, 83};
        if (q->asks == ASKS_CONTACT || q->asks == ASKS_COUNT)
            continue;
        History h = history_with(&s, &e);
        double means = q->keyed == KEYED_REVERSED ? 1.7 : 8.3;
        bool level = q->asks == ASKS_FELT || q->asks == ASKS_FACTOR || q->asks == ASKS_EASE;
        assert_int_equal(h.n_events, level);
        if (level) {
            CHECK_CLOSE(h.events[0].value, means, 1e-12, 0);
            assert_int_equal(h.events[0].level, q->state);
            assert_int_equal(h.count[q->state], q->asks != ASKS_EASE); /* else no own reading */
        } else if (q->asks != ASKS_GIVEN_FACTOR) {
            const WishSeries *w = q->asks == ASKS_WANTED ? &h.wanted : &h.given;
            CHECK_CLOSE(w->mean[q->state], 5.5 + .8 * (means - 5.5), 1e-12, 0); /* 4 / (4 + 1) */
            wishes++;
        }
        levels += level;
        reversed += q->keyed == KEYED_REVERSED;
    }
    assert_true(levels > 50 && wishes >= 20 && reversed > 10);
    shelf_close(&s);
}

static void wishes_are_local_levels(void **state)
{
    (void)state;
    Shelf s;
    WishBelief now;
    shelf_open(&s);
    int64_t at = s.cx->now_ms - 500 * DAY_MS;
    Script x = script_of(KIND_PARTNER); /* 7.5 */
    script_want(&x, at, TYPE_PHYSICAL, 4);
    script_want(&x, at + 100 * DAY_MS, TYPE_PHYSICAL, 5);
    History h = history_of(&s, &x);
    double var = 4 * 1 / 5.0 + .004 * 100, gain = var / (var + 1), mean = 7.5 - .8 * 3.5;
    history_wishes(&h.wanted, history_days(s.cx->now_ms), &now);
    CHECK_CLOSE(now.mean[TYPE_PHYSICAL], mean + gain * (5 - mean), 1e-12, 0);
    CHECK_CLOSE(now.var[TYPE_PHYSICAL], var * (1 - gain) + .004 * 400, 1e-12, 0);
    CHECK_CLOSE(now.mean[TYPE_EMOTIONAL], 7.5, 1e-12, 0);
    CHECK_CLOSE(now.var[TYPE_EMOTIONAL], 4, 1e-12, 0);
    x.wanted_tenths =
        90; /* how close as a whole: of every type, half as telling; nothing of what is given */
    h = history_of(&s, &x);
    CHECK_CLOSE(h.wanted.mean[TYPE_EMOTIONAL], 7.5 + 4 / 6.0 * 1.5, 1e-12, 0);
    CHECK_CLOSE(h.wanted.var[TYPE_EMOTIONAL], 4 * 2 / 6.0, 1e-12, 0);
    CHECK_CLOSE(h.given.mean[TYPE_EMOTIONAL], 7.5, 1e-12, 0);
    shelf_close(&s);
}

/* -- priors ------------------------------------------------------------------------------------------- */

static void priors_of_kinds(void **state)
{
    (void)state;
    static const struct {
        KindId kind;
        double mu, tau, months, phi;
    } said[] = {
        {KIND_PARTNER,      7.5, 1.5, 6,  .3},
        {KIND_DATING,       5.5, 2,   6,  .3},
        {KIND_PARENT,       6.5, 2,   60, .6},
        {KIND_CHILD,        6.5, 2,   60, .6},
        {KIND_SIBLING,      6.5, 2,   60, .6},
        {KIND_GRANDPARENT,  6.5, 2,   60, .6},
        {KIND_OTHER_FAMILY, 6.5, 2,   60, .6},
        {KIND_CLOSE_FRIEND, 6.5, 1.5, 18, .3},
        {KIND_FRIEND,       5.5, 2,   9,  .3},
        {KIND_MENTOR,       5,   2,   6,  .1},
        {KIND_COLLEAGUE,    3.5, 1.5, 6,  .1},
        {KIND_ACQUAINTANCE, 2.5, 1.5, 6,  .1},
        {KIND_OWN,          5.5, 2,   9,  .3}, /* like a friend */
    };
    Shelf s;
    shelf_open(&s);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        Script x = script_of(said[i].kind);
        RelKind k = history_of(&s, &x).kind;
        CHECK_CLOSE(k.mu, said[i].mu, 0, 0);
        CHECK_CLOSE(k.tau, said[i].tau, 0, 0);
        CHECK_CLOSE(k.apart_phi, said[i].phi, 0, 0);
        CHECK_CLOSE(k.apart_half_life, said[i].months * 365.25 / 12, 1e-12, 0);
        x.kinds |= UINT32_C(1) << KIND_PARTNER; /* the closest of several */
        CHECK_CLOSE(history_of(&s, &x).kind.mu, 7.5, 0, 0);
    }
    Script x = script_of(KIND_FRIEND);
    x.kinds = 0; /* nothing said: like a friend */
    CHECK_CLOSE(history_of(&s, &x).kind.mu, 5.5, 0, 0);
    shelf_close(&s);
}

static void hours_together(void **state)
{
    (void)state;
    static const struct {
        int hours;
        double level;
    } hall[] = {
        {0,    0  },
        {10,   0  },
        {50,   2.9},
        {90,   4.8},
        {200,  7.5},
        {5000, 9  }
    };
    Shelf s;
    shelf_open(&s);
    for (size_t i = 0; i < sizeof hall / sizeof hall[0]; i++) {
        Script x = script_of(KIND_FRIEND);
        x.season = SEASON_NEW;
        x.season_since_ms = s.cx->now_ms;
        x.hours = hall[i].hours;
        CHECK_CLOSE(history_of(&s, &x).kind.mu, hall[i].level, 0, .06);
        x.season = SEASON_STEADY; /* no longer new */
        CHECK_CLOSE(history_of(&s, &x).kind.mu, 5.5, 0, 0);
        x.season = SEASON_NEW; /* no friendship */
        x.kinds = UINT32_C(1) << KIND_COLLEAGUE;
        CHECK_CLOSE(history_of(&s, &x).kind.mu, 3.5, 0, 0);
    }
    shelf_close(&s);
}

/* -- silence ------------------------------------------------------------------------------------------ */

/* Contacts on days 0, gap, 2 gap ..., and on day 200 the word that there was none since. */
static void declared(Shelf *s, int contacts, int gap, double from)
{
    Script x = script_of(KIND_FRIEND);
    int64_t day0 = s->cx->now_ms - 300 * DAY_MS;
    for (int i = 0; i < contacts; i++)
        x.events[x.n_events++] = script_moment(day0 + (int64_t)i * gap * DAY_MS);
    x.events[x.n_events] = (ScriptEvent){.checkin = true, .at_ms = day0 + 200 * DAY_MS};
    x.events[x.n_events].answers[x.events[x.n_events].n_answers++] =
        answer_of(question_that(ASKS_FELT, TYPE_EMOTIONAL, 0), 5);
    x.n_events++;
    History h = history_of(s, &x);
    const RelEvent *apart = event_of(&h, REL_APART, 0), *together = event_of(&h, REL_TOGETHER, 0);
    assert_null(event_of(&h, REL_APART, 1));
    CHECK_CLOSE(apart ? apart->t_days - history_days(day0) : -1, from, 0, 1e-9);
    CHECK_CLOSE(together ? together->t_days - history_days(day0) : -1, 200, 0, 1e-9);
    for (int i = 1; i < h.n_events; i++)
        assert_true(h.events[i - 1].t_days <= h.events[i].t_days);
    for (int i = 0; i < x.n_events; i++) /* nothing said: no silence */
        x.events[i].contact = -1;
    h = history_of(s, &x);
    assert_null(event_of(&h, REL_APART, 0));
}

static void silence_begins_after_three_usual_intervals(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    declared(&s, 3, 10, 20 + 30);
    declared(&s, 5, 20, 80 + 60);
    declared(&s, 4, 0, 42); /* of one instant: no interval is known */
    declared(&s, 1, 0, 42);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_of_moments),
        cmocka_unit_test(what_a_moment_fed),
        cmocka_unit_test(points_of_conflict),
        cmocka_unit_test(answers_are_recoded),
        cmocka_unit_test(wishes_are_local_levels),
        cmocka_unit_test(priors_of_kinds),
        cmocka_unit_test(hours_together),
        cmocka_unit_test(silence_begins_after_three_usual_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
