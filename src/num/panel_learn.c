/* num/panel_learn.c - learning a panel's numbers from series of other people, in turns: the numbers of the filters by
 * Fisher scoring (the sum of the outer products of series' scores stands for the curvature, which needs no second
 * derivative), the weights of classes, the tail and how liked each answer is by EM. Scores are exact: by what each filter
 * foretells of an answer (mean and standard deviation: PANEL_SPREADS times the answers of the scale a reading), and from there
 * by the filter gone through backwards (num/relation_slopes.c), all numbers at once: PANEL_SPREADS times four or five
 * filter steps a reading and a round, about a dozen rounds, however many numbers there are. Where there are more than LEARN_ANSWERS answers, every second, third ... series is
 * learned from, so the time has a bound. */
#include "num/panel.h"
#include <math.h>
#include <string.h>

enum {
    LEARN_ANSWERS = 4000,
    COMMON = 8,
    NUMBERS = COMMON + 2 * REL_LEVELS,
    SCORING_ROUNDS = 12,
    EM_ROUNDS = 40,
    SCRATCH_BYTES = 1 << 29
};
static const double ENOUGH = 0.02;     /* a gain in the log posterior that ends the climb */
static const double CLASS_SERIES = 8;  /* what the prior on classes counts for, in series */
static const double TAIL_ANSWERS = 12; /* and that on the tail, in answers */
static const double LEAN_SD = .2;
static const double LIKED_ANSWERS = 10; /* within a factor of e or so */
static const double PLACE_ANSWERS = 5;  /* each place's */

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

typedef struct Lesson {
    const LearnHistory **series;
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

/* -- the answers ------------------------------------------------------------------------------------- */

static int answer_at(const Scale *s, double value)
{
    return (int)fmin(fmax(floor((value - s->low) / s->step + .5), 0),
                     round((s->high - s->low) / s->step));
}

static void read_series(const Panel *p, const LearnHistory *h, int after, ptrdiff_t to,
                        PanelPast past[], Lesson *l)
{
    int row = 0;
    memset(past, 0, REL_LEVELS * sizeof *past);
    for (ptrdiff_t i = 0, begun = 0; i < h->count; i++) {
        const RelEvent *ev = &h->events[i];
        PanelPast *of = &past[(int)ev->level];
        if (i > begun && ev->t_days > h->events[begun].t_days) {
            row++;
            begun = i;
        }
        int at = answer_at(&p->scale, ev->value);
        l->at[to + i] = at;
        l->again[to + i] = of->sum > 0 ? of->weight[at] / of->sum : 0;
        l->has_past[to + i] = of->sum > 0;
        l->late[to + i] = row >= after;
        panel_past_add(of, p->fade, at);
    }
}

static void read_all(const Panel *p, int after, Lesson *l)
{
    PanelPast past[REL_LEVELS];
    for (ptrdiff_t k = 0; k < l->count; k++)
        read_series(p, l->series[k], after, l->first[k], past, l);
}

static Err lesson_make(Cx *cx, const Panel *p, const LearnHistory series[], ptrdiff_t count,
                       int after, Lesson *l)
{
    ptrdiff_t all = 0, every, longest = 1;
    for (ptrdiff_t k = 0; k < count; k++)
        all += series[k].count;
    every = 1 + (all - 1) / LEARN_ANSWERS;
    l->series = arena_new(cx->arena, const LearnHistory *, count + 1);
    l->first = arena_new(cx->arena, ptrdiff_t, count + 1);
    if (!l->series || !l->first)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < count; k += every) {
        l->series[l->count] = &series[k];
        l->first[l->count++] = l->answers;
        l->answers += series[k].count;
        longest = series[k].count > longest ? series[k].count : longest;
    }
    ptrdiff_t n = l->answers + 1;
    l->at = arena_new(cx->arena, int, n);
    l->again = arena_new(cx->arena, double, n);
    l->has_past = arena_new(cx->arena, bool, n);
    l->late = arena_new(cx->arena, bool, n);
    l->mean = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->sd = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->mass = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->by_mean = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->by_sd = arena_new(cx->arena, double, PANEL_SPREADS *n);
    l->events = arena_new(cx->arena, RelEvent, longest);
    l->pull = arena_new(cx->arena, RelPull, longest);
    l->by_offset = arena_new(cx->arena, double, longest);
    l->by_error = arena_new(cx->arena, double, longest);
    if (!l->at || !l->again || !l->has_past || !l->late || !l->mean || !l->sd || !l->mass ||
        !l->by_mean || !l->by_sd || !l->events || !l->pull || !l->by_offset || !l->by_error)
        return err_nomem(cx);
    read_all(p, after, l);
    return rel_slopes_room(cx, longest, &l->room);
}

