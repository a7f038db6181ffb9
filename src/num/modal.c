/* num/modal.c - eigenvectors by the complex QR algorithm. A matrix of at most 32 rows is decomposed
 * once per model, never per step, so the plain method wins: Householder reduction to Hessenberg
 * form in real arithmetic, single-shift QR with Givens rotations in complex arithmetic (no
 * double-shift bookkeeping), back-substitution on the triangle. Real eigenvalues and pairs are told
 * apart by pairing conjugates, and the result is checked against A itself: whatever is lost to a
 * defective matrix shows in the residual or in cond(V) and is refused. O(n^3), about 25 n^3 complex
 * operations. */
#include "num/modal.h"
#include <complex.h>
#include <math.h>

typedef double complex Cplx;

enum { SWEEPS_MAX = 60 }; /* per eigenvalue; three or four are usual */
static const double COND_MAX = 1e3;

/* h = q' a q with h upper Hessenberg. */
static void hessenberg(int n, const double a[], double h[], double q[])
{
    mat_copy(n, a, h);
    mat_identity(n, q);
    for (int c = 0; c + 2 < n; c++) {
        double u[NUM_MAX] = {0}, norm = 0;
        for (int i = c + 1; i < n; i++)
            norm += (u[i] = h[i * n + c]) * h[i * n + c];
        norm = sqrt(norm);
        if (norm < 1e-300)
            continue;
        u[c + 1] += u[c + 1] < 0 ? -norm : norm;
        double uu = mat_dot(n, u, u);
        for (int j = 0; j < n; j++) {
            double s = 0;
            for (int i = c + 1; i < n; i++)
                s += u[i] * h[i * n + j];
            for (int i = c + 1; i < n; i++)
                h[i * n + j] -= 2 * s / uu * u[i];
        }
        for (int i = 0; i < n; i++) {
            double s = 2 * mat_dot(n, h + i * n, u) / uu, sq = 2 * mat_dot(n, q + i * n, u) / uu;
            for (int j = c + 1; j < n; j++) {
                h[i * n + j] -= s * u[j];
                q[i * n + j] -= sq * u[j];
            }
        }
    }
}

/* Wilkinson's shift: the eigenvalue of the trailing 2x2 that is nearer to its last entry. */
static Cplx shift_of(Cplx a, Cplx b, Cplx c, Cplx d)
{
    Cplx half = (a - d) / 2, root = csqrt(half * half + b * c);
    Cplx one = d + half + root, two = d + half - root;
    return cabs(one - d) < cabs(two - d) ? one : two;
}

/* One QR sweep on rows lo..hi of the Hessenberg matrix t, accumulated in z. */
static void sweep(int n, Cplx t[], Cplx z[], int lo, int hi, Cplx shift)
{
    Cplx cs[NUM_MAX] = {0}, sn[NUM_MAX] = {0};
    for (int i = lo; i <= hi; i++)
        t[i * n + i] -= shift;
    for (int k = lo; k < hi; k++) {
        Cplx x = t[k * n + k], y = t[(k + 1) * n + k];
        double r = hypot(cabs(x), cabs(y));
        cs[k] = r > 0 ? x / r : 1;
        sn[k] = r > 0 ? y / r : 0;
        for (int j = k; j < n; j++) {
            Cplx up = t[k * n + j], down = t[(k + 1) * n + j];
            t[k * n + j] = conj(cs[k]) * up + conj(sn[k]) * down;
            t[(k + 1) * n + j] = cs[k] * down - sn[k] * up;
        }
    }
    for (int k = lo; k < hi; k++) {
        for (int i = 0; i <= k + 1; i++) {
            Cplx left = t[i * n + k], right = t[i * n + k + 1];
            t[i * n + k] = left * cs[k] + right * sn[k];
            t[i * n + k + 1] = right * conj(cs[k]) - left * conj(sn[k]);
        }
        for (int i = 0; i < n; i++) {
            Cplx left = z[i * n + k], right = z[i * n + k + 1];
            z[i * n + k] = left * cs[k] + right * sn[k];
            z[i * n + k + 1] = right * conj(cs[k]) - left * conj(sn[k]);
        }
    }
    for (int i = lo; i <= hi; i++)
        t[i * n + i] += shift;
}

/* t becomes upper triangular (complex Schur form). False when it does not converge. */
static bool schur(int n, Cplx t[], Cplx z[])
{
    int hi = n - 1, since = 0;
    while (hi > 0) {
        int lo = hi;
        while (lo > 0) {
            double near = cabs(t[lo * n + lo]) + cabs(t[(lo - 1) * n + lo - 1]);
            if (cabs(t[lo * n + lo - 1]) <= 1e-16 * near) {
                t[lo * n + lo - 1] = 0;
                break;
            }
            lo--;
        }
        if (lo == hi) {
            hi--;
            since = 0;
            continue;
        }
        if (++since > SWEEPS_MAX)
            return false;
        Cplx s = shift_of(t[(hi - 1) * n + hi - 1], t[(hi - 1) * n + hi], t[hi * n + hi - 1],
                          t[hi * n + hi]);
        if (since % 10 == 0) /* an exceptional shift breaks a cycle */
            s = t[hi * n + hi] + cabs(t[hi * n + hi - 1]);
        sweep(n, t, z, lo, hi, s);
    }
    return true;
}

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
    double h[NUM_MAX2], q[NUM_MAX2];
    Cplx t[NUM_MAX2], z[NUM_MAX2];
    double norm = mat_norm1(n, a);
    if (n < 1 || n > NUM_MAX || !isfinite(norm))
        return false;
    hessenberg(n, a, h, q);
    for (int i = 0; i < n * n; i++) {
        t[i] = i / n > i % n + 1 ? 0 : h[i];
        z[i] = q[i];
    }
    Modal m = {.n = n};
    if (!schur(n, t, z) || !collect(n, t, z, norm, &m) || !mat_inverse(n, m.v, m.vi))
        return false;
    m.cond = mat_norm1(n, m.v) * mat_norm1(n, m.vi);
    if (!(m.cond <= COND_MAX) || !(residual(n, a, &m) <= 1e-12 * norm))
        return false;
    *ret = m;
    return true;
}
