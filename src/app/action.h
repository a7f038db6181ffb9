/* app/action.h - the table of actions: everything a person can do with fonder, one row each.
 * The command line, the routes, forms, validation, --help, the man page, completions and the list of
 * goldens are read from these rows; nothing about an action is said anywhere else.
 * Shapes  ACTIONS[ACTION_COUNT]; a row's fields end with one whose name is NULL. `{id}` in a path is
 *         filled from the field "id". A command that stands in two rows means the first of them that has a
 *         place for all that was given: `check-in Ana` asks, `check-in Ana --answer q=7` keeps.
 * Errors  input_read: ERR_INVALID, ERR_LIMIT, ERR_NOT_FOUND naming the field; nothing has happened then.
 * Memory  tables are static and const; an Input borrows the caller's strings and cx->arena.
 * Thread  the thread that owns the book. */
#ifndef APP_ACTION_H
#define APP_ACTION_H

#include "base/cx.h"
#include "base/id.h"
#include "base/stream.h"
#include <jansson.h>
#include <stdbool.h>

typedef struct App App;

typedef enum ParamType {
    PARAM_TEXT,   /* one line, cleaned; max characters */
    PARAM_PROSE,  /* several lines, cleaned; max characters */
    PARAM_WHEN,   /* an instant: ISO 8601 or words ("yesterday evening") */
    PARAM_DATE,   /* a civil date, the year may be left out: 1990-05-01, --05-01, 1 May */
    PARAM_INT,    /* lo..hi */
    PARAM_REAL,   /* lo..hi */
    PARAM_ONE,    /* one of choices */
    PARAM_SOME,   /* several of choices, by comma or repeated */
    PARAM_FLAG,   /* given or not */
    PARAM_PERSON, /* an id, or a name the book knows */
    PARAM_ID,     /* an opaque id */
    PARAM_FILE,   /* on the command line a path; in a form the uploaded bytes; max bytes */
    PARAM_SECRET  /* never echoed, logged, or put back into a form; max bytes */
} ParamType;

typedef enum ParamPlace {
    PLACE_OPTION, /* --name VALUE */
    PLACE_WORD,   /* the next word */
    PLACE_REST    /* all the words that are left, joined by spaces */
} ParamPlace;

typedef struct Param {
    const char *name;
    ParamType type;
    ParamPlace place;
    bool required;
    bool repeated;              /* may be given several times */
    int max;                    /* characters; bytes for FILE and SECRET */
    double lo, hi;              /* INT and REAL */
    const char *const *choices; /* ONE and SOME; NULL-terminated */
    bool unread;                /* FILE: of a path that is no pipe only the name is taken */
} Param;

typedef enum Method { METHOD_NONE, METHOD_GET, METHOD_POST } Method;
typedef enum Needs { NEEDS_NOTHING, NEEDS_BOOK } Needs;
typedef enum Effect { EFFECT_READS, EFFECT_WRITES } Effect;

enum {
    PARAMS_MAX = 40,
    VALUES_MAX = 1 << 17,     /* each card of the largest file can be ticked */
    PARAM_FILE_MAX = 64 << 20 /* uploaded */
};

/* One name and one value as a face received them. */
typedef struct Pair {
    Str name, value;
} Pair;

typedef struct Value {
    const Param *param;
    Str text;        /* cleaned; for FILE the bytes; null when it was not read */
    Str file_name;   /* FILE from the command line: the path */
    int64_t begin, end; /* WHEN: the stretch its words leave open (text/when.h) */
    int64_t num;     /* INT, WHEN (ms), ONE (index into choices), FLAG (1) */
    double real;     /* INT and REAL */
    uint32_t set;    /* SOME: one bit a choice */
    uint32_t person; /* PERSON: BookRef */
    Id id;           /* PERSON and ID */
} Value;

/* What was given, checked. Iterate values, or ask by name. */
typedef struct Input {
    const struct Action *action;
    Value *values; /* in cx->arena */
    int count;
} Input;

typedef struct Reply {
    json_t *view;        /* the view-model; owned by the receiver */
    Str see_other;       /* after a write: the path to go to (HTTP 303); null: show the view */
    bool written;        /* the answer was a file, and the host has it already */
    Str file;            /* export: bytes to hand over instead of a page; null slice otherwise */
    Stream *stream; /* or a file however large, open and without a name; closed by reply_free unless taken over */
    const char *file_type; /* its media type */
    const char *file_name; /* a neutral name for saving it */
    /* What is shown waits for a yes: the row that would carry it out with these pairs, and the
     * question (catalogue key). NULL when there is nothing to confirm. */
    const char *then, *then_key;
    Pair then_pairs[1];
} Reply;

typedef Err (*ActionRun)(Cx *cx, App *app, const Input *in, Reply *ret);

typedef struct Action {
    const char *id;       /* names goldens, help texts and catalogue keys: "help.ID" */
    const char *command;  /* word on the command line, or NULL: only a page */
    const char *path;     /* route, or NULL: only a command */
    Method method;
    const Param *params;
    Needs needs;
    Effect effect;
    ActionRun run;
    const char *view;     /* name of view-model and templates */
    const char *form;     /* POST: id of the GET row that shows its form again after bad input */
} Action;

extern const Action ACTIONS[];
extern const int ACTION_COUNT;

const Action *action_by_id(const char *id);
/* The nth row (from 0) of a command, or NULL. */
const Action *action_by_command(Str command, int nth);
/* The row of a route; *ret_id is what stood for {id}, or the null slice. */
const Action *action_by_path(Method method, Str path, Str *ret_id);

/* Checks raw pairs against the row's fields. from_files: FILE values are paths to read (command line)
 * rather than bytes (form). */
MUST_CHECK Err input_read(Cx *cx, App *app, const Action *action, const Pair pairs[], int count,
                          bool from_files, Input *ret);
const Value *input_value(const Input *in, const char *name); /* first, or NULL */
Str input_text(const Input *in, const char *name);           /* empty when not given */
bool input_flag(const Input *in, const char *name);

#endif
