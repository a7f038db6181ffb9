/* tests/port/test_vcard_oracle.c - our reader against two others, EVCard and python3-vobject: names,
 * birthdays, mail addresses and phone numbers of the real exports and of generated cards of all three
 * versions. Where they differ, the table below says in which card, what the other one makes of it, and why
 * that is its fault; a difference that is not in the table fails, and so does one that is not met any more.
 * Skipped for each reader that is not installed. */
#include "people.h"
#include "port/vcard_write.h"
#include <stdio.h>
#include <string.h>

enum { EVCARD, VOBJECT, LINE_CAP = 512, OUTPUT_MAX = 4 << 20, CARDS = 300, ANY = -1 };

typedef struct Difference {
    int oracle;
    const char *file;
    int card;         /* ANY: the rest of the file */
    const char *what; /* "name", "n", "bday", "mail", "tel", "failed" */
    const char *theirs;
    const char *reason;
} Difference;

/* Each was looked up in the standard that is named. */
static const Difference differences[] = {
    {EVCARD,  "rfc6350-example.vcf",      0,   "bday",   "0 0 0",
     "RFC 6350 4.3.1: --0203 is 3 February without a year; it is the standard's own example "
     "(section 8)"                                                                               },
    {VOBJECT, "fullcontact.vcf",          0,   "bday",   "2016 8 1|2016 8 1",
     "RFC 6350 5.4: properties with the same ALTID are one property in two forms, not two "
     "birthdays"                                                                                 },
    {VOBJECT, "John_Doe_GMAIL.vcf",       0,   "name",   "Mr. John Richter",
     "RFC 2426 3.1.1: FN is a single text; the comma is Gmail's mistake (5.8.4 wants it escaped), "
     "but what "
     "stands behind it is still the name"                                                        },
    {VOBJECT, "John_Doe_ANDROID.vcf",     ANY, "failed", "Error",
     "the picture's base64 is cut short; it loses that card and all behind it for it"            },
    {VOBJECT, "John_Doe_IPHONE.vcf",      ANY, "failed", "ParseError",
     "lines end in CR CR LF, and it takes the extra CR for an empty line inside a folded picture"},
    {VOBJECT, "John_Doe_LOTUS_NOTES.vcf", ANY, "failed", "VObjectError",
     "RFC 2426 2.1.2: PROFILE:VCARD may stand in a card"                                         },
};
enum { DIFFERENCES = sizeof differences / sizeof *differences };
static bool met[DIFFERENCES];

/* -- what a reader understood: one text for each card and kind, several values joined by '|' */

enum { KINDS = 6 };
static const char *const kinds[KINDS] = {"name", "n", "bday", "mail", "tel", "failed"};

typedef struct Seen {
    Str of[KINDS];
} Seen;

typedef struct SeenFile {
    Seen *cards;
    int n;
} SeenFile;

static Str joined(TestCx *t, Str a, const char *between, Str b)
{
    Buf buf = buf_make(&t->arena, OUTPUT_MAX);
    Str out = {NULL, 0};
    buf_put(&buf, a);
    buf_c(&buf, between);
    buf_put(&buf, b);
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &out));
    return out;
}

static void add(TestCx *t, Seen *card, int kind, Str value)
{
    bool first = card->of[kind].p == NULL;
    card->of[kind] = first ? value : joined(t, card->of[kind], "|", value);
}

/* The parts of N, trimmed, always five; of a birthday, three. */
static Str parts(TestCx *t, Str rest, const char *between, int n)
{
    Str out = {NULL, 0};
    for (int i = 0; i < n; i++) {
        Str part = rest.p ? str_trim(str_cut(&rest, '\t')) : STR("");
        out = i == 0 ? part : joined(t, out, between, part);
    }
    return out;
}

static Str without(Str s, Str scheme)
{
    s = str_trim(s);
    return str_istarts(s, scheme) ? str_from(s, scheme.len) : s;
}

static void take_line(TestCx *t, Seen *card, Str line)
{
    Str rest = line, what = str_cut(&rest, '\t');
    for (int kind = 0; kind < KINDS; kind++) {
        if (!str_eq_c(what, kinds[kind]))
            continue;
        if (kind == 1)
            add(t, card, kind, parts(t, rest, "/", 5));
        else if (kind == 2)
            add(t, card, kind, parts(t, rest, " ", 3));
        else if (kind == 3 || kind == 4) /* the scheme of a link is not part of the address */
            add(t, card, kind, without(rest, kind == 3 ? STR("mailto:") : STR("tel:")));
        else
            add(t, card, kind, kind == 5 ? str_cut(&rest, '\t') : str_trim(rest));
    }
}

