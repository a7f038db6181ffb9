/* insight/gate.c - each clause stands alone and only ever takes away: the depth is the least that any clause
 * leaves, a refusal by one is final. No clause repeats another, so that each can be shown to be needed: every one
 * has a name, and the safety tests compile this file with one clause left out at a time and see it missed. */
#include "insight/gate.h"
#include "base/time.h"
#include "num/dist.h"
#include <math.h>

#ifndef GATE_CLAUSE
#define GATE_CLAUSE(name) true
#endif

enum {
    EVIDENCE_DAYS = 180,
    OPENED_DAYS = 90,
    CONFLICT_HOURS = 48,
    DEPTH_NEW = 2,
    DEPTH_KNOWN = 3,
    DEPTH_CONFLICT = 2,
    OPENED_NEW = 1, /* taken as reciprocated where nothing is logged */
    OPENED_KNOWN = 2
};
static const double COMPASSION_LOW = 4, LOW_AT = .1, DEPTH_BASE = 1, DEPTH_PER_POINT = .6;

/* -- the facts ----------------------------------------------------------------------------------- */

/* Nothing changes before at_ms. */
static void until(GateFacts *f, int64_t at_ms)
{
    if (at_ms < f->until_ms)
        f->until_ms = at_ms;
}

/* Within the span, which then ends some time. */
static bool recent(GateFacts *f, int64_t at_ms, int64_t now_ms, int64_t span_ms)
{
    if (at_ms == 0 || now_ms - at_ms > span_ms)
        return false;
    until(f, at_ms + span_ms + 1);
    return true;
}

static const int guards[3] = {TYPE_COUNT + FACTOR_TRUST, TYPE_COUNT + FACTOR_SAFETY,
                              TYPE_COUNT + FACTOR_ACCEPTANCE};

static double low_of(const RelLevels *levels)
{
    double mean[3], cov[9];
    for (int i = 0; i < 3; i++) {
        mean[i] = levels->mean[guards[i]];
        for (int j = 0; j < 3; j++)
            cov[3 * i + j] = levels->cov[guards[i] * REL_LEVELS + guards[j]];
    }
    return dist_min3_quantile(mean, cov, LOW_AT);
}

static void instants(const History *h, int64_t now_ms, GateFacts *f)
{
    const int64_t day = TIME_DAY_MS;
    f->evidence = true;
    for (int i = 0; i < 3; i++) {
        bool fresh = recent(f, h->last_ms[guards[i]], now_ms, EVIDENCE_DAYS * day);
        if (GATE_CLAUSE(FRESH))
            f->evidence = f->evidence && fresh;
        else
            f->evidence = f->evidence && h->last_ms[guards[i]] != 0;
    }
    f->conflict = recent(f, h->last_conflict_ms, now_ms, CONFLICT_HOURS * (int64_t)TIME_HOUR_MS);
    for (int depth = DEPTH_MIN; depth <= DEPTH_MAX; depth++) {
        if (recent(f, h->opened_ms[depth], now_ms, OPENED_DAYS * day))
            f->deepest = depth;
    }
    f->paused = h->rel.paused_until_ms > now_ms;
    if (f->paused)
        until(f, h->rel.paused_until_ms);
    f->someone_new = history_someone_new(h, now_ms);
    until(f, h->until_ms);
}

void gate_facts(const History *h, const RelLevels *levels, bool minor_me, int64_t now_ms,
                GateFacts *ret)
{
    int compassion = TYPE_COUNT + FACTOR_COMPASSION;
    *ret = (GateFacts){.unsafe_answer = h->unsafe_answer,
                       .harm = h->rel.harm,
                       .died = h->person.died != 0,
                       .far = h->rel.far,
                       .season = h->rel.season,
                       .kinds = h->kinds,
                       .romance_on = h->rel.romance,
                       .minor = insight_under_age(&h->person, now_ms) || minor_me,
                       .touch_said = h->rel.welcome_body.len > 0,
                       .not_ours = h->rel.not_ours,
                       .until_ms = INT64_MAX};
    instants(h, now_ms, ret);
    ret->low = ret->evidence ? low_of(levels) : 0;
    /* Low when last said to be low, or believed to be low since something was said. */
    ret->compassion_low = h->count[compassion] > 0 && (h->last_value[compassion] < COMPASSION_LOW ||
                                                       levels->mean[compassion] < COMPASSION_LOW);
}

