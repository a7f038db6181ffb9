#!/bin/sh
# tools/banned.sh - functions that only base may call: unbounded copies, the clock, the heap, the end of the
# process. Comments and strings do not count. Prints each offence as file:line and exits 1.
set -u
cd "$(dirname "$0")/.." || exit 3
find src -name '*.[ch]' ! -path 'src/base/*' | sort | xargs awk '
FNR == 1 { block = 0 }
{
    line = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    gsub(/\/\/.*/, "", line)
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
    if (block) { if (line ~ /\*\//) { sub(/.*\*\//, "", line); block = 0 } else next }
    if (line ~ /\/\*/) { sub(/\/\*.*/, "", line); block = 1 }
    if (match(line, /(^|[^A-Za-z0-9_])(malloc|calloc|realloc|free|strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|time|localtime|gmtime|ctime|rand|srand|exit|abort|fopen|open|printf|fprintf|puts|getenv|setenv|system|popen|alloca)[ \t]*\(/)) {
        word = substr(line, RSTART, RLENGTH)
        print FILENAME ":" FNR ":" word " is for base alone"
        bad = 1
    }
}
END { exit bad }'
