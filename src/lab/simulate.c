/* lab/simulate.c - simulate: new readings from the model at the times of the data, with its impulses, empty where the
 * data are empty. calibrate: many such lives, and where the truth lay in what the filter believed (Talts et al. 2018):
 * places must be uniform, squared standardised errors average the number of states (NEES) and 1 an innovation (NIS).
 * A draw costs one filter and smoother pass of its series. */
#include "base/rng.h"
#include "lab/verb.h"
#include "num/dist.h"
#include <math.h>

enum { BINS = 20, BANDS = 3 };

typedef struct World {
    const LabModel *m;
    Stepper step;
    double mean[NUM_MAX], root[NUM_MAX2]; /* of the start */
    Rng rng;
} World;

static Err world_make(Cx *cx, const LabModel *m, uint64_t seed, World *w)
{
    const LdsModel *d = &m->lds;
    double cov[NUM_MAX2];
    if (d->start == LDS_DIFFUSE)
        return model_place(cx, m, err_set(cx, ERR_INVALID, "err.lab-simulate-diffuse", NO_ARGS));
    w->m = m;
    w->rng = rng_make(seed);
    Err e = step_make(cx, d->n, d->discrete, d->drift, d->diffusion, &w->step);
    if (e == OK && d->start == LDS_STATIONARY)
        e = step_stationary(cx, &w->step, cov);
    if (e != OK)
        return model_place(cx, m, e);
    const double *start = d->start == LDS_GIVEN ? d->initial_cov : cov;
    const double *mean = d->initial_mean ? d->initial_mean : d->mean;
    for (int i = 0; i < d->n; i++)
        w->mean[i] = mean[i];
    if (!mat_cholesky_semi(d->n, start, w->root))
        return model_place(cx, m, err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS));
    return OK;
}

static void add_noise(World *w, int n, const double root[], double x[])
{
    double z[NUM_MAX] = {0}, move[NUM_MAX];
    for (int i = 0; i < n; i++)
        z[i] = rng_normal(&w->rng);
    mat_vec(n, root, z, move);
    for (int i = 0; i < n; i++)
        x[i] += move[i];
}

static bool move_on(World *w, double dt, double x[])
{
    const LdsModel *m = &w->m->lds;
    double phi[NUM_MAX2], q[NUM_MAX2], root[NUM_MAX2], gap[NUM_MAX] = {0}, moved[NUM_MAX];
    if (!step_at(&w->step, dt, phi, q) || !mat_cholesky_semi(m->n, q, root))
        return false;
    for (int i = 0; i < m->n; i++)
        gap[i] = x[i] - m->mean[i];
    mat_vec(m->n, phi, gap, moved);
    for (int i = 0; i < m->n; i++)
        x[i] = m->mean[i] + moved[i];
    add_noise(w, m->n, root, x);
    return true;
}

/* One life: states (rows x n) and readings (rows x m, missing where the design's are). */
static Err live(Cx *cx, World *w, const LdsData *design, double states[], double ret_y[])
{
    const LdsModel *m = &w->m->lds;
    double x[NUM_MAX] = {0};
    for (int i = 0; i < m->n; i++)
        x[i] = w->mean[i];
    add_noise(w, m->n, w->root, x);
    for (ptrdiff_t row = 0; row < design->rows; row++) {
        if (row > 0 && design->t[row] > design->t[row - 1] &&
            !move_on(w, design->t[row] - design->t[row - 1], x))
            return err_set(cx, ERR_NUMERIC, "err.num-step", ARGS(arg_int("row", row + 1)));
        for (int k = 0; design->u && k < m->u; k++)
            for (int i = 0; i < m->n; i++)
                x[i] += design->u[row * m->u + k] * m->impulse[k * m->n + i];
        for (int i = 0; i < m->n; i++)
            states[row * m->n + i] = x[i];
        for (int j = 0; j < m->m; j++) {
            double e = sqrt(m->error[j]) * rng_normal(&w->rng);
            bool seen = !isnan(design->y[row * m->m + j]);
            ret_y[row * m->m + j] =
                seen ? m->offset[j] + mat_dot(m->n, m->loading + (ptrdiff_t)j * m->n, x) + e
                     : (double)NAN;
        }
    }
    return mat_finite(design->rows * m->n, states)
               ? OK
               : model_place(cx, w->m, err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS));
}

