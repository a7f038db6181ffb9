/* port/export_markdown.c - what there is about each person, to be read: who they are, then what happened, newest
 * last, in the owner's language and words. Then what the owner wrote about nobody. Offers, choices and counted
 * traffic are not part of a story; JSON Lines has them. Each event is worded in memory that is given back before
 * the next. Linear in what is written. */
#include "base/time.h"
#include "content/content.h"
#include "port/export_parts.h"
#include "port/markdown.h"
#include "text/words.h"
#include <math.h>

enum { EVENT_BYTES = 1 << 26, PARTS_MAX = STATE_COUNT + 12 };

static const uint32_t STORY = BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT) |
                              BOOK_KIND(ENTRY_NOTE) | BOOK_KIND(ENTRY_TOPIC) |
                              BOOK_KIND(ENTRY_REFLECTION) | BOOK_KIND(ENTRY_DONE);

/* Words that go into one line. */
typedef struct Parts {
    Str p[PARTS_MAX];
    int n;
} Parts;

static void add(Parts *parts, Str words)
{
    if (words.len > 0 && parts->n < PARTS_MAX)
        parts->p[parts->n++] = words;
}

static void add_key(Sheet *s, Parts *parts, const char *key)
{
    add(parts, text_get(s->text, key));
}

static void put_parts(Sheet *s, const Parts *parts)
{
    for (int i = 0; i < parts->n; i++) {
        buf_c(s->out, i > 0 ? "; " : "");
        markdown_line(s->out, sheet_line(s, parts->p[i]));
    }
}

/* -- words --------------------------------------------------------------------------------------- */

static Str say_date(Sheet *s, int32_t date)
{
    Ymd d = ymd_of(date);
    Civil day = {.year = d.year, .month = d.month, .day = d.day};
    Str out = {NULL, 0};
    if (date == 0 || s->err != OK)
        return STR("");
    sheet_ok(s, d.year > 0 ? text_date(s->cx, s->text, &day, &out)
                           : text_birthday(s->cx, s->text, d.month, d.day, &out));
    return out;
}

/* Where it happened it was that day, whatever the clock says here. */
static Str say_when(Sheet *s, const BookEvent *event)
{
    Civil at = time_civil(event->at_ms, event->offset_min);
    Str out = {NULL, 0};
    if (!time_civil_valid(&at)) /* the first or last hours of the calendar */
        at = time_civil(event->at_ms, 0);
    if (s->err == OK)
        sheet_ok(s, text_date_clock(s->cx, s->text, &at, &out));
    return out;
}

static Str say_quality(Sheet *s, double quality)
{
    static const char *const keys[] = {"quality.bad", "quality.poor", "quality.mixed",
                                       "quality.good", "quality.very-good"};
    return text_get(s->text, keys[(int)floor(2 * quality + 2.5)]);
}

/* A text of the content, which may name the person. */
static Str say_content(Sheet *s, ContentText text, Str name)
{
    static const Str slot = {"{name}", 6};
    Str rest = content_text(s->text, text), out = {NULL, 0};
    Buf buf = buf_make(s->cx->arena, 1 << 16);
    for (ptrdiff_t at = str_find(rest, slot); at >= 0; at = str_find(rest, slot)) {
        buf_put(&buf, str_sub(rest, 0, at));
        buf_put(&buf, name);
        rest = str_from(rest, at + slot.len);
    }
    buf_put(&buf, rest);
    return sheet_ok(s, buf_done(s->cx, &buf, &out)) ? out : STR("");
}

/* -- who they are -------------------------------------------------------------------------------- */

static void put_fact(Sheet *s, const char *key, const Parts *parts)
{
    if (parts->n == 0)
        return;
    buf_c(s->out, "- **");
    markdown_line(s->out, text_get(s->text, key));
    buf_c(s->out, ":** ");
    put_parts(s, parts);
    buf_char(s->out, '\n');
}

