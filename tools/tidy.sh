#!/bin/sh
# tools/tidy.sh - clang-tidy over every file of src/ and tools/ that the gcc build compiles. Its checks stand in
# .clang-tidy. Runs one process a core; prints what it finds and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 3
build=${1:-build/gcc}
[ -f "$build/compile_commands.json" ] || { echo "build first: make check"; exit 3; }
out=$(mktemp) || exit 3
trap 'rm -f "$out"' EXIT
find src -name '*.c' | sort | xargs -P "$(nproc)" -n 6 clang-tidy --quiet -p "$build" \
    --extra-arg=-Wno-unknown-warning-option >"$out" 2>/dev/null
if grep -E ': (warning|error):' "$out" | sort -u | grep .; then
    exit 1
fi
