/* tests/shape.h - holds a view-model against docs/VIEWMODELS.md: strictly, so that the page and the program cannot
 * drift apart. The blocks ```shape NAME … ``` are parsed into a small tree; a value is then walked beside it.
 * Shapes  shape_check(doc, "today", json, why, cap): false with the path and reason in why.
 * Errors  a page that cannot be parsed ends the test program.
 * Memory  the tree is in a Shapes, which borrows the page's text. */
#ifndef TEST_SHAPE_H
#define TEST_SHAPE_H

#include "base/id.h"
#include "base/time.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHAPE_NODES_MAX = 4096,
    SHAPE_NAMED_MAX = 128,
    SHAPE_DEPTH_MAX = 24,
    SHAPE_PATH_MAX = 400,
    SHAPE_WHY_MAX = 1000
};

typedef enum ShapeSort {
    SHAPE_WORD,
    SHAPE_TEXT,
    SHAPE_REF,
    SHAPE_LIST,
    SHAPE_OBJECT,
    SHAPE_ANY_OF
} ShapeSort;

typedef struct ShapeNode {
    ShapeSort sort;
    Str text; /* the word, the literal, the name referred to */
    Str name; /* as a member */
    bool optional;
    int child, next; /* 0: none */
} ShapeNode;

typedef struct Shapes {
    ShapeNode nodes[SHAPE_NODES_MAX];
    int n;
    struct {
        Str name;
        int node;
    } named[SHAPE_NAMED_MAX];
    int n_named;
} Shapes;

static inline void shape_die(const char *what, Str at)
{
    fprintf(stderr, "docs/VIEWMODELS.md: %s at \"%.*s\"\n", what, (int)(at.len < 40 ? at.len : 40),
            at.p);
    abort();
}

static inline void shape_space(Str *at)
{
    while (at->len > 0) {
        if (at->p[0] == '#')
            (void)str_line(at);
        else if (strchr(" \t\n,", at->p[0]))
            *at = str_from(*at, 1);
        else
            return;
    }
}

static inline Str shape_word(Str *at)
{
    ptrdiff_t n = 0;
    while (n < at->len && (strchr("abcdefghijklmnopqrstuvwxyz_-0123456789", at->p[n]) != NULL))
        n++;
    Str word = str_sub(*at, 0, n);
    *at = str_from(*at, n);
    return word;
}

static inline int shape_node(Shapes *s, ShapeSort sort, Str text)
{
    if (s->n + 1 >= SHAPE_NODES_MAX)
        shape_die("too many members", text);
    s->nodes[++s->n] = (ShapeNode){.sort = sort, .text = text};
    return s->n;
}

static inline int shape_type(Shapes *s, Str *at, int depth);

static inline int shape_members(Shapes *s, Str *at, char end, int depth)
{
    int object = shape_node(s, SHAPE_OBJECT, STR("")), last = 0;
    for (shape_space(at); at->len > 0 && at->p[0] != end; shape_space(at)) {
        Str name = shape_word(at);
        bool optional = at->len > 0 && at->p[0] == '?';
        *at = str_from(*at, optional);
        if (name.len == 0 || at->len == 0 || at->p[0] != ':')
            shape_die("a member without a name or colon", *at);
        *at = str_from(*at, 1);
        int member = shape_type(s, at, depth + 1);
        s->nodes[member].name = name;
        s->nodes[member].optional = optional;
        *(last ? &s->nodes[last].next : &s->nodes[object].child) = member;
        last = member;
    }
    *at = str_from(*at, 1);
    return object;
}

