/* port/vcard_text.c - the layers of a vCard value. Each function reads its bytes once and returns
 * the input itself when there is nothing to undo, which for real address books is nearly always: so
 * the common value costs one table look-up a byte and no memory. */
#include "port/vcard_text.h"
#include "base/time.h"
#include "base/utf8.h"
#include <string.h>

/* Whether any "\r" ends a line by itself: seldom, and worth a glance at the whole file (which the compiler
 * turns into wide comparisons) to spare a second search in every line. */
static bool has_lone_cr(const char *p, ptrdiff_t len)
{
    unsigned char lone = len > 0 && p[len - 1] == '\r';
    for (ptrdiff_t i = 0; i < len - 1; i++) {
        unsigned char here = p[i] == '\r', goes_on = (p[i + 1] == '\n') | (p[i + 1] == '\r');
        lone |= (unsigned char)(here & (goes_on ^ 1));
    }
    return lone != 0;
}

VcardLines vcard_lines(Str bytes)
{
    const char *p = bytes.p ? bytes.p : "";
    return (VcardLines){.p = p, .end = p + bytes.len, .lone_cr = has_lone_cr(p, bytes.len)};
}

/* With lone carriage returns: the nearer of the two ends. */
static const char *mixed_end(VcardLines *lines, const char **ret_next)
{
    const char *p = lines->p, *end = lines->end;
    if (!lines->newline || lines->newline < p) {
        const char *found = memchr(p, '\n', (size_t)(end - p));
        lines->newline = found ? found : end;
    }
    const char *nl = lines->newline;
    const char *cr = memchr(p, '\r', (size_t)(nl - p));
    bool with_newline = !cr || nl - cr == 1 || (nl - cr == 2 && cr[1] == '\r');
    *ret_next = !with_newline ? cr + 1 : nl < end ? nl + 1 : end;
    return cr ? cr : nl;
}

bool vcard_line_next(VcardLines *lines, Str *ret)
{
    const char *p = lines->p, *stop = NULL;
    if (p == lines->end)
        return false;
    if (lines->lone_cr) {
        stop = mixed_end(lines, &lines->p);
    } else {
        const char *nl = memchr(p, '\n', (size_t)(lines->end - p));
        stop = nl ? nl : lines->end;
        lines->p = nl ? nl + 1 : lines->end;
        while (stop > p && stop[-1] == '\r')
            stop--;
    }
    lines->line++;
    *ret = (Str){p, stop - p};
    return true;
}

bool vcard_line_folds(const VcardLines *lines)
{
    return lines->p < lines->end && (*lines->p == ' ' || *lines->p == '\t');
}

static const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;

/* Which bytes of w are controls: the top bit of such a byte is set. A byte behind a match may be marked
 * in error, which only costs a closer look later; so may the sum for backslashes below. */
static inline uint64_t controls(uint64_t w)
{
    uint64_t del = w ^ ones * 127;
    return ((w - ones * 32) & ~w) | ((del - ones) & ~del);
}

