/* book/entry.c - the codec. A body is a fixed head (format, kind, flags, ids, stamp) and fields by
 * ascending tag, each saying its own wire, so that a reader can step over what it does not know and
 * carry it unchanged. Every quantity has one spelling only (shortest varints, tags strictly rising,
 * flags that match the ids), hence equal entries are equal bytes, and what decodes encodes to the
 * same bytes again. Reading is one pass over the body, without allocation; the fields point into
 * it. */
#include "book/entry.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

const Id ENTRY_ME_ID = {
    {'f', 'o', 'n', 'd', 'e', 'r', ' ', 'm', 'e'}
};

enum {
    FLAG_OBJECT = 1, /* the object's id follows: it is not the entry's own */
    FLAG_BATCH = 2,
    FLAGS_ALL = 3,
    ID_LEN = 16,
    WORD_LEN = 8,
    VARINT_MAX = 10
};
static const uint64_t STAMP_MAX = (uint64_t)INT64_MAX;

int stamp_cmp(Stamp a, Stamp b)
{
    if (a.hlc != b.hlc)
        return a.hlc < b.hlc ? -1 : 1;
    return (a.device > b.device) - (a.device < b.device);
}

/* -- reading: each take_ moves *rest past what it read, or returns false ----------------------- */

static inline bool take_bytes(Str *rest, uint64_t len, Str *ret)
{
    if (len > (uint64_t)rest->len)
        return false;
    *ret = (Str){rest->p, (ptrdiff_t)len};
    *rest = (Str){rest->p + len, rest->len - (ptrdiff_t)len};
    return true;
}

static bool take_long_varint(Str *rest, uint64_t *ret)
{
    const uint8_t *p = (const uint8_t *)rest->p;
    ptrdiff_t most = rest->len < VARINT_MAX ? rest->len : VARINT_MAX, i = 0;
    uint64_t v = 0;
    for (; i < most && p[i] >= 0x80; i++)
        v |= (uint64_t)(p[i] & 0x7f) << (7 * i);
    if (i >= most || (i == VARINT_MAX - 1 && p[i] > 1) ||
        (p[i] == 0 && i > 0)) /* there is a shorter spelling */
        return false;
    *ret = v | (uint64_t)p[i] << (7 * i);
    *rest = (Str){rest->p + i + 1, rest->len - i - 1};
    return true;
}

static inline bool take_varint(Str *rest, uint64_t *ret)
{
    const uint8_t *p = (const uint8_t *)rest->p;
    if (rest->len > 0 && p[0] < 0x80) { /* nearly all of them */
        *ret = p[0];
        *rest = (Str){rest->p + 1, rest->len - 1};
        return true;
    }
    if (rest->len > 1 && p[1] < 0x80 && p[1] > 0) { /* and tags from 16 on */
        *ret = (uint64_t)(p[0] & 0x7f) | (uint64_t)p[1] << 7;
        *rest = (Str){rest->p + 2, rest->len - 2};
        return true;
    }
    return take_long_varint(rest, ret);
}

static inline bool take_word(Str *rest, uint64_t *ret)
{
    Str b = {NULL, 0};
    if (!take_bytes(rest, WORD_LEN, &b))
        return false;
    const uint8_t *p = (const uint8_t *)b.p; /* one load, on a machine of this order of bytes */
    *ret = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
    return true;
}

