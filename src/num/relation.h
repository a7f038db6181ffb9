/* num/relation.h - how close one relationship is, as a belief that moves in continuous time.
 * The state is 25 numbers: the slow levels m of five types and seven factors, how today colours
 * everything z, and how far this relationship lies from others of its kind b. A history is a sorted
 * array of events; a RelState is all that is remembered of it, so one more event costs one step.
 *     RelModel rm; rel_model_make(cx, &params, &kind, &rm);
 *     RelState now; rel_start(&rm, events[0].t_days, &now);
 *     rel_filter(cx, &rm, events, count, &now);          and again with later events
 *     rel_forecast(cx, &rm, &now, t_days, &then); rel_levels(&rm, &then, &levels);
 * Shapes  levels in the order of RelLevel; covariances row-major REL_LEVELS x REL_LEVELS.
 * Units   levels and answers 0..10, recoded so that more is closer; time in days from any origin.
 * Errors  ERR_INVALID an event out of order, not finite or out of range (names its place in the
 * array); ERR_NUMERIC parameters outside their range; ERR_NOMEM. Memory  RelModel, RelState and
 * RelLevels are plain values; rel_smooth uses cx->arena for its tape. Thread  pure; a RelModel is
 * read only once made. Source  the model is ours, docs/ENGINE.md; filter and smoother as in
 * num/lds.h. */
#ifndef NUM_RELATION_H
#define NUM_RELATION_H

#include "num/modal.h"
#include "num/score.h"

typedef enum RelLevel {
    REL_EMOTIONAL,
    REL_INTELLECTUAL,
    REL_PHYSICAL,
    REL_EXPERIENTIAL,
    REL_SPIRITUAL,
    REL_TRUST,
    REL_ACCEPTANCE,
    REL_HONESTY,
    REL_SAFETY,
    REL_COMPASSION,
    REL_AFFECTION,
    REL_COMMUNICATION,
    REL_LEVELS
} RelLevel;

enum { REL_TYPES = 5, REL_FACTORS = 7, REL_DIM = 2 * REL_LEVELS + 1 };
/* Rows are padded with zeros: four vectors of eight, each a line of the cache. */
enum { REL_WIDE = 32 };

/* The parameters that are learned or judged; rel_params_default() gives where they start. */
typedef struct RelParams {
    double lambda;      /* a day: return to the own level */
    double kappa;       /* 0 <= kappa < 1: how strongly levels pull each other along */
    double q, rho;      /* a day: noise of each level and its correlation */
    double lambda_z;    /* a day */
    double sigma_z;     /* standard deviation of today's colour */
    double error;       /* variance of a reading, the question's own offset included */
    double error_known; /* the same once the question's offset is known */
    double load_factor; /* how much today colours a factor's reading; a type's is 1 */
    double beta;        /* today's colour per unit of moment beyond the usual */
    double beta_m;      /* a level's lift per unit of moment beyond the mean */
    double conflict;    /* today's colour per point of conflict */
    double level_corr;  /* correlation of b across levels */
    double half_step;   /* half of what answers differ by: 10 stands for 10 - half_step and more */
} RelParams;

RelParams rel_params_default(void);

/* What is believed of a kind of relationship before anything is said. */
typedef struct RelKind {
    double mu, tau;         /* level, and the standard deviation of b */
    double apart_phi;       /* without contact the levels go to apart_phi (mu + b) ... */
    double apart_half_life; /* ... in so many days */
} RelKind;

/* The coupling W, REL_LEVELS^2 row-major: what is moved by what. */
void rel_coupling(double ret[]);

/* The level expected of a friendship after so many hours together (Hall 2018). */
double rel_hours_level(double hours);

typedef enum RelEventKind {
    REL_READING,  /* level, value 0..10, offset, error */
    REL_MOMENT,   /* value is its size g (rel_moment_size), fed the types it fed */
    REL_CONFLICT, /* value: points of conflict, >= 0 */
    REL_APART,    /* the person says there is no contact from here on */
    REL_TOGETHER, /* and here it ends */
    REL_HOLD,     /* resting, grieving, ended: being apart wears nothing from here on */
    REL_RELEASE   /* and here that ends */
} RelEventKind;

