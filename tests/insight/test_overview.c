/* tests/insight/test_overview.c - what is said over all relationships: only where it holds, with what it rests on, and
 * gone when what it rests on is. */
#include "base/rng.h"
#include "base/time.h"
#include "insight/overview.h"
#include "num/dist.h"
#include "script.h"
#include <math.h>
#include <stdlib.h>

/* Takes back all entries of these kinds, of one person or of everybody. */
static void gone(Shelf *s, BookRef person, uint32_t kinds)
{
    BookRef refs[SCRIPT_EVENTS * 2], ref = BOOK_NONE;
    int n = 0;
    BookIter all = person == BOOK_NONE
                       ? book_everything(s->book, (BookWhich){.kinds = kinds})
                       : book_timeline(s->book, person, (BookWhich){.kinds = kinds});
    while (n < SCRIPT_EVENTS * 2 && book_next(&all, &ref))
        refs[n++] = ref;
    for (int i = 0; i < n; i++)
        shelf_gone(s, (EntryKind)book_kind(s->book, refs[i]), book_id(s->book, refs[i]));
}

static Overview look(Shelf *s)
{
    Overview *o = arena_new(s->cx->arena, Overview, 1);
    assert_non_null(o);
    assert_ok(s->cx, insight_overview(s->cx, NULL, s->book, o));
    return *o;
}

/* Somebody with whom each of the types is felt so, answered n times over a season. */
static BookRef felt(Shelf *s, const double value[TYPE_COUNT], int n)
{
    Script x = script_of(KIND_FRIEND);
    for (int i = 0; i < n; i++) {
        int64_t at = s->cx->now_ms - (n - i) * 10 * DAY_MS;
        for (int k = 0; k < TYPE_COUNT; k++) {
            if (value[k] >= 0)
                script_read(&x, at, k, value[k]);
        }
    }
    return shelf_script(s, &x);
}

static void balance_names_the_only_one(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    const double one[TYPE_COUNT] = {9, 9, 1, 5, -1}, other[TYPE_COUNT] = {3, 9, 1, 5, -1};
    assert_int_equal(look(&s).people, 0);
    BookRef ana = felt(&s, one, 8);
    assert_int_equal(look(&s).balance[0].word, BALANCE_UNSURE); /* nobody else to hold it against */
    felt(&s, other, 8);
    Overview o = look(&s);
    assert_int_equal(o.people, 2);
    assert_int_equal(o.balance[0].word, BALANCE_ONE);
    assert_int_equal(o.balance[0].only, ana);
    assert_int_equal(o.balance[0].asked, 2);
    assert_int_equal(o.balance[0].readings, 16);
    assert_int_equal(o.balance[1].word, BALANCE_SEVERAL);
    assert_int_equal(o.balance[2].word, BALANCE_NONE);
    assert_int_equal(o.balance[4].word, BALANCE_UNSURE); /* never asked */
    assert_int_equal(o.balance[4].asked, 0);
    /* who is unsafe is no part of it */
    Draft d = shelf_rel(&s, ana);
    draft_bool(&d, F_REL_HARM, true);
    shelf_take(&s, &d, 1);
    assert_int_equal(look(&s).people, 1);
    /* nor who is no longer there */
    Script over = script_of(KIND_FRIEND), gone_for_good = over;
    over.season = SEASON_ENDED;
    gone_for_good.died = 20200101;
    script_read(&over, s.cx->now_ms - DAY_MS, 0, 8);
    script_read(&gone_for_good, s.cx->now_ms - DAY_MS, 0, 8);
    shelf_script(&s, &over);
    shelf_script(&s, &gone_for_good);
    assert_int_equal(look(&s).people, 1);
    shelf_close(&s);
}

/* Two about whom the same was answered: met is 6 or more, for both, one, or neither of them together, with .8. */
static void met_is_felt_as_close(void **state)
{
    (void)state;
    int words[4] = {0};
    for (int v = 40; v <= 90; v++) {
        Shelf s;
        Relation r;
        const double value[TYPE_COUNT] = {v / 10.0, -1, -1, -1, -1};
        shelf_open(&s);
        BookRef person = felt(&s, value, 6);
        felt(&s, value, 6);
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        double p = dist_normal_cdf((r.types[0].mean - 6) / r.types[0].sd);
        BalanceWord expected = (1 - p) * (1 - p) >= .8 ? BALANCE_NONE
                               : p * p >= .8           ? BALANCE_SEVERAL
                                                       : BALANCE_UNSURE;
        assert_int_equal(look(&s).balance[0].word, expected);
        words[expected]++;
        shelf_close(&s);
    }
    assert_true(words[BALANCE_NONE] > 3 && words[BALANCE_SEVERAL] > 3 && words[BALANCE_UNSURE] > 3);
}

