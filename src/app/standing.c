/* app/standing.c - what is said today, and the pictures drawn for it, kept as long as the view says that they stand. The
 * page itself is made for each request, since the frame around them is that request's own. */
#include "app/acts.h"
#include "base/os.h"
#include "render/svg.h"

struct Standing *standing_new(void)
{
    return os_alloc(1, (ptrdiff_t)sizeof(struct Standing));
}

static void drop(struct Standing *s)
{
    view_standing_drop(&s->view);
    json_decref(s->from);
    json_decref(s->drawn);
    s->from = s->drawn = NULL;
}

void standing_free(struct Standing *s)
{
    if (s)
        drop(s);
    os_free(s);
}

void standing_drop(App *app)
{
    if (app->standing)
        drop(app->standing);
}

/* As it stands, model is the one that was drawn: it is held, so no other can have its address. */
Err standing_draw(Cx *cx, App *app, json_t *model, json_t **ret)
{
    struct Standing *s = app->standing;
    bool stands = s && s->view.today && s->view.today == model;
    if (!stands)
        return svg_draw(cx, model, ret);
    if (s->from != model) {
        json_t *drawn = NULL;
        Err e = svg_draw(cx, model, &drawn);
        if (e != OK)
            return e;
        json_decref(s->from);
        json_decref(s->drawn);
        s->from = json_incref(model);
        s->drawn = drawn;
    }
    *ret = json_copy(s->drawn);
    return *ret ? OK : err_nomem(cx);
}
