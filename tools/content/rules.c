/* tools/content/rules.c - what the fields of one item mean for each other. They run when every
 * field alone is good, so that a message is about the rule and nothing else. */
#include "tool.h"

enum { ROMANTIC_KINDS = 1 << KIND_PARTNER | 1 << KIND_DATING, EVERY_KIND = (1 << KIND_COUNT) - 1 };

static Value *value_of(const Schema *schema, Item *item, const char *name)
{
    int i = field_index(schema, name);
    INVARIANT(i >= 0);
    return &item->values[i];
}

static void rule_romantic(Tool *tool, const Schema *schema, Item *item)
{
    const Value *romantic = value_of(schema, item, "romantic");
    const Value *kinds = value_of(schema, item, "kinds");
    if (romantic->num && (kinds->num & ~(int64_t)ROMANTIC_KINDS))
        tool_say(tool, item->file, kinds->line,
                 "\"%.*s\" is romantic; its kinds would be partner or dating alone",
                 STR_FMT(item->id));
}

/* "any" gives way to never_kinds; kinds that were named one by one may not stand in both. */
static void rule_never(Tool *tool, const Schema *schema, Item *item)
{
    Value *kinds = value_of(schema, item, "kinds");
    const Value *never = value_of(schema, item, "never_kinds");
    if (kinds->num == EVERY_KIND)
        kinds->num &= ~never->num;
    if (kinds->num & never->num)
        tool_say(tool, item->file, never->line,
                 "a kind of \"%.*s\" stands in kinds and in never_kinds; one of them is right",
                 STR_FMT(item->id));
    if (!kinds->num)
        tool_say(tool, item->file, never->line, "\"%.*s\" suits nobody; leave one kind",
                 STR_FMT(item->id));
}

static int load_sum(const Value *value, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += value->loads[i];
    return sum;
}

static void rule_approach(Tool *tool, const Schema *schema, Item *item)
{
    int64_t class = value_of(schema, item, "class")->num;
    Value *approach = value_of(schema, item, "approach");
    bool apart = class == CLASS_BOUNDARY || class == CLASS_SUPPORT || class == CLASS_SOLO;
    if (apart && approach->given && approach->num)
        tool_say(tool, item->file, approach->line,
                 "\"%.*s\" is a boundary, support or solo; approach would be false or left out",
                 STR_FMT(item->id));
    if (apart)
        approach->num = false;
    if (approach->num)
        return;
    const Value *both = value_of(schema, item, "needs_both");
    if (both->num)
        tool_say(tool, item->file, both->line,
                 "\"%.*s\" approaches nobody and needs both; one of them is right",
                 STR_FMT(item->id));
    const Value *words = value_of(schema, item, "first_words");
    if (words->given && class != CLASS_BOUNDARY && class != CLASS_SUPPORT)
        tool_say(tool, item->file, words->line, "\"%.*s\" approaches nobody; it has no first words",
                 STR_FMT(item->id));
}

void rules_practice(Tool *tool, const Schema *schema, Item *item)
{
    rule_never(tool, schema, item);
    rule_romantic(tool, schema, item);
    rule_approach(tool, schema, item);
    const Value *types = value_of(schema, item, "types");
    const Value *factors = value_of(schema, item, "factors");
    if (!load_sum(types, TYPE_COUNT) && !load_sum(factors, FACTOR_COUNT))
        tool_say(tool, item->file, item->line,
                 "\"%.*s\" feeds nothing; name a type or a factor with its strength",
                 STR_FMT(item->id));
    if (value_of(schema, item, "class")->num == CLASS_REPAIR && !factors->loads[FACTOR_COMPASSION])
        tool_say(tool, item->file, factors->line,
                 "\"%.*s\" is a repair; its factors would name compassion", STR_FMT(item->id));
    const Value *both = value_of(schema, item, "needs_both");
    if (both->num && value_of(schema, item, "where")->num == 1 << PLACE_ALONE)
        tool_say(tool, item->file, both->line,
                 "\"%.*s\" is done alone and needs both; one of them is right", STR_FMT(item->id));
}

void rules_deck(Tool *tool, const Schema *schema, Item *item)
{
    rule_never(tool, schema, item);
    rule_romantic(tool, schema, item);
    const Value *class = value_of(schema, item, "class");
    if (class->num != CLASS_USUAL && class->num != CLASS_REPAIR)
        tool_say(tool, item->file, class->line, "the class of a deck would be usual or repair");
    Str name = tool_fmt(tool, "%.*s.yaml", STR_FMT(item->id));
    if (!str_eq(os_basename(item->file), name))
        tool_say(tool, item->file, item->line, "the deck \"%.*s\" would be in a file %.*s",
                 STR_FMT(item->id), STR_FMT(name));
}

void rules_choice(Tool *tool, const Schema *schema, Item *item)
{
    rule_romantic(tool, schema, item);
    const Value *types = value_of(schema, item, "types");
    for (int i = 0; i < TYPE_COUNT; i++)
        if (types->loads[i] >= 2)
            return;
    tool_say(tool, item->file, types->line, "\"%.*s\" would have a type of strength 2 or 3",
             STR_FMT(item->id));
}

void rules_question(Tool *tool, const Schema *schema, Item *item)
{
    rule_romantic(tool, schema, item);
    int64_t asks = value_of(schema, item, "asks")->num;
    Value *of = value_of(schema, item, "of");
    bool type = of->num >= 0 && of->num < TYPE_COUNT;
    bool factor = of->num >= TYPE_COUNT;
    bool good = true;
    const char *right = "";
    if (asks == ASKS_FELT || asks == ASKS_WANTED || asks == ASKS_GIVEN) {
        good = type;
        right = "a type";
    } else if (asks == ASKS_FACTOR) {
        good = factor;
        right = "a factor";
    } else if (asks == ASKS_GIVEN_FACTOR) {
        good = of->num == TYPE_COUNT + FACTOR_TRUST || of->num == TYPE_COUNT + FACTOR_AFFECTION;
        right = "trust or affection";
    } else {
        good = !of->given;
        right = "left out";
    }
    if (!good)
        tool_say(tool, item->file, of->line, "of in \"%.*s\" would be %s", STR_FMT(item->id),
                 right);
    if (asks == ASKS_EASE)
        of->num = TYPE_COUNT + FACTOR_ACCEPTANCE;
    const Value *text = value_of(schema, item, "text");
    if (asks != ASKS_CONTACT && (tool->locales[0].texts[text->num].holes & HOLE_SINCE))
        tool_say(tool, item->file, text->line, "{since} is for questions about contact alone");
}