/* -- the judgement ------------------------------------------------------------------------------- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Trust, safety and acceptance as read of late say how deep; without them, little is taken for granted. */
static void judge_evidence(const GateFacts *f, Gate *g)
{
    if (f->evidence) {
        double low = fmin(fmax(f->low, 0), 10);
        if (GATE_CLAUSE(EVIDENCE))
            g->depth = least(g->depth, (int)floor(DEPTH_BASE + DEPTH_PER_POINT * low));
        g->why |= GATE_EVIDENCE;
        return;
    }
    if (GATE_CLAUSE(NO_EVIDENCE))
        g->depth = least(g->depth, f->someone_new && GATE_CLAUSE(NEW) ? DEPTH_NEW : DEPTH_KNOWN);
    g->why |= GATE_NO_EVIDENCE;
}

static void judge_reciprocated(const GateFacts *f, Gate *g)
{
    int deepest = f->deepest;
    if (deepest == 0)
        deepest = f->someone_new && GATE_CLAUSE(NEW) ? OPENED_NEW : OPENED_KNOWN;
    if (deepest + 1 < g->depth && GATE_CLAUSE(RECIPROCATED)) {
        g->depth = deepest + 1;
        g->why |= GATE_RECIPROCATED;
    }
}

static bool unsafe(const GateFacts *f)
{
    return (f->unsafe_answer && GATE_CLAUSE(UNSAFE_ANSWER)) || (f->harm && GATE_CLAUSE(HARM));
}

static bool apart_by_season(const GateFacts *f)
{
    bool over = f->season == SEASON_RESTING || f->season == SEASON_ENDED;
    return (over && GATE_CLAUSE(OVER)) || (f->died && GATE_CLAUSE(DIED)) || f->paused;
}

static bool romance(const GateFacts *f)
{
    if (!content_romantic(f->kinds) && GATE_CLAUSE(ROMANTIC_KIND))
        return false;
    if (!f->romance_on && GATE_CLAUSE(ROMANCE_ON))
        return false;
    if (f->minor && GATE_CLAUSE(MINOR))
        return false;
    return !(unsafe(f) && GATE_CLAUSE(ROMANCE_SAFE));
}

Gate gate_judge(const GateFacts *f)
{
    Gate g = {.depth = DEPTH_MAX,
              .approach = true,
              .romance = romance(f),
              .compassion_ok = !(f->compassion_low && GATE_CLAUSE(COMPASSION))};
    if (f->someone_new)
        g.why |= GATE_NEW;
    judge_evidence(f, &g);
    judge_reciprocated(f, &g);
    if (f->conflict && GATE_CLAUSE(CONFLICT)) {
        g.depth = least(g.depth, DEPTH_CONFLICT);
        g.why |= GATE_CONFLICT;
    }
    if (unsafe(f)) {
        g.approach = false;
        g.why |= GATE_UNSAFE;
    }
    if (apart_by_season(f)) {
        g.approach = false;
        g.why |= GATE_SEASON;
    }
    return g;
}

bool gate_still(const GateFacts *f)
{
    return f->season == SEASON_RESTING || f->season == SEASON_ENDED ||
           f->season == SEASON_GRIEVING || f->died || f->paused;
}

/* -- one practice, one deck, one question -------------------------------------------------------- */

/* Written for this season. Where none was said, those for everyday life fit: not those for mourning, nor for
 * what is over. */
