/* insight/keep.c - what was worked out, for the next process: bytes to be sealed beside the vault.
 * A command is a process of its own, and most of what it would say was worked out by the last one. So the slots
 * of the cache are kept as they lie, together with the people they are about and the build that made them; what
 * a slot may be used for is then decided by the very rules that hold within one process: versions, digests, and
 * instants. The bytes belong to one state of the book, which the caller knows again by the log's cursor. What
 * points elsewhere is replaced: people by their ids, practices by their rows, texts by reading them again.
 * What lies between the members of a structure is zero (tidy.c).
 * Cost: a copy, 4 to 18 KiB a person. */
#include "base/buf.h"
#include "base/os.h"
#include "insight/slot.h"
#include <string.h>

enum { KEEP_MAX = 1 << 28, SHARE = 16 };

typedef struct Head {
    uint8_t build[OS_BUILD_BYTES];
    uint32_t n, n_tips, kept_bytes;
} Head;

typedef struct Kept {
    Id person;
    int32_t practice[TODAY_MOST]; /* of the offers; -1: none */
    bool has_tip, has_back;       /* behind all slots, in their order */
    Slot slot;
} Kept;

/* The slot without what only this process could follow. */
static void strip(Slot *s, int32_t ret_practice[TODAY_MOST])
{
    s->history.events = NULL;
    s->history.question = NULL;
    s->history.raw = NULL;
    s->tip = s->back = NULL;
    for (int i = 0; i < TODAY_MOST; i++) {
        const ContentPractice *p = i < s->showing.n ? s->showing.best[i].practice : NULL;
        ret_practice[i] = p ? (int32_t)(p - content_practices) : -1;
        s->showing.best[i].practice = NULL;
    }
}

static void put_slot(Buf *out, const Book *book, const Slot *s)
{
    Kept k;
    memset(&k, 0, sizeof k);
    memcpy(&k.slot, s, sizeof k.slot);
    k.person = book_id(book, s->person);
    k.has_tip = s->tip != NULL;
    k.has_back = s->back != NULL;
    if (s->version !=
        book_person_version(book, s->person)) /* but where its filter stood may still serve */
        k.slot.has_history = k.slot.has_relation = k.slot.has_showing = false;
    strip(&k.slot, k.practice);
    slot_tidy(&k.slot);
    buf_bytes(out, &k, (ptrdiff_t)sizeof k);
}

static void put_tips(Buf *out, const Slot *s)
{
    const Tip *tips[] = {s->tip, s->back};
    for (size_t i = 0; i < sizeof tips / sizeof tips[0]; i++) {
        if (!tips[i])
            continue;
        Tip t;
        memcpy(&t, tips[i], sizeof t);
        tip_tidy(&t);
        buf_bytes(out, &t, (ptrdiff_t)sizeof t);
    }
}

/* So many slots are written, and so many tips, the last of them empty, that the size of the file tells how many people
 * there are to a quarter only. */
static ptrdiff_t places(uint32_t n)
{
    ptrdiff_t step = 4;
    while (step * 4 < (ptrdiff_t)n)
        step *= 2;
    return n == 0 ? step : ((ptrdiff_t)n + step - 1) / step * step;
}

bool insight_cache_keep_due(const InsightCache *c)
{
    return c && c->fresh > 0 && c->fresh >= c->n / SHARE;
}

/* Empty ones after what was written. */
static void fill_up(Buf *out, ptrdiff_t to)
{
    if (out->len < to && !out->failed) {
        memset(out->p + out->len, 0, (size_t)(to - out->len));
        out->len = to;
    }
}

static bool is_kept(const InsightCache *c, int i, const Book *book)
{
    return c->slots[i] && book_present(book, c->slots[i]->person);
}

Err insight_cache_keep(Cx *cx, InsightCache *c, const Book *book, Str *ret)
{
    Head h = {.kept_bytes = sizeof(Kept)};
    Buf out = buf_make(cx->arena, KEEP_MAX);
    if (!os_build_id(h.build) || c->book != book)
        return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
    for (int i = 0; i < c->cap; i++) {
        if (is_kept(c, i, book)) {
            h.n++;
            h.n_tips += (c->slots[i]->tip != NULL) + (c->slots[i]->back != NULL);
        }
    }
    ptrdiff_t slots = (ptrdiff_t)sizeof h + places(h.n) * (ptrdiff_t)sizeof(Kept);
    ptrdiff_t bytes = slots + places(h.n_tips) * (ptrdiff_t)sizeof(Tip);
    if (!buf_reserve(&out, bytes))
        return err_nomem(cx);
    buf_bytes(&out, &h, (ptrdiff_t)sizeof h);
    for (int i = 0; i < c->cap; i++) {
        if (is_kept(c, i, book))
            put_slot(&out, book, c->slots[i]);
    }
    fill_up(&out, slots);
    for (int i = 0; i < c->cap; i++) {
        if (is_kept(c, i, book))
            put_tips(&out, c->slots[i]);
    }
    fill_up(&out, bytes);
    c->fresh = 0;
    return buf_done(cx, &out, ret);
}

