/* view/offer.c - insight says which practice and on what grounds; here each ground becomes one sentence. A ground
 * that does not hold gives no sentence, and the order is that of weight: the wish, what limits it, what is
 * shared, what was learned. */
#include "view/offer.h"

enum { REASONS_MAX = 4, SURE_FROM = 5 };
static const double GAP_WORTH_SAYING = .5;

bool relation_is_safe(const Relation *r)
{
    return r && (r->gate.why & GATE_UNSAFE) == 0;
}

/* -- reasons ------------------------------------------------------------------------------------- */

static bool texts_have(BookTexts texts, Str id)
{
    for (int i = 0; i < texts.n; i++) {
        if (str_eq(texts.p[i], id))
            return true;
    }
    return false;
}

/* "reason.interest.both", ".mine" or ".theirs": whose it is. */
static Str say_shared(Make *m, const char *both, const char *mine, const char *theirs,
                      const ContentTag *tag, bool is_mine, bool is_theirs, Str name)
{
    const Arg *args =
        ARGS(arg_str("what", content_text(m->text, tag->name)), arg_str("name", name));
    if (is_mine && is_theirs)
        return say(m, both, args);
    if (is_mine)
        return say(m, mine, args);
    return is_theirs ? say(m, theirs, args) : STR("");
}

/* What it meets of what the two of you like: an interest before a way of talking before a way of getting to know
 * someone. One such reason is enough. */
static Str say_likes(Make *m, const Bond *b, const Offer *offer)
{
    BookMe me = {.quiet = false};
    const BookPerson *p = &b->person;
    if (m->err != OK || !make_ok(m, book_me(m->cx, m->book, &me)))
        return STR("");
    if (offer->interest >= 0) {
        const ContentTag *tag = &content_interests[offer->interest];
        return say_shared(m, "reason.interest.both", "reason.interest.mine",
                          "reason.interest.theirs", tag, texts_have(me.interests, tag->id),
                          texts_have(p->interests, tag->id), b->call);
    }
    if (offer->style >= 0) {
        const ContentTag *tag = &content_styles[offer->style];
        return say_shared(m, "reason.style.both", "reason.style.mine", "reason.style.theirs", tag,
                          texts_have(me.styles, tag->id), texts_have(p->styles, tag->id), b->call);
    }
    if (offer->way >= 0) {
        const ContentTag *tag = &content_ways[offer->way];
        return say_shared(m, "reason.way.both", "reason.way.mine", "reason.way.theirs", tag,
                          texts_have(me.ways, tag->id), texts_have(p->ways, tag->id), b->call);
    }
    return STR("");
}

static void put_reasons(Make *m, json_t *o, const Bond *b, const Offer *offer, const Relation *r)
{
    Str reasons[REASONS_MAX];
    int n = 0;
    bool safe = relation_is_safe(r);
    const Arg *args = ARGS(arg_str("name", b->call));
    if (offer->kind == OFFER_CHECK_IN)
        reasons[n++] = say(m, r->readings > 0 ? "reason.hazy" : "reason.early", args);
    else if (!safe)
        reasons[n++] = say(m, "reason.unsafe", args);
    else if (offer->wants_less)
        reasons[n++] = say(m, "reason.less", args);
    else if (offer->type >= 0 && offer->gap_known && offer->gap > GAP_WORTH_SAYING)
        reasons[n++] = say_of(m, "reason.gap.", content_types[offer->type].id, args);
    if (offer->kind == OFFER_PRACTICE && safe && !offer->wants_less) {
        if (offer->factor >= 0)
            reasons[n++] = say_of(m, "reason.root.", content_factors[offer->factor].id, args);
        reasons[n++] = say_likes(m, b, offer);
    }
    if (offer->n_done > 0 && offer->helps > .5)
        reasons[n++] = say(m, "reason.learned", ARGS(arg_int("n", offer->n_done)));
    else if (offer->kind == OFFER_PRACTICE && offer->not_tried && safe)
        reasons[n++] = say(m, "reason.not-tried", args);
    json_t *list = put_list(m, o, "reasons");
    for (int i = 0; i < n; i++) {
        if (reasons[i].len > 0)
            add_str(m, list, reasons[i]);
    }
}

