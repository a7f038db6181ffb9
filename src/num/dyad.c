/* num/dyad.c - least squares with at most three columns, and analysis of variance.
 *
 * With interchangeable members and compound symmetry, the sum and the difference within a pair are
 * independent: the sum carries intercept and actor + partner with variance 2 s^2 (1 + rho), the difference
 * actor - partner with variance 2 s^2 (1 - rho). Generalised least squares with REML is therefore two
 * ordinary regressions, exactly, with no iteration. Everything is linear in the number of pairs. */
#include "num/dyad.h"
#include "num/mat.h"
#include <math.h>

enum { COLUMNS_MAX = 3 };

typedef struct Ols {
    int columns;
    double xx[COLUMNS_MAX * COLUMNS_MAX], xy[COLUMNS_MAX], yy;
    int rows;
    double beta[COLUMNS_MAX], inverse[COLUMNS_MAX * COLUMNS_MAX]; /* cov is sigma2 inverse */
    double rss, sigma2, logdet;
} Ols;

static void ols_add(Ols *o, const double x[], double y)
{
    for (int i = 0; i < o->columns; i++) {
        o->xy[i] += x[i] * y;
        for (int j = 0; j < o->columns; j++)
            o->xx[i * o->columns + j] += x[i] * x[j];
    }
    o->yy += y * y;
    o->rows++;
}

static bool ols_solve(Ols *o)
{
    int n = o->columns;
    double l[COLUMNS_MAX * COLUMNS_MAX];
    if (o->rows <= n || !mat_cholesky(n, o->xx, l))
        return false;
    for (int i = 0; i < n; i++) /* a column that the others explain leaves nothing of itself */
        if (l[i * n + i] * l[i * n + i] < 1e-12 * o->xx[i * n + i])
            return false;
    mat_cholesky_solve(n, l, o->xy, o->beta);
    mat_cholesky_inverse(n, l, o->inverse);
    o->logdet = mat_cholesky_logdet(n, l);
    o->rss = fmax(o->yy - mat_dot(n, o->beta, o->xy), 0);
    o->sigma2 = o->rss / (o->rows - n);
    return isfinite(o->sigma2);
}

static double mean_of(const double x[], int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

static Err too_few(Cx *cx, int need)
{
    return err_set(cx, ERR_INVALID, "err.num-few", ARGS(arg_int("n", need)));
}

static Err no_spread(Cx *cx)
{
    return err_set(cx, ERR_NUMERIC, "err.num-spread", NO_ARGS);
}

/* -- agreement ------------------------------------------------------------------------------------ */

Err dyad_icc(Cx *cx, const double ratings[], int targets, int raters, DyadIcc *ret)
{
    if (targets < 2 || raters < 2 || !mat_finite((ptrdiff_t)targets * raters, ratings))
        return too_few(cx, 2);
    int n = targets, k = raters;
    double grand = mean_of(ratings, n * k), between = 0, columns = 0, total = 0;
    for (int i = 0; i < n; i++) {
        double gap = mean_of(ratings + i * k, k) - grand;
        between += k * gap * gap;
    }
    for (int j = 0; j < k; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double gap = ratings[i * k + j] - grand;
            sum += gap;
            total += gap * gap;
        }
        columns += sum * sum / n;
    }
    double bms = between / (n - 1), wms = (total - between) / (n * (k - 1));
    double jms = columns / (k - 1), ems = (total - between - columns) / ((n - 1) * (k - 1));
    if (!(total > 0))
        return no_spread(cx);
    *ret = (DyadIcc){.one = (bms - wms) / (bms + (k - 1) * wms),
                     .random = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n),
                     .fixed = (bms - ems) / (bms + (k - 1) * ems),
                     .one_k = (bms - wms) / bms,
                     .random_k = (bms - ems) / (bms + (jms - ems) / n),
                     .fixed_k = (bms - ems) / bms};
    return OK;
}

/* 95 % of a correlation by Fisher's z with the given effective number of pairs. */
static void fisher(double r, double pairs, double *ret_low, double *ret_high)
{
    double z = atanh(fmin(fmax(r, -1 + 1e-15), 1 - 1e-15)), half = 1.959963984540054 / sqrt(pairs);
    *ret_low = tanh(z - half);
    *ret_high = tanh(z + half);
}

Err dyad_likeness(Cx *cx, const double a[], const double b[], int n, DyadLikeness *ret)
{
    if (n < 5 || !mat_finite(n, a) || !mat_finite(n, b))
        return too_few(cx, 5);
    double ma = mean_of(a, n), mb = mean_of(b, n), saa = 0, sbb = 0, sab = 0;
    for (int i = 0; i < n; i++) {
        saa += (a[i] - ma) * (a[i] - ma);
        sbb += (b[i] - mb) * (b[i] - mb);
        sab += (a[i] - ma) * (b[i] - mb);
    }
    double apart = ma - mb;
    if (!(saa > 0) || !(sbb > 0))
        return no_spread(cx);
    /* Within: half the squared differences. Between: twice the pair means' spread. */
    double within = (saa + sbb - 2 * sab + n * apart * apart) / (2 * n);
    double between = (saa + sbb + 2 * sab) / (2 * (n - 1));
    DyadLikeness out = {.difference = apart,
                        .difference_se = sqrt(fmax(saa + sbb - 2 * sab, 0) / (n - 1) / n),
                        .icc = (between - within) / (between + within),
                        .profile = sab / sqrt(saa * sbb)};
    fisher(out.icc, n - 1.5, &out.icc_low, &out.icc_high);
    fisher(out.profile, n - 3, &out.profile_low, &out.profile_high);
    *ret = out;
    return OK;
}

