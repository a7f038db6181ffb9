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

#endif
