/* view/who.c - what someone is called where. Lists and headings take the whole name; sentences take the name
 * one would say aloud, so that "Read Ana a letter" does not read like a form. */
#include "view/who.h"

bool bond_read(Make *m, BookRef person, Bond *ret)
{
    *ret = (Bond){.gentle = false};
    if (m->err != OK || !make_ok(m, book_person(m->cx, m->book, person, &ret->person)) ||
        !make_ok(m, book_relationship(m->cx, m->book, person, &ret->rel)))
        return false;
    const BookPerson *p = &ret->person;
    ret->name = p->name;
    ret->call = p->given.len > 0 ? p->given : p->name;
    ret->gentle = p->died != 0 || ret->rel.season == SEASON_GRIEVING;
    return true;
}

Str bond_kinds(Make *m, const Bond *b)
{
    Str words[KIND_COUNT];
    int n = 0;
    for (int k = 0; k < KIND_COUNT; k++) {
        if (!content_has(b->rel.kinds, k))
            continue;
        bool own = k == KIND_OWN && b->rel.own_kind.len > 0;
        words[n++] = own ? b->rel.own_kind : content_text(m->text, content_kinds[k].name);
    }
    if (n == 0 && b->rel.own_kind.len > 0)
        words[n++] = b->rel.own_kind;
    return say_list(m, words, n);
}

static void fill_who(Make *m, json_t *who, const Bond *b)
{
    put_id(m, who, "id", b->person.id);
    put_str(m, who, "name", b->name);
    put_str(m, who, "path", path_of(m, b->person.id, ""));
    put_str(m, who, "kinds", bond_kinds(m, b));
}

void put_who(Make *m, json_t *o, const char *key, const Bond *b)
{
    fill_who(m, put_object(m, o, key), b);
}

void add_who(Make *m, json_t *list, const Bond *b)
{
    fill_who(m, add_object(m, list), b);
}

int years_since(int32_t ymd, const Civil *on)
{
    Civil then;
    if (!date_civil(ymd, &then))
        return -1;
    int years = on->year - then.year;
    bool before = on->month < then.month || (on->month == then.month && on->day < then.day);
    return years - before;
}
