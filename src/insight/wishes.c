/* insight/wishes.c - what is wanted and what is given: five scalar local levels each, of which no more than their last state
 * is needed, one update a reading. And what someone likes, as sets. */
#include "insight/history.h"
#include <math.h>

static const double WISH_Q = .004, WISH_R = 1, WISH_SD = 2, WISH_OVERALL_R = 2;

void wishes_start(const History *h, bool given, WishSeries *ret)
{
    for (int k = 0; k < TYPE_COUNT; k++) {
        ret->mean[k] = h->kind.mu;
        ret->var[k] = WISH_SD * WISH_SD;
        ret->t_days[k] = (double)NAN;
        /* How close overall, said once with the relationship, is a vague reading of each type. */
        if (!given && h->rel.wanted_tenths >= 0) {
            double gain = ret->var[k] / (ret->var[k] + WISH_OVERALL_R);
            ret->mean[k] += gain * (h->rel.wanted_tenths / 10.0 - ret->mean[k]);
            ret->var[k] *= 1 - gain;
        }
    }
}

/* A scalar local level: wider by the time passed since the last reading, then one update. */
void wishes_read(History *h, const ContentQuestion *q, int64_t at_ms, double value)
{
    bool given = q->asks == ASKS_GIVEN;
    int k = q->state;
    if (k < 0 || k >= TYPE_COUNT)
        return;
    WishSeries *s = given ? &h->given : &h->wanted;
    double t = history_days(at_ms);
    if (!isnan(s->t_days[k]))
        s->var[k] += WISH_Q * (t - s->t_days[k]);
    double gain = s->var[k] / (s->var[k] + WISH_R);
    s->mean[k] += gain * (value - s->mean[k]);
    s->var[k] *= 1 - gain;
    s->t_days[k] = t;
    (given ? h->given_count : h->wanted_count)[k]++;
    (given ? h->given_last_ms : h->wanted_last_ms)[k] = at_ms;
}

void history_wishes(const WishSeries *s, double at_days, WishBelief *ret)
{
    for (int k = 0; k < TYPE_COUNT; k++) {
        ret->mean[k] = s->mean[k];
        ret->var[k] = s->var[k];
        if (!isnan(s->t_days[k]))
            ret->var[k] += WISH_Q * fmax(0, at_days - s->t_days[k]);
    }
}

static void mark(bool set[], BookTexts ids, int (*number)(Str))
{
    for (int i = 0; i < ids.n; i++) {
        int k = number(ids.p[i]);
        if (k >= 0)
            set[k] = true;
    }
}

void likes_read(BookTexts interests, BookTexts styles, BookTexts ways, Likes *ret)
{
    *ret = (Likes){.interest = {false}};
    mark(ret->interest, interests, content_interest_id);
    mark(ret->style, styles, content_style_id);
    mark(ret->way, ways, content_way_id);
}
