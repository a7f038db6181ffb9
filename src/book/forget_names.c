/* book/forget_names.c - names are compared as folded words, so that case and accents hide nothing. A word that somebody
 * who stays bears too does not tell; a whole name that somebody else has tells only where it is they who are meant.
 * The names of everyone who stays are folded once; after that each word of theirs is held against all of them. */
#include "book/forget_names.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "book/entry.h"
#include "book/words.h"

enum { WORD_CHARS_MIN = 2 };

/* -- whose name it is ---------------------------------------------------------------------------- */

static void add(Str list[], int *n, Str s)
{
    for (int i = 0; i < *n; i++) {
        if (str_eq(list[i], s))
            return;
    }
    if (s.len > 0 && *n < NAMES_MAX)
        list[(*n)++] = s;
}

bool forget_has_id(const Id list[], int n, Id id)
{
    for (int i = 0; i < n; i++) {
        if (id_eq(list[i], id))
            return true;
    }
    return false;
}

bool forget_is_theirs(const Names *names, Id id)
{
    return forget_has_id(names->ids, names->n_ids, id);
}

static Err collect_names(Cx *cx, const BookPerson *p, Str *ret, int *ret_n)
{
    Str all[NAMES_MAX];
    int n = 0;
    add(all, &n, p->name);
    add(all, &n, p->given);
    add(all, &n, p->family);
    for (int i = 0; i < p->nicknames.n; i++)
        add(all, &n, p->nicknames.p[i]);
    for (int i = 0; i < p->names.n; i++)
        add(all, &n, p->names.p[i]);
    for (int i = 0; i < n; i++) {
        ret[i] = words_fold(cx->arena, all[i]);
        if (str_is_null(ret[i]))
            return err_nomem(cx);
    }
    *ret_n = n;
    return OK;
}

/* The words of phrase, one after another, somewhere in name. */
static bool has_phrase(Str name, Str phrase)
{
    if (phrase.len == 0)
        return false;
    for (Str rest = name, word = {NULL, 0}; rest.len > 0; (void)words_next(&rest, &word)) {
        Str here = rest, wanted = phrase, want = {NULL, 0}, got = {NULL, 0};
        bool same = true;
        while (same && words_next(&wanted, &want))
            same = words_next(&here, &got) && str_eq(got, want);
        if (same)
            return true;
    }
    return false;
}

/* The folded names of everyone who stays. */
typedef struct Bearer {
    Id id; /* zero: me */
    Str name;
} Bearer;

typedef struct Others {
    Bearer *p;
    ptrdiff_t n, cap;
} Others;

static Err add_bearer(Cx *cx, Others *others, Id id, Str name)
{
    if (others->n == others->cap) {
        ptrdiff_t cap = 2 * others->cap + 64;
        others->p = arena_grow(cx->arena, others->p, others->cap, cap, (ptrdiff_t)sizeof *others->p,
                               (ptrdiff_t) _Alignof(Bearer));
        if (!others->p)
            return err_nomem(cx);
        others->cap = cap;
    }
    others->p[others->n++] = (Bearer){id, name};
    return OK;
}

static Err find_others(Cx *cx, const Book *book, const Names *names, Others *ret)
{
    BookRefs everyone = book_people(book);
    BookMe me = {.quiet = false};
    Err e = book_me(cx, book, &me);
    if (e == OK)
        e = add_bearer(cx, ret, (Id){{0}}, words_fold(cx->arena, me.name));
    for (int i = 0; i < everyone.n && e == OK; i++) {
        BookPerson p = {.ref = everyone.p[i]};
        Str all[NAMES_MAX];
        int n = 0;
        if (forget_is_theirs(names, book_id(book, everyone.p[i])))
            continue;
        e = book_person(cx, book, everyone.p[i], &p);
        if (e == OK)
            e = collect_names(cx, &p, all, &n);
        for (int k = 0; k < n && e == OK; k++)
            e = add_bearer(cx, ret, p.id, all[k]);
    }
    return e;
}

/* Does somebody who stays bear it? */
static bool is_shared(const Others *others, Str phrase)
{
    for (ptrdiff_t i = 0; i < others->n; i++) {
        if (has_phrase(others->p[i].name, phrase))
            return true;
    }
    return false;
}

