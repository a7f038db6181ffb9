/* tests/book/desk.h - a book over a fresh vault in a folder of its own.
 * Memory  in cx->arena; desk_close gives all of it back and removes the folder. */
#ifndef TEST_DESK_H
#define TEST_DESK_H

#include "book/book.h"
#include "log/log.h"
#include "testlib.h"

typedef struct Desk {
    TestCx t;
    Cx *cx;
    Str folder, path; /* path: of the vault */
    Log *log;
    Book *book;
    Id id[8]; /* of whom and of what a test puts there */
} Desk;

static const LogSecret desk_key = {.kind = LOG_KEY_FILE};

static inline void desk_open(Desk *d)
{
    LogRecovery code;
    *d = (Desk){.log = NULL};
    test_cx_init(&d->t);
    d->cx = &d->t.cx;
    d->folder = test_folder(d->cx);
    d->path = test_path(d->cx, d->folder, "vault");
    assert_ok(d->cx, log_create(d->cx, d->path, &desk_key, &code, &d->log));
    log_recovery_wipe(&code);
    d->book = book_new(0);
    assert_non_null(d->book);
}

static inline void desk_close(Desk *d)
{
    book_free(d->book);
    log_close(d->log);
    test_folder_remove(d->cx, d->folder);
    test_cx_free(&d->t);
}

#endif
