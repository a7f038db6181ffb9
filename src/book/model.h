/* book/model.h - inside a book: private to this room.
 * Shapes  entries, objects and people are rows named by number and never removed. The entries of an
 *         object form a chain, those of a batch another. A relationship and a person are two objects
 *         with one id. An object without entries is a placeholder: something has named it already.
 *         The id of an object is in its entries; people and batches, which can be placeholders and want more
 *         than others, have rows of their own behind extra.
 * Method  book_apply links an entry in and marks its object pending; book_settle folds what is
 *         pending and puts it into its timelines. Everything that can fail for want of memory happens
 *         before anything is linked, or in settling, which can be taken up again where it stopped.
 * Thread  one thread owns a book. */
#ifndef BOOK_MODEL_H
#define BOOK_MODEL_H

#include "book/book.h"
#include "book/store.h"
#include "log/log.h"

typedef struct EntryRow {
    uint32_t body;       /* position */
    uint32_t next;       /* in the chain of its object */
    uint32_t batch_next; /* in the chain of its batch */
    uint32_t
        held; /* HELD_DIRECT, and how many carriers that count hold it; 0: it does not count. HELD_UNDONE */
} EntryRow;
#define HELD_DIRECT (UINT32_C(1) << 31) /* it has come by itself */
#define HELD_UNDONE                                                                                \
    (UINT32_C(1) << 30) /* its batch is undone: however it is held, it does not count */
enum {
    CARRIES = 1
}; /* in held of a carrier, which nothing carries: it counts, and holds an entry */
static inline uint32_t held_by(const EntryRow *row)
{
    return row->held & ~HELD_UNDONE;
}

enum {
    OBJ_PRESENT = 1,
    OBJ_PLACED = 2, /* stands on its timelines */
    OBJ_MOVED = 4,  /* has left a timeline once, which may still hold it */
    OBJ_PENDING = 8,
    OBJ_UNDONE = 16, /* a batch whose entries do not count */
    OBJ_HIDDEN = 32, /* an event that names people, none of whom is here */
    OBJ_SIGNED = 64  /* its sign is true of its texts (signs.c) */
};

/* Five words, since there are as many of them as of entries. */
typedef struct __attribute__((packed, aligned(4))) ObjectRow {
    union {
        int64_t at_ms;  /* when it happened */
        uint32_t extra; /* a person: its person row; a batch: its batch row */
    };
    uint32_t first; /* of its entries, latest arrival first */
    uint32_t next_pending;
    uint16_t kind, flags;
} ObjectRow;

/* Refs in order: the first `sorted` of them; the rest have arrived since. */
typedef struct Timeline {
    enum { LINE_PERSON, LINE_ALL, LINE_ALONE, LINE_BATCHES, LINE_PEOPLE } holds;
    bool stale; /* may hold what no longer belongs */
    BookRef *refs;
    uint32_t n, cap, sorted;
    uint32_t owner; /* LINE_PERSON: its person row */
} Timeline;

typedef struct PersonRow {
    Id id;
    Timeline events;
    Str name; /* borrows a body */
    BookDates dates;
    char *folded;        /* lines: one sign for what it is, then the folded name */
    uint32_t folded_len; /* with the last line's end */
    BookRef object;
    uint32_t next_dirty;
    bool dirty;
    uint64_t version;
    uint64_t
        disturbed; /* version since which what happened with them has only come behind what stood */
    BookRef last[ENTRY_KINDS]; /* of events, once count is above 0 */
    uint32_t count[ENTRY_KINDS];
} PersonRow;

typedef struct BatchRow {
    Id id;
    uint64_t hlc; /* of what said it first, so that none are at once */
    BookRef object;
    uint32_t first; /* of its entries */
} BatchRow;

/* No letters, so that they are no part of a word. */
enum { NAME_LINE = '=', GIVEN_LINE = '<', OTHER_LINE = '~' };

enum { BOOK_SIGN_BYTES = 16 };

struct Book {
    Heap heap;
    Rows entries, objects, people, batch_rows;
    Rows signs;             /* of the first so many objects */
    uint32_t unsigned_from; /* from here on some may have none */
    Bodies bodies;
    uint32_t wordless_from, wordless_to; /* positions of bodies without words (pack.h) */
    Index index;
    Timeline everything, alone, batches, by_name;
    uint32_t first_pending, last_pending, n_pending, first_dirty;
    BookRef last_batch;
    int removals; /* one by one since the last settling */
    uint64_t version, hlc, epoch;
    uint32_t n_checkpointed; /* entries in the checkpoint, as far as is known */
    int64_t n_unknown;
    int64_t n_present[ENTRY_KINDS];
    Arena scratch;
    LogCursor cursor;
    bool takes_later; /* bodies come from a checkpoint as they are looked at (later.h) */
    bool has_kept;    /* something, in the log, since it was opened */
    bool behind;      /* the log has kept something of ours that found no memory here */
};

