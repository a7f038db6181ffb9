/* app/act_forget.c - forgetting a person: first what names them is shown, each with what would become of it; then,
 * once their name has been typed and the passphrase given again, the vault is written anew without them. */
#include "app/acts.h"
#include "base/utf8.h"
#include "book/forget.h"
#include <stdlib.h>

enum { SHOWN_MAX = 200, HOWS = 3 };

static const char *const HOW_NAMES[HOWS] = {"delete", "redact", "keep"};

/* -- what would become of it --------------------------------------------------------------------- */

typedef struct Dated {
    ViewForgetItem item;
    int64_t at_ms;
} Dated;

/* What is undated (people, relationships) first, then newest first. */
static int by_date(const void *a, const void *b)
{
    const Dated *x = a, *y = b;
    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms)
                                : id_cmp(x->item.id, y->item.id);
}

/* All that names them, as it is to be, with what was proposed. */
static Err dated_of(Cx *cx, const App *app, const ForgetPlan *plan, const ForgetHow proposed[],
                    Dated **ret, int *ret_n)
{
    Dated *dated = arena_new(cx->arena, Dated, plan->n + 1);
    int n = 0;
    if (!dated)
        return err_nomem(cx);
    for (int i = 0; i < plan->n; i++) {
        const ForgetItem *item = &plan->items[i];
        if (item->present && item->kind < ENTRY_KINDS)
            dated[n++] = (Dated){
                {item->ref, item->id, item->kind, (int)item->how, item->how != proposed[i]},
                entry_kind_is_event(item->kind) ? book_at(app->book, item->ref) : INT64_MAX
            };
    }
    qsort(dated, (size_t)n, sizeof *dated, by_date);
    *ret = dated;
    *ret_n = n;
    return OK;
}

/* One page of them. What was chosen on another goes along with it. */
static Err items_of(Cx *cx, const Dated dated[], int n, int skip, ViewForget *forget)
{
    ViewForgetItem *items = arena_new(cx->arena, ViewForgetItem, SHOWN_MAX);
    ViewForgetItem *chosen = arena_new(cx->arena, ViewForgetItem, n + 1);
    if (!items || !chosen)
        return err_nomem(cx);
    for (int i = 0; i < n; i++) {
        if (i >= skip && i < skip + SHOWN_MAX)
            items[forget->n++] = dated[i].item;
        else if (dated[i].item.chosen)
            chosen[forget->n_chosen++] = dated[i].item;
    }
    forget->items = items;
    forget->chosen = chosen;
    forget->all = n;
    forget->earlier = skip == 0 ? -1 : skip > SHOWN_MAX ? skip - SHOWN_MAX : 0;
    forget->later = skip + SHOWN_MAX < n ? skip + SHOWN_MAX : -1;
    return OK;
}

/* "ID=keep", of one entry. */
static Err choose(Cx *cx, const ForgetPlan *plan, Str given)
{
    Str how = given;
    Str text = str_cut(&how, '=');
    Id id = {{0}};
    bool found = false;
    int pick = 0;
    while (pick < HOWS && !str_eq_c(how, HOW_NAMES[pick]))
        pick++;
    if (pick == HOWS || !id_parse(text, &id))
        return err_field(cx, ERR_INVALID, "entry", "err.forget-choice",
                         ARGS(arg_str("given", given)));
    for (int kind = 1; kind < ENTRY_KINDS; kind++) {
        ForgetItem *item = forget_item(plan, id, (uint16_t)kind);
        if (item)
            item->how = (ForgetHow)pick;
        found = found || item;
    }
    return found ? OK
                 : err_field(cx, ERR_NOT_FOUND, "entry", "err.forget-entry",
                             ARGS(arg_str("given", text)));
}

/* The plan, with what was chosen for single entries; ret_proposed, if not NULL, as it was before. */
static Err plan_of(Cx *cx, const App *app, const Input *in, ForgetPlan *ret,
                   ForgetHow **ret_proposed)
{
    Err e = book_forget_plan(cx, app->book, input_value(in, "id")->person, ret);
    ForgetHow *proposed = e == OK ? arena_new(cx->arena, ForgetHow, ret->n + 1) : NULL;
    if (e == OK && !proposed)
        return err_nomem(cx);
    for (int i = 0; e == OK && i < ret->n; i++)
        proposed[i] = ret->items[i].how;
    for (int i = 0; i < in->count && e == OK; i++) {
        if (str_eq_c(str_c(in->values[i].param->name), "entry"))
            e = choose(cx, ret, in->values[i].text);
    }
    if (e == OK)
        *ret_proposed = proposed;
    return e;
}

Err act_forget_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *skip = input_value(in, "skip");
    ViewForget forget = {.person = input_value(in, "id")->person,
                         .has_passphrase = app_has_passphrase(app)};
    ForgetPlan plan = {.n = 0};
    ForgetHow *proposed = NULL;
    Dated *dated = NULL;
    View view = app_view(app);
    int n = 0;
    Err e = plan_of(cx, app, in, &plan, &proposed);
    if (e == OK)
        e = dated_of(cx, app, &plan, proposed, &dated, &n);
    if (e == OK)
        e = items_of(cx, dated, n, skip ? (int)skip->num : 0, &forget);
    return e == OK ? view_forget(cx, &view, &forget, &ret->view) : e;
}

/* -- doing it ------------------------------------------------------------------------------------ */

static Err check_name(Cx *cx, const App *app, BookRef person, Str typed)
{
    Str name = book_name(app->book, person);
    Str want = utf8_fold(cx->arena, name), got = utf8_fold(cx->arena, typed);
    if (str_is_null(want) || str_is_null(got))
        return err_nomem(cx);
    return str_eq(want, got) ? OK
                             : err_field(cx, ERR_INVALID, "confirm", "err.forget-confirm",
                                         ARGS(arg_str("name", name)));
}

/* With skip it is only leafed through: other entries are shown, and what was chosen is kept in the form. */
Err act_forget(Cx *cx, App *app, const Input *in, Reply *ret)
{
    LogSecret secret = {.kind = LOG_PASSPHRASE};
    ForgetPlan plan = {.n = 0};
    ForgetHow *proposed = NULL;
    View view = app_view(app);
    bool scrubbed = false;
    if (input_value(in, "skip"))
        return act_forget_form(cx, app, in, ret);
    Err e = check_name(cx, app, input_value(in, "id")->person, input_text(in, "confirm"));
    if (e == OK)
        e = plan_of(cx, app, in, &plan, &proposed);
    if (e == OK)
        e = app_prove(cx, app, "old", input_text(in, "old"), &secret);
    if (e == OK)
        e = book_forget(cx, app->book, app->log, &secret, &plan, &scrubbed);
    if (e != OK)
        return e;
    preview_free(app); /* an import that waits may name them */
    return view_forgotten(cx, &view, scrubbed, &ret->view);
}
