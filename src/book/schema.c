/* book/schema.c - one table of every kind and field. Reading, writing, validation, JSON names and
 * docs/FORMAT.md follow it. Looking up a field walks the kind's rows, at most about thirty: shorter
 * than hashing would be, and done once per field written, never per entry loaded. */
#include "book/entry.h"

enum {
    LINE_MAX_CHARS = 300,
    PROSE_MAX_CHARS = 20000,
    ID_MAX_CHARS = 80, /* ids of content */
    LIST_MAX = 200,
    SET_MAX = 31 /* content's closed sets grow at the end; a newer one may know more members */
};
#define EVER_MS INT64_C(253402300799999)  /* the end of year 9999 */
#define BEGIN_MS INT64_C(-62135596800000) /* year 1 */
#define MASK_MAX INT64_C(0xffffffff)

#define BOOL_FIELD(kind, tag, name)                                                                \
    {                                                                                              \
        kind, tag, name, FIELD_BOOL, 0, 1, 0, false                                                \
    }
#define LINE_FIELD(kind, tag, name)                                                                \
    {                                                                                              \
        kind, tag, name, FIELD_TEXT, 1, LINE_MAX_CHARS, 0, false                                   \
    }
#define PROSE_FIELD(kind, tag, name)                                                               \
    {                                                                                              \
        kind, tag, name, FIELD_PROSE, 1, PROSE_MAX_CHARS, 0, false                                 \
    }
#define TEXTS_FIELD(kind, tag, name)                                                               \
    {                                                                                              \
        kind, tag, name, FIELD_TEXTS, 1, LINE_MAX_CHARS, LIST_MAX, false                           \
    }
#define DATE_FIELD(kind, tag, name)                                                                \
    {                                                                                              \
        kind, tag, name, FIELD_DATE, 0, 99991231, 0, false                                         \
    }
#define WHEN_FIELD(kind, tag, name)                                                                \
    {                                                                                              \
        kind, tag, name, FIELD_INSTANT, BEGIN_MS, EVER_MS, 0, false                                \
    }
#define MASK_FIELD(kind, tag, name)                                                                \
    {                                                                                              \
        kind, tag, name, FIELD_MASK, 0, MASK_MAX, 0, false                                         \
    }
#define INT_FIELD(kind, tag, name, min, max)                                                       \
    {                                                                                              \
        kind, tag, name, FIELD_INT, min, max, 0, false                                             \
    }

