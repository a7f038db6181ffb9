/* book/entry.h - one immutable, dated fact, and its bytes.
 * An entry says of one object (kind, id) what some of its fields are from a stamp on. Folding the
 * entries of an object gives each field the value with the latest stamp, so it does not matter in
 * which order, or how often, entries arrive. docs/FORMAT.md, "Entry bodies", is the same in prose.
 *
 * Shapes  A creating entry's object id is its own id; an edit names an object that exists. A
 *         relationship has its person's id; `me` has ENTRY_ME_ID; a batch entry has its batch's id.
 *         Fields ascend by tag, each at most once. At most ENTRY_FIELDS_MAX fields and
 * ENTRY_BODY_MAX bytes. Lists nest at most ENTRY_NEST_MAX deep. Units   instants in ms since 1970
 * UTC beside the owner's offset in minutes; dates as year*10000 + month*100 + day, year 0 when
 * unknown; answers 0..10 in tenths; quality -1..1 in hundredths. Stamp.hlc is ms << 16 | counter.
 * Errors  ERR_DAMAGED bytes that no version wrote; ERR_NEWER another format byte or wire;
 * ERR_INVALID a field outside its bounds, named in cx->why.field; ERR_LIMIT too large. Memory  A
 * decoded entry borrows its body. Drafts and encoded bodies are in cx->arena. Thread  pure but for
 * the random ids of draft_new. */
#ifndef BOOK_ENTRY_H
#define BOOK_ENTRY_H

#include "base/buf.h"
#include "base/cx.h"
#include "base/id.h"

enum {
    ENTRY_FORMAT = 1,
    ENTRY_FIELDS_MAX = 64,
    ENTRY_TAG_MAX = 4095,
    ENTRY_NEST_MAX = 3,
    ENTRY_BODY_MAX = 256 << 10,
    ENTRY_CARRY_MAX = ENTRY_BODY_MAX - 128 /* of an entry inside another */
};

/* -- kinds and fields: these numbers are in people's files, for ever --------------------------- */

typedef enum EntryKind {
    ENTRY_PERSON = 1,
    ENTRY_RELATIONSHIP = 2,
    ENTRY_CHECKIN = 3,
    ENTRY_MOMENT = 4,
    ENTRY_NOTE = 5,
    ENTRY_TOPIC = 6, /* to ask about, news of mine to share, a promise */
    ENTRY_REFLECTION = 7,
    ENTRY_OFFER = 8, /* a practice that was offered, and the answer */
    ENTRY_DONE = 9,  /* a practice that was done, and how it went */
    ENTRY_CHOICE = 10,
    ENTRY_ME = 11,
    ENTRY_BATCH = 12,   /* one action of the person: what undo takes back */
    ENTRY_CONTACT = 13, /* counted traffic of one person, day and channel; never content */
    ENTRY_CARRIED = 14, /* an entry of another book, brought in by the action this one belongs to */
    ENTRY_KINDS         /* one past the last kind known here */
} EntryKind;

enum {
    /* the same in every kind */
    F_GONE = 1,   /* bool: the object is retracted */
    F_PERSON = 2, /* id: whom it is about */
    F_PEOPLE = 3, /* ids: who took part */
    F_AT = 4,     /* instant: when it happened */
    F_OFFSET = 5, /* minutes east of UTC where it happened */
    F_TEXT = 6,   /* prose: the owner's own words */

    F_PERSON_NAME = 8,
    F_PERSON_NICKNAMES = 9,
    F_PERSON_NAMES = 10,    /* texts: other names to be found by */
    F_PERSON_BIRTHDAY = 11, /* date */
    F_PERSON_ANNIVERSARY = 12,
    F_PERSON_EMAILS = 13, /* pairs: label, value */
    F_PERSON_PHONES = 14,
    F_PERSON_ADDRESSES = 15,
    F_PERSON_ORG = 16,
    F_PERSON_TITLE = 17,
    F_PERSON_MINOR = 18,     /* bool */
    F_PERSON_LANGUAGES = 19, /* texts: BCP 47 tags or words */
    F_PERSON_INTERESTS = 20, /* texts: ids of content or own words; theirs */
    F_PERSON_STYLES = 21,
    F_PERSON_WAYS = 22,
    F_PERSON_UID = 23,  /* text: the card they were imported from */
    F_PERSON_DIED = 24, /* date */
    F_PERSON_PRONOUNS = 25,
    F_PERSON_RELATED = 26, /* pairs: relation, name */
    F_PERSON_LINKS = 27,   /* pairs: label, address */
    F_PERSON_GIVEN = 28,
    F_PERSON_FAMILY = 29,

