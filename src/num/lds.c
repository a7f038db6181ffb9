/* num/lds.c - a square-root filter with scalar updates, and a smoother that only ever adds.
 *
 * The belief's covariance is kept as a root S (num/root.h), since a gap of thirty years may lay a
 * variance of 1e12 beside one of 1: P = S S' then keeps the digits of both, where P itself does not.
 * A step is one triangle of [Phi S, G], G a root of Q; a reading is Potter's update, 4 n^2, needs no
 * inverse, takes errors of 0 and skips missing items for nothing.
 *
 * The way back (Rauch, Tung & Striebel, in array form) turns [Phi S, G; S, 0] into [X, 0; Y, Z]: then
 * what later rows tell of a row is Y X^-1 (next - predicted), and its covariance is Z Z' + Y T T' Y' with
 * T = X^-1 times the next row's root. Both are sums, so nothing is lost at any ratio of variances, and
 * a row of X that those before it determine takes no column of it. Per row it keeps Phi, G, S, means (3 n^2 + 2 n).
 *
 * Diffuse start: x0 = delta + N(0, c I) with delta flat. For any c this is the diffuse prior, so c
 * is chosen to keep every innovation variance positive. The filter runs at delta = 0 and carries
 * the sensitivity of the mean to delta (n more columns); each reading is one more row of a least
 * squares problem in delta, kept as a triangle R, z, and what no delta explains of it is what the
 * likelihood counts. Answers are completed with delta's posterior. Exact, no large number anywhere, and
 * the likelihood's constant is that of Durbin & Koopman (7.2): log|F| of the diffuse steps enters as
 * log|R'R|.
 *
 * Equal gaps share one step. A row costs 5 n^3 forward and 17 n^3 back in plain coordinates. */
#include "num/lds.h"
#include "num/root.h"
#include <math.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;

/* What the way back needs of the rows; at delta = 0. */
typedef struct Tape {
    double *phi, *noise; /* rows x n x n: the step to the row, Phi and G */
    double *fore, *mean; /* rows x n: before and after the readings */
    double *root;        /* rows x n x n, after */
    double *fore_sense;  /* rows x n x n, diffuse only */
    double *sense;       /* rows x n x n, diffuse only */
} Tape;

typedef struct Pass {
    Cx *cx;
    const LdsModel *m;
    const LdsData *d;
    LdsResult *out;
    LdsWant want;
    Stepper step;
    double last_dt;
    double *phi, *noise; /* of last_dt: Phi and G */
    Tape tape;           /* LDS_SMOOTH only */
    ptrdiff_t readings;
    double *mean, *root; /* the running belief */
    double *sense;       /* n x n: d mean / d delta; NULL unless diffuse */
    RootFlat *flat;      /* what is known of delta */
    RootDelta delta;     /* from the readings so far, when open is false */
    bool open;
} Pass;

/* -- checks ---------------------------------------------------------------------------------------
 */

static Err bad_matrix(Cx *cx, const char *name)
{
    return err_set(cx, ERR_INVALID, "err.num-matrix", ARGS(arg_c("name", name)));
}

static bool is_covariance(int n, const double a[])
{
    double l[NUM_MAX2];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (fabs(a[i * n + j] - a[j * n + i]) >
                1e-9 * sqrt(fabs(a[i * n + i] * a[j * n + j])) + 1e-300)
                return false;
    return mat_cholesky_semi(n, a, l);
}

static Err check_model(Cx *cx, const LdsModel *m)
{
    ptrdiff_t n = m->n, items = m->m;
    if (m->n < 1 || m->n > NUM_MAX || m->m < 1 || m->m > LDS_ITEMS_MAX || m->u < 0)
        return err_set(cx, ERR_INVALID, "err.num-shape",
                       ARGS(arg_int("states", m->n), arg_int("items", m->m),
                            arg_int("most_states", NUM_MAX), arg_int("most_items", LDS_ITEMS_MAX)));
    if (!mat_finite(n * n, m->drift))
        return bad_matrix(cx, m->discrete ? "transition" : "drift");
    if (!mat_finite(n * n, m->diffusion) || !is_covariance(m->n, m->diffusion))
        return bad_matrix(cx, m->discrete ? "noise" : "diffusion");
    if (!mat_finite(n, m->mean))
        return bad_matrix(cx, "mean");
    if (!mat_finite(items * n, m->loading))
        return bad_matrix(cx, "loading");
    if (!mat_finite(items, m->offset))
        return bad_matrix(cx, "offset");
    if (!mat_finite(items, m->error))
        return bad_matrix(cx, "error");
    for (int j = 0; j < m->m; j++)
        if (m->error[j] < 0)
            return bad_matrix(cx, "error");
    if (m->u > 0 && !mat_finite((ptrdiff_t)m->u * n, m->impulse))
        return bad_matrix(cx, "impulse");
    if (m->initial_mean && !mat_finite(n, m->initial_mean))
        return bad_matrix(cx, "initial mean");
    if (m->start == LDS_GIVEN && (!m->initial_cov || !mat_finite(n * n, m->initial_cov) ||
                                  !is_covariance(m->n, m->initial_cov)))
        return bad_matrix(cx, "initial cov");
    return OK;
}

