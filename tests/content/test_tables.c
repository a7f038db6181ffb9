/* tests/content/test_tables.c - the tables as the program reads them: counts that CONTENT.md
 * promises, numbers that ENGINE.md gives, lookups, locales, and what must hold across sets. */
#include "base/utf8.h"
#include "content/catalogue.h"
#include "testlib.h"

enum { ROMANTIC_KINDS = 1 << KIND_PARTNER | 1 << KIND_DATING };

static int count_questions(AsksId asks, int state, int kind)
{
    int n = 0;
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        n += q->asks == asks && (state == STATE_NONE || q->state == state) &&
             content_has(q->kinds, kind) && !q->romantic;
    }
    return n;
}

static void test_question_counts_for_every_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int s = 0; s < TYPE_COUNT; s++) {
            assert_true(count_questions(ASKS_FELT, s, kind) >= 6);
            assert_true(count_questions(ASKS_WANTED, s, kind) >= 2);
            assert_true(count_questions(ASKS_GIVEN, s, kind) >= 2);
        }
        for (int s = TYPE_COUNT; s < STATE_COUNT; s++)
            assert_true(count_questions(ASKS_FACTOR, s, kind) >= 4);
        assert_true(count_questions(ASKS_GIVEN_FACTOR, TYPE_COUNT + FACTOR_TRUST, kind) >= 2);
        assert_true(count_questions(ASKS_GIVEN_FACTOR, TYPE_COUNT + FACTOR_AFFECTION, kind) >= 2);
        assert_true(count_questions(ASKS_EASE, STATE_NONE, kind) >= 4);
        assert_true(count_questions(ASKS_CONTACT, STATE_NONE, kind) >= 2);
    }
}

static void test_each_state_is_asked_both_ways(void **state)
{
    (void)state;
    for (int s = 0; s < STATE_COUNT; s++) {
        int ways[KEYED_COUNT] = {0};
        for (int i = 0; i < content_questions_count; i++) {
            const ContentQuestion *q = &content_questions[i];
            if (q->state == s && (q->asks == ASKS_FELT || q->asks == ASKS_FACTOR))
                ways[q->keyed]++;
        }
        assert_true(ways[KEYED_PLAIN] >= 2);
        assert_true(ways[KEYED_REVERSED] >= 1);
    }
}

static void test_question_states(void **state)
{
    (void)state;
    for (int i = 0; i < content_questions_count; i++) {
        const ContentQuestion *q = &content_questions[i];
        bool type = q->state >= 0 && q->state < TYPE_COUNT;
        switch (q->asks) {
        case ASKS_FELT:
        case ASKS_WANTED:
        case ASKS_GIVEN:
            assert_true(type);
            break;
        case ASKS_FACTOR:
        case ASKS_GIVEN_FACTOR:
            assert_true(q->state >= TYPE_COUNT && q->state < STATE_COUNT);
            break;
        case ASKS_EASE:
            assert_int_equal(q->state, TYPE_COUNT + FACTOR_ACCEPTANCE);
            break;
        case ASKS_CONTACT:
            assert_int_equal(q->state, STATE_NONE);
            break;
        case ASKS_COUNT:
            fail();
        }
        assert_true(q->text && q->low && q->middle && q->high);
    }
}

/* ENGINE.md §1: prior mean, tau, half-life under declared absence, phi. */
static void test_kinds_have_the_engine_s_priors(void **state)
{
    (void)state;
    static const double want[KIND_COUNT][4] = {
        [KIND_PARTNER] = {7.5, 1.5, 6,  .3},
          [KIND_DATING] = {5.5, 2,   6,  .3},
        [KIND_PARENT] = {6.5, 2,   60, .6},
          [KIND_CHILD] = {6.5, 2,   60, .6},
        [KIND_SIBLING] = {6.5, 2,   60, .6},
          [KIND_GRANDPARENT] = {6.5, 2,   60, .6},
        [KIND_OTHER_FAMILY] = {6.5, 2,   60, .6},
          [KIND_CLOSE_FRIEND] = {6.5, 1.5, 18, .3},
        [KIND_FRIEND] = {5.5, 2,   9,  .3},
          [KIND_MENTOR] = {5,   2,   6,  .1},
        [KIND_COLLEAGUE] = {3.5, 1.5, 6,  .1},
          [KIND_ACQUAINTANCE] = {2.5, 1.5, 6,  .1},
        [KIND_OWN] = {5.5, 2,   9,  .3},
    };
    for (int k = 0; k < KIND_COUNT; k++) {
        const ContentKind *kind = &content_kinds[k];
        CHECK_CLOSE(kind->mu, want[k][0], 0, 1e-12);
        CHECK_CLOSE(kind->tau, want[k][1], 0, 1e-12);
        CHECK_CLOSE(kind->half_life_months, want[k][2], 0, 1e-12);
        CHECK_CLOSE(kind->phi, want[k][3], 0, 1e-12);
        assert_int_equal(kind->romantic_possible, k == KIND_PARTNER || k == KIND_DATING);
        assert_int_equal(content_kind_id(kind->id), k);
    }
}

