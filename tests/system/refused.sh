#!/bin/sh
# tests/system/refused.sh FONDER - bad input from outside: a truncated, edited, foreign or newer vault is refused
# with a reason and exit 1, and the file stays as it was; a bad argument is named, and nothing is kept.
. "$(dirname "$0")/lib.sh"
new_vault
f add 'Ana Moreau' --kind friend >/dev/null
for n in 1 2 3 4 5 6 7 8; do f reflect "Line $n, long enough to fill a few of the pages of this file" >/dev/null; done
size=$(stat -c %s "$vault")
cp "$vault" "$room/good"
cp "$key" "$room/good.key"

# Not a crash (signals give 128 and more), not silence.
refused() {
    before=$(sha256sum <"$vault")
    f today >"$room/out" 2>"$room/err"
    code=$?
    [ "$code" -eq 1 ] || { echo "exit $code"; cat "$room/out" "$room/err"; return 1; }
    [ -s "$room/err" ] || { echo "no reason given"; return 1; }
    [ "$(sha256sum <"$vault")" = "$before" ] || { echo "the file was changed"; return 1; }
}
# A damaged page may be one that holds nothing (then all is well and everything is shown) or it is refused.
refused_or_whole() {
    before=$(sha256sum <"$vault")
    f export jsonl >"$room/out" 2>"$room/err"
    code=$?
    [ "$code" -eq 1 ] && [ -s "$room/err" ] && [ "$(sha256sum <"$vault")" = "$before" ] && return 0
    [ "$code" -eq 0 ] && the_same && return 0
    echo "exit $code"
    cat "$room/err"
    return 1
}
f export jsonl >"$room/whole"
# But for the first line, which says when it was exported.
the_same() { tail -n +2 "$room/out" >"$room/rest" && tail -n +2 "$room/whole" | cmp - "$room/rest"; }
put_back() { cp "$room/good" "$vault"; cp "$room/good.key" "$key"; rm -f "$vault-wal" "$vault-shm"; }
for part in 0 1 50 99 100 1000 4096 "$((size / 2))" "$((size - 4096))" "$((size - 1))"; do
    head -c "$part" "$room/good" >"$vault"
    check "cut off after $part of $size bytes" refused
done
edited() {
    count=60
    [ "${FONDER_QUICK:-}" != 1 ] || count=20
    for i in $(seq 1 $count); do
        put_back
        at=$((i * 7919 * 13 % size))
        printf '\252\125\252' | dd of="$vault" bs=1 seek="$at" conv=notrunc 2>/dev/null
        refused_or_whole || { echo "at byte $at"; return 1; }
    done
}
check "bytes changed at many places" edited
# page NUMBER: that page of the vault, counted from 0, becomes nothing.
page() { dd if=/dev/zero of="$vault" bs=4096 seek="$1" count=1 conv=notrunc 2>/dev/null; }
# saves OPTIONS...: the doctor puts everything into a new vault and leaves the damaged one alone.
saves() {
    before=$(sha256sum <"$vault")
    rm -f "$room"/saved*
    f doctor "$@" >"$room/out" 2>&1 && grep -q 'is damaged' "$room/out" || { cat "$room/out"; return 1; }
    f doctor "$@" --save-to "$room/saved" >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
    [ "$(sha256sum <"$vault")" = "$before" ] || { echo "the damaged file was changed"; return 1; }
    f export jsonl --vault "$room/saved" >"$room/out" && the_same
}
put_back
rm -f "$room/lender"
f backup "$room/lender" >/dev/null
page 0
check "the first page is gone: refused" refused
check "and the doctor saves everything" saves
put_back
page 1
check "the header is gone: refused" refused
lost() { f doctor >"$room/out" 2>&1; [ $? -eq 1 ] && grep -q -- '--key-from' "$room/out" || { cat "$room/out"; return 1; }; }
check "the doctor says that the key went with it" lost
check "and saves everything with the header of a backup" saves --key-from "$room/lender"
put_back
printf 'This is a letter, not a vault.\n' >"$vault"
check "a text file" refused
rm "$vault"
python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("create table t(x)"); d.commit()' "$vault"
check "somebody else's database" refused
put_back
head -c 32 /dev/urandom >"$key"
check "another vault's key" refused
put_back
rm "$key"
check "no key" refused
put_back
not_a_file() { f today --vault "$room" >"$room/out" 2>"$room/err"; [ $? -eq 1 ] && [ -s "$room/err" ]; }
check "a folder instead of a vault" not_a_file
again() { before=$(bytes_of); f init --no-passphrase; [ $? -eq 1 ] && [ "$(bytes_of)" = "$before" ]; }
check "a second init replaces nothing" again
whole() { f export jsonl >"$room/out" && the_same; }
check "the vault itself is whole" whole

# bad CODE WORDS...: exits with CODE and a message, keeps nothing.
bad() {
    want=$1
    shift
    f "$@" >"$room/out" 2>"$room/err"
    code=$?
    [ "$code" -eq "$want" ] || { echo "fonder $*: exit $code, not $want"; cat "$room/out" "$room/err"; return 1; }
    [ -s "$room/err" ] || { echo "fonder $*: no message"; return 1; }
    [ "$(steps)" -eq "$kept" ] || { echo "fonder $*: something was kept"; return 1; }
}
kept=$(steps)
printf 'not a card\n' >"$room/none.vcf"
: >"$room/empty.vcf"
head -c 3000 /dev/urandom >"$room/noise.vcf"
long=$(head -c 5000 /dev/zero | tr '\0' x)
while read -r want words; do
    case $want in '' | '#'*) continue ;; esac
    eval "set -- $words"
    check "exit $want: fonder $(printf '%.60s' "$words")" bad "$want" "$@"
done <<'TABLE'
2 nonsense
2 today extra
2 show Ana --bogus
2 people --kind
1 people --kind cousin
1 show
1 show Nobody
1 add
1 add "$long"
1 add X --kind cousin
1 add X --since yesterdayish
1 add X --birthday 1990-13-40
1 add X --season often
1 add X --minor perhaps
1 edit Nobody --near near
1 edit Ana
1 log ""
1 log "Walk with Nobody"
1 log "Walk with Ana" --depth 8
1 log "Walk with Ana" --minutes 0
1 log "Walk with Ana" --at 2026-02-31
1 log "Walk with Ana" --types sideways
1 log "Walk with Ana $long"
1 check-in
1 check-in Nobody
1 check-in Ana --answer nothing=3
1 check-in Ana --answer trust
1 next Nobody
1 done Ana
1 done Ana no-such-practice
1 answer Ana no-such-practice --answer later
1 reflect ""
1 reflect "$long"
1 search ""
1 import
1 import "$room/missing.vcf"
1 import "$room/none.vcf" --yes
1 import "$room/empty.vcf" --yes
1 import "$room/noise.vcf" --yes
1 export
1 export pdf
1 export jsonl --out "$room/no/such/folder/file"
1 undo 123
1 settings --interests nothing-known
1 learn nothing-known
1 serve --port 70000
1 serve --port x
1 bench --entries 1
1 demo --people 0
TABLE
finish
