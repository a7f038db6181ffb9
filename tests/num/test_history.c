/* tests/num/test_history.c - what a relationship's history does: moments, ends of the scale, silence, being
 * apart, looking back. */
#include "num/dense.h"
#include "num/dist.h"
#include "num/relation.h"
#include "num/relation_kernel.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

static const RelKind friends = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};

static RelModel make(TestCx *t, const RelKind *kind)
{
    RelParams p = rel_params_default();
    RelModel rm;
    assert_ok(&t->cx, rel_model_make(&t->cx, &p, kind, &rm));
    return rm;
}

static RelEvent reading(double t_days, RelLevel level, double value)
{
    return (RelEvent){.t_days = t_days, .kind = REL_READING, .level = level, .value = value};
}

static RelEvent moment(double t_days, double size, unsigned fed)
{
    return (RelEvent){.t_days = t_days, .kind = REL_MOMENT, .value = size, .fed = fed};
}

/* Anything that can happen, in order, gaps from none to years. */
static int random_history(Rng *r, int most, bool apart, RelEvent ev[])
{
    const double gaps[] = {0, 1.0 / 86400, .3, 1, 2, 7, 30, 200};
    int count = 1 + rng_below(r, most);
    double now = 0;
    for (int i = 0; i < count; i++) {
        now += gaps[rng_below(r, 8)];
        int what = rng_below(r, apart ? 14 : 10);
        if (what < 6)
            ev[i] = reading(now, (RelLevel)rng_below(r, 12), rng_below(r, 11));
        else if (what < 9)
            ev[i] = moment(now, 2 * rng_normal(r), (unsigned)rng_below(r, 32));
        else if (what == 9)
            ev[i] = (RelEvent){.t_days = now, .kind = REL_CONFLICT, .value = rng_below(r, 6)};
        else
            ev[i] = (RelEvent){.t_days = now, .kind = (RelEventKind)(REL_APART + what - 10)};
    }
    return count;
}

/* -- moments -------------------------------------------------------------------------------------- */

static void one_good_talk_between_strangers(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelKind stranger = {.mu = 2.5, .tau = 1.5, .apart_phi = .1, .apart_half_life = 180};
    RelModel rm = make(&t, &stranger);
    RelState s;
    rel_start(&rm, 0, &s);
    RelEvent ask = reading(0, REL_EMOTIONAL, 0);
    double before, after, var;
    rel_predict(&rm, &s, &ask, &before, &var);
    RelEvent talk = moment(0, rel_moment_size(1, 1, 1, 45), 1);
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &talk, 1, &s));
    rel_predict(&rm, &s, &ask, &after, &var);
    CHECK_CLOSE(after - before, 1.35, 0, .15); /* Aron et al. 1997: +1.35 */
    /* A point of conflict: -.33 the same day. */
    RelEvent conflict = {.t_days = 0, .kind = REL_CONFLICT, .value = 1};
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &conflict, 1, &s));
    rel_predict(&rm, &s, &ask, &before, &var);
    CHECK_CLOSE(before - after, -.33, 0, 1e-12);
    CHECK_CLOSE(rel_hours_level(50), 2.9, 0, .05);
    CHECK_CLOSE(rel_hours_level(90), 4.8, 0, .05);
    CHECK_CLOSE(rel_hours_level(200), 7.5, 0, .05);
    CHECK_CLOSE(rel_hours_level(0), 0, 0, 0);
    CHECK_CLOSE(rel_hours_level(1e9), 9, 0, 0);
    test_cx_free(&t);
}

static void an_ordinary_week_leaves_today_alone(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s;
    rel_start(&rm, 0, &s);
    for (int week = 0; week < 60; week++) {
        RelEvent same = moment(7 * week, 1.2, 3);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &same, 1, &s));
    }
    RelLevels l, quiet;
    rel_levels(&rm, &s, &l);
    CHECK_CLOSE(l.today, 0, 0, 1e-9);
    /* After a long silence the same moment is not a disappointment. */
    RelState later = s;
    RelEvent again = moment(7 * 59 + 400, 1.2, 3);
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &again, 1, &later));
    rel_levels(&rm, &later, &quiet);
    assert_true(quiet.today > -1e-9);
    /* Less than usual lowers nothing but today. */
    RelState low = s;
    RelEvent poor = moment(7 * 60, .2, 3), usual = moment(7 * 60, 1.2, 3);
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &poor, 1, &low));
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &usual, 1, &s));
    rel_levels(&rm, &low, &l);
    rel_levels(&rm, &s, &quiet);
    for (int k = 0; k < REL_LEVELS; k++)
        CHECK_CLOSE(l.mean[k], quiet.mean[k], 0, 1e-12);
    assert_true(l.today < quiet.today - .9);
    test_cx_free(&t);
}

