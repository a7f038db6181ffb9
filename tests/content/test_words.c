/* tests/content/test_words.c - every text a person can read, of every set and of the interface: no
 * banned words, no exclamation marks, no emoji, plain sentences, no two questions alike.
 * Method  texts are folded and split into words; a banned phrase matches whole words only. */
#include "base/buf.h"
#include "base/utf8.h"
#include "content/catalogue.h"
#include "testlib.h"

static const char *const banned[] = {
    "overdue",        "streak",      "streaks",
    "missed",         "failed",      "neglect",
    "neglected",      "should have", "falling behind",
    "at risk",        "toxic",       "love language",
    "love languages", "crm",         "engagement",
    "score",          "scores",      "relationship goals",
    "red flag",       "red flags",   "narcissist",
    "codependent",    "trauma bond", "gaslighting",
};

/* The words of s in lower case without accents, each between single spaces: " how much do you ". */
static Str fold_words(Arena *arena, Str s)
{
    Str folded = utf8_fold(arena, s);
    Buf buf = buf_make(arena, 1 << 20);
    buf_char(&buf, ' ');
    for (Str rest = folded; rest.len > 0;) {
        Str at = rest;
        int32_t c = utf8_next(&rest);
        if (utf8_is_letter(c))
            buf_bytes(&buf, at.p, at.len - rest.len);
        else if (buf.p[buf.len - 1] != ' ')
            buf_char(&buf, ' ');
    }
    if (buf.p[buf.len - 1] != ' ')
        buf_char(&buf, ' ');
    return (Str){buf.p, buf.len};
}

/* " word ", to be found as a whole word among folded ones. */
static Str spaced(Arena *arena, Str word)
{
    Buf buf = buf_make(arena, 256);
    buf_fmt(&buf, " %.*s ", STR_FMT(word));
    return (Str){buf.p, buf.len};
}

static bool is_emoji(int32_t c)
{
    return c >= 0x1F000 || (c >= 0x2600 && c <= 0x27BF) || c == 0xFE0F;
}

static int count_faults(Arena *arena, Str where, Str text)
{
    int faults = 0;
    Str words = fold_words(arena, text);
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++) {
        if (str_find(words, spaced(arena, str_c(banned[i]))) >= 0) {
            print_error("%.*s: \"%s\" in: %.*s\n", STR_FMT(where), banned[i], STR_FMT(text));
            faults++;
        }
    }
    Str rest = text;
    for (int32_t c = utf8_next(&rest); c >= 0; c = utf8_next(&rest))
        if (c == '!' || is_emoji(c)) {
            print_error("%.*s: U+%04X in: %.*s\n", STR_FMT(where), (unsigned)c, STR_FMT(text));
            faults++;
        }
    return faults;
}

static bool is_pseudo(const ContentLocale *locale)
{
    return str_starts(content_locale_tag(locale), STR("qps"));
}

static void test_no_banned_words_in_content(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int faults = 0;
    for (int l = 0; l < content_locale_count; l++) {
        const ContentLocale *locale = content_locale_at(l);
        for (int i = 1; i <= content_text_count && !is_pseudo(locale); i++)
            faults += count_faults(&t.arena, STR("content"), content_text(locale, (ContentText)i));
    }
    assert_int_equal(faults, 0);
    test_cx_free(&t);
}

static void test_no_banned_words_in_the_interface(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int faults = 0;
    for (int l = 0; l < content_locale_count; l++) {
        const ContentLocale *locale = content_locale_at(l);
        int count = 0;
        const CatalogueEntry *all = catalogue_all(locale, &count);
        for (int i = 0; i < count && !is_pseudo(locale); i++)
            for (int f = 0; f < all[i].n_forms; f++)
                faults += count_faults(&t.arena, all[i].key, all[i].forms[f]);
    }
    assert_int_equal(faults, 0);
    test_cx_free(&t);
}

