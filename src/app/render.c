/* app/render.c - the three faces of one view-model. Templates are compiled once for the language of this App and
 * kept; JSON is the view-model itself, written in its own order, so that it reads like its documentation. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/os.h"
#include "render/assets.h"
#include "render/mustache.h"
#include "render/wrap.h"

enum { PAGE_MAX = 64 << 20, NAME_MAX_BYTES = 128 };

static Str label(void *ctx, Str key)
{
    const App *app = ctx;
    char name[NAME_MAX_BYTES];
    if (key.len >= NAME_MAX_BYTES)
        return (Str){NULL, 0};
    for (ptrdiff_t i = 0; i < key.len; i++)
        name[i] = key.p[i];
    name[key.len] = '\0';
    return text_get(app->text, name);
}

static Err templates_ready(Cx *cx, App *app)
{
    if (app->templates)
        return OK;
    const TemplateSource source = {
        .ctx = app, .load = asset_template, .label = label, .strict = true};
    arena_init(&app->template_arena, ARENA_LIMIT_DEFAULT);
    return template_set_make(cx, &app->template_arena, &source, &app->templates);
}

void app_render_free(App *app)
{
    arena_free(&app->template_arena);
    app->templates = NULL;
}

static Err fill(Cx *cx, App *app, Str name, TemplateMode mode, const json_t *data, Str *ret)
{
    const Template *t = NULL;
    Buf out = buf_make(cx->arena, PAGE_MAX);
    Err e = templates_ready(cx, app);
    if (e == OK)
        e = template_get(cx, app->templates, name, mode, &t);
    if (e == OK)
        e = template_render(cx, app->templates, t, data, &out);
    return e != OK ? e : buf_done(cx, &out, ret);
}

static Err to_json(Cx *cx, const json_t *model, Str *ret)
{
    char *text = json_dumps(model, JSON_INDENT(2));
    if (!text)
        return err_nomem(cx);
    Buf out = buf_make(cx->arena, PAGE_MAX);
    buf_c(&out, text);
    buf_char(&out, '\n');
    os_wipe(text, str_c(text).len);
    os_free(text);
    return buf_done(cx, &out, ret);
}

static Err with_prefix(Cx *cx, const char *prefix, const char *view, Str *ret)
{
    Buf name = buf_make(cx->arena, NAME_MAX_BYTES);
    buf_c(&name, prefix);
    buf_c(&name, view);
    return buf_done(cx, &name, ret);
}

static Err to_text(Cx *cx, App *app, const char *view, const json_t *model, int columns, Str *ret)
{
    Str name = {NULL, 0}, text = {NULL, 0};
    Err e = with_prefix(cx, "text/", view, &name);
    if (e == OK)
        e = fill(cx, app, name, TEMPLATE_PLAIN, model, &text);
    return e != OK ? e : wrap_text(cx, text, columns, ret);
}

Err app_plain(Cx *cx, App *app, const char *template, const json_t *model, Str *ret)
{
    return fill(cx, app, str_c(template), TEMPLATE_PLAIN, model, ret);
}

static void frame_add(json_t *frame, const char *key, Str value)
{
    (void)json_object_set_new(frame, key, json_stringn(value.p ? value.p : "", (size_t)value.len));
}

static const char *hash_of(const char *name)
{
    const Asset *a = asset_find(str_c(name));
    return a ? a->hash : "";
}

/* What every page has around its view: language, direction, the example's label, addresses of files. */
static Err complete_frame(Cx *cx, const App *app, json_t *frame)
{
    BookMe me = {.example = false};
    Err e = app->book ? book_me(cx, app->book, &me) : OK;
    if (e != OK)
        return e;
    frame_add(frame, "lang", text_name(app->text));
    frame_add(frame, "dir", text_is_rtl(app->text) ? STR("rtl") : STR("ltr"));
    frame_add(frame, "style", str_c(hash_of("static/style.css")));
    frame_add(frame, "mark", str_c(hash_of("static/mark.svg")));
    return json_object_set_new(frame, "example", json_boolean(me.example)) == 0 ? OK
                                                                                : err_nomem(cx);
}

/* The view-model is not copied: what is drawn and what stands around it goes into an outermost object of its own. */
static Err to_html(Cx *cx, App *app, const char *view, json_t *model, json_t *frame, Str *ret)
{
    json_t *page = NULL;
    json_t *around = frame ? json_copy(frame) : json_object();
    Err e = around ? complete_frame(cx, app, around) : err_nomem(cx);
    if (e == OK)
        e = standing_draw(cx, app, model, &page);
    if (e == OK && json_object_set(page, "frame", around) != 0)
        e = err_nomem(cx);
    if (e == OK)
        e = fill(cx, app, str_c(view), TEMPLATE_HTML, page, ret);
    json_decref(around);
    json_decref(page);
    return e;
}

Err app_render(Cx *cx, App *app, const char *view, json_t *model, json_t *frame, Face face,
               int columns, Str *ret)
{
    switch (face) {
    case FACE_JSON:
        return to_json(cx, model, ret);
    case FACE_TEXT:
        return to_text(cx, app, view, model, columns, ret);
    case FACE_HTML:
        return to_html(cx, app, view, model, frame, ret);
    }
    return OK;
}

bool app_static(Str name, Str *ret_bytes, const char **ret_type)
{
    static const struct {
        const char *name, *file, *type;
    } files[] = {
        {"style.css", "static/style.css", "text/css; charset=utf-8"},
        {"mark.svg",  "static/mark.svg",  "image/svg+xml"          }
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const Asset *a = str_eq_c(name, files[i].name) ? asset_find(str_c(files[i].file)) : NULL;
        if (a) {
            *ret_bytes = a->bytes;
            *ret_type = files[i].type;
            return true;
        }
    }
    return false;
}