    F_REL_KINDS = 8, /* mask of content's KindId */
    F_REL_OWN_KIND = 9,
    F_REL_SINCE = 10, /* date */
    F_REL_KNOWN_HOURS = 11,
    F_REL_FAR = 12,          /* bool: lives far away */
    F_REL_WELCOME = 13,      /* prose: what is welcome here */
    F_REL_WELCOME_BODY = 14, /* prose: what bodily nearness is welcome */
    F_REL_NOT_OURS = 15,     /* mask of types: "not part of us" */
    F_REL_WANTED = 16,       /* tenths: how close I want it, overall */
    F_REL_SEASON = 17,       /* content's SeasonId */
    F_REL_SEASON_SINCE = 18, /* instant */
    F_REL_ROMANCE = 19,      /* bool: romance switched on here */
    F_REL_HARM = 20,         /* bool: someone gets hurt here */
    F_REL_PAUSED_UNTIL = 21, /* instant */
    F_REL_PINNED = 22,       /* bool */

    F_CHECKIN_ANSWERS = 8, /* answers: question id, tenths */
    F_CHECKIN_CONTACT = 9, /* bool: any contact since the last one */

    F_MOMENT_MINUTES = 8,
    F_MOMENT_MEDIUM = 9,    /* BookMedium */
    F_MOMENT_COMPANY = 10,  /* content's CompanyId */
    F_MOMENT_QUALITY = 11,  /* hundredths, -100..100 */
    F_MOMENT_DEPTH = 12,    /* 1..7 */
    F_MOMENT_TYPES = 13,    /* mask of types it fed */
    F_MOMENT_OPENED = 14,   /* bool: we both opened up */
    F_MOMENT_CONFLICT = 15, /* bool */
    F_MOMENT_SEXUAL = 16,   /* bool */
    F_MOMENT_REACHED = 17,  /* BookReached: who reached out */
    F_MOMENT_PLACE = 18,
    F_MOMENT_TAGS = 19,      /* texts */
    F_MOMENT_FACTORS = 20,   /* mask of factors it fed */
    F_MOMENT_INTERESTS = 21, /* texts: interests met */

    F_TOPIC_SORT = 8,     /* BookTopicSort */
    F_TOPIC_DONE = 9,     /* bool */
    F_TOPIC_DONE_AT = 10, /* instant */
    F_TOPIC_DUE = 11,     /* date */

    F_REFLECTION_ID = 8, /* text: content id; none for one's own */

    F_OFFER_PRACTICE = 8, /* text: content id */
    F_OFFER_ANSWER = 9,   /* BookOfferAnswer */

    F_DONE_PRACTICE = 8,
    F_DONE_QUALITY = 9, /* hundredths */
    F_DONE_HELPED = 10, /* tenths */
    F_DONE_ALONE = 11,  /* bool */

    F_CHOICE_LEFT = 8, /* text: content id */
    F_CHOICE_RIGHT = 9,
    F_CHOICE_PICK = 10,  /* BookPick */
    F_CHOICE_KINDS = 11, /* mask: for relationships of these kinds; 0 for all */

    F_ME_NAME = 8,
    F_ME_LOCALE = 9,
    F_ME_INTERESTS = 10,
    F_ME_STYLES = 11,
    F_ME_WAYS = 12,
    F_ME_SPIRITUAL = 13,  /* prose: what spiritual is for me */
    F_ME_MEANING = 14,    /* prose: what closeness is for me */
    F_ME_LEAVE_PAGE = 15, /* text: where "leave this page" goes */
    F_ME_EXAMPLE = 16,    /* bool: this vault is an example */
    F_ME_QUIET = 17,      /* bool: no offers for now */
    F_ME_MINOR = 18,      /* bool */
    F_ME_LANGUAGES = 19,

    F_BATCH_LABEL = 8,   /* text: catalogue key of what was done */
    F_BATCH_DETAIL = 9,  /* text: to whom or what */
    F_BATCH_COUNT = 10,  /* entries in it, itself apart */
    F_BATCH_UNDONE = 11, /* bool */

