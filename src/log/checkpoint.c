/* log/checkpoint.c - a read model on disk, sealed in segments of 64 KiB.
 * Opening a segment runs at the speed of the cipher, three to four times that of entries one by
 * one. Each segment is bound to the vault, to the stamp of this checkpoint and to its place in
 * it, so that segments of two checkpoints cannot be mixed; the first says how long the whole is.
 * The cursor inside says up to which entry the model goes, by the running hash, and is held
 * against the heads. Whatever is wrong with a checkpoint, there is none: the entries are the
 * truth. */
#include "base/buf.h"
#include "base/os.h"
#include "log/inner.h"
#include <string.h>

static const char magic[] = "fonderC1";
enum {
    OPEN_LEN = 8 + 16 + 8,  /* magic, vault, stamp */
    PREFIX_LEN = 8 + 8 + 8, /* length of the stream, epoch, number of marks */
    MARK_LEN = 8 + 8 + SEAL_HASH,
    SEGMENT = LOG_CHECKPOINT_SEGMENT
};
static const ptrdiff_t file_max = (ptrdiff_t)1 << 32;

static const uint8_t *bytes_of(Str s)
{
    return (const uint8_t *)s.p;
}

/* Length, epoch and cursor: what stands before the model in the stream. */
static Err make_prefix(Cx *cx, const Log *log, const LogCursor *cursor, ptrdiff_t model_len,
                       Str *ret)
{
    ptrdiff_t len = PREFIX_LEN + cursor->n * MARK_LEN;
    Buf buf = buf_make(cx->arena, len);
    buf_u64(&buf, (uint64_t)(len + model_len));
    buf_u64(&buf, (uint64_t)log->epoch);
    buf_u64(&buf, (uint64_t)cursor->n);
    for (ptrdiff_t i = 0; i < cursor->n; i++) {
        buf_u64(&buf, (uint64_t)cursor->marks[i].device);
        buf_u64(&buf, (uint64_t)cursor->marks[i].seq);
        buf_bytes(&buf, cursor->marks[i].hash, SEAL_HASH);
    }
    return buf_done(cx, &buf, ret);
}

/* Up to room bytes of prefix followed by model, from at on. */
static ptrdiff_t gather(Str prefix, Str model, ptrdiff_t at, uint8_t *out, ptrdiff_t room)
{
    Str head = str_sub(prefix, at, room);
    Str tail = str_sub(model, at > prefix.len ? at - prefix.len : 0, room - head.len);
    if (head.len > 0)
        memcpy(out, head.p, (size_t)head.len);
    if (tail.len > 0)
        memcpy(out + head.len, tail.p, (size_t)tail.len);
    return head.len + tail.len;
}

static Err seal_file(Cx *cx, Log *log, Str prefix, Str model, Str *ret)
{
    ptrdiff_t total = prefix.len + model.len;
    ptrdiff_t segments = (total + SEGMENT - 1) / SEGMENT;
    ptrdiff_t size = OPEN_LEN + total + segments * SEAL_OVER;
    uint8_t *file = arena_new(cx->arena, uint8_t, size);
    if (!file)
        return err_nomem(cx);
    Err e = log_scratch(cx, log, SEGMENT);
    if (e != OK)
        return e;
    uint8_t nonce[SEAL_NONCE], stamp[8];
    os_random(stamp, sizeof stamp);
    memcpy(file, magic, 8);
    memcpy(file + 8, log->vault.b, 16);
    memcpy(file + 24, stamp, 8);
    SealPlace place = {SEAL_CHECKPOINT, log->vault, (int64_t)seal_get64(stamp), 0};
    uint8_t *out = file + OPEN_LEN;
    for (ptrdiff_t at = 0; at < total; at += SEGMENT) {
        ptrdiff_t n = gather(prefix, model, at, log->scratch, SEGMENT);
        os_random(nonce, sizeof nonce);
        seal_close(log->key, &place, nonce, log->scratch, n, out);
        out += n + SEAL_OVER;
        place.seq++;
    }
    os_wipe(log->scratch, log->scratch_cap);
    *ret = (Str){(const char *)file, size};
    return OK;
}

static Err write_if_ours(Cx *cx, Log *log, Str name, Str file)
{
    LogHeader header = {0};
    Err e = log_header_read(cx, log, &header);
    if (e == OK && header.epoch != log->epoch)
        e = err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    return e == OK ? os_write_file(cx, name, file) : e;
}

Err log_write_derived(Cx *cx, Log *log, Str name, Str file)
{
    Err e = log_begin_write(cx, log);
    return e == OK ? log_end(cx, log, write_if_ours(cx, log, name, file)) : e;
}

