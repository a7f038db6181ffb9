/* render/mustache_render.c - runs compiled templates over JSON.
 *
 * A small machine with an explicit stack: a frame is a stretch of nodes being run (a template, the
 * body of a section, a block's argument), so data and templates can nest as deep as they like
 * without touching the C stack, up to TEMPLATE_DEPTH_MAX. Templates that call each other without
 * end, or double at each level without writing anything, stop at TEMPLATE_DEPTH_MAX and
 * TEMPLATE_WORK_MAX.
 *
 * Costs one step a node, a hash lookup a name and enclosing section (names are looked for from the inside
 * out), one comparison a block and argument in force, one copy of the output: linear in nodes run and bytes
 * written. A person's page with all its pictures comes to about 3 microseconds a kilobyte. */
#include "base/utf8.h"
#include "render/mustache_parts.h"
#include <math.h>
#include <stdio.h>

typedef struct Frame {
    const Template *t;
    int pc, begin, end;
    const json_t *items; /* section over a list: the list, and the next item */
    size_t next;
    bool pushed;            /* it put a value on the stack of contexts */
    bool mid_line;          /* its first line goes on a line that was begun elsewhere */
    int env;                /* the frame whose blocks replace those met here, -1 none */
    int env_up;             /* frame of a parent: what env was where the parent was called */
    const Template *caller; /* frame of a parent: who called it, and its node there */
    int call_node;
    int indent_at, indent_len; /* in r->indents */
    int indents_before;        /* how much of r->indents was in use */
} Frame;

enum { INDENTS_MAX = 4096 };

typedef struct Render {
    Cx *cx;
    TemplateSet *set;
    Buf *out;
    Frame *frames;
    int depth, cap;
    const json_t **contexts; /* innermost last */
    int contexts_count;
    char *indents;
    int indents_len;
    bool mid_line; /* the next line begins where the output stands, without indentation */
    int64_t work;
} Render;

/* -- values ----------------------------------------------------------------------------------- */

static void escape_html(Buf *out, Str s)
{
    ptrdiff_t from = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        const char *entity = NULL;
        switch (s.p[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            continue;
        }
        buf_put(out, str_sub(s, from, i - from));
        buf_c(out, entity);
        from = i + 1;
    }
    buf_put(out, str_from(s, from));
}

static void escape_plain(Buf *out, Str s)
{
    Str clean = s;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t')
            continue;
        clean = utf8_clean(out->arena, s, true);
        out->failed = out->failed || str_is_null(clean);
        break;
    }
    while (clean.p) { /* a tab would begin a column: that is for templates to do */
        Str piece = str_cut(&clean, '\t');
        buf_put(out, piece);
        if (clean.p)
            buf_char(out, ' ');
    }
}

void template_escape(Buf *out, Str s, TemplateMode mode)
{
    if (mode == TEMPLATE_HTML)
        escape_html(out, s);
    else
        escape_plain(out, s);
}

/* Decimal digits by hand: a page holds hundreds of numbers, and printf would be most of its cost. */
static void put_whole(Buf *out, int64_t v)
{
    char digits[24];
    int at = (int)sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        digits[--at] = '-';
    buf_bytes(out, digits + at, (ptrdiff_t)sizeof digits - at);
}

/* v = n / 1000 as the machine divides means that the decimal n / 1000 reads back as v; below 15 digits
 * no shorter one does. */
static bool put_thousandths(Buf *out, double v)
{
    enum { UNIT = 1000 };
    if (!(v > -1e11 && v < 1e11))
        return false;
    int64_t n = llround(v * UNIT);
    double back = (double)n / UNIT;
    if (back > v || back < v)
        return false;
    if (n < 0)
        buf_char(out, '-');
    n = n < 0 ? -n : n;
    put_whole(out, n / UNIT);
    int part = (int)(n % UNIT);
    const char tail[4] = {'.', (char)('0' + part / 100), (char)('0' + part / 10 % 10),
                          (char)('0' + part % 10)};
    if (part > 0)
        buf_bytes(out, tail, part % 100 == 0 ? 2 : part % 10 == 0 ? 3 : 4);
    return true;
}