static SeenFile theirs_of(TestCx *t, Str output)
{
    SeenFile file = {.cards = arena_new(&t->arena, Seen, 1024)};
    assert_non_null(file.cards);
    while (output.len > 0) {
        Str line = str_cut(&output, '\n');
        if (str_eq_c(line, "card") || str_starts(line, STR("failed")))
            file.n++;
        assert_in_range(file.n, 1, 1023);
        take_line(t, &file.cards[file.n - 1], line);
    }
    return file;
}

static SeenFile ours_of(TestCx *t, const VcardFile *f)
{
    SeenFile file = {.cards = arena_new(&t->arena, Seen, f->n_people + 1), .n = (int)f->n_people};
    assert_non_null(file.cards);
    for (ptrdiff_t i = 0; i < f->n_people; i++) {
        const VcardPerson *p = &f->people[i];
        Seen *card = &file.cards[i];
        const Str n[] = {p->given, p->additional, p->prefix, p->suffix};
        Str name = p->family;
        ptrdiff_t total = name.len;
        for (int k = 0; k < 4; k++) {
            name = joined(t, name, "/", n[k]);
            total += n[k].len;
        }
        if (p->name_from == VCARD_FROM_FN)
            add(t, card, 0, p->name);
        if (total > 0)
            add(t, card, 1, name);
        if (vcard_date_is_set(&p->birthday)) {
            char date[64];
            int len = snprintf(date, sizeof date, "%d %d %d", p->birthday.year, p->birthday.month,
                               p->birthday.day);
            add(t, card, 2, str_dup(&t->arena, (Str){date, len}));
        }
        for (int k = 0; k < p->n_emails; k++)
            add(t, card, 3, p->emails[k].value);
        for (int k = 0; k < p->n_phones; k++)
            add(t, card, 4, p->phones[k].value);
    }
    return file;
}

/* -- running the others */

/* The helper's output; the null slice when it is not there. */
static Str run(TestCx *t, int oracle, Str path)
{
    Str program = os_env(oracle == EVCARD ? "FONDER_EVCARD" : "FONDER_VOBJECT");
    if (program.len == 0)
        return (Str){NULL, 0};
    char command[2048];
    (void)snprintf(command, sizeof command, "%s'%.*s' '%.*s' 2>/dev/null",
                   oracle == EVCARD ? "" : "/usr/bin/python3 ", STR_FMT(program), STR_FMT(path));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    Buf buf = buf_make(&t->arena, OUTPUT_MAX);
    char chunk[4096];
    for (size_t n = fread(chunk, 1, sizeof chunk, pipe); n > 0;
         n = fread(chunk, 1, sizeof chunk, pipe))
        buf_bytes(&buf, chunk, (ptrdiff_t)n);
    Str output = {NULL, 0};
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &output));
    return pclose(pipe) == 0 ? output : (Str){NULL, 0};
}

/* -- comparing */

static const Difference *known(int oracle, Str file, int card, const char *what, Str theirs)
{
    for (int i = 0; i < DIFFERENCES; i++) {
        const Difference *d = &differences[i];
        bool here =
            d->oracle == oracle && str_ends(file, str_c(d->file)) && strcmp(d->what, what) == 0;
        if (here && (d->card == ANY || d->card == card) && str_eq_c(theirs, d->theirs)) {
            met[i] = true;
            return d;
        }
    }
    return NULL;
}

/* RFC 2045 6.7 (5): a "=" at the end of a line is a soft break and goes away with the line's end. EVCard
 * does so in the first part of a name only and leaves "=" and a newline in the others; vobject, which is
 * asked the same, agrees with us. */
static Str without_soft_breaks(TestCx *t, Str s)
{
    Buf buf = buf_make(&t->arena, OUTPUT_MAX);
    Str out = {NULL, 0};
    for (ptrdiff_t at = str_find(s, STR("=\\n")); at >= 0; at = str_find(s, STR("=\\n"))) {
        buf_put(&buf, str_sub(s, 0, at));
        s = str_from(s, at + 3);
    }
    buf_put(&buf, s);
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &out));
    return out;
}

static int compare_card(TestCx *t, int oracle, Str file, int card, const Seen *ours,
                        const Seen *theirs)
{
    int wrong = 0;
    for (int kind = 0; kind < 5; kind++) {
        if (str_eq(ours->of[kind], theirs->of[kind]) ||
            (kind == 1 && str_eq_c(theirs->of[kind], "////")))
            continue;
        if (known(oracle, file, card, kinds[kind], theirs->of[kind]))
            continue;
        if (oracle == EVCARD && kind == 1 &&
            str_eq(ours->of[kind], without_soft_breaks(t, theirs->of[kind])))
            continue;
        print_error("%.*s, card %d, %s: ours \"%.*s\", %s says \"%.*s\"\n", STR_FMT(file), card,
                    kinds[kind], STR_FMT(ours->of[kind]), oracle == EVCARD ? "EVCard" : "vobject",
                    STR_FMT(theirs->of[kind]));
        wrong++;
    }
    return wrong;
}

