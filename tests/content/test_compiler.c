/* tests/content/test_compiler.c - the content compiler finds each mistake, with its file and line.
 * Method  small files with one mistake each, against the message's place and its key words; garbage
 *         made by mutating good files, which ends in messages and never in a crash; a second
 *         locale. */
#include "content/tool.h"
#include "gen.h"
#include "testlib.h"

static const char good_question[] = "- id: trust-one\n"
                                    "  asks: factor\n"
                                    "  of: trust\n"
                                    "  text: How much do you rely on {name}?\n"
                                    "  low: not at all\n"
                                    "  middle: in part\n"
                                    "  high: entirely\n";

static const char good_practice[] = "- id: walk-a-while\n"
                                    "  title: A walk with {name}\n"
                                    "  steps:\n"
                                    "    - You could ask {name} along.\n"
                                    "    - Let the pace decide itself.\n"
                                    "  why: Side by side, talk comes easily.\n"
                                    "  types: {experiential: 3}\n"
                                    "  factors: {communication: 1}\n"
                                    "  interests: {walking: 3}\n"
                                    "  depth: 2\n"
                                    "  minutes: 45\n"
                                    "  cost: none\n"
                                    "  where: [together]\n"
                                    "  kinds: [any]\n"
                                    "  first_words: Would you walk with me?\n";

static const char feeds_nothing[] =
    "- {id: idle, title: Idle, steps: [Sit down.], why: It is rest.,"
    " types: {physical: 0}, depth: 1, minutes: 5, cost: none,"
    " where: [alone], kinds: [any]}\n";

/* The file with one line replaced (with "" it is dropped) or, for line 0, one appended. */
static Str with_line(Tool *tool, const char *file, int line, const char *text)
{
    Buf buf = buf_make(&tool->arena, 1 << 16);
    Str rest = str_c(file);
    for (int at = 1; rest.p; at++) {
        Str own = str_line(&rest);
        if (!rest.p && !own.len)
            break;
        Str put = at == line ? str_c(text) : own;
        buf_put(&buf, put);
        if (put.len)
            buf_char(&buf, '\n');
    }
    if (line == 0)
        buf_fmt(&buf, "%s\n", text);
    Str out;
    assert_ok(&tool->cx, buf_done(&tool->cx, &buf, &out));
    return out;
}

static void read_text(Tool *tool, SetId set, Str text)
{
    tool_init(tool);
    (void)tool_add_locale(tool, STR("en"));
    read_set_file(tool, set, 0, STR("f.yaml"), text);
}

/* Exactly one message, at this line, holding these words. */
static void expect_one(Tool *tool, int line, const char *words)
{
    Str said = {tool->said.p, tool->said.len};
    bool at = str_starts(said, tool_fmt(tool, "f.yaml:%d: ", line));
    if (tool->errors == 1 && at && str_find(said, str_c(words)) >= 0)
        return;
    print_error("want 1 message at line %d with \"%s\", got %d:\n%.*s\n", line, words, tool->errors,
                STR_FMT(said));
    fail();
}

typedef struct Case {
    SetId set;
    const char *file; /* good but for one line */
    int line;         /* replaced by text; 0 appends */
    const char *text;
    int said_at;
    const char *says;
} Case;

