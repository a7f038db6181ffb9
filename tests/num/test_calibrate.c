/* tests/num/test_calibrate.c - simulation-based calibration (Talts et al. 2018): truth drawn from the prior, answers
 * from the truth, and the truth's place in the posterior must be uniform; the squared errors of the levels (NEES) and of
 * what was foretold of each answer (NIS), in their own standard deviations, within chi-square; the likelihood's slope by each
 * number of the model, at the true numbers, 0 on average, which tells soonest that one is a tenth too large. What truth is drawn from comes
 * from num/step.h alone, so that noise or error a tenth too large or small in the model is seen. FONDER_CALIBRATE=1 draws
 * 40,000 lives, else 4,000. */
#include "num/dense.h"
#include "num/dist.h"
#include "num/relation.h"
#include "num/step.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

enum { READINGS = 14, BINS = 20, NUMBERS = 7 };
static const char *const numbers[NUMBERS] = {"lambda",  "kappa", "q",  "lambda_z",
                                             "sigma_z", "error", "tau"};

static int draws(void)
{
    return calibrating() ? 40000 : 4000;
}

typedef struct World {
    RelModel rm;
    Stepper step;
    double p_root[144], b_root[144], b_cov[144];
} World;

static void world_make(TestCx *t, const RelParams *p, const RelKind *kind, World *w)
{
    double drift[144], noise[144], c[144], rest[144];
    assert_ok(&t->cx, rel_model_make(&t->cx, p, kind, &w->rm));
    rel_coupling(c);
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 12; j++) {
            drift[i * 12 + j] = -p->lambda * ((i == j) - p->kappa * c[i * 12 + j]);
            noise[i * 12 + j] = p->q * (i == j ? 1 : p->rho);
            w->b_cov[i * 12 + j] = kind->tau * kind->tau * (i == j ? 1 : p->level_corr);
        }
    assert_ok(&t->cx, step_make(&t->cx, 12, false, drift, noise, &w->step));
    assert_ok(&t->cx, step_stationary(&t->cx, &w->step, rest));
    assert_true(mat_cholesky(12, rest, w->p_root));
    assert_true(mat_cholesky(12, w->b_cov, w->b_root));
}

static void draw(const double root[], Rng *r, double ret[12])
{
    double z[12];
    for (int i = 0; i < 12; i++)
        z[i] = rng_normal(r);
    mat_vec(12, root, z, ret);
}

typedef struct Truth {
    double d[12], b[12], z, middle[12]; /* middle: m half way */
} Truth;

/* One life: the truth at the end, and what was answered. whole: in whole steps, cut at 0 and 10. */
static int live(const World *w, bool whole, Rng *r, RelEvent ev[READINGS], double *ret_middle_t,
                Truth *ret)
{
    const RelParams *p = &w->rm.p;
    double now = 0, phi[144], q[144], root[144], noise[12], d[12];
    draw(w->p_root, r, ret->d);
    draw(w->b_root, r, ret->b);
    ret->z = p->sigma_z * rng_normal(r);
    for (int i = 0; i < READINGS; i++) {
        double u = rng_uniform(r), dt = i % 4 == 3 ? 0 : i % 4 == 1 ? 2 * u : 60 * u * u;
        now += dt;
        if (dt > 0) {
            assert_true(step_at(&w->step, dt, phi, q));
            assert_true(mat_cholesky(12, q, root));
            mat_vec(12, phi, ret->d, d);
            draw(root, r, noise);
            for (int k = 0; k < 12; k++)
                ret->d[k] = d[k] + noise[k];
            double e = exp(-p->lambda_z * dt);
            ret->z = e * ret->z + p->sigma_z * sqrt(1 - e * e) * rng_normal(r);
        }
        int k = rng_below(r, 12);
        double value = w->rm.kind.mu + ret->b[k] + ret->d[k] +
                       (k < REL_TYPES ? 1 : p->load_factor) * ret->z +
                       sqrt(p->error) * rng_normal(r);
        value = whole ? fmin(fmax(floor(value + .5), 0), 10) : fmin(fmax(value, .01), 9.99);
        ev[i] =
            (RelEvent){.t_days = now, .kind = REL_READING, .level = (RelLevel)k, .value = value};
        if (i == READINGS / 2) {
            *ret_middle_t = now;
            for (int j = 0; j < 12; j++)
                ret->middle[j] = w->rm.kind.mu + ret->b[j] + ret->d[j];
        }
    }
    return READINGS;
}

