/* text/prose.h - reads a logged sentence: who, when, where, what kind, and leaves it as it was written.
 * Shapes  text is the whole prose, cleaned (valid, composed, no control characters) and trimmed; every
 *         other slice of a ProseLog lies inside it, in order of appearance.
 *         #tag          letters, digits, _ and -, at least one letter
 *         @place        a word or @"several words"; the first one counts
 *         (types)       unique beginnings (two letters or more) of the five types' names, also
 *                       [types]; names of factors may stand among them; any other bracket is prose
 *         +New Person   one to three capitalised words, or +"any name"; named again without + the
 *                       same person is meant
 *         Dates and durations as when.h; names as below.
 * Names   the words are proposed to find(), longest span first. A capitalised word may be a beginning
 *         of a name, a last initial may follow ("Ana M", "Ana M."), "Ana's" is Ana. Words in small
 *         letters count only when exactly one person bears that very name. Words that open sentences
 *         or are ordinary ("Long", "The": catalogue) are names only where that leaves no doubt.
 * Errors  ERR_LIMIT past PROSE_MAX_BYTES, ERR_NOMEM. Unsure names are no error: the caller asks.
 * Memory  in cx->arena.
 * Thread  safe; find() runs in the caller's thread. */
#ifndef TEXT_PROSE_H
#define TEXT_PROSE_H

#include "text/when.h"

enum {
    PROSE_MAX_BYTES = 1 << 16,
    PROSE_TAGS_MAX = 64,
    PROSE_NEW_MAX = 32,
    PROSE_NAME_WORDS_MAX = 4,
    PROSE_NAME_BYTES_MAX = 200
};

/* How a candidate may match: PROSE_EXACT a whole name, first name, nickname or first name with last
 * initial ("Ana M"), case and accents folded; PROSE_PREFIX also a beginning of one of those. */
typedef enum ProseMatch { PROSE_EXACT, PROSE_PREFIX } ProseMatch;

typedef struct ProseFinder {
    void *ctx;
    /* How many people the name could mean; of one, *ret_who is the caller's own number. */
    int (*find)(void *ctx, Str name, ProseMatch match, uint64_t *ret_who);
} ProseFinder;

typedef struct ProsePerson {
    uint64_t who;
    Str written; /* where first named */
} ProsePerson;

typedef struct ProseUnsure {
    Str written;
    int choices; /* how many people it could mean; 1: a known first name with an unknown surname */
} ProseUnsure;

typedef enum ProseMedium {
    PROSE_MEDIUM_UNSAID,
    PROSE_MEDIUM_CALL,
    PROSE_MEDIUM_VIDEO,
    PROSE_MEDIUM_TEXT
} ProseMedium;

typedef struct ProseLog {
    Str text;
    const ProsePerson *people; /* each once */
    ptrdiff_t people_count;
    const ProseUnsure *unsure; /* each wording once */
    ptrdiff_t unsure_count;
    const Str *new_names; /* without + and quotes; each once */
    ptrdiff_t new_count;
    const Str *tags; /* without #; each once */
    ptrdiff_t tag_count;
    Str place;      /* without @ and quotes; null when none */
    unsigned types; /* bit i: type i in the order emotional, intellectual, physical, experiential,
                       spiritual */
    When when;      /* spans refer to text */
    ProseMedium medium;
} ProseLog;

MUST_CHECK Err prose_read(Cx *cx, const Text *text, Str prose, const ProseFinder *finder,
                          WhenSense sense, ProseLog *ret);

#endif
