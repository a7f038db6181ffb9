/* text/names.h - the people in a prose, by proposing its words to prose.h's finder; used by prose.c only.
 * Shapes  view is the prose with everything that is no name blanked out, byte for byte as long.
 * Errors  ERR_NOMEM.
 * Memory  in cx->arena; slices point into written, which view mirrors.
 * Thread  as prose.h. */
#ifndef TEXT_NAMES_H
#define TEXT_NAMES_H

#include "text/grammar.h"
#include "text/prose.h"

/* One word as names have them: "Ana", "O'Brien", "Anne-Marie", without a possessive ending. */
typedef struct NameWord {
    ptrdiff_t from, end; /* tokens */
    ptrdiff_t next;      /* behind the possessive ending, if there is one */
    bool owns;           /* it has that ending */
    bool initial;        /* a single letter */
} NameWord;

/* The wordings that names depend on. */
typedef struct NameWords {
    WordSet ordinary;    /* words that open sentences, pronouns, articles */
    WordSet never_small; /* words that are names only with a capital: "will", "rose" */
    WordSet and;         /* what stands between names: "and", a comma */
    Grammar possessive;  /* "'s" */
} NameWords;

MUST_CHECK Err names_words(Cx *cx, const Text *text, NameWords *ret);
bool name_word(const NameWords *known, const Tokens *tokens, ptrdiff_t i, NameWord *ret);
/* Fills people and unsure; log->new_names are not looked for. */
MUST_CHECK Err names_find(Cx *cx, const NameWords *known, Str view, Str written,
                          const ProseFinder *finder, ProseLog *log);

#endif
