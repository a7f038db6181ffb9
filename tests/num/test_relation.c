/* tests/num/test_relation.c - the relationship model against the plain 25-state model it stands for.
 */
#include "base/rng.h"
#include "num/dense.h"
#include "num/relation.h"
#include "num/step.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

static const double MISSING = (double)NAN;
static const RelKind friends = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 270};

static RelModel make(TestCx *t, const RelKind *kind)
{
    RelParams p = rel_params_default();
    RelModel rm;
    assert_ok(&t->cx, rel_model_make(&t->cx, &p, kind, &rm));
    return rm;
}

/* The table's own claims: deviation SD 1.00, mean correlation .64, half-life 24 months of its mean.
 */
static void the_prior_is_the_one_described(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    double sd = 0, corr = 0, w[144];
    for (int i = 0; i < 12; i++) {
        sd += sqrt(rm.settled[i * 12 + i]) / 12;
        for (int j = 0; j < 12; j++)
            if (i != j)
                corr += rm.settled[i * 12 + j] /
                        sqrt(rm.settled[i * 12 + i] * rm.settled[j * 12 + j]) / 132;
    }
    CHECK_CLOSE(sd, 1, 0, .01);
    CHECK_CLOSE(corr, .64, 0, .01);
    assert_true(rm.basis.cond < 100);
    int pairs = 0;
    for (int i = 0; i < 12; i++) {
        pairs += rm.basis.im[i] > 0;
        assert_true(rm.basis.re[i] < 1 + 1e-12); /* so that kappa < 1 is stable */
    }
    assert_true(pairs > 0); /* the complex ones are really there */
    rel_coupling(w);
    for (int i = 0; i < 12; i++) {
        double sum = 0;
        for (int j = 0; j < 12; j++) {
            sum += w[i * 12 + j];
            assert_true(w[i * 12 + j] >= 0);
        }
        CHECK_CLOSE(sum, 1, 0, 1e-15);
        CHECK_CLOSE(w[i * 13], 0, 0, 0);
    }
    test_cx_free(&t);
}

/* Other numbers from a model that was made, against the covariance that a step leaves unchanged. */
static void other_numbers_settle_where_a_step_rests(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const RelModel rm = make(&t, &friends);
    Rng r = rng_make(4);
    double w[144], drift[144], noise[144], rest[144];
    rel_coupling(w);
    for (int round = 0; round < 200; round++) {
        RelParams p = rel_params_default();
        RelModel again, afresh;
        Stepper step;
        p.lambda *= exp(2 * rng_normal(&r));
        p.q *= exp(2 * rng_normal(&r));
        p.kappa = round == 0 ? 0 : .99 * rng_uniform(&r);
        p.rho = round == 1 ? 0 : .99 * rng_uniform(&r);
        p.sigma_z *= exp(rng_normal(&r));
        for (int i = 0; i < 144; i++) {
            drift[i] = -p.lambda * ((i % 13 == 0) - p.kappa * w[i]);
            noise[i] = p.q * (i % 13 == 0 ? 1 : p.rho);
        }
        assert_ok(&t.cx, step_make(&t.cx, 12, false, drift, noise, &step));
        assert_ok(&t.cx, step_stationary(&t.cx, &step, rest));
        assert_ok(&t.cx, rel_model_again(&t.cx, &rm, &p, &friends, &again));
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &friends, &afresh));
        for (int i = 0; i < 144; i++)
            CHECK_CLOSE(again.settled[i], rest[i], 1e-10, 1e-10 * rest[0]);
        assert_memory_equal(again.prior, afresh.prior, sizeof again.prior);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

static void the_coupling_is_the_published_one(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str path = shared_path(&t.cx, "data/check_values/coupling_prior_W.csv"), text;
    if (str_is_null(path)) {
        test_cx_free(&t);
        skip();
    }
    assert_ok(&t.cx, os_read_file(&t.cx, path, 1 << 16, &text));
    double w[144];
    rel_coupling(w);
    (void)str_line(&text);
    for (int i = 0; i < 12; i++) {
        Str row = str_line(&text);
        (void)str_cut(&row, ',');
        for (int j = 0; j < 12; j++) {
            double v;
            assert_true(str_to_double(str_cut(&row, ','), 0, 1, &v));
            CHECK_CLOSE(w[i * 12 + j], v, 0, 0);
        }
    }
    test_cx_free(&t);
}

/* -- the same model, written out
 * --------------------------------------------------------------------- */

