/* tests/num/test_lds.c - step, filter and smoother against published numbers and a dense joint
 * normal. */
#include "num/dense.h"
#include "num/lds.h"
#include "num/root.h"
#include "num/step.h"
#include "testlib.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MISSING = (double)NAN;

static const double nile[100] = {
    1120, 1160, 963, 1210, 1160, 1160, 813,  1230, 1370, 1140, 995,  935,  1110, 994,  1020,
    960,  1180, 799, 958,  1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774,  840,
    874,  694,  940, 833,  701,  916,  692,  1020, 1050, 969,  831,  726,  456,  824,  702,
    1120, 1100, 832, 764,  821,  768,  845,  864,  862,  698,  845,  744,  796,  1040, 759,
    781,  865,  845, 944,  984,  897,  822,  1010, 771,  676,  649,  846,  812,  742,  801,
    1040, 860,  874, 848,  890,  744,  749,  838,  1050, 918,  986,  797,  923,  975,  815,
    1020, 906,  901, 1170, 912,  746,  919,  718,  714,  740};

typedef struct Nile {
    double one, zero, noise, error, level, spread, t[101], y[101];
    LdsModel m;
    LdsData d;
} Nile;

/* Local level, Durbin & Koopman (2012), 2.2.5: H = 15099, Q = 1469.1. */
static void nile_make(LdsStart start, double spread, Nile *n)
{
    *n = (Nile){.one = 1, .noise = 1469.1, .error = 15099, .spread = spread};
    for (int i = 0; i < 101; i++) {
        n->t[i] = i;
        n->y[i] = i < 100 ? nile[i] : MISSING;
    }
    n->m = (LdsModel){.n = 1,
                      .m = 1,
                      .discrete = true,
                      .drift = &n->one,
                      .diffusion = &n->noise,
                      .mean = &n->zero,
                      .start = start,
                      .initial_mean = &n->level,
                      .initial_cov = &n->spread,
                      .loading = &n->one,
                      .offset = &n->zero,
                      .error = &n->error};
    n->d = (LdsData){.rows = 101, .t = n->t, .y = n->y};
}

static void nile_with_a_known_start(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Nile n;
    LdsResult r;
    nile_make(LDS_GIVEN, 1e7, &n);
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_SMOOTH, &r));
    CHECK_CLOSE(r.loglik, -641.5855784594153, 1e-12, 0);
    CHECK_CLOSE(r.pred_mean[1], 1118.3114615242446, 1e-12, 0);
    CHECK_CLOSE(r.pred_cov[1], 16545.336390674234, 1e-12, 0);
    CHECK_CLOSE(r.pred_mean[49], 859.2979601606764, 1e-12, 0);
    CHECK_CLOSE(r.pred_cov[49], 5501.257941809046, 1e-12, 0);
    CHECK_CLOSE(r.pred_mean[100], 798.3702926083641, 1e-12, 0);
    CHECK_CLOSE(r.pred_cov[100], 5501.257941808477, 1e-12, 0);
    CHECK_CLOSE(r.pred_cov[100] / (r.pred_cov[100] + n.error), 0.26704801257093025, 1e-12, 0);
    CHECK_CLOSE(r.smooth_mean[99], 798.370, 0, 6e-4);
    CHECK_CLOSE(r.smooth_cov[99], 4032.158, 0, 6e-4);
    /* Leaving the first reading's share out: -632.538 with 1e6, as statsmodels' burn-in does. */
    nile_make(LDS_GIVEN, 1e6, &n);
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_FILTER, &r));
    double s = 1e6 + n.error;
    double first = -0.5 * (log(2 * acos(-1.0)) + log(s) + 1120.0 * 1120.0 / s);
    CHECK_CLOSE(r.loglik - first, -632.5376950475525, 1e-10, 0);
    test_cx_free(&t);
}

