/* text/names.c - at each word the longest run that could be a name is asked first, then shorter ones; what is
 * found is passed over whole. Capitals say "name" except where a sentence opens, so there an ordinary
 * word needs more: an exact name and an "and", a comma or a possessive behind it. Small letters say
 * "no name", so only an exact and unique one counts. At most PROSE_NAME_WORDS_MAX questions of each
 * kind a word: linear in the prose. */
#include "text/names.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { UNSPACED_MAX = 6, UNSPACED_MIN = 2, PREFIX_LETTERS_MIN = 2, PREFIX_LETTERS_OPENING = 3 };

typedef struct NameSearch {
    Cx *cx;
    const NameWords *known;
    Tokens tokens;
    Str written;
    const ProseFinder *finder;
    const ProseLog *log;
    ProsePerson *people;
    ProseUnsure *unsure;
    ptrdiff_t people_count, people_cap, unsure_count, unsure_cap;
    bool no_memory;
} NameSearch;

Err names_words(Cx *cx, const Text *text, NameWords *ret)
{
    Err e = wordset_read(cx, text, "prose.ordinary", &ret->ordinary);
    if (e == OK)
        e = wordset_read(cx, text, "prose.never-small", &ret->never_small);
    if (e == OK)
        e = wordset_read(cx, text, "prose.and", &ret->and);
    return e == OK ? grammar_add(cx, text, &ret->possessive, "prose.possessive", 0) : e;
}

/* How many tokens at i are the ending of an owner. */
static ptrdiff_t possessive(const NameWords *known, const Tokens *tokens, ptrdiff_t i)
{
    const Grammar *g = &known->possessive;
    Values ignored = {0};
    for (int k = 0; k < g->count; k++) {
        ptrdiff_t n = grammar_match(g, &g->patterns[k], tokens, i, &ignored);
        if (n > 0)
            return n;
    }
    return 0;
}

static bool joins_name(const Token *t)
{
    return token_is(t, '-') || token_is(t, '\'') ||
           (t->kind == TOKEN_MARK && str_eq(t->folded, STR("\u2019")));
}

bool name_word(const NameWords *known, const Tokens *tokens, ptrdiff_t i, NameWord *ret)
{
    const Token *at = tokens->at;
    if (i >= tokens->count || at[i].kind != TOKEN_WORD)
        return false;
    NameWord w = {.from = i, .end = i + 1, .next = i + 1};
    while (!at[i].unspaced && token_glued(tokens, w.end)) {
        ptrdiff_t ending = possessive(known, tokens, w.end);
        if (ending > 0 &&
            !(token_glued(tokens, w.end + ending) && at[w.end + ending].kind == TOKEN_WORD)) {
            w.owns = true;
            w.next = w.end + ending;
            break;
        }
        bool joined = joins_name(&at[w.end]) && token_glued(tokens, w.end + 1) &&
                      at[w.end + 1].kind == TOKEN_WORD;
        if (!joined)
            break;
        w.end += 2;
        w.next = w.end;
    }
    Str letters = str_sub(tokens->prose, at[i].from, at[i].len);
    w.initial = w.end == i + 1 && at[i].upper && utf8_count(letters) == 1;
    *ret = w;
    return true;
}

static Str written_span(const NameSearch *s, ptrdiff_t from, ptrdiff_t end)
{
    const Token *first = &s->tokens.at[from], *last = &s->tokens.at[end - 1];
    return str_sub(s->written, first->from, last->from + last->len - first->from);
}

/* Digits, underscores and addresses are no part of a name, nor is what is joined to them. */
static bool stands_clear(const Tokens *tokens, ptrdiff_t from, ptrdiff_t next)
{
    const Token *at = tokens->at;
    const Token *before = token_glued(tokens, from) ? &at[from - 1] : NULL;
    const Token *after = token_glued(tokens, next) ? &at[next] : NULL;
    if (before && (before->kind == TOKEN_NUMBER || token_is(before, '_') || token_is(before, '@') ||
                   token_is(before, '#')))
        return false;
    return !(after &&
             (after->kind == TOKEN_NUMBER || token_is(after, '_') || token_is(after, '@')));
}

static bool opens_sentence(const Tokens *tokens, ptrdiff_t i)
{
    int sentence = tokens->at[i].sentence;
    while (i > 0 && tokens->at[i - 1].kind == TOKEN_MARK && tokens->at[i - 1].sentence == sentence)
        i--;
    return i == 0 || tokens->at[i - 1].sentence != sentence;
}

/* -- what was found ----------------------------------------------------------------------------------- */

