/* tests/num/test_slopes.c - how a history's log-likelihood moves with the model's parameters: against the plain model of 25
 * states written out in dual numbers of long double, and against differences over long histories. */
#include "num/dense.h"
#include "num/dist.h"
#include "num/relation.h"
#include "testlib.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS = 11, N = 25, LEVELS = 12, Z = 12, B = 13, EVENTS = 26, MANY = 200 };
static const char *const names[PARAMS] = {"lambda", "kappa", "q",  "lambda_z", "sigma_z", "error",
                                          "beta",   "delta", "mu", "tau",      "beta_m"};

/* The parameters and the kind with number k moved: by a factor of e^by, kappa by so much. */
static void moved(int k, double by, RelParams *p, RelKind *kind)
{
    double *const at[PARAMS] = {&p->lambda,  &p->kappa,  &p->q,     &p->lambda_z,
                                &p->sigma_z, &p->error,  &p->beta,  &kind->apart_half_life,
                                &kind->mu,   &kind->tau, &p->beta_m};
    *at[k] = k == 1 || k == 8 ? *at[k] + by : *at[k] * exp(k == 7 ? -by : by);
}

static double slope_of(const RelSlopes *s, int k)
{
    const double all[PARAMS] = {s->lambda, s->kappa, s->q,  s->lambda_z, s->sigma_z, s->error,
                                s->beta,   s->delta, s->mu, s->tau,      s->beta_m};
    return all[k];
}

/* -- dual numbers -------------------------------------------------------------------------------------- */

typedef struct Dual {
    Long v, d;
} Dual;

static Dual num(Long v)
{
    return (Dual){v, 0};
}

static Dual add(Dual a, Dual b)
{
    return (Dual){a.v + b.v, a.d + b.d};
}

static Dual sub(Dual a, Dual b)
{
    return (Dual){a.v - b.v, a.d - b.d};
}

static Dual mul(Dual a, Dual b)
{
    return (Dual){a.v * b.v, a.d * b.v + a.v * b.d};
}

static Dual div_by(Dual a, Dual b)
{
    Long q = a.v / b.v;
    return (Dual){q, (a.d - q * b.d) / b.v};
}

static Dual root(Dual a)
{
    Long r = sqrtl(a.v);
    return (Dual){r, a.d / (2 * r)};
}

static Dual expo(Dual a)
{
    Long e = expl(a.v);
    return (Dual){e, e * a.d};
}

/* n x n, ret = a b' where nt, else a b; ret is none of them. */
static void product(int n, const Dual a[], const Dual b[], bool nt, Dual ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            Dual sum = {0, 0};
            for (int k = 0; k < n; k++)
                sum = add(sum, mul(a[i * n + k], b[nt ? j * n + k : k * n + j]));
            ret[i * n + j] = sum;
        }
}

static void copy(int n, const Dual from[], Dual to[])
{
    memcpy(to, from, sizeof from[0] * (size_t)(n * n));
}

typedef struct Plain {
    Dual lambda, kappa, q, lambda_z, sigma_z, error, beta, delta, mu, tau, beta_m;
    Long rho, corr, phi, half_step, load_factor, conflict;
    Dual drift[LEVELS * LEVELS], rest[LEVELS * LEVELS];
    Dual x[N], p[N * N], loglik;
    Long now, last, first_size;
    int moments;
    bool apart;
} Plain;

/* e^(A t) by its series over t / 2^s, squared s times. */
static void expm(const Dual a[], Long t, Dual ret[])
{
    Dual term[LEVELS * LEVELS], next[LEVELS * LEVELS];
    int squares = 0;
    for (Long size = fabsl(a[0].v) * 2 * t; size > 0.25L; size /= 2)
        squares++;
    Long step = ldexpl(t, -squares);
    for (int i = 0; i < LEVELS * LEVELS; i++)
        ret[i] = term[i] = num(i % (LEVELS + 1) == 0);
    for (int k = 1; k < 20; k++) {
        product(LEVELS, a, term, false, next);
        for (int i = 0; i < LEVELS * LEVELS; i++) {
            term[i] = mul(next[i], num(step / k));
            ret[i] = add(ret[i], term[i]);
        }
    }
    for (; squares > 0; squares--) {
        product(LEVELS, ret, ret, false, next);
        copy(LEVELS, next, ret);
    }
}

