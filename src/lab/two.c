/* lab/two.c - two people's answers to the same questions, one row each: how alike they are, and, where the first guessed what
 * the other would answer, how well that was known and how much of the own view went into it. As a whole and by topic. Rows
 * that lack an answer are left out; a topic with too few rows, or in which nothing varies, has no numbers. Sorting apart,
 * linear in the rows. */
#include "lab/table.h"
#include "lab/verb.h"
#include "num/dyad.h"
#include <math.h>
#include <stdlib.h>

typedef struct Asked {
    Str topic;
    double own, other, guess;
} Asked;

typedef struct Columns {
    int own, other, guess, topic; /* -1: not there */
} Columns;

/* One topic's answers, and what they say. */
typedef struct Two {
    double *own, *other, *guess;
    int n;
    bool alike, knows; /* whether there is anything to say */
    DyadLikeness likeness;
    DyadBelief belief;
} Two;

static int by_topic(const void *a, const void *b)
{
    return str_cmp(((const Asked *)a)->topic, ((const Asked *)b)->topic);
}

static Err read_columns(Cx *cx, const LabTable *t, Columns *ret)
{
    *ret = (Columns){.guess = table_column(t, "guess"), .topic = table_column(t, "topic")};
    Err e = table_need(cx, t, "own", &ret->own);
    return e == OK ? table_need(cx, t, "other", &ret->other) : e;
}

/* Whole rows only; *ret_n of them. */
static Err read_asked(Cx *cx, const LabTable *t, const Columns *c, Asked ret[], int *ret_n)
{
    Err e = OK;
    int n = 0;
    for (ptrdiff_t i = 0; i < t->rows && e == OK; i++) {
        Asked a = {.guess = 0};
        e = table_number(cx, t, i, c->own, &a.own);
        if (e == OK)
            e = table_number(cx, t, i, c->other, &a.other);
        if (e == OK && c->guess >= 0)
            e = table_number(cx, t, i, c->guess, &a.guess);
        if (c->topic >= 0)
            a.topic = t->cell[i * t->columns + c->topic];
        if (e == OK && isfinite(a.own + a.other + a.guess))
            ret[n++] = a;
    }
    *ret_n = n;
    return e;
}

static Err judge(Cx *cx, bool guessed, Two *io)
{
    Err e = dyad_likeness(cx, io->own, io->other, io->n, &io->likeness);
    io->alike = e == OK;
    if (e == OK && guessed)
        e = dyad_belief(cx, io->other, io->own, io->guess, io->n, &io->belief);
    io->knows = e == OK && guessed;
    return e;
}

static void put(Buf *out, bool json, Str topic, int n, const char *name, const double value[4])
{
    static const char *const keys[] = {"value", "se", "low", "high"};
    if (!json)
        out_word(out, "", topic);
    if (json)
        buf_fmt(out, ",\n  \"%s\": {", name);
    else
        buf_fmt(out, ",%d,%s", n, name);
    for (int i = 0; i < 4; i++) {
        if (!json)
            buf_char(out, ',');
        if (!json)
            out_cell(out, value[i]);
        else if (isfinite(value[i]))
            buf_fmt(out, "%s\"%s\": %.17g", i > 0 ? ", " : "", keys[i], value[i]);
    }
    buf_c(out, json ? "}" : "\n");
}

static void put_se(Buf *out, bool json, Str topic, int n, const char *name, double value, double se)
{
    put(out, json, topic, n, name, (const double[4]){value, se, (double)NAN, (double)NAN});
}

static void write_two(Buf *out, bool json, Str topic, const Two *w)
{
    const DyadLikeness *l = &w->likeness;
    const DyadBelief *b = &w->belief;
    const double none = (double)NAN;
    if (json) {
        buf_c(out, " {\"topic\": ");
        out_text(out, topic);
        buf_fmt(out, ", \"n\": %d", w->n);
    }
    if (w->alike) {
        put_se(out, json, topic, w->n, "difference", l->difference, l->difference_se);
        put(out, json, topic, w->n, "icc1",
            (const double[4]){l->icc, none, l->icc_low, l->icc_high});
        put(out, json, topic, w->n, "profile",
            (const double[4]){l->profile, none, l->profile_low, l->profile_high});
    }
    if (w->knows) {
        put_se(out, json, topic, w->n, "bias", b->bias, b->bias_se);
        put_se(out, json, topic, w->n, "knows", b->knows, b->knows_se);
        put_se(out, json, topic, w->n, "projects", b->projects, b->projects_se);
    }
    buf_c(out, json ? "}" : "");
}

static void take(const Asked asked[], int from, int to, Two *ret)
{
    ret->n = 0;
    for (int i = from; i < to; i++) {
        ret->own[ret->n] = asked[i].own;
        ret->other[ret->n] = asked[i].other;
        ret->guess[ret->n++] = asked[i].guess;
    }
}

Err verb_two(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    Columns c;
    int n = 0;
    Err e = verb_read_table(cx, o, &t);
    if (e == OK)
        e = read_columns(cx, &t, &c);
    if (e != OK)
        return e;
    Asked *asked = arena_new(cx->arena, Asked, t.rows + 1);
    Two w = {.own = arena_new(cx->arena, double, t.rows + 1),
             .other = arena_new(cx->arena, double, t.rows + 1),
             .guess = arena_new(cx->arena, double, t.rows + 1)};
    if (!asked || !w.own || !w.other || !w.guess)
        return err_nomem(cx);
    e = read_asked(cx, &t, &c, asked, &n);
    take(asked, 0, n, &w);
    if (e == OK)
        e = judge(cx, c.guess >= 0, &w);
    if (e != OK)
        return table_refused(cx, &t, e);
    buf_c(out, o->json ? "{\"topics\": [\n" : "topic,n,name,value,se,low,high\n");
    write_two(out, o->json, STR("all"), &w);
    qsort(asked, (size_t)n, sizeof *asked, by_topic);
    for (int i = 0, next; i < n && c.topic >= 0; i = next) {
        for (next = i + 1; next < n && str_eq(asked[next].topic, asked[i].topic);)
            next++;
        Cx inner = {.arena = cx->arena, .now_ms = cx->now_ms};
        take(asked, i, next, &w);
        if (judge(&inner, c.guess >= 0, &w) == ERR_NOMEM)
            return err_nomem(cx);
        buf_c(out, o->json ? ",\n" : "");
        write_two(out, o->json, asked[i].topic, &w);
    }
    buf_c(out, o->json ? "]}\n" : "");
    return OK;
}
