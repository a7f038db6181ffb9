#!/usr/bin/env python3
"""tests/system/hostile.py FONDER - whatever lies where a vault, its neighbours, a backup or an import is expected: a
sparse file of 4 GiB, a device, a pipe nobody writes to, a loop of links, another program's database, a schema made to do
harm, a write-ahead log as a bomb. Each gets an answer with a reason, within a second of processor time and a bounded
memory, and stays as it was. Speaks TAP."""
import hashlib
import os
import pathlib
import random
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

FONDER = os.path.realpath(sys.argv[1])
SANITIZED = os.environ.get("FONDER_QUICK") == "1"  # a sanitizer costs time and memory of its own
CPU_S, RSS_KIB, WALL_S = (8, 1 << 21, 240) if SANITIZED else (1, 200 << 10, 120)
HUGE = 4 << 30

room = pathlib.Path(os.path.realpath(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)))
env = {k: v for k, v in os.environ.items() if not k.startswith("FONDER_")}
env.update(HOME=str(room), XDG_DATA_HOME=str(room / "data"), TMPDIR=str(room), LANG="C.UTF-8", TZ="UTC",
           ASAN_OPTIONS="detect_leaks=0")
folder = room / "data" / "fonder"
vault, key = folder / "vault", folder / "vault.key"
count = bad = 0


def check(name, faults):
    global count, bad
    count += 1
    bad += bool(faults)
    print("%sok %d - %s" % ("not " if faults else "", count, name))
    for fault in faults:
        print("# " + fault.replace("\n", "\n# "))
    sys.stdout.flush()


def run(*words, stdin=subprocess.DEVNULL):
    """Exit code, standard error, and what is wrong with how it went."""
    start, faults = time.monotonic(), []
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen([FONDER, *map(str, words)], env=env, stdin=stdin, stdout=subprocess.DEVNULL, stderr=err)
        usage = None
        while usage is None:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                usage = used
            elif time.monotonic() - start > WALL_S:
                child.kill()
                _, status, usage = os.wait4(child.pid, 0)
                faults.append("no answer")
            else:
                time.sleep(0.002)
        child.returncode = code = os.waitstatus_to_exitcode(status)
        err.seek(0)
        said = err.read().decode(errors="replace").strip()
    cpu = usage.ru_utime + usage.ru_stime
    if cpu > CPU_S:
        faults.append("%.2f s of processor time" % cpu)
    if usage.ru_maxrss > RSS_KIB:
        faults.append("%d MiB" % (usage.ru_maxrss >> 10))
    if code not in (0, 1, 3):
        faults.append("exit %d: %s" % (code, said))
    if code and not said:
        faults.append("no reason")
    return code, said, ["fonder %s: %s" % (" ".join(map(str, words)), f) for f in faults]


def print_of(path):
    """What must not change: kind, size, time, and the bytes where there are not too many."""
    s = os.lstat(path)
    small = path.is_file() and not path.is_symlink() and s.st_size < 1 << 24
    return s.st_mode, s.st_ino, s.st_size, s.st_mtime_ns, hashlib.sha256(path.read_bytes()).digest() if small else None


def clear():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def sparse(path, size=HUGE, head=b""):
    with open(path, "wb") as f:
        f.write(head)
        f.truncate(size)


def a_socket(path):
    at = os.getcwd()
    os.chdir(path.parent)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path.name)
    s.close()
    os.chdir(at)


def loop(path):
    path.symlink_to(path.name + "-2")
    path.with_name(path.name + "-2").symlink_to(path.name)


def other_program(path):
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode=WAL; CREATE TABLE contacts(name); INSERT INTO contacts VALUES('Ana')")
    db.close()


# Bytes and things that are no vault, by name: how to put each at a path.
THINGS = {
    "nothing at all": lambda p: p.write_bytes(b""),
    "one byte": lambda p: p.write_bytes(b"S"),
    "noise": lambda p: p.write_bytes(random.Random(7).randbytes(300000)),
    "four GiB of nothing": sparse,
    "four GiB behind SQLite's mark": lambda p: sparse(p, head=b"SQLite format 3\0"),
    "a folder": lambda p: p.mkdir(),
    "a link to nowhere": lambda p: p.symlink_to("nowhere"),
    "a loop of links": loop,
    "a pipe that nobody writes to": os.mkfifo,
    "a socket": a_socket,
    "the endless zeros": lambda p: p.symlink_to("/dev/zero"),
    "the device that is always full": lambda p: p.symlink_to("/dev/full"),
    "another program's database": other_program,
    "a vCard": lambda p: p.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n"),
}


def good_vault():
    clear()
    for words in (("init", "--no-passphrase"), ("add", "Ana Moreau", "--kind", "friend"), ("reflect", "A quiet day")):
        code, said, faults = run(*words)
        if code:
            sys.exit("%s: %s %s" % (words, said, faults))
    return vault.read_bytes(), key.read_bytes()


sample, sample_key = good_vault()


