/* tests/book/test_fold.c - the same entries are the same book: in any order, any number of times, in
 * any number of pieces; and it is the book that a plain reading of docs/FORMAT.md gives. The oracle
 * here sorts all entries by stamp and writes fields over one another; it shares no code with the fold. */
#include "base/buf.h"
#include "book/book.h"
#include "gen_entry.h"
#include "testlib.h"
#include <stdlib.h>
#include <string.h>

enum { FACTS = 60, SEEDS = 400 };

typedef struct Facts {
    Entry e[FACTS];
    Str body[FACTS];
} Facts;

static void make_facts(Gen *g, Cx *cx, Facts *f)
{
    for (int i = 0; i < FACTS; i++) {
        bool again = true;
        while (again) { /* an id is given to one entry only */
            again = false;
            gen_fact(g, cx, &f->e[i]);
            for (int k = 0; k < i; k++)
                again |= id_eq(f->e[k].id, f->e[i].id) && f->e[k].kind == f->e[i].kind;
        }
        assert_ok(cx, entry_encode(cx, &f->e[i], &f->body[i]));
    }
}

static void shuffle(Gen *g, int order[], int n)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)gen_int(g, 0, i), was = order[i];
        order[i] = order[k];
        order[k] = was;
    }
}

/* -- the oracle -------------------------------------------------------------------------------- */

static int by_stamp(const void *a, const void *b)
{
    const Entry *x = *(const Entry *const *)a, *y = *(const Entry *const *)b;
    if (x->stamp.hlc != y->stamp.hlc)
        return x->stamp.hlc < y->stamp.hlc ? -1 : 1;
    if (x->stamp.device != y->stamp.device)
        return x->stamp.device < y->stamp.device ? -1 : 1;
    return memcmp(x->id.b, y->id.b, 16);
}

typedef struct Oracle {
    const Entry *e[FACTS];
    bool counts[FACTS];
} Oracle;

static void oracle_make(const Facts *f, Oracle *o)
{
    for (int i = 0; i < FACTS; i++)
        o->e[i] = &f->e[i];
    qsort(o->e, FACTS, sizeof o->e[0], by_stamp);
    for (int i = 0; i < FACTS; i++) {
        bool undone = false;
        for (int k = 0; k < FACTS; k++) {
            const Entry *b = o->e[k];
            for (int j = 0;
                 b->kind == ENTRY_BATCH && id_eq(b->object, o->e[i]->batch) && j < b->n_fields;
                 j++) {
                const FieldValue *v = &b->fields[j].value;
                if (b->fields[j].tag == F_BATCH_UNDONE)
                    undone = v->wire == WIRE_INT && v->num == 1;
            }
        }
        o->counts[i] = o->e[i]->kind == ENTRY_BATCH || !undone;
    }
}

/* The last word on one field, or NULL when it says nothing. */
static const FieldValue *oracle_field(const Oracle *o, uint16_t kind, Id object, uint16_t tag)
{
    const FieldValue *said = NULL;
    for (int i = 0; i < FACTS; i++) {
        const Entry *e = o->e[i];
        if (!o->counts[i] || e->kind != kind || !id_eq(e->object, object))
            continue;
        for (int k = 0; k < e->n_fields; k++) {
            if (e->fields[k].tag == tag)
                said = &e->fields[k].value;
        }
    }
    const FieldSpec *spec = entry_field_spec(kind, tag);
    if (!said || said->wire == WIRE_NONE || (spec && !entry_value_fits(spec, said)))
        return NULL;
    return said;
}

static bool oracle_present(const Oracle *o, uint16_t kind, Id object)
{
    bool any = false, created = false;
    for (int i = 0; i < FACTS; i++) {
        const Entry *e = o->e[i];
        if (o->counts[i] && e->kind == kind && id_eq(e->object, object)) {
            any = true;
            created |= id_eq(e->id, object);
        }
    }
    const FieldValue *gone = oracle_field(o, kind, object, F_GONE);
    return any && (created || !entry_kind_is_created(kind)) && !(gone && gone->num != 0);
}

static bool oracle_names(const Oracle *o, uint16_t kind, Id object, Id person)
{
    const FieldValue *one = oracle_field(o, kind, object, F_PERSON);
    const FieldValue *many = oracle_field(o, kind, object, F_PEOPLE);
    bool named = one && id_eq(one->id, person);
    for (ptrdiff_t at = 0; many && at < many->bytes.len; at += 17) /* wire byte, id */
        named |= memcmp(many->bytes.p + at + 1, person.b, 16) == 0;
    return named;
}

/* -- the book against it ----------------------------------------------------------------------- */

