/* tests/num/test_shares.c - people who say their last answer again and surprise now and then, with shares and numbers drawn from
 * the prior: what 30 and 100 whole answers give back when shares and numbers are learned together, as one objective, and when
 * the numbers are learned first, as if every answer were a plain one. Judged by the true levels, by answers that come
 * after, and by the shares themselves. FONDER_CALIBRATE=1 draws 400 people a size, else 40. */
#include "base/rng.h"
#include "num/climb.h"
#include "num/learn.h"
#include "num/step.h"
#include "testlib.h"
#include <math.h>
#include <string.h>

enum {
    SIZES = 2,
    RELATIONS = 3,
    MOST = 40,
    FRESH = 20,
    EVENTS = MOST + FRESH,
    LEVELS = REL_LEVELS
};
static const int size_of[SIZES] = {30, 100};
static const RelKind kind = {.mu = 5.5, .tau = 1.5, .apart_phi = .3, .apart_half_life = 270};

typedef struct Person {
    double u[LEARN_PARAMS];
    RelParams params;
    RelEvent ev[RELATIONS][EVENTS]; /* FRESH of them come after */
    double last[RELATIONS][EVENTS], level[RELATIONS][LEVELS];
    LearnHistory h[RELATIONS];
} Person;

static void draw(const double root[], Rng *r, double ret[LEVELS])
{
    double z[LEVELS];
    for (int i = 0; i < LEVELS; i++)
        z[i] = rng_normal(r);
    mat_vec(LEVELS, root, z, ret);
}

/* A whole answer to what the level is today; of surprises the error is the wider, and its variance over all is params.error. */
static double whole_answer(const RelParams *p, const AnswerShares *s, double mean, Rng *r)
{
    double plain = p->error / (1 + s->tail * (s->wide * s->wide - 1));
    double sd = sqrt(plain) * (rng_uniform(r) < s->tail ? s->wide : 1);
    return fmin(fmax(floor(mean + sd * rng_normal(r) + .5), 0), 10);
}

static void live(const RelModel *rm, const Stepper *step, const AnswerShares *s, Rng *r, int count,
                 Person *p, int which)
{
    double root[LEVELS * LEVELS], phi[LEVELS * LEVELS], q[LEVELS * LEVELS], cov[LEVELS * LEVELS];
    double d[LEVELS], b[LEVELS], noise[LEVELS], moved[LEVELS], said[LEVELS];
    double now = 0, z = rm->p.sigma_z * rng_normal(r);
    assert_true(mat_cholesky(LEVELS, rm->settled, root));
    draw(root, r, d);
    for (int i = 0; i < LEVELS * LEVELS; i++)
        cov[i] = rm->kind.tau * rm->kind.tau * (i % (LEVELS + 1) == 0 ? 1 : rm->p.level_corr);
    assert_true(mat_cholesky(LEVELS, cov, root));
    draw(root, r, b);
    for (int k = 0; k < LEVELS; k++)
        said[k] = (double)NAN;
    for (int i = 0; i < count + FRESH; i++) {
        double dt = i % 3 == 2 ? 0 : 30 * rng_uniform(r) * rng_uniform(r);
        now += dt;
        if (dt > 0) {
            double e = exp(-rm->p.lambda_z * dt);
            assert_true(step_at(step, dt, phi, q) && mat_cholesky(LEVELS, q, root));
            mat_vec(LEVELS, phi, d, moved);
            draw(root, r, noise);
            for (int k = 0; k < LEVELS; k++)
                d[k] = moved[k] + noise[k];
            z = e * z + rm->p.sigma_z * sqrt(1 - e * e) * rng_normal(r);
        }
        int k = rng_below(r, LEVELS);
        double load = k < REL_TYPES ? 1 : rm->p.load_factor;
        double value = whole_answer(&rm->p, s, rm->kind.mu + b[k] + d[k] + load * z, r);
        p->last[which][i] = said[k];
        if (!isnan(said[k]) && rng_uniform(r) < s->same)
            value = said[k];
        said[k] = value;
        p->ev[which][i] =
            (RelEvent){.t_days = now, .kind = REL_READING, .level = (RelLevel)k, .value = value};
        for (int j = 0; j < LEVELS && i == count - 1; j++)
            p->level[which][j] = rm->kind.mu + b[j] + d[j];
    }
    p->h[which] = (LearnHistory){kind, p->ev[which], count, p->last[which]};
}