/* Eight bytes at a time, the last eight overlapping those before. */
unsigned vcard_scan(Str s)
{
    uint64_t high = 0, control = 0, backslash = 0, w = 0;
    for (ptrdiff_t i = 0; i < s.len; i += 8) {
        if (s.len >= 8) {
            memcpy(&w, s.p + (s.len - i >= 8 ? i : s.len - 8), 8);
        } else {
            w = ones * ' ';
            for (ptrdiff_t k = 0; k < s.len; k++)
                w = w << 8 | (unsigned char)s.p[k];
        }
        uint64_t slash = w ^ ones * '\\';
        high |= w;
        control |= controls(w);
        backslash |= (slash - ones) & ~slash;
    }
    return (high & tops ? VCARD_HAS_HIGH : 0u) | (control & tops ? VCARD_HAS_CONTROL : 0u) |
           (backslash & tops ? VCARD_HAS_BACKSLASH : 0u);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Str vcard_unquote(Arena *arena, Str s, ptrdiff_t *bad)
{
    char *out = arena_alloc(arena, s.len + 1, 1, 1);
    if (!out)
        return (Str){NULL, 0};
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        int high = s.p[i] == '=' && i + 2 < s.len ? hex(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex(s.p[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            *bad += s.p[i] == '=';
            out[n++] = s.p[i];
        }
    }
    return (Str){out, n};
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

bool vcard_unbase64(Arena *arena, Str s, Str *ret)
{
    char *out = arena_alloc(arena, s.len + 1, 1, 1);
    if (!out)
        return false;
    ptrdiff_t n = 0;
    unsigned bits = 0;
    int held = 0;
    for (ptrdiff_t i = 0; i < s.len && s.p[i] != '='; i++) {
        if (s.p[i] == ' ' || s.p[i] == '\t')
            continue;
        int six = sextet(s.p[i]);
        if (six < 0)
            return false;
        bits = (bits << 6 | (unsigned)six) & 0xFFFFFF;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (char)(bits >> held & 0xFF);
        }
    }
    *ret = (Str){out, n};
    return true;
}

Str vcard_uncaret(Arena *arena, Str s)
{
    if (str_find_char(s, '^') < 0)
        return s;
    char *out = arena_alloc(arena, s.len, 1, 1);
    if (!out)
        return (Str){NULL, 0};
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char next = s.p[i] == '^' && i + 1 < s.len ? s.p[i + 1] : '\0';
        bool known = next == 'n' || next == '\'' || next == '^';
        out[n++] = !known ? s.p[i] : next == 'n' ? '\n' : next == '\'' ? '"' : '^';
        i += known;
    }
    return (Str){out, n};
}

Str vcard_cut(Str *rest, char separator)
{
    const char *p = rest->p, *end = p ? p + rest->len : p;
    Str s = *rest;
    for (; p < end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == separator) {
            *rest = (Str){p + 1, end - p - 1};
            return (Str){s.p, p - s.p};
        }
    }
    *rest = (Str){NULL, 0};
    return s;
}

/* "\n" and "\N" are a newline; a backslash before punctuation protects it; before anything else it is
 * itself, as in a path that some writer forgot to escape. */
static Str unescape(Arena *arena, Str s)
{
    char *out = arena_alloc(arena, s.len, 1, 1);
    if (!out)
        return (Str){NULL, 0};
    ptrdiff_t n = 0;
    for (;;) {
        ptrdiff_t at = str_find_char(s, '\\');
        ptrdiff_t run = at < 0 ? s.len : at;
        memcpy(out + n, s.p, (size_t)run);
        n += run;
        if (at < 0)
            return (Str){out, n};
        char next = at + 1 < s.len ? s.p[at + 1] : '\0';
        bool newline = next == 'n' || next == 'N';
        bool guarded = next == ',' || next == ';' || next == '\\' || next == ':' || next == '"';
        out[n++] = newline ? '\n' : guarded ? next : '\\';
        s = str_from(s, at + (newline || guarded ? 2 : 1));
    }
}

/* Letters that are composed already and stand alone, so that NFC leaves any sequence of them as it
 * is: Latin, Greek, Cyrillic, Arabic letters, Vietnamese, kana, Han, Hangul syllables, dashes and
 * quotes. */
static bool is_settled(int32_t cp)
{
    if (cp < 0x300)
        return cp >= 0xA1 && cp != 0xAD;
    if (cp < 0x1E00)
        return (cp >= 0x388 && cp <= 0x3CE) || (cp >= 0x400 && cp <= 0x482) ||
               (cp >= 0x48A && cp <= 0x52F) || (cp >= 0x621 && cp <= 0x64A);
    return cp <= 0x1EFF || (cp >= 0x2010 && cp <= 0x2027) || cp == 0x20AC ||
           (cp >= 0x3041 && cp <= 0x3096) || (cp >= 0x30A1 && cp <= 0x30FC) ||
           (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0xAC00 && cp <= 0xD7A3);
}

/* Past the plain ASCII at p, eight bytes at a time: most of a text with accents is that. */
static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
    uint64_t w = 0;
    for (; end - p >= 8; p += 8) {
        memcpy(&w, p, 8);
        if ((w | controls(w)) & tops)
            break;
    }
    return p;
}

/* The letter of two or three bytes at *p, which moves past it; -1 for a longer one. */
static int32_t short_letter(const unsigned char **p)
{
    int32_t b = *(*p)++;
    if (b >= 0xF0)
        return -1;
    int32_t cp = b < 0xE0 ? b & 0x1F : (b & 0x0F) << 6 | (*(*p)++ & 0x3F);
    return cp << 6 | (*(*p)++ & 0x3F);
}

