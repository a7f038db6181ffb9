/* text/when.c - two steps: find every wording of a time in the prose, then decide which of them say when
 * this happened. A wording counts by itself ("yesterday", "19:30"); of each sort (day, part of day, time,
 * duration) the first is taken, and a part or a time must stand in the sentence of the day it refines.
 * What would lie in the future is moved back where the wording leaves that open ("on friday", "at
 * 7pm", "1 May"), else left alone. Cost: linear in the prose. */
#include "text/when.h"
#include "base/time.h"
#include "text/found.h"
#include <math.h>

typedef struct Search {
    FoundList list;
    int64_t now_ms;
    Civil today;
    WhenSense sense;
} Search;

/* -- what it means ------------------------------------------------------------------------------------ */

typedef struct DayTime {
    Civil day;     /* with the time of day once that is known */
    int64_t at_ms; /* used instead where exact */
    bool exact;
    bool today;
    WhenPrecision precision;
    int part;
    int back_days; /* may be moved back by so many days when it lies ahead; 0: not */
} DayTime;

static Civil shifted(const Civil *day, int64_t days)
{
    int64_t number = time_days_from_civil(day->year, day->month, day->day) + days;
    return time_civil(number * TIME_DAY_MS, 0);
}

static bool on_day(DayTime *m, Civil day, WhenPrecision precision)
{
    m->day = day;
    m->precision = precision;
    return day.year >= 1000 && day.year <= 9000;
}

static Civil months_back(const Civil *day, int64_t months)
{
    int64_t index = (int64_t)day->year * 12 + day->month - 1 - months;
    Civil c = *day;
    c.year = (int)(index / 12);
    c.month = (int)(index % 12) + 1;
    int last = time_days_in_month(c.year, c.month);
    c.day = c.day > last ? last : c.day;
    return c;
}

/* n units before now (after it with n < 0). */
static bool units_back(const Search *s, int unit, double n, DayTime *m)
{
    static const double most[] = {0, 1e7, 2e5, 2e5, 5e4, 5000, 900};
    if (unit < UNIT_MINUTE || unit > UNIT_YEAR || fabs(n) > most[unit])
        return false;
    int64_t whole = llround(n);
    if (unit <= UNIT_HOUR) {
        m->exact = true;
        m->at_ms = s->now_ms - llround(n * (unit == UNIT_HOUR ? 60 : 1)) * TIME_MINUTE_MS;
        m->precision = WHEN_MINUTE;
        return on_day(m, time_local(m->at_ms), WHEN_MINUTE);
    }
    if (unit == UNIT_DAY || unit == UNIT_WEEK)
        return on_day(m, shifted(&s->today, -whole * (unit == UNIT_WEEK ? 7 : 1)), WHEN_DAY);
    return on_day(m, months_back(&s->today, whole * (unit == UNIT_YEAR ? 12 : 1)),
                  unit == UNIT_YEAR ? WHEN_MONTH : WHEN_DAY);
}

/* "a few days ago", "the other day": about three, and said to be no more exact than the next unit. */
static bool some_back(const Search *s, int unit, DayTime *m)
{
    static const WhenPrecision about[] = {
        [UNIT_MINUTE] = WHEN_PART, [UNIT_HOUR] = WHEN_PART,  [UNIT_DAY] = WHEN_WEEK,
        [UNIT_WEEK] = WHEN_MONTH,  [UNIT_MONTH] = WHEN_YEAR, [UNIT_YEAR] = WHEN_YEAR,
    };
    unit = unit == 0 ? UNIT_DAY : unit;
    if (!units_back(s, unit, 3, m))
        return false;
    m->precision = about[unit];
    return true;
}

/* "last week" with back 1, "next week" with -1. */
static bool whole_unit(const Search *s, int unit, int back, DayTime *m)
{
    if (unit < UNIT_WEEK || !units_back(s, unit, back, m))
        return false;
    m->precision = unit == UNIT_WEEK ? WHEN_WEEK : unit == UNIT_MONTH ? WHEN_MONTH : WHEN_YEAR;
    return true;
}

static bool on_weekday(const Search *s, Rule rule, int weekday, DayTime *m)
{
    int back = (s->today.weekday - weekday + 7) % 7;
    bool plan = s->sense == WHEN_PLAN && rule != RULE_LAST_WEEKDAY;
    if (rule == RULE_NEXT_WEEKDAY || plan) {
        int ahead = (7 - back) % 7;
        return on_day(m, shifted(&s->today, rule == RULE_NEXT_WEEKDAY && ahead == 0 ? 7 : ahead),
                      WHEN_DAY);
    }
    m->back_days = rule == RULE_ON_WEEKDAY ? 7 : 0;
    return on_day(m, shifted(&s->today, rule == RULE_LAST_WEEKDAY && back == 0 ? -7 : -back),
                  WHEN_DAY);
}

