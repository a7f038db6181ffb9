/* tests/view/test_standing.c - what stands of today is what would be said anew. Random lives go on, with the clock put just
 * before, on and behind every instant at which something lapses; the page that was kept is compared with one made from
 * nothing, and with one made from what was worked out. */
#include "gen.h"
#include "insight/insight.h"
#include "view/scene.h"

enum {
    PEOPLE = 7,
    HEARD_OF = 4, /* of the others nothing is ever said */
    EDGES_MOST = 64
};

typedef struct Life {
    Scene s;
    Gen g;
    InsightCache *cache;
    ViewStanding standing;
    Id people[PEOPLE];
    int64_t edges[EDGES_MOST]; /* when something may lapse */
    int n_edges;
    int stood, made;
} Life;

static void edge(Life *l, int64_t at_ms)
{
    l->edges[l->n_edges++ % EDGES_MOST] = at_ms;
}

static int32_t day_near(Life *l)
{
    Civil c = time_local(l->s.cx->now_ms + gen_int(&l->g, 0, 45) * TIME_DAY_MS);
    int year = gen_chance(&l->g, 50) ? 0 : 1980;
    return (int32_t)(year * 10000 + c.month * 100 + c.day);
}

static void say_something(Life *l, Id who)
{
    Scene *s = &l->s;
    int ago = (int)gen_int(&l->g, 0, 20);
    edge(l, s->cx->now_ms + 48 * (int64_t)TIME_HOUR_MS); /* a conflict's */
    edge(l, days_ago(s, ago) + 180 * (int64_t)TIME_DAY_MS);
    edge(l, days_ago(s, ago) + 90 * (int64_t)TIME_DAY_MS);
    if (gen_chance(&l->g, 40)) {
        double level = (double)gen_int(&l->g, 2, 10);
        scene_answer(s, who, ASKS_FACTOR, TYPE_COUNT + FACTOR_SAFETY, level, ago);
    } else if (gen_chance(&l->g, 50)) {
        scene_answer(s, who, ASKS_FELT, (int)gen_int(&l->g, 0, 4), 5, ago);
    } else {
        Draft d = draft_new(s->cx, ENTRY_MOMENT);
        draft_ids(&d, F_PEOPLE, &who, 1);
        draft_bool(&d, F_MOMENT_CONFLICT, gen_chance(&l->g, 60));
        draft_at(&d, s->cx->now_ms);
        scene_keep(s, &d, 1, "done.log", STR(""));
    }
}

static void answer_offer(Life *l, Id who)
{
    Scene *s = &l->s;
    const ContentPractice *p = &content_practices[gen_int(&l->g, 0, content_practices_count - 1)];
    int64_t at = s->cx->now_ms - gen_int(&l->g, 0, 15 * (int64_t)TIME_DAY_MS);
    Draft d = draft_new(s->cx, ENTRY_OFFER);
    draft_id(&d, F_PERSON, who);
    draft_text(&d, F_OFFER_PRACTICE, p->id);
    draft_int(&d, F_OFFER_ANSWER, gen_chance(&l->g, 80) ? OFFER_TAKEN : OFFER_NOT_NOW);
    draft_at(&d, at);
    scene_keep(s, &d, 1, "done.offer", STR(""));
    edge(l, at + TAKEN_DAYS * (int64_t)TIME_DAY_MS);
}

static void edit(Life *l, Id who)
{
    static const uint16_t dates[] = {F_PERSON_BIRTHDAY, F_PERSON_ANNIVERSARY, F_PERSON_DIED};
    Scene *s = &l->s;
    int64_t until = s->cx->now_ms + gen_int(&l->g, 0, 30 * (int64_t)TIME_HOUR_MS);
    switch (gen_int(&l->g, 0, 8)) {
    case 0:
    case 5:
    case 6:
        scene_say(s, who, ENTRY_RELATIONSHIP, F_REL_PAUSED_UNTIL, until);
        edge(l, until);
        break;
    case 1:
        scene_say(s, who, ENTRY_RELATIONSHIP, F_REL_SEASON, gen_int(&l->g, 0, SEASON_COUNT - 1));
        break;
    case 2:
        scene_say(s, who, ENTRY_RELATIONSHIP, F_REL_HARM, gen_chance(&l->g, 40));
        break;
    case 3:
        scene_write(s, who, ENTRY_PERSON, F_PERSON_GIVEN, gen_chance(&l->g, 50) ? "Ana" : "Tom");
        break;
    case 4: {
        Draft d = draft_edit(s->cx, ENTRY_ME, ENTRY_ME_ID);
        draft_bool(&d, F_ME_QUIET, gen_chance(&l->g, 30));
        scene_keep(s, &d, 1, "done.settings", STR(""));
        break;
    }
    default:
        /* of a death rarely, and not today: on that day there is nothing to compare */
        scene_say(s, who, ENTRY_PERSON, dates[gen_int(&l->g, 0, gen_chance(&l->g, 10) ? 2 : 1)],
                  day_near(l));
        break;
    }
}

