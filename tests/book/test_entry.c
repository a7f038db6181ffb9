/* tests/book/test_entry.c - the codec: one spelling for each entry, hostile bytes refused, what is
 * unknown carried, what may be written bounded. */
#include "base/buf.h"
#include "gen_entry.h"
#include "testlib.h"
#include <string.h>

enum { SEEDS = 3000 };

static bool same_value(const FieldValue *a, const FieldValue *b)
{
    if (a->wire != b->wire)
        return false;
    switch (a->wire) {
    case WIRE_NONE:
        return true;
    case WIRE_INT:
        return a->num == b->num;
    case WIRE_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case WIRE_ID:
        return id_eq(a->id, b->id);
    case WIRE_TEXT:
    case WIRE_LIST:
    case WIRE_BYTES:
        return str_eq(a->bytes, b->bytes);
    }
    return false;
}

static bool same_entry(const Entry *a, const Entry *b)
{
    bool same = id_eq(a->id, b->id) && id_eq(a->object, b->object) && id_eq(a->batch, b->batch) &&
                a->kind == b->kind && stamp_cmp(a->stamp, b->stamp) == 0 &&
                a->n_fields == b->n_fields;
    for (int i = 0; same && i < a->n_fields; i++)
        same = a->fields[i].tag == b->fields[i].tag &&
               same_value(&a->fields[i].value, &b->fields[i].value);
    return same;
}

static void what_was_encoded_is_decoded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        Gen g = gen_seed(seed);
        Entry e, back;
        Str body = {NULL, 0}, again = {NULL, 0};
        gen_entry(&g, &t.cx, &e);
        assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
        assert_ok(&t.cx, entry_decode(&t.cx, body, &back));
        assert_true(same_entry(&e, &back));
        assert_ok(&t.cx, entry_encode(&t.cx, &back, &again));
        assert_true(str_eq(body, again));
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* Any bytes: refused, or they are the one spelling of what they say. */
static void mutated_bytes_are_refused_or_canonical(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    int refused = 0, kept = 0;
    for (uint64_t seed = 0; seed < SEEDS * 10; seed++) {
        Gen g = gen_seed(seed);
        Entry e;
        Str body = {NULL, 0}, again = {NULL, 0};
        gen_entry(&g, &t.cx, &e);
        assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
        char *bytes = arena_alloc(t.cx.arena, body.len, 1, 1);
        memcpy(bytes, body.p, (size_t)body.len);
        for (int64_t n = gen_int(&g, 1, 3); n > 0; n--)
            bytes[gen_int(&g, 0, body.len - 1)] = (char)gen_u64(&g);
        Str bad = {bytes, gen_chance(&g, 30) ? gen_int(&g, 0, body.len) : body.len};
        Err err = entry_decode(&t.cx, bad, &e);
        assert_true(err == OK || err == ERR_DAMAGED || err == ERR_NEWER);
        if (err == OK) {
            kept++;
            assert_ok(&t.cx, entry_encode(&t.cx, &e, &again));
            assert_true(str_eq(bad, again));
        } else {
            refused++;
        }
        arena_reset(&t.arena);
    }
    assert_true(refused > SEEDS && kept > SEEDS / 10);
    test_cx_free(&t);
}

static void every_cut_is_found_or_ends_at_a_field(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Draft d = draft_new(&t.cx, ENTRY_NOTE);
    draft_text(&d, F_TEXT, STR("a text that is long enough"));
    Entry e, cut;
    Str body = {NULL, 0};
    assert_ok(&t.cx, draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e));
    assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
    for (ptrdiff_t len = 0; len < body.len; len++) {
        Err err = entry_decode(&t.cx, str_sub(body, 0, len), &cut);
        bool head_only = len == body.len - 28; /* the field is 2 + 26 bytes */
        assert_int_equal(err, head_only ? OK : ERR_DAMAGED);
    }
    test_cx_free(&t);
}