typedef struct Tally {
    int bins[3][BINS]; /* emotional and trust at the end, safety half way */
    double nees, nis;  /* means; of 12 and of 1 */
    double slope[NUMBERS], square[NUMBERS];
    int inside[2], asked; /* 80 % band of every level at the end, and half way */
} Tally;

static void count_place(const RelLevels *l, int k, double truth, int bins[BINS])
{
    double u = dist_normal_cdf((truth - l->mean[k]) / sqrt(l->cov[k * 13]));
    bins[(int)fmin(u * BINS, BINS - 1)]++;
}

/* The mean of what each answer lies from what was foretold of it, squared, in its variances. */
static double innovations(TestCx *t, const World *w, const RelEvent ev[], int count)
{
    RelState s;
    double sum = 0;
    rel_start(&w->rm, ev[0].t_days, &s);
    for (int i = 0; i < count; i++) {
        double mean, var;
        assert_ok(&t->cx, rel_forecast(&t->cx, &w->rm, &s, ev[i].t_days, &s));
        rel_predict(&w->rm, &s, &ev[i], &mean, &var);
        sum += (ev[i].value - mean) * (ev[i].value - mean) / var / count;
        assert_ok(&t->cx, rel_filter(&t->cx, &w->rm, &ev[i], 1, &s));
    }
    return sum;
}

static void count_slopes(TestCx *t, const World *w, RelRoom *room, const RelEvent ev[], int count,
                         Tally *io)
{
    RelSlopes s;
    double loglik;
    assert_ok(&t->cx, rel_slopes(&t->cx, room, &w->rm, ev, count, NULL, &loglik, &s));
    const double by[NUMBERS] = {s.lambda, s.kappa, s.q, s.lambda_z, s.sigma_z, s.error, s.tau};
    for (int k = 0; k < NUMBERS; k++) {
        io->slope[k] += by[k];
        io->square[k] += by[k] * by[k];
    }
}

static void run(TestCx *t, const World *w, bool whole, Tally *tally)
{
    const int lives = draws();
    AUTO_ARENA Arena keep;
    arena_init(&keep, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &keep};
    RelRoom *room;
    assert_ok(&cx, rel_slopes_room(&cx, READINGS, &room));
    *tally = (Tally){.nees = 0};
    for (int n = 0; n < lives; n++) {
        Rng r = rng_make((uint64_t)n);
        RelEvent ev[READINGS];
        Truth truth;
        RelState start;
        RelLevels l[2];
        double times[2], gap[12], l12[144], solved[12];
        int count = live(w, whole, &r, ev, &times[0], &truth);
        times[1] = ev[count - 1].t_days;
        rel_start(&w->rm, 0, &start);
        assert_ok(&t->cx,
                  rel_smooth(&t->cx, &w->rm, &start, ev, count, times, 2, REL_COVARIANCES, l));
        for (int k = 0; k < 12; k++) {
            double m = w->rm.kind.mu + truth.b[k] + truth.d[k];
            gap[k] = m - l[1].mean[k];
            tally->inside[0] += fabs(gap[k]) <= 1.2815515655446004 * sqrt(l[1].cov[k * 13]);
            tally->inside[1] +=
                fabs(truth.middle[k] - l[0].mean[k]) <= 1.2815515655446004 * sqrt(l[0].cov[k * 13]);
            tally->asked++;
        }
        assert_true(mat_cholesky(12, l[1].cov, l12));
        mat_cholesky_solve(12, l12, gap, solved);
        tally->nees += mat_dot(12, gap, solved) / lives;
        tally->nis += innovations(t, w, ev, count) / lives;
        count_slopes(t, w, room, ev, count, tally);
        count_place(&l[1], REL_EMOTIONAL, gap[REL_EMOTIONAL] + l[1].mean[REL_EMOTIONAL],
                    tally->bins[0]);
        count_place(&l[1], REL_TRUST, gap[REL_TRUST] + l[1].mean[REL_TRUST], tally->bins[1]);
        count_place(&l[0], REL_SAFETY, truth.middle[REL_SAFETY], tally->bins[2]);
        arena_reset(&t->arena);
    }
}

