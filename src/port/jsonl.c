/* port/jsonl.c - one line, one JSON object, one entry. jansson reads the line; the schema says what each named
 * field holds, and a value that does not fit its field is refused, since what is taken in here stays for ever.
 * Each line is read in memory that is given back before the next, so whatever the file holds, its reader needs no more.
 * Linear in the input. */
#include "port/jsonl.h"
#include "base/buf.h"
#include "base/time.h"
#include "port/export.h"
#include <jansson.h>
#include <math.h>
#include <string.h>

/* A stamp from a far future would make every later one hard to outdo: years past this one are refused. */
#define STAMP_MAX_MS INT64_C(32503680000000) /* the year 3000 */
enum { SCRATCH_BYTES = 64 << 20, BODIES_FIRST = 1024 };

const char *const JSONL_WIRES[WIRE_BYTES + 1] = {"none", "int",  "real", "text",
                                                 "id",   "list", "bytes"};

typedef struct Line {
    Cx *cx; /* for this line only */
    Arena *arena;
    int64_t number;
} Line;

typedef struct Reader {
    Cx *cx;
    JsonlFile file;
    JsonlVisit *visit;
    void *ctx;
    JsonlProblem *problems;
    int64_t announced; /* entries, by the header; -1 not said */
} Reader;

bool jsonl_looks(Str bytes)
{
    static const Str mark = {"\xef\xbb\xbf", 3};
    if (str_starts(bytes, mark))
        bytes = str_from(bytes, mark.len);
    bytes = str_trim(bytes);
    return bytes.len > 0 && bytes.p[0] == '{';
}

/* -- small things -------------------------------------------------------------------------------- */

static Str text_of(const json_t *value)
{
    if (!json_is_string(value))
        return (Str){NULL, 0};
    return (Str){json_string_value(value), (ptrdiff_t)json_string_length(value)};
}

static bool take_digits(Str *rest, int n, int *ret)
{
    int64_t v = 0;
    if (rest->len < n || !str_to_i64(str_sub(*rest, 0, n), 0, 9999, &v) || rest->p[0] == '+' ||
        rest->p[0] == '-')
        return false;
    *rest = str_from(*rest, n);
    *ret = (int)v;
    return true;
}

static bool take_sign(Str *rest, char sign)
{
    bool there = rest->len > 0 && rest->p[0] == sign;
    if (there)
        *rest = str_from(*rest, 1);
    return there;
}

/* 2026-05-01T12:00:00.000Z, in UTC; the thousandths may be missing. */
static bool read_instant(Str s, int64_t *ret)
{
    Civil c = {.year = 0};
    int ms = 0;
    bool sound = take_digits(&s, 4, &c.year) && take_sign(&s, '-') &&
                 take_digits(&s, 2, &c.month) && take_sign(&s, '-') && take_digits(&s, 2, &c.day) &&
                 take_sign(&s, 'T') && take_digits(&s, 2, &c.hour) && take_sign(&s, ':') &&
                 take_digits(&s, 2, &c.minute) && take_sign(&s, ':') &&
                 take_digits(&s, 2, &c.second);
    if (sound && take_sign(&s, '.'))
        sound = take_digits(&s, 3, &ms);
    if (!sound || !str_eq_c(s, "Z") || !time_civil_valid(&c))
        return false;
    *ret = time_instant(&c, 0) + ms;
    return true;
}

/* 1985-04-12, or --04-12. */
static bool read_date(Str s, int64_t *ret)
{
    int year = 0, month = 0, day = 0;
    bool yearless = str_starts(s, STR("--"));
    if (yearless)
        s = str_from(s, 2);
    else if (!take_digits(&s, 4, &year) || !take_sign(&s, '-'))
        return false;
    if (!take_digits(&s, 2, &month) || !take_sign(&s, '-') || !take_digits(&s, 2, &day) ||
        s.len > 0)
        return false;
    *ret = (int64_t)year * 10000 + (int64_t)month * 100 + day;
    return true;
}

