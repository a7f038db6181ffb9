/* lab/judge.h - one judge for every forecast: it knows what was answered before, what the simpler forecasters say, and
 * writes down how each did. Rivals are learned on the clusters outside a series' own fold.
 * Shapes  series and rows as in LabData; rows of a series are judged in order.
 * Errors  as tally.h; ERR_INVALID when nothing was judged.
 * Memory  cx->arena.
 * Thread  pure. */
#ifndef LAB_JUDGE_H
#define LAB_JUDGE_H

#include "lab/regression.h"
#include "lab/rival.h"
#include "lab/tally.h"

enum { CLUSTERS_LEAST = 5 }; /* with fewer, none is held apart */

/* The simpler forecasters of one item, learned without one fold. */
typedef struct Rivals {
    Rival plain, robust;
    Regression regression[LAGS];
} Rivals;

typedef struct Judge {
    const Options *o;
    const LabData *d;
    Scale scale;
    Tally tally;
    Buf *each;                 /* a line for every answer, or NULL */
    int folds, *fold;          /* of each cluster */
    Rivals *rivals;            /* fold x item */
    double *mean, *sd;         /* of the plain and the robust rival, item x row */
    ptrdiff_t stride, at, row; /* longest series; series and row being judged */
    int rows_read;
    Past past[LDS_ITEMS_MAX], next[LDS_ITEMS_MAX];
} Judge;

MUST_CHECK Err judge_open(Cx *cx, const Options *o, const LabData *d, Buf *out, Judge *ret);
/* Which fold a series is in, of j->folds; one fold when there are too few clusters to hold any apart. */
int judge_fold(const Judge *j, ptrdiff_t series);
void judge_series(Judge *j, ptrdiff_t series);
/* A reading, in the order of rows. It is judged if it is one of those asked for (--after) and foretold: by answers and
 * mean, or by mean and var where answers is NULL; var not above 0 means that nothing was foretold. */
MUST_CHECK Err judge_reading(Cx *cx, Judge *j, ptrdiff_t row, int item, double given,
                             const Answers *answers, double mean, double var);
MUST_CHECK Err judge_close(Cx *cx, Judge *j, Buf *out);

#endif
