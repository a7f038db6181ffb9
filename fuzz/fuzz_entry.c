/* fuzz/fuzz_entry.c - any bytes as entries. The first byte chooses whether what follows are bodies, each
 * behind a length of two bytes, or is made into entries that are nearly always sensible, or into such
 * with bytes changed in them.
 * What must hold: a body is refused or is the one spelling of what it says; the book takes in every
 * entry that decodes, answers every question about it, and is the same book when they come backwards. */
#include "base/buf.h"
#include "book/book.h"
#include "book/gen_entry.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { BODIES_MAX = 200 };

typedef struct Feed {
    Str body[BODIES_MAX];
    int n;
} Feed;

static void cut_bodies(const uint8_t *bytes, size_t len, Feed *feed)
{
    while (len >= 2 && feed->n < BODIES_MAX) {
        size_t n = bytes[0] | (size_t)bytes[1] << 8;
        n = n < len - 2 ? n : len - 2;
        feed->body[feed->n++] = (Str){(const char *)bytes + 2, (ptrdiff_t)n};
        bytes += 2 + n;
        len -= 2 + n;
    }
}

/* The same body with a byte or two changed. */
static Str spoil(Cx *cx, Gen *g, Str body)
{
    char *p = arena_alloc(cx->arena, body.len, 1, 1);
    INVARIANT(p);
    memcpy(p, body.p, (size_t)body.len);
    for (int64_t n = gen_int(g, 0, 2); n > 0; n--)
        p[gen_int(g, 0, body.len - 1)] = (char)gen_u64(g);
    return (Str){p, body.len};
}

static void make_bodies(Cx *cx, const uint8_t *bytes, size_t len, bool spoiled, Feed *feed)
{
    Gen g = gen_bytes(bytes, (ptrdiff_t)len);
    while (g.left > 0 && feed->n < BODIES_MAX) {
        Entry e;
        gen_fact(&g, cx, &e);
        Str body = {NULL, 0};
        INVARIANT(entry_encode(cx, &e, &body) == OK);
        feed->body[feed->n++] = spoiled ? spoil(cx, &g, body) : body;
    }
}

/* Is it the first of its name? A name given to two entries has no order-independent meaning. */
static bool is_first(Cx *cx, const Feed *feed, int i)
{
    Entry e, other;
    if (entry_decode(cx, feed->body[i], &e) != OK)
        return false;
    for (int k = 0; k < i; k++) {
        if (entry_decode(cx, feed->body[k], &other) == OK && id_eq(e.id, other.id))
            return false;
    }
    return true;
}

/* What a search reads of a body is what stands in it. */
static void check_words(Str body, const Entry *e)
{
    Str rest = {NULL, 0};
    Field field = {.tag = 0};
    int at = 0;
    INVARIANT(entry_view_kind(body) == e->kind);
    INVARIANT(entry_view_fields(body, &rest) == e->kind);
    while (entry_next_words(&rest, &field)) {
        while (at < e->n_fields && e->fields[at].value.wire != WIRE_TEXT &&
               e->fields[at].value.wire != WIRE_LIST)
            at++;
        INVARIANT(at < e->n_fields && e->fields[at].tag == field.tag &&
                  e->fields[at].value.wire == field.value.wire &&
                  str_eq(e->fields[at].value.bytes, field.value.bytes));
        at++;
    }
    for (; at < e->n_fields; at++)
        INVARIANT(e->fields[at].value.wire != WIRE_TEXT && e->fields[at].value.wire != WIRE_LIST);
}

static void check_codec(Cx *cx, Str body)
{
    Entry e;
    Str again = {NULL, 0};
    if (entry_decode(cx, body, &e) != OK)
        return;
    INVARIANT(entry_encode(cx, &e, &again) == OK);
    INVARIANT(str_eq(body, again));
    check_words(body, &e);
    Err valid = entry_validate(cx, &e);
    INVARIANT(valid == OK || valid == ERR_INVALID);
}

static void put_event(Cx *cx, const Book *book, BookRef ref, Buf *buf)
{
    BookEvent event;
    INVARIANT(book_event(cx, book, ref, &event) == OK);
    buf_bytes(buf, event.id.b, sizeof event.id.b);
    buf_u64(buf, (uint64_t)event.at_ms);
    buf_put(buf, event.text);
    for (int i = 0; i < event.people.n; i++)
        buf_put(buf, book_name(book, event.people.p[i]));
}

/* All there is to see, without refs. */
static Str dump(Cx *cx, const Book *book)
{
    Buf buf = buf_make(cx->arena, 1 << 24);
    Str ret = {NULL, 0};
    BookRef ref = BOOK_NONE;
    BookRefs people = book_people(book);
    BookIter iter = book_everything(book, (BookWhich){.kinds = 0});
    while (book_next(&iter, &ref))
        put_event(cx, book, ref, &buf);
    for (int i = 0; i < people.n; i++) {
        BookPerson person;
        BookRelationship bond;
        INVARIANT(book_person(cx, book, people.p[i], &person) == OK);
        INVARIANT(book_relationship(cx, book, people.p[i], &bond) == OK);
        buf_put(&buf, person.name);
        buf_u32(&buf, bond.kinds);
        iter = book_timeline(book, people.p[i], (BookWhich){.oldest_first = true});
        while (book_next(&iter, &ref))
            put_event(cx, book, ref, &buf);
    }
    const BookHit *hits = NULL;
    int n = 0;
    BookSearch search = {.text = STR("a walk"), .person = BOOK_NONE, .limit = 50};
    INVARIANT(book_search(cx, book, &search, &hits, &n) == OK);
    for (int i = 0; i < n; i++)
        buf_put(&buf, hits[i].text);
    INVARIANT(buf_done(cx, &buf, &ret) == OK);
    return ret;
}

static void take(Cx *cx, Book *book, const Feed *feed, int i)
{
    if (is_first(cx, feed, i))
        INVARIANT(book_apply(cx, book, feed->body[i]) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    AUTO_ARENA Arena arena;
    arena_init(&arena, 256 << 20);
    Cx cx = {.arena = &arena};
    Feed feed = {.n = 0};
    if (bytes[0] % 3 == 0)
        cut_bodies(bytes + 1, len - 1, &feed);
    else
        make_bodies(&cx, bytes + 1, len - 1, bytes[0] % 3 == 1, &feed);
    Book *there = book_new(0), *back = book_new(0);
    INVARIANT(there && back);
    for (int i = 0; i < feed.n; i++) {
        check_codec(&cx, feed.body[i]);
        take(&cx, there, &feed, i);
        take(&cx, back, &feed, feed.n - 1 - i);
    }
    INVARIANT(book_settle(&cx, there) == OK && book_settle(&cx, back) == OK);
    INVARIANT(str_eq(dump(&cx, there), dump(&cx, back)));
    book_free(there);
    book_free(back);
    return 0;
}
