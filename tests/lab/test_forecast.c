/* tests/lab/test_forecast.c - what forecast --model fonder learns from, and what it is measured against. */
#include "base/rng.h"
#include "lab/labtest.h"
#include <math.h>
#include <stdio.h>

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

static Str run_with(Lab *l, const char *more, const char *than_that)
{
    Str out;
    l->model = "fonder";
    l->also = "--scale=1:7";
    assert_ok(&l->t.cx, lab_do(l, "forecast", more, than_that, &out));
    l->also = NULL;
    return out;
}

static Str run(Lab *l, const char *more)
{
    return run_with(l, more, NULL);
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

/* The value behind "forecaster": who, "score": what. */
static double score_by(Str out, const char *who, const char *what)
{
    char name[80];
    snprintf(name, sizeof name, "\"forecaster\": \"%s\", \"score\": \"%s\", \"value\"", who, what);
    return number_after(out, name, 0);
}

/* Answers that follow from the three before without any noise are foretold by the regression to the last digit, and by
 * no other; where everybody always says the same, so does it. */
static void the_regression_finds_what_is_linear(void **state)
{
    (void)state;
    Lab l;
    lab_open(&l);
    Rng r = rng_make(5);
    Buf buf = buf_make(&l.t.arena, 1 << 20), same = buf_make(&l.t.arena, 1 << 20);
    Str text;
    buf_c(&buf, "id,t,y\n");
    buf_c(&same, "id,t,y\n");
    for (int id = 0; id < 10; id++) {
        double y[3] = {0};
        for (int i = 0; i < 9; i++) {
            double next = 1 + .5 * y[0] - .3 * y[1] + .6 * y[2];
            y[2] = y[1];
            y[1] = y[0];
            y[0] = i < 3 ? 5 * rng_normal(&r) : next;
            buf_fmt(&buf, "%d,%d,%.17g\n", id, i, y[0]);
            buf_fmt(&same, "%d,%d,4\n", id, i);
        }
    }
    assert_ok(&l.t.cx, buf_done(&l.t.cx, &buf, &text));
    l.data = lab_file(&l, "a.csv", text);
    l.model = lab_file(&l, "m.json",
                       STR("{\"drift\": [[-1]], \"diffusion\": [[8]], \"initial\": \"stationary\", "
                           "\"loading\": [[1]], \"offset\": [1], \"error\": [1]}"));
    Str out;
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--cluster=id", "--baselines", &out));
    CHECK_CLOSE(score_by(out, "regression", "rmse"), 0, 0, 1e-9);
    assert_true(score_by(out, "ou", "rmse") > 1 && score_by(out, "last", "rmse") > 1);
    assert_ok(&l.t.cx, buf_done(&l.t.cx, &same, &text));
    l.data = lab_file(&l, "b.csv", text);
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--cluster=id", "--baselines", &out));
    CHECK_CLOSE(score_by(out, "regression", "rmse"), 0, 0, 1e-12);
    lab_close(&l);
}

enum { WAVES = 4, RATINGS = 30000 };

typedef struct Rating {
    Str source, target;
    int wave;
    double weight;
} Rating;

static int by_pair(const void *a, const void *b)
{
    const Rating *x = a, *y = b;
    int order = str_cmp(x->source, y->source);
    if (order == 0)
        order = str_cmp(x->target, y->target);
    return order != 0 ? order : x->wave - y->wave;
}

/* Neighbours who rated each other above 0 in each of the first three waves, and at all in the fourth. */
static bool waves(Lab *l, Str *ret)
{
    static const char *const date[WAVES] = {"2010-09-01", "2010-12-01", "2011-03-01", "2011-05-01"};
    static const int day[WAVES] = {0, 91, 181, 242};
    static Rating r[RATINGS];
    Str path = shared_path(&l->t.cx, "data/closeness_waves/pairs.csv"), rest, line;
    Buf buf = buf_make(&l->t.arena, 1 << 20);
    int n = 0;
    if (path.len == 0)
        return false;
    assert_ok(&l->t.cx, os_read_file(&l->t.cx, path, 1 << 24, &rest));
    str_cut(&rest, '\n');
    while ((line = str_cut(&rest, '\n')).len > 0 && n < RATINGS) {
        r[n] = (Rating){.source = str_cut(&line, ','), .target = str_cut(&line, ',')};
        assert_true(str_to_double(str_cut(&line, ','), 0, 7, &r[n].weight));
        while (!str_starts(line, str_c(date[r[n].wave])))
            assert_true(++r[n].wave < WAVES);
        n++;
    }
    qsort(r, (size_t)n, sizeof r[0], by_pair);
    buf_c(&buf, "source,id,t,y\n");
    for (int i = 0; i + WAVES <= n; i++) {
        bool whole = true;
        for (int w = 0; w < WAVES; w++)
            whole = whole && str_eq(r[i + w].source, r[i].source) &&
                    str_eq(r[i + w].target, r[i].target) && r[i + w].wave == w &&
                    (w == WAVES - 1 || r[i + w].weight > 0);
        for (int w = 0; w < WAVES && whole; w++) {
            buf_put(&buf, r[i].source);
            buf_fmt(&buf, ",%d,%d,%g\n", i, day[w], r[i + w].weight);
        }
    }
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, ret));
    return true;
}

