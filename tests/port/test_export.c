/* tests/port/test_export.c - what goes out comes back: entries byte for byte, people through the readers of others
 * (our own vCard reader, libical, a CSV reader written here from RFC 4180), and people's words stay words. */
#include "../book/gen_entry.h"
#include "base/time.h"
#include "base/utf8.h"
#include "people.h"
#include "port/export.h"
#include "port/jsonl.h"
#include "port/markdown.h"
#include "port/vcard_write.h"
#include <libical/ical.h>
#include <string.h>

enum { FACTS = 60, SEEDS = 150 };

/* -- books ------------------------------------------------------------------------------------- */

static bool seen(const Entry e[], int n, const Entry *new)
{
    bool found = false;
    for (int i = 0; i < n; i++)
        found |= id_eq(e[i].id, new->id) && e[i].kind == new->kind;
    return found;
}

static Book *book_of(Cx *cx, const Str bodies[], ptrdiff_t n)
{
    Book *book = book_new(0);
    assert_non_null(book);
    for (ptrdiff_t i = 0; i < n; i++)
        assert_ok(cx, book_apply(cx, book, bodies[i]));
    assert_ok(cx, book_settle(cx, book));
    return book;
}

static Book *gen_book(Gen *g, Cx *cx)
{
    Entry *e = arena_new(cx->arena, Entry, FACTS);
    Str bodies[FACTS];
    assert_non_null(e);
    for (int i = 0; i < FACTS; i++) {
        do
            gen_fact(g, cx, &e[i]);
        while (e[i].kind == ENTRY_CARRIED || seen(e, i, &e[i]));
        assert_ok(cx, entry_encode(cx, &e[i], &bodies[i]));
    }
    return book_of(cx, bodies, FACTS);
}

/* One action, without a log. */
static void keep(Cx *cx, Book *book, const Draft drafts[], int n)
{
    const Str *bodies = NULL;
    Id batch;
    assert_ok(cx, book_prepare(cx, book, 7, drafts, n, STR("done.edit"), STR(""), &batch, &bodies));
    for (int i = 0; i <= n; i++)
        assert_ok(cx, book_apply(cx, book, bodies[i]));
    assert_ok(cx, book_settle(cx, book));
}

static Id add_person(Cx *cx, Book *book, const char *name, int32_t birthday)
{
    Draft d = draft_new(cx, ENTRY_PERSON);
    draft_text(&d, F_PERSON_NAME, str_c(name));
    if (birthday != 0)
        draft_int(&d, F_PERSON_BIRTHDAY, birthday);
    keep(cx, book, &d, 1);
    return d.object;
}

/* -- JSON Lines -------------------------------------------------------------------------------- */

static bool same_value(const FieldValue *a, const FieldValue *b)
{
    if (a->wire != b->wire)
        return false;
    if (a->wire == WIRE_TEXT || a->wire == WIRE_LIST || a->wire == WIRE_BYTES)
        return str_eq(a->bytes, b->bytes);
    return a->wire == WIRE_ID ? id_eq(a->id, b->id) : a->num == b->num;
}

/* Everything present in a is in b with the same fields. */
static void check_within(Cx *cx, const Book *a, const Book *b)
{
    for (uint32_t i = 0; i < book_object_count(a); i++) {
        BookObject one, two;
        if (!book_present(a, i))
            continue;
        BookRef ref = book_find(b, book_kind(a, i), book_id(a, i));
        assert_true(ref != BOOK_NONE);
        assert_ok(cx, book_object(cx, a, i, &one));
        assert_ok(cx, book_object(cx, b, ref, &two));
        assert_int_equal(one.n, two.n);
        assert_int_equal(stamp_cmp(one.first, two.first), 0);
        assert_int_equal(stamp_cmp(one.last, two.last), 0);
        for (int k = 0; k < one.n; k++) {
            assert_int_equal(one.fields[k].tag, two.fields[k].tag);
            assert_true(same_value(&one.fields[k].value, &two.fields[k].value));
        }
    }
}

static JsonlFile read_back(Cx *cx, const Book *book)
{
    Str bytes = {NULL, 0};
    JsonlFile file = {.n = 0};
    assert_ok(cx, export_jsonl(cx, book, &bytes));
    assert_true(jsonl_looks(bytes));
    assert_true(utf8_valid(bytes));
    assert_ok(cx, import_jsonl(cx, bytes, &file));
    return file;
}

