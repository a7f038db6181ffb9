"""tests/system/memory.py PID [SECRETS] - reads all memory of a running process and says which secrets are in it.
SECRETS is a file with one in each line: text, or "hex:" and bytes. Prints a line for each one found; exits 2 where
the memory may not be read. Each text is looked for as UTF-8 and as it is sent in a form."""
import sys
import urllib.parse


def mappings(pid):
    with open(f"/proc/{pid}/maps") as lines:
        for line in lines:
            where = line.split()
            low, high = (int(x, 16) for x in where[0].split("-"))
            # a sanitizer's shadow, terabytes of nothing, is no memory of the program's
            if high - low < 1 << 34 and not (len(where) > 5 and where[5] in ("[vvar]", "[vsyscall]", "[vdso]")):
                yield low, high


def memory(pid):
    """Mapping after mapping; pages that are only guards cannot be read and hold nothing."""
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for low, high in mappings(pid):
            piece = bytearray()
            at = low
            while at < high:
                try:
                    mem.seek(at)
                    piece += mem.read(min(high - at, 1 << 20))
                    at = low + len(piece)
                except (OSError, ValueError):
                    piece += bytes(4096)
                    at += 4096
            yield bytes(piece)


def forms(secret):
    if secret.startswith("hex:"):
        return [bytes.fromhex(secret[4:])]
    return [secret.encode(), urllib.parse.quote_plus(secret).encode(), urllib.parse.quote(secret).encode()]


def main():
    pid, names = sys.argv[1], open(sys.argv[2]).read().split("\n")
    left = {name: forms(name) for name in names if name}
    total = 0
    try:
        for piece in memory(pid):
            total += len(piece)
            for name in [n for n in left if any(f in piece for f in left[n])]:
                print(name if not name.startswith("hex:") else "the vault key")
                del left[name]
    except PermissionError:
        sys.exit(2)
    if total < 1 << 20:
        print(f"only {total} bytes could be read")


main()