static inline int shape_single(Shapes *s, Str *at, int depth)
{
    shape_space(at);
    char c = at->len > 0 ? at->p[0] : 0;
    if (depth > SHAPE_DEPTH_MAX || c == 0)
        shape_die("no type", *at);
    if (c == '{' || c == '[') {
        *at = str_from(*at, 1);
        if (c == '{')
            return shape_members(s, at, '}', depth);
        int list = shape_node(s, SHAPE_LIST, STR(""));
        int item = shape_type(s, at, depth + 1);
        s->nodes[list].child = item;
        shape_space(at);
        if (at->len == 0 || at->p[0] != ']')
            shape_die("a list without end", *at);
        *at = str_from(*at, 1);
        return list;
    }
    if (c == '"') {
        *at = str_from(*at, 1);
        ptrdiff_t end = str_find_char(*at, '"');
        if (end < 0)
            shape_die("a text without end", *at);
        int node = shape_node(s, SHAPE_TEXT, str_sub(*at, 0, end));
        *at = str_from(*at, end + 1);
        return node;
    }
    if (c == '@')
        *at = str_from(*at, 1);
    Str word = shape_word(at);
    if (word.len == 0)
        shape_die("no type", *at);
    return shape_node(s, c == '@' ? SHAPE_REF : SHAPE_WORD, word);
}

static inline int shape_type(Shapes *s, Str *at, int depth)
{
    int first = shape_single(s, at, depth);
    Str ahead = *at;
    while (ahead.len > 0 && ahead.p[0] == ' ')
        ahead = str_from(ahead, 1);
    if (ahead.len == 0 || ahead.p[0] != '|')
        return first;
    int any = shape_node(s, SHAPE_ANY_OF, STR("")), last = first;
    s->nodes[any].child = first;
    while (ahead.len > 0 && ahead.p[0] == '|') {
        *at = str_from(ahead, 1);
        int other = shape_single(s, at, depth);
        s->nodes[last].next = other;
        last = other;
        for (ahead = *at; ahead.len > 0 && ahead.p[0] == ' ';)
            ahead = str_from(ahead, 1);
    }
    return any;
}

static inline void shapes_read(Shapes *s, Str page)
{
    static const Str fence = {"```shape ", 9};
    s->n = s->n_named = 0;
    for (ptrdiff_t at = str_find(page, fence); at >= 0; at = str_find(page, fence)) {
        page = str_from(page, at + fence.len);
        Str name = str_line(&page);
        ptrdiff_t end = str_find(page, STR("```"));
        if (end < 0 || s->n_named == SHAPE_NAMED_MAX)
            shape_die("a block without end", name);
        Str block = str_sub(page, 0, end);
        int node = shape_members(s, &block, '`', 0);
        s->named[s->n_named].name = name;
        s->named[s->n_named++].node = node;
        page = str_from(page, end + 3);
    }
}

static inline int shape_named(const Shapes *s, Str name)
{
    for (int i = 0; i < s->n_named; i++) {
        if (str_eq(s->named[i].name, name))
            return s->named[i].node;
    }
    return 0;
}

typedef struct ShapeWalk {
    const Shapes *s;
    char path[SHAPE_PATH_MAX];
    char why[2 * SHAPE_PATH_MAX];
} ShapeWalk;

static inline bool shape_no(ShapeWalk *w, const char *what, Str name)
{
    if (w->why[0] == 0)
        snprintf(w->why, sizeof w->why, "%s: %s %.*s", w->path, what, STR_FMT(name));
    return false;
}

static inline Str shape_string(const json_t *v)
{
    return (Str){json_string_value(v), (ptrdiff_t)json_string_length(v)};
}

static inline bool shape_map(const json_t *v)
{
    void *iter = json_object_iter((json_t *)(uintptr_t)v);
    for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)v, iter)) {
        if (!json_is_string(json_object_iter_value(iter)))
            return false;
    }
    return json_is_object(v);
}

/* A word of the notation: does the value have it? */
static inline bool shape_fits_word(Str word, const json_t *v)
{
    Str text = json_is_string(v) ? shape_string(v) : (Str){NULL, 0};
    Civil day;
    Id id;
    int64_t at = 0;
    if (str_eq_c(word, "num"))
        return json_is_number(v);
    if (str_eq_c(word, "int"))
        return json_is_integer(v);
    if (str_eq_c(word, "bool"))
        return json_is_boolean(v);
    if (str_eq_c(word, "null"))
        return json_is_null(v);
    if (str_eq_c(word, "map"))
        return shape_map(v);
    if (str_eq_c(word, "1"))
        return json_is_integer(v) && json_integer_value(v) == 1;
    if (!text.p)
        return false;
    if (str_eq_c(word, "id"))
        return text.len == ID_TEXT_LEN && id_parse(text, &id);
    if (str_eq_c(word, "path"))
        return text.len == 0 || text.p[0] == '/';
    if (str_eq_c(word, "iso"))
        return text.len >= 20 && time_parse_iso(text, &at);
    if (str_eq_c(word, "date"))
        return time_parse_date(text, &day);
    return str_eq_c(word, "str");
}