/* m, z, b as 25 plain states: dm = A (m - mu - b) dt + noise, for num/lds.h. */
typedef struct Plain {
    double drift[625], noise[625], mean[25], p0[625], loading[12 * 25], offset[12], error[12];
    double impulse[25];
    LdsModel m;
} Plain;

static void plain_make(const RelModel *rm, Plain *p)
{
    double w[144];
    *p = (Plain){.mean = {0}};
    rel_coupling(w);
    for (int i = 0; i < 12; i++) {
        p->mean[i] = rm->kind.mu;
        p->error[i] = rm->p.error;
        for (int j = 0; j < 12; j++) {
            double a = -rm->p.lambda * ((i == j) - rm->p.kappa * w[i * 12 + j]);
            double b = rm->kind.tau * rm->kind.tau * (i == j ? 1 : .64);
            p->drift[i * 25 + j] = a;
            p->drift[i * 25 + 13 + j] = -a;
            p->noise[i * 25 + j] = rm->p.q * (i == j ? 1 : rm->p.rho);
            p->p0[i * 25 + j] = rm->settled[i * 12 + j] + b;
            p->p0[i * 25 + 13 + j] = p->p0[(13 + j) * 25 + i] = b;
            p->p0[(13 + i) * 25 + 13 + j] = b;
        }
        p->loading[i * 25 + i] = 1;
        p->loading[i * 25 + 12] = i < 5 ? 1 : rm->p.load_factor;
    }
    p->drift[12 * 26] = -rm->p.lambda_z;
    p->noise[12 * 26] = 2 * rm->p.lambda_z * rm->p.sigma_z * rm->p.sigma_z;
    p->p0[12 * 26] = rm->p.sigma_z * rm->p.sigma_z;
    p->impulse[12] = 1;
    p->m = (LdsModel){.n = 25,
                      .m = 12,
                      .u = 1,
                      .drift = p->drift,
                      .diffusion = p->noise,
                      .mean = p->mean,
                      .initial_cov = p->p0,
                      .loading = p->loading,
                      .offset = p->offset,
                      .error = p->error,
                      .impulse = p->impulse};
}

enum { EVENTS = 100 };

/* Readings 1..9 (no end of the scale), conflicts, gaps from none to thirty years. */
static void random_events(Rng *r, RelEvent ev[EVENTS], double y[EVENTS * 12], double u[EVENTS])
{
    const double gaps[] = {0, 1.0 / 86400, .5, 1, 3, 14, 100, 700, 10957};
    double now = 100;
    for (int i = 0; i < EVENTS * 12; i++)
        y[i] = MISSING;
    for (int i = 0; i < EVENTS; i++) {
        now += gaps[rng_below(r, i % 6 == 5 ? 9 : 7)];
        bool conflict = rng_below(r, 5) == 0;
        ev[i] = (RelEvent){.t_days = now,
                           .kind = conflict ? REL_CONFLICT : REL_READING,
                           .level = (RelLevel)rng_below(r, 12),
                           .value = 1 + rng_below(r, 9)};
        u[i] = conflict ? -.33 * ev[i].value : 0;
        if (!conflict)
            y[i * 12 + (int)ev[i].level] = ev[i].value;
    }
}

static void check_levels(const RelModel *rm, const RelLevels *l, const double mean[],
                         const double cov[])
{
    for (int k = 0; k < 12; k++) {
        CHECK_CLOSE(l->mean[k], mean[k], 0, 1e-8);
        CHECK_CLOSE(l->own[k], rm->kind.mu + mean[13 + k], 0, 1e-8);
        for (int j = 0; j < 12; j++)
            CHECK_CLOSE(l->cov[k * 12 + j], cov[k * 25 + j], 0, 1e-8);
        CHECK_CLOSE(l->own_var[k], cov[(13 + k) * 26], 0, 1e-8);
    }
    CHECK_CLOSE(l->today, mean[12], 0, 1e-8);
    CHECK_CLOSE(l->today_var, cov[12 * 26], 0, 1e-8);
}