static void nile_with_a_flat_start(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Nile n;
    LdsResult r;
    nile_make(LDS_DIFFUSE, 0, &n);
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_SMOOTH, &r));
    CHECK_CLOSE(r.loglik, -633.4645636488787, 1e-12, 0);
    assert_false(r.pred_known[0]);
    assert_true(r.filt_known[0]);
    CHECK_CLOSE(r.filt_mean[0], 1120, 1e-12, 0);
    CHECK_CLOSE(r.filt_cov[0], 15099, 1e-12, 0);
    const int at[] = {0, 27, 49, 99};
    const double mean[] = {1111.6683191267957, 999.585218705269, 834.7632591037507,
                           798.3702926083578};
    const double var[] = {4032.1579418084766, 2326.756958102708, 2326.756869814297,
                          4032.157941808783};
    for (int i = 0; i < 4; i++) {
        CHECK_CLOSE(r.smooth_mean[at[i]], mean[i], 1e-10, 0);
        CHECK_CLOSE(r.smooth_cov[at[i]], var[i], 1e-10, 0);
    }
    for (int i = 0; i < 100; i++)
        if ((i >= 20 && i < 40) || (i >= 60 && i < 80))
            n.y[i] = MISSING;
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_SMOOTH, &r));
    CHECK_CLOSE(r.loglik, -381.5060013085083, 1e-12, 0);
    CHECK_CLOSE(r.pred_mean[29], 1026.1415550709821, 1e-10, 0);
    CHECK_CLOSE(r.pred_cov[29], 18723.196160107273, 1e-10, 0);
    CHECK_CLOSE(r.smooth_mean[29], 903.4211029581046, 1e-10, 0);
    CHECK_CLOSE(r.smooth_cov[29], 9715.005902461404, 1e-10, 0);
    CHECK_CLOSE(r.smooth_mean[39], 807.1295218320352, 1e-10, 0);
    CHECK_CLOSE(r.smooth_cov[39], 4723.597453062563, 1e-10, 0);
    test_cx_free(&t);
}

/* -- a JSON file of numbers, read without knowing JSON
 * ----------------------------------------------- */

/* Moves *at behind "key" and reads the count numbers that follow (null is NaN). */
static void numbers(const char **at, const char *key, int count, double ret[])
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *p = strstr(*at, quoted);
    assert_non_null(p);
    p += strlen(quoted);
    for (int i = 0; i < count; i++) {
        while (*p && !strchr("-0123456789n", *p))
            p++;
        char *end = NULL;
        bool null = *p == 'n';
        ret[i] = null ? MISSING : strtod(p, &end);
        p = null ? p + 4 : end;
    }
    *at = p;
}

