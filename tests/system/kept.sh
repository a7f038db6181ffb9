#!/bin/sh
# tests/system/kept.sh FONDER - promise 2 from outside: what was acknowledged (exit 0) is there after a kill at
# each write and each sync, at random moments, and with two processes writing at once; what a full disk
# refused is not acknowledged. FONDER_QUICK=1 tries fewer; FONDER_TORTURE=1 goes on killing for FONDER_MINUTES.
. "$(dirname "$0")/lib.sh"
acked=$room/acked
: >"$acked"
rounds=12 each=12
[ "${FONDER_QUICK:-}" != 1 ] || { rounds=4 each=6; }
minutes=0
[ -z "${FONDER_TORTURE:-}" ] || minutes=${FONDER_MINUTES:-3}
new_vault

# Every acknowledged mark is exported, and the vault reads without a complaint.
all_there() {
    f export jsonl >"$room/all" || return 1
    grep -o 'mark-[0-9a-z-]*-end' "$room/all" | sort >"$room/have"
    [ "$(uniq -d "$room/have" | wc -l)" -eq 0 ] || { echo "kept twice: $(uniq -d "$room/have")"; return 1; }
    sort "$acked" | comm -23 - "$room/have" >"$room/lost"
    [ ! -s "$room/lost" ] || { echo "lost:"; cat "$room/lost"; return 1; }
}
# keep MARK [WRAPPER...]: acknowledged when the exit status is 0.
keep() {
    mark=mark-$1-end
    shift
    "$@" "$FONDER" reflect "$mark" </dev/null >/dev/null 2>&1
    code=$?
    [ "$code" -ne 0 ] || echo "$mark" >>"$acked"
    return $code
}
# killed CALL NTH: one process, killed as it enters its NTH call of that kind.
killed() {
    keep "$1-$2-$3" strace -f -qq -o /dev/null -e "trace=$1" -e "inject=$1:signal=SIGKILL:when=$2"
}
kills=0
if strace -o /dev/null true 2>/dev/null; then
    for call in pwrite64 fdatasync fsync write ftruncate unlink; do
        for when in $(seq 1 "$rounds"); do
            killed $call "$when" a || kills=$((kills + 1))
        done
        check "a kill at each $call loses nothing that was acknowledged" all_there
    done
    full() {
        for when in $(seq 1 "$rounds"); do
            for call in pwrite64 fdatasync; do
                keep "full-$call-$when" strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=ENOSPC:when=$when+"
                code=$?
                [ "$code" -eq 0 ] || [ "$code" -eq 3 ] || { echo "$call $when: exit $code"; return 1; }
            done
        done
    }
    # Acknowledged and kept are the same set: nothing refused shows up later either.
    exactly() {
        full && all_there || return 1
        grep 'mark-full-' "$room/have" >"$room/have-full"
        grep 'mark-full-' "$acked" | sort | diff - "$room/have-full"
    }
    check "a full disk: acknowledged and kept are the same" exactly
else
    skip_one "kills at each write" "strace is missing or may not trace here"
fi
random() {
    i=0 until=$(($(date +%s) + 60 * minutes))
    while [ "$i" -lt $((rounds * 3)) ] || [ "$(date +%s)" -lt "$until" ]; do
        i=$((i + 1))
        keep "random-$i" timeout -s KILL "$(awk -v i="$i" -v s="$$" 'BEGIN { srand(s + i); printf "%.3f", .001 + rand() * .12 }')" ||
            kills=$((kills + 1))
    done
    all_there
}
check "kills at random moments" random
many() { echo "$kills kills"; [ "$kills" -ge $((rounds * 2)) ]; }
check "the kills did happen" many
writer() {
    for i in $(seq 1 "$each"); do
        "$FONDER" reflect "mark-writer-$1-$i-end" </dev/null >/dev/null 2>>"$room/writer-$1" &&
            echo "mark-writer-$1-$i-end" >>"$room/acked-$1"
    done
}
writer 1 & one=$!
writer 2 & two=$!
wait $one $two
cat "$room"/acked-[12] >>"$acked"
check "two processes at once lose nothing" all_there
both() {
    cat "$room"/writer-[12]
    [ "$(cat "$room"/acked-[12] | wc -l)" -eq $((2 * each)) ]
}
check "and both could write all along" both
serves_on() {
    serve || return 1
    keep beside-the-server || return 1
    kill -KILL "$server"
    wait "$server" 2>/dev/null
    server=
    all_there
}
check "a killed server leaves a vault that opens" serves_on
finish
