/* book/pack.h - in which order bodies go to a checkpoint. Private to this room.
 * Shapes  order: the entries that have a body of their own; pos: where the body of each entry will be, of those that
 *         are carried too; a position past the last chunk for who has none.
 * Errors  ERR_NOMEM, for more bodies than positions too.
 * Memory  thirteen bytes an entry in cx->arena.
 * Thread  whoever owns the book. */
#ifndef BOOK_PACK_H
#define BOOK_PACK_H

#include "book/model.h"

typedef struct Pack {
    const uint32_t *order, *pos;
    uint32_t n;
    uint32_t chunks, used; /* the bodies in all, as in Bodies */
    uint32_t wordless_from,
        wordless_to; /* positions between which no body holds words of anybody's */
} Pack;

MUST_CHECK Err pack_bodies(Cx *cx, const Book *book, Pack *ret);

#endif
