/* num/panel_learn.c - learning a panel's numbers from series of other people, in turns: the numbers of the filters by
 * Fisher scoring (the sum of the outer products of series' scores stands for the curvature, which needs no second
 * derivative), the weights of classes, the tail and how liked each answer is by EM. Scores are exact: by what each filter
 * foretells of an answer (mean and standard deviation: PANEL_SPREADS times the answers of the scale a reading), and from there
 * by the filter gone through backwards (num/relation_slopes.c), all numbers at once: PANEL_SPREADS times four or five
 * filter steps a reading and a round, about a dozen rounds, however many numbers there are. */
#include "num/panel_lesson.h"
#include <math.h>
#include <string.h>

enum { COMMON = 8, NUMBERS = COMMON + 2 * REL_LEVELS, SCORING_ROUNDS = 12 };
static const double ENOUGH = 0.02; /* a gain in the log posterior that ends the climb */

typedef enum Number {
    N_MU,
    N_TAU,
    N_Q,
    N_LAMBDA,
    N_LAMBDA_Z,
    N_SIGMA_Z,
    N_ERROR,
    N_SETTLING
} Number;
/* Prior standard deviations: of a level and what is added to it in answers, else of logs. */
static const double prior_sd[COMMON] = {
    [N_MU] = 3,        [N_TAU] = .7,     [N_Q] = 1.5,    [N_LAMBDA] = 1,
    [N_LAMBDA_Z] = .8, [N_SIGMA_Z] = .7, [N_ERROR] = 1., [N_SETTLING] = .7,
};

static void numbers_apply(const Panel *start, const double u[], Panel *io)
{
    io->kind.mu = start->kind.mu + u[N_MU];
    io->kind.tau = start->kind.tau * exp(u[N_TAU]);
    io->params.q = start->params.q * exp(u[N_Q]);
    io->params.lambda = start->params.lambda * exp(u[N_LAMBDA]);
    io->params.lambda_z = start->params.lambda_z * exp(u[N_LAMBDA_Z]);
    io->params.sigma_z = start->params.sigma_z * exp(u[N_SIGMA_Z]);
    io->params.error = start->params.error * exp(u[N_ERROR]);
    io->settling = start->settling + u[N_SETTLING];
    for (int j = 1; j < io->items; j++) {
        io->offset[j] = start->offset[j] + u[COMMON + 2 * j - 2];
        io->error_log[j] = start->error_log[j] + u[COMMON + 2 * j - 1];
    }
}

static double prior_of(int number)
{
    if (number < COMMON)
        return prior_sd[number];
    return (number - COMMON) % 2 == 0 ? prior_sd[N_MU] : prior_sd[N_ERROR];
}

static double penalty(const Panel *p, const double u[])
{
    double sum = 0;
    for (int a = 0; a < COMMON + 2 * (p->items - 1); a++)
        sum += .5 * u[a] * u[a] / (prior_of(a) * prior_of(a));
    return sum;
}

/* False where the numbers make no sense. */
static bool value_at(Cx *cx, const Panel *start, const double u[], Panel *io, Lesson *l,
                     double each[], double *ret)
{
    double c[PANEL_CLASSES], sum = 0;
    for (int a = 0; a < COMMON + 2 * (io->items - 1); a++)
        if (!(fabs(u[a]) < 8 * prior_of(a)))
            return false;
    numbers_apply(start, u, io);
    if (lesson_filter(cx, io, l, l->mean, l->sd) != OK || lesson_masses(cx, io, l) != OK)
        return false;
    for (ptrdiff_t k = 0; k < l->count; k++)
        sum += each[k] = lesson_classes(io, l, k, c);
    *ret = sum - penalty(io, u);
    return isfinite(*ret);
}

typedef struct Climber {
    double u[NUMBERS], slope[NUMBERS], step[NUMBERS], curve[NUMBERS * NUMBERS],
        root[NUMBERS * NUMBERS];
    double *each, *score; /* series; number x series */
} Climber;

/* One spread's part of one series' score in each number; io are the first of the series, of all numbers. */
static Err add_score(Cx *cx, const Panel *p, const RelModel *rm, Lesson *l, int spread, ptrdiff_t k,
                     double score[])
{
    const LearnHistory *h = &l->series[k];
    ptrdiff_t from = spread * l->answers + l->first[k];
    int given[REL_LEVELS] = {0};
    RelSlopes s;
    for (ptrdiff_t i = 0; i < h->count; i++)
        l->pull[i] = (RelPull){.mean = l->by_mean[from + i],
                               .var = l->by_sd[from + i] / (2 * l->sd[from + i])};
    panel_events(p, rm, h, l->events);
    Err e = rel_slopes_pulled(cx, l->room, rm, l->events, l->pull, h->count, &s, l->by_offset,
                              l->by_error);
    if (e != OK)
        return e;
    score[N_MU * l->count + k] += s.mu;
    score[N_TAU * l->count + k] += s.tau;
    score[N_Q * l->count + k] += s.q;
    score[N_LAMBDA * l->count + k] += s.lambda;
    score[N_LAMBDA_Z * l->count + k] += s.lambda_z;
    score[N_SIGMA_Z * l->count + k] += s.sigma_z;
    for (ptrdiff_t i = 0; i < h->count; i++) {
        int item = (int)h->events[i].level, own = COMMON + 2 * item - 2;
        double by_offset = fabs(l->events[i].offset) < 10 ? l->by_offset[i] : 0; /* held there */
        score[N_ERROR * l->count + k] += l->by_error[i];
        score[N_SETTLING * l->count + k] -= by_offset * panel_unsettled(given[item]++);
        if (item > 0) {
            score[own * l->count + k] += by_offset;
            score[(own + 1) * l->count + k] += l->by_error[i];
        }
    }
    return OK;
}