/* A number of so many units; false when it is none, or falls between two. */
static bool read_decimal(const json_t *value, int unit, int64_t *ret)
{
    if (json_is_integer(value)) {
        int64_t whole = json_integer_value(value);
        return !__builtin_mul_overflow(whole, (int64_t)unit, ret);
    }
    double scaled = json_number_value(value) * unit;
    if (!json_is_real(value) || !isfinite(scaled) || fabs(scaled) > 1e9)
        return false;
    *ret = llround(scaled);
    return fabs(scaled - (double)*ret) < 1e-6;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(Line *line, Str s, Str *ret)
{
    char *bytes = arena_alloc(line->arena, s.len / 2 + 1, 1, 1);
    if (!bytes || s.len % 2 != 0)
        return false;
    for (ptrdiff_t i = 0; i < s.len / 2; i++) {
        int high = hex_digit(s.p[2 * i]), low = hex_digit(s.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (char)(high << 4 | low);
    }
    *ret = (Str){bytes, s.len / 2};
    return true;
}

/* -- values -------------------------------------------------------------------------------------- */

static void put_text(Buf *buf, Str text)
{
    buf_char(buf, WIRE_TEXT);
    buf_varint(buf, (uint64_t)text.len);
    buf_put(buf, text);
}

/* {"label": …, "value": …} or {"question": …, "answer": …}, as the list of two that it is. */
static bool put_pair(Line *line, FieldType type, const json_t *item, Buf *buf)
{
    bool pairs = type == FIELD_PAIRS;
    const json_t *first = json_object_get(item, pairs ? "label" : "question");
    const json_t *second = json_object_get(item, pairs ? "value" : "answer");
    Buf pair = buf_make(line->arena, ENTRY_BODY_MAX);
    int64_t tenths = 0;
    if (json_object_size(item) != 2 || !json_is_string(first))
        return false;
    put_text(&pair, text_of(first));
    if (pairs && json_is_string(second)) {
        put_text(&pair, text_of(second));
    } else if (!pairs && read_decimal(second, 10, &tenths) && tenths >= 0) {
        buf_char(&pair, WIRE_INT);
        buf_varint(&pair, (uint64_t)tenths << 1);
    } else {
        return false;
    }
    buf->failed = buf->failed || pair.failed;
    buf_char(buf, WIRE_LIST);
    buf_varint(buf, (uint64_t)pair.len);
    buf_bytes(buf, pair.p, pair.len);
    return true;
}

static bool read_list(Line *line, FieldType type, const json_t *value, FieldValue *ret)
{
    Buf buf = buf_make(line->arena, ENTRY_BODY_MAX);
    Id id = {{0}};
    if (!json_is_array(value))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        if (type == FIELD_IDS) {
            if (!id_parse(text_of(item), &id))
                return false;
            buf_char(&buf, WIRE_ID);
            buf_bytes(&buf, id.b, sizeof id.b);
        } else if (type == FIELD_TEXTS) {
            if (!json_is_string(item))
                return false;
            put_text(&buf, text_of(item));
        } else if (!put_pair(line, type, item, &buf)) {
            return false;
        }
    }
    *ret = (FieldValue){
        .wire = WIRE_LIST, .bytes = {buf.p, buf.len}
    };
    return !buf.failed;
}

static bool read_named(Line *line, const FieldSpec *spec, const json_t *value, FieldValue *ret)
{
    ret->wire = WIRE_INT;
    switch (spec->type) {
    case FIELD_BOOL:
        ret->num = json_is_true(value);
        return json_is_boolean(value);
    case FIELD_INT:
    case FIELD_MASK:
        return json_is_integer(value) && read_decimal(value, 1, &ret->num);
    case FIELD_TENTHS:
        return read_decimal(value, 10, &ret->num);
    case FIELD_HUNDREDTHS:
        return read_decimal(value, 100, &ret->num);
    case FIELD_INSTANT:
        return read_instant(text_of(value), &ret->num);
    case FIELD_DATE:
        return read_date(text_of(value), &ret->num);
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_KEY:
        *ret = (FieldValue){.wire = WIRE_TEXT, .bytes = text_of(value)};
        return json_is_string(value);
    case FIELD_ID:
        ret->wire = WIRE_ID;
        return id_parse(text_of(value), &ret->id);
    case FIELD_IDS:
    case FIELD_TEXTS:
    case FIELD_PAIRS:
    case FIELD_ANSWERS:
        return read_list(line, spec->type, value, ret);
    case FIELD_BODY:
        break;
    }
    return false;
}

/* {"int": "-7"} and so on: what no field of the schema says. */
static bool read_raw(Line *line, const json_t *value, FieldValue *ret)
{
    int wire = WIRE_BYTES;
    uint64_t real = 0;
    const json_t *inner = NULL;
    while (wire > WIRE_NONE && !(inner = json_object_get(value, JSONL_WIRES[wire])))
        wire--;
    Str text = text_of(inner), bits = {NULL, 0};
    if (json_object_size(value) != 1 || !json_is_string(inner))
        return false;
    ret->wire = (EntryWire)wire;
    switch (ret->wire) {
    case WIRE_NONE:
        return false;
    case WIRE_INT:
        return str_to_i64(text, INT64_MIN, INT64_MAX, &ret->num);
    case WIRE_REAL:
        if (text.len != 16 || !read_hex(line, text, &bits))
            return false;
        for (int i = 0; i < 8; i++)
            real = real << 8 | (uint8_t)bits.p[i];
        ret->num = (int64_t)real;
        memcpy(&ret->real, &real, sizeof ret->real);
        return true;
    case WIRE_TEXT:
        ret->bytes = text;
        return true;
    case WIRE_ID:
        return id_parse(text, &ret->id);
    case WIRE_LIST:
    case WIRE_BYTES:
        return read_hex(line, text, &ret->bytes);
    }
    return false;
}

/* -- entries ------------------------------------------------------------------------------------- */

static Err wrong_head(Line *line, const char *what)
{
    return err_set(line->cx, ERR_INVALID, "err.jsonl-head",
                   ARGS(arg_int("line", line->number), arg_c("what", what)));
}

static Err wrong_field(Line *line, const char *name)
{
    Str field = str_dup(line->arena, str_sub(str_c(name), 0, 40));
    return err_set(line->cx, ERR_INVALID, "err.jsonl-field",
                   ARGS(arg_int("line", line->number), arg_str("field", field)));
}

static bool read_field(Line *line, uint16_t kind, const char *name, const json_t *value, Field *ret)
{
    int64_t tag = 0;
    const FieldSpec *spec = entry_kind_name(kind) ? entry_field_named(kind, str_c(name)) : NULL;
    if (name[0] == '#' && str_to_i64(str_c(name + 1), 1, ENTRY_TAG_MAX, &tag))
        ret->tag = (uint16_t)tag;
    else if (spec)
        ret->tag = spec->tag;
    else
        return false;
    ret->value = (FieldValue){.wire = WIRE_NONE};
    if (json_is_null(value))
        return true;
    if (name[0] == '#')
        return read_raw(line, value, &ret->value);
    return read_named(line, spec, value, &ret->value) && entry_value_fits(spec, &ret->value);
}

/* Keeps them by rising tag; false when the tag is there already or there are too many. */
static bool insert_field(Entry *e, const Field *field)
{
    int at = e->n_fields;
    while (at > 0 && e->fields[at - 1].tag > field->tag)
        at--;
    if (e->n_fields == ENTRY_FIELDS_MAX || (at > 0 && e->fields[at - 1].tag == field->tag))
        return false;
    memmove(e->fields + at + 1, e->fields + at, (size_t)(e->n_fields - at) * sizeof *e->fields);
    e->fields[at] = *field;
    e->n_fields++;
    return true;
}

static bool read_kind(const json_t *value, uint16_t *ret)
{
    int64_t number = json_is_integer(value) ? json_integer_value(value) : 0;
    *ret = entry_kind_named(text_of(value));
    if (*ret == 0 && number > 0 && number <= UINT16_MAX && !entry_kind_name((uint16_t)number))
        *ret = (uint16_t)number; /* one that only a newer version can name */
    return *ret != 0 && *ret != ENTRY_CARRIED;
}

/* Optional ids keep what *ret was. */
static bool read_id(const json_t *object, const char *name, bool optional, Id *ret)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return optional;
    return id_parse(text_of(value), ret) && !id_is_zero(*ret);
}

