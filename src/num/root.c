/* num/root.c - reflections for whole steps, Potter's rank-1 update for readings, rotations for rows of least squares.
 * Each is orthogonal or a product of sums without cancellation, which is what keeps the digits. A reading costs 4 n^2,
 * a triangle of n rows among r with c columns 4 n r c less what is zero by then. */
#include "num/root.h"
#include <math.h>
#include <string.h>

/* Cholesky's, always taking next the row of which the largest share is left: of a matrix of less than full rank, any other
 * order divides rounding by rounding. */
bool root_of(int n, const double a[], double ret[])
{
    double left[NUM_MAX];
    bool done[NUM_MAX] = {false};
    for (int i = 0; i < n; i++)
        left[i] = a[i * n + i];
    mat_zero(n, ret);
    for (int c = 0; c < n; c++) {
        int j = -1;
        double most = 1e-15; /* what is left of a row below this is rounding */
        for (int i = 0; i < n; i++)
            if (!done[i] && left[i] > most * a[i * n + i]) {
                j = i;
                most = left[i] / a[i * n + i];
            }
        if (j < 0)
            break;
        double own = sqrt(left[j]);
        done[j] = true;
        ret[j * n + c] = own;
        for (int i = 0; i < n; i++) {
            if (done[i])
                continue;
            double l = (a[i * n + j] - mat_dot(c, ret + i * n, ret + j * n)) / own;
            ret[i * n + c] = l;
            left[i] -= l * l;
        }
    }
    return mat_finite((ptrdiff_t)n * n, a) && mat_finite((ptrdiff_t)n * n, ret);
}

void root_square(int n, const double s[], double ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            ret[i * n + j] = ret[j * n + i] = mat_dot(n, s + i * n, s + j * n);
}

int root_triangle(int n, int rows, int columns, double a[], int pivot[])
{
    double v[2 * NUM_MAX];
    int c = 0; /* the next column */
    INVARIANT(columns <= 2 * NUM_MAX);
    for (int k = 0; k < n; k++) {
        double *row = a + k * columns;
        int len = columns - c;
        double largest = 0, whole = 0, sum = 0;
        for (int j = 0; j < columns; j++)
            whole = fmax(whole, fabs(row[j]));
        for (int j = c; j < columns; j++)
            largest = fmax(largest, fabs(row[j]));
        bool taken = largest > n * 4e-16 * whole && isfinite(largest);
        if (pivot)
            pivot[k] = taken ? c : -1;
        if (!taken) {
            for (int j = c; j < columns && isfinite(largest); j++)
                row[j] = 0;
            continue;
        }
        for (int j = 0; j < len; j++) { /* scaled, so that no square is lost */
            v[j] = row[c + j] / largest;
            sum += v[j] * v[j];
        }
        double size = copysign(sqrt(sum), v[0]);
        v[0] += size;
        double twice = 1 / (size * v[0]);
        row[c] = -size * largest;
        memset(row + c + 1, 0, sizeof row[0] * (size_t)(len - 1));
        for (int i = k + 1; i < rows; i++) {
            double *other = a + i * columns + c, share = twice * mat_dot(len, v, other);
            for (int j = 0; j < len; j++)
                other[j] -= share * v[j];
        }
        c++;
    }
    return c;
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
