/* insight/history.c - one pass over the timeline, oldest first. What was only declared later (a silence, a season)
 * is put into its place among the events by moving those after it, which is rare. Linear in the entries of this
 * relationship. Wishes are filtered on the way (wishes.c).
 * What was read may be gone on from: its cost is then that of what came behind it, and a copy of the events. */
#include "insight/history.h"
#include "base/time.h"
#include <math.h>
#include <string.h>

enum {
    APART_AFTER = 3,       /* usual intervals */
    APART_USUAL_DAYS = 14, /* where fewer than two contacts tell the usual interval */
    IN_USE_DAYS = 5,       /* of traffic, from which a channel counts as one they use */
    MINUTES_UNSAID = 30
};
static const double QUALITY_UNSAID = .5;
static const double UNSAFE_AT_MOST = 3;

double history_days(int64_t at_ms)
{
    return (double)at_ms / (double)TIME_DAY_MS;
}

typedef struct Reader {
    Cx *cx;
    Arena *arena; /* the arrays' */
    const Book *book;
    const Basis *basis;
    Reading *at;
    History *h; /* at's */
} Reader;

/* Room for one more of size bytes; false without memory. */
static bool room(Reader *r, void **array, int n, int *cap, ptrdiff_t size)
{
    if (n < *cap)
        return true;
    int more = *cap > 0 ? *cap * 2 : 32;
    void *p = arena_grow(r->arena, *array, *cap, more, size, 16);
    if (!p)
        return false;
    *array = p;
    *cap = more;
    return true;
}

/* Puts the event after all that are not later than it; question -1: it is no answer. */
static Err push_answer(Reader *r, RelEvent e, int question)
{
    History *h = r->h;
    void *p = h->events, *q = h->question;
    if (!room(r, &p, h->n_events, &r->at->cap_events, (ptrdiff_t)sizeof e) ||
        !room(r, &q, h->n_events, &r->at->cap_question, (ptrdiff_t)sizeof question))
        return err_nomem(r->cx);
    h->events = p;
    h->question = q;
    int at = h->n_events++;
    while (at > 0 && h->events[at - 1].t_days > e.t_days)
        at--;
    size_t later = (size_t)(h->n_events - 1 - at);
    memmove(&h->events[at + 1], &h->events[at], later * sizeof e);
    memmove(&h->question[at + 1], &h->question[at], later * sizeof question);
    own_reading(r->basis ? r->basis->own : NULL, question, &e);
    h->events[at] = e;
    h->question[at] = question;
    return OK;
}

static Err push_event(Reader *r, RelEvent e)
{
    return push_answer(r, e, -1);
}

static Err push_raw(Reader *r, RawPoint point)
{
    void *p = r->h->raw;
    if (!room(r, &p, r->h->n_raw, &r->at->cap_raw, (ptrdiff_t)sizeof point))
        return err_nomem(r->cx);
    r->h->raw = p;
    r->h->raw[r->h->n_raw++] = point;
    return OK;
}

/* An unsafe answer stands until a later one says otherwise; time does not clear it. */
static void note_safety(History *h, int64_t at_ms, double value)
{
    if (value <= UNSAFE_AT_MOST) {
        h->unsafe_answer = true;
        h->unsafe_ms = at_ms;
    } else if (at_ms > h->unsafe_ms) {
        h->unsafe_answer = false;
    }
}

/* Being at ease says something of acceptance, but the gate wants acceptance itself asked. */
static void note_reading(History *h, const ContentQuestion *q, int64_t at_ms, double value)
{
    h->readings++;
    if (q->asks == ASKS_EASE)
        return;
    h->count[q->state]++;
    h->last_ms[q->state] = at_ms;
    h->last_value[q->state] = value;
    if (q->state == TYPE_COUNT + FACTOR_SAFETY)
        note_safety(h, at_ms, value);
}

