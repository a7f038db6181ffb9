#!/usr/bin/env python3
"""tools/soak.py FONDER [REQUESTS] - what a site holds after a week: one is served over the example, asked for every kind of
page, written to and undone, searched, exported and backed up, REQUESTS times (20,000: one every half minute of a week). Its
memory is read from the kernel on the way; the last quarter must not hold more than the second did, but for what was kept.
Prints a line every twentieth of the way; exits 1 when it grew."""
import http.client, os, re, shutil, subprocess, sys, tempfile, urllib.parse

ALLOWED = 1.05  # of the second quarter: entries that were kept, and chunks that are partly empty


class Site:
    def __init__(self, fonder, room):
        env = dict(os.environ, XDG_DATA_HOME=room)
        subprocess.run([fonder, "demo", "--people", "20", "--years", "5"], env=env, check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen([fonder, "serve", "--demo", "--port", "0"], env=env, stdout=subprocess.PIPE, text=True)
        address = None
        while not address:
            address = re.search(r"http://127\.0\.0\.1:(\d+)(/enter/\w+)", self.process.stdout.readline())
        self.port = int(address[1])
        self.link = http.client.HTTPConnection("127.0.0.1", self.port)
        self.link.request("GET", address[2])
        answer = self.link.getresponse()
        answer.read()
        self.head = {"Cookie": answer.getheader("Set-Cookie").split(";")[0]}
        form = self.ask("/people/new")
        self.csrf = re.search(rb'name="csrf" value="([^"]*)"', form)[1].decode()

    def ask(self, path, fields=None):
        if fields is None:
            self.link.request("GET", path, headers=self.head)
        else:
            body = urllib.parse.urlencode(dict(fields, csrf=self.csrf))
            self.link.request("POST", path, body, dict(self.head, **{"Content-Type": "application/x-www-form-urlencoded"}))
        answer = self.link.getresponse()
        body = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{path}: {answer.status}")
        return body

    def holds(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def main(fonder, requests):
    room = tempfile.mkdtemp(prefix="fonder-soak-")
    site = None
    try:
        site = Site(os.path.abspath(fonder), room)
        people = sorted(set(re.findall(rb'href="/people/([0-9a-hjkmnp-tv-z]{26})"', site.ask("/people"))))
        held = []
        for i in range(requests):
            who = people[i % len(people)].decode()
            pages = ["/", "/people", f"/people/{who}", f"/people/{who}/next", f"/people/{who}/check-in", "/insights", "/history",
                     "/log", "/reflect", "/settings", "/search", "/learn"]
            if i % 50 == 17:
                site.ask("/search", {"text": ["walk", "tea", "zzyzx"][i % 3]})
            elif i % 100 == 33:
                site.ask("/log", {"text": "Tea", "with": who})
            elif i % 1000 == 500:
                site.ask("/export", {"format": "jsonl"})
            elif i % 1000 == 501:
                site.ask("/backup", {})
            else:
                site.ask(pages[i % len(pages)])
            held.append(site.holds() if i % 20 == 0 else held[-1])
            if (i + 1) % max(1, requests // 20) == 0:
                print(f"{i + 1:7} requests  {held[-1] / 1024:7.1f} MiB", flush=True)
        second, last = (max(held[requests * a // 4:requests * b // 4]) for a, b in ((1, 2), (3, 4)))
        print(f"most in the second quarter {second / 1024:.1f} MiB, in the last {last / 1024:.1f} MiB: {last / second:.3f}")
        return 0 if last <= second * ALLOWED else 1
    finally:
        if site:
            site.process.terminate()
            site.process.wait()
        shutil.rmtree(room)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000))
