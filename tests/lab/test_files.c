/* tests/lab/test_files.c - what is wrong with a model or a table is said with its line and column. */
#include "lab/labtest.h"
#include <stdio.h>

typedef struct Wrong {
    const char *model, *data, *key;
    int line, column; /* 0: not said */
} Wrong;

static const char good_model[] =
    "{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1],\n"
    " \"initial\": \"stationary\"}";
static const char good_data[] = "t,y\n0,1\n1,2\n";

static const Wrong wrongs[] = {
    {"",                                                    good_data,                           "err.lab-json-file",        0, 0 },
    {"{\"drift\": [[-1]",                                   good_data,                           "err.lab-json-comma",       1, 16},
    {"{\n  \"drift\": [[-]]}",                              good_data,                           "err.lab-json-value",       2, 14},
    {"{\"drift\": NaN}",                                    good_data,                           "err.lab-json-value",       1, 11},
    {"{\"drift\": 1e999}",                                  good_data,                           "err.lab-json-value",       1, 11},
    {"{\"drift\": 1,\n \"drift\": 2}",                      good_data,                           "err.lab-json-twice",       2, 2 },
    {"{} x",                                                good_data,                           "err.lab-json-end",         1, 4 },
    {"[1]",                                                 good_data,                           "err.lab-model-object",     1, 1 },
    {"[[[[[[[[[[[[[[1]]]]]]]]]]]]]]",                       good_data,                           "err.lab-json-deep",        1, 14},
    {"{\"drift\": [[-1]], \"difusion\": [[1]]}",            good_data,                           "err.lab-model-key",        1, 31},
    {"{\"drift\": [[-1]]}",                                 good_data,                           "err.lab-model-missing",    1, 1 },
    {"{\"drift\": [[-1, 2]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1],\n "
     "\"initial\": \"diffuse\"}",                      good_data,                           "err.lab-model-size",       1, 12},
    {"{\"drift\": [[-1]], \"diffusion\":\n [[-1]], \"loading\": [[1]], \"error\": [1], "
     "\"initial\": \"diffuse\"}",                      good_data,                           "err.lab-model-variance",   2, 4 },
    {"{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]],\n \"error\": [-1], "
     "\"initial\": \"diffuse\"}",                      good_data,                           "err.lab-model-variance",   2, 12},
    {"{\"drift\": [[-1, 0], [0, -1]], \"diffusion\": [[1, 2], [2, 1]], \"loading\": [[1, 0]], "
     "\"error\": [1],\n"
     " \"initial\": \"diffuse\"}",                     good_data,                           "err.lab-model-covariance", 1, 44},
    {"{\"drift\": [[1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1],\n \"initial\": "
     "\"stationary\"}",                                good_data,                           "err.lab-model-settle",     2, 13},
    {"{\"drift\": [[{\"free\": 1, \"lower\": 2}]], \"diffusion\": [[1]], \"loading\": [[1]], "
     "\"error\": [1],"
     " \"initial\": \"diffuse\"}",                     good_data,                           "err.lab-model-free",       1, 13},
    {"{\"drift\": [[-1]], \"diffusion\": [[0]], \"loading\": [[1]], \"error\": [0],\n"
     " \"initial\": {\"mean\": [0], \"cov\": [[0]]}}", good_data,                           "err.lab-innovation",       2, 2 },
    {"{\"drift\":\n [[-1e99]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1], "
     "\"initial\": "
     "\"stationary\"}",                                good_data,                           "err.lab-model-finite",     2, 2 },
    {"{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1], \"initial\": "
     "\"diffuse\"}",                                   "id,t,y\na,0,1\na,1,\nb,0,\nb,1,\n", "err.lab-diffuse",          4, 2 },
    {"{\"drift\": [[-1, 0], [0, -1]],\n \"diffusion\": [[1e8, 1e-3], [1e-3, 1e-15]], \"loading\": "
     "[[1, 1]], \"error\": [1], "
     "\"initial\": \"stationary\"}",                   good_data,                           "err.lab-model-covariance", 2, 15},
    {"{\"transition\": [[2]], \"noise\": [[1]], \"loading\": [[1]], \"error\": [1], "
     "\"initial\": {\"cov\": [[1]]}}",                 "t,y\n0,1\n1,2\n1.5,3\n",            "err.lab-step",             4, 1 },
    {"{\"drift\": [], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1], \"initial\": "
     "\"diffuse\"}",                                   good_data,                           "err.lab-model-many",       1, 11},
    {good_model,                                            "",                                  "err.lab-csv-empty",        0, 0 },
    {good_model,                                            "t,y\n",                             "err.lab-csv-empty",        0, 0 },
    {good_model,                                            "x,y\n1,2\n",                        "err.lab-csv-column",       0, 2 },
    {good_model,                                            "t,y,z\n1,2,3\n",                    "err.lab-data-items",       0, 3 },
    {good_model,                                            "t,y\n0,1\n\n1,abc\n",               "err.lab-csv-number",       4, 2 },
    {good_model,                                            "t,y\n0,1\n1,nan\n",                 "err.lab-csv-number",       3, 2 },
    {good_model,                                            "t,y\n0,1\n1,inf\n",                 "err.lab-csv-number",       3, 2 },
    {good_model,                                            "t,y\n0,1\n,2\n",                    "err.lab-data-no-time",     3, 1 },
    {good_model,                                            "t,y\n1,1\n0,2\n",                   "err.lab-data-time",        3, 1 },
    {good_model,                                            "t,y\n0,1\n1,2,3\n",                 "err.lab-csv-row",          3, 3 },
    {good_model,                                            "t,y\n0,1\n1\n",                     "err.lab-csv-row",          3, 1 },
    {good_model,                                            "t,y\n0,\"1\n",                      "err.lab-csv-quote",        2, 2 },
    {good_model,                                            "t,y,t\n0,1,1\n",                    "err.lab-csv-twice",        1, 3 },
    {good_model,                                            "t,y,u:talk\n0,1,1\n",               "err.lab-data-unused",      1, 3 },
};

