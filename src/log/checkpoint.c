/* log/checkpoint.c - a read model on disk, sealed in segments of 64 KiB.
 * Opening a segment runs at the speed of the cipher, three to four times that of entries one by
 * one. Each segment is bound to the vault, to the stamp of this file and to its place in it, so
 * that segments of two files cannot be mixed; the first says how long the whole is. The cursor
 * inside says up to which entry the model goes, by the running hash, and is held against the
 * heads. Whatever is wrong with such a file, there is none: the entries are the truth.
 * A model streams through one segment's worth of memory, and a segment that is wanted whole is
 * opened straight into its place: beside the disk and the cipher a byte costs nothing. What has been
 * taken is worth something only when the last byte has come too, which every take says. Who needs only some of
 * the model opens the segments it lies in, each proved by itself; the file they are in was renamed away from
 * under nobody, so it stays what it was for as long as it is open. */
#include "base/buf.h"
#include "base/os.h"
#include "base/stream.h"
#include "log/inner.h"
#include <string.h>

enum {
    OPEN_LEN = 8 + 16 + 8,  /* magic, vault, stamp */
    PREFIX_LEN = 8 + 8 + 8, /* length of the stream, epoch, number of marks */
    MARK_LEN = 8 + 8 + SEAL_HASH,
    SEGMENT = LOG_CHECKPOINT_SEGMENT
};

typedef struct Sort {
    const char *suffix, *magic;
    SealWhat what;
} Sort;

static const Sort sorts[] = {
    [LOG_MODEL_BOOK] = {LOG_CHECKPOINT_NAME, "fonderC1", SEAL_CHECKPOINT},
    [LOG_MODEL_INSIGHT] = {LOG_INSIGHT_NAME,    "fonderI1", SEAL_INSIGHT   },
    [LOG_MODEL_LEARNED] = {LOG_LEARNED_NAME,    "fonderL1", SEAL_LEARNED   },
};

struct LogCheckpoint {
    Stream file;
    Log *log;           /* NULL: detached */
    const uint8_t *key; /* the log's, or own */
    uint8_t *own;
    SealPlace place; /* of the next segment */
    LogCursor cursor;
    int64_t left;        /* bytes of the model still to come, or to be put */
    int64_t sealed_left; /* reading: bytes of the file */
    int64_t stream;      /* reading: bytes that all segments hold */
    int64_t open;        /* the segment that log_checkpoint_at has opened into text; -1: none */
    bool broken;
    ptrdiff_t at, have; /* of the segment in text */
    ptrdiff_t dirty;    /* so much of text has held something */
    uint8_t *text, *sealed; /* a segment each, once there is a file */
};

static LogCheckpoint *make(Log *log, LogModel which)
{
    LogCheckpoint *c = os_alloc(1, (ptrdiff_t)sizeof *c);
    if (c) {
        c->file = STREAM_NONE;
        c->log = log;
        c->key = log->key;
        c->open = -1;
        c->place = (SealPlace){sorts[which].what, log->vault, 0, 0};
    }
    return c;
}

/* What nobody has written is not wiped, and not even touched. */
static bool make_room(LogCheckpoint *c)
{
    c->text = os_realloc(NULL, SEGMENT, 1);
    c->sealed = os_realloc(NULL, SEGMENT + SEAL_OVER, 1);
    return c->text && c->sealed;
}

void log_checkpoint_close(LogCheckpoint *c)
{
    if (!c)
        return;
    stream_close(&c->file);
    log_cursor_free(&c->cursor);
    seal_key_free(c->own);
    if (c->text)
        os_wipe(c->text, c->dirty);
    os_free(c->text);
    os_free(c->sealed);
    os_free(c);
}

void log_checkpoint_close_at(LogCheckpoint **c)
{
    log_checkpoint_close(*c);
}

/* -- writing ----------------------------------------------------------------------------------- */

static bool flush(LogCheckpoint *c)
{
    uint8_t nonce[SEAL_NONCE];
    os_random(nonce, sizeof nonce);
    seal_close(c->key, &c->place, nonce, c->text, c->have, c->sealed);
    c->place.seq++;
    ptrdiff_t len = c->have + SEAL_OVER;
    c->have = 0;
    return stream_write(&c->file, c->sealed, len);
}

static bool put(LogCheckpoint *c, const void *bytes, int64_t len)
{
    const uint8_t *from = bytes;
    while (len > 0 && !c->broken) {
        ptrdiff_t n = len < SEGMENT - c->have ? (ptrdiff_t)len : SEGMENT - c->have;
        memcpy(c->text + c->have, from, (size_t)n);
        c->have += n;
        c->dirty = c->have > c->dirty ? c->have : c->dirty;
        from += n;
        len -= n;
        c->broken = c->have == SEGMENT && !flush(c);
    }
    return !c->broken;
}

