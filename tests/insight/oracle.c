/* tests/insight/oracle.c - each rule as a sentence of the contract, over the script of one relationship. */
#include "oracle.h"
#include "base/time.h"
#include "num/dist.h"
#include "num/relation.h"
#include <math.h>

#define HOUR_MS ((int64_t)3600000)

static double recoded(const ScriptAnswer *a)
{
    double v = a->tenths / 10.0;
    return a->question->keyed == KEYED_REVERSED ? 10 - v : v;
}

static bool is_factor(const ScriptAnswer *a, FactorId f)
{
    return a->question->asks == ASKS_FACTOR && a->question->state == TYPE_COUNT + (int)f;
}

static double days(int64_t ms)
{
    return (double)ms / (double)DAY_MS;
}

/* -- the engine's belief --------------------------------------------------------------------------- */

static RelKind kind_of(const Script *s, bool is_new)
{
    const ContentKind *k = &content_kinds[KIND_OWN];
    for (int i = KIND_COUNT - 1; i >= 0; i--) {
        if (s->kinds >> i & 1U)
            k = &content_kinds[i]; /* the closest of several */
    }
    RelKind r = {k->mu, k->tau, k->phi, k->half_life_months * 365.25 / 12};
    bool friendship = k == &content_kinds[KIND_CLOSE_FRIEND] || k == &content_kinds[KIND_FRIEND];
    if (friendship && is_new && s->hours >= 0)
        r.mu = fmin(fmax(-10.2 + 3.33 * log1p(s->hours), 0), 9);
    return r;
}

static double size_of(const ScriptEvent *m)
{
    static const double medium[] = {1, 1, .8, .6, .2}, company[] = {1, .8, .5};
    double quality = m->has_quality ? m->hundredths / 100.0 : .5;
    double minutes = m->minutes >= 0 ? m->minutes : 30;
    return quality * medium[m->medium] * (m->company >= 0 ? company[m->company] : 1) *
           log(1 + minutes / 15);
}

typedef struct Events {
    RelEvent e[SCRIPT_EVENTS * (SCRIPT_ANSWERS + 3) + 1];
    int n;
} Events;

static void put(Events *to, RelEvent e)
{
    int at = to->n++;
    for (; at > 0 && to->e[at - 1].t_days > e.t_days; at--)
        to->e[at] = to->e[at - 1];
    to->e[at] = e;
}

static void put_answers(Events *to, const ScriptEvent *e)
{
    for (int i = 0; i < e->n_answers; i++) {
        AsksId asks = e->answers[i].question->asks;
        int state = e->answers[i].question->state;
        if ((asks == ASKS_FELT || asks == ASKS_FACTOR || asks == ASKS_EASE) && state >= 0)
            put(to, (RelEvent){.t_days = days(e->at_ms),
                               .kind = REL_READING,
                               .level = (RelLevel)state,
                               .value = recoded(&e->answers[i])});
    }
}

static void put_moment(Events *to, const ScriptEvent *e)
{
    unsigned fed = e->types != 0 ? e->types : e->sexual ? 1u << TYPE_PHYSICAL : 0;
    double bad = e->has_quality && e->hundredths < 0 ? -e->hundredths / 100.0 : 0;
    put(to,
        (RelEvent){.t_days = days(e->at_ms), .kind = REL_MOMENT, .fed = fed, .value = size_of(e)});
    if (e->conflict)
        put(to, (RelEvent){.t_days = days(e->at_ms), .kind = REL_CONFLICT, .value = 1 + 2 * bad});
}

/* "No contact": apart from three usual intervals after the last contact on, up to the day it was said. */
static void put_silences(Events *to, const Script *s)
{
    double last = -1, sum = 0, told = -1;
    int gaps = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ScriptEvent *e = &s->events[i];
        double t = days(e->at_ms);
        if (!e->checkin || e->contact == 1) {
            if (last >= 0 && t > last) {
                sum += t - (told > last ? told : last);
                gaps++;
            }
            last = t;
        } else if (e->contact == 0 && last >= 0) {
            double from = last + 3 * (gaps > 0 ? fmax(1, sum / gaps) : 14);
            from = from > told ? from : told;
            if (from < t) {
                put(to, (RelEvent){.t_days = from, .kind = REL_APART});
                put(to, (RelEvent){.t_days = t, .kind = REL_TOGETHER});
                told = t;
            }
        }
    }
}

static int64_t ms_of(int32_t date)
{
    return time_days_from_civil(date / 10000, date / 100 % 100, date % 100) * DAY_MS;
}

static void put_hold(Events *to, const Script *s)
{
    bool still =
        s->season == SEASON_RESTING || s->season == SEASON_GRIEVING || s->season == SEASON_ENDED;
    if ((!still && s->died == 0) || to->n == 0)
        return;
    double from = still ? days(s->season_since_ms) : HUGE_VAL;
    if (s->died != 0)
        from = fmin(from, days(ms_of(s->died)));
    put(to, (RelEvent){.t_days = fmax(from, to->e[0].t_days), .kind = REL_HOLD});
}

