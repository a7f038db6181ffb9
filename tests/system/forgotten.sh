#!/bin/sh
# tests/system/forgotten.sh FONDER - forgetting somebody of whom there is much: every entry is shown, page by page, what
# is chosen on one page holds on the next, and afterwards no answer of any command and no page names them.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip_all "curl is missing"
new_vault
f add 'Zora Quill' --kind friend --mail zora@quill.example >/dev/null
f add 'Tom Berg' --kind friend >/dev/null
f log 'Chess with Zora and Tom; Zora Quill won' >/dev/null
f log 'Tea with Zora' >/dev/null
f reflect 'I miss Zora' >/dev/null
# 450 more moments, as an import brings them
f export jsonl >"$room/out.jsonl"
python3 - "$room/out.jsonl" >"$room/many.jsonl" <<'PYTHON'
import json, random, sys
lines = open(sys.argv[1]).read().splitlines()
one = next(json.loads(l) for l in lines if '"Tea with Zora"' in l)
signs = "0123456789abcdefghjkmnpqrstvwxyz"
random.seed(1)
print(lines[0])
for i in range(450):
    one["id"] = "1" + "".join(random.choice(signs) for _ in range(24)) + "0"
    one["object"] = one["id"]
    one["fields"]["text"] = f"Zora said number {i}"
    print(json.dumps({k: v for k, v in one.items() if k != "batch"}))
PYTHON
f import "$room/many.jsonl" --yes >"$room/said" 2>&1 || { failed "the import"; sed 's/^/# /' "$room/said"; finish; }

f forget Zora --json >"$room/first.json"
shown() { python3 - "$@" <<'PYTHON'
import json, sys
ids = []
for name in sys.argv[1:]:
    view = json.load(open(name))
    ids += [i["id"] for i in view["items"]]
print(len(ids), len(set(ids)), view["later"] or "-")
PYTHON
}
every_one() {
    f forget Zora --skip 200 --json >"$room/second.json" && f forget Zora --skip 400 --json >"$room/third.json" &&
        [ "$(shown "$room"/first.json "$room"/second.json "$room"/third.json)" = "453 453 -" ] || { shown "$room"/*.json; return 1; }
}
check "the preview shows every entry, page by page" every_one

serve || { failed "the server starts"; finish; }
at=http://127.0.0.1:$port jar=$room/jar
curl -s -c "$jar" -o /dev/null "$at/enter/$token"
page() { curl -s -m 60 -b "$jar" "$@"; }
id=$(page "$at/people" | grep -o 'href="/people/[0-9a-z]*"[^<]*<[^<]*Zora\|href="/people/[0-9a-z]*"' | head -n 40 | sed -n 's#href="/people/\([0-9a-z]*\)".*#\1#p' | while read -r one; do
    page "$at/people/$one" | grep -q '<h1>[^<]*Zora' && echo "$one" && break
done)
page -o "$room/one" "$at/people/$id/forget"
csrf=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$room/one" | head -n 1)
pick() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["items"][int(sys.argv[2])]["id"])' "$room/$1.json" "$2"; }
kept=$(pick first 3) also=$(pick second 7)
leaf() {
    page -o "$room/two" -d "csrf=$csrf" -d "entry.$kept=keep" -d skip=200 "$at/people/$id/forget"
    grep -q "type=\"hidden\" name=\"entry.$kept\" value=\"keep\"" "$room/two" && grep -q "name=\"entry.$also\"" "$room/two" ||
        { head -c 3000 "$room/two"; return 1; }
}
check "what is chosen on one page goes along to the next" leaf
not_named() {
    code=$(page -o "$room/three" -w '%{http_code}' -d "csrf=$csrf" -d "entry.$kept=keep" -d "entry.$also=keep" -d confirm=Zara "$at/people/$id/forget")
    [ "$code" = 422 ] && grep -q 'id="e-confirm"' "$room/three" && grep -q "name=\"entry.$also\" value=\"keep\"" "$room/three"
}
check "another name is refused, and the choices are still there" not_named
done_it() {
    code=$(page -o "$room/four" -w '%{http_code}' -d "csrf=$csrf" -d "entry.$kept=keep" -d "entry.$also=keep" --data-urlencode 'confirm=zora quill' "$at/people/$id/forget")
    [ "$code" = 200 ] && grep -q 'Backups and exports made before' "$room/four" || { echo "$code"; head -c 2000 "$room/four"; return 1; }
}
check "it is done, and older backups are spoken of" done_it
only_the_kept() {
    f export jsonl >"$room/after.jsonl"
    [ "$(grep -ci zora "$room/after.jsonl")" -eq 2 ] && grep -c "Zora said" "$room/after.jsonl" | grep -qx 2 && ! grep -i quill "$room/after.jsonl"
}
check "what was to be kept is kept, and nothing else names them" only_the_kept
silent() {
    for command in today people history 'search Quill' 'search miss' settings merge 'show Tom'; do
        # shellcheck disable=SC2086 # words
        ! f $command 2>&1 | grep -i 'zora' || { echo "$command"; return 1; }
    done
    for path in / /people /history /merge /log /reflect; do
        ! page "$at$path" | grep -i 'quill' || { echo "$path"; return 1; }
    done
}
check "no command and no page says the name" silent
no_undo() { ! f undo 2>&1 | grep -i zora; f people | grep -qi zora; [ $? -ne 0 ]; }
check "undo brings nobody back" no_undo
finish
