/* view/today.c - the first page: at most three offers, one invitation, the dates to come. On the day of a death
 * nothing is offered at all. What was said stands until something could be said otherwise (ViewStanding): then it costs
 * a comparison. Made anew it is linear in people, but for each that has no date in the next days it is a few nanoseconds beside
 * what insight has to look at again: 1.2 million instructions with 1,000 people, 1.1 with 100, .5 with 10, .2 with one (less
 * is shown), and as many entries as you like. */
#include "view/offer.h"
#include "view/picture.h"
#include "view/steps.h"

enum { DATES_DAYS = 30, DATES_MAX = 20 };

/* -- dates --------------------------------------------------------------------------------------- */

typedef enum DateSort { DATE_BIRTHDAY, DATE_ANNIVERSARY, DATE_DEATH } DateSort;
static const char *const sort_names[] = {"birthday", "anniversary", "death"};

typedef struct Upcoming {
    DateSort sort;
    int in_days;
    int years; /* that it is then; -1 not known */
    BookRef person;
    const Bond *bond; /* once it is one of those shown */
} Upcoming;

/* The days that are looked at: which dates may be among them costs two comparisons a person. */
typedef struct Window {
    Civil days[DATES_DAYS + 1];
    int mmdd[DATES_DAYS + 1];
    int from, to;  /* of mmdd; to below from: round the new year */
    int leap_days; /* in so many days is what is kept on 29 February; -1 not among them */
} Window;

static void window_from(int64_t now_ms, Window *w)
{
    Civil today = time_local(now_ms);
    int64_t now = time_days_from_civil(today.year, today.month, today.day);
    w->leap_days = -1;
    for (int i = 0; i <= DATES_DAYS; i++) {
        Civil *day = &w->days[i];
        *day = time_civil((now + i) * TIME_DAY_MS, 0);
        w->mmdd[i] = day->month * 100 + day->day;
        bool last = day->month == 2 && day->day == time_days_in_month(day->year, 2);
        if (last) /* on the 28th where there is no 29th */
            w->leap_days = i;
    }
    w->from = w->mmdd[0];
    w->to = w->mmdd[DATES_DAYS];
}

static bool within(const Window *w, int mmdd)
{
    return w->from <= w->to ? mmdd >= w->from && mmdd <= w->to : mmdd >= w->from || mmdd <= w->to;
}

/* In how many days that day comes round; -1 in more than are looked at. */
static int days_until(const Window *w, int mmdd)
{
    enum { LEAP_DAY = 229 };
    if (mmdd == LEAP_DAY)
        return w->leap_days;
    for (int i = 0; within(w, mmdd) && i <= DATES_DAYS; i++) {
        if (w->mmdd[i] == mmdd)
            return i;
    }
    return -1;
}

/* Where something rests, is paused, is over or is grieved for, no date calls. */
static bool dates_call(Make *m, const BookRelationship *rel)
{
    bool held = rel->season == SEASON_ENDED || rel->season == SEASON_RESTING ||
                rel->season == SEASON_GRIEVING;
    bool paused = rel->paused_until_ms > m->cx->now_ms;
    if (paused)
        make_until(m, rel->paused_until_ms);
    return !held && !paused;
}

typedef struct Dates {
    Upcoming *list;
    int n, cap;
    int on[DATES_DAYS + 1]; /* so many on each day */
} Dates;

static void note_date(Make *m, Dates *d, const Window *w, DateSort sort, int32_t ymd,
                      BookRef person)
{
    Civil date;
    int in_days = ymd == 0 ? -1 : days_until(w, ymd % 10000);
    if (in_days < 0 || !book_present(m->book, person))
        return;
    if (d->n == d->cap) {
        int cap = d->cap > 0 ? 2 * d->cap : 64;
        Upcoming *more = arena_grow(m->cx->arena, d->list, d->cap, cap, (ptrdiff_t)sizeof *more,
                                    (ptrdiff_t) _Alignof(Upcoming));
        if (!more) {
            make_ok(m, err_nomem(m->cx));
            return;
        }
        d->list = more;
        d->cap = cap;
    }
    int years = date_civil(ymd, &date) ? w->days[in_days].year - date.year : -1;
    d->list[d->n++] = (Upcoming){sort, in_days, years, person, NULL};
    d->on[in_days]++;
}

