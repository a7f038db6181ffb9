/* base/str.c - slices. Every function is a single pass; none looks past len. */
#define _GNU_SOURCE /* memmem */
#include "base/str.h"
#include "base/arena.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Str str_c(const char *c_string)
{
    return c_string ? (Str){c_string, (ptrdiff_t)strlen(c_string)} : (Str){NULL, 0};
}

Str str_sub(Str s, ptrdiff_t from, ptrdiff_t len)
{
    if (from < 0)
        from = 0;
    if (from > s.len)
        from = s.len;
    if (len < 0)
        len = 0;
    if (len > s.len - from)
        len = s.len - from;
    return (Str){s.p ? s.p + from : NULL, len};
}

Str str_from(Str s, ptrdiff_t from)
{
    return str_sub(s, from, s.len);
}

bool str_is_null(Str s)
{
    return s.p == NULL;
}

bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, (size_t)a.len) == 0);
}

bool str_eq_c(Str a, const char *b)
{
    return str_eq(a, str_c(b));
}

static int lower(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? u + ('a' - 'A') : u;
}

bool str_ieq(Str a, Str b)
{
    return a.len == b.len && str_istarts(a, b);
}

int str_cmp(Str a, Str b)
{
    ptrdiff_t n = a.len < b.len ? a.len : b.len;
    int c = n > 0 ? memcmp(a.p, b.p, (size_t)n) : 0;
    if (c != 0)
        return c;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(Str s, Str prefix)
{
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_istarts(Str s, Str prefix)
{
    if (s.len < prefix.len)
        return false;
    for (ptrdiff_t i = 0; i < prefix.len; i++) {
        if (lower(s.p[i]) != lower(prefix.p[i]))
            return false;
    }
    return true;
}

bool str_ends(Str s, Str suffix)
{
    return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

ptrdiff_t str_find(Str s, Str needle)
{
    if (needle.len == 0)
        return 0;
    if (needle.len > s.len)
        return -1;
    const char *hit = memmem(s.p, (size_t)s.len, needle.p, (size_t)needle.len);
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_find_char(Str s, char byte)
{
    const char *hit = s.len > 0 ? memchr(s.p, byte, (size_t)s.len) : NULL;
    return hit ? hit - s.p : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Str str_trim(Str s)
{
    while (s.len > 0 && is_space(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

Str str_cut(Str *rest, char sep)
{
    ptrdiff_t at = str_find_char(*rest, sep);
    Str head = *rest;
    if (at < 0) {
        *rest = (Str){NULL, 0};
        return head;
    }
    head.len = at;
    *rest = str_from(*rest, at + 1);
    return head;
}

Str str_line(Str *rest)
{
    Str s = *rest;
    ptrdiff_t i = 0;
    while (i < s.len && s.p[i] != '\n' && s.p[i] != '\r')
        i++;
    Str head = str_sub(s, 0, i);
    if (i == s.len) {
        *rest = (Str){NULL, 0};
        return head;
    }
    bool crlf = s.p[i] == '\r' && i + 1 < s.len && s.p[i + 1] == '\n';
    *rest = str_from(s, i + (crlf ? 2 : 1));
    return head;
}

uint64_t str_hash(Str s)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (ptrdiff_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ (h >> 29);
}

Str str_dup(Arena *arena, Str s)
{
    char *p = arena_alloc(arena, s.len > 0 ? s.len : 1, 1, 1);
    if (!p)
        return (Str){NULL, 0};
    if (s.len > 0)
        memcpy(p, s.p, (size_t)s.len);
    return (Str){p, s.len};
}

const char *str_to_c(Arena *arena, Str s)
{
    char *p = arena_alloc(arena, s.len + 1, 1, 1);
    if (!p)
        return NULL;
    if (s.len > 0)
        memcpy(p, s.p, (size_t)s.len);
    p[s.len] = '\0';
    return p;
}

bool str_to_i64(Str s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = s.len > 0 && s.p[0] == '-';
    if (s.len > 0 && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_from(s, 1);
    if (s.len == 0)
        return false;
    int64_t v = 0; /* kept negative, so that INT64_MIN fits */
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
        return false;
    if (v < min || v > max)
        return false;
    *ret = v;
    return true;
}

bool str_to_double(Str s, double min, double max, double *ret)
{
    char copy[64];
    if (s.len == 0 || s.len >= (ptrdiff_t)sizeof copy || is_space(s.p[0]))
        return false;
    /* strtod also takes hexadecimal, "inf" and "nan"; a person's number never needs them. */
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.p[i] == '\0' || !strchr("0123456789+-.eE", s.p[i]))
            return false;
    }
    memcpy(copy, s.p, (size_t)s.len);
    copy[s.len] = '\0';
    char *end = NULL;
    double v = strtod(copy, &end);
    if (end != copy + s.len || !isfinite(v) || v < min || v > max)
        return false;
    *ret = v;
    return true;
}
