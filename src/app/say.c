/* app/say.c - the few things of lower rooms that every face needs. */
#include "app/app.h"

const Text *app_locale(Str name)
{
    return text_locale(name);
}

Err app_format(Cx *cx, const App *app, const char *key, const Arg *args, Str *ret)
{
    return text_format(cx, app->text, key, args, ret);
}

Str app_label(const App *app, const char *key)
{
    return text_get(app->text, key);
}

Err app_why(Cx *cx, const App *app, Str *ret)
{
    const Why said = cx->why;
    return text_why(cx, app->text, &said, ret);
}

bool app_has_passphrase(const App *app)
{
    return app->log && log_opens_with(app->log) == LOG_PASSPHRASE;
}

bool app_key_may_swap(const App *app)
{
    return app->log && log_key_may_swap(app->log);
}

Str app_leave_page(Cx *cx, const App *app)
{
    BookMe me = {.quiet = false};
    return app->book && book_me(cx, app->book, &me) == OK ? me.leave_page : STR("");
}

void app_recovery_wipe(LogRecovery *code)
{
    log_recovery_wipe(code);
}
