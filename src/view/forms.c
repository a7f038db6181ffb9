/* view/forms.c - the forms: what is known now, and what can be chosen, in words. Values are those of the table of actions, so a
 * form that is sent back untouched changes nothing. */
#include "base/utf8.h"
#include "view/event.h"
#include "view/steps.h"
#include <stdio.h>

enum { RECENT_MOST = 10 };

static const char *const AS[] = {"moment", "note", "ask", "news", "promise"};
static const char *const MEDIA[] = {"in-person", "video", "call", "text"};
static const char *const QUALITIES[] = {"bad", "poor", "mixed", "good", "very-good"};
static const char *const REACHED[] = {"me", "them", "both"};
static const char *const NEAR[] = {"near", "far"};
static const char *const OFF_ON[] = {"off", "on"};
static const char *const NO_YES[] = {"no", "yes"};
static const char *const DEPTHS[] = {"1", "2", "3", "4", "5", "6", "7"};
static const char *const PAUSES[] = {"off", "week", "month", "quarter"};
static const char *const LEAVE[] = {"blank", "weather", "news", "search"};
static const char *const COMPANIES[] = {"just-us", "a-few", "many"};

enum {
    COUNT_AS = 5,
    COUNT_MEDIA = 4,
    COUNT_QUALITIES = 5,
    COUNT_REACHED = 3,
    COUNT_LEAVE = 4,
    COUNT_PAUSES = 4
};

static void put_recent(Make *m, json_t *o, BookIter all)
{
    json_t *recent = put_list(m, o, "recent");
    BookRef ref = BOOK_NONE;
    for (int n = 0; n < RECENT_MOST && m->err == OK && book_next(&all, &ref); n++)
        add_event(m, recent, ref, BOOK_NONE);
}

static void put_types(Make *m, json_t *o, const char *key, uint32_t selected)
{
    json_t *list = put_list(m, o, key);
    for (int k = 0; k < TYPE_COUNT; k++)
        add_choice(m, list, content_types[k].id, content_text(m->text, content_types[k].name),
                   content_text(m->text, content_types[k].brief), content_has(selected, k));
}

/* Romance can be switched on with a partner or someone dated, never where one of the two is a minor. */
static bool romance_possible(const Make *m, const Bond *b, const BookMe *me)
{
    return content_romantic(b->rel.kinds) && !me->minor &&
           !insight_under_age(&b->person, m->cx->now_ms);
}

/* -- log ----------------------------------------------------------------------------------------- */

static void put_ticks(Make *m, json_t *o, BookRef with, const BookMe *me, bool *ret_romance)
{
    json_t *list = put_list(m, o, "people");
    BookRefs people = book_people(m->book);
    for (int i = 0; i < people.n && m->err == OK; i++) {
        Bond b;
        if (!bond_read(m, people.p[i], &b) || b.person.died != 0)
            continue;
        json_t *tick = add_object(m, list);
        put_id(m, tick, "id", b.person.id);
        put_str(m, tick, "name", b.name);
        put_str(m, tick, "kinds", bond_kinds(m, &b));
        put_bool(m, tick, "selected", people.p[i] == with);
        *ret_romance = *ret_romance || (people.p[i] == with &&
                                        insight_romance(&b.rel, &b.person, me, m->cx->now_ms));
    }
}

Err view_log(Cx *cx, const View *v, BookRef with, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "log");
    bool romance = false;
    BookMe me = {.minor = false};
    make_ok(&m, book_me(cx, v->book, &me));
    put_say(&m, o, "heading", "view.log.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.log.lead", NO_ARGS);
    put_c(&m, o, "path", "/log");
    put_ticks(&m, o, with, &me, &romance);
    put_choices(&m, o, "as", "choice.as.", AS, COUNT_AS, 0, NULL);
    put_choices(&m, o, "medium", "medium.", MEDIA, COUNT_MEDIA, -1, "choice.not-said");
    put_choices(&m, o, "company", "company.", COMPANIES, COMPANY_COUNT, -1, "choice.not-said");
    put_choices(&m, o, "quality", "quality.", QUALITIES, COUNT_QUALITIES, -1, "choice.not-said");
    put_choices(&m, o, "reached", "choice.reached.", REACHED, COUNT_REACHED, -1, "choice.not-said");
    put_types(&m, o, "types", 0);
    put_choices(&m, o, "depth", "choice.depth.", DEPTHS, DEPTH_MAX, -1, "choice.not-said");
    put_bool(&m, o, "romance", romance);
    put_recent(&m, o, book_everything(v->book, (BookWhich){.kinds = STORY_KINDS}));
    return make_end(&m, o, ret);
}