static void put_fact_words(Sheet *s, const char *key, Str words)
{
    Parts one = {.n = 0};
    add(&one, words);
    put_fact(s, key, &one);
}

static void put_fact_tags(Sheet *s, const char *key, BookTexts ids, const ContentTag tags[],
                          int (*number)(Str))
{
    Parts parts = {.n = 0};
    for (int i = 0; i < ids.n; i++) {
        int k = number(ids.p[i]);
        add(&parts, k >= 0 ? content_text(s->text, tags[k].name) : ids.p[i]);
    }
    put_fact(s, key, &parts);
}

static void put_fact_texts(Sheet *s, const char *key, BookTexts texts)
{
    Parts parts = {.n = 0};
    for (int i = 0; i < texts.n; i++)
        add(&parts, texts.p[i]);
    put_fact(s, key, &parts);
}

static void put_fact_pairs(Sheet *s, const char *key, BookPairs pairs)
{
    Parts parts = {.n = 0};
    for (int i = 0; i < pairs.n; i++)
        add(&parts, pairs.p[i].value);
    put_fact(s, key, &parts);
}

static void put_who(Sheet *s, const BookRelationship *bond)
{
    Parts who = {.n = 0};
    for (int k = 0; k < KIND_COUNT; k++) {
        if (content_has(bond->kinds, k) && (k != KIND_OWN || bond->own_kind.len == 0))
            add(&who, content_text(s->text, content_kinds[k].name));
    }
    add(&who, bond->own_kind);
    add(&who, s->person.pronouns);
    put_fact(s, "view.fact.who", &who);
}

static void put_facts(Sheet *s, const BookRelationship *bond)
{
    const BookPerson *p = &s->person;
    Parts work = {.n = 0};
    ptrdiff_t before = s->out->len;
    add(&work, p->title);
    add(&work, p->org);
    put_who(s, bond);
    put_fact_texts(s, "view.fact.called", p->nicknames);
    put_fact_words(s, "view.fact.since", say_date(s, bond->since));
    if (bond->season >= 0 && bond->season < SEASON_COUNT)
        put_fact_words(s, "view.fact.season",
                       content_text(s->text, content_seasons[bond->season].name));
    put_fact_words(s, "view.fact.birthday", say_date(s, p->birthday));
    put_fact_words(s, "exported.anniversary", say_date(s, p->anniversary));
    put_fact_words(s, "view.fact.died", say_date(s, p->died));
    put_fact(s, "view.fact.work", &work);
    put_fact_pairs(s, "view.fact.where", p->addresses);
    put_fact_pairs(s, "view.fact.mail", p->emails);
    put_fact_pairs(s, "view.fact.phone", p->phones);
    put_fact_pairs(s, "exported.links", p->links);
    put_fact_pairs(s, "exported.related", p->related);
    put_fact_texts(s, "view.fact.languages", p->languages);
    put_fact_tags(s, "view.fact.interests", p->interests, content_interests, content_interest_id);
    put_fact_tags(s, "view.fact.styles", p->styles, content_styles, content_style_id);
    put_fact_tags(s, "view.fact.ways", p->ways, content_ways, content_way_id);
    put_fact_words(s, "view.fact.welcome", bond->welcome);
    put_fact_words(s, "view.fact.welcome-body", bond->welcome_body);
    if (s->out->len > before)
        buf_char(s->out, '\n');
    markdown_quote(s->out, sheet_lines(s, p->note));
}

/* -- what happened ------------------------------------------------------------------------------- */

static void put_states(Sheet *s, uint32_t types, uint32_t factors)
{
    Parts names = {.n = 0};
    for (int i = 0; i < STATE_COUNT; i++) {
        bool fed = i < TYPE_COUNT ? content_has(types, i) : content_has(factors, i - TYPE_COUNT);
        if (fed)
            add(&names, content_text(s->text, content_page(i)->name));
    }
    put_fact(s, "exported.fed", &names);
}

static void add_one_of(Sheet *s, Parts *parts, const char *const keys[], int n, int value)
{
    if (value >= 0 && value < n)
        add_key(s, parts, keys[value]);
}

