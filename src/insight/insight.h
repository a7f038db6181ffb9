/* insight/insight.h - what the entries support saying about a relationship, and no more than that.
 * Every estimate is the engine's belief (num/relation.h) given this person's own readings; where there are
 * none it says so. Nothing here is worded: words are numbers of an ordered list, which text/words.h words.
 * Shapes  types in the order of TypeId, factors of FactorId. A Said range is one word (first == last), two
 *         neighbours, or SAID_NONE when neither holds probability .8.
 * Units   values 0..10; lo and hi hold 80 %; instants in ms; probabilities 0..1.
 * Errors  ERR_NOT_FOUND who is not there; ERR_NUMERIC never reaches a caller from valid entries; ERR_NOMEM.
 * Memory  results in cx->arena or plain values; an InsightCache keeps 4 to 18 KiB a person.
 * Thread  pure over a book that does not change meanwhile; an InsightCache belongs to the book's thread.
 * Source  docs/ENGINE.md. */
#ifndef INSIGHT_INSIGHT_H
#define INSIGHT_INSIGHT_H

#include "book/book.h"
#include "content/content.h"

typedef struct Own Own; /* insight/own.h */
/* What was worked out before, see below; NULL everywhere works everything out afresh. */
typedef struct InsightCache InsightCache;

enum { SAID_NONE = -1 };
typedef struct Said {
    int first, last;
} Said;

typedef struct Estimate {
    bool known; /* an own reading stands behind it; else nothing below may be shown */
    double mean, sd, lo, hi;
    Said level;      /* LevelWord for types and closeness, RootWord for factors */
    int readings;    /* of this very thing */
    int64_t last_ms; /* the latest of them */
} Estimate;

/* Movement over the last 90 days, smoothed: quieter, steady, growing, against half a point. */
typedef struct Trend {
    bool known;
    double change, sd;
    Said word; /* TrendWord */
} Trend;

/* Marked so, or under 18 by a birthday with its year. */
bool insight_under_age(const BookPerson *person, int64_t now_ms);
/* Romance has a place here: with a partner or someone dated, switched on, and neither is under age. Whether it is safe is for
 * the gate. */
bool insight_romance(const BookRelationship *rel, const BookPerson *person, const BookMe *me,
                     int64_t now_ms);

/* Why the gate stands where it stands: bits of Gate.why, worded by the view. */
enum {
    GATE_NO_EVIDENCE = 1 << 0,  /* trust, safety, acceptance not all read in 180 days */
    GATE_EVIDENCE = 1 << 1,     /* the 10 % quantile of their minimum set the depth */
    GATE_RECIPROCATED = 1 << 2, /* what was opened up to by both set the depth */
    GATE_CONFLICT = 1 << 3,     /* a conflict within 48 hours */
    GATE_UNSAFE = 1 << 4, /* a safety answer of 3 or less, or a harm flag: no approach at all */
    GATE_SEASON = 1 << 5, /* resting, ended, paused, or they have died: no approach */
    GATE_NEW = 1 << 6     /* someone new */
};

/* How far an offer may go with this person, now. One function makes it (insight/gate.h) and one asks it. */
typedef struct Gate {
    int depth;          /* 1..7; deepest an offer may be */
    bool approach;      /* false: nothing that reaches the other person */
    bool romance;       /* romantic material may be shown */
    bool compassion_ok; /* repair may be offered */
    uint32_t why;
} Gate;

/* What the gate looks at, gathered once. */
typedef struct GateFacts {
    bool someone_new;
    bool evidence;      /* trust, safety and acceptance each have an own reading in 180 days */
    double low;         /* then: the 10 % quantile of the least of the three */
    int deepest;        /* deepest reciprocated depth in 90 days; 0: none logged */
    bool conflict;      /* within 48 hours */
    bool unsafe_answer; /* a safety answer of 3 or less that no later one above 3 has lifted */
    bool harm, paused, died, far;
    int season; /* SeasonId; -1 not said */
    KindSet kinds;
    bool romance_on, minor; /* minor: either of the two */
    bool compassion_low;
    bool touch_said;   /* what bodily nearness is welcome here has been written down */
    uint32_t not_ours; /* types that are not part of this relationship */
    int64_t until_ms;  /* nothing above but low changes before this by the passing of time alone */
} GateFacts;

