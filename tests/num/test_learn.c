/* tests/num/test_learn.c - a person's own parameters, from histories drawn with other ones. */
#include "num/dense.h"
#include "num/learn.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

static const RelKind kinds[2] = {
    {.mu = 6.5, .tau = 1.5, .apart_phi = .3, .apart_half_life = 540},
    {.mu = 5.5, .tau = 2,   .apart_phi = .3, .apart_half_life = 270}
};

enum { PER = 60, RELATIONSHIPS = 6 };

/* Answers drawn one after the other from the model's own predictions. */
static void draw_history(TestCx *t, const RelParams *p, const RelKind *kind, Rng *r,
                         RelEvent ev[PER])
{
    RelModel rm;
    RelState s;
    assert_ok(&t->cx, rel_model_make(&t->cx, p, kind, &rm));
    rel_start(&rm, 0, &s);
    double now = 0;
    for (int i = 0; i < PER; i++) {
        double mean, var;
        now += i % 3 ? 0 : 1 + 10 * rng_uniform(r);
        ev[i] = (RelEvent){.t_days = now, .kind = REL_READING, .level = (RelLevel)rng_below(r, 12)};
        rel_predict(&rm, &s, &ev[i], &mean, &var);
        ev[i].value = fmin(fmax(mean + sqrt(var) * rng_normal(r), .6), 9.4);
        assert_ok(&t->cx, rel_filter(&t->cx, &rm, &ev[i], 1, &s));
    }
}

static void own_parameters_are_found(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelParams start = rel_params_default(), truth = start;
    truth.error *= .4; /* a person who answers steadily, on even days */
    truth.error_known *= .4;
    truth.sigma_z *= .5;
    static RelEvent ev[RELATIONSHIPS][PER];
    LearnHistory h[RELATIONSHIPS];
    Rng r = {20260501};
    for (int i = 0; i < RELATIONSHIPS; i++) {
        draw_history(&t, &truth, &kinds[i % 2], &r, ev[i]);
        h[i] = (LearnHistory){.kind = kinds[i % 2], .events = ev[i], .count = PER};
    }
    Learned got, prior;
    assert_ok(&t.cx, learn_params(&t.cx, &start, h, RELATIONSHIPS, &got));
    assert_true(got.own);
    assert_int_equal(got.readings, RELATIONSHIPS * PER);
    double sd = sqrt(got.cov[LEARN_ERROR * (LEARN_PARAMS + 1)]);
    assert_true(sd < .2);
    CHECK_CLOSE(got.u[LEARN_ERROR], log(.4), 0, 3 * sd);
    assert_true(got.u[LEARN_SIGMA_Z] < -.2);
    /* What the data cannot tell keeps its prior: nobody was apart. */
    CHECK_CLOSE(got.u[LEARN_DELTA], 0, 0, 1e-6);
    CHECK_CLOSE(got.cov[LEARN_DELTA * (LEARN_PARAMS + 1)], .49, 1e-3, 0);
    assert_ok(&t.cx, learn_params(&t.cx, &start, h, 0, &prior));
    assert_false(prior.own);
    /* Few answers keep the prior. */
    h[0].count = 11;
    assert_ok(&t.cx, learn_params(&t.cx, &start, h, 1, &prior));
    assert_false(prior.own);
    CHECK_CLOSE(prior.u[LEARN_ERROR], 0, 0, 0);
    h[0].count = PER;
    /* Fresh answers are predicted better with what was learned. */
    RelParams own;
    learn_apply(&start, got.u, &own);
    RelEvent fresh[PER];
    draw_history(&t, &truth, &kinds[0], &r, fresh);
    double loglik[2];
    for (int k = 0; k < 2; k++) {
        RelModel rm;
        RelState s;
        assert_ok(&t.cx, rel_model_make(&t.cx, k ? &own : &start, &kinds[0], &rm));
        rel_start(&rm, 0, &s);
        assert_ok(&t.cx, rel_filter(&t.cx, &rm, fresh, PER, &s));
        loglik[k] = rel_loglik(&s);
    }
    assert_true(loglik[1] > loglik[0] + 2);
    /* Draws have the posterior's mean and spread. */
    double mean = 0, square = 0;
    for (int i = 0; i < 4000; i++) {
        double z[LEARN_PARAMS], u[LEARN_PARAMS];
        for (int k = 0; k < LEARN_PARAMS; k++)
            z[k] = rng_normal(&r);
        learn_draw(&got, z, u);
        mean += u[LEARN_ERROR] / 4000;
        square +=
            (u[LEARN_ERROR] - got.u[LEARN_ERROR]) * (u[LEARN_ERROR] - got.u[LEARN_ERROR]) / 4000;
    }
    CHECK_CLOSE(mean, got.u[LEARN_ERROR], 0, 5 * sd / sqrt(4000));
    CHECK_CLOSE(sqrt(square), sd, .1, 0);
    test_cx_free(&t);
}

