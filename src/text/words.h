/* text/words.h - dates, times, spans of time, chances and levels in words.
 * Shapes  a WordRange is one word (first == last), two neighbours (last == first + 1), or "not enough
 *         to say yet" (first == WORD_NONE): insight decides which, this words it.
 * Units   instants in ms since 1970 UTC, read in the owner's zone against cx->now_ms; minutes; years.
 * Errors  as text_format. A value outside its range is our own bug and ends the program.
 * Memory  results in cx->arena; a Str returned lives as long as the program.
 * Thread  safe. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/time.h"
#include "text/text.h"

MUST_CHECK Err text_date(Cx *cx, const Text *text, const Civil *day, Str *ret); /* 1 May 2026 */
/* Friday 1 May; with its year when that is not this year's. */
MUST_CHECK Err text_day(Cx *cx, const Text *text, const Civil *day, Str *ret);
/* today, yesterday, tomorrow, in 5 days, 3 weeks ago, 2 months ago, 4 years ago: counted in
 * calendar days. */
MUST_CHECK Err text_ago(Cx *cx, const Text *text, int64_t at_ms, Str *ret);
MUST_CHECK Err text_clock(Cx *cx, const Text *text, const Civil *time, Str *ret); /* 19:30 */
MUST_CHECK Err text_date_clock(Cx *cx, const Text *text, const Civil *at,
                               Str *ret); /* 1 May 2026, 19:30 */
/* 20 minutes, an hour, an hour and a half, 3 hours, 2 hours and 20 minutes, 2 days; 0 is "no time". */
MUST_CHECK Err text_duration(Cx *cx, const Text *text, int64_t minutes, Str *ret);
/* 8 to 20 days, weeks, months or years, whichever is natural: how long something has been. */
MUST_CHECK Err text_days(Cx *cx, const Text *text, int64_t days, Str *ret);
MUST_CHECK Err text_birthday(Cx *cx, const Text *text, int month, int day, Str *ret); /* 1 May */
MUST_CHECK Err text_age(Cx *cx, const Text *text, int years, Str *ret); /* 41 years old */
Str text_month(const Text *text, int month);     /* 1 January .. 12 December */
Str text_weekday(const Text *text, int weekday); /* 1 Monday .. 7 Sunday */

/* about 7 in 10; below .05 and above .95 "less than 1 in 10" and "more than 9 in 10". p in 0..1. */
MUST_CHECK Err text_chance(Cx *cx, const Text *text, double p, Str *ret);

enum { WORD_NONE = -1 };
typedef struct WordRange {
    int first, last;
} WordRange;

/* The words in order; levels and roots are cut at 2, 4, 6, 8 of the scale 0 to 10. */
typedef enum LevelWord {
    LEVEL_FAR,
    LEVEL_SOME_DISTANCE,
    LEVEL_WARM,
    LEVEL_CLOSE,
    LEVEL_VERY_CLOSE,
    LEVEL_WORDS
} LevelWord;
typedef enum RootWord {
    ROOT_SLIGHT,
    ROOT_SOME,
    ROOT_FAIR,
    ROOT_FIRM,
    ROOT_DEEP,
    ROOT_WORDS
} RootWord;
typedef enum TrendWord { TREND_QUIETER, TREND_STEADY, TREND_GROWING, TREND_WORDS } TrendWord;

MUST_CHECK Err text_level(Cx *cx, const Text *text, WordRange range, Str *ret); /* warm to close */
MUST_CHECK Err text_root(Cx *cx, const Text *text, WordRange range, Str *ret);  /* fair to firm */
MUST_CHECK Err text_trend(Cx *cx, const Text *text, WordRange range, Str *ret); /* none: unclear */
Str text_level_word(const Text *text, LevelWord word);
Str text_root_word(const Text *text, RootWord word);
/* The word a value on the scale 0 to 10 falls under. */
int word_of_level(double value);

#endif
