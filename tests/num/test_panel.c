/* tests/num/test_panel.c - forecasts of many short series: they add up, they know nothing of what comes later, they are
 * calibrated and sharper than what does not learn, on persons drawn from a process that is not the model's own. */
#include "base/rng.h"
#include "num/panel.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

enum { PEOPLE = 160, TAUGHT = 100, DAYS = 14 };

typedef struct World {
    RelEvent ev[PEOPLE][DAYS];
    LearnHistory h[PEOPLE];
    int alone[PEOPLE]; /* each a cluster of its own */
} World;

static double snap(const Scale *s, double v)
{
    double at = fmin(fmax(round((v - s->low) / s->step), 0), (s->high - s->low) / s->step);
    return s->low + at * s->step;
}

/* Levels, spreads and habits differ between persons; days are an autoregression; some answers are the last again. */
static void people(const Scale *scale, uint64_t seed, World *w)
{
    Rng r = rng_make(seed);
    for (int k = 0; k < PEOPLE; k++) {
        double level = 7 + 1.2 * rng_normal(&r), spread = exp(.5 * rng_normal(&r)), day = 0;
        double habit = rng_uniform(&r) * rng_uniform(&r);
        for (int i = 0; i < DAYS; i++) {
            day = (i > 0 ? .6 * day : 0) + .7 * spread * rng_normal(&r);
            double v = snap(scale, level + day + .4 * rng_normal(&r));
            if (i > 0 && rng_uniform(&r) < habit)
                v = w->ev[k][i - 1].value;
            w->ev[k][i] = (RelEvent){.t_days = i, .kind = REL_READING, .value = v};
        }
        w->h[k] = (LearnHistory){.events = w->ev[k], .count = DAYS};
        w->alone[k] = k;
    }
}

typedef struct Found {
    const LearnHistory *series;
    double inside[3], log, square;
    int n;
    Answers last;
} Found;

static Err note(Cx *cx, void *ctx, int series, ptrdiff_t event, int row, const Answers *a,
                double point)
{
    static const double bands[3] = {.5, .8, .95};
    Found *f = ctx;
    double given = f->series[series].events[event].value, sum = 0;
    (void)cx;
    for (int i = 0; i < a->count; i++) {
        assert_true(a->mass[i] > 0);
        sum += a->mass[i];
    }
    CHECK_CLOSE(sum, 1, 1e-12, 0);
    f->last = *a;
    if (row < 3)
        return OK;
    double from = score_pit(a, given, 0), to = score_pit(a, given, 1);
    for (int b = 0; b < 3; b++)
        f->inside[b] +=
            fmax(fmin(to, .5 + bands[b] / 2) - fmax(from, .5 - bands[b] / 2), 0) / (to - from);
    f->log += score_log(a, given);
    f->square += (given - point) * (given - point);
    f->n++;
    return OK;
}

static void foretell(TestCx *t, const Panel *p, const World *w, int from, int to, Found *ret)
{
    *ret = (Found){.n = 0};
    for (int k = from; k < to; k++) {
        ret->series = &w->h[k];
        assert_ok(&t->cx, panel_foretell(&t->cx, p, &w->h[k], 1, note, ret));
    }
}

static void learned_is_better_and_calibrated(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static World w;
    static Panel start, learned;
    static Found before, after;
    const Scale scale = {0, 10, .5};
    const RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};
    people(&scale, 7, &w);
    panel_start(&params, &kind, &scale, 1, &start);
    assert_ok(&t.cx, panel_learn(&t.cx, &start, w.h, w.alone, TAUGHT, 3, &learned));
    foretell(&t, &start, &w, TAUGHT, PEOPLE, &before);
    foretell(&t, &learned, &w, TAUGHT, PEOPLE, &after);
    print_message(
        "# log score %.3f before, %.3f after; rmse %.3f, %.3f; 50, 80, 95 %%: %.3f %.3f %.3f\n",
        before.log / before.n, after.log / after.n, sqrt(before.square / before.n),
        sqrt(after.square / after.n), after.inside[0] / after.n, after.inside[1] / after.n,
        after.inside[2] / after.n);
    assert_int_equal(after.n, (PEOPLE - TAUGHT) * (DAYS - 3));
    assert_true(after.log > before.log + .05 * after.n);
    assert_true(after.square < before.square);
    /* 660 answers of 60 persons: the coverage of 50 % has a standard error near .02 */
    CHECK_CLOSE(after.inside[0] / after.n, .5, 0, .05);
    CHECK_CLOSE(after.inside[1] / after.n, .8, 0, .04);
    CHECK_CLOSE(after.inside[2] / after.n, .95, 0, .025);
    test_cx_free(&t);
}

