/* base/utf8.h - text that people wrote: valid, composed, without control characters.
 * Shapes  slices of UTF-8.
 * Errors  ERR_INVALID for bytes that are not UTF-8; null slice when the arena is full.
 * Memory  results in the arena.
 * Thread  pure.
 * Source  Unicode 15 through utf8proc: NFC, NFKC_Casefold, East Asian Width. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/cx.h"

bool utf8_valid(Str s);
/* Decodes one code point at s and moves past it; U+FFFD for a bad byte. -1 at the end. */
int32_t utf8_next(Str *s);
/* Encodes into out[4]; returns the number of bytes, 0 for what is no scalar value. */
int utf8_encode(int32_t code_point, char out[4]);
ptrdiff_t utf8_count(Str s); /* code points */
/* NFC, line ends to \n, C0, C1, bidi controls and other invisible formatting removed; tabs and
 * newlines kept only where multiline. Invalid bytes become U+FFFD. */
Str utf8_clean(Arena *arena, Str s, bool multiline);
/* For comparing and searching: case and accents folded ("Zoë" -> "zoe"), compatibility forms too. */
Str utf8_fold(Arena *arena, Str s);
/* Terminal columns; wide CJK counts two, combining marks none. */
int utf8_width(Str s);
bool utf8_is_letter(int32_t code_point); /* letter, mark or digit */
bool utf8_is_upper(int32_t code_point);  /* a capital; scripts without case have neither */
bool utf8_is_lower(int32_t code_point);
/* The first max_chars code points, cut where a grapheme ends, or within the first one when that alone is longer. */
Str utf8_prefix(Str s, ptrdiff_t max_chars);

#endif
