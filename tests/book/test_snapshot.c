/* tests/book/test_snapshot.c - a book that comes back from its checkpoint is the book that was written, goes on like
 * it, read whole or as it is asked for; no bytes under the right seal can lead it out of itself, and nothing is kept
 * by one whose checkpoint is damaged. */
#include "base/buf.h"
#include "base/os.h"
#include "base/time.h"
#include "desk.h"
#include "gen.h"
#include <string.h>

static int64_t below(Gen *g, int64_t n)
{
    return gen_int(g, 0, n - 1);
}

enum { PEOPLE_MOST = 12 };

typedef struct Life {
    Id people[PEOPLE_MOST], batches[64];
    int n_people, n_batches;
} Life;

static void kept(Life *life, Id batch)
{
    if (life->n_batches < 64)
        life->batches[life->n_batches++] = batch;
}

static void add_person(Desk *d, Gen *g, Life *life)
{
    static const char *const names[] = {"Ana", "Ångström", "李小龙", "Bo Carter", "Zoë"};
    Draft draft = draft_new(d->cx, ENTRY_PERSON);
    Id batch;
    draft_text(&draft, F_PERSON_NAME, str_c(names[below(g, 5)]));
    assert_ok(d->cx,
              book_commit(d->cx, d->book, d->log, &draft, 1, STR("did.test"), STR(""), &batch));
    if (life->n_people < PEOPLE_MOST)
        life->people[life->n_people++] = draft.object;
    kept(life, batch);
}

static void add_moments(Desk *d, Gen *g, Life *life)
{
    Draft drafts[40];
    int n = 1 + (int)below(g, 40);
    Id batch;
    for (int i = 0; i < n; i++) {
        Id two[2] = {life->people[below(g, life->n_people)],
                     life->people[below(g, life->n_people)]};
        static const EntryKind kinds[] = {ENTRY_NOTE, ENTRY_MOMENT, ENTRY_MOMENT, ENTRY_CHECKIN};
        EntryKind kind = kinds[below(g, 4)];
        drafts[i] = draft_new(d->cx, kind);
        if (kind == ENTRY_CHECKIN)
            draft_id(&drafts[i], F_PERSON, two[0]);
        else if (below(g, 6) != 0)
            draft_ids(&drafts[i], F_PEOPLE, two, id_eq(two[0], two[1]) ? 1 : 2);
        if (kind != ENTRY_CHECKIN || below(g, 3) == 0)
            draft_text(&drafts[i], F_TEXT,
                       below(g, 2) == 0 ? STR("tea and a long talk") : STR("Zoë came"));
        draft_at(&drafts[i], d->cx->now_ms - below(g, 1000) * TIME_HOUR_MS);
    }
    assert_ok(d->cx,
              book_commit(d->cx, d->book, d->log, drafts, n, STR("did.test"), STR(""), &batch));
    kept(life, batch);
}

static void any_step(Desk *d, Gen *g, Life *life)
{
    int64_t what = below(g, 10);
    if (what < 2 || life->n_people == 0) {
        add_person(d, g, life);
    } else if (what < 7) {
        add_moments(d, g, life);
    } else if (what == 7) {
        Draft edit = draft_edit(d->cx, ENTRY_PERSON, life->people[below(g, life->n_people)]);
        Id batch;
        draft_text(&edit, F_PERSON_ORG, STR("elsewhere"));
        draft_bool(&edit, F_GONE, below(g, 3) == 0);
        Err e = book_commit(d->cx, d->book, d->log, &edit, 1, STR("did.test"), STR(""), &batch);
        assert_true(e == OK || e == ERR_NOT_FOUND);
    } else {
        Id batch = life->batches[below(g, life->n_batches)];
        Err e = what == 8 ? book_undo(d->cx, d->book, d->log, batch)
                          : book_redo(d->cx, d->book, d->log, batch);
        assert_true(e == OK || e == ERR_INVALID); /* undone already, or not */
    }
}

static void same_iter(BookIter a, BookIter b)
{
    for (;;) {
        BookRef x = BOOK_NONE, y = BOOK_NONE;
        bool more = book_next(&a, &x);
        assert_int_equal(book_next(&b, &y), more);
        if (!more)
            return;
        Id left = book_id(a.book, x), right = book_id(b.book, y);
        assert_memory_equal(&left, &right, sizeof left);
    }
}

