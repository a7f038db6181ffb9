#!/bin/sh
# tools/check-fresh.sh - proves the two commands in a bare Debian 12: debootstrap makes a minimal system in a
# temporary folder, this checkout is copied in, and ./start and ./test run there, twice, as root and as a user
# with sudo; the second time both without a network. Needs root, debootstrap and about 4 GB.
#   FRESH_MIRROR  the Debian mirror (default: that of this system)
#   FRESH_TESTS   no: only ./start
set -u
cd "$(dirname "$0")/.." || exit 3
[ "$(id -u)" -eq 0 ] || { echo "run this as root: it makes a chroot"; exit 3; }
command -v debootstrap >/dev/null || { echo "install debootstrap first"; exit 3; }
mirror=${FRESH_MIRROR:-$(sed -n 's/^\(deb\|URIs:\) *\(\[[^]]*\] *\)\?\(http[^ ]*\).*/\3/p' /etc/apt/sources.list \
    /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1)}
root=$(mktemp -d /var/tmp/fonder-fresh.XXXXXX) || exit 3
failed=0
finish() {
    umount "$root/proc" "$root/dev/pts" "$root/dev" 2>/dev/null
    rm -rf --one-file-system "$root"
}
trap finish EXIT INT TERM
step() {
    name=$1
    shift
    start=$(date +%s%N)
    if "$@" >"$root/var/log/step" 2>&1; then
        echo "ok    $name ($((($(date +%s%N) - start) / 1000000)) ms)"
    else
        echo "FAIL  $name (exit $?)"
        tail -n 25 "$root/var/log/step"
        failed=1
    fi
}
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 ${FRESH_ENV:-} sh -c "$1"; }
offline() { unshare -n chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -c "$1"; }
echo "debootstrap from $mirror"
debootstrap --variant=minbase bookworm "$root" "$mirror" >/dev/null 2>&1 || { echo "debootstrap failed"; exit 3; }
cp /etc/resolv.conf "$root/etc/" 2>/dev/null
cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null
mkdir -p "$root/etc/ssl/certs" && cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null
cp ~/.npmrc "$root/root/" 2>/dev/null
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" 2>/dev/null || mount --bind /dev "$root/dev"
mount --make-rslave "$root/dev" 2>/dev/null
mkdir "$root/fonder" && git archive HEAD | tar -x -C "$root/fonder"
if inside 'command -v gcc || command -v make || command -v meson' >/dev/null; then
    echo "FAIL  the system is not bare"
    failed=1
fi
refuses() { ! offline 'cd /fonder && ./start </dev/null' && grep -q 'no-passphrase' "$root/var/log/step"; }
serves() {
    offline 'cd /fonder && ip link set lo up 2>/dev/null; (timeout 5 ./start '"$1"' --port 0 </dev/null >/tmp/out 2>&1; true); grep -q "http://127.0.0.1:[0-9]*/enter/" /tmp/out'
}
step 'installs, builds, answers on the command line' inside 'cd /fonder && ./start -- --version'
step 'without a terminal it says how to make a vault' refuses
step 'makes a vault without a passphrase and serves' serves --no-passphrase
step 'serves it again' serves ''
step 'serves the example' serves --demo
step 'second time, offline: today' offline 'cd /fonder && ./start -- today'
if [ "${FRESH_TESTS:-yes}" = yes ]; then
    step './test installs what it needs and passes' inside 'cd /fonder && ./test'
    step './test again, offline' offline 'cd /fonder && ip link set lo up 2>/dev/null; ./test'
fi
step 'a user with sudo' inside 'apt-get install -y --no-install-recommends sudo >/dev/null && useradd -m someone &&
    echo "someone ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/someone && cp -r /fonder /home/someone/ && rm -rf /home/someone/fonder/build &&
    chown -R someone /home/someone && su someone -c "cd ~/fonder && ./start -- --version"'
exit $failed
