/* text/token.h - prose cut into words, numbers and marks; shared by when.c and prose.c only.
 * Shapes  tokens in order, not overlapping, never space. A word is a run of letters; letters of scripts
 *         written without spaces (Han, kana, Thai …) are words one by one.
 * Errors  ERR_NOMEM.
 * Memory  in cx->arena; slices of words are folded copies.
 * Thread  safe. */
#ifndef TEXT_TOKEN_H
#define TEXT_TOKEN_H

#include "base/cx.h"

typedef enum TokenKind { TOKEN_WORD, TOKEN_NUMBER, TOKEN_MARK } TokenKind;

typedef struct Token {
    TokenKind kind;
    ptrdiff_t from, len; /* bytes of the prose */
    Str folded;          /* words and marks, for comparing */
    int number;          /* digits as a number, -1 when there are too many */
    int sentence;        /* which sentence of the prose, from 0 */
    bool spaced;         /* space or a line's end stands before it */
    bool new_line;       /* a line's end stands before it */
    bool unspaced;       /* of a script written without spaces */
    bool upper, lower;   /* the case of its first letter; neither in scripts without case */
} Token;

typedef struct Tokens {
    Str prose;
    const Token *at;
    ptrdiff_t count;
} Tokens;

MUST_CHECK Err tokens_of(Cx *cx, Str prose, Tokens *ret);
bool token_is(const Token *token, char mark);
/* Nothing stands between this token and the one before it. */
bool token_glued(const Tokens *tokens, ptrdiff_t i);

#endif
