/* port/match.c - every key of everyone goes into one hash table, the people who are here first, then card
 * by card in the order of the file, each after its own look-up: so a card meets the people and the earlier
 * cards, never itself. Owners of the same key are chained, at most MATCH_OWNERS_MAX of them: linear in the
 * number of keys, whatever a file holds. */
#include "port/match.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "port/table.h"
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 16, /* of a name; more words are one */
    CANDIDATES_MAX = 64,
    PHONE_DIGITS = 9,
    PHONE_DIGITS_MIN = 5,
    KINDS = 5, /* of keys */
    NOBODY = -1
};

/* -- normal forms */

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

/* The words of a folded name, without punctuation, so that "Brown, Ana" is "Ana Brown". */
static int split_words(Str folded, Str words[WORDS_MAX])
{
    int n = 0;
    const char *start = NULL;
    while (folded.len > 0) {
        const char *at = folded.p;
        bool letter = utf8_is_letter(utf8_next(&folded));
        if (letter && !start)
            start = at;
        const char *end = letter ? folded.p : at;
        if (start && (!letter || folded.len == 0)) {
            if (n + 1 == WORDS_MAX)
                end = folded.p + folded.len;
            words[n++] = (Str){start, end - start};
            start = NULL;
            if (n == WORDS_MAX)
                break;
        }
    }
    return n;
}

Str match_name(Arena *arena, Str s)
{
    Str words[WORDS_MAX], folded = utf8_fold(arena, s);
    int n = split_words(folded, words);
    char *out = arena_alloc(arena, folded.len + n, 1, 1);
    if (!out || str_is_null(folded))
        return (Str){NULL, 0};
    qsort(words, (size_t)n, sizeof *words, by_bytes);
    ptrdiff_t len = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0)
            out[len++] = ' ';
        memcpy(out + len, words[i].p, (size_t)words[i].len);
        len += words[i].len;
    }
    return (Str){out, len};
}

static Str lower_case(Arena *arena, Str s)
{
    char *out = arena_alloc(arena, s.len, 1, 1);
    for (ptrdiff_t i = 0; out && i < s.len; i++)
        out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + ('a' - 'A')) : s.p[i];
    return (Str){out, out ? s.len : 0};
}

Str match_email(Arena *arena, Str s)
{
    s = str_trim(s);
    ptrdiff_t at = str_find_char(s, '@');
    return at > 0 && at < s.len - 1 ? lower_case(arena, s) : STR("");
}

/* Digits up to an extension ("ext. 102", ";ext=102", "x102"). */
Str match_phone(Arena *arena, Str s)
{
    char *out = arena_alloc(arena, s.len, 1, 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; out && i < s.len; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            out[n++] = s.p[i];
        else if (n > 0 && (s.p[i] == ';' || s.p[i] == 'x' || s.p[i] == 'X' || s.p[i] == 'e'))
            break;
    }
    if (n < PHONE_DIGITS_MIN)
        return (Str){out, 0};
    return n > PHONE_DIGITS ? (Str){out + n - PHONE_DIGITS, PHONE_DIGITS} : (Str){out, n};
}

Str match_uid(Arena *arena, Str s)
{
    s = str_trim(s);
    if (str_istarts(s, STR("urn:uuid:")))
        s = str_from(s, 9);
    return lower_case(arena, s);
}

Str match_born(Arena *arena, int year, int month, int day)
{
    enum { CAP = 16 };
    Buf buf = buf_make(arena, CAP);
    Cx cx = {.arena = arena};
    Str out = {NULL, 0};
    if (year <= 0 || month <= 0 || day <= 0)
        return STR("");
    buf_fmt(&buf, "%d-%d-%d", year, month, day);
    return buf_done(&cx, &buf, &out) == OK ? out : (Str){NULL, 0};
}

static Str *normal(Cx *cx, const VcardPoint *points, int n, Str (*form)(Arena *, Str), int *ret_n)
{
    Str *keys = arena_new(cx->arena, Str, n);
    *ret_n = 0;
    for (int i = 0; keys && i < n; i++) {
        Str key = form(cx->arena, points[i].value);
        if (str_is_null(key))
            return NULL;
        if (key.len > 0)
            keys[(*ret_n)++] = key;
    }
    return keys;
}