/* clang-format off */
static const Case cases[] = {
    /* ids */
    {SET_QUESTIONS, good_question, 1, "- id: Trust-One", 1, "is no id"},
    {SET_QUESTIONS, good_question, 1, "- id: trust--one", 1, "is no id"},
    {SET_QUESTIONS, good_question, 1, "- id: -trust", 1, "is no id"},
    {SET_QUESTIONS, good_question, 1, "- asks: factor", 2, "given a second time"},
    {SET_QUESTIONS, good_question, 0, "- id: trust-one", 8, "is used twice; first in f.yaml:1"},
    {SET_QUESTIONS, good_question, 0, "- asks: felt", 8, "without id"},
    {SET_TYPES, "- id: sexual\n", 1, "- id: sexual", 1, "is no type; known are emotional"},
    /* references and enumerations */
    {SET_QUESTIONS, good_question, 2, "  asks: feeling", 2, "is no aim of a question; known are"},
    {SET_QUESTIONS, good_question, 3, "  of: faith", 3, "would be the id of a type or a factor"},
    {SET_QUESTIONS, good_question, 3, "  of: emotional", 3, "would be a factor"},
    {SET_QUESTIONS, good_question, 2, "  asks: given-factor\n  keyed: up", 3, "is no key"},
    {SET_PRACTICES, good_practice, 7, "  types: {experience: 3}", 7, "is no type"},
    {SET_PRACTICES, good_practice, 9, "  interests: {strolling: 3}", 9, "is no interest"},
    {SET_PRACTICES, good_practice, 12, "  cost: free", 12, "is no cost; known are none, little"},
    {SET_PRACTICES, good_practice, 13, "  where: [here]", 13, "is no place"},
    {SET_PRACTICES, good_practice, 14, "  kinds: [pal]", 14, "is no kind; known are partner"},
    {SET_PRACTICES, good_practice, 14, "  kinds: []", 14, "is empty"},
    {SET_PRACTICES, good_practice, 14, "  kinds: any", 14, "would be a list"},
    /* bounds */
    {SET_PRACTICES, good_practice, 10, "  depth: 8", 10, "whole number, 1 to 7"},
    {SET_PRACTICES, good_practice, 10, "  depth: 2.5", 10, "whole number, 1 to 7"},
    {SET_PRACTICES, good_practice, 11, "  minutes: 0", 11, "1 to 600"},
    {SET_PRACTICES, good_practice, 7, "  types: {experiential: 4}", 7, "would be 0 to 3"},
    {SET_PRACTICES, good_practice, 7, "  types: {experiential: -1}", 7, "would be 0 to 3"},
    /* required and unknown fields */
    {SET_QUESTIONS, good_question, 5, "", 1, "lacks low"},
    {SET_PRACTICES, good_practice, 6, "", 1, "lacks why"},
    {SET_PRACTICES, good_practice, 0, "  colour: blue", 16, "is no field of a practice"},
    {SET_PRACTICES, good_practice, 0, "  romantic: maybe", 16, "would be true or false"},
    /* texts */
    {SET_QUESTIONS, good_question, 5, "  low: x", 5, "2 to 40 fit"},
    {SET_QUESTIONS, good_question, 5, "  low: a phrase that is rather long for the end of a line",
    5, "2 to 40 fit"},
    {SET_QUESTIONS, good_question, 4, "  text: \"How well? \"", 4, "a space at its beginning"},
    {SET_QUESTIONS, good_question, 4, "  text: How well\xe2\x81\x89 {name} \xf0\x9f\x98\x80", 4,
     "an emoji"},
    {SET_QUESTIONS, good_question, 4, "  text: Rely on {name}!", 4, "an exclamation mark"},
    {SET_QUESTIONS, good_question, 4, "  text: Rely on {name}'s word?", 4, "a straight quote"},
    {SET_QUESTIONS, good_question, 4, "  text: \"Rely on\\n{name}?\"", 4, "a control character"},
    {SET_QUESTIONS, good_question, 4, "  text: Rely on {person}?", 4, "has a brace"},
    {SET_QUESTIONS, good_question, 4, "  text: Rely on {name?", 4, "has a brace"},
    {SET_QUESTIONS, good_question, 4, "  text: Since {since}?", 4, "for questions about contact"},
    {SET_QUESTIONS, good_question, 4, "  text: [one, two]", 4, "would be a text"},
    {SET_PRACTICES, good_practice, 6, "  why: Ask {name} why.", 6, "has a brace"},
    {SET_PRACTICES, good_practice, 3, "  steps: []\n  more:", 3, "has 0 entries; 1 to 5 fit"},
    /* what fields mean for each other */
    {SET_PRACTICES, good_practice, 0, "  romantic: true", 14, "is romantic"},
    {SET_PRACTICES, good_practice, 14, "  kinds: [friends]\n  never_kinds: [friend]", 15,
     "stands in kinds and in never_kinds"},
    {SET_PRACTICES, good_practice, 14, "  kinds: [any]\n  never_kinds: [any]", 15, "suits nobody"},
    {SET_PRACTICES, good_practice, 15, "  class: repair", 8, "would name compassion"},
    {SET_PRACTICES, good_practice, 15, "  class: solo\n  approach: true", 16, "approach would be"},
    {SET_PRACTICES, good_practice, 15, "  class: boundary\n  needs_both: true", 16, "needs both"},
    {SET_PRACTICES, good_practice, 0, "  class: solo", 15, "it has no first words"},
    {SET_PRACTICES, good_practice, 13, "  where: [alone]\n  needs_both: true", 14, "done alone"},
    {SET_PRACTICES, feeds_nothing, 0, "", 1, "feeds nothing"},
    {SET_PRACTICES, good_practice, 0, "  finding: {author: Somebody, year: 1997}", 16,
     "author, year and says"},
    {SET_PRACTICES, good_practice, 0, "  finding: {author: Somebody, year: 97, says: A word.}", 16,
     "year would be"},
    {SET_CHOICES, "- {id: tea, text: Tea, types: {emotional: 1}}\n", 0, "", 1, "strength 2 or 3"},
    /* the file */
    {SET_QUESTIONS, good_question, 4, "  text: \"open", 4, "not readable as YAML"},
    {SET_QUESTIONS, "id: alone\n", 0, "", 1, "would be a list of items"},
    {SET_QUESTIONS, "- one\n", 0, "", 1, "would be a map of fields"},
    {SET_QUESTIONS, "", 0, "", 1, "is empty"},
    {SET_QUESTIONS, good_question, 4, "  text: &a How?", 4, "anchors and tags"},
    {SET_QUESTIONS, good_question, 4, "  text: !!str How?", 4, "anchors and tags"},
};
/* clang-format on */

