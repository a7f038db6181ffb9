/* tests/book/test_book.c - a book over a real vault: writing, undoing, reading back, and what happens
 * when the clock goes back, memory runs out in the middle, or another process has written. */
#include "base/buf.h"
#include "base/time.h"
#include "desk.h"
#include "gen.h"
#include <string.h>

static Id commit(Desk *d, const Draft drafts[], int n)
{
    Id batch;
    assert_ok(d->cx,
              book_commit(d->cx, d->book, d->log, drafts, n, STR("did.test"), STR("x"), &batch));
    return batch;
}

static Draft person_draft(Desk *d, const char *name)
{
    Draft draft = draft_new(d->cx, ENTRY_PERSON);
    draft_text(&draft, F_PERSON_NAME, str_c(name));
    return draft;
}

static BookRef add_person(Desk *d, const char *name)
{
    Draft draft = person_draft(d, name);
    commit(d, &draft, 1);
    return book_find(d->book, ENTRY_PERSON, draft.object);
}

static Draft moment_draft(Desk *d, const Id people[], int n, int64_t at_ms, const char *text)
{
    Draft draft = draft_new(d->cx, ENTRY_MOMENT);
    draft_ids(&draft, F_PEOPLE, people, n);
    draft_at(&draft, at_ms);
    draft_text(&draft, F_TEXT, str_c(text));
    return draft;
}

/* Objects, people and timelines as bytes, without refs. */
static Str dump(Cx *cx, const Book *book)
{
    Buf buf = buf_make(cx->arena, 1 << 24);
    Str ret = {NULL, 0};
    BookRef ref = BOOK_NONE;
    BookRefs people = book_people(book);
    for (int i = 0; i < people.n; i++) {
        BookRelationship rel;
        assert_ok(cx, book_relationship(cx, book, people.p[i], &rel));
        buf_fmt(&buf, "%.*s %u;", STR_FMT(book_name(book, people.p[i])), rel.kinds);
        BookIter iter = book_timeline(book, people.p[i], (BookWhich){.kinds = 0});
        while (book_next(&iter, &ref)) {
            BookEvent event;
            assert_ok(cx, book_event(cx, book, ref, &event));
            buf_fmt(&buf, "%lld %d %.*s;", (long long)event.at_ms, event.people.n,
                    STR_FMT(event.text));
            buf_bytes(&buf, event.id.b, 16);
        }
    }
    BookIter all = book_everything(book, (BookWhich){.kinds = 0});
    while (book_next(&all, &ref))
        buf_bytes(&buf, book_id(book, ref).b, 16);
    assert_ok(cx, buf_done(cx, &buf, &ret));
    return ret;
}

