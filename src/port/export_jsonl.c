/* port/export_jsonl.c - the book as its entries, one JSON object a line, in the order in which they came.
 * Entries and not objects are written, since an object does not say who changed what, when, on which device;
 * with its entries the undone stays undone and can be done again, and merging with another copy later finds
 * every fact known. A field is written by its name when its value is one the schema allows; whatever else a
 * body holds (fields of a newer version, values out of bounds) is written by tag and wire, so that reading
 * the line gives the same bytes. docs/EXPORT.md is the format in prose; port/jsonl.h reads it.
 * Of what an import brought, the facts are written and not how they came; of one that was taken back, nothing.
 * Cost is linear in the bodies; nothing but the result is allocated. */
#include "base/buf.h"
#include "base/time.h"
#include "port/export.h"
#include "port/jsonl.h"
#include <string.h>

static const char HEX[] = "0123456789abcdef";

static void put_string(Buf *buf, Str s)
{
    ptrdiff_t from = 0;
    buf_char(buf, '"');
    for (ptrdiff_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        buf_put(buf, str_sub(s, from, i - from));
        from = i + 1;
        if (c == '\n')
            buf_c(buf, "\\n");
        else if (c == '"' || c == '\\')
            buf_fmt(buf, "\\%c", c);
        else
            buf_fmt(buf, "\\u%04x", c);
    }
    buf_put(buf, str_from(s, from));
    buf_char(buf, '"');
}

static void put_hex(Buf *buf, Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        buf_char(buf, HEX[(unsigned char)s.p[i] >> 4]);
        buf_char(buf, HEX[(unsigned char)s.p[i] & 15]);
    }
}

static void put_id(Buf *buf, Id id)
{
    char text[ID_TEXT_CAP];
    buf_char(buf, '"');
    buf_put(buf, id_format(id, text));
    buf_char(buf, '"');
}

static void put_instant(Buf *buf, int64_t at_ms)
{
    Civil c = time_civil(at_ms, 0);
    int64_t ms = at_ms % TIME_SECOND_MS;
    buf_fmt(buf, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", c.year, c.month, c.day, c.hour,
            c.minute, c.second, (int)(ms < 0 ? ms + TIME_SECOND_MS : ms));
}

static void put_date(Buf *buf, int64_t ymd)
{
    int year = (int)(ymd / 10000), month = (int)(ymd / 100 % 100), day = (int)(ymd % 100);
    if (year == 0)
        buf_fmt(buf, "\"--%02d-%02d\"", month, day);
    else
        buf_fmt(buf, "\"%04d-%02d-%02d\"", year, month, day);
}

/* Digits and not a double, so that .1 is .1. */
static void put_decimal(Buf *buf, int64_t value, int64_t unit)
{
    int64_t size = value < 0 ? -value : value;
    buf_fmt(buf, "%s%lld", value < 0 ? "-" : "", (long long)(size / unit));
    if (size % unit != 0)
        buf_fmt(buf, ".%0*lld", unit == 10 ? 1 : 2, (long long)(size % unit));
}

/* An item of a list field: an id, a text, or a pair. */
static void put_item(Buf *buf, FieldType type, const FieldValue *item)
{
    FieldValue first = {.wire = WIRE_NONE}, second = {.wire = WIRE_NONE};
    Str rest = item->bytes;
    if (type == FIELD_IDS) {
        put_id(buf, item->id);
        return;
    }
    if (type == FIELD_TEXTS) {
        put_string(buf, item->bytes);
        return;
    }
    INVARIANT(list_next(&rest, &first) && list_next(&rest, &second)); /* it fits its field */
    buf_c(buf, type == FIELD_PAIRS ? "{\"label\":" : "{\"question\":");
    put_string(buf, first.bytes);
    if (type == FIELD_PAIRS) {
        buf_c(buf, ",\"value\":");
        put_string(buf, second.bytes);
    } else {
        buf_c(buf, ",\"answer\":");
        put_decimal(buf, second.num, 10);
    }
    buf_char(buf, '}');
}

static void put_items(Buf *buf, FieldType type, Str items)
{
    FieldValue item;
    const char *between = "";
    buf_char(buf, '[');
    while (list_next(&items, &item)) {
        buf_c(buf, between);
        put_item(buf, type, &item);
        between = ",";
    }
    buf_char(buf, ']');
}

