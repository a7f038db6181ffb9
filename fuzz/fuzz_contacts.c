/* fuzz/fuzz_contacts.c - any bytes as a table of contacts.
 * The first byte chooses: even, the rest is the table; odd, each byte of the rest names a piece from a list, behind a
 * first row that names people unless the second bit is set. What must hold: no crash, no leak; text as
 * check_person.h has it; days that exist; a person or a lost row for each row that holds something, and never more. */
#include "base/time.h"
#include "check_person.h"
#include "port/csv_people.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ARENA_MAX = 256 << 20 };

static const char *const pieces[] = {
    "Name,",
    "First Name,",
    "Last Name,",
    "Suffix,",
    "Title,",
    "own_kind,",
    "Email,",
    "E-mail 1 - Value,",
    "E-mail 1 - Label,",
    "Phone 2 - Type,",
    "Phone 2 - Value,",
    "Birthday,",
    "Birth Year,",
    "Birth Month,",
    "Birth Day,",
    "Event 1 - Label,",
    "Event 1 - Value,",
    "Home Street,",
    "Home Street 2,",
    "Address 1 - City,",
    "Address 1 - Label,",
    "addresses,",
    "Relation 1 - Value,",
    "Relation 1 - Label,",
    "Spouse,",
    "Notes,",
    "Labels,",
    "Other,",
    "\r\n",
    "\n",
    "\r",
    ",",
    ";",
    "\t",
    "\"",
    "\"\"",
    "'",
    "'=",
    "=1+1",
    " ::: ",
    ": ",
    "* Home",
    "Mobile",
    "Anniversary",
    "anniversary,",
    "4/12/1985",
    "12/4/85",
    "13.2.1970",
    "1985-04-12",
    "--04-12",
    "0/0/00",
    "31/31/31",
    "2/29",
    "29",
    "2",
    "0",
    "-1",
    "99999",
    "Ana",
    " ",
    "Zo\xc3\xab",
    "\xeb",
    "e\xcc\x88",
    "\xe2\x80\xae",
    "\xf0\x9f\x8c\xb1",
    "\x01",
    "\\,",
    "a@x.org,",
    "+44 20,",
};

static const char first_row[] =
    "Name,E-mail 1 - Label,E-mail 1 - Value,Birthday,Birth Month,Birth Day,Home Street\n";

static void check_day(const VcardDate *d)
{
    INVARIANT(d->year >= 0 && d->year <= 9999 && d->month >= 0 && d->month <= 12 && d->day >= 0);
    INVARIANT(d->day <= (d->month ? time_days_in_month(d->year ? d->year : 2000, d->month) : 31));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_MAX);
    Cx cx = {.arena = &arena, .now_ms = 1700000000000};
    VcardFile file = {.people = NULL};
    Str input = {(const char *)bytes, (ptrdiff_t)len};
    if (len < 1)
        return 0;
    input = str_from(input, 1);
    if (bytes[0] & 1)
        input = compose(&cx, bytes[0] & 2 ? "" : first_row, pieces, sizeof pieces / sizeof *pieces,
                        input);
    if (csv_people_read(&cx, input, &file) != OK)
        return 0;
    int64_t lost = 0, lines = 1;
    for (ptrdiff_t i = 0; i < file.n_problems; i++)
        lost += file.problems[i].lost;
    for (ptrdiff_t i = 0; i < input.len; i++)
        lines += input.p[i] == '\n' || input.p[i] == '\r';
    INVARIANT(file.cards == file.n_people + lost || file.problems_total > file.n_problems);
    INVARIANT(file.cards < lines);
    for (ptrdiff_t i = 0; i < file.n_people; i++) {
        check_person(&cx, &file.people[i]);
        check_day(&file.people[i].birthday);
        check_day(&file.people[i].anniversary);
    }
    return 0;
}
