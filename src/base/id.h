/* base/id.h - 128 random bits that name one thing for ever, on every device.
 * Shapes  16 bytes; as text 26 characters of Crockford's base 32, lower case, safe in a URL.
 * Errors  id_parse returns false.
 * Memory  none.
 * Thread  pure but for id_new.
 * Source  D. Crockford, Base 32 (2019). */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/str.h"
#include <string.h>

typedef struct Id {
    uint8_t b[16];
} Id;

enum { ID_TEXT_LEN = 26, ID_TEXT_CAP = ID_TEXT_LEN + 1 };

Id id_new(void); /* from the kernel's randomness */
/* Two words and no call: this is asked several times for each entry of a vault. */
static inline bool id_eq(Id a, Id b)
{
    uint64_t x[2], y[2];
    memcpy(x, a.b, sizeof x);
    memcpy(y, b.b, sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}
static inline bool id_is_zero(Id id)
{
    return id_eq(id, (Id){{0}});
}
int id_cmp(Id a, Id b);
Str id_format(Id id, char out[ID_TEXT_CAP]); /* NUL-terminated */
bool id_parse(Str s, Id *ret);               /* exactly 26 characters; case and o/i/l forgiven */

#endif
