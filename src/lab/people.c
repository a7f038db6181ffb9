/* lab/people.c - pairs, apim, icc: comparisons and dyads from tables with named columns. Players and dyads are found by
 * sorting, n log n. */
#include "lab/verb.h"
#include "num/dyad.h"
#include "num/pairs.h"
#include <math.h>
#include <stdlib.h>

/* -- pairs: winner,loser,count, or home,away,home_wins,away_wins ---------------------------------------- */

typedef struct Sheet {
    LabTable t;
    int a, b, a_wins, b_wins; /* columns; b_wins -1 for winner,loser */
} Sheet;

static int by_text(const void *a, const void *b)
{
    const Str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static Err open_sheet(Cx *cx, Sheet *s)
{
    bool home = table_column(&s->t, "home") >= 0;
    s->b_wins = -1;
    Err e = table_need(cx, &s->t, home ? "home" : "winner", &s->a);
    if (e == OK)
        e = table_need(cx, &s->t, home ? "away" : "loser", &s->b);
    if (e == OK)
        e = table_need(cx, &s->t, home ? "home_wins" : "count", &s->a_wins);
    return e == OK && home ? table_need(cx, &s->t, "away_wins", &s->b_wins) : e;
}

/* Sorted, each once: the first is the reference. */
static Err players_of(Cx *cx, const Sheet *s, Str **ret, int *ret_count)
{
    ptrdiff_t n = 2 * s->t.rows;
    int count = 0;
    Str *all = arena_new(cx->arena, Str, n);
    if (!all)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < s->t.rows; i++) {
        all[2 * i] = s->t.cell[i * s->t.columns + s->a];
        all[2 * i + 1] = s->t.cell[i * s->t.columns + s->b];
        for (int k = 0; k < 2; k++)
            if (all[2 * i + k].len == 0)
                return table_wrong(cx, &s->t, i, k == 0 ? s->a : s->b, "err.lab-csv-missing");
    }
    qsort(all, (size_t)n, sizeof all[0], by_text);
    for (ptrdiff_t i = 0; i < n; i++) {
        if (i > 0 && str_eq(all[i], all[count - 1]))
            continue;
        if (count == PAIRS_MAX)
            return err_set(cx, ERR_LIMIT, "err.lab-players",
                           ARGS(arg_str("file", s->t.file), arg_int("n", PAIRS_MAX)));
        all[count++] = all[i];
    }
    *ret = all;
    *ret_count = count;
    return OK;
}

static int place_of(const Str players[], int count, Str name)
{
    const Str *at = bsearch(&name, players, (size_t)count, sizeof name, by_text);
    return (int)(at - players);
}

static Err read_wins(Cx *cx, const Sheet *s, ptrdiff_t row, int column, double *ret)
{
    Err e = table_number(cx, &s->t, row, column, ret);
    if (e == OK && !(*ret >= 0 && *ret < 1e9))
        e = table_wrong(cx, &s->t, row, column, "err.lab-csv-count");
    return e;
}

static Err read_game(Cx *cx, const Sheet *s, ptrdiff_t row, const Str players[], int count,
                     PairsGame *ret)
{
    const Str *cell = s->t.cell + row * s->t.columns;
    *ret = (PairsGame){.a = place_of(players, count, cell[s->a]),
                       .b = place_of(players, count, cell[s->b]),
                       .a_home = s->b_wins >= 0};
    if (ret->a == ret->b)
        return table_wrong(cx, &s->t, row, s->b, "err.lab-pairs-self");
    Err e = read_wins(cx, s, row, s->a_wins, &ret->a_wins);
    return e == OK && s->b_wins >= 0 ? read_wins(cx, s, row, s->b_wins, &ret->b_wins) : e;
}