void template_number(Buf *out, double v)
{
    /* not finite: JSON has none, and no attribute or sentence could use it */
    if (!isfinite(v) || put_thousandths(out, v))
        return;
    /* 15 digits are always exact enough to be short, 17 always enough to be right */
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        int n = snprintf(digits, sizeof digits, "%.*g", precision, v);
        double back = 0;
        bool same =
            str_to_double((Str){digits, n}, -HUGE_VAL, HUGE_VAL, &back) && back >= v && back <= v;
        if (same || precision == 17) {
            buf_bytes(out, digits, n);
            return;
        }
    }
}

static Str json_text(const json_t *v)
{
    return (Str){json_string_value(v), (ptrdiff_t)json_string_length(v)};
}

static void put_value(Render *r, const Frame *f, const json_t *v, bool raw)
{
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_STRING:
        if (raw && f->t->mode == TEMPLATE_HTML)
            buf_put(r->out, json_text(v));
        else
            template_escape(r->out, json_text(v), f->t->mode);
        break;
    case JSON_INTEGER:
        put_whole(r->out, json_integer_value(v));
        break;
    case JSON_REAL:
        template_number(r->out, json_real_value(v));
        break;
    case JSON_TRUE:
        buf_c(r->out, "true");
        break;
    case JSON_FALSE:
        buf_c(r->out, "false");
        break;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
}

static bool is_false(const json_t *v)
{
    return !v || json_is_null(v) || json_is_false(v) ||
           (json_is_array(v) && json_array_size(v) == 0) ||
           (json_is_string(v) && json_string_length(v) == 0);
}

/* Of a list its nth item, from 0: "problems.0" asks whether there is any. */
static const json_t *member(const json_t *object, Str key)
{
    int64_t nth = 0;
    if (json_is_array(object))
        return str_to_i64(key, 0, INT32_MAX, &nth) ? json_array_get(object, (size_t)nth) : NULL;
    return json_is_object(object) ? json_object_getn(object, key.p, (size_t)key.len) : NULL;
}

/* "a.b.c": a is looked for from the innermost context out, the rest inside what was found. */
static const json_t *find(Render *r, Str name)
{
    if (str_eq(name, STR(".")))
        return r->contexts[r->contexts_count - 1];
    Str rest = name;
    Str key = str_cut(&rest, '.');
    const json_t *v = NULL;
    for (int i = r->contexts_count - 1; i >= 0 && !v; i--, r->work++)
        v = member(r->contexts[i], key);
    while (v && rest.p)
        v = member(v, str_cut(&rest, '.'));
    return v;
}

/* -- lines ------------------------------------------------------------------------------------ */

static void begin_line(Render *r, const Frame *f)
{
    if (!r->mid_line)
        buf_bytes(r->out, r->indents + f->indent_at, f->indent_len);
    r->mid_line = false;
}

static void put_text(Render *r, const Frame *f, const Node *node)
{
    if (node->line_start)
        begin_line(r, f);
    if (f->indent_len == 0) {
        buf_put(r->out, node->s);
        return;
    }
    Str rest = node->s;
    for (;;) {
        ptrdiff_t newline = str_find_char(rest, '\n');
        if (newline < 0 || newline + 1 == rest.len)
            break;
        buf_put(r->out, str_sub(rest, 0, newline + 1));
        begin_line(r, f);
        rest = str_from(rest, newline + 1);
    }
    buf_put(r->out, rest);
}

/* -- frames ----------------------------------------------------------------------------------- */

static Err too_deep(Render *r, const Frame *f, const Node *node)
{
    return mustache_error(r->cx, "err.template-deep", f->t->name, node->line, node->s);
}