/* Each series' score in each number, from what answers make of what the filters foretell. */
static Err find_scores(Cx *cx, const Panel *p, Lesson *l, int numbers, double score[])
{
    memset(score, 0, sizeof score[0] * (size_t)(numbers * l->count));
    arena_reset(l->scratch);
    Cx inner = {.arena = l->scratch, .now_ms = cx->now_ms};
    PanelFilters *f = arena_new(l->scratch, PanelFilters, 1);
    Err e = f ? panel_filters(&inner, p, f) : err_nomem(&inner);
    for (ptrdiff_t k = 0; k < l->count; k++)
        for (int s = 0; s < PANEL_SPREADS && e == OK && l->series[k].count > 0; s++)
            e = add_score(&inner, p, &f->model[s], l, s, k, score);
    return e;
}

/* io holds the numbers of c->u, and the lesson what they foretell. */
static bool find_step(Cx *cx, const Panel *io, Lesson *l, Climber *c)
{
    int n = COMMON + 2 * (io->items - 1);
    if (lesson_slopes(cx, io, l) != OK || find_scores(cx, io, l, n, c->score) != OK)
        return false;
    for (int a = 0; a < n; a++) {
        c->slope[a] = -c->u[a] / (prior_of(a) * prior_of(a));
        for (ptrdiff_t k = 0; k < l->count; k++)
            c->slope[a] += c->score[a * l->count + k];
    }
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) {
            double sum = a == b ? 1 / (prior_of(a) * prior_of(a)) : 0;
            for (ptrdiff_t k = 0; k < l->count; k++)
                sum += c->score[a * l->count + k] * c->score[b * l->count + k];
            c->curve[a * n + b] = sum;
        }
    if (!mat_cholesky(n, c->curve, c->root))
        return false;
    mat_cholesky_solve(n, c->root, c->slope, c->step);
    return true;
}

/* From c->u uphill; io has the numbers of the top found. A step that leads down is halved, and a top that is not
 * reached in the rounds allowed is still better than the start. */
static Err climb_numbers(Cx *cx, const Panel *start, Panel *io, Lesson *l, Climber *c)
{
    int n = COMMON + 2 * (io->items - 1);
    double here, there, to[NUMBERS] = {0};
    if (!value_at(cx, start, c->u, io, l, c->each, &here))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    for (int round = 0; round < SCORING_ROUNDS; round++) {
        double share = 1;
        bool up = false;
        if (!find_step(cx, io, l, c))
            break;
        for (int half = 0; half < 6 && !up; half++, share /= 2) {
            for (int a = 0; a < n; a++)
                to[a] = c->u[a] + share * c->step[a];
            up = value_at(cx, start, to, io, l, c->each, &there) && there > here;
        }
        if (!up)
            break;
        memcpy(c->u, to, sizeof to[0] * (size_t)n);
        double gain = there - here;
        here = there;
        if (gain < ENOUGH)
            break;
    }
    if (!value_at(cx, start, c->u, io, l, c->each, &here))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    err_clear(cx);
    return OK;
}

Err panel_learn(Cx *cx, const Panel *start, const LearnHistory series[], const int cluster[],
                ptrdiff_t count, int after, Panel *ret)
{
    AUTO_ARENA Arena scratch;
    AUTO_ARENA Arena work;
    arena_init(&scratch, LESSON_BYTES);
    arena_init(&work, LESSON_BYTES);
    Cx inner = {.arena = &work, .now_ms = cx->now_ms};
    Lesson l = {.scratch = &scratch};
    Panel io = *start;
    Err e = lesson_make(&inner, start, series, cluster, count, after, &l);
    Climber *c = arena_new(&work, Climber, 1);
    if (e == OK && c) {
        c->each = arena_new(&work, double, l.count + 1);
        c->score = arena_new(&work, double, NUMBERS *(l.count + 1));
    }
    if (e == OK && (!c || !c->each || !c->score))
        e = err_nomem(&inner);
    if (e == OK && l.answers == 0) {
        *ret = io;
        return OK;
    }
    for (int turn = 0; turn < 2 && e == OK; turn++) {
        e = climb_numbers(&inner, start, &io, &l, c);
        if (e == OK)
            e = lesson_shares(&inner, start, after, &io, &l);
    }
    if (e == OK)
        e = lesson_places(&inner, &l, after, &io);
    cx->why = inner.why; /* its strings are literals */
    if (e == OK)
        *ret = io;
    return e;
}
