/* text/text.h - a locale, and the sentences of its catalogue with their arguments filled in.
 * Shapes  a Text is a constant of the program: its catalogue, direction and plural rule. A sentence
 *         holds {name} where an argument of that name goes; the argument n picks the plural form.
 * Errors  ERR_LIMIT past TEXT_MAX_BYTES, ERR_NOMEM. A key that the catalogue lacks is our own bug: it
 *         is shown as ⟨key⟩, and a placeholder without its argument as ⟨name⟩; neither hides.
 * Memory  results in cx->arena; those of text_get and text_name live as long as the program.
 * Thread  safe.
 * Source  content/LOCALE/ui.po through content/catalogue.h. */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "base/cx.h"

/* A locale of the content is all a Text is: content_text() takes it too. */
typedef struct ContentLocale Text;

enum { TEXT_MAX_BYTES = 1 << 16 };

/* The locale of that name, or "en" for a name not known. "qps" is the pseudo-locale: English with
 * every letter changed and lines made longer, to show text that does not come from a catalogue. */
const Text *text_locale(Str name);
Str text_name(const Text *text); /* as in <html lang> */
bool text_is_rtl(const Text *text);

bool text_has(const Text *text, const char *key);
/* The sentence as the catalogue has it, for labels without arguments; null when absent. */
Str text_get(const Text *text, const char *key);
/* The sentence of key with its {name}s replaced: strings as they are, whole numbers in groups of
 * three, reals rounded to what a reader can use (two places below 1, one below 100, none above).
 * args may be NO_ARGS. {{ stands for a brace. */
MUST_CHECK Err text_format(Cx *cx, const Text *text, const char *key, const Arg *args, Str *ret);
/* A failure in words; a Why without a key is worded as "err.unknown". Its strings are shown without control
 * characters and shortened, whatever bytes they were. */
MUST_CHECK Err text_why(Cx *cx, const Text *text, const Why *why, Str *ret);

/* Numbers as text_format() writes them. */
MUST_CHECK Err text_int(Cx *cx, const Text *text, int64_t value, Str *ret);
MUST_CHECK Err text_real(Cx *cx, const Text *text, double value, Str *ret);
/* Ana, Tom and Bea; nothing for no items. */
MUST_CHECK Err text_list(Cx *cx, const Text *text, const Str *items, ptrdiff_t count, Str *ret);

#endif
