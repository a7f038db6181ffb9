/* tools/content/schema.c - the sets of content as tables: every field, its bounds, what it means.
 * docs/CONTENT.md says the same for people. The names of the C fields in content/content.h are
 * those here, so that emit.c needs no table of its own. */
#include "tool.h"

#define ID_OF(name, id) id,
#define NAMES(var, LIST, word, alias)                                                              \
    static const char *const var##_ids[] = {LIST(ID_OF)};                                          \
    static const Names var = {word, var##_ids, (int)(sizeof var##_ids / sizeof *var##_ids), alias}

enum {
    ALL_KINDS = (1 << KIND_COUNT) - 1,
    FAMILY = 1 << KIND_PARENT | 1 << KIND_CHILD | 1 << KIND_SIBLING | 1 << KIND_GRANDPARENT |
             1 << KIND_OTHER_FAMILY,
    FRIENDS = 1 << KIND_CLOSE_FRIEND | 1 << KIND_FRIEND,
    LIVING_SEASONS = ((1 << SEASON_COUNT) - 1) & ~(1 << SEASON_ENDED)
};

static const Alias kind_aliases[] = {
    {"any",     ALL_KINDS},
    {"family",  FAMILY   },
    {"friends", FRIENDS  },
    {NULL,      0        }
};
/* An ended relationship is offered only what names it. */
static const Alias season_aliases[] = {
    {"any", LIVING_SEASONS},
    {NULL,  0             }
};
static const Alias place_aliases[] = {
    {"any", (1 << PLACE_COUNT) - 1},
    {NULL,  0                     }
};
static const Alias company_aliases[] = {
    {"any", (1 << COMPANY_COUNT) - 1},
    {NULL,  0                       }
};

NAMES(types, CONTENT_TYPES, "type", NULL);
NAMES(factors, CONTENT_FACTORS, "factor", NULL);
NAMES(kinds, CONTENT_KINDS, "kind", kind_aliases);
NAMES(seasons, CONTENT_SEASONS, "season", season_aliases);
NAMES(interests, CONTENT_INTERESTS, "interest", NULL);
NAMES(styles, CONTENT_STYLES, "communication style", NULL);
NAMES(ways, CONTENT_WAYS, "way of getting to know someone", NULL);
NAMES(costs, CONTENT_COSTS, "cost", NULL);
NAMES(places, CONTENT_PLACES, "place", place_aliases);
NAMES(companies, CONTENT_COMPANIES, "company", company_aliases);
NAMES(classes, CONTENT_CLASSES, "class", NULL);
NAMES(turns, CONTENT_TURNS, "way of taking turns", NULL);
NAMES(asks, CONTENT_ASKS, "aim of a question", NULL);
NAMES(keys, CONTENT_KEYS, "key", NULL);
NAMES(groups, CONTENT_GROUPS, "group", NULL);
NAMES(safety, CONTENT_SAFETY, "section", NULL);

/* clang-format off */
static const Field page_fields[] = {
    {"name", FIELD_TEXT, true, .max = 30},
    {"short", FIELD_TEXT, true, .max = 60, .c_name = "brief"},
    {"is", FIELD_TEXT, true, .max = 300},
    {"is_not", FIELD_TEXT, true, .max = 300},
    {"signs", FIELD_SIGNS, true, .min = 3, .max = 3, .text_max = 160, .names = &groups},
    {"feeds", FIELD_TEXTS, true, .min = 2, .max = 5, .text_max = 120},
    {"wears", FIELD_TEXTS, true, .min = 2, .max = 5, .text_max = 120},
    {"ask", FIELD_TEXT, true, .max = 160},
    {"note", FIELD_TEXT, .max = 300},
    {"finding", FIELD_FINDING, .max = 240},
    {NULL},
};

static const Field kind_fields[] = {
    {"name", FIELD_TEXT, true, .max = 30},
    {"many", FIELD_TEXT, true, .max = 30},
    {"group", FIELD_ONE, true, .names = &groups},
    {"mu", FIELD_REAL, true, .min = 0, .max = 10},
    {"tau", FIELD_REAL, true, .min = 0.1, .max = 10},
    {"half_life_months", FIELD_REAL, true, .min = 1, .max = 600},
    {"phi", FIELD_REAL, true, .min = 0, .max = 1},
    {"romantic_possible", FIELD_BOOL, true},
    {NULL},
};

static const Field tag_fields[] = {
    {"name", FIELD_TEXT, true, .max = 30},
    {"about", FIELD_TEXT, true, .max = 160},
    {NULL},
};

static const Field safety_fields[] = {
    {"title", FIELD_TEXT, true, .max = 80},
    {"intro", FIELD_TEXT, true, .max = 400},
    {"items", FIELD_TEXTS, true, .min = 2, .max = 16, .text_max = 240},
    {NULL},
};

static const Field question_fields[] = {
    {"asks", FIELD_ONE, true, .names = &asks},
    {"of", FIELD_STATE, .c_name = "state", .otherwise = STATE_NONE},
    {"text", FIELD_TEXT, true, .max = 160, .holes = HOLE_NAME | HOLE_SINCE},
    {"low", FIELD_TEXT, true, .max = 40},
    {"middle", FIELD_TEXT, true, .max = 40},
    {"high", FIELD_TEXT, true, .max = 40},
    {"keyed", FIELD_ONE, .names = &keys, .otherwise = KEYED_PLAIN},
    {"kinds", FIELD_SET, .names = &kinds, .otherwise = ALL_KINDS},
    {"romantic", FIELD_BOOL},
    {NULL},
};

static const Field practice_fields[] = {
    {"title", FIELD_TEXT, true, .max = 60, .holes = HOLE_NAME},
    {"steps", FIELD_TEXTS, true, .min = 1, .max = 5, .text_max = 240, .holes = HOLE_NAME},
    {"why", FIELD_TEXT, true, .max = 280},
    {"finding", FIELD_FINDING, .max = 240},
    {"types", FIELD_LOADS, .names = &types},
    {"factors", FIELD_LOADS, .names = &factors},
    {"interests", FIELD_LOADS, .names = &interests},
    {"styles", FIELD_LOADS, .names = &styles},
    {"ways", FIELD_LOADS, .names = &ways},
    {"depth", FIELD_INT, true, .min = DEPTH_MIN, .max = DEPTH_MAX},
    {"minutes", FIELD_INT, true, .min = 1, .max = 600},
    {"cost", FIELD_ONE, true, .names = &costs},
    {"where", FIELD_SET, true, .names = &places},
    {"company", FIELD_SET, .names = &companies, .otherwise = 1 << COMPANY_JUST_US},
    {"kinds", FIELD_SET, true, .names = &kinds},
    {"never_kinds", FIELD_SET, .names = &kinds},
    {"seasons", FIELD_SET, .names = &seasons, .otherwise = LIVING_SEASONS},
    {"romantic", FIELD_BOOL},
    {"needs_both", FIELD_BOOL},
    {"class", FIELD_ONE, .names = &classes, .otherwise = CLASS_USUAL},
    {"approach", FIELD_BOOL, .otherwise = true},
    {"first_words", FIELD_TEXT, .max = 160, .holes = HOLE_NAME},
    {NULL},
};

static const Field choice_fields[] = {
    {"text", FIELD_TEXT, true, .max = 90},
    {"types", FIELD_LOADS, true, .names = &types},
    {"kinds", FIELD_SET, .names = &kinds, .otherwise = ALL_KINDS},
    {"romantic", FIELD_BOOL},
    {NULL},
};

static const Field deck_fields[] = {
    {"title", FIELD_TEXT, true, .max = 60},
    {"about", FIELD_TEXT, true, .max = 240},
    {"turns", FIELD_ONE, true, .names = &turns},
    {"company", FIELD_SET, true, .names = &companies},
    {"kinds", FIELD_SET, true, .names = &kinds},
    {"never_kinds", FIELD_SET, .names = &kinds},
    {"romantic", FIELD_BOOL},
    {"class", FIELD_ONE, .names = &classes, .otherwise = CLASS_USUAL},
    {"prompts", FIELD_PROMPTS, true, .min = 30, .max = 200},
    {NULL},
};

static const Field prompt_fields[] = {
    {"depth", FIELD_INT, true, .min = DEPTH_MIN, .max = DEPTH_MAX},
    {"text", FIELD_TEXT, true, .max = 200},
    {NULL},
};

static const Field reflection_fields[] = {
    {"title", FIELD_TEXT, true, .max = 60},
    {"text", FIELD_TEXT, true, .max = 400},
    {"types", FIELD_LOADS, .names = &types},
    {"factors", FIELD_LOADS, .names = &factors},
    {NULL},
};

const Schema schemas[SET_COUNT] = {
    [SET_TYPES] = {"types", "type", "ContentPage", SET_FILE, &types, page_fields, NULL},
    [SET_FACTORS] = {"factors", "factor", "ContentPage", SET_FILE, &factors, page_fields, NULL},
    [SET_KINDS] = {"kinds", "kind", "ContentKind", SET_FILE, &kinds, kind_fields, NULL},
    [SET_SEASONS] = {"seasons", "season", "ContentTag", SET_FILE, &seasons, tag_fields, NULL},
    [SET_INTERESTS] = {"interests", "interest", "ContentTag", SET_FILE, &interests, tag_fields,
     NULL},
    [SET_STYLES] = {"styles", "communication style", "ContentTag", SET_FILE, &styles, tag_fields,
     NULL},
    [SET_WAYS] = {"ways", "way", "ContentTag", SET_FILE, &ways, tag_fields, NULL},
    [SET_SAFETY] = {"safety", "section", "ContentSafety", SET_FILE, &safety, safety_fields, NULL},
    [SET_QUESTIONS] = {"questions", "question", "ContentQuestion", SET_FILE, NULL,
     question_fields, rules_question},
    [SET_PRACTICES] = {"practices", "practice", "ContentPractice", SET_FOLDER_OF_LISTS, NULL,
     practice_fields, rules_practice},
    [SET_CHOICES] = {"choices", "choice", "ContentChoice", SET_FILE, NULL, choice_fields,
     rules_choice},
    [SET_DECKS] = {"decks", "deck", "ContentDeck", SET_FOLDER_OF_ITEMS, NULL, deck_fields,
     rules_deck},
    [SET_PROMPTS] = {"prompts", "prompt", "ContentPrompt", SET_INNER, NULL, prompt_fields, NULL},
    [SET_REFLECTIONS] = {"reflections", "reflection", "ContentReflection", SET_FILE, NULL,
     reflection_fields, NULL},
};
/* clang-format on */