/* Ascending by kind and tag; the rows of kind 0 hold in every kind. */
static const FieldSpec specs[] = {
    BOOL_FIELD(0, F_GONE, "gone"),
    {0,                  F_PERSON,           "person",     FIELD_ID,         0,         0,              0,        false},
    {0,                  F_PEOPLE,           "people",     FIELD_IDS,        0,         0,              LIST_MAX, false},
    WHEN_FIELD(0, F_AT, "at"),
    INT_FIELD(0, F_OFFSET, "offset", -14 * 60, 14 * 60),
    PROSE_FIELD(0, F_TEXT, "text"),

    {ENTRY_PERSON,       F_PERSON_NAME,      "name",       FIELD_TEXT,       1,         LINE_MAX_CHARS, 0,        true },
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_NICKNAMES, "nicknames"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_NAMES, "names"),
    DATE_FIELD(ENTRY_PERSON, F_PERSON_BIRTHDAY, "birthday"),
    DATE_FIELD(ENTRY_PERSON, F_PERSON_ANNIVERSARY, "anniversary"),
    {ENTRY_PERSON,       F_PERSON_EMAILS,    "emails",     FIELD_PAIRS,      0,         LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON,       F_PERSON_PHONES,    "phones",     FIELD_PAIRS,      0,         LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON,       F_PERSON_ADDRESSES, "addresses",  FIELD_PAIRS,      0,         1000,           LIST_MAX, false},
    LINE_FIELD(ENTRY_PERSON, F_PERSON_ORG, "org"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_TITLE, "title"),
    BOOL_FIELD(ENTRY_PERSON, F_PERSON_MINOR, "minor"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_LANGUAGES, "languages"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_INTERESTS, "interests"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_STYLES, "styles"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_WAYS, "ways"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_UID, "uid"),
    DATE_FIELD(ENTRY_PERSON, F_PERSON_DIED, "died"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_PRONOUNS, "pronouns"),
    {ENTRY_PERSON,       F_PERSON_RELATED,   "related",    FIELD_PAIRS,      0,         LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON,       F_PERSON_LINKS,     "links",      FIELD_PAIRS,      0,         2000,           LIST_MAX, false},
    LINE_FIELD(ENTRY_PERSON, F_PERSON_GIVEN, "given"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_FAMILY, "family"),

    MASK_FIELD(ENTRY_RELATIONSHIP, F_REL_KINDS, "kinds"),
    LINE_FIELD(ENTRY_RELATIONSHIP, F_REL_OWN_KIND, "own_kind"),
    DATE_FIELD(ENTRY_RELATIONSHIP, F_REL_SINCE, "since"),
    INT_FIELD(ENTRY_RELATIONSHIP, F_REL_KNOWN_HOURS, "known_hours", 0, 1000000),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_FAR, "far"),
    PROSE_FIELD(ENTRY_RELATIONSHIP, F_REL_WELCOME, "welcome"),
    PROSE_FIELD(ENTRY_RELATIONSHIP, F_REL_WELCOME_BODY, "welcome_body"),
    MASK_FIELD(ENTRY_RELATIONSHIP, F_REL_NOT_OURS, "not_ours"),
    {ENTRY_RELATIONSHIP, F_REL_WANTED,       "wanted",     FIELD_TENTHS,     0,         100,            0,        false},
    INT_FIELD(ENTRY_RELATIONSHIP, F_REL_SEASON, "season", 0, SET_MAX),
    WHEN_FIELD(ENTRY_RELATIONSHIP, F_REL_SEASON_SINCE, "season_since"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_ROMANCE, "romance"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_HARM, "harm"),
    WHEN_FIELD(ENTRY_RELATIONSHIP, F_REL_PAUSED_UNTIL, "paused_until"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_PINNED, "pinned"),

    {ENTRY_CHECKIN,      F_CHECKIN_ANSWERS,  "answers",    FIELD_ANSWERS,    0,         100,            LIST_MAX, false},
    BOOL_FIELD(ENTRY_CHECKIN, F_CHECKIN_CONTACT, "contact"),

    INT_FIELD(ENTRY_MOMENT, F_MOMENT_MINUTES, "minutes", 0, 60 * 24 * 366),
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_MEDIUM, "medium", MEDIUM_IN_PERSON, MEDIUM_TEXT),
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_COMPANY, "company", 0, SET_MAX),
    {ENTRY_MOMENT,       F_MOMENT_QUALITY,   "quality",    FIELD_HUNDREDTHS, -100,      100,            0,        false},
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_DEPTH, "depth", 1, 7),
    MASK_FIELD(ENTRY_MOMENT, F_MOMENT_TYPES, "types"),
    BOOL_FIELD(ENTRY_MOMENT, F_MOMENT_OPENED, "opened_up"),
    BOOL_FIELD(ENTRY_MOMENT, F_MOMENT_CONFLICT, "conflict"),
    BOOL_FIELD(ENTRY_MOMENT, F_MOMENT_SEXUAL, "sexual"),
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_REACHED, "reached_out", REACHED_ME, REACHED_BOTH),
    LINE_FIELD(ENTRY_MOMENT, F_MOMENT_PLACE, "place"),
    TEXTS_FIELD(ENTRY_MOMENT, F_MOMENT_TAGS, "tags"),
    MASK_FIELD(ENTRY_MOMENT, F_MOMENT_FACTORS, "factors"),
    TEXTS_FIELD(ENTRY_MOMENT, F_MOMENT_INTERESTS, "interests"),

    INT_FIELD(ENTRY_TOPIC, F_TOPIC_SORT, "sort", TOPIC_ASK, TOPIC_PROMISE),
    BOOL_FIELD(ENTRY_TOPIC, F_TOPIC_DONE, "done"),
    WHEN_FIELD(ENTRY_TOPIC, F_TOPIC_DONE_AT, "done_at"),
    DATE_FIELD(ENTRY_TOPIC, F_TOPIC_DUE, "due"),

    {ENTRY_REFLECTION,   F_REFLECTION_ID,    "reflection", FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        false},

    {ENTRY_OFFER,        F_OFFER_PRACTICE,   "practice",   FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        true },
    INT_FIELD(ENTRY_OFFER, F_OFFER_ANSWER, "answer", OFFER_TAKEN, OFFER_NOT_FOR_US),

    {ENTRY_DONE,         F_DONE_PRACTICE,    "practice",   FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        true },
    {ENTRY_DONE,         F_DONE_QUALITY,     "quality",    FIELD_HUNDREDTHS, -100,      100,            0,        false},
    {ENTRY_DONE,         F_DONE_HELPED,      "helped",     FIELD_TENTHS,     0,         100,            0,        false},
    BOOL_FIELD(ENTRY_DONE, F_DONE_ALONE, "alone"),

    {ENTRY_CHOICE,       F_CHOICE_LEFT,      "left",       FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        true },
    {ENTRY_CHOICE,       F_CHOICE_RIGHT,     "right",      FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        true },
    {ENTRY_CHOICE,       F_CHOICE_PICK,      "pick",       FIELD_INT,        PICK_LEFT, PICK_NEITHER,   0,        true },
    MASK_FIELD(ENTRY_CHOICE, F_CHOICE_KINDS, "kinds"),

    LINE_FIELD(ENTRY_ME, F_ME_NAME, "name"),
    LINE_FIELD(ENTRY_ME, F_ME_LOCALE, "locale"),
    TEXTS_FIELD(ENTRY_ME, F_ME_INTERESTS, "interests"),
    TEXTS_FIELD(ENTRY_ME, F_ME_STYLES, "styles"),
    TEXTS_FIELD(ENTRY_ME, F_ME_WAYS, "ways"),
    PROSE_FIELD(ENTRY_ME, F_ME_SPIRITUAL, "spiritual"),
    PROSE_FIELD(ENTRY_ME, F_ME_MEANING, "meaning"),
    {ENTRY_ME,           F_ME_LEAVE_PAGE,    "leave_page", FIELD_TEXT,       1,         2000,           0,        false},
    BOOL_FIELD(ENTRY_ME, F_ME_EXAMPLE, "example"),
    BOOL_FIELD(ENTRY_ME, F_ME_QUIET, "quiet"),
    BOOL_FIELD(ENTRY_ME, F_ME_MINOR, "minor"),
    TEXTS_FIELD(ENTRY_ME, F_ME_LANGUAGES, "languages"),

    {ENTRY_BATCH,        F_BATCH_LABEL,      "label",      FIELD_TEXT,       1,         ID_MAX_CHARS,   0,        false},
    LINE_FIELD(ENTRY_BATCH, F_BATCH_DETAIL, "detail"),
    INT_FIELD(ENTRY_BATCH, F_BATCH_COUNT, "count", 0, 100000000),
    BOOL_FIELD(ENTRY_BATCH, F_BATCH_UNDONE, "undone"),

    DATE_FIELD(ENTRY_CONTACT, F_CONTACT_DAY, "day"),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_CHANNEL, "channel", CHANNEL_MAIL, CHANNEL_TEXT),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_SENT, "sent", 0, 1000000),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_RECEIVED, "received", 0, 1000000),
};
enum { N_SPECS = sizeof specs / sizeof specs[0] };