static inline bool shape_fits(ShapeWalk *w, int node, const json_t *v, int depth);

static inline bool shape_fits_object(ShapeWalk *w, int node, const json_t *v, int depth)
{
    const ShapeNode *nodes = w->s->nodes;
    size_t seen = 0, length = strlen(w->path);
    if (!json_is_object(v))
        return shape_no(w, "is not an object", STR(""));
    for (int m = nodes[node].child; m; m = nodes[m].next) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", STR_FMT(nodes[m].name));
        const json_t *value = json_object_get(v, name);
        if (!value && !nodes[m].optional)
            return shape_no(w, "lacks", nodes[m].name);
        if (!value)
            continue;
        seen++;
        snprintf(w->path + length, sizeof w->path - length, ".%s", name);
        if (!shape_fits(w, m, value, depth + 1))
            return false;
        w->path[length] = 0;
    }
    if (seen == json_object_size(v))
        return true;
    void *iter = json_object_iter((json_t *)(uintptr_t)v);
    for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)v, iter)) {
        bool listed = false;
        Str name = str_c(json_object_iter_key(iter));
        for (int m = nodes[node].child; m; m = nodes[m].next)
            listed = listed || str_eq(nodes[m].name, name);
        if (!listed)
            return shape_no(w, "has an unlisted member", name);
    }
    return true;
}

static inline bool shape_fits_list(ShapeWalk *w, int node, const json_t *v, int depth)
{
    size_t length = strlen(w->path);
    if (!json_is_array(v))
        return shape_no(w, "is not a list", STR(""));
    for (size_t i = 0; i < json_array_size(v); i++) {
        snprintf(w->path + length, sizeof w->path - length, "[%zu]", i);
        if (!shape_fits(w, w->s->nodes[node].child, json_array_get(v, i), depth + 1))
            return false;
    }
    w->path[length] = 0;
    return true;
}

static inline bool shape_fits(ShapeWalk *w, int node, const json_t *v, int depth)
{
    const ShapeNode *n = &w->s->nodes[node];
    if (depth > SHAPE_DEPTH_MAX)
        return shape_no(w, "is too deep", STR(""));
    switch (n->sort) {
    case SHAPE_WORD:
        return shape_fits_word(n->text, v) || shape_no(w, "is no", n->text);
    case SHAPE_TEXT:
        return (json_is_string(v) && str_eq(shape_string(v), n->text)) ||
               shape_no(w, "is not", n->text);
    case SHAPE_REF:
        node = shape_named(w->s, n->text);
        return node ? shape_fits(w, node, v, depth + 1)
                    : shape_no(w, "refers to an unknown shape", n->text);
    case SHAPE_LIST:
        return shape_fits_list(w, node, v, depth);
    case SHAPE_OBJECT:
        return shape_fits_object(w, node, v, depth);
    case SHAPE_ANY_OF:
        for (int m = n->child; m; m = w->s->nodes[m].next) {
            ShapeWalk attempt = *w;
            if (shape_fits(&attempt, m, v, depth + 1))
                return true;
        }
        return shape_no(w, "is none of what it may be", STR(""));
    }
    return false;
}

/* Is v what the page says of name? If not, why[cap] says where it differs. */
static inline bool shape_check(const Shapes *s, const char *name, const json_t *v, char why[],
                               size_t cap)
{
    ShapeWalk w = {.s = s};
    snprintf(w.path, sizeof w.path, "%s", name);
    int node = shape_named(s, str_c(name));
    bool fits = node ? shape_fits(&w, node, v, 0) : shape_no(&w, "is not on the page", STR(""));
    snprintf(why, cap, "%s", w.why);
    return fits;
}

#endif