/* The example of docs/FORMAT.md, byte by byte. */
static void the_documented_example_reads(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static const char body[] = "\x01\x05\x02"
                               "0123456789abcdef"
                               "ABCDEFGHIJKLMNOP"
                               "\x00\x00\x01\x00\x00\x00\x00\x00"
                               "\x07\x00\x00\x00\x00\x00\x00\x00"
                               "\x14"
                               "fedcba9876543210"
                               "\x21\xd0\x0f"
                               "\x33\x05"
                               "Tea.\n";
    Entry e;
    assert_ok(&t.cx, entry_decode(&t.cx, (Str){body, sizeof body - 1}, &e));
    assert_int_equal(e.kind, ENTRY_NOTE);
    assert_true(id_eq(e.id, e.object));
    assert_memory_equal(e.batch.b, "ABCDEFGHIJKLMNOP", 16);
    assert_true(e.stamp.hlc == 0x10000 && e.stamp.device == 7);
    assert_int_equal(e.n_fields, 3);
    assert_int_equal(e.fields[0].tag, F_PERSON);
    assert_memory_equal(e.fields[0].value.id.b, "fedcba9876543210", 16);
    assert_int_equal(e.fields[1].tag, F_AT);
    assert_int_equal(e.fields[1].value.num, 1000);
    assert_int_equal(e.fields[2].tag, F_TEXT);
    assert_str(e.fields[2].value.bytes, "Tea.\n");
    test_cx_free(&t);
}

