/* num/climb.c - BFGS, then Newton's method to the end; by several points at once where they cost what one does.
 *
 * BFGS needs only slopes and forgives a poor start; a step to where the function does not exist counts as one
 * that went too far and is halved. When it has all but stopped, the curvature is taken by differences of the
 * slopes: it gives Newton steps to the last digit and the covariance of the top (Laplace). Cost: an
 * evaluation a round, 2 n for each curvature, n^2 of arithmetic beside.
 *
 * Eight at once: the curvature is first guessed from a stretch of the data, the data's length scaling it up. Each round
 * then asks at two points along the step and at six beside where it stands, which give six columns of
 * the true curvature in turn; the step itself teaches the rest of it by the BFGS formula. So a round costs one evaluation
 * and Newton's method is never far; the last curvature is taken whole, by differences in one direction. */
#include "num/climb.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 500, WIDE_ROUNDS = 120, HALVINGS_MAX = 30, NEWTON_MAX = 12, AGAIN = 3 };

typedef struct Search {
    int count;
    ClimbFn *fn;
    void *context;
    double fd_step;
    ClimbWideFn *wide;       /* or NULL */
    double *points, *slopes; /* CLIMB_WIDE x n */
} Search;

typedef struct Point {
    double u[CLIMB_MAX], g[CLIMB_MAX], value;
} Point;

/* Along step from a, halving until the value has risen by its share of what the slope promised. */
static bool line(const Search *s, const Point *a, const double step[], Point *ret)
{
    double promised = mat_dot(s->count, a->g, step), scale = 1, longest = 0;
    for (int k = 0; k < s->count; k++)
        longest = fmax(longest, fabs(step[k]));
    if (longest > 2) /* a factor of e^2 in one step is far enough */
        scale = 2 / longest;
    for (int i = 0; i < HALVINGS_MAX; i++, scale /= i < 3 ? 2 : 4) {
        for (int k = 0; k < s->count; k++)
            ret->u[k] = a->u[k] + scale * step[k];
        if (s->fn(s->context, ret->u, &ret->value, ret->g) &&
            ret->value >= a->value + 1e-4 * scale * promised)
            return true;
    }
    return false;
}