/* The sum of F^k Q F'^k over all k by doublings, for F over a day and the noise of a day. */
static void rest_of(Plain *m)
{
    enum { SLICES = 64 };
    Dual f[LEVELS * LEVELS], half[LEVELS * LEVELS], g[LEVELS * LEVELS], noise[LEVELS * LEVELS];
    static const Long place[3] = {-0.774596669241483377035853079956L, 0,
                                  0.774596669241483377035853079956L},
                      weight[3] = {5 / 18.0L, 8 / 18.0L, 5 / 18.0L};
    for (int i = 0; i < LEVELS * LEVELS; i++) {
        noise[i] = mul(m->q, num(i % (LEVELS + 1) == 0 ? 1 : m->rho));
        m->rest[i] = num(0);
    }
    for (int s = 0; s < SLICES; s++) /* Gauss-Legendre */
        for (int k = 0; k < 3; k++) {
            expm(m->drift, (s + 0.5L + place[k] / 2) / SLICES, f);
            product(LEVELS, f, noise, false, half);
            product(LEVELS, half, f, true, g);
            for (int i = 0; i < LEVELS * LEVELS; i++)
                m->rest[i] = add(m->rest[i], mul(g[i], num(weight[k] / SLICES)));
        }
    expm(m->drift, 1, f);
    for (int k = 0; k < 22; k++) {
        product(LEVELS, f, m->rest, false, half);
        product(LEVELS, half, f, true, g);
        for (int i = 0; i < LEVELS * LEVELS; i++)
            m->rest[i] = add(m->rest[i], g[i]);
        product(LEVELS, f, f, false, g);
        copy(LEVELS, g, f);
    }
}

/* With the derivative by parameter k. */
static void plain_start(const RelParams *p, const RelKind *kind, int k, Plain *ret)
{
    double w[LEVELS * LEVELS];
    Dual one[PARAMS] = {
        {p->lambda,                       0},
        {p->kappa,                        0},
        {p->q,                            0},
        {p->lambda_z,                     0},
        {p->sigma_z,                      0},
        {p->error,                        0},
        {p->beta,                         0},
        {logl(2) / kind->apart_half_life, 0},
        {kind->mu,                        0},
        {kind->tau,                       0},
        {p->beta_m,                       0}
    };
    one[k].d = k == 1 || k == 8 ? 1 : one[k].v;
    *ret = (Plain){.lambda = one[0],
                   .kappa = one[1],
                   .q = one[2],
                   .lambda_z = one[3],
                   .sigma_z = one[4],
                   .error = one[5],
                   .beta = one[6],
                   .delta = one[7],
                   .rho = p->rho,
                   .corr = p->level_corr,
                   .mu = one[8],
                   .tau = one[9],
                   .phi = kind->apart_phi,
                   .half_step = p->half_step,
                   .beta_m = one[10],
                   .load_factor = p->load_factor,
                   .conflict = p->conflict};
    rel_coupling(w);
    for (int i = 0; i < LEVELS * LEVELS; i++)
        ret->drift[i] =
            mul(ret->lambda, sub(mul(ret->kappa, num(w[i])), num(i % (LEVELS + 1) == 0)));
    rest_of(ret);
    for (int i = 0; i < LEVELS; i++)
        for (int j = 0; j < LEVELS; j++) {
            ret->p[i * N + j] = ret->rest[i * LEVELS + j];
            ret->p[(B + i) * N + B + j] = mul(mul(ret->tau, ret->tau), num(i == j ? 1 : ret->corr));
        }
    ret->p[Z * N + Z] = mul(ret->sigma_z, ret->sigma_z);
}

