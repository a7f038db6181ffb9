/* tests/insight/test_own.c - what is learned of one person: the same from the same entries, whoever works it out and
 * in how many pieces; nothing under the first step; what simulated people are like is found, and their bands hold. */
#include "base/rng.h"
#include "insight/belief.h"
#include "insight/own.h"
#include "num/score.h"
#include "script.h"
#include <math.h>
#include <string.h>

/* -- simulated people ------------------------------------------------------------------------------- */

enum { PEOPLE = 5, A_CHECKIN = 4 };

typedef struct Truth {
    RelParams params;
    double mu;                    /* beside what is expected of a friend */
    double offset[OWN_QUESTIONS]; /* of each question */
    double repeats;               /* how often the last answer to a question is given again */
} Truth;

typedef struct Friend {
    RelModel model;
    RelState state; /* drawn on the way: each answer comes from the prediction */
    double last[OWN_QUESTIONS];
    bool asked[OWN_QUESTIONS], started;
    BookRef person;
} Friend;

static const ContentQuestion *any_question(Rng *rng)
{
    for (;;) {
        const ContentQuestion *q = &content_questions[rng_below(rng, content_questions_count)];
        if ((q->asks == ASKS_FELT || q->asks == ASKS_FACTOR) && content_has(q->kinds, KIND_FRIEND))
            return q;
    }
}

static void befriend(Shelf *s, const Truth *t, Friend *f)
{
    const ContentKind *k = &content_kinds[KIND_FRIEND];
    RelKind kind = {k->mu + t->mu, k->tau, k->phi, k->half_life_months * 365.25 / 12};
    Script x = script_of(KIND_FRIEND);
    *f = (Friend){.person = shelf_script(s, &x)};
    assert_ok(s->cx, rel_model_make(s->cx, &t->params, &kind, &f->model));
}

/* An answer drawn from the model's own prediction, with the question's offset, in whole steps. */
static ScriptAnswer answer(Shelf *s, const Truth *t, Friend *f, Rng *rng, double t_days)
{
    const ContentQuestion *q = any_question(rng);
    int i = (int)(q - content_questions);
    RelEvent ev = {.t_days = t_days,
                   .kind = REL_READING,
                   .level = (RelLevel)q->state,
                   .offset = t->offset[i],
                   .error = t->params.error_known};
    double mean, var;
    if (!f->started)
        rel_start(&f->model, t_days, &f->state);
    f->started = true;
    assert_ok(s->cx, rel_forecast(s->cx, &f->model, &f->state, t_days, &f->state));
    rel_predict(&f->model, &f->state, &ev, &mean, &var);
    ev.value = fmin(10, fmax(0, floor(mean + sqrt(var) * rng_normal(rng) + .5)));
    double given = f->asked[i] && rng_uniform(rng) < t->repeats ? f->last[i] : ev.value;
    assert_ok(s->cx, rel_filter(s->cx, &f->model, &ev, 1, &f->state));
    f->last[i] = given;
    f->asked[i] = true;
    return answer_of(q, given);
}

/* checkins over all friends, some days apart, up to now. */
static void live(Shelf *s, const Truth *t, Friend friends[], int checkins, uint64_t seed)
{
    Rng rng = rng_make(seed);
    int64_t at = s->cx->now_ms - (int64_t)checkins * 2 * DAY_MS;
    for (int i = 0; i < PEOPLE; i++)
        befriend(s, t, &friends[i]);
    for (int c = 0; c < checkins; c++, at += 2 * DAY_MS) {
        Friend *f = &friends[rng_below(&rng, PEOPLE)];
        ScriptAnswer a[A_CHECKIN];
        int n = 0;
        for (int i = 0; i < A_CHECKIN; i++) {
            ScriptAnswer one = answer(s, t, f, &rng, (double)at / (double)DAY_MS);
            bool again = false;
            for (int j = 0; j < n; j++)
                again = again || a[j].question == one.question;
            if (!again)
                a[n++] = one;
        }
        shelf_checkin(s, f->person, at, a, n, -1);
    }
}

static Truth plain(void)
{
    return (Truth){.params = rel_params_default()};
}

static void learn(Shelf *s, Own *ret)
{
    OwnSnapshot *snapshot = NULL;
    bool done = false;
    assert_ok(s->cx, own_snapshot_new(s->cx, s->book, &snapshot));
    assert_ok(s->cx, own_learn(s->cx, snapshot, ret, &done));
    assert_true(done);
    own_snapshot_free(snapshot);
}

