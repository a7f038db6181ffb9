/* num/relation.c - the relationship model: its numbers, its events, what it believes.
 *
 * The drift -lambda (I - kappa W) has the eigenvectors of the coupling W whatever lambda and kappa
 * are, so they are computed when a model is made and serve every parameter. W says along which
 * paths closeness travels: row = what is moved, column = what moves it; rows sum to 1. Events
 * become the operations of num/relation_op.h; nothing here loops over anything but events and
 * levels, and one event costs the same after ten and after a million. Memory is asked for in no loop: a filter none, looking
 * back and slopes theirs beforehand (a test counts). */
#include "num/relation.h"
#include "num/relation_kernel.h"
#include "num/relation_op.h"
#include <math.h>
#include <string.h>

/* Who moves whom, after Reis & Shaver (1988): disclosure, responsiveness and safety feed one
 * another. Row: what is moved; column: what moves it; both in the order of RelLevel. */
static const double coupling[REL_LEVELS][REL_LEVELS] = {
    {0,  0,  0,  0,  0, .15, .25, .2, 0,   0,  .15, .25}, /* emotional */
    {0,  0,  0,  0,  0, 0,   .2,  .2, 0,   0,  0,   .6 }, /* intellectual */
    {0,  0,  0,  .1, 0, 0,   0,   0,  .3,  0,  .6,  0  }, /* physical */
    {0,  .2, .2, 0,  0, 0,   0,   0,  0,   0,  .3,  .3 }, /* experiential */
    {.4, 0,  0,  0,  0, .3,  0,   .3, 0,   0,  0,   0  }, /* spiritual */
    {0,  0,  0,  0,  0, 0,   .2,  .4, .2,  .2, 0,   0  }, /* trust */
    {0,  0,  0,  0,  0, .2,  0,   .1, 0,   .4, 0,   .3 }, /* acceptance */
    {.2, 0,  0,  0,  0, .25, .2,  0,  .35, 0,  0,   0  }, /* honesty */
    {0,  0,  0,  0,  0, .4,  .4,  0,  0,   .2, 0,   0  }, /* safety */
    {.3, 0,  0,  0,  0, 0,   0,   0,  0,   0,  .4,  .3 }, /* compassion */
    {.5, 0,  .3, 0,  0, 0,   0,   0,  0,   .2, 0,   0  }, /* affection */
    {.2, .2, 0,  0,  0, 0,   0,   .4, .2,  0,  0,   0  }, /* communication */
};

static const double DAYS_MAX = 4e6;   /* eleven thousand years on either side of the origin */
static const double MOMENT_MAX = 100; /* a whole year together is 10.5 */
static const double SILENCE_GAPS = 3; /* a gap counts towards the usual one up to so many of it */

RelParams rel_params_default(void)
{
    return (RelParams){.lambda = 0.69314718055994530942 / 456,
                       .kappa = .4,
                       .q = .00225,
                       .rho = .5,
                       .lambda_z = .7,
                       .sigma_z = 1.1,
                       .error = 1.25,
                       .error_known = 1,
                       .load_factor = .7,
                       .beta = 1,
                       .beta_m = .05,
                       .conflict = -.33,
                       .level_corr = .64,
                       .half_step = .5};
}

double rel_hours_level(double hours)
{
    return fmin(fmax(-10.2 + 3.33 * log1p(fmax(hours, 0)), 0), 9);
}

double rel_moment_size(double quality, double medium, double company, double minutes)
{
    return quality * medium * company * log1p(fmax(minutes, 0) / 15);
}

void rel_coupling(double ret[])
{
    memcpy(ret, coupling, sizeof coupling);
}

/* -- the model ------------------------------------------------------------------------------------
 */

