/* view/trend.c - the two pictures over time. The line behind a relationship, over at most a year: twenty-five even steps from the first
 * thing noted, the answers as they were given, and a few dated moments. It starts where the notes start;
 * before that there is nothing to draw. And the year of moments as they were written down, a lane a type.
 * Linear in the events of that year. */
#include "base/utf8.h"
#include "view/picture.h"
#include <math.h>

enum {
    STEPS = 25,
    SPAN_DAYS = 365,
    SHORTEST_DAYS = 30,
    QUIET_DAYS = 60,
    NOTES_MAX = 4,
    NOTE_CHARS = 90,
    DOTS_MOST = 1000
};

typedef struct Span {
    int64_t from_ms, to_ms;
    int64_t first_ms; /* the first thing noted in it */
} Span;

static const uint32_t NOTED = BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT);

static Span span_of(const Make *m, BookRef person)
{
    int64_t year_ago = m->cx->now_ms - SPAN_DAYS * (int64_t)TIME_DAY_MS;
    int64_t latest_start = m->cx->now_ms - SHORTEST_DAYS * (int64_t)TIME_DAY_MS;
    BookIter all =
        book_timeline(m->book, person, (BookWhich){.kinds = NOTED, .oldest_first = true});
    BookRef ref = BOOK_NONE;
    int64_t first = book_next(&all, &ref) ? book_at(m->book, ref) : m->cx->now_ms;
    first = first < year_ago ? year_ago : first;
    return (Span){first < latest_start ? first : latest_start, m->cx->now_ms, first};
}

static void put_line(Make *m, json_t *o, const Span *span, const TrendPoint line[], int n)
{
    json_t *points = put_list(m, o, "points");
    for (int i = 0; i < n; i++) {
        if (line[i].at_ms < span->first_ms)
            continue;
        json_t *p = add_object(m, points);
        put_iso(m, p, "at", line[i].at_ms);
        put_num(m, p, "mean", line[i].mean);
        put_num(m, p, "lo", line[i].lo);
        put_num(m, p, "hi", line[i].hi);
    }
}

static void put_answers(Make *m, json_t *o, const Span *span, const RawPoint raw[], int n)
{
    json_t *answers = put_list(m, o, "answers");
    for (int i = 0; i < n; i++) {
        if (raw[i].state >= TYPE_COUNT || raw[i].at_ms < span->from_ms ||
            raw[i].at_ms > span->to_ms)
            continue;
        json_t *p = add_object(m, answers);
        put_iso(m, p, "at", raw[i].at_ms);
        put_num(m, p, "value", raw[i].value);
    }
}

static void put_wish(Make *m, json_t *o, const Bond *b, const Span *span)
{
    json_t *wanted = put_list(m, o, "wanted");
    if (b->rel.wanted_tenths < 0)
        return;
    json_t *p = add_object(m, wanted);
    put_iso(m, p, "at", span->from_ms);
    put_num(m, p, "value", b->rel.wanted_tenths / 10.0);
}

/* Moments that stood out, either way: a letter in the picture and a line below it. */
static bool stood_out(const BookMoment *moment)
{
    return moment->event.text.len > 0 && (moment->conflict || moment->opened_up ||
                                          (moment->has_quality && fabs(moment->quality) > .9));
}

static void put_notes(Make *m, json_t *o, BookRef person, const Span *span)
{
    const BookWhich which = {
        .from_ms = span->from_ms, .has_from = true, .kinds = BOOK_KIND(ENTRY_MOMENT)};
    BookMoment found[NOTES_MAX];
    int n = 0;
    BookIter all = book_timeline(m->book, person, which);
    BookRef ref = BOOK_NONE;
    while (n < NOTES_MAX && m->err == OK && book_next(&all, &ref)) {
        if (make_ok(m, book_moment(m->cx, m->book, ref, &found[n])) && stood_out(&found[n]))
            n++;
    }
    json_t *notes = put_list(m, o, "notes");
    for (int i = n - 1; i >= 0 && m->err == OK; i--) { /* oldest first */
        char letter[2] = {(char)('a' + n - 1 - i), 0};
        Civil day = time_local(found[i].event.at_ms);
        Str on = {NULL, 0};
        json_t *note = add_object(m, notes);
        make_ok(m, text_date(m->cx, m->text, &day, &on));
        put_iso(m, note, "at", found[i].event.at_ms);
        put_c(m, note, "letter", letter);
        put_say(m, note, "text", "view.trend.note",
                ARGS(arg_str("text", excerpt_of(m, found[i].event.text, NOTE_CHARS)),
                     arg_str("on", on)));
    }
}

/* The longest stretch without a note, when it is long enough to widen the band. */
static Str say_quiet(Make *m, BookRef person, const Span *span)
{
    const BookWhich which = {
        .from_ms = span->from_ms, .has_from = true, .kinds = NOTED, .oldest_first = true};
    BookIter all = book_timeline(m->book, person, which);
    BookRef ref = BOOK_NONE;
    int64_t last = span->first_ms, from = 0, to = 0;
    for (bool more = true; more;) {
        more = book_next(&all, &ref);
        int64_t at = more ? book_at(m->book, ref) : span->to_ms;
        if (at - last > to - from) {
            from = last;
            to = at;
        }
        last = at;
    }
    if (time_days_between(from, to) < QUIET_DAYS)
        return STR("");
    Civil a = time_local(from), z = time_local(to);
    Str from_words = {NULL, 0}, to_words = {NULL, 0};
    if (m->err != OK || !make_ok(m, text_date(m->cx, m->text, &a, &from_words)) ||
        !make_ok(m, text_date(m->cx, m->text, &z, &to_words)))
        return STR("");
    return say(m, "view.trend.quiet", ARGS(arg_str("from", from_words), arg_str("to", to_words)));
}

