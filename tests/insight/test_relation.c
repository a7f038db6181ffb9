/* tests/insight/test_relation.c - what is said of a relationship: only from own readings, never more surely than
 * they bear, and gone when they are. */
#include "base/rng.h"
#include "base/time.h"
#include "insight/history.h"
#include "insight/said.h"
#include "num/dist.h"
#include "script.h"
#include <math.h>
#include <string.h>

static Relation relation_of(Shelf *s, BookRef person)
{
    Relation r;
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &r));
    return r;
}

static Relation relation_script(Shelf *s, const Script *x)
{
    return relation_of(s, shelf_script(s, x));
}

/* -- nothing is invented --------------------------------------------------------------------------- */

static void only_own_readings_make_estimates(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_PARTNER);
    for (int i = 0; i < 5; i++)
        x.events[x.n_events++] = script_moment(s.cx->now_ms - (9 - i) * DAY_MS);
    Relation r = relation_script(&s, &x);
    assert_int_equal(r.moments, 5);
    assert_false(r.closeness.known || r.trend.known || r.established);
    assert_int_equal(r.limiting, -1);
    for (int k = 0; k < TYPE_COUNT; k++) {
        assert_false(r.types[k].known || r.wanted[k].known || r.given[k].known);
        assert_int_equal(r.types[k].level.first, SAID_NONE);
    }
    script_read(&x, s.cx->now_ms - DAY_MS, TYPE_EMOTIONAL, 7);
    script_read(&x, s.cx->now_ms - DAY_MS, TYPE_COUNT + FACTOR_TRUST, 7);
    r = relation_script(&s, &x);
    for (int k = 0; k < TYPE_COUNT; k++)
        assert_int_equal(r.types[k].known, k == TYPE_EMOTIONAL);
    for (int f = 0; f < FACTOR_COUNT; f++)
        assert_int_equal(r.factors[f].known, f == FACTOR_TRUST);
    assert_true(r.closeness.known);
    assert_false(r.trend.known); /* one reading has not moved */
    assert_int_equal(r.types[TYPE_EMOTIONAL].readings, 1);
    shelf_close(&s);
}

/* Over random relationships: whatever is known has a reading of its own, whatever has none says nothing. */
static void nothing_is_known_without_a_reading(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Gen g = gen_far(seed);
        Shelf s;
        Script x;
        int felt[STATE_COUNT] = {0}, wanted[TYPE_COUNT] = {0};
        shelf_open(&s);
        script_any(&g, s.cx->now_ms, &x);
        for (int i = 0; i < x.n_events; i++) {
            for (int j = 0; j < x.events[i].n_answers; j++) {
                const ContentQuestion *q = x.events[i].answers[j].question;
                if (q->asks == ASKS_FELT || q->asks == ASKS_FACTOR)
                    felt[q->state]++;
                if (q->asks == ASKS_WANTED)
                    wanted[q->state]++;
            }
        }
        Relation r = relation_script(&s, &x);
        for (int k = 0; k < STATE_COUNT; k++) {
            const Estimate *e = k < TYPE_COUNT ? &r.types[k] : &r.factors[k - TYPE_COUNT];
            assert_int_equal(e->known, felt[k] > 0);
            assert_int_equal(e->readings, felt[k]);
            assert_true(e->known || e->level.first == SAID_NONE);
            assert_true(isfinite(e->mean) && e->sd > 0 && e->lo >= 0 && e->hi <= 10 &&
                        e->lo <= e->hi);
        }
        for (int k = 0; k < TYPE_COUNT; k++)
            assert_int_equal(r.wanted[k].known, wanted[k] > 0 || x.wanted_tenths >= 0);
        shelf_close(&s);
    }
}

static void taking_back_the_entry_takes_back_what_it_supported(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    BookRef person = shelf_script(&s, &x);
    Relation before = relation_of(&s, person);
    int64_t at = s.cx->now_ms - 2 * DAY_MS;
    ScriptAnswer felt[] = {answer_of(question_that(ASKS_FELT, TYPE_EMOTIONAL, 0), 8),
                           answer_of(question_that(ASKS_WANTED, TYPE_EMOTIONAL, 0), 9),
                           answer_of(question_that(ASKS_FACTOR, TYPE_COUNT + FACTOR_TRUST, 0), 5)};
    Id id = shelf_checkin(&s, person, at, felt, 3, -1);
    Relation with = relation_of(&s, person);
    assert_true(with.closeness.known && with.types[TYPE_EMOTIONAL].known && with.wanted[0].known);
    assert_int_equal(with.limiting, FACTOR_TRUST);
    shelf_gone(&s, ENTRY_CHECKIN, id);
    Relation after = relation_of(&s, person);
    assert_false(after.closeness.known || after.types[TYPE_EMOTIONAL].known ||
                 after.wanted[0].known);
    assert_int_equal(after.limiting, -1);
    for (int k = 0; k < TYPE_COUNT; k++)
        CHECK_CLOSE(after.types[k].mean, before.types[k].mean, 0, 0);
    shelf_close(&s);
}

