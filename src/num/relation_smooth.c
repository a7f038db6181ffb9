/* num/relation_smooth.c - looking back: beliefs at earlier times given everything since.
 *
 * For many times the filter runs once with its operations on a tape and the belief kept at the
 * times asked for; then r and N (the likelihood's first and second derivative, see num/lds.c)
 * travel back through the tape, each operation by its transpose, and x + P r, P - P N P are the
 * smoothed moments. An operation costs what it cost forwards; a time costs 25^2 numbers of memory,
 * an event 32.
 *
 * For the change between two times the joint distribution is needed, so the earlier levels are
 * carried along as a fixed point: their mean, covariance and covariance with the running state, 12
 * more rows. */
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <math.h>
#include <string.h>

/* -- backwards through one operation --------------------------------------------------------------
 */

/* The turn of a step; the transpose of a turn is the turn back: keep stays, turn changes sign. */
static void turn_of(const RelOp *op, double sign, RelTurn *ret)
{
    for (int i = 0; i < REL_WIDE; i++) {
        ret->keep[i] = i < REL_FAST ? op->gain[i] : 1;
        ret->turn[i] = i < REL_LEVELS ? sign * op->gain[REL_FAST + i] : 0;
    }
}

static void back_move(const RelModel *rm, const RelOp *op, RelBack *b)
{
    static const double nothing[REL_WIDE * REL_WIDE];
    RelTurn t;
    turn_of(op, -1, &t);
    rel_turn_vector(&t, b->r);
    rm->kernel->turn(t.keep, t.turn, nothing, b->n);
}

static void back_apart(const RelModel *rm, double dt, RelBack *b)
{
    double f[REL_WIDE * REL_WIDE], ft[REL_WIDE * REL_WIDE], x[REL_WIDE], n[REL_WIDE * REL_WIDE];
    rel_apart_matrix(rm, dt, f);
    mat_transpose(REL_WIDE, f, ft);
    mat_vec(REL_WIDE, ft, b->r, x);
    memcpy(b->r, x, sizeof x);
    mat_sandwich(REL_WIDE, ft, b->n, NULL, n);
    mat_copy(REL_WIDE, n, b->n);
}

void rel_row(const RelModel *rm, int level, double load, double ret[REL_WIDE])
{
    memset(ret, 0, sizeof(double) * REL_WIDE);
    memcpy(ret, rm->basis.v + level * REL_LEVELS, sizeof(double) * REL_LEVELS);
    ret[REL_Z] = load;
    ret[REL_B + level] = 1;
}

/* N <- (I - k h')' N (I - k h') + extra h h', r <- (I - k h')' r + score h. */
static void back_through(const RelModel *rm, const double h[], const double k[], double score,
                         double extra, RelBack *b)
{
    double nk[REL_WIDE], x[REL_WIDE];
    rm->kernel->apply(b->n, k, nk);
    double g = score - rm->kernel->dot(k, b->r);
    double c = extra + rm->kernel->dot(k, nk);
    for (int i = 0; i < REL_WIDE; i++) {
        b->r[i] += g * h[i];
        x[i] = nk[i] - 0.5 * c * h[i];
    }
    rm->kernel->downdate(h, x, b->n);
}

void rel_back(const RelModel *rm, const RelOp *op, RelBack *b)
{
    double h[REL_WIDE], u[REL_WIDE] = {0};
    switch (op->kind) {
    case OP_MOVE:
        back_move(rm, op, b);
        break;
    case OP_APART:
        back_apart(rm, op->dt, b);
        break;
    case OP_READ:
        rel_row(rm, op->level, op->load, h);
        back_through(rm, h, op->gain, op->resid / op->var, 1 / op->var, b);
        break;
    case OP_LIFT:
        rel_row(rm, op->level, 0, h);
        for (int i = 0; i < REL_LEVELS; i++)
            u[i] = op->load * rm->basis.vi[i * REL_LEVELS + op->level];
        back_through(rm, h, u, 0, 0, b);
        break;
    case OP_PUSH:
    case OP_MARK:
        break;
    }
}