static void same_search(Cx *cx, const Book *a, const Book *b)
{
    static const char *const asked[] = {"tea", "zoe", "tea ana", "long zzyzx", "elsewhere"};
    for (int i = 0; i < 5; i++) {
        const BookSearch search = {.text = str_c(asked[i]), .person = BOOK_NONE, .limit = 100};
        const BookHit *left = NULL, *right = NULL;
        int n = 0, m = 0;
        assert_ok(cx, book_search(cx, a, &search, &left, &n));
        assert_ok(cx, book_search(cx, b, &search, &right, &m));
        assert_int_equal(n, m);
        for (int k = 0; k < n; k++) {
            Id x = book_id(a, left[k].ref), y = book_id(b, right[k].ref);
            assert_memory_equal(&x, &y, sizeof x);
            assert_int_equal(left[k].tag, right[k].tag);
            assert_true(str_eq(left[k].text, right[k].text));
        }
    }
}

static void same_book(const Book *a, const Book *b)
{
    BookCounts x = book_counts(a), y = book_counts(b);
    assert_memory_equal(&x, &y, sizeof x);
    same_iter(book_everything(a, (BookWhich){.to_ms = 0}),
              book_everything(b, (BookWhich){.to_ms = 0}));
    same_iter(book_alone(a, (BookWhich){.to_ms = 0}), book_alone(b, (BookWhich){.to_ms = 0}));
    BookRefs left = book_people(a), right = book_people(b);
    assert_int_equal(left.n, right.n);
    for (int i = 0; i < left.n; i++) {
        assert_true(str_eq(book_name(a, left.p[i]), book_name(b, right.p[i])));
        same_iter(book_timeline(a, left.p[i], (BookWhich){.to_ms = 0}),
                  book_timeline(b, right.p[i], (BookWhich){.to_ms = 0}));
        for (int k = 0; k < ENTRY_KINDS; k++)
            assert_int_equal(book_count(a, left.p[i], (EntryKind)k),
                             book_count(b, right.p[i], (EntryKind)k));
    }
}

static void same_entries(const Book *a, const Book *b)
{
    assert_int_equal(book_entry_count(a), book_entry_count(b));
    for (uint32_t i = 0; i < book_entry_count(a); i++) {
        Str left = book_entry_body(a, i), right = book_entry_body(b, i);
        assert_int_equal(left.len, right.len);
        assert_true(str_eq(left, right));
        left = book_fact(a, i);
        right = book_fact(b, i);
        assert_int_equal(left.len, right.len);
        assert_true(str_eq(left, right));
    }
}

static Book *open_book(Desk *d, bool later)
{
    int64_t fresh = 0;
    Book *book = book_new(0);
    assert_non_null(book);
    if (later)
        book_take_later(book);
    assert_ok(d->cx, book_refresh(d->cx, book, d->log, &fresh));
    return book;
}

/* What somebody else has lived comes in, as an import. */
static void adopt_another_life(Desk *d, Gen *g)
{
    Desk other;
    Life life = {.n_people = 0};
    Id batch;
    int fresh = 0;
    desk_open(&other);
    for (int i = 0; i < 8; i++)
        any_step(&other, g, &life);
    uint32_t n = book_entry_count(other.book);
    Str *facts = arena_new(other.cx->arena, Str, n);
    BookBodies bodies = {.p = facts};
    for (uint32_t i = 0; i < n; i++) {
        Str fact = book_fact(other.book, i);
        if (!str_is_null(fact))
            facts[bodies.n++] = fact;
    }
    BookSource source = book_source(&bodies);
    assert_ok(d->cx, book_adopt(d->cx, d->book, d->log, &source, STR("did.test"), STR(""), &batch,
                                &fresh));
    desk_close(&other);
}

/* At every step of a random life: written, taken back, gone on with, the same book. */
static void it_comes_back_as_it_was(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Desk d;
        Gen g = gen_seed(seed * 7919);
        Life life = {.n_people = 0};
        char folder[512] = "";
        desk_open(&d);
        assert_true(d.folder.len < (ptrdiff_t)sizeof folder);
        memcpy(folder, d.folder.p, (size_t)d.folder.len);
        for (int step = 0; step < 25; step++) {
            if (step % 9 == 5)
                adopt_another_life(&d, &g);
            any_step(&d, &g, &life);
            if (below(&g, 3) == 0)
                assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
            Book *back = open_book(&d, below(&g, 2) == 0);
            same_book(d.book, back);
            if (below(&g, 2) == 0)
                same_search(d.cx, d.book, back);
            if (below(&g, 2) == 0)
                same_entries(d.book, back);
            if (below(&g, 2) == 0) { /* and from then on it is the one that is used */
                book_free(d.book);
                d.book = back;
            } else {
                book_free(back);
            }
            arena_reset(d.cx->arena);
            d.folder = str_c(folder);
            d.path = log_path(d.log);
        }
        desk_close(&d);
    }
}