Err match_keys(Cx *cx, const VcardPerson *person, MatchKeys *ret)
{
    MatchKeys keys = {.uid = match_uid(cx->arena, person->uid),
                      .name = match_name(cx->arena, person->name),
                      .born = match_born(cx->arena, person->birthday.year, person->birthday.month,
                                         person->birthday.day),
                      .birth_year = person->birthday.year,
                      .birth_month = person->birthday.month,
                      .birth_day = person->birthday.day};
    keys.emails = normal(cx, person->emails, person->n_emails, match_email, &keys.n_emails);
    keys.phones = normal(cx, person->phones, person->n_phones, match_phone, &keys.n_phones);
    if (!keys.emails || !keys.phones || str_is_null(keys.uid) || str_is_null(keys.name) ||
        str_is_null(keys.born))
        return err_nomem(cx);
    *ret = keys;
    return OK;
}

/* -- who shares a key */

typedef struct Owner {
    ptrdiff_t who; /* known people, then cards */
    ptrdiff_t next;
} Owner;

typedef struct Candidate {
    ptrdiff_t who;
    unsigned reasons;
} Candidate;

typedef struct Matcher {
    const MatchKeys *known, *cards;
    ptrdiff_t n_known;
    Table table[KINDS]; /* by uid, email, phone, name, birthday: from a key to its first owner */
    Owner *owners;
    ptrdiff_t n_owners;
    Candidate candidates[CANDIDATES_MAX];
    int n_candidates;
} Matcher;

static const unsigned reason_of[KINDS] = {SAME_UID, SAME_EMAIL, SAME_PHONE, SAME_NAME,
                                          SAME_BIRTHDAY};

static const MatchKeys *keys_of(const Matcher *m, ptrdiff_t who)
{
    return who < m->n_known ? &m->known[who] : &m->cards[who - m->n_known];
}

static void add_owner(Matcher *m, Table *table, Str key, ptrdiff_t who)
{
    int64_t *first = table_put(table, key, NOBODY);
    if (!first)
        return;
    int shared = 0;
    ptrdiff_t last = NOBODY;
    for (ptrdiff_t at = (ptrdiff_t)*first; at != NOBODY; at = m->owners[at].next) {
        last = at;
        shared++;
    }
    if (shared == MATCH_OWNERS_MAX)
        return;
    ptrdiff_t at = m->n_owners++;
    m->owners[at] = (Owner){who, NOBODY};
    if (last == NOBODY)
        *first = at;
    else
        m->owners[last].next = at;
}

static void add_candidate(Matcher *m, ptrdiff_t who, unsigned reason)
{
    for (int i = 0; i < m->n_candidates; i++) {
        if (m->candidates[i].who == who) {
            m->candidates[i].reasons |= reason;
            return;
        }
    }
    if (m->n_candidates < CANDIDATES_MAX)
        m->candidates[m->n_candidates++] = (Candidate){who, reason};
}

/* An initial stands for a word that begins with it. */
static bool word_fits(Str a, Str b)
{
    Str rest_a = a, rest_b = b;
    if (str_eq(a, b))
        return true;
    bool same = a.len > 0 && b.len > 0 && utf8_next(&rest_a) == utf8_next(&rest_b);
    return same && (rest_a.len == 0 || rest_b.len == 0);
}

/* Each word of the shorter name has one of its own in the longer, and one of them is no initial. */
static bool name_fits(Str a, Str b)
{
    Str words[2][WORDS_MAX];
    bool taken[WORDS_MAX] = {false}, whole = false;
    int n[2] = {split_words(a, words[0]), split_words(b, words[1])};
    int less = n[0] <= n[1] ? 0 : 1, more = 1 - less;
    for (int i = 0; i < n[less]; i++) {
        int at = 0;
        while (at < n[more] && (taken[at] || !word_fits(words[less][i], words[more][at])))
            at++;
        if (at == n[more])
            return false;
        taken[at] = true;
        whole = whole || str_eq(words[less][i], words[more][at]);
    }
    return whole;
}

static void look_up(Matcher *m, int kind, Str key, Str name)
{
    const int64_t *first = table_find(&m->table[kind], key);
    for (ptrdiff_t at = first ? (ptrdiff_t)*first : NOBODY; at != NOBODY; at = m->owners[at].next) {
        ptrdiff_t who = m->owners[at].who;
        if (reason_of[kind] != SAME_BIRTHDAY || name_fits(name, keys_of(m, who)->name))
            add_candidate(m, who, reason_of[kind]);
    }
}

