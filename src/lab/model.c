/* lab/model.c - each part is read into a plain array whose cells remember which free number stands in them; free
 * numbers of one name, and the two mirrored cells of a covariance, become one parameter. What a covariance, a size or
 * a name must be is checked here, where line and column are known; num checks again. */
#include "lab/model.h"
#include "base/utf8.h"
#include <math.h>

typedef struct Reading {
    Cx *cx;
    LabModel *m;
    const double **to[LDS_PARTS];
    LdsCell cells[MODEL_CELLS]; /* of free numbers, in the order found */
    int owner[MODEL_CELLS];
    int count;
} Reading;

static Err wrong(Reading *r, const Node *v, const char *key, Str name)
{
    return err_set(r->cx, ERR_INVALID, key,
                   ARGS(arg_str("file", r->m->file), arg_int("line", v->line),
                        arg_int("column", v->column), arg_str("name", name)));
}

static Err too_many(Reading *r, const Node *v, int most)
{
    return err_set(r->cx, ERR_INVALID, "err.lab-model-many",
                   ARGS(arg_str("file", r->m->file), arg_int("line", v->line),
                        arg_int("column", v->column), arg_str("name", v->key), arg_int("n", most)));
}

static Err wrong_size(Reading *r, const Node *v, Str name, int want)
{
    return err_set(r->cx, ERR_INVALID, "err.lab-model-size",
                   ARGS(arg_str("file", r->m->file), arg_int("line", v->line),
                        arg_int("column", v->column), arg_str("name", name), arg_int("n", want)));
}

/* -- free numbers ------------------------------------------------------------------------------------ */

static bool is_covariance(LdsPart part)
{
    return part == LDS_DIFFUSION || part == LDS_INITIAL_COV;
}

static bool is_variance(const LabModel *m, LdsPart part, int at)
{
    return part == LDS_ERROR || (is_covariance(part) && at % (m->lds.n + 1) == 0);
}

static bool bounds_of(const Node *v, double *io_start, double *ret_lower, double *ret_upper)
{
    const Node *lower = value_member(v, "lower"), *upper = value_member(v, "upper"),
               *start = value_member(v, "free");
    if ((lower && lower->kind != VALUE_NUMBER) || (upper && upper->kind != VALUE_NUMBER) ||
        (start && start->kind != VALUE_NUMBER))
        return false;
    *ret_lower = lower ? lower->number : *ret_lower;
    *ret_upper = upper ? upper->number : (double)INFINITY;
    *io_start = start ? start->number : *io_start;
    for (const Node *c = v->first; c; c = c->next)
        if (c != lower && c != upper && c != start && !str_eq_c(c->key, "name"))
            return false;
    return true;
}

/* The parameter that cell (i, j) of a covariance already has at (j, i), else -1. */
static int mirrored(const Reading *r, LdsPart part, int at)
{
    int n = r->m->lds.n, twin = at % n * n + at / n;
    for (int k = 0; is_covariance(part) && twin != at && k < r->count; k++)
        if (r->cells[k].part == part && r->cells[k].at == twin)
            return r->owner[k];
    return -1;
}

static int named(const LabModel *m, Str name)
{
    for (int k = 0; name.len > 0 && k < m->params; k++)
        if (str_eq(m->param_name[k], name))
            return k;
    return -1;
}

static Str cell_name(Reading *r, LdsPart part, Str part_name, int at)
{
    Buf buf = buf_make(r->cx->arena, 400);
    Str out;
    int n = r->m->lds.n;
    bool matrix = part == LDS_DRIFT || is_covariance(part) || part == LDS_LOADING;
    buf_put(&buf, part_name);
    if (matrix)
        buf_fmt(&buf, "[%d,%d]", at / n + 1, at % n + 1);
    else
        buf_fmt(&buf, "[%d]", at + 1);
    return buf_done(r->cx, &buf, &out) == OK ? out : part_name;
}

