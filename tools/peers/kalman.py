#!/usr/bin/python3
"""kalman.py MODEL.json DATA.csv RUNS - statsmodels' compiled filter and smoother on the same model and data.

Phi and Q of every gap are worked out beforehand and not counted, as are Python's own costs where the kernels can be
called by themselves. Prints: loglik NS, smooth-covariances NS (a row, the least of all runs), value LOGLIK.
"""
import csv, json, os, sys, time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from scipy.linalg import expm
from statsmodels.tsa.statespace.kalman_smoother import (KalmanSmoother, SMOOTHER_STATE, SMOOTHER_STATE_COV)


def matrices(m):
    a, g = np.array(m["drift"]), np.array(m["diffusion"])
    z = np.array(m["loading"])
    return a, g, z, np.array(m["offset"]), np.array(m["error"]), np.array(m["mean"])


def steps(a, g, gaps):
    """Van Loan's block exponential over a short gap, doubled: Phi and Q of each."""
    n = len(a)
    phi, q = np.empty((len(gaps), n, n)), np.empty((len(gaps), n, n))
    for k, dt in enumerate(gaps):
        doublings = max(0, int(np.ceil(np.log2(max(dt * np.abs(a).sum(1).max(), 1e-9)))))
        h = dt / 2 ** doublings
        e = expm(np.block([[-a, g], [np.zeros((n, n)), a.T]]) * h)
        f = e[n:, n:].T
        s = f @ e[:n, n:]
        for _ in range(doublings):
            s = f @ s @ f.T + s
            f = f @ f
        phi[k], q[k] = f, .5 * (s + s.T)
    return phi, q


def initial(m, a, g):
    if isinstance(m["initial"], dict):
        return np.array(m["initial"]["mean"]), np.array(m["initial"]["cov"])
    from scipy.linalg import solve_continuous_lyapunov
    return np.array(m["mean"]), solve_continuous_lyapunov(a, -g)


def build(m, t, y):
    a, g, z, offset, error, mean = matrices(m)
    n, p, rows = len(a), len(z), len(t)
    phi, q = steps(a, g, np.diff(t))
    ks = KalmanSmoother(k_endog=p, k_states=n, k_posdef=n, nobs=rows, tolerance=0)
    ks.bind(np.asfortranarray((y - offset - z @ mean).T))
    ks["design"], ks["obs_cov"], ks["selection"] = z, np.diag(error), np.eye(n)
    big_t, big_q = np.zeros((n, n, rows), order="F"), np.zeros((n, n, rows), order="F")
    big_t[:, :, :-1], big_q[:, :, :-1] = phi.transpose(1, 2, 0), q.transpose(1, 2, 0)
    big_t[:, :, -1] = np.eye(n)
    ks["transition"], ks["state_cov"] = big_t, big_q
    x0, p0 = initial(m, a, g)
    ks.initialize_known(x0 - mean, p0)
    ks.smoother_output = SMOOTHER_STATE | SMOOTHER_STATE_COV
    return ks


def read(path):
    series = {}
    with open(path) as f:
        rows = csv.reader(f)
        head = next(rows)
        first = 2 if head[0] == "id" else 1
        for r in rows:
            at = series.setdefault(r[0] if first == 2 else "", ([], []))
            at[0].append(float(r[first - 1]))
            at[1].append([float(c) if c else np.nan for c in r[first:]])
    return [(np.array(t), np.array(y)) for t, y in series.values()]


def main():
    with open(sys.argv[1]) as f:
        m = json.load(f)
    series, runs = read(sys.argv[2]), int(sys.argv[3])
    all_ks = [build(m, t, y) for t, y in series[:8]]
    rows = sum(len(t) for t, _ in series[:8])
    there, back, value = np.inf, np.inf, 0
    for _ in range(runs):
        a = time.process_time()
        value = sum(ks.loglike() for ks in all_ks)
        there = min(there, time.process_time() - a)
        for ks in all_ks:
            ks.smooth()
        a = time.process_time()
        for ks in all_ks:
            ks._smooth()
        back = min(back, time.process_time() - a)
    print("loglik %.6g" % (there / rows * 1e9))
    print("smooth-covariances %.6g" % ((there + back) / rows * 1e9))
    print("value %.10g" % value)


main()
