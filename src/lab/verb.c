/* lab/verb.c - reading what a verb needs, and what is said when the arithmetic refuses. */
#include "lab/verb.h"
#include "base/os.h"
#include <math.h>

Err verb_read_table(Cx *cx, const Options *o, LabTable *ret)
{
    Str bytes;
    Err e = os_read_file(cx, o->data, TABLE_BYTES, &bytes);
    return e == OK ? table_read(cx, o->data, bytes, ret) : e;
}

Err verb_read(Cx *cx, const Options *o, LabModel *ret_model, LabData *ret_data)
{
    Str bytes;
    LabTable t;
    Err e = os_read_file(cx, o->model, VALUE_BYTES, &bytes);
    if (e == OK)
        e = model_read(cx, o->model, bytes, ret_model);
    if (e == OK)
        e = verb_read_table(cx, o, &t);
    return e == OK ? data_read(cx, &t, ret_model, o->cluster, ret_data) : e;
}

Err verb_pass(Cx *cx, const LabModel *m, const LabData *d, ptrdiff_t series, LdsWant want,
              LdsResult *ret)
{
    Err e = lds_run(cx, &m->lds, &d->series[series], want, ret);
    return e == OK ? OK : model_place(cx, m, data_place(cx, d, series, e));
}

Err verb_try(Cx *cx, const LabModel *m, const LabData *d)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (ptrdiff_t k = 0; k < d->count; k++) {
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        LdsResult r;
        Err e = verb_pass(&inner, m, d, k, LDS_LOGLIK, &r);
        cx->why = inner.why;
        if (e != OK)
            return e;
        arena_reset(&scratch);
    }
    return OK;
}

void out_cell(Buf *out, double v)
{
    if (isfinite(v))
        buf_fmt(out, "%.10g", v);
}

void out_word(Buf *out, const char *before, Str s)
{
    bool quoted = s.len > 0 && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
    for (ptrdiff_t i = 0; i < s.len; i++)
        quoted = quoted || s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    buf_c(out, quoted ? "\"" : "");
    buf_c(out, before);
    buf_c(out, before[0] != 0 ? ":" : "");
    for (ptrdiff_t i = 0; i < s.len; i++) {
        buf_char(out, s.p[i]);
        if (s.p[i] == '"')
            buf_char(out, '"');
    }
    buf_c(out, quoted ? "\"" : "");
}
