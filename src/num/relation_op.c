/* num/relation_op.c - the model's operations in the coordinates where time costs least.
 *
 * The deviation d = m - mu - b, today's colour z and the constant b are independent until something
 * is read, so in the modes of the coupling (V from num/modal.h, d = V eta) a step of any length
 * multiplies the covariance element by element, with 2x2 turns for the conjugate pairs. The
 * covariance P moves as P' = S + E (P - S) E', S the covariance at rest: no integral, nothing that
 * could lose its sign. The difference to rest is what readings have taught, so nothing cancels but
 * what is below the rounding of P itself, at one second and at thirty years.
 *
 * A reading is one scalar update in the expanded Joseph form P - K p' - p K' + K s K' (p = Ph, s
 * the innovation variance), exactly symmetric and, unlike P - K p', right to second order in K's
 * rounding. A lift m_k += c (10 - m_k) is a rank-2 change. Being apart mixes b into d and is done
 * with full matrices, since it is rare.
 *
 * Answers of 0 and 10 say only that the latent answer lies beyond the last half step. The latent
 * answer's truncated normal moments are turned into the Gaussian pseudo-reading with the same
 * posterior, which is what goes on the tape, so the smoother stays exact for the filter's model.
 *
 * Cost: a step 2 DIM^2, a reading 16 DIM + 2 DIM^2 multiplications, whatever the gap. */
#include "num/relation_op.h"
#include "num/dist.h"
#include <math.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;
static const double HALF_STEP = 0.5; /* answers come in whole steps: 10 stands for 9.5 and more */

static bool record(RelWatch w, RelOp op)
{
    if (!w.tape)
        return true;
    if (w.tape->count >= w.tape->cap)
        return false;
    w.tape->op[w.tape->count++] = op;
    return true;
}

double rel_load(const RelModel *rm, RelLevel level)
{
    return (int)level < REL_TYPES ? 1 : rm->p.load_factor;
}

double rel_row_dot(const RelModel *rm, int level, double load, const double x[])
{
    return mat_dot(REL_LEVELS, rm->basis.v + level * REL_LEVELS, x) + load * x[REL_Z] +
           x[REL_B + level];
}

void rel_row_times(const RelModel *rm, int level, double load, const double p[], double ret[])
{
    const double *v = rm->basis.v + level * REL_LEVELS;
    const double *pz = p + REL_Z * REL_DIM, *pb = p + (REL_B + level) * REL_DIM;
    for (int j = 0; j < REL_DIM; j++)
        ret[j] = load * pz[j] + pb[j];
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_DIM; j++)
            ret[j] += v[i] * p[i * REL_DIM + j];
}

/* -- time -----------------------------------------------------------------------------------------
 */

RelTurn rel_turn(const RelModel *rm, double dt)
{
    RelTurn t;
    for (int i = 0; i < REL_LEVELS; i++) {
        double w = rm->im[i], grow = exp(rm->re[i] * dt);
        t.keep[i] = w > 0 || w < 0 ? grow * cos(w * dt) : grow;
        t.turn[i] = w > 0 || w < 0 ? grow * sin(w * dt) : 0;
        t.partner[i] = w > 0 ? i + 1 : w < 0 ? i - 1 : i;
    }
    t.keep[REL_Z] = exp(-rm->p.lambda_z * dt);
    t.turn[REL_Z] = 0;
    t.partner[REL_Z] = REL_Z;
    return t;
}

static void turn_vector(const RelTurn *t, double x[])
{
    double old[REL_FAST];
    memcpy(old, x, sizeof old);
    for (int i = 0; i < REL_FAST; i++)
        x[i] = t->keep[i] * old[i] + t->turn[i] * old[t->partner[i]];
}

/* P' = S + E (P - S) E' on the modes and z, E P on their covariance with b. */
static void turn_covariance(const RelModel *rm, const RelTurn *t, double p[])
{
    double w[REL_FAST][REL_DIM];
    for (int i = 0; i < REL_FAST; i++)
        for (int j = 0; j < REL_DIM; j++)
            w[i][j] = p[i * REL_DIM + j] - (j < REL_FAST ? rm->prior[i * REL_DIM + j] : 0);
    for (int i = 0; i < REL_FAST; i++) {
        double row[REL_DIM];
        const double *other = w[t->partner[i]];
        for (int j = 0; j < REL_DIM; j++)
            row[j] = t->keep[i] * w[i][j] + t->turn[i] * other[j];
        for (int j = 0; j <= i; j++)
            p[i * REL_DIM + j] =
                rm->prior[i * REL_DIM + j] + t->keep[j] * row[j] + t->turn[j] * row[t->partner[j]];
        for (int j = REL_FAST; j < REL_DIM; j++)
            p[i * REL_DIM + j] = p[j * REL_DIM + i] = row[j];
        for (int j = 0; j < i; j++)
            p[j * REL_DIM + i] = p[i * REL_DIM + j];
    }
}

