/* tests/lab/test_lab.c - published results through the command, and the built-in model in the open format. */
#include "lab/labtest.h"
#include "lab/value.h"
#include "num/relation.h"
#include <math.h>

static bool shared(Lab *l, const char *name, Str *ret)
{
    Str path = shared_path(&l->t.cx, name);
    if (str_is_null(path)) {
        print_message("# skipped: the reference data are not here\n");
        return false;
    }
    assert_ok(&l->t.cx, os_read_file(&l->t.cx, path, 1 << 22, ret));
    return true;
}

static const char *rewritten(Lab *l, const char *header, Str text)
{
    Buf buf = buf_make(&l->t.arena, 1 << 22);
    Str out;
    (void)str_line(&text);
    buf_fmt(&buf, "%s\n", header);
    buf_put(&buf, text);
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &out));
    return lab_file(l, "data.csv", out);
}

static void the_nile(void **state)
{
    (void)state;
    Lab l;
    Str text, out;
    lab_open(&l);
    if (shared(&l, "data/check_values/nile.csv", &text)) {
        l.data = rewritten(&l, "t,volume", text);
        l.model = lab_file(&l, "m.json",
                           STR("{\"transition\": [[1]], \"noise\": [[1469.1]], \"loading\": [[1]],"
                               "\"error\": [15099], \"initial\": \"diffuse\"}"));
        assert_ok(&l.t.cx, lab_do(&l, "loglik", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"loglik\"", 0), -633.4645636488787, 0, 1e-8);
        assert_ok(&l.t.cx, lab_do(&l, "smooth", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"smoothed\": {\"mean\"", 0), 1111.6683191267957, 1e-10, 0);
        CHECK_CLOSE(number_after(out, "\"smoothed\": {\"mean\"", 99), 798.3702926083578, 1e-10, 0);
        assert_ok(&l.t.cx, lab_do(&l, "forecast", "--after", "3", &out));
        CHECK_CLOSE(number_after(out, "\"n\"", 0), 97, 0, 0);
        l.model =
            lab_file(&l, "m.json",
                     STR("{\"transition\": [[1]], \"noise\": [[1469.1]], \"loading\": [[1]],"
                         "\"error\": [[15099]], \"initial\": {\"mean\": [0], \"cov\": [[1e7]]}}"));
        assert_ok(&l.t.cx, lab_do(&l, "filter", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"loglik\"", 0), -641.5855784594153, 0, 1e-8);
        CHECK_CLOSE(number_after(out, "\"predicted\": {\"mean\"", 1), 1118.3114615242446, 1e-10, 0);
    }
    lab_close(&l);
}

/* Rows "y.., gaps.." to id,t,y... */
static const char *panel(Lab *l, Str text, int waves, int items)
{
    Buf buf = buf_make(&l->t.arena, 1 << 22);
    Str out;
    buf_c(&buf, items == 2 ? "id,t,y1,y2\n" : "id,t,y1\n");
    (void)str_line(&text);
    for (int id = 1; text.p && text.len > 0; id++) {
        Str row = str_line(&text), cell[64] = {{0}};
        double now = 0;
        for (int i = 0; i < waves * (items + 1) - 1; i++)
            cell[i] = str_cut(&row, ',');
        for (int w = 0; w < waves; w++) {
            double gap = 0;
            if (w > 0)
                assert_true(str_to_double(cell[waves * items + w - 1], 0, 1e3, &gap));
            now += gap;
            buf_fmt(&buf, "%d,%.17g", id, now);
            for (int j = 0; j < items; j++) {
                buf_char(&buf, ',');
                buf_put(&buf, cell[w * items + j]);
            }
            buf_char(&buf, '\n');
        }
    }
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &out));
    return lab_file(l, "panel.csv", out);
}

