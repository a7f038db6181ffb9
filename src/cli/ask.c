/* cli/ask.c - prompts: one line out, one line in, asked again only while the answer cannot be read. */
#include "cli/ask.h"
#include "base/os.h"
#include "base/buf.h"
#include "base/utf8.h"

enum { STDOUT = 1 };

enum { ANSWER_MAX = 4096, TRIES = 3 };

static void put(Cx *cx, Str s)
{
    os_write_all(1, utf8_clean(cx->arena, s, true));
}

static Err prompt(Cx *cx, const Ask *ask, const char *key, const Arg *args, Str *ret)
{
    Str line = {NULL, 0};
    Err e = app_format(cx, ask->app, key, args, &line);
    if (e != OK)
        return e;
    put(cx, line);
    os_write_all(1, STR(" "));
    e = os_read_line(cx, ANSWER_MAX, ret);
    if (e == OK)
        *ret = str_trim(*ret);
    return e;
}

void ask_init(Ask *ask, const App *app)
{
    *ask = (Ask){.app = app, .at_terminal = os_is_tty(0) && os_is_tty(1)};
}

static Err host_secret(void *ctx, Cx *cx, const char *prompt_key, char ret[], ptrdiff_t cap,
                       ptrdiff_t *ret_len)
{
    const Ask *ask = ctx;
    Str line = {NULL, 0};
    Err e = app_format(cx, ask->app, prompt_key, NO_ARGS, &line);
    return e != OK ? e : os_prompt_secret(cx, line, ret, cap, ret_len);
}

static Err host_choose(void *ctx, Cx *cx, Str question, const Str options[], int n, int *ret)
{
    const Ask *ask = ctx;
    put(cx, question);
    os_write_all(1, STR("\n"));
    for (int i = 0; i < n; i++) {
        Buf buf = buf_make(cx->arena, ANSWER_MAX);
        Str line = {NULL, 0};
        buf_fmt(&buf, "  %d  ", i + 1);
        buf_put(&buf, options[i]);
        buf_char(&buf, '\n');
        Err e = buf_done(cx, &buf, &line);
        if (e != OK)
            return e;
        put(cx, line);
    }
    for (int i = 0; i < TRIES; i++) {
        Str answer = {NULL, 0};
        int64_t pick = 0;
        Err e = prompt(cx, ask, "ask.which-number", ARGS(arg_int("n", n)), &answer);
        if (e != OK)
            return e;
        if (answer.len == 0)
            break;
        if (str_to_i64(answer, 1, n, &pick)) {
            *ret = (int)pick - 1;
            return OK;
        }
    }
    return err_set(cx, ERR_INVALID, "err.not-chosen", NO_ARGS);
}

static bool host_write(void *ctx, Str bytes)
{
    (void)ctx;
    return os_write_all(STDOUT, bytes);
}

Host ask_host(Ask *ask)
{
    /* A passphrase is asked on /dev/tty even when the output is piped away. */
    return (Host){.ctx = ask,
                  .is_brief = true,
                  .ask_secret = host_secret,
                  .choose = ask->at_terminal ? host_choose : NULL,
                  .write = host_write};
}

bool ask_yes(Cx *cx, const Ask *ask, const char *key)
{
    Str answer = {NULL, 0};
    if (prompt(cx, ask, key, NO_ARGS, &answer) != OK || answer.len == 0)
        return false;
    /* Any beginning of the catalogue's word for yes. */
    return str_istarts(app_label(ask->app, "ask.yes"), answer);
}

static Str member(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return v ? (Str){json_string_value(v), (ptrdiff_t)json_string_length(v)} : STR("");
}

static Err ask_one(Cx *cx, const Ask *ask, const json_t *question, Str *ret_pair)
{
    const Arg *args = ARGS(arg_str("low", member(question, "low")),
                           arg_str("middle", member(question, "middle")),
                           arg_str("high", member(question, "high")));
    os_write_all(1, STR("\n"));
    put(cx, member(question, "text"));
    os_write_all(1, STR("\n"));
    *ret_pair = (Str){NULL, 0};
    for (int i = 0; i < TRIES; i++) {
        Str answer = {NULL, 0};
        int64_t value = 0;
        Err e = prompt(cx, ask, "ask.answer", args, &answer);
        if (e != OK || answer.len == 0)
            return e;
        if (!str_to_i64(answer, 0, 10, &value))
            continue;
        Buf buf = buf_make(cx->arena, ANSWER_MAX);
        buf_put(&buf, member(question, "id"));
        buf_fmt(&buf, "=%d", (int)value);
        return buf_done(cx, &buf, ret_pair);
    }
    return OK; /* three tries that were no number: left out */
}

Err ask_questions(Cx *cx, const Ask *ask, const json_t *view, Pair pairs[], int cap, int *count)
{
    size_t i = 0;
    json_t *question = NULL;
    json_array_foreach(json_object_get(view, "questions"), i, question) {
        Str pair = {NULL, 0};
        Err e = ask_one(cx, ask, question, &pair);
        if (e == ERR_NOT_FOUND)
            return OK; /* the input ended: what was answered is kept */
        if (e != OK)
            return e;
        if (!str_is_null(pair) && *count < cap)
            pairs[(*count)++] = (Pair){STR("answer"), pair};
    }
    return OK;
}
