/* lab/forecast.c - one step ahead, rolling: each reading from the fourth row on (--after 3) is predicted from the rows
 * before it and then scored. One filter pass a series. */
#include "lab/judge.h"
#include <math.h>

typedef struct Roll {
    const Options *o;
    const LabModel *m;
    const LabData *d;
    Judge judge;
} Roll;

static Err judge_item(Cx *cx, Roll *f, const LdsResult *r, ptrdiff_t row, int item, double given)
{
    ptrdiff_t at = row * f->m->lds.m + item;
    /* 0: already read at this very row, or not known: nothing is foretold */
    double mean = r->item_mean[at], var = r->item_var[at];
    Answers a;
    bool answers = f->o->has_scale && var > 0;
    const Predictive p = {.mean = mean, .var = var, .wide = 1};
    Err e = answers ? score_answers(cx, &f->judge.scale, &p, &a) : OK;
    if (e == OK && answers)
        mean = score_mean(&a);
    return e == OK ? judge_reading(cx, &f->judge, row, item, given, answers ? &a : NULL, mean, var)
                   : e;
}

static Err roll_series(Cx *cx, Roll *f, ptrdiff_t k)
{
    const LdsData *d = &f->d->series[k];
    int items = f->m->lds.m;
    LdsResult r;
    Err e = verb_pass(cx, f->m, f->d, k, LDS_FILTER, &r);
    judge_series(&f->judge, k);
    for (ptrdiff_t i = 0; e == OK && i < d->rows; i++)
        for (int j = 0; j < items && e == OK; j++)
            if (!isnan(d->y[i * items + j]))
                e = judge_item(cx, f, &r, i, j, d->y[i * items + j]);
    return e;
}

Err verb_forecast(Cx *cx, const Options *o, Buf *out)
{
    if (str_eq_c(o->model, "fonder"))
        return builtin_forecast(cx, o, out);
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    Roll *f = arena_new(cx->arena, Roll, 1);
    if (!m || !d || !f)
        return err_nomem(cx);
    f->o = o;
    f->m = m;
    f->d = d;
    Err e = verb_read(cx, o, m, d);
    if (e == OK)
        e = judge_open(cx, o, d, out, &f->judge);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (ptrdiff_t k = 0; e == OK && k < d->count; k++) {
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        e = roll_series(&inner, f, k);
        if (e != OK)
            cx->why = inner.why;
        arena_reset(&scratch);
    }
    return e == OK ? judge_close(cx, &f->judge, out) : e;
}
