/* lab/diary.c - forecast --model fonder: the built-in model on a diary, by num/panel.h. Everything it learns is learned
 * from the clusters outside a fold and scored on that fold, in turn; with fewer than five clusters nothing is learned
 * and what is believed of the kind is kept. Folds are learned on two cores; a hundred series of fourteen days take about
 * a second a fold. */
#include "base/thread.h"
#include "lab/judge.h"
#include "num/panel.h"
#include <math.h>

static const double DAYS_MAX = 4e6; /* what num/relation.c takes */

typedef struct Diary {
    const Options *o;
    LabData d;
    ptrdiff_t *series; /* in order of their clusters; what follows goes by this order */
    int *cluster;
    LearnHistory *history; /* a series each */
    ptrdiff_t **row;       /* of each of its events */
    RelKind kind;
    bool reversed[REL_LEVELS];
    Judge judge;
    ptrdiff_t at; /* the first series of the cluster being foretold */
    int within;   /* which of them */
} Diary;

/* Names between commas, each of which must be an item. */
static Err read_reversed(Cx *cx, Diary *y)
{
    Str rest = y->o->reversed;
    while (rest.len > 0) {
        Str name = str_cut(&rest, ',');
        bool found = false;
        for (int i = 0; i < y->d.items; i++)
            if (str_eq(y->d.item[i], name))
                found = y->reversed[i] = true;
        if (!found)
            return err_set(cx, ERR_INVALID, "err.lab-csv-column",
                           ARGS(arg_str("file", y->d.file),
                                arg_int("column", y->d.item_column[y->d.items - 1]),
                                arg_str("name", name)));
    }
    return OK;
}

static double to_ten(const Diary *y, int item, double v)
{
    const Scale *s = &y->judge.scale;
    double ten = 10 * (v - s->low) / (s->high - s->low);
    return fmin(fmax(y->reversed[item] ? 10 - ten : ten, 0), 10);
}

static double from_ten_value(const Diary *y, int item, double ten)
{
    const Scale *s = &y->judge.scale;
    return s->low + (s->high - s->low) / 10 * (y->reversed[item] ? 10 - ten : ten);
}

static void from_ten(const Diary *y, int item, const Answers *a, Answers *ret)
{
    const Scale *s = &y->judge.scale;
    ret->count = a->count;
    for (int i = 0; i < a->count; i++) {
        int at = y->reversed[item] ? a->count - 1 - i : i;
        ret->value[at] = s->low + at * s->step;
        ret->mass[at] = a->mass[i];
    }
}

/* What belongs together stands together, otherwise as in the file. */
static Err order_series(Cx *cx, Diary *y)
{
    ptrdiff_t *first = arena_new(cx->arena, ptrdiff_t, y->d.clusters + 1);
    y->series = arena_new(cx->arena, ptrdiff_t, y->d.count);
    y->cluster = arena_new(cx->arena, int, y->d.count);
    if (!first || !y->series || !y->cluster)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < y->d.count; k++)
        first[y->d.cluster[k] + 1]++;
    for (int c = 0; c < y->d.clusters; c++)
        first[c + 1] += first[c];
    for (ptrdiff_t k = 0; k < y->d.count; k++) {
        ptrdiff_t at = first[y->d.cluster[k]]++;
        y->series[at] = k;
        y->cluster[at] = y->d.cluster[k];
    }
    return OK;
}

static Err make_histories(Cx *cx, Diary *y)
{
    Err e = order_series(cx, y);
    y->history = arena_new(cx->arena, LearnHistory, y->d.count);
    y->row = arena_new(cx->arena, ptrdiff_t *, y->d.count);
    if (e != OK || !y->history || !y->row)
        return err_nomem(cx);
    for (ptrdiff_t place = 0; place < y->d.count; place++) {
        ptrdiff_t k = y->series[place];
        const LdsData *s = &y->d.series[k];
        RelEvent *ev = arena_new(cx->arena, RelEvent, s->rows * y->d.items);
        ptrdiff_t *row = arena_new(cx->arena, ptrdiff_t, s->rows * y->d.items);
        ptrdiff_t n = 0;
        if (!ev || !row)
            return err_nomem(cx);
        for (ptrdiff_t i = 0; i < s->rows * y->d.items; i++) {
            int item = (int)(i % y->d.items);
            if (isnan(s->y[i]))
                continue;
            if (!(fabs(s->t[i / y->d.items]) <= DAYS_MAX))
                return err_set(cx, ERR_INVALID, "err.lab-diary-time",
                               ARGS(arg_str("file", y->d.file),
                                    arg_int("line", y->d.line[k][i / y->d.items]),
                                    arg_int("column", y->d.t_column)));
            row[n] = i / y->d.items;
            ev[n++] = (RelEvent){.t_days = s->t[i / y->d.items],
                                 .kind = REL_READING,
                                 .level = (RelLevel)item,
                                 .value = to_ten(y, item, s->y[i])};
        }
        y->history[place] = (LearnHistory){.kind = y->kind, .events = ev, .count = n};
        y->row[place] = row;
    }
    return OK;
}

static Err judge_answer(Cx *cx, void *ctx, int series, ptrdiff_t event, int row,
                        const Answers *foretold, double point)
{
    Diary *y = ctx;
    ptrdiff_t place = y->at + series, k = y->series[place], at = y->row[place][event];
    int item = (int)y->history[place].events[event].level;
    Answers a;
    (void)row;
    if (series != y->within)
        judge_series(&y->judge, k);
    y->within = series;
    from_ten(y, item, foretold, &a);
    return judge_reading(cx, &y->judge, at, item, y->d.series[k].y[at * y->d.items + item], &a,
                         from_ten_value(y, item, point), 0);
}