static Err run_filters(Cx *cx, const Panel *p, const Lesson *l, double ret_mean[], double ret_sd[])
{
    Cx inner = {.arena = l->scratch, .now_ms = cx->now_ms};
    arena_reset(l->scratch);
    PanelFilters *f = arena_new(l->scratch, PanelFilters, 1);
    Err e = f ? panel_filters(&inner, p, f) : err_nomem(&inner);
    for (ptrdiff_t k = 0; k < l->count && e == OK; k++)
        e = panel_paths(&inner, p, f, l->series[k], l->answers, ret_mean + l->first[k],
                        ret_sd + l->first[k]);
    cx->why = inner.why; /* its strings are literals */
    return e;
}

/* -- log-likelihood of each series --------------------------------------------------------------------- */

static Predictive foretold(const Panel *p, const Lesson *l, int spread, ptrdiff_t i, double tail)
{
    double sd = l->sd[spread * l->answers + i];
    return (Predictive){
        .mean = l->mean[spread * l->answers + i], .var = sd * sd, .tail = tail, .wide = p->wide};
}

static Err spread_out(Cx *cx, const Panel *p, const Lesson *l, int spread, ptrdiff_t i, double tail,
                      Answers *ret)
{
    const Predictive q = foretold(p, l, spread, i, tail);
    return score_answers(cx, &p->scale, &q, ret);
}

static Err masses(Cx *cx, const Panel *p, Lesson *l)
{
    Answers a;
    for (int s = 0; s < PANEL_SPREADS; s++)
        for (ptrdiff_t i = 0; i < l->answers; i++) {
            double sum = 0;
            Err e = spread_out(cx, p, l, s, i, p->tail, &a);
            if (e != OK)
                return e;
            for (int j = 0; j < a.count; j++)
                sum += a.mass[j] * p->liked[j];
            l->mass[s * l->answers + i] = a.mass[l->at[i]] * p->liked[l->at[i]] / sum;
        }
    return OK;
}

/* Logs of weight times likelihood of each class over one series, and of their sum. */
static double classes(const Panel *p, const Lesson *l, ptrdiff_t k, double ret[PANEL_CLASSES])
{
    ptrdiff_t from = l->first[k], to = from + l->series[k]->count;
    double top = -HUGE_VAL, sum = 0;
    for (int c = 0; c < PANEL_CLASSES; c++) {
        const double *mass = l->mass + (c / PANEL_HABITS) * l->answers;
        double product = 1, r = panel_habit[c % PANEL_HABITS];
        ret[c] = log(p->weight[c]);
        for (ptrdiff_t i = from; i < to; i++) {
            double stick = l->has_past[i] ? r : 0;
            product *= fmax(stick * l->again[i] + (1 - stick) * mass[i], 1e-200);
            if (product < 1e-50 || i + 1 == to) {
                ret[c] += log(product);
                product = 1;
            }
        }
        top = fmax(top, ret[c]);
    }
    for (int c = 0; c < PANEL_CLASSES; c++)
        sum += exp(ret[c] - top);
    return top + log(sum);
}

/* Of one answer and one spread; post is of the series' classes. */
static Err answer_slopes(Cx *cx, const Panel *p, Lesson *l, const double post[PANEL_CLASSES], int s,
                         ptrdiff_t i)
{
    Answers a;
    double by_mean[SCORE_ANSWERS], by_sd[SCORE_ANSWERS];
    double sum = 0, sum_mean = 0, sum_sd = 0, share = 0;
    ptrdiff_t to = s * l->answers + i;
    int at = l->at[i];
    const Predictive q = foretold(p, l, s, i, p->tail);
    Err e = score_answers(cx, &p->scale, &q, &a);
    if (e != OK)
        return e;
    score_slopes(&p->scale, &q, a.count, by_mean, by_sd);
    for (int j = 0; j < a.count; j++) {
        sum += a.mass[j] * p->liked[j];
        sum_mean += by_mean[j] * p->liked[j];
        sum_sd += by_sd[j] * p->liked[j];
    }
    for (int h = 0; h < PANEL_HABITS; h++) {
        double r = l->has_past[i] ? panel_habit[h] : 0;
        share += post[s * PANEL_HABITS + h] * (1 - r) /
                 fmax(r * l->again[i] + (1 - r) * l->mass[to], 1e-200);
    }
    l->by_mean[to] = share * (by_mean[at] * p->liked[at] - l->mass[to] * sum_mean) / sum;
    l->by_sd[to] = share * (by_sd[at] * p->liked[at] - l->mass[to] * sum_sd) / sum;
    return OK;
}

