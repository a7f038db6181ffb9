/* num/relation_op.c - the model's operations in the coordinates where time costs least.
 *
 * The deviation d = m - mu - b, today's colour z and the constant b are independent until something
 * is read, so in the modes of the coupling (V from num/modal.h, d = V eta) a step of any length
 * multiplies the covariance element by element, with 2x2 turns for the conjugate pairs. The
 * covariance P moves as P' = S + E (P - S) E', S the covariance at rest: no integral, nothing that
 * could lose its sign. The difference to rest is what readings have taught, so nothing cancels but
 * what is below the rounding of P itself, at one second and at thirty years.
 *
 * A reading is one scalar update P - (p / root s) (p / root s)' (p = Ph, s the innovation variance), exactly
 * symmetric; below an error of .01 the expanded Joseph form P - K p' - p K' + K s K', right to second order in K's
 * rounding. A lift m_k += c (10 - m_k) is a rank-2 change. Being apart mixes b into d and is done
 * with full matrices, since it is rare.
 *
 * Answers of 0 and 10 say only that the latent answer lies beyond the last half step. The latent
 * answer's truncated normal moments are turned into the Gaussian pseudo-reading with the same
 * posterior, which is what goes on the tape, so the smoother stays exact for the filter's model.
 *
 * Cost in rows of 32, a multiplication and addition each: a step 30, a reading 14 + 25, whatever the gap. A reading is a
 * chain, p before s before P: some 100 ns, of which two thirds are what the registers need for the multiplications. The
 * logarithms of variances are taken once in many readings. No allocation. */
#include "num/relation_op.h"
#include "num/dist.h"
#include "num/relation_kernel.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

static const double LOG_2PI = 1.8378770664093454836;
enum { SERIES = 10 }; /* .1^11 / 11! is far below rounding */

static const double NOTHING = 1e-30;    /* the weight of a reading that teaches nothing */
static const double EXACT_ERROR = 0.01; /* below this the update takes the longer, safer form */

/* The next place on the tape; NULL when it is full. Of gain nothing is set. */
static RelOp *record(RelTape *tape, RelOpKind kind)
{
    if (tape->count >= tape->cap)
        return NULL;
    RelOp *op = &tape->op[tape->count++];
    memset(op, 0, offsetof(RelOp, gain));
    op->kind = kind;
    return op;
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
static void mode_factors(const RelModel *rm, double dt, double re[REL_WIDE], double im[REL_WIDE])
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
    int terms = 1; /* |scale| bounds them all, as W's rows sum to 1 */
    for (double left = scale; terms < SERIES && left > 1e-18; terms++)
        left *= scale / (terms + 1);
    rm->kernel->series(rm->basis.re, rm->basis.im, scale, terms, base, re, im);
}

