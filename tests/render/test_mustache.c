/* tests/render/test_mustache.c - the template engine: the specification's own cases where they are
 * at hand, our own beside them, places of errors, escaping, and random templates against an
 * independent writer that knows what each should give. */
#include "render/mustache.h"
#include "testlib.h"
#include <stdio.h>
#include <string.h>

/* -- helpers ---------------------------------------------------------------------------------- */

static bool load_from_json(void *ctx, Str name, Str *ret)
{
    const json_t *texts = ctx;
    const json_t *text = json_object_getn(texts, name.p, (size_t)name.len);
    if (!json_is_string(text))
        return false;
    *ret = (Str){json_string_value(text), (ptrdiff_t)json_string_length(text)};
    return true;
}

static Str label_for_test(void *ctx, Str key)
{
    (void)ctx;
    if (str_eq(key, STR("nav.today")))
        return STR("Today & <later>");
    if (str_eq(key, STR("two.lines")))
        return STR("one\ntwo");
    return (Str){NULL, 0};
}

typedef struct Job {
    const json_t *texts; /* the template "main" among them */
    const json_t *data;
    TemplateMode mode;
    bool strict, labels;
} Job;

static Err run_job(Cx *cx, const Job *job, Str *ret)
{
    TemplateSource source = {.load = load_from_json,
                             .label = job->labels ? label_for_test : NULL,
                             .strict = job->strict};
    /* the callback's context is not const; the loader only reads it */
    memcpy(&source.ctx, &job->texts, sizeof source.ctx);
    TemplateSet *set = NULL;
    const Template *t = NULL;
    Err e = template_set_make(cx, cx->arena, &source, &set);
    if (e == OK)
        e = template_get(cx, set, STR("main"), job->mode, &t);
    Buf out = buf_make(cx->arena, 1 << 20);
    if (e == OK)
        e = template_render(cx, set, t, job->data, &out);
    return e == OK ? buf_done(cx, &out, ret) : e;
}

static json_t *parse(const char *text)
{
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    assert_non_null(v);
    return v;
}

/* texts and data as JSON; "main" is what is rendered. */
static void gives(const char *texts, const char *data, const char *want)
{
    TestCx t;
    test_cx_init(&t);
    json_t *x = parse(texts), *d = parse(data);
    Job job = {.texts = x, .data = d, .strict = true, .labels = true};
    Str out = {NULL, 0};
    assert_ok(&t.cx, run_job(&t.cx, &job, &out));
    assert_str(out, want);
    json_decref(x);
    json_decref(d);
    test_cx_free(&t);
}

static void fails(const char *texts, const char *key, const char *file, int line, const char *what)
{
    TestCx t;
    test_cx_init(&t);
    json_t *x = parse(texts), *d = parse("{\"dyn\":\"nowhere\",\"on\":true}");
    Job job = {.texts = x, .data = d, .strict = true, .labels = true};
    Str out = {NULL, 0};
    assert_int_equal(run_job(&t.cx, &job, &out), ERR_INVALID);
    assert_string_equal(t.cx.why.key, key);
    assert_str(t.cx.why.args[0].str, file);
    assert_int_equal(t.cx.why.args[1].num, line);
    assert_str(t.cx.why.args[2].str, what);
    json_decref(x);
    json_decref(d);
    test_cx_free(&t);
}

/* -- the specification ------------------------------------------------------------------------ */

static int spec_file(Cx *cx, const char *name)
{
    const char *file = str_to_c(cx->arena, shared_path(cx, name));
    json_t *all = json_load_file(file, 0, NULL);
    assert_non_null(all);
    size_t i = 0;
    json_t *test = NULL;
    int count = 0;
    json_array_foreach(json_object_get(all, "tests"), i, test)
    {
        json_t *partials = json_object_get(test, "partials");
        json_t *texts = partials ? json_copy(partials) : json_object();
        (void)json_object_set(texts, "main", json_object_get(test, "template"));
        Job job = {.texts = texts, .data = json_object_get(test, "data")};
        Str out = {NULL, 0};
        Err e = run_job(cx, &job, &out);
        const char *want = json_string_value(json_object_get(test, "expected"));
        if (e != OK || !str_eq_c(out, want))
            print_error("%s: %s\n", name, json_string_value(json_object_get(test, "name")));
        assert_ok(cx, e);
        assert_str(out, want);
        json_decref(texts);
        count++;
    }
    json_decref(all);
    return count;
}

