/* render/mustache_parts.h - what the stages of the template engine hand to each other: a text is
 * scanned into tags, tags are compiled into nodes, nodes are run. Private to the room.
 * Errors  as in render/mustache.h.
 * Memory  tags in a scratch arena; nodes in the set's. Slices borrow the template's text.
 * Thread  one thread a set. */
#ifndef RENDER_MUSTACHE_PARTS_H
#define RENDER_MUSTACHE_PARTS_H

#include "render/mustache.h"

typedef enum TagKind {
    TAG_VAR,
    TAG_RAW,
    TAG_SECTION,
    TAG_INVERTED,
    TAG_PARENT,
    TAG_BLOCK,
    TAG_END,
    TAG_PARTIAL,
    TAG_COMMENT,
    TAG_DELIMITERS
} TagKind;

typedef struct Tag {
    TagKind kind;
    bool dynamic;      /* the name was written with an asterisk */
    bool blank_before; /* only spaces and tabs before it on its line */
    bool blank_after;  /* only spaces and tabs behind it up to the end of its line */
    Str name;
    ptrdiff_t line_at;   /* where the line it begins on begins */
    ptrdiff_t from, to;  /* the tag with its delimiters */
    ptrdiff_t next_line; /* behind the end of line that follows it */
    int line;
    int partner; /* opener and end point at each other */
    int within;  /* the opener around it, -1 at the top; for an end: its own opener */
} Tag;

typedef struct TagList {
    Tag *tags;
    int count;
} TagList;

/* All tags of text, paired. Errors name file and line. */
MUST_CHECK Err mustache_scan(Cx *cx, Arena *scratch, Str file, Str text, TagList *ret);

typedef enum NodeKind {
    NODE_TEXT,  /* of the template: its lines take the indentation in force */
    NODE_FIXED, /* a label, already escaped */
    NODE_LINE,  /* a line of the template begins here with something else than text */
    NODE_VAR,
    NODE_RAW,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_PARENT,
    NODE_BLOCK
} NodeKind;

typedef struct Node {
    NodeKind kind;
    bool dynamic;
    bool line_start; /* TEXT: begins a line of the template */
    bool alone;      /* PARTIAL, PARENT, BLOCK: stands alone on its line, which belongs to it */
    int line;
    int end;  /* SECTION to BLOCK: the node behind its body */
    int link; /* PARTIAL, PARENT: Template's index in the set, -1 nothing; BLOCK: next in its parent
               */
    int first;  /* PARENT: its first BLOCK, -1 none */
    Str s;      /* text or name */
    Str indent; /* PARTIAL, PARENT, BLOCK: put before each line of what is filled in */
} Node;

struct Template {
    Str name, text;
    TemplateMode mode;
    Node *nodes;
    int count;
};

struct TemplateSet {
    Arena *arena;
    TemplateSource source;
    Template **list;
    int count, cap;
    int compiled; /* list[0..compiled) have their nodes */
};

/* The index of name in the set, loading it when it is new; -1 in ret when it does not exist. */
MUST_CHECK Err mustache_intern(Cx *cx, TemplateSet *set, Str name, TemplateMode mode, int *ret);
/* Fills in the nodes of a loaded template; interns what it includes. */
MUST_CHECK Err mustache_compile(Cx *cx, TemplateSet *set, Template *t);
/* ERR_INVALID about a place in a template. */
MUST_CHECK Err mustache_error(Cx *cx, const char *key, Str file, int line, Str what);

#endif