/* Another book, read afresh from the vault, says the same. */
static void check_same_from_log(Desk *d)
{
    Book *again = book_new(0);
    int64_t n = 0;
    LogSecret secret = desk_key;
    Log *log = NULL;
    assert_ok(d->cx, log_open(d->cx, d->path, &secret, &log));
    assert_ok(d->cx, book_refresh(d->cx, again, log, &n));
    assert_int_equal(n, book_entry_count(d->book));
    assert_true(str_eq(dump(d->cx, again), dump(d->cx, d->book)));
    book_free(again);
    log_close(log);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    Draft drafts[6];
    drafts[0] = person_draft(&d, "Ana Silva");
    Id ana = drafts[0].object;
    draft_int(&drafts[0], F_PERSON_BIRTHDAY, 531); /* 31 May, year unknown */
    draft_pairs(&drafts[0], F_PERSON_EMAILS,
                (TextPair[]){
                    {STR("home"), STR("ana@example.org")},
                    {STR(""),     STR("a@b.c")          }
    },
                2);
    drafts[1] = draft_edit(d.cx, ENTRY_RELATIONSHIP, ana);
    draft_int(&drafts[1], F_REL_KINDS, 1 << 8);
    draft_int(&drafts[1], F_REL_SEASON, 0);
    drafts[2] = draft_new(d.cx, ENTRY_CHECKIN);
    draft_id(&drafts[2], F_PERSON, ana);
    draft_answers(&drafts[2], F_CHECKIN_ANSWERS,
                  (Answer[]){
                      {STR("felt-told"),    75},
                      {STR("safety-guard"), 20}
    },
                  2);
    drafts[3] = moment_draft(&d, &ana, 1, d.cx->now_ms - TIME_HOUR_MS, "Long walk.\nRain.");
    draft_real(&drafts[3], F_MOMENT_QUALITY, .75);
    draft_bool(&drafts[3], F_MOMENT_OPENED, true);
    draft_texts(&drafts[3], F_MOMENT_TAGS, (Str[]){STR("walk"), STR("rain")}, 2);
    drafts[4] = draft_new(d.cx, ENTRY_CHOICE);
    draft_text(&drafts[4], F_CHOICE_LEFT, STR("film"));
    draft_text(&drafts[4], F_CHOICE_RIGHT, STR("walk"));
    draft_int(&drafts[4], F_CHOICE_PICK, PICK_BOTH);
    drafts[5] = draft_edit(d.cx, ENTRY_ME, ENTRY_ME_ID);
    draft_text(&drafts[5], F_ME_NAME, STR("Kim"));
    commit(&d, drafts, 6);

    BookRef ref = book_find(d.book, ENTRY_PERSON, ana);
    BookPerson p;
    assert_ok(d.cx, book_person(d.cx, d.book, ref, &p));
    assert_str(p.name, "Ana Silva");
    assert_int_equal(p.birthday, 531);
    assert_int_equal(p.emails.n, 2);
    assert_str(p.emails.p[0].label, "home");
    assert_str(p.emails.p[1].label, "");
    assert_str(p.emails.p[1].value, "a@b.c");
    assert_int_equal(p.added_ms, d.cx->now_ms);
    assert_str(p.org, "");
    BookRelationship rel;
    assert_ok(d.cx, book_relationship(d.cx, d.book, ref, &rel));
    assert_int_equal(rel.kinds, 1 << 8);
    assert_int_equal(rel.season, 0);
    assert_int_equal(rel.wanted_tenths, -1);
    assert_false(rel.harm);
    BookCheckin c;
    assert_ok(d.cx, book_checkin(d.cx, d.book, book_last(d.book, ref, ENTRY_CHECKIN), &c));
    assert_int_equal(c.n_answers, 2);
    assert_str(c.answers[1].question, "safety-guard");
    assert_int_equal(c.answers[1].tenths, 20);
    assert_int_equal(c.contact, -1);
    assert_int_equal(c.event.at_ms, d.cx->now_ms); /* not said, so now */
    BookMoment m;
    assert_ok(d.cx, book_moment(d.cx, d.book, book_last(d.book, ref, ENTRY_MOMENT), &m));
    assert_str(m.event.text, "Long walk.\nRain.");
    assert_true(m.has_quality && m.opened_up && !m.conflict);
    CHECK_CLOSE(m.quality, .75, 0, 0);
    assert_int_equal(m.event.people.n, 1);
    assert_int_equal(m.event.people.p[0], ref);
    assert_int_equal(m.tags.n, 2);
    assert_int_equal(m.minutes, -1);
    BookMe me;
    assert_ok(d.cx, book_me(d.cx, d.book, &me));
    assert_str(me.name, "Kim");
    BookIter alone = book_alone(d.book, (BookWhich){.kinds = 0});
    BookRef choice = BOOK_NONE;
    BookChoice ch;
    assert_true(book_next(&alone, &choice));
    assert_ok(d.cx, book_choice(d.cx, d.book, choice, &ch));
    assert_int_equal(ch.pick, PICK_BOTH);
    assert_false(book_next(&alone, &choice));
    assert_int_equal(book_moment(d.cx, d.book, choice, &m), ERR_NOT_FOUND);
    assert_int_equal(book_moment(d.cx, d.book, BOOK_NONE, &m), ERR_NOT_FOUND);
    check_same_from_log(&d);
    desk_close(&d);
}

enum { CROWD = 120 };

/* An import of people and moments, then life goes on; undone it is gone with all that hung on it, redone
 * it is back, as if nothing had been. More than line_remove takes out one by one. */
