/* tests/num/test_recover.c - people with parameters of their own drawn from the prior, lives drawn from those: how well
 * 10, 30 and 100 reports give the parameters and the level back, and how honest the spread said is. For states this is
 * exact up to what is learned; for parameters Laplace is an approximation, so its ranks are reported, and only held
 * to what is near. That it is the approximation which bends them, and no difference between what lives are drawn from and
 * what is fitted, is shown by the same posterior without it: draws weighed by its density, whose ranks are uniform.
 * FONDER_CALIBRATE=1 draws 1,000 people a size, else 16. */
#include "base/rng.h"
#include "num/dist.h"
#include "num/learn.h"
#include "num/step.h"
#include "testlib.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIZES = 3,
    RELATIONS = 3,
    MOST = 200, /* events of one relationship */
    PLACES = 10,
    TOLD = 8,
    WEIGHED = 400,
    DEGREES = 6,
    WEEK = 7
};
static const int size_of[SIZES] = {10, 30, 100};
/* Those that answers and moments can tell of; being apart happens to nobody here. */
static const LearnParam told[TOLD] = {LEARN_LAMBDA, LEARN_Q,    LEARN_LAMBDA_Z, LEARN_SIGMA_Z,
                                      LEARN_ERROR,  LEARN_BETA, LEARN_BETA_M,   LEARN_KAPPA};
static const char *const told_name[TOLD] = {"lambda", "q",    "lambda_z", "sigma_z",
                                            "error",  "beta", "beta_m",   "kappa"};

typedef struct Person {
    RelParams params;
    double u[LEARN_PARAMS];
    RelEvent ev[RELATIONS][MOST];
    LearnHistory h[RELATIONS];
    double level[RELATIONS]; /* emotional, at the end */
} Person;

static void draw12(const double root[], Rng *r, double ret[12])
{
    double z[12];
    for (int i = 0; i < 12; i++)
        z[i] = rng_normal(r);
    mat_vec(12, root, z, ret);
}

typedef struct Life {
    const RelModel *rm;
    const Stepper *step;
    Rng *rng;
    double now, d[12], b[12], z;
    int moments;
    double size_sum;
} Life;

static void begin(Life *l)
{
    const RelParams *p = &l->rm->p;
    double cov[144], root[144];
    l->z = p->sigma_z * rng_normal(l->rng);
    assert_true(mat_cholesky(12, l->rm->settled, root));
    draw12(root, l->rng, l->d);
    for (int i = 0; i < 144; i++)
        cov[i] = l->rm->kind.tau * l->rm->kind.tau * (i % 13 == 0 ? 1 : p->level_corr);
    assert_true(mat_cholesky(12, cov, root));
    draw12(root, l->rng, l->b);
}

static void pass_time(Life *l, double until)
{
    double phi[144], q[144], root[144], moved[12], noise[12], dt = until - l->now;
    l->now = until;
    if (!(dt > 0))
        return;
    assert_true(step_at(l->step, dt, phi, q) && mat_cholesky(12, q, root));
    mat_vec(12, phi, l->d, moved);
    draw12(root, l->rng, noise);
    for (int k = 0; k < 12; k++)
        l->d[k] = moved[k] + noise[k];
    double e = exp(-l->rm->p.lambda_z * dt);
    l->z = e * l->z + l->rm->p.sigma_z * sqrt(1 - e * e) * rng_normal(l->rng);
}

/* Moments come once a week, so that the usual rate is simply the mean size so far. */
static RelEvent moment(Life *l)
{
    const RelParams *p = &l->rm->p;
    RelEvent ev = {.t_days = l->now,
                   .kind = REL_MOMENT,
                   .value = 3 * rng_uniform(l->rng),
                   .fed = (unsigned)rng_below(l->rng, 32)};
    double usual = l->moments > 0 ? l->size_sum / l->moments : 0;
    l->z += p->beta * (ev.value - usual);
    for (int k = 0; k < REL_TYPES; k++)
        if (ev.fed >> k & 1U)
            l->d[k] += p->beta_m * fmax(ev.value - usual, 0) / 10 *
                       (10 - l->rm->kind.mu - l->b[k] - l->d[k]);
    l->size_sum += ev.value;
    l->moments++;
    return ev;
}

