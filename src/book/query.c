/* book/query.c - reading along timelines and through history. A timeline is a sorted array, so a span
 * of time is two binary searches and what lies between; nothing is copied and nothing can fail. */
#include "book/model.h"

static BookIter iter_over(const Book *book, const Timeline *line, BookWhich which, bool hides)
{
    int64_t from = which.has_from || which.from_ms != 0 ? line_seek(book, line, which.from_ms) : 0;
    int64_t to = which.to_ms != 0 ? line_seek(book, line, which.to_ms) : line->n;
    BookIter iter = {.book = book, .refs = line->refs, .kinds = which.kinds, .hides = hides};
    if (from >= to)
        return iter; /* at == end: nothing */
    iter.step = which.oldest_first ? 1 : -1;
    iter.at = which.oldest_first ? from : to - 1;
    iter.end = which.oldest_first ? to : from - 1;
    return iter;
}

BookIter book_timeline(const Book *book, BookRef person, BookWhich which)
{
    const PersonRow *row = person_of(book, person);
    return row ? iter_over(book, &row->events, which, false) : (BookIter){.book = book};
}

BookIter book_everything(const Book *book, BookWhich which)
{
    return iter_over(book, &book->everything, which, true);
}

BookIter book_alone(const Book *book, BookWhich which)
{
    return iter_over(book, &book->alone, which, false);
}

bool book_next(BookIter *iter, BookRef *ret)
{
    while (iter->at != iter->end) {
        BookRef ref = iter->refs[iter->at];
        const ObjectRow *object = object_row(iter->book, ref);
        iter->at += iter->step;
        if (iter->kinds != 0 && !(iter->kinds & BOOK_KIND(object->kind)))
            continue;
        if (iter->hides && (object->flags & OBJ_HIDDEN))
            continue;
        *ret = ref;
        return true;
    }
    return false;
}

BookRef book_last(const Book *book, BookRef person, EntryKind kind)
{
    return book_count(book, person, kind) > 0 ? person_of(book, person)->last[kind] : BOOK_NONE;
}

int book_count(const Book *book, BookRef person, EntryKind kind)
{
    const PersonRow *row = person_of(book, person);
    return row && (unsigned)kind < ENTRY_KINDS ? (int)row->count[kind] : 0;
}

/* -- history ----------------------------------------------------------------------------------- */

static BookBatch read_batch(const Book *book, BookRef ref)
{
    enum { GONE, AT, LABEL, DETAIL, COUNT, UNDONE, N };
    Pick picks[N] = {{F_GONE},         {F_AT},          {F_BATCH_LABEL},
                     {F_BATCH_DETAIL}, {F_BATCH_COUNT}, {F_BATCH_UNDONE}};
    Life life;
    fold_pick(book, ref, picks, N, &life);
    Str none = {"", 0};
    return (BookBatch){.id = book_id(book, ref),
                       .label = picks[LABEL].said ? picks[LABEL].value.bytes : none,
                       .detail = picks[DETAIL].said ? picks[DETAIL].value.bytes : none,
                       .at_ms =
                           picks[AT].said ? picks[AT].value.num : (int64_t)(life.first.hlc >> 16),
                       .count = picks[COUNT].said ? picks[COUNT].value.num : 0,
                       .device = life.first.device,
                       .undone = (object_row(book, ref)->flags & OBJ_UNDONE) != 0};
}

/* A batch is no part of the history while nothing of it is here: its import was taken back. */
static bool batch_shows(const Book *book, BookRef ref)
{
    uint32_t i = batch_row(book, object_row(book, ref)->extra)->first;
    bool empty = i == NO_ROW;
    while (i != NO_ROW && held_by(entry_row(book, i)) == 0)
        i = entry_row(book, i)->batch_next;
    return empty || i != NO_ROW;
}

Err book_batches(Cx *cx, const Book *book, int skip, int limit, const BookBatch **ret, int *ret_n)
{
    const Timeline *line = &book->batches;
    int most = (int64_t)limit < line->n ? limit : (int)line->n, n = 0;
    BookBatch *batches = arena_new(cx->arena, BookBatch, most > 0 ? most : 0);
    if (!batches)
        return err_nomem(cx);
    for (uint32_t i = line->n; i-- > 0 && n < most;) {
        if (batch_shows(book, line->refs[i]) && skip-- <= 0)
            batches[n++] = read_batch(book, line->refs[i]);
    }
    *ret = batches;
    *ret_n = n;
    return OK;
}

Err book_last_batch(Cx *cx, const Book *book, BookBatch *ret)
{
    for (uint32_t i = book->batches.n; i-- > 0;) {
        BookRef ref = book->batches.refs[i];
        if (object_row(book, ref)->flags & OBJ_UNDONE || !batch_shows(book, ref))
            continue;
        *ret = read_batch(book, ref);
        return OK;
    }
    return err_set(cx, ERR_NOT_FOUND, "err.nothing-to-undo", NO_ARGS);
}

static Stamp undone_when(const Book *book, BookRef ref)
{
    Pick pick = {F_BATCH_UNDONE};
    Life life;
    fold_pick(book, ref, &pick, 1, &life);
    return pick.stamp;
}

Err book_last_undone(Cx *cx, const Book *book, BookBatch *ret)
{
    BookRef last = BOOK_NONE;
    Stamp when = {0};
    for (uint32_t i = 0; i < book->batches.n; i++) {
        BookRef ref = book->batches.refs[i];
        if (!(object_row(book, ref)->flags & OBJ_UNDONE) || !batch_shows(book, ref))
            continue;
        Stamp stamp = undone_when(book, ref);
        if (last == BOOK_NONE || stamp_cmp(stamp, when) > 0) {
            last = ref;
            when = stamp;
        }
    }
    if (last == BOOK_NONE)
        return err_set(cx, ERR_NOT_FOUND, "err.nothing-to-redo", NO_ARGS);
    *ret = read_batch(book, last);
    return OK;
}
