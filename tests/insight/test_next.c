/* tests/insight/test_next.c - the next step follows what people say: everything they say changes it, and nothing
 * is held against anyone. */
#include "offered.h"
#include <math.h>
#include <string.h>

/* The place of a practice in the list, or -1. */
static int rank_of(const List *l, const ContentPractice *p)
{
    const Offer *o = offer_of(l, p);
    return o ? (int)(o - l->o) : -1;
}

static double score_of(const List *l, const ContentPractice *p)
{
    int i = rank_of(l, p);
    assert_true(i >= 0);
    return l->o[i].score;
}

/* A friend of whom enough is known: everything felt at 5, wanted at 7, all roots at 7. */
static Script friend_rounds(Shelf *s, double felt, double wanted, int rounds)
{
    Script x = script_of(KIND_FRIEND);
    for (int i = 0; i < rounds; i++) {
        int64_t at = s->cx->now_ms - 3 * (rounds - i) * DAY_MS;
        for (int k = 0; k < TYPE_COUNT; k++)
            script_read(&x, at, k, felt);
        for (int f = 0; f < FACTOR_COUNT; f++)
            script_read(&x, at, TYPE_COUNT + f, 7);
        for (int k = 0; k < TYPE_COUNT; k++)
            script_want(&x, at + DAY_MS, k, wanted);
    }
    return x;
}

static Script friend_known(Shelf *s, double felt, double wanted)
{
    return friend_rounds(s, felt, wanted, 2);
}

static double best_serving(const List *l, int type)
{
    double best = -1;
    for (int i = 0; i < l->n; i++) {
        if (l->o[i].kind == OFFER_PRACTICE && l->o[i].type == type)
            best = fmax(best, l->o[i].score);
    }
    return best;
}

/* -- each thing that can be said --------------------------------------------------------------------- */

static void wanting_more_of_something_raises_what_serves_it(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 5);
    BookRef person = shelf_script(&s, &x);
    list_of(&s, person, &a);
    ScriptAnswer more[] = {answer_of(question_that(ASKS_WANTED, TYPE_INTELLECTUAL, 0), 10)};
    for (int i = 0; i < 3; i++)
        shelf_checkin(&s, person, s.cx->now_ms - 1000 * (3 - i), more, 1, -1);
    list_of(&s, person, &b);
    assert_true(best_serving(&b, TYPE_INTELLECTUAL) > best_serving(&a, TYPE_INTELLECTUAL) + .05);
    assert_int_equal(b.o[0].type, TYPE_INTELLECTUAL);
    assert_true(b.o[0].gap_known && b.o[0].gap > 1);
    /* said with the relationship, without a check-in of its own */
    Script z = script_of(KIND_FRIEND);
    for (int k = 0; k < TYPE_COUNT; k++)
        script_read(&z, s.cx->now_ms - DAY_MS, k, 5);
    z.wanted_tenths = 50;
    list_of(&s, shelf_script(&s, &z), &a);
    z.wanted_tenths = 100;
    list_of(&s, shelf_script(&s, &z), &b);
    assert_true(b.o[0].gap > a.o[0].gap + 1);
    shelf_close(&s);
}

static void what_is_not_part_of_us_is_not_offered(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    list_of(&s, shelf_script(&s, &x), &a);
    x.not_ours = 1u << TYPE_SPIRITUAL;
    list_of(&s, shelf_script(&s, &x), &b);
    int gone = 0;
    for (int i = 0; i < a.n; i++)
        gone += rank_of(&b, a.o[i].practice) < 0;
    assert_true(gone > 0);
    for (int i = 0; i < b.n; i++)
        assert_true(b.o[i].type != TYPE_SPIRITUAL);
    shelf_close(&s);
}