static inline EntryRow *entry_row(const Book *book, uint32_t i)
{
    return rows_at(&book->entries, i);
}
static inline ObjectRow *object_row(const Book *book, BookRef i)
{
    return rows_at(&book->objects, i);
}
static inline PersonRow *person_row(const Book *book, uint32_t i)
{
    return rows_at(&book->people, i);
}
static inline BatchRow *batch_row(const Book *book, uint32_t i)
{
    return rows_at(&book->batch_rows, i);
}
/* By what it is sorted: when it happened; of a batch, its stamp. */
static inline int64_t object_at(const Book *book, BookRef i)
{
    const ObjectRow *row = object_row(book, i);
    return row->kind == ENTRY_BATCH ? (int64_t)batch_row(book, row->extra)->hlc : row->at_ms;
}
Id object_id(const Book *book, BookRef ref);
/* The person row behind a ref, or NULL when it is no person. */
PersonRow *person_of(const Book *book, BookRef ref);
/* So many objects may come; without memory they will find it later. */
void objects_expect(Book *book, int64_t n);
/* The row of (kind, id), absent ones and placeholders too, or NO_ROW. */
BookRef object_find(const Book *book, uint16_t kind, Id id);
/* As object_find, adding a placeholder; NO_ROW without memory. */
BookRef object_get(Book *book, uint16_t kind, Id id);

/* -- folding (fold.c) -------------------------------------------------------------------------- */

/* Does this entry count: has it come some way that was not taken back, and is its batch not undone? */
bool entry_counts(const EntryRow *row);

typedef struct Pick {
    uint16_t tag;
    bool said;
    FieldValue value;
    Stamp stamp; /* of the entry that said it last, cleared or not */
    Id entry;
} Pick;

typedef struct Life {
    bool present;
    Stamp first, last;
} Life;

/* The latest values of some fields (picks[].tag given), and whether the object is present: one pass
 * over its chain, without memory. Values outside their bounds count as not said. */
void fold_pick(const Book *book, BookRef ref, Pick picks[], int n, Life *ret_life);

/* What decides where an event stands. */
enum { EVENT_PEOPLE_MAX = 201 };
typedef struct EventFacts {
    Life life;
    int64_t at_ms;
    int offset_min;
    int n;
    Id people[EVENT_PEOPLE_MAX]; /* whom it names, each once */
} EventFacts;
void fold_event(const Book *book, BookRef ref, EventFacts *ret);

/* -- timelines (timeline.c) -------------------------------------------------------------------- */

int line_cmp(const Book *book, const Timeline *line, BookRef a, BookRef b);
/* Room for one more. */
bool line_reserve(Book *book, Timeline *line);
/* Appends, within what was reserved; it finds its place in line_tidy. */
void line_add(Book *book, Timeline *line, BookRef ref);
/* Takes ref out, or leaves that to line_tidy. Called before what it is sorted by changes. */
void line_remove(Book *book, Timeline *line, BookRef ref);
/* Drops what no longer belongs and puts the rest in order. */
bool line_tidy(Book *book, Timeline *line);
/* The first place whose event is at at_ms or later. */
uint32_t line_seek(const Book *book, const Timeline *line, int64_t at_ms);

/* -- settling (settle.c) ----------------------------------------------------------------------- */

/* Takes ref off its timelines, as it is now folded; it stays pending until settled again. */
void settle_leave(Book *book, BookRef ref);
void settle_later(Book *book, BookRef ref);
/* Folds and places what is pending; timelines are put in order by book_settle. */
bool settle_pending(Book *book);
void person_touch(Book *book, PersonRow *person);
/* Folds the person's names into lines (people.c). */
bool person_fold_names(Book *book, PersonRow *person);

/* -- the whole of it (snapshot.c) -------------------------------------------------------------- */

/* A settled book to a checkpoint and back, its bodies in the order of a Pack (pack.h). snapshot_take fills a new book;
 * false: it is of no use then, and freed. Where bodies come later it keeps *source, which is NULL then. */
struct Pack;
int64_t snapshot_bytes(Book *book, const struct Pack *pack);
void snapshot_put(Book *book, const struct Pack *pack, LogCheckpoint *out);
MUST_CHECK bool snapshot_take(Book *book, LogCheckpoint **source);

#endif