static bool on_date(const Search *s, const Values *v, DayTime *m)
{
    if (v->has_iso_time) {
        m->exact = true;
        m->at_ms = v->iso_ms;
        return on_day(m, time_local(v->iso_ms), WHEN_MINUTE);
    }
    Civil c = {.year = v->year, .month = v->month, .day = v->dom};
    if (v->year > 0)
        return time_civil_valid(&c) && on_day(m, shifted(&c, 0), WHEN_DAY);
    int64_t today = time_days_from_civil(s->today.year, s->today.month, s->today.day);
    int step = s->sense == WHEN_PLAN ? 1 : -1;
    /* Without a year the nearest one; 29 February can be eight years off. */
    for (int off = 0; off <= 8; off++) {
        c.year = s->today.year + step * off;
        int64_t day = time_days_from_civil(c.year, c.month, c.day);
        if (time_civil_valid(&c) && (step < 0 ? day <= today : day >= today))
            return on_day(m, shifted(&c, 0), WHEN_DAY);
    }
    return false;
}

static bool on_part(const Search *s, int64_t days, int part, DayTime *m)
{
    m->part = part;
    return on_day(m, shifted(&s->today, days), WHEN_DAY);
}

static bool day_time_of(const Search *s, const Found *f, DayTime *m)
{
    const Values *v = &f->v;
    *m = (DayTime){0};
    switch (f->rule) {
    case RULE_JUST_NOW:
        return units_back(s, UNIT_MINUTE, 0, m);
    case RULE_TODAY:
        return on_part(s, 0, v->part, m);
    case RULE_YESTERDAY:
        return on_part(s, -1, v->part, m);
    case RULE_BEFORE_YESTERDAY:
        return on_part(s, -2, v->part, m);
    case RULE_TOMORROW:
        return on_part(s, 1, v->part, m);
    case RULE_AFTER_TOMORROW:
        return on_part(s, 2, v->part, m);
    case RULE_TONIGHT:
        return on_part(s, 0, PART_EVENING, m);
    case RULE_LAST_NIGHT:
        return on_part(s, -1, PART_NIGHT, m);
    case RULE_AGO:
        return units_back(s, v->unit, v->n, m);
    case RULE_SOME_AGO:
        return some_back(s, v->unit, m);
    case RULE_HALF_HOUR_AGO:
        return units_back(s, UNIT_MINUTE, 30, m);
    case RULE_HOURS_HALF_AGO:
        return units_back(s, UNIT_MINUTE, v->n * 60 + 30, m);
    case RULE_AHEAD: /* "the first time in 3 weeks" looks back */
        return s->sense == WHEN_PLAN && units_back(s, v->unit, -v->n, m);
    case RULE_ON_WEEKDAY:
    case RULE_LAST_WEEKDAY:
    case RULE_NEXT_WEEKDAY:
        m->part = v->part;
        return on_weekday(s, f->rule, v->weekday, m);
    case RULE_LAST_WEEKEND:
        return on_day(m, shifted(&s->today, -(s->today.weekday == 7 ? 8 : s->today.weekday + 1)),
                      WHEN_WEEK);
    case RULE_LAST_UNIT:
        return whole_unit(s, v->unit, 1, m);
    case RULE_NEXT_UNIT:
        return whole_unit(s, v->unit, -1, m);
    case RULE_DATE:
        m->part = v->part;
        return on_date(s, v, m);
    case RULE_PART:
    case RULE_TIME:
    case RULE_HOUR_PART:
    case RULE_RANGE:
        m->back_days = 1;
        return on_part(s, 0, PART_NONE, m);
    case RULE_HALF_HOUR:
    case RULE_QUARTER_HOUR:
    case RULE_THREE_QUARTERS:
    case RULE_SPAN:
    case RULE_SPAN_HALF:
    case RULE_SPAN_BOTH:
    case RULE_LEAD:
    case RULE_OTHER:
    case RULE_NOT_A_SPAN:
    case RULE_DOUBTFUL:
    case RULE_COUNT:
        break;
    }
    return false;
}

