/* render/svg.c - the pictures of single states: flower, dots, marks, bars; and the walk over a view-model
 * that finds all pictures. The formulas are those of the visual design: a petal is as long as its value
 * (12 units a point), a root is a dash on a path of length 10, a row is 10 % a point.
 * Drawing copies no more than the pictures and the way to each: what is beside it is shared with the view-model.
 * Costs linear time in the view-model. */
#include "base/buf.h"
#include "base/time.h"
#include "render/svg_parts.h"
#include <math.h>
#include <string.h>

static const char *const type_keys[TYPES] = {"emotional", "intellectual", "physical",
                                             "experiential", "spiritual"};
static const char *const type_tones[TYPES] = {"t1", "t2", "t3", "t4", "t5"};
static const char *const factor_keys[FACTORS] = {
    "trust", "acceptance", "honesty", "safety", "compassion", "affection", "communication"};

/* Labels of the flower stand outside length 10 and never move with the data. */
typedef struct Place {
    double x, y;
    const char *anchor;
} Place;
static const Place petal_places[TYPES] = {
    {200, 30,  "middle"},
    {320, 114, "start" },
    {280, 276, "start" },
    {120, 276, "end"   },
    {80,  114, "end"   }
};
static const Place root_places[FACTORS] = {
    {68,  404, "middle"},
    {96,  440, "end"   },
    {140, 474, "end"   },
    {200, 494, "middle"},
    {260, 474, "start" },
    {304, 440, "start" },
    {398, 404, "end"   }
};

enum { TURN = 72 };                      /* degrees between petals */
static const double PETAL_SCALE = 12;    /* flower: units a point */
static const double SMALL_SCALE = 4.8;   /* bloom */
static const double SHARE_PERCENT = 2.5; /* profile: percent a point of share */

/* -- numbers in, numbers out ------------------------------------------------------------------ */

double svg_value(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    if (!json_is_number(v))
        return (double)NAN;
    return fmin(10, fmax(0, json_number_value(v)));
}

double svg_at(const json_t *v)
{
    if (json_is_number(v))
        return json_number_value(v);
    int64_t ms = 0;
    Str text = {json_string_value(v), (ptrdiff_t)json_string_length(v)};
    return json_is_string(v) && time_parse_iso(text, &ms) ? (double)ms : (double)NAN;
}

double svg_round(double v, int decimals)
{
    double unit = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
    return round(v * unit) / unit;
}

void svg_set(Drawing *d, json_t *o, const char *key, json_t *v)
{
    if (!v || json_object_set_new(o, key, v) != 0)
        d->no_memory = true;
}

void svg_num(Drawing *d, json_t *o, const char *key, double v, int decimals)
{
    svg_set(d, o, key, json_real(svg_round(v, decimals)));
}

void svg_str(Drawing *d, json_t *o, const char *key, Str s)
{
    svg_set(d, o, key, json_stringn(s.p ? s.p : "", (size_t)s.len));
}

static void set_true(Drawing *d, json_t *o, const char *key, bool on)
{
    if (on)
        svg_set(d, o, key, json_true());
}

json_t *svg_list(Drawing *d, json_t *o, const char *key)
{
    svg_set(d, o, key, json_array());
    return json_object_get(o, key);
}

json_t *svg_item(Drawing *d, json_t *list)
{
    json_t *item = json_object();
    if (!item || json_array_append_new(list, item) != 0) {
        d->no_memory = true;
        return NULL;
    }
    return item;
}

static int index_of(Str key, const char *const keys[], int n)
{
    for (int i = 0; i < n; i++) {
        if (str_eq_c(key, keys[i]))
            return i;
    }
    return -1;
}

static int known_or_noted(Drawing *d, Str key, int index)
{
    if (index < 0 && str_is_null(d->unknown))
        d->unknown = key.p ? key : STR("key");
    return index;
}

int svg_type(Drawing *d, Str key)
{
    return known_or_noted(d, key, index_of(key, type_keys, TYPES));
}

int svg_factor(Drawing *d, Str key)
{
    return known_or_noted(d, key, index_of(key, factor_keys, FACTORS));
}

Str svg_key(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return (Str){json_string_value(v), (ptrdiff_t)json_string_length(v)};
}

const char *svg_tone(int type)
{
    return type_tones[type];
}

/* -- marks ------------------------------------------------------------------------------------ */

