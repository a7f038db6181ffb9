/* num/panel_lesson.h - the answers that a panel learns from, and how likely its numbers make them; for num/panel_*.c
 * only. Where there are more than LESSON_ANSWERS, every second, third ... cluster is learned from, and of what few clusters
 * there are every second, third ... series, so the time has a bound.
 * Shapes  series of a cluster stand together; arrays over answers go series by series.
 * Units   answers 0..10; days.
 * Errors  as panel_foretell; ERR_NOMEM.
 * Memory  the caller's arena; scratch is reset by every pass.
 * Thread  pure. */
#ifndef NUM_PANEL_LESSON_H
#define NUM_PANEL_LESSON_H

#include "num/panel.h"

enum { LESSON_ANSWERS = 4000, LESSON_BYTES = 1 << 29 };

typedef struct Lesson {
    LearnHistory *series;
    int *cluster;
    ptrdiff_t count, answers;
    ptrdiff_t *first;  /* count: each series' first answer */
    int *at;           /* answers: which one was given */
    double *again;     /* share of earlier answers that were the same */
    bool *has_past;    /* whether there was any */
    bool *late;        /* from a row that is foretold */
    double *mean, *sd; /* spread x answers */
    double *mass;      /* spread x answers: of the answer given, if it is no repeat */
    double *by_mean,
        *by_sd;       /* spread x answers: what a unit of it adds to the series' log-likelihood */
    RelEvent *events; /* of the longest series, as what follows */
    RelPull *pull;
    double *by_offset, *by_error;
    RelRoom *room;
    Arena *scratch; /* of one pass; reset by it */
} Lesson;

MUST_CHECK Err lesson_make(Cx *cx, const Panel *p, const LearnHistory series[], const int cluster[],
                           ptrdiff_t count, int after, Lesson *l);
/* How all answers look back on earlier ones, with p's fade. */
void lesson_read(const Panel *p, int after, Lesson *l);
/* Mean and standard deviation of every answer, by spread. */
MUST_CHECK Err lesson_filter(Cx *cx, const Panel *p, const Lesson *l, double ret_mean[],
                             double ret_sd[]);
/* The masses of a fresh answer, before what is liked. */
MUST_CHECK Err lesson_spread(Cx *cx, const Panel *p, const Lesson *l, int spread, ptrdiff_t i,
                             double tail, Answers *ret);
/* l->mass, from l->mean and l->sd. */
MUST_CHECK Err lesson_masses(Cx *cx, const Panel *p, Lesson *l);
/* Logs of weight times likelihood of each class over one series, and of their sum. */
double lesson_classes(const Panel *p, const Lesson *l, ptrdiff_t k, double ret[PANEL_CLASSES]);
/* l->by_mean and l->by_sd, from l->mass. */
MUST_CHECK Err lesson_slopes(Cx *cx, const Panel *p, Lesson *l);

/* Weights of classes, tail, liking and fading, by EM from l->mean and l->sd, which it makes. */
MUST_CHECK Err lesson_shares(Cx *cx, const Panel *start, int after, Panel *io, Lesson *l);
/* How alike a cluster is, where answers fall in what is foretold of them, and how far the point leans. */
MUST_CHECK Err lesson_places(Cx *cx, const Lesson *l, int after, Panel *io);

#endif
