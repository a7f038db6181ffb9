/* insight/own_kept.c - what was learned, as bytes: little-endian, in the order of the struct, practices only where
 * something is known. Whoever reads it trusts nothing: every number must be finite and in its place. The key inside says
 * from which entries, questions and practices it was learned, so another version of either learns anew. */
#include "base/buf.h"
#include "insight/own_part.h"
#include <math.h>
#include <string.h>

static const Str MARK = {"own4", 4};
enum { BYTES_MAX = 1 << 20 };

static void put(Buf *b, const double v[], ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        buf_u64(b, bits);
    }
}

static void put_ints(Buf *b, const int v[], ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        buf_u32(b, (uint32_t)v[i]);
}

static void write_effects(Buf *b, const Own *own)
{
    for (int i = 0; i < OWN_PRACTICES; i++) {
        const OwnEffect *e = &own->effects[i];
        if (e->n == 0)
            continue;
        put_ints(b, (const int[]){i, e->n}, 2);
        put(b, e->evidence.precision, REL_TYPES * REL_TYPES);
        put(b, e->evidence.shift, REL_TYPES);
    }
    put_ints(b, (const int[]){OWN_PRACTICES, 0}, 2);
}

Err own_write(Cx *cx, const Own *own, const OwnSnapshot *begun, Str *ret)
{
    Buf b = buf_make(cx->arena, BYTES_MAX);
    buf_put(&b, MARK);
    buf_u64(&b, own->key);
    put_ints(&b, (const int[]){own->own, own->checkins, own->answers, own->people}, 4);
    put(&b, own->u, LEARN_PARAMS);
    put(&b, own->sd, LEARN_PARAMS);
    put(&b, own->mu, KIND_COUNT);
    put(&b, own->mu_sd, KIND_COUNT);
    put_ints(&b, own->mu_people, KIND_COUNT);
    put(&b, own->offset, OWN_QUESTIONS);
    put(&b, own->offset_var, OWN_QUESTIONS);
    put_ints(&b, own->asked, OWN_QUESTIONS);
    put(&b, &own->widen, 1);
    write_effects(&b, own);
    buf_u64(&b, begun ? begun->key : 0);
    buf_u32(&b, begun ? (uint32_t)begun->tape.count : 0);
    for (int i = 0; begun && i < begun->tape.count; i++)
        put(&b, begun->tape.slope[i], 1 + LEARN_PARAMS);
    return buf_done(cx, &b, ret);
}

/* -- reading ---------------------------------------------------------------------------------------- */

typedef struct Taker {
    Str rest;
    bool bad;
} Taker;

static uint64_t take_bits(Taker *t, int bytes)
{
    uint64_t v = 0;
    if (t->rest.len < bytes) {
        t->bad = true;
        return 0;
    }
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)(unsigned char)t->rest.p[i] << (8 * i);
    t->rest = str_from(t->rest, bytes);
    return v;
}

static double take_any(Taker *t)
{
    uint64_t bits = take_bits(t, 8);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Numbers between low and high. */
static void take(Taker *t, double ret[], ptrdiff_t n, double low, double high)
{
    for (ptrdiff_t i = 0; i < n && !t->bad; i++) {
        ret[i] = take_any(t);
        t->bad = t->bad || !(ret[i] >= low && ret[i] <= high);
    }
}

static int take_int(Taker *t, int high)
{
    uint64_t v = take_bits(t, 4);
    t->bad = t->bad || v > (uint64_t)high;
    return t->bad ? 0 : (int)v;
}

static void take_ints(Taker *t, int ret[], ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++)
        ret[i] = take_int(t, INT32_MAX);
}

static void read_effects(Taker *t, Own *own)
{
    while (!t->bad) {
        int at = take_int(t, OWN_PRACTICES), n = take_int(t, INT32_MAX);
        if (t->bad || at == OWN_PRACTICES)
            break;
        OwnEffect *e = &own->effects[at];
        e->n = n;
        take(t, e->evidence.precision, REL_TYPES * REL_TYPES, -1e9, 1e9);
        take(t, e->evidence.shift, REL_TYPES, -1e9, 1e9);
    }
}

static void read_own(Taker *t, Own *own)
{
    t->bad = !str_eq(str_sub(t->rest, 0, MARK.len), MARK);
    t->rest = str_from(t->rest, MARK.len);
    own->key = take_bits(t, 8);
    own->own = take_int(t, 1) == 1;
    own->checkins = take_int(t, INT32_MAX);
    own->answers = take_int(t, INT32_MAX);
    own->people = take_int(t, INT32_MAX);
    for (int k = 0; k < LEARN_PARAMS; k++)
        take(t, &own->u[k], 1, -10 * learn_sd[k], 10 * learn_sd[k]);
    take(t, own->sd, LEARN_PARAMS, 0, 10);
    take(t, own->mu, KIND_COUNT, -10, 10);
    take(t, own->mu_sd, KIND_COUNT, 0, 10);
    take_ints(t, own->mu_people, KIND_COUNT);
    take(t, own->offset, OWN_QUESTIONS, -10, 10);
    take(t, own->offset_var, OWN_QUESTIONS, 0, 1);
    take_ints(t, own->asked, OWN_QUESTIONS);
    take(t, &own->widen, 1, own->own ? 1 : 0, 100);
    read_effects(t, own);
}

bool own_read(Str bytes, Own *ret)
{
    Taker t = {.rest = bytes};
    *ret = (Own){.own = false};
    read_own(&t, ret);
    if (t.bad)
        *ret = (Own){.own = false};
    return !t.bad;
}

void own_resume(Str bytes, OwnSnapshot *io)
{
    Own *skipped = arena_new(&io->arena, Own, 1);
    Taker t = {.rest = bytes};
    if (!skipped)
        return;
    read_own(&t, skipped);
    uint64_t key = take_bits(&t, 8);
    int n = take_int(&t, LEARN_SLOPES);
    if (t.bad || key != io->key || t.rest.len != (ptrdiff_t)n * 8 * (1 + LEARN_PARAMS))
        return;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k <= LEARN_PARAMS; k++)
            io->tape.slope[i][k] = take_any(&t);
    }
    io->tape.count = n;
}
