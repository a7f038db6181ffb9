/* port/csv_people.c - each row becomes a card, put together and ended as those of a vCard file are (vcard_card.h).
 * Two passes: one finds how the table writes its days, since a single 4/12 does not tell; one reads people. What a
 * column holds is told by csv_columns.h. Linear in the bytes. */
#include "port/csv_people.h"
#include "base/time.h"
#include "base/utf8.h"
#include "port/csv_columns.h"
#include <string.h>

typedef struct Reader {
    VcardCard card;
    const CsvColumn *columns;
    int n_columns;
    bool own; /* fonder's table: an apostrophe guards formulas, values stand behind labels */
    bool day_first, month_first; /* what the days of the table show */
    VcardAddress places[CSV_PLACES_MAX];
    VcardVec people;
} Reader;

/* -- days ---------------------------------------------------------------------------------------- */

typedef struct Parts {
    int64_t n[3];
    char between;
    bool year_first;
} Parts;

/* Three numbers with the same sign between them, the first or the last of them a year. */
static bool three_numbers(Str s, Parts *ret)
{
    static const char signs[] = "/.-";
    Parts p = {.between = '\0'};
    for (size_t i = 0; signs[i] && !p.between; i++)
        p.between = str_find_char(s, signs[i]) > 0 ? signs[i] : '\0';
    if (!p.between)
        return false;
    Str rest = s;
    for (int i = 0; i < 3; i++) {
        Str part = rest.p ? str_trim(str_cut(&rest, p.between)) : STR("");
        if (part.len > 4 || !str_to_i64(part, 0, 9999, &p.n[i]) || part.p[0] == '+')
            return false;
        p.year_first = p.year_first || (i == 0 && part.len == 4);
    }
    *ret = p;
    return !rest.p;
}

/* A day of which the number alone does not tell whether it is the day or the month. */
static bool needs_order(const Parts *p)
{
    return !p->year_first && p->between != '.';
}

static void learn_order(Reader *r, Str cell)
{
    Parts p;
    if (!three_numbers(cell, &p) || !needs_order(&p))
        return;
    r->day_first = r->day_first || p.n[0] > 12;
    r->month_first = r->month_first || p.n[1] > 12;
}

/* Of two digits, the latest year that has come. */
static int full_year(const Reader *r, int64_t year)
{
    int now = time_civil(r->card.cx->now_ms, 0).year;
    if (year >= 100)
        return (int)year;
    int there = now - now % 100 + (int)year;
    return there > now ? there - 100 : there;
}

static void bad_date(Reader *r, const CsvColumn *c, Str text, const char *key)
{
    VcardCard *card = &r->card;
    card_problem(card, false, key,
                 ARGS(arg_str("property", card_excerpt(card, c->name)),
                      arg_str("value", card_excerpt(card, text))));
}

static void take_date(Reader *r, const CsvColumn *c, Str text, VcardDate *to)
{
    VcardDate date = {.year = 0};
    Parts p = {.between = '\0'};
    if (text.len == 0 || vcard_date_is_set(to))
        return;
    if (vcard_date_parse(text, STR(""), &date)) {
        *to = date;
        return;
    }
    if (!three_numbers(text, &p)) {
        bad_date(r, c, text, "err.vcard-date");
        return;
    }
    if (p.n[0] == 0 && p.n[1] == 0)
        return; /* how Outlook says that there is none */
    bool unsure = r->day_first == r->month_first && p.n[0] != p.n[1];
    if (needs_order(&p) && unsure) {
        bad_date(r, c, text, "err.csv-day-order");
        return;
    }
    bool month_first = needs_order(&p) && r->month_first;
    date.year = p.year_first ? (int)p.n[0] : full_year(r, p.n[2]);
    date.month = (int)p.n[p.year_first || !month_first ? 1 : 0];
    date.day = (int)p.n[p.year_first ? 2 : month_first ? 1 : 0];
    if (date.year > 0 && date.month > 0 && date.day > 0 && vcard_date_exists(&date))
        *to = date;
    else
        bad_date(r, c, text, "err.vcard-date");
}

/* -- cells --------------------------------------------------------------------------------------- */

static Str plain(Reader *r, Str s, bool multiline)
{
    unsigned scan = vcard_scan(s) & ~(unsigned)VCARD_HAS_BACKSLASH; /* nothing is escaped here */
    Str text = s.len > 0 ? vcard_plain(r->card.cx->arena, s, scan, multiline) : s;
    r->card.out_of_memory = r->card.out_of_memory || (s.len > 0 && str_is_null(text));
    return text;
}

/* The next of several values in one cell: a line each, or as Google parts them. */
static Str next_value(Str *rest)
{
    const Str parting = STR(" ::: ");
    ptrdiff_t line = str_find_char(*rest, '\n'), google = str_find(*rest, parting);
    bool at_line = line >= 0 && (google < 0 || line < google);
    ptrdiff_t at = at_line ? line : google;
    Str value = at < 0 ? *rest : str_sub(*rest, 0, at);
    *rest = at < 0 ? (Str){NULL, 0} : str_from(*rest, at + (at_line ? 1 : parting.len));
    return value;
}