/* x = f x, P = f P f' + q. */
static void plain_turn(Plain *m, const Dual f[], const Dual q[])
{
    static Dual half[N * N];
    Dual x[N];
    for (int i = 0; i < N; i++) {
        x[i] = num(0);
        for (int j = 0; j < N; j++)
            x[i] = add(x[i], mul(f[i * N + j], m->x[j]));
    }
    memcpy(m->x, x, sizeof x);
    product(N, f, m->p, false, half);
    product(N, half, f, true, m->p);
    for (int i = 0; i < N * N; i++)
        m->p[i] = add(m->p[i], q[i]);
}

/* Of the level k at the way's point e: e m + (1 - e) phi (mu + b), with the noise that came in. */
static Dual on_the_way(const Plain *m, int k, Dual e)
{
    int i = k * N + k, j = k * N + B + k, l = (B + k) * N + B + k;
    Dual var_m = add(add(m->p[i], mul(num(2), m->p[j])), m->p[l]), both = add(m->p[j], m->p[l]);
    Dual away = mul(sub(num(1), e), num(m->phi)), sum = mul(mul(e, e), var_m);
    sum = add(sum, mul(num(2), mul(mul(e, away), both)));
    sum = add(sum, mul(mul(away, away), m->p[l]));
    return add(sum, mul(sub(num(1), mul(e, e)), m->rest[k * LEVELS + k]));
}

/* The most on the way less the end: the way is a parabola, known from three points of it. */
static Dual lost_on_the_way(const Plain *m, int k, Dual end)
{
    Long half = (1 - end.v) / 2, at[3], top = end.v;
    for (int i = 0; i < 3; i++)
        at[i] = on_the_way(m, k, num(end.v + i * half)).v;
    Long first = at[1] - at[0], bend = at[2] - 2 * at[1] + at[0];
    Long vertex = bend < 0 ? 0.5L - first / bend : 0;
    if (at[2] > at[0])
        top = 1;
    if (vertex > 0 && vertex < 2)
        top = end.v + vertex * half;
    return top > end.v ? sub(on_the_way(m, k, num(top)), on_the_way(m, k, end)) : num(0);
}

static void plain_move(Plain *m, Long dt)
{
    static Dual f[N * N], q[N * N];
    Dual phi[LEVELS * LEVELS], half[LEVELS * LEVELS], back[LEVELS * LEVELS];
    if (!(dt > 0))
        return;
    memset(f, 0, sizeof f);
    memset(q, 0, sizeof q);
    Dual ez = expo(mul(m->lambda_z, num(-dt))), e = expo(mul(m->delta, num(-dt)));
    f[Z * N + Z] = ez;
    q[Z * N + Z] = mul(mul(m->sigma_z, m->sigma_z), sub(num(1), mul(ez, ez)));
    for (int i = 0; i < LEVELS; i++)
        f[(B + i) * N + B + i] = num(1);
    if (!m->apart) {
        expm(m->drift, dt, phi);
        product(LEVELS, phi, m->rest, false, half);
        product(LEVELS, half, phi, true, back);
        for (int i = 0; i < LEVELS; i++)
            for (int j = 0; j < LEVELS; j++) {
                f[i * N + j] = phi[i * LEVELS + j];
                q[i * N + j] = sub(m->rest[i * LEVELS + j], back[i * LEVELS + j]);
            }
        plain_turn(m, f, q);
        return;
    }
    Dual leaves = mul(sub(e, num(1)), num(1 - m->phi)); /* d' = e d + (e - 1)(1 - phi)(mu + b) */
    for (int i = 0; i < LEVELS; i++) {
        f[i * N + i] = e;
        f[i * N + B + i] = leaves;
        q[(B + i) * N + B + i] = lost_on_the_way(m, i, e);
        for (int j = 0; j < LEVELS; j++)
            q[i * N + j] = mul(sub(num(1), mul(e, e)), m->rest[i * LEVELS + j]);
    }
    plain_turn(m, f, q);
    for (int i = 0; i < LEVELS; i++)
        m->x[i] = add(m->x[i], mul(leaves, m->mu));
}

