# tests/system/lib.sh - what the scripts beside it share. They are run with the built fonder as their one
# argument and speak TAP: check, pass, skip_all, finish. Everything happens in a folder of its own, which is
# HOME and XDG_DATA_HOME; nothing of the person who runs the tests is read or written.
# shellcheck shell=sh disable=SC2034 # what is set here is used by the scripts
set -u
FONDER=$(realpath -- "$1")
room=$(mktemp -d) || exit 3
room=$(realpath -- "$room")
export HOME="$room" XDG_DATA_HOME="$room/data" XDG_RUNTIME_DIR="$room/run" TMPDIR="$room/tmp"
export LANG=C.UTF-8 TZ=UTC
# A leak checker cannot run under strace; the unit tests look for leaks.
export ASAN_OPTIONS=detect_leaks=0
unset FONDER_VAULT FONDER_NOW FONDER_LOCALE FONDER_PASSPHRASE_FILE
mkdir -p "$XDG_DATA_HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
vault=$XDG_DATA_HOME/fonder/vault
key=$vault.key
server=
nth=0 bad=0

clean_up() {
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null
    rm -rf "$room"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

pass() {
    nth=$((nth + 1))
    echo "ok $nth - $1"
}
failed() {
    nth=$((nth + 1)) bad=1
    echo "not ok $nth - $1"
}
# check NAME COMMAND...: one test; what the command printed is shown when it fails.
check() {
    name=$1
    shift
    if "$@" >"$room/said" 2>&1; then
        pass "$name"
    else
        failed "$name"
        sed 's/^/# /' "$room/said"
    fi
}
skip_one() {
    nth=$((nth + 1))
    echo "ok $nth - $1 # SKIP $2"
}
skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}
finish() {
    echo "1..$nth"
    exit $bad
}

f() { "$FONDER" "$@" </dev/null; }
# How many steps the history of the vault has.
steps() { f history --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["batches"]))'; }
new_vault() { f init --no-passphrase >/dev/null; }
# Bytes of the vault without its write-ahead log, which is folded in when the last process closes.
bytes_of() { cat "$vault" "$vault-wal" 2>/dev/null | sha256sum; }

# serve OPTIONS...: a server in the background; sets server (its id), port and token.
serve() {
    rm -f "$room/served" # what an earlier one printed
    "$FONDER" serve --port 0 "$@" >"$room/served" 2>&1 </dev/null &
    server=$!
    tries=0
    until grep -qs '/enter/' "$room/served"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
            sed 's/^/# /' "$room/served"
            return 1
        fi
        sleep 0.1
    done
    port=$(sed -n 's#.*http://127.0.0.1:\([0-9]*\)/enter/.*#\1#p' "$room/served" | tail -n 1)
    token=$(sed -n 's#.*/enter/\([0-9a-z]*\).*#\1#p' "$room/served" | tail -n 1)
}
