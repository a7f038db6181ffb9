#!/bin/sh
# tools/cppcheck.sh - cppcheck over src/; prints what it finds and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 3
mkdir -p build/cppcheck
cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --error-exitcode=1 -j "$(nproc)" \
    --cppcheck-build-dir=build/cppcheck -D_DEFAULT_SOURCE -DFONDER_VERSION='""' -Isrc src
