#!/usr/bin/env python3
"""tools/count.py FILE - what really ran: prints "PASSED FAILED SKIPPED" of a testlog.json of meson (one
record a program, whose TAP lines are the tests) or of a JUnit file (*.xml). A program that ended badly without
a failed test of its own (a crash, a timeout, a sanitizer's report) counts as one failure."""
import json
import re
import sys
import xml.etree.ElementTree as xml

RESULT = re.compile(r"^(not )?ok\b.*?(#\s*skip\b.*)?$", re.IGNORECASE | re.MULTILINE)


def of_record(record):
    lines = RESULT.findall(record.get("stdout") or "")
    skipped = sum(1 for bad, skip in lines if skip)
    failed = sum(1 for bad, skip in lines if bad and not skip)
    passed = len(lines) - skipped - failed
    result = record["result"]
    if not lines:
        passed, skipped = int(result == "OK"), int(result == "SKIP")
    if result not in ("OK", "SKIP") and failed == 0:
        failed = 1
    return passed, failed, skipped


def of_case(case):
    bad = case.find("failure") is not None or case.find("error") is not None
    skip = case.find("skipped") is not None
    return int(not bad and not skip), int(bad), int(skip and not bad)


def main(name):
    if name.endswith(".xml"):
        counts = [of_case(case) for case in xml.parse(name).iter("testcase")]
    else:
        with open(name, encoding="utf-8", errors="replace") as lines:
            counts = [of_record(json.loads(line)) for line in lines]
    print(*(sum(column) for column in zip(*counts)) if counts else (0, 0, 0))


main(sys.argv[1])
