/* lab/data.h - the rows of a table as the series of a model.
 * Shapes  a series is what shares an id, in the order of the file (rows of several ids may be mixed); one series
 *         without a column id. Items are the columns that the model names, else all that are not id, t or u:NAME.
 *         Clusters are what shares a value in the named column (of a series' first row). Where none is named, ids that
 *         are alike before their last . - _ : / or space belong together, if that leaves some but not all together
 *         and at least DATA_CLUSTERS of them; else each series is by itself.
 * Units   t in the model's unit.
 * Errors  ERR_INVALID a column that is missing, too many or not used, a time that is missing or goes back, a
 *         number that is none: with file, line and column. Equal times are simultaneous, no error.
 * Memory  in cx->arena.
 * Thread  pure. */
#ifndef LAB_DATA_H
#define LAB_DATA_H

#include "lab/model.h"
#include "lab/table.h"

enum { DATA_CLUSTERS = 5 };

typedef struct LabData {
    Str file;
    ptrdiff_t count; /* series */
    LdsData *series;
    Str *id;              /* count; null without ids */
    const int64_t **line; /* count; of each row */
    bool has_id;
    int *cluster; /* count: series that belong together, numbered as they come */
    int clusters;
    int items;
    Str item[LDS_ITEMS_MAX];
    int t_column, item_column[LDS_ITEMS_MAX]; /* of the file, from 1 */
} LabData;

/* items < 0: as many as there are columns. impulse names items of lds.u columns "u:NAME". */
MUST_CHECK Err data_read(Cx *cx, const LabTable *t, const LabModel *model, Str cluster,
                         LabData *ret);
/* The items alone, for models without a file: all columns that are not id, t or the cluster's. */
MUST_CHECK Err data_read_items(Cx *cx, const LabTable *t, Str cluster, LabData *ret);
/* Puts file and line of the row that cx->why speaks of before the reason. */
Err data_place(Cx *cx, const LabData *d, ptrdiff_t series, Err e);

#endif
