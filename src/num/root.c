/* num/root.c - reflections for whole steps, Potter's rank-1 update for readings, rotations for rows of least squares.
 * Each is orthogonal or a product of sums without cancellation, which is what keeps the digits. A reading costs 4 n^2,
 * a triangle of n rows among r with c columns 4 n r c less what is zero by then. */
#include "num/root.h"
#include <math.h>
#include <string.h>

bool root_of(int n, const double a[], double ret[])
{
    mat_zero(n, ret);
    for (int j = 0; j < n; j++) {
        double d = a[j * n + j] - mat_dot(j, ret + j * n, ret + j * n);
        if (!isfinite(d))
            return false;
        if (!(d > 1e-15 * a[j * n + j])) /* what is left of it is rounding */
            continue;
        double own = sqrt(d);
        ret[j * n + j] = own;
        for (int i = j + 1; i < n; i++)
            ret[i * n + j] = (a[i * n + j] - mat_dot(j, ret + i * n, ret + j * n)) / own;
    }
    return mat_finite((ptrdiff_t)n * n, ret);
}

void root_square(int n, const double s[], double ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            ret[i * n + j] = ret[j * n + i] = mat_dot(n, s + i * n, s + j * n);
}

void root_triangle(int n, int rows, int columns, double a[])
{
    double v[2 * NUM_MAX];
    INVARIANT(columns <= 2 * NUM_MAX);
    for (int k = 0; k < n; k++) {
        double *row = a + k * columns;
        int len = columns - k;
        double largest = 0, sum = 0;
        for (int j = k; j < columns; j++)
            largest = fmax(largest, fabs(row[j]));
        if (!(largest > 0) || !isfinite(largest))
            continue;
        for (int j = 0; j < len; j++) { /* scaled, so that no square is lost */
            v[j] = row[k + j] / largest;
            sum += v[j] * v[j];
        }
        double size = copysign(sqrt(sum), v[0]);
        v[0] += size;
        double twice = 1 / (size * v[0]);
        row[k] = -size * largest;
        memset(row + k + 1, 0, sizeof row[0] * (size_t)(len - 1));
        for (int i = k + 1; i < rows; i++) {
            double *other = a + i * columns + k, c = twice * mat_dot(len, v, other);
            for (int j = 0; j < len; j++)
                other[j] -= c * v[j];
        }
    }
}

void root_read(int n, const double f[], double error, double var, double s[], double gain[])
{
    double c = 1 / (1 + sqrt(error / var));
    for (int i = 0; i < n; i++) {
        gain[i] = mat_dot(n, s + i * n, f) / var;
        for (int j = 0; j < n; j++)
            s[i * n + j] -= c * gain[i] * f[j];
    }
}

double root_absorb(RootFlat *flat, const double h[], double w[], double z)
{
    int n = flat->n;
    for (int i = 0; i < n; i++)
        flat->most[i] = fmax(flat->most[i], fabs(h[i]));
    for (int i = 0; i < n; i++) {
        double *row = flat->r + i * n, len = hypot(row[i], w[i]);
        if (!(len > 0))
            continue;
        double c = row[i] / len, s = w[i] / len, was = flat->z[i];
        for (int j = i; j < n; j++) {
            double above = row[j];
            row[j] = c * above + s * w[j];
            w[j] = c * w[j] - s * above;
        }
        flat->z[i] = c * was + s * z;
        z = c * z - s * was;
    }
    return z;
}

bool root_delta(const RootFlat *flat, RootDelta *ret)
{
    int n = flat->n;
    ret->logdet = 0;
    mat_zero(n, ret->spread);
    for (int j = 0; j < n; j++) {
        double size = flat->most[j], own = flat->r[j * n + j];
        for (int i = 0; i <= j; i++)
            size = hypot(size, flat->r[i * n + j]);
        if (!(fabs(own) > 1e-7 * size)) /* as good as collinear with those before it */
            return false;
        ret->logdet += 2 * log(fabs(own));
        ret->spread[j * n + j] = 1 / own;
        for (int i = j - 1; i >= 0; i--) {
            double sum = 0;
            for (int k = i + 1; k <= j; k++)
                sum += flat->r[i * n + k] * ret->spread[k * n + j];
            ret->spread[i * n + j] = -sum / flat->r[i * n + i];
        }
    }
    mat_vec(n, ret->spread, flat->z, ret->mean);
    return true;
}
