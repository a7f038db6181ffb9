/* book/signs.h - 128 bits an object by which a search passes over nearly everything it need not look at.
 * Shapes  an object without a sign is always worth a look; so is one whose sign has all the bits of some word.
 * Errors  ERR_NOMEM.
 * Memory  signs are the book's, and counted; they go with it, wiped.
 * Thread  as book.h. */
#ifndef BOOK_SIGNS_H
#define BOOK_SIGNS_H

#include "book/model.h"

/* Every text of a field that is searched. */
typedef void TextVisit(void *ctx, uint16_t tag, Str text);
void texts_each(uint16_t kind, const Field *field, TextVisit *visit, void *ctx);

/* A bit an object, in cx->arena: worth a look for any of the words; NULL when there are no signs. */
MUST_CHECK Err signs_worth(Cx *cx, const Book *book, const Str words[], int n,
                           const uint64_t **ret);

#endif