static Err check_data(Cx *cx, const LdsModel *m, const LdsData *d)
{
    if (d->rows < 1)
        return err_set(cx, ERR_INVALID, "err.num-empty", NO_ARGS);
    for (ptrdiff_t i = 0; i < d->rows; i++) {
        if (!isfinite(d->t[i]) || (i > 0 && d->t[i] < d->t[i - 1]))
            return err_set(cx, ERR_INVALID, "err.num-time", ARGS(arg_int("row", i + 1)));
        for (int j = 0; j < m->m; j++)
            if (isinf(d->y[i * m->m + j]))
                return err_set(cx, ERR_INVALID, "err.num-reading",
                               ARGS(arg_int("row", i + 1), arg_int("item", j + 1)));
        for (int k = 0; d->u && k < m->u; k++)
            if (!isfinite(d->u[i * m->u + k]))
                return err_set(cx, ERR_INVALID, "err.num-impulse",
                               ARGS(arg_int("row", i + 1), arg_int("impulse", k + 1)));
    }
    return OK;
}

Err lds_check(Cx *cx, const LdsModel *model, const LdsData *data)
{
    Err e = check_model(cx, model);
    return e == OK ? check_data(cx, model, data) : e;
}

/* -- memory ---------------------------------------------------------------------------------------
 */

static bool take(Pass *p, ptrdiff_t len, double **ret)
{
    *ret = arena_new(p->cx->arena, double, len);
    return *ret != NULL;
}

static bool take_output(Pass *p)
{
    LdsResult *o = p->out;
    ptrdiff_t rows = p->d->rows, n = p->m->n, items = p->m->m;
    o->pred_known = arena_new(p->cx->arena, bool, rows);
    o->filt_known = arena_new(p->cx->arena, bool, rows);
    return o->pred_known && o->filt_known && take(p, rows * n, &o->pred_mean) &&
           take(p, rows * n * n, &o->pred_cov) && take(p, rows * n, &o->filt_mean) &&
           take(p, rows * n * n, &o->filt_cov) && take(p, rows * items, &o->item_mean) &&
           take(p, rows * items, &o->item_var) && take(p, rows * items, &o->innovation) &&
           take(p, rows * items, &o->innovation_var);
}

static bool take_tape(Pass *p)
{
    ptrdiff_t rows = p->d->rows, n = p->m->n;
    Tape *t = &p->tape;
    if (p->sense && (!take(p, rows * n * n, &t->fore_sense) || !take(p, rows * n * n, &t->sense)))
        return false;
    return take(p, rows * n * n, &t->phi) && take(p, rows * n * n, &t->noise) &&
           take(p, rows * n, &t->fore) && take(p, rows * n, &t->mean) &&
           take(p, rows * n * n, &t->root) && take(p, rows * n, &p->out->smooth_mean) &&
           take(p, rows * n * n, &p->out->smooth_cov);
}

static Err take_memory(Pass *p)
{
    ptrdiff_t n = p->m->n;
    bool fine = take(p, n * n, &p->phi) && take(p, n * n, &p->noise) && take(p, n, &p->mean) &&
                take(p, n * n, &p->root);
    if (fine && p->m->start == LDS_DIFFUSE) {
        p->flat = arena_new(p->cx->arena, RootFlat, 1);
        fine = p->flat && take(p, n * n, &p->sense);
    }
    fine = fine && (p->want < LDS_FILTER || take_output(p));
    fine = fine && (p->want < LDS_SMOOTH || take_tape(p));
    return fine ? OK : err_nomem(p->cx);
}

/* -- the flat start -------------------------------------------------------------------------------
 */