/* Cards without anything to call a person by come through there and not here; ours follow in order. */
static int compare_file(TestCx *t, int oracle, Str path, const VcardFile *file)
{
    Str output = run(t, oracle, path);
    assert_non_null(output.p);
    SeenFile ours = ours_of(t, file), theirs = theirs_of(t, output);
    int wrong = 0, i = 0;
    for (int k = 0; k < theirs.n; k++) {
        Str failed = theirs.cards[k].of[5];
        if (failed.p && known(oracle, path, ANY, "failed", failed))
            return wrong;
        Seen empty = {.of = {{NULL, 0}}};
        if (memcmp(&theirs.cards[k], &empty, sizeof empty) == 0)
            continue;
        if (i == ours.n || failed.p) {
            print_error("%.*s: card %d is \"%.*s\" there\n", STR_FMT(path), k, STR_FMT(failed));
            return wrong + 1;
        }
        wrong += compare_card(t, oracle, path, i, &ours.cards[i], &theirs.cards[k]);
        i++;
    }
    if (i < ours.n)
        print_error("%.*s: %d cards there, %d here\n", STR_FMT(path), i, ours.n);
    return wrong + (i < ours.n);
}

static bool is_there(TestCx *t, int oracle)
{
    Str folder = test_folder(&t->cx);
    Str path = joined(t, folder, "/", STR("one.vcf"));
    assert_ok(&t->cx,
              os_write_file(&t->cx, path,
                            STR("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n")));
    Str output = run(t, oracle, path);
    test_folder_remove(&t->cx, folder);
    if (!output.p)
        print_message("# skipped: %s is not installed\n",
                      oracle == EVCARD ? "EVCard" : "python3-vobject");
    return output.p != NULL;
}

#define EZ "mangstadt+ez-vcard/src_test_resources_ezvcard_io_text_"
static const char *const exports[] = {
    EZ "John_Doe_ANDROID.vcf",
    EZ "John_Doe_BLACK_BERRY.vcf",
    EZ "John_Doe_EVOLUTION.vcf",
    EZ "John_Doe_GMAIL.vcf",
    EZ "John_Doe_IPHONE.vcf",
    EZ "John_Doe_LOTUS_NOTES.vcf",
    EZ "fullcontact.vcf",
    EZ "gmail-list.vcf",
    EZ "gmail-single2.vcf",
    EZ "rfc6350-example.vcf",
    EZ "thunderbird-MoreFunctionsForAddressBook-extension.vcf",
    "mangstadt+ez-vcard/src_test_resources_ezvcard_issue_issue114.vcf",
    "nextcloud+contacts/tests_assets_forrest-gump.vcf",
    "nextcloud+contacts/tests_assets_without-uid.vcf",
    "sabre-io+vobject/tests_VObject_issue153.vcf",
    "sabre-io+vobject/tests_VObject_issue64.vcf",
};

static void compare_exports(int oracle)
{
    TestCx t;
    test_cx_init(&t);
    int wrong = 0, files = 0;
    bool there = is_there(&t, oracle);
    for (size_t i = 0; there && i < sizeof exports / sizeof *exports; i++) {
        char name[256];
        (void)snprintf(name, sizeof name, "data/corpora/vcard/%s", exports[i]);
        Str path = shared_path(&t.cx, name), bytes = {NULL, 0};
        if (str_is_null(path))
            continue;
        VcardFile file = {.people = NULL};
        assert_ok(&t.cx, os_read_file(&t.cx, path, VCARD_FILE_MAX, &bytes));
        assert_ok(&t.cx, vcard_read(&t.cx, bytes, &file));
        wrong += compare_file(&t, oracle, path, &file);
        files++;
    }
    if (there && files == 0)
        print_message("# skipped: the exports are not here\n");
    for (int i = 0; i < DIFFERENCES; i++) {
        if (files > 0 && differences[i].oracle == oracle && !met[i]) {
            print_error("not met any more: %s, %s\n", differences[i].file, differences[i].reason);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    test_cx_free(&t);
}

static void evcard_reads_the_exports_alike(void **state)
{
    (void)state;
    compare_exports(EVCARD);
}

static void vobject_reads_the_exports_alike(void **state)
{
    (void)state;
    compare_exports(VOBJECT);
}

/* -- generated cards */

static void put_quoted(Buf *buf, Str s, int *column)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = c > ' ' && c < 127 && c != '=' && c != ';';
        if (*column > 70) {
            buf_c(buf, "=\r\n");
            *column = 0;
        }
        if (plain)
            buf_char(buf, (char)c);
        else
            buf_fmt(buf, "=%02X", c);
        *column += plain ? 1 : 3;
    }
}