static bool put64(LogCheckpoint *c, uint64_t v)
{
    uint8_t word[8];
    seal_put64(word, v);
    return put(c, word, sizeof word);
}

/* Length, epoch and cursor: what stands before the model in the stream. */
static bool put_prefix(LogCheckpoint *c, const Log *log, const LogCursor *cursor, int64_t model)
{
    bool fine = put64(c, (uint64_t)(PREFIX_LEN + cursor->n * MARK_LEN + model)) &&
                put64(c, (uint64_t)log->epoch) && put64(c, (uint64_t)cursor->n);
    for (ptrdiff_t i = 0; fine && i < cursor->n; i++)
        fine = put64(c, (uint64_t)cursor->marks[i].device) &&
               put64(c, (uint64_t)cursor->marks[i].seq) && put(c, cursor->marks[i].hash, SEAL_HASH);
    return fine;
}

static Err begin(Cx *cx, Log *log, LogModel which, const LogCursor *cursor, LogCheckpoint *c)
{
    Str name = log_beside(cx, log_path(log), sorts[which].suffix);
    uint8_t stamp[8];
    if (str_is_null(name) || !make_room(c))
        return err_nomem(cx);
    os_random(stamp, sizeof stamp);
    c->place.device = (int64_t)seal_get64(stamp);
    Err e = stream_create(cx, name, &c->file);
    if (e != OK)
        return e;
    c->broken = !stream_write(&c->file, sorts[which].magic, 8) ||
                !stream_write(&c->file, log->vault.b, 16) || !stream_write(&c->file, stamp, 8) ||
                !put_prefix(c, log, cursor, c->left);
    return OK;
}

Err log_checkpoint_begin(Cx *cx, Log *log, LogModel which, const LogCursor *cursor,
                         int64_t model_bytes, LogCheckpoint **ret)
{
    if (cursor->epoch != log->epoch)
        return err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    LogCheckpoint *c = make(log, which);
    if (!c)
        return err_nomem(cx);
    c->left = model_bytes;
    Err e = begin(cx, log, which, cursor, c);
    if (e == OK)
        *ret = c;
    else
        log_checkpoint_close(c);
    return e;
}

void log_checkpoint_put(LogCheckpoint *c, const void *bytes, int64_t len)
{
    c->left -= len;
    (void)put(c, bytes, len);
}

/* While no other process can renew the key: else what it has just had forgotten would come back under the old
 * one. It need not last: it can be made again. */
static Err publish_if_ours(Cx *cx, LogCheckpoint *c)
{
    LogHeader header = {0};
    Err e = log_header_read(cx, c->log, &header);
    if (e == OK && header.epoch != c->log->epoch)
        e = err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    return e == OK ? stream_publish(cx, &c->file, false) : e;
}

Err log_checkpoint_end(Cx *cx, LogCheckpoint *c)
{
    INVARIANT(c->left == 0);
    if (!c->broken && c->have > 0)
        c->broken = !flush(c);
    if (c->broken)
        return err_set(cx, ERR_IO, "err.log-checkpoint-unwritten", NO_ARGS);
    Err e = log_begin_write(cx, c->log);
    return e == OK ? log_end(cx, c->log, publish_if_ours(cx, c)) : e;
}

Err log_checkpoint_write(Cx *cx, Log *log, LogModel which, const LogCursor *cursor, Str model)
{
    AUTO_CLEAN(log_checkpoint_close_at) LogCheckpoint *c = NULL;
    Err e = log_checkpoint_begin(cx, log, which, cursor, model.len, &c);
    if (e != OK)
        return e;
    log_checkpoint_put(c, model.p, model.len);
    return log_checkpoint_end(cx, c);
}

/* -- reading ----------------------------------------------------------------------------------- */

static Err none(Cx *cx)
{
    return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
}

/* The next segment, opened into `into`; *ret_len bytes. */
static bool open_segment(LogCheckpoint *c, uint8_t *into, ptrdiff_t *ret_len)
{
    ptrdiff_t len =
        c->sealed_left < SEGMENT + SEAL_OVER ? (ptrdiff_t)c->sealed_left : SEGMENT + SEAL_OVER;
    if (len <= SEAL_OVER || stream_read(&c->file, c->sealed, len) != len ||
        !seal_open(c->key, &c->place, c->sealed, len, into))
        return false;
    c->place.seq++;
    c->sealed_left -= len;
    *ret_len = len - SEAL_OVER;
    return true;
}

