/* port/csv.h - tables as spreadsheets and address books export them.
 * Shapes  a row is an array of fields, read one row at a time; rows may differ in length. The separator is
 *         a comma, semicolon or tab, whichever the first line has most of outside quotes. Blank lines are
 *         passed over. Written rows have commas and end in CRLF.
 * Units   lines count from 1 and are those of the file, though a quoted field may span several.
 * Errors  ERR_DAMAGED a quote that is never closed, or text behind a closing quote; ERR_LIMIT past the
 *         bounds below; ERR_NOMEM. Bytes that are not UTF-8 are read as Windows-1252.
 * Memory  fields borrow from the input unless a doubled quote had to be undone; a row lives until the
 *         arena is reset.
 * Thread  one thread at a time.
 * Source  RFC 4180. */
#ifndef PORT_CSV_H
#define PORT_CSV_H

#include "base/buf.h"

enum { CSV_FILE_MAX = 64 << 20, CSV_FIELDS_MAX = 1024, CSV_FIELD_MAX = 1 << 20 };

typedef struct CsvReader {
    const char *p, *end;
    char separator;
    int64_t line; /* of the next row */
} CsvReader;

typedef struct CsvRow {
    const Str *fields;
    int n; /* 0 at the end of the file */
    int64_t line;
} CsvRow;

MUST_CHECK Err csv_open(Cx *cx, Str bytes, CsvReader *ret);
MUST_CHECK Err csv_next(Cx *cx, CsvReader *reader, CsvRow *ret);
/* Appends one row; failures stay in buf (base/buf.h). */
void csv_put(Buf *buf, const Str fields[], int n);
/* A spreadsheet would take it for a formula, with or without apostrophes in front. */
bool csv_formula(Str field);

#endif
