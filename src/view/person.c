/* view/person.c - one relationship on one page: what it is, what the answers support saying, what to have at hand before
 * talking, and its story. The first sentence is put together from what is supported, in an order of its
 * own: how it feels, what is wanted, where it is going; a part without support is simply not said. Where it does not
 * feel safe, nothing on the page leads closer. */
#include "view/event.h"
#include "view/offer.h"
#include "view/picture.h"
#include <math.h>

enum { STORY_MOST = 20, SLIP_MOST = 12, SLIP_CHARS = 120, BIRTHDAY_DAYS = 30 };

/* -- the first sentence -------------------------------------------------------------------------- */

static bool said(const Estimate *e)
{
    return e->known && e->level.first != SAID_NONE;
}

/* The type whose wish lies furthest from how it is, when both have words and the gap is beyond its doubt. */
static int widest_gap(const Bond *b, const Relation *r)
{
    int best = -1;
    for (int k = 0; k < TYPE_COUNT; k++) {
        bool clear = said(&r->types[k]) && said(&r->wanted[k]) && fabs(r->gap[k]) > 1 &&
                     fabs(r->gap[k]) > r->gap_sd[k];
        if (clear && !content_has(b->rel.not_ours, k) &&
            (best < 0 || fabs(r->gap[k]) > fabs(r->gap[best])))
            best = k;
    }
    return best;
}

static Str say_feels(Make *m, const Bond *b, const Relation *r, bool safe)
{
    if (!said(&r->closeness))
        return STR("");
    Str word = say_level(m, &r->closeness);
    if (!safe || b->rel.wanted_tenths < 0)
        return say(m, "view.person.feels", ARGS(arg_str("word", word)));
    LevelWord wanted = (LevelWord)word_of_level(b->rel.wanted_tenths / 10.0);
    return say(m, "view.person.feels-wanted",
               ARGS(arg_str("word", word), arg_str("wanted", text_level_word(m->text, wanted))));
}

static Str say_gap(Make *m, const Bond *b, const Relation *r, bool safe)
{
    int k = safe ? widest_gap(b, r) : -1;
    if (k < 0)
        return STR("");
    return say(m, "view.person.gap",
               ARGS(arg_str("type", say_of(m, "view.closeness.", content_types[k].id, NO_ARGS)),
                    arg_str("word", say_level(m, &r->types[k])),
                    arg_str("wanted", say_level(m, &r->wanted[k]))));
}

static Str say_movement(Make *m, const Relation *r)
{
    static const char *const keys[TREND_WORDS] = {"view.person.quieter", "view.person.steady",
                                                  "view.person.growing"};
    Said word = r->trend.word;
    if (!said(&r->closeness) || !r->trend.known || word.first == SAID_NONE ||
        word.first != word.last)
        return STR("");
    return say(m, keys[word.first], NO_ARGS);
}

static Str say_lead(Make *m, const Bond *b, const Relation *r, bool safe)
{
    if (b->person.died != 0)
        return say(m, "view.person.died",
                   ARGS(arg_str("name", b->call), arg_str("on", say_date(m, b->person.died))));
    Str parts[4] = {say_feels(m, b, r, safe), say_gap(m, b, r, safe), say_movement(m, r), STR("")};
    Str lead = say_join(m, "view.space", parts, 3);
    if (lead.len > 0)
        return lead;
    if (r->readings > 0)
        return say(m, "view.person.lead-wide", NO_ARGS);
    return say(m, "view.person.lead-none", ARGS(arg_str("name", b->call)));
}

/* -- facts --------------------------------------------------------------------------------------- */

static void add_fact(Make *m, json_t *facts, const char *label_key, Str text)
{
    if (text.len == 0)
        return;
    json_t *fact = add_object(m, facts);
    put_say(m, fact, "label", label_key, NO_ARGS);
    put_str(m, fact, "text", text);
}

static Str say_age(Make *m, const Bond *b)
{
    Civil today = time_local(m->cx->now_ms), died;
    Str out = {NULL, 0};
    if (b->person.died != 0 && !date_civil(b->person.died, &died))
        return STR("");
    int years = years_since(b->person.birthday, b->person.died != 0 ? &died : &today);
    if (b->person.birthday != 0 && years >= 0 && m->err == OK)
        make_ok(m, text_age(m->cx, m->text, years, &out));
    return out;
}

