/* log/entry.c - entries in, entries out, and the heads that vouch for them.
 * An append is one transaction of n sealed entries and the device's new head; BEGIN IMMEDIATE
 * before the head is read means that two processes take turns and never give one seq twice. What
 * a commit costs is its fsync (.2 ms here); sealing adds about a microsecond an entry. A read is
 * one snapshot: per device the rows behind the cursor, each opened and chained, and at the end
 * the chain compared with the sealed head. So a row that was changed, moved, repeated, dropped or
 * cut off is found, by seal or by chain, at the first reading. Linear in what is read. */
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

enum { HEAD_PLAIN = 8 + SEAL_HASH, HEAD_SEALED = HEAD_PLAIN + SEAL_OVER };

Err log_why_sealed(Cx *cx, Log *log, const char *key, const Arg *args)
{
    LogHeader header = {0};
    if (log_header_read(cx, log, &header) == OK && header.epoch != log->epoch)
        return err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    return err_set(cx, ERR_DAMAGED, key, args);
}

static Err head_damaged(Cx *cx, Log *log, int64_t device)
{
    return log_why_sealed(cx, log, "err.log-head-damaged", ARGS(arg_int("device", device)));
}

static Err entry_damaged(Cx *cx, Log *log, int64_t device, int64_t seq)
{
    return log_why_sealed(cx, log, "err.log-entry-damaged",
                          ARGS(arg_int("device", device), arg_int("entry", seq)));
}

/* -- heads ------------------------------------------------------------------------------------- */

bool log_head_open(const Log *log, int64_t device, const uint8_t *sealed, ptrdiff_t len,
                   LogMark *ret)
{
    uint8_t plain[HEAD_PLAIN];
    SealPlace place = {SEAL_HEAD, log->vault, device, 0};
    if (!sealed || len != HEAD_SEALED || !seal_open(log->key, &place, sealed, HEAD_SEALED, plain))
        return false;
    LogMark head = {.device = device, .seq = (int64_t)seal_get64(plain)};
    memcpy(head.hash, plain + 8, SEAL_HASH);
    *ret = head;
    return head.seq >= 0;
}

static bool head_open(const Log *log, int64_t device, sqlite3_stmt *st, int column, LogMark *ret)
{
    const uint8_t *sealed = sqlite3_column_blob(st, column);
    return log_head_open(log, device, sealed, sqlite3_column_bytes(st, column), ret);
}

Err log_head_get(Cx *cx, Log *log, int64_t device, LogMark *ret)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_HEAD_GET, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_bind_int64(st, 1, device);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    bool opened = rc == SQLITE_ROW && head_open(log, device, st, 0, ret);
    return opened ? OK : head_damaged(cx, log, device);
}

