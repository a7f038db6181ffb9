/* app/act_vault.c - making a vault, and an example one at a path of its own. */
#include "app/acts.h"
#include "base/os.h"
#include "app/demo.h"

Err act_init(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *passphrase = input_value(in, "passphrase");
    const Value *again = input_value(in, "again");
    bool none = input_flag(in, "no-passphrase");
    Str secret = passphrase ? passphrase->text : STR("");
    LogRecovery code = {.text = ""};
    View view = {.text = app->text};
    if (again && !str_eq(again->text, secret))
        return err_field(cx, ERR_INVALID, "again", "err.passphrases-differ", NO_ARGS);
    Err e = app_create(cx, app, secret, none, &code);
    if (e != OK)
        return e;
    view.book = app->book;
    e = view_init(cx, &view, app->vault, str_dup(cx->arena, str_c(code.text)), none, &ret->view);
    if (e == OK)
        e = act_put_code(cx, &code, ret->view);
    log_recovery_wipe(&code);
    return e;
}

/* The example replaces nothing: where one is already, it says so. */
Err act_demo(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *people = input_value(in, "people");
    const Value *years = input_value(in, "years");
    const Value *seed = input_value(in, "seed");
    const DemoPlan plan = {.people = people ? (int)people->num : DEMO_PEOPLE,
                           .years = years ? (int)years->num : DEMO_YEARS,
                           .seed = seed ? (uint64_t)seed->num : 1};
    Str own_path = {NULL, 0}, default_path = {NULL, 0};
    LogRecovery code = {.text = ""};
    View view = {.text = app->text};
    Err e = app_vault_path(cx, STR(""), &default_path);
    if (e == OK)
        e = app_demo_path(cx, &own_path);
    if (e != OK)
        return e;
    if (str_eq(app->vault, default_path) && os_env("FONDER_VAULT").len == 0)
        app->vault = own_path;
    e = app_create(cx, app, STR(""), true, &code);
    log_recovery_wipe(&code);
    if (e == OK)
        e = demo_fill(cx, app, &plan);
    view.book = app->book;
    return e != OK ? e : view_demo(cx, &view, app->vault, plan.people, &ret->view);
}
