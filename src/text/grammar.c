/* text/grammar.c - alternatives are tried one after the other, each token by token. A grammar has a few
 * hundred short patterns and nearly all fail at their first word, so a search tree would buy nothing.
 * Cost: tokens times patterns. */
#include "text/grammar.h"
#include "base/time.h"
#include "base/utf8.h"
#include <stdlib.h>

static const struct SlotName {
    const char *name;
    Slot slot;
} slot_names[] = {
    {"{n}",        SLOT_N       },
    {"{mm}",       SLOT_MM      },
    {"{unit}",     SLOT_UNIT    },
    {"{hours}",    SLOT_HOURS   },
    {"{minutes}",  SLOT_MINUTES },
    {"{weekday}",  SLOT_WEEKDAY },
    {"{day-name}", SLOT_DAY_NAME},
    {"{dom}",      SLOT_DOM     },
    {"{month}",    SLOT_MONTH   },
    {"{year}",     SLOT_YEAR    },
    {"{part}",     SLOT_PART    },
    {"{time}",     SLOT_TIME    },
    {"{h}",        SLOT_H       },
    {"{iso}",      SLOT_ISO     },
};

/* The wordings of slots, each slot's together; the value is what Values receives. */
static const struct Wording {
    const char *key;
    Slot slot;
    int value;
} wordings[] = {
    {"when.number.1",        SLOT_N,         1             },
    {"when.number.2",        SLOT_N,         2             },
    {"when.number.3",        SLOT_N,         3             },
    {"when.number.4",        SLOT_N,         4             },
    {"when.number.5",        SLOT_N,         5             },
    {"when.number.6",        SLOT_N,         6             },
    {"when.number.7",        SLOT_N,         7             },
    {"when.number.8",        SLOT_N,         8             },
    {"when.number.9",        SLOT_N,         9             },
    {"when.number.10",       SLOT_N,         10            },
    {"when.number.11",       SLOT_N,         11            },
    {"when.number.12",       SLOT_N,         12            },
    {"when.number.20",       SLOT_N,         20            },
    {"when.number.30",       SLOT_N,         30            },
    {"when.unit.minute",     SLOT_UNIT,      UNIT_MINUTE   },
    {"when.unit.hour",       SLOT_UNIT,      UNIT_HOUR     },
    {"when.unit.day",        SLOT_UNIT,      UNIT_DAY      },
    {"when.unit.week",       SLOT_UNIT,      UNIT_WEEK     },
    {"when.unit.month",      SLOT_UNIT,      UNIT_MONTH    },
    {"when.unit.year",       SLOT_UNIT,      UNIT_YEAR     },
    {"when.weekday.1",       SLOT_WEEKDAY,   1             },
    {"when.weekday.2",       SLOT_WEEKDAY,   2             },
    {"when.weekday.3",       SLOT_WEEKDAY,   3             },
    {"when.weekday.4",       SLOT_WEEKDAY,   4             },
    {"when.weekday.5",       SLOT_WEEKDAY,   5             },
    {"when.weekday.6",       SLOT_WEEKDAY,   6             },
    {"when.weekday.7",       SLOT_WEEKDAY,   7             },
    {"when.weekday-short.1", SLOT_SHORT_DAY, 1             },
    {"when.weekday-short.2", SLOT_SHORT_DAY, 2             },
    {"when.weekday-short.3", SLOT_SHORT_DAY, 3             },
    {"when.weekday-short.4", SLOT_SHORT_DAY, 4             },
    {"when.weekday-short.5", SLOT_SHORT_DAY, 5             },
    {"when.weekday-short.6", SLOT_SHORT_DAY, 6             },
    {"when.weekday-short.7", SLOT_SHORT_DAY, 7             },
    {"when.month.1",         SLOT_MONTH,     1             },
    {"when.month.2",         SLOT_MONTH,     2             },
    {"when.month.3",         SLOT_MONTH,     3             },
    {"when.month.4",         SLOT_MONTH,     4             },
    {"when.month.5",         SLOT_MONTH,     5             },
    {"when.month.6",         SLOT_MONTH,     6             },
    {"when.month.7",         SLOT_MONTH,     7             },
    {"when.month.8",         SLOT_MONTH,     8             },
    {"when.month.9",         SLOT_MONTH,     9             },
    {"when.month.10",        SLOT_MONTH,     10            },
    {"when.month.11",        SLOT_MONTH,     11            },
    {"when.month.12",        SLOT_MONTH,     12            },
    {"when.part.morning",    SLOT_PART,      PART_MORNING  },
    {"when.part.noon",       SLOT_PART,      PART_NOON     },
    {"when.part.afternoon",  SLOT_PART,      PART_AFTERNOON},
    {"when.part.evening",    SLOT_PART,      PART_EVENING  },
    {"when.part.night",      SLOT_PART,      PART_NIGHT    },
    {"when.ordinal",         SLOT_ORDINAL,   1             },
    {"when.am",              SLOT_HALF_DAY,  0             },
    {"when.pm",              SLOT_HALF_DAY,  12            },
};

