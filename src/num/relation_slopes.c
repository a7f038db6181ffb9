/* num/relation_slopes.c - how the log-likelihood of a history moves with the model's parameters, by going through the
 * filter backwards (reverse differentiation), so that ten parameters cost what one does.
 *
 * What is carried back are the derivatives r by x and N by P, each operation by its transpose as in
 * num/relation_smooth.c, but a reading by what the filter did with it. Of the latent answer, normal with mean u and variance s, let
 * f be the log of what was said of it: a density, or at the ends of the scale a tail. The filter moves x by f' p and P by
 * f'' p p' (p = P h), for both kinds, and as f obeys the heat equation, df/ds = (f'' + f'^2) / 2, everything in
 * the way back of a reading follows from the first four derivatives by u. A step turns by e^(G dt), which G commutes
 * with, so its part is read off x and P as they are after the step: nothing is inverted. What changes of the covariance at
 * rest is summed up over all steps and brought to lambda, kappa and q once.
 *
 * The tape holds a block of events at a time, from the state kept at its start, so memory grows by 7 KB every
 * BLOCK events.
 *
 * Cost: three to four filter passes; 13 to 25 products of rows a step beside. */
#include "num/dist.h"
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <math.h>
#include <string.h>

enum { W = REL_WIDE, L = REL_LEVELS, BLOCK = 64 };

typedef struct Way {
    const RelModel *rm;
    const RelEvent *events;
    ptrdiff_t count;
    const RelPull *pull;            /* NULL: the log-likelihood, */
    const RelMix *mix;              /* or where not NULL the log of masses */
    double *by_offset, *by_error;   /* one an event, where not NULL */
    RelBack back;                   /* derivatives by x and P */
    double rest[REL_FAST * W];      /* by the covariance at rest, of modes and z */
    double keep[REL_FAST], turn[L]; /* by the modes' and z's rates: real and imaginary part */
    double error, beta, beta_m, lambda_z, delta, mu, same, tail, mass;
} Way;

/* -- a reading --------------------------------------------------------------------------------------- */

/* The first four derivatives by the mean of the log of what the answer says. */
static void said_slopes(const RelSaid *op, double half_step, double ret[4])
{
    double sd = sqrt(op->spread), scale = 1 / sd;
    ret[0] = op->resid / op->var;
    ret[1] = -1 / op->var;
    ret[2] = ret[3] = 0;
    if (op->side == SIDE_NONE)
        return;
    if (op->side == SIDE_BOTTOM)
        scale = -scale;
    double cut = op->side == SIDE_TOP ? 10 - half_step : half_step, power = scale;
    dist_normal_log_cdf_slopes((op->expect - cut) * scale, ret);
    for (int k = 0; k < 4; k++, power *= scale)
        ret[k] *= power;
}

static void note_reading(Way *b, ptrdiff_t event, double by_mean, double by_error)
{
    b->mu += by_mean;
    if (!(b->events[event].error > 0))
        b->error += by_error;
    if (b->by_offset)
        b->by_offset[event] += by_mean;
    if (b->by_error)
        b->by_error[event] += by_error;
}

/* What the answer itself adds: the first derivatives by mean and variance. */
static void read_itself(Way *b, const RelOp *op, const double by[4], double ret[2])
{
    ScoreMass m;
    ret[0] = b->pull ? 0 : by[0];
    ret[1] = b->pull ? 0 : (by[1] + by[0] * by[0]) / 2;
    if (!b->mix)
        return;
    const Scale scale = {.low = 0, .high = 10, .step = 2 * b->rm->p.half_step};
    const Foretold f = {op->said.expect, op->said.spread, op->said.error};
    score_shared_mass(&scale, &f, &b->mix->shares, b->mix->last[op->event],
                      b->events[op->event].value, &m);
    ret[0] = m.by_mean;
    ret[1] = m.by_var;
    if (!(b->events[op->event].error > 0))
        b->error += m.by_error * op->said.error;
    b->same += m.by_same;
    b->tail += m.by_tail;
    b->mass += m.log;
}