static RelEvent answer(Life *l)
{
    const RelParams *p = &l->rm->p;
    int k = rng_below(l->rng, 12);
    double v = l->rm->kind.mu + l->b[k] + l->d[k] + (k < REL_TYPES ? 1 : p->load_factor) * l->z +
               sqrt(p->error) * rng_normal(l->rng);
    return (RelEvent){.t_days = l->now,
                      .kind = REL_READING,
                      .level = (RelLevel)k,
                      .value = fmin(fmax(v, .01), 9.99)};
}

/* One relationship's life, of which so many answers are kept, a third of them within hours of a moment. Spreads are small,
 * so that hardly an answer nears 0 or 10. */
static int live(const RelModel *rm, const Stepper *step, Rng *r, int answers, RelEvent ev[],
                double *ret_level)
{
    Life l = {.rm = rm, .step = step, .rng = r};
    int n = 0;
    begin(&l);
    for (int i = 0; i < answers; i++) {
        double next = (l.moments + 1) * WEEK;
        double t = i % 3 == 0   ? l.now + 30 * rng_uniform(r) * rng_uniform(r)
                   : i % 3 == 1 ? next + .5 * rng_uniform(r)
                                : l.now;
        for (; next <= t; next += WEEK) {
            pass_time(&l, next);
            assert_true(n < MOST);
            ev[n++] = moment(&l);
        }
        pass_time(&l, t);
        assert_true(n < MOST);
        ev[n++] = answer(&l);
    }
    *ret_level = rm->kind.mu + l.b[0] + l.d[0];
    return n;
}

static void person(TestCx *t, const RelParams *start, const RelKind *kind, uint64_t seed, int count,
                   Person *ret)
{
    Rng r = rng_make(seed);
    RelModel rm;
    Stepper step;
    double c[144], drift[144], noise[144];
    for (int k = 0; k < LEARN_SAME; k++) /* shares are of whole answers: test_shares.c */
        ret->u[k] = learn_sd[k] * rng_normal(&r);
    learn_apply(start, ret->u, &ret->params);
    const RelParams *p = &ret->params;
    assert_ok(&t->cx, rel_model_make(&t->cx, p, kind, &rm));
    rel_coupling(c);
    for (int i = 0; i < 144; i++) {
        drift[i] = -p->lambda * ((i % 13 == 0) - p->kappa * c[i]);
        noise[i] = p->q * (i % 13 == 0 ? 1 : p->rho);
    }
    assert_ok(&t->cx, step_make(&t->cx, 12, false, drift, noise, &step));
    for (int k = 0; k < RELATIONS; k++) {
        int own = count / RELATIONS + (k < count % RELATIONS);
        int events = live(&rm, &step, &r, own, ret->ev[k], &ret->level[k]);
        ret->h[k] = (LearnHistory){.kind = *kind, .events = ret->ev[k], .count = events};
    }
}

typedef struct Found {
    int place[TOLD][PLACES], inside[TOLD][3];
    int whole_place[TOLD][PLACES], whole_inside[TOLD][3]; /* of the posterior itself */
    double worth;                      /* how many of the weighed draws count, on average */
    double square[TOLD], spread[TOLD]; /* of what was learned: error and variance */
    int levels_inside[2], levels; /* 80 %, with the parameters learned and with the true ones */
    double level_square[2];
} Found;

static void count_params(const Person *p, const Learned *l, Found *f)
{
    static const double half[3] = {.6744897501960817, 1.2815515655446004, 1.959963984540054};
    for (int k = 0; k < TOLD; k++) {
        double var = l->cov[told[k] * (LEARN_PARAMS + 1)], gap = p->u[told[k]] - l->u[told[k]];
        double z = gap / sqrt(var);
        f->place[k][(int)fmin(PLACES * dist_normal_cdf(z), PLACES - 1)]++;
        for (int b = 0; b < 3; b++)
            f->inside[k][b] += fabs(z) <= half[b];
        f->square[k] += gap * gap;
        f->spread[k] += var;
    }
}