/* What the mean and the standard deviation of each spread's forecast of an answer add to the series' log-likelihood. */
static Err slopes(Cx *cx, const Panel *p, Lesson *l)
{
    double post[PANEL_CLASSES];
    Err e = OK;
    for (ptrdiff_t k = 0; k < l->count; k++) {
        ptrdiff_t from = l->first[k], to = from + l->series[k]->count;
        double total = classes(p, l, k, post);
        for (int c = 0; c < PANEL_CLASSES; c++)
            post[c] = exp(post[c] - total);
        for (ptrdiff_t i = from; i < to; i++)
            for (int s = 0; s < PANEL_SPREADS && e == OK; s++)
                e = answer_slopes(cx, p, l, post, s, i);
    }
    return e;
}

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
    if (run_filters(cx, io, l, l->mean, l->sd) != OK || masses(cx, io, l) != OK)
        return false;
    for (ptrdiff_t k = 0; k < l->count; k++)
        sum += each[k] = classes(io, l, k, c);
    *ret = sum - penalty(io, u);
    return isfinite(*ret);
}

/* -- Fisher scoring ------------------------------------------------------------------------------------ */

typedef struct Climber {
    double u[NUMBERS], slope[NUMBERS], step[NUMBERS], curve[NUMBERS * NUMBERS],
        root[NUMBERS * NUMBERS];
    double *each, *score; /* series; number x series */
} Climber;

/* One spread's part of one series' score in each number; io are the first of the series, of all numbers. */
static Err add_score(Cx *cx, const Panel *p, const RelModel *rm, Lesson *l, int spread, ptrdiff_t k,
                     double score[])
{
    const LearnHistory *h = l->series[k];
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
        for (int s = 0; s < PANEL_SPREADS && e == OK && l->series[k]->count > 0; s++)
            e = add_score(&inner, p, &f->model[s], l, s, k, score);
    return e;
}