    F_CONTACT_DAY = 8,     /* date */
    F_CONTACT_CHANNEL = 9, /* BookChannel */
    F_CONTACT_SENT = 10,
    F_CONTACT_RECEIVED = 11,

    F_CARRIED_ENTRY = 8 /* body: the entry, byte for byte */
};

/* Values of enumerated fields that are not content's; 0 is never stored and means "not said".
 * Season and company hold content's SeasonId and CompanyId, masks have bit i for content's member
 * i. */
typedef enum BookMedium { MEDIUM_IN_PERSON = 1, MEDIUM_VIDEO, MEDIUM_CALL, MEDIUM_TEXT } BookMedium;
typedef enum BookReached { REACHED_ME = 1, REACHED_THEM, REACHED_BOTH } BookReached;
typedef enum BookTopicSort { TOPIC_ASK = 1, TOPIC_NEWS, TOPIC_PROMISE } BookTopicSort;
typedef enum BookOfferAnswer { OFFER_TAKEN = 1, OFFER_NOT_NOW, OFFER_NOT_FOR_US } BookOfferAnswer;
typedef enum BookPick { PICK_LEFT = 1, PICK_RIGHT, PICK_BOTH, PICK_NEITHER } BookPick;
typedef enum BookChannel { CHANNEL_MAIL = 1, CHANNEL_CHAT, CHANNEL_CALL, CHANNEL_TEXT } BookChannel;

/* -- the schema: what a field is called, holds, and may hold ----------------------------------- */

typedef enum FieldType {
    FIELD_BOOL,
    FIELD_INT,
    FIELD_MASK, /* 32 bits */
    FIELD_INSTANT,
    FIELD_DATE,
    FIELD_TENTHS, /* shown as a number with one decimal */
    FIELD_HUNDREDTHS,
    FIELD_TEXT,  /* one line */
    FIELD_PROSE, /* lines */
    FIELD_KEY,   /* text that is a name for programs: a content id, an address */
    FIELD_ID,
    FIELD_IDS,
    FIELD_TEXTS,
    FIELD_PAIRS,   /* list of (text, text) */
    FIELD_ANSWERS, /* list of (text, tenths) */
    FIELD_BODY     /* bytes of an entry */
} FieldType;

typedef struct FieldSpec {
    uint16_t kind, tag; /* kind 0: in every kind */
    const char *name;   /* in JSON and in cx->why.field; a literal */
    FieldType type;
    int64_t min, max;  /* of numbers; of texts, in code points */
    int16_t max_items; /* of lists */
    bool required;     /* in a creating entry */
} FieldSpec;

const FieldSpec *entry_field_spec(uint16_t kind, uint16_t tag); /* NULL when unknown */
const FieldSpec *entry_field_named(uint16_t kind, Str name);
/* Every field of a kind, the common ones included, ascending by tag; for (i = 0; (spec = …); i++).
 */
const FieldSpec *entry_field_at(uint16_t kind, int i);
const char *entry_kind_name(uint16_t kind); /* "person"; NULL when unknown */
uint16_t entry_kind_named(Str name);        /* 0 when unknown */
/* True when an object of this kind comes into being by one creating entry and is nothing without
 * it; relationships, me, batches and contact counts are the sum of whatever was said of them. */
bool entry_kind_is_created(uint16_t kind);
bool entry_kind_is_event(uint16_t kind); /* has its place on a timeline */

/* -- entries ----------------------------------------------------------------------------------- */

typedef struct Stamp {
    uint64_t hlc;    /* ms << 16 | counter, below 2^63 */
    uint64_t device; /* below 2^63 */
} Stamp;
int stamp_cmp(Stamp a, Stamp b);

typedef enum EntryWire {
    WIRE_NONE = 0, /* the field is cleared */
    WIRE_INT = 1,  /* zigzag varint */
    WIRE_REAL = 2, /* 8 bytes, IEEE 754, little-endian, finite */
    WIRE_TEXT = 3, /* length, UTF-8 */
    WIRE_ID = 4,   /* 16 bytes */
    WIRE_LIST = 5, /* length, then items: wire byte and payload each */
    WIRE_BYTES = 6 /* length, bytes */
} EntryWire;

