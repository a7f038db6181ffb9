/* tests/book/test_carry.c - entries of another book, carried in: they are the same as if they had come by
 * themselves, as long as something that carries them counts, in whatever order all of it arrives. The oracle is a
 * book that was given only what should count. */
#include "base/buf.h"
#include "desk.h"
#include "gen_entry.h"
#include <string.h>

enum {
    FACTS = 40,
    CARRIERS = 3,
    SAYS = 3,
    BODIES_MAX = FACTS * (CARRIERS + 1) + CARRIERS * SAYS,
    SEEDS = 400
};

/* A book, and another that it takes over from. */
static void two_open(Desk *here, Desk *there)
{
    desk_open(here);
    desk_open(there);
}

static void two_close(Desk *here, Desk *there)
{
    desk_close(here);
    desk_close(there);
}

/* -- what there is to see, without refs -------------------------------------------------------- */

static void put_ids(Buf *buf, const Book *book, BookIter iter)
{
    BookRef ref = BOOK_NONE;
    while (book_next(&iter, &ref))
        buf_bytes(buf, book_id(book, ref).b, 16);
    buf_char(buf, ';');
}

static Str dump(Cx *cx, const Book *book)
{
    Buf buf = buf_make(cx->arena, 1 << 24);
    Str ret = {NULL, 0};
    BookRefs people = book_people(book);
    put_ids(&buf, book, book_everything(book, (BookWhich){.kinds = 0}));
    put_ids(&buf, book, book_alone(book, (BookWhich){.kinds = 0}));
    for (int i = 0; i < people.n; i++) {
        buf_put(&buf, book_name(book, people.p[i]));
        buf_bytes(&buf, book_id(book, people.p[i]).b, 16);
        put_ids(&buf, book, book_timeline(book, people.p[i], (BookWhich){.kinds = 0}));
        for (int kind = 1; kind < ENTRY_KINDS; kind++)
            buf_fmt(&buf, "%d,", book_count(book, people.p[i], (EntryKind)kind));
    }
    assert_ok(cx, buf_done(cx, &buf, &ret));
    return ret;
}

/* Every object that is present in a, carriers and some batches apart, says the same in b. */
static void check_within(Cx *cx, const Book *a, const Book *b, const Id batches[], int n)
{
    for (uint32_t i = 0; i < book_object_count(a); i++) {
        BookObject one, two;
        bool ours = book_kind(a, i) == ENTRY_CARRIED;
        for (int k = 0; k < n; k++)
            ours |= book_kind(a, i) == ENTRY_BATCH && id_eq(book_id(a, i), batches[k]);
        if (ours || !book_present(a, i))
            continue;
        BookRef ref = book_find(b, book_kind(a, i), book_id(a, i));
        assert_true(ref != BOOK_NONE);
        assert_ok(cx, book_object(cx, a, i, &one));
        assert_ok(cx, book_object(cx, b, ref, &two));
        assert_int_equal(one.n, two.n);
        assert_int_equal(stamp_cmp(one.last, two.last), 0);
        for (int k = 0; k < one.n; k++) {
            const FieldValue *v = &one.fields[k].value, *w = &two.fields[k].value;
            bool bytes = v->wire == WIRE_TEXT || v->wire == WIRE_LIST || v->wire == WIRE_BYTES;
            assert_int_equal(one.fields[k].tag, two.fields[k].tag);
            assert_int_equal(v->wire, w->wire);
            assert_true(bytes ? str_eq(v->bytes, w->bytes)
                              : memcmp(&v->num, &w->num, v->wire == WIRE_ID ? 16 : 8) == 0);
        }
    }
}

/* -- carrying ---------------------------------------------------------------------------------- */

typedef struct Scene {
    Entry e[FACTS];
    Str fact[FACTS], all[BODIES_MAX];
    bool counts[FACTS];
    Id batch[CARRIERS];
    bool undone[CARRIERS];
    int n;
} Scene;

static Id new_id(Gen *g)
{
    Id id;
    for (int i = 0; i < 16; i++)
        id.b[i] = (uint8_t)(gen_u64(g) | (i == 0));
    return id;
}

static void add(Cx *cx, Scene *s, const Entry *e)
{
    assert_true(s->n < BODIES_MAX);
    assert_ok(cx, entry_encode(cx, e, &s->all[s->n++]));
}