typedef struct RelEvent {
    double t_days;
    RelEventKind kind;
    RelLevel level; /* readings */
    unsigned fed;   /* moments: bit k for type k */
    double value;
    double offset; /* readings: what the question is known to add; 0 to start */
    double error;  /* readings: variance; 0 takes params.error */
} RelEvent;

/* quality -1..1; medium and company factors; minutes >= 0: quality medium company ln(1 +
 * minutes/15). */
double rel_moment_size(double quality, double medium, double company, double minutes);

typedef struct RelKernel RelKernel; /* num/relation_kernel.h */

typedef struct RelModel {
    const RelKernel *kernel; /* this machine's */
    RelParams p;
    RelKind kind;
    Modal basis; /* of the coupling W: the same vectors serve every drift */
    int pairs;   /* so many of the modes stand in conjugate pairs, first of all; 8 at most */
    double
        columns[REL_LEVELS *
                REL_LEVELS]; /* its vectors the other way round: what each mode is of the levels */
    double prior[REL_WIDE * REL_WIDE];       /* covariance at the start, in modes */
    double settled[REL_LEVELS * REL_LEVELS]; /* of m - mu - b, in levels */
    double rows[REL_LEVELS * REL_WIDE];      /* what each level is of the state: modes, and b */
    double delta;                            /* a day, while apart */
} RelModel;

/* All that the history so far says. Internal coordinates are modes of the drift: use rel_levels().
 */
typedef struct RelState {
    _Alignas(64) double p[REL_DIM * REL_WIDE];
    double x[REL_WIDE];
    double t_days;
    double fit, product; /* for rel_loglik: variances of readings are multiplied up */
    int readings, moments;
    bool apart, held;
    double last_moment;  /* days; meaningless before the first */
    double size_sum;     /* of earlier moments */
    double size_exposed; /* days that they cover, long silences cut at usual_gap */
    double usual_gap;    /* days between moments; 0 before the second */
} RelState;

typedef struct RelLevels {
    double t_days;
    double mean[REL_LEVELS];
    double cov[REL_LEVELS * REL_LEVELS];
    double today, today_var; /* z */
    double own[REL_LEVELS];  /* mu + b, where each level settles */
    double own_var[REL_LEVELS];
} RelLevels;

MUST_CHECK Err rel_model_make(Cx *cx, const RelParams *params, const RelKind *kind, RelModel *ret);
/* The same with other numbers, from one that was made: without the coupling's eigenvectors, which are all that costs. */
MUST_CHECK Err rel_model_again(Cx *cx, const RelModel *rm, const RelParams *params,
                               const RelKind *kind, RelModel *ret);
/* The same parameters for another kind, at the cost of a copy. */
MUST_CHECK Err rel_model_kind(Cx *cx, const RelModel *rm, const RelKind *kind, RelModel *ret);
/* The same in which levels and days move so many times as much, read with so many times the error's variance. */
void rel_model_scale(const RelModel *rm, double moves, double error, RelModel *ret);
void rel_start(const RelModel *rm, double t_days, RelState *ret);
MUST_CHECK Err rel_filter(Cx *cx, const RelModel *rm, const RelEvent events[], ptrdiff_t count,
                          RelState *io);
/* The belief at a later time without further events; at may be the same as from. */
MUST_CHECK Err rel_forecast(Cx *cx, const RelModel *rm, const RelState *from, double t_days,
                            RelState *ret);
/* Log-likelihood of the readings so far, one after the other. */
double rel_loglik(const RelState *state);
void rel_levels(const RelModel *rm, const RelState *state, RelLevels *ret);
/* As if the levels of the types had moved by so much just now. */
void rel_shift(const RelModel *rm, const double shift[REL_TYPES], RelState *io);
/* A reading's predictive mean and variance, without its error's discretisation. */
void rel_predict(const RelModel *rm, const RelState *state, const RelEvent *reading,
                 double *ret_mean, double *ret_var);