/* A copy of the running frame over other nodes; NULL when memory ran out. */
static Frame *push(Render *r, const Template *t, int begin, int end)
{
    if (r->depth == r->cap) {
        int cap = 2 * r->cap;
        Frame *frames =
            arena_grow(r->cx->arena, r->frames, r->cap, cap, sizeof(Frame), _Alignof(Frame));
        const json_t **contexts = arena_grow(r->cx->arena, r->contexts, r->cap + 1, cap + 1,
                                             sizeof(json_t *), _Alignof(json_t *));
        if (!frames || !contexts)
            return NULL;
        r->frames = frames;
        r->contexts = contexts;
        r->cap = cap;
    }
    const Frame *from = &r->frames[r->depth - 1];
    Frame *f = &r->frames[r->depth++];
    *f = (Frame){.t = t,
                 .pc = begin,
                 .begin = begin,
                 .end = end,
                 .env = from->env,
                 .env_up = -1,
                 .indent_at = from->indent_at,
                 .indent_len = from->indent_len,
                 .indents_before = r->indents_len};
    return f;
}

static void push_context(Render *r, Frame *f, const json_t *v)
{
    r->contexts[r->contexts_count++] = v;
    f->pushed = true;
}

/* Gives f the indentation of the frame below it and more behind that. */
static bool indent_more(Render *r, Frame *f, Str more)
{
    const Frame *below = f - 1;
    if (more.len == 0)
        return true;
    if (below->indent_len + more.len > INDENTS_MAX - r->indents_len)
        return false;
    int at = r->indents_len;
    for (int i = 0; i < below->indent_len; i++)
        r->indents[r->indents_len++] = r->indents[below->indent_at + i];
    for (ptrdiff_t i = 0; i < more.len; i++)
        r->indents[r->indents_len++] = more.p[i];
    f->indent_at = at;
    f->indent_len = r->indents_len - at;
    return true;
}

static void leave(Render *r)
{
    Frame *f = &r->frames[r->depth - 1];
    if (f->items && f->next < json_array_size(f->items)) {
        r->contexts[r->contexts_count - 1] = json_array_get(f->items, f->next++);
        f->pc = f->begin;
        return;
    }
    if (f->pushed)
        r->contexts_count--;
    if (f->mid_line)
        r->mid_line = false;
    r->indents_len = f->indents_before;
    r->depth--;
}

static Err enter_section(Render *r, Frame *f, const Node *node)
{
    const json_t *v = find(r, node->s);
    int begin = f->pc;
    f->pc = node->end;
    if (is_false(v) || begin == node->end)
        return OK;
    if (r->depth == TEMPLATE_DEPTH_MAX)
        return too_deep(r, f, node);
    Frame *body = push(r, f->t, begin, node->end);
    if (!body)
        return err_nomem(r->cx);
    bool list = json_is_array(v);
    push_context(r, body, list ? json_array_get(v, 0) : v);
    body->items = list ? v : NULL;
    body->next = 1;
    return OK;
}

/* The template a partial or parent names; NULL in *ret for nothing. */
static Err callee(Render *r, const Frame *f, const Node *node, const Template **ret)
{
    if (!node->dynamic) {
        *ret = node->link >= 0 ? r->set->list[node->link] : NULL;
        return OK;
    }
    const json_t *name = find(r, node->s);
    *ret = NULL;
    if (!json_is_string(name))
        return OK;
    Err e = template_get(r->cx, r->set, json_text(name), f->t->mode, ret);
    if (e != ERR_NOT_FOUND)
        return e;
    if (r->set->source.strict)
        return mustache_error(r->cx, "err.template-missing", f->t->name, node->line,
                              json_text(name));
    err_clear(r->cx);
    return OK;
}

static Err call(Render *r, Frame *f, const Node *node)
{
    const Template *t = NULL;
    Err e = callee(r, f, node, &t);
    int self = f->pc - 1, env = f->env;
    const Template *caller = f->t;
    if (node->kind == NODE_PARENT)
        f->pc = node->end;
    if (e != OK || !t)
        return e;
    if (r->depth == TEMPLATE_DEPTH_MAX)
        return too_deep(r, f, node);
    Frame *body = push(r, t, 0, t->count);
    if (!body)
        return err_nomem(r->cx);
    if (node->kind == NODE_PARENT) {
        body->env = r->depth - 1;
        body->env_up = env;
        body->caller = caller;
        body->call_node = self;
    }
    if (!node->alone)
        body->indent_len = 0; /* as written: the indentation of a line does not reach into it */
    else if (!indent_more(r, body, node->indent))
        return too_deep(r, body - 1, node);
    return OK;
}

