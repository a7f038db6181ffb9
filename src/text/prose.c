/* text/prose.c - what has a mark of its own is read first (#, @, brackets, addresses), then times, then +names, then
 * the names of people. Each step blanks what it used out of a view of the prose, byte for byte, so that
 * no later step reads it again and every slice found lies at the same place in the prose. Linear but
 * for when.h's and names.h's own cost. */
#include "text/prose.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "content/content.h"
#include "text/grammar.h"
#include "text/names.h"
#include <string.h>

enum { BRACKET_TOKENS_MAX = 40, TYPE_LETTERS_MIN = 2, NEW_NAME_WORDS_MAX = 3 };
static const char BLANK = '\x01'; /* no prose holds it once cleaned, and it belongs to no word */

typedef struct Reader {
    Cx *cx;
    const Text *text;
    Str written;
    char *view;
    Tokens tokens;
    NameWords names;
    Str *tags, *new_names;
    ptrdiff_t tag_count, new_count;
    ProseLog *log;
} Reader;

static Str view_of(const Reader *r)
{
    return (Str){r->view, r->written.len};
}

static void blank(const Reader *r, ptrdiff_t from, ptrdiff_t len)
{
    memset(r->view + from, BLANK, (size_t)len);
}

static ptrdiff_t end_of(const Token *t)
{
    return t->from + t->len;
}

static Str bytes_between(const Reader *r, ptrdiff_t from, ptrdiff_t to)
{
    return str_sub(r->written, from, to - from);
}

/* Tokens i to end, blanked in the view. */
static void blank_tokens(const Reader *r, ptrdiff_t i, ptrdiff_t end)
{
    ptrdiff_t from = r->tokens.at[i].from;
    blank(r, from, end_of(&r->tokens.at[end - 1]) - from);
}

static bool is_mark(const Token *t, const char *utf8)
{
    return t->kind == TOKEN_MARK && str_eq_c(t->folded, utf8);
}

static bool opens_quote(const Token *t)
{
    return is_mark(t, "\"") || is_mark(t, "\u201C") || is_mark(t, "\u201E") || is_mark(t, "\u00AB");
}

static bool closes_quote(const Token *t)
{
    return is_mark(t, "\"") || is_mark(t, "\u201D") || is_mark(t, "\u201C") || is_mark(t, "\u00BB");
}

/* A sign such as # stands at the start of a word, and something is joined to it. */
static bool is_sign(const Tokens *t, ptrdiff_t i, char sign)
{
    return token_is(&t->at[i], sign) && token_glued(t, i + 1) &&
           !(token_glued(t, i) &&
             (t->at[i - 1].kind != TOKEN_MARK || token_is(&t->at[i - 1], sign)));
}

/* The token behind the closing quote of the one at i, on the same line; 0 when it is not closed. */
static ptrdiff_t quoted_end(const Tokens *t, ptrdiff_t i)
{
    ptrdiff_t from = t->at[i].from;
    for (ptrdiff_t k = i + 1; k < t->count && !t->at[k].new_line; k++) {
        if (t->at[k].from - from > PROSE_NAME_BYTES_MAX)
            return 0;
        if (closes_quote(&t->at[k]))
            return k > i + 1 ? k + 1 : 0;
    }
    return 0;
}

static Str quoted(const Reader *r, ptrdiff_t i, ptrdiff_t end)
{
    return str_trim(bytes_between(r, end_of(&r->tokens.at[i]), r->tokens.at[end - 1].from));
}

/* -- signs -------------------------------------------------------------------------------------------- */

static void add_tag(Reader *r, Str tag)
{
    Str folded = utf8_fold(r->cx->arena, tag);
    if (r->tag_count == PROSE_TAGS_MAX)
        return;
    for (ptrdiff_t i = 0; i < r->tag_count; i++)
        if (str_eq(utf8_fold(r->cx->arena, r->tags[i]), folded))
            return;
    r->tags[r->tag_count++] = tag;
}

