/* num/panel_shares.c - how much of what was answered each class, the tail and each answer's own liking account for, by EM
 * with priors. The masses of the normal and of the wide one are spread out once, so a round costs
 * PANEL_SPREADS times the answers of the scale a reading, and PANEL_CLASSES. */
#include "num/panel_lesson.h"
#include <math.h>
#include <string.h>

enum { EM_ROUNDS = 40 };
static const double CLASS_SERIES = 8;   /* what the prior on classes counts for, in series */
static const double TAIL_ANSWERS = 12;  /* and that on the tail, in answers */
static const double LIKED_ANSWERS = 10; /* within a factor of e or so */

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
            Err e = lesson_spread(cx, p, l, s, i, 0, &a);
            if (e == OK)
                memcpy(sh->plain + to, a.mass, sizeof(double) * (size_t)sh->count);
            if (e == OK)
                e = lesson_spread(cx, p, l, s, i, 1, &a);
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
        double total = lesson_classes(io, l, k, post);
        for (int c = 0; c < PANEL_CLASSES; c++) {
            post[c] = exp(post[c] - total);
            sh->class_sum[c] += post[c];
        }
        for (ptrdiff_t i = l->first[k]; i < l->first[k] + l->series[k].count; i++)
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
        lesson_read(io, after, l);
        for (ptrdiff_t k = 0; k < l->count; k++)
            sum += lesson_classes(io, l, k, post);
        if (sum > best) {
            best = sum;
            found = tried[i];
        }
    }
    io->fade = found;
    lesson_read(io, after, l);
}

Err lesson_shares(Cx *cx, const Panel *start, int after, Panel *io, Lesson *l)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, LESSON_BYTES);
    Shares *sh = arena_new(&scratch, Shares, 1);
    if (!sh)
        return err_nomem(cx);
    sh->count = (int)lround((io->scale.high - io->scale.low) / io->scale.step) + 1;
    sh->plain = arena_new(&scratch, double, PANEL_SPREADS * l->answers * sh->count);
    sh->broad = arena_new(&scratch, double, PANEL_SPREADS * l->answers * sh->count);
    if (!sh->plain || !sh->broad)
        return err_nomem(cx);
    Err e = lesson_filter(cx, io, l, l->mean, l->sd);
    if (e == OK)
        e = keep_spreads(cx, io, l, sh);
    for (int round = 0; round < EM_ROUNDS && e == OK; round++)
        em_round(start, io, l, sh);
    if (e == OK)
        learn_fade(io, after, l);
    return e;
}