static void a_book_comes_back_the_same(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed);
        Book *book = gen_book(&g, &t.cx);
        JsonlFile file = read_back(&t.cx, book);
        assert_int_equal(file.problems_total, 0);
        assert_int_equal(file.n, FACTS);
        for (uint32_t i = 0; i < FACTS; i++)
            assert_true(str_eq(file.bodies[i], book_entry_body(book, i)));
        Book *again = book_of(&t.cx, file.bodies, file.n);
        check_within(&t.cx, book, again);
        check_within(&t.cx, again, book);
        book_free(again);
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Sense or not, of whatever version: bytes in, the same bytes out. */
static void any_entry_comes_back_the_same(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        Gen g = gen_seed(seed + 5000);
        Entry e;
        Str body = {NULL, 0};
        gen_entry(&g, &t.cx, &e);
        if (e.kind == ENTRY_CARRIED) /* of those only what they carry goes out */
            e.kind = ENTRY_NOTE;
        e.stamp.hlc %= (uint64_t)32503680000000 << 16;
        assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
        Book *book = book_of(&t.cx, &body, 1);
        JsonlFile file = read_back(&t.cx, book);
        assert_int_equal(file.n, 1);
        assert_true(str_eq(file.bodies[0], body));
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* What an import brought goes out as if it had come by itself; what was taken back does not. */
static void what_was_imported_goes_out(void **state)
{
    TestCx t;
    const Str *bodies = NULL;
    int n = 0;
    (void)state;
    test_cx_init(&t);
    Gen g = gen_seed(77);
    Book *other = gen_book(&g, &t.cx), *book = book_new(0);
    (void)add_person(&t.cx, book, "Bea", 0);
    JsonlFile alone = read_back(&t.cx, book), file = read_back(&t.cx, other);
    Draft undo = draft_edit(&t.cx, ENTRY_BATCH, (Id){{0}});
    assert_ok(&t.cx, book_prepare_adoption(&t.cx, book, 7, &(BookBodies){file.bodies, file.n},
                                           STR("done.import"), STR(""), &undo.object, &bodies, &n));
    assert_int_equal(n, FACTS + 1);
    for (int i = 0; i < n; i++)
        assert_ok(&t.cx, book_apply(&t.cx, book, bodies[i]));
    assert_ok(&t.cx, book_settle(&t.cx, book));
    file = read_back(&t.cx, book);
    assert_int_equal(file.problems_total, 0);
    assert_int_equal(file.n, alone.n + FACTS + 1);
    Book *again = book_of(&t.cx, file.bodies, file.n);
    check_within(&t.cx, other, again);
    book_free(again);
    draft_bool(&undo, F_BATCH_UNDONE, true);
    keep(&t.cx, book, &undo, 1);
    file = read_back(&t.cx, book);
    again = book_of(&t.cx, file.bodies, file.n);
    assert_int_equal(book_people(again).n, 1);
    book_free(again);
    book_free(other);
    book_free(book);
    test_cx_free(&t);
}

static const char HEADER[] = "{\"fonder\":\"export\",\"version\":1,\"exported\":"
                             "\"2026-05-01T12:00:00.000Z\",\"entries\":1}\n";

static void lines_to_the_letter(void **state)
{
    TestCx t;
    Str bytes = {NULL, 0}, body = {NULL, 0};
    (void)state;
    test_cx_init(&t);
    Draft d = draft_new(&t.cx, ENTRY_MOMENT);
    Entry e;
    memset(d.object.b, 0x11, 16);
    draft_at(&d, t.cx.now_ms + 7);
    draft_text(&d, F_TEXT, STR("Said \"yes\"\nand \\o/"));
    draft_real(&d, F_MOMENT_QUALITY, -.25);
    draft_texts(&d, F_MOMENT_TAGS, &STR("walk"), 1);
    assert_ok(&t.cx,
              draft_entry(&t.cx, &d, (Stamp){(uint64_t)t.cx.now_ms << 16 | 3, 9}, (Id){{0}}, &e));
    assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
    Book *book = book_of(&t.cx, &body, 1);
    assert_ok(&t.cx, export_jsonl(&t.cx, book, &bytes));
    char id[ID_TEXT_CAP];
    Buf want = buf_make(&t.arena, 4096);
    buf_c(&want, HEADER);
    buf_fmt(&want,
            "{\"kind\":\"moment\",\"id\":\"%s\",\"stamp\":\"2026-05-01T12:00:00.000Z\",\"tick\":3,"
            "\"device\":\"9\",\"fields\":{\"at\":\"2026-05-01T12:00:00.007Z\",\"offset\":0,"
            "\"text\":\"Said \\\"yes\\\"\\nand \\\\o/\",\"quality\":-0.25,\"tags\":[\"walk\"]}}\n",
            id_format(d.object, id).p);
    assert_true(str_eq(bytes, (Str){want.p, want.len}));
    book_free(book);
    test_cx_free(&t);
}

/* One line behind a header: the key of its problem, or "" when it was taken. */
static const char *problem_of(TestCx *t, const char *line)
{
    Buf buf = buf_make(&t->arena, 1 << 20);
    JsonlFile file = {.n = 0};
    buf_c(&buf, HEADER);
    buf_c(&buf, line);
    assert_ok(&t->cx, import_jsonl(&t->cx, (Str){buf.p, buf.len}, &file));
    assert_int_equal(file.n + file.problems_total, 1);
    if (file.n_problems == 0)
        return "";
    assert_int_equal(file.problems[0].line, 2);
    assert_string_equal(file.problems[0].why.args[0].name, "line");
    assert_int_equal(file.problems[0].why.args[0].num, 2);
    return file.problems[0].why.key;
}

#define HEAD(kind, stamp)                                                                          \
    "{\"kind\":" kind ",\"id\":\"11111111111111111111111111\",\"stamp\":\"" stamp                  \
    "\",\"tick\":0,\"device\":\"1\",\"fields\":"
#define NOTE HEAD("\"note\"", "2026-05-01T12:00:00.000Z")

static void damaged_lines_are_told(void **state)
{
    static const struct {
        const char *line, *key;
    } cases[] = {
        {NOTE "{\"text\":\"kept\"}}",                      ""                                        },
        {NOTE "{\"text\":null}}",                          ""                                        },
        {HEAD("99",                                        "2026-05-01T12:00:00Z") "{}}",              ""},
        {NOTE "{\"text\":\"cut",                                                "err.jsonl-json"                                                                    },
        {"[1]",                                                "err.jsonl-json"                 },
        {"null",                                                "err.jsonl-json"                                                                   },
        {NOTE "{\"text\":\"a\",\"text\":\"b\"}}",                                                "err.jsonl-json"},
        {HEAD("\"nothing\"",                                                "2026-05-01T12:00:00Z") "{}}",                                                                                         "err.jsonl-head"},
        {HEAD("3",                                "2026-05-01T12:00:00Z") "{}}","err.jsonl-head"},
        {HEAD("\"note\"","2026-02-30T12:00:00Z") "{}}",                             "err.jsonl-head"},
        {HEAD("\"note\"",                                  "3026-05-01T12:00:00Z") "{}}",                                                            "err.jsonl-head"},
        {HEAD("\"note\"",                                                "2026-05-01 12:00") "{}}",                                                                            "err.jsonl-head"},
        {NOTE "[]}",                                "err.jsonl-head"              },
        {NOTE "{\"txt\":\"a\"}}","err.jsonl-field"},
        {NOTE "{\"text\":7}}",                                       "err.jsonl-field"                                 },
        {NOTE "{\"text\":\"\"}}",                          "err.jsonl-field"                                                                           },
        {NOTE "{\"offset\":900}}",                             "err.jsonl-field"               },
        {NOTE "{\"text\":\"a\",\"#6\":{\"text\":\"b\"}}}",                          "err.jsonl-field"                         },
        {NOTE "{\"#77\":{\"list\":\"05ff\"}}}",                         "err.jsonl-head"                     },
        {NOTE "{\"#77\":{\"bytes\":\"0g\"}}}", "err.jsonl-field"},
        {NOTE "{\"#77\":{\"int\":\"1\",\"text\":\"\"}}}",            "err.jsonl-field"             },
        {NOTE "{\"#77\":{\"real\":\"7ff0000000000000\"}}}",             "err.jsonl-head"                                     },
        {NOTE "{\"people\":[\"11111111111111111111111111\",7]}}",  "err.jsonl-field"               },
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(problem_of(&t, cases[i].line), cases[i].key);
    test_cx_free(&t);
}

static void the_first_line_decides(void **state)
{
    static const struct {
        const char *bytes, *key;
        Err err;
    } cases[] = {
        {"",                                                      "err.jsonl-none",  ERR_INVALID},
        {"\n\n",                                                  "err.jsonl-none",  ERR_INVALID},
        {"{\"a\":1}\n",                                           "err.jsonl-none",  ERR_INVALID},
        {"{\"fonder\":\"export\"}\n",                             "err.jsonl-none",  ERR_INVALID},
        {"{\"fonder\":\"export\",\"version\":2}",                 "err.jsonl-newer", ERR_NEWER  },
        {"{\"fonder\":\"export\",\"version\":1}",                 NULL,              OK         },
        {"\xef\xbb\xbf{\"fonder\":\"export\",\"version\":1}\r\n", NULL,              OK         },
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        JsonlFile file = {.n = -1};
        assert_int_equal(import_jsonl(&t.cx, str_c(cases[i].bytes), &file), cases[i].err);
        if (cases[i].key) {
            assert_string_equal(t.cx.why.key, cases[i].key);
            assert_int_equal(file.n, -1);
        }
        err_clear(&t.cx);
    }
    test_cx_free(&t);
}

/* Cut anywhere: what stands before the cut comes through, and the cut is told. */
static void a_file_cut_off_is_noticed(void **state)
{
    TestCx t;
    Str bytes = {NULL, 0};
    (void)state;
    test_cx_init(&t);
    Gen g = gen_seed(3);
    Book *book = gen_book(&g, &t.cx);
    assert_ok(&t.cx, export_jsonl(&t.cx, book, &bytes));
    ptrdiff_t header = str_find_char(bytes, '\n') + 1;
    for (ptrdiff_t len = header; len < bytes.len - 1; len += 37) {
        JsonlFile file = {.n = 0};
        assert_ok(&t.cx, import_jsonl(&t.cx, str_sub(bytes, 0, len), &file));
        assert_true(file.n < FACTS && file.problems_total > 0);
        for (ptrdiff_t i = 0; i < file.n; i++)
            assert_true(str_eq(file.bodies[i], book_entry_body(book, (uint32_t)i)));
    }
    book_free(book);
    test_cx_free(&t);
}

/* -- vCard ------------------------------------------------------------------------------------- */

static TextPair wild_pair(TestCx *t, Gen *g)
{
    static const char *const labels[] = {"", "home", "Work", "cell", "Choir; old", "by the sea"};
    return (TextPair){str_c(labels[gen_int(g, 0, 5)]), people_text(t, g, 6, false)};
}

/* Someone of whom everything is said that a card can hold, in words chosen to hurt. */
static Draft wild_person(TestCx *t, Gen *g)
{
    Draft d = draft_new(&t->cx, ENTRY_PERSON);
    TextPair mail[] = {wild_pair(t, g), wild_pair(t, g)}, place[] = {wild_pair(t, g)};
    TextPair phone[] = {
        {STR("cell"), STR("+44 20 7946 0000")}
    };
    TextPair link[] = {
        {STR(""), STR("https://example.org/?a=1,2;b")}
    };
    TextPair kin[] = {
        {STR("spouse"),      STR("Tom")           },
        {STR("by marriage"), STR("Eva, the elder")}
    };
    Str names[] = {people_text(t, g, 4, false), people_text(t, g, 4, false)};
    draft_text(&d, F_PERSON_NAME, people_text(t, g, 10, false));
    draft_text(&d, F_PERSON_GIVEN, people_text(t, g, 4, false));
    draft_text(&d, F_PERSON_FAMILY, people_text(t, g, 4, false));
    draft_text(&d, F_PERSON_ORG, people_text(t, g, 4, false));
    draft_text(&d, F_PERSON_TITLE, people_text(t, g, 4, false));
    draft_text(&d, F_TEXT, people_text(t, g, 40, true));
    draft_texts(&d, F_PERSON_NICKNAMES, names, (int)gen_int(g, 0, 2));
    draft_pairs(&d, F_PERSON_EMAILS, mail, (int)gen_int(g, 0, 2));
    draft_pairs(&d, F_PERSON_PHONES, phone, (int)gen_int(g, 0, 1));
    draft_pairs(&d, F_PERSON_ADDRESSES, place, (int)gen_int(g, 0, 1));
    draft_pairs(&d, F_PERSON_LINKS, link, (int)gen_int(g, 0, 1));
    draft_pairs(&d, F_PERSON_RELATED, kin, (int)gen_int(g, 0, 2));
    draft_int(&d, F_PERSON_BIRTHDAY, gen_chance(g, 50) ? 19850412 : 229);
    draft_int(&d, F_PERSON_ANNIVERSARY, 20100619);
    return d;
}

static void check_pairs(BookPairs want, const VcardPoint got[], int n)
{
    assert_int_equal(want.n, n);
    for (int i = 0; i < n; i++) {
        assert_true(str_eq(want.p[i].value, got[i].value));
        assert_true((want.p[i].label.len == 0) == (got[i].label.len == 0 && got[i].types == 0));
        assert_true(got[i].types != 0 || str_eq(want.p[i].label, got[i].label));
    }
}

static void check_date(int32_t want, const VcardDate *got)
{
    assert_int_equal(want, got->year * 10000 + got->month * 100 + got->day);
}

static void check_card(const BookPerson *p, const VcardPerson *card)
{
    assert_true(str_eq(p->name, card->name));
    assert_true(str_eq(p->given, card->given));
    assert_true(str_eq(p->family, card->family));
    assert_true(str_eq(p->org, card->org));
    assert_true(str_eq(p->title, card->title));
    assert_true(str_eq(p->note, card->note));
    check_date(p->birthday, &card->birthday);
    check_date(p->anniversary, &card->anniversary);
    check_pairs(p->emails, card->emails, card->n_emails);
    check_pairs(p->phones, card->phones, card->n_phones);
    check_pairs(p->links, card->urls, card->n_urls);
    assert_int_equal(p->nicknames.n, card->n_nicknames);
    for (int i = 0; i < card->n_nicknames; i++)
        assert_true(str_eq(p->nicknames.p[i], card->nicknames[i]));
    assert_int_equal(p->addresses.n, card->n_addresses);
    for (int i = 0; i < card->n_addresses; i++)
        assert_true(str_eq(p->addresses.p[i].value, card->addresses[i].street));
    assert_int_equal(p->related.n, card->n_related);
    for (int i = 0; i < card->n_related; i++)
        assert_true(str_eq(p->related.p[i].label, card->related[i].kind) &&
                    str_eq(p->related.p[i].value, card->related[i].name));
}

static void cards_read_back(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed);
        Book *book = book_new(0);
        Draft drafts[8];
        for (int i = 0; i < 8; i++)
            drafts[i] = wild_person(&t, &g);
        keep(&t.cx, book, drafts, 8);
        for (int version = 3; version <= 4; version++) {
            Str bytes = {NULL, 0};
            VcardFile file = {.n_people = 0};
            assert_ok(&t.cx, (version == 3 ? export_vcard3 : export_vcard4)(&t.cx, book, &bytes));
            assert_ok(&t.cx, vcard_read(&t.cx, bytes, &file));
            assert_int_equal(file.n_people, 8);
            assert_int_equal(file.problems_total, 0);
            for (int i = 0; i < 8; i++) {
                BookPerson p;
                assert_ok(&t.cx, book_person(&t.cx, book, book_people(book).p[i], &p));
                check_card(&p, &file.people[i]);
                assert_int_equal(file.people[i].version, version * 10);
            }
        }
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* -- CSV --------------------------------------------------------------------------------------- */

/* The next cell by RFC 4180; *ret_last when it ends its row. False at the end of the file. */
static bool csv_cell(TestCx *t, Str *rest, Str *ret, bool *ret_last)
{
    Buf buf = buf_make(&t->arena, 1 << 20);
    bool quoted = rest->len > 0 && rest->p[0] == '"', open = quoted;
    if (rest->len == 0)
        return false;
    if (quoted)
        *rest = str_from(*rest, 1);
    while (rest->len > 0 && (open || (rest->p[0] != ',' && rest->p[0] != '\r'))) {
        char c = rest->p[0];
        bool twice = rest->len > 1 && rest->p[1] == '"';
        assert_true(quoted || (c != '"' && c != '\n'));
        *rest = str_from(*rest, 1);
        if (quoted && c == '"' && !twice) {
            open = false;
            continue;
        }
        if (quoted && c == '"')
            *rest = str_from(*rest, 1);
        buf_char(&buf, c);
    }
    *ret_last = rest->len > 0 && rest->p[0] == '\r';
    *rest = str_from(*rest, *ret_last ? 2 : 1);
    *ret = (Str){buf.p, buf.len};
    return true;
}

static bool is_formula(Str s)
{
    return s.len > 0 && strchr("=+-@\t\r", s.p[0]) != NULL;
}

/* The text behind an apostrophe that was put there. */
static Str undefused(Str s)
{
    Str rest = s;
    while (rest.len > 0 && rest.p[0] == '\'')
        rest = str_from(rest, 1);
    return s.len > rest.len && is_formula(rest) ? str_from(s, 1) : s;
}

static void tables_read_back(void **state)
{
    enum { NAME = 1, BIRTHDAY = 11, NOTE_CELL = 23, CELLS = 24 };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed + 99);
        Book *book = book_new(0);
        Draft drafts[8];
        Str bytes = {NULL, 0}, cells[CELLS];
        for (int i = 0; i < 8; i++)
            drafts[i] = wild_person(&t, &g);
        keep(&t.cx, book, drafts, 8);
        assert_ok(&t.cx, export_csv(&t.cx, book, &bytes));
        for (int row = 0; row <= 8; row++) {
            BookPerson p;
            bool last = false;
            for (int i = 0; i < CELLS; i++) {
                assert_true(csv_cell(&t, &bytes, &cells[i], &last));
                assert_int_equal(last, i == CELLS - 1);
                assert_false(is_formula(cells[i]));
            }
            if (row == 0)
                continue;
            assert_ok(&t.cx, book_person(&t.cx, book, book_people(book).p[row - 1], &p));
            assert_true(str_eq(undefused(cells[NAME]), p.name));
            assert_true(str_eq(undefused(cells[NOTE_CELL]), p.note));
            assert_str(undefused(cells[BIRTHDAY]), p.birthday == 229 ? "--02-29" : "1985-04-12");
        }
        assert_int_equal(bytes.len, 0);
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

static void formulas_are_words(void **state)
{
    static const char *const names[] = {
        "=1+1", "+44 20", "-2", "@SUM(A1)", "'=quoted", "\"=q\"", "\xef\xbc\x9d\x31+1", "'tis"};
    static const char *const want[] = {",'=1+1,",
                                       ",'+44 20,",
                                       ",'-2,",
                                       ",'@SUM(A1),",
                                       ",''=quoted,",
                                       ",\"\"\"=q\"\"\",",
                                       ",'\xef\xbc\x9d\x31+1,",
                                       ",'tis,"};
    TestCx t;
    Str bytes = {NULL, 0};
    (void)state;
    test_cx_init(&t);
    Book *book = book_new(0);
    for (int i = 0; i < 8; i++)
        (void)add_person(&t.cx, book, names[i], 0);
    assert_ok(&t.cx, export_csv(&t.cx, book, &bytes));
    for (int i = 0; i < 8; i++)
        assert_true(str_find(bytes, str_c(want[i])) >= 0);
    book_free(book);
    test_cx_free(&t);
}

/* -- iCalendar --------------------------------------------------------------------------------- */

static icalcomponent *calendar_of(TestCx *t, const Book *book)
{
    Str bytes = {NULL, 0};
    assert_ok(&t->cx, export_icalendar(&t->cx, book, &bytes));
    for (Str rest = bytes, line; rest.p && rest.len > 0;) {
        line = str_cut(&rest, '\n');
        assert_true(str_ends(line, STR("\r")) && line.len <= 76 && utf8_valid(line));
    }
    icalcomponent *calendar = icalparser_parse_string(str_to_c(&t->arena, bytes));
    assert_non_null(calendar);
    assert_int_equal(icalcomponent_count_errors(calendar), 0);
    assert_int_equal(icalcomponent_isa(calendar), ICAL_VCALENDAR_COMPONENT);
    return calendar;
}

static void check_years(icalcomponent *event, int month, int day_leap, int day_other)
{
    struct icaltimetype start = icalcomponent_get_dtstart(event);
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    assert_non_null(rule);
    icalrecur_iterator *all = icalrecur_iterator_new(icalproperty_get_rrule(rule), start);
    assert_non_null(all);
    for (int i = 0; i < 30; i++) {
        struct icaltimetype day = icalrecur_iterator_next(all);
        assert_true(day.is_date);
        assert_int_equal(day.year, start.year + i);
        assert_int_equal(day.month, month);
        bool leap = time_days_in_month(day.year, 2) == 29;
        assert_int_equal(day.day, leap ? day_leap : day_other);
    }
    icalrecur_iterator_free(all);
}

static void days_come_every_year(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    Book *book = book_new(0);
    Id ana = add_person(&t.cx, book, "Ana, \"Zo\xc3\xab\"; Brown\\", 19850412);
    (void)add_person(&t.cx, book, "Bea", 229);
    (void)add_person(&t.cx, book, "Cem", 0);
    Draft d = draft_edit(&t.cx, ENTRY_PERSON, ana);
    draft_int(&d, F_PERSON_ANNIVERSARY, 20120229);
    keep(&t.cx, book, &d, 1);
    icalcomponent *calendar = calendar_of(&t, book);
    assert_int_equal(icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT), 3);
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    char id[ID_TEXT_CAP];
    assert_true(str_starts(str_c(icalcomponent_get_uid(event)), id_format(ana, id)));
    assert_null(strstr(icalcomponent_get_uid(event), "Ana"));
    assert_non_null(strstr(icalcomponent_get_summary(event), "Ana, \"Zo\xc3\xab\"; Brown\\"));
    assert_int_equal(icalcomponent_get_dtstart(event).year, 1985);
    check_years(event, 4, 12, 12);
    event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT);
    assert_int_equal(icalcomponent_get_dtstart(event).year, 2012);
    check_years(event, 2, 29, 28);
    event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT);
    check_years(event, 2, 29, 28); /* the year is not known */
    icalcomponent_free(calendar);
    Str one = {NULL, 0}, two = {NULL, 0};
    assert_ok(&t.cx, export_icalendar(&t.cx, book, &one));
    t.cx.now_ms += 86400000;
    assert_ok(&t.cx, export_icalendar(&t.cx, book, &two));
    assert_true(str_eq(one, two));
    book_free(book);
    test_cx_free(&t);
}

