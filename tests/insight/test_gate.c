/* tests/insight/test_gate.c - nothing unsafe is ever offered.
 * Generated relationships go through every surface that offers something (next, today, decks, questions) and are
 * held against oracle.c, which knows the contract and not the gate. Then each clause of the gate is left out, one
 * at a time: the same judge must notice every time. For that this file compiles src/insight/gate.c itself, with a
 * switch in place of each clause; the library's own copy is then not linked.
 * FONDER_TORTURE=1 takes a million relationships instead of a hundred thousand. */
#include "insight/offers.h"
#include "oracle.h"

typedef enum Clause {
    ALL_CLAUSES,
    FRESH,
    EVIDENCE,
    NO_EVIDENCE,
    NEW,
    RECIPROCATED,
    CONFLICT,
    UNSAFE_ANSWER,
    HARM,
    OVER,
    DIED,
    ROMANTIC_KIND,
    ROMANCE_ON,
    MINOR,
    ROMANCE_SAFE,
    COMPASSION,
    KINDS,
    NEVER_KINDS,
    ROMANTIC,
    NOT_OURS,
    TOUCH,
    PAUSED,
    DEPTH,
    APPROACH,
    GUARDING,
    REPAIR,
    SEASON,
    CLAUSES
} Clause;
static Clause left_out = ALL_CLAUSES;
#define GATE_CLAUSE(name) (left_out != (name))
#include "insight/gate.c" /* NOLINT(bugprone-suspicious-include) */

static const char *const clause_names[CLAUSES] = {
    "nothing",    "fresh",         "evidence",     "no-evidence", "new",   "reciprocated",
    "conflict",   "unsafe-answer", "harm",         "over",        "died",  "romantic-kind",
    "romance-on", "minor",         "romance-safe", "compassion",  "kinds", "never-kinds",
    "romantic",   "not-ours",      "touch",        "paused",      "depth", "approach",
    "guarding",   "repair",        "season"};

#if defined(__SANITIZE_ADDRESS__)
enum { SLOW = 10 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SLOW = 10 };
#else
enum { SLOW = 1 };
#endif
#else
enum { SLOW = 1 };
#endif
enum { PEOPLE = 40, RELATIONSHIPS = 100000, MUTANTS = 4000, ENOUGH = 100, ALL_OFFERS = 400 };

static int relationships(int usual)
{
    Str torture = os_env("FONDER_TORTURE");
    return torture.len > 0 && torture.p[0] == '1' ? usual * 10 : usual / SLOW;
}

/* A book of generated relationships, and what the oracle says of each. */
typedef struct World {
    Shelf shelf;
    Script scripts[PEOPLE];
    BookRef people[PEOPLE];
    Oracle oracles[PEOPLE];
    bool my_minor;
} World;

static void world_open(World *w, uint64_t seed)
{
    Gen g = gen_far(seed);
    shelf_open(&w->shelf);
    Cx *cx = w->shelf.cx;
    cx->now_ms += gen_int(&g, 0, 400) * DAY_MS + gen_int(&g, 0, DAY_MS - 1);
    w->my_minor = gen_chance(&g, 5);
    if (w->my_minor) {
        Draft me = draft_edit(cx, ENTRY_ME, ENTRY_ME_ID);
        draft_bool(&me, F_ME_MINOR, true);
        shelf_take(&w->shelf, &me, 1);
    }
    for (int i = 0; i < PEOPLE; i++) {
        script_any(&g, cx->now_ms, &w->scripts[i]);
        w->people[i] = shelf_script(&w->shelf, &w->scripts[i]);
        w->oracles[i] = oracle_read(cx, &w->scripts[i], w->my_minor, cx->now_ms);
    }
}

/* -- every surface against the oracle ------------------------------------------------------------- */

static const char *gate_too_wide(const Oracle *o, const Relation *r)
{
    if (r->gate.depth > o->depth)
        return "the gate stands deeper than is safe";
    if (r->gate.approach && (o->is_unsafe || o->apart || o->paused))
        return "the gate lets approach";
    if (r->gate.romance && (!o->romance || o->is_unsafe))
        return "the gate lets romance";
    return r->gate.compassion_ok && o->compassion_low ? "the gate lets repair" : NULL;
}

