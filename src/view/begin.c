/* view/begin.c - the first pages: welcome, a new vault, the example. The recovery code passes through here once. */
#include "view/steps.h"

Err view_welcome(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "welcome");
    put_say(&m, o, "heading", "view.welcome.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.welcome.lead", NO_ARGS);
    put_steps(&m, o, "steps", true);
    return make_end(&m, o, ret);
}

static void add_command(Make *m, json_t *list, Str command, const char *text_key)
{
    json_t *o = add_object(m, list);
    put_str(m, o, "command", command);
    put_say(m, o, "text", text_key, NO_ARGS);
}

Err view_init(Cx *cx, const View *v, Str file, Str recovery, bool no_passphrase, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "init");
    put_say(&m, o, "heading", "view.init.heading", NO_ARGS);
    put_str(&m, o, "file", file);
    put_str(&m, o, "recovery", recovery);
    put_say(&m, o, "recovery_note", "view.init.recovery", NO_ARGS);
    put_str(&m, o, "key_note", no_passphrase ? say(&m, "view.init.key-file", NO_ARGS) : STR(""));
    json_t *commands = put_list(&m, o, "commands");
    add_command(&m, commands, STR("fonder import contacts.vcf"), "view.init.import");
    add_command(&m, commands, STR("fonder add Ana --kind friend"), "view.init.add");
    add_command(&m, commands, STR("fonder serve"), "view.init.serve");
    return make_end(&m, o, ret);
}

Err view_demo(Cx *cx, const View *v, Str file, int people, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "demo");
    put_say(&m, o, "heading", "view.demo.heading", NO_ARGS);
    put_str(&m, o, "file", file);
    put_say(&m, o, "text", "view.demo.text", ARGS(arg_int("n", people), arg_str("file", file)));
    json_t *commands = put_list(&m, o, "commands");
    add_command(&m, commands, path_to(&m, "fonder serve --vault ", file), "view.demo.serve");
    add_command(&m, commands, path_to(&m, "fonder today --vault ", file), "view.demo.today");
    return make_end(&m, o, ret);
}
