/* book/words.h - where words begin in folded text.
 * Shapes  folded text is what utf8_fold makes: no case, no accents. In scripts written without spaces
 *         every character begins a word.
 * Memory  word_list in the arena; the rest borrows.
 * Thread  pure. */
#ifndef BOOK_WORDS_H
#define BOOK_WORDS_H

#include "base/cx.h"

/* Folded, trimmed, each run of spaces one space; a null slice when the arena is full. */
Str words_fold(Arena *arena, Str text);
/* The next word of folded text: letters and digits, as far as they go together. */
bool words_next(Str *rest, Str *ret_word);
/* Does a word of folded text begin with prefix (one word, folded)? */
bool words_have(Str folded, Str prefix);

/* The same of text that is ASCII, as it stands. */
bool words_have_ascii(Str text, Str prefix);
bool words_are_ascii(Str text);
/* Where the next word of folded text begins, to its end; *io_within starts false. */
bool words_begin(Str *rest, bool *io_within, Str *ret_from);
bool words_letter(int32_t c); /* is it part of a word? */
bool words_alone(int32_t c);  /* a character that begins a word wherever it stands */

#endif
