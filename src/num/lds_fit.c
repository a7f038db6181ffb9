/* num/lds_fit.c - a model's free numbers on a scale without bounds, its likelihood climbed by num/climb.h.
 *
 * Each evaluation writes the values into the fit's own copy of the model and takes value and exact gradient from
 * one pass (num/lds_grad.h). A model that makes no sense (no covariance, no finite likelihood) is where the
 * function does not exist.
 *
 * A covariance matrix whose free cells fill a block that nothing else touches is searched as its Cholesky factor, so
 * that every point is a covariance; the diagonal runs as a hyperbolic sine, which is a logarithm far out and goes through 0 rather than
 * creeping up to it. Where only some of its cells are free, or
 * are bounded or shared, a free covariance is searched as the inverse hyperbolic tangent of its correlation, and a matrix
 * that is none counts as no function.
 *
 * Cost: a gradient a round, and two per parameter for the curvature; with one series eight at once (num/lanes.h). */
#include "num/lds_fit.h"
#include "base/rng.h"
#include "num/climb.h"
#include "num/lanes.h"
#include <math.h>
#include <string.h>

enum {
    SCRATCH_BYTES = 1 << 28,
    BLOCKS_MAX = 2 * NUM_MAX,
    WIDE_SERIES = 3,
    SOME_SERIES = 64,
    BEGINS = 4,
    TRIES = 2,
    EXPLORE_ROUNDS = 60
};

/* A block of free cells: its states, and whose each cell is (lower triangle, row by row). */
typedef struct Block {
    LdsPart part;
    int size, state[NUM_MAX], param[NUM_MAX * (NUM_MAX + 1) / 2];
    double scale[NUM_MAX]; /* standard deviations at the start */
} Block;

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
    Block *block;
    int blocks;
    bool in_block[LDS_PARAMS_MAX];
    LdsModel side[CLIMB_WIDE]; /* copies for several points at once */
    double *side_part[CLIMB_WIDE][LDS_PARTS];
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

/* The factor of a block at u. */
static void block_factor(const Block *b, const double u[], double l[])
{
    memset(l, 0, sizeof(double) * (size_t)(b->size * b->size));
    for (int i = 0, at = 0; i < b->size; i++)
        for (int j = 0; j <= i; j++, at++)
            l[i * b->size + j] = b->scale[i] * (i == j ? sinh(u[b->param[at]]) : u[b->param[at]]);
}

static void put_block(Search *s, const Block *b, const double u[])
{
    double l[NUM_MAX2], cov[NUM_MAX2];
    int n = s->model.n;
    block_factor(b, u, l);
    mat_mul_nt(b->size, l, l, cov);
    mat_symmetrise(b->size, cov);
    for (int i = 0; i < b->size; i++)
        for (int j = 0; j < b->size; j++)
            s->part[b->part][b->state[i] * n + b->state[j]] = cov[i * b->size + j];
}

static void put_values(Search *s, const double u[])
{
    for (int k = 0; k < s->count; k++)
        if (!s->in_block[k] && !is_covariance(&s->params[k], s->model.n))
            put(s, &s->params[k], to_value(&s->params[k], u[k]));
    for (int k = 0; k < s->count; k++) /* once the variances are in place */
        if (!s->in_block[k] && is_covariance(&s->params[k], s->model.n))
            put(s, &s->params[k], tanh(u[k]) * room_of(s, &s->params[k]));
    for (int i = 0; i < s->blocks; i++)
        put_block(s, &s->block[i], u);
}

/* The factor's derivatives are those of L L': (B + B') L, B with respect to the cells. */
static void block_slopes(const Search *s, const Block *b, const double u[], const double *part,
                         double g[])
{
    double l[NUM_MAX2], bar[NUM_MAX2] = {0}, slope[NUM_MAX2];
    int n = s->model.n, size = b->size;
    block_factor(b, u, l);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            bar[i * size + j] =
                part[b->state[i] * n + b->state[j]] + part[b->state[j] * n + b->state[i]];
    mat_mul(size, bar, l, slope);
    for (int i = 0, at = 0; i < size; i++)
        for (int j = 0; j <= i; j++, at++)
            g[b->param[at]] =
                slope[i * size + j] * b->scale[i] * (i == j ? cosh(u[b->param[at]]) : 1);
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

/* The log posterior's slope over u from the likelihood's over the model's numbers. False: not finite. */
static bool slopes_over_u(const Search *s, const double u[], const LdsGradient *grad, double g[])
{
    memset(g, 0, sizeof g[0] * (size_t)s->count);
    for (int i = 0; i < s->blocks; i++)
        block_slopes(s, &s->block[i], u, grad->part[s->block[i].part], g);
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        if (!s->in_block[k] && is_covariance(p, s->model.n))
            g[k] = covariance_slope(s, p, u[k], grad->part[p->cells[0].part]);
    }
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        if (!s->in_block[k] && !is_covariance(p, s->model.n)) {
            double sum = 0;
            for (int c = 0; c < p->cell_count; c++)
                sum += grad->part[p->cells[c].part][p->cells[c].at];
            g[k] = sum * slope_of(p, u[k]);
        }
        if (p->prior_sd > 0)
            g[k] -= (u[k] - s->origin[k]) / (p->prior_sd * p->prior_sd);
        if (!isfinite(g[k]))
            return false;
    }
    return true;
}