/* The operations that events can need: a step each, one for a reading, one for a moment and each type it fed. */
static ptrdiff_t tape_need(const RelEvent events[], ptrdiff_t count)
{
    ptrdiff_t need = count;
    for (ptrdiff_t i = 0; i < count; i++) {
        need += events[i].kind == REL_READING || events[i].kind == REL_MOMENT;
        for (int k = 0; events[i].kind == REL_MOMENT && k < REL_TYPES; k++)
            need += events[i].fed >> k & 1U;
    }
    return need;
}

/* -- many times -----------------------------------------------------------------------------------
 */

typedef struct Look {
    const RelModel *rm;
    RelTape tape;
    RelBelief *kept; /* one belief a time */
    const double *times;
    ptrdiff_t times_count, next;
} Look;

/* Keeps the belief at every time asked for before `until`. */
static bool keep_until(Look *l, double until, RelState *s)
{
    while (l->next < l->times_count && l->times[l->next] < until) {
        RelWatch w = {.tape = &l->tape};
        if (!rel_advance(l->rm, l->times[l->next], w, s) || l->tape.count >= l->tape.cap)
            return false;
        memcpy(l->kept[l->next].x, s->x, sizeof s->x);
        memcpy(l->kept[l->next].p, s->p, sizeof l->kept[l->next].p);
        l->tape.op[l->tape.count++] = (RelOp){.kind = OP_MARK, .mark = l->next};
        l->next++;
    }
    return true;
}

/* What is believed at a mark: x + P r, P - P N P, but only what RelLevels asks of it. b and c are rows of P (levels',
 * then today's and the own levels') and of P N; each covariance is then one product of rows. */
static void look_at(const RelModel *rm, const RelBelief *kept, const RelBack *back, RelLevels *ret)
{
    enum { L = REL_LEVELS, W = REL_WIDE };
    const double *p = kept->p;
    double x[W], b[REL_DIM * REL_WIDE], c[REL_DIM * REL_WIDE] = {0}, less[L * L], pr[W];
    rm->kernel->apply(p, back->r, pr);
    for (int k = 0; k < W; k++)
        x[k] = kept->x[k] + pr[k];
    for (int k = 0; k < L; k++) {
        ret->mean[k] = rm->kind.mu + rel_row_dot(rm, k, 0, x);
        ret->own[k] = rm->kind.mu + x[REL_B + k];
        rm->kernel->times(rm->basis.v + k * L, 0, k, p, b + k * W);
    }
    memcpy(b + L * W, p + REL_Z * W, sizeof(double) * (REL_DIM - L) * W);
    rm->kernel->multiply(REL_DIM, b, back->n, c);
    rm->kernel->dots(b, rm->rows, ret->cov);
    rm->kernel->dots(c, b, less);
    for (int i = 0; i < L * L; i++)
        ret->cov[i] -= less[i];
    ret->today = x[REL_Z];
    ret->today_var = p[REL_Z * W + REL_Z] - rm->kernel->dot(b + L * W, c + L * W);
    for (int k = 0; k < L; k++) {
        int at = REL_B + k;
        ret->own_var[k] = p[at * W + at] - rm->kernel->dot(b + at * W, c + at * W);
    }
}

static void look_back(const Look *l, RelLevels ret[])
{
    RelBack b = {.r = {0}};
    for (ptrdiff_t i = l->tape.count - 1; i >= 0; i--) {
        const RelOp *op = &l->tape.op[i];
        if (op->kind != OP_MARK) {
            rel_back(l->rm, op, &b);
            continue;
        }
        look_at(l->rm, &l->kept[op->mark], &b, &ret[op->mark]);
        ret[op->mark].t_days = l->times[op->mark];
    }
}