/* -- the ladder ------------------------------------------------------------------------------------- */

static void the_ladder_starts_at_twelve(void **state)
{
    (void)state;
    int last = 0;
    assert_int_equal(own_step(11), 0);
    assert_int_equal(own_step(12), 12);
    assert_int_equal(own_step(14), 12);
    assert_int_equal(own_step(15), 15);
    for (int n = 0; n < 100000; n++) {
        int step = own_step(n);
        assert_true(step <= n && step >= last);
        assert_true(step == last || last == 0 || step <= last + last / 4);
        assert_true(n < 12 || 5 * step > 4 * n - 8); /* never more than a quarter behind */
        last = step;
    }
}

static void under_the_first_step_nothing_is_learned(void **state)
{
    (void)state;
    Shelf s;
    Own own = {.own = false};
    Truth t = plain();
    Friend friends[PEOPLE];
    bool due = true;
    int step = 1;
    shelf_open(&s);
    live(&s, &t, friends, OWN_FIRST - 1, 5);
    assert_ok(s.cx, own_due(s.cx, s.book, NULL, &due, &step));
    assert_false(due);
    assert_int_equal(step, 0);
    learn(&s, &own);
    assert_false(own.own);
    const RelParams prior = rel_params_default(), params = own_params(&own);
    assert_memory_equal(&params, &prior, sizeof prior);
    shelf_close(&s);
}

/* -- one result ------------------------------------------------------------------------------------- */

/* Two books with the same entries, taken in opposite order, learn the same; so does one that is taken in pieces, kept
 * and read again in between. */
static void the_same_entries_teach_the_same(void **state)
{
    (void)state;
    enum { CHECKINS = 30 };
    Shelf s;
    Truth t = plain();
    Friend friends[PEOPLE];
    Own *own = test_calloc(4, sizeof *own);
    OwnSnapshot *snapshot = NULL;
    bool done = false, due = false;
    int step = 0, pieces = 0;
    shelf_open(&s);
    live(&s, &t, friends, CHECKINS, 7);
    learn(&s, &own[0]);
    assert_true(own[0].own);
    assert_int_equal(own[0].checkins, own_step(CHECKINS));
    Book *backwards = book_new(0);
    for (uint32_t i = book_entry_count(s.book); i > 0; i--)
        assert_ok(s.cx, book_apply(s.cx, backwards, book_entry_body(s.book, i - 1)));
    assert_ok(s.cx, book_settle(s.cx, backwards));
    Book *forwards = s.book;
    s.book = backwards;
    learn(&s, &own[1]);
    assert_memory_equal(&own[0], &own[1], sizeof *own);
    s.book = forwards;
    book_free(backwards);
    Str kept = {NULL, 0};
    while (!done) { /* one slope at a time, from what was kept */
        assert_ok(s.cx, own_snapshot_new(s.cx, s.book, &snapshot));
        if (kept.len > 0)
            own_resume(kept, snapshot);
        own_snapshot_tape(snapshot)->left = 1;
        assert_ok(s.cx, own_learn(s.cx, snapshot, &own[2], &done));
        assert_ok(s.cx, own_write(s.cx, done ? &own[2] : &own[3], snapshot, &kept));
        own_snapshot_free(snapshot);
        pieces++;
    }
    assert_true(pieces > 10);
    assert_memory_equal(&own[0], &own[2], sizeof *own);
    assert_true(own_read(kept, &own[3]));
    assert_memory_equal(&own[0], &own[3], sizeof *own);
    assert_ok(s.cx, own_due(s.cx, s.book, &own[0], &due, &step));
    assert_false(due);
    test_free(own);
    shelf_close(&s);
}

