/* render/svg_map.c - the map: radius says how close it feels and is never moved; the angle only says which
 * group a person belongs to, so it may give way until nobody stands on anybody.
 *
 * Groups share the circle by head-count, clockwise from a gap at the foot that the ring words need. Inside
 * its sector each person has a home, evenly spaced in the order given; those near the middle, where room is
 * scarce, choose first. Each takes the free angle nearest home, or, when none is free, the one that keeps
 * furthest from the others. A name goes to the first side of its disc where it touches nothing.
 * Costs people x people x ANGLES, hence MAP_PEOPLE_MAX: a page with more shows those given first. */
#include "base/buf.h"
#include "base/utf8.h"
#include "render/svg_parts.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>

enum { GROUPS_MAX = 4, MAP_PEOPLE_MAX = 80, ANGLES = 48, RINGS = 5 };

static const double PI = 3.14159265358979323846;
static const double GAP = 26;    /* degrees at the foot */
static const double APART = 60;  /* between the middles of two discs */
static const double INNER = 50;  /* radius of value 10 */
static const double POINT = 25;  /* radius a point of value */
static const double OUTER = 300; /* radius of value 0 */
static const double HALO = 24;   /* stroke a point of likely range */
static const double LETTER = 8;  /* width of a letter of a name, about */

typedef struct Spot {
    json_t *draw;
    Str name;
    double value, lo, hi, wanted;
    double home, from, to; /* degrees clockwise from the foot; the sector, less half a disc */
    double x, y;
    double tip_x, tip_y; /* of its arrow; its own middle when it has none */
    int order;
} Spot;

typedef struct Map {
    Drawing *d;
    Spot spots[MAP_PEOPLE_MAX];
    int count;
    int heads[GROUPS_MAX];
} Map;

static double radius_of(double value)
{
    return INNER + POINT * (10 - value);
}

/* Degrees clockwise from the foot, as SVG has its axes: 0 is down, 90 left. */
static double x_at(double r, double degrees)
{
    return -r * sin(degrees * PI / 180);
}

static double y_at(double r, double degrees)
{
    return r * cos(degrees * PI / 180);
}

static bool is_placed(const json_t *person)
{
    return !isnan(svg_value(person, "mean")) && !isnan(svg_value(person, "lo")) &&
           !isnan(svg_value(person, "hi"));
}

static void count_heads(Map *m, const json_t *groups)
{
    int total = 0;
    for (int g = 0; g < GROUPS_MAX; g++) {
        const json_t *people = json_object_get(json_array_get(groups, (size_t)g), "people");
        for (size_t i = 0; i < json_array_size(people) && total < MAP_PEOPLE_MAX; i++) {
            int head = is_placed(json_array_get(people, i)) ? 1 : 0;
            m->heads[g] += head;
            total += head;
        }
    }
}

static void add_spot(Map *m, json_t *person, double from, double to, int nth, int heads)
{
    Spot *s = &m->spots[m->count];
    *s = (Spot){.draw = json_object_get(person, "draw"),
                .name = svg_key(person, "name"),
                .value = svg_value(person, "mean"),
                .lo = svg_value(person, "lo"),
                .hi = svg_value(person, "hi"),
                .wanted = svg_value(person, "wanted"),
                .order = m->count};
    double r = radius_of(s->value);
    double half = fmin(asin(fmin(1, APART / 2 / r)) * 180 / PI, (to - from) / 2);
    s->from = from + half;
    s->to = to - half;
    s->home = fmin(s->to, fmax(s->from, from + (to - from) * (nth + .5) / heads));
    m->count++;
}

static double clearance(const Map *m, int placed, double x, double y)
{
    double least = HUGE_VAL;
    for (int i = 0; i < placed; i++)
        least = fmin(least, hypot(m->spots[i].x - x, m->spots[i].y - y));
    return least;
}

/* Spots [0, index) stand already. */
static void settle(Map *m, int index)
{
    Spot *s = &m->spots[index];
    double r = radius_of(s->value), best = s->home, best_room = -1, best_way = HUGE_VAL;
    for (int k = 0; k <= ANGLES; k++) {
        double angle = k == 0 ? s->home : s->from + (s->to - s->from) * (k - 1) / (ANGLES - 1);
        double room = fmin(APART, clearance(m, index, x_at(r, angle), y_at(r, angle)));
        double way = fabs(angle - s->home);
        if (room > best_room || (room >= best_room && way < best_way)) {
            best = angle;
            best_room = room;
            best_way = way;
        }
    }
    s->x = x_at(r, best);
    s->y = y_at(r, best);
}

static int nearer_first(const void *a, const void *b)
{
    const Spot *p = a, *q = b;
    if (p->value > q->value || p->value < q->value)
        return p->value > q->value ? -1 : 1;
    return p->order - q->order;
}

/* -- names ------------------------------------------------------------------------------------ */

