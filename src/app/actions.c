/* app/actions.c - the table. One row is one thing a person can do; see action.h for what is read from it. */
#include "app/action.h"
#include "app/acts.h"
#include "port/export.h"
#include <string.h>

#define END {.name = NULL}
#define NONE NULL

enum { NAME_MAX_CHARS = 200, WHERE_MAX_CHARS = 1000, POINT_MAX_CHARS = 300, LINE_MAX_CHARS = 500, PROSE_MAX_CHARS = 4000, SECRET_MAX_BYTES = 1024, UNLOCK_MINUTES_MAX = 1440, PATH_MAX_CHARS = 3900 };

static const Param f_person[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    END,
};

static const Param f_init[] = {
    {"passphrase", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"again", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"no-passphrase", PARAM_FLAG},
    END,
};

static const Param f_passphrase[] = {
    {"old", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"new", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"again", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"no-passphrase", PARAM_FLAG},
    END,
};

static const Param f_old[] = {
    {"old", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    END,
};

/* For who has lost the passphrase: by the recovery code. */
#define LOST_FIELDS                                                                                \
    {"lost", PARAM_FLAG},                                                                          \
    {"code", PARAM_SECRET, .max = SECRET_MAX_BYTES},                                               \
    {"new", PARAM_SECRET, .max = SECRET_MAX_BYTES},                                                \
    {"again", PARAM_SECRET, .max = SECRET_MAX_BYTES},                                              \
    {"no-passphrase", PARAM_FLAG}

static const Param f_recover[] = {
    LOST_FIELDS,
    END,
};

static const Param f_rekey[] = {
    {"old", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    {"keep-code", PARAM_FLAG},
    END,
};

static const Param f_unlock[] = {
    {"minutes", PARAM_INT, .lo = 1, .hi = UNLOCK_MINUTES_MAX},
    END,
};

static const Param f_merge[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"other", PARAM_PERSON, PLACE_WORD},
    END,
};

static const Param f_merge_yes[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"other", PARAM_PERSON, PLACE_WORD, .required = true},
    {"yes", PARAM_FLAG},
    END,
};

static const Param f_forget_form[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"entry", PARAM_TEXT, .repeated = true, .max = 80}, /* ID=delete, redact or keep */
    {"skip", PARAM_INT, .lo = 0, .hi = 100000000},
    END,
};

static const Param f_forget[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"confirm", PARAM_TEXT, .max = NAME_MAX_CHARS},
    {"entry", PARAM_TEXT, .repeated = true, .max = 80},
    {"skip", PARAM_INT, .lo = 0, .hi = 100000000},
    {"old", PARAM_SECRET, .max = SECRET_MAX_BYTES},
    END,
};

static const Param f_backup[] = {
    {"file", PARAM_TEXT, PLACE_WORD, .max = PATH_MAX_CHARS},
    {"into", PARAM_TEXT, .max = PATH_MAX_CHARS},
    {"keep", PARAM_INT, .lo = 1, .hi = 1000},
    {"locked", PARAM_FLAG},
    END,
};

static const Param f_schedule[] = {
    {"every", PARAM_ONE, .required = true, .choices = EVERY_NAMES},
    {"into", PARAM_TEXT, .max = PATH_MAX_CHARS},
    {"keep", PARAM_INT, .lo = 1, .hi = 1000},
    END,
};

static const Param f_restore[] = {
    {"file", PARAM_TEXT, PLACE_WORD, .required = true, .max = PATH_MAX_CHARS},
    LOST_FIELDS,
    END,
};

static const Param f_doctor[] = {
    {"save-to", PARAM_TEXT, .max = PATH_MAX_CHARS},
    {"key-from", PARAM_TEXT, .max = PATH_MAX_CHARS},
    LOST_FIELDS,
    END,
};

static const Param f_people[] = {
    {"kind", PARAM_ONE, .choices = KIND_NAMES},
    {"skip", PARAM_INT, .lo = 0, .hi = 100000000},
    END,
};