/* A type as felt, or a factor as found: it moves the levels. */
static Err read_level(Reader *r, const ContentQuestion *q, int64_t at_ms, double value)
{
    note_reading(r->h, q, at_ms, value);
    Err e = q->asks == ASKS_EASE ? OK : push_raw(r, (RawPoint){at_ms, value, q->state});
    if (e == OK)
        e = push_answer(r,
                        (RelEvent){.t_days = history_days(at_ms),
                                   .kind = REL_READING,
                                   .level = (RelLevel)q->state,
                                   .value = value},
                        (int)(q - content_questions));
    return e;
}

/* So that more is closer. */
static double recoded(const ContentQuestion *q, int tenths)
{
    double value = tenths / 10.0;
    return q->keyed == KEYED_REVERSED ? 10 - value : value;
}

static Err read_answer(Reader *r, const Answer *a, int64_t at_ms)
{
    const ContentQuestion *q = content_question(a->question);
    if (!q)
        return OK; /* asked by a newer version, or retired: kept, not read */
    double value = recoded(q, a->tenths);
    switch (q->asks) {
    case ASKS_FELT:
    case ASKS_FACTOR:
    case ASKS_EASE:
        return q->state >= 0 ? read_level(r, q, at_ms, value) : OK;
    case ASKS_WANTED:
    case ASKS_GIVEN:
        wishes_read(r->h, q, at_ms, value);
        return OK;
    case ASKS_GIVEN_FACTOR:
    case ASKS_CONTACT:
    case ASKS_COUNT:
        return OK;
    }
    return OK;
}

static void note_contact(Reader *r, double t)
{
    if (r->at->has_contact && t > r->at->last_contact) {
        r->at->gap_sum += fmax(0, t - fmax(r->at->last_contact, r->at->apart_until));
        r->at->gaps++;
    }
    r->at->last_contact = t;
    r->at->has_contact = true;
}

/* From three usual intervals after the last contact up to t another drift holds. */
static Err apart_until(Reader *r, double t)
{
    double usual = r->at->gaps > 0 ? fmax(1, r->at->gap_sum / r->at->gaps) : APART_USUAL_DAYS;
    double from = fmax(r->at->last_contact + APART_AFTER * usual, r->at->apart_until);
    if (from >= t)
        return OK;
    r->at->apart_until = t;
    Err e = push_event(r, (RelEvent){.t_days = from, .kind = REL_APART});
    return e != OK ? e : push_event(r, (RelEvent){.t_days = t, .kind = REL_TOGETHER});
}

/* "No contact since": from three usual intervals after the last contact on, another drift held, up to the day
 * on which that was said. What comes after is silence again, and silence says nothing. */
static Err declared_apart(Reader *r, double t)
{
    if (!r->at->has_contact)
        return OK;
    return apart_until(r, t);
}

/* Until when every channel that the two use was counted: a mailbox that was read in last year tells nothing of this
 * one. Minus infinity when they use none. */
static double counted_until(const Reader *r)
{
    double until = (double)INFINITY;
    for (int k = CHANNEL_MAIL; k <= CHANNEL_TEXT; k++) {
        if (r->at->counted[k] >= IN_USE_DAYS)
            until = fmin(until, history_days(r->basis->counted_ms[k]));
    }
    return isinf(until) ? -until : until;
}

/* Counted traffic that fell silent says what a declared silence says, as far as it was counted and nothing else
 * happened between the two: from then on, up to t at most. */
static Err fell_silent(Reader *r, double t)
{
    if (!r->basis || !r->at->has_contact)
        return OK;
    return apart_until(r, fmin(t, counted_until(r)));
}

static Err read_traffic(Reader *r, BookRef ref)
{
    BookContact c = {.sent = 0};
    Err e = book_contact(r->cx, r->book, ref, &c);
    if (e != OK || c.sent + c.received <= 0 || c.channel < CHANNEL_MAIL || c.channel > CHANNEL_TEXT)
        return e;
    double t = history_days(c.event.at_ms);
    e = fell_silent(r, t);
    r->at->counted[c.channel]++;
    note_contact(r, t);
    return e;
}