static Err read_free(Reading *r, const Node *v, LdsPart part, Str part_name, int at, double *ret)
{
    LabModel *m = r->m;
    const Node *name = value_member(v, "name");
    if (name && (name->kind != VALUE_TEXT || name->text.len == 0))
        return wrong(r, name, "err.lab-model-free", part_name);
    int k = named(m, name ? name->text : STR(""));
    if (k < 0 && !name)
        k = mirrored(r, part, at);
    double start = k >= 0 ? m->param[k].start : (double)NAN;
    double lower = is_variance(m, part, at) ? 0 : -(double)INFINITY, upper;
    if (!bounds_of(v, &start, &lower, &upper) || !isfinite(start) || start <= lower ||
        start >= upper)
        return wrong(r, v, "err.lab-model-free", part_name);
    if (r->count == MODEL_CELLS || (k < 0 && m->params == LDS_PARAMS_MAX))
        return err_set(r->cx, ERR_LIMIT, "err.num-free", ARGS(arg_int("n", LDS_PARAMS_MAX)));
    if (k < 0) {
        k = m->params++;
        m->param[k] = (LdsParam){.start = start, .lower = lower, .upper = upper};
        m->param_node[k] = v;
        m->param_name[k] = name ? name->text : cell_name(r, part, part_name, at);
    } else {
        m->param[k].lower = fmax(m->param[k].lower, lower);
        m->param[k].upper = fmin(m->param[k].upper, upper);
        if (fabs(m->param[k].start - start) > 0 || start <= m->param[k].lower ||
            start >= m->param[k].upper)
            return wrong(r, v, "err.lab-model-shared", m->param_name[k]);
    }
    r->cells[r->count] = (LdsCell){part, at};
    r->owner[r->count++] = k;
    *ret = start;
    return OK;
}

/* Each parameter's cells, side by side. */
static Err gather_cells(Reading *r)
{
    LdsCell *cells = arena_new(r->cx->arena, LdsCell, r->count + 1);
    if (!cells)
        return err_nomem(r->cx);
    int used = 0;
    for (int k = 0; k < r->m->params; k++) {
        LdsParam *p = &r->m->param[k];
        p->cells = cells + used;
        for (int i = 0; i < r->count; i++)
            if (r->owner[i] == k)
                cells[used++] = r->cells[i];
        p->cell_count = (int)(cells + used - p->cells);
    }
    return OK;
}

/* -- parts ------------------------------------------------------------------------------------------- */

static Err read_cell(Reading *r, const Node *v, LdsPart part, Str name, int at, double *ret)
{
    if (v->kind == VALUE_OBJECT)
        return read_free(r, v, part, name, at, ret);
    if (v->kind != VALUE_NUMBER)
        return wrong(r, v, "err.lab-model-number", name);
    if (is_variance(r->m, part, at) && v->number < 0)
        return wrong(r, v, "err.lab-model-variance", name);
    *ret = v->number;
    return OK;
}

static Err read_row(Reading *r, const Node *list, LdsPart part, Str name, int from, int n,
                    double ret[])
{
    if (list->kind != VALUE_LIST || list->count != n)
        return wrong_size(r, list, name, n);
    Err e = OK;
    int i = 0;
    for (const Node *v = list->first; v && e == OK; v = v->next, i++)
        e = read_cell(r, v, part, name, from + i, ret + i);
    return e;
}

static Err check_mirror(Reading *r, const Node *v, LdsPart part, Str name, const double a[])
{
    int n = r->m->lds.n;
    double root[NUM_MAX2];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (fabs(a[i * n + j] - a[j * n + i]) >
                1e-9 * sqrt(fabs(a[i * n + i] * a[j * n + j])) + 1e-300)
                return wrong(r, v, "err.lab-model-covariance", name);
    /* A free off-diagonal cell must be free in both places. */
    for (int k = 0; k < r->count; k++) {
        int at = r->cells[k].at, twin = at % n * n + at / n, found = 0;
        for (int j = 0; j < r->count; j++)
            found +=
                r->cells[j].part == part && r->cells[j].at == twin && r->owner[j] == r->owner[k];
        if (r->cells[k].part == part && !found)
            return wrong(r, v, "err.lab-model-covariance", name);
    }
    return mat_cholesky_semi(n, a, root) ? OK : wrong(r, v, "err.lab-model-covariance", name);
}

static Err read_matrix(Reading *r, const Node *v, LdsPart part, Str name, int rows)
{
    int n = r->m->lds.n, i = 0;
    double *a = r->m->part[part];
    if (v->kind != VALUE_LIST || v->count != rows)
        return wrong_size(r, v, name, rows);
    Err e = OK;
    for (const Node *row = v->first; row && e == OK; row = row->next, i++)
        e = read_row(r, row, part, name, i * n, n, a + i * n);
    return e == OK && is_covariance(part) ? check_mirror(r, v, part, name, a) : e;
}