/* Mean and spread of the series' own means, the spread less what a mean of few answers has by itself; what is
 * learned starts there. */
static void start_kind(const LearnHistory train[], ptrdiff_t count, RelKind *io)
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

/* How far each item's mean lies from the first's. */
static void start_items(const LearnHistory train[], ptrdiff_t count, Panel *io)
{
    double sum[REL_LEVELS] = {0}, n[REL_LEVELS] = {0};
    for (ptrdiff_t k = 0; k < count; k++)
        for (ptrdiff_t i = 0; i < train[k].count; i++) {
            sum[train[k].events[i].level] += train[k].events[i].value;
            n[train[k].events[i].level]++;
        }
    for (int j = 1; j < io->items; j++)
        if (n[0] > 0 && n[j] > 0)
            io->offset[j] = sum[j] / n[j] - sum[0] / n[0];
    if (n[0] > 0)
        io->kind.mu = sum[0] / n[0];
}

/* What one fold is foretold by. Learned apart from everything else, so that two are learned at once. */
typedef struct Study {
    LearnHistory *train;
    int *cluster;
    ptrdiff_t count;
    Panel start, panel;
    Arena arena;
    Cx cx;
    Err e;
} Study;

typedef struct Studies {
    Study *of;
    int count, after;
    atomic_int next;
} Studies;

static Err study_make(Cx *cx, const Diary *y, int fold, Study *ret)
{
    const Scale *s = &y->judge.scale, ten = {0, 10, 10 * s->step / (s->high - s->low)};
    const RelParams params = rel_params_default();
    RelKind kind = y->kind;
    ret->train = arena_new(cx->arena, LearnHistory, y->d.count);
    ret->cluster = arena_new(cx->arena, int, y->d.count);
    if (!ret->train || !ret->cluster)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < y->d.count && y->judge.folds > 1; i++)
        if (judge_fold(&y->judge, y->series[i]) != fold) {
            ret->train[ret->count] = y->history[i];
            ret->cluster[ret->count++] = y->cluster[i];
        }
    start_kind(ret->train, ret->count, &kind);
    panel_start(&params, &kind, &ten, y->d.items, &ret->start);
    start_items(ret->train, ret->count, &ret->start);
    return OK;
}

static void study_some(void *ctx, const atomic_bool *stop)
{
    Studies *all = ctx;
    (void)stop; /* each is needed */
    for (int i = atomic_fetch_add(&all->next, 1); i < all->count;
         i = atomic_fetch_add(&all->next, 1)) {
        Study *s = &all->of[i];
        s->e =
            panel_learn(&s->cx, &s->start, s->train, s->cluster, s->count, all->after, &s->panel);
    }
}

static Err foretell_fold(Cx *cx, Diary *y, int fold, const Panel *p)
{
    Err e = OK;
    for (ptrdiff_t to; y->at < y->d.count && e == OK; y->at = to) {
        to = panel_cluster_end(y->cluster, y->at, y->d.count);
        y->within = -1;
        if (judge_fold(&y->judge, y->series[y->at]) == fold)
            e = panel_foretell(cx, p, y->history + y->at, (int)(to - y->at), judge_answer, y);
    }
    y->at = 0;
    return e;
}

static Err foretell_all(Cx *cx, Diary *y)
{
    Studies *all = arena_new(cx->arena, Studies, 1);
    if (all)
        all->of = arena_new(cx->arena, Study, y->judge.folds);
    Err e = all && all->of ? OK : err_nomem(cx);
    for (int i = 0; i < y->judge.folds && e == OK; i++) {
        Study *s = &all->of[all->count++];
        arena_init(&s->arena, ARENA_LIMIT_DEFAULT);
        s->cx = (Cx){.arena = &s->arena, .now_ms = cx->now_ms};
        e = study_make(cx, y, i, s);
    }
    if (e == OK) {
        all->after = y->o->after;
        Worker *other = all->count > 1 ? worker_start(study_some, all) : NULL;
        study_some(all, NULL);
        worker_end(other);
    }
    for (int i = 0; all && i < all->count; i++) {
        Study *s = &all->of[i];
        if (e == OK && s->e != OK)
            cx->why = s->cx.why; /* its strings are literals */
        e = e == OK ? s->e : e;
        if (e == OK)
            e = foretell_fold(cx, y, i, &s->panel);
        arena_free(&s->arena);
    }
    return e;
}

Err builtin_forecast(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    Diary *y = arena_new(cx->arena, Diary, 1);
    if (!y)
        return err_nomem(cx);
    y->o = o;
    if (!o->has_scale)
        return err_set(cx, ERR_INVALID, "err.lab-scale", NO_ARGS);
    Err e = builtin_kind(cx, o->kind, &y->kind);
    if (e == OK)
        e = verb_read_table(cx, o, &t);
    if (e == OK)
        e = data_read_items(cx, &t, o->cluster, &y->d);
    if (e == OK && y->d.items > REL_LEVELS)
        e = err_set(cx, ERR_LIMIT, "err.lab-builtin-items",
                    ARGS(arg_str("file", t.file), arg_int("line", 1),
                         arg_int("column", y->d.item_column[REL_LEVELS]),
                         arg_int("n", REL_LEVELS)));
    if (e == OK)
        e = read_reversed(cx, y);
    if (e == OK)
        e = judge_open(cx, o, &y->d, out, &y->judge);
    if (e == OK)
        e = make_histories(cx, y);
    if (e == OK)
        e = foretell_all(cx, y);
    return e == OK ? judge_close(cx, &y->judge, out) : e;
}
