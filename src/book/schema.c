/* book/schema.c - one table of every kind and field. Reading, writing, validation, JSON names and
 * docs/FORMAT.md follow it. Tags have no gaps, so a field's row is found by subtraction. */
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

/* clang-format off */
#define BOOL_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_BOOL, 0, 1, 0, false}
#define LINE_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_TEXT, 1, LINE_MAX_CHARS, 0, false}
#define PROSE_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_PROSE, 1, PROSE_MAX_CHARS, 0, false}
#define TEXTS_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_TEXTS, 1, LINE_MAX_CHARS, LIST_MAX, false}
#define DATE_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_DATE, 0, 99991231, 0, false}
#define WHEN_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_INSTANT, BEGIN_MS, EVER_MS, 0, false}
#define MASK_FIELD(kind, tag, name) \
    {kind, tag, name, FIELD_MASK, 0, MASK_MAX, 0, false}
#define INT_FIELD(kind, tag, name, min, max) \
    {kind, tag, name, FIELD_INT, min, max, 0, false}
/* clang-format on */

/* One table a kind, ascending by tag without gaps: row i is tag TAG_FIRST + i. */
static const FieldSpec common_fields[] = {
    BOOL_FIELD(0, F_GONE, "gone"),
    {0, F_PERSON, "person", FIELD_ID,  0, 0, 0,        false},
    {0, F_PEOPLE, "people", FIELD_IDS, 0, 0, LIST_MAX, false},
    WHEN_FIELD(0, F_AT, "at"),
    INT_FIELD(0, F_OFFSET, "offset", -840, 840),
    PROSE_FIELD(0, F_TEXT, "text"),
};
static const FieldSpec person_fields[] = {
    {ENTRY_PERSON, F_PERSON_NAME,      "name",      FIELD_TEXT,  1, LINE_MAX_CHARS, 0,        true },
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_NICKNAMES, "nicknames"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_NAMES, "names"),
    DATE_FIELD(ENTRY_PERSON, F_PERSON_BIRTHDAY, "birthday"),
    DATE_FIELD(ENTRY_PERSON, F_PERSON_ANNIVERSARY, "anniversary"),
    {ENTRY_PERSON, F_PERSON_EMAILS,    "emails",    FIELD_PAIRS, 0, LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON, F_PERSON_PHONES,    "phones",    FIELD_PAIRS, 0, LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON, F_PERSON_ADDRESSES, "addresses", FIELD_PAIRS, 0, 1000,           LIST_MAX, false},
    LINE_FIELD(ENTRY_PERSON, F_PERSON_ORG, "org"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_TITLE, "title"),
    BOOL_FIELD(ENTRY_PERSON, F_PERSON_MINOR, "minor"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_LANGUAGES, "languages"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_INTERESTS, "interests"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_STYLES, "styles"),
    TEXTS_FIELD(ENTRY_PERSON, F_PERSON_WAYS, "ways"),
    {ENTRY_PERSON, F_PERSON_UID,       "uid",       FIELD_KEY,   1, LINE_MAX_CHARS, 0,        false},
    DATE_FIELD(ENTRY_PERSON, F_PERSON_DIED, "died"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_PRONOUNS, "pronouns"),
    {ENTRY_PERSON, F_PERSON_RELATED,   "related",   FIELD_PAIRS, 0, LINE_MAX_CHARS, LIST_MAX, false},
    {ENTRY_PERSON, F_PERSON_LINKS,     "links",     FIELD_PAIRS, 0, 2000,           LIST_MAX, false},
    LINE_FIELD(ENTRY_PERSON, F_PERSON_GIVEN, "given"),
    LINE_FIELD(ENTRY_PERSON, F_PERSON_FAMILY, "family"),
};
static const FieldSpec relationship_fields[] = {
    MASK_FIELD(ENTRY_RELATIONSHIP, F_REL_KINDS, "kinds"),
    LINE_FIELD(ENTRY_RELATIONSHIP, F_REL_OWN_KIND, "own_kind"),
    DATE_FIELD(ENTRY_RELATIONSHIP, F_REL_SINCE, "since"),
    INT_FIELD(ENTRY_RELATIONSHIP, F_REL_KNOWN_HOURS, "known_hours", 0, 1000000),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_FAR, "far"),
    PROSE_FIELD(ENTRY_RELATIONSHIP, F_REL_WELCOME, "welcome"),
    PROSE_FIELD(ENTRY_RELATIONSHIP, F_REL_WELCOME_BODY, "welcome_body"),
    MASK_FIELD(ENTRY_RELATIONSHIP, F_REL_NOT_OURS, "not_ours"),
    {ENTRY_RELATIONSHIP, F_REL_WANTED, "wanted", FIELD_TENTHS, 0, 100, 0, false},
    INT_FIELD(ENTRY_RELATIONSHIP, F_REL_SEASON, "season", 0, SET_MAX),
    WHEN_FIELD(ENTRY_RELATIONSHIP, F_REL_SEASON_SINCE, "season_since"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_ROMANCE, "romance"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_HARM, "harm"),
    WHEN_FIELD(ENTRY_RELATIONSHIP, F_REL_PAUSED_UNTIL, "paused_until"),
    BOOL_FIELD(ENTRY_RELATIONSHIP, F_REL_PINNED, "pinned"),
};
static const FieldSpec checkin_fields[] = {
    {ENTRY_CHECKIN, F_CHECKIN_ANSWERS, "answers", FIELD_ANSWERS, 0, 100, LIST_MAX, false},
    BOOL_FIELD(ENTRY_CHECKIN, F_CHECKIN_CONTACT, "contact"),
};
static const FieldSpec moment_fields[] = {
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_MINUTES, "minutes", 0, 527040),
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_MEDIUM, "medium", MEDIUM_IN_PERSON, MEDIUM_TEXT),
    INT_FIELD(ENTRY_MOMENT, F_MOMENT_COMPANY, "company", 0, SET_MAX),
    {ENTRY_MOMENT, F_MOMENT_QUALITY, "quality", FIELD_HUNDREDTHS, -100, 100, 0, false},
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
};
static const FieldSpec topic_fields[] = {
    INT_FIELD(ENTRY_TOPIC, F_TOPIC_SORT, "sort", TOPIC_ASK, TOPIC_PROMISE),
    BOOL_FIELD(ENTRY_TOPIC, F_TOPIC_DONE, "done"),
    WHEN_FIELD(ENTRY_TOPIC, F_TOPIC_DONE_AT, "done_at"),
    DATE_FIELD(ENTRY_TOPIC, F_TOPIC_DUE, "due"),
};
static const FieldSpec reflection_fields[] = {
    {ENTRY_REFLECTION, F_REFLECTION_ID, "reflection", FIELD_KEY, 1, ID_MAX_CHARS, 0, false},
};
static const FieldSpec offer_fields[] = {
    {ENTRY_OFFER, F_OFFER_PRACTICE, "practice", FIELD_KEY, 1, ID_MAX_CHARS, 0, true},
    INT_FIELD(ENTRY_OFFER, F_OFFER_ANSWER, "answer", OFFER_TAKEN, OFFER_NOT_FOR_US),
};
static const FieldSpec done_fields[] = {
    {ENTRY_DONE, F_DONE_PRACTICE, "practice", FIELD_KEY,        1,    ID_MAX_CHARS, 0, true },
    {ENTRY_DONE, F_DONE_QUALITY,  "quality",  FIELD_HUNDREDTHS, -100, 100,          0, false},
    {ENTRY_DONE, F_DONE_HELPED,   "helped",   FIELD_TENTHS,     0,    100,          0, false},
    BOOL_FIELD(ENTRY_DONE, F_DONE_ALONE, "alone"),
};
static const FieldSpec choice_fields[] = {
    {ENTRY_CHOICE, F_CHOICE_LEFT,  "left",  FIELD_KEY, 1,         ID_MAX_CHARS, 0, true},
    {ENTRY_CHOICE, F_CHOICE_RIGHT, "right", FIELD_KEY, 1,         ID_MAX_CHARS, 0, true},
    {ENTRY_CHOICE, F_CHOICE_PICK,  "pick",  FIELD_INT, PICK_LEFT, PICK_NEITHER, 0, true},
    MASK_FIELD(ENTRY_CHOICE, F_CHOICE_KINDS, "kinds"),
};
static const FieldSpec me_fields[] = {
    LINE_FIELD(ENTRY_ME, F_ME_NAME, "name"),
    {ENTRY_ME, F_ME_LOCALE,     "locale",     FIELD_KEY, 1, ID_MAX_CHARS, 0, false},
    TEXTS_FIELD(ENTRY_ME, F_ME_INTERESTS, "interests"),
    TEXTS_FIELD(ENTRY_ME, F_ME_STYLES, "styles"),
    TEXTS_FIELD(ENTRY_ME, F_ME_WAYS, "ways"),
    PROSE_FIELD(ENTRY_ME, F_ME_SPIRITUAL, "spiritual"),
    PROSE_FIELD(ENTRY_ME, F_ME_MEANING, "meaning"),
    {ENTRY_ME, F_ME_LEAVE_PAGE, "leave_page", FIELD_KEY, 1, 2000,         0, false},
    BOOL_FIELD(ENTRY_ME, F_ME_EXAMPLE, "example"),
    BOOL_FIELD(ENTRY_ME, F_ME_QUIET, "quiet"),
    BOOL_FIELD(ENTRY_ME, F_ME_MINOR, "minor"),
    TEXTS_FIELD(ENTRY_ME, F_ME_LANGUAGES, "languages"),
};
static const FieldSpec batch_fields[] = {
    {ENTRY_BATCH, F_BATCH_LABEL, "label", FIELD_KEY, 1, ID_MAX_CHARS, 0, false},
    LINE_FIELD(ENTRY_BATCH, F_BATCH_DETAIL, "detail"),
    INT_FIELD(ENTRY_BATCH, F_BATCH_COUNT, "count", 0, 100000000),
    BOOL_FIELD(ENTRY_BATCH, F_BATCH_UNDONE, "undone"),
};
static const FieldSpec contact_fields[] = {
    DATE_FIELD(ENTRY_CONTACT, F_CONTACT_DAY, "day"),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_CHANNEL, "channel", CHANNEL_MAIL, CHANNEL_TEXT),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_SENT, "sent", 0, 1000000),
    INT_FIELD(ENTRY_CONTACT, F_CONTACT_RECEIVED, "received", 0, 1000000),
};

