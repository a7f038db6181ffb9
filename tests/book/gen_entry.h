/* tests/book/gen_entry.h - generated entries: any kind and field, or such as the schema allows.
 * Memory  in cx->arena. */
#ifndef TEST_GEN_ENTRY_H
#define TEST_GEN_ENTRY_H

#include "base/buf.h"
#include "book/entry.h"
#include "gen.h"

static const char *const gen_words[] = {"",          "a",
                                        "Ana",       "Zo\xc3\xab",
                                        "walk home", "\xe6\x97\xa5\xe6\x9c\xac",
                                        "x\ny",      "long and quiet talk"};

static inline Str gen_text(Gen *g)
{
    return str_c(gen_words[gen_int(g, 0, 7)]);
}

static inline void gen_put_item(Gen *g, Buf *buf, int depth)
{
    int64_t wire = gen_int(g, WIRE_NONE, depth + 1 < ENTRY_NEST_MAX ? WIRE_BYTES : WIRE_ID);
    Str text = gen_text(g);
    uint64_t v = gen_u64(g) >> gen_int(g, 0, 63);
    Id id = gen_id(g, 20);
    buf_char(buf, (char)wire);
    if (wire == WIRE_INT)
        buf_varint(buf, v);
    else if (wire == WIRE_REAL)
        buf_u64(buf, v >> 2);
    else if (wire == WIRE_ID)
        buf_bytes(buf, id.b, sizeof id.b);
    else if (wire == WIRE_TEXT || wire == WIRE_BYTES) {
        buf_varint(buf, (uint64_t)text.len);
        buf_put(buf, text);
    } else if (wire == WIRE_LIST) {
        buf_varint(buf, 2); /* two cleared items */
        buf_u32(buf, 0);
        buf->len -= 2;
    }
}

static inline FieldValue gen_value(Gen *g, Cx *cx)
{
    FieldValue v = {.wire = (EntryWire)gen_int(g, WIRE_NONE, WIRE_BYTES)};
    Buf items = buf_make(cx->arena, 4096);
    switch (v.wire) {
    case WIRE_NONE:
        break;
    case WIRE_INT:
        v.num = (int64_t)(gen_u64(g) >> gen_int(g, 0, 63)) * (gen_chance(g, 30) ? -1 : 1);
        break;
    case WIRE_REAL:
        v.real = (double)gen_int(g, -1000000, 1000000) / 64;
        break;
    case WIRE_ID:
        v.id = gen_id(g, 20);
        break;
    case WIRE_TEXT:
    case WIRE_BYTES:
        v.bytes = gen_text(g);
        break;
    case WIRE_LIST:
        for (int64_t n = gen_int(g, 0, 5); n > 0; n--)
            gen_put_item(g, &items, 0);
        v.bytes = (Str){items.p, items.len};
        break;
    }
    return v;
}

/* Any entry that has bytes, sense or not, unknown kinds and fields included. */
static inline void gen_entry(Gen *g, Cx *cx, Entry *e)
{
    *e = (Entry){.id = gen_id(g, 1000), .kind = (uint16_t)gen_int(g, 1, 20)};
    e->object = gen_chance(g, 50) ? e->id : gen_id(g, 20);
    if (gen_chance(g, 50))
        e->batch = gen_id(g, 10);
    e->stamp = (Stamp){gen_u64(g) >> gen_int(g, 1, 40), (uint64_t)gen_int(g, 1, 3)};
    uint16_t tag = 0;
    for (int64_t n = gen_int(g, 0, 12); n > 0; n--) {
        tag = (uint16_t)(tag + gen_int(g, 1, gen_chance(g, 10) ? 300 : 4));
        e->fields[e->n_fields++] = (Field){.tag = tag, .value = gen_value(g, cx)};
    }
}

