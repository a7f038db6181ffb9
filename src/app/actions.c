/* app/actions.c - the table. One row is one thing a person can do; see action.h for what is read from it. */
#include "app/action.h"
#include "app/acts.h"
#include <string.h>

#define END {.name = NULL}
#define NONE NULL

enum { NAME_MAX_CHARS = 200, LINE_MAX_CHARS = 500, PROSE_MAX_CHARS = 4000, SECRET_MAX_BYTES = 1024 };

static const Field f_person[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    END,
};

static const Field f_init[] = {
    {"passphrase", FIELD_SECRET, .max = SECRET_MAX_BYTES},
    {"again", FIELD_SECRET, .max = SECRET_MAX_BYTES},
    {"no-passphrase", FIELD_FLAG},
    END,
};

static const Field f_people[] = {
    {"kind", FIELD_ONE, .choices = KIND_NAMES},
    END,
};

/* What may be said about a person and about the relationship; add and edit take the same. */
#define PERSON_FIELDS                                                                              \
    {"nickname", FIELD_TEXT, .max = NAME_MAX_CHARS},                                               \
    {"kind", FIELD_SOME, .choices = KIND_NAMES},                                                   \
    {"own-kind", FIELD_TEXT, .max = 60},                                                           \
    {"since", FIELD_DATE},                                                                         \
    {"season", FIELD_ONE, .choices = SEASON_NAMES},                                                \
    {"near", FIELD_ONE, .choices = NEAR_NAMES},                                                    \
    {"where", FIELD_TEXT, .max = NAME_MAX_CHARS},                                                  \
    {"welcome", FIELD_PROSE, .max = PROSE_MAX_CHARS},                                              \
    {"not-part", FIELD_SOME, .choices = TYPE_NAMES},                                               \
    {"birthday", FIELD_DATE},                                                                      \
    {"mail", FIELD_TEXT, .repeated = true, .max = 254},                                            \
    {"phone", FIELD_TEXT, .repeated = true, .max = 60},                                            \
    {"about", FIELD_PROSE, .max = PROSE_MAX_CHARS},                                                \
    {"romance", FIELD_ONE, .choices = ON_OFF},                                                     \
    {"minor", FIELD_ONE, .choices = YES_NO},                                                       \
    {"harm", FIELD_ONE, .choices = YES_NO}

static const Field f_add[] = {
    {"name", FIELD_TEXT, PLACE_REST, .required = true, .max = NAME_MAX_CHARS},
    PERSON_FIELDS,
    END,
};

static const Field f_edit[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    {"name", FIELD_TEXT, PLACE_REST, .max = NAME_MAX_CHARS},
    PERSON_FIELDS,
    {"retract", FIELD_ID},
    END,
};

static const Field f_log[] = {
    {"text", FIELD_PROSE, PLACE_REST, .required = true, .max = PROSE_MAX_CHARS},
    {"with", FIELD_PERSON, .repeated = true},
    {"at", FIELD_WHEN},
    {"minutes", FIELD_INT, .lo = 1, .hi = 20160},
    {"medium", FIELD_ONE, .choices = MEDIUM_NAMES},
    {"company", FIELD_ONE, .choices = COMPANY_NAMES},
    {"quality", FIELD_ONE, .choices = QUALITY_NAMES},
    {"depth", FIELD_INT, .lo = 1, .hi = 7},
    {"types", FIELD_SOME, .choices = TYPE_NAMES},
    {"who", FIELD_ONE, .choices = REACHED_NAMES},
    {"opened-up", FIELD_FLAG},
    {"conflict", FIELD_FLAG},
    {"sexual", FIELD_FLAG},
    {"place", FIELD_TEXT, .max = NAME_MAX_CHARS},
    {"tag", FIELD_TEXT, .repeated = true, .max = 60},
    {"as", FIELD_ONE, .choices = LOG_AS_NAMES},
    END,
};

static const Field f_log_form[] = {
    {"with", FIELD_PERSON},
    END,
};

static const Field f_checkin_form[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    {"whole", FIELD_FLAG},
    END,
};

static const Field f_checkin[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    {"answer", FIELD_TEXT, .repeated = true, .max = 80}, /* QUESTION=VALUE, VALUE 0..10 */
    {"skip", FIELD_TEXT, .repeated = true, .max = 64},
    {"contact", FIELD_ONE, .choices = YES_NO},
    {"line", FIELD_PROSE, .max = PROSE_MAX_CHARS},
    {"at", FIELD_WHEN},
    END,
};

static const Field f_answer_offer[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    {"practice", FIELD_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"answer", FIELD_ONE, .required = true, .choices = OFFER_ANSWER_NAMES},
    END,
};

static const Field f_done[] = {
    {"id", FIELD_PERSON, PLACE_WORD, .required = true},
    {"practice", FIELD_TEXT, PLACE_WORD, .required = true, .max = 64},
    {"went", FIELD_ONE, .choices = QUALITY_NAMES},
    {"helped", FIELD_INT, .lo = 0, .hi = 10},
    {"both", FIELD_FLAG},
    {"line", FIELD_PROSE, .max = PROSE_MAX_CHARS},
    {"at", FIELD_WHEN},
    END,
};

static const Field f_reflect[] = {
    {"text", FIELD_PROSE, PLACE_REST, .required = true, .max = PROSE_MAX_CHARS},
    {"prompt", FIELD_TEXT, .max = 64},
    {"at", FIELD_WHEN},
    END,
};

