/* lab/value.c - one pass over the bytes with a stack of open containers, so that no input can use up the
 * machine's own stack. Written here because libjansson forgets where a value stood, and a model with forty
 * numbers is mended by line and column. Linear in the bytes, but for keys: each is held against those before it
 * in its object (a model has ten). */
#include "lab/value.h"
#include "base/utf8.h"
#include <string.h>

enum { KEYS_MAX = 1000 };

typedef struct Reader {
    Cx *cx;
    Str file;
    const char *p, *end, *line_start;
    int line;
    const char *counted; /* on this line, up to where columns were counted last */
    int column;
} Reader;

static int column_of(Reader *r)
{
    if (r->counted < r->line_start || r->counted > r->p) {
        r->counted = r->line_start;
        r->column = 1;
    }
    r->column += (int)utf8_count((Str){r->counted, r->p - r->counted});
    r->counted = r->p;
    return r->column;
}

static Err wrong(Reader *r, const char *key)
{
    return err_set(
        r->cx, ERR_INVALID, key,
        ARGS(arg_str("file", r->file), arg_int("line", r->line), arg_int("column", column_of(r))));
}

static void skip_space(Reader *r)
{
    for (; r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p; r->p++)
        if (*r->p == '\n') {
            r->line++;
            r->line_start = r->p + 1;
        }
}

static bool at(const Reader *r, char c)
{
    return r->p < r->end && *r->p == c;
}

static int hex4(const Reader *r, const char *p)
{
    int code = 0;
    if (r->end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char *digit = p[i] ? strchr("0123456789abcdef", p[i] | 0x20) : NULL;
        if (!digit || (p[i] < '0' || (p[i] > '9' && p[i] < 'A')))
            return -1;
        code = code * 16 + (int)(digit - "0123456789abcdef");
    }
    return code;
}

/* Behind a backslash; writes to out[4] and returns how many bytes, 0 when it is no escape. */
static int escape(Reader *r, char out[4])
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end)
        return 0;
    const char *name = *r->p ? strchr(names, *r->p) : NULL;
    if (name) {
        r->p++;
        out[0] = values[name - names];
        return 1;
    }
    if (*r->p != 'u')
        return 0;
    int code = hex4(r, r->p + 1);
    if (code < 0)
        return 0;
    r->p += 5;
    if (code >= 0xd800 && code < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' &&
        r->p[1] == 'u') {
        int low = hex4(r, r->p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            r->p += 6;
        }
    }
    return utf8_encode(code, out);
}

/* From the opening quote to behind the closing one. */
static Err read_text(Reader *r, Str *ret)
{
    const char *start = ++r->p;
    while (r->p < r->end && *r->p != '"' && *r->p != '\n')
        r->p += *r->p == '\\' && r->end - r->p > 1 ? 2 : 1;
    if (!at(r, '"'))
        return wrong(r, "err.lab-json-text");
    const char *stop = r->p;
    Str raw = {start, stop - start};
    r->p = stop + 1;
    if (str_find_char(raw, '\\') < 0) {
        *ret = raw;
        return OK;
    }
    char *out = arena_new(r->cx->arena, char, raw.len + 4);
    if (!out)
        return err_nomem(r->cx);
    ptrdiff_t len = 0;
    for (r->p = start; r->p < stop;) {
        if (*r->p != '\\') {
            out[len++] = *r->p++;
            continue;
        }
        char bytes[4];
        r->p++;
        int n = escape(r, bytes);
        if (n == 0)
            return wrong(r, "err.lab-json-text");
        memcpy(out + len, bytes, (size_t)n);
        len += n;
    }
    r->p = stop + 1;
    *ret = (Str){out, len};
    return OK;
}

static Err read_number(Reader *r, double *ret)
{
    const char *start = r->p;
    while (r->p < r->end && *r->p && strchr("+-.eE0123456789", *r->p))
        r->p++;
    Str s = {start, r->p - start};
    bool fine = s.len > 0 && s.p[0] != '+' && s.p[0] != '.' && str_to_double(s, -1e100, 1e100, ret);
    if (!fine)
        r->p = start;
    return fine ? OK : wrong(r, "err.lab-json-value");
}

static bool take_word(Reader *r, Str word)
{
    if (!str_starts((Str){r->p, r->end - r->p}, word))
        return false;
    r->p += word.len;
    return true;
}

