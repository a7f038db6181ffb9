/* insight/said.c - the normal's mass between two cuts. One word if it holds .8; else the two neighbours that
 * together hold most, if that is .8; else nothing, and no best guess is given away. */
#include "insight/said.h"
#include "num/dist.h"
#include <math.h>

enum { WORDS_MAX = 5 };
static const double SAID_AT_LEAST = .8, Z80 = 1.2815515655446004, HAZY_BAND = 5;

static Said said(double mean, double sd, const double cuts[], int n_cuts)
{
    double p[WORDS_MAX];
    double below = 0;
    int words = n_cuts + 1, best = 0, pair = 0;
    if (!isfinite(mean) || !(sd >= 0) || !isfinite(sd))
        return (Said){SAID_NONE, SAID_NONE};
    for (int i = 0; i < words; i++) {
        double to = i == n_cuts ? 1
                    : sd > 0    ? dist_normal_cdf((cuts[i] - mean) / sd)
                                : mean < cuts[i];
        p[i] = to - below;
        below = to;
    }
    for (int i = 1; i < words; i++) {
        best = p[i] > p[best] ? i : best;
        pair = p[i] + (i + 1 < words ? p[i + 1] : 0) > p[pair] + p[pair + 1] && i + 1 < words
                   ? i
                   : pair;
    }
    if (p[best] >= SAID_AT_LEAST)
        return (Said){best, best};
    if (p[pair] + p[pair + 1] >= SAID_AT_LEAST)
        return (Said){pair, pair + 1};
    return (Said){SAID_NONE, SAID_NONE};
}

Said said_level(double mean, double sd)
{
    static const double cuts[] = {2, 4, 6, 8};
    return said(mean, sd, cuts, 4);
}

Said said_trend(double mean, double sd)
{
    static const double cuts[] = {-.5, .5};
    return said(mean, sd, cuts, 2);
}

bool said_hazy(double var)
{
    return !(2 * Z80 * sqrt(var) <= HAZY_BAND);
}

static double cut(double v)
{
    return v < 0 ? 0 : v > 10 ? 10 : v;
}

Estimate said_estimate(double mean, double var, int readings, int64_t last_ms)
{
    double sd = sqrt(var > 0 ? var : 0);
    return (Estimate){
        .known = readings > 0,
        .mean = mean,
        .sd = sd,
        .lo = cut(mean - Z80 * sd),
        .hi = cut(mean + Z80 * sd),
        .level = readings > 0 ? said_level(mean, sd) : (Said){SAID_NONE, SAID_NONE},
        .readings = readings,
        .last_ms = last_ms
    };
}
