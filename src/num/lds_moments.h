/* num/lds_moments.h - what is believed of every row of many series, given all of each: side by side where num/lanes.h
 * takes the model, else one after the other by num/lds.h.
 * Shapes  ret[k] of series[k]: mean rows x n, and cov rows x n x n or var rows x n; the other is NULL, the same one for all.
 * Units   as in num/lds.h.
 * Errors  as lds_run; why speaks of rows of the series *ret_bad.
 * Memory  work in cx->arena; results are the caller's arrays.
 * Thread  pure. */
#ifndef NUM_LDS_MOMENTS_H
#define NUM_LDS_MOMENTS_H

#include "num/lanes.h"

MUST_CHECK Err lds_moments(Cx *cx, const LdsModel *model, const LdsData series[], ptrdiff_t count,
                           const LaneMoments ret[], double ret_loglik[], ptrdiff_t *ret_bad);

#endif