static inline bool take_id(Str *rest, Id *ret)
{
    Str b = {NULL, 0};
    if (!take_bytes(rest, ID_LEN, &b))
        return false;
    memcpy(ret->b, b.p, ID_LEN);
    return true;
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static uint64_t zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

/* The payload of one value. Text is checked by whoever needs it valid; lists by value_sound. */
static bool take_value(Str *rest, EntryWire wire, FieldValue *ret)
{
    uint64_t v = 0;
    ret->wire = wire;
    switch (wire) {
    case WIRE_NONE:
        ret->num = 0;
        return true;
    case WIRE_INT:
        if (!take_varint(rest, &v))
            return false;
        ret->num = unzigzag(v);
        return true;
    case WIRE_REAL:
        if (!take_word(rest, &v))
            return false;
        memcpy(&ret->real, &v, sizeof ret->real);
        return isfinite(ret->real);
    case WIRE_ID:
        return take_id(rest, &ret->id);
    case WIRE_TEXT:
    case WIRE_LIST:
    case WIRE_BYTES:
        return take_varint(rest, &v) && take_bytes(rest, v, &ret->bytes);
    }
    return false;
}

static bool take_item(Str *rest, FieldValue *ret)
{
    Str wire = {NULL, 0};
    return take_bytes(rest, 1, &wire) && (uint8_t)wire.p[0] <= WIRE_BYTES &&
           take_value(rest, (EntryWire)wire.p[0], ret);
}

bool list_next(Str *rest, FieldValue *ret_item)
{
    return rest->len > 0 && take_item(rest, ret_item);
}

int list_count(Str items)
{
    int n = 0;
    FieldValue item;
    while (list_next(&items, &item))
        n++;
    return n;
}

/* Text is UTF-8 and lists are whole, to a depth of ENTRY_NEST_MAX: a stack of what is still to be
 * read, since the depth is bounded and calls to oneself are not welcome here. */
static bool value_sound(const FieldValue *value)
{
    if (value->wire == WIRE_TEXT)
        return utf8_valid(value->bytes);
    if (value->wire != WIRE_LIST)
        return true;
    Str open[ENTRY_NEST_MAX] = {value->bytes};
    for (int depth = 0; depth >= 0;) {
        FieldValue item;
        if (open[depth].len == 0) {
            depth--;
            continue;
        }
        if (!take_item(&open[depth], &item))
            return false;
        if (item.wire == WIRE_TEXT && !utf8_valid(item.bytes))
            return false;
        if (item.wire == WIRE_LIST) {
            if (depth + 1 == ENTRY_NEST_MAX)
                return false;
            open[++depth] = item.bytes;
        }
    }
    return true;
}

static Err damaged(Cx *cx, Str body, Str rest)
{
    return err_set(cx, ERR_DAMAGED, "err.entry-damaged",
                   ARGS(arg_int("offset", body.len - rest.len)));
}

static Err newer(Cx *cx)
{
    return err_set(cx, ERR_NEWER, "err.entry-newer", NO_ARGS);
}

static bool take_head(Str *rest, Entry *ret)
{
    uint64_t kind = 0;
    Str flags = {NULL, 0};
    if (!take_varint(rest, &kind) || kind == 0 || kind > UINT16_MAX)
        return false;
    if (!take_bytes(rest, 1, &flags) || (flags.p[0] & ~FLAGS_ALL) != 0)
        return false;
    ret->kind = (uint16_t)kind;
    if (!take_id(rest, &ret->id) || id_is_zero(ret->id))
        return false;
    ret->object = ret->id;
    ret->batch = (Id){{0}};
    if ((flags.p[0] & FLAG_OBJECT) &&
        (!take_id(rest, &ret->object) || id_eq(ret->object, ret->id) || id_is_zero(ret->object)))
        return false;
    if ((flags.p[0] & FLAG_BATCH) && (!take_id(rest, &ret->batch) || id_is_zero(ret->batch)))
        return false;
    return take_word(rest, &ret->stamp.hlc) && take_word(rest, &ret->stamp.device) &&
           ret->stamp.hlc <= STAMP_MAX && ret->stamp.device <= STAMP_MAX;
}

typedef enum Sound { SOUND, UNSOUND, UNKNOWN_WIRE } Sound;

/* The next field of *rest. A body that has been read before is not checked again. */
static Sound take_field(Str *rest, Entry *e, bool checked)
{
    uint64_t key = 0, last = e->n_fields > 0 ? e->fields[e->n_fields - 1].tag : 0;
    if (e->n_fields == ENTRY_FIELDS_MAX || !take_varint(rest, &key))
        return UNSOUND;
    uint64_t tag = key >> 3, wire = key & 7;
    if (tag <= last || tag > ENTRY_TAG_MAX)
        return UNSOUND;
    if (wire > WIRE_BYTES)
        return UNKNOWN_WIRE;
    Field *field = &e->fields[e->n_fields++];
    field->tag = (uint16_t)tag;
    bool taken = take_value(rest, (EntryWire)wire, &field->value);
    return taken && (checked || value_sound(&field->value)) ? SOUND : UNSOUND;
}

Err entry_decode(Cx *cx, Str body, Entry *ret)
{
    Str rest = body, format = {NULL, 0};
    if (body.len > ENTRY_BODY_MAX)
        return err_set(cx, ERR_LIMIT, "err.too-large", ARGS(arg_int("max", ENTRY_BODY_MAX)));
    if (!take_bytes(&rest, 1, &format))
        return damaged(cx, body, rest);
    if (format.p[0] != ENTRY_FORMAT)
        return (uint8_t)format.p[0] > ENTRY_FORMAT ? newer(cx) : damaged(cx, body, rest);
    if (!take_head(&rest, ret))
        return damaged(cx, body, rest);
    ret->n_fields = 0;
    while (rest.len > 0) {
        Str from = rest;
        Sound sound = take_field(&rest, ret, false);
        if (sound != SOUND)
            return sound == UNKNOWN_WIRE ? newer(cx) : damaged(cx, body, from);
    }
    return OK;
}

void entry_skim(Str body, Entry *ret_head, Str *ret_rest)
{
    Str rest = str_from(body, 1);
    ret_head->kind = 0;
    ret_head->id = ret_head->object = ret_head->batch = (Id){{0}};
    ret_head->stamp = (Stamp){0, 0};
    ret_head->n_fields = 0;
    bool sound = take_head(&rest, ret_head);
    *ret_rest = sound ? rest : (Str){NULL, 0};
}

void entry_view(Str body, Entry *ret)
{
    Str rest = {NULL, 0};
    bool sound = true;
    entry_skim(body, ret, &rest);
    while (rest.len > 0 && sound)
        sound = take_field(&rest, ret, true) == SOUND;
    if (!sound && ret->n_fields > 0)
        ret->n_fields--;
}

Id entry_view_id(Str body)
{
    Id id = {{0}};
    uint64_t kind = 0;
    Str rest = str_from(body, 1);
    bool sound = take_varint(&rest, &kind);
    rest = str_from(rest, 1); /* flags */
    return sound && take_id(&rest, &id) ? id : (Id){{0}};
}

Id entry_view_object(Str body)
{
    enum { FLAGS_AT = 2 }; /* behind format and a kind below 128, as all are that are known */
    Entry head;
    Str rest = {NULL, 0};
    if (body.len >= FLAGS_AT + 1 + 2 * ID_LEN && (uint8_t)body.p[1] < 0x80) {
        Id id;
        ptrdiff_t at = FLAGS_AT + 1 + (body.p[FLAGS_AT] & FLAG_OBJECT ? ID_LEN : 0);
        memcpy(id.b, body.p + at, ID_LEN);
        return id;
    }
    entry_skim(body, &head, &rest);
    return head.object;
}

uint16_t entry_view_kind(Str body)
{
    Entry head;
    Str rest = {NULL, 0};
    if (body.len > 1 && (uint8_t)body.p[1] < 0x80)
        return (uint8_t)body.p[1];
    entry_skim(body, &head, &rest);
    return head.kind;
}

uint16_t entry_view_fields(Str body, Str *ret_rest)
{
    enum { FLAGS_AT = 2, STAMP = 2 * WORD_LEN };
    Entry head;
    if (body.len > FLAGS_AT && (uint8_t)body.p[1] < 0x80) {
        int flags = (uint8_t)body.p[FLAGS_AT];
        ptrdiff_t ids = 1 + ((flags & FLAG_OBJECT) != 0) + ((flags & FLAG_BATCH) != 0);
        *ret_rest = str_from(body, FLAGS_AT + 1 + ids * ID_LEN + STAMP);
        return (uint8_t)body.p[1];
    }
    entry_skim(body, &head, ret_rest);
    return head.kind;
}

bool entry_next_field(Str *rest, Field *ret)
{
    uint64_t key = 0;
    if (rest->len == 0 || !take_varint(rest, &key) || (key & 7) > WIRE_BYTES)
        return false;
    ret->tag = (uint16_t)(key >> 3);
    return take_value(rest, (EntryWire)(key & 7), &ret->value);
}

/* Past a number; to the end where it has none. */
static const uint8_t *over_varint(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p >= 0x80)
        p++;
    return p < end ? p + 1 : end;
}