Err log_head_put(Cx *cx, Log *log, const uint8_t key[SEAL_KEY], const LogMark *head)
{
    uint8_t plain[HEAD_PLAIN], sealed[HEAD_SEALED], nonce[SEAL_NONCE];
    SealPlace place = {SEAL_HEAD, log->vault, head->device, 0};
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_HEAD_PUT, &e);
    if (e != OK)
        return e;
    os_random(nonce, sizeof nonce);
    seal_put64(plain, (uint64_t)head->seq);
    memcpy(plain + 8, head->hash, SEAL_HASH);
    seal_close(key, &place, nonce, plain, HEAD_PLAIN, sealed);
    int rc = sqlite3_bind_int64(st, 1, head->device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(st, 2, sealed, HEAD_SEALED, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    return rc == SQLITE_DONE ? OK : log_sql_fail(cx, log, rc);
}

Err log_heads_get(Cx *cx, Log *log, LogMark **ret, ptrdiff_t *ret_n)
{
    LogHeader header = {0};
    Err e = log_header_read(cx, log, &header);
    if (e != OK)
        return e;
    if (header.epoch != log->epoch)
        return err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    if (!log_header_is_ours(cx, &header, log->key))
        return log_damaged(cx, log, "err.log-header-damaged");
    LogMark *heads = arena_new(cx->arena, LogMark, header.n_devices + 1);
    if (!heads)
        return err_nomem(cx);
    LOG_STMT st = log_stmt(cx, log, STMT_HEADS, &e);
    if (e != OK)
        return e;
    ptrdiff_t n = 0;
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t device = sqlite3_column_int64(st, 0);
        if (n >= header.n_devices || device != header.devices[n] ||
            !head_open(log, device, st, 1, &heads[n]))
            return err_set(cx, ERR_DAMAGED, "err.log-head-damaged",
                           ARGS(arg_int("device", device)));
        n++;
    }
    if (rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    if (n < header.n_devices)
        return err_set(cx, ERR_DAMAGED, "err.log-head-damaged",
                       ARGS(arg_int("device", header.devices[n])));
    *ret = heads;
    *ret_n = n;
    return OK;
}

/* -- appending --------------------------------------------------------------------------------- */

/* Seals body under key as the entry behind head, and moves head onto it. */
Err log_entry_put(Cx *cx, Log *log, const uint8_t key[SEAL_KEY], Str body, LogStmt which,
                  LogMark *head)
{
    ptrdiff_t size = seal_entry_size(body.len);
    Err e = log_scratch(cx, log, 2 * size);
    if (e != OK)
        return e;
    LOG_STMT st = log_stmt(cx, log, which, &e);
    if (e != OK)
        return e;
    uint8_t nonce[SEAL_NONCE];
    uint8_t *sealed = log->scratch + size;
    LogMark next = {.device = head->device, .seq = head->seq + 1};
    os_random(nonce, sizeof nonce);
    seal_entry(key, log->vault, next.device, next.seq, nonce, body, log->scratch, sealed);
    os_wipe(log->scratch, size);
    memcpy(next.hash, head->hash, SEAL_HASH);
    seal_chain(next.hash, next.seq, sealed, size);
    int rc = sqlite3_bind_int64(st, 1, next.device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, next.seq);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob64(st, 3, sealed, (sqlite3_uint64)size, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_CONSTRAINT_PRIMARYKEY) /* a row that the head knows nothing of */
        return entry_damaged(cx, log, next.device, next.seq);
    if (rc != SQLITE_DONE)
        return log_sql_fail(cx, log, rc);
    *head = next;
    return OK;
}

static Err check_body(Cx *cx, Str body)
{
    if (body.len == 0)
        return err_set(cx, ERR_INVALID, "err.log-body-empty", NO_ARGS);
    if (body.len > LOG_BODY_MAX)
        return err_set(cx, ERR_LIMIT, "err.log-body-too-long", ARGS(arg_int("max", LOG_BODY_MAX)));
    return OK;
}

Err log_append_begin(Cx *cx, Log *log, LogAppend *ret)
{
    Err e = log_begin_write(cx, log);
    if (e != OK)
        return e;
    e = log_head_get(cx, log, log->device, &ret->head);
    return e == OK ? OK : log_end(cx, log, e);
}

Err log_append_put(Cx *cx, Log *log, LogAppend *io, Str body)
{
    Err e = check_body(cx, body);
    return e == OK ? log_entry_put(cx, log, log->key, body, STMT_ENTRY_PUT, &io->head) : e;
}

Err log_append_end(Cx *cx, Log *log, const LogAppend *append, Err e)
{
    if (e == OK)
        e = log_head_put(cx, log, log->key, &append->head);
    return log_end(cx, log, e);
}

Err log_append(Cx *cx, Log *log, const Str bodies[], ptrdiff_t n, LogPos *ret_first)
{
    LogAppend append = {{0}};
    Err e = OK;
    for (ptrdiff_t i = 0; e == OK && i < n; i++) /* before anybody has to wait */
        e = check_body(cx, bodies[i]);
    if (e == OK)
        e = log_append_begin(cx, log, &append);
    if (e != OK)
        return e;
    LogPos first = {log->device, append.head.seq + 1};
    for (ptrdiff_t i = 0; e == OK && i < n; i++)
        e = log_append_put(cx, log, &append, bodies[i]);
    e = log_append_end(cx, log, &append, e);
    if (e == OK)
        *ret_first = first;
    return e;
}

/* The head of another device, made when the device is first heard of. */
static Err foreign_head(Cx *cx, Log *log, int64_t device, LogMark *ret)
{
    LogHeader header = {0};
    Err e = log_header_read(cx, log, &header);
    if (e != OK)
        return e;
    for (ptrdiff_t i = 0; i < header.n_devices; i++) {
        if (header.devices[i] == device)
            return log_head_get(cx, log, device, ret);
    }
    if (header.epoch != log->epoch || !log_header_is_ours(cx, &header, log->key))
        return log_why_sealed(cx, log, "err.log-header-damaged", NO_ARGS);
    e = log_header_add_device(cx, &header, device);
    if (e == OK)
        e = log_header_write(cx, log, &header, log->key);
    if (e == OK)
        *ret = (LogMark){.device = device};
    return e;
}

/* The entries of one device, all of a run; those at or before its head are here already. */
static Err accept_run(Cx *cx, Log *log, const LogEntry entries[], ptrdiff_t n, ptrdiff_t *kept)
{
    LogMark head = {0};
    if (entries[0].device <= 0 || entries[0].device == log->device)
        return err_set(cx, ERR_INVALID, "err.log-not-foreign", NO_ARGS);
    Err e = foreign_head(cx, log, entries[0].device, &head);
    for (ptrdiff_t i = 0; e == OK && i < n; i++) {
        if (entries[i].seq > 0 && entries[i].seq <= head.seq)
            continue;
        if (entries[i].seq != head.seq + 1)
            return err_set(cx, ERR_INVALID, "err.log-gap",
                           ARGS(arg_int("entry", head.seq + 1), arg_int("device", head.device)));
        e = log_entry_put(cx, log, log->key, entries[i].body, STMT_ENTRY_PUT, &head);
        ++*kept;
    }
    return e == OK ? log_head_put(cx, log, log->key, &head) : e;
}

static Err accept_locked(Cx *cx, Log *log, const LogEntry entries[], ptrdiff_t n, ptrdiff_t *kept)
{
    Err e = OK;
    for (ptrdiff_t from = 0, to = 0; e == OK && from < n; from = to) {
        while (to < n && entries[to].device == entries[from].device)
            to++;
        e = accept_run(cx, log, entries + from, to - from, kept);
    }
    return e;
}

Err log_accept(Cx *cx, Log *log, const LogEntry entries[], ptrdiff_t n, ptrdiff_t *ret_kept)
{
    Err e = OK;
    ptrdiff_t kept = 0;
    for (ptrdiff_t i = 0; e == OK && i < n; i++) /* empty is fine: a place that was emptied there */
        e = entries[i].body.len == 0 ? OK : check_body(cx, entries[i].body);
    if (e == OK)
        e = log_begin_write(cx, log);
    if (e != OK)
        return e;
    e = log_end(cx, log, accept_locked(cx, log, entries, n, &kept));
    if (e == OK)
        *ret_kept = kept;
    return e;
}

/* -- reading
 * --------------------------------------------------------------------------------------- */

void log_cursor_free(LogCursor *cursor)
{
    os_free(cursor->marks);
    *cursor = (LogCursor){0};
}

Err log_cursor_copy(Cx *cx, const LogCursor *from, LogCursor *ret)
{
    LogCursor copy = {.n = from->n, .cap = from->n + 1, .epoch = from->epoch};
    copy.marks = os_alloc(copy.cap, sizeof *copy.marks);
    if (!copy.marks)
        return err_nomem(cx);
    if (from->n > 0)
        memcpy(copy.marks, from->marks, (size_t)from->n * sizeof *copy.marks);
    *ret = copy;
    return OK;
}

/* Where the mark of a device is, or would be. */
static ptrdiff_t cursor_find(const LogCursor *cursor, int64_t device)
{
    ptrdiff_t low = 0, high = cursor->n;
    while (low < high) {
        ptrdiff_t mid = low + (high - low) / 2;
        if (cursor->marks[mid].device < device)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The mark of a device; made at seq 0, in order, when there is none. NULL when memory ran out. */
static LogMark *cursor_mark(LogCursor *cursor, int64_t device)
{
    ptrdiff_t at = cursor_find(cursor, device);
    if (at < cursor->n && cursor->marks[at].device == device)
        return &cursor->marks[at];
    if (cursor->n == cursor->cap) {
        ptrdiff_t cap = cursor->cap > 0 ? 2 * cursor->cap : 4;
        LogMark *marks = os_realloc(cursor->marks, cap, sizeof *marks);
        if (!marks)
            return NULL;
        cursor->marks = marks;
        cursor->cap = cap;
    }
    memmove(cursor->marks + at + 1, cursor->marks + at,
            (size_t)(cursor->n - at) * sizeof *cursor->marks);
    cursor->n++;
    cursor->marks[at] = (LogMark){.device = device};
    return &cursor->marks[at];
}

int64_t log_cursor_seq(const LogCursor *cursor, int64_t device)
{
    ptrdiff_t at = cursor_find(cursor, device);
    return at < cursor->n && cursor->marks[at].device == device ? cursor->marks[at].seq : 0;
}

/* Opens the row st stands on as the entry behind mark, hands it over, and moves mark onto it. */
static Err read_row(Cx *cx, Log *log, sqlite3_stmt *st, LogMark *mark, LogVisit *visit, void *ctx)
{
    int64_t seq = sqlite3_column_int64(st, 0);
    const uint8_t *sealed = sqlite3_column_blob(st, 1);
    ptrdiff_t len = sqlite3_column_bytes(st, 1), body_len = 0;
    if (!sealed && len > 0)
        return err_nomem(cx);
    if (len < SEAL_OVER)
        return entry_damaged(cx, log, mark->device, mark->seq + 1);
    Err e = log_scratch(cx, log, len);
    if (e != OK)
        return e;
    if (seq != mark->seq + 1 || !seal_entry_open(log->key, log->vault, mark->device, seq, sealed,
                                                 len, log->scratch, &body_len))
        return entry_damaged(cx, log, mark->device, mark->seq + 1);
    LogEntry entry = {
        mark->device, seq, {(const char *)log->scratch, body_len}
    };
    e = body_len > 0 ? visit(ctx, cx, &entry) : OK;
    if (e != OK)
        return e;
    seal_chain(mark->hash, seq, sealed, len);
    mark->seq = seq;
    return OK;
}

static Err not_between(Cx *cx)
{
    return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
}

/* Everything behind mark, up to last; INT64_MAX is to the end, where the head vouches. */
static Err read_rows(Cx *cx, Log *log, LogMark *mark, int64_t last, LogVisit *visit, void *ctx)
{
    Err e = OK;
    LOG_STMT st = log_stmt(cx, log, STMT_ENTRIES, &e);
    if (e != OK)
        return e;
    int rc = sqlite3_bind_int64(st, 1, mark->device);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, mark->seq > 0 ? mark->seq + 1 : INT64_MIN); /* strays too */
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, last);
    while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        e = read_row(cx, log, st, mark, visit, ctx);
        if (e != OK)
            return e;
        rc = SQLITE_OK;
    }
    return rc == SQLITE_DONE ? OK : log_sql_fail(cx, log, rc);
}

