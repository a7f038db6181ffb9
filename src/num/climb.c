/* num/climb.c - BFGS, then Newton's method to the end; by several points at once where they cost what one does.
 *
 * BFGS needs only slopes and forgives a poor start; a step to where the function does not exist counts as one
 * that went too far and is halved. When it has all but stopped, the curvature is taken by differences of the
 * slopes: it gives Newton steps to the last digit and the covariance of the top (Laplace). Cost: an
 * evaluation a round, 2 n for each curvature, n^2 of arithmetic beside.
 *
 * Eight at once: far from the top the information is the curvature, and eight lengths of each step are tried. Near it a round
 * asks for the step itself and beside where it stands for seven columns of the true curvature, those that were taken longest
 * ago. The columns known so far and what the information says of the rest make the next step, and the last step teaches
 * it by the BFGS formula. So a round costs one evaluation and Newton's method is never far; at the top the columns that
 * have grown old are taken anew. */
#include "num/climb.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

static const double NOTHING = 1e-7; /* a gain */
static const double MAYBE_LEVEL =
    1e-4; /* a curvature's least eigenvalue, each number measured by its own */
static const double LEVEL = 1e-9; /* the same of the information, whose errors are squared */
static const double RUN_OUT = 4;  /* a factor of e^4 */
static const double NEAR =
    10; /* a gain under which the curvature itself serves better than the information */
static const double FAR = 3; /* a factor of e^3 in one step is far enough */
static const double FRESH =
    3e-3; /* standard deviations over which a column of the curvature stays good */

enum { ROUNDS_MAX = 500, WIDE_ROUNDS = 120, HALVINGS_MAX = 30, NEWTON_MAX = 12, AGAIN = 3 };

typedef struct Search {
    int count;
    ClimbFn *fn;
    void *context;
    double fd_step;
    ClimbWideFn *wide; /* or NULL */
    ClimbInfoFn *info;
    double *points, *slopes;       /* CLIMB_WIDE x n */
    double *base, *columns, *work; /* n x n; base: the information where it was asked last */
    const double *start;
    Climb *found; /* what it found out about where it is level */
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

/* Whether c, about minus a curvature, is all but 0 along some way, each number measured by its own: its least
 * eigenvector, by inverse iteration. Writes which numbers make it up. */
static bool level_along(int n, const double c[], double least, double work[], Climb *ret)
{
    double size[CLIMB_MAX] = {0}, v[CLIMB_MAX] = {0}, share = 0;
    ret->level_count = 0;
    for (int k = 0; k < n; k++) {
        size[k] = sqrt(c[k * n + k]);
        v[k] = 1 + 0.3 * sin(k); /* no eigenvector of anything */
        if (!(size[k] > 0)) {
            ret->level[0] = k;
            ret->level_count = 1;
            return true;
        }
    }
    for (int i = 0; i < n * n; i++)
        work[i] = c[i] / (size[i / n] * size[i % n]) + (i % (n + 1) == 0 ? 1e-3 * least : 0);
    if (!mat_cholesky(n, work, work))
        return false;
    for (int round = 0; round < 8; round++) {
        mat_cholesky_solve(n, work, v, v);
        share = 1 / sqrt(mat_dot(n, v, v));
        for (int k = 0; k < n; k++)
            v[k] *= share;
    }
    if (share > least) /* about the eigenvalue */
        return false;
    while (ret->level_count < CLIMB_LEVEL) {
        int most = 0;
        for (int k = 0; k < n; k++)
            most = fabs(v[k]) > fabs(v[most]) ? k : most;
        if (fabs(v[most]) < 0.1)
            break;
        ret->level[ret->level_count++] = most;
        v[most] = 0;
    }
    return true;
}

/* Numbers that have run so far that nothing changes with them any more (a variance that is best at 0) stay where they
 * are. */
static void pin(const Search *s, const Point *at, double c[], bool ret_pinned[])
{
    int n = s->count;
    for (int k = 0; k < n; k++) {
        ret_pinned[k] = fabs(at->u[k] - s->start[k]) > RUN_OUT && fabs(at->g[k]) < 1e-5 &&
                        fabs(c[k * n + k]) < 1e-3;
        for (int j = 0; ret_pinned[k] && j < n; j++)
            c[k * n + j] = c[j * n + k] = j == k;
    }
}

typedef enum Top { TOP_NOT_YET, TOP_FOUND, TOP_LEVEL } Top;

/* With minus the curvature c: whether this is the top, up to a last step that is too short to be worth a look and is
 * taken; or level; or not yet, then the step and what it promises (0: none). h becomes c's inverse. */
static Top close_by(const Search *s, double c[], double h[], Point *io, double step[],
                    double *ret_gain)
{
    int n = s->count;
    bool pinned[CLIMB_MAX];
    *ret_gain = 0;
    pin(s, io, c, pinned);
    bool level = level_along(n, c, MAYBE_LEVEL, h, s->found), whole = mat_cholesky(n, c, c);
    if ((level || !whole) && s->info && s->info(s->context, io->u, h)) {
        pin(s, io, h, pinned);
        if (level_along(n, h, LEVEL, s->work, s->found))
            return TOP_LEVEL;
    }
    s->found->level_count = 0;
    if (!whole)
        return TOP_NOT_YET;
    mat_cholesky_inverse(n, c, h);
    mat_cholesky_solve(n, c, io->g, step);
    for (int k = 0; k < n; k++)
        if (pinned[k])
            step[k] = h[k * n + k] = 0;
    *ret_gain = mat_dot(n, io->g, step);
    if (*ret_gain > 10 * NOTHING)
        return TOP_NOT_YET;
    for (int k = 0; k < n; k++)
        io->u[k] += step[k];
    io->value += *ret_gain / 2;
    return TOP_FOUND;
}

/* -- eight at once ------------------------------------------------------------------------------------ */

static double beside(const Search *s, const double u[], int k)
{
    return s->fd_step * fmax(1, fabs(u[k]));
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
        bool firm = mat_cholesky(n, l, l);
        for (int k = 0; firm && k < n; k++) /* a way along which it is level is no way up */
            firm = l[k * n + k] * l[k * n + k] > 1e-9 * c[k * n + k];
        if (firm) {
            mat_cholesky_solve(n, l, g, step);
            return mat_dot(n, g, step);
        }
    }
    return 0;
}