static void a_turn_is_said_with_what_coincided(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    int64_t now = s.cx->now_ms, turned = now - 180 * DAY_MS;
    for (int i = 0; i < 18; i++) {
        int64_t at = now - (360 - 20 * i) * DAY_MS;
        for (int k = 0; k < 3; k++)
            script_read(&x, at, k, at < turned ? 3 : 9);
    }
    BookRef person = shelf_script(&s, &x);
    ScriptEvent moment = script_moment(turned - 3 * DAY_MS), far = script_moment(now - 40 * DAY_MS);
    moment.opened = far.opened = true;
    moment.depth = far.depth = 4;
    shelf_moment(&s, person, &moment);
    shelf_moment(&s, person, &far);
    Overview o = look(&s);
    assert_int_equal(o.n_turns, 1);
    const Turn *t = &o.turns[0];
    assert_true(t->closer && t->probability >= .8 && t->person == person);
    assert_true(llabs(t->at_ms - turned) < 40 * DAY_MS);
    assert_int_equal(t->n_around, 1);
    assert_int_equal(t->readings, 54);
    /* two weeks on either side, and only what stands out */
    int64_t middle = t->at_ms;
    for (int days = -15; days <= 15; days += days == -13 ? 26 : 2) {
        ScriptEvent e = script_moment(middle + days * DAY_MS);
        e.has_quality = true;
        e.hundredths = days == 13 ? 80 : 95;
        e.minutes = 1;
        shelf_moment(&s, person, &e);
    }
    o = look(&s);
    assert_int_equal(o.turns[0].at_ms, middle);
    assert_int_equal(o.turns[0].n_around, 2); /* the first, and that of 13 days before */
    /* without the moments nothing coincides, and the turn still stands; without the answers it does not */
    gone(&s, person, BOOK_KIND(ENTRY_MOMENT));
    o = look(&s);
    assert_int_equal(o.n_turns, 1);
    assert_int_equal(o.turns[0].n_around, 0);
    gone(&s, person, BOOK_KIND(ENTRY_CHECKIN));
    assert_int_equal(look(&s).n_turns, 0);
    shelf_close(&s);
}

static void what_is_steady_has_no_turn(void **state)
{
    (void)state;
    int said = 0, all = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        Shelf s;
        Rng rng = rng_make(seed);
        Script x = script_of(KIND_FRIEND);
        shelf_open(&s);
        for (int i = 0; i < 18; i++) {
            for (int k = 0; k < 3; k++)
                script_read(&x, s.cx->now_ms - (360 - 20 * i) * DAY_MS, k,
                            floor(6.5 + rng_normal(&rng)));
        }
        shelf_script(&s, &x);
        said += look(&s).n_turns;
        all++;
        shelf_close(&s);
    }
    print_message("# turns said of %d steady years: %d\n", all, said);
    assert_true(said <= all / 10);
}

static void what_helped_thrice_seems_to_help(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    script_read(&x, s.cx->now_ms - 50 * DAY_MS, 0, 6);
    BookRef person = shelf_script(&s, &x);
    const ContentPractice *good = &content_practices[0], *usual = &content_practices[1];
    Id last = book_id(s.book, person);
    for (int i = 0; i < 12; i++) {
        Id who = book_id(s.book, person);
        Draft d = draft_new(s.cx, ENTRY_DONE);
        draft_ids(&d, F_PEOPLE, &who, 1);
        draft_at(&d, s.cx->now_ms - (40 - i) * DAY_MS);
        draft_text(&d, F_DONE_PRACTICE, i % 2 ? usual->id : good->id);
        draft_real(&d, F_DONE_HELPED, i % 2 ? 5 : 10);
        shelf_take(&s, &d, 1);
        if (i % 2 == 0)
            last = d.object;
        Overview o = look(&s);
        assert_true(i >= 4 || o.n_helps == 0);
        assert_true(i < 10 || (o.n_helps == 1 && o.helps[0].practice == good));
    }
    assert_int_equal(look(&s).helps[0].n, 6);
    shelf_gone(&s, ENTRY_DONE, last);
    assert_int_equal(look(&s).helps[0].n, 5);
    gone(&s, BOOK_NONE, BOOK_KIND(ENTRY_DONE));
    assert_int_equal(look(&s).n_helps, 0);
    shelf_close(&s);
}