static int64_t said(const Cx *cx, const char *name)
{
    for (const Arg *a = cx->why.args; a->name; a++)
        if (strcmp(a->name, name) == 0)
            return a->num;
    return 0;
}

static void each_mistake_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        const Wrong *w = &wrongs[i];
        Lab l;
        Str out;
        lab_open(&l);
        l.model = lab_file(&l, "m.json", str_c(w->model));
        l.data = lab_file(&l, "d.csv", str_c(w->data));
        print_message("# %s\n", w->key);
        assert_int_not_equal(lab_do(&l, "filter", NULL, NULL, &out), OK);
        assert_string_equal(l.t.cx.why.key, w->key);
        assert_int_equal(said(&l.t.cx, "line"), w->line);
        assert_int_equal(said(&l.t.cx, "column"), w->column);
        lab_close(&l);
    }
}

/* The column of an impulse may be left out: nothing happened, as where it is there and empty. */
static void an_impulse_needs_no_column(void **state)
{
    (void)state;
    Lab l;
    Str without, empty;
    lab_open(&l);
    l.model =
        lab_file(&l, "m.json",
                 STR("{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": "
                     "[1], \"initial\": \"stationary\", \"impulse\": {\"talk\": [3]}}"));
    l.data = lab_file(&l, "d.csv", STR("t,y\n0,1\n1,2\n"));
    assert_ok(&l.t.cx, lab_do(&l, "smooth", NULL, NULL, &without));
    l.data = lab_file(&l, "e.csv", STR("t,u:talk,y\n0,,1\n1,,2\n"));
    assert_ok(&l.t.cx, lab_do(&l, "smooth", NULL, NULL, &empty));
    assert_true(str_eq(without, empty));
    lab_close(&l);
}