static void person(TestCx *t, const RelParams *start, uint64_t seed, int count, Person *ret)
{
    Rng r = rng_make(seed);
    RelModel rm;
    Stepper step;
    double c[LEVELS * LEVELS], drift[LEVELS * LEVELS], noise[LEVELS * LEVELS];
    for (int k = 0; k < LEARN_PARAMS; k++)
        ret->u[k] = learn_sd[k] * rng_normal(&r);
    const AnswerShares shares = learn_shares(ret->u);
    learn_apply(start, ret->u, &ret->params);
    assert_ok(&t->cx, rel_model_make(&t->cx, &ret->params, &kind, &rm));
    rel_coupling(c);
    for (int i = 0; i < LEVELS * LEVELS; i++) {
        bool own = i % (LEVELS + 1) == 0;
        drift[i] = -rm.p.lambda * (own - rm.p.kappa * c[i]);
        noise[i] = rm.p.q * (own ? 1 : rm.p.rho);
    }
    assert_ok(&t->cx, step_make(&t->cx, LEVELS, false, drift, noise, &step));
    for (int k = 0; k < RELATIONS; k++)
        live(&rm, &step, &shares, &r, count / RELATIONS + (k < count % RELATIONS), ret, k);
}

/* -- numbers first ------------------------------------------------------------------------------------- */

typedef struct Second {
    TestCx *t;
    const RelModel *rm;
    const Person *p;
    RelRoom *room;
    const double *u;
} Second;

/* The shares' log posterior with the numbers as they are. */
static bool shares_alone(void *context, const double at[], double *ret_value, double ret_g[])
{
    const Second *s = context;
    double u[LEARN_PARAMS];
    memcpy(u, s->u, sizeof u);
    *ret_value = 0;
    for (int i = 0; i < 2; i++) {
        double sd = learn_sd[LEARN_SAME + i];
        u[LEARN_SAME + i] = at[i];
        *ret_value -= at[i] * at[i] / (2 * sd * sd);
        ret_g[i] = -at[i] / (sd * sd);
    }
    for (int k = 0; k < RELATIONS; k++) {
        const LearnHistory *h = &s->p->h[k];
        const RelMix mix = {learn_shares(u), s->p->last[k]};
        RelSlopes slopes;
        double mass;
        assert_ok(&s->t->cx,
                  rel_slopes(&s->t->cx, s->room, s->rm, h->events, h->count, &mix, &mass, &slopes));
        *ret_value += mass;
        ret_g[0] += slopes.same;
        ret_g[1] += slopes.tail;
    }
    return true;
}

static void numbers_first(TestCx *t, const RelParams *start, Person *p, Learned *ret)
{
    RelParams params;
    RelModel rm;
    Climb *top = arena_new(t->cx.arena, Climb, 1);
    Second s = {.t = t, .rm = &rm, .p = p, .u = ret->u};
    const double from[2] = {0, 0};
    for (int k = 0; k < RELATIONS; k++)
        p->h[k].last = NULL;
    assert_ok(&t->cx, learn_params(&t->cx, start, p->h, RELATIONS, ret));
    for (int k = 0; k < RELATIONS; k++)
        p->h[k].last = p->last[k];
    CHECK_CLOSE(ret->u[LEARN_SAME], 0, 0, 0); /* nothing was said of them */
    learn_apply(start, ret->u, &params);
    assert_ok(&t->cx, rel_model_make(&t->cx, &params, &kind, &rm));
    assert_ok(&t->cx, rel_slopes_room(&t->cx, MOST, &s.room));
    assert_ok(&t->cx, climb(&t->cx, 2, shares_alone, NULL, &s, from, 1e-4, top));
    for (int i = 0; i < 2; i++) {
        ret->u[LEARN_SAME + i] = top->u[i];
        ret->cov[(LEARN_SAME + i) * (LEARN_PARAMS + 1)] = top->cov[i * 3];
    }
}

