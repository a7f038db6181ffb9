/* app/act_keys.c - what opens the vault: changing it, the way back in when it is lost, a fresh key, and leaving the
 * vault unlocked for a while. Whoever sits at an unlocked machine must not be able to shut its owner out, so each
 * change asks for what opens the vault now, even where the vault stands open. Changing a passphrase costs two
 * stretchings of .4 s, a fresh key some 5 us an entry on top. */
#include "app/acts.h"
#include "render/qr.h"

static bool opens_with_passphrase(const App *app)
{
    return log_opens_with(app->log) == LOG_PASSPHRASE;
}

Err act_put_code(Cx *cx, const LogRecovery *code, json_t *view)
{
    json_t *picture = NULL;
    Err e = qr_draw(cx, str_c(code->text), &picture);
    if (e == OK && json_object_set_new(view, "qr", picture) != 0)
        e = err_nomem(cx);
    return e;
}

/* What was done, with the new code if there is one; the code is wiped. */
static Err answer(Cx *cx, App *app, ViewKeys *keys, LogRecovery *code, Reply *ret)
{
    View view = app_view(app);
    if (code)
        keys->recovery = str_dup(cx->arena, str_c(code->text));
    Err e = view_keys(cx, &view, keys, &ret->view);
    if (e == OK && code)
        e = act_put_code(cx, code, ret->view);
    if (code)
        log_recovery_wipe(code);
    return e;
}

/* -- passphrase ---------------------------------------------------------------------------------- */

Err act_passphrase_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_passphrase(cx, &view, opens_with_passphrase(app), app_key_may_swap(app), &ret->view);
}

/* What is to open the vault from now on: from a form, or asked. */
static Err next_secret(Cx *cx, const App *app, const Input *in, LogSecret *ret)
{
    LogSecret next = {.kind = input_flag(in, "no-passphrase") ? LOG_KEY_FILE : LOG_PASSPHRASE,
                      .text = input_text(in, "new")};
    Err e = OK;
    if (next.kind == LOG_KEY_FILE)
        next.text = STR("");
    else if (next.text.len == 0)
        e = app_new_passphrase(cx, app, &next.text);
    else if (!str_eq(next.text, input_text(in, "again")))
        return err_field(cx, ERR_INVALID, "again", "err.passphrases-differ", NO_ARGS);
    if (e == OK)
        *ret = next;
    return e;
}

Err act_passphrase(Cx *cx, App *app, const Input *in, Reply *ret)
{
    LogSecret old = {.kind = LOG_PASSPHRASE}, next = old;
    Err e = app_prove(cx, app, "old", input_text(in, "old"), &old);
    if (e == OK)
        e = next_secret(cx, app, in, &next);
    if (e == OK)
        e = log_set_secret(cx, app->log, &next);
    if (e != OK)
        return e;
    bool key_file = next.kind == LOG_KEY_FILE;
    ViewKeys keys = {.heading_key = "view.keys.passphrase",
                     .text_key =
                         key_file ? "view.keys.passphrase-none" : "view.keys.passphrase-text",
                     .note_key = key_file ? "view.init.key-file" : "view.keys.backups-note"};
    return answer(cx, app, &keys, NULL, ret);
}

/* -- recovery ------------------------------------------------------------------------------------ */

Err act_recovery_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_recovery(cx, &view, opens_with_passphrase(app), &ret->view);
}

Err act_recover_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_recover(cx, &view, &ret->view);
}

/* The vault, which may stand open, is opened anew, so that it knows what opens it now. */
static Err recover_with(Cx *cx, App *app, const LogSecret *code, const LogSecret *next)
{
    AUTO_CLEAN(log_close_at) Log *log = NULL;
    Err e = log_open(cx, app->vault, code, &log);
    if (e != OK) {
        cx->why.field = "code";
        return e;
    }
    e = log_set_secret(cx, log, next);
    if (e != OK)
        return e;
    app_close(app);
    return app_open_with(cx, app, next);
}

