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

/* The grammar of wordings that names depend on. */
MUST_CHECK Err names_grammar(Cx *cx, const Text *text, Grammar *ret);
bool name_word(const Grammar *grammar, const Tokens *tokens, ptrdiff_t i, NameWord *ret);
/* Whether the first token is an "and" between names, or what stands for it. */
bool names_is_and(const Grammar *grammar, const Tokens *tokens);
/* Fills people and unsure. */
MUST_CHECK Err names_find(Cx *cx, const Grammar *grammar, Str view, Str written,
                          const ProseFinder *finder, ProseLog *log);

#endif
