/* num/panel_share.c - series that belong together are alike: one who rates steadily rates everybody steadily. A cluster has
 * weights of classes of its own, drawn around everybody's (Dirichlet, worth `alike` series); at each time they are what its series
 * are then taken for, added up, and a series is foretold with what the *others* make of them. What each is taken for follows from
 * these weights in turn; answers of one time are taken in at once, in SHARE_ROUNDS rounds (Minka's expectation propagation for
 * such a mixture would go on until nothing moves; further rounds change little). One pass in order of time; two multiplications
 * a class, row and round.
 *
 * How alike is learned from other clusters as the likeliest of a few, of what is foretold of the rows that count, where half of the
 * prior says: not at all. */
#include "num/panel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHARE_ROUNDS = 3, SHARE_ROWS = 1 << 17 };
static const double alike_tried[] = {.5, 1, 2, 4, 8, 16, 32};
enum { TRIED = sizeof alike_tried / sizeof alike_tried[0] };

ptrdiff_t panel_cluster_end(const int cluster[], ptrdiff_t from, ptrdiff_t count)
{
    ptrdiff_t to = from + 1;
    while (to < count && cluster[to] == cluster[from])
        to++;
    return to;
}

/* -- the rows ------------------------------------------------------------------------------------------- */

typedef struct Timed {
    double t;
    ptrdiff_t row;
} Timed;

static int by_time(const void *a, const void *b)
{
    const Timed *x = a, *y = b;
    int order = (x->t > y->t) - (x->t < y->t);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static Err order_rows(Cx *cx, PanelMates *io)
{
    Timed *timed = arena_new(cx->arena, Timed, io->rows + 1);
    if (!timed)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < io->rows; i++)
        timed[i] = (Timed){io->t[i], i};
    qsort(timed, (size_t)io->rows, sizeof timed[0], by_time);
    for (ptrdiff_t i = 0; i < io->rows; i++)
        io->order[i] = timed[i].row;
    return OK;
}

static Err follow(Cx *cx, const Panel *panel, const PanelFilters *filters, const LearnHistory *h,
                  int series, PanelMates *io)
{
    PanelTeller *t = arena_new(cx->arena, PanelTeller, 1);
    Err e = t ? panel_teller(cx, panel, filters, h, t) : err_nomem(cx);
    ptrdiff_t row = io->first[series];
    for (ptrdiff_t from = 0, to; from < h->count && e == OK; from = to) {
        double *like = io->like + row * PANEL_CLASSES, top = -HUGE_VAL;
        to = panel_row_end(h, from);
        io->t[row] = h->events[from].t_days;
        io->series[row++] = series;
        e = panel_weigh(cx, t, from, to);
        for (int c = 0; c < PANEL_CLASSES; c++)
            top = fmax(top, t->said[c]);
        for (int c = 0; c < PANEL_CLASSES; c++)
            like[c] = exp(t->said[c] - top);
    }
    return e;
}

Err panel_mates(Cx *cx, const Panel *panel, const PanelFilters *filters,
                const LearnHistory series[], int count, PanelMates *ret)
{
    PanelMates m = {.count = count, .first = arena_new(cx->arena, ptrdiff_t, count + 1)};
    if (!m.first)
        return err_nomem(cx);
    for (int k = 0; k < count; k++) {
        m.first[k] = m.rows;
        for (ptrdiff_t from = 0; from < series[k].count; from = panel_row_end(&series[k], from))
            m.rows++;
    }
    m.first[count] = m.rows;
    if (m.rows > SHARE_ROWS) { /* each tells enough by itself */
        *ret = (PanelMates){.count = 0};
        return OK;
    }
    m.order = arena_new(cx->arena, ptrdiff_t, m.rows + 1);
    m.t = arena_new(cx->arena, double, m.rows + 1);
    m.series = arena_new(cx->arena, int, m.rows + 1);
    m.like = arena_new(cx->arena, double, m.rows *PANEL_CLASSES + 1);
    m.share = arena_new(cx->arena, double, m.rows *PANEL_CLASSES + 1);
    m.now = arena_new(cx->arena, double, (ptrdiff_t)count *PANEL_CLASSES);
    m.next = arena_new(cx->arena, double, (ptrdiff_t)count *PANEL_CLASSES);
    if (!m.order || !m.t || !m.series || !m.like || !m.share || !m.now || !m.next)
        return err_nomem(cx);
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
    Err e = OK;
    for (int k = 0; k < count && e == OK; k++) {
        e = follow(&inner, panel, filters, &series[k], k, &m);
        if (e != OK)
            cx->why = inner.why; /* its strings are literals */
        arena_reset(&scratch);
    }
    if (e == OK)
        e = order_rows(cx, &m);
    if (e == OK)
        *ret = m;
    return e;
}

/* -- sharing -------------------------------------------------------------------------------------------- */

