/* port/export_parts.h - what the writers of people share: everyone in turn, clean text, dates.
 * Shapes  text comes out composed and trimmed, without control characters, whatever a book took in.
 * Errors  sticky in Sheet.err; text that found no memory is "".
 * Memory  a sheet's arena lasts for one person.
 * Thread  pure. */
#ifndef PORT_EXPORT_PARTS_H
#define PORT_EXPORT_PARTS_H

#include "base/buf.h"
#include "port/export.h"
#include "text/text.h"

/* One person while they are being written. */
typedef struct Sheet {
    Cx *cx; /* over an arena that lasts for this sheet */
    const Book *book;
    const Text *text; /* the owner's language */
    BookPerson person;
    Buf *out;
    Err err;
} Sheet;

typedef void SheetPut(Sheet *sheet);

/* Everyone present, by name; each on a sheet of its own. */
MUST_CHECK Err sheet_each(Cx *cx, const Book *book, Buf *out, SheetPut *put);
/* The same for one sheet that is about nobody: what its owner wrote alone. */
MUST_CHECK Err sheet_alone(Cx *cx, const Book *book, Buf *out, SheetPut *put);

bool sheet_ok(Sheet *sheet, Err e);      /* remembers the first failure */
Str sheet_line(Sheet *sheet, Str text);  /* one line */
Str sheet_lines(Sheet *sheet, Str text); /* newlines kept */
Str sheet_name(Sheet *sheet);            /* never empty */

typedef struct Ymd {
    int year, month, day; /* year 0 unknown */
} Ymd;
Ymd ymd_of(int32_t date);
/* 1985-04-12, --04-12; nothing for 0. */
void put_ymd(Buf *buf, int32_t date);

#endif