/* Every key of one person, kinds in the order of reason_of: kept as theirs, or looked up. */
static void each_key(Matcher *m, const MatchKeys *keys, ptrdiff_t who, bool add)
{
    const Str *const lists[KINDS] = {&keys->uid, keys->emails, keys->phones, &keys->name,
                                     &keys->born};
    const int counts[KINDS] = {1, keys->n_emails, keys->n_phones, 1, 1};
    for (int kind = 0; kind < KINDS; kind++) {
        for (int i = 0; i < counts[kind]; i++) {
            if (add)
                add_owner(m, &m->table[kind], lists[kind][i], who);
            else
                look_up(m, kind, lists[kind][i], keys->name);
        }
    }
}

/* -- judging a candidate */

/* 1 the same day, -1 another day, 0 not known of both. Without a year only the day is compared. */
static int compare_birthdays(const MatchKeys *a, const MatchKeys *b)
{
    if (a->birth_day == 0 || b->birth_day == 0 || a->birth_month == 0 || b->birth_month == 0)
        return 0;
    bool years = a->birth_year > 0 && b->birth_year > 0;
    bool same = a->birth_day == b->birth_day && a->birth_month == b->birth_month &&
                (!years || a->birth_year == b->birth_year);
    return same ? 1 : -1;
}

static bool is_sure(unsigned reasons)
{
    return (reasons & SAME_UID) != 0 || ((reasons & SAME_NAME) != 0 && reasons != SAME_NAME);
}

/* The bits of the reasons are in the order of their weight. */
static unsigned rank(unsigned reasons)
{
    return reasons | (is_sure(reasons) ? 1u << 5 : 0u);
}

static Match best_match(Matcher *m, const MatchKeys *card)
{
    Match best = {.found = MATCH_NEW};
    int meant = 0;
    for (int i = 0; i < m->n_candidates; i++) {
        Candidate *c = &m->candidates[i];
        int birthdays = compare_birthdays(card, keys_of(m, c->who));
        if (c->reasons & SAME_NAME && birthdays > 0)
            c->reasons |= SAME_BIRTHDAY;
        if (c->reasons == SAME_NAME && birthdays < 0)
            continue; /* a namesake */
        meant++;
        bool known = c->who < m->n_known;
        bool first = best.found == MATCH_NEW;
        if (first || rank(c->reasons) > rank(best.reasons)) {
            best.found = known ? MATCH_KNOWN : MATCH_REPEATED;
            best.index = known ? c->who : c->who - m->n_known;
            best.reasons = c->reasons;
        }
    }
    best.sure = best.found != MATCH_NEW && is_sure(best.reasons);
    best.others = meant > 0 ? meant - 1 : 0;
    return best;
}

static ptrdiff_t count_keys(const MatchKeys *keys, ptrdiff_t n, int kind)
{
    ptrdiff_t total = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        total += kind == 1 ? keys[i].n_emails : kind == 2 ? keys[i].n_phones : 1;
    return total;
}

static bool prepare(Cx *cx, Matcher *m, ptrdiff_t n_cards)
{
    TableSeed seed = table_seed();
    ptrdiff_t total = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        ptrdiff_t n = count_keys(m->known, m->n_known, kind) + count_keys(m->cards, n_cards, kind);
        total += n;
        if (!table_make(cx->arena, seed, n, &m->table[kind]))
            return false;
    }
    m->owners = arena_new(cx->arena, Owner, total);
    return m->owners != NULL;
}

Err match_people(Cx *cx, const MatchKeys known[], ptrdiff_t n_known, const MatchKeys cards[],
                 ptrdiff_t n_cards, const Match **ret_matches)
{
    Matcher m = {.known = known, .cards = cards, .n_known = n_known};
    Match *matches = arena_new(cx->arena, Match, n_cards);
    if (!matches || !prepare(cx, &m, n_cards))
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < n_known; i++)
        each_key(&m, &known[i], i, true);
    for (ptrdiff_t i = 0; i < n_cards; i++) {
        m.n_candidates = 0;
        each_key(&m, &cards[i], 0, false);
        matches[i] = best_match(&m, &cards[i]);
        each_key(&m, &cards[i], n_known + i, true);
    }
    *ret_matches = matches;
    return OK;
}
