/* text/found.h - the wordings of times in a prose, before it is decided which of them count; used by
 * when.c only.
 * Shapes  in order of appearance, not overlapping; each of one sort.
 * Errors  ERR_NOMEM.
 * Memory  in cx->arena.
 * Thread  safe. */
#ifndef TEXT_FOUND_H
#define TEXT_FOUND_H

#include "text/grammar.h"

/* What a wording says; the catalogue's key for each stands in found.c. */
typedef enum Rule {
    RULE_JUST_NOW,
    RULE_TODAY,
    RULE_YESTERDAY,
    RULE_BEFORE_YESTERDAY,
    RULE_TOMORROW,
    RULE_AFTER_TOMORROW,
    RULE_TONIGHT,
    RULE_LAST_NIGHT,
    RULE_AGO,
    RULE_SOME_AGO,
    RULE_HALF_HOUR_AGO,
    RULE_HOURS_HALF_AGO,
    RULE_AHEAD,
    RULE_ON_WEEKDAY,
    RULE_LAST_WEEKDAY,
    RULE_NEXT_WEEKDAY,
    RULE_LAST_WEEKEND,
    RULE_LAST_UNIT,
    RULE_NEXT_UNIT,
    RULE_DATE,
    RULE_PART,
    RULE_TIME,
    RULE_HOUR_PART,
    RULE_RANGE,
    RULE_HALF_HOUR,
    RULE_QUARTER_HOUR,
    RULE_THREE_QUARTERS,
    RULE_SPAN,
    RULE_SPAN_HALF,
    RULE_SPAN_BOTH,
    RULE_LEAD,
    RULE_OTHER,
    RULE_NOT_A_SPAN,
    RULE_DOUBTFUL,
    RULE_COUNT
} Rule;

/* SORT_OTHER: times that do not say when this happened ("every friday", "until 2am").
 * SORT_HELP: words that say something about the time beside them. */
typedef enum Sort { SORT_DAY, SORT_PART, SORT_TIME, SORT_SPAN, SORT_OTHER, SORT_HELP } Sort;

typedef struct Found {
    Rule rule;
    Sort sort;
    ptrdiff_t from, end; /* tokens */
    Values v;
    bool led;   /* a duration that "for" stands before */
    bool spent; /* belongs to a day that could not be used */
} Found;

typedef struct FoundList {
    Tokens tokens;
    Found *at;
    ptrdiff_t count;
} FoundList;

MUST_CHECK Err found_in(Cx *cx, const Text *text, Str prose, FoundList *ret);

#endif
