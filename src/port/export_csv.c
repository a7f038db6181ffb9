/* port/export_csv.c - one row a person, as RFC 4180: commas, CRLF, quotes doubled within quotes, UTF-8 without a
 * mark in front. What there can be several of is one cell with a line for each, "label: value".
 * A spreadsheet takes a cell that begins with = + - @ for a formula, which could send the rest of the table
 * elsewhere; such a cell gets an apostrophe in front, and so does one that begins with an apostrophe before one of
 * these, hence taking one apostrophe off where one of these follows gives back the text. Spaces and tabs in front
 * do not hide a formula, nor do the wide forms of the signs. Linear in what is written. */
#include "content/content.h"
#include "port/csv.h"
#include "port/export_parts.h"

/* -- a cell -------------------------------------------------------------------------------------- */

/* A cell that begins like a formula gets an apostrophe in front. */
static Str defused(Sheet *s, Str text)
{
    if (!csv_formula(text))
        return text;
    Buf buf = buf_make(s->cx->arena, EXPORT_MAX);
    buf_char(&buf, '\'');
    buf_put(&buf, text);
    return sheet_ok(s, buf_done(s->cx, &buf, &text)) ? text : STR("");
}

static void next_line(Buf *cell)
{
    if (cell->len > 0)
        buf_char(cell, '\n');
}

static void put_texts(Sheet *s, BookTexts texts, Buf *cell)
{
    for (int i = 0; i < texts.n; i++) {
        next_line(cell);
        buf_put(cell, sheet_line(s, texts.p[i]));
    }
}

static void put_pairs(Sheet *s, BookPairs pairs, Buf *cell)
{
    for (int i = 0; i < pairs.n; i++) {
        Str label = sheet_line(s, pairs.p[i].label);
        next_line(cell);
        buf_put(cell, label);
        buf_c(cell, label.len > 0 ? ": " : "");
        buf_put(cell, sheet_line(s, pairs.p[i].value));
    }
}

/* -- the columns --------------------------------------------------------------------------------- */

/* What a column holds, and how it is written. */
typedef enum CellSort {
    CELL_ID,
    CELL_NAME,
    CELL_LINE,
    CELL_LINES,
    CELL_DATE,
    CELL_TEXTS,
    CELL_PAIRS,
    CELL_KINDS,
    CELL_OWN_KIND,
    CELL_SINCE,
    CELL_SEASON
} CellSort;

typedef struct Column {
    const char *name;
    CellSort sort;
    size_t at; /* in BookPerson, of lines, dates, texts and pairs */
} Column;

/* clang-format off */
static const Column columns[] = {
    {"id",          CELL_ID,       0                                 },
    {"name",        CELL_NAME,     0                                 },
    {"given",       CELL_LINE,     offsetof(BookPerson, given)       },
    {"family",      CELL_LINE,     offsetof(BookPerson, family)      },
    {"nicknames",   CELL_TEXTS,    offsetof(BookPerson, nicknames)   },
    {"names",       CELL_TEXTS,    offsetof(BookPerson, names)       },
    {"pronouns",    CELL_LINE,     offsetof(BookPerson, pronouns)    },
    {"kinds",       CELL_KINDS,    0                                 },
    {"own_kind",    CELL_OWN_KIND, 0                                 },
    {"since",       CELL_SINCE,    0                                 },
    {"season",      CELL_SEASON,   0                                 },
    {"birthday",    CELL_DATE,     offsetof(BookPerson, birthday)    },
    {"anniversary", CELL_DATE,     offsetof(BookPerson, anniversary) },
    {"died",        CELL_DATE,     offsetof(BookPerson, died)        },
    {"emails",      CELL_PAIRS,    offsetof(BookPerson, emails)      },
    {"phones",      CELL_PAIRS,    offsetof(BookPerson, phones)      },
    {"addresses",   CELL_PAIRS,    offsetof(BookPerson, addresses)   },
    {"links",       CELL_PAIRS,    offsetof(BookPerson, links)       },
    {"org",         CELL_LINE,     offsetof(BookPerson, org)         },
    {"title",       CELL_LINE,     offsetof(BookPerson, title)       },
    {"related",     CELL_PAIRS,    offsetof(BookPerson, related)     },
    {"languages",   CELL_TEXTS,    offsetof(BookPerson, languages)   },
    {"interests",   CELL_TEXTS,    offsetof(BookPerson, interests)   },
    {"note",        CELL_LINES,    offsetof(BookPerson, note)        },
};
/* clang-format on */
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void put_kinds(KindSet kinds, Buf *cell)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (content_has(kinds, k)) {
            next_line(cell);
            buf_put(cell, content_kinds[k].id);
        }
    }
}

static void put_value(Sheet *s, const BookRelationship *bond, const Column *column, Buf *cell)
{
    char id[ID_TEXT_CAP];
    const void *member = (const char *)&s->person + column->at;
    switch (column->sort) {
    case CELL_ID:
        buf_put(cell, id_format(s->person.id, id));
        break;
    case CELL_NAME:
        buf_put(cell, sheet_name(s));
        break;
    case CELL_LINE:
        buf_put(cell, sheet_line(s, *(const Str *)member));
        break;
    case CELL_LINES:
        buf_put(cell, sheet_lines(s, *(const Str *)member));
        break;
    case CELL_DATE:
        put_ymd(cell, *(const int32_t *)member);
        break;
    case CELL_TEXTS:
        put_texts(s, *(const BookTexts *)member, cell);
        break;
    case CELL_PAIRS:
        put_pairs(s, *(const BookPairs *)member, cell);
        break;
    case CELL_KINDS:
        put_kinds(bond->kinds, cell);
        break;
    case CELL_OWN_KIND:
        buf_put(cell, sheet_line(s, bond->own_kind));
        break;
    case CELL_SINCE:
        put_ymd(cell, bond->since);
        break;
    case CELL_SEASON:
        if (bond->season >= 0 && bond->season < SEASON_COUNT)
            buf_put(cell, content_seasons[bond->season].id);
        break;
    }
}

static void put_row(Sheet *s)
{
    BookRelationship bond = {.season = -1};
    if (!sheet_ok(s, book_relationship(s->cx, s->book, s->person.ref, &bond)))
        return;
    Str cells[COLUMNS];
    for (int i = 0; i < COLUMNS && s->err == OK; i++) {
        Str text = STR("");
        Buf cell = buf_make(s->cx->arena, EXPORT_MAX);
        put_value(s, &bond, &columns[i], &cell);
        sheet_ok(s, buf_done(s->cx, &cell, &text));
        cells[i] = defused(s, text);
    }
    if (s->err == OK)
        csv_put(s->out, cells, COLUMNS);
}

Err export_csv_to(Cx *cx, const Book *book, Buf *out)
{
    Str names[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        names[i] = str_c(columns[i].name);
    csv_put(out, names, COLUMNS);
    return sheet_each(cx, book, out, put_row);
}
