#!/bin/sh
# tests/system/disk.sh FONDER - a disk of 1 MiB that fills up, a file and a disk that may only be read, and a clock that
# goes back: what was acknowledged is kept, what was refused is not, and the reason is said.
# Mounts are made in a name space of our own, and end with it.
if [ -z "${FONDER_MOUNTS:-}" ] && [ "$(id -u)" -eq 0 ] && unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null; then
    exec env FONDER_MOUNTS=own unshare -m "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
trap 'umount -l "$room/small" 2>/dev/null; clean_up' EXIT
pass=$room/pass
new_vault
f add 'Ana Moreau' --kind friend >/dev/null || exit 1

# -- a full disk ------------------------------------------------------------------------------------------------------

acked=$room/acked
line=$(head -c 3000 /dev/zero | tr '\0' x)
# keep MARK: acknowledged when the exit status is 0; any other must be the system's, 3, with a reason.
keep() {
    f reflect "mark-$1-end $line" >"$room/out" 2>"$room/err"
    code=$?
    case $code in
        0) echo "mark-$1-end" >>"$acked" ;;
        3) [ -s "$room/err" ] || echo "mark-$1: no reason" >>"$room/odd" ;;
        *) echo "mark-$1: exit $code, $(cat "$room/err")" >>"$room/odd" ;;
    esac
    return $code
}
# What the vault holds is what was acknowledged, each once.
exactly() {
    rm -f "$room/all"
    f export jsonl --out "$room/all" >/dev/null || return 1
    grep -o 'mark-[0-9a-z-]*-end' "$room/all" | sort >"$room/have"
    sort "$acked" | diff - "$room/have" || return 1
    [ ! -s "$room/odd" ] || { cat "$room/odd"; return 1; }
}
fills_up() {
    n=0
    while keep "fill-$n"; do
        n=$((n + 1))
        [ "$n" -lt 2000 ] || { echo "it never was full"; return 1; }
    done
    grep -q 'is full' "$room/err" || { cat "$room/err"; return 1; }
    # Smaller ones may still fit; refused ones stay refused.
    for again in 1 2 3 4 5; do keep "again-$again"; done
    echo "$n were kept before it was full"
    [ "$n" -ge 20 ] && exactly
}
others_are_refused() {
    ls "$small" >"$room/before"
    f backup "$small/copy" >"$room/out" 2>&1 && { echo "a backup of a full disk onto it?"; return 1; }
    [ ! -e "$small/copy" ] || { echo "half a backup has the name"; return 1; }
    f rekey >"$room/out" 2>&1
    [ $? -ne 1 ] || { cat "$room/out"; return 1; }
    f init --no-passphrase --vault "$small/other" >"$room/out" 2>&1 && rm -f "$small"/other*
    [ ! -e "$small/other" ] || { echo "half a vault has the name"; return 1; }
    exactly || return 1
    ls "$small" | grep '\.new-' && { echo "left behind"; return 1; }
    return 0
}
# refused WORD...: the system's fault, and in which words.
refused() {
    FONDER_NEW_PASSPHRASE_FILE=$pass f "$@" >"$room/out" 2>&1
    [ $? -eq 3 ] && grep -q 'is full' "$room/out" || { echo "$*: "; cat "$room/out"; return 1; }
}
# Not one byte is left, so that nothing of it is there by chance.
each_says_so() {
    head -c 2000000 /dev/zero >"$small/rest" 2>/dev/null
    printf 'a passphrase of some length\n' >"$pass"
    refused rekey && refused recovery && refused passphrase && refused forget Ana --confirm 'Ana Moreau' &&
        refused export csv --out "$small/x.csv" && refused doctor --save-to "$small/saved" &&
        refused demo --vault "$small/demo" && refused backup "$small/copy" && refused backup --locked "$small/copy" &&
        refused add Zoe && refused undo && refused log 'Tea with Ana' && exactly || return 1
    rm "$small/rest"
    ls "$small" | grep -E '\.new|copy|saved|demo|x\.csv' && { echo "left behind"; return 1; }
    f doctor >/dev/null
}
room_again() {
    rm "$small/ballast"
    keep room-again && f rekey >"$room/out" 2>&1 && keep after-rekey && exactly
}
# Another fonder had it open all the while.
server_goes_on() {
    curl -s -c "$room/jar" -b "$room/jar" -L -o "$room/page" "http://127.0.0.1:$port/enter/$token"
    curl -s -b "$room/jar" -o "$room/page" "http://127.0.0.1:$port/people" && grep -q 'Ana Moreau' "$room/page"
}
# sent PATH FIELD...: answered 507, with the words that were typed still there and the reason beside them.
sent() {
    to=$1
    shift
    code=$(curl -s -b "$room/jar" -o "$room/page" -w '%{http_code}' -d "csrf=$csrf" "$@" "http://127.0.0.1:$port$to")
    [ "$code" = 507 ] && grep -q 'is full' "$room/page" && grep -q 'typed at length' "$room/page" ||
        { echo "$to: $code"; grep -o '<title>[^<]*' "$room/page"; return 1; }
}
forms_keep_the_words() {
    curl -s -b "$room/jar" -o "$room/page" "http://127.0.0.1:$port/people"
    id=$(sed -n 's#.*href="/people/\([0-9a-z]*\)".*#\1#p' "$room/page" | grep -v new | head -n 1)
    curl -s -b "$room/jar" -o "$room/page" "http://127.0.0.1:$port/people/$id/check-in"
    csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$room/page" | head -n 1)
    question=$(sed -n 's/.*name="answer\.\([^"]*\)".*/\1/p' "$room/page" | head -n 1)
    long=$(head -c 3500 /dev/zero | tr '\0' y) # past what the last pages still take
    sent /log -d "text=typed at length with Ana $long" -d quality=good &&
        sent /reflect -d "text=typed at length $long" &&
        sent /people -d 'name=typed at length' -d "about=$long" &&
        sent "/people/$id/edit" -d 'name=typed at length' -d "about=$long" &&
        sent "/people/$id/check-in" -d "answer.$question=7" -d "line=typed at length $long" &&
        sent /settings -d "meaning=typed at length $long" && exactly
}
in_small() {
    small=$room/small
    : >"$acked"
    : >"$room/odd"
    mkdir "$small" && mount -t tmpfs -o size=1m,mode=700 tmpfs "$small" || return 1
    head -c 300000 /dev/zero >"$small/ballast"
    vault=$small/vault key=$small/vault.key
    export FONDER_VAULT="$vault"
    f init --no-passphrase >/dev/null && f add 'Ana Moreau' --kind friend >/dev/null || return 1
    serve || return 1
    check "a disk of 1 MiB fills up: acknowledged and kept are the same" fills_up
    check "backup, rekey and init on the full disk leave all as it was" others_are_refused
    check "each command says that the disk is full, and leaves nothing behind" each_says_so
    check "with a server open all the while, which still shows people" server_goes_on
    check "each form of the site says so, keeps the words, and changes nothing" forms_keep_the_words
    check "with room again everything works" room_again
    kill -TERM "$server" && wait "$server" 2>/dev/null
    server=
}
# -- may only be read -------------------------------------------------------------------------------------------------

