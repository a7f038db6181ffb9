/* app/act_next.c - what could be done next, the answer to an offer, and how it went. An answer is an entry of
 * its own: what was offered, when, and what became of it is the material the engine learns from. */
#include "app/acts.h"

Err act_next(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_next(cx, &view, input_value(in, "id")->person, &ret->view);
}

static Err practice_given(Cx *cx, const Input *in, const ContentPractice **ret)
{
    Str id = input_text(in, "practice");
    const ContentPractice *p = content_practice(id);
    if (!p)
        return err_field(cx, ERR_NOT_FOUND, "practice", "err.no-practice", ARGS(arg_str("given", id)));
    *ret = p;
    return OK;
}

static Err keep(Cx *cx, App *app, const Value *who, const Draft *d, const char *label, Reply *ret)
{
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, d, 1, str_c(label), book_name(app->book, who->person),
                        &batch);
    return e != OK ? e : act_kept(cx, app, label, batch, who->id, ret);
}

Err act_next_answer(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *who = input_value(in, "id");
    const ContentPractice *practice = NULL;
    Err e = practice_given(cx, in, &practice);
    if (e != OK)
        return e;
    Draft d = draft_new(cx, ENTRY_OFFER);
    draft_id(&d, F_PERSON, who->id);
    draft_text(&d, F_OFFER_PRACTICE, practice->id);
    draft_int(&d, F_OFFER_ANSWER, input_value(in, "answer")->num + 1);
    draft_at(&d, cx->now_ms);
    return keep(cx, app, who, &d, "done.answer", ret);
}

Err act_done(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *who = input_value(in, "id");
    const Value *went = input_value(in, "went");
    const Value *helped = input_value(in, "helped");
    const Value *at = input_value(in, "at");
    const ContentPractice *practice = NULL;
    Err e = practice_given(cx, in, &practice);
    if (e != OK)
        return e;
    /* What needs both is not done by one. */
    if (practice->needs_both && !input_flag(in, "both"))
        return err_field(cx, ERR_INVALID, "both", "err.needs-both", NO_ARGS);
    Draft d = draft_new(cx, ENTRY_DONE);
    draft_id(&d, F_PERSON, who->id);
    draft_text(&d, F_DONE_PRACTICE, practice->id);
    if (went)
        draft_real(&d, F_DONE_QUALITY, (double)(went->num - 2) / 2.0);
    if (helped)
        draft_real(&d, F_DONE_HELPED, (double)helped->num);
    draft_bool(&d, F_DONE_ALONE, !input_flag(in, "both"));
    draft_text(&d, F_TEXT, input_text(in, "line"));
    draft_at(&d, at ? at->num : cx->now_ms);
    return keep(cx, app, who, &d, "done.done", ret);
}
