/* tests/num/test_dyad.c - agreement and influence within pairs against published analyses. */
#include "num/dense.h"
#include "num/dyad.h"
#include "num/mat.h"
#include "testlib.h"
#include <math.h>

/* Shrout & Fleiss (1979), Table 2: six targets, four judges. */
static void six_intraclass_correlations(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double r[24] = {9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7};
    DyadIcc icc;
    assert_ok(&t.cx, dyad_icc(&t.cx, r, 6, 4, &icc));
    CHECK_CLOSE(icc.one, .1657418, 0, 1e-7);
    CHECK_CLOSE(icc.random, .2897638, 0, 1e-7);
    CHECK_CLOSE(icc.fixed, .7148407, 0, 1e-7);
    CHECK_CLOSE(icc.one_k, .4427971, 0, 1e-7);
    CHECK_CLOSE(icc.random_k, .6200505, 0, 1e-7);
    CHECK_CLOSE(icc.fixed_k, .9093155, 0, 1e-7);
    const double flat[4] = {1, 1, 1, 1};
    assert_int_equal(dyad_icc(&t.cx, flat, 2, 2, &icc), ERR_NUMERIC);
    test_cx_free(&t);
}

enum { COUPLES_MAX = 200 };

/* Acitelli's couples: gender 1 is the husband; satisfaction by how each sees the other. */
static int read_couples(Cx *cx, DyadPair pairs[COUPLES_MAX])
{
    Str path = shared_path(cx, "data/dyads/acitelli_individual.csv"), text;
    if (str_is_null(path))
        return 0;
    assert_ok(cx, os_read_file(cx, path, 1 << 20, &text));
    (void)str_line(&text);
    int lines = 0;
    while (text.p && text.len > 0) {
        Str row = str_line(&text);
        double v[8] = {0};
        for (int i = 0; i < 8; i++)
            (void)str_to_double(str_cut(&row, ','), -1e6, 1e6, &v[i]);
        DyadPair *p = &pairs[lines / 2];
        int who = v[2] > 0 ? 0 : 1;
        p->x[who] = v[4];
        p->y[who] = v[5];
        lines++;
    }
    return lines / 2;
}

static void acitelli_couples(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static DyadPair pairs[COUPLES_MAX];
    int count = read_couples(&t.cx, pairs);
    if (count == 0) {
        print_message("# skipped: the reference data are not here\n");
        test_cx_free(&t);
        return;
    }
    assert_int_equal(count, 148);
    DyadApim a;
    assert_ok(&t.cx, dyad_apim(&t.cx, pairs, count, &a));
    CHECK_CLOSE(a.intercept, .6697541, 0, 1e-6);
    CHECK_CLOSE(a.actor, .4004231, 0, 1e-6);
    CHECK_CLOSE(a.partner, .2879705, 0, 1e-6);
    CHECK_CLOSE(a.partner_se, .0473141, 0, 1e-6);
    CHECK_CLOSE(a.rho, .4693414, 0, 1e-6);
    CHECK_CLOSE(sqrt(a.sigma2), .4173659, 0, 1e-6);
    CHECK_CLOSE(a.loglik, -148.3591, 0, 1e-3);
    DyadApim2 b;
    assert_ok(&t.cx, dyad_apim2(&t.cx, pairs, count, &b));
    CHECK_CLOSE(b.actor[0], .424386, 0, 1e-5);
    CHECK_CLOSE(b.actor[1], .3777, 0, 1e-4);
    CHECK_CLOSE(b.partner[0], .26165, 0, 1e-5); /* of the wife's view on the husband */
    CHECK_CLOSE(b.partner[1], .321478, 0, 1e-5);
    CHECK_CLOSE(b.sigma2[0], .143139, 0, 1e-5);
    CHECK_CLOSE(b.sigma2[1], .20746, 0, 1e-5);
    CHECK_CLOSE(b.rho, .4751092, 0, 1e-5);
    double y[2 * COUPLES_MAX];
    for (int i = 0; i < count; i++) {
        y[2 * i] = pairs[i].y[0];
        y[2 * i + 1] = pairs[i].y[1];
    }
    DyadIcc icc; /* without predictors the residual correlation is ICC(1) */
    assert_ok(&t.cx, dyad_icc(&t.cx, y, count, 2, &icc));
    CHECK_CLOSE(icc.one, .61847, 0, 1e-5);
    test_cx_free(&t);
}

