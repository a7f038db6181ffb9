/* num/mat.c - plain loops over rows. At n <= 32 everything lives in the first cache level, where blocking
 * and calls into a BLAS cost more than they give. The product, where nearly all the time goes, keeps two rows by
 * eight columns in registers, written once on the compiler's vector types and compiled for AVX2 beside what every
 * machine has; both add in the same order, so results are the same to the bit. Products and factorisations
 * grow with n^3. */
#include "num/mat.h"
#include <math.h>
#include <string.h>

void mat_identity(int n, double ret[])
{
    mat_zero(n, ret);
    for (int i = 0; i < n; i++)
        ret[i * n + i] = 1;
}

void mat_zero(int n, double ret[])
{
    memset(ret, 0, sizeof(double) * (size_t)n * (size_t)n);
}

void mat_copy(int n, const double a[], double ret[])
{
    memmove(ret, a, sizeof(double) * (size_t)n * (size_t)n);
}

typedef double V4 __attribute__((vector_size(32)));

static inline __attribute__((always_inline)) void load4(const double x[], V4 *ret)
{
    memcpy(ret, x, sizeof *ret);
}

static inline __attribute__((always_inline)) void store4(const V4 *v, double x[])
{
    memcpy(x, v, sizeof *v);
}

/* Rows i and i2 (which may be the same) of a b, columns j to j + 7. */
static inline __attribute__((always_inline)) void two_by_eight(int n, const double *restrict a,
                                                               const double *restrict b, int i,
                                                               int i2, int j, double *restrict ret)
{
    V4 s = {0}, t = {0}, s2 = {0}, t2 = {0}, x, y;
    for (int k = 0; k < n; k++) {
        load4(b + k * n + j, &x);
        load4(b + k * n + j + 4, &y);
        s += x * a[i * n + k];
        t += y * a[i * n + k];
        s2 += x * a[i2 * n + k];
        t2 += y * a[i2 * n + k];
    }
    store4(&s, ret + i * n + j);
    store4(&t, ret + i * n + j + 4);
    store4(&s2, ret + i2 * n + j);
    store4(&t2, ret + i2 * n + j + 4);
}

static inline __attribute__((always_inline)) void
mul_body(int n, const double *restrict a, const double *restrict b, double *restrict ret)
{
    for (int i = 0; i < n; i += 2) {
        int i2 = i + 1 < n ? i + 1 : i, j = 0;
        for (; j + 8 <= n; j += 8)
            two_by_eight(n, a, b, i, i2, j, ret);
        for (; j + 4 <= n; j += 4) {
            V4 s = {0}, s2 = {0}, x;
            for (int k = 0; k < n; k++) {
                load4(b + k * n + j, &x);
                s += x * a[i * n + k];
                s2 += x * a[i2 * n + k];
            }
            store4(&s, ret + i * n + j);
            store4(&s2, ret + i2 * n + j);
        }
        for (; j < n; j++) {
            double s = 0, s2 = 0;
            for (int k = 0; k < n; k++) {
                s += b[k * n + j] * a[i * n + k];
                s2 += b[k * n + j] * a[i2 * n + k];
            }
            ret[i * n + j] = s;
            ret[i2 * n + j] = s2;
        }
    }
}

static void mul_any(int n, const double a[], const double b[], double ret[])
{
    mul_body(n, a, b, ret);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void mul_avx2(int n, const double a[], const double b[],
                                                     double ret[])
{
    mul_body(n, a, b, ret);
}
#endif

void mat_mul(int n, const double a[], const double b[], double ret[])
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        mul_avx2(n, a, b, ret);
        return;
    }
#endif
    mul_any(n, a, b, ret);
}

void mat_mul_nt(int n, const double a[], const double b[], double ret[])
{
    double bt[NUM_MAX2];
    mat_transpose(n, b, bt);
    mat_mul(n, a, bt, ret);
}

void mat_transpose(int n, const double a[], double ret[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            ret[j * n + i] = a[i * n + j];
}

void mat_vec(int n, const double a[], const double x[], double ret[])
{
    for (int i = 0; i < n; i++)
        ret[i] = mat_dot(n, a + i * n, x);
}

void mat_vec_t(int n, const double a[], const double x[], double ret[])
{
    for (int j = 0; j < n; j++)
        ret[j] = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n && fabs(x[i]) > 0; j++) /* loadings are mostly zeros */
            ret[j] += a[i * n + j] * x[i];
}

void mat_add(int n, double a[], double scale, const double b[])
{
    for (int i = 0; i < n * n; i++)
        a[i] += scale * b[i];
}

void mat_sandwich(int n, const double f[], const double p[], const double q[], double ret[])
{
    double fp[NUM_MAX2];
    mat_mul(n, f, p, fp);
    mat_mul_nt(n, fp, f, ret);
    if (q)
        mat_add(n, ret, 1, q);
    mat_symmetrise(n, ret);
}

void mat_symmetrise(int n, double a[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            a[i * n + j] = a[j * n + i] = 0.5 * (a[i * n + j] + a[j * n + i]);
}

double mat_norm1(int n, const double a[])
{
    double most = 0;
    for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += fabs(a[i * n + j]);
        most = fmax(most, sum);
    }
    return most;
}

