/* app/act_people.c - who someone is to me: adding a person, saying more, taking something back. A person and
 * the relationship with them are two objects under one id, kept as one action. */
#include "app/acts.h"
#include "view/view.h"

/* What was given of the person: only what was given is said. */
static void draft_person(Draft *d, const Input *in)
{
    enum { LINES_MAX = 16 };
    TextPair mails[LINES_MAX], phones[LINES_MAX];
    int n_mails = 0, n_phones = 0;
    for (int i = 0; i < in->count; i++) {
        const Value *v = &in->values[i];
        Str name = str_c(v->param->name);
        if (str_eq_c(name, "name"))
            draft_text(d, F_PERSON_NAME, v->text);
        else if (str_eq_c(name, "nickname"))
            draft_texts(d, F_PERSON_NICKNAMES, &v->text, v->text.len > 0);
        else if (str_eq_c(name, "birthday"))
            draft_int(d, F_PERSON_BIRTHDAY, v->num);
        else if (str_eq_c(name, "about"))
            draft_text(d, F_TEXT, v->text);
        else if (str_eq_c(name, "minor"))
            draft_bool(d, F_PERSON_MINOR, v->num == 1);
        else if (str_eq_c(name, "mail") && v->text.len > 0 && n_mails < LINES_MAX)
            mails[n_mails++] = (TextPair){STR(""), v->text};
        else if (str_eq_c(name, "phone") && v->text.len > 0 && n_phones < LINES_MAX)
            phones[n_phones++] = (TextPair){STR(""), v->text};
        else if (str_eq_c(name, "where"))
            draft_pairs(d, F_PERSON_ADDRESSES, &(TextPair){STR(""), v->text}, v->text.len > 0);
    }
    if (input_value(in, "mail"))
        draft_pairs(d, F_PERSON_EMAILS, mails, n_mails);
    if (input_value(in, "phone"))
        draft_pairs(d, F_PERSON_PHONES, phones, n_phones);
}

static void draft_relationship(Draft *d, const Input *in, int64_t now_ms)
{
    for (int i = 0; i < in->count; i++) {
        const Value *v = &in->values[i];
        Str name = str_c(v->param->name);
        if (str_eq_c(name, "kind"))
            draft_int(d, F_REL_KINDS, v->set);
        else if (str_eq_c(name, "own-kind"))
            draft_text(d, F_REL_OWN_KIND, v->text);
        else if (str_eq_c(name, "since"))
            draft_int(d, F_REL_SINCE, v->num);
        else if (str_eq_c(name, "season")) {
            draft_int(d, F_REL_SEASON, v->num);
            draft_int(d, F_REL_SEASON_SINCE, now_ms);
        } else if (str_eq_c(name, "near"))
            draft_bool(d, F_REL_FAR, v->num == 1);
        else if (str_eq_c(name, "welcome"))
            draft_text(d, F_REL_WELCOME, v->text);
        else if (str_eq_c(name, "touch"))
            draft_text(d, F_REL_WELCOME_BODY, v->text);
        else if (str_eq_c(name, "not-part"))
            draft_int(d, F_REL_NOT_OURS, v->set);
        else if (str_eq_c(name, "romance"))
            draft_bool(d, F_REL_ROMANCE, v->num == 1);
        else if (str_eq_c(name, "harm"))
            draft_bool(d, F_REL_HARM, v->num == 1);
    }
}

/* Romance is switched on only with a partner or someone dated, and never for a minor. */
static Err check_romance(Cx *cx, const Input *in, const BookRelationship *rel, bool is_minor)
{
    const Value *romance = input_value(in, "romance");
    const Value *kind = input_value(in, "kind");
    const Value *minor = input_value(in, "minor");
    if (!romance || romance->num != 1)
        return OK;
    uint32_t kinds = kind ? kind->set : rel->kinds;
    uint32_t romantic = UINT32_C(1) << KIND_PARTNER | UINT32_C(1) << KIND_DATING;
    if ((kinds & romantic) == 0)
        return err_field(cx, ERR_INVALID, "romance", "err.romance-kind", NO_ARGS);
    if (minor ? minor->num == 1 : is_minor)
        return err_field(cx, ERR_INVALID, "romance", "err.romance-minor", NO_ARGS);
    return OK;
}

