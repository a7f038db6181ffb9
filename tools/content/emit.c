/* tools/content/emit.c - the checked content as C tables for src/content.
 * Method  designated initialisers, one row an item, straight from the schema: the C field has the
 *         YAML field's name. Zeros are left out. Words stand apart,
 *         one table a locale, by number. */
#include "content/tables.h"
#include "tool.h"
#include <stdlib.h>

enum { OUT_MAX_BYTES = 1 << 26 };

static void put_literal(Buf *out, Str s)
{
    buf_c(out, "{\"");
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '"' || c == '\\')
            buf_fmt(out, "\\%c", c);
        else if (c == '\n')
            buf_c(out, "\\n");
        else if (c == '?') /* no trigraphs */
            buf_c(out, "\\?");
        else if ((unsigned char)c < 0x20)
            buf_fmt(out, "\\%03o", c);
        else
            buf_char(out, c);
    }
    buf_fmt(out, "\", %td}", s.len);
}

static void put_loads(Buf *out, const Field *f, const Value *v)
{
    buf_c(out, "{");
    for (int i = 0; i < f->names->count; i++)
        buf_fmt(out, "%s%d", i ? "," : "", v->loads[i]);
    buf_c(out, "}");
}

static void put_value(Buf *out, const Field *f, const Value *v)
{
    buf_fmt(out, ", .%s = ", f->c_name ? f->c_name : f->name);
    switch (f->kind) {
    case FIELD_TEXTS:
    case FIELD_PROMPTS:
        buf_fmt(out, "{%d, %d}", (int)v->num, v->count);
        break;
    case FIELD_SIGNS:
        buf_c(out, "{");
        for (int g = 0; g < GROUP_COUNT; g++)
            buf_fmt(out, "%s{%d, %d}", g ? ", " : "", v->groups[g].first, v->groups[g].count);
        buf_c(out, "}");
        break;
    case FIELD_FINDING:
        buf_c(out, "{");
        put_literal(out, v->author);
        buf_fmt(out, ", %d, %d}", (int)v->num, v->count);
        break;
    case FIELD_LOADS:
        put_loads(out, f, v);
        break;
    case FIELD_REAL:
        buf_fmt(out, "%.17g", v->real);
        break;
    case FIELD_TEXT:
    case FIELD_SET:
    case FIELD_ONE:
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_STATE:
        buf_fmt(out, "%d", (int)v->num);
        break;
    }
}

static bool is_nothing(const Field *f, const Value *v)
{
    bool number = f->kind == FIELD_TEXT || f->kind == FIELD_SET || f->kind == FIELD_ONE ||
                  f->kind == FIELD_INT || f->kind == FIELD_BOOL || f->kind == FIELD_STATE;
    return number ? v->num == 0 : !v->given;
}

static void emit_set(Buf *out, const Schema *schema, const Set *set)
{
    buf_fmt(out, "\nconst %s content_%s[] = {\n", schema->c_type, schema->name);
    for (int i = 0; i < set->count; i++) {
        const Item *item = &set->items[i];
        buf_c(out, "    {.id = ");
        put_literal(out, item->id);
        for (int f = 0; schema->fields[f].name; f++)
            if (!is_nothing(&schema->fields[f], &item->values[f]))
                put_value(out, &schema->fields[f], &item->values[f]);
        buf_c(out, "},\n");
    }
    if (!set->count)
        buf_c(out, "    {.id = {0}},\n");
    buf_c(out, "};\n");
    if (!schema->closed)
        buf_fmt(out, "const int content_%s_count = %d;\n", schema->name, set->count);
}

static int by_id(const void *a, const void *b)
{
    return str_cmp((*(const Item *const *)a)->id, (*(const Item *const *)b)->id);
}

static void emit_index(Tool *tool, Buf *out, const Schema *schema, const Set *set)
{
    const Item **order = arena_new(&tool->arena, const Item *, set->count + 1);
    if (!order)
        tool_stop(tool, STR("out of memory"));
    for (int i = 0; i < set->count; i++)
        order[i] = &set->items[i];
    qsort(order, (size_t)set->count, sizeof(const Item *), by_id);
    buf_fmt(out, "const ContentIndex content_%s_index[] = {\n", schema->name);
    for (int i = 0; i < set->count; i++) {
        buf_c(out, "    {");
        put_literal(out, order[i]->id);
        buf_fmt(out, ", %td},\n", order[i] - set->items);
    }
    if (!set->count)
        buf_c(out, "    {{0}, 0},\n");
    buf_c(out, "};\n");
}

static void emit_words(const Tool *tool, Buf *out, int l)
{
    const Locale *locale = &tool->locales[l];
    buf_fmt(out, "\nstatic const Str texts_%d[] = { /* %.*s */\n    {0},\n", l,
            STR_FMT(locale->tag));
    for (int i = 1; i <= tool->n_texts; i++) {
        buf_c(out, "    ");
        if (locale->texts[i].words.p)
            put_literal(out, locale->texts[i].words);
        else
            buf_c(out, "{0}");
        buf_c(out, ",\n");
    }
    buf_c(out, "};\n");
}