/* x += f' p, P += f'' p p', the answer itself; p = P h, and h p is a part of s. */
static void back_read(Way *b, const RelOp *op)
{
    const RelKernel *kernel = b->rm->kernel;
    double f[4], itself[2], h[W], p[W], np[W], by_p[W], *r = b->back.r;
    said_slopes(&op->said, b->rm->p.half_step, f);
    read_itself(b, op, f, itself);
    rel_row(b->rm, op->level, op->load, h);
    for (int i = 0; i < W; i++)
        p[i] = op->gain[i] * op->said.var;
    kernel->apply(b->back.n, p, np);
    double by_first = kernel->dot(r, p), by_second = kernel->dot(p, np);
    double by_mean = itself[0] + by_first * f[1] + by_second * f[2];
    double by_var = itself[1] + (by_first * (f[2] + 2 * f[0] * f[1]) +
                                 by_second * (f[3] + 2 * f[1] * f[1] + 2 * f[0] * f[2])) /
                                    2;
    for (int i = 0; i < W; i++) {
        by_p[i] = -(f[0] * r[i] + 2 * f[1] * np[i] + by_var * h[i]) / 2;
        r[i] += by_mean * h[i];
    }
    kernel->downdate(h, by_p, b->back.n); /* N += (q h' + h q') / 2 for the derivative q by p */
    note_reading(b, op->event, by_mean, by_var * op->said.error);
}

/* What all readings of a time add by what was foretold of them before any of them. */
static void pull_row(Way *b, ptrdiff_t from)
{
    for (ptrdiff_t i = from; i < b->count && !(b->events[i].t_days > b->events[from].t_days); i++) {
        const RelEvent *ev = &b->events[i];
        const RelPull *pull = &b->pull[i];
        double h[W], by_h[W];
        if (ev->kind != REL_READING)
            continue;
        rel_row(b->rm, (int)ev->level, rel_load(b->rm, ev->level), h);
        for (int j = 0; j < W; j++) {
            b->back.r[j] += pull->mean * h[j];
            by_h[j] = -pull->var * h[j] / 2;
        }
        b->rm->kernel->downdate(h, by_h, b->back.n);
        note_reading(b, i, pull->mean, pull->var * (ev->error > 0 ? ev->error : b->rm->p.error));
    }
}

/* -- time -------------------------------------------------------------------------------------------- */

/* x = e^(G dt) x, P = S + e^(G dt) (P - S) e^(G dt)': a little more of G moves both as G times what they are after. */
static void back_move(Way *b, const RelOp *op, const RelBelief *after)
{
    const RelModel *rm = b->rm;
    const double *r = b->back.r, *x = after->x;
    double w[(REL_FAST + 1) * W];
    for (int i = 0; i < REL_FAST * W; i++)
        w[i] = after->p[i] - rm->prior[i];
    for (int i = 0; i < REL_FAST; i++)
        b->keep[i] += op->dt * (r[i] * x[i] + 2 * rm->kernel->dot(b->back.n + i * W, w + i * W));
    for (int i = 0; i < L; i++) {
        int two = i ^ 1;
        if (rm->basis.im[i] < 0 || rm->basis.im[i] > 0)
            b->turn[i] +=
                op->dt * (r[i] * x[two] + 2 * rm->kernel->dot(b->back.n + i * W, w + two * W));
    }
    for (int i = 0; i < REL_FAST * W; i++)
        b->rest[i] += b->back.n[i];
    rel_back(rm, op, &b->back);
    for (int i = 0; i < REL_FAST * W; i++)
        b->rest[i] -= b->back.n[i];
}

/* What is put into b so that no variance falls: the largest on the way less the last. lost: derivatives by that; n: by P
 * before, added to. Returns the derivative by e^(-delta dt). */
