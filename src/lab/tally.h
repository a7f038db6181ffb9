/* lab/tally.h - how good predictions were, beside those of simpler forecasters, with bootstrap intervals over clusters.
 * Shapes  clusters are numbered 0 .. clusters - 1; sums are kept for each, so that whole clusters can be drawn.
 * Units   of the data; log score in nats. Coverage of answers is that of the randomised place in the distribution
 *         (PIT): the share of an answer's own mass that lies within the central 50, 80, 95 %. Of normal predictions it
 *         is that of the central interval.
 * Errors  ERR_INVALID an answer outside the scale, a scale whose step cannot be found (file, line); ERR_NOMEM.
 * Memory  sums in cx->arena.
 * Thread  pure.
 * Source  randomised PIT: Czado, Gneiting & Held, Biometrics 65 (2009); bootstrap of clusters: Davison & Hinkley (1997),
 *         3.8; the t statistic by the sandwich over clusters. */
#ifndef LAB_TALLY_H
#define LAB_TALLY_H

#include "lab/verb.h"

enum { TALLY_BANDS = 3, TALLY_PLACES = 10 };

typedef enum By {
    BY_MODEL,
    BY_OU,
    BY_OU_ANSWERS,
    BY_ROBUST,
    BY_REGRESSION,
    BY_MEAN,
    BY_LAST,
    BYS
} By;
typedef enum Of { OF_SQUARE, OF_ABSOLUTE, OF_CRPS, OF_LOG, OF_50, OF_80, OF_95, OFS } Of;

typedef struct Tally {
    bool discrete;
    double step; /* between answers */
    int clusters, n;
    double *count;              /* clusters */
    double *sum;                /* clusters x BYS x OFS; NAN where a forecaster has no such score */
    double whole[TALLY_BANDS];  /* answers in the shortest run with at least the band's mass */
    double place[TALLY_PLACES]; /* of the model */
} Tally;

/* scale NULL: scores are of densities. */
MUST_CHECK Err tally_make(Cx *cx, int clusters, const Scale *scale, Tally *ret);
void tally_count(Tally *t, int cluster);
void tally_point(Tally *t, By by, int cluster, double point, double given);
void tally_normal(Tally *t, By by, int cluster, double mean, double var, double given);
/* point: what is foretold for least squared error; the median is taken for least absolute error. */
void tally_answers(Tally *t, By by, int cluster, const Answers *a, double point, double given);
double tally_median(const Answers *a);
/* Where no step is given: the coarsest of 1, 1/2, 1/4, 1/5, 1/10, 1/20 on which nineteen answers in twenty lie, or, where
 * they lie on none, the finest with at most SCORE_ANSWERS; answers between two count as the nearer. */
MUST_CHECK Err tally_scale(Cx *cx, const LabData *d, const Scale *asked, Scale *ret);

/* A score with its 95 % interval; estimates are NAN where there is none. */
typedef struct Interval {
    double value, low, high;
} Interval;
typedef struct Report {
    Interval score[BYS][OFS];      /* OF_SQUARE: its root */
    Interval difference[BYS][OFS]; /* model less forecaster; OF_SQUARE: of mean squares */
    double t[BYS][OFS];
    bool intervals; /* two clusters or more */
} Report;
MUST_CHECK Err tally_report(Cx *cx, const Tally *t, uint64_t seed, Report *ret);
MUST_CHECK Err tally_write(Cx *cx, Buf *out, const Tally *t, const Options *o);

void plot_forecast(Buf *out, const Tally *t, const Report *r); /* plot.c */

extern const char *const tally_by[BYS];
extern const char *const tally_of[OFS];

#endif
