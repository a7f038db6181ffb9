/* text/token.c - one pass over the code points. Words are folded by base/utf8.h once here, so that every
 * comparison after this is bytewise. Linear; one small allocation a word. */
#include "text/token.h"
#include "base/utf8.h"

enum { NUMBER_DIGITS_MAX = 8, FIRST_TOKENS = 64 };

static bool is_digit(int32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static bool is_space(int32_t cp)
{
    return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == 0xA0 || cp == 0x202F ||
           cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200A);
}

static bool is_unspaced(int32_t cp)
{
    return (cp >= 0x0E00 && cp <= 0x0EFF) || (cp >= 0x1000 && cp <= 0x109F) ||
           (cp >= 0x1780 && cp <= 0x17FF) || (cp >= 0x3041 && cp <= 0x30FF) ||
           (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
           (cp >= 0x20000 && cp <= 0x3FFFF);
}

static bool continues(TokenKind kind, int32_t cp)
{
    if (kind == TOKEN_NUMBER)
        return is_digit(cp);
    return kind == TOKEN_WORD && utf8_is_letter(cp) && !is_digit(cp) && !is_unspaced(cp);
}

/* The token that starts at rest, which is moved past it. */
static Token take(Str *rest)
{
    Str start = *rest;
    int32_t cp = utf8_next(rest);
    Token t = {.kind = is_digit(cp) ? TOKEN_NUMBER : utf8_is_letter(cp) ? TOKEN_WORD : TOKEN_MARK};
    t.unspaced = t.kind == TOKEN_WORD && is_unspaced(cp);
    t.upper = utf8_is_upper(cp);
    t.lower = utf8_is_lower(cp);
    for (Str ahead = *rest; !t.unspaced && continues(t.kind, utf8_next(&ahead));)
        *rest = ahead;
    t.len = rest->p - start.p;
    return t;
}

static int number_of(Str digits)
{
    int64_t v = -1;
    if (digits.len > NUMBER_DIGITS_MAX || !str_to_i64(digits, 0, INT32_MAX, &v))
        return -1;
    return (int)v;
}

static bool ends_sentence(const Token *t)
{
    return token_is(t, '.') || token_is(t, '!') || token_is(t, '?') || token_is(t, ';') ||
           (t->kind == TOKEN_MARK && str_eq(t->folded, STR("\u3002")));
}

/* A full stop before a small letter was an abbreviation's ("7 p.m. on friday"). */
static int sentence_of(const Token *before, const Token *t)
{
    if (!before)
        return 0;
    bool opens = t->new_line || (ends_sentence(before) && (t->spaced || t->unspaced) && !t->lower);
    return before->sentence + (opens ? 1 : 0);
}

/* Nearly all words are plain ASCII, whose folding needs no tables. */
static Str folded_word(Arena *arena, Str word)
{
    char *lower = arena_new(arena, char, word.len);
    for (ptrdiff_t i = 0; lower && i < word.len; i++) {
        char c = word.p[i];
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
            return utf8_fold(arena, word);
        lower[i] = (char)(c | 0x20);
    }
    return (Str){lower, lower ? word.len : 0};
}

Err tokens_of(Cx *cx, Str prose, Tokens *ret)
{
    Token *list = NULL;
    ptrdiff_t count = 0, cap = 0;
    bool spaced = true, new_line = false;
    for (Str rest = prose; rest.len > 0;) {
        Str ahead = rest;
        int32_t cp = utf8_next(&ahead);
        if (is_space(cp)) {
            spaced = true;
            new_line = new_line || cp == '\n';
            rest = ahead;
            continue;
        }
        if (count == cap) {
            ptrdiff_t more = cap > 0                    ? cap * 2
                             : prose.len < FIRST_TOKENS ? prose.len
                                                        : FIRST_TOKENS;
            list = arena_grow(cx->arena, list, cap, more, sizeof(Token), _Alignof(Token));
            cap = more;
        }
        ptrdiff_t from = rest.p - prose.p;
        Token t = take(&rest);
        t.from = from;
        t.spaced = spaced;
        t.new_line = new_line;
        Str written = str_sub(prose, from, t.len);
        t.number = t.kind == TOKEN_NUMBER ? number_of(written) : -1;
        t.folded = t.kind == TOKEN_WORD ? folded_word(cx->arena, written) : written;
        if (!list || str_is_null(t.folded))
            return err_nomem(cx);
        t.sentence = sentence_of(count > 0 ? &list[count - 1] : NULL, &t);
        list[count++] = t;
        spaced = new_line = false;
    }
    *ret = (Tokens){prose, list, count};
    return OK;
}

bool token_is(const Token *token, char mark)
{
    return token->kind == TOKEN_MARK && token->len == 1 && token->folded.p[0] == mark;
}

bool token_glued(const Tokens *tokens, ptrdiff_t i)
{
    return i > 0 && i < tokens->count && !tokens->at[i].spaced;
}