enum { SLOT_NAMES = sizeof slot_names / sizeof slot_names[0] };
enum { WORDINGS = sizeof wordings / sizeof wordings[0] };

static Err add_item(Cx *cx, Pattern *p, Slot slot, Str word)
{
    if (p->count == PATTERN_ITEMS_MAX)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", PATTERN_ITEMS_MAX)));
    p->items[p->count++] = (Item){slot, word};
    return OK;
}

static Err add_words(Cx *cx, Pattern *p, Str words)
{
    Tokens tokens = {0};
    Err e = tokens_of(cx, words, &tokens);
    for (ptrdiff_t i = 0; e == OK && i < tokens.count; i++) {
        const Token *t = &tokens.at[i];
        e = add_item(cx, p, SLOT_WORD,
                     t->kind == TOKEN_NUMBER ? str_sub(words, t->from, t->len) : t->folded);
    }
    return e;
}

static Slot slot_of(Str name)
{
    int i = 0;
    while (!str_eq_c(name, slot_names[i].name)) {
        i++;
        INVARIANT(i < SLOT_NAMES); /* a catalogue that names another slot is a mistake of ours */
    }
    return slot_names[i].slot;
}

static Err add_piece(Cx *cx, Pattern *p, Str piece)
{
    if (!str_starts(piece, STR("{")))
        return add_words(cx, p, piece);
    ptrdiff_t end = str_find_char(piece, '}') + 1;
    Str slot = str_sub(piece, 0, end), rest = str_from(piece, end);
    Err e = add_item(cx, p, slot_of(slot), slot);
    return e == OK ? add_words(cx, p, rest) : e;
}

static Err make_room(Cx *cx, Grammar *g)
{
    if (g->count < g->cap)
        return OK;
    if (g->count == GRAMMAR_MAX)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", GRAMMAR_MAX)));
    int cap = g->cap > 0 ? g->cap * 2 : 8;
    cap = cap > GRAMMAR_MAX ? GRAMMAR_MAX : cap;
    Pattern *more =
        arena_grow(cx->arena, g->patterns, g->cap, cap, sizeof(Pattern), _Alignof(Pattern));
    if (!more)
        return err_nomem(cx);
    g->patterns = more;
    g->cap = cap;
    return OK;
}

static Err add_alternative(Cx *cx, Grammar *g, Str words, Slot slot, int rule)
{
    Err e = make_room(cx, g);
    if (e != OK)
        return e;
    Pattern *p = &g->patterns[g->count];
    *p = (Pattern){.rule = rule, .slot = slot};
    for (Str rest = words; e == OK && rest.p;) {
        Str piece = str_cut(&rest, ' ');
        if (piece.len > 0)
            e = add_piece(cx, p, piece);
    }
    g->count += p->count > 0;
    return e;
}

/* The pseudo-locale changes what is shown; what people write it reads as English. */
static Str alternatives(const Text *text, const char *key)
{
    return text_get(str_starts(text_name(text), STR("qps")) ? text_locale(STR("en")) : text, key);
}

static Err add_alternatives(Cx *cx, const Text *text, Grammar *g, const char *key, Slot slot,
                            int rule)
{
    Err e = OK;
    for (Str rest = alternatives(text, key); e == OK && rest.p;)
        e = add_alternative(cx, g, str_cut(&rest, '|'), slot, rule);
    return e;
}

Err grammar_add(Cx *cx, const Text *text, Grammar *grammar, const char *key, int rule)
{
    return add_alternatives(cx, text, grammar, key, SLOT_COUNT, rule);
}

Err grammar_add_slots(Cx *cx, const Text *text, Grammar *grammar)
{
    Err e = OK;
    for (int i = 0; e == OK && i < WORDINGS; i++) {
        Slot slot = wordings[i].slot;
        if (i == 0 || wordings[i - 1].slot != slot)
            grammar->slot_from[slot] = grammar->count;
        e = add_alternatives(cx, text, grammar, wordings[i].key, slot, wordings[i].value);
        grammar->slot_to[slot] = grammar->count;
    }
    return e;
}