static void any_calendar_parses(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed + 7);
        Book *book = book_new(0);
        Draft drafts[8];
        for (int i = 0; i < 8; i++)
            drafts[i] = wild_person(&t, &g);
        keep(&t.cx, book, drafts, 8);
        icalcomponent *calendar = calendar_of(&t, book);
        assert_int_equal(icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT), 16);
        icalcomponent_free(calendar);
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* -- Markdown ---------------------------------------------------------------------------------- */

static Str quoted(TestCx *t, const char *text)
{
    Buf buf = buf_make(&t->arena, 4096);
    Str out = {NULL, 0};
    markdown_quote(&buf, str_c(text));
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &out));
    return out;
}

static void words_stay_words(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"",                            ""                                             },
        {"It was 1.5 km, well-meant!",  "> It was 1.5 km, well-meant!\n\n"             },
        {"# no heading",                "> \\# no heading\n\n"                         },
        {"<script>alert(1)</script>",   "> \\<script\\>alert(1)\\</script\\>\n\n"      },
        {"a &lt; b",                    "> a \\&lt; b\n\n"                             },
        {"[x](javascript:y) ![i](j)",   "> \\[x\\](javascript:y) !\\[i\\](j)\n\n"      },
        {"*very* _so_ `code` ~no~",     "> \\*very\\* \\_so\\_ \\`code\\` \\~no\\~\n\n"},
        {"- one\n1. two\n+ three",      "> \\- one\\\n> 1\\. two\\\n> \\+ three\n\n"   },
        {"title\n===\n\nnext\n---",     "> title\\\n> \\===\n>\n> next\\\n> \\---\n\n" },
        {"    code\n\ttoo",             "> code\\\n> too\n\n"                          },
        {"see https://x.org www.y.org", "> see https\\://x.org www\\.y.org\n\n"        },
        {"back\\slash\\",               "> back\\\\slash\\\\\n\n"                      },
        {"a | b",                       "> a \\| b\n\n"                                },
    };
    TestCx t;
    (void)state;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_str(quoted(&t, cases[i].text), cases[i].want);
    test_cx_free(&t);
}

