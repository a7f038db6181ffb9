#!/bin/sh
# tools/tidy.sh            clang-tidy over every file of src/ and tools/ that the build compiles
# tools/tidy.sh --changed  only over those that differ from the last commit
#   TIDY_BUILD  a build folder (default: build/asan, whose commands are clang's, else build/gcc)
# Its checks stand in .clang-tidy. Runs one process a core; prints what it finds and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 3
build=${TIDY_BUILD:-build/asan}
[ -f "$build/compile_commands.json" ] || build=build/gcc
[ -f "$build/compile_commands.json" ] || { echo "build first: make check"; exit 3; }
out=$(mktemp) || exit 3
trap 'rm -f "$out"' EXIT
if [ "${1:-}" = --changed ]; then
    # Outside a checkout there is no last commit, so nothing has changed.
    files=$(git diff --name-only HEAD -- 'src/*.c' 'tools/*.c' 2>/dev/null; git ls-files -o --exclude-standard -- 'src/*.c' 2>/dev/null)
else
    files=$(find src tools -name '*.c' | sort)
fi
# A file that does not compile is an error too, so that nothing is passed over.
printf '%s\n' $files | xargs -r -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" \
    --extra-arg=-Wno-unknown-warning-option >"$out" 2>/dev/null
if grep -E ': (warning|error):|^error:' "$out" | sort -u | grep .; then
    exit 1
fi
