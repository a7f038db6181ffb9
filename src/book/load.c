/* book/load.c - from the log into the book. The cursor of the book says how far it has read, so that a
 * refresh costs what is new. A new book looks for a checkpoint first: the bodies of all entries, one
 * behind the other, sealed in large pieces. Taking those in costs the same as from the log, and saves the
 * opening of a million small seals. A checkpoint is only ever an addition to the log: whatever is wrong
 * with one, the log is read instead, and what had been taken from it by then does no harm. */
#include "book/model.h"
#include <string.h>

/* First in a model; another version's is passed over. */
static const Str MODEL_MARK = {"book1", 5};
enum { DUE_ENTRIES = 2000, DUE_SHARE = 4 };

static Err take_in(void *ctx, Cx *cx, const LogEntry *entry)
{
    return book_apply(cx, ctx, entry->body);
}

/* Splits len bytes off *rest. */
static bool cut(Str *rest, ptrdiff_t len, Str *ret)
{
    *ret = str_sub(*rest, 0, len);
    *rest = str_from(*rest, len);
    return ret->len == len;
}

static bool take_model(Cx *cx, Book *book, Str model)
{
    Str rest = model, piece = {NULL, 0};
    bool good = cut(&rest, MODEL_MARK.len, &piece) && str_eq(piece, MODEL_MARK);
    while (good && rest.len > 0) {
        uint32_t len = 0;
        good = cut(&rest, sizeof len, &piece);
        if (good)
            memcpy(&len, piece.p, sizeof len);
        good = good && cut(&rest, len, &piece) && book_apply(cx, book, piece) == OK;
    }
    return good;
}

static void take_checkpoint(Cx *cx, Book *book, Log *log)
{
    LogCursor cursor = {0};
    Str model = {NULL, 0};
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms}; /* no checkpoint is no failure */
    if (log_checkpoint_read(&quiet, log, &cursor, &model) != OK)
        return;
    if (take_model(&quiet, book, model)) {
        book->cursor = cursor;
        book->n_checkpointed = book->entries.n;
    } else {
        log_cursor_free(&cursor);
    }
}

/* Reads everything into the book anew. What it held stays until that has worked. */
static Err begin_again(Cx *cx, Book *book, Log *log)
{
    AUTO_CLEAN(book_free_at) Book *fresh = book_new(book->heap.limit_bytes);
    if (!fresh)
        return err_nomem(cx);
    Err e = log_read(cx, log, &fresh->cursor, take_in, fresh);
    if (e != OK)
        return e;
    Book was = *book;
    *book = *fresh;
    book->version += was.version + 1;
    book->epoch = was.epoch + 1;
    *fresh = was; /* freed on the way out */
    return OK;
}

/* A vault sealed anew makes cursors useless: something it held may be gone. The same error says that the
 * log itself needs the new key; then reading anew fails alike. */
static Err read_on(Cx *cx, Book *book, Log *log)
{
    Err e = log_read(cx, log, &book->cursor, take_in, book);
    return e == ERR_LOCKED && book->cursor.epoch != 0 ? begin_again(cx, book, log) : e;
}

Err book_refresh(Cx *cx, Book *book, Log *log, int64_t *ret_new)
{
    uint64_t epoch = book->epoch;
    uint32_t before = book->entries.n;
    if (before == 0 && book->cursor.n == 0)
        take_checkpoint(cx, book, log);
    Err e = read_on(cx, book, log);
    /* What came before an entry that could not be read is in the book and must stand in its place. */
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    Err settled = book_settle(e == OK ? cx : &quiet, book);
    if (e != OK || settled != OK)
        return e != OK ? e : settled;
    book->behind = false;
    *ret_new = book->entries.n - (book->epoch == epoch ? before : 0);
    return OK;
}

Err book_checkpoint(Cx *cx, Book *book, Log *log)
{
    ptrdiff_t size = MODEL_MARK.len;
    for (uint32_t i = 0; i < book->entries.n; i++)
        size += (ptrdiff_t)sizeof(uint32_t) + book_entry_body(book, i).len; /* at most */
    char *model = arena_new(cx->arena, char, size), *p = model;
    if (!model)
        return err_nomem(cx);
    memcpy(p, MODEL_MARK.p, (size_t)MODEL_MARK.len);
    p += MODEL_MARK.len;
    for (uint32_t i = 0; i < book->entries.n; i++) {
        Str body = book_entry_body(book, i);
        uint32_t len = (uint32_t)body.len;
        if (len == 0) /* it comes with its carrier */
            continue;
        memcpy(p, &len, sizeof len); /* another byte order finds no length it can use */
        memcpy(p + sizeof len, body.p, len);
        p += sizeof len + len;
    }
    Err e = log_checkpoint_write(cx, log, &book->cursor, (Str){model, p - model});
    if (e == OK)
        book->n_checkpointed = book->entries.n;
    return e;
}

bool book_checkpoint_due(const Book *book)
{
    uint32_t fresh = book->entries.n - book->n_checkpointed;
    return fresh >= DUE_ENTRIES && fresh >= book->entries.n / DUE_SHARE;
}