static void row_json(Buf *out, const LabModel *m, const LdsData *s, ptrdiff_t row, const double y[])
{
    buf_c(out, row > 0 ? ",\n  {\"t\": " : "\n  {\"t\": ");
    out_number(out, s->t[row]);
    buf_c(out, ", \"items\": ");
    out_numbers(out, y + row * m->lds.m, m->lds.m);
    if (m->lds.u > 0) {
        buf_c(out, ", \"impulses\": ");
        out_numbers(out, s->u + row * m->lds.u, m->lds.u);
    }
    buf_char(out, '}');
}

static void row_table(Buf *out, const LabData *d, const LabModel *m, ptrdiff_t k, ptrdiff_t row,
                      const double y[])
{
    const LdsData *s = &d->series[k];
    if (d->has_id) {
        out_word(out, "", d->id[k]);
        buf_char(out, ',');
    }
    out_cell(out, s->t[row]);
    for (int j = 0; j < m->lds.m; j++) {
        buf_char(out, ',');
        out_cell(out, y[row * m->lds.m + j]);
    }
    for (int i = 0; i < m->lds.u; i++) {
        buf_char(out, ',');
        out_cell(out, s->u[row * m->lds.u + i]);
    }
    buf_char(out, '\n');
}

static void write_series(Buf *out, const LabData *d, const LabModel *m, ptrdiff_t k,
                         const double y[], bool json)
{
    if (json) {
        buf_c(out, k > 0 ? ",\n{\"id\": " : "\n{\"id\": ");
        out_text(out, d->id[k]);
        buf_c(out, ", \"rows\": [");
    }
    for (ptrdiff_t row = 0; row < d->series[k].rows; row++) {
        if (json)
            row_json(out, m, &d->series[k], row, y);
        else
            row_table(out, d, m, k, row, y);
        buf_may_drain(out);
    }
    buf_c(out, json ? "]}" : "");
}

static void write_head(Buf *out, const LabData *d, const LabModel *m, bool json)
{
    if (json) {
        buf_c(out, "{\"items\": [");
        for (int j = 0; j < d->items; j++) {
            buf_c(out, j > 0 ? ", " : "");
            out_text(out, d->item[j]);
        }
        buf_c(out, "], \"series\": [");
        return;
    }
    buf_c(out, d->has_id ? "id,t" : "t");
    for (int j = 0; j < d->items; j++) {
        buf_char(out, ',');
        out_word(out, "", d->item[j]);
    }
    for (int i = 0; i < m->lds.u; i++) {
        buf_char(out, ',');
        out_word(out, "u", m->impulse[i]);
    }
    buf_char(out, '\n');
}

static Err open_world(Cx *cx, const Options *o, LabModel **ret_m, LabData **ret_d, World *w)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!m || !d)
        return err_nomem(cx);
    Err e = verb_read(cx, o, m, d);
    if (e == OK)
        e = world_make(cx, m, o->seed, w);
    *ret_m = m;
    *ret_d = d;
    return e;
}

Err verb_simulate(Cx *cx, const Options *o, Buf *out)
{
    LabModel *m;
    LabData *d;
    World w;
    Err e = open_world(cx, o, &m, &d, &w);
    if (e != OK)
        return e;
    write_head(out, d, m, o->json);
    for (ptrdiff_t k = 0; k < d->count && e == OK; k++) {
        ptrdiff_t rows = d->series[k].rows;
        double *x = arena_new(cx->arena, double, rows * m->lds.n);
        double *y = arena_new(cx->arena, double, rows * m->lds.m);
        if (!x || !y)
            return err_nomem(cx);
        e = data_place(cx, d, k, live(cx, &w, &d->series[k], x, y));
        if (e == OK)
            write_series(out, d, m, k, y, o->json);
    }
    buf_c(out, o->json ? "]}\n" : "");
    return e;
}

typedef struct Found {
    int places[2][BINS]; /* at the last row, filtered; half way, smoothed */
    double inside[2][BANDS], states[2];
    double nees, nis;
    ptrdiff_t nees_n, nis_n;
} Found;