static void specification_holds(void **state)
{
    (void)state;
    static const char *const files[] = {"comments", "delimiters", "interpolation",  "inverted",
                                        "partials", "sections",   "~dynamic-names", "~inheritance"};
    TestCx t;
    test_cx_init(&t);
    int count = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "data/mustache_spec/%s.json", files[i]);
        if (str_is_null(shared_path(&t.cx, name))) {
            /* not cmocka's skip(): it writes "not ok", which Meson takes for a failure */
            print_message("# skipped: the specification's cases are not here\n");
            test_cx_free(&t);
            return;
        }
        count += spec_file(&t.cx, name);
    }
    print_message("# %d cases of the specification\n", count);
    assert_true(count >= 180);
    test_cx_free(&t);
}

/* -- our own cases ---------------------------------------------------------------------------- */

static void values_and_sections(void **state)
{
    (void)state;
    gives("{\"main\":\"{{a}} {{{a}}} {{&a}}\"}", "{\"a\":\"<&\\\"'>\"}",
          "&lt;&amp;&quot;&#39;&gt; <&\"'> <&\"'>");
    gives("{\"main\":\"{{i}} {{r}} {{t}} {{f}} {{n}}{{o}}{{l}}{{no}}\"}",
          "{\"i\":-12,\"r\":0.1,\"t\":true,\"f\":false,\"n\":null,\"o\":{},\"l\":[1]}",
          "-12 0.1 true false ");
    gives("{\"main\":\"{{#l}}{{.}},{{/l}}{{^e}}none{{/e}}\"}", "{\"l\":[1,2.5,\"x\"],\"e\":[]}",
          "1,2.5,x,none");
    gives("{\"main\":\"{{#a.b}}{{c}}{{d}}{{/a.b}}\"}", "{\"d\":1,\"a\":{\"b\":{\"c\":2}}}", "21");
    /* zero is a value, the empty string is not */
    gives("{\"main\":\"{{#z}}zero{{/z}}{{^s}}empty{{/s}}\"}", "{\"z\":0,\"s\":\"\"}", "zeroempty");
    gives("{\"main\":\"{{#l}}{{#l}}x{{/l}}{{/l}}\"}", "{\"l\":[{\"l\":[1,2]},{}]}", "xxxx");
    gives("{\"main\":\"\"}", "{}", "");
    gives("{\"main\":\"{{\\u00e9}}\"}", "{\"\\u00e9\":\"accent\"}", "accent");
}

static void partials_and_indentation(void **state)
{
    (void)state;
    gives("{\"main\":\"a\\n  {{>p}}\\nb\",\"p\":\"1\\n{{x}}\\n{{#s}}\\n3\\n{{/s}}\\n\"}",
          "{\"x\":\"u\\nv\",\"s\":true}", "a\n  1\n  u\nv\n  3\nb");
    gives("{\"main\":\" {{>p}}\",\"p\":\"1\\n {{>q}}\\n2\\n\",\"q\":\"x\\ny\\n\"}", "{}",
          " 1\n  x\n  y\n 2\n");
    gives("{\"main\":\"{{>node}}\",\"node\":\"{{v}}{{#kids}}({{>node}}){{/kids}}\"}",
          "{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[]},{\"v\":3,\"kids\":[{\"v\":4,\"kids\":[]}]}]}",
          "1(2)(3(4))");
    gives("{\"main\":\"{{>*which}}\",\"a\":\"A\"}", "{\"which\":\"a\"}", "A");
    gives("{\"main\":\"[{{>*which}}]\"}", "{}", "[]");
}

