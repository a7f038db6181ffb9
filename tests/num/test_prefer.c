/* tests/num/test_prefer.c - choices: published Bradley-Terry fits, ties and refusals, learning weights. */
#include "num/dense.h"
#include "num/pairs.h"
#include "num/prefer.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

/* Citations among four journals (Stigler 1994): row cites column's... [cited][citing], diagonal left out.
 * Biometrika, Comm. Statist., JASA, JRSS-B. */
static const int cited_by[4][4] = {
    {0,   730, 498, 221},
    {33,  0,   68,  17 },
    {320, 813, 0,   142},
    {284, 276, 325, 0  }
};

static double binomial_saturated(double a, double b)
{
    double n = a + b, sum = 0;
    sum += a > 0 ? a * log(a / n) : 0;
    sum += b > 0 ? b * log(b / n) : 0;
    return sum;
}

static void citations(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    /* Biometrika is the reference: no column of its own. */
    const double x[12] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, none[3] = {0};
    PreferChoice c[12];
    int count = 0;
    double saturated = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            if (i != j)
                c[count++] = (PreferChoice){i, j, PREFER_A, cited_by[i][j]};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            saturated += binomial_saturated(cited_by[i][j], cited_by[j][i]);
    PreferModel m = {.d = 3, .items = 4, .x = x, .precision = none};
    PreferFit fit;
    assert_ok(&t.cx, prefer_fit(&t.cx, &m, c, count, &fit));
    const double want[3] = {-2.9490725, -.4795698, .2689541},
                 se[3] = {.10254534, .06058873, .07082997};
    for (int i = 0; i < 3; i++) {
        CHECK_CLOSE(fit.mean[i], want[i], 0, 1e-6);
        CHECK_CLOSE(sqrt(fit.cov[i * 4]), se[i], 1e-5, 0);
    }
    CHECK_CLOSE(2 * (saturated - fit.loglik), 4.2934, 0, 1e-4);
    test_cx_free(&t);
}

/* 1987 American League East: home team's wins at home against each visitor, visitor's wins. Order:
 * Baltimore (reference), Boston, Cleveland, Detroit, Milwaukee, New York, Toronto. */
static const int home_wins[7][7][2] = {
    {{0},    {1, 6}, {3, 4}, {1, 5}, {2, 5}, {2, 4}, {1, 6}},
    {{6, 0}, {0},    {5, 2}, {2, 5}, {5, 1}, {4, 2}, {3, 3}},
    {{2, 4}, {4, 2}, {0},    {3, 3}, {2, 5}, {4, 3}, {3, 4}},
    {{4, 3}, {6, 0}, {6, 1}, {0},    {3, 3}, {4, 3}, {4, 2}},
    {{6, 0}, {6, 1}, {4, 2}, {4, 3}, {0},    {4, 3}, {4, 2}},
    {{6, 1}, {4, 3}, {4, 2}, {5, 1}, {3, 3}, {0},    {2, 5}},
    {{6, 0}, {4, 3}, {4, 2}, {4, 3}, {2, 5}, {2, 4}, {0}   },
};