/* -- a person ------------------------------------------------------------------------------------ */

/* As the field takes it back: 1 May 1990, or 1 May without a year. */
static Str date_field(Make *m, int32_t ymd)
{
    return ymd != 0 ? say_date(m, ymd) : STR("");
}

static void put_values(Make *m, json_t *o, const char *key, BookPairs pairs)
{
    json_t *list = put_list(m, o, key);
    for (int i = 0; i < pairs.n; i++)
        add_str(m, list, pairs.p[i].value);
}

/* A number as its field takes it back; below 0 it was not said. */
static Str number_field(Make *m, double value)
{
    return value >= 0 ? digits_of(m, value) : STR("");
}

static void put_kind_choices(Make *m, json_t *o, KindSet kinds)
{
    json_t *list = put_list(m, o, "kind");
    for (int k = 0; k < KIND_COUNT; k++)
        add_choice(m, list, content_kinds[k].id, content_text(m->text, content_kinds[k].name),
                   STR(""), content_has(kinds, k));
}

static void put_season_choices(Make *m, json_t *o, int season)
{
    json_t *list = put_list(m, o, "season");
    add_choice(m, list, STR(""), say(m, "choice.not-said", NO_ARGS), STR(""), season < 0);
    for (int i = 0; i < SEASON_COUNT; i++)
        add_choice(m, list, content_seasons[i].id, content_text(m->text, content_seasons[i].name),
                   content_text(m->text, content_seasons[i].about), i == season);
}

/* A thing that is not switched on: to leave it so says nothing, so that a form left open takes back nothing that was said
 * meanwhile, of harm above all. */
static void put_switch(Make *m, json_t *o, const char *key, const char *prefix,
                       const char *const values[2], bool on)
{
    json_t *list = put_list(m, o, key);
    for (int i = 0; i < 2; i++)
        add_choice(m, list, i == 0 && !on ? STR("") : str_c(values[i]),
                   say_of(m, prefix, str_c(values[i]), NO_ARGS), STR(""), (i == 1) == on);
}

/* As it is, which says nothing; and for how long from now on. */
static void put_pause(Make *m, json_t *o, int64_t until_ms)
{
    Civil end = time_local(until_ms);
    bool on = until_ms > m->cx->now_ms;
    json_t *list = put_list(m, o, "pause");
    Str until = on ? say_date(m, end.year * 10000 + end.month * 100 + end.day) : STR("");
    add_choice(
        m, list, STR(""),
        say(m, on ? "choice.pause.until" : "choice.pause.none", ARGS(arg_str("date", until))),
        STR(""), true);
    for (int i = on ? 0 : 1; i < COUNT_PAUSES; i++)
        add_choice(m, list, str_c(PAUSES[i]), say_of(m, "choice.pause.", str_c(PAUSES[i]), NO_ARGS),
                   STR(""), false);
}

static void put_person_fields(Make *m, json_t *o, const Bond *b, const BookMe *me)
{
    const BookPerson *p = &b->person;
    put_str(m, o, "name", p->name);
    put_str(m, o, "nickname", p->nicknames.n > 0 ? p->nicknames.p[0] : STR(""));
    put_str(m, o, "own_kind", b->rel.own_kind);
    put_str(m, o, "since", date_field(m, b->rel.since));
    put_str(m, o, "hours", number_field(m, b->rel.known_hours));
    put_str(m, o, "wanted",
            number_field(m, b->rel.wanted_tenths < 0 ? -1 : b->rel.wanted_tenths / 10.0));
    put_str(m, o, "birthday", date_field(m, p->birthday));
    put_str(m, o, "died", date_field(m, p->died));
    put_str(m, o, "where", p->addresses.n > 0 ? p->addresses.p[0].value : STR(""));
    put_str(m, o, "welcome", b->rel.welcome);
    put_str(m, o, "touch", b->rel.welcome_body);
    put_str(m, o, "about", p->note);
    put_values(m, o, "mail", p->emails);
    put_values(m, o, "phone", p->phones);
    put_kind_choices(m, o, b->rel.kinds);
    put_season_choices(m, o, b->rel.season);
    put_choices(m, o, "near", "choice.near.", NEAR, 2, b->rel.far, NULL);
    put_types(m, o, "not_part", b->rel.not_ours);
    put_switch(m, o, "romance", "choice.romance.", OFF_ON, b->rel.romance);
    put_bool(m, o, "romance_possible", romance_possible(m, b, me));
    put_pause(m, o, b->rel.paused_until_ms);
    put_switch(m, o, "minor", "choice.", NO_YES, p->minor);
    put_switch(m, o, "harm", "choice.harm.", NO_YES, b->rel.harm);
}

