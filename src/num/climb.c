/* num/climb.c - BFGS, then Newton's method to the end.
 *
 * BFGS needs only slopes and forgives a poor start; a step to where the function does not exist counts as one
 * that went too far and is halved. When it has all but stopped, the curvature is taken by differences of the
 * slopes: it gives Newton steps to the last digit and the covariance of the top (Laplace). Cost: an
 * evaluation a round, 2 n for each curvature, n^2 of arithmetic beside. */
#include "num/climb.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 500, HALVINGS_MAX = 30, NEWTON_MAX = 12 };

typedef struct Search {
    int count;
    ClimbFn *fn;
    void *context;
    double fd_step;
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

static int bfgs(const Search *s, double h[], Point *io, Point *next)
{
    int n = s->count, round = 0;
    bool fresh = true;
    double step[CLIMB_MAX];
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

/* Newton's method; true when the next step would gain nothing. h becomes the inverse curvature. */
static bool newton(const Search *s, double c[], double h[], Point *io, Point *next)
{
    int n = s->count;
    double step[CLIMB_MAX];
    for (int round = 0; round < NEWTON_MAX; round++) {
        if (!curvature(s, io, c) || !mat_cholesky(n, c, c))
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

Err climb(Cx *cx, int n, ClimbFn *fn, void *context, const double start[], double step, Climb *ret)
{
    INVARIANT(n >= 1 && n <= CLIMB_MAX);
    Search s = {.count = n, .fn = fn, .context = context, .fd_step = step};
    double *h = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    double *c = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    Point *now = arena_new(cx->arena, Point, 2);
    if (!h || !c || !now)
        return err_nomem(cx);
    memcpy(now->u, start, sizeof now->u[0] * (size_t)n);
    if (!fn(context, now->u, &now->value, now->g))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    bool done = false;
    int rounds = 0;
    for (int again = 0; again < 4 && !done; again++) {
        rounds += bfgs(&s, h, now, now + 1);
        done = newton(&s, c, h, now, now + 1);
    }
    if (!done)
        return err_set(cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    ret->value = now->value;
    memcpy(ret->u, now->u, sizeof ret->u);
    ret->cov = h;
    ret->rounds = rounds;
    return OK;
}