/* The names of months under the axis, at most seven of them. */
static void put_months(Make *m, json_t *o, const Span *span)
{
    enum { MONTHS_MAX = 7 };
    json_t *months = put_list(m, o, "months");
    Civil c = time_local(span->from_ms), end = time_local(span->to_ms);
    int count = (end.year - c.year) * 12 + end.month - c.month;
    int step = (count + MONTHS_MAX - 1) / MONTHS_MAX;
    for (int i = 1; i <= count; i += step > 0 ? step : 1) {
        int month = c.month - 1 + i;
        const Civil first = {.year = c.year + month / 12, .month = month % 12 + 1, .day = 1};
        json_t *item = add_object(m, months);
        put_iso(m, item, "at", time_from_local(&first));
        put_str(m, item, "name", text_month(m->text, first.month));
    }
}

static Str say_trend(Make *m, const Relation *r)
{
    if (!r->closeness.known)
        return say(m, "view.trend.none", NO_ARGS);
    if (!r->trend.known)
        return say(m, "view.trend.early", NO_ARGS);
    static const char *const one[TREND_WORDS] = {"view.trend.quieter", "view.trend.steady",
                                                 "view.trend.growing"};
    static const char *const two[TREND_WORDS] = {
        "view.trend.quieter-or-steady", "view.trend.steady-or-growing", "view.trend.unclear"};
    if (r->trend.word.first == SAID_NONE)
        return say(m, "view.trend.unclear", NO_ARGS);
    bool single = r->trend.word.first == r->trend.word.last;
    return say(m, (single ? one : two)[r->trend.word.first], NO_ARGS);
}

void put_trend(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r)
{
    TrendPoint line[STEPS];
    const RawPoint *raw = NULL;
    int n_raw = 0;
    json_t *trend = put_object(m, o, key);
    if (!r)
        return;
    BookRef person = b->person.ref;
    Span span = span_of(m, person);
    bool known = r->closeness.known;
    if (known)
        make_ok(m, insight_trend(m->cx, m->cache, m->book, person, -1, span.from_ms, span.to_ms, line, STEPS,
                                 &raw, &n_raw));
    if (m->err != OK)
        return;
    put_c(m, trend, "picture", "trend");
    put_bool(m, trend, "known", known);
    put_say(m, trend, "title", "view.trend.title", ARGS(arg_str("name", b->name)));
    put_str(m, trend, "desc", say_trend(m, r));
    put_str(m, trend, "sentence", say_trend(m, r));
    put_str(m, trend, "quiet", known ? say_quiet(m, person, &span) : STR(""));
    put_iso(m, trend, "from", span.from_ms);
    put_iso(m, trend, "to", span.to_ms);
    put_iso(m, trend, "now", span.to_ms);
    put_line(m, trend, &span, line, known ? STEPS : 0);
    put_answers(m, trend, &span, raw, n_raw);
    put_wish(m, trend, b, &span);
    put_notes(m, trend, person, &span);
    json_t *labels = put_list(m, trend, "labels");
    for (int i = 0; i < LEVEL_WORDS; i++)
        add_str(m, labels, text_level_word(m->text, (LevelWord)i));
    put_months(m, trend, &span);
}

/* -- rhythm --------------------------------------------------------------------------------------- */

static int put_moments(Make *m, json_t *o, BookRef person, const Span *span)
{
    BookIter all = book_timeline(
        m->book, person,
        (BookWhich){.from_ms = span->from_ms, .has_from = true, .kinds = BOOK_KIND(ENTRY_MOMENT)});
    json_t *moments = put_list(m, o, "moments");
    BookRef ref = BOOK_NONE;
    int n = 0;
    for (; n < DOTS_MOST && m->err == OK && book_next(&all, &ref); n++) {
        BookMoment moment = {.types = 0};
        if (!make_ok(m, book_moment(m->cx, m->book, ref, &moment)))
            break;
        json_t *dot = add_object(m, moments);
        put_iso(m, dot, "at", moment.event.at_ms);
        json_t *types = put_list(m, dot, "types");
        for (int i = 0; i < TYPE_COUNT; i++) {
            if (content_has(moment.types, i))
                add_str(m, types, content_types[i].id);
        }
    }
    return n;
}

void put_rhythm(Make *m, json_t *o, const char *key, const Bond *b)
{
    const Span span = {.from_ms = m->cx->now_ms - SPAN_DAYS * (int64_t)TIME_DAY_MS,
                       .to_ms = m->cx->now_ms};
    json_t *rhythm = put_object(m, o, key);
    int n = put_moments(m, rhythm, b->person.ref, &span);
    if (n == 0) {
        (void)json_object_del(o, key);
        return;
    }
    put_c(m, rhythm, "picture", "rhythm");
    put_say(m, rhythm, "title", "view.rhythm.title", ARGS(arg_str("name", b->name)));
    put_say(m, rhythm, "desc", "view.rhythm.desc", ARGS(arg_int("n", n)));
    put_iso(m, rhythm, "from", span.from_ms);
    put_iso(m, rhythm, "to", span.to_ms);
    json_t *lanes = put_list(m, rhythm, "lanes");
    for (int i = 0; i < TYPE_COUNT; i++)
        add_str(m, lanes, content_text(m->text, content_types[i].name));
    put_months(m, rhythm, &span);
}