/* -- words ----------------------------------------------------------------------------------------- */

static void a_word_holds_four_fifths_or_is_not_said(void **state)
{
    (void)state;
    Gen g = gen_seed(3);
    static const double cuts[] = {-HUGE_VAL, 2, 4, 6, 8, HUGE_VAL};
    for (int i = 0; i < 20000; i++) {
        double mean = (double)gen_int(&g, -200, 1200) / 100, sd = (double)gen_int(&g, 1, 400) / 100;
        Said w = said_level(mean, sd);
        double best = 0, pair = 0, said = 0;
        for (int k = 0; k < 5; k++) {
            double p =
                dist_normal_cdf((cuts[k + 1] - mean) / sd) - dist_normal_cdf((cuts[k] - mean) / sd);
            double q = k < 4 ? dist_normal_cdf((cuts[k + 2] - mean) / sd) -
                                   dist_normal_cdf((cuts[k] - mean) / sd)
                             : 0;
            best = fmax(best, p);
            pair = fmax(pair, q);
            if (w.first == k)
                said = w.last == k ? p : q;
        }
        if (w.first == SAID_NONE)
            assert_true(best < .8 && pair < .8);
        else if (w.first == w.last)
            assert_true(said >= .8 - 1e-12);
        else
            assert_true(best < .8 && said >= pair - 1e-12 && w.last == w.first + 1);
    }
    assert_int_equal(said_level(5, (double)NAN).first, SAID_NONE);
    /* half a point either way */
    assert_int_equal(said_trend(-.51, .001).last, 0);
    assert_int_equal(said_trend(-.49, .001).first, 1);
    assert_int_equal(said_trend(.49, .001).last, 1);
    assert_int_equal(said_trend(.51, .001).first, 2);
    assert_int_equal(said_trend(2, .1).first, 2);
    assert_int_equal(said_trend(0, .1).first, 1);
    assert_int_equal(said_trend(.5, .3).last, 2);
    assert_int_equal(said_trend(0, 3).first, SAID_NONE);
}

/* The first check-in as the product asks it, of every kind of relationship: true levels, today's colour and the questions' own
 * offsets drawn from the model, answers rounded as people give them. Of the type that was asked a word or two is said nearly
 * always, and holds as often as it claims. */
typedef struct First {
    int asked, said, held, one, one_held;
} First;

static void first_check_in(Rng *rng, Shelf *s, KindId kind, First *io)
{
    static const double cuts[] = {-HUGE_VAL, 2, 4, 6, 8, HUGE_VAL};
    const ContentKind *k = &content_kinds[kind];
    const RelParams p = rel_params_default();
    const Script x = script_of(kind);
    BookRef person = shelf_script(s, &x);
    AskNext ask[ASK_MOST];
    ScriptAnswer answers[ASK_MOST];
    double level[STATE_COUNT], common = rng_normal(rng), z = p.sigma_z * rng_normal(rng);
    int n = 0;
    for (int i = 0; i < STATE_COUNT; i++) /* a deviation of 1 beside tau, correlated alike */
        level[i] = k->mu + sqrt(k->tau * k->tau + 1) * (.8 * common + .6 * rng_normal(rng));
    assert_ok(s->cx, insight_ask(s->cx, NULL, s->book, person, false, ask, &n));
    assert_int_equal(n, 3);
    for (int i = 0; i < n; i++) {
        const ContentQuestion *q = ask[i].question;
        double offset = sqrt(p.error - p.error_known) * rng_normal(rng);
        double load = q->asks == ASKS_WANTED ? 0 : q->state < TYPE_COUNT ? 1 : p.load_factor;
        double of = q->asks == ASKS_WANTED ? k->mu + 2 * rng_normal(rng) : level[q->state];
        double y = of + load * z + offset + sqrt(p.error_known) * rng_normal(rng);
        answers[i] = answer_of(q, round(fmin(10, fmax(0, y))));
    }
    shelf_checkin(s, person, s->cx->now_ms - DAY_MS / 24, answers, n, -1);
    Relation r;
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &r));
    int type = ask[0].question->state;
    Said w = r.types[type].level;
    bool said = w.first != SAID_NONE;
    bool holds = said && level[type] >= cuts[w.first] && level[type] < cuts[w.last + 1];
    io->asked++;
    io->said += said;
    io->held += holds;
    io->one += said && w.first == w.last;
    io->one_held += holds && w.first == w.last;
    for (int i = 0; i < TYPE_COUNT; i++) /* of what was not asked nothing */
        assert_true(i == type || r.types[i].level.first == SAID_NONE);
}

