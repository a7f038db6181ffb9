/* base/buf.c - a growing byte buffer in an arena; amortised O(1) a byte. */
#include "base/buf.h"
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST = 256, FMT_SHORT = 256, DRAIN_BYTES = 1 << 18 };

Buf buf_make(Arena *arena, ptrdiff_t max_bytes)
{
    return (Buf){.arena = arena, .max_bytes = max_bytes};
}

bool buf_reserve(Buf *buf, ptrdiff_t more)
{
    if (buf->failed)
        return false;
    if (more > buf->max_bytes - buf->len) {
        buf->failed = buf->over = true;
        return false;
    }
    if (buf->cap - buf->len >= more)
        return true;
    ptrdiff_t cap = buf->cap > 0 ? buf->cap * 2 : BUF_FIRST;
    if (cap < buf->len + more)
        cap = buf->len + more;
    if (cap > buf->max_bytes)
        cap = buf->max_bytes;
    char *p = arena_grow(buf->arena, buf->p, buf->cap, cap, 1, 1);
    if (!p) {
        buf->failed = true;
        return false;
    }
    buf->p = p;
    buf->cap = cap;
    return true;
}

void buf_bytes(Buf *buf, const void *bytes, ptrdiff_t len)
{
    if (len > 0 && buf_reserve(buf, len)) {
        memcpy(buf->p + buf->len, bytes, (size_t)len);
        buf->len += len;
    }
}

void buf_put(Buf *buf, Str s)
{
    buf_bytes(buf, s.p, s.len);
}

void buf_c(Buf *buf, const char *c_string)
{
    buf_put(buf, str_c(c_string));
}

void buf_char(Buf *buf, char c)
{
    buf_bytes(buf, &c, 1);
}

void buf_fmt(Buf *buf, const char *format, ...)
{
    char small[FMT_SHORT];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0) {
        buf->failed = true;
    } else if (n < FMT_SHORT) {
        buf_bytes(buf, small, n);
    } else if (buf_reserve(buf, (ptrdiff_t)n + 1)) {
        va_start(args, format);
        (void)vsnprintf(buf->p + buf->len, (size_t)n + 1, format, args);
        va_end(args);
        buf->len += n;
    }
}

void buf_u32(Buf *buf, uint32_t v)
{
    unsigned char b[4];
    for (int i = 0; i < 4; i++)
        b[i] = (unsigned char)(v >> (8 * i));
    buf_bytes(buf, b, sizeof b);
}

void buf_u64(Buf *buf, uint64_t v)
{
    unsigned char b[8];
    for (int i = 0; i < 8; i++)
        b[i] = (unsigned char)(v >> (8 * i));
    buf_bytes(buf, b, sizeof b);
}

void buf_varint(Buf *buf, uint64_t v)
{
    unsigned char b[10];
    int n = 0;
    do {
        b[n] = (unsigned char)(v & 0x7f);
        v >>= 7;
        b[n] |= v > 0 ? 0x80 : 0;
        n++;
    } while (v > 0);
    buf_bytes(buf, b, n);
}

static void drain(Buf *buf)
{
    if (!buf->failed && !buf->drain(buf->drain_ctx, (Str){buf->p, buf->len}))
        buf->failed = buf->stuck = true;
    buf->len = 0;
}

void buf_may_drain(Buf *buf)
{
    if (buf->drain && buf->len >= DRAIN_BYTES)
        drain(buf);
}

Err buf_done(Cx *cx, const Buf *buf, Str *ret)
{
    if (buf->over)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", buf->max_bytes)));
    if (buf->failed)
        return err_nomem(cx);
    *ret = (Str){buf->p ? buf->p : "", buf->len};
    return OK;
}

Err buf_drained(Cx *cx, Buf *buf)
{
    Str none = {NULL, 0};
    if (!buf->failed)
        drain(buf);
    return buf->stuck ? err_set(cx, ERR_IO, "err.not-drained", NO_ARGS) : buf_done(cx, buf, &none);
}