static void an_import_goes_and_comes_whole(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    BookRef bo = add_person(&d, "Bo");
    Id bo_id = book_id(d.book, bo);
    Draft own = moment_draft(&d, &bo_id, 1, d.cx->now_ms, "own");
    commit(&d, &own, 1);
    Str before = dump(d.cx, d.book);

    Draft drafts[CROWD * 2];
    for (int i = 0; i < CROWD; i++) {
        drafts[i] = person_draft(&d, "Someone");
        Id who[2] = {drafts[i].object, bo_id};
        drafts[CROWD + i] = moment_draft(&d, who, 2, d.cx->now_ms - i * TIME_HOUR_MS, "imported");
    }
    Id import = commit(&d, drafts, CROWD * 2);
    assert_int_equal(book_people(d.book).n, CROWD + 1);
    assert_int_equal(book_count(d.book, bo, ENTRY_MOMENT), CROWD + 1);
    Draft later[3]; /* said afterwards of what was imported */
    later[0] = draft_edit(d.cx, ENTRY_PERSON, drafts[0].object);
    draft_text(&later[0], F_PERSON_NAME, STR("Zora"));
    later[1] = draft_edit(d.cx, ENTRY_MOMENT, drafts[CROWD + 1].object);
    draft_at(&later[1], d.cx->now_ms + TIME_HOUR_MS);
    later[2] = draft_new(d.cx, ENTRY_NOTE);
    draft_id(&later[2], F_PERSON, drafts[1].object);
    draft_text(&later[2], F_TEXT, STR("of one who was imported"));
    commit(&d, later, 3);
    Str with = dump(d.cx, d.book);
    check_same_from_log(&d);

    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, import));
    assert_true(str_eq(dump(d.cx, d.book), before));
    assert_int_equal(book_find(d.book, ENTRY_PERSON, drafts[0].object), BOOK_NONE);
    assert_int_equal(book_count(d.book, bo, ENTRY_MOMENT), 1);
    assert_int_equal(book_undo(d.cx, d.book, d.log, import), ERR_INVALID);
    assert_string_equal(d.cx->why.key, "err.already-undone");
    check_same_from_log(&d);

    assert_ok(d.cx, book_redo(d.cx, d.book, d.log, import));
    assert_true(str_eq(dump(d.cx, d.book), with));
    assert_int_equal(book_redo(d.cx, d.book, d.log, import), ERR_INVALID);
    assert_int_equal(book_undo(d.cx, d.book, d.log, bo_id), ERR_NOT_FOUND);
    check_same_from_log(&d);
    desk_close(&d);
}

static void history_is_newest_first(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    BookBatch last;
    assert_int_equal(book_last_batch(d.cx, d.book, &last), ERR_NOT_FOUND);
    Id batches[5];
    for (int i = 0; i < 5; i++) { /* all in one millisecond */
        Draft draft = person_draft(&d, "Someone");
        batches[i] = commit(&d, &draft, 1);
    }
    const BookBatch *page = NULL;
    int n = 0;
    assert_ok(d.cx, book_batches(d.cx, d.book, 1, 3, &page, &n));
    assert_int_equal(n, 3);
    for (int i = 0; i < 3; i++)
        assert_true(id_eq(page[i].id, batches[3 - i]));
    assert_str(page[0].label, "did.test");
    assert_str(page[0].detail, "x");
    assert_int_equal(page[0].count, 1);
    assert_int_equal(page[0].at_ms, d.cx->now_ms);
    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batches[4]));
    assert_ok(d.cx, book_last_batch(d.cx, d.book, &last));
    assert_true(id_eq(last.id, batches[3]));
    assert_ok(d.cx, book_batches(d.cx, d.book, 0, 100, &page, &n));
    assert_int_equal(n, 5);
    assert_true(page[0].undone && !page[1].undone);
    assert_ok(d.cx, book_batches(d.cx, d.book, 9, 100, &page, &n));
    assert_int_equal(n, 0);
    desk_close(&d);
}

/* Hundreds of steps back, and the same steps forward in the order in which they were taken; of what was taken back
 * out of turn, the last comes first. */
