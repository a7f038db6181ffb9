"""tests/system/memory.py PID [SECRETS] - reads all memory of a running process and says which secrets are in it.
SECRETS is a file with one in each line: text, or "hex:" and bytes. Prints a line for each one found; exits 2 where
the memory may not be read. Each text is looked for as UTF-8 and as it is sent in a form."""
import sys
import urllib.parse


class Replaced(Exception):
    """The process started anew while it was being read: its old memory reads as nothing."""


def mappings(pid):
    with open(f"/proc/{pid}/maps") as lines:
        for line in lines:
            where = line.split()
            low, high = (int(x, 16) for x in where[0].split("-"))
            # a sanitizer's shadow and what it reserves, terabytes of nothing, are no memory of the program's; what
            # libsodium guards is not readable either, and small
            if high - low < (1 << 34 if where[1][0] == "r" else 1 << 26) and not (len(where) > 5 and where[5] in ("[vvar]", "[vsyscall]", "[vdso]")):
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
                    got = mem.read(min(high - at, 1 << 20))
                    if not got:
                        raise Replaced
                    piece += got
                    at += len(got)
                except (OSError, ValueError):
                    piece += bytes(4096)
                    at += 4096
            yield bytes(piece)


def forms(secret):
    if secret.startswith("hex:"):
        return [bytes.fromhex(secret[4:])]
    return [secret.encode(), urllib.parse.quote_plus(secret).encode(), urllib.parse.quote(secret).encode()]


def search(pid, names):
    """Which of the names are there, and how many bytes were read."""
    left = {name: forms(name) for name in names}
    found, total = [], 0
    for piece in memory(pid):
        total += len(piece)
        here = [name for name in left if any(form in piece for form in left[name])]
        found += here
        for name in here:
            del left[name]
    return found, total


def main():
    names = [name for name in open(sys.argv[2]).read().split("\n") if name]
    for _ in range(5):
        try:
            found, total = search(sys.argv[1], names)
            break
        except Replaced:
            continue
        except PermissionError:
            sys.exit(2)
    else:
        found, total = [], 0
    for name in found:
        print("the vault key" if name.startswith("hex:") else name)
    if total < 1 << 20:
        print(f"only {total} bytes could be read")


main()