/* m_k = d_k + mu + b_k is seen with z's load: P h, and h x. */
static Dual plain_row(const Plain *m, int k, Long load, Dual p[N])
{
    for (int i = 0; i < N; i++)
        p[i] = add(add(m->p[i * N + k], m->p[i * N + B + k]), mul(num(load), m->p[i * N + Z]));
    return add(add(m->x[k], m->x[B + k]), mul(num(load), m->x[Z]));
}

static void plain_read(Plain *m, const RelEvent *ev)
{
    int k = (int)ev->level;
    Long load = k < 5 ? 1 : m->load_factor;
    Dual p[N], expect = plain_row(m, k, load, p);
    expect = add(expect, add(m->mu, num(ev->offset)));
    Dual var = add(add(add(p[k], p[B + k]), mul(num(load), p[Z])),
                   ev->error > 0 ? num(ev->error) : m->error);
    Dual push, pull, log_mass; /* x += push p, P -= pull p p' */
    if (ev->value > 0 && ev->value < 10) {
        Dual resid = sub(num(ev->value), expect);
        push = div_by(resid, var);
        pull = div_by(num(1), var);
        Dual log_var = {logl(var.v), var.d / var.v};
        log_mass = mul(num(-0.5L), add(add(num(logl(2 * acosl(-1))), log_var), mul(resid, push)));
    } else {
        bool top = ev->value >= 10;
        Dual sd = root(var),
             z = div_by(sub(expect, num(top ? 10 - m->half_step : m->half_step)), sd);
        if (!top)
            z = sub(num(0), z);
        Long phi = expl(-z.v * z.v / 2) / sqrtl(2 * acosl(-1)), mass = erfcl(-z.v / sqrtl(2)) / 2;
        Long ratio = phi / mass;
        log_mass = (Dual){logl(mass), ratio * z.d};
        Dual mills = {ratio, -ratio * (ratio + z.v) * z.d};
        push = div_by(top ? mills : sub(num(0), mills), sd);
        pull = div_by(mul(mills, add(mills, z)), var);
    }
    m->loglik = add(m->loglik, log_mass);
    for (int i = 0; i < N; i++) {
        m->x[i] = add(m->x[i], mul(push, p[i]));
        for (int j = 0; j < N; j++)
            m->p[i * N + j] = sub(m->p[i * N + j], mul(pull, mul(p[i], p[j])));
    }
}

/* At most two moments happen, so what is usual is simple: nothing, then as much as the first. */
static void plain_moment(Plain *m, const RelEvent *ev)
{
    Long mean = m->moments ? m->first_size : 0, usual = m->now > m->last ? mean : 0;
    Dual share = mul(m->beta_m, num(fmaxl(ev->value - mean, 0) / 10));
    if (share.v > 1)
        share = num(1);
    m->x[Z] = add(m->x[Z], mul(m->beta, num(ev->value - usual)));
    for (int k = 0; k < 5; k++) {
        static Dual f[N * N], none[N * N];
        if (!(ev->fed >> k & 1U) || !(share.v > 0))
            continue;
        for (int i = 0; i < N * N; i++)
            f[i] = num(i % (N + 1) == 0);
        f[k * N + k] = sub(num(1), share);
        f[k * N + B + k] = sub(num(0), share);
        plain_turn(m, f, none);
        m->x[k] = add(m->x[k], mul(share, sub(num(10), m->mu)));
    }
    m->first_size = m->moments ? m->first_size : ev->value;
    m->last = m->now;
    m->moments++;
}