static void count_states(Found *f, int which, int n, const double truth[], const double mean[],
                         const double cov[])
{
    static const double half[BANDS] = {.6744897501960817, 1.2815515655446004, 1.959963984540054};
    for (int i = 0; i < n; i++) {
        double sd = sqrt(fmax(cov[i * n + i], 0));
        if (!(sd > 0))
            continue;
        double z = (truth[i] - mean[i]) / sd;
        f->places[which][(int)fmin(BINS * dist_normal_cdf(z), BINS - 1)]++;
        f->states[which]++;
        for (int b = 0; b < BANDS; b++)
            f->inside[which][b] += fabs(z) <= half[b];
    }
}

static void count_life(Found *f, const LdsModel *m, const LdsData *d, const LdsResult *r,
                       const double x[])
{
    ptrdiff_t last = d->rows - 1, half = last / 2, n = m->n;
    double root[NUM_MAX2], gap[NUM_MAX] = {0}, solved[NUM_MAX];
    count_states(f, 0, m->n, x + last * n, r->filt_mean + last * n, r->filt_cov + last * n * n);
    count_states(f, 1, m->n, x + half * n, r->smooth_mean + half * n, r->smooth_cov + half * n * n);
    if (mat_cholesky(m->n, r->filt_cov + last * n * n, root)) {
        for (int i = 0; i < m->n; i++)
            gap[i] = x[last * n + i] - r->filt_mean[last * n + i];
        mat_cholesky_solve(m->n, root, gap, solved);
        f->nees += mat_dot(m->n, gap, solved);
        f->nees_n++;
    }
    for (ptrdiff_t i = 0; i < d->rows * m->m; i++)
        if (r->innovation_var[i] > 0) {
            f->nis += r->innovation[i] * r->innovation[i] / r->innovation_var[i];
            f->nis_n++;
        }
}

static void write_found(Buf *out, const Found *f, const Options *o, int n)
{
    static const char *const where[2] = {"last", "half"};
    buf_fmt(out,
            o->json ? "{\"draws\": %d, \"states\": %d, \"nees\": %.17g, \"nis\": %.17g"
                    : "# draws %d; nees should be near %d, nis near 1, chi2 near 19 if states were "
                      "independent\nscore,value\nnees,%.10g\n"
                      "nis,%.10g\n",
            o->draws, n, f->nees_n > 0 ? f->nees / (double)f->nees_n : 0,
            f->nis_n > 0 ? f->nis / (double)f->nis_n : 0);
    for (int k = 0; k < 2; k++) {
        double expect = fmax(f->states[k], 1) / BINS, chi2 = 0;
        for (int b = 0; b < BINS; b++)
            chi2 += (f->places[k][b] - expect) * (f->places[k][b] - expect) / expect;
        const double v[] = {f->inside[k][0] / fmax(f->states[k], 1),
                            f->inside[k][1] / fmax(f->states[k], 1),
                            f->inside[k][2] / fmax(f->states[k], 1), chi2};
        static const char *const names[] = {"coverage50", "coverage80", "coverage95", "chi2"};
        for (int i = 0; i < 4; i++)
            buf_fmt(out, o->json ? ", \"%s_%s\": %.17g" : "%s_%s,%.10g\n", names[i], where[k],
                    v[i]);
    }
    buf_c(out, o->json ? "}\n" : "");
}

Err verb_calibrate(Cx *cx, const Options *o, Buf *out)
{
    LabModel *m;
    LabData *d;
    World w;
    Found f = {.nees = 0};
    Err e = open_world(cx, o, &m, &d, &w);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (int draw = 0; draw < o->draws && e == OK; draw++) {
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        ptrdiff_t k = draw % d->count;
        LdsData life = d->series[k];
        LdsResult r;
        double *x = arena_new(&scratch, double, life.rows * m->lds.n);
        double *y = arena_new(&scratch, double, life.rows * m->lds.m);
        e = x && y ? live(&inner, &w, &d->series[k], x, y) : err_nomem(&inner);
        life.y = y;
        if (e == OK)
            e = lds_run(&inner, &m->lds, &life, LDS_SMOOTH, &r);
        if (e == OK)
            count_life(&f, &m->lds, &life, &r, x);
        cx->why = inner.why;
        e = data_place(cx, d, k, e);
        arena_reset(&scratch);
    }
    if (e == OK)
        write_found(out, &f, o, m->lds.n);
    return e;
}