static ptrdiff_t word_end(const Tokens *t, ptrdiff_t i, const char *joints, bool *ret_letters)
{
    ptrdiff_t end = i;
    *ret_letters = false;
    for (ptrdiff_t k = i; k < t->count && (k == i || token_glued(t, k)); k++) {
        const Token *token = &t->at[k];
        bool joint =
            token->kind == TOKEN_MARK && token->len == 1 && strchr(joints, token->folded.p[0]);
        if (token->kind == TOKEN_MARK && !joint)
            break;
        *ret_letters = *ret_letters || token->kind == TOKEN_WORD;
        end = joint && !strchr("_", token->folded.p[0]) ? end : k + 1;
    }
    return end;
}

static ptrdiff_t read_tag(Reader *r, ptrdiff_t i)
{
    bool letters = false;
    ptrdiff_t end = word_end(&r->tokens, i + 1, "-_", &letters);
    if (!letters || end == i + 1)
        return i + 1;
    add_tag(r, bytes_between(r, r->tokens.at[i + 1].from, end_of(&r->tokens.at[end - 1])));
    blank_tokens(r, i, end);
    return end;
}

static ptrdiff_t read_place(Reader *r, ptrdiff_t i)
{
    const Tokens *t = &r->tokens;
    bool letters = false, quote = opens_quote(&t->at[i + 1]);
    ptrdiff_t end = quote ? quoted_end(t, i + 1) : word_end(t, i + 1, "-_'", &letters);
    if (end <= i + 1 || (!quote && !letters))
        return i + 1;
    Str place = quote ? quoted(r, i + 1, end)
                      : bytes_between(r, t->at[i + 1].from, end_of(&t->at[end - 1]));
    if (place.len == 0)
        return i + 1;
    if (str_is_null(r->log->place))
        r->log->place = place;
    blank_tokens(r, i, end);
    return end;
}

/* -- (types) ------------------------------------------------------------------------------------------ */

static bool begins(const Reader *r, Str folded, int state)
{
    const ContentPage *page = content_page(state);
    Str name = utf8_fold(r->cx->arena, content_text(r->text, page->name));
    return str_starts(name, folded) || str_starts(page->id, folded);
}

/* The one state in from..to-1 whose name begins so, or STATE_NONE. */
static int unique_state(const Reader *r, Str folded, int from, int to)
{
    int found = STATE_NONE;
    for (int state = from; state < to; state++) {
        if (!begins(r, folded, state))
            continue;
        if (found != STATE_NONE)
            return STATE_NONE;
        found = state;
    }
    return found;
}

/* Adds what one word in a bracket means; false when it means no type and no factor. */
static bool add_type(const Reader *r, const Token *word, unsigned *types)
{
    if (word->kind != TOKEN_WORD || utf8_count(word->folded) < TYPE_LETTERS_MIN)
        return false;
    int type = unique_state(r, word->folded, 0, TYPE_COUNT);
    if (type != STATE_NONE) {
        *types |= 1U << type;
        return true;
    }
    return unique_state(r, word->folded, TYPE_COUNT, STATE_COUNT) != STATE_NONE;
}

static ptrdiff_t read_bracket(Reader *r, ptrdiff_t i)
{
    const Tokens *t = &r->tokens;
    char closing = token_is(&t->at[i], '(') ? ')' : ']';
    unsigned types = 0;
    bool any = false;
    for (ptrdiff_t k = i + 1; k < t->count && k < i + BRACKET_TOKENS_MAX; k++) {
        const Token *token = &t->at[k];
        if (token_is(token, closing) && any) {
            r->log->types |= types;
            blank_tokens(r, i, k + 1);
            return k + 1;
        }
        if (token_is(token, '/') || wordset_has(&r->names.and, t, k))
            continue;
        if (!add_type(r, token, &types))
            return i + 1;
        any = true;
    }
    return i + 1;
}