/* Whatever helped: what is romantic is named only while romance has a place with somebody. */
static void what_is_romantic_is_not_named_by_mistake(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    Script x = script_of(KIND_PARTNER);
    x.romance = true;
    script_read(&x, s.cx->now_ms - 50 * DAY_MS, 0, 6);
    BookRef person = shelf_script(&s, &x);
    const ContentPractice *p = NULL;
    for (int i = 0; i < content_practices_count && !p; i++)
        p = content_practices[i].romantic ? &content_practices[i] : NULL;
    assert_non_null(p);
    for (int i = 0; p && i < 8; i++) {
        Id who = book_id(s.book, person);
        Draft d = draft_new(s.cx, ENTRY_DONE);
        draft_ids(&d, F_PEOPLE, &who, 1);
        draft_at(&d, s.cx->now_ms - (40 - i) * DAY_MS);
        draft_text(&d, F_DONE_PRACTICE, p->id);
        draft_real(&d, F_DONE_HELPED, 10);
        shelf_take(&s, &d, 1);
    }
    Overview o = look(&s);
    assert_true(o.n_helps == 1 && o.helps[0].practice == p);
    Draft d = shelf_rel(&s, person);
    draft_bool(&d, F_REL_ROMANCE, false);
    shelf_take(&s, &d, 1);
    assert_int_equal(look(&s).n_helps, 0);
    shelf_close(&s);
}

/* -- taking back what a sentence cites takes back the sentence ------------------------------------------- */

/* Over random books of three people: whatever is said of somebody cites their check-ins; without these nothing of it
 * is said any more, on their page or over all. */
static void without_its_entries_no_sentence_stands(void **state)
{
    (void)state;
    int said = 0;
    for (uint64_t seed = 1; seed <= 250; seed++) {
        Gen g = gen_far(seed);
        Shelf s;
        BookRef people[3];
        shelf_open(&s);
        for (int i = 0; i < 3; i++) {
            Script x;
            script_any(&g, s.cx->now_ms, &x);
            x.wanted_tenths = -1;
            people[i] = shelf_script(&s, &x);
        }
        Overview before = look(&s);
        for (int i = 0; i < 3; i++) {
            Relation r;
            gone(&s, people[i], BOOK_KIND(ENTRY_CHECKIN));
            Overview o = look(&s);
            assert_ok(s.cx, insight_relation(s.cx, s.book, people[i], &r));
            assert_false(r.closeness.known || r.trend.known || r.established);
            assert_int_equal(r.limiting, -1);
            for (int k = 0; k < STATE_COUNT; k++) {
                const Estimate *e = k < TYPE_COUNT ? &r.types[k] : &r.factors[k - TYPE_COUNT];
                assert_false(e->known);
                assert_int_equal(e->level.first, SAID_NONE);
            }
            for (int k = 0; k < TYPE_COUNT; k++) {
                assert_false(r.type_trend[k].known || r.wanted[k].known || r.given[k].known);
                assert_true(o.balance[k].only != people[i]);
            }
            for (int j = 0; j < o.n_accepted; j++)
                assert_true(o.accepted[j].person != people[i]);
            for (int j = 0; j < o.n_turns; j++)
                assert_true(o.turns[j].person != people[i]);
        }
        Overview none = look(&s);
        said += before.n_accepted + before.n_turns;
        for (int k = 0; k < TYPE_COUNT; k++) {
            said += before.balance[k].word != BALANCE_UNSURE;
            assert_int_equal(none.balance[k].word, BALANCE_UNSURE);
        }
        assert_int_equal(none.people + none.readings + none.n_accepted + none.n_turns, 0);
        shelf_close(&s);
    }
    print_message("# %d sentences were taken back\n", said);
    assert_true(said > 100);
}

/* The check-ins with somebody in which something asks that: what an estimate cites. state < 0: of any type felt. */
static void gone_readings(Shelf *s, BookRef person, AsksId asks, int state)
{
    BookRef refs[SCRIPT_EVENTS * 2], ref = BOOK_NONE;
    int n = 0;
    BookIter all = book_timeline(s->book, person, (BookWhich){.kinds = BOOK_KIND(ENTRY_CHECKIN)});
    while (n < SCRIPT_EVENTS * 2 && book_next(&all, &ref)) {
        BookCheckin c;
        bool cited = false;
        assert_ok(s->cx, book_checkin(s->cx, s->book, ref, &c));
        for (int i = 0; i < c.n_answers; i++) {
            const ContentQuestion *q = content_question(c.answers[i].question);
            cited = cited || (q && q->asks == asks && (state < 0 || q->state == state));
        }
        if (cited)
            refs[n++] = ref;
    }
    for (int i = 0; i < n; i++)
        shelf_gone(s, ENTRY_CHECKIN, book_id(s->book, refs[i]));
}