static bool read_stamp(const json_t *object, Stamp *ret)
{
    int64_t ms = 0, device = 0;
    const json_t *tick = json_object_get(object, "tick");
    if (!read_instant(text_of(json_object_get(object, "stamp")), &ms) || ms < 0 ||
        ms > STAMP_MAX_MS || !json_is_integer(tick) || json_integer_value(tick) < 0 ||
        json_integer_value(tick) > UINT16_MAX ||
        !str_to_i64(text_of(json_object_get(object, "device")), 0, INT64_MAX, &device))
        return false;
    *ret = (Stamp){(uint64_t)ms << 16 | (uint64_t)json_integer_value(tick), (uint64_t)device};
    return true;
}

static Err read_entry(Line *line, json_t *object, Str *ret_body)
{
    Entry e = {.n_fields = 0};
    json_t *fields = json_object_get(object, "fields"), *value = NULL;
    const char *name = NULL;
    if (!read_kind(json_object_get(object, "kind"), &e.kind))
        return wrong_head(line, "kind");
    if (!read_id(object, "id", false, &e.id))
        return wrong_head(line, "id");
    e.object = e.id;
    if (!read_id(object, "of", true, &e.object))
        return wrong_head(line, "of");
    if (!read_id(object, "batch", true, &e.batch))
        return wrong_head(line, "batch");
    if (!read_stamp(object, &e.stamp))
        return wrong_head(line, "stamp");
    if (!json_is_object(fields))
        return wrong_head(line, "fields");
    json_object_foreach(fields, name, value)
    {
        Field field = {.tag = 0};
        if (!read_field(line, e.kind, name, value, &field) || !insert_field(&e, &field))
            return wrong_field(line, name);
    }
    Err err = entry_encode(line->cx, &e, ret_body);
    if (err == ERR_NOMEM || (err == OK && ret_body->len <= ENTRY_CARRY_MAX))
        return err;
    return wrong_head(line, "fields");
}

