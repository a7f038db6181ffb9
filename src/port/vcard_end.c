/* port/vcard_end.c - a card when all of its properties are known: labels go to what they name, lists get their exact
 * size, notes become one, and somebody without a name gets the next best to be called by.
 * Labels may stand before or behind what they name, hence here; both are found by their group through one table, so
 * that a card of ten thousand groups costs ten thousand looks. */
#include "base/buf.h"
#include "port/vcard_card.h"
#include <string.h>

static void put_label(VcardCard *card, const VcardGroup *group, Str text)
{
    VcardPoint *emails = card->emails.p, *phones = card->phones.p, *urls = card->urls.p;
    VcardAddress *addresses = card->addresses.p;
    VcardRelated *related = card->related.p;
    VcardDate *dates = card->dates.p;
    int i = group->index;
    if (group->what == WHAT_EMAIL)
        emails[i].label = text;
    else if (group->what == WHAT_TEL)
        phones[i].label = text;
    else if (group->what == WHAT_URL)
        urls[i].label = text;
    else if (group->what == WHAT_ADR)
        addresses[i].label = text;
    else if (group->what == WHAT_RELATED)
        related[i].kind = card_lower(card, text);
    else if (str_ieq(text, STR("anniversary")) && !vcard_date_is_set(&card->person.anniversary)) {
        card->person.anniversary = dates[i];
        dates[i] = (VcardDate){.year = 0};
    }
}

/* Each group's label by the group's name, case folded; the first label of a group counts. */
static bool index_labels(VcardCard *card, Table *ret)
{
    VcardLabel *labels = card->labels.p;
    if (!table_make(card->cx->arena, card->seed, card->labels.n, ret))
        return false;
    for (int i = 0; i < card->labels.n; i++)
        (void)table_put(ret, card_lower(card, labels[i].group), i);
    return true;
}

static void join_labels(VcardCard *card)
{
    const VcardLabel *labels = card->labels.p;
    const VcardGroup *groups = card->groups.p;
    Table table;
    if (card->labels.n > 0 && card->groups.n > 0) {
        if (!index_labels(card, &table)) {
            card->out_of_memory = true;
            return;
        }
        for (int i = 0; i < card->groups.n; i++) {
            const int64_t *at = table_find(&table, card_lower(card, groups[i].name));
            if (at)
                put_label(card, &groups[i], labels[*at].text);
        }
    }
    const VcardDate *dates = card->dates.p;
    for (int i = 0; i < card->dates.n; i++)
        card->person.left_out.other += vcard_date_is_set(&dates[i]);
}

static const void *settle(VcardCard *card, const VcardVec *vec, size_t element_bytes, int *ret_n)
{
    *ret_n = vec->n;
    if (vec->n == 0)
        return NULL;
    void *p = arena_alloc(card->cx->arena, vec->n, (ptrdiff_t)element_bytes,
                          (ptrdiff_t) _Alignof(max_align_t));
    card->out_of_memory = card->out_of_memory || !p;
    if (p)
        memcpy(p, vec->p, (size_t)vec->n * element_bytes);
    return p;
}

/* "Dr. Ana Maria López Jr." from the parts of N. */
static Str compose(VcardCard *card)
{
    const VcardPerson *p = &card->person;
    Buf buf = buf_make(card->cx->arena, (ptrdiff_t)8 * VCARD_VALUE_MAX);
    card_append(&buf, " ", p->prefix);
    card_append(&buf, " ", p->given);
    card_append(&buf, " ", p->additional);
    card_append(&buf, " ", p->family);
    card_append(&buf, " ", p->suffix);
    return card_text(card, &buf);
}

/* Several notes are one, a line each. */
static Str join_notes(VcardCard *card)
{
    const Str *notes = card->notes.p;
    if (card->notes.n < 2)
        return card->notes.n == 1 ? notes[0] : (Str){NULL, 0};
    Buf buf = buf_make(card->cx->arena, VCARD_FILE_MAX);
    for (int i = 0; i < card->notes.n; i++)
        card_append(&buf, "\n", notes[i]);
    return card_text(card, &buf);
}

static void find_name(VcardCard *card)
{
    VcardPerson *p = &card->person;
    const Str candidates[] = {[VCARD_FROM_FN] = p->name,
                              [VCARD_FROM_N] = p->name.len > 0 ? p->name : compose(card),
                              [VCARD_FROM_NICKNAME] =
                                  p->n_nicknames > 0 ? p->nicknames[0] : STR(""),
                              [VCARD_FROM_ORG] = p->org.len > 0 ? p->org : p->unit,
                              [VCARD_FROM_EMAIL] = p->n_emails > 0 ? p->emails[0].value : STR(""),
                              [VCARD_FROM_PHONE] = p->n_phones > 0 ? p->phones[0].value : STR("")};
    for (int i = 0; i <= VCARD_FROM_PHONE; i++) {
        if (candidates[i].len > 0) {
            p->name = candidates[i];
            p->name_from = (VcardNameFrom)i;
            return;
        }
    }
}

bool card_end(VcardCard *card)
{
    VcardPerson *p = &card->person;
    join_labels(card);
    p->note = join_notes(card);
    p->emails = settle(card, &card->emails, sizeof *p->emails, &p->n_emails);
    p->phones = settle(card, &card->phones, sizeof *p->phones, &p->n_phones);
    p->urls = settle(card, &card->urls, sizeof *p->urls, &p->n_urls);
    p->addresses = settle(card, &card->addresses, sizeof *p->addresses, &p->n_addresses);
    p->related = settle(card, &card->related, sizeof *p->related, &p->n_related);
    p->nicknames = settle(card, &card->nicknames, sizeof *p->nicknames, &p->n_nicknames);
    p->categories = settle(card, &card->categories, sizeof *p->categories, &p->n_categories);
    if (!card->out_of_memory)
        find_name(card);
    return p->name.len > 0;
}
