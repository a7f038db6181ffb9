/* base/buf.h - bytes being written, with a declared maximum and a sticky failure.
 * Shapes  contiguous; grows in the arena by doubling.
 * Units   bytes.
 * Errors  writes never fail one by one: past max_bytes or out of memory the buffer stays as it is and
 *         buf_done says so, once, at the end.
 * Memory  in the arena given to buf_make; buf_done's slice borrows it.
 * Thread  one thread at a time. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/cx.h"
#include <stdarg.h>
#include <stdbool.h>

typedef struct Buf {
    Arena *arena;
    char *p;
    ptrdiff_t len, cap, max_bytes;
    bool (*drain)(void *ctx, Str bytes); /* takes what was written; NULL: it stays here */
    void *drain_ctx;
    bool failed; /* some write did not fit or found no memory, or could not be drained */
    bool over;   /* it was max_bytes that stopped it */
    bool stuck;  /* it was the drain */
} Buf;

Buf buf_make(Arena *arena, ptrdiff_t max_bytes);
bool buf_reserve(Buf *buf, ptrdiff_t more); /* room for so many bytes behind len, at once */
void buf_put(Buf *buf, Str s);
void buf_c(Buf *buf, const char *c_string);
void buf_char(Buf *buf, char c);
void buf_bytes(Buf *buf, const void *bytes, ptrdiff_t len);
void buf_fmt(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Little-endian, for file formats. */
void buf_u32(Buf *buf, uint32_t v);
void buf_u64(Buf *buf, uint64_t v);
/* LEB128, 1 to 10 bytes. */
void buf_varint(Buf *buf, uint64_t v);
/* A place where it may hand on what it has, once that is worth while; max_bytes then holds for what lies between two
 * such places. Nothing without a drain. */
void buf_may_drain(Buf *buf);
/* Hands on the rest. As buf_done; ERR_IO when the drain took no more. */
MUST_CHECK Err buf_drained(Cx *cx, Buf *buf);
/* ERR_LIMIT past max_bytes, ERR_NOMEM when memory ran out. */
MUST_CHECK Err buf_done(Cx *cx, const Buf *buf, Str *ret);

#endif
