/* tools/content/po.c - a gettext catalogue as sorted entries.
 * Method  libgettextpo reads and checks the file; here follow fonder's own rules: dotted keys,
 *         named placeholders that en and its translations share, a plural rule that is only
 *         arithmetic in n, since it becomes C. */
#include "base/utf8.h"
#include "tool.h"
#include <gettext-po.h>
#include <stdlib.h>
#include <string.h>

/* libgettextpo's handlers carry no pointer of ours; one catalogue is read at a time. */
static Tool *reading_tool;
static Str reading_file;

/* libgettextpo never gives back a file's name; a leak checker, where one is built in, asks here. */
const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier) */
const char *__lsan_default_suppressions(void)  /* NOLINT(bugprone-reserved-identifier) */
{
    return "leak:libgettextpo_xmalloc\n";
}

static void on_error(int severity, po_message_t message, const char *filename, size_t line,
                     size_t column, int multiline, const char *text)
{
    (void)message, (void)filename, (void)column, (void)multiline;
    if (severity == PO_SEVERITY_WARNING)
        return;
    Str trimmed = str_trim(str_c(text));
    tool_say(reading_tool, reading_file, line == (size_t)-1 ? 1 : (int)line, "%.*s",
             STR_FMT(trimmed));
    if (severity == PO_SEVERITY_FATAL_ERROR)
        tool_stop(reading_tool, STR("the catalogue is not readable"));
}

static void on_two_errors(int severity, po_message_t one, const char *file_one, size_t line_one,
                          size_t column_one, int multiline_one, const char *text_one,
                          po_message_t two, const char *file_two, size_t line_two,
                          size_t column_two, int multiline_two, const char *text_two)
{
    on_error(severity, one, file_one, line_one, column_one, multiline_one, text_one);
    if (line_two > 0) /* where the first of two equal keys stands is not always known */
        on_error(severity, two, file_two, line_two, column_two, multiline_two, text_two);
}

/* The line on which a key's entry begins: libgettextpo keeps it to itself. */
static int line_of(Str text, Str key)
{
    int line = 0;
    for (Str rest = text; rest.p;) {
        Str s = str_line(&rest);
        line++;
        if (str_starts(s, STR("msgid \"")) && str_starts(str_from(s, 7), key) &&
            str_eq_c(str_from(s, 7 + key.len), "\""))
            return line;
    }
    return 1;
}

static bool key_is_good(Str key)
{
    bool dot = false;
    char before = '.';
    for (ptrdiff_t i = 0; i < key.len; i++) {
        char c = key.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool joint =
            (c == '.' || c == '-' || c == '_') && before != '.' && before != '-' && before != '_';
        if (!word && !joint)
            return false;
        dot = dot || c == '.';
        before = c;
    }
    return dot && before != '.' && before != '-' && before != '_';
}

/* The next {placeholder} of *rest: 1 and its name, 0 at the end, -1 for a stray brace. {{ is a brace
 * to be shown, and a } may follow it. */
static int next_hole(Str *rest, Str *ret_name)
{
    int shown = 0;
    for (ptrdiff_t i = 0; i < rest->len; i++) {
        char brace = rest->p[i];
        if (brace == '}' && --shown < 0)
            return -1;
        if (brace != '{')
            continue;
        if (i + 1 < rest->len && rest->p[i + 1] == '{') {
            shown++;
            i++;
            continue;
        }
        Str tail = str_from(*rest, i + 1);
        ptrdiff_t end = str_find_char(tail, '}');
        if (end < 1)
            return -1;
        Str name = str_sub(tail, 0, end);
        for (ptrdiff_t k = 0; k < name.len; k++) {
            char c = name.p[k];
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
                return -1;
        }
        *ret_name = name;
        *rest = str_from(tail, end + 1);
        return 1;
    }
    return 0;
}

