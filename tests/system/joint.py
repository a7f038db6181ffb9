#!/usr/bin/env python3
"""tests/system/joint.py FONDER [MODELS [SEED]] - `fonder lab` beside a second implementation, on random models.

The other side is no filter. It writes down the joint normal of all states and readings of a series, in decimals of 60
digits, and conditions it: on nothing that is not yet known (filter), on everything (smooth). Only the series of
exp(At) is used for a step, doubled over the gap. From the formulas alone: any Python 3 runs it.
    models  1 to 4 states and 1 to 3 items (some 6 and 12); drift real or complex, stable, turning for ever, with unit roots,
            or defective: chains of two or (no flat start) three equal rates or unit roots that drive each other, rates that differ by
            1e-1 to 1e-11 of themselves, a turn that drives another of its own rate; or whole steps of a transition, rates of 0 and
            less among them; a basis that mixes; states in units from 1e-6 to 1e6; noise in all states or some; errors of 0;
            impulses; an initial state that is given, stationary or flat
    series  1 to 9 of 1 to 9 rows; gaps of none, a second, hours, weeks, years, thirty years; missing items, empty rows
A mean may be off by 1e-8 of its standard deviation (or of itself), a covariance by 1e-8 of the variances, a
log-likelihood by 1e-8; beside() says what a double adds to that where a variance of 1e18 and more was laid down. Speaks TAP; what was run stays in a folder that is named when something differs."""
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal as D, getcontext

getcontext().prec = 60
FONDER = os.path.realpath(sys.argv[1])
MODELS = int(sys.argv[2]) if len(sys.argv) > 2 else 48
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
NEAR = D("1e-8")
OPEN = D("1e-14")  # of what a reading could tell of delta: less is rounding
LOG_2PI = D("1.837877066409345483560659472811235279722794947275566825634")
PLACES = (.025, .1, .5, .9, .975)


# -- matrices of decimals ----------------------------------------------------------------------------------

def mul(a, b):
    turned = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in turned] for row in a]


def add(a, b):
    return [[x + y for x, y in zip(r, s)] for r, s in zip(a, b)]


def times(c, a):
    return [[c * x for x in row] for row in a]


def turn(a):
    return [list(row) for row in zip(*a)]


def eye(n):
    return [[D(int(i == j)) for j in range(n)] for i in range(n)]


def solve(a, b):
    """a^-1 b with the largest pivot, and log |det a|."""
    n, a, b, logdet = len(a), [row[:] for row in a], [row[:] for row in b], D(0)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(a[i][k]))
        a[k], a[p], b[k], b[p] = a[p], a[k], b[p], b[k]
        logdet += abs(a[k][k]).ln()
        for i in range(n):
            if i != k and a[i][k]:
                f = a[i][k] / a[k][k]
                a[i] = [x - f * y for x, y in zip(a[i], a[k])]
                b[i] = [x - f * y for x, y in zip(b[i], b[k])]
    return [[x / a[k][k] for x in b[k]] for k in range(n)], logdet


# -- one step ------------------------------------------------------------------------------------------------

def step(a, g, dt):
    """exp(A dt) and its integrated noise: the series over a short step, then doubled."""
    n, doublings = len(a), 0
    size = max(sum(abs(x) for x in row) for row in a) * dt
    while size / 2 ** doublings > D("0.01"):
        doublings += 1
    h = dt / 2 ** doublings
    phi, q, p_term, q_term = eye(n), times(D(0), g), eye(n), times(h, g)
    for k in range(1, 30):
        q = add(q, q_term)
        p_term = times(h / k, mul(a, p_term))
        phi = add(phi, p_term)
        half = mul(a, q_term)
        q_term = times(h / (k + 1), add(half, turn(half)))
    for _ in range(doublings):
        q = add(q, mul(mul(phi, q), turn(phi)))
        phi = mul(phi, phi)
    return phi, q


def steps(t, noise, count):
    """The same for whole steps, one bit after the other."""
    phi, q = eye(len(t)), times(D(0), noise)
    for bit in bin(count)[2:]:
        q = add(mul(mul(phi, q), turn(phi)), q)
        phi = mul(phi, phi)
        if bit == "1":
            q = add(mul(mul(t, q), turn(t)), noise)
            phi = mul(t, phi)
    return phi, q


