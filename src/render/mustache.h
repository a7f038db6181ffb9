/* render/mustache.h - logic-less templates: compiled once into flat lists of nodes, rendered often.
 *
 * The language is the Mustache specification without lambdas: {{name}}, {{{raw}}}, {{&raw}},
 * sections, inverted sections, comments, delimiters, partials with indentation, dynamic names
 * {{>*name}}, inheritance ({{<parent}} and {{$block}}). One addition: {{_:key}} is a static label,
 * asked for when the template is compiled, so that a set of templates speaks one locale.
 *
 * Shapes  data is any JSON. False for a section: missing, null, false, [] and ""; a number, 0 too,
 *         is true. Numbers print as the shortest decimal that reads back as the same double.
 * Units   lines count from 1.
 * Errors  ERR_INVALID with the arguments file (the template's name), line and what (the tag's name):
 *         err.template-tag-open, -tag-empty, -name, -delimiters, -section-open, -end-stray, -label,
 *         -missing (strict sets only; else nothing is rendered, as the specification has it), -deep;
 *         ERR_LIMIT for a text over TEMPLATE_TEXT_MAX or a rendering over TEMPLATE_WORK_MAX;
 *         ERR_NOT_FOUND err.template-unknown for a name template_get is asked for; ERR_NOMEM.
 * Memory  a set and its templates live in the arena given to template_set_make; template texts must
 *         live as long (labels are copied). Rendering borrows cx->arena for its stack.
 * Thread  one thread a set: a dynamic name compiles its template when first met.
 * Source  github.com/mustache/spec 1.4. */
#ifndef RENDER_MUSTACHE_H
#define RENDER_MUSTACHE_H

#include "base/buf.h"
#include <jansson.h>

enum {
    TEMPLATE_TEXT_MAX = 1 << 20, /* bytes of one template */
    TEMPLATE_SET_MAX = 1024,     /* templates of one set */
    TEMPLATE_NEST_MAX = 64,      /* sections inside each other in one text */
    TEMPLATE_DEPTH_MAX = 512,    /* sections, partials and blocks inside each other when rendered */
    TEMPLATE_WORK_MAX = 1 << 24  /* nodes run and names looked up by one rendering */
};

/* How data is made safe. A partial is compiled once for each mode it is used in.
 * HTML: & < > " ' become entities. PLAIN (terminals): control and invisible formatting characters
 * are taken out, of {{{raw}}} too; newlines stay, a tab becomes a space. */
typedef enum TemplateMode { TEMPLATE_HTML, TEMPLATE_PLAIN } TemplateMode;

typedef struct TemplateSource {
    void *ctx;
    /* The text of a template; false when there is none of that name. */
    bool (*load)(void *ctx, Str name, Str *ret_text);
    /* The sentence for a label in this set's locale; the null slice when unknown. Without a
     * callback {{_:key}} is an ordinary name. */
    Str (*label)(void *ctx, Str key);
    bool strict; /* a partial or parent that cannot be found is an error */
} TemplateSource;

typedef struct TemplateSet TemplateSet;
typedef struct Template Template;

MUST_CHECK Err template_set_make(Cx *cx, Arena *arena, const TemplateSource *source,
                                 TemplateSet **ret);
/* Compiles name, and all it includes by a fixed name, unless that was done before. */
MUST_CHECK Err template_get(Cx *cx, TemplateSet *set, Str name, TemplateMode mode,
                            const Template **ret);
/* Appends to out. Whether everything fitted is for buf_done to say. */
MUST_CHECK Err template_render(Cx *cx, TemplateSet *set, const Template *t, const json_t *data,
                               Buf *out);

/* The escaping of each mode, and the shortest decimal, for those who write without a template. */
void template_escape(Buf *out, Str s, TemplateMode mode);
void template_number(Buf *out, double v);

#endif