/* What may be said about a person and about the relationship; add and edit take the same. */
#define PERSON_FIELDS                                                                              \
    {"nickname", PARAM_TEXT, .max = NAME_MAX_CHARS},                                               \
    {"kind", PARAM_SOME, .choices = KIND_NAMES},                                                   \
    {"own-kind", PARAM_TEXT, .max = 60},                                                           \
    {"since", PARAM_DATE},                                                                         \
    {"hours", PARAM_INT, .lo = 0, .hi = 100000},                                                   \
    {"wanted", PARAM_REAL, .lo = 0, .hi = 10},                                                     \
    {"season", PARAM_ONE, .choices = SEASON_NAMES},                                                \
    {"near", PARAM_ONE, .choices = NEAR_NAMES},                                                    \
    {"where", PARAM_TEXT, .max = WHERE_MAX_CHARS},                                                 \
    {"welcome", PARAM_PROSE, .max = PROSE_MAX_CHARS},                                              \
    {"touch", PARAM_PROSE, .max = PROSE_MAX_CHARS},                                                \
    {"not-part", PARAM_SOME, .choices = TYPE_NAMES},                                               \
    {"birthday", PARAM_DATE},                                                                      \
    {"died", PARAM_DATE},                                                                          \
    {"mail", PARAM_TEXT, .repeated = true, .max = POINT_MAX_CHARS},                                           \
    {"phone", PARAM_TEXT, .repeated = true, .max = POINT_MAX_CHARS},                                           \
    {"about", PARAM_PROSE, .max = PROSE_MAX_CHARS},                                                \
    {"romance", PARAM_ONE, .choices = ON_OFF},                                                     \
    {"minor", PARAM_ONE, .choices = YES_NO},                                                       \
    {"harm", PARAM_ONE, .choices = YES_NO}

static const Param f_add[] = {
    {"name", PARAM_TEXT, PLACE_REST, .required = true, .max = NAME_MAX_CHARS},
    PERSON_FIELDS,
    END,
};

static const Param f_edit[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"name", PARAM_TEXT, PLACE_REST, .max = NAME_MAX_CHARS},
    PERSON_FIELDS,
    {"retract", PARAM_ID},
    END,
};

static const Param f_log[] = {
    {"text", PARAM_PROSE, PLACE_REST, .required = true, .max = PROSE_MAX_CHARS},
    {"with", PARAM_PERSON, .repeated = true},
    {"at", PARAM_WHEN},
    {"minutes", PARAM_INT, .lo = 1, .hi = 20160},
    {"medium", PARAM_ONE, .choices = MEDIUM_NAMES},
    {"company", PARAM_ONE, .choices = COMPANY_NAMES},
    {"quality", PARAM_ONE, .choices = QUALITY_NAMES},
    {"depth", PARAM_INT, .lo = 1, .hi = 7},
    {"types", PARAM_SOME, .choices = TYPE_NAMES},
    {"who", PARAM_ONE, .choices = REACHED_NAMES},
    {"opened-up", PARAM_FLAG},
    {"conflict", PARAM_FLAG},
    {"sexual", PARAM_FLAG},
    {"place", PARAM_TEXT, .max = NAME_MAX_CHARS},
    {"tag", PARAM_TEXT, .repeated = true, .max = 60},
    {"as", PARAM_ONE, .choices = LOG_AS_NAMES},
    END,
};

static const Param f_log_form[] = {
    {"with", PARAM_PERSON},
    END,
};

static const Param f_checkin_form[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"whole", PARAM_FLAG},
    END,
};

static const Param f_checkin[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"answer", PARAM_TEXT, .repeated = true, .max = 80}, /* QUESTION=VALUE, VALUE 0..10 */
    {"skip", PARAM_TEXT, .repeated = true, .max = 64},
    {"contact", PARAM_ONE, .choices = YES_NO},
    {"line", PARAM_PROSE, .max = PROSE_MAX_CHARS},
    {"at", PARAM_WHEN},
    END,
};

static const Param f_answer_offer[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"practice", PARAM_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"answer", PARAM_ONE, .required = true, .choices = OFFER_ANSWER_NAMES},
    END,
};

