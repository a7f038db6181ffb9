/* bench/bench.h - the paths that matter, timed beside their floors in the same run, on the same bytes.
 * A floor is the least any program could do for the same answer (reading and opening the same blobs, one SQLite
 * commit of the same sizes, one pass over the same text, an empty process); a figure is only ever a ratio to
 * it, so that it means the same on a slow machine and a fast one.
 * Shapes  one row per path and size: ours, floor, ratio, and how the cost per entry grew since the size before.
 * Units   nanoseconds an operation; medians of several runs.
 * Errors  as the rooms it times; nothing is left behind.
 * Memory  temporary vaults in a folder of its own, removed at the end.
 * Thread  main. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "app/app.h"

/* Input of the row "bench": entries (several), only (part of a name). */
MUST_CHECK Err bench_run(Cx *cx, const Input *in);

#endif
