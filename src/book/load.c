/* book/load.c - from the log into the book. The cursor of the book says how far it has read, so that a
 * refresh costs what is new. A new book looks for a checkpoint first: itself as it lay in memory, sealed in
 * large pieces (book/snapshot.c), and then reads on. A checkpoint is only ever an addition to the log:
 * whatever is wrong with one, the log is read instead.
 * It is written again when a sixteenth of the entries has come since: so opening never has more than a
 * sixteenth to read one by one, and an entry costs writing sixteen of its kind, once. */
#include "book/later.h"
#include "book/pack.h"

enum { DUE_ENTRIES = 500, DUE_SHARE = 16 };

static Err take_in(void *ctx, Cx *cx, const LogEntry *entry)
{
    return book_apply(cx, ctx, entry->body);
}

/* What the checkpoint holds instead of the empty book, when there is one of use. */
static void take_checkpoint(Cx *cx, Book *book, Log *log)
{
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms}; /* no checkpoint is no failure */
    AUTO_CLEAN(log_checkpoint_close_at) LogCheckpoint *in = NULL;
    AUTO_CLEAN(book_free_at) Book *fresh = book_new(book->heap.limit_bytes);
    if (!fresh || log_checkpoint_open(&quiet, log, LOG_MODEL_BOOK, &in) != OK ||
        log_cursor_copy(&quiet, log_checkpoint_cursor(in), &fresh->cursor) != OK)
        return;
    fresh->takes_later = book->takes_later;
    if (!snapshot_take(fresh, &in))
        return;
    Book was = *book;
    *book = *fresh;
    book->epoch = was.epoch;
    book->n_checkpointed = book->entries.n;
    *fresh = was; /* freed on the way out */
}

/* An index that has room for all from the start is not made over and over while it grows. */
static void make_room(Cx *cx, Book *book, Log *log)
{
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    LogStats stats = {.entries = 0};
    if (book->entries.n == 0 && log_stats(&quiet, log, &stats) == OK)
        objects_expect(book, stats.entries);
}

/* Reads everything into the book anew. What it held stays until that has worked. */
static Err begin_again(Cx *cx, Book *book, Log *log)
{
    AUTO_CLEAN(book_free_at) Book *fresh = book_new(book->heap.limit_bytes);
    if (!fresh)
        return err_nomem(cx);
    make_room(cx, fresh, log);
    Err e = log_read(cx, log, &fresh->cursor, take_in, fresh);
    if (e != OK)
        return e;
    Book was = *book;
    *book = *fresh;
    book->version += was.version + 1;
    book->epoch = was.epoch + 1;
    book->has_kept = was.has_kept;
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

/* What came before an entry that could not be read is in the book and must stand in its place. */
static Err settle_after(Cx *cx, Book *book, Err e)
{
    Cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    Err settled = book_settle(e == OK ? cx : &quiet, book);
    return e != OK ? e : settled;
}

static void begin_with_checkpoint(Cx *cx, Book *book, Log *log)
{
    if (book->entries.n == 0 && book->cursor.n == 0)
        take_checkpoint(cx, book, log);
    make_room(cx, book, log);
}

Err book_refresh(Cx *cx, Book *book, Log *log, int64_t *ret_new)
{
    uint64_t epoch = book->epoch;
    uint32_t before = book->entries.n;
    begin_with_checkpoint(cx, book, log);
    Err e = settle_after(cx, book, read_on(cx, book, log));
    if (e != OK)
        return e;
    book->behind = false;
    *ret_new = book->entries.n - (book->epoch == epoch ? before : 0);
    return OK;
}

Err book_refresh_to(Cx *cx, Book *book, Log *log, const LogCursor *to)
{
    begin_with_checkpoint(cx, book, log);
    return settle_after(cx, book, log_read_to(cx, log, &book->cursor, to, take_in, book));
}

const LogCursor *book_cursor(const Book *book)
{
    return &book->cursor;
}

void book_take_later(Book *book)
{
    book->takes_later = true;
}

Err book_take_rest(Cx *cx, Book *book)
{
    return later_end(&book->heap, &book->bodies)
               ? OK
               : err_set(cx, ERR_DAMAGED, "err.checkpoint-damaged", NO_ARGS);
}

bool book_is_broken(const Book *book)
{
    return book->bodies.later && book->bodies.later->failed;
}

bool book_has_kept(const Book *book)
{
    return book->has_kept;
}

Err book_checkpoint(Cx *cx, Book *book, Log *log)
{
    AUTO_CLEAN(log_checkpoint_close_at) LogCheckpoint *out = NULL;
    Pack pack;
    Err e = book_settle(cx, book);
    if (e == OK)
        e = book_take_rest(cx, book);
    if (e == OK)
        e = pack_bodies(cx, book, &pack);
    if (e == OK)
        e = log_checkpoint_begin(cx, log, LOG_MODEL_BOOK, &book->cursor,
                                 snapshot_bytes(book, &pack), &out);
    if (e != OK)
        return e;
    snapshot_put(book, &pack, out);
    e = log_checkpoint_end(cx, out);
    if (e == OK)
        book->n_checkpointed = book->entries.n;
    return e;
}

bool book_checkpoint_due(const Book *book)
{
    uint32_t fresh = book->entries.n - book->n_checkpointed;
    return fresh >= DUE_ENTRIES && fresh >= book->entries.n / DUE_SHARE;
}
