#!/bin/sh
# tests/browser/run.sh FONDER JUNIT_OUT
# Every page and the main journeys in Debian's chromium, against an example vault and new ones in a
# temporary folder. Installs its two packages when they are not there yet; needs no network after that.
set -eu
[ $# -eq 2 ] || { echo "usage: tests/browser/run.sh FONDER JUNIT_OUT" >&2; exit 2; }
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fonder=$(realpath -- "$1")
out=$(realpath -m -- "$2")
if [ ! -d "$here/node_modules/playwright-core" ] || [ ! -d "$here/node_modules/@axe-core/playwright" ]; then
    (cd "$here" && npm ci --no-audit --no-fund --ignore-scripts >&2)
fi
exec node "$here/run.mjs" "$fonder" "$out"