Err log_checkpoint_write(Cx *cx, Log *log, const LogCursor *cursor, Str model)
{
    Str name = log_beside(cx, log_path(log), LOG_CHECKPOINT_NAME);
    Str prefix = {NULL, 0}, file = {NULL, 0};
    if (str_is_null(name))
        return err_nomem(cx);
    if (cursor->epoch != log->epoch)
        return err_set(cx, ERR_LOCKED, "err.log-key-renewed", NO_ARGS);
    Err e = make_prefix(cx, log, cursor, model.len, &prefix);
    if (e == OK)
        e = seal_file(cx, log, prefix, model, &file);
    return e == OK ? log_write_derived(cx, log, name, file) : e;
}

/* -- reading ----------------------------------------------------------------------------------- */

static Err none(Cx *cx)
{
    return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
}

/* The stream of all segments, opened where they lie and moved together: file is ours, in the
 * arena. */
static Err open_file(Cx *cx, const Log *log, Str file, Str *ret)
{
    if (file.len < OPEN_LEN || memcmp(file.p, magic, 8) != 0 ||
        memcmp(file.p + 8, log->vault.b, 16) != 0)
        return none(cx);
    SealPlace place = {SEAL_CHECKPOINT, log->vault, (int64_t)seal_get64(bytes_of(file) + 24), 0};
    const union {
        const char *read;
        uint8_t *opened;
    } bytes = {.read = file.p};
    uint8_t *stream = bytes.opened;
    ptrdiff_t len = 0;
    for (Str rest = str_from(file, OPEN_LEN); rest.len > 0; place.seq++) {
        Str sealed = str_sub(rest, 0, SEGMENT + SEAL_OVER);
        uint8_t *text = stream + (sealed.p - file.p) + SEAL_NONCE;
        if (!seal_open(log->key, &place, bytes_of(sealed), sealed.len, text))
            return none(cx);
        memmove(stream + len, text, (size_t)(sealed.len - SEAL_OVER));
        len += sealed.len - SEAL_OVER;
        rest = str_from(rest, sealed.len);
    }
    if (len < PREFIX_LEN || seal_get64(stream) != (uint64_t)len ||
        seal_get64(stream + 8) != (uint64_t)log->epoch)
        return none(cx);
    *ret = (Str){(const char *)stream, len};
    return OK;
}

static Err read_cursor(Cx *cx, const Log *log, Str stream, LogCursor *ret, Str *ret_model)
{
    uint64_t n = seal_get64(bytes_of(stream) + 16);
    if (n > (uint64_t)(stream.len - PREFIX_LEN) / MARK_LEN)
        return none(cx);
    LogCursor cursor = {.n = (ptrdiff_t)n, .cap = (ptrdiff_t)n, .epoch = log->epoch};
    cursor.marks = os_alloc(cursor.n + 1, sizeof *cursor.marks);
    if (!cursor.marks)
        return err_nomem(cx);
    const uint8_t *in = bytes_of(stream) + PREFIX_LEN;
    for (ptrdiff_t i = 0; i < cursor.n; i++, in += MARK_LEN) {
        LogMark *mark = &cursor.marks[i];
        mark->device = (int64_t)seal_get64(in);
        mark->seq = (int64_t)seal_get64(in + 8);
        memcpy(mark->hash, in + 16, SEAL_HASH);
    }
    *ret = cursor;
    *ret_model = str_from(stream, PREFIX_LEN + cursor.n * MARK_LEN);
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

Err log_checkpoint_read(Cx *cx, Log *log, LogCursor *ret_cursor, Str *ret_model)
{
    Str name = log_beside(cx, log_path(log), LOG_CHECKPOINT_NAME);
    Str file = {NULL, 0}, stream = {NULL, 0}, model = {NULL, 0};
    LogCursor cursor = {0};
    LogMark *heads = NULL;
    ptrdiff_t n = 0;
    if (str_is_null(name))
        return err_nomem(cx);
    if (os_read_file(cx, name, file_max, &file) != OK)
        return none(cx);
    Err e = open_file(cx, log, file, &stream);
    if (e != OK) { /* no use to anyone; under an older key it may hold what was forgotten since */
        Err gone = os_remove(cx, name);
        (void)gone;
        return none(cx);
    }
    e = log_begin_read(cx, log);
    if (e == OK)
        e = log_end(cx, log, log_heads_get(cx, log, &heads, &n));
    if (e == OK)
        e = read_cursor(cx, log, stream, &cursor, &model);
    if (e == OK && !is_past(&cursor, heads, n))
        e = none(cx);
    if (e != OK) {
        log_cursor_free(&cursor);
        return e;
    }
    *ret_cursor = cursor;
    *ret_model = model;
    return OK;
}
