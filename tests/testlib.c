/* tests/testlib.c */
#include "testlib.h"
#include "base/buf.h"
#include "base/time.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void check_close(double a, double b, double rtol, double atol, const char *file, int line)
{
    if (isfinite(a) && isfinite(b) && fabs(a - b) <= atol + rtol * fabs(b))
        return;
    print_error("%.17g is not close to %.17g (rtol %g, atol %g)\n", a, b, rtol, atol);
    _fail(file, line);
}

void check_ok(const Cx *cx, Err e, const char *call, const char *file, int line)
{
    if (e == OK)
        return;
    print_error("%s: error %d, %s\n", call, (int)e, cx->why.key ? cx->why.key : "no reason");
    _fail(file, line);
}

void check_str(Str got, const char *want, const char *file, int line)
{
    if (str_eq_c(got, want))
        return;
    print_error("got  \"%.*s\"\nwant \"%s\"\n", STR_FMT(got), want);
    _fail(file, line);
}

void test_cx_init(TestCx *t)
{
    arena_init(&t->arena, ARENA_LIMIT_DEFAULT);
    t->cx = (Cx){.arena = &t->arena};
    if (!time_parse_iso(STR("2026-05-01T12:00:00Z"), &t->cx.now_ms))
        abort();
}

void test_cx_free(TestCx *t)
{
    arena_free(&t->arena);
}

static Str joined(Cx *cx, Str dir, const char *name)
{
    Buf buf = buf_make(cx->arena, 8192);
    Str path = {NULL, 0};
    buf_put(&buf, dir);
    buf_char(&buf, '/');
    buf_c(&buf, name);
    buf_char(&buf, '\0');
    if (buf_done(cx, &buf, &path) != OK)
        abort();
    return str_sub(path, 0, path.len - 1);
}

bool calibrating(void)
{
    return str_eq_c(os_env("FONDER_CALIBRATE"), "1");
}

Str shared_path(Cx *cx, const char *name)
{
    Str dir = os_env("FONDER_SHARED");
    Str path = joined(cx, dir, name);
    return dir.len > 0 && os_exists(cx, path) ? path : (Str){NULL, 0};
}

Str source_path(Cx *cx, const char *name)
{
    return joined(cx, os_env("FONDER_SOURCE"), name);
}

Str test_folder(Cx *cx)
{
    Str made = {NULL, 0};
    if (os_temp_folder(cx, &made) != OK)
        abort();
    return made;
}

Str test_path(Cx *cx, Str folder, const char *name)
{
    Str ret = {NULL, 0};
    Buf buf = buf_make(cx->arena, 8192);
    buf_put(&buf, folder);
    buf_c(&buf, "/");
    buf_c(&buf, name);
    if (buf_done(cx, &buf, &ret) != OK)
        abort();
    return ret;
}

void test_folder_remove(Cx *cx, Str folder)
{
    /* A test may have taken away its own rights to it; what is left is the temporary folder's to clear. */
    Err e = os_remove_folder(cx, folder);
    (void)e;
}