static bool free_loads(const Search *s)
{
    for (int k = 0; k < s->count; k++)
        for (int c = 0; c < s->params[k].cell_count; c++)
            if (s->params[k].cells[c].part == LDS_LOADING)
                return true;
    return false;
}

/* The log posterior and its gradient over u. */
static Err evaluate(Search *s, const double u[], double *ret, double g[])
{
    LdsGradient grad;
    put_values(s, u);
    arena_reset(s->inner.arena);
    err_clear(&s->inner);
    Err e =
        lds_gradients(&s->inner, &s->model, 1, s->series, s->series_count, free_loads(s), &grad);
    if (e == OK && !slopes_over_u(s, u, &grad, g))
        e = ERR_NUMERIC;
    if (e == OK)
        *ret = grad.loglik + penalty_of(s, u);
    return e;
}

/* Several points at once; one by one where they do not go together. Series are cut to their first share. */
static void evaluate_all(void *context, double share, int count, const double u[],
                         double ret_value[], double ret_g[], bool ret_there[])
{
    Search *s = context;
    LdsGradient grad[CLIMB_WIDE];
    LdsData cut[WIDE_SERIES];
    for (ptrdiff_t k = 0; k < s->series_count; k++) {
        cut[k] = s->series[k];
        cut[k].rows = (ptrdiff_t)ceil(share * (double)cut[k].rows);
    }
    for (int k = 0; k < count; k++) {
        put_values(s, u + k * s->count);
        for (int p = 0; p < LDS_PARTS; p++)
            if (s->part[p])
                memcpy(s->side_part[k][p], s->part[p],
                       sizeof(double) * (size_t)lds_part_len(&s->model, (LdsPart)p));
    }
    arena_reset(s->inner.arena);
    Err e = lds_gradients(&s->inner, s->side, count, cut, s->series_count, free_loads(s), grad);
    for (int k = 0; k < count; k++) {
        const double *at = u + k * s->count;
        double *g = ret_g + k * s->count;
        put_values(s, at); /* a covariance's slope depends on what stands beside it */
        ret_there[k] = e == OK ? slopes_over_u(s, at, &grad[k], g) : false;
        ret_value[k] = e == OK ? grad[k].loglik + penalty_of(s, at) : 0;
    }
    for (int k = 0; e != OK && share >= 1 && k < count; k++)
        ret_there[k] = evaluate(s, u + k * s->count, &ret_value[k], ret_g + k * s->count) == OK;
}

static bool exists_at(void *context, const double u[], double *ret_value, double ret_g[])
{
    return evaluate(context, u, ret_value, ret_g) == OK;
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

/* A copy of every part, to be changed. */
static Err copy_model(Cx *cx, const LdsModel *m, LdsModel *ret, double *part[LDS_PARTS])
{
    *ret = *m;
    const double **const at[LDS_PARTS] = {&ret->drift,        &ret->diffusion,   &ret->mean,
                                          &ret->initial_mean, &ret->initial_cov, &ret->loading,
                                          &ret->offset,       &ret->error,       &ret->impulse};
    for (int p = 0; p < LDS_PARTS; p++) {
        ptrdiff_t len = lds_part_len(m, (LdsPart)p);
        const double *from = lds_part(m, (LdsPart)p);
        if (len == 0 || !from)
            continue;
        part[p] = arena_new(cx->arena, double, len);
        if (!part[p])
            return err_nomem(cx);
        memcpy(part[p], from, sizeof(double) * (size_t)len);
        *at[p] = part[p];
    }
    return OK;
}

/* The caller's model stays as it is. */
static Err own_models(Search *s, const LdsModel *m)
{
    Err e = copy_model(s->cx, m, &s->model, s->part);
    for (int k = 0; e == OK && k < CLIMB_WIDE; k++)
        e = copy_model(s->cx, m, &s->side[k], s->side_part[k]);
    return e;
}

/* -- blocks ---------------------------------------------------------------------------------------- */

static bool is_variance(const LdsParam *p, LdsPart part, int n)
{
    return p->cell_count == 1 && p->cells[0].part == part && p->cells[0].at % (n + 1) == 0 &&
           p->lower >= 0 && p->lower <= 0 && !isfinite(p->upper);
}

/* Whose each cell of a covariance is, -1 where it is nobody's alone. */
static void owners(const Search *s, LdsPart part, int ret[])
{
    int n = s->model.n;
    for (int i = 0; i < n * n; i++)
        ret[i] = -1;
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        if (p->cells[0].part == part && (is_covariance(p, n) || is_variance(p, part, n)))
            for (int c = 0; c < p->cell_count; c++)
                ret[p->cells[c].at] = k;
    }
}

