/* tests/port/people.h - people made from a seed, to be written and read back.
 * Text is put together from pieces chosen to hurt: separators, quotes, carets, backslashes, letters of two,
 * three and four bytes; then cleaned, as a reader's results are. */
#ifndef TEST_PORT_PEOPLE_H
#define TEST_PORT_PEOPLE_H

#include "../gen.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "port/vcard.h"
#include "testlib.h"

static inline Str people_text(TestCx *t, Gen *g, int most, bool multiline)
{
    static const char *const pieces[] = {"Ana",  "Brown ",
                                         "Zoë",  "O'Brien",
                                         "李",   "雷",
                                         "Иван", "🌱",
                                         ",",    ";",
                                         ":",    "\\",
                                         "\\n",  "\"",
                                         "^",    "^n",
                                         "'",    "=",
                                         "=C3",  "%20",
                                         ".",    "-",
                                         " ",    "(",
                                         "é",    "long words to reach the fold of a line ",
                                         "urn",  "\n",
                                         "tel"};
    Buf buf = buf_make(&t->arena, 4096);
    Str text = {NULL, 0};
    for (int64_t n = gen_int(g, 1, most); n > 0; n--)
        buf_c(&buf, pieces[gen_int(g, 0, sizeof pieces / sizeof *pieces - 1)]);
    assert_ok(&t->cx, buf_done(&t->cx, &buf, &text));
    text = str_trim(utf8_clean(&t->arena, text, multiline));
    return text.len > 0 ? text : STR("x");
}

/* A name as people have them, for readers that stumble over the text above. */
static inline Str people_tame(Gen *g)
{
    static const char *const words[] = {
        "Ana",    "Chloé",  "Dmitri",       "Anne-Marie", "Мария",      "李雷",           "O'Brien",
        "García", "Öztürk", "van der Berg", "أحمد",       "Smith, Jr.", "Rossi; Bianchi", "Søren"};
    return str_c(words[gen_int(g, 0, sizeof words / sizeof *words - 1)]);
}

static inline Str people_maybe(TestCx *t, Gen *g, bool wild, bool multiline)
{
    if (!gen_chance(g, 60))
        return (Str){NULL, 0};
    return wild ? people_text(t, g, multiline ? 40 : 8, multiline) : people_tame(g);
}

static inline VcardDate people_date(TestCx *t, Gen *g, bool wild)
{
    VcardDate d = {.year = 0};
    if (!gen_chance(g, 60))
        return d;
    d.year = (int)gen_int(g, 1900, 2025);
    d.month = (int)gen_int(g, 1, 12);
    d.day = (int)gen_int(g, 1, time_days_in_month(d.year, d.month));
    int64_t shape = gen_int(g, 0, wild ? 9 : 4);
    if (shape == 1 || shape == 7)
        d.year = 0;
    if (shape == 5 || shape == 8)
        d.day = 0;
    if (shape == 6)
        d.month = d.day = 0;
    if (shape == 8)
        d.year = 0;
    if (shape == 9) {
        d = (VcardDate){.year = 0};
        d.text = people_text(t, g, 5, false);
    }
    return d;
}

static inline VcardPoint *people_points(TestCx *t, Gen *g, bool wild, const char *tame, int *ret_n)
{
    *ret_n = (int)gen_int(g, 0, 3);
    VcardPoint *points = arena_new(&t->arena, VcardPoint, *ret_n);
    assert_non_null(points);
    for (int i = 0; i < *ret_n; i++) {
        points[i].value = wild ? people_text(t, g, 6, false) : str_c(tame);
        points[i].types = (unsigned)gen_int(g, 0, 2047);
        points[i].pref = gen_chance(g, 30) ? (int)gen_int(g, 1, 100) : 0;
        if (gen_chance(g, 30))
            points[i].label = wild ? people_text(t, g, 4, false) : STR("Choir");
    }
    return points;
}

static inline Str *people_list(TestCx *t, Gen *g, bool wild, int *ret_n)
{
    *ret_n = (int)gen_int(g, 0, 3);
    Str *items = arena_new(&t->arena, Str, *ret_n);
    assert_non_null(items);
    for (int i = 0; i < *ret_n; i++)
        items[i] = wild ? people_text(t, g, 5, false) : people_tame(g);
    return items;
}

static inline void people_more(TestCx *t, Gen *g, VcardPerson *p)
{
    static const char *const kinds[] = {"",   "spouse", "friend", "mother", "domestic partner",
                                        "me", "home"};
    VcardAddress *a = arena_new(&t->arena, VcardAddress, 2);
    VcardRelated *r = arena_new(&t->arena, VcardRelated, 3);
    assert_true(a && r);
    p->n_addresses = (int)gen_int(g, 0, 2);
    for (int i = 0; i < p->n_addresses; i++) {
        Str *const parts[] = {&a[i].po_box, &a[i].extended, &a[i].street,
                              &a[i].city,   &a[i].region,   &a[i].country};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            *parts[k] = people_maybe(t, g, true, true);
        a[i].postcode = STR("X1");
        a[i].printed = people_maybe(t, g, true, true);
        a[i].label = people_maybe(t, g, true, false);
        a[i].types = (unsigned)gen_int(g, 0, 2047);
    }
    p->n_related = (int)gen_int(g, 0, 3);
    for (int i = 0; i < p->n_related; i++) {
        r[i].kind = str_c(kinds[gen_int(g, 0, 6)]);
        *(gen_chance(g, 20) ? &r[i].uri : &r[i].name) =
            gen_chance(g, 20) ? STR("urn:uuid:1,2;3") : STR("Tom");
        if (r[i].name.len > 4) { /* what looks like a link is one */
            r[i].uri = r[i].name;
            r[i].name = (Str){NULL, 0};
        } else if (r[i].uri.len > 0) {
            r[i].uri = STR("https://example.org/?a=1,2;b");
        }
    }
    p->addresses = a;
    p->related = r;
    p->kind = (VcardKind)gen_int(g, 0, 3);
    p->note = people_maybe(t, g, true, true);
    p->urls = people_points(t, g, true, "", &p->n_urls);
    p->uid = people_maybe(t, g, true, false);
    p->categories = people_list(t, g, true, &p->n_categories);
}

/* wild: everything there is; otherwise what other readers agree on. */
static inline VcardPerson people_make(TestCx *t, Gen *g, bool wild)
{
    VcardPerson p = {.name = wild ? people_text(t, g, 10, false) : people_tame(g)};
    p.family = people_maybe(t, g, wild, false);
    p.given = people_maybe(t, g, wild, false);
    p.additional = people_maybe(t, g, wild, false);
    p.prefix = people_maybe(t, g, wild, false);
    p.suffix = people_maybe(t, g, wild, false);
    p.birthday = people_date(t, g, wild);
    p.anniversary = people_date(t, g, wild);
    p.org = people_maybe(t, g, wild, false);
    p.unit = people_maybe(t, g, wild, false);
    p.title = people_maybe(t, g, wild, false);
    p.nicknames = people_list(t, g, wild, &p.n_nicknames);
    p.emails = people_points(t, g, false, "ana.brown+list@example.org", &p.n_emails);
    p.phones = people_points(t, g, wild, "+44 20 7946 0000", &p.n_phones);
    if (wild)
        people_more(t, g, &p);
    return p;
}

#endif
