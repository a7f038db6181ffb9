/* port/export_icalendar.c - birthdays and anniversaries as events that come back every year, for any calendar.
 * Each lasts a whole day wherever one is, blocks no time and rings no bell. A day whose year is not known begins in
 * 2000, a leap year. 29 February comes back as the last day of February, so that no year goes without. The UID is
 * the person's id and the sort of day: it says nothing of them, and a second export replaces the first instead of
 * doubling it. DTSTAMP is when the person was last changed, hence the same book is the same file.
 * libical makes each event by itself, since writing a calendar of n events at once costs it n * n in places. */
#include "base/time.h"
#include "port/export_parts.h"
#include <libical/ical.h>

enum { YEAR_UNKNOWN = 2000 };

static icaltimetype ical_day(int32_t date)
{
    Ymd d = ymd_of(date);
    icaltimetype t = icaltime_null_date();
    t.year = d.year > 0 ? d.year : YEAR_UNKNOWN;
    t.month = d.month;
    t.day = d.day;
    return t;
}

static icaltimetype ical_instant(int64_t at_ms)
{
    Civil c = time_civil(at_ms, 0);
    icaltimetype t = icaltime_null_time();
    t.year = c.year;
    t.month = c.month;
    t.day = c.day;
    t.hour = c.hour;
    t.minute = c.minute;
    t.second = c.second;
    t.zone = icaltimezone_get_utc_timezone();
    return t;
}

static struct icalrecurrencetype every_year(int32_t date)
{
    struct icalrecurrencetype rule;
    Ymd d = ymd_of(date);
    icalrecurrencetype_clear(&rule);
    rule.freq = ICAL_YEARLY_RECURRENCE;
    if (d.month == 2 && d.day == 29) {
        rule.by_month[0] = 2;
        rule.by_month[1] = ICAL_RECURRENCE_ARRAY_MAX;
        rule.by_month_day[0] = -1;
        rule.by_month_day[1] = ICAL_RECURRENCE_ARRAY_MAX;
    }
    return rule;
}

static void put_component(Sheet *s, icalcomponent *event)
{
    char *lines = event ? icalcomponent_as_ical_string_r(event) : NULL;
    if (lines)
        buf_c(s->out, lines);
    sheet_ok(s, lines ? OK : err_nomem(s->cx));
    icalmemory_free_buffer(lines);
    if (event)
        icalcomponent_free(event);
}

static void put_day(Sheet *s, const char *sort, const char *key, int32_t date, int64_t changed_ms)
{
    char id[ID_TEXT_CAP];
    Str uid = {NULL, 0}, summary = {NULL, 0};
    Buf buf = buf_make(s->cx->arena, 128);
    if (date == 0 || s->err != OK)
        return;
    buf_put(&buf, id_format(s->person.id, id));
    buf_fmt(&buf, "-%s", sort);
    if (!sheet_ok(s, buf_done(s->cx, &buf, &uid)) ||
        !sheet_ok(s,
                  text_format(s->cx, s->text, key, ARGS(arg_str("name", sheet_name(s))), &summary)))
        return;
    const char *c_uid = str_to_c(s->cx->arena, uid);
    const char *c_summary = str_to_c(s->cx->arena, summary);
    if (!sheet_ok(s, c_uid && c_summary ? OK : err_nomem(s->cx)))
        return;
    put_component(s, icalcomponent_vanew(ICAL_VEVENT_COMPONENT, icalproperty_new_uid(c_uid),
                                         icalproperty_new_dtstamp(ical_instant(changed_ms)),
                                         icalproperty_new_dtstart(ical_day(date)),
                                         icalproperty_new_rrule(every_year(date)),
                                         icalproperty_new_summary(c_summary),
                                         icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT),
                                         icalproperty_new_class(ICAL_CLASS_PRIVATE), (void *)0));
}

static void put_days(Sheet *s)
{
    BookObject object = {.ref = s->person.ref};
    if (!sheet_ok(s, book_object(s->cx, s->book, s->person.ref, &object)))
        return;
    int64_t changed_ms = (int64_t)(object.last.hlc >> 16);
    put_day(s, "birthday", "exported.birthday", s->person.birthday, changed_ms);
    put_day(s, "anniversary", "exported.anniversary-with", s->person.anniversary, changed_ms);
}

Err export_icalendar(Cx *cx, const Book *book, Str *ret)
{
    Buf buf = buf_make(cx->arena, EXPORT_MAX);
    buf_c(&buf, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//fonder//fonder//EN\r\n"
                "CALSCALE:GREGORIAN\r\n");
    Err e = sheet_each(cx, book, &buf, put_days);
    buf_c(&buf, "END:VCALENDAR\r\n");
    return e == OK ? buf_done(cx, &buf, ret) : e;
}