static int by_pair(const void *a, const void *b)
{
    const PairsGame *x = a, *y = b;
    return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

/* Without home, all games of two players are one group, whoever is named first: the deviance counts groups. */
static ptrdiff_t join_games(PairsGame games[], ptrdiff_t count)
{
    ptrdiff_t kept = 0;
    for (ptrdiff_t i = 0; i < count; i++)
        if (games[i].a > games[i].b)
            games[i] = (PairsGame){games[i].b, games[i].a, games[i].b_wins, games[i].a_wins, false};
    qsort(games, (size_t)count, sizeof games[0], by_pair);
    for (ptrdiff_t i = 0; i < count; i++) {
        if (kept > 0 && by_pair(&games[kept - 1], &games[i]) == 0) {
            games[kept - 1].a_wins += games[i].a_wins;
            games[kept - 1].b_wins += games[i].b_wins;
        } else {
            games[kept++] = games[i];
        }
    }
    return kept;
}

static void write_pairs(const Options *o, const Str players[], const PairsFit *f, bool home,
                        Buf *out)
{
    buf_fmt(out,
            o->json ? "{\"loglik\": %.17g, \"deviance\": %.17g, \"degrees\": %d, \"players\": ["
                    : "# loglik %.10g, deviance %.10g, degrees of freedom %d\nname,strength,se\n",
            f->loglik, f->deviance, f->degrees);
    for (int i = 0; i < f->players; i++) {
        buf_c(out, !o->json ? "" : i > 0 ? ",\n  {\"name\": " : "\n  {\"name\": ");
        if (o->json)
            out_text(out, players[i]);
        else
            out_word(out, "", players[i]);
        buf_fmt(out, o->json ? ", \"strength\": %.17g, \"se\": %.17g}" : ",%.10g,%.10g\n",
                f->strength[i], f->se[i]);
    }
    buf_c(out, o->json ? "]" : "");
    if (home)
        buf_fmt(out, o->json ? ", \"home\": %.17g, \"home_se\": %.17g" : "\"(home)\",%.10g,%.10g\n",
                f->home, f->home_se);
    buf_c(out, o->json ? "}\n" : "");
}

Err verb_pairs(Cx *cx, const Options *o, Buf *out)
{
    Sheet s;
    Str *players = NULL;
    PairsFit fit;
    int count = 0;
    Err e = verb_read_table(cx, o, &s.t);
    if (e == OK)
        e = open_sheet(cx, &s);
    if (e == OK)
        e = players_of(cx, &s, &players, &count);
    if (e != OK)
        return e;
    PairsGame *games = arena_new(cx->arena, PairsGame, s.t.rows);
    if (!games)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < s.t.rows && e == OK; i++)
        e = read_game(cx, &s, i, players, count, &games[i]);
    bool home = s.b_wins >= 0;
    if (e == OK)
        e = pairs_fit(cx, count, games, home ? s.t.rows : join_games(games, s.t.rows), &fit);
    if (e == OK)
        write_pairs(o, players, &fit, home, out);
    return table_refused(cx, &s.t, e);
}

/* -- apim: dyad,person,x,y ------------------------------------------------------------------------------ */

typedef struct Member {
    Str dyad, person;
    ptrdiff_t row;
    double x, y;
} Member;

