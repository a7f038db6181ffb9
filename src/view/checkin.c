/* view/checkin.c - a few questions about one relationship, each with the reason it is asked: what it is about, and what made
 * insight choose it. */
#include "view/picture.h"
#include "view/steps.h"

static const char *const numerals[ASK_MOST] = {"i",   "ii",   "iii", "iv", "v",  "vi",
                                               "vii", "viii", "ix",  "x",  "xi", "xii"};
static const char *const YES_NO[] = {"yes", "no"};

/* -- why it is asked ----------------------------------------------------------------------------- */

static Str say_about(Make *m, const ContentQuestion *q)
{
    if (q->state < 0)
        return STR("");
    Str id = content_page(q->state)->id;
    const char *key = q->asks == ASKS_WANTED                                  ? "view.ask.wanted"
                      : q->asks == ASKS_GIVEN || q->asks == ASKS_GIVEN_FACTOR ? "view.ask.given"
                      : q->asks == ASKS_EASE                                  ? "view.ask.ease"
                                                                              : "view.ask.felt";
    return say(
        m, key,
        ARGS(arg_str("what", q->state < TYPE_COUNT ? say_of(m, "view.closeness.", id, NO_ARGS)
                                                   : say_of(m, "state.", id, NO_ARGS))));
}

static Str say_chosen(Make *m, const AskNext *ask)
{
    static const char *const keys[] = {
        [ASK_FIRST] = "view.ask.first",       [ASK_SAFETY] = "view.ask.safety",
        [ASK_HAZY] = "view.ask.hazy",         [ASK_GAP] = "view.ask.gap",
        [ASK_LIMITING] = "view.ask.limiting", [ASK_OTHER_SIDE] = "view.ask.other-side",
        [ASK_CONTACT] = "view.ask.contact"};
    return say(m, keys[ask->why], NO_ARGS);
}

static Str say_last_answer(Make *m, const AskNext *ask)
{
    if (ask->last_ms == 0)
        return STR("");
    return say(m, "view.ask.last", ARGS(arg_str("when", say_ago(m, ask->last_ms))));
}

static void add_question(Make *m, json_t *list, const Bond *b, const AskNext *ask, int nth)
{
    const ContentQuestion *q = ask->question;
    Str why[3] = {say_about(m, q), say_chosen(m, ask), say_last_answer(m, ask)};
    json_t *o = add_object(m, list);
    put_str(m, o, "id", q->id);
    put_c(m, o, "number", numerals[nth]);
    put_str(m, o, "text", say_text(m, q->text, b->call));
    put_str(m, o, "low", say_text(m, q->low, b->call));
    put_str(m, o, "middle", say_text(m, q->middle, b->call));
    put_str(m, o, "high", say_text(m, q->high, b->call));
    put_str(m, o, "why", say_join(m, "view.space", why, 3));
}

/* -- views --------------------------------------------------------------------------------------- */

/* Asked when there was a check-in before: what happened since then? */
static Str say_contact(Make *m, const Bond *b)
{
    BookRef last = book_last(m->book, b->person.ref, ENTRY_CHECKIN);
    if (last == BOOK_NONE || b->gentle)
        return STR("");
    return say(m, "view.check-in.contact",
               ARGS(arg_str("name", b->call), arg_str("when", say_ago(m, book_at(m->book, last)))));
}

Err view_checkin(Cx *cx, const View *v, BookRef person, bool whole, json_t **ret)
{
    Make m;
    Bond b;
    AskNext asks[ASK_MOST];
    int n = 0;
    json_t *o = make_view(&m, cx, v, "check-in");
    if (!bond_read(&m, person, &b))
        return make_end(&m, o, ret);
    bool died = b.person.died != 0; /* then nothing is asked about how it is */
    if (!died)
        make_ok(&m, insight_ask(cx, v->cache, v->book, person, whole, asks, &n));
    put_who(&m, o, "person", &b);
    put_say(&m, o, "heading", died ? "view.check-in.heading-died" : "view.check-in.heading",
            ARGS(arg_int("n", n), arg_str("name", b.call)));
    put_say(&m, o, "lead",
            died    ? "view.check-in.lead-died"
            : whole ? "view.check-in.lead-whole"
                    : "view.check-in.lead",
            ARGS(arg_str("name", b.call)));
    put_bool(&m, o, "whole", whole);
    put_str(&m, o, "whole_path", path_of(&m, b.person.id, "/check-in?whole=1"));
    put_str(&m, o, "path", path_of(&m, b.person.id, "/check-in"));
    json_t *questions = put_list(&m, o, "questions");
    for (int i = 0; i < n; i++)
        add_question(&m, questions, &b, &asks[i], i);
    Str contact = say_contact(&m, &b);
    put_str(&m, o, "contact", contact);
    put_choices(&m, o, "contact_choices", "choice.", YES_NO, contact.len > 0 ? 2 : 0, -1, NULL);
    return make_end(&m, o, ret);
}

Err view_checkin_choose(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "check-in-choose");
    BookRefs people = book_people(v->book);
    put_say(&m, o, "heading", "view.check-in-choose.heading", NO_ARGS);
    put_say(&m, o, "lead",
            people.n > 0 ? "view.check-in-choose.lead" : "view.check-in-choose.lead-empty",
            NO_ARGS);
    json_t *list = put_list(&m, o, "people");
    for (int i = 0; i < people.n && m.err == OK; i++) {
        Bond b;
        BookRef last = book_last(v->book, people.p[i], ENTRY_CHECKIN);
        if (!bond_read(&m, people.p[i], &b) || b.person.died != 0)
            continue;
        json_t *item = add_object(&m, list);
        put_who(&m, item, "person", &b);
        put_str(&m, item, "path", path_of(&m, b.person.id, "/check-in"));
        put_str(&m, item, "last",
                last == BOOK_NONE
                    ? say(&m, "view.check-in-choose.never", NO_ARGS)
                    : say(&m, "view.check-in-choose.last",
                          ARGS(arg_str("when", say_ago(&m, book_at(v->book, last))))));
    }
    return make_end(&m, o, ret);
}