static void put_moment(Sheet *s, BookRef ref)
{
    static const char *const media[] = {"medium.in-person", "medium.video", "medium.call",
                                        "medium.text"};
    static const char *const companies[] = {"company.just-us", "company.a-few", "company.many"};
    static const char *const reached[] = {"view.reached.me", "view.reached.them",
                                          "view.reached.both"};
    BookMoment m = {.minutes = -1};
    Parts how = {.n = 0};
    Str duration = {NULL, 0};
    if (!sheet_ok(s, book_moment(s->cx, s->book, ref, &m)))
        return;
    if (m.minutes > 0 && sheet_ok(s, text_duration(s->cx, s->text, m.minutes, &duration)))
        add(&how, duration);
    add_one_of(s, &how, media, 4, (int)m.medium - MEDIUM_IN_PERSON);
    add_one_of(s, &how, companies, 3, m.company);
    if (m.has_quality)
        add(&how, say_quality(s, m.quality));
    add(&how, m.place);
    add_one_of(s, &how, reached, 3, (int)m.reached - REACHED_ME);
    if (m.opened_up)
        add_key(s, &how, "view.moment.opened");
    if (m.conflict)
        add_key(s, &how, "view.moment.conflict");
    put_fact(s, "exported.how", &how);
    put_states(s, m.types, m.factors);
    put_fact_texts(s, "exported.tags", m.tags);
}

static void put_answers(Sheet *s, BookRef ref, Str name)
{
    BookCheckin c = {.n_answers = 0};
    if (!sheet_ok(s, book_checkin(s->cx, s->book, ref, &c)))
        return;
    for (int i = 0; i < c.n_answers; i++) {
        const ContentQuestion *q = content_question(c.answers[i].question);
        Str words = q ? say_content(s, q->text, name) : c.answers[i].question;
        buf_c(s->out, "- ");
        markdown_line(s->out, sheet_line(s, words));
        buf_fmt(s->out, " %d.%d\n", c.answers[i].tenths / 10, c.answers[i].tenths % 10);
    }
}

static void put_topic(Sheet *s, BookRef ref)
{
    static const char *const sorts[] = {"view.topic.ask", "view.topic.news", "view.topic.promise"};
    BookTopic topic = {.done = false};
    Parts parts = {.n = 0};
    if (!sheet_ok(s, book_topic(s->cx, s->book, ref, &topic)))
        return;
    add_one_of(s, &parts, sorts, 3, (int)topic.sort - TOPIC_ASK);
    if (topic.done)
        add_key(s, &parts, "view.topic.done");
    put_fact(s, "exported.how", &parts);
}

static void put_done(Sheet *s, BookRef ref, Str name)
{
    BookDone done = {.helped_tenths = -1};
    Parts parts = {.n = 0};
    if (!sheet_ok(s, book_done(s->cx, s->book, ref, &done)))
        return;
    const ContentPractice *practice = content_practice(done.practice);
    add(&parts, practice ? say_content(s, practice->title, name) : done.practice);
    if (done.has_quality)
        add(&parts, say_quality(s, done.quality));
    if (done.helped_tenths >= 0)
        add_key(s, &parts, done.helped_tenths > 50 ? "view.done.helped" : "view.done.not-much");
    put_fact(s, "exported.how", &parts);
}

static void put_reflection(Sheet *s, BookRef ref, Str name)
{
    BookReflection r = {
        .reflection = {NULL, 0}
    };
    if (!sheet_ok(s, book_reflection(s->cx, s->book, ref, &r)))
        return;
    const ContentReflection *asked = content_reflection(r.reflection);
    if (asked)
        put_fact_words(s, "exported.how", say_content(s, asked->title, name));
}

