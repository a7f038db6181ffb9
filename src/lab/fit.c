/* lab/fit.c - fit: the most likely free numbers of a model, with standard errors from the curvature, and the model
 * with them in place, ready to be given back to the other verbs. */
#include "lab/verb.h"
#include <math.h>

static bool has_readings(const LabData *d)
{
    for (ptrdiff_t k = 0; k < d->count; k++)
        for (ptrdiff_t i = 0; i < d->series[k].rows * d->items; i++)
            if (!isnan(d->series[k].y[i]))
                return true;
    return false;
}

/* The numbers that the data do not tell apart, the one of which they say nothing, or the one that runs away. */
static Err say_why(Cx *cx, const LabModel *m, const LdsLevel *level)
{
    int first = level->count > 0 ? level->which[0] : 0;
    const Node *v = m->param_node[first];
    const char *key = level->endless      ? "err.lab-fit-endless"
                      : level->count == 1 ? "err.lab-fit-alone"
                      : level->count > 1  ? "err.lab-fit-together"
                                          : "err.lab-fit-none";
    Buf others = buf_make(cx->arena, 4000);
    Str text;
    for (int i = 1; i < level->count; i++) {
        buf_c(&others, i > 1 ? ", " : "");
        buf_put(&others, m->param_name[level->which[i]]);
    }
    Err e = buf_done(cx, &others, &text);
    if (e != OK)
        return e;
    return err_set(cx, ERR_NUMERIC, key,
                   ARGS(arg_str("file", m->file), arg_int("line", v->line),
                        arg_int("column", v->column), arg_str("name", m->param_name[first]),
                        arg_str("others", text)));
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
        out_word(out, "", m->param_name[k]);
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
        return err_set(cx, ERR_INVALID, "err.lab-nothing-free",
                       ARGS(arg_str("file", m->file), arg_int("line", m->root->line),
                            arg_int("column", m->root->column)));
    if (e == OK && !has_readings(d))
        return err_set(cx, ERR_INVALID, "err.lab-fit-empty", ARGS(arg_str("file", d->file)));
    if (e != OK)
        return e;
    LdsLevel level = {0};
    e = lds_fit(cx, &m->lds, m->param, m->params, d->series, d->count, &level, &fit);
    Err start = e == OK || e == ERR_NOMEM ? e : verb_try(cx, m, d);
    if (start != OK)
        return start; /* which names the row */
    if (e == ERR_NUMERIC)
        return say_why(cx, m, &level);
    if (e != OK)
        return e;
    if (o->json)
        write_json(out, m, &fit);
    else
        write_table(out, m, &fit);
    return OK;
}