static void test_nothing_romantic_elsewhere(void **state)
{
    (void)state;
    for (int i = 0; i < content_questions_count; i++)
        assert_false(content_questions[i].romantic &&
                     (content_questions[i].kinds & ~ROMANTIC_KINDS));
    for (int i = 0; i < content_practices_count; i++)
        assert_false(content_practices[i].romantic &&
                     (content_practices[i].kinds & ~ROMANTIC_KINDS));
    for (int i = 0; i < content_choices_count; i++)
        assert_false(content_choices[i].romantic && (content_choices[i].kinds & ~ROMANTIC_KINDS));
    for (int i = 0; i < content_decks_count; i++)
        assert_false(content_decks[i].romantic && (content_decks[i].kinds & ~ROMANTIC_KINDS));
}

static void test_practices_hold_together(void **state)
{
    (void)state;
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        assert_ptr_equal(content_practice(p->id), p);
        assert_in_range(p->depth, DEPTH_MIN, DEPTH_MAX);
        assert_in_range(p->steps.count, 1, 5);
        assert_true(p->title && p->why && p->minutes > 0 && p->where && p->company && p->kinds);
        assert_false(p->kinds & p->never_kinds);
        bool apart =
            p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT || p->class == CLASS_SOLO;
        assert_false(apart && p->approach);
        assert_false(!p->approach && p->needs_both);
        assert_false(p->class == CLASS_REPAIR && !p->factors[FACTOR_COMPASSION]);
        assert_true(p->finding.year == 0 || (p->finding.author.len > 0 && p->finding.says));
    }
}

/* Usual practices that a pair of this kind can be offered without anything being switched on. */
static int count_practices(int type, int kind, int depth)
{
    int n = 0;
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        n += p->class == CLASS_USUAL && !p->romantic && p->depth == depth && p->types[type] > 0 &&
             content_has(p->kinds, kind);
    }
    return n;
}

static void test_practices_cover_types_kinds_and_depths(void **state)
{
    (void)state;
    assert_true(content_practices_count >= 200);
    for (int depth = 1; depth <= 4; depth++)
        for (int type = 0; type < TYPE_COUNT; type++)
            for (int kind = 0; kind < KIND_COUNT; kind++) {
                if (!count_practices(type, kind, depth))
                    print_error("no practice: %s, %s, depth %d\n", content_types[type].id.p,
                                content_kinds[kind].id.p, depth);
                assert_true(count_practices(type, kind, depth) > 0);
            }
    /* where safety is low there is still something to do, for anyone, in any season */
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int season = 0; season < SEASON_COUNT; season++) {
            int n = 0;
            for (int i = 0; i < content_practices_count; i++) {
                const ContentPractice *p = &content_practices[i];
                n += (p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT) && p->depth <= 2 &&
                     content_has(p->kinds, kind) && content_has(p->seasons, season);
            }
            assert_true(n >= 3);
        }
    int classes[CLASS_COUNT] = {0}, factors[FACTOR_COUNT] = {0}, seasons[SEASON_COUNT] = {0};
    for (int i = 0; i < content_practices_count; i++) {
        classes[content_practices[i].class]++;
        for (int f = 0; f < FACTOR_COUNT; f++)
            factors[f] += content_practices[i].factors[f] >= 2;
        for (int s = 0; s < SEASON_COUNT; s++)
            seasons[s] += content_has(content_practices[i].seasons, s);
    }
    assert_true(classes[CLASS_BOUNDARY] >= 10 && classes[CLASS_SUPPORT] >= 10);
    assert_true(classes[CLASS_SOLO] >= 10 && classes[CLASS_REPAIR] >= 5);
    for (int f = 0; f < FACTOR_COUNT; f++)
        assert_true(factors[f] >= 10);
    for (int s = 0; s < SEASON_COUNT; s++)
        assert_true(seasons[s] >= 5);
}

