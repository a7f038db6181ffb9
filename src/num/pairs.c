/* num/pairs.c - Newton's method on the logistic likelihood, which is concave; each step is halved until it climbs.
 * The information matrix is dense, so a round costs players^3 / 6 and the games once: a hundred players take a
 * millisecond. num/prefer.h is the same model with loadings, ties and a prior, for few dimensions. */
#include "num/pairs.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 100, HALVINGS_MAX = 30 };

typedef struct Fit {
    const PairsGame *game;
    ptrdiff_t count;
    int n; /* parameters: players - 1, and home at the end */
    bool home;
    double *theta, *next, *slope, *step;
    double *info, *root;
} Fit;

static double odds(const Fit *f, const PairsGame *g, const double theta[])
{
    double a = g->a > 0 ? theta[g->a - 1] : 0, b = g->b > 0 ? theta[g->b - 1] : 0;
    return a - b + (f->home && g->a_home ? theta[f->n - 1] : 0);
}

/* log(1 / (1 + e^-x)) without overflow. */
static double log_chance(double x)
{
    return x > 0 ? -log1p(exp(-x)) : x - log1p(exp(x));
}

static double loglik_at(const Fit *f, const double theta[])
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < f->count; i++) {
        double x = odds(f, &f->game[i], theta);
        sum += f->game[i].a_wins * log_chance(x) + f->game[i].b_wins * log_chance(-x);
    }
    return sum;
}

/* The parameters that a game touches, with their signs. */
static int touched(const Fit *f, const PairsGame *g, int at[3], double sign[3])
{
    int k = 0;
    if (g->a > 0) {
        at[k] = g->a - 1;
        sign[k++] = 1;
    }
    if (g->b > 0) {
        at[k] = g->b - 1;
        sign[k++] = -1;
    }
    if (f->home && g->a_home) {
        at[k] = f->n - 1;
        sign[k++] = 1;
    }
    return k;
}

static void slope_at(Fit *f)
{
    size_t n = (size_t)f->n;
    memset(f->slope, 0, sizeof(double) * n);
    memset(f->info, 0, sizeof(double) * n * n);
    for (ptrdiff_t i = 0; i < f->count; i++) {
        const PairsGame *g = &f->game[i];
        int at[3] = {0};
        double sign[3] = {0}, all = g->a_wins + g->b_wins;
        double p = exp(log_chance(odds(f, g, f->theta)));
        int k = touched(f, g, at, sign);
        for (int a = 0; a < k; a++) {
            f->slope[at[a]] += sign[a] * (g->a_wins - all * p);
            for (int b = 0; b < k; b++)
                f->info[at[a] * f->n + at[b]] += sign[a] * sign[b] * all * p * (1 - p);
        }
    }
}

/* The factor of the information. False where some players were never compared with the rest: rounding alone then stands
 * in its last places. */
static bool factor(Fit *f)
{
    bool firm = mat_cholesky(f->n, f->info, f->root);
    for (int k = 0; firm && k < f->n; k++) {
        double pivot = f->root[k * f->n + k];
        firm = pivot * pivot > 1e-10 * f->info[k * f->n + k];
    }
    return firm;
}

/* True when theta has arrived; the factor of its information is then in root. */
static bool newton(Fit *f)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        double now = loglik_at(f, f->theta), gain = 0, far = 0, scale = 1;
        slope_at(f);
        if (!factor(f))
            return false;
        mat_cholesky_solve(f->n, f->root, f->slope, f->step);
        for (int i = 0; i < f->n; i++) {
            gain += f->slope[i] * f->step[i];
            far = fmax(far, fabs(f->theta[i]));
        }
        if (!(far < 30)) /* e^30 to one: nothing holds it back */
            return false;
        if (gain < 1e-16 * (1 + fabs(now)))
            return true;
        for (int k = 0; k < HALVINGS_MAX; k++, scale /= 2) {
            for (int i = 0; i < f->n; i++)
                f->next[i] = f->theta[i] + scale * f->step[i];
            if (loglik_at(f, f->next) >= now - 1e-12 * fabs(now))
                break;
        }
        memcpy(f->theta, f->next, sizeof(double) * (size_t)f->n);
    }
    return false;
}

static double saturated(const PairsGame *g)
{
    double all = g->a_wins + g->b_wins, sum = 0;
    sum += g->a_wins > 0 ? g->a_wins * log(g->a_wins / all) : 0;
    sum += g->b_wins > 0 ? g->b_wins * log(g->b_wins / all) : 0;
    return sum;
}

static bool games_valid(int players, const PairsGame games[], ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        const PairsGame *g = &games[i];
        if (g->a < 0 || g->a >= players || g->b < 0 || g->b >= players || g->a == g->b ||
            !(g->a_wins >= 0) || !(g->b_wins >= 0) || !isfinite(g->a_wins + g->b_wins))
            return false;
    }
    return players >= 2 && players <= PAIRS_MAX;
}

static Err report(Cx *cx, const Fit *f, int players, PairsFit *ret)
{
    ptrdiff_t n = f->n;
    PairsFit out = {.players = players, .loglik = loglik_at(f, f->theta)};
    double *cov = arena_new(cx->arena, double, n *n);
    out.strength = arena_new(cx->arena, double, players);
    out.se = arena_new(cx->arena, double, players);
    if (!cov || !out.strength || !out.se)
        return err_nomem(cx);
    mat_cholesky_inverse(f->n, f->root, cov);
    for (int i = 1; i < players; i++) {
        out.strength[i] = f->theta[i - 1];
        out.se[i] = sqrt(cov[(i - 1) * (n + 1)]);
    }
    if (f->home) {
        out.home = f->theta[n - 1];
        out.home_se = sqrt(cov[(n - 1) * (n + 1)]);
    }
    for (ptrdiff_t i = 0; i < f->count; i++) {
        out.deviance += 2 * saturated(&f->game[i]);
        out.degrees += f->game[i].a_wins + f->game[i].b_wins > 0;
    }
    out.deviance -= 2 * out.loglik;
    out.degrees -= f->n;
    *ret = out;
    return OK;
}

Err pairs_fit(Cx *cx, int players, const PairsGame games[], ptrdiff_t count, PairsFit *ret)
{
    if (!games_valid(players, games, count))
        return err_set(cx, ERR_INVALID, "err.num-choices", NO_ARGS);
    Fit f = {.game = games, .count = count, .n = players - 1};
    for (ptrdiff_t i = 0; i < count; i++)
        f.home = f.home || games[i].a_home;
    f.n += f.home;
    ptrdiff_t n = f.n;
    double *vectors = arena_new(cx->arena, double, 4 * n);
    f.info = arena_new(cx->arena, double, n *n);
    f.root = arena_new(cx->arena, double, n *n);
    if (!vectors || !f.info || !f.root)
        return err_nomem(cx);
    f.theta = vectors;
    f.next = vectors + n;
    f.slope = vectors + 2 * n;
    f.step = vectors + 3 * n;
    if (!newton(&f))
        return err_set(cx, ERR_NUMERIC, "err.num-separated", NO_ARGS);
    return report(cx, &f, players, ret);
}