/* A variance of the size of the readings' errors: any value is exact, this one keeps digits. */
static double flat_scale(const LdsModel *m)
{
    double least = (double)INFINITY;
    for (int j = 0; j < m->m; j++)
        for (int i = 0; i < m->n; i++) {
            double h = m->loading[j * m->n + i] * m->loading[j * m->n + i];
            if (h > 0 && m->error[j] > 0 && m->error[j] / h > 0)
                least = fmin(least, m->error[j] / h);
        }
    return isfinite(least) ? least : 1;
}

/* mean and root at delta = 0 completed by delta's posterior; false when that does not exist yet. */
static bool complete(const Pass *p, const double mean[], const double root[], const double sense[],
                     double ret_mean[], double ret_cov[])
{
    int n = p->m->n;
    double by_delta[NUM_MAX2], more[NUM_MAX2];
    root_square(n, root, ret_cov);
    if (!p->sense) {
        memcpy(ret_mean, mean, sizeof(double) * (size_t)n);
        return true;
    }
    if (p->open) {
        mat_zero(n, ret_cov);
        return false;
    }
    mat_vec(n, sense, p->delta.mean, ret_mean);
    for (int i = 0; i < n; i++)
        ret_mean[i] += mean[i];
    mat_mul(n, sense, p->delta.spread, by_delta);
    root_square(n, by_delta, more);
    mat_add(n, ret_cov, 1, more);
    return true;
}

/* -- forward --------------------------------------------------------------------------------------
 */

