/* port/vcard_text.h - the bytes of a vCard one layer at a time: lines, encodings, escapes, dates.
 * Shapes  slices; VcardLines is a cursor and may be copied to look ahead.
 * Units   lines count from 1.
 * Errors  parsers return false; functions that allocate return the null slice when the arena is
 *         full.
 * Memory  results in the arena, or the input itself where nothing had to change.
 * Thread  pure.
 * Source  see port/vcard.h. */
#ifndef PORT_VCARD_TEXT_H
#define PORT_VCARD_TEXT_H

#include "port/vcard.h"

/* -- lines: "\n", "\r\n", "\r\r\n" (some telephones) or a lone "\r" -- */
typedef struct VcardLines {
    const char *p, *end;
    int64_t line;        /* number of the line last read; 0 before the first */
    bool lone_cr;        /* some line ends in "\r" alone */
    const char *newline; /* then: the first "\n" at or behind p, or end, searched for once */
} VcardLines;

VcardLines vcard_lines(Str bytes);
bool vcard_line_next(VcardLines *lines, Str *ret); /* false at the end */
/* The next line, if any, starts with a space or tab. */
bool vcard_line_folds(const VcardLines *lines);

/* -- what a value may hold: never less than it does -- */
enum {
    VCARD_HAS_HIGH = 1 << 0,    /* bytes past ASCII */
    VCARD_HAS_CONTROL = 1 << 1, /* C0 controls, newline and tab too, and DEL */
    VCARD_HAS_BACKSLASH = 1 << 2
};
unsigned vcard_scan(Str s);

/* -- encodings -- */
/* Broken "=XY" stays as it is and is counted in *bad. */
Str vcard_unquote(Arena *arena, Str s, ptrdiff_t *bad);
/* Spaces are skipped; false when the rest is not base64. */
bool vcard_unbase64(Arena *arena, Str s, Str *ret);
/* RFC 6868: ^n, ^' and ^^. */
Str vcard_uncaret(Arena *arena, Str s);

/* str_trim, but without a call where there is nothing to trim. */
static inline Str vcard_trim(Str s)
{
    bool space =
        s.len > 0 && ((unsigned char)s.p[0] <= ' ' || (unsigned char)s.p[s.len - 1] <= ' ');
    return space ? str_trim(s) : s;
}

/* -- text -- */
/* Splits at the first separator that no backslash protects; as str_cut. */
Str vcard_cut(Str *rest, char separator);
/* Valid UTF-8 with the given scan: escapes undone, cleaned (base/utf8.h), trimmed. */
Str vcard_plain(Arena *arena, Str s, unsigned scan, bool multiline);

/* -- dates -- */
/* 19850412, 1985-04-12, --0412, --04-12, 1985-04, 1985, --04, ---12, each with or without a time,
 * and year 0000 or omit_year (Apple's 1604) for no year. Only days that exist. */
bool vcard_date_parse(Str s, Str omit_year, VcardDate *ret);
/* As far as it is given: a month of the year, a day of that month in that year. */
bool vcard_date_exists(const VcardDate *date);

#endif
