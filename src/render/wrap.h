/* render/wrap.h - plain text laid out for a terminal. Colour is never used, so NO_COLOR has nothing to
 * switch off and output looks the same in a pipe.
 * Shapes  text as a template gave it. A line is a paragraph: it is filled word by word, and what does not
 *         fit goes on below, under the line's own beginning ("- " and "1. " hang). Lines that hold tabs,
 *         standing together, are a table: columns are aligned, the last one wraps; where that would leave
 *         it under WRAP_LAST_MIN columns, cells stand below each other instead. Several empty lines
 *         become one, none stays at the ends.
 * Units   terminal columns as utf8_width counts them; fewer than WRAP_COLUMNS_MIN counts as that many.
 * Errors  ERR_LIMIT past WRAP_BYTES_MAX, ERR_NOMEM. No line is wider than columns but one of a single
 *         word that is.
 * Memory  *ret in cx->arena; ends with a newline unless empty.
 * Thread  pure. */
#ifndef RENDER_WRAP_H
#define RENDER_WRAP_H

#include "base/cx.h"

enum { WRAP_COLUMNS_MIN = 20, WRAP_LAST_MIN = 20, WRAP_BYTES_MAX = 16 << 20 };

MUST_CHECK Err wrap_text(Cx *cx, Str text, int columns, Str *ret);

#endif
