/* view/merge.c - who may be one person twice, with the reason; and two people side by side before they become one. */
#include "view/steps.h"
#include "view/who.h"

/* The same name, birthday and mail address. */
static Str reason_of(Make *m, const ViewTwin *twin)
{
    Str words[TWIN_REASONS_MAX];
    int n = 0;
    while (n < TWIN_REASONS_MAX && twin->reasons[n]) {
        words[n] = say(m, twin->reasons[n], NO_ARGS);
        n++;
    }
    return say(m, "twin.same", ARGS(arg_str("what", say_list(m, words, n))));
}

Err view_merge_list(Cx *cx, const View *v, const ViewTwin twins[], int n, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "merge-list");
    put_say(&m, o, "heading", "view.merge.heading", NO_ARGS);
    put_say(&m, o, "lead", n > 0 ? "view.merge.lead" : "view.merge.none", ARGS(arg_int("n", n)));
    json_t *list = put_list(&m, o, "twins");
    for (int i = 0; i < n && m.err == OK; i++) {
        Bond a, b;
        json_t *item = add_object(&m, list);
        if (!bond_read(&m, twins[i].one, &a) || !bond_read(&m, twins[i].other, &b))
            break;
        char id[ID_TEXT_CAP];
        put_who(&m, item, "one", &a);
        put_who(&m, item, "other", &b);
        put_str(&m, item, "reason", reason_of(&m, &twins[i]));
        put_str(&m, item, "path",
                path_to(&m, "",
                        path_of(&m, a.person.id,
                                str_to_c(cx->arena, path_to(&m, "/merge?other=",
                                                            id_format(b.person.id, id))))));
    }
    return make_end(&m, o, ret);
}

static Str pairs_text(Make *m, BookPairs pairs)
{
    enum { SHOWN = 8 };
    Str values[SHOWN];
    int n = 0;
    for (int i = 0; i < pairs.n && n < SHOWN; i++)
        values[n++] = pairs.p[i].value;
    return say_join(m, "view.comma", values, n);
}

static void add_row(Make *m, json_t *rows, const char *label, Str one, Str other)
{
    if (one.len == 0 && other.len == 0)
        return;
    json_t *o = add_object(m, rows);
    put_say(m, o, "label", label, NO_ARGS);
    put_str(m, o, "one", one);
    put_str(m, o, "other", other);
}

static Str count_of(Make *m, BookRef person)
{
    int64_t n = 0;
    BookIter it = book_timeline(m->book, person, (BookWhich){.kinds = 0});
    BookRef ref = BOOK_NONE;
    while (book_next(&it, &ref))
        n++;
    return say(m, "view.history.entries", ARGS(arg_int("n", n)));
}

static Str birthday_of(Make *m, const Bond *b)
{
    return b->person.birthday != 0 ? say_date(m, b->person.birthday) : STR("");
}

static void put_sides(Make *m, json_t *rows, const Bond *a, const Bond *b, const BookRef who[2])
{
    add_row(m, rows, "label.name", a->name, b->name);
    add_row(m, rows, "view.merge.kinds", bond_kinds(m, a), bond_kinds(m, b));
    add_row(m, rows, "view.merge.birthday", birthday_of(m, a), birthday_of(m, b));
    add_row(m, rows, "view.merge.mail", pairs_text(m, a->person.emails),
            pairs_text(m, b->person.emails));
    add_row(m, rows, "view.merge.phone", pairs_text(m, a->person.phones),
            pairs_text(m, b->person.phones));
    add_row(m, rows, "view.merge.entries", count_of(m, who[0]), count_of(m, who[1]));
}

Err view_merge(Cx *cx, const View *v, BookRef stays, BookRef goes, json_t **ret)
{
    Make m;
    Bond a, b;
    const BookRef who[] = {stays, goes};
    bool both = goes != BOOK_NONE;
    json_t *o = make_view(&m, cx, v, "merge");
    if (!bond_read(&m, stays, &a) || (both && !bond_read(&m, goes, &b)))
        return make_end(&m, o, ret);
    put_say(&m, o, "heading", both ? "view.merge.pair" : "view.merge.who", NO_ARGS);
    put_say(&m, o, "lead", both ? "view.merge.pair-lead" : "view.merge.who-lead",
            ARGS(arg_str("name", a.name), arg_str("other", both ? b.name : STR(""))));
    put_str(&m, o, "path", path_of(&m, a.person.id, "/merge"));
    put_who(&m, o, "one", &a);
    if (both)
        put_who(&m, o, "other", &b);
    put_bool(&m, o, "both", both);
    json_t *rows = put_list(&m, o, "rows");
    if (both)
        put_sides(&m, rows, &a, &b, who);
    return make_end(&m, o, ret);
}
