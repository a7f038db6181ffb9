#!/bin/sh
# tests/system/secret.sh FONDER - what might give a secret away beside the vault itself: core dumps, arguments and
# environment, what children get, swap, and guessing.
. "$(dirname "$0")/lib.sh"
words='hazel otter lantern'
printf '%s\n' "$words" >"$room/pass"
open_with() { FONDER_PASSPHRASE_FILE=$room/pass f "$@"; }
open_with init >"$room/init" || { failed "init"; finish; }
open_with add 'Rosalind Ferry' --kind friend >/dev/null

# -- core dumps -------------------------------------------------------------------------------------
ulimit -c unlimited 2>/dev/null
FONDER_PASSPHRASE_FILE=$room/pass serve || { failed "the server starts"; finish; }
no_core_limit() { grep -E '^Max core file size +0 +0 ' "/proc/$server/limits" || { cat "/proc/$server/limits"; return 1; }; }
check "no core may be written, whatever the shell allows" no_core_limit
not_dumpable() { [ "$(stat -c %u "/proc/$server/mem")" -eq 0 ] && [ "$(stat -c %u "/proc/$server/environ")" -eq 0 ]; }
check "its memory is closed to other programs of the same user" not_dumpable
clean_proc() {
    for what in cmdline environ comm; do
        ! tr '\0' '\n' <"/proc/$server/$what" 2>/dev/null | grep -i -e otter -e rosalind || return 1
    done
}
check "nothing of it in its arguments or environment" clean_proc
crash() {
    (cd "$room/tmp" && kill -SEGV "$server")
    wait "$server" 2>/dev/null
    server=
    [ -z "$(find "$room" -name 'core*')" ]
}
check "and a crash leaves no core" crash
open_with people >/dev/null # what the crash left of the write-ahead log is taken in

# -- the recovery code -------------------------------------------------------------------------------
code=$(tr -cs 'a-z-' '\n' <"$room/init" | grep -E '^([a-z]{5}-){8}[a-z]{5}$' | head -n 1)
shown() { [ -n "$code" ] && grep -q '█▀\|▀█' "$room/init"; }
check "init shows nine words and a QR" shown
# with_code WORDS...: types the code where it is asked; it must not be echoed.
with_code() {
    python3 - "$(echo "$code" | tr 'a-z-' 'A-Z ')" "$FONDER" "$@" >"$room/out" 2>&1 <<'PYTHON'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ["FONDER_NEW_PASSPHRASE_FILE"] = os.environ["HOME"] + "/next"
    os.execv(sys.argv[2], sys.argv[2:])
seen = b""
while b"code" not in seen.lower():
    seen += os.read(fd, 1000)
os.write(fd, sys.argv[1].encode() + b"\n")
try:
    while True:
        piece = os.read(fd, 1000)
        if not piece: break
        seen += piece
except OSError: pass
print(seen.decode(errors="replace"))
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(code or (sys.argv[1].lower().encode() in seen.lower()))
PYTHON
    [ $? -eq 0 ] || { cat "$room/out"; return 1; }
}
printf 'a new warm stone\n' >"$room/next"
next() { FONDER_PASSPHRASE_FILE=$room/next f "$@"; }
open_with backup "$room/copy" >/dev/null
# A page in the midst of the file is gone, and so is the passphrase.
saved_by_code() {
    f doctor </dev/null >"$room/out" 2>&1 && return 1 # nothing but the passphrase was asked for
    cp "$vault" "$room/hurt"
    dd if=/dev/zero of="$room/hurt" bs=4096 seek=2 count=1 conv=notrunc 2>/dev/null
    sum=$(sha256sum <"$room/hurt")
    with_code doctor --lost --vault "$room/hurt" && grep -q 'is damaged' "$room/out" || { cat "$room/out"; return 1; }
    with_code doctor --lost --vault "$room/hurt" --save-to "$room/saved" || return 1
    [ "$sum" = "$(sha256sum <"$room/hurt")" ] && next people --vault "$room/saved" | grep -q Rosalind
}
check "the doctor takes the code, and what is saved gets a new passphrase" saved_by_code
restored_by_code() {
    with_code restore "$room/copy" --lost --vault "$room/restored" || return 1
    next people --vault "$room/restored" | grep -q Rosalind && ! open_with people --vault "$room/restored" >"$room/out" 2>&1
}
check "a backup is restored with the code, and gets a new passphrase" restored_by_code
back_in() {
    with_code recovery --lost || return 1
    next people | grep -q Rosalind && ! open_with people >"$room/out" 2>&1
}
check "the words, in capitals and with spaces, open it without being echoed; the old passphrase no longer does" back_in
rm -f "$vault.tries"
renewed() {
    next recovery >"$room/out" || return 1
    grep -q 'Backups made before' "$room/out" && grep -q '█▀\|▀█' "$room/out" || { cat "$room/out"; return 1; }
    fresh=$(tr -cs 'a-z-' '\n' <"$room/out" | grep -E '^([a-z]{5}-){8}[a-z]{5}$' | head -n 1)
    [ -n "$fresh" ] && [ "$fresh" != "$code" ]
}
check "a new code is shown, and old backups are spoken of" renewed

# -- guesses ----------------------------------------------------------------------------------------
printf 'a guess\n' >"$room/wrong"
# The clock stands, so that a slow machine does not sit the pause out.
guess() { FONDER_NOW=2026-05-01T12:00:00Z FONDER_PASSPHRASE_FILE=$room/wrong f people 2>&1; }
guesses() {
    for _ in 1 2 3; do guess | grep -q 'passphrase' || return 1; done
    guess >"$room/out"
    grep -qE '[0-9]+ seconds?' "$room/out" && FONDER_NOW=2026-05-01T12:00:00Z FONDER_PASSPHRASE_FILE=$room/next f people >"$room/out" 2>&1
    [ $? -ne 0 ] && grep -qE '[0-9]+ seconds?' "$room/out" || { cat "$room/out"; return 1; }
}
check "after three wrong passphrases, each in its own process, one has to wait, even with the right one" guesses
rm -f "$vault.tries"

# -- swap -------------------------------------------------------------------------------------------
nobody() { setpriv --reuid=65534 --clear-groups --bounding-set=-all prlimit --memlock=0 "$@"; }
if [ "${FONDER_QUICK:-}" = 1 ]; then
    skip_one "where the key cannot be kept out of swap that is said" "a sanitizer answers for mlock"
elif [ "$(id -u)" -eq 0 ] && nobody true 2>/dev/null; then
    swap_warned() {
        chmod 755 "$room" && mkdir "$room/theirs" && cp "$FONDER" "$room/theirs/program" && chown -R 65534 "$room/theirs"
        (HOME=$room/theirs XDG_DATA_HOME=$room/theirs nobody "$room/theirs/program" init --no-passphrase >"$room/out" 2>"$room/errors" </dev/null)
        grep -q 'out of swap' "$room/errors" || { cat "$room/out" "$room/errors"; return 1; }
    }
    check "where the key cannot be kept out of swap that is said" swap_warned
    quiet() { FONDER_PASSPHRASE_FILE=$room/next f people 2>&1 >/dev/null | grep -c swap | grep -qx 0; }
    check "and not otherwise" quiet
else
    skip_one "where the key cannot be kept out of swap that is said" "another user cannot be taken on here"
fi
finish
