/* render/mustache_compile.c - tags to nodes, and the set they live in.
 *
 * A node list is flat: a section knows where it ends, a partial knows its template by index.
 * Templates met on the way are put on a list and compiled in turn, never by recursion, so partials
 * may include each other. Indentation is settled here as far as it can be: a tag alone on its line
 * takes that line away and keeps its blanks; a block written as an argument loses the indentation
 * its lines have in common, and a block standing in a parent remembers what to give back. What is
 * left for rendering is one question, "which indentation is in force?", asked where a line of a
 * template begins.
 *
 * Costs linear time in the text (times the nesting of blocks, at most TEMPLATE_NEST_MAX). */
#include "render/mustache_parts.h"

typedef struct Open {
    int node;
    int last_block; /* PARENT: the latest of its blocks */
    ptrdiff_t dedent;
} Open;

typedef struct Compile {
    Cx *cx;
    TemplateSet *set;
    Template *t;
    const Tag *tags;
    int cap;
    ptrdiff_t at;     /* the text before was taken */
    ptrdiff_t dedent; /* blanks taken from the start of each line */
    bool line_start;  /* a line of the template begins here and no node says so yet */
    Open open[TEMPLATE_NEST_MAX];
    int depth;
} Compile;

/* Which text a tag leaves before it, and where the text behind it goes on. */
typedef struct Place {
    bool alone;
    ptrdiff_t text_end, resume;
} Place;

static ptrdiff_t blanks(Str s)
{
    ptrdiff_t n = 0;
    while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
        n++;
    return n;
}

static bool in_parent(const Compile *c, const Tag *tag)
{
    return tag->within >= 0 && c->tags[tag->within].kind == TAG_PARENT;
}

static Place place_of(const Compile *c, const Tag *tag)
{
    const Tag *opener = tag->kind == TAG_END ? &c->tags[tag->partner] : NULL;
    bool alone = tag->blank_before && tag->blank_after;
    bool takes_line = alone; /* the rest of its line goes with it */
    if (tag->kind == TAG_VAR || tag->kind == TAG_RAW) {
        alone = takes_line = false;
    } else if (tag->kind == TAG_PARENT) {
        /* opening and end may share a line; between them only blocks count */
        alone = tag->blank_before && c->tags[tag->partner].blank_after;
        takes_line = false;
    } else if (opener && opener->kind == TAG_PARENT) {
        takes_line = opener->blank_before && tag->blank_after;
    } else if (tag->kind == TAG_BLOCK && in_parent(c, tag)) {
        alone = takes_line = tag->blank_after;
    } else if (opener && opener->kind == TAG_BLOCK && in_parent(c, opener)) {
        alone = tag->blank_before;
        takes_line = false;
    }
    return (Place){.alone = alone,
                   .text_end = alone ? tag->line_at : tag->from,
                   .resume = takes_line ? tag->next_line : tag->to};
}

static Err add_node(Compile *c, Node node)
{
    Template *t = c->t;
    if (t->count == c->cap) {
        int cap = c->cap > 0 ? 2 * c->cap : 32;
        Node *more = arena_grow(c->set->arena, t->nodes, c->cap, cap, sizeof(Node), _Alignof(Node));
        if (!more)
            return err_nomem(c->cx);
        t->nodes = more;
        c->cap = cap;
    }
    t->nodes[t->count++] = node;
    return OK;
}

static Err add_piece(Compile *c, Str piece)
{
    if (piece.len == 0)
        return OK;
    Node text = {.kind = NODE_TEXT, .line_start = c->line_start, .s = piece};
    c->line_start = piece.p[piece.len - 1] == '\n';
    return add_node(c, text);
}

/* The text from c->at up to to; line by line where blanks have to go. */
static Err add_text(Compile *c, ptrdiff_t to)
{
    Str rest = str_sub(c->t->text, c->at, to - c->at);
    if (c->dedent == 0)
        return add_piece(c, rest);
    while (rest.len > 0) {
        ptrdiff_t n = blanks(rest), newline = str_find_char(rest, '\n');
        ptrdiff_t len = newline < 0 ? rest.len : newline + 1;
        ptrdiff_t cut = !c->line_start ? 0 : n < c->dedent ? n : c->dedent;
        Err e = add_piece(c, str_sub(rest, cut, len - cut));
        if (e != OK)
            return e;
        rest = str_from(rest, len);
    }
    return OK;
}

/* The blanks that all lines of s with something on them begin with. */
static Str common_indent(Str s)
{
    Str common = {NULL, 0};
    while (s.p && s.len > 0) {
        Str line = str_cut(&s, '\n');
        ptrdiff_t n = blanks(line);
        bool empty = n == line.len || (line.p[n] == '\r' && n + 1 == line.len);
        if (!empty && (!common.p || n < common.len))
            common = str_sub(line, 0, n);
    }
    return common;
}

