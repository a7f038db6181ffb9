/* port/vcard.c - from bytes to people.
 * One cursor walks the bytes once. A property that is not folded is a slice of the input; a folded
 * one is looked ahead over, measured, and copied once; pictures are stepped over line by line
 * without a copy. So the cost is that of finding line ends plus a table look-up for each byte of
 * text that is kept: linear in the file, with memory for what is kept only. Damage is local: a card
 * that is not closed ends where the next one begins. */
#include "port/vcard.h"
#include "base/charset.h"
#include "port/vcard_card.h"
#include <string.h>

typedef struct Reader {
    VcardCard card;
    VcardLines lines;
    const char *start;
    VcardPerson *people;
    ptrdiff_t n_people, cap_people;
    int64_t cards;
    bool open;    /* between BEGIN and END */
    bool outside; /* the stray lines at hand were told of already */
} Reader;

/* exact is how nearly everyone writes it, "BEGIN:VCARD"; case and spaces are forgiven. */
static bool is_marker(Str line, Str exact)
{
    ptrdiff_t colon = str_find_char(line, ':');
    if (colon < 0 || str_eq(line, exact))
        return colon >= 0;
    Str word = str_cut(&exact, ':');
    return str_ieq(vcard_trim(str_sub(line, 0, colon)), word) &&
           str_ieq(vcard_trim(str_from(line, colon + 1)), exact);
}

static const Str begin_card = {"BEGIN:VCARD", 11}, end_card = {"END:VCARD", 9};

/* Files put together keep their marks: one stands before a later card's BEGIN. */
static Str without_mark(Str line)
{
    return line.len > 0 && line.p[0] == '\xEF' && str_starts(line, STR("\xEF\xBB\xBF"))
               ? str_from(line, 3)
               : line;
}

/* -- joining lines */

/* Base64 goes on over lines that are not indented, as in 2.1; only a property has a colon. */
static bool more_base64(VcardLines ahead)
{
    Str line = {NULL, 0};
    if (vcard_line_folds(&ahead))
        return true;
    return vcard_line_next(&ahead, &line) && line.len > 0 && str_find_char(line, ':') < 0;
}

static void step_over(VcardLines *lines)
{
    Str line = {NULL, 0};
    while (more_base64(*lines) && vcard_line_next(lines, &line))
        ;
}

typedef enum Folding { FOLD_PLAIN, FOLD_QUOTED, FOLD_BASE64 } Folding;

static bool soft_break(Str s)
{
    return s.len > 0 && s.p[s.len - 1] == '=';
}

/* The next piece of a property whose last piece was before; false when the property is complete. */
static bool next_piece(VcardLines *lines, Folding folding, bool keep_space, Str before, Str *ret)
{
    VcardLines start = *lines;
    Str line = {NULL, 0};
    bool folded = vcard_line_folds(lines);
    bool soft = folding == FOLD_QUOTED && soft_break(before);
    if (!folded && !soft && !(folding == FOLD_BASE64 && more_base64(*lines)))
        return false;
    if (!vcard_line_next(lines, &line))
        return false;
    if (soft &&
        is_marker(line, end_card)) { /* a "=" too many must not swallow the end of the card */
        *lines = start;
        return false;
    }
    *ret = folded && !soft && !keep_space ? str_from(line, 1) : line;
    return true;
}

/* Past the bound the card goes, unless the value would have been left out anyway. */
static void too_long(Reader *r, VcardWhat what)
{
    if (what == WHAT_OTHER)
        r->card.person.left_out.other++;
    else
        card_problem(&r->card, true, "err.vcard-long", ARGS(arg_int("max", VCARD_VALUE_MAX)));
}

/* Joins first with the lines that continue it. In 2.1 a fold stands where a space stood, so the
 * space is kept in text; later versions put in one that goes away. The lines are measured, then
 * copied. */