static void inheritance(void **state)
{
    (void)state;
    gives("{\"main\":\"{{<page}}{{$title}}Ana{{/title}} dropped {{x}} "
          "{{#y}}{{$title}}no{{/title}}{{/y}}{{/page}}\","
          "\"page\":\"<h1>{{$title}}?{{/title}}</h1>{{$foot}}foot{{/foot}}\"}",
          "{}", "<h1>Ana</h1>foot");
    /* a layout between page and frame */
    gives("{\"main\":\"{{<mid}}{{$body}}B{{/body}}{{/mid}}\","
          "\"mid\":\"{{<frame}}{{$main}}[{{$body}}{{/body}}]{{/main}}{{/frame}}\","
          "\"frame\":\"<{{$main}}{{/main}}>\"}",
          "{}", "<[B]>");
    /* an argument that holds a block of its own name does not meet itself */
    gives("{\"main\":\"{{<p}}{{$a}}x{{$a}}y{{/a}}{{/a}}{{/p}}\",\"p\":\"{{$a}}{{/a}}\"}", "{}",
          "xy");
    /* indentation is taken off where a block is written and put on where it goes */
    gives("{\"main\":\"{{<p}}\\n  {{$a}}\\n    one\\n      two\\n  {{/a}}\\n{{/p}}\\n\","
          "\"p\":\"<\\n\\t{{$a}}\\n\\t{{/a}}\\n>\\n\"}",
          "{}", "<\n\tone\n\t  two\n>\n");
    /* blocks reach through a partial */
    gives("{\"main\":\"{{<p}}{{$a}}A{{/a}}{{/p}}\",\"p\":\"{{>q}}\",\"q\":\"({{$a}}{{/a}})\"}",
          "{}", "(A)");
    /* a list inside an argument, in the context of where it goes */
    gives("{\"main\":\"{{<p}}{{$row}}{{n}};{{/row}}{{/p}}\","
          "\"p\":\"{{#rows}}{{$row}}{{/row}}{{/rows}}\"}",
          "{\"rows\":[{\"n\":1},{\"n\":2}]}", "1;2;");
}

static void labels_are_settled_when_compiled(void **state)
{
    (void)state;
    gives("{\"main\":\"<a>{{_:nav.today}}</a>{{{_:nav.today}}}\"}", "{\"_:nav\":\"no\"}",
          "<a>Today &amp; &lt;later&gt;</a>Today & <later>");
    gives("{\"main\":\"  {{>p}}\\n\",\"p\":\"{{_:two.lines}}\\n\"}", "{}", "  one\ntwo\n");
}

static void errors_name_their_place(void **state)
{
    (void)state;
    fails("{\"main\":\"one\\ntwo {{#a}}\\n\\n\"}", "err.template-section-open", "main", 2, "a");
    fails("{\"main\":\"{{#a}}\\n{{#b}}\\n{{/a}}{{/b}}\"}", "err.template-end-stray", "main", 3,
          "a");
    fails("{\"main\":\"\\n\\n{{/a}}\"}", "err.template-end-stray", "main", 3, "a");
    fails("{\"main\":\"x\\n{{}}\"}", "err.template-tag-empty", "main", 2, "");
    fails("{\"main\":\"x\\n{{# }}\"}", "err.template-tag-empty", "main", 2, " ");
    fails("{\"main\":\"x\\n{{name\"}", "err.template-tag-open", "main", 2, "name");
    fails("{\"main\":\"x {{\"}", "err.template-tag-open", "main", 1, "");
    fails("{\"main\":\"x {{{a}}\"}", "err.template-tag-open", "main", 1, "a}}");
    fails("{\"main\":\"{{a b}}\"}", "err.template-name", "main", 1, "a b");
    fails("{\"main\":\"\\r\\n{{=<% =}}\"}", "err.template-delimiters", "main", 2, "<%");
    fails("{\"main\":\"a\\n{{_:no.such}}\"}", "err.template-label", "main", 2, "no.such");
    fails("{\"main\":\"{{>p}}\",\"p\":\"\\n\\n\\n{{>q}}\"}", "err.template-missing", "p", 4, "q");
    fails("{\"main\":\"\\n{{<q}}{{/q}}\"}", "err.template-missing", "main", 2, "q");
    fails("{\"main\":\"\\n{{>*dyn}}\"}", "err.template-missing", "main", 2, "nowhere");
    fails("{\"main\":\"\\n{{>main}}\"}", "err.template-deep", "main", 2, "main");
    fails("{\"main\":\"{{#on}}{{>p}}{{/on}}\",\"p\":\"\\n {{>main}}\"}", "err.template-deep",
          "main", 1, "p");
}

