/* view/insights.c - what the entries say over all relationships and over time, and what they say of oneself. Each insight
 * is a sentence, how sure it is in plain words, and what it rests on; what is not sure enough is no sentence. */
#include "insight/overview.h"
#include "insight/own.h"
#include "view/who.h"
#include <math.h>

enum { AROUND_CHARS = 80 };
static const char *const sections[][2] = {
    {"balance",  "has_balance" },
    {"accepted", "has_accepted"},
    {"turns",    "has_turns"   },
    {"helps",    "has_helps"   }
};
static const double NOTABLE_SDS = 1.2815515655446004; /* four in five on either side */

/* One insight: the sentence, how sure, from what. */
static json_t *add_insight(Make *m, json_t *list, Str text, const char *sure, Str evidence)
{
    json_t *o = add_object(m, list);
    put_str(m, o, "text", text);
    put_say(m, o, "sure", sure, NO_ARGS);
    put_str(m, o, "evidence", evidence);
    return o;
}

static void put_balance(Make *m, json_t *o, const Overview *all)
{
    static const char *const keys[] = {NULL, "insights.balance.none", "insights.balance.one",
                                       "insights.balance.several"};
    json_t *list = put_list(m, o, "balance");
    for (int k = 0; k < TYPE_COUNT; k++) {
        const Balance *b = &all->balance[k];
        Bond bond = {.name = STR("")};
        if (b->word == BALANCE_UNSURE)
            continue;
        Str name = b->only != BOOK_NONE && bond_read(m, b->only, &bond) ? bond.call : STR("");
        Str evidence = say(m, "insights.evidence.people",
                           ARGS(arg_int("n", b->readings), arg_int("people", b->asked)));
        json_t *i =
            add_insight(m, list,
                        say(m, keys[b->word],
                            ARGS(arg_str("type", content_text(m->text, content_types[k].name)),
                                 arg_str("name", name))),
                        "insights.sure.four-in-five", evidence);
        put_list(m, i, "around");
        put_c(m, i, "path", "");
        if (b->only != BOOK_NONE)
            put_str(m, i, "path", path_of(m, bond.person.id, ""));
    }
}

static void put_accepted(Make *m, json_t *o, const Overview *all)
{
    json_t *list = put_list(m, o, "accepted");
    for (int i = 0; i < all->n_accepted && m->err == OK; i++) {
        const Accepted *a = &all->accepted[i];
        Bond b;
        if (!bond_read(m, a->person, &b))
            return;
        json_t *one = add_insight(
            m, list, say(m, "insights.accepted", ARGS(arg_str("name", b.call))),
            "insights.sure.nine-in-ten",
            say(m, "insights.evidence.answers",
                ARGS(arg_int("n", a->readings), arg_str("when", say_ago(m, a->last_ms)))));
        put_list(m, one, "around");
        put_str(m, one, "path", path_of(m, b.person.id, ""));
    }
}

static void put_turns(Make *m, json_t *o, const Overview *all)
{
    json_t *list = put_list(m, o, "turns");
    for (int i = 0; i < all->n_turns && m->err == OK; i++) {
        const Turn *t = &all->turns[i];
        Bond b;
        Civil day = time_local(t->at_ms);
        if (!bond_read(m, t->person, &b))
            return;
        Str month = text_month(m->text, day.month);
        const Arg *args =
            ARGS(arg_str("name", b.call), arg_str("month", month), arg_int("year", day.year));
        json_t *one = add_insight(
            m, list, say(m, t->closer ? "insights.turn.closer" : "insights.turn.further", args),
            "insights.sure.turn",
            say(m, "insights.evidence.felt", ARGS(arg_int("n", t->readings))));
        json_t *around = put_list(m, one, "around");
        for (int j = 0; j < t->n_around && m->err == OK; j++) {
            BookEvent e;
            if (!make_ok(m, book_event(m->cx, m->book, t->around[j], &e)))
                return;
            json_t *moment = add_object(m, around);
            put_day(m, moment, "on", e.at_ms);
            put_str(m, moment, "text", excerpt_of(m, e.text, AROUND_CHARS));
        }
        put_str(m, one, "path", path_of(m, b.person.id, ""));
    }
}

static void put_helps(Make *m, json_t *o, const Overview *all)
{
    json_t *list = put_list(m, o, "helps");
    for (int i = 0; i < all->n_helps; i++) {
        const Helps *h = &all->helps[i];
        Str title = say_text(m, h->practice->title, say(m, "insights.them", NO_ARGS));
        json_t *one = add_insight(m, list, say(m, "insights.helps", ARGS(arg_str("title", title))),
                                  "insights.sure.helps",
                                  say(m, "insights.evidence.done", ARGS(arg_int("n", h->n))));
        put_list(m, one, "around");
        put_c(m, one, "path", "");
    }
}

