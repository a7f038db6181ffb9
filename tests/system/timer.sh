#!/bin/sh
# tests/system/timer.sh FONDER - backups by themselves: the files of the timer as systemd reads them, the command in them
# run as the timer would, locked and unlocked, what stays and what goes, and who is told.
. "$(dirname "$0")/lib.sh"
export XDG_CONFIG_HOME="$room/config" PWD
unset DBUS_SESSION_BUS_ADDRESS
odd='disk 50% "ours" $HOME back\slash é'
into=$room/$odd
vault=$room/'a vault'
export FONDER_VAULT="$vault"
printf 'slow green river\n' >"$room/pass"
unlocked() { FONDER_PASSPHRASE_FILE=$room/pass f "$@"; }
unlocked init >/dev/null || { failed "init"; finish; }
unlocked add 'Ana Moreau' --kind friend >/dev/null
units=$XDG_CONFIG_HOME/systemd/user
copies() { find "$into" -type f -name 'fonder-*.backup' | wc -l; }
# a day later with each call
day=10
tomorrow() {
    day=$((day + 1))
    export FONDER_NOW="2026-05-${day}T08:00:00Z"
}
tomorrow

none() { f backup | grep -q 'Not by themselves' && [ ! -e "$units" ]; }
check "at first there is no timer" none
refused() { f backup --every day >"$room/out" 2>&1; [ $? -eq 1 ] && [ ! -e "$units" ] || { cat "$room/out"; return 1; }; }
check "a timer needs a folder" refused
set_up() {
    f backup --every day --into "$into" --keep 3 >"$room/out" || return 1
    timer=$(basename "$(ls "$units"/*.timer)")
    grep -qF "systemctl --user daemon-reload" "$room/out" && grep -qF "systemctl --user enable $timer" "$room/out" &&
        grep -qF "systemctl --user restart $timer" "$room/out" || { cat "$room/out"; return 1; }
}
check "where systemd cannot be told the commands are said" set_up
check "the folder is made, for the owner alone" [ "$(stat -c %a "$into")" = 700 ]
if command -v systemd-analyze >/dev/null; then
    verified() {
        systemd-analyze --user verify "$units/$timer" >"$room/out" 2>&1
        code=$?
        grep -F "$units" "$room/out" && return 1
        [ $code -eq 0 ] || { cat "$room/out"; return 1; }
    }
    check "systemd-analyze verify has nothing to say" verified
    check "and knows the times" systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$units/$timer")"
else
    skip_one "systemd-analyze verify has nothing to say" "systemd-analyze is missing"