/* What is said of an import: undone, done again, in any order; the latest stamp holds. */
static void say_undone(Gen *g, Cx *cx, Scene *s, int k)
{
    uint64_t latest = 0;
    for (int64_t n = gen_int(g, 0, SAYS); n > 0; n--) {
        Entry e = {.id = new_id(g), .object = s->batch[k], .kind = ENTRY_BATCH, .n_fields = 1};
        bool undone = gen_chance(g, 60);
        e.stamp = (Stamp){((uint64_t)1800000000000 << 16) + (uint64_t)gen_int(g, 0, 1 << 20), 1};
        e.fields[0] = (Field){
            .tag = F_BATCH_UNDONE, .value = {.wire = WIRE_INT, .num = undone}
        };
        if (e.stamp.hlc == latest)
            continue;
        if (e.stamp.hlc > latest) {
            latest = e.stamp.hlc;
            s->undone[k] = undone;
        }
        add(cx, s, &e);
    }
}

static void carry_fact(Gen *g, Cx *cx, Scene *s, int i, int k)
{
    Entry e = {.id = new_id(g), .kind = ENTRY_CARRIED, .batch = s->batch[k], .n_fields = 1};
    e.object = e.id;
    e.stamp = (Stamp){((uint64_t)1750000000000 << 16) + (uint64_t)i, 1};
    e.fields[0] = (Field){
        .tag = F_CARRIED_ENTRY, .value = {.wire = WIRE_BYTES, .bytes = s->fact[i]}
    };
    add(cx, s, &e);
}

static bool again(const Scene *s, int i)
{
    bool found = s->e[i].kind == ENTRY_CARRIED;
    for (int k = 0; k < i; k++)
        found |= id_eq(s->e[k].id, s->e[i].id) && s->e[k].kind == s->e[i].kind;
    return found;
}

static void make_scene(Gen *g, Cx *cx, Scene *s)
{
    *s = (Scene){.n = 0};
    for (int k = 0; k < CARRIERS; k++) {
        s->batch[k] = new_id(g);
        say_undone(g, cx, s, k);
    }
    for (int i = 0; i < FACTS; i++) {
        do
            gen_fact(g, cx, &s->e[i]);
        while (again(s, i));
        assert_ok(cx, entry_encode(cx, &s->e[i], &s->fact[i]));
        bool direct = gen_chance(g, 25), came = direct;
        if (direct)
            s->all[s->n++] = s->fact[i];
        s->counts[i] = direct;
        for (int k = 0; k < CARRIERS; k++) {
            if (!gen_chance(g, 40))
                continue;
            carry_fact(g, cx, s, i, k);
            came = true;
            s->counts[i] |= !s->undone[k];
        }
        s->counts[i] |= came && s->e[i].kind == ENTRY_BATCH;
    }
}

static Book *feed(Cx *cx, Gen *g, const Str bodies[], int n, int settle_percent)
{
    Str order[BODIES_MAX];
    Book *book = book_new(0);
    assert_non_null(book);
    memcpy(order, bodies, (size_t)n * sizeof *order);
    for (int i = n - 1; i > 0; i--) {
        int k = (int)gen_int(g, 0, i);
        Str was = order[i];
        order[i] = order[k];
        order[k] = was;
    }
    for (int i = 0; i < n; i++) {
        assert_ok(cx, book_apply(cx, book, order[i]));
        if (gen_chance(g, 10))
            assert_ok(cx, book_apply(cx, book, order[gen_int(g, 0, i)]));
        if (gen_chance(g, settle_percent))
            assert_ok(cx, book_settle(cx, book));
    }
    assert_ok(cx, book_settle(cx, book));
    return book;
}

static void carried_is_as_if_it_had_come(void **state)
{
    static const int settle[] = {0, 100, 10};
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed);
        Scene *s = arena_new(&t.arena, Scene, 1);
        Str count[FACTS];
        int n = 0;
        make_scene(&g, &t.cx, s);
        for (int i = 0; i < FACTS; i++) {
            if (s->counts[i])
                count[n++] = s->fact[i];
        }
        Book *want = feed(&t.cx, &g, count, n, 0);
        for (int round = 0; round < 3; round++) {
            Book *book = feed(&t.cx, &g, s->all, s->n, settle[round]);
            assert_true(str_eq(dump(&t.cx, book), dump(&t.cx, want)));
            check_within(&t.cx, book, want, s->batch, CARRIERS);
            check_within(&t.cx, want, book, s->batch, CARRIERS);
            int facts = 0;
            for (uint32_t i = 0; i < book_entry_count(book); i++)
                facts += book_fact(book, i).len > 0;
            for (int i = 0; i < FACTS; i++)
                assert_int_equal(book_has_fact(book, s->fact[i]), s->counts[i]);
            assert_true(facts >= n);
            book_free(book);
        }
        book_free(want);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* What came can be given to another book, as a checkpoint does, carriers and all. */
