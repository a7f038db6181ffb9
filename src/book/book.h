/* book/book.h - the read model: everything the entries add up to, in memory, ready to be asked.
 * The book is folded from the log and can be thrown away. Entries may come in any order and twice;
 * the same set of entries is the same book. What is written goes to the log first.
 *
 * Shapes  A BookRef names an object (kind, id) as long as the book lives; BOOK_NONE is none.
 * People, check-ins, moments and so on are read into typed structs. What was never said is 0, "",
 *         an empty list, or the value the struct names.
 * Units   ms since 1970 UTC; minutes; answers in tenths; quality -1..1; dates as in book/entry.h.
 * Errors  ERR_NOT_FOUND no such object, or retracted or undone; ERR_DAMAGED or ERR_NEWER an entry
 * that cannot be read; ERR_LIMIT the book is full; ERR_NOMEM. Whatever fails changes nothing.
 * Memory  A book owns its memory and counts it (book_bytes): the bodies as they came, and at most
 *         some 60 bytes an entry to find them again. Arrays in results are in cx->arena; texts
 * borrow the book and stay as long as it lives. Thread  one thread owns a book. */
#ifndef BOOK_BOOK_H
#define BOOK_BOOK_H

#include "book/entry.h"

typedef struct Book Book;
typedef struct Log Log; /* log/log.h */
typedef struct LogCursor LogCursor;

typedef uint32_t BookRef;
#define BOOK_NONE ((BookRef)UINT32_MAX)

/* -- making, filling, writing ------------------------------------------------------------------ */

/* NULL without memory. limit_bytes 0: no limit of its own. */
Book *book_new(int64_t limit_bytes);
void book_free(Book *book); /* wipes */
void book_free_at(Book **book);

/* Before its first refresh: what a checkpoint has of words it takes from there as it is asked for, which is for who asks
 * once. The checkpoint's file stays open. */
void book_take_later(Book *book);
/* The rest, before much of it is asked for, or the checkpoint's key goes out of use. */
MUST_CHECK Err book_take_rest(Cx *cx, Book *book);
/* Something of that did not come, because the checkpoint is damaged: what the book has said since is worth nothing, it
 * keeps nothing more, and the vault wants to be opened again without the checkpoint. */
bool book_is_broken(const Book *book);
bool book_has_kept(const Book *book); /* anything, in the log */

/* Takes in one encoded entry; one that is here already changes nothing. Queries see it after
 * book_settle. */
MUST_CHECK Err book_apply(Cx *cx, Book *book, Str body);
/* Puts what was applied into its places. */
MUST_CHECK Err book_settle(Cx *cx, Book *book);

/* Takes in what the log holds and the book does not: everything for a new book (from its checkpoint,
 * if it has one), afterwards what this or another process has kept since. An entry that cannot be read
 * ends it with its reason. When the vault has been sealed anew under another key, because something was
 * forgotten, the book begins again: no BookRef from before holds then, see book_epoch. */
MUST_CHECK Err book_refresh(Cx *cx, Book *book, Log *log, int64_t *ret_new);
/* The same up to where another cursor stands, and no further: what was worked out there can be held against the
 * book as it was then. ERR_NOT_FOUND when the log did not pass there, or the book already has. */
MUST_CHECK Err book_refresh_to(Cx *cx, Book *book, Log *log, const LogCursor *to);
const LogCursor *book_cursor(const Book *book); /* how far the book has read; until it next does */
/* Rises whenever all BookRefs have become void. */
uint64_t book_epoch(const Book *book);

/* Writes a checkpoint, from which the next book_refresh of a new book is faster. Worth while when
 * book_checkpoint_due; say, when the site stops, or a command ends. Takes 128 KiB, and 13 bytes an entry. */
MUST_CHECK Err book_checkpoint(Cx *cx, Book *book, Log *log);
bool book_checkpoint_due(const Book *book);

/* One action of the person: stamps and encodes the drafts, with a batch entry that says what was
 * done (label: a catalogue key; detail: to whom or what), keeps them in the log all together, and
 * takes them in. An edit names an object that the book has already; of someone created in the same
 * commit a relationship may be told. Drafts of events that do not say when get cx->now_ms. *ret_batch
 * is what book_undo takes.
 * Stamps never fall, even when the clock does. */
MUST_CHECK Err book_commit(Cx *cx, Book *book, Log *log, const Draft drafts[], int n, Str label,
                           Str detail, Id *ret_batch);
/* The entries of a batch no longer count, or count again. */
MUST_CHECK Err book_undo(Cx *cx, Book *book, Log *log, Id batch);
MUST_CHECK Err book_redo(Cx *cx, Book *book, Log *log, Id batch);

/* Facts that come one after another, and need not be held at once: each hands every one of them to visit, whose failure
 * ends it. */
