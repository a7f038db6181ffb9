/* base/stream.h - files piece by piece, for what is too large to be held at once.
 * Shapes  one being read, from its start to its end; or one being written as PATH.new, which takes the name
 *         PATH when it is published and is gone otherwise. Two processes do not write one file at once.
 * Units   bytes.
 * Errors  as os.h; ERR_BUSY another process is writing the same file.
 * Memory  a Stream holds a file descriptor: stream_close, also after publishing. Its names are in the arena
 *         that it was opened with.
 * Thread  one thread at a time. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/cx.h"
#include <stdbool.h>

typedef struct Stream {
    int fd;        /* -1: closed */
    int64_t bytes; /* of the file, when it is read */
    const char *path, *temp;
} Stream;
#define STREAM_NONE ((Stream){.fd = -1})

/* Only what is a file: ERR_IO for a pipe, a folder, a device. */
MUST_CHECK Err stream_open(Cx *cx, Str path, Stream *ret);
/* Up to len bytes, fewer only at the end; negative when the disk fails. */
ptrdiff_t stream_read(Stream *s, void *ret, ptrdiff_t len);
/* The same from anywhere; where stream_read goes on stays as it is. */
ptrdiff_t stream_read_at(const Stream *s, int64_t at, void *ret, ptrdiff_t len);

MUST_CHECK Err stream_create(Cx *cx, Str path, Stream *ret); /* mode 0600 */
bool stream_write(Stream *s, const void *bytes, ptrdiff_t len);
/* lasting: on disk when it returns; else whenever the system likes, which suits what can be made again. */
MUST_CHECK Err stream_publish(Cx *cx, Stream *s, bool lasting);

void stream_close(Stream *s); /* for AUTO_CLEAN; takes away what was not published */

#endif