static double back_lost(Way *b, const double p[], double end, const double lost[L], double n[])
{
    const RelModel *rm = b->rm;
    double phi = rm->kind.apart_phi, by_end = 0;
    for (int k = 0; k < L; k++) {
        double h[W], row[W];
        int own = REL_B + k;
        rel_row(rm, k, 0, h);
        rm->kernel->times(rm->rows + k * W, 0, k, p, row);
        RelParabola var =
            rel_apart_variance(rm, k, end, rel_row_dot(rm, k, 0, row), row[own], p[own * W + own]);
        if (!(var.top > end)) /* nothing is lost */
            continue;
        double by_a = lost[k] * (var.top * var.top - end * end), by_b = lost[k] * (var.top - end);
        by_end -= lost[k] * (2 * var.a * end + var.b);
        double by_cov = phi * (by_b - by_a);
        for (int i = 0; i < W; i++) {
            for (int j = 0; j < W; j++)
                n[i * W + j] += by_a * h[i] * h[j];
            n[i * W + own] += by_cov * h[i];
            n[own * W + i] += by_cov * h[i];
        }
        n[own * W + own] += phi * phi * (by_a - 2 * by_b);
        for (int i = 0; i < L; i++)
            for (int j = 0; j < L; j++)
                b->rest[i * W + j] -= by_a * h[i] * h[j];
    }
    return by_end;
}

/* x = F x + w, P = F P F' + Q, with F, w and Q made of e^(-delta dt) and e^(-lambda_z dt) (num/relation_op.c). */
static void back_apart(Way *b, const RelOp *op, const RelBelief *before)
{
    const RelModel *rm = b->rm;
    double *r = b->back.r, *n = b->back.n, p[W * W] = {0}, f[W * W], fp[W * W], lost[L];
    double e = exp(-rm->delta * op->dt), ez = exp(-rm->p.lambda_z * op->dt), by_e = 0;
    double sigma2 = rm->p.sigma_z * rm->p.sigma_z, away = 1 - rm->kind.apart_phi;
    memcpy(p, before->p, sizeof before->p);
    rel_apart_matrix(rm, op->dt, f);
    mat_mul(W, f, p, fp);
    for (int i = 0; i < L; i++) {
        double moved = before->x[i],
               turned[W]; /* dF/de of row i: 1 in its place, away V^-1 in b's */
        for (int k = 0; k < L; k++)
            moved += away * rm->basis.vi[i * L + k] * (before->x[REL_B + k] + rm->kind.mu);
        for (int j = 0; j < W; j++) {
            turned[j] = fp[j * W + i];
            for (int k = 0; k < L; k++)
                turned[j] += away * rm->basis.vi[i * L + k] * fp[j * W + REL_B + k];
        }
        for (int k = 0; k < L; k++)
            b->mu -= r[i] * (1 - e) * away * rm->basis.vi[i * L + k];
        by_e += r[i] * moved + 2 * rm->kernel->dot(n + i * W, turned);
        for (int j = 0; j < L; j++) {
            by_e -= 2 * e * n[i * W + j] * rm->prior[i * W + j];
            b->rest[i * W + j] += (1 - e * e) * n[i * W + j];
        }
    }
    double by_ez = r[REL_Z] * before->x[REL_Z] - 2 * ez * sigma2 * n[REL_Z * W + REL_Z];
    for (int j = 0; j < W; j++)
        by_ez += 2 * n[REL_Z * W + j] * fp[j * W + REL_Z];
    b->rest[REL_Z * W + REL_Z] += (1 - ez * ez) * n[REL_Z * W + REL_Z];
    for (int k = 0; k < L; k++)
        lost[k] = n[(REL_B + k) * W + REL_B + k];
    rel_back(rm, op, &b->back);
    by_e += back_lost(b, p, e, lost, n);
    b->delta -= by_e * rm->delta * op->dt * e;
    b->lambda_z -= by_ez * rm->p.lambda_z * op->dt * ez;
}

/* x += room u, P = (1 - u h') P (1 - h u') with u = share V^-1_k, so P h after it is (1 - u h') P h, which is kept. A share
 * that was cut off at the whole room does not move with beta_m. */
static void back_lift(Way *b, const RelOp *op)
{
    double u[W] = {0}, nu[W];
    for (int i = 0; i < L; i++)
        u[i] = op->load * b->rm->basis.vi[i * L + op->level];
    double r = b->rm->kernel->dot(b->back.r, u);
    b->mu -= r; /* by (10 - m) of it, and m has mu */
    if (op->load < 1) {
        b->rm->kernel->apply(b->back.n, u, nu);
        b->beta_m += r * op->said.resid - 2 * b->rm->kernel->dot(nu, op->gain);
    }
    rel_back(b->rm, op, &b->back);
}