/* A search reads every field of a whole life for the few that are text: so the others are stepped over by their bytes. */
bool entry_next_words(Str *rest, Field *ret)
{
    enum { SAID = 255 }; /* the length stands before it */
    static const uint8_t bytes[] = {[WIRE_REAL] = WORD_LEN,
                                    [WIRE_TEXT] = SAID,
                                    [WIRE_ID] = ID_LEN,
                                    [WIRE_LIST] = SAID,
                                    [WIRE_BYTES] = SAID};
    if (rest->len <= 0)
        return false;
    const uint8_t *p = (const uint8_t *)rest->p, *end = p + rest->len;
    while (p < end) {
        EntryWire wire = (EntryWire)(*p & 7); /* of a key, in whatever many bytes */
        const uint8_t *key = p;
        p = over_varint(p, end);
        if (wire == WIRE_INT) {
            p = over_varint(p, end);
            continue;
        }
        if (wire > WIRE_BYTES)
            return false;
        uint64_t len = bytes[wire], tag = 0;
        Str over = {(const char *)p, end - p};
        if (len == SAID && !take_varint(&over, &len))
            return false;
        if (len > (uint64_t)over.len)
            return false;
        p = (const uint8_t *)over.p + len;
        if (wire != WIRE_TEXT && wire != WIRE_LIST)
            continue;
        Str spelled = {(const char *)key, end - key};
        *rest = (Str){(const char *)p, end - p};
        *ret = (Field){
            .value = {.wire = wire, .bytes = {over.p, (ptrdiff_t)len}}
        };
        if (!take_varint(&spelled, &tag))
            return false;
        ret->tag = (uint16_t)(tag >> 3);
        return true;
    }
    return false;
}

