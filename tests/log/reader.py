#!/usr/bin/env python3
"""An independent reader of fonder's vaults, written from docs/FORMAT.md alone with Python's standard library.

reader.py VAULT passphrase TEXT | VAULT key-file | VAULT recovery CODE
Checks everything the page says and prints a line for each entry: device, seq, body in hexadecimal.
As a module it lists what they say, too: entry_of(body).
It is slow and careless with secrets: it exists to prove the page, not to be used.
"""
import hashlib
import re
import sqlite3
import struct
import sys

SCHEMA = {
    "header": "CREATE TABLE header(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "head": "CREATE TABLE head(device INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    "entry": "CREATE TABLE entry(device INTEGER, seq INTEGER, sealed BLOB NOT NULL,"
    " PRIMARY KEY(device, seq)) STRICT, WITHOUT ROWID",
}
MASK = 0xFFFFFFFF


def require(holds, what):
    if not holds:
        sys.exit("reader: " + what)


def le64(n):
    return struct.pack("<Q", n)


def blake(message, bits, key=b""):
    return hashlib.blake2b(message, digest_size=bits // 8, key=key).digest()


# -- ChaCha20, XChaCha20, Poly1305 (RFC 8439, draft-irtf-cfrg-xchacha-03) --


def rotate(v, n):
    return (v << n & MASK) | v >> (32 - n)


def chacha_rounds(state):
    s = list(state)

    def quarter(a, b, c, d):
        s[a] = s[a] + s[b] & MASK
        s[d] = rotate(s[d] ^ s[a], 16)
        s[c] = s[c] + s[d] & MASK
        s[b] = rotate(s[b] ^ s[c], 12)
        s[a] = s[a] + s[b] & MASK
        s[d] = rotate(s[d] ^ s[a], 8)
        s[c] = s[c] + s[d] & MASK
        s[b] = rotate(s[b] ^ s[c], 7)

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return s


SIGMA = struct.unpack("<4I", b"expand 32-byte k")


def chacha_block(key, counter, nonce):
    state = list(SIGMA) + list(struct.unpack("<8I", key)) + [counter] + list(struct.unpack("<3I", nonce))
    return struct.pack("<16I", *(a + b & MASK for a, b in zip(state, chacha_rounds(state))))


def hchacha(key, nonce16):
    state = list(SIGMA) + list(struct.unpack("<8I", key)) + list(struct.unpack("<4I", nonce16))
    s = chacha_rounds(state)
    return struct.pack("<8I", *s[:4], *s[12:])


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        block = message[i : i + 16] + b"\x01"
        total = (total + int.from_bytes(block, "little")) * r % ((1 << 130) - 5)
    return (total + int.from_bytes(key[16:], "little") & (1 << 128) - 1).to_bytes(16, "little")


def pad16(b):
    return b + bytes(-len(b) % 16)


def unseal(key, what, vault, device, seq, sealed):
    """The text, or None."""
    nonce, body, tag = sealed[:24], sealed[24:-16], sealed[-16:]
    ad = what + vault + le64(device) + le64(seq)
    sub, short = hchacha(key, nonce[:16]), bytes(4) + nonce[16:]
    mac = pad16(ad) + pad16(body) + le64(len(ad)) + le64(len(body))
    if len(sealed) < 40 or poly1305(chacha_block(sub, 0, short)[:32], mac) != tag:
        return None
    stream = b"".join(chacha_block(sub, 1 + i, short) for i in range((len(body) + 63) // 64))
    return bytes(a ^ b for a, b in zip(body, stream))


# -- XSalsa20-Poly1305 and X25519, for the recovery box --


def salsa_rounds(state):
    x = list(state)

    def quarter(a, b, c, d):
        x[b] ^= rotate(x[a] + x[d] & MASK, 7)
        x[c] ^= rotate(x[b] + x[a] & MASK, 9)
        x[d] ^= rotate(x[c] + x[b] & MASK, 13)
        x[a] ^= rotate(x[d] + x[c] & MASK, 18)

    for _ in range(10):
        for i in range(4):
            quarter(5 * i % 16, (5 * i + 4) % 16, (5 * i + 8) % 16, (5 * i + 12) % 16)
        for i in range(4):
            quarter(5 * i, 4 * i + (i + 1) % 4, 4 * i + (i + 2) % 4, 4 * i + (i + 3) % 4)
    return x


def salsa_state(key, sixteen):
    k, n = struct.unpack("<8I", key), struct.unpack("<4I", sixteen)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def hsalsa(key, sixteen):
    x = salsa_rounds(salsa_state(key, sixteen))
    return struct.pack("<8I", x[0], x[5], x[10], x[15], x[6], x[7], x[8], x[9])


def secretbox_open(key, nonce, box):
    sub = hsalsa(key, nonce[:16])
    stream = b""
    for i in range((32 + len(box)) // 64 + 1):
        state = salsa_state(sub, nonce[16:] + le64(i))
        stream += struct.pack("<16I", *(a + b & MASK for a, b in zip(state, salsa_rounds(state))))
    tag, body = box[:16], box[16:]
    if poly1305(stream[:32], body) != tag:
        return None
    return bytes(a ^ b for a, b in zip(body, stream[32:]))


def x25519(scalar, point):
    p = (1 << 255) - 19
    k = int.from_bytes(scalar, "little") & ~7 & ~(1 << 255) | 1 << 254
    x1 = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        x3, z3 = (da + cb) ** 2 % p, x1 * (da - cb) ** 2 % p
        e = aa - bb
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


# -- Argon2id (RFC 9106), one lane --


def argon2id(password, salt, passes, memory_kib):
    le32 = lambda n: struct.pack("<I", n)
    mask = (1 << 64) - 1

    def long_hash(message, n):
        if n <= 64:
            return hashlib.blake2b(le32(n) + message, digest_size=n).digest()
        v = hashlib.blake2b(le32(n) + message).digest()
        out = v[:32]
        while n - len(out) > 64:
            v = hashlib.blake2b(v).digest()
            out += v[:32]
        return out + hashlib.blake2b(v, digest_size=n - len(out)).digest()

    def mix(v, a, b, c, d):
        f = lambda x, y: x + y + 2 * (x & MASK) * (y & MASK) & mask
        turn = lambda x, n: x >> n | x << (64 - n) & mask
        v[a] = f(v[a], v[b])
        v[d] = turn(v[d] ^ v[a], 32)
        v[c] = f(v[c], v[d])
        v[b] = turn(v[b] ^ v[c], 24)
        v[a] = f(v[a], v[b])
        v[d] = turn(v[d] ^ v[a], 16)
        v[c] = f(v[c], v[d])
        v[b] = turn(v[b] ^ v[c], 63)

    def permute(v, at):
        for i in range(4):
            mix(v, at[i], at[i + 4], at[i + 8], at[i + 12])
        for i in range(4):
            mix(v, at[i], at[4 + (i + 1) % 4], at[8 + (i + 2) % 4], at[12 + (i + 3) % 4])

    def compress(x, y):
        r = [a ^ b for a, b in zip(x, y)]
        q = list(r)
        for row in range(8):
            permute(q, [16 * row + i for i in range(16)])
        for col in range(8):
            permute(q, [16 * (i // 2) + 2 * col + i % 2 for i in range(16)])
        return [a ^ b for a, b in zip(q, r)]

    blocks = memory_kib // 4 * 4
    segment = blocks // 4
    h0 = hashlib.blake2b(
        le32(1) + le32(32) + le32(memory_kib) + le32(passes) + le32(0x13) + le32(2)
        + le32(len(password)) + password + le32(len(salt)) + salt + le32(0) + le32(0)
    ).digest()
    start = lambda i: list(struct.unpack("<128Q", long_hash(h0 + le32(i) + le32(0), 1024)))
    memory = [start(0), start(1)] + [None] * (blocks - 2)
    zero = [0] * 128
    for t in range(passes):
        for s in range(4):
            independent = t == 0 and s < 2
            address, counter = None, 0
            for i in range(segment):
                if independent and i % 128 == 0:
                    counter += 1
                    seed = [t, 0, s, blocks, passes, 2, counter] + [0] * 121
                    address = compress(zero, compress(zero, seed))
                if t == 0 and s == 0 and i < 2:
                    continue
                at = s * segment + i
                before = memory[at - 1]
                j1 = (address[i % 128] if independent else before[0]) & MASK
                area = (s * segment if t == 0 else blocks - segment) + i - 1
                x = j1 * j1 >> 32
                z = area - 1 - (area * x >> 32)
                base = 0 if t == 0 else (s + 1) % 4 * segment
                new = compress(before, memory[(base + z) % blocks])
                memory[at] = new if t == 0 else [a ^ b for a, b in zip(new, memory[at])]
    return long_hash(struct.pack("<128Q", *memory[blocks - 1]), 32)


# -- the vault --


def recovery_code(text):
    letters = re.sub("[^a-z]", "", text.lower())
    require(len(letters) == 45, "a recovery code has nine words of five letters")
    words = []
    for w in range(9):
        v = 0
        for i, c in enumerate(letters[5 * w : 5 * w + 5]):
            letter_set, bits = ("aiou", 2) if i % 2 else ("bdfghjklmnprstvz", 4)
            require(c in letter_set, "word %d cannot be right" % (w + 1))
            v = v << bits | letter_set.index(c)
        words.append(v)
    code = struct.pack(">8H", *words[:8])
    check = blake(code, 128, b"fonder recovery 1")
    require(struct.pack(">H", words[8]) == check[:2], "the words do not belong together")
    return code


def unwrap(path, header, kind, secret):
    if kind == "recovery":
        public, box = header["recovery"][:32], header["recovery"][32:]
        own = blake(recovery_code(secret), 256, b"fonder recovery 1")
        require(x25519(own, (9).to_bytes(32, "little")) == public, "another recovery code")
        shared = hsalsa(x25519(own, box[:32]), bytes(16))
        return secretbox_open(shared, blake(box[:32] + public, 192), box[32:])
    lock_kind, passes, memory, salt = struct.unpack("<BIQ16s", header["lock"])
    if kind == "key-file":
        require(lock_kind == 2, "this vault opens with a passphrase")
        outer = open(path + ".key", "rb").read()
    else:
        require(lock_kind == 1, "this vault opens with a key file")
        outer = argon2id(secret.encode(), salt, passes, memory // 1024)
    return unseal(outer, b"fonder1w", header["vault"], 0, 0, header["wrap"])


def flat(header, names):
    out = b""
    for name in names:
        for part in (name.encode(), header[name]):
            out += struct.pack("<I", len(part)) + part
    return out


def check_header(header, key):
    names = sorted(set(header) - {"mac", "sum"})
    require(names == ["device", "devices", "epoch", "format", "lock", "place", "recovery", "vault", "wrap"],
            "header rows")
    require(header["format"] == le64(1), "format")
    require(header["sum"] == blake(flat(header, names) + flat(header, ["mac"]), 128), "sum")
    require(header["mac"] == blake(flat(header, names), 256, key), "mac")


def unpad(text):
    body = text.rstrip(b"\x00")
    require(len(text) % 64 == 0 and body[-1:] == b"\x80" and len(text) - len(body) < 64, "padding")
    return body[:-1]


# -- what an entry says --


def varint(b, at):
    value = shift = 0
    while True:
        require(at < len(b) and shift < 64, "a number without an end")
        value |= (b[at] & 127) << shift
        shift += 7
        at += 1
        if b[at - 1] < 128:
            require(shift == 7 or b[at - 1], "a number longer than need be")
            return value, at


def take(b, at, n):
    require(at + n <= len(b), "an entry that is cut off")
    return b[at : at + n], at + n


def payload(b, at, wire, depth=0):
    if wire == 0:
        return None, at
    if wire == 1:
        v, at = varint(b, at)
        return v >> 1 ^ -(v & 1), at
    if wire == 2:
        raw, at = take(b, at, 8)
        return struct.unpack("<d", raw)[0], at
    if wire == 4:
        return take(b, at, 16)
    require(wire in (3, 5, 6), "a wire of a newer version")
    n, at = varint(b, at)
    raw, at = take(b, at, n)
    if wire == 3:
        return raw.decode(), at
    if wire == 6:
        return raw, at
    require(depth < 3, "lists too deep")
    items, i = [], 0
    while i < len(raw):
        item, i = payload(raw, i + 1, raw[i], depth + 1)
        items.append(item)
    return items, at


def entry_of(body):
    """A dictionary: kind, id, of, batch, ms, tick, device, and fields by tag."""
    require(len(body) <= 262144 and body[:1] == b"\x01", "format of a body")
    kind, at = varint(body, 1)
    flags, at = body[at], at + 1
    require(flags < 4, "flags")
    ids = [None, None]
    own, at = take(body, at, 16)
    for i in (0, 1):
        if flags >> i & 1:
            ids[i], at = take(body, at, 16)
    (stamp, device), at = struct.unpack("<QQ", body[at : at + 16]), at + 16
    fields, last = {}, 0
    while at < len(body):
        head, at = varint(body, at)
        require(head >> 3 > last, "order of fields")
        last = head >> 3
        fields[last], at = payload(body, at, head & 7)
    require(any(own) and len(fields) <= 64, "id or fields")
    return {"kind": kind, "id": own, "of": ids[0], "batch": ids[1], "ms": stamp >> 16, "tick": stamp & 65535,
            "device": device, "fields": fields}


def entries(path, kind, secret=None):
    """Each entry of a vault that is whole: device, seq, body; an empty body where nothing is any more."""
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    require(db.execute("PRAGMA application_id").fetchone()[0] == 0x466E6472, "not a vault")
    require(db.execute("PRAGMA user_version").fetchone()[0] == 1, "not format 1")
    require(dict(db.execute("SELECT name, sql FROM sqlite_schema")) == SCHEMA, "schema")
    header = dict(db.execute("SELECT key, value FROM header"))
    key = unwrap(path, header, kind, secret)
    require(key, "that does not open it")
    check_header(header, key)
    vault = header["vault"]
    devices = list(struct.unpack("<%dQ" % (len(header["devices"]) // 8), header["devices"]))
    heads = dict(db.execute("SELECT device, sealed FROM head"))
    require(devices == sorted(heads), "devices and heads")
    strangers = {d for d, in db.execute("SELECT DISTINCT device FROM entry")} - set(devices)
    require(not strangers, "entries without a head")
    for device in devices:
        head = unseal(key, b"fonder1h", vault, device, 0, heads[device])
        require(head and len(head) == 40, "head")
        running, count = bytes(32), 0
        rows = db.execute("SELECT seq, sealed FROM entry WHERE device=? ORDER BY seq", (device,))
        for seq, sealed in rows:
            count += 1
            require(seq == count, "order")
            text = unseal(key, b"fonder1e", vault, device, seq, sealed)
            require(text is not None, "entry %d" % seq)
            running = blake(running + le64(seq) + sealed[:24] + sealed[-16:], 256)
            yield device, seq, unpad(text)
        require(head == le64(count) + running, "head and entries")


if __name__ == "__main__":
    for device, seq, body in entries(*sys.argv[1:]):
        print(device, seq, body.hex())