static void what_is_sound_is_read(void **state)
{
    (void)state;
    Lab l;
    Str out;
    lab_open(&l);
    l.model = lab_file(&l, "m.json", str_c(good_model));
    /* A byte order mark, quotes, line ends of Windows, NA, the same time twice, ids mixed. */
    l.data =
        lab_file(&l, "d.csv",
                 STR("\xef\xbb\xbfid,\"t\",y\r\na,0,1\r\nb,5,NA\r\na,0,2\r\n\"b\",6,\"3\"\r\n"));
    assert_ok(&l.t.cx, lab_do(&l, "smooth", NULL, NULL, &out));
    assert_true(str_find(out, STR("nan")) < 0 && str_find(out, STR("\"id\": \"b\"")) > 0);
    assert_int_equal(lab_do(&l, "fit", NULL, NULL, &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-nothing-free");
    assert_int_equal(lab_do(&l, "filter", "--nothing", "1", &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-option");
    /* known elsewhere, and nothing to this verb */
    assert_int_equal(lab_do(&l, "filter", "--after", "5", &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-option-here");
    assert_int_equal(lab_do(&l, "smooth", "--plot", NULL, &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-option-here");
    assert_int_equal(lab_do(&l, "model", "--kind", "stranger", &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-kind");
    assert_int_equal(lab_do(&l, "dance", NULL, NULL, &out), ERR_INVALID);
    l.model = NULL;
    assert_int_equal(lab_do(&l, "filter", NULL, NULL, &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-need");
    l.data = lab_file(&l, "p.csv", STR("winner,loser,count\na,b,-1\n"));
    assert_int_equal(lab_do(&l, "pairs", NULL, NULL, &out), ERR_INVALID);
    assert_int_equal(said(&l.t.cx, "line"), 2);
    l.data = lab_file(&l, "q.csv", STR("dyad,person,x,y\n1,a,1,2\n1,a,1,2\n"));
    assert_int_equal(lab_do(&l, "apim", NULL, NULL, &out), ERR_INVALID);
    assert_string_equal(l.t.cx.why.key, "err.lab-apim-person");
    lab_close(&l);
}

static void a_table_that_tells_too_little_is_named(void **state)
{
    static const struct {
        const char *verb, *table, *key;
        Err e;
    } rows[] = {
        {"apim",  "dyad,person,x,y\n1,a,1,2\n1,b,2,1\n",              "err.lab-few",       ERR_INVALID},
        {"icc",   "a,b,c\n1,2,3\n",                                   "err.lab-few",       ERR_INVALID},
        {"icc",   "a,b\n3,3\n3,3\n3,3\n",                             "err.lab-spread",    ERR_NUMERIC},
        {"pairs", "winner,loser,count\na,b,3\n",                      "err.lab-separated", ERR_NUMERIC},
        {"pairs", "winner,loser,count\na,b,3\nb,a,1\nc,d,1\nd,c,1\n", "err.lab-separated",
         ERR_NUMERIC                                                                                  },
    };
    Lab l;
    Str out;
    (void)state;
    lab_open(&l);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        l.data = lab_file(&l, "t.csv", str_c(rows[i].table));
        assert_int_equal(lab_do(&l, rows[i].verb, NULL, NULL, &out), rows[i].e);
        assert_string_equal(l.t.cx.why.key, rows[i].key);
        assert_string_equal(l.t.cx.why.args[0].name, "file");
        assert_true(l.t.cx.why.args[0].str.len > 0);
    }
    lab_close(&l);
}

typedef struct Taken {
    Buf all;
    int times;
} Taken;

static bool take(void *ctx, Str bytes)
{
    Taken *t = ctx;
    buf_put(&t->all, bytes);
    t->times++;
    return true;
}

/* Rows are handed on as they are made, and are the same rows. */
static void a_long_answer_is_printed_as_it_is_made(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        Lab l;
        LabOut whole = {.usage = false}, parts = {.drain = take};
        lab_open(&l);
        Buf data = buf_make(&l.t.arena, 1 << 20);
        buf_c(&data, "t,y\n");
        for (int i = 0; i < 4000; i++)
            buf_fmt(&data, "%d,%d\n", i, i % 7);
        Str text;
        assert_ok(&l.t.cx, buf_done(&l.t.cx, &data, &text));
        l.model = lab_file(&l, "m.json", str_c(good_model));
        l.data = lab_file(&l, "d.csv", text);
        Taken taken = {.all = buf_make(&l.t.arena, 16 << 20)};
        parts.drain_ctx = &taken;
        char verb[] = "smooth", model[200], table[200], flag[] = "--json";
        (void)snprintf(model, sizeof model, "--model=%s", l.model);
        (void)snprintf(table, sizeof table, "--data=%s", l.data);
        char *argv[] = {verb, model, table, flag};
        assert_ok(&l.t.cx, lab_run(&l.t.cx, 3 + json, argv, &whole));
        assert_ok(&l.t.cx, lab_run(&l.t.cx, 3 + json, argv, &parts));
        assert_ok(&l.t.cx, buf_done(&l.t.cx, &taken.all, &text));
        assert_true(taken.times > 2 && parts.text.len == 0);
        assert_true(str_eq(text, whole.text));
        lab_close(&l);
    }
}

/* -- every one of them ------------------------------------------------------------------------------- */

#define MODEL(more)                                                                                \
    "{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1], " more "}"
#define FIT(drift, mean)                                                                           \
    "{\"drift\": [[" drift "]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1],\n"          \
    "\"mean\": [" mean "], \"initial\": \"stationary\"}"

/* What is said, by which verb, and at which place (0: of the whole). */
/* clang-format off */
static const struct {
    const char *key, *verb;
    int line, column;
    const char *model, *data, *more, *value;
} others[] = {
    {"err.lab-json-text", "loglik", 1, 12, "{\"drift: 1}", good_data, NULL, NULL},
    {"err.lab-json-text", "loglik", 1, 15, "{\"comment\": \"\\q\"}", good_data, NULL, NULL},
    {"err.lab-json-key", "loglik", 1, 10, "{\"drift\" 1}", good_data, NULL, NULL},
    {"err.lab-model-diagonal", "loglik", 2, 21,
     "{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1], [1]],\n \"error\": [[1, 0], [0.5, 1]], "
     "\"initial\": \"stationary\"}", "t,y,z\n0,1,1\n", NULL, NULL},
    {"err.lab-model-initial", "loglik", 2, 12, MODEL("\n\"initial\": \"random\""), good_data, NULL, NULL},
    {"err.lab-model-initial", "loglik", 2, 12, MODEL("\n\"initial\": {\"mean\": [1]}"), good_data, NULL, NULL},
    {"err.lab-model-name", "loglik", 2, 12, MODEL("\"initial\": \"stationary\",\n\"states\": [1]"), good_data, NULL, NULL},
    {"err.lab-model-number", "loglik", 1, 13, FIT("true", "0"), good_data, NULL, NULL},
    {"err.lab-model-shared", "loglik", 2, 10, FIT("{\"free\": -1, \"name\": \"a\"}", "{\"free\": 2, \"name\": \"a\"}"), good_data, NULL, NULL},
    {"err.lab-nothing-free", "fit", 1, 1, MODEL("\"initial\": \"stationary\""), good_data, NULL, NULL},
    {"err.lab-simulate-diffuse", "simulate", 2, 12, MODEL("\n\"initial\": \"diffuse\""), good_data, NULL, NULL},
    {"err.lab-fit-empty", "fit", 0, 0, FIT("-1", "{\"free\": 1}"), "t,y\n0,\n1,\n", NULL, NULL},
    {"err.lab-fit-alone", "fit", 2, 38,
     "{\"drift\": [[-1, 0], [0, -1]], \"diffusion\": [[1, 0], [0, 1]], \"loading\": [[1, 0]], \"error\": [1],\n"
     "\"initial\": \"stationary\", \"mean\": [0, {\"free\": 1}]}", "t,y\n0,1\n1,2\n2,0\n", NULL, NULL},
    {"err.lab-fit-together", "fit", 2, 10,
     "{\"drift\": [[-1]], \"diffusion\": [[1]], \"loading\": [[1]], \"error\": [1], \"initial\": \"stationary\",\n"
     "\"mean\": [{\"free\": 1}], \"offset\": [{\"free\": 1}]}", "t,y\n0,1\n1,2\n2,0\n", NULL, NULL},
    {"err.lab-csv-file", "loglik", 0, 0, good_model, "t,y\n0,\xff\n", NULL, NULL},
    {"err.lab-csv-missing", "pairs", 2, 2, NULL, "winner,loser,count\na,,1\n", NULL, NULL},
    {"err.lab-csv-count", "pairs", 2, 3, NULL, "winner,loser,count\na,b,-1\n", NULL, NULL},
    {"err.lab-pairs-self", "pairs", 2, 2, NULL, "winner,loser,count\na,a,1\n", NULL, NULL},
    {"err.lab-apim-person", "apim", 3, 2, NULL, "dyad,person,x,y\n1,a,1,2\n1,a,1,2\n", NULL, NULL},
    {"err.lab-apim-three", "apim", 4, 1, NULL, "dyad,person,x,y\n1,a,1,2\n1,b,1,2\n1,c,1,2\n", NULL, NULL},
    {"err.lab-few", "icc", 0, 0, NULL, "a,b\n1,2\n", NULL, NULL},
    {"err.lab-spread", "icc", 0, 0, NULL, "a,b\n3,3\n3,3\n3,3\n", NULL, NULL},
    {"err.lab-separated", "pairs", 0, 0, NULL, "winner,loser,count\na,b,3\n", NULL, NULL},
    {"err.lab-scale", "forecast", 0, 0, "fonder", good_data, NULL, NULL},
    {"err.lab-scale-range", "forecast", 3, 2, "fonder", "t,y\n0,1\n1,9\n", "--scale", "1:7"},
    {"err.lab-scale-step", "forecast", 0, 0, "fonder", good_data, "--scale", "0:1000:1"},
    {"err.lab-forecast-few", "forecast", 0, 0, "fonder", good_data, "--scale", "1:7"},
    {"err.lab-diary-time", "forecast", 3, 1, "fonder", "t,y\n0,1\n1e9,2\n", "--scale", "1:7"},
    {"err.lab-builtin-items", "forecast", 1, 14, "fonder",
     "t,a,b,c,d,e,f,g,h,i,j,k,l,m\n0,1,1,1,1,1,1,1,1,1,1,1,1,1\n", "--scale", "1:7"},
    {"err.lab-kind", "model", 0, 0, NULL, NULL, "--kind", "stranger"},
    {"err.lab-need", "filter", 0, 0, NULL, NULL, NULL, NULL},
    {"err.lab-verb", "dance", 0, 0, NULL, NULL, NULL, NULL},
    {"err.lab-option", "filter", 0, 0, NULL, NULL, "--nothing", "1"},
    {"err.lab-option-here", "filter", 0, 0, NULL, NULL, "--after", "5"},
};
/* clang-format on */

/* test_lab says the first; the second is for a search that ends for no reason it can name, to which no data here led. */
static const char *const elsewhere[] = {"err.lab-fit-endless", "err.lab-fit-none"};

/* first, then before 0 after, before 1 after, ... */
static Str many(Lab *l, const char *first, const char *before, const char *after, int n)
{
    Buf buf = buf_make(&l->t.arena, 1 << 22);
    Str out;
    buf_c(&buf, first);
    for (int i = 0; i < n; i++)
        buf_fmt(&buf, "%s%d%s", before, i, after);
    assert_ok(&l->t.cx, buf_done(&l->t.cx, &buf, &out));
    return out;
}

static void wide_and_long_tables(void **state)
{
    (void)state;
    Lab l;
    Str out;
    lab_open(&l);
    l.model = lab_file(&l, "m.json", str_c(good_model));
    l.data = lab_file(&l, "w.csv", many(&l, "t", ",y", "", 600));
    assert_int_equal(lab_do(&l, "loglik", NULL, NULL, &out), ERR_LIMIT);
    assert_string_equal(l.t.cx.why.key, "err.lab-csv-wide");
    assert_int_equal(said(&l.t.cx, "column"), 513);
    l.model = NULL;
    l.data = lab_file(&l, "p.csv", many(&l, "winner,loser,count\n", "a,p", ",1\n", 5000));
    assert_int_equal(lab_do(&l, "pairs", NULL, NULL, &out), ERR_LIMIT);
    assert_string_equal(l.t.cx.why.key, "err.lab-players");
    lab_close(&l);
}

static void the_others_have_theirs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        Lab l;
        Str out;
        lab_open(&l);
        print_message("# %s\n", others[i].key);
        if (others[i].model)
            l.model = strcmp(others[i].model, "fonder") == 0
                          ? "fonder"
                          : lab_file(&l, "m.json", str_c(others[i].model));
        if (others[i].data)
            l.data = lab_file(&l, "d.csv", str_c(others[i].data));
        assert_int_not_equal(lab_do(&l, others[i].verb, others[i].more, others[i].value, &out), OK);
        assert_string_equal(l.t.cx.why.key, others[i].key);
        assert_int_equal(said(&l.t.cx, "line"), others[i].line);
        assert_int_equal(said(&l.t.cx, "column"), others[i].column);
        lab_close(&l);
    }
}

static bool met(Str key)
{
    bool found = str_eq_c(key, "err.lab-csv-wide") || str_eq_c(key, "err.lab-players");
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        found = found || str_eq_c(key, wrongs[i].key);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        found = found || str_eq_c(key, others[i].key);
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        found = found || str_eq_c(key, elsewhere[i]);
    return found;
}

/* Every sentence that the laboratory can refuse with is refused with above. */
static void nothing_is_refused_unseen(void **state)
{
    (void)state;
    TestCx t;
    Str po, line;
    int n = 0;
    test_cx_init(&t);
    assert_ok(&t.cx, os_read_file(&t.cx, source_path(&t.cx, "content/en/ui.po"), 4 << 20, &po));
    while ((line = str_line(&po)).p) {
        Str key = str_sub(line, 7, line.len - 8);
        if (!str_starts(line, STR("msgid \"err.lab-")))
            continue;
        if (!met(key))
            print_message("# %.*s\n", STR_FMT(key));
        assert_true(met(key));
        n++;
    }
    assert_true(n > 50);
    test_cx_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_place),
        cmocka_unit_test(the_others_have_theirs),
        cmocka_unit_test(wide_and_long_tables),
        cmocka_unit_test(nothing_is_refused_unseen),
        cmocka_unit_test(what_is_sound_is_read),
        cmocka_unit_test(an_impulse_needs_no_column),
        cmocka_unit_test(a_table_that_tells_too_little_is_named),
        cmocka_unit_test(a_long_answer_is_printed_as_it_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
