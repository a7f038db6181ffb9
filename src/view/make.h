/* view/make.h - building a view-model: members, lists and sentences, with one sticky failure. Private.
 * After the first failure everything is a no-op that yields NULL or an empty slice, so that a view reads
 * as the list of its members and asks once, at the end, whether all went well.
 * Shapes  a Make travels with one view. NULL objects and lists are taken and ignored.
 * Units   as view/view.h.
 * Errors  sticky in err; make_end gives it back.
 * Memory  the JSON is the caller's after make_end; sentences are in cx->arena.
 * Thread  as view/view.h. */
#ifndef VIEW_MAKE_H
#define VIEW_MAKE_H

#include "base/time.h"
#include "text/words.h"
#include "view/view.h"

typedef struct Make {
    Cx *cx;
    const Text *text;
    const Book *book;
    struct InsightCache *cache;
    int64_t until_ms; /* before this time alone changes nothing of what was read so far, but for another day */
    Err err;
} Make;

/* Notes the first failure; true as long as there is none. */
bool make_ok(Make *m, Err e);
/* The object of a view: its name and version. */
/* Something that was read lapses at at_ms. */
void make_until(Make *m, int64_t at_ms);
json_t *make_view(Make *m, Cx *cx, const View *v, const char *name);
MUST_CHECK Err make_end(const Make *m, json_t *view, json_t **ret);

/* -- members ----------------------------------------------------------------------------------- */

void put_json(Make *m, json_t *o, const char *key, json_t *value); /* takes value */
void put_str(Make *m, json_t *o, const char *key, Str s);
void put_c(Make *m, json_t *o, const char *key, const char *s);
void put_bool(Make *m, json_t *o, const char *key, bool value);
void put_int(Make *m, json_t *o, const char *key, int64_t value);
void put_num(Make *m, json_t *o, const char *key, double value); /* to one decimal */
void put_id(Make *m, json_t *o, const char *key, Id id);
void put_iso(Make *m, json_t *o, const char *key, int64_t at_ms); /* in the owner's zone */
/* The sentence of a catalogue key. */
void put_say(Make *m, json_t *o, const char *key, const char *sentence, const Arg *args);
void put_ago(Make *m, json_t *o, const char *key, int64_t at_ms); /* 3 weeks ago */
void put_day(Make *m, json_t *o, const char *key, int64_t at_ms); /* 1 May 2026 */
json_t *put_object(Make *m, json_t *o, const char *key);
json_t *put_list(Make *m, json_t *o, const char *key);
json_t *add_object(Make *m, json_t *list);
void add_str(Make *m, json_t *list, Str s);

/* -- words ------------------------------------------------------------------------------------- */

Str say(Make *m, const char *sentence, const Arg *args);
/* "a.b" + id: for sentences that vary with a member of a closed set. */
Str say_of(Make *m, const char *prefix, Str id, const Arg *args);
/* A text of content; {name} becomes name. */
Str say_text(Make *m, ContentText text, Str name);
Str say_ago(Make *m, int64_t at_ms);
Str say_date(Make *m, int32_t ymd); /* 1 May 2026, or 1 May without a year */
Str say_chance(Make *m, double p);
Str say_list(Make *m, const Str *items, int n); /* Ana, Tom and Bea */
/* The parts that are not empty, between them what the catalogue has for sep; NULL: nothing. */
Str say_join(Make *m, const char *sep, const Str *parts, int n);
/* "/people/ID" + tail. */
Str path_of(Make *m, Id person, const char *tail);
Str path_to(Make *m, const char *head, Str tail);
Str digits_of(Make *m, double n); /* as a path or a command takes them */

bool date_civil(int32_t ymd, Civil *ret); /* false without a year */
/* Text cut at a word so that it fits a line of at most so many characters, with an ellipsis. */
Str excerpt_of(Make *m, Str text, int max_chars);

#endif