/* The regression on the three waves before, in folds by neighbour, beside R 4.2's lm() on the same folds. */
static void the_regression_is_that_of_other_programs(void **state)
{
    (void)state;
    Lab l;
    lab_open(&l);
    Str data;
    if (!waves(&l, &data)) {
        lab_close(&l);
        skip();
    }
    l.data = lab_file(&l, "waves.csv", data);
    l.model =
        lab_file(&l, "m.json",
                 STR("{\"drift\": [[-0.01]], \"diffusion\": [[0.1]], \"initial\": \"stationary\", "
                     "\"loading\": [[1]], \"offset\": [3], \"error\": [0.5]}"));
    Str out;
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--cluster=source", "--baselines", &out));
    CHECK_CLOSE(number_after(out, "\"n\"", 0), 518, 0, 0);
    CHECK_CLOSE(score_by(out, "regression", "rmse"), 0.9128632638, 1e-8, 0);
    CHECK_CLOSE(score_by(out, "regression", "mae"), 0.5357540368, 1e-8, 0);
    CHECK_CLOSE(score_by(out, "last", "rmse"), 0.9142796814, 1e-8, 0);
    lab_close(&l);
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
    assert_true(str_eq(lines_of(&l, as_is, "5.0,"), lines_of(&l, turned, "5.0,")));
    assert_false(str_eq(lines_of(&l, as_is, "0.0,"), lines_of(&l, turned, "0.0,")));
    /* the same where each couple is a fold of its own, and where they are dealt; the deal moves others */
    Str alone = run_with(&l, "--each", "--folds=99"), dealt = run_with(&l, "--each", "--deal=4");
    l.data = lab_file(&l, "a.csv", diary(&l, -1, ""));
    Str was_alone = run_with(&l, "--each", "--folds=99");
    Str was_dealt = run_with(&l, "--each", "--deal=4");
    assert_true(str_eq(lines_of(&l, was_alone, "5.0,"), lines_of(&l, alone, "5.0,")));
    assert_false(str_eq(lines_of(&l, was_alone, "4.1,"), lines_of(&l, alone, "4.1,")));
    assert_true(str_eq(lines_of(&l, was_dealt, "5.0,"), lines_of(&l, dealt, "5.0,")));
    assert_false(str_eq(was_dealt, as_is));
    lab_close(&l);
}

static void beside_the_others(void **state)
{
    (void)state;
    static const char *const names[] = {"\"ou\"",         "\"ou_answers\"", "\"robust\"",
                                        "\"regression\"", "\"mean\"",       "\"last\""};
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

/* A slider's answers lie on no step: the finest that the scale has is taken, and said. */
static void answers_between_steps_count_as_the_nearer(void **state)
{
    (void)state;
    Lab l;
    lab_open(&l);
    Rng r = rng_make(9);
    Buf buf = buf_make(&l.t.arena, 1 << 20);
    Str text, out;
    buf_c(&buf, "id,t,y\n");
    for (int id = 0; id < 6; id++)
        for (int i = 0; i < 6; i++)
            buf_fmt(&buf, "%d,%d,%.4f\n", id, i, 2 + 6 * rng_uniform(&r));
    assert_ok(&l.t.cx, buf_done(&l.t.cx, &buf, &text));
    l.data = lab_file(&l, "a.csv", text);
    l.model = "fonder";
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--scale=0:10", "--cluster=id", &out));
    CHECK_CLOSE(number_after(out, "\"step\"", 0), .1, 0, 0);
    CHECK_CLOSE(number_after(out, "\"n\"", 0), 18, 0, 0);
    assert_true(number_after(out, "\"rmse\"", 0) < 3);
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--scale=0:100", "--cluster=id", &out));
    CHECK_CLOSE(number_after(out, "\"step\"", 0), 1, 0, 0);
    assert_int_equal(lab_do(&l, "forecast", "--scale=0:1000", "--cluster=id", &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-scale-step");
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(couples_are_held_out_whole),
        cmocka_unit_test(beside_the_others),
        cmocka_unit_test(the_regression_finds_what_is_linear),
        cmocka_unit_test(the_regression_is_that_of_other_programs),
        cmocka_unit_test(answers_between_steps_count_as_the_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