bool mat_finite(ptrdiff_t len, const double a[])
{
    for (ptrdiff_t i = 0; i < len; i++)
        if (!isfinite(a[i]))
            return false;
    return true;
}

double mat_dot(int n, const double x[], const double y[])
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * y[i];
    return s;
}

/* Column by column; a pivot of which nothing is left ends it, or leaves a zero column when semi. */
static bool factor(int n, double l[], bool semi)
{
    for (int j = 0; j < n; j++) {
        double whole = l[j * n + j], d = whole - mat_dot(j, l + j * n, l + j * n);
        bool zero = semi && fabs(d) <= 1e-12 * whole;
        if (!isfinite(d) || (!zero && !(d > 0)))
            return false;
        double root = zero ? 0 : sqrt(d);
        l[j * n + j] = root;
        for (int i = j + 1; i < n; i++) {
            double rest = l[i * n + j] - mat_dot(j, l + i * n, l + j * n);
            if (zero && !(fabs(rest) <= 2e-6 * sqrt(whole * l[i * n + i])))
                return false; /* what does not vary cannot vary with something */
            l[i * n + j] = zero ? 0 : rest / root;
        }
        for (int k = j + 1; k < n; k++)
            l[j * n + k] = 0;
    }
    return true;
}

bool mat_cholesky(int n, const double a[], double ret[])
{
    if (ret != a)
        mat_copy(n, a, ret);
    return factor(n, ret, false);
}

bool mat_cholesky_semi(int n, const double a[], double ret[])
{
    if (ret != a)
        mat_copy(n, a, ret);
    return factor(n, ret, true);
}

void mat_cholesky_solve(int n, const double l[], const double b[], double ret[])
{
    for (int i = 0; i < n; i++)
        ret[i] = (b[i] - mat_dot(i, l + i * n, ret)) / l[i * n + i];
    for (int i = n - 1; i >= 0; i--) {
        ret[i] /= l[i * n + i];
        for (int k = 0; k < i; k++)
            ret[k] -= l[i * n + k] * ret[i];
    }
}

void mat_cholesky_inverse(int n, const double l[], double ret[])
{
    mat_identity(n, ret);
    for (int i = 0; i < n; i++) /* a row at a time: the inverse is symmetric */
        mat_cholesky_solve(n, l, ret + i * n, ret + i * n);
    mat_symmetrise(n, ret);
}

double mat_cholesky_logdet(int n, const double l[])
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += log(l[i * n + i]);
    return 2 * sum;
}

static void swap_rows(int n, double a[], int i, int j)
{
    for (int k = 0; k < n && i != j; k++) {
        double t = a[i * n + k];
        a[i * n + k] = a[j * n + k];
        a[j * n + k] = t;
    }
}

bool mat_inverse(int n, const double a[], double ret[])
{
    double m[NUM_MAX2], inv[NUM_MAX2];
    mat_copy(n, a, m);
    mat_identity(n, inv);
    for (int c = 0; c < n; c++) {
        int pivot = c;
        for (int i = c + 1; i < n; i++)
            if (fabs(m[i * n + c]) > fabs(m[pivot * n + c]))
                pivot = i;
        double d = m[pivot * n + c];
        if (!isfinite(d) || fabs(d) < 1e-300)
            return false;
        swap_rows(n, m, c, pivot);
        swap_rows(n, inv, c, pivot);
        for (int j = 0; j < n; j++) {
            m[c * n + j] /= d;
            inv[c * n + j] /= d;
        }
        for (int i = 0; i < n; i++) {
            double f = i == c ? 0 : m[i * n + c];
            for (int j = 0; j < n; j++) {
                m[i * n + j] -= f * m[c * n + j];
                inv[i * n + j] -= f * inv[c * n + j];
            }
        }
    }
    mat_copy(n, inv, ret);
    return mat_finite((ptrdiff_t)n * n, ret);
}

bool mat_joseph(int n, const double h[], double residual, double error, double mean[], double cov[],
                double gain[], double *ret_var)
{
    double m[NUM_MAX], k[NUM_MAX], left[NUM_MAX];
    mat_vec_t(n, cov, h, m); /* cov is symmetric */
    double var = mat_dot(n, h, m) + error;
    if (!(var > 0) || !isfinite(var) || !isfinite(residual))
        return false;
    for (int i = 0; i < n; i++) {
        k[i] = m[i] / var;
        mean[i] += k[i] * residual;
    }
    /* (I - Kh) P, row by row, then its product with (I - Kh)' and the error's own part. */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            cov[i * n + j] -= k[i] * m[j];
    for (int i = 0; i < n; i++) /* not symmetric here: row by row */
        left[i] = mat_dot(n, cov + i * n, h);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            cov[i * n + j] += (k[i] * error - left[i]) * k[j];
    mat_symmetrise(n, cov);
    if (gain)
        memcpy(gain, k, sizeof k[0] * (size_t)n);
    *ret_var = var;
    return true;
}
