#!/bin/sh
# tools/install.sh LIST... - installs the Debian packages named in the lists that are not there yet.
# Asks apt only when something is missing, so that it is quick and quiet, and works offline, once
# everything is installed. Root installs directly; anyone else through sudo.
set -eu
wanted=$(cat "$@" | sed 's/#.*//' | tr -s ' \n' '\n\n' | sort -u)
present=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
missing=$(printf '%s\n' "$wanted" | while read -r name; do
    [ -n "$name" ] || continue
    # A tool that came another way (a newer node, say) counts as there.
    case $name in
    nodejs) command -v node >/dev/null 2>&1 && continue ;;
    npm) command -v npm >/dev/null 2>&1 && continue ;;
    esac
    printf '%s\n' "$present" | grep -qx -e "$name" || printf '%s ' "$name"
done)
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    echo "These packages are missing: $missing" >&2
    echo "Run this as root, or install sudo first." >&2
    exit 1
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "fonder installs what it needs with apt-get; here, install these yourself: $missing" >&2
    exit 1
}
echo "Installing: $missing" >&2
# The lists may be old or absent on a bare system; they are fetched once, only when needed.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root env DEBIAN_FRONTEND=noninteractive apt-get update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "The packages could not be installed. Is this machine online?" >&2
    exit 3
fi