/* Everyone's that come up; of who has died, that day alone. */
static void note_dates(Make *m, Dates *d, const Window *w)
{
    BookDates of;
    BookRef person;
    for (uint32_t i = 0; m->err == OK && book_next_dates(m->book, &i, &person, &of);) {
        if (of.died != 0) {
            note_date(m, d, w, DATE_DEATH, of.died, person);
            continue;
        }
        note_date(m, d, w, DATE_BIRTHDAY, of.birthday, person);
        note_date(m, d, w, DATE_ANNIVERSARY, of.anniversary, person);
    }
}

/* Day by day, those of one day as people came. */
static Upcoming *in_order(Make *m, Dates *d)
{
    Upcoming *order = arena_new(m->cx->arena, Upcoming, d->n + 1);
    int at[DATES_DAYS + 1], next = 0;
    if (!order)
        make_ok(m, err_nomem(m->cx));
    for (int i = 0; i <= DATES_DAYS; i++) {
        at[i] = next;
        next += d->on[i];
    }
    for (int i = 0; order && i < d->n; i++)
        order[at[d->list[i].in_days]++] = d->list[i];
    return order;
}

/* The nearest of everyone's. */
static int find_dates(Make *m, const Window *w, Upcoming ret[DATES_MAX])
{
    Dates d = {.n = 0};
    int kept = 0;
    note_dates(m, &d, w);
    Upcoming *order = m->err == OK ? in_order(m, &d) : NULL;
    for (int i = 0; order && i < d.n && kept < DATES_MAX; i++) {
        Bond *b = arena_new(m->cx->arena, Bond, 1);
        if (!b)
            make_ok(m, err_nomem(m->cx));
        if (!b || !bond_read(m, order[i].person, b))
            return 0;
        order[i].bond = b;
        if (order[i].sort == DATE_DEATH || dates_call(m, &b->rel))
            ret[kept++] = order[i];
    }
    return kept;
}

static Str say_upcoming(Make *m, const Upcoming *u)
{
    static const char *const with_years[] = {
        "view.date.birthday-years", "view.date.anniversary-years", "view.date.death-years"};
    static const char *const without[] = {"view.date.birthday", "view.date.anniversary",
                                          "view.date.death"};
    return say(m, u->years > 0 ? with_years[u->sort] : without[u->sort],
               ARGS(arg_str("name", u->bond->call), arg_int("n", u->years)));
}

/* A birthday is no reason to call someone who does harm. */
static bool feels_safe(Make *m, BookRef person)
{
    const Relation *r = NULL;
    if (m->err != OK || !make_ok(m, insight_relation_seen(m->cx, m->cache, m->book, person, &r)))
        return false;
    make_until(m, r->facts.until_ms);
    return relation_is_safe(r);
}

static void put_date(Make *m, json_t *d, const Upcoming *u, const Civil *day)
{
    char date[TIME_ISO_CAP];
    int64_t noon = time_from_local(&(Civil){day->year, day->month, day->day, .hour = 12});
    Str number = {NULL, 0}, on = {NULL, 0};
    make_ok(m, text_int(m->cx, m->text, day->day, &number));
    make_ok(m, text_birthday(m->cx, m->text, day->month, day->day, &on));
    put_c(m, d, "sort", sort_names[u->sort]);
    put_str(m, d, "date", time_format_date(day, date));
    put_str(m, d, "day", number);
    put_str(m, d, "weekday", text_weekday(m->text, day->weekday));
    put_str(m, d, "on", on);
    put_ago(m, d, "when", noon);
    put_str(m, d, "text", say_upcoming(m, u));
    put_str(m, d, "note",
            u->sort == DATE_DEATH ? say(m, "view.date.death-note", NO_ARGS) : STR(""));
    put_who(m, d, "person", u->bond);
}

static void put_dates(Make *m, json_t *o, const Window *w, const Upcoming list[], int n)
{
    json_t *dates = put_list(m, o, "dates");
    for (int i = 0; i < n && m->err == OK; i++) {
        const Upcoming *u = &list[i];
        if (u->sort == DATE_DEATH || feels_safe(m, u->person))
            put_date(m, add_object(m, dates), u, &w->days[u->in_days]);
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
    Upcoming dates[DATES_MAX];
    Window window;
    Today today = {.n = 0, .check_in = BOOK_NONE};
    bool empty = book_people(v->book).n == 0;
    window_from(cx->now_ms, &window);
    int n_dates = find_dates(&m, &window, dates);
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
    put_dates(&m, o, &window, dates, n_dates);
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
    return s && s->today && s->book == v->book && s->text == v->text && cx->now_ms >= s->from_ms &&
           cx->now_ms < s->until_ms && s->answer == insight_today_standing(cx, v->cache, v->book);
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