/* The test itself sees what it looks for. */
static void test_banned_words_are_seen(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    print_message("# six faults follow, on purpose\n");
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("You MISSED it.")), 1);
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("You should\xc2\xa0have.")), 1);
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("At risk!")), 2);
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("T\xc3\xb3xic")), 1);
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("\xf0\x9f\x98\x80")), 1);
    assert_int_equal(count_faults(&t.arena, STR("x"), STR("You dismissed it; underscore.")), 0);
    test_cx_free(&t);
}

/* -- words of love ---------------------------------------------------------------------------- */
static const char *const amorous[] = {"sex",     "sexual", "sexy",      "kiss",        "kisses",
                                      "kissing", "lover",  "lovers",    "erotic",      "desire",
                                      "undress", "naked",  "make love", "making love", "romantic",
                                      "flirt",   "aroused"};

static int count_amorous(Arena *arena, ContentText text, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        Str plain = content_text(content_locale(STR("en")), (ContentText)(text + i));
        Str words = fold_words(arena, plain);
        for (size_t k = 0; k < sizeof amorous / sizeof *amorous; k++)
            if (str_find(words, spaced(arena, str_c(amorous[k]))) >= 0) {
                print_error("\"%s\" where nothing is romantic: %.*s\n", amorous[k], STR_FMT(plain));
                found++;
            }
    }
    return found;
}

/* Promise 4: such words stand only in what is marked romantic, hence behind its switch. */
static void test_words_of_love_are_behind_the_switch(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int found = 0;
    for (int i = 0; i < content_questions_count; i++)
        if (!content_questions[i].romantic)
            found +=
                count_amorous(&t.arena, content_questions[i].text, 4); /* and its three words */
    for (int i = 0; i < content_practices_count; i++) {
        const ContentPractice *p = &content_practices[i];
        if (p->romantic)
            continue;
        found += count_amorous(&t.arena, p->title, 1) + count_amorous(&t.arena, p->why, 1);
        found += count_amorous(&t.arena, p->steps.first, p->steps.count);
        found += count_amorous(&t.arena, p->first_words, p->first_words ? 1 : 0);
        found += count_amorous(&t.arena, p->finding.says, p->finding.says ? 1 : 0);
    }
    for (int i = 0; i < content_choices_count; i++)
        if (!content_choices[i].romantic)
            found += count_amorous(&t.arena, content_choices[i].text, 1);
    for (int i = 0; i < content_decks_count; i++) {
        const ContentDeck *d = &content_decks[i];
        if (d->romantic)
            continue;
        found += count_amorous(&t.arena, d->title, 1) + count_amorous(&t.arena, d->about, 1);
        for (int k = 0; k < d->prompts.count; k++)
            found += count_amorous(&t.arena, content_prompts[d->prompts.first + k].text, 1);
    }
    assert_int_equal(found, 0);
    test_cx_free(&t);
}

/* -- plain sentences -------------------------------------------------------------------------- */
enum { SENTENCE_WORDS_MAX = 45 };

static void test_sentences_are_plain(void **state)
{
    (void)state;
    const ContentLocale *en = content_locale(STR("en"));
    long words = 0, sentences = 0, letters = 0;
    for (int i = 1; i <= content_text_count; i++) {
        Str rest = content_text(en, (ContentText)i);
        int own = 0;
        bool in_word = false;
        for (int32_t c = utf8_next(&rest); c >= 0; c = utf8_next(&rest)) {
            bool letter = utf8_is_letter(c) || c == 0x2019 || c == '-';
            own += letter && !in_word;
            letters += letter;
            in_word = letter;
            bool ends = c == '.' || c == '?' || c == ';' || c == ':' || rest.len == 0;
            if (!ends || !own)
                continue;
            if (own > SENTENCE_WORDS_MAX)
                print_error("%d words: %.*s\n", own, STR_FMT(content_text(en, (ContentText)i)));
            assert_true(own <= SENTENCE_WORDS_MAX);
            words += own;
            sentences++;
            own = 0;
        }
    }
    assert_true(words > 0 && sentences > 0);
    double per_sentence = (double)words / (double)sentences;
    double per_word = (double)letters / (double)words;
    /* Coleman and Liau's index (1975) of the whole: a reader of twelve or so manages */
    double grade = .0588 * 100 * per_word - .296 * 100 / per_sentence - 15.8;
    print_message("# %.1f words a sentence, %.2f letters a word, Coleman-Liau %.1f\n", per_sentence,
                  per_word, grade);
    assert_true(per_sentence < 15);
    assert_true(grade < 7);
}

