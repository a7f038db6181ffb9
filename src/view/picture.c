/* view/picture.c - estimates in words beside numbers. One function writes an estimate, so that no page can show a
 * best guess where another says that there is not enough to say. */
#include "view/picture.h"

const Relation *relation_read(Make *m, BookRef person)
{
    if (m->err != OK)
        return NULL;
    Relation *r = arena_new(m->cx->arena, Relation, 1);
    if (!make_ok(m, r ? insight_relation_cached(m->cx, m->cache, m->book, person, r) : err_nomem(m->cx)))
        return NULL;
    make_until(m, r->facts.until_ms);
    return r;
}

static Str say_word(Make *m, const Estimate *e, bool root)
{
    const WordRange none = {WORD_NONE, WORD_NONE};
    WordRange range = e && e->known ? (WordRange){e->level.first, e->level.last} : none;
    Str out = {NULL, 0};
    if (m->err != OK)
        return out;
    if (root)
        make_ok(m, text_root(m->cx, m->text, range, &out));
    else
        make_ok(m, text_level(m->cx, m->text, range, &out));
    return out;
}

Str say_level(Make *m, const Estimate *e)
{
    return say_word(m, e, false);
}

static bool has_word(const Estimate *e)
{
    return e->known && e->level.first != SAID_NONE;
}

static double tenth(double v)
{
    return (double)(int)(v * 10 + .5) / 10;
}

static Str say_range(Make *m, const Estimate *e)
{
    if (!e->known)
        return STR("");
    return say(m, "view.range", ARGS(arg_real("lo", tenth(e->lo)), arg_real("hi", tenth(e->hi))));
}

/* wanted: NULL for roots. */
static void add_estimate(Make *m, json_t *list, int state, const Estimate *e,
                         const Estimate *wanted, bool limiting)
{
    const ContentPage *page = content_page(state);
    json_t *o = add_object(m, list);
    bool wish = wanted && has_word(wanted);
    put_str(m, o, "key", page->id);
    put_str(m, o, "name", content_text(m->text, page->name));
    put_str(m, o, "path", path_to(m, "/learn/", page->id));
    put_bool(m, o, "known", e->known);
    put_str(m, o, "word", say_word(m, e, state >= TYPE_COUNT));
    if (has_word(e))
        put_num(m, o, "mean", e->mean);
    if (e->known) {
        put_num(m, o, "lo", e->lo);
        put_num(m, o, "hi", e->hi);
    }
    put_str(m, o, "range", say_range(m, e));
    if (wish)
        put_num(m, o, "wanted", wanted->mean);
    put_str(m, o, "wanted_word", wish ? say_level(m, wanted) : STR(""));
    put_int(m, o, "readings", e->known ? e->readings : 0);
    put_str(m, o, "last", e->known && e->readings > 0 ? say_ago(m, e->last_ms) : STR(""));
    put_bool(m, o, "limiting", limiting);
}

/* "Emotional: warm to close; trust: firm." for whoever does not see the picture. */
static Str describe(Make *m, const Bond *b, const Relation *r, bool whole)
{
    Str parts[STATE_COUNT];
    int n = 0, states = whole ? STATE_COUNT : TYPE_COUNT;
    for (int i = 0; i < states; i++) {
        bool type = i < TYPE_COUNT;
        const Estimate *e = type ? &r->types[i] : &r->factors[i - TYPE_COUNT];
        if (!e->known || (type && content_has(b->rel.not_ours, i)))
            continue;
        parts[n++] = say(m, "view.figure.item",
                         ARGS(arg_str("name", content_text(m->text, content_page(i)->name)),
                              arg_str("word", say_word(m, e, !type))));
    }
    return n > 0 ? say_join(m, "view.semicolon", parts, n) : say(m, "level.none", NO_ARGS);
}

void put_figure(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r, bool whole)
{
    json_t *figure = put_object(m, o, key);
    if (!r)
        return;
    put_c(m, figure, "picture", "figure");
    put_say(m, figure, "title", "view.figure.title", ARGS(arg_str("name", b->name)));
    put_str(m, figure, "desc", describe(m, b, r, whole));
    json_t *types = put_list(m, figure, "types");
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (!content_has(b->rel.not_ours, i))
            add_estimate(m, types, i, &r->types[i], &r->wanted[i], false);
    }
    json_t *factors = put_list(m, figure, "factors");
    bool unsafe = (r->gate.why & GATE_UNSAFE) != 0;
    for (int i = 0; whole && i < FACTOR_COUNT; i++)
        add_estimate(m, factors, TYPE_COUNT + i, &r->factors[i], NULL, !unsafe && i == r->limiting);
}
