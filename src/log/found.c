/* log/found.c - which of the rows that carve.c finds on the pages open under the key, and where they
 * lie. Each is tried where it is met, so that what a hostile file makes up takes no room here: 32
 * bytes for each entry that is genuine, sorted by its place once all are known, and each found again
 * by halving. A row that does not open where it says it belongs may belong elsewhere, if what says so is
 * what was changed: some of those are remembered too. */
#include "base/os.h"
#include "log/inner.h"
#include <stdlib.h>
#include <string.h>

enum { HOMELESS_MAX = 64 };

typedef struct Fill {
    Log *log;
    LogFound *found;
} Fill;

static Err add_spot(Cx *cx, LogFound *f, const LogCarved *row)
{
    if (f->n == f->cap) {
        ptrdiff_t cap = f->cap > 0 ? 2 * f->cap : 256;
        LogSpot *spots = os_realloc(f->spots, cap, sizeof *spots);
        if (!spots)
            return err_nomem(cx);
        f->spots = spots;
        f->cap = cap;
    }
    f->spots[f->n++] = (LogSpot){row->device, row->seq, row->page, row->at};
    return OK;
}

/* Of each device the furthest. */
static Err add_head(Cx *cx, LogFound *f, const LogMark *head)
{
    for (ptrdiff_t i = 0; i < f->n_heads; i++) {
        if (f->heads[i].device != head->device)
            continue;
        if (head->seq > f->heads[i].seq)
            f->heads[i] = *head;
        return OK;
    }
    if (f->n_heads == LOG_DEVICES_MAX)
        return OK;
    f->heads = arena_grow(cx->arena, f->heads, f->n_heads, f->n_heads + 1, sizeof *head,
                          _Alignof(LogMark));
    if (!f->heads)
        return err_nomem(cx);
    f->heads[f->n_heads++] = *head;
    return OK;
}

static Err add_homeless(Cx *cx, LogFound *f, const LogCarved *row)
{
    if (f->n_homeless == HOMELESS_MAX)
        return OK;
    f->homeless = arena_grow(cx->arena, f->homeless, f->n_homeless, f->n_homeless + 1,
                             sizeof *f->homeless, _Alignof(LogSpot));
    if (!f->homeless)
        return err_nomem(cx);
    f->homeless[f->n_homeless++] = (LogSpot){row->device, row->seq, row->page, row->at};
    return OK;
}

static Err take(void *ctx, Cx *cx, const LogCarved *row)
{
    const Fill *fill = ctx;
    Log *log = fill->log;
    const uint8_t *sealed = (const uint8_t *)row->value.p;
    LogMark head = {0};
    ptrdiff_t len = 0;
    if (row->kind == LOG_CARVED_HEAD &&
        log_head_open(log, row->device, sealed, row->value.len, &head))
        return add_head(cx, fill->found, &head);
    if (row->kind != LOG_CARVED_ENTRY)
        return OK;
    Err e = log_scratch(cx, log, row->value.len);
    if (e != OK)
        return e;
    if (row->seq < 1 || !seal_entry_open(log->key, log->vault, row->device, row->seq, sealed,
                                         row->value.len, log->scratch, &len))
        return add_homeless(cx, fill->found, row);
    os_wipe(log->scratch, len);
    return add_spot(cx, fill->found, row);
}

static int by_place(const void *a, const void *b)
{
    const LogSpot *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

Err log_found_fill(Cx *cx, Log *log, LogFound *f)
{
    Fill fill = {log, f};
    Err e = log_pages_open(cx, log_path(log), &f->pages);
    if (e == OK)
        e = log_carve(cx, f->pages, INT64_MAX, take, &fill);
    if (e == OK && f->n > 0)
        qsort(f->spots, (size_t)f->n, sizeof *f->spots, by_place);
    return e;
}

void log_found_free(LogFound *f)
{
    log_pages_close_at(&f->pages);
    os_free(f->spots);
    *f = (LogFound){0};
}

/* The first spot at or behind a place. */
static ptrdiff_t find(const LogFound *f, int64_t device, int64_t seq)
{
    const LogSpot want = {.device = device, .seq = seq};
    ptrdiff_t low = 0, high = f->n;
    while (low < high) {
        ptrdiff_t mid = low + (high - low) / 2;
        if (by_place(&f->spots[mid], &want) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

int64_t log_found_last(const LogFound *f, int64_t device)
{
    ptrdiff_t at = device < INT64_MAX ? find(f, device + 1, INT64_MIN) : f->n;
    return at > 0 && f->spots[at - 1].device == device ? f->spots[at - 1].seq : 0;
}

static bool bytes_at(const LogFound *f, const LogSpot *spot, Str *ret_sealed)
{
    LogCarved row = {0};
    if (!log_carve_entry(f->pages, spot->page, spot->at, &row))
        return false;
    *ret_sealed = row.value;
    return true;
}

bool log_found_homeless(const LogFound *f, ptrdiff_t nth, Str *ret_sealed)
{
    return nth < f->n_homeless && bytes_at(f, &f->homeless[nth], ret_sealed);
}

bool log_found_entry(const LogFound *f, int64_t device, int64_t seq, int nth, Str *ret_sealed)
{
    ptrdiff_t at = find(f, device, seq) + nth;
    bool here = at < f->n && f->spots[at].device == device && f->spots[at].seq == seq;
    return here && bytes_at(f, &f->spots[at], ret_sealed);
}