/* To the next of the instants just before, on and just behind something that lapses, mostly. */
static void time_passes(Life *l)
{
    int64_t *now = &l->s.cx->now_ms;
    Civil midnight = time_local(*now + TIME_DAY_MS);
    midnight.hour = midnight.minute = midnight.second = 0;
    int64_t next = time_from_local(&midnight);
    for (int i = 0; i < l->n_edges && i < EDGES_MOST; i++) {
        for (int64_t at = l->edges[i] - 1; at <= l->edges[i] + 1; at++)
            next = at > *now && at < next ? at : next;
    }
    if (gen_chance(&l->g, 75))
        *now = next;
    else if (gen_chance(&l->g, 80))
        *now += gen_int(&l->g, 1, 3 * (int64_t)TIME_HOUR_MS);
    else
        *now -= gen_int(&l->g, 1, 2 * (int64_t)TIME_HOUR_MS); /* a clock put right */
}

static json_t *today_of(Life *l, InsightCache *cache, ViewStanding *standing)
{
    View v = l->s.view;
    json_t *j = NULL;
    v.cache = cache;
    v.standing = standing;
    assert_ok(l->s.cx, view_today(l->s.cx, &v, &j));
    return j;
}

static void same_page(Life *l)
{
    const json_t *before = l->standing.today;
    Today other;
    if (gen_chance(&l->g, 30)) /* somebody else asked first */
        assert_ok(l->s.cx, insight_today_cached(l->s.cx, l->cache, l->s.book, &other));
    json_t *kept = today_of(l, l->cache, &l->standing);
    l->stood += before == kept;
    l->made += before != kept;
    json_t *worked = today_of(l, l->cache, NULL);
    if (!json_equal(kept, worked)) {
        print_message("%s\n---\n%s\n", json_dumps(kept, JSON_INDENT(1)),
                      json_dumps(worked, JSON_INDENT(1)));
        fail();
    }
    if (gen_chance(&l->g, 20)) {
        json_t *anew = today_of(l, NULL, NULL);
        assert_true(json_equal(kept, anew));
        json_decref(anew);
    }
    json_decref(worked);
    json_decref(kept);
}

static void life_begin(Life *l, uint64_t seed)
{
    static const char *const names[PEOPLE] = {"Aroha", "Bela",  "Chike", "Dorit",
                                              "Emre",  "Fatou", "Goro"};
    *l = (Life){.g = gen_seed(seed), .cache = insight_cache_new()};
    scene_start(&l->s, "en");
    for (int i = 0; i < PEOPLE; i++) {
        l->people[i] =
            i < 2 ? scene_known(&l->s, names[i], KIND_FRIEND)
                  : scene_person(&l->s, names[i], (KindId)gen_int(&l->g, 0, KIND_COUNT - 1));
        scene_say(&l->s, l->people[i], ENTRY_PERSON, F_PERSON_BIRTHDAY, day_near(l));
    }
}

static void life_end(Life *l)
{
    view_standing_drop(&l->standing);
    insight_cache_free(l->cache);
    scene_end(&l->s);
}

static void what_stands_is_what_would_be_said_anew(void **state)
{
    int stood = 0, made = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        Life l;
        life_begin(&l, seed);
        for (int step = 0; step < 120; step++) {
            Id who = l.people[gen_int(&l.g, 0, PEOPLE - 1)];
            same_page(&l);
            int64_t what = gen_int(&l.g, 0, 99);
            if (what < 10)
                say_something(&l, l.people[gen_int(&l.g, 0, HEARD_OF - 1)]);
            else if (what < 22)
                answer_offer(&l, l.people[gen_int(&l.g, 0, HEARD_OF - 1)]);
            else if (what < 36)
                edit(&l, who);
            else if (what < 38)
                insight_cache_learned(l.cache, NULL);
            else
                time_passes(&l);
        }
        stood += l.stood;
        made += l.made;
        life_end(&l);
    }
    assert_true(stood > 200 && made > 200); /* both were tried */
}

/* One page for as many requests as come, whatever else is looked at between them; another after anything at all. */
static void it_stands_until_something_changes(void **state)
{
    Life l;
    (void)state;
    life_begin(&l, 7);
    json_t *first = today_of(&l, l.cache, &l.standing), *person = NULL;
    l.s.view.cache = l.cache;
    assert_ok(l.s.cx, view_person(l.s.cx, &l.s.view, scene_ref(&l.s, l.people[0]), &person));
    json_decref(person);
    l.s.cx->now_ms += TIME_HOUR_MS;
    json_t *again = today_of(&l, l.cache, &l.standing);
    assert_ptr_equal(first, again);
    json_decref(again);
    enum { ENTRY, LEARNED, DAY, LANGUAGE, CLOCK, CHANGES };
    for (int change = 0; change < CHANGES; change++) {
        const json_t *before = l.standing.today;
        if (change == ENTRY)
            scene_write(&l.s, l.people[HEARD_OF], ENTRY_PERSON, F_TEXT, "likes tea");
        else if (change == LEARNED)
            insight_cache_learned(l.cache, NULL);
        else if (change == DAY)
            l.s.cx->now_ms += TIME_DAY_MS;
        else if (change == LANGUAGE)
            l.s.view.text = text_locale(STR("qps-ploc"));
        else
            l.s.cx->now_ms -= 1;
        json_t *other = today_of(&l, l.cache, &l.standing);
        assert_ptr_not_equal(before, other);
        json_decref(other);
    }
    view_standing_drop(&l.standing);
    assert_null(l.standing.today);
    assert_true(json_is_object(first)); /* who was given it has it still */
    json_decref(first);
    life_end(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_is_what_would_be_said_anew),
        cmocka_unit_test(it_stands_until_something_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
