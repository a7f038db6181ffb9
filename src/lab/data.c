/* lab/data.c - rows are sorted by id (stable), then series by their first row, so that output comes in the order of
 * the file. n log n in the rows. */
#include "lab/data.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct RowRef {
    Str id;
    ptrdiff_t row;
} RowRef;

typedef struct Columns {
    int id, t, cluster, item[LDS_ITEMS_MAX], items, impulse[MODEL_IMPULSES], impulses;
} Columns;

static int by_id(const void *a, const void *b)
{
    const RowRef *x = a, *y = b;
    int order = str_cmp(x->id, y->id);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

typedef struct Group {
    ptrdiff_t from, rows, first_row;
} Group;

static int by_first_row(const void *a, const void *b)
{
    const Group *x = a, *y = b;
    return (x->first_row > y->first_row) - (x->first_row < y->first_row);
}

static bool is_impulse(Str name)
{
    return str_starts(name, STR("u:"));
}

static int find(const LabTable *t, Str name)
{
    for (int i = 0; i < t->columns; i++)
        if (str_eq(t->name[i], name))
            return i;
    return -1;
}

static Err no_column(Cx *cx, const LabTable *t, Str name)
{
    return err_set(
        cx, ERR_INVALID, "err.lab-csv-column",
        ARGS(arg_str("file", t->file), arg_int("column", t->columns), arg_str("name", name)));
}

static Err find_items(Cx *cx, const LabTable *t, const LabModel *m, Columns *c)
{
    bool by_name = m && !str_is_null(m->item[0]);
    for (int j = 0; m && by_name && j < m->lds.m; j++) {
        c->item[j] = find(t, m->item[j]);
        if (c->item[j] < 0)
            return no_column(cx, t, m->item[j]);
    }
    int found = 0;
    for (int i = 0; !by_name && i < t->columns; i++) {
        if (i == c->id || i == c->t || i == c->cluster || is_impulse(t->name[i]))
            continue;
        if (found < LDS_ITEMS_MAX)
            c->item[found] = i;
        found++;
    }
    c->items = m && by_name ? m->lds.m : found;
    int want = m ? m->lds.m : LDS_ITEMS_MAX;
    if (c->items < 1 || (m ? c->items != want : c->items > want))
        return err_set(
            cx, ERR_INVALID, "err.lab-data-items",
            ARGS(arg_str("file", t->file), arg_int("got", c->items), arg_int("want", want),
                 arg_int("column", c->items > want ? c->item[want < LDS_ITEMS_MAX ? want : 0] + 1
                                                   : t->columns)));
    return OK;
}

/* A column that is not there says what an empty one does: nothing happened. One that the model has no name for is a slip. */
static Err find_impulses(Cx *cx, const LabTable *t, const LabModel *m, Columns *c)
{
    c->impulses = m ? m->lds.u : 0;
    for (int k = 0; k < c->impulses; k++) {
        c->impulse[k] = -1;
        for (int i = 0; i < t->columns; i++)
            if (is_impulse(t->name[i]) && str_eq(str_from(t->name[i], 2), m->impulse[k]))
                c->impulse[k] = i;
    }
    for (int i = 0; m && i < t->columns; i++) {
        bool used = !is_impulse(t->name[i]);
        for (int k = 0; k < c->impulses; k++)
            used = used || c->impulse[k] == i;
        if (!used)
            return err_set(cx, ERR_INVALID, "err.lab-data-unused",
                           ARGS(arg_str("file", t->file), arg_int("line", 1),
                                arg_int("column", i + 1), arg_str("name", t->name[i])));
    }
    return OK;
}

static Err find_columns(Cx *cx, const LabTable *t, const LabModel *m, Str cluster, Columns *ret)
{
    *ret = (Columns){.id = table_column(t, "id"), .cluster = -1};
    Err e = table_need(cx, t, "t", &ret->t);
    if (e == OK && cluster.len > 0 && (ret->cluster = find(t, cluster)) < 0)
        e = no_column(cx, t, cluster);
    if (e == OK)
        e = find_items(cx, t, m, ret);
    return e == OK ? find_impulses(cx, t, m, ret) : e;
}

/* All numbers, row by row in the sorted order. */
typedef struct Store {
    double *t, *y, *u;
    int64_t *line;
} Store;

static Err read_row(Cx *cx, const LabTable *t, const Columns *c, ptrdiff_t row, ptrdiff_t to,
                    Store *s)
{
    Err e = table_number(cx, t, row, c->t, &s->t[to]);
    if (e == OK && isnan(s->t[to]))
        e = table_wrong(cx, t, row, c->t, "err.lab-data-no-time");
    for (int j = 0; j < c->items && e == OK; j++)
        e = table_number(cx, t, row, c->item[j], &s->y[to * c->items + j]);
    for (int k = 0; k < c->impulses && e == OK; k++) {
        double *u = &s->u[to * c->impulses + k];
        *u = 0;
        if (c->impulse[k] >= 0)
            e = table_number(cx, t, row, c->impulse[k], u);
        *u = isnan(*u) ? 0 : *u;
    }
    s->line[to] = t->line[row];
    return e;
}

static ptrdiff_t group_rows(const RowRef refs[], ptrdiff_t rows, Group groups[])
{
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < rows; i++) {
        if (i == 0 || !str_eq(refs[i].id, refs[i - 1].id))
            groups[count++] = (Group){i, 0, refs[i].row};
        groups[count - 1].rows++;
    }
    qsort(groups, (size_t)count, sizeof groups[0], by_first_row);
    return count;
}

