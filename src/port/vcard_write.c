/* port/vcard_write.c - one property at a time into a line, each line folded into the file: linear, one
 * copy. Words of one's own (labels) stand in an X-ABLabel of the same group, the one form that address
 * books of every maker show. */
#include "port/vcard_write.h"
#include "base/buf.h"
#include "port/vcard_line.h"

enum { LINE_MAX_BYTES = 75, PROPERTY_MAX = 8 * VCARD_VALUE_MAX };

typedef struct Writer {
    Buf file, line;
    VcardVersion version;
    int group; /* number of the last one used in this card */
} Writer;

/* -- a line */

static void end_line(Writer *w)
{
    Str rest = {w->line.p, w->line.len};
    ptrdiff_t most = LINE_MAX_BYTES;
    while (rest.len > most) {
        ptrdiff_t cut = most;
        while (((unsigned char)rest.p[cut] & 0xC0) == 0x80) /* not within a letter */
            cut--;
        buf_put(&w->file, str_sub(rest, 0, cut));
        buf_c(&w->file, "\r\n ");
        rest = str_from(rest, cut);
        most = LINE_MAX_BYTES - 1;
    }
    buf_put(&w->file, rest);
    buf_c(&w->file, "\r\n");
    w->file.failed = w->file.failed || w->line.failed;
    w->file.over = w->file.over || w->line.over;
    w->line.len = 0;
}

static void put_escaped(Writer *w, Str s, bool lists)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '\n')
            buf_c(&w->line, "\\n");
        else if (c == '\\' || (lists && (c == ',' || c == ';')))
            buf_put(&w->line, (Str){
                                  (const char[]){'\\', c},
                                   2
            });
        else
            buf_char(&w->line, c);
    }
}

/* name is whatever stands before the colon. */
static void text_line(Writer *w, const char *name, Str value)
{
    if (value.len == 0)
        return;
    buf_c(&w->line, name);
    buf_char(&w->line, ':');
    put_escaped(w, value, true);
    end_line(w);
}

/* Addresses of the web and identifiers: commas and semicolons are theirs. */
static void uri_line(Writer *w, const char *name, Str value)
{
    if (value.len == 0)
        return;
    buf_c(&w->line, name);
    buf_char(&w->line, ':');
    put_escaped(w, value, false);
    end_line(w);
}

static void list_line(Writer *w, const char *name, const Str *items, int n, char between)
{
    buf_c(&w->line, name);
    buf_char(&w->line, ':');
    for (int i = 0; i < n; i++) {
        if (i > 0)
            buf_char(&w->line, between);
        put_escaped(w, items[i], true);
    }
    end_line(w);
}

/* -- parameters and labels */

static void start_group(Writer *w, Str label)
{
    if (label.len > 0)
        buf_fmt(&w->line, "item%d.", ++w->group);
}

static void label_line(Writer *w, Str label)
{
    if (label.len == 0)
        return;
    buf_fmt(&w->line, "item%d.X-ABLabel:", w->group);
    put_escaped(w, label, true);
    end_line(w);
}

static void put_types(Writer *w, unsigned types, int pref)
{
    bool some = false;
    for (int bit = 0; bit < VCARD_TYPE_BITS; bit++) {
        if (types & 1u << bit) {
            buf_c(&w->line, some ? "," : ";TYPE=");
            buf_c(&w->line, vcard_type_word(bit));
            some = true;
        }
    }
    if (pref == 1 && w->version == VCARD_3_0)
        buf_c(&w->line, some ? ",pref" : ";TYPE=pref");
    else if (pref > 0)
        buf_fmt(&w->line, ";PREF=%d", pref);
}

/* RFC 6868. */
static void put_param(Writer *w, Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++) {
        if (s.p[i] == '\n')
            buf_c(&w->line, "^n");
        else if (s.p[i] == '"')
            buf_c(&w->line, "^'");
        else if (s.p[i] == '^')
            buf_c(&w->line, "^^");
        else
            buf_char(&w->line, s.p[i]);
    }
}

/* -- what a person has */

static void put_point(Writer *w, const char *name, const VcardPoint *point)
{
    start_group(w, point->label);
    buf_c(&w->line, name);
    put_types(w, point->types, point->pref);
    buf_char(&w->line, ':');
    put_escaped(w, point->value, name[0] != 'U'); /* all but URL are text */
    end_line(w);
    label_line(w, point->label);
}