/* s, which is valid UTF-8, is ASCII without controls and settled letters of at most three bytes; false may
 * only mean "not sure". */
static bool is_clean(Str s, bool multiline)
{
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.len;
    for (p = skip_ascii(p, end); p < end; p = skip_ascii(p, end)) {
        bool clean = false;
        if (*p >= 0x80) {
            clean = is_settled(short_letter(&p));
        } else {
            clean = *p == '\n' ? multiline : *p >= 32 && *p != 127;
            p++;
        }
        if (!clean)
            return false;
    }
    return true;
}

Str vcard_plain(Arena *arena, Str s, unsigned scan, bool multiline)
{
    if (scan & VCARD_HAS_BACKSLASH && str_find_char(s, '\\') >= 0) {
        s = unescape(arena, s);
        scan |= multiline ? 0u : VCARD_HAS_CONTROL; /* "\n" may be among them */
    }
    s = vcard_trim(s);
    if (!(scan & (VCARD_HAS_HIGH | VCARD_HAS_CONTROL)) || is_clean(s, multiline))
        return s;
    s = utf8_clean(arena, s, multiline);
    return str_is_null(s) ? s : str_trim(s); /* a control at the edge may have guarded a space */
}

/* Reads 1 to most digits; 0 when there is none. */
static int digits(Str *s, int most, int *ret)
{
    int n = 0, v = 0;
    while (n < most && n < s->len && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    *s = str_from(*s, n);
    *ret = v;
    return n;
}

static bool skip(Str *s, char c)
{
    if (s->len == 0 || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

/* A time of day is understood and dropped: nobody's birthday depends on it. */
static bool is_time(Str s)
{
    bool some = s.len > 0;
    for (ptrdiff_t i = 0; i < s.len; i++)
        some = some && s.p[i] != '\0' && strchr("0123456789:+-.,Zz", s.p[i]);
    return some;
}

bool vcard_date_exists(const VcardDate *d)
{
    if (d->month > 12 || (d->month == 0 && d->day > 31))
        return false;
    /* Without a year 29 February may be meant. */
    return d->month == 0 || d->day <= time_days_in_month(d->year > 0 ? d->year : 2000, d->month);
}

/* What follows the year, or the "--" that stands for it. */
static bool month_and_day(Str *s, bool has_year, VcardDate *d)
{
    if (!has_year && skip(s, '-'))
        return digits(s, 2, &d->day) == 2 && d->day > 0;
    if (s->len == 0)
        return has_year;
    bool dash = has_year && skip(s, '-');
    if (digits(s, 2, &d->month) < (dash ? 1 : 2) || d->month == 0)
        return false;
    if (s->len == 0)
        return dash || !has_year; /* 198504 would be a year and a month, or a short date */
    if (has_year && !dash && s->p[0] == '-')
        return false;
    bool second = skip(s, '-');
    return digits(s, 2, &d->day) >= (second ? 1 : 2) && d->day > 0;
}

bool vcard_date_parse(Str s, Str omit_year, VcardDate *ret)
{
    s = str_trim(s);
    ptrdiff_t at = 0;
    while (at < s.len && s.p[at] != 'T' && s.p[at] != 't' && s.p[at] != ' ')
        at++;
    if (at < s.len && !is_time(str_from(s, at + 1)))
        return false;
    s = str_sub(s, 0, at);
    Str year = str_sub(s, 0, 4);
    VcardDate d = {.year = 0};
    bool has_year = !str_starts(s, STR("--"));
    if (!has_year)
        s = str_from(s, 2);
    else if (digits(&s, 4, &d.year) != 4)
        return false;
    if (!month_and_day(&s, has_year, &d) || s.len > 0)
        return false;
    if (has_year && str_eq(year, omit_year))
        d.year = 0;
    if (!vcard_date_exists(&d) || !vcard_date_is_set(&d))
        return false;
    *ret = d;
    return true;
}

bool vcard_date_is_set(const VcardDate *date)
{
    return date->year > 0 || date->month > 0 || date->day > 0 || date->text.len > 0;
}