static const Param f_done[] = {
    {"id", PARAM_PERSON, PLACE_WORD, .required = true},
    {"practice", PARAM_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"went", PARAM_ONE, .choices = QUALITY_NAMES},
    {"helped", PARAM_INT, .lo = 0, .hi = 10},
    {"both", PARAM_FLAG},
    {"line", PARAM_PROSE, .max = PROSE_MAX_CHARS},
    {"at", PARAM_WHEN},
    END,
};

static const Param f_meaning[] = {
    {"kind", PARAM_ONE, .choices = KIND_NAMES},
    END,
};

static const Param f_pick[] = {
    {"left", PARAM_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"right", PARAM_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"pick", PARAM_ONE, PLACE_WORD, .required = true, .choices = PICK_NAMES},
    {"kind", PARAM_ONE, .choices = KIND_NAMES},
    END,
};

static const Param f_reflect[] = {
    {"text", PARAM_PROSE, PLACE_REST, .required = true, .max = PROSE_MAX_CHARS},
    {"prompt", PARAM_TEXT, .max = 64},
    {"at", PARAM_WHEN},
    END,
};

static const Param f_reflect_form[] = {
    {"prompt", PARAM_TEXT, .max = 64},
    END,
};

static const Param f_search[] = {
    {"text", PARAM_TEXT, PLACE_REST, .required = true, .max = NAME_MAX_CHARS},
    {"with", PARAM_PERSON},
    {"what", PARAM_ONE, .choices = SEARCH_WHAT_NAMES},
    {"from", PARAM_WHEN},
    {"to", PARAM_WHEN},
    END,
};

static const Param f_import[] = {
    /* An export of a long life is larger than what a page may upload. */
    {"file", PARAM_FILE, PLACE_WORD, .required = true, .max = EXPORT_MAX, .unread = true},
    {"preview", PARAM_FLAG},
    {"yes", PARAM_FLAG},
    {"leave-out", PARAM_INT, .repeated = true, .lo = 1, .hi = 100000},
    END,
};

static const Param f_import_keep[] = {
    {"preview", PARAM_ID, .required = true},
    {"take", PARAM_INT, .repeated = true, .lo = 1, .hi = 100000},
    {"leave-out", PARAM_INT, .repeated = true, .lo = 1, .hi = 100000},
    {"chosen", PARAM_FLAG}, /* the page's: take holds all that is taken */
    END,
};

static const Param f_export[] = {
    {"format", PARAM_ONE, PLACE_WORD, .required = true, .choices = EXPORT_NAMES},
    {"out", PARAM_TEXT, .max = 4096},
    END,
};

static const Param f_history[] = {
    {"skip", PARAM_INT, .lo = 0, .hi = 100000000},
    END,
};

static const Param f_undo[] = {
    {"batch", PARAM_ID, PLACE_WORD},
    {"redo", PARAM_FLAG},
    END,
};

static const Param f_settings[] = {
    {"name", PARAM_TEXT, .max = NAME_MAX_CHARS},
    {"interests", PARAM_SOME, .choices = INTEREST_NAMES},
    {"styles", PARAM_SOME, .choices = STYLE_NAMES},
    {"ways", PARAM_SOME, .choices = WAY_NAMES},
    {"spiritual", PARAM_PROSE, .max = PROSE_MAX_CHARS},
    {"leave-to", PARAM_ONE, .choices = LEAVE_NAMES},
    {"meaning", PARAM_PROSE, .max = PROSE_MAX_CHARS},
    {"quiet", PARAM_ONE, .choices = YES_NO},
    END,
};

static const Param f_learn[] = {
    {"topic", PARAM_ONE, PLACE_WORD, .choices = TOPIC_NAMES},
    END,
};

static const Param f_serve[] = {
    {"port", PARAM_INT, .lo = 0, .hi = 65535},
    {"demo", PARAM_FLAG},
    {"no-passphrase", PARAM_FLAG},
    {"lock-after", PARAM_REAL, .lo = .05, .hi = 1440}, /* minutes */
    END,
};

static const Param f_bench[] = {
    {"entries", PARAM_INT, .repeated = true, .lo = 100, .hi = 1000000},
    {"only", PARAM_TEXT, .max = 40},
    END,
};

