/* book/commit.c - writing. Everything is stamped, checked and encoded first, then kept by the log in
 * one transaction, and only what the log says it kept is taken in: there is no moment in which the
 * book knows what a crash could lose. Stamps are hybrid logical clocks (Kulkarni et al. 2014): the
 * wall clock, or one more than the latest stamp seen when the wall clock is behind it, so that what
 * this device writes next is always later than all it has read. */
#include "base/os.h"
#include "base/time.h"
#include "book/model.h"
#include <limits.h>
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

/* -- adopting ---------------------------------------------------------------------------------- */

static Err write_carrier(Writer *w, Str body, Str *ret_body)
{
    Entry e = {.id = id_new(), .kind = ENTRY_CARRIED, .batch = w->batch, .stamp = w->next};
    e.object = e.id;
    e.n_fields = 1;
    e.fields[0] = (Field){
        .tag = F_CARRIED_ENTRY, .value = {.wire = WIRE_BYTES, .bytes = body}
    };
    w->next.hlc++;
    return entry_encode(w->cx, &e, ret_body);
}

/* What is not here yet goes out to put, in the order in which it comes, each stamped behind all before it; the action
 * itself comes last, so behind everything, and knows how many they were. */
typedef struct Adoption {
    Cx own; /* for one at a time */
    Writer w;
    int n;
    BookVisit *put;
    void *ctx;
} Adoption;

static Err adopt_entry(Adoption *a, Cx *cx, const Entry *e, Str body)
{
    if (a->n == INT_MAX - 1)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", INT_MAX - 1)));
    if (e->stamp.hlc >= a->w.next.hlc)
        a->w.next.hlc = e->stamp.hlc + 1;
    if (a->w.next.hlc >= (uint64_t)INT64_MAX - 1) /* this one's, and the action's */
        return err_set(cx, ERR_LIMIT, "err.clock-worn-out", NO_ARGS);
    Err err = OK;
    if (e->kind != ENTRY_BATCH) /* those always count, so they come by themselves */
        err = write_carrier(&a->w, body, &body);
    if (err != OK)
        cx->why = a->own.why;
    return err == OK ? a->put(a->ctx, cx, body) : err;
}

static Err adopt_one(void *ctx, Cx *cx, Str body)
{
    Adoption *a = ctx;
    Entry e;
    Err err = entry_decode(cx, body, &e);
    if (err != OK)
        return err;
    if (body.len > ENTRY_CARRY_MAX || e.kind == ENTRY_CARRIED)
        return err_set(cx, ERR_INVALID, "err.entry-unsound", NO_ARGS);
    if (book_has_fact(a->w.book, body))
        return OK;
    err = adopt_entry(a, cx, &e, body);
    arena_reset(a->own.arena);
    a->n += err == OK;
    return err;
}

static Err adopt_all(Cx *cx, const Book *book, uint64_t device, const BookSource *facts, Str label,
                     Str detail, BookVisit *put, void *ctx, Id *ret_batch, int *ret_new)
{
    AUTO_ARENA Arena scratch;
    Adoption a = {
        .own = {.arena = &scratch, .now_ms = cx->now_ms},
          .put = put, .ctx = ctx
    };
    Str batch = {NULL, 0};
    arena_init(&scratch, ARENA_LIMIT_DEFAULT);
    Err e = writer_start(cx, book, device, 1, &a.w);
    a.w.cx = &a.own;
    if (e == OK)
        e = facts->each(facts->ctx, cx, adopt_one, &a);
    if (e == OK && a.n == 0)
        e = err_set(cx, ERR_INVALID, "err.nothing-new", NO_ARGS);
    a.w.cx = cx;
    if (e == OK)
        e = write_batch(&a.w, a.n, label, detail, &batch);
    if (e == OK)
        e = put(ctx, cx, batch);
    if (e == OK) {
        *ret_batch = a.w.batch;
        *ret_new = a.n;
    }
    return e;
}

static Err each_of_array(const void *ctx, Cx *cx, BookVisit *visit, void *visit_ctx)
{
    const BookBodies *bodies = ctx;
    Err e = OK;
    for (ptrdiff_t i = 0; i < bodies->n && e == OK; i++)
        e = visit(visit_ctx, cx, bodies->p[i]);
    return e;
}

BookSource book_source(const BookBodies *bodies)
{
    return (BookSource){.each = each_of_array, .ctx = bodies};
}

typedef struct Prepared {
    Str *p;
    int n;
} Prepared;

static Err put_in_array(void *ctx, Cx *cx, Str body)
{
    Prepared *out = ctx;
    Str copy = str_dup(cx->arena, body);
    if (str_is_null(copy))
        return err_nomem(cx);
    out->p[out->n++] = copy;
    return OK;
}

Err book_prepare_adoption(Cx *cx, const Book *book, uint64_t device, const BookBodies *facts,
                          Str label, Str detail, Id *ret_batch, const Str **ret_bodies, int *ret_n)
{
    Prepared out = {.p = arena_new(cx->arena, Str, facts->n + 1)};
    BookSource from = book_source(facts);
    int fresh = 0;
    if (!out.p)
        return err_nomem(cx);
    Err e =
        adopt_all(cx, book, device, &from, label, detail, put_in_array, &out, ret_batch, &fresh);
    if (e != OK)
        return e;
    *ret_bodies = out.p;
    *ret_n = out.n;
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

/* What is about to be kept may rest on something that could not be read. */
static Err check_whole(Cx *cx, const Book *book)
{
    return book_is_broken(book) ? err_set(cx, ERR_DAMAGED, "err.checkpoint-damaged", NO_ARGS) : OK;
}

static Err keep(Cx *cx, Book *book, Log *log, const Str bodies[], int n)
{
    LogPos first;
    Err e = check_whole(cx, book);
    if (e == OK)
        e = log_append(cx, log, bodies, n, &first);
    if (e != OK)
        return e;
    book->has_kept = true;
    take_kept(cx, book, log, bodies, n);
    return OK;
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

typedef struct Keeping {
    Log *log;
    LogAppend append;
} Keeping;

static Err put_in_log(void *ctx, Cx *cx, Str body)
{
    Keeping *k = ctx;
    return log_append_put(cx, k->log, &k->append, body);
}

Err book_adopt(Cx *cx, Book *book, Log *log, const BookSource *facts, Str label, Str detail,
               Id *ret_batch, int *ret_new)
{
    Keeping k = {.log = log};
    int64_t read = 0;
    Err e = catch_up(cx, book, log);
    if (e == OK)
        e = log_append_begin(cx, log, &k.append);
    if (e != OK)
        return e;
    Id batch = {{0}};
    int fresh = 0;
    e = adopt_all(cx, book, (uint64_t)log_device(log), facts, label, detail, put_in_log, &k, &batch,
                  &fresh);
    if (e == OK)
        e = check_whole(cx, book);
    e = log_append_end(cx, log, &k.append, e);
    if (e != OK)
        return e;
    book->has_kept = true;
    if (book_refresh(cx, book, log, &read) != OK) {
        book->behind = true;
        err_clear(cx); /* what is kept is kept: it will be read with the next */
    }
    *ret_batch = batch;
    *ret_new = fresh;
    return OK;
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
