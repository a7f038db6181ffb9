/* app/act_merge.c - one person who is here twice. Whoever may be is suggested with the reason; both are shown side
 * by side; they become one only when that is said, and undo takes it back. Suggestions cost one pass over everyone. */
#include "app/acts.h"
#include "book/merge.h"
#include "port/match.h"

enum { TWINS_MAX = 100 };

static ViewTwin twin_of(BookRef one, BookRef other, unsigned reasons)
{
    static const struct {
        unsigned bit;
        const char *key;
    } words[] = {
        {SAME_NAME,     "twin.name"    },
        {SAME_BIRTHDAY, "twin.birthday"},
        {SAME_PHONE,    "twin.phone"   },
        {SAME_EMAIL,    "twin.mail"    },
        {SAME_UID,      "twin.uid"     }
    };
    ViewTwin twin = {.one = one, .other = other};
    int n = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (reasons & words[i].bit)
            twin.reasons[n++] = words[i].key;
    }
    return twin;
}

Err act_merge_list(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRefs people = book_people(app->book);
    MatchKeys *keys = arena_new(cx->arena, MatchKeys, people.n + 1);
    ViewTwin *twins = arena_new(cx->arena, ViewTwin, TWINS_MAX);
    const Match *matches = NULL;
    View view = app_view(app);
    int n = 0;
    (void)in;
    Err e = keys && twins ? OK : err_nomem(cx);
    for (int i = 0; i < people.n && e == OK; i++)
        e = act_person_keys(cx, app->book, people.p[i], &keys[i]);
    if (e == OK)
        e = match_people(cx, NULL, 0, keys, people.n, &matches);
    for (int i = 0; i < people.n && e == OK && n < TWINS_MAX; i++) {
        if (matches[i].found == MATCH_REPEATED)
            twins[n++] = twin_of(people.p[matches[i].index], people.p[i], matches[i].reasons);
    }
    return e == OK ? view_merge_list(cx, &view, twins, n, &ret->view) : e;
}

static Err two_people(Cx *cx, const Input *in, BookRef *ret_stays, BookRef *ret_goes)
{
    const Value *other = input_value(in, "other");
    *ret_stays = input_value(in, "id")->person;
    *ret_goes = other ? other->person : BOOK_NONE;
    return *ret_stays != *ret_goes ? OK
                                   : err_field(cx, ERR_INVALID, "other", "err.merge-same", NO_ARGS);
}

Err act_merge_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRef stays = BOOK_NONE, goes = BOOK_NONE;
    View view = app_view(app);
    Err e = two_people(cx, in, &stays, &goes);
    return e == OK ? view_merge(cx, &view, stays, goes, &ret->view) : e;
}

/* Without a yes both are only shown: a name that was typed is never part of an address. */
Err act_merge(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRef stays = BOOK_NONE, goes = BOOK_NONE;
    Id batch = {{0}}, id = input_value(in, "id")->id;
    if (!input_flag(in, "yes"))
        return act_merge_form(cx, app, in, ret);
    Err e = two_people(cx, in, &stays, &goes);
    if (e == OK)
        e = book_merge(cx, app->book, app->log, stays, goes, &batch);
    return e == OK ? act_kept(cx, app, "done.merge", batch, id, ret) : e;
}
