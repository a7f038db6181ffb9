#!/usr/bin/env python3
"""tests/system/together.py FONDER - several fonders on one vault: two servers and the command line. What one keeps the
others show at once; nothing is lost and nothing is kept twice, also when a server is killed in the midst; while a key is
renewed or a write goes on, whoever must wait is told so in clear words. FONDER_TORTURE=1 goes on killing for FONDER_MINUTES.
Speaks TAP."""
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

FONDER = os.path.realpath(sys.argv[1])
QUICK = os.environ.get("FONDER_QUICK") == "1"
EACH, KILLS = (8, 6) if QUICK else (25, 20)
room = pathlib.Path(os.path.realpath(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)))
env = {k: v for k, v in os.environ.items() if not k.startswith("FONDER_")}
env.update(HOME=str(room), XDG_DATA_HOME=str(room / "data"), TMPDIR=str(room), LANG="C.UTF-8", TZ="UTC",
           ASAN_OPTIONS="detect_leaks=0")
vault = room / "data" / "fonder" / "vault"
count = bad = 0
servers = []


def check(name, faults):
    global count, bad
    count += 1
    bad += bool(faults)
    print("%sok %d - %s" % ("not " if faults else "", count, name))
    for fault in faults:
        print("# " + str(fault).replace("\n", "\n# "))
    sys.stdout.flush()


def run(*words):
    done = subprocess.run([FONDER, *map(str, words)], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=300)
    return done.returncode, done.stdout, done.stderr