static Err read_checkin(Reader *r, BookRef ref)
{
    BookCheckin c = {.n_answers = 0};
    Err e = book_checkin(r->cx, r->book, ref, &c);
    if (e != OK)
        return e;
    double t = history_days(c.event.at_ms);
    r->h->checkins++;
    r->h->last_checkin_ms = c.event.at_ms;
    if (c.contact == 0)
        e = declared_apart(r, t);
    else if (c.contact == 1)
        e = fell_silent(r, t);
    if (c.contact == 1)
        note_contact(r, t);
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
    h->moments++;
    h->last_moment_ms = at;
    note_contact(r, history_days(at));
    if (m->conflict || (m->has_quality && m->quality < 0))
        h->last_conflict_ms = at;
    if (m->opened_up && m->depth >= DEPTH_MIN && m->depth <= DEPTH_MAX)
        h->opened_ms[m->depth] = at;
}

static Err read_moment(Reader *r, BookRef ref)
{
    BookMoment m = {.minutes = -1};
    Err e = book_moment_marks(r->cx, r->book, ref, &m);
    if (e != OK)
        return e;
    double t = history_days(m.event.at_ms);
    e = fell_silent(r, t);
    if (e != OK)
        return e;
    note_moment(r, &m);
    double quality = m.has_quality ? m.quality : QUALITY_UNSAID;
    double minutes = m.minutes >= 0 ? m.minutes : MINUTES_UNSAID;
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

/* Nothing changes before at_ms. */
static void until(History *h, int64_t at_ms)
{
    if (at_ms < h->until_ms)
        h->until_ms = at_ms;
}

static bool holds(int season)
{
    return season == SEASON_RESTING || season == SEASON_GRIEVING || season == SEASON_ENDED;
}

/* When they died, some day if that is all that was said: then nothing ever wore. */
static int64_t died_ms(const History *h)
{
    int64_t at = INT64_MAX;
    if (h->person.died != 0 && !history_instant(h->person.died, &at))
        at = 0;
    return at;
}

/* From from_ms on, or from the first event where that is later, being apart wears nothing, or wears again. */
static Err hold(Reader *r, int64_t from_ms, bool on)
{
    const History *h = r->h;
    double t = fmax(history_days(from_ms), h->events[0].t_days);
    return push_event(r, (RelEvent){.t_days = t, .kind = on ? REL_HOLD : REL_RELEASE});
}

/* While it rests, is grieved for or over, and once someone has died, being apart wears nothing: each season for as long as it
 * was one. */
static Err read_seasons(Reader *r)
{
    const BookSeason *seasons = NULL;
    int64_t died = died_ms(r->h), now = r->cx->now_ms;
    bool held = false;
    int n = 0;
    Err e = book_seasons(r->cx, r->book, r->h->person.ref, &seasons, &n);
    for (int i = 0; i < n && e == OK; i++) {
        int64_t since = seasons[i].since_ms;
        bool on = holds(seasons[i].season);
        if (since > now)
            until(r->h, since);
        if (on == held || since > now || since >= died || r->h->n_events == 0)
            continue;
        e = hold(r, since, on);
        held = on;
    }
    if (died > now && died != INT64_MAX)
        until(r->h, died);
    if (e != OK || held || died > now || r->h->n_events == 0)
        return e;
    return hold(r, died, true);
}

static void read_kind(const Own *own, History *h, int64_t now_ms)
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
    h->kind = own_kind(own, h->main_kind, &h->kind);
    bool friendship = kind == KIND_CLOSE_FRIEND || kind == KIND_FRIEND;
    if (friendship && h->rel.known_hours >= 0 && history_someone_new(h, now_ms))
        h->kind.mu = rel_hours_level(h->rel.known_hours);
}

/* When this has to be read again though nobody wrote anything: the next event that is dated ahead, and the day
 * on which someone stops being new. */
static void read_until(Cx *cx, const Book *book, BookRef person, History *h)
{
    BookIter later =
        book_timeline(book, person,
                      (BookWhich){.from_ms = cx->now_ms + 1,
                                  .has_from = true,
                                  .kinds = BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT),
                                  .oldest_first = true});
    BookRef ref = BOOK_NONE;
    if (book_next(&later, &ref))
        until(h, book_at(book, ref));
    if (history_someone_new(h, cx->now_ms) && h->rel.season != SEASON_NEW)
        until(h, history_known_since_ms(h, cx->now_ms) + HISTORY_NEW_DAYS * (int64_t)TIME_DAY_MS);
}