/* Simulated pairs with known influence: estimates within their own errors. */
static void influence_is_recovered(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    enum { N = 120, REPEATS = 200 };
    static DyadPair p[N];
    double z2 = 0, mean = 0, rho = 0;
    for (int k = 0; k < REPEATS; k++) {
        Rng r = {(uint64_t)(k + 1) * 0x9E3779B97F4A7C15ULL};
        for (int i = 0; i < N; i++) {
            double shared = rng_normal(&r), common = rng_normal(&r);
            for (int who = 0; who < 2; who++)
                p[i].x[who] = 4 + .6 * shared + .8 * rng_normal(&r);
            for (int who = 0; who < 2; who++)
                p[i].y[who] = 1 + .5 * p[i].x[who] + .2 * p[i].x[1 - who] + sqrt(.3) * common +
                              sqrt(.7) * rng_normal(&r);
        }
        DyadApim a;
        assert_ok(&t.cx, dyad_apim(&t.cx, p, N, &a));
        z2 += (a.partner - .2) * (a.partner - .2) / (a.partner_se * a.partner_se) / REPEATS;
        mean += a.actor / REPEATS;
        rho += a.rho / REPEATS;
    }
    CHECK_CLOSE(z2, 1, 0, .3);
    CHECK_CLOSE(mean, .5, 0, .02);
    CHECK_CLOSE(rho, .3, 0, .03);
    test_cx_free(&t);
}

static void likeness_and_belief(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const double a[8] = {8, 6, 7, 3, 9, 5, 7, 6}, b[8] = {7, 6, 8, 4, 9, 3, 6, 5};
    double both[16];
    for (int i = 0; i < 8; i++) {
        both[2 * i] = a[i];
        both[2 * i + 1] = b[i];
    }
    DyadLikeness l;
    DyadIcc icc;
    assert_ok(&t.cx, dyad_likeness(&t.cx, a, b, 8, &l));
    assert_ok(&t.cx, dyad_icc(&t.cx, both, 8, 2, &icc));
    CHECK_CLOSE(l.icc, icc.one, 1e-12, 0);
    CHECK_CLOSE(l.difference, 3 / 8.0, 1e-12, 0);
    assert_true(l.icc_low < l.icc && l.icc < l.icc_high && l.icc_high < 1);
    assert_true(l.profile > .7 && l.profile_low < l.profile && l.profile < l.profile_high);
    assert_int_equal(dyad_likeness(&t.cx, a, b, 4, &l), ERR_INVALID);
    /* belief made of truth and own view comes apart again */
    double belief[8];
    for (int i = 0; i < 8; i++)
        belief[i] = 6 + .5 + .6 * (b[i] - 6) + .3 * (a[i] - 6);
    DyadBelief k;
    assert_ok(&t.cx, dyad_belief(&t.cx, b, a, belief, 8, &k));
    CHECK_CLOSE(k.knows, .6, 1e-9, 0);
    CHECK_CLOSE(k.projects, .3, 1e-9, 0);
    CHECK_CLOSE(k.bias, .5, 1e-9, 0); /* truth's mean is 6 */
    assert_int_equal(dyad_belief(&t.cx, b, b, belief, 8, &k), ERR_NUMERIC);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_intraclass_correlations),
        cmocka_unit_test(acitelli_couples),
        cmocka_unit_test(influence_is_recovered),
        cmocka_unit_test(likeness_and_belief),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