/* Version 2.1 as telephones write it: our writer does not, so the test has one of its own. */
static void put_old_card(Buf *buf, const VcardPerson *p)
{
    const Str n[] = {p->family, p->given, p->additional, p->prefix, p->suffix};
    int column = 50;
    buf_c(buf, "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:");
    for (int i = 0; i < 5; i++) {
        if (i > 0)
            buf_char(buf, ';');
        put_quoted(buf, n[i], &column);
    }
    column = 50;
    buf_c(buf, "\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:");
    put_quoted(buf, p->name, &column);
    buf_c(buf, "\r\n");
    for (int i = 0; i < p->n_phones; i++)
        buf_fmt(buf, "TEL;CELL;HOME:%.*s\r\n", STR_FMT(p->phones[i].value));
    for (int i = 0; i < p->n_emails; i++)
        buf_fmt(buf, "EMAIL;INTERNET;PREF:%.*s\r\n", STR_FMT(p->emails[i].value));
    if (p->birthday.day > 0)
        buf_fmt(buf, "BDAY:%04d-%02d-%02d\r\n", p->birthday.year, p->birthday.month,
                p->birthday.day);
    buf_c(buf, "END:VCARD\r\n");
}

/* What the others cannot do at all is not asked of them: a birthday without a year (EVCard makes it the
 * day 0, vobject hands Apple's year 1604 through), a semicolon in a name of 2.1 (both cut there, after
 * undoing the encoding that was to protect it). */
static VcardPerson tame_person(TestCx *t, Gen *g, bool old)
{
    VcardPerson p = people_make(t, g, false);
    if (p.birthday.day > 0 && p.birthday.year == 0)
        p.birthday.year = 1988;
    Str *const texts[] = {&p.name, &p.family, &p.given, &p.additional, &p.prefix, &p.suffix};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (old && (str_find_char(*texts[i], ';') >= 0 || str_find_char(*texts[i], ',') >= 0))
            *texts[i] = STR("Rossi");
    }
    return p;
}

static Str make_file(TestCx *t, uint64_t seed, int version)
{
    VcardPerson people[CARDS];
    Gen g = gen_seed(seed);
    for (int i = 0; i < CARDS; i++)
        people[i] = tame_person(t, &g, version == 21);
    Str text = {NULL, 0};
    if (version != 21) {
        assert_ok(&t->cx, vcard_write(&t->cx, people, CARDS, (VcardVersion)version, &text));
        return text;
    }
    Buf buf = buf_make(&t->arena, VCARD_FILE_MAX);
    for (int i = 0; i < CARDS; i++)
        put_old_card(&buf, &people[i]);
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &text));
    return text;
}

static void compare_generated(int oracle)
{
    static const int versions[] = {21, 30, 40};
    TestCx t;
    test_cx_init(&t);
    bool there = is_there(&t, oracle);
    int wrong = 0;
    for (int v = 0; there && v < 3; v++) {
        Str folder = test_folder(&t.cx), path = joined(&t, folder, "/", STR("generated.vcf"));
        Str text = make_file(&t, 20 + (uint64_t)v, versions[v]);
        VcardFile file = {.people = NULL};
        assert_ok(&t.cx, vcard_read(&t.cx, text, &file));
        assert_int_equal(file.n_people, CARDS);
        assert_int_equal(file.n_problems, 0);
        assert_ok(&t.cx, os_write_file(&t.cx, path, text));
        wrong += compare_file(&t, oracle, path, &file);
        test_folder_remove(&t.cx, folder);
    }
    assert_int_equal(wrong, 0);
    test_cx_free(&t);
}

static void evcard_reads_generated_cards_alike(void **state)
{
    (void)state;
    compare_generated(EVCARD);
}

static void vobject_reads_generated_cards_alike(void **state)
{
    (void)state;
    compare_generated(VOBJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evcard_reads_the_exports_alike),
        cmocka_unit_test(vobject_reads_the_exports_alike),
        cmocka_unit_test(evcard_reads_generated_cards_alike),
        cmocka_unit_test(vobject_reads_generated_cards_alike),
    };
    return cmocka_run_group_tests_name("port vcard_oracle", tests, NULL, NULL);
}
