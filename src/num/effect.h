/* num/effect.h - how much something that two people do adds to each type, learned from what followed it.
 * Before anything was done c ~ N(c0, EFFECT_SD^2 c0 c0' + EFFECT_FLOOR^2 I): what is expected of it, as a whole more
 * or less so, and a little by itself in each type. What is said about an outcome, and how the levels moved around
 * it, are linear readings of c, so the posterior is normal too and no order of evidence matters.
 * Shapes  REL_TYPES numbers a vector, matrices row-major REL_TYPES^2.
 * Units   points of a level; outcomes as multiples of what was expected.
 * Errors  of effect_moved as rel_filter; the rest has none: the prior is positive definite, and evidence only adds.
 * Memory  plain values.
 * Thread  pure.
 * Source  conjugate normal regression; Thompson, Biometrika 25 (1933), for choosing by one draw. */
#ifndef NUM_EFFECT_H
#define NUM_EFFECT_H

#include "num/relation.h"

static const double EFFECT_EXPLORE = .5;
static const double EFFECT_SD = .35, EFFECT_FLOOR = .03, EFFECT_OUTCOME_SD = .8;

/* What speaks for which effect: a sum of precisions and of precision times effect. {0}: nothing. */
typedef struct EffectEvidence {
    double precision[REL_TYPES * REL_TYPES], shift[REL_TYPES];
} EffectEvidence;

void effect_add(EffectEvidence *io, double weight, const EffectEvidence *more);
/* `weight` outcomes whose multiples of what was expected add up to `sum`. */
void effect_outcomes(const double expected[REL_TYPES], double weight, double sum,
                     EffectEvidence *io);
/* What was answered afterwards: by how much more likely it is if the levels of the types moved by an effect at
 * `before`, the belief just then; a parabola in the effect. events: those after it, of the stretch that counts. Where
 * nothing was answered nothing is learned. Takes 21 filter passes over these events. */
MUST_CHECK Err effect_moved(Cx *cx, const RelModel *rm, const RelState *before,
                            const RelEvent events[], ptrdiff_t count, EffectEvidence *io);

typedef struct EffectBelief {
    double mean[REL_TYPES], cov[REL_TYPES * REL_TYPES];
} EffectBelief;
void effect_posterior(const double expected[REL_TYPES], const EffectEvidence *evidence,
                      EffectBelief *ret);
/* One draw to choose by, from REL_TYPES standard normal numbers: of EFFECT_EXPLORE of the spread, which by simulation
 * regrets less than all of it, and than none, over a few hundred choices (docs/ENGINE.md). */
void effect_draw(const EffectBelief *effect, const double z[REL_TYPES], double ret[REL_TYPES]);
/* The same before there is any evidence, without a factorisation. */
void effect_draw_prior(const double expected[REL_TYPES], const double z[REL_TYPES + 1],
                       double ret[REL_TYPES]);
/* The effect as a multiple of what was expected, along what was expected: 1 before anything is known. */
void effect_relative(const double expected[REL_TYPES], const EffectBelief *effect, double *ret_mean,
                     double *ret_sd);

#endif