static void three_answers_reach_two_words_and_they_hold(void **state)
{
    (void)state;
    const int people = calibrating() ? 6000 : 400;
    Rng rng = rng_make(11);
    First all = {0};
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        First f = {0};
        Shelf s;
        shelf_open(&s);
        for (int i = 0; i < people; i++) {
            first_check_in(&rng, &s, (KindId)kind, &f);
            if (i % 100 == 99) {
                shelf_close(&s);
                shelf_open(&s);
            }
        }
        shelf_close(&s);
        print_message("# first check-in, %.*s: %.3f said, %.3f of them hold; one word %.3f, %.3f\n",
                      (int)content_kinds[kind].id.len, content_kinds[kind].id.p,
                      (double)f.said / f.asked, (double)f.held / f.said, (double)f.one / f.asked,
                      f.one > 0 ? (double)f.one_held / f.one : 1);
        assert_true(f.said > .85 * f.asked);
        assert_true(f.held > .8 * f.said && f.one_held >= (.8 - 2 * .4 / sqrt(f.one + 1)) * f.one);
        all.asked += f.asked;
        all.said += f.said;
        all.held += f.held;
    }
    print_message("# first check-in: %.3f said, %.3f of them hold\n", (double)all.said / all.asked,
                  (double)all.held / all.said);
    assert_true(all.said > .93 * all.asked);
}

/* -- silence, absence, seasons ---------------------------------------------------------------------- */

static Script someone(KindId kind, int64_t now_ms, double level)
{
    Script x = script_of(kind);
    for (int i = 0; i < 6; i++) {
        x.events[x.n_events++] = script_moment(now_ms - (40 - 5 * i) * DAY_MS);
        script_read(&x, now_ms - (39 - 5 * i) * DAY_MS, TYPE_EMOTIONAL, level);
    }
    return x;
}

static void silence_adds_no_loss_and_widens_the_band(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Gen g = gen_far(seed);
        Shelf s;
        Script x;
        shelf_open(&s);
        script_any(&g, s.cx->now_ms, &x);
        x.died = 0;
        x.season = -1;
        x.since = 0;
        BookRef person = shelf_script(&s, &x);
        Relation r = relation_of(&s, person);
        for (int month = 1; month <= 24; month++) {
            s.cx->now_ms += 30 * DAY_MS;
            Relation then = relation_of(&s, person);
            for (int k = 0; k < TYPE_COUNT; k++) {
                /* a level that a moment lifted settles back into its spread: a hair, and no loss */
                assert_true(then.types[k].sd >= r.types[k].sd * (1 - 1e-4));
                assert_true(then.wanted[k].sd >= r.wanted[k].sd - 1e-12);
            }
            r = then;
        }
        shelf_close(&s);
    }
    /* a year of not writing anything down: no further than the drift to the own level, which lies near */
    Shelf s;
    shelf_open(&s);
    Script x = someone(KIND_FRIEND, s.cx->now_ms, 6);
    BookRef person = shelf_script(&s, &x);
    double before = relation_of(&s, person).types[TYPE_EMOTIONAL].mean;
    s.cx->now_ms += 365 * DAY_MS;
    double after = relation_of(&s, person).types[TYPE_EMOTIONAL].mean;
    assert_true(fabs(after - before) < .3);
    shelf_close(&s);
}

