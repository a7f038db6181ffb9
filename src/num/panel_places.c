/* num/panel_places.c - the panel foretells the series it learned from, and what is still amiss is put right: how far a
 * cluster's own weights of classes are followed, how far the point leans, and the places where answers fell. One or
 * two passes as if to foretell. */
#include "num/panel_lesson.h"
#include <math.h>

enum { PLACE_ROUNDS = 40 };
static const double LEAN_SD = .2;
static const double PLACE_ANSWERS = 5; /* each place's */

typedef struct Places {
    const LearnHistory *series; /* of the cluster being foretold */
    int after;
    double *low, *high;
    ptrdiff_t count;
    double last[REL_LEVELS]; /* answer of each item; NAN before the first */
    double miss, away, both; /* sums of squares and product of answer - mean and last - mean */
} Places;

static Err find_place(Cx *cx, void *ctx, int series, ptrdiff_t event, int row,
                      const Answers *foretold, double point)
{
    Places *p = ctx;
    const RelEvent *ev = &p->series[series].events[event];
    double *last = &p->last[(int)ev->level];
    (void)cx;
    for (int j = 0; j < REL_LEVELS && event == 0; j++)
        p->last[j] = (double)NAN;
    if (row >= p->after && !isnan(*last)) {
        p->low[p->count] = score_pit(foretold, ev->value, 0);
        p->high[p->count++] = score_pit(foretold, ev->value, 1);
        p->miss += (ev->value - point) * (ev->value - point);
        p->away += (*last - point) * (*last - point);
        p->both += (ev->value - point) * (*last - point);
    }
    *last = ev->value;
    return OK;
}

/* An answer fills the places within its mass by their share. */
static void fill_places(const Places *p, double io[PANEL_PLACES])
{
    for (int round = 0; round < PLACE_ROUNDS; round++) {
        double filled[PANEL_PLACES], all = (double)p->count + PANEL_PLACES * PLACE_ANSWERS;
        for (int i = 0; i < PANEL_PLACES; i++)
            filled[i] = PLACE_ANSWERS;
        for (ptrdiff_t k = 0; k < p->count; k++) {
            double mass = panel_place_mass(io, p->low[k], p->high[k]);
            for (int i = 0; i < PANEL_PLACES && mass > 0; i++) {
                double from = (double)i / PANEL_PLACES, to = (i + 1.) / PANEL_PLACES;
                double within = fmin(to, p->high[k]) - fmax(from, p->low[k]);
                filled[i] += fmax(within, 0) * io[i] / mass;
            }
        }
        for (int i = 0; i < PANEL_PLACES; i++)
            io[i] = PANEL_PLACES * filled[i] / all;
    }
}

Err lesson_places(Cx *cx, const Lesson *l, int after, Panel *io)
{
    Places p = {.after = after,
                .low = arena_new(cx->arena, double, l->answers + 1),
                .high = arena_new(cx->arena, double, l->answers + 1)};
    Err e = p.low && p.high ? OK : err_nomem(cx);
    if (e == OK)
        e = panel_learn_alike(cx, io, l->series, l->cluster, l->count, after, &io->alike);
    for (ptrdiff_t from = 0, to; from < l->count && e == OK; from = to) {
        to = panel_cluster_end(l->cluster, from, l->count);
        p.series = l->series + from;
        e = panel_foretell(cx, io, p.series, (int)(to - from), find_place, &p);
    }
    if (e != OK)
        return e;
    double prior = p.miss / fmax((double)p.count, 1) / (LEAN_SD * LEAN_SD);
    if (p.away > 0)
        io->lean = fmin(fmax(p.both / (p.away + prior), 0), 1);
    fill_places(&p, io->place);
    return OK;
}