static bool open_text(LogCheckpoint *c)
{
    c->at = 0;
    bool opened = open_segment(c, c->text, &c->have);
    c->dirty = opened && c->have > c->dirty ? c->have : c->dirty;
    return opened;
}

static bool take(LogCheckpoint *c, void *ret, int64_t len)
{
    uint8_t *to = ret;
    while (len > 0 && !c->broken) {
        ptrdiff_t n = c->have - c->at;
        if (n == 0 && len >= SEGMENT) {
            c->broken = !open_segment(c, to, &n);
        } else if (n == 0) {
            c->broken = !open_text(c);
            continue;
        } else {
            n = len < n ? (ptrdiff_t)len : n;
            memcpy(to, c->text + c->at, (size_t)n);
            c->at += n;
        }
        to += n;
        len -= n;
    }
    return !c->broken;
}

static bool take64(LogCheckpoint *c, uint64_t *ret)
{
    uint8_t word[8] = {0};
    bool taken = take(c, word, sizeof word);
    *ret = seal_get64(word);
    return taken;
}

bool log_checkpoint_take(LogCheckpoint *c, void *ret, int64_t len)
{
    c->broken |= len < 0 || len > c->left;
    if (!c->broken && len >= SEGMENT)
        os_about_to_fill(ret, len);
    if (!take(c, ret, len))
        return false;
    c->left -= len;
    return true;
}

/* Segments stand at multiples of their size, so that each is found without the ones before it. */
static bool open_at(LogCheckpoint *c, int64_t segment, uint8_t *into, ptrdiff_t *ret_len)
{
    const int64_t sealed = SEGMENT + SEAL_OVER;
    int64_t left = c->file.bytes - OPEN_LEN - segment * sealed;
    ptrdiff_t len = left < sealed ? (ptrdiff_t)left : SEGMENT + SEAL_OVER;
    SealPlace place = c->place;
    place.seq = segment;
    if (len <= SEAL_OVER ||
        stream_read_at(&c->file, OPEN_LEN + segment * sealed, c->sealed, len) != len ||
        !seal_open(c->key, &place, c->sealed, len, into))
        return false;
    *ret_len = len - SEAL_OVER;
    return true;
}

static bool open_text_at(LogCheckpoint *c, int64_t segment)
{
    if (c->open == segment)
        return true;
    c->open = -1;
    c->at = c->have = 0; /* nothing is taken in order any more */
    if (!open_at(c, segment, c->text, &c->have))
        return false;
    c->open = segment;
    c->at = c->have;
    c->dirty = c->have > c->dirty ? c->have : c->dirty;
    return true;
}

bool log_checkpoint_at(LogCheckpoint *c, int64_t at, void *ret, int64_t len)
{
    uint8_t *to = ret;
    if (at < 0 || len < 0 || at > c->stream || len > c->stream - at)
        return false;
    while (len > 0) {
        ptrdiff_t from = (ptrdiff_t)(at % SEGMENT), n = 0;
        if (from == 0 && len >= SEGMENT) {
            if (!open_at(c, at / SEGMENT, to, &n))
                return false;
        } else {
            if (!open_text_at(c, at / SEGMENT))
                return false;
            n = len < c->have - from ? (ptrdiff_t)len : c->have - from;
            memcpy(to, c->text + from, (size_t)n);
        }
        to += n;
        at += n;
        len -= n;
    }
    return true;
}

int64_t log_checkpoint_place(const LogCheckpoint *c)
{
    return c->stream - c->left;
}

bool log_checkpoint_detach(LogCheckpoint *c)
{
    bool may_swap = false;
    c->own = seal_key_new(&may_swap);
    if (!c->own)
        return false;
    memcpy(c->own, c->key, SEAL_KEY);
    c->key = c->own;
    c->log = NULL;
    return true;
}

int64_t log_checkpoint_left(const LogCheckpoint *c)
{
    return c->left;
}

const LogCursor *log_checkpoint_cursor(const LogCheckpoint *c)
{
    return &c->cursor;
}

/* The bytes that all segments hold, by the length of the file. */
static int64_t stream_bytes(const LogCheckpoint *c)
{
    int64_t segments = (c->sealed_left + SEGMENT + SEAL_OVER - 1) / (SEGMENT + SEAL_OVER);
    return c->sealed_left - segments * SEAL_OVER;
}

