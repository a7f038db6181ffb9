/* num/schur_body.h - the complex QR algorithm, included by num/modal.c for doubles and by num/schur.c for the widest
 * numbers, which say what SchurReal, SchurCplx, SCHUR_FN and SCHUR_EPSILON are. A matrix of at most 32 rows is
 * decomposed once per model, never per step, so the plain method wins: Householder reduction to Hessenberg form in
 * real arithmetic, single-shift QR with Givens rotations in complex arithmetic (no double-shift bookkeeping). O(n^3),
 * about 25 n^3 complex operations.
 * Shapes  row-major n x n; A = Z T Z*, T upper triangular.
 * Errors  false when the iteration does not converge, or something is not finite.
 * Source  Golub & Van Loan, Matrix Computations (2013), 7.4, 7.5; Wilkinson (1965). */

enum { SWEEPS_MAX = 60 }; /* per eigenvalue; three or four are usual */

/* h = q' a q with h upper Hessenberg. */
static void hessenberg(int n, const double a[], SchurReal h[], SchurReal q[])
{
    for (int i = 0; i < n * n; i++) {
        h[i] = (SchurReal)a[i];
        q[i] = i % (n + 1) == 0;
    }
    for (int c = 0; c + 2 < n; c++) {
        SchurReal u[NUM_MAX] = {0}, norm = 0, uu = 0;
        for (int i = c + 1; i < n; i++)
            norm += (u[i] = h[i * n + c]) * h[i * n + c];
        norm = SCHUR_FN(sqrt)(norm);
        if (!((double)norm > 1e-300))
            continue;
        u[c + 1] += u[c + 1] < 0 ? -norm : norm;
        for (int i = c + 1; i < n; i++)
            uu += u[i] * u[i];
        for (int j = 0; j < n; j++) {
            SchurReal s = 0;
            for (int i = c + 1; i < n; i++)
                s += u[i] * h[i * n + j];
            for (int i = c + 1; i < n; i++)
                h[i * n + j] -= 2 * s / uu * u[i];
        }
        for (int i = 0; i < n; i++) {
            SchurReal s = 0, sq = 0;
            for (int j = c + 1; j < n; j++) {
                s += h[i * n + j] * u[j];
                sq += q[i * n + j] * u[j];
            }
            for (int j = c + 1; j < n; j++) {
                h[i * n + j] -= 2 * s / uu * u[j];
                q[i * n + j] -= 2 * sq / uu * u[j];
            }
        }
    }
}

/* Wilkinson's shift: the eigenvalue of the trailing 2x2 that is nearer to its last entry. */
static SchurCplx shift_of(SchurCplx a, SchurCplx b, SchurCplx c, SchurCplx d)
{
    SchurCplx half = (a - d) / 2, root = SCHUR_FN(csqrt)(half * half + b * c);
    SchurCplx one = d + half + root, two = d + half - root;
    return SCHUR_FN(cabs)(one - d) < SCHUR_FN(cabs)(two - d) ? one : two;
}

/* One QR sweep on rows lo..hi of the Hessenberg matrix t, accumulated in z. */
static void sweep(int n, SchurCplx t[], SchurCplx z[], int lo, int hi, SchurCplx shift)
{
    SchurCplx cs[NUM_MAX] = {0}, sn[NUM_MAX] = {0};
    for (int i = lo; i <= hi; i++)
        t[i * n + i] -= shift;
    for (int k = lo; k < hi; k++) {
        SchurCplx x = t[k * n + k], y = t[(k + 1) * n + k];
        SchurReal r = SCHUR_FN(hypot)(SCHUR_FN(cabs)(x), SCHUR_FN(cabs)(y));
        cs[k] = r > 0 ? x / r : 1;
        sn[k] = r > 0 ? y / r : 0;
        for (int j = k; j < n; j++) {
            SchurCplx up = t[k * n + j], down = t[(k + 1) * n + j];
            t[k * n + j] = SCHUR_FN(conj)(cs[k]) * up + SCHUR_FN(conj)(sn[k]) * down;
            t[(k + 1) * n + j] = cs[k] * down - sn[k] * up;
        }
    }
    for (int k = lo; k < hi; k++) {
        for (int i = 0; i <= k + 1; i++) {
            SchurCplx left = t[i * n + k], right = t[i * n + k + 1];
            t[i * n + k] = left * cs[k] + right * sn[k];
            t[i * n + k + 1] = right * SCHUR_FN(conj)(cs[k]) - left * SCHUR_FN(conj)(sn[k]);
        }
        for (int i = 0; i < n; i++) {
            SchurCplx left = z[i * n + k], right = z[i * n + k + 1];
            z[i * n + k] = left * cs[k] + right * sn[k];
            z[i * n + k + 1] = right * SCHUR_FN(conj)(cs[k]) - left * SCHUR_FN(conj)(sn[k]);
        }
    }
    for (int i = lo; i <= hi; i++)
        t[i * n + i] += shift;
}

/* The lowest row of the block that ends in row hi; what stands under it is set to 0. Beside its neighbours, or, where
 * those are as good as nothing (unit roots) and would never be small enough, beside the whole. */
static int block_of(int n, SchurCplx t[], int hi, SchurReal whole)
{
    int lo = hi;
    while (lo > 0) {
        SchurReal near = SCHUR_FN(cabs)(t[lo * n + lo]) + SCHUR_FN(cabs)(t[(lo - 1) * n + lo - 1]);
        if (SCHUR_FN(cabs)(t[lo * n + lo - 1]) <= SCHUR_EPSILON / 2 * SCHUR_FN(fmax)(near, whole)) {
            t[lo * n + lo - 1] = 0;
            break;
        }
        lo--;
    }
    return lo;
}

static bool to_triangle(int n, const double a[], SchurCplx ret_t[], SchurCplx ret_z[])
{
    SchurReal h[NUM_MAX2], q[NUM_MAX2];
    double norm = mat_norm1(n, a);
    if (!isfinite(norm))
        return false;
    hessenberg(n, a, h, q);
    for (int i = 0; i < n * n; i++) {
        ret_t[i] = i / n > i % n + 1 ? 0 : h[i];
        ret_z[i] = q[i];
    }
    SchurCplx *t = ret_t;
    int hi = n - 1, since = 0;
    while (hi > 0) {
        int lo = block_of(n, t, hi, since > SWEEPS_MAX / 3 ? (SchurReal)norm : 0);
        if (lo == hi) {
            hi--;
            since = 0;
            continue;
        }
        if (++since > SWEEPS_MAX)
            return false;
        SchurCplx s = shift_of(t[(hi - 1) * n + hi - 1], t[(hi - 1) * n + hi], t[hi * n + hi - 1],
                               t[hi * n + hi]);
        if (since % 10 == 0) /* an exceptional shift breaks a cycle */
            s = t[hi * n + hi] + SCHUR_FN(cabs)(t[hi * n + hi - 1]);
        sweep(n, t, ret_z, lo, hi, s);
    }
    return true;
}