/* A whole name of theirs that is somebody else's too. */
static void take_shared(Names *names, const Others *others, Str name)
{
    add(names->shared, &names->n_shared, name);
    for (ptrdiff_t i = 0; i < others->n && names->n_bearers < NAMES_IDS_MAX; i++) {
        if (has_phrase(others->p[i].name, name))
            names->bearers[names->n_bearers++] = others->p[i].id;
    }
}

static void take_name(Names *names, const Others *others, Str name)
{
    Str rest = name, word = {NULL, 0};
    if (is_shared(others, name))
        take_shared(names, others, name);
    else
        add(names->phrases, &names->n_phrases, name);
    while (words_next(&rest, &word)) {
        if (utf8_count(word) >= WORD_CHARS_MIN && !is_shared(others, word))
            add(names->words, &names->n_words, word);
    }
}

Err forget_take_names(Cx *cx, const Book *book, Names *names, const BookPerson *p)
{
    Others others = {.n = 0};
    Str all[NAMES_MAX];
    int n = 0;
    Err e = find_others(cx, book, names, &others);
    if (e == OK)
        e = collect_names(cx, p, all, &n);
    for (int i = 0; i < n && e == OK; i++)
        take_name(names, &others, all[i]);
    for (int i = 0; i < p->emails.n; i++)
        add(names->literals, &names->n_literals, p->emails.p[i].value);
    for (int i = 0; i < p->phones.n; i++)
        add(names->literals, &names->n_literals, p->phones.p[i].value);
    return e;
}

/* -- what a text says ---------------------------------------------------------------------------- */

static bool is_word(const Names *names, Str folded)
{
    for (int i = 0; i < names->n_words; i++) {
        if (str_eq(names->words[i], folded))
            return true;
    }
    return false;
}

/* The words of a phrase, one after another from here on: how many bytes of text they take, or 0. */
static ptrdiff_t phrase_at(Arena *arena, Str text, Str phrase)
{
    Str rest = text, want = {NULL, 0}, got = {NULL, 0};
    while (words_next(&phrase, &want)) {
        if (!words_next(&rest, &got) || !str_eq(words_fold(arena, got), want))
            return 0;
    }
    return text.len - rest.len;
}

static ptrdiff_t literal_at(const Names *names, Str text)
{
    for (int i = 0; i < names->n_literals; i++) {
        if (str_istarts(text, names->literals[i]))
            return names->literals[i].len;
    }
    return 0;
}

/* How many bytes at the start of text, where a word begins, name them. theirs: it is they who are meant, should
 * somebody else have the same name. */
static ptrdiff_t name_at(Arena *arena, const Names *names, bool theirs, Str text)
{
    Str rest = text, word = {NULL, 0};
    ptrdiff_t most = 0;
    for (int i = 0; i < names->n_shared && theirs; i++) {
        ptrdiff_t len = phrase_at(arena, text, names->shared[i]);
        most = len > most ? len : most;
    }
    for (int i = 0; i < names->n_phrases; i++) {
        ptrdiff_t len = phrase_at(arena, text, names->phrases[i]);
        most = len > most ? len : most;
    }
    if (most == 0 && words_next(&rest, &word) && is_word(names, words_fold(arena, word)))
        most = text.len - rest.len;
    return most;
}

static const Str GONE = {"\xe2\x80\xa6", 3}; /* … */

/* Text without their names; the very slice when there is none in it. */
Str forget_redact(Arena *arena, const Names *names, bool theirs, Str text)
{
    Buf out = buf_make(arena, ENTRY_BODY_MAX);
    bool within = false, found = false;
    for (Str rest = text; rest.len > 0;) {
        Str after = rest;
        bool word = utf8_is_letter(utf8_next(&after));
        ptrdiff_t len = literal_at(names, rest);
        if (len == 0 && word && !within)
            len = name_at(arena, names, theirs, rest);
        found = found || len > 0;
        buf_put(&out, len > 0 ? GONE : str_sub(rest, 0, rest.len - after.len));
        rest = len > 0 ? str_from(rest, len) : after;
        within = len == 0 && word;
    }
    if (out.failed)
        return (Str){NULL, 0};
    return found ? (Str){out.p, out.len} : text;
}