/* Whatever someone likes, some practices suit it. */
static void test_practices_cover_tastes(void **state)
{
    (void)state;
    int interests[INTEREST_COUNT] = {0}, styles[STYLE_COUNT] = {0}, ways[WAY_COUNT] = {0};
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        for (int k = 0; k < INTEREST_COUNT; k++)
            interests[k] += p->interests[k] > 0;
        for (int k = 0; k < STYLE_COUNT; k++)
            styles[k] += p->styles[k] > 0;
        for (int k = 0; k < WAY_COUNT; k++)
            ways[k] += p->ways[k] > 0;
    }
    for (int k = 0; k < INTEREST_COUNT; k++) {
        if (interests[k] < 3)
            print_error("%s: %d practices\n", content_interests[k].id.p, interests[k]);
        assert_true(interests[k] >= 3);
    }
    for (int k = 0; k < STYLE_COUNT; k++)
        assert_true(styles[k] >= 10);
    for (int k = 0; k < WAY_COUNT; k++)
        assert_true(ways[k] >= 10);
}

static void test_choices_tell_the_types_apart(void **state)
{
    (void)state;
    assert_true(content_choices_count >= 60);
    int led[TYPE_COUNT] = {0};
    for (int i = 0; i < content_choices_count; i++)
        for (int t = 0; t < TYPE_COUNT; t++)
            led[t] += content_choices[i].types[t] == LOADING_MAX;
    for (int t = 0; t < TYPE_COUNT; t++)
        assert_true(led[t] >= 8);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        int n = 0;
        for (int i = 0; i < content_choices_count; i++)
            n += content_has(content_choices[i].kinds, kind) && !content_choices[i].romantic;
        assert_true(n >= 30);
    }
}

/* The decks that docs/CONTENT.md promises, by id. */
static void test_decks_are_there(void **state)
{
    (void)state;
    static const char *const promised[] = {"two-friends",      "parent-and-grown-child",
                                           "siblings",         "grandparents",
                                           "partners",         "partners-intimate",
                                           "new-acquaintance", "after-a-hurt",
                                           "listening",        "gratitude",
                                           "maps-of-minds",    "beliefs-and-meaning",
                                           "car-journey",      "group-of-friends"};
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        assert_non_null(content_deck(str_c(promised[i])));
    for (int i = 0; i < content_decks_count; i++) {
        const ContentDeck *deck = &content_decks[i];
        assert_true(deck->prompts.count >= 30);
        int depth = 1;
        for (int k = 0; k < deck->prompts.count; k++) {
            const ContentPrompt *prompt = &content_prompts[deck->prompts.first + k];
            assert_true(prompt->depth >= depth && prompt->depth <= DEPTH_MAX);
            depth = prompt->depth;
        }
        assert_true(content_prompts[deck->prompts.first].depth <= 2);
    }
    assert_true(content_deck(STR("partners-intimate"))->romantic);
    assert_false(content_deck(STR("partners"))->romantic);
    assert_int_equal(content_deck(STR("after-a-hurt"))->class, CLASS_REPAIR);
    assert_true(content_reflections_count >= 40);
}

static void test_lookups(void **state)
{
    (void)state;
    for (int i = 0; i < content_questions_count; i++)
        assert_ptr_equal(content_question(content_questions[i].id), &content_questions[i]);
    for (int i = 0; i < content_choices_count; i++)
        assert_ptr_equal(content_choice(content_choices[i].id), &content_choices[i]);
    for (int i = 0; i < content_reflections_count; i++)
        assert_ptr_equal(content_reflection(content_reflections[i].id), &content_reflections[i]);
    for (int i = 0; i < content_decks_count; i++) {
        const ContentDeck *deck = &content_decks[i];
        assert_ptr_equal(content_deck(deck->id), deck);
        for (int k = 0; k < deck->prompts.count; k++) {
            const ContentPrompt *prompt = &content_prompts[deck->prompts.first + k];
            assert_ptr_equal(content_prompt(deck, prompt->id), prompt);
        }
    }
    static const char *const unknown[] = {"", "no-such-thing", "zzzz", "a"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_null(content_question(str_c(unknown[i])));
        assert_null(content_practice(str_c(unknown[i])));
        assert_int_equal(content_kind_id(str_c(unknown[i])), -1);
        assert_int_equal(content_state_id(str_c(unknown[i])), -1);
    }
    for (int s = 0; s < STATE_COUNT; s++)
        assert_int_equal(content_state_id(content_page(s)->id), s);
    assert_null(content_page(-1));
    assert_null(content_page(STATE_COUNT));
}

