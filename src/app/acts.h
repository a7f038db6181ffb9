/* app/acts.h - the functions behind the rows of app/actions.c, and what they share.
 * Shapes  an ActionRun reads checked input and gives a Reply; it words nothing itself.
 * Errors  whatever fails has kept nothing.
 * Memory  Reply.view is the caller's; all else in cx->arena.
 * Thread  the thread that owns the book. */
#ifndef APP_ACTS_H
#define APP_ACTS_H

#include "app/app.h"
#include "port/match.h"
#include "view/view.h"

/* Words a person may give for a value; ids of content's closed sets in their fixed order. */
extern const char *const TYPE_NAMES[], *const KIND_NAMES[], *const SEASON_NAMES[];
extern const char *const INTEREST_NAMES[], *const STYLE_NAMES[], *const WAY_NAMES[];
extern const char *const MEDIUM_NAMES[], *const COMPANY_NAMES[], *const QUALITY_NAMES[];
extern const char *const REACHED_NAMES[], *const LOG_AS_NAMES[], *const OFFER_ANSWER_NAMES[];
extern const char *const PICK_NAMES[];
extern const char *const NEAR_NAMES[], *const ON_OFF[], *const YES_NO[], *const PAUSE_NAMES[];
extern const char *const SEARCH_WHAT_NAMES[], *const EXPORT_NAMES[], *const LEAVE_NAMES[];
extern const char *const TOPIC_NAMES[], *const EVERY_NAMES[];

/* kept.c: what every write ends with. label is the catalogue key of what was done ("done.add"); person may
 * be zero. Sets view and see_other. */
Err act_kept(Cx *cx, App *app, const char *label, Id batch, Id person, Reply *ret);
/* The same, and says what the owner's words were read as. */
Err act_understood(Cx *cx, App *app, const char *label, Id batch, Id person,
                   const ViewUnderstood *read, Reply *ret);
View app_view(const App *app);
/* standing.c: what is said today while nothing changes, and its pictures. Without memory: NULL, and nothing is kept. */
struct Standing {
    ViewStanding view;
    json_t *from, *drawn; /* the view-model that was drawn last, and what it became */
};
struct Standing *standing_new(void);
void standing_free(struct Standing *s);
/* svg_draw, unless model stands and was drawn already; *ret's outermost object is the caller's own. */
MUST_CHECK Err standing_draw(Cx *cx, App *app, json_t *model, json_t **ret);
/* A recovery code as a picture beside its words: member "qr". */
Err act_put_code(Cx *cx, const LogRecovery *code, json_t *view);
/* For who has lost what opens the vault: the recovery code, and, where ret_next is not NULL, what is to open it from
 * now on; typed into the form, or asked. */
Err act_lost(Cx *cx, App *app, const Input *in, LogSecret *ret_code, LogSecret *ret_next);

/* act_pages.c: what is only looked at */
Err act_today(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_people(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_show(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_welcome(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_learn(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_learn_topic(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_safety(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_help(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_people.c: who someone is to me */
Err act_add_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_add(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_edit_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_edit(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_log.c: what happened, how it is */
Err act_log_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_log(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_checkin_choose(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_checkin_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_checkin(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_reflect_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_reflect(Cx *cx, App *app, const Input *in, Reply *ret);

Err act_insights(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_meaning(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_pick(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_next.c: what could be done, and whether it helped */
Err act_next(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_next_answer(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_done(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_keep.c: finding, bringing in, taking out, taking back */
Err act_search_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_search(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_export_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_export(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_history(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_undo(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_settings_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_settings(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_import.c */
Err act_import_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_import(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_import_keep(Cx *cx, App *app, const Input *in, Reply *ret);

/* card_draft.c: *ret_left values of the card are left out of the entry, or cut */
Draft card_draft(Cx *cx, const struct VcardPerson *person, int *ret_left);

/* act_vault.c: the vault itself */
Err act_init(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_demo(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_backup.c: copies, and help for a damaged vault */
Err act_backup(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_restore(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_doctor(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_schedule.c: backups by themselves */
Err act_backups(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_schedule(Cx *cx, App *app, const Input *in, Reply *ret);
/* One more dated copy in a folder; keep > 0: only the newest so many stay. Locked where there is no key at hand. */
Err act_backup_into(Cx *cx, App *app, Str into, int64_t keep, bool locked, ViewCopied *copied);

/* act_forget.c: leaving no trace of a person */
Err act_forget_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_forget(Cx *cx, App *app, const Input *in, Reply *ret);

/* act_merge.c: one person who is here twice */
Err act_merge_list(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_merge_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_merge(Cx *cx, App *app, const Input *in, Reply *ret);
/* What someone who is here is recognised by (act_import.c). */
Err act_person_keys(Cx *cx, const Book *book, BookRef ref, struct MatchKeys *ret);

/* act_keys.c: what opens the vault */
Err act_passphrase_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_passphrase(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_recovery_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_recovery(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_recover_form(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_recover(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_rekey(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_unlock(Cx *cx, App *app, const Input *in, Reply *ret);
Err act_lock(Cx *cx, App *app, const Input *in, Reply *ret);

#endif
