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
    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms) : id_cmp(x->item.id, y->item.id);
}

static Err items_of(Cx *cx, const App *app, const ForgetPlan *plan, ViewForget *forget)
{
    Dated *dated = arena_new(cx->arena, Dated, plan->n + 1);
    ViewForgetItem *items = arena_new(cx->arena, ViewForgetItem, SHOWN_MAX);
    int n = 0;
    if (!dated || !items)
        return err_nomem(cx);
    for (int i = 0; i < plan->n; i++) {
        const ForgetItem *item = &plan->items[i];
        if (item->present && item->kind < ENTRY_KINDS)
            dated[n++] = (Dated){
                {item->ref, item->id, item->kind, (int)item->how},
                entry_kind_is_event(item->kind) ? book_at(app->book, item->ref) : INT64_MAX
            };
    }
    qsort(dated, (size_t)n, sizeof *dated, by_date);
    forget->all = n;
    forget->n = n < SHOWN_MAX ? n : SHOWN_MAX;
    for (int i = 0; i < forget->n; i++)
        items[i] = dated[i].item;
    forget->items = items;
    return OK;
}

Err act_forget_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const BookRef person = input_value(in, "id")->person;
    ViewForget forget = {.person = person, .has_passphrase = app_has_passphrase(app)};
    ForgetPlan plan = {.n = 0};
    View view = app_view(app);
    Err e = book_forget_plan(cx, app->book, person, &plan);
    if (e == OK)
        e = items_of(cx, app, &plan, &forget);
    return e == OK ? view_forget(cx, &view, &forget, &ret->view) : e;
}

/* -- doing it ------------------------------------------------------------------------------------ */

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
        return err_field(cx, ERR_INVALID, "entry", "err.forget-choice", ARGS(arg_str("given", given)));
    for (int kind = 1; kind < ENTRY_KINDS; kind++) {
        ForgetItem *item = forget_item(plan, id, (uint16_t)kind);
        if (item)
            item->how = (ForgetHow)pick;
        found = found || item;
    }
    return found ? OK : err_field(cx, ERR_NOT_FOUND, "entry", "err.forget-entry", ARGS(arg_str("given", text)));
}

static Err check_name(Cx *cx, const App *app, BookRef person, Str typed)
{
    Str name = book_name(app->book, person);
    Str want = utf8_fold(cx->arena, name), got = utf8_fold(cx->arena, typed);
    if (str_is_null(want) || str_is_null(got))
        return err_nomem(cx);
    return str_eq(want, got)
               ? OK
               : err_field(cx, ERR_INVALID, "confirm", "err.forget-confirm", ARGS(arg_str("name", name)));
}

Err act_forget(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const BookRef person = input_value(in, "id")->person;
    LogSecret secret = {.kind = LOG_PASSPHRASE};
    ForgetPlan plan = {.n = 0};
    View view = app_view(app);
    bool scrubbed = false;
    Err e = check_name(cx, app, person, input_text(in, "confirm"));
    if (e == OK)
        e = book_forget_plan(cx, app->book, person, &plan);
    for (int i = 0; i < in->count && e == OK; i++) {
        if (str_eq_c(str_c(in->values[i].param->name), "entry"))
            e = choose(cx, &plan, in->values[i].text);
    }
    if (e == OK)
        e = app_prove(cx, app, "old", input_text(in, "old"), &secret);
    if (e == OK)
        e = book_forget(cx, app->book, app->log, &secret, &plan, &scrubbed);
    if (e != OK)
        return e;
    preview_free(app); /* an import that waits may name them */
    return view_forgotten(cx, &view, scrubbed, &ret->view);
}