void rel_turn(const RelModel *rm, double dt, RelTurn *ret)
{
    mode_factors(rm, dt, ret->keep, ret->turn);
    ret->keep[REL_Z] = exp(-rm->p.lambda_z * dt);
    for (int i = REL_B; i < REL_WIDE; i++)
        ret->keep[i] = 1;
    for (int i = REL_Z; i < REL_WIDE; i++)
        ret->turn[i] = 0;
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
    rm->kernel->turn(rm->pairs, t.keep, t.turn, rm->prior, io->p);
    for (int i = 0; w.anchor && i < REL_LEVELS; i++)
        rel_turn_vector(&t, w.anchor->cross + i * REL_WIDE);
    io->t_days += dt;
    RelOp *op = w.tape ? record(w.tape, OP_MOVE) : NULL;
    if (!op)
        return !w.tape;
    op->dt = dt;
    op->mark = keep_belief(w, io);
    memcpy(op->gain, t.keep, sizeof t.keep[0] * REL_FAST);
    memcpy(op->gain + REL_FAST, t.turn, sizeof t.turn[0] * REL_LEVELS);
    return true;
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
    enum { ALL = REL_WIDE * REL_WIDE };
    double f[ALL], q[ALL], whole[ALL] = {0}, next[ALL], x[REL_WIDE];
    double e = exp(-rm->delta * dt), lost[REL_LEVELS], row[REL_WIDE];
    for (int k = 0; k < REL_LEVELS; k++) {
        rm->kernel->times(rm->rows + k * REL_WIDE, 0, k, io->p, row);
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
    memcpy(whole, io->p, sizeof io->p);
    mat_sandwich(REL_WIDE, f, whole, q, next);
    memcpy(io->p, next, sizeof io->p);
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
    RelOp *op = w.tape ? record(w.tape, OP_APART) : NULL;
    if (!op)
        return !w.tape;
    op->dt = dt;
    op->mark = mark;
    return true;
}

/* -- moments --------------------------------------------------------------------------------------
 */

bool rel_op_lift(const RelModel *rm, int level, double share, RelWatch w, RelState *io)
{
    double p[REL_WIDE], half[REL_WIDE], u[REL_WIDE] = {0};
    double mean, var;
    rm->kernel->sight(rm->rows + level * REL_WIDE, 0, level, io->x, io->p, p, &mean, &var);
    double room = 10 - rm->kind.mu - mean;
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
    RelOp *op = w.tape ? record(w.tape, OP_LIFT) : NULL;
    if (!op)
        return !w.tape;
    op->level = level;
    op->load = share;
    op->said.resid = room;
    for (int i = 0; i < REL_WIDE; i++)
        op->gain[i] = p[i] - var * u[i];
    return true;
}

bool rel_op_push(const RelModel *rm, double more, RelWatch w, RelState *io)
{
    io->x[REL_Z] += rm->p.beta * more;
    RelOp *op = w.tape ? record(w.tape, OP_PUSH) : NULL;
    if (op)
        op->load = more;
    return op || !w.tape;
}

/* -- readings -------------------------------------------------------------------------------------
 */

/* Turns an answer at the end of the scale into the Gaussian reading that gives the same posterior;
 * false when it teaches nothing that can be measured. */
static bool censor(double half_step, RelSaid *io, double *ret_loglik)
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
static void absorb(const RelModel *rm, const double p[], const RelSaid *said, double inverse,
                   RelState *io)
{
    if (said->error >= EXACT_ERROR) {
        rm->kernel->absorb(p, said->resid * inverse, sqrt(inverse), io->x, io->p);
        return;
    }
    double gain[REL_WIDE], half[REL_WIDE];
    for (int i = 0; i < REL_WIDE; i++) {
        gain[i] = p[i] * inverse;
        half[i] = p[i] - 0.5 * said->var * gain[i];
        io->x[i] += gain[i] * said->resid;
    }
    rm->kernel->downdate(gain, half, io->p);
}

static void absorb_anchor(const RelModel *rm, int level, double load, const RelSaid *said,
                          const double p[], RelAnchor *a)
{
    double c[REL_LEVELS];
    for (int i = 0; i < REL_LEVELS; i++) {
        c[i] = rel_row_dot(rm, level, load, a->cross + i * REL_WIDE);
        double share = c[i] / said->var;
        a->mean[i] += share * said->resid;
        for (int j = 0; j < REL_WIDE; j++)
            a->cross[i * REL_WIDE + j] -= share * p[j];
    }
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            a->cov[i * REL_LEVELS + j] -= c[i] * c[j] / said->var;
}

/* Remembers a reading for those who watch. */
static bool watch_read(const RelModel *rm, int level, double load, const double p[],
                       const RelSaid *said, double inverse, RelWatch w)
{
    if (w.anchor)
        absorb_anchor(rm, level, load, said, p, w.anchor);
    RelOp *op = w.tape ? record(w.tape, OP_READ) : NULL;
    if (!op)
        return !w.tape;
    op->level = level;
    op->load = load;
    op->said = *said;
    for (int i = 0; i < REL_WIDE; i++)
        op->gain[i] = p[i] * inverse;
    return true;
}

/* A normal reading's part of the log-likelihood, but the variance's logarithm is taken once in many of them. */
static void count_fit(const RelSaid *said, double inverse, RelState *io)
{
    double product = io->product * said->var;
    io->fit -= 0.5 * (LOG_2PI + said->resid * said->resid * inverse);
    if (product > 1e-100 && product < 1e100) {
        io->product = product;
        return;
    }
    io->fit -= 0.5 * (log(io->product) + log(said->var));
    io->product = 1;
}

bool rel_op_read(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io)
{
    _Alignas(64) double p[REL_WIDE];
    double load = rel_load(rm, ev->level), loglik = 0;
    int level = (int)ev->level;
    RelSaid said = {.error = ev->error > 0 ? ev->error : rm->p.error,
                    .side = ev->value >= 10  ? SIDE_TOP
                            : ev->value <= 0 ? SIDE_BOTTOM
                                             : SIDE_NONE};
    rm->kernel->sight(rm->rows + level * REL_WIDE, load, level, io->x, io->p, p, &said.expect,
                      &said.spread);
    said.spread += said.error;
    said.expect += rm->kind.mu + ev->offset;
    said.var = said.spread;
    if (!(said.var > 0) || !isfinite(said.var) || !isfinite(said.expect))
        return false;
    said.resid = ev->value - said.expect;
    bool taught = said.side == SIDE_NONE || censor(rm->p.half_step, &said, &loglik);
    double inverse = 1 / said.var;
    if (said.side == SIDE_NONE)
        count_fit(&said, inverse, io);
    io->fit += loglik;
    io->readings++;
    if (taught) {
        absorb(rm, p, &said, inverse, io);
    } else { /* it is on the tape all the same, for whoever asks how likely it was */
        said.resid = 0;
        said.var = said.spread / NOTHING;
        inverse = 1 / said.var;
    }
    return (!w.tape && !w.anchor) || watch_read(rm, level, load, p, &said, inverse, w);
}
