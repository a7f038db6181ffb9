/* tests/lab/test_forecast.c - what forecast --model fonder learns from, and what it is measured against. */
#include "base/rng.h"
#include "lab/labtest.h"
#include <math.h>

enum { COUPLES = 12, DAYS = 8 };

/* Couples whose members share something; who: the one member whose answers are all turned round. */
static Str diary(Lab *l, int who, const char *head)
{
    Buf buf = buf_make(&l->t.arena, 1 << 20);
    Rng r = rng_make(3);
    Str text;
    buf_fmt(&buf, "%sid,t,y\n", head);
    for (int c = 0; c < COUPLES; c++) {
        double both = rng_normal(&r);
        for (int m = 0; m < 2; m++)
            for (int d = 0; d < DAYS; d++) {
                double v = round(4.5 + both + .8 * rng_normal(&r));
                v = v < 1 ? 1 : v > 7 ? 7 : v;
                buf_fmt(&buf, "%s%d.%d,%d,%g\n", *head ? "one," : "", c, m, d,
                        2 * c + m == who ? 8 - v : v);
            }
    }
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &text));
    return text;
}

static Str run(Lab *l, const char *more)
{
    Str out;
    l->model = "fonder";
    assert_ok(&l->t.cx, lab_do(l, "forecast", "--scale=1:7", more, &out));
    return out;
}

/* The lines of --each that belong to one id. */
static Str lines_of(Lab *l, Str each, const char *id)
{
    Buf buf = buf_make(&l->t.arena, 1 << 20);
    Str line, text;
    while ((line = str_cut(&each, '\n')).len > 0)
        if (str_starts(line, str_c(id)))
            buf_put(&buf, line);
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &text));
    assert_true(text.len > 0);
    return text;
}

/* What is foretold of one partner does not rest on the other: a couple is held out whole. */
static void couples_are_held_out_whole(void **state)
{
    (void)state;
    Lab l;
    lab_open(&l);
    l.data = lab_file(&l, "a.csv", diary(&l, -1, ""));
    Str as_is = run(&l, "--each");
    l.data = lab_file(&l, "b.csv", diary(&l, 11, ""));
    Str turned = run(&l, "--each");
    assert_true(str_eq(lines_of(&l, as_is, "\"5.0\""), lines_of(&l, turned, "\"5.0\"")));
    assert_false(str_eq(lines_of(&l, as_is, "\"0.0\""), lines_of(&l, turned, "\"0.0\"")));
    lab_close(&l);
}

static void beside_the_others(void **state)
{
    (void)state;
    static const char *const names[] = {"\"ou\"", "\"ou_answers\"", "\"robust\"", "\"mean\"",
                                        "\"last\""};
    Lab l;
    lab_open(&l);
    l.data = lab_file(&l, "a.csv", diary(&l, -1, ""));
    Str out = run(&l, "--baselines");
    CHECK_CLOSE(number_after(out, "\"n\"", 0), COUPLES * 2 * (DAYS - 3), 0, 0);
    CHECK_CLOSE(number_after(out, "\"clusters\"", 0), COUPLES, 0, 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(str_find(out, str_c(names[i])) > 0);
    double low = number_after(out, "\"low\"", 0), high = number_after(out, "\"high\"", 0);
    double rmse = number_after(out, "\"rmse\"", 0);
    assert_true(low < rmse && rmse < high);
    CHECK_CLOSE(number_after(out, "\"value\"", 0), rmse, 0, 0);
    assert_true(rmse < number_after(out, "\"last_rmse\"", 0));
    Str plot = run(&l, "--plot");
    assert_true(str_starts(plot, STR("<svg")) && str_find(plot, STR("NaN")) < 0);
    /* one cluster: nothing to learn from or to draw anew, so no interval */
    l.data = lab_file(&l, "c.csv", diary(&l, -1, "couple,"));
    out = run(&l, "--cluster=couple");
    CHECK_CLOSE(number_after(out, "\"clusters\"", 0), 1, 0, 0);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(couples_are_held_out_whole),
        cmocka_unit_test(beside_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