/* fonder writes "label: value". */
static Str cut_label(const Reader *r, Str *value)
{
    ptrdiff_t at = r->own ? str_find(*value, STR(": ")) : -1;
    Str label = str_sub(*value, 0, at < 0 ? 0 : at);
    *value = at < 0 ? *value : str_from(*value, at + 2);
    return label;
}

/* "* Home" is the one Google's owner likes best. */
static bool unstar(Str *label)
{
    bool star = str_starts(*label, STR("* "));
    *label = str_trim(str_from(*label, star ? 2 : 0));
    return star;
}

static unsigned type_of(Str label)
{
    for (int bit = 0; bit < VCARD_TYPE_BITS; bit++)
        if (str_ieq(label, str_c(vcard_type_word(bit))))
            return 1u << bit;
    return str_ieq(label, STR("mobile")) ? (unsigned)VCARD_CELL : 0;
}

/* The next value of a cell that is not empty, and what it is called: usual where the cell does not say. */
static bool next_labelled(Reader *r, Str *cell, Str usual, Str *ret_label, Str *ret_value)
{
    while (cell->p) {
        Str value = next_value(cell);
        Str label = cut_label(r, &value);
        *ret_label = plain(r, label.len > 0 ? label : usual, false);
        *ret_value = plain(r, value, false);
        if (ret_value->len > 0)
            return true;
    }
    return false;
}

static void take_points(Reader *r, const CsvColumn *c, Str cell, Str usual)
{
    VcardVec *vec = (VcardVec *)(void *)((char *)&r->card + c->known->to);
    Str label, value;
    while (next_labelled(r, &cell, usual, &label, &value)) {
        bool star = unstar(&label);
        unsigned types = type_of(label);
        VcardPoint *point = card_push(&r->card, vec, sizeof *point);
        if (point)
            *point = (VcardPoint){.value = value,
                                  .label = types ? STR("") : label,
                                  .types = types | c->known->types,
                                  .pref = star ? 1 : 0};
    }
}

static void take_related(Reader *r, const CsvColumn *c, Str cell, Str usual)
{
    Str kind, name;
    usual = usual.len > 0 ? usual : str_c(c->known->kind);
    while (next_labelled(r, &cell, usual, &kind, &name)) {
        VcardRelated *related = card_push(&r->card, &r->card.related, sizeof *related);
        if (related)
            *related = (VcardRelated){.kind = card_lower(&r->card, kind), .name = name};
    }
}

/* Addresses as they would stand on an envelope, a line each. */
static void take_printed(Reader *r, Str cell)
{
    Str label, printed;
    while (next_labelled(r, &cell, STR(""), &label, &printed)) {
        VcardAddress *a = card_push(&r->card, &r->card.addresses, sizeof *a);
        if (a)
            *a = (VcardAddress){.printed = printed, .label = label};
    }
}

static void take_text(Reader *r, VcardVec *vec, Str text)
{
    Str *slot = text.len > 0 ? card_push(&r->card, vec, sizeof *slot) : NULL;
    if (slot)
        *slot = text;
}

static void take_list(Reader *r, const CsvColumn *c, Str cell)
{
    while (cell.p) {
        Str value = plain(r, next_value(&cell), false);
        unstar(&value);
        take_text(r, (VcardVec *)(void *)((char *)&r->card + c->known->to), value);
    }
}

static void take_part(Reader *r, const CsvColumn *c, Str cell)
{
    int64_t n = 0;
    int *to = (int *)(void *)((char *)&r->card.person + c->known->to);
    if (str_to_i64(cell, 0, 9999, &n))
        *to = (int)n;
    else
        bad_date(r, c, cell, "err.vcard-date");
}

/* fonder puts an apostrophe in front of what a spreadsheet would take for a formula (export_csv.c). */
static Str unguarded(const Reader *r, Str cell)
{
    bool guarded = r->own && cell.len > 1 && cell.p[0] == '\'' && csv_formula(str_from(cell, 1));
    return guarded ? str_from(cell, 1) : cell;
}

static void take_cell(Reader *r, const CsvColumn *c, Str cell, Str label)
{
    VcardPerson *p = &r->card.person;
    void *to = (char *)p + c->known->to;
    switch (c->known->sort) {
    case COLUMN_UNKNOWN:
        p->left_out.other++;
        break;
    case COLUMN_TEXT:
        if (((Str *)to)->len == 0)
            *(Str *)to = plain(r, cell, false);
        break;
    case COLUMN_NOTE:
        take_text(r, &r->card.notes, plain(r, cell, true));
        break;
    case COLUMN_LIST:
        take_list(r, c, cell);
        break;
    case COLUMN_DATE:
        take_date(r, c, plain(r, cell, false), to);
        break;
    case COLUMN_DATE_PART:
        take_part(r, c, cell);
        break;
    case COLUMN_EVENT:
        if (str_ieq(plain(r, label, false), STR("anniversary")))
            take_date(r, c, plain(r, cell, false), to);
        else
            p->left_out.other++;
        break;
    case COLUMN_POINT:
        take_points(r, c, cell, label);
        break;
    case COLUMN_PLACE:
        *(Str *)(void *)((char *)&r->places[c->place] + c->known->to) = plain(r, cell, true);
        r->places[c->place].types = c->known->types;
        break;
    case COLUMN_PRINTED:
        take_printed(r, cell);
        break;
    case COLUMN_RELATED:
        take_related(r, c, cell, label);
        break;
    case COLUMN_LABEL:
        break; /* with what it names */
    }
}

