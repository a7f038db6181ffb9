/* book/draft.c - entries being written. A draft is a short array of fields in tag order; setting
 * one is an insertion, at most ENTRY_FIELDS_MAX long. Lists are encoded as they are given. Failure
 * sticks to the draft and is told when it is committed, so that forms read as a list of fields. */
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "book/entry.h"
#include <math.h>
#include <string.h>

static Draft draft_of(Cx *cx, EntryKind kind, Id object, bool is_new)
{
    return (Draft){.object = object, .kind = (uint16_t)kind, .is_new = is_new, .arena = cx->arena};
}

Draft draft_new(Cx *cx, EntryKind kind)
{
    return draft_of(cx, kind, id_new(), true);
}

Draft draft_edit(Cx *cx, EntryKind kind, Id object)
{
    return draft_of(cx, kind, object, false);
}

static void set(Draft *draft, uint16_t tag, FieldValue value)
{
    int at = 0;
    while (at < draft->n && draft->fields[at].tag < tag)
        at++;
    bool there = at < draft->n && draft->fields[at].tag == tag;
    if (!there && draft->n == draft->cap) {
        int16_t cap = draft->cap ? (int16_t)(draft->cap * 2) : 8;
        Field *grown = cap > ENTRY_FIELDS_MAX ? NULL
                                              : arena_grow(draft->arena, draft->fields, draft->cap,
                                                           cap, sizeof *grown, _Alignof(Field));
        if (!grown) {
            draft->failed = true;
            return;
        }
        draft->fields = grown;
        draft->cap = cap;
    }
    if (!there) {
        memmove(draft->fields + at + 1, draft->fields + at,
                (size_t)(draft->n - at) * sizeof *draft->fields);
        draft->n++;
    }
    draft->fields[at] = (Field){.tag = tag, .value = value};
}

void draft_none(Draft *draft, uint16_t tag)
{
    set(draft, tag, (FieldValue){.wire = WIRE_NONE});
}

void draft_int(Draft *draft, uint16_t tag, int64_t value)
{
    set(draft, tag, (FieldValue){.wire = WIRE_INT, .num = value});
}

void draft_bool(Draft *draft, uint16_t tag, bool value)
{
    draft_int(draft, tag, value);
}

void draft_real(Draft *draft, uint16_t tag, double value)
{
    const FieldSpec *spec = entry_field_spec(draft->kind, tag);
    double unit = spec && spec->type == FIELD_TENTHS ? 10 : 100;
    bool sane =
        isfinite(value) && fabs(value) < 1e9; /* else out of bounds, as llround cannot say */
    draft_int(draft, tag, sane ? llround(value * unit) : INT64_MAX);
}

/* Clean and trimmed; a null slice when the arena is full. */
static Str tidy(Draft *draft, uint16_t tag, Str text)
{
    const FieldSpec *spec = entry_field_spec(draft->kind, tag);
    bool lines = spec && (spec->type == FIELD_PROSE || spec->type == FIELD_PAIRS);
    Str clean = text.len > 0 ? utf8_clean(draft->arena, text, lines) : STR("");
    if (str_is_null(clean))
        draft->failed = true;
    return str_trim(clean);
}

void draft_text(Draft *draft, uint16_t tag, Str value)
{
    Str text = tidy(draft, tag, value);
    if (text.len == 0)
        draft_none(draft, tag);
    else
        set(draft, tag, (FieldValue){.wire = WIRE_TEXT, .bytes = text});
}

void draft_id(Draft *draft, uint16_t tag, Id value)
{
    set(draft, tag, (FieldValue){.wire = WIRE_ID, .id = value});
}

static void put_text(Buf *buf, Str text)
{
    buf_char(buf, WIRE_TEXT);
    buf_varint(buf, (uint64_t)text.len);
    buf_put(buf, text);
}

static void set_list(Draft *draft, uint16_t tag, const Buf *buf)
{
    if (buf->failed)
        draft->failed = true;
    else if (buf->len == 0)
        draft_none(draft, tag);
    else
        set(draft, tag,
            (FieldValue){
                .wire = WIRE_LIST, .bytes = {buf->p, buf->len}
        });
}

void draft_ids(Draft *draft, uint16_t tag, const Id values[], int n)
{
    Buf buf = buf_make(draft->arena, ENTRY_BODY_MAX);
    for (int i = 0; i < n; i++) {
        buf_char(&buf, WIRE_ID);
        buf_bytes(&buf, values[i].b, sizeof values[i].b);
    }
    set_list(draft, tag, &buf);
}

void draft_texts(Draft *draft, uint16_t tag, const Str values[], int n)
{
    Buf buf = buf_make(draft->arena, ENTRY_BODY_MAX);
    for (int i = 0; i < n; i++) {
        Str text = tidy(draft, tag, values[i]);
        if (text.len > 0)
            put_text(&buf, text);
    }
    set_list(draft, tag, &buf);
}

/* A list of one item within a list: length, then what item holds. */
static void put_nested(Buf *buf, const Buf *item)
{
    buf->failed |= item->failed;
    buf_char(buf, WIRE_LIST);
    buf_varint(buf, (uint64_t)item->len);
    buf_bytes(buf, item->p, item->len);
}

void draft_pairs(Draft *draft, uint16_t tag, const TextPair values[], int n)
{
    Buf buf = buf_make(draft->arena, ENTRY_BODY_MAX);
    for (int i = 0; i < n; i++) {
        Str value = tidy(draft, tag, values[i].value);
        if (value.len == 0)
            continue;
        Buf pair = buf_make(draft->arena, ENTRY_BODY_MAX);
        put_text(&pair, tidy(draft, tag, values[i].label));
        put_text(&pair, value);
        put_nested(&buf, &pair);
    }
    set_list(draft, tag, &buf);
}

void draft_answers(Draft *draft, uint16_t tag, const Answer values[], int n)
{
    Buf buf = buf_make(draft->arena, ENTRY_BODY_MAX);
    for (int i = 0; i < n; i++) {
        Buf pair = buf_make(draft->arena, ENTRY_BODY_MAX);
        put_text(&pair, values[i].question);
        buf_char(&pair, WIRE_INT);
        /* zigzag of a value out of bounds is refused like any other */
        uint64_t v = (uint64_t)(int64_t)values[i].tenths;
        buf_varint(&pair, v << 1 ^ (values[i].tenths < 0 ? UINT64_MAX : 0));
        put_nested(&buf, &pair);
    }
    set_list(draft, tag, &buf);
}

void draft_at(Draft *draft, int64_t at_ms)
{
    draft_int(draft, F_AT, at_ms);
    draft_int(draft, F_OFFSET, time_offset_min(at_ms));
}

Err draft_entry(Cx *cx, const Draft *draft, Stamp stamp, Id batch, Entry *ret)
{
    if (draft->failed)
        return err_nomem(cx);
    ret->id = draft->is_new ? draft->object : id_new();
    ret->object = draft->object;
    ret->kind = draft->kind;
    ret->batch = batch;
    ret->stamp = stamp;
    ret->n_fields = draft->n;
    for (int i = 0; i < draft->n; i++)
        ret->fields[i] = draft->fields[i];
    return entry_validate(cx, ret);
}
