/* tests/num/test_dist.c - distributions against closed forms and brute-force integrals. */
#include "base/rng.h"
#include "num/dense.h"
#include "num/dist.h"
#include "num/level.h"
#include "num/score.h"
#include "testlib.h"
#include <math.h>

static const double PI = 3.14159265358979323846;

static void quantile_inverts_the_cdf(void **state)
{
    (void)state;
    CHECK_CLOSE(dist_normal_quantile(.975), 1.959963984540054, 1e-14, 0);
    CHECK_CLOSE(dist_normal_quantile(.9), 1.2815515655446004, 1e-14, 0);
    CHECK_CLOSE(dist_normal_quantile(1e-10), -6.361340902404056, 1e-13, 0);
    CHECK_CLOSE(dist_normal_quantile(.5), 0, 0, 1e-15);
    for (int i = -250; i < 250; i++) {
        double p = i < 0 ? pow(10, i) : (i + .5) / 250;
        CHECK_CLOSE(dist_normal_cdf(dist_normal_quantile(p)), p, 1e-11, 0);
    }
    CHECK_CLOSE(dist_normal_log_cdf(-40), -804.6084420137538, 1e-12, 0);
    CHECK_CLOSE(dist_normal_log_cdf(-4.999), log(dist_normal_cdf(-4.999)), 1e-13, 0);
    CHECK_CLOSE(dist_normal_log_cdf(-5.001), log(dist_normal_cdf(-5.001)), 1e-13, 0);
}

/* Moments by Simpson's rule over the interval, shifted so that nothing underflows. */
static void truncated_by_sums(double low, double high, double *mean, double *var, double *log_mass)
{
    double from = low < -12 && high > -12 ? -12 : low, to = high > 12 && low < 12 ? 12 : high,
           peak = 0;
    if (isinf(high) && from > 0)
        to = from + 40 / (1 + from);
    if (isinf(low) && to < 0)
        from = to - 40 / (1 - to);
    peak = fmax(from, fmin(0, to));
    long double s0 = 0, s1 = 0, s2 = 0, h = ((long double)to - from) / 20000;
    for (int i = 0; i <= 20000; i++) {
        long double x = from + i * h, w = i == 0 || i == 20000 ? 1 : i % 2 ? 4 : 2;
        long double f = w * expl(-(x - peak) * (x + peak) / 2), d = x - peak;
        s0 += f;
        s1 += f * d;
        s2 += f * d * d;
    }
    *mean = (double)(peak + s1 / s0);
    *var = (double)(s2 / s0 - s1 / s0 * (s1 / s0));
    *log_mass = (double)(logl(s0 * h / 3) - peak * (long double)peak / 2 - logl(2 * PI) / 2);
}

static void truncated_normals_keep_their_moments(void **state)
{
    (void)state;
    const double ends[][2] = {
        {-1,        1       },
        {0,         2       },
        {3,         4       },
        {-9,        -8.5    },
        {20,        21      },
        {-.01,      .02     },
        {-3,        7       },
        {5,         HUGE_VAL},
        {30,        HUGE_VAL},
        {-1,        HUGE_VAL},
        {-8,        HUGE_VAL},
        {-HUGE_VAL, -4      },
        {-HUGE_VAL, -25     },
        {-HUGE_VAL, 3       },
        {4.99,      HUGE_VAL},
        {5.01,      HUGE_VAL}
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        double m, v, l, wm, wv, wl;
        dist_truncated(3, 2, 3 + 2 * ends[i][0], 3 + 2 * ends[i][1], &m, &v, &l);
        truncated_by_sums(ends[i][0], ends[i][1], &wm, &wv, &wl);
        CHECK_CLOSE((m - 3) / 2, wm, 1e-8, 1e-9);
        CHECK_CLOSE(v / 4, wv, 1e-6, 1e-12);
        CHECK_CLOSE(l, wl, 1e-8, 1e-9);
    }
    double m, v, l;
    dist_truncated(0, 1, 1e4, HUGE_VAL, &m, &v, &l);
    CHECK_CLOSE(m, 1e4 + 1e-4, 1e-12, 0);
    CHECK_CLOSE(v, 1e-8, 1e-4, 0);
    dist_truncated(7, 1.5, -HUGE_VAL, HUGE_VAL, &m, &v, &l);
    CHECK_CLOSE(m, 7, 0, 0);
    CHECK_CLOSE(v, 2.25, 0, 1e-15);
}

