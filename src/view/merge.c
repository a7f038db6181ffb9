/* view/merge.c - who may be one person twice, with the reason; and two people side by side before they become one. */
#include "view/steps.h"
#include "view/who.h"

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
        put_say(&m, item, "reason", twins[i].reason_key, NO_ARGS);
        put_str(&m, item, "path",
                path_to(&m, "", path_of(&m, a.person.id,
                                        str_to_c(cx->arena, path_to(&m, "/merge?other=", id_format(b.person.id, id))))));
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

Err view_merge(Cx *cx, const View *v, BookRef stays, BookRef goes, json_t **ret)
{
    Make m;
    Bond a, b;
    json_t *o = make_view(&m, cx, v, "merge");
    if (!bond_read(&m, stays, &a) || !bond_read(&m, goes, &b))
        return make_end(&m, o, ret);
    put_say(&m, o, "heading", "view.merge.pair", NO_ARGS);
    put_say(&m, o, "lead", "view.merge.pair-lead", ARGS(arg_str("name", a.name), arg_str("other", b.name)));
    put_str(&m, o, "path", path_of(&m, a.person.id, "/merge"));
    put_who(&m, o, "one", &a);
    put_who(&m, o, "other", &b);
    json_t *rows = put_list(&m, o, "rows");
    add_row(&m, rows, "label.name", a.name, b.name);
    add_row(&m, rows, "view.merge.kinds", bond_kinds(&m, &a), bond_kinds(&m, &b));
    add_row(&m, rows, "view.merge.birthday", birthday_of(&m, &a), birthday_of(&m, &b));
    add_row(&m, rows, "view.merge.mail", pairs_text(&m, a.person.emails), pairs_text(&m, b.person.emails));
    add_row(&m, rows, "view.merge.phone", pairs_text(&m, a.person.phones), pairs_text(&m, b.person.phones));
    add_row(&m, rows, "view.merge.entries", count_of(&m, stays), count_of(&m, goes));
    return make_end(&m, o, ret);
}
