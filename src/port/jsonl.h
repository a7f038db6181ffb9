/* port/jsonl.h - entries out of fonder's own export, JSON Lines.
 * Shapes  the first line is a header, every other line one entry. A line that cannot be used is a
 *         problem and costs that entry only; bodies are in the order of the file, each as book/entry.h
 *         encodes it. What export_jsonl wrote gives the same bodies, byte for byte.
 * Units   lines count from 1.
 * Errors  ERR_INVALID when the first line is no header; ERR_NEWER of a newer version; ERR_LIMIT past
 *         EXPORT_MAX bytes or JSONL_ENTRIES_MAX entries; ERR_NOMEM. Nothing else fails.
 * Memory  cx->arena: of the file some lines at a time, and the problems; a body is the visitor's until it returns.
 *         A line at a time passes through the heap.
 * Thread  pure.
 * Source  docs/EXPORT.md; RFC 8259. */
#ifndef PORT_JSONL_H
#define PORT_JSONL_H

#include "book/entry.h"
#include "port/lines.h"

enum {
    JSONL_VERSION = 1,
    JSONL_LINE_MAX = 8 * ENTRY_BODY_MAX,
    JSONL_ENTRIES_MAX = 1 << 24,
    JSONL_PROBLEMS_MAX = 1000 /* described; beyond that counted only */
};

/* By EntryWire: what a value is called that no field of the schema has. */
extern const char *const JSONL_WIRES[WIRE_BYTES + 1];

typedef struct JsonlProblem {
    int64_t line;
    Why why; /* key and arguments; {line} is always among them */
} JsonlProblem;

typedef struct JsonlFile {
    const Str *bodies; /* by import_jsonl */
    ptrdiff_t n;
    const JsonlProblem *problems;
    ptrdiff_t n_problems;
    int64_t problems_total; /* with those past JSONL_PROBLEMS_MAX */
} JsonlFile;

/* Whether the bytes begin as JSON does, so that this is the reader to ask. */
bool jsonl_looks(Str bytes);
/* Hands each entry to visit, whose failure ends it. */
typedef Err JsonlVisit(void *ctx, Cx *cx, Str body);
MUST_CHECK Err import_jsonl_each(Cx *cx, const LineSource *from, JsonlVisit *visit, void *ctx,
                                 JsonlFile *ret);
/* All of them at once, for what is small. */
MUST_CHECK Err import_jsonl(Cx *cx, Str bytes, JsonlFile *ret);

#endif