static int by_word(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

Err wordset_read(Cx *cx, const Text *text, const char *key, WordSet *ret)
{
    Tokens tokens = {0};
    Err e = tokens_of(cx, alternatives(text, key), &tokens);
    if (e != OK)
        return e;
    Str *words = arena_new(cx->arena, Str, tokens.count + 1);
    if (!words)
        return err_nomem(cx);
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < tokens.count; i++)
        if (!token_is(&tokens.at[i], '|'))
            words[count++] = tokens.at[i].folded;
    if (count > 0)
        qsort(words, (size_t)count, sizeof *words, by_word);
    *ret = (WordSet){words, count};
    return OK;
}

bool wordset_has(const WordSet *set, const Tokens *tokens, ptrdiff_t i)
{
    return i < tokens->count && set->count > 0 &&
           bsearch(&tokens->at[i].folded, set->words, (size_t)set->count, sizeof(Str), by_word);
}

static bool same_word(const Tokens *tokens, ptrdiff_t i, Str word)
{
    if (i >= tokens->count)
        return false;
    const Token *t = &tokens->at[i];
    return str_eq(t->kind == TOKEN_NUMBER ? str_sub(tokens->prose, t->from, t->len) : t->folded,
                  word);
}

/* Where the next item of a pattern is looked for: over a hyphen that joins two words. */
static ptrdiff_t next_at(const Tokens *tokens, ptrdiff_t i)
{
    bool joins = i + 1 < tokens->count && token_is(&tokens->at[i], '-') && !tokens->at[i].spaced &&
                 !tokens->at[i + 1].spaced;
    return joins ? i + 1 : i;
}

static ptrdiff_t match_words(const Pattern *p, const Tokens *tokens, ptrdiff_t i)
{
    ptrdiff_t at = i;
    for (int k = 0; k < p->count; k++) {
        if (!same_word(tokens, at, p->items[k].word))
            return 0;
        at++;
    }
    return at - i;
}

/* The longest wording of the slot at i. */
static ptrdiff_t match_wording(const Grammar *g, Slot slot, const Tokens *tokens, ptrdiff_t i,
                               int *ret_value)
{
    ptrdiff_t best = 0;
    for (int k = g->slot_from[slot]; k < g->slot_to[slot]; k++) {
        const Pattern *p = &g->patterns[k];
        ptrdiff_t n = match_words(p, tokens, i);
        if (n > best) {
            best = n;
            *ret_value = p->rule;
        }
    }
    return best;
}

static const Token *number_at(const Tokens *tokens, ptrdiff_t i, int min, int max)
{
    const Token *t = i < tokens->count ? &tokens->at[i] : NULL;
    return t && t->kind == TOKEN_NUMBER && t->number >= min && t->number <= max ? t : NULL;
}

static ptrdiff_t match_number(const Grammar *g, const Tokens *tokens, ptrdiff_t i, Values *v)
{
    const Token *whole = number_at(tokens, i, 0, 99999);
    if (whole) {
        v->n = whole->number;
        const Token *part = number_at(tokens, i + 2, 0, 99);
        if (part && part->len <= 2 && token_glued(tokens, i + 1) && token_glued(tokens, i + 2) &&
            (token_is(&tokens->at[i + 1], '.') || token_is(&tokens->at[i + 1], ','))) {
            v->n += part->number / (part->len == 1 ? 10.0 : 100.0);
            return 3;
        }
        return 1;
    }
    int value = 0;
    ptrdiff_t n = match_wording(g, SLOT_N, tokens, i, &value);
    v->n = n > 0 ? value : v->n;
    return n;
}

static ptrdiff_t match_dom(const Grammar *g, const Tokens *tokens, ptrdiff_t i, Values *v)
{
    const Token *day = number_at(tokens, i, 1, 31);
    int ignored = 0;
    if (!day || day->len > 2)
        return 0;
    v->dom = day->number;
    return 1 + (token_glued(tokens, i + 1) ? match_wording(g, SLOT_ORDINAL, tokens, i + 1, &ignored)
                                           : 0);
}

