/* tools/content/tool.h - the content compiler: content/LOCALE/ to C tables, at build time.
 * Shapes  file -> Node tree with line numbers (yaml.c) -> Items checked against a schema (schema.c,
 *         read.c, rules.c) -> tables (emit.c). Words are kept apart from structure: a text is a
 *         number, and each locale has a row of words by number. ui.po goes the same way through
 *         po.c.
 * Errors  every mistake is a line "file:line: what is wrong; what would be right" in tool->said;
 *         reading goes on, so that one run shows them all. Nothing is written when there was one.
 * Memory  tool->arena, given back at the end of the process.
 * Thread  one. */
#ifndef TOOLS_CONTENT_TOOL_H
#define TOOLS_CONTENT_TOOL_H

#include "base/buf.h"
#include "base/os.h"
#include "content/content.h"

enum {
    FIELDS_MAX = 26,
    LOADS_MAX = 32,
    LOCALES_MAX = 64,
    TEXTS_MAX = 60000,
    FILE_MAX_BYTES = 1 << 22,
    PLURALS_MAX = 6
};

/* -- YAML ------------------------------------------------------------------------------------- */
typedef struct Node {
    enum { NODE_SCALAR, NODE_LIST, NODE_MAP } kind;
    int line;
    Str key; /* within a map */
    Str text;
    struct Node *first, *next;
    int count;
} Node;

/* -- schema ----------------------------------------------------------------------------------- */
typedef struct Alias {
    const char *id;
    uint32_t mask;
} Alias;

typedef struct Names {
    const char *what; /* "interest" */
    const char *const *ids;
    int count;
    const Alias *aliases; /* ended by id NULL; or NULL */
} Names;

typedef enum FieldKind {
    FIELD_TEXT,
    FIELD_TEXTS,
    FIELD_LOADS,
    FIELD_SET,
    FIELD_ONE,
    FIELD_INT,
    FIELD_REAL,
    FIELD_BOOL,
    FIELD_STATE, /* the id of a type or factor */
    FIELD_FINDING,
    FIELD_SIGNS,
    FIELD_PROMPTS
} FieldKind;

enum { HOLE_NAME = 1, HOLE_SINCE = 2 };

typedef struct Field {
    const char *name;
    FieldKind kind;
    bool required;
    double min, max;    /* of a number; the longest text; entries of a list */
    int text_max;       /* FIELD_TEXTS: the longest entry */
    unsigned holes;     /* placeholders allowed */
    const Names *names; /* FIELD_LOADS, FIELD_SET, FIELD_ONE */
    const char *c_name; /* in the C struct, when not name */
    int64_t otherwise;  /* value when not given: number, set or choice */
} Field;

typedef struct Value {
    bool given;
    int line;
    int64_t num; /* number, choice, flag, set, text, first text or row */
    int count;   /* of texts or rows */
    double real;
    uint8_t loads[LOADS_MAX];
    Str author;            /* FIELD_FINDING: year in num, says in count */
    ContentList groups[4]; /* FIELD_SIGNS */
} Value;

typedef struct Item {
    Str id, file;
    int line;
    Value values[FIELDS_MAX];
} Item;

typedef struct Tool Tool;
typedef struct Schema Schema;
struct Schema {
    const char *name;   /* "questions": content/en/questions.yaml, or the folder */
    const char *one;    /* "question" */
    const char *c_type; /* "ContentQuestion" */
    enum { SET_FILE, SET_FOLDER_OF_LISTS, SET_FOLDER_OF_ITEMS, SET_INNER } layout;
    const Names *closed; /* exactly these ids, in this order; or NULL */
    const Field *fields; /* ended by name NULL */
    void (*rules)(Tool *tool, const Schema *schema, Item *item);
};

typedef enum SetId {
    SET_TYPES,
    SET_FACTORS,
    SET_KINDS,
    SET_SEASONS,
    SET_INTERESTS,
    SET_STYLES,
    SET_WAYS,
    SET_SAFETY,
    SET_QUESTIONS,
    SET_PRACTICES,
    SET_CHOICES,
    SET_DECKS,
    SET_PROMPTS,
    SET_REFLECTIONS,
    SET_COUNT
} SetId;
extern const Schema schemas[SET_COUNT];

typedef struct Set {
    Item *items;
    int count, cap;
} Set;

typedef struct Words {
    Str words; /* p NULL: not translated */
    unsigned holes;
} Words;

typedef struct PoEntry {
    Str key;
    int n_forms;
    Str forms[PLURALS_MAX];
    bool plural, translated;
    int line;
} PoEntry;

typedef struct Locale {
    Str tag;
    Words *texts; /* [TEXTS_MAX]; 0 unused */
    PoEntry *po;  /* sorted by key */
    int n_po;
    int n_plurals;
    Str plural;   /* the C expression in n */
    int words_of; /* the locale whose tables these are: its own number, but for a mirror */
} Locale;

struct Tool {
    Arena arena;
    Cx cx;
    Buf said;
    int errors;
    Buf files; /* what was read, one a line, for the build's depfile */
    Set sets[SET_COUNT];
    Locale locales[LOCALES_MAX];
    int n_locales;
    int n_texts;
};

void tool_init(Tool *tool);
void tool_free(Tool *tool);
void tool_say(Tool *tool, Str file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The program stops at once: out of memory, unreadable folder. */
_Noreturn void tool_stop(Tool *tool, Str what);
Str tool_fmt(Tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool tool_read_file(Tool *tool, Str path, Str *ret);

/* yaml.c: NULL when the file is not well formed. */
Node *yaml_read(Tool *tool, Str file, Str text);
const Node *node_find(const Node *map, const char *key);

/* read.c: the items of one file into their set; locale 0 brings structure too, others words. */
void read_set_file(Tool *tool, SetId set, int locale, Str file, Str text);
/* After all files: closed sets complete and in order. */
void read_finish(Tool *tool);
int field_index(const Schema *schema, const char *name);
const Value *item_value(const Schema *schema, const Item *item, const char *name);
Item *set_find(const Set *set, Str id);

/* check.c: words and ids. */
bool check_id(Tool *tool, Str file, int line, Str id);
bool check_words(Tool *tool, Str file, int line, const char *field, Str words, int max,
                 unsigned allowed, unsigned *ret_holes);
int names_find(const Names *names, Str id);
Str names_list(Tool *tool, const Names *names);

/* rules.c */
void rules_practice(Tool *tool, const Schema *schema, Item *item);
void rules_deck(Tool *tool, const Schema *schema, Item *item);
void rules_question(Tool *tool, const Schema *schema, Item *item);
void rules_choice(Tool *tool, const Schema *schema, Item *item);

/* po.c: the catalogue of one locale; en first. */
void po_read(Tool *tool, int locale, Str file, Str text);

/* pseudo.c: words that show every text that did not come from a catalogue. */
Str pseudo_words(Tool *tool, Str words);
void pseudo_locales(Tool *tool);

/* emit.c */
Str emit_tables(Tool *tool);

/* walk.c: all of content/, every locale. */
int tool_add_locale(Tool *tool, Str tag); /* its number; en comes first */
void walk_content(Tool *tool, Str folder);

#endif