/* The outermost argument of that name, since whoever extends a template has the last word. */
static const Node *argument(Render *r, const Frame *f, Str name, int *ret_env)
{
    const Node *found = NULL;
    for (int env = f->env; env >= 0; env = r->frames[env].env_up) {
        const Frame *parent = &r->frames[env];
        const Node *nodes = parent->caller->nodes;
        for (int i = nodes[parent->call_node].first; i >= 0; i = nodes[i].link) {
            r->work++;
            if (str_eq(nodes[i].s, name)) {
                found = &nodes[i];
                *ret_env = env;
                break;
            }
        }
    }
    return found;
}

static Err enter_block(Render *r, Frame *f, const Node *node)
{
    int env = -1;
    const Node *arg = argument(r, f, node->s, &env);
    if (!arg)
        return OK; /* its own content follows */
    f->pc = node->end;
    if (r->depth == TEMPLATE_DEPTH_MAX)
        return too_deep(r, f, node);
    const Template *t = r->frames[env].caller;
    int begin = (int)(arg - t->nodes) + 1;
    Frame *body = push(r, t, begin, arg->end);
    if (!body)
        return err_nomem(r->cx);
    /* in force inside an argument is what was in force where it was written: it cannot meet itself
     */
    body->env = r->frames[env].env_up;
    if (!node->alone)
        body->mid_line = r->mid_line = true;
    return indent_more(r, body, node->indent) ? OK : too_deep(r, body - 1, node);
}

static Err step(Render *r, Frame *f)
{
    const Node *node = &f->t->nodes[f->pc++];
    switch (node->kind) {
    case NODE_TEXT:
        put_text(r, f, node);
        return OK;
    case NODE_FIXED:
        buf_put(r->out, node->s);
        return OK;
    case NODE_LINE:
        begin_line(r, f);
        return OK;
    case NODE_VAR:
    case NODE_RAW:
        put_value(r, f, find(r, node->s), node->kind == NODE_RAW);
        return OK;
    case NODE_INVERTED:
        if (!is_false(find(r, node->s)))
            f->pc = node->end;
        return OK;
    case NODE_SECTION:
        return enter_section(r, f, node);
    case NODE_PARTIAL:
    case NODE_PARENT:
        return call(r, f, node);
    case NODE_BLOCK:
        return enter_block(r, f, node);
    }
    return OK;
}

Err template_render(Cx *cx, TemplateSet *set, const Template *t, const json_t *data, Buf *out)
{
    enum { FRAMES_FIRST = 32 };
    Render r = {.cx = cx, .set = set, .out = out, .depth = 1, .cap = FRAMES_FIRST};
    r.frames = arena_new(cx->arena, Frame, FRAMES_FIRST);
    r.contexts = arena_new(cx->arena, const json_t *, FRAMES_FIRST + 1);
    r.indents = arena_new(cx->arena, char, INDENTS_MAX);
    if (!r.frames || !r.contexts || !r.indents)
        return err_nomem(cx);
    r.contexts[r.contexts_count++] = data;
    r.frames[0] = (Frame){.t = t, .end = t->count, .env = -1, .env_up = -1};
    while (r.depth > 0 && !out->failed) {
        Frame *f = &r.frames[r.depth - 1];
        if (++r.work > TEMPLATE_WORK_MAX)
            return err_set(cx, ERR_LIMIT, "err.template-work", ARGS(arg_str("file", t->name)));
        if (f->pc == f->end) {
            leave(&r);
            continue;
        }
        Err e = step(&r, f);
        if (e != OK)
            return e;
    }
    return OK;
}
