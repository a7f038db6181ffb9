/* base/err.h - how a function says that it could not do its work.
 * A fallible function returns an Err and leaves its ret_ outputs untouched unless it returns OK. The
 * sentence for people is never composed here: `Why` carries a catalogue key and named arguments, and
 * the face that shows it words it (text/text.h). Lower rooms therefore hold no language.
 * Memory  keys and argument names are string literals; argument strings live in the request's arena.
 * Thread  a Why belongs to one Cx, hence to one thread. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

typedef enum Err {
    OK = 0,
    ERR_INVALID,   /* input outside its bounds; the person can mend it */
    ERR_NOT_FOUND, /* what was named does not exist */
    ERR_AMBIGUOUS, /* what was named could be several things */
    ERR_LIMIT,     /* larger than the stated maximum */
    ERR_DENIED,    /* wrong passphrase, missing token, permission */
    ERR_LOCKED,    /* there is a vault and no key for it */
    ERR_BUSY,      /* another process holds it; try again */
    ERR_DAMAGED,   /* bytes that cannot be what they claim to be */
    ERR_NEWER,     /* written by a newer version */
    ERR_NUMERIC,   /* not finite, not positive definite */
    ERR_NOMEM,     /* memory or the arena's limit is used up */
    ERR_FULL,      /* the disk has no room left */
    ERR_IO         /* the system refused: disk, file, network */
} Err;

/* A named argument of a message: text_format() puts it where the catalogue says {name}. */
typedef struct Arg {
    const char *name; /* NULL ends a list */
    enum { ARG_STR, ARG_INT, ARG_REAL } kind;
    Str str;
    int64_t num;
    double real;
} Arg;

Arg arg_str(const char *name, Str value);
Arg arg_c(const char *name, const char *value);
Arg arg_int(const char *name, int64_t value);
Arg arg_real(const char *name, double value);

/* ARGS(arg_int("n", 3), arg_c("file", path)): a list as text_format() and err_set() take it. */
#define ARGS(...) ((const Arg[]){__VA_ARGS__, {.name = NULL}})
#define NO_ARGS ((const Arg *)0)

enum { WHY_ARGS_MAX = 6 };

typedef struct Why {
    const char *key;   /* catalogue key "err.…"; NULL when nothing was said */
    const char *field; /* the input field it is about, or NULL */
    Arg args[WHY_ARGS_MAX + 1];
} Why;

#endif