static Dual plain_run(const RelParams *p, const RelKind *kind, int k, const RelEvent ev[],
                      int count)
{
    static Plain m;
    plain_start(p, kind, k, &m);
    m.now = ev[0].t_days;
    for (int i = 0; i < count; i++) {
        plain_move(&m, ev[i].t_days - m.now);
        m.now = ev[i].t_days;
        if (ev[i].kind == REL_READING)
            plain_read(&m, &ev[i]);
        else if (ev[i].kind == REL_MOMENT)
            plain_moment(&m, &ev[i]);
        else if (ev[i].kind == REL_CONFLICT)
            m.x[Z] = add(m.x[Z], num(m.conflict * ev[i].value));
        else
            m.apart = ev[i].kind == REL_APART;
    }
    return m.loglik;
}

/* -- histories ----------------------------------------------------------------------------------------- */

static void some_numbers(Rng *r, RelParams *p, RelKind *kind)
{
    *p = rel_params_default();
    *kind = (RelKind){.mu = 4 + 4 * rng_uniform(r),
                      .tau = 1 + rng_uniform(r),
                      .apart_phi = rng_uniform(r),
                      .apart_half_life = 40 + 400 * rng_uniform(r)};
    for (int k = 0; k < 7; k++)
        moved(k, k == 1 ? rng_uniform(r) * .5 - .35 : .5 * rng_normal(r), p, kind);
    moved(10, 1 + .5 * rng_normal(r), p, kind); /* lifts that are seen */
}

/* Many answers lie at the ends of the scale; two are apart from a third to half of the way. */
static void some_events(Rng *r, int count, int moments, RelEvent ev[])
{
    double now = 100;
    for (int i = 0; i < count; i++) {
        now += rng_below(r, 3) ? 0 : exp(3 * rng_normal(r));
        double value = 7 + 4 * rng_normal(r);
        ev[i] = (RelEvent){.t_days = now,
                           .kind = REL_READING,
                           .level = (RelLevel)rng_below(r, 12),
                           .value = value > 9.5  ? 10
                                    : value < .5 ? 0
                                                 : value,
                           .offset = .3 * rng_normal(r),
                           .error = rng_below(r, 4) ? 0 : .8};
        if (rng_below(r, 6) == 0 && moments-- > 0)
            ev[i] = (RelEvent){.t_days = now,
                               .kind = REL_MOMENT,
                               .value = 3 * rng_uniform(r) - .5,
                               .fed = (unsigned)rng_below(r, 32)};
        else if (rng_below(r, 12) == 0)
            ev[i] = (RelEvent){.t_days = now, .kind = REL_CONFLICT, .value = rng_uniform(r)};
        if (i == count / 3 || i == count / 2)
            ev[i] = (RelEvent){.t_days = now, .kind = i == count / 3 ? REL_APART : REL_TOGETHER};
    }
}

/* The plain model says the same, slopes and all. */
static void slopes_are_those_of_the_plain_model(void **state)
{
    (void)state;
    TestCx t;
    RelRoom *room;
    test_cx_init(&t);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, MANY, &room));
    for (uint64_t seed = 1; seed <= (getenv("FONDER_QUICK") ? 2 : 6); seed++) {
        Rng r = {seed * 4711};
        RelParams p;
        RelKind kind;
        RelModel rm;
        RelEvent ev[EVENTS];
        RelSlopes s;
        double loglik;
        some_numbers(&r, &p, &kind);
        some_events(&r, EVENTS, 2, ev);
        for (int i = 0; i < EVENTS && seed % 3 == 2; i++) /* one that fills the whole room */
            if (ev[i].kind == REL_MOMENT)
                ev[i] = (RelEvent){.t_days = ev[i].t_days,
                                   .kind = REL_MOMENT,
                                   .value = 40,
                                   .fed = 6 + (unsigned)i};
        p.beta_m = seed % 3 == 2 ? .4 : p.beta_m;
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kind, &rm));
        assert_ok(&t.cx, rel_slopes(&t.cx, room, &rm, ev, EVENTS, NULL, &loglik, &s));
        for (int k = 0; k < PARAMS; k++) {
            Dual want = plain_run(&p, &kind, k, ev, EVENTS);
            CHECK_CLOSE(loglik, (double)want.v, 1e-10, 1e-9);
            if (!(fabs(slope_of(&s, k) - (double)want.d) <= 1e-8 * (1 + fabs((double)want.d))))
                fail_msg("seed %d, %s: %.12g, plain %.12g", (int)seed, names[k], slope_of(&s, k),
                         (double)want.d);
        }
    }
    test_cx_free(&t);
}