static void published_optima(void **state)
{
    (void)state;
    Lab l;
    Str text, out;
    lab_open(&l);
    if (shared(&l, "data/ctsem/AnomAuth.csv", &text)) {
        l.data = panel(&l, text, 5, 2);
        l.model = lab_file(
            &l, "anom.json",
            STR("{\"drift\": [[{\"free\": -1.5}, {\"free\": 0}], [{\"free\": 0}, {\"free\": "
                "-1.5}]],"
                "\"diffusion\": [[{\"free\": 2}, {\"free\": 0}], [{\"free\": 0}, {\"free\": 2}]],"
                "\"initial\": {\"mean\": [{\"free\": 0}, {\"free\": 0}],"
                "\"cov\": [[{\"free\": 3}, {\"free\": 0}], [{\"free\": 0}, {\"free\": 3}]]},"
                "\"loading\": [[1, 0], [0, 1]], \"offset\": [{\"free\": 0}, {\"free\": 0}], "
                "\"error\": [0, 0]}"));
        assert_ok(&l.t.cx, lab_do(&l, "fit", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"minus2ll\"", 0), 23415.929, 0, 1e-3);
        CHECK_CLOSE(number_after(out, "\"drift[1,1]\", \"value\"", 0), -.44728, 0, 2e-4);
        CHECK_CLOSE(number_after(out, "\"drift[2,1]\", \"value\"", 0), .04329, 0, 2e-4);
    }
    if (shared(&l, "data/ctsem/Oscillating.csv", &text)) {
        l.data = panel(&l, text, 11, 1);
        l.model = lab_file(
            &l, "osc.json",
            STR("{\"drift\": [[0, 1], [{\"free\": -10}, {\"free\": -2}]], \"diffusion\": [[0, 0], "
                "[0, {\"free\": 5}]],"
                "\"initial\": {\"mean\": [{\"free\": 0}, {\"free\": 0}],"
                "\"cov\": [[{\"free\": 2}, {\"free\": 0}], [{\"free\": 0}, {\"free\": 2}]]},"
                "\"loading\": [[1, 0]], \"error\": [0]}"));
        assert_ok(&l.t.cx, lab_do(&l, "fit", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"minus2ll\"", 0), -3461.936, 0, 1e-3);
        CHECK_CLOSE(number_after(out, "\"drift[2,1]\", \"value\"", 0), -39.4506, 0, 2e-3);
    }
    lab_close(&l);
}

/* Two variances of one name are one number, and the fitted model is a model. */
static void shared_names_and_the_way_back(void **state)
{
    (void)state;
    Lab l;
    Str out;
    lab_open(&l);
    l.data = lab_file(
        &l, "d.csv",
        STR("t,a,b\n0,1,1.5\n1,2,2.1\n2,1.2,\n3,3.1,2.9\n4,2.2,2.6\n5,2.9,3.3\n6,2,1.7\n"));
    l.model = lab_file(&l, "m.json",
                       STR("{\"drift\": [[-0.5]], \"diffusion\": [[1]], \"mean\": [2], "
                           "\"initial\": \"stationary\","
                           "\"loading\": [[1], [1]], \"error\": [{\"free\": 1, \"name\": \"r\"},"
                           "{\"free\": 1, \"name\": \"r\"}]}"));
    assert_ok(&l.t.cx, lab_do(&l, "fit", NULL, NULL, &out));
    double best = number_after(out, "\"loglik\"", 0), r = number_after(out, "\"value\"", 0);
    ptrdiff_t at = str_find(out, STR("\"model\": "));
    assert_true(r > 0 && at > 0 && str_find(str_from(out, at), STR("\"name\"")) < 0);
    l.model = lab_file(&l, "back.json", str_sub(out, at + 9, out.len - at - 11));
    assert_ok(&l.t.cx, lab_do(&l, "loglik", NULL, NULL, &out));
    CHECK_CLOSE(number_after(out, "\"loglik\"", 0), best, 1e-10, 0);
    lab_close(&l);
}

/* Held against least squares and correlations by numpy. */
static void two_people_and_their_topics(void **state)
{
    (void)state;
    Lab l;
    Str out;
    lab_open(&l);
    l.data =
        lab_file(&l, "two.csv",
                 STR("topic,own,other,guess\nfood,3,3,5\nmoney,7,6,6\ngod,6,4,5\nfood,0,3,4\n"
                     "money,4,5,3\ngod,4,6,7\nfood,10,8,6\nmoney,3,5,5\ngod,5,7,7\nfood,10,6,7\n"
                     "money,3,3,3\ngod,8,6,6\nfood,4,1,2\nmoney,8,7,8\ngod,4,4,4\nfood,4,4,6\n"
                     "money,1,6,5\ngod,4,2,3\nfood,5,7,7\nmoney,1,2,3\ngod,10,6,7\nrare,6,5,4\n"
                     "rare,8,7,8\nrare,0,3,2\nrare,3,,4\n"));
    assert_ok(&l.t.cx, lab_do(&l, "two", NULL, NULL, &out));
    const struct {
        const char *key;
        double all, all_se, money; /* 0: none */
    } said[] = {
        {"\"difference\": {\"value\"", .083333333333333333, .46980055383798075, -1               },
        {"\"icc1\": {\"value\"",       .5950353586376101,   0,                  .5638766519823788},
        {"\"profile\": {\"value\"",    .6433473010742478,   0,                  .6483688499651227},
        {"\"bias\": {\"value\"",       .2809466,            .2087577,           .08791209        },
        {"\"knows\": {\"value\"",      .67930089,           .14623604,          .65559441        },
        {"\"projects\": {\"value\"",   .12864086,           .09259898,          .23076923        },
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) { /* all, food, god, money */
        CHECK_CLOSE(number_after(out, said[i].key, 0), said[i].all, 1e-6, 0);
        CHECK_CLOSE(number_after(out, said[i].key, 3), said[i].money, 1e-6, 0);
        Str rest = str_from(out, str_find(out, str_c(said[i].key)));
        if (said[i].all_se > 0)
            CHECK_CLOSE(number_after(rest, "\"se\"", 0), said[i].all_se, 1e-6, 0);
    }
    assert_true(str_find(out, STR("{\"topic\": \"rare\", \"n\": 3}")) >
                0); /* too few to say more */
    l.data = lab_file(&l, "few.csv", STR("own,other\n1,2\n3,4\n"));
    assert_int_equal(lab_do(&l, "two", NULL, NULL, &out), ERR_INVALID);
    lab_close(&l);
}

