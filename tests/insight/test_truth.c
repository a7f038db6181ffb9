/* tests/insight/test_truth.c - what is said and allowed, against simulated lives whose true levels are known: words,
 * trends and sentences hold as often as they claim, and the depth that evidence allows is seldom more than the truth
 * would. Lives are drawn from the model on the way, answers are whole numbers. FONDER_CALIBRATE=1 takes ten times as many. */
#include "base/rng.h"
#include "insight/insight.h"
#include "insight/overview.h"
#include "insight/own.h"
#include "num/mat.h"
#include "script.h"
#include <math.h>
#include <string.h>

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

/* A step of the slow levels by small Euler steps of two days (a third of a hundredth of what a level forgets in its half-life):
 * an independent hand at the equation. */
static void pass_time(Rng *rng, const RelParams *p, const double w[], const double own[],
                      double days, double m[N])
{
    const double dt = 2;
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
    print_message("# %s: said %d times, held in %.3f (claims %.2f)\n", what, c->said,
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

/* -- over everybody, and over time ---------------------------------------------------------------- */

enum { CIRCLE = 3, TIMES = 23, APART = 18, PATH = TIMES * APART / 2 + 1, FELT = 4, ROUNDS = 5 };

/* Somebody's true levels and wishes over more than a year, every second day. */
typedef struct Year {
    KindId kind;
    double path[PATH][N], wanted[TYPE_COUNT];
    BookRef person;
} Year;

/* upset: on some day everything moves by some points at once, which the model does not expect. */
static void live_year(Rng *rng, Shelf *s, int kind, bool upset, Year *y)
{
    int day = PATH / 4 + rng_below(rng, PATH / 2);
    double jump = upset ? 3 * rng_normal(rng) : 0;
    RelParams p = rel_params_default();
    double w[N * N], own[N], m[N];
    const ContentKind *k = &content_kinds[kinds[kind % 5]];
    Script script = script_of(kinds[kind % 5]);
    rel_coupling(w);
    correlated(rng, k->tau, p.level_corr, own);
    for (int i = 0; i < N; i++)
        m[i] = own[i] += k->mu;
    pass_time(rng, &p, w, own, 2200, m);
    for (int i = 0; i < TYPE_COUNT; i++)
        y->wanted[i] = k->mu + 2 * rng_normal(rng);
    for (int t = 0; t < PATH; t++) {
        int64_t at = s->cx->now_ms - (PATH - 1 - t) * 2 * DAY_MS - DAY_MS / 12;
        double z = p.sigma_z * rng_normal(rng);
        for (int i = 0; i < N; i++) {
            own[i] += t == day ? jump : 0;
            m[i] += t == day ? jump : 0;
        }
        memcpy(y->path[t], m, sizeof m);
        pass_time(rng, &p, w, own, 2, m);
        for (int i = 0; i < TYPE_COUNT; i++)
            y->wanted[i] += sqrt(.004 * 2) * rng_normal(rng);
        if ((PATH - 1 - t) % (APART / 2) != 0)
            continue;
        int first = rng_below(rng, TYPE_COUNT), factor = rng_below(rng, FACTOR_COUNT);
        for (int j = 0; j <= FELT; j++) {
            int asked = j < FELT ? (first + j) % TYPE_COUNT : TYPE_COUNT + factor;
            double load = asked < TYPE_COUNT ? 1 : p.load_factor;
            double v = y->path[t][asked] + load * z + sqrt(p.error) * rng_normal(rng);
            script_read(&script, at, asked, floor(fmin(10, fmax(0, v)) + .5));
        }
        double wish = y->wanted[first] + rng_normal(rng);
        script_want(&script, at, first, floor(fmin(10, fmax(0, wish)) + .5));
    }
    y->person = shelf_script(s, &script);
}

static double close_at(const double weight[TYPE_COUNT], const Year *y, int t)
{
    double sum = 0;
    t = t < 0 ? 0 : t >= PATH ? PATH - 1 : t;
    for (int k = 0; k < TYPE_COUNT; k++)
        sum += weight[k] * y->path[t][k];
    return sum;
}

static bool turned(const Shelf *s, const double weight[TYPE_COUNT], const Turn *t, const Year *y)
{
    int at = PATH - 1 - (int)((s->cx->now_ms - t->at_ms) / (2 * DAY_MS));
    double moved = close_at(weight, y, at + 45) - close_at(weight, y, at - 45);
    return t->closer ? moved > .5 : moved < -.5;
}

static bool balance_holds(const Balance *b, int type, const Relation r[], const Year y[])
{
    int met = 0;
    bool only = false;
    for (int i = 0; i < CIRCLE; i++) {
        bool is = r[i].types[type].known && y[i].path[PATH - 1][type] >= 6;
        met += is;
        only = only || (is && y[i].person == b->only);
    }
    return b->word == BALANCE_NONE ? met == 0 : b->word == BALANCE_ONE ? met == 1 && only : met > 1;
}

/* The factor whose push would move the true wishes most, by the contract's words. */
static int true_limiting(const double push[], const double weight[TYPE_COUNT], const Relation *r,
                         const Year *y)
{
    const double *m = y->path[PATH - 1];
    double most = 0;
    int best = -1;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        double moves = 0;
        for (int k = 0; k < TYPE_COUNT; k++) {
            bool both = r->types[k].known && r->wanted[k].known;
            moves +=
                both ? weight[k] * fmax(0, y->wanted[k] - m[k]) * push[k * N + TYPE_COUNT + f] : 0;
        }
        moves *= (10 - m[TYPE_COUNT + f]) / 10;
        if (moves > most) {
            most = moves;
            best = f;
        }
    }
    return best;
}

static void push_of(double ret[N * N])
{
    double w[N * N], a[N * N];
    rel_coupling(w);
    for (int i = 0; i < N * N; i++)
        a[i] = (i % (N + 1) == 0) - rel_params_default().kappa * w[i];
    assert_true(mat_inverse(N, a, ret));
}

/* Three lives in four are the model's. In those closeness hardly ever moves enough to be said to have turned; so turns are
 * looked for in the fourth too, where it does. */
static void what_is_said_over_all_holds(void **state)
{
    (void)state;
    static Year y[CIRCLE];
    static Relation r[CIRCLE];
    static Overview o;
    Counts balance[BALANCE_SEVERAL + 1] = {{0}}, turns = {0}, limits = {0};
    double push[N * N], said = 0;
    Rng rng = rng_make(8);
    push_of(push);
    for (int i = 0; i < (calibrating() ? 4000 : 200); i++) {
        Shelf s;
        double weight[TYPE_COUNT], sum = 0;
        shelf_open(&s);
        for (int k = 0; k < TYPE_COUNT; k++)
            sum += weight[k] = exp(rng_normal(&rng));
        for (int k = 0; k < TYPE_COUNT; k++)
            weight[k] /= sum;
        for (int j = 0; j < CIRCLE; j++)
            live_year(&rng, &s, rng_below(&rng, 5), i % 4 == 3, &y[j]);
        for (int j = 0; j < CIRCLE; j++) {
            assert_ok(s.cx, insight_relation(s.cx, s.book, y[j].person, &r[j]));
            bool names = i % 4 < 3 && r[j].limiting >= 0 && r[j].limiting_prob >= .5;
            said += names ? r[j].limiting_prob : 0;
            count(&limits, names,
                  names && true_limiting(push, weight, &r[j], &y[j]) == r[j].limiting);
        }
        assert_ok(s.cx, insight_overview(s.cx, NULL, s.book, &o));
        for (int k = 0; k < TYPE_COUNT && i % 4 < 3; k++) {
            const Balance *b = &o.balance[k];
            count(&balance[b->word], b->word != BALANCE_UNSURE,
                  b->word != BALANCE_UNSURE && balance_holds(b, k, r, y));
        }
        for (int j = 0; j < o.n_turns; j++) {
            int who = 0;
            while (y[who].person != o.turns[j].person)
                who++;
            count(&turns, true, turned(&s, weight, &o.turns[j], &y[who]));
        }
        shelf_close(&s);
    }
    print("felt as close with nobody", &balance[BALANCE_NONE], .8);
    print("felt as close with one alone", &balance[BALANCE_ONE], .8);
    print("felt as close with several", &balance[BALANCE_SEVERAL], .8);
    print("closeness turned", &turns, .8);
    assert_true(turns.said > 0);
    print("a root that limits", &limits, limits.said > 0 ? said / limits.said : 0);
}

/* Practices whose effects are drawn from what is believed of them beforehand, done three to eight times: one that is said to
 * help does more than expected. */
static void what_is_said_to_help_helps(void **state)
{
    (void)state;
    Counts helps = {0};
    Rng rng = rng_make(9);
    for (int i = 0; i < (calibrating() ? 4000 : 200); i++) {
        Shelf s;
        double whole[ROUNDS];
        Overview o;
        shelf_open(&s);
        Script x = script_of(KIND_FRIEND);
        script_read(&x, s.cx->now_ms - 90 * DAY_MS, TYPE_EMOTIONAL, 6);
        Id who = book_id(s.book, shelf_script(&s, &x));
        for (int p = 0; p < ROUNDS; p++) {
            whole[p] = 1 + EFFECT_SD * rng_normal(&rng);
            for (int n = 3 + rng_below(&rng, 6); n > 0; n--) {
                double went = whole[p] + EFFECT_OUTCOME_SD * rng_normal(&rng);
                Draft d = draft_new(s.cx, ENTRY_DONE);
                draft_ids(&d, F_PEOPLE, &who, 1);
                draft_at(&d, s.cx->now_ms - (10 + 9 * n) * DAY_MS);
                draft_text(&d, F_DONE_PRACTICE, content_practices[p].id);
                draft_real(&d, F_DONE_HELPED, floor(5 * fmin(2, fmax(0, went)) + .5));
                shelf_take(&s, &d, 1);
            }
        }
        assert_ok(s.cx, insight_overview(s.cx, NULL, s.book, &o));
        for (int j = 0; j < o.n_helps; j++)
            count(&helps, true, whole[o.helps[j].practice - content_practices] > 1);
        shelf_close(&s);
    }
    print("seems to help", &helps, .8);
    assert_true(helps.said > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_holds),
        cmocka_unit_test(what_is_said_over_all_holds),
        cmocka_unit_test(what_is_said_to_help_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
