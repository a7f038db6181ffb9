/* web/pages.c - the order of the doors: Host, session, (locked?), method, Origin, CSRF; only then the action.
 * Before a session exists every path gives the same answer, so nothing can be learned from outside. */
#include "web/pages.h"
#include "base/buf.h"
#include "base/time.h"
#include "web/again.h"
#include "web/web.h"

enum { STDOUT = 1, STDERR = 2, TICK_ARENA_BYTES = 1 << 28 };

/* -- pages --------------------------------------------------------------------------------------- */

/* What was kept just before, said once on the next page, with the way to take it back. */
static void notice_take(Session *session, json_t *frame)
{
    Notice *notice = &session->notice;
    if (notice->text[0] == '\0')
        return;
    (void)json_object_set_new(frame, "notice",
                              json_pack("{s:s, s:s, s:b}", "text", notice->text, "batch",
                                        notice->batch, "undone", notice->undone));
    os_wipe(notice, sizeof *notice);
}

static void notice_keep(Session *session, const json_t *kept)
{
    Notice *notice = &session->notice;
    Str text = str_c(json_string_value(json_object_get(kept, "text")));
    Str batch = str_c(json_string_value(json_object_get(kept, "batch")));
    if (text.len >= NOTICE_CAP || batch.len >= ID_TEXT_CAP)
        return;
    *notice = (Notice){.undone = json_is_true(json_object_get(kept, "undone"))};
    for (ptrdiff_t i = 0; i < text.len; i++)
        notice->text[i] = text.p[i];
    for (ptrdiff_t i = 0; i < batch.len; i++)
        notice->batch[i] = batch.p[i];
}

/* What stands around a view on every page. */
static json_t *frame_of(const Site *site, Session *session, Request *r)
{
    char csrf[ID_TEXT_CAP] = "";
    if (session)
        (void)id_format(session->csrf, csrf);
    json_t *frame = json_pack("{s:s, s:o, s:b, s:b}", "csrf", csrf, "path", request_json(r, r->path),
                              "open", app_is_open(site->app), "session", session != NULL);
    if (session && frame && !r->wants_json)
        notice_take(session, frame);
    return frame;
}

static void show(Site *site, Request *r, Session *session, const char *view, json_t *model,
                 unsigned status, Response *ret)
{
    json_t *frame = frame_of(site, session, r);
    Face face = r->wants_json ? FACE_JSON : FACE_HTML;
    Err e = app_render(&r->cx, site->app, view, model, frame, face, 0, &ret->body);
    json_decref(frame);
    ret->status = e == OK ? status : MHD_HTTP_INTERNAL_SERVER_ERROR;
    ret->type = e != OK         ? "text/plain; charset=utf-8"
                : r->wants_json ? "application/json"
                                : "text/html; charset=utf-8";
}