/* The names of a list of ids or own words. */
static Str say_tags(Make *m, BookTexts ids, const ContentTag tags[], int (*number)(Str))
{
    Str *words = arena_new(m->cx->arena, Str, ids.n + 1);
    if (!words) {
        make_ok(m, err_nomem(m->cx));
        return STR("");
    }
    for (int i = 0; i < ids.n; i++) {
        int k = number(ids.p[i]);
        words[i] = k >= 0 ? content_text(m->text, tags[k].name) : ids.p[i];
    }
    return say_join(m, "view.comma", words, ids.n);
}

static Str say_pairs(Make *m, BookPairs pairs)
{
    Str *values = arena_new(m->cx->arena, Str, pairs.n + 1);
    if (!values) {
        make_ok(m, err_nomem(m->cx));
        return STR("");
    }
    for (int i = 0; i < pairs.n; i++)
        values[i] = pairs.p[i].value;
    return say_join(m, "view.comma", values, pairs.n);
}

static Str say_season(Make *m, const Bond *b)
{
    if (b->rel.season < 0 || b->rel.season >= SEASON_COUNT)
        return STR("");
    return content_text(m->text, content_seasons[b->rel.season].name);
}

static void put_facts(Make *m, json_t *o, const Bond *b)
{
    const BookPerson *p = &b->person;
    json_t *facts = put_list(m, o, "facts");
    Str who[3] = {bond_kinds(m, b), say_age(m, b), p->pronouns};
    Str work[2] = {p->title, p->org};
    Str where[2] = {p->addresses.n > 0 ? p->addresses.p[0].value : STR(""),
                    b->rel.far ? say(m, "view.fact.far", NO_ARGS) : STR("")};
    add_fact(m, facts, "view.fact.who", say_join(m, "view.comma", who, 3));
    add_fact(m, facts, "view.fact.called",
             say_join(m, "view.comma", p->nicknames.p, p->nicknames.n));
    add_fact(m, facts, "view.fact.where", say_join(m, "view.comma", where, 2));
    add_fact(m, facts, "view.fact.season", say_season(m, b));
    add_fact(m, facts, "view.fact.since", say_date(m, b->rel.since));
    add_fact(m, facts, "view.fact.welcome", b->rel.welcome);
    add_fact(m, facts, "view.fact.welcome-body", b->rel.welcome_body);
    add_fact(m, facts, "view.fact.birthday", say_date(m, p->birthday));
    add_fact(m, facts, "view.fact.died", say_date(m, p->died));
    add_fact(m, facts, "view.fact.work", say_join(m, "view.comma", work, 2));
    add_fact(m, facts, "view.fact.interests",
             say_tags(m, p->interests, content_interests, content_interest_id));
    add_fact(m, facts, "view.fact.styles",
             say_tags(m, p->styles, content_styles, content_style_id));
    add_fact(m, facts, "view.fact.ways", say_tags(m, p->ways, content_ways, content_way_id));
    add_fact(m, facts, "view.fact.languages",
             say_join(m, "view.comma", p->languages.p, p->languages.n));
    add_fact(m, facts, "view.fact.mail", say_pairs(m, p->emails));
    add_fact(m, facts, "view.fact.phone", say_pairs(m, p->phones));
    add_fact(m, facts, "view.fact.about", p->note);
}

/* -- what limits, what is there ------------------------------------------------------------------ */

static int seeds_of(double p)
{
    return (int)floor(10 * p + .5);
}

/* The root that limits next, if it is worth naming. */
static int second_root(const Relation *r)
{
    int best = -1;
    for (int f = 0; f < FACTOR_COUNT; f++) {
        if (f != r->limiting && r->factor_prob[f] >= .1 &&
            (best < 0 || r->factor_prob[f] > r->factor_prob[best]))
            best = f;
    }
    return best;
}

