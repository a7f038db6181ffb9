/* insight/keep.c - what was worked out, for the next process: bytes to be sealed beside the vault.
 * A command is a process of its own, and most of what it would say was worked out by the last one. So the slots
 * of the cache are kept as they lie, together with the people they are about and the build that made them; what
 * a slot may be used for is then decided by the very rules that hold within one process: versions, digests, and
 * instants. The bytes belong to one state of the book, which the caller knows again by the log's cursor. What
 * points elsewhere is replaced: people by their ids, practices by their rows, texts by reading them again.
 * What lies between the members of a structure goes along as it happens to be: nobody reads it, and it is sealed like
 * the rest.
 * Cost: a copy, 18 KiB a person. */
#include "base/buf.h"
#include "base/os.h"
#include "insight/slot.h"
#include <string.h>

enum { KEEP_MAX = 1 << 28, SHARE = 16 };

typedef struct Head {
    uint8_t build[OS_BUILD_BYTES];
    uint32_t n, kept_bytes;
} Head;

typedef struct Kept {
    Id person;
    int32_t practice[TODAY_MOST]; /* of the offers; -1: none */
    Slot slot;
} Kept;

/* The slot without what only this process could follow. */
static void strip(Slot *s, int32_t ret_practice[TODAY_MOST])
{
    BookRelationship *rel = &s->history.rel;
    Str none = {NULL, 0};
    rel->own_kind = rel->welcome = rel->welcome_body = none;
    s->history.events = NULL;
    s->history.question = NULL;
    s->history.raw = NULL;
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
    if (s->version !=
        book_person_version(book, s->person)) /* but where its filter stood may still serve */
        k.slot.has_history = k.slot.has_relation = k.slot.has_showing = false;
    strip(&k.slot, k.practice);
    buf_bytes(out, &k, (ptrdiff_t)sizeof k);
}

/* So many are written, the last of them empty, that the size of the file tells how many people there are to a quarter
 * only. */
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

Err insight_cache_keep(Cx *cx, InsightCache *c, const Book *book, Str *ret)
{
    Head h = {.kept_bytes = sizeof(Kept)};
    Buf out = buf_make(cx->arena, KEEP_MAX);
    if (!os_build_id(h.build) || c->book != book)
        return err_set(cx, ERR_NOT_FOUND, "err.log-no-checkpoint", NO_ARGS);
    for (int i = 0; i < c->cap; i++)
        h.n += c->slots[i] && book_present(book, c->slots[i]->person);
    ptrdiff_t bytes = (ptrdiff_t)sizeof h + places(h.n) * (ptrdiff_t)sizeof(Kept);
    if (!buf_reserve(&out, bytes))
        return err_nomem(cx);
    buf_bytes(&out, &h, (ptrdiff_t)sizeof h);
    for (int i = 0; i < c->cap; i++) {
        if (c->slots[i] && book_present(book, c->slots[i]->person))
            put_slot(&out, book, c->slots[i]);
    }
    if (out.len < bytes && !out.failed) {
        memset(out.p + out.len, 0, (size_t)(bytes - out.len));
        out.len = bytes;
    }
    c->fresh = 0;
    return buf_done(cx, &out, ret);
}

/* -- and back ------------------------------------------------------------------------------------- */

static bool fits(const Kept *k)
{
    bool fine = k->slot.showing.n >= 0 && k->slot.showing.n <= TODAY_MOST &&
                k->slot.tip.n_events >= 0 && k->slot.back.n_events >= 0;
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

static Err take_slot(Cx *cx, InsightCache *c, const Book *book, const Kept *k)
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
        rest.len != places(h.n) * (ptrdiff_t)sizeof(Kept))
        return;
    rest = str_sub(rest, 0, (ptrdiff_t)h.n * (ptrdiff_t)sizeof(Kept));
    Kept *k = arena_new(cx->arena, Kept, 1);
    Err e = k ? OK : ERR_NOMEM;
    cache_empty(c, book);
    for (; e == OK && rest.len > 0; rest = str_from(rest, (ptrdiff_t)sizeof *k)) {
        memcpy(k, rest.p, sizeof *k);
        e = take_slot(cx, c, book, k);
    }
    if (e != OK) /* without memory everything is worked out as it is asked for */
        cache_empty(c, NULL);
    err_clear(cx);
}