static Err read_group(Cx *cx, const LabTable *t, const Columns *c, const RowRef refs[],
                      const Group *g, ptrdiff_t to, Store *s)
{
    for (ptrdiff_t i = 0; i < g->rows; i++) {
        ptrdiff_t row = refs[g->from + i].row;
        Err e = read_row(cx, t, c, row, to + i, s);
        if (e == OK && i > 0 && s->t[to + i] < s->t[to + i - 1])
            e = table_wrong(cx, t, row, c->t, "err.lab-data-time");
        if (e != OK)
            return e;
    }
    return OK;
}

/* -- clusters ------------------------------------------------------------------------------------------ */

typedef struct Label {
    Str text;
    ptrdiff_t series;
} Label;

static int by_label(const void *a, const void *b)
{
    const Label *x = a, *y = b;
    int order = str_cmp(x->text, y->text);
    return order != 0 ? order : (x->series > y->series) - (x->series < y->series);
}

/* What an id has in common with its kin: all before the last mark. */
static Str stem(Str id)
{
    for (ptrdiff_t i = id.len - 1; i > 0; i--)
        if (strchr(".-_:/ ", id.p[i]))
            return str_sub(id, 0, i);
    return id;
}

/* Numbers the labels in the order of their first series; sorts them meanwhile. */
static int number_labels(Label label[], ptrdiff_t count, int ret[])
{
    int clusters = 0;
    qsort(label, (size_t)count, sizeof label[0], by_label);
    for (ptrdiff_t i = 0; i < count; i++) /* for now: the first series of each */
        ret[label[i].series] = i > 0 && str_eq(label[i].text, label[i - 1].text)
                                   ? ret[label[i - 1].series]
                                   : (int)label[i].series;
    for (ptrdiff_t k = 0; k < count; k++)
        ret[k] = ret[k] == k ? clusters++ : ret[ret[k]];
    return clusters;
}

static Err find_clusters(Cx *cx, const LabTable *t, const Columns *c, const RowRef refs[],
                         const Group groups[], LabData *d)
{
    Label *label = arena_new(cx->arena, Label, d->count);
    d->cluster = arena_new(cx->arena, int, d->count);
    if (!label || !d->cluster)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < d->count; k++) {
        ptrdiff_t row = refs[groups[k].from].row;
        label[k] =
            (Label){c->cluster < 0 ? stem(d->id[k]) : t->cell[row * t->columns + c->cluster], k};
        if (label[k].text.len == 0 && c->cluster >= 0)
            return table_wrong(cx, t, row, c->cluster, "err.lab-csv-missing");
    }
    d->clusters = number_labels(label, d->count, d->cluster);
    for (ptrdiff_t k = 0; c->cluster < 0 && d->clusters < DATA_CLUSTERS && k < d->count; k++)
        d->cluster[k] = (int)k;
    if (c->cluster < 0 && d->clusters < DATA_CLUSTERS)
        d->clusters = (int)d->count;
    return OK;
}

