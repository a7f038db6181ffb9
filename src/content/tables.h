/* content/tables.h - what the generated tables and the lookups share; nobody else includes this.
 * Shapes  an index is sorted by id, for binary search.
 * Memory  static.
 * Source  tools/content/emit.c writes these. */
#ifndef CONTENT_TABLES_H
#define CONTENT_TABLES_H

#include "content/catalogue.h"

typedef struct ContentIndex {
    Str id;
    int row;
} ContentIndex;

struct ContentLocale {
    Str tag;
    const Str *texts; /* [content_text_count + 1]; p is NULL where untranslated */
    const CatalogueEntry *entries;
    int n_entries;
    bool rtl;
};

/* Where the rows of the catalogues are, which all have the keys of the first: 1 + row, or 0 for nothing, at
 * content_key_hash or the next places, the last of which is followed by the first. */
extern const uint16_t content_key_places[];
extern const uint32_t content_key_mask;
uint32_t content_key_hash(Str key);

extern const ContentLocale content_locales[];
extern const ContentIndex content_questions_index[];
extern const ContentIndex content_practices_index[];
extern const ContentIndex content_choices_index[];
extern const ContentIndex content_decks_index[];
extern const ContentIndex content_reflections_index[];

#endif
