/* tests/book/test_search.c - the same is found with nothing prepared, with half of it, with all of it, and after what
 * was prepared has been overtaken by edits, undoing and forgetting; and it is what a search written here from the
 * promise in book.h finds: every word must begin a word of the object, without case and accents, in scripts without
 * spaces any character begins one, and the names of an event's people complete what its own text has begun. */
#include "base/time.h"
#include "base/utf8.h"
#include "book/book.h"
#include "gen.h"
#include "testlib.h"
#include <string.h>

static const char *const pieces[] = {"tea",     "Tea",    "teatime", "walked", "Zoë",
                                     "ZOË",     "zo",     "Łódź",    "naïve",  "Müller",
                                     "李",      "小龙",   "李小龙",  "お茶",   "茶",
                                     "ab李c",   "x",      "Ab-cd",   "don't",  "ΣΊΣΥΦΟΣ",
                                     "σίσυφος", "привет", "Привет",  "2026",   "e\xcc\x81t\xc3\xa9",
                                     "été",     "한국어", "국",      "a",      "ana",
                                     "bo"};
enum { PIECES = sizeof pieces / sizeof pieces[0], EVENTS = 2600, PEOPLE = 6 };

typedef struct World {
    TestCx t;
    Cx *cx;
    Gen g;
    Book *book;
    Id people[PEOPLE], batches[16];
    int n_batches, found;
} World;

static Str any_text(World *w, int most)
{
    char out[400];
    size_t n = 0;
    for (int64_t k = gen_int(&w->g, 1, most); k > 0; k--) {
        const char *piece = pieces[gen_int(&w->g, 0, PIECES - 1)];
        size_t len = strlen(piece);
        static const char between[] = " ,\n.-";
        if (n + len + 2 > sizeof out)
            break;
        memcpy(out + n, piece, len);
        n += len;
        out[n++] = between[gen_int(&w->g, 0, 4)];
    }
    return str_dup(w->cx->arena, (Str){out, (ptrdiff_t)n});
}

static void take(World *w, const Draft drafts[], int n)
{
    const Str *bodies = NULL;
    Id batch;
    assert_ok(w->cx, book_prepare(w->cx, w->book, 7, drafts, n, STR("did.test"), STR(""), &batch,
                                  &bodies));
    for (int i = 0; i <= n; i++)
        assert_ok(w->cx, book_apply(w->cx, w->book, bodies[i]));
    assert_ok(w->cx, book_settle(w->cx, w->book));
    if (w->n_batches < 16)
        w->batches[w->n_batches++] = batch;
}

static Draft an_event(World *w)
{
    static const EntryKind kinds[] = {ENTRY_MOMENT, ENTRY_NOTE, ENTRY_REFLECTION, ENTRY_TOPIC};
    Draft d = draft_new(w->cx, kinds[gen_int(&w->g, 0, 3)]);
    draft_text(&d, F_TEXT, any_text(w, gen_chance(&w->g, 5) ? 40 : 5));
    draft_at(&d, w->cx->now_ms - gen_int(&w->g, 0, 900) * TIME_HOUR_MS);
    if (d.kind == ENTRY_MOMENT && gen_chance(&w->g, 30)) {
        Str tags[2] = {str_trim(any_text(w, 1)), STR("tag")};
        draft_texts(&d, F_MOMENT_TAGS, tags, 2);
    }
    if (d.kind == ENTRY_TOPIC)
        draft_id(&d, F_PERSON, w->people[gen_int(&w->g, 0, PEOPLE - 1)]);
    else if (d.kind != ENTRY_REFLECTION && gen_chance(&w->g, 80))
        draft_ids(&d, F_PEOPLE, &w->people[gen_int(&w->g, 0, PEOPLE - 1)], 1);
    return d;
}

static void make(World *w, uint64_t seed)
{
    static const char *const names[PEOPLE] = {"Ana Li",     "Bo Carter", "李小龙",
                                              "Zoë Müller", "Łukasz",    "Ana Bo"};
    Draft drafts[100];
    test_cx_init(&w->t);
    w->cx = &w->t.cx;
    w->g = gen_seed(seed);
    w->book = book_new(0);
    w->n_batches = w->found = 0;
    for (int i = 0; i < PEOPLE; i++) {
        drafts[0] = draft_new(w->cx, ENTRY_PERSON);
        draft_text(&drafts[0], F_PERSON_NAME, str_c(names[i]));
        draft_text(&drafts[0], F_PERSON_ORG, any_text(w, 2));
        w->people[i] = drafts[0].object;
        take(w, drafts, 1);
    }
    for (int i = 0; i < EVENTS; i += 100) {
        for (int k = 0; k < 100; k++)
            drafts[k] = an_event(w);
        take(w, drafts, 100);
    }
}

