/* app/kept.c - what is said after something was kept: one sentence, and what could come next. */
#include "app/acts.h"
#include "base/buf.h"
#include "view/view.h"

View app_view(const App *app)
{
    return (View){.text = app->text,
                  .book = app->book,
                  .cache = app->cache,
                  .standing = app->standing ? &app->standing->view : NULL,
                  .device = app->log ? (uint64_t)log_device(app->log) : 0};
}

static Err person_path(Cx *cx, Id person, Str *ret)
{
    char id[ID_TEXT_CAP];
    Buf buf = buf_make(cx->arena, 64);
    buf_c(&buf, "/people/");
    buf_put(&buf, id_format(person, id));
    return buf_done(cx, &buf, ret);
}

Err act_kept(Cx *cx, App *app, const char *label, Id batch, Id person, Reply *ret)
{
    return act_understood(cx, app, label, batch, person, NULL, ret);
}

Err act_understood(Cx *cx, App *app, const char *label, Id batch, Id person,
                   const ViewUnderstood *read, Reply *ret)
{
    BookRef ref = id_is_zero(person) ? BOOK_NONE : book_find(app->book, ENTRY_PERSON, person);
    View view = app_view(app);
    Str path = STR("/");
    Err e = view_kept(cx, &view, label, batch, ref, read, &ret->view);
    if (e == OK && ref != BOOK_NONE)
        e = person_path(cx, person, &path);
    ret->see_other = path;
    return e;
}