static const FieldSpec carried_fields[] = {
    {ENTRY_CARRIED, F_CARRIED_ENTRY, "entry", FIELD_BODY, 1, ENTRY_CARRY_MAX, 0, true},
};

#define TABLE(table) (table), sizeof(table) / sizeof(table)[0]
static const struct {
    const char *name;
    bool created, event;
    const FieldSpec *fields;
    size_t n;
} kinds[ENTRY_KINDS] = {
    [ENTRY_PERSON] = {"person",       true,  false,      TABLE(person_fields)      },
    [ENTRY_RELATIONSHIP] = {"relationship", false, false,      TABLE(relationship_fields)},
    [ENTRY_CHECKIN] = {"checkin",      true,  true,       TABLE(checkin_fields)     },
    [ENTRY_MOMENT] = {"moment",       true,  true,       TABLE(moment_fields)      },
    [ENTRY_NOTE] = {"note",         true,  true,       NULL,                       0},
    [ENTRY_TOPIC] = {"topic",              true,             true,      TABLE(topic_fields)               },
    [ENTRY_REFLECTION] = {"reflection",              true,        true, TABLE(reflection_fields)},
    [ENTRY_OFFER] = {"offer",              true,             true,      TABLE(offer_fields)               },
    [ENTRY_DONE] = {"done",              true,              true,       TABLE(done_fields)},
    [ENTRY_CHOICE] = {"choice",              true,            true,     TABLE(choice_fields)               },
    [ENTRY_ME] = {"me",              false,                false,        TABLE(me_fields)},
    [ENTRY_BATCH] = {"batch",              false,             false,     TABLE(batch_fields)               },
    [ENTRY_CONTACT] = {"contact",              false,           true,   TABLE(contact_fields)},
    [ENTRY_CARRIED] = {"carried",              true,            false,  TABLE(carried_fields)},
};
enum { N_COMMON = sizeof common_fields / sizeof common_fields[0], TAG_FIRST = 8 };

const FieldSpec *entry_field_at(uint16_t kind, int i)
{
    if (i < N_COMMON)
        return i < 0 ? NULL : &common_fields[i];
    size_t row = (size_t)i - N_COMMON;
    return kind < ENTRY_KINDS && row < kinds[kind].n ? &kinds[kind].fields[row] : NULL;
}

const FieldSpec *entry_field_spec(uint16_t kind, uint16_t tag)
{
    if (tag >= 1 && tag <= N_COMMON)
        return &common_fields[tag - 1];
    return tag >= TAG_FIRST ? entry_field_at(kind, tag - TAG_FIRST + N_COMMON) : NULL;
}

const FieldSpec *entry_field_named(uint16_t kind, Str name)
{
    const FieldSpec *spec = NULL;
    for (int i = 0; (spec = entry_field_at(kind, i)); i++) {
        if (str_eq_c(name, spec->name))
            return spec;
    }
    return NULL;
}

const char *entry_kind_name(uint16_t kind)
{
    return kind < ENTRY_KINDS ? kinds[kind].name : NULL;
}

uint16_t entry_kind_named(Str name)
{
    for (int k = 1; k < ENTRY_KINDS; k++) {
        if (str_eq_c(name, kinds[k].name))
            return (uint16_t)k;
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
