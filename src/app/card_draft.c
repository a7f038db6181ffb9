/* app/card_draft.c - a contact card as the entry of a person. The schema has bounds that a card need not keep: a name
 * or a note that is too long is cut, another value is left out, and how many there were is told, so that one
 * odd value costs neither its card nor the file. Linear in the card. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "port/vcard.h"

enum {
    NAME_CHARS = 200, /* what a form takes, too */
    NOTE_CHARS = 4000,
    LABEL_CHARS = 60,
    NICKNAMES_MAX = 8,
    ITEMS_MAX = 64,
    LIST_BYTES_MAX = 24 << 10 /* five lists and a note stay within an entry */
};

typedef struct Card {
    Draft draft;
    int left; /* values left out or cut */
} Card;

typedef struct Pairs {
    TextPair p[ITEMS_MAX];
    int pref[ITEMS_MAX]; /* as vcard.h has it */
    int n;
    ptrdiff_t bytes;
} Pairs;

static bool fits(Str s, int max)
{
    return s.len <= max || utf8_count(s) <= max;
}

static void put_text(Card *c, uint16_t tag, Str text, int max)
{
    Str kept = fits(text, max) ? text : utf8_prefix(text, max);
    c->left += kept.len < text.len;
    draft_text(&c->draft, tag, kept);
}

/* An identifier that is cut is another one. */
static void put_uid(Card *c, Str uid)
{
    bool kept = fits(uid, NAME_CHARS);
    c->left += !kept;
    draft_text(&c->draft, F_PERSON_UID, kept ? uid : STR(""));
}

/* A day of the calendar, with or without its year; a year alone, or words, have no place in an entry. */
static void put_date(Card *c, uint16_t tag, const VcardDate *d)
{
    int32_t ymd = d->year * 10000 + d->month * 100 + d->day;
    bool whole = d->month > 0 && d->day > 0 && date_valid(ymd);
    if (whole)
        draft_int(&c->draft, tag, ymd);
    c->left += !whole && vcard_date_is_set(d);
}

/* Is what a card prefers so to come before what it prefers so? What it does not say comes last. */
static bool comes_before(int pref, int than)
{
    return pref > 0 && (than == 0 || pref < than);
}

/* What is preferred comes first, else as the card has them. */
static void add_pair(Card *c, Pairs *list, uint16_t tag, Str label, Str value, int pref)
{
    int max = (int)entry_field_spec(ENTRY_PERSON, tag)->max;
    label = fits(label, LABEL_CHARS) ? label : utf8_prefix(label, LABEL_CHARS);
    ptrdiff_t bytes = label.len + value.len;
    if (value.len == 0)
        return;
    if (list->n == ITEMS_MAX || !fits(value, max) || list->bytes + bytes > LIST_BYTES_MAX) {
        c->left++;
        return;
    }
    int at = list->n++;
    for (; at > 0 && comes_before(pref, list->pref[at - 1]); at--) {
        list->p[at] = list->p[at - 1];
        list->pref[at] = list->pref[at - 1];
    }
    list->p[at] = (TextPair){label, value};
    list->pref[at] = pref;
    list->bytes += bytes;
}

static Str label_of(Str own, unsigned types)
{
    if (own.len > 0)
        return own;
    if (types & VCARD_HOME)
        return STR("home");
    if (types & VCARD_WORK)
        return STR("work");
    return types & VCARD_CELL ? STR("cell") : STR("");
}

static void put_points(Card *c, uint16_t tag, const VcardPoint points[], int n)
{
    Pairs list = {.n = 0};
    for (int i = 0; i < n; i++)
        add_pair(c, &list, tag, label_of(points[i].label, points[i].types), points[i].value,
                 points[i].pref);
    draft_pairs(&c->draft, tag, list.p, list.n);
}

/* "Acme, Research": there is one place for where somebody works. */
static Str org_of(Cx *cx, const VcardPerson *p)
{
    Buf buf = buf_make(cx->arena, (ptrdiff_t)3 * VCARD_VALUE_MAX);
    Str out = {NULL, 0};
    buf_put(&buf, p->org);
    buf_c(&buf, p->org.len > 0 && p->unit.len > 0 ? ", " : "");
    buf_put(&buf, p->unit);
    return buf_done(cx, &buf, &out) == OK ? out : p->org;
}

static Str one_line(Cx *cx, const VcardAddress *a)
{
    const Str parts[] = {a->po_box, a->extended, a->street, a->postcode,
                         a->city,   a->region,   a->country};
    Buf buf = buf_make(cx->arena, (ptrdiff_t)8 * VCARD_VALUE_MAX);
    Str out = {NULL, 0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buf_c(&buf, buf.len > 0 && parts[i].len > 0 ? ", " : "");
        buf_put(&buf, parts[i]);
    }
    return buf_done(cx, &buf, &out) == OK && out.len > 0 ? out : a->printed;
}

static void put_addresses(Cx *cx, Card *c, const VcardPerson *p)
{
    Pairs list = {.n = 0};
    for (int i = 0; i < p->n_addresses; i++)
        add_pair(c, &list, F_PERSON_ADDRESSES,
                 label_of(p->addresses[i].label, p->addresses[i].types),
                 one_line(cx, &p->addresses[i]), p->addresses[i].pref);
    draft_pairs(&c->draft, F_PERSON_ADDRESSES, list.p, list.n);
}

static void put_related(Card *c, const VcardPerson *p)
{
    Pairs list = {.n = 0};
    for (int i = 0; i < p->n_related; i++)
        add_pair(c, &list, F_PERSON_RELATED, p->related[i].kind, p->related[i].name, 0);
    draft_pairs(&c->draft, F_PERSON_RELATED, list.p, list.n);
}

static void put_nicknames(Card *c, const VcardPerson *p)
{
    Str names[NICKNAMES_MAX];
    int n = 0;
    for (int i = 0; i < p->n_nicknames; i++) {
        if (n < NICKNAMES_MAX && fits(p->nicknames[i], NAME_CHARS))
            names[n++] = p->nicknames[i];
        else
            c->left++;
    }
    draft_texts(&c->draft, F_PERSON_NICKNAMES, names, n);
}

Draft card_draft(Cx *cx, const VcardPerson *p, int *ret_left)
{
    Card c = {.draft = draft_new(cx, ENTRY_PERSON)};
    put_text(&c, F_PERSON_NAME, p->name, NAME_CHARS);
    put_text(&c, F_PERSON_GIVEN, p->given, NAME_CHARS);
    put_text(&c, F_PERSON_FAMILY, p->family, NAME_CHARS);
    put_nicknames(&c, p);
    put_date(&c, F_PERSON_BIRTHDAY, &p->birthday);
    put_date(&c, F_PERSON_ANNIVERSARY, &p->anniversary);
    put_points(&c, F_PERSON_EMAILS, p->emails, p->n_emails);
    put_points(&c, F_PERSON_PHONES, p->phones, p->n_phones);
    put_points(&c, F_PERSON_LINKS, p->urls, p->n_urls);
    put_addresses(cx, &c, p);
    put_related(&c, p);
    put_text(&c, F_PERSON_ORG, org_of(cx, p), NAME_CHARS);
    put_text(&c, F_PERSON_TITLE, p->title, NAME_CHARS);
    put_text(&c, F_TEXT, p->note, NOTE_CHARS);
    put_uid(&c, p->uid);
    *ret_left = c.left;
    return c.draft;
}