/* A list of m variances, or an m x m matrix with nothing off its diagonal. */
static Err read_error(Reading *r, const Node *v, Str name)
{
    int m = r->m->lds.m, i = 0;
    double *a = r->m->part[LDS_ERROR];
    if (v->kind != VALUE_LIST || !v->first || v->first->kind != VALUE_LIST)
        return read_row(r, v, LDS_ERROR, name, 0, m, a);
    if (v->count != m)
        return wrong_size(r, v, name, m);
    for (const Node *row = v->first; row; row = row->next, i++) {
        int j = 0;
        if (row->kind != VALUE_LIST || row->count != m)
            return wrong_size(r, row, name, m);
        for (const Node *c = row->first; c; c = c->next, j++) {
            Err e = OK;
            if (i == j)
                e = read_cell(r, c, LDS_ERROR, name, i, a + i);
            else if (c->kind != VALUE_NUMBER || fabs(c->number) > 0)
                e = wrong(r, c, "err.lab-model-diagonal", name);
            if (e != OK)
                return e;
        }
    }
    return OK;
}

static Err read_impulses(Reading *r, const Node *v)
{
    LabModel *m = r->m;
    int i = 0;
    if (!v)
        return OK;
    for (const Node *c = v->first; c; c = c->next, i++) {
        m->impulse[i] = c->key;
        Err e = read_row(r, c, LDS_IMPULSE, STR("impulse"), i * m->lds.n, m->lds.n,
                         m->part[LDS_IMPULSE] + (ptrdiff_t)i * m->lds.n);
        if (e != OK)
            return e;
    }
    return OK;
}

/* "initial": "diffuse", "stationary", or {"mean": [..], "cov": [[..]] or one of these words}. */
static Err read_initial(Reading *r, const Node *v)
{
    LabModel *m = r->m;
    const Node *mean = value_member(v, "mean"), *cov = v;
    if (v->kind == VALUE_OBJECT)
        cov = value_member(v, "cov");
    if (!cov)
        return wrong(r, v, "err.lab-model-initial", STR("initial"));
    for (const Node *c = v->first; c; c = c->next)
        if (c != mean && c != cov)
            return wrong(r, c, "err.lab-model-key", c->key);
    if (cov->kind == VALUE_TEXT) {
        bool diffuse = str_eq_c(cov->text, "diffuse");
        if ((!diffuse && !str_eq_c(cov->text, "stationary")) || mean)
            return wrong(r, cov, "err.lab-model-initial", STR("initial"));
        m->lds.start = diffuse ? LDS_DIFFUSE : LDS_STATIONARY;
        return OK;
    }
    m->lds.start = LDS_GIVEN;
    m->lds.initial_cov = m->part[LDS_INITIAL_COV];
    m->lds.initial_mean = m->part[LDS_INITIAL_MEAN];
    Err e = read_matrix(r, cov, LDS_INITIAL_COV, STR("initial cov"), m->lds.n);
    if (e == OK && mean)
        e = read_row(r, mean, LDS_INITIAL_MEAN, STR("initial mean"), 0, m->lds.n,
                     m->part[LDS_INITIAL_MEAN]);
    if (!mean && e == OK)
        m->lds.initial_mean = NULL;
    return e;
}

static Err read_names(Reading *r, const Node *v, int n, Str ret[])
{
    int i = 0;
    if (!v)
        return OK;
    if (v->kind != VALUE_LIST || v->count != n)
        return wrong_size(r, v, v->key, n);
    for (const Node *c = v->first; c; c = c->next, i++) {
        if (c->kind != VALUE_TEXT || c->text.len == 0)
            return wrong(r, c, "err.lab-model-name", v->key);
        ret[i] = c->text;
    }
    return OK;
}

static const char *const known[] = {"states", "items",   "drift",   "diffusion", "transition",
                                    "noise",  "mean",    "initial", "loading",   "offset",
                                    "error",  "impulse", "comment", "time"};

static Err check_keys(Reading *r, const Node *root)
{
    for (const Node *v = root->first; v; v = v->next) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || str_eq_c(v->key, known[i]);
        if (!found)
            return wrong(r, v, "err.lab-model-key", v->key);
    }
    return OK;
}

static Err need(Reading *r, const Node *root, const char *name, const Node **ret)
{
    *ret = value_member(root, name);
    return *ret ? OK : wrong(r, root, "err.lab-model-missing", str_c(name));
}