static bool holes_good(Str words)
{
    Str rest = words, name;
    int found;
    while ((found = next_hole(&rest, &name)) > 0)
        continue;
    return found == 0;
}

static bool has_hole(const PoEntry *entry, Str name)
{
    for (int f = 0; f < entry->n_forms; f++) {
        Str rest = entry->forms[f], own;
        while (next_hole(&rest, &own) > 0)
            if (str_eq(own, name))
                return true;
    }
    return false;
}

/* Every placeholder of a is one of b's. */
static bool holes_within(const PoEntry *a, const PoEntry *b)
{
    for (int f = 0; f < a->n_forms; f++) {
        Str rest = a->forms[f], name;
        while (next_hole(&rest, &name) > 0)
            if (!has_hole(b, name))
                return false;
    }
    return true;
}

static PoEntry *po_find(const Locale *locale, Str key)
{
    int low = 0, high = locale->n_po;
    while (low < high) {
        int mid = low + (high - low) / 2;
        int order = str_cmp(locale->po[mid].key, key);
        if (order == 0)
            return &locale->po[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* "nplurals=2; plural=(n != 1);" into a number and an expression made of nothing but arithmetic. */
static bool plural_rule(Str field, int *ret_count, Str *ret_rule)
{
    Str rest = field;
    Str count = str_trim(str_cut(&rest, ';'));
    Str rule = rest.p ? str_trim(str_cut(&rest, ';')) : STR("");
    int64_t n;
    if (!str_starts(count, STR("nplurals=")) || !str_starts(rule, STR("plural=")) ||
        !str_to_i64(str_from(count, 9), 1, PLURALS_MAX, &n))
        return false;
    rule = str_from(rule, 7);
    int open = 0;
    for (ptrdiff_t i = 0; i < rule.len; i++) {
        if (!strchr("0123456789n()?:!=<>&|%+-* ", rule.p[i]))
            return false;
        open += rule.p[i] == '(' ? 1 : rule.p[i] == ')' ? -1 : 0;
        bool named_twice = rule.p[i] == 'n' && i > 0 && rule.p[i - 1] == 'n';
        if (open < 0 || named_twice)
            return false;
    }
    *ret_count = (int)n;
    *ret_rule = rule;
    return open == 0 && rule.len > 0;
}

/* The words of the entry without key; po_file_domain_header() would be a copy that nobody owns. */
static const char *header_of(po_message_iterator_t it)
{
    for (po_message_t m = po_next_message(it); m; m = po_next_message(it))
        if (!*po_message_msgid(m))
            return po_message_msgstr(m);
    return NULL;
}

static void read_header(Tool *tool, Locale *locale, Str file, const char *header)
{
    char *field = header ? po_header_field(header, "Plural-Forms") : NULL;
    Str own = str_dup(&tool->arena, str_c(field));
    free(field);
    if (!plural_rule(own, &locale->n_plurals, &locale->plural)) {
        tool_say(tool, file, 1,
                 "Plural-Forms is not usable; it would be like nplurals=2; plural=(n != 1);");
        locale->n_plurals = 1;
        locale->plural = STR("0");
    }
}

static void read_forms(Tool *tool, const Locale *locale, Str file, po_message_t message,
                       PoEntry *entry)
{
    entry->plural = po_message_msgid_plural(message) != NULL;
    entry->translated = !po_message_is_fuzzy(message);
    if (!entry->plural) {
        entry->n_forms = 1;
        entry->forms[0] = str_dup(&tool->arena, str_c(po_message_msgstr(message)));
    } else {
        for (int f = 0; f < locale->n_plurals; f++) {
            const char *form = po_message_msgstr_plural(message, f);
            if (!form)
                break;
            entry->forms[entry->n_forms++] = str_dup(&tool->arena, str_c(form));
        }
        if (entry->n_forms != locale->n_plurals)
            tool_say(tool, file, entry->line, "\"%.*s\" has %d plural forms; the header says %d",
                     STR_FMT(entry->key), entry->n_forms, locale->n_plurals);
    }
    for (int f = 0; f < entry->n_forms; f++)
        entry->translated = entry->translated && entry->forms[f].len > 0;
}

static void check_entry(Tool *tool, int locale, Str file, const PoEntry *entry)
{
    if (!key_is_good(entry->key))
        tool_say(tool, file, entry->line,
                 "\"%.*s\" is no key; one is dotted, of a-z, 0-9, as page.today-title",
                 STR_FMT(entry->key));
    for (int f = 0; f < entry->n_forms; f++)
        if (!utf8_valid(entry->forms[f]) || !holes_good(entry->forms[f]))
            tool_say(tool, file, entry->line,
                     "\"%.*s\" has a stray brace or bad byte; a placeholder is {lower-case}",
                     STR_FMT(entry->key));
    if (locale == 0) {
        if (!entry->translated)
            tool_say(tool, file, entry->line, "\"%.*s\" has no words; en says everything",
                     STR_FMT(entry->key));
        if (entry->plural && !has_hole(entry, STR("n")))
            tool_say(tool, file, entry->line, "\"%.*s\" has plural forms without {n}",
                     STR_FMT(entry->key));
        return;
    }
    const PoEntry *en = po_find(&tool->locales[0], entry->key);
    if (!en)
        tool_say(tool, file, entry->line, "\"%.*s\" is not in en", STR_FMT(entry->key));
    else if (en->plural != entry->plural)
        tool_say(tool, file, entry->line, "\"%.*s\" has plural forms in one of en and here",
                 STR_FMT(entry->key));
    else if (entry->translated && (!holes_within(entry, en) || !holes_within(en, entry)))
        tool_say(tool, file, entry->line, "\"%.*s\" has other placeholders than in en",
                 STR_FMT(entry->key));
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const PoEntry *)a)->key, ((const PoEntry *)b)->key);
}