/* Who asks for less of each time gets the same of it. */
static void check_less(TestCx *t, const RelModel *rm, const RelState *start, const RelEvent ev[],
                       const double times[], const RelLevels whole[])
{
    static RelLevels means[EVENTS], vars[EVENTS];
    assert_ok(&t->cx, rel_smooth(&t->cx, rm, start, ev, EVENTS, times, EVENTS, REL_MEANS, means));
    assert_ok(&t->cx,
              rel_smooth(&t->cx, rm, start, ev, EVENTS, times, EVENTS, REL_VARIANCES, vars));
    for (int i = 0; i < EVENTS; i++) {
        assert_memory_equal(means[i].mean, whole[i].mean, sizeof whole[i].mean);
        assert_memory_equal(means[i].own, whole[i].own, sizeof whole[i].own);
        assert_memory_equal(vars[i].mean, whole[i].mean, sizeof whole[i].mean);
        assert_memory_equal(vars[i].own_var, whole[i].own_var, sizeof whole[i].own_var);
        CHECK_CLOSE(means[i].today, whole[i].today, 0, 0);
        CHECK_CLOSE(vars[i].today_var, whole[i].today_var, 0, 0);
        for (int k = 0; k < REL_LEVELS; k++)
            CHECK_CLOSE(vars[i].cov[k * 13], whole[i].cov[k * 13], 0, 1e-12);
    }
}

static void filter_and_smoother_are_the_plain_model(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    static Plain plain;
    plain_make(&rm, &plain);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelEvent ev[EVENTS];
        double y[EVENTS * 12], u[EVENTS], times[EVENTS];
        random_events(&r, ev, y, u);
        for (int i = 0; i < EVENTS; i++)
            times[i] = ev[i].t_days;
        LdsData d = {.rows = EVENTS, .t = times, .y = y, .u = u};
        LdsResult want;
        assert_ok(&t.cx, lds_run(&t.cx, &plain.m, &d, LDS_SMOOTH, &want));
        RelState s;
        RelLevels l, smooth[EVENTS];
        rel_start(&rm, times[0], &s);
        for (int i = 0; i < EVENTS; i++) { /* one at a time: incremental */
            assert_ok(&t.cx, rel_filter(&t.cx, &rm, &ev[i], 1, &s));
            rel_levels(&rm, &s, &l);
            check_levels(&rm, &l, want.filt_mean + i * 25, want.filt_cov + i * 625);
        }
        CHECK_CLOSE(rel_loglik(&s), want.loglik, 1e-9, 0);
        rel_start(&rm, times[0], &s);
        assert_ok(&t.cx,
                  rel_smooth(&t.cx, &rm, &s, ev, EVENTS, times, EVENTS, REL_COVARIANCES, smooth));
        check_less(&t, &rm, &s, ev, times, smooth);
        for (int i = 0; i < EVENTS; i++) {
            /* A time's belief holds all its events: the plain model's last row of that time. */
            if (i + 1 < EVENTS && times[i + 1] <= times[i])
                continue;
            check_levels(&rm, &smooth[i], want.smooth_mean + i * 25, want.smooth_cov + i * 625);
        }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* So many allocations and no more, however long the history. */
static void no_loop_asks_for_memory(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static RelEvent ev[MOST];
    static RelLevels look[MOST];
    static double times[MOST];
    TestCx t;
    test_cx_init(&t);
    RelModel rm = make(&t, &friends);
    for (int i = 0; i < MOST; i++) {
        times[i] = i / 3.0;
        ev[i] = (RelEvent){.t_days = times[i],
                           .kind = i % 3 ? REL_READING : REL_MOMENT,
                           .level = (RelLevel)(i % 12),
                           .fed = 31,
                           .value = i % 11};
    }
    for (int count = 30; count <= MOST; count *= 10) {
        RelState start, s;
        RelSlopes slopes;
        RelRoom *room = NULL;
        RelChange change;
        double loglik;
        rel_start(&rm, 0, &start);
        s = start;
        assert_ok(&t.cx, rel_slopes_room(&t.cx, count, &room));
        arena_fail_after(&t.arena, 0);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, count, &s));
        assert_ok(&t.cx, rel_change(&t.cx, &rm, &start, ev, count, 3, times[count - 1], &change));
        assert_ok(&t.cx, rel_slopes(&t.cx, room, &rm, ev, count, NULL, &loglik, &slopes));
        arena_fail_after(&t.arena, 3); /* the tape, what is kept of times, states between blocks */
        assert_ok(&t.cx,
                  rel_smooth(&t.cx, &rm, &start, ev, count, times, count, REL_VARIANCES, look));
        arena_fail_after(&t.arena, -1);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prior_is_the_one_described),
        cmocka_unit_test(other_numbers_settle_where_a_step_rests),
        cmocka_unit_test(the_coupling_is_the_published_one),
        cmocka_unit_test(filter_and_smoother_are_the_plain_model),
        cmocka_unit_test(no_loop_asks_for_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
