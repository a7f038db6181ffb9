/* render/svg_time.c - pictures over time: the trend of one estimate, the rhythm of a year.
 * Time runs over the width in percent (points, letters) or in thousandths (lines, which are drawn in a
 * stretched box so that strokes keep their width). Linear in points. */
#include "base/buf.h"
#include "render/svg_parts.h"
#include <math.h>

typedef struct Span {
    double from, length;
} Span;

static bool read_span(const json_t *picture, Span *ret)
{
    double from = svg_at(json_object_get(picture, "from"));
    double to = svg_at(json_object_get(picture, "to"));
    if (!(to > from)) /* not a number, too */
        return false;
    *ret = (Span){from, to - from};
    return true;
}

/* 0..1 inside the span; NAN outside it or without an instant. */
static double part_of(const Span *span, const json_t *o)
{
    double part = (svg_at(json_object_get(o, "at")) - span->from) / span->length;
    return part >= 0 && part <= 1 ? part : (double)NAN;
}

static double clamp_part(const Span *span, const json_t *o)
{
    double part = (svg_at(json_object_get(o, "at")) - span->from) / span->length;
    return fmin(1, fmax(0, part)); /* NAN becomes 0: before all else */
}

static void put_dot(Buf *buf, double x, double value, bool first)
{
    buf_fmt(buf, "%s%.0f %.0f", first ? "M" : " ", 1000 * x, 100 * (10 - value));
}

/* The points from i on that have the member key without a gap; *end behind the last one. */
static bool next_run(const json_t *points, const Span *span, const char *key, size_t *i,
                     size_t *end)
{
    size_t n = json_array_size(points);
    while (*i < n && (isnan(svg_value(json_array_get(points, *i), key)) ||
                      isnan(part_of(span, json_array_get(points, *i)))))
        (*i)++;
    *end = *i;
    while (*end < n && !isnan(svg_value(json_array_get(points, *end), key)) &&
           !isnan(part_of(span, json_array_get(points, *end))))
        (*end)++;
    return *i < n;
}

static void put_run(Buf *buf, const json_t *points, const Span *span, const char *key, size_t i,
                    size_t end)
{
    for (size_t k = i; k < end; k++) {
        const json_t *p = json_array_get(points, k);
        put_dot(buf, part_of(span, p), svg_value(p, key), k == i);
    }
}

static void put_back(Buf *buf, const json_t *points, const Span *span, size_t i, size_t end)
{
    for (size_t k = end; k-- > i;) {
        const json_t *p = json_array_get(points, k);
        double lo = svg_value(p, "lo");
        put_dot(buf, part_of(span, p), isnan(lo) ? svg_value(p, "hi") : lo, false);
    }
    buf_c(buf, "Z");
}

static void set_path(Drawing *d, json_t *draw, const char *key, const Buf *buf)
{
    d->no_memory = d->no_memory || buf->failed;
    if (buf->len > 0)
        svg_str(d, draw, key, (Str){buf->p, buf->len});
}

static Buf path_buf(const Drawing *d)
{
    enum { PATH_MAX_BYTES = 1 << 20 };
    return buf_make(d->cx->arena, PATH_MAX_BYTES);
}

static void draw_lines(Drawing *d, const json_t *points, const Span *span, json_t *draw)
{
    Buf band = path_buf(d), edge = path_buf(d), line = path_buf(d);
    for (size_t i = 0, end = 0; next_run(points, span, "hi", &i, &end); i = end) {
        put_run(&band, points, span, "hi", i, end);
        put_back(&band, points, span, i, end);
        put_run(&edge, points, span, "hi", i, end);
        put_run(&edge, points, span, "lo", i, end);
    }
    for (size_t i = 0, end = 0; next_run(points, span, "mean", &i, &end); i = end)
        put_run(&line, points, span, "mean", i, end);
    set_path(d, draw, "band", &band);
    set_path(d, draw, "edge", &edge);
    set_path(d, draw, "line", &line);
}