def stationary(a, g, discrete):
    """A P + P A' + G = 0, or P = T P T' + W: linear equations in the cells of P."""
    n = len(a)
    m = [[D(0)] * (n * n) for _ in range(n * n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                if discrete:
                    for l in range(n):
                        m[i * n + j][k * n + l] -= a[i][k] * a[j][l]
                else:
                    m[i * n + j][k * n + j] += a[i][k]
                    m[i * n + j][i * n + k] += a[j][k]
            if discrete:
                m[i * n + j][i * n + j] += 1
    sign = 1 if discrete else -1
    p, _ = solve(m, [[sign * g[i][j]] for i in range(n) for j in range(n)])
    return [[p[i * n + j][0] for j in range(n)] for i in range(n)]


# -- the joint normal of a series ------------------------------------------------------------------------------

class Joint:
    """Means and covariances of the states of all rows, and what each reading is of them.

    A flat start is delta ~ N(0, infinity) beside an initial state of variance 1, which changes no answer."""

    def __init__(self, m, series):
        n = m["n"]
        a, g, mu = m["drift"], m["diffusion"], m["mean"]
        self.n, self.flat = n, m["start"] == "diffuse"
        start = {"given": m["cov"], "diffuse": eye(n)}.get(m["start"]) or stationary(a, g, m["discrete"])
        self.mean, self.sense, self.cov = [], [], []  # by row; cov[i][j] for j <= i
        known = {}
        for i, row in enumerate(series):
            if i == 0:
                x, s, phi, q = m["x0"] if m["start"] == "given" else mu, eye(n), eye(n), start
                across = []
            else:
                dt = row["t"] - series[i - 1]["t"]
                if dt not in known:
                    known[dt] = steps(a, g, int(dt)) if m["discrete"] else step(a, g, dt)
                phi, q = known[dt]
                x = [mu[k] + sum(phi[k][j] * (self.mean[-1][j] - mu[j]) for j in range(n)) for k in range(n)]
                s = mul(phi, self.sense[-1])
                across = [mul(phi, c) for c in self.cov[-1]]
                q = add(mul(mul(phi, self.cov[-1][-1]), turn(phi)), q)
            for name, u in row["u"].items():
                x = [x[k] + u * m["impulse"][name][k] for k in range(n)]
            self.mean.append(x)
            self.sense.append(s)
            self.cov.append(across + [q])
        self.readings = []  # row, item, residual from the mean, loading, error
        for i, row in enumerate(series):
            for j, y in enumerate(row["y"]):
                if y is not None:
                    h = m["loading"][j]
                    self.readings.append((i, j, y - m["offset"][j] - sum(p * q for p, q in zip(h, self.mean[i])),
                                          h, m["error"][j]))
        self.least = D(1)
        self.factor()

    def between(self, i, j):
        return self.cov[i][j] if j <= i else turn(self.cov[j][i])

    def factor(self):
        """L of the readings' covariance, row by row, and L^-1 of residuals and of what delta adds."""
        self.l, self.z, self.w = [], [], []
        n = self.n
        for k, (i, _, resid, h, error) in enumerate(self.readings):
            hc = {}
            row = []
            for p, (ip, _, _, hp, _) in enumerate(self.readings[:k + 1]):
                if ip not in hc:
                    c = self.between(i, ip)
                    hc[ip] = [sum(h[a] * c[a][b] for a in range(n)) for b in range(n)]
                v = sum(x * y for x, y in zip(hc[ip], hp)) + (error if p == k else 0)
                v -= sum(x * y for x, y in zip(row, self.l[p] if p < k else row))
                row.append(v / self.l[p][p] if p < k else v.sqrt())
            hs = [sum(h[a] * self.sense[i][a][b] for a in range(n)) for b in range(n)]
            self.z.append((resid - sum(x * y for x, y in zip(row, self.z))) / row[k])
            self.w.append([(hs[b] - sum(x * y[b] for x, y in zip(row, self.w))) / row[k] for b in range(n)])
            self.l.append(row)

    def delta(self, count):
        """Mean and covariance of delta from the first readings, log |information|; None where they leave it open."""
        n = self.n
        info = [[sum((w[a] * w[b] for w in self.w[:count]), D(0)) for b in range(n)] for a in range(n)]
        score = [[sum((w[a] * z for w, z in zip(self.w[:count], self.z)), D(0))] for a in range(n)]
        size = [max([info[a][a].sqrt()] + [abs(r[3][a]) / l[k] for k, (r, l) in enumerate(zip(self.readings[:count], self.l))])
                for a in range(n)]
        self.least = pivot([[info[a][b] / size[a] / size[b] for b in range(n)] for a in range(n)]) if all(size) else D(0)
        if self.least < OPEN:
            return None
        inverse, logdet = solve(info, eye(n))
        return [x[0] for x in mul(inverse, score)], inverse, logdet

    def clear(self):
        """Whether all readings tell of delta, and at no row by a hair."""
        known = [self.delta(count) is not None for count in range(len(self.z) + 1) if not self.hair(count)]
        return len(known) == len(self.z) + 1 and known[-1]

    def hair(self, count):
        self.delta(count)
        return OPEN / 10000 < self.least < OPEN * 10000

    def loglik(self):
        total = sum(-(LOG_2PI + z * z) / 2 - l[k].ln() for k, (l, z) in enumerate(zip(self.l, self.z)))
        if self.flat:
            mean, inverse, logdet = self.delta(len(self.z))
            info, _ = solve(inverse, eye(self.n))
            total += (sum(mean[a] * sum(info[a][b] * mean[b] for b in range(self.n)) for a in range(self.n)) - logdet) / 2
        return total

    def state(self, i, count):
        """Mean and covariance of the state at row i given the first readings; None while delta is open."""
        n = self.n
        gains = []  # L^-1 cov(reading, state)
        for k, (ip, _, _, h, _) in enumerate(self.readings[:count]):
            c = self.between(ip, i)
            v = [sum(h[a] * c[a][b] for a in range(n)) for b in range(n)]
            gains.append([(v[b] - sum(x * g[b] for x, g in zip(self.l[k], gains))) / self.l[k][k] for b in range(n)])
        mean = [self.mean[i][b] + sum(g[b] * z for g, z in zip(gains, self.z)) for b in range(n)]
        cov = [[self.cov[i][i][a][b] - sum(g[a] * g[b] for g in gains) for b in range(n)] for a in range(n)]
        if self.flat:
            post = self.delta(count)
            if post is None:
                return None
            s = [[self.sense[i][a][b] - sum(g[a] * w[b] for g, w in zip(gains, self.w)) for b in range(n)] for a in range(n)]
            mean = [x + sum(s[a][b] * post[0][b] for b in range(n)) for a, x in enumerate(mean)]
            cov = add(cov, mul(mul(s, post[1]), turn(s)))
        return mean, cov

    def innovation(self, k):
        """Reading k less what all before it tell, and its variance; None while delta is open."""
        if not self.flat:
            return self.z[k] * self.l[k][k], self.l[k][k] ** 2
        post = self.delta(k)
        if post is None:
            return None
        w = self.w[k]
        shift = sum(x * y for x, y in zip(w, post[0]))
        more = sum(w[a] * post[1][a][b] * w[b] for a in range(self.n) for b in range(self.n))
        return (self.z[k] - shift) * self.l[k][k], (1 + more) * self.l[k][k] ** 2


def pivot(a):
    """The least pivot of a symmetric matrix."""
    a, least = [row[:] for row in a], D(1)
    for k in range(len(a)):
        least = min(least, a[k][k])
        if least <= 0:
            return D(0)
        for i in range(k + 1, len(a)):
            f = a[i][k] / a[k][k]
            a[i] = [x - f * y for x, y in zip(a[i], a[k])]
    return least


# -- random models --------------------------------------------------------------------------------------------------

def number(r, low, high):
    return D(repr(round(r.uniform(low, high), 6)))


def rate(r):
    return D(repr(float("%.4g" % math.exp(r.uniform(math.log(.0005), math.log(3))))))


def covariance(r, n, rank):
    f = [[number(r, -1, 1) if j < rank else D(0) for j in range(n)] for i in range(n)]
    c = mul(f, turn(f))
    return [[D(repr(float(x))) for x in row] for row in c] if rank == n else c


def drift(r, n, sort, most=3):
    """V L V^-1 with a unimodular V of small whole numbers, so that every cell is short."""
    l = [[D(0)] * n for _ in range(n)]
    for i in range(n):
        l[i][i] = -rate(r)
    if sort == "complex" and n > 1:
        l[0][0] = l[1][1] = -rate(r)
        l[0][1] = rate(r) * r.choice((1, 5))
        l[1][0] = -l[0][1]
    if sort == "turning" and n > 1:
        l[0][0] = l[1][1] = D(0)
        l[0][1] = rate(r)
        l[1][0] = -l[0][1]
    if sort == "unit":
        for i in range(r.randint(1, n)):
            l[i][i] = D(0)
    if sort == "defective" and n > 1:
        chain(r, l, most)
    return mixed(r, l)


def mixed(r, l):
    n = len(l)
    v, vi = eye(n), eye(n)
    for _ in range(r.choice((0, n))):
        i, j = r.randrange(n), r.randrange(n)
        if i != j:
            c = r.choice((-1, 1))
            v[i] = [x + c * y for x, y in zip(v[i], v[j])]
            for row in vi:
                row[j] -= c * row[i]
    return mul(mul(v, l), vi)


def chain(r, l, most):
    """Rates that are one, or nearly, and drive each other."""
    n, own = len(l), -rate(r)
    kind = r.choice(("unit", "equal", "near", "turn" if n > 3 else "unit"))
    if kind == "turn":
        w = rate(r)
        for i in (0, 2):
            l[i][i] = l[i + 1][i + 1] = own
            l[i][i + 1], l[i + 1][i] = w, -w
        l[0][2] = l[1][3] = D(1)
        return
    for i in range(min(n, min(most, r.choice((2, 2, 3))))):
        l[i][i] = {"unit": D(0), "equal": own, "near": own * (1 + i * D(10) ** -r.randint(1, 11))}[kind]
        if i:
            l[i - 1][i] = D(1)


def transition(r, n):
    """One whole step: rates of 0 and less, a turn, a chain of nothing."""
    l = [[D(0)] * n for _ in range(n)]
    for i in range(n):
        l[i][i] = r.choice((D(0), D("-.9"), D("-.3"), D(".5"), D(".99")))
    if n > 1 and r.random() < .5:
        l[0][0] = l[1][1] = D(0)
        l[0][1], l[1][0] = r.choice(((D(1), D(0)), (D(1), D("-.81")), (D(".6"), D(".6"))))
    return mixed(r, l)


def in_units(m, unit):
    """The same model with state a counted in units of 1/unit[a]."""
    n = m["n"]
    m["drift"] = [[m["drift"][a][b] * unit[a] / unit[b] for b in range(n)] for a in range(n)]
    for name in ("diffusion", "cov"):
        m[name] = [[m[name][a][b] * unit[a] * unit[b] for b in range(n)] for a in range(n)]
    m["mean"], m["x0"] = ([x * u for x, u in zip(m[name], unit)] for name in ("mean", "x0"))
    m["loading"] = [[h / u for h, u in zip(row, unit)] for row in m["loading"]]
    m["impulse"] = {name: [x * u for x, u in zip(push, unit)] for name, push in m["impulse"].items()}
    m["unit"] = unit


def make_model(r, k):
    n, items = r.randint(1, 4), r.randint(1, 3)
    if k % 48 == 5:
        n, items = 6, 12
    discrete = k % 4 == 3
    sort = ("stable", "complex", "unit", "defective", "turning", "defective")[k // 4 % 6] if not discrete else r.choice(("stable", "unit", "transition"))
    start = ("given", "stationary", "diffuse")[k % 3]
    if start == "stationary" and sort in ("unit", "defective", "turning"):
        sort = "stable"
    a = transition(r, n) if sort == "transition" else drift(r, n, sort, 2 if start == "diffuse" else 3)
    if discrete and sort != "transition":
        a = add(eye(n), times(D(1) / 4, a))
    rank = n if r.random() < .7 or start == "stationary" else r.randint(1, n)
    m = {"n": n, "m": items, "discrete": discrete, "sort": sort, "start": start, "drift": a,
         "diffusion": covariance(r, n, rank), "mean": [number(r, -5, 5) for _ in range(n)],
         "x0": [number(r, -5, 5) for _ in range(n)], "cov": covariance(r, n, n if r.random() < .8 else 1),
         "loading": [[number(r, -1, 2) for _ in range(n)] for _ in range(items)],
         "offset": [number(r, -3, 3) for _ in range(items)],
         "error": [number(r, .01, 2) if r.random() < .9 or start == "diffuse" else number(r, .0001, .01) for _ in range(items)],
         "impulse": {"kick": [number(r, -2, 2) for _ in range(n)]} if r.random() < .5 else {}, "unit": [D(1)] * n}
    if k % 12 == 6 and start != "diffuse":
        in_units(m, [D(10) ** r.randint(-6, 6) for _ in range(n)])
    if k % 5 == 2 and start == "given" and rank == n and not discrete:
        m["error"][0] = D(0)
    return m


GAPS = (lambda r: D(0), lambda r: D("0.00001157"), lambda r: D(repr(round(r.uniform(.01, 1), 5))),
        lambda r: D(repr(round(r.uniform(1, 40), 4))), lambda r: D(repr(round(r.uniform(40, 900), 3))),
        lambda r: D("10957.5"))


def make_series(r, m):
    """What tells where a flat start began comes first, days apart: after years nothing would be left of it."""
    first = 2 * m["n"] if m["start"] == "diffuse" else 0
    t, out = D(r.randint(-100, 20000)), []
    for i in range(first + r.randint(1, 9 if not first else 4)):
        if i and m["discrete"]:
            t += r.choice((0, 1, 1, 1, 2, 7, 30, 1000) if i >= first else (1, 2, 3))
        elif i:
            t += r.choice(GAPS[2:4] if i < first else GAPS)(r)
        y = [None if r.random() < (.35 if i >= first else .1) else number(r, -9, 9) for _ in range(m["m"])]
        u = {name: number(r, -1, 1) if r.random() < .3 else D(0) for name in m["impulse"]}
        if not m["error"][0] and out and out[-1]["t"] == t:
            y[0] = None  # read without error at this time already, it would be read again
        out.append({"t": t, "y": y, "u": u})
    return out


def as_read(x):
    """What a program that counts in doubles reads."""
    if isinstance(x, D):
        return D(float(x))
    return {k: as_read(v) for k, v in x.items()} if isinstance(x, dict) else [as_read(v) for v in x] if isinstance(x, list) else x


def make(k, seed):
    """The kth model and its series; one whose readings do not tell where a flat start began is drawn anew."""
    r = random.Random(seed * 1000003 + k)
    while True:
        m = as_read(make_model(r, k))
        data = [as_read(make_series(r, m)) for _ in range(r.choice((1, 1, 2, 9)))]
        if m["start"] != "diffuse" or all(Joint(m, s).clear() for s in data):
            return m, data


def write(m, data, folder):
    text = {"transition" if m["discrete"] else "drift": m["drift"], "noise" if m["discrete"] else "diffusion": m["diffusion"],
            "mean": m["mean"], "loading": m["loading"], "offset": m["offset"], "error": m["error"],
            "initial": {"mean": m["x0"], "cov": m["cov"]} if m["start"] == "given" else m["start"]}
    if m["impulse"]:
        text["impulse"] = m["impulse"]
    paths = os.path.join(folder, "model.json"), os.path.join(folder, "data.csv")
    with open(paths[0], "w") as out:
        json.dump(text, out, default=float)
    with open(paths[1], "w") as out:
        out.write(",".join(["id", "t"] + ["y%d" % j for j in range(m["m"])] + ["u:" + k for k in m["impulse"]]) + "\n")
        for k, series in enumerate(data):
            for row in series:
                cells = ["s%d" % k, row["t"], *row["y"], *row["u"].values()]
                out.write(",".join(c if isinstance(c, str) else "" if c is None else repr(float(c)) for c in cells) + "\n")
    return paths


# -- beside each other -----------------------------------------------------------------------------------------------

def off(got, want, size):
    """By how many times what is allowed."""
    return float(abs(D(got) - want) / (NEAR * size)) if size else (0 if D(got) == want else math.inf)


def beside(cov, before):
    """What a double leaves of a variance of so much before anything was read: 1e-15 of that standard deviation. Two unit roots
    that drive each other lay down 1e12 in thirty years, which adds a tenth to the 1e-8; three 1e20."""
    return D("1e-7") * (cov * before).sqrt()


def state_off(got, want, before, unit):
    """A belief beside a belief."""
    if (got is None) != (want is None):
        return math.inf
    if got is None:
        return 0
    mean, cov = want
    n, worst = len(mean), 0
    own = [max(cov[a][a], unit[a] ** 2) for a in range(n)]
    for a in range(n):
        worst = max(worst, off(got["mean"][a], mean[a], max(abs(mean[a]), own[a].sqrt()) + beside(1, before[a][a])))
        for b in range(n):
            size = (own[a] * own[b]).sqrt() + beside(own[a], before[b][b]) + beside(own[b], before[a][a])
            worst = max(worst, off(got["cov"][a][b], cov[a][b], size))
    return worst


def compare(m, data, paths):
    """What differs, and by how much at most; or why fonder refuses."""
    told = {}
    for verb in ("loglik", "filter", "smooth"):
        done = subprocess.run([FONDER, "lab", verb, "--json", "--model", paths[0], "--data", paths[1]], capture_output=True,
                              text=True, timeout=120)
        if done.returncode:
            return {verb: math.inf}, done.stderr.strip()
        told[verb] = json.loads(done.stdout, parse_float=D, parse_int=D)
    worst, total = {}, D(0)

    def note(what, by):
        worst[what] = max(worst.get(what, 0), by)

    for series, rows_of, seen, smooth in zip(data, data, told["filter"]["series"], told["smooth"]["series"]):
        j = Joint(m, series)
        total += j.loglik()
        note("series loglik", off(seen["loglik"], j.loglik(), max(abs(j.loglik()), 1)))
        count = 0
        for i, (row, back) in enumerate(zip(seen["rows"], smooth["rows"])):
            before = j.cov[i][i]
            pred = j.state(i, count)
            note("predicted", state_off(row["predicted"], pred, before, m["unit"]))
            for item, cell in enumerate(row["items"]):
                if pred:
                    h = m["loading"][item]
                    mean = m["offset"][item] + sum(x * y for x, y in zip(h, pred[0]))
                    var = max(m["error"][item] + sum(h[a] * pred[1][a][b] * h[b] for a in range(m["n"]) for b in range(m["n"])), D(0))
                    size = max(abs(mean), var.sqrt(), D(1))
                    first = sum(h[a] * before[a][b] * h[b] for a in range(m["n"]) for b in range(m["n"]))
                    size += beside(1, first)
                    note("item", off(cell["mean"], mean, size))
                    note("item", off(cell["var"], var, max(var, D(1)) + beside(var, first)))
                    for p, q in zip(PLACES, cell["quantiles"]):
                        note("quantile", off(q, mean + var.sqrt() * D(statistics.NormalDist().inv_cdf(p)), size))
                if rows_of[i]["y"][item] is not None:
                    want = j.innovation(count)
                    count += 1
                    if (want is None) != ("innovation" not in cell):
                        note("innovation", math.inf)
                    elif want:
                        note("innovation", off(cell["innovation"], want[0], max(abs(want[0]), want[1].sqrt(), D(1))))
                        note("innovation", off(cell["innovation_var"], want[1], max(want[1], D(1))))
            note("filtered", state_off(row["filtered"], j.state(i, count), before, m["unit"]))
            note("smoothed", state_off(back["smoothed"], j.state(i, len(j.z)), before, m["unit"]))
    note("loglik", off(told["loglik"]["loglik"], total, max(abs(total), 1)))
    return worst, None


def main():
    room, bad, most = tempfile.mkdtemp(), 0, {}
    for k in range(MODELS):
        m, data = make(k, SEED)
        folder = os.path.join(room, str(k))
        os.mkdir(folder)
        paths = write(m, data, folder)
        worst, why = compare(m, data, paths)
        fault = max(worst.values()) > 1
        bad += fault
        for what, by in worst.items():
            most[what] = max(most.get(what, 0), by)
        name = "%s%s, %s start, %d states, %d items, %d series" % ("steps, " if m["discrete"] else "", m["sort"], m["start"],
                                                                  m["n"], m["m"], len(data))
        print("%sok %d - %s" % ("not " if fault else "", k + 1, name), flush=True)
        if fault:
            print("# %s: %s %s" % (folder, why or "", {w: "%.3g" % v for w, v in worst.items() if v > 1}))
    print("# most, of what is allowed: " + ", ".join("%s %.2g" % x for x in most.items()))
    print("1..%d" % MODELS)
    if not bad:
        shutil.rmtree(room)
    return bad > 0


sys.exit(main())
