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

#endif
