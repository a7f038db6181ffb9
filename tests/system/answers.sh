#!/bin/sh
# tests/system/answers.sh FONDER - every command's --json is JSON with its view and version, fine or failed; control
# characters in names and texts never reach a terminal; without a terminal init says what it needs.
. "$(dirname "$0")/lib.sh"
no_terminal() {
    f init >"$room/out" 2>&1
    [ $? -eq 1 ] && grep -q -- '--no-passphrase' "$room/out" && grep -q FONDER_PASSPHRASE_FILE "$room/out" && [ ! -e "$vault" ]
}
check "without a terminal init names both ways" no_terminal
no_terminal_serve() {
    f serve --port 0 >"$room/out" 2>&1
    [ $? -eq 1 ] && grep -q -- '--no-passphrase' "$room/out" && [ ! -e "$vault" ]
}
check "and so does serve" no_terminal_serve
passphrase() {
    printf 'a passphrase of some length\n' >"$room/pass"
    chmod 600 "$room/pass"
    export FONDER_PASSPHRASE_FILE="$room/pass"
    f init --vault "$room/sealed" && f add Ana --vault "$room/sealed" && f people --vault "$room/sealed" | grep -q Ana || return 1
    printf 'another one altogether\n' >"$room/pass"
    f people --vault "$room/sealed" >"$room/out" 2>&1
    code=$?
    unset FONDER_PASSPHRASE_FILE
    [ "$code" -eq 1 ] && ! grep Ana "$room/out"
}
check "a passphrase from a file opens it, a wrong one does not" passphrase

lab_help() {
    for words in "--help" "filter --help" "fit --model m.json -h"; do
        # shellcheck disable=SC2086
        f lab $words >"$room/out" || return 1
        grep -q 'fonder lab fit --model' "$room/out" || return 1
    done
}
check "the laboratory tells what it can do wherever one asks" lab_help

# json CODE WORDS...: standard output is one JSON object of that shape.
json() {
    want=$1
    shift
    f "$@" --json >"$room/out" 2>"$room/err"
    code=$?
    [ "$code" -eq "$want" ] || { echo "exit $code"; cat "$room/out" "$room/err"; return 1; }
    python3 -m json.tool <"$room/out" >"$room/tool" || { cat "$room/out"; return 1; }
    python3 -c 'import json, sys
v = json.load(open(sys.argv[1], encoding="utf-8"))
assert isinstance(v["view"], str) and v["version"] >= 1, v
assert (v["view"] == "error") == (sys.argv[2] != "0"), v["view"]' "$room/out" "$want"
}
printf 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Tom Okafor\r\nN:Okafor;Tom;;;\r\nEND:VCARD\r\n' >"$room/cards.vcf"
while read -r want words; do
    case $want in '' | '#'*) continue ;; esac
    eval "set -- $words"
    check "JSON: fonder $words" json "$want" "$@"
done <<'TABLE'
0 init --no-passphrase
0 today
0 people
0 add "Ana Moreau" --kind friend
0 people
0 show Ana
0 edit Ana --near near
0 log "Long walk with Ana yesterday evening #walk (intellectual)"
0 log
0 check-in Ana
0 next Ana
0 reflect "I listened"
0 reflect
0 search walk
0 settings
0 settings --name Me
0 import "$room/cards.vcf" --preview
0 import "$room/cards.vcf" --yes
0 history
0 undo
0 undo --redo
0 learn
0 safety
0 help
0 help log
0 demo --people 3 --years 1
0 export jsonl --out "$room/out.jsonl"
1 show Nobody
1 add
1 log "Walk with Nobody"
1 export pdf
1 import "$room/missing.vcf"
TABLE

evil=$(printf 'Ev\033[31mil\007 \302\233 Zed')
f add "$evil" --kind friend --about "$(printf 'About\033]0;title\007 this')" >/dev/null
f log "$(printf 'Tea with Ev yesterday\033[2J and more')" >/dev/null
f reflect "$(printf 'Bells \007 and \033[1mbold')" >/dev/null
clean() {
    for words in "people" "show Ev" "today" "history" "search tea" "search bells" "next Ev" "check-in Ev" "show $evil"; do
        # shellcheck disable=SC2086 # words
        f $words >"$room/out" 2>&1
        # C0 but tab and newline, DEL, and C1 in UTF-8.
        if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$room/out"; then
            echo "fonder $words"
            cat -v "$room/out"
            return 1
        fi
    done
}
check "control characters never reach the terminal" clean
version() { f --version | grep -qx 'fonder [0-9]*\.[0-9]*\.[0-9]*'; }
check "--version" version

