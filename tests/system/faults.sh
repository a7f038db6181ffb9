#!/bin/sh
# tests/system/faults.sh FONDER - each command that writes goes wrong at its nth call of each kind: killed there by
# strace, or refused with "no space" or "disk error", once and from then on. What the vault holds afterwards is what it
# held before or what the command was to bring about; after exit 0 the latter, after a refusal the former; and it opens.
# ./test kills each command at every third call, in turn, so that among them every call is hit; FONDER_TORTURE=1 takes
# every call and every kind of trouble; FONDER_QUICK=1 fewer.
# Memory instead of a disk where there is one: what is tried is what the program does, not how fast a disk syncs.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
strace -o /dev/null true 2>/dev/null || skip_all "strace is missing or may not trace here"
calls='pwrite64 fdatasync fsync ftruncate write unlink rename renameat2 link linkat'
troubles='signal=SIGKILL' stride=3
[ "${FONDER_QUICK:-}" != 1 ] || stride=11
[ -z "${FONDER_TORTURE:-}" ] || {
    troubles='signal=SIGKILL error=ENOSPC error=EIO error=ENOSPC+ error=EIO+' stride=1
    calls="$calls pread64 openat"
}
cat >"$room/cards.vcf" <<'CARDS'
BEGIN:VCARD
VERSION:3.0
FN:Tom Okafor
N:Okafor;Tom;;;
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Zoe Okafor
N:Okafor;Zoe;;;
END:VCARD
CARDS
copy=$room/copy
new_vault
{ f add 'Ana Moreau' --kind friend && f add 'Lena Vogt' --kind friend && f log 'Walk with Lena mark-before' &&
    f log 'Tea with Ana'; } >/dev/null || exit 1
cp "$vault" "$room/base"
cp "$key" "$room/base.key"

# The vault as it was, in the same file, so that it stays the same device.
put_back() {
    rm -f "$vault-wal" "$vault-shm" "$vault-journal" "$vault.checkpoint" "$vault.tries" "$key.next" "$vault".new-* "$copy"*
    cat "$room/base" >"$vault"
    cat "$room/base.key" >"$key"
}
# What an export must say, line by line; COUNT lines of it speak of WHAT.
says() {
    [ "$(grep -c "$1" "$room/all")" -eq "$2" ]
}
# old or new, or what else: the state of the vault after the command of that name.
state_after() {
    f export jsonl >"$room/all" 2>"$room/why" || { echo "it does not open: $(cat "$room/why")"; return; }
    says mark-before 1 || { echo 'an older entry is gone'; return; }
    renewed=no
    cmp -s "$key" "$room/base.key" || renewed=yes
    case $1 in
        log) what=mark-log one=1 of=none ;;
        check-in) what=mark-check-in one=1 of=none ;;
        import) what=Okafor one=2 of=none ;;
        undo) what='"undone":true' one=1 of=none ;;
        backup) what=nothing-at-all one=0 of=copy ;;
        rekey | forget) what=nothing-at-all one=0 of=key ;;
    esac
    if [ "$of" = copy ]; then
        if [ ! -e "$copy" ]; then echo old; return; fi
        cp "$key" "$copy.key"
        f export jsonl --vault "$copy" >"$room/copied" 2>"$room/why" || { echo "the backup: $(cat "$room/why")"; return; }
        tail -n +2 "$room/all" >"$room/rest"
        tail -n +2 "$room/copied" | cmp -s - "$room/rest" && echo new || echo 'the backup is not the vault'
    elif [ "$of" = key ]; then
        named=$(grep -c Moreau "$room/all")
        if [ $renewed = no ] && [ "$named" -gt 0 ]; then echo old
        elif [ $renewed = yes ] && [ "$1" = rekey ] && [ "$named" -gt 0 ]; then echo new
        elif [ $renewed = yes ] && [ "$1" = forget ] && [ "$named" -eq 0 ]; then echo new
        else echo 'neither old nor new'; fi
    elif [ $renewed = yes ]; then echo 'another key'
    elif says "$what" "$one"; then echo new
    elif says "$what" 0; then echo old
    else echo 'half of it'; fi
}
# run COMMAND: the real command line of it, behind whatever stands before.
run() {
    command_of=$1
    shift
    case $command_of in
        log) "$@" "$FONDER" log 'Walk with Ana yesterday mark-log' ;;
        check-in) "$@" "$FONDER" check-in Ana --answer safety-no=5 --line mark-check-in ;;
        import) "$@" "$FONDER" import "$room/cards.vcf" --yes ;;
        undo) "$@" "$FONDER" undo ;;
        backup) "$@" "$FONDER" backup "$copy" ;;
        rekey) "$@" "$FONDER" rekey ;;
        forget) "$@" "$FONDER" forget Ana --confirm 'Ana Moreau' ;;
    esac </dev/null >"$room/out" 2>"$room/err"
}
# hit COMMAND CALL NTH TROUBLE: one round. A disk that breaks off in the midst of a commit for good may leave open
# whether it was kept, and says so.
hit() {
    put_back
    when=$3
    case $4 in *+) when=$3+ ;; esac
    run "$1" strace -f -qq -o /dev/null -e "trace=$2" -e "inject=$2:${4%+}:when=$when"
    code=$?
    is=$(state_after "$1")
    case $code:$is in
        0:new | [1-9]:old | 137:old | 137:new) return 0 ;;
        127:old) return 0 ;; # not even its libraries could be loaded
        3:new) ! grep -q 'so it may be there or not' "$room/err" || return 0
            # a whole backup from a disk that takes no name away any more
            [ "$1:$2" != backup:unlink ] || [ "$4" = "${4%+}" ] || return 0 ;;
    esac
    echo "$1, $4 at $2 number $3: exit $code, and the vault: $is"
    cat "$room/err"
    return 1
}
# Every stride-th call of each kind that the command makes, beginning at first.
sweep() {
    wrong=0 rounds=0
    for trouble in $troubles; do
        for call in $calls; do
            made=$(grep -c "^[0-9]* *$call(" "$room/calls")
            at=$first
            [ "$made" -ge "$at" ] || at=1
            while [ "$at" -le "$made" ]; do
                hit "$1" "$call" "$at" "$trouble" || wrong=$((wrong + 1))
                rounds=$((rounds + 1)) at=$((at + stride))
            done
        done
    done
    echo "$rounds rounds, $wrong wrong"
    [ "$wrong" -eq 0 ] && [ "$rounds" -ge 3 ]
}
first=1
for command in log check-in import undo backup rekey forget; do
    put_back
    by_itself() {
        run "$command" strace -f -qq -o "$room/calls" -e "trace=$(echo "$calls" | tr ' ' ,)" || { cat "$room/err"; return 1; }
        is=$(state_after "$command")
        echo "the vault: $is"
        [ "$is" = new ]
    }
    check "$command by itself" by_itself
    check "$command, killed or refused at each call" sweep "$command"
    first=$((first % stride + 1))
done
finish