/* A value without its children; containers are left open. */
static Err read_start(Reader *r, Node *v)
{
    v->line = r->line;
    v->column = column_of(r);
    if (at(r, '{') || at(r, '[')) {
        v->kind = *r->p++ == '{' ? VALUE_OBJECT : VALUE_LIST;
        return OK;
    }
    if (at(r, '"')) {
        v->kind = VALUE_TEXT;
        return read_text(r, &v->text);
    }
    if (take_word(r, STR("null")))
        return OK;
    v->kind = VALUE_TRUTH;
    v->number = 1;
    if (take_word(r, STR("true")))
        return OK;
    v->number = 0;
    if (take_word(r, STR("false")))
        return OK;
    v->kind = VALUE_NUMBER;
    return read_number(r, &v->number);
}

/* "key": of a member of parent. */
static Err read_key(Reader *r, const Node *parent, Str *ret)
{
    Str key;
    if (!at(r, '"'))
        return wrong(r, "err.lab-json-key");
    if (parent->count >= KEYS_MAX)
        return wrong(r, "err.lab-json-deep");
    const char *start = r->p;
    Err e = read_text(r, &key);
    if (e != OK)
        return e;
    for (const Node *v = parent->first; v; v = v->next)
        if (str_eq(v->key, key)) {
            r->p = start;
            return wrong(r, "err.lab-json-twice");
        }
    skip_space(r);
    if (!at(r, ':'))
        return wrong(r, "err.lab-json-key");
    r->p++;
    skip_space(r);
    *ret = key;
    return OK;
}

/* Behind a value: closes what ends here. *ret_more: another member follows. */
static Err read_after(Reader *r, Node *open[], int *depth, bool *ret_more)
{
    for (*ret_more = false; *depth > 0;) {
        skip_space(r);
        if (at(r, ',')) {
            r->p++;
            skip_space(r);
            *ret_more = true;
            return OK;
        }
        if (!at(r, open[*depth - 1]->kind == VALUE_OBJECT ? '}' : ']'))
            return wrong(r, "err.lab-json-comma");
        r->p++;
        (*depth)--;
    }
    return OK;
}

static void attach(Node *parent, Node *v)
{
    if (parent->last)
        parent->last->next = v;
    else
        parent->first = v;
    parent->last = v;
    parent->count++;
}

static Err read_node(Reader *r, const Node *parent, Node **ret)
{
    Node *v = arena_new(r->cx->arena, Node, 1);
    if (!v)
        return err_nomem(r->cx);
    Err e = OK;
    if (parent && parent->kind == VALUE_OBJECT)
        e = read_key(r, parent, &v->key);
    if (e == OK)
        e = read_start(r, v);
    *ret = v;
    return e;
}

static Err read_tree(Reader *r, Node **ret)
{
    Node *open[VALUE_DEPTH];
    int depth = 0;
    *ret = NULL;
    for (bool more = true; more;) {
        Node *v = NULL, *parent = depth > 0 ? open[depth - 1] : NULL;
        Err e = read_node(r, parent, &v);
        if (e != OK)
            return e;
        if (parent)
            attach(parent, v);
        else
            *ret = v;
        if (v->kind >= VALUE_LIST) {
            if (depth == VALUE_DEPTH)
                return wrong(r, "err.lab-json-deep");
            open[depth++] = v;
            skip_space(r);
            if (!at(r, v->kind == VALUE_OBJECT ? '}' : ']'))
                continue;
        }
        e = read_after(r, open, &depth, &more);
        if (e != OK)
            return e;
    }
    return OK;
}

Err value_read(Cx *cx, Str file, Str bytes, const Node **ret)
{
    if (str_starts(bytes, STR("\xef\xbb\xbf")))
        bytes = str_from(bytes, 3);
    Reader r = {.cx = cx,
                .file = file,
                .p = bytes.p,
                .end = bytes.p + bytes.len,
                .line_start = bytes.p,
                .line = 1};
    if (bytes.len > VALUE_BYTES || bytes.len == 0 || !utf8_valid(bytes))
        return err_set(cx, ERR_INVALID, "err.lab-json-file", ARGS(arg_str("file", file)));
    Node *root;
    skip_space(&r);
    Err e = read_tree(&r, &root);
    if (e != OK)
        return e;
    skip_space(&r);
    if (r.p != r.end)
        return wrong(&r, "err.lab-json-end");
    *ret = root;
    return OK;
}

const Node *value_member(const Node *object, const char *key)
{
    for (const Node *v = object && object->kind == VALUE_OBJECT ? object->first : NULL; v;
         v = v->next)
        if (str_eq_c(v->key, key))
            return v;
    return NULL;
}