def put_sample():
    clear()
    vault.write_bytes(sample)
    key.write_bytes(sample_key)
    key.chmod(0o600)


# -- in the vault's place ---------------------------------------------------------------------------------------------

for name, put in THINGS.items():
    clear()
    put(vault)
    if not key.exists():
        key.write_bytes(sample_key)
        key.chmod(0o600)
    before, faults = print_of(vault), []
    for words in (("today",), ("reflect", "x"), ("doctor",), ("doctor", "--save-to", folder / "saved"), ("unlock",),
                  ("backup", folder / "copy"), ("backup", folder / "copy", "--locked"), ("export", "jsonl")):
        code, said, wrong = run(*words)
        faults += wrong + (["%s: taken for a vault" % words[0]] if code == 0 else [])
    # An empty name that a link leads to may become a vault; nothing else may.
    if print_of(vault) != before:
        faults.append("it was changed")
    if {"copy", "saved"} & {p.name for p in folder.iterdir()}:
        faults.append("something was made of it")
    check("instead of a vault: " + name, faults)

# -- beside the vault -------------------------------------------------------------------------------------------------

for beside, says in ((".checkpoint", 0), (".insight", 0), (".learned", 0), (".scrub", 0), (".sites", 0), (".tries", 0), ("-wal", None), ("-shm", None), ("-journal", None), (".key", 1),
                     (".key.next", 0)):
    for name, put in THINGS.items():
        put_sample()
        at = vault.with_name("vault" + beside)
        at.unlink(missing_ok=True)
        put(at)
        code, said, faults = run("people")
        if says is not None and code != says and not (says and code == 3):
            faults.append("exit %d: %s" % (code, said))
        if beside == ".sites":
            faults += run("lock")[2]
        check("vault%s: %s" % (beside, name), faults)
        code, said, faults = run("reflect", "x")
        if code == 0 or beside == ".key":
            continue
        # Where nothing could be written, nothing was: the vault is as it was.
        if vault.read_bytes() != sample:
            check("vault%s: %s, after a refusal" % (beside, name), ["it was changed"])

for beside, magic in ((".checkpoint", b"fonderC1"), (".insight", b"fonderI1"), (".learned", b"fonderL1")):
    put_sample()
    db = sqlite3.connect(vault)
    own = db.execute("SELECT value FROM header WHERE key='vault'").fetchone()[0]
    db.close()
    sparse(vault.with_name("vault" + beside), head=magic + own + b"\7" * 8)
    code, said, faults = run("people")
    check("vault%s: four GiB behind its own mark" % beside, faults + ([said] if code else []))

# -- a vault with a schema of its own ---------------------------------------------------------------------------------

SCHEMAS = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END",
    "a view that never ends": "DROP TABLE header; CREATE VIEW header AS WITH RECURSIVE r(key, value) AS (SELECT 'vault', 1 "
    "UNION ALL SELECT key, value + 1 FROM r) SELECT * FROM r",
    "a full-text table": "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES('x')",
    "a column that is computed": "DROP TABLE head; CREATE TABLE head(device INTEGER PRIMARY KEY, sealed AS (zeroblob(900000000)))",
    "an index over an expression": "CREATE INDEX i ON entry(hex(sealed))",
    "a check that costs": "DROP TABLE head; CREATE TABLE head(device INTEGER PRIMARY KEY, sealed BLOB CHECK(length(zeroblob(900000000))))",
    "thousands of tables": ";".join("CREATE TABLE t%d(x)" % i for i in range(3000)),
    "a table of another kind": "DROP TABLE entry; CREATE TABLE entry(device INTEGER, seq INTEGER, sealed BLOB NOT NULL, PRIMARY KEY(device, seq))",
    "a schema rewritten by hand": "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=1 WHERE name='entry'",
    "tables that share their pages": "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=(SELECT rootpage FROM sqlite_schema "
    "WHERE name='head') WHERE name='entry'",
    "a root beyond the end": "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=2000000000 WHERE name='header'",
    "a virtual table by hand": "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=0, "
    "sql='CREATE VIRTUAL TABLE entry USING fts3(x)' WHERE name='entry'",
    "a header that is too long": "UPDATE header SET value=zeroblob(30000000) WHERE key='devices'",
    "pages of 512 bytes": "PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM",
    "pages of 65536 bytes": "PRAGMA journal_mode=DELETE; PRAGMA page_size=65536; VACUUM",
    "text in UTF-16": None,
    "incremental vacuum": "PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=2; VACUUM",
}
for name, sql in SCHEMAS.items():
    put_sample()
    if sql is None:
        rows = sqlite3.connect(vault)
        tables = [s for s, in rows.execute("SELECT sql FROM sqlite_schema")]
        data = [(t, rows.execute("SELECT * FROM " + t).fetchall()) for t in ("header", "head", "entry")]
        rows.close()
        vault.unlink()
        db = sqlite3.connect(vault)
        db.execute("PRAGMA encoding='UTF-16le'")
        for statement in tables:
            db.execute(statement)
        for table, found in data:
            db.executemany("INSERT INTO %s VALUES(%s)" % (table, ",".join("?" * len(found[0]))), found)
        db.execute("PRAGMA application_id=%d" % 0x466E6472)
        db.execute("PRAGMA user_version=1")
    else:
        db = sqlite3.connect(vault)
        db.executescript("BEGIN;" + sql + ";COMMIT" if "PRAGMA" not in sql else sql)
    db.commit()
    db.close()
    before, faults = print_of(vault), []
    sound = name.startswith(("pages", "text", "incremental"))
    for words in (("people",), ("doctor",), ("backup", folder / "copy"), ("backup", folder / "copy2", "--locked")):
        code, said, wrong = run(*words)
        faults += wrong
        if code == 0 and words[0] == "people" and not sound:
            faults.append("it was opened")
    if not sound and print_of(vault) != before:
        faults.append("it was changed")
    check("a vault with " + name, faults)

