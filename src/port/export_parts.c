/* port/export_parts.c - one person after the other, each in memory that is given back before the next: what a
 * writer needs at once is the largest person and the result, however many people there are. */
#include "port/export_parts.h"
#include "base/utf8.h"

enum { SHEET_BYTES = 1 << 28 };

static const Text *owners_language(Cx *cx, const Book *book)
{
    BookMe me = {.minor = false};
    Err e = book_me(cx, book, &me);
    err_clear(cx); /* nothing was said of me: the language that is always there */
    return text_locale(e == OK ? me.locale : STR("en"));
}

static Err write_sheet(Arena *arena, Cx *cx, const Book *book, BookRef ref, Buf *out, SheetPut *put)
{
    arena_reset(arena);
    Cx own = {.arena = arena, .now_ms = cx->now_ms};
    Sheet sheet = {.cx = &own, .book = book, .out = out};
    sheet.text = owners_language(&own, book);
    if (ref != BOOK_NONE)
        sheet.err = book_person(&own, book, ref, &sheet.person);
    if (sheet.err == OK)
        put(&sheet);
    if (sheet.err != OK) {
        cx->why = (Why){.key = own.why.key};
        return sheet.err == ERR_NOMEM ? err_nomem(cx) : sheet.err;
    }
    return OK;
}

Err sheet_each(Cx *cx, const Book *book, Buf *out, SheetPut *put)
{
    AUTO_ARENA Arena arena;
    BookRefs people = book_people(book);
    Err e = OK;
    arena_init(&arena, SHEET_BYTES);
    for (int i = 0; i < people.n && e == OK && !out->failed; i++) {
        e = write_sheet(&arena, cx, book, people.p[i], out, put);
        buf_may_drain(out);
    }
    return e;
}

Err sheet_alone(Cx *cx, const Book *book, Buf *out, SheetPut *put)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, SHEET_BYTES);
    return write_sheet(&arena, cx, book, BOOK_NONE, out, put);
}

bool sheet_ok(Sheet *sheet, Err e)
{
    if (sheet->err == OK)
        sheet->err = e;
    return sheet->err == OK;
}

static Str clean(Sheet *sheet, Str text, bool lines)
{
    Str out = text.len > 0 ? utf8_clean(sheet->cx->arena, text, lines) : STR("");
    if (str_is_null(out) && sheet->err == OK)
        sheet->err = err_nomem(sheet->cx);
    return str_is_null(out) ? STR("") : str_trim(out);
}

Str sheet_line(Sheet *sheet, Str text)
{
    return clean(sheet, text, false);
}

Str sheet_lines(Sheet *sheet, Str text)
{
    return clean(sheet, text, true);
}

Str sheet_name(Sheet *sheet)
{
    const BookPerson *p = &sheet->person;
    Str name = sheet_line(sheet, p->name);
    for (int i = 0; i < p->nicknames.n && name.len == 0; i++)
        name = sheet_line(sheet, p->nicknames.p[i]);
    if (name.len > 0)
        return name;
    char id[ID_TEXT_CAP];
    name = str_dup(sheet->cx->arena, id_format(p->id, id));
    return sheet_ok(sheet, str_is_null(name) ? err_nomem(sheet->cx) : OK) ? name : STR("?");
}

Ymd ymd_of(int32_t date)
{
    return (Ymd){date / 10000, date / 100 % 100, date % 100};
}

void put_ymd(Buf *buf, int32_t date)
{
    Ymd d = ymd_of(date);
    if (date == 0)
        return;
    if (d.year == 0)
        buf_fmt(buf, "--%02d-%02d", d.month, d.day);
    else
        buf_fmt(buf, "%04d-%02d-%02d", d.year, d.month, d.day);
}

/* -- whole files --------------------------------------------------------------------------------- */

static Err whole(Cx *cx, const Book *book, ExportWrite *write, Str *ret)
{
    Buf buf = buf_make(cx->arena, EXPORT_MAX);
    Err e = write(cx, book, &buf);
    return e == OK ? buf_done(cx, &buf, ret) : e;
}

Err export_jsonl(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_jsonl_to, ret);
}

Err export_vcard4(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_vcard4_to, ret);
}

Err export_vcard3(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_vcard3_to, ret);
}

Err export_csv(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_csv_to, ret);
}

Err export_markdown(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_markdown_to, ret);
}

Err export_icalendar(Cx *cx, const Book *book, Str *ret)
{
    return whole(cx, book, export_icalendar_to, ret);
}
