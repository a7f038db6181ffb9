/* base/utf8.c - over utf8proc; linear in the input. */
#include "base/utf8.h"
#include "base/buf.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static utf8proc_ssize_t step(Str s, int32_t *ret)
{
    utf8proc_int32_t cp = -1;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p, s.len, &cp);
    *ret = n > 0 ? cp : 0xFFFD;
    return n > 0 ? n : 1;
}

bool utf8_valid(Str s)
{
    const char *p = s.p, *end = p ? p + s.len : p;
    while (p < end) {
        utf8proc_int32_t cp = -1;
        utf8proc_ssize_t n = 1;
        uint64_t eight = UINT64_MAX;
        if (s.len >=
            8) /* ASCII is most of what comes, and needs no call; the last eight may be looked at twice */
            memcpy(&eight, end - p >= 8 ? p : end - 8, 8);
        if (!(eight & 0x8080808080808080u))
            n = end - p >= 8 ? 8 : end - p;
        else if ((unsigned char)*p >= 0x80)
            n = utf8proc_iterate((const utf8proc_uint8_t *)p, end - p, &cp);
        if (n <= 0)
            return false;
        p += n;
    }
    return true;
}

int32_t utf8_next(Str *s)
{
    if (s->len <= 0)
        return -1;
    int32_t cp = (unsigned char)*s->p;
    ptrdiff_t n = cp < 0x80 ? 1 : step(*s, &cp);
    *s = (Str){s->p + n, s->len - n};
    return cp;
}

int utf8_encode(int32_t code_point, char out[4])
{
    if (!utf8proc_codepoint_valid(code_point))
        return 0;
    return (int)utf8proc_encode_char(code_point, (utf8proc_uint8_t *)out);
}

ptrdiff_t utf8_count(Str s)
{
    ptrdiff_t n = 0;
    while (utf8_next(&s) >= 0)
        n++;
    return n;
}

static bool keeps(int32_t cp, bool multiline)
{
    if (cp == '\n' || cp == '\t')
        return multiline;
    if (cp == 0x200C || cp == 0x200D) /* joiners: Persian, Indic scripts and emoji need them */
        return true;
    utf8proc_category_t c = utf8proc_category(cp);
    return c != UTF8PROC_CATEGORY_CC && c != UTF8PROC_CATEGORY_CF && c != UTF8PROC_CATEGORY_CS &&
           c != UTF8PROC_CATEGORY_CO && c != UTF8PROC_CATEGORY_ZL && c != UTF8PROC_CATEGORY_ZP;
}

static Str map(Arena *arena, Str s, utf8proc_option_t options)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p, s.len, &out, options);
    Str ret = n < 0 ? (Str){NULL, 0} : str_dup(arena, (Str){(const char *)out, n});
    free(out);
    return ret;
}

Str utf8_clean(Arena *arena, Str s, bool multiline)
{
    Cx cx = {.arena = arena};
    Buf buf = buf_make(arena, s.len * 3 + 1);
    while (s.len > 0) {
        bool crlf = s.p[0] == '\r';
        if (crlf && s.len > 1 && s.p[1] == '\n')
            s = str_from(s, 1);
        int32_t cp = utf8_next(&s);
        char out[4];
        if (crlf)
            cp = '\n';
        if (keeps(cp, multiline))
            buf_bytes(&buf, out, utf8_encode(cp, out));
        else if (cp == '\n' || cp == '\t' || cp == 0x2028 || cp == 0x2029)
            buf_char(&buf, ' ');
    }
    Str clean = {NULL, 0};
    if (buf_done(&cx, &buf, &clean) != OK)
        return (Str){NULL, 0};
    return map(arena, clean, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

Str utf8_fold(Arena *arena, Str s)
{
    Str clean = utf8_clean(arena, s, true);
    if (str_is_null(clean))
        return clean;
    return map(arena, clean,
               UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                   UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
}

int utf8_width(Str s)
{
    int columns = 0;
    for (int32_t cp = utf8_next(&s); cp >= 0; cp = utf8_next(&s))
        columns += utf8proc_charwidth(cp);
    return columns;
}

bool utf8_is_letter(int32_t code_point)
{
    if (code_point < 0)
        return false;
    utf8proc_category_t c = utf8proc_category(code_point);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

bool utf8_is_upper(int32_t code_point)
{
    utf8proc_category_t c = utf8proc_category(code_point);
    return c == UTF8PROC_CATEGORY_LU || c == UTF8PROC_CATEGORY_LT;
}

bool utf8_is_lower(int32_t code_point)
{
    return utf8proc_category(code_point) == UTF8PROC_CATEGORY_LL;
}

Str utf8_prefix(Str s, ptrdiff_t max_chars)
{
    Str rest = s;
    ptrdiff_t cut = 0, count = 0;
    int32_t before = -1;
    utf8proc_int32_t state = 0;
    while (rest.len > 0) {
        ptrdiff_t at = rest.p - s.p;
        int32_t cp = utf8_next(&rest);
        if (before >= 0 && utf8proc_grapheme_break_stateful(before, cp, &state))
            cut = at;
        if (count == max_chars)
            return str_sub(s, 0, cut > 0 ? cut : at);
        count++;
        before = cp;
    }
    return s;
}