static void check_object(Cx *cx, const Book *book, const Oracle *o, uint16_t kind, Id id)
{
    BookRef ref = book_find(book, kind, id);
    assert_int_equal(ref != BOOK_NONE, oracle_present(o, kind, id));
    if (ref == BOOK_NONE)
        return;
    BookObject object;
    int said = 0;
    assert_ok(cx, book_object(cx, book, ref, &object));
    for (uint16_t tag = 1; tag < 400; tag++) {
        const FieldValue *want = oracle_field(o, kind, id, tag), *got = book_field(&object, tag);
        assert_int_equal(want != NULL, got != NULL);
        if (!want)
            continue;
        said++;
        assert_int_equal(want->wire, got->wire);
        if (want->wire == WIRE_TEXT || want->wire == WIRE_LIST || want->wire == WIRE_BYTES)
            assert_true(str_eq(want->bytes, got->bytes));
        else
            assert_memory_equal(&want->num, &got->num, want->wire == WIRE_ID ? 16 : 8);
    }
    assert_int_equal(object.n, said);
}

static void check_timeline(const Book *book, const Oracle *o, Id person)
{
    BookRef ref = book_find(book, ENTRY_PERSON, person), event = BOOK_NONE;
    if (ref == BOOK_NONE)
        return;
    int counts[ENTRY_KINDS] = {0}, total = 0;
    BookRef newest[ENTRY_KINDS];
    BookIter iter = book_timeline(book, ref, (BookWhich){.oldest_first = true});
    int64_t before = INT64_MIN;
    while (book_next(&iter, &event)) {
        assert_true(book_at(book, event) >= before);
        before = book_at(book, event);
        assert_true(oracle_present(o, book_kind(book, event), book_id(book, event)));
        assert_true(oracle_names(o, book_kind(book, event), book_id(book, event), person));
        counts[book_kind(book, event)]++;
        newest[book_kind(book, event)] = event;
        total++;
    }
    int want = 0;
    for (uint16_t kind = 1; kind < ENTRY_KINDS; kind++) {
        assert_int_equal(counts[kind], book_count(book, ref, (EntryKind)kind));
        assert_int_equal(counts[kind] > 0 ? newest[kind] : BOOK_NONE,
                         book_last(book, ref, (EntryKind)kind));
    }
    for (uint32_t i = 0; i < book_object_count(book); i++) {
        if (book_present(book, i) && entry_kind_is_event(book_kind(book, i)))
            want += oracle_names(o, book_kind(book, i), book_id(book, i), person);
    }
    assert_int_equal(total, want);
}

static void check_book(Cx *cx, const Book *book, const Facts *f)
{
    Oracle o;
    oracle_make(f, &o);
    for (int i = 0; i < FACTS; i++) {
        check_object(cx, book, &o, f->e[i].kind, f->e[i].object);
        check_timeline(book, &o, f->e[i].object);
    }
    BookRefs people = book_people(book);
    for (int i = 0; i < people.n; i++)
        assert_true(oracle_present(&o, ENTRY_PERSON, book_id(book, people.p[i])));
    assert_int_equal(people.n, book_counts(book).present[ENTRY_PERSON]);
}

/* What is seen of a book, as bytes: refs may differ from book to book, ids may not. */
static Str dump(Cx *cx, const Book *book)
{
    Buf buf = buf_make(cx->arena, 1 << 24);
    Str ret = {NULL, 0};
    BookRef ref = BOOK_NONE;
    BookRefs people = book_people(book);
    BookIter all = book_everything(book, (BookWhich){.oldest_first = false});
    while (book_next(&all, &ref))
        buf_bytes(&buf, book_id(book, ref).b, 16);
    BookIter alone = book_alone(book, (BookWhich){.oldest_first = false});
    while (book_next(&alone, &ref))
        buf_bytes(&buf, book_id(book, ref).b, 16);
    for (int i = 0; i < people.n; i++) {
        buf_put(&buf, book_name(book, people.p[i]));
        buf_bytes(&buf, book_id(book, people.p[i]).b, 16);
        BookIter iter = book_timeline(book, people.p[i], (BookWhich){.oldest_first = false});
        while (book_next(&iter, &ref))
            buf_bytes(&buf, book_id(book, ref).b, 16);
    }
    const BookBatch *batches = NULL;
    int n = 0;
    assert_ok(cx, book_batches(cx, book, 0, 1000, &batches, &n));
    for (int i = 0; i < n; i++) {
        buf_bytes(&buf, batches[i].id.b, 16);
        buf_fmt(&buf, "%d %lld %lld %.*s;", batches[i].undone, (long long)batches[i].at_ms,
                (long long)batches[i].count, STR_FMT(batches[i].label));
    }
    assert_ok(cx, buf_done(cx, &buf, &ret));
    return ret;
}