static void three_states_irregular(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str path = shared_path(&t.cx, "data/check_values/ou_irregular_missing_reference.json"), text;
    if (str_is_null(path)) {
        test_cx_free(&t);
        skip();
    }
    assert_ok(&t.cx, os_read_file(&t.cx, path, 1 << 20, &text));
    const char *json = str_to_c(t.cx.arena, text), *at = json;
    double a[9], mu[3], q[9], h[9], r9[9], m0[3], p0[9], times[6], y[18], events[2], b[3], loglik;
    numbers(&at, "A", 9, a);
    numbers(&at, "mu", 3, mu);
    numbers(&at, "Q", 9, q);
    numbers(&at, "H", 9, h);
    numbers(&at, "R", 9, r9);
    numbers(&at, "m0", 3, m0);
    numbers(&at, "P0", 9, p0);
    numbers(&at, "t", 6, times);
    numbers(&at, "Y", 18, y);
    numbers(&at, "events", 2, events);
    numbers(&at, "B", 3, b);
    numbers(&at, "loglik", 1, &loglik);
    double error[3] = {r9[0], r9[4], r9[8]}, zero[3] = {0};
    /* Readings and impulses in one table, by time. */
    double tt[8], yy[24], uu[8];
    int rows = 0, next_y = 0, next_u = 0;
    while (next_y < 6 || next_u < 2) {
        bool reading = next_u == 2 || (next_y < 6 && times[next_y] <= events[next_u]);
        tt[rows] = reading ? times[next_y] : events[next_u];
        uu[rows] = reading ? 0 : 1;
        for (int j = 0; j < 3; j++)
            yy[rows * 3 + j] = reading ? y[next_y * 3 + j] : MISSING;
        next_y += reading;
        next_u += !reading;
        rows++;
    }
    LdsModel m = {.n = 3,
                  .m = 3,
                  .u = 1,
                  .drift = a,
                  .diffusion = q,
                  .mean = mu,
                  .initial_mean = m0,
                  .initial_cov = p0,
                  .loading = h,
                  .offset = zero,
                  .error = error,
                  .impulse = b};
    LdsData d = {.rows = rows, .t = tt, .y = yy, .u = uu};
    LdsResult r;
    assert_ok(&t.cx, lds_run(&t.cx, &m, &d, LDS_SMOOTH, &r));
    CHECK_CLOSE(r.loglik, loglik, 0, 1e-8);
    int compared = 0;
    for (int row = 0; row < rows; row++) {
        double time, pm[3], pc[9], fm[3], fc[9], sm[3], sc[9];
        numbers(&at, "time", 1, &time);
        CHECK_CLOSE(time, tt[row], 0, 1e-12);
        numbers(&at, "pred_mean", 3, pm);
        numbers(&at, "pred_cov", 9, pc);
        numbers(&at, "filt_mean", 3, fm);
        numbers(&at, "filt_cov", 9, fc);
        numbers(&at, "smooth_mean", 3, sm);
        numbers(&at, "smooth_cov", 9, sc);
        for (int i = 0; i < 9; i++) {
            if (i < 3) {
                CHECK_CLOSE(r.pred_mean[row * 3 + i], pm[i], 0, 1e-8);
                CHECK_CLOSE(r.filt_mean[row * 3 + i], fm[i], 0, 1e-8);
                CHECK_CLOSE(r.smooth_mean[row * 3 + i], sm[i], 0, 1e-8);
            }
            CHECK_CLOSE(r.pred_cov[row * 9 + i], pc[i], 0, 1e-8);
            CHECK_CLOSE(r.filt_cov[row * 9 + i], fc[i], 0, 1e-8);
            CHECK_CLOSE(r.smooth_cov[row * 9 + i], sc[i], 0, 1e-8);
            compared++;
        }
    }
    assert_int_equal(compared, 72);
    test_cx_free(&t);
}

/* -- random models
 * ------------------------------------------------------------------------------------ */

enum { N_MAX = 5, M_MAX = 4, ROWS = 9 };

typedef struct Random {
    double drift[N_MAX * N_MAX], diffusion[N_MAX * N_MAX], mean[N_MAX], m0[N_MAX];
    double p0[N_MAX * N_MAX], loading[M_MAX * N_MAX], offset[M_MAX], error[M_MAX];
    double impulse[2 * N_MAX], t[ROWS], y[ROWS * M_MAX], u[ROWS * 2];
    LdsModel m;
    LdsData d;
} Random;

static void random_covariance(Rng *r, int n, double scale, double a[])
{
    double g[N_MAX * N_MAX];
    for (int i = 0; i < n * n; i++)
        g[i] = rng_normal(r) * scale;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i * n + j] = 0;
            for (int k = 0; k < n; k++)
                a[i * n + j] += g[i * n + k] * g[j * n + k];
        }
}

/* kind 0 real and stable, 1 complex pairs, 2 unit roots among them, 3 defective, 4 zero drift, 5 rates that differ by less and
 * less and drive each other. */