/* -- writing ----------------------------------------------------------------------------------- */

static void put_value(Buf *buf, const FieldValue *value)
{
    uint64_t bits = 0;
    switch (value->wire) {
    case WIRE_NONE:
        break;
    case WIRE_INT:
        buf_varint(buf, zigzag(value->num));
        break;
    case WIRE_REAL:
        memcpy(&bits, &value->real, sizeof bits);
        buf_u64(buf, bits);
        break;
    case WIRE_ID:
        buf_bytes(buf, value->id.b, ID_LEN);
        break;
    case WIRE_TEXT:
    case WIRE_LIST:
    case WIRE_BYTES:
        buf_varint(buf, (uint64_t)value->bytes.len);
        buf_put(buf, value->bytes);
        break;
    }
}

void list_add(Buf *items, const FieldValue *item)
{
    buf_char(items, (char)item->wire);
    put_value(items, item);
}

static bool head_sound(const Entry *e)
{
    return e->kind > 0 && !id_is_zero(e->id) && !id_is_zero(e->object) && e->n_fields >= 0 &&
           e->n_fields <= ENTRY_FIELDS_MAX && e->stamp.hlc <= STAMP_MAX &&
           e->stamp.device <= STAMP_MAX;
}

static bool field_sound(const Field *f)
{
    if (f->tag == 0 || f->tag > ENTRY_TAG_MAX || f->value.wire > WIRE_BYTES)
        return false;
    return (f->value.wire != WIRE_REAL || isfinite(f->value.real)) && value_sound(&f->value);
}

Err entry_encode(Cx *cx, const Entry *entry, Str *ret)
{
    bool own = id_eq(entry->object, entry->id), batch = !id_is_zero(entry->batch);
    if (!head_sound(entry))
        return err_set(cx, ERR_INVALID, "err.entry-unsound", NO_ARGS);
    Buf buf = buf_make(cx->arena, ENTRY_BODY_MAX);
    buf_char(&buf, ENTRY_FORMAT);
    buf_varint(&buf, entry->kind);
    buf_char(&buf, (char)((own ? 0 : FLAG_OBJECT) | (batch ? FLAG_BATCH : 0)));
    buf_bytes(&buf, entry->id.b, ID_LEN);
    if (!own)
        buf_bytes(&buf, entry->object.b, ID_LEN);
    if (batch)
        buf_bytes(&buf, entry->batch.b, ID_LEN);
    buf_u64(&buf, entry->stamp.hlc);
    buf_u64(&buf, entry->stamp.device);
    for (int i = 0; i < entry->n_fields; i++) {
        const Field *f = &entry->fields[i];
        if ((i > 0 && f->tag <= f[-1].tag) || !field_sound(f))
            return err_set(cx, ERR_INVALID, "err.entry-unsound", NO_ARGS);
        buf_varint(&buf, (uint64_t)f->tag << 3 | f->value.wire);
        put_value(&buf, &f->value);
    }
    return buf_done(cx, &buf, ret);
}

/* -- validation -------------------------------------------------------------------------------- */

bool date_valid(int64_t ymd)
{
    if (ymd < 0 || ymd > 99991231)
        return false;
    int year = (int)(ymd / 10000), month = (int)(ymd / 100 % 100), day = (int)(ymd % 100);
    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= time_days_in_month(year == 0 ? 2000 : year, month);
}

static bool text_fits(const FieldSpec *spec, const FieldValue *value, int64_t min)
{
    if (value->wire != WIRE_TEXT || value->bytes.len < min)
        return false;
    return value->bytes.len <= spec->max || utf8_count(value->bytes) <= spec->max;
}