static void baseball(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double plain[6] = {1.1077, .6839, 1.4364, 1.5814, 1.2476, 1.2945};
    const double with_home[6] = {1.1438, .7047, 1.4754, 1.6196, 1.2813, 1.3271};
    /* Items 0-6 a team away, 7-13 the same at home; the last column is the advantage of home. */
    for (int home = 0; home < 2; home++) {
        int d = 6 + home, count = 0;
        double x[14 * 7] = {0}, none[7] = {0}, saturated = 0;
        PreferChoice c[84];
        for (int team = 0; team < 7; team++)
            for (int at = 0; at < 2; at++) {
                if (team > 0)
                    x[(at * 7 + team) * d + team - 1] = 1;
                if (home && at)
                    x[(at * 7 + team) * d + 6] = 1;
            }
        for (int i = 0; i < 7; i++)
            for (int j = 0; j < 7; j++) {
                if (i == j)
                    continue;
                c[count++] = (PreferChoice){7 + i, j, PREFER_A, home_wins[i][j][0]};
                c[count++] = (PreferChoice){7 + i, j, PREFER_B, home_wins[i][j][1]};
                saturated += binomial_saturated(home_wins[i][j][0], home_wins[i][j][1]);
            }
        PreferModel m = {.d = d, .items = 14, .x = x, .precision = none};
        PreferFit fit;
        assert_ok(&t.cx, prefer_fit(&t.cx, &m, c, count, &fit));
        for (int i = 0; i < 6; i++)
            CHECK_CLOSE(fit.mean[i], home ? with_home[i] : plain[i], 0, 6e-5);
        CHECK_CLOSE(2 * (saturated - fit.loglik), home ? 38.643 : 44.053, 0, 6e-4);
        if (home) {
            CHECK_CLOSE(fit.mean[6], .3023, 0, 6e-5);
            CHECK_CLOSE(sqrt(fit.cov[48]), .1309, 0, 6e-5);
        }
    }
    test_cx_free(&t);
}