/* Each reading's offset moves the likelihood by its slope, at the ends of the scale too. */
static void offsets_have_slopes(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelParams p = rel_params_default();
    RelModel rm;
    RelRoom *room;
    RelEvent ev[PER];
    RelState start, s;
    double slope[PER], loglik;
    Rng r = {3};
    draw_history(&t, &p, &kinds[0], &r, ev);
    ev[20] = (RelEvent){.t_days = ev[19].t_days, .kind = REL_MOMENT, .value = 2, .fed = 5};
    ev[40] = (RelEvent){.t_days = ev[39].t_days, .kind = REL_APART};
    ev[41] = (RelEvent){.t_days = ev[42].t_days, .kind = REL_TOGETHER};
    ev[10].value = 10;
    ev[31].value = 0;
    assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kinds[0], &rm));
    rel_start(&rm, ev[0].t_days, &start);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, PER, &room));
    assert_ok(&t.cx, rel_offset_slopes(&t.cx, room, &rm, ev, PER, &loglik, slope));
    for (int k = 0; k < PER; k++) {
        double at[3];
        if (ev[k].kind != REL_READING) {
            CHECK_CLOSE(slope[k], 0, 0, 0);
            continue;
        }
        for (int i = 0; i < 3; i++) {
            ev[k].offset = (i - 1) * 1e-3;
            s = start;
            assert_ok(&t.cx, rel_filter(&t.cx, &rm, ev, PER, &s));
            at[i] = rel_loglik(&s);
        }
        ev[k].offset = 0;
        CHECK_CLOSE(at[1], loglik, 1e-12, 0);
        CHECK_CLOSE(slope[k], (at[2] - at[0]) / 2e-3, 1e-6, 1e-7);
    }
    test_cx_free(&t);
}

/* The log posterior over five questions' offsets, by the filter alone. */
static double offsets_posterior(TestCx *t, const RelModel *rm, const RelEvent ev[], const int q[],
                                const double o[5])
{
    RelEvent moved[PER];
    RelState s;
    double sum = 0;
    for (int k = 0; k < PER; k++) {
        moved[k] = ev[k];
        moved[k].offset = o[q[k]];
        moved[k].error = rm->p.error_known;
    }
    for (int i = 0; i < 5; i++)
        sum -= o[i] * o[i] / (2 * LEARN_OFFSET_SD * LEARN_OFFSET_SD);
    rel_start(rm, ev[0].t_days, &s);
    assert_ok(&t->cx, rel_filter(&t->cx, rm, moved, PER, &s));
    return sum + rel_loglik(&s);
}

/* All five jointly: no way leads up from them, and their variances are those of the whole curvature; with one answer in
 * seven at an end of the scale, nearly. */