/* By how much the variance of c'm (c over all levels) would fall if this reading were taken: what decides the
 * next question. The answer itself does not matter for it. */
double rel_would_teach(const RelModel *rm, const RelState *state, const RelEvent *reading,
                       const double c[REL_LEVELS]);

/* Closeness w'm over the types, of levels or of their change (RelLevels, RelChange), for weights w with covariance w_cov
 * (REL_TYPES^2), m and w independent: var = w'Pw + m'Vm + tr(PV). */
void rel_closeness(const double mean[], const double cov[], const double w[REL_TYPES],
                   const double w_cov[], double *ret_mean, double *ret_var);

/* How much of each time is looked at: the rest of RelLevels is left as it was. */
typedef enum RelWant {
    REL_MEANS,
    REL_VARIANCES, /* and variances: of levels, on the diagonal of cov */
    REL_COVARIANCES
} RelWant;

/* Beliefs at the given times (sorted, any of them) given all events; events of a time come before
 * it. */
MUST_CHECK Err rel_smooth(Cx *cx, const RelModel *rm, const RelState *start,
                          const RelEvent events[], ptrdiff_t count, const double times[],
                          ptrdiff_t times_count, RelWant want, RelLevels ret[]);

/* Derivatives of a history's log-likelihood: by the logarithm of each parameter (error: of params.error; delta: of the
 * rate while apart; tau: the kind's), and by kappa and mu themselves. */
typedef struct RelSlopes {
    double lambda, kappa, q, lambda_z, sigma_z, error, beta, beta_m, delta, mu, tau;
    double same, tail; /* by the shares' logits */
} RelSlopes;
/* Answers in whole steps, some said again and some surprises: last[i] is the one that event i may say again, NaN for none. */
typedef struct RelMix {
    AnswerShares shares;
    const double *last;
} RelMix;
/* Room for asking again and again about histories of at most so many events. */
typedef struct RelRoom RelRoom;
MUST_CHECK Err rel_slopes_room(Cx *cx, ptrdiff_t most, RelRoom **ret);
/* Of what rel_filter works out from rest at the first event on, exactly: answers at the ends of the scale included. With mix
 * (else NULL): of the masses that the same beliefs give to the answers, one after the other. */
MUST_CHECK Err rel_slopes(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[],
                          ptrdiff_t count, const RelMix *mix, double *ret_loglik, RelSlopes *ret);
/* The log-likelihood's slope by each reading's own offset; 0 for other events. */
MUST_CHECK Err rel_offset_slopes(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[],
                                 ptrdiff_t count, double *ret_loglik, double ret_offset[]);
/* io (questions^2) += what a history tells of its questions' offsets, minus the curvature of its log-likelihood over them: with
 * each answer at an end of the scale as the reading that stands for it. question[k]: of event k, outside 0 .. questions - 1
 * for none. */
MUST_CHECK Err rel_offset_information(Cx *cx, const RelModel *rm, const RelEvent events[],
                                      const int question[], ptrdiff_t count, int questions,
                                      double io[]);
/* What a unit more of the mean, and of the variance, foretold of a reading before any of its time adds to some sum. */
typedef struct RelPull {
    double mean, var;
} RelPull;
/* The slopes of that sum instead, one pull an event; and by each reading's offset, and by the log of its error. */
MUST_CHECK Err rel_slopes_pulled(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[],
                                 const RelPull pull[], ptrdiff_t count, RelSlopes *ret,
                                 double ret_offset[], double ret_error[]);

/* The joint belief about m at two times, given all events: change = m(to) - m(from). */
typedef struct RelChange {
    double mean[REL_LEVELS];
    double cov[REL_LEVELS * REL_LEVELS];
} RelChange;
/* start: any state before from_days, and the events after it. */
MUST_CHECK Err rel_change(Cx *cx, const RelModel *rm, const RelState *start,
                          const RelEvent events[], ptrdiff_t count, double from_days,
                          double to_days, RelChange *ret);

#endif
