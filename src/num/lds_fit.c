/* num/lds_fit.c - BFGS from wherever it is started, Newton's method to the end.
 *
 * BFGS needs only the exact gradient and forgives a poor start; a step that leaves the models that make
 * sense (no covariance, no finite likelihood) counts as one that went too far and is halved. When it has
 * all but stopped, the curvature is taken by differences of the gradient: it gives Newton steps to the last
 * digit and the covariance of the estimates (Laplace). Cost: a gradient a round, and two per parameter for
 * the curvature. A diffuse start has no exact gradient here and is differentiated numerically. */
#include "num/lds_fit.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 500, HALVINGS_MAX = 30, NEWTON_MAX = 12 };
enum { SCRATCH_BYTES = 1 << 28 };

typedef struct Search {
    Cx *cx;
    Cx inner; /* over scratch: evaluations neither fill the caller's arena nor overwrite its reason */
    const LdsParam *params;
    int count;
    const LdsData *series;
    ptrdiff_t series_count;
    LdsModel model;
    double *part[LDS_PARTS];       /* the model's own copies */
    double origin[LDS_PARAMS_MAX]; /* the start, on the search's scale */
} Search;

/* A free covariance is searched as the inverse hyperbolic tangent of its correlation, so that no step can
 * ask for more than its variances allow. */
static bool is_covariance(const LdsParam *p, int n)
{
    if (p->cell_count != 2 || p->cells[0].part != p->cells[1].part ||
        (p->cells[0].part != LDS_DIFFUSION && p->cells[0].part != LDS_INITIAL_COV))
        return false;
    int a = p->cells[0].at, b = p->cells[1].at;
    return a / n != a % n && a / n == b % n && a % n == b / n && !isfinite(p->lower) &&
           !isfinite(p->upper);
}

/* The standard deviations on both sides of a covariance. */
static double room_of(const Search *s, const LdsParam *p)
{
    int n = s->model.n, i = p->cells[0].at / n, j = p->cells[0].at % n;
    const double *cov = s->part[p->cells[0].part];
    INVARIANT(cov != NULL);
    return sqrt(cov[i * n + i] * cov[j * n + j]);
}

/* -- the scale of the search -------------------------------------------------------------------------- */

static double to_value(const LdsParam *p, double u)
{
    bool low = isfinite(p->lower), high = isfinite(p->upper);
    if (low && high)
        return p->lower + (p->upper - p->lower) / (1 + exp(-u));
    return low ? p->lower + exp(u) : high ? p->upper - exp(u) : u;
}

static double from_value(const LdsParam *p, double value)
{
    bool low = isfinite(p->lower), high = isfinite(p->upper);
    if (low && high)
        return log((value - p->lower) / (p->upper - value));
    return low ? log(value - p->lower) : high ? log(p->upper - value) : value;
}

/* d value / d u */
static double slope_of(const LdsParam *p, double u)
{
    bool low = isfinite(p->lower), high = isfinite(p->upper);
    if (low && high) {
        double share = 1 / (1 + exp(-u));
        return (p->upper - p->lower) * share * (1 - share);
    }
    return low ? exp(u) : high ? -exp(u) : 1;
}

/* -- one evaluation ------------------------------------------------------------------------------- */

static void put(Search *s, const LdsParam *p, double value)
{
    INVARIANT(s->part[p->cells[0].part] != NULL); /* check_params has seen that the part is there */
    for (int c = 0; c < p->cell_count; c++)
        s->part[p->cells[c].part][p->cells[c].at] = value;
}

static void put_values(Search *s, const double u[])
{
    for (int k = 0; k < s->count; k++)
        if (!is_covariance(&s->params[k], s->model.n))
            put(s, &s->params[k], to_value(&s->params[k], u[k]));
    for (int k = 0; k < s->count; k++) /* once the variances are in place */
        if (is_covariance(&s->params[k], s->model.n))
            put(s, &s->params[k], tanh(u[k]) * room_of(s, &s->params[k]));
}

/* The gradient over u of one covariance; what it owes to its variances is moved to their cells. */
static double covariance_slope(const Search *s, const LdsParam *p, double u, double *part)
{
    int n = s->model.n, i = p->cells[0].at / n, j = p->cells[0].at % n;
    const double *cov = s->part[p->cells[0].part];
    double r = tanh(u), bar = part[i * n + j] + part[j * n + i], room = room_of(s, p);
    part[i * n + i] += bar * r * room / (2 * cov[i * n + i]);
    part[j * n + j] += bar * r * room / (2 * cov[j * n + j]);
    return bar * (1 - r * r) * room;
}