Err act_lost(Cx *cx, App *app, const Input *in, LogSecret *ret_code, LogSecret *ret_next)
{
    LogSecret code = {.kind = LOG_RECOVERY, .text = str_trim(input_text(in, "code"))}, next = code;
    Err e = OK;
    if (code.text.len == 0)
        e = app_ask_secret(cx, app, "ask.recovery-code", &code.text);
    if (e == OK)
        e = log_recovery_check(cx, code.text);
    if (e != OK)
        cx->why.field = "code";
    else if (ret_next)
        e = next_secret(cx, app, in, &next);
    if (e != OK)
        return e;
    *ret_code = code;
    if (ret_next)
        *ret_next = next;
    return OK;
}

Err act_recover(Cx *cx, App *app, const Input *in, Reply *ret)
{
    LogSecret code = {.kind = LOG_RECOVERY}, next = code;
    ViewKeys keys = {.heading_key = "view.keys.recovered", .text_key = "view.keys.recovered-text"};
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    Err e = act_lost(cx, app, in, &code, &next);
    if (e == OK)
        e = recover_with(cx, app, &code, &next);
    return e == OK ? answer(cx, app, &keys, NULL, ret) : e;
}

/* -- a fresh key --------------------------------------------------------------------------------- */

/* Also behind a new code: whoever saw the old one may have taken the key out with it. */
static Err seal_anew(Cx *cx, App *app, const Input *in, bool keep_code, ViewKeys *keys, Reply *ret)
{
    LogSecret old = {.kind = LOG_PASSPHRASE};
    LogRecovery code = {.text = ""};
    bool scrubbed = false;
    Err e = app_prove(cx, app, "old", input_text(in, "old"), &old);
    if (e == OK)
        e = log_rekey(cx, app->log, &old, keep_code ? NULL : &code, &scrubbed);
    if (e == OK)
        e = app_refresh(cx, app);
    if (e != OK) {
        log_recovery_wipe(&code);
        return e;
    }
    keys->remains = !scrubbed;
    keys->note_key = "view.keys.backups-note";
    return answer(cx, app, keys, keep_code ? NULL : &code, ret);
}

Err act_rekey(Cx *cx, App *app, const Input *in, Reply *ret)
{
    ViewKeys keys = {.heading_key = "view.keys.rekey", .text_key = "view.keys.rekey-text"};
    return seal_anew(cx, app, in, input_flag(in, "keep-code"), &keys, ret);
}

Err act_recovery(Cx *cx, App *app, const Input *in, Reply *ret)
{
    ViewKeys keys = {.heading_key = "view.keys.recovery", .text_key = "view.keys.recovery-text"};
    return seal_anew(cx, app, in, false, &keys, ret);
}

/* -- unlocked for a while ------------------------------------------------------------------------ */

enum { MINUTES_USUAL = 15, SECONDS_A_MINUTE = 60, SITES_WAIT_MS = 10000 };

Err act_unlock(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *given = input_value(in, "minutes");
    int64_t minutes = given ? given->num : MINUTES_USUAL;
    if (!opens_with_passphrase(app))
        return err_set(cx, ERR_INVALID, "err.nothing-to-unlock", NO_ARGS);
    ViewKeys keys = {.heading_key = "view.keys.unlocked",
                     .text_key = "view.keys.unlocked-text",
                     .args = ARGS(arg_int("n", minutes)),
                     .note_key = "view.keys.unlocked-note"};
    Err e = log_unlock(cx, app->log, minutes * SECONDS_A_MINUTE);
    return e == OK ? answer(cx, app, &keys, NULL, ret) : e;
}

Err act_lock(Cx *cx, App *app, const Input *in, Reply *ret)
{
    ViewKeys keys = {.heading_key = "view.keys.locked", .text_key = "view.keys.locked-text"};
    (void)in;
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    LogLook look = {0};
    Err e = log_look(cx, app->vault, &look);
    if (e == OK && look.opens_with != LOG_PASSPHRASE)
        return err_set(cx, ERR_INVALID, "err.nothing-to-unlock", NO_ARGS);
    if (e == OK)
        e = app_lock(cx, app, SITES_WAIT_MS);
    return e == OK ? answer(cx, app, &keys, NULL, ret) : e;
}
