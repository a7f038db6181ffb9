/* tools/content/walk.c - every file of content/, en first, then the other locales by name.
 * Method  folders are listed and sorted, so that the order of rows does not depend on the file
 *         system. Files and folders met are noted for the depfile: a new practice file starts a
 *         rebuild. */
#include "tool.h"
#include <dirent.h>
#include <stdlib.h>

enum { NAMES_MAX = 512 };

typedef struct Listing {
    Str names[NAMES_MAX];
    int count;
} Listing;

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

static void list_folder(Tool *tool, Str folder, Str suffix, Listing *ret)
{
    ret->count = 0;
    buf_put(&tool->files, folder);
    buf_char(&tool->files, '\n');
    DIR *dir = opendir(str_to_c(&tool->arena, folder));
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        Str name = str_c(entry->d_name);
        if (name.p[0] == '.' || !str_ends(name, suffix))
            continue;
        if (ret->count == NAMES_MAX)
            tool_stop(tool, STR("too many files in a folder"));
        ret->names[ret->count++] = str_dup(&tool->arena, name);
    }
    (void)closedir(dir);
    qsort(ret->names, (size_t)ret->count, sizeof *ret->names, by_name);
}

static void read_one(Tool *tool, SetId set, int locale, Str file)
{
    Str text;
    if (tool_read_file(tool, file, &text))
        read_set_file(tool, set, locale, file, text);
}

static void walk_set(Tool *tool, SetId set, int locale, Str folder)
{
    const Schema *schema = &schemas[set];
    if (schema->layout == SET_FILE) {
        Str file = tool_fmt(tool, "%.*s/%s.yaml", STR_FMT(folder), schema->name);
        if (os_exists(&tool->cx, file))
            read_one(tool, set, locale, file);
        return;
    }
    Listing listing;
    Str inner = tool_fmt(tool, "%.*s/%s", STR_FMT(folder), schema->name);
    list_folder(tool, inner, STR(".yaml"), &listing);
    for (int i = 0; i < listing.count; i++)
        read_one(tool, set, locale,
                 tool_fmt(tool, "%.*s/%.*s", STR_FMT(inner), STR_FMT(listing.names[i])));
}

int tool_add_locale(Tool *tool, Str tag)
{
    if (tool->n_locales + 2 == LOCALES_MAX) /* room for the pseudo-locales */
        tool_stop(tool, STR("too many locales"));
    int l = tool->n_locales++;
    Locale *locale = &tool->locales[l];
    locale->tag = tag;
    locale->words_of = l;
    locale->n_plurals = 1;
    locale->plural = STR("0");
    locale->texts = arena_new(&tool->arena, Words, TEXTS_MAX);
    if (!locale->texts)
        tool_stop(tool, STR("out of memory"));
    return l;
}

static void walk_locale(Tool *tool, Str tag, Str folder)
{
    int l = tool_add_locale(tool, tag);
    for (int s = 0; s < SET_COUNT; s++)
        if (schemas[s].layout != SET_INNER)
            walk_set(tool, (SetId)s, l, folder);
    Str po = tool_fmt(tool, "%.*s/ui.po", STR_FMT(folder));
    Str text;
    if (os_exists(&tool->cx, po) && tool_read_file(tool, po, &text))
        po_read(tool, l, po, text);
}

void walk_content(Tool *tool, Str folder)
{
    Listing locales;
    list_folder(tool, folder, STR(""), &locales);
    walk_locale(tool, STR("en"), tool_fmt(tool, "%.*s/en", STR_FMT(folder)));
    read_finish(tool);
    for (int i = 0; i < locales.count; i++)
        if (!str_eq_c(locales.names[i], "en"))
            walk_locale(tool, locales.names[i],
                        tool_fmt(tool, "%.*s/%.*s", STR_FMT(folder), STR_FMT(locales.names[i])));
    pseudo_locales(tool);
}
