#!/bin/sh
# tools/peers/run.sh FONDER [ROUNDS]
# The engine beside python3-statsmodels (with libopenblas0-pthread, else its matrices are slow) and base R, on the same
# models and data, in turn, on one core: nanoseconds a row, the least of all rounds, and ratios. What is not
# installed is said to be skipped. Ratios hold on a busy machine, times do not.
#   12 states, 12 items of which 4.8 are seen, 500 uneven gaps, 8 series: once with eigenvectors that have few
#   entries, once with all of them; then the product's own model of 25 states; then from 10 to 1,000,000 readings.
set -u
fonder=${1:?usage: run.sh FONDER [ROUNDS]}
rounds=${2:-5}
here=$(cd "$(dirname "$0")" && pwd) || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
pin=
command -v taskset >/dev/null && pin="taskset -c $(taskset -cp $$ | sed 's/.*[ ,-]//')"

# model DENSE: drift, diffusion and loading after the product's shape: times from 2 to 400 days.
model() {
    awk -v dense="$1" 'BEGIN {
        n = 12; srand(3)
        for (i = 0; i < n; i++) tau[i] = 2 * exp(i / 11 * log(200)) * (1 + .02 * ((i * 7) % 5 - 2))
        printf "{\"drift\": ["
        for (i = 0; i < n; i++) { printf "%s[", i ? ", " : ""
            for (j = 0; j < n; j++) {
                a = i == j ? -1 / tau[i] : 0
                if (i != j && (dense ? j < i : (j + 1 == i && i % 2))) a = .2 * (1 / tau[i] - 1 / tau[j]) * (dense ? sin(3 * i + 5 * j) : 1)
                printf "%s%.12g", j ? ", " : "", a }
            printf "]" }
        printf "],\n\"diffusion\": ["
        for (i = 0; i < n; i++) { printf "%s[", i ? ", " : ""
            for (j = 0; j < n; j++) printf "%s%.12g", j ? ", " : "", i == j ? 2 / tau[i] : .3 * 2 / sqrt(tau[i] * tau[j])
            printf "]" }
        printf "],\n\"loading\": ["
        for (i = 0; i < n; i++) { printf "%s[", i ? ", " : ""
            for (j = 0; j < n; j++) printf "%s%g", j ? ", " : "", i == j ? 1 : (j == (i + 3) % n && i % 2 ? .4 : 0)
            printf "]" }
        printf "],\n\"mean\": ["; for (i = 0; i < n; i++) printf "%s0", i ? ", " : ""
        printf "], \"offset\": ["; for (i = 0; i < n; i++) printf "%s0", i ? ", " : ""
        printf "], \"error\": ["; for (i = 0; i < n; i++) printf "%s%g", i ? ", " : "", .4 + .05 * i
        print "], \"initial\": \"stationary\"}" }'
}

# design SERIES ROWS [DAYS]: uneven gaps of so many days in the mean, two cells in five with a reading.
design() {
    awk -v series="$1" -v rows="$2" -v days="${3:-3}" 'BEGIN {
        srand(7); printf "id,t"; for (j = 1; j <= 12; j++) printf ",y%d", j; print ""
        for (s = 1; s <= series; s++) { t = 0
            for (i = 0; i < rows; i++) { t += -days * (log(1 - rand()) - .001); printf "%d,%.9f", s, t
                for (j = 0; j < 12; j++) printf rand() < .4 ? ",5" : ","
                print "" } } }'
}

# The model as plain numbers, for R; a stationary start by its own series.
plain() {
    /usr/bin/python3 - "$1" <<'P'
import json, sys
import numpy as np
from scipy.linalg import solve_continuous_lyapunov
m = json.load(open(sys.argv[1]))
a, g = np.array(m["drift"]), np.array(m["diffusion"])
if isinstance(m["initial"], dict):
    x0, p0 = np.array(m["initial"]["mean"]), np.array(m["initial"]["cov"])
else:
    x0, p0 = np.array(m["mean"]), solve_continuous_lyapunov(a, -g)
z = np.array(m["loading"])
print(len(a), len(z))
for part in (a, g, z, m["offset"], m["error"], m["mean"], x0, p0):
    print(*["%.17g" % v for v in np.ravel(part)])
P
}

/usr/bin/python3 -c 'import statsmodels, scipy' 2>/dev/null ||
    echo 'statsmodels: skipped, apt-get install python3-statsmodels python3-scipy libopenblas0-pthread'
command -v Rscript >/dev/null || echo 'base R: skipped, apt-get install r-base-core'
has_statsmodels() { /usr/bin/python3 -c 'import statsmodels, scipy' 2>/dev/null; }
least() { sort -g | head -n 1; }
pick() { awk -F'[, ]' -v w="$2" '$1 == w { print $2 }' "$1" | least; }