/* When each part begins and the hour that stands for it. */
static const struct PartHours {
    int begins, stands;
} part_hours[] = {
    [PART_NONE] = {0,  12},
      [PART_MORNING] = {5,  9 },
      [PART_NOON] = {12, 12},
    [PART_AFTERNOON] = {12, 15},
      [PART_EVENING] = {17, 19},
      [PART_NIGHT] = {20, 22},
};

/* A time of the clock's twelve hours, in its half of the day. The night goes on past midnight: from 24 hours
 * on it is the next day's. */
static int in_half(int minutes, int part, bool half_open)
{
    enum { HOUR = 60, HALF = 12 * HOUR, NIGHT_BEGINS = 6 * HOUR };
    if (!half_open || minutes < HOUR || minutes >= HALF + HOUR)
        return minutes;
    if (part == PART_NIGHT && (minutes < NIGHT_BEGINS || minutes >= HALF))
        return minutes % HALF + 2 * HALF;
    bool later = part == PART_AFTERNOON || part == PART_EVENING || part == PART_NIGHT;
    return later && minutes < HALF ? minutes + HALF : minutes;
}

static int64_t local_at(const Civil *day, int minutes)
{
    enum { DAY = 24 * 60 };
    Civil c = minutes < DAY ? *day : shifted(day, 1);
    c.hour = minutes % DAY / 60;
    c.minute = minutes % 60;
    c.second = 0;
    return time_from_local(&c);
}

/* The instant a day and time stand for, with its part or time of day; what has begun is not later than now. */
static int64_t instant_of(const Search *s, const DayTime *m, int time_min)
{
    if (m->exact)
        return m->at_ms;
    if (time_min >= 0)
        return local_at(&m->day, time_min);
    int64_t begins = local_at(&m->day, part_hours[m->part].begins * 60);
    int64_t stands = local_at(&m->day, part_hours[m->part].stands * 60);
    bool begun = s->sense == WHEN_PAST && begins <= s->now_ms;
    if (m->today && m->part == PART_NONE)
        return s->now_ms;
    return begun && stands > s->now_ms ? s->now_ms : stands;
}

static bool is_today(const Search *s, const Civil *day)
{
    return day->year == s->today.year && day->month == s->today.month && day->day == s->today.day;
}

/* Past midnight, "this evening" is still the one before it. */
static bool small_hours(const Search *s, const DayTime *m)
{
    enum { DAY_TURNS_AT = 5 };
    return s->sense == WHEN_PAST && m->today && m->part != PART_NONE &&
           s->today.hour < DAY_TURNS_AT;
}

static bool settle(const Search *s, DayTime m, int time_min, When *w)
{
    m.today = is_today(s, &m.day);
    int64_t at = instant_of(s, &m, time_min);
    bool night_before = m.back_days > 0 || time_min >= 24 * 60 || small_hours(s, &m);
    if (at > s->now_ms && s->sense == WHEN_PAST && night_before) {
        m.day = shifted(&m.day, -(m.back_days > 0 ? m.back_days : 1));
        m.today = false;
        at = instant_of(s, &m, time_min);
    }
    if (at < s->now_ms && s->sense == WHEN_PLAN && m.back_days == 1) {
        m.day = shifted(&m.day, 1);
        at = instant_of(s, &m, time_min);
    }
    if (at > s->now_ms && s->sense == WHEN_PAST)
        return false;
    w->has_at = true;
    w->at_ms = at;
    w->precision = m.precision;
    if (time_min >= 0)
        w->precision = WHEN_MINUTE;
    else if (m.part != PART_NONE && !m.exact)
        w->precision = WHEN_PART;
    return true;
}

static int minutes_of(const Found *f)
{
    const Values *v = &f->v;
    switch ((int)f->rule) {
    case RULE_HALF_HOUR:
        return 30;
    case RULE_QUARTER_HOUR:
        return 15;
    case RULE_THREE_QUARTERS:
        return 45;
    case RULE_SPAN_HALF:
        return (int)lround(v->n * 60) + 30;
    case RULE_SPAN_BOTH:
        return (int)lround(v->n * 60) + v->mm;
    case RULE_RANGE:
        return (v->time_min[1] - v->time_min[0] + 24 * 60) % (24 * 60);
    default:
        return (int)lround(v->n * (v->unit == UNIT_HOUR ? 60 : 1));
    }
}

/* -- which of them count ------------------------------------------------------------------------------ */

static WhenSpan span_of(const Search *s, const Found *f)
{
    const Token *first = &s->list.tokens.at[f->from], *last = &s->list.tokens.at[f->end - 1];
    return (WhenSpan){first->from, last->from + last->len - first->from};
}

