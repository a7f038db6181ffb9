#!/bin/sh
# tools/peers/import.sh OURS [ROUNDS [FILE.vcf]]
# Reading contacts, ours (OURS: tools/peers/vcard.c as the build made it) beside EVCard of evolution-data-server and
# python3-vobject, on the same file, in turn, on one core: nanoseconds a card, the least of all rounds, and ratios. Without
# FILE it is an address book of 5,000 made up here. What is missing is said, with the package.
set -u
ours=${1:?usage: import.sh OURS [ROUNDS [FILE.vcf]]}
rounds=${2:-5}
here=$(cd "$(dirname "$0")" && pwd) || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
pin=
command -v taskset >/dev/null && pin="taskset -c $(taskset -cp $$ | sed 's/.*[ ,-]//')"
file=${3:-$work/cards.vcf}
[ $# -ge 3 ] || awk 'BEGIN { for (i = 0; i < 5000; i++) {
    printf "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Somebody//Address book//EN\r\nN:Person;Some %d;Middle;Dr.;\r\n", i
    printf "FN:Dr. Some %d Middle Person\r\nORG:A Company\\, Inc.;Department %d\r\nTITLE:Something\r\n", i, i % 9
    printf "TEL;TYPE=CELL,VOICE:+49 151 %07d\r\nTEL;TYPE=HOME:+49 30 %06d\r\n", i, i
    printf "EMAIL;TYPE=INTERNET,HOME,PREF:some%d@example.org\r\nitem1.EMAIL;TYPE=WORK:s%d@example.com\r\nitem1.X-ABLabel:desk\r\n", i, i
    printf "ADR;TYPE=HOME:;;%d Long Street;Some Town;;%05d;A Country\r\nBDAY:19%02d-05-17\r\n", i, i, i % 100
    printf "NOTE:Met on the train\\, talked all the way\\; about Zo\303\253 and the s\r\n ea.\\nWants to be called in the evening.\r\n"
    printf "CATEGORIES:friends,choir\r\nREV:2024-01-01T00:00:00Z\r\nUID:%08d-0000-4000-8000-000000000000\r\nEND:VCARD\r\n", i } }' >"$file"

if pkg-config --exists libebook-contacts-1.2 2>/dev/null; then
    # shellcheck disable=SC2046 # words are what pkg-config gives
    ${CC:-cc} -O2 -w -DPEER_EVCARD -o "$work/evcard" "$here/vcard.c" $(pkg-config --cflags --libs libebook-contacts-1.2) || exit 3
else
    echo 'EVCard: skipped, apt-get install libebook-contacts1.2-dev'
fi
vobject=
if /usr/bin/python3 -c 'import vobject' 2>/dev/null; then
    vobject="/usr/bin/python3 $here/vcard.py"
else
    echo 'vobject: skipped, apt-get install python3-vobject'
fi

: >"$work/ours"; : >"$work/e"; : >"$work/v"
i=0
while [ $i -lt "$rounds" ]; do
    i=$((i + 1))
    $pin "$ours" "$file" >>"$work/ours" || { echo 'ours could not read it'; exit 3; }
    [ -x "$work/evcard" ] && $pin "$work/evcard" "$file" >>"$work/e"
    [ -n "$vobject" ] && [ $i -le 2 ] && $pin $vobject "$file" >>"$work/v"
done
sort -g "$work/ours" | head -n 1 | awk -v e="$(sort -g "$work/e" | head -n 1)" -v v="$(sort -g "$work/v" | head -n 1)" \
    -v bytes="$(wc -c <"$file")" '{
    printf "contacts, %d cards, %d bytes: fonder %.0f ns a card, %.0f MB/s\n", $2, bytes, $1, bytes / ($1 * $2) * 1000
    if (e) { split(e, x, " "); printf "  EVCard   %10.0f ns a card (%d cards)  %6.1f x\n", x[1], x[2], x[1] / $1 }
    if (v) { split(v, x, " "); printf "  vobject  %10.0f ns a card (%d cards)  %6.0f x\n", x[1], x[2], x[1] / $1 } }'