static void many_steps_back_and_forward(void **state)
{
    enum { STEPS = 450, BACK = 330 };
    (void)state;
    Desk d;
    Id batches[STEPS];
    BookBatch last;
    desk_open(&d);
    assert_int_equal(book_last_undone(d.cx, d.book, &last), ERR_NOT_FOUND);
    for (int i = 0; i < STEPS; i++) {
        Draft draft = person_draft(&d, "Someone");
        d.cx->now_ms += i % 3 == 0 ? 0 : i % 5 == 0 ? -TIME_HOUR_MS : TIME_MINUTE_MS;
        batches[i] = commit(&d, &draft, 1);
    }
    for (int i = STEPS - 1; i >= STEPS - BACK; i--) {
        assert_ok(d.cx, book_last_batch(d.cx, d.book, &last));
        assert_true(id_eq(last.id, batches[i]));
        assert_ok(d.cx, book_undo(d.cx, d.book, d.log, last.id));
    }
    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batches[7]));
    assert_ok(d.cx, book_last_undone(d.cx, d.book, &last));
    assert_true(id_eq(last.id, batches[7]));
    assert_ok(d.cx, book_redo(d.cx, d.book, d.log, last.id));
    check_same_from_log(&d);
    for (int i = STEPS - BACK; i < STEPS; i++) {
        assert_ok(d.cx, book_last_undone(d.cx, d.book, &last));
        assert_true(id_eq(last.id, batches[i]));
        assert_ok(d.cx, book_redo(d.cx, d.book, d.log, last.id));
    }
    assert_int_equal(book_last_undone(d.cx, d.book, &last), ERR_NOT_FOUND);
    desk_close(&d);
}

static void the_last_word_holds_when_the_clock_goes_back(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    BookRef ana = add_person(&d, "Ana");
    Id id = book_id(d.book, ana);
    static const int64_t hours[] = {0, 5, -4000, 1, -700000, 2};
    int64_t start = d.cx->now_ms;
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        char name[16] = {'N', (char)('0' + i)};
        d.cx->now_ms = start + hours[i] * TIME_HOUR_MS;
        Draft draft = draft_edit(d.cx, ENTRY_PERSON, id);
        draft_text(&draft, F_PERSON_NAME, str_c(name));
        commit(&d, &draft, 1);
        assert_str(book_name(d.book, ana), name);
    }
    Stamp before = {0, 0};
    for (uint32_t i = 0; i < book_entry_count(d.book); i++) {
        Entry e;
        assert_ok(d.cx, entry_decode(d.cx, book_entry_body(d.book, i), &e));
        assert_true(stamp_cmp(before, e.stamp) < 0);
        before = e.stamp;
    }
    check_same_from_log(&d);
    desk_close(&d);
}

/* Every allocation in the request's arena fails once: the book and the vault keep saying the same, and
 * they have the new person exactly when the call said so. */
static void a_commit_is_kept_or_changes_nothing(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    int64_t kept = 0;
    bool ended = false;
    for (int nth = 0; !ended && nth < 1000; nth++) {
        Arena arena;
        arena_init(&arena, 1 << 20);
        Cx cx = {.arena = &arena, .now_ms = d.cx->now_ms};
        Draft drafts[2] = {draft_new(&cx, ENTRY_PERSON), draft_new(&cx, ENTRY_NOTE)};
        draft_text(&drafts[0], F_PERSON_NAME, STR("Ana \xc3\x81vila"));
        draft_texts(&drafts[0], F_PERSON_NICKNAMES, (Str[]){STR("Nan")}, 1);
        draft_text(&drafts[1], F_TEXT, STR("a note"));
        Id batch;
        arena_fail_after(&arena, nth);
        Err e = book_commit(&cx, d.book, d.log, drafts, 2, STR("did.test"), STR(""), &batch);
        ended = arena.fail_after >= 0; /* it never came to that allocation */
        arena_free(&arena);
        assert_true(!ended || e == OK);
        kept += e == OK;
        LogStats stats;
        assert_ok(d.cx, log_stats(d.cx, d.log, &stats));
        assert_int_equal(stats.entries, kept * 3);
        assert_int_equal(book_entry_count(d.book), kept * 3);
        assert_int_equal(book_people(d.book).n, kept);
    }
    assert_true(ended);
    check_same_from_log(&d);
    desk_close(&d);
}

static void what_is_out_of_bounds_is_refused_whole(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    Id batch;
    Draft drafts[2] = {person_draft(&d, "Ana"), person_draft(&d, "Bo")};
    draft_int(&drafts[1], F_PERSON_BIRTHDAY, 20261301);
    assert_int_equal(book_commit(d.cx, d.book, d.log, drafts, 2, STR("x"), STR(""), &batch),
                     ERR_INVALID);
    assert_string_equal(d.cx->why.field, "birthday");
    Draft edit = draft_edit(d.cx, ENTRY_MOMENT, drafts[0].object);
    assert_int_equal(book_commit(d.cx, d.book, d.log, &edit, 1, STR("x"), STR(""), &batch),
                     ERR_NOT_FOUND);
    assert_int_equal(book_entry_count(d.book), 0);
    check_same_from_log(&d);
    desk_close(&d);
}

