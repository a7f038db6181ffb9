/* view/people.c - everyone, by kind and then by name: never by how close; a thousand on a page. Each person gets memory
 * of their own while their relation is read, so that a thousand of them need no more than one. Of whom is on another
 * page only the kind is read. Linear in people. */
#include "view/map.h"
#include "view/offer.h"
#include "view/picture.h"
#include "view/steps.h"

enum { GROUP_OTHER = KIND_COUNT, GROUP_MEMORY, GROUPS_ALL, PEOPLE_MOST = 1000 };

static int group_of(const Bond *b)
{
    if (b->person.died != 0)
        return GROUP_MEMORY;
    for (int k = 0; k < KIND_COUNT; k++) {
        if (content_has(b->rel.kinds, k))
            return k;
    }
    return GROUP_OTHER;
}

static Str group_name(Make *m, int group)
{
    if (group < KIND_COUNT)
        return content_text(m->text, content_kinds[group].many);
    return say(m, group == GROUP_OTHER ? "view.people.other" : "view.people.memory", NO_ARGS);
}

static Str group_key(int group)
{
    return group < KIND_COUNT     ? content_kinds[group].id
           : group == GROUP_OTHER ? STR("other")
                                  : STR("memory");
}

static void add_card(Make *m, json_t *list, PeopleMap *map, BookRef person)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx own = {.arena = &scratch, .now_ms = m->cx->now_ms};
    Make one = *m;
    Bond b;
    one.cx = &own;
    json_t *card = add_object(&one, list);
    if (bond_read(&one, person, &b)) {
        const Relation *r = relation_read(&one, person);
        bool season = b.rel.season >= 0 && b.rel.season < SEASON_COUNT;
        put_who(&one, card, "person", &b);
        put_figure(&one, card, "figure", &b, r, false);
        put_str(&one, card, "closeness", r ? say_level(&one, &r->closeness) : STR(""));
        put_str(&one, card, "season",
                season ? content_text(one.text, content_seasons[b.rel.season].name) : STR(""));
        map_add(&one, map, m->cx->arena, &b, r);
    }
    m->err = one.err;
    if (one.err != OK)
        m->cx->why = (Why){.key = own.why.key};
}

static void put_kinds(Make *m, json_t *o, KindSet present, int kind)
{
    json_t *kinds = put_list(m, o, "kinds");
    for (int k = 0; k < KIND_COUNT; k++) {
        if (!content_has(present, k))
            continue;
        json_t *item = add_object(m, kinds);
        put_str(m, item, "key", content_kinds[k].id);
        put_str(m, item, "name", content_text(m->text, content_kinds[k].many));
        put_str(m, item, "path", path_to(m, "/people?kind=", content_kinds[k].id));
        put_bool(m, item, "selected", k == kind);
    }
}

/* Which group each person stands in, -1 for who is left out; returns how many are in. */
static int sort_out(Make *m, BookRefs people, int kind, int8_t group[], KindSet *ret_present)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx own = {.arena = &scratch, .now_ms = m->cx->now_ms};
    Make one = *m;
    one.cx = &own;
    int n = 0;
    for (int i = 0; i < people.n && one.err == OK; i++, arena_reset(&scratch)) {
        Bond b;
        group[i] = -1;
        if (!bond_read(&one, people.p[i], &b))
            break;
        *ret_present |= b.rel.kinds;
        if (kind >= 0 && !content_has(b.rel.kinds, kind))
            continue;
        group[i] = (int8_t)(kind >= 0 && b.person.died == 0 ? kind : group_of(&b));
        n++;
    }
    m->err = one.err;
    if (one.err != OK)
        m->cx->why = (Why){.key = own.why.key};
    return n;
}

/* Those of them, in the order of the page, that stand behind the first `skip`. */
static void put_groups(Make *m, json_t *o, BookRefs people, const int8_t group[], int skip)
{
    PeopleMap map;
    int place = 0;
    map_begin(m, o, "map", &map);
    json_t *groups = put_list(m, o, "groups");
    for (int g = 0; g < GROUPS_ALL; g++) {
        json_t *members = NULL;
        for (int i = 0; i < people.n && m->err == OK; i++) {
            bool here = group[i] == g && place >= skip && place < skip + PEOPLE_MOST;
            place += group[i] == g;
            if (!here)
                continue;
            if (!members) {
                json_t *item = add_object(m, groups);
                put_str(m, item, "key", group_key(g));
                put_str(m, item, "name", group_name(m, g));
                members = put_list(m, item, "people");
            }
            add_card(m, members, &map, people.p[i]);
        }
    }
    map_end(m, o, "map", &map);
}

/* What comes behind the first `skip`, for a page and for a terminal. */
static void put_more(Make *m, json_t *o, int kind, int skip)
{
    Str number = digits_of(m, skip);
    Str of_kind = kind < 0 ? STR("") : path_to(m, "kind=", content_kinds[kind].id);
    const Str parts[] = {STR("/people?"), of_kind, kind < 0 ? STR("") : STR("&"), STR("skip="),
                         number};
    put_str(m, o, "more", say_join(m, NULL, parts, 5));
    put_say(m, o, "more_hint", "view.people.more", ARGS(arg_str("skip", number)));
}

Err view_people(Cx *cx, const View *v, int kind, int skip, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "people");
    BookRefs people = book_people(v->book);
    int8_t *group = arena_new(cx->arena, int8_t, people.n + 1);
    KindSet present = 0;
    if (!group)
        make_ok(&m, err_nomem(cx));
    int n = sort_out(&m, people, kind, group, &present);
    put_say(&m, o, "heading", "view.people.heading", NO_ARGS);
    put_say(&m, o, "lead", people.n > 0 ? "view.people.lead" : "view.people.lead-empty",
            ARGS(arg_int("n", n)));
    put_bool(&m, o, "empty", people.n == 0);
    put_steps(&m, o, "welcome", people.n == 0);
    put_kinds(&m, o, present, kind);
    put_groups(&m, o, people, group, skip);
    put_c(&m, o, "more", "");
    put_c(&m, o, "more_hint", "");
    if (n - skip > PEOPLE_MOST)
        put_more(&m, o, kind, skip + PEOPLE_MOST);
    put_c(&m, o, "add_path", "/people/new");
    return make_end(&m, o, ret);
}