static unsigned status_of(Err e)
{
    switch (e) {
    case ERR_NOT_FOUND:
        return MHD_HTTP_NOT_FOUND;
    case ERR_LIMIT:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case ERR_LOCKED:
    case ERR_DENIED:
        return MHD_HTTP_FORBIDDEN;
    case ERR_BUSY:
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    case ERR_FULL:
        return MHD_HTTP_INSUFFICIENT_STORAGE;
    case ERR_IO:
    case ERR_NOMEM:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    case OK:
    case ERR_INVALID:
    case ERR_AMBIGUOUS:
    case ERR_DAMAGED:
    case ERR_NEWER:
    case ERR_NUMERIC:
        return MHD_HTTP_UNPROCESSABLE_CONTENT;
    }
    return MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static json_t *error_of(Site *site, Request *r, unsigned status)
{
    Str message = {NULL, 0};
    const Why why = r->cx.why;
    if (app_why(&r->cx, site->app, &message) != OK)
        message = STR("");
    return json_pack("{s:s, s:i, s:o, s:s?, s:s?, s:i}", "view", "error", "version", 1, "message",
                     request_json(r, message), "field", why.field, "key", why.key, "status", (int)status);
}

static void fail(Site *site, Request *r, Session *session, unsigned status, Response *ret)
{
    json_t *model = error_of(site, r, status);
    show(site, r, session, "error", model, status, ret);
    json_decref(model);
}

static void fail_with(Site *site, Request *r, Session *session, unsigned status, const char *key,
                      Response *ret)
{
    Err said = err_set(&r->cx, ERR_INVALID, key, NO_ARGS);
    (void)said;
    fail(site, r, session, status, ret);
}

static void too_large(Site *site, Request *r, Session *session, Response *ret)
{
    Err said = err_set(&r->cx, ERR_LIMIT, "err.form-too-large",
                       ARGS(arg_int("max", PARAM_FILE_MAX >> 20)));
    (void)said;
    fail(site, r, session, MHD_HTTP_CONTENT_TOO_LARGE, ret);
}

static void see_other(Response *ret, Str path)
{
    ret->status = MHD_HTTP_SEE_OTHER;
    ret->location = path;
    ret->body = STR("");
}

/* -- doors that are rows of no table ------------------------------------------------------------- */

static Str address(Cx *cx, const Site *site)
{
    char token[ID_TEXT_CAP];
    Buf buf = buf_make(cx->arena, 256);
    Str out = {NULL, 0};
    buf_fmt(&buf, "http://127.0.0.1:%d/enter/%s", site->doors.port,
            id_format(site->doors.token, token).p);
    return buf_done(cx, &buf, &out) == OK ? out : STR("");
}

void site_print_address(Cx *cx, Site *site)
{
    Str line = {NULL, 0};
    if (app_format(cx, site->app, "serve.address", ARGS(arg_str("address", address(cx, site))),
                   &line) == OK) {
        os_write_all(STDOUT, line);
        os_write_all(STDOUT, STR("\n"));
    }
}

static bool enter(Site *site, Request *r, Response *ret)
{
    Session *session = NULL;
    char cookie[COOKIE_CAP];
    if (r->method != METHOD_GET || r->head || !str_starts(r->path, STR("/enter/")))
        return false;
    if (!door_enter(&site->doors, str_from(r->path, 7), r->cx.now_ms, &session))
        return false;
    /* Nothing to ask for: whoever has the new address is back. Where it does not open, the page says so. */
    if (site->keyless && !app_is_open(site->app) && app_open(&r->cx, site->app, STR("")) == OK) {
        site->keyless = false;
        site_opened(&r->cx, site);
    }
    ret->cookie = str_dup(&r->arena, door_cookie(session, cookie));
    see_other(ret, STR("/"));
    return true;
}

/* Where "leave this page" goes: an empty page, or by way of it somewhere ordinary outside. The way there
 * is a refresh of that page, since a form may only lead to this server. */
typedef struct Elsewhere {
    const char *name, *path, *refresh;
} Elsewhere;

static const Elsewhere elsewhere[] = {
    {"blank",   "/left",         NULL                                                        },
    {"weather", "/left/weather", "0; url=https://en.wikipedia.org/wiki/Weather_forecasting"  },
    {"news",    "/left/news",    "0; url=https://en.wikipedia.org/wiki/Portal:Current_events"},
    {"search",  "/left/search",  "0; url=https://en.wikipedia.org/wiki/Special:Search"       },
};
enum { ELSEWHERE = sizeof elsewhere / sizeof elsewhere[0] };

static const char *elsewhere_path(Site *site, Request *r)
{
    Str wanted = app_leave_page(&r->cx, site->app);
    for (int i = 0; i < ELSEWHERE; i++) {
        if (str_eq_c(wanted, elsewhere[i].name))
            return elsewhere[i].path;
    }
    return elsewhere[0].path;
}

/* Needs no session and says nothing. */
static bool left(const Request *r, Response *ret)
{
    for (int i = 0; i < ELSEWHERE; i++) {
        if (str_eq_c(r->path, elsewhere[i].path)) {
            ret->type = "text/html; charset=utf-8";
            ret->body = STR("<!doctype html><html lang=\"en\"><title>Blank</title>");
            ret->refresh = elsewhere[i].refresh;
            return true;
        }
    }
    return false;
}

/* Closes the vault here; the server starts anew once what is under way has been answered. */
static void close_vault(Site *site)
{
    app_close(site->app);
    hold_release(&site->hold);
    site->locking = true;
}

/* Locks everywhere, ends the session, and goes elsewhere. Where there is no passphrase to lock with, a new
 * address on the terminal is the way back. */
static void leave(Site *site, Request *r, Session *session, Str to, Response *ret)
{
    bool keyless = app_is_open(site->app) && !app_has_passphrase(site->app);
    close_vault(site);
    /* the keyring and other sites; this one is locked whatever comes of it */
    if (app_lock(&r->cx, site->app, 0) != OK)
        err_clear(&r->cx);
    if (keyless) {
        site->keyless = true;
        door_leave(session);
        doors_new_token(&site->doors);
        site_print_address(&r->cx, site);
        ret->cookie = STR("fonder=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    }
    see_other(ret, to);
}

static Str field_of(const Request *r, const char *name)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (str_eq_c(r->fields[i].name, name))
            return r->fields[i].value;
    }
    return STR("");
}

/* -- rows of the table --------------------------------------------------------------------------- */

static bool form_takes(const Action *form, Str name)
{
    for (const Param *p = form->params; p && p->name; p++) {
        if (str_eq_c(name, p->name))
            return true;
    }
    return false;
}

/* What was typed can be mended, or it was fine and could not be kept. */
static unsigned form_status(const Request *r, Err e)
{
    unsigned status = status_of(e);
    bool ours = status >= MHD_HTTP_INTERNAL_SERVER_ERROR ||
                ((e == ERR_DENIED || e == ERR_LOCKED) && !r->cx.why.field);
    return ours ? status : MHD_HTTP_UNPROCESSABLE_CONTENT;
}

/* The form again, with the reason and what was typed; false when the row has no form. */
static bool form_again(Site *site, Request *r, Session *session, const Action *action,
                       const Pair pairs[], int count, Err e, Response *ret)
{
    const Action *form = action->form ? action_by_id(action->form) : NULL;
    Reply reply = {.view = NULL};
    if (!form || r->wants_json)
        return false;
    unsigned status = form_status(r, e);
    json_t *error = error_of(site, r, status);
    Pair *about = arena_new(&r->arena, Pair, count + 1);
    int n = 0, ids = 0;
    /* what the form is about: what it takes itself, or, if that was amiss, the one named in the path */
    for (int i = 0; about && i < count; i++) {
        bool id = str_eq_c(pairs[i].name, "id");
        if (form_takes(form, pairs[i].name) && !(id && ids++ > 0))
            about[n++] = pairs[i];
    }
    bool shown = about && app_run(&r->cx, site->app, form, about, n, false, &reply) == OK;
    for (n = 0; about && !shown && n < count && !str_eq_c(pairs[n].name, "id"); n++)
        continue;
    if (about && !shown)
        shown = app_run(&r->cx, site->app, form, pairs + n, n < count, false, &reply) == OK;
    if (shown) {
        form_refill(reply.view, action, r, error);
        show(site, r, session, form->view, reply.view, status, ret);
    }
    json_decref(error);
    reply_free(&reply);
    return shown;
}

static void answer_reply(Site *site, Request *r, Session *session, const Action *action,
                         Reply *reply, Response *ret)
{
    if (reply->stream) {
        ret->status = MHD_HTTP_OK;
        ret->file = *reply->stream;
        ret->has_file = true;
        ret->type = reply->file_type;
        ret->file_name = reply->file_name;
        reply->stream = NULL; /* it is the response's to close */
    } else if (!str_is_null(reply->file)) {
        ret->status = MHD_HTTP_OK;
        ret->body = reply->file;
        ret->type = reply->file_type;
        ret->file_name = reply->file_name;
    } else if (!str_is_null(reply->see_other) && !r->wants_json) {
        notice_keep(session, reply->view);
        see_other(ret, reply->see_other);
    } else {
        /* A row that can do more than one thing says what it did. */
        const char *view = json_string_value(json_object_get(reply->view, "view"));
        show(site, r, session, view ? view : action->view, reply->view, MHD_HTTP_OK, ret);
    }
}

/* A slider can send only its number, so its question stands in the name: "answer.ID" with 7 is the pair
 * answer, "ID=7". */
static Pair pair_of(Cx *cx, Pair field)
{
    Str rest = field.name, value = {NULL, 0};
    Str name = str_cut(&rest, '.');
    if (!rest.p)
        return field;
    Buf buf = buf_make(cx->arena, FORM_MAX);
    buf_put(&buf, rest);
    buf_char(&buf, '=');
    buf_put(&buf, field.value);
    return buf_done(cx, &buf, &value) == OK ? (Pair){name, value} : field;
}

/* {name} of the path joins the fields as the pair of that name. */
static const char *brace_name(const Action *action)
{
    return str_find(str_c(action->path), STR("{topic}")) >= 0 ? "topic" : "id";
}

/* -- unlocking --------------------------------------------------------------------------------------- */

static const Str CARRIED = {"with.", 5}; /* before the name of each field that waits */

/* What was sent to a locked site is not lost: it waits in the unlock page, in the browser alone, and is sent again
 * with the passphrase. A file or a secret is never put into a page. */
static bool may_wait(const Action *action)
{
    for (const Param *p = action ? action->params : NULL; p && p->name; p++) {
        if (p->type == PARAM_FILE || p->type == PARAM_SECRET)
            return false;
    }
    return action != NULL;
}

static void put_waiting(Request *r, json_t *list, Str name, Str value)
{
    (void)json_array_append_new(list, json_pack("{s:o, s:o}", "name", request_json(r, name),
                                                "value", request_json(r, value)));
}

/* What the unlock page is to send along: from a form that came too late, or from the page itself. */
static json_t *waiting_of(Request *r, Str to)
{
    bool again = str_eq_c(r->path, "/unlock");
    json_t *list = json_array();
    put_waiting(r, list, STR("to"), to);
    for (int i = 0; i < r->n_fields; i++) {
        Str name = r->fields[i].name, full = {NULL, 0};
        Buf buf = buf_make(&r->arena, FORM_MAX);
        if (again && !str_starts(name, CARRIED))
            continue;
        buf_put(&buf, again ? STR("") : CARRIED);
        buf_put(&buf, name);
        if (buf_done(&r->cx, &buf, &full) == OK)
            put_waiting(r, list, full, r->fields[i].value);
    }
    return list;
}

static void unlock_page(Site *site, Request *r, Session *session, bool wrong, Response *ret)
{
    Str id = {NULL, 0};
    bool again = str_eq_c(r->path, "/unlock");
    Str to = again ? field_of(r, "to") : r->path;
    unsigned status = wrong || !again ? MHD_HTTP_FORBIDDEN : MHD_HTTP_OK;
    json_t *model = wrong ? error_of(site, r, status) : json_object();
    (void)json_object_set_new(model, "view", json_string("unlock"));
    (void)json_object_set_new(model, "version", json_integer(1));
    if (r->method == METHOD_POST && may_wait(action_by_path(METHOD_POST, to, &id)))
        (void)json_object_set_new(model, "waiting", waiting_of(r, to));
    (void)json_object_set_new(model, "waits",
                              json_boolean(json_object_get(model, "waiting") != NULL));
    show(site, r, session, "unlock", model, status, ret);
    json_decref(model);
}

/* Whatever was sent waits there for the passphrase. */
static void ask_to_unlock(Site *site, Request *r, Session *session, Response *ret)
{
    if (r->method == METHOD_POST && !r->wants_json)
        unlock_page(site, r, session, false, ret);
    else
        see_other(ret, STR("/unlock"));
}

static void act(Site *site, Request *r, Session *session, Response *ret)
{
    Str id = {NULL, 0};
    const Action *action = action_by_path(r->method, r->path, &id);
    Pair *pairs = arena_new(&r->arena, Pair, r->n_fields + 1);
    int n = 0;
    Reply reply = {.view = NULL};
    if (!action || !pairs) {
        fail_with(site, r, session, MHD_HTTP_NOT_FOUND, "err.no-page", ret);
        return;
    }
    if (!str_is_null(id))
        pairs[n++] = (Pair){str_c(brace_name(action)), id};
    for (int i = 0; i < r->n_fields; i++)
        pairs[n++] = pair_of(&r->cx, r->fields[i]);
    bool was_open = app_is_open(site->app);
    Err e = app_run(&r->cx, site->app, action, pairs, n, false, &reply);
    if (e == OK)
        answer_reply(site, r, session, action, &reply, ret);
    else if (was_open && !app_is_open(site->app)) /* another fonder renewed the key */
        ask_to_unlock(site, r, session, ret);
    else if (!form_again(site, r, session, action, pairs, n, e, ret))
        fail(site, r, session, status_of(e), ret);
    reply_free(&reply);
}

/* The form that waited, as if it came now. */
static void take_up(Request *r, Str to)
{
    int n = 0;
    for (int i = 0; i < r->n_fields; i++) {
        Pair field = r->fields[i];
        if (str_starts(field.name, CARRIED))
            r->fields[n++] = (Pair){str_from(field.name, CARRIED.len), field.value};
    }
    r->n_fields = n;
    r->path = to;
}

static void unlock(Site *site, Request *r, Session *session, Response *ret)
{
    Str id = {NULL, 0}, to = field_of(r, "to");
    if (r->method == METHOD_GET) {
        unlock_page(site, r, session, false, ret);
        return;
    }
    if (app_open(&r->cx, site->app, field_of(r, "passphrase")) != OK) {
        unlock_page(site, r, session, true, ret);
        return;
    }
    site_opened(&r->cx, site);
    see_other(ret, STR("/"));
    if (may_wait(action_by_path(METHOD_POST, to, &id))) {
        take_up(r, to);
        act(site, r, session, ret);
    }
}

/* -- the order of the doors ---------------------------------------------------------------------- */

static bool static_file(Request *r, Response *ret)
{
    if (r->method != METHOD_GET || !str_starts(r->path, STR("/static/")))
        return false;
    if (!app_static(str_from(r->path, 8), &ret->body, &ret->type))
        return false;
    ret->may_keep = true;
    return true;
}

static bool post_allowed(Site *site, Request *r, const Session *session)
{
    return door_origin(&site->doors, request_header(r, MHD_HTTP_HEADER_HOST),
                       request_header(r, MHD_HTTP_HEADER_ORIGIN),
                       request_header(r, "Sec-Fetch-Site")) &&
           door_csrf(session, r->csrf.len > 0 ? r->csrf : request_header(r, "X-CSRF-Token"));
}

static void inside(Site *site, Request *r, Session *session, Response *ret)
{
    /* What may be read, or done, without the key. */
    bool learns = str_starts(r->path, STR("/learn")) || str_eq_c(r->path, "/safety") ||
                  str_eq_c(r->path, "/recover");
    /* On the way to a new image that will open the vault by itself: whoever was let in before is not sent away. */
    if (site->reopen && !app_is_open(site->app) && app_open(&r->cx, site->app, STR("")) != OK)
        err_clear(&r->cx);
    if (r->method == METHOD_NONE) {
        fail_with(site, r, session, MHD_HTTP_METHOD_NOT_ALLOWED, "err.method", ret);
    } else if (r->too_large) {
        too_large(site, r, session, ret);
    } else if (r->method == METHOD_POST && !post_allowed(site, r, session)) {
        fail_with(site, r, session, MHD_HTTP_FORBIDDEN, "err.form-stale", ret);
    } else if (r->method == METHOD_POST && str_eq_c(r->path, "/leave")) {
        leave(site, r, session, str_c(elsewhere_path(site, r)), ret);
    } else if (r->method == METHOD_POST && str_eq_c(r->path, "/lock")) {
        leave(site, r, session, STR("/unlock"), ret);
    } else if (str_eq_c(r->path, "/unlock")) {
        unlock(site, r, session, ret);
    } else if (!app_is_open(site->app) && !learns) {
        ask_to_unlock(site, r, session, ret);
    } else {
        act(site, r, session, ret);
    }
    /* A locked server does not go on holding what was typed into it, a mistaken passphrase say. */
    if (!app_is_open(site->app) && r->method == METHOD_POST)
        site->locking = true;
}

bool site_knows(Site *site, const Request *r)
{
    return door_host(&site->doors, request_header(r, MHD_HTTP_HEADER_HOST)) &&
           door_session(&site->doors, request_header(r, MHD_HTTP_HEADER_COOKIE), r->cx.now_ms);
}

void site_answer(Site *site, Request *r, Response *ret)
{
    ret->type = "text/plain; charset=utf-8";
    if (!door_host(&site->doors, request_header(r, MHD_HTTP_HEADER_HOST))) {
        ret->status = MHD_HTTP_MISDIRECTED_REQUEST;
        return;
    }
    Session *session =
        door_session(&site->doors, request_header(r, MHD_HTTP_HEADER_COOKIE), r->cx.now_ms);
    if (enter(site, r, ret))
        return;
    if (left(r, ret))
        return;
    if (!session) {
        /* The same for every path, known or not. */
        ret->status = MHD_HTTP_FORBIDDEN;
        if (app_format(&r->cx, site->app, "serve.closed-door", NO_ARGS, &ret->body) != OK)
            ret->body = STR("");
        return;
    }
    site->used_ms = r->cx.now_ms;
    if (!static_file(r, ret))
        inside(site, r, session, ret);
    site_opened(&r->cx, site);
    ret->last = site->locking;
}

/* -- between requests ---------------------------------------------------------------------------- */

static void warn_of_swap(Cx *cx, Site *site)
{
    Str line = {NULL, 0};
    if (!site->warned && app_format(cx, site->app, "note.key-may-swap", NO_ARGS, &line) == OK) {
        os_write_all(STDERR, line);
        os_write_all(STDERR, STR("\n"));
    }
    site->warned = true;
}

void site_opened(Cx *cx, Site *site)
{
    if (app_key_may_swap(site->app))
        warn_of_swap(cx, site);
    /* Where no file can be made beside the vault, "fonder lock" cannot reach this site; its own lock does. */
    if (app_is_open(site->app) && site->hold.fd == 0 && app_hold(cx, site->app, &site->hold) != OK)
        err_clear(cx);
}

/* Another process has forgotten somebody or renewed the key: what is in memory here must go as well. */
static void take_in(Site *site, int64_t now_ms)
{
    Arena arena;
    bool has_passphrase = app_has_passphrase(site->app);
    arena_init(&arena, TICK_ARENA_BYTES);
    Cx cx = {.arena = &arena, .now_ms = now_ms};
    if (app_refresh(&cx, site->app) == ERR_LOCKED) {
        site->reopen = !has_passphrase;
        close_vault(site);
    }
    arena_free(&arena);
}

bool site_prepare(Site *site)
{
    enum { SLICE_NS = 2000000 };
    return !app_is_open(site->app) || site->locking || app_prepare(site->app, SLICE_NS);
}

void site_tick(Site *site, int64_t now_ms)
{
    enum { LOOK_MS = 50 };
    bool just_looked = now_ms >= site->looked_ms && now_ms - site->looked_ms < LOOK_MS;
    if (!app_is_open(site->app) || site->locking || just_looked)
        return;
    site->looked_ms = now_ms;
    if (now_ms < site->used_ms) /* the clock went back */
        site->used_ms = now_ms;
    bool idle = now_ms - site->used_ms > site->idle_ms && app_has_passphrase(site->app);
    if (idle || hold_is_asked(&site->hold))
        close_vault(site);
    else
        take_in(site, now_ms);
    app_learn_beside(site->app, now_ms);
}
