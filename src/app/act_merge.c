/* app/act_merge.c - one person who is here twice. Whoever may be is suggested with the reason; both are shown side
 * by side; they become one only when that is said, and undo takes it back. Suggestions cost one pass over everyone. */
#include "app/acts.h"
#include "book/merge.h"
#include "port/match.h"

enum { TWINS_MAX = 100 };

static const char *reason_of(unsigned reasons)
{
    if (reasons & SAME_EMAIL)
        return "twin.mail";
    if (reasons & SAME_PHONE)
        return "twin.phone";
    if (reasons & SAME_UID)
        return "twin.uid";
    return reasons & SAME_BIRTHDAY ? "twin.name-birthday" : "twin.name";
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
            twins[n++] = (ViewTwin){people.p[matches[i].index], people.p[i], reason_of(matches[i].reasons)};
    }
    return e == OK ? view_merge_list(cx, &view, twins, n, &ret->view) : e;
}

static Err two_people(Cx *cx, const Input *in, BookRef *ret_stays, BookRef *ret_goes)
{
    *ret_stays = input_value(in, "id")->person;
    *ret_goes = input_value(in, "other")->person;
    return *ret_stays != *ret_goes ? OK : err_field(cx, ERR_INVALID, "other", "err.merge-same", NO_ARGS);
}

Err act_merge_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRef stays = BOOK_NONE, goes = BOOK_NONE;
    View view = app_view(app);
    Err e = two_people(cx, in, &stays, &goes);
    return e == OK ? view_merge(cx, &view, stays, goes, &ret->view) : e;
}

Err act_merge(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRef stays = BOOK_NONE, goes = BOOK_NONE;
    Id batch = {{0}}, id = input_value(in, "id")->id;
    Err e = two_people(cx, in, &stays, &goes);
    if (e == OK)
        e = book_merge(cx, app->book, app->log, stays, goes, &batch);
    return e == OK ? act_kept(cx, app, "done.merge", batch, id, ret) : e;
}