static void test_each_mistake_is_found(void **state)
{
    (void)state;
    static Tool tool;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Case *c = &cases[i];
        tool_init(&tool);
        Str text = with_line(&tool, c->file, c->line ? c->line : *c->text ? 0 : -1, c->text);
        (void)tool_add_locale(&tool, STR("en"));
        read_set_file(&tool, c->set, 0, STR("f.yaml"), text);
        if (tool.errors > 1) { /* a dropped id or list can bring more; the first is the one meant */
            Str rest = {tool.said.p, tool.said.len};
            tool.said.len = str_line(&rest).len;
            tool.errors = 1;
        }
        expect_one(&tool, c->said_at, c->says);
        tool_free(&tool);
    }
}

static void test_good_files_pass(void **state)
{
    (void)state;
    static Tool tool;
    read_text(&tool, SET_QUESTIONS, str_c(good_question));
    assert_int_equal(tool.errors, 0);
    const Item *item = &tool.sets[SET_QUESTIONS].items[0];
    const Schema *schema = &schemas[SET_QUESTIONS];
    assert_int_equal(item_value(schema, item, "of")->num, TYPE_COUNT + FACTOR_TRUST);
    assert_int_equal(item_value(schema, item, "kinds")->num, (1 << KIND_COUNT) - 1);
    tool_free(&tool);
    read_text(&tool, SET_PRACTICES, str_c(good_practice));
    assert_int_equal(tool.errors, 0);
    item = &tool.sets[SET_PRACTICES].items[0];
    schema = &schemas[SET_PRACTICES];
    assert_int_equal(item_value(schema, item, "approach")->num, true);
    assert_false(item_value(schema, item, "seasons")->num >> SEASON_ENDED & 1);
    assert_int_equal(item_value(schema, item, "types")->loads[TYPE_EXPERIENTIAL], 3);
    tool_free(&tool);
}

static void test_closed_sets_are_complete_and_in_order(void **state)
{
    (void)state;
    static Tool tool;
    read_text(&tool, SET_WAYS,
              STR("- {id: play, name: play, about: Games and fooling about.}\n"
                  "- {id: long-talks, name: long talks, about: An evening with no end.}\n"));
    assert_int_equal(tool.errors, 0);
    read_finish(&tool);
    Str said = {tool.said.p, tool.said.len};
    assert_true(str_find(said, STR("f.yaml:2: \"long-talks\" would stand in place 1")) >= 0);
    assert_true(str_find(said, STR("lacks the way \"quiet-company\"")) >= 0);
    tool_free(&tool);
}

