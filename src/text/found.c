/* text/found.c - at each word every pattern that could begin there is tried and the longest wording kept;
 * the search goes on behind it. Cost: linear in the prose, times the few patterns that a word can begin. */
#include "text/found.h"

static const struct RuleRow {
    const char *key;
    Sort sort;
} rules[RULE_COUNT] = {
    [RULE_JUST_NOW] = {"when.just-now",         SORT_DAY  },
    [RULE_TODAY] = {"when.today",            SORT_DAY  },
    [RULE_YESTERDAY] = {"when.yesterday",        SORT_DAY  },
    [RULE_BEFORE_YESTERDAY] = {"when.before-yesterday", SORT_DAY  },
    [RULE_TOMORROW] = {"when.tomorrow",         SORT_DAY  },
    [RULE_AFTER_TOMORROW] = {"when.after-tomorrow",   SORT_DAY  },
    [RULE_TONIGHT] = {"when.tonight",          SORT_DAY  },
    [RULE_LAST_NIGHT] = {"when.last-night",       SORT_DAY  },
    [RULE_AGO] = {"when.ago",              SORT_DAY  },
    [RULE_SOME_AGO] = {"when.some-ago",         SORT_DAY  },
    [RULE_HALF_HOUR_AGO] = {"when.half-hour-ago",    SORT_DAY  },
    [RULE_HOURS_HALF_AGO] = {"when.hours-half-ago",   SORT_DAY  },
    [RULE_AHEAD] = {"when.ahead",            SORT_DAY  },
    [RULE_ON_WEEKDAY] = {"when.on-weekday",       SORT_DAY  },
    [RULE_LAST_WEEKDAY] = {"when.last-weekday",     SORT_DAY  },
    [RULE_NEXT_WEEKDAY] = {"when.next-weekday",     SORT_DAY  },
    [RULE_LAST_WEEKEND] = {"when.last-weekend",     SORT_DAY  },
    [RULE_LAST_UNIT] = {"when.last-unit",        SORT_DAY  },
    [RULE_NEXT_UNIT] = {"when.next-unit",        SORT_DAY  },
    [RULE_DATE] = {"when.date",             SORT_DAY  },
    [RULE_PART] = {"when.in-part",          SORT_PART },
    [RULE_TIME] = {"when.at-time",          SORT_TIME },
    [RULE_HOUR_PART] = {"when.at-hour-part",     SORT_TIME },
    [RULE_RANGE] = {"when.from-to",          SORT_TIME },
    [RULE_HALF_HOUR] = {"when.half-hour",        SORT_SPAN },
    [RULE_QUARTER_HOUR] = {"when.quarter-hour",     SORT_SPAN },
    [RULE_THREE_QUARTERS] = {"when.three-quarters",   SORT_SPAN },
    [RULE_SPAN] = {"when.span",             SORT_SPAN },
    [RULE_SPAN_HALF] = {"when.span-half",        SORT_SPAN },
    [RULE_SPAN_BOTH] = {"when.span-both",        SORT_SPAN },
    [RULE_LEAD] = {"when.for",              SORT_HELP },
    [RULE_OTHER] = {"when.other",            SORT_OTHER},
    [RULE_NOT_A_SPAN] = {"when.not-a-span",       SORT_HELP },
    [RULE_DOUBTFUL] = {"when.doubtful-months",  SORT_HELP },
};

typedef struct Search {
    Grammar grammar;
    FoundList list;
} Search;

/* The wordings of help are plain words. */
static ptrdiff_t match_help(const Search *s, Rule rule, ptrdiff_t i)
{
    Values ignored = {0};
    ptrdiff_t best = 0;
    for (int k = 0; k < s->grammar.count && i < s->list.tokens.count; k++) {
        const Pattern *p = &s->grammar.patterns[k];
        if (p->slot != SLOT_COUNT || p->rule != (int)rule ||
            !grammar_begins(p, &s->list.tokens, i, 0))
            continue;
        ptrdiff_t n = grammar_match(&s->grammar, p, &s->list.tokens, i, &ignored);
        best = n > best ? n : best;
    }
    return best;
}

