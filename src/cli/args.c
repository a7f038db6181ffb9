/* cli/args.c - words and options onto a row's fields. An option takes its value from behind '=' or from
 * the next word; a flag takes none. Words fill the PLACE_WORD fields in order, the rest goes to the
 * PLACE_REST field. After "--" nothing is an option. One pass; nothing is interpreted here. */
#include "base/buf.h"
#include "cli/cli.h"

static const Param *option_named(const Action *action, Str name)
{
    for (const Param *f = action->params; f && f->name; f++) {
        if (str_eq_c(name, f->name))
            return f;
    }
    return NULL;
}

static const Param *word_field(const Action *action, int nth)
{
    for (const Param *f = action->params; f && f->name; f++) {
        if (f->place == PLACE_WORD && nth-- == 0)
            return f;
    }
    return NULL;
}

static const Param *rest_field(const Action *action)
{
    for (const Param *f = action->params; f && f->name; f++) {
        if (f->place == PLACE_REST)
            return f;
    }
    return NULL;
}

typedef struct Walk {
    const Action *action;
    int argc, at;
    char **argv;
    int words;    /* PLACE_WORD fields filled */
    Buf rest;     /* words for the PLACE_REST field */
    bool literal; /* "--" has been seen */
} Walk;

static bool push(CliWords *ret, Str name, Str value)
{
    if (ret->count == CLI_WORDS_MAX)
        return false;
    ret->pairs[ret->count++] = (Pair){name, value};
    return true;
}

static bool take_common(Walk *w, Str name, Str value, bool has_value, CliWords *ret)
{
    if (str_eq_c(name, "json") && !has_value) {
        ret->json = true;
        return true;
    }
    if (str_eq_c(name, "help") && !has_value) {
        ret->help = true;
        return true;
    }
    if (str_eq_c(name, "vault")) {
        if (!has_value && w->at + 1 >= w->argc)
            return false;
        ret->vault = has_value ? value : str_c(w->argv[++w->at]);
        return ret->vault.len > 0; /* an unset variable of a script is not the usual vault */
    }
    return false;
}

static bool take_option(Walk *w, Str word, CliWords *ret)
{
    Str name = str_from(word, 2);
    ptrdiff_t eq = str_find_char(name, '=');
    bool has_value = eq >= 0;
    Str value = has_value ? str_from(name, eq + 1) : (Str){NULL, 0};
    name = has_value ? str_sub(name, 0, eq) : name;
    const Param *f = option_named(w->action, name);
    if (!f)
        return take_common(w, name, value, has_value, ret);
    if (f->type == PARAM_SECRET)
        return false; /* the words of a command are open to every user of the machine */
    if (f->type == PARAM_FLAG)
        return !has_value && push(ret, name, STR("1"));
    if (!has_value) {
        if (w->at + 1 >= w->argc)
            return false;
        value = str_c(w->argv[++w->at]);
    }
    return push(ret, name, value);
}

static bool take_word(Walk *w, Str word, CliWords *ret)
{
    const Param *f = word_field(w->action, w->words);
    if (f) {
        w->words++;
        return push(ret, str_c(f->name), word);
    }
    if (!rest_field(w->action))
        return false;
    if (w->rest.len > 0)
        buf_char(&w->rest, ' ');
    buf_put(&w->rest, word);
    return true;
}

bool cli_words(Cx *cx, const Action *action, int argc, char **argv, CliWords *ret)
{
    *ret = (CliWords){.count = 0};
    Walk w = {.action = action, .argc = argc, .argv = argv, .rest = buf_make(cx->arena, 1 << 20)};
    for (w.at = 0; w.at < argc; w.at++) {
        Str word = str_c(argv[w.at]);
        bool fits = true;
        if (!w.literal && str_eq_c(word, "--"))
            w.literal = true;
        else if (!w.literal && str_starts(word, STR("--")))
            fits = take_option(&w, word, ret);
        else if (!w.literal && str_eq_c(word, "-h"))
            ret->help = true;
        else
            fits = take_word(&w, word, ret);
        if (!fits) {
            ret->misfit = word;
            return false;
        }
    }
    const Param *rest = rest_field(action);
    Str text = {NULL, 0};
    if (rest && w.rest.len > 0 && buf_done(cx, &w.rest, &text) == OK)
        return push(ret, str_c(rest->name), text);
    return true;
}