static Err read_device(Cx *cx, Log *log, const LogMark *head, LogMark *mark, LogVisit *visit,
                       void *ctx)
{
    LogMark at = *mark;
    Err e = read_rows(cx, log, &at, INT64_MAX, visit, ctx);
    if (e != OK)
        return e;
    if (at.seq != head->seq)
        return entry_damaged(cx, log, at.device, at.seq < head->seq ? at.seq + 1 : head->seq + 1);
    if (memcmp(at.hash, head->hash, SEAL_HASH) != 0)
        return err_set(cx, ERR_DAMAGED, "err.log-chain-damaged",
                       ARGS(arg_int("device", at.device)));
    *mark = at;
    return OK;
}

/* Rows of a device that no head vouches for. */
static Err check_devices(Cx *cx, Log *log, const LogMark *heads, ptrdiff_t n)
{
    int64_t device = INT64_MIN;
    ptrdiff_t at = 0;
    for (;;) {
        Err e = OK;
        LOG_STMT st = log_stmt(cx, log, STMT_NEXT_DEVICE, &e);
        if (e != OK)
            return e;
        int rc = sqlite3_bind_int64(st, 1, device);
        if (rc == SQLITE_OK)
            rc = sqlite3_step(st);
        if (rc == SQLITE_DONE)
            return OK;
        if (rc != SQLITE_ROW)
            return log_sql_fail(cx, log, rc);
        device = sqlite3_column_int64(st, 0);
        while (at < n && heads[at].device < device)
            at++;
        if (at == n || heads[at].device != device)
            return err_set(cx, ERR_DAMAGED, "err.log-head-damaged",
                           ARGS(arg_int("device", device)));
    }
}