/* -- addresses ---------------------------------------------------------------------------------------- */

/* ana@example.org, https://example.org/ana: everything joined to the @ or :// */
static bool is_address(const Tokens *t, ptrdiff_t i)
{
    if (!token_glued(t, i) || !token_glued(t, i + 1))
        return false;
    bool mail = token_is(&t->at[i], '@') && t->at[i - 1].kind != TOKEN_MARK;
    bool web =
        token_is(&t->at[i], ':') && token_is(&t->at[i + 1], '/') && t->at[i - 1].kind == TOKEN_WORD;
    return mail || web;
}

static void blank_addresses(const Reader *r)
{
    const Tokens *t = &r->tokens;
    ptrdiff_t chunk = 0;
    bool address = false;
    for (ptrdiff_t i = 0; i <= t->count; i++) {
        if (i == t->count || !token_glued(t, i)) {
            if (address)
                blank_tokens(r, chunk, i);
            chunk = i;
            address = false;
        } else {
            address = address || is_address(t, i);
        }
    }
}

static Err read_signs(Reader *r)
{
    Err e = tokens_of(r->cx, r->written, &r->tokens);
    if (e != OK)
        return e;
    blank_addresses(r);
    e = tokens_of(r->cx, view_of(r), &r->tokens);
    if (e != OK)
        return e;
    r->tags = arena_new(r->cx->arena, Str, PROSE_TAGS_MAX);
    r->new_names = arena_new(r->cx->arena, Str, PROSE_NEW_MAX);
    if (!r->tags || !r->new_names)
        return err_nomem(r->cx);
    for (ptrdiff_t i = 0; i < r->tokens.count;) {
        const Token *t = &r->tokens.at[i];
        if (is_sign(&r->tokens, i, '#'))
            i = read_tag(r, i);
        else if (is_sign(&r->tokens, i, '@'))
            i = read_place(r, i);
        else if (token_is(t, '(') || token_is(t, '['))
            i = read_bracket(r, i);
        else
            i++;
    }
    return OK;
}

/* -- times, medium, new names ------------------------------------------------------------------------- */

static Err read_when(Reader *r, WhenSense sense)
{
    Err e = when_find(r->cx, r->text, view_of(r), sense, &r->log->when);
    for (int i = 0; e == OK && i < r->log->when.span_count; i++)
        blank(r, r->log->when.spans[i].from, r->log->when.spans[i].len);
    return e;
}

static const struct MediumKey {
    const char *key;
    ProseMedium medium;
} medium_keys[] = {
    {"prose.medium.call",  PROSE_MEDIUM_CALL },
    {"prose.medium.video", PROSE_MEDIUM_VIDEO},
    {"prose.medium.text",  PROSE_MEDIUM_TEXT },
};

static Err read_medium(Reader *r)
{
    Grammar g = {0};
    Err e = OK;
    for (size_t i = 0; e == OK && i < sizeof medium_keys / sizeof medium_keys[0]; i++)
        e = grammar_add(r->cx, r->text, &g, medium_keys[i].key, medium_keys[i].medium);
    if (e != OK)
        return e;
    for (ptrdiff_t i = 0; i < r->tokens.count && !r->log->medium; i++) {
        ptrdiff_t best = 0;
        for (int k = 0; k < g.count; k++) {
            Values ignored = {0};
            ptrdiff_t n = grammar_match(&g, &g.patterns[k], &r->tokens, i, &ignored);
            if (n > best && grammar_stands_alone(&r->tokens, i, i + n)) {
                best = n;
                r->log->medium = (ProseMedium)g.patterns[k].rule;
            }
        }
    }
    return OK;
}

static bool may_be_new(const Reader *r, const NameWord *w)
{
    const Token *t = &r->tokens.at[w->from];
    return !t->lower && !t->unspaced;
}

