/* tests/num/test_lanes.c - eight side by side against one after the other in plain coordinates, and every width of
 * register against every other. */
#include "num/dense.h"
#include "num/lanes_kernel.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

enum { N_MOST = 14, M_MOST = 12, ROWS = 40, SERIES = 11 };

typedef struct Case {
    double drift[N_MOST * N_MOST], noise[N_MOST * N_MOST], start[N_MOST * N_MOST],
        load[M_MOST * N_MOST];
    double mean[N_MOST], first[N_MOST], offset[M_MOST], error[M_MOST], push[2 * N_MOST];
    double t[SERIES][ROWS], y[SERIES][ROWS * M_MOST], u[SERIES][ROWS * 2];
    LdsModel m;
    LdsData series[SERIES];
} Case;

static void spread(Rng *r, int n, double least, double ret[])
{
    double a[N_MOST * N_MOST];
    for (int i = 0; i < n * n; i++)
        a[i] = rng_normal(r) / sqrt(n);
    mat_mul_nt(n, a, a, ret);
    for (int i = 0; i < n; i++)
        ret[i * (n + 1)] += least;
}

/* Gaps of nothing, a second, hours, days and thirty years; series of different length, items missing. */
static double some_gap(Rng *r)
{
    static const double of[] = {0, 1 / 86400.0, .04, 1, 3.7, 60, 10957};
    return of[rng_below(r, 7)] * (1 + rng_uniform(r));
}

static void some_series(Rng *r, const LdsModel *m, ptrdiff_t rows, double t[], double y[],
                        double u[])
{
    double now = 100 * rng_uniform(r);
    for (ptrdiff_t row = 0; row < rows; row++) {
        t[row] = now += row > 0 ? some_gap(r) : 0;
        for (int j = 0; j < m->m; j++)
            y[row * m->m + j] = rng_below(r, 5) < 2 ? 2 * rng_normal(r) : (double)NAN;
        for (int k = 0; k < m->u; k++)
            u[row * m->u + k] = rng_below(r, 3) ? 0 : rng_normal(r);
    }
}

static void some_case(Rng *r, int n, Case *c)
{
    int m = 1 + (int)rng_below(r, M_MOST), u = (int)rng_below(r, 3);
    double rate[N_MOST];
    memset(c, 0, sizeof *c);
    for (int i = 0; i < n; i++) { /* triangular: the eigenvalues are what stands on the diagonal */
        rate[i] = exp(-5 * rng_uniform(r));
        c->drift[i * n + i] = -rate[i];
        for (int j = 0; j < i; j++)
            c->drift[i * n + j] = .3 / n * rng_normal(r) * (rate[i] - rate[j]);
    }
    spread(r, n, .2, c->noise);
    spread(r, n, .5, c->start);
    for (int i = 0; i < m * n; i++)
        c->load[i] = rng_below(r, 3) ? 0 : rng_normal(r);
    for (int i = 0; i < n; i++) {
        c->mean[i] = rng_normal(r);
        c->first[i] = rng_normal(r);
    }
    for (int i = 0; i < u * n; i++)
        c->push[i] = rng_normal(r);
    for (int j = 0; j < m; j++) {
        c->offset[j] = rng_normal(r);
        c->error[j] = .3 + rng_uniform(r);
        c->load[j * n + rng_below(r, n)] = 1;
    }
    bool rest = rng_below(r, 2);
    c->m = (LdsModel){.n = n,
                      .m = m,
                      .u = u,
                      .drift = c->drift,
                      .diffusion = c->noise,
                      .mean = c->mean,
                      .start = rest ? LDS_STATIONARY : LDS_GIVEN,
                      .initial_mean = rest ? NULL : c->first,
                      .initial_cov = rest ? NULL : c->start,
                      .loading = c->load,
                      .offset = c->offset,
                      .error = c->error,
                      .impulse = c->push};
    for (int s = 0; s < SERIES; s++) {
        c->series[s] = (LdsData){1 + (ptrdiff_t)rng_below(r, ROWS), c->t[s], c->y[s], c->u[s]};
        some_series(r, &c->m, c->series[s].rows, c->t[s], c->y[s], c->u[s]);
    }
}

