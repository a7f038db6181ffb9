/* lab/table.h - a CSV file with a header as rows of cells that know their line.
 * Shapes  every row as many cells as the header; empty lines are passed over; at most TABLE_COLUMNS columns.
 * Units   lines and columns from 1.
 * Errors  ERR_INVALID a row of another length, a quote that is never closed, bytes that are not UTF-8, no header, a
 *         column twice: with file, line and column; ERR_LIMIT; ERR_NOMEM.
 * Memory  cells in cx->arena; they borrow the bytes unless a doubled quote had to be undone.
 * Thread  pure.
 * Source  RFC 4180. */
#ifndef LAB_TABLE_H
#define LAB_TABLE_H

#include "base/cx.h"

enum { TABLE_COLUMNS = 512, TABLE_BYTES = 64 << 20 };

typedef struct LabTable {
    Str file;
    int columns;
    const Str *name;
    ptrdiff_t rows;
    const Str *cell;     /* rows x columns */
    const int64_t *line; /* rows */
} LabTable;

MUST_CHECK Err table_read(Cx *cx, Str file, Str bytes, LabTable *ret);
int table_column(const LabTable *t, const char *name); /* -1 when absent */
/* The same, or an error that lists what is there. */
MUST_CHECK Err table_need(Cx *cx, const LabTable *t, const char *name, int *ret);
/* An empty cell, or NA as R writes it, is NAN. */
MUST_CHECK Err table_number(Cx *cx, const LabTable *t, ptrdiff_t row, int column, double *ret);
/* What num/ refuses of a table as a whole, said again with its file; any other failure, and OK, as they are. */
MUST_CHECK Err table_refused(Cx *cx, const LabTable *t, Err e);
/* err_set with file, line, column and the column's name. */
MUST_CHECK Err table_wrong(Cx *cx, const LabTable *t, ptrdiff_t row, int column, const char *key);

#endif
