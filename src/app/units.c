/* app/units.c - a timer of systemd rather than one of our own: it runs when no fonder does, waits for the machine to be
 * on, and makes up for what was missed. The service holds the whole command, so that nothing needs to be read, least
 * of all the vault, to know what is to be done. A missing user manager (no session, a container) is no failure: then
 * the files are written all the same and the commands are given back. */
#include "app/units.h"
#include "base/buf.h"
#include "base/os.h"

enum { PATH_MAX_BYTES = 3900, UNIT_MAX_BYTES = 16384 };

static const char *const EVERY_WORDS[] = {"never", "day", "week"};
static const char *const CALENDAR[] = {"", "daily", "weekly"};

/* -- where --------------------------------------------------------------------------------------- */

static Err units_folder(Cx *cx, Str *ret)
{
    Str config = os_env("XDG_CONFIG_HOME"), home = os_env("HOME");
    bool given = str_starts(config, STR("/"));
    Buf buf = buf_make(cx->arena, PATH_MAX_BYTES);
    if (!given && home.len == 0)
        return err_set(cx, ERR_INVALID, "err.no-home", NO_ARGS);
    buf_put(&buf, given ? config : home);
    buf_c(&buf, given ? "/systemd/user" : "/.config/systemd/user");
    return buf_done(cx, &buf, ret);
}

/* FOLDER/middle/fonder-backup-ID.ending; without folder the name alone. */
static Err unit_path(Cx *cx, Str folder, const char *middle, Id vault, const char *ending, Str *ret)
{
    char id[ID_TEXT_CAP];
    Buf buf = buf_make(cx->arena, PATH_MAX_BYTES + 256);
    buf_put(&buf, folder);
    buf_c(&buf, middle);
    buf_c(&buf, "fonder-backup-");
    buf_put(&buf, str_sub(id_format(vault, id), 0, UNITS_ID_LEN));
    buf_c(&buf, ending);
    return buf_done(cx, &buf, ret);
}

/* -- the files ----------------------------------------------------------------------------------- */

/* One argument as systemd.service(5) reads it. */
static void put_quoted(Buf *buf, Str s)
{
    buf_char(buf, '"');
    for (ptrdiff_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '"' || c == '\\')
            buf_char(buf, '\\');
        if (c == '%' || c == '$')
            buf_char(buf, c);
        buf_char(buf, c);
    }
    buf_char(buf, '"');
}

static Err service_text(Cx *cx, const UnitsPlan *plan, Str *ret)
{
    Str self = {NULL, 0};
    Buf buf = buf_make(cx->arena, UNIT_MAX_BYTES);
    Err e = os_self(cx, &self);
    if (e != OK)
        return e;
    buf_c(&buf,
          "[Unit]\nDescription=Backup of a fonder vault\n\n[Service]\nType=oneshot\nExecStart=");
    put_quoted(&buf, self);
    buf_c(&buf, " backup --vault ");
    put_quoted(&buf, plan->path);
    buf_c(&buf, " --into ");
    put_quoted(&buf, plan->into);
    buf_fmt(&buf,
            " --keep "
            "%d\nUMask=0077\nLimitCORE=0\nNoNewPrivileges=yes\nNice=10\nIOSchedulingClass=idle\n",
            (int)plan->keep);
    return buf_done(cx, &buf, ret);
}

static Err timer_text(Cx *cx, const UnitsPlan *plan, Str *ret)
{
    Buf buf = buf_make(cx->arena, UNIT_MAX_BYTES);
    buf_fmt(&buf,
            "[Unit]\nDescription=Backups of a fonder vault\n\n"
            "[Timer]\nOnCalendar=%s\nPersistent=true\nRandomizedDelaySec=30min\n\n"
            "[Install]\nWantedBy=timers.target\n\n[X-Fonder]\nEvery=%s\nKeep=%d\nInto=",
            CALENDAR[plan->every], EVERY_WORDS[plan->every], (int)plan->keep);
    buf_put(&buf, plan->into);
    buf_char(&buf, '\n');
    return buf_done(cx, &buf, ret);
}

/* The rest of the line that begins with key. */
static Str line_after(Str text, Str key)
{
    while (text.len > 0) {
        Str line = str_line(&text);
        if (str_starts(line, key))
            return str_from(line, key.len);
    }
    return STR("");
}