static void touch_is_for_where_it_is_welcome(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef person = shelf_script(&s, &x);
    list_of(&s, person, &a);
    Draft d = shelf_rel(&s, person);
    draft_text(&d, F_REL_WELCOME_BODY, STR("a hug at the door"));
    shelf_take(&s, &d, 1);
    list_of(&s, person, &b);
    const ContentPractice *touch = NULL;
    for (int i = 0; i < a.n && !touch; i++) {
        if (a.o[i].practice && a.o[i].practice->types[TYPE_PHYSICAL] == LOADING_MAX)
            touch = a.o[i].practice;
    }
    assert_non_null(touch);
    assert_true(score_of(&b, touch) > score_of(&a, touch));
    assert_true(rank_of(&b, touch) <= rank_of(&a, touch));
    /* someone new: not before it has been said */
    x.touch_said = false;
    x.season = SEASON_NEW;
    list_of(&s, shelf_script(&s, &x), &a);
    for (int i = 0; i < a.n; i++)
        assert_true(!a.o[i].practice || a.o[i].practice->types[TYPE_PHYSICAL] < LOADING_MAX);
    shelf_close(&s);
}

static void kind_season_and_distance_choose(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    list_of(&s, shelf_script(&s, &x), &a);
    int differs = 0;
    x.kinds = 1u << KIND_COLLEAGUE;
    list_of(&s, shelf_script(&s, &x), &b);
    for (int i = 0; i < b.n; i++) {
        assert_true(!b.o[i].practice || content_has(b.o[i].practice->kinds, KIND_COLLEAGUE));
        differs += rank_of(&a, b.o[i].practice) != i;
    }
    assert_true(differs > 0);
    x.kinds = 1u << KIND_FRIEND;
    x.season = SEASON_RESTING;
    x.season_since_ms = s.cx->now_ms - 9 * DAY_MS;
    list_of(&s, shelf_script(&s, &x), &b);
    assert_true(b.n > 0);
    for (int i = 0; i < b.n; i++)
        assert_true(b.o[i].practice && !b.o[i].practice->approach && b.o[i].type == -1);
    x.season = -1;
    x.far = true;
    list_of(&s, shelf_script(&s, &x), &b);
    for (int i = 0; i < b.n; i++)
        assert_true(!b.o[i].practice ||
                    (b.o[i].practice->where & ~(IdSet)(1u << PLACE_TOGETHER)) != 0);
    assert_true(b.n > 0 && b.n != a.n);
    shelf_close(&s);
}

static void an_unsafe_answer_leaves_only_what_guards(void **state)
{
    (void)state;
    Shelf s;
    List a;
    Today t;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    script_read(&x, s.cx->now_ms - DAY_MS, TYPE_COUNT + FACTOR_SAFETY, 2);
    list_of(&s, shelf_script(&s, &x), &a);
    assert_true(a.n > 0);
    for (int i = 0; i < a.n; i++)
        assert_true(a.o[i].practice && (a.o[i].practice->class == CLASS_BOUNDARY ||
                                        a.o[i].practice->class == CLASS_SUPPORT));
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_true(t.check_in == BOOK_NONE);
    shelf_close(&s);
}

static void someone_who_has_died_is_not_to_be_reached(void **state)
{
    (void)state;
    Shelf s;
    List a;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    x.died = 20260420;
    list_of(&s, shelf_script(&s, &x), &a);
    assert_true(a.n > 0);
    for (int i = 0; i < a.n; i++)
        assert_true(a.o[i].practice && !a.o[i].practice->approach);
    shelf_close(&s);
}

/* A liked thing, mine or theirs, raises exactly the practices that meet it. */
static void check_likes(int tag, bool mine, int set)
{
    static const int counts[3] = {INTEREST_COUNT, STYLE_COUNT, WAY_COUNT};
    for (int member = 0; member < counts[set]; member++) {
        Shelf s;
        List a, b;
        shelf_open(&s);
        const ContentTag *tags = set == 0   ? content_interests
                                 : set == 1 ? content_styles
                                            : content_ways;
        Script x = friend_known(&s, 5, 8);
        BookRef person = shelf_script(&s, &x);
        list_of(&s, person, &a);
        Draft d = mine ? draft_edit(s.cx, ENTRY_ME, ENTRY_ME_ID)
                       : draft_edit(s.cx, ENTRY_PERSON, book_id(s.book, person));
        draft_texts(&d, (uint16_t)tag, &tags[member].id, 1);
        shelf_take(&s, &d, 1);
        list_of(&s, person, &b);
        int raised = 0;
        for (int i = 0; i < a.n; i++) {
            const ContentPractice *p = a.o[i].practice;
            if (!p)
                continue;
            const uint8_t *load = set == 0 ? p->interests : set == 1 ? p->styles : p->ways;
            double before = a.o[i].score, after = score_of(&b, p);
            if (load[member] == 0)
                CHECK_CLOSE(after, before, 0, 1e-12);
            else
                assert_true(after >= before);
            raised += after > before + 1e-9;
        }
        if (raised > 0) {
            shelf_close(&s);
            return; /* one that some open practice meets is enough */
        }
        shelf_close(&s);
    }
    fail_msg("nothing of set %d changes anything", set);
}