Err view_person_form(Cx *cx, const View *v, BookRef person, json_t **ret)
{
    Make m;
    Bond b = {
        .rel = {.season = -1, .known_hours = -1, .wanted_tenths = -1}
    };
    BookMe me = {.minor = false};
    json_t *o = make_view(&m, cx, v, "person-form");
    bool is_new = person == BOOK_NONE;
    if (!is_new && !bond_read(&m, person, &b))
        return make_end(&m, o, ret);
    make_ok(&m, book_me(cx, v->book, &me));
    put_say(&m, o, "heading", is_new ? "view.person-form.heading-new" : "view.person-form.heading",
            ARGS(arg_str("name", b.name)));
    put_say(&m, o, "lead", is_new ? "view.person-form.lead-new" : "view.person-form.lead", NO_ARGS);
    put_bool(&m, o, "new", is_new);
    if (!is_new)
        put_who(&m, o, "person", &b);
    put_str(&m, o, "path", is_new ? STR("/people") : path_of(&m, b.person.id, "/edit"));
    put_person_fields(&m, o, &b, &me);
    return make_end(&m, o, ret);
}

/* -- settings ------------------------------------------------------------------------------------ */

static IdSet set_of(BookTexts ids, int (*number)(Str))
{
    IdSet set = 0;
    for (int i = 0; i < ids.n; i++) {
        int k = number(ids.p[i]);
        set |= k >= 0 ? (IdSet)1 << k : 0;
    }
    return set;
}

static int leave_of(const BookMe *me)
{
    for (int i = 0; i < COUNT_LEAVE; i++) {
        if (str_eq_c(me->leave_page, LEAVE[i]))
            return i;
    }
    return 0;
}

Err view_settings(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    BookMe me = {.quiet = false};
    json_t *o = make_view(&m, cx, v, "settings");
    make_ok(&m, book_me(cx, v->book, &me));
    put_say(&m, o, "heading", "view.settings.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.settings.lead", NO_ARGS);
    put_c(&m, o, "path", "/settings");
    put_str(&m, o, "name", me.name);
    put_str(&m, o, "meaning", me.meaning);
    put_str(&m, o, "spiritual", me.spiritual);
    put_tags(&m, o, "interests", content_interests, INTEREST_COUNT,
             set_of(me.interests, content_interest_id));
    put_tags(&m, o, "styles", content_styles, STYLE_COUNT, set_of(me.styles, content_style_id));
    put_tags(&m, o, "ways", content_ways, WAY_COUNT, set_of(me.ways, content_way_id));
    put_choices(&m, o, "leave_to", "choice.leave.", LEAVE, COUNT_LEAVE, leave_of(&me), NULL);
    put_choices(&m, o, "quiet", "choice.quiet.", NO_YES, 2, me.quiet, NULL);
    put_switch(&m, o, "under_age", "choice.", NO_YES, me.minor);
    return make_end(&m, o, ret);
}

/* -- reflect ------------------------------------------------------------------------------------- */

static void put_prompts(Make *m, json_t *o)
{
    json_t *list = put_list(m, o, "prompts");
    for (int i = 0; i < content_reflections_count; i++) {
        const ContentReflection *r = &content_reflections[i];
        json_t *step = add_object(m, list);
        put_str(m, step, "key", r->id);
        put_str(m, step, "title", content_text(m->text, r->title));
        put_str(m, step, "text", content_text(m->text, r->text));
        put_str(m, step, "path", path_to(m, "/reflect?prompt=", r->id));
    }
}

Err view_reflect(Cx *cx, const View *v, Str prompt, json_t **ret)
{
    Make m;
    const ContentReflection *r = prompt.len > 0 ? content_reflection(prompt) : NULL;
    json_t *o = make_view(&m, cx, v, "reflect");
    if (prompt.len > 0 && !r)
        make_ok(&m, err_field(cx, ERR_NOT_FOUND, "prompt", "err.no-reflection",
                              ARGS(arg_str("given", prompt))));
    put_say(&m, o, "heading", "view.reflect.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.reflect.lead", NO_ARGS);
    put_c(&m, o, "path", "/reflect");
    if (r) {
        json_t *asked = put_object(&m, o, "prompt");
        put_str(&m, asked, "id", r->id);
        put_str(&m, asked, "title", content_text(v->text, r->title));
        put_str(&m, asked, "text", content_text(v->text, r->text));
    }
    put_prompts(&m, o);
    put_recent(&m, o, book_alone(v->book, (BookWhich){.kinds = BOOK_KIND(ENTRY_REFLECTION)}));
    return make_end(&m, o, ret);
}