static void random_drift(Rng *r, int n, int kind, double a[])
{
    /* Chains of integrators grow with a power of time: slow ones keep the reference itself exact.
     */
    double rate = kind == 3 ? 3e-4 : pow(10, -3 + 3 * rng_uniform(r));
    for (int i = 0; i < n * n; i++)
        a[i] = kind > 2 ? 0 : 0.2 * rate * (2 * rng_uniform(r) - 1);
    for (int i = 0; i < n; i++) {
        if (kind < 3)
            a[i * n + i] -= rate * (1 + 0.4 * i);
        if (kind == 1 && i + 1 < n && i % 2 == 0) {
            a[i * n + i + 1] += 3 * rate;
            a[(i + 1) * n + i] -= 3 * rate;
        }
        if (kind == 2 && i % 2 == 0)
            for (int j = 0; j < n; j++)
                a[i * n + j] = 0; /* a constant with noise */
        if (kind == 3 && i + 1 < n)
            a[i * n + i + 1] = rate; /* an integrator's chain */
        if (kind == 3)
            a[i * n + i] = i % 2 ? -rate : 0;
        if (kind == 5)
            a[i * n + i] = -rate * (1 + pow(10, -2 - 10 * rng_uniform(r)));
        for (int j = 0; kind == 5 && j < i; j++)
            a[j * n + i] = rate * rng_normal(r);
    }
}

static void random_model(Rng *r, Random *m)
{
    int n = 1 + rng_below(r, N_MAX), items = 1 + rng_below(r, M_MAX);
    random_drift(r, n, rng_below(r, 5), m->drift);
    random_covariance(r, n, 0.1, m->diffusion);
    random_covariance(r, n, 1, m->p0);
    for (int i = 0; i < n; i++) {
        m->p0[i * n + i] += 0.1;
        m->mean[i] = 5 * rng_uniform(r);
        m->m0[i] = 5 * rng_uniform(r);
    }
    for (int i = 0; i < items * n; i++)
        m->loading[i] = rng_below(r, 3) ? rng_normal(r) : 0;
    for (int j = 0; j < items; j++) {
        m->offset[j] = rng_normal(r);
        m->error[j] = 0.05 + rng_uniform(r);
    }
    for (int i = 0; i < 2 * n; i++)
        m->impulse[i] = rng_normal(r);
    const double gaps[] = {1.0 / 86400, 0, 0.3, 1, 7, 30, 400, 10957};
    double now = 0;
    for (int row = 0; row < ROWS; row++) {
        if (row > 0)
            now += gaps[rng_below(r, 8)];
        m->t[row] = now;
        for (int j = 0; j < items; j++)
            m->y[row * items + j] = rng_below(r, 3) ? 5 + 2 * rng_normal(r) : MISSING;
        for (int k = 0; k < 2; k++)
            m->u[row * 2 + k] = rng_below(r, 3) ? 0 : rng_normal(r);
    }
    m->m = (LdsModel){.n = n,
                      .m = items,
                      .u = 2,
                      .drift = m->drift,
                      .diffusion = m->diffusion,
                      .mean = m->mean,
                      .initial_mean = m->m0,
                      .initial_cov = m->p0,
                      .loading = m->loading,
                      .offset = m->offset,
                      .error = m->error,
                      .impulse = m->impulse};
    m->d = (LdsData){.rows = ROWS, .t = m->t, .y = m->y, .u = m->u};
}

static void compare_row(const Dense *g, int n, int row, const double mean[], const double cov[])
{
    for (int i = 0; i < n; i++) {
        int at = row * n + i;
        double sd = (double)sqrtl(fabsl(g->cov[at * g->size + at]));
        CHECK_CLOSE(mean[row * n + i], (double)g->mean[at], 1e-8, 1e-8 * (1 + sd));
        for (int j = 0; j < n; j++) {
            int aj = row * n + j;
            double sj = (double)sqrtl(fabsl(g->cov[aj * g->size + aj]));
            CHECK_CLOSE(cov[(row * n + i) * n + j], (double)g->cov[at * g->size + aj], 1e-8,
                        1e-8 * (1 + sd * sj));
        }
    }
}