static void add_span(const Search *s, const Found *f, When *w)
{
    WhenSpan span = span_of(s, f);
    int at = w->span_count;
    if (at == WHEN_SPANS_MAX)
        return;
    for (; at > 0 && w->spans[at - 1].from > span.from; at--)
        w->spans[at] = w->spans[at - 1];
    w->spans[at] = span;
    w->span_count++;
}

static const Found *first_of(const Search *s, Sort sort, const Found *day)
{
    for (ptrdiff_t i = 0; i < s->list.count; i++) {
        const Found *f = &s->list.at[i];
        bool near =
            !day || s->list.tokens.at[f->from].sentence == s->list.tokens.at[day->from].sentence;
        if (f->sort == sort && near && !f->spent)
            return f;
    }
    return NULL;
}

/* Nothing, or a comma, stands between the tokens from and end. */
static bool adjacent(const Search *s, ptrdiff_t from, ptrdiff_t end)
{
    return end == from || (end == from + 1 && token_is(&s->list.tokens.at[from], ','));
}

/* "Friday, 1 May": the date says more than the weekday before it. */
static bool date_follows(const Search *s, const Found *f)
{
    const Found *next = f + 1;
    if (next >= s->list.at + s->list.count || f->rule != RULE_ON_WEEKDAY || next->rule != RULE_DATE)
        return false;
    return adjacent(s, f->end, next->from);
}

static int refine(const Found *part, const Found *time, DayTime *m)
{
    if (time && time->rule == RULE_HOUR_PART) {
        m->part = time->v.part;
        return in_half(time->v.h * 60, m->part, true);
    }
    if (part && m->part == PART_NONE)
        m->part = part->v.part;
    return time ? in_half(time->v.time_min[0], m->part, time->v.half_open) : -1;
}

/* "tomorrow at 7pm": what stands beside a day that was not used says nothing about another one. */
static void spend_beside(const Search *s, const Found *day)
{
    for (ptrdiff_t i = 0; i < s->list.count; i++) {
        Found *f = &s->list.at[i];
        bool near = f == day || adjacent(s, day->end, f->from) || adjacent(s, f->end, day->from);
        f->spent = f->spent || (near && f->sort != SORT_SPAN);
    }
}

static bool not_used(const Search *s, const Found *f, bool *flag, When *w)
{
    if (!w->future_unused && !w->no_such_day)
        w->unused = span_of(s, f);
    *flag = true;
    return false;
}

/* Tries one wording of a day, with the part and time that go with it. */
static bool try_day(const Search *s, const Found *day, When *w)
{
    DayTime m;
    if (!day_time_of(s, day, &m))
        return day->rule == RULE_DATE && not_used(s, day, &w->no_such_day, w);
    const Found *part = NULL, *time = NULL;
    if (!m.exact && m.precision == WHEN_DAY) {
        part = day->sort == SORT_PART ? day : first_of(s, SORT_PART, day);
        time = day->sort == SORT_TIME ? day : first_of(s, SORT_TIME, day);
    }
    bool part_used = part && m.part == PART_NONE;
    int time_min = refine(part, time, &m);
    if (!settle(s, m, time_min, w)) {
        spend_beside(s, day);
        return not_used(s, day, &w->future_unused, w);
    }
    add_span(s, day, w);
    if (part_used && part != day)
        add_span(s, part, w);
    if (time && time != day)
        add_span(s, time, w);
    if (time && time->rule == RULE_RANGE) {
        w->duration_min = minutes_of(time);
        w->has_duration = w->duration_min > 0;
    }
    return true;
}

static bool decide_by(const Search *s, Sort sort, When *w)
{
    for (ptrdiff_t i = 0; i < s->list.count; i++) {
        const Found *f = &s->list.at[i];
        if (f->sort != sort || f->spent)
            continue;
        bool weekday = date_follows(s, f);
        if (try_day(s, weekday ? f + 1 : f, w)) {
            if (weekday)
                add_span(s, f, w);
            return true;
        }
        i += weekday;
    }
    return false;
}

static void decide_at(const Search *s, When *w)
{
    if (!decide_by(s, SORT_DAY, w) && !decide_by(s, SORT_TIME, w))
        (void)decide_by(s, SORT_PART, w);
}