/* -- and back ------------------------------------------------------------------------------------- */

static bool fits(const Kept *k)
{
    bool fine = k->slot.showing.n >= 0 && k->slot.showing.n <= TODAY_MOST;
    for (int i = 0; i < TODAY_MOST && fine; i++)
        fine = k->practice[i] >= -1 && k->practice[i] < content_practices_count;
    return fine;
}

static void point(Slot *s, const Kept *k, const BookRelationship *rel)
{
    BookRef person = rel->person;
    s->person = s->history.person.ref = s->relation.person = s->showing.person = person;
    s->history.rel = *rel;
    for (int i = 0; i < TODAY_MOST; i++) {
        s->showing.best[i].person = person;
        s->showing.best[i].practice =
            k->practice[i] < 0 ? NULL : &content_practices[k->practice[i]];
    }
}

/* The next of the tips, whether or not it is of use; NULL when there are no more. */
static const Tip *next_tip(Str *rest, bool has, Tip *ret)
{
    if (!has || rest->len < (ptrdiff_t)sizeof *ret)
        return NULL;
    memcpy(ret, rest->p, sizeof *ret);
    *rest = str_from(*rest, (ptrdiff_t)sizeof *ret);
    return ret->n_events >= 0 ? ret : NULL;
}

static Err take_slot(Cx *cx, InsightCache *c, const Book *book, const Kept *k, const Tip *tip,
                     const Tip *back)
{
    BookRelationship rel;
    BookRef person = book_find(book, ENTRY_PERSON, k->person);
    if (person == BOOK_NONE || !fits(k))
        return OK; /* there is simply nothing known of them */
    Err e = book_relationship(cx, book, person, &rel);
    if (e != OK)
        return e;
    rel.person = person;
    Slot *s = cache_slot(c, person);
    if (!s)
        return err_nomem(cx);
    *s = k->slot;
    s->version = book_person_version(book, person);
    point(s, k, &rel);
    s->tip = s->back = NULL;
    if (tip)
        cache_tip(c, tip, &s->tip);
    if (back)
        cache_tip(c, back, &s->back);
    return OK;
}

void insight_cache_recall(Cx *cx, InsightCache *c, const Book *book, Str bytes)
{
    Head h = {.n = 0};
    uint8_t build[OS_BUILD_BYTES];
    Str rest = str_from(bytes, (ptrdiff_t)sizeof h);
    if (!c || bytes.len < (ptrdiff_t)sizeof h || !os_build_id(build))
        return;
    memcpy(&h, bytes.p, sizeof h);
    if (memcmp(h.build, build, sizeof build) != 0 || h.kept_bytes != sizeof(Kept) ||
        rest.len !=
            places(h.n) * (ptrdiff_t)sizeof(Kept) + places(h.n_tips) * (ptrdiff_t)sizeof(Tip))
        return;
    Str tips = str_from(rest, places(h.n) * (ptrdiff_t)sizeof(Kept));
    rest = str_sub(rest, 0, (ptrdiff_t)h.n * (ptrdiff_t)sizeof(Kept));
    Kept *k = arena_new(cx->arena, Kept, 1);
    Tip *work = arena_new(cx->arena, Tip, 2);
    Err e = k && work ? OK : ERR_NOMEM;
    cache_empty(c, book);
    for (; e == OK && rest.len > 0; rest = str_from(rest, (ptrdiff_t)sizeof *k)) {
        memcpy(k, rest.p, sizeof *k);
        const Tip *tip = next_tip(&tips, k->has_tip, &work[0]);
        const Tip *back = next_tip(&tips, k->has_back, &work[1]);
        e = take_slot(cx, c, book, k, tip, back);
    }
    if (e != OK) /* without memory everything is worked out as it is asked for */
        cache_empty(c, NULL);
    err_clear(cx);
}
