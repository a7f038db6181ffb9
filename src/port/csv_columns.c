/* port/csv_columns.c - a column is looked up in a list of names in which # stands for a number, and finds the column
 * of its labels, and the address it is part of, by what it is and that number. Once a table; the square of its
 * columns, of which there are at most CSV_FIELDS_MAX. */
#include "port/csv_columns.h"

#define PERSON(member) offsetof(VcardPerson, member)
#define CARD(member) offsetof(VcardCard, member)
#define PLACE(member) offsetof(VcardAddress, member)
/* clang-format off */
#define PLACES(prefix, types) \
    {prefix "street", COLUMN_PLACE, PLACE(street), types, NULL}, \
    {prefix "street #", COLUMN_PLACE, PLACE(extended), types, NULL}, \
    {prefix "address", COLUMN_PLACE, PLACE(street), types, NULL}, \
    {prefix "address #", COLUMN_PLACE, PLACE(extended), types, NULL}, \
    {prefix "address po box", COLUMN_PLACE, PLACE(po_box), types, NULL}, \
    {prefix "city", COLUMN_PLACE, PLACE(city), types, NULL}, \
    {prefix "state", COLUMN_PLACE, PLACE(region), types, NULL}, \
    {prefix "postal code", COLUMN_PLACE, PLACE(postcode), types, NULL}, \
    {prefix "zipcode", COLUMN_PLACE, PLACE(postcode), types, NULL}, \
    {prefix "country", COLUMN_PLACE, PLACE(country), types, NULL}, \
    {prefix "country/region", COLUMN_PLACE, PLACE(country), types, NULL}

