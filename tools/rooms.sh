#!/bin/sh
# Checks every include under src/ against docs/rooms.txt: a room reaches only the rooms behind it
# and only its own third-party headers. Prints each offence as file:line and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 3
awk '
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
FILENAME == "docs/rooms.txt" {
    if ($0 ~ /^#/ || $0 !~ /:/) next
    split($0, col, ":")
    room = trim(col[1]); rooms[room] = 1
    n = split(trim(col[2]), use, /[ \t]+/)
    for (i = 1; i <= n; i++) may[room, use[i]] = 1
    n = split(trim(col[4]), head, /[ \t]+/)
    for (i = 1; i <= n; i++) { third[head[i]] = 1; has[room, head[i]] = 1 }
    next
}
/^[ \t]*#[ \t]*include/ {
    n = split(FILENAME, path, "/")
    if (n < 3) next                      # src/main.c stands above the rooms
    room = path[2]
    if (!(room in rooms)) { print FILENAME ": no room named " room " in docs/rooms.txt"; bad = 1; next }
    line = $0
    if (match(line, /"[^"]+"/)) {
        inc = substr(line, RSTART + 1, RLENGTH - 2)
        split(inc, part, "/")
        to = part[1]
        if (inc !~ /\//) { print FILENAME ":" FNR ": include \"" inc "\" is not written from src/"; bad = 1 }
        else if (!(to in rooms)) { print FILENAME ":" FNR ": no room named " to; bad = 1 }
        else if (to != room && !((room, to) in may)) { print FILENAME ":" FNR ": " room " may not use " to; bad = 1 }
    } else if (match(line, /<[^>]+>/)) {
        inc = substr(line, RSTART + 1, RLENGTH - 2)
        if ((inc in third) && !((room, inc) in has)) { print FILENAME ":" FNR ": <" inc "> does not belong in " room; bad = 1 }
    }
}
END { exit bad }
' docs/rooms.txt $(find src -name '*.[ch]' | sort)
