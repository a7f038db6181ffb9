/* base/time.c - civil time by integer arithmetic; the system is asked only for the zone's offset. */
#include "base/time.h"
#include <stdio.h>
#include <time.h>

int64_t time_days_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int time_days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[(month - 1) % 12];
}

bool time_civil_valid(const Civil *c)
{
    return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= time_days_in_month(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
           c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 59;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

Civil time_civil(int64_t at_ms, int offset_min)
{
    int64_t s = floor_div(at_ms, TIME_SECOND_MS) + (int64_t)offset_min * 60;
    int64_t days = floor_div(s, 86400);
    int64_t rest = s - days * 86400;
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    Civil c = {.day = (int)(doy - (153 * mp + 2) / 5 + 1), .month = (int)(mp < 10 ? mp + 3 : mp - 9)};
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    c.weekday = (int)(((days + 3) % 7 + 7) % 7) + 1;
    return c;
}

int64_t time_instant(const Civil *c, int offset_min)
{
    int64_t days = time_days_from_civil(c->year, c->month, c->day);
    int64_t s = days * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
    return (s - (int64_t)offset_min * 60) * TIME_SECOND_MS;
}

int time_offset_min(int64_t at_ms)
{
    time_t t = (time_t)floor_div(at_ms, TIME_SECOND_MS);
    struct tm tm = {0};
    return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

Civil time_local(int64_t at_ms)
{
    Civil c = time_civil(at_ms, time_offset_min(at_ms));
    return time_civil_valid(&c) ? c : time_civil(at_ms, 0);
}

int64_t time_from_local(const Civil *c)
{
    /* Two candidates bracket any change of offset: the one before it and the one after it. */
    int64_t guess = time_instant(c, 0);
    int before = time_offset_min(guess - TIME_DAY_MS);
    int after = time_offset_min(guess + TIME_DAY_MS);
    int64_t with_before = time_instant(c, before);
    if (before == after || time_offset_min(with_before) == before)
        return with_before;
    int64_t with_after = time_instant(c, after);
    return time_offset_min(with_after) == after ? with_after : with_before;
}

double time_days_between(int64_t from_ms, int64_t to_ms)
{
    return (double)(to_ms - from_ms) / (double)TIME_DAY_MS;
}

static bool digits(Str *s, int count, int *ret)
{
    int64_t v = 0;
    Str head = str_sub(*s, 0, count);
    if (head.len != count || head.p[0] < '0' || head.p[0] > '9' || !str_to_i64(head, 0, 9999, &v))
        return false;
    *s = str_from(*s, count);
    *ret = (int)v;
    return true;
}

static bool literal(Str *s, char c)
{
    if (s->len == 0 || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

static bool date_part(Str *s, Civil *c)
{
    return digits(s, 4, &c->year) && literal(s, '-') && digits(s, 2, &c->month) &&
           literal(s, '-') && digits(s, 2, &c->day);
}

static bool zone_part(Str s, bool *ret_local, int *ret_offset)
{
    *ret_local = s.len == 0;
    *ret_offset = 0;
    if (s.len == 0 || str_eq_c(s, "Z"))
        return true;
    int sign = s.p[0] == '-' ? -1 : 1, h = 0, m = 0;
    if (!literal(&s, '+') && !literal(&s, '-'))
        return false;
    if (!digits(&s, 2, &h))
        return false;
    (void)literal(&s, ':');
    if (!digits(&s, 2, &m) || s.len != 0 || h > 14 || m > 59)
        return false;
    *ret_offset = sign * (h * 60 + m);
    return true;
}

bool time_parse_date(Str s, Civil *ret)
{
    Civil c = {0};
    if (!date_part(&s, &c) || s.len != 0 || !time_civil_valid(&c))
        return false;
    *ret = time_civil(time_instant(&c, 0), 0);
    return true;
}

bool time_parse_iso(Str s, int64_t *ret_ms)
{
    Civil c = {0};
    bool local = true;
    int offset = 0;
    if (!date_part(&s, &c))
        return false;
    if (s.len > 0) {
        if (!literal(&s, 'T') && !literal(&s, ' '))
            return false;
        if (!digits(&s, 2, &c.hour) || !literal(&s, ':') || !digits(&s, 2, &c.minute))
            return false;
        if (literal(&s, ':') && !digits(&s, 2, &c.second))
            return false;
        if (!zone_part(s, &local, &offset))
            return false;
    }
    if (!time_civil_valid(&c))
        return false;
    *ret_ms = local ? time_from_local(&c) : time_instant(&c, offset);
    return true;
}

Str time_format_iso(int64_t at_ms, int offset_min, char out[TIME_ISO_CAP])
{
    Civil c = time_civil(at_ms, offset_min);
    int off = offset_min < 0 ? -offset_min : offset_min;
    int n = snprintf(out, TIME_ISO_CAP, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c.year % 10000,
                     c.month, c.day, c.hour, c.minute, c.second, offset_min < 0 ? '-' : '+',
                     off / 60 % 24, off % 60);
    return (Str){out, n};
}

Str time_format_date(const Civil *c, char out[TIME_ISO_CAP])
{
    int n = snprintf(out, TIME_ISO_CAP, "%04d-%02d-%02d", c->year % 10000, c->month, c->day);
    return (Str){out, n};
}
