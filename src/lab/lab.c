/* lab/lab.c - the command line of the laboratory: one table of verbs, options read by name, one place that words
 * failures. */
#include "lab/lab.h"
#include "app/app.h"
#include "base/os.h"
#include "base/utf8.h"
#include "lab/verb.h"
#include <math.h>

enum {
    STDOUT = 1,
    STDERR = 2,
    EXIT_INPUT = 1,
    EXIT_USAGE = 2,
    EXIT_SYSTEM = 3,
    DRAWS_MAX = 100000,
    FOLDS_MAX = 1000
};

static const char foretelling[] =
    "--after --seed --kind --scale --reversed --folds --deal --baselines --each --plot";
/* The options beside --model, --data, --json and --cluster. */
static const Verb verbs[] = {
    {"filter",    true,  true,  "",               verb_filter   },
    {"smooth",    true,  true,  "",               verb_smooth   },
    {"forecast",  true,  true,  foretelling,      verb_forecast },
    {"loglik",    true,  true,  "",               verb_loglik   },
    {"fit",       true,  true,  "",               verb_fit      },
    {"simulate",  true,  true,  "--seed",         verb_simulate },
    {"calibrate", true,  true,  "--seed --draws", verb_calibrate},
    {"pairs",     false, true,  "",               verb_pairs    },
    {"apim",      false, true,  "",               verb_apim     },
    {"icc",       false, true,  "",               verb_icc      },
    {"two",       false, true,  "",               verb_two      },
    {"model",     false, false, "--kind",         verb_model    },
    {"time",      true,  true,  "--runs --kind",  verb_time     },
};

/* low:high or low:high:step */
static bool read_scale(Str s, Options *o)
{
    Str rest = s;
    o->scale.step = 0;
    o->has_scale = str_to_double(str_cut(&rest, ':'), -1e6, 1e6, &o->scale.low) && rest.p &&
                   str_to_double(str_cut(&rest, ':'), -1e6, 1e6, &o->scale.high) &&
                   o->scale.high > o->scale.low &&
                   (!rest.p || str_to_double(rest, 1e-6, 1e6, &o->scale.step));
    return o->has_scale;
}

static bool read_option(Str name, Str value, Options *o)
{
    int64_t n = 0;
    if (str_eq_c(name, "--model"))
        o->model = value;
    else if (str_eq_c(name, "--data"))
        o->data = value;
    else if (str_eq_c(name, "--kind"))
        o->kind = value;
    else if (str_eq_c(name, "--cluster"))
        o->cluster = value;
    else if (str_eq_c(name, "--reversed"))
        o->reversed = value;
    else if (str_eq_c(name, "--scale"))
        return read_scale(value, o);
    else if (str_eq_c(name, "--after") && str_to_i64(value, 1, 1000000, &n))
        o->after = (int)n;
    else if (str_eq_c(name, "--draws") && str_to_i64(value, 1, DRAWS_MAX, &n))
        o->draws = (int)n;
    else if (str_eq_c(name, "--runs") && str_to_i64(value, 1, DRAWS_MAX, &n))
        o->runs = (int)n;
    else if (str_eq_c(name, "--folds") && str_to_i64(value, 2, FOLDS_MAX, &n))
        o->folds = (int)n;
    else if (str_eq_c(name, "--deal") && str_to_i64(value, 0, INT64_MAX, &n))
        o->deal = (uint64_t)n;
    else if (str_eq_c(name, "--seed") && str_to_i64(value, 0, INT64_MAX, &n))
        o->seed = (uint64_t)n;
    else
        return false;
    return value.len > 0;
}

static bool *flag_named(Str name, Options *o)
{
    return str_eq_c(name, "--json")        ? &o->json
           : str_eq_c(name, "--baselines") ? &o->baselines
           : str_eq_c(name, "--each")      ? &o->each
           : str_eq_c(name, "--plot")      ? &o->plot
                                           : NULL;
}