/* -- judged ---------------------------------------------------------------------------------------------- */

typedef struct Tally {
    int people, levels, inside, shares[2], error;
    double square, score;
} Tally;

static void judge(TestCx *t, const RelParams *start, const Person *p, const Learned *l, Tally *io)
{
    const Scale scale = {0, 10, 1};
    const AnswerShares shares = learn_shares(l->u);
    RelParams params;
    RelModel rm;
    learn_apply(start, l->u, &params);
    assert_ok(&t->cx, rel_model_make(&t->cx, &params, &kind, &rm));
    for (int k = 0; k < RELATIONS; k++) {
        RelState s;
        RelLevels levels;
        const ptrdiff_t count = p->h[k].count;
        rel_start(&rm, 0, &s);
        assert_ok(&t->cx, rel_filter(&t->cx, &rm, p->ev[k], count, &s));
        rel_levels(&rm, &s, &levels);
        for (int j = 0; j < LEVELS; j++) {
            double gap = p->level[k][j] - levels.mean[j];
            io->inside += fabs(gap) <= 1.2815515655446004 * sqrt(levels.cov[j * (LEVELS + 1)]);
            io->square += gap * gap;
            io->levels++;
        }
        for (ptrdiff_t i = count; i < count + FRESH; i++) {
            Foretold f = {.error = params.error};
            ScoreMass m;
            assert_ok(&t->cx, rel_forecast(&t->cx, &rm, &s, p->ev[k][i].t_days, &s));
            rel_predict(&rm, &s, &p->ev[k][i], &f.mean, &f.var);
            score_shared_mass(&scale, &f, &shares, p->last[k][i], p->ev[k][i].value, &m);
            io->score += m.log / (RELATIONS * FRESH);
            assert_ok(&t->cx, rel_filter(&t->cx, &rm, &p->ev[k][i], 1, &s));
        }
    }
    const int told[3] = {LEARN_SAME, LEARN_TAIL, LEARN_ERROR};
    for (int i = 0; i < 3; i++) {
        double gap = p->u[told[i]] - l->u[told[i]];
        double sd = sqrt(l->cov[told[i] * (LEARN_PARAMS + 1)]);
        *(i < 2 ? &io->shares[i] : &io->error) += fabs(gap) <= 1.2815515655446004 * sd;
    }
    io->people++;
}

static void report(const char *what, int count, const Tally *c)
{
    double n = c->people;
    print_message("# %3d answers, %s: levels within 80 %% band %.3f, rmse %.3f; log score %.4f; "
                  "within 80 %%: repeats %.3f, surprises %.3f, error %.3f\n",
                  count, what, c->inside / (double)c->levels, sqrt(c->square / c->levels),
                  c->score / n, c->shares[0] / n, c->shares[1] / n, c->error / n);
}

static void together_is_better(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    const int people = calibrating() ? 400 : 40;
    const RelParams start = rel_params_default();
    static Person p;
    for (int s = 0; s < SIZES; s++) {
        Tally first = {0}, together = {0};
        for (int n = 0; n < people; n++) {
            Learned l;
            person(&t, &start, (uint64_t)n * SIZES + s + 1, size_of[s], &p);
            numbers_first(&t, &start, &p, &l);
            judge(&t, &start, &p, &l, &first);
            assert_ok(&t.cx, learn_params(&t.cx, &start, p.h, RELATIONS, &l));
            judge(&t, &start, &p, &l, &together);
            arena_reset(&t.arena);
        }
        report("numbers first", size_of[s], &first);
        report("together     ", size_of[s], &together);
        assert_true(together.score > first.score);
        assert_true(together.inside > first.inside && together.square < first.square * 1.01);
        for (int i = 0; i < 2; i++)
            CHECK_CLOSE(together.shares[i] / (double)people, .8, 0, .05 + 4 * sqrt(.16 / people));
        CHECK_CLOSE(together.error / (double)people, .8, 0, .08 + 4 * sqrt(.16 / people));
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(together_is_better)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
