/* tests/insight/test_ask.c - what is asked: first what starts a picture, safety where it decides, then what tells
 * most; and how many questions that saves against a random order, by simulation. */
#include "base/rng.h"
#include "insight/insight.h"
#include "script.h"
#include <math.h>
#include <string.h>

typedef struct Asked {
    AskNext q[ASK_MOST];
    int n;
} Asked;

static Asked ask(Shelf *s, BookRef person, bool whole)
{
    Asked a;
    assert_ok(s->cx, insight_ask(s->cx, NULL, s->book, person, whole, a.q, &a.n));
    return a;
}

static void the_first_check_in_asks_one_type_then_safety(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        Script x = script_of((KindId)kind);
        Asked a = ask(&s, shelf_script(&s, &x), false);
        assert_int_equal(a.n, 3);
        assert_int_equal(a.q[0].question->asks, ASKS_FELT);
        assert_int_equal(a.q[1].question->asks, ASKS_WANTED);
        assert_int_equal(a.q[0].question->state, a.q[1].question->state);
        assert_int_equal(a.q[2].question->state, TYPE_COUNT + FACTOR_SAFETY);
        assert_int_equal(a.q[2].why, ASK_SAFETY);
        a = ask(&s, s.people > 0 ? book_people(s.book).p[0] : BOOK_NONE, true);
        assert_int_equal(a.n, ASK_MOST);
    }
    /* not about what is not part of this */
    Script x = script_of(KIND_FRIEND);
    x.not_ours = 1u << TYPE_EMOTIONAL;
    Asked a = ask(&s, shelf_script(&s, &x), true);
    for (int i = 0; i < a.n; i++)
        assert_true(a.q[i].question->state != TYPE_EMOTIONAL);
    x.died = 20200101;
    assert_int_equal(ask(&s, shelf_script(&s, &x), true).n, 0);
    shelf_close(&s);
}

static void safety_comes_first_where_it_decides(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    int safety = TYPE_COUNT + FACTOR_SAFETY, trust = TYPE_COUNT + FACTOR_TRUST;
    Script x = script_of(KIND_FRIEND);
    script_read(&x, now - 200 * DAY_MS, safety, 8);
    assert_int_equal(ask(&s, shelf_script(&s, &x), false).q[0].question->state, safety);
    script_read(&x, now - 20 * DAY_MS, safety, 8);
    Asked a = ask(&s, shelf_script(&s, &x), false);
    assert_int_equal(a.q[0].question->state, trust); /* what the gate lacks */
    assert_true(a.n >= 3 && a.n <= 5);
    script_read(&x, now - 10 * DAY_MS, safety, 2);
    assert_int_equal(ask(&s, shelf_script(&s, &x), false).q[0].question->state, safety);
    shelf_close(&s);
}

static void no_question_twice_and_each_narrows(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        Gen g = gen_far(seed);
        Shelf s;
        Script x;
        shelf_open(&s);
        script_any(&g, s.cx->now_ms, &x);
        Asked a = ask(&s, shelf_script(&s, &x), true);
        for (int i = 0; i < a.n; i++) {
            assert_true(a.q[i].narrows > 0 && a.q[i].narrows < 1);
            for (int j = 0; j < i; j++)
                assert_ptr_not_equal(a.q[i].question, a.q[j].question);
        }
        shelf_close(&s);
    }
}

static void of_the_same_kind_the_one_not_heard_longest(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    BookRef person = shelf_script(&s, &x);
    const ContentQuestion *first = ask(&s, person, false).q[0].question;
    ScriptAnswer a[1] = {answer_of(first, 7)};
    shelf_checkin(&s, person, s.cx->now_ms - 1000, a, 1, -1);
    Asked next = ask(&s, person, true);
    for (int i = 0; i < next.n; i++)
        assert_ptr_not_equal(next.q[i].question, first);
    shelf_close(&s);
}

/* -- how much it saves --------------------------------------------------------------------------------- */

/* What is to be known: closeness and the mean gap. */
static double unknown(Shelf *s, BookRef person)
{
    Relation r;
    double sum = 0;
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &r));
    for (int k = 0; k < TYPE_COUNT; k++)
        sum += r.gap_sd[k] * r.gap_sd[k] / TYPE_COUNT;
    return r.closeness.sd * r.closeness.sd + sum;
}

static const ContentQuestion *at_random(Rng *rng)
{
    for (;;) {
        const ContentQuestion *q = &content_questions[rng_below(rng, content_questions_count)];
        bool tells = q->asks == ASKS_FELT || q->asks == ASKS_WANTED || q->asks == ASKS_FACTOR;
        if (tells && content_has(q->kinds, KIND_FRIEND))
            return q;
    }
}

/* Answers three questions a day until the variance is down to the target; how many that took. */
static int questions_until(Shelf *s, BookRef person, Rng *rng, bool chosen, double target)
{
    enum { A_DAY = 3, AT_MOST = 120 };
    int n = 0;
    while (n < AT_MOST && unknown(s, person) > target) {
        Asked a = {.n = 0};
        ScriptAnswer answers[A_DAY];
        int used = 0;
        if (chosen)
            a = ask(s, person, false);
        for (int i = 0; i < A_DAY; i++) {
            const ContentQuestion *q = chosen ? (i < a.n ? a.q[i].question : NULL) : at_random(rng);
            bool again = !q;
            for (int j = 0; j < used; j++)
                again = again || answers[j].question == q;
            if (!again)
                answers[used++] = answer_of(q, 4 + rng_below(rng, 4));
        }
        shelf_checkin(s, person, s->cx->now_ms - 1, answers, used, -1);
        s->cx->now_ms += 2 * DAY_MS;
        n += used;
    }
    return n;
}

static void fewer_questions_than_in_random_order(void **state)
{
    (void)state;
    enum { RUNS = 12 };
    int chosen = 0, random = 0;
    Rng rng = rng_make(21);
    for (int i = 0; i < RUNS; i++) {
        Shelf s;
        shelf_open(&s);
        Script x = script_of(KIND_FRIEND);
        for (int k = 0; k < 2; k++) {
            BookRef person = shelf_script(&s, &x);
            int n = questions_until(&s, person, &rng, k == 0, 2.2);
            *(k == 0 ? &chosen : &random) += n;
        }
        shelf_close(&s);
    }
    print_message("# questions to the same spread: %.1f chosen, %.1f in random order\n",
                  (double)chosen / RUNS, (double)random / RUNS);
    assert_true(chosen < random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_check_in_asks_one_type_then_safety),
        cmocka_unit_test(safety_comes_first_where_it_decides),
        cmocka_unit_test(no_question_twice_and_each_narrows),
        cmocka_unit_test(of_the_same_kind_the_one_not_heard_longest),
        cmocka_unit_test(fewer_questions_than_in_random_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
