/* insight/history.h - one relationship's entries as the engine reads them.
 * Shapes  events sorted by time, those of one instant as they stand on the timeline.
 * Units   t_days since 1970; values 0..10, reversed questions recoded.
 * Errors  as book/book.h.
 * Memory  arrays in cx->arena.
 * Thread  pure.
 * Source  docs/ENGINE.md, "From entries to events". */
#ifndef INSIGHT_HISTORY_H
#define INSIGHT_HISTORY_H

#include "insight/insight.h"
#include "insight/own.h"
#include "num/relation.h"

/* Five local levels, each with its own readings: what is wanted, what is given. t_days: of the last one. */
typedef struct WishSeries {
    double mean[TYPE_COUNT], var[TYPE_COUNT], t_days[TYPE_COUNT];
} WishSeries;

/* What someone likes, as members of content's sets; own words are not among them. */
typedef struct Likes {
    bool interest[INTEREST_COUNT], style[STYLE_COUNT], way[WAY_COUNT];
} Likes;
void likes_read(BookTexts interests, BookTexts styles, BookTexts ways, Likes *ret);

typedef struct History {
    BookPerson person;
    BookRelationship rel;
    Likes likes; /* theirs */
    RelKind kind;
    KindId main_kind; /* whose prior counts */
    KindSet kinds;    /* what was said, or KIND_OWN */
    RelEvent *events;
    int *question; /* of each event: row of content_questions; -1: no answer */
    int n_events;
    RawPoint *raw;
    int n_raw;
    WishSeries wanted, given;
    int checkins, moments, readings;
    int64_t last_checkin_ms, last_moment_ms, first_event_ms; /* 0: none */
    int64_t until_ms; /* the passing of time alone changes nothing here before this */
    int count[STATE_COUNT], wanted_count[TYPE_COUNT], given_count[TYPE_COUNT];
    int64_t last_ms[STATE_COUNT], wanted_last_ms[TYPE_COUNT], given_last_ms[TYPE_COUNT];
    double last_value[STATE_COUNT];
    bool unsafe_answer; /* a safety answer of 3 or less that no later one above 3 has lifted */
    int64_t unsafe_ms;
    int64_t last_conflict_ms; /* 0: none */
    int64_t opened_ms[DEPTH_MAX +
                      1]; /* by depth: the last moment of opening up on both sides; 0: none */
} History;

/* What a history is read with, the same for everyone. */
typedef struct Basis {
    const Own *own; /* what was learned of this person's answers; NULL: what everyone starts with */
    int64_t
        contacts; /* entries of counted traffic, and until when each channel was counted, with anybody; 0: never */
    int64_t counted_ms[CHANNEL_TEXT + 1];
} Basis;
/* Costs nothing while there are as many entries of traffic as io->contacts says; else a look at each event. */
void history_traffic(const Book *book, int64_t now_ms, Basis *io);

/* How far a timeline was read, and what of it what comes later is read with. */
typedef struct Reading {
    History h; /* of that, before what only the present tells */
    int cap_events, cap_question, cap_raw;
    double last_contact, gap_sum; /* days */
    double apart_until;           /* the end of the last silence */
    int gaps;
    bool has_contact;
    int counted[CHANNEL_TEXT + 1]; /* days of traffic, by channel */
    BookRef last;                  /* the last entry that was read */
    uint64_t version, epoch;       /* of the book */
    uint64_t basis_digest;
    bool stands;
} Reading;

/* basis NULL: nothing was learned, and traffic tells of no silence. */
MUST_CHECK Err history_read(Cx *cx, const Book *book, const Basis *basis, BookRef person,
                            History *ret);
/* The same, going on from io while what was read stands: then it costs what has come since, and a copy. Its arrays grow
 * in arena; all zero to begin with. basis_digest: of what it is read with. */
MUST_CHECK Err history_go_on(Cx *cx, Arena *arena, const Book *book, const Basis *basis,
                             uint64_t basis_digest, BookRef person, Reading *io, History *ret);
double history_days(int64_t at_ms);
/* yyyymmdd as a local instant; a date without a year, or not said, is none. */
bool history_instant(int32_t date, int64_t *ret_ms);
int64_t history_known_since_ms(const History *h, int64_t now_ms); /* now when nothing tells */
enum { HISTORY_NEW_DAYS = 90 }; /* so long after the day they met, as said */
bool history_someone_new(const History *h, int64_t now_ms);

/* What is believed of the wishes at a later time. */
typedef struct WishBelief {
    double mean[TYPE_COUNT], var[TYPE_COUNT];
} WishBelief;
void wishes_start(const History *h, bool given, WishSeries *ret);
/* An answer to what is wanted, or given. */
void wishes_read(History *h, const ContentQuestion *q, int64_t at_ms, double value);
void history_wishes(const WishSeries *series, double at_days, WishBelief *ret);

#endif