/* -- lines --------------------------------------------------------------------------------------- */

static bool add_problem(Reader *r, const Line *line)
{
    const Why *why = &line->cx->why;
    JsonlFile *f = &r->file;
    f->problems_total++;
    if (f->n_problems == JSONL_PROBLEMS_MAX)
        return true;
    if (!r->problems)
        r->problems = arena_new(r->cx->arena, JsonlProblem, JSONL_PROBLEMS_MAX);
    if (!r->problems)
        return false;
    JsonlProblem *p = &r->problems[f->n_problems++];
    *p = (JsonlProblem){.line = line->number, .why = *why};
    for (int i = 0; i < WHY_ARGS_MAX && p->why.args[i].name; i++) {
        if (p->why.args[i].kind == ARG_STR)
            p->why.args[i].str = str_dup(r->cx->arena, why->args[i].str);
    }
    return true;
}

static Err parse(Line *line, Str text, json_t **ret)
{
    json_error_t error;
    if (text.len > JSONL_LINE_MAX)
        return err_set(line->cx, ERR_LIMIT, "err.jsonl-long",
                       ARGS(arg_int("line", line->number), arg_int("max", JSONL_LINE_MAX)));
    json_t *value =
        json_loadb(text.p, (size_t)text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!json_is_object(value)) {
        int column = value ? 1 : error.column > 0 ? error.column : 1;
        json_decref(value);
        return err_set(line->cx, ERR_INVALID, "err.jsonl-json",
                       ARGS(arg_int("line", line->number), arg_int("column", column)));
    }
    *ret = value;
    return OK;
}

static Err read_header(Reader *r, Line *line, Str text)
{
    json_t *header = NULL;
    Err e = parse(line, text, &header);
    if (e != OK || !str_eq_c(text_of(json_object_get(header, "fonder")), "export")) {
        json_decref(header);
        return err_set(r->cx, ERR_INVALID, "err.jsonl-none", NO_ARGS);
    }
    int64_t version = json_integer_value(json_object_get(header, "version"));
    const json_t *entries = json_object_get(header, "entries");
    if (json_is_integer(entries))
        r->announced = json_integer_value(entries);
    json_decref(header);
    if (version > JSONL_VERSION)
        return err_set(r->cx, ERR_NEWER, "err.jsonl-newer", ARGS(arg_int("version", version)));
    return version == JSONL_VERSION ? OK : err_set(r->cx, ERR_INVALID, "err.jsonl-none", NO_ARGS);
}