static void comparisons_and_dyads(void **state)
{
    (void)state;
    Lab l;
    Str text, out;
    lab_open(&l);
    l.data = lab_file(
        &l, "c.csv",
        STR("winner,loser,count\nBiometrika,Comm,730\nBiometrika,JASA,498\nBiometrika,JRSS-B,221\n"
            "Comm,Biometrika,33\nComm,JASA,68\nComm,JRSS-B,17\nJASA,Biometrika,320\nJASA,Comm,813\n"
            "JASA,JRSS-B,142\nJRSS-B,Biometrika,284\nJRSS-B,Comm,276\nJRSS-B,JASA,325\n"));
    assert_ok(&l.t.cx, lab_do(&l, "pairs", NULL, NULL, &out));
    CHECK_CLOSE(number_after(out, "\"strength\"", 1), -2.94907, 0, 1e-5);
    CHECK_CLOSE(number_after(out, "\"strength\"", 2), -.47957, 0, 1e-5);
    CHECK_CLOSE(number_after(out, "\"strength\"", 3), .26895, 0, 1e-5);
    CHECK_CLOSE(number_after(out, "\"deviance\"", 0), 4.2934, 0, 1e-4);
    l.data = lab_file(&l, "i.csv",
                      STR("a,b,c,d\n9,2,5,8\n6,1,3,2\n8,4,6,8\n7,1,2,6\n10,5,6,9\n6,2,4,7\n"));
    assert_ok(&l.t.cx, lab_do(&l, "icc", NULL, NULL, &out));
    CHECK_CLOSE(number_after(out, "\"icc1\"", 0), .166, 0, 5e-4);
    CHECK_CLOSE(number_after(out, "\"icc2\"", 0), .290, 0, 5e-4);
    CHECK_CLOSE(number_after(out, "\"icc3\"", 0), .715, 0, 5e-4);
    CHECK_CLOSE(number_after(out, "\"icc1k\"", 0), .443, 0, 5e-4);
    CHECK_CLOSE(number_after(out, "\"icc2k\"", 0), .620, 0, 5e-4);
    CHECK_CLOSE(number_after(out, "\"icc3k\"", 0), .909, 0, 5e-4);
    if (shared(&l, "data/bradley_terry/baseball.csv", &text)) {
        l.data = rewritten(&l, "home,away,home_wins,away_wins", text);
        assert_ok(&l.t.cx, lab_do(&l, "pairs", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"home\"", 0), .3023, 0, 6e-5);
        CHECK_CLOSE(number_after(out, "\"strength\"", 4), 1.6196, 0, 6e-5);
    }
    if (shared(&l, "data/dyads/acitelli_individual.csv", &text)) {
        l.data = rewritten(&l, "dyad,years,person,self,x,y,tension,hobby", text);
        assert_ok(&l.t.cx, lab_do(&l, "apim", NULL, NULL, &out));
        CHECK_CLOSE(number_after(out, "\"actor\"", 0), .4004, 0, 5e-5);
        CHECK_CLOSE(number_after(out, "\"partner\"", 0), .2880, 0, 5e-5);
        CHECK_CLOSE(number_after(out, "\"partner_se\"", 0), .0473, 0, 5e-5);
        CHECK_CLOSE(number_after(out, "\"rho\"", 0), .4693, 0, 5e-5);
        CHECK_CLOSE(number_after(out, "\"sigma2\"", 0), .1742, 0, 5e-5);
    }
    lab_close(&l);
}