fi
# The words of ExecStart as systemd.service(5) says they are read.
exec_start() {
    python3 - "$units/${timer%.timer}.service" "$@" <<'PYTHON'
import os, re, sys
line = next(l for l in open(sys.argv[1]) if l.startswith("ExecStart="))[len("ExecStart="):].rstrip("\n")
words = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
argv = [re.sub(r"\\(.)", r"\1", a) if a else b for a, b in words]
argv = [w.replace("%%", "%").replace("$$", "$") for w in argv]
if len(sys.argv) > 2:
    print("\n".join(argv)); sys.exit()
os.execv(argv[0], argv)
PYTHON
}
paths() { exec_start show | grep -qxF "$vault" && exec_start show | grep -qxF "$into" && exec_start show | grep -qxF "$FONDER"; }
check "its command names program, vault and folder, odd characters and all" paths
locked_run() { (cd / && exec_start </dev/null) >"$room/out" 2>&1 && [ "$(find "$into" -name '*-locked.backup' | wc -l)" -eq 1 ] || { cat "$room/out"; return 1; }; }
check "locked, it makes a copy without asking" locked_run
opens() { # FILE
    FONDER_VAULT=$room/back-$nth FONDER_PASSPHRASE_FILE=$room/pass f restore "$1" >/dev/null &&
        FONDER_VAULT=$room/back-$nth FONDER_PASSPHRASE_FILE=$room/pass f people | grep -q Ana
}
check "which opens with the passphrase" opens "$(ls "$into"/*-locked.backup)"
first_opened() { tomorrow; FONDER_PASSPHRASE_FILE=$room/pass exec_start </dev/null >/dev/null && ls "$into"/fonder-????????-2026-05-12-080000.backup; }
check "unlocked, it is opened and read" first_opened
keeps_newest() {
    for _ in 1 2 3 4; do tomorrow; exec_start </dev/null >/dev/null || return 1; done
    [ "$(copies)" -eq 4 ] && ls "$into"/*-2026-05-16-* "$into"/*-2026-05-15-* "$into"/*-2026-05-14-* || { ls "$into"; return 1; }
}
check "the three newest stay" keeps_newest
check "and the newest that was opened, though it is older" ls "$into"/fonder-????????-2026-05-12-080000.backup
others_stay() {
    touch "$into/letter.txt" "$into/fonder-00000000-2020-01-01-000000.backup" "$into/fonder.backup"
    tomorrow
    FONDER_PASSPHRASE_FILE=$room/pass exec_start </dev/null >/dev/null && [ "$(ls "$into" | wc -l)" -eq 6 ] &&
        [ ! -e "$(ls "$into"/*-2026-05-12-* 2>/dev/null)" ] && ls "$into/letter.txt" "$into/fonder-00000000-2020-01-01-000000.backup"
}
check "once another was opened that goes too; files of other names stay" others_stay
clock_back() {
    FONDER_NOW=2020-05-01T08:00:00Z exec_start </dev/null >/dev/null && ls "$into"/*-2020-05-01-080000-locked.backup
}
check "the one just made stays, even if the clock went back" clock_back
damaged() {
    before=$(ls "$into")
    cp "$vault" "$room/whole"
    python3 -c "
f = open('$vault', 'r+b'); f.seek(0, 2); size = f.tell()
for at in range(4096, size, 512): f.seek(at); f.write(bytes(64))"
    tomorrow
    exec_start </dev/null >"$room/out" 2>&1
    code=$?
    cp "$room/whole" "$vault"
    [ $code -ne 0 ] && [ "$(ls "$into")" = "$before" ] || { cat "$room/out"; ls "$into"; return 1; }
}
check "of a damaged vault no copy is made, and none is taken away" damaged
unmounted() {
    mv "$into" "$room/gone"
    exec_start </dev/null >"$room/out" 2>&1
    code=$?
    [ $code -eq 1 ] && [ ! -e "$into" ] && mv "$room/gone" "$into"
}
check "a disk that is not there is missed, not made" unmounted
listed() { f backup >"$room/out" && grep -q 'Every day' "$room/out" && grep -q 'compared while locked' "$room/out" && grep -q 'opened and read' "$room/out"; }
check "fonder backup says what is set and what is there" listed

# -- a user manager that listens ---------------------------------------------------------------------
mkdir -p "$XDG_RUNTIME_DIR/systemd" "$room/bin"
touch "$XDG_RUNTIME_DIR/systemd/private"
cat >"$room/bin/systemctl" <<STUB
#!/bin/sh
echo "\$@" >>"$room/told"
tr '\\0' '\\n' </proc/\$\$/environ >>"$room/environ"
STUB
chmod +x "$room/bin/systemctl"
told() {
    PATH=$room/bin:$PATH unlocked backup --every week --into "$into" --keep 2 >"$room/out" || return 1
    grep -q 'timer is running' "$room/out" && ! grep -q systemctl "$room/out" || { cat "$room/out"; return 1; }
    printf -- '--user daemon-reload\n--user enable %s\n--user restart %s\n' "$timer" "$timer" | cmp - "$room/told" &&
        grep -qx OnCalendar=weekly "$units/$timer"
}
check "where there is one it is told, and nothing is left to do" told
child() { ! grep -i -e 'green river' -e moreau "$room/environ"; }
check "no secret is in the environment of what it starts" child
refuses() {
    printf '#!/bin/sh\nexit 1\n' >"$room/bin/systemctl"
    PATH=$room/bin:$PATH f backup --every day --into "$into" >"$room/out" && grep -qF "systemctl --user enable $timer" "$room/out"
}
check "if it refuses the commands are said" refuses
ended() {
    : >"$room/told"
    rm "$XDG_RUNTIME_DIR/systemd/private"
    mkdir -p "$units/timers.target.wants" && ln -s "../$timer" "$units/timers.target.wants/$timer"
    f backup --every never >"$room/out" || return 1
    [ -z "$(find "$units" -name 'fonder-*')" ] && [ "$(copies)" -ge 3 ] && grep -qF "systemctl --user stop $timer" "$room/out"
}
check "never takes the timer away and leaves the copies" ended

# -- the page ----------------------------------------------------------------------------------------
command -v curl >/dev/null || finish
FONDER_PASSPHRASE_FILE=$room/pass serve || { failed "the server starts"; finish; }
at=http://127.0.0.1:$port jar=$room/jar
curl -s -c "$jar" -o /dev/null "$at/enter/$token"
page() { curl -s -b "$jar" "$@"; }
page -o "$room/form" "$at/settings/backups"
csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$room/form" | head -n 1)
by_page() {
    page -o "$room/page" -w '%{http_code}' --data-urlencode "csrf=$csrf" -d every=week -d keep=5 --data-urlencode "into=$into" "$at/settings/backups" >"$room/code"
    grep -qx 200 "$room/code" && grep -q 'systemctl --user enable' "$room/page" && ls "$units/$timer" &&
        page "$at/settings/backups" | grep -q 'value="week" checked'
}
check "the page sets it too" by_page
wrong() {
    page -o "$room/page" -w '%{http_code}' --data-urlencode "csrf=$csrf" -d every=day -d keep=5 -d into=backups "$at/settings/backups" >"$room/code"
    grep -qx 422 "$room/code" && grep -q 'value="backups"' "$room/page" && grep -q 'id="e-into"' "$room/page" || { cat "$room/page"; return 1; }
}
check "a path that is none comes back with the reason and as it was typed" wrong
finish