static void take_moments(Cx *cx, const Case *c, bool whole, LaneMoments ret[])
{
    for (int s = 0; s < SERIES; s++) {
        ptrdiff_t rows = c->series[s].rows, n = c->m.n;
        ret[s] = (LaneMoments){.mean = arena_new(cx->arena, double, rows *n),
                               .var = whole ? NULL : arena_new(cx->arena, double, rows *n),
                               .cov = whole ? arena_new(cx->arena, double, rows *n *n) : NULL};
        assert_non_null(ret[s].mean);
        assert_true(ret[s].var || ret[s].cov);
    }
}

static void lanes_are_what_one_after_the_other_is(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        int n = seed % 4 ? 1 + (int)(seed % N_MOST) : 12; /* 12 has loops of its own */
        some_case(&r, n, &c);
        double each[SERIES], sum, total = 0;
        LaneMoments got[SERIES], only[SERIES];
        take_moments(&t.cx, &c, true, got);
        take_moments(&t.cx, &c, false, only);
        assert_true(lanes_make(&c.m, NULL, &lm));
        assert_ok(&t.cx, lanes_loglik(&t.cx, &lm, 1, c.series, SERIES, &sum));
        assert_ok(&t.cx, lanes_smooth(&t.cx, &lm, c.series, SERIES, got, each));
        assert_ok(&t.cx, lanes_smooth(&t.cx, &lm, c.series, SERIES, only, each));
        for (int s = 0; s < SERIES; s++) {
            LdsResult want;
            assert_ok(&t.cx, lds_run(&t.cx, &c.m, &c.series[s], LDS_SMOOTH, &want));
            CHECK_CLOSE(each[s], want.loglik, 1e-9, 1e-9);
            total += want.loglik;
            for (ptrdiff_t i = 0; i < c.series[s].rows * n; i++) {
                CHECK_CLOSE(got[s].mean[i], want.smooth_mean[i], 1e-8, 1e-8);
                CHECK_CLOSE(only[s].var[i], want.smooth_cov[(i / n) * n * n + (i % n) * (n + 1)],
                            1e-8, 1e-8);
            }
            for (ptrdiff_t i = 0; i < c.series[s].rows * n * n; i++)
                CHECK_CLOSE(got[s].cov[i], want.smooth_cov[i], 1e-8, 1e-8);
        }
        CHECK_CLOSE(sum, total, 1e-10, 1e-9);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Several models of one series are several models one by one. */
static void models_side_by_side(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm[10];
    static double noise[10][N_MOST * N_MOST];
    LdsModel model[10];
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Rng r = {seed * 77};
        some_case(&r, 2 + (int)(seed % 7), &c);
        double got[10], want;
        for (int k = 0; k < 10; k++) {
            memcpy(noise[k], c.noise, sizeof c.noise);
            noise[k][0] *= 1 + .1 * k;
            model[k] = c.m;
            model[k].diffusion = noise[k];
            assert_true(lanes_make(&model[k], NULL, &lm[k]));
        }
        assert_ok(&t.cx, lanes_loglik(&t.cx, lm, 10, c.series, 3, got));
        for (int k = 0; k < 10; k++) {
            assert_ok(&t.cx, lanes_loglik(&t.cx, &lm[k], 1, c.series, 3, &want));
            CHECK_CLOSE(got[k], want, 1e-13, 1e-12);
        }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Readings with hardly any error, some of them at the same time and twice. */
static void almost_no_error(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm;
    int taken = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Rng r = {seed * 71};
        some_case(&r, 2 + (int)(seed % 4), &c);
        for (int j = 0; j < c.m.m; j++)
            c.error[j] = 1e-6 * (1 + rng_uniform(&r));
        if (!lanes_make(&c.m, NULL, &lm))
            continue;
        taken++;
        for (int s = 0; s < SERIES; s++) {
            double got;
            LdsResult want;
            assert_ok(&t.cx, lanes_loglik(&t.cx, &lm, 1, &c.series[s], 1, &got));
            assert_ok(&t.cx, lds_run(&t.cx, &c.m, &c.series[s], LDS_LOGLIK, &want));
            CHECK_CLOSE(got, want.loglik, 1e-8, 1e-8);
        }
        arena_reset(&t.arena);
    }
    assert_true(taken > 20);
    test_cx_free(&t);
}

static double *cell_of(Case *c, LdsPart part)
{
    double *const at[LDS_PARTS] = {c->drift, c->noise,  c->mean,  c->first, c->start,
                                   c->load,  c->offset, c->error, c->push};
    return at[part];
}

/* Central differences of the plain filter, with rates that are near and the same among them. */
static void slopes_are_slopes(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm;
    for (uint64_t seed = 1; seed <= 16; seed++) {
        Rng r = {seed * 1234567};
        int n = 2 + (int)(seed % 4);
        some_case(&r, n, &c);
        if (seed % 4 == 0) { /* two rates the same, nothing between them; and two that are near */
            for (int j = 0; j < n; j++)
                c.drift[n + j] = j == 1 ? c.drift[0] : 0;
        } else if (seed % 4 == 1) {
            for (int j = 0; j < n; j++)
                c.drift[n + j] = j == 1 ? c.drift[0] * (1 + 3e-5) : 0;
        }
        LdsGradient g;
        assert_true(lanes_make(&c.m, NULL, &lm));
        assert_ok(&t.cx, lanes_gradient(&t.cx, &lm, 1, c.series, 3, true, &g));
        for (int part = 0; part < LDS_PARTS; part++)
            for (int i = 0; i < (int)lds_part_len(&c.m, (LdsPart)part); i++) {
                bool cov = part == LDS_DIFFUSION || part == LDS_INITIAL_COV;
                int twin = cov ? i % n * n + i / n : i;
                double *at = cell_of(&c, (LdsPart)part), was = at[i],
                       h = 1e-5 * fmax(fabs(was), .1), up = 0, down = 0;
                for (int s = 0; s < 3; s++) {
                    LdsResult run;
                    at[i] = at[twin] = was + h;
                    assert_ok(&t.cx, lds_run(&t.cx, &c.m, &c.series[s], LDS_LOGLIK, &run));
                    up += run.loglik;
                    at[i] = at[twin] = was - h;
                    assert_ok(&t.cx, lds_run(&t.cx, &c.m, &c.series[s], LDS_LOGLIK, &run));
                    down += run.loglik;
                }
                at[i] = at[twin] = was;
                CHECK_CLOSE((up - down) / (2 * h),
                            g.part[part][i] + (twin != i ? g.part[part][twin] : 0), 2e-5, 2e-5);
            }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Where only some cells of the drift are wished for, those are what they are among all; eigenvectors with few entries
 * and with many. */
static void what_is_wished_for_is_the_same(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Rng r = {seed * 777};
        int n = 2 + (int)(seed % 6);
        LdsGradient all, some;
        LaneWish wish = {.loads = seed % 2 == 0};
        LaneWork *w;
        some_case(&r, n, &c);
        for (int i = 0; i < n * n; i++) { /* pairs of states by themselves */
            bool stays = i / n == i % n || (i / n == i % n + 1 && i / n % 2 == 1);
            c.drift[i] *= seed % 3 || stays;
            if (rng_uniform(&r) < .3)
                wish.drift[i / n] |= 1U << i % n;
        }
        assert_true(lanes_make(&c.m, NULL, &lm));
        assert_ok(&t.cx, lanes_gradient(&t.cx, &lm, 1, c.series, 1, true, &all));
        assert_ok(&t.cx, lanes_work(&t.cx, &lm, &c.series[0], &wish, 1, &w));
        lanes_work_models(w)[0] = lm;
        assert_ok(&t.cx, lanes_slopes(&t.cx, w, 1, &some));
        CHECK_CLOSE(some.loglik, all.loglik, 1e-13, 0);
        for (int part = 0; part < LDS_PARTS; part++)
            for (int i = 0; i < (int)lds_part_len(&c.m, (LdsPart)part); i++)
                if (part == LDS_DRIFT ? wish.drift[i / n] >> i % n & 1U
                                      : part != LDS_LOADING || wish.loads)
                    CHECK_CLOSE(some.part[part][i], all.part[part][i], 1e-10, 1e-10);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

static void every_width_says_the_same(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static Case c;
    static LaneModel lm;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        Rng r = {seed * 991};
        some_case(&r, seed % 2 ? 12 : 5, &c);
        assert_true(lanes_make(&c.m, NULL, &lm));
        int n = c.m.n;
        double want[SERIES], each[SERIES];
        LdsGradient g, first;
        LaneMoments moments[2][SERIES];
        for (int k = 0; k < lane_kernel_count(); k++) {
            take_moments(&t.cx, &c, true, moments[k > 0]);
            lm.kernel = lane_kernel_at(k);
            assert_ok(&t.cx,
                      lanes_smooth(&t.cx, &lm, c.series, SERIES, moments[k > 0], k ? each : want));
            assert_ok(&t.cx,
                      lanes_gradient(&t.cx, &lm, 1, c.series, SERIES, true, k ? &g : &first));
            for (int s = 0; k > 0 && s < SERIES; s++) {
                CHECK_CLOSE(each[s], want[s], 1e-11, 1e-11);
                for (ptrdiff_t i = 0; i < c.series[s].rows * n * n; i++)
                    CHECK_CLOSE(moments[1][s].cov[i], moments[0][s].cov[i], 1e-8, 1e-8);
            }
            for (int part = 0; k > 0 && part < LDS_PARTS; part++)
                for (int i = 0; i < (int)lds_part_len(&c.m, (LdsPart)part); i++)
                    CHECK_CLOSE(g.part[part][i], first.part[part][i], 1e-8, 1e-7);
        }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* What the short forms cannot carry is not taken. */
static void only_what_suits(void **state)
{
    (void)state;
    static Case c;
    static LaneModel lm;
    Rng r = {5};
    some_case(&r, 3, &c);
    assert_true(lanes_make(&c.m, NULL, &lm));
    c.error[0] = 0;
    assert_false(lanes_make(&c.m, NULL, &lm));
    c.error[0] = 1;
    c.drift[0] = 0; /* a unit root */
    assert_false(lanes_make(&c.m, NULL, &lm));
    c.drift[0] = -1;
    c.drift[1] = -1;
    c.drift[3] = 1;
    c.drift[4] = -1; /* a complex pair */
    assert_false(lanes_make(&c.m, NULL, &lm));
    some_case(&r, 3, &c);
    memset(c.noise, 0, sizeof c.noise);
    c.noise[0] = 1; /* two states without noise of their own */
    assert_false(lanes_make(&c.m, NULL, &lm));
    some_case(&r, 3, &c);
    c.m.start = LDS_DIFFUSE;
    assert_false(lanes_make(&c.m, NULL, &lm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lanes_are_what_one_after_the_other_is),
                                       cmocka_unit_test(models_side_by_side),
                                       cmocka_unit_test(almost_no_error),
                                       cmocka_unit_test(slopes_are_slopes),
                                       cmocka_unit_test(what_is_wished_for_is_the_same),
                                       cmocka_unit_test(every_width_says_the_same),
                                       cmocka_unit_test(only_what_suits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
