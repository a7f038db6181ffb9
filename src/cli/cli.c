/* cli/cli.c - one command, start to end: find the row that fits, open what it needs, act, show. The process
 * is short-lived, so everything sits in one arena that is wiped at the end. */
#include "cli/cli.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "cli/ask.h"

enum { STDOUT = 1, STDERR = 2, COLUMNS_MAX = 100 };

/* Room to bring in one's own export of a life of several million entries; what a command usually takes is less than
 * a thousandth of it. */
static const ptrdiff_t arena_bytes = (ptrdiff_t)1 << 32;

typedef struct Cli {
    Cx cx;
    Arena arena;
    App app;
    Ask ask;
    bool json, warned;
    bool wrote; /* something was kept in the vault */
    bool asked; /* what entries teach was asked for */
    const CliFaces *faces;
} Cli;

int cli_exit_code(Err e)
{
    switch (e) {
    case OK:
        return 0;
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_AMBIGUOUS:
    case ERR_LIMIT:
    case ERR_DENIED:
    case ERR_LOCKED:
    case ERR_BUSY:
    case ERR_DAMAGED:
    case ERR_NEWER:
    case ERR_NUMERIC:
        return 1;
    case ERR_NOMEM:
    case ERR_FULL:
    case ERR_IO:
        return 3;
    }
    return 3;
}

/* Control characters in what people wrote never reach the terminal. */
static void say(Cli *c, int fd, Str s)
{
    Str clean = utf8_clean(&c->arena, s, true);
    os_write_all(fd, clean);
    if (clean.len > 0 && clean.p[clean.len - 1] != '\n')
        os_write_all(fd, STR("\n"));
}

static int fail(Cli *c, Err e)
{
    Str why = {NULL, 0};
    const Why said = c->cx.why;
    if (app_why(&c->cx, &c->app, &why) != OK)
        why = STR("fonder: out of memory");
    if (c->json) {
        json_t *error =
            json_pack("{s:s, s:i, s:s%, s:s?, s:s?}", "view", "error", "version", 1, "message",
                      why.p, (size_t)why.len, "field", said.field, "key", said.key);
        Str out = {NULL, 0};
        if (error && app_render(&c->cx, &c->app, "error", error, NULL, FACE_JSON, 0, &out) == OK)
            say(c, STDOUT, out);
        json_decref(error);
    }
    say(c, STDERR, why);
    return cli_exit_code(e);
}

static int usage(Cli *c, const char *key, const Arg *args)
{
    (void)fail(c, err_set(&c->cx, ERR_INVALID, key, args));
    return 2;
}

/* Once, and beside what was asked for. */
static void warn_of_swap(Cli *c)
{
    Str line = {NULL, 0};
    if (c->warned || !app_key_may_swap(&c->app))
        return;
    c->warned = true;
    if (app_format(&c->cx, &c->app, "note.key-may-swap", NO_ARGS, &line) == OK)
        say(c, STDERR, line);
}

static int show(Cli *c, const Action *action, const Reply *reply)
{
    Str out = reply->file;
    if (reply->written)
        return 0;
    if (str_is_null(out)) {
        int columns = os_tty_columns(STDOUT);
        /* A row that can do more than one thing (import, with --yes) says what it did. */
        const char *view = json_string_value(json_object_get(reply->view, "view"));
        Err e = app_render(&c->cx, &c->app, view ? view : action->view, reply->view, NULL,
                           c->json ? FACE_JSON : FACE_TEXT,
                           columns < COLUMNS_MAX ? columns : COLUMNS_MAX, &out);
        if (e != OK)
            return fail(c, e);
        say(c, STDOUT, out);
        return 0;
    }
    os_write_all(STDOUT, out);
    return 0;
}

static int run(Cli *c, const Action *action, const Pair pairs[], int count);

/* What the reply leads to at a terminal: a yes to what was shown, answers to what was asked. */
/* NOLINTNEXTLINE(misc-no-recursion): a reply leads to one more row, whose reply asks nothing */
static int follow_up(Cli *c, const Action *action, const Reply *reply, const Pair pairs[],
                     int count)
{
    if (c->json || !c->ask.at_terminal)
        return 0;
    if (reply->then) {
        if (!ask_yes(&c->cx, &c->ask, reply->then_key))
            return 0;
        return run(c, action_by_id(reply->then), reply->then_pairs, 1);
    }
    if (!json_object_get(reply->view, "questions") || !action->command)
        return 0;
    const Action *keeps = action_by_command(str_c(action->command), 1);
    if (!keeps)
        return 0;
    CliWords words = {.count = 0};
    for (int i = 0; i < count && str_eq_c(pairs[i].name, "id"); i++)
        words.pairs[words.count++] = pairs[i];
    app_learn_beside(&c->app, c->cx.now_ms); /* while somebody thinks and types */
    Err e = ask_questions(&c->cx, &c->ask, reply->view, words.pairs, CLI_WORDS_MAX, &words.count);
    if (e != OK)
        return fail(c, e);
    return words.count > 1 ? run(c, keeps, words.pairs, words.count) : 0;
}