/* -- what it is and takes ------------------------------------------------------------------------ */

static Str say_effort(Make *m, const ContentPractice *p)
{
    static const char *const places[PLACE_COUNT] = {"view.place.together", "view.place.remote",
                                                    "view.place.alone"};
    static const char *const costs[COST_COUNT] = {"view.cost.none", "view.cost.little",
                                                  "view.cost.some"};
    Str where[PLACE_COUNT], time = {NULL, 0};
    int n = 0;
    for (int i = 0; i < PLACE_COUNT; i++) {
        if (content_has(p->where, i))
            where[n++] = say(m, places[i], NO_ARGS);
    }
    if (m->err == OK)
        make_ok(m, text_duration(m->cx, m->text, p->minutes, &time));
    return say(m, "view.effort",
               ARGS(arg_str("time", time), arg_str("where", say_join(m, "view.or", where, n)),
                    arg_str("cost", say(m, costs[p->cost], NO_ARGS))));
}

static void put_feeds(Make *m, json_t *o, const ContentPractice *p)
{
    json_t *feeds = put_object(m, o, "feeds");
    put_c(m, feeds, "picture", "mark");
    json_t *types = put_list(m, feeds, "types");
    Str type_names[TYPE_COUNT], factor_names[FACTOR_COUNT], both[2];
    int n = 0, k = 0;
    for (int i = 0; p && i < TYPE_COUNT; i++) {
        if (p->types[i] == 0)
            continue;
        add_str(m, types, content_types[i].id);
        type_names[n++] = say_of(m, "state.", content_types[i].id, NO_ARGS);
    }
    for (int i = 0; p && i < FACTOR_COUNT; i++) {
        if (p->factors[i] > 0)
            factor_names[k++] = say_of(m, "state.", content_factors[i].id, NO_ARGS);
    }
    both[0] = say_join(m, "view.comma", type_names, n);
    both[1] = say_join(m, "view.comma", factor_names, k);
    put_str(m, feeds, "words", say_join(m, "view.semicolon", both, 2));
}

/* How much of the chance is learned and how much is what such practices usually do. */
static void put_sure(Make *m, json_t *o, const Offer *offer)
{
    json_t *sure = put_object(m, o, "sure");
    const char *level = offer->n_done >= SURE_FROM ? "quite"
                        : offer->n_done > 0        ? "fairly"
                                                   : "guess";
    put_c(m, sure, "picture", "sure");
    put_c(m, sure, "level", level);
    put_str(
        m, sure, "text",
        say_of(m, "view.sure.", str_c(level),
               ARGS(arg_str("chance", say_chance(m, offer->helps)), arg_int("n", offer->n_done))));
}

void put_finding(Make *m, json_t *o, const ContentFinding *finding)
{
    if (finding->year == 0)
        return;
    json_t *f = put_object(m, o, "finding");
    put_str(m, f, "author", finding->author);
    put_int(m, f, "year", finding->year);
    put_str(m, f, "says", content_text(m->text, finding->says));
}

static void fill_practice(Make *m, json_t *o, const Bond *b, const ContentPractice *p)
{
    put_str(m, o, "id", p->id);
    put_str(m, o, "title", say_text(m, p->title, b->call));
    put_str(m, o, "path", path_of(m, b->person.id, "/next"));
    json_t *steps = put_list(m, o, "steps");
    for (int i = 0; i < p->steps.count; i++)
        add_str(m, steps, say_text(m, (ContentText)(p->steps.first + i), b->call));
    put_str(m, o, "why", say_text(m, p->why, b->call));
    put_finding(m, o, &p->finding);
    put_str(m, o, "first_words", say_text(m, p->first_words, b->call));
    put_str(m, o, "effort", say_effort(m, p));
    put_bool(m, o, "needs_both", p->needs_both);
}

static void fill_checkin(Make *m, json_t *o, const Bond *b)
{
    put_c(m, o, "id", "");
    put_say(m, o, "title", "view.offer.check-in", ARGS(arg_str("name", b->call)));
    put_str(m, o, "path", path_of(m, b->person.id, "/check-in"));
    put_list(m, o, "steps");
    put_say(m, o, "why", "view.offer.check-in-why", ARGS(arg_str("name", b->call)));
    put_c(m, o, "first_words", "");
    put_say(m, o, "effort", "view.offer.check-in-effort", NO_ARGS);
    put_bool(m, o, "needs_both", false);
}