/* Five small petals; bit i of filled says which are in colour. */
static void draw_petals(Drawing *d, json_t *draw, unsigned filled)
{
    json_t *list = svg_list(d, draw, "petals");
    for (int i = 0; i < TYPES; i++) {
        json_t *petal = svg_item(d, list);
        bool on = (filled & (1u << i)) != 0;
        char class[] = "on t0";
        class[4] = (char)('1' + i);
        svg_str(d, petal, "class", on ? str_c(class) : STR("off"));
        svg_num(d, petal, "turn", TURN * i, 0);
    }
}

static void draw_mark(Drawing *d, const json_t *picture, json_t *draw)
{
    const json_t *types = json_object_get(picture, "types");
    unsigned filled = 0;
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *key = json_array_get(types, i);
        int type = svg_type(d, (Str){json_string_value(key), (ptrdiff_t)json_string_length(key)});
        filled |= type >= 0 ? 1u << type : 0;
    }
    Str own = svg_key(picture, "key");
    if (own.p) {
        int type = svg_type(d, own);
        filled |= type >= 0 ? 1u << type : 0;
    }
    draw_petals(d, draw, filled);
}

/* -- one estimate ----------------------------------------------------------------------------- */

typedef struct Estimate {
    double mean, lo, hi, wanted; /* NAN when missing */
} Estimate;

static Estimate read_estimate(const json_t *o)
{
    Estimate e = {svg_value(o, "mean"), svg_value(o, "lo"), svg_value(o, "hi"),
                  svg_value(o, "wanted")};
    if (isnan(e.lo) || isnan(e.hi))
        e.mean = e.lo = e.hi = (double)NAN;
    return e;
}

static void draw_flags(Drawing *d, json_t *draw, const Estimate *e)
{
    set_true(d, draw, "unknown", isnan(e->lo));
    set_true(d, draw, "known", !isnan(e->mean));
    set_true(d, draw, "open",
             isnan(e->mean)); /* an outline stands for it where there is no range */
    set_true(d, draw, "wished", !isnan(e->wanted));
}

static void draw_scaled(Drawing *d, json_t *draw, const Estimate *e, const char *const names[4],
                        double scale, int decimals)
{
    const double values[4] = {e->lo, e->mean, e->hi, e->wanted};
    for (int i = 0; i < 4; i++) {
        if (!isnan(values[i]))
            svg_num(d, draw, names[i], scale * values[i], decimals);
    }
}

static void draw_row(Drawing *d, json_t *draw, const Estimate *e)
{
    static const char *const names[4] = {"lo_x", "mid_x", "hi_x", "wish_x"};
    draw_scaled(d, draw, e, names, 10, 1);
}

static void draw_place(Drawing *d, json_t *draw, const Place *place)
{
    svg_num(d, draw, "x", place->x, 0);
    svg_num(d, draw, "y", place->y, 0);
    svg_str(d, draw, "anchor", str_c(place->anchor));
}

static void draw_type(Drawing *d, const json_t *item, json_t *draw)
{
    static const char *const names[4] = {"lo", "mid", "hi", "wish"};
    int type = svg_type(d, svg_key(item, "key"));
    if (type < 0)
        return;
    Estimate e = read_estimate(item);
    draw_flags(d, draw, &e);
    draw_scaled(d, draw, &e, names, PETAL_SCALE, 1);
    draw_row(d, draw, &e);
    draw_petals(d, draw, 1u << type);
    draw_place(d, draw, &petal_places[type]);
    svg_str(d, draw, "tone", str_c(svg_tone(type)));
    svg_num(d, draw, "turn", TURN * type, 0);
    if (!isnan(e.mean))
        svg_num(d, draw, "small", SMALL_SCALE * e.mean, 1);
    if (!isnan(e.lo)) /* veins follow the best guess, or what is nearly certain without one */
        svg_num(d, draw, "veins", PETAL_SCALE * (isnan(e.mean) ? e.lo : e.mean), 1);
}

static void draw_factor(Drawing *d, const json_t *item, json_t *draw)
{
    static const char *const names[4] = {"lo", "mid", "hi", "wish"};
    int factor = svg_factor(d, svg_key(item, "key"));
    if (factor < 0)
        return;
    Estimate e = read_estimate(item);
    draw_flags(d, draw, &e);
    draw_scaled(d, draw, &e, names, 1, 2);
    draw_row(d, draw, &e);
    draw_place(d, draw, &root_places[factor]);
    svg_str(d, draw, "tone", STR("rt"));
    svg_num(d, draw, "root", factor + 1, 0);
    set_true(d, draw, "limit", json_is_true(json_object_get(item, "limiting")));
}