/* The inverse of minus the curvature learns from one step. */
static void learn(int n, const Point *a, const Point *b, bool first, double h[])
{
    double s[CLIMB_MAX], y[CLIMB_MAX], hy[CLIMB_MAX], sy = 0, yy = 0, yhy = 0;
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

static int bfgs(const Search *s, int rounds, double h[], Point *io, Point *next)
{
    int n = s->count, round = 0;
    bool fresh = true;
    double step[CLIMB_MAX];
    for (; round < rounds; round++) {
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
static bool curvature(const Search *s, const Point *at, double ret[])
{
    int n = s->count;
    double up[CLIMB_MAX], down[CLIMB_MAX], u[CLIMB_MAX], ignored;
    memcpy(u, at->u, sizeof u[0] * (size_t)n);
    for (int k = 0; k < n; k++) {
        double step = s->fd_step * fmax(1, fabs(u[k]));
        u[k] = at->u[k] + step;
        bool there = s->fn(s->context, u, &ignored, up);
        u[k] = at->u[k] - step;
        there = there && s->fn(s->context, u, &ignored, down);
        u[k] = at->u[k];
        if (!there)
            return false;
        for (int j = 0; j < n; j++)
            ret[k * n + j] = (down[j] - up[j]) / (2 * step);
    }
    mat_symmetrise(n, ret);
    return true;
}

/* -- eight at once ------------------------------------------------------------------------------------ */

static double beside(const Search *s, const double u[], int k)
{
    return s->fd_step * fmax(1, fabs(u[k]));
}

/* Columns from .. to - 1 of minus the curvature at a point with slope g; c stays symmetric. False: not there. */
static bool columns(const Search *s, double share, const double u[], const double g[], int from,
                    int to, double c[])
{
    int n = s->count;
    double value[CLIMB_WIDE];
    bool there[CLIMB_WIDE], all = true;
    for (int at = from; at < to; at += CLIMB_WIDE) {
        int count = to - at < CLIMB_WIDE ? to - at : CLIMB_WIDE;
        for (int k = 0; k < count; k++) {
            memcpy(s->points + k * n, u, sizeof u[0] * (size_t)n);
            s->points[k * n + at + k] += beside(s, u, at + k);
        }
        s->wide(s->context, share, count, s->points, value, s->slopes, there);
        for (int k = 0; k < count; k++) {
            all = all && there[k];
            for (int j = 0; there[k] && j < n; j++)
                c[(at + k) * n + j] = (g[j] - s->slopes[k * n + j]) / beside(s, u, at + k) / share;
        }
    }
    return all;
}

static bool whole_curvature(const Search *s, double share, const Point *at, double c[])
{
    double value, g[CLIMB_MAX];
    bool there = true;
    memcpy(g, at->g, sizeof g[0] * (size_t)s->count);
    if (share < 1)
        s->wide(s->context, share, 1, at->u, &value, g, &there);
    if (!there || !columns(s, share, at->u, g, 0, s->count, c))
        return false;
    mat_symmetrise(s->count, c);
    return true;
}

/* Minus the curvature learns from one step what its formula can. */
static void learn_step(int n, const Point *a, const Point *b, double c[])
{
    double d[CLIMB_MAX], y[CLIMB_MAX], cd[CLIMB_MAX];
    for (int i = 0; i < n; i++) {
        d[i] = b->u[i] - a->u[i];
        y[i] = a->g[i] - b->g[i];
    }
    double dy = mat_dot(n, d, y), dcd;
    mat_vec(n, c, d, cd);
    dcd = mat_dot(n, d, cd);
    if (!(dy > 1e-10 * sqrt(mat_dot(n, d, d) * mat_dot(n, y, y))) || !(dcd > 0))
        return;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            c[i * n + j] += y[i] * y[j] / dy - cd[i] * cd[j] / dcd;
}

/* The step uphill; c is made definite by as much of its diagonal as that takes. Returns what it promises. */
static double uphill(int n, const double c[], double l[], const double g[], double step[])
{
    double more = 0;
    for (int i = 0; i<60; i++, more = more> 0 ? 3 * more : 1e-4) {
        mat_copy(n, c, l);
        for (int k = 0; k < n; k++)
            l[k * n + k] += more * fmax(fabs(l[k * n + k]), 1e-3);
        if (mat_cholesky(n, l, l)) {
            mat_cholesky_solve(n, l, g, step);
            return mat_dot(n, g, step);
        }
    }
    return 0;
}

enum { ALONG = 2, ASIDE = CLIMB_WIDE - ALONG };

/* One round: two points along the step, six columns of the curvature where it stands. True when it has risen. */
static bool wide_round(const Search *s, const double step[], double scale, int *io_column,
                       double c[], Point *io, Point *next)
{
    int n = s->count, aside = n < ASIDE ? n : ASIDE, best = -1;
    double value[CLIMB_WIDE], promised = mat_dot(n, io->g, step);
    bool there[CLIMB_WIDE];
    for (int k = 0; k < ALONG + aside; k++) {
        double *u = s->points + k * n;
        memcpy(u, io->u, sizeof u[0] * (size_t)n);
        for (int i = 0; k < ALONG && i < n; i++)
            u[i] += (k == 0 ? scale : 0.3 * scale) * step[i];
        if (k >= ALONG)
            u[(*io_column + k - ALONG) % n] += beside(s, io->u, (*io_column + k - ALONG) % n);
    }
    s->wide(s->context, 1, ALONG + aside, s->points, value, s->slopes, there);
    for (int k = ALONG; k < ALONG + aside; k++, *io_column = (*io_column + 1) % n)
        for (int j = 0, col = *io_column; there[k] && j < n; j++)
            c[col * n + j] = c[j * n + col] =
                (io->g[j] - s->slopes[k * n + j]) / beside(s, io->u, col);
    for (int k = 0; k < ALONG; k++)
        if (there[k] && value[k] >= io->value + 1e-4 * (k == 0 ? 1 : 0.3) * scale * promised &&
            (best < 0 || value[k] > value[best]))
            best = k;
    if (best < 0)
        return false;
    memcpy(next->u, s->points + best * n, sizeof next->u[0] * (size_t)n);
    memcpy(next->g, s->slopes + best * n, sizeof next->g[0] * (size_t)n);
    next->value = value[best];
    return true;
}

static int climb_together(const Search *s, double c[], double l[], Point *io, Point *next)
{
    enum { GUESS_PARTS = 6 };
    int n = s->count, column = 0, round = 0;
    double step[CLIMB_MAX], shorter = 1;
    if (!whole_curvature(s, 1.0 / GUESS_PARTS, io, c) && !whole_curvature(s, 1, io, c))
        return 0;
    for (; round < WIDE_ROUNDS; round++) {
        double promised = uphill(n, c, l, io->g, step), longest = 0;
        if (!(promised > 1e-7) || shorter < 1e-6)
            break;
        for (int k = 0; k < n; k++)
            longest = fmax(longest, fabs(step[k]));
        double scale = shorter * fmin(1, 2 / fmax(longest, 1e-300));
        if (!wide_round(s, step, scale, &column, c, io, next)) {
            shorter *= 0.1;
            continue;
        }
        shorter = 1;
        learn_step(n, io, next, c);
        *io = *next;
    }
    return round;
}

/* Newton's method; true when the next step would gain nothing. h becomes the inverse curvature. */
static bool newton(const Search *s, double c[], double h[], Point *io, Point *next)
{
    int n = s->count;
    double step[CLIMB_MAX];
    for (int round = 0; round < NEWTON_MAX; round++) {
        bool there = s->wide ? whole_curvature(s, 1, io, c) : curvature(s, io, c);
        if (!there || !mat_cholesky(n, c, c))
            return false;
        mat_cholesky_inverse(n, c, h);
        mat_cholesky_solve(n, c, io->g, step);
        double gain = mat_dot(n, io->g, step);
        if (gain < 1e-9)
            return true;
        if (!line(s, io, step, next))
            return gain < 1e-6; /* rounding is all that is left */
        *io = *next;
        if (gain < 1e-5) /* the next step's gain would be of the order of its square */
            return true;
    }
    return false;
}

static Err run(Cx *cx, Search *s, const double start[], Climb *ret)
{
    int n = s->count;
    INVARIANT(n >= 1 && n <= CLIMB_MAX);
    double *h = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    double *c = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    Point *now = arena_new(cx->arena, Point, 2);
    s->points = arena_new(cx->arena, double, (ptrdiff_t)CLIMB_WIDE *n);
    s->slopes = arena_new(cx->arena, double, (ptrdiff_t)CLIMB_WIDE *n);
    if (!h || !c || !now || !s->points || !s->slopes)
        return err_nomem(cx);
    memcpy(now->u, start, sizeof now->u[0] * (size_t)n);
    if (!s->fn(s->context, now->u, &now->value, now->g))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    bool done = false;
    int rounds = 0;
    for (int again = 0; again < AGAIN && rounds < ROUNDS_MAX && !done; again++) {
        rounds += s->wide ? climb_together(s, c, h, now, now + 1)
                          : bfgs(s, ROUNDS_MAX - rounds, h, now, now + 1);
        done = newton(s, c, h, now, now + 1);
        if (!done)
            s->wide = NULL; /* the slow way forgives more */
    }
    if (!done)
        return err_set(cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    ret->value = now->value;
    memcpy(ret->u, now->u, sizeof ret->u);
    ret->cov = h;
    ret->rounds = rounds;
    return OK;
}

Err climb(Cx *cx, int n, ClimbFn *fn, void *context, const double start[], double step, Climb *ret)
{
    Search s = {.count = n, .fn = fn, .context = context, .fd_step = step};
    return run(cx, &s, start, ret);
}

bool climb_some(Cx *cx, int n, ClimbFn *fn, void *context, const double start[], int rounds,
                double ret_u[], double *ret_value)
{
    Search s = {.count = n, .fn = fn, .context = context};
    double *h = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    Point *now = arena_new(cx->arena, Point, 2);
    if (!h || !now)
        return false;
    memcpy(now->u, start, sizeof now->u[0] * (size_t)n);
    if (!fn(context, now->u, &now->value, now->g))
        return false;
    (void)bfgs(&s, rounds, h, now, now + 1);
    memcpy(ret_u, now->u, sizeof now->u[0] * (size_t)n);
    *ret_value = now->value;
    return true;
}

Err climb_wide(Cx *cx, int n, ClimbFn *fn, ClimbWideFn *wide, void *context, const double start[],
               Climb *ret)
{
    Search s = {.count = n, .fn = fn, .context = context, .fd_step = 1e-5, .wide = wide};
    return run(cx, &s, start, ret);
}