static void emit_forms(Buf *out, int l, const Locale *locale)
{
    static const char unused[] = "__attribute__((unused)) "; /* by a catalogue without plurals */
    buf_fmt(out,
            "\n%sstatic int plural_%d(uint64_t n)\n{\n    (void)n;\n    return (int)(%.*s);\n}\n",
            unused, l, STR_FMT(locale->plural));
    buf_fmt(out, "%sstatic const Str forms_%d[] = {\n", unused, l);
    for (int i = 0; i < locale->n_po; i++) {
        buf_c(out, "   ");
        for (int f = 0; f < locale->po[i].n_forms; f++) {
            buf_c(out, " ");
            put_literal(out, locale->po[i].forms[f]);
            buf_c(out, ",");
        }
        buf_c(out, "\n");
    }
    buf_c(out, "    {0},\n};\n");
}

static void put_entry(Buf *out, int l, const PoEntry *entry, int at, bool translated)
{
    buf_c(out, "    {");
    put_literal(out, entry->key);
    buf_fmt(out, ", %d, &forms_%d[%d], ", entry->n_forms, l, at);
    if (entry->plural)
        buf_fmt(out, "plural_%d", l);
    else
        buf_c(out, "NULL");
    buf_fmt(out, ", %s},\n", translated ? "true" : "false");
}

/* One row for each key of en; where this locale has no words, en's row, with en's plural rule. */
static void emit_entries(Buf *out, int l, const Locale *locale, const Locale *en)
{
    buf_fmt(out, "static const CatalogueEntry entries_%d[] = {\n", l);
    int own = 0, own_at = 0, en_at = 0;
    for (int i = 0; i < en->n_po; i++) {
        bool here = own < locale->n_po && str_eq(locale->po[own].key, en->po[i].key);
        if (here && locale->po[own].translated)
            put_entry(out, l, &locale->po[own], own_at, true);
        else
            put_entry(out, 0, &en->po[i], en_at, false);
        if (here)
            own_at += locale->po[own++].n_forms;
        en_at += en->po[i].n_forms;
    }
    buf_c(out, "    {{0}, 0, NULL, NULL, false},\n};\n");
}

/* Each key of en at the first free place from where its hash leads; half of the places stay free. */
static void emit_places(Tool *tool, Buf *out, const Locale *en)
{
    uint32_t n = 1;
    while (n < 2 * (uint32_t)en->n_po + 2)
        n *= 2;
    uint16_t *places = arena_new(&tool->arena, uint16_t, (ptrdiff_t)n);
    if (!places || en->n_po >= UINT16_MAX)
        tool_stop(tool, STR("too many keys"));
    for (int i = 0; i < en->n_po; i++) {
        uint32_t at = content_key_hash(en->po[i].key) & (n - 1);
        while (places[at] > 0)
            at = (at + 1) & (n - 1);
        places[at] = (uint16_t)(i + 1);
    }
    buf_fmt(out, "\nconst uint32_t content_key_mask = %u;\nconst uint16_t content_key_places[] = {",
            n - 1);
    for (uint32_t i = 0; i < n; i++)
        buf_fmt(out, "%s%d,", i % 16 == 0 ? "\n    " : " ", places[i]);
    buf_c(out, "\n};\n");
}

static bool is_rtl(Str tag)
{
    static const char *const languages[] = {"ar", "ckb", "dv", "fa", "he",
                                            "ps", "sd",  "ug", "ur", "yi"};
    Str language = tag;
    for (ptrdiff_t i = 0; i < tag.len && language.len == tag.len; i++) {
        if (tag.p[i] == '-' || tag.p[i] == '_')
            language = str_sub(tag, 0, i);
    }
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        if (str_eq_c(language, languages[i]))
            return true;
    }
    return str_eq_c(tag, "qps-plocm"); /* the mirrored pseudo-locale */
}

Str emit_tables(Tool *tool)
{
    Buf out = buf_make(&tool->arena, OUT_MAX_BYTES);
    buf_c(&out, "/* Made by tools/content from content/; see docs/CONTENT.md. */\n"
                "#include \"content/tables.h\"\n"
                "#pragma GCC diagnostic ignored \"-Wparentheses\" /* plural rules as written */\n"
                "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n");
    for (int s = 0; s < SET_COUNT; s++) {
        emit_set(&out, &schemas[s], &tool->sets[s]);
        if (!schemas[s].closed && schemas[s].layout != SET_INNER)
            emit_index(tool, &out, &schemas[s], &tool->sets[s]);
    }
    buf_fmt(&out, "\nconst int content_text_count = %d;\n", tool->n_texts);
    for (int l = 0; l < tool->n_locales; l++) {
        if (tool->locales[l].words_of != l)
            continue;
        emit_words(tool, &out, l);
        emit_forms(&out, l, &tool->locales[l]);
        emit_entries(&out, l, &tool->locales[l], &tool->locales[0]);
    }
    emit_places(tool, &out, &tool->locales[0]);
    buf_fmt(&out,
            "\nconst int content_locale_count = %d;\nconst ContentLocale content_locales[] = {\n",
            tool->n_locales);
    for (int l = 0; l < tool->n_locales; l++) {
        buf_c(&out, "    {");
        put_literal(&out, tool->locales[l].tag);
        int of = tool->locales[l].words_of;
        buf_fmt(&out, ", texts_%d, entries_%d, %d, %s},\n", of, of, tool->locales[0].n_po,
                is_rtl(tool->locales[l].tag) ? "true" : "false");
    }
    buf_c(&out, "};\n");
    Str text;
    if (buf_done(&tool->cx, &out, &text) != OK)
        tool_stop(tool, STR("the tables do not fit"));
    return text;
}