/* Sizes from drift and loading, and room for every part. */
static Err lay_out(Reading *r, const Node *drift, const Node *loading, const Node *impulse)
{
    LdsModel *m = &r->m->lds;
    if (drift->kind != VALUE_LIST || drift->count < 1 || drift->count > NUM_MAX)
        return too_many(r, drift, NUM_MAX);
    if (loading->kind != VALUE_LIST || loading->count < 1 || loading->count > LDS_ITEMS_MAX)
        return too_many(r, loading, LDS_ITEMS_MAX);
    if (impulse && (impulse->kind != VALUE_OBJECT || impulse->count > MODEL_IMPULSES))
        return too_many(r, impulse, MODEL_IMPULSES);
    m->n = drift->count;
    m->m = loading->count;
    m->u = impulse ? impulse->count : 0;
    const double **const to[LDS_PARTS] = {&m->drift,   &m->diffusion, &m->mean,  NULL,       NULL,
                                          &m->loading, &m->offset,    &m->error, &m->impulse};
    const ptrdiff_t n = m->n,
                    len[LDS_PARTS] = {n * n, n * n, n, n, n * n, m->m * n, m->m, m->m, m->u * n};
    for (int p = 0; p < LDS_PARTS; p++) {
        r->m->part[p] = arena_new(r->cx->arena, double, len[p] + 1);
        if (!r->m->part[p])
            return err_nomem(r->cx);
        if (to[p])
            *to[p] = r->m->part[p];
    }
    return OK;
}

static Err read_parts(Reading *r, const Node *root)
{
    LabModel *m = r->m;
    const Node *drift, *noise, *loading, *initial, *error;
    bool steps = value_member(root, "transition") != NULL;
    if (steps && value_member(root, "drift"))
        return wrong(r, value_member(root, "drift"), "err.lab-model-key", STR("drift"));
    Err e = need(r, root, steps ? "transition" : "drift", &drift);
    if (e == OK)
        e = need(r, root, steps ? "noise" : "diffusion", &noise);
    if (e == OK)
        e = need(r, root, "loading", &loading);
    if (e == OK)
        e = need(r, root, "error", &error);
    if (e == OK)
        e = need(r, root, "initial", &initial);
    if (e == OK)
        e = lay_out(r, drift, loading, value_member(root, "impulse"));
    if (e != OK)
        return e;
    m->lds.discrete = steps;
    const Node *mean = value_member(root, "mean"), *offset = value_member(root, "offset");
    e = read_matrix(r, drift, LDS_DRIFT, drift->key, m->lds.n);
    if (e == OK)
        e = read_matrix(r, noise, LDS_DIFFUSION, noise->key, m->lds.n);
    if (e == OK && mean)
        e = read_row(r, mean, LDS_MEAN, mean->key, 0, m->lds.n, m->part[LDS_MEAN]);
    if (e == OK)
        e = read_initial(r, initial);
    if (e == OK)
        e = read_matrix(r, loading, LDS_LOADING, loading->key, m->lds.m);
    if (e == OK && offset)
        e = read_row(r, offset, LDS_OFFSET, offset->key, 0, m->lds.m, m->part[LDS_OFFSET]);
    if (e == OK)
        e = read_error(r, error, error->key);
    if (e == OK)
        e = read_impulses(r, value_member(root, "impulse"));
    if (e == OK)
        e = read_names(r, value_member(root, "states"), m->lds.n, m->state);
    return e == OK ? read_names(r, value_member(root, "items"), m->lds.m, m->item) : e;
}

Err model_read(Cx *cx, Str file, Str bytes, LabModel *ret)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    Reading *r = arena_new(cx->arena, Reading, 1);
    if (!m || !r)
        return err_nomem(cx);
    *r = (Reading){.cx = cx, .m = m};
    m->file = file;
    Err e = value_read(cx, file, bytes, &m->root);
    if (e == OK && m->root->kind != VALUE_OBJECT)
        e = wrong(r, m->root, "err.lab-model-object", STR(""));
    if (e == OK)
        e = check_keys(r, m->root);
    if (e == OK)
        e = read_parts(r, m->root);
    if (e == OK)
        e = gather_cells(r);
    if (e == OK)
        *ret = *m;
    return e;
}

/* -- places ------------------------------------------------------------------------------------------ */

