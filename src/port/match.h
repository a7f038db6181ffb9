/* port/match.h - whether a card is someone who is here already, for the preview of an import.
 * Nothing is merged: each card gets the best candidate with the reasons, and the person decides.
 * Shapes  MatchKeys are what someone is recognised by, in the normal form the match_* functions give;
 *         make them for the people who are here and for the cards, then match_people. A key that more
 *         than MATCH_OWNERS_MAX share (a switchboard, a very common name) points to the first of them.
 * Errors  ERR_NOMEM.
 * Memory  cx->arena; keys borrow where they can.
 * Thread  pure.
 * Source  phone numbers compare by their last nine digits, which drops country and trunk prefixes
 *         (ITU-T E.164 national numbers are mostly nine or ten digits long). */
#ifndef PORT_MATCH_H
#define PORT_MATCH_H

#include "port/vcard.h"

enum { MATCH_OWNERS_MAX = 8 };

enum {
    SAME_NAME = 1 << 0,
    SAME_BIRTHDAY =
        1
        << 1, /* with the name; or to the year, with a name that fits it: "A. Brown", "Ana Brown-Lee" */
    SAME_PHONE = 1 << 2,
    SAME_EMAIL = 1 << 3,
    SAME_UID = 1 << 4
};

typedef struct MatchKeys {
    Str uid, name, born;
    const Str *emails, *phones;
    int n_emails, n_phones;
    int birth_year, birth_month, birth_day; /* 0 where not known */
} MatchKeys;

typedef enum MatchFound {
    MATCH_NEW,
    MATCH_KNOWN,   /* index counts the people who are here */
    MATCH_REPEATED /* index counts the cards; an earlier one in the same file */
} MatchFound;

typedef struct Match {
    MatchFound found;
    ptrdiff_t index;
    unsigned reasons; /* SAME_NAME | ... */
    bool sure;        /* the same identifier, or the name and something else; otherwise "perhaps" */
    int others;       /* how many more could be meant */
} Match;

/* Normal forms; empty when nothing in s could tell people apart, null when the arena is full. */
Str match_name(Arena *arena, Str s); /* case and accents folded, words in alphabetical order */
Str match_email(Arena *arena, Str s);
Str match_phone(Arena *arena, Str s);
Str match_uid(Arena *arena, Str s);
Str match_born(Arena *arena, int year, int month, int day); /* empty unless all are known */

MUST_CHECK Err match_keys(Cx *cx, const VcardPerson *person, MatchKeys *ret);
/* ret_matches[n_cards], one for each card in order. */
MUST_CHECK Err match_people(Cx *cx, const MatchKeys known[], ptrdiff_t n_known,
                            const MatchKeys cards[], ptrdiff_t n_cards, const Match **ret_matches);

#endif