static void the_story_is_told_in_order(void **state)
{
    TestCx t;
    Str out = {NULL, 0};
    (void)state;
    test_cx_init(&t);
    Book *book = book_new(0);
    Id ana = add_person(&t.cx, book, "Ana <b>Brown</b>", 412);
    Id tom = add_person(&t.cx, book, "Tom", 0);
    Draft d[4] = {draft_new(&t.cx, ENTRY_MOMENT), draft_new(&t.cx, ENTRY_CHECKIN),
                  draft_new(&t.cx, ENTRY_REFLECTION), draft_edit(&t.cx, ENTRY_RELATIONSHIP, ana)};
    Id both[] = {ana, tom};
    draft_ids(&d[0], F_PEOPLE, both, 2);
    draft_at(&d[0], t.cx.now_ms - 3600000);
    draft_text(&d[0], F_TEXT, STR("Walked *home*"));
    draft_int(&d[0], F_MOMENT_MINUTES, 60);
    draft_id(&d[1], F_PERSON, ana);
    draft_at(&d[1], t.cx.now_ms - (int64_t)86400000);
    draft_answers(&d[1], F_CHECKIN_ANSWERS, &(Answer){STR("nobody-asked"), 75}, 1);
    draft_text(&d[2], F_TEXT, STR("I like mornings."));
    draft_int(&d[3], F_REL_KINDS, 1 << 8);
    keep(&t.cx, book, d, 4);
    assert_ok(&t.cx, export_markdown(&t.cx, book, &out));
    assert_str(out,
               "# Ana \\<b\\>Brown\\</b\\>\n\n"
               "- **Who:** friend\n- **Birthday:** 12 April\n\n"
               "## The story\n\n"
               "### 30 April 2026, 12:00: A check-in\n\n- nobody-asked 7.5\n\n"
               "### 1 May 2026, 11:00: A moment\n\n"
               "- **Also there:** Tom\n- **How it was:** an hour\n\n> Walked \\*home\\*\n\n"
               "# Tom\n\n"
               "## The story\n\n"
               "### 1 May 2026, 11:00: A moment\n\n"
               "- **Also there:** Ana \\<b\\>Brown\\</b\\>\n- **How it was:** an hour\n\n"
               "> Walked \\*home\\*\n\n"
               "# About yourself\n\n"
               "## The story\n\n### 1 May 2026, 12:00: A reflection\n\n> I like mornings.\n\n");
    book_free(book);
    test_cx_free(&t);
}