/* What a cluster's series are taken for, together. */
typedef struct Sum {
    double of[PANEL_CLASSES], series;
} Sum;

/* The weights for one series, by the others; own is what it is itself taken for in the sum. */
static void weights_for(const Panel *p, double alike, const Sum *sum, const double own[],
                        double ret[])
{
    double counted = 0;
    for (int c = 0; c < PANEL_CLASSES; c++)
        counted += own[c];
    for (int c = 0; c < PANEL_CLASSES; c++)
        ret[c] =
            (alike * p->weight[c] + fmax(sum->of[c] - own[c], 0)) / (alike + sum->series - counted);
}

/* Rows from to to of the order, which are of one time. */
static void take_in(const Panel *p, double alike, PanelMates *io, ptrdiff_t from, ptrdiff_t to,
                    Sum *sum)
{
    for (ptrdiff_t i = from; i < to; i++) {
        ptrdiff_t row = io->order[i];
        double *next = io->next + (ptrdiff_t)io->series[row] * PANEL_CLASSES, all = 0;
        weights_for(p, alike, sum, io->now + (ptrdiff_t)io->series[row] * PANEL_CLASSES, next);
        for (int c = 0; c < PANEL_CLASSES; c++)
            all += next[c] *= io->like[row * PANEL_CLASSES + c];
        for (int c = 0; c < PANEL_CLASSES; c++)
            next[c] /= all;
    }
    for (ptrdiff_t i = from; i < to; i++) {
        ptrdiff_t at = (ptrdiff_t)io->series[io->order[i]] * PANEL_CLASSES;
        for (int c = 0; c < PANEL_CLASSES; c++) {
            double more = io->next[at + c] - io->now[at + c];
            sum->of[c] += more;
            sum->series += more;
            io->now[at + c] = io->next[at + c];
        }
    }
}

void panel_share(const Panel *panel, double alike, PanelMates *io)
{
    Sum sum = {.series = 0};
    memset(io->now, 0, sizeof io->now[0] * (size_t)io->count * PANEL_CLASSES);
    for (ptrdiff_t from = 0, to; from < io->rows; from = to) {
        double t = io->t[io->order[from]];
        for (to = from; to < io->rows && !(io->t[io->order[to]] > t); to++) {
            ptrdiff_t row = io->order[to];
            weights_for(panel, alike, &sum, io->now + (ptrdiff_t)io->series[row] * PANEL_CLASSES,
                        io->share + row * PANEL_CLASSES);
        }
        for (int round = 0; round < SHARE_ROUNDS; round++)
            take_in(panel, alike, io, from, to, &sum);
    }
}

/* -- how alike ------------------------------------------------------------------------------------------ */

/* Log-likelihood of the rows from after on with those weights, or with the panel's (share NULL); up to what does not
 * depend on them. */
static double log_of(const Panel *p, const PanelMates *m, const double *share, int after)
{
    double log_sum = 0;
    for (int k = 0; k < m->count; k++)
        for (ptrdiff_t row = m->first[k] + (after > 1 ? after : 1); row < m->first[k + 1]; row++) {
            const double *w = share ? share + row * PANEL_CLASSES : p->weight;
            const double *with = m->like + row * PANEL_CLASSES, *before = with - PANEL_CLASSES;
            double above = 0, below = 0;
            for (int c = 0; c < PANEL_CLASSES; c++) {
                above += w[c] * with[c];
                below += w[c] * before[c];
            }
            log_sum += log(above / below);
        }
    return log_sum;
}

Err panel_learn_alike(Cx *cx, const Panel *panel, const LearnHistory series[], const int cluster[],
                      ptrdiff_t count, int after, double *ret)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
    double gain[TRIED] = {0}, best = log(TRIED);
    PanelFilters *filters = arena_new(cx->arena, PanelFilters, 1);
    Err e = filters ? panel_filters(cx, panel, filters) : err_nomem(cx);
    for (ptrdiff_t from = 0, to; from < count && e == OK; from = to) {
        PanelMates m = {.count = 0};
        to = panel_cluster_end(cluster, from, count);
        if (to - from < 2)
            continue;
        e = panel_mates(&inner, panel, filters, series + from, (int)(to - from), &m);
        if (e != OK)
            cx->why = inner.why; /* its strings are literals */
        for (int i = 0; i < TRIED && e == OK && m.count > 0; i++) {
            panel_share(panel, alike_tried[i], &m);
            gain[i] += log_of(panel, &m, m.share, after) - log_of(panel, &m, NULL, after);
        }
        arena_reset(&scratch);
    }
    if (e != OK)
        return e;
    *ret = HUGE_VAL;
    for (int i = 0; i < TRIED; i++)
        if (gain[i] > best) {
            best = gain[i];
            *ret = alike_tried[i];
        }
    return OK;
}