static void put_limiting(Make *m, json_t *o, const Relation *r)
{
    const ContentPage *page = &content_factors[r->limiting];
    int second = second_root(r);
    json_t *limiting = put_object(m, o, "limiting");
    Str name = say_of(m, "state.", page->id, NO_ARGS);
    put_str(m, limiting, "key", page->id);
    put_str(m, limiting, "name", content_text(m->text, page->name));
    put_str(m, limiting, "path", path_to(m, "/learn/", page->id));
    put_say(m, limiting, "sentence",
            r->limiting_prob >= .5 ? "view.person.limiting" : "view.person.limiting-maybe",
            ARGS(arg_str("root", name)));
    put_str(m, limiting, "chance", say_chance(m, r->limiting_prob));
    json_t *seeds = put_object(m, limiting, "seeds");
    put_c(m, seeds, "picture", "seeds");
    json_t *parts = put_list(m, seeds, "parts");
    int first = seeds_of(r->limiting_prob),
        next = second >= 0 ? seeds_of(r->factor_prob[second]) : 0;
    if (m->err == OK &&
        (json_array_append_new(parts, json_integer(first)) != 0 ||
         json_array_append_new(parts, json_integer(first + next > 10 ? 10 - first : next)) != 0))
        make_ok(m, err_nomem(m->cx));
    put_str(m, limiting, "others",
            second < 0 ? STR("")
                       : say(m, "view.person.limiting-second",
                             ARGS(arg_str("root",
                                          say_of(m, "state.", content_factors[second].id, NO_ARGS)),
                                  arg_str("chance", say_chance(m, r->factor_prob[second])))));
}

static Str say_not_ours(Make *m, const Bond *b)
{
    Str names[TYPE_COUNT];
    int n = 0;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (content_has(b->rel.not_ours, k))
            names[n++] = say_of(m, "view.closeness.", content_types[k].id, NO_ARGS);
    }
    return n == 0 ? STR("")
                  : say(m, "view.person.not-ours", ARGS(arg_str("types", say_list(m, names, n))));
}

static Str say_rests_on(Make *m, const Relation *r)
{
    if (r->readings == 0)
        return say(m, "view.person.figure-none", NO_ARGS);
    Str parts[2] = {say(m, "view.person.checkins", ARGS(arg_int("n", r->checkins))),
                    say(m, "view.person.moments", ARGS(arg_int("n", r->moments)))};
    return say(m, "view.person.figure-rests", ARGS(arg_str("what", say_list(m, parts, 2))));
}

/* -- before we talk ------------------------------------------------------------------------------ */

static int put_topics(Make *m, json_t *talk, const char *key, const Bond *b, BookTopicSort sort,
                      bool show)
{
    json_t *list = put_list(m, talk, key);
    BookIter all =
        book_timeline(m->book, b->person.ref, (BookWhich){.kinds = BOOK_KIND(ENTRY_TOPIC)});
    BookRef ref = BOOK_NONE;
    int n = 0;
    while (show && n < SLIP_MOST && m->err == OK && book_next(&all, &ref)) {
        BookTopic topic = {.done = true};
        if (!make_ok(m, book_topic(m->cx, m->book, ref, &topic)) || topic.done ||
            topic.sort != sort)
            continue;
        json_t *o = add_object(m, list);
        put_id(m, o, "id", topic.event.id);
        put_str(m, o, "text", topic.event.text);
        put_ago(m, o, "when", topic.event.at_ms);
        put_str(m, o, "retract_path", path_of(m, b->person.id, "/edit"));
        n++;
    }
    return n;
}

static Str say_last(Make *m, const Bond *b)
{
    BookRef last = book_last(m->book, b->person.ref, ENTRY_MOMENT);
    BookEvent event = {.at_ms = 0};
    if (last == BOOK_NONE || m->err != OK || !make_ok(m, book_event(m->cx, m->book, last, &event)))
        return STR("");
    return say(m, event.text.len > 0 ? "view.talk.last" : "view.talk.last-bare",
               ARGS(arg_str("when", say_ago(m, event.at_ms)),
                    arg_str("text", excerpt_of(m, event.text, SLIP_CHARS))));
}