static void only_more_than_usual_lifts_what_it_fed(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s;
    RelEvent usual = moment(0, 1, 31), more = moment(0, 3, 1U << REL_PHYSICAL);
    rel_start(&rm, 0, &s);
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &usual, 1, &s));
    RelLevels a, b;
    rel_levels(&rm, &s, &a);
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &more, 1, &s));
    rel_levels(&rm, &s, &b);
    double share = .05 * (3 - 1) / 10;
    for (int k = 0; k < REL_LEVELS; k++) {
        double lift = k == REL_PHYSICAL ? share * (10 - a.mean[k]) : 0;
        CHECK_CLOSE(b.mean[k] - a.mean[k], lift, 0, 1e-12);
        for (int j = 0; j < REL_LEVELS; j++) {
            double keep = (k == REL_PHYSICAL ? 1 - share : 1) * (j == REL_PHYSICAL ? 1 - share : 1);
            CHECK_CLOSE(b.cov[k * 12 + j], keep * a.cov[k * 12 + j], 0, 1e-12);
        }
    }
    test_cx_free(&t);
}

/* Ten years of daily moments and weekly answers drawn from the model itself. */
static void ten_years_of_good_days(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    double nis = 0;
    int readings = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelState s;
        RelLevels l;
        rel_start(&rm, 0, &s);
        for (int day = 0; day < 3652; day++) {
            double size =
                rel_moment_size(.5 + .5 * rng_uniform(&r), 1, 1, 10 + 80 * rng_uniform(&r));
            RelEvent good = moment(day, size, 1U << rng_below(&r, 5));
            assert_ok(&t.cx, rel_filter(&t.cx, &rm, &good, 1, &s));
            if (day % 3 == 0) {
                /* What the model itself would answer: one draw from its prediction. */
                RelEvent ask = reading(day, (RelLevel)rng_below(&r, 12), 0);
                double mean, var;
                rel_predict(&rm, &s, &ask, &mean, &var);
                ask.value = mean + sqrt(var) * rng_normal(&r);
                if (ask.value < .6 || ask.value > 9.4)
                    continue; /* the ends are censored and have a test of their own */
                nis += (ask.value - mean) * (ask.value - mean) / var;
                readings++;
                assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ask, 1, &s));
            }
            rel_levels(&rm, &s, &l);
            for (int k = 0; k < REL_LEVELS; k++)
                assert_true(l.mean[k] > 0 && l.mean[k] < 10);
        }
    }
    assert_true(readings > 5000);
    assert_true(nis / readings < 1.05);
    test_cx_free(&t);
}

static void constant_answers_are_believed(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s;
    RelLevels l;
    const double w[5] = {.2, .2, .2, .2, .2}, no_doubt[25] = {0};
    rel_start(&rm, 0, &s);
    for (int day = 0; day < 3652; day++) {
        RelEvent good = moment(day, rel_moment_size(.8, 1, 1, 30), 31);
        RelEvent ask = reading(day, (RelLevel)(day / 7 % 12), 8);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &good, 1, &s));
        if (day % 7 == 0)
            assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ask, 1, &s));
        if (day < 365)
            continue;
        double c, var;
        rel_levels(&rm, &s, &l);
        rel_closeness(l.mean, l.cov, w, no_doubt, &c, &var);
        assert_true(c > 7 && c < 9);
        assert_true(var > 0 && var < 1);
    }
    test_cx_free(&t);
}

/* C = w'm, var C = w'Pw + m'Vm + tr(PV), by hand for two types. */
static void closeness_knows_what_is_not_known_of_weights(void **state)
{
    (void)state;
    RelLevels l = {
        .mean = {6, 8}
    };
    const double w[5] = {.5, .5}, v[25] = {.01, -.01, 0, 0, 0, -.01, .01}, sure[25] = {0};
    double c, var;
    l.cov[0] = 1;
    l.cov[1] = l.cov[REL_LEVELS] = .3;
    l.cov[REL_LEVELS + 1] = 2;
    rel_closeness(l.mean, l.cov, w, v, &c, &var);
    CHECK_CLOSE(c, 7, 1e-14, 0);
    CHECK_CLOSE(var, .9 + .04 + .024, 1e-14, 0);
    rel_closeness(l.mean, l.cov, w, sure, &c, &var);
    CHECK_CLOSE(var, .9, 1e-14, 0);
}