static bool suits_season(const GateFacts *f, IdSet seasons)
{
    if (f->died)
        return content_has(seasons, SEASON_GRIEVING);
    if (f->season >= 0)
        return content_has(seasons, f->season);
    return content_has(seasons, f->someone_new ? SEASON_NEW : SEASON_STEADY) ||
           (f->far && content_has(seasons, SEASON_FAR_AWAY));
}

/* The type a practice feeds most is one that is not part of this relationship. */
static bool feeds_what_is_not_ours(const GateFacts *f, const ContentPractice *p)
{
    int most = 0;
    for (int k = 0; k < TYPE_COUNT; k++)
        most = p->types[k] > most ? p->types[k] : most;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (most > 0 && p->types[k] == most && content_has(f->not_ours, k))
            return true;
    }
    return false;
}

/* Touch is for where it is welcome: with someone new only when that has been said, and with someone under age
 * outside the family not at all. */
static bool touch_unwelcome(const GateFacts *f, const ContentPractice *p)
{
    KindSet family = (KindSet)1 << KIND_PARENT | (KindSet)1 << KIND_CHILD |
                     (KindSet)1 << KIND_SIBLING | (KindSet)1 << KIND_GRANDPARENT |
                     (KindSet)1 << KIND_OTHER_FAMILY;
    bool touch = p->types[TYPE_PHYSICAL] == LOADING_MAX && p->approach;
    return touch && ((f->someone_new && !f->touch_said) || (f->minor && (f->kinds & family) == 0));
}

static bool guarding(const ContentPractice *p)
{
    return p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT;
}

static bool suits_people(const Gate *gate, const GateFacts *f, const ContentPractice *p)
{
    if ((p->kinds & f->kinds) == 0 && GATE_CLAUSE(KINDS))
        return false;
    if ((p->never_kinds & f->kinds) != 0 && GATE_CLAUSE(NEVER_KINDS))
        return false;
    if (p->romantic && !gate->romance && GATE_CLAUSE(ROMANTIC))
        return false;
    if (feeds_what_is_not_ours(f, p) && GATE_CLAUSE(NOT_OURS))
        return false;
    return !(touch_unwelcome(f, p) && GATE_CLAUSE(TOUCH));
}

bool gate_allows(const Gate *gate, const GateFacts *f, const ContentPractice *p)
{
    bool is_unsafe = (gate->why & GATE_UNSAFE) != 0;
    if (f->paused && GATE_CLAUSE(PAUSED))
        return false;
    if (p->depth > gate->depth && GATE_CLAUSE(DEPTH))
        return false;
    if (p->approach && !gate->approach && GATE_CLAUSE(APPROACH))
        return false;
    if (is_unsafe && !guarding(p) && GATE_CLAUSE(GUARDING))
        return false;
    if (p->class == CLASS_REPAIR && !gate->compassion_ok && GATE_CLAUSE(REPAIR))
        return false;
    /* What guards is for every season. */
    if (!(is_unsafe && guarding(p)) && !suits_season(f, p->seasons) && GATE_CLAUSE(SEASON))
        return false;
    return suits_people(gate, f, p);
}

/* A deck is a conversation: it reaches the other person. */
int gate_deck_depth(const Gate *gate, const GateFacts *f, const ContentDeck *d)
{
    bool over = f->paused || !gate->approach;
    bool others = (d->kinds & f->kinds) == 0 || (d->never_kinds & f->kinds) != 0;
    bool romantic = d->romantic && !gate->romance;
    bool repair = d->class == CLASS_REPAIR && !gate->compassion_ok;
    return over || others || romantic || repair ? 0 : gate->depth;
}

bool gate_asks(const Gate *gate, const GateFacts *f, const ContentQuestion *q)
{
    bool type = q->state >= 0 && q->state < TYPE_COUNT;
    if ((q->kinds & f->kinds) == 0 || (q->romantic && !gate->romance))
        return false;
    return !(type && content_has(f->not_ours, q->state));
}
