/* tests/insight/test_meaning.c - what closeness is made of follows the choices, kind by kind, and counts in what
 * is said and offered. */
#include "base/rng.h"
#include "insight/insight.h"
#include "num/prefer.h"
#include "script.h"
#include <math.h>
#include <string.h>

static double utility(const ContentChoice *c, const double theta[])
{
    double u = 0;
    for (int k = 0; k < TYPE_COUNT; k++)
        u += theta[k] * c->types[k] / LOADING_MAX;
    return u;
}

static Id pick(Shelf *s, const ContentChoice *a, const ContentChoice *b, BookPick answer,
               uint32_t kinds)
{
    Draft d = draft_new(s->cx, ENTRY_CHOICE);
    draft_at(&d, s->cx->now_ms);
    draft_text(&d, F_CHOICE_LEFT, a->id);
    draft_text(&d, F_CHOICE_RIGHT, b->id);
    draft_int(&d, F_CHOICE_PICK, answer);
    if (kinds != 0)
        draft_int(&d, F_CHOICE_KINDS, kinds);
    shelf_take(s, &d, 1);
    return d.object;
}

/* n picks of someone with these tastes, of random pairs. */
static void picks(Shelf *s, Rng *rng, const double theta[], int n, uint32_t kinds)
{
    for (int i = 0; i < n; i++) {
        int first = rng_below(rng, content_choices_count);
        int other = (first + 1 + rng_below(rng, content_choices_count - 1)) % content_choices_count;
        const ContentChoice *a = &content_choices[first], *b = &content_choices[other];
        double p = 1 / (1 + exp(utility(b, theta) - utility(a, theta)));
        pick(s, a, b, rng_uniform(rng) < p ? PICK_LEFT : PICK_RIGHT, kinds);
    }
}

static void before_any_choice_all_types_weigh_the_same(void **state)
{
    (void)state;
    Shelf s;
    Meaning m;
    shelf_open(&s);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &m));
    assert_int_equal(m.choices, 0);
    assert_true(m.left && m.right && m.left != m.right);
    for (int k = 0; k < TYPE_COUNT; k++) {
        CHECK_CLOSE(m.weight[k], .2, 1e-12, 0);
        CHECK_CLOSE(m.sd[k], sqrt(.04 * .8), 1e-9, 0); /* of softmax at even weights */
    }
    shelf_close(&s);
}

static void choices_become_weights_and_reach_closeness(void **state)
{
    (void)state;
    const double theta[TYPE_COUNT] = {2.5, -1, -1, 1, -1.5};
    Rng rng = rng_make(4);
    Shelf s;
    Meaning m;
    Relation before, after;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    const double felt[TYPE_COUNT] = {9, 3, 3, 5, 3};
    for (int k = 0; k < TYPE_COUNT; k++)
        script_read(&x, s.cx->now_ms - DAY_MS, k, felt[k]);
    BookRef person = shelf_script(&s, &x);
    assert_ok(s.cx, insight_relation(s.cx, s.book, person, &before));
    picks(&s, &rng, theta, 60, 0);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &m));
    assert_int_equal(m.choices, 60);
    assert_null(m.left); /* enough */
    double sum = 0, all = 0;
    for (int k = 0; k < TYPE_COUNT; k++)
        all += exp(theta[k]);
    for (int k = 0; k < TYPE_COUNT; k++) {
        sum += m.weight[k];
        assert_true(fabs(m.weight[k] - exp(theta[k]) / all) < 3.5 * m.sd[k] + .08);
    }
    CHECK_CLOSE(sum, 1, 1e-12, 0);
    assert_true(m.weight[TYPE_EMOTIONAL] > .4);
    assert_ok(s.cx, insight_relation(s.cx, s.book, person, &after));
    assert_true(after.closeness.mean > before.closeness.mean + .5);
    for (int k = 0; k < TYPE_COUNT; k++)
        CHECK_CLOSE(after.types[k].mean, before.types[k].mean, 0, 0);
    shelf_close(&s);
}

