/* render/svg_parts.h - what the files of the pictures share: reading numbers, writing "draw". Private.
 * Errors  sticky: a Drawing that failed stays failed, and svg_draw says so once.
 * Memory  as render/svg.h. */
#ifndef RENDER_SVG_PARTS_H
#define RENDER_SVG_PARTS_H

#include "render/svg.h"

enum { TYPES = 5, FACTORS = 7 };

typedef struct Drawing {
    Cx *cx;
    bool no_memory;
    Str unknown; /* a key or picture that is not known */
    int pictures;
} Drawing;

/* A value 0..10, or NAN when it is missing. */
double svg_value(const json_t *o, const char *key);
/* A number, or an instant in ms; NAN when it is missing or neither. */
double svg_at(const json_t *v);
double svg_round(double v, int decimals);

/* Members of o; v is taken over. */
void svg_set(Drawing *d, json_t *o, const char *key, json_t *v);
void svg_num(Drawing *d, json_t *o, const char *key, double v, int decimals);
void svg_str(Drawing *d, json_t *o, const char *key, Str s);
/* An object appended to the array list. */
json_t *svg_item(Drawing *d, json_t *list);
json_t *svg_list(Drawing *d, json_t *o, const char *key);
/* Index of o's member "key" among the types or factors; -1, noted, when it is neither. */
int svg_type(Drawing *d, Str key);
int svg_factor(Drawing *d, Str key);
Str svg_key(const json_t *o, const char *name);
const char *svg_tone(int type); /* "t1" .. "t5" */

void svg_trend(Drawing *d, const json_t *picture, json_t *draw);
void svg_rhythm(Drawing *d, const json_t *picture, json_t *draw);
void svg_map(Drawing *d, json_t *picture, json_t *draw);

#endif
