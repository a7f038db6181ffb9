/* fuzz/check_person.h - files of contacts put together from pieces, and what must hold of people read from any bytes: text
 * is valid UTF-8, trimmed, without control characters, and everybody has a name. */
#ifndef FUZZ_CHECK_PERSON_H
#define FUZZ_CHECK_PERSON_H

#include "base/buf.h"
#include "base/os.h"
#include "base/utf8.h"
#include "port/vcard.h"

/* first, and then a piece for each byte of choices. */
static inline Str compose(Cx *cx, const char *first, const char *const pieces[], int count,
                          Str choices)
{
    enum { FILE_MAX = 1 << 20 };
    Buf buf = buf_make(cx->arena, FILE_MAX);
    Str file = {NULL, 0};
    buf_c(&buf, first);
    for (ptrdiff_t i = 0; i < choices.len; i++)
        buf_c(&buf, pieces[(unsigned char)choices.p[i] % count]);
    return buf_done(cx, &buf, &file) == OK ? file : (Str){NULL, 0};
}

static inline void check_text(Cx *cx, Str s, bool multiline)
{
    INVARIANT(utf8_valid(s));
    INVARIANT(str_eq(s, str_trim(s)));
    INVARIANT(str_eq(s, utf8_clean(cx->arena, s, multiline)));
}

static inline void check_points(Cx *cx, const VcardPoint *points, int n)
{
    for (int i = 0; i < n; i++) {
        check_text(cx, points[i].value, false);
        check_text(cx, points[i].label, false);
        INVARIANT(points[i].value.len > 0);
    }
}

static inline void check_person(Cx *cx, const VcardPerson *p)
{
    const Str lines[] = {p->name, p->family, p->given, p->additional, p->prefix, p->suffix,
                         p->org,  p->unit,   p->title, p->uid,        p->rev};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check_text(cx, lines[i], false);
    check_text(cx, p->note, true);
    INVARIANT(p->name.len > 0);
    check_points(cx, p->emails, p->n_emails);
    check_points(cx, p->phones, p->n_phones);
    check_points(cx, p->urls, p->n_urls);
    for (int i = 0; i < p->n_related; i++)
        check_text(cx, p->related[i].kind, false);
    for (int i = 0; i < p->n_addresses; i++)
        check_text(cx, p->addresses[i].printed, true);
}

#endif
