/* text/words.c - every wording is a key of the catalogue; this file only chooses which one and with
 * what numbers. Calendar days, not spans of 24 hours, decide what is yesterday. */
#include "text/words.h"
#include <math.h>

enum { TWO_DAYS_MIN = 2 * 24 * 60, DAY_MIN = 24 * 60, DIGITS_CAP = 16 };

static const char *const month_keys[12] = {
    "month.1", "month.2", "month.3", "month.4",  "month.5",  "month.6",
    "month.7", "month.8", "month.9", "month.10", "month.11", "month.12",
};
static const char *const weekday_keys[7] = {
    "weekday.1", "weekday.2", "weekday.3", "weekday.4", "weekday.5", "weekday.6", "weekday.7",
};

Str text_month(const Text *text, int month)
{
    INVARIANT(month >= 1 && month <= 12);
    return text_get(text, month_keys[month - 1]);
}

Str text_weekday(const Text *text, int weekday)
{
    INVARIANT(weekday >= 1 && weekday <= 7);
    return text_get(text, weekday_keys[weekday - 1]);
}

/* Digits without grouping, at least width of them, from the end of out: years, minutes of the clock. */
static Str plain(int number, int width, char out[DIGITS_CAP])
{
    int at = DIGITS_CAP;
    do {
        out[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (at > 0 && (number > 0 || DIGITS_CAP - at < width));
    return (Str){out + at, DIGITS_CAP - at};
}

static Err date_words(Cx *cx, const Text *text, const char *key, const Civil *day, Str *ret)
{
    Civil noon = {.year = day->year, .month = day->month, .day = day->day, .hour = 12};
    INVARIANT(time_civil_valid(&noon));
    int weekday = time_civil(time_instant(&noon, 0), 0).weekday;
    char year[DIGITS_CAP];
    return text_format(cx, text, key,
                       ARGS(arg_str("weekday", text_weekday(text, weekday)),
                            arg_int("day", day->day),
                            arg_str("month", text_month(text, day->month)),
                            arg_str("year", plain(day->year, 1, year))),
                       ret);
}

Err text_date(Cx *cx, const Text *text, const Civil *day, Str *ret)
{
    return date_words(cx, text, "date.full", day, ret);
}

Err text_day(Cx *cx, const Text *text, const Civil *day, Str *ret)
{
    bool this_year = time_local(cx->now_ms).year == day->year;
    return date_words(cx, text, this_year ? "date.weekday" : "date.weekday-year", day, ret);
}

Err text_birthday(Cx *cx, const Text *text, int month, int day, Str *ret)
{
    /* A leap year, so that 29 February is a day. */
    Civil c = {.year = 2000, .month = month, .day = day};
    return date_words(cx, text, "date.birthday", &c, ret);
}

Err text_clock(Cx *cx, const Text *text, const Civil *time, Str *ret)
{
    char hour[DIGITS_CAP], minute[DIGITS_CAP];
    return text_format(cx, text, "date.clock",
                       ARGS(arg_str("hour", plain(time->hour, 1, hour)),
                            arg_str("minute", plain(time->minute, 2, minute))),
                       ret);
}

Err text_date_clock(Cx *cx, const Text *text, const Civil *at, Str *ret)
{
    Str date = {NULL, 0}, clock = {NULL, 0};
    Err e = text_date(cx, text, at, &date);
    if (e == OK)
        e = text_clock(cx, text, at, &clock);
    if (e != OK)
        return e;
    return text_format(cx, text, "date.at", ARGS(arg_str("date", date), arg_str("clock", clock)),
                       ret);
}

static int64_t day_number(int64_t at_ms)
{
    Civil c = time_local(at_ms);
    return time_days_from_civil(c.year, c.month, c.day);
}

typedef struct Step {
    int64_t below_days, unit_days; /* up to below_days it is said in units of unit_days */
    const char *past, *ahead, *long_for;
} Step;

/* Two units are told apart where the coarser one has reached two. */
static const Step steps[] = {
    {14,        1,   "ago.days",   "ahead.days",   "duration.days"  },
    {61,        7,   "ago.weeks",  "ahead.weeks",  "duration.weeks" },
    {730,       30,  "ago.months", "ahead.months", "duration.months"},
    {INT64_MAX, 365, "ago.years",  "ahead.years",  "duration.years" },
};

static const Step *step_of(int64_t days, int64_t *ret_n)
{
    const Step *step = steps;
    while (days >= step->below_days)
        step++;
    /* Months and years by their mean lengths, so that 12 months are not 360 days. */
    double unit = step->unit_days == 30    ? 30.4375
                  : step->unit_days == 365 ? 365.2425
                                           : (double)step->unit_days;
    double n = floor((double)days / unit + (step->unit_days > 7 ? .05 : 0));
    *ret_n = n < 1 ? 1 : (int64_t)n;
    return step;
}

Err text_ago(Cx *cx, const Text *text, int64_t at_ms, Str *ret)
{
    int64_t days = day_number(cx->now_ms) - day_number(at_ms), n = 0;
    if (days >= -1 && days <= 1) {
        const char *key = days == 0 ? "ago.today" : days == 1 ? "ago.yesterday" : "ahead.tomorrow";
        return text_format(cx, text, key, NO_ARGS, ret);
    }
    const Step *step = step_of(days < 0 ? -days : days, &n);
    return text_format(cx, text, days < 0 ? step->ahead : step->past, ARGS(arg_int("n", n)), ret);
}

Err text_days(Cx *cx, const Text *text, int64_t days, Str *ret)
{
    INVARIANT(days >= 0);
    int64_t n = days;
    const Step *step = step_of(days, &n);
    return text_format(cx, text, step->long_for, ARGS(arg_int("n", days == 0 ? 0 : n)), ret);
}

Err text_duration(Cx *cx, const Text *text, int64_t minutes, Str *ret)
{
    INVARIANT(minutes >= 0);
    int64_t hours = minutes / 60, rest = minutes % 60;
    if (minutes == 0)
        return text_format(cx, text, "duration.none", NO_ARGS, ret);
    if (hours == 0)
        return text_format(cx, text, "duration.minutes", ARGS(arg_int("n", rest)), ret);
    if (minutes >= TWO_DAYS_MIN)
        return text_days(cx, text, (minutes + DAY_MIN / 2) / DAY_MIN, ret);
    if (rest == 0)
        return text_format(cx, text, "duration.hours", ARGS(arg_int("n", hours)), ret);
    if (rest == 30)
        return text_format(cx, text, "duration.hours-half", ARGS(arg_int("n", hours)), ret);
    Str hours_text = {NULL, 0}, minutes_text = {NULL, 0};
    Err e = text_format(cx, text, "duration.hours", ARGS(arg_int("n", hours)), &hours_text);
    if (e == OK)
        e = text_format(cx, text, "duration.minutes", ARGS(arg_int("n", rest)), &minutes_text);
    if (e != OK)
        return e;
    return text_format(cx, text, "duration.both",
                       ARGS(arg_str("hours", hours_text), arg_str("minutes", minutes_text)), ret);
}

Err text_age(Cx *cx, const Text *text, int years, Str *ret)
{
    INVARIANT(years >= 0);
    return text_format(cx, text, years == 0 ? "age.under-one" : "age.years",
                       ARGS(arg_int("n", years)), ret);
}

Err text_chance(Cx *cx, const Text *text, double p, Str *ret)
{
    INVARIANT(p >= 0 && p <= 1);
    if (p < .05)
        return text_format(cx, text, "chance.low", NO_ARGS, ret);
    if (p > .95)
        return text_format(cx, text, "chance.high", NO_ARGS, ret);
    int64_t n = llround(p * 10);
    return text_format(cx, text, "chance.about",
                       ARGS(arg_int("n", n < 1   ? 1
                                         : n > 9 ? 9
                                                 : n)),
                       ret);
}

static const char *const level_keys[LEVEL_WORDS] = {
    [LEVEL_FAR] = "level.far",
    [LEVEL_SOME_DISTANCE] = "level.some-distance",
    [LEVEL_WARM] = "level.warm",
    [LEVEL_CLOSE] = "level.close",
    [LEVEL_VERY_CLOSE] = "level.very-close",
};
static const char *const root_keys[ROOT_WORDS] = {
    [ROOT_SLIGHT] = "root.slight", [ROOT_SOME] = "root.some", [ROOT_FAIR] = "root.fair",
    [ROOT_FIRM] = "root.firm",     [ROOT_DEEP] = "root.deep",
};
static const char *const trend_keys[TREND_WORDS] = {
    [TREND_QUIETER] = "trend.quieter",
    [TREND_STEADY] = "trend.steady",
    [TREND_GROWING] = "trend.growing",
};

static Err range_words(Cx *cx, const Text *text, const char *const keys[], int count,
                       WordRange range, const char *two, const char *none, Str *ret)
{
    if (range.first == WORD_NONE)
        return text_format(cx, text, none, NO_ARGS, ret);
    INVARIANT(range.first >= 0 && range.first <= range.last && range.last < count);
    if (range.first == range.last)
        return text_format(cx, text, keys[range.first], NO_ARGS, ret);
    return text_format(cx, text, two,
                       ARGS(arg_str("first", text_get(text, keys[range.first])),
                            arg_str("last", text_get(text, keys[range.last]))),
                       ret);
}

Err text_level(Cx *cx, const Text *text, WordRange range, Str *ret)
{
    return range_words(cx, text, level_keys, LEVEL_WORDS, range, "level.two", "level.none", ret);
}

Err text_root(Cx *cx, const Text *text, WordRange range, Str *ret)
{
    return range_words(cx, text, root_keys, ROOT_WORDS, range, "level.two", "level.none", ret);
}

Err text_trend(Cx *cx, const Text *text, WordRange range, Str *ret)
{
    return range_words(cx, text, trend_keys, TREND_WORDS, range, "trend.two", "trend.unclear", ret);
}

Str text_level_word(const Text *text, LevelWord word)
{
    INVARIANT(word < LEVEL_WORDS);
    return text_get(text, level_keys[word]);
}

Str text_root_word(const Text *text, RootWord word)
{
    INVARIANT(word < ROOT_WORDS);
    return text_get(text, root_keys[word]);
}

int word_of_level(double value)
{
    static const double cuts[LEVEL_WORDS - 1] = {2, 4, 6, 8};
    int word = 0;
    while (word < LEVEL_WORDS - 1 && value >= cuts[word])
        word++;
    return word;
}