static const char *offers_wrong(const Oracle *o, const Relation *r, const Offer offers[], int n)
{
    const char *why = NULL;
    for (int i = 0; i < n && !why; i++) {
        int type = offers[i].type;
        bool check_in = offers[i].kind == OFFER_CHECK_IN;
        if (check_in && (o->paused || o->apart || o->is_unsafe))
            why = "a check-in nudged where nothing is asked";
        else if (!check_in)
            why = oracle_objects(o, offers[i].practice);
        if (!why && !check_in && type >= 0 && 2 * 1.2815515655446 * r->types[type].sd > 5 + 1e-9)
            why = "an offer where the picture is too hazy";
        if (!why && offers[i].gap_known && !(r->types[type].known && r->wanted[type].known))
            why = "a gap without both sides";
    }
    return why;
}

static const char *decks_wrong(const Oracle *o, const Relation *r)
{
    const char *why = NULL;
    for (int i = 0; i < content_decks_count && !why; i++) {
        const ContentDeck *d = &content_decks[i];
        int n = insight_prompts(r, d);
        for (int j = 0; j < n && !why; j++)
            why = oracle_objects_prompt(o, d, &content_prompts[d->prompts.first + j]);
    }
    for (int i = 0; i < content_questions_count && !why; i++) {
        if (o->s->died == 0 && insight_may_ask(r, &content_questions[i]))
            why = oracle_objects_question(o, &content_questions[i]);
    }
    for (int i = 0; i < content_practices_count && !why; i++) {
        if (insight_allows(r, &content_practices[i]))
            why = oracle_objects(o, &content_practices[i]);
    }
    return why;
}

static const char *asks_wrong(Cx *cx, const World *w, int i)
{
    AskNext asks[ASK_MOST];
    int n = 0;
    const char *why = NULL;
    assert_ok(cx, insight_ask(cx, NULL, w->shelf.book, w->people[i], true, asks, &n));
    for (int j = 0; j < n && !why; j++)
        why = oracle_objects_question(&w->oracles[i], asks[j].question);
    return why;
}

static void today_is_safe(World *w, InsightCache *cache)
{
    Cx *cx = w->shelf.cx;
    Today t;
    assert_ok(cx, insight_today_cached(cx, cache, w->shelf.book, &t));
    assert_in_range(t.n, 0, TODAY_MOST);
    for (int j = 0; j < t.n; j++) {
        int who = 0;
        while (w->people[who] != t.offers[j].person)
            who++;
        const char *why = oracle_objects(&w->oracles[who], t.offers[j].practice);
        if (why)
            print_error("today: %s\n", why);
        assert_null(why);
    }
}

static void no_surface_ever_offers_what_is_unsafe(void **state)
{
    (void)state;
    static World w;
    static Offer offers[ALL_OFFERS];
    static Relation r;
    int total = relationships(RELATIONSHIPS);
    int64_t offered = 0;
    left_out = ALL_CLAUSES;
    for (int seed = 0; seed * PEOPLE < total; seed++) {
        world_open(&w, (uint64_t)seed + 1);
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx own = {.arena = &scratch, .now_ms = w.shelf.cx->now_ms}, *cx = &own;
        InsightCache *cache = insight_cache_new();
        for (int i = 0; i < PEOPLE; i++) {
            int n = 0;
            arena_reset(&scratch);
            assert_ok(cx, insight_relation_cached(cx, cache, w.shelf.book, w.people[i], &r));
            assert_ok(cx, insight_next(cx, NULL, w.shelf.book, &r, offers, ALL_OFFERS, &n));
            offered += n;
            const char *why = gate_too_wide(&w.oracles[i], &r);
            why = why ? why : offers_wrong(&w.oracles[i], &r, offers, n);
            why = why ? why : decks_wrong(&w.oracles[i], &r);
            if (!why && i == 0)
                why = asks_wrong(cx, &w, i);
            if (why)
                print_error("world %d, person %d: %s (depth %d, oracle %d, low %.3f)\n", seed + 1,
                            i, why, r.gate.depth, w.oracles[i].depth, r.facts.low);
            assert_null(why);
        }
        today_is_safe(&w, cache);
        insight_cache_free(cache);
        shelf_close(&w.shelf);
    }
    print_message("# %d relationships, %lld offers, 0 violations\n", total, (long long)offered);
    assert_true(offered > total);
}