/* What is foretold of an answer does not depend on it, nor on any later one. */
static void nothing_is_known_beforehand(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static World w;
    static Panel p;
    static Found one, other;
    const Scale scale = {0, 10, 1};
    const RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};
    people(&scale, 8, &w);
    panel_start(&params, &kind, &scale, 2, &p);
    p.offset[1] = -1;
    for (int k = 0; k < 40; k++) {
        LearnHistory h = w.h[k];
        h.count = 2 + k % (DAYS - 2);
        /* the last two are said at once, of different things: neither may tell of the other */
        w.ev[k][h.count - 1].t_days = w.ev[k][h.count - 2].t_days;
        w.ev[k][h.count - 1].level = (RelLevel)1;
        one.series = other.series = &h;
        assert_ok(&t.cx, panel_foretell(&t.cx, &p, &h, 1, note, &one));
        w.ev[k][h.count - 1].value = 10 - w.ev[k][h.count - 1].value;
        w.ev[k][h.count - 2].value = 10 - w.ev[k][h.count - 2].value;
        assert_ok(&t.cx, panel_foretell(&t.cx, &p, &h, 1, note, &other));
        assert_memory_equal(one.last.mass, other.last.mass,
                            sizeof(double) * (size_t)one.last.count);
    }
    RelEvent moment = {.t_days = 1, .kind = REL_MOMENT, .value = 1};
    LearnHistory bad = {.events = &moment, .count = 1};
    one.series = &bad;
    assert_int_equal(panel_foretell(&t.cx, &p, &bad, 1, note, &one), ERR_INVALID);
    test_cx_free(&t);
}

enum { CIRCLES = 40, CIRCLE = 8, WAVES = 5 };

typedef struct Circles {
    RelEvent ev[CIRCLES * CIRCLE][WAVES];
    LearnHistory h[CIRCLES * CIRCLE];
    int circle[CIRCLES * CIRCLE];
} Circles;

/* Ratings by one person each circle: how much they move is that person's, or (shared false) each rating's own. */
static void circles(const Scale *scale, bool shared, uint64_t seed, Circles *c)
{
    Rng r = rng_make(seed);
    double moves = 0;
    for (int k = 0; k < CIRCLES * CIRCLE; k++) {
        double level = 5 + 1.5 * rng_normal(&r);
        if (!shared || k % CIRCLE == 0)
            moves = rng_uniform(&r) < .5 ? .1 : 2;
        for (int i = 0; i < WAVES; i++)
            c->ev[k][i] = (RelEvent){.t_days = 90 * i,
                                     .kind = REL_READING,
                                     .value = snap(scale, level + moves * rng_normal(&r))};
        c->h[k] = (LearnHistory){.events = c->ev[k], .count = WAVES};
        c->circle[k] = k / CIRCLE;
    }
}

static void foretell_circles(TestCx *t, const Panel *p, const Circles *c, Found *ret)
{
    *ret = (Found){.n = 0};
    for (int k = CIRCLES / 2 * CIRCLE; k < CIRCLES * CIRCLE; k += CIRCLE) {
        ret->series = &c->h[k];
        assert_ok(&t->cx, panel_foretell(&t->cx, p, &c->h[k], CIRCLE, note, ret));
    }
}

/* Where all ratings of a person move alike, that is found and helps; where they do not, it is left alone. */
static void those_who_belong_together_tell_of_each_other(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Circles c;
    static Panel start, learned, apart;
    static Found with, without;
    const Scale scale = {0, 10, 1};
    const RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};
    panel_start(&params, &kind, &scale, 1, &start);
    circles(&scale, true, 21, &c);
    assert_ok(&t.cx, panel_learn(&t.cx, &start, c.h, c.circle, CIRCLES / 2 * CIRCLE, 3, &learned));
    assert_true(isfinite(learned.alike));
    apart = learned;
    apart.alike = HUGE_VAL;
    foretell_circles(&t, &learned, &c, &with);
    foretell_circles(&t, &apart, &c, &without);
    print_message("# alike %.1f: log score %.3f, each by itself %.3f\n", learned.alike,
                  with.log / with.n, without.log / without.n);
    assert_true(with.log > without.log + .03 * with.n);
    circles(&scale, false, 22, &c);
    assert_ok(&t.cx, panel_learn(&t.cx, &start, c.h, c.circle, CIRCLES / 2 * CIRCLE, 3, &learned));
    assert_true(learned.alike > 8);
    test_cx_free(&t);
}