# reads_only WRAPPER...: what only reads works, what writes is refused, and the file stays as it was.
reads_only() {
    before=$(bytes_of)
    for words in today people 'show Ana' 'export jsonl' doctor; do
        # shellcheck disable=SC2086 # words
        "$@" "$FONDER" $words </dev/null >"$room/out" 2>"$room/err" || { echo "$words"; cat "$room/err"; return 1; }
    done
    "$@" "$FONDER" people </dev/null | grep -q Ana || return 1
    for words in 'reflect Nothing' undo 'add Tom' rekey; do
        # shellcheck disable=SC2086 # words
        "$@" "$FONDER" $words </dev/null >"$room/out" 2>"$room/err" && { echo "$words was kept"; return 1; }
        [ -s "$room/err" ] || { echo "$words: no reason"; return 1; }
    done
    [ "$(bytes_of)" = "$before" ] || { echo "the file was changed"; return 1; }
}
owner=
[ "$(id -u)" -ne 0 ] || owner='setpriv --bounding-set -dac_override,-dac_read_search'
read_only_file() {
    chmod 400 "$vault"
    # shellcheck disable=SC2086 # words
    reads_only $owner env
    code=$?
    chmod 600 "$vault"
    return $code
}
read_only_folder() {
    chmod 400 "$vault"
    chmod 500 "$(dirname "$vault")"
    # shellcheck disable=SC2086 # words
    reads_only $owner env
    code=$?
    chmod 700 "$(dirname "$vault")"
    chmod 600 "$vault"
    return $code
}
read_only_disk() {
    mount --bind "$(dirname "$vault")" "$(dirname "$vault")" && mount -o remount,bind,ro "$(dirname "$vault")" || return 1
    reads_only env
    code=$?
    umount "$(dirname "$vault")"
    return $code
}
if [ -z "$owner" ] || $owner true 2>/dev/null; then
    check "a file that may only be read" read_only_file
    check "a folder that may only be read" read_only_folder