/* The oracle would notice, and is not merely strict: what it allows is mostly offered too. */
static void the_gate_is_no_narrower_than_the_rules(void **state)
{
    (void)state;
    static World w;
    static Relation r;
    int depth = 0, approach = 0, all = 0;
    for (int seed = 0; seed < 20; seed++) {
        world_open(&w, (uint64_t)seed + 5001);
        for (int i = 0; i < PEOPLE; i++) {
            const Oracle *o = &w.oracles[i];
            assert_ok(w.shelf.cx, insight_relation(w.shelf.cx, w.shelf.book, w.people[i], &r));
            all++;
            depth += r.gate.depth == o->depth;
            approach += r.gate.approach == !(o->is_unsafe || o->apart || o->paused);
            assert_true(r.gate.depth >= o->depth - 1);
        }
        shelf_close(&w.shelf);
    }
    assert_int_equal(approach, all);
    assert_true(depth >= all * 99 / 100);
}

/* The same belief before a gate with one clause missing. */
static bool fails_without(Cx *cx, World *w, const Ground *ground, const Tally learned[], int i,
                          const Belief *b, Relation *r)
{
    static Offer offers[ALL_OFFERS];
    int n = 0;
    if (left_out <=
        EVIDENCE) /* the one clause about what the facts are; then they are read rightly again */
        gate_facts(&b->history, &b->levels, ground->minor, cx->now_ms, &r->facts);
    r->gate = gate_judge(&r->facts);
    assert_ok(cx, offers_make(cx, w->shelf.book, ground, learned, r, &b->history.likes, offers,
                              ALL_OFFERS, &n));
    return gate_too_wide(&w->oracles[i], r) || offers_wrong(&w->oracles[i], r, offers, n);
}

static void count_failures(World *w, int missed[])
{
    static Ground ground;
    static Belief b;
    static Relation r;
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx cx = {.arena = &scratch, .now_ms = w->shelf.cx->now_ms};
    Tally *learned = arena_new(w->shelf.cx->arena, Tally, content_practices_count);
    assert_ok(&cx, ground_make(&cx, w->shelf.book, NULL, NULL, &ground));
    assert_ok(&cx, offers_learned(&cx, w->shelf.book, &ground, learned));
    for (int i = 0; i < PEOPLE; i++) {
        left_out = ALL_CLAUSES;
        assert_ok(&cx, belief_make(&cx, w->shelf.book, &ground, w->people[i], &b));
        assert_ok(&cx, belief_relation(&cx, &ground, &b, &r));
        for (int clause = 0; clause < CLAUSES; clause++) {
            left_out = (Clause)clause;
            missed[clause] += fails_without(&cx, w, &ground, learned, i, &b, &r);
        }
        arena_reset(&scratch);
    }
    left_out = ALL_CLAUSES;
}

static void every_clause_of_the_gate_is_needed(void **state)
{
    (void)state;
    static World w;
    int missed[CLAUSES] = {0};
    for (int seed = 0; seed * PEOPLE < MUTANTS; seed++) {
        world_open(&w, (uint64_t)seed + 90001);
        count_failures(&w, missed);
        shelf_close(&w.shelf);
    }
    for (int clause = 0; clause < CLAUSES; clause++)
        print_message("# without %s: %d of %d fail\n", clause_names[clause], missed[clause],
                      MUTANTS);
    assert_int_equal(missed[ALL_CLAUSES], 0);
    for (int clause = 1; clause < CLAUSES; clause++)
        assert_true(missed[clause] >= ENOUGH);
}

/* -- the numbers of the page ------------------------------------------------------------------------ */