static void filter_and_smoother_are_the_joint_normal(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Random m;
    static Dense g;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        random_model(&r, &m);
        LdsResult out;
        assert_ok(&t.cx, lds_run(&t.cx, &m.m, &m.d, LDS_SMOOTH, &out));
        dense_solve(&m.m, &m.d, ROWS - 1, &g);
        CHECK_CLOSE(out.loglik, (double)g.loglik, 1e-8, 1e-8);
        for (int row = 0; row < ROWS; row++)
            compare_row(&g, m.m.n, row, out.smooth_mean, out.smooth_cov);
        for (int row = 0; row < ROWS; row += 4) {
            dense_solve(&m.m, &m.d, row, &g);
            compare_row(&g, m.m.n, row, out.filt_mean, out.filt_cov);
            if (row == 0)
                continue;
            dense_solve(&m.m, &m.d, row - 1, &g);
            compare_row(&g, m.m.n, row, out.pred_mean, out.pred_cov);
        }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* The limit of ever vaguer starts, with the constant of Durbin & Koopman (2012), 7.2. */
static void a_flat_start_is_the_limit_of_vague_ones(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Random m;
    static Dense g;
    int compared = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        random_model(&r, &m);
        int n = m.m.n;
        m.m.start = LDS_DIFFUSE;
        LdsResult out;
        Err e = lds_run(&t.cx, &m.m, &m.d, LDS_SMOOTH, &out);
        if (e != OK) { /* some random data do not determine the start */
            assert_int_equal(e, ERR_NUMERIC);
            assert_string_equal(t.cx.why.key, "err.num-diffuse");
            err_clear(&t.cx);
            continue;
        }
        double kappa = 1e11;
        for (int i = 0; i < n * n; i++)
            m.p0[i] = i % (n + 1) ? 0 : kappa;
        dense_solve(&m.m, &m.d, ROWS - 1, &g);
        bool vague = true; /* data that say next to nothing about the start need a larger kappa */
        for (int i = 0; i < n; i++)
            vague = vague && (double)g.cov[i * g.size + i] < 1e3;
        if (!vague)
            continue;
        CHECK_CLOSE(out.loglik, (double)g.loglik + 0.5 * n * log(kappa), 1e-5, 1e-5);
        for (int row = 0; row < ROWS; row++)
            for (int i = 0; i < n; i++) {
                int at = row * n + i;
                CHECK_CLOSE(out.smooth_mean[at], (double)g.mean[at], 1e-5, 1e-5);
                CHECK_CLOSE(out.smooth_cov[at * n + i], (double)g.cov[at * g.size + at], 1e-5,
                            1e-5);
            }
        compared++;
        arena_reset(&t.arena);
    }
    assert_true(compared >= 15);
    test_cx_free(&t);
}

/* Every form of the step, and the root of its noise, against Van Loan's in long double. None of these drifts is left to
 * doublings, whose number would grow with the gap. */