typedef struct Relation {
    BookRef person;
    int checkins, moments, readings;
    int64_t last_checkin_ms, last_moment_ms; /* 0: none */
    Estimate types[TYPE_COUNT], factors[FACTOR_COUNT];
    Estimate wanted[TYPE_COUNT], given[TYPE_COUNT];
    double gap[TYPE_COUNT], gap_sd[TYPE_COUNT]; /* wanted - felt; meaningful where both are known */
    Estimate closeness;                         /* w'm; never shown as a mark */
    Trend trend;                                /* of closeness */
    Trend type_trend[TYPE_COUNT];
    int limiting; /* FactorId whose sustained push would move the wanted types most; -1 none */
    double limiting_prob; /* that it is the one */
    double factor_prob[FACTOR_COUNT];
    bool established; /* acceptance's lower bound supports it */
    bool someone_new;
    GateFacts facts;
    Gate gate;
} Relation;

/* Beliefs are as of the start of today or the last thing that happened, whichever is later; the gate's
 * instants are held against now. */
MUST_CHECK Err insight_relation(Cx *cx, const Book *book, BookRef person, Relation *ret);

/* The door for every other surface: lists of practices, decks, questions. */
bool insight_allows(const Relation *relation, const ContentPractice *practice);
/* How many of the deck's prompts, which stand by rising depth, may be shown; 0: not this deck. */
int insight_prompts(const Relation *relation, const ContentDeck *deck);
bool insight_may_ask(const Relation *relation, const ContentQuestion *question);

/* The line behind the trend: smoothed closeness at n even steps from from_ms to to_ms, and the raw felt
 * answers as points. state: 0..11, or -1 for closeness. */
typedef struct TrendPoint {
    int64_t at_ms;
    double mean, lo, hi;
} TrendPoint;
typedef struct RawPoint {
    int64_t at_ms;
    double value; /* recoded, 0..10 */
    int state;
} RawPoint;
MUST_CHECK Err insight_trend(Cx *cx, const InsightCache *cache, const Book *book, BookRef person, int state, int64_t from_ms,
                             int64_t to_ms, TrendPoint ret_line[], int n, const RawPoint **ret_raw,
                             int *ret_n_raw);

/* What to ask next: the questions that would tell most, first safety where an answer would decide the gate.
 * The first check-in asks one type felt and wanted, then safety. */
typedef enum AskWhy {
    ASK_FIRST,
    ASK_SAFETY,
    ASK_HAZY,
    ASK_GAP,
    ASK_LIMITING,
    ASK_OTHER_SIDE,
    ASK_CONTACT
} AskWhy;
typedef struct AskNext {
    const ContentQuestion *question;
    AskWhy why;
    int64_t last_ms; /* its own last answer, 0: never */
    double narrows;  /* share by which the range of what it asks would shrink */
} AskNext;
enum { ASK_MOST = 12 };
MUST_CHECK Err insight_ask(Cx *cx, InsightCache *cache, const Book *book, BookRef person,
                           bool whole, AskNext ret[ASK_MOST], int *ret_n);

/* One offer: a practice, or a check-in where the picture is too hazy. */
typedef enum OfferKind { OFFER_PRACTICE, OFFER_CHECK_IN } OfferKind;
typedef struct Offer {
    OfferKind kind;
    BookRef person;
    const ContentPractice *practice; /* NULL for a check-in */
    double score;
    double helps;   /* probability that it helps */
    int n_done;     /* done practices that this is learned from, with anyone */
    int type;       /* TypeId it serves most; -1: none */
    bool gap_known; /* wanted and felt are both known for that type */
    double gap, gap_sd;
    bool wants_less;          /* serves wanting more distance */
    int factor;               /* FactorId it feeds that limits; -1 none */
    int interest, style, way; /* what of mine or theirs it meets; -1 none */
    bool not_tried;
} Offer;

