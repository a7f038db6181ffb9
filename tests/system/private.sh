#!/bin/sh
# tests/system/private.sh FONDER - promise 1 from outside: no connection but the loopback listener, no file
# written outside the vault's folder, nothing about a person in the process table or in temporary files.
. "$(dirname "$0")/lib.sh"
strace -o /dev/null true 2>/dev/null || skip_all "strace is missing or may not trace here"
cat >"$room/cards.vcf" <<'CARDS'
BEGIN:VCARD
VERSION:3.0
FN:Rosalind Ferry
N:Ferry;Rosalind;;;
EMAIL:rosalind@example.org
END:VCARD
CARDS
trace=$room/trace

# Every line of the trace that opens a way out: any socket but the server's own, any connect or datagram.
no_connection() {
    ! grep -E '(socket|connect|sendto|sendmsg|sendmmsg|bind)\(' "$trace" | grep -v 'SIG'
}
# Files opened for writing, made, renamed or linked; all must be the vault and what stands beside it.
only_the_vault() {
    ! grep -E '(openat?|creat|rename(at2?)?|link(at)?|mkdir(at)?|symlink(at)?|mknod(at)?)\(' "$trace" |
        grep -E 'O_WRONLY|O_RDWR|O_CREAT|creat\(|rename|link|mkdir|mknod' | grep -v ' = -1 ' |
        grep -vE '"/dev/(tty|null)"|readlink' | grep -vF "\"$XDG_DATA_HOME"
}
traced() {
    strace -f -qq -s 400 -e trace=network,file,creat -o "$trace" "$FONDER" "$@" </dev/null >"$room/out" 2>&1
}
# one COMMAND...: it runs, connects to nothing and writes nowhere else.
quiet() {
    traced "$@" || { cat "$room/out"; return 1; }
    no_connection && only_the_vault
}
check "init" quiet init --no-passphrase
check "add" quiet add "Quentin Vale" --kind friend
check "import" quiet import "$room/cards.vcf" --yes
check "log" quiet log "Walk with Quentin yesterday #walk"
check "reflect" quiet reflect "I listened"
check "today" quiet today
check "people" quiet people
check "show" quiet show Quentin
check "next" quiet next Quentin
check "check-in" quiet check-in Quentin
check "search" quiet search walk
check "export" quiet export jsonl
check "undo" quiet undo
check "help" quiet help log
check "demo" quiet demo --people 3 --years 1

# The server: one listening socket on loopback, accepted connections, nothing else.
strace -f -qq -s 400 -e trace=network,file -o "$trace" "$FONDER" serve --port 0 \
    </dev/null >"$room/served" 2>&1 &
tracer=$!
tries=0
until grep -q '/enter/' "$room/served" || [ $tries -gt 300 ]; do sleep 0.1; tries=$((tries + 1)); done
at=$(sed -n 's#.*\(http://127.0.0.1:[0-9]*\)/enter/.*#\1#p' "$room/served")
token=$(sed -n 's#.*/enter/\([0-9a-z]*\).*#\1#p' "$room/served")
server=$(pgrep -P "$tracer" 2>/dev/null | head -n 1)
jar=$room/jar
page() { curl -s -b "$jar" -c "$jar" "$@"; }
page -o "$room/out" "$at/enter/$token"
page -o "$room/people" "$at/people"
id=$(sed -n 's#.*href="/people/\([0-9a-z]*\)".*#\1#p' "$room/people" | grep -v new | head -n 1)
page -o "$room/person" "$at/people/$id"
csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$room/person" | head -n 1)
page -o "$room/found" -d "csrf=$csrf" -d text=Quentin "$at/search"
found_quentin() { grep -q 'Quentin' "$room/person" && grep -q 'Quentin' "$room/found"; }
check "the server shows the person and finds them" found_quentin
not_in_proc() {
    [ -n "$server" ] && ! tr '\0' '\n' <"/proc/$server/cmdline" | grep -i quentin &&
        ! grep -i quentin "/proc/$server/comm" && ! tr '\0' '\n' <"/proc/$server/environ" | grep -i quentin
}
check "the process table says nothing of a person" not_in_proc
kill -TERM "$server"
wait "$tracer"
server=
loopback_alone() {
    grep -E '(socket|connect|bind|sendto|sendmsg)\(' "$trace" | grep -v 'AF_UNIX.*socketpair' >"$room/net"
    [ "$(grep -c 'socket(' "$room/net")" -eq 1 ] && [ "$(grep -c 'bind(' "$room/net")" -eq 1 ] &&
        grep -q 'bind(.*sin_addr=inet_addr("127.0.0.1")' "$room/net" && ! grep -E 'connect\(' "$room/net" ||
        { cat "$room/net"; return 1; }
}
check "the server has one socket, and it listens on loopback" loopback_alone
check "the server writes no file but the vault's" only_the_vault
neutral_title() { ! grep -i '<title>[^<]*quentin' "$room/person" "$room/found"; }
check "titles of pages name nobody" neutral_title
no_temp() { [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(ls -A "$XDG_RUNTIME_DIR")" ]; }
check "no temporary file stays behind" no_temp
sealed() { ! grep -rlia -e quentin -e rosalind -e example.org "$XDG_DATA_HOME/fonder"; }
check "no name is readable in any file" sealed
own_eyes() { ! find "$XDG_DATA_HOME/fonder" \( -type f -perm /077 -o -type d -perm /077 \) | grep .; }
check "files and folder are the owner's alone" own_eyes
finish
