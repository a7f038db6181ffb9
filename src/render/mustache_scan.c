/* render/mustache_scan.c - finds the tags of a template and pairs openers with ends.
 * One pass with memmem for the next delimiter. Whether a tag has its line to itself is kept up
 * while passing the text ("has this line anything on it yet?") instead of looking back from each
 * tag, so the cost is linear in the text whatever it holds. */
#include "render/mustache_parts.h"

enum { DELIMITER_MAX = 16 };

typedef struct Scan {
    Cx *cx;
    Arena *scratch;
    Str file, text;
    Str open, close; /* the delimiters in force */
    ptrdiff_t at;    /* everything before was passed */
    ptrdiff_t line_at;
    int line;
    bool dirty; /* something other than blanks stands on this line */
    Tag *tags;
    int count, cap;
    int openers[TEMPLATE_NEST_MAX];
    int depth;
} Scan;

Err mustache_error(Cx *cx, const char *key, Str file, int line, Str what)
{
    return err_set(cx, ERR_INVALID, key,
                   ARGS(arg_str("file", file), arg_int("line", line), arg_str("what", what)));
}

static Err fail_here(Scan *s, const char *key, Str what)
{
    enum { QUOTE_MAX = 60 }; /* enough to recognise the tag by */
    return mustache_error(s->cx, key, s->file, s->line, str_sub(what, 0, QUOTE_MAX));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void pass_to(Scan *s, ptrdiff_t to)
{
    for (; s->at < to; s->at++) {
        char c = s->text.p[s->at];
        if (c == '\n') {
            s->line++;
            s->line_at = s->at + 1;
            s->dirty = false;
        } else if (!is_blank(c)) {
            s->dirty = true;
        }
    }
}

static bool has_space(Str name)
{
    for (ptrdiff_t i = 0; i < name.len; i++) {
        if (is_blank(name.p[i]) || name.p[i] == '\n' || name.p[i] == '\r')
            return true;
    }
    return false;
}

static TagKind kind_of(char sigil)
{
    switch (sigil) {
    case '#':
        return TAG_SECTION;
    case '^':
        return TAG_INVERTED;
    case '<':
        return TAG_PARENT;
    case '$':
        return TAG_BLOCK;
    case '/':
        return TAG_END;
    case '>':
        return TAG_PARTIAL;
    case '!':
        return TAG_COMMENT;
    case '=':
        return TAG_DELIMITERS;
    case '{':
    case '&':
        return TAG_RAW;
    default:
        return TAG_VAR;
    }
}

static bool opens(TagKind kind)
{
    return kind == TAG_SECTION || kind == TAG_INVERTED || kind == TAG_PARENT || kind == TAG_BLOCK;
}

/* {{=<% %>=}}: two words without "=". */
static Err set_delimiters(Scan *s, Str words)
{
    ptrdiff_t cut = 0;
    while (cut < words.len && !has_space(str_sub(words, cut, 1)))
        cut++;
    Str open = str_sub(words, 0, cut), close = str_trim(str_from(words, cut));
    bool good = open.len > 0 && close.len > 0 && open.len <= DELIMITER_MAX &&
                close.len <= DELIMITER_MAX && !has_space(close) && str_find_char(words, '=') < 0;
    if (!good)
        return fail_here(s, "err.template-delimiters", words);
    s->open = open;
    s->close = close;
    return OK;
}

static Err pair(Scan *s, Tag *tag, int index)
{
    tag->within = s->depth > 0 ? s->openers[s->depth - 1] : -1;
    tag->partner = -1;
    if (opens(tag->kind)) {
        if (s->depth == TEMPLATE_NEST_MAX)
            return fail_here(s, "err.template-deep", tag->name);
        s->openers[s->depth++] = index;
    } else if (tag->kind == TAG_END) {
        Tag *opener = s->depth > 0 ? &s->tags[tag->within] : NULL;
        if (!opener || opener->dynamic != tag->dynamic || !str_eq(opener->name, tag->name))
            return fail_here(s, "err.template-end-stray", tag->name);
        opener->partner = index;
        tag->partner = tag->within;
        s->depth--;
    }
    return OK;
}

static Err add(Scan *s, const Tag *tag)
{
    if (s->count == s->cap) {
        int cap = s->cap > 0 ? 2 * s->cap : 64;
        Tag *more = arena_grow(s->scratch, s->tags, s->cap, cap, sizeof(Tag), _Alignof(Tag));
        if (!more)
            return err_nomem(s->cx);
        s->tags = more;
        s->cap = cap;
    }
    s->tags[s->count] = *tag;
    Err e = pair(s, &s->tags[s->count], s->count);
    s->count++;
    return e;
}

static void look_behind(const Scan *s, Tag *tag)
{
    ptrdiff_t i = tag->to;
    while (i < s->text.len && is_blank(s->text.p[i]))
        i++;
    Str rest = str_from(s->text, i);
    bool crlf = str_starts(rest, STR("\r\n"));
    tag->blank_after = rest.len == 0 || rest.p[0] == '\n' || crlf;
    tag->next_line = rest.len == 0 ? i : i + (crlf ? 2 : 1);
}

/* Names the tag from the words between its delimiters. */
static Err name_tag(Scan *s, Tag *tag, Str words)
{
    tag->name = str_trim(words);
    if (tag->kind == TAG_COMMENT)
        return OK;
    if (tag->kind == TAG_DELIMITERS)
        return set_delimiters(s, tag->name);
    bool may_be_dynamic =
        tag->kind == TAG_PARTIAL || tag->kind == TAG_PARENT || tag->kind == TAG_END;
    if (may_be_dynamic && str_starts(tag->name, STR("*"))) {
        tag->dynamic = true;
        tag->name = str_trim(str_from(tag->name, 1));
    }
    if (tag->name.len == 0)
        return fail_here(s, "err.template-tag-empty", words);
    if (has_space(tag->name))
        return fail_here(s, "err.template-name", tag->name);
    return OK;
}

/* The tag that opens at from. */
static Err read_tag(Scan *s, ptrdiff_t from)
{
    ptrdiff_t start = from + s->open.len;
    char sigil = '\0';
    if (start < s->text.len)
        sigil = s->text.p[start];
    Tag tag = {.kind = kind_of(sigil),
               .from = from,
               .line_at = s->line_at,
               .line = s->line,
               .blank_before = !s->dirty};
    if (tag.kind != TAG_VAR)
        start++;
    /* {{{name}}} and {{=<% %>=}} repeat their sign before the closing delimiter. */
    ptrdiff_t sign = sigil == '{' || sigil == '=' ? 1 : 0;
    Str rest = str_from(s->text, start);
    char closing[DELIMITER_MAX + 1];
    closing[0] = (char)(sigil == '{' ? '}' : sigil);
    for (ptrdiff_t i = 0; i < s->close.len; i++)
        closing[sign + i] = s->close.p[i];
    ptrdiff_t len = str_find(rest, (Str){closing, sign + s->close.len});
    if (len < 0)
        return fail_here(s, "err.template-tag-open", str_trim(str_sub(rest, 0, 40)));
    tag.to = start + len + sign + s->close.len;
    Err e = name_tag(s, &tag, str_sub(rest, 0, len));
    if (e != OK)
        return e;
    look_behind(s, &tag);
    e = add(s, &tag);
    pass_to(s, tag.to);
    s->dirty = true;
    return e;
}

Err mustache_scan(Cx *cx, Arena *scratch, Str file, Str text, TagList *ret)
{
    Scan s = {.cx = cx,
              .scratch = scratch,
              .file = file,
              .text = text,
              .open = STR("{{"),
              .close = STR("}}"),
              .line = 1};
    for (;;) {
        ptrdiff_t skip = str_find(str_from(text, s.at), s.open);
        if (skip < 0)
            break;
        pass_to(&s, s.at + skip);
        Err e = read_tag(&s, s.at);
        if (e != OK)
            return e;
    }
    if (s.depth > 0) {
        const Tag *opener = &s.tags[s.openers[s.depth - 1]];
        return mustache_error(cx, "err.template-section-open", file, opener->line, opener->name);
    }
    *ret = (TagList){s.tags, s.count};
    return OK;
}
