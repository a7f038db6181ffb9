/* view/today.c - the first page: at most three offers, one invitation, the dates to come. On the day of a death
 * nothing is offered at all. What was said stands until something could be said otherwise (ViewStanding): then it costs
 * a comparison. Made anew it is linear in people, with a few nanoseconds for each that has no date in the next days, beside
 * what insight has to look at again. */
#include "view/offer.h"
#include "view/picture.h"
#include "view/steps.h"
#include <stdlib.h>

enum { DATES_DAYS = 30, DATES_MAX = 20 };

/* -- dates --------------------------------------------------------------------------------------- */

typedef enum DateSort { DATE_BIRTHDAY, DATE_ANNIVERSARY, DATE_DEATH } DateSort;
static const char *const sort_names[] = {"birthday", "anniversary", "death"};

typedef struct Upcoming {
    DateSort sort;
    int in_days;
    Civil day;
    int years; /* that it is then; -1 not known */
    BookRef person;
} Upcoming;

/* The days that are looked at, as month and day: which dates may be among them costs two comparisons a person. */
typedef struct Window {
    int64_t now;
    int year, from, to; /* mmdd; to below from: round the new year */
} Window;

static Window window_from(int64_t now_ms)
{
    Civil today = time_local(now_ms);
    Window w = {.now = time_days_from_civil(today.year, today.month, today.day),
                .year = today.year,
                .from = today.month * 100 + today.day};
    Civil last = time_civil((w.now + DATES_DAYS) * TIME_DAY_MS, 0);
    w.to = last.month * 100 + last.day;
    return w;
}

static bool within(const Window *w, int mmdd)
{
    return w->from <= w->to ? mmdd >= w->from && mmdd <= w->to : mmdd >= w->from || mmdd <= w->to;
}

/* The next time that day comes round; 29 February is kept on the 28th where there is none. */
static bool comes_up(const Window *w, int32_t ymd, Upcoming *u)
{
    enum { LEAP_DAY = 229 };
    Civil date;
    int mmdd = ymd % 10000;
    if (ymd == 0 || (!within(w, mmdd) && !(mmdd == LEAP_DAY && within(w, LEAP_DAY - 1))))
        return false;
    bool year_known = date_civil(ymd, &date);
    for (int year = w->year; year <= w->year + 1; year++) {
        int last = time_days_in_month(year, date.month);
        int day = date.day < last ? date.day : last;
        int64_t at = time_days_from_civil(year, date.month, day);
        if (at < w->now)
            continue;
        if (at - w->now > DATES_DAYS)
            return false;
        u->in_days = (int)(at - w->now);
        u->day = time_civil(at * TIME_DAY_MS, 0);
        u->years = year_known ? year - date.year : -1;
        return true;
    }
    return false;
}

static int by_day(const void *a, const void *b)
{
    const Upcoming *x = a, *y = b;
    if (x->in_days != y->in_days)
        return x->in_days - y->in_days;
    return x->person != y->person ? (x->person < y->person ? -1 : 1) : (int)x->sort - (int)y->sort;
}

/* Where something rests, is paused, is over or is grieved for, no date calls. */
static bool dates_call(Make *m, BookRef person)
{
    BookRelationship rel = {.season = -1};
    if (!make_ok(m, book_relationship(m->cx, m->book, person, &rel)))
        return false;
    bool held =
        rel.season == SEASON_ENDED || rel.season == SEASON_RESTING || rel.season == SEASON_GRIEVING;
    bool paused = rel.paused_until_ms > m->cx->now_ms;
    if (paused)
        make_until(m, rel.paused_until_ms);
    return !held && !paused;
}

/* The dates of one person that come up from day now of this year on; at most two. */
static int dates_of(const Book *book, BookRef person, const Window *w, Upcoming ret[2])
{
    BookDates d = book_dates(book, person);
    int n = 0;
    ret[0] = ret[1] = (Upcoming){.person = person};
    if (d.died != 0) {
        ret[0].sort = DATE_DEATH;
        return comes_up(w, d.died, &ret[0]);
    }
    ret[n].sort = DATE_BIRTHDAY;
    n += comes_up(w, d.birthday, &ret[n]);
    ret[n].sort = DATE_ANNIVERSARY;
    n += comes_up(w, d.anniversary, &ret[n]);
    return n;
}

