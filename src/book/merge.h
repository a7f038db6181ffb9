/* book/merge.h - two people who are one: everything of the second becomes the first's, in one batch that undo
 * takes back. What the first says of something stands; lists are joined; a flag that protects (a minor, someone
 * gets hurt) holds if either has it.
 * Shapes  as book/book.h.
 * Errors  ERR_INVALID one person twice; as book_commit.
 * Memory  cx->arena.
 * Thread  the thread that owns the book. */
#ifndef BOOK_MERGE_H
#define BOOK_MERGE_H

#include "book/book.h"

MUST_CHECK Err book_merge(Cx *cx, Book *book, Log *log, BookRef stays, BookRef goes, Id *ret_batch);

#endif
