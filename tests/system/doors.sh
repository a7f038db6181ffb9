#!/bin/sh
# tests/system/doors.sh FONDER - the site's doors with curl: Host, session, method, size, Origin and CSRF, in that
# order; the headers of every answer; a graceful stop.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip_all "curl is missing"
new_vault
f add 'Ana Moreau' --kind friend >/dev/null
serve || { failed "the server starts"; finish; }
at=http://127.0.0.1:$port
jar=$room/jar
# status CURL-OPTIONS: the status; the body is in $room/body, the headers in $room/head.
status() { curl -s -m 20 -D "$room/head" -o "$room/body" -w '%{http_code}' "$@"; }
# is STATUS CURL-OPTIONS
is() {
    want=$1
    shift
    got=$(status "$@")
    [ "$got" = "$want" ] || { echo "$got, not $want: $*"; head -c 600 "$room/body"; return 1; }
}
in_is() {
    want=$1
    shift
    is "$want" -b "$jar" "$@"
}

# -- outside ----------------------------------------------------------------------------------------
same_for_all() {
    : >"$room/answers"
    for path in / /people /people/new /people/1234 /history /static/site.css /no-such-page /enter/1234 /enter/ /unlock /learn /safety; do
        for way in -X\ GET -I -X\ POST -X\ PUT -X\ DELETE -d\ a=b; do
            # shellcheck disable=SC2086 # two words
            got=$(status $way "$at$path")
            [ "$got" = 403 ] || { echo "$way $path: $got"; return 1; }
            [ "$way" = -I ] || sha256sum <"$room/body" >>"$room/answers"
            grep -vi '^\(date\|connection\):' "$room/head" | sha256sum >>"$room/heads-$(echo "$way" | tr -dc A-Zd)"
        done
    done
    [ "$(sort -u "$room/answers" | wc -l)" -eq 1 ] || { echo "bodies differ"; return 1; }
    for heads in "$room"/heads-*; do
        [ "$(sort -u "$heads" | wc -l)" -eq 1 ] || { echo "headers differ: $heads"; return 1; }
    done
}
check "without a session every path gives the same 403" same_for_all
check "a made-up cookie is none" is 403 -b 'fonder=00000000000000000000000000' "$at/"
check "a foreign Host is refused first" is 421 -H 'Host: example.org' "$at/enter/$token"
check "a Host with another port too" is 421 -H 'Host: 127.0.0.1:1' "$at/enter/$token"
check "HEAD does not use up the token" is 403 -I "$at/enter/$token"
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status"; }
unheard() {
    before=$(peak)
    truncate -s 60M "$room/huge"
    is 403 -F "file=@$room/huge" "$at/import" && [ $(($(peak) - before)) -lt 20000 ]
}
check "what somebody without a session sends is not kept in memory" unheard
check "the token opens a session" is 303 -c "$jar" "$at/enter/$token"
cookie() { grep -i '^set-cookie: fonder=' "$room/head" | grep -i HttpOnly | grep -i 'SameSite=Strict'; }
check "its cookie is HttpOnly and SameSite=Strict" cookie
check "the token works once" is 403 "$at/enter/$token"

