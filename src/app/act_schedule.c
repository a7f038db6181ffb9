/* app/act_schedule.c - backups by themselves. A timer of systemd runs `fonder backup --into FOLDER --keep N`, which
 * makes one more dated copy and takes the oldest away. A copy is taken away only once the new one has been read back;
 * files of any other name in the folder are left alone. Locked, which is usual when nobody is there, the copy is
 * compared with the vault row by row; unlocked it is opened. */
#include "app/acts.h"
#include "app/units.h"
#include "base/buf.h"
#include "base/os.h"
#include "base/time.h"
#include <stdlib.h>

enum { KEEP_USUAL = 7, STAMP_LEN = 17 };

/* -- paths --------------------------------------------------------------------------------------- */

/* A timer starts anywhere, so its paths are whole. A site has no folder to start from. */
static Err absolute(Cx *cx, const App *app, Str path, Str *ret)
{
    Str home = os_env("HOME"), here = os_env("PWD");
    *ret = path;
    if (str_starts(path, STR("/")))
        return OK;
    if (str_starts(path, STR("~/")) && home.len > 0)
        return os_in_folder(cx, home, str_from(path, 2), ret);
    if (!app->host.is_site && str_starts(here, STR("/")))
        return os_in_folder(cx, here, path, ret);
    return err_field(cx, ERR_INVALID, "into", "err.path-not-whole", ARGS(arg_str("given", path)));
}

static bool is_folder(Cx *cx, Str path)
{
    OsFile file = {.is_folder = false};
    Err e = os_stat(cx, path, &file);
    return e == OK && file.is_folder;
}

static Err no_folder(Cx *cx, Str path)
{
    return err_field(cx, ERR_NOT_FOUND, "into", "err.no-folder", ARGS(arg_str("file", path)));
}

/* -- dated copies -------------------------------------------------------------------------------- */

static const char OPENED[] = ".backup", COMPARED[] = "-locked.backup";

/* "fonder-3k9x1v2m-2026-05-01-193000.backup": in order of age when sorted. */
static Err name_stem(Cx *cx, Id vault, Str *ret)
{
    char id[ID_TEXT_CAP];
    Buf buf = buf_make(cx->arena, 64);
    buf_c(&buf, "fonder-");
    buf_put(&buf, str_sub(id_format(vault, id), 0, UNITS_ID_LEN));
    buf_char(&buf, '-');
    return buf_done(cx, &buf, ret);
}

static Err dated_path(Cx *cx, Str into, Id vault, bool opened, Str *ret)
{
    Str stem = {NULL, 0}, name = {NULL, 0};
    Civil c = time_civil(cx->now_ms, 0);
    Buf buf = buf_make(cx->arena, 128);
    Err e = name_stem(cx, vault, &stem);
    if (e != OK)
        return e;
    buf_put(&buf, stem);
    buf_fmt(&buf, "%04d-%02d-%02d-%02d%02d%02d", c.year, c.month, c.day, c.hour, c.minute,
            c.second);
    buf_c(&buf, opened ? OPENED : COMPARED);
    e = buf_done(cx, &buf, &name);
    return e == OK ? os_in_folder(cx, into, name, ret) : e;
}

/* When a copy was made, by its name; false for a file of another name. */
static bool read_name(Str stem, Str name, ViewBackupFile *ret)
{
    static const struct {
        int at, len;
    } piece[] = {
        {0,  4},
        {5,  2},
        {8,  2},
        {11, 2},
        {13, 2},
        {15, 2}
    };
    int64_t v[6];
    Str stamp = str_sub(name, stem.len, STAMP_LEN), ending = str_from(name, stem.len + STAMP_LEN);
    bool opened = str_eq_c(ending, OPENED);
    if (!str_starts(name, stem) || (!opened && !str_eq_c(ending, COMPARED)))
        return false;
    for (int i = 0; i < 6; i++) {
        if (!str_to_i64(str_sub(stamp, piece[i].at, piece[i].len), 0, 9999, &v[i]))
            return false;
    }
    const Civil c = {.year = (int)v[0],
                     .month = (int)v[1],
                     .day = (int)v[2],
                     .hour = (int)v[3],
                     .minute = (int)v[4],
                     .second = (int)v[5]};
    if (!time_civil_valid(&c))
        return false;
    *ret = (ViewBackupFile){name, time_instant(&c, 0), opened};
    return true;
}

static int newest_first(const void *a, const void *b)
{
    const ViewBackupFile *x = a, *y = b;
    return (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms);
}

/* The copies of this vault in a folder, newest first. */
static Err copies_in(Cx *cx, Str into, Id vault, ViewBackupFile **ret, int *ret_n)
{
    const Str *names = NULL;
    Str stem = {NULL, 0};
    int n = 0, kept = 0;
    Err e = os_list(cx, into, &names, &n);
    if (e == OK)
        e = name_stem(cx, vault, &stem);
    ViewBackupFile *files = e == OK ? arena_new(cx->arena, ViewBackupFile, n + 1) : NULL;
    if (e == OK && !files)
        e = err_nomem(cx);
    for (int i = 0; i < n && e == OK; i++) {
        kept += read_name(stem, names[i], &files[kept]);
    }
    if (e != OK)
        return e;
    qsort(files, (size_t)kept, sizeof *files, newest_first);
    *ret = files;
    *ret_n = kept;
    return OK;
}

