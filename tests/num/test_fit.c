/* tests/num/test_fit.c - gradients against differences, fits against published optima. */
#include "num/dense.h"
#include "num/lds_fit.h"
#include "testlib.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double MISSING = (double)NAN;
static const double FREE = HUGE_VAL;

enum { N = 3, M = 2, ROWS = 12 };

typedef struct Small {
    double part[LDS_PARTS][N * N];
    double t[ROWS], y[ROWS * M], u[ROWS];
    LdsModel m;
    LdsData d;
} Small;

static void small_model(Rng *r, bool discrete, LdsStart start, Small *s)
{
    double a[N * N];
    for (int part = 0; part < LDS_PARTS; part++)
        for (int i = 0; i < N * N; i++)
            s->part[part][i] = rng_normal(r);
    for (int i = 0; i < N * N; i++)
        s->part[LDS_DRIFT][i] = .15 * rng_normal(r) + (i % 4 ? 0 : discrete ? .5 : -.5);
    for (int which = 0; which < 2; which++) {
        double *cov = s->part[which ? LDS_INITIAL_COV : LDS_DIFFUSION];
        for (int i = 0; i < N * N; i++)
            a[i] = rng_normal(r);
        mat_mul_nt(N, a, a, cov);
        for (int i = 0; i < N; i++)
            cov[i * 4] += .3;
    }
    for (int j = 0; j < M; j++)
        s->part[LDS_ERROR][j] = .2 + rng_uniform(r);
    double now = 0;
    for (int row = 0; row < ROWS; row++) {
        now += row == 0       ? 0
               : discrete     ? rng_below(r, row % 5 ? 4 : 40)
               : row % 3 == 0 ? 8
                              : .5 * rng_below(r, 3);
        s->t[row] = now;
        s->u[row] = rng_below(r, 3) ? 0 : rng_normal(r);
        for (int j = 0; j < M; j++)
            s->y[row * M + j] = rng_below(r, 4) ? 2 * rng_normal(r) : MISSING;
    }
    double(*p)[N * N] = s->part;
    s->m = (LdsModel){.n = N,
                      .m = M,
                      .u = 1,
                      .discrete = discrete,
                      .start = start,
                      .drift = p[LDS_DRIFT],
                      .diffusion = p[LDS_DIFFUSION],
                      .mean = p[LDS_MEAN],
                      .initial_mean = start == LDS_GIVEN ? p[LDS_INITIAL_MEAN] : NULL,
                      .initial_cov = start == LDS_GIVEN ? p[LDS_INITIAL_COV] : NULL,
                      .loading = p[LDS_LOADING],
                      .offset = p[LDS_OFFSET],
                      .error = p[LDS_ERROR],
                      .impulse = p[LDS_IMPULSE]};
    s->d = (LdsData){.rows = ROWS, .t = s->t, .y = s->y, .u = s->u};
}