typedef struct Box {
    double x0, y0, x1, y1;
} Box;

static bool touch(const Box *a, const Box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* Where the name would stand: 0 right, 1 left, 2 below, 3 above. */
static Box name_box(const Spot *s, int side)
{
    double width = LETTER * utf8_width(s->name), x = s->x, y = s->y;
    switch (side) {
    case 0:
        return (Box){x + 18, y - 9, x + 18 + width, y + 9};
    case 1:
        return (Box){x - 18 - width, y - 9, x - 18, y + 9};
    case 2:
        return (Box){x - width / 2, y + 15, x + width / 2, y + 33};
    default:
        return (Box){x - width / 2, y - 33, x + width / 2, y - 15};
    }
}

static Box around(double x, double y, double half_width, double half_height)
{
    return (Box){x - half_width, y - half_height, x + half_width, y + half_height};
}

/* How many things a name would stand on: ring words, discs, arrows, names put before it. */
static int touches(const Map *m, const Box *names, int index, const Box *box)
{
    enum { WORD_HALF = 48 };
    int n = box->x0 < -OUTER - 8 || box->x1 > OUTER + 8 ? 2 : 0; /* or it would leave the picture */
    for (int i = 0; i < RINGS; i++) {
        Box word = around(0, 75 + 50 * i, WORD_HALF, 10);
        n += touch(box, &word) ? 1 : 0;
    }
    for (int i = 0; i < m->count; i++) {
        const Spot *o = &m->spots[i];
        Box disc = around(o->x, o->y, 13, 13), tip = around(o->tip_x, o->tip_y, 8, 8);
        Box shaft = around((o->x + o->tip_x) / 2, (o->y + o->tip_y) / 2, 4, 4);
        n += i != index && touch(box, &disc) ? 1 : 0;
        n += touch(box, &tip) || touch(box, &shaft) ? 1 : 0;
        n += i < index && touch(box, &names[i]) ? 1 : 0;
    }
    return n;
}

static void put_names(Map *m)
{
    static const char *const anchors[] = {"start", "end", "middle", "middle"};
    static const double dx[] = {18, -18, 0, 0}, dy[] = {5, 5, 29, -20};
    Box names[MAP_PEOPLE_MAX];
    for (int i = 0; i < m->count; i++) {
        const Spot *s = &m->spots[i];
        int outward = s->x < 0 ? 1 : 0, side = outward, least = INT_MAX;
        const int sides[4] = {outward, 2, 3, 1 - outward};
        for (int k = 0; k < 4; k++) {
            Box box = name_box(s, sides[k]);
            int n = touches(m, names, i, &box);
            if (n < least) {
                least = n;
                side = sides[k];
            }
        }
        names[i] = name_box(s, side);
        svg_num(m->d, s->draw, "name_x", s->x + dx[side], 1);
        svg_num(m->d, s->draw, "name_y", s->y + dy[side], 1);
        svg_str(m->d, s->draw, "anchor", str_c(anchors[side]));
    }
}

/* -- discs, halos, arrows --------------------------------------------------------------------- */

/* From the disc along its radius to where it is wanted, with a head of two strokes. */
static void put_arrow(Map *m, Spot *s)
{
    static const double head_len = 9.5, head_angle = 32;
    bool shown = fabs(s->wanted - s->value) >= 1 && (s->wanted < s->lo || s->wanted > s->hi);
    s->tip_x = s->x;
    s->tip_y = s->y;
    if (!shown) /* also when nothing is wanted: comparisons with NAN are false */
        return;
    double k = radius_of(s->wanted) / radius_of(s->value);
    double tip_x = s->tip_x = s->x * k, tip_y = s->tip_y = s->y * k;
    double back = atan2(s->y - tip_y, s->x - tip_x), turn = head_angle * PI / 180;
    Buf path = buf_make(m->d->cx->arena, 200);
    buf_fmt(&path, "M%.1f %.1fL%.1f %.1fM%.1f %.1fL%.1f %.1f %.1f %.1f", s->x, s->y, tip_x, tip_y,
            tip_x + head_len * cos(back - turn), tip_y + head_len * sin(back - turn), tip_x, tip_y,
            tip_x + head_len * cos(back + turn), tip_y + head_len * sin(back + turn));
    m->d->no_memory = m->d->no_memory || path.failed;
    svg_str(m->d, s->draw, "arrow", (Str){path.p, path.len});
}

static void put_spot(Map *m, Spot *s)
{
    svg_set(m->d, s->draw, "placed", json_true());
    svg_num(m->d, s->draw, "x", s->x, 1);
    svg_num(m->d, s->draw, "y", s->y, 1);
    /* the larger half: a range cut at 0 or 10 is no surer for that */
    svg_num(m->d, s->draw, "halo", HALO * fmax(s->value - s->lo, s->hi - s->value), 1);
    put_arrow(m, s);
}

/* -- rings, spokes, group words --------------------------------------------------------------- */

static void put_rings(Drawing *d, const json_t *picture, json_t *draw)
{
    const json_t *words = json_object_get(picture, "rings");
    json_t *rings = svg_list(d, draw, "rings");
    for (int i = 0; i < RINGS; i++) {
        json_t *ring = svg_item(d, rings);
        if (!ring)
            return;
        double r = OUTER - 50 * i; /* from the outside in, so that each lies on the one before */
        json_t *word = json_array_get(words, (size_t)(RINGS - 1 - i));
        svg_num(d, ring, "r", r, 0);
        svg_num(d, ring, "y", r - 20, 0);
        if (word)
            svg_set(d, ring, "word", json_incref(word));
    }
}

static void put_spoke(Drawing *d, json_t *spokes, double degrees)
{
    Buf path = buf_make(d->cx->arena, 100);
    buf_fmt(&path, "M%.1f %.1fL%.1f %.1f", x_at(INNER, degrees), y_at(INNER, degrees),
            x_at(OUTER, degrees), y_at(OUTER, degrees));
    d->no_memory = d->no_memory || path.failed;
    if (json_array_append_new(spokes, json_stringn(path.p, (size_t)path.len)) != 0)
        d->no_memory = true;
}

/* Each group's word in a corner of its own: the choice of corners that lies nearest to the sectors. */
static void put_corners(Map *m, const json_t *groups, const double middles[GROUPS_MAX])
{
    static const double xs[4] = {-300, 300, 300, -300}, ys[4] = {-282, -282, 298, 298};
    static const double corner_angle[4] = {135, 225, 315, 45}; /* clockwise from the foot */
    int best[GROUPS_MAX] = {0, 1, 2, 3};
    double least = HUGE_VAL;
    for (int code = 0; code < 256; code++) {
        const int pick[GROUPS_MAX] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
        unsigned used = 0;
        double sum = 0;
        for (int g = 0; g < GROUPS_MAX; g++) {
            used |= 1u << pick[g];
            double way = fabs(corner_angle[pick[g]] - middles[g]);
            sum += m->heads[g] > 0 ? fmin(way, 360 - way) : 0;
        }
        if (used == 15 && sum < least) {
            least = sum;
            for (int g = 0; g < GROUPS_MAX; g++)
                best[g] = pick[g];
        }
    }
    for (int g = 0; g < GROUPS_MAX; g++) {
        json_t *draw = json_object_get(json_array_get(groups, (size_t)g), "draw");
        if (!draw || m->heads[g] == 0)
            continue;
        svg_set(m->d, draw, "shown", json_true());
        svg_num(m->d, draw, "x", xs[best[g]], 0);
        svg_num(m->d, draw, "y", ys[best[g]], 0);
        svg_str(m->d, draw, "anchor", xs[best[g]] < 0 ? STR("start") : STR("end"));
    }
}

/* Hands out the sectors and gives each person a home. */
static void put_groups(Map *m, json_t *groups, json_t *draw)
{
    json_t *spokes = svg_list(m->d, draw, "spokes");
    double middles[GROUPS_MAX] = {0}, at = GAP / 2;
    int total = 0;
    for (int g = 0; g < GROUPS_MAX; g++)
        total += m->heads[g];
    if (total > 0)
        put_spoke(m->d, spokes, at);
    for (int g = 0; g < GROUPS_MAX; g++) {
        json_t *group = json_array_get(groups, (size_t)g);
        json_t *people = json_object_get(group, "people");
        double width = total > 0 ? (360 - GAP) * m->heads[g] / total : 0;
        int nth = 0;
        if (group)
            svg_set(m->d, group, "draw", json_object());
        for (size_t i = 0; i < json_array_size(people); i++) {
            json_t *person = json_array_get(people, i);
            svg_set(m->d, person, "draw", json_object());
            if (is_placed(person) && nth < m->heads[g])
                add_spot(m, person, at, at + width, nth++, m->heads[g]);
        }
        middles[g] = at + width / 2;
        at += width;
        if (m->heads[g] > 0)
            put_spoke(m->d, spokes, at);
    }
    put_corners(m, groups, middles);
}

void svg_map(Drawing *d, json_t *picture, json_t *draw)
{
    json_t *groups = json_object_get(picture, "groups");
    Map *m = arena_new(d->cx->arena, Map, 1);
    if (!m) {
        d->no_memory = true;
        return;
    }
    if (json_array_size(groups) > GROUPS_MAX) {
        d->unknown = STR("groups");
        return;
    }
    m->d = d;
    count_heads(m, groups);
    put_rings(d, picture, draw);
    put_groups(m, groups, draw);
    if (d->no_memory)
        return;
    qsort(m->spots, (size_t)m->count, sizeof(Spot), nearer_first);
    for (int i = 0; i < m->count; i++) {
        settle(m, i);
        put_spot(m, &m->spots[i]);
    }
    put_names(m);
}
