/* book/later.h - bodies that are read from a checkpoint as they are asked for. Private to this room.
 * Shapes  the bodies of a checkpoint lie behind one another as they will in memory; `from` is the first byte's place
 *         among them. A segment is brought once.
 * Units   bytes.
 * Errors  later_bring is false when the segment is not what was written: then, and from then on, later->failed.
 * Memory  one segment's worth of the checkpoint, and a bit a segment; the bodies' own chunks hold what was brought.
 * Thread  whoever owns the book. */
#ifndef BOOK_LATER_H
#define BOOK_LATER_H

#include "book/store.h"
#include "log/log.h"

typedef struct Later {
    LogCheckpoint *source; /* owned, detached */
    int64_t start, bytes;  /* where the bodies begin in its stream, and how many there are */
    int64_t here_bytes;    /* of the list below */
    uint64_t *here;        /* a bit a segment of the stream, from the one that start is in */
    bool failed;
} Later;

/* All of the bodies' chunks are there, without what is in them. Takes *source over, and sets it to NULL; false without
 * memory: then nothing has changed. */
MUST_CHECK bool later_begin(Heap *heap, Bodies *bodies, LogCheckpoint **source, int64_t bytes);
MUST_CHECK bool later_bring(const Bodies *bodies, int64_t from, int64_t to);
/* The rest, after which nothing comes later. False: it has failed, now or before. */
MUST_CHECK bool later_end(Heap *heap, Bodies *bodies);
/* Wipes what was brought, and gives back what this took; the chunks are the bodies' to free. */
void later_wipe(Heap *heap, Bodies *bodies);

#endif