static void other_spellings_are_refused(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    char head[35] = {1, 5, 0, 'i'};
    static const struct {
        const char *bytes;
        int len;
        Err want;
    } tails[] = {
        {"\x21\x80\x00",                                 3,  ERR_DAMAGED}, /* 0 spelled in two bytes */
        {"\x21\x01\x21\x01",                             4,  ERR_DAMAGED}, /* a tag twice */
        {"\x29\x01\x21\x01",                             4,  ERR_DAMAGED}, /* tags falling */
        {"\x01\x01",                                     2,  ERR_DAMAGED}, /* tag 0 */
        {"\x27\x01",                                     2,  ERR_NEWER  }, /* an unknown wire */
        {"\x33\x02\xc0\xaf",                             4,  ERR_DAMAGED}, /* not UTF-8 */
        {"\x33\x7f"
         "x",                                   3,  ERR_DAMAGED}, /* longer than there is */
        {"\x22\x00\x00\x00\x00\x00\x00\xf0\x7f",         9,  ERR_DAMAGED}, /* infinity */
        {"\x1d\x06\x05\x04\x05\x02\x05\x00",             8,  ERR_DAMAGED}, /* lists four deep */
        {"\x1d\x04\x05\x02\x05\x00",                     6,  OK         }, /* three deep */
        {"\x1d\x01\x07",                                 3,  ERR_DAMAGED}, /* an unknown wire within a list */
        {"\x81\x80\x02\x01",                             4,  ERR_DAMAGED}, /* tag 4096 */
        {"\xf9\xff\x01\x01",                             4,  OK         }, /* tag 4095 */
        {"\x21\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, OK         }, /* the least integer */
        {"\x21\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, ERR_DAMAGED}, /* 65 bits */
    };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        Entry e;
        Buf buf = buf_make(t.cx.arena, 100);
        buf_bytes(&buf, head, sizeof head);
        buf_bytes(&buf, tails[i].bytes, tails[i].len);
        Str body = {NULL, 0};
        assert_ok(&t.cx, buf_done(&t.cx, &buf, &body));
        assert_int_equal(entry_decode(&t.cx, body, &e), tails[i].want);
    }
    Entry e;
    head[0] = 2;
    assert_int_equal(entry_decode(&t.cx, (Str){head, sizeof head}, &e), ERR_NEWER);
    head[0] = 1;
    head[2] = 4; /* an unknown flag */
    assert_int_equal(entry_decode(&t.cx, (Str){head, sizeof head}, &e), ERR_DAMAGED);
    test_cx_free(&t);
}

static void the_schema_is_one_consistent_table(void **state)
{
    (void)state;
    for (uint16_t kind = 1; kind < ENTRY_KINDS; kind++) {
        const FieldSpec *spec = NULL, *before = NULL;
        assert_non_null(entry_kind_name(kind));
        assert_int_equal(entry_kind_named(str_c(entry_kind_name(kind))), kind);
        for (int i = 0; (spec = entry_field_at(kind, i)); i++) {
            assert_true(!before || before->tag < spec->tag);
            assert_true(spec->kind == 0 ? spec->tag < 8 : spec->tag >= 8);
            assert_true(spec->tag <= ENTRY_TAG_MAX && spec->min <= spec->max);
            assert_ptr_equal(entry_field_spec(kind, spec->tag), spec);
            assert_ptr_equal(entry_field_named(kind, str_c(spec->name)), spec);
            before = spec;
        }
    }
    assert_null(entry_kind_name(0));
    assert_null(entry_kind_name(ENTRY_KINDS));
    assert_int_equal(entry_kind_named(STR("nothing")), 0);
}

static Str cell(Str *line)
{
    Str text = str_trim(str_cut(line, '|'));
    bool code = text.len > 1 && text.p[0] == '`';
    return code ? str_sub(text, 1, text.len - 2) : text;
}

/* "1,000" as it stands at the end of "at most 1,000 each". */
static int64_t last_number(Str text)
{
    int64_t n = -1;
    for (ptrdiff_t i = 0; i < text.len; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (digit)
            n = (n < 0 || (i > 0 && text.p[i - 1] == ' ') ? 0 : n) * 10 + (text.p[i] - '0');
    }
    return n;
}

static const char *const type_words[] = {[FIELD_BOOL] = "bool",
                                         [FIELD_INT] = "integer",
                                         [FIELD_MASK] = "mask of",
                                         [FIELD_INSTANT] = "instant",
                                         [FIELD_DATE] = "date",
                                         [FIELD_TENTHS] = "tenths",
                                         [FIELD_HUNDREDTHS] = "hundredths",
                                         [FIELD_TEXT] = "line",
                                         [FIELD_PROSE] = "prose",
                                         [FIELD_KEY] = "key",
                                         [FIELD_ID] = "id",
                                         [FIELD_IDS] = "ids",
                                         [FIELD_TEXTS] = "texts",
                                         [FIELD_PAIRS] = "pairs",
                                         [FIELD_ANSWERS] = "answers",
                                         [FIELD_BODY] = "body"};

/* One row of the table in docs/FORMAT.md; false when the line is none. */
static bool check_row(Str line)
{
    (void)cell(&line);
    Str kind_cell = cell(&line), number = kind_cell;
    int64_t kind = 0, tag = 0;
    bool any = str_starts(kind_cell, STR("any"));
    if (!any && !str_to_i64(str_cut(&number, ' '), 1, ENTRY_KINDS - 1, &kind))
        return false;
    if (!str_to_i64(cell(&line), 1, ENTRY_TAG_MAX, &tag))
        return false;
    const FieldSpec *spec = entry_field_spec((uint16_t)kind, (uint16_t)tag);
    assert_non_null(spec);
    assert_int_equal(spec->kind, kind);
    assert_str(cell(&line), spec->name);
    if (!any) {
        Str named = str_trim(str_cut(&number, ','));
        assert_str(named, entry_kind_name((uint16_t)kind));
        assert_true(number.p == NULL || entry_kind_is_created((uint16_t)kind));
    }
    Str holds = cell(&line), meaning = cell(&line);
    bool member = str_starts(holds, STR("member of")) && spec->type == FIELD_INT;
    assert_true(member || str_starts(holds, str_c(type_words[spec->type])));
    if (last_number(holds) >= 0)
        assert_int_equal(last_number(holds), spec->max);
    assert_int_equal(str_starts(meaning, STR("required")), spec->required);
    return true;
}

static void the_documented_fields_are_the_schema(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Str page = {NULL, 0};
    assert_ok(&t.cx, os_read_file(&t.cx, source_path(&t.cx, "docs/FORMAT.md"), 1 << 20, &page));
    page = str_from(page, str_find(page, STR("### Kinds and fields")));
    int rows = 0, want = 0;
    while (page.p)
        rows += check_row(str_line(&page));
    for (uint16_t kind = 0; kind < ENTRY_KINDS; kind++) {
        const FieldSpec *spec = NULL;
        for (int i = 0; (spec = entry_field_at(kind, i)); i++)
            want += spec->kind == kind;
    }
    assert_int_equal(rows, want);
    test_cx_free(&t);
}

typedef void SetField(Draft *draft);
static void no_name(Draft *d)
{
    draft_text(d, F_PERSON_NAME, STR(" \t"));
}
static void long_name(Draft *d)
{
    static char name[301];
    memset(name, 'x', sizeof name);
    draft_text(d, F_PERSON_NAME, (Str){name, sizeof name});
}
static void bad_birthday(Draft *d)
{
    draft_int(d, F_PERSON_BIRTHDAY, 20260230);
}
static void bad_offset(Draft *d)
{
    draft_int(d, F_OFFSET, 1000);
}
static void text_for_flag(Draft *d)
{
    draft_text(d, F_PERSON_MINOR, STR("yes"));
}

static void what_may_not_be_written_names_its_field(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    static const struct {
        SetField *set;
        const char *field, *key;
    } cases[] = {
        {no_name,       "name",     "err.field-required"},
        {long_name,     "name",     "err.field-text"    },
        {bad_birthday,  "birthday", "err.field-date"    },
        {bad_offset,    "offset",   "err.field-number"  },
        {text_for_flag, "minor",    "err.field-wrong"   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Entry e;
        Draft d = draft_new(&t.cx, ENTRY_PERSON);
        draft_text(&d, F_PERSON_NAME, STR("Ana"));
        cases[i].set(&d);
        assert_int_equal(draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e), ERR_INVALID);
        assert_string_equal(t.cx.why.field, cases[i].field);
        assert_string_equal(t.cx.why.key, cases[i].key);
    }
    Entry e;
    Draft d = draft_edit(&t.cx, ENTRY_PERSON, ENTRY_ME_ID); /* an edit needs no name */
    draft_int(&d, F_PERSON_BIRTHDAY, 229);                  /* 29 February, year unknown */
    assert_ok(&t.cx, draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e));
    draft_int(&d, 999, 1);
    assert_int_equal(draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e), ERR_INVALID);
    test_cx_free(&t);
}

