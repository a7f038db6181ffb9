/* web/again.c - what was sent is matched with the view's members by the name of the field, so that a template
 * fills its form from one place whether it is shown first or again. Cost is fields × choices of one form. */
#include "web/again.h"
#include "base/buf.h"

enum { MEMBER_CAP = 64 };

static const Pair *sent(const Request *r, const char *name)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (str_eq_c(r->fields[i].name, name))
            return &r->fields[i];
    }
    return NULL;
}

static bool was_sent(const Request *r, const char *name, const char *value)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (str_eq_c(r->fields[i].name, name) && str_eq_c(r->fields[i].value, value))
            return true;
    }
    return false;
}

/* Where a view keeps what a field asks: mostly under the field's own name, with _ for -. */
static const char *member_of(const char *field, char out[MEMBER_CAP])
{
    static const struct {
        const char *field, *member;
    } others[] = {
        {"with",   "people" },
        {"who",    "reached"},
        {"format", "formats"}
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (str_eq_c(str_c(field), others[i].field))
            return others[i].member;
    }
    int n = 0;
    for (; n < MEMBER_CAP - 1 && field[n] != '\0'; n++)
        out[n] = (char)(field[n] == '-' ? '_' : field[n]);
    out[n] = '\0';
    return out;
}

static void tick_choices(json_t *choices, const Request *r, const char *field)
{
    size_t i = 0;
    json_t *choice = NULL;
    json_array_foreach(choices, i, choice)
    {
        const char *value = json_string_value(json_object_get(choice, "value"));
        if (!value)
            value = json_string_value(json_object_get(choice, "id"));
        if (value && json_object_get(choice, "selected"))
            (void)json_object_set_new(choice, "selected", json_boolean(was_sent(r, field, value)));
    }
}

static void all_lines(json_t *lines, Request *r, const char *field)
{
    (void)json_array_clear(lines);
    for (int i = 0; i < r->n_fields; i++) {
        if (str_eq_c(r->fields[i].name, field) && r->fields[i].value.len > 0)
            (void)json_array_append_new(lines, request_json(r, r->fields[i].value));
    }
}

static void refill_field(json_t *view, json_t *typed, Request *r, const char *field)
{
    char room[MEMBER_CAP];
    const char *member = member_of(field, room);
    const Pair *given = sent(r, field);
    json_t *on_file = json_object_get(view, member);
    if (json_is_array(on_file) && json_is_object(json_array_get(on_file, 0)))
        tick_choices(on_file, r, field);
    else if (json_is_array(on_file) && given)
        all_lines(on_file, r, field);
    else if (json_is_string(on_file) && given)
        (void)json_object_set_new(view, member, request_json(r, given->value));
    if (given && given->value.len > 0)
        (void)json_object_set_new(typed, field, request_json(r, given->value));
}

/* The sliders of a check-in, each under its question's id. */
static void refill_questions(json_t *view, Request *r)
{
    size_t i = 0;
    json_t *question = NULL;
    json_array_foreach(json_object_get(view, "questions"), i, question)
    {
        const char *id = json_string_value(json_object_get(question, "id"));
        for (int k = 0; id && k < r->n_fields; k++) {
            const Pair *f = &r->fields[k];
            if (str_starts(f->name, STR("answer.")) && str_eq_c(str_from(f->name, 7), id))
                (void)json_object_set_new(question, "given", request_json(r, f->value));
        }
        if (id && was_sent(r, "skip", id))
            (void)json_object_set_new(question, "skipped", json_true());
    }
}

/* Several practices stand on one page, each with its form: the message belongs to the one that was sent. */
static void mark_practice(json_t *list, const Request *r, json_t *error)
{
    size_t i = 0;
    json_t *offer = NULL;
    json_array_foreach(list, i, offer)
    {
        const char *id = json_string_value(json_object_get(offer, "id"));
        if (id && was_sent(r, "practice", id))
            (void)json_object_set(offer, "amiss", error);
    }
}

void form_refill(json_t *view, const Action *action, Request *r, json_t *error)
{
    json_t *typed = json_object(), *wrong = json_object();
    const char *field = json_string_value(json_object_get(error, "field"));
    for (const Param *p = action->params; p && p->name; p++) {
        if (p->type != PARAM_SECRET && p->type != PARAM_FILE)
            refill_field(view, typed, r, p->name);
    }
    refill_questions(view, r);
    mark_practice(json_object_get(view, "offers"), r, error);
    mark_practice(json_object_get(view, "taken"), r, error);
    if (field)
        (void)json_object_set(wrong, field, json_object_get(error, "message"));
    (void)json_object_set(view, "error", error);
    (void)json_object_set_new(view, "typed", typed);
    (void)json_object_set_new(view, "wrong", wrong);
}