static void only_declared_absence_wears(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t start = s.cx->now_ms;
    Script x = someone(KIND_FRIEND, start, 8);
    BookRef silent = shelf_script(&s, &x), apart = shelf_script(&s, &x);
    Script y = x;
    y.season = SEASON_RESTING;
    y.season_since_ms = start;
    BookRef resting = shelf_script(&s, &y);
    Script z = x;
    z.died = 20260501;
    BookRef dead = shelf_script(&s, &z);
    s.cx->now_ms += 365 * DAY_MS;
    ScriptAnswer none[1] = {
        answer_of(question_that(ASKS_FACTOR, TYPE_COUNT + FACTOR_HONESTY, 0), 8)};
    BookRef all[] = {apart, resting, dead};
    for (int i = 0; i < 3; i++)
        shelf_checkin(&s, all[i], s.cx->now_ms, none, 1, 0);
    shelf_checkin(&s, silent, s.cx->now_ms, none, 1, -1);
    double plain = relation_of(&s, silent).types[TYPE_EMOTIONAL].mean;
    assert_true(relation_of(&s, apart).types[TYPE_EMOTIONAL].mean < plain - 1);
    CHECK_CLOSE(relation_of(&s, resting).types[TYPE_EMOTIONAL].mean, plain, 0, 1e-9);
    CHECK_CLOSE(relation_of(&s, dead).types[TYPE_EMOTIONAL].mean, plain, 0, 1e-9);
    /* what follows the declaration is silence again */
    double said = relation_of(&s, apart).types[TYPE_EMOTIONAL].mean;
    s.cx->now_ms += 365 * DAY_MS;
    assert_true(relation_of(&s, apart).types[TYPE_EMOTIONAL].mean >= said - .3);
    shelf_close(&s);
}

/* -- wanted, given, limiting, established ------------------------------------------------------------ */

static void felt_wanted_and_given_are_kept_apart(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t at = s.cx->now_ms - DAY_MS / 2;
    Script x = script_of(KIND_FRIEND);
    script_read(&x, at, TYPE_EMOTIONAL, 5);
    script_want(&x, at, TYPE_EMOTIONAL, 9);
    Relation r = relation_script(&s, &x);
    /* prior N(5.5, 4), one reading of variance 1 */
    CHECK_CLOSE(r.wanted[0].mean, 5.5 + .8 * 3.5, 1e-12, 0);
    CHECK_CLOSE(r.wanted[0].sd * r.wanted[0].sd, .8, 0, .01);
    CHECK_CLOSE(r.gap[0], r.wanted[0].mean - r.types[0].mean, 1e-12, 0);
    CHECK_CLOSE(r.gap_sd[0] * r.gap_sd[0],
                r.wanted[0].sd * r.wanted[0].sd + r.types[0].sd * r.types[0].sd, 1e-12, 0);
    assert_false(r.given[0].known || r.wanted[1].known);
    x.events[0].answers[x.events[0].n_answers++] = answer_of(question_that(ASKS_GIVEN, 0, 0), 3);
    Relation more = relation_script(&s, &x);
    assert_true(more.given[0].known && more.given[0].mean < 5);
    CHECK_CLOSE(more.types[0].mean, r.types[0].mean, 0, 0);
    CHECK_CLOSE(more.wanted[0].mean, r.wanted[0].mean, 0, 0);
    /* wanted closeness said with the relationship counts for every type, vaguely */
    x = script_of(KIND_FRIEND);
    x.wanted_tenths = 90;
    r = relation_script(&s, &x);
    assert_true(r.wanted[3].known && r.wanted[3].mean > 7 && r.wanted[3].sd > 1);
    shelf_close(&s);
}

static void the_limiting_root_has_room_and_was_read(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t at = s.cx->now_ms - DAY_MS;
    Script x = script_of(KIND_FRIEND);
    for (int i = 0; i < 4; i++) {
        script_read(&x, at - (4 - i) * DAY_MS, TYPE_EMOTIONAL, 4);
        script_want(&x, at - (4 - i) * DAY_MS, TYPE_EMOTIONAL, 9);
        for (int f = 0; f < FACTOR_COUNT; f++) {
            if (f != FACTOR_SAFETY && f != FACTOR_COMMUNICATION)
                script_read(&x, at - (4 - i) * DAY_MS, TYPE_COUNT + f,
                            f == FACTOR_ACCEPTANCE ? 1 : 9);
        }
    }
    Relation r = relation_script(&s, &x);
    double sum = 0;
    assert_int_equal(r.limiting, FACTOR_ACCEPTANCE);
    assert_true(r.limiting_prob > .5);
    for (int f = 0; f < FACTOR_COUNT; f++)
        sum += r.factor_prob[f];
    assert_true(sum <= 1 + 1e-12);
    assert_true(r.limiting != FACTOR_COMMUNICATION && r.limiting != FACTOR_SAFETY);
    shelf_close(&s);
}

