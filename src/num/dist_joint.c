/* num/dist_joint.c - probabilities of two and three jointly normal values by one-dimensional integrals over
 * the correlation: d/dr of the distribution function is a density, and along r = sin(angle) the integrand
 * has no singularity, also for r near 1. Gauss-Legendre with 10 points on each of PANELS panels that
 * shrink towards the end of the path, where strong correlations vary fastest. Deterministic, about 200
 * exponentials for a three-dimensional value; the quantile needs a dozen of those. */
#include "num/dist.h"
#include <math.h>

enum { POINTS = 5, PANELS = 6 };

/* Half of the symmetric 10-point rule. */
static const double node[POINTS] = {0.14887433898163121, 0.43339539412924719, 0.67940956829902441,
                                    0.86506336668898451, 0.97390652851717172};
static const double weight[POINTS] = {0.29552422471475287, 0.26926671930999636, 0.21908636251598204,
                                      0.14945134915058059, 0.06667134430868814};
static const double TWO_PI = 6.2831853071795864769;

/* exp(-(h^2 + k^2 - 2 h k sin a) / (2 cos^2 a)), its limits included. */
static double edge_density(double h, double k, double sine)
{
    double cos2 = 1 - sine * sine, top = (h - k) * (h - k) + 2 * h * k * (1 - sine);
    if (cos2 < 1e-15)
        return top < 1e-15 ? exp(-0.5 * h * k) : 0;
    return exp(-top / (2 * cos2));
}

/* What multiplies the density along the path; third == 0 for two values. */
typedef struct Path {
    double h, k;      /* the two values whose correlation grows */
    double third;     /* the other bound */
    double r, r_next; /* full correlation of (h, k) and of (h, third) */
    double r_fixed;   /* of (k, third) */
    int dims;
} Path;

static double third_below(const Path *p, double r)
{
    if (p->dims == 2)
        return 1;
    double share = fabs(p->r) > 0 ? r / p->r : 0, r13 = p->r_next * share, r23 = p->r_fixed;
    double left = 1 - r * r;
    double var = left - r13 * r13 - r23 * r23 + 2 * r * r13 * r23; /* times left */
    double gap = p->third * left - (r13 - r * r23) * p->h - (r23 - r * r13) * p->k;
    double scale = sqrt(fmax(var, 0) * left);
    if (scale > 1e-12)
        return dist_normal_cdf(gap / scale);
    return fabs(gap) < 1e-12 ? 0.5 : gap > 0 ? 1 : 0; /* a tie counts on both paths, half each */
}

static double along(const Path *p)
{
    double end = asin(fmin(fmax(p->r, -1), 1)), sum = 0, from = 0;
    for (int panel = 0; panel < PANELS; panel++) {
        double to = panel == PANELS - 1 ? end : end - (end - from) / 2.5;
        double mid = (from + to) / 2, half = (to - from) / 2;
        for (int i = 0; i < 2 * POINTS; i++) {
            double x = i < POINTS ? node[i] : -node[i - POINTS];
            double s = sin(mid + half * x);
            sum += weight[i % POINTS] * half * edge_density(p->h, p->k, s) * third_below(p, s);
        }
        from = to;
    }
    return sum / TWO_PI;
}

double dist_normal_cdf2(double x, double y, double r)
{
    Path p = {.h = x, .k = y, .r = r, .dims = 2};
    double value = dist_normal_cdf(x) * dist_normal_cdf(y) + along(&p);
    return fmin(fmax(value, 0), 1);
}

double dist_normal_cdf3(const double b[3], double r12, double r13, double r23)
{
    /* The pair with the strongest correlation is taken whole; the first value is tied to it gradually. */
    double one = b[0], two = b[1], three = b[2], a = r12, c = r13, f = r23;
    if (fabs(r12) > fabs(r23) && fabs(r12) >= fabs(r13)) {
        one = b[2];
        three = b[0];
        a = r23;
        f = r12;
    } else if (fabs(r13) > fabs(r23)) {
        one = b[1];
        two = b[0];
        c = r23;
        f = r13;
    }
    Path to_two = {one, two, three, a, c, f, 3}, to_three = {one, three, two, c, a, f, 3};
    double value = dist_normal_cdf(one) * dist_normal_cdf2(two, three, f);
    if (fabs(a) > 0)
        value += along(&to_two);
    if (fabs(c) > 0)
        value += along(&to_three);
    return fmin(fmax(value, 0), 1);
}

double dist_min3_cdf(const double mean[3], const double cov[9], double x)
{
    double b[3], sd[3];
    for (int i = 0; i < 3; i++) {
        sd[i] = sqrt(cov[i * 4]);
        b[i] = (mean[i] - x) / sd[i]; /* P(all above x) is P(all mirrored below) */
    }
    return 1 - dist_normal_cdf3(b, cov[1] / (sd[0] * sd[1]), cov[2] / (sd[0] * sd[2]),
                                cov[5] / (sd[1] * sd[2]));
}

double dist_min3_quantile(const double mean[3], const double cov[9], double p)
{
    /* P(one of them <= x) lies between the largest of the three and their sum. */
    double low = HUGE_VAL, high = HUGE_VAL;
    for (int i = 0; i < 3; i++) {
        double sd = sqrt(cov[i * 4]);
        low = fmin(low, mean[i] + sd * dist_normal_quantile(p / 3));
        high = fmin(high, mean[i] + sd * dist_normal_quantile(p));
    }
    double at_low = dist_min3_cdf(mean, cov, low) - p, at_high = dist_min3_cdf(mean, cov, high) - p;
    for (int k = 0; k < 60 && high - low > 1e-10 * (1 + fabs(low)); k++) {
        double x = (low + high) / 2; /* every third step halves, so that it cannot stall */
        if (k % 3 != 2 && at_high > at_low)
            x = fmin(fmax((low * at_high - high * at_low) / (at_high - at_low), low), high);
        double at = dist_min3_cdf(mean, cov, x) - p;
        if (at <= 0) {
            low = x;
            at_low = at;
        } else {
            high = x;
            at_high = at;
        }
        if (fabs(at) < 1e-13)
            return x;
    }
    return (low + high) / 2;
}
