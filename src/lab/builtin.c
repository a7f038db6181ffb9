/* lab/builtin.c - the product's own model in the laboratory. model prints it as any other model, so that other
 * software can run it: the 25 states m, z, b of num/relation.h as m, z, b with b constant. What the format cannot say
 * is left out: answers of 0 and 10 as censored, what moments do in proportion to the room left and to what is usual,
 * contact that ceased, the mixture of repeats and surprises.
 * forecast --model fonder runs it on a diary. Its parameters, the mean and spread of the relationships and the
 * mixture's weights are learned from four fifths of the series and scored on the fifth, in turn; with fewer than five
 * series the prior is kept. Costs a few hundred filter passes a fold. */
#include "content/content.h"
#include "lab/tally.h"
#include "num/learn.h"
#include <math.h>

enum { FOLDS = 5, TYPES = REL_TYPES, M = REL_LEVELS, N = REL_DIM };

static const char *const level_names[M] = {
    "emotional",  "intellectual", "physical", "experiential", "spiritual", "trust",
    "acceptance", "honesty",      "safety",   "compassion",   "affection", "communication"};

Err builtin_kind(Cx *cx, Str name, RelKind *ret)
{
    int id = content_kind_id(name.len > 0 ? name : STR("friend"));
    if (id < 0)
        return err_set(cx, ERR_INVALID, "err.lab-kind", ARGS(arg_str("name", name)));
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

/* -- forecast ------------------------------------------------------------------------------------------ */

typedef struct Diary {
    const Options *o;
    LabData d;
    Scale scale;
    LearnHistory *history; /* a series each; kind filled in a fold */
    RelKind kind;
    RelParams params;
    Predictive mixture;
    int folds;
} Diary;

/* Neighbouring series stay together: partners of a couple stand beside each other in most files. */
static int fold_of(const Diary *y, ptrdiff_t k)
{
    return (int)(k * y->folds / y->d.count);
}

static double to_ten(const Scale *s, double y)
{
    return 10 * (y - s->low) / (s->high - s->low);
}

static Err make_histories(Cx *cx, Diary *y)
{
    y->history = arena_new(cx->arena, LearnHistory, y->d.count);
    if (!y->history)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < y->d.count; k++) {
        const LdsData *s = &y->d.series[k];
        RelEvent *ev = arena_new(cx->arena, RelEvent, s->rows * y->d.items);
        ptrdiff_t n = 0;
        if (!ev)
            return err_nomem(cx);
        for (ptrdiff_t i = 0; i < s->rows * y->d.items; i++)
            if (!isnan(s->y[i]))
                ev[n++] = (RelEvent){.t_days = s->t[i / y->d.items],
                                     .kind = REL_READING,
                                     .level = (RelLevel)(i % y->d.items),
                                     .value = to_ten(&y->scale, s->y[i])};
        y->history[k] = (LearnHistory){.kind = y->kind, .events = ev, .count = n};
    }
    return OK;
}

/* Called for each answer with what was predicted of it. */
typedef Err Visit(Cx *cx, void *ctx, const Predictive *p, const Past *past, int rows, double given);

static Err walk(Cx *cx, const Diary *y, const RelModel *rm, ptrdiff_t k, Visit *visit, void *ctx)
{
    const LearnHistory *h = &y->history[k];
    const double unit = (y->scale.high - y->scale.low) / 10;
    Past past[M] = {{0}};
    RelState now, then;
    int rows = 0;
    Err e = OK;
    if (h->count > 0)
        rel_start(rm, h->events[0].t_days, &now);
    for (ptrdiff_t i = 0; i < h->count && e == OK; i++) {
        const RelEvent *ev = &h->events[i];
        Past *of = &past[ev->level];
        double given = y->scale.low + unit * ev->value;
        Predictive p = y->mixture;
        e = rel_forecast(cx, rm, &now, ev->t_days, &then);
        if (e != OK)
            return e;
        rel_predict(rm, &then, ev, &p.mean, &p.var);
        p.mean = y->scale.low + unit * p.mean;
        p.var *= unit * unit;
        p.has_last = of->n > 0;
        p.last = of->last;
        e = visit(cx, ctx, &p, of, rows, given);
        past_add(of, given);
        rows += i + 1 == h->count || ev[1].t_days > ev->t_days;
        if (e == OK)
            e = rel_filter(cx, rm, ev, 1, &now);
    }
    return e;
}

typedef struct Gather {
    Predictive *p;
    double *given;
    ptrdiff_t n;
} Gather;

static Err gather(Cx *cx, void *ctx, const Predictive *p, const Past *past, int rows, double given)
{
    Gather *g = ctx;
    (void)cx, (void)past, (void)rows;
    g->p[g->n] = *p;
    g->given[g->n++] = given;
    return OK;
}