static void put_details(Sheet *s, const BookEvent *event, Str name)
{
    if (event->kind == ENTRY_MOMENT)
        put_moment(s, event->ref);
    else if (event->kind == ENTRY_CHECKIN)
        put_answers(s, event->ref, name);
    else if (event->kind == ENTRY_TOPIC)
        put_topic(s, event->ref);
    else if (event->kind == ENTRY_DONE)
        put_done(s, event->ref, name);
    else if (event->kind == ENTRY_REFLECTION)
        put_reflection(s, event->ref, name);
}

static void put_with(Sheet *s, const BookEvent *event)
{
    Parts others = {.n = 0};
    for (int i = 0; i < event->people.n; i++) {
        if (event->people.p[i] != s->person.ref)
            add(&others, book_name(s->book, event->people.p[i]));
    }
    put_fact(s, "exported.with", &others);
}

static void put_event(Sheet *s, BookRef ref, Str name)
{
    static const char *const kinds[ENTRY_KINDS] = {[ENTRY_CHECKIN] = "view.event.check-in",
                                                   [ENTRY_MOMENT] = "view.event.moment",
                                                   [ENTRY_NOTE] = "view.event.note",
                                                   [ENTRY_TOPIC] = "view.event.topic",
                                                   [ENTRY_REFLECTION] = "view.event.reflection",
                                                   [ENTRY_DONE] = "view.event.done"};
    BookEvent event = {.ref = ref};
    if (!sheet_ok(s, book_event(s->cx, s->book, ref, &event)))
        return;
    buf_c(s->out, "### ");
    markdown_line(s->out, say_when(s, &event));
    buf_c(s->out, ": ");
    markdown_line(s->out, text_get(s->text, kinds[event.kind]));
    buf_c(s->out, "\n\n");
    ptrdiff_t before = s->out->len;
    put_with(s, &event);
    put_details(s, &event, name);
    if (s->out->len > before)
        buf_char(s->out, '\n');
    markdown_quote(s->out, sheet_lines(s, event.text));
}

static void put_story(Sheet *s, BookIter iter, Str name)
{
    AUTO_ARENA Arena arena;
    BookRef ref = BOOK_NONE;
    arena_init(&arena, EVENT_BYTES);
    for (bool first = true; book_next(&iter, &ref) && s->err == OK && !s->out->failed;
         first = false) {
        if (first) {
            buf_c(s->out, "## ");
            markdown_line(s->out, text_get(s->text, "exported.story"));
            buf_c(s->out, "\n\n");
        }
        Cx own = {.arena = &arena, .now_ms = s->cx->now_ms};
        Sheet one = *s;
        one.cx = &own;
        put_event(&one, ref, name);
        if (one.err == ERR_NOMEM)
            sheet_ok(s, err_nomem(s->cx));
        else
            sheet_ok(s, one.err);
        arena_reset(&arena);
    }
}

/* -- the file ------------------------------------------------------------------------------------ */

static void put_heading(Sheet *s, Str words)
{
    buf_c(s->out, "# ");
    markdown_line(s->out, words);
    buf_c(s->out, "\n\n");
}

static void put_person(Sheet *s)
{
    BookRelationship bond = {.season = -1};
    Str name = sheet_name(s);
    if (!sheet_ok(s, book_relationship(s->cx, s->book, s->person.ref, &bond)))
        return;
    put_heading(s, name);
    put_facts(s, &bond);
    BookWhich which = {.kinds = STORY, .oldest_first = true};
    put_story(s, book_timeline(s->book, s->person.ref, which), name);
}

static void put_alone(Sheet *s)
{
    BookWhich which = {.kinds = STORY, .oldest_first = true};
    BookIter iter = book_alone(s->book, which), look = iter;
    BookRef ref = BOOK_NONE;
    s->person.ref = BOOK_NONE;
    if (!book_next(&look, &ref))
        return;
    put_heading(s, text_get(s->text, "exported.alone"));
    put_story(s, iter, STR(""));
}

Err export_markdown_to(Cx *cx, const Book *book, Buf *out)
{
    Err e = sheet_each(cx, book, out, put_person);
    return e == OK ? sheet_alone(cx, book, out, put_alone) : e;
}