static void nesting_and_work_are_bounded(void **state)
{
    (void)state;
    TestCx t;
    test_cx_init(&t);
    Buf deep = buf_make(t.cx.arena, 10000);
    for (int i = 0; i <= TEMPLATE_NEST_MAX; i++)
        buf_c(&deep, "{{#a}}");
    for (int i = 0; i <= TEMPLATE_NEST_MAX; i++)
        buf_c(&deep, "{{/a}}");
    json_t *texts = json_pack("{s:s%}", "main", deep.p, (size_t)deep.len);
    json_t *data = json_object();
    Job job = {.texts = texts, .data = data};
    Str out = {NULL, 0};
    assert_int_equal(run_job(&t.cx, &job, &out), ERR_INVALID);
    assert_string_equal(t.cx.why.key, "err.template-deep");
    /* each level calls the next one eight times and writes nothing */
    json_t *bomb = parse("{\"main\":\"{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}\"}");
    for (char level = 'b'; level < 'z'; level++) {
        char name[2] = {level, '\0'}, text[80];
        int n = 0;
        for (int i = 0; i < 8; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, "{{>%c}}", level + 1);
        (void)json_object_set_new(bomb, name, json_string(text));
    }
    (void)json_object_set_new(bomb, "z", json_string(""));
    job.texts = bomb;
    assert_int_equal(run_job(&t.cx, &job, &out), ERR_LIMIT);
    assert_string_equal(t.cx.why.key, "err.template-work");
    json_decref(texts);
    json_decref(bomb);
    json_decref(data);
    test_cx_free(&t);
}

static void memory_may_run_out_anywhere(void **state)
{
    (void)state;
    json_t *texts = parse("{\"main\":\"{{<p}}{{$a}}\\n {{#l}}\\n {{>q}}\\n{{/l}}\\n{{/a}}{{/p}}"
                          "{{_:nav.today}}\",\"p\":\"\\n {{$a}}{{/a}}\",\"q\":\"{{.}}\\n\"}");
    json_t *data = parse("{\"l\":[1,2,3]}");
    Job job = {.texts = texts, .data = data, .strict = true, .labels = true};
    bool done = false;
    int nth = 0;
    for (; !done; nth++) {
        TestCx t;
        test_cx_init(&t);
        arena_fail_after(&t.arena, nth);
        Str out = {NULL, 0};
        Err e = run_job(&t.cx, &job, &out);
        assert_true(e == OK || e == ERR_NOMEM);
        done = e == OK;
        if (done)
            assert_str(out, "\n 1\n  2\n  3\nToday &amp; &lt;later&gt;");
        test_cx_free(&t);
    }
    assert_true(nth > 10);
    json_decref(texts);
    json_decref(data);
}

/* -- escaping --------------------------------------------------------------------------------- */

static uint64_t rand_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int rand_below(uint64_t *seed, int n)
{
    return (int)(rand_next(seed) >> 33) % n;
}

/* A JSON string over characters that break HTML and terminals. */
static json_t *nasty_string(uint64_t *seed)
{
    static const char *const bits[] = {"<",
                                       ">",
                                       "&",
                                       "\"",
                                       "'",
                                       "a",
                                       " ",
                                       "\n",
                                       "\x1b[2J",
                                       "\x07",
                                       "\xc2\x9b",
                                       "\xe2\x80\xae",
                                       "\xc3\xa9",
                                       "\x7f",
                                       "{{x}}",
                                       "</script>",
                                       "\xe4\xb8\x80",
                                       "\t",
                                       "\r"};
    char text[400];
    size_t n = 0;
    int len = rand_below(seed, 24);
    for (int i = 0; i < len; i++) {
        const char *bit = bits[rand_below(seed, (int)(sizeof bits / sizeof bits[0]))];
        memcpy(text + n, bit, strlen(bit));
        n += strlen(bit);
    }
    return json_stringn(text, n);
}

static void check_html(Str out)
{
    for (ptrdiff_t i = 0; i < out.len; i++) {
        char c = out.p[i];
        assert_true(c != '<' && c != '>' && c != '"' && c != '\'');
        if (c == '&') {
            Str rest = str_from(out, i);
            assert_true(str_starts(rest, STR("&amp;")) || str_starts(rest, STR("&lt;")) ||
                        str_starts(rest, STR("&gt;")) || str_starts(rest, STR("&quot;")) ||
                        str_starts(rest, STR("&#39;")));
        }
    }
}

static void check_plain(Str out)
{
    for (ptrdiff_t i = 0; i < out.len; i++) {
        unsigned char c = (unsigned char)out.p[i];
        assert_true((c >= 0x20 && c != 0x7f) || c == '\n');
    }
    assert_true(str_find(out, STR("\xc2\x9b")) < 0);     /* C1: control sequence introducer */
    assert_true(str_find(out, STR("\xe2\x80\xae")) < 0); /* right-to-left override */
}