/* Two processes on one vault: each sees what the other kept, and the last word is the last. */
static void two_books_on_one_vault(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    LogSecret secret = desk_key;
    Log *log = NULL;
    Book *book = book_new(0);
    int64_t n = 0;
    Id batch;
    BookRef ana = add_person(&d, "Ana");
    Id id = book_id(d.book, ana);
    assert_ok(d.cx, log_open(d.cx, d.path, &secret, &log));
    for (int i = 0; i < 10; i++) {
        char name[16] = {'A', (char)('0' + i)};
        Draft draft = draft_edit(d.cx, ENTRY_PERSON, id);
        draft_text(&draft, F_PERSON_NAME, str_c(name));
        bool other = i % 2 == 0;
        /* the other has never read the vault when it writes first: book_commit must look */
        if (i == 0)
            assert_ok(d.cx, book_refresh(d.cx, book, log, &n));
        d.cx->now_ms -= 1000;
        assert_ok(d.cx, book_commit(d.cx, other ? book : d.book, other ? log : d.log, &draft, 1,
                                    STR("did.test"), STR(""), &batch));
    }
    assert_ok(d.cx, book_refresh(d.cx, book, log, &n));
    assert_ok(d.cx, book_refresh(d.cx, d.book, d.log, &n));
    assert_str(book_name(d.book, ana), "A9");
    assert_true(str_eq(dump(d.cx, book), dump(d.cx, d.book)));
    assert_ok(d.cx, book_refresh(d.cx, d.book, d.log, &n));
    assert_int_equal(n, 0);
    book_free(book);
    log_close(log);
    desk_close(&d);
}

/* With a checkpoint, with one that is behind, with a spoiled one and with none, the book is the same. */
static void a_checkpoint_changes_nothing(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    Draft drafts[200];
    Id ana = book_id(d.book, add_person(&d, "Ana"));
    for (int i = 0; i < 200; i++)
        drafts[i] = moment_draft(&d, &ana, 1, d.cx->now_ms - i * TIME_HOUR_MS, "x");
    Id batch = commit(&d, drafts, 200);
    assert_false(book_checkpoint_due(d.book));
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    check_same_from_log(&d);
    assert_ok(d.cx, book_undo(d.cx, d.book, d.log, batch));
    commit(&d, drafts, 1);
    check_same_from_log(&d);
    Buf buf = buf_make(d.cx->arena, 4096);
    Str path = {NULL, 0}, file = {NULL, 0};
    buf_put(&buf, d.path);
    buf_c(&buf, ".checkpoint");
    assert_ok(d.cx, buf_done(d.cx, &buf, &path));
    assert_ok(d.cx, os_read_file(d.cx, path, 1 << 20, &file));
    for (ptrdiff_t at = 0; at < file.len; at += file.len / 7) {
        char *spoiled = arena_alloc(d.cx->arena, file.len, 1, 1);
        memcpy(spoiled, file.p, (size_t)file.len);
        spoiled[at] ^= 1;
        assert_ok(d.cx, os_write_file(d.cx, path, (Str){spoiled, file.len}));
        check_same_from_log(&d);
    }
    /* sealed by us, but not what this version writes */
    static const char *const models[] = {"", "book", "book1", "book2", "book2\0\0\0abcde"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        LogCursor cursor = {0};
        Str old = {NULL, 0}, model = {models[i], i == 4 ? 13 : (ptrdiff_t)strlen(models[i])};
        if (i == 0)
            assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
        assert_ok(d.cx, log_checkpoint_read(d.cx, d.log, LOG_MODEL_BOOK, &cursor, &old));
        assert_ok(d.cx, log_checkpoint_write(d.cx, d.log, LOG_MODEL_BOOK, &cursor, model));
        log_cursor_free(&cursor);
        check_same_from_log(&d);
    }
    desk_close(&d);
}

static Err forget_text(void *ctx, Cx *cx, const LogEntry *entry, Str *ret)
{
    (void)cx;
    *ret = str_find(entry->body, *(const Str *)ctx) >= 0 ? (Str){NULL, 0} : entry->body;
    return OK;
}

