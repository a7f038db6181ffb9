/* tests/insight/test_silence.c - imported traffic that fell silent is absence, as far as it was counted, and nothing else
 * is: no silence without traffic, no channel that was never used, no mailbox that was read in long ago. */
#include "base/time.h"
#include "insight/insight.h"
#include "script.h"
#include <math.h>

static void traffic(Shelf *s, BookRef person, int64_t at_ms, BookChannel channel)
{
    Civil c = time_civil(at_ms, 0);
    Draft d = draft_new(s->cx, ENTRY_CONTACT);
    draft_id(&d, F_PERSON, book_id(s->book, person));
    draft_at(&d, at_ms);
    draft_int(&d, F_CONTACT_DAY, c.year * 10000 + c.month * 100 + c.day);
    draft_int(&d, F_CONTACT_CHANNEL, channel);
    draft_int(&d, F_CONTACT_SENT, 1);
    draft_int(&d, F_CONTACT_RECEIVED, 2);
    shelf_take(s, &d, 1);
}

static Relation relation_of(Shelf *s, BookRef person)
{
    Relation r;
    assert_ok(s->cx, insight_relation(s->cx, s->book, person, &r));
    return r;
}

/* Close a year ago; then mail every ten days for n times. */
static BookRef close_a_year_ago(Shelf *s, int n)
{
    Script x = script_of(KIND_FRIEND);
    int64_t start = s->cx->now_ms - 365 * DAY_MS;
    for (int k = 0; k < TYPE_COUNT; k++)
        script_read(&x, start, k, 9);
    BookRef person = shelf_script(s, &x);
    for (int i = 1; i <= n; i++)
        traffic(s, person, start + 10 * i * DAY_MS, CHANNEL_MAIL);
    return person;
}

static double felt(Shelf *s, BookRef person)
{
    return relation_of(s, person).types[TYPE_EMOTIONAL].mean;
}

static void traffic_that_fell_silent_is_absence(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    BookRef plain = close_a_year_ago(&s, 0), silent = close_a_year_ago(&s, 6);
    BookRef seldom = close_a_year_ago(&s, 4), going_on = close_a_year_ago(&s, 36);
    /* the mailbox was read in up to five days ago: going_on's last mail */
    double with = felt(&s, silent), without = felt(&s, plain);
    assert_true(with < without - .3);
    CHECK_CLOSE(felt(&s, seldom), without, 0, 1e-9);   /* four days are no channel in use */
    CHECK_CLOSE(felt(&s, going_on), without, 0, 1e-9); /* nothing fell silent */
    /* a moment in the midst of it is contact */
    ScriptEvent met = script_moment(s.cx->now_ms - 30 * DAY_MS);
    met.has_quality = true;
    shelf_moment(&s, silent, &met);
    assert_true(felt(&s, silent) > with);
    shelf_close(&s);
}

static void as_far_as_it_was_counted(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    BookRef silent = close_a_year_ago(&s, 6), plain = close_a_year_ago(&s, 0);
    int64_t last = s.cx->now_ms - 305 * DAY_MS;
    CHECK_CLOSE(felt(&s, silent), felt(&s, plain), 0, 1e-9); /* nobody else: counted no further */
    BookRef other = close_a_year_ago(&s, 0);
    traffic(&s, other, last + 29 * DAY_MS, CHANNEL_MAIL);
    CHECK_CLOSE(felt(&s, silent), felt(&s, plain), 0, 1e-9); /* under three usual intervals */
    traffic(&s, other, last + 200 * DAY_MS, CHANNEL_CHAT);
    CHECK_CLOSE(felt(&s, silent), felt(&s, plain), 0,
                1e-9); /* another channel tells nothing of mail */
    traffic(&s, other, last + 200 * DAY_MS, CHANNEL_MAIL);
    double some = felt(&s, silent);
    assert_true(some < felt(&s, plain) - .1);
    traffic(&s, other, last + 300 * DAY_MS, CHANNEL_MAIL);
    assert_true(felt(&s, silent) < some - .05);
    shelf_close(&s);
}

static void one_silence_is_not_counted_twice(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    BookRef both = close_a_year_ago(&s, 6), declared = close_a_year_ago(&s, 6);
    BookRef other = close_a_year_ago(&s, 0);
    ScriptAnswer a[1] = {answer_of(question_that(ASKS_WANTED, TYPE_EMOTIONAL, 0), 8)};
    shelf_checkin(&s, declared, s.cx->now_ms, a, 1, 0);
    double said = felt(&s, declared);
    shelf_checkin(&s, both, s.cx->now_ms, a, 1, 0);
    traffic(&s, other, s.cx->now_ms, CHANNEL_MAIL);
    CHECK_CLOSE(felt(&s, both), said, 0, 1e-9);
    CHECK_CLOSE(felt(&s, declared), said, 0, 1e-9);
    shelf_close(&s);
}