/* Differences, extrapolated (Richardson): from the values at these places around, the slope in the middle. */
static const double AROUND[4] = {-2e-4, -1e-4, 1e-4, 2e-4};

static double slope_through(const double at[4])
{
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / 12e-4;
}

static double loglik_of(TestCx *t, const RelModel *rm, const RelEvent ev[], int count)
{
    RelState s;
    rel_start(rm, ev[0].t_days, &s);
    assert_ok(&t->cx, rel_filter(&t->cx, rm, ev, count, &s));
    return rel_loglik(&s);
}

/* Over several blocks of events, with holds and more moments: against differences, extrapolated. */
static void slopes_are_differences(void **state)
{
    (void)state;
    TestCx t;
    RelRoom *room;
    test_cx_init(&t);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, MANY, &room));
    static RelEvent ev[MANY];
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Rng r = {seed * 31337};
        RelParams p;
        RelKind kind;
        RelModel rm;
        RelSlopes s;
        double loglik;
        int count = seed % 3 ? MANY : 63 + (int)seed / 3;
        some_numbers(&r, &p, &kind);
        some_events(&r, count, MANY, ev);
        ev[count / 3 + 5].kind = REL_HOLD;
        ev[count / 3 + 9].kind = REL_RELEASE;
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kind, &rm));
        assert_ok(&t.cx, rel_slopes(&t.cx, room, &rm, ev, count, NULL, &loglik, &s));
        CHECK_CLOSE(loglik, loglik_of(&t, &rm, ev, count), 0, 0);
        for (int k = 0; k < PARAMS; k++) {
            double at[4];
            for (int i = 0; i < 4; i++) {
                RelParams moved_p = p;
                RelKind moved_kind = kind;
                moved(k, AROUND[i], &moved_p, &moved_kind);
                assert_ok(&t.cx, rel_model_make(&t.cx, &moved_p, &moved_kind, &rm));
                at[i] = loglik_of(&t, &rm, ev, count);
            }
            double want = slope_through(at);
            if (!(fabs(slope_of(&s, k) - want) <= 2e-7 * (1 + fabs(want))))
                fail_msg("seed %d, %s: %.12g, by differences %.12g", (int)seed, names[k],
                         slope_of(&s, k), want);
        }
    }
    test_cx_free(&t);
}

/* The log of the masses of all answers, one after the other, from whole distributions of them. */
static double mixed(TestCx *t, const RelModel *rm, const RelEvent ev[], const RelMix *mix,
                    int count)
{
    const Scale scale = {0, 10, 1};
    RelState s;
    double sum = 0;
    rel_start(rm, ev[0].t_days, &s);
    for (int i = 0; i < count; i++) {
        Foretold f = {.error = ev[i].error > 0 ? ev[i].error : rm->p.error};
        Answers a;
        assert_ok(&t->cx, rel_forecast(&t->cx, rm, &s, ev[i].t_days, &s));
        rel_predict(rm, &s, &ev[i], &f.mean, &f.var);
        const Predictive p = score_shared(&f, &mix->shares, mix->last[i]);
        if (ev[i].kind == REL_READING) {
            assert_ok(&t->cx, score_answers(&t->cx, &scale, &p, &a));
            sum += score_log(&a, ev[i].value);
        }
        assert_ok(&t->cx, rel_filter(&t->cx, rm, &ev[i], 1, &s));
    }
    return sum;
}