# -- a write-ahead log as a bomb --------------------------------------------------------------------------------------


def wal_sum(data, s0, s1):
    words = struct.unpack(">%dI" % (len(data) // 4), data)
    for i in range(0, len(words), 2):
        s0 = s0 + words[i] + s1 & 0xFFFFFFFF
        s1 = s1 + words[i + 1] + s0 & 0xFFFFFFFF
    return s0, s1


def wal(frames):
    """A log of (page number, size after the commit, page), all of its sums right."""
    head = struct.pack(">IIIIII", 0x377F0683, 3007000, 4096, 0, 1, 2)
    s = wal_sum(head, 0, 0)
    out = head + struct.pack(">II", *s)
    for number, size, page in frames:
        start = struct.pack(">II", number, size)
        s = wal_sum(start + page, *s)
        out += start + struct.pack(">II", 1, 2) + struct.pack(">II", *s) + page
    return out


BOMBS = {
    "that makes the vault four billion pages": [(2, 0xFFFFFFFE, b"\0" * 4096)],
    "that writes the last page there can be": [(0xFFFFFFFE, 0xFFFFFFFE, b"\0" * 4096)],
    "that empties it": [(n, 1, b"\0" * 4096) for n in range(1, 5)],
    "that turns it into another program's": [(1, 1, b"SQLite format 3\0" + b"\x10\0\x02\x02\0\x40\x20\x20" + b"\0" * 4072)],
    "of a thousand times the same page": [(2, 5, b"\x0a" * 4096)] * 1000,
}
for name, frames in BOMBS.items():
    put_sample()
    vault.with_name("vault-wal").write_bytes(wal(frames))
    faults = []
    for words in (("doctor",), ("doctor", "--save-to", folder / "saved"), ("people",)):
        code, said, wrong = run(*words)
        faults += wrong
    check("a write-ahead log " + name, faults)

# -- as a backup, as an import ----------------------------------------------------------------------------------------

for name, put in THINGS.items():
    clear()
    thing = folder / "thing"
    put(thing)
    code, said, faults = run("restore", thing)
    if code == 0 or vault.exists():
        faults.append("it was restored")
    check("as a backup: " + name, faults)

DEEP = 200000
IMPORTS = dict(THINGS)
del IMPORTS["a pipe that nobody writes to"]  # a pipe may be written to later: it is waited for, as everywhere
IMPORTS.update({
    "a line without an end": lambda p: p.write_text("BEGIN:VCARD\nNOTE:" + "x" * 20000000),
    "a card without an end": lambda p: p.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:A\n" + "TEL:1\n" * 1000000),
    "cards within cards": lambda p: p.write_text("BEGIN:VCARD\n" * 300000),
    "folds without an end": lambda p: p.write_text("BEGIN:VCARD\nNOTE:a" + "\n " * 3000000),
    "brackets without an end": lambda p: p.write_text('{"fonder":"export","version":1,"x":' + "[" * DEEP),
    "lines of JSON that are not fonder's": lambda p: p.write_text('{"a":1}\n' * 500000),
    "an export that claims everything": lambda p: p.write_text(
        '{"fonder":"export","version":1,"exported":"2026-01-01T00:00:00Z","entries":9223372036854775807}\n' + '{"kind":"note"}\n' * 1000),
})
for name, put in IMPORTS.items():
    put_sample()
    thing = room / "thing"
    shutil.rmtree(thing) if thing.is_dir() and not thing.is_symlink() else thing.unlink(missing_ok=True)
    room.joinpath("thing-2").unlink(missing_ok=True)
    put(thing)
    run("people")
    before = vault.read_bytes()
    code, said, faults = run("import", thing, "--yes")
    if name != "a vCard":
        # What is damaged in part is taken in part only when there is something in it.
        if code == 0 and name not in ("a card without an end",):
            faults.append("taken in")
        if code and vault.read_bytes() != before:
            faults.append("refused, and the vault was changed")
    check("as an import: " + name, faults)

print("1..%d" % count)
shutil.rmtree(room, ignore_errors=True)
sys.exit(1 if bad else 0)