/* P(all three <= b) by two nested sums over a Cholesky factor. */
static double three_by_sums(const double b[3], double r12, double r13, double r23)
{
    double l22 = sqrt(1 - r12 * r12), l32 = (r23 - r12 * r13) / l22;
    double l33 = sqrt(1 - r13 * r13 - l32 * l32), sum = 0;
    enum { N = 600 };
    for (int i = 0; i < N; i++) {
        double h1 = (b[0] + 9) / N, x = -9 + (i + .5) * h1, inner = 0;
        double top = (b[1] - r12 * x) / l22, h2 = (fmin(top, 9) + 9) / N;
        for (int j = 0; j < N && h2 > 0; j++) {
            double y = -9 + (j + .5) * h2;
            inner +=
                dist_normal_density(y) * dist_normal_cdf((b[2] - r13 * x - l32 * y) / l33) * h2;
        }
        sum += dist_normal_density(x) * inner * h1;
    }
    return sum;
}

static void joint_probabilities(void **state)
{
    (void)state;
    for (int i = -9; i <= 9; i++) {
        double r = i == 9 ? .9999 : i == -9 ? -.9999 : i / 9.0;
        CHECK_CLOSE(dist_normal_cdf2(0, 0, r), .25 + asin(r) / (2 * PI), 0, 1e-12);
        CHECK_CLOSE(dist_normal_cdf2(1, -.5, r) + dist_normal_cdf2(1, .5, -r), dist_normal_cdf(1),
                    0, 1e-10);
    }
    CHECK_CLOSE(dist_normal_cdf2(.3, .8, 1), dist_normal_cdf(.3), 0, 1e-9);
    CHECK_CLOSE(dist_normal_cdf2(.3, .3, 1), dist_normal_cdf(.3), 0, 1e-9);
    const double zero[3] = {0, 0, 0};
    Rng rng = {12345};
    for (int k = 0; k < 40; k++) {
        double a[9], r[3], b[3];
        for (int i = 0; i < 9; i++)
            a[i] = rng_normal(&rng);
        double d[3];
        for (int i = 0; i < 3; i++) {
            d[i] = sqrt(a[i * 3] * a[i * 3] + a[i * 3 + 1] * a[i * 3 + 1] +
                        a[i * 3 + 2] * a[i * 3 + 2]);
            b[i] = 1.5 * rng_normal(&rng);
        }
        for (int i = 0; i < 3; i++) {
            int u = i == 2, v = i == 0 ? 1 : 2; /* pairs 01, 02, 12 */
            r[i] =
                (a[u * 3] * a[v * 3] + a[u * 3 + 1] * a[v * 3 + 1] + a[u * 3 + 2] * a[v * 3 + 2]) /
                (d[u] * d[v]);
        }
        double orthant = .125 + (asin(r[0]) + asin(r[1]) + asin(r[2])) / (4 * PI);
        CHECK_CLOSE(dist_normal_cdf3(zero, r[0], r[1], r[2]), orthant, 0, 1e-8);
        double det = 1 + 2 * r[0] * r[1] * r[2] - r[0] * r[0] - r[1] * r[1] - r[2] * r[2];
        if (det > .05 && k < 12)
            CHECK_CLOSE(dist_normal_cdf3(b, r[0], r[1], r[2]), three_by_sums(b, r[0], r[1], r[2]),
                        0, 3e-5);
    }
    const double b[3] = {.2, -.4, 1};
    CHECK_CLOSE(dist_normal_cdf3(b, 0, 0, 0),
                dist_normal_cdf(.2) * dist_normal_cdf(-.4) * dist_normal_cdf(1), 0, 1e-14);
    CHECK_CLOSE(dist_normal_cdf3(b, 1, 1, 1), dist_normal_cdf(-.4), 0, 1e-8);
}

