/* lab/value.h - a JSON text as a tree in which every value knows where it stood.
 * Shapes  at most VALUE_DEPTH levels and VALUE_BYTES bytes; children in the order of the text.
 * Units   lines and columns (characters) from 1.
 * Errors  ERR_INVALID what is not JSON, a key twice, a number past 1e100: with file, line and column.
 * Memory  in cx->arena; texts without escapes borrow the bytes.
 * Thread  pure.
 * Source  RFC 8259. */
#ifndef LAB_VALUE_H
#define LAB_VALUE_H

#include "base/cx.h"

enum { VALUE_DEPTH = 12, VALUE_BYTES = 1 << 21 };

typedef enum NodeKind {
    VALUE_NULL,
    VALUE_TRUTH,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT
} NodeKind;

typedef struct Node Node;
struct Node {
    NodeKind kind;
    int line, column;
    Str key; /* in an object */
    double number;
    Str text;
    Node *first, *last, *next;
    int count; /* of children */
};

MUST_CHECK Err value_read(Cx *cx, Str file, Str bytes, const Node **ret);
/* The member of that name; NULL when there is none or object is no object. */
const Node *value_member(const Node *object, const char *key);

#endif
