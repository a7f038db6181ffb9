/* view/next.c - what could be done with one person, best first, or why nothing is offered. */
#include "view/offer.h"
#include "view/picture.h"

enum { NEXT_MOST = 5 };

static const char *lead_key(bool safe, bool gentle, int n)
{
    if (!safe)
        return "view.next.lead-unsafe";
    if (n == 0)
        return "view.next.lead-none";
    return gentle ? "view.next.lead-gentle" : "view.next.lead";
}

Err view_next(Cx *cx, const View *v, BookRef person, json_t **ret)
{
    Make m;
    Bond b;
    Offer offers[NEXT_MOST];
    int n = 0;
    json_t *o = make_view(&m, cx, v, "next");
    const Relation *r = bond_read(&m, person, &b) ? relation_read(&m, person) : NULL;
    if (!r)
        return make_end(&m, o, ret);
    bool safe = relation_is_safe(r);
    if (make_ok(&m, insight_next(cx, v->cache, v->book, r, offers, NEXT_MOST, &n)))
        n = offers_fit(&m, offers, n);
    put_who(&m, o, "person", &b);
    put_say(&m, o, "heading", safe ? "view.next.heading" : "view.next.heading-unsafe",
            ARGS(arg_str("name", b.call)));
    put_say(&m, o, "lead", lead_key(safe, b.gentle, n),
            ARGS(arg_str("name", b.call), arg_int("n", n)));
    put_bool(&m, o, "safe", safe);
    put_bool(&m, o, "gentle", b.gentle);
    if (!safe)
        put_care(&m, o, "care");
    put_taken(&m, o, person);
    json_t *list = put_list(&m, o, "offers");
    for (int i = 0; i < n; i++)
        add_offer(&m, list, &b, &offers[i], r);
    if (n == 0)
        put_nothing(&m, o, "nothing", &b, r);
    else
        put_list(&m, o, "nothing");
    json_t *paths = put_object(&m, o, "paths");
    put_str(&m, paths, "check_in", path_of(&m, b.person.id, "/check-in"));
    put_str(&m, paths, "person", path_of(&m, b.person.id, ""));
    return make_end(&m, o, ret);
}
