/* text/when.h - finds when something happened, and for how long, in what a person wrote.
 * Shapes  the patterns come from the catalogue (keys when.…, alternatives separated by |, slots such
 *         as {n} and {weekday}), so another language brings its own words and word order.
 *         Spans are byte ranges of the prose, in order and not overlapping.
 * Units   instants in ms since 1970 UTC; civil words are read in the owner's zone against cx->now_ms.
 * Errors  ERR_LIMIT past WHEN_MAX_BYTES, ERR_NOMEM. Prose without a time is no error: has_at is false.
 * Memory  scratch in cx->arena; the result holds no pointers.
 * Thread  safe. */
#ifndef TEXT_WHEN_H
#define TEXT_WHEN_H

#include "text/text.h"

enum { WHEN_MAX_BYTES = 1 << 16, WHEN_SPANS_MAX = 6 };

typedef enum WhenPrecision {
    WHEN_MINUTE,
    WHEN_PART,
    WHEN_DAY,
    WHEN_WEEK,
    WHEN_MONTH,
    WHEN_YEAR
} WhenPrecision;

typedef struct WhenSpan {
    ptrdiff_t from, len;
} WhenSpan;

typedef struct When {
    bool has_at;
    int64_t at_ms; /* the middle of what the precision leaves open: noon, 9:00, 19:00 … */
    WhenPrecision precision;
    bool has_duration;
    int duration_min;   /* 1 .. 7 days */
    bool future_unused; /* the prose named a time to come, which was not allowed and not used */
    bool no_such_day;   /* it named a day that no calendar has, "30 February" */
    WhenSpan unused;    /* where the first of these stands */
    WhenSpan spans[WHEN_SPANS_MAX];
    int span_count;
} When;

/* WHEN_PAST: never later than now; "on friday" is the latest one, "1 May" the latest one, "at 7pm"
 * the latest one. WHEN_PLAN: the next ones, and "tomorrow", "next friday", "in 3 days" are
 * understood too. */
typedef enum WhenSense { WHEN_PAST, WHEN_PLAN } WhenSense;

MUST_CHECK Err when_find(Cx *cx, const Text *text, Str prose, WhenSense sense, When *ret);
/* The whole of a field: ERR_INVALID "err.when" on field when anything is left over or no time
 * found. */
MUST_CHECK Err when_parse(Cx *cx, const Text *text, const char *field, Str s, WhenSense sense,
                          When *ret);
/* The stretch of time that the precision leaves open, in the owner's zone: the minute, the day (of a part of it,
 * too), the week from Monday on, the month, the year. ret_end is no part of it. */
void when_bounds(const When *when, int64_t *ret_begin, int64_t *ret_end);
/* The whole of s as a day of the calendar, as text writes dates: year * 10000 + month * 100 + day, the year 0 when
 * it was left out ("12 June"); 0: it is no such day. */
MUST_CHECK Err when_date(Cx *cx, const Text *text, Str s, int32_t *ret_ymd);

#endif