else
    skip_one "a file that may only be read" "setpriv is missing"
fi

# -- a clock that goes back -------------------------------------------------------------------------------------------

at() {
    now=$1
    shift
    FONDER_NOW=$now f "$@"
}
the_last_word_holds() {
    at 2031-05-01T12:00:00Z edit Ana --where Lisbon >/dev/null && at 2026-05-01T12:00:00Z edit Ana --where Porto >/dev/null &&
        at 2019-01-01T00:00:00Z show Ana --json >"$room/out" && grep -q Porto "$room/out" && ! grep -q Lisbon "$room/out"
}
check "an edit under an earlier clock is the later edit" the_last_word_holds
undo_takes_the_last() {
    at 2031-06-01T12:00:00Z reflect 'the first of two' >/dev/null && at 2020-01-01T12:00:00Z reflect 'the second of two' >/dev/null &&
        at 2018-01-01T12:00:00Z undo >/dev/null && f search 'of two' >"$room/out" || return 1
    grep -q 'first of two' "$room/out" && ! grep -q 'second of two' "$room/out"
}
check "undo takes back what was kept last" undo_takes_the_last
ascending() {
    f export jsonl | sed -n 's/.*"stamp":"\([^"]*\)","tick":\([0-9]*\).*/\1 \2/p' >"$room/stamps"
    [ "$(wc -l <"$room/stamps")" -ge 6 ] && sort -c -s -k1,1 -k2,2n "$room/stamps"
}
check "stamps go on ascending" ascending
pause_ends() {
    printf 'a passphrase of some length\n' >"$pass"
    chmod 600 "$pass"
    FONDER_PASSPHRASE_FILE=$pass at 2031-01-01T00:00:00Z init --vault "$room/sealed" >/dev/null || return 1
    printf 'another one altogether\n' >"$pass"
    for try in 1 2 3 4 5; do FONDER_PASSPHRASE_FILE=$pass at 2031-01-01T01:00:00Z today --vault "$room/sealed" >/dev/null 2>&1; done
    printf 'a passphrase of some length\n' >"$pass"
    FONDER_PASSPHRASE_FILE=$pass at 2031-01-01T01:00:00Z today --vault "$room/sealed" >/dev/null 2>&1 &&
        { echo "no pause at all"; return 1; }
    # The clock goes back five years: the pause begins anew, and is no longer than it was.
    FONDER_PASSPHRASE_FILE=$pass at 2026-01-01T00:00:00Z today --vault "$room/sealed" >/dev/null 2>&1 &&
        { echo "putting the clock back ends the pause"; return 1; }
    FONDER_PASSPHRASE_FILE=$pass at 2026-01-01T00:06:00Z today --vault "$room/sealed" >/dev/null
}
check "the pause after wrong passphrases ends although the clock went back" pause_ends

if [ "${FONDER_MOUNTS:-}" = own ]; then
    check "a disk that may only be read" read_only_disk
    in_small || failed "a disk of 1 MiB could not be made"
else
    skip_one "a disk that may only be read" "only root may mount"
    skip_one "a disk of 1 MiB" "only root may mount"
fi
finish