typedef Err BookVisit(void *ctx, Cx *cx, Str body);
typedef struct BookSource {
    Err (*each)(const void *ctx, Cx *cx, BookVisit *visit, void *visit_ctx);
    const void *ctx;
} BookSource;
/* Those of an array. */
typedef struct BookBodies {
    const Str *p;
    ptrdiff_t n;
} BookBodies;
BookSource book_source(const BookBodies *bodies);

/* Takes in the facts of another book that are not here, as one action: each is kept as it is, with its
 * own id, stamp and batch, inside an entry of this device. Undone, it takes them away again, unless they
 * have come another way too; only what they say of batches stays. *ret_new counts them.
 * ERR_INVALID when there is nothing new, or a body is no entry that can be carried. While they come no other
 * process can write. */
MUST_CHECK Err book_adopt(Cx *cx, Book *book, Log *log, const BookSource *facts, Str label,
                          Str detail, Id *ret_batch, int *ret_new);
/* book_adopt without a log: the bodies it would keep of at most so many, in cx->arena. */
MUST_CHECK Err book_prepare_adoption(Cx *cx, const Book *book, uint64_t device,
                                     const BookBodies *facts, Str label, Str detail, Id *ret_batch,
                                     const Str **ret_bodies, int *ret_n);

/* book_commit without a log: the n + 1 bodies it would keep, in cx->arena. */
MUST_CHECK Err book_prepare(Cx *cx, const Book *book, uint64_t device, const Draft drafts[], int n,
                            Str label, Str detail, Id *ret_batch, const Str **ret_bodies);

/* Rises with every change; of a person, when anything about them changed: for caches. */
uint64_t book_version(const Book *book);
uint64_t book_person_version(const Book *book, BookRef person);
/* Since that version of the book what happened with them (check-ins, moments, traffic) has come behind all that had
 * before, and of that nothing has changed or gone. */
bool book_only_added(const Book *book, BookRef person, uint64_t version);
int64_t book_bytes(const Book *book); /* memory held */

/* -- objects of any kind ----------------------------------------------------------------------- */

/* The object as folded: each field's latest value that says something, ascending by tag. */
typedef struct BookObject {
    BookRef ref;
    Id id;
    uint16_t kind;
    bool present; /* neither retracted nor undone */
    int n;
    const Field *fields;
    Stamp first, last; /* stamps of the earliest and latest entry that counts */
} BookObject;

BookRef book_find(const Book *book, uint16_t kind, Id id); /* present ones only */
MUST_CHECK Err book_object(Cx *cx, const Book *book, BookRef ref, BookObject *ret);
const FieldValue *book_field(const BookObject *object, uint16_t tag); /* NULL when not said */
uint16_t book_kind(const Book *book, BookRef ref);
Id book_id(const Book *book, BookRef ref);
bool book_present(const Book *book, BookRef ref);
/* Refs are 0 … count - 1, absent objects among them: for export and checks. */
uint32_t book_object_count(const Book *book);
/* Every entry as it came, in the order it came; a null slice stands for one that came inside another
 * (ENTRY_CARRIED), right behind that. */
uint32_t book_entry_count(const Book *book);
Str book_entry_body(const Book *book, uint32_t i);
/* The same as facts: what is carried instead of what carries it, and a null slice for the latter and
 * for what only an import that was taken back had brought. */
Str book_fact(const Book *book, uint32_t i);
/* Whether that fact is here; body is one that entry_decode takes. */
bool book_has_fact(const Book *book, Str body);

/* -- people and relationships ------------------------------------------------------------------ */

typedef struct BookTexts {
    const Str *p;
    int n;
} BookTexts;
typedef struct BookPairs {
    const TextPair *p;
    int n;
} BookPairs;
typedef struct BookRefs {
    const BookRef *p;
    int n;
} BookRefs;

typedef struct BookPerson {
    BookRef ref;
    Id id;
    int64_t added_ms;
    Str name, given, family, pronouns, org, title, uid, note;
    BookTexts nicknames, names;          /* names: others to be found by */
    int32_t birthday, anniversary, died; /* yyyymmdd, year 0 unknown; 0 not said */
    BookPairs emails, phones, addresses, related, links;
    BookTexts languages, interests, styles, ways;
    bool minor;
} BookPerson;

typedef struct BookRelationship {
    BookRef person;
    uint32_t kinds; /* bits of content's KindId; 0 not said */
    Str own_kind;
    int32_t since;   /* yyyymmdd */
    int known_hours; /* -1 not said */
    bool far;
    Str welcome, welcome_body;
    uint32_t not_ours; /* bits of TypeId */
    int wanted_tenths; /* -1 not said */
    int season;        /* SeasonId; -1 not said */
    int64_t season_since_ms;
    bool romance, harm, pinned;
    int64_t paused_until_ms; /* 0: not paused */
} BookRelationship;