/* -- actor and partner ---------------------------------------------------------------------------- */

static bool pairs_finite(const DyadPair p[], int count)
{
    for (int i = 0; i < count; i++)
        if (!mat_finite(2, p[i].x) || !mat_finite(2, p[i].y))
            return false;
    return true;
}

Err dyad_apim(Cx *cx, const DyadPair pairs[], int count, DyadApim *ret)
{
    if (count < 4 || !pairs_finite(pairs, count))
        return too_few(cx, 4);
    Ols sum = {.columns = 2}, diff = {.columns = 1};
    for (int i = 0; i < count; i++) {
        const DyadPair *p = &pairs[i];
        const double xs[2] = {2, p->x[0] + p->x[1]}, xd[1] = {p->x[0] - p->x[1]};
        ols_add(&sum, xs, p->y[0] + p->y[1]);
        ols_add(&diff, xd, p->y[0] - p->y[1]);
    }
    if (!ols_solve(&sum) || !ols_solve(&diff) || !(sum.sigma2 > 0) || !(diff.sigma2 > 0))
        return no_spread(cx);
    double var_s = sum.sigma2 * sum.inverse[3], var_d = diff.sigma2 * diff.inverse[0];
    double se = sqrt((var_s + var_d) / 4);
    /* Restricted likelihood in the units of y: each pair's turn to sum and difference has determinant 2,
     * and (intercept, actor, partner) to the two regressions' coefficients has determinant 2. */
    double df = 2 * count - 3;
    double loglik = -0.5 * (df * (1.8378770664093454836 + 1) + (count - 2) * log(sum.sigma2) +
                            (count - 1) * log(diff.sigma2) + sum.logdet + diff.logdet) +
                    count * log(2) - log(2);
    *ret = (DyadApim){.intercept = sum.beta[0],
                      .actor = (sum.beta[1] + diff.beta[0]) / 2,
                      .partner = (sum.beta[1] - diff.beta[0]) / 2,
                      .intercept_se = sqrt(sum.sigma2 * sum.inverse[0]),
                      .actor_se = se,
                      .partner_se = se,
                      .cov_actor_partner = (var_s - var_d) / 4,
                      .rho = (sum.sigma2 - diff.sigma2) / (sum.sigma2 + diff.sigma2),
                      .sigma2 = (sum.sigma2 + diff.sigma2) / 4,
                      .loglik = loglik,
                      .pairs = count};
    return OK;
}

Err dyad_apim2(Cx *cx, const DyadPair pairs[], int count, DyadApim2 *ret)
{
    if (count < 5 || !pairs_finite(pairs, count))
        return too_few(cx, 5);
    Ols eq[2] = {{.columns = 3}, {.columns = 3}};
    DyadApim2 out = {.rho = 0};
    for (int who = 0; who < 2; who++) {
        for (int i = 0; i < count; i++) {
            const double x[3] = {1, pairs[i].x[who], pairs[i].x[1 - who]};
            ols_add(&eq[who], x, pairs[i].y[who]);
        }
        if (!ols_solve(&eq[who]) || !(eq[who].sigma2 > 0))
            return no_spread(cx);
        out.intercept[who] = eq[who].beta[0];
        out.actor[who] = eq[who].beta[1];
        out.partner[who] = eq[who].beta[2];
        out.intercept_se[who] = sqrt(eq[who].sigma2 * eq[who].inverse[0]);
        out.actor_se[who] = sqrt(eq[who].sigma2 * eq[who].inverse[4]);
        out.partner_se[who] = sqrt(eq[who].sigma2 * eq[who].inverse[8]);
        out.sigma2[who] = eq[who].sigma2;
    }
    double cross = 0;
    for (int i = 0; i < count; i++) {
        double rest[2];
        for (int who = 0; who < 2; who++)
            rest[who] = pairs[i].y[who] - out.intercept[who] - out.actor[who] * pairs[i].x[who] -
                        out.partner[who] * pairs[i].x[1 - who];
        cross += rest[0] * rest[1];
    }
    out.rho = cross / sqrt(eq[0].rss * eq[1].rss);
    *ret = out;
    return OK;
}

/* -- knowing the other's mind --------------------------------------------------------------------- */

Err dyad_belief(Cx *cx, const double truth[], const double own[], const double belief[], int n,
                DyadBelief *ret)
{
    if (n < 5 || !mat_finite(n, truth) || !mat_finite(n, own) || !mat_finite(n, belief))
        return too_few(cx, 5);
    Ols o = {.columns = 3};
    double centre = mean_of(truth, n);
    for (int i = 0; i < n; i++) {
        const double x[3] = {1, truth[i] - centre, own[i] - centre};
        ols_add(&o, x, belief[i] - centre);
    }
    if (!ols_solve(&o))
        return no_spread(cx);
    *ret = (DyadBelief){.bias = o.beta[0],
                        .knows = o.beta[1],
                        .projects = o.beta[2],
                        .bias_se = sqrt(o.sigma2 * o.inverse[0]),
                        .knows_se = sqrt(o.sigma2 * o.inverse[4]),
                        .projects_se = sqrt(o.sigma2 * o.inverse[8]),
                        .sigma2 = o.sigma2};
    return OK;
}