/* Answers away from 0 and 10 and no moments: what the format can say, it says exactly. */
static void the_built_in_model(void **state)
{
    (void)state;
    Lab l;
    Str out;
    lab_open(&l);
    assert_ok(&l.t.cx, lab_do(&l, "model", "--kind", "friend", &out));
    l.model = lab_file(&l, "friend.json", out);
    l.data = lab_file(&l, "d.csv",
                      STR("t,emotional,trust,u:moment,u:conflict\n0,6,,0,0\n3,5,7,0,0\n3,,4,0,"
                          "0\n400,7,,0,0\n9000,3,5,0,0\n"));
    assert_int_equal(lab_do(&l, "filter", NULL, NULL, &out),
                     ERR_INVALID); /* twelve items are wanted */
    l.data = lab_file(
        &l, "d.csv",
        STR("t,emotional,intellectual,physical,experiential,spiritual,trust,acceptance,honesty,"
            "safety,"
            "compassion,affection,communication,u:moment,u:conflict\n"
            "0,6,,,,,,,,,,,,0,0\n3,5,,,,,7,,,,,,,0,0\n3,,,,,,4,,,,,,,0,0\n400,7,,,,,,,,,,,,0,0\n"
            "9000,3,,,,,5,,,,,,,0,0\n"));
    assert_ok(&l.t.cx, lab_do(&l, "filter", NULL, NULL, &out));
    const RelEvent ev[] = {
        {0,    REL_READING, REL_EMOTIONAL, 0, 6, 0, 0},
        {3,    REL_READING, REL_EMOTIONAL, 0, 5, 0, 0},
        {3,    REL_READING, REL_TRUST,     0, 7, 0, 0},
        {3,    REL_READING, REL_TRUST,     0, 4, 0, 0},
        {400,  REL_READING, REL_EMOTIONAL, 0, 7, 0, 0},
        {9000, REL_READING, REL_EMOTIONAL, 0, 3, 0, 0},
        {9000, REL_READING, REL_TRUST,     0, 5, 0, 0}
    };
    const RelKind friends = {.mu = 5.5, .tau = 2, .apart_phi = .3, .apart_half_life = 274};
    RelParams params = rel_params_default();
    static RelModel rm;
    RelState s;
    RelLevels levels;
    assert_ok(&l.t.cx, rel_model_make(&l.t.cx, &params, &friends, &rm));
    rel_start(&rm, 0, &s);
    assert_ok(&l.t.cx, rel_filter(&l.t.cx, &rm, ev, 7, &s));
    rel_levels(&rm, &s, &levels);
    CHECK_CLOSE(number_after(out, "\"loglik\"", 0), rel_loglik(&s), 1e-8, 0);
    CHECK_CLOSE(number_after(out, "\"filtered\": {\"mean\"", 4), levels.mean[0], 1e-8, 0);
    assert_ok(&l.t.cx, lab_do(&l, "calibrate", "--draws", "300", &out));
    CHECK_CLOSE(number_after(out, "\"nees\"", 0), 25, 0,
                1.7); /* sd of the mean: sqrt(50 / 300) = .41 */
    CHECK_CLOSE(number_after(out, "\"nis\"", 0), 1, 0, .13);
    lab_close(&l);
}

/* A fit without a top names the number that has none, and where it stands. */
static void no_best_value_has_a_place(void **state)
{
    (void)state;
    static const char head[] =
        "{\"drift\": [[-0.5]], \"initial\": \"stationary\", \"loading\": [[1]],\n";
    Lab l;
    Str out;
    Buf model;
    lab_open(&l);
    /* answers that are all 0, read without error: the less noise, the likelier, without end */
    static const char together[] = /* only their sum shows */
        "\"diffusion\": [[{\"free\": 1}]], \"error\": [{\"free\": 0.3}],\n"
        "\"mean\": [{\"free\": 0}],\n\"offset\": [{\"free\": 0}]}";
    const char *const rest[] = {"\"diffusion\": [[1]], \"error\": [{\"free\": 0.3}]}",
                                "\"diffusion\": [[{\"free\": 1}]], \"error\": [0]}", together};
    const char *const keys[] = {"err.lab-fit-empty", "err.lab-fit-endless", "err.lab-fit-together"};
    static const char some[] = "t,y\n0,1.1\n1,.2\n1.5,.4\n3,-.7\n4,.1\n7,-1\n8,.3\n9,1\n";
    const char *const data[] = {"t,y\n0,\n1,\n", "t,y\n0,0\n1,0\n2,0\n3,0\n", some};
    for (int i = 0; i < 3; i++) {
        model = buf_make(&l.t.arena, 1000);
        buf_c(&model, head);
        buf_c(&model, rest[i]);
        assert_ok(&l.t.cx, buf_done(&l.t.cx, &model, &out));
        l.model = lab_file(&l, "m.json", out);
        l.data = lab_file(&l, "d.csv", str_c(data[i]));
        assert_int_equal(lab_do(&l, "fit", NULL, NULL, &out), i == 0 ? ERR_INVALID : ERR_NUMERIC);
        assert_string_equal(l.t.cx.why.key, keys[i]);
        err_clear(&l.t.cx);
    }
    lab_close(&l);
}