/* -- the ends of the scale ---------------------------------------------------------------------------- */

/* One answer of 10: the posterior's moments by a sum over the latent level. */
static void the_end_of_the_scale_says_only_beyond(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelKind high = {.mu = 7.5, .tau = 1.5, .apart_phi = .3, .apart_half_life = 180};
    RelModel rm = make(&t, &high);
    for (int top = 0; top < 2; top++) {
        RelState s;
        RelLevels before, after;
        rel_start(&rm, 0, &s);
        rel_levels(&rm, &s, &before);
        RelEvent ask = reading(0, REL_TRUST, top ? 10 : 0);
        double expect, spread;
        rel_predict(&rm, &s, &ask, &expect, &spread);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ask, 1, &s));
        rel_levels(&rm, &s, &after);
        int k = REL_TRUST;
        double p = before.cov[k * 13], rest = spread - p; /* the answer's spread given the level */
        double s0 = 0, s1 = 0, s2 = 0;
        for (int i = -4000; i <= 4000; i++) {
            double m = before.mean[k] + i * 8 * sqrt(p) / 4000;
            double z = (top ? m - 9.5 : .5 - m) / sqrt(rest);
            double f =
                exp(-(m - before.mean[k]) * (m - before.mean[k]) / (2 * p)) * dist_normal_cdf(z);
            s0 += f;
            s1 += f * m;
            s2 += f * m * m;
        }
        CHECK_CLOSE(after.mean[k], s1 / s0, 1e-7, 0);
        CHECK_CLOSE(after.cov[k * 13], s2 / s0 - s1 / s0 * (s1 / s0), 1e-6, 0);
        double z = (top ? expect - 9.5 : .5 - expect) / sqrt(spread);
        CHECK_CLOSE(rel_loglik(&s), dist_normal_log_cdf(z), 1e-9, 0);
    }
    test_cx_free(&t);
}

/* -- silence and being apart -------------------------------------------------------------------------- */

static void silence_adds_no_loss(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    const double waits[] = {1.0 / 86400, .1, 1, 5, 30, 100, 365, 1500, 10957};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelEvent ev[60];
        int count = random_history(&r, 60, false, ev);
        RelState s, later;
        RelLevels was, is;
        rel_start(&rm, 0, &s);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &s));
        rel_levels(&rm, &s, &was);
        double up = 0, down = 0;
        for (int k = 0; k < REL_LEVELS; k++) {
            up = fmax(up, was.mean[k] - was.own[k]);
            down = fmin(down, was.mean[k] - was.own[k]);
        }
        for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
            assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &s, s.t_days + waits[i], &later));
            rel_levels(&rm, &later, &is);
            for (int k = 0; k < REL_LEVELS; k++) {
                /* Moments alone, before any answer, tie levels to each other by a hair. */
                double hair = s.readings > 0 ? 1e-9 : 3e-3;
                assert_true(is.cov[k * 13] >= was.cov[k * 13] * (1 - hair));
                /* towards the own level, never past what it was from it */
                assert_true(is.mean[k] - is.own[k] <= up + 1e-9);
                assert_true(is.mean[k] - is.own[k] >= down - 1e-9);
                CHECK_CLOSE(is.own[k], was.own[k], 0, 0);
            }
            assert_true(is.today_var >= was.today_var * (1 - 1e-12));
            was = is;
        }
    }
    test_cx_free(&t);
}