/* 19:30, 19:30:15, 7pm, 7:30 pm, 7.30pm; a number alone is not a time. */
static ptrdiff_t match_time(const Grammar *g, const Tokens *tokens, ptrdiff_t i, Values *v)
{
    const Token *hour = number_at(tokens, i, 0, 23);
    if (!hour || hour->len > 2 || v->times == 2)
        return 0;
    ptrdiff_t used = 1;
    int minute = 0, half_day = -1;
    bool colon = false;
    const Token *mm = number_at(tokens, i + 2, 0, 59);
    if (mm && mm->len == 2 && token_glued(tokens, i + 1) && token_glued(tokens, i + 2) &&
        (token_is(&tokens->at[i + 1], ':') || token_is(&tokens->at[i + 1], '.'))) {
        colon = token_is(&tokens->at[i + 1], ':');
        minute = mm->number;
        used = 3;
        const Token *ss = number_at(tokens, i + 4, 0, 59);
        if (colon && ss && ss->len == 2 && token_is(&tokens->at[i + 3], ':') &&
            token_glued(tokens, i + 3) && token_glued(tokens, i + 4))
            used = 5;
    }
    ptrdiff_t half = match_wording(g, SLOT_HALF_DAY, tokens, i + used, &half_day);
    if (half > 0 && (hour->number < 1 || hour->number > 12))
        return 0;
    if (half == 0 && !colon)
        return 0;
    int h = half > 0 ? hour->number % 12 + half_day : hour->number;
    v->half_open =
        half == 0 && hour->number >= 1 && hour->number <= 12 && tokens->prose.p[hour->from] != '0';
    v->time_min[v->times++] = h * 60 + minute;
    return used + half;
}