/* What was known of a person at the checkpoint keeps its version; whoever was heard of since does not. */
static void versions_come_back(void **state)
{
    (void)state;
    Desk d;
    Gen g = gen_seed(5);
    Life life = {.n_people = 0};
    desk_open(&d);
    add_person(&d, &g, &life);
    add_person(&d, &g, &life);
    add_moments(&d, &g, &life);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    BookRef first = book_find(d.book, ENTRY_PERSON, life.people[0]);
    BookRef second = book_find(d.book, ENTRY_PERSON, life.people[1]);
    uint64_t was[2] = {book_person_version(d.book, first), book_person_version(d.book, second)};
    Draft edit = draft_edit(d.cx, ENTRY_PERSON, life.people[0]);
    Id batch;
    draft_text(&edit, F_PERSON_ORG, STR("elsewhere"));
    assert_ok(d.cx, book_commit(d.cx, d.book, d.log, &edit, 1, STR("did.test"), STR(""), &batch));
    Book *back = open_book(&d, false);
    first = book_find(back, ENTRY_PERSON, life.people[0]);
    second = book_find(back, ENTRY_PERSON, life.people[1]);
    assert_true(book_person_version(back, first) > was[0]);
    assert_int_equal(book_person_version(back, second), was[1]);
    book_free(back);
    desk_close(&d);
}

/* Whoever has the key can seal anything: then the book may be any, but it ends and stays within itself. */
static void hostile_bytes_lead_nowhere(void **state)
{
    (void)state;
    Desk d;
    Gen g = gen_seed(11);
    Life life = {.n_people = 0};
    LogCursor cursor = {0};
    Str model = {NULL, 0};
    int taken = 0;
    desk_open(&d);
    for (int i = 0; i < 12; i++)
        any_step(&d, &g, &life);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    assert_ok(d.cx, log_checkpoint_read(d.cx, d.log, LOG_MODEL_BOOK, &cursor, &model));
    for (int round = 0; round < 1500; round++) {
        TestCx t;
        test_cx_init(&t);
        Cx *cx = &t.cx;
        char *bytes = arena_alloc(cx->arena, model.len, 1, 8);
        memcpy(bytes, model.p, (size_t)model.len);
        ptrdiff_t len = model.len;
        for (int64_t k = 1 + below(&g, 3); k > 0; k--) {
            uint32_t word = below(&g, 2) ? (uint32_t)gen_u64(&g) : (uint32_t)below(&g, 300);
            memcpy(bytes + below(&g, len - 4), &word, sizeof word);
        }
        if (below(&g, 10) == 0)
            len = (ptrdiff_t)below(&g, len);
        assert_ok(cx, log_checkpoint_write(cx, d.log, LOG_MODEL_BOOK, &cursor, (Str){bytes, len}));
        Book *book = book_new((int64_t)64 << 20);
        int64_t fresh = 0;
        if (below(&g, 2) == 0)
            book_take_later(book);
        if (book_refresh(cx, book, d.log, &fresh) == OK) {
            BookSearch search = {.text = STR("tea ana"), .person = BOOK_NONE, .limit = 10};
            const BookHit *hits = NULL;
            int n = 0;
            BookCounts was = book_counts(d.book), is = book_counts(book);
            taken += memcmp(&was, &is, sizeof was) == 0;
            Err e = book_search(cx, book, &search, &hits, &n);
            assert_true(e == OK || e == ERR_NOMEM);
            for (int i = 0; i < book_people(book).n; i++) {
                BookPerson p;
                Err ignored = book_person(cx, book, book_people(book).p[i], &p);
                (void)ignored;
            }
        }
        book_free(book);
        test_cx_free(&t);
    }
    assert_true(taken > 0); /* some changes change nothing that is counted */
    log_cursor_free(&cursor);
    desk_close(&d);
}

enum { LONG_TEXT = 3000, LONG_MOMENTS = 150 };

/* Some seven segments of words. */
static void live_long(Desk *d, Gen *g, Life *life)
{
    Id batch;
    for (int i = 0; i < 4; i++)
        add_person(d, g, life);
    for (int i = 0; i < LONG_MOMENTS; i++) {
        char text[LONG_TEXT];
        Draft draft = draft_new(d->cx, ENTRY_MOMENT);
        memset(text, (int)('a' + below(g, 26)), sizeof text);
        draft_ids(&draft, F_PEOPLE, &life->people[below(g, 4)], 1);
        draft_text(&draft, F_TEXT, (Str){text, sizeof text});
        draft_at(&draft, d->cx->now_ms - below(g, 1000) * TIME_HOUR_MS);
        assert_ok(d->cx,
                  book_commit(d->cx, d->book, d->log, &draft, 1, STR("did.test"), STR(""), &batch));
        kept(life, batch);
    }
}

