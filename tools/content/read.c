/* tools/content/read.c - the items of a YAML file, checked field by field against their schema.
 * Method  locale 0 (en) allocates items and numbers texts in the order met; a later locale finds
 *         the item and the text by id and place and may bring nothing but words. So both are read
 *         by the same functions, and a translation cannot differ in structure.
 * Cost    ids are looked up by scanning: some hundred items, once per build. */
#include "tool.h"

enum { AUTHOR_MAX = 100, YEAR_MIN = 1900, YEAR_MAX = 2100 };

typedef struct Reader {
    Tool *tool;
    const Schema *schema;
    SetId set;
    int locale;
    Str file;
    Item *item;
} Reader;

Item *set_find(const Set *set, Str id)
{
    for (int i = 0; i < set->count; i++)
        if (str_eq(set->items[i].id, id))
            return &set->items[i];
    return NULL;
}

int field_index(const Schema *schema, const char *name)
{
    for (int i = 0; schema->fields[i].name; i++)
        if (str_eq_c(str_c(name), schema->fields[i].name))
            return i;
    return -1;
}

const Value *item_value(const Schema *schema, const Item *item, const char *name)
{
    int i = field_index(schema, name);
    INVARIANT(i >= 0);
    return &item->values[i];
}

static Item *set_add(Tool *tool, Set *set)
{
    if (set->count == set->cap) {
        int cap = set->cap ? set->cap * 2 : 64;
        set->items = arena_grow(&tool->arena, set->items, set->cap, cap, (ptrdiff_t)sizeof(Item),
                                (ptrdiff_t) _Alignof(Item));
        if (!set->items)
            tool_stop(tool, STR("out of memory"));
        set->cap = cap;
    }
    Item *item = &set->items[set->count++];
    *item = (Item){0};
    return item;
}

static bool expect(Reader *r, const Node *node, int kind, const char *field, const char *right)
{
    if ((int)node->kind == kind)
        return true;
    tool_say(r->tool, r->file, node->line, "%s of \"%.*s\" would be %s", field,
             STR_FMT(r->item->id), right);
    return false;
}

/* -- words ------------------------------------------------------------------------------------ */
/* en: the next number. Another locale: words of an existing text, with the same placeholders. */
static int read_words(Reader *r, const Node *node, const char *field, int max, unsigned allowed,
                      int text)
{
    if (!expect(r, node, NODE_SCALAR, field, "a text"))
        return CONTENT_NO_TEXT;
    unsigned holes = 0;
    bool good = check_words(r->tool, r->file, node->line, field, node->text, max, allowed, &holes);
    Locale *locale = &r->tool->locales[r->locale];
    if (r->locale == 0) {
        if (r->tool->n_texts + 1 >= TEXTS_MAX)
            tool_stop(r->tool, STR("more texts than the tables hold"));
        text = ++r->tool->n_texts;
    } else if (good && holes != r->tool->locales[0].texts[text].holes) {
        tool_say(r->tool, r->file, node->line, "%s has other placeholders than in en", field);
    }
    locale->texts[text] = (Words){node->text, holes};
    return text;
}

static ContentList read_list(Reader *r, const Node *node, const Field *f, const char *field,
                             ContentList en)
{
    ContentList list = en;
    if (!expect(r, node, NODE_LIST, field, "a list of texts"))
        return list;
    bool fits = node->count >= f->min && node->count <= f->max;
    if (r->locale == 0 && !fits) {
        tool_say(r->tool, r->file, node->line, "%s has %d entries; %g to %g fit", field,
                 node->count, f->min, f->max);
        return list;
    }
    if (r->locale > 0 && node->count != en.count) {
        tool_say(r->tool, r->file, node->line, "%s has %d entries; en has %d", field, node->count,
                 en.count);
        return list;
    }
    int at = 0;
    for (const Node *n = node->first; n; n = n->next, at++) {
        int text = read_words(r, n, field, f->text_max, f->holes, en.first + at);
        if (at == 0)
            list.first = (ContentText)text;
    }
    list.count = (uint16_t)at;
    return list;
}

static void read_signs(Reader *r, const Node *node, const Field *f, Value *value)
{
    if (!expect(r, node, NODE_MAP, f->name, "a map from group to three texts"))
        return;
    for (const Node *n = node->first; n; n = n->next) {
        int group = names_find(f->names, n->key);
        if (group < 0)
            tool_say(r->tool, r->file, n->line, "\"%.*s\" is no group; known are %.*s",
                     STR_FMT(n->key), STR_FMT(names_list(r->tool, f->names)));
        else
            value->groups[group] = read_list(r, n, f, f->names->ids[group], value->groups[group]);
    }
    for (int g = 0; r->locale == 0 && g < f->names->count; g++)
        if (!value->groups[g].count)
            tool_say(r->tool, r->file, node->line, "signs of \"%.*s\" lack %s",
                     STR_FMT(r->item->id), f->names->ids[g]);
}

