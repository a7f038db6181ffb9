/* lab/plot.c - a forecast's scores as one picture: where the answers fell in what was foretold (flat is calibrated),
 * and by how much the model is better than each of the others, with 95 % intervals. Plain SVG that prints and needs
 * no style sheet; words are names of scores, as in the table. */
#include "lab/tally.h"
#include <math.h>

enum { WIDTH = 720, HEIGHT = 300, BAR_LEFT = 40, BAR_WIDTH = 240, TOP = 40, TALL = 200 };

static void write_text(Buf *out, double x, double y, const char *anchor, const char *text)
{
    buf_fmt(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, text);
}

static void write_line(Buf *out, double x1, double y1, double x2, double y2, const char *more)
{
    buf_fmt(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2,
            more);
}

static void write_places(Buf *out, const Tally *t)
{
    const double wide = (double)BAR_WIDTH / TALLY_PLACES;
    write_text(out, BAR_LEFT, TOP - 14, "start", "place of each answer (randomised PIT)");
    for (int i = 0; i < TALLY_PLACES; i++) {
        double share = fmin(t->place[i] / t->n * TALLY_PLACES, 2), tall = TALL / 2. * share;
        buf_fmt(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#7a8fa6\"/>\n",
                BAR_LEFT + i * wide + 1, TOP + TALL - tall, wide - 2, tall);
    }
    write_line(out, BAR_LEFT, TOP + TALL / 2., BAR_LEFT + BAR_WIDTH, TOP + TALL / 2.,
               "stroke=\"#b03a2e\" stroke-dasharray=\"4 3\"");
    write_line(out, BAR_LEFT, TOP + TALL, BAR_LEFT + BAR_WIDTH, TOP + TALL, "stroke=\"#444\"");
    write_text(out, BAR_LEFT, TOP + TALL + 16, "middle", "0");
    write_text(out, BAR_LEFT + BAR_WIDTH, TOP + TALL + 16, "middle", "1");
}

/* Better is to the right, whatever the score's sign; each score is drawn in units of its widest interval. */
static void write_score(Buf *out, const Report *r, int of, double left, double wide)
{
    static const char *const name[] = {"square", "absolute", "crps", "log score"};
    double most = 0, sign = of == OF_LOG ? 1 : -1;
    for (int by = BY_OU; by < BYS; by++) {
        const Interval *v = &r->difference[by][of];
        if (!isnan(v->value))
            most = fmax(most, fmax(fabs(v->low), fmax(fabs(v->high), fabs(v->value))));
    }
    double zero = left + wide / 4, unit = .72 * wide / fmax(most, 1e-9);
    write_text(out, zero, TOP - 14, "middle", name[of]);
    write_line(out, zero, TOP, zero, TOP + TALL, "stroke=\"#444\"");
    for (int by = BY_OU; by < BYS; by++) {
        const Interval *v = &r->difference[by][of];
        double y = TOP + TALL * (by - .5) / (BYS - 1);
        if (isnan(v->value) || isnan(v->low))
            continue;
        double a = fmax(zero + sign * unit * v->low, left),
               b = fmax(zero + sign * unit * v->high, left);
        write_line(out, fmin(a, b), y, fmax(a, b), y, "stroke=\"#7a8fa6\" stroke-width=\"3\"");
        buf_fmt(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#2c3e50\"/>\n",
                zero + sign * unit * v->value, y);
    }
}

void plot_forecast(Buf *out, const Tally *t, const Report *r)
{
    const double left = 400, wide = (WIDTH - 410) / 4.;
    buf_fmt(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<title>%d answers in %d clusters: places, "
        "and "
        "gain over other forecasters</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
        WIDTH, HEIGHT, t->n, t->clusters, WIDTH, HEIGHT);
    write_places(out, t);
    for (int by = BY_OU; by < BYS; by++)
        write_text(out, left - 10, TOP + TALL * (by - .5) / (BYS - 1) + 4, "end", tally_by[by]);
    for (int of = OF_SQUARE; of <= OF_LOG; of++)
        write_score(out, r, of, left + of * wide, wide - 10);
    write_text(out, left, TOP + TALL + 16, "start",
               "right of the line: better than this one, 95 %");
    buf_c(out, "</svg>\n");
}