static PoEntry *po_add(Tool *tool, Locale *locale)
{
    if ((locale->n_po & (locale->n_po - 1)) == 0) { /* at 0, 1, 2, 4, ... there is no room left */
        int cap = locale->n_po ? locale->n_po * 2 : 1;
        locale->po = arena_grow(&tool->arena, locale->po, locale->n_po, cap,
                                (ptrdiff_t)sizeof(PoEntry), (ptrdiff_t) _Alignof(PoEntry));
        if (!locale->po)
            tool_stop(tool, STR("out of memory"));
    }
    PoEntry *entry = &locale->po[locale->n_po++];
    *entry = (PoEntry){0};
    return entry;
}

void po_read(Tool *tool, int locale, Str file, Str text)
{
    static const struct po_xerror_handler handler = {on_error, on_two_errors};
    Locale *own = &tool->locales[locale];
    reading_tool = tool;
    reading_file = file;
    int before = tool->errors;
    po_file_t po = po_file_read(str_to_c(&tool->arena, file), &handler);
    if (!po) {
        if (tool->errors == before)
            tool_say(tool, file, 1, "the catalogue is not readable");
        return;
    }
    po_message_iterator_t it = po_message_iterator(po, NULL);
    read_header(tool, own, file, header_of(it));
    po_message_iterator_free(it);
    it = po_message_iterator(po, NULL);
    for (po_message_t m = po_next_message(it); m; m = po_next_message(it)) {
        if (!*po_message_msgid(m) || po_message_is_obsolete(m))
            continue;
        PoEntry *entry = po_add(tool, own);
        entry->key = str_dup(&tool->arena, str_c(po_message_msgid(m)));
        entry->line = line_of(text, entry->key);
        read_forms(tool, own, file, m, entry);
        check_entry(tool, locale, file, entry);
    }
    po_message_iterator_free(it);
    po_file_free(po);
    if (own->n_po > 1)
        qsort(own->po, (size_t)own->n_po, sizeof *own->po, by_key);
}