/* The log posterior, as learn_params climbs it. */
static double log_posterior(TestCx *t, const RelModel *made, const RelParams *start,
                            const Person *p, const double u[LEARN_PARAMS])
{
    RelParams params;
    RelModel rm;
    double sum = 0;
    learn_apply(start, u, &params);
    if (params.beta_m > 1) /* six of the prior's standard deviations away, where no model is */
        return -HUGE_VAL;
    assert_ok(&t->cx, rel_model_again(&t->cx, made, &params, &p->h[0].kind, &rm));
    for (int k = 0; k < RELATIONS; k++) {
        RelState s;
        rel_start(&rm, p->h[k].events[0].t_days, &s);
        assert_ok(&t->cx, rel_filter(&t->cx, &rm, p->h[k].events, p->h[k].count, &s));
        sum += rel_loglik(&s);
    }
    for (int k = 0; k < LEARN_PARAMS; k++)
        sum -= .5 * u[k] * u[k] / (learn_sd[k] * learn_sd[k]);
    return sum;
}

/* Draws from Student's t around what Laplace says, weighed by posterior over density: what share lies below the truth. */
static void count_whole(TestCx *t, const RelParams *start, const Person *p, const Learned *l,
                        uint64_t seed, Found *f)
{
    static const double cut[3] = {.25, .1, .025};
    static double u[WEIGHED][LEARN_PARAMS], weight[WEIGHED];
    double root[LEARN_PARAMS * LEARN_PARAMS], top = -HUGE_VAL, sum = 0, square = 0;
    Rng r = rng_make(seed * 77 + 5);
    RelModel made;
    assert_ok(&t->cx, rel_model_make(&t->cx, start, &p->h[0].kind, &made));
    assert_true(mat_cholesky(LEARN_PARAMS, l->cov, root));
    for (int i = 0; i < WEIGHED; i++) {
        double z[LEARN_PARAMS], chi = 0, zz = 0;
        for (int k = 0; k < DEGREES; k++) {
            double n = rng_normal(&r);
            chi += n * n / DEGREES;
        }
        for (int k = 0; k < LEARN_PARAMS; k++) {
            z[k] = rng_normal(&r) / sqrt(chi);
            zz += z[k] * z[k];
        }
        mat_vec(LEARN_PARAMS, root, z, u[i]);
        for (int k = 0; k < LEARN_PARAMS; k++)
            u[i][k] += l->u[k];
        weight[i] = log_posterior(t, &made, start, p, u[i]) +
                    .5 * (DEGREES + LEARN_PARAMS) * log1p(zz / DEGREES);
        top = fmax(top, weight[i]);
    }
    for (int i = 0; i < WEIGHED; i++) {
        weight[i] = exp(weight[i] - top);
        sum += weight[i];
        square += weight[i] * weight[i];
    }
    f->worth += sum * sum / square;
    for (int k = 0; k < TOLD; k++) {
        double below = 0;
        for (int i = 0; i < WEIGHED; i++)
            below += u[i][told[k]] < p->u[told[k]] ? weight[i] / sum : 0;
        f->whole_place[k][(int)fmin(PLACES * below, PLACES - 1)]++;
        for (int b = 0; b < 3; b++)
            f->whole_inside[k][b] += below >= cut[b] && below <= 1 - cut[b];
    }
}

static void count_levels(TestCx *t, const RelParams *params, const Person *p, int which, Found *f)
{
    for (int k = 0; k < RELATIONS; k++) {
        RelModel rm;
        RelState s;
        RelLevels l;
        assert_ok(&t->cx, rel_model_make(&t->cx, params, &p->h[k].kind, &rm));
        rel_start(&rm, 0, &s);
        assert_ok(&t->cx, rel_filter(&t->cx, &rm, p->h[k].events, p->h[k].count, &s));
        rel_levels(&rm, &s, &l);
        double gap = p->level[k] - l.mean[0];
        f->levels_inside[which] += fabs(gap) <= 1.2815515655446004 * sqrt(l.cov[0]);
        f->level_square[which] += gap * gap;
        f->levels += which;
    }
}