static void the_gradient_is_the_slope(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Small s;
    for (uint64_t seed = 1; seed <= 36; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        LdsStart start = seed > 24 ? LDS_DIFFUSE : seed % 3 ? LDS_GIVEN : LDS_STATIONARY;
        small_model(&r, seed % 2, start, &s);
        LdsGradient g;
        LdsResult run;
        assert_ok(&t.cx, lds_gradient(&t.cx, &s.m, &s.d, 1, true, &g));
        assert_ok(&t.cx, lds_run(&t.cx, &s.m, &s.d, LDS_LOGLIK, &run));
        CHECK_CLOSE(g.loglik, run.loglik, 1e-10, 1e-10);
        for (int part = 0; part < LDS_PARTS; part++)
            for (int i = 0; i < (int)lds_part_len(&s.m, (LdsPart)part); i++) {
                bool cov = part == LDS_DIFFUSION || part == LDS_INITIAL_COV;
                int twin = cov ? i % N * N + i / N : i; /* covariances stay symmetric */
                double *cell = &s.part[part][i], *other = &s.part[part][twin], was = *cell, up,
                       down;
                double h = 1e-5;
                *cell = *other = was + h;
                assert_ok(&t.cx, lds_loglik(&t.cx, &s.m, &s.d, 1, &up));
                *cell = *other = was - h;
                assert_ok(&t.cx, lds_loglik(&t.cx, &s.m, &s.d, 1, &down));
                *cell = *other = was;
                double want = g.part[part][i] + (twin != i ? g.part[part][twin] : 0);
                CHECK_CLOSE((up - down) / (2 * h), want, 2e-6, 2e-6);
            }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* -- published optima ------------------------------------------------------------------------------- */

enum { SERIES_MAX = 2800, WAVES_MAX = 11 };

typedef struct Panel {
    int count, waves, items;
    double t[SERIES_MAX][WAVES_MAX], y[SERIES_MAX][WAVES_MAX * 2];
    LdsData series[SERIES_MAX];
} Panel;

/* Rows of Y1_T0, Y2_T0, ..., then the gaps; empty is missing. */
static bool read_panel(Cx *cx, const char *name, int waves, int items, Panel *p)
{
    Str path = shared_path(cx, name), text;
    if (str_is_null(path)) {
        print_message("# skipped: the reference data are not here\n");
        return false;
    }
    assert_ok(cx, os_read_file(cx, path, 1 << 22, &text));
    *p = (Panel){.waves = waves, .items = items};
    (void)str_line(&text);
    while (text.p && text.len > 0) {
        Str row = str_line(&text);
        int k = p->count++;
        assert_true(k < SERIES_MAX);
        for (int i = 0; i < waves * items; i++)
            if (!str_to_double(str_cut(&row, ','), -1e6, 1e6, &p->y[k][i]))
                p->y[k][i] = MISSING;
        for (int i = 1; i < waves; i++) {
            double gap;
            assert_true(str_to_double(str_cut(&row, ','), 0, 1e3, &gap));
            p->t[k][i] = p->t[k][i - 1] + gap;
        }
        p->series[k] = (LdsData){.rows = waves, .t = p->t[k], .y = p->y[k]};
    }
    return true;
}

static LdsParam free_cell(const LdsCell *cells, int count, double start, double lower)
{
    return (LdsParam){
        .cells = cells, .cell_count = count, .start = start, .lower = lower, .upper = FREE};
}

/* Starts drawn at random, those with a bound or a sign (not 0) up to e^far from the one given, the others within far of
 * it: all of them reach the published optimum. Three of each; thirty with FONDER_CALIBRATE=1. */
static void from_anywhere(Cx *cx, const LdsModel *m, const LdsParam params[], int count,
                          const double far[], const Panel *p, double minus2ll)
{
    LdsParam from[16];
    static const int few[3] = {0, 1, 9}; /* the last leads to a level place first */
    int tries = calibrating() ? 30 : 3;
    for (int nth = 0; nth < tries; nth++) {
        int k = calibrating() ? nth : few[nth];
        Rng r = {(uint64_t)k * 7919 + 11};
        LdsFit fit;
        for (int i = 0; i < count; i++) {
            double x = far[i] * (2 * rng_uniform(&r) - 1), was = params[i].start;
            from[i] = params[i];
            from[i].start = was < 0 || was > 0 ? was * exp(x) : 0.2 * x;
        }
        LdsModel start = *m;
        double part[LDS_PARTS][4];
        const double **const at[LDS_PARTS] = {
            &start.drift,   &start.diffusion, &start.mean,  &start.initial_mean, &start.initial_cov,
            &start.loading, &start.offset,    &start.error, &start.impulse};
        for (int which = 0; which < LDS_PARTS; which++) {
            if (lds_part_len(m, (LdsPart)which) == 0)
                continue;
            memcpy(part[which], lds_part(m, (LdsPart)which),
                   sizeof(double) * (size_t)lds_part_len(m, (LdsPart)which));
            *at[which] = part[which];
        }
        for (int i = 0; i < count; i++)
            for (int c = 0; c < from[i].cell_count; c++)
                part[from[i].cells[c].part][from[i].cells[c].at] = from[i].start;
        assert_ok(cx, lds_fit(cx, &start, from, count, p->series, p->count, NULL, &fit));
        print_message("# start %d: %.4f after %d rounds\n", k, -2 * fit.loglik, fit.rounds);
        CHECK_CLOSE(-2 * fit.loglik, minus2ll, 0, 1e-3);
    }
}

static void anomie_and_authoritarianism(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Panel p;
    if (!read_panel(&t.cx, "data/ctsem/AnomAuth.csv", 5, 2, &p)) {
        test_cx_free(&t);
        return;
    }
    assert_int_equal(p.count, 2722);
    /* Starts far from the answer. */
    const double drift[4] = {-1.5, 0, 0, -1.5}, noise[4] = {2, 0, 0, 2}, mean[2] = {0};
    const double m0[2] = {0}, p0[4] = {3, 0, 0, 3}, load[4] = {1, 0, 0, 1}, offset[2] = {0},
                 none[2] = {0};
    LdsModel m = {.n = 2,
                  .m = 2,
                  .drift = drift,
                  .diffusion = noise,
                  .mean = mean,
                  .initial_mean = m0,
                  .initial_cov = p0,
                  .loading = load,
                  .offset = offset,
                  .error = none};
    const LdsCell c[] = {
        {LDS_DRIFT,        0},
        {LDS_DRIFT,        1},
        {LDS_DRIFT,        2},
        {LDS_DRIFT,        3},
        {LDS_DIFFUSION,    0},
        {LDS_DIFFUSION,    1},
        {LDS_DIFFUSION,    2},
        {LDS_DIFFUSION,    3},
        {LDS_INITIAL_COV,  0},
        {LDS_INITIAL_COV,  1},
        {LDS_INITIAL_COV,  2},
        {LDS_INITIAL_COV,  3},
        {LDS_INITIAL_MEAN, 0},
        {LDS_INITIAL_MEAN, 1},
        {LDS_OFFSET,       0},
        {LDS_OFFSET,       1}
    };
    const LdsParam params[] = {free_cell(c, 1, -1.5, -FREE),   free_cell(c + 1, 1, 0, -FREE),
                               free_cell(c + 2, 1, 0, -FREE),  free_cell(c + 3, 1, -1.5, -FREE),
                               free_cell(c + 4, 1, 2, 0),      free_cell(c + 5, 2, 0, -FREE),
                               free_cell(c + 7, 1, 2, 0),      free_cell(c + 8, 1, 3, 0),
                               free_cell(c + 9, 2, 0, -FREE),  free_cell(c + 11, 1, 3, 0),
                               free_cell(c + 12, 1, 0, -FREE), free_cell(c + 13, 1, 0, -FREE),
                               free_cell(c + 14, 1, 0, -FREE), free_cell(c + 15, 1, 0, -FREE)};
    LdsFit fit;
    assert_ok(&t.cx, lds_fit(&t.cx, &m, params, 14, p.series, p.count, NULL, &fit));
    CHECK_CLOSE(-2 * fit.loglik, 23415.929, 0, 1e-3);
    const double want[14] = {-.44728188, .23249799,  .04329283,  -.11746616, .4732419,
                             -.00461013, .15450957,  .63286129,  .24473093,  .45757721,
                             -.18401404, -.02065926, 2.68744274, 2.86338153};
    for (int i = 0; i < 14; i++) {
        CHECK_CLOSE(fit.value[i], want[i], 0, 2e-4);
        assert_true(fit.se[i] > 0 && fit.se[i] < .2);
    }
    print_message("# AnomAuth: %d rounds\n", fit.rounds);
    const double far[] = {1.5, 1, 1, 1.5, 1.5, 1, 1.5, 1.5, 1, 1.5, 2, 2, 2, 2};
    from_anywhere(&t.cx, &m, params, 14, far, &p, 23415.929);
    test_cx_free(&t);
}

static void a_damped_oscillator(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Panel p;
    if (!read_panel(&t.cx, "data/ctsem/Oscillating.csv", 11, 1, &p)) {
        test_cx_free(&t);
        return;
    }
    assert_int_equal(p.count, 200);
    const double drift[4] = {0, 1, -10, -2}, noise[4] = {0, 0, 0, 5}, mean[2] = {0}, m0[2] = {0};
    const double p0[4] = {2, 0, 0, 2}, load[2] = {1, 0}, none[1] = {0};
    LdsModel m = {.n = 2,
                  .m = 1,
                  .drift = drift,
                  .diffusion = noise,
                  .mean = mean,
                  .initial_mean = m0,
                  .initial_cov = p0,
                  .loading = load,
                  .offset = none,
                  .error = none};
    const LdsCell c[] = {
        {LDS_DRIFT,        2},
        {LDS_DRIFT,        3},
        {LDS_DIFFUSION,    3},
        {LDS_INITIAL_COV,  0},
        {LDS_INITIAL_COV,  1},
        {LDS_INITIAL_COV,  2},
        {LDS_INITIAL_COV,  3},
        {LDS_INITIAL_MEAN, 0},
        {LDS_INITIAL_MEAN, 1}
    };
    const LdsParam params[] = {free_cell(c, 1, -10, -FREE),   free_cell(c + 1, 1, -2, -FREE),
                               free_cell(c + 2, 1, 5, 0),     free_cell(c + 3, 1, 2, 0),
                               free_cell(c + 4, 2, 0, -FREE), free_cell(c + 6, 1, 2, 0),
                               free_cell(c + 7, 1, 0, -FREE), free_cell(c + 8, 1, 0, -FREE)};
    LdsFit fit;
    assert_ok(&t.cx, lds_fit(&t.cx, &m, params, 8, p.series, p.count, NULL, &fit));
    CHECK_CLOSE(-2 * fit.loglik, -3461.936, 0, 1e-3);
    CHECK_CLOSE(fit.value[0], -39.4506, 0, 2e-3);
    CHECK_CLOSE(fit.value[1], -.50526, 0, 2e-4);
    print_message("# Oscillating: %d rounds\n", fit.rounds);
    const double far[] = {1.5, 1.5, 2, 1.5, 1, 1.5, 1, 1};
    from_anywhere(&t.cx, &m, params, 8, far, &p, -3461.936);
    test_cx_free(&t);
}

/* States that are new at every row, read with a known error: the most likely covariance of three of them is that of
 * the readings less the error, whole, from a start with other signs. */
static void a_whole_covariance(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    enum { ROWS_3 = 300 };
    static double times[ROWS_3], y[ROWS_3 * 3];
    double zero[9] = {0}, one[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, error[3] = {.1, .1, .1},
           sum[9] = {0};
    double noise[9] = {1, -.3, .2, -.3, 2, -.1, .2, -.1, .5};
    Rng r = {99};
    for (int i = 0; i < ROWS_3; i++) {
        double a = rng_normal(&r), b = rng_normal(&r), c = rng_normal(&r);
        const double v[3] = {2 * a, 1.8 * a + .5 * b, -1.5 * a + .6 * b + .4 * c};
        times[i] = i;
        for (int j = 0; j < 3; j++)
            y[i * 3 + j] = i == 0 ? MISSING : v[j] + sqrt(.1) * rng_normal(&r);
        for (int j = 0; i > 0 && j < 9; j++)
            sum[j] += y[i * 3 + j / 3] * y[i * 3 + j % 3] / (ROWS_3 - 1);
    }
    LdsModel m = {.n = 3,
                  .m = 3,
                  .discrete = true,
                  .drift = zero,
                  .diffusion = noise,
                  .mean = zero,
                  .initial_mean = zero,
                  .initial_cov = one,
                  .loading = one,
                  .offset = zero,
                  .error = error};
    const LdsData d = {.rows = ROWS_3, .t = times, .y = y};
    const LdsCell c[] = {
        {LDS_DIFFUSION, 0},
        {LDS_DIFFUSION, 4},
        {LDS_DIFFUSION, 8},
        {LDS_DIFFUSION, 1},
        {LDS_DIFFUSION, 3},
        {LDS_DIFFUSION, 2},
        {LDS_DIFFUSION, 6},
        {LDS_DIFFUSION, 5},
        {LDS_DIFFUSION, 7}
    };
    const LdsParam params[] = {free_cell(c, 1, 1, 0),          free_cell(c + 1, 1, 2, 0),
                               free_cell(c + 2, 1, .5, 0),     free_cell(c + 3, 2, -.3, -FREE),
                               free_cell(c + 5, 2, .2, -FREE), free_cell(c + 7, 2, -.1, -FREE)};
    const int at[] = {0, 4, 8, 1, 2, 5};
    LdsFit fit;
    double root[9];
    assert_ok(&t.cx, lds_fit(&t.cx, &m, params, 6, &d, 1, NULL, &fit));
    for (int k = 0; k < 6; k++)
        CHECK_CLOSE(fit.value[k], sum[at[k]] - (k < 3 ? .1 : 0), 1e-4, 1e-4);
    assert_true(mat_cholesky(3, fit.model.diffusion, root));
    test_cx_free(&t);
}

/* Local level with a flat start: the published variances are the most likely ones. */
static void the_nile(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str path = shared_path(&t.cx, "data/check_values/nile.csv"), text;
    if (str_is_null(path)) {
        print_message("# skipped: the reference data are not here\n");
        test_cx_free(&t);
        return;
    }
    assert_ok(&t.cx, os_read_file(&t.cx, path, 1 << 16, &text));
    double times[100], y[100], one = 1, zero = 0, noise = 5000, error = 5000;
    (void)str_line(&text);
    for (int i = 0; i < 100; i++) {
        Str row = str_line(&text);
        assert_true(str_to_double(str_cut(&row, ','), 0, 3000, &times[i]));
        assert_true(str_to_double(row, 0, 3000, &y[i]));
    }
    LdsModel m = {.n = 1,
                  .m = 1,
                  .discrete = true,
                  .start = LDS_DIFFUSE,
                  .drift = &one,
                  .diffusion = &noise,
                  .mean = &zero,
                  .loading = &one,
                  .offset = &zero,
                  .error = &error};
    LdsData d = {.rows = 100, .t = times, .y = y};
    const LdsCell c[] = {
        {LDS_DIFFUSION, 0},
        {LDS_ERROR,     0}
    };
    const LdsParam params[] = {free_cell(c, 1, 5000, 0), free_cell(c + 1, 1, 5000, 0)};
    LdsFit fit;
    assert_ok(&t.cx, lds_fit(&t.cx, &m, params, 2, &d, 1, NULL, &fit));
    CHECK_CLOSE(fit.value[0], 1469.1, 2e-3, 0);
    CHECK_CLOSE(fit.value[1], 15099, 1e-3, 0);
    assert_true(fit.loglik >= -633.46456365);
    test_cx_free(&t);
}

/* Twelve states, twelve items of which two in five are seen. */
enum { WIDE_ROWS = 600, WIDE = 12 };

typedef struct Wide {
    double drift[WIDE * WIDE], noise[WIDE * WIDE], load[WIDE * WIDE], mean[WIDE], offset[WIDE],
        error[WIDE], t[WIDE_ROWS], y[WIDE_ROWS * WIDE];
    LdsModel m;
    LdsData d;
} Wide;

static void wide_case(Wide *w)
{
    double x[WIDE] = {0};
    Rng r = {20261122};
    memset(w, 0, sizeof *w);
    for (int i = 0; i < WIDE; i++) {
        double tau = 2 * exp(.3 * i);
        w->drift[i * WIDE + i] = -1 / tau;
        if (i > 0)
            w->drift[i * WIDE + i - 1] = .1 / tau;
        w->noise[i * WIDE + i] = 2 / tau;
        w->load[i * WIDE + i] = 1;
        w->error[i] = .4 + .03 * i;
    }
    for (int row = 0; row < WIDE_ROWS; row++) {
        w->t[row] = row * 1.5;
        for (int i = WIDE - 1; i >= 0; i--) { /* small steps do for data */
            double tau = 2 * exp(.3 * i), from = i > 0 ? .1 * x[i - 1] : 0;
            for (int k = 0; k < 15; k++)
                x[i] += .1 / tau * (from - x[i]) + sqrt(.2 / tau) * rng_normal(&r);
            w->y[row * WIDE + i] =
                rng_below(&r, 5) < 2 ? x[i] + sqrt(w->error[i]) * rng_normal(&r) : MISSING;
        }
    }
    w->m = (LdsModel){.n = WIDE,
                      .m = WIDE,
                      .start = LDS_STATIONARY,
                      .drift = w->drift,
                      .diffusion = w->noise,
                      .mean = w->mean,
                      .loading = w->load,
                      .offset = w->offset,
                      .error = w->error};
    w->d = (LdsData){.rows = WIDE_ROWS, .t = w->t, .y = w->y};
}

/* From near and from far, eight points at a time and one by one: the same top, in some ten rounds; its slope is 0. The same
 * series cut in nine, each beginning at rest, is too many for the wide way. */
static void many_numbers_find_their_top(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Wide w;
    static LdsCell cells[3 * WIDE];
    static LdsParam params[3 * WIDE];
    static LdsData cut[9];
    wide_case(&w);
    for (int i = 0; i < 9; i++)
        cut[i] = (LdsData){.rows = 66, .t = w.t + 66 * i, .y = w.y + 66 * i * WIDE};
    LdsFit fit, other;
    double first = 0;
    for (int seed = 0; seed < 4; seed++) {
        Rng r = {(uint64_t)seed + 1};
        for (int k = 0; k < 3 * WIDE; k++) {
            int i = k % WIDE, part = k / WIDE;
            double *at = part == 0   ? &w.drift[i * WIDE + i]
                         : part == 1 ? &w.noise[i * WIDE + i]
                                     : &w.offset[i];
            double far = .4 * seed * (2 * rng_uniform(&r) - 1);
            cells[k] = (LdsCell){part == 0   ? LDS_DRIFT
                                 : part == 1 ? LDS_DIFFUSION
                                             : LDS_OFFSET,
                                 part < 2 ? i * WIDE + i : i};
            double value = part < 2 ? *at * exp(far) : far;
            params[k] = free_cell(&cells[k], 1, value, part == 1 ? 0 : -FREE);
            if (part == 0)
                params[k].upper = 0;
            *at = value;
        }
        assert_ok(&t.cx, lds_fit(&t.cx, &w.m, params, 3 * WIDE, &w.d, 1, NULL, &fit));
        print_message("# start %d: %.6f after %d rounds\n", seed, fit.loglik, fit.rounds);
        assert_true(fit.rounds <= 40);
        if (seed == 0)
            first = fit.loglik;
        CHECK_CLOSE(fit.loglik, first, 0, 1e-6);
        LdsGradient g;
        assert_ok(&t.cx, lds_gradient(&t.cx, &fit.model, &w.d, 1, false, &g));
        for (int k = 0; k < 3 * WIDE; k++)
            CHECK_CLOSE(g.part[cells[k].part][cells[k].at] * fit.se[k], 0, 0, 1e-3);
    }
    assert_ok(&t.cx, lds_fit(&t.cx, &w.m, params, 3 * WIDE, cut, 8, NULL, &fit));
    assert_ok(&t.cx, lds_fit(&t.cx, &w.m, params, 3 * WIDE, cut, 9, NULL, &other));
    print_message("# eight series %d rounds, nine %d\n", fit.rounds, other.rounds);
    cut[8].rows = 1;
    for (int i = 0; i < WIDE; i++)
        w.y[66 * 8 * WIDE + i] = MISSING; /* the ninth says nothing now */
    assert_ok(&t.cx, lds_fit(&t.cx, &w.m, params, 3 * WIDE, cut, 9, NULL, &other));
    CHECK_CLOSE(fit.loglik, other.loglik, 0, 1e-5);
    for (int k = 0; k < 3 * WIDE; k++) {
        CHECK_CLOSE(fit.value[k], other.value[k], 0, 2e-3 * other.se[k]);
        CHECK_CLOSE(fit.se[k], other.se[k], 5e-3, 0);
    }
    test_cx_free(&t);
}

/* What the data cannot tell apart, or say nothing of, is named. */
static void expect_level(Cx *cx, const LdsModel *m, const LdsData *d, const LdsCell cells[],
                         int count, int first, int second)
{
    LdsParam params[4];
    LdsLevel level = {0};
    LdsFit fit;
    for (int k = 0; k < count; k++) {
        bool variance = cells[k].part == LDS_DIFFUSION || cells[k].part == LDS_ERROR;
        params[k] =
            free_cell(&cells[k], 1, lds_part(m, cells[k].part)[cells[k].at], variance ? 0 : -FREE);
    }
    assert_int_equal(lds_fit(cx, m, params, count, d, 1, &level, &fit), ERR_NUMERIC);
    assert_false(level.endless);
    assert_int_equal(level.count, second < 0 ? 1 : 2);
    assert_true(level.which[0] == first || level.which[0] == second);
    if (second >= 0)
        assert_int_equal(level.which[0] + level.which[1], first + second);
    err_clear(cx);
}

static void what_is_level_is_named(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Wide w;
    wide_case(&w);
    w.drift[11 * WIDE + 10] = 0; /* the last state has nothing to do with the others: any scale */
    const LdsCell sum[] = {
        {LDS_DRIFT,  0},
        {LDS_OFFSET, 3},
        {LDS_MEAN,   3},
        {LDS_ERROR,  2}
    };
    const LdsCell scale[] = {
        {LDS_DRIFT,     0             },
        {LDS_LOADING,   11 * WIDE + 11},
        {LDS_ERROR,     2             },
        {LDS_DIFFUSION, 11 * WIDE + 11}
    };
    expect_level(&t.cx, &w.m, &w.d, sum, 4, 1, 2);
    expect_level(&t.cx, &w.m, &w.d, scale, 4, 1, 3);
    /* two states that turn into each other and a flat start: the long way */
    const double turn[4] = {0, 1, -1, -.3}, push[4] = {0, 0, 0, 1}, load[4] = {1, 0, 1, 0},
                 none[2] = {0}, error[2] = {.3, .3};
    static double y[2 * WIDE_ROWS];
    for (int row = 0; row < 100; row++) {
        y[2 * row] = w.y[row * WIDE];
        y[2 * row + 1] = MISSING; /* never read */
    }
    LdsModel m = {.n = 2,
                  .m = 2,
                  .start = LDS_DIFFUSE,
                  .drift = turn,
                  .diffusion = push,
                  .mean = none,
                  .loading = load,
                  .offset = none,
                  .error = error};
    const LdsData d = {.rows = 100, .t = w.t, .y = y};
    const LdsCell short_sum[] = {
        {LDS_ERROR,  0},
        {LDS_OFFSET, 0},
        {LDS_MEAN,   0}
    };
    const LdsCell never[] = {
        {LDS_ERROR,  0},
        {LDS_OFFSET, 1}
    };
    expect_level(&t.cx, &m, &d, short_sum, 3, 1, 2);
    expect_level(&t.cx, &m, &d, never, 2, 1, -1);
    m.start = LDS_STATIONARY;
    expect_level(&t.cx, &m, &d, short_sum, 3, 1, 2);
    expect_level(&t.cx, &m, &d, never, 2, 1, -1);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_the_slope), cmocka_unit_test(anomie_and_authoritarianism),
        cmocka_unit_test(a_damped_oscillator),       cmocka_unit_test(the_nile),
        cmocka_unit_test(a_whole_covariance),        cmocka_unit_test(many_numbers_find_their_top),
        cmocka_unit_test(what_is_level_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
