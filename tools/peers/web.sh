#!/bin/sh
# tools/peers/web.sh FONDER [ROUNDS [PEOPLE YEARS]]
# The page today on one connection, beside nginx serving the very same bytes from a file: half of all answers within so
# many microseconds, as wrk sees it, in turn in one run; the least of all rounds, and their ratio. Nothing leaves this
# machine. Where nginx or wrk is missing it says what to install, and ends well.
set -u
fonder=${1:?usage: web.sh FONDER [ROUNDS [PEOPLE YEARS]]}
rounds=${2:-5}
people=${3:-20}
years=${4:-22}
PATH=$PATH:/usr/sbin
for program in nginx wrk curl; do
    if ! command -v $program >/dev/null; then
        echo "skipped: $program is missing (apt-get install nginx-light wrk curl)"
        exit 0
    fi
done
work=$(mktemp -d) || exit 3
site=
server=
end() {
    [ -n "$site" ] && kill "$site" 2>/dev/null
    [ -n "$server" ] && kill "$server" 2>/dev/null
    wait
    rm -rf "$work"
}
trap end EXIT
trap 'exit 3' INT TERM

"$fonder" demo --vault "$work/vault" --people "$people" --years "$years" >/dev/null || exit 3
"$fonder" serve --port 0 --vault "$work/vault" >"$work/said" 2>&1 &
site=$!
i=0
until grep -q http "$work/said" || [ $i -ge 100 ]; do
    i=$((i + 1))
    sleep .1
done
enter=$(grep -o 'http://[^ ]*' "$work/said" | head -n 1)
ours=${enter%/enter/*}/
cookie=$(curl -si "$enter" | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p')
mkdir "$work/root"
curl -s -H "Cookie: $cookie" "$ours" >"$work/root/index.html"
grep -q '</html>' "$work/root/index.html" || { echo "the site did not answer"; exit 3; }

port=$((20000 + $$ % 20000))
cat >"$work/nginx.conf" <<C
worker_processes 1; daemon off; pid $work/pid; error_log $work/error;
events { }
http {
    access_log off; keepalive_requests 100000000; sendfile on; open_file_cache max=10;
    types { text/html html; }
    client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
    uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
    server { listen 127.0.0.1:$port; root $work/root; }
}
C
chmod 755 "$work" "$work/root"
nginx -c "$work/nginx.conf" -e "$work/error" &
server=$!
sleep .5
theirs=http://127.0.0.1:$port/
curl -s "$theirs" | cmp -s - "$work/root/index.html" || { echo "nginx did not answer"; cat "$work/error"; exit 3; }

# micros URL: half of the answers take at most so long
micros() {
    wrk -t 1 -c 1 -d 2s --latency -H "Cookie: $cookie" "$1" |
        awk '/Non-2xx/ { bad = 1 } $1 == "50%" { v = $2 + 0; if ($2 ~ /[0-9]ms/) v *= 1000; t = v } END { print bad ? "failed" : t }'
}
: >"$work/a"
: >"$work/b"
i=0
while [ $i -lt "$rounds" ]; do
    i=$((i + 1))
    micros "$ours" >>"$work/a"
    micros "$theirs" >>"$work/b"
done
grep -q failed "$work/a" "$work/b" && { echo "an answer was no page"; exit 3; }
a=$(sort -g "$work/a" | head -n 1)
b=$(sort -g "$work/b" | head -n 1)
bytes=$(wc -c <"$work/root/index.html")
awk -v a="$a" -v b="$b" -v n="$bytes" 'BEGIN {
    printf "today on one connection, %d bytes, half of all answers within: fonder %.0f us, nginx %.0f us: %.1f x\n", n, a, b, a / b }'
