#!/bin/sh
# tools/check-fresh.sh - proves the two commands in a bare Debian 12: debootstrap makes a minimal system in a
# temporary folder, the last commit is copied in, and ./start and ./test run there, twice, as root and as a user
# with sudo; the second time both without a network. Needs root, debootstrap and about 4 GB.
#   FRESH_MIRROR  the Debian mirror (default: that of this system)
#   FRESH_BASE    a folder debootstrap has already filled, copied instead of making one
#   FRESH_TESTS   no: only ./start; quick: ./test quick, once
# Packages come the way they come on this system: its apt sources, certificates and npm settings are copied in.
set -u
cd "$(dirname "$0")/.." || exit 3
[ "$(id -u)" -eq 0 ] || { echo "run this as root: it makes a chroot"; exit 3; }
mirror=${FRESH_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n 's/^\(deb\|URIs:\) *\(\[[^]]*\] *\)\?\(http[^ ]*\/debian\)\/\?\( .*\)\?$/\3/p' | head -n 1)}
root=$(mktemp -d /var/tmp/fonder-fresh.XXXXXX) || exit 3
log=$(mktemp) || exit 3
failed=0
finish() {
    umount "$root/proc" "$root/dev/pts" "$root/dev/shm" 2>/dev/null
    # Never past a mount that is still there.
    rm -rf --one-file-system "$root" "$log"
}
trap finish EXIT
trap 'exit 130' INT TERM

# step NAME MOST COMMAND...: a check that may take MOST ms (0: as long as it takes); a busy machine gets three tries.
step() {
    name=$1 most=$2
    shift 2
    for try in 1 2 3; do
        start=$(date +%s%N)
        "$@" >"$log" 2>&1
        code=$?
        took=$((($(date +%s%N) - start) / 1000000))
        if [ "$most" -eq 0 ] || [ "$code" -ne 0 ] || [ "$took" -le "$most" ]; then break; fi
    done
    if [ "$code" -ne 0 ]; then
        echo "FAIL  $name (exit $code)"
        tail -n 25 "$log"
        failed=1
    elif [ "$most" -gt 0 ] && [ "$took" -gt "$most" ]; then
        echo "FAIL  $name took $took ms, more than $most"
        failed=1
    else
        echo "ok    $name ($took ms)"
    fi
}
inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt ${registry:+npm_config_registry="$registry"} sh -c "$1"
}
# Without any network but loopback, which only the system outside has the tool to bring up.
offline() {
    unshare -n sh -c 'ip link set lo up; root=$1; shift; exec chroot "$root" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -c "$1"' - "$root" "$1"
}
# serves OPTIONS: ./start prints an address that answers, and stops when asked to.
serves() {
    offline 'cd /fonder && { timeout -s TERM 3 ./start '"$1"' --port 0 </dev/null >/tmp/out 2>&1; code=$?; cat /tmp/out
        grep -q "http://127.0.0.1:[0-9]*/enter/" /tmp/out && [ "$code" -eq 124 -o "$code" -eq 0 ]; }'
}
refuses() {
    offline 'cd /fonder && ./start </dev/null >/tmp/out 2>&1; code=$?; cat /tmp/out; [ "$code" -eq 1 ] && grep -q no-passphrase /tmp/out'
}

if [ -n "${FRESH_BASE:-}" ]; then
    cp -a "$FRESH_BASE/." "$root/" || exit 3
else
    command -v debootstrap >/dev/null || { echo "install debootstrap first"; exit 3; }
    echo "debootstrap from $mirror"
    debootstrap --variant=minbase bookworm "$root" "$mirror" >"$log" 2>&1 || { tail -n 5 "$log"; echo "debootstrap failed"; exit 3; }
fi
registry=$(npm config get registry 2>/dev/null)
cp /etc/resolv.conf "$root/etc/" 2>/dev/null
rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null
mkdir -p "$root/etc/ssl/certs" && cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null
cp ~/.npmrc "$root/root/" 2>/dev/null
chmod 755 "$root"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/pts" "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts" && mount -t tmpfs shm "$root/dev/shm"
mkdir "$root/fonder" && git archive HEAD | tar -x -C "$root/fonder"
step 'the system is bare' 0 inside '! command -v gcc && ! command -v make && ! command -v meson && ! command -v sudo'
step 'installs, builds, answers on the command line' 0 inside 'cd /fonder && ./start -- --version'
step 'again, offline, in under a second' 1000 offline 'cd /fonder && ./start -- --version'
step 'without a terminal it says how to make a vault, and exits 1' 1000 refuses
step 'makes a vault without a passphrase and serves' 0 serves --no-passphrase
step 'serves it again' 0 serves ''
step 'serves the example' 0 serves --demo
step 'makes a vault with a passphrase from a file' 0 offline 'cd /fonder && printf "a long passphrase\n" >/root/pass && chmod 600 /root/pass &&
    export FONDER_PASSPHRASE_FILE=/root/pass FONDER_VAULT=/root/other && ./start -- init && ./start -- add Ana && ./start -- people | grep Ana'
step 'second time, offline, in under a second: today' 1000 offline 'cd /fonder && ./start -- today'
if [ "${FRESH_TESTS:-yes}" = yes ]; then
    step './test installs what it needs and passes' 0 inside 'cd /fonder && ./test'
    tail -n 1 "$log"
    step './test again, offline' 0 offline 'cd /fonder && ./test'
    tail -n 1 "$log"
elif [ "${FRESH_TESTS:-yes}" = quick ]; then
    step './test quick installs what it needs and passes' 0 inside 'cd /fonder && ./test quick'
    tail -n 1 "$log"
    exit $failed
fi
step 'a user with sudo' 0 inside 'apt-get install -y --no-install-recommends sudo >/dev/null && useradd -m someone &&
    echo "someone ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/someone && cp -r /fonder /home/someone/ && rm -rf /home/someone/fonder/build &&
    chown -R someone /home/someone && apt-get remove -y --purge gcc >/dev/null && su someone -c "cd ~/fonder && ./start -- --version"'
exit $failed