bool rel_op_move(const RelModel *rm, double dt, RelWatch w, RelState *io)
{
    if (dt <= 0)
        return true;
    RelTurn t = rel_turn(rm, dt);
    turn_vector(&t, io->x);
    turn_covariance(rm, &t, io->p);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++)
        turn_vector(&t, w.anchor->cross + i * REL_DIM);
    io->t_days += dt;
    return record(w, (RelOp){.kind = OP_MOVE, .dt = dt});
}

void rel_apart_matrix(const RelModel *rm, double dt, double ret[])
{
    double e = exp(-rm->delta * dt), to_own = -(1 - e) * (1 - rm->kind.apart_phi);
    mat_identity(REL_DIM, ret);
    for (int i = 0; i < REL_LEVELS; i++) {
        ret[i * REL_DIM + i] = e;
        for (int k = 0; k < REL_LEVELS; k++)
            ret[i * REL_DIM + REL_B + k] = to_own * rm->basis.vi[i * REL_LEVELS + k];
    }
    ret[REL_Z * REL_DIM + REL_Z] = exp(-rm->p.lambda_z * dt);
}

/* How far the variance of m_k would have fallen by the end of dt from its largest value on the way.
 * Over the step it is a parabola in e = exp(-delta t): of m's own variance, b's, and the noise that
 * comes in. */
static double variance_lost(const RelModel *rm, int k, double end, double var_m, double cov_mb,
                            double var_b)
{
    double phi = rm->kind.apart_phi, rest = rm->settled[k * REL_LEVELS + k];
    double a = var_m - 2 * phi * cov_mb + phi * phi * var_b - rest;
    double b = 2 * phi * (cov_mb - phi * var_b), c = phi * phi * var_b + rest;
    double at_end = (a * end + b) * end + c, most = fmax(at_end, a + b + c);
    double top = a < 0 ? -b / (2 * a) : 1;
    if (top > end && top < 1)
        most = fmax(most, (a * top + b) * top + c);
    return most - at_end;
}

bool rel_op_apart(const RelModel *rm, double dt, RelWatch w, RelState *io)
{
    if (dt <= 0)
        return true;
    double f[REL_DIM * REL_DIM], q[REL_DIM * REL_DIM], next[REL_DIM * REL_DIM], x[REL_DIM];
    double e = exp(-rm->delta * dt), lost[REL_LEVELS], row[REL_DIM];
    for (int k = 0; k < REL_LEVELS; k++) {
        rel_row_times(rm, k, 0, io->p, row);
        lost[k] = variance_lost(rm, k, e, rel_row_dot(rm, k, 0, row), row[REL_B + k],
                                io->p[(REL_B + k) * REL_DIM + REL_B + k]);
    }
    rel_apart_matrix(rm, dt, f);
    mat_zero(REL_DIM, q);
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            q[i * REL_DIM + j] = (1 - e * e) * rm->prior[i * REL_DIM + j];
    q[REL_Z * REL_DIM + REL_Z] = -expm1(-2 * rm->p.lambda_z * dt) * rm->p.sigma_z * rm->p.sigma_z;
    /* What would be lost comes back as doubt about the own level, to which m is tied. */
    for (int k = 0; k < REL_LEVELS; k++)
        q[(REL_B + k) * REL_DIM + REL_B + k] = lost[k];
    mat_sandwich(REL_DIM, f, io->p, q, next);
    mat_copy(REL_DIM, next, io->p);
    mat_vec(REL_DIM, f, io->x, x);
    double ones[REL_LEVELS], towards[REL_LEVELS];
    for (int k = 0; k < REL_LEVELS; k++)
        ones[k] = -(1 - e) * (1 - rm->kind.apart_phi) * rm->kind.mu;
    mat_vec(REL_LEVELS, rm->basis.vi, ones, towards);
    for (int i = 0; i < REL_LEVELS; i++)
        x[i] += towards[i];
    memcpy(io->x, x, sizeof x);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++) {
        mat_vec(REL_DIM, f, w.anchor->cross + i * REL_DIM, x);
        memcpy(w.anchor->cross + i * REL_DIM, x, sizeof x);
    }
    io->t_days += dt;
    return record(w, (RelOp){.kind = OP_APART, .dt = dt});
}