static void places_are_uniform(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    /* Small spreads, so that no answer comes near the ends of the scale. */
    RelParams p = rel_params_default();
    RelKind kind = {.mu = 5, .tau = .3, .apart_phi = .3, .apart_half_life = 270};
    p.q *= .4;
    p.sigma_z = .5;
    p.error = .6;
    static World w;
    static Tally tally;
    world_make(&t, &p, &kind, &w);
    Arena keep = t.arena; /* the step's own memory outlives the runs */
    arena_init(&t.arena, ARENA_LIMIT_DEFAULT);
    run(&t, &w, false, &tally);
    for (int which = 0; which < 3; which++) {
        double chi2 = 0, expect = draws() / (double)BINS;
        for (int i = 0; i < BINS; i++)
            chi2 += (tally.bins[which][i] - expect) * (tally.bins[which][i] - expect) / expect;
        assert_true(chi2 < 43.8); /* 19 degrees of freedom: one in a thousand */
    }
    print_message("# NEES %.3f of 12, NIS %.4f of 1; 80 %% bands hold %.3f, %.3f\n", tally.nees,
                  tally.nis, tally.inside[0] / (double)tally.asked,
                  tally.inside[1] / (double)tally.asked);
    for (int k = 0; k < NUMBERS; k++) {
        double z = tally.slope[k] / sqrt(tally.square[k]);
        print_message("# slope by %s at the truth: %.2f standard errors\n", numbers[k], z);
        assert_true(fabs(z) < 4);
    }
    /* chi-square of 12 a life, and of one an answer */
    CHECK_CLOSE(tally.nees, 12, 0, 4 * sqrt(24. / draws()));
    CHECK_CLOSE(tally.nis, 1, 0, 4 * sqrt(2. / draws() / READINGS));
    CHECK_CLOSE(tally.inside[0] / (double)tally.asked, .8, 0, .01);
    CHECK_CLOSE(tally.inside[1] / (double)tally.asked, .8, 0, .01);
    arena_free(&t.arena);
    t.arena = keep;
    test_cx_free(&t);
}

/* Real answers are whole and end at 0 and 10: bands must still hold what they claim. */
static void bands_hold_with_whole_answers(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    RelParams p = rel_params_default();
    static World w;
    static Tally tally;
    const double mus[2] = {5.5, 7.5};
    for (int i = 0; i < 2; i++) {
        RelKind kind = {.mu = mus[i], .tau = 1.5, .apart_phi = .3, .apart_half_life = 270};
        world_make(&t, &p, &kind, &w);
        Arena keep = t.arena;
        arena_init(&t.arena, ARENA_LIMIT_DEFAULT);
        run(&t, &w, true, &tally);
        print_message("# mu %.1f: 80 %% bands hold %.3f now, %.3f half way; NEES %.2f of 12\n",
                      mus[i], tally.inside[0] / (double)tally.asked,
                      tally.inside[1] / (double)tally.asked, tally.nees);
        assert_true(tally.inside[0] / (double)tally.asked > .78);
        assert_true(tally.inside[1] / (double)tally.asked > .78);
        CHECK_CLOSE(tally.nees, 12, 0, .8);
        arena_free(&t.arena);
        t.arena = keep;
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_uniform),
        cmocka_unit_test(bands_hold_with_whole_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