/* When the vault is sealed anew without some of its entries, the book forgets them too. */
static void what_was_forgotten_leaves_the_book(void **state)
{
    (void)state;
    Desk d;
    desk_open(&d);
    add_person(&d, "Ana");
    add_person(&d, "Bo");
    assert_ok(d.cx, book_checkpoint(d.cx, d.book, d.log));
    uint64_t epoch = book_epoch(d.book), version = book_version(d.book);
    Str word = STR("Bo");
    bool scrubbed = false;
    int64_t n = 0;
    assert_ok(d.cx, log_rewrite(d.cx, d.log, &desk_key, forget_text, &word, NULL, &scrubbed));
    assert_ok(d.cx, book_refresh(d.cx, d.book, d.log, &n));
    assert_int_equal(n, 3); /* Ana and two batches */
    assert_int_equal(book_people(d.book).n, 1);
    assert_true(book_epoch(d.book) > epoch && book_version(d.book) > version);
    check_same_from_log(&d);
    desk_close(&d);
}

/* The short reading of a moment says what the long one says, however often it was changed or cleared. */
static void marks_are_what_the_moment_says(void **state)
{
    static const uint16_t tags[] = {F_MOMENT_MINUTES, F_MOMENT_MEDIUM,   F_MOMENT_COMPANY,
                                    F_MOMENT_QUALITY, F_MOMENT_DEPTH,    F_MOMENT_TYPES,
                                    F_MOMENT_OPENED,  F_MOMENT_CONFLICT, F_MOMENT_SEXUAL};
    Desk d;
    Gen g = gen_seed(5);
    (void)state;
    desk_open(&d);
    Id ana = book_id(d.book, add_person(&d, "Ana"));
    for (int round = 0; round < 60; round++) {
        Draft first = moment_draft(&d, &ana, 1, d.cx->now_ms - round, "tea");
        for (int edit = 0; edit < 4; edit++) {
            Draft draft = edit == 0 ? first : draft_edit(d.cx, ENTRY_MOMENT, first.object);
            for (int i = 0; i < 9; i++) {
                bool yes_no = tags[i] >= F_MOMENT_OPENED;
                if (gen_chance(&g, 20))
                    draft_none(&draft, tags[i]);
                else if (yes_no && gen_chance(&g, 40))
                    draft_bool(&draft, tags[i], gen_chance(&g, 50));
                else if (!yes_no && gen_chance(&g, 40))
                    draft_int(&draft, tags[i], gen_int(&g, 1, 3));
            }
            draft_text(&draft, F_MOMENT_PLACE, STR("home"));
            commit(&d, &draft, 1);
            BookRef ref = book_find(d.book, ENTRY_MOMENT, first.object);
            BookMoment whole, marks;
            assert_ok(d.cx, book_moment(d.cx, d.book, ref, &whole));
            assert_ok(d.cx, book_moment_marks(d.cx, d.book, ref, &marks));
            assert_int_equal(marks.event.at_ms, whole.event.at_ms);
            assert_int_equal(marks.minutes, whole.minutes);
            assert_int_equal(marks.medium, whole.medium);
            assert_int_equal(marks.company, whole.company);
            assert_int_equal(marks.has_quality, whole.has_quality);
            CHECK_CLOSE(marks.quality, whole.quality, 0, 0);
            assert_int_equal(marks.depth, whole.depth);
            assert_int_equal(marks.types, whole.types);
            assert_int_equal(marks.opened_up, whole.opened_up);
            assert_int_equal(marks.conflict, whole.conflict);
            assert_int_equal(marks.sexual, whole.sexual);
        }
    }
    BookMoment none;
    assert_int_equal(book_moment_marks(d.cx, d.book, BOOK_NONE, &none), ERR_NOT_FOUND);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(an_import_goes_and_comes_whole),
        cmocka_unit_test(history_is_newest_first),
        cmocka_unit_test(marks_are_what_the_moment_says),
        cmocka_unit_test(many_steps_back_and_forward),
        cmocka_unit_test(the_last_word_holds_when_the_clock_goes_back),
        cmocka_unit_test(a_commit_is_kept_or_changes_nothing),
        cmocka_unit_test(what_is_out_of_bounds_is_refused_whole),
        cmocka_unit_test(two_books_on_one_vault),
        cmocka_unit_test(a_checkpoint_changes_nothing),
        cmocka_unit_test(what_was_forgotten_leaves_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
