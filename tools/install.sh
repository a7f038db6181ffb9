#!/bin/sh
# tools/install.sh LIST... - installs the Debian packages named in the lists that are not there yet.
# Asks apt only when something is missing, so that it is quick and quiet, and works offline, once
# everything is installed. Root installs directly; anyone else through sudo.
set -eu
# The names wanted, then those present; what stands in the first half alone is missing.
missing=$({
    sed 's/#.*//; s/[[:space:]]//g; /^$/d; s/^/wanted /' "$@"
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null || true
} | awk '
    $1 == "wanted" { wanted[$2] = 1 }
    $1 == "installed" { delete wanted[$2] }
    END { for (name in wanted) print name }' | sort)
# A tool that came another way (a newer node, say) counts as there.
for tool in node:nodejs npm:npm; do
    if command -v "${tool%:*}" >/dev/null 2>&1; then
        missing=$(printf '%s\n' "$missing" | sed "/^${tool#*:}\$/d")
    fi
done
missing=$(printf '%s' "$missing" | tr '\n' ' ')
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || {
    echo "fonder installs what it needs with apt-get; here, install these yourself: $missing" >&2
    exit 1
}
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    echo "These packages are missing: $missing" >&2
    echo "Run this as root, or install sudo first." >&2
    exit 1
fi
echo "Installing: $missing" >&2
# A lock held for a moment by another apt is waited for.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
get="$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120"
# The lists of packages may be old, or absent on a bare system, so they are fetched first.
if ! { $get update && $get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "The packages could not be installed. Is this machine online?" >&2
    exit 3
fi