/* The deepest d with at most one chance in ten that the least of the three lies under (d - 1) / .6. */
static int evidence_depth(Cx *cx, const Script *s, bool is_new, int64_t now_ms)
{
    static RelModel any;
    static bool made = false;
    RelKind kind = kind_of(s, is_new);
    RelModel rm;
    RelState now;
    RelLevels l;
    Events *events = arena_new(cx->arena, Events, 1);
    const int three[] = {REL_TRUST, REL_SAFETY, REL_ACCEPTANCE};
    double mean[3], cov[9];
    assert_non_null(events);
    if (!made) {
        RelParams p = rel_params_default();
        assert_ok(cx, rel_model_make(cx, &p, &kind, &any));
        made = true;
    }
    assert_ok(cx, rel_model_kind(cx, &any, &kind, &rm));
    for (int i = 0; i < s->n_events; i++) {
        if (s->events[i].checkin)
            put_answers(events, &s->events[i]);
        else
            put_moment(events, &s->events[i]);
    }
    put_silences(events, s);
    put_hold(events, s);
    rel_start(&rm, events->e[0].t_days, &now);
    assert_ok(cx, rel_filter(cx, &rm, events->e, events->n, &now));
    assert_ok(cx, rel_forecast(cx, &rm, &now, days(now_ms), &now));
    rel_levels(&rm, &now, &l);
    for (int i = 0; i < 3; i++) {
        mean[i] = l.mean[three[i]];
        for (int j = 0; j < 3; j++)
            cov[3 * i + j] = l.cov[three[i] * REL_LEVELS + three[j]];
    }
    int d = 1;
    /* the product's belief is of this morning: a hair of difference is not a deeper offer */
    while (d < 7 && dist_min3_cdf(mean, cov, (d + 1 - 1.01) / .6) <= .1)
        d++;
    return d;
}

/* -- the rules -------------------------------------------------------------------------------------- */

static bool read_lately(const Script *s, FactorId f, int64_t now_ms)
{
    for (int i = 0; i < s->n_events; i++) {
        for (int j = 0; j < s->events[i].n_answers; j++) {
            if (is_factor(&s->events[i].answers[j], f) &&
                now_ms - s->events[i].at_ms <= 180 * DAY_MS)
                return true;
        }
    }
    return false;
}

/* The answer stands until a later one above 3. */
static bool unsafe_stands(const Script *s)
{
    int64_t low = -1, high = -1;
    for (int i = 0; i < s->n_events; i++) {
        const ScriptEvent *e = &s->events[i];
        for (int j = 0; j < e->n_answers; j++) {
            if (!is_factor(&e->answers[j], FACTOR_SAFETY))
                continue;
            if (recoded(&e->answers[j]) <= 3)
                low = e->at_ms;
            else
                high = e->at_ms;
        }
    }
    return low >= 0 && low >= high;
}

static bool compassion_low(const Script *s)
{
    double last = 10;
    for (int i = 0; i < s->n_events; i++) {
        for (int j = 0; j < s->events[i].n_answers; j++) {
            if (is_factor(&s->events[i].answers[j], FACTOR_COMPASSION))
                last = recoded(&s->events[i].answers[j]);
        }
    }
    return last < 4;
}

static int reciprocated(const Script *s, bool is_new, int64_t now_ms)
{
    int deepest = 0;
    for (int i = 0; i < s->n_events; i++) {
        const ScriptEvent *e = &s->events[i];
        if (!e->checkin && e->opened && e->depth > deepest && now_ms - e->at_ms <= 90 * DAY_MS)
            deepest = e->depth;
    }
    return deepest > 0 ? deepest : is_new ? 1 : 2;
}

static bool fought(const Script *s, int64_t now_ms)
{
    for (int i = 0; i < s->n_events; i++) {
        const ScriptEvent *e = &s->events[i];
        bool conflict = e->conflict || (e->has_quality && e->hundredths < 0);
        if (!e->checkin && conflict && now_ms - e->at_ms <= 48 * HOUR_MS)
            return true;
    }
    return false;
}