static void offsets_are_the_joint_posterior(void **state)
{
    (void)state;
    enum { Q = 5 };
    TestCx t;
    test_cx_init(&t);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        Rng r = {seed * 97};
        const RelParams p = rel_params_default();
        RelModel rm;
        RelEvent ev[PER];
        int asked[PER];
        const int *const question[1] = {asked};
        double mean[Q], var[Q], precision[Q * Q], root[Q * Q], cov[Q * Q];
        const double h = 2e-3;
        draw_history(&t, &p, &kinds[0], &r, ev);
        for (int k = 0; k < PER; k++) {
            asked[k] = (int)ev[k].level % Q;
            if (seed % 2 == 0 && k % 7 == 0)
                ev[k].value = 10;
        }
        const LearnHistory one = {.kind = kinds[0], .events = ev, .count = PER};
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kinds[0], &rm));
        assert_ok(&t.cx, learn_offsets(&t.cx, &p, &one, question, 1, Q, mean, var));
        for (int i = 0; i < Q; i++)
            for (int j = 0; j < Q; j++) {
                double at[4];
                for (int c = 0; c < 4; c++) {
                    double o[Q];
                    memcpy(o, mean, sizeof o);
                    o[i] += c & 1 ? h : -h;
                    o[j] += c & 2 ? h : -h;
                    at[c] = offsets_posterior(&t, &rm, ev, asked, o);
                }
                precision[i * Q + j] = -(at[3] - at[2] - at[1] + at[0]) / (4 * h * h);
                if (i == j)
                    CHECK_CLOSE(at[3], at[0], 0, 1e-8);
            }
        assert_true(mat_cholesky(Q, precision, root));
        mat_cholesky_inverse(Q, root, cov);
        for (int i = 0; i < Q; i++)
            CHECK_CLOSE(var[i], cov[i * (Q + 1)], seed % 2 ? 1e-4 : .06, 0);
    }
    test_cx_free(&t);
}

static void questions_have_their_offsets(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    enum { QUESTIONS = 36 };
    static RelEvent ev[RELATIONSHIPS][PER];
    static int asked[RELATIONSHIPS][PER];
    const int *question[RELATIONSHIPS];
    LearnHistory h[RELATIONSHIPS];
    double before = 0, after = 0, z2 = 0;
    int seen = 0;
    for (uint64_t seed = 1; seed <= (calibrating() ? 200 : 20); seed++) {
        Rng r = {seed * 0x9E3779B97F4A7C15ULL};
        RelParams p = rel_params_default();
        double truth[QUESTIONS], mean[QUESTIONS], var[QUESTIONS];
        for (int q = 0; q < QUESTIONS; q++)
            truth[q] = LEARN_OFFSET_SD * rng_normal(&r);
        RelParams clean = p;
        clean.error = p.error_known;
        for (int i = 0; i < RELATIONSHIPS; i++) {
            draw_history(&t, &clean, &kinds[i % 2], &r, ev[i]);
            for (int k = 0; k < PER; k++) { /* three questions a level */
                asked[i][k] = (int)ev[i][k].level * 3 + rng_below(&r, 3);
                ev[i][k].value = fmin(fmax(ev[i][k].value + truth[asked[i][k]], .6), 9.4);
            }
            question[i] = asked[i];
            h[i] = (LearnHistory){.kind = kinds[i % 2], .events = ev[i], .count = PER};
        }
        assert_ok(&t.cx,
                  learn_offsets(&t.cx, &p, h, question, RELATIONSHIPS, QUESTIONS, mean, var));
        for (int q = 0; q < QUESTIONS; q++) {
            before += truth[q] * truth[q];
            after += (truth[q] - mean[q]) * (truth[q] - mean[q]);
            z2 += (truth[q] - mean[q]) * (truth[q] - mean[q]) / var[q];
            seen++;
        }
        arena_reset(&t.arena);
    }
    assert_true(after < .6 * before);
    print_message("# offsets: %.2f of their variance is left, z^2 %.2f\n", after / before,
                  z2 / seen);
    /* offsets of one level go up and down together, so some 6 of 36 are a draw of their own */
    CHECK_CLOSE(z2 / seen, 1, 0, 4 * sqrt(2 * 6. / seen));
    test_cx_free(&t);
}

static void means_are_shrunk(void **state)
{
    (void)state;
    const double estimate[2] = {8, 7}, var[2] = {.5, .5};
    double mean, v;
    learn_shrink(5.5, 1, .5, estimate, var, 2, &mean, &v);
    CHECK_CLOSE(mean, (5.5 + 8 + 7) / 3, 1e-14, 0);
    CHECK_CLOSE(v, 1 / 3.0, 1e-14, 0);
    learn_shrink(5.5, 1, .5, estimate, var, 0, &mean, &v);
    CHECK_CLOSE(mean, 5.5, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_parameters_are_found),
        cmocka_unit_test(offsets_have_slopes),
        cmocka_unit_test(offsets_are_the_joint_posterior),
        cmocka_unit_test(questions_have_their_offsets),
        cmocka_unit_test(means_are_shrunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