/* The nearest of everyone's. */
static int find_dates(Make *m, Upcoming **ret)
{
    BookRefs people = book_people(m->book);
    Upcoming *list = arena_new(m->cx->arena, Upcoming, 2 * people.n + 2);
    const Window window = window_from(m->cx->now_ms);
    int n = 0;
    if (!list) {
        make_ok(m, err_nomem(m->cx));
        return 0;
    }
    for (int i = 0; i < people.n; i++)
        n += dates_of(m->book, people.p[i], &window, &list[n]);
    qsort(list, (size_t)n, sizeof list[0], by_day);
    int kept = 0;
    for (int i = 0; i < n && kept < DATES_MAX && m->err == OK; i++) {
        if (list[i].sort == DATE_DEATH || dates_call(m, list[i].person))
            list[kept++] = list[i];
    }
    *ret = list;
    return kept;
}

static Str say_upcoming(Make *m, const Upcoming *u, const Bond *b)
{
    static const char *const with_years[] = {
        "view.date.birthday-years", "view.date.anniversary-years", "view.date.death-years"};
    static const char *const without[] = {"view.date.birthday", "view.date.anniversary",
                                          "view.date.death"};
    return say(m, u->years > 0 ? with_years[u->sort] : without[u->sort],
               ARGS(arg_str("name", b->call), arg_int("n", u->years)));
}

static void put_dates(Make *m, json_t *o, const Upcoming list[], int n)
{
    json_t *dates = put_list(m, o, "dates");
    for (int i = 0; i < n && m->err == OK; i++) {
        const Upcoming *u = &list[i];
        char date[TIME_ISO_CAP];
        Bond b;
        if (!bond_read(m, u->person, &b))
            return;
        if (u->sort != DATE_DEATH && !relation_is_safe(relation_read(m, u->person)))
            continue; /* a birthday is no reason to call someone who does harm */
        json_t *d = add_object(m, dates);
        int64_t noon = time_from_local(&(Civil){u->day.year, u->day.month, u->day.day, .hour = 12});
        Str day = {NULL, 0}, on = {NULL, 0};
        make_ok(m, text_int(m->cx, m->text, u->day.day, &day));
        make_ok(m, text_birthday(m->cx, m->text, u->day.month, u->day.day, &on));
        put_c(m, d, "sort", sort_names[u->sort]);
        put_str(m, d, "date", time_format_date(&u->day, date));
        put_str(m, d, "day", day);
        put_str(m, d, "weekday", text_weekday(m->text, u->day.weekday));
        put_str(m, d, "on", on);
        put_ago(m, d, "when", noon);
        put_str(m, d, "text", say_upcoming(m, u, &b));
        put_str(m, d, "note",
                u->sort == DATE_DEATH ? say(m, "view.date.death-note", NO_ARGS) : STR(""));
        put_who(m, d, "person", &b);
    }
}

/* -- offers -------------------------------------------------------------------------------------- */

static void put_offers(Make *m, json_t *o, const Today *today)
{
    json_t *offers = put_list(m, o, "offers");
    for (int i = 0; i < today->n && m->err == OK; i++) {
        Bond b;
        const Offer *offer = &today->offers[i];
        const Relation *r = relation_read(m, offer->person);
        if (r && bond_read(m, offer->person, &b))
            add_offer(m, offers, &b, offer, r);
    }
}

/* On a day of mourning and in a pause nothing calls, not even one's own wish. */
static bool put_taken_today(Make *m, json_t *o, bool still)
{
    if (still)
        put_list(m, o, "taken");
    else
        put_taken(m, o, BOOK_NONE);
    return json_array_size(json_object_get(o, "taken")) > 0;
}

static void put_invitation(Make *m, json_t *o, const Today *today)
{
    Bond b;
    if (today->check_in == BOOK_NONE || !bond_read(m, today->check_in, &b) || b.gentle)
        return;
    json_t *invitation = put_object(m, o, "check_in");
    put_who(m, invitation, "person", &b);
    put_say(m, invitation, "text", "view.today.check-in", ARGS(arg_str("name", b.call)));
    put_str(m, invitation, "path", path_of(m, b.person.id, "/check-in"));
}

