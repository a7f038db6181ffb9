#!/bin/sh
# tests/system/written.sh FONDER - no byte is written, sealed or not, that nobody set: what the stack or the heap held before
# goes into no file and to no terminal. Valgrind follows every byte.
. "$(dirname "$0")/lib.sh"
[ "${FONDER_QUICK:-}" != 1 ] || skip_all "a sanitizer follows the bytes itself, and differently"
command -v valgrind >/dev/null || skip_all "valgrind is missing"
valgrind -q true 2>/dev/null || skip_all "valgrind does not run here"

new_vault
f add 'Ana Moreau' --kind close-friend >/dev/null && f add 'Tom Berg' --kind friend >/dev/null || exit 1
for answer in trust-hold-back=7 safety-no=8 trust-hold-back=4; do
    f check-in Ana --answer "$answer" --line 'As it is' >/dev/null 2>&1
done
f log 'Long walk with Ana and Tom yesterday evening #walk' >/dev/null

# What a kill leaves to be worked out again is written again.
clean() {
    rm -f "$vault.checkpoint" "$vault.insight" "$vault.learned"
    valgrind -q --error-limit=no --error-exitcode=9 "$FONDER" "$@" </dev/null >"$room/out"
}
check "today, with all that it works out and keeps" clean today
check "what was worked out was kept" [ -s "$vault.insight" ]
check "insights" clean insights
check "show" clean show Ana
check "a moment" clean log 'Tea with Ana this morning'
check "an export" clean export jsonl --out "$room/export"
check "a backup" clean backup "$room/copy"
check "a new key" clean rekey
finish