static void season(Shelf *s, BookRef person, SeasonId season, int64_t since_ms)
{
    Draft d = shelf_rel(s, person);
    draft_int(&d, F_REL_SEASON, season);
    draft_int(&d, F_REL_SEASON_SINCE, since_ms);
    shelf_take(s, &d, 1);
}

/* What rested, was grieved for or was over wore nothing while it was so, whatever it is now. */
static void a_season_that_is_over_still_held(void **state)
{
    (void)state;
    static const SeasonId still[] = {SEASON_RESTING, SEASON_GRIEVING, SEASON_ENDED};
    for (int k = 0; k < 3; k++) {
        Shelf s;
        shelf_open(&s);
        int64_t start = s.cx->now_ms - 365 * DAY_MS, last = start + 60 * DAY_MS;
        BookRef silent = close_a_year_ago(&s, 6), held = close_a_year_ago(&s, 6);
        BookRef half = close_a_year_ago(&s, 6), undone = close_a_year_ago(&s, 6);
        BookRef plain = close_a_year_ago(&s, 0), other = close_a_year_ago(&s, 0);
        traffic(&s, other, s.cx->now_ms, CHANNEL_MAIL);
        season(&s, held, still[k], last);
        season(&s, held, still[(k + 1) % 3], last + 150 * DAY_MS); /* one after the other */
        season(&s, held, SEASON_STEADY, s.cx->now_ms - DAY_MS);
        season(&s, half, still[k], last + 200 * DAY_MS);
        season(&s, half, SEASON_GROWING, s.cx->now_ms - DAY_MS);
        season(&s, undone, still[k], last);
        season(&s, undone, SEASON_STEADY, last); /* said of the same day, and later */
        double none = felt(&s, plain), all = felt(&s, silent);
        assert_true(all < none - .3);
        assert_true(felt(&s, held) > none - .03); /* a day */
        assert_true(felt(&s, half) < none - .1 && felt(&s, half) > all + .1);
        CHECK_CLOSE(felt(&s, undone), all, 0, 1e-9);
        shelf_close(&s);
    }
}

/* Over random relationships: counted traffic alone, with no stretch without it, changes nothing; a silence is noticed
 * when somebody else's traffic shows that it was counted on, by a cache too. */
static void random_lives_with_traffic(void **state)
{
    (void)state;
    int fell = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        Gen g = gen_far(seed);
        Shelf s;
        Script x;
        Relation cached;
        shelf_open(&s);
        script_any(&g, s.cx->now_ms, &x);
        for (int i = 0; i < x.n_events; i++)
            x.events[i].contact = -1;
        BookRef person = shelf_script(&s, &x), other = shelf_script(&s, &x);
        int64_t first = x.n_events > 0 ? x.events[0].at_ms : s.cx->now_ms - 300 * DAY_MS;
        InsightCache *cache = insight_cache_new();
        Relation before = relation_of(&s, person);
        assert_ok(s.cx, insight_relation_cached(s.cx, cache, s.book, person, &cached));
        int64_t step = gen_int(&g, 1, 20) * DAY_MS, until = s.cx->now_ms;
        int n = 0;
        for (int64_t at = first; at <= until && n < 40; at += step, n++)
            traffic(&s, person, at, CHANNEL_CHAT);
        Relation steady = relation_of(&s, person);
        for (int k = 0; k < TYPE_COUNT; k++)
            CHECK_CLOSE(steady.types[k].mean, before.types[k].mean, 0, 1e-9);
        traffic(&s, other, until, CHANNEL_CHAT); /* now it was counted up to here */
        Relation silent = relation_of(&s, person);
        assert_ok(s.cx, insight_relation_cached(s.cx, cache, s.book, person, &cached));
        for (int k = 0; k < TYPE_COUNT; k++) {
            CHECK_CLOSE(cached.types[k].mean, silent.types[k].mean, 0, 0);
            assert_true(isfinite(silent.types[k].mean) && silent.types[k].sd > 0);
            fell += silent.types[k].mean < steady.types[k].mean - .01;
        }
        insight_cache_free(cache);
        shelf_close(&s);
    }
    assert_true(fell > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traffic_that_fell_silent_is_absence),
        cmocka_unit_test(as_far_as_it_was_counted),
        cmocka_unit_test(one_silence_is_not_counted_twice),
        cmocka_unit_test(a_season_that_is_over_still_held),
        cmocka_unit_test(random_lives_with_traffic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