static void nothing_survives_unescaped(void **state)
{
    (void)state;
    uint64_t seed = 20260501;
    json_t *html = parse("{\"main\":\"{{a}}{{#l}}{{.}}{{b.c}}{{/l}}{{>p}}\",\"p\":\"{{d}}\"}");
    json_t *plain = parse("{\"main\":\"{{a}}{{{a}}}{{#l}}{{&.}}{{/l}}{{>p}}\",\"p\":\"{{d}}\"}");
    for (int round = 0; round < 2000; round++) {
        TestCx t;
        test_cx_init(&t);
        json_t *data = json_pack("{s:o,s:[o,o],s:{s:o},s:o}", "a", nasty_string(&seed), "l",
                                 nasty_string(&seed), nasty_string(&seed), "b", "c",
                                 nasty_string(&seed), "d", nasty_string(&seed));
        assert_non_null(data);
        Job job = {.texts = html, .data = data, .strict = true};
        Str out = {NULL, 0};
        assert_ok(&t.cx, run_job(&t.cx, &job, &out));
        check_html(out);
        job.texts = plain;
        job.mode = TEMPLATE_PLAIN;
        assert_ok(&t.cx, run_job(&t.cx, &job, &out));
        check_plain(out);
        json_decref(data);
        test_cx_free(&t);
    }
    json_decref(html);
    json_decref(plain);
}

static void numbers_read_back(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *want;
    } known[] = {
        {0,                   "0"                  },
        {-0.0,                "0"                  },
        {0.1,                 "0.1"                },
        {1.0 / 3,             "0.3333333333333333" },
        {100,                 "100"                },
        {-2.5,                "-2.5"               },
        {1e21,                "1e+21"              },
        {0.30000000000000004, "0.30000000000000004"},
        {1e15,                "1e+15"              },
        {7.25,                "7.25"               },
        {123456789012,        "123456789012"       }
    };
    TestCx t;
    test_cx_init(&t);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        Buf b = buf_make(t.cx.arena, 64);
        template_number(&b, known[i].v);
        Str got = {b.p, b.len};
        assert_str(got, known[i].want);
    }
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) { /* decimals that people write, as printf would print them */
        int64_t n = (int64_t)(rand_next(&seed) >> 20) - ((int64_t)1 << 43);
        int decimals = rand_below(&seed, 4);
        double v = (double)(n % 100000000) / (decimals == 3 ? 1000 : decimals == 2 ? 100 : 10);
        char want[40];
        (void)snprintf(want, sizeof want, "%.15g", v);
        Buf b = buf_make(t.cx.arena, 64);
        template_number(&b, v);
        assert_true(str_eq_c((Str){b.p, b.len}, n % 100000000 == 0 ? "0" : want));
        arena_reset(&t.arena);
    }
    for (int i = 0; i < 20000; i++) {
        double v = (double)(int64_t)rand_next(&seed) / (double)(1 + rand_below(&seed, 1 << 30));
        Buf b = buf_make(t.cx.arena, 64);
        template_number(&b, v);
        double back = 0;
        assert_true(str_to_double((Str){b.p, b.len}, -1e300, 1e300, &back));
        assert_true(back >= v && back <= v);
        arena_reset(&t.arena);
    }
    test_cx_free(&t);
}

/* -- random templates ------------------------------------------------------------------------- */

/* Writes a random template and, at the same time, what it should give: the expectation follows from
 * how the template was made, not from reading it. Data is {"t":…,"o":{"v":…},"l":[…],"f":false}. */
typedef struct Maker {
    uint64_t seed;
    Buf text, want;
    bool fresh; /* the template stands at the start of a line */
} Maker;

static void both(Maker *m, const char *s)
{
    buf_c(&m->text, s);
    buf_c(&m->want, s);
    m->fresh = s[0] != '\0' && s[strlen(s) - 1] == '\n';
}

/* A tag that prints nothing: sometimes on a line of its own, with blanks that go with it. */
static void quiet_tag(Maker *m, const char *tag)
{
    bool alone = m->fresh && rand_below(&m->seed, 2) == 0;
    if (alone)
        buf_c(&m->text, rand_below(&m->seed, 2) ? "  " : "\t");
    buf_c(&m->text, tag);
    if (alone)
        buf_c(&m->text, rand_below(&m->seed, 2) ? "\n" : " \r\n");
    else
        both(m, "|"); /* something on its line, so that it is not alone */
    m->fresh = alone;
}