/* What was said with a clock that went ahead was said: that it is not safe stands at once. Nothing that lies ahead lifts
 * it. */
static Err read_ahead(Reader *r)
{
    BookIter ahead = book_timeline(r->book, r->h->person.ref,
                                   (BookWhich){.from_ms = r->cx->now_ms + 1,
                                               .has_from = true,
                                               .kinds = BOOK_KIND(ENTRY_CHECKIN)});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    while (e == OK && book_next(&ahead, &ref)) {
        BookCheckin c = {.n_answers = 0};
        e = book_checkin(r->cx, r->book, ref, &c);
        for (int i = 0; i < c.n_answers; i++) {
            const ContentQuestion *q = content_question(c.answers[i].question);
            if (q && q->asks == ASKS_FACTOR && q->state == TYPE_COUNT + FACTOR_SAFETY &&
                recoded(q, c.answers[i].tenths) <= UNSAFE_AT_MOST)
                r->h->unsafe_answer = true;
        }
    }
    return e;
}

void history_traffic(const Book *book, int64_t now_ms, Basis *io)
{
    int64_t contacts = book_counts(book).present[ENTRY_CONTACT];
    if (contacts == io->contacts)
        return;
    *io = (Basis){.own = io->own, .contacts = contacts};
    BookIter all =
        book_everything(book, (BookWhich){.to_ms = now_ms + 1, .kinds = BOOK_KIND(ENTRY_CONTACT)});
    BookRef ref = BOOK_NONE;
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    for (int missing = CHANNEL_TEXT; missing > 0 && book_next(&all, &ref); arena_reset(&scratch)) {
        Cx cx = {.arena = &scratch, .now_ms = now_ms};
        BookContact c = {.sent = 0};
        if (book_contact(&cx, book, ref, &c) != OK || c.channel < CHANNEL_MAIL ||
            c.channel > CHANNEL_TEXT || io->counted_ms[c.channel] != 0)
            continue;
        io->counted_ms[c.channel] = c.event.at_ms;
        missing--;
    }
}

static Err read_entry(Reader *r, BookRef ref)
{
    uint16_t kind = book_kind(r->book, ref);
    if (kind == ENTRY_CONTACT)
        return read_traffic(r, ref);
    if (r->h->first_event_ms == 0)
        r->h->first_event_ms = book_at(r->book, ref);
    return kind == ENTRY_CHECKIN ? read_checkin(r, ref) : read_moment(r, ref);
}

/* What does not hang on events. */
static Err read_head(Cx *cx, const Book *book, const Basis *basis, BookRef person, History *ret)
{
    *ret = (History){.until_ms = INT64_MAX};
    Err e = book_person(cx, book, person, &ret->person);
    if (e == OK)
        e = book_relationship(cx, book, person, &ret->rel);
    if (e != OK)
        return e;
    read_kind(basis ? basis->own : NULL, ret, cx->now_ms);
    wishes_start(ret, false, &ret->wanted);
    wishes_start(ret, true, &ret->given);
    return OK;
}

/* What happened after the last that was read. */
static Err read_rest(Reader *r, BookRef person)
{
    Reading *at = r->at;
    bool from_start = at->last == BOOK_NONE, behind = from_start;
    BookIter rest =
        book_timeline(r->book, person,
                      (BookWhich){.from_ms = from_start ? 0 : book_at(r->book, at->last),
                                  .has_from = !from_start,
                                  .to_ms = r->cx->now_ms + 1,
                                  .kinds = BOOK_HAPPENED,
                                  .oldest_first = true});
    BookRef ref = BOOK_NONE;
    Err e = OK;
    while (e == OK && book_next(&rest, &ref)) {
        if (!behind) {
            behind = ref == at->last;
            continue;
        }
        e = read_entry(r, ref);
        at->last = ref;
    }
    return e;
}