/* -- moments --------------------------------------------------------------------------------------
 */

bool rel_op_lift(const RelModel *rm, int level, double share, RelWatch w, RelState *io)
{
    double p[REL_DIM], u[REL_DIM] = {0};
    rel_row_times(rm, level, 0, io->p, p);
    double var = rel_row_dot(rm, level, 0, p);
    double room = 10 - rm->kind.mu - rel_row_dot(rm, level, 0, io->x);
    for (int i = 0; i < REL_LEVELS; i++)
        u[i] = share * rm->basis.vi[i * REL_LEVELS + level];
    for (int i = 0; i < REL_LEVELS; i++)
        io->x[i] += room * u[i];
    for (int i = 0; i < REL_DIM; i++)
        for (int j = 0; j < REL_DIM; j++)
            io->p[i * REL_DIM + j] += u[i] * u[j] * var - (u[i] * p[j] + p[i] * u[j]);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++) {
        double *cross = w.anchor->cross + i * REL_DIM;
        double c = rel_row_dot(rm, level, 0, cross);
        for (int j = 0; j < REL_LEVELS; j++)
            cross[j] -= c * u[j];
    }
    return record(w, (RelOp){.kind = OP_LIFT, .level = level, .load = share});
}

/* -- readings -------------------------------------------------------------------------------------
 */

/* Turns an answer at the end of the scale into the Gaussian reading that gives the same posterior;
 * false when it teaches nothing that can be measured. */
static bool censor(double answer, double expect, double spread, double *io_resid, double *io_var,
                   double *ret_loglik)
{
    bool top = answer >= 10;
    double sd = sqrt(spread), cut = top ? 10 - HALF_STEP : HALF_STEP;
    double mean, var;
    if (top)
        dist_truncated(expect, sd, cut, HUGE_VAL, &mean, &var, ret_loglik);
    else
        dist_truncated(expect, sd, -HUGE_VAL, cut, &mean, &var, ret_loglik);
    double taught = spread - var;
    if (!(taught > 1e-9 * spread))
        return false;
    *io_var = spread * spread / taught;
    *io_resid = (mean - expect) * *io_var / spread;
    return true;
}

bool rel_op_read(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io)
{
    double load = rel_load(rm, ev->level), p[REL_DIM], half[REL_DIM];
    double error = ev->error > 0 ? ev->error : rm->p.error;
    RelOp op = {.kind = OP_READ, .level = (int)ev->level, .load = load};
    rel_row_times(rm, op.level, load, io->p, p);
    double spread = rel_row_dot(rm, op.level, load, p) + error;
    double expect = rm->kind.mu + ev->offset + rel_row_dot(rm, op.level, load, io->x);
    if (!(spread > 0) || !isfinite(spread) || !isfinite(expect))
        return false;
    op.resid = ev->value - expect;
    op.var = spread;
    double loglik = -0.5 * (LOG_2PI + log(spread) + op.resid * op.resid / spread);
    bool taught = true;
    if (ev->value >= 10 || ev->value <= 0)
        taught = censor(ev->value, expect, spread, &op.resid, &op.var, &loglik);
    io->loglik += loglik;
    io->readings++;
    if (!taught)
        return true;
    for (int i = 0; i < REL_DIM; i++) {
        op.gain[i] = p[i] / op.var;
        half[i] = p[i] - 0.5 * op.var * op.gain[i];
        io->x[i] += op.gain[i] * op.resid;
    }
    for (int i = 0; i < REL_DIM; i++)
        for (int j = 0; j < REL_DIM; j++)
            io->p[i * REL_DIM + j] -= op.gain[i] * half[j] + half[i] * op.gain[j];
    if (w.anchor) {
        RelAnchor *a = w.anchor;
        double c[REL_LEVELS];
        for (int i = 0; i < REL_LEVELS; i++) {
            c[i] = rel_row_dot(rm, op.level, load, a->cross + i * REL_DIM);
            a->mean[i] += c[i] * op.resid / op.var;
            for (int j = 0; j < REL_DIM; j++)
                a->cross[i * REL_DIM + j] -= c[i] * op.gain[j];
        }
        for (int i = 0; i < REL_LEVELS; i++)
            for (int j = 0; j < REL_LEVELS; j++)
                a->cov[i * REL_LEVELS + j] -= c[i] * c[j] / op.var;
    }
    return record(w, op);
}
