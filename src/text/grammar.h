/* text/grammar.h - patterns of words from the catalogue, matched against tokens; used by when.c and prose.c only.
 * Shapes  a catalogue text holds alternatives separated by |, each of words and slots: "{n} {unit} ago".
 *         A comma in a pattern may be left out in the prose; a hyphen may stand where a space does.
 *         Matching takes the longest wording of each slot and never goes back, so it is linear.
 * Errors  ERR_NOMEM; ERR_LIMIT when a catalogue has more than GRAMMAR_MAX alternatives.
 * Memory  in cx->arena.
 * Thread  safe. */
#ifndef TEXT_GRAMMAR_H
#define TEXT_GRAMMAR_H

#include "text/text.h"
#include "text/token.h"

typedef enum Slot {
    SLOT_WORD,     /* the word itself */
    SLOT_N,        /* a number, in digits ("3", "1.5") or words ("two", "a") */
    SLOT_MM,       /* minutes of an hour in digits, 0 to 59 */
    SLOT_UNIT,     /* minute to year; values of Unit */
    SLOT_HOURS,    /* the unit hour */
    SLOT_MINUTES,  /* the unit minute */
    SLOT_WEEKDAY,  /* a weekday's full name */
    SLOT_DAY_NAME, /* the same, or its short form */
    SLOT_SHORT_DAY,
    SLOT_DOM,   /* day of the month, with or without its ending ("1st") */
    SLOT_MONTH, /* a month's name, full or short */
    SLOT_YEAR,  /* four digits */
    SLOT_PART,  /* part of day; values of Part */
    SLOT_TIME,  /* 19:30, 7pm, 7.30 p.m. */
    SLOT_H,     /* an hour of the clock, 1 to 12 */
    SLOT_ISO,   /* 2026-05-01, 2026-05-01T19:30 */
    SLOT_ORDINAL,
    SLOT_HALF_DAY, /* am or pm */
    SLOT_COUNT
} Slot;

typedef enum Unit { UNIT_MINUTE = 1, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR } Unit;
typedef enum Part {
    PART_NONE,
    PART_MORNING,
    PART_NOON,
    PART_AFTERNOON,
    PART_EVENING,
    PART_NIGHT
} Part;

enum { GRAMMAR_MAX = 400, PATTERN_ITEMS_MAX = 10 };

typedef struct Item {
    Slot slot;
    Str word; /* folded */
} Item;

typedef struct Pattern {
    int rule;  /* of the caller, or for wordings of a slot its value */
    Slot slot; /* SLOT_COUNT for the caller's patterns */
    int count;
    Item items[PATTERN_ITEMS_MAX];
} Pattern;

typedef struct Grammar {
    Pattern *patterns;
    int count, cap;
    int slot_from[SLOT_COUNT], slot_to[SLOT_COUNT]; /* where each slot's wordings stand */
} Grammar;

/* What the slots of a match held. */
typedef struct Values {
    double n;
    int mm, unit, weekday, dom, month, year, part, h;
    int time_min[2]; /* minutes of the day */
    int times;
    bool half_open;    /* a time of 1 to 12 o'clock that could be of either half of the day */
    bool has_iso_time; /* iso_ms is an instant */
    int64_t iso_ms;
    ptrdiff_t month_token;
} Values;

/* Single words, for lists too long to try one by one. */
typedef struct WordSet {
    const Str *words; /* folded, sorted */
    ptrdiff_t count;
} WordSet;
MUST_CHECK Err wordset_read(Cx *cx, const Text *text, const char *key, WordSet *ret);
bool wordset_has(const WordSet *set, const Tokens *tokens, ptrdiff_t i);

/* Adds the alternatives of a catalogue key as patterns of that rule. */
MUST_CHECK Err grammar_add(Cx *cx, const Text *text, Grammar *grammar, const char *key, int rule);
/* Adds the wordings of all slots: when.number.…, when.weekday.… */
MUST_CHECK Err grammar_add_slots(Cx *cx, const Text *text, Grammar *grammar);
/* Which slots have a wording at token i, as bits: asked once for all patterns that begin with one. */
unsigned grammar_slots_at(const Grammar *grammar, const Tokens *tokens, ptrdiff_t i);
/* Whether the pattern's first item stands at i; slots as grammar_slots_at says. */
bool grammar_begins(const Pattern *pattern, const Tokens *tokens, ptrdiff_t i, unsigned slots);
/* How many tokens from i on the pattern matches; 0 when it does not. */
ptrdiff_t grammar_match(const Grammar *grammar, const Pattern *pattern, const Tokens *tokens,
                        ptrdiff_t i, Values *ret);
/* The tokens from i to end stand alone: no letters, digits or address marks are joined to them. */
bool grammar_stands_alone(const Tokens *tokens, ptrdiff_t i, ptrdiff_t end);

#endif
