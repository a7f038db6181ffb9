/* view/keys.c - what opens the vault: the pages on which that is changed, and what is said afterwards. A recovery
 * code passes through once, as it does when the vault is made. */
#include "view/steps.h"

Err view_passphrase(Cx *cx, const View *v, bool has_passphrase, bool may_swap, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "passphrase");
    put_say(&m, o, "heading", "view.passphrase.heading", NO_ARGS);
    put_say(&m, o, "lead",
            has_passphrase ? "view.passphrase.lead" : "view.passphrase.lead-key-file", NO_ARGS);
    put_str(&m, o, "warning", may_swap ? say(&m, "note.key-may-swap", NO_ARGS) : STR(""));
    put_c(&m, o, "path", "/settings/passphrase");
    put_bool(&m, o, "has_passphrase", has_passphrase);
    return make_end(&m, o, ret);
}

Err view_recovery(Cx *cx, const View *v, bool has_passphrase, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "recovery");
    put_say(&m, o, "heading", "view.recovery.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.recovery.lead", NO_ARGS);
    put_say(&m, o, "rekey_lead", "view.recovery.rekey-lead", NO_ARGS);
    put_c(&m, o, "path", "/settings/recovery");
    put_c(&m, o, "rekey_path", "/settings/rekey");
    put_bool(&m, o, "has_passphrase", has_passphrase);
    return make_end(&m, o, ret);
}

Err view_recover(Cx *cx, const View *v, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "recover");
    put_say(&m, o, "heading", "view.recover.heading", NO_ARGS);
    put_say(&m, o, "lead", "view.recover.lead", NO_ARGS);
    put_c(&m, o, "path", "/recover");
    return make_end(&m, o, ret);
}

Err view_keys(Cx *cx, const View *v, const ViewKeys *keys, json_t **ret)
{
    Make m;
    json_t *o = make_view(&m, cx, v, "keys");
    put_say(&m, o, "heading", keys->heading_key, NO_ARGS);
    put_say(&m, o, "text", keys->text_key, keys->args ? keys->args : NO_ARGS);
    put_str(&m, o, "recovery", keys->recovery);
    put_str(&m, o, "recovery_note",
            keys->recovery.len > 0 ? say(&m, "view.keys.recovery-note", NO_ARGS) : STR(""));
    put_str(&m, o, "remains", keys->remains ? say(&m, "view.keys.not-scrubbed", NO_ARGS) : STR(""));
    put_str(&m, o, "note", keys->note_key ? say(&m, keys->note_key, NO_ARGS) : STR(""));
    return make_end(&m, o, ret);
}
