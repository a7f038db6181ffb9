/* view/forget.c - forgetting someone: every entry that names them with what would become of it, and the word that
 * it is done. */
#include "base/buf.h"
#include "view/event.h"
#include "view/steps.h"

enum { WORDS_MAX_CHARS = 160, HOWS = 3 };

static const char *const how_names[HOWS] = {"delete", "redact", "keep"};

static void add_item(Make *m, json_t *list, const ViewForgetItem *item)
{
    json_t *o = add_object(m, list);
    BookEvent event = {.text = STR("")};
    bool dated = entry_kind_is_event(item->kind);
    if (dated)
        make_ok(m, book_event(m->cx, m->book, item->ref, &event));
    put_id(m, o, "id", item->id);
    put_str(m, o, "what",
            say_of(m, "view.forget.kind.", str_c(entry_kind_name(item->kind)), NO_ARGS));
    put_str(m, o, "on", STR(""));
    if (dated)
        put_day(m, o, "on", event.at_ms);
    put_str(m, o, "text",
            item->kind == ENTRY_PERSON ? book_name(m->book, item->ref)
                                       : excerpt_of(m, event.text, WORDS_MAX_CHARS));
    put_c(m, o, "how", how_names[item->how]);
    put_say(m, o, "how_word", item->how == 0 ? "view.forget.how.delete" : "view.forget.how.redact",
            NO_ARGS);
    json_t *choices = put_list(m, o, "choices");
    for (int i = 0; i < HOWS; i++)
        add_choice(m, choices, str_c(how_names[i]),
                   say_of(m, "view.forget.how.", str_c(how_names[i]), NO_ARGS), STR(""),
                   i == item->how);
}

/* {id, how} of one that stands on another page. */
static void add_chosen(Make *m, json_t *list, const ViewForgetItem *item)
{
    json_t *o = add_object(m, list);
    put_id(m, o, "id", item->id);
    put_c(m, o, "how", how_names[item->how]);
}

static void put_step(Make *m, json_t *o, const char *key, int skip)
{
    put_str(m, o, key, skip >= 0 ? digits_of(m, skip) : STR(""));
}

Err view_forget(Cx *cx, const View *v, const ViewForget *forget, json_t **ret)
{
    Make m;
    Bond b;
    json_t *o = make_view(&m, cx, v, "forget");
    if (!bond_read(&m, forget->person, &b))
        return make_end(&m, o, ret);
    const Arg *args = ARGS(arg_str("name", b.name), arg_int("n", forget->all));
    put_say(&m, o, "heading", "view.forget.heading", args);
    put_say(&m, o, "lead", "view.forget.lead", NO_ARGS);
    put_say(&m, o, "count", "view.forget.count", args);
    put_who(&m, o, "person", &b);
    put_str(&m, o, "path", path_of(&m, b.person.id, "/forget"));
    put_say(&m, o, "confirm_text", "view.forget.confirm", args);
    put_bool(&m, o, "has_passphrase", forget->has_passphrase);
    json_t *items = put_list(&m, o, "items");
    for (int i = 0; i < forget->n && m.err == OK; i++)
        add_item(&m, items, &forget->items[i]);
    json_t *chosen = put_list(&m, o, "chosen");
    for (int i = 0; i < forget->n_chosen && m.err == OK; i++)
        add_chosen(&m, chosen, &forget->chosen[i]);
    put_step(&m, o, "earlier", forget->earlier);
    put_step(&m, o, "later", forget->later);
    put_str(&m, o, "more",
            forget->all > forget->n
                ? say(&m, "view.forget.more",
                      ARGS(arg_int("n", forget->n), arg_int("all", forget->all)))
                : STR(""));
    return make_end(&m, o, ret);
}

Err view_forgotten(Cx *cx, const View *v, bool scrubbed, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "forgotten");
    put_say(&m, o, "heading", "view.forgotten.heading", NO_ARGS);
    put_say(&m, o, "text", "view.forgotten.text", NO_ARGS);
    put_str(&m, o, "remains", scrubbed ? STR("") : say(&m, "view.keys.not-scrubbed", NO_ARGS));
    put_say(&m, o, "note", "view.forgotten.note", NO_ARGS);
    return make_end(&m, o, ret);
}