static bool params_valid(const RelParams *p)
{
    const double positive[] = {p->lambda, p->q,           p->lambda_z, p->sigma_z,
                               p->error,  p->error_known, p->half_step};
    for (size_t i = 0; i < sizeof positive / sizeof positive[0]; i++)
        if (!(positive[i] > 0) || !isfinite(positive[i]))
            return false;
    return p->kappa >= 0 && p->kappa < 1 && p->rho >= 0 && p->rho < 1 && p->level_corr >= 0 &&
           p->level_corr < 1 && isfinite(p->load_factor) && isfinite(p->beta) && p->beta_m >= 0 &&
           p->beta_m <= 1 && isfinite(p->conflict);
}

static bool kind_valid(const RelKind *k)
{
    return isfinite(k->mu) && k->tau > 0 && isfinite(k->tau) && k->apart_phi >= 0 &&
           k->apart_phi <= 1 && k->apart_half_life > 0;
}

static void set_kind(const RelKind *kind, RelModel *rm)
{
    rm->kind = *kind;
    rm->delta = 0.69314718055994530942 / kind->apart_half_life;
    for (int i = 0; i < REL_LEVELS; i++)
        for (int j = 0; j < REL_LEVELS; j++)
            rm->prior[(REL_B + i) * REL_WIDE + REL_B + j] =
                kind->tau * kind->tau * (i == j ? 1 : rm->p.level_corr);
}

/* Moves conjugate pairs to the front, so that each stands at an even place; so many places are theirs. */
static int pairs_first(Modal *m)
{
    Modal old = *m;
    int n = m->n, to = 0, pairs = 0;
    for (int round = 0; round < 2; round++)
        for (int from = 0; from < n; from++) {
            bool pair = old.im[from] > 0 || old.im[from] < 0;
            if (pair != (round == 0))
                continue;
            m->re[to] = old.re[from];
            m->im[to] = old.im[from];
            for (int i = 0; i < n; i++) {
                m->v[i * n + to] = old.v[i * n + from];
                m->vi[to * n + i] = old.vi[from * n + i];
            }
            to++;
            pairs += pair;
        }
    return pairs;
}

/* Covariance at rest of modes with rates l = -lambda (1 - kappa w): what they satisfy, (l_i + l_j) S_ij + N_ij = 0, entry by
 * entry; of a pair u1, u2 the number u1 - i u2 obeys a scalar equation (num/step.c). */
static void settle_block(const Modal *m, const RelParams *p, const double d[], int i, int j,
                         double ret[])
{
    int n = m->n;
    bool pair_i = m->im[i] > 0, pair_j = m->im[j] > 0;
    double ac = d[i * n + j], ad = pair_j ? d[i * n + j + 1] : 0;
    double bc = pair_i ? d[(i + 1) * n + j] : 0;
    double bd = pair_i && pair_j ? d[(i + 1) * n + j + 1] : 0;
    double re = p->lambda * (2 - p->kappa * (m->re[i] + m->re[j]));
    double less = -p->lambda * p->kappa * (m->im[i] - m->im[j]);
    double more = -p->lambda * p->kappa * (m->im[i] + m->im[j]);
    /* crossed = (ac + bd, ad - bc) / (re + i less), plain = (ac - bd, -ad - bc) / (re + i more) */
    double cross = re * re + less * less, flat = re * re + more * more;
    double cr = ((ac + bd) * re + (ad - bc) * less) / cross;
    double ci = ((ad - bc) * re - (ac + bd) * less) / cross;
    double pr = ((ac - bd) * re + (-ad - bc) * more) / flat;
    double pi = ((-ad - bc) * re - (ac - bd) * more) / flat;
    ret[i * n + j] = (cr + pr) / 2;
    if (pair_j)
        ret[i * n + j + 1] = (ci - pi) / 2;
    if (pair_i)
        ret[(i + 1) * n + j] = -(ci + pi) / 2;
    if (pair_i && pair_j)
        ret[(i + 1) * n + j + 1] = (cr - pr) / 2;
}

void rel_settle(const Modal *m, const RelParams *p, const double noise[], double ret[])
{
    for (int i = 0; i<m->n; i += m->im[i]> 0 ? 2 : 1)
        for (int j = 0; j<m->n; j += m->im[j]> 0 ? 2 : 1)
            settle_block(m, p, noise, i, j, ret);
    mat_symmetrise(m->n, ret);
}

