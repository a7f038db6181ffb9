/* num/level.h - one number that drifts by itself and is read with error: what is wanted, what is given.
 *     x(t + dt) = x(t) + N(0, q dt),  y = x + N(0, error)
 * Shapes  scalars; smoothing over an array of readings in time order.
 * Units   answers 0..10, time in days, q in squared points a day.
 * Errors  ERR_INVALID readings out of order or not finite (names the place); ERR_NOMEM.
 * Memory  level_smooth works in cx->arena; a Level is a plain value.
 * Thread  pure.
 * Source  Durbin & Koopman (2012), chapter 2. */
#ifndef NUM_LEVEL_H
#define NUM_LEVEL_H

#include "base/cx.h"

typedef struct LevelParams {
    double mu, sd; /* before the first reading */
    double q, error;
} LevelParams;

/* Wanted and given of fonder around a kind's mean: sd 2, q .004 a day, error 1. */
LevelParams level_params_default(double mu);

typedef struct Level {
    double t_days, mean, var, loglik;
    int readings;
} Level;

typedef struct LevelReading {
    double t_days, value;
} LevelReading;

Level level_start(const LevelParams *p, double t_days);
/* The belief at a later time; an earlier t_days changes nothing. */
Level level_forecast(const LevelParams *p, const Level *from, double t_days);
MUST_CHECK Err level_filter(Cx *cx, const LevelParams *p, const LevelReading readings[],
                            ptrdiff_t count, Level *io);
/* The beliefs at the readings' own times given all of them. */
MUST_CHECK Err level_smooth(Cx *cx, const LevelParams *p, const LevelReading readings[],
                            ptrdiff_t count, Level ret[]);

#endif