static void read_finding(Reader *r, const Node *node, const Field *f, Value *value)
{
    if (!expect(r, node, NODE_MAP, f->name, "a map of author, year and says"))
        return;
    bool en = r->locale == 0;
    int64_t year = 0;
    for (const Node *n = node->first; n; n = n->next) {
        if (str_eq_c(n->key, "says")) {
            value->count = read_words(r, n, "says", (int)f->max, 0, value->count);
        } else if (en && str_eq_c(n->key, "author")) {
            unsigned holes = 0;
            if (check_words(r->tool, r->file, n->line, "author", n->text, AUTHOR_MAX, 0, &holes))
                value->author = n->text;
        } else if (en && str_eq_c(n->key, "year")) {
            if (!str_to_i64(n->text, YEAR_MIN, YEAR_MAX, &year))
                tool_say(r->tool, r->file, n->line, "year would be %d to %d", YEAR_MIN, YEAR_MAX);
            value->num = year;
        } else {
            tool_say(r->tool, r->file, n->line, "\"%.*s\" is not for here; %s", STR_FMT(n->key),
                     en ? "a finding has author, year and says" : "a translation gives only says");
        }
    }
    if (en && (!value->author.len || !year || !value->count))
        tool_say(r->tool, r->file, node->line, "a finding has author, year and says");
}

/* -- structure -------------------------------------------------------------------------------- */
static int read_name(Reader *r, const Node *node, const Field *f)
{
    int i = node->kind == NODE_SCALAR ? names_find(f->names, node->text) : -1;
    if (i < 0)
        tool_say(r->tool, r->file, node->line, "\"%.*s\" is no %s; known are %.*s",
                 STR_FMT(node->text), f->names->what, STR_FMT(names_list(r->tool, f->names)));
    return i;
}

static uint32_t read_alias(const Names *names, Str id)
{
    for (const Alias *a = names->aliases; a && a->id; a++)
        if (str_eq_c(id, a->id))
            return a->mask;
    return 0;
}

static void read_mask(Reader *r, const Node *node, const Field *f, Value *value)
{
    if (!expect(r, node, NODE_LIST, f->name, "a list, as [first, second]"))
        return;
    uint32_t mask = 0;
    for (const Node *n = node->first; n; n = n->next) {
        uint32_t alias = read_alias(f->names, n->text);
        int i = alias ? -1 : read_name(r, n, f);
        mask |= alias ? alias : i >= 0 ? 1U << i : 0;
    }
    if (!node->count)
        tool_say(r->tool, r->file, node->line, "%s is empty; leave it out or name one", f->name);
    value->num = mask;
}

static void read_loads(Reader *r, const Node *node, const Field *f, Value *value)
{
    if (!expect(r, node, NODE_MAP, f->name, "a map from id to strength"))
        return;
    for (const Node *n = node->first; n; n = n->next) {
        int i = names_find(f->names, n->key);
        int64_t strength = 0;
        if (i < 0)
            tool_say(r->tool, r->file, n->line, "\"%.*s\" is no %s; known are %.*s",
                     STR_FMT(n->key), f->names->what, STR_FMT(names_list(r->tool, f->names)));
        else if (n->kind != NODE_SCALAR || !str_to_i64(n->text, 0, LOADING_MAX, &strength))
            tool_say(r->tool, r->file, n->line, "strength of %.*s would be 0 to %d",
                     STR_FMT(n->key), LOADING_MAX);
        else
            value->loads[i] = (uint8_t)strength;
    }
}

static void read_number(Reader *r, const Node *node, const Field *f, Value *value)
{
    bool whole = f->kind == FIELD_INT;
    bool good =
        node->kind == NODE_SCALAR && str_to_double(node->text, f->min, f->max, &value->real);
    if (good && whole) {
        good = str_to_i64(node->text, (int64_t)f->min, (int64_t)f->max, &value->num);
    }
    if (!good)
        tool_say(r->tool, r->file, node->line, "%s of \"%.*s\" would be a %snumber, %g to %g",
                 f->name, STR_FMT(r->item->id), whole ? "whole " : "", f->min, f->max);
}

static void read_bool(Reader *r, const Node *node, const Field *f, Value *value)
{
    bool yes = node->kind == NODE_SCALAR && str_eq_c(node->text, "true");
    if (!yes && !str_eq_c(node->text, "false"))
        tool_say(r->tool, r->file, node->line, "%s of \"%.*s\" would be true or false", f->name,
                 STR_FMT(r->item->id));
    value->num = yes;
}