static void draw_share(Drawing *d, const json_t *item, json_t *draw)
{
    int type = svg_type(d, svg_key(item, "key"));
    if (type < 0)
        return;
    /* shares are not on the scale 0 to 10: read as they are, cut where the bar ends */
    const char *const names[3] = {"lo", "mean", "hi"};
    double x[3];
    for (int i = 0; i < 3; i++) {
        const json_t *v = json_object_get(item, names[i]);
        x[i] = json_is_number(v) ? fmin(100, fmax(0, SHARE_PERCENT * json_number_value(v)))
                                 : (double)NAN;
    }
    svg_str(d, draw, "tone", str_c(svg_tone(type)));
    draw_petals(d, draw, 1u << type);
    bool known = !isnan(x[0]) && !isnan(x[2]);
    set_true(d, draw, "unknown", !known);
    set_true(d, draw, "known", known && !isnan(x[1]));
    if (!known)
        return;
    svg_num(d, draw, "lo_x", x[0], 1);
    svg_num(d, draw, "rest", fmax(0, x[2] - x[0]), 1);
    if (!isnan(x[1]))
        svg_num(d, draw, "mid_x", x[1], 1);
}

/* -- pictures --------------------------------------------------------------------------------- */

typedef void DrawItem(Drawing *d, const json_t *item, json_t *draw);

static void draw_items(Drawing *d, json_t *list, DrawItem *draw_item)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(list, i, item)
    {
        svg_set(d, item, "draw", json_object());
        draw_item(d, item, json_object_get(item, "draw"));
    }
}

static void draw_scale(Drawing *d, const json_t *picture, json_t *draw)
{
    Str key = svg_key(picture, "key");
    if (index_of(key, factor_keys, FACTORS) >= 0)
        draw_factor(d, picture, draw);
    else
        draw_type(d, picture, draw);
}

static void draw_sure(Drawing *d, const json_t *picture, json_t *draw)
{
    static const struct {
        const char *level;
        double width;
    } halos[] = {
        {"quite",  4 },
        {"fairly", 12},
        {"guess",  24}
    };
    Str level = svg_key(picture, "level");
    for (int i = 0; i < 3; i++) {
        if (str_eq_c(level, halos[i].level)) {
            svg_num(d, draw, "halo", halos[i].width, 0);
            return;
        }
    }
    (void)known_or_noted(d, level, -1);
}

static void draw_seeds(Drawing *d, const json_t *picture, json_t *draw)
{
    enum { SEEDS = 10, FIRST_X = 6, STEP_X = 11 };
    const json_t *parts = json_object_get(picture, "parts");
    json_int_t full = json_integer_value(json_array_get(parts, 0));
    json_int_t half = json_integer_value(json_array_get(parts, 1));
    json_t *list = svg_list(d, draw, "seeds");
    for (int i = 0; i < SEEDS; i++) {
        json_t *seed = svg_item(d, list);
        svg_str(d, seed, "class",
                i < full          ? STR("on")
                : i - half < full ? STR("half")
                                  : STR("off"));
        svg_num(d, seed, "x", FIRST_X + STEP_X * i, 0);
    }
}

static void give_id(Drawing *d, json_t *picture, json_t *draw, Str name)
{
    json_t *own = json_object_get(picture, "id");
    d->pictures++;
    if (own) {
        svg_set(d, draw, "id", json_incref(own));
        return;
    }
    Buf buf = buf_make(d->cx->arena, 64);
    buf_put(&buf, str_sub(name, 0, 40));
    buf_fmt(&buf, "-%d", d->pictures);
    d->no_memory = d->no_memory || buf.failed;
    svg_str(d, draw, "id", (Str){buf.p, buf.len});
}

static void draw_picture(Drawing *d, json_t *picture)
{
    Str name = svg_key(picture, "picture");
    json_t *draw = json_object();
    if (!draw) {
        d->no_memory = true;
        return;
    }
    if (str_eq_c(name, "figure")) {
        draw_items(d, json_object_get(picture, "types"), draw_type);
        draw_items(d, json_object_get(picture, "factors"), draw_factor);
    } else if (str_eq_c(name, "profile")) {
        draw_items(d, json_object_get(picture, "types"), draw_share);
    } else if (str_eq_c(name, "scale")) {
        draw_scale(d, picture, draw);
    } else if (str_eq_c(name, "mark")) {
        draw_mark(d, picture, draw);
    } else if (str_eq_c(name, "sure")) {
        draw_sure(d, picture, draw);
    } else if (str_eq_c(name, "seeds")) {
        draw_seeds(d, picture, draw);
    } else if (str_eq_c(name, "trend")) {
        svg_trend(d, picture, draw);
    } else if (str_eq_c(name, "rhythm")) {
        svg_rhythm(d, picture, draw);
    } else if (str_eq_c(name, "map")) {
        svg_map(d, picture, draw);
    } else {
        (void)known_or_noted(d, name, -1);
    }
    give_id(d, picture, draw, name);
    svg_set(d, picture, "draw", draw);
}