/* The states that free covariances tie to state i, directly or by way of others. */
static int tied(int n, const int owner[], int i, int ret[])
{
    bool in[NUM_MAX] = {false};
    int count = 0, seen = 0;
    ret[count++] = i;
    in[i] = true;
    while (seen < count) {
        int from = ret[seen++];
        for (int j = 0; j < n; j++)
            if (!in[j] && owner[from * n + j] >= 0) {
                in[j] = true;
                ret[count++] = j;
            }
    }
    return count;
}

/* All cells of the block are free, nothing else is tied to it, and it starts as a covariance. */
static bool fill_block(const Search *s, const int owner[], Block *b)
{
    int n = s->model.n, size = b->size;
    const double *cov = s->part[b->part];
    bool in[NUM_MAX] = {false};
    double start[NUM_MAX2];
    for (int i = 0; i < size; i++)
        in[b->state[i]] = true;
    for (int i = 0, at = 0; i < size; i++) {
        for (int j = 0; j < n; j++)
            if (!in[j] && fabs(cov[b->state[i] * n + j]) > 0)
                return false;
        for (int j = 0; j < size; j++)
            start[i * size + j] = cov[b->state[i] * n + b->state[j]];
        for (int j = 0; j <= i; j++, at++) {
            b->param[at] = owner[b->state[i] * n + b->state[j]];
            if (b->param[at] < 0 || s->params[b->param[at]].prior_sd > 0)
                return false;
        }
        b->scale[i] = sqrt(start[i * size + i]);
    }
    return mat_cholesky(size, start, start);
}

static Err find_blocks(Search *s)
{
    int n = s->model.n, owner[NUM_MAX2] = {0};
    s->block = arena_new(s->cx->arena, Block, BLOCKS_MAX);
    if (!s->block)
        return err_nomem(s->cx);
    for (int which = 0; which < 2; which++) {
        LdsPart part = which ? LDS_INITIAL_COV : LDS_DIFFUSION;
        if (!s->part[part])
            continue;
        owners(s, part, owner);
        for (int i = 0; i < n; i++) {
            Block *b = &s->block[s->blocks];
            b->part = part;
            b->size = tied(n, owner, i, b->state);
            bool first = true; /* each block is found from each of its states */
            for (int k = 1; k < b->size; k++)
                first = first && b->state[k] > i;
            if (b->size < 2 || !first || !fill_block(s, owner, b))
                continue;
            s->blocks++;
            for (int k = 0; k < b->size * (b->size + 1) / 2; k++)
                s->in_block[b->param[k]] = true;
        }
    }
    return OK;
}

/* Where the search starts, on its scale. */
static Err place_start(Search *s, double u[])
{
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        double room = !s->in_block[k] && is_covariance(p, s->model.n) ? room_of(s, p) : 0;
        u[k] = room > 0 ? atanh(p->start / room) : from_value(p, p->start);
    }
    for (int i = 0; i < s->blocks; i++) {
        const Block *b = &s->block[i];
        double l[NUM_MAX2] = {0};
        for (int j = 0; j < b->size * b->size; j++)
            l[j] = s->part[b->part][b->state[j / b->size] * s->model.n + b->state[j % b->size]];
        bool whole = mat_cholesky(b->size, l, l);
        INVARIANT(whole); /* fill_block has seen it */
        for (int j = 0, at = 0; j < b->size; j++)
            for (int k = 0; k <= j; k++, at++) {
                double x = l[j * b->size + k] / b->scale[j];
                u[b->param[at]] = j == k ? asinh(x) : x;
            }
    }
    for (int k = 0; k < s->count; k++) {
        s->origin[k] = u[k];
        if (!isfinite(u[k]))
            return err_set(s->cx, ERR_INVALID, "err.num-start", ARGS(arg_int("place", k + 1)));
    }
    return OK;
}

/* -- what comes out -------------------------------------------------------------------------------- */

static void read_values(Search *s, const double u[], double ret[])
{
    put_values(s, u);
    for (int k = 0; k < s->count; k++)
        ret[k] = s->part[s->params[k].cells[0].part][s->params[k].cells[0].at];
}

