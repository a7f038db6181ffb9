/* num/lds_moments.c - lanes first; what they do not take, or cannot finish, goes the long way, which also says what
 * is wrong. Costs what they cost. */
#include "num/lds_moments.h"
#include <string.h>

/* P - P N P loses as many digits as a reading is sharper than the state is wide, and turning modes into states as many
 * as their basis is bad: ten are to be left. */
static const double SHARPEST = 1e-6;

static bool by_lanes(Cx *cx, const LdsModel *model, const LdsData series[], ptrdiff_t count,
                     const LaneMoments ret[], double ret_loglik[])
{
    LaneModel *lm = arena_new(cx->arena, LaneModel, 1);
    bool fine = lm && count > 0;
    for (ptrdiff_t k = 0; fine && k < count; k++)
        fine = lds_check(cx, model, &series[k]) == OK;
    fine = fine && lanes_make(model, NULL, lm) && lm->error_least > SHARPEST * lm->basis.cond &&
           lanes_smooth(cx, lm, series, count, ret, ret_loglik) == OK;
    err_clear(cx);
    return fine;
}

Err lds_moments(Cx *cx, const LdsModel *model, const LdsData series[], ptrdiff_t count,
                const LaneMoments ret[], double ret_loglik[], ptrdiff_t *ret_bad)
{
    ptrdiff_t n = model->n;
    if (by_lanes(cx, model, series, count, ret, ret_loglik))
        return OK;
    for (ptrdiff_t k = 0; k < count; k++) {
        LdsResult r;
        ptrdiff_t rows = series[k].rows;
        Err e = lds_run(cx, model, &series[k], LDS_SMOOTH, &r);
        *ret_bad = k;
        if (e != OK)
            return e;
        ret_loglik[k] = r.loglik;
        memcpy(ret[k].mean, r.smooth_mean, sizeof(double) * (size_t)(rows * n));
        if (ret[k].cov)
            memcpy(ret[k].cov, r.smooth_cov, sizeof(double) * (size_t)(rows * n * n));
        for (ptrdiff_t i = 0; ret[k].var && i < rows * n; i++)
            ret[k].var[i] = r.smooth_cov[(i / n) * n * n + (i % n) * (n + 1)];
    }
    return OK;
}
