/* view/meaning.c - what closeness means to me: a pair to pick from, and what the picks say so far. Shares of a
 * whole, in the fixed order of the types, never sorted; each with its range. */
#include "insight/insight.h"
#include "view/make.h"

static const double Z80 = 1.2815515655446004;

static double points(double share)
{
    return share < 0 ? 0 : share > 1 ? 100 : share * 100;
}

static void put_share(Make *m, json_t *list, const Meaning *meaning, int k)
{
    json_t *o = add_object(m, list);
    double lo = points(meaning->weight[k] - Z80 * meaning->sd[k]);
    double hi = points(meaning->weight[k] + Z80 * meaning->sd[k]);
    put_str(m, o, "key", content_types[k].id);
    put_str(m, o, "name", content_text(m->text, content_types[k].name));
    put_num(m, o, "mean", points(meaning->weight[k]));
    put_num(m, o, "lo", lo);
    put_num(m, o, "hi", hi);
    put_say(m, o, "words", "view.meaning.share",
            ARGS(arg_int("lo", (int64_t)(lo + .5)), arg_int("hi", (int64_t)(hi + .5))));
}

/* One type stands out only when its range lies above every other's best guess. */
static int stands_out(const Meaning *meaning)
{
    int best = 0;
    for (int k = 1; k < TYPE_COUNT; k++)
        best = meaning->weight[k] > meaning->weight[best] ? k : best;
    for (int k = 0; k < TYPE_COUNT; k++) {
        if (k != best && meaning->weight[best] - Z80 * meaning->sd[best] < meaning->weight[k])
            return -1;
    }
    return best;
}

static void put_lead(Make *m, json_t *o, const Meaning *meaning)
{
    int best = stands_out(meaning);
    if (meaning->choices == 0)
        put_say(m, o, "so_far", "view.meaning.nothing-yet", NO_ARGS);
    else if (best < 0)
        put_say(m, o, "so_far", "view.meaning.unclear", ARGS(arg_int("n", meaning->choices)));
    else
        put_str(m, o, "so_far",
                say(m, "view.meaning.most",
                    ARGS(arg_str("type", content_text(m->text, content_types[best].name)),
                         arg_int("n", meaning->choices))));
}

static void put_way(Make *m, json_t *o, const char *key, const ContentChoice *choice)
{
    json_t *way = put_object(m, o, key);
    put_str(m, way, "id", choice->id);
    put_str(m, way, "text", content_text(m->text, choice->text));
}

static void put_own_words(Make *m, json_t *o)
{
    BookMe me = {.quiet = false};
    if (!make_ok(m, book_me(m->cx, m->book, &me)))
        return;
    put_str(m, o, "meaning", me.meaning);
    put_str(m, o, "spiritual", me.spiritual);
}

/* Closeness may mean something else with one kind of people: all picks are where that starts, shrunk towards them. */
static void put_kinds(Make *m, json_t *o, int kind)
{
    json_t *list = put_list(m, o, "kinds");
    for (int k = -1; k < KIND_COUNT; k++) {
        json_t *item = add_object(m, list);
        put_str(m, item, "key", k < 0 ? STR("") : content_kinds[k].id);
        put_str(m, item, "name",
                k < 0 ? say(m, "view.meaning.anybody", NO_ARGS)
                      : content_text(m->text, content_kinds[k].many));
        put_str(m, item, "path",
                k < 0 ? STR("/meaning") : path_to(m, "/meaning?kind=", content_kinds[k].id));
        put_bool(m, item, "selected", k == kind);
    }
    put_str(m, o, "kind", kind < 0 ? STR("") : content_kinds[kind].id);
    put_str(m, o, "kind_note",
            kind < 0
                ? STR("")
                : say(m, "view.meaning.kind",
                      ARGS(arg_str("kinds", content_text(m->text, content_kinds[kind].many)))));
}

Err view_meaning(Cx *cx, const View *v, int kind, json_t **ret)
{
    Make m;
    Meaning meaning = {.choices = 0};
    json_t *o = make_view(&m, cx, v, "meaning");
    make_ok(&m, insight_meaning(cx, v->book, kind, &meaning));
    put_say(&m, o, "heading", "view.meaning.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.meaning.lead", NO_ARGS);
    put_kinds(&m, o, kind);
    put_int(&m, o, "choices", meaning.choices);
    put_bool(&m, o, "enough", !meaning.left);
    if (meaning.left) {
        json_t *pair = put_object(&m, o, "pair");
        put_way(&m, pair, "left", meaning.left);
        put_way(&m, pair, "right", meaning.right);
        put_say(&m, pair, "count", "view.meaning.count", ARGS(arg_int("n", meaning.asked + 1)));
    }
    put_lead(&m, o, &meaning);
    json_t *profile = put_object(&m, o, "profile");
    put_c(&m, profile, "picture", "profile");
    json_t *types = put_list(&m, profile, "types");
    for (int k = 0; k < TYPE_COUNT; k++)
        put_share(&m, types, &meaning, k);
    put_own_words(&m, o);
    return make_end(&m, o, ret);
}