/* Columns of minus the curvature as they were taken, and how far it has gone since, in standard deviations. */
typedef struct Columns {
    double *at; /* n x n, column k in row k */
    double gone[CLIMB_MAX];
} Columns;

enum { ALONG = 1 };

/* How much of a step is taken: far from the top all places of a round are spent on it, near it one. */
static const double REACH[CLIMB_WIDE] = {1, 0.3, 0.6, 1.5, 2.5, 0.1, 0.03, 0.003};

/* Takes the numbers known out of the symmetric m, one by one: what stays of the others' block is its Schur complement. */
static bool take_out(int n, const Columns *known, double m[])
{
    for (int k = 0; k < n; k++) {
        if (!isfinite(known->gone[k]))
            continue;
        double pivot = m[k * n + k];
        if (!(pivot > 0))
            return false;
        for (int i = 0; i < n; i++) {
            double share = m[i * n + k] / pivot;
            for (int j = 0; i != k && j < n; j++)
                m[i * n + j] -= share * m[k * n + j];
        }
    }
    return true;
}

/* c = minus the curvature from the columns known of it and, where there are none, from base: what base says of those
 * numbers once the known ones are allowed for. This is the BFGS formula for all known columns at once (Gower, Goldfarb &
 * Richtarik 2016): it has them, and is definite where they and base are. */
static void complete(const Search *s, const Columns *known, double rest[], double c[])
{
    int n = s->count;
    mat_zero(n, c);
    for (int k = 0; k < n; k++)
        for (int j = 0; isfinite(known->gone[k]) && j < n; j++) {
            bool both = isfinite(known->gone[j]);
            double x = known->at[k * n + j];
            c[k * n + j] = c[j * n + k] = both ? (x + known->at[j * n + k]) / 2 : x;
        }
    mat_copy(n, c, rest);
    mat_copy(n, s->base, s->work);
    bool whole = take_out(n, known, rest) && take_out(n, known, s->work);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (!isfinite(known->gone[i]) && !isfinite(known->gone[j]))
                c[i * n + j] = whole ? s->work[i * n + j] - rest[i * n + j] : s->base[i * n + j];
}