static const struct {
    const char *name;
    bool created, event;
} kinds[ENTRY_KINDS] = {
    [ENTRY_PERSON] = {"person",       true,  false},
    [ENTRY_RELATIONSHIP] = {"relationship", false, false},
    [ENTRY_CHECKIN] = {"checkin",      true,  true },
    [ENTRY_MOMENT] = {"moment",       true,  true },
    [ENTRY_NOTE] = {"note",         true,  true },
    [ENTRY_TOPIC] = {"topic",        true,  true },
    [ENTRY_REFLECTION] = {"reflection",   true,  true },
    [ENTRY_OFFER] = {"offer",        true,  true },
    [ENTRY_DONE] = {"done",         true,  true },
    [ENTRY_CHOICE] = {"choice",       true,  true },
    [ENTRY_ME] = {"me",           false, false},
    [ENTRY_BATCH] = {"batch",        false, false},
    [ENTRY_CONTACT] = {"contact",      false, true },
};

const FieldSpec *entry_field_at(uint16_t kind, int i)
{
    for (int k = 0; k < N_SPECS && i >= 0; k++) {
        if ((specs[k].kind == 0 || specs[k].kind == kind) && i-- == 0)
            return &specs[k];
    }
    return NULL;
}

const FieldSpec *entry_field_spec(uint16_t kind, uint16_t tag)
{
    for (int k = 0; k < N_SPECS; k++) {
        if (specs[k].tag == tag && (specs[k].kind == 0 || specs[k].kind == kind))
            return &specs[k];
    }
    return NULL;
}

const FieldSpec *entry_field_named(uint16_t kind, Str name)
{
    for (int k = 0; k < N_SPECS; k++) {
        bool here = specs[k].kind == 0 || specs[k].kind == kind;
        if (here && str_eq_c(name, specs[k].name))
            return &specs[k];
    }
    return NULL;
}

const char *entry_kind_name(uint16_t kind)
{
    return kind < ENTRY_KINDS ? kinds[kind].name : NULL;
}

uint16_t entry_kind_named(Str name)
{
    for (uint16_t k = 1; k < ENTRY_KINDS; k++) {
        if (str_eq_c(name, kinds[k].name))
            return k;
    }
    return 0;
}

bool entry_kind_is_created(uint16_t kind)
{
    return kind < ENTRY_KINDS && kinds[kind].created;
}

bool entry_kind_is_event(uint16_t kind)
{
    return kind < ENTRY_KINDS && kinds[kind].event;
}