int offers_fit(Make *m, Offer offers[], int n)
{
    int kept = 0;
    for (int i = 0; i < n && m->err == OK; i++) {
        Bond b;
        bool reaches = offers[i].kind == OFFER_CHECK_IN || offers[i].practice->approach;
        if (bond_read(m, offers[i].person, &b) && !(reaches && b.person.died != 0))
            offers[kept++] = offers[i];
    }
    return kept;
}

void add_offer(Make *m, json_t *list, const Bond *b, const Offer *offer, const Relation *r)
{
    json_t *o = add_object(m, list);
    bool practice = offer->kind == OFFER_PRACTICE;
    put_c(m, o, "kind", practice ? "practice" : "check-in");
    put_who(m, o, "person", b);
    if (practice)
        fill_practice(m, o, b, offer->practice);
    else
        fill_checkin(m, o, b);
    put_feeds(m, o, offer->practice);
    if (practice)
        put_sure(m, o, offer);
    put_reasons(m, o, b, offer, r);
    put_str(m, o, "answer_path", path_of(m, b->person.id, "/next"));
    put_str(m, o, "done_path", path_of(m, b->person.id, "/done"));
}

/* -- what was taken up --------------------------------------------------------------------------- */

void put_taken(Make *m, json_t *o, BookRef person)
{
    TakenList taken = {.n = 0, .until_ms = INT64_MAX};
    json_t *list = put_list(m, o, "taken");
    if (m->err == OK)
        make_ok(m, insight_taken(m->cx, m->cache, m->book, person, &taken));
    make_until(m, taken.until_ms);
    for (int i = 0; i < taken.n && m->err == OK; i++) {
        const Taken *it = &taken.list[i];
        Bond b;
        if (!bond_read(m, it->person, &b) || (b.person.died != 0 && it->practice->approach))
            continue;
        json_t *t = add_object(m, list);
        put_who(m, t, "person", &b);
        fill_practice(m, t, &b, it->practice);
        put_say(m, t, "since", "view.taken.since",
                ARGS(arg_str("when", say_ago(m, it->at_ms))));
        put_str(m, t, "answer_path", path_of(m, b.person.id, "/next"));
        put_str(m, t, "done_path", path_of(m, b.person.id, "/done"));
    }
}

/* -- nothing, and why ---------------------------------------------------------------------------- */

void put_nothing(Make *m, json_t *o, const char *key, const Bond *b, const Relation *r)
{
    json_t *list = put_list(m, o, key);
    const Arg *args = ARGS(arg_str("name", b->call));
    size_t before = json_array_size(list);
    if (!r)
        return;
    if (b->person.died != 0)
        add_str(m, list, say(m, "gate.died", args));
    else if (b->rel.paused_until_ms > m->cx->now_ms)
        add_str(m, list, say(m, "gate.paused", args));
    else if (b->rel.season == SEASON_GRIEVING || b->rel.season == SEASON_RESTING ||
             b->rel.season == SEASON_ENDED)
        add_str(m, list, say_of(m, "gate.", content_seasons[b->rel.season].id, args));
    if (!relation_is_safe(r))
        add_str(m, list, say(m, "gate.unsafe", args));
    else if ((r->gate.why & GATE_CONFLICT) != 0)
        add_str(m, list, say(m, "gate.conflict", args));
    if (json_array_size(list) == before)
        add_str(m, list, say(m, "gate.nothing", args));
}

void put_care(Make *m, json_t *o, const char *key)
{
    json_t *care = put_object(m, o, key);
    json_t *lines = put_list(m, care, "lines");
    add_str(m, lines, say(m, "view.care.what", NO_ARGS));
    add_str(m, lines, say(m, "view.care.yours", NO_ARGS));
    add_str(m, lines, say(m, "view.care.change", NO_ARGS));
    put_c(m, care, "path", "/safety");
    put_say(m, care, "label", "view.care.label", NO_ARGS);
}
