/* num/lanes_jobs.h - what the passes of num/lanes.h share: series and models packed into lanes, batch by batch. For
 * num/lanes*.c only.
 * Shapes  A job is a series under a model; jobs are counted model by model. LANES of them are a batch.
 * Errors  ERR_NOMEM.
 * Memory  all of it taken by jobs_prepare, in the arena of its cx.
 * Thread  one at a time. */
#ifndef NUM_LANES_JOBS_H
#define NUM_LANES_JOBS_H

#include "num/lanes_kernel.h"

typedef struct Jobs {
    Cx *cx;
    const LaneModel *models;
    const LdsData *series;
    ptrdiff_t series_count, count; /* of all jobs */
    ptrdiff_t job[LANES];          /* of this batch; -1 where there is none */
    const LaneModel *last_model[LANES];
    const LdsData *last_series[LANES];
    LaneBatch b;
    LaneTape tape;
    ptrdiff_t rows;           /* of the longest series of this batch */
    ptrdiff_t block, room;    /* rows gone through at a time, rows that may be at hand */
    ptrdiff_t origin, held;   /* which of them are */
    V8 *kept_mean, *kept_cov; /* the belief before each block */
    V8 *rate, *rest, *load, *error, *centre, *push, *apart, *near, *dt, *y, *kick;
    V8 *start_mean, *start_cov;
    int *used;
    uint16_t *at;
    bool *any_near;
    int *wanted;          /* of the slopes, or NULL */
    const LaneWish *wish; /* NULL: all */
    uint8_t *item;
    int *first;
    double readings[LANES];
    const LaneMoments *moments; /* smoothing: one a series */
} Jobs;

MUST_CHECK bool jobs_take(Jobs *s, ptrdiff_t count, V8 **ret);
/* back: with what a pass back needs. */
MUST_CHECK Err jobs_prepare(Cx *cx, const LaneModel models[], int count, const LdsData series[],
                            ptrdiff_t series_count, bool back, Jobs *ret);
/* The models have become others of the same shape. */
void jobs_models(Jobs *s, const LaneModel models[], int count);
/* The next eight jobs; false when there are none left. */
bool jobs_next(Jobs *s, ptrdiff_t *io_job);
/* Rows from .. to - 1, a block at most; tape may be NULL. Returns how many readings they have. */
ptrdiff_t jobs_forward(Jobs *s, ptrdiff_t from, ptrdiff_t to, LaneTape *tape);
void jobs_there_and_back(Jobs *s);
double jobs_loglik(const Jobs *s, int lane);

#endif
