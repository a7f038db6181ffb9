/* port/lines.h - the lines of a file that need not be held at once, or of bytes that are.
 * Shapes  lines end in LF, CR or CR LF. One of nearly LINES_MOST or more comes cut off there, and the rest of it is passed
 *         over: whoever has a maximum below that sees that it is too long.
 * Errors  as base/stream.h; ERR_IO when the disk fails; ERR_NOMEM.
 * Memory  LINES_MOST in the arena that it was opened with; a line until the next is asked for.
 * Thread  one thread at a time. */
#ifndef PORT_LINES_H
#define PORT_LINES_H

#include "base/stream.h"

enum { LINES_MOST = 4 << 20 };

/* What is read: the file when it has a path, else the bytes. */
typedef struct LineSource {
    Str path, bytes;
} LineSource;

typedef struct Lines {
    Stream file; /* closed when it is bytes that are read */
    Str path, rest;
    char *buf;
    bool ended, skips; /* nothing comes after rest; the line before it was cut off */
    int64_t bytes;     /* in all */
} Lines;

MUST_CHECK Err lines_open(Cx *cx, const LineSource *from, Lines *ret);
/* A null slice at the end. */
MUST_CHECK Err lines_next(Cx *cx, Lines *io, Str *ret);
void lines_close(Lines *lines); /* for AUTO_CLEAN */
#define LINES_NONE ((Lines){.file = STREAM_NONE})

#endif
