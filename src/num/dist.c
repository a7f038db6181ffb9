/* num/dist.c - everything about tails goes through the Mills ratio Q(a)/phi(a): near 0 from erfc,
 * beyond from its continued fraction, so that nothing underflows and no two nearly equal numbers
 * are subtracted. Costs: a few dozen nanoseconds each; the continued fraction has a fixed number of
 * terms. */
#include "num/dist.h"
#include <math.h>

static const double SQRT_2 = 1.4142135623730950488;
static const double SQRT_2PI = 2.5066282746310005024;
static const double LOG_SQRT_2PI = 0.91893853320467274178;

double dist_normal_density(double z)
{
    return exp(-0.5 * z * z) / SQRT_2PI;
}

double dist_normal_cdf(double z)
{
    return 0.5 * erfc(-z / SQRT_2);
}

/* 1/(a + 2/(a + 3/(a + ...))) for a >= 5, where 60 terms are exact to rounding. */
static double mills_tail(double a)
{
    double f = a;
    for (int k = 60; k >= 2; k--)
        f = a + k / f;
    return 1 / f;
}

/* Q(a)/phi(a), any a. */
static double mills(double a)
{
    if (a < 5)
        return 0.5 * erfc(a / SQRT_2) / dist_normal_density(a);
    return 1 / (a + mills_tail(a));
}

double dist_normal_log_cdf(double z)
{
    if (z > -5)
        return log(dist_normal_cdf(z));
    return log(mills(-z)) - 0.5 * z * z - LOG_SQRT_2PI;
}

void dist_normal_log_cdf_slopes(double z, double ret[4])
{
    double a = -z;
    if (a > 30) { /* what follows would cancel; the series has eight digits here */
        double x = 1 / (a * a);
        ret[0] = a + (1 - x * (2 - x * (10 - x * 74))) / a;
        ret[1] = -1 + x * (1 - x * (6 - x * (50 - x * 518)));
        ret[2] = x * (2 - x * (24 - x * (300 - x * 4144))) / a;
        ret[3] = x * x * (6 - x * (120 - x * (2100 - x * 37296)));
        return;
    }
    double m = a < -38 ? 0 : 1 / mills(a); /* f' = m, and m' = -m (m + z) */
    double over = a >= 5 ? mills_tail(a) : m + z;
    double m1 = -m * over, m2 = -m1 * over - m * (1 + m1);
    ret[0] = m;
    ret[1] = m1;
    ret[2] = m2;
    ret[3] = -m2 * over - 2 * m1 * (1 + m1) - m * m2;
}

double dist_normal_quantile(double p)
{
    double q = p < 0.5 ? p : 1 - p;
    if (!(q > 0))
        return p < 0.5 ? -HUGE_VAL : HUGE_VAL;
    /* A start that is right to half a percent, then Halley's method on the lower tail. */
    double t = sqrt(-2 * log(q));
    double z = -(t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t)));
    for (int k = 0; k < 4; k++) {
        double gap = (dist_normal_cdf(z) - q) / dist_normal_density(z);
        z -= gap / (1 + 0.5 * z * gap);
    }
    return p < 0.5 ? z : -z;
}

/* Standard normal beyond a: mean and variance. */
static void beyond(double a, double *ret_mean, double *ret_var)
{
    if (a > 1e3) { /* 1 - m (m - a) has no digits left; the next terms are below rounding */
        *ret_mean = a + 1 / a;
        *ret_var = 1 / (a * a);
    } else if (a >= 5) {
        double over = mills_tail(a);
        *ret_mean = a + over;
        *ret_var = 1 - *ret_mean * over;
    } else {
        double m = a < -38 ? 0 : 1 / mills(a);
        *ret_mean = m;
        *ret_var = 1 - m * (m - a);
    }
}

/* Standard normal between a < b with |a| <= |b| or 0 between them. */
static void between(double a, double b, double *ret_mean, double *ret_var, double *ret_log_mass)
{
    double width = b - a;
    if (width < 1e-4) { /* flat to first order */
        double mid = a + width / 2;
        *ret_mean = mid - mid * width * width / 12;
        *ret_var = width * width / 12;
        *ret_log_mass = log(width) - 0.5 * mid * mid - LOG_SQRT_2PI;
        return;
    }
    double mass, at_a, at_b; /* all in units of phi(a) when a > 0 */
    if (a > 0) {
        at_a = 1;
        at_b = exp(-0.5 * width * (a + b));
        mass = mills(a) - at_b * mills(b);
        *ret_log_mass = log(mass) - 0.5 * a * a - LOG_SQRT_2PI;
    } else {
        at_a = dist_normal_density(a);
        at_b = dist_normal_density(b);
        mass = dist_normal_cdf(b) - dist_normal_cdf(a);
        *ret_log_mass = log(mass);
    }
    double mean = (at_a - at_b) / mass;
    *ret_mean = mean;
    *ret_var = fmax(1 + (a * at_a - b * at_b) / mass - mean * mean, 0);
}

void dist_truncated(double mean, double sd, double low, double high, double *ret_mean,
                    double *ret_var, double *ret_log_mass)
{
    double a = (low - mean) / sd, b = (high - mean) / sd, m, v, log_mass;
    /* Mirrored so that the nearer end is the lower one. */
    double sign = isinf(a) || (isfinite(b) && b < 0) ? -1 : 1;
    double from = sign > 0 ? a : -b, to = sign > 0 ? b : -a;
    if (isinf(from)) {
        m = 0;
        v = 1;
        log_mass = 0;
    } else if (isinf(to)) {
        beyond(from, &m, &v);
        log_mass = dist_normal_log_cdf(-from);
    } else {
        between(from, to, &m, &v, &log_mass);
    }
    *ret_mean = mean + sd * sign * m;
    *ret_var = sd * sd * v;
    *ret_log_mass = log_mass;
}
