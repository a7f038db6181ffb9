/* bench/paths.h - what is timed, and beside what. Private to this room.
 * Shapes  ours and floor alternate; each gives ns (or bytes) for the whole of *ret_count units.
 * Errors  as the rooms they time.
 * Memory  b->scratch is reset after each.
 * Thread  main. */
#ifndef BENCH_PATHS_H
#define BENCH_PATHS_H

#include "app/app.h"
#include "bench/floor.h"

enum { BENCH_PATHS = 23 };

typedef struct Bench {
    Cx *cx;
    Arena scratch;
    Cx own;
    App app;
    Str folder;
    Floor floor;
    Str only;
    int64_t entries;
    double last[BENCH_PATHS]; /* of the size before; 0: none */
} Bench;

typedef struct Path {
    const char *name, *unit, *floor_name;
    Err (*ours)(Bench *b, int64_t *ret_ns, int64_t *ret_count);
    Err (*floor)(Bench *b, int64_t *ret_ns, int64_t *ret_count);
} Path;
extern const Path bench_paths[BENCH_PATHS];

/* The engine over the whole vault, on two cores (engine.c). */
MUST_CHECK Err bench_engine(Bench *b, int64_t *ret_ns, int64_t *ret_count);
MUST_CHECK Err bench_engine_floor(Bench *b, int64_t *ret_ns, int64_t *ret_count);

#endif