static bool unfold(Reader *r, VcardWhat what, Str first, Folding folding, bool keep_space, Str *ret)
{
    VcardLines ahead = r->lines;
    Str piece = {NULL, 0}, before = first;
    ptrdiff_t total = first.len;
    while (next_piece(&ahead, folding, keep_space, before, &piece)) {
        total += piece.len;
        before = piece;
    }
    if (total > VCARD_VALUE_MAX) {
        r->lines = ahead;
        too_long(r, what);
        return false;
    }
    *ret = first;
    if (ahead.line == r->lines.line) { /* a soft break with nothing behind it breaks nothing */
        ret->len -= folding == FOLD_QUOTED && soft_break(first);
        return true;
    }
    char *out = arena_alloc(r->card.cx->arena, total + 1, 1, 1);
    r->card.out_of_memory = r->card.out_of_memory || !out;
    if (!out)
        return false;
    ptrdiff_t n = 0;
    for (piece = first;;) {
        memcpy(out + n, piece.p, (size_t)piece.len);
        n += piece.len;
        before = piece;
        n -= folding == FOLD_QUOTED && soft_break(before);
        if (!next_piece(&r->lines, folding, keep_space, before, &piece))
            break;
    }
    *ret = (Str){out, n};
    return true;
}

/* Numbers and addresses hold no spaces that a fold could stand for. */
static bool spaces_matter(VcardWhat what)
{
    return what != WHAT_EMAIL && what != WHAT_URL && what != WHAT_UID && what != WHAT_REV &&
           what != WHAT_BDAY;
}

/* -- cards */

static void stray(Reader *r, Str line)
{
    if (r->outside || str_trim(line).len == 0)
        return;
    r->outside = true;
    r->card.person.line = 0;
    r->card.line = r->lines.line;
    card_problem(&r->card, false, "err.vcard-outside",
                 ARGS(arg_str("text", card_excerpt(&r->card, line))));
}

static void open_card(Reader *r)
{
    r->cards++;
    r->open = true;
    r->outside = false;
    card_begin(&r->card, r->lines.line);
}

/* The list grows to what the rest of the file should need, going by the cards so far, rather than by
 * doubling: it is most of what a large import holds. */
static void keep_person(Reader *r)
{
    if (r->n_people == r->cap_people) {
        ptrdiff_t done = r->lines.p - r->start, size = r->lines.end - r->start;
        double guess = 1.1 * (double)r->n_people * (double)size / (double)done;
        ptrdiff_t least = r->n_people + r->n_people / 2 + 16, most = 64 * r->n_people + 16;
        ptrdiff_t cap = guess < (double)most ? (ptrdiff_t)guess : most;
        cap = cap < least ? least : cap;
        VcardPerson *people =
            arena_grow(r->card.cx->arena, r->people, r->cap_people, cap, (ptrdiff_t)sizeof *people,
                       (ptrdiff_t) _Alignof(VcardPerson));
        r->card.out_of_memory = r->card.out_of_memory || !people;
        if (!people)
            return;
        r->people = people;
        r->cap_people = cap;
    }
    r->people[r->n_people++] = r->card.person;
}

static void close_card(Reader *r)
{
    r->open = false;
    r->card.line = r->card.person.line;
    bool named = card_end(&r->card);
    if (r->card.lost || r->card.out_of_memory)
        return;
    if (!named) {
        card_problem(&r->card, true, "err.vcard-nameless", NO_ARGS);
        return;
    }
    keep_person(r);
}

static void cut_short(Reader *r)
{
    r->open = false;
    r->card.line = r->lines.line;
    card_problem(&r->card, true, "err.vcard-unclosed", ARGS(arg_int("begin", r->card.person.line)));
}

static bool opens_agent(Str line)
{
    VcardLine agent;
    return vcard_line_parse(line, &agent) && agent.what == WHAT_AGENT &&
           str_trim(agent.value).len == 0;
}

/* A card inside a card: "AGENT:" and then a whole card, to the end that matches. A BEGIN without AGENT before
 * it is the next card of the file: there, as at the end of the file, the outer card is told to be cut short. */
static void step_over_agent(Reader *r)
{
    VcardLines ahead = r->lines, here = ahead;
    Str line = {NULL, 0}, before = STR("AGENT:");
    for (int64_t depth = 0; vcard_line_next(&ahead, &line); here = ahead) {
        bool begins = is_marker(line, begin_card);
        if (str_trim(line).len == 0)
            continue;
        if (depth == 0 && !begins)
            return;
        if (begins && !opens_agent(before))
            break;
        before = line;
        depth += begins - is_marker(line, end_card);
        if (depth == 0) {
            here = ahead;
            break;
        }
    }
    r->lines = here;
}