static double chi_square(const int place[PLACES], int people)
{
    double chi2 = 0, expect = people / (double)PLACES;
    for (int i = 0; i < PLACES; i++)
        chi2 += (place[i] - expect) * (place[i] - expect) / expect;
    return chi2;
}

static void report_whole(int people, const Found *f)
{
    print_message("#   the posterior itself, %d draws worth %.0f:\n", WEIGHED, f->worth / people);
    for (int k = 0; k < TOLD; k++) {
        double chi2 = chi_square(f->whole_place[k], people);
        print_message("#   %-8s 50, 80, 95 %%: %.3f %.3f %.3f; chi2(9) %.1f; ranks", told_name[k],
                      f->whole_inside[k][0] / (double)people,
                      f->whole_inside[k][1] / (double)people,
                      f->whole_inside[k][2] / (double)people, chi2);
        for (int i = 0; i < PLACES; i++)
            print_message(" %d", f->whole_place[k][i]);
        print_message("\n");
        assert_true(chi2 < 27.9); /* one in a thousand */
    }
}

static void report(int count, int people, const Found *f)
{
    print_message("# %d reports, %d people: level within 80 %% band %.3f (true parameters %.3f), "
                  "rmse %.3f (%.3f)\n",
                  count, people, f->levels_inside[0] / (double)f->levels,
                  f->levels_inside[1] / (double)f->levels, sqrt(f->level_square[0] / f->levels),
                  sqrt(f->level_square[1] / f->levels));
    for (int k = 0; k < TOLD; k++) {
        double chi2 = chi_square(f->place[k], people);
        print_message(
            "#   %-8s error %.3f, said %.3f of .5; 50, 80, 95 %%: %.3f %.3f %.3f; chi2(9) "
            "%.1f; ranks",
            told_name[k], sqrt(f->square[k] / people), sqrt(f->spread[k] / people),
            f->inside[k][0] / (double)people, f->inside[k][1] / (double)people,
            f->inside[k][2] / (double)people, chi2);
        for (int i = 0; i < PLACES; i++)
            print_message(" %d", f->place[k][i]);
        print_message("\n");
    }
}

static void more_reports_tell_more(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const int people = calibrating() ? 1000 : 16;
    const RelKind kind = {.mu = 5, .tau = .4, .apart_phi = .3, .apart_half_life = 270};
    RelParams start = rel_params_default();
    static Person p;
    static Found found[SIZES];
    start.q *= .1;
    start.sigma_z = .5;
    start.error = .3;
    for (int s = 0; s < SIZES; s++) {
        Found *f = &found[s];
        for (int n = 0; n < people; n++) {
            Learned l;
            RelParams own;
            person(&t, &start, &kind, (uint64_t)n * SIZES + s + 1, size_of[s], &p);
            assert_ok(&t.cx, learn_params(&t.cx, &start, p.h, RELATIONS, &l));
            assert_true(l.own == (size_of[s] >= LEARN_READINGS));
            learn_apply(&start, l.u, &own);
            count_params(&p, &l, f);
            if (people > PLACES * PLACES && l.own)
                count_whole(&t, &start, &p, &l, (uint64_t)n, f);
            count_levels(&t, &own, &p, 0, f);
            count_levels(&t, &p.params, &p, 1, f);
            arena_reset(&t.arena);
        }
        report(size_of[s], people, f);
        if (f->worth > 0)
            report_whole(people, f);
        double sd = sqrt(.8 * .2 / f->levels);
        CHECK_CLOSE(f->levels_inside[1] / (double)f->levels, .8, 0, 4 * sd);
        CHECK_CLOSE(f->levels_inside[0] / (double)f->levels, .8, 0, .06 + 4 * sd);
        for (int k = 0; k < TOLD; k++)
            CHECK_CLOSE(f->inside[k][1] / (double)people, .8, 0, .06 + 4 * sqrt(.16 / people));
    }
    /* what they tell of best is learned, and better from more */
    assert_true(found[2].square[4] < found[1].square[4] && found[1].square[4] < found[0].square[4]);
    assert_true(found[2].square[3] < found[0].square[3]);
    assert_true(found[2].square[5] < found[0].square[5]);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(more_reports_tell_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