static const Param f_help[] = {
    {"command", PARAM_TEXT, PLACE_WORD, .max = 40},
    {"man", PARAM_FLAG},
    {"completions", PARAM_FLAG},
    END,
};

static const Param f_demo[] = {
    {"people", PARAM_INT, .lo = 1, .hi = 10000},
    {"years", PARAM_INT, .lo = 1, .hi = 40},
    {"seed", PARAM_INT, .lo = 0, .hi = 4294967295.0},
    END,
};

/* clang-format off */
const Action ACTIONS[] = {
    /* id             command     path                    method       fields          needs          effect         run                view             form */
    {"today",         "today",    "/",                    METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_today,         "today",         NULL},
    {"people",        "people",   "/people",              METHOD_GET,  f_people,       NEEDS_BOOK,    EFFECT_READS,  act_people,        "people",        NULL},
    {"add.form",      NULL,       "/people/new",          METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_add_form,      "person-form",   NULL},
    {"add",           "add",      "/people",              METHOD_POST, f_add,          NEEDS_BOOK,    EFFECT_WRITES, act_add,           "kept",          "add.form"},
    {"show",          "show",     "/people/{id}",         METHOD_GET,  f_person,       NEEDS_BOOK,    EFFECT_READS,  act_show,          "person",        NULL},
    {"edit.form",     NULL,       "/people/{id}/edit",    METHOD_GET,  f_person,       NEEDS_BOOK,    EFFECT_READS,  act_edit_form,     "person-form",   NULL},
    {"edit",          "edit",     "/people/{id}/edit",    METHOD_POST, f_edit,         NEEDS_BOOK,    EFFECT_WRITES, act_edit,          "kept",          "edit.form"},
    {"merge.list",    "merge",    "/merge",               METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_merge_list,    "merge-list",    NULL},
    {"merge.form",    "merge",    "/people/{id}/merge",   METHOD_GET,  f_merge,        NEEDS_BOOK,    EFFECT_READS,  act_merge_form,    "merge",         NULL},
    {"merge",         "merge",    "/people/{id}/merge",   METHOD_POST, f_merge_yes,    NEEDS_BOOK,    EFFECT_WRITES, act_merge,         "kept",          "merge.form"},
    {"forget.form",   "forget",   "/people/{id}/forget",  METHOD_GET,  f_forget_form,      NEEDS_BOOK,    EFFECT_READS,  act_forget_form,   "forget",        NULL},
    {"forget",        "forget",   "/people/{id}/forget",  METHOD_POST, f_forget,       NEEDS_BOOK,    EFFECT_WRITES, act_forget,        "forgotten",     "forget.form"},
    {"check-in.choose", NULL,     "/check-in",            METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_checkin_choose,"check-in-choose", NULL},
    {"check-in.form", "check-in", "/people/{id}/check-in",METHOD_GET,  f_checkin_form, NEEDS_BOOK,    EFFECT_READS,  act_checkin_form,  "check-in",      NULL},
    {"check-in",      "check-in", "/people/{id}/check-in",METHOD_POST, f_checkin,      NEEDS_BOOK,    EFFECT_WRITES, act_checkin,       "kept",          "check-in.form"},
    {"log.form",      "log",      "/log",                 METHOD_GET,  f_log_form,     NEEDS_BOOK,    EFFECT_READS,  act_log_form,      "log",           NULL},
    {"log",           "log",      "/log",                 METHOD_POST, f_log,          NEEDS_BOOK,    EFFECT_WRITES, act_log,           "kept",          "log.form"},
    {"next",          "next",     "/people/{id}/next",    METHOD_GET,  f_person,       NEEDS_BOOK,    EFFECT_READS,  act_next,          "next",          NULL},
    {"next.answer",   "answer",   "/people/{id}/next",    METHOD_POST, f_answer_offer, NEEDS_BOOK,    EFFECT_WRITES, act_next_answer,   "kept",          "next"},
    {"done",          "done",     "/people/{id}/done",    METHOD_POST, f_done,         NEEDS_BOOK,    EFFECT_WRITES, act_done,          "kept",          "next"},
    {"reflect.form",  "reflect",  "/reflect",             METHOD_GET,  f_reflect_form, NEEDS_BOOK,    EFFECT_READS,  act_reflect_form,  "reflect",       NULL},
    {"reflect",       "reflect",  "/reflect",             METHOD_POST, f_reflect,      NEEDS_BOOK,    EFFECT_WRITES, act_reflect,       "kept",          "reflect.form"},
    {"insights",      "insights", "/insights",            METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_insights,      "insights",      NULL},
    {"meaning",       "meaning",  "/meaning",             METHOD_GET,  f_meaning,      NEEDS_BOOK,    EFFECT_READS,  act_meaning,       "meaning",       NULL},
    {"meaning.pick",  "meaning",  "/meaning",             METHOD_POST, f_pick,         NEEDS_BOOK,    EFFECT_WRITES, act_pick,          "kept",          "meaning"},
    {"search.form",   NULL,       "/search",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_search_form,   "search",        NULL},
    {"search",        "search",   "/search",              METHOD_POST, f_search,       NEEDS_BOOK,    EFFECT_READS,  act_search,        "search",        "search.form"},
    {"import.form",   NULL,       "/import",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_import_form,   "import",        NULL},
    {"import",        "import",   "/import",              METHOD_POST, f_import,       NEEDS_BOOK,    EFFECT_WRITES, act_import,        "import-preview","import.form"},
    {"import.keep",   NULL,       "/import/keep",         METHOD_POST, f_import_keep,  NEEDS_BOOK,    EFFECT_WRITES, act_import_keep,   "kept",          "import.form"},
    {"export.form",   NULL,       "/export",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_export_form,   "export",        NULL},
    {"export",        "export",   "/export",              METHOD_POST, f_export,       NEEDS_BOOK,    EFFECT_READS,  act_export,        "exported",      "export.form"},
    {"history",       "history",  "/history",             METHOD_GET,  f_history,      NEEDS_BOOK,    EFFECT_READS,  act_history,       "history",       NULL},
    {"undo",          "undo",     "/history",             METHOD_POST, f_undo,         NEEDS_BOOK,    EFFECT_WRITES, act_undo,          "kept",          "history"},
    {"settings.form", "settings", "/settings",            METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_settings_form, "settings",      NULL},
    {"settings",      "settings", "/settings",            METHOD_POST, f_settings,     NEEDS_BOOK,    EFFECT_WRITES, act_settings,      "kept",          "settings.form"},
    {"learn",         "learn",    "/learn",               METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_learn,         "learn",         NULL},
    {"learn.topic",   "learn",    "/learn/{topic}",       METHOD_GET,  f_learn,        NEEDS_NOTHING, EFFECT_READS,  act_learn_topic,   "topic",         NULL},
    {"safety",        "safety",   "/safety",              METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_safety,        "safety",        NULL},
    {"welcome",       NULL,       "/welcome",             METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_welcome,       "welcome",       NULL},
    {"init",          "init",     NULL,                   METHOD_POST, f_init,         NEEDS_NOTHING, EFFECT_WRITES, act_init,          "init",          NULL},
    {"passphrase.form", NULL,     "/settings/passphrase", METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_passphrase_form, "passphrase",  NULL},
    {"passphrase",    "passphrase","/settings/passphrase",METHOD_POST, f_passphrase,   NEEDS_NOTHING, EFFECT_WRITES, act_passphrase,    "keys",          "passphrase.form"},
    {"recovery.form", NULL,       "/settings/recovery",   METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_recovery_form, "recovery",      NULL},
    {"recovery",      "recovery", "/settings/recovery",   METHOD_POST, f_old,          NEEDS_NOTHING, EFFECT_WRITES, act_recovery,      "keys",          "recovery.form"},
    {"recover.form",  NULL,       "/recover",             METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_recover_form,  "recover",       NULL},
    {"recover",       "recovery", "/recover",             METHOD_POST, f_recover,      NEEDS_NOTHING, EFFECT_WRITES, act_recover,       "keys",          "recover.form"},
    {"rekey",         "rekey",    "/settings/rekey",      METHOD_POST, f_rekey,        NEEDS_NOTHING, EFFECT_WRITES, act_rekey,         "keys",          "recovery.form"},
    {"unlock",        "unlock",   NULL,                   METHOD_POST, f_unlock,       NEEDS_BOOK,    EFFECT_WRITES, act_unlock,        "keys",          NULL},
    {"lock",          "lock",     NULL,                   METHOD_POST, NONE,           NEEDS_NOTHING, EFFECT_WRITES, act_lock,          "keys",          NULL},
    {"backups",       "backup",   "/settings/backups",    METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_backups,       "backups",       NULL},
    {"backup",        "backup",   "/backup",              METHOD_POST, f_backup,       NEEDS_NOTHING, EFFECT_READS,  act_backup,        "copied",        "export.form"},
    {"schedule",      "backup",   "/settings/backups",    METHOD_POST, f_schedule,     NEEDS_NOTHING, EFFECT_WRITES, act_schedule,      "backups",       "backups"},
    {"restore",       "restore",  NULL,                   METHOD_POST, f_restore,      NEEDS_NOTHING, EFFECT_WRITES, act_restore,       "copied",        NULL},
    {"doctor",        "doctor",   NULL,                   METHOD_POST, f_doctor,       NEEDS_NOTHING, EFFECT_READS,  act_doctor,        "doctor",        NULL},
    {"demo",          "demo",     NULL,                   METHOD_POST, f_demo,         NEEDS_NOTHING, EFFECT_WRITES, act_demo,          "demo",          NULL},
    {"help",          "help",     NULL,                   METHOD_GET,  f_help,         NEEDS_NOTHING, EFFECT_READS,  act_help,          "help",          NULL},
    {"serve",         "serve",    NULL,                   METHOD_NONE, f_serve,        NEEDS_NOTHING, EFFECT_READS,  NULL,              NULL,            NULL},
    {"bench",         "bench",    NULL,                   METHOD_NONE, f_bench,        NEEDS_NOTHING, EFFECT_READS,  NULL,              NULL,            NULL},
    {"lab",           "lab",      NULL,                   METHOD_NONE, NONE,           NEEDS_NOTHING, EFFECT_READS,  NULL,              NULL,            NULL},
};
/* clang-format on */