/* -- all of them ------------------------------------------------------------------------------- */

typedef Err Export(Cx *cx, const Book *book, Str *ret);
static Export *const exports[] = {export_jsonl, export_vcard3,   export_vcard4,
                                  export_csv,   export_markdown, export_icalendar};

/* Whatever a book has taken in, every writer finishes, and an empty book is a file too. */
static void any_book_goes_out(void **state)
{
    TestCx t;
    Str out = {NULL, 0};
    (void)state;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed + 31);
        Book *book = seed == 0 ? book_new(0) : gen_book(&g, &t.cx);
        for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
            assert_ok(&t.cx, exports[i](&t.cx, book, &out));
            assert_true(utf8_valid(out));
        }
        book_free(book);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

typedef struct Taken {
    char *bytes;
    ptrdiff_t n, most, largest; /* takes no more than most */
    int pieces;
} Taken;

static bool take_piece(void *ctx, Str piece)
{
    Taken *t = ctx;
    if (piece.len > t->most - t->n)
        return false;
    if (piece.len > 0)
        memcpy(t->bytes + t->n, piece.p, (size_t)piece.len);
    t->n += piece.len;
    t->pieces++;
    t->largest = piece.len > t->largest ? piece.len : t->largest;
    return true;
}

/* A long life goes out piece by piece, in little memory, and is the same file; a full disk is told. */
static void pieces_are_the_whole(void **state)
{
    enum { MOMENTS = 6000 };
    static ExportWrite *const writers[] = {export_jsonl_to,    export_vcard3_to,
                                           export_vcard4_to,   export_csv_to,
                                           export_markdown_to, export_icalendar_to};
    TestCx t;
    Book *book = book_new(0);
    const Str *bodies = NULL;
    Id batch, ana = {{0}};
    (void)state;
    test_cx_init(&t);
    for (int i = 0; i < MOMENTS / 100; i++) {
        Draft d[100];
        for (int k = 0; k < 100; k++) {
            d[k] = draft_new(&t.cx, i + k == 0 ? ENTRY_PERSON : ENTRY_MOMENT);
            draft_text(&d[k], i + k == 0 ? F_PERSON_NAME : F_TEXT,
                       STR("A long walk by the river, and tea"));
            ana = i + k == 0 ? d[k].object : ana;
            if (i + k > 0)
                draft_ids(&d[k], F_PEOPLE, &ana, 1);
        }
        assert_ok(&t.cx,
                  book_prepare(&t.cx, book, 1, d, 100, STR("did.test"), STR(""), &batch, &bodies));
        for (int k = 0; k <= 100; k++)
            assert_ok(&t.cx, book_apply(&t.cx, book, bodies[k]));
        assert_ok(&t.cx, book_settle(&t.cx, book));
    }
    for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
        Str whole = {NULL, 0};
        assert_ok(&t.cx, exports[i](&t.cx, book, &whole));
        Taken taken = {.bytes = arena_alloc(t.cx.arena, whole.len + 1, 1, 1), .most = whole.len};
        Buf buf = buf_make(t.cx.arena, EXPORT_MAX);
        buf.drain = take_piece;
        buf.drain_ctx = &taken;
        assert_ok(&t.cx, writers[i](&t.cx, book, &buf));
        assert_ok(&t.cx, buf_drained(&t.cx, &buf));
        assert_true(str_eq((Str){taken.bytes, taken.n}, whole));
        if (i == 0)
            assert_true(taken.pieces > 3 && taken.largest < 1 << 19);
        taken = (Taken){.bytes = taken.bytes, .most = whole.len / 2};
        buf = buf_make(t.cx.arena, EXPORT_MAX);
        buf.drain = take_piece;
        buf.drain_ctx = &taken;
        assert_ok(&t.cx, writers[i](&t.cx, book, &buf));
        assert_int_equal(buf_drained(&t.cx, &buf), ERR_IO);
    }
    book_free(book);
    test_cx_free(&t);
}