/* The same numbers from the model for any number of players. */
static void any_number_of_players(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    PairsGame g[42];
    PairsFit fit;
    int count = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            g[count++] = (PairsGame){i, j, cited_by[i][j], cited_by[j][i], false};
    assert_ok(&t.cx, pairs_fit(&t.cx, 4, g, count, &fit));
    CHECK_CLOSE(fit.strength[1], -2.9490725, 0, 1e-6);
    CHECK_CLOSE(fit.se[2], .06058873, 0, 1e-6);
    CHECK_CLOSE(fit.deviance, 4.2934, 0, 1e-4);
    assert_int_equal(fit.degrees, 3);
    count = 0;
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 7; j++)
            if (i != j)
                g[count++] = (PairsGame){i, j, home_wins[i][j][0], home_wins[i][j][1], true};
    assert_ok(&t.cx, pairs_fit(&t.cx, 7, g, count, &fit));
    CHECK_CLOSE(fit.strength[4], 1.6196, 0, 6e-5);
    CHECK_CLOSE(fit.home, .3023, 0, 6e-5);
    CHECK_CLOSE(fit.home_se, .1309, 0, 6e-5);
    CHECK_CLOSE(fit.deviance, 38.643, 0, 6e-4);
    /* A league of two hundred, strengths recovered. */
    enum { PLAYERS = 200, GAMES = 4000 };
    static PairsGame league[GAMES];
    static double truth[PLAYERS];
    Rng r = {11};
    double gap = 0;
    for (int i = 1; i < PLAYERS; i++)
        truth[i] = rng_normal(&r);
    for (int i = 0; i < GAMES; i++) {
        int a = i % PLAYERS, b = (a + 1 + rng_below(&r, PLAYERS - 1)) % PLAYERS;
        bool won = rng_uniform(&r) < 1 / (1 + exp(truth[b] - truth[a]));
        league[i] = (PairsGame){a, b, won, !won, false};
    }
    assert_ok(&t.cx, pairs_fit(&t.cx, PLAYERS, league, GAMES, &fit));
    for (int i = 1; i < PLAYERS; i++) {
        double z = (fit.strength[i] - truth[i]) / fit.se[i];
        gap += z * z / (PLAYERS - 1);
    }
    assert_true(gap > .4 && gap < 2.5);
    /* Never beaten: no finite strength. */
    for (int i = 0; i < GAMES; i++)
        if (league[i].a == 7 || league[i].b == 7)
            league[i] = (PairsGame){7, league[i].a == 7 ? league[i].b : league[i].a, 1, 0, false};
    assert_int_equal(pairs_fit(&t.cx, PLAYERS, league, GAMES, &fit), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-separated");
    /* Two leagues that never met. */
    const PairsGame apart[] = {
        {0, 1, 3, 2, false},
        {2, 3, 1, 1, false},
        {3, 4, 2, 5, false}
    };
    err_clear(&t.cx);
    assert_int_equal(pairs_fit(&t.cx, 5, apart, 3, &fit), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-separated");
    league[0].b = PLAYERS;
    assert_int_equal(pairs_fit(&t.cx, PLAYERS, league, GAMES, &fit), ERR_INVALID);
    test_cx_free(&t);
}

static void what_cannot_be_fitted_is_said(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double x[2] = {0, 1}, none[1] = {0};
    PreferChoice c = {0, 1, PREFER_B, 5};
    PreferModel m = {.d = 1, .items = 2, .x = x, .precision = none};
    PreferFit fit;
    assert_int_equal(prefer_fit(&t.cx, &m, &c, 1, &fit), ERR_NUMERIC);
    assert_string_equal(t.cx.why.key, "err.num-separated");
    c.answer = PREFER_BOTH; /* not offered */
    assert_int_equal(prefer_fit(&t.cx, &m, &c, 1, &fit), ERR_INVALID);
    c.answer = PREFER_B;
    c.a = 2;
    assert_int_equal(prefer_fit(&t.cx, &m, &c, 1, &fit), ERR_INVALID);
    /* With a prior all is well. */
    c.a = 0;
    m.precision = NULL;
    assert_ok(&t.cx, prefer_fit(&t.cx, &m, &c, 1, &fit));
    assert_true(fit.mean[0] > .5 && fit.mean[0] < 3);
    test_cx_free(&t);
}

/* Gradient at the optimum and curvature, by differences of the log posterior. */
static void the_optimum_is_one(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        enum { D = 5, ITEMS = 12, COUNT = 30 };
        double x[ITEMS * D];
        PreferChoice c[COUNT];
        for (int i = 0; i < ITEMS * D; i++)
            x[i] = rng_uniform(&r);
        for (int i = 0; i < COUNT; i++) {
            int a = rng_below(&r, ITEMS), b = (a + 1 + rng_below(&r, ITEMS - 1)) % ITEMS;
            c[i] = (PreferChoice){a, b, (PreferAnswer)rng_below(&r, 4), 1};
        }
        PreferModel m = {
            .d = D, .items = ITEMS, .x = x, .tie = PREFER_TIE, .outside = PREFER_OUTSIDE};
        PreferFit fit;
        assert_ok(&t.cx, prefer_fit(&t.cx, &m, c, COUNT, &fit));
        double value[2], h = 1e-4, curve[D * D], unit[D * D];
        for (int i = 0; i < D; i++)
            for (int j = 0; j < D; j++) {
                double sum = 0;
                for (int k = 0; k < 4; k++) {
                    double si = k / 2 ? h : -h, sj = k % 2 ? h : -h, theta[D], post = 0;
                    memcpy(theta, fit.mean, sizeof theta);
                    theta[i] += si;
                    theta[j] += sj;
                    for (int n = 0; n < COUNT; n++) {
                        double p[4];
                        prefer_probabilities(&m, theta, c[n].a, c[n].b, p);
                        CHECK_CLOSE(p[0] + p[1] + p[2] + p[3], 1, 1e-12, 0);
                        post += log(p[c[n].answer]);
                    }
                    for (int n = 0; n < D; n++)
                        post -= theta[n] * theta[n] / 2;
                    sum += si * sj > 0 ? post : -post;
                    if (i == j && (k == 0 || k == 3))
                        value[k / 3] = post;
                }
                curve[i * D + j] = -sum / (4 * h * h);
                if (i == j)
                    CHECK_CLOSE(value[1], value[0], 0, 1e-7);
            }
        mat_mul(D, curve, fit.cov, unit);
        for (int i = 0; i < D * D; i++)
            CHECK_CLOSE(unit[i], i % (D + 1) == 0, 0, 1e-4);
    }
    test_cx_free(&t);
}