static void masses_have_slopes(void **state)
{
    (void)state;
    TestCx t;
    RelRoom *room;
    test_cx_init(&t);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, MANY, &room));
    static RelEvent ev[MANY];
    static double last[MANY];
    for (uint64_t seed = 1; seed <= 8; seed++) {
        Rng r = {seed * 1618};
        RelParams p;
        RelKind kind;
        RelModel rm;
        RelSlopes s;
        double loglik, logit[2] = {rng_normal(&r), rng_normal(&r) - 2};
        int count = seed % 2 ? MANY : 40;
        some_numbers(&r, &p, &kind);
        some_events(&r, count, MANY, ev);
        for (int i = 0; i < count; i++) { /* whole answers, of which some are as they were */
            if (ev[i].kind == REL_READING)
                ev[i].value = floor(ev[i].value + .5);
            last[i] = rng_below(&r, 3) ? (double)NAN : fmin(10, ev[i].value + rng_below(&r, 2));
        }
        RelMix mix = {
            {1 / (1 + exp(-logit[0])), 1 / (1 + exp(-logit[1])), 3},
            last
        };
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kind, &rm));
        assert_ok(&t.cx, rel_slopes(&t.cx, room, &rm, ev, count, &mix, &loglik, &s));
        CHECK_CLOSE(loglik, mixed(&t, &rm, ev, &mix, count), 1e-11, 0);
        for (int k = 0; k < PARAMS + 2; k++) {
            double at[4], got = k < PARAMS ? slope_of(&s, k) : k == PARAMS ? s.same : s.tail;
            for (int i = 0; i < 4; i++) {
                double by = AROUND[i];
                RelParams moved_p = p;
                RelKind moved_kind = kind;
                RelMix moved_mix = mix;
                if (k < PARAMS)
                    moved(k, by, &moved_p, &moved_kind);
                else
                    *(k == PARAMS ? &moved_mix.shares.same : &moved_mix.shares.tail) =
                        1 / (1 + exp(-logit[k - PARAMS] - by));
                assert_ok(&t.cx, rel_model_make(&t.cx, &moved_p, &moved_kind, &rm));
                at[i] = mixed(&t, &rm, ev, &moved_mix, count);
            }
            double want = slope_through(at);
            if (!(fabs(got - want) <= 2e-7 * (1 + fabs(want))))
                fail_msg("seed %d, %d: %.12g, by differences %.12g", (int)seed, k, got, want);
        }
    }
    test_cx_free(&t);
}

/* The sum of what pulls make of means and variances foretold before each row. */
static double pulled(TestCx *t, const RelModel *rm, const RelEvent ev[], const RelPull pull[],
                     int count)
{
    RelState s;
    double sum = 0;
    rel_start(rm, ev[0].t_days, &s);
    for (int from = 0, to; from < count; from = to) {
        for (to = from; to < count && !(ev[to].t_days > ev[from].t_days); to++) {
            double mean, var;
            if (to == from)
                assert_ok(&t->cx, rel_forecast(&t->cx, rm, &s, ev[from].t_days, &s));
            if (ev[to].kind != REL_READING)
                continue;
            rel_predict(rm, &s, &ev[to], &mean, &var);
            sum += pull[to].mean * mean + pull[to].var * var;
        }
        assert_ok(&t->cx, rel_filter(&t->cx, rm, ev + from, to - from, &s));
    }
    return sum;
}

