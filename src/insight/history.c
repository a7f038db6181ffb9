/* insight/history.c - a pass over the timeline, oldest first, then one sort for what had to be placed between:
 * being apart begins in the middle of a silence that only later was declared. O(n log n) in the entries of this
 * relationship. */
#include "insight/history.h"
#include "base/time.h"
#include <math.h>
#include <stdlib.h>

enum {
    RECENT_DAYS = 90,
    APART_AFTER = 3,     /* usual intervals */
    APART_USUAL_DAYS = 14, /* where fewer than two moments tell the usual interval */
    MINUTES_UNSAID = 30
};
static const double QUALITY_UNSAID = .5;
static const double WISH_Q = .004, WISH_R = 1, WISH_SD = 2;

double history_days(int64_t at_ms)
{
    return (double)at_ms / (double)TIME_DAY_MS;
}

typedef struct Reader {
    Cx *cx;
    const Book *book;
    History *h;
    int cap_events, cap_wishes, cap_raw, cap_safety;
    double last_contact, gap_sum; /* days; over moments */
    int gaps;
    bool has_contact, apart;
} Reader;

/* Room for one more of size bytes; false without memory. */
static bool room(Reader *r, void **array, int n, int *cap, ptrdiff_t size)
{
    if (n < *cap)
        return true;
    int more = *cap > 0 ? *cap * 2 : 32;
    void *p = arena_grow(r->cx->arena, *array, *cap, more, size, 16);
    if (!p)
        return false;
    *array = p;
    *cap = more;
    return true;
}

static Err push_event(Reader *r, RelEvent e)
{
    void *p = r->h->events;
    if (!room(r, &p, r->h->n_events, &r->cap_events, (ptrdiff_t)sizeof e))
        return err_nomem(r->cx);
    r->h->events = p;
    r->h->events[r->h->n_events++] = e;
    return OK;
}

static Err push_wish(Reader *r, Wish w)
{
    void *p = r->h->wishes;
    if (!room(r, &p, r->h->n_wishes, &r->cap_wishes, (ptrdiff_t)sizeof w))
        return err_nomem(r->cx);
    r->h->wishes = p;
    r->h->wishes[r->h->n_wishes++] = w;
    return OK;
}

static Err push_raw(Reader *r, RawPoint point)
{
    void *p = r->h->raw;
    if (!room(r, &p, r->h->n_raw, &r->cap_raw, (ptrdiff_t)sizeof point))
        return err_nomem(r->cx);
    r->h->raw = p;
    r->h->raw[r->h->n_raw++] = point;
    return OK;
}

static Err push_safety(Reader *r, SafetyAnswer answer)
{
    void *p = r->h->safety;
    if (!room(r, &p, r->h->n_safety, &r->cap_safety, (ptrdiff_t)sizeof answer))
        return err_nomem(r->cx);
    r->h->safety = p;
    r->h->safety[r->h->n_safety++] = answer;
    return OK;
}

/* Being at ease says something of acceptance, but the gate wants acceptance itself asked. */
static void note_reading(History *h, const ContentQuestion *q, int64_t at_ms)
{
    h->readings++;
    if (q->asks == ASKS_EASE)
        return;
    h->count[q->state]++;
    h->last_ms[q->state] = at_ms;
}

/* A type as felt, or a factor as found: it moves the levels. */
static Err read_level(Reader *r, const ContentQuestion *q, int64_t at_ms, double value)
{
    History *h = r->h;
    note_reading(h, q, at_ms);
    Err e = push_raw(r, (RawPoint){at_ms, value, q->state});
    if (e == OK && q->asks == ASKS_FACTOR && q->state == TYPE_COUNT + FACTOR_SAFETY)
        e = push_safety(r, (SafetyAnswer){at_ms, value});
    if (e == OK)
        e = push_event(r, (RelEvent){.t_days = history_days(at_ms),
                                     .kind = REL_READING,
                                     .level = (RelLevel)q->state,
                                     .value = value});
    return e;
}

static Err read_wish(Reader *r, const ContentQuestion *q, int64_t at_ms, double value)
{
    History *h = r->h;
    bool given = q->asks == ASKS_GIVEN;
    if (q->state < 0 || q->state >= TYPE_COUNT)
        return OK;
    int *count = given ? h->given_count : h->wanted_count;
    int64_t *last = given ? h->given_last_ms : h->wanted_last_ms;
    count[q->state]++;
    last[q->state] = at_ms;
    return push_wish(r, (Wish){history_days(at_ms), value, q->state, given});
}

