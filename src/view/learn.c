/* view/learn.c - what closeness is made of, and the page about safety: content, set out. Needs no book. */
#include "view/offer.h"
#include "view/steps.h"

static void add_topic_card(Make *m, json_t *list, int state)
{
    const ContentPage *page = content_page(state);
    json_t *o = add_object(m, list);
    put_str(m, o, "key", page->id);
    put_str(m, o, "name", content_text(m->text, page->name));
    put_str(m, o, "brief", content_text(m->text, page->brief));
    put_str(m, o, "path", path_to(m, "/learn/", page->id));
}

Err view_learn(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "learn");
    put_say(&m, o, "heading", "view.learn.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.learn.lead", NO_ARGS);
    json_t *types = put_list(&m, o, "types");
    for (int i = 0; i < TYPE_COUNT; i++)
        add_topic_card(&m, types, i);
    json_t *factors = put_list(&m, o, "factors");
    for (int i = TYPE_COUNT; i < STATE_COUNT; i++)
        add_topic_card(&m, factors, i);
    return make_end(&m, o, ret);
}

static void put_items(Make *m, json_t *o, const char *key, ContentList items)
{
    json_t *list = put_list(m, o, key);
    for (int i = 0; i < items.count; i++)
        add_str(m, list, content_item(m->text, items, i));
}

static void put_signs(Make *m, json_t *o, const ContentPage *page)
{
    static const char *const groups[GROUP_COUNT] = {"view.topic.partner", "view.topic.family",
                                                    "view.topic.friend", "view.topic.trusted"};
    json_t *signs = put_list(m, o, "signs");
    for (int g = 0; g < GROUP_COUNT; g++) {
        json_t *group = add_object(m, signs);
        put_say(m, group, "group", groups[g], NO_ARGS);
        put_items(m, group, "items", page->signs[g]);
    }
}

/* The neighbours among the types, or among the factors. */
static void put_neighbours(Make *m, json_t *o, int state)
{
    int first = state < TYPE_COUNT ? 0 : TYPE_COUNT;
    int last = state < TYPE_COUNT ? TYPE_COUNT - 1 : STATE_COUNT - 1;
    const ContentPage *before = state > first ? content_page(state - 1) : NULL;
    const ContentPage *after = state < last ? content_page(state + 1) : NULL;
    if (before)
        put_link(m, o, "before", content_text(m->text, before->name),
                 path_to(m, "/learn/", before->id));
    if (after)
        put_link(m, o, "after", content_text(m->text, after->name),
                 path_to(m, "/learn/", after->id));
}

Err view_topic(Cx *cx, const View *v, int state, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "topic");
    const ContentPage *page = content_page(state);
    bool type = state < TYPE_COUNT;
    put_str(&m, o, "key", page->id);
    put_c(&m, o, "sort", type ? "type" : "factor");
    if (type)
        put_say(&m, o, "heading", "view.topic.heading-type",
                ARGS(arg_str("name", content_text(v->text, page->name))));
    else
        put_str(&m, o, "heading", content_text(v->text, page->name));
    put_str(&m, o, "brief", content_text(v->text, page->brief));
    put_str(&m, o, "is", content_text(v->text, page->is));
    put_str(&m, o, "is_not", content_text(v->text, page->is_not));
    put_signs(&m, o, page);
    put_items(&m, o, "feeds", page->feeds);
    put_items(&m, o, "wears", page->wears);
    put_str(&m, o, "ask", content_text(v->text, page->ask));
    put_str(&m, o, "note", content_text(v->text, page->note));
    put_finding(&m, o, &page->finding);
    if (type) {
        json_t *mark = put_object(&m, o, "mark");
        put_c(&m, mark, "picture", "mark");
        add_str(&m, put_list(&m, mark, "types"), page->id);
    }
    put_neighbours(&m, o, state);
    return make_end(&m, o, ret);
}

Err view_safety(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "safety");
    put_say(&m, o, "heading", "view.safety.heading", NO_ARGS);
    json_t *sections = put_list(&m, o, "sections");
    for (int i = 0; i < SAFETY_COUNT; i++) {
        json_t *section = add_object(&m, sections);
        put_str(&m, section, "id", content_safety[i].id);
        put_str(&m, section, "title", content_text(v->text, content_safety[i].title));
        put_str(&m, section, "intro", content_text(v->text, content_safety[i].intro));
        put_items(&m, section, "items", content_safety[i].items);
    }
    return make_end(&m, o, ret);
}