/* -- decks ------------------------------------------------------------------------------------ */
static Str deck_text(Tool *tool, int prompts, int odd_one, int odd_depth)
{
    Buf buf = buf_make(&tool->arena, 1 << 16);
    buf_c(&buf, "id: d\ntitle: For two\nabout: Easy to start.\nturns: both\n"
                "company: [just-us]\nkinds: [any]\nprompts:\n");
    for (int i = 0; i < prompts; i++)
        buf_fmt(&buf, "  - {id: p%d, depth: %d, text: What was good today?}\n", i,
                i == odd_one ? odd_depth : 1 + i * 6 / prompts);
    Str out;
    assert_ok(&tool->cx, buf_done(&tool->cx, &buf, &out));
    return out;
}

static int deck_errors(int prompts, int odd_one, int odd_depth, const char *file, const char *says)
{
    static Tool tool;
    tool_init(&tool);
    (void)tool_add_locale(&tool, STR("en"));
    Str text = deck_text(&tool, prompts, odd_one, odd_depth);
    read_set_file(&tool, SET_DECKS, 0, str_c(file), text);
    if (says)
        assert_true(str_find((Str){tool.said.p, tool.said.len}, str_c(says)) >= 0);
    int errors = tool.errors;
    tool_free(&tool);
    return errors;
}

static void test_decks(void **state)
{
    (void)state;
    assert_int_equal(deck_errors(30, -1, 0, "decks/d.yaml", NULL), 0);
    assert_int_equal(deck_errors(29, -1, 0, "decks/d.yaml", "30 to 200 prompts; here are 29"), 1);
    assert_int_equal(deck_errors(30, 20, 1, "decks/d.yaml", "d.yaml:28: depth falls from"), 1);
    assert_true(deck_errors(30, 0, 3, "decks/d.yaml", "d.yaml:8: a deck begins at depth") >= 1);
    assert_int_equal(deck_errors(30, -1, 0, "decks/e.yaml", "would be in a file d.yaml"), 1);
}

/* -- another locale --------------------------------------------------------------------------- */
static void translate(Tool *tool, const char *german)
{
    read_text(tool, SET_QUESTIONS, str_c(good_question));
    (void)tool_add_locale(tool, STR("de"));
    read_set_file(tool, SET_QUESTIONS, 1, STR("de.yaml"), str_c(german));
}

static bool said(const Tool *tool, const char *words)
{
    return str_find((Str){tool->said.p, tool->said.len}, str_c(words)) >= 0;
}

static void test_translations_bring_words_alone(void **state)
{
    (void)state;
    static Tool tool;
    translate(&tool, "- id: trust-one\n  text: Wie sehr kannst du dich auf {name} verlassen?\n");
    assert_int_equal(tool.errors, 0);
    int text =
        (int)item_value(&schemas[SET_QUESTIONS], &tool.sets[SET_QUESTIONS].items[0], "text")->num;
    assert_true(str_starts(tool.locales[1].texts[text].words, STR("Wie sehr")));
    assert_null(tool.locales[1].texts[text + 1].words.p); /* low: not translated */
    tool_free(&tool);
    translate(&tool, "- id: trust-one\n  asks: felt\n");
    assert_true(said(&tool, "de.yaml:2: asks of \"trust-one\" stands in en"));
    tool_free(&tool);
    translate(&tool, "- id: trust-two\n  low: gar nicht\n");
    assert_true(said(&tool, "de.yaml:1: no question \"trust-two\" in en"));
    tool_free(&tool);
    translate(&tool, "- id: trust-one\n  text: Wie sehr?\n");
    assert_true(said(&tool, "de.yaml:2: text has other placeholders"));
    tool_free(&tool);
}

/* -- catalogues ------------------------------------------------------------------------------- */
static const char po_header[] = "msgid \"\"\nmsgstr \"\"\n"
                                "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                                "\"Content-Transfer-Encoding: 8bit\\n\"\n";

