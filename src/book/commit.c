/* book/commit.c - writing. Everything is stamped, checked and encoded first, then kept by the log in
 * one transaction, and only what the log says it kept is taken in: there is no moment in which the
 * book knows what a crash could lose. Stamps are hybrid logical clocks (Kulkarni et al. 2014): the
 * wall clock, or one more than the latest stamp seen when the wall clock is behind it, so that what
 * this device writes next is always later than all it has read. */
#include "base/os.h"
#include "base/time.h"
#include "book/model.h"
#include <string.h>

/* -- stamping and encoding --------------------------------------------------------------------- */

typedef struct Writer {
    Cx *cx;
    const Book *book;
    Stamp next;
    Id batch;
} Writer;

static Err writer_start(Cx *cx, const Book *book, uint64_t device, int64_t n, Writer *ret)
{
    uint64_t now = (uint64_t)(cx->now_ms > 0 ? cx->now_ms : 0) << 16;
    uint64_t hlc = now > book->hlc ? now : book->hlc + 1;
    if (hlc > (uint64_t)INT64_MAX - (uint64_t)n)
        return err_set(cx, ERR_LIMIT, "err.clock-worn-out", NO_ARGS);
    *ret = (Writer){
        .cx = cx, .book = book, .next = {hlc, device},
                .batch = id_new()
    };
    return OK;
}

/* Sets a field that the draft left out. */
static void entry_fill(Entry *e, uint16_t tag, int64_t value)
{
    int at = 0;
    while (at < e->n_fields && e->fields[at].tag < tag)
        at++;
    if ((at < e->n_fields && e->fields[at].tag == tag) || e->n_fields == ENTRY_FIELDS_MAX)
        return;
    memmove(e->fields + at + 1, e->fields + at, (size_t)(e->n_fields - at) * sizeof *e->fields);
    e->fields[at] = (Field){
        .tag = tag, .value = {.wire = WIRE_INT, .num = value}
    };
    e->n_fields++;
}

static bool has_tag(const Entry *e, uint16_t tag)
{
    bool has = false;
    for (int i = 0; i < e->n_fields; i++)
        has |= e->fields[i].tag == tag;
    return has;
}

static Err write_draft(Writer *w, const Draft *draft, Str *ret_body)
{
    Entry e;
    bool creates = entry_kind_is_created(draft->kind);
    if (creates && !draft->is_new && object_find(w->book, draft->kind, draft->object) == NO_ROW)
        return err_set(w->cx, ERR_NOT_FOUND, "err.object-missing", NO_ARGS);
    Err err = draft_entry(w->cx, draft, w->next, w->batch, &e);
    if (err != OK)
        return err;
    bool undated =
        draft->is_new && creates && entry_kind_is_event(draft->kind) && !has_tag(&e, F_AT);
    if (undated) {
        entry_fill(&e, F_AT, w->cx->now_ms);
        entry_fill(&e, F_OFFSET, time_offset_min(w->cx->now_ms));
    }
    w->next.hlc++;
    return entry_encode(w->cx, &e, ret_body);
}

static Err write_batch(Writer *w, int64_t count, Str label, Str detail, Str *ret_body)
{
    Entry e;
    Draft d = draft_new(w->cx, ENTRY_BATCH);
    d.object = w->batch;
    draft_at(&d, w->cx->now_ms);
    draft_text(&d, F_BATCH_LABEL, label);
    draft_text(&d, F_BATCH_DETAIL, detail);
    draft_int(&d, F_BATCH_COUNT, count);
    Err err = draft_entry(w->cx, &d, w->next, (Id){{0}}, &e);
    w->next.hlc++;
    return err == OK ? entry_encode(w->cx, &e, ret_body) : err;
}