static void the_step_is_exact_at_any_gap(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double gaps[] = {1.0 / 86400, 1.0 / 24, 1, 30, 365.25, 3652.5, 10957.5};
    int modal = 0, blocks = 0;
    for (uint64_t seed = 1; seed <= 96; seed++) {
        Rng r = {seed * 0xD1B54A32D192ED03ULL};
        int n = 1 + rng_below(&r, N_MAX);
        double a[25], gg[25], phi[25], q[25], root[25], again[25];
        Long want_phi[25], want_q[25];
        Stepper s;
        random_drift(&r, n, (int)(seed % 6), a);
        random_covariance(&r, n, 0.1, gg);
        if (seed % 7 == 0) /* noise enters through the last state alone */
            for (int i = 0; i < n * n; i++)
                gg[i] = i == n * n - 1 ? 0.01 : 0;
        assert_ok(&t.cx, step_make(&t.cx, n, false, a, gg, &s));
        modal += s.modal;
        blocks += !s.modal;
        for (size_t k = 0; k < sizeof gaps / sizeof gaps[0]; k++) {
            assert_true(step_at(&s, gaps[k], phi, q));
            assert_true(step_root_at(&s, gaps[k], phi, root));
            root_square(n, root, again);
            if (!s.modal && s.norm * gaps[k] > .5)
                assert_true(cluster_step(&s.clusters, gaps[k], phi, NULL, NULL));
            dense_step(n, a, gg, gaps[k], want_phi, want_q);
            double big = 1, noise = 0;
            for (int i = 0; i < n * n; i++)
                big = fmax(big, (double)fabsl(want_phi[i]));
            for (int i = 0; i < n * n; i++)
                noise = fmax(noise, (double)fabsl(want_q[i]));
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n; j++) {
                    double size = (double)sqrtl(want_q[i * n + i] * want_q[j * n + j]);
                    CHECK_CLOSE(phi[i * n + j], (double)want_phi[i * n + j], 1e-10, 1e-11 * big);
                    CHECK_CLOSE(q[i * n + j], (double)want_q[i * n + j], 1e-9,
                                1e-9 * size + 1e-17 * noise);
                    CHECK_CLOSE(again[i * n + j], (double)want_q[i * n + j], 1e-9,
                                1e-9 * size + 1e-17 * noise);
                }
        }
        arena_reset(&t.arena);
    }
    assert_true(modal >= 60 && blocks >= 16);
    test_cx_free(&t);
}

static void bad_models_are_named(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Nile n;
    LdsResult r = {.loglik = 7};
    nile_make(LDS_GIVEN, 1, &n);
    n.noise = -1;
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.num-matrix");
    nile_make(LDS_GIVEN, 1, &n);
    n.t[7] = 3;
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.num-time");
    assert_true(t.cx.why.args[0].num == 8);
    nile_make(LDS_GIVEN, 1, &n);
    n.one = HUGE_VAL;
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_INVALID);
    nile_make(LDS_GIVEN, 0, &n);
    n.error = n.noise = 0;
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-innovation");
    nile_make(LDS_STATIONARY, 0, &n);
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-not-stationary");
    nile_make(LDS_GIVEN, 1, &n);
    n.t[100] = 99.5;
    n.d.rows = 0;
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_INVALID);
    n.d.rows = 101; /* half a step of a discrete model */
    assert_int_equal(lds_run(&t.cx, &n.m, &n.d, LDS_LOGLIK, &r), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-step");
    CHECK_CLOSE(r.loglik, 7, 0, 0); /* untouched */
    test_cx_free(&t);
}

/* Uncertainty that grows to 1e15 and falls again: right where a reading stands, refused with its row where none
 * does, never a negative variance. */
static void looking_back_over_a_huge_gap(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Nile n;
    LdsResult r;
    nile_make(LDS_DIFFUSE, 1, &n);
    n.m.discrete = true;
    n.d.rows = 3;
    n.t[0] = 0;
    n.t[1] = n.t[2] = 1e12;
    n.y[0] = 1;
    n.y[1] = 2;
    n.y[2] = 3;
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_SMOOTH, &r));
    for (int i = 1; i < 3; i++) {
        CHECK_CLOSE(r.smooth_cov[i], n.error / 2, 1e-9, 0);
        CHECK_CLOSE(r.smooth_mean[i], 2.5, 1e-6, 0);
    }
    /* Between the rows the variance is 1e15 before the last one is known, and 1e4 after. */
    n.t[2] += 1;
    n.y[1] = (double)NAN;
    assert_ok(&t.cx, lds_run(&t.cx, &n.m, &n.d, LDS_SMOOTH, &r));
    CHECK_CLOSE(r.filt_cov[1], 1e12 * n.noise, 1e-6, 0);
    CHECK_CLOSE(r.smooth_cov[1], n.error + n.noise, 1e-9, 0);
    CHECK_CLOSE(r.smooth_mean[1], 3, 1e-9, 0);
    test_cx_free(&t);
}

/* A million rows under three drifts: gaps of none, a second, hours, days and thirty years, one item in two missing. The covariance stays
 * symmetric to the bit and positive definite, each chunk going on where the last one ended. The eigenbasis
 * is taken for all of them, so no step is made of smaller ones: its cost does not depend on the gap. */
