/* book/words.c - one pass over the text, comparing only where a word begins. Text that is ASCII, as
 * most is, folds to itself in lower case and skips the Unicode tables. */
#include "book/words.h"
#include "base/utf8.h"
#include <string.h>

bool words_are_ascii(Str s)
{
    uint64_t any = 0, eight = 0;
    ptrdiff_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        memcpy(&eight, s.p + i, 8);
        any |= eight;
    }
    for (; i < s.len; i++)
        any |= (unsigned char)s.p[i];
    return (any & UINT64_C(0x8080808080808080)) == 0;
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
    Str folded = words_are_ascii(text) ? fold_ascii(arena, text) : utf8_fold(arena, text);
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
bool words_alone(int32_t c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3134F) || (c >= 0x1100 && c <= 0x11FF);
}

bool words_letter(int32_t c)
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
        if (words_letter(utf8_next(&after)))
            break;
        from = after;
    }
    Str to = from;
    while (to.len > 0) {
        Str after = to;
        if (!words_letter(utf8_next(&after)))
            break;
        to = after;
    }
    *ret_word = str_sub(from, 0, from.len - to.len);
    *rest = to;
    return ret_word->len > 0;
}

bool words_begin(Str *rest, bool *io_within, Str *ret_from)
{
    while (rest->len > 0) {
        Str from = *rest;
        int32_t c = utf8_next(rest);
        bool word = words_letter(c), begins = word && (!*io_within || words_alone(c));
        *io_within = word;
        if (begins) {
            *ret_from = from;
            return true;
        }
    }
    return false;
}

bool words_have(Str folded, Str prefix)
{
    Str from = {NULL, 0};
    for (bool within = false; words_begin(&folded, &within, &from);) {
        if (str_starts(from, prefix))
            return true;
    }
    return false;
}

static bool ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool ascii_starts(const char *p, Str prefix)
{
    ptrdiff_t i = 0;
    while (i < prefix.len) {
        char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + ('a' - 'A')) : p[i];
        if (c != prefix.p[i])
            break;
        i++;
    }
    return i == prefix.len;
}

/* Looks at the places where the first letter stands, large or small, and only there. */
bool words_have_ascii(Str text, Str prefix)
{
    if (prefix.len == 0 || text.len < prefix.len || prefix.p[0] < 0)
        return false;
    const char *end = text.p + (text.len - prefix.len) + 1;
    char small = prefix.p[0],
         large = small >= 'a' && small <= 'z' ? (char)(small - ('a' - 'A')) : small;
    for (int i = 0; i < (large == small ? 1 : 2); i++) {
        char first = i == 0 ? small : large;
        for (const char *p = text.p; p < end && (p = memchr(p, first, (size_t)(end - p))); p++) {
            if ((p == text.p || !ascii_letter(p[-1])) && ascii_starts(p, prefix))
                return true;
        }
    }
    return false;
}
