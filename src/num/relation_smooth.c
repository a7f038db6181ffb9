/* num/relation_smooth.c - looking back: beliefs at earlier times given everything since.
 *
 * For many times the filter runs once with its operations on a tape and the belief kept at the
 * times asked for; then r and N (the likelihood's first and second derivative, see num/lds.c)
 * travel back through the tape, each operation by its transpose, and x + P r, P - P N P are the
 * smoothed moments. Events and times are gone through in blocks: the state at the start of each is kept, and the
 * tape of one block at a time, which the filter fills once more on the way back, so that all of it stays in the second cache.
 * A time's belief is kept as B = P T', T what levels are of the state: means are then x + B'r, variances the columns
 * of B on one half of N, and nothing is summed across a register.
 *
 * Cost in rows of 32, a multiplication and addition each: a reading 39 forwards, twice, and 65 back; a step 30 each way; a time
 * 150 for B, 25 for means, 325 more for variances, 75 more for covariances. Memory: 7 KB every BLOCK events and times, and 6 for each time of one block.
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
    if (!b->only_r)
        rm->kernel->turn(rm->pairs, t.keep, t.turn, nothing, b->n);
}

static void back_apart(const RelModel *rm, double dt, RelBack *b)
{
    double f[REL_WIDE * REL_WIDE], ft[REL_WIDE * REL_WIDE], x[REL_WIDE], n[REL_WIDE * REL_WIDE];
    rel_apart_matrix(rm, dt, f);
    mat_transpose(REL_WIDE, f, ft);
    mat_vec(REL_WIDE, ft, b->r, x);
    memcpy(b->r, x, sizeof x);
    if (b->only_r)
        return;
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

void rel_back(const RelModel *rm, const RelOp *op, RelBack *b)
{
    const double *row = rm->rows + op->level * REL_WIDE;
    double *n = b->only_r ? NULL : b->n;
    switch (op->kind) {
    case OP_MOVE:
        back_move(rm, op, b);
        break;
    case OP_APART:
        back_apart(rm, op->dt, b);
        break;
    case OP_READ:
        rm->kernel->back(row, op->load, op->level, op->gain, op->said.resid / op->said.var,
                         1 / op->said.var, b->r, n);
        break;
    case OP_LIFT: {
        double u[REL_WIDE] = {0};
        for (int i = 0; i < REL_LEVELS; i++)
            u[i] = op->load * rm->basis.vi[i * REL_LEVELS + op->level];
        rm->kernel->back(row, 0, op->level, u, 0, 0, b->r, n);
        break;
    }
    case OP_PUSH:
    case OP_MARK:
        break;
    }
}

/* The operations that an event can need: a step, one for a reading or a moment, one for each type that was fed. */
static int ops_of(const RelEvent *ev)
{
    int need = 1 + (ev->kind == REL_READING || ev->kind == REL_MOMENT);
    for (int k = 0; ev->kind == REL_MOMENT && k < REL_TYPES; k++)
        need += (int)(ev->fed >> k & 1U);
    return need;
}

/* -- many times -----------------------------------------------------------------------------------
 */

enum { BLOCK = 64 }; /* events and times */

/* B of a time. */
typedef struct Kept {
    _Alignas(64) double in_levels[REL_DIM * REL_WIDE];
} Kept;

/* Where a block starts: so many events and times are behind it. */
typedef struct Place {
    RelState state;
    ptrdiff_t events, times;
} Place;

typedef struct Look {
    const RelModel *rm;
    const RelEvent *events;
    const double *times;
    ptrdiff_t count, times_count, blocks;
    RelWant want;
    RelLevels *levels;
    Place *start; /* of each block */
    RelTape tape; /* of one of them */
    Kept *kept;   /* its times' */
    RelBack back;
} Look;

/* What the events so far say of a time; what later ones say comes on the way back. */
static bool keep_time(Look *l, ptrdiff_t slot, RelLevels *ret, RelState *s)
{
    Kept *kept = &l->kept[slot];
    if (l->tape.count >= l->tape.cap)
        return false;
    RelOp *op = &l->tape.op[l->tape.count++];
    op->kind = OP_MARK;
    op->mark = slot;
    l->rm->kernel->in_levels(l->rm->columns, s->p, kept->in_levels);
    rel_look(l->rm, s, kept->in_levels, l->want, ret);
    return true;
}

/* A block forwards, to where the next one starts: with its tape, or without. A time comes after the events of its
 * instant. False when a number is none; io->events and times then say where. */
static bool go_through(Look *l, bool taped, Place *io)
{
    RelWatch w = {.tape = taped ? &l->tape : NULL};
    ptrdiff_t first = io->times;
    l->tape.count = 0;
    for (int i = 0; i < BLOCK && (io->events < l->count || io->times < l->times_count); i++) {
        const RelEvent *ev = io->events < l->count ? &l->events[io->events] : NULL;
        if (io->times == l->times_count || (ev && ev->t_days <= l->times[io->times])) {
            if (!rel_apply(l->rm, ev, w, &io->state))
                return false;
            io->events++;
            continue;
        }
        if (!rel_advance(l->rm, l->times[io->times], w, &io->state) ||
            (taped && !keep_time(l, io->times - first, &l->levels[io->times], &io->state)))
            return false;
        io->times++;
    }
    return true;
}