static Relation gate_of(Script *s, Shelf *shelf)
{
    Relation r;
    BookRef person = shelf_script(shelf, s);
    assert_ok(shelf->cx, insight_relation(shelf->cx, shelf->book, person, &r));
    return r;
}

static void read_guards(Script *s, int64_t at, double trust, double safety, double acceptance)
{
    script_read(s, at, TYPE_COUNT + FACTOR_TRUST, trust);
    script_read(s, at, TYPE_COUNT + FACTOR_SAFETY, safety);
    script_read(s, at, TYPE_COUNT + FACTOR_ACCEPTANCE, acceptance);
}

static ScriptEvent opened_at(int64_t at, int depth)
{
    ScriptEvent m = script_moment(at);
    m.opened = true;
    m.depth = depth;
    return m;
}

static void evidence_sets_the_depth(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    Script x = script_of(KIND_PARTNER);
    x.events[x.n_events++] = opened_at(now - 3 * DAY_MS, 7);
    read_guards(&x, now - 2 * DAY_MS, 8, 8, 8);
    assert_int_equal(gate_of(&x, &s).gate.depth, 4);
    x = script_of(KIND_FRIEND);
    x.events[x.n_events++] = opened_at(now - 3 * DAY_MS, 7);
    read_guards(&x, now - 2 * DAY_MS, 6, 7, 5);
    assert_int_equal(gate_of(&x, &s).gate.depth, 3);
    shelf_close(&s);
}

static void without_evidence_little_is_taken_for_granted(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    Script x = script_of(KIND_PARTNER);
    x.events[x.n_events++] = opened_at(now - 3 * DAY_MS, 7);
    Relation r = gate_of(&x, &s);
    assert_int_equal(r.gate.depth, 3);
    assert_true((r.gate.why & GATE_NO_EVIDENCE) != 0);
    x.season = SEASON_NEW;
    assert_int_equal(gate_of(&x, &s).gate.depth, 2);
    /* what was read half a year and a day ago is no evidence any more */
    x = script_of(KIND_PARTNER);
    read_guards(&x, now - 181 * DAY_MS, 9, 9, 9);
    x.events[x.n_events++] = opened_at(now - 3 * DAY_MS, 7);
    assert_int_equal(gate_of(&x, &s).gate.depth, 3);
    shelf_close(&s);
}

static void an_unsafe_answer_stands_until_a_later_one(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    int safety = TYPE_COUNT + FACTOR_SAFETY;
    Script x = script_of(KIND_PARTNER);
    script_read(&x, now - 3000 * DAY_MS, safety, 3);
    Relation r = gate_of(&x, &s);
    assert_false(r.gate.approach);
    assert_true((r.gate.why & GATE_UNSAFE) != 0);
    script_read(&x, now - 2 * DAY_MS, TYPE_COUNT + FACTOR_TRUST, 10);
    assert_false(gate_of(&x, &s).gate.approach);
    script_read(&x, now - DAY_MS, safety, 3.1);
    assert_true(gate_of(&x, &s).gate.approach);
    x.harm = true;
    assert_false(gate_of(&x, &s).gate.approach);
    /* a reversed question is recoded first */
    x = script_of(KIND_PARTNER);
    const ContentQuestion *q = NULL;
    for (int i = 0; i < 8; i++) {
        const ContentQuestion *p = question_that(ASKS_FACTOR, safety, i);
        q = p->keyed == KEYED_REVERSED ? p : q;
    }
    assert_non_null(q);
    x.events[x.n_events++] = (ScriptEvent){.checkin = true,
                                           .at_ms = now - DAY_MS,
                                           .contact = -1,
                                           .answers = {{q, 70}},
                                           .n_answers = 1};
    assert_false(gate_of(&x, &s).gate.approach);
    shelf_close(&s);
}

