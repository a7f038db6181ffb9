/* lab/builtin.c - the product's own model in the laboratory. model prints it as any other model, so that other
 * software can run it: the 25 states m, z, b of num/relation.h as m, z, b with b constant. What the format cannot say
 * is left out: answers of 0 and 10 as censored, what moments do in proportion to the room left and to what is usual,
 * contact that ceased, the mixture of repeats and surprises. */
#include "content/content.h"
#include "lab/verb.h"

enum { TYPES = REL_TYPES, M = REL_LEVELS, N = REL_DIM, KIND_NAMES_BYTES = 1024 };

static const char *const level_names[M] = {
    "emotional",  "intellectual", "physical", "experiential", "spiritual", "trust",
    "acceptance", "honesty",      "safety",   "compassion",   "affection", "communication"};

/* The ids of all kinds, a comma between two. */
static Err kind_names(Cx *cx, Str *ret)
{
    Buf out = buf_make(cx->arena, KIND_NAMES_BYTES);
    for (int k = 0; k < KIND_COUNT; k++) {
        buf_c(&out, k > 0 ? ", " : "");
        buf_put(&out, content_kinds[k].id);
    }
    return buf_done(cx, &out, ret);
}

Err builtin_kind(Cx *cx, Str name, RelKind *ret)
{
    int id = content_kind_id(name.len > 0 ? name : STR("friend"));
    if (id < 0) {
        Str known;
        Err e = kind_names(cx, &known);
        return e != OK ? e
                       : err_set(cx, ERR_INVALID, "err.lab-kind",
                                 ARGS(arg_str("name", name), arg_str("known", known)));
    }
    const ContentKind *k = &content_kinds[id];
    *ret = (RelKind){k->mu, k->tau, k->phi, k->half_life_months * 365.25 / 12};
    return OK;
}

typedef struct Parts {
    double drift[N * N], noise[N * N], mean[N], cov[N * N], loading[M * N], offset[M], error[M],
        impulse[2 * N];
} Parts;

static void fill(const RelModel *rm, Parts *p)
{
    const RelParams *q = &rm->p;
    double w[M * M];
    rel_coupling(w);
    for (int i = 0; i < M; i++) {
        for (int j = 0; j < M; j++) {
            double a = -q->lambda * ((i == j) - q->kappa * w[i * M + j]);
            p->drift[i * N + j] = a;
            p->drift[i * N + M + 1 + j] = -a; /* towards mu + b */
            p->noise[i * N + j] = q->q * (i == j ? 1 : q->rho);
            double b = rm->kind.tau * rm->kind.tau * (i == j ? 1 : q->level_corr);
            p->cov[i * N + j] = rm->settled[i * M + j] + b;
            p->cov[i * N + M + 1 + j] = p->cov[(M + 1 + j) * N + i] = b;
            p->cov[(M + 1 + i) * N + M + 1 + j] = b;
        }
        p->mean[i] = rm->kind.mu;
        p->loading[i * N + i] = 1;
        p->loading[i * N + M] = i < TYPES ? 1 : q->load_factor;
        p->error[i] = q->error;
    }
    p->drift[M * N + M] = -q->lambda_z;
    p->noise[M * N + M] = 2 * q->lambda_z * q->sigma_z * q->sigma_z;
    p->cov[M * N + M] = q->sigma_z * q->sigma_z;
    p->impulse[M] = q->beta;
    p->impulse[N + M] = q->conflict;
}

Err verb_model(Cx *cx, const Options *o, Buf *out)
{
    RelKind kind;
    RelModel *rm = arena_new(cx->arena, RelModel, 1);
    LabModel *m = arena_new(cx->arena, LabModel, 1);
    Parts *p = arena_new(cx->arena, Parts, 1);
    if (!rm || !m || !p)
        return err_nomem(cx);
    RelParams params = rel_params_default();
    Err e = builtin_kind(cx, o->kind, &kind);
    if (e == OK)
        e = rel_model_make(cx, &params, &kind, rm);
    if (e != OK)
        return e;
    fill(rm, p);
    for (int i = 0; i < M; i++) {
        m->item[i] = m->state[i] = str_c(level_names[i]);
        Buf name = buf_make(cx->arena, 40);
        buf_fmt(&name, "own_%s", level_names[i]);
        e = e == OK ? buf_done(cx, &name, &m->state[M + 1 + i]) : e;
    }
    m->state[M] = STR("today");
    m->impulse[0] = STR("moment");
    m->impulse[1] = STR("conflict");
    const LdsModel d = {.n = N,
                        .m = M,
                        .u = 2,
                        .drift = p->drift,
                        .diffusion = p->noise,
                        .mean = p->mean,
                        .start = LDS_GIVEN,
                        .initial_mean = p->mean,
                        .initial_cov = p->cov,
                        .loading = p->loading,
                        .offset = p->offset,
                        .error = p->error,
                        .impulse = p->impulse};
    model_write(out, m, &d);
    buf_char(out, '\n');
    return e;
}
