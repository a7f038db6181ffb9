/* lab/data.h - the rows of a table as the series of a model.
 * Shapes  a series is what shares an id, in the order of the file (rows of several ids may be mixed); one series
 *         without a column id. Items are the columns that the model names, else all that are not id, t or u:NAME.
 * Units   t in the model's unit.
 * Errors  ERR_INVALID a column that is missing, too many or not used, a time that is missing or goes back, a
 *         number that is none: with file, line and column. Equal times are simultaneous, no error.
 * Memory  in cx->arena.
 * Thread  pure. */
#ifndef LAB_DATA_H
#define LAB_DATA_H

#include "lab/model.h"
#include "lab/table.h"

typedef struct LabData {
    Str file;
    ptrdiff_t count; /* series */
    LdsData *series;
    Str *id;              /* count; null without ids */
    const int64_t **line; /* count; of each row */
    bool has_id;
    int items;
    Str item[LDS_ITEMS_MAX];
} LabData;

/* items < 0: as many as there are columns. impulse names items of lds.u columns "u:NAME". */
MUST_CHECK Err data_read(Cx *cx, const LabTable *t, const LabModel *model, LabData *ret);
/* The items alone, for models without a file: all columns that are not id or t. */
MUST_CHECK Err data_read_items(Cx *cx, const LabTable *t, LabData *ret);
/* Puts file and line of the row that cx->why speaks of before the reason. */
Err data_place(Cx *cx, const LabData *d, ptrdiff_t series, Err e);

#endif