static Str say_birthday_soon(Make *m, const Bond *b)
{
    Civil today = time_local(m->cx->now_ms);
    int month = b->person.birthday / 100 % 100, day = b->person.birthday % 100;
    if (b->person.birthday == 0)
        return STR("");
    int64_t now = time_days_from_civil(today.year, today.month, today.day);
    for (int year = today.year; year <= today.year + 1; year++) {
        int last = time_days_in_month(year, month), on = day < last ? day : last;
        int64_t in_days = time_days_from_civil(year, month, on) - now;
        if (in_days < 0 || in_days > BIRTHDAY_DAYS)
            continue;
        const Civil noon = {.year = year, .month = month, .day = on, .hour = 12};
        return say(
            m, "view.talk.birthday",
            ARGS(arg_str("name", b->call), arg_str("when", say_ago(m, time_from_local(&noon)))));
    }
    return STR("");
}

static void put_talk(Make *m, json_t *o, const Bond *b, bool safe)
{
    json_t *talk = put_object(m, o, "talk");
    bool show = safe && b->person.died == 0;
    int n = put_topics(m, talk, "ask", b, TOPIC_ASK, show);
    n += put_topics(m, talk, "news", b, TOPIC_NEWS, show);
    n += put_topics(m, talk, "promises", b, TOPIC_PROMISE, show);
    Str last = show ? say_last(m, b) : STR("");
    Str birthday = show && !b->gentle ? say_birthday_soon(m, b) : STR("");
    put_bool(m, talk, "any", n > 0 || last.len > 0 || birthday.len > 0);
    put_str(m, talk, "last", last);
    put_str(m, talk, "birthday", birthday);
}

/* -- the page ------------------------------------------------------------------------------------ */

static void put_story(Make *m, json_t *o, BookRef person)
{
    json_t *story = put_list(m, o, "story");
    BookIter all = book_timeline(m->book, person, (BookWhich){.kinds = STORY_KINDS});
    BookRef ref = BOOK_NONE;
    int n = 0;
    for (; n < STORY_MOST && m->err == OK && book_next(&all, &ref); n++)
        add_event(m, story, ref, person);
    put_bool(m, o, "story_more", n == STORY_MOST && book_next(&all, &ref));
}

static void put_paths(Make *m, json_t *o, const Bond *b)
{
    char id[ID_TEXT_CAP];
    json_t *paths = put_object(m, o, "paths");
    put_str(m, paths, "check_in", path_of(m, b->person.id, "/check-in"));
    put_str(m, paths, "log", path_to(m, "/log?with=", id_format(b->person.id, id)));
    put_str(m, paths, "next", path_of(m, b->person.id, "/next"));
    put_str(m, paths, "edit", path_of(m, b->person.id, "/edit"));
}

Err view_person(Cx *cx, const View *v, BookRef person, json_t **ret)
{
    Make m;
    Bond b;
    json_t *o = make_view(&m, cx, v, "person");
    const Relation *r = bond_read(&m, person, &b) ? relation_read(&m, person) : NULL;
    if (!r)
        return make_end(&m, o, ret);
    bool safe = relation_is_safe(r);
    put_who(&m, o, "person", &b);
    put_str(&m, o, "heading", b.name);
    put_str(&m, o, "lead", say_lead(&m, &b, r, safe));
    put_bool(&m, o, "gentle", b.gentle);
    put_bool(&m, o, "safe", safe);
    if (!safe)
        put_care(&m, o, "care");
    put_facts(&m, o, &b);
    put_str(&m, o, "closeness", say_level(&m, &r->closeness));
    put_figure(&m, o, "figure", &b, r, true);
    put_str(&m, o, "figure_note", say_rests_on(&m, r));
    put_str(&m, o, "not_ours", say_not_ours(&m, &b));
    if (safe && !b.gentle && r->limiting >= 0)
        put_limiting(&m, o, r);
    put_str(&m, o, "established",
            safe && r->established
                ? say(&m, "view.person.established", ARGS(arg_str("name", b.call)))
                : STR(""));
    put_trend(&m, o, "trend", &b, r);
    put_rhythm(&m, o, "rhythm", &b);
    put_talk(&m, o, &b, safe);
    put_story(&m, o, person);
    put_paths(&m, o, &b);
    return make_end(&m, o, ret);
}