/* One container on the way down, and how far it was gone through. */
typedef struct Level {
    json_t *container;
    json_t *own;  /* its copy, once something in it was drawn; itself inside a picture; else NULL */
    size_t index; /* array: of the next child */
    void *iter;   /* object: at the next child */
    size_t at;    /* array: of the child one level down */
    const char *key; /* object: its name */
} Level;

static Level level_of(json_t *container, json_t *own)
{
    return (Level){.container = container,
                   .own = own,
                   .iter = json_is_object(container) ? json_object_iter(container) : NULL};
}

/* The next child of level; NULL behind the last one. "draw" is ours and holds no pictures. */
static json_t *next_child(Level *level)
{
    if (json_is_array(level->container)) {
        level->at = level->index;
        return json_array_get(level->container, level->index++);
    }
    if (!level->iter)
        return NULL;
    json_t *child = json_object_iter_value(level->iter);
    level->key = json_object_iter_key(level->iter);
    level->iter = json_object_iter_next(level->container, level->iter);
    return child;
}

/* copy stands from now on where the child that level has come to stands. */
static void replace_child(Drawing *d, const Level *level, json_t *copy)
{
    bool failed = !copy || (json_is_array(level->own)
                                ? json_array_set_new(level->own, level->at, copy) != 0
                                : json_object_set_new(level->own, level->key, copy) != 0);
    d->no_memory = d->no_memory || failed;
}

/* Every container on the way becomes a copy of its own, which shares what is beside the way. */
static void own_way(Drawing *d, Level levels[], int depth)
{
    for (int i = 1; i < depth && !d->no_memory; i++) {
        if (levels[i].own)
            continue;
        levels[i].own = json_copy(levels[i].container);
        replace_child(d, &levels[i - 1], levels[i].own);
    }
}

/* The child that the way has come to. A picture is drawn before its members are looked at: adding a member would
 * spoil the iterator. */
static Level enter(Drawing *d, Level levels[], int depth, json_t *child)
{
    bool inside = depth > 0 && levels[depth - 1].own == levels[depth - 1].container;
    json_t *own = inside ? child : NULL;
    if (json_is_string(json_object_get(child, "picture"))) {
        if (!inside) {
            own_way(d, levels, depth);
            own = d->no_memory ? NULL : json_deep_copy(child);
            replace_child(d, &levels[depth - 1], own);
            child = own;
        }
        if (!d->no_memory)
            draw_picture(d, child);
    }
    return level_of(child, own);
}

/* Goes through everything below levels[0]. */
static Err draw_all(Drawing *d, Level levels[SVG_DEPTH_MAX])
{
    int depth = 1;
    while (depth > 0 && !d->no_memory) {
        json_t *child = next_child(&levels[depth - 1]);
        if (!child) {
            depth--;
        } else if (json_is_object(child) || json_is_array(child)) {
            if (depth == SVG_DEPTH_MAX)
                return err_set(d->cx, ERR_INVALID, "err.picture", ARGS(arg_c("what", "depth")));
            levels[depth] = enter(d, levels, depth, child);
            depth++;
        }
    }
    if (d->no_memory)
        return err_nomem(d->cx);
    if (!str_is_null(d->unknown)) /* it is in what was drawn, which goes */
        return err_set(d->cx, ERR_INVALID, "err.picture",
                       ARGS(arg_str("what", str_dup(d->cx->arena, d->unknown))));
    return OK;
}

Err svg_draw(Cx *cx, json_t *view_model, json_t **ret)
{
    Drawing d = {.cx = cx};
    Level levels[SVG_DEPTH_MAX];
    bool picture = json_is_string(json_object_get(view_model, "picture"));
    json_t *drawn = picture ? json_deep_copy(view_model) : json_copy(view_model);
    if (!drawn)
        return err_nomem(cx);
    if (picture)
        draw_picture(&d, drawn);
    levels[0] = level_of(picture ? drawn : view_model, drawn);
    Err e = draw_all(&d, levels);
    if (e == OK)
        *ret = drawn;
    else
        json_decref(drawn);
    return e;
}