static void being_apart_fades_by_its_half_life(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s, half;
    RelLevels a, b;
    rel_start(&rm, 0, &s);
    for (int k = 0; k < REL_LEVELS; k++) {
        RelEvent ask = reading(k, (RelLevel)k, 8);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ask, 1, &s));
    }
    RelEvent away = {.t_days = 20, .kind = REL_APART};
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &away, 1, &s));
    rel_levels(&rm, &s, &a);
    assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &s, 20 + 270, &half));
    rel_levels(&rm, &half, &b);
    for (int k = 0; k < REL_LEVELS; k++) {
        double goal = .3 * a.own[k];
        CHECK_CLOSE(b.mean[k] - goal, (a.mean[k] - goal) / 2, 1e-12, 0);
        assert_true(b.cov[k * 13] >= a.cov[k * 13]);
    }
    /* Resting, grieving and ended are never decayed. */
    RelEvent rest = {.t_days = 20, .kind = REL_HOLD};
    assert_ok(&t.cx, rel_filter(&t.cx, &rm, &rest, 1, &s));
    assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &s, 20 + 270, &half));
    rel_levels(&rm, &half, &b);
    for (int k = 0; k < REL_LEVELS; k++)
        assert_true(fabs(b.mean[k] - b.own[k]) <= fabs(a.mean[k] - a.own[k]) + .2 && b.mean[k] > 6);
    test_cx_free(&t);
}

static void being_apart_loses_no_variance(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelEvent ev[40];
        int count = random_history(&r, 40, true, ev);
        RelState s, later;
        RelLevels was, is;
        rel_start(&rm, 0, &s);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &s));
        RelEvent away = {.t_days = s.t_days, .kind = REL_APART};
        RelEvent awake = {.t_days = s.t_days, .kind = REL_RELEASE};
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &away, 1, &s));
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &awake, 1, &s));
        rel_levels(&rm, &s, &was);
        double wait = .01;
        for (int i = 0; i < 20; i++, wait *= 2) {
            assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &s, s.t_days + wait, &later));
            rel_levels(&rm, &later, &is);
            for (int k = 0; k < REL_LEVELS; k++)
                assert_true(is.cov[k * 13] >= was.cov[k * 13] * (1 - 1e-9));
            was = is;
        }
        /* Together again, still nothing written down: still nothing lost. */
        RelEvent back = {.t_days = later.t_days, .kind = REL_TOGETHER};
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &back, 1, &later));
        for (int i = 0; i < 6; i++) {
            assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &later, later.t_days + 100, &later));
            rel_levels(&rm, &later, &is);
            for (int k = 0; k < REL_LEVELS; k++)
                assert_true(is.cov[k * 13] >= was.cov[k * 13] * (1 - 1e-9));
            was = is;
        }
    }
    test_cx_free(&t);
}

/* -- looking back ------------------------------------------------------------------------------------- */

/* Two algorithms that share nothing but the operations: backwards over a tape, forwards with a fixed
 * point. Any history. */
static void the_change_agrees_with_the_smoother(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelEvent ev[40];
        int count = random_history(&r, 40, true, ev);
        RelState start, now;
        RelLevels look[2];
        RelChange change;
        rel_start(&rm, -3, &start);
        double end = ev[count - 1].t_days + 10, times[2] = {0, end};
        times[0] = -3 + (end + 3) * rng_uniform(&r);
        assert_ok(&t.cx,
                  rel_smooth(&t.cx, &rm, &start, ev, count, times, 2, REL_COVARIANCES, look));
        assert_ok(&t.cx, rel_change(&t.cx, &rm, &start, ev, count, times[0], end, &change));
        now = start;
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &now));
        for (int k = 0; k < REL_LEVELS; k++) {
            CHECK_CLOSE(change.mean[k], look[1].mean[k] - look[0].mean[k], 0, 1e-9);
            double sd0 = sqrt(look[0].cov[k * 13]), sd1 = sqrt(look[1].cov[k * 13]);
            assert_true(look[0].cov[k * 13] > 0);
            assert_true(change.cov[k * 13] >= (sd1 - sd0) * (sd1 - sd0) - 1e-9);
            assert_true(change.cov[k * 13] <= (sd1 + sd0) * (sd1 + sd0) + 1e-9);
        }
        /* From the first instant to itself nothing changes. */
        assert_ok(&t.cx, rel_change(&t.cx, &rm, &now, NULL, 0, end, end, &change));
        CHECK_CLOSE(change.cov[0], 0, 0, 1e-12);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* The covariance of the change against the joint normal of the plain model. */
