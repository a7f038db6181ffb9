/* num/modal.c - eigenvectors by back-substitution on the triangle of the QR algorithm (num/schur_body.h). Real
 * eigenvalues and pairs are told apart by pairing conjugates, and the result is checked against A itself: whatever is
 * lost to a defective matrix shows in the residual or in cond(V) and is refused. O(n^3), once per model. */
#include "num/modal.h"
#include <complex.h>
#include <float.h>
#include <math.h>

typedef double SchurReal;
typedef double complex SchurCplx;
typedef SchurCplx Cplx;
#define SCHUR_FN(name) name
#define SCHUR_EPSILON DBL_EPSILON
#include "num/schur_body.h"

static const double COND_MAX = 1e3;

/* The eigenvector of the triangle t for its k-th diagonal entry, turned back by z. */
static void vector_of(int n, const Cplx t[], const Cplx z[], int k, Cplx ret[])
{
    Cplx x[NUM_MAX] = {0};
    double scale = 0;
    for (int i = 0; i < n; i++)
        scale = fmax(scale, cabs(t[i * n + i]));
    x[k] = 1;
    for (int i = k - 1; i >= 0; i--) {
        Cplx s = 0, d = t[k * n + k] - t[i * n + i];
        for (int j = i + 1; j <= k; j++)
            s += t[i * n + j] * x[j];
        if (cabs(d) < 1e-15 * scale) /* equal eigenvalues: fine when s is 0, else refused by cond */
            d = 1e-15 * scale;
        x[i] = cabs(s) > 0 ? s / d : 0;
    }
    for (int i = 0; i < n; i++) {
        ret[i] = 0;
        for (int j = 0; j <= k; j++)
            ret[i] += z[i * n + j] * x[j];
    }
}

/* Makes a real eigenvector of one that is real up to a common phase; scales it to length 1. */
static void put_real(int n, const Cplx x[], int col, double v[])
{
    int big = 0;
    for (int i = 0; i < n; i++)
        big = cabs(x[i]) > cabs(x[big]) ? i : big;
    double len = 0;
    for (int i = 0; i < n; i++)
        len = hypot(len, v[i * n + col] = creal(x[i] / x[big]));
    for (int i = 0; i < n; i++)
        v[i * n + col] /= len;
}

static void put_pair(int n, const Cplx x[], int col, double v[])
{
    double len = 0;
    for (int i = 0; i < n; i++)
        len = hypot(len, cabs(x[i]));
    for (int i = 0; i < n; i++) {
        v[i * n + col] = creal(x[i]) / len;
        v[i * n + col + 1] = cimag(x[i]) / len;
    }
}

/* Lays out the columns: an eigenvalue with positive imaginary part brings its conjugate along. */
static bool collect(int n, const Cplx t[], const Cplx z[], double norm, Modal *m)
{
    int col = 0, below = 0, above = 0;
    for (int k = 0; k < n; k++) {
        Cplx value = t[k * n + k], x[NUM_MAX];
        bool is_real = fabs(cimag(value)) <= 1e-12 * norm;
        if (!is_real && cimag(value) < 0) {
            below++;
            continue;
        }
        if (col + (is_real ? 1 : 2) > n)
            return false;
        vector_of(n, t, z, k, x);
        m->re[col] = creal(value);
        m->im[col] = is_real ? 0 : cimag(value);
        if (is_real) {
            put_real(n, x, col++, m->v);
        } else {
            m->re[col + 1] = creal(value);
            m->im[col + 1] = -cimag(value);
            put_pair(n, x, col, m->v);
            col += 2;
            above++;
        }
    }
    return col == n && above == below;
}

/* The largest entry of A V - V Lambda. */
static double residual(int n, const double a[], const Modal *m)
{
    double av[NUM_MAX2], worst = 0;
    mat_mul(n, a, m->v, av);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double w = m->im[j], other = 0; /* column j of V Lambda */
            if (w > 0)
                other = -w * m->v[i * n + j + 1];
            else if (w < 0)
                other = -w * m->v[i * n + j - 1];
            worst = fmax(worst, fabs(av[i * n + j] - m->v[i * n + j] * m->re[j] - other));
        }
    return worst;
}

bool modal_make(int n, const double a[], Modal *ret)
{
    Cplx t[NUM_MAX2], z[NUM_MAX2];
    double norm = mat_norm1(n, a);
    if (n < 1 || n > NUM_MAX || !isfinite(norm))
        return false;
    Modal m = {.n = n};
    if (!to_triangle(n, a, t, z) || !collect(n, t, z, norm, &m) || !mat_inverse(n, m.v, m.vi))
        return false;
    m.cond = mat_norm1(n, m.v) * mat_norm1(n, m.vi);
    if (!(m.cond <= COND_MAX) || !(residual(n, a, &m) <= 1e-12 * norm))
        return false;
    *ret = m;
    return true;
}