static void established_needs_a_firm_acceptance(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    Script x = script_of(KIND_PARTNER);
    script_read(&x, now - 9 * DAY_MS, TYPE_EMOTIONAL, 9);
    assert_false(relation_script(&s, &x).established);
    for (int i = 0; i < 6; i++)
        script_read(&x, now - (8 - i) * DAY_MS, TYPE_COUNT + FACTOR_ACCEPTANCE, 9);
    assert_true(relation_script(&s, &x).established);
    Script y = script_of(KIND_PARTNER);
    script_read(&y, now - DAY_MS, TYPE_COUNT + FACTOR_ACCEPTANCE, 6);
    assert_false(relation_script(&s, &y).established);
    /* exactly where the low end of acceptance is close: 6 */
    int near_below = 0, near_above = 0;
    for (int v = 70; v <= 95; v++) {
        Script at = script_of(KIND_FRIEND);
        for (int i = 0; i < 4; i++)
            script_read(&at, now - (8 - i) * DAY_MS, TYPE_COUNT + FACTOR_ACCEPTANCE, v / 10.0);
        Relation known = relation_script(&s, &at);
        double lo = known.factors[FACTOR_ACCEPTANCE].lo;
        assert_int_equal(known.established, lo >= 6);
        near_below += lo < 6 && lo > 5.8;
        near_above += lo >= 6 && lo < 6.2;
    }
    assert_true(near_below > 0 && near_above > 0);
    /* being at ease is no evidence that one is accepted */
    Script z = script_of(KIND_PARTNER);
    z.events[z.n_events++] = (ScriptEvent){
        .checkin = true,
        .at_ms = now - DAY_MS,
        .contact = -1,
        .n_answers = 1,
        .answers = {answer_of(question_that(ASKS_EASE, TYPE_COUNT + FACTOR_ACCEPTANCE, 0), 10)}};
    Relation r = relation_script(&s, &z);
    assert_false(r.established || r.factors[FACTOR_ACCEPTANCE].known);
    shelf_close(&s);
}

static void a_trend_is_seen_when_there_is_one(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script up = script_of(KIND_FRIEND), flat = script_of(KIND_FRIEND);
    for (int i = 0; i < 20; i++) {
        int64_t at = s.cx->now_ms - (100 - 5 * i) * DAY_MS;
        script_read(&up, at, TYPE_EMOTIONAL, i < 10 ? 3 : 8);
        script_read(&flat, at, TYPE_EMOTIONAL, 6);
    }
    Relation r = relation_script(&s, &up);
    assert_true(r.type_trend[0].known && r.type_trend[0].word.last == 2);
    assert_true(r.type_trend[0].change > .5);
    r = relation_script(&s, &flat);
    assert_true(r.type_trend[0].known && fabs(r.type_trend[0].change) < .5);
    TrendPoint line[12];
    const RawPoint *raw = NULL;
    int n_raw = 0;
    BookRef person = shelf_script(&s, &up);
    assert_ok(s.cx, insight_trend(s.cx, NULL, s.book, person, TYPE_EMOTIONAL, s.cx->now_ms - 100 * DAY_MS,
                                  s.cx->now_ms, line, 12, &raw, &n_raw));
    assert_int_equal(n_raw, 20);
    assert_true(line[11].mean > line[0].mean + .5);
    /* the change is that of the line over 90 days, up to the last answer */
    TrendPoint ends[2];
    r = relation_of(&s, person);
    int64_t last = up.events[up.n_events - 1].at_ms;
    Civil today = time_local(s.cx->now_ms);
    today.hour = today.minute = today.second = 0;
    if (time_from_local(&today) > last)
        last = time_from_local(&today);
    assert_ok(s.cx, insight_trend(s.cx, NULL, s.book, person, TYPE_EMOTIONAL, last - 90 * DAY_MS, last, ends, 2,
                                  &raw, &n_raw));
    CHECK_CLOSE(ends[1].mean - ends[0].mean, r.type_trend[0].change, 0, 1e-6);
    for (int i = 0; i < 12; i++)
        assert_true(line[i].lo <= line[i].mean && line[i].mean <= line[i].hi);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_own_readings_make_estimates),
        cmocka_unit_test(nothing_is_known_without_a_reading),
        cmocka_unit_test(taking_back_the_entry_takes_back_what_it_supported),
        cmocka_unit_test(a_word_holds_four_fifths_or_is_not_said),
        cmocka_unit_test(three_answers_reach_two_words_and_they_hold),
        cmocka_unit_test(silence_adds_no_loss_and_widens_the_band),
        cmocka_unit_test(only_declared_absence_wears),
        cmocka_unit_test(felt_wanted_and_given_are_kept_apart),
        cmocka_unit_test(the_limiting_root_has_room_and_was_read),
        cmocka_unit_test(established_needs_a_firm_acceptance),
        cmocka_unit_test(a_trend_is_seen_when_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