static bool has_place(const VcardAddress *a)
{
    return a->po_box.len + a->extended.len + a->street.len + a->city.len + a->region.len +
               a->postcode.len + a->country.len + a->printed.len >
           0;
}

static void take_places(Reader *r)
{
    for (int i = 0; i < CSV_PLACES_MAX; i++) {
        VcardAddress *a = &r->places[i];
        VcardAddress *slot =
            has_place(a) ? card_push(&r->card, &r->card.addresses, sizeof *slot) : NULL;
        if (slot) {
            a->pref = unstar(&a->label) ? 1 : 0;
            a->types |= type_of(a->label);
            a->label = a->types ? STR("") : a->label;
            *slot = *a;
        }
        *a = (VcardAddress){.pref = 0};
    }
}

/* The year, month and day of columns of their own. */
static void check_birthday(VcardCard *card)
{
    VcardDate *d = &card->person.birthday;
    if ((d->month > 0 || d->day == 0) && vcard_date_exists(d))
        return;
    *d = (VcardDate){.year = 0};
    card_problem(card, false, "err.csv-birthday", NO_ARGS);
}

/* -- rows ---------------------------------------------------------------------------------------- */

static void take_row(Reader *r, const CsvRow *row)
{
    VcardCard *card = &r->card;
    int filled = 0;
    card_begin(card, row->line);
    for (int i = 0; i < row->n; i++) {
        Str cell = str_trim(row->fields[i]);
        if (cell.len == 0)
            continue;
        filled++;
        if (i >= r->n_columns) {
            card_problem(card, false, "err.csv-beyond", ARGS(arg_int("max", r->n_columns)));
            break;
        }
        const CsvColumn *c = &r->columns[i];
        bool labelled = c->label >= 0 && c->label < row->n;
        take_cell(r, c, unguarded(r, cell), labelled ? str_trim(row->fields[c->label]) : STR(""));
    }
    take_places(r);
    check_birthday(card);
    if (filled == 0)
        return;
    if (!card_end(card)) {
        card_problem(card, true, "err.csv-nameless", NO_ARGS);
        return;
    }
    VcardPerson *person = card_push(card, &r->people, sizeof *person);
    if (person)
        *person = card->person;
}

static Err learn_orders(Cx *cx, Reader *r, CsvReader rows)
{
    AUTO_ARENA Arena scratch;
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Cx own = {.arena = &scratch};
    for (;;) {
        CsvRow row = {.n = 0};
        Err e = csv_next(&own, &rows, &row);
        cx->why = own.why; /* its arguments are numbers */
        if (e != OK || row.n == 0)
            return e;
        for (int i = 0; i < row.n && i < r->n_columns; i++) {
            CsvSort sort = r->columns[i].known->sort;
            if (sort == COLUMN_DATE || sort == COLUMN_EVENT)
                learn_order(r, str_trim(row.fields[i]));
        }
        arena_reset(&scratch);
    }
}

static Err read_rows(Cx *cx, Reader *r, CsvReader rows)
{
    for (;;) {
        CsvRow row = {.n = 0};
        Err e = csv_next(cx, &rows, &row);
        if (e != OK || row.n == 0)
            return e;
        take_row(r, &row);
        if (r->card.out_of_memory)
            return err_nomem(cx);
        if (r->people.n > VCARD_CARDS_MAX)
            return err_set(cx, ERR_LIMIT, "err.csv-rows",
                           ARGS(arg_int("line", row.line), arg_int("max", VCARD_CARDS_MAX)));
    }
}

Err csv_people_read(Cx *cx, Str bytes, VcardFile *ret)
{
    Reader *r = arena_new(cx->arena, Reader, 1);
    CsvReader rows = {.p = NULL};
    CsvRow header = {.n = 0};
    if (!r)
        return err_nomem(cx);
    *r = (Reader){.card = {.cx = cx}};
    Err e = csv_open(cx, bytes, &rows);
    if (e != OK)
        return e;
    e = csv_next(cx, &rows, &header);
    if (e == OK || e == ERR_DAMAGED)
        e = csv_columns(cx, &header, &r->columns,
                        &r->own); /* a first row that is none names nothing */
    r->n_columns = header.n;
    if (e == OK)
        e = learn_orders(cx, r, rows);
    if (e == OK)
        e = read_rows(cx, r, rows);
    if (e != OK)
        return e;
    *ret = (VcardFile){.people = r->people.p,
                       .n_people = r->people.n,
                       .problems = r->card.problems.p,
                       .n_problems = r->card.problems.n,
                       .problems_total = r->card.problems_total,
                       .cards = r->people.n};
    for (ptrdiff_t i = 0; i < ret->n_problems; i++)
        ret->cards += ret->problems[i].lost;
    return OK;
}
