/* app/act_pages.c - rows that only look: each is its view. */
#include "app/acts.h"

Err act_today(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_today(cx, &view, &ret->view);
}

Err act_people(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    const Value *kind = input_value(in, "kind");
    const Value *skip = input_value(in, "skip");
    return view_people(cx, &view, kind ? (int)kind->num : -1, skip ? (int)skip->num : 0, &ret->view);
}

Err act_show(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_person(cx, &view, input_value(in, "id")->person, &ret->view);
}

Err act_welcome(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_welcome(cx, &view, &ret->view);
}

Err act_learn(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_learn(cx, &view, &ret->view);
}

Err act_learn_topic(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_topic(cx, &view, (int)input_value(in, "topic")->num, &ret->view);
}

Err act_safety(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_safety(cx, &view, &ret->view);
}

Err act_insights(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    (void)in;
    return view_insights(cx, &view, &ret->view);
}
