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
 * Cost: a step 4 x 13 x 28, a reading 14 x 28 + 25 x 28 multiplications, whatever the gap. */
#include "num/relation_op.h"
#include "num/dist.h"
#include "num/relation_kernel.h"
#include <math.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;
enum { SERIES = 10 }; /* .1^11 / 11! is far below rounding */

static const double NOTHING = 1e-30;    /* the weight of a reading that teaches nothing */
static const double EXACT_ERROR = 0.01; /* below this the update takes the longer, safer form */

static bool record(RelWatch w, RelOp op)
{
    if (!w.tape)
        return true;
    if (w.tape->count >= w.tape->cap)
        return false;
    w.tape->op[w.tape->count++] = op;
    return true;
}

/* Keeps the belief for the operation that is recorded next. */
static ptrdiff_t keep_belief(RelWatch w, const RelState *s)
{
    if (!w.tape || !w.tape->belief)
        return 0;
    RelBelief *to = &w.tape->belief[w.tape->beliefs];
    memcpy(to->x, s->x, sizeof to->x);
    memcpy(to->p, s->p, sizeof to->p);
    return w.tape->beliefs++;
}

double rel_load(const RelModel *rm, RelLevel level)
{
    return (int)level < REL_TYPES ? 1 : rm->p.load_factor;
}

double rel_row_dot(const RelModel *rm, int level, double load, const double x[])
{
    return rm->kernel->dot(rm->rows + level * REL_WIDE, x) + load * x[REL_Z];
}

/* -- time ----------------------------------------------------------------------------------------- */

/* e^(rate dt) for the modes' rates lambda (kappa (eigenvalue of W) - 1). What is left beside e^(-lambda dt)
 * is a series for all of them at once while it is small, which is nearly always. */
static void mode_factors(const RelModel *rm, double dt, double re[REL_LEVELS],
                         double im[REL_LEVELS])
{
    double scale = rm->p.lambda * rm->p.kappa * dt, base = exp(-rm->p.lambda * dt);
    if (scale > 0.1) {
        for (int i = 0; i < REL_LEVELS; i++) {
            double grow = exp(scale * rm->basis.re[i] - rm->p.lambda * dt);
            re[i] = grow * cos(scale * rm->basis.im[i]);
            im[i] = grow * sin(scale * rm->basis.im[i]);
        }
        return;
    }
    for (int i = 0; i < REL_LEVELS; i++) {
        re[i] = 1;
        im[i] = 0;
    }
    /* 1 + x/1 (1 + x/2 (1 + ...)); |x| <= scale as W's rows sum to 1 */
    int terms = 1;
    for (double left = scale; terms < SERIES && left > 1e-18; terms++)
        left *= scale / (terms + 1);
    for (int k = terms; k >= 1; k--)
        for (int i = 0; i < REL_LEVELS; i++) {
            double x = scale / k * rm->basis.re[i], y = scale / k * rm->basis.im[i];
            double r = 1 + x * re[i] - y * im[i];
            im[i] = x * im[i] + y * re[i];
            re[i] = r;
        }
    for (int i = 0; i < REL_LEVELS; i++) {
        re[i] *= base;
        im[i] *= base;
    }
}

void rel_turn(const RelModel *rm, double dt, RelTurn *ret)
{
    mode_factors(rm, dt, ret->keep, ret->turn);
    ret->keep[REL_Z] = exp(-rm->p.lambda_z * dt);
    ret->turn[REL_Z] = 0;
    for (int i = REL_B; i < REL_WIDE; i++) {
        ret->keep[i] = 1;
        ret->turn[i] = 0;
    }
}

void rel_turn_vector(const RelTurn *t, double x[])
{
    for (int i = 0; i < REL_LEVELS; i += 2) {
        double one = x[i], two = x[i + 1];
        x[i] = t->keep[i] * one + t->turn[i] * two;
        x[i + 1] = t->keep[i + 1] * two + t->turn[i + 1] * one;
    }
    x[REL_Z] *= t->keep[REL_Z];
}

bool rel_op_move(const RelModel *rm, double dt, RelWatch w, RelState *io)
{
    if (dt <= 0)
        return true;
    RelTurn t;
    rel_turn(rm, dt, &t);
    rel_turn_vector(&t, io->x);
    rm->kernel->turn(t.keep, t.turn, rm->prior, io->p);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++)
        rel_turn_vector(&t, w.anchor->cross + i * REL_WIDE);
    io->t_days += dt;
    RelOp op = {.kind = OP_MOVE, .dt = dt, .mark = keep_belief(w, io)};
    memcpy(op.gain, t.keep, sizeof t.keep[0] * REL_FAST);
    memcpy(op.gain + REL_FAST, t.turn, sizeof t.turn[0] * REL_LEVELS);
    return record(w, op);
}