/* Mean and spread of the series' own means, the spread less what a mean of few answers has by itself. */
static void learn_kind(const LearnHistory train[], ptrdiff_t count, RelKind *io)
{
    double sum = 0, square = 0, within = 0, n = 0;
    for (ptrdiff_t k = 0; k < count; k++) {
        double mean = 0, ss = 0, m = (double)train[k].count;
        if (m < 2)
            continue;
        for (ptrdiff_t i = 0; i < train[k].count; i++)
            mean += train[k].events[i].value / m;
        for (ptrdiff_t i = 0; i < train[k].count; i++)
            ss += (train[k].events[i].value - mean) * (train[k].events[i].value - mean);
        sum += mean;
        square += mean * mean;
        within += ss / (m - 1) / m;
        n++;
    }
    if (n < 3)
        return;
    io->mu = sum / n;
    io->tau = sqrt(fmax(square / n - io->mu * io->mu - within / n, .25));
}

static Err learn_fold(Cx *cx, Diary *y, int fold, RelModel *ret)
{
    LearnHistory *train = arena_new(cx->arena, LearnHistory, y->d.count);
    Learned learned;
    ptrdiff_t count = 0, answers = 0;
    RelKind kind = y->kind;
    RelParams start = rel_params_default();
    if (!train)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < y->d.count; k++)
        if (fold_of(y, k) != fold) {
            train[count++] = y->history[k];
            answers += y->history[k].count;
        }
    learn_kind(train, count, &kind);
    for (ptrdiff_t k = 0; k < count; k++)
        train[k].kind = kind;
    Err e = learn_params(cx, &start, train, count, &learned);
    if (e != OK)
        return e;
    learn_apply(&start, learned.u, &y->params);
    e = rel_model_make(cx, &y->params, &kind, ret);
    Gather g = {arena_new(cx->arena, Predictive, answers + 1),
                arena_new(cx->arena, double, answers + 1), 0};
    if (!g.p || !g.given)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < y->d.count && e == OK; k++)
        if (fold_of(y, k) != fold)
            e = walk(cx, y, ret, k, gather, &g);
    return e == OK ? learn_mixture(cx, &y->scale, g.p, g.given, g.n, &y->mixture) : e;
}

typedef struct Score {
    const Diary *y;
    Tally *tally;
} Score;

static Err score(Cx *cx, void *ctx, const Predictive *p, const Past *past, int rows, double given)
{
    const Score *s = ctx;
    Answers a;
    if (rows < s->y->o->after || past->n == 0)
        return OK;
    Err e = score_answers(cx, &s->y->scale, p, &a);
    if (e == OK)
        tally_answers(s->tally, past, &a, given);
    return e;
}

static Err score_fold(Cx *cx, Diary *y, int fold, Tally *tally)
{
    RelModel *rm = arena_new(cx->arena, RelModel, 1);
    Score s = {y, tally};
    if (!rm)
        return err_nomem(cx);
    y->params = rel_params_default();
    y->mixture = (Predictive){.same = .3, .tail = .1, .wide = 3};
    Err e =
        y->folds > 1 ? learn_fold(cx, y, fold, rm) : rel_model_make(cx, &y->params, &y->kind, rm);
    for (ptrdiff_t k = 0; k < y->d.count && e == OK; k++)
        if (fold_of(y, k) == fold)
            e = walk(cx, y, rm, k, score, &s);
    return e;
}

Err builtin_forecast(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    Diary *y = arena_new(cx->arena, Diary, 1);
    Tally tally = {.n = 0};
    if (!y)
        return err_nomem(cx);
    y->o = o;
    if (!o->has_scale)
        return err_set(cx, ERR_INVALID, "err.lab-scale", NO_ARGS);
    Err e = builtin_kind(cx, o->kind, &y->kind);
    if (e == OK)
        e = verb_read_table(cx, o, &t);
    if (e == OK)
        e = data_read_items(cx, &t, &y->d);
    if (e == OK && y->d.items > M)
        e = err_set(cx, ERR_LIMIT, "err.lab-builtin-items",
                    ARGS(arg_str("file", t.file), arg_int("n", M)));
    if (e == OK)
        e = tally_scale(cx, &y->d, &o->scale, &y->scale);
    if (e == OK)
        e = make_histories(cx, y);
    y->folds = e == OK && y->d.count >= FOLDS ? FOLDS : 1;
    for (int fold = 0; fold < y->folds && e == OK; fold++)
        e = score_fold(cx, y, fold, &tally);
    if (e == OK && tally.n == 0)
        e = err_set(cx, ERR_INVALID, "err.lab-forecast-few",
                    ARGS(arg_str("file", t.file), arg_int("n", o->after)));
    if (e == OK)
        tally_write(out, &tally, true, o->json);
    return e;
}
