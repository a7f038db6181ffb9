/* lab/table.c - two passes: one counts lines, so that the cells are one array; one cuts them. A reader of its own
 * because port's belongs to address books (it guesses separators and code pages and keeps rows of different lengths),
 * while here a row of another length is an error with a place. Linear in the bytes. */
#include "lab/table.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

static const double NUMBER_MAX = 1e100;

typedef struct Cutter {
    Cx *cx;
    Str file;
    const char *p, *end;
    int64_t line;
} Cutter;

static Err wrong(Cutter *c, int column, const char *key)
{
    return err_set(
        c->cx, ERR_INVALID, key,
        ARGS(arg_str("file", c->file), arg_int("line", c->line), arg_int("column", column)));
}

/* From behind the opening quote to behind the closing one. */
static Err cut_quoted(Cutter *c, int column, Str *ret)
{
    const char *start = c->p;
    bool doubled = false;
    int64_t lines = 0;
    for (;; c->p++) {
        if (c->p == c->end)
            return wrong(c, column, "err.lab-csv-quote");
        lines += *c->p == '\n';
        if (*c->p != '"')
            continue;
        if (c->end - c->p < 2 || c->p[1] != '"')
            break;
        doubled = true;
        c->p++;
    }
    Str raw = {start, c->p++ - start};
    if (doubled) {
        char *out = arena_new(c->cx->arena, char, raw.len);
        ptrdiff_t len = 0;
        if (!out)
            return err_nomem(c->cx);
        for (ptrdiff_t i = 0; i < raw.len; i++) {
            out[len++] = raw.p[i];
            i += raw.p[i] == '"';
        }
        raw = (Str){out, len};
    }
    if (c->p < c->end && !strchr(",\r\n", *c->p))
        return wrong(c, column, "err.lab-csv-quote");
    c->line += lines;
    *ret = raw;
    return OK;
}

static void end_line(Cutter *c)
{
    if (c->p < c->end && *c->p == '\r')
        c->p++;
    if (c->p < c->end && *c->p == '\n')
        c->p++;
    c->line++;
}

static bool at_end_of_line(const Cutter *c)
{
    return c->p == c->end || *c->p == '\n' || *c->p == '\r';
}

/* One row, at most most cells; more are counted. */
static Err cut_row(Cutter *c, Str cells[], int most, int *ret_count)
{
    for (int n = 0;;) {
        Str cell = {c->p, 0};
        Err e = OK;
        if (c->p < c->end && *c->p == '"') {
            c->p++;
            e = cut_quoted(c, n + 1, &cell);
        } else {
            while (!at_end_of_line(c) && *c->p != ',')
                c->p++;
            cell = str_trim((Str){cell.p, c->p - cell.p});
        }
        if (e != OK)
            return e;
        if (n < most)
            cells[n] = cell;
        n++;
        if (at_end_of_line(c)) {
            *ret_count = n;
            return OK;
        }
        c->p++; /* the comma */
    }
}

static void skip_empty(Cutter *c)
{
    while (c->p < c->end && at_end_of_line(c))
        end_line(c);
}

static Err read_header(Cutter *c, LabTable *t)
{
    Str *names = arena_new(c->cx->arena, Str, TABLE_COLUMNS);
    if (!names)
        return err_nomem(c->cx);
    skip_empty(c);
    if (c->p == c->end)
        return err_set(c->cx, ERR_INVALID, "err.lab-csv-empty", ARGS(arg_str("file", c->file)));
    Err e = cut_row(c, names, TABLE_COLUMNS, &t->columns);
    if (e == OK && t->columns > TABLE_COLUMNS)
        e = err_set(c->cx, ERR_LIMIT, "err.lab-csv-wide",
                    ARGS(arg_str("file", c->file), arg_int("line", c->line),
                         arg_int("column", TABLE_COLUMNS + 1), arg_int("n", TABLE_COLUMNS)));
    for (int i = 0; i < t->columns && e == OK; i++)
        for (int j = 0; j < i && e == OK; j++)
            if (str_eq(names[i], names[j]))
                e = wrong(c, i + 1, "err.lab-csv-twice");
    t->name = names;
    if (e == OK)
        end_line(c);
    return e;
}