static int64_t entries_in(Desk *d)
{
    LogStats stats = {.entries = 0};
    assert_ok(d->cx, log_stats(d->cx, d->log, &stats));
    return stats.entries;
}

/* Asked for everything; then something is said: it is kept, or the book is broken and it is not. */
static void ask_and_say(Desk *d, const Book *whole, Book *book)
{
    BookSearch search = {.text = STR("zzzz"), .person = BOOK_NONE, .limit = 10};
    const BookHit *hits = NULL;
    int n = 0;
    Id batch;
    assert_ok(d->cx, book_search(d->cx, book, &search, &hits, &n));
    if (!book_is_broken(book))
        same_entries(whole, book);
    bool broken = book_is_broken(book);
    for (uint32_t i = 0; i < 40 && i < book_object_count(book); i++) {
        if (book_kind(book, i) != ENTRY_MOMENT || !book_present(book, i))
            continue;
        int64_t before = entries_in(d);
        Draft edit = draft_edit(d->cx, ENTRY_MOMENT, book_id(book, i));
        draft_bool(&edit, F_GONE, true);
        Err e = book_commit(d->cx, book, d->log, &edit, 1, STR("did.test"), STR(""), &batch);
        assert_int_equal(e == OK, entries_in(d) == before + 2);
        assert_int_equal(e == OK, entries_in(d) != before);
        assert_true(!broken || e != OK);
    }
    if (book_is_broken(book)) {
        assert_int_equal(book_take_rest(d->cx, book), ERR_DAMAGED);
        assert_int_equal(book_checkpoint(d->cx, book, d->log), ERR_DAMAGED);
    }
}

/* Wherever it is damaged: what was opened to be read as it is asked for says so, keeps nothing, and another opening reads the
 * entries. */
static void a_damaged_checkpoint_keeps_nothing(void **state)
{
    (void)state;
    Desk d;
    Gen g = gen_seed(23);
    Life life = {.n_people = 0};
    Str sound = {NULL, 0};
    int broken = 0;
    desk_open(&d);
    live_long(&d, &g, &life);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    Str path = test_path(d.cx, d.folder, "vault.checkpoint");
    assert_ok(d.cx, os_read_file(d.cx, path, 64 << 20, &sound));
    assert_true(sound.len > 6 * LOG_CHECKPOINT_SEGMENT);
    for (ptrdiff_t at = 40; at < sound.len; at += LOG_CHECKPOINT_SEGMENT / 2) {
        char *bytes = arena_alloc(d.cx->arena, sound.len, 1, 1);
        memcpy(bytes, sound.p, (size_t)sound.len);
        bytes[at] ^= 1;
        assert_ok(d.cx, os_write_file(d.cx, path, (Str){bytes, sound.len}));
        Book *book = open_book(&d, true), *whole = open_book(&d, false);
        ask_and_say(&d, whole, book);
        broken += book_is_broken(book);
        book_free(book);
        book_free(whole);
    }
    assert_true(broken > 6);
    desk_close(&d);
}

/* The file that words come from stays what it was, though another takes its name, or none. */
static void its_file_may_go(void **state)
{
    (void)state;
    Desk d;
    Gen g = gen_seed(29);
    Life life = {.n_people = 0};
    desk_open(&d);
    live_long(&d, &g, &life);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    Book *book = open_book(&d, true), *second = open_book(&d, true);
    assert_ok(d.cx, log_checkpoint_drop(d.cx, d.log, LOG_MODEL_BOOK));
    add_moments(&d, &g, &life);
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    Book *whole = open_book(&d, true);
    int64_t fresh = 0;
    assert_ok(d.cx, book_refresh(d.cx, book, d.log, &fresh));
    same_book(whole, book);
    same_entries(whole, book);
    assert_ok(d.cx, book_take_rest(d.cx, second));
    assert_ok(d.cx, book_refresh(d.cx, second, d.log, &fresh));
    same_entries(whole, second);
    assert_false(book_is_broken(book) || book_is_broken(second));
    book_free(whole);
    book_free(second);
    log_close(d.log); /* it needs none */
    d.log = NULL;
    same_entries(d.book, book);
    book_free(book);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back_as_it_was),
        cmocka_unit_test(versions_come_back),
        cmocka_unit_test(hostile_bytes_lead_nowhere),
        cmocka_unit_test(a_damaged_checkpoint_keeps_nothing),
        cmocka_unit_test(its_file_may_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