static int by_dyad(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    int order = str_cmp(x->dyad, y->dyad);
    if (order == 0)
        order = str_cmp(x->person, y->person);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static Err read_members(Cx *cx, const LabTable *t, int *ret_dyad, int *ret_person, Member *ret)
{
    int x = 0, y = 0;
    Err e = table_need(cx, t, "dyad", ret_dyad);
    if (e == OK)
        e = table_need(cx, t, "person", ret_person);
    if (e == OK)
        e = table_need(cx, t, "x", &x);
    if (e == OK)
        e = table_need(cx, t, "y", &y);
    for (ptrdiff_t i = 0; i < t->rows && e == OK; i++) {
        const Str *cell = t->cell + i * t->columns;
        ret[i] = (Member){.dyad = cell[*ret_dyad], .person = cell[*ret_person], .row = i};
        e = table_number(cx, t, i, x, &ret[i].x);
        if (e == OK)
            e = table_number(cx, t, i, y, &ret[i].y);
        if (e == OK && ret[i].dyad.len == 0)
            e = table_wrong(cx, t, i, *ret_dyad, "err.lab-csv-missing");
    }
    if (e == OK)
        qsort(ret, (size_t)t->rows, sizeof *ret, by_dyad);
    return e;
}

/* Dyads with both members and all four numbers; *ret_left counts the others. */
static Err pair_up(Cx *cx, const LabTable *t, int dyad, int person, const Member m[],
                   DyadPair ret[], int *ret_count, int *ret_left)
{
    *ret_count = *ret_left = 0;
    for (ptrdiff_t i = 0, next; i < t->rows; i = next) {
        for (next = i + 1; next < t->rows && str_eq(m[next].dyad, m[i].dyad); next++)
            if (str_eq(m[next].person, m[next - 1].person))
                return table_wrong(cx, t, m[next].row, person, "err.lab-apim-person");
        if (next - i > 2)
            return table_wrong(cx, t, m[i + 2].row, dyad, "err.lab-apim-three");
        bool whole = next - i == 2 && isfinite(m[i].x + m[i].y + m[i + 1].x + m[i + 1].y);
        if (whole)
            ret[(*ret_count)++] = (DyadPair){
                {m[i].x, m[i + 1].x},
                {m[i].y, m[i + 1].y}
            };
        else
            (*ret_left)++;
    }
    return OK;
}

Err verb_apim(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    int dyad, person, count, left;
    Err e = verb_read_table(cx, o, &t);
    if (e != OK)
        return e;
    Member *m = arena_new(cx->arena, Member, t.rows);
    DyadPair *pairs = arena_new(cx->arena, DyadPair, t.rows);
    DyadApim a;
    if (!m || !pairs)
        return err_nomem(cx);
    e = read_members(cx, &t, &dyad, &person, m);
    if (e == OK)
        e = pair_up(cx, &t, dyad, person, m, pairs, &count, &left);
    if (e == OK)
        e = dyad_apim(cx, pairs, count, &a);
    if (e != OK)
        return table_refused(cx, &t, e);
    if (o->json)
        buf_fmt(
            out,
            "{\"pairs\": %d, \"left_out\": %d, \"loglik_restricted\": %.17g, \"rho\": %.17g, "
            "\"sigma2\": %.17g,\n \"intercept\": %.17g, \"intercept_se\": %.17g, \"actor\": %.17g, "
            "\"actor_se\": %.17g, \"partner\": %.17g, \"partner_se\": %.17g}\n",
            count, left, a.loglik, a.rho, a.sigma2, a.intercept, a.intercept_se, a.actor,
            a.actor_se, a.partner, a.partner_se);
    else
        buf_fmt(out,
                "# pairs %d, left out %d, restricted loglik %.10g, rho %.10g, sigma2 %.10g\n"
                "name,value,se\nintercept,%.10g,%.10g\nactor,%.10g,%.10g\npartner,%.10g,%.10g\n",
                count, left, a.loglik, a.rho, a.sigma2, a.intercept, a.intercept_se, a.actor,
                a.actor_se, a.partner, a.partner_se);
    return OK;
}

/* -- icc: one row a target, one column a rater ------------------------------------------------------------ */

Err verb_icc(Cx *cx, const Options *o, Buf *out)
{
    LabTable t;
    DyadIcc icc;
    Err e = verb_read_table(cx, o, &t);
    if (e != OK)
        return e;
    int named = table_column(&t, "id"), raters = t.columns - (named >= 0);
    double *r = arena_new(cx->arena, double, t.rows *t.columns);
    if (!r)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < t.rows; i++)
        for (int j = 0, k = 0; j < t.columns; j++) {
            if (j == named)
                continue;
            e = table_number(cx, &t, i, j, &r[i * raters + k]);
            if (e == OK && isnan(r[i * raters + k]))
                e = table_wrong(cx, &t, i, j, "err.lab-csv-missing");
            if (e != OK)
                return e;
            k++;
        }
    e = dyad_icc(cx, r, (int)t.rows, raters, &icc);
    if (e == OK)
        buf_fmt(out,
                o->json ? "{\"icc1\": %.17g, \"icc2\": %.17g, \"icc3\": %.17g, \"icc1k\": %.17g, "
                          "\"icc2k\": %.17g, \"icc3k\": %.17g}\n"
                        : "icc1,icc2,icc3,icc1k,icc2k,icc3k\n%.10g,%.10g,%.10g,%.10g,%.10g,%.10g\n",
                icc.one, icc.random, icc.fixed, icc.one_k, icc.random_k, icc.fixed_k);
    return table_refused(cx, &t, e);
}
