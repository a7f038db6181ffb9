/* app/act_help.c - help, the man page and completions, all read from the table of actions. */
#include "app/acts.h"
#include "base/buf.h"
#include "text/text.h"
#include <string.h>

enum { KEY_MAX_BYTES = 128, USAGE_MAX = 4096 };

static json_t *string_of(Str s)
{
    return json_stringn(s.p ? s.p : "", (size_t)s.len);
}

/* The catalogue's words for PREFIX.a.b, or for PREFIX.b where there is nothing more particular. */
static Str words(Cx *cx, const App *app, const char *prefix, const char *a, const char *b)
{
    for (int particular = a != NULL; particular >= 0; particular--) {
        Buf key = buf_make(cx->arena, KEY_MAX_BYTES);
        Str s = {NULL, 0};
        buf_fmt(&key, "%s%s%s%s", prefix, particular ? a : "", particular ? "." : "", b);
        buf_char(&key, '\0');
        if (buf_done(cx, &key, &s) == OK && text_has(app->text, s.p))
            return text_get(app->text, s.p);
    }
    return STR("");
}

static bool is_first_row(const Action *a)
{
    return action_by_command(str_c(a->command), 0) == a;
}

/* Parameters of all rows of a command, each once: what may be given. */
static bool named_before(const Action *first, const Action *row, const Param *p)
{
    for (const Action *a = first; a < row; a++) {
        if (!a->command || strcmp(a->command, row->command) != 0)
            continue;
        for (const Param *q = a->params; q && q->name; q++) {
            if (strcmp(q->name, p->name) == 0)
                return true;
        }
    }
    return false;
}

static const char *value_word(const Param *p)
{
    switch (p->type) {
    case PARAM_FLAG:
        return NULL;
    case PARAM_WHEN:
        return "WHEN";
    case PARAM_DATE:
        return "DATE";
    case PARAM_INT:
    case PARAM_REAL:
        return "N";
    case PARAM_PERSON:
        return "PERSON";
    case PARAM_ID:
        return "ID";
    case PARAM_FILE:
        return "FILE";
    case PARAM_TEXT:
    case PARAM_PROSE:
    case PARAM_SECRET:
        return "TEXT";
    case PARAM_ONE:
    case PARAM_SOME:
        return "WORD";
    }
    return "TEXT";
}

static void usage_word(Buf *out, const Param *p)
{
    const char *value = value_word(p);
    if (p->place == PLACE_OPTION)
        return;
    buf_fmt(out, p->required ? " %s" : " [%s]",
            p->place == PLACE_REST && p->type == PARAM_TEXT ? "TEXT" : value ? value : "TEXT");
}

static Err usage_of(Cx *cx, const Action *last, Str *ret)
{
    Buf out = buf_make(cx->arena, USAGE_MAX);
    bool options = false;
    buf_fmt(&out, "fonder %s", last->command);
    for (const Param *p = last->params; p && p->name; p++) {
        usage_word(&out, p);
        options = options || (p->place == PLACE_OPTION && p->type != PARAM_SECRET);
    }
    buf_c(&out, options ? " [--option …]" : "");
    return buf_done(cx, &out, ret);
}

static json_t *choices_of(const Param *p)
{
    json_t *list = json_array();
    for (int i = 0; p->choices && p->choices[i]; i++)
        (void)json_array_append_new(list, json_string(p->choices[i]));
    return list;
}

static json_t *param_model(Cx *cx, const App *app, const Action *row, const Param *p)
{
    const char *value = value_word(p);
    json_t *o = json_pack("{s:s, s:o, s:b, s:b, s:b, s:o}", "name", p->name, "text",
                          string_of(words(cx, app, "field.", row->id, p->name)), "required", p->required,
                          "option", p->place == PLACE_OPTION, "repeated", p->repeated, "choices",
                          choices_of(p));
    if (value)
        (void)json_object_set_new(o, "value", json_string(value));
    return o;
}

static Err command_model(Cx *cx, const App *app, const Action *first, json_t **ret)
{
    const Action *last = first;
    for (int i = 1; action_by_command(str_c(first->command), i); i++)
        last = action_by_command(str_c(first->command), i);
    Str usage = {NULL, 0};
    Err e = usage_of(cx, last, &usage);
    if (e != OK)
        return e;
    json_t *params = json_array();
    for (const Action *a = first; a <= last; a++) {
        if (!a->command || strcmp(a->command, first->command) != 0)
            continue;
        for (const Param *p = a->params; p && p->name; p++) {
            if (p->type != PARAM_SECRET && !named_before(first, a, p)) /* secrets are asked */
                (void)json_array_append_new(params, param_model(cx, app, a, p));
        }
    }
    Str more = words(cx, app, "more.", NULL, first->command);
    *ret = json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", first->command, "text",
                     string_of(words(cx, app, "help.", NULL, first->command)), "more", string_of(more),
                     "usage", string_of(usage), "fields", params);
    return *ret ? OK : err_nomem(cx);
}

static Err all_commands(Cx *cx, const App *app, json_t *commands)
{
    for (int i = 0; i < ACTION_COUNT; i++) {
        json_t *one = NULL;
        if (!ACTIONS[i].command || !is_first_row(&ACTIONS[i]))
            continue;
        Err e = command_model(cx, app, &ACTIONS[i], &one);
        if (e != OK)
            return e;
        (void)json_array_append_new(commands, one);
    }
    return OK;
}

static Err as_file(Cx *cx, App *app, const char *template, const char *type, const char *name,
                   Reply *ret)
{
    Str bytes = {NULL, 0};
    Err e = app_plain(cx, app, template, ret->view, &bytes);
    ret->file = bytes;
    ret->file_type = type;
    ret->file_name = name;
    return e;
}

Err act_help(Cx *cx, App *app, const Input *in, Reply *ret)
{
    Str command = input_text(in, "command");
    json_t *commands = json_array(), *one = NULL;
    ret->view = json_pack("{s:s, s:i, s:s, s:o}", "view", "help", "version", 1, "program",
                          "fonder " FONDER_VERSION, "commands", commands);
    if (!ret->view)
        return err_nomem(cx);
    if (command.len > 0) {
        const Action *first = action_by_command(command, 0);
        if (!first)
            return err_field(cx, ERR_NOT_FOUND, "command", "err.no-command", ARGS(arg_str("command", command)));
        Err e = command_model(cx, app, first, &one);
        if (e == OK)
            (void)json_object_set_new(ret->view, "command", one);
        return e;
    }
    Err e = all_commands(cx, app, commands);
    if (e == OK && input_flag(in, "man"))
        e = as_file(cx, app, "text/man", "text/troff", "fonder.1", ret);
    else if (e == OK && input_flag(in, "completions"))
        e = as_file(cx, app, "text/completions", "text/x-shellscript", "fonder.bash", ret);
    return e;
}