static void read_state(Reader *r, const Node *node, const Field *f, Value *value)
{
    value->num = node->kind == NODE_SCALAR ? content_state_id(node->text) : STATE_NONE;
    if (value->num < 0)
        tool_say(r->tool, r->file, node->line,
                 "%s of \"%.*s\" would be the id of a type or a factor", f->name,
                 STR_FMT(r->item->id));
}

/* -- items ------------------------------------------------------------------------------------ */
static void read_value(Reader *r, const Node *node, const Field *f, Value *value)
{
    ContentList list = {(ContentText)value->num, (uint16_t)value->count};
    switch (f->kind) {
    case FIELD_TEXT:
        value->num = read_words(r, node, f->name, (int)f->max, f->holes, (int)value->num);
        break;
    case FIELD_TEXTS:
        list = read_list(r, node, f, f->name, list);
        value->num = list.first;
        value->count = list.count;
        break;
    case FIELD_SIGNS:
        read_signs(r, node, f, value);
        break;
    case FIELD_FINDING:
        read_finding(r, node, f, value);
        break;
    case FIELD_PROMPTS: /* read_prompts, once the deck itself stands */
        break;
    case FIELD_LOADS:
        read_loads(r, node, f, value);
        break;
    case FIELD_SET:
        read_mask(r, node, f, value);
        break;
    case FIELD_ONE:
        value->num = read_name(r, node, f);
        break;
    case FIELD_INT:
    case FIELD_REAL:
        read_number(r, node, f, value);
        break;
    case FIELD_BOOL:
        read_bool(r, node, f, value);
        break;
    case FIELD_STATE:
        read_state(r, node, f, value);
        break;
    }
}

static bool holds_words(FieldKind kind)
{
    return kind == FIELD_TEXT || kind == FIELD_TEXTS || kind == FIELD_SIGNS ||
           kind == FIELD_FINDING || kind == FIELD_PROMPTS;
}

static void read_fields(Reader *r, const Node *node)
{
    for (const Node *n = node->first; n; n = n->next) {
        if (str_eq_c(n->key, "id"))
            continue;
        const char *name = str_to_c(&r->tool->arena, n->key);
        int i = name ? field_index(r->schema, name) : -1;
        if (i < 0) {
            tool_say(r->tool, r->file, n->line,
                     "\"%.*s\" is no field of a %s; docs/CONTENT.md lists them", STR_FMT(n->key),
                     r->schema->one);
            continue;
        }
        const Field *f = &r->schema->fields[i];
        Value *value = &r->item->values[i];
        if (r->locale > 0 && (!holds_words(f->kind) || !value->given)) {
            tool_say(r->tool, r->file, n->line,
                     "%s of \"%.*s\" stands in en; here are only its words", f->name,
                     STR_FMT(r->item->id));
            continue;
        }
        value->given = true;
        value->line = n->line;
        read_value(r, n, f, value);
    }
    for (int i = 0; r->locale == 0 && r->schema->fields[i].name; i++) {
        const Field *f = &r->schema->fields[i];
        Value *value = &r->item->values[i];
        if (!value->given && f->required)
            tool_say(r->tool, r->file, node->line, "\"%.*s\" lacks %s; every %s has it",
                     STR_FMT(r->item->id), f->name, r->schema->one);
        if (!value->given) {
            value->num = f->otherwise;
            value->line = node->line;
        }
    }
}

/* Prompts are unique within their deck, all else within its set. */
static Item *find_equal(const Reader *r, Str id)
{
    Set *set = &r->tool->sets[r->set];
    if (r->set != SET_PROMPTS)
        return set_find(set, id);
    const Value *run = item_value(&schemas[SET_DECKS], r->item, "prompts");
    int end = r->locale ? (int)run->num + run->count : set->count;
    for (int i = (int)run->num; i < end; i++)
        if (str_eq(set->items[i].id, id))
            return &set->items[i];
    return NULL;
}