static Err read_line(Reader *r, Line *line, Str text)
{
    json_t *object = NULL;
    Str body = {NULL, 0};
    Err e = parse(line, text, &object);
    if (e == OK)
        e = read_entry(line, object, &body);
    bool read = e == OK;
    if (read)
        e = r->visit(r->ctx, r->cx, body);
    else
        e = e != ERR_NOMEM && add_problem(r, line) ? OK : err_nomem(r->cx);
    json_decref(object); /* body and problem are copies */
    r->file.n += read && e == OK;
    return e;
}

/* A file that was cut off ends in the middle of a line at best. */
static Err check_count(Reader *r, Line *line)
{
    int64_t found = r->file.n + r->file.problems_total;
    if (found >= r->announced)
        return OK;
    Err e = err_set(
        line->cx, ERR_DAMAGED, "err.jsonl-count",
        ARGS(arg_int("line", line->number), arg_int("n", r->announced), arg_int("found", found)));
    return e == ERR_DAMAGED && add_problem(r, line) ? OK : err_nomem(r->cx);
}

static Err read_lines(Reader *r, Line *line, Lines *lines)
{
    static const Str mark = {"\xef\xbb\xbf", 3};
    bool begun = false;
    Str text = {NULL, 0};
    Err e = lines_next(r->cx, lines, &text);
    if (e == OK && str_starts(text, mark))
        text = str_from(text, mark.len);
    for (; e == OK && text.p; e = e == OK ? lines_next(r->cx, lines, &text) : e) {
        line->number++;
        text = str_trim(text);
        if (text.len == 0)
            continue;
        if (r->file.n + r->file.problems_total > JSONL_ENTRIES_MAX)
            return err_set(r->cx, ERR_LIMIT, "err.jsonl-entries",
                           ARGS(arg_int("max", JSONL_ENTRIES_MAX)));
        e = begun ? read_line(r, line, text) : read_header(r, line, text);
        begun = true;
        err_clear(line->cx);
        arena_reset(line->arena);
    }
    if (e == OK && !begun)
        return err_set(r->cx, ERR_INVALID, "err.jsonl-none", NO_ARGS);
    return e == OK ? check_count(r, line) : e;
}

Err import_jsonl_each(Cx *cx, const LineSource *from, JsonlVisit *visit, void *ctx, JsonlFile *ret)
{
    AUTO_ARENA Arena scratch;
    AUTO_CLEAN(lines_close) Lines lines = LINES_NONE;
    Cx own = {.arena = &scratch, .now_ms = cx->now_ms};
    Reader r = {.cx = cx, .announced = -1, .visit = visit, .ctx = ctx};
    Line line = {.cx = &own, .arena = &scratch};
    arena_init(&scratch, SCRATCH_BYTES);
    Err e = lines_open(cx, from, &lines);
    if (e == OK && lines.bytes > EXPORT_MAX)
        e = err_set(cx, ERR_LIMIT, "err.jsonl-file", ARGS(arg_int("max", EXPORT_MAX >> 20)));
    if (e == OK)
        e = read_lines(&r, &line, &lines);
    if (e != OK)
        return e;
    r.file.problems = r.problems;
    *ret = r.file;
    return OK;
}

/* -- all at once --------------------------------------------------------------------------------- */

typedef struct Bodies {
    Str *p;
    ptrdiff_t n, cap;
} Bodies;

static Err add_body(void *ctx, Cx *cx, Str body)
{
    Bodies *all = ctx;
    if (all->n == all->cap) {
        ptrdiff_t cap = all->cap > 0 ? 2 * all->cap : BODIES_FIRST;
        Str *grown = arena_grow(cx->arena, all->p, all->cap, cap, sizeof *grown, _Alignof(Str));
        if (!grown)
            return err_nomem(cx);
        all->p = grown;
        all->cap = cap;
    }
    all->p[all->n] = str_dup(cx->arena, body);
    return str_is_null(all->p[all->n++]) ? err_nomem(cx) : OK;
}

Err import_jsonl(Cx *cx, Str bytes, JsonlFile *ret)
{
    Bodies all = {.n = 0};
    JsonlFile file = {.n = 0};
    Err e = import_jsonl_each(cx, &(LineSource){.bytes = bytes}, add_body, &all, &file);
    if (e != OK)
        return e;
    file.bodies = all.p;
    *ret = file;
    return OK;
}