/* io holds the numbers of c->u, and the lesson what they foretell. */
static bool find_step(Cx *cx, const Panel *io, Lesson *l, Climber *c)
{
    int n = COMMON + 2 * (io->items - 1);
    if (slopes(cx, io, l) != OK || find_scores(cx, io, l, n, c->score) != OK)
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
    double here, there, to[NUMBERS];
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

/* -- EM ------------------------------------------------------------------------------------------------ */

typedef struct Shares {
    double class_sum[PANEL_CLASSES];
    double wide, fresh;
    double given[SCORE_ANSWERS], expected[SCORE_ANSWERS];
    double *plain, *broad; /* (spread x answers) x count: the normal and the wide one */
    int count;
} Shares;

static Err keep_spreads(Cx *cx, const Panel *p, const Lesson *l, Shares *sh)
{
    Answers a;
    for (int s = 0; s < PANEL_SPREADS; s++)
        for (ptrdiff_t i = 0; i < l->answers; i++) {
            ptrdiff_t to = (s * l->answers + i) * sh->count;
            Err e = spread_out(cx, p, l, s, i, 0, &a);
            if (e == OK)
                memcpy(sh->plain + to, a.mass, sizeof(double) * (size_t)sh->count);
            if (e == OK)
                e = spread_out(cx, p, l, s, i, 1, &a);
            if (e != OK)
                return e;
            memcpy(sh->broad + to, a.mass, sizeof(double) * (size_t)sh->count);
        }
    return OK;
}

static void masses_kept(const Panel *p, Lesson *l, const Shares *sh)
{
    for (ptrdiff_t i = 0; i < PANEL_SPREADS * l->answers; i++) {
        const double *plain = sh->plain + i * sh->count, *broad = sh->broad + i * sh->count;
        double sum = 0;
        int at = l->at[i % l->answers];
        for (int j = 0; j < sh->count; j++)
            sum += p->liked[j] * ((1 - p->tail) * plain[j] + p->tail * broad[j]);
        l->mass[i] = p->liked[at] * ((1 - p->tail) * plain[at] + p->tail * broad[at]) / sum;
    }
}

/* How much each spread, and each answer, was meant afresh rather than as a repeat. */
static void share_answer(const Panel *p, const Lesson *l, const double post[], ptrdiff_t i,
                         Shares *sh)
{
    int at = l->at[i];
    for (int s = 0; s < PANEL_SPREADS; s++) {
        ptrdiff_t from = (s * l->answers + i) * sh->count;
        const double *plain = sh->plain + from, *broad = sh->broad + from;
        double mass = l->mass[s * l->answers + i], fresh = 0, asked = 0, sum = 0;
        for (int h = 0; h < PANEL_HABITS; h++) {
            double r = l->has_past[i] ? panel_habit[h] : 0, w = post[s * PANEL_HABITS + h];
            fresh += w * (1 - r) * mass / fmax(r * l->again[i] + (1 - r) * mass, 1e-300);
            asked += w * (1 - r);
        }
        double wide = p->tail * broad[at], near = (1 - p->tail) * plain[at];
        sh->fresh += fresh;
        sh->wide += fresh * wide / fmax(wide + near, 1e-300);
        sh->given[at] += fresh;
        for (int j = 0; j < sh->count; j++)
            sum += p->liked[j] * ((1 - p->tail) * plain[j] + p->tail * broad[j]);
        for (int j = 0; j < sh->count; j++)
            sh->expected[j] +=
                asked / sum * p->liked[j] * ((1 - p->tail) * plain[j] + p->tail * broad[j]);
    }
}

/* How many answers' worth of prior holds each answer's liking to 1: the most probable of a few, with the liking integrated out
 * (counts are Poisson given it, it is gamma). Where all answers are used as their neighbours tell, as on a fine scale, that is
 * many, and nothing is learned from chance. */
static double liked_prior(const Panel *p, const Shares *sh)
{
    static const double tried[] = {1, 3, 10, 30, 100, 300, 1000};
    double best = -HUGE_VAL, found = tried[0];
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        double a = tried[i], away = log(a / LIKED_ANSWERS), sum = -.5 * away * away;
        for (int j = 0; j < sh->count; j++) {
            double expected = sh->expected[j] / p->liked[j];
            sum += lgamma(sh->given[j] + a) - lgamma(a) + a * log(a) -
                   (sh->given[j] + a) * log(expected + a);
        }
        if (sum > best) {
            best = sum;
            found = a;
        }
    }
    return found;
}

static void em_round(const Panel *start, Panel *io, Lesson *l, Shares *sh)
{
    double post[PANEL_CLASSES];
    memset(sh->class_sum, 0, sizeof sh->class_sum);
    memset(sh->given, 0, sizeof sh->given);
    memset(sh->expected, 0, sizeof sh->expected);
    sh->wide = start->tail * TAIL_ANSWERS;
    sh->fresh = TAIL_ANSWERS;
    masses_kept(io, l, sh);
    for (ptrdiff_t k = 0; k < l->count; k++) {
        double total = classes(io, l, k, post);
        for (int c = 0; c < PANEL_CLASSES; c++) {
            post[c] = exp(post[c] - total);
            sh->class_sum[c] += post[c];
        }
        for (ptrdiff_t i = l->first[k]; i < l->first[k] + l->series[k]->count; i++)
            if (l->late[i])
                share_answer(io, l, post, i, sh);
    }
    for (int c = 0; c < PANEL_CLASSES; c++)
        io->weight[c] = (sh->class_sum[c] + CLASS_SERIES * start->weight[c]) /
                        ((double)l->count + CLASS_SERIES);
    io->tail = sh->wide / sh->fresh;
    double held = liked_prior(io, sh);
    for (int j = 0; j < sh->count; j++)
        io->liked[j] = (sh->given[j] + held) / (sh->expected[j] / io->liked[j] + held);
}

/* The likeliest of a few. */
static void learn_fade(Panel *io, int after, Lesson *l)
{
    static const double tried[] = {.1, .2, .35, .5, .65, .8};
    double best = -HUGE_VAL, found = io->fade, post[PANEL_CLASSES];
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        double sum = 0;
        io->fade = tried[i];
        read_all(io, after, l);
        for (ptrdiff_t k = 0; k < l->count; k++)
            sum += classes(io, l, k, post);
        if (sum > best) {
            best = sum;
            found = tried[i];
        }
    }
    io->fade = found;
    read_all(io, after, l);
}