/* Line 5 holds the plural rule, the body begins on line 7. */
static void read_po(Tool *tool, Str folder, int locale, const char *plural, const char *body)
{
    Str file = tool_fmt(tool, "%.*s/%d.po", STR_FMT(folder), locale);
    Str text = tool_fmt(tool, "%s\"Plural-Forms: %s\\n\"\n\n%s", po_header, plural, body);
    assert_ok(&tool->cx, os_write_file(&tool->cx, file, text));
    po_read(tool, locale, file, text);
}

static const char plural_en[] = "nplurals=2; plural=(n != 1);";

/* clang-format off */
static const struct {
    const char *plural, *body, *says; /* says NULL: good */
} po_cases[] = {
    {plural_en, "msgid \"a.b\"\nmsgstr \"Hello {who}.\"\n", NULL},
    {plural_en, "msgid \"a.b\"\nmsgid_plural \"a.b\"\nmsgstr[0] \"one\"\nmsgstr[1] \"{n}\"\n",
     NULL},
    {plural_en, "msgid \"a.b\"\nmsgstr \"Type {{name} here, {who}.\"\n", NULL},
    {plural_en, "msgid \"a.b\"\nmsgstr \"\"\n", "0.po:7: \"a.b\" has no words"},
    {plural_en, "msgid \"Title Case\"\nmsgstr \"x\"\n", "0.po:7: \"Title Case\" is no key"},
    {plural_en, "msgid \"a.b\"\nmsgstr \"Hello {Who}.\"\n", "0.po:7: \"a.b\" has a stray brace"},
    {plural_en, "msgid \"a.b\"\nmsgstr \"Hello}.\"\n", "has a stray brace"},
    {plural_en, "msgid \"a.b\"\nmsgid_plural \"a.b\"\nmsgstr[0] \"one\"\nmsgstr[1] \"more\"\n",
     "plural forms without {n}"},
    {"nplurals=3; plural=(n != 1);",
     "msgid \"a.b\"\nmsgid_plural \"a.b\"\nmsgstr[0] \"one\"\nmsgstr[1] \"{n}\"\n",
     "has 2 plural forms; the header says 3"},
    {"nplurals=2; plural=system(1);", "", "Plural-Forms is not usable"},
    {"nplurals=2; plural=n[0];", "", "Plural-Forms is not usable"},
    {"nplurals=2; plural=(n != 1;", "", "Plural-Forms is not usable"},
    {"nplurals=0; plural=0;", "", "Plural-Forms is not usable"},
    {"nplurals=9; plural=0;", "", "Plural-Forms is not usable"},
    {plural_en, "msgid \"a.b\"\nmsgstr \"x\"\n\nmsgid \"a.b\"\nmsgstr \"y\"\n", "0.po:"},
    {plural_en, "msgid \"a.b\nmsgstr \"x\"\n", "0.po:"},
};
/* clang-format on */

static void test_catalogues(void **state)
{
    (void)state;
    static Tool tool;
    TestCx t;
    test_cx_init(&t);
    Str folder = test_folder(&t.cx);
    for (size_t i = 0; i < sizeof po_cases / sizeof *po_cases; i++) {
        tool_init(&tool);
        (void)tool_add_locale(&tool, STR("en"));
        read_po(&tool, folder, 0, po_cases[i].plural, po_cases[i].body);
        bool good = po_cases[i].says ? said(&tool, po_cases[i].says) : tool.errors == 0;
        if (!good)
            print_error("case %zu: %.*s\n", i, (int)tool.said.len, tool.said.p);
        assert_true(good);
        tool_free(&tool);
    }
    test_folder_remove(&t.cx, folder);
    test_cx_free(&t);
}