/* -- what the promise says --------------------------------------------------------------------------- */

static bool letter(int32_t c)
{
    return c < 0x80 ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') : utf8_is_letter(c);
}

static bool alone(int32_t c)
{
    return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
           (c >= 0xAC00 && c <= 0xD7AF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3134F) || (c >= 0x1100 && c <= 0x11FF);
}

static bool begins_one(Cx *cx, Str text, Str word)
{
    Str rest = utf8_fold(cx->arena, text);
    bool before = false;
    while (rest.len > 0) {
        Str here = rest;
        int32_t c = utf8_next(&rest);
        if (letter(c) && (!before || alone(c)) && str_starts(here, word))
            return true;
        before = letter(c);
    }
    return false;
}

static bool in_field(Cx *cx, uint16_t kind, const Field *f, Str word)
{
    const FieldSpec *spec = entry_field_spec(kind, f->tag);
    Str items = f->value.bytes;
    FieldValue item, label, value;
    if (spec && (spec->type == FIELD_TEXT || spec->type == FIELD_PROSE))
        return begins_one(cx, f->value.bytes, word);
    bool found = false;
    while (spec && spec->type == FIELD_TEXTS && !found && list_next(&items, &item))
        found = begins_one(cx, item.bytes, word);
    while (spec && spec->type == FIELD_PAIRS && !found && list_next(&items, &item))
        found = list_next(&item.bytes, &label) && list_next(&item.bytes, &value) &&
                begins_one(cx, value.bytes, word);
    return found;
}

static bool in_names(World *w, Cx *cx, const BookObject *o, Str word)
{
    const FieldValue *one = book_field(o, F_PERSON), *many = book_field(o, F_PEOPLE);
    BookRef only = one ? book_find(w->book, ENTRY_PERSON, one->id) : BOOK_NONE;
    Str items = many ? many->bytes : (Str){NULL, 0};
    FieldValue item;
    bool found = only != BOOK_NONE && begins_one(cx, book_name(w->book, only), word);
    while (!found && list_next(&items, &item)) {
        BookRef person = book_find(w->book, ENTRY_PERSON, item.id);
        found = person != BOOK_NONE && begins_one(cx, book_name(w->book, person), word);
    }
    return found;
}

static bool promised(World *w, BookRef ref, const Str words[], int n)
{
    AUTO_ARENA Arena arena;
    BookObject o;
    arena_init(&arena, 1 << 24);
    Cx cx = {.arena = &arena};
    int own = 0, all = 0;
    assert_ok(&cx, book_object(&cx, w->book, ref, &o));
    for (int i = 0; i < n; i++) {
        bool mine = false;
        for (int k = 0; k < o.n && !mine; k++)
            mine = in_field(&cx, o.kind, &o.fields[k], words[i]);
        own += mine;
        all += mine || (o.kind != ENTRY_PERSON && in_names(w, &cx, &o, words[i]));
    }
    return own > 0 && all == n;
}

static int reference(World *w, const BookSearch *s, const Str words[], int n, BookRef ret[])
{
    int found = 0, skip = s->skip;
    bool timed = s->from_ms != 0 || s->to_ms != 0;
    BookRefs people = book_people(w->book);
    for (int i = 0; i < people.n && !timed; i++) {
        bool wanted = (s->kinds == 0 || (s->kinds & BOOK_KIND(ENTRY_PERSON))) &&
                      (s->person == BOOK_NONE || s->person == people.p[i]);
        if (wanted && found < s->limit && promised(w, people.p[i], words, n) && skip-- <= 0)
            ret[found++] = people.p[i];
    }
    BookWhich which = {.from_ms = s->from_ms, .to_ms = s->to_ms, .kinds = s->kinds};
    BookIter it = s->person == BOOK_NONE ? book_everything(w->book, which)
                                         : book_timeline(w->book, s->person, which);
    BookRef ref;
    while (found < s->limit && book_next(&it, &ref)) {
        if (promised(w, ref, words, n) && skip-- <= 0)
            ret[found++] = ref;
    }
    return found;
}

