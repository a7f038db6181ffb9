/* insight/meaning.c - choices between two ways of being close, as Bradley, Terry and Davidson read them
 * (num/prefer.h), the types' loadings of a way as its coordinates. Before any choice theta ~ N(0, I): even weights,
 * and how unsure they are is part of every closeness.
 *
 * A kind of relationship may differ. What was chosen for that kind alone is read against a prior that all other
 * choices make, with room to differ (KIND_SD): few choices change little, many have their way, and no choice
 * counts twice. What was done teaches too: see add_outcomes. Cost: one fit, and one more for each kind that has choices of its own. */
#include "insight/belief.h"
#include "num/prefer.h"
#include <math.h>
#include <string.h>

enum { ENOUGH_PICKS = 25 };
static const double KIND_SD = .5, ENOUGH_SD = .10;

static const double OUTCOME_PICKS =
    .5; /* [J] an outcome tells less of what closeness means than a pick */

typedef struct Picks {
    PreferChoice *p;
    uint32_t *kinds;
    int n;
    int items; /* every way, then a middling one, then practices with outcomes */
    double *x;
} Picks;

static int choice_index(Str id)
{
    const ContentChoice *c = content_choice(id);
    return c ? (int)(c - content_choices) : -1;
}

static void add_share(Picks *io, int a, int b, double count)
{
    if (count <= 0)
        return;
    io->kinds[io->n] = 0;
    io->p[io->n++] = (PreferChoice){a, b, PREFER_A, count};
}

/* What was done and helped counts as preferred to a middling way of being close, what did not help as not: an outcome as
 * expected half and half. */
static void add_outcomes(const Tally outcomes[], Picks *io)
{
    int middling = content_choices_count;
    double *mean = io->x + middling * TYPE_COUNT;
    for (int i = 0; i < content_choices_count; i++) {
        for (int k = 0; k < TYPE_COUNT; k++)
            mean[k] += io->x[i * TYPE_COUNT + k] / content_choices_count;
    }
    io->items = middling + 1;
    for (int i = 0; i < content_practices_count && outcomes; i++) {
        const ContentPractice *p = &content_practices[i];
        double liked = fmin(outcomes[i].weight, fmax(0, outcomes[i].gain / 2)), sum = 0;
        for (int k = 0; k < TYPE_COUNT; k++)
            sum += p->types[k];
        if (outcomes[i].weight <= 0 || sum <= 0)
            continue;
        for (int k = 0; k < TYPE_COUNT; k++)
            io->x[io->items * TYPE_COUNT + k] = p->types[k] / (double)LOADING_MAX;
        add_share(io, io->items, middling, OUTCOME_PICKS * liked);
        add_share(io, middling, io->items, OUTCOME_PICKS * (outcomes[i].weight - liked));
        io->items++;
    }
}

static Err read_picks(Cx *cx, const Book *book, const Tally outcomes[], Picks *ret)
{
    BookWhich which = {.kinds = BOOK_KIND(ENTRY_CHOICE), .oldest_first = true};
    BookIter all = book_alone(book, which);
    BookRef ref = BOOK_NONE;
    int cap = 0;
    while (book_next(&all, &ref))
        cap++;
    ptrdiff_t most = cap + 2 * (ptrdiff_t)content_practices_count + 1;
    ptrdiff_t items = (ptrdiff_t)content_choices_count + 1 + content_practices_count;
    *ret = (Picks){.p = arena_new(cx->arena, PreferChoice, most),
                   .kinds = arena_new(cx->arena, uint32_t, most),
                   .x = arena_new(cx->arena, double, items *TYPE_COUNT)};
    if (!ret->p || !ret->kinds || !ret->x)
        return err_nomem(cx);
    for (int i = 0; i < content_choices_count; i++) {
        for (int k = 0; k < TYPE_COUNT; k++)
            ret->x[i * TYPE_COUNT + k] = content_choices[i].types[k] / (double)LOADING_MAX;
    }
    Err e = OK;
    for (all = book_alone(book, which); e == OK && book_next(&all, &ref);) {
        BookChoice c = {.kinds = 0};
        e = book_choice(cx, book, ref, &c);
        int a = choice_index(c.left), b = choice_index(c.right);
        if (e != OK || a < 0 || b < 0 || a == b || c.pick < PICK_LEFT || c.pick > PICK_NEITHER)
            continue;
        ret->kinds[ret->n] = c.kinds;
        ret->p[ret->n++] = (PreferChoice){a, b, (PreferAnswer)(c.pick - PICK_LEFT), 1};
    }
    if (e == OK)
        add_outcomes(outcomes, ret);
    return e;
}

/* Picks that were (or were not) made for this kind alone; kind -1: all of them. */
static int select_picks(const Picks *all, int kind, bool own, PreferChoice ret[])
{
    int n = 0;
    for (int i = 0; i < all->n; i++) {
        bool is_own = kind >= 0 && content_has(all->kinds[i], kind);
        if (kind < 0 || is_own == own)
            ret[n++] = all->p[i];
    }
    return n;
}

static Err fit(Cx *cx, const Picks *all, const PreferChoice picks[], int n, const double prior[],
               const double precision[], Taste *ret)
{
    PreferModel m = {.d = TYPE_COUNT,
                     .items = all->items,
                     .x = all->x,
                     .prior = prior,
                     .precision = precision,
                     .tie = PREFER_TIE,
                     .outside = PREFER_OUTSIDE};
    PreferFit f;
    Err e = prefer_fit(cx, &m, picks, n, &f);
    if (e != OK)
        return e;
    memcpy(ret->mean, f.mean, sizeof ret->mean);
    memcpy(ret->cov, f.cov, sizeof ret->cov);
    ret->choices = 0;
    for (int i = 0; i < n; i++)
        ret->choices += picks[i].a < content_choices_count && picks[i].b < content_choices_count;
    ret->own = ret->choices;
    return OK;
}

