/* fuzz/fuzz_lab.c - models and tables that are none. The bytes are a model and, behind the first line of "===", a
 * table; either may be missing, then a sound one takes its place. Whatever is read is filtered, and no answer holds a
 * number that is none. Failures say why. */
#include "base/os.h"
#include "lab/data.h"
#include <math.h>

enum { ARENA_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void filter_all(Cx *cx, const LabModel *m, const LabData *d)
{
    for (ptrdiff_t k = 0; k < d->count && k < 8; k++) {
        LdsResult r;
        if (lds_run(cx, &m->lds, &d->series[k], LDS_SMOOTH, &r) != OK) {
            INVARIANT(cx->why.key);
            return;
        }
        INVARIANT(isfinite(r.loglik));
        for (ptrdiff_t i = 0; i < d->series[k].rows * m->lds.n; i++)
            INVARIANT(isfinite(r.smooth_mean[i]) && isfinite(r.filt_mean[i]));
        for (ptrdiff_t i = 0, n = m->lds.n; i < d->series[k].rows * n; i++)
            INVARIANT(r.smooth_cov[(i / n) * n * n + (i % n) * (n + 1)] >= 0);
    }
    LdsGradient g;
    Err e = lds_gradient(cx, &m->lds, d->series, d->count < 8 ? d->count : 8, true, &g);
    INVARIANT(e == OK ? isfinite(g.loglik) : cx->why.key != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_MAX);
    Cx cx = {.arena = &arena, .now_ms = 1777636800000};
    Str all = {(const char *)bytes, (ptrdiff_t)len};
    ptrdiff_t cut = str_find(all, STR("===\n"));
    Str model = cut < 0 ? all : str_sub(all, 0, cut),
        table = cut < 0 ? STR("") : str_from(all, cut + 4);
    LabModel *m = arena_new(&arena, LabModel, 1);
    LabTable t;
    LabData d;
    INVARIANT(m);
    if (model.len == 0)
        model = STR("{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1],"
                    " \"initial\": \"stationary\"}");
    if (table.len == 0)
        table = STR("t,y\n0,1\n1,2\n3,\n");
    Err e = model_read(&cx, STR("model"), model, m);
    if (e == OK)
        e = table_read(&cx, STR("table"), table, &t);
    if (e == OK)
        e = data_read(&cx, &t, m, STR(""), &d);
    INVARIANT(e == OK || cx.why.key);
    if (e == OK)
        filter_all(&cx, m, &d);
    return 0;
}