static void stays_whole(Cx *cx, Rng *r, const double drift[16], double x[4], double p[16])
{
    enum { CHUNK = 1000, CHUNKS = 334 };
    static const double gaps[] = {0, 1 / 86400.0, .04, 1, 30, 10957};
    static double t[CHUNK], y[CHUNK * 2];
    const double noise[16] = {.5, .1, 0, 0, .1, .4, 0, 0, 0, 0, .3, .05, 0, 0, .05, .2},
                 load[8] = {1, 0, .3, 0, 0, 1, 0, -.7}, none[4] = {0}, error[2] = {.4, .02};
    LdsModel m = {.n = 4,
                  .m = 2,
                  .drift = drift,
                  .diffusion = noise,
                  .mean = none,
                  .initial_mean = x,
                  .initial_cov = p,
                  .loading = load,
                  .offset = none,
                  .error = error};
    Stepper st;
    assert_ok(cx, step_make(cx, 4, false, drift, noise, &st));
    assert_true(st.modal);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        LdsResult out;
        double root[16], now = 0;
        for (int i = 0; i < CHUNK;
             i++) { /* the first row goes on from the last, without a reading */
            now += i > 0 ? gaps[rng_below(r, 6)] * (1 + rng_uniform(r)) : 0;
            t[i] = now;
            for (int j = 0; j < 2; j++)
                y[i * 2 + j] = i > 0 && rng_below(r, 2) ? 3 * rng_normal(r) : (double)NAN;
        }
        const LdsData d = {.rows = CHUNK, .t = t, .y = y};
        assert_ok(cx, lds_run(cx, &m, &d, LDS_FILTER, &out));
        for (int i = 0; i < CHUNK; i++) {
            const double *c = out.filt_cov + i * 16;
            for (int k = 0; k < 16; k++)
                assert_true(c[k] >= c[k % 4 * 4 + k / 4] && c[k] <= c[k % 4 * 4 + k / 4]);
            assert_true(mat_cholesky(4, c, root));
        }
        memcpy(x, out.filt_mean + (CHUNK - 1) * 4, 4 * sizeof x[0]);
        memcpy(p, out.filt_cov + (CHUNK - 1) * 16, 16 * sizeof p[0]);
        for (int k = 0; k < 4; k++) /* a state without a level of its own may wander any distance */
            x[k] = fmin(fmax(x[k], -1e6), 1e6);
        arena_reset(cx->arena);
    }
}

static void a_million_rows_keep_the_covariance_whole(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double drifts[3][16] = {
        {-.5, .1, 0, 0, 0,  -.01, 0, .02, 0,  .1, -1.3, 0,  .05, 0,  0,   -.1 }, /* real */
        {-.1, 2,  0, 0, -2, -.1,  0, 0,   .1, 0,  -.3,  .5, 0,   .2, -.5, -.3 }, /* two complex pairs */
        {0,   0,  0, 0, .1, -.4,  0, 0,   0,  .2, -.05, 0,  0,   0,  .1,  -1.5}  /* a unit root */
    };
    for (int k = 0; k < 3; k++) {
        Rng r = {(uint64_t)k + 3};
        double x[4] = {0}, p[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
        stays_whole(&t.cx, &r, drifts[k], x, p);
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nile_with_a_known_start),
        cmocka_unit_test(nile_with_a_flat_start),
        cmocka_unit_test(three_states_irregular),
        cmocka_unit_test(the_step_is_exact_at_any_gap),
        cmocka_unit_test(filter_and_smoother_are_the_joint_normal),
        cmocka_unit_test(a_flat_start_is_the_limit_of_vague_ones),
        cmocka_unit_test(bad_models_are_named),
        cmocka_unit_test(looking_back_over_a_huge_gap),
        cmocka_unit_test(a_million_rows_keep_the_covariance_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
