/* view/map.h - the map of people: how close it feels as a distance from the middle. Private.
 * Shapes  docs/VIEWMODELS.md: map. One group for each of GroupId.
 * Units   values 0..10 to one decimal.
 * Errors  sticky in Make.
 * Memory  as view/make.h.
 * Thread  as view/view.h. */
#ifndef VIEW_MAP_H
#define VIEW_MAP_H

#include "view/who.h"

enum {
    MAP_GROUPS = 4,
    MAP_UNPLACED_NAMED = 4,
    MAP_MOST = 80 /* what render/svg_map.c has room for */
};

typedef struct PeopleMap {
    json_t *o;
    json_t *groups[GROUP_COUNT]; /* lists of people */
    int placed, unplaced;
    Str without
        [MAP_UNPLACED_NAMED]; /* names of the first who have no place yet; the caller's arena */
} PeopleMap;

/* m must outlive the map; a person may be added through another Make with memory of its own. */
void map_begin(Make *m, json_t *o, const char *key, PeopleMap *ret);
void map_add(Make *one, PeopleMap *map, Arena *names, const Bond *b, const Relation *r);
/* Takes it away again when nobody has a place. */
void map_end(Make *m, json_t *o, const char *key, PeopleMap *map);

#endif