static void the_least_of_three(void **state)
{
    (void)state;
    const double mean[3] = {7, 6, 8};
    const double cov[9] = {1.2, .5, .4, .5, .9, .3, .4, .3, 2};
    for (int i = 1; i < 20; i++) {
        double p = i / 20.0, x = dist_min3_quantile(mean, cov, p);
        CHECK_CLOSE(dist_min3_cdf(mean, cov, x), p, 0, 1e-9);
    }
    /* Three that are one: the plain quantile. */
    const double same[3] = {5, 5, 5};
    const double one[9] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
    CHECK_CLOSE(dist_min3_quantile(same, one, .1), 5 + 2 * dist_normal_quantile(.1), 0, 1e-6);
    /* Independent: 1 - (1 - F)^3. */
    const double apart[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    CHECK_CLOSE(dist_min3_quantile(same, apart, .1), 5 + dist_normal_quantile(1 - cbrt(.9)), 0,
                1e-9);
}

static void answers_are_scored(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const Scale scale = {0, 10, 1};
    Answers a;
    Predictive p = {
        .mean = 7.2, .var = 1.5, .has_last = true, .last = 8, .same = .3, .tail = .05, .wide = 3};
    assert_ok(&t.cx, score_answers(&t.cx, &scale, &p, &a));
    assert_int_equal(a.count, 11);
    double sum = 0;
    for (int i = 0; i < 11; i++)
        sum += a.mass[i];
    CHECK_CLOSE(sum, 1, 1e-14, 0);
    assert_true(a.mass[8] > .3 && a.mass[0] > 0);
    CHECK_CLOSE(score_log(&a, 8), log(a.mass[8]), 0, 0);
    CHECK_CLOSE(score_pit(&a, 0, 0), 0, 0, 0);
    CHECK_CLOSE(score_pit(&a, 10, 1), 1, 1e-14, 0);
    double low, high;
    score_band(&a, .8, &low, &high);
    assert_true(low >= 5 && high <= 9);
    /* CRPS as E|X - y| - E|X - X'| / 2. */
    for (int y = 0; y <= 10; y++) {
        double e1 = 0, e2 = 0;
        for (int i = 0; i < 11; i++) {
            e1 += a.mass[i] * fabs(a.value[i] - y);
            for (int j = 0; j < 11; j++)
                e2 += a.mass[i] * a.mass[j] * fabs(a.value[i] - a.value[j]);
        }
        CHECK_CLOSE(score_crps(&a, y), e1 - e2 / 2, 0, 1e-12);
    }
    /* On a fine scale the discrete scores become those of the density. */
    const Scale fine = {0, 10, .1};
    p = (Predictive){.mean = 5, .var = .5, .wide = 1};
    assert_ok(&t.cx, score_answers(&t.cx, &fine, &p, &a));
    CHECK_CLOSE(score_crps(&a, 5.8), score_normal_crps(5, .5, 5.8), 0, 1e-3);
    CHECK_CLOSE(score_log(&a, 5.8) - log(.1), score_normal_log(5, .5, 5.8), 0, 2e-3);
    p.var = 0;
    assert_int_equal(score_answers(&t.cx, &scale, &p, &a), ERR_INVALID);
    test_cx_free(&t);
}

/* The mass between two points by Gauss-Legendre in long double. */
static double mass_by_sums(double from, double to)
{
    static const long double place[2] = {0.339981043584856264802665759103L,
                                         0.861136311594052575223946488893L},
                             weight[2] = {0.652145154862546142626936050778L,
                                          0.347854845137453857373063949222L};
    int parts = 8 + (int)(8 * fmax(fabs(from), fabs(to)) * (to - from)); /* e^(z h) in each */
    long double sum = 0, h = ((long double)to - from) / parts;
    for (int i = 0; i < parts; i++)
        for (int k = 0; k < 4; k++) {
            long double z = from + h * (i + .5L + (k % 2 ? 1 : -1) * place[k / 2] / 2);
            sum += weight[k / 2] * h / 2 * expl(-z * z / 2);
        }
    return (double)(sum / 2.506628274631000502415765284811L);
}

/* Every mass keeps its relative size, on scales of all widths, near the middle and far out. */
static void masses_are_integrals(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < 300; seed++) {
        Rng g = rng_make(seed);
        Answers a;
        const Scale scale = {0, 100, seed % 3 ? 1 : 10};
        double sd = scale.step * exp(5 * rng_uniform(&g) - 1);
        Predictive p = {.mean = 140 * rng_uniform(&g) - 20,
                        .var = sd * sd,
                        .tail = seed % 2 ? .06 : 0,
                        .wide = 1 + 2 * rng_uniform(&g)};
        assert_ok(&t.cx, score_answers(&t.cx, &scale, &p, &a));
        double all = 0;
        for (int i = 0; i < a.count; i++) {
            double low = (a.value[i] - scale.step / 2 - p.mean) / sd, want, h = scale.step / sd;
            all += a.mass[i];
            if (i == 0 || i == a.count - 1 || fmin(fabs(low), fabs(low + h)) > 36 || h > 2)
                continue;
            want = (1 - p.tail) * mass_by_sums(low, low + h);
            if (p.tail > 0)
                want += p.tail * mass_by_sums(low / p.wide, (low + h) / p.wide);
            CHECK_CLOSE(a.mass[i], want, 1e-13 + 1e-14 * low * low, 0); /* exp's own */
        }
        CHECK_CLOSE(all, 1, 1e-13, 0);
    }
    test_cx_free(&t);
}

