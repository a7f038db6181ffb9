/* fuzz/fuzz_vcard.c - any bytes as a contacts file.
 * The first byte chooses: even, the rest is the file; odd, each byte of the rest names a piece of
 * vCard from a list, so that the fuzzer writes files that get far into the reader (and a corpus
 * of a few random bytes is a corpus of cards). What must hold: no crash, no leak; text that comes
 * out is valid UTF-8, trimmed, without control characters; no card is unaccounted for; and every
 * person, written as 3.0 and as 4.0, reads back the same. */
#include "base/os.h"
#include "check_person.h"
#include "port/vcard_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ARENA_MAX = 256 << 20 };

static const char *const pieces[] = {
    "BEGIN:VCARD\r\n",
    "END:VCARD\r\n",
    "VERSION:2.1\n",
    "VERSION:3.0\r\n",
    "VERSION:4.0\r",
    "FN:",
    "FN;PREF=1:",
    "N:",
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:",
    ";QUOTED-PRINTABLE",
    ";ENCODING=b",
    ";BASE64",
    ";CHARSET=ISO-8859-1",
    ";CHARSET=UTF-16",
    ";CHARSET=SHIFT_JIS",
    "=C3=AB",
    "=EB",
    "=00A",
    "=\r\n",
    "=",
    "\r\n ",
    "\n\t",
    "\r\n",
    "\r\r\n",
    "\r",
    ":",
    ";",
    ",",
    "\\,",
    "\\;",
    "\\n",
    "\\\\",
    "\\",
    "\"",
    "^n",
    "^'",
    "^^",
    "^",
    "BDAY:",
    "BDAY;VALUE=text:",
    ";X-APPLE-OMIT-YEAR=1604",
    "1604-02-29",
    "--0203",
    "19850412",
    "1985-04",
    "---12",
    "T10Z",
    "ANNIVERSARY:",
    "X-EVOLUTION-ANNIVERSARY:",
    "EMAIL",
    "TEL",
    "ADR",
    "LABEL:",
    "URL:",
    "ORG:",
    "TITLE:",
    "NOTE:",
    "CATEGORIES:",
    "NICKNAME:",
    "UID:",
    "REV:",
    "RELATED",
    ";TYPE=spouse",
    ";TYPE=home,work",
    ";HOME;PREF",
    ";PREF=7",
    ";ALTID=1",
    ";LABEL=",
    ";VALUE=uri",
    "mailto:",
    "tel:",
    "urn:uuid:",
    "item1.",
    "item2.",
    "X-ABLabel:",
    "_$!<Spouse>!$_",
    "_$!<Anniversary>!$_",
    "X-ABRELATEDNAMES:",
    "X-ABDATE:",
    "X-SPOUSE:",
    "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;",
    "PHOTO;ENCODING=BASE64:",
    "/9j/4AAQSkZJRg==",
    "KEY:",
    "AGENT:",
    "KIND:group",
    "X-ABShowAs:COMPANY",
    "Ana",
    "Brown ",
    " ",
    "\t",
    "\xC3\xAB",
    "\xE6\x9D\x8E",
    "e\xCC\x88",
    "\xE2\x80\xAE",
    "\xEB",
    "\xF0\x9F\x98\x80",
    "\x01",
    "1",
    "14",
    "x-Boat",
};

static void check_round_trip(Cx *cx, const VcardFile *file, VcardVersion version)
{
    Str text = {NULL, 0};
    VcardFile back = {.people = NULL};
    for (ptrdiff_t i = 0; i < file->n_people; i++) {
        if (vcard_write(cx, &file->people[i], 1, version, &text) != OK)
            continue; /* only for want of memory, or past a bound */
        if (vcard_read(cx, text, &back) != OK)
            continue;
        INVARIANT(back.n_people == 1 && back.n_problems == 0);
        INVARIANT(vcard_same(&file->people[i], &back.people[0]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_MAX);
    Cx cx = {.arena = &arena};
    VcardFile file = {.people = NULL};
    Str input = {(const char *)bytes, (ptrdiff_t)len};
    if (len < 1)
        return 0;
    input = str_from(input, 1);
    if (bytes[0] & 1)
        input = compose(&cx, "", pieces, sizeof pieces / sizeof *pieces, input);
    if (vcard_read(&cx, input, &file) != OK)
        return 0;
    int64_t lost = 0;
    for (ptrdiff_t i = 0; i < file.n_problems; i++)
        lost += file.problems[i].lost;
    INVARIANT(file.n_people <= file.cards);
    INVARIANT(file.n_people + lost >= file.cards || file.problems_total > file.n_problems);
    for (ptrdiff_t i = 0; i < file.n_people; i++)
        check_person(&cx, &file.people[i]);
    check_round_trip(&cx, &file, VCARD_3_0);
    check_round_trip(&cx, &file, VCARD_4_0);
    return 0;
}