/* All but the newest so many. The one just made stays whatever the clock says; so does the newest that was opened,
 * since a damage that only the key shows goes into every locked copy after it. */
static Err take_oldest(Cx *cx, Str into, Id vault, Str made, int64_t keep)
{
    ViewBackupFile *files = NULL;
    int n = 0;
    bool opened_seen = false;
    Err e = copies_in(cx, into, vault, &files, &n);
    for (int i = 0, stay = 1; i < n && e == OK; i++) {
        Str path = {NULL, 0};
        bool newest_opened = files[i].opened && !opened_seen;
        opened_seen = opened_seen || files[i].opened;
        e = os_in_folder(cx, into, files[i].file, &path);
        if (e == OK && !str_eq(path, made) && stay++ >= keep && !newest_opened)
            e = os_remove(cx, path);
    }
    return e;
}

Err act_backup_into(Cx *cx, App *app, Str given, int64_t keep, bool locked, ViewCopied *copied)
{
    LogLook look = {0};
    Str into = {NULL, 0}, path = {NULL, 0};
    Err e = log_look(cx, app->vault, &look);
    if (e == OK)
        e = absolute(cx, app, given, &into);
    if (e == OK &&
        !is_folder(cx, into)) /* it is not made: a disk that is not there would be missed */
        e = no_folder(cx, into);
    if (e == OK && !locked) {
        e = app_open(cx, app, STR(""));
        locked = e == ERR_LOCKED;
        e = locked ? OK : e;
    }
    if (e == OK)
        e = dated_path(cx, into, look.vault, !locked, &path);
    if (e == OK)
        e = locked ? log_backup_locked(cx, app->vault, path) : log_backup(cx, app->log, path);
    if (e == OK && keep > 0)
        e = take_oldest(cx, into, look.vault, path, keep);
    copied->file = path;
    copied->text_key = locked ? "view.backup.locked" : copied->text_key;
    return e;
}

/* -- the timer ----------------------------------------------------------------------------------- */

static Err plan_now(Cx *cx, const App *app, UnitsPlan *ret)
{
    LogLook look = {0};
    UnitsPlan plan = {.keep = KEEP_USUAL, .into = STR("")};
    if (!app_has_vault(cx, app))
        return err_set(cx, ERR_NOT_FOUND, "err.no-vault", ARGS(arg_str("file", app->vault)));
    Err e = log_look(cx, app->vault, &look);
    plan.vault = look.vault;
    if (e == OK)
        e = absolute(cx, app, app->vault, &plan.path);
    if (e == OK)
        e = units_read(cx, &plan);
    if (e == OK)
        *ret = plan;
    return e;
}

static Err show_plan(Cx *cx, App *app, const UnitsPlan *plan, const char *done,
                     const UnitsTodo *todo, Reply *ret)
{
    View view = app_view(app);
    ViewBackups shown = {
        .every = (int)plan->every, .into = plan->into, .keep = plan->keep, .done_key = done};
    ViewBackupFile *files = NULL;
    Err e = OK;
    if (plan->into.len > 0 && is_folder(cx, plan->into))
        e = copies_in(cx, plan->into, plan->vault, &files, &shown.n_files);
    shown.files = files;
    shown.commands = todo ? todo->commands : NULL;
    shown.n_commands = todo ? todo->n : 0;
    return e == OK ? view_backups(cx, &view, &shown, &ret->view) : e;
}

Err act_backups(Cx *cx, App *app, const Input *in, Reply *ret)
{
    UnitsPlan plan = {.keep = 0};
    (void)in;
    Err e = plan_now(cx, app, &plan);
    return e == OK ? show_plan(cx, app, &plan, NULL, NULL, ret) : e;
}

Err act_schedule(Cx *cx, App *app, const Input *in, Reply *ret)
{
    UnitsPlan plan = {.keep = 0};
    UnitsTodo todo = {.n = 0};
    Str into = input_text(in, "into");
    const Value *keep = input_value(in, "keep");
    Err e = plan_now(cx, app, &plan);
    plan.every = (UnitsEvery)input_value(in, "every")->num;
    plan.keep = keep ? keep->num : plan.keep;
    if (e == OK && into.len > 0)
        e = absolute(cx, app, into, &plan.into);
    if (e == OK && plan.every != EVERY_NEVER) {
        if (plan.into.len == 0)
            return err_field(cx, ERR_INVALID, "into", "err.required", ARGS(arg_c("field", "into")));
        e = os_make_dirs(cx, plan.into);
        if (e == OK && (!is_folder(cx, plan.into) || !os_can_write(cx, plan.into)))
            e = no_folder(cx, plan.into);
        cx->why.field = e == OK ? NULL : "into";
    }
    if (e == OK)
        e = units_write(cx, &plan, &todo);
    const char *done = plan.every == EVERY_NEVER ? "view.backups.off"
                       : todo.n > 0              ? "view.backups.written"
                                                 : "view.backups.on";
    return e == OK ? show_plan(cx, app, &plan, done, &todo, ret) : e;
}