static void interests_styles_and_ways_of_both_change_the_rank(void **state)
{
    (void)state;
    check_likes(F_ME_INTERESTS, true, 0);
    check_likes(F_ME_STYLES, true, 1);
    check_likes(F_ME_WAYS, true, 2);
    check_likes(F_PERSON_INTERESTS, false, 0);
    check_likes(F_PERSON_STYLES, false, 1);
    check_likes(F_PERSON_WAYS, false, 2);
}

/* -- fairness ---------------------------------------------------------------------------------------- */

static void nobody_is_favoured_for_being_low(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script high = friend_rounds(&s, 6, 8, 10), low = friend_rounds(&s, 3, 5, 10);
    BookRef person = shelf_script(&s, &high);
    list_of(&s, person, &a);
    /* the same person: what is felt and wanted are both three lower */
    Shelf t;
    shelf_open(&t);
    BookRef other = shelf_script(&t, &low);
    list_of(&t, other, &b);
    /* the gap is the same but for the prior's pull, which never makes the lower one's larger */
    for (int k = 0; k < TYPE_COUNT; k++) {
        assert_true(b.r.gap[k] < a.r.gap[k] + .1);
        assert_true(fabs(a.r.gap[k] - b.r.gap[k]) < .5);
    }
    double sum_a = 0, sum_b = 0;
    for (int i = 0; i < 10; i++) {
        sum_a += a.o[i].score;
        sum_b += b.o[i].score;
    }
    print_message("# best ten: %.3f felt 6 wanted 8, %.3f felt 3 wanted 5\n", sum_a, sum_b);
    assert_true(sum_b < sum_a * 1.15);
    /* low, and nobody wants it otherwise: worth less than a wish */
    Script content = friend_rounds(&s, 2, 2, 10);
    BookRef quiet = shelf_script(&s, &content);
    list_of(&s, quiet, &b);
    print_message("# best: %.3f where more is wanted, %.3f where it is as wished\n", a.o[0].score,
                  b.o[0].score);
    assert_true(b.o[0].score < a.o[0].score * .75);
    shelf_close(&t);
    shelf_close(&s);
}

static void wanting_distance_is_served(void **state)
{
    (void)state;
    Shelf s;
    List a;
    shelf_open(&s);
    Script x = friend_known(&s, 8, 3);
    list_of(&s, shelf_script(&s, &x), &a);
    assert_true(a.n > 0);
    for (int i = 0; i < a.n; i++) {
        assert_true(a.o[i].wants_less && a.o[i].gap_known && a.o[i].gap < 0);
        assert_true(a.o[i].practice->class == CLASS_BOUNDARY ||
                    a.o[i].practice->class == CLASS_SOLO);
        assert_false(a.o[i].practice->approach);
    }
    shelf_close(&s);
}

static void a_hazy_picture_asks_first(void **state)
{
    (void)state;
    Shelf s;
    List a;
    shelf_open(&s);
    Script x = script_of(KIND_FRIEND);
    x.events[x.n_events++] = script_moment(s.cx->now_ms - DAY_MS);
    list_of(&s, shelf_script(&s, &x), &a);
    assert_int_equal(a.o[0].kind, OFFER_CHECK_IN);
    assert_int_equal(a.n, 1);
    x = friend_known(&s, 5, 8);
    list_of(&s, shelf_script(&s, &x), &a);
    assert_int_equal(a.o[0].kind, OFFER_PRACTICE);
    shelf_close(&s);
}

/* -- learning, repetition, answers -------------------------------------------------------------------- */

static void take_done(Shelf *s, BookRef person, const ContentPractice *p, int64_t at, double helped,
                      bool alone)
{
    Draft d = draft_new(s->cx, ENTRY_DONE);
    draft_id(&d, F_PERSON, book_id(s->book, person));
    draft_at(&d, at);
    draft_text(&d, F_DONE_PRACTICE, p->id);
    draft_real(&d, F_DONE_HELPED, helped);
    if (alone)
        draft_bool(&d, F_DONE_ALONE, true);
    shelf_take(s, &d, 1);
}

