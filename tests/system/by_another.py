#!/usr/bin/env python3
"""tests/system/by_another.py FONDER - a vault that the real program lived in, opened and listed by tests/log/reader.py,
which knows docs/FORMAT.md and nothing else. Names of kinds and fields are taken from that page's own table, values are
compared with what `fonder export jsonl` says (docs/EXPORT.md): nothing may be on either side alone. Speaks TAP."""
import datetime
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

FONDER = os.path.realpath(sys.argv[1])
source = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(source / "tests" / "log"))
import reader  # noqa: E402

if sqlite3.sqlite_version_info < (3, 37):
    print("1..0 # SKIP this Python's SQLite knows no STRICT tables")
    sys.exit(0)
room = pathlib.Path(os.path.realpath(tempfile.mkdtemp()))
env = {k: v for k, v in os.environ.items() if not k.startswith("FONDER_")}
env.update(HOME=str(room), XDG_DATA_HOME=str(room / "data"), TMPDIR=str(room), LANG="C.UTF-8", TZ="UTC",
           ASAN_OPTIONS="detect_leaks=0")
vault = room / "data" / "fonder" / "vault"
count = bad = 0


def check(name, faults):
    global count, bad
    count += 1
    bad += bool(faults)
    print("%sok %d - %s" % ("not " if faults else "", count, name))
    for fault in faults[:20]:
        print("# " + str(fault).replace("\n", "\n# "))


def run(*words):
    done = subprocess.run([FONDER, *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if done.returncode:
        sys.exit("%s: %s" % (words, done.stderr))
    return done.stdout


def table():
    """The page's table: number of each kind by name, and (tag, what it holds) by kind and field."""
    kinds, fields = {}, {}
    for line in (source / "docs" / "FORMAT.md").read_text().splitlines():
        row = re.match(r"\| (any|\d+ [a-z]+)(?:, created)? \| *(\d*) *\| *(?:`(\w+)`)? *\| *([^|]*?) *\|", line)
        if not row:
            continue
        number, name = (0, "any") if row[1] == "any" else (int(row[1].split()[0]), row[1].split()[1])
        kinds[name] = number
        if row[2]:
            fields[name, row[3]] = int(row[2]), row[4]
    return kinds, fields


KINDS, FIELDS = table()


def id_of(text):
    value = 0
    for c in text:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(c)
    return value.to_bytes(17, "big")[-16:] if value < 1 << 128 else None


def ms_of(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(milliseconds=1))


def raw(holds, value):
    """What an exported value is in an entry."""
    if value is None:
        return None
    what = re.match(r"\w+", holds)[0]
    if what == "instant":
        return ms_of(value)
    if what == "date":
        year, month, day = re.match(r"(?:(\d{4})|-)-(\d\d)-(\d\d)$", value).groups()
        return int(year or 0) * 10000 + int(month) * 100 + int(day)
    if what in ("tenths", "hundredths"):
        return round(value * (10 if what == "tenths" else 100))
    if what == "id":
        return id_of(value)
    if what == "ids":
        return [id_of(v) for v in value]
    if what == "pairs":
        return [[v["label"], v["value"]] for v in value]
    if what == "answers":
        return [[v["question"], round(v["answer"] * 10)] for v in value]
    if what == "bool":
        return int(value)
    return value


def exported():
    lines = run("export", "jsonl").splitlines()
    said = json.loads(lines[0])["entries"]
    found = []
    for line in lines[1:]:
        e = json.loads(line)
        fields = {}
        for name, value in e["fields"].items():
            tag, holds = FIELDS.get((e["kind"], name)) or FIELDS["any", name]
            fields[tag] = raw(holds, value)
        found.append({"kind": KINDS[e["kind"]], "id": id_of(e["id"]), "of": id_of(e["of"]) if "of" in e else None,
                      "batch": id_of(e["batch"]) if "batch" in e else None, "ms": ms_of(e["stamp"]), "tick": e["tick"],
                      "device": int(e["device"]), "fields": fields})
    return said, found


def compare(what):
    said, ours = exported()
    bodies = [body for _, _, body in reader.entries(str(vault), "key-file")]
    theirs = [reader.entry_of(body) for body in bodies if body]
    by_id = {e["id"]: e for e in theirs}
    faults = ["only in the export: %s" % e for e in ours if e["id"] not in by_id]
    faults += ["only in the vault: %s" % e for e in theirs if e["id"] not in {o["id"] for o in ours}]
    faults += ["export: %s\nvault:  %s" % (e, by_id[e["id"]]) for e in ours if e["id"] in by_id and e != by_id[e["id"]]]
    if not len(theirs) == len(ours) == said:
        faults.append("%d in the vault, %d exported, %d said" % (len(theirs), len(ours), said))
    check("%s: %d entries, %d places" % (what, len(ours), len(bodies)), faults)
    return bodies


cards = room / "cards.vcf"
cards.write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Tom Okafor\nN:Okafor;Tom;;;\nBDAY:1985-04-12\nEMAIL;TYPE=home:tom@example.org\n"
                 "ANNIVERSARY:2010-06-01\nURL:https://example.org/\nORG:Harbour\nEND:VCARD\n")
try:
    check("the page's table has kinds and fields", [] if len(KINDS) >= 15 and len(FIELDS) >= 90 else [KINDS, len(FIELDS)])
    run("init", "--no-passphrase")
    run("add", "Ana Moreau", "--kind", "friend", "--since", "2019-03-01", "--near", "far", "--welcome", "a hug")
    run("add", "Lena Vogt", "--kind", "close-friend", "--birthday", "1990-02-28")
    run("import", str(cards), "--yes")
    run("log", "Long walk with Ana and Lena yesterday evening #walk (emotional) for an hour")
    run("log", "How did the interview go, Ana?", "--as", "ask")
    run("check-in", "Ana", "--answer", "safety-no=7.5", "--line", "easier than last time")
    run("reflect", "I listened")
    run("settings", "--name", "Me")
    run("undo")
    compare("a life")
    run("demo", "--people", "4", "--years", "1")
    run("forget", "Ana", "--confirm", "Ana Moreau")
    bodies = compare("after somebody was forgotten")
    check("whom the vault has forgotten the other reader does not find either",
          [b for b in bodies if b"Moreau" in b or b"Ana" in b])
    run("rekey")
    compare("after the key was renewed")
    example = room / "data" / "fonder" / "example"
    vault = example
    env["FONDER_VAULT"] = str(example)
    compare("the example")
finally:
    shutil.rmtree(room, ignore_errors=True)
print("1..%d" % count)
sys.exit(1 if bad else 0)