static void add_person(NameSearch *s, uint64_t who, Str written)
{
    for (ptrdiff_t i = 0; i < s->people_count; i++)
        if (s->people[i].who == who)
            return;
    if (s->people_count == s->people_cap) {
        ptrdiff_t cap = s->people_cap * 2 + 8;
        ProsePerson *more = arena_grow(s->cx->arena, s->people, s->people_cap, cap,
                                       sizeof(ProsePerson), _Alignof(ProsePerson));
        s->no_memory = s->no_memory || !more;
        if (!more)
            return;
        s->people = more;
        s->people_cap = cap;
    }
    s->people[s->people_count++] = (ProsePerson){who, written};
}

static void add_unsure(NameSearch *s, int choices, Str written)
{
    for (ptrdiff_t i = 0; i < s->unsure_count; i++)
        if (str_ieq(s->unsure[i].written, written))
            return;
    if (s->unsure_count == s->unsure_cap) {
        ptrdiff_t cap = s->unsure_cap * 2 + 8;
        ProseUnsure *more = arena_grow(s->cx->arena, s->unsure, s->unsure_cap, cap,
                                       sizeof(ProseUnsure), _Alignof(ProseUnsure));
        s->no_memory = s->no_memory || !more;
        if (!more)
            return;
        s->unsure = more;
        s->unsure_cap = cap;
    }
    s->unsure[s->unsure_count++] = (ProseUnsure){written, choices};
}

/* -- asking ------------------------------------------------------------------------------------------- */

/* The name with typewriter apostrophes, or the null slice when it has no other ones. */
static Str plain_apostrophes(Arena *arena, Str name)
{
    Cx cx = {.arena = arena};
    Buf buf = buf_make(arena, PROSE_NAME_BYTES_MAX);
    Str out = {NULL, 0};
    ptrdiff_t at = str_find(name, STR("\u2019"));
    if (at < 0)
        return out;
    for (; at >= 0; at = str_find(name, STR("\u2019"))) {
        buf_put(&buf, str_sub(name, 0, at));
        buf_char(&buf, '\'');
        name = str_from(name, at + 3);
    }
    buf_put(&buf, name);
    return buf_done(&cx, &buf, &out) == OK ? out : (Str){NULL, 0};
}

static int ask(const NameSearch *s, Str name, ProseMatch match, uint64_t *ret_who)
{
    if (name.len > PROSE_NAME_BYTES_MAX)
        return 0;
    int n = s->finder->find(s->finder->ctx, name, match, ret_who);
    Str plain = n == 0 ? plain_apostrophes(s->cx->arena, name) : (Str){NULL, 0};
    return str_is_null(plain) ? n : s->finder->find(s->finder->ctx, plain, match, ret_who);
}

static int ask_both(const NameSearch *s, Str name, bool prefix, uint64_t *ret_who)
{
    int n = ask(s, name, PROSE_EXACT, ret_who);
    return n == 0 && prefix ? ask(s, name, PROSE_PREFIX, ret_who) : n;
}

/* Up to PROSE_NAME_WORDS_MAX words that follow each other as the words of one name do. */
static int words_from(const NameSearch *s, ptrdiff_t i, NameWord words[PROSE_NAME_WORDS_MAX])
{
    const Tokens *t = &s->tokens;
    int count = 0;
    while (count < PROSE_NAME_WORDS_MAX && name_word(s->known, t, i, &words[count])) {
        const NameWord *w = &words[count++];
        i = w->next;
        if (w->initial && token_glued(t, i) && token_is(&t->at[i], '.'))
            i++;
        if (w->owns || i >= t->count || !t->at[i].spaced || t->at[i].new_line)
            break;
    }
    return count;
}

static bool dotted(const NameSearch *s, const NameWord *w)
{
    return w->initial && token_glued(&s->tokens, w->end) && token_is(&s->tokens.at[w->end], '.');
}

static bool ordinary(const NameSearch *s, const NameWord *w)
{
    return wordset_has(&s->known->ordinary, &s->tokens, w->from);
}

static bool followed_as_name(const NameSearch *s, const NameWord *w)
{
    return w->owns || wordset_has(&s->known->and, &s->tokens, w->next);
}

/* How many people a run of capitalised words could mean. */
static int ask_capitals(const NameSearch *s, const NameWord *words, int count, uint64_t *ret_who)
{
    const NameWord *first = &words[0], *last = &words[count - 1];
    const Token *first_token = &s->tokens.at[first->from], *last_token = &s->tokens.at[last->from];
    Str name = written_span(s, first->from, last->end);
    bool plain = ordinary(s, first);
    if (count > 1) {
        bool pronoun = last->initial && !dotted(s, last) && ordinary(s, last);
        if (last_token->lower || pronoun)
            return 0;
        return ask_both(s, name, !plain, ret_who);
    }
    bool opens = opens_sentence(&s->tokens, first->from);
    if (plain && opens && !followed_as_name(s, first))
        return 0;
    int least = opens ? PREFIX_LETTERS_OPENING : PREFIX_LETTERS_MIN;
    bool prefix = !plain && utf8_count(name) >= least && first_token->upper;
    return ask_both(s, name, prefix, ret_who);
}