static void put_address(Writer *w, const VcardAddress *a)
{
    const Str parts[] = {a->po_box, a->extended, a->street, a->city,
                         a->region, a->postcode, a->country};
    ptrdiff_t total = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        total += parts[i].len;
    bool as_line = w->version == VCARD_3_0 && total > 0;
    start_group(w, a->label);
    buf_c(&w->line, "ADR");
    put_types(w, a->types, a->pref);
    if (a->printed.len > 0 && !as_line) {
        buf_c(&w->line, ";LABEL=\"");
        put_param(w, a->printed);
        buf_char(&w->line, '"');
    }
    list_line(w, "", parts, sizeof parts / sizeof *parts, ';');
    label_line(w, a->label);
    if (as_line)
        text_line(w, "LABEL", a->printed);
}

static void put_date(Writer *w, const char *name, const VcardDate *d)
{
    if (!vcard_date_is_set(d))
        return;
    if (d->text.len > 0) {
        buf_c(&w->line, name);
        text_line(w, ";VALUE=text", d->text);
        return;
    }
    bool basic = w->version == VCARD_4_0;
    buf_c(&w->line, name);
    if (d->year > 0 && d->day > 0)
        buf_fmt(&w->line, basic ? ":%04d%02d%02d" : ":%04d-%02d-%02d", d->year, d->month, d->day);
    else if (d->year > 0 && d->month > 0)
        buf_fmt(&w->line, ":%04d-%02d", d->year, d->month);
    else if (d->year > 0)
        buf_fmt(&w->line, ":%04d", d->year);
    else if (d->month > 0 && d->day > 0 && basic)
        buf_fmt(&w->line, ":--%02d%02d", d->month, d->day);
    else if (d->month > 0 &&
             d->day > 0) /* 3.0 has no day without a year; this is what Apple writes */
        buf_fmt(&w->line, ";X-APPLE-OMIT-YEAR=1604:1604-%02d-%02d", d->month, d->day);
    else if (d->month > 0)
        buf_fmt(&w->line, ":--%02d", d->month);
    else
        buf_fmt(&w->line, ":---%02d", d->day);
    end_line(w);
}

/* The relations that 4.0 has a word for. */
static bool is_rfc_relation(Str kind)
{
    static const char *const words[] = {
        "contact", "acquaintance", "friend",  "met",    "co-worker", "colleague", "co-resident",
        "child",   "parent",       "sibling", "spouse", "kin",       "muse",      "crush",
        "date",    "sweetheart",   "me",      "agent",  "emergency", "neighbor"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq_c(kind, words[i]))
            return true;
    }
    return false;
}

static void put_related(Writer *w, const VcardRelated *r)
{
    bool linked = r->uri.len > 0;
    if (!linked && r->name.len == 0)
        return;
    if (w->version == VCARD_4_0 && is_rfc_relation(r->kind)) {
        buf_c(&w->line, "RELATED;TYPE=");
        buf_put(&w->line, r->kind);
        if (linked)
            uri_line(w, "", r->uri);
        else
            text_line(w, ";VALUE=text", r->name);
        return;
    }
    start_group(w, r->kind);
    text_line(w, "X-ABRELATEDNAMES", linked ? r->uri : r->name);
    label_line(w, r->kind);
}

static void put_kind(Writer *w, VcardKind kind)
{
    static const char *const words[] = {[VCARD_INDIVIDUAL] = "",
                                        [VCARD_GROUP] = "group",
                                        [VCARD_ORGANISATION] = "org",
                                        [VCARD_PLACE] = "location"};
    bool four = w->version == VCARD_4_0;
    if (kind == VCARD_ORGANISATION && !four)
        text_line(w, "X-ABShowAs", STR("COMPANY"));
    else
        text_line(w, four ? "KIND" : "X-ADDRESSBOOKSERVER-KIND", str_c(words[kind]));
}

static void put_name(Writer *w, const VcardPerson *p)
{
    const Str parts[] = {p->family, p->given, p->additional, p->prefix, p->suffix};
    ptrdiff_t total = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        total += parts[i].len;
    text_line(w, "FN", p->name);
    if (total > 0 || w->version == VCARD_3_0) /* 3.0 demands the line, were it empty */
        list_line(w, "N", parts, sizeof parts / sizeof *parts, ';');
    if (p->n_nicknames > 0)
        list_line(w, "NICKNAME", p->nicknames, p->n_nicknames, ',');
}

