#!/bin/sh
# tests/system/locked.sh FONDER - what is left in the memory of the server once it has locked: its whole memory is read
# and searched for words, names, the passphrase and the vault key. First while it is open, so that the search is known
# to find them. Locked by "lock", by "leave this page", by idleness, by `fonder lock`, and when somebody was forgotten.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip_all "curl is missing"
command -v python3 >/dev/null || skip_all "python3 is missing"
here=$(dirname "$0")
pass_words='velvet tortoise umbrella'
printf '%s\n' "$pass_words" >"$room/pass"
FONDER_PASSPHRASE_FILE=$room/pass f init >"$room/init" || { failed "init"; finish; }
FONDER_PASSPHRASE_FILE=$room/pass f add 'Wilhelmina Oxenford' --kind close-friend --mail wilma@oxenford.example >/dev/null
FONDER_PASSPHRASE_FILE=$room/pass f log 'Zanzibar pancakes with Wilhelmina yesterday, she spoke of the lighthouse' >/dev/null
FONDER_PASSPHRASE_FILE=$room/pass f reflect 'A quixotic marmalade mood' >/dev/null
printf '%s\n' 'Oxenford' 'ilhelmina' 'wilma@' 'anzibar' 'lighthouse' 'marmalade' >"$room/words"
cp "$room/words" "$room/secrets"
printf '%s\n' 'velvet tortoise' >>"$room/secrets"
code=$(tr -cs 'a-z-' '\n' <"$room/init" | grep -E '^([a-z]{5}-){8}[a-z]{5}$' | head -n 1)
[ -z "$code" ] || printf '%s\n' "$code" >>"$room/secrets"

# The key of this vault, from the keyring, where there is one; with "drop" it is taken out. Keys of other vaults, an
# aborted run's say, are nobody's business here.
key_hex() {
    python3 - "$vault" "$@" <<'PYTHON'
import ctypes, sqlite3, sys
vault = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT value FROM header WHERE key='vault'").fetchone()[0]
bits = int.from_bytes(vault, "big")
name = "fonder:" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[bits >> 5 * i & 31] for i in range(25, -1, -1))
try:
    keys = ctypes.CDLL("libkeyutils.so.1")
    ring = -4  # the user's
    key = keys.keyctl_search(ring, b"user", name.encode(), 0)
    out = ctypes.create_string_buffer(32)
    if key >= 0 and keys.keyctl_read(key, out, 32) == 32:
        print(out.raw.hex())
    if key >= 0 and "drop" in sys.argv:
        keys.keyctl_unlink(key, ring)
except OSError:
    pass
PYTHON
}
trap 'key_hex drop >/dev/null 2>&1; clean_up' EXIT
keyring=
if FONDER_PASSPHRASE_FILE=$room/pass f unlock --minutes 5 >/dev/null 2>&1; then
    keyring=$(key_hex)
    [ -z "$keyring" ] || printf 'hex:%s\n' "$keyring" | tee -a "$room/words" >>"$room/secrets"
fi