static int ask_small(const NameSearch *s, const NameWord *words, int count, uint64_t *ret_who)
{
    Str name = written_span(s, words[0].from, words[count - 1].end);
    if (count == 1 && (utf8_count(name) < 2 || ordinary(s, &words[0]) ||
                       wordset_has(&s->known->never_small, &s->tokens, words[0].from)))
        return 0;
    return ask(s, name, PROSE_EXACT, ret_who) == 1 ? 1 : 0;
}

/* "Tom Baker", where only Tom Harris is known: somebody else, or a slip. */
static bool unknown_surname(const NameSearch *s, const NameWord *words, int known, int count)
{
    if (known >= count)
        return false;
    const NameWord *next = &words[known];
    uint64_t who = 0;
    if (!s->tokens.at[next->from].upper || next->initial || ordinary(s, next) ||
        s->tokens.at[next->from].sentence != s->tokens.at[words[0].from].sentence)
        return false;
    return ask_both(s, written_span(s, next->from, next->end), true, &who) == 0;
}

/* "+Bea came, and Bea sang": the new person, whole or by first name. */
static bool is_new(const NameSearch *s, Str name)
{
    for (ptrdiff_t i = 0; i < s->log->new_count; i++) {
        Str rest = s->log->new_names[i];
        if (str_ieq(rest, name) || str_ieq(str_cut(&rest, ' '), name))
            return true;
    }
    return false;
}

/* Reads the name at token i, if there is one; returns where to go on. */
static ptrdiff_t name_at(NameSearch *s, ptrdiff_t i)
{
    NameWord words[PROSE_NAME_WORDS_MAX];
    int count = words_from(s, i, words);
    if (count == 0)
        return i + 1;
    bool small = s->tokens.at[i].lower;
    for (int k = count; k > 0; k--) {
        const NameWord *last = &words[k - 1];
        uint64_t who = 0;
        if (!stands_clear(&s->tokens, i, last->next))
            continue;
        if (!small && is_new(s, written_span(s, i, last->end)))
            return last->next;
        int n = small ? ask_small(s, words, k, &who) : ask_capitals(s, words, k, &who);
        if (n == 0)
            continue;
        bool dot = dotted(s, last);
        Str name = written_span(s, i, last->end + (dot && k > 1));
        if (n == 1 && !small && unknown_surname(s, words, k, count))
            add_unsure(s, 1, written_span(s, i, words[k].end));
        else if (n == 1)
            add_person(s, who, name);
        else
            add_unsure(s, n, name);
        return last->next + dot;
    }
    return words[0].next;
}

/* In scripts without spaces a name may start and end anywhere; only whole names count. */
static ptrdiff_t unspaced_at(NameSearch *s, ptrdiff_t i)
{
    const Tokens *t = &s->tokens;
    ptrdiff_t run = 1;
    while (run < UNSPACED_MAX && token_glued(t, i + run) && t->at[i + run].unspaced)
        run++;
    for (; run >= UNSPACED_MIN; run--) {
        uint64_t who = 0;
        Str name = written_span(s, i, i + run);
        int n = ask(s, name, PROSE_EXACT, &who);
        if (n == 1)
            add_person(s, who, name);
        else if (n > 1)
            add_unsure(s, n, name);
        if (n > 0)
            return i + run;
    }
    return i + 1;
}

Err names_find(Cx *cx, const NameWords *known, Str view, Str written, const ProseFinder *finder,
               ProseLog *log)
{
    NameSearch s = {.cx = cx, .known = known, .written = written, .finder = finder, .log = log};
    Err e = tokens_of(cx, view, &s.tokens);
    if (e != OK)
        return e;
    for (ptrdiff_t i = 0; i < s.tokens.count;) {
        const Token *t = &s.tokens.at[i];
        if (t->kind != TOKEN_WORD)
            i++;
        else
            i = t->unspaced ? unspaced_at(&s, i) : name_at(&s, i);
    }
    if (s.no_memory)
        return err_nomem(cx);
    log->people = s.people;
    log->people_count = s.people_count;
    log->unsure = s.unsure;
    log->unsure_count = s.unsure_count;
    return OK;
}
