/* book/pack.c - who opens a book from a checkpoint a segment at a time (later.c) should find together what is asked for
 * together. So bodies go to one as to a set of shelves: what is always asked for, the people and what they are to me;
 * the few picks, plans and outcomes; answers; traffic and batches; and the long row of moments, or whatever has words.
 * On each shelf everybody's stand together, by when it happened, whenever it was written down: what is asked for at
 * length is the history of one person. A search passes over the shelves without words.
 * Everybody's lines in order of time are there already (the book's own), so this is one walk along them and one counting
 * sort by shelf. What an import carried lies within its carrier, which stands where the carried one would. */
#include "book/pack.h"
#include "book/signs.h"

enum { SHELF_ALWAYS, SHELF_FEW, SHELF_ANSWERS, SHELF_COUNTS, SHELF_WORDS, SHELVES };
enum { WITHIN = 0x40, PLACED = 0x80, SHELF = 0x3f }; /* beside a shelf */

static const uint8_t shelves[ENTRY_KINDS] = {
    [ENTRY_PERSON] = SHELF_ALWAYS,    [ENTRY_RELATIONSHIP] = SHELF_ALWAYS,
    [ENTRY_ME] = SHELF_ALWAYS,        [ENTRY_CHOICE] = SHELF_FEW,
    [ENTRY_TOPIC] = SHELF_FEW,        [ENTRY_OFFER] = SHELF_FEW,
    [ENTRY_DONE] = SHELF_FEW,         [ENTRY_CHECKIN] = SHELF_ANSWERS,
    [ENTRY_CONTACT] = SHELF_COUNTS,   [ENTRY_BATCH] = SHELF_COUNTS,
    [ENTRY_MOMENT] = SHELF_WORDS,     [ENTRY_NOTE] = SHELF_WORDS,
    [ENTRY_REFLECTION] = SHELF_WORDS, [ENTRY_CARRIED] = SHELF_WORDS,
};

typedef struct Packing {
    const Book *book;
    uint8_t *shelf; /* of each entry; WITHIN the one before it, which carries it; PLACED */
    uint32_t *line; /* entries by whom they are of, and when it happened */
    uint32_t n;
    uint32_t *pos;
} Packing;

static bool is_within(uint32_t body, uint32_t before, Str whole_before)
{
    return body > before && body >> BODIES_SHIFT == before >> BODIES_SHIFT &&
           body - before < whole_before.len;
}

static void note_text(void *ctx, uint16_t tag, Str text)
{
    bool *has_words = ctx;
    (void)tag;
    *has_words |= text.len > 0;
}

static bool has_words(Str body)
{
    Str rest = {NULL, 0};
    Field field;
    bool words = false;
    uint16_t kind = entry_view_fields(body, &rest);
    while (!words && entry_next_words(&rest, &field))
        texts_each(kind, &field, note_text, &words);
    return words;
}

/* What batches say is what was done, which nobody searches. */
static uint8_t shelf_of(Str body)
{
    uint16_t kind = entry_view_kind(body);
    uint8_t shelf = kind < ENTRY_KINDS ? shelves[kind] : SHELF_WORDS;
    bool wordless = shelf == SHELF_ANSWERS || shelf == SHELF_COUNTS;
    return wordless && kind != ENTRY_BATCH && has_words(body) ? SHELF_WORDS : shelf;
}

static void find_shelves(Packing *p)
{
    Str whole_before = {NULL, 0};
    uint32_t before = 0;
    for (uint32_t i = 0; i < p->book->entries.n; i++) {
        uint32_t body = entry_row(p->book, i)->body;
        p->shelf[i] = shelf_of(bodies_at(&p->book->bodies, body));
        if (is_within(body, before, whole_before)) {
            p->shelf[i - 1] = p->shelf[i];
            p->shelf[i] |= WITHIN;
        }
        before = body;
        whole_before = bodies_whole(&p->book->bodies, body);
    }
}

static void put_in_line(Packing *p, uint32_t i)
{
    i -= (p->shelf[i] & WITHIN) != 0;
    if (p->shelf[i] & PLACED)
        return;
    p->shelf[i] |= PLACED;
    p->line[p->n++] = i;
}

static void put_events(Packing *p, const Timeline *events)
{
    for (uint32_t k = 0; k < events->n; k++) {
        uint32_t i = object_row(p->book, events->refs[k])->first;
        for (; i != NO_ROW; i = entry_row(p->book, i)->next)
            put_in_line(p, i);
    }
}

static void make_line(Packing *p)
{
    for (uint32_t k = 0; k < p->book->people.n; k++)
        put_events(p, &person_row(p->book, k)->events);
    put_events(p, &p->book->everything);
    for (uint32_t i = 0; i < p->book->entries.n; i++)
        put_in_line(p, i);
}

/* Those of one shelf stay in the order that they have. */
static void sort_by_shelf(const Packing *p, uint32_t order[])
{
    uint32_t starts[SHELVES] = {0}, at = 0;
    for (uint32_t k = 0; k < p->n; k++)
        starts[p->shelf[p->line[k]] & SHELF]++;
    for (int s = 0; s < SHELVES; s++) {
        uint32_t count = starts[s];
        starts[s] = at;
        at += count;
    }
    for (uint32_t k = 0; k < p->n; k++)
        order[starts[p->shelf[p->line[k]] & SHELF]++] = p->line[k];
}

/* The shelves without words stand together. */
static void note_wordless(int shelf, uint32_t pos, Pack *ret)
{
    if (pos == UINT32_MAX || (shelf != SHELF_ANSWERS && shelf != SHELF_COUNTS))
        return;
    if (ret->wordless_to == 0)
        ret->wordless_from = pos;
    ret->wordless_to = pos + 1;
}

/* One behind the other; false when there are more than positions. */
static bool give_positions(const Packing *p, const uint32_t order[], Pack *ret)
{
    const Book *book = p->book;
    uint32_t chunk = 0;
    bool fine = true;
    for (uint32_t k = 0; fine && k < p->n; k++) {
        uint32_t i = order[k], was = entry_row(book, i)->body;
        Str whole = bodies_whole(&book->bodies, was);
        p->pos[i] = UINT32_MAX;
        if (!str_is_null(whole))
            fine = bodies_place(&chunk, &ret->used, whole.len, &p->pos[i]);
        note_wordless(p->shelf[i] & SHELF, p->pos[i], ret);
        if (i + 1 < book->entries.n && (p->shelf[i + 1] & WITHIN))
            p->pos[i + 1] = p->pos[i] + (entry_row(book, i + 1)->body - was);
    }
    ret->chunks = p->n > 0 ? chunk + 1 : 0;
    return fine;
}

Err pack_bodies(Cx *cx, const Book *book, Pack *ret)
{
    uint32_t n = book->entries.n;
    uint32_t *order = arena_new(cx->arena, uint32_t, (ptrdiff_t)n + 1);
    Packing p = {.book = book,
                 .shelf = arena_new(cx->arena, uint8_t, (ptrdiff_t)n + 1),
                 .line = arena_new(cx->arena, uint32_t, (ptrdiff_t)n + 1),
                 .pos = arena_new(cx->arena, uint32_t, (ptrdiff_t)n + 1)};
    if (!order || !p.shelf || !p.line || !p.pos)
        return err_nomem(cx);
    Pack pack = {.order = order, .pos = p.pos};
    find_shelves(&p);
    make_line(&p);
    sort_by_shelf(&p, order);
    if (!give_positions(&p, order, &pack))
        return err_nomem(cx);
    pack.n = p.n;
    *ret = pack;
    return OK;
}
