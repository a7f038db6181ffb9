/* port/csv_columns.h - what the columns of a table of contacts hold, told by its first row.
 * Shapes  one CsvColumn for each field of the row, in its order.
 * Units   number is the one in the column's name, 0 where there is none.
 * Errors  ERR_INVALID when no column is one that people are known by; ERR_NOMEM.
 * Memory  in cx->arena; names borrow from the row.
 * Thread  pure.
 * Source  see port/csv_people.h. */
#ifndef PORT_CSV_COLUMNS_H
#define PORT_CSV_COLUMNS_H

#include "port/csv.h"
#include "port/vcard_card.h"

enum { CSV_PLACES_MAX = 8 }; /* addresses of one row */

typedef enum CsvSort {
    COLUMN_UNKNOWN,
    COLUMN_TEXT,
    COLUMN_NOTE,
    COLUMN_LIST,
    COLUMN_DATE,
    COLUMN_DATE_PART,
    COLUMN_POINT,
    COLUMN_PLACE,
    COLUMN_PRINTED,
    COLUMN_RELATED,
    COLUMN_EVENT,
    COLUMN_LABEL
} CsvSort;

/* What a column is called, and where its cells go: a member of VcardPerson (text, date), of VcardCard (lists), of
 * VcardAddress (places). What a label names, and what it stands for, are alike in `to`. */
typedef struct CsvKnown {
    const char *name;
    CsvSort sort;
    size_t to;
    unsigned types;
    const char *kind; /* of someone related */
} CsvKnown;

typedef struct CsvColumn {
    const CsvKnown *known;
    Str name;
    int number; /* in its name; 0 where there is none */
    int label;  /* of what it holds: a column, or -1 */
    int place;  /* which address it is part of */
} CsvColumn;

/* ret_own: the table is one that fonder wrote. */
MUST_CHECK Err csv_columns(Cx *cx, const CsvRow *row, const CsvColumn **ret, bool *ret_own);

#endif
