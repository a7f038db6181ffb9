#!/bin/sh
# tests/system/gaps.sh FONDER - a step's cost does not depend on the gap, counted in instructions, not in time: Valgrind counts those
# of the whole program over 400 rows and over 40; the difference is 360 rows, the reading of their numbers included, which have
# the same digits whatever the gap. No two gaps of a series are the same, so each is worked out.
. "$(dirname "$0")/lib.sh"
[ "${FONDER_QUICK:-}" != 1 ] || skip_all "sanitizers count otherwise"
command -v valgrind >/dev/null || skip_all "valgrind is missing"
valgrind -q true 2>/dev/null || skip_all "valgrind does not run here"

gaps='0 1/86400 1 10957.5' # days: none, a second, a day, thirty years
rest='"initial": "stationary"'
given='"initial": {"cov": [[1, 0], [0, 1]]}'
model() {
    printf '{"drift": %s, "diffusion": [[1, 0.2], [0.2, 2]], %s, "loading": [[1, 0], [0.5, 1]], "error": [1, 0.5]}' "$2" "$3" >"$room/$1.json"
}
model real '[[-0.5, 0.2], [0, -0.01]]' "$rest"
model complex '[[-0.5, 1], [-1, -0.5]]' "$rest"
model unit '[[0, 0.2], [0, -0.01]]' "$given"
model defective '[[0, 1], [0, 0]]' "$given"
model equal '[[-0.01, 1], [0, -0.01]]' "$given"

# series GAP ROWS
series() {
    awk -v g="$1" -v rows="$2" 'BEGIN {
        split(g, part, "/"); days = part[1] / (part[2] ? part[2] : 1); t = 1e7
        print "t,a,b"
        for (i = 0; i < rows; i++) { printf "%.9f,%d,%d\n", t, i * 7 % 10, i * 3 % 10; t += days * (1 + .001 * (i % 400)) } }'
}
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$FONDER" lab "$@" 2>&1 >"$room/out" </dev/null |
        awk '/Collected/ { print $NF }'
}
# rows GAP VERB OPTIONS...: instructions a row
rows() {
    gap=$1
    shift
    series "$gap" 400 >"$room/many.csv"
    series "$gap" 40 >"$room/few.csv"
    many=$(count "$@" --data "$room/many.csv") || return 1
    few=$(count "$@" --data "$room/few.csv") || return 1
    [ -n "$many" ] && [ -n "$few" ] && echo "$gap $(((many - few) / 360))"
}
# level MOST-PERCENT VERB OPTIONS...: from a second to thirty years within so many percent of the least, and no gap costs no more
level() {
    most=$1
    shift
    for gap in $gaps; do rows "$gap" "$@" || return 1; done >"$room/counted"
    cat "$room/counted"
    awk -v most="$most" '$1 == "0" { none = $2; next } !least || $2 < least { least = $2 } $2 > greatest { greatest = $2 }
        END { exit !(NR == 4 && least > 100 && greatest <= least * (1 + most / 100) && none <= greatest) }' "$room/counted"
}
# Two forms of a step, one for short gaps and one for long, differ by a quarter of a row at most; neither knows the gap.
for name in real complex unit; do
    check "likelihood, $name drift" level 40 loglik --model "$room/$name.json"
done
check "smoother, unit root" level 40 smooth --model "$room/unit.json"
check "the product's own model" level 15 forecast --model fonder --kind friend --scale 0:10
# Where the drift has no eigenvectors it is blocks of eigenvalues (num/cluster.c), whose form the gap does not show in either.
check "likelihood, defective drift of unit roots" level 65 loglik --model "$room/defective.json"
check "likelihood, defective drift of equal rates" level 65 loglik --model "$room/equal.json"
finish
