/* app/act_backup.c - copies of a vault, and help for a damaged one. Nothing here touches the vault itself: a copy
 * gets its name only once it has been opened and read, or, without the key, checked by structure and sums; what can
 * be saved goes into a new file. Each costs one reading of every entry, some microseconds apiece. */
#include "app/acts.h"
#include "base/buf.h"
#include "base/os.h"

static Err name_free(Cx *cx, const char *field, Str path)
{
    return os_exists(cx, path) ? err_field(cx, ERR_INVALID, field, "err.file-exists", ARGS(arg_str("file", path)))
                               : OK;
}

/* -- backup -------------------------------------------------------------------------------------- */

static Err said_copied(Cx *cx, App *app, ViewCopied *copied, Reply *ret)
{
    LogStats stats = {.entries = 0};
    View view = app_view(app);
    if (app_is_open(app)) {
        Err e = log_stats(cx, app->log, &stats);
        if (e != OK)
            return e;
    }
    copied->entries = stats.entries;
    return view_copied(cx, &view, copied, &ret->view);
}

/* For a browser: sealed bytes beside the vault, whose name goes before the first of them does. */
static Err backup_stream(Cx *cx, App *app, Reply *ret)
{
    char id[ID_TEXT_CAP];
    Buf name = buf_make(cx->arena, LOG_PATH_MAX);
    Str path = {NULL, 0};
    Stream *stream = arena_new(cx->arena, Stream, 1);
    if (!stream)
        return err_nomem(cx);
    buf_put(&name, app->vault);
    buf_c(&name, ".new-"); /* as FORMAT.md calls what a kill may leave behind */
    buf_put(&name, id_format(id_new(), id));
    Err e = buf_done(cx, &name, &path);
    if (e == OK)
        e = log_backup(cx, app->log, path);
    if (e != OK)
        return e;
    e = stream_open(cx, path, stream);
    Err gone = os_remove(cx, path);
    if (e != OK)
        return e;
    ret->stream = stream;
    ret->file_type = "application/octet-stream";
    ret->file_name = "fonder.backup";
    return gone;
}

Err act_backup(Cx *cx, App *app, const Input *in, Reply *ret)
{
    Str to = input_text(in, "file"), into = input_text(in, "into");
    const Value *keep = input_value(in, "keep");
    bool locked = input_flag(in, "locked") && !app->host.is_site;
    ViewCopied copied = {.heading_key = "view.backup.heading",
                         .text_key = locked ? "view.backup.locked" : "view.backup.text",
                         .note_key = "view.backup.note",
                         .file = to};
    Err e = OK;
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    if (!app->host.is_site && into.len > 0) {
        e = act_backup_into(cx, app, into, keep ? keep->num : 0, locked, &copied);
        return e == OK ? said_copied(cx, app, &copied, ret) : e;
    }
    if (!app->host.is_site && to.len == 0)
        return err_field(cx, ERR_INVALID, "file", "err.required", ARGS(arg_c("field", "file")));
    if (to.len > 0)
        e = name_free(cx, "file", to);
    if (e == OK && !locked)
        e = app_open(cx, app, STR(""));
    if (e != OK)
        return e;
    if (app->host.is_site)
        return backup_stream(cx, app, ret);
    e = locked ? log_backup_locked(cx, app->vault, to) : log_backup(cx, app->log, to);
    return e == OK ? said_copied(cx, app, &copied, ret) : e;
}

static Err restored(Cx *cx, App *app, Str from, const LogSecret *secret, const LogSecret *next)
{
    Err e = log_restore(cx, from, app->vault, secret, &app->log);
    if (e == OK && next)
        e = log_set_secret(cx, app->log, next);
    return e == OK ? app_load(cx, app) : e;
}

/* A backup becomes this vault, whose place must be free. */
Err act_restore(Cx *cx, App *app, const Input *in, Reply *ret)
{
    Str from = input_text(in, "file");
    LogSecret secret = {.kind = LOG_PASSPHRASE}, next = secret;
    bool lost = input_flag(in, "lost");
    ViewCopied copied = {.heading_key = "view.restore.heading",
                         .text_key = "view.restore.text",
                         .note_key = "view.restore.note",
                         .file = app->vault};
    if (app_has_vault(cx, app))
        return err_set(cx, ERR_INVALID, "err.vault-exists", ARGS(arg_str("file", app->vault)));
    Err e = lost ? act_lost(cx, app, in, &secret, &next) : app_secret(cx, app, from, STR(""), &secret);
    if (e == OK)
        e = restored(cx, app, from, &secret, lost ? &next : NULL);
    if (e != OK)
        app_close(app);
    return e == OK ? said_copied(cx, app, &copied, ret) : e;
}

/* -- doctor -------------------------------------------------------------------------------------- */

static Err findings_of(Cx *cx, const LogReport *report, ViewDoctor *doctor)
{
    ViewFinding *findings = arena_new(cx->arena, ViewFinding, report->n > 0 ? report->n : 1);
    if (!findings)
        return err_nomem(cx);
    for (ptrdiff_t i = 0; i < report->n; i++) {
        const LogFinding *f = &report->findings[i];
        findings[i] = (ViewFinding){.trouble = (int)f->kind - LOG_TROUBLE_FILE,
                                    .device = f->device,
                                    .first = f->seq,
                                    .last = f->last,
                                    .what = f->text};
    }
    doctor->findings = findings;
    doctor->n = (int)report->n;
    doctor->more = report->more;
    doctor->good = report->good;
    doctor->bad = report->bad;
    return OK;
}

static Err save_to(Cx *cx, App *app, Str key_from, const LogSecret *secret, const LogSecret *next, Str to,
                   LogReport *report, ViewDoctor *doctor)
{
    AUTO_CLEAN(log_close_at) Log *saved = NULL;
    LogRecovery code = {.text = ""};
    Err e = name_free(cx, "save-to", to);
    if (e == OK)
        e = log_salvage(cx, app->vault, key_from, secret, to, next, &code, report, &saved);
    if (e != OK)
        return e;
    doctor->saved = to;
    doctor->recovery = str_dup(cx->arena, str_c(code.text));
    log_recovery_wipe(&code);
    return OK;
}

/* What opens the damaged vault and, where what can be saved goes into a new one, what will open that: the same, but
 * for who comes with the recovery code. */
static Err doctor_secrets(Cx *cx, App *app, const Input *in, bool saves, LogSecret *secret, LogSecret *next)
{
    if (input_flag(in, "lost"))
        return act_lost(cx, app, in, secret, saves ? next : NULL);
    Err e = log_examine_kind(cx, app->vault, input_text(in, "key-from"), &secret->kind);
    if (e == OK)
        e = app_secret_of(cx, app, STR(""), secret);
    *next = *secret;
    return e;
}

Err act_doctor(Cx *cx, App *app, const Input *in, Reply *ret)
{
    Str to = input_text(in, "save-to"), key_from = input_text(in, "key-from");
    LogSecret secret = {.kind = LOG_PASSPHRASE}, next = secret;
    LogReport report = {.n = 0};
    ViewDoctor doctor = {.saved = STR(""), .recovery = STR("")};
    View view = app_view(app);
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    Err e = doctor_secrets(cx, app, in, to.len > 0, &secret, &next);
    if (e == OK)
        e = to.len > 0 ? save_to(cx, app, key_from, &secret, &next, to, &report, &doctor)
                       : log_examine(cx, app->vault, key_from, &secret, &report);
    if (e == OK)
        e = findings_of(cx, &report, &doctor);
    return e == OK ? view_doctor(cx, &view, &doctor, &ret->view) : e;
}
