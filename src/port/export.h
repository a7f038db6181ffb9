/* port/export.h - everything, or the people, in open formats.
 * Shapes  whole files as bytes; or into a buffer that may hand on what it has after every entry or person, so
 *         that a life of any length needs the memory of one of them.
 * Errors  ERR_LIMIT past EXPORT_MAX bytes; ERR_NOMEM.
 * Memory  *ret in cx->arena.
 * Thread  pure over a book that does not change meanwhile. */
#ifndef PORT_EXPORT_H
#define PORT_EXPORT_H

#include "base/buf.h"
#include "book/book.h"

enum { EXPORT_MAX = 1 << 30 };

/* Every object with every field, one JSON object a line. */
MUST_CHECK Err export_jsonl(Cx *cx, const Book *book, Str *ret);
MUST_CHECK Err export_vcard4(Cx *cx, const Book *book, Str *ret);
MUST_CHECK Err export_vcard3(Cx *cx, const Book *book, Str *ret);
/* One row a person. */
MUST_CHECK Err export_csv(Cx *cx, const Book *book, Str *ret);
/* The story of each relationship, to be read. */
MUST_CHECK Err export_markdown(Cx *cx, const Book *book, Str *ret);
/* Birthdays and anniversaries, yearly. */
MUST_CHECK Err export_icalendar(Cx *cx, const Book *book, Str *ret);

/* The same into a buffer, whose own state says whether there was room. */
typedef Err ExportWrite(Cx *cx, const Book *book, Buf *out);
ExportWrite export_jsonl_to, export_vcard4_to, export_vcard3_to, export_csv_to, export_markdown_to,
    export_icalendar_to;

#endif