static Err start(Pass *p)
{
    const LdsModel *m = p->m;
    int n = m->n;
    double cov[NUM_MAX2];
    memcpy(p->mean, m->initial_mean ? m->initial_mean : m->mean, sizeof(double) * (size_t)n);
    if (m->start == LDS_DIFFUSE) {
        p->flat->n = n;
        p->open = true;
        mat_identity(n, p->sense);
        for (int i = 0; i < n; i++)
            p->root[i * n + i] = sqrt(flat_scale(m));
        return OK;
    }
    if (m->start == LDS_GIVEN) {
        mat_copy(n, m->initial_cov, cov);
        mat_symmetrise(n, cov);
    } else {
        Err e = step_stationary(p->cx, &p->step, cov);
        if (e != OK)
            return e;
    }
    return root_of(n, cov, p->root) ? OK
                                    : err_set(p->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
}

/* Phi and G of the gap before the row. */
static Err step_to(Pass *p, ptrdiff_t row, double dt)
{
    if (dt >= p->last_dt && dt <= p->last_dt)
        return OK;
    if (!step_root_at(&p->step, dt, p->phi, p->noise))
        return err_set(p->cx, ERR_NUMERIC, "err.num-step", ARGS(arg_int("row", row + 1)));
    p->last_dt = dt;
    return OK;
}

/* [Phi s, G] into wide: row i at i * 2n. */
static void lay(int n, const double phi[], const double s[], const double noise[], double wide[])
{
    double moved[NUM_MAX2];
    mat_mul(n, phi, s, moved);
    for (int i = 0; i < n; i++) {
        memcpy(wide + 2 * i * n, moved + i * n, sizeof wide[0] * (size_t)n);
        memcpy(wide + (2 * i + 1) * n, noise + i * n, sizeof wide[0] * (size_t)n);
    }
}

static Err predict(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    int n = m->n;
    double dt = p->d->t[row] - p->d->t[row - 1], x[NUM_MAX], t[NUM_MAX2], wide[2 * NUM_MAX2];
    if (!(dt > 0))
        return OK;
    Err e = step_to(p, row, dt);
    if (e != OK)
        return e;
    for (int i = 0; i < n; i++)
        x[i] = p->mean[i] - m->mean[i];
    mat_vec(n, p->phi, x, p->mean);
    for (int i = 0; i < n; i++)
        p->mean[i] += m->mean[i];
    lay(n, p->phi, p->root, p->noise, wide);
    (void)root_triangle(n, n, 2 * n, wide, NULL);
    for (int i = 0; i < n; i++)
        memcpy(p->root + i * n, wide + 2 * i * n, sizeof wide[0] * (size_t)n);
    if (p->sense) {
        mat_mul(n, p->phi, p->sense, t);
        mat_copy(n, t, p->sense);
    }
    return OK;
}

static void kick(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    for (int k = 0; p->d->u && k < m->u; k++)
        for (int i = 0; i < m->n; i++)
            p->mean[i] += p->d->u[row * m->u + k] * m->impulse[k * m->n + i];
}

/* What is foretold of an item from the rows, or items, before it, with what delta's uncertainty adds. */
static void foretell(const Pass *p, int item, const double f[], double *ret_mean, double *ret_var)
{
    const LdsModel *m = p->m;
    const double *h = m->loading + item * m->n;
    *ret_mean = m->offset[item] + mat_dot(m->n, h, p->mean);
    *ret_var = mat_dot(m->n, f, f) + m->error[item];
    if (p->sense) {
        double w[NUM_MAX], x[NUM_MAX];
        mat_vec_t(m->n, p->sense, h, w);
        mat_vec_t(m->n, p->delta.spread, w, x);
        *ret_mean += mat_dot(m->n, w, p->delta.mean);
        *ret_var += mat_dot(m->n, x, x);
    }
}

/* A reading as a row of what is known of delta. Returns what no delta explains of it, in its own standard
 * deviations. */
static double learn_flat(Pass *p, const double h[], const double gain[], double resid, double var)
{
    int n = p->m->n;
    double w[NUM_MAX], whole[NUM_MAX];
    mat_vec_t(n, p->sense, h, w);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            p->sense[i * n + j] -= gain[i] * w[j];
    for (int i = 0; i < n; i++) {
        w[i] /= sqrt(var);
        whole[i] = h[i] / sqrt(var);
    }
    double left = root_absorb(p->flat, whole, w, resid / sqrt(var));
    if (p->want >= LDS_FILTER)
        p->open = !root_delta(p->flat, &p->delta);
    return left;
}

static Err read_item(Pass *p, ptrdiff_t row, int item)
{
    const LdsModel *m = p->m;
    int n = m->n;
    ptrdiff_t at = row * m->m + item;
    const double *h = m->loading + item * n;
    double f[NUM_MAX], gain[NUM_MAX], mean, y = p->d->y[at];
    mat_vec_t(n, p->root, h, f);
    double resid = y - m->offset[item] - mat_dot(n, h, p->mean);
    double var = mat_dot(n, f, f) + m->error[item];
    if (!(var > 0) || !isfinite(var) || !isfinite(resid))
        return err_set(p->cx, ERR_NUMERIC, "err.num-innovation",
                       ARGS(arg_int("row", row + 1), arg_int("item", item + 1)));
    if (p->want >= LDS_FILTER && !p->open) {
        foretell(p, item, f, &mean, &p->out->innovation_var[at]);
        p->out->innovation[at] = y - mean;
    }
    root_read(n, f, m->error[item], var, p->root, gain);
    for (int i = 0; i < n; i++)
        p->mean[i] += gain[i] * resid;
    double left = p->sense ? learn_flat(p, h, gain, resid, var) : resid / sqrt(var);
    p->out->loglik -= 0.5 * (LOG_2PI + log(var) + left * left);
    p->readings++;
    return OK;
}

static void keep_row(Pass *p, ptrdiff_t row, bool before)
{
    const Tape *t = &p->tape;
    ptrdiff_t n = p->m->n, nn = n * n;
    memcpy((before ? t->fore : t->mean) + row * n, p->mean, sizeof(double) * (size_t)n);
    if (p->sense)
        mat_copy(p->m->n, p->sense, (before ? t->fore_sense : t->sense) + row * nn);
    if (before && row > 0) {
        mat_copy(p->m->n, p->phi, t->phi + row * nn);
        mat_copy(p->m->n, p->noise, t->noise + row * nn);
    } else if (!before) {
        mat_copy(p->m->n, p->root, t->root + row * nn);
    }
}

static Err forward_row(Pass *p, ptrdiff_t row)
{
    const LdsModel *m = p->m;
    ptrdiff_t n = m->n;
    LdsResult *o = p->out;
    Err e = row > 0 ? predict(p, row) : OK;
    if (e != OK)
        return e;
    kick(p, row);
    if (p->want >= LDS_FILTER)
        o->pred_known[row] = complete(p, p->mean, p->root, p->sense, o->pred_mean + row * n,
                                      o->pred_cov + row * n * n);
    for (int item = 0; p->want >= LDS_FILTER && !p->open && item < m->m; item++) {
        double f[NUM_MAX];
        mat_vec_t(m->n, p->root, m->loading + item * n, f);
        foretell(p, item, f, &o->item_mean[row * m->m + item], &o->item_var[row * m->m + item]);
    }
    if (p->want >= LDS_SMOOTH)
        keep_row(p, row, true);
    for (int item = 0; item < m->m && e == OK; item++)
        e = isnan(p->d->y[row * m->m + item]) ? OK : read_item(p, row, item);
    if (e != OK)
        return e;
    if (p->want >= LDS_SMOOTH)
        keep_row(p, row, false);
    if (p->want >= LDS_FILTER)
        o->filt_known[row] = complete(p, p->mean, p->root, p->sense, o->filt_mean + row * n,
                                      o->filt_cov + row * n * n);
    return OK;
}

/* -- backward -------------------------------------------------------------------------------------
 */

typedef struct Back { /* of the row last seen, given everything, at delta = 0 */
    double mean[NUM_MAX], root[NUM_MAX2], sense[NUM_MAX2];
} Back;

/* X x = b in place, X the first rows of wide (2n columns) as root_triangle leaves them, b of so many columns: a row
 * without a pivot says nothing that those before it do not. */
static void solve_lower(int n, const double wide[], const int pivot[], int columns, double b[])
{
    for (int i = 0; i < n; i++) {
        const double *row = wide + 2 * i * n;
        int at = pivot[i];
        for (int j = 0; j < columns && at >= 0; j++) {
            double sum = b[i * columns + j];
            for (int k = 0; k < at; k++)
                sum -= row[k] * b[k * columns + j];
            b[at * columns + j] = sum / row[at];
        }
    }
}

/* The root's rows of Z Z' + (Y T)(Y T)', Y T being told; Z stands behind the columns taken of the lower rows of wide. */
static void join(int n, int taken, const double told[], double wide[], double root[])
{
    double z[2 * NUM_MAX2];
    int two = 2 * n, rest = two - taken;
    for (int i = 0; i < n; i++)
        memcpy(z + i * rest, wide + (n + i) * two + taken, sizeof z[0] * (size_t)rest);
    if (taken < n) /* n columns of it are enough */
        (void)root_triangle(n, n, rest, z, NULL);
    for (int i = 0; i < n; i++) {
        memcpy(wide + i * two, z + i * rest, sizeof wide[0] * (size_t)n);
        memcpy(wide + i * two + n, told + i * n, sizeof wide[0] * (size_t)n);
    }
    (void)root_triangle(n, n, two, wide, NULL);
    for (int i = 0; i < n; i++)
        memcpy(root + i * n, wide + i * two, sizeof wide[0] * (size_t)n);
}

/* From the row behind it to this one: io is that row's and becomes this one's. */
static void step_back(const Pass *p, ptrdiff_t row, Back *io)
{
    const Tape *t = &p->tape;
    int n = p->m->n, two = 2 * n, pivot[NUM_MAX];
    ptrdiff_t nn = (ptrdiff_t)n * n, next = row + 1;
    double wide[4 * NUM_MAX2], y[NUM_MAX2] = {0}, told[NUM_MAX2], x[NUM_MAX] = {0};
    const double *root = t->root + row * nn;
    lay(n, t->phi + next * nn, root, t->noise + next * nn, wide);
    for (int i = 0; i < n; i++) {
        memcpy(wide + (n + i) * two, root + i * n, sizeof wide[0] * (size_t)n);
        memset(wide + (n + i) * two + n, 0, sizeof wide[0] * (size_t)n);
    }
    int taken = root_triangle(n, two, two, wide, pivot);
    for (int i = 0; i < n; i++) /* where nothing is taken, Y stays 0 */
        memcpy(y + i * n, wide + (n + i) * two, sizeof y[0] * (size_t)taken);
    for (int i = 0; i < n; i++)
        x[i] = io->mean[i] - t->fore[next * n + i];
    solve_lower(n, wide, pivot, 1, x);
    mat_vec(n, y, x, io->mean);
    for (int i = 0; i < n; i++)
        io->mean[i] += t->mean[row * n + i];
    if (p->sense) {
        mat_add(n, io->sense, -1, t->fore_sense + next * nn);
        solve_lower(n, wide, pivot, n, io->sense);
        mat_mul(n, y, io->sense, told);
        mat_copy(n, t->sense + row * nn, io->sense);
        mat_add(n, io->sense, 1, told);
    }
    solve_lower(n, wide, pivot, n, io->root);
    mat_mul(n, y, io->root, told);
    join(n, taken, told, wide, io->root);
}

/* At the same time only the readings and impulses between the two differ. */
static void same_time(const Pass *p, ptrdiff_t row, Back *io)
{
    const Tape *t = &p->tape;
    int n = p->m->n;
    for (int i = 0; i < n; i++)
        io->mean[i] += t->mean[row * n + i] - t->fore[(row + 1) * n + i];
}

static Err backward(Pass *p)
{
    int n = p->m->n;
    ptrdiff_t nn = (ptrdiff_t)n * n, last = p->d->rows - 1;
    const Tape *t = &p->tape;
    Back b;
    for (ptrdiff_t row = last; row >= 0; row--) {
        if (row == last) {
            memcpy(b.mean, t->mean + row * n, sizeof b.mean[0] * (size_t)n);
            mat_copy(n, t->root + row * nn, b.root);
            if (p->sense)
                mat_copy(n, t->sense + row * nn, b.sense);
        } else if (p->d->t[row + 1] > p->d->t[row]) {
            step_back(p, row, &b);
        } else {
            same_time(p, row, &b);
        }
        double *mean = p->out->smooth_mean + row * n, *cov = p->out->smooth_cov + row * nn;
        bool known = complete(p, b.mean, b.root, b.sense, mean, cov);
        INVARIANT(known); /* finish() has seen that delta is determined */
        if (!mat_finite(n, mean) || !mat_finite(nn, cov))
            return err_set(p->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    }
    return OK;
}

/* -- the run --------------------------------------------------------------------------------------
 */

/* Integrates a flat start out of the likelihood. */
static Err finish(Pass *p)
{
    ptrdiff_t n = p->m->n;
    if (p->sense) {
        p->open = !root_delta(p->flat, &p->delta);
        if (p->open)
            return err_set(p->cx, ERR_NUMERIC, "err.num-diffuse", NO_ARGS);
        p->out->loglik -= 0.5 * p->delta.logdet;
        if (!take(p, n, &p->out->flat_mean) || !take(p, n * n, &p->out->flat_root))
            return err_nomem(p->cx);
        memcpy(p->out->flat_mean, p->delta.mean, sizeof(double) * (size_t)n);
        mat_copy(p->m->n, p->delta.spread, p->out->flat_root);
        p->out->flat_scale = flat_scale(p->m);
    }
    if (!isfinite(p->out->loglik))
        return err_set(p->cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    p->out->readings = p->readings;
    return OK;
}

Err lds_run(Cx *cx, const LdsModel *model, const LdsData *data, LdsWant want, LdsResult *ret)
{
    LdsResult out = {.loglik = 0};
    Pass p = {.cx = cx, .m = model, .d = data, .out = &out, .want = want, .last_dt = -1};
    Err e = lds_check(cx, model, data);
    if (e == OK)
        e = step_make(cx, model->n, model->discrete, model->drift, model->diffusion, &p.step);
    if (e == OK)
        e = take_memory(&p);
    if (e == OK)
        e = start(&p);
    for (ptrdiff_t row = 0; e == OK && row < data->rows; row++)
        e = forward_row(&p, row);
    if (e == OK)
        e = finish(&p);
    if (e != OK)
        return e;
    if (want >= LDS_SMOOTH)
        e = backward(&p);
    if (e == OK)
        *ret = out;
    return e;
}

Err lds_forecast(Cx *cx, const LdsModel *model, double dt, const double mean[], const double cov[],
                 double ret_mean[], double ret_cov[])
{
    int n = model->n;
    double phi[NUM_MAX2], q[NUM_MAX2], x[NUM_MAX], moved[NUM_MAX];
    Stepper s;
    Err e = check_model(cx, model);
    if (e == OK)
        e = step_make(cx, n, model->discrete, model->drift, model->diffusion, &s);
    if (e != OK)
        return e;
    if (!step_at(&s, dt, phi, q))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    for (int i = 0; i < n; i++)
        x[i] = mean[i] - model->mean[i];
    mat_vec(n, phi, x, moved);
    for (int i = 0; i < n; i++)
        moved[i] += model->mean[i];
    double moved_cov[NUM_MAX2];
    mat_sandwich(n, phi, cov, q, moved_cov);
    mat_copy(n, moved_cov, ret_cov);
    memcpy(ret_mean, moved, sizeof moved[0] * (size_t)n);
    return OK;
}