static bool iso_byte(char c)
{
    return (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '+' || c == 'T' || c == 'Z';
}

/* "2026-02-30": it says a day, though there is no such one. */
static bool shaped_as_day(Str s, Civil *ret)
{
    int64_t v[3];
    if (s.len != 10 || s.p[4] != '-' || s.p[7] != '-' ||
        !str_to_i64(str_sub(s, 0, 4), 1900, 2999, &v[0]) ||
        !str_to_i64(str_sub(s, 5, 2), 0, 99, &v[1]) || !str_to_i64(str_sub(s, 8, 2), 0, 99, &v[2]))
        return false;
    *ret = (Civil){.year = (int)v[0], .month = (int)v[1], .day = (int)v[2]};
    return true;
}

static ptrdiff_t match_iso(const Tokens *tokens, ptrdiff_t i, Values *v)
{
    enum { DATE_LEN = 10 };
    const Token *year = number_at(tokens, i, 1, 9999);
    if (!year || year->len != 4)
        return 0;
    Str rest = str_from(tokens->prose, year->from);
    ptrdiff_t len = 0;
    while (len < rest.len && iso_byte(rest.p[len]))
        len++;
    Civil day = {0};
    if (!time_parse_date(str_sub(rest, 0, DATE_LEN), &day) &&
        !shaped_as_day(str_sub(rest, 0, len), &day))
        return 0;
    v->has_iso_time = len > DATE_LEN && time_parse_iso(str_sub(rest, 0, len), &v->iso_ms);
    ptrdiff_t end = year->from + (v->has_iso_time ? len : DATE_LEN), used = 0;
    while (i + used < tokens->count && tokens->at[i + used].from < end)
        used++;
    v->year = day.year;
    v->month = day.month;
    v->dom = day.day;
    return used;
}

static ptrdiff_t match_digits(const Tokens *tokens, ptrdiff_t i, int min, int max, ptrdiff_t len,
                              int *ret)
{
    const Token *t = number_at(tokens, i, min, max);
    if (!t || (len > 0 && t->len != len))
        return 0;
    *ret = t->number;
    return 1;
}

static ptrdiff_t match_unit(const Grammar *g, const Tokens *tokens, ptrdiff_t i, int only, int *ret)
{
    int unit = 0;
    ptrdiff_t n = match_wording(g, SLOT_UNIT, tokens, i, &unit);
    if (n == 0 || (only > 0 && unit != only))
        return 0;
    *ret = unit;
    return n;
}

static ptrdiff_t match_slot(const Grammar *g, const Item *item, const Tokens *tokens, ptrdiff_t i,
                            Values *v)
{
    ptrdiff_t n = 0;
    switch (item->slot) {
    case SLOT_WORD:
        return same_word(tokens, i, item->word) ? 1 : 0;
    case SLOT_N:
        return match_number(g, tokens, i, v);
    case SLOT_MM:
        return match_digits(tokens, i, 0, 59, 0, &v->mm);
    case SLOT_UNIT:
        return match_unit(g, tokens, i, 0, &v->unit);
    case SLOT_HOURS:
        return match_unit(g, tokens, i, UNIT_HOUR, &v->unit);
    case SLOT_MINUTES:
        return match_unit(g, tokens, i, UNIT_MINUTE, &v->unit);
    case SLOT_DAY_NAME:
        n = match_wording(g, SLOT_WEEKDAY, tokens, i, &v->weekday);
        return n > 0 ? n : match_wording(g, SLOT_SHORT_DAY, tokens, i, &v->weekday);
    case SLOT_WEEKDAY:
        return match_wording(g, SLOT_WEEKDAY, tokens, i, &v->weekday);
    case SLOT_DOM:
        return match_dom(g, tokens, i, v);
    case SLOT_MONTH:
        v->month_token = i;
        return match_wording(g, SLOT_MONTH, tokens, i, &v->month);
    case SLOT_YEAR:
        return match_digits(tokens, i, 1900, 2999, 4, &v->year);
    case SLOT_PART:
        return match_wording(g, SLOT_PART, tokens, i, &v->part);
    case SLOT_TIME:
        return match_time(g, tokens, i, v);
    case SLOT_H:
        return match_digits(tokens, i, 1, 12, 0, &v->h);
    case SLOT_ISO:
        return match_iso(tokens, i, v);
    case SLOT_SHORT_DAY:
    case SLOT_ORDINAL:
    case SLOT_HALF_DAY:
    case SLOT_COUNT:
        break;
    }
    return 0;
}

unsigned grammar_slots_at(const Grammar *grammar, const Tokens *tokens, ptrdiff_t i)
{
    unsigned slots = 0;
    for (int k = 0; k < SLOT_NAMES; k++) {
        Values ignored = {0};
        Item item = {
            slot_names[k].slot, {NULL, 0}
        };
        if (match_slot(grammar, &item, tokens, i, &ignored) > 0)
            slots |= 1U << item.slot;
    }
    return slots;
}

bool grammar_begins(const Pattern *pattern, const Tokens *tokens, ptrdiff_t i, unsigned slots)
{
    const Item *first = &pattern->items[0];
    return first->slot == SLOT_WORD ? same_word(tokens, i, first->word) : slots >> first->slot & 1;
}

ptrdiff_t grammar_match(const Grammar *grammar, const Pattern *pattern, const Tokens *tokens,
                        ptrdiff_t i, Values *ret)
{
    Values v = {0};
    ptrdiff_t at = i;
    for (int k = 0; k < pattern->count; k++) {
        const Item *item = &pattern->items[k];
        ptrdiff_t from = k > 0 && !str_eq_c(item->word, "-") ? next_at(tokens, at) : at;
        if (k > 0 && from < tokens->count && tokens->at[from].new_line)
            return 0;
        ptrdiff_t n = match_slot(grammar, item, tokens, from, &v);
        if (n == 0 && item->slot == SLOT_WORD && str_eq_c(item->word, ","))
            continue;
        if (n == 0)
            return 0;
        at = from + n;
    }
    *ret = v;
    return at - i;
}

static bool is_text(const Token *t)
{
    return t->kind != TOKEN_MARK && !t->unspaced;
}

static bool any_mark(const Token *t, const char *marks)
{
    for (; *marks; marks++)
        if (token_is(t, *marks))
            return true;
    return false;
}

static bool both_numbers(const Token *a, const Token *b)
{
    return a->kind == TOKEN_NUMBER && b->kind == TOKEN_NUMBER;
}

static bool joined_before(const Tokens *tokens, ptrdiff_t i)
{
    const Token *at = tokens->at;
    if (!token_glued(tokens, i) || at[i].unspaced)
        return false;
    if (is_text(&at[i - 1]) || any_mark(&at[i - 1], "@#+/_&=%"))
        return true;
    if (!token_glued(tokens, i - 1) || !is_text(&at[i - 2]))
        return false;
    return any_mark(&at[i - 1], "-.:'") ||
           (token_is(&at[i - 1], ',') && both_numbers(&at[i - 2], &at[i]));
}

static bool joined_after(const Tokens *tokens, ptrdiff_t end)
{
    const Token *at = tokens->at;
    if (!token_glued(tokens, end) || at[end].unspaced)
        return false;
    if (is_text(&at[end]))
        return !at[end - 1].unspaced;
    if (any_mark(&at[end], "@/_=%"))
        return true;
    if (!token_glued(tokens, end + 1))
        return false;
    if (at[end + 1].kind == TOKEN_NUMBER)
        return any_mark(&at[end], "-.:,");
    return is_text(&at[end + 1]) && any_mark(&at[end], ".:");
}

bool grammar_stands_alone(const Tokens *tokens, ptrdiff_t i, ptrdiff_t end)
{
    return !joined_before(tokens, i) && !joined_after(tokens, end);
}