/* Closeness carries the uncertainty of the weights: with the levels far apart it is the larger. */
static void unsure_weights_widen_closeness(void **state)
{
    (void)state;
    Shelf s;
    Relation apart, alike;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND), y = x;
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < TYPE_COUNT; k++) {
            script_read(&x, s.cx->now_ms - (4 - i) * DAY_MS, k, k < 2 ? 9 : 1);
            script_read(&y, s.cx->now_ms - (4 - i) * DAY_MS, k, 5);
        }
    }
    BookRef a = shelf_script(&s, &x), b = shelf_script(&s, &y);
    assert_ok(s.cx, insight_relation(s.cx, s.book, a, &apart));
    assert_ok(s.cx, insight_relation(s.cx, s.book, b, &alike));
    assert_true(apart.closeness.sd > alike.closeness.sd + .1);
    shelf_close(&s);
}

static void a_kind_may_differ_and_is_shrunk(void **state)
{
    (void)state;
    const double talk[TYPE_COUNT] = {2, 1, -1, -1, -1}, touch[TYPE_COUNT] = {-1, -1, 3, 0, -1};
    Rng rng = rng_make(9);
    Shelf s;
    Meaning all, partner, friends, some;
    shelf_open(&s);
    picks(&s, &rng, talk, 40, 0);
    picks(&s, &rng, touch, 3, 1u << KIND_PARTNER);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, KIND_PARTNER, &some));
    picks(&s, &rng, touch, 40, 1u << KIND_PARTNER);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &all));
    assert_ok(s.cx, insight_meaning(s.cx, s.book, KIND_PARTNER, &partner));
    assert_ok(s.cx, insight_meaning(s.cx, s.book, KIND_FRIEND, &friends));
    assert_true(partner.weight[TYPE_PHYSICAL] > friends.weight[TYPE_PHYSICAL] + .1);
    /* three picks have moved it, forty have moved it further */
    assert_true(some.weight[TYPE_PHYSICAL] < partner.weight[TYPE_PHYSICAL]);
    for (int k = 0; k < TYPE_COUNT; k++)
        CHECK_CLOSE(friends.weight[k], all.weight[k], 0, 0);
    shelf_close(&s);
}

/* The kind's picks against a prior that all others make, wider by .5: the same by hand. */
static void a_kind_by_hand(void **state)
{
    (void)state;
    const double theta[TYPE_COUNT] = {1, 0, -1, 1, 0};
    double x[128 * TYPE_COUNT], precision[TYPE_COUNT], w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT];
    PreferChoice said[30];
    PreferFit others, own;
    Rng rng = rng_make(5);
    Shelf s;
    Meaning m;
    shelf_open(&s);
    for (int i = 0; i < content_choices_count; i++) {
        for (int k = 0; k < TYPE_COUNT; k++)
            x[i * TYPE_COUNT + k] = content_choices[i].types[k] / (double)LOADING_MAX;
    }
    for (int i = 0; i < 30; i++) {
        int a = rng_below(&rng, content_choices_count), b = (a + 1) % content_choices_count;
        int left = utility(&content_choices[a], theta) > utility(&content_choices[b], theta);
        said[i] = (PreferChoice){a, b, i % 7 == 3 ? PREFER_BOTH : left ? PREFER_A : PREFER_B, 1};
        pick(&s, &content_choices[a], &content_choices[b],
             (BookPick)(PICK_LEFT + (int)said[i].answer), i < 20 ? 0 : 1u << KIND_MENTOR);
    }
    PreferModel model = {.d = TYPE_COUNT,
                         .items = content_choices_count,
                         .x = x,
                         .tie = PREFER_TIE,
                         .outside = PREFER_OUTSIDE};
    assert_ok(s.cx, prefer_fit(s.cx, &model, said, 20, &others));
    for (int k = 0; k < TYPE_COUNT; k++)
        precision[k] = 1 / (others.cov[k * TYPE_COUNT + k] + .25);
    model.prior = others.mean;
    model.precision = precision;
    assert_ok(s.cx, prefer_fit(s.cx, &model, said + 20, 10, &own));
    prefer_weights(TYPE_COUNT, own.mean, own.cov, w, v);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, KIND_MENTOR, &m));
    for (int k = 0; k < TYPE_COUNT; k++) {
        CHECK_CLOSE(m.weight[k], w[k], 1e-9, 0);
        CHECK_CLOSE(m.sd[k], sqrt(v[k * TYPE_COUNT + k]), 1e-9, 0);
    }
    assert_int_equal(m.choices, 30);
    assert_int_equal(m.asked, 10);
    shelf_close(&s);
}

