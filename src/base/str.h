/* base/str.h - a length-delimited slice of bytes that never owns them.
 * Shapes  p may be NULL only when len is 0; bytes are UTF-8 where a person wrote them, and may hold NUL.
 * Units   len in bytes.
 * Errors  parsers return false and leave ret untouched; allocating functions return a Str whose p is
 *         NULL and len 0 when the arena is full (compare with str_is_null).
 * Memory  str_dup, str_to_c, str_fold allocate in the arena; everything else borrows.
 * Thread  pure. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

typedef struct Str {
    const char *p;
    ptrdiff_t len;
} Str;

/* STR("literal"), also in static initialisers. */
#define STR(lit) ((Str){(lit), (ptrdiff_t)sizeof(lit) - 1})
/* printf("%.*s", STR_FMT(s)) for slices known to be short. */
#define STR_FMT(s) (int)(s).len, (s).p

Str str_c(const char *c_string); /* NULL gives the empty slice */
Str str_sub(Str s, ptrdiff_t from, ptrdiff_t len); /* clamped to s */
Str str_from(Str s, ptrdiff_t from);
bool str_is_null(Str s);
bool str_eq(Str a, Str b);
bool str_eq_c(Str a, const char *b);
bool str_ieq(Str a, Str b); /* ASCII case folded */
int str_cmp(Str a, Str b);  /* bytewise, shorter first; for qsort */
bool str_starts(Str s, Str prefix);
bool str_istarts(Str s, Str prefix); /* ASCII case folded */
bool str_ends(Str s, Str suffix);
ptrdiff_t str_find(Str s, Str needle);     /* -1 when absent */
ptrdiff_t str_find_char(Str s, char byte); /* -1 when absent */
Str str_trim(Str s);                       /* ASCII space, tab, CR, LF at both ends */
/* Splits at the first sep: returns what stands before it and moves *rest behind it. At the end of
 * the slice returns what is left and sets rest->p to NULL; loop while (rest.p). */
Str str_cut(Str *rest, char sep);
/* As str_cut, at "\n", "\r\n" or a lone "\r". */
Str str_line(Str *rest);
uint64_t str_hash(Str s); /* not for hostile keys in unbounded tables */

Str str_dup(Arena *arena, Str s);
const char *str_to_c(Arena *arena, Str s); /* NUL-terminated copy, or NULL when the arena is full */

/* Whole slice, optional sign, decimal digits, within [min, max]. */
bool str_to_i64(Str s, int64_t min, int64_t max, int64_t *ret);
/* Whole slice, C locale, finite, within [min, max]. */
bool str_to_double(Str s, double min, double max, double *ret);

#endif