static void what_came_is_everything(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS / 4; seed++) {
        Gen g = gen_seed(seed + 70000);
        Scene *s = arena_new(&t.arena, Scene, 1);
        make_scene(&g, &t.cx, s);
        Book *book = feed(&t.cx, &g, s->all, s->n, 10), *copy = book_new(0);
        for (uint32_t i = 0; i < book_entry_count(book); i++) {
            if (book_entry_body(book, i).len > 0)
                assert_ok(&t.cx, book_apply(&t.cx, copy, book_entry_body(book, i)));
        }
        assert_ok(&t.cx, book_settle(&t.cx, copy));
        assert_true(str_eq(dump(&t.cx, book), dump(&t.cx, copy)));
        book_free(book);
        book_free(copy);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* An import that carries the word that it is undone itself: the word counts, and there is an answer. */
static void an_import_may_speak_of_itself(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (int order = 0; order < 2; order++) {
        Gen g = gen_seed(5);
        Id batch = new_id(&g);
        Entry said = {.id = new_id(&g), .object = batch, .kind = ENTRY_BATCH, .n_fields = 1};
        Entry person = {.id = new_id(&g), .kind = ENTRY_PERSON, .n_fields = 1};
        Str bodies[2] =
            {
                {NULL, 0},
                {NULL, 0}
        },
            body = {NULL, 0};
        said.fields[0] = (Field){
            .tag = F_BATCH_UNDONE, .value = {.wire = WIRE_INT, .num = 1}
        };
        person.object = person.id;
        person.fields[0] = (Field){
            .tag = F_PERSON_NAME, .value = {.wire = WIRE_TEXT, .bytes = STR("Ana")}
        };
        assert_ok(&t.cx, entry_encode(&t.cx, &said, &bodies[order]));
        assert_ok(&t.cx, entry_encode(&t.cx, &person, &bodies[!order]));
        Book *book = book_new(0);
        for (int i = 0; i < 2; i++) {
            Entry e = {.id = new_id(&g), .kind = ENTRY_CARRIED, .batch = batch, .n_fields = 1};
            e.object = e.id;
            e.fields[0] = (Field){
                .tag = F_CARRIED_ENTRY, .value = {.wire = WIRE_BYTES, .bytes = bodies[i]}
            };
            assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
            assert_ok(&t.cx, book_apply(&t.cx, book, body));
        }
        assert_ok(&t.cx, book_settle(&t.cx, book));
        assert_int_equal(book_people(book).n, 0);
        assert_ok(&t.cx, book_apply(&t.cx, book, bodies[!order])); /* by itself */
        assert_ok(&t.cx, book_settle(&t.cx, book));
        assert_int_equal(book_people(book).n, 1);
        book_free(book);
    }
    test_cx_free(&t);
}

/* -- over a vault ------------------------------------------------------------------------------ */

static Err adopt(Desk *d, const Str facts[], int n, Id *ret_batch, int *ret_new)
{
    BookBodies bodies = {facts, n};
    BookSource from = book_source(&bodies);
    return book_adopt(d->cx, d->book, d->log, &from, STR("done.import"), STR(""), ret_batch,
                      ret_new);
}

static Id commit(Desk *d, const Draft *draft, const char *label)
{
    Id batch;
    assert_ok(d->cx, book_commit(d->cx, d->book, d->log, draft, 1, str_c(label), STR(""), &batch));
    return batch;
}

static Draft person(Desk *d, const char *name)
{
    Draft draft = draft_new(d->cx, ENTRY_PERSON);
    draft_text(&draft, F_PERSON_NAME, str_c(name));
    return draft;
}

/* Facts of a book, as an export would give them. */
static int facts_of(const Book *book, Str ret[], int most)
{
    int n = 0;
    for (uint32_t i = 0; i < book_entry_count(book) && n < most; i++) {
        if (book_fact(book, i).len > 0)
            ret[n++] = book_fact(book, i);
    }
    return n;
}

static void check_from_log(Desk *d)
{
    Book *again = book_new(0);
    int64_t fresh = 0;
    assert_ok(d->cx, book_refresh(d->cx, again, d->log, &fresh));
    assert_true(str_eq(dump(d->cx, again), dump(d->cx, d->book)));
    book_free(again);
}

static void an_import_is_taken_back_whole(void **state)
{
    Desk here, there;
    Str facts[64];
    Id batch;
    int fresh = 0;
    BookBatch last;
    (void)state;
    two_open(&here, &there);
    Draft ana = person(&there, "Ana"), tom = person(&there, "Tom"), bea = person(&here, "Bea");
    commit(&there, &ana, "did.ana");
    Id toms = commit(&there, &tom, "did.tom");
    assert_ok(there.cx, book_undo(there.cx, there.book, there.log, toms));
    commit(&here, &bea, "did.bea");
    Str before = dump(here.cx, here.book);
    here.cx->now_ms -= 86400000; /* the clock here is behind */
    int n = facts_of(there.book, facts, 64);
    assert_int_equal(n, 5);
    assert_ok(here.cx, adopt(&here, facts, n, &batch, &fresh));
    assert_int_equal(fresh, 5);
    assert_int_equal(book_people(here.book).n, 2);
    assert_ok(here.cx, book_last_batch(here.cx, here.book, &last));
    assert_true(id_eq(last.id, batch));
    assert_int_equal(last.count, 5);
    check_from_log(&here);
    /* once more: nothing is new */
    assert_int_equal(adopt(&here, facts, n, &batch, &fresh), ERR_INVALID);
    assert_string_equal(here.cx->why.key, "err.nothing-new");
    /* what was undone there can be done again here */
    assert_ok(here.cx, book_redo(here.cx, here.book, here.log, toms));
    assert_int_equal(book_people(here.book).n, 3);
    assert_ok(here.cx, book_undo(here.cx, here.book, here.log, batch));
    assert_true(str_eq(before, dump(here.cx, here.book)));
    const BookBatch *history = NULL;
    assert_ok(here.cx, book_batches(here.cx, here.book, 0, 10, &history, &n));
    assert_int_equal(n, 2); /* Bea, and the import that was taken back */
    assert_ok(here.cx, book_last_batch(here.cx, here.book, &last));
    assert_str(last.label, "did.bea");
    check_from_log(&here);
    assert_ok(here.cx, book_redo(here.cx, here.book, here.log, batch));
    assert_int_equal(book_people(here.book).n, 3);
    check_from_log(&here);
    two_close(&here, &there);
}

typedef struct Broken {
    const Str *facts;
    int n;
} Broken;

static Err each_and_then_no_more(const void *ctx, Cx *cx, BookVisit *visit, void *visit_ctx)
{
    const Broken *b = ctx;
    Err e = OK;
    for (int i = 0; i < b->n && e == OK; i++)
        e = visit(visit_ctx, cx, b->facts[i]);
    return e == OK ? err_set(cx, ERR_IO, "err.test", NO_ARGS) : e;
}

/* Facts that cease to come half way: nothing of them is kept, in the book or in the log. */
static void half_an_import_is_none(void **state)
{
    Desk here, there;
    Str facts[64];
    Id batch;
    int fresh = 0;
    (void)state;
    two_open(&here, &there);
    Draft ana = person(&there, "Ana"), tom = person(&there, "Tom"), bea = person(&here, "Bea");
    commit(&there, &ana, "did.ana");
    commit(&there, &tom, "did.tom");
    commit(&here, &bea, "did.bea");
    Str before = dump(here.cx, here.book);
    int n = facts_of(there.book, facts, 64);
    for (int k = 0; k <= n; k++) {
        const Broken broken = {facts, k};
        const BookSource from = {.each = each_and_then_no_more, .ctx = &broken};
        assert_int_equal(book_adopt(here.cx, here.book, here.log, &from, STR("done.import"),
                                    STR(""), &batch, &fresh),
                         ERR_IO);
        assert_string_equal(here.cx->why.key, "err.test");
        assert_true(str_eq(before, dump(here.cx, here.book)));
        check_from_log(&here);
    }
    assert_ok(here.cx, adopt(&here, facts, n, &batch, &fresh));
    assert_int_equal(fresh, n);
    check_from_log(&here);
    two_close(&here, &there);
}

/* An edit of someone who is here, made elsewhere: the later one holds, and undo brings back the other. */
static void later_facts_win_and_go(void **state)
{
    Desk here, there;
    Str facts[64];
    Id batch;
    int fresh = 0;
    (void)state;
    two_open(&here, &there);
    Draft ana = person(&here, "Ana");
    commit(&here, &ana, "did.ana");
    int n = facts_of(here.book, facts, 64);
    assert_ok(there.cx, adopt(&there, facts, n, &batch, &fresh));
    there.cx->now_ms += 5000;
    Draft edit = draft_edit(there.cx, ENTRY_PERSON, ana.object);
    draft_text(&edit, F_PERSON_NAME, STR("Ana Brown"));
    commit(&there, &edit, "did.edit");
    n = facts_of(there.book, facts, 64);
    assert_ok(here.cx, adopt(&here, facts, n, &batch, &fresh));
    assert_str(book_name(here.book, book_people(here.book).p[0]), "Ana Brown");
    assert_ok(here.cx, book_undo(here.cx, here.book, here.log, batch));
    assert_str(book_name(here.book, book_people(here.book).p[0]), "Ana");
    two_close(&here, &there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carried_is_as_if_it_had_come),
        cmocka_unit_test(what_came_is_everything),
        cmocka_unit_test(an_import_may_speak_of_itself),
        cmocka_unit_test(an_import_is_taken_back_whole),
        cmocka_unit_test(half_an_import_is_none),
        cmocka_unit_test(later_facts_win_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