# -- inside -----------------------------------------------------------------------------------------
check "today" in_is 200 "$at/"
csrf=$(curl -s -b "$jar" "$at/people/new" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
id=$(curl -s -b "$jar" "$at/people" | grep -o 'href="/people/[0-9a-z]*"' | grep -v new | head -n 1 | sed 's#.*/people/##; s/"//')
check "a person's page" in_is 200 "$at/people/$id"
headers() {
    for path in / /people "/people/$id" "/people/$id/edit" "/people/$id/check-in" "/people/$id/next" /log /search /import /export \
        /history /settings /learn /safety /reflect /check-in /welcome /no-such-page /people/zzz; do
        in_is 200 "$at$path" >/dev/null || in_is 404 "$at$path" || return 1
        for header in "content-security-policy: default-src 'self'; form-action 'self'" 'cache-control: no-store' \
            'referrer-policy: no-referrer' 'x-content-type-options: nosniff'; do
            grep -qi "^$header" "$room/head" || { echo "$path has no $header"; cat "$room/head"; return 1; }
        done
        ! grep -iE "^content-security-policy:.*unsafe-" "$room/head" || return 1
        ! grep -i '<title>[^<]*Ana' "$room/body" || { echo "$path: the title names a person"; return 1; }
        ! grep -iE '<script|<style| style=| on[a-z]*="|javascript:' "$room/body" || { echo "$path: inline"; return 1; }
    done
}
check "CSP, no-store, no-referrer, a neutral title and nothing inline on every page" headers
check "HEAD answers" in_is 200 -I "$at/people"
no_body() { in_is 200 -X HEAD --head "$at/" && ! grep -q html "$room/body" || { cat "$room/body"; return 1; }; }
check "HEAD has no body" in_is 200 -I "$at/"
check "PUT is 405" in_is 405 -X PUT "$at/people"
check "DELETE is 405" in_is 405 -X DELETE "$at/people/$id"
allowed() { grep -i '^allow: *GET, HEAD, POST' "$room/head" || { cat "$room/head"; return 1; }; }
check "405 says what is allowed" allowed
check "an unknown page is 404" in_is 404 "$at/nothing-here"
check "a person who is not there is 404" in_is 404 "$at/people/zzzz"
json() { in_is 200 -H 'Accept: application/json' "$at/people" && python3 -m json.tool <"$room/body"; }
check "JSON from the same resource" json

# -- what may change something -----------------------------------------------------------------------
before=$(steps)
nothing() { [ "$(steps)" -eq "$before" ]; }
check "a form without CSRF" in_is 403 -d name=Eve "$at/people"
check "with another CSRF" in_is 403 -d csrf=00000000000000000000000000 -d name=Eve "$at/people"
check "from a foreign origin" in_is 403 -H 'Origin: http://example.org' -d "csrf=$csrf" -d name=Eve "$at/people"
check "from a foreign page" in_is 403 -H 'Sec-Fetch-Site: cross-site' -d "csrf=$csrf" -d name=Eve "$at/people"
check "from another port of this machine" in_is 403 -H 'Origin: http://127.0.0.1:1' -d "csrf=$csrf" -d name=Eve "$at/people"
check "from no origin in a browser elsewhere" in_is 403 -H 'Origin: null' -d "csrf=$csrf" -d name=Eve "$at/people"
check "with a CSRF but no session" is 403 -d "csrf=$csrf" -d name=Eve "$at/people"
head -c 1200000 /dev/zero | tr '\0' x >"$room/large"
check "a field that is too large is 413" in_is 413 -d "csrf=$csrf" --data-urlencode "name@$room/large" "$at/people"
fields() { for i in $(seq 1 140000); do printf 'kind=friend&'; done; printf 'csrf=%s&name=Eve' "$csrf"; }
fields >"$room/fields"
check "a form with too many fields is 413" in_is 413 -d "@$room/fields" "$at/people"
large_file() {
    truncate -s 200M "$room/huge"
    got=$(status -b "$jar" -m 100 -F "csrf=$csrf" -F "file=@$room/huge" "$at/import")
    rm "$room/huge"
    [ "$got" = 413 ] && grep -q 'fonder import FILE' "$room/body" || { echo "$got"; return 1; }
}
check "a file that is too large is 413, with the command that takes it" large_file
check "an empty name is refused in the form" in_is 422 -d "csrf=$csrf" -d name= "$at/people"
check "an unknown choice is refused" in_is 422 -d "csrf=$csrf" -d name=Eve -d kind=cousin "$at/people"
# says WORDS CURL-OPTIONS: refused, and the page says so in these words.
says() {
    words=$1
    shift
    in_is 422 -d "csrf=$csrf" "$@" && grep -q "$words" "$room/body"
}
check "bytes that are no text are refused in words" says 'kind cannot be' -d 'name=Eve&kind=%FF' "$at/people"
long_number() { printf 'text=Tea+with+Ana&minutes=' && head -c 200000 /dev/zero | tr '\0' 9; }
long_number >"$room/number"
check "and so is a number without end" says 'minutes' -d "@$room/number" "$at/log"
check "what else was typed is still there" says 'Tea with Ana�</textarea>' -d 'text=Tea+with+Ana%FF&minutes=0' "$at/log"
check "a query that is no text has a page, too" in_is 422 "$at/people?kind=%FF"
merge_again() {
    in_is 422 -d "csrf=$csrf" -d yes=1 --data-urlencode 'other=Zoe Nobody' "$at/people/$id/merge" &&
        grep -q 'name="other" value="Zoe Nobody"' "$room/body" && grep -q 'id="e-other"' "$room/body" || { cat "$room/body"; return 1; }
}
check "a merge with nobody comes back with the reason and what was given" merge_again
merge_same() { in_is 422 -d "csrf=$csrf" -d yes=1 -d "other=$id" "$at/people/$id/merge" && grep -q 'id="e-other"' "$room/body"; }
check "and so does one with themselves" merge_same
check "nothing was kept by any of them" nothing
check "search by GET finds nothing" in_is 200 "$at/search"
by_get() { got=$(status -b "$jar" "$at/search?text=Ana"); ! grep -q Moreau "$room/body" || { echo "$got"; return 1; }; }
check "search answers only to POST" by_get
by_post() { in_is 200 -d "csrf=$csrf" -d text=Ana "$at/search" && grep -q Moreau "$room/body"; }
check "and finds by POST" by_post
kept() { in_is 303 -H "Origin: $at" -d "csrf=$csrf" -d name=Eve "$at/people" && [ "$(steps)" -eq $((before + 1)) ]; }
check "a right form is kept" kept
side_by_side() {
    in_is 200 -d "csrf=$csrf" -d other=Eve "$at/people/$id/merge" && grep -q '<th scope="col">Eve</th>' "$room/body" &&
        [ "$(steps)" -eq $((before + 1)) ]
}
check "a merge without a yes shows both side by side and keeps nothing" side_by_side
one_of_two() { f merge Ana Eve --yes >/dev/null && [ "$(f people --json | grep -c '"name": "Eve"')" -eq 0 ] && f undo >/dev/null && f people | grep -q Eve; }
check "on the command line --yes makes them one without asking, and one undo two again" one_of_two

# -- a backup by way of the browser ----------------------------------------------------------------------
downloaded() {
    in_is 200 -d "csrf=$csrf" "$at/backup" && grep -qi '^content-disposition: attachment; filename="fonder.backup"' "$room/head" || return 1
    mv "$room/body" "$room/copy" && cp "$vault.key" "$room/copy.key"
    FONDER_VAULT=$room/again f restore "$room/copy" >/dev/null && FONDER_VAULT=$room/again f people | grep -q 'Ana Moreau'
}
check "what is downloaded is a vault" downloaded
nothing_left() {
    ! ls "$vault".new-* 2>/dev/null && for handle in "/proc/$server/fd"/*; do
        case $(readlink "$handle") in *.new-*) readlink "$handle"; return 1 ;; esac
    done
}
check "its file has no name, and nobody holds it once it is sent" nothing_left
broken_off() {
    curl -s -m 20 -b "$jar" -d "csrf=$csrf" "$at/backup" | head -c 100 >/dev/null
    in_is 200 "$at/" && nothing_left
}
check "broken off, neither" broken_off

# -- what an address book knew -------------------------------------------------------------------------
printf 'BEGIN:VCARD\nFN:Many Sides\nNICKNAME:One,Two\nEMAIL;TYPE=home:a@example.org\nEMAIL;TYPE=work:b@example.org\nTEL;TYPE=cell:+44 1\nADR;TYPE=home:;;1 High St\\nTop floor;Leeds;;;\nADR;TYPE=work:;;2 Low St;York;;;\nBDAY:--0612\nEND:VCARD\n' >"$room/sides.vcf"
sides() { f export jsonl | python3 -c 'import json, sys
now = {}
for line in sys.stdin:
    e = json.loads(line)
    if e.get("kind") == "person" and (e.get("of") or e["id"]) == sys.argv[1]:
        now.update(e["fields"])
print(json.dumps(now, sort_keys=True))' "$1"; }
untouched() {
    f import "$room/sides.vcf" --yes >/dev/null || return 1
    side=$(f people --json | python3 -c 'import json, sys
print(next(p["person"]["id"] for g in json.load(sys.stdin)["groups"] for p in g["people"] if p["person"]["name"] == "Many Sides"))')
    sides "$side" >"$room/sides-before"
    in_is 303 -d "csrf=$csrf" --data-urlencode 'name=Many Sides' -d nickname=One --data-urlencode 'where=1 High StTop floor, Leeds' \
        -d mail=a@example.org -d mail=b@example.org --data-urlencode 'phone=+44 1' --data-urlencode 'birthday=12 June' "$at/people/$side/edit" || return 1
    sides "$side" | diff - "$room/sides-before" || return 1
    f edit "$side" --nickname Uno >/dev/null && sides "$side" | grep -q '"Uno", "Two"'
}
check "a person's form that is sent back untouched changes nothing" untouched

bonds() { f export jsonl | grep '"relationship"' | grep -c "$side"; }
left_open() {
    f edit "$side" --kind friend --harm yes >/dev/null || return 1
    before=$(bonds)
    in_is 303 -d "csrf=$csrf" --data-urlencode 'name=Many Sides' -d kind=friend -d harm=yes -d minor=no -d romance=off "$at/people/$side/edit" &&
        [ "$before" -eq 1 ] && [ "$(bonds)" -eq 1 ]
}
check "nor does it say anew that someone gets hurt, or does not" left_open

# shown NAME: what the form on the page sends for the choice as it stands.
shown() { grep -o "name=\"$1\" value=\"[a-z]*\" checked" "$room/body" | sed 's/.*value="\(.*\)" checked/\1/'; }
stale() {
    f edit "$side" --kind partner --harm no --romance on >/dev/null && in_is 200 "$at/people/$side/edit" || return 1
    minor=$(shown minor) harm=$(shown harm) romance=$(shown romance)
    f edit "$side" --harm yes --minor yes >/dev/null && f edit "$side" --romance off >/dev/null || return 1
    in_is 303 -d "csrf=$csrf" --data-urlencode 'name=Many Sides' -d "harm=$harm" -d "minor=$minor" "$at/people/$side/edit" || return 1
    in_is 200 "$at/people/$side/edit" && [ "$romance" = on ] && [ "$(shown harm)" = yes ] && [ "$(shown minor)" = yes ]
}
check "a form left open takes back neither that someone gets hurt nor that they are under age" stale
paused() {
    f edit "$side" --harm no --minor no --pause month >/dev/null && in_is 200 "$at/people/$side/next" &&
        grep -q 'You paused this' "$room/body" && in_is 200 "$at/people/$side/edit" && grep -q 'None until' "$room/body" &&
        f edit "$side" --pause off >/dev/null && in_is 200 "$at/people/$side/next" && ! grep -q 'You paused this' "$room/body"
}
check "offers with one person can be paused, and are until the day that is said" paused
young() {
    f settings --under-age yes >/dev/null && ! f edit "$side" --kind partner --romance on >/dev/null 2>"$room/err" &&
        grep -q 'is a minor' "$room/err" && in_is 200 "$at/settings" && [ "$(shown under-age)" = yes ] &&
        f settings --under-age no >/dev/null && f edit "$side" --romance on >/dev/null && f edit "$side" --romance off >/dev/null
}
check "who is under age has nothing romantic switched on" young

# -- a large address book ----------------------------------------------------------------------------
for i in $(seq 1 1000); do
    printf 'BEGIN:VCARD\nVERSION:3.0\nFN:Friend %d of many\nEND:VCARD\n' "$i"
done >"$room/many.vcf"
# preview: looks at them; the fields the page would send whoever is ticked.
preview() {
    status -b "$jar" -F "csrf=$csrf" -F "file=@$room/many.vcf" "$at/import" >/dev/null
    printf 'csrf=%s' "$csrf"
    grep -o 'name="\(chosen\|preview\)" value="[^"]*"' "$room/body" | sed 's/name="\([a-z]*\)" value="\(.*\)"/\&\1=\2/' | tr -d '\n'
}
people() { f people --json | grep -c 'of many'; }
none_ticked() { preview >"$room/keep" && in_is 422 -d "@$room/keep" "$at/import/keep" && [ "$(people)" -eq 0 ]; }
check "where nobody is ticked nobody is kept" none_ticked
all_ticked() {
    preview >"$room/keep" && seq -f '&take=%.0f' 1 1000 | tr -d '\n' >>"$room/keep"
    in_is 303 -d "@$room/keep" "$at/import/keep" && [ "$(people)" -ge 1000 ]
}
check "a thousand that are ticked are kept" all_ticked
left() { in_is 303 -d "csrf=$csrf" "$at/leave" && grep -qi '^location: /left' "$room/head" && in_is 403 "$at/people"; }
check "leaving the page ends the session" left
fresh() {
    fresh_token=$(sed -n 's#.*/enter/\([0-9a-z]*\).*#\1#p' "$room/served" | tail -n 1)
    [ "$fresh_token" != "$token" ] && is 303 -c "$jar" "$at/enter/$fresh_token" && in_is 200 "$at/people"
}
check "and the terminal has a fresh address" fresh

# -- the end -----------------------------------------------------------------------------------------
stops() {
    kill -TERM "$server"
    wait "$server"
    code=$?
    server=
    [ "$code" -eq 0 ] || { echo "exit $code"; return 1; }
    [ ! -e "$vault-wal" ] || { echo "the write-ahead log is still there"; return 1; }
    f people | grep -q Eve
}
check "SIGTERM stops it gracefully" stops
interrupted() { serve && kill -INT "$server" && wait "$server"; code=$?; server=; return $code; }
check "and so does SIGINT" interrupted
finish