/* What was done, each of the bank's practices a few times, and helped where it feeds the first type: no pick, but it narrows. */
static void outcomes(Shelf *s, int times)
{
    Script x = script_of(KIND_FRIEND);
    Id who = book_id(s->book, shelf_script(s, &x));
    for (int i = 0; i < content_practices_count * times; i++) {
        const ContentPractice *p = &content_practices[i % content_practices_count];
        Draft d = draft_new(s->cx, ENTRY_DONE);
        draft_ids(&d, F_PEOPLE, &who, 1);
        draft_at(&d, s->cx->now_ms - 10 * DAY_MS);
        draft_text(&d, F_DONE_PRACTICE, p->id);
        draft_real(&d, F_DONE_HELPED, p->types[0] > 1 ? 10 : 0);
        shelf_take(s, &d, 1);
    }
}

/* Twenty-five picks, or every share known to a tenth; of a kind its own, so that all others leave room for it. */
static void enough_is_twenty_five_or_a_tenth(void **state)
{
    (void)state;
    int by_count = 0, by_sd = 0;
    for (int person = 0; person < 4; person++) {
        double theta[TYPE_COUNT] = {0};
        Shelf s;
        Meaning m, kind;
        Rng rng = rng_make((uint64_t)person + 1);
        shelf_open(&s);
        for (int k = 0; k < TYPE_COUNT; k++)
            theta[k] = person < 2 ? rng_normal(&rng) : k == 0 ? 6 : -2;
        outcomes(&s, person < 2 ? 0 : person);
        for (int n = 0;; n++) {
            assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &m));
            bool sure = n > 0;
            for (int k = 0; k < TYPE_COUNT; k++)
                sure = sure && m.sd[k] < .10;
            assert_int_equal(m.asked, n);
            assert_int_equal(m.left == NULL, n >= 25 || sure);
            by_count += !m.left && n >= 25;
            by_sd += !m.left && n < 25;
            if (!m.left)
                break;
            bool left = utility(m.left, theta) > utility(m.right, theta);
            pick(&s, m.left, m.right, left ? PICK_LEFT : PICK_RIGHT, 0);
        }
        assert_ok(s.cx, insight_meaning(s.cx, s.book, KIND_FRIEND, &kind));
        assert_true(kind.left && kind.asked == 0 && kind.choices == m.choices);
        shelf_close(&s);
    }
    print_message("# enough by count %d, by spread %d\n", by_count, by_sd);
    assert_true(by_count > 0 && by_sd > 0);
}

static void choices_change_what_is_offered(void **state)
{
    (void)state;
    const double mind[TYPE_COUNT] = {-2, 4, -2, -2, -2};
    Rng rng = rng_make(2);
    Shelf s;
    Relation r;
    Offer before[5], after[5];
    int n = 0, m = 0, serve_before = 0, serve_after = 0;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < TYPE_COUNT; k++) {
            script_read(&x, s.cx->now_ms - (3 - i) * DAY_MS, k, 5);
            script_want(&x, s.cx->now_ms - (3 - i) * DAY_MS, k, 8);
        }
    }
    BookRef person = shelf_script(&s, &x);
    assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
    assert_ok(s.cx, insight_next(s.cx, NULL, s.book, &r, before, 5, &n));
    picks(&s, &rng, mind, 60, 0);
    assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
    assert_ok(s.cx, insight_next(s.cx, NULL, s.book, &r, after, 5, &m));
    for (int i = 0; i < 5; i++) {
        serve_before += before[i].type == TYPE_INTELLECTUAL;
        serve_after += after[i].type == TYPE_INTELLECTUAL;
    }
    assert_true(n == 5 && m == 5 && serve_after > serve_before);
    shelf_close(&s);
}

static void a_choice_taken_back_counts_no_more(void **state)
{
    (void)state;
    Shelf s;
    Meaning m;
    shelf_open(&s);
    const ContentChoice *a = &content_choices[0], *b = &content_choices[content_choices_count / 2];
    Id id = pick(&s, a, b, PICK_LEFT, 0);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &m));
    assert_int_equal(m.choices, 1);
    shelf_gone(&s, ENTRY_CHOICE, id);
    assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &m));
    assert_int_equal(m.choices, 0);
    CHECK_CLOSE(m.weight[0], .2, 1e-12, 0);
    shelf_close(&s);
}