/* One item of a list field: a text, an id, or a pair of a text and something. */
static bool item_fits(const FieldSpec *spec, const FieldValue *item)
{
    if (spec->type == FIELD_TEXTS)
        return text_fits(spec, item, 1);
    if (spec->type == FIELD_IDS)
        return item->wire == WIRE_ID && !id_is_zero(item->id);
    FieldValue first, second;
    Str rest = item->bytes;
    if (item->wire != WIRE_LIST || !list_next(&rest, &first) || !list_next(&rest, &second) ||
        rest.len > 0 || first.wire != WIRE_TEXT)
        return false;
    if (spec->type == FIELD_PAIRS)
        return text_fits(spec, &first, 0) && text_fits(spec, &second, 1);
    return first.bytes.len > 0 && second.wire == WIRE_INT && second.num >= spec->min &&
           second.num <= spec->max;
}

static bool list_fits(const FieldSpec *spec, const FieldValue *value)
{
    if (value->wire != WIRE_LIST)
        return false;
    Str rest = value->bytes;
    FieldValue item;
    int n = 0;
    while (list_next(&rest, &item)) {
        if (++n > spec->max_items || !item_fits(spec, &item))
            return false;
    }
    return true;
}

bool entry_value_fits(const FieldSpec *spec, const FieldValue *value)
{
    if (value->wire == WIRE_NONE)
        return true;
    switch (spec->type) {
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_MASK:
    case FIELD_INSTANT:
    case FIELD_TENTHS:
    case FIELD_HUNDREDTHS:
        return value->wire == WIRE_INT && value->num >= spec->min && value->num <= spec->max;
    case FIELD_DATE:
        return value->wire == WIRE_INT && date_valid(value->num);
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_KEY:
        return text_fits(spec, value, spec->min);
    case FIELD_ID:
        return value->wire == WIRE_ID && !id_is_zero(value->id);
    case FIELD_IDS:
    case FIELD_TEXTS:
    case FIELD_PAIRS:
    case FIELD_ANSWERS:
        return list_fits(spec, value);
    case FIELD_BODY:
        return value->wire == WIRE_BYTES && value->bytes.len >= spec->min &&
               value->bytes.len <= spec->max;
    }
    return false;
}

static Err out_of_bounds(Cx *cx, const FieldSpec *spec)
{
    const Arg *args = ARGS(arg_c("field", spec->name), arg_int("min", spec->min),
                           arg_int("max", spec->max), arg_int("n", spec->max_items));
    switch (spec->type) {
    case FIELD_INT:
    case FIELD_MASK:
    case FIELD_INSTANT:
        return err_field(cx, ERR_INVALID, spec->name, "err.field-number", args);
    case FIELD_TENTHS:
    case FIELD_HUNDREDTHS: {
        double unit = spec->type == FIELD_TENTHS ? 10 : 100;
        return err_field(cx, ERR_INVALID, spec->name, "err.field-number",
                         ARGS(arg_c("field", spec->name), arg_real("min", (double)spec->min / unit),
                              arg_real("max", (double)spec->max / unit)));
    }
    case FIELD_DATE:
        return err_field(cx, ERR_INVALID, spec->name, "err.field-date", args);
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_KEY:
        return err_field(cx, ERR_INVALID, spec->name, "err.field-text", args);
    case FIELD_IDS:
    case FIELD_TEXTS:
    case FIELD_PAIRS:
    case FIELD_ANSWERS:
        return err_field(cx, ERR_INVALID, spec->name, "err.field-list", args);
    case FIELD_BOOL:
    case FIELD_ID:
    case FIELD_BODY:
        break;
    }
    return err_field(cx, ERR_INVALID, spec->name, "err.field-wrong", args);
}

static bool has_field(const Entry *entry, uint16_t tag)
{
    for (int i = 0; i < entry->n_fields; i++) {
        if (entry->fields[i].tag == tag)
            return entry->fields[i].value.wire != WIRE_NONE;
    }
    return false;
}

Err entry_validate(Cx *cx, const Entry *entry)
{
    if (!entry_kind_name(entry->kind))
        return err_set(cx, ERR_INVALID, "err.entry-unsound", NO_ARGS);
    bool creates = entry_kind_is_created(entry->kind) && id_eq(entry->id, entry->object);
    for (int i = 0; i < entry->n_fields; i++) {
        const Field *f = &entry->fields[i];
        const FieldSpec *spec = entry_field_spec(entry->kind, f->tag);
        if (!spec)
            return err_set(cx, ERR_INVALID, "err.entry-unsound", NO_ARGS);
        if (!entry_value_fits(spec, &f->value))
            return out_of_bounds(cx, spec);
    }
    const FieldSpec *spec = NULL;
    for (int i = 0; creates && (spec = entry_field_at(entry->kind, i)); i++) {
        if (spec->required && !has_field(entry, spec->tag))
            return err_field(cx, ERR_INVALID, spec->name, "err.field-required",
                             ARGS(arg_c("field", spec->name)));
    }
    return OK;
}