static void make_pieces(Maker *m, int depth);

static void make_section(Maker *m, int depth)
{
    static const struct {
        const char *open, *close;
        bool body;
    } kinds[] = {
        {"{{#t}}",    "{{/t}}",    true },
        {"{{^f}}",    "{{/f}}",    true },
        {"{{#f}}",    "{{/f}}",    false},
        {"{{^t}}",    "{{/t}}",    false},
        {"{{#none}}", "{{/none}}", false},
        {"{{#o}}",    "{{/o}}",    true }
    };
    int k = rand_below(&m->seed, (int)(sizeof kinds / sizeof kinds[0]));
    quiet_tag(m, kinds[k].open);
    ptrdiff_t mark = m->want.len;
    /* the separator after an inline tag lies inside the body */
    ptrdiff_t inside = m->fresh ? mark : mark - 1;
    make_pieces(m, depth - 1);
    if (m->fresh && rand_below(&m->seed, 2) == 0) {
        buf_c(&m->text, kinds[k].close);
        buf_c(&m->text, "\n");
        if (!kinds[k].body)
            m->want.len = inside;
        m->fresh = true;
    } else {
        both(m, "/");
        buf_c(&m->text, kinds[k].close);
        if (!kinds[k].body)
            m->want.len = inside;
        both(m, ";");
    }
}

static void make_pieces(Maker *m, int depth)
{
    static const char *const words[] = {"word", " two", "\n", "a\n", "\r\n", "  x", "} }", "{ { "};
    int n = 1 + rand_below(&m->seed, 5);
    for (int i = 0; i < n; i++) {
        switch (rand_below(&m->seed, depth > 0 ? 6 : 4)) {
        case 0:
            buf_c(&m->text, "{{ o.v }}");
            buf_c(&m->want, "&lt;v&gt;");
            m->fresh = false;
            break;
        case 1:
            buf_c(&m->text, "{{{t}}}");
            buf_c(&m->want, "T&");
            m->fresh = false;
            break;
        case 2:
            quiet_tag(m, "{{! a note }}");
            break;
        case 3:
            both(m, words[rand_below(&m->seed, (int)(sizeof words / sizeof words[0]))]);
            break;
        default:
            make_section(m, depth);
        }
    }
}

static void random_templates_give_what_they_were_made_for(void **state)
{
    (void)state;
    json_t *data = parse("{\"t\":\"T&\",\"o\":{\"v\":\"<v>\"},\"f\":false}");
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        TestCx t;
        test_cx_init(&t);
        Maker m = {.seed = seed * 0x9e3779b97f4a7c15u,
                   .text = buf_make(t.cx.arena, 1 << 20),
                   .want = buf_make(t.cx.arena, 1 << 20),
                   .fresh = true};
        make_pieces(&m, 4);
        both(&m, "."); /* no tag is alone by ending the text */
        json_t *texts = json_pack("{s:s%}", "main", m.text.p, (size_t)m.text.len);
        assert_non_null(texts);
        Job job = {.texts = texts, .data = data, .strict = true};
        Str out = {NULL, 0};
        assert_ok(&t.cx, run_job(&t.cx, &job, &out));
        if (!str_eq(out, (Str){m.want.p, m.want.len})) {
            print_error("seed %llu\ntemplate [%.*s]\nwant [%.*s]\ngot  [%.*s]\n",
                        (unsigned long long)seed, (int)m.text.len, m.text.p, (int)m.want.len,
                        m.want.p, STR_FMT(out));
            fail();
        }
        json_decref(texts);
        test_cx_free(&t);
    }
    json_decref(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specification_holds),
        cmocka_unit_test(values_and_sections),
        cmocka_unit_test(partials_and_indentation),
        cmocka_unit_test(inheritance),
        cmocka_unit_test(labels_are_settled_when_compiled),
        cmocka_unit_test(errors_name_their_place),
        cmocka_unit_test(nesting_and_work_are_bounded),
        cmocka_unit_test(memory_may_run_out_anywhere),
        cmocka_unit_test(nothing_survives_unescaped),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(random_templates_give_what_they_were_made_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