typedef struct FieldValue {
    EntryWire wire;
    union {
        int64_t num;
        double real;
        Str bytes; /* text, bytes; of a list its encoded items */
        Id id;
    };
} FieldValue;

typedef struct Field {
    uint16_t tag;
    FieldValue value;
} Field;

typedef struct Entry {
    Id id, object;
    Id batch; /* zero: none */
    uint16_t kind;
    Stamp stamp;
    int n_fields;
    Field fields[ENTRY_FIELDS_MAX];
} Entry;

extern const Id ENTRY_ME_ID;

MUST_CHECK Err entry_decode(Cx *cx, Str body, Entry *ret);
/* The same of bytes that entry_decode has taken once: what was checked then is not checked again. Of other bytes
 * (a checkpoint somebody made up) it takes what can be read, and never reads past them. */
void entry_view(Str body, Entry *ret);
Id entry_view_id(Str body);
Id entry_view_object(Str body);
uint16_t entry_view_kind(Str body);
uint16_t entry_view_fields(Str body, Str *ret_rest); /* its kind, and what entry_next_words goes along */
/* The same bytes field by field, for who needs little of very many of them: everything but the fields, and what
 * entry_next_field goes along. */
void entry_skim(Str body, Entry *ret_head, Str *ret_rest);
bool entry_next_field(Str *rest, Field *ret);
bool entry_next_words(Str *rest, Field *ret); /* only text and lists; the others are stepped over */
/* Exactly the bytes entry_decode reads; an entry that is not canonical is ERR_INVALID. */
MUST_CHECK Err entry_encode(Cx *cx, const Entry *entry, Str *ret);
/* What may be written: known kind and fields, every value within its FieldSpec, required ones
 * there. Reading is more generous: what is unknown is kept, what is out of bounds counts as not
 * said. */
MUST_CHECK Err entry_validate(Cx *cx, const Entry *entry);
bool entry_value_fits(const FieldSpec *spec, const FieldValue *value); /* WIRE_NONE fits always */

/* The items of a list, one after another: Str rest = value.bytes; while (list_next(&rest, &item)) …
 */
bool list_next(Str *rest, FieldValue *ret_item);
int list_count(Str items);
/* Writes an item behind those that items has. */
void list_add(Buf *items, const FieldValue *item);

bool date_valid(int64_t ymd); /* year 0..9999; year 0 takes 29 February */

/* -- drafts: entries being written ------------------------------------------------------------- */

typedef struct TextPair {
    Str label, value;
} TextPair;

typedef struct Answer {
    Str question; /* stable content id */
    int tenths;   /* 0..100 */
} Answer;

/* Setters never fail one by one; what did not fit or is out of bounds is said when the draft is
 * committed. Setting a field again replaces it. Text is cleaned and trimmed (one line or several,
 * as the schema says); empty text and empty lists clear the field. */
typedef struct Draft {
    Id object;
    uint16_t kind;
    bool is_new, failed;
    int16_t n, cap;
    Field *fields;
    Arena *arena;
} Draft;

Draft draft_new(Cx *cx, EntryKind kind);             /* a new object; its id is draft.object */
Draft draft_edit(Cx *cx, EntryKind kind, Id object); /* says more of an object that is there */
void draft_none(Draft *draft, uint16_t tag);
void draft_bool(Draft *draft, uint16_t tag, bool value);
void draft_int(Draft *draft, uint16_t tag, int64_t value);
void draft_real(Draft *draft, uint16_t tag, double value); /* tenths and hundredths: 7.5, -.25 */
void draft_text(Draft *draft, uint16_t tag, Str value);
void draft_id(Draft *draft, uint16_t tag, Id value);
void draft_ids(Draft *draft, uint16_t tag, const Id values[], int n);
void draft_texts(Draft *draft, uint16_t tag, const Str values[], int n);
void draft_pairs(Draft *draft, uint16_t tag, const TextPair values[], int n);
void draft_answers(Draft *draft, uint16_t tag, const Answer values[], int n);
/* At the instant, with the offset the owner's clock had then. */
void draft_at(Draft *draft, int64_t at_ms);

/* The draft as the entry it will be, validated. */
MUST_CHECK Err draft_entry(Cx *cx, const Draft *draft, Stamp stamp, Id batch, Entry *ret);

#endif