/* What stands before a tag on its line, without what the surrounding block gave up. */
static Str own_indent(const Compile *c, const Tag *tag)
{
    return str_from(str_sub(c->t->text, tag->line_at, tag->from - tag->line_at), c->dedent);
}

static Str block_body(const Compile *c, const Tag *tag, const Place *place)
{
    Place end = place_of(c, &c->tags[tag->partner]);
    return str_sub(c->t->text, place->resume, end.text_end - place->resume);
}

static Err add_line(Compile *c)
{
    if (!c->line_start)
        return OK;
    c->line_start = false;
    return add_node(c, (Node){.kind = NODE_LINE});
}

static Err add_include(Compile *c, const Tag *tag, Node *node)
{
    node->link = -1;
    if (tag->dynamic)
        return OK;
    Err e = mustache_intern(c->cx, c->set, tag->name, c->t->mode, &node->link);
    if (e == OK && node->link < 0 && c->set->source.strict)
        return mustache_error(c->cx, "err.template-missing", c->t->name, tag->line, tag->name);
    return e;
}

static Err add_label(Compile *c, const Tag *tag)
{
    const TemplateSource *source = &c->set->source;
    Str key = str_from(tag->name, 2);
    Str words = source->label(source->ctx, key);
    if (str_is_null(words))
        return mustache_error(c->cx, "err.template-label", c->t->name, tag->line, key);
    Str escaped = {NULL, 0};
    Buf buf = buf_make(c->set->arena, TEMPLATE_TEXT_MAX);
    if (tag->kind == TAG_RAW && c->t->mode == TEMPLATE_HTML)
        buf_put(&buf, words);
    else
        template_escape(&buf, words, c->t->mode);
    Err e = buf_done(c->cx, &buf, &escaped);
    return e != OK ? e : add_node(c, (Node){.kind = NODE_FIXED, .s = escaped});
}

static bool is_label(const Compile *c, const Tag *tag)
{
    return (tag->kind == TAG_VAR || tag->kind == TAG_RAW) && c->set->source.label &&
           str_starts(tag->name, STR("_:"));
}

static NodeKind node_kind(TagKind kind)
{
    switch (kind) {
    case TAG_RAW:
        return NODE_RAW;
    case TAG_SECTION:
        return NODE_SECTION;
    case TAG_INVERTED:
        return NODE_INVERTED;
    case TAG_PARENT:
        return NODE_PARENT;
    case TAG_BLOCK:
        return NODE_BLOCK;
    case TAG_PARTIAL:
        return NODE_PARTIAL;
    case TAG_VAR:
    case TAG_END:
    case TAG_COMMENT:
    case TAG_DELIMITERS:
        break;
    }
    return NODE_VAR;
}

static void open_body(Compile *c, const Tag *tag, const Place *place)
{
    c->open[c->depth++] = (Open){.node = c->t->count - 1, .last_block = -1, .dedent = c->dedent};
    if (tag->kind != TAG_BLOCK || !in_parent(c, tag))
        return;
    /* an argument of the parent: linked to its other arguments, freed of its own indentation, and
     * begun as a line whatever stands before it here, since that is for its new place to decide */
    Open *parent = &c->open[c->depth - 2];
    int self = c->t->count - 1;
    if (parent->last_block < 0)
        c->t->nodes[parent->node].first = self;
    else
        c->t->nodes[parent->last_block].link = self;
    parent->last_block = self;
    if (place->alone)
        c->dedent = common_indent(block_body(c, tag, place)).len;
    c->line_start = true;
}

static Str indent_of(const Compile *c, const Tag *tag, const Place *place)
{
    if (tag->kind == TAG_BLOCK && place->alone) {
        Str body = common_indent(block_body(c, tag, place));
        return body.p ? str_from(body, c->dedent) : own_indent(c, tag);
    }
    bool counts = tag->kind == TAG_BLOCK ? tag->blank_before : place->alone;
    return counts ? own_indent(c, tag) : (Str){NULL, 0};
}

static Err add_tag(Compile *c, const Tag *tag, const Place *place)
{
    if (is_label(c, tag))
        return add_label(c, tag);
    Node node = {.kind = node_kind(tag->kind),
                 .dynamic = tag->dynamic,
                 .alone = place->alone,
                 .line = tag->line,
                 .link = -1,
                 .first = -1,
                 .s = tag->name};
    bool opener = tag->partner >= 0;
    Err e = OK;
    if (tag->kind == TAG_PARTIAL || tag->kind == TAG_PARENT)
        e = add_include(c, tag, &node);
    if (tag->kind == TAG_PARTIAL || tag->kind == TAG_PARENT ||
        (tag->kind == TAG_BLOCK && !in_parent(c, tag)))
        node.indent = indent_of(c, tag, place);
    if (e == OK)
        e = add_node(c, node);
    if (e == OK && opener)
        open_body(c, tag, place);
    return e;
}