static double penalty_of(const Search *s, const double u[])
{
    double sum = 0;
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        double z = p->prior_sd > 0 ? (u[k] - s->origin[k]) / p->prior_sd : 0;
        sum -= 0.5 * z * z;
    }
    return sum;
}

static Err value_at(Search *s, const double u[], double *ret)
{
    double loglik;
    put_values(s, u);
    arena_reset(s->inner.arena);
    err_clear(&s->inner);
    Err e = lds_loglik(&s->inner, &s->model, s->series, s->series_count, &loglik);
    if (e == OK)
        *ret = loglik + penalty_of(s, u);
    return e;
}

static Err by_differences(Search *s, const double u[], double *ret, double g[])
{
    double at[LDS_PARAMS_MAX];
    Err e = value_at(s, u, ret);
    memcpy(at, u, sizeof at[0] * (size_t)s->count);
    for (int k = 0; e == OK && k < s->count; k++) {
        double h = 1e-5 * fmax(1, fabs(u[k])), up, down;
        at[k] = u[k] + h;
        e = value_at(s, at, &up);
        at[k] = u[k] - h;
        if (e == OK)
            e = value_at(s, at, &down);
        at[k] = u[k];
        if (e == OK)
            g[k] = (up - down) / (2 * h);
    }
    return e;
}

/* The log posterior and its gradient over u. */
static Err evaluate(Search *s, const double u[], double *ret, double g[])
{
    LdsGradient grad;
    if (s->model.start == LDS_DIFFUSE)
        return by_differences(s, u, ret, g);
    put_values(s, u);
    arena_reset(s->inner.arena);
    err_clear(&s->inner);
    Err e = lds_gradient(&s->inner, &s->model, s->series, s->series_count, &grad);
    if (e != OK)
        return e;
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        if (is_covariance(p, s->model.n))
            g[k] = covariance_slope(s, p, u[k], grad.part[p->cells[0].part]);
    }
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        if (!is_covariance(p, s->model.n)) {
            double sum = 0;
            for (int c = 0; c < p->cell_count; c++)
                sum += grad.part[p->cells[c].part][p->cells[c].at];
            g[k] = sum * slope_of(p, u[k]);
        }
        if (p->prior_sd > 0)
            g[k] -= (u[k] - s->origin[k]) / (p->prior_sd * p->prior_sd);
        if (!isfinite(g[k]))
            return ERR_NUMERIC;
    }
    *ret = grad.loglik + penalty_of(s, u);
    return OK;
}

/* -- climbing ------------------------------------------------------------------------------------- */

typedef struct Point {
    double u[LDS_PARAMS_MAX], g[LDS_PARAMS_MAX], value;
} Point;

/* Along step from a, halving until the value has risen by its share of what the slope promised. */
static bool line(Search *s, const Point *a, const double step[], Point *ret)
{
    double promised = mat_dot(s->count, a->g, step), scale = 1, longest = 0;
    for (int k = 0; k < s->count; k++)
        longest = fmax(longest, fabs(step[k]));
    if (longest > 2) /* a factor of e^2 in one step is far enough */
        scale = 2 / longest;
    for (int i = 0; i < HALVINGS_MAX; i++, scale /= i < 3 ? 2 : 4) {
        for (int k = 0; k < s->count; k++)
            ret->u[k] = a->u[k] + scale * step[k];
        if (evaluate(s, ret->u, &ret->value, ret->g) == OK &&
            ret->value >= a->value + 1e-4 * scale * promised)
            return true;
    }
    return false;
}