static void aside(const Search *s, const double u[], int column, double ret[])
{
    memcpy(ret, u, sizeof u[0] * (size_t)s->count);
    ret[column] += beside(s, u, column);
}

static void take_column(const Search *s, const Point *at, int column, const double slope[],
                        Columns *io)
{
    int n = s->count;
    for (int j = 0; j < n; j++)
        io->at[column * n + j] = (at->g[j] - slope[j]) / beside(s, at->u, column);
    io->gone[column] = 0;
}

/* The column that was taken longest ago, by the way gone since. */
static int oldest(int n, const Columns *c, const bool taken[])
{
    int worst = -1;
    for (int k = 0; k < n; k++)
        if (!taken[k] && (worst < 0 || c->gone[k] > c->gone[worst]))
            worst = k;
    return worst;
}

/* Asks at so many lengths along the step and, in the places left, beside where it stands for columns of the curvature,
 * which c takes over. True when it has risen. */
static bool wide_round(const Search *s, const double step[], double scale, int along, Columns *cols,
                       const Point *io, Point *next)
{
    int n = s->count, best = -1, count = along, column[CLIMB_WIDE];
    double value[CLIMB_WIDE], promised = mat_dot(n, io->g, step);
    bool there[CLIMB_WIDE], taken[CLIMB_MAX] = {false};
    for (int k = 0; k < along; k++)
        for (int i = 0; i < n; i++)
            s->points[k * n + i] = io->u[i] + REACH[k] * scale * step[i];
    for (; count < CLIMB_WIDE && count - along < n; count++) {
        column[count] = oldest(n, cols, taken);
        taken[column[count]] = true;
        aside(s, io->u, column[count], s->points + count * n);
    }
    s->wide(s->context, count, s->points, value, s->slopes, there);
    for (int k = along; k < count; k++) {
        if (!there[k])
            continue;
        take_column(s, io, column[k], s->slopes + k * n, cols);
    }
    for (int k = 0; k < along; k++)
        if (there[k] && value[k] >= io->value + 1e-4 * REACH[k] * scale * promised &&
            (best < 0 || value[k] > value[best]))
            best = k;
    if (best < 0)
        return false;
    memcpy(next->u, s->points + best * n, sizeof next->u[0] * (size_t)n);
    memcpy(next->g, s->slopes + best * n, sizeof next->g[0] * (size_t)n);
    next->value = value[best];
    return true;
}

/* Takes anew every column since which it has gone further than that. False: not there. */
static bool renew(const Search *s, const Point *at, double further, Columns *io)
{
    int n = s->count, column[CLIMB_WIDE], count = 0;
    double value[CLIMB_WIDE];
    bool there[CLIMB_WIDE], all = true;
    for (int k = 0; k < n; k++) {
        if (io->gone[k] > further) {
            aside(s, at->u, k, s->points + count * n);
            column[count++] = k;
        }
        if (count < CLIMB_WIDE && (k < n - 1 || count == 0))
            continue;
        s->wide(s->context, count, s->points, value, s->slopes, there);
        for (int i = 0; i < count; i++) {
            all = all && there[i];
            if (there[i])
                take_column(s, at, column[i], s->slopes + i * n, io);
        }
        count = 0;
    }
    return all;
}

static double longest_of(int n, const double step[])
{
    double longest = 0;
    for (int k = 0; k < n; k++)
        longest = fmax(longest, fabs(step[k]));
    return longest;
}

/* Up to where nothing is left to gain. near: columns of the curvature are at hand from before. */
static int climb_together(const Search *s, bool near, Columns *cols, double c[], double l[],
                          Point *io, Point *next)
{
    int n = s->count, round = 0;
    double step[CLIMB_MAX], shorter = 1;
    bool moved = false;
    for (; round < WIDE_ROUNDS && shorter > 1e-6; round++) {
        if (near) {
            complete(s, cols, l, c);
        } else if (s->info(s->context, io->u, s->base)) {
            mat_copy(n, s->base, c);
        } else {
            break;
        }
        if (near && moved)
            learn_step(n, next, io, c);
        double promised = uphill(n, c, l, io->g, step);
        if (!(promised > NOTHING))
            break;
        double scale = shorter * fmin(1, FAR / fmax(longest_of(n, step), 1e-300));
        if (!wide_round(s, step, scale, near ? ALONG : CLIMB_WIDE, cols, io, next)) {
            shorter *= near ? 0.1 : 1e-3;
            continue;
        }
        near = near || promised < NEAR;
        shorter = 1;
        moved = true;
        for (int k = 0; k < n; k++)
            cols->gone[k] += sqrt(promised);
        Point before = *io;
        *io = *next;
        *next = before;
    }
    return round;
}

