/* lab/regression.c - normal equations summed in one pass over the series, about the newest answer: what is fitted is
 * the change from it, so that long scales cost no digits and answers that never differ leave that answer. Collinear
 * columns (everybody always answers alike) make the matrix singular; then fewer answers are looked back at. */
#include "lab/regression.h"
#include "num/mat.h"
#include <math.h>

enum { WIDTH = 1 + LAGS };

void past_add(Past *past, double given)
{
    past->n++;
    past->sum += given;
    for (int i = LAGS - 1; i > 0; i--)
        past->recent[i] = past->recent[i - 1];
    past->recent[0] = given;
}

typedef struct Sums {
    double xx[WIDTH * WIDTH], xy[WIDTH], yy, n;
    int lags;
} Sums;

static void row_of(const Past *past, int lags, double middle, double ret[WIDTH])
{
    ret[0] = 1;
    for (int i = 0; i < lags; i++)
        ret[1 + i] = past->recent[i] - middle;
}

static void take_in(Sums *s, const Past *past, double middle, double given)
{
    double x[WIDTH], y = given - past->recent[0];
    int n = 1 + s->lags;
    row_of(past, s->lags, middle, x);
    s->n++;
    s->yy += y * y;
    for (int i = 0; i < n; i++) {
        s->xy[i] += x[i] * y;
        for (int j = 0; j < n; j++)
            s->xx[i * n + j] += x[i] * x[j];
    }
}

static bool solve(const Sums *s, double middle, Regression *ret)
{
    int n = 1 + s->lags;
    double root[WIDTH * WIDTH], w[WIDTH], left = s->yy;
    if (s->n < 2 * n || !mat_cholesky(n, s->xx, root))
        return false;
    for (int i = 0; i < n; i++) /* a pivot lost to rounding: collinear */
        if (!(root[i * n + i] * root[i * n + i] > 1e-10 * s->xx[i * n + i]))
            return false;
    mat_cholesky_solve(n, root, s->xy, w);
    for (int i = 0; i < n; i++)
        left -= w[i] * s->xy[i];
    *ret = (Regression){.lags = s->lags, .sd = sqrt(fmax(left, 0) / (s->n - n))};
    for (int i = 0; i < n; i++)
        ret->weight[i] = w[i];
    for (int i = 1; i < n; i++)
        ret->weight[0] -= w[i] * middle;
    ret->weight[1]++;
    return true;
}

/* Mean of the item, so that the columns are about 0. */
static double middle_of(const LdsData series[], const bool leave_out[], ptrdiff_t count, int item,
                        int items)
{
    double sum = 0, n = 0;
    for (ptrdiff_t k = 0; k < count; k++)
        for (ptrdiff_t i = 0; i < series[k].rows && !leave_out[k]; i++) {
            double y = series[k].y[i * items + item];
            sum += isnan(y) ? 0 : y;
            n += !isnan(y);
        }
    return n > 0 ? sum / n : 0;
}

void regression_learn(const LdsData series[], const bool leave_out[], ptrdiff_t count, int item,
                      int items, Regression ret[LAGS])
{
    Sums sums[LAGS] = {{.n = 0}};
    double middle = middle_of(series, leave_out, count, item, items);
    for (int lag = 0; lag < LAGS; lag++)
        sums[lag].lags = lag + 1;
    for (ptrdiff_t k = 0; k < count; k++) {
        Past past = {.n = 0};
        for (ptrdiff_t i = 0; i < series[k].rows && !leave_out[k]; i++) {
            double y = series[k].y[i * items + item];
            if (isnan(y))
                continue;
            for (int lag = 0; lag < LAGS && lag < past.n; lag++)
                take_in(&sums[lag], &past, middle, y);
            past_add(&past, y);
        }
    }
    for (int lag = 0; lag < LAGS; lag++) {
        ret[lag] = lag > 0 ? ret[lag - 1] : (Regression){.lags = 0};
        solve(&sums[lag], middle, &ret[lag]);
    }
}

void regression_tell(const Regression r[LAGS], const Past *past, double *ret_mean, double *ret_sd)
{
    const Regression *use = &r[past->n < LAGS ? past->n - 1 : LAGS - 1];
    double mean = use->lags > 0 ? use->weight[0] : past->recent[0];
    for (int i = 0; i < use->lags; i++)
        mean += use->weight[1 + i] * past->recent[i];
    *ret_mean = mean;
    *ret_sd = use->sd;
}