typedef struct BookMe {
    Str name, locale, leave_page, spiritual, meaning;
    BookTexts interests, styles, ways, languages;
    bool example, quiet, minor;
} BookMe;

MUST_CHECK Err book_person(Cx *cx, const Book *book, BookRef ref, BookPerson *ret);
/* Of a person about whose relationship nothing was said, all is "not said". */
MUST_CHECK Err book_relationship(Cx *cx, const Book *book, BookRef person, BookRelationship *ret);
/* The seasons that were said of it, each from since_ms up to the next one, oldest first; of two that overlap, what was said
 * last. */
typedef struct BookSeason {
    int season; /* SeasonId; -1: no longer said */
    int64_t since_ms;
} BookSeason;
MUST_CHECK Err book_seasons(Cx *cx, const Book *book, BookRef person, const BookSeason **ret,
                            int *ret_n);
MUST_CHECK Err book_me(Cx *cx, const Book *book, BookMe *ret);
Str book_name(const Book *book, BookRef person); /* "" for who is not there */
/* The days of a person's life, as in BookPerson; kept at hand, since a calendar asks for everyone's. */
typedef struct BookDates {
    int32_t birthday, anniversary, died;
} BookDates;
/* The dates of everybody who has any, one after the other from *io_next = 0, in the order in which people came; also of
 * those who are no longer here. */
bool book_next_dates(const Book *book, uint32_t *io_next, BookRef *ret_person, BookDates *ret);

/* Everyone present, by folded name; borrows the book until it next changes. */
BookRefs book_people(const Book *book);

/* How a candidate was found; better first. */
typedef enum BookMatch {
    MATCH_ID,       /* the id, or at least six characters of it */
    MATCH_NAME,     /* the whole name */
    MATCH_NICKNAME, /* a whole nickname or other name */
    MATCH_FIRST,    /* the first name, or the given name, whole */
    MATCH_INITIAL,  /* "Ana M": first name and the start of the last */
    MATCH_PREFIX,   /* the start of the name or a nickname */
    MATCH_WORD      /* the start of another word of the name */
} BookMatch;
typedef struct BookCandidate {
    BookRef person;
    BookMatch how;
} BookCandidate;
typedef struct BookFound {
    const BookCandidate *p; /* best first, then by name */
    int n;
    bool sure; /* exactly one candidate is found the best way */
} BookFound;
/* Whoever text may mean: case and accents do not count, nor do surplus spaces. */
MUST_CHECK Err book_find_person(Cx *cx, const Book *book, Str text, BookFound *ret);

/* -- what happened ----------------------------------------------------------------------------- */

/* What every event has. */
typedef struct BookEvent {
    BookRef ref;
    Id id;
    uint16_t kind;
    int64_t at_ms;
    int offset_min;
    BookRefs people; /* whom it names, present ones only; a single person too */
    Str text;
} BookEvent;

typedef struct BookCheckin {
    BookEvent event;
    const Answer *answers;
    int n_answers;
    int contact; /* 1 yes, 0 no, -1 not said */
} BookCheckin;

typedef struct BookMoment {
    BookEvent event;
    int minutes; /* -1 not said */
    BookMedium medium;
    int company; /* CompanyId; -1 not said */
    bool has_quality;
    double quality; /* -1..1 */
    int depth;      /* 0 not said */
    uint32_t types, factors;
    bool opened_up, conflict, sexual;
    BookReached reached;
    Str place;
    BookTexts tags, interests;
} BookMoment;

typedef struct BookTopic {
    BookEvent event;
    BookTopicSort sort;
    bool done;
    int64_t done_at_ms;
    int32_t due;
} BookTopic;

typedef struct BookReflection {
    BookEvent event;
    Str reflection; /* content id, or "" */
} BookReflection;

typedef struct BookOffer {
    BookEvent event;
    Str practice;
    BookOfferAnswer answer; /* 0: shown, not answered */
} BookOffer;

typedef struct BookDone {
    BookEvent event;
    Str practice;
    bool has_quality;
    double quality;    /* -1..1 */
    int helped_tenths; /* -1 not said */
    bool alone;
} BookDone;

typedef struct BookChoice {
    BookEvent event;
    Str left, right;
    BookPick pick;
    uint32_t kinds;
} BookChoice;

typedef struct BookContact {
    BookEvent event;
    int32_t day;
    BookChannel channel;
    int sent, received;
} BookContact;