static const Field f_reflect_form[] = {
    {"prompt", FIELD_TEXT, .max = 64},
    END,
};

static const Field f_search[] = {
    {"text", FIELD_TEXT, PLACE_REST, .required = true, .max = NAME_MAX_CHARS},
    {"with", FIELD_PERSON},
    {"what", FIELD_ONE, .choices = SEARCH_WHAT_NAMES},
    {"from", FIELD_WHEN},
    {"to", FIELD_WHEN},
    END,
};

static const Field f_import[] = {
    {"file", FIELD_FILE, PLACE_WORD, .required = true, .max = FIELD_FILE_MAX},
    {"preview", FIELD_FLAG},
    {"yes", FIELD_FLAG},
    {"leave-out", FIELD_INT, .repeated = true, .lo = 1, .hi = 100000},
    {"same-as", FIELD_FLAG},
    END,
};

static const Field f_import_keep[] = {
    {"preview", FIELD_ID, .required = true},
    {"take", FIELD_INT, .repeated = true, .lo = 1, .hi = 100000},
    END,
};

static const Field f_export[] = {
    {"format", FIELD_ONE, PLACE_WORD, .required = true, .choices = EXPORT_NAMES},
    {"out", FIELD_TEXT, .max = 4096},
    END,
};

static const Field f_undo[] = {
    {"batch", FIELD_ID, PLACE_WORD},
    {"redo", FIELD_FLAG},
    END,
};

static const Field f_settings[] = {
    {"name", FIELD_TEXT, .max = NAME_MAX_CHARS},
    {"interests", FIELD_SOME, .choices = INTEREST_NAMES},
    {"styles", FIELD_SOME, .choices = STYLE_NAMES},
    {"ways", FIELD_SOME, .choices = WAY_NAMES},
    {"spiritual", FIELD_PROSE, .max = PROSE_MAX_CHARS},
    {"leave-to", FIELD_ONE, .choices = LEAVE_NAMES},
    {"offers", FIELD_INT, .lo = 0, .hi = 3},
    END,
};

static const Field f_learn[] = {
    {"topic", FIELD_ONE, PLACE_WORD, .choices = TOPIC_NAMES},
    END,
};

static const Field f_demo[] = {
    {"people", FIELD_INT, .lo = 1, .hi = 10000},
    {"years", FIELD_INT, .lo = 1, .hi = 40},
    {"seed", FIELD_INT, .lo = 0, .hi = 4294967295.0},
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
    {"search.form",   NULL,       "/search",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_search_form,   "search",        NULL},
    {"search",        "search",   "/search",              METHOD_POST, f_search,       NEEDS_BOOK,    EFFECT_READS,  act_search,        "search",        "search.form"},
    {"import.form",   NULL,       "/import",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_import_form,   "import",        NULL},
    {"import",        "import",   "/import",              METHOD_POST, f_import,       NEEDS_BOOK,    EFFECT_WRITES, act_import,        "import-preview","import.form"},
    {"import.keep",   NULL,       "/import/keep",         METHOD_POST, f_import_keep,  NEEDS_BOOK,    EFFECT_WRITES, act_import_keep,   "kept",          "import.form"},
    {"export.form",   NULL,       "/export",              METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_export_form,   "export",        NULL},
    {"export",        "export",   "/export",              METHOD_POST, f_export,       NEEDS_BOOK,    EFFECT_READS,  act_export,        "export",        "export.form"},
    {"history",       "history",  "/history",             METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_history,       "history",       NULL},
    {"undo",          "undo",     "/history",             METHOD_POST, f_undo,         NEEDS_BOOK,    EFFECT_WRITES, act_undo,          "kept",          "history"},
    {"settings.form", "settings", "/settings",            METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_settings_form, "settings",      NULL},
    {"settings",      "settings", "/settings",            METHOD_POST, f_settings,     NEEDS_BOOK,    EFFECT_WRITES, act_settings,      "kept",          "settings.form"},
    {"learn",         "learn",    "/learn",               METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_learn,         "learn",         NULL},
    {"learn.topic",   "learn",    "/learn/{topic}",       METHOD_GET,  f_learn,        NEEDS_NOTHING, EFFECT_READS,  act_learn_topic,   "topic",         NULL},
    {"safety",        "safety",   "/safety",              METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_safety,        "safety",        NULL},
    {"welcome",       NULL,       "/welcome",             METHOD_GET,  NONE,           NEEDS_BOOK,    EFFECT_READS,  act_welcome,       "welcome",       NULL},
    {"init",          "init",     NULL,                   METHOD_POST, f_init,         NEEDS_NOTHING, EFFECT_WRITES, act_init,          "init",          NULL},
    {"demo",          "demo",     NULL,                   METHOD_POST, f_demo,         NEEDS_NOTHING, EFFECT_WRITES, act_demo,          "kept",          NULL},
    {"help",          "help",     NULL,                   METHOD_GET,  NONE,           NEEDS_NOTHING, EFFECT_READS,  act_help,          "help",          NULL},
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

const Action *action_by_command(Str command, bool with_input)
{
    const Action *found = NULL;
    for (int i = 0; i < ACTION_COUNT; i++) {
        const Action *a = &ACTIONS[i];
        if (!a->command || !str_eq_c(command, a->command))
            continue;
        if (!found || with_input == (a->method == METHOD_POST) || a->method == METHOD_POST)
            found = found && !with_input ? found : a;
    }
    return found;
}