Err rel_model_make(Cx *cx, const RelParams *params, const RelKind *kind, RelModel *ret)
{
    enum { N = REL_LEVELS };
    double w[N * N];
    RelModel rm = {.kernel = rel_kernel()};
    rel_coupling(w);
    bool has_basis = modal_make(N, w, &rm.basis);
    INVARIANT(has_basis); /* W is ours; a test holds its condition */
    rm.pairs = pairs_first(&rm.basis);
    INVARIANT(rm.pairs <= 8);
    mat_transpose(N, rm.basis.v, rm.columns);
    for (int k = 0; k < N; k++) {
        memcpy(rm.rows + k * REL_WIDE, rm.basis.v + k * N, sizeof rm.basis.v[0] * N);
        rm.rows[k * REL_WIDE + REL_B + k] = 1;
    }
    return rel_model_again(cx, &rm, params, kind, ret);
}

Err rel_model_again(Cx *cx, const RelModel *rm, const RelParams *params, const RelKind *kind,
                    RelModel *ret)
{
    enum { N = REL_LEVELS };
    double noise[N * N], half[N * N], modes[N * N];
    if (!params_valid(params) || !kind_valid(kind))
        return err_set(cx, ERR_NUMERIC, "err.num-params", NO_ARGS);
    RelModel out = *rm;
    const Modal *m = &out.basis;
    out.p = *params;
    for (int i = 0; i < N * N; i++)
        noise[i] = params->q * (i % (N + 1) == 0 ? 1 : params->rho);
    mat_mul(N, m->vi, noise, half);
    mat_mul_nt(N, half, m->vi, noise);
    rel_settle(m, params, noise, modes);
    mat_sandwich(N, m->v, modes, NULL, out.settled);
    if (!mat_finite((ptrdiff_t)N * N, out.settled))
        return err_set(cx, ERR_NUMERIC, "err.num-params", NO_ARGS);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            out.prior[i * REL_WIDE + j] = modes[i * N + j];
    out.prior[REL_Z * REL_WIDE + REL_Z] = params->sigma_z * params->sigma_z;
    set_kind(kind, &out);
    *ret = out;
    return OK;
}

Err rel_model_kind(Cx *cx, const RelModel *rm, const RelKind *kind, RelModel *ret)
{
    if (!kind_valid(kind))
        return err_set(cx, ERR_NUMERIC, "err.num-params", NO_ARGS);
    RelModel out = *rm;
    set_kind(kind, &out);
    *ret = out;
    return OK;
}

void rel_model_scale(const RelModel *rm, double moves, double error, RelModel *ret)
{
    double square = moves * moves;
    *ret = *rm;
    ret->p.q *= square;
    ret->p.sigma_z *= moves;
    ret->p.error *= error;
    ret->p.error_known *= error;
    for (int i = 0; i < REL_LEVELS * REL_LEVELS; i++)
        ret->settled[i] *= square;
    for (int i = 0; i <= REL_LEVELS; i++) /* of levels and of z; b stays */
        for (int j = 0; j <= REL_LEVELS; j++)
            ret->prior[i * REL_WIDE + j] *= square;
}

void rel_start(const RelModel *rm, double t_days, RelState *ret)
{
    *ret = (RelState){.t_days = t_days, .product = 1};
    memcpy(ret->p, rm->prior, sizeof ret->p);
}

/* -- events ---------------------------------------------------------------------------------------
 */

static bool event_valid(const RelEvent *ev, double after)
{
    if (!(fabs(ev->t_days) <= DAYS_MAX) || ev->t_days < after || !(fabs(ev->value) <= MOMENT_MAX))
        return false;
    if (ev->kind == REL_READING)
        return (int)ev->level >= 0 && (int)ev->level < REL_LEVELS && ev->value >= 0 &&
               ev->value <= 10 && fabs(ev->offset) <= 10 && ev->error >= 0 && isfinite(ev->error);
    if (ev->kind == REL_CONFLICT)
        return ev->value >= 0;
    return true;
}

