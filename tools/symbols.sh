#!/bin/sh
# tools/symbols.sh BUILD - no room calls a function of a room that docs/rooms.txt does not let it use. Reads the
# rooms' libraries with nm: what a library needs and another room defines must be allowed.
set -u
cd "$(dirname "$0")/.." || exit 3
build=$1
list=$(mktemp) || exit 3
trap 'rm -f "$list"' EXIT
for lib in "$build"/lib*.a; do
    room=$(basename "$lib" .a | sed 's/^lib//')
    nm -A "$lib" 2>/dev/null | awk -v room="$room" '
        $(NF-1) ~ /^[TDBR]$/ { print "defines", room, $NF }
        $(NF-1) == "U" { print "needs", room, $NF }'
done >"$list"
[ -s "$list" ] || { echo "no room's library found in $build"; exit 3; }
awk '
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
FILENAME == "docs/rooms.txt" {
    if ($0 ~ /^#/ || $0 !~ /:/) next
    split($0, col, ":")
    room = trim(col[1]); known[room] = 1
    n = split(trim(col[2]), use, /[ \t]+/)
    for (i = 1; i <= n; i++) may[room, use[i]] = 1
    next
}
$1 == "defines" && ($2 in known) { home[$3] = $2 }
$1 == "needs" && ($2 in known) { need[++count] = $2 " " $3 }
END {
    for (i = 1; i <= count; i++) {
        split(need[i], p, " ")
        if ((p[2] in home) && home[p[2]] != p[1] && !((p[1], home[p[2]]) in may)) {
            print p[1] " calls " p[2] " of " home[p[2]]; bad = 1
        }
    }
    exit bad
}' docs/rooms.txt "$list"