Err rel_smooth(Cx *cx, const RelModel *rm, const RelState *start, const RelEvent events[],
               ptrdiff_t count, const double times[], ptrdiff_t times_count, RelLevels ret[])
{
    Look l = {.rm = rm, .times = times, .times_count = times_count};
    RelState s = *start;
    Err e = rel_check(cx, start, events, count);
    for (ptrdiff_t i = 0; e == OK && i < times_count; i++)
        if (!isfinite(times[i]) || times[i] < (i > 0 ? times[i - 1] : start->t_days))
            e = err_set(cx, ERR_INVALID, "err.num-times", ARGS(arg_int("place", i + 1)));
    if (e != OK)
        return e;
    l.tape.cap = tape_need(events, count) + 2 * times_count; /* a time: a step and its mark */
    l.tape.op = arena_new(cx->arena, RelOp, l.tape.cap + 1);
    l.kept = arena_new(cx->arena, RelBelief, times_count + 1);
    if (!l.tape.op || !l.kept)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < count; i++)
        if (!keep_until(&l, events[i].t_days, &s) ||
            !rel_apply(rm, &events[i], (RelWatch){.tape = &l.tape}, &s))
            return err_set(cx, ERR_NUMERIC, "err.num-event", ARGS(arg_int("place", i + 1)));
    if (!keep_until(&l, HUGE_VAL, &s))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    look_back(&l, ret);
    return OK;
}

/* -- offsets of questions --------------------------------------------------------------------------- */

/* Of the questions that a history asks: how the belief's mean moves with the offset of each, and what was told so far. */
typedef struct Lean {
    const RelModel *rm;
    int n;
    int *question;      /* n of them */
    double *by, *told;  /* n x REL_WIDE; n x n */
    double *innovation; /* n: how it moves */
} Lean;

static int lean_on(Lean *l, int question)
{
    for (int i = 0; i < l->n; i++)
        if (l->question[i] == question)
            return i;
    return -1;
}

static void lean_read(Lean *l, const RelOp *op, int own)
{
    double h[REL_WIDE];
    rel_row(l->rm, op->level, op->load, h);
    for (int i = 0; i < l->n; i++) {
        double *by = l->by + (ptrdiff_t)i * REL_WIDE;
        l->innovation[i] = l->rm->kernel->dot(h, by) + (i == own);
        for (int j = 0; j < REL_WIDE; j++)
            by[j] -= l->innovation[i] * op->gain[j];
        for (int j = 0; j <= i; j++)
            l->told[i * l->n + j] += l->innovation[i] * l->innovation[j] / op->var;
    }
}

/* Each row through one operation, as the mean goes. */
static void lean_through(Lean *l, const RelOp *op, int own)
{
    double f[REL_WIDE * REL_WIDE], x[REL_WIDE];
    RelTurn turn;
    if (op->kind == OP_READ)
        lean_read(l, op, own);
    if (op->kind == OP_MOVE)
        turn_of(op, 1, &turn);
    if (op->kind == OP_APART)
        rel_apart_matrix(l->rm, op->dt, f);
    for (int i = 0; i < l->n; i++) {
        double *by = l->by + (ptrdiff_t)i * REL_WIDE, c = rel_row_dot(l->rm, op->level, 0, by);
        if (op->kind == OP_MOVE)
            rel_turn_vector(&turn, by);
        for (int j = 0; op->kind == OP_LIFT && j < REL_LEVELS; j++)
            by[j] -= c * op->load * l->rm->basis.vi[j * REL_LEVELS + op->level];
        if (op->kind == OP_APART) {
            mat_vec(REL_WIDE, f, by, x);
            memcpy(by, x, sizeof x);
        }
    }
}

static Err lean_start(Cx *cx, const RelModel *rm, const int question[], ptrdiff_t count,
                      int questions, Lean *ret)
{
    *ret = (Lean){.rm = rm, .question = arena_new(cx->arena, int, count + 1)};
    if (!ret->question)
        return err_nomem(cx);
    for (ptrdiff_t k = 0; k < count; k++)
        if (question[k] >= 0 && question[k] < questions && lean_on(ret, question[k]) < 0)
            ret->question[ret->n++] = question[k];
    ptrdiff_t n = ret->n;
    ret->by = arena_new(cx->arena, double, n *REL_WIDE + 1);
    ret->told = arena_new(cx->arena, double, n *n + 1);
    ret->innovation = arena_new(cx->arena, double, n + 1);
    return ret->by && ret->told && ret->innovation ? OK : err_nomem(cx);
}