/* What only the present tells: that nothing came since, and what holds now. */
static Err read_end(Reader *r)
{
    History *h = r->h;
    Err e = fell_silent(r, history_days(r->cx->now_ms));
    if (e == OK)
        e = read_ahead(r);
    likes_read(h->person.interests, h->person.styles, h->person.ways, &h->likes);
    read_until(r->cx, r->book, h->person.ref, h);
    return e != OK ? e : read_seasons(r);
}

/* From the start, in the room that the arrays had. */
static void read_anew(const History *head, Reading *io)
{
    Reading old = *io;
    *io = (Reading){.h = *head,
                    .cap_events = old.cap_events,
                    .cap_question = old.cap_question,
                    .cap_raw = old.cap_raw,
                    .last = BOOK_NONE,
                    .apart_until = -(double)INFINITY};
    io->h.events = old.h.events;
    io->h.question = old.h.question;
    io->h.raw = old.h.raw;
}

Err history_read(Cx *cx, const Book *book, const Basis *basis, BookRef person, History *ret)
{
    Reading at = {.stands = false};
    Reader r = {cx, cx->arena, book, basis, &at, &at.h};
    History head;
    Err e = read_head(cx, book, basis, person, &head);
    if (e != OK)
        return e;
    read_anew(&head, &at);
    e = read_rest(&r, person);
    if (e == OK)
        e = read_end(&r);
    *ret = at.h;
    return e;
}

static bool same_kind(const RelKind *a, const RelKind *b)
{
    const double less[] = {a->mu - b->mu, a->tau - b->tau, a->apart_phi - b->apart_phi,
                           a->apart_half_life - b->apart_half_life};
    bool same = true;
    for (size_t i = 0; i < sizeof less / sizeof less[0]; i++)
        same = same && !(less[i] < 0) && !(less[i] > 0);
    return same;
}

/* What was read is still there, at its place and before all else, and would be read alike. */
static bool goes_on(const Cx *cx, const Book *book, const History *head, uint64_t basis_digest,
                    const Reading *at)
{
    return at->stands && at->h.person.ref == head->person.ref && at->epoch == book_epoch(book) &&
           at->basis_digest == basis_digest &&
           book_only_added(book, head->person.ref, at->version) &&
           same_kind(&at->h.kind, &head->kind) &&
           at->h.rel.wanted_tenths == head->rel.wanted_tenths &&
           (at->last == BOOK_NONE || book_at(book, at->last) <= cx->now_ms);
}

/* The arrays, with room for what read_end puts into them. */
static bool copy_arrays(Cx *cx, Reading *io)
{
    enum { END_EVENTS = 3 };
    History *h = &io->h;
    int n = h->n_events + END_EVENTS;
    RelEvent *events = arena_new(cx->arena, RelEvent, n);
    int *question = arena_new(cx->arena, int, n);
    if (!events || !question)
        return false;
    if (h->n_events > 0) {
        memcpy(events, h->events, sizeof *events * (size_t)h->n_events);
        memcpy(question, h->question, sizeof *question * (size_t)h->n_events);
    }
    h->events = events;
    h->question = question;
    io->cap_events = io->cap_question = n;
    return true;
}

Err history_go_on(Cx *cx, Arena *arena, const Book *book, const Basis *basis, uint64_t basis_digest,
                  BookRef person, Reading *io, History *ret)
{
    Reader r = {cx, arena, book, basis, io, &io->h};
    History head;
    Err e = read_head(cx, book, basis, person, &head);
    if (e != OK)
        return e;
    if (!goes_on(cx, book, &head, basis_digest, io))
        read_anew(&head, io);
    io->stands = false;
    io->h.person = head.person;
    io->h.rel = head.rel;
    io->h.main_kind = head.main_kind;
    io->h.kinds = head.kinds;
    e = read_rest(&r, person);
    if (e != OK)
        return e;
    io->version = book_version(book);
    io->epoch = book_epoch(book);
    io->basis_digest = basis_digest;
    io->stands = true;
    Reading end = *io;
    r = (Reader){cx, cx->arena, book, basis, &end, &end.h};
    e = copy_arrays(cx, &end) ? read_end(&r) : err_nomem(cx);
    *ret = end.h;
    return e;
}