/* -- outcomes ------------------------------------------------------------------------------------------- */

static void do_it(Shelf *s, BookRef person, const ContentPractice *p, double helped, int64_t at_ms)
{
    Id who = book_id(s->book, person);
    Draft d = draft_new(s->cx, ENTRY_DONE);
    draft_ids(&d, F_PEOPLE, &who, 1);
    draft_at(&d, at_ms);
    draft_text(&d, F_DONE_PRACTICE, p->id);
    draft_real(&d, F_DONE_HELPED, helped);
    shelf_take(s, &d, 1);
}

/* What helped most, and is of one type above all, makes that type count more: from the next day on, and never as much
 * as it would by picks. */
static void outcomes_teach_what_closeness_means(void **state)
{
    (void)state;
    const ContentPractice *best = NULL;
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        int others = p->types[0] + p->types[1] + p->types[3] + p->types[4];
        if (p->types[TYPE_PHYSICAL] == LOADING_MAX && others <= 1 && !p->romantic)
            best = best ? best : p;
    }
    assert_non_null(best);
    Meaning before, same_day, after, bad;
    for (int helped = 10; helped >= 0; helped -= 10) {
        Shelf s;
        shelf_open(&s);
        Script x = script_of(KIND_FRIEND);
        BookRef person = shelf_script(&s, &x);
        assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &before));
        for (int i = 0; i < 8; i++)
            do_it(&s, person, best, helped, s.cx->now_ms - 1 - i);
        assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, &same_day));
        CHECK_CLOSE(same_day.weight[TYPE_PHYSICAL], before.weight[TYPE_PHYSICAL], 0, 0);
        s.cx->now_ms += DAY_MS;
        assert_ok(s.cx, insight_meaning(s.cx, s.book, -1, helped ? &after : &bad));
        shelf_close(&s);
    }
    assert_true(after.weight[TYPE_PHYSICAL] > before.weight[TYPE_PHYSICAL] + .05);
    assert_true(after.sd[TYPE_EMOTIONAL] < before.sd[TYPE_EMOTIONAL]);
    assert_true(bad.weight[TYPE_PHYSICAL] < before.weight[TYPE_PHYSICAL] - .02);
    assert_int_equal(after.choices, 0); /* no pick */
}

/* -- how much a pick teaches ------------------------------------------------------------------------- */

enum { PICKS = 25, MARKS = 5, HELD_OUT = 300 };

typedef struct Study {
    PreferModel m;
    double x[128 * TYPE_COUNT];
    double error[2][MARKS], loss[2][MARKS], held[2][MARKS],
        best; /* by way of choosing, after 5, 10, ... */
} Study;

static PreferAnswer pick_of(const Study *y, const double theta[], int a, int b, Rng *rng)
{
    double p[PREFER_ANSWERS], u = rng_uniform(rng);
    int k = 0;
    prefer_probabilities(&y->m, theta, a, b, p);
    while (k < PREFER_NEITHER && u >= p[k])
        u -= p[k++];
    return (PreferAnswer)k;
}

static void any_pair(Rng *rng, int *a, int *b)
{
    *a = rng_below(rng, content_choices_count);
    *b = (*a + 1 + rng_below(rng, content_choices_count - 1)) % content_choices_count;
}

