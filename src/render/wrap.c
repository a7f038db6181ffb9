/* render/wrap.c - greedy filling: each word goes on the line if it fits. It is what readers of terminals
 * know, needs no look-ahead, and is linear in the text; tables are passed twice, once to measure. */
#include "render/wrap.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { CELLS_MAX = 12, GAP = 2 };

typedef struct Wrap {
    Buf out;
    int columns;
    bool blank; /* an empty line is due before the next text */
} Wrap;

static void put_spaces(Buf *buf, int n)
{
    for (int i = 0; i < n; i++)
        buf_char(buf, ' ');
}

static int leading_spaces(Str line)
{
    int n = 0;
    while (n < line.len && line.p[n] == ' ')
        n++;
    return n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word of rest; empty at the end. */
static Str next_word(Str *rest)
{
    ptrdiff_t from = 0, to = 0;
    while (from < rest->len && is_blank(rest->p[from]))
        from++;
    for (to = from; to < rest->len && !is_blank(rest->p[to]); to++)
        continue;
    Str word = str_sub(*rest, from, to - from);
    *rest = str_from(*rest, to);
    return word;
}

/* Fills words into lines; the first has used columns taken already and, when it is fresh, no word yet.
 * Later lines begin at hang, further out where only that lets a long word fit. */
static void put_words(Wrap *w, Str words, int used, int hang)
{
    bool fresh = true;
    for (Str word = next_word(&words); word.len > 0; word = next_word(&words)) {
        int width = utf8_width(word), gap = fresh ? 0 : 1;
        if (used > 0 && used + gap + width > w->columns) {
            int from = hang + width <= w->columns ? hang : w->columns - width;
            from = from > 0 ? from : 0;
            buf_char(&w->out, '\n');
            put_spaces(&w->out, from);
            used = from;
            gap = 0;
        }
        put_spaces(&w->out, gap);
        buf_put(&w->out, word);
        used += gap + width;
        fresh = false;
    }
    buf_char(&w->out, '\n');
}

/* How far a line's continuation stands in: its indentation and a list's marker. */
static int hang_of(Str line)
{
    int indent = leading_spaces(line);
    Str rest = str_from(line, indent);
    if (str_starts(rest, STR("- ")) || str_starts(rest, STR("* ")))
        return indent + 2;
    int digits = 0;
    while (digits < rest.len && digits < 3 && rest.p[digits] >= '0' && rest.p[digits] <= '9')
        digits++;
    bool numbered = digits > 0 && str_starts(str_from(rest, digits), STR(". "));
    return numbered ? indent + digits + 2 : indent;
}

static void put_paragraph(Wrap *w, Str line)
{
    int indent = leading_spaces(line), hang = hang_of(line), most = w->columns / 2;
    Str words = line;
    int first = utf8_width(next_word(&words));
    indent = indent < most ? indent : most;
    if (indent + first > w->columns)
        indent = first < w->columns ? w->columns - first : 0;
    put_spaces(&w->out, indent);
    put_words(w, line, indent, hang < most ? hang : most);
}

typedef struct Row {
    Str cells[CELLS_MAX];
    int count;
} Row;

static Row read_row(Str line)
{
    Row row = {.count = 0};
    while (line.p && row.count < CELLS_MAX - 1)
        row.cells[row.count++] = str_trim(str_cut(&line, '\t'));
    if (line.p) /* more cells than a table has: the rest is one */
        row.cells[row.count++] = str_trim(line);
    return row;
}

static void put_stacked(Wrap *w, const Row *row)
{
    for (int i = 0; i < row->count; i++) {
        if (row->cells[i].len == 0)
            continue;
        int indent = i == 0 ? 0 : GAP;
        Str words = row->cells[i];
        if (indent + utf8_width(next_word(&words)) > w->columns)
            indent = 0;
        put_spaces(&w->out, indent);
        put_words(w, row->cells[i], indent, GAP);
    }
}

static void put_row(Wrap *w, const Row *row, const int widths[CELLS_MAX])
{
    int start = 0, owed = 0; /* owed: padding, written only when something follows it */
    for (int i = 0; i < row->count - 1; i++) {
        if (row->cells[i].len > 0) {
            put_spaces(&w->out, owed);
            buf_put(&w->out, row->cells[i]);
            owed = 0;
        }
        owed += widths[i] + GAP - utf8_width(row->cells[i]);
        start += widths[i] + GAP;
    }
    Str last = row->cells[row->count - 1], words = last;
    int used = start;
    if (last.len > 0 && start + utf8_width(next_word(&words)) <= w->columns)
        put_spaces(&w->out, owed);
    else if (last.len > 0)
        used = start > owed ? w->columns : 0; /* full: it begins below what stands here, if any */
    put_words(w, last, used, start);
}

/* The lines with tabs at the start of *text; moves past them. */
static void put_table(Wrap *w, Str *text)
{
    int widths[CELLS_MAX] = {0}, cells = 0, last_at = 0;
    Str measure = *text, end = *text;
    while (measure.p) {
        Str line = str_cut(&measure, '\n');
        if (str_find_char(line, '\t') < 0 || str_trim(line).len == 0)
            break;
        Row row = read_row(line);
        for (int i = 0; i < row.count - 1; i++) {
            int width = utf8_width(row.cells[i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
        cells = row.count > cells ? row.count : cells;
        end = measure;
    }
    for (int i = 0; i < cells - 1; i++)
        last_at += widths[i] + GAP;
    bool stacked = w->columns - last_at < WRAP_LAST_MIN;
    while (text->p != end.p) {
        Row row = read_row(str_cut(text, '\n'));
        if (stacked)
            put_stacked(w, &row);
        else
            put_row(w, &row, widths);
    }
}

Err wrap_text(Cx *cx, Str text, int columns, Str *ret)
{
    Wrap w = {.out = buf_make(cx->arena, WRAP_BYTES_MAX),
              .columns = columns > WRAP_COLUMNS_MIN ? columns : WRAP_COLUMNS_MIN};
    while (text.p && !w.out.failed) {
        Str rest = text;
        Str line = str_cut(&rest, '\n');
        if (str_trim(line).len == 0) {
            w.blank = w.out.len > 0;
            text = rest;
            continue;
        }
        if (w.blank)
            buf_char(&w.out, '\n');
        w.blank = false;
        if (str_find_char(line, '\t') >= 0) {
            put_table(&w, &text);
        } else {
            put_paragraph(&w, line);
            text = rest;
        }
    }
    return buf_done(cx, &w.out, ret);
}
