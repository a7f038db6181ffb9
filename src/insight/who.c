/* insight/who.c - what the entries and what was written down say of who somebody is: since when they are known, whether they are
 * new, under age, and whether romance has a place. Nothing costs more than a look at a date. */
#include "base/time.h"
#include "insight/history.h"

enum { ADULT_YEARS = 18 };

/* yyyymmdd as a local instant; a date without a year, or not said, is none. */
bool history_instant(int32_t date, int64_t *ret_ms)
{
    Civil c = {.year = date / 10000, .month = date / 100 % 100, .day = date % 100};
    if (c.year == 0 || !time_civil_valid(&c))
        return false;
    *ret_ms = time_from_local(&c);
    return true;
}

int64_t history_known_since_ms(const History *h, int64_t now_ms)
{
    int64_t since = 0;
    if (history_instant(h->rel.since, &since))
        return since;
    return h->first_event_ms != 0 ? h->first_event_ms : now_ms;
}

/* A parent whose first moment was logged yesterday is no stranger: only a said date tells, or the season. */
bool history_someone_new(const History *h, int64_t now_ms)
{
    int64_t since = 0;
    if (h->rel.season == SEASON_NEW)
        return true;
    return history_instant(h->rel.since, &since) && now_ms - since < HISTORY_NEW_DAYS * (int64_t)TIME_DAY_MS;
}

bool insight_under_age(const BookPerson *person, int64_t now_ms)
{
    Civil now = time_local(now_ms);
    int32_t born = person->birthday;
    int32_t turns = born + ADULT_YEARS * 10000;
    return person->minor ||
           (born / 10000 > 0 && turns > now.year * 10000 + now.month * 100 + now.day);
}

bool insight_romance(const BookRelationship *rel, const BookPerson *person, const BookMe *me,
                     int64_t now_ms)
{
    return content_romantic(rel->kinds) && rel->romance && !me->minor &&
           !insight_under_age(person, now_ms);
}