static void what_helped_is_offered_more(void **state)
{
    (void)state;
    Shelf s;
    List a, b, c;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef person = shelf_script(&s, &x), other = shelf_script(&s, &x);
    list_of(&s, person, &a);
    const ContentPractice *good = NULL, *bad = NULL, *both = NULL;
    for (int i = 0; i < a.n; i++) {
        const ContentPractice *p = a.o[i].practice;
        if (p && !p->needs_both && !good)
            good = p;
        else if (p && !p->needs_both && !bad)
            bad = p;
        else if (p && p->needs_both && !both)
            both = p;
    }
    assert_true(good && bad && both);
    /* what needs both, done by one, is not done */
    for (int i = 0; i < 6; i++)
        take_done(&s, person, both, s.cx->now_ms - (400 + i) * DAY_MS, 10, true);
    list_of(&s, person, &b);
    CHECK_CLOSE(score_of(&b, both), score_of(&a, both), 0, 1e-12);
    for (int i = 0; i < 6; i++) {
        take_done(&s, person, good, s.cx->now_ms - (400 + i) * DAY_MS, 10, false);
        take_done(&s, person, bad, s.cx->now_ms - (400 + i) * DAY_MS, 0, false);
    }
    list_of(&s, person, &b);
    assert_true(score_of(&b, good) > score_of(&a, good));
    assert_true(score_of(&b, bad) < score_of(&a, bad));
    assert_int_equal(b.o[rank_of(&b, good)].n_done, 6);
    assert_true(b.o[rank_of(&b, good)].helps > .8 && b.o[rank_of(&b, bad)].helps < .4);
    assert_int_equal(b.o[rank_of(&b, both)].n_done, 0);
    /* with someone else it counts too, for less */
    list_of(&s, other, &c);
    assert_int_equal(c.o[rank_of(&c, good)].n_done, 6);
    assert_true(c.o[rank_of(&c, good)].helps < b.o[rank_of(&b, good)].helps);
    shelf_close(&s);
}

static void answer_at(Shelf *s, BookRef person, const ContentPractice *p, int answer, int64_t at_ms)
{
    Draft d = draft_new(s->cx, answer ? ENTRY_OFFER : ENTRY_DONE);
    draft_id(&d, F_PERSON, book_id(s->book, person));
    draft_at(&d, at_ms);
    draft_text(&d, F_OFFER_PRACTICE, p->id); /* of the same number as F_DONE_PRACTICE */
    if (answer)
        draft_int(&d, F_OFFER_ANSWER, answer);
    shelf_take(s, &d, 1);
}

static void answers_are_heard(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef person = shelf_script(&s, &x);
    list_of(&s, person, &a);
    const ContentPractice *first = a.o[0].practice, *second = a.o[1].practice;
    answer_at(&s, person, first, OFFER_NOT_FOR_US, s.cx->now_ms);
    answer_at(&s, person, second, OFFER_NOT_NOW, s.cx->now_ms);
    list_of(&s, person, &b);
    assert_int_equal(rank_of(&b, first), -1);
    assert_int_equal(rank_of(&b, second), -1);
    s.cx->now_ms += 5 * DAY_MS;
    list_of(&s, person, &b);
    assert_int_equal(rank_of(&b, first), -1);
    assert_true(rank_of(&b, second) >= 0);
    shelf_close(&s);
}

/* Taking something up says nothing of what it does, so that only its having been is left. */
static void what_was_just_done_is_offered_less(void **state)
{
    (void)state;
    Shelf s;
    List a, b;
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef person = shelf_script(&s, &x);
    list_of(&s, person, &a);
    const ContentPractice *p = a.o[0].practice, *other = a.o[1].practice;
    answer_at(&s, person, p, OFFER_TAKEN, s.cx->now_ms - 30 * DAY_MS);
    list_of(&s, person, &b);
    CHECK_CLOSE(score_of(&a, p) - score_of(&b, p), .12 * exp(-1), 0, .002); /* to within a day */
    CHECK_CLOSE(score_of(&a, other), score_of(&b, other), 0, 1e-12);
    shelf_close(&s);
}