/* Between two steps of the ladder it stands; one more check-in is one more filter step of that relationship. */
static void one_more_checkin_costs_its_own_steps(void **state)
{
    (void)state;
    Shelf s;
    Truth t = plain();
    Friend friends[PEOPLE];
    Relation r;
    Today today;
    Own *own = test_calloc(1, sizeof *own);
    bool due = true;
    int step = 0;
    shelf_open(&s);
    live(&s, &t, friends, 41, 9);
    learn(&s, own);
    InsightCache *cache = insight_cache_new();
    insight_cache_learned(cache, own);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &today));
    int64_t steps = insight_cache_steps(cache);
    ScriptAnswer a[2] = {answer_of(question_that(ASKS_FELT, TYPE_EMOTIONAL, 0), 7),
                         answer_of(question_that(ASKS_FACTOR, TYPE_COUNT, 0), 6)};
    shelf_checkin(&s, friends[0].person, s.cx->now_ms - 1, a, 2, -1);
    assert_ok(s.cx, own_due(s.cx, s.book, own, &due, &step));
    assert_false(due);
    assert_ok(s.cx, insight_today_cached(s.cx, cache, s.book, &today));
    assert_int_equal(insight_cache_steps(cache) - steps, 2);
    /* Learned anew, everything is read anew, and nothing of what was worked out before stays. */
    assert_ok(s.cx, insight_relation_cached(s.cx, cache, s.book, friends[0].person, &r));
    Relation before = r;
    own->u[LEARN_ERROR] += .5;
    own->key++;
    insight_cache_learned(cache, own);
    assert_ok(s.cx, insight_relation_cached(s.cx, cache, s.book, friends[0].person, &r));
    assert_true(fabs(r.closeness.sd - before.closeness.sd) > 1e-3);
    insight_cache_learned(cache, NULL);
    Relation fresh;
    assert_ok(s.cx, insight_relation_cached(s.cx, cache, s.book, friends[0].person, &r));
    assert_ok(s.cx, insight_relation(s.cx, s.book, friends[0].person, &fresh));
    CHECK_CLOSE(r.closeness.mean, fresh.closeness.mean, 0, 0);
    insight_cache_free(cache);
    test_free(own);
    shelf_close(&s);
}

static void what_was_learned_goes_with_its_entries(void **state)
{
    (void)state;
    Shelf s;
    Truth t = plain();
    Friend friends[PEOPLE];
    Own *own = test_calloc(1, sizeof *own);
    bool due = false;
    int step = 0;
    shelf_open(&s);
    live(&s, &t, friends, OWN_FIRST, 11);
    learn(&s, own);
    assert_true(own->own);
    for (int i = 0; i < PEOPLE; i++)
        shelf_gone(&s, ENTRY_PERSON, book_id(s.book, friends[i].person));
    assert_ok(s.cx, own_due(s.cx, s.book, own, &due, &step));
    assert_true(due);
    learn(&s, own);
    assert_false(own->own);
    assert_ok(s.cx, own_due(s.cx, s.book, own, &due, &step));
    assert_false(due);
    test_free(own);
    shelf_close(&s);
}

/* Whatever bytes there are, reading them ends, and only finite numbers in their places come in. */
static void damaged_bytes_are_not_read(void **state)
{
    (void)state;
    Shelf s;
    Truth t = plain();
    Friend friends[PEOPLE];
    Own *own = test_calloc(2, sizeof *own);
    Str bytes = {NULL, 0};
    shelf_open(&s);
    live(&s, &t, friends, OWN_FIRST, 13);
    learn(&s, &own[0]);
    assert_ok(s.cx, own_write(s.cx, &own[0], NULL, &bytes));
    for (ptrdiff_t len = 0; len < bytes.len; len += 37)
        assert_true(!own_read(str_sub(bytes, 0, len), &own[1]) || len > bytes.len - 16);
    Rng rng = rng_make(3);
    for (int i = 0; i < 3000; i++) {
        char *flipped = arena_new(s.cx->arena, char, bytes.len);
        memcpy(flipped, bytes.p, (size_t)bytes.len);
        flipped[rng_below(&rng, (int)bytes.len)] ^= (char)(1 << rng_below(&rng, 8));
        bool read = own_read((Str){flipped, bytes.len}, &own[1]);
        for (int k = 0; read && k < LEARN_PARAMS; k++)
            assert_true(isfinite(own[1].u[k]) && isfinite(own[1].sd[k]));
        arena_reset(s.cx->arena);
        assert_ok(s.cx, own_write(s.cx, &own[0], NULL, &bytes));
    }
    test_free(own);
    shelf_close(&s);
}

/* -- what it finds ---------------------------------------------------------------------------------- */