static const CsvKnown known_columns[] = {
    {"name",                        COLUMN_TEXT,    PERSON(name),           0, NULL},
    {"full name",                   COLUMN_TEXT,    PERSON(name),           0, NULL},
    {"display name",                COLUMN_TEXT,    PERSON(name),           0, NULL},
    {"given",                       COLUMN_TEXT,    PERSON(given),          0, NULL},
    {"given name",                  COLUMN_TEXT,    PERSON(given),          0, NULL},
    {"first name",                  COLUMN_TEXT,    PERSON(given),          0, NULL},
    {"middle name",                 COLUMN_TEXT,    PERSON(additional),     0, NULL},
    {"additional name",             COLUMN_TEXT,    PERSON(additional),     0, NULL},
    {"family",                      COLUMN_TEXT,    PERSON(family),         0, NULL},
    {"family name",                 COLUMN_TEXT,    PERSON(family),         0, NULL},
    {"last name",                   COLUMN_TEXT,    PERSON(family),         0, NULL},
    {"surname",                     COLUMN_TEXT,    PERSON(family),         0, NULL},
    {"name suffix",                 COLUMN_TEXT,    PERSON(suffix),         0, NULL},
    {"suffix",                      COLUMN_TEXT,    PERSON(suffix),         0, NULL},
    {"nickname",                    COLUMN_LIST,    CARD(nicknames),        0, NULL},
    {"nicknames",                   COLUMN_LIST,    CARD(nicknames),        0, NULL},
    {"labels",                      COLUMN_LIST,    CARD(categories),       0, NULL},
    {"group membership",            COLUMN_LIST,    CARD(categories),       0, NULL},
    {"categories",                  COLUMN_LIST,    CARD(categories),       0, NULL},
    {"birthday",                    COLUMN_DATE,    PERSON(birthday),       0, NULL},
    {"date of birth",               COLUMN_DATE,    PERSON(birthday),       0, NULL},
    {"anniversary",                 COLUMN_DATE,    PERSON(anniversary),    0, NULL},
    {"birth year",                  COLUMN_DATE_PART, PERSON(birthday.year),  0, NULL},
    {"birth month",                 COLUMN_DATE_PART, PERSON(birthday.month), 0, NULL},
    {"birth day",                   COLUMN_DATE_PART, PERSON(birthday.day),   0, NULL},
    {"event # - value",             COLUMN_EVENT,   PERSON(anniversary),    0, NULL},
    {"event # - type",              COLUMN_LABEL,   PERSON(anniversary),    0, NULL},
    {"event # - label",             COLUMN_LABEL,   PERSON(anniversary),    0, NULL},
    {"emails",                      COLUMN_POINT,   CARD(emails),           0, NULL},
    {"email",                       COLUMN_POINT,   CARD(emails),           0, NULL},
    {"e-mail",                      COLUMN_POINT,   CARD(emails),           0, NULL},
    {"mail",                        COLUMN_POINT,   CARD(emails),           0, NULL},
    {"email address",               COLUMN_POINT,   CARD(emails),           0, NULL},
    {"e-mail address",              COLUMN_POINT,   CARD(emails),           0, NULL},
    {"e-mail # address",            COLUMN_POINT,   CARD(emails),           0, NULL},
    {"primary email",               COLUMN_POINT,   CARD(emails),           0, NULL},
    {"secondary email",             COLUMN_POINT,   CARD(emails),           0, NULL},
    {"e-mail # - value",            COLUMN_POINT,   CARD(emails),           0, NULL},
    {"e-mail # - type",             COLUMN_LABEL,   CARD(emails),           0, NULL},
    {"e-mail # - label",            COLUMN_LABEL,   CARD(emails),           0, NULL},
    {"phones",                      COLUMN_POINT,   CARD(phones),           0, NULL},
    {"phone",                       COLUMN_POINT,   CARD(phones),           0, NULL},
    {"telephone",                   COLUMN_POINT,   CARD(phones),           0, NULL},
    {"phone number",                COLUMN_POINT,   CARD(phones),           0, NULL},
    {"mobile",                      COLUMN_POINT,   CARD(phones),           VCARD_CELL, NULL},
    {"mobile phone",                COLUMN_POINT,   CARD(phones),           VCARD_CELL, NULL},
    {"mobile number",               COLUMN_POINT,   CARD(phones),           VCARD_CELL, NULL},
    {"home phone",                  COLUMN_POINT,   CARD(phones),           VCARD_HOME, NULL},
    {"home phone #",                COLUMN_POINT,   CARD(phones),           VCARD_HOME, NULL},
    {"work phone",                  COLUMN_POINT,   CARD(phones),           VCARD_WORK, NULL},
    {"business phone",              COLUMN_POINT,   CARD(phones),           VCARD_WORK, NULL},
    {"business phone #",            COLUMN_POINT,   CARD(phones),           VCARD_WORK, NULL},
    {"company main phone",          COLUMN_POINT,   CARD(phones),           VCARD_WORK, NULL},
    {"primary phone",               COLUMN_POINT,   CARD(phones),           VCARD_MAIN, NULL},
    {"other phone",                 COLUMN_POINT,   CARD(phones),           VCARD_OTHER, NULL},
    {"car phone",                   COLUMN_POINT,   CARD(phones),           VCARD_CAR, NULL},
    {"pager",                       COLUMN_POINT,   CARD(phones),           VCARD_PAGER, NULL},
    {"pager number",                COLUMN_POINT,   CARD(phones),           VCARD_PAGER, NULL},
    {"fax number",                  COLUMN_POINT,   CARD(phones),           VCARD_FAX, NULL},
    {"home fax",                    COLUMN_POINT,   CARD(phones),           VCARD_HOME | VCARD_FAX, NULL},
    {"business fax",                COLUMN_POINT,   CARD(phones),           VCARD_WORK | VCARD_FAX, NULL},
    {"other fax",                   COLUMN_POINT,   CARD(phones),           VCARD_OTHER | VCARD_FAX, NULL},
    {"phone # - value",             COLUMN_POINT,   CARD(phones),           0, NULL},
    {"phone # - type",              COLUMN_LABEL,   CARD(phones),           0, NULL},
    {"phone # - label",             COLUMN_LABEL,   CARD(phones),           0, NULL},
    {"links",                       COLUMN_POINT,   CARD(urls),             0, NULL},
    {"url",                         COLUMN_POINT,   CARD(urls),             0, NULL},
    {"website",                     COLUMN_POINT,   CARD(urls),             0, NULL},
    {"web page",                    COLUMN_POINT,   CARD(urls),             0, NULL},
    {"web page #",                  COLUMN_POINT,   CARD(urls),             0, NULL},
    {"website # - value",           COLUMN_POINT,   CARD(urls),             0, NULL},
    {"website # - type",            COLUMN_LABEL,   CARD(urls),             0, NULL},
    {"website # - label",           COLUMN_LABEL,   CARD(urls),             0, NULL},
    {"addresses",                   COLUMN_PRINTED, CARD(addresses),        0, NULL},
    {"address # - street",          COLUMN_PLACE,   PLACE(street),          0, NULL},
    {"address # - extended address",COLUMN_PLACE,   PLACE(extended),        0, NULL},
    {"address # - po box",          COLUMN_PLACE,   PLACE(po_box),          0, NULL},
    {"address # - city",            COLUMN_PLACE,   PLACE(city),            0, NULL},
    {"address # - region",          COLUMN_PLACE,   PLACE(region),          0, NULL},
    {"address # - postal code",     COLUMN_PLACE,   PLACE(postcode),        0, NULL},
    {"address # - country",         COLUMN_PLACE,   PLACE(country),         0, NULL},
    {"address # - formatted",       COLUMN_PLACE,   PLACE(printed),         0, NULL},
    {"address # - type",            COLUMN_PLACE,   PLACE(label),           0, NULL},
    {"address # - label",           COLUMN_PLACE,   PLACE(label),           0, NULL},
    PLACES("", 0),
    PLACES("home ", VCARD_HOME),
    PLACES("work ", VCARD_WORK),
    PLACES("business ", VCARD_WORK),
    PLACES("other ", VCARD_OTHER),
    {"related",                     COLUMN_RELATED, CARD(related),          0, ""},
    {"spouse",                      COLUMN_RELATED, CARD(related),          0, "spouse"},
    {"children",                    COLUMN_RELATED, CARD(related),          0, "child"},
    {"relation # - value",          COLUMN_RELATED, CARD(related),          0, ""},
    {"relation # - type",           COLUMN_LABEL,   CARD(related),          0, NULL},
    {"relation # - label",          COLUMN_LABEL,   CARD(related),          0, NULL},
    {"org",                         COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"company",                     COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"organization",                COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"organisation",                COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"organization name",           COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"organization # - name",       COLUMN_TEXT,    PERSON(org),            0, NULL},
    {"department",                  COLUMN_TEXT,    PERSON(unit),           0, NULL},
    {"organization department",     COLUMN_TEXT,    PERSON(unit),           0, NULL},
    {"organization # - department", COLUMN_TEXT,    PERSON(unit),           0, NULL},
    {"title",                       COLUMN_TEXT,    PERSON(title),          0, NULL},
    {"job title",                   COLUMN_TEXT,    PERSON(title),          0, NULL},
    {"position",                    COLUMN_TEXT,    PERSON(title),          0, NULL},
    {"organization title",          COLUMN_TEXT,    PERSON(title),          0, NULL},
    {"organization # - title",      COLUMN_TEXT,    PERSON(title),          0, NULL},
    {"note",                        COLUMN_NOTE,    CARD(notes),            0, NULL},
    {"notes",                       COLUMN_NOTE,    CARD(notes),            0, NULL},
};
/* clang-format on */
#undef PLACES
#undef CARD
#undef PLACE

