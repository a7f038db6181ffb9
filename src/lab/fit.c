/* lab/fit.c - fit: the most likely free numbers of a model, with standard errors from the curvature, and the model
 * with them in place, ready to be given back to the other verbs. */
#include "lab/verb.h"
#include <math.h>

/* -- when there is no best -------------------------------------------------------------------------- */

static bool has_readings(const LabData *d)
{
    for (ptrdiff_t k = 0; k < d->count; k++)
        for (ptrdiff_t i = 0; i < d->series[k].rows * d->items; i++)
            if (!isnan(d->series[k].y[i]))
                return true;
    return false;
}

/* Whether there is a best with only some of the numbers free. */
static bool fits(Cx *cx, const LabModel *m, const LabData *d, const LdsParam some[], int count)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
    LdsFit fit;
    return count == 0 ||
           lds_fit(&inner, &m->lds, some, count, d->series, d->count, &fit) != ERR_NUMERIC;
}

static Err name_number(Cx *cx, const LabModel *m, int k, const char *key)
{
    const Node *v = m->param_node[k];
    return err_set(cx, ERR_NUMERIC, key,
                   ARGS(arg_str("file", m->file), arg_int("line", v->line),
                        arg_int("column", v->column), arg_str("name", m->param_name[k])));
}

/* The number that has no best by itself, else the one without which the others have one. */
static Err say_why(Cx *cx, const LabModel *m, const LabData *d)
{
    LdsParam rest[LDS_PARAMS_MAX];
    for (int k = 0; k < m->params; k++)
        if (!fits(cx, m, d, &m->param[k], 1))
            return name_number(cx, m, k, "err.lab-fit-alone");
    for (int k = 0; k < m->params; k++) {
        int count = 0;
        for (int i = 0; i < m->params; i++)
            if (i != k)
                rest[count++] = m->param[i];
        if (fits(cx, m, d, rest, count))
            return name_number(cx, m, k, "err.lab-fit-together");
    }
    return name_number(cx, m, 0, "err.lab-fit-none");
}

static void write_json(Buf *out, const LabModel *m, const LdsFit *fit)
{
    buf_fmt(out, "{\"loglik\": %.17g, \"minus2ll\": %.17g, \"rounds\": %d, \"free\": [",
            fit->loglik, -2 * fit->loglik, fit->rounds);
    for (int k = 0; k < m->params; k++) {
        buf_c(out, k > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ");
        out_text(out, m->param_name[k]);
        buf_c(out, ", \"value\": ");
        out_number(out, fit->value[k]);
        buf_c(out, ", \"se\": ");
        out_number(out, fit->se[k] > 0 ? fit->se[k] : (double)NAN);
        buf_char(out, '}');
    }
    buf_c(out, "],\n\"model\": ");
    model_write(out, m, &fit->model);
    buf_c(out, "}\n");
}

static void write_table(Buf *out, const LabModel *m, const LdsFit *fit)
{
    buf_fmt(out, "# loglik %.10g, minus2ll %.10g, rounds %d\nname,value,se\n", fit->loglik,
            -2 * fit->loglik, fit->rounds);
    for (int k = 0; k < m->params; k++) {
        out_text(out, m->param_name[k]);
        buf_char(out, ',');
        out_cell(out, fit->value[k]);
        buf_char(out, ',');
        out_cell(out, fit->se[k] > 0 ? fit->se[k] : (double)NAN);
        buf_char(out, '\n');
    }
}

Err verb_fit(Cx *cx, const Options *o, Buf *out)
{
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    LabData *d = arena_new(cx->arena, LabData, 1);
    LdsFit fit;
    if (!m || !d)
        return err_nomem(cx);
    Err e = verb_read(cx, o, m, d);
    if (e == OK && m->params == 0)
        return err_set(cx, ERR_INVALID, "err.lab-nothing-free", ARGS(arg_str("file", m->file)));
    if (e == OK && !has_readings(d))
        return err_set(cx, ERR_INVALID, "err.lab-fit-empty", ARGS(arg_str("file", d->file)));
    if (e == OK)
        e = verb_try(cx, m, d);
    if (e != OK)
        return e;
    e = lds_fit(cx, &m->lds, m->param, m->params, d->series, d->count, &fit);
    if (e == ERR_NUMERIC)
        return say_why(cx, m, d);
    if (e != OK)
        return e;
    if (o->json)
        write_json(out, m, &fit);
    else
        write_table(out, m, &fit);
    return OK;
}
