"""tests/port/oracle_vobject.py - what python3-vobject understands of a contacts file, for
test_vcard_oracle.c to compare with; the same lines as oracle_evcard.c prints, and "failed" with its
reason where it gives up. A helper of the tests: it is not part of the program."""
import re
import sys
import vobject


def put(what, *values):
    texts = (str(v).replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t').replace('\r', '')
             for v in values)
    print('\t'.join((what, *texts)))


def part(value):
    return value if isinstance(value, str) else ','.join(value)


def date(text):
    match = re.match(r'(\d{4}|-)-?(\d\d)-?(\d\d)(?!\d)', text)
    if match:
        put('bday', match[1] if match[1] != '-' else 0, int(match[2]), int(match[3]))


def card(c):
    put('card')
    for line in c.getChildren():
        if line.name == 'FN':
            put('name', part(line.value))
        elif line.name == 'N':
            n = line.value
            put('n', *(part(v) for v in (n.family, n.given, n.additional, n.prefix, n.suffix)))
        elif line.name == 'EMAIL':
            put('mail', line.value)
        elif line.name == 'TEL':
            put('tel', line.value)
        elif line.name == 'BDAY':
            date(line.value)


with open(sys.argv[1], encoding='utf-8', newline='') as file:
    try:
        for each in vobject.readComponents(file, allowQP=True):
            card(each)
    except Exception as failure:
        put('failed', type(failure).__name__, failure)
