/* port/export_vcard.c - everyone as contact cards: what an address book has room for, and no more. Of how close
 * somebody is a card says nothing, since cards are handed on. Linear in what is written. */
#include "port/export_parts.h"
#include "port/vcard_line.h"
#include "port/vcard_write.h"

/* Labels that are words of the format become its types, as the reader takes them. */
static unsigned type_named(Str label)
{
    for (int bit = 0; bit < VCARD_TYPE_BITS; bit++) {
        if (str_ieq(label, str_c(vcard_type_word(bit))))
            return 1u << bit;
    }
    return 0;
}

static void *room_for(Sheet *s, int n, ptrdiff_t bytes)
{
    void *p = arena_alloc(s->cx->arena, n, bytes, (ptrdiff_t) _Alignof(max_align_t));
    return sheet_ok(s, p ? OK : err_nomem(s->cx)) ? p : NULL;
}

static const VcardPoint *points_of(Sheet *s, BookPairs pairs, int *ret_n)
{
    VcardPoint *points = room_for(s, pairs.n, sizeof *points);
    int n = 0;
    for (int i = 0; points && i < pairs.n; i++) {
        Str value = sheet_line(s, pairs.p[i].value), label = sheet_line(s, pairs.p[i].label);
        unsigned types = type_named(label);
        if (value.len > 0)
            points[n++] =
                (VcardPoint){.value = value, .label = types ? STR("") : label, .types = types};
    }
    *ret_n = n;
    return points;
}

static const VcardAddress *addresses_of(Sheet *s, int *ret_n)
{
    BookPairs pairs = s->person.addresses;
    VcardAddress *addresses = room_for(s, pairs.n, sizeof *addresses);
    int n = 0;
    for (int i = 0; addresses && i < pairs.n; i++) {
        Str value = sheet_lines(s, pairs.p[i].value), label = sheet_line(s, pairs.p[i].label);
        unsigned types = type_named(label);
        if (value.len > 0)
            addresses[n++] =
                (VcardAddress){.street = value, .label = types ? STR("") : label, .types = types};
    }
    *ret_n = n;
    return addresses;
}

static const VcardRelated *related_of(Sheet *s, int *ret_n)
{
    BookPairs pairs = s->person.related;
    VcardRelated *related = room_for(s, pairs.n, sizeof *related);
    int n = 0;
    for (int i = 0; related && i < pairs.n; i++) {
        Str name = sheet_line(s, pairs.p[i].value);
        if (name.len > 0)
            related[n++] = (VcardRelated){.kind = sheet_line(s, pairs.p[i].label), .name = name};
    }
    *ret_n = n;
    return related;
}

/* Nicknames, then the other names somebody is found by: a card has one place for both. */
static const Str *nicknames_of(Sheet *s, int *ret_n)
{
    const BookPerson *p = &s->person;
    int n = p->nicknames.n + p->names.n, kept = 0;
    Str *names = room_for(s, n, sizeof *names);
    for (int i = 0; names && i < n; i++) {
        Str name = i < p->nicknames.n ? p->nicknames.p[i] : p->names.p[i - p->nicknames.n];
        name = sheet_line(s, name);
        if (name.len > 0)
            names[kept++] = name;
    }
    *ret_n = kept;
    return names;
}

static VcardDate date_of(int32_t date)
{
    Ymd d = ymd_of(date);
    return (VcardDate){.year = d.year, .month = d.month, .day = d.day};
}

static Str uid_of(Sheet *s)
{
    char id[ID_TEXT_CAP];
    Str uid = sheet_line(s, s->person.uid);
    if (uid.len == 0)
        uid = str_dup(s->cx->arena, id_format(s->person.id, id));
    return sheet_ok(s, str_is_null(uid) ? err_nomem(s->cx) : OK) ? uid : STR("");
}

static void put_card(Sheet *s, VcardVersion version)
{
    const BookPerson *p = &s->person;
    VcardPerson card = {.name = sheet_name(s),
                        .given = sheet_line(s, p->given),
                        .family = sheet_line(s, p->family),
                        .birthday = date_of(p->birthday),
                        .anniversary = date_of(p->anniversary),
                        .org = sheet_line(s, p->org),
                        .title = sheet_line(s, p->title),
                        .note = sheet_lines(s, p->note),
                        .uid = uid_of(s)};
    card.nicknames = nicknames_of(s, &card.n_nicknames);
    card.emails = points_of(s, p->emails, &card.n_emails);
    card.phones = points_of(s, p->phones, &card.n_phones);
    card.urls = points_of(s, p->links, &card.n_urls);
    card.addresses = addresses_of(s, &card.n_addresses);
    card.related = related_of(s, &card.n_related);
    Str bytes = {NULL, 0};
    if (s->err == OK && sheet_ok(s, vcard_write(s->cx, &card, 1, version, &bytes)))
        buf_put(s->out, bytes);
}

static void put_card3(Sheet *s)
{
    put_card(s, VCARD_3_0);
}

static void put_card4(Sheet *s)
{
    put_card(s, VCARD_4_0);
}

Err export_vcard3_to(Cx *cx, const Book *book, Buf *out)
{
    return sheet_each(cx, book, out, put_card3);
}

Err export_vcard4_to(Cx *cx, const Book *book, Buf *out)
{
    return sheet_each(cx, book, out, put_card4);
}