/* How far the weights are off, what fresh picks cost, and how often the 80 % ranges hold. */
static void note(Study *y, const double theta[], const PreferFit *fit, int way, int mark, Rng *rng)
{
    double none[TYPE_COUNT * TYPE_COUNT] = {0}, w[TYPE_COUNT], v[TYPE_COUNT * TYPE_COUNT];
    double truth[TYPE_COUNT], unused[TYPE_COUNT * TYPE_COUNT];
    prefer_weights(TYPE_COUNT, fit->mean, fit->cov, w, v);
    prefer_weights(TYPE_COUNT, theta, none, truth, unused);
    for (int k = 0; k < TYPE_COUNT; k++) {
        double off = fabs(w[k] - truth[k]);
        y->error[way][mark] += 100 * off / TYPE_COUNT;
        y->held[way][mark] +=
            (off <= 1.2815515655446 * sqrt(v[k * (TYPE_COUNT + 1)])) / (double)TYPE_COUNT;
    }
    for (int i = 0; i < HELD_OUT; i++) {
        double p[PREFER_ANSWERS];
        int a, b;
        any_pair(rng, &a, &b);
        PreferAnswer given = pick_of(y, theta, a, b, rng);
        prefer_probabilities(&y->m, fit->mean, a, b, p);
        y->loss[way][mark] -= log(p[given]) / HELD_OUT;
        prefer_probabilities(&y->m, theta, a, b, p);
        y->best -= log(p[given]) / (HELD_OUT * 2 * MARKS);
    }
}

static void simulate(Cx *cx, Study *y, Rng *rng)
{
    double theta[TYPE_COUNT];
    for (int k = 0; k < TYPE_COUNT; k++)
        theta[k] = rng_normal(rng);
    for (int way = 0; way < 2; way++) {
        PreferChoice c[PICKS];
        PreferFit fit;
        assert_ok(cx, prefer_fit(cx, &y->m, c, 0, &fit));
        for (int n = 0; n < PICKS; n++) {
            int a, b;
            double tells;
            any_pair(rng, &a, &b);
            if (way == 0)
                assert_true(prefer_next(&y->m, &fit, NULL, NULL, &a, &b, &tells));
            c[n] = (PreferChoice){a, b, pick_of(y, theta, a, b, rng), 1};
            assert_ok(cx, prefer_fit(cx, &y->m, c, n + 1, &fit));
            if (n % 5 == 4)
                note(y, theta, &fit, way, n / 5, rng);
        }
    }
}

/* Persons with known weights, answering as the model has it, both and neither among it, over the product's own ways of
 * being close: pairs chosen by what they would tell, against pairs at random. */
static void telling_pairs_leave_less_error(void **state)
{
    (void)state;
    int people = calibrating() ? 150 : 25;
    static Study y;
    Rng rng = rng_make(77);
    y = (Study){
        .m = {.d = TYPE_COUNT,
              .items = content_choices_count,
              .x = y.x,
              .tie = PREFER_TIE,
              .outside = PREFER_OUTSIDE}
    };
    assert_true(content_choices_count <= 128);
    for (int i = 0; i < content_choices_count; i++) {
        for (int k = 0; k < TYPE_COUNT; k++)
            y.x[i * TYPE_COUNT + k] = content_choices[i].types[k] / (double)LOADING_MAX;
    }
    for (int i = 0; i < people; i++) {
        TestCx t;
        test_cx_init(&t);
        simulate(&t.cx, &y, &rng);
        test_cx_free(&t);
    }
    for (int mark = 0; mark < MARKS; mark++)
        print_message("# after %2d picks: weights off by %.1f telling, %.1f random (of 100); "
                      "log-loss %.3f, %.3f "
                      "(truth %.3f); 80 %% ranges hold %.2f, %.2f\n",
                      5 * (mark + 1), y.error[0][mark] / people, y.error[1][mark] / people,
                      y.loss[0][mark] / people, y.loss[1][mark] / people, y.best / people,
                      y.held[0][mark] / people, y.held[1][mark] / people);
    double telling = 0, random = 0;
    for (int mark = 0; mark < MARKS; mark++) {
        telling += y.error[0][mark];
        random += y.error[1][mark];
    }
    assert_true(telling < random);
    assert_true(y.loss[0][MARKS - 1] < y.loss[0][0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_any_choice_all_types_weigh_the_same),
        cmocka_unit_test(choices_become_weights_and_reach_closeness),
        cmocka_unit_test(unsure_weights_widen_closeness),
        cmocka_unit_test(a_kind_may_differ_and_is_shrunk),
        cmocka_unit_test(a_kind_by_hand),
        cmocka_unit_test(enough_is_twenty_five_or_a_tenth),
        cmocka_unit_test(choices_change_what_is_offered),
        cmocka_unit_test(a_choice_taken_back_counts_no_more),
        cmocka_unit_test(outcomes_teach_what_closeness_means),
        cmocka_unit_test(telling_pairs_leave_less_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
