/* insight/gate.c - each clause stands alone and only ever takes away: the depth is the least that any clause
 * leaves, a refusal by one is final. Deleting a clause must make the safety tests fail. */
#include "insight/gate.h"
#include "base/time.h"
#include "num/dist.h"
#include <math.h>

enum { EVIDENCE_DAYS = 180, CONFLICT_HOURS = 48, DEPTH_NEW = 2, DEPTH_KNOWN = 3, DEPTH_CONFLICT = 2 };
static const double UNSAFE_AT_MOST = 3, COMPASSION_LOW = 4;

static bool recent(int64_t at_ms, int64_t now_ms, int64_t span_ms)
{
    return at_ms != 0 && now_ms - at_ms <= span_ms;
}

/* An unsafe answer stands until a later one says otherwise; time does not clear it. */
static bool unsafe_stands(const History *h)
{
    bool unsafe = false;
    int64_t since = 0;
    for (int i = 0; i < h->n_safety; i++) {
        const SafetyAnswer *a = &h->safety[i];
        if (a->value <= UNSAFE_AT_MOST) {
            unsafe = true;
            since = a->at_ms;
        } else if (unsafe && a->at_ms > since) {
            unsafe = false;
        }
    }
    return unsafe;
}

void gate_facts(const History *h, const RelLevels *levels, bool minor_me, int64_t now_ms,
                GateFacts *ret)
{
    static const int guards[3] = {TYPE_COUNT + FACTOR_TRUST, TYPE_COUNT + FACTOR_SAFETY,
                                  TYPE_COUNT + FACTOR_ACCEPTANCE};
    double mean[3], cov[9];
    *ret = (GateFacts){.someone_new = history_someone_new(h, now_ms),
                       .evidence = true,
                       .deepest = h->deepest_reciprocated,
                       .conflict = recent(h->last_conflict_ms, now_ms,
                                          CONFLICT_HOURS * (int64_t)TIME_HOUR_MS),
                       .unsafe_answer = unsafe_stands(h),
                       .harm = h->rel.harm,
                       .season = h->person.died != 0 ? SEASON_GRIEVING : h->rel.season,
                       .paused = h->rel.paused_until_ms > now_ms,
                       .kinds = h->kinds,
                       .romance_on = h->rel.romance,
                       .minor = h->person.minor || minor_me,
                       .not_ours = h->rel.not_ours};
    for (int i = 0; i < 3; i++) {
        ret->evidence = ret->evidence && recent(h->last_ms[guards[i]], now_ms,
                                                EVIDENCE_DAYS * (int64_t)TIME_DAY_MS);
        mean[i] = levels->mean[guards[i]];
        for (int j = 0; j < 3; j++)
            cov[3 * i + j] = levels->cov[guards[i] * REL_LEVELS + guards[j]];
    }
    ret->low = dist_min3_quantile(mean, cov, .1);
    int compassion = TYPE_COUNT + FACTOR_COMPASSION;
    ret->compassion_low = h->count[compassion] > 0 && levels->mean[compassion] < COMPASSION_LOW;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static bool still_season(int season)
{
    return season == SEASON_RESTING || season == SEASON_ENDED;
}

Gate gate_judge(const GateFacts *f)
{
    Gate g = {.depth = DEPTH_MAX, .approach = true, .compassion_ok = !f->compassion_low};
    KindSet romantic = (KindSet)1 << KIND_PARTNER | (KindSet)1 << KIND_DATING;
    if (f->someone_new)
        g.why |= GATE_NEW;
    if (f->evidence) {
        double low = f->low > 0 ? f->low : 0;
        g.depth = least(g.depth, (int)floor(1 + .6 * low));
        g.why |= GATE_EVIDENCE;
    } else {
        g.depth = least(g.depth, f->someone_new ? DEPTH_NEW : DEPTH_KNOWN);
        g.why |= GATE_NO_EVIDENCE;
    }
    int deepest = f->deepest > 0 ? f->deepest : f->someone_new ? 1 : 2;
    if (deepest + 1 < g.depth)
        g.why |= GATE_RECIPROCATED;
    g.depth = least(g.depth, deepest + 1);
    if (f->conflict) {
        g.depth = least(g.depth, DEPTH_CONFLICT);
        g.why |= GATE_CONFLICT;
    }
    if (f->unsafe_answer || f->harm) {
        g.approach = false;
        g.why |= GATE_UNSAFE;
    }
    if (still_season(f->season) || f->paused) {
        g.approach = false;
        g.why |= GATE_SEASON;
    }
    g.romance = (f->kinds & romantic) != 0 && f->romance_on && !f->minor && !f->unsafe_answer && !f->harm;
    return g;
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

/* Where no season was said, what belongs only to grief, repair, rest or an end waits until one is. */
static bool suits_season(const GateFacts *f, const ContentPractice *p)
{
    IdSet plain = (IdSet)1 << SEASON_NEW | (IdSet)1 << SEASON_GROWING | (IdSet)1 << SEASON_STEADY;
    return f->season >= 0 ? content_has(p->seasons, f->season) : (p->seasons & plain) != 0;
}

bool gate_allows(const Gate *gate, const GateFacts *f, const ContentPractice *p)
{
    bool guarding = p->class == CLASS_BOUNDARY || p->class == CLASS_SUPPORT;
    if (f->paused)
        return false;
    if ((p->kinds & f->kinds) == 0 || (p->never_kinds & f->kinds) != 0)
        return false;
    if (p->depth > gate->depth)
        return false;
    if (p->approach && !gate->approach)
        return false;
    if ((gate->why & GATE_UNSAFE) != 0 && !guarding)
        return false;
    if (p->romantic && !gate->romance)
        return false;
    if (p->class == CLASS_REPAIR && !gate->compassion_ok)
        return false;
    if (!suits_season(f, p) && !(guarding && (gate->why & GATE_UNSAFE) != 0))
        return false;
    return !feeds_what_is_not_ours(f, p);
}
