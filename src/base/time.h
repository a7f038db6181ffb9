/* base/time.h - instants, civil dates and the owner's time zone.
 * Shapes  Civil is a proleptic Gregorian date and time of day; year 1 to 9999.
 * Units   instants in ms since 1970-01-01 UTC; offsets in minutes east of UTC; days as doubles where the
 *         engine wants them.
 * Errors  parsers return false.
 * Memory  none.
 * Thread  safe (localtime_r; TZ is read once at start).
 * Source  civil <-> days: H. Hinnant, chrono-compatible low-level date algorithms (2013); ISO 8601. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/str.h"

enum { TIME_SECOND_MS = 1000, TIME_MINUTE_MS = 60000, TIME_HOUR_MS = 3600000, TIME_DAY_MS = 86400000 };

typedef struct Civil {
    int year, month, day;       /* 1..9999, 1..12, 1..31 */
    int hour, minute, second;   /* 0..23, 0..59, 0..59 */
    int weekday;                /* 1 Monday .. 7 Sunday, filled in by time_civil */
} Civil;

int64_t time_days_from_civil(int year, int month, int day); /* days since 1970-01-01 */
int time_days_in_month(int year, int month);
bool time_civil_valid(const Civil *c);
Civil time_civil(int64_t at_ms, int offset_min);
int64_t time_instant(const Civil *c, int offset_min);
/* The system zone's offset in force at that instant, and the instant of a local civil time (a time
 * that the clocks skip moves forward; one they repeat is the first). */
int time_offset_min(int64_t at_ms);
/* In the first and last hours of the calendar, where the zone would leave it, UTC's. */
Civil time_local(int64_t at_ms);
int64_t time_from_local(const Civil *c);
double time_days_between(int64_t from_ms, int64_t to_ms);

/* "2026-05-01", "2026-05-01 19:30[:15]", with 'T', with "Z" or "+02:00"; without zone it is local. */
bool time_parse_iso(Str s, int64_t *ret_ms);
/* "YYYY-MM-DD" of a real day. */
bool time_parse_date(Str s, Civil *ret);
enum { TIME_ISO_CAP = 32 };
/* "2026-05-01T19:30:00+02:00" into out[TIME_ISO_CAP]. */
Str time_format_iso(int64_t at_ms, int offset_min, char out[TIME_ISO_CAP]);
Str time_format_date(const Civil *c, char out[TIME_ISO_CAP]); /* "2026-05-01" */

#endif
