/* fuzz/fuzz_jsonl.c - an export that is not one. The first byte chooses: the rest as it came, or as the fields of
 * an entry under a sound header. Whatever is read is an entry, every line is either that or a problem with a line,
 * and what was read goes out and comes in again the same. */
#include "base/buf.h"
#include "base/os.h"
#include "port/export.h"
#include "port/jsonl.h"
#include <string.h>

enum { ARENA_MAX = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static Str compose(Cx *cx, Str fields)
{
    Buf buf = buf_make(cx->arena, 1 << 22);
    Str out = {NULL, 0};
    buf_c(&buf, "{\"fonder\":\"export\",\"version\":1}\n");
    buf_c(&buf, "{\"kind\":\"person\",\"id\":\"11111111111111111111111111\","
                "\"stamp\":\"2026-05-01T12:00:00.000Z\",\"tick\":0,\"device\":\"1\",\"fields\":{");
    buf_put(&buf, fields);
    buf_c(&buf, "}}\n");
    return buf_done(cx, &buf, &out) == OK ? out : (Str){"", 0};
}

/* An id may be given twice by a file; a book takes the first. */
static Book *book_of(Cx *cx, const JsonlFile *file)
{
    Book *book = book_new(0);
    INVARIANT(book);
    for (ptrdiff_t i = 0; i < file->n; i++)
        INVARIANT(book_apply(cx, book, file->bodies[i]) == OK);
    INVARIANT(book_settle(cx, book) == OK);
    return book;
}

static void check_round_trip(Cx *cx, const Book *book)
{
    Str out = {NULL, 0};
    JsonlFile again = {.n = 0};
    INVARIANT(export_jsonl(cx, book, &out) == OK);
    INVARIANT(import_jsonl(cx, out, &again) == OK);
    INVARIANT(again.problems_total == 0 && again.n == book_entry_count(book));
    for (ptrdiff_t i = 0; i < again.n; i++)
        INVARIANT(str_eq(again.bodies[i], book_entry_body(book, (uint32_t)i)));
}

static void check_writers(Cx *cx, const Book *book)
{
    Str out = {NULL, 0};
    INVARIANT(export_vcard4(cx, book, &out) == OK);
    INVARIANT(export_csv(cx, book, &out) == OK);
    INVARIANT(export_markdown(cx, book, &out) == OK);
    INVARIANT(export_icalendar(cx, book, &out) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    AUTO_ARENA Arena arena;
    arena_init(&arena, ARENA_MAX);
    Cx cx = {.arena = &arena, .now_ms = 1777636800000};
    JsonlFile file = {.n = 0};
    Str input = {(const char *)bytes, (ptrdiff_t)len};
    if (len < 1)
        return 0;
    input = str_from(input, 1);
    if (bytes[0] & 1)
        input = compose(&cx, input);
    if (import_jsonl(&cx, input, &file) != OK)
        return 0;
    for (ptrdiff_t i = 0; i < file.n_problems; i++)
        INVARIANT(file.problems[i].line > 0 && file.problems[i].why.key);
    Book *book = book_of(&cx, &file);
    check_round_trip(&cx, book);
    check_writers(&cx, book);
    book_free(book);
    return 0;
}