Err book_prepare(Cx *cx, const Book *book, uint64_t device, const Draft drafts[], int n, Str label,
                 Str detail, Id *ret_batch, const Str **ret_bodies)
{
    Writer w = {.cx = cx};
    Err e = writer_start(cx, book, device, (int64_t)n + 1, &w);
    Str *bodies = arena_new(cx->arena, Str, (ptrdiff_t)n + 1);
    if (e != OK || !bodies)
        return e != OK ? e : err_nomem(cx);
    e = write_batch(&w, n, label, detail, &bodies[0]);
    for (int i = 0; i < n && e == OK; i++)
        e = write_draft(&w, &drafts[i], &bodies[i + 1]);
    if (e != OK)
        return e;
    *ret_batch = w.batch;
    *ret_bodies = bodies;
    return OK;
}

/* -- keeping ----------------------------------------------------------------------------------- */

/* What the log has kept is kept, whatever happens next: if reading on fails, what was written is taken
 * in by itself, and if even that finds no memory the next commit or book_refresh brings it. */
static void take_kept(Cx *cx, Book *book, Log *log, const Str bodies[], int n)
{
    int64_t fresh = 0;
    if (book_refresh(cx, book, log, &fresh) == OK)
        return;
    bool whole = true;
    for (int i = 0; i < n && whole; i++)
        whole = book_apply(cx, book, bodies[i]) == OK;
    if (!whole || book_settle(cx, book) != OK)
        book->behind = true;
    err_clear(cx); /* none of this is a failure of the write */
}

static Err keep(Cx *cx, Book *book, Log *log, const Str bodies[], int n)
{
    LogPos first;
    Err e = log_append(cx, log, bodies, n, &first);
    if (e == OK)
        take_kept(cx, book, log, bodies, n);
    return e;
}

/* What another process has written comes first, so that our stamps are later. */
static Err catch_up(Cx *cx, Book *book, Log *log)
{
    int64_t fresh = 0;
    return book->behind || log_changed(cx, log) ? book_refresh(cx, book, log, &fresh) : OK;
}

Err book_commit(Cx *cx, Book *book, Log *log, const Draft drafts[], int n, Str label, Str detail,
                Id *ret_batch)
{
    const Str *bodies = NULL;
    Id batch;
    Err e = catch_up(cx, book, log);
    if (e == OK)
        e = book_prepare(cx, book, (uint64_t)log_device(log), drafts, n, label, detail, &batch,
                         &bodies);
    if (e == OK)
        e = keep(cx, book, log, bodies, n + 1);
    if (e == OK)
        *ret_batch = batch;
    return e;
}

static Err set_undone(Cx *cx, Book *book, Log *log, Id batch, bool undone)
{
    Writer w = {.cx = cx};
    Entry entry;
    Str body = {NULL, 0};
    Err e = catch_up(cx, book, log);
    if (e == OK)
        e = writer_start(cx, book, (uint64_t)log_device(log), 1, &w);
    if (e != OK)
        return e;
    BookRef ref = book_find(book, ENTRY_BATCH, batch);
    if (ref == BOOK_NONE)
        return err_set(cx, ERR_NOT_FOUND, "err.batch-missing", NO_ARGS);
    bool is_undone = object_row(book, ref)->flags & OBJ_UNDONE;
    if (is_undone == undone)
        return err_set(cx, ERR_INVALID, undone ? "err.already-undone" : "err.not-undone", NO_ARGS);
    Draft d = draft_edit(cx, ENTRY_BATCH, batch);
    draft_bool(&d, F_BATCH_UNDONE, undone);
    e = draft_entry(cx, &d, w.next, (Id){{0}}, &entry);
    if (e == OK)
        e = entry_encode(cx, &entry, &body);
    return e == OK ? keep(cx, book, log, &body, 1) : e;
}

Err book_undo(Cx *cx, Book *book, Log *log, Id batch)
{
    return set_undone(cx, book, log, batch, true);
}

Err book_redo(Cx *cx, Book *book, Log *log, Id batch)
{
    return set_undone(cx, book, log, batch, false);
}