static void the_change_is_that_of_the_joint_normal(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    enum { N = 25, ROWS = 7 };
    static double drift[N * N], noise[N * N], p0[N * N], loading[12 * N], mean[N], offset[12];
    static double error[12], y[ROWS * 12], w[144];
    static Dense g;
    rel_coupling(w);
    for (int i = 0; i < 12; i++) {
        mean[i] = 5.5;
        error[i] = 1.25;
        loading[i * N + i] = 1;
        loading[i * N + 12] = i < 5 ? 1 : .7;
        for (int j = 0; j < 12; j++) {
            double a = -rm.p.lambda * ((i == j) - rm.p.kappa * w[i * 12 + j]);
            double b = 4 * (i == j ? 1 : .64);
            drift[i * N + j] = a;
            drift[i * N + 13 + j] = -a;
            noise[i * N + j] = rm.p.q * (i == j ? 1 : rm.p.rho);
            p0[i * N + j] = rm.settled[i * 12 + j] + b;
            p0[i * N + 13 + j] = p0[(13 + i) * N + j] = p0[(13 + i) * N + 13 + j] = b;
        }
    }
    drift[12 * 26] = -.7;
    noise[12 * 26] = 2 * .7 * 1.21;
    p0[12 * 26] = 1.21;
    const double times[ROWS] = {0, 1, 30, 100, 101, 180, 190};
    RelEvent ev[ROWS];
    int events = 0;
    for (int i = 0; i < ROWS * 12; i++)
        y[i] = (double)NAN;
    for (int row = 0; row < ROWS; row++)
        if (row != 3 && row != 6) { /* the two times of the change */
            ev[events] = reading(times[row], (RelLevel)(row * 5 % 12), 3 + row % 4);
            y[row * 12 + row * 5 % 12] = ev[events++].value;
        }
    LdsModel m = {.n = N,
                  .m = 12,
                  .drift = drift,
                  .diffusion = noise,
                  .mean = mean,
                  .initial_cov = p0,
                  .loading = loading,
                  .offset = offset,
                  .error = error};
    LdsData d = {.rows = ROWS, .t = times, .y = y};
    dense_solve(&m, &d, ROWS - 1, &g);
    RelState start;
    RelChange change;
    rel_start(&rm, 0, &start);
    assert_ok(&t.cx, rel_change(&t.cx, &rm, &start, ev, events, 100, 190, &change));
    for (int i = 0; i < 12; i++) {
        int a = 3 * N + i, b = 6 * N + i;
        CHECK_CLOSE(change.mean[i], (double)(g.mean[b] - g.mean[a]), 0, 1e-9);
        for (int j = 0; j < 12; j++) {
            int c = 3 * N + j, e = 6 * N + j;
            Long want = g.cov[b * g.size + e] - g.cov[b * g.size + c] - g.cov[a * g.size + e] +
                        g.cov[a * g.size + c];
            CHECK_CLOSE(change.cov[i * 12 + j], (double)want, 0, 1e-9);
        }
    }
    test_cx_free(&t);
}

/* What a question would teach is what its answer then does teach. */
static void a_question_teaches_what_was_said(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    Rng r = {8};
    for (int k = 0; k < 40; k++) {
        RelEvent ev[30], ask = reading(400, (RelLevel)rng_below(&r, 12), 1 + rng_below(&r, 9));
        int count = random_history(&r, 8, false, ev);
        RelState s;
        RelLevels before, after;
        double c[REL_LEVELS], fell = 0;
        for (int i = 0; i < REL_LEVELS; i++)
            c[i] = rng_normal(&r);
        rel_start(&rm, 0, &s);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &s));
        ask.t_days = s.t_days;
        double told = rel_would_teach(&rm, &s, &ask, c);
        rel_levels(&rm, &s, &before);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ask, 1, &s));
        rel_levels(&rm, &s, &after);
        for (int i = 0; i < 144; i++)
            fell += c[i / 12] * c[i % 12] * (before.cov[i] - after.cov[i]);
        CHECK_CLOSE(fell, told, 1e-9, 1e-12);
        assert_true(told > 0);
    }
    test_cx_free(&t);
}

/* -- a long life -------------------------------------------------------------------------------------- */