static const CsvKnown unknown_column = {.name = "", .sort = COLUMN_UNKNOWN};
enum { NAME_MAX = 64 };

/* "E-mail 2 - Value" as "e-mail # - value", and 2. */
static Str plain_name(Str s, char out[NAME_MAX], int *ret_number)
{
    ptrdiff_t n = 0;
    int number = 0;
    s = str_trim(s);
    for (ptrdiff_t i = 0; i < s.len && n < NAME_MAX; i++) {
        char c = s.p[i];
        bool digit = c >= '0' && c <= '9';
        if (digit)
            number = number < 1000 ? number * 10 + (c - '0') : number;
        if (digit && n > 0 && out[n - 1] == '#')
            continue;
        out[n++] = digit ? '#' : c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    *ret_number = number;
    return (Str){out, n};
}

static const CsvKnown *find_known(Str name)
{
    for (size_t i = 0; i < sizeof known_columns / sizeof known_columns[0]; i++)
        if (str_eq_c(name, known_columns[i].name))
            return &known_columns[i];
    return &unknown_column;
}

static bool has_column(const CsvColumn columns[], int n, size_t person_text)
{
    for (int i = 0; i < n; i++)
        if (columns[i].known->sort == COLUMN_TEXT && columns[i].known->to == person_text)
            return true;
    return false;
}

static bool names_people(const CsvColumn columns[], int n)
{
    for (int i = 0; i < n; i++) {
        const CsvKnown *k = columns[i].known;
        bool point = k->sort == COLUMN_POINT && k->to != offsetof(VcardCard, urls);
        if (point || (k->sort == COLUMN_LIST && k->to == offsetof(VcardCard, nicknames)))
            return true;
    }
    return has_column(columns, n, PERSON(name)) || has_column(columns, n, PERSON(given)) ||
           has_column(columns, n, PERSON(family)) || has_column(columns, n, PERSON(org));
}

/* The column of labels that goes with column i, or -1. */
static int label_for(const CsvColumn columns[], int n, int i)
{
    const CsvKnown *k = columns[i].known;
    for (int j = 0; j < n && columns[i].number > 0; j++) {
        const CsvColumn *c = &columns[j];
        if (c->known->sort == COLUMN_LABEL && c->known->to == k->to &&
            c->number == columns[i].number)
            return j;
    }
    return -1;
}

/* Columns of one address: the same words about where, or the same number. */
static int place_of(CsvColumn columns[], int i, int *places)
{
    const CsvColumn *c = &columns[i];
    bool numbered = c->known->types == 0 && str_find(c->name, STR(" - ")) >= 0;
    for (int j = 0; j < i; j++) {
        const CsvColumn *d = &columns[j];
        bool d_numbered = d->known->types == 0 && str_find(d->name, STR(" - ")) >= 0;
        if (d->known->sort == COLUMN_PLACE && d->known->types == c->known->types &&
            numbered == d_numbered && (!numbered || d->number == c->number))
            return d->place;
    }
    return (*places)++;
}

Err csv_columns(Cx *cx, const CsvRow *row, const CsvColumn **ret, bool *ret_own)
{
    CsvColumn *columns = arena_new(cx->arena, CsvColumn, row->n + 1);
    int places = 0;
    bool own = false;
    char name[NAME_MAX];
    if (!columns)
        return err_nomem(cx);
    for (int i = 0; i < row->n; i++) {
        CsvColumn *c = &columns[i];
        *c = (CsvColumn){.name = str_trim(row->fields[i]), .label = -1};
        c->known = find_known(plain_name(row->fields[i], name, &c->number));
        own = own || str_eq_c(c->name, "own_kind");
    }
    if (!names_people(columns, row->n))
        return err_set(cx, ERR_INVALID, "err.csv-columns", NO_ARGS);
    bool outlook = has_column(columns, row->n, PERSON(suffix));
    for (int i = 0; i < row->n; i++) {
        CsvColumn *c = &columns[i];
        if (outlook && str_eq_c(str_c(c->known->name), "title"))
            c->known = &unknown_column; /* Mr and Dr; what somebody does is the job title */
        c->label = label_for(columns, row->n, i);
        if (c->known->sort == COLUMN_PLACE)
            c->place = place_of(columns, i, &places);
        if (c->place >= CSV_PLACES_MAX)
            c->known = &unknown_column;
    }
    *ret = columns;
    *ret_own = own;
    return OK;
}