const int ACTION_COUNT = (int)(sizeof ACTIONS / sizeof ACTIONS[0]);

const Action *action_by_id(const char *id)
{
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (strcmp(ACTIONS[i].id, id) == 0)
            return &ACTIONS[i];
    }
    return NULL;
}

const Action *action_by_command(Str command, int nth)
{
    for (int i = 0; i < ACTION_COUNT; i++) {
        if (ACTIONS[i].command && str_eq_c(command, ACTIONS[i].command) && nth-- == 0)
            return &ACTIONS[i];
    }
    return NULL;
}

/* "/people/{id}/edit" against "/people/3k…/edit": equal piece by piece, {…} takes one whole piece. */
static bool path_fits(Str pattern, Str path, Str *ret_id)
{
    Str id = {NULL, 0};
    while (pattern.p && path.p) {
        Str want = str_cut(&pattern, '/');
        Str got = str_cut(&path, '/');
        if (want.len > 0 && want.p[0] == '{' && got.len > 0)
            id = got;
        else if (!str_eq(want, got))
            return false;
    }
    if (pattern.p || path.p)
        return false;
    *ret_id = id;
    return true;
}

const Action *action_by_path(Method method, Str path, Str *ret_id)
{
    /* Rows without {…} first: /people/new is a page, not a person. */
    for (int braces = 0; braces <= 1; braces++) {
        for (int i = 0; i < ACTION_COUNT; i++) {
            const Action *a = &ACTIONS[i];
            if (!a->path || a->method != method || (strchr(a->path, '{') != NULL) != (braces == 1))
                continue;
            if (path_fits(str_c(a->path), path, ret_id))
                return a;
        }
    }
    return NULL;
}