Err model_place(Cx *cx, const LabModel *m, Err e)
{
    static const struct {
        const char *num, *part, *steps, *key; /* steps: the part of a model in whole steps */
    } places[] = {
        {"err.num-diffusion",        "diffusion", "noise",      "err.lab-model-covariance"},
        {"err.num-not-stationary",   "initial",   "initial",    "err.lab-model-settle"    },
        {"err.num-not-finite",       "drift",     "transition", "err.lab-model-finite"    },
        {"err.lab-simulate-diffuse", "initial",   "initial",    "err.lab-simulate-diffuse"},
    };
    for (size_t i = 0; e != OK && m->root && cx->why.key && i < sizeof places / sizeof places[0];
         i++) {
        const char *part = m->lds.discrete ? places[i].steps : places[i].part;
        const Node *v = value_member(m->root, part);
        if (v && str_eq_c(str_c(cx->why.key), places[i].num))
            return err_set(cx, e, places[i].key,
                           ARGS(arg_str("file", m->file), arg_int("line", v->line),
                                arg_int("column", v->column), arg_c("name", part)));
    }
    return e;
}

/* -- out --------------------------------------------------------------------------------------------- */

void out_number(Buf *buf, double v)
{
    if (isfinite(v))
        buf_fmt(buf, "%.17g", v);
    else
        buf_c(buf, "null");
}

void out_text(Buf *buf, Str s)
{
    buf_char(buf, '"');
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_fmt(buf, "\\%c", c);
        else if (c < 0x20)
            buf_fmt(buf, "\\u%04x", c);
        else
            buf_char(buf, (char)c);
    }
    buf_char(buf, '"');
}

void out_numbers(Buf *buf, const double v[], ptrdiff_t n)
{
    buf_char(buf, '[');
    for (ptrdiff_t i = 0; i < n; i++) {
        buf_c(buf, i > 0 ? ", " : "");
        out_number(buf, v[i]);
    }
    buf_char(buf, ']');
}

void out_matrix(Buf *buf, const double v[], int rows, int columns)
{
    buf_char(buf, '[');
    for (int i = 0; i < rows; i++) {
        buf_c(buf, i > 0 ? ", " : "");
        out_numbers(buf, v + (ptrdiff_t)i * columns, columns);
    }
    buf_char(buf, ']');
}

static void write_names(Buf *buf, const char *key, const Str names[], int n)
{
    if (str_is_null(names[0]))
        return;
    buf_fmt(buf, "  \"%s\": [", key);
    for (int i = 0; i < n; i++) {
        buf_c(buf, i > 0 ? ", " : "");
        out_text(buf, names[i]);
    }
    buf_c(buf, "],\n");
}

void model_write(Buf *buf, const LabModel *m, const LdsModel *d)
{
    int n = d->n;
    buf_c(buf, "{\n");
    write_names(buf, "states", m->state, n);
    write_names(buf, "items", m->item, d->m);
    buf_fmt(buf, "  \"%s\": ", d->discrete ? "transition" : "drift");
    out_matrix(buf, d->drift, n, n);
    buf_fmt(buf, ",\n  \"%s\": ", d->discrete ? "noise" : "diffusion");
    out_matrix(buf, d->diffusion, n, n);
    buf_c(buf, ",\n  \"mean\": ");
    out_numbers(buf, d->mean, n);
    buf_c(buf, ",\n  \"initial\": ");
    if (d->start == LDS_GIVEN) {
        buf_c(buf, "{\"mean\": ");
        out_numbers(buf, d->initial_mean ? d->initial_mean : d->mean, n);
        buf_c(buf, ", \"cov\": ");
        out_matrix(buf, d->initial_cov, n, n);
        buf_c(buf, "}");
    } else {
        buf_c(buf, d->start == LDS_DIFFUSE ? "\"diffuse\"" : "\"stationary\"");
    }
    buf_c(buf, ",\n  \"loading\": ");
    out_matrix(buf, d->loading, d->m, n);
    buf_c(buf, ",\n  \"offset\": ");
    out_numbers(buf, d->offset, d->m);
    buf_c(buf, ",\n  \"error\": ");
    out_numbers(buf, d->error, d->m);
    for (int i = 0; i < d->u; i++) {
        buf_c(buf, i == 0 ? ",\n  \"impulse\": {" : ", ");
        out_text(buf, m->impulse[i]);
        buf_c(buf, ": ");
        out_numbers(buf, d->impulse + (ptrdiff_t)i * n, n);
    }
    buf_c(buf, d->u > 0 ? "}\n}" : "\n}");
}