at='' jar=$room/jar csrf=''
page() { curl -s -m 20 -b "$jar" -c "$jar" "$@"; }
status() { curl -s -m 20 -b "$jar" -c "$jar" -o "$room/body" -D "$room/head" -w '%{http_code}' "$@"; }
csrf_of() { sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$1" | head -n 1; }
enter() {
    at=http://127.0.0.1:$port
    rm -f "$jar"
    page -o /dev/null "$at/enter/$token"
    page -o "$room/body" "$at/unlock"
    csrf=$(csrf_of "$room/body")
}
unlock() { [ "$(status --data-urlencode "csrf=$csrf" --data-urlencode "passphrase=$pass_words" "$at/unlock")" = 303 ]; }
browse() {
    for path in / /people /history /log /search /insights; do
        page -o "$room/page" "$at$path"
    done
    page -o "$room/page" "$at/people"
    id=$(sed -n 's#.*href="/people/\([0-9a-z]*\)".*#\1#p' "$room/page" | grep -v new | head -n 1)
    page -o "$room/page" "$at/people/$id"
    page -o "$room/found" -d "csrf=$csrf" -d text=pancakes "$at/search"
    page -o "$room/page" -d "csrf=$csrf" --data-urlencode "text=Lighthouse again with Wilhelmina" "$at/log"
    page -o "$room/page" -d "csrf=$csrf" -d format=markdown "$at/export"
    grep -q Oxenford "$room/found"
}
# found SECRETS: what of it is in the server's memory now
found() { python3 "$here/memory.py" "$server" "$1"; }
all_there() {
    found "$room/words" >"$room/hits"
    sed 's/^hex:.*/the vault key/' "$room/words" | sort >"$room/wanted"
    sort "$room/hits" | cmp -s - "$room/wanted" || { cat "$room/hits"; return 1; }
}
none_there() {
    found "$room/secrets" >"$room/hits" && [ ! -s "$room/hits" ] || { cat "$room/hits"; return 1; }
}
# The page is the unlock page and nothing else, soon.
locked() {
    tries=0
    until [ "$(status "$at/people")" = 303 ] && grep -qi '^location: /unlock' "$room/head"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { cat "$room/head"; return 1; }
        sleep 0.1
    done
    [ "$(status "$at/unlock")" = 200 ] && ! grep -q Oxenford "$room/body"
}
# The new image is there: its environment names what was handed over no more, or never did.
settled() {
    tries=0
    while [ "$(started)" = "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        sleep 0.1
    done
}
# The start of the data segment moves with each new image.
started() { sed -n 's/^\([0-9a-f]*\)-.*\[heap\]/\1/p;1s/^\([0-9a-f]*\)-.*/\1/p' "/proc/$server/maps" | tr '\n' ' '; }
open_site() { unlock && browse && all_there; }

# A sanitizer keeps memory of its own, and its images all begin at one address.
[ "${FONDER_QUICK:-}" != 1 ] || skip_all "a sanitizer's memory is not the program's"

# -- by the button ----------------------------------------------------------------------------------
FONDER_PASSPHRASE_FILE='' serve || { failed "the server starts"; finish; }
python3 "$here/memory.py" "$server" "$room/words" >/dev/null 2>&1
[ $? -ne 2 ] || skip_all "the memory of another process may not be read here"
enter
button() { unlock && page "$at/settings/passphrase" | grep -q 'action="/lock"'; }
check "the page of the passphrase has the button" button
check "open, its memory holds what was read (or the search would prove nothing)" open_site
pid=$server
image=$(started)
lock_it() { [ "$(status -d "csrf=$csrf" "$at/lock")" = 303 ] && grep -qi '^location: /unlock' "$room/head"; }
check "lock answers with the unlock page" lock_it
check "a new image takes the place of the old one, under the same number" settled "$image"
check "locked, its memory holds no word, name, passphrase, code or key" none_there
check "and it shows the unlock page only" locked
quiet_proc() {
    tr '\0' '\n' <"/proc/$pid/cmdline" >"$room/proc"
    tr '\0' '\n' <"/proc/$pid/environ" | grep -v "^FONDER_PASSPHRASE_FILE=" >>"$room/proc"
    ! grep -iE 'oxenford|velvet|fonder:|enter/' "$room/proc" && [ "$(cat "/proc/$pid/comm")" = fonder ]
}
check "nothing of it in the arguments, environment or name of the new image" quiet_proc
no_descriptors() { ! find "/proc/$pid/fd" -printf '%l\n' | grep -E 'vault|memfd|sites'; }
check "it has neither the vault nor what was handed over open" no_descriptors
ring_empty() { [ -z "$(key_hex)" ]; }
if [ -n "$keyring" ]; then check "the key is gone from the keyring" ring_empty; else skip_one "the key is gone from the keyring" "no keyring here"; fi
empty() { [ "$(status -d "csrf=$csrf" -d passphrase= "$at/unlock")" = 403 ] && locked; }
check "an empty passphrase opens nothing" empty
check "the same session unlocks it again" open_site

# -- what was half written ---------------------------------------------------------------------------
late_note() {
    image=$(started)
    lock_it && settled "$image" || return 1
    [ "$(status -d "csrf=$csrf" --data-urlencode 'text=Tangerine evening with Wilhelmina & <b>more</b>' -d quality=good "$at/log")" = 403 ] || return 1
    grep -q 'Tangerine evening' "$room/body" || return 1
    python3 - "$room/body" >"$room/form" <<'PYTHON'
import html.parser, sys, urllib.parse
class Form(html.parser.HTMLParser):
    pairs = []
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "input" and a.get("type") == "hidden": self.pairs.append((a["name"], a.get("value", "")))
f = Form(); f.feed(open(sys.argv[1]).read())
wanted = [p for p in f.pairs if p[0] != "csrf"]
print(urllib.parse.urlencode(wanted), end="")
PYTHON
    [ "$(status -d "@$room/form" -d "csrf=$csrf" -d passphrase=wrong "$at/unlock")" = 403 ] || return 1
    grep -q 'Tangerine evening' "$room/body" || { echo "lost after a wrong passphrase"; return 1; }
    [ "$(status -d "@$room/form" -d "csrf=$csrf" --data-urlencode "passphrase=$pass_words" "$at/unlock")" = 303 ] || return 1
    page "$at/people/$id" >"$room/page"
    grep -q 'Tangerine evening with Wilhelmina &amp; &lt;b&gt;more' "$room/page"
}
check "a note sent to a site that had locked waits for the passphrase and is kept" late_note
printf '%s\n' Tangerine >>"$room/secrets"

# -- by leaving, in the midst of other requests ------------------------------------------------------
leave_it() {
    image=$(started)
    cp "$jar" "$jar.flight"
    for _ in 1 2 3 4 5 6; do curl -s -m 20 -b "$jar.flight" -o /dev/null "$at/people/$id" & done
    [ "$(status -d "csrf=$csrf" "$at/leave")" = 303 ] && grep -qi '^location: /left' "$room/head" || return 1
    wait_for_pages && settled "$image" && none_there && locked
}
wait_for_pages() { for job in $(jobs -p); do [ "$job" = "$server" ] || wait "$job" || return 1; done; }
check "leaving the page locks likewise, and requests under way are answered" leave_it

# -- by the command line ----------------------------------------------------------------------------
by_command() {
    open_site || return 1
    f lock || return 1 # waits until the old image is gone
    none_there && locked
}
check "fonder lock reaches the site, and returns when its memory is clear" by_command

# -- a mistaken passphrase ---------------------------------------------------------------------------
mistaken() {
    image=$(started)
    [ "$(status -d "csrf=$csrf" --data-urlencode 'passphrase=velvet tortoise umbrell' "$at/unlock")" = 403 ] || return 1
    settled "$image" && none_there
}
check "a mistaken passphrase does not stay in memory" mistaken
kill -TERM "$server"
wait "$server"
server=
unset FONDER_PASSPHRASE_FILE

# -- by time ----------------------------------------------------------------------------------------
rm -f "$vault.tries"
serve --lock-after 0.1 || { failed "the server starts"; finish; }
enter
check "open again" open_site
image=$(started)
idle() { settled "$image" && none_there; }
check "left alone it locks by itself, and its memory is clear" idle
check "and shows the unlock page" locked
stays_awake() { # others who knock do not keep it awake
    unlock && image=$(started) || return 1
    tries=0
    while [ "$(started)" = "$image" ] && [ $tries -lt 150 ]; do
        curl -s -o /dev/null "$at/"
        tries=$((tries + 1))
        sleep 0.1
    done
    [ $tries -lt 150 ]
}
check "requests without a session do not keep it open" stays_awake
stops() { kill -TERM "$server" && wait "$server"; code=$?; server=; [ "$code" -eq 0 ]; }
check "after all that it stops gracefully" stops
rm -f "$vault.tries"

# -- somebody is forgotten elsewhere ------------------------------------------------------------------
serve || { failed "the server starts"; finish; }
enter
forgotten() {
    open_site || return 1
    image=$(started)
    FONDER_PASSPHRASE_FILE=$room/pass f forget Wilhelmina --confirm 'Wilhelmina Oxenford' >"$room/out" 2>&1 || { cat "$room/out"; return 1; }
    # what is sent before the site has noticed waits for the passphrase, too
    [ "$(status -d "csrf=$csrf" --data-urlencode 'text=Nectarines at dusk' "$at/reflect")" = 403 ] && grep -q Nectarines "$room/body" || return 1
    settled "$image" && none_there && locked
}
check "when another process forgets somebody, the site lets go of them at once" forgotten
finish