static Err read_locked(Cx *cx, Log *log, LogCursor *cursor, LogVisit *visit, void *ctx)
{
    LogMark *heads = NULL;
    ptrdiff_t n = 0;
    if (cursor->epoch != 0 && cursor->epoch != log->epoch)
        return err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    Err e = log_data_version(cx, log, &log->seen_version);
    if (e == OK)
        e = log_heads_get(cx, log, &heads, &n);
    if (e == OK)
        e = check_devices(cx, log, heads, n);
    cursor->epoch = log->epoch;
    for (ptrdiff_t i = 0; e == OK && i < n; i++) {
        LogMark *mark = cursor_mark(cursor, heads[i].device);
        if (!mark)
            return err_nomem(cx);
        e = read_device(cx, log, &heads[i], mark, visit, ctx);
    }
    os_wipe(log->scratch, log->scratch_cap);
    return e;
}

Err log_read(Cx *cx, Log *log, LogCursor *cursor, LogVisit *visit, void *ctx)
{
    Err e = log_begin_read(cx, log);
    return e == OK ? log_end(cx, log, read_locked(cx, log, cursor, visit, ctx)) : e;
}

static Err read_to(Cx *cx, Log *log, LogCursor *cursor, const LogCursor *to, LogVisit *visit,
                   void *ctx)
{
    Err e = OK;
    cursor->epoch = log->epoch;
    for (ptrdiff_t i = 0; e == OK && i < to->n; i++) {
        const LogMark *end = &to->marks[i];
        LogMark *mark = cursor_mark(cursor, end->device);
        if (!mark)
            return err_nomem(cx);
        LogMark at = *mark;
        if (at.seq > end->seq)
            return not_between(cx);
        e = read_rows(cx, log, &at, end->seq, visit, ctx);
        if (e == OK && (at.seq != end->seq || memcmp(at.hash, end->hash, SEAL_HASH) != 0))
            e = not_between(cx);
        if (e == OK)
            *mark = at;
    }
    os_wipe(log->scratch, log->scratch_cap);
    return e;
}

