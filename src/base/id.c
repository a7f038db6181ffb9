/* base/id.c - base 32 of 128 bits: two zero bits in front, then 26 digits of five bits. */
#include "base/id.h"
#include "base/os.h"
#include <string.h>

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

Id id_new(void)
{
    Id id = {{0}};
    os_random(id.b, sizeof id.b);
    return id;
}

int id_cmp(Id a, Id b)
{
    return memcmp(a.b, b.b, sizeof a.b);
}

Str id_format(Id id, char out[ID_TEXT_CAP])
{
    unsigned acc = 0;
    int bits = 2, n = 0; /* the two zero bits */
    for (int i = 0; i < 16; i++) {
        acc = (acc << 8 | id.b[i]) & 0xffff;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out[n++] = digits[acc >> bits & 31];
        }
    }
    out[n] = '\0';
    return (Str){out, n};
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (c == 'o')
        c = '0';
    if (c == 'i' || c == 'l')
        c = '1';
    const char *hit = c ? strchr(digits, c) : NULL;
    return hit ? (int)(hit - digits) : -1;
}

bool id_parse(Str s, Id *ret)
{
    if (s.len != ID_TEXT_LEN)
        return false;
    Id id = {{0}};
    unsigned acc = 0;
    int bits = -2, n = 0;
    for (int i = 0; i < ID_TEXT_LEN; i++) {
        int v = digit_value(s.p[i]);
        if (v < 0 || (i == 0 && v > 7))
            return false;
        acc = (acc << 5 | (unsigned)v) & 0xffff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            id.b[n++] = (uint8_t)(acc >> bits);
        }
    }
    *ret = id;
    return true;
}
