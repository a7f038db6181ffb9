/* num/climb.h - the top of a smooth function of a few dozen numbers, from wherever one starts.
 * Shapes  n <= CLIMB_MAX numbers without bounds; callers choose a scale on which there are none.
 * Units   any; the value is a log-likelihood or log posterior, so a gain of 1e-9 is nothing.
 * Errors  ERR_NUMERIC no value at the start, or no top found; ERR_NOMEM.
 * Memory  work and results in cx->arena.
 * Thread  as the function given.
 * Source  Nocedal & Wright, Numerical Optimization (2006), 3.4 and 6.1. */
#ifndef NUM_CLIMB_H
#define NUM_CLIMB_H

#include "base/cx.h"
#include <stdbool.h>

enum { CLIMB_MAX = 128 };

/* The value and its slope g[n] at u[n]; false where the function does not exist. */
typedef bool ClimbFn(void *context, const double u[], double *ret_value, double ret_g[]);

/* About minus the curvature at u (n x n), positive semidefinite: what first derivatives alone tell of it. */
typedef bool ClimbInfoFn(void *context, const double u[], double ret[]);

/* The same at count <= CLIMB_WIDE points (u and ret_g: count x n) for little more than the price of one. */
enum { CLIMB_WIDE = 8 };
typedef void ClimbWideFn(void *context, int count, const double u[], double ret_value[],
                         double ret_g[], bool ret_there[]);
enum { CLIMB_LEVEL = 6 };

typedef struct Climb {
    double value;
    double u[CLIMB_MAX];
    double *
        cov; /* n x n: the inverse of minus the curvature at the top; 0 for a number that ran out so far that
                  * nothing changes with it any more */
    int rounds;
    /* Where there is no top because the function is level along some way: the numbers that change along it, those that
     * change most first; else, endless, the one that went furthest. They and the value are written on ERR_NUMERIC, too. */
    bool endless;
    int level[CLIMB_LEVEL], level_count;
} Climb;

/* step: the distance over which slopes are compared for the curvature, relative to max(1, |u|): 1e-5 for exact
 * slopes, 1e-3 for slopes that are differences themselves. */
/* info may be NULL; it tells a level way from a rounded one. */
MUST_CHECK Err climb(Cx *cx, int n, ClimbFn *fn, ClimbInfoFn *info, void *context,
                     const double start[], double step, Climb *ret);
/* As far as so many rounds of BFGS lead, for choosing among starts. False: nowhere. */
MUST_CHECK bool climb_some(Cx *cx, int n, ClimbFn *fn, void *context, const double start[],
                           int rounds, double ret_u[], double *ret_value);
/* For functions that can be asked at several points at once, with exact slopes. */
MUST_CHECK Err climb_wide(Cx *cx, int n, ClimbFn *fn, ClimbWideFn *wide, ClimbInfoFn *info,
                          void *context, const double start[], Climb *ret);

#endif