static bool day_of_a_death(const Upcoming dates[], int n)
{
    for (int i = 0; i < n && dates[i].in_days == 0; i++) {
        if (dates[i].sort == DATE_DEATH)
            return true;
    }
    return false;
}

static const char *lead_key(bool empty, bool taken, const Today *today)
{
    if (empty)
        return "view.today.lead-empty";
    if (taken && today->n == 0)
        return "view.today.lead-taken";
    return today->n > 0 ? "view.today.lead" : "view.today.lead-none";
}

static Str say_nothing(Make *m, bool empty, bool quiet, bool death, int offers)
{
    if (empty || offers > 0)
        return STR(""); /* what was taken up counts as one */
    if (death)
        return say(m, "view.today.nothing-death", NO_ARGS);
    return say(m, quiet ? "view.today.nothing-quiet" : "view.today.nothing", NO_ARGS);
}

static Err make_today(Cx *cx, const View *v, int64_t *ret_until_ms, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "today");
    Civil now = time_local(cx->now_ms);
    char date[TIME_ISO_CAP];
    Str heading = {NULL, 0};
    BookMe me = {.quiet = false};
    Upcoming *dates = NULL;
    Today today = {.n = 0, .check_in = BOOK_NONE};
    bool empty = book_people(v->book).n == 0;
    int n_dates = find_dates(&m, &dates);
    bool death = day_of_a_death(dates, n_dates);
    if (m.err == OK && make_ok(&m, book_me(cx, v->book, &me)) && !death)
        make_ok(&m, insight_today_cached(cx, v->cache, v->book, &today));
    today.n = offers_fit(&m, today.offers, today.n);
    if (m.err == OK)
        make_ok(&m, text_day(cx, v->text, &now, &heading));
    bool taken = put_taken_today(&m, o, death || me.quiet);
    put_str(&m, o, "date", time_format_date(&now, date));
    put_str(&m, o, "heading", heading);
    put_say(&m, o, "lead", lead_key(empty, taken, &today), ARGS(arg_int("n", today.n)));
    put_bool(&m, o, "empty", empty);
    put_steps(&m, o, "welcome", empty);
    put_offers(&m, o, &today);
    put_str(&m, o, "nothing", say_nothing(&m, empty, me.quiet, death, today.n + taken));
    put_invitation(&m, o, &today);
    put_dates(&m, o, dates, n_dates);
    *ret_until_ms = m.until_ms;
    return make_end(&m, o, ret);
}

/* -- what stands --------------------------------------------------------------------------------- */

void view_standing_drop(ViewStanding *standing)
{
    json_decref(standing->today);
    *standing = (ViewStanding){.today = NULL};
}

/* Everything that the page is made from is the same as it was. What a change of the book or of the day does to it is
 * told by the number of the answer: no answer outlives either. */
static bool still_stands(const Cx *cx, const View *v)
{
    const ViewStanding *s = v->standing;
    return s && s->today && s->book == v->book && s->text == v->text &&
           cx->now_ms >= s->from_ms && cx->now_ms < s->until_ms &&
           s->answer == insight_today_standing(cx, v->cache, v->book);
}

static void let_stand(const Cx *cx, const View *v, int64_t until_ms, json_t *today)
{
    uint64_t answer = insight_today_standing(cx, v->cache, v->book);
    if (!v->standing)
        return;
    view_standing_drop(v->standing);
    if (answer != 0)
        *v->standing = (ViewStanding){.today = json_incref(today),
                                      .book = v->book,
                                      .text = v->text,
                                      .answer = answer,
                                      .from_ms = cx->now_ms,
                                      .until_ms = until_ms};
}

Err view_today(Cx *cx, const View *v, json_t **ret)
{
    int64_t until_ms = 0;
    if (still_stands(cx, v)) {
        *ret = json_incref(v->standing->today);
        return OK;
    }
    Err e = make_today(cx, v, &until_ms, ret);
    if (e == OK)
        let_stand(cx, v, until_ms, *ret);
    return e;
}
