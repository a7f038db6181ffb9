/* view/steps.c - choices are worded where they are shown, and sent as the ids that the table of actions
 * checks; so every form says the same thing in the same words. */
#include "view/steps.h"

void put_steps(Make *m, json_t *o, const char *key, bool wanted)
{
    static const struct {
        const char *key, *title, *text, *path;
    } steps[] = {
        {"import", "view.step.import", "view.step.import-text", "/import"    },
        {"add",    "view.step.add",    "view.step.add-text",    "/people/new"},
        {"log",    "view.step.log",    "view.step.log-text",    "/log"       }
    };
    json_t *list = put_list(m, o, key);
    for (size_t i = 0; wanted && i < sizeof steps / sizeof steps[0]; i++) {
        json_t *step = add_object(m, list);
        put_c(m, step, "key", steps[i].key);
        put_say(m, step, "title", steps[i].title, NO_ARGS);
        put_say(m, step, "text", steps[i].text, NO_ARGS);
        put_c(m, step, "path", steps[i].path);
    }
}

static void fill_link(Make *m, json_t *o, Str name, Str path)
{
    put_str(m, o, "name", name);
    put_str(m, o, "path", path);
}

void add_link(Make *m, json_t *list, const char *name_key, Str path)
{
    fill_link(m, add_object(m, list), say(m, name_key, NO_ARGS), path);
}

void put_link(Make *m, json_t *o, const char *key, Str name, Str path)
{
    fill_link(m, put_object(m, o, key), name, path);
}

void add_choice(Make *m, json_t *list, Str value, Str name, Str about, bool selected)
{
    json_t *o = add_object(m, list);
    put_str(m, o, "value", value);
    put_str(m, o, "name", name);
    put_str(m, o, "about", about);
    put_bool(m, o, "selected", selected);
}

void put_choices(Make *m, json_t *o, const char *key, const char *prefix,
                 const char *const values[], int n, int selected, const char *first_key)
{
    json_t *list = put_list(m, o, key);
    if (first_key)
        add_choice(m, list, STR(""), say(m, first_key, NO_ARGS), STR(""), selected < 0);
    for (int i = 0; i < n; i++)
        add_choice(m, list, str_c(values[i]), say_of(m, prefix, str_c(values[i]), NO_ARGS), STR(""),
                   i == selected);
}

void put_tags(Make *m, json_t *o, const char *key, const ContentTag tags[], int n, IdSet selected)
{
    json_t *list = put_list(m, o, key);
    for (int i = 0; i < n; i++)
        add_choice(m, list, tags[i].id, content_text(m->text, tags[i].name),
                   content_text(m->text, tags[i].about), content_has(selected, i));
}