# compare TITLE MODEL DATA [ours, if it is not the model's file]
compare() {
    : >"$work/ours"; : >"$work/sm"; : >"$work/r"
    i=0
    while [ $i -lt "$rounds" ]; do
        i=$((i + 1))
        $pin "$fonder" lab time --model "${4:-$2}" --data "$3" --runs 3 >>"$work/ours" || exit 3
        has_statsmodels && $pin /usr/bin/python3 "$here/kalman.py" "$2" "$3" 2 >>"$work/sm"
    done
    if has_statsmodels && command -v Rscript >/dev/null; then
        plain "$2" >"$work/plain"
        $pin Rscript --vanilla "$here/kalman.R" "$work/plain" "$3" >>"$work/r"
    fi
    echo "$1"
    printf '  %-20s %12s %12s %8s %14s %8s %14s %8s\n' work 'fonder ns' 'floor ns' '' 'statsmodels ns' ratio 'base R ns' ratio
    for what in loglik smooth-variances smooth-covariances; do
        peer=$what; [ $what = smooth-variances ] && peer=smooth-covariances
        ours=$(pick "$work/ours" $what); [ -n "$ours" ] || continue
        floor=$(awk -F, -v w=$what '$1 == w { print $3 }' "$work/ours" | least)
        sm=$(pick "$work/sm" $peer); r=$(pick "$work/r" $peer)
        awk -v w=$what -v o="$ours" -v f="$floor" -v s="$sm" -v r="$r" 'BEGIN {
            printf "  %-20s %12.1f %12s %8s ", w, o, f ? sprintf("%.1f", f) : "", f ? sprintf("%.1f x", o / f) : ""
            printf s ? "%14.0f %6.1f x " : "%14s %8s ", s ? s : "skipped", s ? s / o : ""
            printf r ? "%14.0f %6.0f x\n" : "%14s %8s\n", r ? r : "skipped", r ? r / o : "" }'
    done
}

design 8 500 >"$work/times.csv"
for dense in 0 1; do
    model $dense >"$work/m$dense.json"
    "$fonder" lab simulate --model "$work/m$dense.json" --data "$work/times.csv" >"$work/d$dense.csv" || exit 3
done
compare '12 states, few entries in the eigenvectors' "$work/m0.json" "$work/d0.csv"
compare '12 states, all entries in the eigenvectors' "$work/m1.json" "$work/d1.csv"
"$fonder" lab model --kind friend | # readings alone: moments are nothing that a peer could do
    sed -e '/"impulse"/d' -e '/"error"/s/,$//' >"$work/own.json" || exit 3
names=emotional,intellectual,physical,experiential,spiritual,trust,acceptance,honesty,safety,compassion,affection,communication
sed "1s/.*/id,t,$names/" "$work/times.csv" >"$work/own-times.csv"
"$fonder" lab simulate --model "$work/own.json" --data "$work/own-times.csv" >"$work/own.csv" || exit 3
compare "the product's own model, 25 states" "$work/own.json" "$work/own.csv" fonder

echo 'growth, 12 states, 8 series: ns a row'
printf '  %10s %10s %16s\n' readings loglik smooth-variances
for rows in 1 3 26 260 2600 26000; do
    design 8 $rows >"$work/g.csv"
    "$fonder" lab simulate --model "$work/m0.json" --data "$work/g.csv" >"$work/gd.csv" || exit 3
    $pin "$fonder" lab time --model "$work/m0.json" --data "$work/gd.csv" --runs 5 >"$work/g.out" || exit 3
    printf '  %10s %10.1f %16.1f\n' "$(sed -n 's/.*readings \([0-9]*\).*/\1/p' "$work/g.out")" \
        "$(pick "$work/g.out" loglik)" "$(pick "$work/g.out" smooth-variances)"
done

echo 'gaps, 12 states and the product'"'"'s own model: ns a row'
printf '  %10s %10s %16s %10s\n' 'mean gap' loglik smooth-variances "own"
for days in .0000116 .04 3 365 10957; do
    design 8 100 $days >"$work/g.csv"
    "$fonder" lab simulate --model "$work/m0.json" --data "$work/g.csv" >"$work/gd.csv" || exit 3
    $pin "$fonder" lab time --model "$work/m0.json" --data "$work/gd.csv" --runs 5 >"$work/g.out" || exit 3
    $pin "$fonder" lab time --model fonder --data "$work/gd.csv" --runs 5 >"$work/g.own" || exit 3
    printf '  %10s %10.1f %16.1f %10.1f\n' "${days}d" "$(pick "$work/g.out" loglik)" \
        "$(pick "$work/g.out" smooth-variances)" "$(pick "$work/g.own" loglik)"
done
