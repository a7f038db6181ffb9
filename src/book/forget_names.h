/* book/forget_names.h - what names a person who is to be forgotten: ids, words, whole names, addresses. Private.
 * Shapes  at most NAMES_MAX of each; what goes beyond stays. Words and names are folded.
 * Errors  ERR_NOMEM.
 * Memory  cx->arena.
 * Thread  as book/forget.h. */
#ifndef BOOK_FORGET_NAMES_H
#define BOOK_FORGET_NAMES_H

#include "book/book.h"

enum { NAMES_MAX = 64, NAMES_IDS_MAX = 32 };

struct ForgetNames {
    Id ids[NAMES_IDS_MAX]; /* theirs, and of who was merged into them */
    int n_ids;
    Str words[NAMES_MAX]; /* each tells by itself */
    int n_words;
    Str phrases[NAMES_MAX]; /* whole names, for which it takes all words in a row */
    int n_phrases;
    Str shared
        [NAMES_MAX]; /* whole names that somebody who stays bears too: only where it is they who are meant */
    int n_shared;
    Id bearers[NAMES_IDS_MAX]; /* who that is */
    int n_bearers;
    Id *batches; /* in which something of theirs was kept, ascending; what a batch says of itself may name them */
    int n_batches;
    Str literals[NAMES_MAX]; /* addresses, numbers */
    int n_literals;
};

typedef struct ForgetNames Names;

/* All names of a person; their ids are in names already. */
MUST_CHECK Err forget_take_names(Cx *cx, const Book *book, Names *names, const BookPerson *p);
bool forget_has_id(const Id list[], int n, Id id);
bool forget_is_theirs(const Names *names, Id id);
/* Text without their names; the very slice when there is none in it, null when there is no memory. theirs: it is they
 * who are meant, should somebody else have the same name. */
Str forget_redact(Arena *arena, const Names *names, bool theirs, Str text);

#endif
