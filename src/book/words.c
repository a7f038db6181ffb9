/* book/words.c - one pass over the text, comparing only where a word begins. Text that is ASCII, as
 * most is, folds to itself in lower case and skips the Unicode tables. */
#include "book/words.h"
#include "base/utf8.h"
#include <string.h>

static bool is_ascii(Str s)
{
    unsigned char any = 0;
    for (ptrdiff_t i = 0; i < s.len; i++)
        any |= (unsigned char)s.p[i];
    return any < 0x80;
}

static Str fold_ascii(Arena *arena, Str s)
{
    char *p = arena_alloc(arena, s.len + 1, 1, 1);
    if (!p)
        return (Str){NULL, 0};
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        p[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return (Str){p, s.len};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Str words_fold(Arena *arena, Str text)
{
    Str folded = is_ascii(text) ? fold_ascii(arena, text) : utf8_fold(arena, text);
    if (str_is_null(folded))
        return folded;
    char *p = arena_alloc(arena, folded.len + 1, 1, 1);
    if (!p)
        return (Str){NULL, 0};
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < folded.len; i++) {
        bool space = is_space(folded.p[i]);
        if (!space || (n > 0 && p[n - 1] != ' '))
            p[n++] = space ? ' ' : folded.p[i];
    }
    n -= n > 0 && p[n - 1] == ' ';
    return (Str){p, n};
}

/* Han, kana and Hangul: no spaces between words, so any of them may begin one. */
static bool stands_alone(int32_t c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3134F) || (c >= 0x1100 && c <= 0x11FF);
}

static bool is_word_char(int32_t c)
{
    if (c >= 0 && c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    return utf8_is_letter(c);
}

bool words_next(Str *rest, Str *ret_word)
{
    Str from = *rest;
    while (from.len > 0) {
        Str after = from;
        if (is_word_char(utf8_next(&after)))
            break;
        from = after;
    }
    Str to = from;
    while (to.len > 0) {
        Str after = to;
        if (!is_word_char(utf8_next(&after)))
            break;
        to = after;
    }
    *ret_word = str_sub(from, 0, from.len - to.len);
    *rest = to;
    return ret_word->len > 0;
}

bool words_have(Str folded, Str prefix)
{
    bool within = false; /* the character before belongs to a word */
    while (folded.len >= prefix.len && folded.len > 0) {
        Str after = folded;
        int32_t c = utf8_next(&after);
        bool word = is_word_char(c);
        if (word && (!within || stands_alone(c)) && str_starts(folded, prefix))
            return true;
        within = word;
        folded = after;
    }
    return false;
}