static void back_through(Way *b, const RelTape *tape)
{
    for (ptrdiff_t i = tape->count - 1; i >= 0; i--) {
        const RelOp *op = &tape->op[i];
        switch (op->kind) {
        case OP_MOVE:
            if (b->pull)
                pull_row(b, op->event);
            back_move(b, op, &tape->belief[op->mark]);
            break;
        case OP_APART:
            if (b->pull)
                pull_row(b, op->event);
            back_apart(b, op, &tape->belief[op->mark]);
            break;
        case OP_READ:
            back_read(b, op);
            break;
        case OP_PUSH:
            b->beta += b->back.r[REL_Z] * op->load * b->rm->p.beta;
            break;
        case OP_LIFT:
            back_lift(b, op);
            break;
        case OP_MARK:
            rel_back(b->rm, op, &b->back);
            break;
        }
    }
}

/* -- to the parameters --------------------------------------------------------------------------------- */

/* How the covariance at rest moves with kappa: it solves A S + S A' + noise = 0, and A has lambda W kappa. */
static void rest_by_kappa(const RelModel *rm, double ret[L * L])
{
    double noise[L * L];
    const double *s = rm->prior;
    for (int i = 0; i < L; i++)
        for (int j = 0; j < L; j++) {
            double x = (rm->basis.re[i] + rm->basis.re[j]) * s[i * W + j];
            x += rm->basis.im[i] * s[(i ^ 1) * W + j] + rm->basis.im[j] * s[i * W + (j ^ 1)];
            noise[i * L + j] = rm->p.lambda * x;
        }
    rel_settle(&rm->basis, &rm->p, noise, ret);
}

static void to_parameters(const Way *b, RelSlopes *ret)
{
    const RelModel *rm = b->rm;
    const RelParams *p = &rm->p;
    double by_kappa[L * L], rest = 0;
    *ret = (RelSlopes){.mu = b->mu,
                       .error = b->error,
                       .beta = b->beta,
                       .beta_m = b->beta_m,
                       .same = b->same,
                       .tail = b->tail,
                       .delta = b->delta,
                       .lambda_z = b->lambda_z - p->lambda_z * b->keep[REL_Z],
                       .sigma_z = 2 * p->sigma_z * p->sigma_z * b->rest[REL_Z * W + REL_Z]};
    rest_by_kappa(rm, by_kappa);
    for (int i = 0; i < L; i++) {
        double of_w = rm->basis.re[i] * b->keep[i] + rm->basis.im[i] * b->turn[i];
        ret->lambda += p->lambda * (p->kappa * of_w - b->keep[i]);
        ret->kappa += p->lambda * of_w;
        for (int j = 0; j < L; j++) {
            rest += b->rest[i * W + j] * rm->prior[i * W + j];
            ret->kappa += b->rest[i * W + j] * by_kappa[i * L + j];
        }
    }
    for (int i = REL_B; i < REL_DIM; i++)
        for (int j = REL_B; j < REL_DIM; j++)
            ret->tau += 2 * b->back.n[i * W + j] * rm->prior[i * W + j];
    ret->q = rest; /* to which the covariance at rest is proportional, as to 1 / lambda */
    ret->lambda -= rest;
}

static Err forward(Cx *cx, const RelModel *rm, const RelEvent events[], ptrdiff_t from,
                   ptrdiff_t to, RelTape *tape, RelState *io)
{
    if (tape)
        tape->count = tape->beliefs = 0;
    for (ptrdiff_t i = from; i < to; i++) {
        ptrdiff_t before = tape ? tape->count : 0;
        if (!rel_apply(rm, &events[i], (RelWatch){.tape = tape}, io))
            return err_set(cx, ERR_NUMERIC, "err.num-event", ARGS(arg_int("place", i + 1)));
        for (ptrdiff_t k = before; tape && k < tape->count; k++)
            tape->op[k].event = i;
    }
    return OK;
}

