/* num/panel.h - what many people will answer next, each from a few answers: the relationship model of num/relation.h
 * with personal numbers. How much a relationship moves and how often a person repeats an answer differ more between people
 * than anything else about short diaries, so both are classes with learned weights, and each series weighs them by what
 * it has answered so far: a mixture over PANEL_SPREADS filters, in each of which levels and days move more.
 *     panel_start(&params, &kind, &scale, items, &start);
 *     panel_learn(cx, &start, others, cluster, count, after, &panel);    from other people's series
 *     panel_foretell(cx, &panel, series, count, visit, ctx);             each answer from those of earlier times
 * Series that belong together (the two of a couple, whom one person rated) may be alike in their classes: each is then
 * also weighed by what the others of its cluster have answered before, as far as that served in other clusters.
 * Shapes  a series is a LearnHistory of readings alone; item j is RelLevel j. Rows are readings of equal time. To learn
 *         from, series of a cluster stand together; to foretell, they are given all at once.
 * Units   answers 0..10; days.
 * Errors  ERR_INVALID an event that is no reading; as rel_filter and score_answers; ERR_NOMEM.
 * Memory  results are plain values; work in scratch arenas.
 * Thread  pure.
 * Source  weights of classes: Laird, JASA 73 (1978), by EM; the rest by Fisher scoring with the outer product of
 *         series' scores (Berndt, Hall, Hall & Hausman 1974); answers rise with getting used to being asked: Shrout et
 *         al., PNAS 115 (2018). */
#ifndef NUM_PANEL_H
#define NUM_PANEL_H

#include "num/learn.h"

enum { PANEL_SPREADS = 8, PANEL_HABITS = 6, PANEL_CLASSES = PANEL_SPREADS * PANEL_HABITS };
enum { PANEL_PLACES = 10 };

typedef struct Panel {
    Scale scale;
    RelParams params;
    RelKind kind;
    double settling; /* so much lower are first answers, fading with how many were given */
    int items;
    double offset[REL_LEVELS], error_log[REL_LEVELS]; /* of each item beside the first */
    double weight[PANEL_CLASSES];                     /* spread by habit */
    double fade; /* of earlier answers, one counts so much of the next in what is said again */
    double tail, wide;           /* as in Predictive */
    double liked[SCORE_ANSWERS]; /* how much oftener an answer is given than its neighbours tell */
    double place[PANEL_PLACES];  /* the same of each part of what all this foretells */
    double lean;                 /* of the point forecast from the mean to the answer before */
    double
        alike; /* a cluster's own weights are held to these by so many series; HUGE_VAL: it has none */
} Panel;

void panel_start(const RelParams *params, const RelKind *kind, const Scale *scale, int items,
                 Panel *ret);
/* cluster: of each series. after: how answers are chosen and spread is learned from the rows after so many, as these are
 * what is foretold. */
MUST_CHECK Err panel_learn(Cx *cx, const Panel *start, const LearnHistory series[],
                           const int cluster[], ptrdiff_t count, int after, Panel *ret);

/* Called for each answer with what was foretold of it from the rows before, the cluster's others included; row counts
 * those of its own series. Series by series. point is the forecast that aims at least squared error: the mean, leaning as
 * far towards the answer before as served others. */
typedef Err PanelVisit(Cx *cx, void *ctx, int series, ptrdiff_t event, int row,
                       const Answers *foretold, double point);
/* All series of one cluster. */
MUST_CHECK Err panel_foretell(Cx *cx, const Panel *panel, const LearnHistory series[], int count,
                              PanelVisit *visit, void *ctx);

/* -- for num/panel*.c only --------------------------------------------------------------------------- */

/* A filter for each spread. */
typedef struct PanelFilters {
    RelModel model[PANEL_SPREADS];
} PanelFilters;
MUST_CHECK Err panel_filters(Cx *cx, const Panel *panel, PanelFilters *ret);
/* Mean and standard deviation of each event as each filter foretells it: ret_mean[spread * stride + event]. */
MUST_CHECK Err panel_paths(Cx *cx, const Panel *panel, const PanelFilters *filters,
                           const LearnHistory *series, ptrdiff_t stride, double ret_mean[],
                           double ret_sd[]);
/* A series' events as that filter reads them: with offsets, settling in and errors. Before the panel's settling stands
 * how much of it is left after so many answers of an item. */
void panel_events(const Panel *panel, const RelModel *rm, const LearnHistory *series,
                  RelEvent ret[]);
double panel_unsettled(int given);
extern const double panel_habit[PANEL_HABITS]; /* the chance that an earlier answer is said again */

/* Density of the places over low..high, 0 <= low <= high <= 1, times its length. */
double panel_place_mass(const double place[PANEL_PLACES], double low, double high);

/* Earlier answers of one item, the later the heavier. */
typedef struct PanelPast {
    double weight[SCORE_ANSWERS], sum;
    int last;
} PanelPast;
void panel_past_add(PanelPast *past, double fade, int answer);

/* One series, as its answers come. */
typedef struct PanelTeller {
    const Panel *panel;
    const LearnHistory *series;
    double *mean, *sd; /* spread x event */
    PanelPast past[REL_LEVELS];
    double said[PANEL_CLASSES]; /* log-likelihood of each class so far */
    Answers fresh[PANEL_SPREADS];
} PanelTeller;
MUST_CHECK Err panel_teller(Cx *cx, const Panel *panel, const PanelFilters *filters,
                            const LearnHistory *series, PanelTeller *ret);
/* Takes in the answers of a row that ends before to. */
MUST_CHECK Err panel_weigh(Cx *cx, PanelTeller *io, ptrdiff_t from, ptrdiff_t to);
ptrdiff_t panel_row_end(const LearnHistory *h, ptrdiff_t from);

/* The rows of a cluster's series, one series after the other. */
typedef struct PanelMates {
    int count;
    ptrdiff_t rows;
    ptrdiff_t *first; /* count + 1: of each series' rows */
    ptrdiff_t *order; /* rows, by time */
    double *t;
    int *series;
    double *like;       /* row x class: of its series up to and with the row, the largest 1 */
    double *share;      /* row x class: weights before the row */
    double *now, *next; /* series x class: what each is taken for */
} PanelMates;
MUST_CHECK Err panel_mates(Cx *cx, const Panel *panel, const PanelFilters *filters,
                           const LearnHistory series[], int count, PanelMates *ret);
/* io->share, as the cluster's own weights are held to the panel's by alike series. */
void panel_share(const Panel *panel, double alike, PanelMates *io);
ptrdiff_t panel_cluster_end(const int cluster[], ptrdiff_t from, ptrdiff_t count);
MUST_CHECK Err panel_learn_alike(Cx *cx, const Panel *panel, const LearnHistory series[],
                                 const int cluster[], ptrdiff_t count, int after, double *ret);

#endif