static void test_catalogue_translations(void **state)
{
    (void)state;
    static Tool tool;
    TestCx t;
    test_cx_init(&t);
    Str folder = test_folder(&t.cx);
    tool_init(&tool);
    (void)tool_add_locale(&tool, STR("en"));
    (void)tool_add_locale(&tool, STR("pl"));
    read_po(&tool, folder, 0, plural_en,
            "msgid \"a.b\"\nmsgstr \"Hello {who}.\"\n\nmsgid \"a.n\"\nmsgid_plural \"a.n\"\n"
            "msgstr[0] \"one\"\nmsgstr[1] \"{n}\"\n\nmsgid \"a.c\"\nmsgstr \"Only here\"\n");
    read_po(
        &tool, folder, 1,
        "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
        "msgid \"a.b\"\nmsgstr \"Witaj {who}.\"\n\nmsgid \"a.n\"\nmsgid_plural \"a.n\"\n"
        "msgstr[0] \"jeden\"\nmsgstr[1] \"{n} dwa\"\nmsgstr[2] \"{n} osiem\"\n");
    assert_int_equal(tool.errors, 0);
    Str c = emit_tables(&tool);
    assert_true(str_find(c, STR("Witaj")) >= 0);
    assert_true(str_find(c, STR("&forms_1[")) >= 0);
    /* what pl lacks is en's row, said to be untranslated */
    assert_true(str_find(c, STR("{\"a.c\", 3}, 1, &forms_0[1], NULL, false}")) >= 0);
    read_po(&tool, folder, 1, plural_en,
            "msgid \"a.b\"\nmsgstr \"Witaj.\"\n\nmsgid \"a.x\"\nmsgstr \"x\"\n");
    assert_true(said(&tool, "1.po:7: \"a.b\" has other placeholders"));
    assert_true(said(&tool, "1.po:10: \"a.x\" is not in en"));
    tool_free(&tool);
    test_folder_remove(&t.cx, folder);
    test_cx_free(&t);
}

static void test_pseudo(void **state)
{
    (void)state;
    static Tool tool;
    tool_init(&tool);
    Str s = pseudo_words(&tool, STR("Ask {name} for tea."));
    assert_true(str_starts(s, STR("⟦")) && str_ends(s, STR("⟧")));
    assert_true(str_find(s, STR("{name}")) >= 0);
    assert_true(str_find(s, STR("Ask")) < 0);
    tool_free(&tool);
}

/* -- garbage ---------------------------------------------------------------------------------- */
static void test_garbage_ends_in_messages(void **state)
{
    (void)state;
    static Tool tool;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        Gen g = gen_seed(seed);
        tool_init(&tool);
        const char *file = seed % 2 ? good_question : good_practice;
        Str good = str_dup(&tool.arena, str_c(file));
        char *bytes = arena_new(&tool.arena, char, good.len);
        for (ptrdiff_t i = 0; i < good.len; i++)
            if (gen_chance(&g, 2))
                bytes[i] = (char)gen_int(&g, -128, 127);
            else
                bytes[i] = good.p[i];
        (void)tool_add_locale(&tool, STR("en"));
        ptrdiff_t len = gen_int(&g, 0, good.len);
        read_set_file(&tool, seed % 2 ? SET_QUESTIONS : SET_PRACTICES, 0, STR("f.yaml"),
                      (Str){bytes, len});
        bool told = tool.errors > 0;
        bool read = tool.sets[SET_QUESTIONS].count + tool.sets[SET_PRACTICES].count > 0;
        assert_true(told || read);
        tool_free(&tool);
    }
}

/* The content of this repository, by the program the build runs, gives the same bytes twice. */
static void test_tables_are_reproducible(void **state)
{
    (void)state;
    static Tool one, two;
    tool_init(&one);
    tool_init(&two);
    Str folder = source_path(&one.cx, "content");
    walk_content(&one, folder);
    walk_content(&two, folder);
    if (one.errors)
        print_error("%.*s\n", (int)one.said.len, one.said.p);
    assert_int_equal(one.errors, 0);
    assert_true(str_eq(emit_tables(&one), emit_tables(&two)));
    tool_free(&one);
    tool_free(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_is_found),
        cmocka_unit_test(test_good_files_pass),
        cmocka_unit_test(test_closed_sets_are_complete_and_in_order),
        cmocka_unit_test(test_decks),
        cmocka_unit_test(test_translations_bring_words_alone),
        cmocka_unit_test(test_catalogues),
        cmocka_unit_test(test_catalogue_translations),
        cmocka_unit_test(test_pseudo),
        cmocka_unit_test(test_garbage_ends_in_messages),
        cmocka_unit_test(test_tables_are_reproducible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
