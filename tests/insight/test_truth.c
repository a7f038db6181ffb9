/* tests/insight/test_truth.c - what is said and allowed, against simulated lives whose true levels are known: words,
 * trends and sentences hold as often as they claim, and the depth that evidence allows is seldom more than the truth
 * would. Lives are drawn from the model on the way, answers are whole numbers. FONDER_CALIBRATE=1 takes ten times as many. */
#include "base/rng.h"
#include "insight/insight.h"
#include "insight/own.h"
#include "num/mat.h"
#include "script.h"
#include <math.h>

enum { CHECKINS = 6, GAP_DAYS = 30, BEFORE = 90, N = REL_LEVELS };

/* One life: true levels now and ninety days ago, and the answers given meanwhile. */
typedef struct Life {
    KindId kind;
    double now[N], then[N];
    Script script;
} Life;

static const KindId kinds[] = {KIND_PARTNER, KIND_PARENT, KIND_CLOSE_FRIEND, KIND_FRIEND,
                               KIND_COLLEAGUE};

static void correlated(Rng *rng, double sd, double rho, double ret[N])
{
    double common = rng_normal(rng);
    for (int k = 0; k < N; k++)
        ret[k] = sd * (sqrt(rho) * common + sqrt(1 - rho) * rng_normal(rng));
}

/* A step of the slow levels by small Euler steps of half a day: an independent hand at the equation. */
static void pass_time(Rng *rng, const RelParams *p, const double w[], const double own[],
                      double days, double m[N])
{
    const double dt = .5;
    for (double t = 0; t < days; t += dt) {
        double noise[N], next[N];
        correlated(rng, sqrt(p->q * dt), p->rho, noise);
        for (int i = 0; i < N; i++) {
            double pull = 0;
            for (int j = 0; j < N; j++)
                pull += ((i == j) - p->kappa * w[i * N + j]) * (m[j] - own[j]);
            next[i] = m[i] - p->lambda * dt * pull + noise[i];
        }
        for (int i = 0; i < N; i++)
            m[i] = next[i];
    }
}

static void ask(Rng *rng, const RelParams *p, Life *l, int64_t at_ms, int state, double z)
{
    double load = state < TYPE_COUNT ? 1 : p->load_factor;
    double y = l->now[state] + load * z + sqrt(p->error) * rng_normal(rng);
    script_read(&l->script, at_ms, state, floor(fmin(10, fmax(0, y)) + .5));
}

static void live(Rng *rng, int64_t now_ms, int nth, Life *l)
{
    RelParams p = rel_params_default();
    double w[N * N], own[N];
    l->kind = kinds[nth % 5];
    const ContentKind *k = &content_kinds[l->kind];
    rel_coupling(w);
    l->script = script_of(l->kind);
    correlated(rng, k->tau, p.level_corr, own);
    for (int i = 0; i < N; i++) {
        own[i] += k->mu;
        l->now[i] = own[i];
    }
    pass_time(rng, &p, w, own, 2200,
              l->now); /* to rest: mean correlation and spread of the prior */
    for (int c = 0; c < CHECKINS; c++) {
        int64_t at = now_ms - (CHECKINS - 1 - c) * GAP_DAYS * DAY_MS - DAY_MS / 12;
        double z = p.sigma_z * rng_normal(rng);
        if (c > 0)
            pass_time(rng, &p, w, own, GAP_DAYS, l->now);
        for (int i = 0; i < N && c == CHECKINS - 1 - BEFORE / GAP_DAYS; i++)
            l->then[i] = l->now[i];
        ask(rng, &p, l, at, rng_below(rng, TYPE_COUNT), z);
        ask(rng, &p, l, at, TYPE_EMOTIONAL, z);
        const FactorId guards[] = {FACTOR_TRUST, FACTOR_SAFETY, FACTOR_ACCEPTANCE};
        ask(rng, &p, l, at, TYPE_COUNT + (int)guards[c % 3], z);
    }
}

typedef struct Counts {
    int said, held;
} Counts;

static void count(Counts *c, bool said, bool holds)
{
    c->said += said;
    c->held += said && holds;
}

static void print(const char *what, const Counts *c, double claims)
{
    print_message("# %s: said %d times, held in %.3f (claims %.1f)\n", what, c->said,
                  c->said > 0 ? (double)c->held / c->said : 1, claims);
    /* two standard errors of the count itself */
    double slack = c->said > 0 ? 2 * sqrt(claims * (1 - claims) / c->said) : 1;
    assert_true(c->said == 0 || (double)c->held / c->said >= claims - slack);
}

static void what_is_said_holds(void **state)
{
    (void)state;
    static const double cuts[] = {-HUGE_VAL, 2, 4, 6, 8, HUGE_VAL};
    static const double moves[] = {-HUGE_VAL, -.5, .5, HUGE_VAL};
    int lives = calibrating() ? 12000 : 1200, over[3] = {0}, evidence = 0;
    Counts levels = {0}, roots = {0}, trends = {0}, accepted = {0}, one_word = {0};
    const FactorId guards[] = {FACTOR_TRUST, FACTOR_SAFETY, FACTOR_ACCEPTANCE};
    Rng rng = rng_make(5);
    for (int i = 0; i < lives; i++) {
        Shelf s;
        Life l;
        Relation r;
        shelf_open(&s);
        live(&rng, s.cx->now_ms, i, &l);
        BookRef person = shelf_script(&s, &l.script);
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        for (int k = 0; k < N; k++) {
            const Estimate *e = k < TYPE_COUNT ? &r.types[k] : &r.factors[k - TYPE_COUNT];
            bool holds = e->level.first != SAID_NONE && l.now[k] >= cuts[e->level.first] &&
                         l.now[k] < cuts[e->level.last + 1];
            count(k < TYPE_COUNT ? &levels : &roots, e->level.first != SAID_NONE, holds);
            count(&one_word, e->level.first != SAID_NONE && e->level.first == e->level.last, holds);
        }
        for (int k = 0; k < TYPE_COUNT; k++) {
            const Trend *t = &r.type_trend[k];
            double moved = l.now[k] - l.then[k];
            bool said = t->known && t->word.first != SAID_NONE;
            count(&trends, said,
                  said && moved >= moves[t->word.first] && moved < moves[t->word.last + 1]);
        }
        count(&accepted, r.established, l.now[TYPE_COUNT + FACTOR_ACCEPTANCE] >= 6);
        evidence += r.facts.evidence;
        for (int j = 0; j < 3 && r.facts.evidence; j++)
            over[j] += floor(1 + .6 * fmax(0, fmin(10, r.facts.low))) >
                       1 + .6 * fmax(0, l.now[TYPE_COUNT + (int)guards[j]]);
        shelf_close(&s);
    }
    print("words of types", &levels, .8);
    print("words of roots", &roots, .8);
    print("a single word", &one_word, .8);
    print("trends of types", &trends, .8);
    print("accepted as one is", &accepted, .9);
    print_message(
        "# depth that evidence allows, above what the truth would: trust %.3f, safety %.3f, "
        "acceptance %.3f of %d\n",
        (double)over[0] / evidence, (double)over[1] / evidence, (double)over[2] / evidence,
        evidence);
    assert_true(evidence > lives / 2);
    for (int j = 0; j < 3; j++)
        assert_true(over[j] <= evidence / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