/* A value that fits its field. */
static inline FieldValue gen_fit(Gen *g, Cx *cx, const FieldSpec *spec)
{
    Draft d = {.kind = ENTRY_NOTE, .arena = cx->arena};
    Id ids[3] = {gen_id(g, 6), gen_id(g, 6), gen_id(g, 6)};
    Str texts[2] = {str_c(gen_words[gen_int(g, 1, 4)]), str_c(gen_words[gen_int(g, 1, 4)])};
    int n = (int)gen_int(g, 1, 2);
    uint16_t tag = 1;
    switch (spec->type) {
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_MASK:
    case FIELD_TENTHS:
    case FIELD_HUNDREDTHS:
        return (FieldValue){.wire = WIRE_INT, .num = gen_int(g, spec->min, spec->max)};
    case FIELD_INSTANT: /* few, so that some are at once */
        return (FieldValue){.wire = WIRE_INT, .num = 1700000000000 + gen_int(g, 0, 9) * 86400000};
    case FIELD_DATE:
        return (FieldValue){.wire = WIRE_INT, .num = 20200101 + gen_int(g, 0, 20)};
    case FIELD_TEXT:
    case FIELD_PROSE:
    case FIELD_KEY:
        return (FieldValue){.wire = WIRE_TEXT, .bytes = texts[0]};
    case FIELD_ID:
        return (FieldValue){.wire = WIRE_ID, .id = ids[0]};
    case FIELD_BODY: /* carries nothing that can be used */
        return (FieldValue){.wire = WIRE_BYTES, .bytes = texts[0]};
    case FIELD_IDS:
        draft_ids(&d, tag, ids, n + 1);
        break;
    case FIELD_TEXTS:
        draft_texts(&d, tag, texts, n);
        break;
    case FIELD_PAIRS:
        draft_pairs(&d, tag,
                    (TextPair[]){
                        {texts[0], texts[1]},
                        {texts[1], texts[0]}
        },
                    n);
        break;
    case FIELD_ANSWERS:
        draft_answers(&d, tag,
                      (Answer[]){
                          {texts[0], (int)gen_int(g, 0, 100)},
                          {texts[1],    5                 }
        },
                      n);
        break;
    }
    return d.fields[0].value;
}

/* An entry about one of a few objects, people and batches: nearly always sensible, sometimes from a
 * newer version, sometimes retracting, clearing, or undoing. Ids are as unique as seeds. */
static inline void gen_fact(Gen *g, Cx *cx, Entry *e)
{
    *e = (Entry){.kind = (uint16_t)(gen_chance(g, 5) ? 40 : gen_int(g, 1, ENTRY_KINDS - 1))};
    for (int i = 0; i < 16; i++)
        e->id.b[i] = (uint8_t)gen_u64(g);
    e->id.b[0] |= 1;
    e->object = gen_id(g, 6);
    if (e->kind != ENTRY_BATCH && gen_chance(g, 45))
        e->id = e->object; /* creates it, if the book has not heard */
    if (e->kind == ENTRY_BATCH)
        e->object = gen_id(g, 4);
    else if (gen_chance(g, 60))
        e->batch = gen_id(g, 4);
    /* few instants, and two devices, so that stamps meet */
    e->stamp = (Stamp){((uint64_t)1700000000000 << 16) + (uint64_t)gen_int(g, 0, 30),
                       (uint64_t)gen_int(g, 1, 2)};
    uint16_t last = 0;
    const FieldSpec *spec = NULL;
    for (int i = 0; (spec = entry_field_at(e->kind, i)) && e->n_fields < ENTRY_FIELDS_MAX - 1;
         i++) {
        int likely = spec->tag == F_GONE ? 5 : spec->tag < 8 || e->kind == ENTRY_BATCH ? 50 : 20;
        if (!gen_chance(g, likely))
            continue;
        FieldValue v = gen_fit(g, cx, spec);
        if (gen_chance(g, 10))
            v = (FieldValue){.wire = WIRE_NONE};
        if (gen_chance(g, 3))
            v = (FieldValue){.wire = WIRE_INT, .num = -77777}; /* out of bounds nearly everywhere */
        e->fields[e->n_fields++] = (Field){.tag = spec->tag, .value = v};
        last = spec->tag;
    }
    if (gen_chance(g, 10))
        e->fields[e->n_fields++] = (Field){.tag = (uint16_t)(last + 50), .value = gen_value(g, cx)};
}

#endif