/* -- and what is found -------------------------------------------------------------------------------- */

static BookSearch any_search(World *w, Str words[3], int *ret_n)
{
    char text[200];
    size_t len = 0;
    *ret_n = (int)gen_int(&w->g, 1, 2);
    for (int i = 0; i < *ret_n; i++) {
        Str folded = utf8_fold(w->cx->arena, str_c(pieces[gen_int(&w->g, 0, 21)]));
        Str rest = folded;
        for (int64_t k = gen_int(&w->g, 1, 6); k > 0 && rest.len > 0; k--) {
            Str before = rest;
            if (!letter(utf8_next(&rest))) {
                rest = before;
                break;
            }
        }
        words[i] = str_sub(folded, 0, folded.len - rest.len);
        memcpy(text + len, words[i].p, (size_t)words[i].len);
        len += (size_t)words[i].len;
        text[len++] = ' ';
    }
    BookSearch s = {.text = str_dup(w->cx->arena, (Str){text, (ptrdiff_t)len}),
                    .person = BOOK_NONE,
                    .limit = gen_chance(&w->g, 50) ? 10 : BOOK_HITS_MAX,
                    .skip = gen_chance(&w->g, 20) ? 3 : 0};
    if (gen_chance(&w->g, 25))
        s.person = book_find(w->book, ENTRY_PERSON, w->people[gen_int(&w->g, 0, PEOPLE - 1)]);
    if (gen_chance(&w->g, 25))
        s.kinds = BOOK_KIND(ENTRY_NOTE) | BOOK_KIND(ENTRY_PERSON);
    if (gen_chance(&w->g, 25)) {
        s.from_ms = w->cx->now_ms - 400 * TIME_HOUR_MS;
        s.to_ms = w->cx->now_ms - 100 * TIME_HOUR_MS;
    }
    return s;
}

static void check(World *w, int times)
{
    static BookRef want[BOOK_HITS_MAX];
    for (int i = 0; i < times; i++) {
        Str words[3];
        int n_words = 0, n = 0;
        const BookHit *hits = NULL;
        BookSearch s = any_search(w, words, &n_words);
        int n_want = reference(w, &s, words, n_words, want);
        assert_ok(w->cx, book_search(w->cx, w->book, &s, &hits, &n));
        assert_int_equal(n, n_want);
        w->found += n;
        for (int k = 0; k < n; k++)
            assert_int_equal(hits[k].ref, want[k]);
    }
}

static void change(World *w)
{
    Draft d = an_event(w);
    BookRef any = BOOK_NONE;
    take(w, &d, 1);
    BookIter it = book_everything(w->book, (BookWhich){.to_ms = 0});
    for (int64_t k = gen_int(&w->g, 1, 500); k > 0; k--)
        (void)book_next(&it, &any);
    Draft edit = draft_edit(w->cx, (EntryKind)book_kind(w->book, any), book_id(w->book, any));
    if (gen_chance(&w->g, 30))
        draft_bool(&edit, F_GONE, true);
    draft_text(&edit, F_TEXT, any_text(w, 4));
    take(w, &edit, 1);
    edit = draft_edit(w->cx, ENTRY_BATCH, w->batches[gen_int(&w->g, 0, w->n_batches - 1)]);
    draft_bool(&edit, F_BATCH_UNDONE, gen_chance(&w->g, 50));
    take(w, &edit, 1);
}

static void the_same_is_found_however_far_it_is_prepared(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        World w;
        make(&w, seed);
        int64_t before = book_bytes(w.book);
        check(&w, 12);
        assert_false(book_prepare_search(w.book, 0)); /* a few only */
        check(&w, 12);
        for (int i = 0; i < 10; i++)
            (void)book_prepare_search(w.book, 0);
        check(&w, 12);
        while (!book_prepare_search(w.book, 1000000))
            continue;
        assert_true(book_bytes(w.book) - before < 40 * (int64_t)book_object_count(w.book) + 65536);
        check(&w, 40);
        for (int i = 0; i < 8; i++) {
            change(&w);
            check(&w, 4);
            if (gen_chance(&w.g, 50))
                (void)book_prepare_search(w.book, 1000000);
            check(&w, 4);
        }
        assert_true(w.found > 2000); /* there was something to be found */
        book_free(w.book);
        test_cx_free(&w.t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_found_however_far_it_is_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