static double mean_log_score(Shelf *s, const Truth *t, const Own *own, uint64_t seed)
{
    enum { FRESH = 60 };
    Rng rng = rng_make(seed);
    const ContentKind *k = &content_kinds[KIND_FRIEND];
    RelKind kind = {k->mu, k->tau, k->phi, k->half_life_months * 365.25 / 12};
    RelParams params = own_params(own);
    RelModel rm;
    Friend f;
    RelState state;
    double sum = 0;
    befriend(s, t, &f);
    kind = own_kind(own, KIND_FRIEND, &kind);
    assert_ok(s->cx, rel_model_make(s->cx, &params, &kind, &rm));
    rel_start(&rm, 0, &state);
    for (int i = 0; i < FRESH; i++) {
        const ScriptAnswer a = answer(s, t, &f, &rng, 3 * i);
        int tenths = a.question->keyed == KEYED_REVERSED ? 100 - a.tenths : a.tenths;
        RelEvent ev = {.t_days = 3 * i,
                       .kind = REL_READING,
                       .level = (RelLevel)a.question->state,
                       .value = tenths / 10.0};
        const Scale scale = {0, 10, 1};
        Predictive p = {.wide = 1};
        Answers spread;
        own_reading(own, (int)(a.question - content_questions), &ev);
        assert_ok(s->cx, rel_forecast(s->cx, &rm, &state, ev.t_days, &state));
        rel_predict(&rm, &state, &ev, &p.mean, &p.var);
        assert_ok(s->cx, score_answers(s->cx, &scale, &p, &spread));
        sum += score_log(&spread, ev.value) / FRESH;
        assert_ok(s->cx, rel_filter(s->cx, &rm, &ev, 1, &state));
    }
    return sum;
}

static void a_person_is_found_and_foretold_better(void **state)
{
    (void)state;
    Shelf s;
    Truth t = plain();
    Friend friends[PEOPLE];
    Own *own = test_calloc(1, sizeof *own);
    Rng rng = rng_make(17);
    shelf_open(&s);
    t.params.error *= .5; /* who answers steadily, and is a friend to friends */
    t.params.error_known *= .5;
    t.params.sigma_z *= .6;
    t.mu = 1.5;
    for (int q = 0; q < content_questions_count; q++)
        t.offset[q] = .5 * rng_normal(&rng);
    live(&s, &t, friends, 130, 19);
    learn(&s, own);
    assert_true(own->own && own->answers > 300 && own->people == PEOPLE);
    print_message(
        "# error %.2f (.50), colour %.2f (.60), friends %.2f +- %.2f (1.5), widened by %.3f\n",
        exp(own->u[LEARN_ERROR]), exp(own->u[LEARN_SIGMA_Z]), own->mu[KIND_FRIEND],
        own->mu_sd[KIND_FRIEND], own->widen);
    CHECK_CLOSE(own->u[LEARN_ERROR], log(.5), 0, 4 * own->sd[LEARN_ERROR]);
    CHECK_CLOSE(own->mu[KIND_FRIEND], 1.5, 0, 3 * own->mu_sd[KIND_FRIEND]);
    assert_true(own->mu[KIND_FRIEND] > 0 && own->widen >= 1 && own->widen < 1.5);
    double both = 0, square = 0, mine = 0;
    for (int q = 0; q < content_questions_count; q++) {
        if (own->asked[q] >= 4) {
            both += own->offset[q] * t.offset[q];
            square += t.offset[q] * t.offset[q];
            mine += own->offset[q] * own->offset[q];
        }
    }
    assert_true(both / sqrt(square * mine) > .5);
    double with = 0, without = 0;
    for (uint64_t seed = 31; seed < 39; seed++) {
        with += mean_log_score(&s, &t, own, seed) / 8;
        without += mean_log_score(&s, &t, NULL, seed) / 8;
    }
    print_message("# log score of fresh answers: %.3f learned, %.3f not\n", with, without);
    assert_true(with > without + .02);
    test_free(own);
    shelf_close(&s);
}

