/* bench/floor.h - the least that could be done: raw SQLite and libsodium on blobs of the same sizes, the
 * arithmetic of a step without the step, an empty process.
 * Shapes  a Floor holds a database of blobs as long as the book's sealed entries.
 * Units   ns.
 * Errors  ERR_IO.
 * Memory  floor_free gives everything back; the files go with the bench's folder.
 * Thread  main. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include "book/book.h"

typedef struct sqlite3 sqlite3;

typedef struct Floor {
    sqlite3 *db;
    uint8_t key[32];
    int64_t next, segments; /* bytes of the file of segments; 0: none yet */
} Floor;

MUST_CHECK Err floor_make(Cx *cx, Floor *floor, Str folder, const Book *book);
void floor_free(Floor *floor);
MUST_CHECK Err floor_scan_and_open(Cx *cx, Floor *floor, int64_t *ret_ns);
MUST_CHECK Err floor_commit(Cx *cx, Floor *floor, int times, int64_t *ret_ns);
/* steps rank-one updates of an n x n covariance: what one reading must at least multiply and add. */
int64_t floor_multiply_add(int steps, int n);
void floor_escape(Arena *arena, Str page);
/* Reading and opening sealed segments, so many bytes in all. */
MUST_CHECK Err floor_segments(Cx *cx, Floor *floor, Str folder, int64_t bytes, int64_t *ret_ns);
/* A program from its start to its end, in CPU time. */
MUST_CHECK Err floor_process(Cx *cx, const char *const argv[], int64_t *ret_ns);

#endif