/* One tag with the text before it. Returns the index of the next tag to look at through *next. */
static Err take_tag(Compile *c, int index, int *next)
{
    const Tag *tag = &c->tags[index];
    Place place = place_of(c, tag);
    Err e = OK;
    *next = index + 1;
    if (in_parent(c, tag)) {
        /* Only blocks count between {{<parent}} and its end: text is left out, and so is any other
         * tag with all that it opens. */
        if (tag->kind != TAG_BLOCK && tag->kind != TAG_END) {
            *next = tag->partner > index ? tag->partner + 1 : *next;
            return OK;
        }
    } else {
        e = add_text(c, place.text_end);
        bool quiet = place.alone || tag->kind == TAG_COMMENT || tag->kind == TAG_DELIMITERS;
        if (e == OK && !quiet)
            e = add_line(c);
    }
    if (e == OK && tag->kind == TAG_END) {
        Open *o = &c->open[--c->depth];
        c->t->nodes[o->node].end = c->t->count;
        c->dedent = o->dedent;
        if (c->tags[tag->partner].kind == TAG_PARENT)
            c->line_start = place.resume != tag->to;
    } else if (e == OK && tag->kind != TAG_COMMENT && tag->kind != TAG_DELIMITERS) {
        e = add_tag(c, tag, &place);
    }
    c->at = place.resume;
    return e;
}

Err mustache_compile(Cx *cx, TemplateSet *set, Template *t)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    TagList list = {NULL, 0};
    Err e = mustache_scan(cx, &scratch, t->name, t->text, &list);
    if (e != OK)
        return e;
    Compile c = {.cx = cx, .set = set, .t = t, .tags = list.tags, .line_start = true};
    for (int i = 0, next = 0; e == OK && i < list.count; i = next)
        e = take_tag(&c, i, &next);
    return e == OK ? add_text(&c, t->text.len) : e;
}

Err mustache_intern(Cx *cx, TemplateSet *set, Str name, TemplateMode mode, int *ret)
{
    for (int i = 0; i < set->count; i++) {
        if (set->list[i]->mode == mode && str_eq(set->list[i]->name, name)) {
            *ret = i;
            return OK;
        }
    }
    Str text = {NULL, 0};
    if (!set->source.load(set->source.ctx, name, &text)) {
        *ret = -1;
        return OK;
    }
    if (text.len > TEMPLATE_TEXT_MAX || set->count == TEMPLATE_SET_MAX)
        return err_set(cx, ERR_LIMIT, "err.template-large",
                       ARGS(arg_str("file", name), arg_int("max", TEMPLATE_TEXT_MAX)));
    if (set->count == set->cap) {
        int cap = set->cap > 0 ? 2 * set->cap : 16;
        Template **more = arena_grow(set->arena, set->list, set->cap, cap, sizeof(Template *),
                                     _Alignof(Template *));
        if (!more)
            return err_nomem(cx);
        set->list = more;
        set->cap = cap;
    }
    Template *t = arena_new(set->arena, Template, 1);
    Str kept = str_dup(set->arena, name);
    if (!t || str_is_null(kept))
        return err_nomem(cx);
    *t = (Template){.name = kept, .text = text, .mode = mode};
    *ret = set->count;
    set->list[set->count++] = t;
    return OK;
}

Err template_set_make(Cx *cx, Arena *arena, const TemplateSource *source, TemplateSet **ret)
{
    TemplateSet *set = arena_new(arena, TemplateSet, 1);
    if (!set)
        return err_nomem(cx);
    *set = (TemplateSet){.arena = arena, .source = *source};
    *ret = set;
    return OK;
}

Err template_get(Cx *cx, TemplateSet *set, Str name, TemplateMode mode, const Template **ret)
{
    int before = set->count, index = -1;
    Err e = mustache_intern(cx, set, name, mode, &index);
    if (e != OK)
        return e;
    if (index < 0)
        return err_set(cx, ERR_NOT_FOUND, "err.template-unknown", ARGS(arg_str("file", name)));
    while (e == OK && set->compiled < set->count) {
        e = mustache_compile(cx, set, set->list[set->compiled]);
        set->compiled++;
    }
    if (e != OK) {
        /* what came in with the faulty one goes with it; older templates cannot refer to it */
        set->count = set->compiled = before;
        return e;
    }
    *ret = set->list[index];
    return OK;
}