static void feed(Cx *cx, Gen *g, Book *book, const Facts *f, int settle_percent)
{
    int order[FACTS];
    shuffle(g, order, FACTS);
    for (int i = 0; i < FACTS; i++) {
        assert_ok(cx, book_apply(cx, book, f->body[order[i]]));
        if (gen_chance(g, 20)) /* once more, something heard before */
            assert_ok(cx, book_apply(cx, book, f->body[order[gen_int(g, 0, i)]]));
        if (gen_chance(g, settle_percent))
            assert_ok(cx, book_settle(cx, book));
    }
    assert_ok(cx, book_settle(cx, book));
    assert_int_equal(book_entry_count(book), FACTS);
}

static void any_order_is_the_same_book(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed);
        Facts *f = arena_new(t.cx.arena, Facts, 1);
        make_facts(&g, &t.cx, f);
        Str first = {NULL, 0};
        static const int settle[] = {0, 100, 10};
        for (int round = 0; round < 3; round++) {
            Book *book = book_new(0);
            feed(&t.cx, &g, book, f, settle[round]);
            check_book(&t.cx, book, f);
            Str got = dump(&t.cx, book);
            assert_true(round == 0 || str_eq(first, got));
            first = got;
            book_free(book);
        }
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* fold(a U b) = fold(b U a), as two devices that sync meet it: each has its own and then hears all of
 * the other's, what both have included. */
static void unions_commute(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed + 1000000);
        Facts *f = arena_new(t.cx.arena, Facts, 1);
        make_facts(&g, &t.cx, f);
        int cut = (int)gen_int(&g, 0, FACTS), both = (int)gen_int(&g, 0, cut);
        Book *ab = book_new(0), *ba = book_new(0);
        for (int i = 0; i < cut; i++)
            assert_ok(&t.cx, book_apply(&t.cx, ab, f->body[i]));
        assert_ok(&t.cx, book_settle(&t.cx, ab));
        for (int i = both; i < FACTS; i++)
            assert_ok(&t.cx, book_apply(&t.cx, ab, f->body[i]));
        for (int i = both; i < FACTS; i++)
            assert_ok(&t.cx, book_apply(&t.cx, ba, f->body[i]));
        assert_ok(&t.cx, book_settle(&t.cx, ba));
        for (int i = 0; i < cut; i++)
            assert_ok(&t.cx, book_apply(&t.cx, ba, f->body[i]));
        assert_ok(&t.cx, book_settle(&t.cx, ab));
        assert_ok(&t.cx, book_settle(&t.cx, ba));
        assert_true(str_eq(dump(&t.cx, ab), dump(&t.cx, ba)));
        check_book(&t.cx, ba, f);
        book_free(ab);
        book_free(ba);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Every entry comes out of the book as it went in, whatever it was. */
static void everything_is_carried(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Gen g = gen_seed(7);
    Facts *f = arena_new(t.cx.arena, Facts, 1);
    make_facts(&g, &t.cx, f);
    Book *book = book_new(0);
    int unknown = 0;
    for (int i = 0; i < FACTS; i++) {
        assert_ok(&t.cx, book_apply(&t.cx, book, f->body[i]));
        unknown += f->e[i].kind >= ENTRY_KINDS;
    }
    assert_true(unknown > 0);
    assert_int_equal(book_counts(book).unknown, unknown);
    for (uint32_t i = 0; i < FACTS; i++)
        assert_true(str_eq(book_entry_body(book, i), f->body[i]));
    book_free(book);
    test_cx_free(&t);
}

/* With any limit on memory a book takes in what fits, says when it is full, and goes on to be the same
 * book once there is room: nothing is half in. */
static void a_full_book_is_whole(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Gen g = gen_seed(11);
    Facts *f = arena_new(t.cx.arena, Facts, 1);
    make_facts(&g, &t.cx, f);
    int refused = 0;
    Book *whole = book_new(0);
    for (int i = 0; i < FACTS; i++)
        assert_ok(&t.cx, book_apply(&t.cx, whole, f->body[i]));
    assert_ok(&t.cx, book_settle(&t.cx, whole));
    int64_t most = book_bytes(whole);
    for (int64_t limit = most - 40000; limit <= most; limit += 97) {
        Book *book = book_new(limit);
        if (!book)
            continue;
        Err e = OK;
        uint32_t kept = 0;
        for (int i = 0; i < FACTS && e == OK; i++) {
            e = book_apply(&t.cx, book, f->body[i]);
            kept += e == OK;
        }
        assert_int_equal(book_entry_count(book), kept);
        Err settled = book_settle(&t.cx, book);
        assert_true(e == OK || e == ERR_NOMEM);
        assert_true(settled == OK || settled == ERR_NOMEM);
        assert_true(book_bytes(book) <= limit);
        refused += e != OK || settled != OK;
        if (e == OK && settled == OK)
            assert_true(str_eq(dump(&t.cx, book), dump(&t.cx, whole)));
        book_free(book);
    }
    assert_true(refused > 10);
    book_free(whole);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_is_the_same_book),
        cmocka_unit_test(unions_commute),
        cmocka_unit_test(everything_is_carried),
        cmocka_unit_test(a_full_book_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
