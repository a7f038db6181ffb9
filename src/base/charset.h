/* base/charset.h - bytes in an older character set, as UTF-8.
 * Shapes  names as MIME and vCard write them ("ISO-8859-1", "windows-1252", "utf-16"), any case.
 *         Only a fixed list is known, so that a file cannot choose which converter of the system is
 *         loaded. ISO-8859-1 and US-ASCII are read as Windows-1252, as all do who label text so.
 * Errors  ERR_NOT_FOUND for a name that is not on the list or has no converter on this system.
 *         Bytes that mean nothing in the set become U+FFFD and are counted.
 * Memory  results in cx->arena, or the input itself when it already is what was asked for.
 * Thread  safe.
 * Source  WHATWG Encoding (labels); iconv of the C library. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include "base/cx.h"

bool charset_is_utf8(Str name); /* UTF-8 and the names people write for it */
/* ret_bad may be NULL; else it receives how many places were replaced. */
MUST_CHECK Err charset_to_utf8(Cx *cx, Str name, Str bytes, Str *ret, ptrdiff_t *ret_bad);
/* A whole file: a byte order mark, or zero bytes in every second place at its start, tell UTF-16; a
 * mark of UTF-8 is dropped; anything else comes back as it is. */
MUST_CHECK Err charset_sniff(Cx *cx, Str bytes, Str *ret);

#endif