void rel_apart_matrix(const RelModel *rm, double dt, double ret[])
{
    double e = exp(-rm->delta * dt), to_own = -(1 - e) * (1 - rm->kind.apart_phi);
    mat_identity(REL_WIDE, ret);
    for (int i = 0; i < REL_LEVELS; i++) {
        ret[i * REL_WIDE + i] = e;
        for (int k = 0; k < REL_LEVELS; k++)
            ret[i * REL_WIDE + REL_B + k] = to_own * rm->basis.vi[i * REL_LEVELS + k];
    }
    ret[REL_Z * REL_WIDE + REL_Z] = exp(-rm->p.lambda_z * dt);
}

static double parabola_at(const RelParabola *p, double x)
{
    return (p->a * x + p->b) * x + p->c;
}

/* Of m's own variance, b's, and the noise that comes in. */
RelParabola rel_apart_variance(const RelModel *rm, int k, double end, double var_m, double cov_mb,
                               double var_b)
{
    double phi = rm->kind.apart_phi, rest = rm->settled[k * REL_LEVELS + k];
    RelParabola p = {.a = var_m - 2 * phi * cov_mb + phi * phi * var_b - rest,
                     .b = 2 * phi * (cov_mb - phi * var_b),
                     .c = phi * phi * var_b + rest,
                     .top = end};
    double between = p.a < 0 ? -p.b / (2 * p.a) : 1;
    if (parabola_at(&p, 1) > parabola_at(&p, p.top))
        p.top = 1;
    if (between > end && between < 1 && parabola_at(&p, between) > parabola_at(&p, p.top))
        p.top = between;
    return p;
}

bool rel_op_apart(const RelModel *rm, double dt, RelWatch w, RelState *io)
{
    if (dt <= 0)
        return true;
    double f[REL_WIDE * REL_WIDE], q[REL_WIDE * REL_WIDE], next[REL_WIDE * REL_WIDE], x[REL_WIDE];
    double e = exp(-rm->delta * dt), lost[REL_LEVELS], row[REL_WIDE];
    for (int k = 0; k < REL_LEVELS; k++) {
        rm->kernel->times(rm->basis.v + k * REL_LEVELS, 0, k, io->p, row);
        RelParabola var = rel_apart_variance(rm, k, e, rel_row_dot(rm, k, 0, row), row[REL_B + k],
                                             io->p[(REL_B + k) * REL_WIDE + REL_B + k]);
        lost[k] = parabola_at(&var, var.top) - parabola_at(&var, e);
    }
    ptrdiff_t mark = keep_belief(w, io);
    rel_apart_matrix(rm, dt, f);
    mat_zero(REL_WIDE, q);
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            q[i * REL_WIDE + j] = (1 - e * e) * rm->prior[i * REL_WIDE + j];
    q[REL_Z * REL_WIDE + REL_Z] = -expm1(-2 * rm->p.lambda_z * dt) * rm->p.sigma_z * rm->p.sigma_z;
    /* What would be lost comes back as doubt about the own level, to which m is tied. */
    for (int k = 0; k < REL_LEVELS; k++)
        q[(REL_B + k) * REL_WIDE + REL_B + k] = lost[k];
    mat_sandwich(REL_WIDE, f, io->p, q, next);
    mat_copy(REL_WIDE, next, io->p);
    mat_vec(REL_WIDE, f, io->x, x);
    double ones[REL_LEVELS], towards[REL_LEVELS];
    for (int k = 0; k < REL_LEVELS; k++)
        ones[k] = -(1 - e) * (1 - rm->kind.apart_phi) * rm->kind.mu;
    mat_vec(REL_LEVELS, rm->basis.vi, ones, towards);
    for (int i = 0; i < REL_LEVELS; i++)
        x[i] += towards[i];
    memcpy(io->x, x, sizeof x);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++) {
        mat_vec(REL_WIDE, f, w.anchor->cross + i * REL_WIDE, x);
        memcpy(w.anchor->cross + i * REL_WIDE, x, sizeof x);
    }
    io->t_days += dt;
    return record(w, (RelOp){.kind = OP_APART, .dt = dt, .mark = mark});
}

/* -- moments --------------------------------------------------------------------------------------
 */

bool rel_op_lift(const RelModel *rm, int level, double share, RelWatch w, RelState *io)
{
    double p[REL_WIDE], half[REL_WIDE], u[REL_WIDE] = {0};
    rm->kernel->times(rm->basis.v + level * REL_LEVELS, 0, level, io->p, p);
    double var = rel_row_dot(rm, level, 0, p);
    double room = 10 - rm->kind.mu - rel_row_dot(rm, level, 0, io->x);
    for (int i = 0; i < REL_LEVELS; i++)
        u[i] = share * rm->basis.vi[i * REL_LEVELS + level];
    for (int i = 0; i < REL_LEVELS; i++)
        io->x[i] += room * u[i];
    for (int i = 0; i < REL_WIDE; i++) /* (p - u var/2) u' + u (p - u var/2)' */
        half[i] = p[i] - 0.5 * var * u[i];
    rm->kernel->downdate(u, half, io->p);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++) {
        double *cross = w.anchor->cross + i * REL_WIDE;
        double c = rel_row_dot(rm, level, 0, cross);
        for (int j = 0; j < REL_LEVELS; j++)
            cross[j] -= c * u[j];
    }
    if (!w.tape)
        return true;
    RelOp op = {.kind = OP_LIFT, .level = level, .load = share, .resid = room};
    for (int i = 0; i < REL_WIDE; i++)
        op.gain[i] = p[i] - var * u[i];
    return record(w, op);
}