/* The end of one to three capitalised words from i on; of one word in scripts without capitals. */
static ptrdiff_t new_name_end(const Reader *r, ptrdiff_t i, ptrdiff_t *ret_next)
{
    const Tokens *t = &r->tokens;
    ptrdiff_t end = i;
    NameWord w;
    *ret_next = i;
    if (i < t->count && t->at[i].unspaced) {
        while (end < t->count && t->at[end].unspaced && (end == i || token_glued(t, end)))
            end++;
        *ret_next = end;
        return end;
    }
    for (int n = 0; n < NEW_NAME_WORDS_MAX && name_word(&r->names, t, *ret_next, &w); n++) {
        bool apart = n > 0 && (!t->at[w.from].spaced || t->at[w.from].new_line);
        if (apart || !may_be_new(r, &w) || (n > 0 && !t->at[w.from].upper))
            break;
        bool dot = w.initial && token_glued(t, w.end) && token_is(&t->at[w.end], '.');
        end = w.end + dot;
        *ret_next = w.next > end ? w.next : end;
        if (w.owns || !t->at[w.from].upper)
            break;
    }
    return end;
}

static void add_new_name(Reader *r, Str name)
{
    for (ptrdiff_t i = 0; i < r->new_count; i++)
        if (str_ieq(r->new_names[i], name))
            return;
    r->new_names[r->new_count++] = name;
}

static ptrdiff_t read_new_name(Reader *r, ptrdiff_t i)
{
    const Tokens *t = &r->tokens;
    bool quote = opens_quote(&t->at[i + 1]);
    ptrdiff_t next = i + 1;
    ptrdiff_t end = quote ? quoted_end(t, i + 1) : new_name_end(r, i + 1, &next);
    if (end <= i + 1)
        return i + 1;
    Str name = quote ? quoted(r, i + 1, end)
                     : bytes_between(r, t->at[i + 1].from, end_of(&t->at[end - 1]));
    if (name.len == 0 || name.len > PROSE_NAME_BYTES_MAX)
        return i + 1;
    add_new_name(r, name);
    next = quote ? end : next;
    blank_tokens(r, i, next);
    return next;
}

static Err read_new_names(Reader *r)
{
    Err e = tokens_of(r->cx, view_of(r), &r->tokens);
    for (ptrdiff_t i = 0; e == OK && i < r->tokens.count && r->new_count < PROSE_NEW_MAX;)
        i = is_sign(&r->tokens, i, '+') ? read_new_name(r, i) : i + 1;
    return e;
}

static Err start(Reader *r, Str prose)
{
    if (prose.len > PROSE_MAX_BYTES)
        return err_set(r->cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", PROSE_MAX_BYTES)));
    Str clean = utf8_clean(r->cx->arena, prose, true);
    if (str_is_null(clean))
        return err_nomem(r->cx);
    r->written = str_trim(clean);
    r->view = arena_new(r->cx->arena, char, r->written.len + 1);
    if (!r->view)
        return err_nomem(r->cx);
    if (r->written.len > 0)
        memcpy(r->view, r->written.p, (size_t)r->written.len);
    return names_words(r->cx, r->text, &r->names);
}

Err prose_read(Cx *cx, const Text *text, Str prose, const ProseFinder *finder, WhenSense sense,
               ProseLog *ret)
{
    ProseLog log = {0};
    Reader r = {.cx = cx, .text = text, .log = &log};
    Err e = start(&r, prose);
    if (e == OK)
        e = read_signs(&r);
    if (e == OK)
        e = read_when(&r, sense);
    if (e == OK)
        e = read_new_names(&r);
    if (e == OK)
        e = read_medium(&r);
    log.new_names = r.new_names;
    log.new_count = r.new_count;
    if (e == OK)
        e = names_find(cx, &r.names, view_of(&r), r.written, finder, &log);
    if (e != OK)
        return e;
    log.text = r.written;
    log.tags = r.tags;
    log.tag_count = r.tag_count;
    *ret = log;
    return OK;
}
