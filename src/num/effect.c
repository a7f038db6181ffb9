/* num/effect.c - information form: evidence adds up, and the posterior is one Cholesky factorisation of five numbers
 * squared. What moved is a shift of the levels at one instant, met by the answers after it: their log-likelihood is a
 * parabola in the shift (up to answers at the ends of the scale), so 21 of its values give its slope and curvature, which
 * are evidence as it stands. The smoothed change itself would not do: it already leans towards no change. */
#include "num/effect.h"
#include "num/mat.h"
#include <math.h>
#include <string.h>

enum { N = REL_TYPES };

void effect_add(EffectEvidence *io, double weight, const EffectEvidence *more)
{
    mat_add(N, io->precision, weight, more->precision);
    for (int i = 0; i < N; i++)
        io->shift[i] += weight * more->shift[i];
}

void effect_outcomes(const double expected[N], double weight, double sum, EffectEvidence *io)
{
    double size = mat_dot(N, expected, expected);
    double per = 1 / (EFFECT_OUTCOME_SD * EFFECT_OUTCOME_SD);
    if (!(size > 0))
        return;
    for (int i = 0; i < N; i++) {
        io->shift[i] += per * sum * expected[i] / size;
        for (int j = 0; j < N; j++)
            io->precision[i * N + j] += per * weight * expected[i] * expected[j] / (size * size);
    }
}

static Err shifted(Cx *cx, const RelModel *rm, const RelState *before, const RelEvent events[],
                   ptrdiff_t count, const double shift[N], double *ret)
{
    RelState s = *before;
    rel_shift(rm, shift, &s);
    Err e = rel_filter(cx, rm, events, count, &s);
    *ret = rel_loglik(&s) - rel_loglik(before);
    return e;
}

Err effect_moved(Cx *cx, const RelModel *rm, const RelState *before, const RelEvent events[],
                 ptrdiff_t count, EffectEvidence *io)
{
    const double h = .5;
    EffectEvidence out = {.shift = {0}};
    double at[N] = {0}, middle = 0, up = 0, down = 0, both = 0, l[N * N];
    double *c = out.precision;
    Err e = shifted(cx, rm, before, events, count, at, &middle);
    for (int i = 0; i < N && e == OK; i++) {
        at[i] = h;
        e = shifted(cx, rm, before, events, count, at, &up);
        at[i] = -h;
        if (e == OK)
            e = shifted(cx, rm, before, events, count, at, &down);
        at[i] = 0;
        out.shift[i] = (up - down) / (2 * h);
        c[i * N + i] = (2 * middle - up - down) / (h * h);
    }
    for (int i = 0; i < N && e == OK; i++) {
        for (int j = 0; j < i && e == OK; j++) {
            at[i] = at[j] = h;
            e = shifted(cx, rm, before, events, count, at, &both);
            at[i] = at[j] = 0;
            c[i * N + j] = c[j * N + i] =
                (middle - both + h * (out.shift[i] + out.shift[j])) / (h * h) -
                (c[i * N + i] + c[j * N + j]) / 2;
        }
    }
    if (e != OK)
        return e;
    memcpy(l, out.precision, sizeof l);
    for (int i = 0; i < N; i++)
        l[i * N + i] += 1e-6;
    if (mat_cholesky(
            N, l,
            l)) /* answers at the ends of the scale may bend it the wrong way: then it says nothing */
        effect_add(io, 1, &out);
    return OK;
}

void effect_posterior(const double expected[N], const EffectEvidence *evidence, EffectBelief *ret)
{
    /* (f I + s e e')^-1 = I / f - s e e' / (f (f + s e'e)) */
    double precision[N * N], shift[N], l[N * N];
    double f = EFFECT_FLOOR * EFFECT_FLOOR, s = EFFECT_SD * EFFECT_SD;
    double size = mat_dot(N, expected, expected), shared = s / (f * (f + s * size));
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            precision[i * N + j] = (i == j ? 1 / f : 0) - shared * expected[i] * expected[j];
    }
    mat_vec(N, precision, expected, shift);
    mat_add(N, precision, 1, evidence->precision);
    for (int i = 0; i < N; i++)
        shift[i] += evidence->shift[i];
    mat_symmetrise(N, precision);
    bool whole = mat_cholesky(N, precision, l);
    INVARIANT(whole); /* a positive definite matrix, and what only adds to it */
    mat_cholesky_inverse(N, l, ret->cov);
    mat_cholesky_solve(N, l, shift, ret->mean);
}

void effect_draw(const EffectBelief *effect, const double z[N], double ret[N])
{
    double l[N * N];
    bool whole = mat_cholesky_semi(N, effect->cov, l);
    INVARIANT(whole);
    mat_vec(N, l, z, ret);
    for (int i = 0; i < N; i++)
        ret[i] = effect->mean[i] + EFFECT_EXPLORE * ret[i];
}

void effect_draw_prior(const double expected[N], const double z[N + 1], double ret[N])
{
    for (int i = 0; i < N; i++)
        ret[i] = expected[i] +
                 EFFECT_EXPLORE * (expected[i] * EFFECT_SD * z[0] + EFFECT_FLOOR * z[i + 1]);
}

void effect_relative(const double expected[N], const EffectBelief *effect, double *ret_mean,
                     double *ret_sd)
{
    double half[N], size = mat_dot(N, expected, expected);
    mat_vec(N, effect->cov, expected, half);
    *ret_mean = size > 0 ? mat_dot(N, expected, effect->mean) / size : 1;
    *ret_sd = size > 0 ? sqrt(fmax(0, mat_dot(N, expected, half))) / size : EFFECT_SD;
}