static bool advance(const RelModel *rm, double t_days, RelWatch w, RelState *io)
{
    bool moved = io->apart && !io->held ? rel_op_apart(rm, t_days - io->t_days, w, io)
                                        : rel_op_move(rm, t_days - io->t_days, w, io);
    io->t_days = t_days; /* the sum of steps may differ in the last place */
    return moved;
}

/* What usually happens in the time since the last moment: the usual rate times that time, a silence
 * counting no longer than the usual gap, so that not writing things down takes nothing away. */
static double usual_since(const RelState *s, double gap, double *ret_counted)
{
    double counted = s->usual_gap > 0 ? fmin(gap, s->usual_gap) : gap;
    double exposed = s->size_exposed + counted;
    *ret_counted = counted;
    return exposed > 0 ? s->size_sum / exposed * counted : 0;
}

static void count_moment(double t_days, double size, double counted, RelState *io)
{
    double gap = io->moments > 0 ? t_days - io->last_moment : 0;
    if (io->usual_gap > 0)
        io->usual_gap += (fmin(gap, SILENCE_GAPS * io->usual_gap) - io->usual_gap) / io->moments;
    else
        io->usual_gap = gap;
    io->size_exposed += counted;
    io->size_sum += size;
    io->last_moment = t_days;
    io->moments++;
}

static bool happen(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io)
{
    double usual = 0, counted = 0;
    double more = ev->value - (io->moments > 0 ? io->size_sum / io->moments : 0);
    if (io->moments > 0)
        usual = usual_since(io, ev->t_days - io->last_moment, &counted);
    count_moment(ev->t_days, ev->value, counted, io);
    if (!rel_op_push(rm, ev->value - usual, w, io))
        return false;
    double share = fmin(rm->p.beta_m * fmax(more, 0) / 10, 1);
    for (int k = 0; k < REL_TYPES; k++)
        if (share > 0 && (ev->fed >> k & 1U) && !rel_op_lift(rm, k, share, w, io))
            return false;
    return true;
}

bool rel_apply(const RelModel *rm, const RelEvent *ev, RelWatch w, RelState *io)
{
    if (!advance(rm, ev->t_days, w, io))
        return false;
    switch (ev->kind) {
    case REL_READING:
        return rel_op_read(rm, ev, w, io);
    case REL_MOMENT:
        return happen(rm, ev, w, io);
    case REL_CONFLICT:
        io->x[REL_Z] += rm->p.conflict * ev->value;
        return true;
    case REL_APART:
    case REL_TOGETHER:
        io->apart = ev->kind == REL_APART;
        return true;
    case REL_HOLD:
    case REL_RELEASE:
        io->held = ev->kind == REL_HOLD;
        return true;
    }
    return false;
}

bool rel_advance(const RelModel *rm, double t_days, RelWatch w, RelState *io)
{
    return t_days < io->t_days || advance(rm, t_days, w, io);
}

Err rel_check(Cx *cx, const RelState *start, const RelEvent events[], ptrdiff_t count)
{
    double after = start->t_days;
    for (ptrdiff_t i = 0; i < count; i++) {
        if (!event_valid(&events[i], after))
            return err_set(cx, ERR_INVALID, "err.num-event", ARGS(arg_int("place", i + 1)));
        after = events[i].t_days;
    }
    return OK;
}

Err rel_filter(Cx *cx, const RelModel *rm, const RelEvent events[], ptrdiff_t count, RelState *io)
{
    Err e = rel_check(cx, io, events, count);
    if (e != OK)
        return e;
    RelState s = *io;
    for (ptrdiff_t i = 0; i < count; i++)
        if (!rel_apply(rm, &events[i], (RelWatch){NULL, NULL}, &s))
            return err_set(cx, ERR_NUMERIC, "err.num-event", ARGS(arg_int("place", i + 1)));
    *io = s;
    return OK;
}

