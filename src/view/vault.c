/* view/vault.c - copies of the vault, and what is wrong with a damaged one, in words. */
#include "base/buf.h"
#include "view/steps.h"

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

Err view_backups(Cx *cx, const View *v, const ViewBackups *backups, json_t **ret)
{
    static const char *const every[] = {"never", "day", "week"};
    enum { FILES_SHOWN = 30, NUMBER_MAX = 24 };
    Make m;
    json_t *o = make_view(&m, cx, v, "backups");
    Buf keep = buf_make(cx->arena, NUMBER_MAX);
    Str number = {NULL, 0};
    buf_fmt(&keep, "%d", (int)backups->keep);
    make_ok(&m, buf_done(cx, &keep, &number));
    put_say(&m, o, "heading", "view.backups.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.backups.lead", NO_ARGS);
    put_c(&m, o, "path", "/settings/backups");
    put_choices(&m, o, "every", "view.backups.every.", every, 3, backups->every, NULL);
    put_str(&m, o, "into", backups->into);
    put_str(&m, o, "keep", number);
    put_str(&m, o, "done", backups->done_key ? say(&m, backups->done_key, NO_ARGS) : STR(""));
    json_t *commands = put_list(&m, o, "commands");
    for (int i = 0; i < backups->n_commands; i++)
        add_str(&m, commands, backups->commands[i]);
    json_t *files = put_list(&m, o, "files");
    for (int i = 0; i < backups->n_files && i < FILES_SHOWN; i++) {
        json_t *file = add_object(&m, files);
        put_str(&m, file, "file", backups->files[i].file);
        put_day(&m, file, "on", backups->files[i].at_ms);
        put_say(&m, file, "how",
                backups->files[i].opened ? "view.backups.opened" : "view.backups.compared",
                NO_ARGS);
    }
    return make_end(&m, o, ret);
}

static const char *const trouble_names[] = {"file",    "header", "head",  "lost",
                                            "altered", "stray",  "moved", "exchanged"};

static void add_finding(Make *m, json_t *list, const ViewFinding *f)
{
    json_t *o = add_object(m, list);
    Str kind = str_c(trouble_names[f->trouble]);
    put_str(m, o, "kind", kind);
    put_str(m, o, "text",
            say_of(m, "view.doctor.", kind,
                   ARGS(arg_int("device", f->device), arg_int("first", f->first),
                        arg_int("last", f->last), arg_int("n", f->last - f->first + 1),
                        arg_str("what", f->what))));
}

Err view_doctor(Cx *cx, const View *v, const ViewDoctor *doctor, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "doctor");
    bool whole = doctor->n == 0;
    put_say(&m, o, "heading", whole ? "view.doctor.whole" : "view.doctor.damaged", NO_ARGS);
    put_say(&m, o, "text", "view.doctor.good", ARGS(arg_int("n", doctor->good)));
    put_str(&m, o, "lost_text",
            doctor->bad > 0 ? say(&m, "view.doctor.bad", ARGS(arg_int("n", doctor->bad)))
                            : STR(""));
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