/* With every allocation failing in its turn: the whole file or ERR_NOMEM, and nothing returned. */
static void no_memory_is_told(void **state)
{
    TestCx t;
    (void)state;
    test_cx_init(&t);
    Gen g = gen_seed(12);
    Book *book = gen_book(&g, &t.cx);
    JsonlFile file;
    Str bytes = {NULL, 0};
    assert_ok(&t.cx, export_jsonl(&t.cx, book, &bytes));
    for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
        Err e = ERR_NOMEM;
        for (int nth = 0; e != OK; nth++) {
            Str out = {NULL, 0};
            arena_fail_after(&t.arena, nth);
            e = exports[i](&t.cx, book, &out);
            assert_true(e == OK || (e == ERR_NOMEM && !out.p));
        }
        arena_fail_after(&t.arena, -1);
    }
    Err e = ERR_NOMEM;
    for (int nth = 0; e != OK; nth++) {
        arena_fail_after(&t.arena, nth);
        e = import_jsonl(&t.cx, bytes, &file);
        assert_true(e == OK || e == ERR_NOMEM);
    }
    book_free(book);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_comes_back_the_same),
        cmocka_unit_test(any_entry_comes_back_the_same),
        cmocka_unit_test(what_was_imported_goes_out),
        cmocka_unit_test(lines_to_the_letter),
        cmocka_unit_test(damaged_lines_are_told),
        cmocka_unit_test(the_first_line_decides),
        cmocka_unit_test(a_file_cut_off_is_noticed),
        cmocka_unit_test(cards_read_back),
        cmocka_unit_test(tables_read_back),
        cmocka_unit_test(formulas_are_words),
        cmocka_unit_test(days_come_every_year),
        cmocka_unit_test(any_calendar_parses),
        cmocka_unit_test(words_stay_words),
        cmocka_unit_test(the_story_is_told_in_order),
        cmocka_unit_test(any_book_goes_out),
        cmocka_unit_test(pieces_are_the_whole),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