/* A table that is read by anybody: names with commas and quotes in them come back as they were, and JSON says the same. */
static void names_of_any_kind(void **state)
{
    (void)state;
    static const char *const verbs[] = {"filter", "smooth", "simulate"};
    Lab l;
    Str out, json;
    const Node *read = NULL;
    lab_open(&l);
    l.data = lab_file(&l, "n.csv", STR("id,t,\"y, \"\"why\"\"\",u:x\n\"a, \"\"b\"\"\",0,1,0\n"));
    l.model =
        lab_file(&l, "n.json",
                 STR("{\"drift\": [[-1]], \"diffusion\": [[1]], \"initial\": \"stationary\", "
                     "\"loading\": [[1]],"
                     "\"error\": [1], \"impulse\": {\"x\": [1]}, \"states\": [\"s,\\\"1\\\"\"]}"));
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        assert_ok(&l.t.cx, lab_do_as(&l, verbs[i], false, NULL, NULL, &out));
        assert_true(str_find(out, STR("\"a, \"\"b\"\"\",0,")) > 0);
        assert_true(str_find(out, STR("y, \"\"why\"\"\"")) > 0);
        assert_ok(&l.t.cx, lab_do(&l, verbs[i], NULL, NULL, &json));
        assert_true(str_find(json, STR("{\"id\": \"a, \\\"b\\\"\"")) > 0);
        assert_ok(&l.t.cx, value_read(&l.t.cx, STR("json"), json, &read));
        assert_int_equal(value_member(read, "series")->count, 1);
    }
    lab_close(&l);
}

/* What simulate draws, forecast calls calibrated; the same seed draws the same. */
static void drawn_and_foretold(void **state)
{
    (void)state;
    Lab l;
    Str out, again;
    lab_open(&l);
    Buf buf = buf_make(&l.t.arena, 1 << 20);
    buf_c(&buf, "id,t,y\n");
    for (int i = 0; i < 2000; i++)
        buf_fmt(&buf, "%d,%d,0\n", i / 50, i % 50);
    assert_ok(&l.t.cx, buf_done(&l.t.cx, &buf, &out));
    l.data = lab_file(&l, "design.csv", out);
    l.model = lab_file(&l, "m.json",
                       STR("{\"drift\": [[-0.3]], \"diffusion\": [[0.6]], \"mean\": [3],"
                           "\"initial\": \"stationary\", \"loading\": [[1]], \"error\": [0.5]}"));
    assert_ok(&l.t.cx, lab_do_as(&l, "simulate", false, "--seed", "5", &out));
    assert_ok(&l.t.cx, lab_do_as(&l, "simulate", false, "--seed", "5", &again));
    assert_true(str_eq(out, again));
    l.data = lab_file(&l, "drawn.csv", out);
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--after", "3", &out));
    CHECK_CLOSE(number_after(out, "\"n\"", 0), 40 * 47, 0, 0);
    CHECK_CLOSE(number_after(out, "\"coverage80\"", 0), .8, 0, .03);
    assert_true(number_after(out, "\"rmse\"", 0) < number_after(out, "\"last_rmse\"", 0));
    assert_true(number_after(out, "\"rmse\"", 0) < number_after(out, "\"mean_rmse\"", 0));
    l.model = "fonder";
    l.data = lab_file(&l, "diary.csv", STR("t,y\n0,5\n1,6\n2,5\n3,7\n4,6\n5,6\n"));
    assert_ok(&l.t.cx, lab_do(&l, "forecast", "--scale", "1:7", &out));
    CHECK_CLOSE(number_after(out, "\"n\"", 0), 3, 0, 0);
    assert_int_equal(lab_do(&l, "forecast", "--scale", "1:6", &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-scale-range");
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nile),
        cmocka_unit_test(published_optima),
        cmocka_unit_test(shared_names_and_the_way_back),
        cmocka_unit_test(comparisons_and_dyads),
        cmocka_unit_test(two_people_and_their_topics),
        cmocka_unit_test(the_built_in_model),
        cmocka_unit_test(no_best_value_has_a_place),
        cmocka_unit_test(names_of_any_kind),
        cmocka_unit_test(drawn_and_foretold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
