/* port/markdown.h - people's words inside Markdown, where they stay words.
 * Shapes  whatever CommonMark, GitHub or Pandoc would take for markup, HTML, an entity or a link gets a
 *         backslash; letters, marks and spaces stay as they are.
 * Memory  the buffer's.
 * Thread  pure.
 * Source  CommonMark 0.30, 2.4 (backslash escapes); GitHub Flavored Markdown, 6.9 (autolinks). */
#ifndef PORT_MARKDOWN_H
#define PORT_MARKDOWN_H

#include "base/buf.h"

/* One line, wherever a line of text may stand: in a heading, a list item, a paragraph. */
void markdown_line(Buf *buf, Str line);
/* Lines as a quotation; each stays a line, an empty one ends a paragraph. Nothing for no text. */
void markdown_quote(Buf *buf, Str text);

#endif