static Err read_answer(Reader *r, const Answer *a, int64_t at_ms)
{
    const ContentQuestion *q = content_question(a->question);
    double value = a->tenths / 10.0;
    if (!q)
        return OK; /* asked by a newer version, or retired: kept, not read */
    if (q->keyed == KEYED_REVERSED)
        value = 10 - value;
    switch (q->asks) {
    case ASKS_FELT:
    case ASKS_FACTOR:
    case ASKS_EASE:
        return q->state >= 0 ? read_level(r, q, at_ms, value) : OK;
    case ASKS_WANTED:
    case ASKS_GIVEN:
        return read_wish(r, q, at_ms, value);
    case ASKS_GIVEN_FACTOR:
    case ASKS_CONTACT:
    case ASKS_COUNT:
        return OK;
    }
    return OK;
}

static Err together_again(Reader *r, double t)
{
    r->last_contact = t;
    r->has_contact = true;
    if (!r->apart)
        return OK;
    r->apart = false;
    return push_event(r, (RelEvent){.t_days = t, .kind = REL_TOGETHER});
}

/* "No contact since": from three usual intervals after the last contact on, another drift held. */
static Err declared_apart(Reader *r, double t)
{
    if (r->apart || !r->has_contact)
        return OK;
    double usual = r->gaps > 0 ? r->gap_sum / r->gaps : APART_USUAL_DAYS;
    double from = r->last_contact + APART_AFTER * usual;
    if (from >= t)
        return OK;
    r->apart = true;
    return push_event(r, (RelEvent){.t_days = from, .kind = REL_APART});
}

static Err read_checkin(Reader *r, BookRef ref)
{
    BookCheckin c = {.n_answers = 0};
    Err e = book_checkin(r->cx, r->book, ref, &c);
    double t = history_days(c.event.at_ms);
    r->h->checkins++;
    r->h->last_checkin_ms = c.event.at_ms;
    if (e == OK && c.contact == 0)
        e = declared_apart(r, t);
    else if (e == OK && c.contact == 1)
        e = together_again(r, t);
    for (int i = 0; i < c.n_answers && e == OK; i++)
        e = read_answer(r, &c.answers[i], c.event.at_ms);
    return e;
}

static double medium_share(BookMedium medium)
{
    switch (medium) {
    case MEDIUM_VIDEO:
        return .8;
    case MEDIUM_CALL:
        return .6;
    case MEDIUM_TEXT:
        return .2;
    case MEDIUM_IN_PERSON:
        return 1;
    }
    return 1; /* not said */
}

static double company_share(int company)
{
    return company == COMPANY_A_FEW ? .8 : company == COMPANY_MANY ? .5 : 1;
}

/* What a moment fed: as said; a sexual one feeds nearness of bodies alone unless the person says otherwise. */
static unsigned fed_types(const BookMoment *m)
{
    if (m->types != 0)
        return m->types;
    return m->sexual ? 1u << TYPE_PHYSICAL : 0;
}

static void note_moment(Reader *r, const BookMoment *m)
{
    History *h = r->h;
    int64_t at = m->event.at_ms;
    double t = history_days(at);
    bool recent = r->cx->now_ms - at <= RECENT_DAYS * (int64_t)TIME_DAY_MS;
    h->moments++;
    h->last_moment_ms = at;
    if (r->has_contact && t > r->last_contact) {
        r->gap_sum += t - r->last_contact;
        r->gaps++;
    }
    if ((m->conflict || (m->has_quality && m->quality < 0)))
        h->last_conflict_ms = at;
    if (m->opened_up && recent && m->depth > h->deepest_reciprocated)
        h->deepest_reciprocated = m->depth;
}

static Err read_moment(Reader *r, BookRef ref)
{
    BookMoment m = {.minutes = -1};
    Err e = book_moment(r->cx, r->book, ref, &m);
    if (e != OK || m.event.at_ms > r->cx->now_ms)
        return e;
    note_moment(r, &m);
    double t = history_days(m.event.at_ms);
    double quality = m.has_quality ? m.quality : QUALITY_UNSAID;
    double minutes = m.minutes >= 0 ? m.minutes : MINUTES_UNSAID;
    e = together_again(r, t);
    if (e == OK)
        e = push_event(r, (RelEvent){.t_days = t,
                                     .kind = REL_MOMENT,
                                     .fed = fed_types(&m),
                                     .value = rel_moment_size(quality, medium_share(m.medium),
                                                              company_share(m.company), minutes)});
    if (e == OK && m.conflict)
        e = push_event(r, (RelEvent){.t_days = t,
                                     .kind = REL_CONFLICT,
                                     .value = 1 + 2 * fmax(0, m.has_quality ? -m.quality : 0)});
    return e;
}