/* What the readings after a time say of it: x + P r, P - P N P. */
static void look_at(const Look *l, const double b[], RelLevels *io)
{
    enum { L = REL_LEVELS, W = REL_WIDE };
    const RelKernel *kernel = l->rm->kernel;
    _Alignas(64) double half[REL_DIM * REL_WIDE];
    double var[W], moved[W];
    kernel->apply(b, l->back.r, moved);
    for (int k = 0; k < L; k++) {
        io->mean[k] += moved[k];
        io->own[k] += moved[REL_B + k];
    }
    io->today += moved[REL_Z];
    if (l->want == REL_MEANS)
        return;
    kernel->taught(l->back.n, b, half, var);
    io->today_var -= var[REL_Z];
    for (int k = 0; k < L; k++)
        io->own_var[k] -= var[REL_B + k];
    for (int k = 0; k < L && l->want == REL_VARIANCES; k++)
        io->cov[k * (L + 1)] -= var[k];
    if (l->want == REL_COVARIANCES)
        kernel->taught_covs(b, half, io->cov);
}

/* Back through the block on the tape, whose first time is ret[0]. */
static void look_back(Look *l, RelLevels ret[])
{
    for (ptrdiff_t i = l->tape.count - 1; i >= 0; i--) {
        const RelOp *op = &l->tape.op[i];
        if (op->kind == OP_MARK)
            look_at(l, l->kept[op->mark].in_levels, &ret[op->mark]);
        else
            rel_back(l->rm, op, &l->back);
    }
}

static bool make_room(Cx *cx, const RelState *start, Look *l)
{
    ptrdiff_t all = l->count + l->times_count, most = all < BLOCK ? all : BLOCK;
    int each = 2; /* of a time: a step and a mark */
    for (ptrdiff_t i = 0; i < l->count; i++)
        each = ops_of(&l->events[i]) > each ? ops_of(&l->events[i]) : each;
    l->blocks = (all + BLOCK - 1) / BLOCK;
    l->tape.cap = most * each;
    l->tape.op = arena_new(cx->arena, RelOp, l->tape.cap + 1);
    l->kept = arena_new(cx->arena, Kept, (l->times_count < most ? l->times_count : most) + 1);
    l->start = arena_new(cx->arena, Place, l->blocks + 1);
    if (!l->tape.op || !l->kept || !l->start)
        return false;
    l->start[0].state = *start;
    return true;
}

/* Forwards, the last block with its tape at once; then back, block by block. */
static Err there_and_back(Cx *cx, Look *l)
{
    for (ptrdiff_t k = 0; k < l->blocks; k++) {
        Place *to = &l->start[k + 1];
        *to = l->start[k];
        if (go_through(l, k == l->blocks - 1, to))
            continue;
        return to->events < l->count ? err_set(cx, ERR_NUMERIC, "err.num-event",
                                               ARGS(arg_int("place", to->events + 1)))
                                     : err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    }
    for (ptrdiff_t k = l->blocks - 1; k >= 0; k--) {
        Place again = l->start[k];
        bool fine = k == l->blocks - 1 || go_through(l, true, &again);
        INVARIANT(fine); /* it was, the first time */
        look_back(l, l->levels + l->start[k].times);
    }
    return OK;
}

Err rel_smooth(Cx *cx, const RelModel *rm, const RelState *start, const RelEvent events[],
               ptrdiff_t count, const double times[], ptrdiff_t times_count, RelWant want,
               RelLevels ret[])
{
    Look l = {.rm = rm,
              .events = events,
              .times = times,
              .count = count,
              .times_count = times_count,
              .want = want,
              .levels = ret,
              .back = {.only_r = want == REL_MEANS}};
    Err e = rel_check(cx, start, events, count);
    for (ptrdiff_t i = 0; e == OK && i < times_count; i++)
        if (!isfinite(times[i]) || times[i] < (i > 0 ? times[i - 1] : start->t_days))
            e = err_set(cx, ERR_INVALID, "err.num-times", ARGS(arg_int("place", i + 1)));
    if (e != OK)
        return e;
    return make_room(cx, start, &l) ? there_and_back(cx, &l) : err_nomem(cx);
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
            l->told[i * l->n + j] += l->innovation[i] * l->innovation[j] / op->said.var;
    }
}

static void lean_lift(const Lean *l, const RelOp *op, double by[])
{
    double c = op->load * rel_row_dot(l->rm, op->level, 0, by);
    for (int j = 0; j < REL_LEVELS; j++)
        by[j] -= c * l->rm->basis.vi[j * REL_LEVELS + op->level];
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
        double *by = l->by + (ptrdiff_t)i * REL_WIDE;
        if (op->kind == OP_MOVE)
            rel_turn_vector(&turn, by);
        if (op->kind == OP_LIFT)
            lean_lift(l, op, by);
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
        rm->kernel->times(rm->rows + k * REL_WIDE, 0, k, s->p, ret->cross + k * REL_WIDE);
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
