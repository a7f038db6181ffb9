/* num/lds_scale.c - each free number on a scale without bounds; see num/lds_scale.h.
 *
 * A covariance matrix whose free cells fill a block that nothing else touches is searched as its Cholesky factor, so
 * that every point is a covariance; the diagonal runs as a hyperbolic sine, which is a logarithm far out and goes through 0 rather than
 * creeping up to it. Where only some of its cells are free, or
 * are bounded or shared, a free covariance is searched as the inverse hyperbolic tangent of its correlation, and a matrix
 * that is none counts as no function.
 *
 * Cost: size^3 a block, else the number of cells. */
#include "num/lds_scale.h"
#include <math.h>
#include <string.h>

enum { BLOCKS_MAX = 2 * NUM_MAX };

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
static double room_of(const LdsScale *s, const LdsParam *p)
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

static void put(LdsScale *s, const LdsParam *p, double value)
{
    INVARIANT(s->part[p->cells[0].part] != NULL); /* check_params has seen that the part is there */
    for (int c = 0; c < p->cell_count; c++)
        s->part[p->cells[c].part][p->cells[c].at] = value;
}

/* The factor of a block at u. */
static void block_factor(const LdsBlock *b, const double u[], double l[])
{
    memset(l, 0, sizeof(double) * (size_t)(b->size * b->size));
    for (int i = 0, at = 0; i < b->size; i++)
        for (int j = 0; j <= i; j++, at++)
            l[i * b->size + j] = b->scale[i] * (i == j ? sinh(u[b->param[at]]) : u[b->param[at]]);
}

static void put_block(LdsScale *s, const LdsBlock *b, const double u[])
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

void lds_scale_put(LdsScale *s, const double u[])
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
static void block_slopes(const LdsScale *s, const LdsBlock *b, const double u[], const double *part,
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
static double covariance_slope(const LdsScale *s, const LdsParam *p, double u, double *part)
{
    int n = s->model.n, i = p->cells[0].at / n, j = p->cells[0].at % n;
    const double *cov = s->part[p->cells[0].part];
    double r = tanh(u), bar = part[i * n + j] + part[j * n + i], room = room_of(s, p);
    part[i * n + i] += bar * r * room / (2 * cov[i * n + i]);
    part[j * n + j] += bar * r * room / (2 * cov[j * n + j]);
    return bar * (1 - r * r) * room;
}

double lds_scale_penalty(const LdsScale *s, const double u[])
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
bool lds_scale_slopes(const LdsScale *s, const double u[], const LdsGradient *grad, double g[])
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

/* -- making it ------------------------------------------------------------------------------------- */

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
Err lds_scale_copy(Cx *cx, const LdsModel *m, LdsModel *ret, double *part[LDS_PARTS])
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

/* -- blocks ---------------------------------------------------------------------------------------- */

static bool is_variance(const LdsParam *p, LdsPart part, int n)
{
    return p->cell_count == 1 && p->cells[0].part == part && p->cells[0].at % (n + 1) == 0 &&
           p->lower >= 0 && p->lower <= 0 && !isfinite(p->upper);
}

/* Whose each cell of a covariance is, -1 where it is nobody's alone. */
static void owners(const LdsScale *s, LdsPart part, int ret[])
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
static bool fill_block(const LdsScale *s, const int owner[], LdsBlock *b)
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

static Err find_blocks(LdsScale *s)
{
    int n = s->model.n, owner[NUM_MAX2] = {0};
    s->block = arena_new(s->cx->arena, LdsBlock, BLOCKS_MAX);
    if (!s->block)
        return err_nomem(s->cx);
    for (int which = 0; which < 2; which++) {
        LdsPart part = which ? LDS_INITIAL_COV : LDS_DIFFUSION;
        if (!s->part[part])
            continue;
        owners(s, part, owner);
        for (int i = 0; i < n; i++) {
            LdsBlock *b = &s->block[s->blocks];
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
static Err place_start(LdsScale *s, double u[])
{
    for (int k = 0; k < s->count; k++) {
        const LdsParam *p = &s->params[k];
        double room = !s->in_block[k] && is_covariance(p, s->model.n) ? room_of(s, p) : 0;
        u[k] = room > 0 ? atanh(p->start / room) : from_value(p, p->start);
    }
    for (int i = 0; i < s->blocks; i++) {
        const LdsBlock *b = &s->block[i];
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

void lds_scale_values(LdsScale *s, const double u[], double ret[])
{
    lds_scale_put(s, u);
    for (int k = 0; k < s->count; k++)
        ret[k] = s->part[s->params[k].cells[0].part][s->params[k].cells[0].at];
}

Err lds_scale_make(Cx *cx, const LdsModel *m, const LdsParam params[], int count, LdsScale *ret,
                   double ret_u[])
{
    *ret = (LdsScale){.cx = cx, .params = params, .count = count};
    Err e = check_params(cx, m, params, count);
    if (e == OK)
        e = lds_scale_copy(cx, m, &ret->model, ret->part);
    if (e == OK)
        e = find_blocks(ret);
    return e == OK ? place_start(ret, ret_u) : e;
}