static void left_out(Reader *r, VcardLine *line)
{
    card_take(&r->card, line);
    if (line->what == WHAT_AGENT && str_trim(line->value).len == 0)
        step_over_agent(r);
    else
        step_over(&r->lines);
}

static void malformed(Reader *r, Str line)
{
    if (str_trim(line).len > 0)
        card_problem(&r->card, false, "err.vcard-colon",
                     ARGS(arg_str("text", card_excerpt(&r->card, line))));
}

/* The property that starts with the line first, which is parsed already as far as it goes. */
static bool whole_property(Reader *r, Str first, bool parsed, VcardLine *line)
{
    bool keep_space = r->card.person.version == 21 && spaces_matter(line->what);
    bool quoted = line->encoding == ENCODED_QUOTED && soft_break(first);
    if (!quoted && vcard_line_folds(&r->lines)) {
        Str joined = {NULL, 0};
        if (!unfold(r, line->what, first, FOLD_PLAIN, keep_space, &joined))
            return false;
        parsed = vcard_line_parse(joined, line);
        first = joined;
    }
    if (!parsed) {
        malformed(r, first);
        return false;
    }
    if (line->encoding == ENCODED_BASE64)
        return unfold(r, line->what, line->value, FOLD_BASE64, false, &line->value);
    if (line->encoding == ENCODED_QUOTED && soft_break(line->value))
        return unfold(r, line->what, line->value, FOLD_QUOTED, keep_space, &line->value);
    if (first.len <= VCARD_VALUE_MAX)
        return true;
    too_long(r, line->what);
    return false;
}

static void property(Reader *r, Str first)
{
    VcardCard *card = &r->card;
    VcardLine line;
    card->line = r->lines.line;
    bool parsed = vcard_line_parse(first, &line);
    if (++card->properties == VCARD_PROPERTIES_MAX + 1)
        card_problem(card, true, "err.vcard-properties",
                     ARGS(arg_int("max", VCARD_PROPERTIES_MAX)));
    if (line.what >= WHAT_PHOTO) {
        left_out(r, &line);
        return;
    }
    if (!whole_property(r, first, parsed, &line))
        return;
    bool marker = (line.what == WHAT_BEGIN || line.what == WHAT_END) &&
                  str_ieq(str_trim(line.value), STR("VCARD"));
    if (!marker && card->properties <= VCARD_PROPERTIES_MAX)
        card_take(card, &line);
    else if (marker && line.what == WHAT_END)
        close_card(r);
    else if (marker) {
        cut_short(r);
        open_card(r);
    }
}

static Err read_cards(Cx *cx, Reader *r)
{
    Str line = {NULL, 0};
    while (vcard_line_next(&r->lines, &line)) {
        line = without_mark(line);
        if (r->open && line.len > 0)
            property(r, line);
        else if (!r->open && is_marker(line, begin_card))
            open_card(r);
        else if (!r->open)
            stray(r, line);
        if (r->card.out_of_memory)
            return err_nomem(cx);
        if (r->cards > VCARD_CARDS_MAX)
            return err_set(cx, ERR_LIMIT, "err.vcard-cards",
                           ARGS(arg_int("line", r->lines.line), arg_int("max", VCARD_CARDS_MAX)));
    }
    if (r->open)
        cut_short(r);
    return r->card.out_of_memory ? err_nomem(cx) : OK;
}

Err vcard_read(Cx *cx, Str bytes, VcardFile *ret)
{
    if (bytes.len > VCARD_FILE_MAX)
        return err_set(cx, ERR_LIMIT, "err.vcard-file", ARGS(arg_int("max", VCARD_FILE_MAX >> 20)));
    Str text = {NULL, 0};
    Err e = charset_sniff(cx, bytes, &text);
    if (e != OK)
        return e;
    Reader r = {
        .card = {.cx = cx, .seed = table_seed()},
          .lines = vcard_lines(text)
    };
    r.start = r.lines.p;
    e = read_cards(cx, &r);
    if (e != OK)
        return e;
    if (r.cards == 0)
        return err_set(cx, ERR_INVALID, "err.vcard-none", NO_ARGS);
    *ret = (VcardFile){.people = r.people,
                       .n_people = r.n_people,
                       .problems = r.card.problems.p,
                       .n_problems = r.card.problems.n,
                       .problems_total = r.card.problems_total,
                       .cards = r.cards};
    return OK;
}