static void repeats_are_counted(void **state)
{
    (void)state;
    Own *own = test_calloc(2, sizeof *own);
    for (int k = 0; k < 2; k++) {
        Shelf s;
        Truth t = plain();
        Friend friends[PEOPLE];
        shelf_open(&s);
        t.repeats = k * .6;
        live(&s, &t, friends, 150, 23);
        learn(&s, &own[k]);
        shelf_close(&s);
    }
    const double none = learn_shares(own[0].u).same, many = learn_shares(own[1].u).same;
    print_message("# repeats: %.2f of none, %.2f of .6\n", none, many);
    assert_true(many > none + .2 && none < .15);
    CHECK_CLOSE(own[1].u[LEARN_SAME], log(.6 / .4) - log(.3 / .7), 0, 3 * own[1].sd[LEARN_SAME]);
    test_free(own);
}

/* The 80 % bands of levels, learned as on the pages, against lives whose parameters were drawn from the prior: with
 * what everyone starts with, with what was learned, and widened by what is not known of it. */
static void bands_hold_with_what_was_learned(void **state)
{
    (void)state;
    int runs = calibrating() ? 200 : 12, n = 0, prior_in = 0, learned_in = 0, widened_in = 0;
    Own *own = test_calloc(1, sizeof *own);
    Rng rng = rng_make(29);
    double widen = 0;
    for (int run = 0; run < runs; run++) {
        Shelf s;
        Friend friends[PEOPLE];
        double u[LEARN_PARAMS], z[REL_LEVELS];
        RelParams start = rel_params_default();
        Truth t = plain();
        shelf_open(&s);
        for (int k = 0; k < LEARN_PARAMS; k++)
            u[k] = learn_sd[k] * rng_normal(&rng);
        learn_apply(&start, u, &t.params);
        for (int q = 0; q < content_questions_count; q++)
            t.offset[q] = LEARN_OFFSET_SD * rng_normal(&rng);
        live(&s, &t, friends, 40, 1000 + (uint64_t)run);
        learn(&s, own);
        widen += own->widen / runs;
        for (int i = 0; i < PEOPLE; i++) {
            /* given everything they were asked, the truth is a draw of what they know of themselves */
            RelLevels truth;
            if (!friends[i].started)
                continue;
            Ground *g = arena_new(s.cx->arena, Ground, 2);
            Belief *b = arena_new(s.cx->arena, Belief, 2);
            double chol[REL_LEVELS * REL_LEVELS];
            rel_levels(&friends[i].model, &friends[i].state, &truth);
            assert_true(mat_cholesky_semi(REL_LEVELS, truth.cov, chol));
            for (int k = 0; k < REL_LEVELS; k++)
                z[k] = rng_normal(&rng);
            for (int k = 0; k < 2; k++) {
                assert_ok(s.cx, ground_make(s.cx, s.book, k ? own : NULL, NULL, &g[k]));
                assert_ok(s.cx, belief_make(s.cx, s.book, &g[k], friends[i].person, &b[k]));
                rel_levels(&b[k].model, &b[k].tip, &b[k].levels);
            }
            for (int k = 0; k < REL_LEVELS; k++) {
                double level = truth.mean[k];
                for (int j = 0; j <= k; j++)
                    level += chol[k * REL_LEVELS + j] * z[j];
                double off[2], sd[2];
                for (int w = 0; w < 2; w++) {
                    off[w] = fabs(level - b[w].levels.mean[k]);
                    sd[w] = 1.2815515655446004 * sqrt(b[w].levels.cov[k * (REL_LEVELS + 1)]);
                }
                n++;
                prior_in += off[0] <= sd[0];
                learned_in += off[1] <= sd[1];
                widened_in += off[1] <= sd[1] * sqrt(own->widen);
            }
        }
        shelf_close(&s);
    }
    print_message(
        "# 80 %% bands over %d lives: %.3f with the prior, %.3f learned, %.3f widened (by %.3f)\n",
        runs, (double)prior_in / n, (double)learned_in / n, (double)widened_in / n, widen);
    CHECK_CLOSE((double)widened_in / n, .8, 0, calibrating() ? .025 : .08);
    test_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ladder_starts_at_twelve),
        cmocka_unit_test(under_the_first_step_nothing_is_learned),
        cmocka_unit_test(the_same_entries_teach_the_same),
        cmocka_unit_test(one_more_checkin_costs_its_own_steps),
        cmocka_unit_test(what_was_learned_goes_with_its_entries),
        cmocka_unit_test(damaged_bytes_are_not_read),
        cmocka_unit_test(a_person_is_found_and_foretold_better),
        cmocka_unit_test(repeats_are_counted),
        cmocka_unit_test(bands_hold_with_what_was_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