static Err report(Search *s, const Climb *best, LdsFit *ret)
{
    int n = s->count;
    LdsFit out = {.penalty = penalty_of(s, best->u), .model = s->model, .rounds = best->rounds};
    const double *h = best->cov;
    out.loglik = best->value - out.penalty;
    out.value = arena_new(s->cx->arena, double, n);
    out.se = arena_new(s->cx->arena, double, n);
    out.cov = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    double *jacobian = arena_new(s->cx->arena, double, (ptrdiff_t)n *n);
    if (!out.value || !out.se || !out.cov || !jacobian)
        return err_nomem(s->cx);
    for (int k = 0; k < n; k++) { /* the change of every value with u[k] */
        double shifted[LDS_PARAMS_MAX] = {0}, up[LDS_PARAMS_MAX] = {0};
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

/* -- where to begin -------------------------------------------------------------------------------- */

typedef struct Begin {
    double u[LDS_PARAMS_MAX], value;
    bool there;
} Begin;

/* A likelihood may have several tops. From the start given and from three around it, the search goes some way over a
 * part of the series, which costs little; the whole is climbed from where it came highest, which is near its top. */
static void explore(Search *s, const double start[], LdsData part[], ptrdiff_t part_count,
                    Begin ret[BEGINS])
{
    const LdsData *all = s->series;
    ptrdiff_t all_count = s->series_count;
    for (ptrdiff_t k = 0; k < part_count; k++)
        part[k] = all[k * all_count / part_count];
    s->series = part;
    s->series_count = part_count;
    for (int b = 0; b < BEGINS; b++) {
        double u[LDS_PARAMS_MAX] = {0};
        Rng r = {(uint64_t)b + 1};
        for (int k = 0; k < s->count; k++)
            u[k] = start[k] + (b == 0 ? 0 : 0.7 * rng_normal(&r) * fmax(fabs(start[k]), 0.3));
        ret[b].there =
            climb_some(s->cx, s->count, exists_at, s, u, EXPLORE_ROUNDS, ret[b].u, &ret[b].value);
    }
    s->series = all;
    s->series_count = all_count;
}

/* Climbs from the highest beginning that leads to a top. */
static Err climb_from(Search *s, Begin begin[BEGINS], Climb *top)
{
    Err e = err_set(s->cx, ERR_NUMERIC, "err.num-no-optimum", NO_ARGS);
    for (int tries = 0; e != OK && tries < TRIES; tries++) {
        int best = -1;
        for (int b = 0; b < BEGINS; b++)
            if (begin[b].there && (best < 0 || begin[b].value > begin[best].value))
                best = b;
        if (best < 0)
            break;
        begin[best].there = false;
        e = climb(s->cx, s->count, exists_at, s, begin[best].u, 1e-5, top);
    }
    return e;
}

static Err search(Search *s, const double u[], Climb *top)
{
    LaneModel *lanes = arena_new(s->inner.arena, LaneModel, 1);
    Begin *begin = arena_new(s->cx->arena, Begin, BEGINS);
    ptrdiff_t some = s->series_count / 16 > SOME_SERIES ? s->series_count / 16 : SOME_SERIES;
    some = some < s->series_count ? some : s->series_count;
    LdsData *part = arena_new(s->cx->arena, LdsData, some);
    if (!lanes || !begin || !part)
        return err_nomem(s->cx);
    Err e = ERR_NUMERIC;
    if (s->series_count <= WIDE_SERIES) {
        e = lanes_make(&s->model, lanes)
                ? climb_wide(s->cx, s->count, exists_at, evaluate_all, s, u, top)
                : climb(s->cx, s->count, exists_at, s, u, 1e-5, top);
    }
    if (e == ERR_NUMERIC) {
        explore(s, u, part, some, begin);
        e = climb_from(s, begin, top);
    }
    return e;
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
    double u[LDS_PARAMS_MAX] = {0}, value, slope[LDS_PARAMS_MAX];
    Err e = check_params(cx, model, params, count);
    if (e == OK)
        e = own_models(&s, model);
    if (e == OK)
        e = find_blocks(&s);
    if (e == OK)
        e = place_start(&s, u);
    if (e != OK)
        return e;
    e = evaluate(&s, u, &value, slope);
    if (e != OK) {
        cx->why = s.inner.why; /* says what is wrong with the start; its strings are literals */
        return e;
    }
    Climb *top = arena_new(cx->arena, Climb, 1);
    if (!top)
        return err_nomem(cx);
    e = search(&s, u, top);
    return e == OK ? report(&s, top, ret) : e;
}