/* A value that fits its field. */
static void put_named(Buf *buf, FieldType type, const FieldValue *value)
{
    switch (type) {
    case FIELD_BOOL:
        buf_c(buf, value->num ? "true" : "false");
        break;
    case FIELD_INT:
    case FIELD_MASK:
        put_decimal(buf, value->num, 1);
        break;
    case FIELD_TENTHS:
        put_decimal(buf, value->num, 10);
        break;
    case FIELD_HUNDREDTHS:
        put_decimal(buf, value->num, 100);
        break;
    case FIELD_INSTANT:
        put_instant(buf, value->num);
        break;
    case FIELD_DATE:
        put_date(buf, value->num);
        break;
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_KEY:
        put_string(buf, value->bytes);
        break;
    case FIELD_ID:
        put_id(buf, value->id);
        break;
    case FIELD_IDS:
    case FIELD_TEXTS:
    case FIELD_PAIRS:
    case FIELD_ANSWERS:
        put_items(buf, type, value->bytes);
        break;
    case FIELD_BODY: /* what is carried is written, and not its carrier */
        break;
    }
}

/* Any value whatever, by its wire. */
static void put_raw(Buf *buf, const FieldValue *value)
{
    uint64_t bits = 0;
    buf_fmt(buf, "{\"%s\":", JSONL_WIRES[value->wire]);
    switch (value->wire) {
    case WIRE_NONE: /* written as null */
        break;
    case WIRE_INT: /* as text: many readers keep only 53 bits of a number */
        buf_fmt(buf, "\"%lld\"", (long long)value->num);
        break;
    case WIRE_REAL:
        memcpy(&bits, &value->real, sizeof bits);
        buf_fmt(buf, "\"%016llx\"", (unsigned long long)bits);
        break;
    case WIRE_TEXT:
        put_string(buf, value->bytes);
        break;
    case WIRE_ID:
        put_id(buf, value->id);
        break;
    case WIRE_LIST:
    case WIRE_BYTES:
        buf_char(buf, '"');
        put_hex(buf, value->bytes);
        buf_char(buf, '"');
        break;
    }
    buf_char(buf, '}');
}

static void put_field(Buf *buf, uint16_t kind, const Field *field)
{
    const FieldSpec *spec = entry_kind_name(kind) ? entry_field_spec(kind, field->tag) : NULL;
    bool named = spec && entry_value_fits(spec, &field->value);
    if (named)
        buf_fmt(buf, "\"%s\":", spec->name);
    else
        buf_fmt(buf, "\"#%d\":", field->tag);
    if (field->value.wire == WIRE_NONE)
        buf_c(buf, "null");
    else if (named)
        put_named(buf, spec->type, &field->value);
    else
        put_raw(buf, &field->value);
}

static void put_entry(Buf *buf, const Entry *e)
{
    const char *kind = entry_kind_name(e->kind);
    if (kind)
        buf_fmt(buf, "{\"kind\":\"%s\",\"id\":", kind);
    else
        buf_fmt(buf, "{\"kind\":%d,\"id\":", e->kind);
    put_id(buf, e->id);
    if (!id_eq(e->id, e->object)) {
        buf_c(buf, ",\"of\":");
        put_id(buf, e->object);
    }
    if (!id_is_zero(e->batch)) {
        buf_c(buf, ",\"batch\":");
        put_id(buf, e->batch);
    }
    buf_c(buf, ",\"stamp\":");
    put_instant(buf, (int64_t)(e->stamp.hlc >> 16));
    buf_fmt(buf, ",\"tick\":%d,\"device\":\"%llu\",\"fields\":{", (int)(e->stamp.hlc & 0xffff),
            (unsigned long long)e->stamp.device);
    for (int i = 0; i < e->n_fields; i++) {
        buf_c(buf, i > 0 ? "," : "");
        put_field(buf, e->kind, &e->fields[i]);
    }
    buf_c(buf, "}}\n");
}

Err export_jsonl_to(Cx *cx, const Book *book, Buf *out)
{
    uint32_t n = book_entry_count(book), facts = 0;
    for (uint32_t i = 0; i < n; i++)
        facts += book_fact(book, i).len > 0;
    buf_fmt(out, "{\"fonder\":\"export\",\"version\":%d,\"exported\":", JSONL_VERSION);
    put_instant(out, cx->now_ms);
    buf_fmt(out, ",\"entries\":%u}\n", facts);
    for (uint32_t i = 0; i < n && !out->failed; i++) {
        Entry e;
        Str body = book_fact(book, i);
        if (body.len == 0)
            continue;
        entry_view(body, &e);
        put_entry(out, &e);
        buf_may_drain(out);
    }
    return OK;
}
