#!/bin/sh
# tools/fuzz.sh BUILD MINUTES - runs every libFuzzer target of BUILD for so many minutes, one after the other.
set -u
build=$1 minutes=$2 code=0
for target in "$build"/fuzz/fuzz_*; do
    [ -x "$target" ] && [ ! -d "$target" ] || continue
    corpus=$build/corpus/$(basename "$target")
    mkdir -p "$corpus"
    echo "== $(basename "$target"), $minutes minutes"
    "$target" -max_total_time=$((minutes * 60)) -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$corpus-" "$corpus" 2>&1 | tail -n 12 || code=1
done
exit $code
