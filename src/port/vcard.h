/* port/vcard.h - people out of vCard files, versions 2.1, 3.0 and 4.0, as address books write them.
 * Shapes  one VcardPerson per card that can be used, in the order of the file; one VcardProblem for
 *         each thing that could not. A card is lost when it has no end, holds nothing to call a
 *         person by, or is past a bound below; anything smaller costs that one value and the card
 *         comes through.
 *         All text is valid UTF-8, composed, trimmed, without control characters, unescaped; only
 *         notes and addresses keep newlines. Text in no declared character set that is not UTF-8 is
 *         read as Windows-1252 and named as a problem. Of several values where a person has one
 *         (name, title, organisation) the most preferred wins, then the first; of alternatives
 *         (ALTID) the first. Pictures, sounds, logos and keys are counted and left out.
 * Units   lines count from 1, as an editor shows them. A year, month or day not given is 0.
 * Errors  ERR_INVALID when no card begins in the bytes; ERR_LIMIT past VCARD_FILE_MAX bytes or
 *         VCARD_CARDS_MAX cards; ERR_NOMEM. Nothing else fails.
 * Memory  results in cx->arena; text borrows from the input where it can, so the input must live
 *         as long.
 * Thread  pure.
 * Source  vCard 2.1 (versit, 1996), RFC 2426, RFC 6350, RFC 6868 (carets), RFC 2045
 *         (quoted-printable, base64); the X- names of Apple, Google, Evolution, KDE, Microsoft and
 *         Android. */
#ifndef PORT_VCARD_H
#define PORT_VCARD_H

#include "base/cx.h"

enum {
    VCARD_FILE_MAX = 128 << 20,
    VCARD_CARDS_MAX = 100000,
    VCARD_PROPERTIES_MAX = 4096, /* in one card */
    VCARD_VALUE_MAX = 1 << 20,   /* bytes of one unfolded property that is kept */
    VCARD_PROBLEMS_MAX = 1000    /* described; beyond that counted only */
};

typedef struct VcardDate {
    int year, month, day;
    Str text; /* what the card says when it is no date ("circa 1800", VALUE=text) */
} VcardDate;

enum {
    VCARD_HOME = 1 << 0,
    VCARD_WORK = 1 << 1,
    VCARD_CELL = 1 << 2,
    VCARD_FAX = 1 << 3,
    VCARD_PAGER = 1 << 4,
    VCARD_VOICE = 1 << 5,
    VCARD_VIDEO = 1 << 6,
    VCARD_TEXT = 1 << 7,
    VCARD_CAR = 1 << 8,
    VCARD_MAIN = 1 << 9,
    VCARD_OTHER = 1 << 10
};

/* One way to reach someone: a mail address, a phone number, a web address. */
typedef struct VcardPoint {
    Str value;      /* without "mailto:" or "tel:" */
    Str label;      /* the owner's own word for it (X-ABLabel, or a TYPE nobody else knows) */
    unsigned types; /* VCARD_HOME | ... */
    int pref;       /* 1 most preferred .. 100; 0 not said */
} VcardPoint;

typedef struct VcardAddress {
    Str po_box, extended, street, city, region, postcode, country;
    Str printed; /* as it would stand on an envelope (LABEL) */
    Str label;
    unsigned types;
    int pref;
} VcardAddress;

/* Someone this person knows: by name, or by a link to another card. */
typedef struct VcardRelated {
    Str kind; /* "spouse", "child", "friend", ... lower case; empty when not said */
    Str name;
    Str uri;
} VcardRelated;

typedef enum VcardNameFrom {
    VCARD_FROM_FN,
    VCARD_FROM_N,
    VCARD_FROM_NICKNAME,
    VCARD_FROM_ORG,
    VCARD_FROM_EMAIL,
    VCARD_FROM_PHONE
} VcardNameFrom;

typedef enum VcardKind { VCARD_INDIVIDUAL, VCARD_GROUP, VCARD_ORGANISATION, VCARD_PLACE } VcardKind;

typedef struct VcardLeftOut {
    int photos, logos, sounds, keys;
    int agents; /* cards inside this card */
    int other;  /* properties fonder has no use for */
} VcardLeftOut;

typedef struct VcardPerson {
    Str name; /* never empty */
    VcardNameFrom name_from;
    VcardKind kind;
    Str family, given, additional, prefix, suffix;
    const Str *nicknames, *categories;
    int n_nicknames, n_categories;
    VcardDate birthday, anniversary;
    const VcardPoint *emails, *phones, *urls;
    int n_emails, n_phones, n_urls;
    const VcardAddress *addresses;
    const VcardRelated *related;
    int n_addresses, n_related;
    Str org, unit, title, note;
    Str uid, rev;
    VcardLeftOut left_out;
    int64_t line; /* where its BEGIN:VCARD stands */
    int version;  /* 21, 30 or 40 */
} VcardPerson;

typedef struct VcardProblem {
    int64_t line;
    int64_t card_line; /* where the card begins; 0 outside any card */
    bool lost;         /* the whole card was left out */
    Why why;           /* key and arguments; {line} is always among them */
} VcardProblem;

typedef struct VcardFile {
    const VcardPerson *people;
    ptrdiff_t n_people;
    const VcardProblem *problems; /* by line */
    ptrdiff_t n_problems;
    int64_t problems_total; /* with those past VCARD_PROBLEMS_MAX */
    int64_t cards;          /* begun in the file, nested ones apart; n_people + lost ones */
} VcardFile;

MUST_CHECK Err vcard_read(Cx *cx, Str bytes, VcardFile *ret);

bool vcard_date_is_set(const VcardDate *date);

#endif
