/* app/demo.h - a believable life for trying fonder out: people, years of check-ins and moments, made up from
 * a seed. The same seed and now give the same history (ids apart).
 * Shapes  the first dozen people have a cast with kinds and seasons; further ones repeat it with new names.
 * Units   years; people.
 * Errors  as book_commit.
 * Memory  batches of at most a few hundred drafts, each in an arena of its own.
 * Thread  the thread that owns the book. */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "app/app.h"

typedef struct DemoPlan {
    int people, years;
    uint64_t seed;
} DemoPlan;

enum { DEMO_PEOPLE = 12, DEMO_YEARS = 2 };

MUST_CHECK Err demo_fill(Cx *cx, App *app, const DemoPlan *plan);

#endif