static void pulls_have_slopes(void **state)
{
    (void)state;
    TestCx t;
    RelRoom *room;
    test_cx_init(&t);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, MANY, &room));
    static RelEvent ev[MANY];
    static RelPull pull[MANY];
    static double by_offset[MANY], by_error[MANY];
    for (uint64_t seed = 1; seed <= 8; seed++) {
        Rng r = {seed * 2718};
        RelParams p;
        RelKind kind;
        RelModel rm;
        RelSlopes s;
        int count = seed % 2 ? MANY : 40;
        some_numbers(&r, &p, &kind);
        some_events(&r, count, MANY, ev);
        for (int i = 0; i < count; i++)
            pull[i] = (RelPull){rng_normal(&r), rng_normal(&r)};
        assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kind, &rm));
        assert_ok(&t.cx,
                  rel_slopes_pulled(&t.cx, room, &rm, ev, pull, count, &s, by_offset, by_error));
        for (int k = 0; k < PARAMS + 6;
             k++) { /* the parameters, then three readings' offsets and errors */
            double at[4], got;
            int which = 3 + (int)rng_below(&r, 30);
            while (ev[which].kind != REL_READING)
                which++;
            RelEvent was = ev[which];
            bool error = k >= PARAMS && k % 2;
            got = k < PARAMS ? slope_of(&s, k) : error ? by_error[which] : by_offset[which];
            for (int i = 0; i < 4; i++) {
                double by = AROUND[i];
                RelParams moved_p = p;
                RelKind moved_kind = kind;
                if (k < PARAMS)
                    moved(k, by, &moved_p, &moved_kind);
                else if (error)
                    ev[which].error = (was.error > 0 ? was.error : p.error) * exp(by);
                else
                    ev[which].offset = was.offset + by;
                assert_ok(&t.cx, rel_model_make(&t.cx, &moved_p, &moved_kind, &rm));
                at[i] = pulled(&t, &rm, ev, pull, count);
                ev[which] = was;
            }
            double want = slope_through(at);
            if (!(fabs(got - want) <= 1e-6 * (1 + fabs(want))))
                fail_msg("seed %d, %d: %.12g, by differences %.12g", (int)seed, k, got, want);
        }
    }
    test_cx_free(&t);
}

/* Each derivative of the log of a tail is the slope of the one before. */
static void tails_have_their_slopes(void **state)
{
    (void)state;
    for (double z = -80; z <= 12; z += .37) {
        double at[3][4], h = 1e-4 * fmax(1, fabs(z));
        for (int i = 0; i < 3; i++)
            dist_normal_log_cdf_slopes(z + (i - 1) * h, at[i]);
        CHECK_CLOSE(at[1][0], (dist_normal_log_cdf(z + h) - dist_normal_log_cdf(z - h)) / (2 * h),
                    1e-6, 1e-9);
        for (int k = 1; k < 4; k++)
            CHECK_CLOSE(at[1][k], (at[2][k - 1] - at[0][k - 1]) / (2 * h), 2e-4, 1e-9);
    }
    double before[4], after[4]; /* where the series takes over */
    dist_normal_log_cdf_slopes(-30 + 1e-9, before);
    dist_normal_log_cdf_slopes(-30 - 1e-9, after);
    for (int k = 0; k < 4; k++)
        CHECK_CLOSE(before[k], after[k], 1e-6, 0);
}

static void nothing_and_nonsense(void **state)
{
    (void)state;
    TestCx t;
    RelRoom *room;
    test_cx_init(&t);
    assert_ok(&t.cx, rel_slopes_room(&t.cx, MANY, &room));
    RelParams p = rel_params_default();
    RelKind kind = {.mu = 5, .tau = 1, .apart_phi = .3, .apart_half_life = 200};
    RelModel rm;
    RelSlopes s;
    double loglik = 1;
    RelEvent ev[2] = {
        {.t_days = 3, .kind = REL_READING, .value = 5},
        {.t_days = 2, .kind = REL_READING, .value = 5}
    };
    assert_ok(&t.cx, rel_model_make(&t.cx, &p, &kind, &rm));
    assert_ok(&t.cx, rel_slopes(&t.cx, room, &rm, NULL, 0, NULL, &loglik, &s));
    CHECK_CLOSE(loglik, 0, 0, 0);
    for (int k = 0; k < PARAMS; k++)
        CHECK_CLOSE(slope_of(&s, k), 0, 0, 0);
    assert_int_equal(rel_slopes(&t.cx, room, &rm, ev, 2, NULL, &loglik, &s), ERR_INVALID);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_are_those_of_the_plain_model),
        cmocka_unit_test(slopes_are_differences),
        cmocka_unit_test(masses_have_slopes),
        cmocka_unit_test(pulls_have_slopes),
        cmocka_unit_test(tails_have_their_slopes),
        cmocka_unit_test(nothing_and_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