/* The inverse of minus the curvature learns from one step. */
static void learn(int n, const Point *a, const Point *b, bool first, double h[])
{
    double s[LDS_PARAMS_MAX], y[LDS_PARAMS_MAX], hy[LDS_PARAMS_MAX], sy = 0, yy = 0, yhy = 0;
    for (int i = 0; i < n; i++) {
        s[i] = b->u[i] - a->u[i];
        y[i] = a->g[i] - b->g[i]; /* of minus the value */
        sy += s[i] * y[i];
        yy += y[i] * y[i];
    }
    if (!(sy > 1e-12 * sqrt(yy * mat_dot(n, s, s))))
        return;
    for (int i = 0; first && i < n; i++)
        h[i * n + i] = sy / yy;
    mat_vec(n, h, y, hy);
    yhy = mat_dot(n, y, hy);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            h[i * n + j] += (1 + yhy / sy) * s[i] * s[j] / sy - (hy[i] * s[j] + s[i] * hy[j]) / sy;
}

static int bfgs(Search *s, double h[], Point *io, Point *next)
{
    int n = s->count, round = 0;
    bool fresh = true;
    double step[LDS_PARAMS_MAX];
    for (; round < ROUNDS_MAX; round++) {
        if (fresh) {
            double size = sqrt(mat_dot(n, io->g, io->g));
            mat_identity(n, h);
            for (int i = 0; i < n; i++)
                h[i * n + i] = 1 / fmax(size, 1);
        }
        mat_vec(n, h, io->g, step);
        double gain = mat_dot(n, io->g, step);
        if (gain < 1e-9 * (1 + fabs(io->value) * 1e-3) && !fresh)
            break;
        if (!(gain > 0) || !line(s, io, step, next)) {
            if (fresh)
                break;
            fresh = true; /* forget what was learnt and try straight up */
            continue;
        }
        learn(n, io, next, fresh, h);
        fresh = false;
        *io = *next;
    }
    return round;
}

/* Minus the curvature by central differences of the gradient. */
static Err curvature(Search *s, const Point *at, double ret[])
{
    int n = s->count;
    double up[LDS_PARAMS_MAX], down[LDS_PARAMS_MAX], u[LDS_PARAMS_MAX], ignored;
    memcpy(u, at->u, sizeof u[0] * (size_t)n);
    for (int k = 0; k < n; k++) {
        double step = (s->model.start == LDS_DIFFUSE ? 1e-3 : 1e-5) * fmax(1, fabs(u[k]));
        u[k] = at->u[k] + step;
        Err e = evaluate(s, u, &ignored, up);
        u[k] = at->u[k] - step;
        if (e == OK)
            e = evaluate(s, u, &ignored, down);
        u[k] = at->u[k];
        if (e != OK)
            return e;
        for (int j = 0; j < n; j++)
            ret[k * n + j] = (down[j] - up[j]) / (2 * step);
    }
    mat_symmetrise(n, ret);
    return OK;
}

/* Newton's method; true when the next step would gain nothing. h becomes the inverse curvature. */
static bool newton(Search *s, double c[], double h[], Point *io, Point *next)
{
    int n = s->count;
    double step[LDS_PARAMS_MAX];
    for (int round = 0; round < NEWTON_MAX; round++) {
        if (curvature(s, io, c) != OK || !mat_cholesky(n, c, c))
            return false;
        mat_cholesky_inverse(n, c, h);
        mat_cholesky_solve(n, c, io->g, step);
        double gain = mat_dot(n, io->g, step);
        if (gain < 1e-9)
            return true;
        if (!line(s, io, step, next))
            return gain < 1e-6; /* rounding is all that is left */
        *io = *next;
    }
    return false;
}

/* -- the whole ------------------------------------------------------------------------------------ */

static Err check_params(Cx *cx, const LdsModel *m, const LdsParam params[], int count)
{
    if (count < 1 || count > LDS_PARAMS_MAX)
        return err_set(cx, ERR_INVALID, "err.num-free", ARGS(arg_int("n", LDS_PARAMS_MAX)));
    for (int k = 0; k < count; k++) {
        const LdsParam *p = &params[k];
        bool fine = isfinite(p->start) && p->start > p->lower && p->start < p->upper &&
                    p->cell_count > 0 && p->prior_sd >= 0;
        for (int c = 0; fine && c < p->cell_count; c++)
            fine = (int)p->cells[c].part < LDS_PARTS && p->cells[c].at >= 0 &&
                   p->cells[c].at < lds_part_len(m, p->cells[c].part);
        if (!fine)
            return err_set(cx, ERR_INVALID, "err.num-start", ARGS(arg_int("place", k + 1)));
    }
    return OK;
}

