/* base/err.c - arguments and reasons. */
#include "base/cx.h"

Arg arg_str(const char *name, Str value)
{
    return (Arg){.name = name, .kind = ARG_STR, .str = value};
}

Arg arg_c(const char *name, const char *value)
{
    return arg_str(name, str_c(value));
}

Arg arg_int(const char *name, int64_t value)
{
    return (Arg){.name = name, .kind = ARG_INT, .num = value};
}

Arg arg_real(const char *name, double value)
{
    return (Arg){.name = name, .kind = ARG_REAL, .real = value};
}

Err err_field(Cx *cx, Err code, const char *field, const char *key, const Arg *args)
{
    cx->why = (Why){.key = key, .field = field};
    for (int i = 0; args && args[i].name && i < WHY_ARGS_MAX; i++)
        cx->why.args[i] = args[i];
    return code;
}

Err err_set(Cx *cx, Err code, const char *key, const Arg *args)
{
    return err_field(cx, code, NULL, key, args);
}

Err err_nomem(Cx *cx)
{
    return err_set(cx, ERR_NOMEM, "err.no-memory", NO_ARGS);
}

void err_clear(Cx *cx)
{
    cx->why = (Why){.key = NULL};
}
