/* port/vcard_write.h - people as a vCard file, version 3.0 or 4.0.
 * Shapes  lines end in CRLF and are folded at 75 bytes between letters; what a version has no word for is
 *         written with the X- names that Apple, Google and Evolution read. What port/vcard.h read comes
 *         back the same, but for line, version, left_out and name_from.
 * Errors  ERR_LIMIT past VCARD_FILE_MAX bytes; ERR_NOMEM.
 * Memory  in cx->arena.
 * Thread  pure.
 * Source  RFC 2426, RFC 6350, RFC 6868. */
#ifndef PORT_VCARD_WRITE_H
#define PORT_VCARD_WRITE_H

#include "port/vcard.h"

typedef enum VcardVersion { VCARD_3_0 = 30, VCARD_4_0 = 40 } VcardVersion;

MUST_CHECK Err vcard_write(Cx *cx, const VcardPerson people[], ptrdiff_t n_people,
                           VcardVersion version, Str *ret);

/* Whether two say the same of a person; line, version, left_out and name_from do not count. */
bool vcard_same(const VcardPerson *a, const VcardPerson *b);

#endif