/* The whole curvature at the top, and the last step by it, too short to be worth a look. */
static Top finish(const Search *s, Columns *cols, double c[], double h[], Point *io)
{
    double step[CLIMB_MAX], gain;
    if (!renew(s, io, FRESH, cols))
        return TOP_NOT_YET;
    mat_copy(s->count, cols->at, c);
    mat_symmetrise(s->count, c);
    return close_by(s, c, h, io, step, &gain);
}

static Top climb_wide_from(const Search *s, double c[], double h[], Point *io, Point *next,
                           int *io_rounds)
{
    Columns cols = {.at = s->columns};
    for (int k = 0; k < s->count; k++)
        cols.gone[k] = HUGE_VAL;
    for (int again = 0; again < AGAIN; again++) {
        *io_rounds += climb_together(s, again > 0, &cols, c, h, io, next);
        Top top = finish(s, &cols, c, h, io);
        if (top != TOP_NOT_YET)
            return top;
    }
    return TOP_NOT_YET;
}

/* -- one by one --------------------------------------------------------------------------------------- */

/* Newton's method. */
static Top newton(const Search *s, double c[], double h[], Point *io, Point *next)
{
    double step[CLIMB_MAX], gain;
    for (int round = 0; round < NEWTON_MAX; round++) {
        if (!curvature(s, io, c))
            return TOP_NOT_YET;
        Top top = close_by(s, c, h, io, step, &gain);
        if (top != TOP_NOT_YET)
            return top;
        if (!(gain > 0) || !line(s, io, step, next))
            return TOP_NOT_YET;
        *io = *next;
    }
    return TOP_NOT_YET;
}

static void went_furthest(int n, const double from[], const double to[], Climb *ret)
{
    ret->endless = true;
    ret->level_count = 1;
    ret->level[0] = 0;
    for (int k = 1; k < n; k++)
        if (fabs(to[k] - from[k]) > fabs(to[ret->level[0]] - from[ret->level[0]]))
            ret->level[0] = k;
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
    s->columns = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    s->work = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    s->base = arena_new(cx->arena, double, (ptrdiff_t)n *n);
    if (!h || !c || !now || !s->points || !s->slopes || !s->columns || !s->work || !s->base)
        return err_nomem(cx);
    memcpy(now->u, start, sizeof now->u[0] * (size_t)n);
    if (!s->fn(s->context, now->u, &now->value, now->g))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    int rounds = 0;
    s->found = ret;
    s->start = start;
    ret->level_count = 0;
    ret->endless = false;
    Top top = s->wide ? climb_wide_from(s, c, h, now, now + 1, &rounds) : TOP_NOT_YET;
    for (int again = 0; again < AGAIN && rounds < ROUNDS_MAX && top == TOP_NOT_YET; again++) {
        rounds += bfgs(s, ROUNDS_MAX - rounds, h, now, now + 1);
        top = newton(s, c, h, now, now + 1);
    }
    if (top == TOP_NOT_YET)
        went_furthest(n, start, now->u, ret);
    ret->value = now->value;
    if (top != TOP_FOUND)
        return err_set(cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    memcpy(ret->u, now->u, sizeof ret->u);
    ret->cov = h;
    ret->rounds = rounds;
    return OK;
}

Err climb(Cx *cx, int n, ClimbFn *fn, ClimbInfoFn *info, void *context, const double start[],
          double step, Climb *ret)
{
    Search s = {.count = n, .fn = fn, .info = info, .context = context, .fd_step = step};
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

Err climb_wide(Cx *cx, int n, ClimbFn *fn, ClimbWideFn *wide, ClimbInfoFn *info, void *context,
               const double start[], Climb *ret)
{
    Search s = {
        .count = n, .fn = fn, .context = context, .fd_step = 1e-5, .wide = wide, .info = info};
    return run(cx, &s, start, ret);
}