/* What was wanted holds until it is said anew: a step. */
static void draw_wish(Drawing *d, const json_t *wanted, const Span *span, json_t *draw)
{
    Buf path = path_buf(d);
    size_t n = json_array_size(wanted);
    for (size_t i = 0; i < n; i++) {
        const json_t *w = json_array_get(wanted, i);
        double value = svg_value(w, "value"), x = clamp_part(span, w);
        if (isnan(value))
            continue;
        if (path.len == 0)
            put_dot(&path, x, value, true);
        else
            buf_fmt(&path, "H%.0fV%.0f", 1000 * x, 100 * (10 - value));
    }
    if (path.len > 0)
        buf_c(&path, "H1000");
    set_path(d, draw, "wish", &path);
}

void svg_trend(Drawing *d, const json_t *picture, json_t *draw)
{
    Span span = {0};
    json_t *answers = svg_list(d, draw, "answers"), *notes = svg_list(d, draw, "notes");
    if (!read_span(picture, &span))
        return; /* nothing yet: the grid alone */
    draw_lines(d, json_object_get(picture, "points"), &span, draw);
    draw_wish(d, json_object_get(picture, "wanted"), &span, draw);
    size_t i = 0;
    const json_t *o = NULL;
    json_array_foreach(json_object_get(picture, "answers"), i, o)
    {
        double x = part_of(&span, o), value = svg_value(o, "value");
        json_t *dot = isnan(x) || isnan(value) ? NULL : svg_item(d, answers);
        if (dot) {
            svg_num(d, dot, "x", 100 * x, 1);
            svg_num(d, dot, "y", 10 * (10 - value), 1);
        }
    }
    json_array_foreach(json_object_get(picture, "notes"), i, o)
    {
        double x = part_of(&span, o);
        json_t *note = isnan(x) ? NULL : svg_item(d, notes);
        if (note) {
            svg_num(d, note, "x", 100 * x, 1);
            svg_str(d, note, "letter", svg_key(o, "letter"));
        }
    }
    double now = svg_at(json_object_get(picture, "now"));
    if (now >= span.from && now < span.from + span.length)
        svg_num(d, draw, "now", 100 * (now - span.from) / span.length, 1);
}

/* Five lanes, one a type from the top down; a moment without types stands on the ground line. */
static double lane_y(int type)
{
    return type < 0 ? 92 : 8 + 17 * type;
}

static void draw_moment(Drawing *d, json_t *list, double x, int type)
{
    json_t *dot = svg_item(d, list);
    if (!dot)
        return;
    svg_num(d, dot, "x", 100 * x, 1);
    svg_num(d, dot, "y", lane_y(type), 0);
    svg_str(d, dot, "tone", str_c(type < 0 ? "rt" : svg_tone(type)));
}

void svg_rhythm(Drawing *d, const json_t *picture, json_t *draw)
{
    Span span = {0};
    json_t *lanes = svg_list(d, draw, "lanes"), *moments = svg_list(d, draw, "moments");
    json_t *months = svg_list(d, draw, "months");
    for (int type = -1; type < TYPES; type++) {
        json_t *lane = svg_item(d, lanes);
        if (lane)
            svg_num(d, lane, "y", lane_y(type), 0);
    }
    if (!read_span(picture, &span))
        return;
    size_t i = 0, k = 0;
    const json_t *o = NULL, *key = NULL;
    json_array_foreach(json_object_get(picture, "months"), i, o)
    {
        double part = part_of(&span, o);
        if (!isnan(part) && json_array_append_new(months, json_real(svg_round(100 * part, 1))) != 0)
            d->no_memory = true;
    }
    json_array_foreach(json_object_get(picture, "moments"), i, o)
    {
        double x = part_of(&span, o);
        const json_t *types = json_object_get(o, "types");
        if (isnan(x))
            continue;
        json_array_foreach(types, k, key)
        {
            int type =
                svg_type(d, (Str){json_string_value(key), (ptrdiff_t)json_string_length(key)});
            if (type >= 0)
                draw_moment(d, moments, x, type);
        }
        if (json_array_size(types) == 0)
            draw_moment(d, moments, x, -1);
    }
}
