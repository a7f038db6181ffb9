/* view/map.c - who stands on the map and how far from the middle. Only whom a word supports has a place: where the
 * range is too wide for a best guess there is no distance to draw. The arrow to where I would like it is left out
 * where it does not feel safe: nothing here nudges. Linear in people. */
#include "view/map.h"
#include "base/utf8.h"
#include "view/offer.h"
#include "view/picture.h"

static int group_of(const BookRelationship *rel)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (content_has(rel->kinds, k))
            return (int)content_kinds[k].group;
    }
    return GROUP_TRUSTED;
}

void map_begin(Make *m, json_t *o, const char *key, PeopleMap *ret)
{
    static const char *const names[GROUP_COUNT] = {[GROUP_PARTNER] = "view.map.partner",
                                                   [GROUP_FAMILY] = "view.map.family",
                                                   [GROUP_FRIEND] = "view.map.friends",
                                                   [GROUP_TRUSTED] = "view.map.others"};
    *ret = (PeopleMap){.o = put_object(m, o, key)};
    put_c(m, ret->o, "picture", "map");
    json_t *rings = put_list(m, ret->o, "rings");
    for (int i = LEVEL_WORDS - 1; i >= 0; i--)
        add_str(m, rings, text_level_word(m->text, (LevelWord)i));
    json_t *groups = put_list(m, ret->o, "groups");
    for (int g = 0; g < GROUP_COUNT; g++) {
        json_t *group = add_object(m, groups);
        put_say(m, group, "name", names[g], NO_ARGS);
        ret->groups[g] = put_list(m, group, "people");
    }
}

/* Where I would like it: as said of the whole, else as far as the types are from what I said of them; -1: not said. */
static double wanted_of(const Bond *b, const Relation *r)
{
    double sum = 0;
    int n = 0;
    if (b->rel.wanted_tenths >= 0)
        return b->rel.wanted_tenths / 10.0;
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (r->types[i].known && r->wanted[i].known && !content_has(b->rel.not_ours, i)) {
            sum += r->gap[i];
            n++;
        }
    }
    double wanted = n > 0 ? r->closeness.mean + sum / n : -1;
    return wanted > 10 ? 10 : n > 0 && wanted < 0 ? 0 : wanted;
}

static Str say_place(Make *m, const Bond *b, const Relation *r)
{
    Str parts[2] = {b->name, bond_kinds(m, b)};
    return say(m, "view.map.label",
               ARGS(arg_str("who", say_join(m, "view.comma", parts, 2)),
                    arg_str("level", say_level(m, &r->closeness))));
}

void map_add(Make *one, PeopleMap *map, Arena *names, const Bond *b, const Relation *r)
{
    if (one->err != OK || !r || b->person.died != 0)
        return;
    if (!r->closeness.known || r->closeness.level.first == SAID_NONE) {
        if (map->unplaced < MAP_UNPLACED_NAMED)
            map->without[map->unplaced] = str_dup(names, b->call);
        map->unplaced++;
        return;
    }
    json_t *p = add_object(one, map->groups[group_of(&b->rel)]);
    double wanted = relation_is_safe(r) ? wanted_of(b, r) : -1;
    put_str(one, p, "name", b->call);
    put_str(one, p, "initials", utf8_prefix(b->call, 2));
    put_str(one, p, "href", path_of(one, b->person.id, ""));
    put_str(one, p, "label", say_place(one, b, r));
    put_num(one, p, "mean", r->closeness.mean);
    put_num(one, p, "lo", r->closeness.lo);
    put_num(one, p, "hi", r->closeness.hi);
    if (wanted >= 0)
        put_num(one, p, "wanted", wanted);
    map->placed++;
}

static Str say_unplaced(Make *m, const PeopleMap *map)
{
    if (map->unplaced == 0)
        return STR("");
    if (map->unplaced > MAP_UNPLACED_NAMED)
        return say(m, "view.map.unplaced-many", ARGS(arg_int("n", map->unplaced)));
    return say(m, "view.map.unplaced",
               ARGS(arg_str("names", say_list(m, map->without, map->unplaced))));
}

void map_end(Make *m, json_t *o, const char *key, PeopleMap *map)
{
    if (m->err == OK && map->placed == 0) {
        (void)json_object_del(o, key);
        return;
    }
    put_say(m, map->o, "title", "view.map.title", NO_ARGS);
    put_say(m, map->o, "desc", "view.map.desc", NO_ARGS);
    put_str(m, map->o, "unplaced", say_unplaced(m, map));
    put_str(m, map->o, "more",
            map->placed > MAP_MOST ? say(m, "view.map.more", ARGS(arg_int("n", MAP_MOST)))
                                   : STR(""));
}
