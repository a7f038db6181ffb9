/* render/assets.h - the files of templates/ and static/, carried inside the program.
 * Shapes  names are paths from the root of the source: "templates/page.mustache", "static/style.css".
 *         A template is called by what stands between: "page", "svg/flower", "text/today".
 * Errors  NULL or false for a name that is not there.
 * Memory  constants of the program; bytes are followed by a NUL that len does not count.
 * Thread  safe. */
#ifndef RENDER_ASSETS_H
#define RENDER_ASSETS_H

#include "base/str.h"

typedef struct Asset {
    Str name, bytes;
    const char
        *hash; /* 16 hexadecimal digits of the bytes (FNV-1a): an ETag, a version in an address */
} Asset;

/* Sorted by name; for those who want to go through all of them. */
extern const Asset asset_table[];
extern const ptrdiff_t asset_count;

const Asset *asset_find(Str name);
/* TemplateSource.load over the assets; ctx is not used. Pieces that stand inside a line of text (svg/)
 * come without the newline that ends their file. */
bool asset_template(void *ctx, Str name, Str *ret_text);

#endif