/* What a verb would pass over in silence is refused. */
static bool takes(const Verb *verb, Str name)
{
    static const char everywhere[] = "--model --data --json --cluster";
    Str rest[] = {str_c(everywhere), str_c(verb->options)};
    for (int i = 0; i < 2; i++)
        while (rest[i].p)
            if (str_eq(str_cut(&rest[i], ' '), name))
                return true;
    return false;
}

static Err read_options(Cx *cx, const Verb *verb, int argc, char **argv, Options *ret)
{
    *ret = (Options){.after = 3, .draws = 1000, .runs = 5, .folds = 5, .seed = 1};
    for (int i = 1; i < argc; i++) {
        Str word = str_c(argv[i]);
        ptrdiff_t equals = str_find_char(word, '=');
        Str name = equals > 0 ? str_sub(word, 0, equals) : word;
        Str value =
            equals > 0 ? str_from(word, equals + 1) : str_c(i + 1 < argc ? argv[i + 1] : "");
        bool *flag = equals > 0 ? NULL : flag_named(name, ret);
        if (flag)
            *flag = true;
        else if (!read_option(name, value, ret))
            return err_set(cx, ERR_INVALID, "err.lab-option",
                           ARGS(arg_str("name", word), arg_str("value", value)));
        if (!takes(verb, name))
            return err_set(cx, ERR_INVALID, "err.lab-option-here",
                           ARGS(arg_c("verb", verb->name), arg_str("name", name)));
        i += flag || equals > 0 ? 0 : 1;
    }
    return OK;
}

static const Verb *verb_named(Str name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (str_eq_c(name, verbs[i].name))
            return &verbs[i];
    return NULL;
}

Err lab_run(Cx *cx, int argc, char **argv, LabOut *ret)
{
    const Verb *verb = verb_named(str_c(argc > 0 ? argv[0] : ""));
    Options o;
    ret->usage = true;
    if (!verb)
        return err_set(cx, ERR_INVALID, "err.lab-verb", NO_ARGS);
    Err e = read_options(cx, verb, argc, argv, &o);
    if (e != OK)
        return e;
    if ((verb->model && o.model.len == 0) || (verb->data && o.data.len == 0))
        return err_set(
            cx, ERR_INVALID, "err.lab-need",
            ARGS(arg_c("name", verb->name),
                 arg_c("option", verb->model && o.model.len == 0 ? "--model" : "--data")));
    ret->usage = false;
    Buf out = buf_make(cx->arena, OUT_BYTES);
    out.drain = ret->drain;
    out.drain_ctx = ret->drain_ctx;
    e = verb->run(cx, &o, &out);
    if (e == OK && ret->drain)
        return buf_drained(cx, &out);
    return e == OK ? buf_done(cx, &out, &ret->text) : e;
}

/* ctx: the last byte that was printed. */
static bool print(void *ctx, Str bytes)
{
    char *last = ctx;
    *last = bytes.len > 0 ? bytes.p[bytes.len - 1] : *last;
    return os_write_all(STDOUT, bytes);
}

int lab_main(Cx *cx, int argc, char **argv)
{
    char last = '\n';
    LabOut out = {.drain = print, .drain_ctx = &last};
    Err e = lab_run(cx, argc, argv, &out);
    if (e == OK && last != '\n')
        os_write_all(STDOUT, STR("\n"));
    if (e == OK)
        return 0;
    App app;
    Str why = {NULL, 0}, locale = os_env("FONDER_LOCALE");
    app_init(&app, app_locale(locale.len > 0 ? locale : os_env("LANG")), STR(""), NULL);
    if (app_why(cx, &app, &why) != OK)
        why = STR("fonder: out of memory");
    os_write_all(STDERR, utf8_clean(cx->arena, why, true));
    os_write_all(STDERR, STR("\n"));
    app_close(&app);
    if (out.usage)
        return EXIT_USAGE;
    return e == ERR_NOMEM || e == ERR_IO || e == ERR_FULL ? EXIT_SYSTEM : EXIT_INPUT;
}
