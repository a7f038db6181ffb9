/* book/forget.h - forgetting a person: what in the vault names them, and writing the vault anew without it.
 * An entry names them by id (they took part, it is about them) or in words (their names, mail addresses and
 * numbers in any text). A word that somebody else who stays bears too, a family name say, does not count by
 * itself; a whole name that somebody else has too counts only in what is about them by id, and in what was done to
 * keep it. Whoever was merged into them goes with them.
 * Shapes  a ForgetPlan has one item for each object that names them, apart from themselves, ascending by id.
 * Errors  as log_rewrite; whatever fails has changed nothing.
 * Memory  the plan is in cx->arena and ends with the book's next change.
 * Thread  the thread that owns the book. */
#ifndef BOOK_FORGET_H
#define BOOK_FORGET_H

#include "book/book.h"
#include "log/log.h"

typedef enum ForgetHow {
    FORGET_DELETE, /* nothing remains but its empty place */
    FORGET_REDACT, /* it no longer names them: not by id, and … in place of their names */
    FORGET_KEEP    /* it is no longer about them, but its words stay as they are */
} ForgetHow;

typedef struct ForgetItem {
    Id id;
    uint16_t kind;
    BookRef ref;
    bool by_id;    /* about them or with them; otherwise only words name them */
    bool others;   /* with others too */
    bool namesake; /* one of them has the same name */
    bool present;  /* still counts; what was undone or taken out is deleted */
    ForgetHow how; /* as proposed: redacted where it is not theirs alone, else deleted */
} ForgetItem;

typedef struct ForgetPlan {
    struct ForgetNames *names;
    ForgetItem *items;
    int n;
} ForgetPlan;

MUST_CHECK Err book_forget_plan(Cx *cx, const Book *book, BookRef person, ForgetPlan *ret);
ForgetItem *forget_item(const ForgetPlan *plan, Id id, uint16_t kind); /* NULL when not in it */
/* Writes the vault anew as the plan says, under a fresh key, and reads the book again: all BookRefs are void
 * then. secret is what opens the vault. *ret_scrubbed as log_scrub says. */
MUST_CHECK Err book_forget(Cx *cx, Book *book, Log *log, const LogSecret *secret,
                           const ForgetPlan *plan, bool *ret_scrubbed);

#endif
