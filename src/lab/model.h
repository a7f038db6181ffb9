/* lab/model.h - a linear Gaussian model as people write it down: JSON, see docs/LAB.md.
 * Shapes  1 .. NUM_MAX states, 1 .. LDS_ITEMS_MAX items, at most MODEL_IMPULSES impulses.
 * Units   the person's own.
 * Errors  ERR_INVALID what is missing, of the wrong size, no covariance, an unknown key: with file, line, column.
 * Memory  in cx->arena.
 * Thread  pure. */
#ifndef LAB_MODEL_H
#define LAB_MODEL_H

#include "base/buf.h"
#include "lab/value.h"
#include "num/lds_fit.h"

enum { MODEL_IMPULSES = 32, MODEL_CELLS = 4096 };

typedef struct LabModel {
    Str file;
    LdsModel lds;
    Str state[NUM_MAX];      /* names; null where none are given */
    Str item[LDS_ITEMS_MAX]; /* null where the data's columns are taken in order */
    Str impulse[MODEL_IMPULSES];
    double *part[LDS_PARTS]; /* what lds borrows */
    LdsParam param[LDS_PARAMS_MAX];
    Str param_name[LDS_PARAMS_MAX];
    const Node *param_node[LDS_PARAMS_MAX]; /* where each stands first */
    int params;
    const Node *root; /* to say where a part stood */
} LabModel;

MUST_CHECK Err model_read(Cx *cx, Str file, Str bytes, LabModel *ret);
/* The same format, all numbers as they are. */
void model_write(Buf *buf, const LabModel *m, const LdsModel *numbers);
/* Puts the place of the named part ("drift", "initial cov") before the reason in cx->why; any other failure stays. */
Err model_place(Cx *cx, const LabModel *m, Err e);

/* -- JSON out, shared by all verbs ------------------------------------------------------------------ */
void out_number(Buf *buf, double v); /* null when not finite */
void out_text(Buf *buf, Str s);      /* in quotes, escaped */
void out_numbers(Buf *buf, const double v[], ptrdiff_t n);
void out_matrix(Buf *buf, const double v[], int rows, int columns);

#endif
