/* num/schur.c - the QR algorithm of num/schur_body.h in long double, because an eigenvalue that A has m times is found to
 * the m-th root of the rounding only: three decimal digits more are a double one's eleventh digit instead of its
 * eighth. Five times the time of the same in doubles. */
#include "num/schur.h"
#include <float.h>
#include <math.h>

typedef WideReal SchurReal;
typedef WideCplx SchurCplx;
#define SCHUR_FN(name) name##l
#define SCHUR_EPSILON LDBL_EPSILON
#include "num/schur_body.h"

bool schur_make(int n, const double a[], WideCplx ret_t[], WideCplx ret_z[])
{
    return to_triangle(n, a, ret_t, ret_z);
}

void schur_swap(int n, int k, WideCplx t[], WideCplx z[])
{
    WideCplx a = t[k * n + k], b = t[(k + 1) * n + k + 1];
    WideCplx x = t[k * n + k + 1], y = b - a; /* the eigenvector for b comes first */
    WideReal len = hypotl(cabsl(x), cabsl(y));
    x = len > 0 ? x / len : 0;
    y = len > 0 ? y / len : 1;
    for (int i = 0; i < n; i++) {
        WideCplx *const rows[] = {t + i * n + k, z + i * n + k};
        for (int m = 0; m < 2; m++) {
            WideCplx left = rows[m][0], right = rows[m][1];
            rows[m][0] = left * x + right * y;
            rows[m][1] = right * conjl(x) - left * conjl(y);
        }
    }
    for (int j = 0; j < n; j++) {
        WideCplx up = t[k * n + j], down = t[(k + 1) * n + j];
        t[k * n + j] = conjl(x) * up + conjl(y) * down;
        t[(k + 1) * n + j] = x * down - y * up;
    }
    t[k * n + k] = b;
    t[(k + 1) * n + k + 1] = a;
    t[(k + 1) * n + k] = 0;
}