/* Every device that `cursor` has seen, `to` has too. */
static bool covers(const LogCursor *to, const LogCursor *cursor)
{
    for (ptrdiff_t i = 0; i < cursor->n; i++) {
        ptrdiff_t at = cursor_find(to, cursor->marks[i].device);
        if (cursor->marks[i].seq > 0 &&
            (at == to->n || to->marks[at].device != cursor->marks[i].device))
            return false;
    }
    return true;
}

Err log_read_to(Cx *cx, Log *log, LogCursor *cursor, const LogCursor *to, LogVisit *visit,
                void *ctx)
{
    if (to->epoch != log->epoch || (cursor->epoch != 0 && cursor->epoch != log->epoch) ||
        !covers(to, cursor))
        return not_between(cx);
    Err e = log_begin_read(cx, log);
    return e == OK ? log_end(cx, log, read_to(cx, log, cursor, to, visit, ctx)) : e;
}

bool log_changed(Cx *cx, Log *log)
{
    int64_t version = 0;
    bool known = log_data_version(cx, log, &version) == OK;
    return !known || version != log->seen_version; /* if in doubt, the next log_read says more */
}

Err log_stats(Cx *cx, Log *log, LogStats *ret)
{
    LogMark *heads = NULL;
    ptrdiff_t n = 0;
    OsFile file = {0}, wal = {0};
    Err e = log_begin_read(cx, log);
    if (e == OK)
        e = log_end(cx, log, log_heads_get(cx, log, &heads, &n));
    if (e == OK)
        e = os_stat(cx, log_path(log), &file);
    if (e != OK)
        return e;
    Str wal_name = log_beside(cx, log_path(log), "-wal");
    if (str_is_null(wal_name) || os_stat(cx, wal_name, &wal) != OK)
        err_clear(cx); /* none: all is in the file */
    LogStats stats = {.devices = n, .file_bytes = file.bytes + wal.bytes};
    for (ptrdiff_t i = 0; i < n; i++)
        stats.entries += heads[i].seq;
    *ret = stats;
    return OK;
}