static void drafts_clean_and_replace(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Entry e;
    Draft d = draft_new(&t.cx, ENTRY_MOMENT);
    draft_real(&d, F_MOMENT_QUALITY, -.25);
    draft_text(&d, F_TEXT, STR("  two\r\nlines \x1b[31m "));
    draft_text(&d, F_MOMENT_PLACE, STR("one\nplace"));
    draft_bool(&d, F_MOMENT_OPENED, true);
    draft_bool(&d, F_MOMENT_OPENED, false);
    draft_texts(&d, F_MOMENT_TAGS, (const Str[]){STR("walk"), STR(" "), STR("rain")}, 3);
    assert_ok(&t.cx, draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e));
    assert_int_equal(e.n_fields, 5);
    assert_str(e.fields[0].value.bytes, "two\nlines [31m");
    assert_int_equal(e.fields[1].value.num, -25);
    assert_int_equal(e.fields[2].value.num, 0);
    assert_str(e.fields[3].value.bytes, "one place");
    assert_int_equal(list_count(e.fields[4].value.bytes), 2);
    Str items = e.fields[4].value.bytes;
    FieldValue item;
    assert_true(list_next(&items, &item) && list_next(&items, &item));
    assert_str(item.bytes, "rain");
    assert_false(list_next(&items, &item));
    draft_real(&d, F_MOMENT_QUALITY, 1.01);
    assert_int_equal(draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e), ERR_INVALID);
    assert_string_equal(t.cx.why.field, "quality");
    test_cx_free(&t);
}

static void answers_are_bounded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    for (int tenths = -20; tenths <= 120; tenths++) {
        Entry e, back;
        Str body = {NULL, 0};
        Draft d = draft_new(&t.cx, ENTRY_CHECKIN);
        draft_answers(&d, F_CHECKIN_ANSWERS,
                      (const Answer[]){
                          {STR("felt-warm"), tenths}
        },
                      1);
        Err err = draft_entry(&t.cx, &d, (Stamp){1, 1}, (Id){{0}}, &e);
        assert_int_equal(err, tenths >= 0 && tenths <= 100 ? OK : ERR_INVALID);
        if (err == OK) {
            assert_ok(&t.cx, entry_encode(&t.cx, &e, &body));
            assert_ok(&t.cx, entry_decode(&t.cx, body, &back));
            assert_true(same_entry(&e, &back));
        }
    }
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_is_decoded),
        cmocka_unit_test(mutated_bytes_are_refused_or_canonical),
        cmocka_unit_test(every_cut_is_found_or_ends_at_a_field),
        cmocka_unit_test(the_documented_example_reads),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(the_schema_is_one_consistent_table),
        cmocka_unit_test(the_documented_fields_are_the_schema),
        cmocka_unit_test(what_may_not_be_written_names_its_field),
        cmocka_unit_test(drafts_clean_and_replace),
        cmocka_unit_test(answers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
