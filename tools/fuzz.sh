#!/bin/sh
# tools/fuzz.sh BUILD MINUTES [TARGET...] - runs the libFuzzer targets of BUILD (all of them, or those named) for so many
# minutes each, one after the other, from fuzz/corpus and from what earlier runs found (BUILD/corpus). Fails when
# one crashes, hangs or takes too much memory, and when there is nothing to run.
set -u
build=$1 minutes=$2 code=0 ran=0
shift 2
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for target in "$build"/fuzz/fuzz-*; do
    [ -f "$target" ] || continue
    name=${target##*/fuzz-}
    case " $* " in '  ' | *" $name "*) ;; *) continue ;; esac
    corpus=$build/corpus/$name
    seeds=$here/fuzz/corpus/$name
    [ -d "$seeds" ] || seeds=
    mkdir -p "$corpus"
    ran=$((ran + 1))
    echo "== $name, $minutes minutes"
    "$target" -max_total_time=$((minutes * 60)) -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$corpus-" "$corpus" ${seeds:+"$seeds"} >"$corpus.log" 2>&1 || code=1
    tail -n 12 "$corpus.log"
done
[ "$ran" -gt 0 ] || { echo "no fuzz target in $build/fuzz"; code=1; }
exit $code