/* Any event, notes included. */
MUST_CHECK Err book_event(Cx *cx, const Book *book, BookRef ref, BookEvent *ret);
MUST_CHECK Err book_checkin(Cx *cx, const Book *book, BookRef ref, BookCheckin *ret);
MUST_CHECK Err book_moment(Cx *cx, const Book *book, BookRef ref, BookMoment *ret);
/* Only when and how it was, without people, words, factors and who reached out: for whoever reads thousands of them. */
MUST_CHECK Err book_moment_marks(Cx *cx, const Book *book, BookRef ref, BookMoment *ret);
MUST_CHECK Err book_topic(Cx *cx, const Book *book, BookRef ref, BookTopic *ret);
MUST_CHECK Err book_reflection(Cx *cx, const Book *book, BookRef ref, BookReflection *ret);
MUST_CHECK Err book_offer(Cx *cx, const Book *book, BookRef ref, BookOffer *ret);
MUST_CHECK Err book_done(Cx *cx, const Book *book, BookRef ref, BookDone *ret);
MUST_CHECK Err book_choice(Cx *cx, const Book *book, BookRef ref, BookChoice *ret);
MUST_CHECK Err book_contact(Cx *cx, const Book *book, BookRef ref, BookContact *ret);
int64_t book_at(const Book *book, BookRef event); /* when it happened */

/* -- timelines --------------------------------------------------------------------------------- */

#define BOOK_KIND(kind) (1u << (kind))
/* What happened between people, of which book_only_added tells. */
#define BOOK_HAPPENED                                                                              \
    (BOOK_KIND(ENTRY_CHECKIN) | BOOK_KIND(ENTRY_MOMENT) | BOOK_KIND(ENTRY_CONTACT))

/* Which events. {0} is all of them, newest first. */
typedef struct BookWhich {
    int64_t from_ms, to_ms; /* from <= at < to; to 0: no end */
    bool has_from;          /* from_ms counts (it may lie before 1970) */
    uint32_t kinds;         /* BOOK_KIND(ENTRY_MOMENT) | …; 0: all */
    bool oldest_first;
} BookWhich;

typedef struct BookIter {
    const Book *book;
    const BookRef *refs;
    int64_t at, end, step;
    uint32_t kinds;
    bool hides; /* passes over events that name only people who are not here */
} BookIter;

BookIter book_timeline(const Book *book, BookRef person, BookWhich which);
BookIter book_everything(const Book *book,
                         BookWhich which);              /* all events, of all people and none */
BookIter book_alone(const Book *book, BookWhich which); /* events that name nobody */
/* The next event, or false; the book must not change meanwhile. Paging is calling it skip times. */
bool book_next(BookIter *iter, BookRef *ret);

/* The latest event of that kind, or BOOK_NONE; how many there are. O(1). */
BookRef book_last(const Book *book, BookRef person, EntryKind kind);
int book_count(const Book *book, BookRef person, EntryKind kind);

/* -- history ----------------------------------------------------------------------------------- */

typedef struct BookBatch {
    Id id;
    Str label, detail;
    int64_t at_ms, count;
    uint64_t device;
    bool undone;
} BookBatch;

/* Newest first; skip and limit page. */
MUST_CHECK Err book_batches(Cx *cx, const Book *book, int skip, int limit, const BookBatch **ret,
                            int *ret_n);
/* The newest batch that counts, for `undo`; ERR_NOT_FOUND when there is none. */
MUST_CHECK Err book_last_batch(Cx *cx, const Book *book, BookBatch *ret);
/* The batch that was taken back last, whenever it was made, for `redo`; ERR_NOT_FOUND when there is none. */
MUST_CHECK Err book_last_undone(Cx *cx, const Book *book, BookBatch *ret);

typedef struct BookCounts {
    int64_t entries, unknown; /* unknown: entries of kinds a newer version wrote */
    int64_t present[ENTRY_KINDS];
} BookCounts;
BookCounts book_counts(const Book *book);

/* -- search ------------------------------------------------------------------------------------ */

typedef struct BookSearch {
    Str text;               /* every word must begin a word of the object, in any of its texts */
    BookRef person;         /* BOOK_NONE: anyone */
    uint32_t kinds;         /* 0: all */
    int64_t from_ms, to_ms; /* of events, as in BookWhich; both 0: any time */
    int skip, limit;        /* limit at most BOOK_HITS_MAX */
} BookSearch;
enum { BOOK_HITS_MAX = 1000 };

typedef struct BookHit {
    BookRef ref;
    uint16_t tag; /* the field that holds the first word */
    Str text;     /* that field's text */
} BookHit;

/* People first, by name, then events, newest first. */
MUST_CHECK Err book_search(Cx *cx, const Book *book, const BookSearch *search, const BookHit **ret,
                           int *ret_n);
/* For a book that will be searched again and again: spends about budget_ns on what makes searching quick; true when
 * there is nothing left to prepare. Searches before, between and after find the same. What changes in the book
 * undoes a little of it. 16 bytes an object. */
bool book_prepare_search(Book *book, int64_t budget_ns);

#endif