/* "may" and "march" in small letters are months only where the wording says so with another word ("on
 * 1 may", "1st of may"), where a year follows, or where no word follows that they could be the verb for. */
static bool doubtful_month(const Search *s, const Pattern *p, const Found *f)
{
    const Token *month = &s->list.tokens.at[f->v.month_token];
    if (f->rule != RULE_DATE || f->v.has_iso_time || f->v.month == 0 || !month->lower ||
        match_help(s, RULE_DOUBTFUL, f->v.month_token) == 0)
        return false;
    for (int k = 0; k < p->count; k++)
        if ((p->items[k].slot == SLOT_WORD && !str_eq_c(p->items[k].word, ",")) ||
            p->items[k].slot == SLOT_YEAR || p->items[k].slot == SLOT_ISO)
            return false;
    return f->end < s->list.tokens.count && s->list.tokens.at[f->end].kind != TOKEN_MARK &&
           s->list.tokens.at[f->end].sentence == month->sentence;
}

static bool plausible_span(const Search *s, const Found *f)
{
    if (f->sort != SORT_SPAN)
        return true;
    if (f->v.unit > UNIT_HOUR || f->v.n > 24 * 60)
        return false;
    return match_help(s, RULE_NOT_A_SPAN, f->end) == 0;
}

/* The longest wording that starts at i; the earlier rule where two are as long. */
static bool longest_at(const Search *s, ptrdiff_t i, Found *ret)
{
    *ret = (Found){.end = i};
    unsigned slots = grammar_slots_at(&s->grammar, &s->list.tokens, i);
    for (int k = 0; k < s->grammar.count; k++) {
        const Pattern *p = &s->grammar.patterns[k];
        if (p->slot != SLOT_COUNT || rules[p->rule].sort == SORT_HELP ||
            !grammar_begins(p, &s->list.tokens, i, slots))
            continue;
        Found f = {.rule = (Rule)p->rule, .sort = rules[p->rule].sort, .from = i};
        ptrdiff_t n = grammar_match(&s->grammar, p, &s->list.tokens, i, &f.v);
        f.end = i + n;
        if (f.end > ret->end && grammar_stands_alone(&s->list.tokens, i, f.end) &&
            !doubtful_month(s, p, &f) && plausible_span(s, &f))
            *ret = f;
    }
    return ret->end > i;
}

static bool span_after_lead(const Search *s, ptrdiff_t i, Found *ret)
{
    ptrdiff_t lead = match_help(s, RULE_LEAD, i);
    if (lead == 0 || !longest_at(s, i + lead, ret) || ret->sort != SORT_SPAN)
        return false;
    ret->from = i;
    ret->led = true;
    return grammar_stands_alone(&s->list.tokens, i, ret->end);
}

static void find_all(Search *s)
{
    for (ptrdiff_t i = 0; i < s->list.tokens.count;) {
        Found f;
        bool any = span_after_lead(s, i, &f) || longest_at(s, i, &f);
        if (any)
            s->list.at[s->list.count++] = f;
        i = any ? f.end : i + 1;
    }
}

static Err read_grammar(Cx *cx, const Text *text, Grammar *grammar)
{
    Err e = grammar_add_slots(cx, text, grammar);
    for (int r = 0; e == OK && r < RULE_COUNT; r++)
        e = grammar_add(cx, text, grammar, rules[r].key, r);
    return e;
}

Err found_in(Cx *cx, const Text *text, Str prose, FoundList *ret)
{
    Search s = {0};
    Err e = tokens_of(cx, prose, &s.list.tokens);
    if (e == OK)
        e = read_grammar(cx, text, &s.grammar);
    if (e != OK)
        return e;
    s.list.at = arena_new(cx->arena, Found, s.list.tokens.count + 1);
    if (!s.list.at)
        return err_nomem(cx);
    find_all(&s);
    *ret = s.list;
    return OK;
}
