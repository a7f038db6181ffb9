/* view/event.c - one line of a story: what it was, when, in whose words, and what is known about it. Each kind has
 * a function that words its details; everything else is the same for all. */
#include "view/event.h"
#include <math.h>

const uint32_t STORY_KINDS = BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT) |
                             BOOK_KIND(ENTRY_NOTE) | BOOK_KIND(ENTRY_TOPIC) |
                             BOOK_KIND(ENTRY_DONE) | BOOK_KIND(ENTRY_REFLECTION);

const char *event_kind_name(uint16_t kind)
{
    return kind == ENTRY_CHECKIN ? "check-in" : entry_kind_name(kind);
}

Str say_event_kind(Make *m, uint16_t kind)
{
    return say_of(m, "view.event.", str_c(event_kind_name(kind)), NO_ARGS);
}

/* -- details, kind by kind ----------------------------------------------------------------------- */

static Str quality_word(Make *m, double quality)
{
    static const char *const keys[] = {"quality.bad", "quality.poor", "quality.mixed",
                                       "quality.good", "quality.very-good"};
    return say(m, keys[(int)floor(2 * quality + 2.5)], NO_ARGS);
}

static Str say_types(Make *m, uint32_t types, uint32_t factors)
{
    Str names[STATE_COUNT];
    int n = 0;
    for (int i = 0; i < STATE_COUNT; i++) {
        bool fed = i < TYPE_COUNT ? content_has(types, i) : content_has(factors, i - TYPE_COUNT);
        if (fed)
            names[n++] = say_of(m, "state.", content_page(i)->id, NO_ARGS);
    }
    return say_join(m, "view.comma", names, n);
}

static Str moment_details(Make *m, const BookMoment *moment)
{
    static const char *const media[] = {"medium.in-person", "medium.video", "medium.call",
                                        "medium.text"};
    static const char *const companies[] = {"company.just-us", "company.a-few", "company.many"};
    static const char *const reached[] = {"view.reached.me", "view.reached.them",
                                          "view.reached.both"};
    Str how[4], sentences[6];
    int n = 0, k = 0;
    if (moment->minutes > 0 && m->err == OK)
        make_ok(m, text_duration(m->cx, m->text, moment->minutes, &how[n++]));
    if (moment->medium >= MEDIUM_IN_PERSON && moment->medium <= MEDIUM_TEXT)
        how[n++] = say(m, media[moment->medium - 1], NO_ARGS);
    if (moment->company >= 0 && moment->company < COMPANY_COUNT)
        how[n++] = say(m, companies[moment->company], NO_ARGS);
    if (moment->has_quality)
        how[n++] = quality_word(m, moment->quality);
    if (n > 0 && m->err == OK)
        sentences[k++] = say_join(m, "view.comma", how, n);
    if (moment->place.len > 0)
        sentences[k++] = say(m, "view.moment.place", ARGS(arg_str("place", moment->place)));
    if (moment->reached >= REACHED_ME && moment->reached <= REACHED_BOTH)
        sentences[k++] = say(m, reached[moment->reached - 1], NO_ARGS);
    if (moment->opened_up)
        sentences[k++] = say(m, "view.moment.opened", NO_ARGS);
    if (moment->conflict)
        sentences[k++] = say(m, "view.moment.conflict", NO_ARGS);
    return say_join(m, "view.semicolon", sentences, k);
}

static Str checkin_details(Make *m, const BookCheckin *c)
{
    if (c->n_answers == 0)
        return STR("");
    return say(m, "view.event.answers", ARGS(arg_int("n", c->n_answers)));
}

static Str topic_details(Make *m, const BookTopic *topic)
{
    static const char *const sorts[] = {"view.topic.ask", "view.topic.news", "view.topic.promise"};
    if (topic->sort < TOPIC_ASK || topic->sort > TOPIC_PROMISE)
        return STR("");
    Str parts[2] = {say(m, sorts[topic->sort - 1], NO_ARGS), STR("")};
    if (topic->done)
        parts[1] = say(m, "view.topic.done", NO_ARGS);
    return say_join(m, "view.semicolon", parts, 2);
}