static void reply_free_at(Reply *reply)
{
    reply_free(reply);
}

/* NOLINTNEXTLINE(misc-no-recursion): as follow_up */
static int run(Cli *c, const Action *action, const Pair pairs[], int count)
{
    AUTO_CLEAN(reply_free_at) Reply reply = {.view = NULL};
    Err e = app_run(&c->cx, &c->app, action, pairs, count, true, &reply);
    warn_of_swap(c);
    if (e != OK)
        return fail(c, e);
    c->wrote = c->wrote || (action->effect == EFFECT_WRITES && action->needs == NEEDS_BOOK);
    c->asked = c->asked || action == action_by_id("insights");
    int code = show(c, action, &reply);
    return code != 0 ? code : follow_up(c, action, &reply, pairs, count);
}

static int run_face(Cli *c, const Action *action, const CliWords *words)
{
    Input in;
    Err e = input_read(&c->cx, &c->app, action, words->pairs, words->count, true, &in);
    if (e != OK)
        return fail(c, e);
    Str name = str_c(action->command);
    if (str_eq_c(name, "serve") && c->faces->serve)
        e = c->faces->serve(&c->cx, &c->app, &in);
    else if (str_eq_c(name, "bench") && c->faces->bench)
        e = c->faces->bench(&c->cx, &in);
    else
        e = err_set(&c->cx, ERR_NOT_FOUND, "err.no-command", ARGS(arg_str("command", name)));
    return e == OK ? 0 : fail(c, e);
}

static int command(Cli *c, Str name, int argc, char **argv)
{
    CliWords words = {.count = 0};
    const Action *action = NULL;
    bool fits = false;
    for (int nth = 0; !fits && action_by_command(name, nth); nth++) {
        action = action_by_command(name, nth);
        fits = cli_words(&c->cx, action, argc, argv, &words);
    }
    if (!action)
        return usage(c, "err.no-command", ARGS(arg_str("command", name)));
    c->json = words.json;
    if (words.help) {
        Pair topic = {STR("command"), name};
        return run(c, action_by_id("help"), &topic, 1);
    }
    if (!fits)
        return usage(c, "err.no-place",
                     ARGS(arg_str("word", words.misfit), arg_str("command", name)));
    Str path = {NULL, 0};
    Err e = app_vault_path(&c->cx, words.vault, &path);
    if (e != OK)
        return fail(c, e);
    const Host host = ask_host(&c->ask);
    app_init(&c->app, c->app.text, path, &host);
    if (!action->run)
        return run_face(c, action, &words);
    return run(c, action, words.pairs, words.count);
}

static bool asks_help(const char *word)
{
    return str_eq_c(str_c(word), "--help") || str_eq_c(str_c(word), "-h");
}

/* The laboratory reads its own words; what it can do is told wherever one asks among them. */
static int laboratory(Cli *c, int argc, char **argv)
{
    Pair topic = {STR("command"), STR("lab")};
    for (int i = 0; i < argc; i++) {
        if (asks_help(argv[i]))
            return run(c, action_by_id("help"), &topic, 1);
    }
    return c->faces->lab(&c->cx, argc, argv);
}

static int dispatch(Cli *c, int argc, char **argv)
{
    if (argc < 2)
        return run(c, action_by_id("help"), NULL, 0);
    Str name = str_c(argv[1]);
    if (str_eq_c(name, "--version")) {
        os_write_all(STDOUT, STR("fonder " FONDER_VERSION "\n"));
        return 0;
    }
    if (asks_help(argv[1]))
        return run(c, action_by_id("help"), NULL, 0);
    if (str_eq_c(name, "lab") && c->faces->lab)
        return laboratory(c, argc - 2, argv + 2);
    return command(c, name, argc - 2, argv + 2);
}

int cli_main(int argc, char **argv, const CliFaces *faces)
{
    Cli c = {.faces = faces};
    os_start();
    arena_init(&c.arena, arena_bytes);
    c.cx = (Cx){.arena = &c.arena, .now_ms = os_now_ms()};
    Str locale = os_env("FONDER_LOCALE");
    app_init(&c.app, app_locale(locale.len > 0 ? locale : os_env("LANG")), STR(""), NULL);
    ask_init(&c.ask, &c.app);
    int code = dispatch(&c, argc, argv);
    if (c.wrote || c.asked)
        app_learn_some(&c.app, c.asked, c.cx.now_ms);
    app_close(&c.app);
    arena_free(&c.arena);
    return code;
}