typedef struct Told {
    double mass[CIRCLE][WAVES][SCORE_ANSWERS];
} Told;

static Err keep(Cx *cx, void *ctx, int series, ptrdiff_t event, int row, const Answers *a,
                double point)
{
    Told *to = ctx;
    (void)cx;
    (void)row;
    (void)point;
    memcpy(to->mass[series][event], a->mass, sizeof(double) * (size_t)a->count);
    return OK;
}

/* What the others answer tells of one's answers after it, and not of those before or of the same time; and in which order the
 * series of a cluster are given does not matter. */
static void others_tell_of_later_answers_alone(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Circles c;
    static Panel p;
    static Told was, is, turned;
    const Scale scale = {0, 10, 1};
    const RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};
    LearnHistory other_way[CIRCLE];
    panel_start(&params, &kind, &scale, 1, &p);
    p.alike = 2;
    circles(&scale, true, 23, &c);
    for (int k = 0; k < CIRCLE; k++) /* of some, the answers come in between */
        for (int i = 0; i < WAVES; i++)
            c.ev[k][i].t_days += k % 3 == 0 ? 45 : 0;
    for (int k = 0; k < CIRCLE; k++)
        other_way[k] = c.h[CIRCLE - 1 - k];
    assert_ok(&t.cx, panel_foretell(&t.cx, &p, c.h, CIRCLE, keep, &was));
    assert_ok(&t.cx, panel_foretell(&t.cx, &p, other_way, CIRCLE, keep, &turned));
    for (int wave = 1; wave < WAVES; wave++) {
        double value = c.ev[1][wave].value, at = c.ev[1][wave].t_days;
        bool heard = false;
        c.ev[1][wave].value = 10 - value;
        assert_ok(&t.cx, panel_foretell(&t.cx, &p, c.h, CIRCLE, keep, &is));
        c.ev[1][wave].value = value;
        for (int k = 0; k < CIRCLE; k++)
            for (int i = 0; i < WAVES; i++) {
                bool same = memcmp(was.mass[k][i], is.mass[k][i], sizeof was.mass[k][i]) == 0;
                if (!(c.ev[k][i].t_days > at))
                    assert_true(same);
                heard = heard || (k != 1 && !same);
            }
        assert_true(heard);
    }
    for (int k = 0; k < CIRCLE; k++)
        for (int i = 0; i < WAVES; i++)
            for (int a = 0; a <= 10; a++)
                CHECK_CLOSE(turned.mass[CIRCLE - 1 - k][i][a], was.mass[k][i][a], 0, 1e-12);
    test_cx_free(&t);
}

/* Nobody to learn from, one person, one answer, everybody always the same: numbers stay finite. */
static void little_and_nothing(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static World w;
    static Panel start, p;
    static Found f;
    const Scale scale = {0, 10, 10 / 6.};
    const RelParams params = rel_params_default();
    const RelKind kind = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};
    people(&scale, 9, &w);
    panel_start(&params, &kind, &scale, 1, &start);
    assert_ok(&t.cx, panel_learn(&t.cx, &start, w.h, w.alone, 0, 3, &p));
    assert_memory_equal(&p, &start, sizeof p);
    w.h[0].count = 1;
    assert_ok(&t.cx, panel_learn(&t.cx, &start, w.h, w.alone, 1, 3, &p));
    foretell(&t, &p, &w, 0, 4, &f);
    for (int k = 0; k < 20; k++)
        for (int i = 0; i < DAYS; i++)
            w.ev[k][i].value = 10;
    assert_ok(&t.cx, panel_learn(&t.cx, &start, w.h, w.alone, 20, 3, &p));
    foretell(&t, &p, &w, 0, 40, &f);
    assert_true(isfinite(f.log));
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learned_is_better_and_calibrated),
        cmocka_unit_test(nothing_is_known_beforehand),
        cmocka_unit_test(those_who_belong_together_tell_of_each_other),
        cmocka_unit_test(others_tell_of_later_answers_alone),
        cmocka_unit_test(little_and_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