static Str done_details(Make *m, const BookDone *done, Str name)
{
    const ContentPractice *practice = content_practice(done->practice);
    Str parts[3] = {STR(""), STR(""), STR("")};
    if (practice)
        parts[0] = say_text(m, practice->title, name);
    if (done->has_quality)
        parts[1] = quality_word(m, done->quality);
    if (done->helped_tenths >= 0)
        parts[2] =
            say(m, done->helped_tenths > 50 ? "view.done.helped" : "view.done.not-much", NO_ARGS);
    return say_join(m, "view.semicolon", parts, 3);
}

static Str reflection_details(Make *m, const BookReflection *reflection)
{
    const ContentReflection *prompt = content_reflection(reflection->reflection);
    return prompt ? content_text(m->text, prompt->title) : STR("");
}

/* What is known about it, and what it fed. */
static void put_details(Make *m, json_t *o, const BookEvent *event)
{
    Str details = STR(""), feeds = STR("");
    Str name = event->people.n > 0 ? book_name(m->book, event->people.p[0]) : STR("");
    if (event->kind == ENTRY_MOMENT) {
        BookMoment moment = {.minutes = -1};
        if (make_ok(m, book_moment(m->cx, m->book, event->ref, &moment))) {
            details = moment_details(m, &moment);
            feeds = say_types(m, moment.types, moment.factors);
        }
    } else if (event->kind == ENTRY_CHECKIN) {
        BookCheckin checkin = {.n_answers = 0};
        if (make_ok(m, book_checkin(m->cx, m->book, event->ref, &checkin)))
            details = checkin_details(m, &checkin);
    } else if (event->kind == ENTRY_TOPIC) {
        BookTopic topic = {.done = false};
        if (make_ok(m, book_topic(m->cx, m->book, event->ref, &topic)))
            details = topic_details(m, &topic);
    } else if (event->kind == ENTRY_DONE) {
        BookDone done = {.helped_tenths = -1};
        if (make_ok(m, book_done(m->cx, m->book, event->ref, &done)))
            details = done_details(m, &done, name);
    } else if (event->kind == ENTRY_REFLECTION) {
        BookReflection reflection = {.event = *event};
        if (make_ok(m, book_reflection(m->cx, m->book, event->ref, &reflection)))
            details = reflection_details(m, &reflection);
    }
    put_str(m, o, "details", details);
    put_str(m, o, "feeds", feeds);
}

/* -- one event ----------------------------------------------------------------------------------- */

static void put_people(Make *m, json_t *o, const BookEvent *event, BookRef reader)
{
    Str *names = arena_new(m->cx->arena, Str, event->people.n + 1);
    json_t *people = put_list(m, o, "people");
    int n = 0;
    if (!names)
        make_ok(m, err_nomem(m->cx));
    for (int i = 0; i < event->people.n && m->err == OK; i++) {
        Bond b;
        if (!bond_read(m, event->people.p[i], &b))
            return;
        add_who(m, people, &b);
        if (event->people.p[i] != reader)
            names[n++] = b.name;
    }
    put_str(m, o, "with", n > 0 ? say_list(m, names, n) : STR(""));
}

void add_event(Make *m, json_t *list, BookRef ref, BookRef reader)
{
    BookEvent event = {.ref = ref};
    if (m->err != OK || !make_ok(m, book_event(m->cx, m->book, ref, &event)))
        return;
    json_t *o = add_object(m, list);
    bool named = event.people.n > 0;
    Id first = named ? book_id(m->book, event.people.p[0]) : (Id){{0}};
    Civil day = time_local(event.at_ms);
    char date[TIME_ISO_CAP];
    put_id(m, o, "id", event.id);
    put_c(m, o, "kind", event_kind_name(event.kind));
    put_str(m, o, "what", say_event_kind(m, event.kind));
    put_iso(m, o, "at", event.at_ms);
    put_ago(m, o, "when", event.at_ms);
    put_day(m, o, "on", event.at_ms);
    put_str(m, o, "year", str_sub(time_format_date(&day, date), 0, 4));
    put_str(m, o, "text", event.text);
    put_details(m, o, &event);
    put_people(m, o, &event, reader);
    put_str(m, o, "path", named ? path_of(m, first, "") : STR("/reflect"));
    put_str(m, o, "retract_path", named ? path_of(m, first, "/edit") : STR(""));
}
