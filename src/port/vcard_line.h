/* port/vcard_line.h - one property of a vCard: which it is, its group, parameters and raw value.
 * Shapes  "item1.TEL;TYPE=home,cell;PREF=1:+44 20 7946 0000"; bare 2.1 words (";HOME;PREF:") mean
 *         TYPE.
 * Errors  vcard_line_parse says whether the line is whole.
 * Memory  slices of the line.
 * Thread  pure.
 * Source  see port/vcard.h. */
#ifndef PORT_VCARD_LINE_H
#define PORT_VCARD_LINE_H

#include "port/vcard_text.h"

typedef enum VcardWhat {
    WHAT_OTHER, /* nothing fonder keeps */
    WHAT_BEGIN,
    WHAT_END,
    WHAT_VERSION,
    WHAT_KIND,
    WHAT_SHOW_AS, /* Apple's way of saying that a card is a company */
    WHAT_FN,
    WHAT_N,
    WHAT_NICKNAME,
    WHAT_BDAY,
    WHAT_ANNIVERSARY,
    WHAT_DATE, /* X-ABDATE: an anniversary when its label says so */
    WHAT_EMAIL,
    WHAT_TEL,
    WHAT_URL,
    WHAT_ADR,
    WHAT_PRINTED, /* LABEL */
    WHAT_ORG,
    WHAT_TITLE,
    WHAT_NOTE,
    WHAT_CATEGORIES,
    WHAT_UID,
    WHAT_REV,
    WHAT_RELATED,
    WHAT_ANDROID,
    WHAT_LABEL, /* X-ABLabel */
    WHAT_PHOTO, /* from here on: counted, left out */
    WHAT_LOGO,
    WHAT_SOUND,
    WHAT_KEY,
    WHAT_AGENT,
    WHAT_COUNT
} VcardWhat;

typedef enum VcardEncoding { ENCODED_PLAIN, ENCODED_QUOTED, ENCODED_BASE64 } VcardEncoding;

typedef struct VcardLine {
    VcardWhat what;
    const char *relation; /* WHAT_RELATED under a name that says which: X-SPOUSE is "spouse" */
    Str name, group, value;
    unsigned types;
    int pref;
    VcardEncoding encoding;
    Str word; /* the first TYPE that is none of ours */
    Str charset, altid, printed, value_kind, omit_year;
} VcardLine;

/* False when the line has no name or no colon; ret then still tells what it would have been. */
bool vcard_line_parse(Str s, VcardLine *ret);
/* The words of VCARD_HOME and so on, for the writer: bit number to TYPE. */
const char *vcard_type_word(int bit);
enum { VCARD_TYPE_BITS = 11 };

#endif
