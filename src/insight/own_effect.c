/* insight/own_effect.c - how the levels moved around what was done. For each practice that was done: how much more
 * likely the answers of the three weeks after it are if it had lifted the levels (num/effect.h), from what was believed
 * just before it. Where several things were done around the same time each gets its share. It is what followed, never a
 * proof of what caused it. Cost: one pass over a relationship's events for each of the latest practices done; in the
 * background. */
#include "insight/own_part.h"

enum { AFTER_DAYS = 21 };

static ptrdiff_t events_until(const LearnHistory *h, double t_days)
{
    ptrdiff_t n = 0;
    while (n < h->count && h->events[n].t_days <= t_days)
        n++;
    return n;
}

Err own_learn_effects(Cx *cx, const OwnSnapshot *s, const LearnHistory histories[],
                      const RelModel models[], Own *ret)
{
    Err e = OK;
    for (int i = 0; i < s->n_done && e == OK; i++) {
        AUTO_ARENA Arena scratch;
        arena_init(&scratch, ARENA_LIMIT_DEFAULT);
        Cx inner = {.arena = &scratch, .now_ms = cx->now_ms};
        const OwnDone *d = &s->done[i];
        const LearnHistory *h = &histories[d->part];
        OwnEffect *effect = &ret->effects[d->practice];
        EffectEvidence one = {.shift = {0}};
        RelState before;
        ptrdiff_t known = events_until(h, d->t_days);
        ptrdiff_t later = events_until(h, d->t_days + AFTER_DAYS);
        if (later == known)
            continue; /* nothing was said after it */
        rel_start(&models[d->part], known > 0 ? h->events[0].t_days : d->t_days, &before);
        e = rel_filter(&inner, &models[d->part], h->events, known, &before);
        if (e == OK)
            e = rel_forecast(&inner, &models[d->part], &before, d->t_days, &before);
        if (e == OK)
            e = effect_moved(&inner, &models[d->part], &before, h->events + known, later - known,
                             &one);
        if (e != OK)
            break;
        effect_add(&effect->evidence, d->share, &one);
        effect->n++;
    }
    return e;
}