Err rel_offset_information(Cx *cx, const RelModel *rm, const RelEvent events[],
                           const int question[], ptrdiff_t count, int questions, double io[])
{
    RelOp op[2 + REL_TYPES]; /* of one event: a step, a push and its lifts */
    RelTape tape = {.op = op, .cap = 2 + REL_TYPES};
    RelState s;
    Lean l;
    rel_start(rm, count > 0 ? events[0].t_days : 0, &s);
    Err e = rel_check(cx, &s, events, count);
    if (e == OK)
        e = lean_start(cx, rm, question, count, questions, &l);
    for (ptrdiff_t i = 0; i < count && e == OK; i++) {
        tape.count = 0;
        if (!rel_apply(rm, &events[i], (RelWatch){.tape = &tape}, &s))
            return err_set(cx, ERR_NUMERIC, "err.num-event", ARGS(arg_int("place", i + 1)));
        for (ptrdiff_t k = 0; k < tape.count; k++)
            lean_through(&l, &op[k], lean_on(&l, question[i]));
    }
    for (int i = 0; e == OK && i < l.n; i++)
        for (int j = 0; j < l.n; j++)
            io[l.question[i] * questions + l.question[j]] +=
                l.told[i > j ? i * l.n + j : j * l.n + i];
    return e;
}

/* -- two times ------------------------------------------------------------------------------------
 */

static void drop_anchor(const RelModel *rm, const RelState *s, RelAnchor *ret)
{
    RelLevels l;
    rel_levels(rm, s, &l);
    memcpy(ret->mean, l.mean, sizeof ret->mean);
    memcpy(ret->cov, l.cov, sizeof ret->cov);
    for (int k = 0; k < REL_LEVELS; k++)
        rm->kernel->times(rm->basis.v + k * REL_LEVELS, 0, k, s->p, ret->cross + k * REL_WIDE);
}

static void change_from(const RelModel *rm, const RelState *s, const RelAnchor *a, RelChange *ret)
{
    RelLevels now;
    double both[REL_LEVELS * REL_LEVELS]; /* Cov(m then, m now) */
    rel_levels(rm, s, &now);
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            both[i * REL_LEVELS + j] = rel_row_dot(rm, j, 0, a->cross + i * REL_WIDE);
    for (int i = 0; i < REL_LEVELS; i++) {
        ret->mean[i] = now.mean[i] - a->mean[i];
        for (int j = 0; j < REL_LEVELS; j++) {
            int ij = i * REL_LEVELS + j, ji = j * REL_LEVELS + i;
            ret->cov[ij] = now.cov[ij] + a->cov[ij] - both[ij] - both[ji];
        }
    }
    mat_symmetrise(REL_LEVELS, ret->cov);
}

Err rel_change(Cx *cx, const RelModel *rm, const RelState *start, const RelEvent events[],
               ptrdiff_t count, double from_days, double to_days, RelChange *ret)
{
    RelState s = *start;
    RelAnchor anchor;
    RelWatch w = {.tape = NULL};
    Err e = rel_check(cx, start, events, count);
    if (e != OK)
        return e;
    if (!(from_days >= start->t_days) || !(to_days >= from_days) || !isfinite(to_days) ||
        (count > 0 && events[count - 1].t_days > to_days))
        return err_set(cx, ERR_INVALID, "err.num-times", ARGS(arg_int("place", 1)));
    for (ptrdiff_t i = 0; i <= count; i++) {
        bool later = i == count || events[i].t_days > from_days;
        if (later && !w.anchor) {
            if (!rel_advance(rm, from_days, w, &s))
                return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
            drop_anchor(rm, &s, &anchor);
            w.anchor = &anchor;
        }
        if (i < count && !rel_apply(rm, &events[i], w, &s))
            return err_set(cx, ERR_NUMERIC, "err.num-event", ARGS(arg_int("place", i + 1)));
    }
    if (!rel_advance(rm, to_days, w, &s))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    change_from(rm, &s, &anchor, ret);
    return OK;
}
