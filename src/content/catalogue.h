/* content/catalogue.h - the words of the interface: key to sentence, with plural forms.
 * Shapes  a constant table for each locale, sorted by key. A sentence without plural has one form.
 * Errors  NULL for an unknown key: a mistake of ours, which text/ shows as the key itself.
 * Memory  static.
 * Thread  pure.
 * Source  content/LOCALE/ui.po through tools/content; plural rules as in GNU gettext. */
#ifndef CONTENT_CATALOGUE_H
#define CONTENT_CATALOGUE_H

#include "content/content.h"

typedef struct CatalogueEntry {
    Str key;
    int n_forms;
    const Str *forms;
    int (*plural)(uint64_t n); /* which form; always 0 with one form */
    bool translated;           /* false: en's forms stand in */
} CatalogueEntry;

const CatalogueEntry *catalogue_find(const ContentLocale *locale, Str key);
/* The form for n; negative n counts as its magnitude. */
Str catalogue_form(const CatalogueEntry *entry, int64_t n);

/* All entries of a locale, sorted by key, for tests and tools. */
const CatalogueEntry *catalogue_all(const ContentLocale *locale, int *ret_count);

#endif