Err units_read(Cx *cx, UnitsPlan *ret)
{
    Str folder = {NULL, 0}, path = {NULL, 0}, text = {NULL, 0};
    Err e = units_folder(cx, &folder);
    if (e == OK)
        e = unit_path(cx, folder, "/", ret->vault, ".timer", &path);
    if (e != OK)
        return e;
    ret->every = EVERY_NEVER;
    if (!os_exists(cx, path))
        return OK;
    e = os_read_file(cx, path, UNIT_MAX_BYTES, &text);
    if (e != OK)
        return e;
    Str every = line_after(text, STR("Every="));
    for (int i = EVERY_DAY; i <= EVERY_WEEK; i++) {
        if (str_eq_c(every, EVERY_WORDS[i]))
            ret->every = (UnitsEvery)i;
    }
    ret->into = line_after(text, STR("Into="));
    if (!str_to_i64(line_after(text, STR("Keep=")), 1, INT32_MAX, &ret->keep))
        ret->every = EVERY_NEVER; /* not as we write it */
    return OK;
}

/* -- telling systemd ----------------------------------------------------------------------------- */

/* A user manager listens here; without one there is nobody to tell. */
static bool has_manager(Cx *cx)
{
    Buf buf = buf_make(cx->arena, PATH_MAX_BYTES);
    Str path = {NULL, 0};
    buf_put(&buf, os_env("XDG_RUNTIME_DIR"));
    buf_c(&buf, "/systemd/private");
    return os_env("XDG_RUNTIME_DIR").len > 0 && buf_done(cx, &buf, &path) == OK &&
           os_exists(cx, path);
}

static Err command(Cx *cx, const char *verb, Str unit, UnitsTodo *todo, bool *told)
{
    const char *const argv[] = {"systemctl", "--user", verb, unit.len > 0 ? unit.p : NULL, NULL};
    Buf buf = buf_make(cx->arena, UNIT_MAX_BYTES);
    buf_fmt(&buf, "systemctl --user %s", verb);
    if (unit.len > 0)
        buf_fmt(&buf, " %.*s", STR_FMT(unit));
    if (*told && os_run(cx, argv) != OK) {
        err_clear(cx);
        *told = false;
    }
    return buf_done(cx, &buf, &todo->commands[todo->n++]);
}

static Err tell(Cx *cx, const UnitsPlan *plan, UnitsTodo *ret)
{
    Str timer = {NULL, 0};
    UnitsTodo todo = {.n = 0};
    bool told = has_manager(cx);
    Err e = unit_path(cx, STR(""), "", plan->vault, ".timer", &timer);
    if (e == OK && !str_to_c(cx->arena, timer))
        e = err_nomem(cx);
    timer.p = e == OK ? str_to_c(cx->arena, timer) : timer.p;
    if (e == OK)
        e = command(cx, "daemon-reload", STR(""), &todo, &told);
    if (e == OK && plan->every != EVERY_NEVER)
        e = command(cx, "enable", timer, &todo, &told);
    if (e == OK)
        e = command(cx, plan->every != EVERY_NEVER ? "restart" : "stop", timer, &todo, &told);
    if (told)
        todo.n = 0;
    if (e == OK)
        *ret = todo;
    return e;
}

static Err take_away(Cx *cx, Str folder, Id vault)
{
    static const struct {
        const char *middle, *ending;
    } files[] = {
        {"/timers.target.wants/", ".timer"  },
        {"/",                     ".timer"  },
        {"/",                     ".service"}
    };
    Err e = OK;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && e == OK; i++) {
        Str path = {NULL, 0};
        e = unit_path(cx, folder, files[i].middle, vault, files[i].ending, &path);
        if (e == OK)
            e = os_remove(cx, path);
    }
    return e;
}

static Err write_files(Cx *cx, Str folder, const UnitsPlan *plan)
{
    Str service = {NULL, 0}, timer = {NULL, 0}, path = {NULL, 0};
    Err e = service_text(cx, plan, &service);
    if (e == OK)
        e = timer_text(cx, plan, &timer);
    if (e == OK)
        e = os_make_dirs(cx, folder);
    if (e == OK)
        e = unit_path(cx, folder, "/", plan->vault, ".service", &path);
    if (e == OK)
        e = os_write_file(cx, path, service);
    if (e == OK)
        e = unit_path(cx, folder, "/", plan->vault, ".timer", &path);
    return e == OK ? os_write_file(cx, path, timer) : e;
}

Err units_write(Cx *cx, const UnitsPlan *plan, UnitsTodo *ret)
{
    Str folder = {NULL, 0};
    Err e = units_folder(cx, &folder);
    if (e == OK)
        e = plan->every == EVERY_NEVER ? take_away(cx, folder, plan->vault)
                                       : write_files(cx, folder, plan);
    return e == OK ? tell(cx, plan, ret) : e;
}