Err rel_forecast(Cx *cx, const RelModel *rm, const RelState *from, double t_days, RelState *ret)
{
    RelState s = *from;
    if (!(fabs(t_days) <= DAYS_MAX) || t_days < from->t_days)
        return err_set(cx, ERR_INVALID, "err.num-forecast", NO_ARGS);
    if (!rel_advance(rm, t_days, (RelWatch){NULL, NULL}, &s))
        return err_set(cx, ERR_NUMERIC, "err.num-not-finite", NO_ARGS);
    *ret = s;
    return OK;
}

void rel_shift(const RelModel *rm, const double shift[REL_TYPES], RelState *io)
{
    for (int i = 0; i < REL_LEVELS; i++)
        io->x[i] += mat_dot(REL_TYPES, rm->basis.vi + i * REL_LEVELS, shift);
}

/* -- beliefs --------------------------------------------------------------------------------------
 */

void rel_levels(const RelModel *rm, const RelState *state, RelLevels *ret)
{
    double across[REL_DIM * REL_WIDE];
    rm->kernel->in_levels(rm->columns, state->p, across);
    rel_look(rm, state, across, REL_COVARIANCES, ret);
}

void rel_look(const RelModel *rm, const RelState *state, const double in_levels[], RelWant want,
              RelLevels *ret)
{
    double var[REL_LEVELS];
    ret->t_days = state->t_days;
    ret->today = state->x[REL_Z];
    for (int k = 0; k < REL_LEVELS; k++) {
        ret->mean[k] = rm->kind.mu + rel_row_dot(rm, k, 0, state->x);
        ret->own[k] = rm->kind.mu + state->x[REL_B + k];
    }
    if (want == REL_MEANS)
        return;
    ret->today_var = state->p[REL_Z * REL_WIDE + REL_Z];
    for (int k = 0; k < REL_LEVELS; k++)
        ret->own_var[k] = state->p[(REL_B + k) * REL_WIDE + REL_B + k];
    if (want == REL_COVARIANCES) {
        rm->kernel->level_covs(rm->basis.v, in_levels, ret->cov);
        return;
    }
    rm->kernel->level_vars(rm->columns, in_levels, var);
    for (int k = 0; k < REL_LEVELS; k++)
        ret->cov[k * (REL_LEVELS + 1)] = var[k];
}

double rel_loglik(const RelState *state)
{
    return state->fit - 0.5 * log(state->product);
}

void rel_predict(const RelModel *rm, const RelState *state, const RelEvent *reading,
                 double *ret_mean, double *ret_var)
{
    double row[REL_WIDE], load = rel_load(rm, reading->level);
    int k = (int)reading->level;
    rm->kernel->sight(rm->rows + k * REL_WIDE, load, k, state->x, state->p, row, ret_mean, ret_var);
    *ret_mean += rm->kind.mu + reading->offset;
    *ret_var += reading->error > 0 ? reading->error : rm->p.error;
}

double rel_would_teach(const RelModel *rm, const RelState *state, const RelEvent *reading,
                       const double c[REL_LEVELS])
{
    double row[REL_WIDE], load = rel_load(rm, reading->level), both = 0;
    int k = (int)reading->level;
    rm->kernel->times(rm->rows + k * REL_WIDE, load, k, state->p, row);
    double error = reading->error > 0 ? reading->error : rm->p.error;
    for (int j = 0; j < REL_LEVELS; j++)
        both += c[j] * rel_row_dot(rm, j, 0, row);
    return both * both / (rel_row_dot(rm, k, load, row) + error);
}

void rel_closeness(const double mean[], const double cov[], const double w[REL_TYPES],
                   const double w_cov[], double *ret_mean, double *ret_var)
{
    double m = 0, var = 0;
    for (int i = 0; i < REL_TYPES; i++) {
        m += w[i] * mean[i];
        for (int j = 0; j < REL_TYPES; j++) {
            double p = cov[i * REL_LEVELS + j], v = w_cov[i * REL_TYPES + j];
            var += w[i] * p * w[j] + mean[i] * v * mean[j] + p * v;
        }
    }
    *ret_mean = m;
    *ret_var = var;
}