static Item *read_item(const Reader *r, const Node *node)
{
    Tool *tool = r->tool;
    if (node->kind != NODE_MAP) {
        tool_say(tool, r->file, node->line, "a %s would be a map of fields", r->schema->one);
        return NULL;
    }
    const Node *id = node_find(node, "id");
    if (!id || id->kind != NODE_SCALAR) {
        tool_say(tool, r->file, node->line, "a %s without id; every one has its own",
                 r->schema->one);
        return NULL;
    }
    if (!check_id(tool, r->file, id->line, id->text))
        return NULL;
    const Names *closed = r->schema->closed;
    if (closed && names_find(closed, id->text) < 0) {
        tool_say(tool, r->file, id->line, "\"%.*s\" is no %s; known are %.*s", STR_FMT(id->text),
                 closed->what, STR_FMT(names_list(tool, closed)));
        return NULL;
    }
    Item *equal = find_equal(r, id->text);
    if (r->locale > 0 && !equal) {
        tool_say(tool, r->file, id->line, "no %s \"%.*s\" in en; a translation repeats its ids",
                 r->schema->one, STR_FMT(id->text));
        return NULL;
    }
    if (r->locale == 0 && equal) {
        tool_say(tool, r->file, id->line, "\"%.*s\" is used twice; first in %.*s:%d",
                 STR_FMT(id->text), STR_FMT(equal->file), equal->line);
        return NULL;
    }
    Reader own = *r;
    own.item = equal ? equal : set_add(tool, &tool->sets[r->set]);
    if (!equal) {
        own.item->id = id->text;
        own.item->file = r->file;
        own.item->line = id->line;
    }
    int before = tool->errors;
    read_fields(&own, node);
    if (r->locale == 0 && r->schema->rules && tool->errors == before)
        r->schema->rules(tool, r->schema, own.item);
    return own.item;
}

/* Prompts rise in depth, and begin where the gate leaves something for everyone. */
static void check_depths(Tool *tool, const Value *run)
{
    int64_t depth = 0;
    for (int i = 0; i < run->count; i++) {
        const Item *prompt = &tool->sets[SET_PROMPTS].items[run->num + i];
        int64_t own = item_value(&schemas[SET_PROMPTS], prompt, "depth")->num;
        if (own < depth)
            tool_say(tool, prompt->file, prompt->line, "depth falls from %d to %d; prompts rise",
                     (int)depth, (int)own);
        if (i == 0 && own > 2)
            tool_say(tool, prompt->file, prompt->line, "a deck begins at depth 1 or 2");
        depth = own;
    }
}

/* A deck's prompts: rows of their own set, in a run that the deck names. */
static void read_prompts(const Reader *r, const Node *node, Item *deck)
{
    Tool *tool = r->tool;
    int field = field_index(r->schema, "prompts");
    const Field *f = &r->schema->fields[field];
    Value *run = &deck->values[field];
    if (node->kind != NODE_LIST) {
        tool_say(tool, r->file, node->line, "prompts would be a list");
        return;
    }
    if (r->locale == 0) {
        run->num = tool->sets[SET_PROMPTS].count;
        if (node->count < f->min || node->count > f->max)
            tool_say(tool, r->file, node->line, "a deck has %g to %g prompts; here are %d", f->min,
                     f->max, node->count);
    }
    Reader inner = *r;
    inner.schema = &schemas[SET_PROMPTS];
    inner.set = SET_PROMPTS;
    inner.item = deck;
    for (const Node *n = node->first; n; n = n->next)
        (void)read_item(&inner, n);
    if (r->locale == 0) {
        run->count = tool->sets[SET_PROMPTS].count - (int)run->num;
        check_depths(tool, run);
    }
}

void read_set_file(Tool *tool, SetId set, int locale, Str file, Str text)
{
    const Schema *schema = &schemas[set];
    Node *root = yaml_read(tool, file, text);
    if (!root)
        return;
    Reader r = {.tool = tool, .schema = schema, .set = set, .locale = locale, .file = file};
    if (schema->layout == SET_FOLDER_OF_ITEMS) {
        Item *deck = read_item(&r, root);
        const Node *prompts = deck ? node_find(root, "prompts") : NULL;
        if (prompts)
            read_prompts(&r, prompts, deck);
        return;
    }
    if (root->kind != NODE_LIST) {
        tool_say(tool, file, root->line,
                 "the file would be a list of items, each begun with \"- \"");
        return;
    }
    for (const Node *n = root->first; n; n = n->next)
        (void)read_item(&r, n);
}

void read_finish(Tool *tool)
{
    for (int s = 0; s < SET_COUNT; s++) {
        const Schema *schema = &schemas[s];
        const Set *set = &tool->sets[s];
        Str file = set->count ? set->items[0].file : str_c(schema->name);
        for (int i = 0; schema->closed && i < schema->closed->count; i++) {
            Str id = str_c(schema->closed->ids[i]);
            const Item *item = set_find(set, id);
            if (!item)
                tool_say(tool, file, 1, "lacks the %s \"%.*s\"", schema->one, STR_FMT(id));
            else if (item != &set->items[i])
                tool_say(tool, file, item->line, "\"%.*s\" would stand in place %d", STR_FMT(id),
                         i + 1);
        }
    }
}