/* Resting, grieving, ended: from then on being apart wears nothing. */
static Err read_season(Reader *r)
{
    const BookRelationship *rel = &r->h->rel;
    bool held = rel->season == SEASON_RESTING || rel->season == SEASON_GRIEVING ||
                rel->season == SEASON_ENDED;
    if (!held || rel->season_since_ms > r->cx->now_ms)
        return OK;
    return push_event(r, (RelEvent){.t_days = history_days(rel->season_since_ms), .kind = REL_HOLD});
}

static int by_time(const void *a, const void *b)
{
    const RelEvent *x = a, *y = b;
    if (x->t_days < y->t_days)
        return -1;
    if (x->t_days > y->t_days)
        return 1;
    return (int)(x->kind > y->kind) - (int)(x->kind < y->kind);
}

static void read_kind(History *h, int64_t now_ms)
{
    h->kinds = h->rel.kinds != 0 ? h->rel.kinds : (KindSet)1 << KIND_OWN;
    int kind = 0; /* kinds stand closest first: with several, the closest sets the prior */
    while (kind < KIND_OWN && !content_has(h->kinds, kind))
        kind++;
    const ContentKind *k = &content_kinds[kind];
    h->main_kind = (KindId)kind;
    h->kind = (RelKind){.mu = k->mu,
                        .tau = k->tau,
                        .apart_phi = k->phi,
                        .apart_half_life = k->half_life_months * 365.25 / 12};
    bool friendship = kind == KIND_CLOSE_FRIEND || kind == KIND_FRIEND;
    if (friendship && h->rel.known_hours >= 0 && history_someone_new(h, now_ms))
        h->kind.mu = rel_hours_level(h->rel.known_hours);
}

Err history_read(Cx *cx, const Book *book, BookRef person, History *ret)
{
    History *h = ret;
    *h = (History){.checkins = 0};
    Reader r = {.cx = cx, .book = book, .h = h};
    Err e = book_person(cx, book, person, &h->person);
    if (e == OK)
        e = book_relationship(cx, book, person, &h->rel);
    BookIter all = book_timeline(
        book, person,
        (BookWhich){.to_ms = cx->now_ms + 1,
                    .kinds = BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT),
                    .oldest_first = true});
    BookRef ref = BOOK_NONE;
    while (e == OK && book_next(&all, &ref)) {
        if (h->first_event_ms == 0)
            h->first_event_ms = book_at(book, ref);
        e = book_kind(book, ref) == ENTRY_CHECKIN ? read_checkin(&r, ref) : read_moment(&r, ref);
    }
    if (e == OK)
        e = read_season(&r);
    if (e != OK)
        return e;
    if (h->n_events > 1)
        qsort(h->events, (size_t)h->n_events, sizeof h->events[0], by_time);
    read_kind(h, cx->now_ms);
    return OK;
}

int64_t history_known_since_ms(const History *h, int64_t now_ms)
{
    Civil c = {.year = h->rel.since / 10000, .month = h->rel.since / 100 % 100, .day = h->rel.since % 100};
    if (h->rel.since > 0 && time_civil_valid(&c))
        return time_from_local(&c);
    return h->first_event_ms != 0 ? h->first_event_ms : now_ms;
}

bool history_someone_new(const History *h, int64_t now_ms)
{
    if (h->rel.season == SEASON_NEW)
        return true;
    /* A parent whose first moment was logged yesterday is no stranger: only a said date tells. */
    if (h->rel.since <= 10000)
        return false;
    return now_ms - history_known_since_ms(h, now_ms) < RECENT_DAYS * (int64_t)TIME_DAY_MS;
}

void history_wishes(const History *h, bool given, double at_days, WishBelief *ret)
{
    double t[TYPE_COUNT];
    bool started[TYPE_COUNT] = {false};
    for (int k = 0; k < TYPE_COUNT; k++) {
        ret->mean[k] = h->kind.mu;
        ret->var[k] = WISH_SD * WISH_SD;
    }
    /* Scalar local levels: predict by the time passed, then one update. Wishes come in order of time. */
    for (int i = 0; i < h->n_wishes; i++) {
        const Wish *w = &h->wishes[i];
        if (w->given != given || w->t_days > at_days)
            continue;
        int k = w->type;
        if (started[k])
            ret->var[k] += WISH_Q * (w->t_days - t[k]);
        double gain = ret->var[k] / (ret->var[k] + WISH_R);
        ret->mean[k] += gain * (w->value - ret->mean[k]);
        ret->var[k] *= 1 - gain;
        t[k] = w->t_days;
        started[k] = true;
    }
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (started[k])
            ret->var[k] += WISH_Q * (at_days - t[k]);
    }
}