# -- what was asked for ------------------------------------------------------------------------------
whole_days() {
    f log 'Breakfast with Ana 2026-05-01 08:00, plums' >/dev/null && f log 'Supper with Ana 2026-05-01 21:00, plums' >/dev/null &&
        f search plums --from 2026-05-01 --to 2026-05-01 --json >"$room/out" &&
        grep -q Breakfast "$room/out" && grep -q Supper "$room/out" &&
        ! f search plums --from 2026-05-02 | grep -q Supper && ! f search plums --to 2026-04-30 | grep -q Breakfast
}
check "a search from a day to a day takes both of them whole" whole_days
check "and says so where they stand the wrong way round" json 1 search plums --from 2026-05-02 --to 2026-05-01
once() {
    before=$(steps)
    json 1 check-in Ana --answer emotional-told=3 --answer emotional-told=8 && [ "$(steps)" -eq "$before" ]
}
check "a question is answered once" once
same_name() {
    f add 'Ben Twin' >/dev/null && f add 'Ben Twin' >/dev/null
    f show 'Ben Twin' 2>"$room/err" && return 1
    twin=$(grep -o '([0-9a-z]*)' "$room/err" | tail -n 1 | tr -d '()')
    f show "$twin" | grep -q 'Ben Twin' && f log "Tea with Ben" --with "$twin" >/dev/null
}
check "of two with one name each can be told" same_name
# card LINES...: one contact card.
card() {
    printf 'BEGIN:VCARD\nVERSION:3.0\n'
    printf '%s\n' "$@"
    printf 'END:VCARD\n'
}
letters() { head -c "$1" /dev/zero | tr '\0' x; }
{
    card 'FN:Odd Mail' "EMAIL:$(letters 100000)@example.org" 'EMAIL:odd@example.org'
    card 'FN:Odd Label' 'item1.TEL:+44 20 1' "item1.X-ABLabel:$(letters 50000)"
    card 'FN:Odd Nickname' "NICKNAME:$(letters 9000)" "UID:$(letters 9000)" "NOTE:$(letters 9000)"
    card 'FN:Odd Birthday' 'BDAY:1985'
    card "FN:$(letters 9000)"
    printf 'BEGIN:VCARD\nFN:Odd List\n'
    for i in $(seq 1 300); do printf 'EMAIL:%s%d@example.org\nADR:;;%s;;;;\n' "$(letters 280)" "$i" "$(letters 900)"; done
    printf 'END:VCARD\n'
    card 'FN:Plain Person'
} >"$room/odd.vcf"
odd() {
    f import "$room/odd.vcf" --preview --json >"$room/out" || return 1
    python3 -c 'import json, sys
v = json.load(open(sys.argv[1], encoding="utf-8"))
assert v["new"] == 7 and v["damaged"] == 0, v
lines = [p["line"] for p in v["problems"]]
assert len(lines) == 5 and lines == sorted(lines), v["problems"]' "$room/out" || return 1
    before=$(steps)
    f import "$room/odd.vcf" --yes >/dev/null && f people | grep -q 'Plain Person' && f show 'Odd Mail' | grep -q odd@example.org &&
        [ "$(steps)" -eq $((before + 1)) ]
}
check "a value that has no room costs neither its card nor the file, and is told of first" odd
json_edge() {
    f export jsonl | python3 -c 'import json, sys
lines = [json.loads(l) for l in sys.stdin]
m = next(l for l in lines if l.get("kind") == "moment")
for i, at in enumerate(("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z")):
    e = json.loads(json.dumps(m))
    e["id"] = ("1" if e["id"][0] != "1" else "2") + e["id"][1:-1] + str(i)
    e["fields"].update(at=at, text="at the end of the calendar")
    e.pop("batch", None)
    lines.append(e)
lines[0]["entries"] += 2
print("\n".join(json.dumps(l) for l in lines))' >"$room/edge.jsonl"
    f init --no-passphrase --vault "$room/edge" >/dev/null && f import "$room/edge.jsonl" --yes --vault "$room/edge" >/dev/null || return 1
    for TZ in Pacific/Kiritimati America/New_York UTC; do
        export TZ
        f search calendar --vault "$room/edge" | grep -q 9999 && f show Ana --vault "$room/edge" >/dev/null &&
            f export markdown --vault "$room/edge" >/dev/null || return 1
    done
}
check "the first and the last hour of the calendar are shown in any zone" json_edge
no_vault() { f people --vault '' >"$room/out" 2>&1; [ $? -eq 2 ]; }
check "a vault without a name is not the usual one" no_vault
check "nobody is born in a year to come" json 1 add 'Nora Ahead' --birthday 9999-12-31
plus_twice() {
    f log 'Tea with +Olga Plus' >/dev/null && f log 'Tea with +Olga Plus again' >/dev/null &&
        [ "$(f people --json | grep -c '"name": "Olga Plus"')" -eq 1 ]
}
check "a plus before somebody who is here makes no second one" plus_twice
emptied() {
    f add 'Della Dated' --birthday '3 June' >/dev/null && f show Della --json | grep -q '3 June' &&
        f edit Della --birthday '' >/dev/null && ! f show Della --json | grep -q '3 June'
}
check "an emptied date is taken back" emptied
whom() { f show >"$room/out" 2>&1; grep -q 'Say who' "$room/out"; }
check "where a name is missing it is asked for" whom
if command -v script >/dev/null; then
    left() {
        printf '\n' | script -qec "$FONDER log 'Tea with Ben'" /dev/null >"$room/out"
        grep -q 'Ben Twin' "$room/out" && [ "$(grep -o 'A number from' "$room/out" | wc -l)" -eq 1 ]
    }
    check "nothing typed leaves a choice at once" left
else
    skip_one "nothing typed leaves a choice at once" "script is missing"
fi
finish
