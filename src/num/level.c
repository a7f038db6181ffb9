/* num/level.c - the scalar case of num/lds.c written out: a step adds q dt, a reading takes the share
 * var / (var + error). Smoothing by Rauch, Tung and Striebel, whose gain var / (var + q dt) needs no
 * care here. A reading costs a dozen operations, whatever came before. */
#include "num/level.h"
#include <math.h>

LevelParams level_params_default(double mu)
{
    return (LevelParams){.mu = mu, .sd = 2, .q = .004, .error = 1};
}

Level level_start(const LevelParams *p, double t_days)
{
    return (Level){.t_days = t_days, .mean = p->mu, .var = p->sd * p->sd};
}

Level level_forecast(const LevelParams *p, const Level *from, double t_days)
{
    Level l = *from;
    if (t_days > l.t_days) {
        l.var += p->q * (t_days - l.t_days);
        l.t_days = t_days;
    }
    return l;
}

static Err check(Cx *cx, double after, const LevelReading r[], ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        if (!isfinite(r[i].t_days) || !isfinite(r[i].value) || r[i].t_days < after)
            return err_set(cx, ERR_INVALID, "err.num-event", ARGS(arg_int("place", i + 1)));
        after = r[i].t_days;
    }
    return OK;
}

static Level read_one(const LevelParams *p, const Level *before, const LevelReading *r)
{
    Level l = level_forecast(p, before, r->t_days);
    double spread = l.var + p->error, resid = r->value - l.mean;
    l.loglik -= 0.5 * (1.8378770664093454836 + log(spread) + resid * resid / spread);
    l.mean += l.var / spread * resid;
    l.var *= p->error / spread;
    l.readings++;
    return l;
}

Err level_filter(Cx *cx, const LevelParams *p, const LevelReading readings[], ptrdiff_t count,
                 Level *io)
{
    Err e = check(cx, io->t_days, readings, count);
    if (e != OK)
        return e;
    for (ptrdiff_t i = 0; i < count; i++)
        *io = read_one(p, io, &readings[i]);
    return OK;
}

Err level_smooth(Cx *cx, const LevelParams *p, const LevelReading readings[], ptrdiff_t count,
                 Level ret[])
{
    if (count == 0)
        return OK;
    Err e = check(cx, readings[0].t_days, readings, count);
    if (e != OK)
        return e;
    Level l = level_start(p, readings[0].t_days);
    for (ptrdiff_t i = 0; i < count; i++)
        ret[i] = l = read_one(p, &l, &readings[i]);
    for (ptrdiff_t i = count - 2; i >= 0; i--) {
        double ahead = ret[i].var + p->q * (ret[i + 1].t_days - ret[i].t_days);
        double gain = ret[i].var / ahead;
        double to_mean = ret[i + 1].mean - ret[i].mean, to_var = ret[i + 1].var - ahead;
        ret[i].mean += gain * to_mean;
        ret[i].var += gain * gain * to_var;
        ret[i].loglik = ret[i + 1].loglik;
    }
    return OK;
}
