/* tests/lab/labtest.h - runs the laboratory on texts as if they were files, and reads numbers out of its JSON. */
#ifndef TEST_LABTEST_H
#define TEST_LABTEST_H

#include "base/buf.h"
#include "lab/lab.h"
#include "testlib.h"
#include <stdlib.h>
#include <string.h>

typedef struct Lab {
    TestCx t;
    Str folder;
    const char *model, *data, *also; /* also: one option more */
} Lab;

static void lab_open(Lab *l)
{
    test_cx_init(&l->t);
    l->folder = test_folder(&l->t.cx);
    l->model = l->data = l->also = NULL;
}

static void lab_close(Lab *l)
{
    test_folder_remove(&l->t.cx, l->folder);
    test_cx_free(&l->t);
}

static const char *lab_file(Lab *l, const char *name, Str text)
{
    Buf buf = buf_make(&l->t.arena, 4096);
    Str path;
    buf_put(&buf, l->folder);
    buf_fmt(&buf, "/%s", name);
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &path));
    assert_ok(&l->t.cx, os_write_file(&l->t.cx, path, text));
    return str_to_c(&l->t.arena, path);
}

static Err lab_do_as(Lab *l, const char *verb, bool json, const char *more, const char *value,
                     Str *ret)
{
    char *argv[12];
    int argc = 0;
    const char *const words[] = {verb,
                                 json ? "--json" : NULL,
                                 l->model ? "--model" : NULL,
                                 l->model,
                                 l->data ? "--data" : NULL,
                                 l->data,
                                 l->also,
                                 more,
                                 value};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i]) {
            Str copy = str_dup(&l->t.arena, (Str){words[i], (ptrdiff_t)strlen(words[i]) + 1});
            argv[argc] = arena_new(&l->t.arena, char, copy.len);
            memcpy(argv[argc++], copy.p, (size_t)copy.len);
        }
    LabOut out = {.usage = false};
    Err e = lab_run(&l->t.cx, argc, argv, &out);
    if (e == OK)
        *ret = out.text;
    return e;
}

static Err lab_do(Lab *l, const char *verb, const char *more, const char *value, Str *ret)
{
    return lab_do_as(l, verb, true, more, value, ret);
}

/* The number behind the nth "key": (0 the first). */
static inline double number_after(Str s, const char *key, int nth)
{
    for (;; nth--) {
        ptrdiff_t at = str_find(s, str_c(key));
        assert_true(at >= 0);
        s = str_from(s, at + (ptrdiff_t)strlen(key));
        if (nth == 0)
            break;
    }
    while (s.len > 0 && strchr(" \":[", *s.p))
        s = str_from(s, 1);
    ptrdiff_t n = 0;
    while (n < s.len && s.p[n] && strchr("+-.eE0123456789", s.p[n]))
        n++;
    double v;
    assert_true(str_to_double(str_sub(s, 0, n), -1e300, 1e300, &v));
    return v;
}

#endif