/* -- no two alike ----------------------------------------------------------------------------- */
static const char common[] =
    " how much do you are is the of to a and with in it or that what for how"
    " name your s other each would like well often ";

/* word is a slice of folded words, so that a space stands on each side of it. */
static bool is_common(Str word)
{
    return str_find(STR(common), (Str){word.p - 1, word.len + 2}) >= 0;
}

/* Of the telling words of a, how many stand in b; and how many there are. */
static int shared_words(Str a, Str b, int *ret_words)
{
    int shared = 0, words = 0;
    for (Str rest = str_trim(a); rest.p;) {
        Str word = str_cut(&rest, ' ');
        if (!word.len || is_common(word))
            continue;
        words++;
        Str with_spaces = {word.p - 1, word.len + 2};
        shared += str_find(b, with_spaces) >= 0;
    }
    *ret_words = words;
    return shared;
}

static bool alike(Str a, Str b)
{
    int in_a = 0, in_b = 0;
    int shared = shared_words(a, b, &in_a);
    (void)shared_words(b, a, &in_b);
    int all = in_a + in_b - shared;
    return all > 0 && shared * 10 >= all * 7;
}

/* How many pairs of these texts say nearly the same. */
static int count_alike(Arena *arena, const ContentText texts[], int count)
{
    const ContentLocale *en = content_locale(STR("en"));
    Str *folded = arena_new(arena, Str, count);
    for (int i = 0; i < count; i++)
        folded[i] = fold_words(arena, content_text(en, texts[i]));
    int pairs = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (alike(folded[i], folded[j])) {
                print_error("alike:%.*s/%.*s\n", STR_FMT(folded[j]), STR_FMT(folded[i]));
                pairs++;
            }
    return pairs;
}

static void test_no_two_questions_are_alike(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    ContentText *texts = arena_new(&t.arena, ContentText, content_questions_count);
    for (int i = 0; i < content_questions_count; i++)
        texts[i] = content_questions[i].text;
    assert_int_equal(count_alike(&t.arena, texts, content_questions_count), 0);
    assert_true(alike(STR(" how safe would secrets be "), STR(" would secrets be safe ")));
    test_cx_free(&t);
}

static void test_no_two_offers_are_alike(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int most = content_practices_count + content_choices_count + content_reflections_count +
               content_prompts_count;
    ContentText *texts = arena_new(&t.arena, ContentText, most);
    for (int i = 0; i < content_practices_count; i++)
        texts[i] = content_practices[i].title;
    assert_int_equal(count_alike(&t.arena, texts, content_practices_count), 0);
    for (int i = 0; i < content_choices_count; i++)
        texts[i] = content_choices[i].text;
    assert_int_equal(count_alike(&t.arena, texts, content_choices_count), 0);
    for (int i = 0; i < content_reflections_count; i++)
        texts[i] = content_reflections[i].text;
    assert_int_equal(count_alike(&t.arena, texts, content_reflections_count), 0);
    for (int d = 0; d < content_decks_count; d++) {
        const ContentDeck *deck = &content_decks[d];
        for (int k = 0; k < deck->prompts.count; k++)
            texts[k] = content_prompts[deck->prompts.first + k].text;
        assert_int_equal(count_alike(&t.arena, texts, deck->prompts.count), 0);
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_banned_words_in_content),
        cmocka_unit_test(test_no_banned_words_in_the_interface),
        cmocka_unit_test(test_banned_words_are_seen),
        cmocka_unit_test(test_words_of_love_are_behind_the_switch),
        cmocka_unit_test(test_sentences_are_plain),
        cmocka_unit_test(test_no_two_questions_are_alike),
        cmocka_unit_test(test_no_two_offers_are_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