static Err fit_kind(Cx *cx, const Picks *all, int kind, PreferChoice room[], Taste *ret)
{
    double precision[TYPE_COUNT];
    Taste others;
    int n = select_picks(all, kind, true, room);
    if (n == 0)
        return OK;
    n = select_picks(all, kind, false, room);
    Err e = fit(cx, all, room, n, NULL, NULL, &others);
    if (e != OK)
        return e;
    for (int k = 0; k < TYPE_COUNT; k++)
        precision[k] = 1 / (others.cov[k * TYPE_COUNT + k] + KIND_SD * KIND_SD);
    n = select_picks(all, kind, true, room);
    e = fit(cx, all, room, n, others.mean, precision, ret);
    ret->choices += others.choices;
    return e;
}

Err meaning_read(Cx *cx, const Book *book, const Tally outcomes[], Tastes *ret)
{
    Picks all;
    Err e = read_picks(cx, book, outcomes, &all);
    if (e != OK)
        return e;
    PreferChoice *room = arena_new(cx->arena, PreferChoice, all.n + 1);
    if (!room)
        return err_nomem(cx);
    e = fit(cx, &all, all.p, all.n, NULL, NULL, &ret->common);
    for (int k = 0; k < KIND_COUNT && e == OK; k++) {
        ret->kind[k] = ret->common;
        ret->kind[k].own = 0;
        e = fit_kind(cx, &all, k, room, &ret->kind[k]);
    }
    return e;
}

void meaning_weights(const Taste *t, uint32_t not_ours, Weights *ret)
{
    int at[TYPE_COUNT], n = 0;
    double theta[TYPE_COUNT], cov[TYPE_COUNT * TYPE_COUNT], w[TYPE_COUNT];
    double v[TYPE_COUNT * TYPE_COUNT];
    bool none = (~not_ours & ((UINT32_C(1) << TYPE_COUNT) - 1)) == 0;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (none || !content_has(not_ours, k))
            at[n++] = k;
    }
    for (int i = 0; i < n; i++) {
        // cppcheck-suppress uninitvar ; at holds n of them
        theta[i] = t->mean[at[i]];
        for (int j = 0; j < n; j++)
            cov[i * n + j] = t->cov[at[i] * TYPE_COUNT + at[j]];
    }
    prefer_weights(n, theta, cov, w, v);
    *ret = (Weights){.w = {0}};
    for (int i = 0; i < n; i++) {
        ret->w[at[i]] = w[i];
        for (int j = 0; j < n; j++)
            ret->v[at[i] * TYPE_COUNT + at[j]] = v[i * n + j];
    }
}

void meaning_closeness(const Weights *weights, const double mean[], const double cov[],
                       double *ret_mean, double *ret_var)
{
    rel_closeness(mean, cov, weights->w, weights->v, ret_mean, ret_var);
}

/* -- for the page --------------------------------------------------------------------------------- */

static bool usable(const void *context, int a, int b)
{
    const KindSet *kinds = context;
    const ContentChoice *x = &content_choices[a], *y = &content_choices[b];
    bool plain = !x->romantic && !y->romantic; /* which pairs may be romantic is not known here */
    return plain && (*kinds == 0 || ((x->kinds & *kinds) != 0 && (y->kinds & *kinds) != 0));
}

static Err next_pair(Cx *cx, const Book *book, const Taste *t, int kind, Meaning *ret)
{
    Picks all;
    Err e = read_picks(cx, book, NULL, &all);
    if (e != OK)
        return e;
    PreferModel m = {.d = TYPE_COUNT,
                     .items = content_choices_count,
                     .x = all.x,
                     .tie = PREFER_TIE,
                     .outside = PREFER_OUTSIDE};
    PreferFit f = {.loglik = 0};
    KindSet kinds = kind >= 0 ? (KindSet)1 << kind : 0;
    int a = 0, b = 0;
    double tells = 0;
    memcpy(f.mean, t->mean, sizeof t->mean);
    memcpy(f.cov, t->cov, sizeof t->cov);
    if (prefer_next(&m, &f, usable, &kinds, &a, &b, &tells)) {
        ret->left = &content_choices[a];
        ret->right = &content_choices[b];
    }
    return OK;
}

Err insight_meaning(Cx *cx, const Book *book, int kind, Meaning *ret)
{
    Ground *ground = arena_new(cx->arena, Ground, 1);
    Tally *learned = arena_new(cx->arena, Tally, content_practices_count);
    Weights weights;
    if (!ground || !learned)
        return err_nomem(cx);
    Err e = ground_read(cx, book, learned, true, ground);
    if (e != OK)
        return e;
    const Tastes *all = &ground->tastes;
    const Taste *t = kind >= 0 && kind < KIND_COUNT ? &all->kind[kind] : &all->common;
    Meaning out = {.choices = t->choices, .asked = t->own};
    bool enough = t->own >= ENOUGH_PICKS, sure = true;
    meaning_weights(t, 0, &weights);
    for (int k = 0; k < TYPE_COUNT; k++) {
        out.weight[k] = weights.w[k];
        out.sd[k] = sqrt(fmax(0, weights.v[k * TYPE_COUNT + k]));
        sure = sure && out.sd[k] < ENOUGH_SD;
    }
    if (!enough && !(sure && t->own > 0))
        e = next_pair(cx, book, t, kind, &out);
    if (e == OK)
        *ret = out;
    return e;
}