static void put_person(Writer *w, const VcardPerson *p)
{
    w->group = 0;
    buf_c(&w->file, "BEGIN:VCARD\r\nVERSION:");
    buf_c(&w->file, w->version == VCARD_3_0 ? "3.0\r\n" : "4.0\r\n");
    put_kind(w, p->kind);
    uri_line(w, "UID", p->uid);
    put_name(w, p);
    put_date(w, "BDAY", &p->birthday);
    put_date(w, w->version == VCARD_3_0 ? "X-ANNIVERSARY" : "ANNIVERSARY", &p->anniversary);
    for (int i = 0; i < p->n_emails; i++)
        put_point(w, "EMAIL", &p->emails[i]);
    for (int i = 0; i < p->n_phones; i++)
        put_point(w, "TEL", &p->phones[i]);
    for (int i = 0; i < p->n_addresses; i++)
        put_address(w, &p->addresses[i]);
    for (int i = 0; i < p->n_urls; i++)
        put_point(w, "URL", &p->urls[i]);
    const Str org[] = {p->org, p->unit};
    if (p->org.len + p->unit.len > 0)
        list_line(w, "ORG", org, p->unit.len > 0 ? 2 : 1, ';');
    text_line(w, "TITLE", p->title);
    for (int i = 0; i < p->n_related; i++)
        put_related(w, &p->related[i]);
    if (p->n_categories > 0)
        list_line(w, "CATEGORIES", p->categories, p->n_categories, ',');
    text_line(w, "NOTE", p->note);
    uri_line(w, "REV", p->rev);
    buf_c(&w->file, "END:VCARD\r\n");
}

Err vcard_write(Cx *cx, const VcardPerson people[], ptrdiff_t n_people, VcardVersion version,
                Str *ret)
{
    Writer w = {.file = buf_make(cx->arena, VCARD_FILE_MAX),
                .line = buf_make(cx->arena, PROPERTY_MAX),
                .version = version};
    for (ptrdiff_t i = 0; i < n_people && !w.file.failed; i++)
        put_person(&w, &people[i]);
    return buf_done(cx, &w.file, ret);
}

/* -- comparing */

static bool same_texts(const Str *a, const Str *b, int n)
{
    bool same = true;
    for (int i = 0; i < n; i++)
        same = same && str_eq(a[i], b[i]);
    return same;
}

static bool same_date(const VcardDate *a, const VcardDate *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day &&
           str_eq(a->text, b->text);
}

static bool same_points(const VcardPoint *a, const VcardPoint *b, int n)
{
    bool same = true;
    for (int i = 0; i < n; i++)
        same = same && str_eq(a[i].value, b[i].value) && str_eq(a[i].label, b[i].label) &&
               a[i].types == b[i].types && a[i].pref == b[i].pref;
    return same;
}

static bool same_address(const VcardAddress *a, const VcardAddress *b)
{
    const Str one[] = {a->po_box,   a->extended, a->street,  a->city, a->region,
                       a->postcode, a->country,  a->printed, a->label};
    const Str two[] = {b->po_box,   b->extended, b->street,  b->city, b->region,
                       b->postcode, b->country,  b->printed, b->label};
    return same_texts(one, two, sizeof one / sizeof *one) && a->types == b->types &&
           a->pref == b->pref;
}

static bool same_related(const VcardRelated *a, const VcardRelated *b)
{
    return str_eq(a->kind, b->kind) && str_eq(a->name, b->name) && str_eq(a->uri, b->uri);
}

static bool same_counts(const VcardPerson *a, const VcardPerson *b)
{
    return a->n_nicknames == b->n_nicknames && a->n_categories == b->n_categories &&
           a->n_emails == b->n_emails && a->n_phones == b->n_phones && a->n_urls == b->n_urls &&
           a->n_addresses == b->n_addresses && a->n_related == b->n_related;
}

bool vcard_same(const VcardPerson *a, const VcardPerson *b)
{
    const Str one[] = {a->name, a->family, a->given, a->additional, a->prefix, a->suffix,
                       a->org,  a->unit,   a->title, a->note,       a->uid,    a->rev};
    const Str two[] = {b->name, b->family, b->given, b->additional, b->prefix, b->suffix,
                       b->org,  b->unit,   b->title, b->note,       b->uid,    b->rev};
    if (!same_texts(one, two, sizeof one / sizeof *one) || a->kind != b->kind || !same_counts(a, b))
        return false;
    bool same =
        same_date(&a->birthday, &b->birthday) && same_date(&a->anniversary, &b->anniversary) &&
        same_texts(a->nicknames, b->nicknames, a->n_nicknames) &&
        same_texts(a->categories, b->categories, a->n_categories) &&
        same_points(a->emails, b->emails, a->n_emails) &&
        same_points(a->phones, b->phones, a->n_phones) && same_points(a->urls, b->urls, a->n_urls);
    for (int i = 0; i < a->n_addresses; i++)
        same = same && same_address(&a->addresses[i], &b->addresses[i]);
    for (int i = 0; i < a->n_related; i++)
        same = same && same_related(&a->related[i], &b->related[i]);
    return same;
}
