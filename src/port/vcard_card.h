/* port/vcard_card.h - one card while it is being read: its properties in, a VcardPerson out.
 * Shapes  lists grow in scratch vectors that every card of a file shares; card_end copies them to
 *         their exact size. One owner: port/vcard.c.
 * Errors  a value that cannot be used becomes a VcardProblem; the only hard failure is memory, kept
 *         in out_of_memory and asked for after each line.
 * Memory  cx->arena.
 * Thread  pure.
 * Source  see port/vcard.h. */
#ifndef PORT_VCARD_CARD_H
#define PORT_VCARD_CARD_H

#include "base/buf.h"
#include "port/table.h"
#include "port/vcard_line.h"

typedef struct VcardVec {
    void *p;
    int n, cap;
} VcardVec;

/* What a label may be for, and a label. */
typedef struct VcardGroup {
    Str name;
    VcardWhat what;
    int index; /* in the list of that kind */
} VcardGroup;

typedef struct VcardLabel {
    Str group, text;
} VcardLabel;

enum { VCARD_ALTIDS = 16 }; /* alternatives stand next to each other */

typedef struct VcardAlt {
    VcardWhat what;
    Str altid;
} VcardAlt;

typedef struct VcardCard {
    Cx *cx;
    TableSeed seed;
    VcardVec problems;
    int64_t problems_total;
    bool out_of_memory;

    VcardPerson person;
    int64_t line; /* of the property at hand */
    bool lost;
    int properties;
    bool guessed; /* the problem of an unnamed character set was told once for this card */
    unsigned char
        best[WHAT_COUNT]; /* preference of the value taken so far, 101 for none, 0 for no value */
    VcardAlt alts[VCARD_ALTIDS];
    int n_alts;
    VcardVec emails, phones, urls, addresses, related, nicknames, categories, notes;
    VcardVec groups; /* what a label may be for */
    VcardVec labels, dates;
} VcardCard;

void card_begin(VcardCard *card, int64_t line);
/* One property whose lines are joined but still encoded. */
void card_take(VcardCard *card, VcardLine *line);
/* Finishes the person. False when the card holds nothing to call anyone by. */
bool card_end(VcardCard *card);

/* Tells what is wrong at a line; lost says that the card goes with it. */
void card_problem(VcardCard *card, bool lost, const char *key, const Arg *args);
/* A short, clean piece of a value, to be shown in a message. */
Str card_excerpt(VcardCard *card, Str s);
/* The next zeroed element of a vector of element_bytes; NULL when memory is out. */
void *card_push(VcardCard *card, VcardVec *vec, size_t element_bytes);

/* s behind what buf has, with between before it unless either is empty; and what buf then holds. */
void card_append(Buf *buf, const char *between, Str s);
Str card_text(VcardCard *card, const Buf *buf);
Str card_lower(VcardCard *card, Str s); /* ASCII */

#endif