/* Offers for one relationship, best first: every one of them has passed the gate. At most cap. When nothing
 * may be offered *ret_n is 0 and the relation's gate says why. */
MUST_CHECK Err insight_next(Cx *cx, const InsightCache *cache, const Book *book,
                            const Relation *relation, Offer ret[], int cap, int *ret_n);

/* Today: at most three, over all people, varied; none is a fine answer. Seeded by the day. */
enum { TODAY_MOST = 3 };
typedef struct Today {
    Offer offers[TODAY_MOST];
    int n;
    BookRef check_in; /* one relationship whose picture has grown hazy; BOOK_NONE */
} Today;
MUST_CHECK Err insight_today(Cx *cx, const Book *book, Today *ret);
/* The number of the answer that is remembered, while it is still the answer; else 0. Under one number neither the book nor
 * the day has changed, nor what was learned, nor any offer. */
uint64_t insight_today_standing(const Cx *cx, const InsightCache *cache, const Book *book);

/* What was taken up in the last two weeks and is not done, put off or refused since, newest first; the gate has
 * been asked. person: with them alone, or BOOK_NONE for everyone. */
typedef struct Taken {
    BookRef person;
    const ContentPractice *practice;
    int64_t at_ms;
} Taken;
enum { TAKEN_MOST = 6, TAKEN_DAYS = 14 };
typedef struct TakenList {
    Taken list[TAKEN_MOST];
    int n;
    int64_t until_ms; /* the list is the same before this, but for new entries and another day */
} TakenList;

/* What closeness is made of for this person: weights of the types, from their choices. kind: for
 * relationships of that kind, or -1 for all. left and right are the pair whose answer would tell most; NULL
 * when enough has been picked (25, or every sd under .10). */
typedef struct Meaning {
    double weight[TYPE_COUNT], sd[TYPE_COUNT];
    int choices; /* it rests on so many picks */
    int asked;   /* of them, so many were made of the pairs shown here: for this kind alone, or all */
    const ContentChoice *left, *right;
} Meaning;
MUST_CHECK Err insight_meaning(Cx *cx, const Book *book, int kind, Meaning *ret);

/* What was worked out before, for a book that grows: the same answers, at the cost of what is new. Belongs to
 * the caller and to one book (another book empties it). insight_cache_new returns NULL without memory. */
InsightCache *insight_cache_new(void);
/* From now on answers are read with what was learned of this person, which must live as long (NULL: with what
 * everyone starts with). Empties the cache; call it again when *own has changed. */
void insight_cache_learned(InsightCache *cache, const Own *own);
const Own *insight_cache_own(const InsightCache *cache); /* NULL without a cache */
void insight_cache_free(InsightCache *cache); /* wipes */
void insight_cache_free_at(InsightCache **cache);
MUST_CHECK Err insight_relation_cached(Cx *cx, InsightCache *cache, const Book *book,
                                       BookRef person, Relation *ret);
/* The same where it lies, to be read before the cache is asked for anything else of this person; without a cache in
 * cx->arena. */
MUST_CHECK Err insight_relation_seen(Cx *cx, InsightCache *cache, const Book *book, BookRef person,
                                     const Relation **ret);
MUST_CHECK Err insight_today_cached(Cx *cx, InsightCache *cache, const Book *book, Today *ret);
MUST_CHECK Err insight_taken(Cx *cx, InsightCache *cache, const Book *book, BookRef person,
                             TakenList *ret);
/* What was worked out, for a later process whose book stands exactly where this one stands: private to one
 * build of the program. Recalling what is of no use changes nothing. due: enough is new to be worth writing. */
bool insight_cache_keep_due(const InsightCache *cache);
MUST_CHECK Err insight_cache_keep(Cx *cx, InsightCache *cache, const Book *book, Str *ret);
void insight_cache_recall(Cx *cx, InsightCache *cache, const Book *book, Str bytes);
int64_t insight_cache_bytes(const InsightCache *cache); /* memory held; NULL: none */
/* Filter steps (events) taken so far through this cache: for tests and the bench. */
int64_t insight_cache_steps(const InsightCache *cache);

#endif