static void decide_duration(const Search *s, When *w)
{
    /* "a minute" is seldom meant as one, and "18h" is more likely a time. */
    enum { BARE_MIN = 5, BARE_MAX = 12 * 60, LONGEST_MIN = 7 * 24 * 60 };
    const Found *best = NULL;
    for (ptrdiff_t i = 0; i < s->list.count; i++) {
        const Found *f = &s->list.at[i];
        int minutes = f->sort == SORT_SPAN ? minutes_of(f) : 0;
        if (minutes < (f->led ? 1 : BARE_MIN) || minutes > (f->led ? LONGEST_MIN : BARE_MAX))
            continue;
        if (!best || (f->led && !best->led))
            best = f;
    }
    if (!best || w->has_duration)
        return;
    w->duration_min = minutes_of(best);
    w->has_duration = w->duration_min > 0;
    if (w->has_duration)
        add_span(s, best, w);
}

Err when_find(Cx *cx, const Text *text, Str prose, WhenSense sense, When *ret)
{
    if (prose.len > WHEN_MAX_BYTES)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", WHEN_MAX_BYTES)));
    Search s = {.now_ms = cx->now_ms, .today = time_local(cx->now_ms), .sense = sense};
    Err e = found_in(cx, text, prose, &s.list);
    if (e != OK)
        return e;
    When w = {0};
    decide_at(&s, &w);
    decide_duration(&s, &w);
    *ret = w;
    return OK;
}

Err when_parse(Cx *cx, const Text *text, const char *field, Str s, WhenSense sense, When *ret)
{
    When w = {0};
    Err e = when_find(cx, text, s, sense, &w);
    if (e != OK)
        return e;
    if (!w.has_at && w.no_such_day)
        return err_field(cx, ERR_INVALID, field, "err.no-such-day", ARGS(arg_str("text", s)));
    if (!w.has_at && w.future_unused)
        return err_field(cx, ERR_INVALID, field, "err.when-future", ARGS(arg_str("text", s)));
    ptrdiff_t at = 0;
    bool whole = w.has_at;
    for (int i = 0; whole && i <= w.span_count; i++) {
        ptrdiff_t to = i < w.span_count ? w.spans[i].from : s.len;
        Str between = str_trim(str_sub(s, at, to - at));
        whole = between.len == 0 || str_eq_c(between, ",");
        at = i < w.span_count ? w.spans[i].from + w.spans[i].len : at;
    }
    if (!whole)
        return err_field(cx, ERR_INVALID, field, "err.when", ARGS(arg_str("text", s)));
    *ret = w;
    return OK;
}

void when_bounds(const When *when, int64_t *ret_begin, int64_t *ret_end)
{
    Civil day = time_local(when->at_ms);
    Civil begin = {.year = day.year, .month = day.month, .day = day.day}, end = begin;
    switch (when->precision) {
    case WHEN_MINUTE:
        *ret_begin = when->at_ms;
        *ret_end = when->at_ms + TIME_MINUTE_MS;
        return;
    case WHEN_PART:
    case WHEN_DAY:
        end = shifted(&begin, 1);
        break;
    case WHEN_WEEK:
        begin = shifted(&begin, 1 - day.weekday);
        end = shifted(&begin, 7);
        break;
    case WHEN_MONTH:
        begin.day = 1;
        end = months_back(&begin, -1);
        break;
    case WHEN_YEAR:
        begin.day = begin.month = 1;
        end = months_back(&begin, -12);
        break;
    }
    *ret_begin = local_at(&begin, 0);
    *ret_end = local_at(&end, 0);
}

/* Nothing but the one date from the first token to the last. */
static bool date_alone(const FoundList *list)
{
    const Found *f = list->at;
    return list->count == 1 && f->rule == RULE_DATE && f->v.part == PART_NONE &&
           !f->v.has_iso_time && f->from == 0 && f->end == list->tokens.count;
}

Err when_date(Cx *cx, const Text *text, Str s, int32_t *ret_ymd)
{
    enum { ANY_LEAP_YEAR = 2000 };
    FoundList list;
    int32_t ymd = 0;
    Err e = s.len <= WHEN_MAX_BYTES ? found_in(cx, text, s, &list) : OK;
    if (e == OK && s.len <= WHEN_MAX_BYTES && date_alone(&list)) {
        const Values *v = &list.at[0].v;
        Civil c = {.year = v->year > 0 ? v->year : ANY_LEAP_YEAR, .month = v->month, .day = v->dom};
        if (time_civil_valid(&c))
            ymd = v->year * 10000 + v->month * 100 + v->dom;
    }
    if (e == OK)
        *ret_ymd = ymd;
    return e;
}