static Err em(Cx *cx, const Panel *start, int after, Panel *io, Lesson *l)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, SCRATCH_BYTES);
    Shares *sh = arena_new(&scratch, Shares, 1);
    if (!sh)
        return err_nomem(cx);
    sh->count = (int)lround((io->scale.high - io->scale.low) / io->scale.step) + 1;
    sh->plain = arena_new(&scratch, double, PANEL_SPREADS * l->answers * sh->count);
    sh->broad = arena_new(&scratch, double, PANEL_SPREADS * l->answers * sh->count);
    if (!sh->plain || !sh->broad)
        return err_nomem(cx);
    Err e = run_filters(cx, io, l, l->mean, l->sd);
    if (e == OK)
        e = keep_spreads(cx, io, l, sh);
    for (int round = 0; round < EM_ROUNDS && e == OK; round++)
        em_round(start, io, l, sh);
    if (e == OK)
        learn_fade(io, after, l);
    return e;
}

/* -- places -------------------------------------------------------------------------------------------- */

typedef struct Places {
    const LearnHistory *series;
    int after;
    double *low, *high;
    ptrdiff_t count;
    double last[REL_LEVELS]; /* answer of each item; NAN before the first */
    double miss, away, both; /* sums of squares and product of answer - mean and last - mean */
} Places;

static Err find_place(Cx *cx, void *ctx, ptrdiff_t event, int row, const Answers *foretold,
                      double point)
{
    Places *p = ctx;
    const RelEvent *ev = &p->series->events[event];
    double *last = &p->last[(int)ev->level];
    (void)cx;
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

/* Where the answers fell in what was foretold of them; an answer fills the places within its mass by their share. */
static Err learn_places(Cx *cx, const Lesson *l, int after, Panel *io)
{
    Places p = {.after = after,
                .low = arena_new(cx->arena, double, l->answers + 1),
                .high = arena_new(cx->arena, double, l->answers + 1)};
    Err e = p.low && p.high ? OK : err_nomem(cx);
    for (ptrdiff_t k = 0; k < l->count && e == OK; k++) {
        p.series = l->series[k];
        for (int j = 0; j < REL_LEVELS; j++)
            p.last[j] = (double)NAN;
        e = panel_foretell(cx, io, p.series, find_place, &p);
    }
    double prior = p.miss / fmax((double)p.count, 1) / (LEAN_SD * LEAN_SD);
    if (e == OK && p.away > 0)
        io->lean = fmin(fmax(p.both / (p.away + prior), 0), 1);
    for (int round = 0; round < EM_ROUNDS && e == OK; round++) {
        double filled[PANEL_PLACES], all = (double)p.count + PANEL_PLACES * PLACE_ANSWERS;
        for (int i = 0; i < PANEL_PLACES; i++)
            filled[i] = PLACE_ANSWERS;
        for (ptrdiff_t k = 0; k < p.count; k++) {
            double mass = panel_place_mass(io->place, p.low[k], p.high[k]);
            for (int i = 0; i < PANEL_PLACES && mass > 0; i++) {
                double from = (double)i / PANEL_PLACES, to = (i + 1.) / PANEL_PLACES;
                double within = fmin(to, p.high[k]) - fmax(from, p.low[k]);
                filled[i] += fmax(within, 0) * io->place[i] / mass;
            }
        }
        for (int i = 0; i < PANEL_PLACES; i++)
            io->place[i] = PANEL_PLACES * filled[i] / all;
    }
    return e;
}

Err panel_learn(Cx *cx, const Panel *start, const LearnHistory series[], ptrdiff_t count, int after,
                Panel *ret)
{
    AUTO_ARENA Arena scratch;
    AUTO_ARENA Arena work;
    arena_init(&scratch, SCRATCH_BYTES);
    arena_init(&work, SCRATCH_BYTES);
    Cx inner = {.arena = &work, .now_ms = cx->now_ms};
    Lesson l = {.scratch = &scratch};
    Panel io = *start;
    Err e = lesson_make(&inner, start, series, count, after, &l);
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
            e = em(&inner, start, after, &io, &l);
    }
    if (e == OK)
        e = learn_places(&inner, &l, after, &io);
    cx->why = inner.why; /* its strings are literals */
    if (e == OK)
        *ret = io;
    return e;
}