static void weights_carry_their_doubt(void **state)
{
    (void)state;
    const double theta[5] = {.5, -.2, 1, 0, .3};
    double cov[25], w[5], v[25], up[5], ignored[25];
    for (int i = 0; i < 25; i++)
        cov[i] = i % 6 == 0 ? .2 : .05;
    prefer_weights(5, theta, cov, w, v);
    double sum = 0, grad[25];
    for (int i = 0; i < 5; i++)
        sum += w[i];
    CHECK_CLOSE(sum, 1, 1e-14, 0);
    for (int k = 0; k < 5; k++) {
        double shifted[5];
        memcpy(shifted, theta, sizeof shifted);
        shifted[k] += 1e-6;
        prefer_weights(5, shifted, cov, up, ignored);
        for (int i = 0; i < 5; i++)
            grad[i * 5 + k] = (up[i] - w[i]) / 1e-6;
    }
    for (int i = 0; i < 5; i++) {
        double row = 0;
        for (int j = 0; j < 5; j++) {
            double want = 0;
            for (int a = 0; a < 5; a++)
                for (int b = 0; b < 5; b++)
                    want += grad[i * 5 + a] * cov[a * 5 + b] * grad[j * 5 + b];
            CHECK_CLOSE(v[i * 5 + j], want, 0, 1e-6);
            row += v[i * 5 + j];
        }
        CHECK_CLOSE(row, 0, 0, 1e-14); /* weights sum to one, so their errors cancel */
    }
}

static PreferAnswer draw(const PreferModel *m, const double theta[], int a, int b, Rng *r)
{
    double p[4], u = rng_uniform(r);
    prefer_probabilities(m, theta, a, b, p);
    for (int k = 0; k < 3; k++) {
        if (u < p[k])
            return (PreferAnswer)k;
        u -= p[k];
    }
    return PREFER_NEITHER;
}

/* Simulated persons: pairs chosen by information leave less doubt than random ones, and the doubt is
 * honest: squared errors are as large as the posterior says. */
static void telling_pairs_teach_more(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    enum { D = 5, ITEMS = 20, PICKS = 20, PERSONS = 60 };
    double x[ITEMS * D], doubt[2] = {0}, chi2 = 0;
    Rng r = {4242};
    for (int i = 0; i < ITEMS * D; i++)
        x[i] = rng_uniform(&r) < .4 ? 3 * rng_uniform(&r) : 0;
    PreferModel m = {.d = D, .items = ITEMS, .x = x, .tie = PREFER_TIE, .outside = PREFER_OUTSIDE};
    for (int person = 0; person < PERSONS; person++) {
        double theta[D];
        for (int i = 0; i < D; i++)
            theta[i] = rng_normal(&r);
        for (int adaptive = 0; adaptive < 2; adaptive++) {
            PreferChoice c[PICKS];
            PreferFit fit;
            assert_ok(&t.cx, prefer_fit(&t.cx, &m, c, 0, &fit));
            for (int n = 0; n < PICKS; n++) {
                int a = rng_below(&r, ITEMS), b = (a + 1 + rng_below(&r, ITEMS - 1)) % ITEMS;
                double info;
                if (adaptive)
                    assert_true(prefer_next(&m, &fit, NULL, NULL, &a, &b, &info));
                c[n] = (PreferChoice){a, b, draw(&m, theta, a, b, &r), 1};
                assert_ok(&t.cx, prefer_fit(&t.cx, &m, c, n + 1, &fit));
            }
            double l[D * D], gap[D], solved[D];
            for (int i = 0; i < D; i++) {
                doubt[adaptive] += fit.cov[i * (D + 1)] / (D * PERSONS);
                gap[i] = theta[i] - fit.mean[i];
            }
            assert_true(mat_cholesky(D, fit.cov, l));
            mat_cholesky_solve(D, l, gap, solved);
            chi2 += mat_dot(D, gap, solved) / (2 * PERSONS);
        }
    }
    assert_true(doubt[1] < .8 * doubt[0]);
    /* 120 draws of a chi-square with 5 degrees have sd .29; Laplace adds a little confidence of its own. */
    CHECK_CLOSE(chi2, D, 0, 1.3);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(citations),
        cmocka_unit_test(baseball),
        cmocka_unit_test(any_number_of_players),
        cmocka_unit_test(what_cannot_be_fitted_is_said),
        cmocka_unit_test(the_optimum_is_one),
        cmocka_unit_test(weights_carry_their_doubt),
        cmocka_unit_test(telling_pairs_teach_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