bool rel_op_push(const RelModel *rm, double more, RelWatch w, RelState *io)
{
    io->x[REL_Z] += rm->p.beta * more;
    return record(w, (RelOp){.kind = OP_PUSH, .load = more});
}

/* -- readings -------------------------------------------------------------------------------------
 */

/* Turns an answer at the end of the scale into the Gaussian reading that gives the same posterior;
 * false when it teaches nothing that can be measured. */
static bool censor(double half_step, RelOp *io, double *ret_loglik)
{
    double sd = sqrt(io->spread), mean, var;
    if (io->side == SIDE_TOP)
        dist_truncated(io->expect, sd, 10 - half_step, HUGE_VAL, &mean, &var, ret_loglik);
    else
        dist_truncated(io->expect, sd, -HUGE_VAL, half_step, &mean, &var, ret_loglik);
    double taught = io->spread - var;
    if (!(taught > 1e-9 * io->spread))
        return false;
    io->var = io->spread * io->spread / taught;
    io->resid = (mean - io->expect) * io->var / io->spread;
    return true;
}

/* The belief after a reading with innovation resid of variance var; p = P h. */
static void absorb(const RelModel *rm, const double p[], double resid, double var, double error,
                   RelState *io)
{
    double inverse = 1 / var;
    if (error >= EXACT_ERROR) {
        rm->kernel->absorb(p, resid * inverse, sqrt(inverse), io->x, io->p);
        return;
    }
    double gain[REL_WIDE], half[REL_WIDE];
    for (int i = 0; i < REL_WIDE; i++) {
        gain[i] = p[i] * inverse;
        half[i] = p[i] - 0.5 * var * gain[i];
        io->x[i] += gain[i] * resid;
    }
    rm->kernel->downdate(gain, half, io->p);
}

static void absorb_anchor(const RelModel *rm, const RelOp *op, RelAnchor *a)
{
    double c[REL_LEVELS];
    for (int i = 0; i < REL_LEVELS; i++) {
        c[i] = rel_row_dot(rm, op->level, op->load, a->cross + i * REL_WIDE);
        a->mean[i] += c[i] * op->resid / op->var;
        for (int j = 0; j < REL_WIDE; j++)
            a->cross[i * REL_WIDE + j] -= c[i] * op->gain[j];
    }
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            a->cov[i * REL_LEVELS + j] -= c[i] * c[j] / op->var;
}

/* Remembers a reading for those who watch. */
static bool watch_read(const RelModel *rm, const double p[], RelOp op, RelWatch w)
{
    if (!w.tape && !w.anchor)
        return true;
    for (int i = 0; i < REL_WIDE; i++)
        op.gain[i] = p[i] / op.var;
    if (w.anchor)
        absorb_anchor(rm, &op, w.anchor);
    return record(w, op);
}

bool rel_op_read(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io)
{
    double p[REL_WIDE], error = ev->error > 0 ? ev->error : rm->p.error;
    RelOp op = {.kind = OP_READ,
                .level = (int)ev->level,
                .load = rel_load(rm, ev->level),
                .error = error,
                .side = ev->value >= 10  ? SIDE_TOP
                        : ev->value <= 0 ? SIDE_BOTTOM
                                         : SIDE_NONE};
    rm->kernel->times(rm->basis.v + op.level * REL_LEVELS, op.load, op.level, io->p, p);
    op.spread = op.var = rel_row_dot(rm, op.level, op.load, p) + error;
    op.expect = rm->kind.mu + ev->offset + rel_row_dot(rm, op.level, op.load, io->x);
    if (!(op.var > 0) || !isfinite(op.var) || !isfinite(op.expect))
        return false;
    op.resid = ev->value - op.expect;
    double loglik = -0.5 * (LOG_2PI + log(op.var) + op.resid * op.resid / op.var);
    bool taught = op.side == SIDE_NONE || censor(rm->p.half_step, &op, &loglik);
    io->loglik += loglik;
    io->readings++;
    if (taught) {
        absorb(rm, p, op.resid, op.var, error, io);
    } else { /* it is on the tape all the same, for whoever asks how likely it was */
        op.resid = 0;
        op.var = op.spread / NOTHING;
    }
    return watch_read(rm, p, op, w);
}