static void test_pages_are_whole(void **state)
{
    (void)state;
    for (int s = 0; s < STATE_COUNT; s++) {
        const ContentPage *page = content_page(s);
        for (int g = 0; g < GROUP_COUNT; g++)
            assert_int_equal(page->signs[g].count, 3);
        assert_true(page->name && page->brief && page->is && page->is_not && page->ask);
        assert_true(page->feeds.count >= 2 && page->wears.count >= 2);
    }
    for (int i = 0; i < SAFETY_COUNT; i++)
        assert_true(content_safety[i].items.count >= 2);
    /* the signs are of things to see; what can help holds no numbers that go stale */
    const ContentLocale *en = content_locale(STR("en"));
    for (int i = 0; i < SAFETY_COUNT; i++)
        for (int k = 0; k < content_safety[i].items.count; k++) {
            Str item = content_item(en, content_safety[i].items, k);
            for (ptrdiff_t b = 0; b < item.len; b++)
                assert_false(item.p[b] >= '0' && item.p[b] <= '9');
        }
}

static void test_locales(void **state)
{
    (void)state;
    assert_str(content_locale_tag(content_locale(STR("en"))), "en");
    assert_str(content_locale_tag(content_locale(STR("EN-gb"))), "en");
    assert_str(content_locale_tag(content_locale(STR("en_IE"))), "en");
    assert_str(content_locale_tag(content_locale(STR("xx"))), "en");
    assert_str(content_locale_tag(content_locale(STR("qps"))), "qps");
    assert_ptr_equal(content_locale_at(0), content_locale(STR("en")));
    assert_null(content_locale_at(content_locale_count));
    const ContentLocale *en = content_locale(STR("en")), *qps = content_locale(STR("qps"));
    assert_false(content_locale_rtl(en) || content_locale_rtl(qps));
    const ContentLocale *mirror = content_locale(STR("qps-plocm"));
    assert_true(content_locale_rtl(mirror));
    assert_true(str_eq(content_text(mirror, 1), content_text(qps, 1)));
    assert_str(content_text(en, CONTENT_NO_TEXT), "");
    assert_str(content_item(en, content_types[0].feeds, 99), "");
    for (int t = 1; t <= content_text_count; t++) {
        ContentText text = (ContentText)t;
        Str plain = content_text(en, text), pseudo = content_text(qps, text);
        assert_true(content_translated(en, text) && content_translated(qps, text));
        assert_true(str_starts(pseudo, STR("⟦")) && str_ends(pseudo, STR("⟧")));
        assert_true(utf8_count(pseudo) >= utf8_count(plain) + 5);
        assert_int_equal(str_find(plain, STR("{name}")) >= 0, str_find(pseudo, STR("{name}")) >= 0);
    }
}

static void test_catalogue(void **state)
{
    (void)state;
    const ContentLocale *en = content_locale(STR("en")), *qps = content_locale(STR("qps"));
    int count = 0, pseudo_count = 0;
    const CatalogueEntry *all = catalogue_all(en, &count);
    (void)catalogue_all(qps, &pseudo_count);
    assert_true(count > 0);
    assert_int_equal(count, pseudo_count);
    for (int i = 0; i < count; i++) {
        assert_true(i == 0 || str_cmp(all[i - 1].key, all[i].key) < 0);
        assert_ptr_equal(catalogue_find(en, all[i].key), &all[i]);
        const CatalogueEntry *pseudo = catalogue_find(qps, all[i].key);
        assert_non_null(pseudo);
        assert_int_equal(pseudo->n_forms, all[i].n_forms);
        for (int64_t n = -3; n < 1000; n++) {
            int form = all[i].plural ? all[i].plural((uint64_t)(n < 0 ? -n : n)) : 0;
            assert_in_range(form, 0, all[i].n_forms - 1);
            assert_true(str_eq(catalogue_form(&all[i], n), all[i].forms[form]));
        }
        assert_true(str_starts(catalogue_form(pseudo, 1), STR("⟦")));
    }
    assert_null(catalogue_find(en, STR("no.such-key")));
    assert_null(catalogue_find(en, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_counts_for_every_kind),
        cmocka_unit_test(test_each_state_is_asked_both_ways),
        cmocka_unit_test(test_question_states),
        cmocka_unit_test(test_kinds_have_the_engine_s_priors),
        cmocka_unit_test(test_nothing_romantic_elsewhere),
        cmocka_unit_test(test_practices_hold_together),
        cmocka_unit_test(test_practices_cover_types_kinds_and_depths),
        cmocka_unit_test(test_practices_cover_tastes),
        cmocka_unit_test(test_choices_tell_the_types_apart),
        cmocka_unit_test(test_decks_are_there),
        cmocka_unit_test(test_lookups),
        cmocka_unit_test(test_pages_are_whole),
        cmocka_unit_test(test_locales),
        cmocka_unit_test(test_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