/* Sentence by sentence over random lives, each told anew: only the entries that it cites are taken back, all the
 * others stay, and it is gone. */
enum {
    CITE_FELT,
    CITE_FACTOR,
    CITE_WANTED,
    CITE_GIVEN,
    CITE_TREND,
    CITE_CLOSENESS,
    CITE_LIMITING,
    CITE_ACCEPTED,
    CITE_TURN,
    CITE_BALANCE,
    CITES
};

/* Whether the nth sort of sentence is said of this person and state, and what it cites. */
static bool cited(Shelf *s, BookRef person, int sort, int state, AsksId *ret_asks, int *ret_state)
{
    Relation r;
    const Overview o = look(s);
    int type = state % TYPE_COUNT, factor = state % FACTOR_COUNT;
    bool turned = false, accepted = false;
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &r));
    for (int i = 0; i < o.n_turns; i++)
        turned = turned || o.turns[i].person == person;
    for (int i = 0; i < o.n_accepted; i++)
        accepted = accepted || o.accepted[i].person == person;
    *ret_asks = sort == CITE_WANTED  ? ASKS_WANTED
                : sort == CITE_GIVEN ? ASKS_GIVEN
                : sort == CITE_FACTOR || sort == CITE_LIMITING || sort == CITE_ACCEPTED
                    ? ASKS_FACTOR
                    : ASKS_FELT;
    *ret_state = sort == CITE_CLOSENESS || sort == CITE_TURN ? -1
                 : sort == CITE_ACCEPTED                     ? TYPE_COUNT + FACTOR_ACCEPTANCE
                 : *ret_asks == ASKS_FACTOR                  ? TYPE_COUNT + factor
                                                             : type;
    const bool said[CITES] = {r.types[type].known,
                              r.factors[factor].known,
                              r.wanted[type].known,
                              r.given[type].known,
                              r.type_trend[type].known,
                              r.closeness.known || r.trend.known,
                              r.limiting == factor,
                              r.established || accepted,
                              turned,
                              o.balance[type].word == BALANCE_ONE &&
                                  o.balance[type].only == person};
    return said[sort];
}

/* A life in which a turn, or being the only one, is likely: chance alone hardly ever makes one. */
static void made_likely(Gen *g, int64_t now_ms, int sort, int nth, Script *ret)
{
    *ret = script_of(gen_chance(g, 50) ? KIND_FRIEND : KIND_PARENT);
    for (int i = 0; i < 12; i++) {
        bool high = sort == CITE_TURN ? (i < 6) == (nth == 0) : nth == 0;
        for (int k = 0; k < TYPE_COUNT; k++)
            script_read(ret, now_ms - (12 - i) * 30 * DAY_MS, k,
                        (double)gen_int(g, high ? 7 : 0, high ? 10 : 2));
    }
}

static void each_sentence_goes_with_what_it_cites(void **state)
{
    int taken[CITES] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 1200; seed++) {
        Gen g = gen_far(seed);
        int sort = (int)(seed % CITES), about = (int)gen_int(&g, 0, STATE_COUNT - 1), of, asks_of;
        AsksId asks, again;
        Shelf s;
        BookRef people[2];
        shelf_open(&s);
        for (int i = 0; i < 2; i++) {
            Script x;
            if (sort >= CITE_TURN)
                made_likely(&g, s.cx->now_ms, sort, i, &x);
            else
                script_any(&g, s.cx->now_ms, &x);
            x.wanted_tenths = -1;
            people[i] = shelf_script(&s, &x);
        }
        if (cited(&s, people[0], sort, about, &asks, &of)) {
            gone_readings(&s, people[0], asks, of);
            assert_false(cited(&s, people[0], sort, about, &again, &asks_of));
            taken[sort]++;
        }
        shelf_close(&s);
    }
    for (int i = 0; i < CITES; i++) {
        print_message("# sort %d: %d taken back\n", i, taken[i]);
        assert_true(taken[i] > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balance_names_the_only_one),
        cmocka_unit_test(met_is_felt_as_close),
        cmocka_unit_test(a_turn_is_said_with_what_coincided),
        cmocka_unit_test(what_is_steady_has_no_turn),
        cmocka_unit_test(what_helped_thrice_seems_to_help),
        cmocka_unit_test(what_is_romantic_is_not_named_by_mistake),
        cmocka_unit_test(without_its_entries_no_sentence_stands),
        cmocka_unit_test(each_sentence_goes_with_what_it_cites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