/* Central differences of the masses themselves. */
static void slopes_are_those_of_the_masses(void **state)
{
    enum { COUNT = 11 };
    const double step = 1e-5;
    const Scale scale = {0, 10, 1};
    double by_mean[COUNT], by_sd[COUNT];
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < 200; seed++) {
        Rng g = rng_make(seed);
        double sd = .2 + 3 * rng_uniform(&g);
        Predictive p = {.mean = 12 * rng_uniform(&g) - 1,
                        .var = sd * sd,
                        .tail = rng_uniform(&g) < .3 ? 0 : rng_uniform(&g),
                        .wide = 1 + 3 * rng_uniform(&g)};
        score_slopes(&scale, &p, COUNT, by_mean, by_sd);
        for (int number = 0; number < 2; number++) {
            Answers up, down;
            for (int way = -1; way <= 1; way += 2) {
                Predictive q = p;
                double moved = number == 1 ? sd + way * step : sd;
                q.mean += number == 0 ? way * step : 0;
                q.var = moved * moved;
                assert_ok(&t.cx, score_answers(&t.cx, &scale, &q, way > 0 ? &up : &down));
            }
            for (int i = 0; i < COUNT; i++)
                CHECK_CLOSE((number == 0 ? by_mean : by_sd)[i],
                            (up.mass[i] - down.mass[i]) / (2 * step), 1e-6, 1e-8);
        }
    }
    test_cx_free(&t);
}

/* The scalar filter and smoother against the general one of the joint normal. */
static void a_level_is_a_local_level(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    LevelParams p = level_params_default(6);
    LevelReading r[6] = {
        {0,    7},
        {10,   6},
        {10,   8},
        {300,  3},
        {1000, 4},
        {1001, 5}
    };
    double times[6], y[6], zero = 0, one = 1, q = p.q, mu = p.mu, var = 4, error = 1;
    for (int i = 0; i < 6; i++) {
        times[i] = r[i].t_days;
        y[i] = r[i].value;
    }
    LdsModel m = {.n = 1,
                  .m = 1,
                  .drift = &zero,
                  .diffusion = &q,
                  .mean = &zero,
                  .initial_mean = &mu,
                  .initial_cov = &var,
                  .loading = &one,
                  .offset = &zero,
                  .error = &error};
    LdsData d = {.rows = 6, .t = times, .y = y};
    static Dense g;
    dense_solve(&m, &d, 5, &g);
    Level l = level_start(&p, 0), s[6];
    assert_ok(&t.cx, level_filter(&t.cx, &p, r, 6, &l));
    assert_ok(&t.cx, level_smooth(&t.cx, &p, r, 6, s));
    CHECK_CLOSE(l.mean, (double)g.mean[5], 1e-12, 0);
    CHECK_CLOSE(l.var, (double)g.cov[35], 1e-12, 0);
    CHECK_CLOSE(l.loglik, (double)g.loglik, 1e-12, 0);
    for (int i = 0; i < 6; i++) {
        CHECK_CLOSE(s[i].mean, (double)g.mean[i], 1e-12, 0);
        CHECK_CLOSE(s[i].var, (double)g.cov[i * 7], 1e-12, 0);
    }
    r[3].t_days = 5;
    assert_int_equal(level_filter(&t.cx, &p, r, 6, &l), ERR_INVALID);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile_inverts_the_cdf),
        cmocka_unit_test(truncated_normals_keep_their_moments),
        cmocka_unit_test(joint_probabilities),
        cmocka_unit_test(the_least_of_three),
        cmocka_unit_test(answers_are_scored),
        cmocka_unit_test(masses_are_integrals),
        cmocka_unit_test(slopes_are_those_of_the_masses),
        cmocka_unit_test(a_level_is_a_local_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
