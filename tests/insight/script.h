/* tests/insight/script.h - relationships as scripts: plain values that become entries of a book, and that an
 * independent judge can read without any of src/insight.
 * Units   instants in ms; answers in tenths, as given (not recoded).
 * Memory  a Shelf owns its book and arena. */
#ifndef TEST_INSIGHT_SCRIPT_H
#define TEST_INSIGHT_SCRIPT_H

#include "book/book.h"
#include "content/content.h"
#include "gen.h"
#include "testlib.h"

enum { SCRIPT_ANSWERS = 12, SCRIPT_EVENTS = 24 };
#define DAY_MS ((int64_t)86400000)

typedef struct ScriptAnswer {
    const ContentQuestion *question;
    int tenths;
} ScriptAnswer;

typedef struct ScriptEvent {
    bool checkin; /* else a moment */
    int64_t at_ms;
    ScriptAnswer answers[SCRIPT_ANSWERS];
    int n_answers;
    int contact;                         /* 1, 0, or -1: not said */
    int minutes, medium, company, depth; /* -1, 0, -1, 0: not said */
    int hundredths;                      /* quality; has_quality */
    bool has_quality, opened, conflict, sexual;
    unsigned types;
} ScriptEvent;

typedef struct Script {
    uint32_t kinds, not_ours;
    int season; /* -1 not said */
    int64_t season_since_ms;
    int32_t since, died, birthday;
    int hours;         /* -1 */
    int wanted_tenths; /* -1 */
    bool romance, minor, harm, far, touch_said;
    int64_t paused_until_ms;
    ScriptEvent events[SCRIPT_EVENTS]; /* oldest first */
    int n_events;
} Script;

/* -- a book ------------------------------------------------------------------------------------- */

typedef struct Shelf {
    TestCx t;
    Cx *cx;
    Book *book;
    uint8_t people; /* the nth person of any shelf has the same id, and so the same draws */
} Shelf;

void shelf_open(Shelf *s);
void shelf_close(Shelf *s);
Id shelf_take(Shelf *s, const Draft drafts[], int n); /* returns the batch, for undo */
BookRef shelf_script(Shelf *s, const Script *script);
/* One entry each; the id of what was made. */
Id shelf_checkin(Shelf *s, BookRef person, int64_t at_ms, const ScriptAnswer answers[], int n,
                 int contact);
Id shelf_moment(Shelf *s, BookRef person, const ScriptEvent *moment);
void shelf_gone(Shelf *s, EntryKind kind, Id id);
Draft shelf_rel(Shelf *s, BookRef person); /* an edit of the relationship, to be taken */

/* -- values ------------------------------------------------------------------------------------- */

Script script_of(KindId kind); /* a relationship about which nothing else is said */
ScriptEvent script_moment(int64_t at_ms);
/* The nth question of the bank that asks this of this state, plain or reversed. */
const ContentQuestion *question_that(AsksId asks, int state, int nth);
/* An answer that means value once recoded. */
ScriptAnswer answer_of(const ContentQuestion *q, double value);
/* Adds a check-in with a reading of each state (felt or factor) given, and wanted where >= 0. */
void script_read(Script *s, int64_t at_ms, int state, double value);
void script_want(Script *s, int64_t at_ms, int type, double value);

/* Generators of neighbouring seeds walk the same sequence one step apart; these are far from each other. */
static inline Gen gen_far(uint64_t seed)
{
    Gen g = gen_seed(seed);
    g.state = gen_u64(&g);
    return g;
}

/* Anything at all: kinds, seasons, answers, moments; weighted so that every rule is met often. */
void script_any(Gen *g, int64_t now_ms, Script *ret);

#endif