/* -- how I answer ----------------------------------------------------------------------------------- */

static void add_line(Make *m, json_t *list, const char *key, const Arg *args)
{
    add_str(m, list, say(m, key, args));
}

static double tenth(double v)
{
    return floor(v * 10 + .5) / 10;
}

/* More or less than usual, where that is four in five sure. */
static const char *unlike(double u, double sd, const char *less, const char *more,
                          const char *alike)
{
    return u > NOTABLE_SDS * sd ? more : u < -NOTABLE_SDS * sd ? less : alike;
}

static void put_kinds(Make *m, json_t *list, const Own *own)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (own->mu_people[k] == 0 || fabs(own->mu[k]) < NOTABLE_SDS * own->mu_sd[k])
            continue;
        const Arg *args =
            ARGS(arg_str("kind", content_text(m->text, content_kinds[k].name)),
                 arg_real("lo", tenth(fabs(own->mu[k]) - NOTABLE_SDS * own->mu_sd[k])),
                 arg_real("hi", tenth(fabs(own->mu[k]) + NOTABLE_SDS * own->mu_sd[k])),
                 arg_int("n", own->mu_people[k]));
        add_line(m, list, own->mu[k] > 0 ? "insights.own.kind-closer" : "insights.own.kind-further",
                 args);
    }
}

static void put_own(Make *m, json_t *o, const Own *own)
{
    json_t *mine = put_object(m, o, "own");
    bool known = own && own->own;
    put_bool(m, mine, "known", known);
    json_t *lines = put_list(m, mine, "lines");
    if (!known) {
        put_say(m, mine, "lead",
                book_counts(m->book).present[ENTRY_CHECKIN] < OWN_FIRST ? "insights.own.not-yet"
                                                                        : "insights.own.soon",
                ARGS(arg_int("n", OWN_FIRST)));
        put_c(m, mine, "evidence", "");
        return;
    }
    put_say(m, mine, "lead", "insights.own.lead", NO_ARGS);
    add_line(
        m, lines,
        unlike(own->u[LEARN_ERROR], own->sd[LEARN_ERROR], "insights.own.steady",
               "insights.own.varied", "insights.own.as-usual"),
        ARGS(arg_real("lo",
                      tenth(sqrt(exp(own->u[LEARN_ERROR] - NOTABLE_SDS * own->sd[LEARN_ERROR])))),
             arg_real("hi",
                      tenth(sqrt(exp(own->u[LEARN_ERROR] + NOTABLE_SDS * own->sd[LEARN_ERROR]))))));
    add_line(m, lines,
             unlike(own->u[LEARN_SIGMA_Z], own->sd[LEARN_SIGMA_Z], "insights.own.day-less",
                    "insights.own.day-more", "insights.own.day-usual"),
             NO_ARGS);
    add_line(m, lines, "insights.own.repeats",
             ARGS(arg_int("lo", (int64_t)(100 * own_again(own, -NOTABLE_SDS) + .5)),
                  arg_int("hi", (int64_t)(100 * own_again(own, NOTABLE_SDS) + .5))));
    put_kinds(m, lines, own);
    put_str(m, mine, "evidence",
            say(m, "insights.own.evidence",
                ARGS(arg_int("n", own->answers), arg_int("checkins", own->checkins),
                     arg_int("next", own->checkins + own->checkins / 4),
                     arg_int("wider", (int64_t)((sqrt(own->widen) - 1) * 100 + .5)))));
}

Err view_insights(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "insights");
    Overview *all = arena_new(cx->arena, Overview, 1);
    if (make_ok(&m, all ? OK : err_nomem(cx)))
        make_ok(&m, insight_overview(cx, v->cache, v->book, all));
    if (m.err != OK)
        return make_end(&m, o, ret);
    put_say(&m, o, "heading", "view.insights.heading", NO_ARGS);
    put_say(&m, o, "lead", all->readings > 0 ? "view.insights.lead" : "view.insights.nothing-yet",
            ARGS(arg_int("n", all->people)));
    put_balance(&m, o, all);
    put_accepted(&m, o, all);
    put_turns(&m, o, all);
    put_helps(&m, o, all);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        put_bool(&m, o, sections[i][1], json_array_size(json_object_get(o, sections[i][0])) > 0);
    put_own(&m, o, insight_cache_own(v->cache));
    return make_end(&m, o, ret);
}