static ptrdiff_t block_end(ptrdiff_t block, ptrdiff_t count)
{
    return (block + 1) * BLOCK < count ? (block + 1) * BLOCK : count;
}

struct RelRoom {
    ptrdiff_t most;
    Way way;
    RelTape tape;
    RelState *at; /* the state before each block, and at the end */
};

Err rel_slopes_room(Cx *cx, ptrdiff_t most, RelRoom **ret)
{
    RelRoom *room = arena_new(cx->arena, RelRoom, 1);
    if (!room)
        return err_nomem(cx);
    room->most = most;
    room->tape.cap = (ptrdiff_t)BLOCK * (2 + REL_TYPES); /* a step, a push and its lifts */
    room->tape.op = arena_new(cx->arena, RelOp, room->tape.cap);
    room->tape.belief = arena_new(cx->arena, RelBelief, BLOCK);
    room->at = arena_new(cx->arena, RelState, most / BLOCK + 2);
    if (!room->tape.op || !room->tape.belief || !room->at)
        return err_nomem(cx);
    *ret = room;
    return OK;
}

/* There and back, from rest at the first event; room->way says what for. */
static Err there_and_back(Cx *cx, RelRoom *room, RelSlopes *ret)
{
    Way *b = &room->way;
    ptrdiff_t count = b->count, blocks = (count + BLOCK - 1) / BLOCK;
    RelState *at = room->at;
    INVARIANT(count <= room->most);
    rel_start(b->rm, count > 0 ? b->events[0].t_days : 0, &at[0]);
    Err e = rel_check(cx, &at[0], b->events, count);
    for (ptrdiff_t k = 0; k < blocks && e == OK; k++) {
        at[k + 1] = at[k];
        e = forward(cx, b->rm, b->events, k * BLOCK, block_end(k, count),
                    k == blocks - 1 ? &room->tape : NULL, &at[k + 1]);
    }
    for (ptrdiff_t k = blocks - 1; k >= 0 && e == OK; k--) {
        RelState again = at[k];
        if (k < blocks - 1)
            e = forward(cx, b->rm, b->events, k * BLOCK, block_end(k, count), &room->tape, &again);
        if (e == OK)
            back_through(b, &room->tape);
    }
    if (e != OK)
        return e;
    if (b->pull && count > 0)
        pull_row(b, 0); /* before which no time went by */
    for (int i = 0; i < REL_FAST * W && count > 0; i++)
        b->rest[i] += b->back.n[i];
    to_parameters(b, ret);
    return OK;
}

Err rel_slopes(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[], ptrdiff_t count,
               const RelMix *mix, double *ret_loglik, RelSlopes *ret)
{
    room->way = (Way){.rm = rm, .events = events, .count = count, .mix = mix};
    Err e = there_and_back(cx, room, ret);
    if (e == OK)
        *ret_loglik = mix ? room->way.mass : rel_loglik(&room->at[(count + BLOCK - 1) / BLOCK]);
    return e;
}

Err rel_offset_slopes(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[],
                      ptrdiff_t count, double *ret_loglik, double ret_offset[])
{
    RelSlopes ignored;
    memset(ret_offset, 0, sizeof ret_offset[0] * (size_t)count);
    room->way = (Way){.rm = rm, .events = events, .count = count, .by_offset = ret_offset};
    Err e = there_and_back(cx, room, &ignored);
    if (e == OK)
        *ret_loglik = rel_loglik(&room->at[(count + BLOCK - 1) / BLOCK]);
    return e;
}

Err rel_slopes_pulled(Cx *cx, RelRoom *room, const RelModel *rm, const RelEvent events[],
                      const RelPull pull[], ptrdiff_t count, RelSlopes *ret, double ret_offset[],
                      double ret_error[])
{
    memset(ret_offset, 0, sizeof ret_offset[0] * (size_t)count);
    memset(ret_error, 0, sizeof ret_error[0] * (size_t)count);
    room->way = (Way){.rm = rm,
                      .events = events,
                      .count = count,
                      .pull = pull,
                      .by_offset = ret_offset,
                      .by_error = ret_error};
    return there_and_back(cx, room, ret);
}