static Err keep_person(Cx *cx, App *app, const Input *in, Id person, bool is_new, Str name,
                       const char *label, Reply *ret)
{
    Draft drafts[2];
    int n = 0;
    drafts[0] = is_new ? draft_new(cx, ENTRY_PERSON) : draft_edit(cx, ENTRY_PERSON, person);
    if (is_new)
        person = drafts[0].object;
    draft_person(&drafts[0], in);
    n += is_new || drafts[0].n > 0;
    drafts[n] = draft_edit(cx, ENTRY_RELATIONSHIP, person);
    draft_relationship(&drafts[n], in, cx->now_ms);
    n += drafts[n].n > 0;
    if (n == 0)
        return err_set(cx, ERR_INVALID, "err.nothing-said", NO_ARGS);
    Id batch = {{0}};
    Err e = book_commit(cx, app->book, app->log, drafts, n, str_c(label), name, &batch);
    if (e != OK)
        return e;
    return act_kept(cx, app, label, batch, person, ret);
}

Err act_add_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    (void)in;
    View view = app_view(app);
    return view_person_form(cx, &view, BOOK_NONE, &ret->view);
}

Err act_add(Cx *cx, App *app, const Input *in, Reply *ret)
{
    BookRelationship none = {.kinds = 0};
    Err e = check_romance(cx, in, &none, false);
    return e != OK ? e
                   : keep_person(cx, app, in, (Id){{0}}, true, input_text(in, "name"), "done.add", ret);
}

Err act_edit_form(Cx *cx, App *app, const Input *in, Reply *ret)
{
    View view = app_view(app);
    return view_person_form(cx, &view, input_value(in, "id")->person, &ret->view);
}

/* An event of theirs that was kept by mistake is retracted; history can bring it back. */
static Err retract(Cx *cx, App *app, const Value *who, Id event, Reply *ret)
{
    BookIter all = book_timeline(app->book, who->person, (BookWhich){.kinds = 0});
    BookRef ref = BOOK_NONE;
    while (book_next(&all, &ref)) {
        if (!id_eq(book_id(app->book, ref), event))
            continue;
        Draft d = draft_edit(cx, (EntryKind)book_kind(app->book, ref), event);
        draft_bool(&d, F_GONE, true);
        Id batch = {{0}};
        Err e = book_commit(cx, app->book, app->log, &d, 1, STR("done.retract"),
                            book_name(app->book, who->person), &batch);
        return e != OK ? e : act_kept(cx, app, "done.retract", batch, who->id, ret);
    }
    return err_field(cx, ERR_NOT_FOUND, "retract", "err.no-entry", NO_ARGS);
}

Err act_edit(Cx *cx, App *app, const Input *in, Reply *ret)
{
    const Value *who = input_value(in, "id");
    const Value *gone = input_value(in, "retract");
    const Value *name = input_value(in, "name");
    BookRelationship rel = {.kinds = 0};
    BookPerson person = {.minor = false};
    if (gone)
        return retract(cx, app, who, gone->id, ret);
    if (name && name->text.len == 0) /* a form sends the field empty; nobody is without a name */
        return err_field(cx, ERR_INVALID, "name", "err.required", ARGS(arg_c("field", "name")));
    Err e = book_person(cx, app->book, who->person, &person);
    if (e == OK)
        e = book_relationship(cx, app->book, who->person, &rel);
    if (e == OK)
        e = check_romance(cx, in, &rel, person.minor);
    if (e != OK)
        return e;
    return keep_person(cx, app, in, who->id, false, person.name, "done.edit", ret);
}