/* Copies every part, so that the caller's model stays as it is. */
static Err own_model(Search *s, const LdsModel *m)
{
    s->model = *m;
    const double **const at[LDS_PARTS] = {
        &s->model.drift,        &s->model.diffusion,   &s->model.mean,
        &s->model.initial_mean, &s->model.initial_cov, &s->model.loading,
        &s->model.offset,       &s->model.error,       &s->model.impulse};
    for (int p = 0; p < LDS_PARTS; p++) {
        ptrdiff_t len = lds_part_len(m, (LdsPart)p);
        const double *from = lds_part(m, (LdsPart)p);
        if (len == 0 || !from)
            continue;
        s->part[p] = arena_new(s->cx->arena, double, len);
        if (!s->part[p])
            return err_nomem(s->cx);
        memcpy(s->part[p], from, sizeof(double) * (size_t)len);
        *at[p] = s->part[p];
    }
    return OK;
}

static void read_values(Search *s, const double u[], double ret[])
{
    put_values(s, u);
    for (int k = 0; k < s->count; k++)
        ret[k] = s->part[s->params[k].cells[0].part][s->params[k].cells[0].at];
}

static Err report(Search *s, const Point *best, const double h[], int rounds, LdsFit *ret)
{
    int n = s->count;
    LdsFit out = {.penalty = penalty_of(s, best->u), .model = s->model, .rounds = rounds};
    out.loglik = best->value - out.penalty;
    out.value = arena_new(s->cx->arena, double, n);
    out.se = arena_new(s->cx->arena, double, n);
    out.cov = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    double *jacobian = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    if (!out.value || !out.se || !out.cov || !jacobian)
        return err_nomem(s->cx);
    for (int k = 0; k < n; k++) { /* the change of every value with u[k] */
        double shifted[LDS_PARAMS_MAX], up[LDS_PARAMS_MAX];
        memcpy(shifted, best->u, sizeof shifted[0] * (size_t)n);
        shifted[k] += 1e-6;
        read_values(s, shifted, up);
        shifted[k] -= 2e-6;
        read_values(s, shifted, out.value);
        for (int i = 0; i < n; i++)
            jacobian[i * n + k] = (up[i] - out.value[i]) / 2e-6;
    }
    read_values(s, best->u, out.value);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int a = 0; a < n; a++)
                for (int b = 0; b < n; b++)
                    sum += jacobian[i * n + a] * h[a * n + b] * jacobian[j * n + b];
            out.cov[i * n + j] = sum;
        }
    for (int i = 0; i < n; i++)
        out.se[i] = sqrt(fmax(out.cov[i * n + i], 0));
    *ret = out;
    return OK;
}

Err lds_fit(Cx *cx, const LdsModel *model, const LdsParam params[], int count,
            const LdsData series[], ptrdiff_t series_count, LdsFit *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Search s = {
        .cx = cx,
        .inner = {.arena = &scratch, .now_ms = cx->now_ms},
        .params = params,
        .count = count,
        .series = series,
        .series_count = series_count
    };
    Err e = check_params(cx, model, params, count);
    if (e == OK)
        e = own_model(&s, model);
    if (e != OK)
        return e;
    double *h = arena_new(cx->arena, double, (ptrdiff_t)count *count);
    double *c = arena_new(cx->arena, double, (ptrdiff_t)count *count);
    Point *now = arena_new(cx->arena, Point, 2);
    if (!h || !c || !now)
        return err_nomem(cx);
    for (int k = 0; k < count; k++) {
        double room = is_covariance(&params[k], model->n) ? room_of(&s, &params[k]) : 0;
        s.origin[k] =
            room > 0 ? atanh(params[k].start / room) : from_value(&params[k], params[k].start);
        now->u[k] = s.origin[k];
        if (!isfinite(now->u[k]))
            return err_set(cx, ERR_INVALID, "err.num-start", ARGS(arg_int("place", k + 1)));
    }
    e = evaluate(&s, now->u, &now->value, now->g);
    if (e != OK) {
        cx->why = s.inner.why; /* says what is wrong with the start; its strings are literals */
        return e;
    }
    int rounds = 0;
    bool done = false;
    for (int again = 0; again < 4 && !done; again++) {
        rounds += bfgs(&s, h, now, now + 1);
        done = newton(&s, c, h, now, now + 1);
    }
    if (!done)
        return err_set(cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    return report(&s, now, h, rounds, ret);
}