/* Two answers of one instant: neither is later. And one with a clock that went ahead was said all the same. */
static void an_unsafe_answer_at_once_and_ahead(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    int safety = TYPE_COUNT + FACTOR_SAFETY;
    const ContentQuestion *q = question_that(ASKS_FACTOR, safety, 0);
    for (int first = 0; first < 2; first++) {
        Script x = script_of(KIND_FRIEND);
        script_read(&x, now - 9 * DAY_MS, safety, 8);
        BookRef person = shelf_script(&s, &x);
        ScriptAnswer low = answer_of(q, 2), high = answer_of(q, 9);
        shelf_checkin(&s, person, now - DAY_MS, first ? &low : &high, 1, -1);
        shelf_checkin(&s, person, now - DAY_MS, first ? &high : &low, 1, -1);
        Relation r;
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        assert_false(r.gate.approach);
        shelf_checkin(&s, person, now - DAY_MS + 1, &high, 1, -1);
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        assert_true(r.gate.approach);
        Id ahead = shelf_checkin(&s, person, now + 400 * DAY_MS, &low, 1, -1);
        shelf_checkin(&s, person, now + 401 * DAY_MS, &high, 1, -1);
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        assert_false(r.gate.approach);
        shelf_gone(&s, ENTRY_CHECKIN, ahead); /* taken back */
        assert_ok(s.cx, insight_relation(s.cx, s.book, person, &r));
        assert_true(r.gate.approach);
    }
    shelf_close(&s);
}

/* The last instant that still counts, and the first that does not. */
static void spans_end_to_the_millisecond(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t now = s.cx->now_ms;
    for (int past = 0; past < 2; past++) {
        Script x = script_of(KIND_PARTNER);
        read_guards(&x, now - 180 * DAY_MS - past, 10, 10, 10);
        assert_int_equal(gate_of(&x, &s).facts.evidence, !past);
        x = script_of(KIND_PARTNER);
        x.events[x.n_events++] = opened_at(now - 90 * DAY_MS - past, 5);
        assert_int_equal(gate_of(&x, &s).facts.deepest, past ? 0 : 5);
        x = script_of(KIND_PARTNER);
        ScriptEvent bad = script_moment(now - 2 * DAY_MS - past);
        bad.has_quality = true;
        bad.hundredths = -1;
        x.events[x.n_events++] = bad;
        assert_int_equal(gate_of(&x, &s).facts.conflict, !past);
    }
    /* under 90 days: not on the ninetieth */
    Civil c = time_local(now);
    c.hour = c.minute = c.second = 0;
    s.cx->now_ms = time_from_local(&c);
    for (int days = 89; days <= 90; days++) {
        Civil then = time_civil((time_days_from_civil(c.year, c.month, c.day) - days) * DAY_MS, 0);
        Script x = script_of(KIND_FRIEND);
        x.since = then.year * 10000 + then.month * 100 + then.day;
        assert_int_equal(gate_of(&x, &s).facts.someone_new, days < 90);
    }
    shelf_close(&s);
}

static void a_conflict_keeps_things_light_for_two_days(void **state)
{
    (void)state;
    Shelf s;
    shelf_open(&s);
    int64_t hour = DAY_MS / 24, now = s.cx->now_ms;
    for (int hours = 46; hours <= 50; hours += 2) {
        Script x = script_of(KIND_PARTNER);
        read_guards(&x, now - 9 * DAY_MS, 10, 10, 10);
        x.events[x.n_events++] = opened_at(now - 8 * DAY_MS, 5);
        ScriptEvent bad = script_moment(now - hours * hour);
        bad.has_quality = true;
        bad.hundredths = -10;
        x.events[x.n_events++] = bad;
        int depth = gate_of(&x, &s).gate.depth;
        if (hours <= 48)
            assert_int_equal(depth, 2);
        else
            assert_true(depth > 2);
    }
    shelf_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_surface_ever_offers_what_is_unsafe),
        cmocka_unit_test(the_gate_is_no_narrower_than_the_rules),
        cmocka_unit_test(every_clause_of_the_gate_is_needed),
        cmocka_unit_test(evidence_sets_the_depth),
        cmocka_unit_test(without_evidence_little_is_taken_for_granted),
        cmocka_unit_test(an_unsafe_answer_stands_until_a_later_one),
        cmocka_unit_test(an_unsafe_answer_at_once_and_ahead),
        cmocka_unit_test(spans_end_to_the_millisecond),
        cmocka_unit_test(a_conflict_keeps_things_light_for_two_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
