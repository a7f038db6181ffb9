/* view/vault.c - copies of the vault, and what is wrong with a damaged one, in words. */
#include "view/make.h"

Err view_copied(Cx *cx, const View *v, const ViewCopied *copied, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "copied");
    put_say(&m, o, "heading", copied->heading_key, NO_ARGS);
    put_say(&m, o, "text", copied->text_key, ARGS(arg_int("n", copied->entries)));
    put_str(&m, o, "file", copied->file);
    put_say(&m, o, "note", copied->note_key, NO_ARGS);
    return make_end(&m, o, ret);
}

static const char *const trouble_names[] = {"file", "header", "head", "lost", "altered", "stray", "exchanged"};

static void add_finding(Make *m, json_t *list, const ViewFinding *f)
{
    json_t *o = add_object(m, list);
    Str kind = str_c(trouble_names[f->trouble]);
    put_str(m, o, "kind", kind);
    put_str(m, o, "text",
            say_of(m, "view.doctor.", kind,
                   ARGS(arg_int("device", f->device), arg_int("first", f->first), arg_int("last", f->last),
                        arg_int("n", f->last - f->first + 1), arg_str("what", f->what))));
}

Err view_doctor(Cx *cx, const View *v, const ViewDoctor *doctor, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "doctor");
    bool whole = doctor->n == 0;
    put_say(&m, o, "heading", whole ? "view.doctor.whole" : "view.doctor.damaged", NO_ARGS);
    put_say(&m, o, "text", "view.doctor.good", ARGS(arg_int("n", doctor->good)));
    put_str(&m, o, "lost_text", doctor->bad > 0 ? say(&m, "view.doctor.bad", ARGS(arg_int("n", doctor->bad))) : STR(""));
    put_int(&m, o, "good", doctor->good);
    put_int(&m, o, "bad", doctor->bad);
    json_t *findings = put_list(&m, o, "findings");
    for (int i = 0; i < doctor->n; i++)
        add_finding(&m, findings, &doctor->findings[i]);
    put_str(&m, o, "more", doctor->more ? say(&m, "view.doctor.more", NO_ARGS) : STR(""));
    put_str(&m, o, "saved", doctor->saved);
    put_str(&m, o, "next",
            doctor->saved.len > 0 ? say(&m, "view.doctor.saved", NO_ARGS)
            : whole               ? STR("")
                                  : say(&m, "view.doctor.next", NO_ARGS));
    put_str(&m, o, "recovery", doctor->recovery);
    put_str(&m, o, "recovery_note",
            doctor->recovery.len > 0 ? say(&m, "view.keys.recovery-note", NO_ARGS) : STR(""));
    return make_end(&m, o, ret);
}
