/* tests/testlib.h - what every test program shares.
 * CHECK_CLOSE compares doubles as doubles (cmocka's own compares floats). shared_path() names a file of
 * the reference data when it is present; tests without it call skip(), which is counted as skipped. */
#ifndef TEST_TESTLIB_H
#define TEST_TESTLIB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first */
#include <cmocka.h>

#include "base/cx.h"
#include "base/os.h"
#include <stdbool.h>

/* |a - b| <= atol + rtol * |b|, and both finite. */
#define CHECK_CLOSE(a, b, rtol, atol) check_close((a), (b), (rtol), (atol), __FILE__, __LINE__)
void check_close(double a, double b, double rtol, double atol, const char *file, int line);

/* assert_ok(cx, call): fails with the reason's key. */
#define assert_ok(cx, call) check_ok((cx), (call), #call, __FILE__, __LINE__)
void check_ok(const Cx *cx, Err e, const char *call, const char *file, int line);

#define assert_str(str, c_string) check_str((str), (c_string), __FILE__, __LINE__)
void check_str(Str got, const char *want, const char *file, int line);

/* A Cx over its own arena; test_cx_free at the end. now is 2026-05-01T12:00:00Z. */
typedef struct TestCx {
    Arena arena;
    Cx cx;
} TestCx;
void test_cx_init(TestCx *t);
void test_cx_free(TestCx *t);

/* FONDER_CALIBRATE=1: the long form of a simulation. */
bool calibrating(void);

/* FONDER_SHARED/name when it can be read, else the null slice. */
Str shared_path(Cx *cx, const char *name);
/* FONDER_SOURCE/name. */
Str source_path(Cx *cx, const char *name);
/* A fresh folder under the system's temporary folder, removed by test_folder_remove. */
Str test_folder(Cx *cx);
void test_folder_remove(Cx *cx, Str folder);
Str test_path(Cx *cx, Str folder, const char *name); /* of a file in it */

#endif