static Err take_cursor(Cx *cx, const Log *log, LogCheckpoint *c)
{
    uint64_t total = 0, epoch = 0, n = 0;
    int64_t held = c->stream = stream_bytes(c);
    if (held < PREFIX_LEN || !take64(c, &total) || !take64(c, &epoch) || !take64(c, &n) ||
        total != (uint64_t)held || epoch != (uint64_t)log->epoch ||
        n > (uint64_t)(held - PREFIX_LEN) / MARK_LEN || n > LOG_DEVICES_MAX)
        return none(cx);
    c->cursor = (LogCursor){.n = (ptrdiff_t)n, .cap = (ptrdiff_t)n, .epoch = log->epoch};
    c->cursor.marks = os_alloc(c->cursor.n + 1, sizeof *c->cursor.marks);
    if (!c->cursor.marks)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < c->cursor.n; i++) {
        LogMark *mark = &c->cursor.marks[i];
        uint64_t device = 0, seq = 0;
        if (!take64(c, &device) || !take64(c, &seq) || !take(c, mark->hash, SEAL_HASH))
            return none(cx);
        mark->device = (int64_t)device;
        mark->seq = (int64_t)seq;
    }
    c->left = held - PREFIX_LEN - c->cursor.n * MARK_LEN;
    return OK;
}

/* Whether each mark can be behind the head of its device. */
static bool is_past(const LogCursor *cursor, const LogMark heads[], ptrdiff_t n)
{
    ptrdiff_t at = 0;
    for (ptrdiff_t i = 0; i < cursor->n; i++) {
        const LogMark *mark = &cursor->marks[i];
        while (at < n && heads[at].device < mark->device)
            at++;
        if (at == n || heads[at].device != mark->device || mark->seq > heads[at].seq ||
            (mark->seq == heads[at].seq && memcmp(mark->hash, heads[at].hash, SEAL_HASH) != 0))
            return false;
    }
    return true;
}

/* As far as its cursor. */
static Err open_file(Cx *cx, const Log *log, Str name, const char *magic, LogCheckpoint *c)
{
    uint8_t opening[OPEN_LEN];
    if (stream_open(cx, name, &c->file) != OK ||
        stream_read(&c->file, opening, OPEN_LEN) != OPEN_LEN || memcmp(opening, magic, 8) != 0 ||
        memcmp(opening + 8, log->vault.b, 16) != 0)
        return none(cx);
    if (!make_room(c))
        return err_nomem(cx);
    c->place.device = (int64_t)seal_get64(opening + 24);
    c->sealed_left = c->file.bytes - OPEN_LEN;
    return take_cursor(cx, log, c);
}

static Err open_past(Cx *cx, Log *log, LogModel which, LogCheckpoint *c)
{
    LogMark *heads = NULL;
    ptrdiff_t n = 0;
    Str name = log_beside(cx, log_path(log), sorts[which].suffix);
    if (str_is_null(name))
        return err_nomem(cx);
    Err e = open_file(cx, log, name, sorts[which].magic, c);
    if (e ==
        ERR_NOT_FOUND) { /* no use to anyone; under an older key it may hold what was forgotten since */
        Err gone = os_remove(cx, name);
        (void)gone;
        return none(cx);
    }
    if (e == OK)
        e = log_begin_read(cx, log);
    if (e == OK)
        e = log_end(cx, log, log_heads_get(cx, log, &heads, &n));
    return e == OK && !is_past(&c->cursor, heads, n) ? none(cx) : e;
}

Err log_checkpoint_open(Cx *cx, Log *log, LogModel which, LogCheckpoint **ret)
{
    LogCheckpoint *c = make(log, which);
    if (!c)
        return err_nomem(cx);
    Err e = open_past(cx, log, which, c);
    if (e == OK)
        *ret = c;
    else
        log_checkpoint_close(c);
    return e;
}

Err log_checkpoint_read(Cx *cx, Log *log, LogModel which, LogCursor *ret_cursor, Str *ret_model)
{
    AUTO_CLEAN(log_checkpoint_close_at) LogCheckpoint *c = NULL;
    Err e = log_checkpoint_open(cx, log, which, &c);
    if (e != OK)
        return e;
    ptrdiff_t len = (ptrdiff_t)c->left;
    char *model = arena_new(cx->arena, char, len + 1);
    if (!model)
        return err_nomem(cx);
    if (!log_checkpoint_take(c, model, len))
        return none(cx);
    *ret_cursor = c->cursor;
    c->cursor = (LogCursor){.n = 0};
    *ret_model = (Str){model, len};
    return OK;
}

Err log_checkpoint_drop(Cx *cx, const Log *log, LogModel which)
{
    Str name = log_beside(cx, log_path(log), sorts[which].suffix);
    Str half = str_is_null(name) ? name : log_beside(cx, name, ".new");
    if (str_is_null(half))
        return err_nomem(cx);
    Err e = os_remove(cx, name), also = os_remove(cx, half);
    return e != OK ? e : also;
}