static void a_million_steps_keep_the_covariance_whole(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s;
    Rng r = {77};
    rel_start(&rm, 0, &s);
    double whole[REL_DIM * REL_DIM], l[REL_DIM * REL_DIM];
    enum { AT_ONCE = 1000 };
    static RelEvent ev[AT_ONCE];
    double now = 0;
    for (int block = 0; block < 1000; block++) {
        for (int i = 0; i < AT_ONCE; i++) {
            now += i % 3 ? 0 : rng_uniform(&r) < .5 ? 1.0 / 86400 : 2 * rng_uniform(&r);
            ev[i] = i % 10 ? reading(now, (RelLevel)rng_below(&r, 12), rng_below(&r, 11))
                           : moment(now, rng_normal(&r), 1U << rng_below(&r, 5));
        }
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, AT_ONCE, &s));
        if (block % 50 && block < 999)
            continue;
        for (int i = 0; i < REL_DIM; i++)
            for (int j = 0; j < REL_DIM; j++) {
                whole[i * REL_DIM + j] = s.p[i * REL_WIDE + j];
                CHECK_CLOSE(s.p[i * REL_WIDE + j], s.p[j * REL_WIDE + i], 0, 0);
            }
        assert_true(mat_cholesky(REL_DIM, whole, l));
    }
    test_cx_free(&t);
}

/* Every vector width does the same, to the bit. */
static void all_machines_agree(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelEvent ev[200];
    Rng r = {31};
    int count = random_history(&r, 200, true, ev);
    const double times[2] = {0, ev[count - 1].t_days};
    RelState first;
    RelLevels look[2], first_look[2];
    for (int k = 0; k < rel_kernel_count(); k++) {
        RelState s, start;
        rm.kernel = rel_kernel_at(k);
        rel_start(&rm, 0, &s);
        start = s;
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &s));
        assert_ok(&t.cx,
                  rel_smooth(&t.cx, &rm, &start, ev, count, times, 2, REL_COVARIANCES, look));
        if (k == 0) {
            first = s;
            memcpy(first_look, look, sizeof look);
        }
        assert_memory_equal(s.x, first.x, sizeof s.x);
        assert_memory_equal(s.p, first.p, sizeof s.p);
        assert_memory_equal(look, first_look, sizeof look);
        print_message("# %s\n", rm.kernel->name);
    }
    test_cx_free(&t);
}

static void bad_events_change_nothing(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    RelState s, before;
    rel_start(&rm, 10, &s);
    before = s;
    const RelEvent bad[] = {
        reading(9, REL_TRUST, 5),     reading(11, REL_TRUST, 10.5),
        reading(11, (RelLevel)12, 5), reading((double)NAN, REL_TRUST, 5),
        moment(11, HUGE_VAL, 1),      {.t_days = 11, .kind = REL_CONFLICT, .value = -1}
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        RelEvent ev[2] = {reading(10.5, REL_TRUST, 5), bad[i]};
        assert_int_equal(rel_filter(&t.cx, &rm, ev, 2, &s), ERR_INVALID);
        assert_true(t.cx.why.args[0].num == 2);
        assert_memory_equal(&s, &before, sizeof s);
    }
    /* However long nothing is heard, numbers stay numbers: everything is back at rest. */
    RelState far;
    RelLevels l;
    assert_ok(&t.cx, rel_forecast(&t.cx, &rm, &s, 4e6, &far));
    rel_levels(&rm, &far, &l);
    CHECK_CLOSE(l.cov[0], rm.settled[0] + 4, 1e-9, 0);
    assert_int_equal(rel_forecast(&t.cx, &rm, &s, 1e300, &far), ERR_INVALID);
    RelParams p = rel_params_default();
    p.kappa = 1;
    assert_int_equal(rel_model_make(&t.cx, &p, &friends, &rm), ERR_NUMERIC);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closeness_knows_what_is_not_known_of_weights),
        cmocka_unit_test(one_good_talk_between_strangers),
        cmocka_unit_test(an_ordinary_week_leaves_today_alone),
        cmocka_unit_test(only_more_than_usual_lifts_what_it_fed),
        cmocka_unit_test(ten_years_of_good_days),
        cmocka_unit_test(constant_answers_are_believed),
        cmocka_unit_test(the_end_of_the_scale_says_only_beyond),
        cmocka_unit_test(silence_adds_no_loss),
        cmocka_unit_test(being_apart_fades_by_its_half_life),
        cmocka_unit_test(being_apart_loses_no_variance),
        cmocka_unit_test(the_change_agrees_with_the_smoother),
        cmocka_unit_test(the_change_is_that_of_the_joint_normal),
        cmocka_unit_test(a_question_teaches_what_was_said),
        cmocka_unit_test(a_million_steps_keep_the_covariance_whole),
        cmocka_unit_test(all_machines_agree),
        cmocka_unit_test(bad_events_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