static double hours_and_money(const ContentPractice *p)
{
    return .005 * fmin(p->minutes, 240) / 60 + .004 * (int)p->cost;
}

/* What guards is worth the same but for the draw of the day: over many days what is left is what it asks of one. */
static void what_asks_less_is_offered_more(void **state)
{
    (void)state;
    enum { DAYS = 300 };
    Shelf s;
    List a;
    double mean = 0, asks = 0, xx = 0, xy = 0, sums[OFFERED_MOST] = {0};
    const ContentPractice *which[OFFERED_MOST];
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    script_read(&x, s.cx->now_ms - DAY_MS, TYPE_COUNT + FACTOR_SAFETY, 2);
    BookRef person = shelf_script(&s, &x);
    list_of(&s, person, &a);
    int n = 0;
    for (int i = 0; i < a.n; i++) {
        if (a.o[i].factor < 0)
            which[n++] = a.o[i].practice;
    }
    assert_true(n > 5);
    for (int day = 0; day < DAYS; day++) {
        list_of(&s, person, &a);
        for (int i = 0; i < n; i++)
            sums[i] += score_of(&a, which[i]) / DAYS;
        s.cx->now_ms += DAY_MS;
    }
    for (int i = 0; i < n; i++) {
        mean += sums[i] / n;
        asks += hours_and_money(which[i]) / n;
    }
    for (int i = 0; i < n; i++) {
        double more = hours_and_money(which[i]) - asks;
        xx += more * more;
        xy += more * (sums[i] - mean);
    }
    /* The draws' SD is .2 * .35 / 2, so the slope's is that over sqrt(DAYS * xx). */
    CHECK_CLOSE(xy / xx, -1, 0, 4 * .035 / sqrt(DAYS * xx));
    assert_true(4 * .035 / sqrt(DAYS * xx) < 1); /* so that a slope of 0 fails */
    shelf_close(&s);
}

/* -- today ------------------------------------------------------------------------------------------- */

static void today_is_small_and_may_be_none(void **state)
{
    (void)state;
    Shelf s;
    Today t;
    shelf_open(&s);
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 0);
    Script nobody = script_of(KIND_FRIEND);
    shelf_script(&s, &nobody); /* nothing was ever said of them */
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 0);
    BookRef people[8];
    for (int i = 0; i < 8; i++) {
        Script x = friend_known(&s, 5, 8);
        people[i] = shelf_script(&s, &x);
    }
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 3);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < i; j++)
            assert_true(t.offers[i].person != t.offers[j].person &&
                        t.offers[i].practice != t.offers[j].practice);
        assert_true(i == 0 || t.offers[i - 1].score >= t.offers[i].score);
    }
    /* an answered offer is one of today's three; that person has had theirs */
    Draft d = draft_new(s.cx, ENTRY_OFFER);
    BookRef answered = t.offers[0].person;
    draft_id(&d, F_PERSON, book_id(s.book, answered));
    draft_at(&d, s.cx->now_ms);
    draft_text(&d, F_OFFER_PRACTICE, t.offers[0].practice->id);
    draft_int(&d, F_OFFER_ANSWER, OFFER_TAKEN);
    shelf_take(&s, &d, 1);
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 2);
    assert_true(t.offers[0].person != answered && t.offers[1].person != answered);
    /* paused: nothing for anyone; quiet: nothing at all */
    for (int i = 0; i < 8; i++) {
        Draft p = shelf_rel(&s, people[i]);
        draft_int(&p, F_REL_PAUSED_UNTIL, s.cx->now_ms + DAY_MS);
        shelf_take(&s, &p, 1);
    }
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 0);
    s.cx->now_ms += 3 * DAY_MS;
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 3);
    Draft me = draft_edit(s.cx, ENTRY_ME, ENTRY_ME_ID);
    draft_bool(&me, F_ME_QUIET, true);
    shelf_take(&s, &me, 1);
    assert_ok(s.cx, insight_today(s.cx, s.book, &t));
    assert_int_equal(t.n, 0);
    assert_true(t.check_in == BOOK_NONE);
    shelf_close(&s);
}

