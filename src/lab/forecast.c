/* lab/forecast.c - one step ahead, rolling: each reading from the fourth row on (--after 3) is predicted from the rows
 * before it and then scored. One filter pass a series. */
#include "lab/tally.h"
#include <math.h>

typedef struct Roll {
    const Options *o;
    const LabModel *m;
    const LabData *d;
    Scale scale;
    Tally tally;
} Roll;

static Err score_item(Cx *cx, Roll *f, const LdsResult *r, ptrdiff_t row, int item,
                      const Past *past, double given)
{
    const LdsModel *m = &f->m->lds;
    double mean, var;
    verb_predict(m, item, r->pred_mean + row * m->n, r->pred_cov + row * m->n * m->n, &mean, &var);
    if (!(var > 0))
        return OK; /* already read at this very row, without error: nothing is predicted */
    if (!f->o->has_scale) {
        tally_normal(&f->tally, past, mean, var, given);
        return OK;
    }
    Answers a;
    const Predictive p = {.mean = mean, .var = var, .wide = 1};
    Err e = score_answers(cx, &f->scale, &p, &a);
    if (e == OK)
        tally_answers(&f->tally, past, &a, given);
    return e;
}

static Err roll_series(Cx *cx, Roll *f, ptrdiff_t k)
{
    const LdsData *d = &f->d->series[k];
    int items = f->m->lds.m, rows_read = 0;
    Past past[LDS_ITEMS_MAX] = {{0}};
    LdsResult r;
    Err e = verb_pass(cx, f->m, f->d, k, LDS_FILTER, &r);
    for (ptrdiff_t i = 0; e == OK && i < d->rows; i++) {
        bool any = false;
        for (int j = 0; j < items && e == OK; j++) {
            double y = d->y[i * items + j];
            if (isnan(y))
                continue;
            any = true;
            if (rows_read >= f->o->after && r.pred_known[i] && past[j].n > 0)
                e = score_item(cx, f, &r, i, j, &past[j], y);
            past_add(&past[j], y);
        }
        rows_read += any;
    }
    return e;
}

Err verb_forecast(Cx *cx, const Options *o, Buf *out)
{
    if (str_eq_c(o->model, "fonder"))
        return builtin_forecast(cx, o, out);
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!m || !d)
        return err_nomem(cx);
    Roll f = {.o = o, .m = m, .d = d};
    Err e = verb_read(cx, o, m, d);
    if (e == OK && o->has_scale)
        e = tally_scale(cx, d, &o->scale, &f.scale);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (ptrdiff_t k = 0; e == OK && k < d->count; k++) {
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        e = roll_series(&inner, &f, k);
        if (e != OK)
            cx->why = inner.why;
        arena_reset(&scratch);
    }
    if (e == OK && f.tally.n == 0)
        e = err_set(cx, ERR_INVALID, "err.lab-forecast-few",
                    ARGS(arg_str("file", d->file), arg_int("n", o->after)));
    if (e == OK)
        tally_write(out, &f.tally, o->has_scale, o->json);
    return e;
}