class Server:
    """One `fonder serve` and a session with it."""

    def __init__(self):
        self.out = open(room / ("served-%d" % len(servers)), "w+b")
        self.child = subprocess.Popen([FONDER, "serve", "--port", "0"], env=env, stdin=subprocess.DEVNULL,
                                      stdout=self.out, stderr=subprocess.STDOUT)
        servers.append(self)
        said, until = b"", time.monotonic() + 120
        while not (found := re.search(rb"http://127\.0\.0\.1:(\d+)/enter/([0-9a-z]+)", said)):
            if self.child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(said.decode())
            time.sleep(0.02)
            self.out.seek(0)
            said = self.out.read()
        self.port, token = int(found[1]), found[2].decode()
        self.cookie = None
        head = self.ask("GET", "/enter/" + token)[2]
        self.cookie = head["set-cookie"].split(";")[0]
        self.csrf = re.search(r'name="csrf" value="([^"]*)"', self.ask("GET", "/reflect")[1])[1]

    def ask(self, method, path, fields=None):
        """Status, body, headers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        heads = {"Cookie": self.cookie} if self.cookie else {}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode({"csrf": self.csrf, **fields})
            heads["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body, heads)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text, {k.lower(): v for k, v in answer.getheaders()}

    def keep(self, mark):
        """True when the server said that it is kept."""
        try:
            return self.ask("POST", "/reflect", {"text": mark})[0] == 303
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
        return self.child.wait(120)


def held():
    """Every mark in the vault, as an export has it."""
    code, out, err = run("export", "jsonl")
    if code:
        return None, err
    return re.findall(r"mark-[0-9a-z-]*-end", out), err


def compare(acked, maybe=()):
    """All that was acknowledged is there once; nothing else but what may have been cut off."""
    marks, err = held()
    if marks is None:
        return [err]
    faults = ["lost: %s" % m for m in sorted(set(acked) - set(marks))]
    faults += ["twice: %s" % m for m in sorted({m for m in marks if marks.count(m) > 1})]
    faults += ["from nowhere: %s" % m for m in sorted(set(marks) - set(acked) - set(maybe))]
    return faults


def whole():
    """The rows as SQLite has them: of each device seq 1, 2, 3, … and no other."""
    db = sqlite3.connect("file:%s?mode=ro" % vault, uri=True)
    faults = ["device %d: %d rows up to %d" % row
              for row in db.execute("SELECT device, count(*), max(seq) FROM entry GROUP BY device") if row[1] != row[2]]
    db.close()
    code, out, err = run("doctor", "--json")
    if code or json.loads(out)["findings"]:
        faults.append(out + err)
    return faults


def main():
    for words in (("init", "--no-passphrase"), ("add", "Ana Moreau", "--kind", "friend")):
        code, out, err = run(*words)
        if code:
            sys.exit(err)
    a, b = Server(), Server()
    acked, maybe = [], []

    # -- no stale answers ---------------------------------------------------------------------------------------------
    faults = []
    for i in range(EACH // 2):
        name = "Person%s" % "abcdefghijklmnopqrstuvwxyz"[i]
        writer = ("command line", "first server", "second server")[i % 3]
        if i % 3 == 0:
            kept = run("add", name)[0] == 0
        else:
            kept = (a, b)[i % 3 - 1].ask("POST", "/people", {"name": name})[0] == 303
        if not kept:
            faults.append("%s could not add %s" % (writer, name))
        for who, page in (("first server", a.ask("GET", "/people")[1]), ("second server", b.ask("GET", "/people")[1]),
                          ("command line", run("people")[1])):
            if name not in page:
                faults.append("%s, added by the %s, is not known to the %s" % (name, writer, who))
    check("what one keeps the others show at once", faults)

    # -- all at once --------------------------------------------------------------------------------------------------
    lock, failures = threading.Lock(), []

    def hammer(who, keep):
        for i in range(EACH):
            mark = "mark-%s-%d-end" % (who, i)
            kept = keep(mark)
            with lock:
                (acked if kept else failures).append(mark)

    crowd = [threading.Thread(target=hammer, args=pair) for pair in
             (("a", a.keep), ("b", b.keep), ("c", lambda m: run("reflect", m)[0] == 0),
              ("d", lambda m: run("reflect", m)[0] == 0))]
    for t in crowd:
        t.start()
    for t in crowd:
        t.join()
    check("two servers and two command lines at once lose nothing", compare(acked, failures))
    check("and all of them could write all along", failures)
    check("no place is given twice", whole())

    # -- somebody else is writing -------------------------------------------------------------------------------------
    faults = []
    db = sqlite3.connect(vault, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")  # as a renewal of the key does, for as long as it lasts
    code, out, err = run("reflect", "mark-waiting-end")
    if code != 1 or "Another fonder is writing" not in err:
        faults.append("exit %d: %s" % (code, err))
    code, out, err = run("people")
    if code or "Ana" not in out:
        faults.append("reading has to wait: %s" % err)
    status, page, _ = a.ask("POST", "/reflect", {"text": "mark-waiting-end"})
    if status == 303 or "Another fonder is writing" not in page:
        faults.append("the site: %d %s" % (status, page[:300]))
    db.execute("ROLLBACK")
    db.close()
    check("while another writes, writers are told and readers go on", faults + compare(acked))

    # -- the key is renewed -------------------------------------------------------------------------------------------
    faults = []
    stop = threading.Event()

    def go_on():
        i = 0
        while not stop.is_set():
            mark = "mark-renewal-%d-end" % i
            with lock:
                (acked if b.keep(mark) else maybe).append(mark)
            i += 1

    writer = threading.Thread(target=go_on)
    writer.start()
    code, out, err = run("rekey")
    if code:
        faults.append("rekey: exit %d: %s" % (code, err))
    stop.set()
    writer.join()
    for who, server in (("a", a), ("b", b)):
        status, page, heads = server.ask("GET", "/people")
        unlock = status == 303 and "/unlock" in heads.get("location", "")
        if not unlock and "renewed" not in page and "Ana Moreau" not in page:
            faults.append("after the renewal: %d %s" % (status, page[:300]))
        mark = "mark-after-%s-end" % who
        status, page, heads = server.ask("POST", "/reflect", {"text": mark})
        (acked if status == 303 and "/unlock" not in heads["location"] else maybe).append(mark)
    code, out, err = run("reflect", "mark-line-end")
    faults += ["exit %d: %s" % (code, err)] if code else []
    acked.append("mark-line-end")
    check("a key renewed under two servers: nothing is lost, and whoever must unlock is told",
          faults + compare(acked, maybe) + whole())

    # -- again and again: where no passphrase is needed nobody is held up ------------------------------------------------
    failures, stop = [], threading.Event()

    def all_along(who, keep):
        i = 0
        while not stop.is_set():
            mark = "mark-again-%s-%d-end" % (who, i)
            kept = keep(mark)
            with lock:
                (acked if kept else failures).append(mark)
            i += 1

    crowd = [threading.Thread(target=all_along, args=pair) for pair in
             (("b", b.keep), ("c", lambda m: run("reflect", m)[0] == 0))]
    for t in crowd:
        t.start()
    faults = ["rekey: %s" % err for code, out, err in (run("rekey") for _ in range(EACH // 2)) if code]
    stop.set()
    for t in crowd:
        t.join()
    check("renewed again and again, nobody is held up", faults + failures + compare(acked, failures))
    a.stop(), b.stop()

    # -- killed in the midst ------------------------------------------------------------------------------------------
    faults, kills, rng = [], 0, random.Random()
    minutes = float(os.environ.get("FONDER_MINUTES") or 3) if os.environ.get("FONDER_TORTURE") else 0
    until = time.monotonic() + 60 * minutes
    while kills < KILLS or time.monotonic() < until:
        server, stop = Server(), threading.Event()
        mine, others = [], []

        def write(who, keep, into):
            i = 0
            while not stop.is_set():
                mark = "mark-%d-%s-%d-end" % (kills, who, i)
                with lock:
                    maybe.append(mark)
                if keep(mark):
                    with lock:
                        into.append(mark)
                i += 1

        crowd = [threading.Thread(target=write, args=("s", server.keep, mine)),
                 threading.Thread(target=write, args=("c", lambda m: run("reflect", m)[0] == 0, others))]
        for t in crowd:
            t.start()
        time.sleep(rng.random() * 0.4)
        server.stop(signal.SIGKILL)
        stop.set()
        for t in crowd:
            t.join()
        acked += mine + others
        kills += 1
        if kills % 5 == 0:
            faults += compare(acked, maybe)
        if faults:
            break
    check("servers killed while they wrote", faults + compare(acked, maybe) + whole())
    print("# %d kills, %d entries acknowledged" % (kills, len(acked)))


try:
    main()
finally:
    for s in servers:
        s.stop(signal.SIGKILL)
    shutil.rmtree(room, ignore_errors=True)
print("1..%d" % count)
sys.exit(1 if bad else 0)