Err table_read(Cx *cx, Str file, Str bytes, LabTable *ret)
{
    if (str_starts(bytes, STR("\xef\xbb\xbf")))
        bytes = str_from(bytes, 3);
    Cutter c = {cx, file, bytes.p, bytes.p + bytes.len, 1};
    LabTable t = {.file = file};
    if (bytes.len > TABLE_BYTES || !utf8_valid(bytes))
        return err_set(cx, ERR_INVALID, "err.lab-csv-file", ARGS(arg_str("file", file)));
    Err e = read_header(&c, &t);
    if (e != OK)
        return e;
    ptrdiff_t most = 1;
    for (const char *p = c.p; p < c.end; p++)
        most += *p == '\n' || *p == '\r';
    Str *cells = arena_new(cx->arena, Str, most * t.columns);
    int64_t *lines = arena_new(cx->arena, int64_t, most);
    if (!cells || !lines)
        return err_nomem(cx);
    for (skip_empty(&c); c.p < c.end; skip_empty(&c)) {
        int count;
        lines[t.rows] = c.line;
        e = cut_row(&c, cells + t.rows * t.columns, t.columns, &count);
        if (e != OK)
            return e;
        if (count != t.columns)
            return err_set(cx, ERR_INVALID, "err.lab-csv-row",
                           ARGS(arg_str("file", file), arg_int("line", lines[t.rows]),
                                arg_int("column", count < t.columns ? count : t.columns + 1),
                                arg_int("got", count), arg_int("want", t.columns)));
        end_line(&c);
        t.rows++;
    }
    if (t.rows == 0)
        return err_set(cx, ERR_INVALID, "err.lab-csv-empty", ARGS(arg_str("file", file)));
    t.cell = cells;
    t.line = lines;
    *ret = t;
    return OK;
}

int table_column(const LabTable *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (str_eq_c(t->name[i], name))
            return i;
    return -1;
}

Err table_need(Cx *cx, const LabTable *t, const char *name, int *ret)
{
    int column = table_column(t, name);
    if (column < 0)
        return err_set(
            cx, ERR_INVALID, "err.lab-csv-column",
            ARGS(arg_str("file", t->file), arg_int("column", t->columns), arg_c("name", name)));
    *ret = column;
    return OK;
}

Err table_wrong(Cx *cx, const LabTable *t, ptrdiff_t row, int column, const char *key)
{
    return err_set(cx, ERR_INVALID, key,
                   ARGS(arg_str("file", t->file), arg_int("line", t->line[row]),
                        arg_int("column", column + 1), arg_str("name", t->name[column]),
                        arg_str("value", t->cell[row * t->columns + column])));
}

Err table_refused(Cx *cx, const LabTable *t, Err e)
{
    static const char *const keys[][2] = {
        {"err.num-few",       "err.lab-few"      },
        {"err.num-spread",    "err.lab-spread"   },
        {"err.num-separated", "err.lab-separated"},
    };
    const Why why = cx->why;
    for (size_t i = 0; e != OK && why.key && i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(why.key, keys[i][0]) == 0)
            return err_set(cx, e, keys[i][1],
                           ARGS(arg_str("file", t->file), arg_int("n", why.args[0].num)));
    return e;
}

Err table_number(Cx *cx, const LabTable *t, ptrdiff_t row, int column, double *ret)
{
    Str cell = str_trim(t->cell[row * t->columns + column]);
    *ret = (double)NAN;
    if (cell.len > 0 && !str_eq_c(cell, "NA") && !str_to_double(cell, -NUMBER_MAX, NUMBER_MAX, ret))
        return table_wrong(cx, t, row, column, "err.lab-csv-number");
    return OK;
}
