/* port/export_icalendar.c - birthdays and anniversaries as events that come back every year, for any calendar.
 * Each lasts a whole day wherever one is, blocks no time and rings no bell. A day whose year is not known begins in
 * 2000, a leap year. 29 February comes back as the last day of February, so that no year goes without. The UID is
 * the person's id and the sort of day: it says nothing of them, and a second export replaces the first instead of
 * doubling it. DTSTAMP is when the person was last changed, hence the same book is the same file.
 * Eight lines an event are written here (RFC 5545) rather than through libical: that would load its Unicode tables
 * into every command there is, a sixth of what a command may take. The tests read them with libical. Linear. */
#include "base/time.h"
#include "base/utf8.h"
#include "port/export_parts.h"

enum { YEAR_UNKNOWN = 2000, LINE_BYTES = 75 };

/* One line, folded between letters. */
static void put_folded(Buf *out, Str line)
{
    ptrdiff_t room = LINE_BYTES;
    while (line.len > 0) {
        Str after = line;
        (void)utf8_next(&after);
        ptrdiff_t n = line.len - after.len;
        if (n > room) {
            buf_c(out, "\r\n ");
            room = LINE_BYTES - 1; /* the space is one of them */
        }
        buf_bytes(out, line.p, n);
        room -= n;
        line = after;
    }
    buf_c(out, "\r\n");
}

/* A value of type TEXT. */
static void put_text(Sheet *s, const char *name, Str value)
{
    Buf line = buf_make(s->cx->arena, EXPORT_MAX);
    Str whole = {NULL, 0};
    buf_c(&line, name);
    for (ptrdiff_t i = 0; i < value.len; i++) {
        char c = value.p[i];
        if (c == '\\' || c == ';' || c == ',')
            buf_char(&line, '\\');
        if (c == '\n')
            buf_c(&line, "\\n");
        else
            buf_char(&line, c);
    }
    if (sheet_ok(s, buf_done(s->cx, &line, &whole)))
        put_folded(s->out, whole);
}

static void put_rule(Buf *out, Ymd d)
{
    bool leap_day = d.month == 2 && d.day == 29;
    buf_c(out,
          leap_day ? "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n" : "RRULE:FREQ=YEARLY\r\n");
}

static void put_event(Sheet *s, Str uid, Str summary, Ymd day, Civil changed)
{
    buf_c(s->out, "BEGIN:VEVENT\r\n");
    put_text(s, "UID:", uid);
    buf_fmt(s->out, "DTSTAMP:%04d%02d%02dT%02d%02d%02dZ\r\n", changed.year, changed.month,
            changed.day, changed.hour, changed.minute, changed.second);
    buf_fmt(s->out, "DTSTART;VALUE=DATE:%04d%02d%02d\r\n", day.year > 0 ? day.year : YEAR_UNKNOWN,
            day.month, day.day);
    put_rule(s->out, day);
    put_text(s, "SUMMARY:", summary);
    buf_c(s->out, "TRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\nEND:VEVENT\r\n");
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
    if (sheet_ok(s, buf_done(s->cx, &buf, &uid)) &&
        sheet_ok(s,
                 text_format(s->cx, s->text, key, ARGS(arg_str("name", sheet_name(s))), &summary)))
        put_event(s, uid, summary, ymd_of(date), time_civil(changed_ms, 0));
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

Err export_icalendar_to(Cx *cx, const Book *book, Buf *out)
{
    buf_c(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//fonder//fonder//EN\r\n"
               "CALSCALE:GREGORIAN\r\n");
    Err e = sheet_each(cx, book, out, put_days);
    buf_c(out, "END:VCALENDAR\r\n");
    return e;
}