static bool under_age(const Script *s, int64_t now_ms)
{
    Civil now = time_civil(now_ms, 0);
    int32_t today = now.year * 10000 + now.month * 100 + now.day;
    return s->minor || (s->birthday != 0 && today - s->birthday < 180000);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

Oracle oracle_read(Cx *cx, const Script *s, bool my_minor, int64_t now_ms)
{
    const uint32_t romantic = 1u << KIND_PARTNER | 1u << KIND_DATING;
    Oracle o = {.s = s, .now_ms = now_ms};
    o.is_new = s->season == SEASON_NEW || (s->since != 0 && now_ms - ms_of(s->since) < 90 * DAY_MS);
    bool evidence = read_lately(s, FACTOR_TRUST, now_ms) && read_lately(s, FACTOR_SAFETY, now_ms) &&
                    read_lately(s, FACTOR_ACCEPTANCE, now_ms);
    o.depth = o.is_new ? 2 : 3;
    if (evidence)
        o.depth = evidence_depth(cx, s, o.is_new, now_ms);
    o.depth = smaller(o.depth, reciprocated(s, o.is_new, now_ms) + 1);
    if (fought(s, now_ms))
        o.depth = smaller(o.depth, 2);
    o.depth = smaller(o.depth, 7);
    o.is_unsafe = s->harm || unsafe_stands(s);
    o.apart = s->season == SEASON_RESTING || s->season == SEASON_ENDED || s->died != 0;
    o.paused = s->paused_until_ms > now_ms;
    o.minor = my_minor || under_age(s, now_ms);
    o.romance = (s->kinds & romantic) != 0 && s->romance && !o.minor;
    o.compassion_low = compassion_low(s);
    return o;
}

static bool wrong_season(const Oracle *o, const ContentPractice *p)
{
    const Script *s = o->s;
    int season = s->died != 0 ? SEASON_GRIEVING : s->season;
    if (season >= 0)
        return (p->seasons >> season & 1U) == 0;
    /* nobody spoke of grief or of an end */
    uint32_t everyday = 1u << SEASON_NEW | 1u << SEASON_GROWING | 1u << SEASON_STEADY |
                        1u << SEASON_QUIET | (s->far ? 1u << SEASON_FAR_AWAY : 0);
    return (p->seasons & everyday) == 0;
}

static bool not_ours(const Oracle *o, const ContentPractice *p)
{
    int most = 0;
    bool is = false;
    for (int k = 0; k < TYPE_COUNT; k++)
        most = p->types[k] > most ? p->types[k] : most;
    for (int k = 0; k < TYPE_COUNT; k++)
        is = is || (most > 0 && p->types[k] == most && (o->s->not_ours >> k & 1U));
    return is;
}

static bool unwelcome_touch(const Oracle *o, const ContentPractice *p)
{
    const uint32_t family = 1u << KIND_PARENT | 1u << KIND_CHILD | 1u << KIND_SIBLING |
                            1u << KIND_GRANDPARENT | 1u << KIND_OTHER_FAMILY;
    if (p->types[TYPE_PHYSICAL] < 3 || !p->approach)
        return false;
    return (o->is_new && !o->s->touch_said) || (o->minor && (o->s->kinds & family) == 0);
}

const char *oracle_objects(const Oracle *o, const ContentPractice *p)
{
    bool guards = p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT;
    if (o->paused)
        return "an offer while paused";
    if (p->depth > o->depth)
        return "deeper than is safe";
    if (o->is_unsafe && (p->approach || !guards))
        return "not a boundary or support where it is not safe";
    if (o->apart && p->approach)
        return "reaches someone who is to be left alone";
    if (p->romantic && !o->romance)
        return "romantic by mistake";
    if ((p->kinds & o->s->kinds) == 0)
        return "not for this kind";
    if ((p->never_kinds & o->s->kinds) != 0)
        return "never for this kind";
    if (p->class == CLASS_REPAIR && o->compassion_low)
        return "forgiveness without compassion";
    if (!(o->is_unsafe && guards) && wrong_season(o, p))
        return "not for this season";
    if (not_ours(o, p))
        return "not part of this relationship";
    if (unwelcome_touch(o, p))
        return "touch where it may not be welcome";
    return NULL;
}

const char *oracle_objects_prompt(const Oracle *o, const ContentDeck *d, const ContentPrompt *p)
{
    if (o->paused || o->apart || o->is_unsafe)
        return "a conversation where nothing reaches out";
    if (p->depth > o->depth)
        return "a prompt deeper than is safe";
    if (d->romantic && !o->romance)
        return "a deck romantic by mistake";
    if ((d->kinds & o->s->kinds) == 0 || (d->never_kinds & o->s->kinds) != 0)
        return "a deck not for this kind";
    return d->class == CLASS_REPAIR && o->compassion_low ? "a deck of repair without compassion"
                                                         : NULL;
}

const char *oracle_objects_question(const Oracle *o, const ContentQuestion *q)
{
    if (q->romantic && (!o->romance || o->is_unsafe))
        return "a question romantic by mistake";
    if ((q->kinds & o->s->kinds) == 0)
        return "a question not for this kind";
    if (q->state >= 0 && q->state < TYPE_COUNT && (o->s->not_ours >> q->state & 1U))
        return "a question about what is not part of this";
    return o->s->died != 0 ? "a question about someone who has died" : NULL;
}