static Err read_all(Cx *cx, const LabTable *t, const LabModel *m, Str cluster, LabData *d)
{
    Columns c;
    Err e = find_columns(cx, t, m, cluster, &c);
    if (e != OK)
        return e;
    ptrdiff_t rows = t->rows, to = 0;
    RowRef *refs = arena_new(cx->arena, RowRef, rows);
    Group *groups = arena_new(cx->arena, Group, rows);
    Store s = {.t = arena_new(cx->arena, double, rows),
               .y = arena_new(cx->arena, double, rows *c.items),
               .u = arena_new(cx->arena, double, rows *c.impulses + 1),
               .line = arena_new(cx->arena, int64_t, rows)};
    d->series = arena_new(cx->arena, LdsData, rows);
    d->id = arena_new(cx->arena, Str, rows);
    d->line = arena_new(cx->arena, const int64_t *, rows);
    if (!refs || !groups || !s.t || !s.y || !s.u || !s.line || !d->series || !d->id || !d->line)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < rows; i++)
        refs[i] = (RowRef){c.id < 0 ? STR("") : t->cell[i * t->columns + c.id], i};
    qsort(refs, (size_t)rows, sizeof refs[0], by_id);
    d->count = group_rows(refs, rows, groups);
    for (ptrdiff_t k = 0; k < d->count && e == OK; k++) {
        e = read_group(cx, t, &c, refs, &groups[k], to, &s);
        d->series[k] = (LdsData){.rows = groups[k].rows,
                                 .t = s.t + to,
                                 .y = s.y + to * c.items,
                                 .u = c.impulses > 0 ? s.u + to * c.impulses : NULL};
        d->id[k] = refs[groups[k].from].id;
        d->line[k] = s.line + to;
        to += groups[k].rows;
    }
    if (e == OK)
        e = find_clusters(cx, t, &c, refs, groups, d);
    d->has_id = c.id >= 0;
    d->items = c.items;
    d->t_column = c.t + 1;
    for (int j = 0; j < c.items; j++) {
        d->item[j] = t->name[c.item[j]];
        d->item_column[j] = c.item[j] + 1;
    }
    return e;
}

Err data_read(Cx *cx, const LabTable *t, const LabModel *model, Str cluster, LabData *ret)
{
    LabData *d = arena_new(cx->arena, LabData, 1);
    if (!d)
        return err_nomem(cx);
    d->file = t->file;
    Err e = read_all(cx, t, model, cluster, d);
    if (e == OK)
        *ret = *d;
    return e;
}

Err data_read_items(Cx *cx, const LabTable *t, Str cluster, LabData *ret)
{
    return data_read(cx, t, NULL, cluster, ret);
}

Err data_place(Cx *cx, const LabData *d, ptrdiff_t series, Err e)
{
    static const struct {
        const char *num, *key;
    } words[] = {
        {"err.num-step",       "err.lab-step"      },
        {"err.num-innovation", "err.lab-innovation"},
        {"err.num-time",       "err.lab-step"      },
        {"err.num-diffuse",    "err.lab-diffuse"   },
    };
    int64_t row = e != OK && cx->why.key && strcmp(cx->why.key, "err.num-diffuse") == 0, item = 0;
    for (int i = 0; e != OK && cx->why.key && i < WHY_ARGS_MAX && cx->why.args[i].name; i++) {
        const Arg *a = &cx->why.args[i];
        row = strcmp(a->name, "row") == 0 ? a->num : row;
        item = strcmp(a->name, "item") == 0 ? a->num : item;
    }
    if (row < 1 || row > d->series[series].rows)
        return e;
    bool of_item = item >= 1 && item <= d->items;
    Str name = of_item ? d->item[item - 1] : STR("");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(cx->why.key, words[i].num) == 0)
            return err_set(cx, e, words[i].key,
                           ARGS(arg_str("file", d->file), arg_int("line", d->line[series][row - 1]),
                                arg_int("column", of_item ? d->item_column[item - 1] : d->t_column),
                                arg_str("name", name)));
    return e;
}
