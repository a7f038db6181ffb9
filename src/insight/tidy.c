/* insight/tidy.c - of what is kept as it lies, no byte is one that nobody set.
 * Between the members of a structure lie bytes that hold whatever the stack held before. They are named here, one
 * by one, by the members on either side, and set to zero. Of the compilers we build with only gcc knows of a way to do that by
 * itself, and gcc 12 clears members too where a structure is as large as these. tests/system/written.sh looks at every byte.
 * Cost: some two hundred short stretches a person. */
#include "insight/slot.h"
#include <stddef.h>
#include <string.h>

#define END_OF(type, member) (offsetof(type, member) + sizeof(((const type *)0)->member))
#define BETWEEN(type, s, before, after)                                                            \
    memset((char *)(s) + END_OF(type, before), 0, offsetof(type, after) - END_OF(type, before))
#define BEHIND(type, s, last)                                                                      \
    memset((char *)(s) + END_OF(type, last), 0, sizeof(type) - END_OF(type, last))

static void tidy_estimates(Estimate e[], int n)
{
    for (int i = 0; i < n; i++) {
        BETWEEN(Estimate, &e[i], known, mean);
        BETWEEN(Estimate, &e[i], readings, last_ms);
    }
}

static void tidy_trend(Trend *t)
{
    BETWEEN(Trend, t, known, change);
}

static void tidy_facts(GateFacts *f)
{
    BETWEEN(GateFacts, f, evidence, low);
    BETWEEN(GateFacts, f, far, season);
    BETWEEN(GateFacts, f, not_ours, until_ms);
}

static void tidy_relation(Relation *r)
{
    tidy_estimates(r->types, TYPE_COUNT);
    tidy_estimates(r->factors, FACTOR_COUNT);
    tidy_estimates(r->wanted, TYPE_COUNT);
    tidy_estimates(r->given, TYPE_COUNT);
    tidy_estimates(&r->closeness, 1);
    tidy_trend(&r->trend);
    for (int i = 0; i < TYPE_COUNT; i++)
        tidy_trend(&r->type_trend[i]);
    BETWEEN(Relation, r, limiting, limiting_prob);
    BETWEEN(Relation, r, someone_new, facts);
    tidy_facts(&r->facts);
    BEHIND(Relation, r, gate);
}

static void tidy_history(History *h)
{
    BETWEEN(History, h, n_events, raw);
    BETWEEN(History, h, n_raw, wanted);
    BETWEEN(History, h, readings, last_checkin_ms);
    BETWEEN(History, h, unsafe_answer, unsafe_ms);
}

static void tidy_showing(Showing *s)
{
    for (int i = 0; i < TODAY_MOST; i++) {
        BETWEEN(Offer, &s->best[i], gap_known, gap);
        BETWEEN(Offer, &s->best[i], wants_less, factor);
        BEHIND(Offer, &s->best[i], not_tried);
    }
    BETWEEN(Showing, s, person, best);
    BETWEEN(Showing, s, n, haze);
    BEHIND(Showing, s, answered);
}

/* Of the person no more than cache.c keeps; the relationship is read from the book again. */
static void tidy_person(History *h)
{
    const BookPerson p = h->person;
    memset(&h->person, 0, sizeof h->person);
    memset(&h->rel, 0, sizeof h->rel);
    h->person.ref = p.ref;
    h->person.died = p.died;
    h->person.birthday = p.birthday;
    h->person.minor = p.minor;
}

void slot_tidy(Slot *s)
{
    BETWEEN(Slot, s, person, version);
    tidy_person(&s->history);
    tidy_history(&s->history);
    tidy_relation(&s->relation);
    tidy_showing(&s->showing);
}

void tip_tidy(Tip *t)
{
    BETWEEN(RelState, &t->state, held, last_moment);
    BEHIND(RelState, &t->state, usual_gap);
    BETWEEN(Tip, t, n_events, hash);
    BEHIND(Tip, t, hash);
}