static int taken_of(Shelf *s, BookRef person, Taken ret[TAKEN_MOST])
{
    TakenList taken = {.n = -1};
    assert_ok(s->cx, insight_taken(s->cx, NULL, s->book, person, &taken));
    for (int i = 0; i < taken.n; i++)
        ret[i] = taken.list[i];
    return taken.n;
}

static void what_was_taken_up_waits_until_something_is_said_of_it(void **state)
{
    (void)state;
    Shelf s;
    List l;
    Taken t[TAKEN_MOST];
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef ana = shelf_script(&s, &x), tom = shelf_script(&s, &x);
    list_of(&s, ana, &l);
    const ContentPractice *first = l.o[0].practice, *second = l.o[1].practice;
    int64_t now = s.cx->now_ms;
    assert_int_equal(taken_of(&s, BOOK_NONE, t), 0);
    answer_at(&s, ana, first, OFFER_TAKEN, now - 2 * DAY_MS);
    answer_at(&s, tom, first, OFFER_NOT_NOW, now - DAY_MS);
    answer_at(&s, ana, second, OFFER_TAKEN, now - DAY_MS);
    assert_int_equal(taken_of(&s, BOOK_NONE, t), 2);
    assert_true(t[0].person == ana && t[0].practice == second && t[0].at_ms == now - DAY_MS);
    assert_true(t[1].person == ana && t[1].practice == first);
    assert_int_equal(taken_of(&s, tom, t), 0);
    /* it is not offered while it waits */
    list_of(&s, ana, &l);
    assert_int_equal(rank_of(&l, first), -1);
    answer_at(&s, ana, first, 0, now - 1000); /* done */
    assert_int_equal(taken_of(&s, ana, t), 1);
    list_of(&s, ana, &l);
    assert_true(rank_of(&l, first) >= 0);
    answer_at(&s, ana, second, OFFER_NOT_NOW, now - 500);
    assert_int_equal(taken_of(&s, ana, t), 0);
    answer_at(&s, ana, second, OFFER_TAKEN, now);
    assert_int_equal(taken_of(&s, ana, t), 1);
    s.cx->now_ms += (TAKEN_DAYS + 1) * DAY_MS; /* nobody is reminded for ever */
    assert_int_equal(taken_of(&s, ana, t), 0);
    shelf_close(&s);
}

static void what_was_taken_up_passes_the_gate_again(void **state)
{
    (void)state;
    Shelf s;
    List l;
    Taken t[TAKEN_MOST];
    shelf_open(&s);
    Script x = friend_known(&s, 5, 8);
    BookRef ana = shelf_script(&s, &x);
    list_of(&s, ana, &l);
    int i = 0;
    while (!l.o[i].practice->approach)
        i++;
    answer_at(&s, ana, l.o[i].practice, OFFER_TAKEN, s.cx->now_ms - 1000);
    assert_int_equal(taken_of(&s, ana, t), 1);
    Draft harm = shelf_rel(&s, ana);
    draft_bool(&harm, F_REL_HARM, true);
    shelf_take(&s, &harm, 1);
    assert_int_equal(taken_of(&s, ana, t), 0);
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wanting_more_of_something_raises_what_serves_it),
        cmocka_unit_test(what_was_taken_up_waits_until_something_is_said_of_it),
        cmocka_unit_test(what_was_taken_up_passes_the_gate_again),
        cmocka_unit_test(what_is_not_part_of_us_is_not_offered),
        cmocka_unit_test(touch_is_for_where_it_is_welcome),
        cmocka_unit_test(kind_season_and_distance_choose),
        cmocka_unit_test(an_unsafe_answer_leaves_only_what_guards),
        cmocka_unit_test(someone_who_has_died_is_not_to_be_reached),
        cmocka_unit_test(interests_styles_and_ways_of_both_change_the_rank),
        cmocka_unit_test(nobody_is_favoured_for_being_low),
        cmocka_unit_test(wanting_distance_is_served),
        cmocka_unit_test(a_hazy_picture_asks_first),
        cmocka_unit_test(what_helped_is_offered_more),
        cmocka_unit_test(answers_are_heard),
        cmocka_unit_test(what_was_just_done_is_offered_less),
        cmocka_unit_test(what_asks_less_is_offered_more),
        cmocka_unit_test(today_is_small_and_may_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
